//! A build on the wire.

use super::BuildRecord;
use super::stage::StageRecord;
use crate::ids::{BuildId, ReleaseId};
use serde::Serialize;
use slipway_kernel::{RequestId, Ts};
use utoipa::ToSchema;

/// The work of making a release.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Build)]
pub(crate) struct BuildOut {
    #[schema(value_type = String)]
    id: BuildId,
    #[schema(value_type = String)]
    release: ReleaseId,
    /// `queued`, `running`, `done`, `failed` or `cancelled`.
    state: &'static str,
    stages: Vec<StageOut>,
    #[schema(value_type = String)]
    request_id: RequestId,
    #[schema(value_type = String, format = DateTime)]
    created_at: Ts,
}

/// One step of a build.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Stage)]
pub(crate) struct StageOut {
    name: &'static str,
    title: &'static str,
    /// `pending`, `running`, `done` or `failed`.
    state: &'static str,
    #[schema(value_type = Option<String>, format = DateTime)]
    started_at: Option<Ts>,
    #[schema(value_type = Option<String>, format = DateTime)]
    finished_at: Option<Ts>,
    /// Why it failed.
    message: Option<String>,
}

impl From<BuildRecord> for BuildOut {
    fn from(record: BuildRecord) -> Self {
        Self {
            id: record.build,
            release: record.release,
            state: record.state.as_str(),
            stages: record.stages.into_iter().map(StageOut::from).collect(),
            request_id: record.request,
            created_at: record.created_at,
        }
    }
}

impl From<StageRecord> for StageOut {
    fn from(record: StageRecord) -> Self {
        Self {
            name: record.stage.as_str(),
            title: record.stage.title(),
            state: record.state.as_str(),
            started_at: record.started_at,
            finished_at: record.finished_at,
            message: record.message,
        }
    }
}
