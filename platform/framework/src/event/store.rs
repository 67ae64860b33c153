//! All SQL of the outbox.

use super::Delivered;
use crate::db::{DbError, Read, Row, Tx, Value};
use crate::scope::{AppScope, Scope, SystemScope};
use crate::{params, statements};
use slipway_kernel::{AppId, EventId};

statements! {
    INSERT = "INSERT INTO outbox_events (root, event, of_app, kind, payload, actor, request, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    LOCK_SEQUENCER = "SELECT position FROM outbox_cursors WHERE consumer = 'sequencer' /*pg FOR UPDATE*/";
    STAMP = "UPDATE outbox_events SET position = $1 + numbered.number
        FROM (SELECT root, event, row_number() OVER (ORDER BY event) AS number
              FROM (SELECT root, event FROM outbox_events WHERE position IS NULL ORDER BY event LIMIT $2) AS oldest) AS numbered
        WHERE outbox_events.root = numbered.root AND outbox_events.event = numbered.event";
    FIND_CURSOR = "SELECT position FROM outbox_cursors WHERE consumer = $1";
    MOVE_CURSOR = "INSERT INTO outbox_cursors (consumer, position) VALUES ($1, $2)
        ON CONFLICT (consumer) DO UPDATE SET position = CASE
            WHEN excluded.position > outbox_cursors.position THEN excluded.position ELSE outbox_cursors.position END";
    LIST_AFTER = "SELECT event, root, of_app, kind, payload, request, created_at, position FROM outbox_events
        WHERE position > $1 ORDER BY position LIMIT $2";
    CONSUME = "INSERT INTO consumed_events (root, consumer, event, consumed_at) VALUES ($1, $2, $3, $4)
        ON CONFLICT (root, consumer, event) DO NOTHING";
}

pub(crate) const SEQUENCER: &str = "sequencer";

pub(super) fn insert<S: Scope>(
    tx: &mut Tx<S>,
    event: EventId,
    kind: &'static str,
    payload: serde_json::Value,
) {
    let (reach, cause) = (tx.scope().reach(), tx.scope().cause());
    let params: Vec<Value> = vec![
        reach.root().into(),
        event.into(),
        reach.app.is_some().into(),
        kind.into(),
        payload.into(),
        cause.actor.to_string().into(),
        cause.request.into(),
        tx.now().into(),
    ];
    tx.ride_along(&INSERT, params);
}

/// Gives the oldest unstamped events the next positions. The cursor's row lock keeps every other sequencer out.
pub(super) fn stamp(tx: &mut Tx<SystemScope>, at_most: i64) -> Result<u64, DbError> {
    let last = tx.one(&LOCK_SEQUENCER, params![], |row| row.get::<i64>(0))?;
    let last = last.ok_or_else(|| DbError::Broken("the outbox has lost its sequencer row".to_owned()))?;
    let stamped = tx.execute(&STAMP, params![last, at_most])?;
    if stamped > 0 {
        move_cursor(tx, SEQUENCER, last + i64::try_from(stamped).unwrap_or(0))?;
    }
    Ok(stamped)
}

pub(super) fn cursor(read: &Read<SystemScope>, consumer: &str) -> Result<i64, DbError> {
    Ok(read.one(&FIND_CURSOR, params![consumer], |row| row.get(0))?.unwrap_or(0))
}

pub(super) fn move_cursor(tx: &mut Tx<SystemScope>, consumer: &str, position: i64) -> Result<(), DbError> {
    tx.execute(&MOVE_CURSOR, params![consumer, position])?;
    Ok(())
}

pub(super) fn list_after(
    read: &Read<SystemScope>,
    position: i64,
    at_most: i64,
) -> Result<Vec<Delivered>, DbError> {
    read.all(&LIST_AFTER, params![position, at_most], delivered)
}

/// Marks the event as acted on; `false` when it was already.
pub(super) fn consume(tx: &mut Tx<AppScope>, consumer: &str, event: EventId) -> Result<bool, DbError> {
    let (app, now) = (tx.app(), tx.now());
    Ok(tx.execute(&CONSUME, params![app, consumer, event, now])? == 1)
}

fn delivered(row: &Row<'_>) -> Result<Delivered, DbError> {
    let root = row.get(1)?;
    let of_app: bool = row.get(2)?;
    Ok(Delivered {
        event: row.get(0)?,
        root,
        app: of_app.then(|| AppId::from_bits(root.bits())),
        kind: row.get(3)?,
        payload: row.get(4)?,
        request: row.get(5)?,
        created_at: row.get(6)?,
        position: row.get(7)?,
    })
}
