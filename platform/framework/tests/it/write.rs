//! A closure that goes wrong, in every way it can, leaves its batch mates committed.

use crate::note::{self, NoteError};
use slipway_framework::db::{DbError, Rule, Tx};
use slipway_framework::scope::AppScope;
use slipway_testkit::tokio::task::JoinHandle;
use slipway_testkit::{EngineKind, TestPlatform, on_both_engines, tokio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

on_both_engines!(
    a_failing_closure_leaves_its_mates,
    a_panicking_closure_leaves_its_mates,
    a_closure_over_budget_leaves_its_mates,
    a_closure_that_breaks_a_rule_leaves_its_mates,
    a_statement_error_cannot_be_ignored,
    what_a_refusal_remembers_survives,
    a_dropped_caller_is_skipped,
    a_full_queue_is_busy,
    work_that_waited_too_long_is_busy,
    hooks_run_after_commit_only,
    calling_the_database_inside_a_closure_is_caught,
    a_panicking_hook_harms_nobody,
);

type Closure = Box<dyn FnMut(&mut Tx<AppScope>) -> Result<(), NoteError> + Send>;

/// Queues `bad` between two good writes so that all three share a batch, and returns what became of it.
async fn between_mates(platform: &TestPlatform, bad: Closure) -> Result<(), NoteError> {
    let scope = platform.app_scope();
    let gates = note::hold_writers(platform, writers(platform)).await;
    let before = good(platform, &scope, "before");
    let bad = tokio::spawn(platform.db().write(&scope, bad));
    let after = good(platform, &scope, "later");
    // Each spawned write is queued by the time its handle exists: `write` sends before it is awaited.
    drop(gates);
    before.await.unwrap().unwrap();
    after.await.unwrap().unwrap();
    let result = bad.await.unwrap();
    assert_eq!(note::kept(platform, &scope).await, ["before", "later"]);
    result
}

fn writers(platform: &TestPlatform) -> usize {
    match platform.db().engine() {
        EngineKind::Sqlite => 1,
        EngineKind::Postgres => 2,
    }
}

fn good(platform: &TestPlatform, scope: &AppScope, title: &'static str) -> JoinHandle<Result<u64, DbError>> {
    tokio::spawn(platform.db().write(scope, move |tx| note::insert(tx, title, 1)))
}

async fn a_failing_closure_leaves_its_mates(engine: EngineKind) {
    let platform = note::start(engine);
    let result = between_mates(
        &platform,
        Box::new(|tx| {
            note::insert(tx, "bad", 1)?;
            Err(NoteError::TooLong)
        }),
    );
    assert!(matches!(result.await, Err(NoteError::TooLong)));
}

async fn a_panicking_closure_leaves_its_mates(engine: EngineKind) {
    let platform = note::start(engine);
    let result = between_mates(
        &platform,
        Box::new(|tx| {
            note::insert(tx, "bad", 1)?;
            panic!("a bug")
        }),
    );
    assert!(matches!(result.await, Err(NoteError::Db(DbError::Panicked(message))) if message == "a bug"));
}

async fn a_closure_over_budget_leaves_its_mates(engine: EngineKind) {
    let budget = Duration::from_millis(200);
    let platform =
        TestPlatform::start_with(engine, &note::migrations(), |config| config.write_budget = budget);
    let result = between_mates(
        &platform,
        Box::new(|tx| {
            // A closure that never ends by itself is stopped at its next statement.
            for number in 0.. {
                note::insert(tx, &format!("bad {number}"), 1)?;
            }
            Ok(())
        }),
    );
    assert!(matches!(result.await, Err(NoteError::Db(DbError::OverBudget))));
}

async fn a_closure_that_breaks_a_rule_leaves_its_mates(engine: EngineKind) {
    type Rows = &'static [(&'static str, i64)];
    const CASES: [(Rows, Rule); 2] =
        [(&[("bad", 5), ("bad", 6)], Rule::Unique), (&[("bad", 1000)], Rule::Check)];
    for (rows, rule) in CASES {
        let platform = note::start(engine);
        let insert = move |tx: &mut Tx<AppScope>| {
            rows.iter().try_for_each(|(title, size)| {
                note::insert(tx, title, *size).map(|_| ()).map_err(NoteError::from)
            })
        };
        match between_mates(&platform, Box::new(insert)).await {
            Err(NoteError::Db(DbError::Constraint { rule: broken, table })) => {
                assert_eq!(broken, rule);
                // SQLite names a CHECK's text instead of its table.
                assert!(table == "notes" || rule == Rule::Check, "{table}");
            }
            other => panic!("{other:?}"),
        }
    }
}

async fn a_statement_error_cannot_be_ignored(engine: EngineKind) {
    let platform = note::start(engine);
    let result = between_mates(
        &platform,
        Box::new(|tx| {
            note::insert(tx, "bad", 1)?;
            assert!(matches!(note::broken(tx), Err(DbError::Broken(_))));
            assert!(matches!(note::insert(tx, "worse", 1), Err(DbError::Aborted)));
            Ok(())
        }),
    );
    assert!(matches!(result.await, Err(NoteError::Db(DbError::Aborted))));
}

async fn what_a_refusal_remembers_survives(engine: EngineKind) {
    #[derive(Debug, PartialEq)]
    enum Outcome {
        Refused,
    }
    let platform = note::start(engine);
    let scope = platform.app_scope();
    let refused = platform.db().write(&scope, |tx| {
        note::insert(tx, "failed login", 1)?;
        Ok::<_, DbError>(Outcome::Refused)
    });
    assert_eq!(refused.await.unwrap(), Outcome::Refused);
    assert_eq!(note::kept(&platform, &scope).await, ["failed login"]);
}

async fn a_dropped_caller_is_skipped(engine: EngineKind) {
    let platform = note::start(engine);
    let scope = platform.app_scope();
    let gates = note::hold_writers(&platform, writers(&platform)).await;
    let abandoned = platform.db().write(&scope, |tx| note::insert(tx, "abandoned", 1));
    drop(abandoned);
    let later = good(&platform, &scope, "later");
    drop(gates);
    later.await.unwrap().unwrap();
    assert_eq!(note::kept(&platform, &scope).await, ["later"]);
}

async fn a_full_queue_is_busy(engine: EngineKind) {
    let platform = TestPlatform::start_with(engine, &note::migrations(), |config| config.queue_length = 2);
    let scope = platform.app_scope();
    let gates = note::hold_writers(&platform, writers(&platform)).await;
    let waiting = [good(&platform, &scope, "first"), good(&platform, &scope, "second")];
    let refused = platform.db().write(&scope, |tx| note::insert(tx, "third", 1)).await;
    assert!(matches!(refused, Err(DbError::Busy)), "{refused:?}");
    drop(gates);
    for write in waiting {
        write.await.unwrap().unwrap();
    }
    assert_eq!(note::kept(&platform, &scope).await, ["first", "second"]);
}

async fn work_that_waited_too_long_is_busy(engine: EngineKind) {
    let none = Duration::ZERO;
    let platform =
        TestPlatform::start_with(engine, &note::migrations(), |config| config.queue_deadline = none);
    let refused = platform.db().write(&platform.app_scope(), |tx| note::insert(tx, "late", 1)).await;
    assert!(matches!(refused, Err(DbError::Busy)), "{refused:?}");
}

async fn hooks_run_after_commit_only(engine: EngineKind) {
    let platform = note::start(engine);
    let scope = platform.app_scope();
    let runs = Arc::new(AtomicU32::new(0));
    for (fails, expected) in [(true, 0), (false, 1)] {
        let counted = runs.clone();
        let written = platform.db().write(&scope, move |tx| {
            let counted = counted.clone();
            tx.after_commit(move || {
                counted.fetch_add(1, Ordering::SeqCst);
            });
            if fails { Err(NoteError::TooLong) } else { Ok(()) }
        });
        assert_eq!(written.await.is_err(), fails);
        assert_eq!(runs.load(Ordering::SeqCst), expected);
    }
}

async fn calling_the_database_inside_a_closure_is_caught(engine: EngineKind) {
    let platform = note::start(engine);
    let scope = platform.app_scope();
    let db = platform.db().clone();
    let result = platform.db().write(&scope, move |tx| {
        drop(db.read(tx.scope(), note::titles));
        Ok::<_, DbError>(())
    });
    assert!(
        matches!(result.await, Err(DbError::Panicked(message)) if message.contains("use the Tx that is already there"))
    );
}

async fn a_panicking_hook_harms_nobody(engine: EngineKind) {
    let platform = note::start(engine);
    let scope = platform.app_scope();
    for number in 0..4 {
        let title = format!("note {number}");
        let written = platform.db().write(&scope, move |tx| {
            tx.after_commit(|| panic!("a bug"));
            note::insert(tx, &title, 1)
        });
        written.await.unwrap();
    }
    assert_eq!(note::kept(&platform, &scope).await.len(), 4);
}

mod postgres_only {
    //! What only a database in another process can run into.

    use super::*;

    mod postgres {
        use super::*;
        use slipway_kernel::Ts;

        #[test]
        fn waiting_for_a_lock_ends_with_the_budget() {
            slipway_testkit::block_on(async {
                let budget = Duration::from_millis(300);
                let platform =
                    TestPlatform::start_with(EngineKind::Postgres, &note::migrations(), |config| {
                        config.write_budget = budget;
                    });
                let scope = platform.app_scope();
                let (gate, wait) = std::sync::mpsc::channel::<()>();
                let (inserted, has_inserted) = tokio::sync::oneshot::channel();
                let mut inserted = Some(inserted);
                let holder = tokio::spawn(platform.db().write(&scope, move |tx| {
                    note::insert(tx, "contended", 1)?;
                    if let Some(inserted) = inserted.take() {
                        inserted.send(()).unwrap();
                        wait.recv().unwrap();
                    }
                    Ok::<_, DbError>(())
                }));
                has_inserted.await.unwrap();
                let waiter = platform.db().write(&scope, |tx| note::insert(tx, "contended", 2)).await;
                assert!(matches!(waiter, Err(DbError::OverBudget)), "{waiter:?}");
                gate.send(()).unwrap();
                // The holder was idle past the budget, which is only looked at when it next speaks; COMMIT is its last word.
                holder.await.unwrap().unwrap();
                assert_eq!(note::kept(&platform, &scope).await, ["contended"]);
            });
        }

        /// PostgreSQL's time begins in 4713 BC; a job for before that cannot even be sent.
        #[test]
        fn what_cannot_ride_along_takes_the_write_along() {
            slipway_testkit::block_on(async {
                let platform = note::start(EngineKind::Postgres);
                let scope = platform.app_scope();
                for _ in 0..4 {
                    let refused = platform.db().write(&scope, |tx| {
                        note::insert(tx, "half", 1)?;
                        tx.enqueue_at(&crate::job::WriteNote::good(tx.app()), Ts::from_micros(i64::MIN));
                        Ok::<_, DbError>(())
                    });
                    assert!(matches!(refused.await, Err(DbError::Broken(_))));
                    assert!(note::kept(&platform, &scope).await.is_empty(), "and the connection is usable");
                }
            });
        }
    }
}

mod sqlite_only {
    //! What only an embedded database can run into.

    use super::*;

    /// A full disk kills the whole transaction, mates and all: the mates run again.
    #[test]
    fn a_full_disk_leaves_its_mates() {
        slipway_testkit::block_on(async {
            let max_bytes = Some(512 * 1024);
            let platform = TestPlatform::start_with(EngineKind::Sqlite, &note::migrations(), |config| {
                config.max_bytes = max_bytes;
            });
            let result =
                between_mates(&platform, Box::new(|tx| Ok(note::fill(tx, "x", 1024 * 1024).map(|_| ())?)));
            assert!(matches!(result.await, Err(NoteError::Db(DbError::Full))));
            // Once there is less to write, writing goes on.
            let scope = platform.app_scope();
            platform.db().write(&scope, |tx| note::insert(tx, "small", 1)).await.unwrap();
            assert_eq!(note::kept(&platform, &scope).await, ["small"]);
        });
    }
}
