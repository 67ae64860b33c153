//! What the proofs' reaction hears of.

use super::RecordId;
use serde::{Deserialize, Serialize};
use slipway_framework::event::Event;
use slipway_framework::scope::AppScope;
use slipway_kernel::AppId;

/// There is one more record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct RecordCreated {
    pub(super) app: AppId,
    pub(super) record: RecordId,
}

impl Event for RecordCreated {
    type Scope = AppScope;
    const KIND: &'static str = "records.record_created";
}
