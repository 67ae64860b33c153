//! Writes that are sent twice happen once.

use crate::note::{self, NoteError};
use slipway_framework::db::{IdempotencyKey, Stored};
use slipway_framework::scope::{Actor, AppScope, Cause};
use slipway_testkit::{EngineKind, TestPlatform, on_both_engines, tokio};

on_both_engines!(
    a_second_request_gets_the_first_answer,
    another_request_under_the_same_key_is_refused,
    a_concurrent_twin_waits_and_gets_the_same_answer,
    a_failed_write_frees_its_key,
    a_key_belongs_to_one_actor_of_one_app,
);

fn key() -> IdempotencyKey {
    IdempotencyKey::parse("attempt-1").unwrap()
}

fn create(
    platform: &TestPlatform,
    scope: &AppScope,
    title: &'static str,
) -> impl Future<Output = Result<Stored, NoteError>> + Send + use<> {
    platform.db().write_once(scope, key(), [title.len().try_into().unwrap(); 32], move |tx| {
        note::insert(tx, title, 1)?;
        Ok::<_, NoteError>((201, title))
    })
}

async fn a_second_request_gets_the_first_answer(engine: EngineKind) {
    let platform = note::start(engine);
    let scope = platform.app_scope();
    let first = create(&platform, &scope, "note").await.unwrap();
    assert_eq!(first, Stored { status: 201, body: "\"note\"".to_owned(), replayed: false });
    assert_eq!(create(&platform, &scope, "note").await.unwrap(), Stored { replayed: true, ..first });
    assert_eq!(note::kept(&platform, &scope).await, ["note"]);
}

async fn another_request_under_the_same_key_is_refused(engine: EngineKind) {
    let platform = note::start(engine);
    let scope = platform.app_scope();
    create(&platform, &scope, "note").await.unwrap();
    assert!(matches!(create(&platform, &scope, "another note").await, Err(NoteError::Once(_))));
    assert_eq!(note::kept(&platform, &scope).await, ["note"]);
}

async fn a_concurrent_twin_waits_and_gets_the_same_answer(engine: EngineKind) {
    let platform = note::start(engine);
    let scope = platform.app_scope();
    let twins: Vec<_> = (0..8).map(|_| tokio::spawn(create(&platform, &scope, "note"))).collect();
    let mut fresh = 0;
    for twin in twins {
        let stored = twin.await.unwrap().unwrap();
        assert_eq!(stored.body, "\"note\"");
        fresh += u32::from(!stored.replayed);
    }
    assert_eq!(fresh, 1);
    assert_eq!(note::kept(&platform, &scope).await, ["note"]);
}

async fn a_failed_write_frees_its_key(engine: EngineKind) {
    let platform = note::start(engine);
    let scope = platform.app_scope();
    let failed = platform.db().write_once(&scope, key(), [4; 32], |tx| {
        note::insert(tx, "note", 1)?;
        Err::<(u16, ()), _>(NoteError::TooLong)
    });
    assert!(matches!(failed.await, Err(NoteError::TooLong)));
    assert!(!create(&platform, &scope, "note").await.unwrap().replayed);
}

async fn a_key_belongs_to_one_actor_of_one_app(engine: EngineKind) {
    let platform = note::start(engine);
    let scope = platform.app_scope();
    create(&platform, &scope, "note").await.unwrap();
    let other_app = platform.app_scope();
    assert!(!create(&platform, &other_app, "note").await.unwrap().replayed);
    let other_actor =
        AppScope::new(scope.app(), Cause { actor: Actor::Account(platform.mint()), ..platform.cause() });
    // The same key is free for somebody else, whose write then meets the row that is there.
    assert!(
        matches!(create(&platform, &other_actor, "note").await, Err(NoteError::Db(error)) if error.is_duplicate_in("notes"))
    );
}
