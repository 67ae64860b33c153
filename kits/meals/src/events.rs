//! What others may hear of plans. Payloads hold ids: what somebody eats is nobody else's business.

use crate::plan::PlanId;
use serde::{Deserialize, Serialize};
use slipway_framework::event::Event;
use slipway_framework::scope::AppScope;
use slipway_kernel::{AccountId, AppId};

/// A user has one more plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanCreated {
    pub app: AppId,
    pub account: AccountId,
    pub plan: PlanId,
}

impl Event for PlanCreated {
    type Scope = AppScope;
    const KIND: &'static str = "meals.plan_created";
}
