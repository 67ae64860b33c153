//! What others may hear of partners, members and apps. Payloads hold ids and words of the program, never personal data.

use serde::{Deserialize, Serialize};
use slipway_framework::event::Event;
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
    ($($event:ty = $kind:literal;)+) => {$(
        impl Event for $event {
            const KIND: &'static str = $kind;
        }
    )+};
}

kinds! {
    AppLaunched = "tenancy.app_launched";
    AppSuspended = "tenancy.app_suspended";
    AppResumed = "tenancy.app_resumed";
    AppDeleted = "tenancy.app_deleted";
    MemberAdded = "tenancy.member_added";
    MemberRoleChanged = "tenancy.member_role_changed";
    MemberRemoved = "tenancy.member_removed";
}
