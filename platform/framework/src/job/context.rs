//! What a running job is handed: its surroundings, and the two things only the holder of its lease may write.

use super::store::{self, Claimed};
use super::{JobError, runner};
use crate::db::{DbError, Tx};
use crate::platform::Platform;
use crate::scope::{Actor, AppScope, Cause, RootId, Rooted};
use slipway_kernel::{AppId, JobId, RequestId};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

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
    pub(super) claimed: Arc<Claimed>,
}

impl JobContext {
    pub(super) fn new(platform: Platform, claimed: &Claimed) -> Self {
        Self {
            platform,
            job: claimed.job,
            root: claimed.root,
            request: claimed.request,
            attempt: claimed.attempt,
            cancelled: CancellationToken::new(),
            claimed: Arc::new(claimed.clone()),
        }
    }

    /// The scope of the app the job was enqueued for.
    #[must_use]
    pub fn app_scope(&self, app: AppId) -> AppScope {
        AppScope::new(app, self.cause())
    }

    #[must_use]
    pub fn cause(&self) -> Cause {
        Cause { actor: Actor::Platform, request: self.request }
    }

    /// The job's last write, and its end, in one transaction: what the closure does takes effect once, however often the job was
    /// begun. The scope is that of the root the job was enqueued for.
    ///
    /// # Errors
    /// What the closure returned; [`JobError::Lost`] when another worker has the job, and then nothing was written.
    pub async fn finish<S, T, F>(&self, scope: &S, mut closure: F) -> Result<T, JobError>
    where
        S: Rooted,
        T: Send + 'static,
        F: FnMut(&mut Tx<S>) -> Result<T, JobError> + Send + 'static,
    {
        let claimed = self.claimed.clone();
        let finish = move |tx: &mut Tx<S>| {
            if !store::finish(tx, &claimed, super::JobState::Done, None)? {
                return Err(JobError::Lost);
            }
            closure(tx)
        };
        self.platform.db().write(scope, finish).await
    }

    /// Says how far the job has come, for whoever looks at it: `percent` up to 100, and a few words.
    ///
    /// # Errors
    /// [`JobError::Lost`] when another worker has the job, [`JobError::Retry`] when the database does not answer.
    pub async fn progress(&self, percent: u8, note: &str) -> Result<(), JobError> {
        let (claimed, note) = (self.claimed.clone(), note.to_owned());
        let write = move |tx: &mut Tx<_>| store::progress(tx, &claimed, percent.min(100), &note);
        let told: Result<bool, DbError> = self.platform.db().write(&runner::scope(self.request), write).await;
        if told? { Ok(()) } else { Err(JobError::Lost) }
    }
}
