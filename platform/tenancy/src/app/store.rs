//! All SQL of apps and of the partner's list of them. It also claims an app's slug, which lives and dies with the app.

use super::{AppName, AppRecord, AppState, ListedApp, NewApp};
use slipway_framework::db::{DbError, Read, Tx};
use slipway_framework::scope::{AppScope, LaunchScope, PartnerScope};
use slipway_framework::{params, statements};
use slipway_kernel::{AppId, Limit, Page, Slug};

statements! {
    INSERT_SLUG = "INSERT INTO slugs (app, slug) VALUES ($1, $2)";
    INSERT = "INSERT INTO apps (app, partner, slug, name, kit, state, package_id, created_at)
        VALUES ($1, $2, $3, $4, $5, 'live', $6, $7)";
    INSERT_LISTED = "INSERT INTO partner_apps (partner, app, slug) VALUES ($1, $2, $3)";
    FIND = "SELECT partner, slug, name, kit, state, package_id, created_at FROM apps WHERE app = $1 AND deleted_at IS NULL";
    LIST = "SELECT app, slug FROM partner_apps WHERE partner = $1 AND app > $2 ORDER BY app LIMIT $3";
    RENAME = "UPDATE apps SET name = $2 WHERE app = $1";
    SET_STATE = "UPDATE apps SET state = $2 WHERE app = $1 AND state <> $2 AND deleted_at IS NULL";
    IS_LIVE = "SELECT 1 FROM apps WHERE app = $1 AND deleted_at IS NULL";
    MARK_DELETED = "UPDATE apps SET deleted_at = $2 WHERE app = $1 AND deleted_at IS NULL RETURNING slug";
    ERASE = "DELETE FROM apps WHERE app = $1 AND deleted_at IS NOT NULL";
    ERASE_SLUGS = "DELETE FROM slugs WHERE (app, slug) IN (SELECT app, slug FROM slugs WHERE app = $1 LIMIT $2)";
    DELETE_LISTED = "DELETE FROM partner_apps WHERE partner = $1 AND app = $2";
}

pub(super) fn insert_slug(tx: &mut Tx<LaunchScope>, slug: &Slug) -> Result<(), DbError> {
    let app = tx.app();
    tx.execute(&INSERT_SLUG, params![app, slug.as_str()])?;
    Ok(())
}

pub(super) fn insert(tx: &mut Tx<LaunchScope>, new: &NewApp) -> Result<(), DbError> {
    let (app, partner, now) = (tx.app(), tx.partner(), tx.now());
    let (slug, name, package_id) = (new.slug.as_str(), new.name.as_str(), new.package_id.as_str());
    tx.execute(&INSERT, params![app, partner, slug, name, new.kit.name, package_id, now])?;
    Ok(())
}

pub(super) fn insert_listed(tx: &mut Tx<LaunchScope>, slug: &Slug) -> Result<(), DbError> {
    let (app, partner) = (tx.app(), tx.partner());
    tx.execute(&INSERT_LISTED, params![partner, app, slug.as_str()])?;
    Ok(())
}

/// The app of this scope.
///
/// # Errors
/// [`DbError`].
pub fn find(read: &Read<AppScope>) -> Result<Option<AppRecord>, DbError> {
    let app = read.app();
    read.one(&FIND, params![app], |row| {
        let state: String = row.get(4)?;
        let state = AppState::parse(&state).map_err(|error| DbError::Broken(error.to_string()))?;
        Ok(AppRecord {
            app,
            partner: row.get(0)?,
            slug: row.get(1)?,
            name: row.get(2)?,
            kit: row.get(3)?,
            state,
            package_id: row.get(5)?,
            created_at: row.get(6)?,
        })
    })
}

/// The partner's apps in the order they were launched.
///
/// # Errors
/// [`DbError`].
pub fn list(
    read: &Read<PartnerScope>,
    after: Option<AppId>,
    limit: Limit,
) -> Result<Page<ListedApp>, DbError> {
    let after = after.unwrap_or(AppId::from_bits(0));
    let rows = read.all(&LIST, params![read.partner(), after, limit.rows_and_one()], |row| {
        Ok(ListedApp { app: row.get(0)?, slug: row.get(1)? })
    })?;
    Ok(Page::of(rows, limit, |last| last.app.to_string()))
}

pub(super) fn rename(tx: &mut Tx<AppScope>, name: &AppName) -> Result<(), DbError> {
    let app = tx.app();
    tx.execute(&RENAME, params![app, name.as_str()])?;
    Ok(())
}

/// Whether that changed anything.
pub(super) fn set_state(tx: &mut Tx<AppScope>, state: AppState) -> Result<bool, DbError> {
    let app = tx.app();
    Ok(tx.execute(&SET_STATE, params![app, state.as_str()])? == 1)
}

/// Whether the app is there and not marked as deleted.
pub(super) fn is_live(read: &Read<AppScope>) -> Result<bool, DbError> {
    read.exists(&IS_LIVE, params![read.app()])
}

/// Marks the app as deleted and takes it off its partner's list; its slug, or `None` when there was nothing to delete.
pub(super) fn mark_deleted(tx: &mut Tx<LaunchScope>) -> Result<Option<String>, DbError> {
    let (app, partner, now) = (tx.app(), tx.partner(), tx.now());
    let slug = tx.one(&MARK_DELETED, params![app, now], |row| row.get(0))?;
    tx.execute(&DELETE_LISTED, params![partner, app])?;
    Ok(slug)
}

/// Only an app that is marked; rows that were written meanwhile go with it by their foreign keys.
pub(crate) fn erase(tx: &mut Tx<AppScope>, _at_most: i64) -> Result<u64, DbError> {
    let app = tx.app();
    tx.execute(&ERASE, params![app])
}

pub(crate) fn erase_slugs(tx: &mut Tx<AppScope>, at_most: i64) -> Result<u64, DbError> {
    let app = tx.app();
    tx.execute(&ERASE_SLUGS, params![app, at_most])
}
