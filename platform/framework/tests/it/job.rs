//! Jobs happen at least once, take their time between tries, and never vanish.

mod dead;
mod turns;

use crate::note;
use serde::{Deserialize, Serialize};
use slipway_framework::db::DbError;
use slipway_framework::job::{Job, JobContext, JobError, Registry, Workers, drain, run};
use slipway_kernel::AppId;
use slipway_testkit::{EngineKind, TestPlatform, on_both_engines, tokio};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

on_both_engines!(
    a_job_of_a_failed_write_never_runs,
    a_job_runs_after_its_commit,
    a_failing_job_is_tried_after_a_minute_and_then_is_dead,
    a_try_that_takes_too_long_is_ended_and_counts_as_failed,
    a_panicking_job_does_not_take_the_runner_along,
    a_job_whose_worker_died_is_taken_over,
    a_cancelled_job_never_begins,
    a_running_job_hears_of_its_cancellation,
    a_cancelled_job_that_fails_is_not_tried_again,
    a_job_unknown_here_keeps_its_tries,
    the_runner_serves_and_stops,
    that_a_job_is_dead_is_told_also_when_its_worker_dies_first,
    telling_is_tried_again_and_not_for_ever,
    what_went_silent_does_not_wait_behind_what_is_ready,
);

/// Writes a note, or fails as told.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct WriteNote {
    app: AppId,
    mood: Mood,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) enum Mood {
    Good,
    Failing,
    Panicking,
    Waiting,
    /// Fails when it is told to stop.
    Stubborn,
    /// Fails for good, and then its worker dies before it has told anybody.
    Mute,
    /// Fails for good, and telling succeeds at the third try.
    Stammering,
    /// Fails for good, and telling never succeeds.
    Speechless,
}

impl WriteNote {
    pub(crate) fn good(app: AppId) -> Self {
        Self { app, mood: Mood::Good }
    }
}

impl Job for WriteNote {
    const KIND: &'static str = "notes.write";
    const RETRIES: u32 = 2;

    async fn run(&self, context: &JobContext) -> Result<(), JobError> {
        let title = format!("try {} {:?}", context.attempt, self.mood);
        let scope = context.app_scope(self.app);
        context.platform.db().write(&scope, move |tx| note::insert(tx, &title, 1)).await?;
        match self.mood {
            Mood::Good => Ok(()),
            Mood::Failing => Err(JobError::Retry("not today".to_owned())),
            Mood::Panicking => panic!("a bug"),
            Mood::Mute | Mood::Stammering | Mood::Speechless => Err(JobError::Hopeless("no way".to_owned())),
            Mood::Waiting => {
                context.cancelled.cancelled().await;
                Err(JobError::Cancelled)
            }
            Mood::Stubborn => {
                context.cancelled.cancelled().await;
                Err(JobError::Retry("I was not done".to_owned()))
            }
        }
    }

    async fn given_up(&self, context: &JobContext, reason: &str) -> Result<(), JobError> {
        let scope = context.app_scope(self.app);
        let write =
            |title: String| context.platform.db().write(&scope, move |tx| note::insert(tx, &title, 1));
        match (self.mood, context.attempt) {
            (Mood::Mute, 1) => {
                write("lost for words".to_owned()).await?;
                std::future::pending::<()>().await;
            }
            (Mood::Stammering, 1..=3) => return Err(JobError::Retry("er".to_owned())),
            (Mood::Speechless, _) => panic!("a bug"),
            _ => {}
        }
        write(format!("gave up: {reason}")).await?;
        Ok(())
    }
}

/// Never ends by itself.
#[derive(Debug, Serialize, Deserialize)]
struct Endless {
    app: AppId,
}

impl Job for Endless {
    const KIND: &'static str = "notes.endless";
    const RETRIES: u32 = 1;
    const TIMEOUT: Duration = Duration::from_millis(30);

    async fn run(&self, _: &JobContext) -> Result<(), JobError> {
        std::future::pending().await
    }

    async fn given_up(&self, context: &JobContext, reason: &str) -> Result<(), JobError> {
        let title = format!("gave up: {reason}");
        context
            .platform
            .db()
            .write(&context.app_scope(self.app), move |tx| note::insert(tx, &title, 1))
            .await?;
        Ok(())
    }
}

pub(crate) fn registry() -> Registry {
    let mut registry = Registry::default();
    registry.add::<WriteNote>();
    registry.add::<Endless>();
    registry
}

pub(crate) async fn enqueue(
    platform: &TestPlatform,
    mood: Mood,
) -> (slipway_framework::scope::AppScope, slipway_kernel::JobId) {
    let scope = platform.app_scope();
    let enqueued = platform.db().write(&scope, move |tx| {
        let app = tx.app();
        Ok::<_, DbError>(tx.enqueue(&WriteNote { app, mood }))
    });
    let job = enqueued.await.unwrap();
    (scope, job)
}

async fn a_job_of_a_failed_write_never_runs(engine: EngineKind) {
    let platform = note::start(engine);
    let failed = platform.db().write(&platform.app_scope(), |tx| {
        let app = tx.app();
        tx.enqueue(&WriteNote { app, mood: Mood::Good });
        Err::<(), _>(DbError::Busy)
    });
    assert!(failed.await.is_err());
    assert_eq!(drain(&platform, &registry()).await.unwrap(), 0);
}

async fn a_job_runs_after_its_commit(engine: EngineKind) {
    let platform = note::start(engine);
    let (scope, _) = enqueue(&platform, Mood::Good).await;
    assert_eq!(drain(&platform, &registry()).await.unwrap(), 1);
    assert_eq!(drain(&platform, &registry()).await.unwrap(), 0);
    assert_eq!(note::kept(&platform, &scope).await, ["try 1 Good"]);
}

async fn a_failing_job_is_tried_after_a_minute_and_then_is_dead(engine: EngineKind) {
    let platform = note::start(engine);
    let (scope, _) = enqueue(&platform, Mood::Failing).await;
    for (seconds, ran) in [(0, 1), (59, 0), (8, 1), (59, 0), (61, 1), (100_000, 0)] {
        platform.clock().advance(Duration::from_secs(seconds));
        assert_eq!(drain(&platform, &registry()).await.unwrap(), ran, "after {seconds} s more");
    }
    let expected = ["gave up: not today", "try 1 Failing", "try 2 Failing", "try 3 Failing"];
    assert_eq!(note::kept(&platform, &scope).await, expected);
}

async fn a_try_that_takes_too_long_is_ended_and_counts_as_failed(engine: EngineKind) {
    let platform = note::start(engine);
    let scope = platform.app_scope();
    let enqueued = platform.db().write(&scope, |tx| {
        let app = tx.app();
        Ok::<_, DbError>(tx.enqueue(&Endless { app }))
    });
    enqueued.await.unwrap();
    for ran in [1, 1, 0] {
        assert_eq!(drain(&platform, &registry()).await.unwrap(), ran);
        platform.clock().advance(Duration::from_secs(1_000));
    }
    assert_eq!(note::kept(&platform, &scope).await, ["gave up: the try took longer than 0.03 s"]);
}

async fn a_panicking_job_does_not_take_the_runner_along(engine: EngineKind) {
    let platform = note::start(engine);
    enqueue(&platform, Mood::Panicking).await;
    let (scope, _) = enqueue(&platform, Mood::Good).await;
    assert_eq!(drain(&platform, &registry()).await.unwrap(), 2);
    assert_eq!(note::kept(&platform, &scope).await, ["try 1 Good"]);
}

async fn a_job_whose_worker_died_is_taken_over(engine: EngineKind) {
    let platform = note::start(engine);
    let (scope, _) = enqueue(&platform, Mood::Waiting).await;
    // A worker claims it and is gone without a word.
    let first = platform.platform().clone();
    let gone = tokio::spawn(async move { drain(&first, &registry()).await });
    until(async || !note::kept(&platform, &scope).await.is_empty()).await;
    gone.abort();
    assert!(gone.await.unwrap_err().is_cancelled());
    assert_eq!(drain(&platform, &registry()).await.unwrap(), 0, "the lease still holds");
    platform.clock().advance(Duration::from_secs(31));
    let second = platform.platform().clone();
    let taken = tokio::spawn(async move { drain(&second, &registry()).await });
    until(async || note::kept(&platform, &scope).await.len() == 2).await;
    taken.abort();
    assert_eq!(note::kept(&platform, &scope).await, ["try 1 Waiting", "try 2 Waiting"]);
}

async fn a_cancelled_job_never_begins(engine: EngineKind) {
    let platform = note::start(engine);
    let (scope, job) = enqueue(&platform, Mood::Good).await;
    assert!(platform.db().write(&scope, move |tx| tx.cancel_job(job)).await.unwrap());
    assert_eq!(drain(&platform, &registry()).await.unwrap(), 0);
    assert!(
        !platform.db().write(&scope, move |tx| tx.cancel_job(job)).await.unwrap(),
        "it has already ended"
    );
    let stranger = platform.app_scope();
    let (_, job) = enqueue(&platform, Mood::Good).await;
    assert!(
        !platform.db().write(&stranger, move |tx| tx.cancel_job(job)).await.unwrap(),
        "another app's job"
    );
}

async fn a_running_job_hears_of_its_cancellation(engine: EngineKind) {
    let platform = note::start(engine);
    let (scope, job) = enqueue(&platform, Mood::Waiting).await;
    let worker = platform.platform().clone();
    let running = tokio::spawn(async move { drain(&worker, &registry()).await });
    until(async || !note::kept(&platform, &scope).await.is_empty()).await;
    assert!(platform.db().write(&scope, move |tx| tx.cancel_job(job)).await.unwrap());
    assert_eq!(running.await.unwrap().unwrap(), 1);
    platform.clock().advance(Duration::from_secs(100_000));
    assert_eq!(drain(&platform, &registry()).await.unwrap(), 0, "a cancelled job is not tried again");
}

async fn a_cancelled_job_that_fails_is_not_tried_again(engine: EngineKind) {
    let platform = note::start(engine);
    let (scope, job) = enqueue(&platform, Mood::Stubborn).await;
    let worker = platform.platform().clone();
    let running = tokio::spawn(async move { drain(&worker, &registry()).await });
    until(async || !note::kept(&platform, &scope).await.is_empty()).await;
    assert!(platform.db().write(&scope, move |tx| tx.cancel_job(job)).await.unwrap());
    assert_eq!(running.await.unwrap().unwrap(), 1);
    platform.clock().advance(Duration::from_secs(100_000));
    assert_eq!(drain(&platform, &registry()).await.unwrap(), 0);
    assert_eq!(note::kept(&platform, &scope).await, ["try 1 Stubborn"]);
}

/// While old and new processes run side by side, the old ones meet jobs they do not know.
async fn a_job_unknown_here_keeps_its_tries(engine: EngineKind) {
    let platform = note::start(engine);
    let (scope, _) = enqueue(&platform, Mood::Good).await;
    for _ in 0..10 {
        assert_eq!(drain(&platform, &Registry::default()).await.unwrap(), 1);
        platform.clock().advance(Duration::from_secs(61));
    }
    assert_eq!(drain(&platform, &registry()).await.unwrap(), 1);
    assert_eq!(note::kept(&platform, &scope).await, ["try 1 Good"]);
}

async fn the_runner_serves_and_stops(engine: EngineKind) {
    let platform = note::start(engine);
    let stop = CancellationToken::new();
    let runner = tokio::spawn(run(platform.platform().clone(), registry(), Workers::of(2), stop.clone()));
    let (done, _) = enqueue(&platform, Mood::Good).await;
    let (waiting, _) = enqueue(&platform, Mood::Waiting).await;
    until(async || {
        !note::kept(&platform, &done).await.is_empty() && !note::kept(&platform, &waiting).await.is_empty()
    })
    .await;
    stop.cancel();
    runner.await.unwrap();
    // The waiting job was told, gave up its try, and is there for the next process without having lost it.
    let next = platform.platform().clone();
    let again = tokio::spawn(async move { drain(&next, &registry()).await });
    // Its second run is its first try again, so the note is already there and the write is refused; that is what happens once.
    assert_eq!(again.await.unwrap().unwrap(), 1);
}

async fn that_a_job_is_dead_is_told_also_when_its_worker_dies_first(engine: EngineKind) {
    let platform = note::start(engine);
    let (scope, _) = enqueue(&platform, Mood::Mute).await;
    let first = platform.platform().clone();
    let gone = tokio::spawn(async move { drain(&first, &registry()).await });
    until(async || note::kept(&platform, &scope).await.len() == 2).await;
    gone.abort();
    assert!(gone.await.unwrap_err().is_cancelled());
    assert_eq!(drain(&platform, &registry()).await.unwrap(), 0, "the lease still holds");
    platform.clock().advance(Duration::from_secs(31));
    assert_eq!(drain(&platform, &registry()).await.unwrap(), 1);
    assert_eq!(note::kept(&platform, &scope).await, ["gave up: no way", "lost for words", "try 1 Mute"]);
    platform.clock().advance(Duration::from_hours(24));
    assert_eq!(drain(&platform, &registry()).await.unwrap(), 0, "it is told once");
}

async fn telling_is_tried_again_and_not_for_ever(engine: EngineKind) {
    for (mood, tellings, told) in [(Mood::Stammering, 4, true), (Mood::Speechless, 12, false)] {
        let platform = note::start(engine);
        let (scope, _) = enqueue(&platform, mood).await;
        let mut served = 0;
        for _ in 0..40 {
            served += drain(&platform, &registry()).await.unwrap();
            platform.clock().advance(Duration::from_hours(24));
        }
        assert_eq!(served, tellings, "{mood:?}");
        let kept = note::kept(&platform, &scope).await;
        assert_eq!(kept.contains(&"gave up: no way".to_owned()), told, "{kept:?}");
    }
}

async fn what_went_silent_does_not_wait_behind_what_is_ready(engine: EngineKind) {
    let platform = note::start(engine);
    let (silent, _) = enqueue(&platform, Mood::Waiting).await;
    let first = platform.platform().clone();
    let gone = tokio::spawn(async move { drain(&first, &registry()).await });
    until(async || !note::kept(&platform, &silent).await.is_empty()).await;
    gone.abort();
    assert!(gone.await.unwrap_err().is_cancelled());
    let (ready, _) = enqueue(&platform, Mood::Good).await;
    platform.clock().advance(Duration::from_secs(31));
    let second = platform.platform().clone();
    let taken = tokio::spawn(async move { drain(&second, &registry()).await });
    until(async || note::kept(&platform, &silent).await.len() == 2).await;
    taken.abort();
    assert!(note::kept(&platform, &ready).await.is_empty());
}

/// Waits for something another task is about to do; the test runner's own limit ends a wait that is in vain.
pub(crate) async fn until(condition: impl AsyncFn() -> bool) {
    while !condition().await {
        tokio::task::yield_now().await;
    }
}
