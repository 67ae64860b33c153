//! Erasure: every row of one app goes, table by table, children before parents, a small slice after the other.
//!
//! Each slice commits by itself, so an app of any size can be erased, and after a crash it is simply begun again: what is gone is
//! gone. It refuses to say whether an app may be erased, which is for whoever owns apps, and to touch the tables that serve both
//! roots: their rows have their own time (housekeeping), and the audit trail outlives the app.

use crate::db::{DbError, Tx};
use crate::platform::Platform;
use crate::scope::AppScope;

/// Rows deleted in one transaction: a few milliseconds on either engine, also where a row takes others along.
const SLICE_ROWS: i64 = 500;

/// How a table that hangs on an app is emptied of it.
#[derive(Debug, Clone, Copy)]
pub struct Erasure {
    pub table: &'static str,
    /// Deletes at most so many of the app's rows and returns how many.
    pub slice: fn(&mut Tx<AppScope>, at_most: i64) -> Result<u64, DbError>,
}

/// Deletes every row of the app and returns how many there were.
///
/// # Errors
/// [`DbError`]; what was deleted until then stays deleted, and the next try goes on from there.
pub async fn erase(platform: &Platform, scope: &AppScope) -> Result<u64, DbError> {
    let mut erased = 0;
    for Erasure { slice, .. } in platform.erasures().iter().copied() {
        loop {
            let count: u64 = platform.db().write_bulk(scope, move |tx| slice(tx, SLICE_ROWS)).await?;
            erased += count;
            if i64::try_from(count).is_ok_and(|count| count < SLICE_ROWS) {
                break;
            }
        }
    }
    tracing::info!(app = %scope.app(), rows = erased, "an app is erased");
    Ok(erased)
}
