//! Backup, restore and move from the outside: what comes back is what was there, and nothing half done passes for whole.

use rusqlite::Connection;
use serde_json::Value;
use slipway_framework::db::{EngineKind, Location};
use slipway_testkit::TestDatabase;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

const SECRET: &str = "00112233445566778899aabbccddeeff0123456789abcdef0f1e2d3c4b5a6978";
const OTHER_SECRET: &str = "8796a5b4c3d2e1f0fedcba9876543210ffeeddccbbaa99887766554433221100";

/// Where an installation lives.
struct Place {
    data: PathBuf,
    postgres: Option<String>,
}

impl Place {
    fn in_file(data: PathBuf) -> Self {
        Self { data, postgres: None }
    }

    fn in_postgres(data: PathBuf, database: &TestDatabase) -> Self {
        let Location::Url(url) = database.location() else { panic!("a PostgreSQL has a URL") };
        Self { data, postgres: Some(url) }
    }

    fn slipway(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_slipway"));
        command.env_clear().env("SLIPWAY_SECRET", SECRET).env("SLIPWAY_LOG", "error");
        command.env("SLIPWAY_LISTEN", "127.0.0.1:0").env("SLIPWAY_OPS_LISTEN", "127.0.0.1:0");
        if let Some(url) = &self.postgres {
            command.env("DATABASE_URL", url);
        }
        command.arg("--data").arg(&self.data).args(arguments);
        command
    }

    fn run(&self, arguments: &[&str]) -> String {
        let (code, text) = told(self.slipway(arguments));
        assert_eq!(code, Some(0), "{arguments:?}: {text}");
        text
    }

    fn fail(&self, arguments: &[&str]) -> String {
        let (code, text) = told(self.slipway(arguments));
        assert_eq!(code, Some(1), "{arguments:?}: {text}");
        assert!(!text.contains("panicked"), "{text}");
        text
    }

    /// Makes a backup and returns what its manifest says of rows and files.
    fn back_up(&self, target: &Path) -> Value {
        self.run(&["backup", text(target)]);
        manifest(target)
    }
}

fn told(mut command: Command) -> (Option<i32>, String) {
    let Output { status, stdout, stderr } = command.output().unwrap();
    (status.code(), format!("{}{}", String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr)))
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn manifest(archive: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(archive.join("manifest.json")).unwrap()).unwrap()
}

/// An installation with one launched app: rows in nearly every table, a logo and packages among the files.
fn launched() -> (TempDir, Place) {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::in_file(folder.path().join("data"));
    let brand = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/verde/brand.toml");
    let packages = folder.path().join("packages");
    place.run(&["launch", text(&brand), "--out", text(&packages)]);
    (folder, place)
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

#[test]
fn a_backup_goes_round_both_engines_and_is_the_same() {
    let (folder, file) = launched();
    let at = |name: &str| folder.path().join(name);
    let first = file.back_up(&at("first"));
    assert!(first["tables"]["releases"]["rows"].as_u64() > Some(0), "{first}");
    assert!(first["objects"].as_array().unwrap().len() > 3, "{first}");

    let database = TestDatabase::fresh(EngineKind::Postgres);
    let postgres = Place::in_postgres(at("data-2"), &database);
    postgres.run(&["restore", text(&at("first"))]);
    let second = postgres.back_up(&at("second"));
    assert_eq!((&first["engine"], &second["engine"]), (&"sqlite".into(), &"postgres".into()));
    for part in ["objects", "steps", "secret"] {
        assert_eq!(first[part], second[part], "{part}");
    }
    for (table, content) in first["tables"].as_object().unwrap() {
        for part in ["rows", "content"] {
            assert_eq!(content[part], second["tables"][table][part], "{part} of {table}");
        }
    }
    assert!(postgres.run(&["audit", "verify"]).contains("Every seal holds."));

    // And back, which gives the very files of tables without JSON, and the same content of all.
    let again = Place::in_file(at("data-3"));
    again.run(&["restore", text(&at("second"))]);
    let third = again.back_up(&at("third"));
    assert_eq!(third["tables"], second["tables"]);
    assert!(again.run(&["audit", "verify"]).contains("Every seal holds."));
    assert!(again.run(&["doctor"]).contains("every page and index is sound"));
    assert!(postgres.run(&["doctor"]).contains("fit the schema"));
}

#[test]
fn moving_to_the_other_engine_and_back_loses_nothing() {
    let (folder, file) = launched();
    let at = |name: &str| folder.path().join(name);
    let before = file.back_up(&at("before"));
    let database = TestDatabase::fresh(EngineKind::Postgres);
    let postgres = Place::in_postgres(file.data.clone(), &database);
    let url = postgres.postgres.clone().unwrap();

    assert!(file.fail(&["move", "sqlite"]).contains("name a PostgreSQL URL"));
    assert!(file.run(&["move", &url]).contains("Every row arrived as it was"));
    assert!(!file.data.join("slipway.db").exists() && file.data.join("slipway.db.moved").exists());
    assert!(postgres.run(&["audit", "verify"]).contains("Every seal holds."));
    let moved = postgres.back_up(&at("moved"));
    for (table, content) in before["tables"].as_object().unwrap() {
        assert_eq!(content["content"], moved["tables"][table]["content"], "{table}");
    }
    // A second move finds the place taken.
    fs::rename(file.data.join("slipway.db.moved"), file.data.join("slipway.db")).unwrap();
    assert!(file.fail(&["move", &url]).contains("the database is not empty"));
    assert!(postgres.fail(&["move", "sqlite"]).contains("is already there"));
    fs::remove_file(file.data.join("slipway.db")).unwrap();
    postgres.run(&["move", "sqlite"]);
    assert_eq!(file.back_up(&at("back"))["tables"], moved["tables"]);
}

#[test]
fn whatever_happens_to_a_backup_is_found_and_named_before_anything_is_written() {
    let (folder, file) = launched();
    let archive = folder.path().join("archive");
    file.back_up(&archive);
    assert!(file.run(&["restore", text(&archive), "--check"]).contains("as it was written"));
    let target = Place::in_file(folder.path().join("target"));
    let all = files(&archive);
    assert!(all.len() > 20, "{all:?}");
    // Each file loses a bit, its end, and itself; of the many stored files a few stand for the rest.
    let objects = all.iter().filter(|path| path.starts_with(archive.join("objects"))).take(2);
    let others = all.iter().filter(|path| !path.starts_with(archive.join("objects")));
    for path in others.chain(objects) {
        let whole = fs::read(path).unwrap();
        let mut damages = vec![None];
        if !whole.is_empty() {
            let mut flipped = whole.clone();
            flipped[whole.len() / 2] ^= 1;
            damages.extend([Some(flipped), Some(whole[..whole.len() - 1].to_vec())]);
        }
        for damage in damages {
            match &damage {
                Some(bytes) => fs::write(path, bytes).unwrap(),
                None => fs::remove_file(path).unwrap(),
            }
            let said = target.fail(&["restore", text(&archive)]);
            let name = path.strip_prefix(&archive).unwrap();
            let is_manifest = name.starts_with("manifest.json") || name.starts_with("manifest.sha256");
            assert!(
                said.contains(text(name)) || is_manifest && said.contains("manifest"),
                "{name:?}: {said}"
            );
            assert!(!target.data.exists(), "{name:?}");
        }
        fs::write(path, &whole).unwrap();
    }
    target.run(&["restore", text(&archive)]);
}

#[test]
fn a_restore_wants_the_right_secret_and_an_empty_place() {
    let (folder, file) = launched();
    let at = |name: &str| folder.path().join(name);
    file.back_up(&at("archive"));
    assert!(file.fail(&["backup", text(&at("archive"))]).contains("is already there"));
    let mut wrong = file.slipway(&["backup", text(&at("wrong"))]);
    let (code, said) = told({
        wrong.env("SLIPWAY_SECRET", OTHER_SECRET);
        wrong
    });
    assert!(code == Some(1) && said.contains("not the secret") && !at("wrong").exists(), "{said}");

    let target = Place::in_file(at("target"));
    let mut wrong = target.slipway(&["restore", text(&at("archive"))]);
    wrong.env("SLIPWAY_SECRET", OTHER_SECRET);
    let (code, said) = told(wrong);
    assert!(code == Some(1) && said.contains("not the secret that the backup was made under"), "{said}");
    let left: Vec<_> = files(&target.data);
    assert_eq!(left, [target.data.join("lock")], "nothing is left of a restore that failed");

    fs::write(target.data.join("notes.txt"), "mine").unwrap();
    let said = target.fail(&["restore", text(&at("archive"))]);
    assert!(said.contains("is not empty: it holds notes.txt"), "{said}");
    assert_eq!(fs::read_to_string(target.data.join("notes.txt")).unwrap(), "mine");
    fs::remove_file(target.data.join("notes.txt")).unwrap();
    assert!(target.fail(&["restore", text(&at("nowhere"))]).contains("there is no backup at"));
    assert!(file.fail(&["restore", text(&at("archive"))]).contains("is not empty"));
    target.run(&["restore", text(&at("archive"))]);
}

#[test]
fn what_was_killed_half_way_is_never_served_and_can_be_begun_anew() {
    let (folder, file) = launched();
    let at = |name: &str| folder.path().join(name);
    // As a backup leaves it that died: it bears no name that a restore would take.
    let mut dying = file.slipway(&["backup", text(&at("archive"))]).stdout(Stdio::null()).spawn().unwrap();
    while !at("archive.partial").join("objects").exists() && dying.try_wait().unwrap().is_none() {
        std::thread::yield_now();
    }
    let _ = dying.kill();
    let _ = dying.wait();
    if !at("archive").exists() {
        assert!(
            file.fail(&["restore", text(&at("archive.partial")), "--check"]).contains("there is no backup")
        );
        file.back_up(&at("archive"));
    }
    assert!(!at("archive.partial").exists());

    for postgres in [false, true] {
        let database = postgres.then(|| TestDatabase::fresh(EngineKind::Postgres));
        let data = at(&format!("target-{postgres}"));
        let target = match &database {
            Some(database) => Place::in_postgres(data.clone(), database),
            None => Place::in_file(data.clone()),
        };
        let mut dying =
            target.slipway(&["restore", text(&at("archive"))]).stdout(Stdio::null()).spawn().unwrap();
        while !data.join("restoring").exists() && dying.try_wait().unwrap().is_none() {
            std::thread::yield_now();
        }
        let _ = dying.kill();
        let _ = dying.wait();
        assert!(data.join("restoring").exists(), "the restore was killed while it worked");
        for arguments in
            [&["audit", "verify"][..], &["doctor"], &["backup", text(&at("of-a-half"))], &["serve"]]
        {
            let said = target.fail(arguments);
            let is_told =
                said.contains("was begun and never finished") || said.contains("there is no database");
            assert!(is_told, "{arguments:?}: {said}");
        }
        target.run(&["restore", text(&at("archive"))]);
        assert!(target.run(&["audit", "verify"]).contains("Every seal holds."));
    }
    // A database is marked by itself, because another data folder may be given to it.
    let database = TestDatabase::fresh(EngineKind::Postgres);
    let _ = database.as_owner("CREATE TABLE slipway_restoring (begun boolean)");
    let target = Place::in_postgres(at("target-marked"), &database);
    assert!(target.fail(&["serve"]).contains("begun and never finished"));
    target.run(&["restore", text(&at("archive"))]);
    assert!(target.run(&["doctor"]).contains("fit the schema"));
}

#[test]
fn a_backup_beside_writers_is_one_state() {
    let (folder, file) = launched();
    let path = file.data.join("slipway.db");
    // Both tables change in one transaction, so they are equal in every state there ever was.
    let writer = Connection::open(&path).unwrap();
    let rows = "PRAGMA busy_timeout = 5000; INSERT INTO outbox_cursors VALUES ('count', 0);
         INSERT INTO leases VALUES ('count', zeroblob(16), 0)";
    writer.execute_batch(rows).unwrap();
    let (stop, stopped) = std::sync::mpsc::channel::<()>();
    let writing = std::thread::spawn(move || {
        let step = "BEGIN IMMEDIATE; UPDATE leases SET until = until + 1 WHERE name = 'count';
             UPDATE outbox_cursors SET position = position + 1 WHERE consumer = 'count'; COMMIT";
        let mut count = 0_u64;
        while stopped.try_recv().is_err() {
            writer.execute_batch(step).unwrap();
            count += 1;
        }
        count
    });
    let mut seen = Vec::new();
    for number in 0..3 {
        let archive = folder.path().join(format!("archive-{number}"));
        file.back_up(&archive);
        let count = |table: &str, at: usize| {
            let lines = fs::read_to_string(archive.join(format!("tables/{table}.jsonl"))).unwrap();
            let mut rows = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
            rows.find(|row| row[0] == "count").unwrap()[at].as_i64().unwrap()
        };
        assert_eq!(count("outbox_cursors", 1), count("leases", 2));
        seen.push(count("leases", 2));
    }
    stop.send(()).unwrap();
    let written = writing.join().unwrap();
    assert!(seen.is_sorted() && seen[0] < seen[2] && written > 0, "{seen:?} of {written}");
}
