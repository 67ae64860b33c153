//! All SQL of the outbox.

use super::pump::MAX_HOLD;
use super::{DeadEvent, Delivered, Lag, Root};
use crate::db::{DbError, Read, Row, Tx, Value};
use crate::scope::{RootId, Scope, SystemScope};
use crate::{params, statements};
use slipway_kernel::{EventId, Ts};

statements! {
    INSERT = "INSERT INTO outbox_events (root, event, of_app, kind, payload, actor, request, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    LOCK_SEQUENCER = "SELECT position FROM outbox_cursors WHERE consumer = 'sequencer' /*pg FOR UPDATE*/";
    STAMP = "UPDATE outbox_events SET position = $1 + numbered.number
        FROM (SELECT root, event, row_number() OVER (ORDER BY event) AS number
              FROM (SELECT root, event FROM outbox_events WHERE position IS NULL ORDER BY event LIMIT $2) AS oldest) AS numbered
        WHERE outbox_events.root = numbered.root AND outbox_events.event = numbered.event";
    FIND_CURSOR = "SELECT position FROM outbox_cursors WHERE consumer = $1";
    // Whoever moves it says where it stood, so that a batch under way cannot undo that somebody set it back.
    MOVE_CURSOR = "INSERT INTO outbox_cursors (consumer, position) VALUES ($1, $3)
        ON CONFLICT (consumer) DO UPDATE SET position = excluded.position WHERE outbox_cursors.position = $2";
    REWIND = "UPDATE outbox_cursors SET position = $2 WHERE consumer = $1 AND position > $2";
    LIST_AFTER = "SELECT event, root, of_app, kind, payload, request, created_at, position FROM outbox_events
        WHERE position > $1 ORDER BY position LIMIT $2";
    CONSUME = "INSERT INTO consumed_events (root, consumer, event, consumed_at) VALUES ($1, $2, $3, $4)
        ON CONFLICT (root, consumer, event) DO NOTHING";
    FIND_HELD = "SELECT event, attempts, resting_until FROM held_lines WHERE consumer = $1";
    HOLD = "INSERT INTO held_lines (consumer, event, attempts, failure, resting_until) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (consumer) DO UPDATE SET event = excluded.event, attempts = excluded.attempts, failure = excluded.failure,
            resting_until = excluded.resting_until";
    LET_GO = "DELETE FROM held_lines WHERE consumer = $1";
    BURY = "INSERT INTO dead_events (root, consumer, event, of_app, kind, payload, request, created_at, position, attempts,
        failure, died_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
        ON CONFLICT (root, consumer, event) DO NOTHING";
    FIND_DEAD = "SELECT event, root, of_app, kind, payload, request, created_at, position FROM dead_events
        WHERE root = $1 AND consumer = $2 AND event = $3";
    FORGET_DEAD = "DELETE FROM dead_events WHERE root = $1 AND consumer = $2 AND event = $3";
    LIST_DEAD = "SELECT root, consumer, event, kind, attempts, failure, died_at FROM dead_events ORDER BY died_at DESC LIMIT $1";
    OLDEST_AFTER = "SELECT created_at FROM outbox_events WHERE position > $1 ORDER BY position LIMIT 1";
    OLDEST_UNSTAMPED = "SELECT created_at FROM outbox_events WHERE position IS NULL ORDER BY event LIMIT 1";
    COUNT_UNSTAMPED = "SELECT count(*) -- counted: at most as many rows as its limit says
        FROM (SELECT 1 FROM outbox_events WHERE position IS NULL LIMIT $1) AS unstamped";
    // Those of deleted events go with time, and mean nothing any more.
    FORGET_MARKS = "DELETE FROM consumed_events WHERE (root, consumer, event) IN (
        SELECT c.root, c.consumer, c.event FROM consumed_events c
        JOIN outbox_events e ON e.root = c.root AND e.event = c.event
        WHERE c.consumer = $1 AND e.position > $2 LIMIT $3)";
}

pub(crate) const SEQUENCER: &str = "sequencer";

/// Unstamped events are counted up to here: beyond it the number says nothing more.
const COUNTED_UNSTAMPED: i64 = 10_000;

pub(super) fn insert<S: Scope>(
    tx: &mut Tx<S>,
    (root, of_app): (RootId, bool),
    event: EventId,
    kind: &'static str,
    payload: serde_json::Value,
) {
    let cause = tx.scope().cause();
    let params: Vec<Value> = vec![
        root.into(),
        event.into(),
        of_app.into(),
        kind.into(),
        payload.into(),
        cause.actor.to_string().into(),
        cause.request.into(),
        tx.now().into(),
    ];
    tx.ride_along(&INSERT, params);
}

/// An event that a consumer has not been able to act on, and is to try again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Held {
    pub(super) event: EventId,
    pub(super) attempts: u32,
    resting_until: Ts,
}

impl Held {
    /// A rest longer than any that is given means that the clock was set back; then nobody waits for it to catch up.
    pub(super) fn is_resting(&self, now: Ts) -> bool {
        now < self.resting_until && self.resting_until.since(now) <= MAX_HOLD
    }
}

/// Gives the oldest unstamped events the next positions. The cursor's row lock keeps every other sequencer out.
pub(super) fn stamp(tx: &mut Tx<SystemScope>, at_most: i64) -> Result<u64, DbError> {
    let last = tx.one(&LOCK_SEQUENCER, params![], |row| row.get::<i64>(0))?;
    let last = last.ok_or_else(|| DbError::Broken("the outbox has lost its sequencer row".to_owned()))?;
    let stamped = tx.execute(&STAMP, params![last, at_most])?;
    if stamped > 0 {
        move_cursor(tx, SEQUENCER, last, last + i64::try_from(stamped).unwrap_or(0))?;
    }
    Ok(stamped)
}

pub(super) fn cursor(read: &Read<SystemScope>, consumer: &str) -> Result<i64, DbError> {
    Ok(read.one(&FIND_CURSOR, params![consumer], |row| row.get(0))?.unwrap_or(0))
}

/// Moves the cursor on, unless it no longer stands where the caller found it.
pub(super) fn move_cursor(
    tx: &mut Tx<SystemScope>,
    consumer: &str,
    from: i64,
    to: i64,
) -> Result<(), DbError> {
    tx.execute(&MOVE_CURSOR, params![consumer, from, to])?;
    Ok(())
}

/// Sets the cursor back; `false` when it stands there or before already.
pub(super) fn rewind(tx: &mut Tx<SystemScope>, consumer: &str, to: i64) -> Result<bool, DbError> {
    Ok(tx.execute(&REWIND, params![consumer, to])? == 1)
}

/// Forgets which events after that position the consumer has acted on, a slice at a time; returns how many it forgot.
pub(super) fn forget_marks(
    tx: &mut Tx<SystemScope>,
    consumer: &str,
    position: i64,
    at_most: i64,
) -> Result<u64, DbError> {
    tx.execute(&FORGET_MARKS, params![consumer, position, at_most])
}

pub(super) fn list_after(
    read: &Read<SystemScope>,
    position: i64,
    at_most: i64,
) -> Result<Vec<Delivered>, DbError> {
    read.all(&LIST_AFTER, params![position, at_most], delivered)
}

/// Marks the event as acted on; `false` when it was already.
pub(super) fn consume<R: Root>(tx: &mut Tx<R>, consumer: &str, event: EventId) -> Result<bool, DbError> {
    let (root, now) = (tx.scope().reach().root(), tx.now());
    Ok(tx.execute(&CONSUME, params![root, consumer, event, now])? == 1)
}

/// What holds this consumer's line up.
pub(super) fn held(read: &Read<SystemScope>, consumer: &str) -> Result<Option<Held>, DbError> {
    read.one(&FIND_HELD, params![consumer], |row| {
        Ok(Held { event: row.get(0)?, attempts: row.get(1)?, resting_until: row.get(2)? })
    })
}

pub(super) fn hold(
    tx: &mut Tx<SystemScope>,
    consumer: &str,
    event: EventId,
    attempts: u32,
    failure: &str,
    until: Ts,
) -> Result<(), DbError> {
    tx.execute(&HOLD, params![consumer, event, attempts, failure, until])?;
    Ok(())
}

pub(super) fn let_go(tx: &mut Tx<SystemScope>, consumer: &str) -> Result<(), DbError> {
    tx.execute(&LET_GO, params![consumer])?;
    Ok(())
}

/// Keeps who was not able to act on what, why and since when.
pub(super) fn bury(
    tx: &mut Tx<SystemScope>,
    consumer: &str,
    dead: &Delivered,
    attempts: u32,
    failure: &str,
) -> Result<(), DbError> {
    let now = tx.now();
    tx.execute(
        &BURY,
        params![
            dead.root,
            consumer,
            dead.event,
            dead.of_app,
            &dead.kind,
            dead.payload.clone(),
            dead.request,
            dead.created_at,
            dead.position,
            attempts,
            failure,
            now
        ],
    )?;
    Ok(())
}

pub(super) fn find_dead(
    read: &Read<SystemScope>,
    consumer: &str,
    root: RootId,
    event: EventId,
) -> Result<Option<Delivered>, DbError> {
    read.one(&FIND_DEAD, params![root, consumer, event], delivered)
}

pub(super) fn forget_dead(
    tx: &mut Tx<SystemScope>,
    consumer: &str,
    root: RootId,
    event: EventId,
) -> Result<(), DbError> {
    tx.execute(&FORGET_DEAD, params![root, consumer, event])?;
    Ok(())
}

/// How far everybody has come: first the sequencer, then the consumers in the order they were named.
pub(super) fn lags(read: &Read<SystemScope>, consumers: &[&'static str]) -> Result<Vec<Lag>, DbError> {
    let last = cursor(read, SEQUENCER)?;
    let unstamped = read.one(&COUNT_UNSTAMPED, params![COUNTED_UNSTAMPED], |row| row.get(0))?.unwrap_or(0);
    let now = read.now();
    let oldest: Option<Ts> = read.one(&OLDEST_UNSTAMPED, params![], |row| row.get(0))?;
    let waited = oldest.map(|oldest| now.since(oldest));
    let mut lags = vec![Lag { consumer: SEQUENCER, position: last, events: unstamped, waited }];
    for consumer in consumers.iter().copied() {
        let position = cursor(read, consumer)?;
        let oldest: Option<Ts> = read.one(&OLDEST_AFTER, params![position], |row| row.get(0))?;
        // Positions are dense, so this needs no count; what housekeeping took away from under a newcomer is no lag.
        let events = if oldest.is_some() { last - position } else { 0 };
        lags.push(Lag { consumer, position, events, waited: oldest.map(|oldest| now.since(oldest)) });
    }
    Ok(lags)
}

pub(super) fn list_dead(read: &Read<SystemScope>, at_most: i64) -> Result<Vec<DeadEvent>, DbError> {
    read.all(&LIST_DEAD, params![at_most], |row| {
        Ok(DeadEvent {
            root: row.get(0)?,
            consumer: row.get(1)?,
            event: row.get(2)?,
            kind: row.get(3)?,
            attempts: row.get(4)?,
            failure: row.get(5)?,
            died_at: row.get(6)?,
        })
    })
}

fn delivered(row: &Row<'_>) -> Result<Delivered, DbError> {
    Ok(Delivered {
        event: row.get(0)?,
        root: row.get(1)?,
        of_app: row.get(2)?,
        kind: row.get(3)?,
        payload: row.get(4)?,
        request: row.get(5)?,
        created_at: row.get(6)?,
        position: row.get(7)?,
    })
}
