//! All SQL of jobs.

use super::JobState;
use crate::db::{DbError, Read, Row, Tx, Value};
use crate::scope::{RootId, Scope, SystemScope};
use crate::{params, statements};
use slipway_kernel::{Id, Identified, JobId, RequestId, Ts};

statements! {
    INSERT = "INSERT INTO jobs (root, job, kind, payload, state, attempts, run_at, cancel_requested, request, created_at)
        VALUES ($1, $2, $3, $4, 'ready', 0, $5, false, $6, $7)";
    CANCEL_READY = "UPDATE jobs SET state = 'cancelled', finished_at = $3 WHERE root = $1 AND job = $2 AND state = 'ready'";
    CANCEL_RUNNING = "UPDATE jobs SET cancel_requested = true WHERE root = $1 AND job = $2 AND state = 'running'";
    // Three statements and not one with OR: each walks an index of just the rows it may take, in order, and stops.
    CLAIM_UNTOLD = "UPDATE jobs SET attempts = attempts + 1, lease_until = $2, worker = $3
        WHERE (root, job) IN (
            SELECT root, job FROM jobs WHERE state = 'dead' AND lease_until < $1
            ORDER BY lease_until LIMIT $4 /*pg FOR UPDATE SKIP LOCKED*/)
        RETURNING root, job, kind, payload, attempts, request, cancel_requested, failure";
    CLAIM_SILENT = "UPDATE jobs SET attempts = attempts + 1, lease_until = $2, worker = $3
        WHERE (root, job) IN (
            SELECT root, job FROM jobs WHERE state = 'running' AND lease_until < $1
            ORDER BY lease_until LIMIT $4 /*pg FOR UPDATE SKIP LOCKED*/)
        RETURNING root, job, kind, payload, attempts, request, cancel_requested, NULL";
    CLAIM_READY = "UPDATE jobs SET state = 'running', attempts = attempts + 1, lease_until = $2, worker = $3
        WHERE (root, job) IN (
            SELECT root, job FROM jobs WHERE state = 'ready' AND run_at <= $1
            ORDER BY run_at, job LIMIT $4 /*pg FOR UPDATE SKIP LOCKED*/)
        RETURNING root, job, kind, payload, attempts, request, cancel_requested, NULL";
    LIST_DUE = "SELECT run_at FROM jobs WHERE state = 'ready' AND run_at <= $1 ORDER BY run_at, job LIMIT $2";
    BEAT = "UPDATE jobs SET lease_until = $4 WHERE root = $1 AND job = $2 AND worker = $3 AND state = 'running'
        RETURNING cancel_requested";
    FINISH = "UPDATE jobs SET state = $4, failure = $5, finished_at = $6, lease_until = NULL, worker = NULL
        WHERE root = $1 AND job = $2 AND worker = $3 AND state = 'running'";
    DIE = "UPDATE jobs SET state = 'dead', failure = $4, lease_until = $5
        WHERE root = $1 AND job = $2 AND worker = $3 AND state = 'running'";
    TOLD = "UPDATE jobs SET finished_at = $4, lease_until = NULL, worker = NULL
        WHERE root = $1 AND job = $2 AND worker = $3 AND state = 'dead'";
    TELL_LATER = "UPDATE jobs SET lease_until = $4, worker = NULL
        WHERE root = $1 AND job = $2 AND worker = $3 AND state = 'dead'";
    POSTPONE = "UPDATE jobs SET state = CASE WHEN cancel_requested THEN 'cancelled' ELSE 'ready' END, failure = $4,
            finished_at = CASE WHEN cancel_requested THEN CAST($6 AS timestamptz) ELSE NULL END, run_at = $5, lease_until = NULL, worker = NULL
        WHERE root = $1 AND job = $2 AND worker = $3 AND state = 'running'";
    RELEASE = "UPDATE jobs SET state = CASE WHEN cancel_requested THEN 'cancelled' ELSE 'ready' END, attempts = attempts - 1,
            finished_at = CASE WHEN cancel_requested THEN CAST($5 AS timestamptz) ELSE NULL END, run_at = $4, lease_until = NULL, worker = NULL
        WHERE root = $1 AND job = $2 AND worker = $3 AND state = 'running'";
}

/// One act of claiming. Each has an id of its own, so a job that is claimed again is out of the hands of whoever had it
/// before, also within one process.
#[derive(Debug)]
pub(super) enum ClaimMarker {}
impl Identified for ClaimMarker {
    const PREFIX: &'static str = "clm";
}
pub(super) type ClaimId = Id<ClaimMarker>;

/// A job as a runner holds it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Claimed {
    pub(super) root: RootId,
    pub(super) job: JobId,
    pub(super) kind: String,
    pub(super) payload: serde_json::Value,
    pub(super) attempt: u32,
    pub(super) request: RequestId,
    /// Somebody asked for it to stop while its former worker went silent.
    pub(super) cancel_requested: bool,
    pub(super) claim: ClaimId,
    /// Why it is dead, when all that is left to do is to tell.
    pub(super) dead_because: Option<String>,
}

impl JobState {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Running => "running",
            Self::Done => "done",
            Self::Dead => "dead",
            Self::Cancelled => "cancelled",
        }
    }
}

pub(super) fn insert<S: Scope>(
    tx: &mut Tx<S>,
    job: JobId,
    kind: &'static str,
    payload: serde_json::Value,
    run_at: Ts,
) {
    let root = tx.scope().reach().root();
    let request = tx.scope().cause().request;
    let params: Vec<Value> = vec![
        root.into(),
        job.into(),
        kind.into(),
        payload.into(),
        run_at.into(),
        request.into(),
        tx.now().into(),
    ];
    tx.ride_along(&INSERT, params);
}

pub(super) fn cancel<S: Scope>(tx: &mut Tx<S>, job: JobId) -> Result<bool, DbError> {
    let (root, now) = (tx.scope().reach().root(), tx.now());
    let cancelled = tx.execute(&CANCEL_READY, params![root, job, now])?;
    Ok(cancelled + tx.execute(&CANCEL_RUNNING, params![root, job])? > 0)
}

/// Takes jobs that are due, jobs whose worker has gone silent, and dead ones of which nobody has been told. The latter two have
/// waited for a lease to run out, so they come first; they are few.
pub(super) fn claim(
    tx: &mut Tx<SystemScope>,
    lease_until: Ts,
    at_most: i64,
) -> Result<Vec<Claimed>, DbError> {
    let now = tx.now();
    let claim: ClaimId = tx.mint();
    let mut taken = Vec::new();
    for statement in [&CLAIM_UNTOLD, &CLAIM_SILENT, &CLAIM_READY] {
        let room = at_most - i64::try_from(taken.len()).unwrap_or(i64::MAX);
        if room > 0 {
            taken.extend(
                tx.all(statement, params![now, lease_until, claim, room], |row| claimed(row, claim))?,
            );
        }
    }
    Ok(taken)
}

/// When each job that is due became so, the oldest first.
pub(super) fn list_due(read: &Read<SystemScope>, limit: i64) -> Result<Vec<Ts>, DbError> {
    read.all(&LIST_DUE, params![read.now(), limit], |row| row.get(0))
}

/// The job is dead, and this claim goes on to tell whoever waits for it; `false` when it was no longer this claim's.
pub(super) fn die(
    tx: &mut Tx<SystemScope>,
    claimed: &Claimed,
    failure: &str,
    until: Ts,
) -> Result<bool, DbError> {
    let died = tx.execute(&DIE, params![claimed.root, claimed.job, claimed.claim, failure, until])?;
    Ok(died == 1)
}

/// Everybody has been told, or nobody ever will be: the job is finished.
pub(super) fn told(tx: &mut Tx<SystemScope>, claimed: &Claimed) -> Result<(), DbError> {
    let now = tx.now();
    tx.execute(&TOLD, params![claimed.root, claimed.job, claimed.claim, now])?;
    Ok(())
}

/// Telling did not succeed and is tried again at `at`.
pub(super) fn tell_later(tx: &mut Tx<SystemScope>, claimed: &Claimed, at: Ts) -> Result<(), DbError> {
    tx.execute(&TELL_LATER, params![claimed.root, claimed.job, claimed.claim, at])?;
    Ok(())
}

/// Keeps the lease; `None` when the job is no longer this worker's, else whether it was asked to stop.
pub(super) fn beat(tx: &mut Tx<SystemScope>, claimed: &Claimed, until: Ts) -> Result<Option<bool>, DbError> {
    tx.one(&BEAT, params![claimed.root, claimed.job, claimed.claim, until], |row| row.get(0))
}

pub(super) fn finish(
    tx: &mut Tx<SystemScope>,
    claimed: &Claimed,
    state: JobState,
    failure: Option<&str>,
) -> Result<bool, DbError> {
    let now = tx.now();
    let finished =
        tx.execute(&FINISH, params![claimed.root, claimed.job, claimed.claim, state.as_str(), failure, now])?;
    Ok(finished == 1)
}

pub(super) fn postpone(
    tx: &mut Tx<SystemScope>,
    claimed: &Claimed,
    failure: &str,
    run_at: Ts,
) -> Result<(), DbError> {
    let now = tx.now();
    tx.execute(&POSTPONE, params![claimed.root, claimed.job, claimed.claim, failure, run_at, now])?;
    Ok(())
}

/// Gives a job back untried, to be claimed at or after `run_at`.
pub(super) fn release(tx: &mut Tx<SystemScope>, claimed: &Claimed, run_at: Ts) -> Result<(), DbError> {
    let now = tx.now();
    tx.execute(&RELEASE, params![claimed.root, claimed.job, claimed.claim, run_at, now])?;
    Ok(())
}

fn claimed(row: &Row<'_>, claim: ClaimId) -> Result<Claimed, DbError> {
    Ok(Claimed {
        root: row.get(0)?,
        job: row.get(1)?,
        kind: row.get(2)?,
        payload: row.get(3)?,
        attempt: row.get(4)?,
        request: row.get(5)?,
        cancel_requested: row.get(6)?,
        claim,
        dead_because: row.get(7)?,
    })
}
