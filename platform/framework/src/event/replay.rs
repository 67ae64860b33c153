//! How far the consumers have come, what they were never able to act on, and how either is handed to them once more.

use super::pump::system;
use super::{Consumer, ConsumerError, store};
use crate::db::{Db, DbError};
use crate::scope::{Purpose, RootId};
use slipway_kernel::{EventId, Ts};
use std::sync::Arc;
use std::time::Duration;

/// Marks forgotten in one transaction: a few milliseconds on either engine.
const SLICE_ROWS: i64 = 500;

/// How far somebody has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lag {
    /// The consumer's name, or `sequencer`.
    pub consumer: &'static str,
    /// The last position it has acted on; the sequencer, the last one it has given.
    pub position: i64,
    /// How many events wait for it. Those without a position are counted up to 10,000.
    pub events: i64,
    /// For how long the first of them has waited.
    pub waited: Option<Duration>,
}

/// What a consumer was never able to act on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadEvent {
    pub root: RootId,
    pub consumer: String,
    pub event: EventId,
    pub kind: String,
    pub attempts: u32,
    pub failure: String,
    pub died_at: Ts,
}

/// How far the sequencer and then each of these consumers have come.
///
/// # Errors
/// [`DbError`].
pub async fn lags(db: &Db, consumers: &[&'static str]) -> Result<Vec<Lag>, DbError> {
    let consumers = consumers.to_vec();
    db.read(&system(Purpose::Outbox), move |read| store::lags(read, &consumers)).await
}

/// The latest dead events of everybody, the last one first.
///
/// # Errors
/// [`DbError`].
pub async fn list_dead(db: &Db, at_most: i64) -> Result<Vec<DeadEvent>, DbError> {
    db.read(&system(Purpose::Outbox), move |read| store::list_dead(read, at_most)).await
}

/// Has everything after `position` handed to the consumer once more; `false` when it has not come further than that.
///
/// What it has acted on it skips, so this finds what was missed. With `again` it acts on those events a second time, as after a
/// mistake in what it did; then its deeds must bear that. Events that housekeeping has deleted are not handed out again.
///
/// # Errors
/// [`DbError`]; saying the same again goes on where it stopped.
pub async fn rewind(db: &Db, consumer: &Consumer, position: i64, again: bool) -> Result<bool, DbError> {
    let name = consumer.name;
    if again {
        // Before the cursor: a mark that is forgotten too early only waits.
        while forget_a_slice(db, name, position).await? > 0 {}
    }
    let rewound = db.write(&system(Purpose::Outbox), move |tx| {
        store::let_go(tx, name)?;
        store::rewind(tx, name, position)
    });
    let rewound = rewound.await?;
    db.signals().events.notify_one();
    Ok(rewound)
}

async fn forget_a_slice(db: &Db, name: &'static str, position: i64) -> Result<u64, DbError> {
    let scope = system(Purpose::Housekeeping);
    db.write_bulk(&scope, move |tx| store::forget_marks(tx, name, position, SLICE_ROWS)).await
}

/// Hands a dead event to its consumer once more, now that its cause is mended; `false` when there is no such event.
///
/// # Errors
/// [`ConsumerError`], and then the event stays dead.
pub async fn replay(
    db: &Db,
    consumer: &Consumer,
    root: RootId,
    event: EventId,
) -> Result<bool, ConsumerError> {
    let name = consumer.name;
    let dead: Result<_, DbError> =
        db.read(&system(Purpose::Outbox), move |read| store::find_dead(read, name, root, event)).await;
    let Some(dead) = dead? else { return Ok(false) };
    consumer.hand(db, Arc::new(dead)).await?;
    db.write(&system(Purpose::Outbox), move |tx| store::forget_dead(tx, name, root, event)).await?;
    Ok(true)
}
