//! Who is served when: roots by turns, keys one at a time, what is wanted once once; and what only the holder of a lease may write.

use super::{drain, registry, until};
use crate::note;
use serde::{Deserialize, Serialize};
use slipway_framework::db::{DbError, Row};
use slipway_framework::job::{Enqueued, Job, JobContext, JobError, Registry, Weights, Workers, run};
use slipway_framework::scope::{AppScope, RootId};
use slipway_framework::{params, statements};
use slipway_kernel::{AppId, Ts};
use slipway_testkit::{EngineKind, TestPlatform, on_both_engines, tokio};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

statements! {
    STAND = "SELECT state, attempts, progress_percent, progress_note FROM jobs WHERE root = $1";
}

on_both_engines!(
    a_backlog_keeps_no_other_root_waiting,
    of_jobs_with_the_same_key_one_runs_at_a_time,
    a_key_is_handed_on_however_its_holder_ends,
    a_cancelled_job_keeps_no_key,
    what_is_wanted_once_is_done_once,
    progress_is_the_holders_to_write,
    two_workers_have_one_effect,
    what_does_not_stop_is_given_back,
);

/// Writes a note named by its step, however it ends.
#[derive(Debug, Serialize, Deserialize)]
struct Step {
    app: AppId,
    name: String,
    key: Option<String>,
    ends: Ends,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Ends {
    Well,
    Retried,
    Dead,
    /// When it is told to stop.
    Told,
    Never,
}

impl Job for Step {
    const KIND: &'static str = "notes.step";
    const RETRIES: u32 = 1;

    fn concurrency_key(&self) -> Option<String> {
        self.key.clone()
    }

    async fn run(&self, context: &JobContext) -> Result<(), JobError> {
        let (scope, title) = (context.app_scope(self.app), format!("{} {}", self.name, context.attempt));
        context.platform.db().write(&scope, move |tx| note::insert(tx, &title, 1)).await?;
        match self.ends {
            Ends::Well => Ok(()),
            Ends::Retried if context.attempt > 1 => Ok(()),
            Ends::Retried => Err(JobError::Retry("not today".to_owned())),
            Ends::Dead => Err(JobError::Hopeless("no way".to_owned())),
            Ends::Told => {
                context.cancelled.cancelled().await;
                Err(JobError::Cancelled)
            }
            Ends::Never => std::future::pending().await,
        }
    }
}

/// Has one effect, in the transaction that ends it.
#[derive(Debug, Serialize, Deserialize)]
struct Effect {
    app: AppId,
}

impl Job for Effect {
    const KIND: &'static str = "notes.effect";

    async fn run(&self, context: &JobContext) -> Result<(), JobError> {
        let scope = context.app_scope(self.app);
        context.progress(30, "looking around").await?;
        let title = format!("begun {}", context.attempt);
        context.platform.db().write(&scope, move |tx| note::insert(tx, &title, 1)).await?;
        if context.attempt == 1 {
            // Until another has taken over; then this worker comes back, late.
            loop {
                let titles: Result<_, DbError> = context.platform.db().read(&scope, note::titles).await;
                if titles?.contains(&"effect of 2".to_owned()) {
                    break;
                }
            }
            let told = context.progress(90, "nearly there").await;
            assert!(matches!(told, Err(JobError::Lost)), "{told:?}");
        }
        let title = format!("effect of {}", context.attempt);
        context.finish(&scope, move |tx| Ok(note::insert(tx, &title, 1)?)).await?;
        Ok(())
    }
}

fn steps() -> Registry {
    let mut registry = registry();
    registry.add::<Step>();
    registry.add::<Effect>();
    registry
}

async fn step(platform: &TestPlatform, scope: &AppScope, name: &str, key: Option<&str>, ends: Ends) {
    // Jobs of one instant have no order.
    platform.clock().advance(Duration::from_millis(1));
    let (name, key) = (name.to_owned(), key.map(str::to_owned));
    let enqueued = platform.db().write(scope, move |tx| {
        let step = Step { app: tx.app(), name: name.clone(), key: key.clone(), ends };
        Ok::<_, DbError>(tx.enqueue(&step))
    });
    enqueued.await.unwrap();
}

async fn a_backlog_keeps_no_other_root_waiting(engine: EngineKind) {
    let platform = note::start(engine);
    let (busy, quiet) = (platform.app_scope(), platform.app_scope());
    let filled = platform.db().write(&busy, |tx| {
        for number in 0..200 {
            let step = Step { app: tx.app(), name: format!("busy {number:03}"), key: None, ends: Ends::Well };
            tx.enqueue(&step);
        }
        Ok::<_, DbError>(())
    });
    filled.await.unwrap();
    for number in 0..3 {
        step(&platform, &quiet, &format!("quiet {number}"), None, Ends::Well).await;
    }
    // One place, and the busy root four jobs to the quiet one's one.
    let weights = Weights::of([(RootId::from_bits(busy.app().bits()), 4)]);
    let workers = Workers { weights, ..Workers::of(1) };
    let stop = CancellationToken::new();
    let runner = tokio::spawn(run(platform.platform().clone(), steps(), workers, stop.clone()));
    until(async || note::kept(&platform, &quiet).await.len() == 3).await;
    let before = note::kept(&platform, &busy).await.len();
    // Three turns of the quiet one, and what ran between the last of them and the look.
    assert!((8..60).contains(&before), "{before}");
    stop.cancel();
    runner.await.unwrap();
}

async fn of_jobs_with_the_same_key_one_runs_at_a_time(engine: EngineKind) {
    let platform = note::start(engine);
    let scope = platform.app_scope();
    step(&platform, &scope, "a", Some("build"), Ends::Told).await;
    for name in ["b", "c"] {
        step(&platform, &scope, name, Some("build"), Ends::Well).await;
    }
    let first = platform.platform().clone();
    let holder = tokio::spawn(async move { drain(&first, &steps()).await });
    until(async || note::kept(&platform, &scope).await.contains(&"a 1".to_owned())).await;
    step(&platform, &scope, "z", Some("other"), Ends::Well).await;
    step(&platform, &platform.app_scope(), "of another", Some("build"), Ends::Well).await;
    // A second worker finds places for other keys and other roots only.
    assert_eq!(drain(&platform, &steps()).await.unwrap(), 2);
    assert_eq!(note::kept(&platform, &scope).await, ["a 1", "z 1"]);
    holder.abort();
    assert!(holder.await.unwrap_err().is_cancelled());
    assert_eq!(drain(&platform, &steps()).await.unwrap(), 0, "the lease still holds, and the key with it");
    platform.clock().advance(Duration::from_secs(31));
    let second = platform.platform().clone();
    let taken = tokio::spawn(async move { drain(&second, &steps()).await });
    until(async || note::kept(&platform, &scope).await.contains(&"a 2".to_owned())).await;
    assert_eq!(drain(&platform, &steps()).await.unwrap(), 0, "whoever takes over has the key");
    taken.abort();
}

async fn a_key_is_handed_on_however_its_holder_ends(engine: EngineKind) {
    let platform = note::start(engine);
    let scope = platform.app_scope();
    for (name, ends) in [("a", Ends::Well), ("b", Ends::Retried), ("c", Ends::Dead), ("d", Ends::Well)] {
        step(&platform, &scope, name, Some("build"), ends).await;
    }
    assert_eq!(drain(&platform, &steps()).await.unwrap(), 4);
    assert_eq!(note::kept(&platform, &scope).await, ["a 1", "b 1", "c 1", "d 1"]);
    platform.clock().advance(Duration::from_secs(67));
    assert_eq!(drain(&platform, &steps()).await.unwrap(), 1);
    assert_eq!(note::kept(&platform, &scope).await, ["a 1", "b 1", "b 2", "c 1", "d 1"]);
    // With many places at once, and ends that are written down together.
    for number in 0..30 {
        step(&platform, &scope, &format!("e{number:02}"), Some("build"), Ends::Well).await;
    }
    let stop = CancellationToken::new();
    let runner = tokio::spawn(run(platform.platform().clone(), steps(), Workers::of(8), stop.clone()));
    until(async || note::kept(&platform, &scope).await.len() == 35).await;
    stop.cancel();
    runner.await.unwrap();
}

async fn a_cancelled_job_keeps_no_key(engine: EngineKind) {
    let platform = note::start(engine);
    let scope = platform.app_scope();
    step(&platform, &scope, "a", Some("build"), Ends::Well).await;
    let key = || Some("build".to_owned());
    platform.clock().advance(Duration::from_millis(1));
    let second = platform.db().write(&scope, move |tx| {
        let step = Step { app: tx.app(), name: "b".to_owned(), key: key(), ends: Ends::Well };
        Ok::<_, DbError>(tx.enqueue(&step))
    });
    let second = second.await.unwrap();
    step(&platform, &scope, "c", Some("build"), Ends::Well).await;
    // The first holds the key, the others queue; when it has ended the second is to be next, and is cancelled.
    let stop = CancellationToken::new();
    let one = Workers::of(1);
    assert!(platform.db().write(&scope, move |tx| tx.cancel_job(second)).await.unwrap());
    let runner = tokio::spawn(run(platform.platform().clone(), steps(), one, stop.clone()));
    until(async || note::kept(&platform, &scope).await.len() == 2).await;
    assert_eq!(note::kept(&platform, &scope).await, ["a 1", "c 1"]);
    stop.cancel();
    runner.await.unwrap();
}

async fn what_is_wanted_once_is_done_once(engine: EngineKind) {
    let platform = note::start(engine);
    let scope = platform.app_scope();
    let want = async |name: &str, ends: Ends| {
        let name = name.to_owned();
        let wanted = platform.db().write(&scope, move |tx| {
            let step = Step { app: tx.app(), name: name.clone(), key: None, ends };
            tx.enqueue_once(&step, "digest", Duration::from_mins(10))
        });
        wanted.await.unwrap()
    };
    let first = want("a", Ends::Well).await;
    assert_eq!(want("b", Ends::Well).await, Enqueued::Already(first.job()));
    platform.clock().advance(Duration::from_mins(11));
    assert_eq!(want("c", Ends::Well).await, Enqueued::Already(first.job()), "it has not begun");
    assert_eq!(drain(&platform, &steps()).await.unwrap(), 1);
    let second = want("d", Ends::Dead).await;
    assert!(matches!(second, Enqueued::New(_)), "the window is over");
    assert_eq!(drain(&platform, &steps()).await.unwrap(), 1);
    assert!(matches!(want("e", Ends::Well).await, Enqueued::New(_)), "what is dead does for nothing");
    let elsewhere = platform.app_scope();
    let wanted = platform.db().write(&elsewhere, |tx| {
        let step = Step { app: tx.app(), name: "f".to_owned(), key: None, ends: Ends::Well };
        tx.enqueue_once(&step, "digest", Duration::from_mins(10))
    });
    assert!(matches!(wanted.await.unwrap(), Enqueued::New(_)), "another root's is another");
}

async fn progress_is_the_holders_to_write(engine: EngineKind) {
    let platform = note::start(engine);
    let scope = platform.app_scope();
    let enqueued = platform.db().write(&scope, |tx| {
        let app = tx.app();
        Ok::<_, DbError>(tx.enqueue_at(&Effect { app }, Ts::from_micros(0)))
    });
    enqueued.await.unwrap();
    takeover(&platform, &scope).await;
    let expected = ("done".to_owned(), 2, Some(30), Some("looking around".to_owned()));
    assert_eq!(stand(&platform, &scope).await, [expected]);
}

async fn two_workers_have_one_effect(engine: EngineKind) {
    let platform = note::start(engine);
    let scope = platform.app_scope();
    let enqueued = platform.db().write(&scope, |tx| {
        let app = tx.app();
        Ok::<_, DbError>(tx.enqueue(&Effect { app }))
    });
    enqueued.await.unwrap();
    takeover(&platform, &scope).await;
    assert_eq!(note::kept(&platform, &scope).await, ["begun 1", "begun 2", "effect of 2"]);
    platform.clock().advance(Duration::from_hours(10));
    assert_eq!(drain(&platform, &steps()).await.unwrap(), 0);
}

/// A worker is slow, its lease runs out, another does the job, and then the slow one comes back.
async fn takeover(platform: &TestPlatform, scope: &AppScope) {
    let slow = platform.platform().clone();
    let slow = tokio::spawn(async move { drain(&slow, &steps()).await });
    until(async || note::kept(platform, scope).await.contains(&"begun 1".to_owned())).await;
    platform.clock().advance(Duration::from_secs(31));
    assert_eq!(drain(platform, &steps()).await.unwrap(), 1);
    assert_eq!(slow.await.unwrap().unwrap(), 1);
}

async fn what_does_not_stop_is_given_back(engine: EngineKind) {
    let platform = note::start(engine);
    let scope = platform.app_scope();
    step(&platform, &scope, "deaf", Some("build"), Ends::Never).await;
    let stop = CancellationToken::new();
    let workers = Workers { drain: Duration::from_millis(20), ..Workers::of(2) };
    let runner = tokio::spawn(run(platform.platform().clone(), steps(), workers, stop.clone()));
    until(async || !note::kept(&platform, &scope).await.is_empty()).await;
    stop.cancel();
    runner.await.unwrap();
    // Another worker has it at once, without a lease to wait for, and the try that was broken off does not count.
    assert_eq!(stand(&platform, &scope).await, [("ready".to_owned(), 0, None, None)]);
    assert_eq!(drain(&platform, &Registry::default()).await.unwrap(), 1);
}

type Stand = (String, i64, Option<i64>, Option<String>);

async fn stand(platform: &TestPlatform, scope: &AppScope) -> Vec<Stand> {
    let read = platform.db().read(scope, |read| {
        let stand = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?));
        read.all(&STAND, params![read.app()], stand)
    });
    let stand: Result<_, DbError> = read.await;
    stand.unwrap()
}
