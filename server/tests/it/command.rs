//! The command line under bad input: a clear message, exit code 1, and nothing changed.
//!
//! `serve` comes last in every list: a server that starts after all would never end.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output};

const SECRET: &str = "00112233445566778899aabbccddeeff0123456789abcdef0f1e2d3c4b5a6978";
const OTHER_SECRET: &str = "8796a5b4c3d2e1f0fedcba9876543210ffeeddccbbaa99887766554433221100";

fn slipway(data: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_slipway"));
    command.env_clear().env("SLIPWAY_SECRET", SECRET).env("SLIPWAY_LOG", "error");
    command.env("SLIPWAY_LISTEN", "127.0.0.1:0").env("SLIPWAY_OPS_LISTEN", "127.0.0.1:0");
    command.arg("--data").arg(data).args(arguments);
    command
}

/// What was said to somebody whose command failed.
fn failure(mut command: Command) -> String {
    let Output { status, stdout, stderr } = command.output().unwrap();
    let text = format!("{}{}", String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
    assert_eq!(status.code(), Some(1), "{command:?}: {text}");
    for inside in ["panicked", "RUST_BACKTRACE", ".rs:", "Error {", "Some(", "SqliteFailure"] {
        assert!(!text.contains(inside), "{command:?} tells of {inside}: {text}");
    }
    text
}

fn success(mut command: Command) -> String {
    let Output { status, stdout, stderr } = command.output().unwrap();
    assert!(status.success(), "{command:?}: {}", String::from_utf8_lossy(&stderr));
    String::from_utf8_lossy(&stdout).into_owned()
}

/// Every file below a folder with its bytes.
fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).into_iter().flatten().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            found.extend(contents(&path));
        } else {
            found.insert(path.display().to_string(), fs::read(&path).unwrap());
        }
    }
    found
}

fn brand(changes: &[(&str, &str)]) -> String {
    let text = include_str!("../../../examples/verde/brand.toml");
    changes.iter().fold(text.to_owned(), |text, (old, new)| {
        assert!(text.contains(old), "{old}");
        text.replace(old, new)
    })
}

#[test]
fn a_brand_file_with_mistakes_is_told_line_by_line() {
    let folder = tempfile::tempdir().unwrap();
    let (data, file) = (folder.path().join("data"), folder.path().join("brand.toml"));
    let launch = |text: &str| {
        fs::write(&file, text).unwrap();
        failure(slipway(&data, &["launch", file.to_str().unwrap()]))
    };
    let shape = launch(&brand(&[
        ("slug = \"verde\"\n", ""),
        ("tagline =", "strapline ="),
        ("text = \"#17241d\"", "text = 17"),
    ]));
    for part in [
        "brand.toml is not right:",
        "line 4, strapline: there is no such key",
        "line 12, colours.text: write a text",
        "\n  slug: is missing",
        "line 6, logo: ",
        "logo.svg cannot be read",
    ] {
        assert!(shape.contains(part), "{part}: {shape}");
    }
    assert!(!data.exists(), "nothing is opened for a file that cannot be launched");
    fs::write(folder.path().join("logo.svg"), include_bytes!("../../../examples/verde/logo.svg")).unwrap();
    let changes = [
        ("kit = \"meals\"", "kit = \"nothing\""),
        ("slug = \"verde\"", "slug = \"Console\""),
        ("name = \"Verde\"", "name = \"\\u200b\""),
        ("app.verde.kitchen", "app.class.Kitchen"),
        ("text = \"#17241d\"", "text = \"#eeeeee\""),
        ("primary = \"#1d6b48\"", "primary = \"green\""),
        ("hello@verde.example", "nobody"),
    ];
    let values = launch(&brand(&changes));
    let kits: Vec<_> = slipway_server::assembly().kits().iter().map(|kit| kit.name).collect();
    for part in [
        &format!("line 2, kit: Choose one of the kits: {}.", kits.join(", ")),
        "line 3, slug: A slug is made of",
        "line 4, name: A name has at least one character that can be seen.",
        "line 6, package_id: ",
        "line 10, colours.primary: ",
        "line 17, legal.email: Write an e-mail address",
    ] {
        assert!(values.contains(part), "{part}: {values}");
    }
    fs::write(folder.path().join("logo.svg"), b"GIF89a").unwrap();
    let both = launch(&brand(&[("slug = \"verde\"", "slug = \"v\"")]));
    for part in [
        "line 3, slug: A slug has 3 to 40 characters.",
        "line 7, logo: GIF files cannot be a logo: export it as",
    ] {
        assert!(both.contains(part), "{part}: {both}");
    }
    let logo_only = launch(&brand(&[]));
    assert!(
        logo_only.contains("line 7, logo: GIF files") && logo_only.matches("line ").count() == 1,
        "{logo_only}"
    );
    let nothing = failure(slipway(&data, &["launch", "none.toml"]));
    assert!(nothing.contains("none.toml cannot be read"), "{nothing}");
    fs::write(&file, [0xff, 0xfe, 0]).unwrap();
    assert!(
        failure(slipway(&data, &["launch", file.to_str().unwrap()])).contains("brand.toml cannot be read")
    );
}

#[test]
fn a_data_folder_that_is_none_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "mine").unwrap();
    for data in [file.clone(), file.join("below"), Path::new("/proc/none").to_owned()] {
        for arguments in
            [&["migrate"][..], &["doctor"], &["admin", "reset-password", "ana@example.com"], &["serve"]]
        {
            let told = failure(slipway(&data, arguments));
            assert!(told.contains(&format!("the data folder {} cannot be used", data.display())), "{told}");
        }
    }
    assert_eq!(fs::read(&file).unwrap(), b"mine");
    let data = folder.path().join("data");
    success(slipway(&data, &["migrate"]));
    let lock = File::options().write(true).open(data.join("lock")).unwrap();
    lock.try_lock().unwrap();
    let told = failure(slipway(&data, &["serve"]));
    assert!(told.contains("is in use by another slipway process; stop that one first"), "{told}");
}

#[test]
fn an_address_that_is_taken_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    for setting in ["SLIPWAY_LISTEN", "SLIPWAY_OPS_LISTEN"] {
        let mut serve = slipway(folder.path(), &["serve"]);
        serve.env(setting, &address);
        let told = failure(serve);
        assert!(told.contains(&format!("{setting} {address} cannot be listened at")), "{told}");
        assert!(told.contains("is another process there?"), "{told}");
    }
}

#[test]
fn a_database_that_is_not_ours_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let garbage = folder.path().join("garbage");
    fs::create_dir(&garbage).unwrap();
    fs::write(garbage.join("slipway.db"), b"this is no database at all, whatever its name says").unwrap();
    let good = folder.path().join("good");
    success(slipway(&good, &["migrate"]));
    let cut = folder.path().join("cut");
    fs::create_dir(&cut).unwrap();
    let whole = fs::read(good.join("slipway.db")).unwrap();
    fs::write(cut.join("slipway.db"), &whole[..whole.len() / 2]).unwrap();
    let future = folder.path().join("future");
    fs::create_dir(&future).unwrap();
    fs::copy(good.join("slipway.db"), future.join("slipway.db")).unwrap();
    let later = "INSERT INTO schema_migrations (module, number, name, checksum, applied_at) VALUES ('meals', 99, 'of tomorrow', x'00', 0)";
    let connection = rusqlite::Connection::open(future.join("slipway.db")).unwrap();
    connection.execute_batch(later).unwrap();
    connection.close().unwrap();
    for (data, words) in [
        (&garbage, &["slipway.db", "not a database", "backup"][..]),
        (&cut, &["slipway.db", "malformed", "backup"]),
        (&future, &["meals", "99", "of tomorrow"]),
    ] {
        let file = data.join("slipway.db");
        let before = fs::read(&file).unwrap();
        for arguments in [&["migrate"][..], &["doctor"], &["serve"]] {
            let told = failure(slipway(data, arguments));
            words.iter().for_each(|word| assert!(told.contains(word), "{word}: {told}"));
        }
        assert!(fs::read(&file).unwrap() == before, "{} was changed", file.display());
    }
}

#[test]
fn another_secret_is_noticed_before_anything_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    success(slipway(folder.path(), &["migrate"]));
    let before = contents(folder.path());
    for arguments in
        [&["migrate"][..], &["doctor"], &["admin", "reset-password", "ana@example.com"], &["serve"]]
    {
        let mut command = slipway(folder.path(), arguments);
        command.env("SLIPWAY_SECRET", OTHER_SECRET);
        let told = failure(command);
        assert!(
            told.contains("this is not the secret that the data in") && told.contains("SLIPWAY_SECRET"),
            "{told}"
        );
        assert!(!told.contains(OTHER_SECRET), "{told}");
    }
    assert!(contents(folder.path()) == before, "something was changed");
    success(slipway(folder.path(), &["migrate"]));
}

#[test]
fn every_setting_that_is_not_right_is_told_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let wrong = [
        ("SLIPWAY_SECRET", "changeme"),
        ("SLIPWAY_PUBLIC_URL", "http://127.0.0.1"),
        ("SLIPWAY_LISTEN", "everywhere"),
        ("SLIPWAY_OPS_LISTEN", "-1"),
        ("SLIPWAY_TRUSTED_PROXIES", "proxy.example"),
        ("DATABASE_URL", "mysql://x"),
        ("SLIPWAY_DATABASE_THREADS", "0"),
        ("SLIPWAY_APPS_PER_PARTNER", "-10"),
        ("SLIPWAY_JOB_CONCURRENCY", "1e9"),
        ("SLIPWAY_DATABASE_MAX_BYTES", "-5"),
        ("SLIPWAY_LOG", "loud"),
        ("SLIPWAY_LOG_FORMAT", "xml"),
        ("SLIPWAY_ENVIRONMENT", "staging"),
    ];
    let mut serve = slipway(&data, &["serve"]);
    serve.envs(wrong);
    let told = failure(serve);
    for (name, value) in wrong {
        assert!(told.contains(&format!("\n  {name} ")), "{name}: {told}");
        assert!(
            value.len() < 3 || !told.contains(value) || name == "SLIPWAY_PUBLIC_URL",
            "{name} is repeated: {told}"
        );
    }
    assert!(!data.exists());
}

#[test]
fn a_page_that_went_bad_is_found_by_the_doctor() {
    let folder = tempfile::tempdir().unwrap();
    success(slipway(folder.path(), &["migrate"]));
    let sound = success(slipway(folder.path(), &["doctor"]));
    assert!(sound.contains("ok    integrity: every page and index is sound"), "{sound}");
    let file = folder.path().join("slipway.db");
    let connection = rusqlite::Connection::open(&file).unwrap();
    let number = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, u32>(0)).unwrap();
    let page = |sql: &str| usize::try_from(number(sql)).unwrap();
    let bytes = page("PRAGMA page_size");
    let first =
        (page("SELECT rootpage FROM sqlite_schema WHERE name = 'audit_entries_by_request'") - 1) * bytes;
    connection.close().unwrap();
    let mut content = fs::read(&file).unwrap();
    content[first..first + bytes].fill(0xff);
    fs::write(&file, content).unwrap();
    let told = failure(slipway(folder.path(), &["doctor"]));
    assert!(told.contains("FAIL  integrity: the database file is damaged; restore a backup"), "{told}");
}

#[test]
fn a_postgres_that_does_not_answer_is_named_without_its_password() {
    let folder = tempfile::tempdir().unwrap();
    // It was free a moment ago, and nobody asks for one port in particular.
    let held = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for arguments in [&["migrate"][..], &["doctor"], &["serve"]] {
        let mut command = slipway(folder.path(), arguments);
        command.env("DATABASE_URL", format!("postgres://slipway:hunter2@{held}/slipway"));
        let told = failure(command);
        assert!(told.contains("PostgreSQL") && told.contains("refused"), "{told}");
        assert!(!told.contains("hunter2"), "{told}");
    }
}

#[test]
fn an_object_store_that_does_not_answer_is_named_without_its_key() {
    let folder = tempfile::tempdir().unwrap();
    // It was free a moment ago, and nobody asks for one port in particular.
    let held = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let at = |url: &str, endpoint: &str, arguments: &[&str]| {
        let mut command = slipway(folder.path(), arguments);
        command.env("OBJECT_STORE_URL", url).env("OBJECT_STORE_ENDPOINT", endpoint);
        command.env("OBJECT_STORE_KEY", "slipway").env("OBJECT_STORE_SECRET", "hunter2");
        failure(command)
    };
    let endpoint = format!("http://{held}");
    let told = at("s3://files", &endpoint, &["serve"]);
    assert!(told.contains("the object store s3://files cannot be used"), "{told}");
    let doctor = at("s3://files", &endpoint, &["doctor"]);
    assert!(doctor.contains("FAIL  files"), "{doctor}");
    let wrong = at("files", "nowhere", &["doctor"]);
    assert!(wrong.contains("OBJECT_STORE_URL must begin with s3://"), "{wrong}");
    assert!(wrong.contains("OBJECT_STORE_ENDPOINT must be an address"), "{wrong}");
    for told in [told, doctor, wrong] {
        assert!(!told.contains("hunter2"), "{told}");
    }
}

#[test]
fn events_are_looked_at_without_a_server_and_a_consumer_that_is_none_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let status = success(slipway(folder.path(), &["events", "status"]));
    assert!(status.starts_with("sequencer") && status.contains("at position 0; nothing waits"), "{status}");
    assert_eq!(success(slipway(folder.path(), &["events", "dead"])), "No event is dead.\n");
    for arguments in [&["retry", "moon"][..], &["replay", "moon", "--after", "0"]] {
        let told = failure(slipway(folder.path(), &[&["events"], arguments].concat()));
        assert!(told.contains("no consumer called moon"), "{told}");
    }
}

#[test]
fn a_quota_stops_a_launch_until_the_operator_allows_more() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let file = folder.path().join("brand.toml");
    let logo = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/verde/logo.svg");
    fs::copy(logo, folder.path().join("logo.svg")).unwrap();
    fs::write(&file, brand(&[])).unwrap();
    let quota = |arguments: &[&str]| {
        let mut command = slipway(&data, &[&["quota"], arguments].concat());
        command.env("SLIPWAY_APPS_PER_PARTNER", "0");
        command
    };
    let mut launch = slipway(&data, &["launch", file.to_str().unwrap()]);
    launch.env("SLIPWAY_APPS_PER_PARTNER", "0");
    let told = failure(launch);
    assert!(told.contains("has 0 of 0 allowed apps") && told.contains("ask the operator"), "{told}");
    let shown = success(quota(&["show", "demo@example.com"]));
    assert_eq!(shown, "FULL  apps: 0 of 0, the installation's default\n");
    let set = success(quota(&["set", "Demo@Example.com", "--apps", "5"]));
    assert_eq!(set, "ok    apps: 0 of 5, set for this partner\n");
    assert_eq!(success(quota(&["show", "demo@example.com"])), set);
    assert_eq!(success(quota(&["set", "demo@example.com", "--apps", "default"])), shown);
    let told = failure(quota(&["show", "nobody@example.com"]));
    assert!(told.contains("nobody signs in at the console with the address nobody@example.com"), "{told}");
}

#[test]
fn jobs_are_looked_at_without_a_server_and_one_that_is_not_dead_is_named() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(success(slipway(folder.path(), &["jobs", "list"])), "No job is dead.\n");
    assert_eq!(
        success(slipway(folder.path(), &["jobs", "list", "--state", "running"])),
        "No job is running.\n"
    );
    let told =
        success(slipway(folder.path(), &["jobs", "retry", "--all", "--kind", "builder.build_release"]));
    assert_eq!(told, "0 dead jobs are done once more, as soon as the server runs.\n");
    let told = failure(slipway(folder.path(), &["jobs", "retry", "job_01m8kmt72seczrm4g3kt7n5vf6"]));
    assert!(told.contains("job_01m8kmt72seczrm4g3kt7n5vf6 is no dead job"), "{told}");
}
