//! Jobs: work after the reply, written with the write that wants it and done at least once.
//!
//! A job is claimed under a lease and kept alive by heartbeats; when its worker dies it is claimed again, so `run` must
//! be safe to repeat. It refuses to lose work silently: a job that used up its tries is dead, not gone.

mod context;
mod dead;
mod meter;
mod retry;
mod runner;
pub(crate) mod store;
mod turn;

pub use context::JobContext;
pub use dead::{JobLine, list, retry_all_dead, retry_dead};
pub use retry::Backoff;
pub use runner::{Registry, Workers, drain, run};
pub use turn::Weights;

use crate::db::{Db, DbError, Tx};
use crate::scope::{Actor, Cause, Purpose, Rooted, SystemScope};
use serde::{Serialize, de::DeserializeOwned};
use slipway_kernel::{JobId, RequestId, Ts};
use std::time::Duration;
use thiserror::Error;

/// A kind of work. The value is the payload and travels as JSON.
pub trait Job: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// Module and verb: `builder.build_release`. Never renamed once released.
    const KIND: &'static str;
    /// Tries after the first one.
    const RETRIES: u32 = 3;
    /// The pauses between them.
    const BACKOFF: Backoff = Backoff::DEFAULT;
    /// How long one try may take.
    const TIMEOUT: Duration = Duration::from_mins(5);

    /// Of the jobs of a root with the same key one runs at a time, the oldest first; the others queue for it and take no place.
    /// Kinds share keys, so a key begins with what it guards: `build`.
    fn concurrency_key(&self) -> Option<String> {
        None
    }

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
    /// Its lease ran out and another worker has it, or had it; what this one would have written is not.
    #[error("another worker has taken the job over")]
    Lost,
}

impl From<crate::db::DbError> for JobError {
    fn from(error: crate::db::DbError) -> Self {
        Self::Retry(error.to_string())
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

/// What became of a job that is wanted once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Enqueued {
    New(JobId),
    /// This one does for it.
    Already(JobId),
}

impl Enqueued {
    #[must_use]
    pub fn job(self) -> JobId {
        match self {
            Self::New(job) | Self::Already(job) => job,
        }
    }
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
        self.want(job, run_at, None)
    }

    /// Has the job done unless one of its kind with this key is wanted already: one that has not begun, or one that was wanted less
    /// than its `window` ago and has not failed for good or been cancelled.
    ///
    /// # Errors
    /// [`DbError`].
    ///
    /// # Panics
    /// As [`Tx::enqueue`].
    pub fn enqueue_once<J: Job>(
        &mut self,
        job: &J,
        key: &str,
        window: Duration,
    ) -> Result<Enqueued, DbError> {
        let root = self.scope().reach().root();
        if let Some(job) = store::find_once(self, root, J::KIND, key)? {
            return Ok(Enqueued::Already(job));
        }
        let now = self.now();
        Ok(Enqueued::New(self.want(job, now, Some((key.to_owned(), now + window)))))
    }

    fn want<J: Job>(&mut self, job: &J, run_at: Ts, once: Option<(String, Ts)>) -> JobId {
        let payload = serde_json::to_value(job).expect("a job's type can be written as JSON");
        let (id, root) = (self.mint(), self.scope().reach().root());
        let concurrency_key = job.concurrency_key();
        store::insert(
            self,
            root,
            id,
            store::Wanted { kind: J::KIND, payload, run_at, concurrency_key, once },
        );
        self.wakes().jobs = true;
        id
    }

    /// Asks a job of this root to stop; one that has not begun never will. `false` when it has already ended.
    ///
    /// # Errors
    /// [`DbError`].
    pub fn cancel_job(&mut self, job: JobId) -> Result<bool, DbError> {
        store::cancel(self, job)
    }
}

/// What waits for a worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backlog {
    /// Jobs that are due, counted up to 1000; those that queue for a key are not.
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
