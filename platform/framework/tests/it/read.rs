//! Reads: one state, no writes, an end.

use crate::note::{self, NoteError};
use slipway_framework::db::{DbError, Read};
use slipway_framework::scope::AppScope;
use slipway_testkit::{EngineKind, TestPlatform, on_both_engines, tokio};
use std::sync::mpsc;
use std::time::Duration;

on_both_engines!(
    parameters_are_positional_whatever_their_order,
    a_point_read_sees_what_was_just_written,
    a_read_that_never_ends_is_stopped,
    a_panicking_read_leaves_the_reader_usable,
    every_statement_fits_the_schema_or_is_named,
    a_read_sees_one_state,
    a_long_text_comes_back_whole,
    the_database_answers,
);

async fn parameters_are_positional_whatever_their_order(engine: EngineKind) {
    let platform = note::start(engine);
    let scope = platform.app_scope();
    for (title, size) in [("kept", 7), ("$2", 8)] {
        assert_eq!(platform.db().write(&scope, move |tx| note::insert(tx, title, size)).await.unwrap(), 1);
    }
    for (title, size) in [("kept", Some(7)), ("$2", None), ("missing", None)] {
        assert_eq!(
            platform.db().read(&scope, move |read| note::size(read, title)).await.unwrap(),
            size,
            "{title}"
        );
    }
}

async fn a_point_read_sees_what_was_just_written(engine: EngineKind) {
    let platform = note::start(engine);
    let scope = platform.app_scope();
    for number in 0..50 {
        let title = format!("note {number:02}");
        platform.db().write(&scope, move |tx| note::insert(tx, &title, 1)).await.unwrap();
        assert_eq!(platform.db().read_point(&scope, note::titles).await.unwrap().len(), number + 1);
    }
}

async fn a_read_that_never_ends_is_stopped(engine: EngineKind) {
    let cap = Duration::from_millis(100);
    let platform = TestPlatform::start_with(engine, &note::migrations(), |config| config.read_cap = cap);
    let endless = |read: &Read<AppScope>| loop {
        note::titles(read)?;
    };
    let result: Result<(), DbError> = platform.db().read(&platform.app_scope(), endless).await;
    assert!(matches!(result, Err(DbError::OverBudget)), "{result:?}");
}

async fn a_panicking_read_leaves_the_reader_usable(engine: EngineKind) {
    let platform = note::start(engine);
    let scope = platform.app_scope();
    for _ in 0..8 {
        let result: Result<(), NoteError> = platform.db().read(&scope, |_| panic!("a bug")).await;
        assert!(matches!(result, Err(NoteError::Db(DbError::Panicked(_)))));
        let result: Result<(), NoteError> = platform.db().read_point(&scope, |_| panic!("a bug")).await;
        assert!(matches!(result, Err(NoteError::Db(DbError::Panicked(_)))));
    }
    assert!(note::kept(&platform, &scope).await.is_empty());
}

async fn every_statement_fits_the_schema_or_is_named(engine: EngineKind) {
    let platform = note::start(engine);
    // The miniature module holds one broken statement on purpose, and the check must name that very one.
    match platform.db().check_statements(platform.cause()).await {
        Err(DbError::Broken(reason)) => assert!(reason.contains("note::BROKEN"), "{reason}"),
        other => panic!("{other:?}"),
    }
}

async fn a_read_sees_one_state(engine: EngineKind) {
    let platform = note::start(engine);
    let scope = platform.app_scope();
    let (begun, has_begun) = tokio::sync::oneshot::channel();
    let (written, has_written) = mpsc::channel::<()>();
    let mut begun = Some(begun);
    let reading = tokio::spawn(platform.db().read(&scope, move |read| {
        let before = note::titles(read)?.len();
        if let Some(begun) = begun.take() {
            begun.send(()).unwrap();
            has_written.recv().unwrap();
        }
        Ok::<_, DbError>((before, note::titles(read)?.len()))
    }));
    has_begun.await.unwrap();
    platform.db().write(&scope, |tx| note::insert(tx, "in between", 1)).await.unwrap();
    written.send(()).unwrap();
    assert_eq!(reading.await.unwrap().unwrap(), (0, 0));
    assert_eq!(note::kept(&platform, &scope).await.len(), 1);
}

async fn a_long_text_comes_back_whole(engine: EngineKind) {
    let platform = note::start(engine);
    let scope = platform.app_scope();
    platform.db().write(&scope, |tx| note::fill(tx, "é🌱", 300)).await.unwrap();
    assert_eq!(note::kept(&platform, &scope).await, ["é🌱".repeat(300)]);
}

async fn the_database_answers(engine: EngineKind) {
    note::start(engine).db().ping().await.unwrap();
}
