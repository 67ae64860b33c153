//! All SQL of the audit trail.

use super::{Audit, Entry, EntryMarker};
use crate::db::{DbError, Read, Row, Tx, Value};
use crate::scope::{RootId, Scope};
use crate::{params, statements};
use slipway_kernel::{Id, Limit, Page, RequestId};

statements! {
    INSERT = "INSERT INTO audit_entries (root, entry, actor, action, resource_type, resource_id, details, request, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    LIST = "SELECT entry, created_at, actor, action, resource_type, resource_id, details, request FROM audit_entries
        WHERE root = $1 AND entry < $2 ORDER BY entry DESC LIMIT $3";
    LIST_OF_REQUEST = "SELECT entry, created_at, actor, action, resource_type, resource_id, details, request FROM audit_entries
        WHERE root = $1 AND entry < $2 AND request = $4 ORDER BY entry DESC LIMIT $3";
}

pub(super) fn insert<S: Scope>(tx: &mut Tx<S>, root: RootId, audit: Audit) {
    let cause = tx.scope().cause();
    let params: Vec<Value> = vec![
        root.into(),
        tx.mint::<EntryMarker>().into(),
        cause.actor.to_string().into(),
        audit.action.into(),
        audit.resource_type.into(),
        audit.resource_id.into(),
        audit.details.into(),
        cause.request.into(),
        tx.now().into(),
    ];
    tx.ride_along(&INSERT, params);
}

/// The trail of this scope's root, or what one request left in it: newest first, from before the entry `after`.
///
/// # Errors
/// [`DbError`].
pub fn list<S: Scope>(
    read: &Read<S>,
    request: Option<RequestId>,
    after: Option<Id<EntryMarker>>,
    limit: Limit,
) -> Result<Page<Entry>, DbError> {
    let (root, before) = (read.scope().reach().root(), after.unwrap_or(Id::from_bits(u128::MAX)));
    let rows = match request {
        None => read.all(&LIST, params![root, before, limit.rows_and_one()], entry),
        Some(request) => {
            read.all(&LIST_OF_REQUEST, params![root, before, limit.rows_and_one(), request], entry)
        }
    };
    Ok(Page::of(rows?, limit, |last| last.entry.to_string()))
}

fn entry(row: &Row<'_>) -> Result<Entry, DbError> {
    Ok(Entry {
        entry: row.get(0)?,
        at: row.get(1)?,
        actor: row.get(2)?,
        action: row.get(3)?,
        resource_type: row.get(4)?,
        resource_id: row.get(5)?,
        details: row.get(6)?,
        request: row.get(7)?,
    })
}
