//! All SQL of releases and of the numbers they take.

use super::{Artefact, ReleaseRecord, ReleaseState};
use crate::ids::{ReleaseId, ReleaseMarker};
use crate::scope::OfApp;
use serde_json::Value as Json;
use slipway_framework::db::{DbError, Read, Row, Tx};
use slipway_framework::object::{Named, Place};
use slipway_framework::scope::{AppScope, SystemScope};
use slipway_framework::{params, statements};
use slipway_kernel::{AppId, Limit, Page};

statements! {
    // Changing the row before reading it makes two writers wait for each other.
    TAKE_NUMBERS = "UPDATE numbers SET release_number = release_number + 1,
        version_code = CASE WHEN version_code + 1 > $2 THEN version_code + 1 ELSE $2 END WHERE app = $1";
    NUMBERS = "SELECT release_number, version_code FROM numbers WHERE app = $1";
    INSERT = "INSERT INTO releases (app, release, number, version_code, version_name, brand, start_url, rollback_of, state, artefacts,
        created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    FIND = "SELECT r.release, r.number, r.version_code, r.version_name, r.brand, r.start_url, r.rollback_of, r.state, r.artefacts,
        b.build, r.created_at FROM releases r JOIN builds b ON b.app = r.app AND b.release = r.release
        WHERE r.app = $1 AND r.release = $2";
    LIST = "SELECT r.release, r.number, r.version_code, r.version_name, r.brand, r.start_url, r.rollback_of, r.state, r.artefacts,
        b.build, r.created_at FROM releases r JOIN builds b ON b.app = r.app AND b.release = r.release
        WHERE r.app = $1
            AND r.number < coalesce((SELECT a.number FROM releases a WHERE a.app = $1 AND a.release = $2), 9223372036854775807)
        ORDER BY r.number DESC LIMIT $3";
    LAST = "SELECT r.release, r.number, r.version_code, r.version_name, r.brand, r.start_url, r.rollback_of, r.state, r.artefacts,
        b.build, r.created_at FROM releases r JOIN builds b ON b.app = r.app AND b.release = r.release
        WHERE r.app = $1 ORDER BY r.number DESC LIMIT 1";
    LIST_NAMED = "SELECT app, release, artefacts FROM releases WHERE (app, release) > ($1, $2)
        ORDER BY app, release LIMIT $3";
    SET_STATE = "UPDATE releases SET state = $3 WHERE app = $1 AND release = $2 AND state <> 'ready'";
    SET_READY = "UPDATE releases SET state = 'ready', artefacts = $3 WHERE app = $1 AND release = $2 AND state = 'building'";
    ERASE = "DELETE FROM releases WHERE (app, release) IN (SELECT app, release FROM releases WHERE app = $1 LIMIT $2)";
}

/// The next number and a version code above every one before, and at least `least_code`; `None` when the app is gone.
pub(super) fn take_numbers<S: OfApp>(tx: &mut Tx<S>, least_code: u32) -> Result<Option<(u32, u32)>, DbError> {
    let app = tx.scope().app_id();
    tx.execute(&TAKE_NUMBERS, params![app, least_code])?;
    tx.one(&NUMBERS, params![app], |row| Ok((row.get(0)?, row.get(1)?)))
}

pub(super) fn insert<S: OfApp>(tx: &mut Tx<S>, record: &ReleaseRecord) -> Result<(), DbError> {
    let app = tx.scope().app_id();
    tx.execute(
        &INSERT,
        params![
            app,
            record.release,
            record.number,
            record.version_code,
            &record.version_name,
            record.brand,
            &record.start_url,
            record.rollback_of,
            record.state.as_str(),
            artefacts_json(&record.artefacts),
            record.created_at
        ],
    )?;
    Ok(())
}

pub(crate) fn find<S: OfApp>(read: &Read<S>, release: ReleaseId) -> Result<Option<ReleaseRecord>, DbError> {
    read.one(&FIND, params![read.scope().app_id(), release], record)
}

/// The newest first.
pub(super) fn list(
    read: &Read<AppScope>,
    after: Option<ReleaseId>,
    limit: Limit,
) -> Result<Page<ReleaseRecord>, DbError> {
    let before = after.unwrap_or(ReleaseId::from_bits(u128::MAX));
    let rows = read.all(&LIST, params![read.app(), before, limit.rows_and_one()], record)?;
    Ok(Page::of(rows, limit, |last| last.release.to_string()))
}

pub(crate) fn last(read: &Read<AppScope>) -> Result<Option<ReleaseRecord>, DbError> {
    read.one(&LAST, params![read.app()], record)
}

/// Moves a release that is not ready.
pub(crate) fn set_state(
    tx: &mut Tx<AppScope>,
    release: ReleaseId,
    state: ReleaseState,
) -> Result<(), DbError> {
    let app = tx.app();
    tx.execute(&SET_STATE, params![app, release, state.as_str()])?;
    Ok(())
}

pub(super) fn set_ready(
    tx: &mut Tx<AppScope>,
    release: ReleaseId,
    artefacts: &[Artefact],
) -> Result<(), DbError> {
    let app = tx.app();
    tx.execute(&SET_READY, params![app, release, artefacts_json(artefacts)])?;
    Ok(())
}

fn artefacts_json(artefacts: &[Artefact]) -> Json {
    artefacts.iter().map(|artefact| artefact.to_json()).collect()
}

fn record(row: &Row<'_>) -> Result<ReleaseRecord, DbError> {
    let broken = || DbError::Broken("a release's state cannot be read".to_owned());
    let (state, stored): (String, Json) = (row.get(7)?, row.get(8)?);
    Ok(ReleaseRecord {
        release: row.get(0)?,
        number: row.get(1)?,
        version_code: row.get(2)?,
        version_name: row.get(3)?,
        brand: row.get(4)?,
        start_url: row.get(5)?,
        rollback_of: row.get(6)?,
        state: ReleaseState::parse(&state).ok_or_else(broken)?,
        artefacts: artefacts(&stored)?,
        build: row.get(9)?,
        created_at: row.get(10)?,
    })
}

fn artefacts(stored: &Json) -> Result<Vec<Artefact>, DbError> {
    let listed = stored.as_array().and_then(|list| list.iter().map(Artefact::from_json).collect());
    listed.ok_or_else(|| DbError::Broken("a release's artefacts cannot be read".to_owned()))
}

/// The files that releases name, of every app. One that cannot be read stops the sweep: nothing is deleted on a guess.
pub(crate) fn list_named(read: &Read<SystemScope>, after: &Place, limit: i64) -> Result<Named, DbError> {
    let rows = read.all(&LIST_NAMED, params![after.root, after.id::<ReleaseMarker>(), limit], |row| {
        let place = Place::after(row.get::<AppId>(0)?, row.get::<ReleaseId>(1)?);
        let artefacts = artefacts(&row.get(2)?)?;
        Ok((place, artefacts.iter().map(|artefact| artefact.hash).collect()))
    })?;
    Ok(Named::page(rows, limit))
}

pub(crate) fn erase(tx: &mut Tx<AppScope>, at_most: i64) -> Result<u64, DbError> {
    let app = tx.app();
    tx.execute(&ERASE, params![app, at_most])
}
