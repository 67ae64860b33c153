//! All SQL of brand versions, of what an app's origin wears, and of the numbers that are given once.

use super::{BrandRecord, BrandState};
use crate::colour;
use crate::ids::{BrandId, BrandMarker};
use crate::scope::OfApp;
use slipway_framework::db::{DbError, Read, Row, Tx};
use slipway_framework::object::{Hash, Named, Place};
use slipway_framework::scope::{AppScope, LaunchScope, SystemScope};
use slipway_framework::{params, statements};
use slipway_kernel::{AppId, Limit, MemberId, Page};

statements! {
    OPEN_NUMBERS = "INSERT INTO numbers (app, brand_version, release_number, version_code) VALUES ($1, 0, 0, 0)";
    // Changing the row before reading it makes two writers wait for each other.
    TAKE_VERSION = "UPDATE numbers SET brand_version = brand_version + 1 WHERE app = $1";
    VERSION = "SELECT brand_version FROM numbers WHERE app = $1";
    INSERT = "INSERT INTO brand_versions (app, brand, version, state, name, tagline, logo, colours, company, email,
        jurisdiction, created_by, created_at, approved_by, approved_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)";
    FIND = "SELECT brand, version, state, name, tagline, logo, colours, company, email, jurisdiction, created_by,
        created_at, approved_at FROM brand_versions WHERE app = $1 AND brand = $2";
    LIST = "SELECT brand, version, state, name, tagline, logo, colours, company, email, jurisdiction, created_by,
        created_at, approved_at FROM brand_versions
        WHERE app = $1
            AND version < coalesce((SELECT a.version FROM brand_versions a WHERE a.app = $1 AND a.brand = $2), 9223372036854775807)
        ORDER BY version DESC LIMIT $3";
    LIST_NAMED = "SELECT app, brand, logo FROM brand_versions WHERE (app, brand) > ($1, $2) ORDER BY app, brand LIMIT $3";
    APPROVE = "UPDATE brand_versions SET state = 'approved', approved_by = $3, approved_at = $4
        WHERE app = $1 AND brand = $2 AND state = 'draft'";
    SET_RELEASED = "UPDATE brand_versions SET state = 'released' WHERE app = $1 AND brand = $2 AND state = 'approved'";
    OPEN_SITE = "INSERT INTO sites (app, brand, release_number) VALUES ($1, $2, 0)";
    FIND_WORN = "SELECT b.brand, b.version, b.state, b.name, b.tagline, b.logo, b.colours, b.company, b.email, b.jurisdiction,
        b.created_by, b.created_at, b.approved_at FROM sites s JOIN brand_versions b ON b.app = s.app AND b.brand = s.brand
        WHERE s.app = $1";
    WEAR = "UPDATE sites SET brand = $2, release_number = $3 WHERE app = $1 AND release_number < $3";
    ERASE = "DELETE FROM brand_versions WHERE (app, brand) IN (SELECT app, brand FROM brand_versions WHERE app = $1 LIMIT $2)";
    ERASE_SITE = "DELETE FROM sites WHERE app = $1";
    ERASE_NUMBERS = "DELETE FROM numbers WHERE app = $1";
}

/// Begins the app's numbers; everything that is numbered needs them.
pub(crate) fn open_numbers(tx: &mut Tx<LaunchScope>) -> Result<(), DbError> {
    let app = tx.app();
    tx.execute(&OPEN_NUMBERS, params![app])?;
    Ok(())
}

/// The number of the next version; `None` when the app is gone.
pub(super) fn next_version(tx: &mut Tx<LaunchScope>) -> Result<Option<u32>, DbError> {
    let app = tx.app();
    tx.execute(&TAKE_VERSION, params![app])?;
    tx.one(&VERSION, params![app], |row| row.get(0))
}

pub(super) fn insert(tx: &mut Tx<LaunchScope>, record: &BrandRecord) -> Result<(), DbError> {
    let app = tx.app();
    let approved_by = record.approved_at.map(|_| record.created_by);
    tx.execute(
        &INSERT,
        params![
            app,
            record.brand,
            record.version,
            record.state.as_str(),
            &record.name,
            &record.tagline,
            *record.logo.as_bytes(),
            colour::to_json(record.colours),
            &record.company,
            &record.email,
            &record.jurisdiction,
            record.created_by,
            record.created_at,
            approved_by,
            record.approved_at
        ],
    )?;
    Ok(())
}

pub(crate) fn find<S: OfApp>(read: &Read<S>, brand: BrandId) -> Result<Option<BrandRecord>, DbError> {
    read.one(&FIND, params![read.scope().app_id(), brand], record)
}

/// The newest versions first.
pub(super) fn list(
    read: &Read<AppScope>,
    after: Option<BrandId>,
    limit: Limit,
) -> Result<Page<BrandRecord>, DbError> {
    let before = after.unwrap_or(BrandId::from_bits(u128::MAX));
    let rows = read.all(&LIST, params![read.app(), before, limit.rows_and_one()], record)?;
    Ok(Page::of(rows, limit, |last| last.brand.to_string()))
}

/// Whether that changed anything.
pub(super) fn approve(tx: &mut Tx<AppScope>, brand: BrandId, by: MemberId) -> Result<bool, DbError> {
    let (app, now) = (tx.app(), tx.now());
    Ok(tx.execute(&APPROVE, params![app, brand, by, now])? == 1)
}

pub(crate) fn set_released(tx: &mut Tx<AppScope>, brand: BrandId) -> Result<(), DbError> {
    let app = tx.app();
    tx.execute(&SET_RELEASED, params![app, brand])?;
    Ok(())
}

/// Dresses a new app.
pub(crate) fn open_site(tx: &mut Tx<LaunchScope>, brand: BrandId) -> Result<(), DbError> {
    let app = tx.app();
    tx.execute(&OPEN_SITE, params![app, brand])?;
    Ok(())
}

/// What the app's origin wears now.
pub(crate) fn find_worn<S: OfApp>(read: &Read<S>) -> Result<Option<BrandRecord>, DbError> {
    read.one(&FIND_WORN, params![read.scope().app_id()], record)
}

/// Dresses the app's origin, unless a later release has done so already; whether it did.
pub(crate) fn wear(tx: &mut Tx<AppScope>, brand: BrandId, release_number: u32) -> Result<bool, DbError> {
    let app = tx.app();
    Ok(tx.execute(&WEAR, params![app, brand, release_number])? == 1)
}

fn record(row: &Row<'_>) -> Result<BrandRecord, DbError> {
    let state: String = row.get(2)?;
    let colours: serde_json::Value = row.get(6)?;
    Ok(BrandRecord {
        brand: row.get(0)?,
        version: row.get(1)?,
        state: BrandState::parse(&state)
            .ok_or_else(|| DbError::Broken(format!("{state} is no state of a brand")))?,
        name: row.get(3)?,
        tagline: row.get(4)?,
        logo: Hash::from_bytes(row.get(5)?),
        colours: colour::from_json(&colours)
            .ok_or_else(|| DbError::Broken("a brand's colours are no colours".to_owned()))?,
        company: row.get(7)?,
        email: row.get(8)?,
        jurisdiction: row.get(9)?,
        created_by: row.get(10)?,
        created_at: row.get(11)?,
        approved_at: row.get(12)?,
    })
}

/// The files that brand versions name, of every app.
pub(crate) fn list_named(read: &Read<SystemScope>, after: &Place, limit: i64) -> Result<Named, DbError> {
    let rows = read.all(&LIST_NAMED, params![after.root, after.id::<BrandMarker>(), limit], |row| {
        let place = Place::after(row.get::<AppId>(0)?, row.get::<BrandId>(1)?);
        Ok((place, vec![Hash::from_bytes(row.get(2)?)]))
    })?;
    Ok(Named::page(rows, limit))
}

pub(crate) fn erase(tx: &mut Tx<AppScope>, at_most: i64) -> Result<u64, DbError> {
    let app = tx.app();
    tx.execute(&ERASE, params![app, at_most])
}

/// An app has one row at most.
pub(crate) fn erase_site(tx: &mut Tx<AppScope>, _at_most: i64) -> Result<u64, DbError> {
    let app = tx.app();
    tx.execute(&ERASE_SITE, params![app])
}

/// An app has one row at most.
pub(crate) fn erase_numbers(tx: &mut Tx<AppScope>, _at_most: i64) -> Result<u64, DbError> {
    let app = tx.app();
    tx.execute(&ERASE_NUMBERS, params![app])
}
