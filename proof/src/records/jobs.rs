//! A job whose effect happens once however often it runs.

use super::{Reason, RecordId, store};
use serde::{Deserialize, Serialize};
use slipway_framework::db::DbError;
use slipway_framework::job::{Job, JobContext, JobError};
use slipway_kernel::AppId;

/// Marks the record as seen by its job.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct TakeEffect {
    pub(super) record: RecordId,
}

impl Job for TakeEffect {
    const KIND: &'static str = "records.take_effect";

    async fn run(&self, context: &JobContext) -> Result<(), JobError> {
        let scope = context.app_scope(AppId::from_bits(context.root.bits()));
        let record = self.record;
        let effect: Result<(), DbError> =
            context.platform.db().write(&scope, move |tx| store::take_effect(tx, record, Reason::Job)).await;
        Ok(effect?)
    }
}
