//! All SQL of logos.

use slipway_framework::db::{DbError, Read, Tx};
use slipway_framework::object::{Hash, Named, Place};
use slipway_framework::scope::{PartnerScope, Scope, SystemScope};
use slipway_framework::{params, statements};
use slipway_kernel::PartnerId;

statements! {
    INSERT = "INSERT INTO logos (partner, logo, format, side_px, created_at) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (partner, logo) DO NOTHING";
    LIST_NAMED = "SELECT partner, logo FROM logos WHERE (partner, logo) > ($1, $2) ORDER BY partner, logo LIMIT $3";
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

/// The files that logos name, of every partner.
pub(crate) fn list_named(read: &Read<SystemScope>, after: &Place, limit: i64) -> Result<Named, DbError> {
    let rows = read.all(&LIST_NAMED, params![after.root, after.row.as_slice(), limit], |row| {
        let hash = row.get::<[u8; 32]>(1)?;
        Ok((Place { root: row.get(0)?, row: hash.to_vec() }, vec![Hash::from_bytes(hash)]))
    })?;
    Ok(Named::page(rows, limit))
}
