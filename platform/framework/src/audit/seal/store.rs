//! All SQL of sealing: a batch is read in one statement and written in three.

use super::{Census, Checkpoint, Columns, Link, Signed};
use crate::audit::EntryMarker;
use crate::db::{DbError, JsonText, Read, Row, Tx};
use crate::keys::PublicKey;
use crate::scope::{RootId, SystemScope};
use crate::{params, statements};
use slipway_kernel::{Id, Ts};

statements! {
    LIST_UNSEALED = "SELECT e.root, e.entry, e.actor, e.action, e.resource_type, e.resource_id, e.details, e.request, e.created_at,
            c.root, c.sequence, c.hash, c.sealed_at, c.signer, c.signature,
            EXISTS (SELECT 1 FROM audit_entries AS s WHERE s.root = e.root AND s.sequence > COALESCE(c.sequence, 0))
        FROM audit_entries AS e LEFT JOIN audit_checkpoints AS c ON c.root = e.root
        WHERE e.sequence IS NULL AND e.entry > $1 ORDER BY e.entry LIMIT $2";
    FIND_CENSUS = "SELECT turn, chains, entries, sealed_at, signer, signature FROM audit_census WHERE name = 'installation'";
    HAS_CHECKPOINTS = "SELECT 1 FROM audit_checkpoints LIMIT 1";
    LOCK_CENSUS = "SELECT turn FROM audit_census WHERE name = 'installation' /*pg FOR UPDATE*/";
    MOVE_CENSUS = "UPDATE audit_census SET turn = $1, chains = $2, entries = $3, sealed_at = $4, signer = $5, signature = $6
        WHERE name = 'installation'";
    // Many rows travel in one parameter, because the engines share no notation for lists: $1 holds the bytes of all $2 rows one after
    // the other: root, entry, hash, and the sequence number in 19 digits. They are materialised because PostgreSQL lets no function of
    // theirs get in front of a row policy, and so into an index.
    SEAL = "WITH RECURSIVE numbers (number) AS (
            SELECT CAST(0 AS bigint) UNION ALL SELECT number + 1 FROM numbers WHERE number + 1 < CAST($2 AS bigint)),
        links (root, entry, hash, sequence) AS MATERIALIZED (SELECT
            /*pg CAST(encode(*/substr(/*pg CAST(*/$1/*pg  AS bytea)*/, CAST(number * 83 + 1 AS integer), 16)/*pg , 'hex') AS uuid)*/,
            /*pg CAST(encode(*/substr(/*pg CAST(*/$1/*pg  AS bytea)*/, CAST(number * 83 + 17 AS integer), 16)/*pg , 'hex') AS uuid)*/,
            substr(/*pg CAST(*/$1/*pg  AS bytea)*/, CAST(number * 83 + 33 AS integer), 32),
            CAST(/*pg convert_from(*/substr(/*pg CAST(*/$1/*pg  AS bytea)*/, CAST(number * 83 + 65 AS integer), 19)/*pg , 'UTF8')*/ AS bigint)
            FROM numbers)
        UPDATE audit_entries SET sequence = links.sequence, hash = links.hash FROM links
        WHERE audit_entries.root = links.root AND audit_entries.entry = links.entry AND audit_entries.sequence IS NULL";
    // The same for root, hash, signature and sequence number.
    MOVE_CHECKPOINTS = "WITH RECURSIVE numbers (number) AS (
            SELECT CAST(0 AS bigint) UNION ALL SELECT number + 1 FROM numbers WHERE number + 1 < CAST($2 AS bigint))
        INSERT INTO audit_checkpoints (root, hash, signature, sequence, sealed_at, signer) SELECT
            /*pg CAST(encode(*/substr(/*pg CAST(*/$1/*pg  AS bytea)*/, CAST(number * 131 + 1 AS integer), 16)/*pg , 'hex') AS uuid)*/,
            substr(/*pg CAST(*/$1/*pg  AS bytea)*/, CAST(number * 131 + 17 AS integer), 32),
            substr(/*pg CAST(*/$1/*pg  AS bytea)*/, CAST(number * 131 + 49 AS integer), 64),
            CAST(/*pg convert_from(*/substr(/*pg CAST(*/$1/*pg  AS bytea)*/, CAST(number * 131 + 113 AS integer), 19)/*pg , 'UTF8')*/ AS bigint),
            /*pg CAST(*/$3/*pg  AS timestamptz)*/, /*pg CAST(*/$4/*pg  AS bytea)*/
            FROM numbers WHERE true
        ON CONFLICT (root) DO UPDATE SET hash = excluded.hash, signature = excluded.signature, sequence = excluded.sequence,
            sealed_at = excluded.sealed_at, signer = excluded.signer";
}

/// An entry that has no seal yet, and what is known of the chain it will join.
#[derive(Debug)]
pub(super) struct Unsealed {
    pub(super) entry: Id<EntryMarker>,
    /// Absent when a column does not hold what it should.
    pub(super) columns: Option<Columns>,
    pub(super) end: End,
}

/// The end of a chain, as the database tells it.
#[derive(Debug)]
pub(super) enum End {
    /// There is no checkpoint, and nothing sealed either.
    New,
    Signed(Box<Signed<Checkpoint>>),
    /// What is there was not left by a sealer.
    Broken,
}

/// The census, as the database tells it.
#[derive(Debug)]
pub(in crate::audit) enum Counted {
    /// Nothing has been sealed yet.
    Nothing,
    Signed(Signed<Census>),
    /// What is there was not left by a sealer.
    Broken,
}

/// The oldest unsealed entries after `after`.
pub(super) fn list_unsealed(
    read: &Read<SystemScope>,
    after: Id<EntryMarker>,
    at_most: i64,
) -> Result<Vec<Unsealed>, DbError> {
    read.all(&LIST_UNSEALED, params![after, at_most], |row| {
        let has_checkpoint = row.get::<Option<RootId>>(9)?.is_some();
        let end = match (has_checkpoint, row.get(15)?) {
            (false, false) => End::New,
            (true, false) => checkpoint(row, 9).map_or(End::Broken, |signed| End::Signed(Box::new(signed))),
            (_, true) => End::Broken,
        };
        Ok(Unsealed { entry: row.get(1)?, columns: columns(row, 0), end })
    })
}

/// Nine columns of an entry from the one at `at`; `None` when one of them does not hold what it should.
pub(in crate::audit) fn columns(row: &Row<'_>, at: usize) -> Option<Columns> {
    Some(Columns {
        root: row.get(at).ok()?,
        entry: row.get(at + 1).ok()?,
        actor: row.get(at + 2).ok()?,
        action: row.get(at + 3).ok()?,
        resource_type: row.get(at + 4).ok()?,
        resource_id: row.get(at + 5).ok()?,
        details: row.get::<JsonText>(at + 6).ok()?.0,
        request: row.get(at + 7).ok()?,
        created_at: row.get(at + 8).ok()?,
    })
}

/// Six columns of a checkpoint from the one at `at`.
pub(in crate::audit) fn checkpoint(row: &Row<'_>, at: usize) -> Option<Signed<Checkpoint>> {
    let says = Checkpoint {
        root: row.get(at).ok()?,
        sequence: row.get(at + 1).ok()?,
        hash: row.get(at + 2).ok()?,
        sealed_at: row.get(at + 3).ok()?,
    };
    let (signer, signature) = (row.get(at + 4).ok()?, row.get(at + 5).ok()?);
    Some(Signed { says, signer: PublicKey::from_bytes(signer), signature })
}

pub(in crate::audit) fn find_census(read: &Read<SystemScope>) -> Result<Counted, DbError> {
    let found = read.one(&FIND_CENSUS, params![], |row| Ok(counted(row).unwrap_or(Counted::Broken)))?;
    match found {
        Some(Counted::Nothing) if read.exists(&HAS_CHECKPOINTS, params![])? => Ok(Counted::Broken),
        Some(counted) => Ok(counted),
        None => Ok(Counted::Broken),
    }
}

fn counted(row: &Row<'_>) -> Option<Counted> {
    let (turn, chains, entries) = (row.get(0).ok()?, row.get(1).ok()?, row.get(2).ok()?);
    let sealed_at: Option<Ts> = row.get(3).ok()?;
    let signer: Option<[u8; 32]> = row.get(4).ok()?;
    let signature: Option<[u8; 64]> = row.get(5).ok()?;
    match (sealed_at, signer, signature) {
        (None, None, None) if (turn, chains, entries) == (0, 0, 0) => Some(Counted::Nothing),
        (Some(sealed_at), Some(signer), Some(signature)) => {
            let says = Census { turn, chains, entries, sealed_at };
            Some(Counted::Signed(Signed { says, signer: PublicKey::from_bytes(signer), signature }))
        }
        _ => None,
    }
}

/// Waits for whoever is sealing, and tells whose turn it is then.
pub(super) fn lock_census(tx: &mut Tx<SystemScope>) -> Result<Option<i64>, DbError> {
    tx.one(&LOCK_CENSUS, params![], |row| row.get(0))
}

pub(super) fn move_census(tx: &mut Tx<SystemScope>, census: &Signed<Census>) -> Result<(), DbError> {
    let Census { turn, chains, entries, sealed_at } = census.says;
    let changed = tx.execute(
        &MOVE_CENSUS,
        params![turn, chains, entries, sealed_at, *census.signer.as_bytes(), census.signature],
    )?;
    expect(changed, 1, "the census")
}

/// Gives each entry its place and its link.
pub(super) fn seal(
    tx: &mut Tx<SystemScope>,
    links: &[(RootId, Id<EntryMarker>, i64, Link)],
) -> Result<(), DbError> {
    let mut bytes = Vec::new();
    for (root, entry, sequence, hash) in links {
        bytes.extend_from_slice(&root.bits().to_be_bytes());
        bytes.extend_from_slice(&entry.bits().to_be_bytes());
        bytes.extend_from_slice(hash);
        bytes.extend_from_slice(digits(*sequence).as_bytes());
    }
    let changed = tx.execute(&SEAL, params![bytes, count(links)])?;
    expect(changed, links.len(), "the entries of a batch")
}

/// Moves the ends of chains; all were signed by one signer at one instant.
pub(super) fn move_checkpoints(
    tx: &mut Tx<SystemScope>,
    sealed_at: Ts,
    signer: PublicKey,
    checkpoints: &[Signed<Checkpoint>],
) -> Result<(), DbError> {
    let mut bytes = Vec::new();
    for Signed { says, signature, .. } in checkpoints {
        bytes.extend_from_slice(&says.root.bits().to_be_bytes());
        bytes.extend_from_slice(&says.hash);
        bytes.extend_from_slice(signature);
        bytes.extend_from_slice(digits(says.sequence).as_bytes());
    }
    let changed =
        tx.execute(&MOVE_CHECKPOINTS, params![bytes, count(checkpoints), sealed_at, *signer.as_bytes()])?;
    expect(changed, checkpoints.len(), "the checkpoints of a batch")
}

/// A place in a chain is never negative, and never has more digits than this.
fn digits(sequence: i64) -> String {
    format!("{sequence:019}")
}

fn count<T>(rows: &[T]) -> i64 {
    i64::try_from(rows.len()).unwrap_or(i64::MAX)
}

/// The lock keeps every other sealer out, so another number means that somebody else's hand was at the rows.
fn expect(changed: u64, expected: usize, what: &str) -> Result<(), DbError> {
    if usize::try_from(changed).is_ok_and(|changed| changed == expected) {
        return Ok(());
    }
    Err(DbError::Broken(format!("{what}: {changed} of {expected} rows were there while they were sealed")))
}
