//! All SQL of builds and their events.

use super::stage::StageRecord;
use super::{BuildRecord, BuildState};
use crate::ids::BuildId;
use crate::scope::OfApp;
use serde_json::Value as Json;
use slipway_framework::db::{DbError, Read, Tx};
use slipway_framework::scope::AppScope;
use slipway_framework::{params, statements};

statements! {
    INSERT = "INSERT INTO builds (app, build, release, job, state, stages, last_sequence, run_began_after, request, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, 0, 0, $7, $8)";
    FIND = "SELECT release, job, state, stages, last_sequence, run_began_after, request, created_at FROM builds
        WHERE app = $1 AND build = $2";
    TAKE_SEQUENCE = "UPDATE builds SET last_sequence = last_sequence + 1
        WHERE app = $1 AND build = $2 AND state IN ('queued', 'running')";
    SAVE = "UPDATE builds SET job = $3, state = $4, stages = $5 WHERE app = $1 AND build = $2";
    REOPEN = "UPDATE builds SET state = 'queued', run_began_after = last_sequence
        WHERE app = $1 AND build = $2 AND state IN ('failed', 'cancelled')";
    INSERT_EVENT = "INSERT INTO build_events (app, build, sequence, kind, payload) VALUES ($1, $2, $3, $4, $5)";
    EVENTS = "SELECT sequence, kind, payload FROM build_events WHERE app = $1 AND build = $2 AND sequence > $3
        ORDER BY sequence LIMIT 100";
    ERASE_EVENTS = "DELETE FROM build_events WHERE (app, build, sequence) IN (
        SELECT app, build, sequence FROM build_events WHERE app = $1 LIMIT $2)";
    ERASE = "DELETE FROM builds WHERE (app, build) IN (SELECT app, build FROM builds WHERE app = $1 LIMIT $2)";
}

/// Something a build said.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct BuildEvent {
    pub(crate) sequence: u32,
    pub(crate) kind: String,
    pub(crate) payload: Json,
}

pub(super) fn insert<S: OfApp>(tx: &mut Tx<S>, record: &BuildRecord) -> Result<(), DbError> {
    let app = tx.scope().app_id();
    let stages = stages_json(record);
    tx.execute(
        &INSERT,
        params![
            app,
            record.build,
            record.release,
            record.job,
            record.state.as_str(),
            stages,
            record.request,
            record.created_at
        ],
    )?;
    Ok(())
}

pub(crate) fn find<S: OfApp>(read: &Read<S>, build: BuildId) -> Result<Option<BuildRecord>, DbError> {
    read.one(&FIND, params![read.scope().app_id(), build], |row| {
        let state: String = row.get(2)?;
        let stages: Json = row.get(3)?;
        let broken = || DbError::Broken("a build's state or stages cannot be read".to_owned());
        let stages = stages.as_array().ok_or_else(broken)?.iter().map(StageRecord::from_json);
        Ok(BuildRecord {
            build,
            release: row.get(0)?,
            job: row.get(1)?,
            state: BuildState::parse(&state).ok_or_else(broken)?,
            stages: stages.collect::<Option<_>>().ok_or_else(broken)?,
            last_sequence: row.get(4)?,
            run_began_after: row.get(5)?,
            request: row.get(6)?,
            created_at: row.get(7)?,
        })
    })
}

/// Locks a build that is going on and numbers its next event; whether it is going on.
pub(super) fn take_sequence(tx: &mut Tx<AppScope>, build: BuildId) -> Result<bool, DbError> {
    let app = tx.app();
    Ok(tx.execute(&TAKE_SEQUENCE, params![app, build])? == 1)
}

pub(super) fn save(tx: &mut Tx<AppScope>, record: &BuildRecord) -> Result<(), DbError> {
    let app = tx.app();
    let (state, stages) = (record.state.as_str(), stages_json(record));
    tx.execute(&SAVE, params![app, record.build, record.job, state, stages])?;
    Ok(())
}

/// Opens a failed or cancelled build again; whether it was one.
pub(super) fn reopen(tx: &mut Tx<AppScope>, build: BuildId) -> Result<bool, DbError> {
    let app = tx.app();
    Ok(tx.execute(&REOPEN, params![app, build])? == 1)
}

pub(super) fn insert_event(
    tx: &mut Tx<AppScope>,
    record: &BuildRecord,
    kind: &str,
    payload: Json,
) -> Result<(), DbError> {
    let app = tx.app();
    tx.execute(&INSERT_EVENT, params![app, record.build, record.last_sequence, kind, payload])?;
    Ok(())
}

/// At most a hundred events after that sequence, in order.
pub(super) fn events(read: &Read<AppScope>, build: BuildId, after: u32) -> Result<Vec<BuildEvent>, DbError> {
    read.all(&EVENTS, params![read.app(), build, after], |row| {
        Ok(BuildEvent { sequence: row.get(0)?, kind: row.get(1)?, payload: row.get(2)? })
    })
}

fn stages_json(record: &BuildRecord) -> Json {
    record.stages.iter().map(StageRecord::to_json).collect()
}

pub(crate) fn erase(tx: &mut Tx<AppScope>, at_most: i64) -> Result<u64, DbError> {
    let app = tx.app();
    tx.execute(&ERASE, params![app, at_most])
}

pub(crate) fn erase_events(tx: &mut Tx<AppScope>, at_most: i64) -> Result<u64, DbError> {
    let app = tx.app();
    tx.execute(&ERASE_EVENTS, params![app, at_most])
}
