//! All SQL of partners.

use super::{PartnerName, PartnerRecord};
use slipway_framework::db::{DbError, Read, Tx};
use slipway_framework::scope::PartnerScope;
use slipway_framework::{params, statements};

statements! {
    INSERT = "INSERT INTO partners (partner, name, created_at) VALUES ($1, $2, $3)";
    RENAME = "UPDATE partners SET name = $2 WHERE partner = $1";
    FIND = "SELECT name, created_at FROM partners WHERE partner = $1";
    LOCK = "SELECT partner FROM partners WHERE partner = $1 /*pg FOR NO KEY UPDATE*/";
}

pub(super) fn insert(tx: &mut Tx<PartnerScope>, name: &PartnerName) -> Result<(), DbError> {
    let (partner, now) = (tx.partner(), tx.now());
    tx.execute(&INSERT, params![partner, name.as_str(), now])?;
    Ok(())
}

pub(super) fn rename(tx: &mut Tx<PartnerScope>, name: &PartnerName) -> Result<(), DbError> {
    let partner = tx.partner();
    tx.execute(&RENAME, params![partner, name.as_str()])?;
    Ok(())
}

/// The partner of this scope.
///
/// # Errors
/// [`DbError`].
pub fn find(read: &Read<PartnerScope>) -> Result<Option<PartnerRecord>, DbError> {
    let partner = read.partner();
    read.one(&FIND, params![partner], |row| {
        Ok(PartnerRecord { partner, name: row.get(0)?, created_at: row.get(1)? })
    })
}

/// Waits until nobody else who locks this partner is at work.
pub(crate) fn lock(tx: &mut Tx<PartnerScope>) -> Result<(), DbError> {
    let partner = tx.partner();
    tx.exists(&LOCK, params![partner])?;
    Ok(())
}
