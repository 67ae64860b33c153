//! All SQL of jobs.

use super::turn::{Turns, Weights};
use super::{JobLine, JobState};
use crate::db::{DbError, Read, Row, Tx};
use crate::scope::{RootId, Scope, SystemScope};
use crate::{params, statements};
use slipway_kernel::{Id, Identified, JobId, RequestId, Ts};
use std::collections::BTreeSet;

statements! {
    INSERT = "INSERT INTO jobs (root, job, kind, payload, state, attempts, run_at, cancel_requested, request, created_at,
            waits_for, concurrency_key, once_key, once_until)
        VALUES ($1, $2, $3, $4, 'ready', 0, $5, false, $6, $7, $8, $9, $10, $11)";
    FIND_ONCE = "SELECT job FROM jobs WHERE root = $1 AND kind = $2 AND once_key = $3
        AND ((once_until > $4 AND state NOT IN ('dead', 'cancelled')) OR (state = 'ready' AND attempts = 0)) ORDER BY job DESC LIMIT 1";
    CANCEL_READY = "UPDATE jobs SET state = 'cancelled', finished_at = $3 WHERE root = $1 AND job = $2 AND state = 'ready'
        RETURNING concurrency_key";
    CANCEL_RUNNING = "UPDATE jobs SET cancel_requested = true WHERE root = $1 AND job = $2 AND state = 'running'";
    // Claims of several processes queue up here: each sees which keys the one before has taken.
    TAKE_TURN = "SELECT 1 /*pg FROM pg_advisory_xact_lock(5352178034122645)*/";
    // Statements and not one with OR: each walks an index of just the rows it may take, in order, and stops.
    CLAIM_UNTOLD = "UPDATE jobs SET attempts = attempts + 1, lease_until = $2, worker = $3
        WHERE (root, job) IN (
            SELECT root, job FROM jobs WHERE state = 'dead' AND lease_until < $1
            ORDER BY lease_until LIMIT $4 /*pg FOR UPDATE SKIP LOCKED*/)
        RETURNING root, job, kind, payload, attempts, request, cancel_requested, failure, concurrency_key";
    CLAIM_SILENT = "UPDATE jobs SET attempts = attempts + 1, lease_until = $2, worker = $3
        WHERE (root, job) IN (
            SELECT root, job FROM jobs WHERE state = 'running' AND lease_until < $1
            ORDER BY lease_until LIMIT $4 /*pg FOR UPDATE SKIP LOCKED*/)
        RETURNING root, job, kind, payload, attempts, request, cancel_requested, NULL, concurrency_key";
    RIPEN = "UPDATE jobs SET waits_for = NULL
        WHERE (root, job) IN (
            SELECT root, job FROM jobs WHERE state = 'ready' AND waits_for = 'time' AND run_at <= $1
            ORDER BY run_at, job LIMIT $2 /*pg FOR UPDATE SKIP LOCKED*/)";
    // From root to root, never from job to job.
    DUE_ROOTS = "WITH RECURSIVE due (root) AS (
            SELECT root FROM (SELECT root FROM jobs WHERE state = 'ready' AND waits_for IS NULL AND root >= $1
                ORDER BY root LIMIT 1) AS first
            UNION ALL
            SELECT (SELECT j.root FROM jobs j WHERE j.state = 'ready' AND j.waits_for IS NULL AND j.root > due.root
                ORDER BY j.root LIMIT 1) FROM due WHERE due.root IS NOT NULL)
        SELECT root FROM due WHERE root IS NOT NULL LIMIT $2";
    FRONT = "SELECT job, concurrency_key FROM jobs WHERE root = $1 AND state = 'ready' AND waits_for IS NULL
        ORDER BY run_at, job LIMIT $2 /*pg FOR UPDATE SKIP LOCKED*/";
    // Whoever ends the holder at this moment is waited for, so that either it sees who queues for the key, or this sees it end.
    KEY_IS_HELD = "SELECT job FROM jobs WHERE root = $1 AND concurrency_key = $2 AND state = 'running' /*pg FOR UPDATE*/";
    QUEUE_FOR_KEY = "UPDATE jobs SET waits_for = 'key' WHERE (root, job) IN (
        SELECT root, job FROM (
            SELECT root, job, concurrency_key FROM jobs WHERE root = $1 AND state = 'ready' AND waits_for IS NULL
            ORDER BY run_at, job LIMIT $3) AS front
        WHERE concurrency_key = $2)";
    LEAVE_QUEUE = "UPDATE jobs SET waits_for = NULL WHERE (root, job) IN (
        SELECT root, job FROM jobs WHERE root = $1 AND concurrency_key = $2 AND state = 'ready' AND waits_for = 'key'
        ORDER BY run_at, job LIMIT 1 /*pg FOR UPDATE SKIP LOCKED*/)";
    CLAIM_ONE = "UPDATE jobs SET state = 'running', attempts = attempts + 1, lease_until = $3, worker = $4
        WHERE root = $1 AND job = $2 AND state = 'ready'
        RETURNING root, job, kind, payload, attempts, request, cancel_requested, NULL, concurrency_key";
    CLAIM_READY = "UPDATE jobs SET state = 'running', attempts = attempts + 1, lease_until = $2, worker = $3
        WHERE (root, job) IN (
            SELECT root, job FROM jobs WHERE root = $1 AND state = 'ready' AND waits_for IS NULL AND concurrency_key IS NULL
            ORDER BY run_at, job LIMIT $4 /*pg FOR UPDATE SKIP LOCKED*/)
        RETURNING root, job, kind, payload, attempts, request, cancel_requested, NULL, concurrency_key";
    LIST = "SELECT root, job, kind, attempts, run_at, finished_at, progress_percent, progress_note, failure FROM jobs
        WHERE state = $1 ORDER BY run_at DESC, job DESC LIMIT $2";
    REVIVE = "UPDATE jobs SET state = 'ready', attempts = 0, run_at = $2, waits_for = 'time', failure = NULL, finished_at = NULL
        WHERE job = $1 AND state = 'dead' AND finished_at IS NOT NULL";
    REVIVE_ALL = "UPDATE jobs SET state = 'ready', attempts = 0, run_at = $4, waits_for = 'time', failure = NULL, finished_at = NULL
        WHERE (root, job) IN (
            SELECT root, job FROM jobs WHERE state = 'dead' AND finished_at <= $2 AND ($1 = '' OR kind = $1)
            ORDER BY finished_at LIMIT $3 /*pg FOR UPDATE SKIP LOCKED*/)";
    LIST_DUE = "SELECT run_at FROM jobs WHERE state = 'ready' AND waits_for IS NULL ORDER BY run_at LIMIT $1";
    BEAT = "UPDATE jobs SET lease_until = $4 WHERE root = $1 AND job = $2 AND worker = $3 AND state = 'running'
        RETURNING cancel_requested";
    FINISH = "UPDATE jobs SET state = $4, failure = $5, finished_at = $6, lease_until = NULL, worker = NULL
        WHERE root = $1 AND job = $2 AND worker = $3 AND state = 'running'";
    PROGRESS = "UPDATE jobs SET progress_percent = $4, progress_note = $5
        WHERE root = $1 AND job = $2 AND worker = $3 AND state = 'running'";
    DIE = "UPDATE jobs SET state = 'dead', failure = $4, lease_until = $5
        WHERE root = $1 AND job = $2 AND worker = $3 AND state = 'running'";
    TOLD = "UPDATE jobs SET finished_at = $4, lease_until = NULL, worker = NULL
        WHERE root = $1 AND job = $2 AND worker = $3 AND state = 'dead'";
    TELL_LATER = "UPDATE jobs SET lease_until = $4, worker = NULL
        WHERE root = $1 AND job = $2 AND worker = $3 AND state = 'dead'";
    // Whatever is given back waits for its time, which may be over already: the next claim looks.
    POSTPONE = "UPDATE jobs SET state = CASE WHEN cancel_requested THEN 'cancelled' ELSE 'ready' END, failure = $4, waits_for = 'time',
            finished_at = CASE WHEN cancel_requested THEN CAST($6 AS timestamptz) ELSE NULL END, run_at = $5, lease_until = NULL, worker = NULL
        WHERE root = $1 AND job = $2 AND worker = $3 AND state = 'running'";
    RELEASE = "UPDATE jobs SET state = CASE WHEN cancel_requested THEN 'cancelled' ELSE 'ready' END, attempts = attempts - 1, waits_for = 'time',
            finished_at = CASE WHEN cancel_requested THEN CAST($5 AS timestamptz) ELSE NULL END, run_at = $4, lease_until = NULL, worker = NULL
        WHERE root = $1 AND job = $2 AND worker = $3 AND state = 'running'";
}

/// Jobs whose time has come that one claim looks at; a flood takes several claims.
const RIPENED_AT_ONCE: i64 = 1_000;
/// Jobs at the front of a root's line that are looked at at once.
const FRONT_AT_ONCE: i64 = 500;
/// How often one claim goes around the roots. When keys are held a round can end with nothing taken although jobs are due.
const ROUNDS: u32 = 8;

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
    pub(super) concurrency_key: Option<String>,
}

/// What a claim took, and where the ring of roots stands then.
#[derive(Debug)]
pub(super) struct Taken {
    pub(super) jobs: Vec<Claimed>,
    pub(super) turns: Turns,
    /// There may be more that is due although there is room.
    pub(super) is_cut_short: bool,
}

/// A job that is wanted.
pub(super) struct Wanted {
    pub(super) kind: &'static str,
    pub(super) payload: serde_json::Value,
    pub(super) run_at: Ts,
    pub(super) concurrency_key: Option<String>,
    /// A key, and until when no other job with it is wanted.
    pub(super) once: Option<(String, Ts)>,
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

pub(super) fn insert<S: Scope>(tx: &mut Tx<S>, root: RootId, job: JobId, wanted: Wanted) {
    let (request, now) = (tx.scope().cause().request, tx.now());
    let Wanted { kind, payload, run_at, concurrency_key, once } = wanted;
    let (once_key, once_until) = once.unzip();
    let waits_for = (run_at > now).then_some("time");
    let params = params![
        root,
        job,
        kind,
        payload,
        run_at,
        request,
        now,
        waits_for,
        concurrency_key,
        once_key,
        once_until
    ];
    tx.ride_along(&INSERT, params.to_vec());
}

/// The job of that kind and key that still counts.
pub(super) fn find_once<S: Scope>(
    read: &Read<S>,
    root: RootId,
    kind: &'static str,
    key: &str,
) -> Result<Option<JobId>, DbError> {
    let now = read.now();
    read.one(&FIND_ONCE, params![root, kind, key, now], |row| row.get(0))
}

pub(super) fn cancel<S: Scope>(tx: &mut Tx<S>, job: JobId) -> Result<bool, DbError> {
    let (root, now) = (tx.scope().reach().root(), tx.now());
    let cancelled = tx.one(&CANCEL_READY, params![root, job, now], |row| row.get::<Option<String>>(0))?;
    if let Some(key) = cancelled {
        hand_on_key(tx, root, key.as_deref())?;
        return Ok(true);
    }
    Ok(tx.execute(&CANCEL_RUNNING, params![root, job])? > 0)
}

/// Takes jobs that are due, jobs whose worker has gone silent, and dead ones of which nobody has been told. The latter two have
/// waited for a lease to run out, so they come first; they are few. Those that are due are taken by turns.
pub(super) fn claim(
    tx: &mut Tx<SystemScope>,
    lease_until: Ts,
    at_most: u32,
    mut turns: Turns,
    weights: &Weights,
) -> Result<Taken, DbError> {
    let now = tx.now();
    let claim: ClaimId = tx.mint();
    tx.exists(&TAKE_TURN, &[])?;
    let mut jobs = Vec::new();
    for statement in [&CLAIM_UNTOLD, &CLAIM_SILENT] {
        let room = room(at_most, &jobs);
        if room > 0 {
            let taken = tx.all(statement, params![now, lease_until, claim, room], |row| claimed(row, claim));
            jobs.extend(taken?);
        }
    }
    tx.execute(&RIPEN, params![now, RIPENED_AT_ONCE])?;
    for _ in 0..ROUNDS {
        let room = room(at_most, &jobs);
        let roots = if room == 0 { Vec::new() } else { due_roots(tx, turns.next(), room)? };
        if roots.is_empty() {
            return Ok(Taken { jobs, turns, is_cut_short: false });
        }
        for (root, share) in turns.deal(&roots, weights, room) {
            claim_of_root(tx, root, share, (claim, lease_until), &mut jobs)?;
        }
    }
    Ok(Taken { jobs, turns, is_cut_short: true })
}

fn room(at_most: u32, taken: &[Claimed]) -> u32 {
    at_most.saturating_sub(u32::try_from(taken.len()).unwrap_or(u32::MAX))
}

/// Roots with due jobs, around the ring from `next` on.
fn due_roots(read: &Read<SystemScope>, next: RootId, at_most: u32) -> Result<Vec<RootId>, DbError> {
    let from = |start: RootId| read.all(&DUE_ROOTS, params![start, at_most], |row| row.get(0));
    let mut roots: Vec<RootId> = from(next)?;
    if roots.len() < at_most as usize && next != RootId::from_bits(0) {
        let before = from(RootId::from_bits(0))?.into_iter().take_while(|root| *root < next);
        roots.extend(before);
    }
    roots.truncate(at_most as usize);
    Ok(roots)
}

/// Takes the oldest due jobs of a root. Whoever wants a key that is held goes and queues for it.
fn claim_of_root(
    tx: &mut Tx<SystemScope>,
    root: RootId,
    share: u32,
    (claim, lease_until): (ClaimId, Ts),
    jobs: &mut Vec<Claimed>,
) -> Result<(), DbError> {
    let front: Vec<(JobId, Option<String>)> =
        tx.all(&FRONT, params![root, share], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let without_key = front.iter().filter(|(_, key)| key.is_none()).count();
    let mut held = BTreeSet::new();
    for (job, key) in front.into_iter().filter_map(|(job, key)| Some((job, key?))) {
        if held.contains(&key) {
            continue;
        }
        if !tx.exists(&KEY_IS_HELD, params![root, &key])? {
            let params = params![root, job, lease_until, claim];
            jobs.extend(tx.one(&CLAIM_ONE, params, |row| claimed(row, claim))?);
        }
        tx.execute(&QUEUE_FOR_KEY, params![root, &key, FRONT_AT_ONCE])?;
        held.insert(key);
    }
    if without_key > 0 {
        let without_key = i64::try_from(without_key).unwrap_or(i64::MAX);
        let params = params![root, lease_until, claim, without_key];
        jobs.extend(tx.all(&CLAIM_READY, params, |row| claimed(row, claim))?);
    }
    Ok(())
}

/// Nobody holds the key any more, or whoever was to hold it next is gone: the oldest that queues for it is due.
fn hand_on_key<S: Scope>(tx: &mut Tx<S>, root: RootId, key: Option<&str>) -> Result<(), DbError> {
    if let Some(key) = key {
        tx.execute(&LEAVE_QUEUE, params![root, key])?;
        tx.wakes().jobs = true;
    }
    Ok(())
}

/// Jobs in that state, the latest first.
pub(super) fn list(read: &Read<SystemScope>, state: JobState, limit: i64) -> Result<Vec<JobLine>, DbError> {
    read.all(&LIST, params![state.as_str(), limit], |row| {
        let percent: Option<u32> = row.get(6)?;
        let note: Option<String> = row.get(7)?;
        let percent = percent.map(|percent| u8::try_from(percent).unwrap_or(100));
        Ok(JobLine {
            root: row.get(0)?,
            job: row.get(1)?,
            kind: row.get(2)?,
            attempts: row.get(3)?,
            run_at: row.get(4)?,
            finished_at: row.get(5)?,
            progress: percent.map(|percent| (percent, note.unwrap_or_default())),
            failure: row.get(8)?,
        })
    })
}

/// A dead job is as new; `false` when there is none, or its end is still being told.
pub(super) fn revive(tx: &mut Tx<SystemScope>, job: JobId) -> Result<bool, DbError> {
    let now = tx.now();
    tx.wakes().jobs = true;
    Ok(tx.execute(&REVIVE, params![job, now])? == 1)
}

/// A slice of the dead jobs that ended by `before` is as new; returns how many. An empty kind is every kind.
pub(super) fn revive_all(
    tx: &mut Tx<SystemScope>,
    kind: &str,
    before: Ts,
    at_most: i64,
) -> Result<u64, DbError> {
    let now = tx.now();
    tx.wakes().jobs = true;
    tx.execute(&REVIVE_ALL, params![kind, before, at_most, now])
}

/// When each job that is due became so, the oldest first.
pub(super) fn list_due(read: &Read<SystemScope>, limit: i64) -> Result<Vec<Ts>, DbError> {
    read.all(&LIST_DUE, params![limit], |row| row.get(0))
}

/// The job is dead, and this claim goes on to tell whoever waits for it; `false` when it was no longer this claim's.
pub(super) fn die(
    tx: &mut Tx<SystemScope>,
    claimed: &Claimed,
    failure: &str,
    until: Ts,
) -> Result<bool, DbError> {
    let died = tx.execute(&DIE, params![claimed.root, claimed.job, claimed.claim, failure, until])?;
    hand_on_key(tx, claimed.root, claimed.concurrency_key.as_deref())?;
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

pub(super) fn finish<S: Scope>(
    tx: &mut Tx<S>,
    claimed: &Claimed,
    state: JobState,
    failure: Option<&str>,
) -> Result<bool, DbError> {
    let now = tx.now();
    let finished =
        tx.execute(&FINISH, params![claimed.root, claimed.job, claimed.claim, state.as_str(), failure, now])?;
    hand_on_key(tx, claimed.root, claimed.concurrency_key.as_deref())?;
    Ok(finished == 1)
}

/// Ends several jobs that succeeded, in one round trip.
pub(super) fn finish_done(tx: &mut Tx<SystemScope>, done: &[Claimed]) {
    let now = tx.now();
    for claimed in done {
        let state = JobState::Done.as_str();
        let params = params![claimed.root, claimed.job, claimed.claim, state, None::<String>, now];
        tx.ride_along(&FINISH, params.to_vec());
        if let Some(key) = &claimed.concurrency_key {
            tx.ride_along(&LEAVE_QUEUE, params![claimed.root, key].to_vec());
            tx.wakes().jobs = true;
        }
    }
}

/// How far the job has come; `false` when it is no longer this claim's.
pub(super) fn progress(
    tx: &mut Tx<SystemScope>,
    claimed: &Claimed,
    percent: u8,
    note: &str,
) -> Result<bool, DbError> {
    let params = params![claimed.root, claimed.job, claimed.claim, i64::from(percent), note];
    Ok(tx.execute(&PROGRESS, params)? == 1)
}

pub(super) fn postpone(
    tx: &mut Tx<SystemScope>,
    claimed: &Claimed,
    failure: &str,
    run_at: Ts,
) -> Result<(), DbError> {
    let now = tx.now();
    tx.execute(&POSTPONE, params![claimed.root, claimed.job, claimed.claim, failure, run_at, now])?;
    hand_on_key(tx, claimed.root, claimed.concurrency_key.as_deref())
}

/// Gives a job back untried, to be claimed at or after `run_at`.
pub(super) fn release(tx: &mut Tx<SystemScope>, claimed: &Claimed, run_at: Ts) -> Result<(), DbError> {
    let now = tx.now();
    tx.execute(&RELEASE, params![claimed.root, claimed.job, claimed.claim, run_at, now])?;
    hand_on_key(tx, claimed.root, claimed.concurrency_key.as_deref())
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
        concurrency_key: row.get(8)?,
    })
}
