//! All SQL of quotas: the operator's overrides, and counting what is there.

use super::MAXIMUM;
use slipway_framework::db::{DbError, Read, Tx};
use slipway_framework::scope::{PartnerScope, Scope};
use slipway_framework::{params, statements};
use slipway_kernel::PartnerId;

statements! {
    FIND = "SELECT maximum FROM partner_quotas WHERE partner = $1 AND quota = $2";
    INSERT = "INSERT INTO partner_quotas (partner, quota, maximum) VALUES ($1, $2, $3)";
    DELETE = "DELETE FROM partner_quotas WHERE partner = $1 AND quota = $2";
    COUNT_APPS = "SELECT count(*) FROM partner_apps WHERE partner = $1 -- counted: apps are launched by hand, and a quota needs the number";
}

pub(super) fn find<S: Scope>(
    read: &Read<S>,
    partner: PartnerId,
    quota: &'static str,
) -> Result<Option<u32>, DbError> {
    let maximum = read.one(&FIND, params![partner, quota], |row| row.get::<i64>(0))?;
    Ok(maximum.map(bounded))
}

pub(super) fn insert(tx: &mut Tx<PartnerScope>, quota: &'static str, maximum: u32) -> Result<(), DbError> {
    let partner = tx.partner();
    tx.execute(&INSERT, params![partner, quota, i64::from(maximum)])?;
    Ok(())
}

pub(super) fn delete(tx: &mut Tx<PartnerScope>, quota: &'static str) -> Result<(), DbError> {
    let partner = tx.partner();
    tx.execute(&DELETE, params![partner, quota])?;
    Ok(())
}

/// The apps on the partner's list: one that was deleted counts no longer, although its rows may still be going.
pub(super) fn count_apps<S: Scope>(read: &Read<S>, partner: PartnerId) -> Result<u32, DbError> {
    let count = read.one(&COUNT_APPS, params![partner], |row| row.get::<i64>(0))?;
    Ok(count.map_or(0, bounded))
}

fn bounded(count: i64) -> u32 {
    u32::try_from(count).unwrap_or(MAXIMUM)
}
