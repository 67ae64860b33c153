//! All SQL of the audit trail.

use super::Audit;
use crate::db::{Tx, Value};
use crate::scope::Scope;
use crate::statements;
use slipway_kernel::Identified;

statements! {
    INSERT = "INSERT INTO audit_entries (root, entry, actor, action, resource_type, resource_id, details, request, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
}

/// An entry of the trail.
#[derive(Debug)]
pub(crate) enum EntryMarker {}
impl Identified for EntryMarker {
    const PREFIX: &'static str = "aud";
}

pub(super) fn insert<S: Scope>(tx: &mut Tx<S>, audit: Audit) {
    let cause = tx.scope().cause();
    let params: Vec<Value> = vec![
        tx.scope().reach().root().into(),
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
