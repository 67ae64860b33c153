//! All SQL of records.

use super::{NewRecord, Reason, RecordId};
use slipway_framework::db::{DbError, Read, Row, Tx};
use slipway_framework::object::{Hash, Named, Place};
use slipway_framework::scope::{AppScope, SystemScope};
use slipway_framework::{params, statements};
use slipway_kernel::{Limit, Page, Ts};

statements! {
    INSERT = "INSERT INTO records (app, record, account, title, amount, content, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    FIND = "SELECT record, title, amount, content, created_at FROM records WHERE app = $1 AND record = $2";
    LIST = "SELECT record, title, amount, content, created_at FROM records WHERE app = $1 AND record < $2
        ORDER BY record DESC LIMIT $3";
    AMOUNT = "SELECT amount FROM records WHERE app = $1 AND record = $2";
    CHANGE = "UPDATE records SET amount = amount + $3 WHERE app = $1 AND record = $2";
    TAKE_EFFECT = "INSERT INTO record_effects (app, record, cause, times) VALUES ($1, $2, $3, 1)
        ON CONFLICT (app, record, cause) DO UPDATE SET times = record_effects.times + 1";
    TAKE_EFFECT_ONCE = "INSERT INTO record_effects (app, record, cause, times) VALUES ($1, $2, $3, 1)
        ON CONFLICT (app, record, cause) DO NOTHING";
    LIST_NAMED = "SELECT app, record, content FROM records WHERE (app, record) > ($1, $2) ORDER BY app, record LIMIT $3";
    ERASE = "DELETE FROM records WHERE (app, record) IN (SELECT app, record FROM records WHERE app = $1 LIMIT $2)";
    ERASE_EFFECTS = "DELETE FROM record_effects WHERE (app, record, cause) IN
        (SELECT app, record, cause FROM record_effects WHERE app = $1 LIMIT $2)";
}

/// A record as it was kept.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Kept {
    pub(super) record: RecordId,
    pub(super) title: String,
    pub(super) amount: i64,
    pub(super) content: Option<Hash>,
    pub(super) created_at: Ts,
}

pub(super) fn insert(tx: &mut Tx<AppScope>, record: RecordId, new: &NewRecord) -> Result<(), DbError> {
    let (app, now) = (tx.app(), tx.now());
    let content = new.content.map(|hash| *hash.as_bytes());
    tx.execute(&INSERT, params![app, record, new.account, new.title.as_str(), new.amount, content, now])?;
    Ok(())
}

pub(super) fn find(read: &Read<AppScope>, record: RecordId) -> Result<Option<Kept>, DbError> {
    read.one(&FIND, params![read.app(), record], kept)
}

/// The app's records, newest first.
pub(super) fn list(
    read: &Read<AppScope>,
    after: Option<RecordId>,
    limit: Limit,
) -> Result<Page<Kept>, DbError> {
    let after = after.unwrap_or(RecordId::from_bits(u128::MAX));
    let rows = read.all(&LIST, params![read.app(), after, limit.rows_and_one()], kept)?;
    Ok(Page::of(rows, limit, |last| last.record.to_string()))
}

pub(super) fn amount(read: &Read<AppScope>, record: RecordId) -> Result<Option<i64>, DbError> {
    read.one(&AMOUNT, params![read.app(), record], |row| row.get(0))
}

/// Whether there is such a record.
pub(super) fn change(tx: &mut Tx<AppScope>, record: RecordId, by: i64) -> Result<bool, DbError> {
    let app = tx.app();
    Ok(tx.execute(&CHANGE, params![app, record, by])? == 1)
}

/// Counts an effect. A reaction is handed each event once, so it counts what it is handed; a job may run again, so its effect is
/// one that happens once.
pub(super) fn take_effect(tx: &mut Tx<AppScope>, record: RecordId, reason: Reason) -> Result<(), DbError> {
    let app = tx.app();
    let (statement, reason) = match reason {
        Reason::Event => (&TAKE_EFFECT, "event"),
        Reason::Job => (&TAKE_EFFECT_ONCE, "job"),
    };
    tx.execute(statement, params![app, record, reason])?;
    Ok(())
}

/// The files that records name, of every app.
pub(super) fn list_named(read: &Read<SystemScope>, after: &Place, limit: i64) -> Result<Named, DbError> {
    let rows =
        read.all(&LIST_NAMED, params![after.root, after.id::<super::RecordMarker>(), limit], |row| {
            let content = row.get::<Option<[u8; 32]>>(2)?.map(Hash::from_bytes);
            let place = Place::after(row.get::<slipway_kernel::AppId>(0)?, row.get::<RecordId>(1)?);
            Ok((place, content.into_iter().collect()))
        })?;
    Ok(Named::page(rows, limit))
}

pub(super) fn erase(tx: &mut Tx<AppScope>, at_most: i64) -> Result<u64, DbError> {
    let app = tx.app();
    tx.execute(&ERASE, params![app, at_most])
}

pub(super) fn erase_effects(tx: &mut Tx<AppScope>, at_most: i64) -> Result<u64, DbError> {
    let app = tx.app();
    tx.execute(&ERASE_EFFECTS, params![app, at_most])
}

fn kept(row: &Row<'_>) -> Result<Kept, DbError> {
    Ok(Kept {
        record: row.get(0)?,
        title: row.get(1)?,
        amount: row.get(2)?,
        content: row.get::<Option<[u8; 32]>>(3)?.map(Hash::from_bytes),
        created_at: row.get(4)?,
    })
}
