//! Dead jobs are listed and done once more, and only when everybody knows that they are dead.

use super::{Mood, enqueue, registry};
use crate::note;
use serde::{Deserialize, Serialize};
use slipway_framework::db::DbError;
use slipway_framework::job::{
    Job, JobContext, JobError, JobState, Registry, drain, list, retry_all_dead, retry_dead,
};
use slipway_kernel::AppId;
use slipway_testkit::{EngineKind, TestPlatform, on_both_engines};
use std::time::Duration;

on_both_engines!(
    a_dead_job_is_done_once_more_with_all_its_tries,
    all_dead_jobs_of_a_kind_are_done_once_more,
    a_job_whose_death_is_still_being_told_stays_dead,
);

/// Fails until somebody has written the note `mended`.
#[derive(Debug, Serialize, Deserialize)]
struct Mendable {
    app: AppId,
}

impl Job for Mendable {
    const KIND: &'static str = "notes.mendable";
    const RETRIES: u32 = 1;

    async fn run(&self, context: &JobContext) -> Result<(), JobError> {
        let scope = context.app_scope(self.app);
        let attempt = context.attempt;
        let mended = context.platform.db().write(&scope, move |tx| {
            let mended = note::size(tx, "mended")?.is_some();
            if mended {
                note::insert(tx, &format!("done at try {attempt}"), 1)?;
            }
            Ok::<_, DbError>(mended)
        });
        if mended.await? { Ok(()) } else { Err(JobError::Retry("broken".to_owned())) }
    }
}

fn kinds() -> Registry {
    let mut registry = registry();
    registry.add::<Mendable>();
    registry
}

async fn dead(platform: &TestPlatform) -> Vec<(String, u32, Option<String>)> {
    let lines = list(platform.db(), JobState::Dead, 10).await.unwrap();
    lines.into_iter().map(|line| (line.kind, line.attempts, line.failure)).collect()
}

/// Lets every try be used up.
async fn wear_out(platform: &TestPlatform) {
    for _ in 0..5 {
        drain(platform, &kinds()).await.unwrap();
        platform.clock().advance(Duration::from_hours(2));
    }
}

async fn a_dead_job_is_done_once_more_with_all_its_tries(engine: EngineKind) {
    let platform = note::start(engine);
    let scope = platform.app_scope();
    let enqueued = platform.db().write(&scope, |tx| {
        let app = tx.app();
        Ok::<_, DbError>(tx.enqueue(&Mendable { app }))
    });
    let job = enqueued.await.unwrap();
    assert!(!retry_dead(platform.db(), job).await.unwrap(), "it is not dead yet");
    wear_out(&platform).await;
    assert_eq!(dead(&platform).await, [("notes.mendable".to_owned(), 2, Some("broken".to_owned()))]);
    let mend = platform.db().write(&scope, |tx| note::insert(tx, "mended", 1));
    mend.await.unwrap();
    assert!(retry_dead(platform.db(), job).await.unwrap());
    assert_eq!(dead(&platform).await, []);
    assert_eq!(drain(&platform, &kinds()).await.unwrap(), 1);
    assert_eq!(note::kept(&platform, &scope).await, ["done at try 1", "mended"]);
    assert!(!retry_dead(platform.db(), job).await.unwrap(), "it is done");
}

async fn all_dead_jobs_of_a_kind_are_done_once_more(engine: EngineKind) {
    let platform = note::start(engine);
    let (scope, _) = enqueue(&platform, Mood::Failing).await;
    let enqueued = platform.db().write(&scope, |tx| {
        let app = tx.app();
        Ok::<_, DbError>(tx.enqueue(&Mendable { app }))
    });
    enqueued.await.unwrap();
    wear_out(&platform).await;
    assert_eq!(dead(&platform).await.len(), 2);
    assert_eq!(retry_all_dead(platform.db(), Some("notes.mendable")).await.unwrap(), 1);
    assert_eq!(dead(&platform).await.len(), 1);
    assert_eq!(retry_all_dead(platform.db(), None).await.unwrap(), 1);
    assert_eq!(dead(&platform).await, []);
}

async fn a_job_whose_death_is_still_being_told_stays_dead(engine: EngineKind) {
    let platform = note::start(engine);
    // Its telling fails the first time.
    let (_, job) = enqueue(&platform, Mood::Stammering).await;
    drain(&platform, &kinds()).await.unwrap();
    assert_eq!(dead(&platform).await.len(), 1);
    assert!(!retry_dead(platform.db(), job).await.unwrap());
    assert_eq!(retry_all_dead(platform.db(), None).await.unwrap(), 0);
}
