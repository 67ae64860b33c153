//! What a tenant decides, it decides as if it were alone, on both engines (ADR 0014).

use crate::note;
use axum::http::StatusCode;
use slipway_framework::db::DbError;
use slipway_framework::http::Problem;
use slipway_framework::scope::AppScope;
use slipway_testkit::tokio::sync::mpsc::unbounded_channel;
use slipway_testkit::{EngineKind, TestPlatform, on_both_engines, tokio};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Barrier, mpsc};
use std::time::{Duration, Instant};

on_both_engines!(
    of_two_that_read_what_the_other_writes_one_sees_the_other,
    a_counter_that_everybody_wants_loses_nothing,
);

/// Somebody leaves their post if another one stays: the rule "one always stays" spans two rows, so no row lock keeps it.
async fn leave(platform: &TestPlatform, scope: &AppScope, who: &'static str, together: Arc<Barrier>) -> bool {
    let first = AtomicBool::new(true);
    let both_read = platform.db().engine() == EngineKind::Postgres;
    let left = platform.db().write(scope, move |tx| {
        let on_duty = note::titles(tx)?.len();
        if both_read && first.swap(false, Ordering::SeqCst) {
            // Neither has written yet. (SQLite has one writer, so there is no such moment.)
            together.wait();
        }
        if on_duty < 2 {
            return Ok::<_, DbError>(false);
        }
        note::remove(tx, who)?;
        Ok(true)
    });
    left.await.unwrap()
}

async fn of_two_that_read_what_the_other_writes_one_sees_the_other(engine: EngineKind) {
    let platform = note::start(engine);
    let scope = platform.app_scope();
    for who in ["ana", "ben"] {
        platform.db().write(&scope, move |tx| note::insert(tx, who, 1)).await.unwrap();
    }
    let together = Arc::new(Barrier::new(2));
    let (ana, ben) = tokio::join!(
        leave(&platform, &scope, "ana", together.clone()),
        leave(&platform, &scope, "ben", together)
    );
    assert_ne!(ana, ben, "one leaves and the other hears of it");
    assert_eq!(note::kept(&platform, &scope).await, [if ana { "ben" } else { "ana" }]);
}

async fn a_counter_that_everybody_wants_loses_nothing(engine: EngineKind) {
    let platform = TestPlatform::start_with(engine, &note::migrations(), |config| config.threads = 8);
    let scope = platform.app_scope();
    platform.db().write(&scope, |tx| note::insert(tx, "counter", 0)).await.unwrap();
    let writers: Vec<_> = (0..40)
        .map(|_| {
            tokio::spawn(platform.db().write(&scope, |tx| {
                let size = note::size(tx, "counter")?.unwrap();
                note::resize(tx, "counter", size + 1)
            }))
        })
        .collect();
    let mut counted = 0;
    for writer in writers {
        match writer.await.unwrap() {
            Ok(changed) => counted += i64::try_from(changed).unwrap(),
            // With more rivals than tries somebody may have to come back, and then nothing was counted.
            Err(error) => assert_eq!(Problem::from(error).status(), StatusCode::SERVICE_UNAVAILABLE),
        }
    }
    let size = platform.db().read(&scope, |read| note::size(read, "counter")).await.unwrap();
    assert_eq!(size, Some(counted));
}

mod postgres_only {
    //! SQLite's one writer meets nobody.

    use super::*;

    mod postgres {
        use super::*;

        /// Loses to somebody else at every try, and returns how often it tried and what it heard in the end.
        async fn always_overtaken(budget: Duration) -> (u32, DbError, Duration) {
            let platform = TestPlatform::start_with(EngineKind::Postgres, &note::migrations(), |config| {
                config.write_budget = budget;
            });
            let scope = platform.app_scope();
            platform.db().write(&scope, |tx| note::insert(tx, "contended", 1)).await.unwrap();
            let tries = Arc::new(AtomicU32::new(0));
            let (overtake, mut asked) = unbounded_channel::<mpsc::Sender<()>>();
            let (counted, rival) = (tries.clone(), scope);
            let begun = Instant::now();
            let loser = platform.db().write(&scope, move |tx| {
                counted.fetch_add(1, Ordering::SeqCst);
                let size = note::size(tx, "contended")?.unwrap();
                let (done, is_done) = mpsc::channel();
                overtake.send(done).unwrap();
                is_done.recv().unwrap();
                note::resize(tx, "contended", size + 1)
            });
            let rivals = async {
                while let Some(done) = asked.recv().await {
                    platform.db().write(&rival, |tx| note::resize(tx, "contended", 5)).await.unwrap();
                    done.send(()).unwrap();
                }
            };
            let (lost, ()) = tokio::join!(loser, rivals);
            assert_eq!(note::kept(&platform, &scope).await, ["contended"]);
            (tries.load(Ordering::SeqCst), lost.unwrap_err(), begun.elapsed())
        }

        #[test]
        fn whoever_loses_every_try_hears_that_the_server_is_busy() {
            slipway_testkit::block_on(async {
                let (tries, error, _) = always_overtaken(Duration::from_mins(1)).await;
                assert_eq!(tries, 20);
                assert!(matches!(error, DbError::Collision), "{error:?}");
                assert_eq!(Problem::from(error).status(), StatusCode::SERVICE_UNAVAILABLE);
            });
        }

        #[test]
        fn all_tries_together_have_one_budget() {
            slipway_testkit::block_on(async {
                let budget = Duration::from_millis(60);
                let (tries, error, took) = always_overtaken(budget).await;
                assert!((1..20).contains(&tries), "{tries}");
                assert!(matches!(error, DbError::Collision | DbError::OverBudget), "{error:?}");
                assert_eq!(Problem::from(error).status(), StatusCode::SERVICE_UNAVAILABLE);
                // The rival's own writes take their time too, so only a bound that tries without a budget would pass.
                assert!(took < Duration::from_secs(30), "{took:?}");
            });
        }
    }
}
