//! Partners: organisations that own apps.
//!
//! A partner is made when somebody signs up, which is identity's business. It refuses to be deleted here: its apps and their
//! users would go with it.

mod http;
mod store;

pub use crate::name::PartnerName;
pub use http::PartnerOut;
pub(crate) use http::routes;
pub use store::find;
pub(crate) use store::lock;

use serde_json::json;
use slipway_framework::audit::Audit;
use slipway_framework::db::{DbError, Tx};
use slipway_framework::scope::PartnerScope;
use slipway_kernel::{PartnerId, Ts};

/// A partner as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartnerRecord {
    pub partner: PartnerId,
    pub name: String,
    pub created_at: Ts,
}

/// Makes the partner of this scope.
///
/// # Errors
/// [`DbError`], also when the partner is already there.
pub fn create(tx: &mut Tx<PartnerScope>, name: &PartnerName) -> Result<(), DbError> {
    store::insert(tx, name)?;
    audit(tx, "partner_created");
    Ok(())
}

/// Gives the partner of this scope another name.
///
/// # Errors
/// [`DbError`].
pub fn rename(tx: &mut Tx<PartnerScope>, name: &PartnerName) -> Result<(), DbError> {
    store::rename(tx, name)?;
    audit(tx, "partner_renamed");
    Ok(())
}

fn audit(tx: &mut Tx<PartnerScope>, action: &'static str) {
    let resource_id = tx.partner().to_string();
    tx.audit(Audit { action, resource_type: "partner", resource_id, details: json!({}) });
}
