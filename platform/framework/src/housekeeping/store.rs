//! The SQL that deletes what has had its time from the tables every module leans on.

use super::{DEAD_EVENTS_KEPT, DEAD_JOBS_KEPT, ENDED_JOBS_KEPT, EVENTS_KEPT, IDEMPOTENCY_KEYS_KEPT, Purge};
use crate::db::{DbError, Read, Tx};
use crate::scope::SystemScope;
use crate::{params, statements};

statements! {
    DELETE_KEYS = "DELETE FROM idempotency_keys WHERE (root, actor, idempotency_key) IN (
        SELECT root, actor, idempotency_key FROM idempotency_keys WHERE created_at < $1 ORDER BY created_at LIMIT $2)";
    DELETE_ENDED_JOBS = "DELETE FROM jobs WHERE (root, job) IN (
        SELECT root, job FROM jobs WHERE state IN ('done', 'cancelled') AND finished_at < $1 ORDER BY finished_at LIMIT $2)";
    DELETE_DEAD_JOBS = "DELETE FROM jobs WHERE (root, job) IN (
        SELECT root, job FROM jobs WHERE state = 'dead' AND finished_at < $1 ORDER BY finished_at LIMIT $2)";
    DELETE_DEAD_EVENTS = "DELETE FROM dead_events WHERE (root, consumer, event) IN (
        SELECT root, consumer, event FROM dead_events WHERE died_at < $1 ORDER BY died_at LIMIT $2)";
    FIND_CURSOR = "SELECT position FROM outbox_cursors WHERE consumer = $1";
    // The oldest are looked at and no others, so that a slice costs the same however many events there are.
    DELETE_EVENTS = "DELETE FROM outbox_events WHERE (root, event) IN (
        SELECT root, event FROM (
            SELECT root, event, created_at FROM outbox_events WHERE position <= $1 ORDER BY position LIMIT $3) AS oldest
        WHERE created_at < $2)";
    // A mark keeps an event from being acted on twice, so it stays as long as the event can be handed out.
    DELETE_MARKS = "DELETE FROM consumed_events WHERE (root, consumer, event) IN (
        SELECT root, consumer, event FROM (
            SELECT root, consumer, event FROM consumed_events WHERE consumed_at < $1 ORDER BY consumed_at LIMIT $2) AS oldest
        WHERE NOT EXISTS (SELECT 1 FROM outbox_events e WHERE e.root = oldest.root AND e.event = oldest.event))";
}

/// What goes by age alone. Marks come after the events they belong to.
pub(super) const PURGES: [Purge; 5] = [
    Purge { what: "idempotency_keys", slice: delete_keys },
    Purge { what: "jobs", slice: delete_ended_jobs },
    Purge { what: "dead_jobs", slice: delete_dead_jobs },
    Purge { what: "dead_events", slice: delete_dead_events },
    Purge { what: "consumed_events", slice: delete_marks },
];

fn delete_keys(tx: &mut Tx<SystemScope>, at_most: i64) -> Result<u64, DbError> {
    let before = tx.now() - IDEMPOTENCY_KEYS_KEPT;
    tx.execute(&DELETE_KEYS, params![before, at_most])
}

fn delete_ended_jobs(tx: &mut Tx<SystemScope>, at_most: i64) -> Result<u64, DbError> {
    let before = tx.now() - ENDED_JOBS_KEPT;
    tx.execute(&DELETE_ENDED_JOBS, params![before, at_most])
}

fn delete_dead_jobs(tx: &mut Tx<SystemScope>, at_most: i64) -> Result<u64, DbError> {
    let before = tx.now() - DEAD_JOBS_KEPT;
    tx.execute(&DELETE_DEAD_JOBS, params![before, at_most])
}

fn delete_dead_events(tx: &mut Tx<SystemScope>, at_most: i64) -> Result<u64, DbError> {
    let before = tx.now() - DEAD_EVENTS_KEPT;
    tx.execute(&DELETE_DEAD_EVENTS, params![before, at_most])
}

fn delete_marks(tx: &mut Tx<SystemScope>, at_most: i64) -> Result<u64, DbError> {
    let before = tx.now() - EVENTS_KEPT;
    tx.execute(&DELETE_MARKS, params![before, at_most])
}

/// The position up to which every consumer has come. One that has not begun holds everything; one that this program no longer
/// has holds nothing.
pub(super) fn passed_by_all(read: &Read<SystemScope>, consumers: &[&'static str]) -> Result<i64, DbError> {
    let cursor = |consumer: &str| read.one(&FIND_CURSOR, params![consumer], |row| row.get(0));
    let mut passed = cursor(crate::event::SEQUENCER)?.unwrap_or(0);
    for consumer in consumers {
        passed = passed.min(cursor(consumer)?.unwrap_or(0));
    }
    Ok(passed)
}

pub(super) fn delete_events(tx: &mut Tx<SystemScope>, passed: i64, at_most: i64) -> Result<u64, DbError> {
    let before = tx.now() - EVENTS_KEPT;
    tx.execute(&DELETE_EVENTS, params![passed, before, at_most])
}
