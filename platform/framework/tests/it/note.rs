//! A module in miniature, with an app's notes and the SQL that a real module would keep in its store.

use slipway_framework::db::{DbError, FRAMEWORK, Migration, Migrations, OnceError, Read, Tx};
use slipway_framework::scope::{AppScope, SystemScope};
use slipway_framework::{params, statements};
use slipway_kernel::AppId;
use slipway_testkit::{EngineKind, TestPlatform};
use std::sync::mpsc;

pub(crate) const NOTES: Migration = Migration {
    module: "notes",
    number: 1,
    name: "notes",
    sql: "-- root: app\nCREATE TABLE notes (\n    app uuid NOT NULL,\n    title text NOT NULL,\n    size bigint NOT NULL CHECK (size < 1000),\n    PRIMARY KEY (app, title)\n);",
};

statements! {
    // Deliberately out of order.
    INSERT = "INSERT INTO notes (size, title, app) VALUES ($3, $2, $1)";
    // Out of order, repeated, and beside a literal that looks like a parameter.
    SIZE = "SELECT size FROM notes WHERE title = $2 AND app = $1 AND title <> '$2' AND app = $1";
    TITLES = "SELECT title FROM notes WHERE app = $1 ORDER BY title";
    TITLES_OF_EVERYBODY = "SELECT title FROM notes ORDER BY title";
    REMOVE = "DELETE FROM notes WHERE app = $1 AND title = $2";
    RESIZE = "UPDATE notes SET size = $3 WHERE app = $1 AND title = $2";
    FILL = "INSERT INTO notes (app, title, size) VALUES ($1, $2, 1)";
    BROKEN = "SELECT nothing FROM nowhere";
}

/// What went wrong, as a module would say it.
#[derive(Debug)]
pub(crate) enum NoteError {
    Db(DbError),
    Once(OnceError),
    TooLong,
}

impl From<DbError> for NoteError {
    fn from(error: DbError) -> Self {
        Self::Db(error)
    }
}
impl From<OnceError> for NoteError {
    fn from(error: OnceError) -> Self {
        Self::Once(error)
    }
}

pub(crate) fn migrations() -> Migrations {
    Migrations::of(FRAMEWORK.into_iter().chain([NOTES]))
}

pub(crate) fn start(engine: EngineKind) -> TestPlatform {
    TestPlatform::start(engine, &migrations())
}

pub(crate) fn insert(tx: &mut Tx<AppScope>, title: &str, size: i64) -> Result<u64, DbError> {
    let app = tx.app();
    tx.execute(&INSERT, params![app, title, size])
}

pub(crate) fn remove(tx: &mut Tx<AppScope>, title: &str) -> Result<u64, DbError> {
    let app = tx.app();
    tx.execute(&REMOVE, params![app, title])
}

pub(crate) fn resize(tx: &mut Tx<AppScope>, title: &str, size: i64) -> Result<u64, DbError> {
    let app = tx.app();
    tx.execute(&RESIZE, params![app, title, size])
}

/// A note of `count` times the letters.
pub(crate) fn fill(tx: &mut Tx<AppScope>, letters: &str, count: usize) -> Result<u64, DbError> {
    let app = tx.app();
    tx.execute(&FILL, params![app, letters.repeat(count)])
}

pub(crate) fn titles(read: &Read<AppScope>) -> Result<Vec<String>, DbError> {
    read.all(&TITLES, params![read.app()], |row| row.get(0))
}

pub(crate) fn insert_for(tx: &mut Tx<AppScope>, app: AppId, title: &str) -> Result<u64, DbError> {
    tx.execute(&INSERT, params![app, title, 1_i64])
}

pub(crate) fn size(read: &Read<AppScope>, title: &str) -> Result<Option<i64>, DbError> {
    read.one(&SIZE, params![read.app(), title], |row| row.get(0))
}

/// What a store function with a forgotten predicate would see.
pub(crate) fn titles_of_everybody(read: &Read<AppScope>) -> Result<Vec<String>, DbError> {
    read.all(&TITLES_OF_EVERYBODY, params![], |row| row.get(0))
}

pub(crate) fn titles_for_system(read: &Read<SystemScope>) -> Result<Vec<String>, DbError> {
    read.all(&TITLES_OF_EVERYBODY, params![], |row| row.get(0))
}

pub(crate) fn broken(read: &Read<AppScope>) -> Result<bool, DbError> {
    read.exists(&BROKEN, params![])
}

pub(crate) async fn kept(platform: &TestPlatform, scope: &AppScope) -> Vec<String> {
    platform.db().read(scope, titles).await.unwrap()
}

/// Keeps the writers busy until the sender is dropped, so that whatever is queued meanwhile shares a batch. `threads` is the
/// number of writers there are.
pub(crate) async fn hold_writers(platform: &TestPlatform, threads: usize) -> Vec<mpsc::Sender<()>> {
    let mut gates = Vec::new();
    for _ in 0..threads {
        let (gate, wait) = mpsc::channel::<()>();
        let (started, has_started) = tokio::sync::oneshot::channel();
        let mut started = Some(started);
        let hold = platform.db().write(&platform.app_scope(), move |_: &mut Tx<AppScope>| {
            if let Some(started) = started.take() {
                let _ = started.send(());
                let _ = wait.recv();
            }
            Ok::<_, DbError>(())
        });
        slipway_testkit::tokio::spawn(hold);
        has_started.await.unwrap();
        gates.push(gate);
    }
    gates
}
