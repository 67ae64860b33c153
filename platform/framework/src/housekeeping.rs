//! Housekeeping: what has had its time is deleted, a small slice after the other, behind everybody else's writes.
//!
//! Each slice is a transaction of its own in the bulk lane, so nothing waits long for it and it can stop at any moment. It
//! refuses to decide what a module's rows are worth: a module says so itself, and the time comes from the platform's clock.

mod objects;
mod store;

use crate::db::{DbError, Tx};
use crate::object::{ListNamed, ObjectError};
use crate::platform::Platform;
use crate::scope::{Actor, Cause, Purpose, SystemScope};
use slipway_kernel::Id;
use std::fmt;
use std::time::Duration;
use thiserror::Error;

/// Rows deleted in one transaction: a few milliseconds on either engine.
const SLICE_ROWS: i64 = 500;
/// Slices of one kind of rows at a time; what is left then waits for the next round, so that no backlog starves the others.
const SLICES_A_ROUND: usize = 200;

/// A stored reply is of use as long as a client may still repeat its request; a day outlasts any retry.
const IDEMPOTENCY_KEYS_KEPT: Duration = Duration::from_hours(24);
/// What a job did is of use while somebody may ask why something happened last week.
const ENDED_JOBS_KEPT: Duration = Duration::from_hours(7 * 24);
/// A dead job waits for somebody to look at it, who may be on holiday.
const DEAD_JOBS_KEPT: Duration = Duration::from_hours(30 * 24);
/// Events that everybody has passed: a consumer that is added later begins with what is left, and a mistake in one can be
/// looked into for a week.
const EVENTS_KEPT: Duration = Duration::from_hours(7 * 24);

/// A dead event as well.
const DEAD_EVENTS_KEPT: Duration = Duration::from_hours(30 * 24);

/// Rows that go with time. The scope's purpose is `Housekeeping`, and the table must be opened to it.
#[derive(Debug, Clone, Copy)]
pub struct Purge {
    /// In the plural, for the log and the metric: `account_sessions`.
    pub what: &'static str,
    /// Deletes at most so many rows and returns how many.
    pub slice: fn(&mut Tx<SystemScope>, at_most: i64) -> Result<u64, DbError>,
}

/// Everything an installation deletes in time.
#[derive(Clone)]
pub struct Chores {
    /// Who must have passed an event before it goes.
    consumers: Vec<&'static str>,
    purges: Vec<Purge>,
    objects: Vec<ListNamed>,
}

/// Why something was not deleted.
#[derive(Debug, Error)]
pub enum HousekeepingError {
    #[error(transparent)]
    Db(#[from] DbError),
    #[error(transparent)]
    Object(#[from] ObjectError),
}

/// What a round deleted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cleaned(Vec<(&'static str, u64)>);

impl Cleaned {
    /// How many of that kind, by the name of its [`Purge`] or table; stored files are `objects`.
    #[must_use]
    pub fn count(&self, what: &str) -> u64 {
        self.0.iter().filter(|(name, _)| *name == what).map(|(_, count)| count).sum()
    }
}

impl Chores {
    pub(crate) fn new(
        consumers: Vec<&'static str>,
        purges: impl Iterator<Item = Purge>,
        objects: impl Iterator<Item = ListNamed>,
    ) -> Self {
        Self {
            consumers,
            purges: store::PURGES.into_iter().chain(purges).collect(),
            objects: objects.collect(),
        }
    }
}

impl fmt::Debug for Chores {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.purges.iter().map(|purge| purge.what)).finish()
    }
}

/// Does one round. What fails is logged and left for the next round; the rest is done all the same.
pub async fn clean(platform: &Platform, chores: &Chores) -> Cleaned {
    let mut cleaned = Cleaned::default();
    let consumers = chores.consumers.clone();
    let passed = purge(platform, "outbox_events", move |tx, at_most| {
        let passed = store::passed_by_all(tx, &consumers)?;
        store::delete_events(tx, passed, at_most)
    });
    note(&mut cleaned, "outbox_events", passed.await.map_err(HousekeepingError::from));
    for Purge { what, slice } in chores.purges.iter().copied() {
        note(&mut cleaned, what, purge(platform, what, slice).await.map_err(HousekeepingError::from));
    }
    note(&mut cleaned, "objects", objects::sweep(platform, &chores.objects).await);
    cleaned
}

fn note(cleaned: &mut Cleaned, what: &'static str, result: Result<u64, HousekeepingError>) {
    match result {
        Ok(0) => {}
        Ok(count) => {
            tracing::info!(what, count, "housekeeping deleted what has had its time");
            metrics::counter!("housekeeping_deleted_total", "what" => what).increment(count);
            cleaned.0.push((what, count));
        }
        Err(error) => {
            tracing::error!(what, %error, "housekeeping could not delete; it tries again in its next round");
        }
    }
}

/// Deletes slice by slice until there is nothing left, or the round is over.
async fn purge(
    platform: &Platform,
    what: &'static str,
    slice: impl Fn(&mut Tx<SystemScope>, i64) -> Result<u64, DbError> + Clone + Send + 'static,
) -> Result<u64, DbError> {
    let mut deleted = 0;
    for _ in 0..SLICES_A_ROUND {
        let slice = slice.clone();
        let scope = scope(platform, Purpose::Housekeeping);
        let count: u64 = platform.db().write_bulk(&scope, move |tx| slice(tx, SLICE_ROWS)).await?;
        deleted += count;
        if i64::try_from(count).is_ok_and(|count| count < SLICE_ROWS) {
            return Ok(deleted);
        }
    }
    tracing::warn!(what, deleted, "housekeeping has more to delete than one round takes");
    Ok(deleted)
}

fn scope(platform: &Platform, purpose: Purpose) -> SystemScope {
    let request = Id::mint(platform.clock(), platform.entropy());
    SystemScope::new(purpose, Cause { actor: Actor::Platform, request })
}
