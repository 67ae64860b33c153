//! Builds: the work of turning a release into artefacts, told stage by stage.
//!
//! Every change of a build is an event with a sequence, written in the same transaction, so that a listener can go on where it stopped.
//! It refuses to change a build that has ended, except to begin it again.

mod both;
mod http;
pub(crate) mod jobs;
pub(crate) mod pipeline;
pub(crate) mod stage;
pub(crate) mod store;
mod wire;

pub(crate) use http::routes;
pub(crate) use wire::BuildOut;

use crate::events::BuildFailed;
use crate::ids::{BuildId, ReleaseId};
use crate::release::{self, ReleaseState};
use crate::scope::OfApp;
use axum::http::StatusCode;
use jobs::BuildRelease;
use pipeline::Moment;
use serde_json::{Value as Json, json};
use slipway_framework::audit::Audit;
use slipway_framework::db::{DbError, Tx};
use slipway_framework::http::{Problem, sentence};
use slipway_framework::scope::AppScope;
use slipway_kernel::{Code, JobId, RequestId, Ts};
use stage::{Stage, StageRecord, StageState};
use thiserror::Error;
use tokio::sync::Notify;

/// How a build stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BuildState {
    Queued,
    Running,
    Done,
    Failed,
    Cancelled,
}

impl BuildState {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let all = [Self::Queued, Self::Running, Self::Done, Self::Failed, Self::Cancelled];
        all.into_iter().find(|state| state.as_str() == text)
    }

    pub(crate) const fn is_over(self) -> bool {
        matches!(self, Self::Done | Self::Failed | Self::Cancelled)
    }
}

/// A build as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BuildRecord {
    pub(crate) build: BuildId,
    pub(crate) release: ReleaseId,
    pub(crate) job: JobId,
    pub(crate) state: BuildState,
    pub(crate) stages: Vec<StageRecord>,
    pub(crate) last_sequence: u32,
    /// The last event of the run before this one.
    pub(crate) run_began_after: u32,
    pub(crate) request: RequestId,
    pub(crate) created_at: Ts,
}

/// Why a build cannot be cancelled or tried again.
#[derive(Debug, Error)]
pub(crate) enum BuildError {
    #[error("there is no such build")]
    NotFound,
    #[error("this build has already ended; there is nothing to cancel")]
    Over,
    #[error("this build has neither failed nor been cancelled; there is nothing to try again")]
    NotFailed,
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Wakes whoever listens to builds in this process.
#[derive(Debug, Default)]
pub(crate) struct Bell(pub(crate) Notify);

/// Adds the build of a new release and has it done.
pub(crate) fn queue<S: OfApp>(tx: &mut Tx<S>, release: ReleaseId) -> Result<BuildRecord, DbError> {
    let (app, build) = (tx.scope().app_id(), tx.mint());
    let job = tx.enqueue(&BuildRelease { app, build });
    let record = BuildRecord {
        build,
        release,
        job,
        state: BuildState::Queued,
        stages: StageRecord::pending(),
        last_sequence: 0,
        run_began_after: 0,
        request: tx.scope().cause().request,
        created_at: tx.now(),
    };
    store::insert(tx, &record)?;
    Ok(record)
}

/// Begins a try of this job; `None` when the build is over, gone, or somebody else's by now.
pub(crate) fn begin(
    tx: &mut Tx<AppScope>,
    build: BuildId,
    job: JobId,
) -> Result<Option<BuildRecord>, DbError> {
    // A job that had died is done once more only because an operator wants it; then its build is open again.
    let failed = |record: &BuildRecord| record.job == job && record.state == BuildState::Failed;
    if let Some(record) = store::find(tx, build)?.filter(failed) {
        store::reopen(tx, build)?;
        release::store::set_state(tx, record.release, ReleaseState::Building)?;
        audit(tx, "build_retried", build, json!({}));
    }
    let Some(mut record) = locked(tx, build, Some(job))? else { return Ok(None) };
    record.state = BuildState::Running;
    record.stages = StageRecord::pending();
    store::save(tx, &record)?;
    Ok(Some(record))
}

/// Writes down where a stage is, for whoever listens; `false` when the build is over, gone, or somebody else's by now.
pub(crate) fn announce(
    tx: &mut Tx<AppScope>,
    build: BuildId,
    job: JobId,
    stage: Stage,
    moment: Moment<'_>,
) -> Result<bool, DbError> {
    let Some(mut record) = locked(tx, build, Some(job))? else { return Ok(false) };
    let now = tx.now();
    let Some(entry) = record.stages.iter_mut().find(|entry| entry.stage == stage) else { return Ok(false) };
    match moment {
        Moment::Began => {
            let (state, started_at) = (StageState::Running, Some(now));
            *entry = StageRecord { stage, state, started_at, finished_at: None, message: None };
        }
        Moment::Ended => (entry.state, entry.finished_at) = (StageState::Done, Some(now)),
        Moment::Failed(reason) => {
            (entry.state, entry.finished_at) = (StageState::Failed, Some(now));
            entry.message = Some(sentence(reason));
        }
    }
    let payload = entry.to_json();
    store::save(tx, &record)?;
    tell(tx, &record, "stage", payload)?;
    Ok(true)
}

/// Ends a build well.
pub(crate) fn finish(tx: &mut Tx<AppScope>, mut record: BuildRecord) -> Result<(), DbError> {
    record.state = BuildState::Done;
    store::save(tx, &record)?;
    tell(tx, &record, "done", json!({}))
}

/// Ends a build badly, with its release. Doing it twice is doing it once.
pub(crate) fn fail(tx: &mut Tx<AppScope>, build: BuildId, job: JobId, reason: &str) -> Result<(), DbError> {
    let Some(mut record) = locked(tx, build, Some(job))? else { return Ok(()) };
    record.state = BuildState::Failed;
    let now = tx.now();
    // When no stage has said so itself, the one that was under way did not get through.
    if !record.stages.iter().any(|entry| entry.state == StageState::Failed)
        && let Some(entry) = record.stages.iter_mut().find(|entry| entry.state != StageState::Done)
    {
        (entry.state, entry.finished_at) = (StageState::Failed, Some(now));
        entry.message = Some(sentence(reason));
    }
    store::save(tx, &record)?;
    release::store::set_state(tx, record.release, ReleaseState::Failed)?;
    audit(tx, "build_failed", build, json!({ "reason": reason }));
    let app = tx.app();
    tx.emit(&BuildFailed { app, build });
    tell(tx, &record, "failed", json!({}))
}

/// Stops a build, with its release: what is under way finds out before its next stage.
///
/// # Errors
/// [`BuildError::NotFound`] and [`BuildError::Over`].
pub(crate) fn cancel(tx: &mut Tx<AppScope>, build: BuildId) -> Result<BuildRecord, BuildError> {
    let Some(mut record) = locked(tx, build, None)? else {
        return Err(match store::find(tx, build)? {
            Some(_) => BuildError::Over,
            None => BuildError::NotFound,
        });
    };
    record.state = BuildState::Cancelled;
    store::save(tx, &record)?;
    release::store::set_state(tx, record.release, ReleaseState::Cancelled)?;
    tx.cancel_job(record.job)?;
    audit(tx, "build_cancelled", build, json!({}));
    tell(tx, &record, "cancelled", json!({}))?;
    Ok(record)
}

/// Begins a failed or cancelled build again, for the same release with the same version code.
///
/// # Errors
/// [`BuildError::NotFound`] and [`BuildError::NotFailed`].
pub(crate) fn retry(tx: &mut Tx<AppScope>, build: BuildId) -> Result<BuildRecord, BuildError> {
    let app = tx.app();
    if !store::reopen(tx, build)? {
        return Err(match store::find(tx, build)? {
            Some(_) => BuildError::NotFailed,
            None => BuildError::NotFound,
        });
    }
    let mut record = store::find(tx, build)?.ok_or(BuildError::NotFound)?;
    record.stages = StageRecord::pending();
    record.job = tx.enqueue(&BuildRelease { app, build });
    store::save(tx, &record)?;
    release::store::set_state(tx, record.release, ReleaseState::Building)?;
    audit(tx, "build_retried", build, json!({}));
    Ok(record)
}

/// The build under a lock and with a fresh sequence, if it is still going and still this job's.
pub(crate) fn locked(
    tx: &mut Tx<AppScope>,
    build: BuildId,
    job: Option<JobId>,
) -> Result<Option<BuildRecord>, DbError> {
    if !store::take_sequence(tx, build)? {
        return Ok(None);
    }
    let record = store::find(tx, build)?;
    Ok(record.filter(|record| job.is_none_or(|job| job == record.job)))
}

/// Tells whoever listens, after the commit.
fn tell(
    tx: &mut Tx<AppScope>,
    record: &BuildRecord,
    kind: &'static str,
    payload: Json,
) -> Result<(), DbError> {
    store::insert_event(tx, record, kind, payload)?;
    let bell = tx.local::<Bell>();
    tx.after_commit(move || bell.0.notify_waiters());
    Ok(())
}

fn audit(tx: &mut Tx<AppScope>, action: &'static str, build: BuildId, details: Json) {
    tx.audit(Audit { action, resource_type: "build", resource_id: build.to_string(), details });
}

const OVER: Code = Code::new("builds.over");
const NOT_FAILED: Code = Code::new("builds.not_failed");

impl From<BuildError> for Problem {
    fn from(error: BuildError) -> Self {
        let message = sentence(&error.to_string());
        match error {
            BuildError::NotFound => Self::not_found("build"),
            BuildError::Over => Self::new(StatusCode::CONFLICT, OVER, message),
            BuildError::NotFailed => Self::new(StatusCode::CONFLICT, NOT_FAILED, message),
            BuildError::Db(error) => error.into(),
        }
    }
}
