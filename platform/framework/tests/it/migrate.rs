//! Migrations run once, in order, and notice what they must not touch.

use slipway_framework::db::{Config, Db, FRAMEWORK, Migration, MigrationError, Migrations, undo_migrations};
use slipway_testkit::{EngineKind, SeededEntropy, TestDatabase, VirtualClock, on_both_engines};
use std::sync::Arc;

on_both_engines!(
    a_second_start_finds_nothing_to_do,
    an_edited_step_is_named,
    a_step_of_a_newer_program_is_named,
    a_step_that_fails_leaves_nothing_behind,
    a_table_without_a_root_is_refused,
    the_last_steps_can_be_taken_back_and_made_again,
    a_step_that_changed_a_table_cannot_be_taken_back,
);

const FIRST: &str = "-- root: app\nCREATE TABLE notes (\n    app uuid NOT NULL,\n    note uuid NOT NULL,\n    PRIMARY KEY (app, note)\n);";
const RENAMED: &str = "ALTER TABLE notes RENAME COLUMN note TO page;";
const SECOND: &str = "ALTER TABLE notes ADD COLUMN title text;";

fn step(number: u32, sql: &'static str) -> Migration {
    Migration { module: "notes", number, name: "step", sql }
}

fn open(database: &TestDatabase, steps: &[Migration]) -> Result<Db, MigrationError> {
    let migrations = Migrations::of(FRAMEWORK.into_iter().chain(steps.iter().copied()));
    let config = Config { threads: 1, ..Config::new(database.location()) };
    Db::open(config, &migrations, Arc::new(VirtualClock::default()), Arc::new(SeededEntropy::new(1)))
}

async fn a_second_start_finds_nothing_to_do(engine: EngineKind) {
    let database = TestDatabase::fresh(engine);
    for steps in [&[step(1, FIRST)][..], &[step(1, FIRST)], &[step(1, FIRST), step(2, SECOND)]] {
        open(&database, steps).unwrap();
    }
}

async fn an_edited_step_is_named(engine: EngineKind) {
    let database = TestDatabase::fresh(engine);
    open(&database, &[step(1, FIRST)]).unwrap();
    let edited = FIRST.replace("note uuid", "note_id uuid").leak();
    let error = open(&database, &[step(1, edited)]).unwrap_err();
    assert!(
        error.to_string().starts_with("migration notes 1 (step) was changed after it ran here"),
        "{error}"
    );
}

async fn a_step_of_a_newer_program_is_named(engine: EngineKind) {
    let database = TestDatabase::fresh(engine);
    open(&database, &[step(1, FIRST), step(2, SECOND)]).unwrap();
    let error = open(&database, &[step(1, FIRST)]).unwrap_err();
    assert!(matches!(&error, MigrationError::Future { number: 2, .. }), "{error}");
}

async fn a_step_that_fails_leaves_nothing_behind(engine: EngineKind) {
    let database = TestDatabase::fresh(engine);
    let broken = format!("{FIRST}\nINSERT INTO nowhere VALUES (1);").leak();
    let error = open(&database, &[step(1, broken)]).unwrap_err();
    assert!(matches!(&error, MigrationError::Failed { module: "notes", .. }), "{error}");
    // The table of the failed step is not there, so the mended step can make it.
    open(&database, &[step(1, FIRST)]).unwrap();
}

async fn a_table_without_a_root_is_refused(engine: EngineKind) {
    let database = TestDatabase::fresh(engine);
    let error = open(&database, &[step(1, "CREATE TABLE notes (\n    app uuid NOT NULL\n);")]).unwrap_err();
    assert!(matches!(&error, MigrationError::Malformed { .. }), "{error}");
}

async fn the_last_steps_can_be_taken_back_and_made_again(engine: EngineKind) {
    let database = TestDatabase::fresh(engine);
    let more = "-- root: app\nCREATE TABLE pens (\n    app uuid NOT NULL,\n    PRIMARY KEY (app)\n);";
    let steps = [step(1, FIRST), step(2, more), step(3, SECOND)];
    open(&database, &steps).unwrap();
    let migrations = Migrations::of(FRAMEWORK.into_iter().chain(steps));
    let all = steps.len() + FRAMEWORK.len();
    let undone = undo_migrations(&database.location(), &migrations, all).unwrap();
    assert_eq!(undone.len(), all);
    assert_eq!(undone[..3], ["notes 3 (step)", "notes 2 (step)", "notes 1 (step)"]);
    assert_eq!(undone[all - 1], "framework 1 (framework)");
    assert!(undo_migrations(&database.location(), &migrations, 1).unwrap().is_empty());
    open(&database, &steps).unwrap();
}

async fn a_step_that_changed_a_table_cannot_be_taken_back(engine: EngineKind) {
    let database = TestDatabase::fresh(engine);
    let steps = [step(1, FIRST), step(2, RENAMED)];
    open(&database, &steps).unwrap();
    let migrations = Migrations::of(FRAMEWORK.into_iter().chain(steps));
    let error = undo_migrations(&database.location(), &migrations, 2).unwrap_err();
    assert!(matches!(&error, MigrationError::Malformed { number: 2, .. }), "{error}");
    open(&database, &steps).unwrap();
}
