//! What others may hear of accounts. Payloads hold ids, never personal data.

use serde::{Deserialize, Serialize};
use slipway_framework::event::Event;
use slipway_framework::scope::AppScope;
use slipway_kernel::{AccountId, AppId};

/// An app has one more user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountRegistered {
    pub app: AppId,
    pub account: AccountId,
}

/// A user has left, and their rows are gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountDeleted {
    pub app: AppId,
    pub account: AccountId,
}

impl Event for AccountRegistered {
    type Scope = AppScope;
    const KIND: &'static str = "identity.account_registered";
}
impl Event for AccountDeleted {
    type Scope = AppScope;
    const KIND: &'static str = "identity.account_deleted";
}
