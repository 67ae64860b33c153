//! Audit entries are sealed after their commit: densely, once, late committers included, however many sealers there are.

mod tampering;

use crate::note;
use serde_json::json;
use slipway_framework::audit::{self, Audit, Outcome, SealError, Sealer, Verification};
use slipway_framework::db::{DbError, Tx};
use slipway_framework::keys::KeyPurpose;
use slipway_framework::scope::{AppScope, PartnerScope, RootId, Rooted};
use slipway_framework::{params, statements};
use slipway_kernel::{Id, Limit};
use slipway_testkit::{EngineKind, TestPlatform, on_both_engines, tokio};
use std::sync::mpsc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

on_both_engines!(
    what_is_committed_is_sealed_once_and_nothing_else,
    a_late_committer_is_sealed_late,
    of_two_sealers_with_the_same_batch_one_writes,
    a_sealer_that_dies_between_reading_and_writing_leaves_nothing_behind,
    many_sealers_and_writers_make_one_dense_chain_for_each_root,
    more_than_one_batch_is_sealed_in_one_go,
    a_running_sealer_seals_by_itself_and_ends_when_told,
    nobody_changes_what_was_written,
    an_entry_fails_with_its_write_and_the_write_with_its_entry,
);

pub(crate) fn entry(number: u32) -> Audit {
    Audit {
        action: "note_written",
        resource_type: "note",
        resource_id: format!("note {number}"),
        details: json!({ "number": number, "title": "Grüße \u{1}\"", "weight": f64::from(number) * 1e-7, "tags": ["a", null, true] }),
    }
}

pub(crate) async fn write<S: Rooted>(platform: &TestPlatform, scope: &S, numbers: std::ops::Range<u32>) {
    let written = platform.db().write(scope, move |tx| {
        numbers.clone().for_each(|number| tx.audit(entry(number)));
        Ok::<_, DbError>(())
    });
    written.await.unwrap();
}

pub(crate) fn sealer(platform: &TestPlatform) -> Sealer {
    Sealer::new(platform)
}

pub(crate) async fn verify(platform: &TestPlatform, only: Option<RootId>) -> Verification {
    let key = platform.keys().signer(KeyPurpose::AuditSeals).public_key();
    audit::verify(platform.db(), key, only).await.unwrap()
}

pub(crate) fn root(scope: &AppScope) -> RootId {
    RootId::from_bits(scope.app().bits())
}

/// Everything is sealed and nothing is wrong.
async fn assert_whole(platform: &TestPlatform, chains: u64, sealed: u64) {
    let whole = Verification { chains, sealed, unsealed: 0, findings: Vec::new() };
    assert_eq!(verify(platform, None).await, whole);
}

async fn what_is_committed_is_sealed_once_and_nothing_else(engine: EngineKind) {
    let platform = note::start(engine);
    assert_whole(&platform, 0, 0).await;
    assert_eq!(sealer(&platform).drain().await.unwrap(), 0);
    let (app, partner) = (platform.app_scope(), PartnerScope::new(platform.mint(), platform.cause()));
    write(&platform, &app, 0..3).await;
    write(&platform, &partner, 0..2).await;
    let failed = platform.db().write(&app, |tx| {
        tx.audit(entry(9));
        Err::<(), _>(DbError::Busy)
    });
    assert!(failed.await.is_err());
    let waiting = verify(&platform, None).await;
    assert_eq!((waiting.chains, waiting.sealed, waiting.unsealed, waiting.findings.len()), (0, 0, 5, 0));
    assert_eq!(sealer(&platform).drain().await.unwrap(), 5);
    assert_eq!(sealer(&platform).drain().await.unwrap(), 0);
    assert_whole(&platform, 2, 5).await;
    platform.clock().advance(Duration::from_secs(1));
    write(&platform, &app, 3..4).await;
    assert_eq!(verify(&platform, Some(root(&app))).await.unsealed, 1);
    assert_eq!(sealer(&platform).drain().await.unwrap(), 1);
    assert_whole(&platform, 2, 6).await;
    let one = verify(&platform, Some(root(&app))).await;
    assert_eq!((one.chains, one.sealed, one.unsealed, one.findings.len()), (1, 4, 0, 0));
    // Sealing is no change to what is read.
    let trail = platform.db().read(&app, |read| audit::list(read, None, None, Limit::DEFAULT)).await.unwrap();
    assert_eq!(trail.items.iter().map(|kept| kept.details.clone()).next(), Some(entry(3).details));
}

/// The early entry gets its id first and commits last: whoever seals "after the last id" forgets it.
async fn a_late_committer_is_sealed_late(engine: EngineKind) {
    let platform = note::start(engine);
    let scope = platform.app_scope();
    let (gate, wait) = mpsc::channel::<()>();
    let (written, is_written) = tokio::sync::oneshot::channel();
    let mut written = Some(written);
    let late = tokio::spawn(platform.db().write(&scope, move |tx: &mut Tx<AppScope>| {
        tx.audit(entry(1));
        if let Some(written) = written.take() {
            written.send(()).unwrap();
            wait.recv().unwrap();
        }
        Ok::<_, DbError>(())
    }));
    is_written.await.unwrap();
    // Ids follow the clock, so those of the others are greater.
    platform.clock().advance(Duration::from_secs(1));
    if engine == EngineKind::Postgres {
        // Another connection overtakes it, and its entries are sealed.
        write(&platform, &scope, 2..4).await;
        assert_eq!(sealer(&platform).drain().await.unwrap(), 2);
        gate.send(()).unwrap();
        late.await.unwrap().unwrap();
        assert_eq!(sealer(&platform).drain().await.unwrap(), 1);
    } else {
        // One writer: the others can only queue up behind it.
        let early = write(&platform, &scope, 2..4);
        gate.send(()).unwrap();
        early.await;
        late.await.unwrap().unwrap();
        assert_eq!(sealer(&platform).drain().await.unwrap(), 3);
    }
    assert_whole(&platform, 1, 3).await;
}

async fn of_two_sealers_with_the_same_batch_one_writes(engine: EngineKind) {
    let platform = note::start(engine);
    let (left, right) = (platform.app_scope(), platform.app_scope());
    write(&platform, &left, 0..3).await;
    let (one, other) = (sealer(&platform), sealer(&platform));
    let beginning = Id::from_bits(0);
    let slow = other.prepare(beginning).await.unwrap();
    let quick = one.prepare(beginning).await.unwrap();
    assert_eq!(one.seal(quick).await.unwrap(), Outcome::Sealed(3));
    assert_eq!(other.seal(slow).await.unwrap(), Outcome::Overtaken);
    assert_whole(&platform, 1, 3).await;
    // Nor does a batch of other chains get in: it would sign an old census.
    write(&platform, &left, 3..4).await;
    let slow = other.prepare(beginning).await.unwrap();
    write(&platform, &right, 0..1).await;
    let quick = one.prepare(beginning).await.unwrap();
    assert_eq!(one.seal(quick).await.unwrap(), Outcome::Sealed(2));
    assert_eq!(other.seal(slow).await.unwrap(), Outcome::Overtaken);
    write(&platform, &right, 1..2).await;
    assert_eq!(other.drain().await.unwrap(), 1);
    assert_whole(&platform, 2, 6).await;
}

async fn a_sealer_that_dies_between_reading_and_writing_leaves_nothing_behind(engine: EngineKind) {
    let platform = note::start(engine);
    let scope = platform.app_scope();
    write(&platform, &scope, 0..3).await;
    let killed = sealer(&platform).prepare(Id::from_bits(0)).await.unwrap();
    drop(killed);
    // Whoever comes next waits for nothing.
    assert_eq!(sealer(&platform).drain().await.unwrap(), 3);
    assert_whole(&platform, 1, 3).await;
}

async fn many_sealers_and_writers_make_one_dense_chain_for_each_root(engine: EngineKind) {
    let platform = TestPlatform::start_with(engine, &note::migrations(), |config| config.threads = 6);
    let scopes = [platform.app_scope(), platform.app_scope(), platform.app_scope()];
    let platform = std::sync::Arc::new(platform);
    let writers: Vec<_> = (0..60_u32)
        .map(|number| {
            let (platform, scope) = (platform.clone(), scopes[number as usize % 3]);
            tokio::spawn(async move { write(&platform, &scope, number..number + 3).await })
        })
        .collect();
    let sealers: Vec<_> = (0..4)
        .map(|_| {
            let sealer = sealer(&platform);
            tokio::spawn(async move {
                let mut sealed = 0;
                for _ in 0..10 {
                    sealed += sealer.drain().await.unwrap();
                    tokio::task::yield_now().await;
                }
                sealed
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    let mut sealed = 0;
    for sealer in sealers {
        sealed += sealer.await.unwrap();
    }
    sealed += sealer(&platform).drain().await.unwrap();
    assert_eq!(sealed, 180);
    assert_whole(&platform, 3, 180).await;
}

async fn more_than_one_batch_is_sealed_in_one_go(engine: EngineKind) {
    let platform = note::start(engine);
    let (one, other) = (platform.app_scope(), platform.app_scope());
    for part in 0..4 {
        write(&platform, &one, part * 200..(part + 1) * 200).await;
        write(&platform, &other, part * 200..(part + 1) * 200).await;
    }
    assert_eq!(sealer(&platform).drain().await.unwrap(), 1_600);
    assert_whole(&platform, 2, 1_600).await;
}

async fn a_running_sealer_seals_by_itself_and_ends_when_told(engine: EngineKind) {
    let platform = note::start(engine);
    let stop = CancellationToken::new();
    let running = tokio::spawn(sealer(&platform).run(stop.clone()));
    for number in 0..3 {
        write(&platform, &platform.app_scope(), number..number + 2).await;
        while verify(&platform, None).await.unsealed > 0 {
            tokio::task::yield_now().await;
        }
    }
    assert_whole(&platform, 3, 6).await;
    stop.cancel();
    running.await.unwrap();
    write(&platform, &platform.app_scope(), 0..1).await;
    assert_eq!(verify(&platform, None).await.unsealed, 1);
    sealer(&platform).finish().await;
    assert_whole(&platform, 4, 7).await;
}

statements! {
    CHANGE = "UPDATE audit_entries SET actor = 'nobody' WHERE root = $1";
    CHANGE_SEAL = "UPDATE audit_entries SET sequence = 7 WHERE root = $1";
    REMOVE = "DELETE FROM audit_entries WHERE root = $1";
}

/// Neither before it is sealed nor after.
async fn nobody_changes_what_was_written(engine: EngineKind) {
    let platform = note::start(engine);
    let scope = platform.app_scope();
    write(&platform, &scope, 0..2).await;
    for _ in ["unsealed", "sealed"] {
        for statement in [&CHANGE, &CHANGE_SEAL, &REMOVE] {
            let own = scope;
            let changed =
                platform.db().write(&scope, move |tx| tx.execute(statement, params![root(&own)])).await;
            // A policy hides the rows from whoever may not seal them; everything else is refused aloud.
            assert!(matches!(changed, Err(_) | Ok(0)), "{statement:?}: {changed:?}");
        }
        sealer(&platform).drain().await.unwrap();
    }
    assert_whole(&platform, 1, 2).await;
}

/// X-102, from both sides.
async fn an_entry_fails_with_its_write_and_the_write_with_its_entry(engine: EngineKind) {
    let platform = note::start(engine);
    let scope = platform.app_scope();
    let refused = platform.db().write(&scope, |tx| {
        note::insert(tx, "lost", 1)?;
        tx.audit(Audit { resource_id: "x".repeat(101), ..entry(1) });
        Ok::<_, DbError>(())
    });
    assert!(matches!(refused.await, Err(DbError::Constraint { .. })));
    let refused = platform.db().write(&scope, |tx| {
        tx.audit(entry(2));
        note::insert(tx, "too large", 1_000).map(drop)
    });
    assert!(matches!(refused.await, Err(DbError::Constraint { .. })));
    assert!(note::kept(&platform, &scope).await.is_empty());
    let trail =
        platform.db().read(&scope, |read| audit::list(read, None, None, Limit::DEFAULT)).await.unwrap();
    assert!(trail.items.is_empty());
    assert!(!matches!(sealer(&platform).drain().await, Err(SealError::Census)));
}
