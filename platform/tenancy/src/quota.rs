//! Quotas: how much of something a partner may have, and how much of it is there (P-TEN-03).
//!
//! The installation has a default, which the operator overrides for one partner. It refuses to keep counters: what is used is
//! counted where it stands, inside the transaction that adds to it. Tenants write as if alone (ADR 0014), so that the count cannot
//! be overtaken before COMMIT, and unlike a counter it cannot drift. Nothing is limited by default, because an update would then stop
//! partners who have more.

mod http;
mod store;

pub(crate) use http::routes;

use crate::member;
use axum::http::StatusCode;
use serde_json::json;
use slipway_framework::audit::Audit;
use slipway_framework::db::{Db, DbError, Read, Tx};
use slipway_framework::http::{Problem, sentence};
use slipway_framework::scope::{Cause, LaunchScope, PartnerScope, Purpose, Scope, SystemScope};
use slipway_kernel::{Code, Email, PartnerId};
use std::sync::OnceLock;
use thiserror::Error;

/// The name under which an override for the number of apps is kept.
const APPS: &str = "apps";

/// The largest number that can be allowed, and so the most that is ever counted.
pub const MAXIMUM: u32 = 1_000_000;

/// From this share of a quota on, in percent, whoever looks is warned.
const WARNING_PERCENT: u64 = 80;

/// What the installation allows each partner; nothing is limited until it is told.
#[derive(Debug, Default)]
struct Defaults {
    apps: OnceLock<u32>,
}

/// Tells this process how many apps each partner may have. Only the first time counts, because settings are read once.
pub fn limit_apps_by_default(db: &Db, maximum: u32) {
    let _first = db.local::<Defaults>().apps.get_or_init(|| maximum);
}

/// How much of something a partner has, and may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    pub used: u32,
    /// `None` is without limit.
    pub maximum: Option<u32>,
    /// Whether the operator chose this maximum for this partner.
    pub is_override: bool,
}

/// How close a usage is to its quota.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    Free,
    /// At least four fifths are used.
    Near,
    /// One more is refused.
    Reached,
}

impl Usage {
    #[must_use]
    pub fn standing(&self) -> Standing {
        let Some(maximum) = self.maximum else { return Standing::Free };
        let (used, maximum) = (u64::from(self.used), u64::from(maximum));
        if used >= maximum {
            Standing::Reached
        } else if used * 100 >= maximum * WARNING_PERCENT {
            Standing::Near
        } else {
            Standing::Free
        }
    }
}

/// One more would be too many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error(
    "this partner has {used} of {maximum} allowed apps; delete one that is not needed, or ask the operator to allow more"
)]
pub struct QuotaReached {
    pub used: u32,
    pub maximum: u32,
}

/// Why a partner's quota cannot be shown or set.
#[derive(Debug, Error)]
pub enum QuotaError {
    #[error("nobody signs in at the console with the address {0}; check its spelling")]
    UnknownMember(Email),
    #[error(transparent)]
    Db(#[from] DbError),
}

/// The partner's apps and how many it may have.
///
/// # Errors
/// [`DbError`].
pub fn apps(read: &Read<PartnerScope>) -> Result<Usage, DbError> {
    let (maximum, is_override) = maximum_of_apps(read, read.partner())?;
    Ok(Usage { used: store::count_apps(read, read.partner())?, maximum, is_override })
}

/// The quota that one more app would be too many for, if any; the transaction that asks is the one that adds.
pub(crate) fn room_for_app(tx: &Tx<LaunchScope>) -> Result<Option<QuotaReached>, DbError> {
    // Without a limit nothing is counted: launches of one partner would collide over a number that nobody asks for.
    let (Some(maximum), _) = maximum_of_apps(tx, tx.partner())? else { return Ok(None) };
    let used = store::count_apps(tx, tx.partner())?;
    Ok((used >= maximum).then_some(QuotaReached { used, maximum }))
}

/// Allows the partner of this scope so many apps, or with `None` what the installation allows everybody. Apps that are there
/// stay, also when they are more.
///
/// # Errors
/// [`DbError`].
pub fn set_apps(tx: &mut Tx<PartnerScope>, maximum: Option<u32>) -> Result<(), DbError> {
    store::delete(tx, APPS)?;
    if let Some(maximum) = maximum {
        store::insert(tx, APPS, maximum.min(MAXIMUM))?;
    }
    let resource_id = tx.partner().to_string();
    let details = json!({ "quota": APPS, "maximum": maximum });
    tx.audit(Audit { action: "quota_set", resource_type: "partner", resource_id, details });
    Ok(())
}

/// The partner whose member signs in with this address: for the operator, who knows people and no ids.
///
/// # Errors
/// [`QuotaError`].
pub async fn partner_of(db: &Db, cause: Cause, email: &Email) -> Result<PartnerScope, QuotaError> {
    let key = email.key();
    let everybody = SystemScope::new(Purpose::Members, cause);
    let found = db.read_point(&everybody, move |read| member::find_by_email(read, &key)).await?;
    let (partner, _) = found.ok_or_else(|| QuotaError::UnknownMember(email.clone()))?;
    Ok(PartnerScope::new(partner, cause))
}

/// How many apps the partner may have, and whether the operator chose that for it.
fn maximum_of_apps<S: Scope>(read: &Read<S>, partner: PartnerId) -> Result<(Option<u32>, bool), DbError> {
    let chosen = store::find(read, partner, APPS)?;
    Ok((chosen.or_else(|| read.local::<Defaults>().apps.get().copied()), chosen.is_some()))
}

const APPS_REACHED: Code = Code::new("quotas.apps_reached");

impl From<QuotaReached> for Problem {
    fn from(reached: QuotaReached) -> Self {
        Self::new(StatusCode::CONFLICT, APPS_REACHED, sentence(&reached.to_string()))
            .with("quota", json!({ "name": APPS, "used": reached.used, "maximum": reached.maximum }))
    }
}

#[cfg(test)]
mod tests;
