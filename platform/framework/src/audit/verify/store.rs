//! All SQL of verifying: it only reads, and page by page.

use crate::audit::EntryMarker;
use crate::audit::seal::store::{checkpoint, columns};
use crate::audit::seal::{Checkpoint, Columns, Link, Signed};
use crate::db::{DbError, Read};
use crate::scope::{RootId, SystemScope};
use crate::{params, statements};
use slipway_kernel::Id;

statements! {
    NEXT_ROOT = "SELECT root FROM (SELECT root FROM audit_entries WHERE root >= $1 ORDER BY root LIMIT 1) AS entries
        UNION SELECT root FROM (SELECT root FROM audit_checkpoints WHERE root >= $1 ORDER BY root LIMIT 1) AS checkpoints
        ORDER BY root LIMIT 1";
    LIST_SEALED = "SELECT sequence, hash, root, entry, actor, action, resource_type, resource_id, details, request, created_at
        FROM audit_entries WHERE root = $1 AND sequence IS NOT NULL AND (sequence, entry) > ($2, $3)
        ORDER BY sequence, entry LIMIT $4";
    FIND_CHECKPOINT = "SELECT root, sequence, hash, sealed_at, signer, signature FROM audit_checkpoints WHERE root = $1";
    // A length that no chain ever has was written by nobody's sealer, and must not make the sum overflow.
    COUNT_CHAINS = "SELECT count(root), CAST(COALESCE(sum(CASE WHEN sequence BETWEEN 0 AND 1099511627776 THEN sequence ELSE 0 END), 0) AS bigint)
        FROM audit_checkpoints";
    COUNT_UNSEALED = "SELECT count(entry) FROM audit_entries WHERE sequence IS NULL";
    COUNT_UNSEALED_OF = "SELECT count(entry) FROM audit_entries WHERE sequence IS NULL AND root = $1";
}

/// A sealed entry as it stands.
#[derive(Debug)]
pub(super) struct Sealed {
    pub(super) sequence: i64,
    pub(super) entry: Id<EntryMarker>,
    /// Absent when there is no hash of 32 bytes.
    pub(super) hash: Option<Link>,
    /// Absent when a column does not hold what it should.
    pub(super) columns: Option<Columns>,
}

/// A checkpoint as it stands.
#[derive(Debug)]
pub(super) enum Found {
    Nothing,
    Unreadable,
    Signed(Signed<Checkpoint>),
}

impl Found {
    /// The place that somebody signed as the last one.
    pub(super) fn end(&self) -> Option<i64> {
        match self {
            Self::Signed(signed) if signed.is_whole() => Some(signed.says.sequence),
            _ => None,
        }
    }
}

/// The first root from `from` on that has entries or a checkpoint.
pub(super) fn next_root(read: &Read<SystemScope>, from: RootId) -> Result<Option<RootId>, DbError> {
    read.one(&NEXT_ROOT, params![from], |row| row.get(0))
}

/// The sealed entries of a root after that place.
pub(super) fn list_sealed(
    read: &Read<SystemScope>,
    root: RootId,
    (sequence, entry): (i64, Id<EntryMarker>),
    at_most: i64,
) -> Result<Vec<Sealed>, DbError> {
    read.all(&LIST_SEALED, params![root, sequence, entry, at_most], |row| {
        let hash = row.get::<Link>(1).ok();
        Ok(Sealed { sequence: row.get(0)?, entry: row.get(3)?, hash, columns: columns(row, 2) })
    })
}

pub(super) fn find_checkpoint(read: &Read<SystemScope>, root: RootId) -> Result<Found, DbError> {
    let found = read.one(&FIND_CHECKPOINT, params![root], |row| {
        Ok(checkpoint(row, 0).map_or(Found::Unreadable, Found::Signed))
    });
    Ok(found?.unwrap_or(Found::Nothing))
}

/// How many chains have a checkpoint, and how many entries those name together.
pub(super) fn count_chains(read: &Read<SystemScope>) -> Result<(i64, i64), DbError> {
    let counts = read.one(&COUNT_CHAINS, params![], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(counts.unwrap_or((0, 0)))
}

/// How many entries wait for their seal.
pub(super) fn count_unsealed(read: &Read<SystemScope>, root: Option<RootId>) -> Result<i64, DbError> {
    let count = match root {
        None => read.one(&COUNT_UNSEALED, params![], |row| row.get(0))?,
        Some(root) => read.one(&COUNT_UNSEALED_OF, params![root], |row| row.get(0))?,
    };
    Ok(count.unwrap_or(0))
}
