//! Jobs: work after the reply, written with the write that wants it and done at least once.
//!
//! A job is claimed under a lease and kept alive by heartbeats; when its worker dies it is claimed again, so `run` must
//! be safe to repeat. It refuses to lose work silently: a job that used up its tries is dead, not gone.

mod meter;
mod runner;
pub(crate) mod store;

pub use runner::{Registry, drain, run};

use crate::db::{Db, DbError, Tx};
use crate::platform::Platform;
use crate::scope::{Actor, AppScope, Cause, Purpose, RootId, Rooted, SystemScope};
use serde::{Serialize, de::DeserializeOwned};
use slipway_kernel::{AppId, JobId, RequestId, Ts};
use std::time::Duration;
use thiserror::Error;
use tokio_util::sync::CancellationToken;

/// A kind of work. The value is the payload and travels as JSON.
pub trait Job: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// Module and verb: `builder.build_release`. Never renamed once released.
    const KIND: &'static str;
    /// Tries after the first one.
    const RETRIES: u32 = 3;
    /// How long one try may take.
    const TIMEOUT: Duration = Duration::from_mins(5);

    fn run(&self, context: &JobContext) -> impl Future<Output = Result<(), JobError>> + Send;

    /// Called when the job will not be tried again, so that whatever waits for it can be told. Like `run` it must be safe to repeat:
    /// it is called again after an error, and when the process dies before it is known to have ended.
    fn given_up(
        &self,
        context: &JobContext,
        reason: &str,
    ) -> impl Future<Output = Result<(), JobError>> + Send {
        let _ = (context, reason);
        async { Ok(()) }
    }
}

/// Why a try did not succeed.
#[derive(Debug, Error)]
pub enum JobError {
    /// Another try may go better.
    #[error("{0}")]
    Retry(String),
    /// No other try will.
    #[error("{0}")]
    Hopeless(String),
    /// Somebody asked for it to stop.
    #[error("cancelled")]
    Cancelled,
}

impl From<crate::db::DbError> for JobError {
    fn from(error: crate::db::DbError) -> Self {
        Self::Retry(error.to_string())
    }
}

/// What a running job is handed.
#[derive(Debug, Clone)]
pub struct JobContext {
    pub platform: Platform,
    pub job: JobId,
    /// The app, the partner or the installation that the job belongs to.
    pub root: RootId,
    /// The request that caused it.
    pub request: RequestId,
    /// From 1.
    pub attempt: u32,
    /// Fires when somebody cancels the job or the process stops; long work looks at it between steps.
    pub cancelled: CancellationToken,
}

impl JobContext {
    /// The scope of the app the job was enqueued for.
    #[must_use]
    pub fn app_scope(&self, app: AppId) -> AppScope {
        AppScope::new(app, self.cause())
    }

    #[must_use]
    pub fn cause(&self) -> Cause {
        Cause { actor: Actor::Platform, request: self.request }
    }
}

/// How a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobState {
    Ready,
    Running,
    Done,
    Dead,
    Cancelled,
}

impl<S: Rooted> Tx<S> {
    /// Has the job done as soon as this transaction has committed.
    ///
    /// # Panics
    /// When the payload is no JSON: a mistake in the job's type.
    pub fn enqueue<J: Job>(&mut self, job: &J) -> JobId {
        let now = self.now();
        self.enqueue_at(job, now)
    }

    /// Has the job done at or after `run_at`.
    ///
    /// # Panics
    /// As [`Tx::enqueue`].
    pub fn enqueue_at<J: Job>(&mut self, job: &J, run_at: Ts) -> JobId {
        let payload = serde_json::to_value(job).expect("a job's type can be written as JSON");
        let id = self.mint();
        store::insert(self, id, J::KIND, payload, run_at);
        self.wakes().jobs = true;
        id
    }

    /// Asks a job of this root to stop; one that has not begun never will. `false` when it has already ended.
    ///
    /// # Errors
    /// [`crate::db::DbError`].
    pub fn cancel_job(&mut self, job: JobId) -> Result<bool, crate::db::DbError> {
        store::cancel(self, job)
    }
}

/// What waits for a worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backlog {
    /// Jobs that are due, counted up to 1000.
    pub due: usize,
    /// How long the first of them has been due.
    pub oldest: Duration,
}

/// Looks at what is due, of everybody.
///
/// # Errors
/// [`DbError`].
pub async fn backlog(db: &Db) -> Result<Backlog, DbError> {
    let cause = Cause { actor: Actor::Platform, request: RequestId::from_bits(0) };
    let waiting = db.read(&SystemScope::new(Purpose::Jobs, cause), |read| {
        let due = store::list_due(read, 1_000)?;
        let oldest = due.first().map_or(Duration::ZERO, |first| read.now().since(*first));
        Ok(Backlog { due: due.len(), oldest })
    });
    waiting.await
}

/// How long to wait before try number `attempt` + 1: a minute, then doubling, with up to a tenth more so that jobs that
/// failed together do not come back together.
fn backoff(attempt: u32, noise: u8) -> Duration {
    let seconds = 60_u64 << attempt.saturating_sub(1).min(10);
    Duration::from_secs(seconds) + Duration::from_millis(seconds * 100 * u64::from(noise) / 255)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_retry_comes_after_a_minute_and_later_ones_take_their_time() {
        for (attempt, noise, seconds) in [(1, 0, 60), (1, 255, 66), (2, 0, 120), (3, 0, 240), (60, 0, 61_440)]
        {
            assert_eq!(backoff(attempt, noise), Duration::from_secs(seconds), "attempt {attempt}");
        }
    }
}
