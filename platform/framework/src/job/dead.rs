//! What operators see of jobs, and how dead ones are done once more.
//!
//! It refuses to touch a job whose end is still being told: its tellers would be told the opposite.

use super::{JobState, store};
use crate::db::{Db, DbError};
use crate::scope::{Actor, Cause, Purpose, RootId, SystemScope};
use slipway_kernel::{JobId, RequestId, Ts};

/// Jobs revived in one transaction: a few milliseconds on either engine.
const SLICE_ROWS: i64 = 500;

/// A job as operators see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobLine {
    pub root: RootId,
    pub job: JobId,
    pub kind: String,
    pub attempts: u32,
    /// When it is, or was, to begin.
    pub run_at: Ts,
    pub finished_at: Option<Ts>,
    /// How far it has come, from 0 to 100, and in words.
    pub progress: Option<(u8, String)>,
    pub failure: Option<String>,
}

/// Jobs of everybody in that state, the latest first.
///
/// # Errors
/// [`DbError`].
pub async fn list(db: &Db, state: JobState, at_most: i64) -> Result<Vec<JobLine>, DbError> {
    db.read(&scope(), move |read| store::list(read, state, at_most)).await
}

/// Has a dead job done once more, with all its tries; `false` when there is no such dead job, or its end is still being told.
///
/// # Errors
/// [`DbError`].
pub async fn retry_dead(db: &Db, job: JobId) -> Result<bool, DbError> {
    db.write(&scope(), move |tx| store::revive(tx, job)).await
}

/// Has every dead job done once more, or those of one kind; returns how many. Those that die meanwhile stay dead.
///
/// # Errors
/// [`DbError`]; saying the same again goes on where it stopped.
pub async fn retry_all_dead(db: &Db, kind: Option<&str>) -> Result<u64, DbError> {
    let kind = kind.unwrap_or_default().to_owned();
    let before = db.read(&scope(), |read| Ok::<_, DbError>(read.now())).await?;
    let mut revived = 0;
    loop {
        let kind = kind.clone();
        let slice = db.write_bulk(&scope(), move |tx| store::revive_all(tx, &kind, before, SLICE_ROWS));
        match slice.await? {
            0 => return Ok(revived),
            count => revived += count,
        }
    }
}

fn scope() -> SystemScope {
    SystemScope::new(Purpose::Jobs, Cause { actor: Actor::Operator, request: RequestId::from_bits(0) })
}
