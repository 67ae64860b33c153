//! Members: a partner's people and what each may do.
//!
//! One address is one member of one partner. It refuses to know passwords and sessions; those hang on a member's row and go
//! with it. A partner never loses its last owner, nobody changes their own role, and only an owner makes or unmakes one.

mod http;
mod store;

pub use crate::name::MemberName;
pub use http::MemberOut;
pub(crate) use http::routes;
pub use store::{find, find_by_email, list};

use crate::events::{MemberAdded, MemberRemoved, MemberRoleChanged};
use crate::partner;
use axum::http::StatusCode;
use serde_json::json;
use slipway_framework::audit::Audit;
use slipway_framework::db::{DbError, Tx};
use slipway_framework::http::{Problem, sentence};
use slipway_framework::scope::PartnerScope;
use slipway_kernel::{Code, Email, MemberId, Ts};
use std::fmt;
use thiserror::Error;

/// What a member may do; each role includes the ones before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Looks.
    Viewer,
    /// Launches, brands and releases apps.
    Builder,
    /// Also manages members and suspends apps.
    Admin,
    /// Also holds keys, deletes apps and makes owners.
    Owner,
}

/// A text names no role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a role is one of owner, admin, builder, viewer")]
pub struct RoleError;

impl Role {
    pub const ALL: [Self; 4] = [Self::Viewer, Self::Builder, Self::Admin, Self::Owner];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Builder => "builder",
            Self::Admin => "admin",
            Self::Owner => "owner",
        }
    }

    /// # Errors
    /// [`RoleError`].
    pub fn parse(text: &str) -> Result<Self, RoleError> {
        Self::ALL.into_iter().find(|role| role.as_str() == text).ok_or(RoleError)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// A member about to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMember {
    pub member: MemberId,
    pub name: MemberName,
    pub email: Email,
    pub role: Role,
}

/// A member as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberRecord {
    pub member: MemberId,
    pub name: String,
    pub email: String,
    pub role: Role,
    pub created_at: Ts,
}

/// Why a member cannot be added, changed or removed.
#[derive(Debug, Error)]
pub enum MemberError {
    #[error("this e-mail address already belongs to a member; sign in, or use another address")]
    EmailTaken,
    #[error("there is no such member")]
    NotFound,
    #[error("nobody changes their own role; ask another owner or admin")]
    OwnRole,
    #[error("only owners and admins manage members; ask one")]
    NotManager,
    #[error("only an owner can make, change or remove an owner; ask one")]
    OwnersOnly,
    #[error("a partner keeps at least one owner; make somebody else an owner first")]
    LastOwner,
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Adds a member to the partner of this scope. Whether whoever asks may do so is for [`may_manage`] to say; the first owner
/// asks for themselves.
///
/// # Errors
/// [`MemberError::EmailTaken`] when the address belongs to a member of any partner.
pub fn create(tx: &mut Tx<PartnerScope>, new: &NewMember) -> Result<(), MemberError> {
    store::insert(tx, new).map_err(|error| {
        if error.is_duplicate_in("members") { MemberError::EmailTaken } else { MemberError::Db(error) }
    })?;
    let (partner, member, role) = (tx.partner(), new.member, new.role.to_string());
    audit(tx, "member_added", member, json!({ "role": role }));
    tx.emit(&MemberAdded { partner, member, role });
    Ok(())
}

/// Whether somebody of the role `acting` may make or unmake a member of the role `role`: an owner everybody, an admin
/// everybody but owners, others nobody.
///
/// # Errors
/// [`MemberError::OwnersOnly`] or [`MemberError::NotManager`].
pub fn may_manage(acting: Role, role: Role) -> Result<(), MemberError> {
    match acting {
        Role::Owner => Ok(()),
        Role::Admin if role < Role::Owner => Ok(()),
        Role::Admin => Err(MemberError::OwnersOnly),
        Role::Builder | Role::Viewer => Err(MemberError::NotManager),
    }
}

/// Gives a member another role.
///
/// # Errors
/// [`MemberError`] says which rule was broken.
pub fn change_role(
    tx: &mut Tx<PartnerScope>,
    acting: MemberId,
    member: MemberId,
    role: Role,
) -> Result<MemberRecord, MemberError> {
    if member == acting {
        return Err(MemberError::OwnRole);
    }
    let before = changeable(tx, acting, member, role)?;
    if before.role == role {
        return Ok(before);
    }
    store::set_role(tx, member, role)?;
    let partner = tx.partner();
    audit(tx, "member_role_changed", member, json!({ "from": before.role.as_str(), "to": role.as_str() }));
    tx.emit(&MemberRoleChanged { partner, member, role: role.to_string() });
    Ok(MemberRecord { role, ..before })
}

/// Removes a member, with their sessions and whatever else hangs on their row. Leaving oneself is allowed.
///
/// # Errors
/// [`MemberError`] says which rule was broken.
pub fn remove(tx: &mut Tx<PartnerScope>, acting: MemberId, member: MemberId) -> Result<(), MemberError> {
    let before = changeable(tx, acting, member, Role::Viewer)?;
    store::delete(tx, member)?;
    let partner = tx.partner();
    audit(tx, "member_removed", member, json!({ "role": before.role.as_str() }));
    tx.emit(&MemberRemoved { partner, member });
    Ok(())
}

/// The member, if `acting` may bring them down or up to `role`. One change of a partner's people waits for another, and
/// roles are read after that wait: two owners cannot unmake each other at once.
fn changeable(
    tx: &mut Tx<PartnerScope>,
    acting: MemberId,
    member: MemberId,
    role: Role,
) -> Result<MemberRecord, MemberError> {
    partner::lock(tx)?;
    let acting = find(tx, acting)?.ok_or(MemberError::NotManager)?;
    let before = find(tx, member)?.ok_or(MemberError::NotFound)?;
    may_manage(acting.role, before.role.max(role))?;
    let loses_owner = before.role == Role::Owner && role < Role::Owner;
    if loses_owner && !store::has_other_owner(tx, member)? {
        return Err(MemberError::LastOwner);
    }
    Ok(before)
}

fn audit(tx: &mut Tx<PartnerScope>, action: &'static str, member: MemberId, details: serde_json::Value) {
    tx.audit(Audit { action, resource_type: "member", resource_id: member.to_string(), details });
}

const EMAIL_TAKEN: Code = Code::new("members.email_taken");
const OWN_ROLE: Code = Code::new("members.own_role");
const LAST_OWNER: Code = Code::new("members.last_owner");
pub(crate) const FORBIDDEN: Code = Code::new("members.forbidden");

impl From<MemberError> for Problem {
    fn from(error: MemberError) -> Self {
        let (status, code) = match error {
            MemberError::EmailTaken => (StatusCode::CONFLICT, EMAIL_TAKEN),
            MemberError::OwnRole => (StatusCode::CONFLICT, OWN_ROLE),
            MemberError::LastOwner => (StatusCode::CONFLICT, LAST_OWNER),
            MemberError::OwnersOnly | MemberError::NotManager => (StatusCode::FORBIDDEN, FORBIDDEN),
            MemberError::NotFound => return Self::not_found("member"),
            MemberError::Db(error) => return error.into(),
        };
        Self::new(status, code, sentence(&error.to_string()))
    }
}
