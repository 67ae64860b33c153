//! Judges from outside: the platform's own tools and others that share no code with this crate. They accept what is sound
//! and, just as important, refuse what was damaged. A missing judge fails its test and says how to get it.
//!
//! Debian tools are found on the PATH; the rest lies in the folder that `SLIPWAY_JUDGES` names (see README.md).

#[cfg(test)]
#[path = "../src/fixture.rs"]
#[expect(dead_code, reason = "shared with tests that use other parts of it")]
mod fixture;
#[cfg(test)]
#[path = "support/platform.rs"]
mod platform;

use slipway_apk::*;
use std::path::{Path, PathBuf};
use std::process::Command;

#[cfg(test)]
mod judges {
    use super::*;

    const DEBIAN: &str = "apt-get install apksigner zipalign aapt dexdump libsmali-java default-jdk-headless";
    const PYTHON: &str = "python3 -m venv \"$SLIPWAY_JUDGES/venv\" && \"$SLIPWAY_JUDGES/venv/bin/pip\" install androguard==4.1.4 codemagic-cli-tools==0.70.0";
    const TYPINGS: &str = "cd \"$SLIPWAY_JUDGES\" && npm pack @nativescript/types-android@9.1.1 && tar xzf nativescript-types-android-9.1.1.tgz";

    /// Runs a judge and answers whether it was content, and all it said.
    fn ask<Argument: AsRef<std::ffi::OsStr>>(
        judge: impl AsRef<Path>,
        get_it: &str,
        arguments: impl IntoIterator<Item = Argument>,
    ) -> (bool, String) {
        let judge = judge.as_ref();
        let output = Command::new(judge).args(arguments).output().unwrap_or_else(|error| {
            panic!("the judge {} cannot be asked ({error}); get it with: {get_it}", judge.display())
        });
        let said =
            [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
        (output.status.success(), said)
    }

    /// A file of a judge, in the folder that `SLIPWAY_JUDGES` names.
    fn judges_file(path: &str, get_it: &str) -> PathBuf {
        #[expect(
            clippy::disallowed_methods,
            reason = "where judges lie is a fact of one machine, not a setting of the product"
        )]
        let folder = std::env::var_os("SLIPWAY_JUDGES");
        let folder = folder.unwrap_or_else(|| {
            panic!("set SLIPWAY_JUDGES to a folder for judges and fill it with: {get_it}")
        });
        let file = PathBuf::from(folder).join(path);
        assert!(file.exists(), "{} is missing; get it with: {get_it}", file.display());
        file
    }

    fn python() -> PathBuf {
        judges_file("venv/bin/python", PYTHON)
    }

    fn text(path: &Path) -> String {
        path.to_str().unwrap().to_owned()
    }

    /// Writes a file where a judge can open it; every test uses names of its own.
    fn file(name: &str, bytes: &[u8]) -> String {
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        std::fs::write(&path, bytes).unwrap();
        text(&path)
    }

    fn certificate() -> Certificate {
        fixture::certificate(&fixture::key())
    }

    fn apk(model: &AppModel) -> Vec<u8> {
        build_apk(model, &Signer::new(&fixture::key(), &certificate())).unwrap()
    }

    fn aab(model: &AppModel) -> Vec<u8> {
        build_aab(model, &Signer::new(&fixture::key(), &certificate())).unwrap()
    }

    fn position(bytes: &[u8], needle: &[u8]) -> usize {
        bytes.windows(needle.len()).position(|window| window == needle).unwrap()
    }

    fn flipped(bytes: &[u8], index: usize) -> Vec<u8> {
        let mut bytes = bytes.to_vec();
        bytes[index] ^= 1;
        bytes
    }

    #[test]
    fn apksigner_accepts_what_is_whole_and_refuses_what_is_damaged() {
        let verify = |path: String| ask("apksigner", DEBIAN, ["verify", "-v", "--print-certs", &path]);
        for (name, model) in
            [("apksigner-store.apk", fixture::store()), ("apksigner-preview.apk", fixture::preview())]
        {
            let (content, said) = verify(file(name, &apk(&model)));
            assert!(content, "{said}");
            assert!(
                said.contains("(APK Signature Scheme v2): true")
                    && said.contains("(APK Signature Scheme v3): true")
            );
            assert!(!said.contains("WARNING"), "{said}");
            let fingerprint = certificate().fingerprint_sha256().replace(':', "").to_lowercase();
            assert!(said.contains(&fingerprint), "{said}");
        }
        let whole = apk(&fixture::store());
        let table = position(&whole, b"resources.arsc") + 40;
        let certificate_copy = position(&whole, &certificate().der()[..16]) + 100;
        let places = [table, certificate_copy, position(&whole, b"APK Sig Block 42")];
        for (number, place) in places.into_iter().enumerate() {
            let (content, said) =
                verify(file(&format!("apksigner-damaged-{number}.apk"), &flipped(&whole, place)));
            assert!(!content, "byte {place}: {said}");
        }
    }

    /// The archive with one more byte of padding before its first stored entry, every later offset corrected.
    fn misaligned(whole: &[u8]) -> Vec<u8> {
        let read = |at: usize| u32::from_le_bytes(whole[at..at + 4].try_into().unwrap());
        let end = whole.len() - 22;
        let directory = read(end + 16) as usize;
        let place = position(whole, &[0x35, 0xd9]);
        let mut moved = whole.to_vec();
        let mut at = directory;
        while at < end {
            let length =
                |field: usize| u16::from_le_bytes([whole[at + field], whole[at + field + 1]]) as usize;
            if read(at + 42) as usize > place {
                moved[at + 42..at + 46].copy_from_slice(&(read(at + 42) + 1).to_le_bytes());
            } else if whole[at + 10] == 0 {
                // The entry whose padding grows: its local header counts the extra field.
                moved[read(at + 42) as usize + 28] += 1;
            }
            at += 46 + length(28) + length(30) + length(32);
        }
        moved[end + 16..end + 20].copy_from_slice(&(read(end + 16) + 1).to_le_bytes());
        moved[place + 2] += 1;
        moved.insert(place + 6, 0);
        moved
    }

    #[test]
    fn zipalign_accepts_aligned_and_refuses_misaligned() {
        let check = |path: String| ask("zipalign", DEBIAN, ["-c", "-v", "4", &path]);
        let whole = apk(&fixture::store());
        let (content, said) = check(file("zipalign.apk", &whole));
        assert!(content && said.contains("Verification successful"), "{said}");
        let moved = misaligned(&whole);
        let (content, said) = check(file("zipalign-misaligned.apk", &moved));
        assert!(!content && said.contains("(BAD"), "{said}");
        assert!(matches!(
            verify_apk(&moved, &certificate()),
            Err(VerifyError::Archive(ArchiveError::Misaligned(_)))
        ));
    }

    #[test]
    fn aapt_reads_what_the_model_says() {
        let model = AppModel { permissions: Permissions { camera: true }, ..fixture::store() };
        let path = file("aapt.apk", &apk(&model));
        let (content, said) = ask("aapt", DEBIAN, ["dump", "badging", &path]);
        assert!(content, "{said}");
        for part in [
            "package: name='app.lumiere.shop' versionCode='1007' versionName='1.0.7'",
            "sdkVersion:'24'",
            "targetSdkVersion:'36'",
            "uses-permission: name='android.permission.CAMERA'",
            "uses-feature-not-required: name='android.hardware.camera'",
            "application-label:'Caf\u{e9} Lumi\u{e8}re \u{1f388}'",
            "launchable-activity: name='app.shell.ShellActivity'",
        ] {
            assert!(said.contains(part), "{part} in {said}");
        }
        let network = |model: &AppModel, name: &str| {
            let path = file(name, &apk(model));
            ask("aapt", DEBIAN, ["dump", "xmltree", &path, "res/xml/network_security_config.xml"]).1
        };
        let preview = network(&fixture::preview(), "aapt-preview.apk");
        assert!(preview.contains("C: \"localhost\"") && preview.contains("E: domain-config"), "{preview}");
        let store = network(&fixture::store(), "aapt-store.apk");
        assert!(store.contains("E: base-config") && !store.contains("domain"), "{store}");
    }

    #[test]
    fn dexdump_reads_the_code_and_refuses_a_damaged_one() {
        let dex = Code::shell().dex();
        let (content, said) = ask("dexdump", DEBIAN, ["-d", &file("shell.dex", dex)]);
        assert!(content, "{said}");
        for class in ["BackCallback", "ShellActivity", "ShellChrome", "ShellClient"] {
            assert!(said.contains(&format!("Class descriptor  : 'Lapp/shell/{class};'")), "{said}");
        }
        let (content, said) =
            ask("dexdump", DEBIAN, ["-d", &file("damaged.dex", &flipped(dex, dex.len() / 2))]);
        assert!(!content && said.contains("checksum"), "{said}");
    }

    const CLASSES: [&str; 4] = ["BackCallback", "ShellActivity", "ShellChrome", "ShellClient"];

    /// Disassembles a dex into a folder and answers the text of each class of the shell, without what says nothing:
    /// comments, empty lines, the generic signatures and constants that only compilers read. Labels stay: both sides name
    /// them after addresses.
    fn disassembled(dex: &str, folder: &str) -> [Vec<String>; 4] {
        const BAKSMALI: &str = "/usr/share/java/baksmali.jar";
        assert!(Path::new(BAKSMALI).exists(), "{BAKSMALI} is missing; get it with: {DEBIAN}");
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(folder);
        let arguments =
            ["-jar", BAKSMALI, "disassemble", "--debug-info", "false", "--output", &text(&folder), dex];
        let (content, said) = ask("java", DEBIAN, arguments);
        assert!(content, "{said}");
        CLASSES.map(|class| plain(&folder.join(format!("app/shell/{class}.smali"))))
    }

    fn plain(path: &Path) -> Vec<String> {
        let mut annotated = false;
        let mut lines = Vec::new();
        for line in std::fs::read_to_string(path).unwrap().lines() {
            let line = line.split(" #").next().unwrap_or(line).trim();
            annotated |= line.starts_with(".annotation");
            let constant = line.starts_with(".field static final ");
            if !annotated && !constant && !line.is_empty() && !line.starts_with('#') && line != ".end field" {
                lines.push(line.to_owned());
            }
            annotated &= line != ".end annotation";
        }
        lines
    }

    fn sources() -> [Vec<String>; 4] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("shell");
        CLASSES.map(|class| plain(&folder.join(format!("{class}.smali"))))
    }

    #[test]
    fn baksmali_gives_back_the_text_the_code_was_assembled_from() {
        let dex = file("baksmali.dex", Code::shell().dex());
        assert_eq!(disassembled(&dex, "baksmali"), sources());
    }

    /// The readable original and the assembled text are the same program: javac and D8 say so.
    #[test]
    fn java_compiles_to_the_text_the_code_is_assembled_from() {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("java");
        let stubs = include_str!("../shell/stubs.txt").split("\npackage ").skip(1).map(|unit| {
            let (package, rest) = unit.split_once(';').unwrap();
            let declaration = rest.split(['{', '<']).next().unwrap();
            let mut words =
                declaration.split_whitespace().skip_while(|word| !["class", "interface"].contains(word));
            let path = folder.join(package.replace('.', "/")).join(format!("{}.java", words.nth(1).unwrap()));
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, format!("package {unit}")).unwrap();
            text(&path)
        });
        let (classes, original) =
            (text(&folder.join("classes")), concat!(env!("CARGO_MANIFEST_DIR"), "/shell/ShellActivity.java"));
        let flags = ["-g:none", "-nowarn", "--release", "8", "-d", &classes].map(str::to_owned);
        let arguments: Vec<String> = flags.into_iter().chain(stubs).chain([original.to_owned()]).collect();
        let (content, said) = ask("javac", DEBIAN, arguments);
        assert!(content, "{said}");

        let compiled = CLASSES.map(|class| format!("{classes}/app/shell/{class}.class"));
        let dex = text(&folder);
        let fixed = [
            "-cp",
            &bundletool_jar(),
            "com.android.tools.r8.D8",
            "--release",
            "--min-api",
            "24",
            "--lib",
            &classes,
        ];
        let arguments = fixed.into_iter().chain(["--output", &dex]).map(str::to_owned).chain(compiled);
        let (content, said) = ask("java", DEBIAN, arguments);
        assert!(content, "{said}");
        assert_eq!(disassembled(&format!("{dex}/classes.dex"), "java-baksmali"), sources());
    }

    /// bundletool, which also carries D8.
    fn bundletool_jar() -> String {
        const FIND: &str = "import codemagic, pathlib; print(next(pathlib.Path(codemagic.__file__).parent.glob('data/jars/bundletool-all-*.jar')))";
        let (found, jar) = ask(python(), PYTHON, ["-c", FIND]);
        assert!(found, "bundletool is missing; get it with: {PYTHON}\n{jar}");
        jar.trim().to_owned()
    }

    #[test]
    fn androguard_reads_manifest_resources_signatures_and_code() {
        const SCRIPT: &str = r#"
import sys
from loguru import logger
logger.remove()
from androguard.core.apk import APK
from androguard.core.dex import DEX
apk = APK(sys.argv[1])
dex = DEX(apk.get_dex())
print(apk.is_valid_APK(), apk.is_signed_v2(), apk.is_signed_v3(), apk.get_package(), apk.get_androidversion_code())
print(ascii(apk.get_app_name()), apk.get_effective_target_sdk_version(), apk.get_main_activity())
print(sorted(c.get_name() for c in dex.get_classes()))
print([c.sha256_fingerprint.replace(" ", ":") for c in apk.get_certificates_v3()])
print(sorted(apk.get_android_resources().get_locales("app.lumiere.shop")), apk.get_app_icon(max_dpi=640))
"#;
        let path = file("androguard.apk", &apk(&fixture::store()));
        let (content, said) = ask(python(), PYTHON, ["-c", SCRIPT, &path]);
        assert!(content, "{said}");
        for part in [
            "True True True app.lumiere.shop 1007",
            "'Caf\\xe9 Lumi\\xe8re \\U0001f388' 36 app.shell.ShellActivity",
            "['Lapp/shell/BackCallback;', 'Lapp/shell/ShellActivity;', 'Lapp/shell/ShellChrome;', 'Lapp/shell/ShellClient;']",
            &certificate().fingerprint_sha256(),
            "res/mipmap-xxxhdpi-v4/ic_launcher.png",
        ] {
            assert!(said.contains(part), "{part} in {said}");
        }
    }

    #[test]
    fn jarsigner_accepts_the_bundle_and_refuses_a_changed_one() {
        let verify = |path: String| ask("jarsigner", DEBIAN, ["-verify", "-verbose", &path]);
        let whole = aab(&fixture::store());
        let (content, said) = verify(file("jarsigner.aab", &whole));
        assert!(content && said.contains("jar verified."), "{said}");
        assert!(!said.contains("unsigned entries"), "{said}");
        // The code is deflated behind its name.
        let place = position(&whole, b"base/dex/classes.dex") + 200;
        let (content, said) = verify(file("jarsigner-damaged.aab", &flipped(&whole, place)));
        assert!(!content || !said.contains("jar verified."), "{said}");
    }

    #[test]
    fn bundletool_accepts_the_bundle_and_makes_an_installable_package_of_it() {
        let jar = bundletool_jar();
        let bundletool = |arguments: &[&str]| {
            ask("java", DEBIAN, ["-jar", &jar].into_iter().chain(arguments.iter().copied()))
        };
        let bundle = file("bundletool.aab", &aab(&fixture::store()));
        let (content, said) = bundletool(&["validate", &format!("--bundle={bundle}")]);
        assert!(content, "{said}");
        let (content, said) = bundletool(&["dump", "manifest", &format!("--bundle={bundle}")]);
        assert!(
            content
                && said.contains("android:versionCode=\"1007\"")
                && said.contains("android:label=\"@string/app_name\""),
            "{said}"
        );
        let (content, said) = bundletool(&["dump", "resources", "--values", &format!("--bundle={bundle}")]);
        assert!(content && said.contains("Caf\u{e9} Lumi\u{e8}re \u{1f388}"), "{said}");

        let apks = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("bundletool.apks");
        let output = format!("--output={}", text(&apks));
        let (content, said) = bundletool(&[
            "build-apks",
            "--mode=universal",
            "--overwrite",
            &format!("--bundle={bundle}"),
            &output,
        ]);
        assert!(content, "{said}");
        let unpack = "import sys, zipfile; open(sys.argv[2], 'wb').write(zipfile.ZipFile(sys.argv[1]).read('universal.apk'))";
        let universal = file("universal.apk", &[]);
        assert!(ask(python(), PYTHON, ["-c", unpack, &text(&apks), &universal]).0);
        let (content, said) = ask("aapt", DEBIAN, ["dump", "badging", &universal]);
        assert!(content && said.contains("application-label:'Caf\u{e9} Lumi\u{e8}re \u{1f388}'"), "{said}");

        let whole = aab(&fixture::store());
        let damaged = flipped(&whole, position(&whole, b"base/manifest/AndroidManifest.xml") + 60);
        let (content, said) =
            bundletool(&["validate", &format!("--bundle={}", file("bundletool-damaged.aab", &damaged))]);
        assert!(!content, "{said}");
    }

    /// `shell/references.txt` lists every reference of the code to the platform with the API level it exists since.
    #[test]
    fn every_reference_exists_in_the_platform() {
        let typings = judges_file("package/lib/android/android-platform-37.d.ts", TYPINGS);
        let platform = platform::Platform::parse(&std::fs::read_to_string(typings).unwrap());
        let references = platform_references();
        let missing: Vec<&str> = references.lines().filter(|line| platform.since(line).is_none()).collect();
        assert!(missing.is_empty(), "the platform does not know {missing:#?}");
        let checked: String = references
            .lines()
            .map(|line| format!("{} {line}\n", platform.since(line).unwrap().max(MINIMUM_SDK)))
            .collect();
        let found = file("references.txt", checked.as_bytes());
        let committed = include_str!("../shell/references.txt");
        assert!(checked == committed, "shell/references.txt is out of date; read and then commit {found}");

        for wrong in [
            "Landroid/webkit/WebViews;",
            "Landroid/webkit/WebView;->loadUrls(Ljava/lang/String;)V",
            "Landroid/webkit/WebView;->loadUrl(I)V",
            "Landroid/webkit/WebView;->loadUrl(Ljava/lang/String;)Z",
            "Landroid/graphics/Insets;->left:Z",
            "override Landroid/webkit/WebViewClient; onPageFinished(Landroid/webkit/WebView;)V",
        ] {
            assert_eq!(platform.since(wrong), None, "{wrong}");
        }
    }
}
