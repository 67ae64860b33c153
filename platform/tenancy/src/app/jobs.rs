//! The job that erases a deleted app.

use super::store;
use serde::{Deserialize, Serialize};
use slipway_framework::erasure::erase;
use slipway_framework::job::{Backoff, Job, JobContext, JobError};
use slipway_kernel::AppId;
use std::time::Duration;

/// Deletes every row of an app that was marked as deleted; its name and its slug are free afterwards.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct EraseApp {
    pub(crate) app: AppId,
}

impl Job for EraseApp {
    const KIND: &'static str = "tenancy.erase_app";
    /// With the pauses between them these span a day and a half as a rule: nobody asks for an erasure a second time, so it does not
    /// give up while a database is being repaired.
    const RETRIES: u32 = 12;
    const BACKOFF: Backoff = Backoff { first: Duration::from_mins(1), longest: Duration::from_hours(24) };
    /// Some fifty million rows; a try that is cut off goes on where it stopped.
    const TIMEOUT: Duration = Duration::from_hours(1);

    async fn run(&self, context: &JobContext) -> Result<(), JobError> {
        let scope = context.app_scope(self.app);
        if context.platform.db().read_point(&scope, store::is_live).await? {
            return Err(JobError::Hopeless("the app is not marked as deleted".to_owned()));
        }
        erase(&context.platform, &scope).await?;
        Ok(())
    }
}
