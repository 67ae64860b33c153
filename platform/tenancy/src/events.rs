//! What others may hear of partners, members and apps. Payloads hold ids and words of the program, never personal data.

use serde::{Deserialize, Serialize};
use slipway_framework::event::Event;
use slipway_framework::scope::{AppScope, PartnerScope};
use slipway_kernel::{AppId, MemberId, PartnerId};

/// An app exists and answers at its host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppLaunched {
    pub app: AppId,
    pub partner: PartnerId,
    pub kit: String,
    pub slug: String,
}

/// An app answers nobody until it is resumed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppSuspended {
    pub app: AppId,
}

/// An app answers again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppResumed {
    pub app: AppId,
}

/// An app answers nobody any more. Its rows are being erased, and its files follow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppDeleted {
    pub app: AppId,
    pub partner: PartnerId,
}

/// A partner has one more person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberAdded {
    pub partner: PartnerId,
    pub member: MemberId,
    pub role: String,
}

/// A person may do more, or less, than before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberRoleChanged {
    pub partner: PartnerId,
    pub member: MemberId,
    pub role: String,
}

/// A partner has one person less.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberRemoved {
    pub partner: PartnerId,
    pub member: MemberId,
}

macro_rules! kinds {
    ($($event:ty = $scope:ty, $kind:literal;)+) => {$(
        impl Event for $event {
            type Scope = $scope;
            const KIND: &'static str = $kind;
        }
    )+};
}

kinds! {
    AppLaunched = AppScope, "tenancy.app_launched";
    AppSuspended = AppScope, "tenancy.app_suspended";
    AppResumed = AppScope, "tenancy.app_resumed";
    AppDeleted = AppScope, "tenancy.app_deleted";
    MemberAdded = PartnerScope, "tenancy.member_added";
    MemberRoleChanged = PartnerScope, "tenancy.member_role_changed";
    MemberRemoved = PartnerScope, "tenancy.member_removed";
}
