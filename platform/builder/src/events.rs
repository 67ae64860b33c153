//! What others may hear of brands and releases. Payloads hold ids and numbers, never a brand's texts.

use crate::ids::{BrandId, BuildId, ReleaseId};
use serde::{Deserialize, Serialize};
use slipway_framework::event::Event;
use slipway_framework::scope::AppScope;
use slipway_kernel::AppId;

/// A brand version may be released.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BrandApproved {
    pub app: AppId,
    pub brand: BrandId,
}

/// A release has its artefacts, and the app's origin wears its brand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleaseReady {
    pub app: AppId,
    pub release: ReleaseId,
    pub version_code: u32,
}

/// A build has come to nothing; it can be tried again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BuildFailed {
    pub app: AppId,
    pub build: BuildId,
}

impl Event for BrandApproved {
    type Scope = AppScope;
    const KIND: &'static str = "builder.brand_approved";
}
impl Event for ReleaseReady {
    type Scope = AppScope;
    const KIND: &'static str = "builder.release_ready";
}
impl Event for BuildFailed {
    type Scope = AppScope;
    const KIND: &'static str = "builder.build_failed";
}
