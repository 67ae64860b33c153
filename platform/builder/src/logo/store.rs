//! All SQL of logos.

use slipway_framework::db::{DbError, Read, Tx};
use slipway_framework::object::Hash;
use slipway_framework::scope::{PartnerScope, Scope};
use slipway_framework::{params, statements};
use slipway_kernel::PartnerId;

statements! {
    INSERT = "INSERT INTO logos (partner, logo, format, side_px, created_at) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (partner, logo) DO NOTHING";
    EXISTS = "SELECT 1 FROM logos WHERE partner = $1 AND logo = $2";
}

/// Whether it is new.
pub(super) fn insert(
    tx: &mut Tx<PartnerScope>,
    hash: Hash,
    format: &str,
    side_px: u32,
) -> Result<bool, DbError> {
    let (partner, now) = (tx.partner(), tx.now());
    Ok(tx.execute(&INSERT, params![partner, *hash.as_bytes(), format, side_px, now])? == 1)
}

/// Whether this partner, whose rows the scope opens, has the logo.
///
/// # Errors
/// [`DbError`].
pub(crate) fn exists<S: Scope>(read: &Read<S>, partner: PartnerId, hash: Hash) -> Result<bool, DbError> {
    read.exists(&EXISTS, params![partner, *hash.as_bytes()])
}
