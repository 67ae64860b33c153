//! Apps: branded instances of a kit, each the tenant of everything inside it.
//!
//! An app is launched, renamed, suspended, resumed and deleted here. It refuses to know what an app looks like or how it is
//! built; other modules hang their rows on `apps (app)` with ON DELETE CASCADE and say how they are erased.

mod http;
pub(crate) mod jobs;
mod package_id;
pub(crate) mod store;

pub use crate::name::AppName;
pub(crate) use http::routes;
pub use package_id::{PackageId, PackageIdError};
pub use store::{find, list};

use crate::events::{AppDeleted, AppLaunched, AppResumed, AppSuspended};
use crate::quota::{self, QuotaReached};
use crate::slug::HostCache;
use axum::http::StatusCode;
use serde_json::{Value as Json, json};
use slipway_framework::audit::Audit;
use slipway_framework::db::{DbError, Tx};
use slipway_framework::http::{Problem, sentence};
use slipway_framework::kit::Kit;
use slipway_framework::scope::{AppScope, LaunchScope, Rooted, Scope};
use slipway_kernel::{AppId, Code, PartnerId, Slug, Ts};
use thiserror::Error;

/// Whether an app answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AppState {
    Live,
    Suspended,
}

/// A stored text names no state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("an app is live or suspended")]
pub struct AppStateError;

impl AppState {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Suspended => "suspended",
        }
    }

    /// # Errors
    /// [`AppStateError`].
    pub fn parse(text: &str) -> Result<Self, AppStateError> {
        [Self::Live, Self::Suspended].into_iter().find(|state| state.as_str() == text).ok_or(AppStateError)
    }
}

/// An app about to be; its id and partner are those of the scope.
#[derive(Debug, Clone)]
pub struct NewApp {
    pub slug: Slug,
    pub name: AppName,
    pub kit: Kit,
    pub package_id: PackageId,
}

/// An app as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppRecord {
    pub app: AppId,
    pub partner: PartnerId,
    pub slug: String,
    pub name: String,
    pub kit: String,
    pub state: AppState,
    pub package_id: String,
    pub created_at: Ts,
}

/// An app in its partner's list; the rest stands in the app's own rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedApp {
    pub app: AppId,
    pub slug: String,
}

/// Why an app cannot be launched.
#[derive(Debug, Error)]
pub enum AppError {
    #[error("this slug is taken; choose another one")]
    SlugTaken,
    #[error("another app of this installation has this package id; choose another one")]
    PackageIdTaken,
    #[error(transparent)]
    Quota(#[from] QuotaReached),
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Launches the app of this scope: from the commit on it answers at its host.
///
/// # Errors
/// [`AppError::SlugTaken`] and [`AppError::PackageIdTaken`], also when another launch was quicker by a hair; [`AppError::Quota`]
/// when the partner has as many apps as it may have.
pub fn create(tx: &mut Tx<LaunchScope>, new: &NewApp) -> Result<(), AppError> {
    if let Some(reached) = quota::room_for_app(tx)? {
        return Err(reached.into());
    }
    store::insert_slug(tx, &new.slug).map_err(|error| {
        if error.is_duplicate_in("slugs") { AppError::SlugTaken } else { AppError::Db(error) }
    })?;
    store::insert(tx, new).map_err(|error| {
        if error.is_duplicate_in("apps") { AppError::PackageIdTaken } else { AppError::Db(error) }
    })?;
    store::insert_listed(tx, &new.slug)?;
    let (app, partner) = (tx.app(), tx.partner());
    let (kit, slug) = (new.kit.name.to_owned(), new.slug.to_string());
    audit(tx, app, "app_launched", json!({ "kit": kit, "slug": slug }));
    tx.emit(&AppLaunched { app, partner, kit, slug });
    forget_hosts(tx);
    Ok(())
}

/// Gives the app another name. Its slug stays: links and installed apps hold on to it.
///
/// # Errors
/// [`DbError`].
pub fn rename(tx: &mut Tx<AppScope>, name: &AppName) -> Result<(), DbError> {
    store::rename(tx, name)?;
    let app = tx.app();
    audit(tx, app, "app_renamed", json!({}));
    Ok(())
}

/// From the commit on the app answers nobody. Doing it twice is doing it once.
///
/// # Errors
/// [`DbError`].
pub fn suspend(tx: &mut Tx<AppScope>) -> Result<(), DbError> {
    let app = tx.app();
    if store::set_state(tx, AppState::Suspended)? {
        audit(tx, app, "app_suspended", json!({}));
        tx.emit(&AppSuspended { app });
        forget_hosts(tx);
    }
    Ok(())
}

/// From the commit on the app answers again. Doing it twice is doing it once.
///
/// # Errors
/// [`DbError`].
pub fn resume(tx: &mut Tx<AppScope>) -> Result<(), DbError> {
    let app = tx.app();
    if store::set_state(tx, AppState::Live)? {
        audit(tx, app, "app_resumed", json!({}));
        tx.emit(&AppResumed { app });
        forget_hosts(tx);
    }
    Ok(())
}

/// Deletes the app: from the commit on it answers nobody, in any way, and a job erases every row of a table that hangs on it. Its slug
/// and package id are free when the last row is gone, so that nobody moves in while rows of the former owner are still there. The
/// audit trail stays, and the partner's own trail says so too. Doing it twice is doing it once.
///
/// # Errors
/// [`DbError`].
pub fn delete(tx: &mut Tx<LaunchScope>) -> Result<(), DbError> {
    let (app, partner) = (tx.app(), tx.partner());
    if let Some(slug) = store::mark_deleted(tx)? {
        audit(tx, app, "app_deleted", json!({}));
        let (resource_type, resource_id) = ("app", app.to_string());
        let details = json!({ "slug": slug });
        tx.audit_for_partner(Audit { action: "app_deleted", resource_type, resource_id, details });
        tx.enqueue(&jobs::EraseApp { app });
        tx.emit(&AppDeleted { app, partner });
        forget_hosts(tx);
    }
    Ok(())
}

fn audit<S: Rooted>(tx: &mut Tx<S>, app: AppId, action: &'static str, details: Json) {
    tx.audit(Audit { action, resource_type: "app", resource_id: app.to_string(), details });
}

fn forget_hosts<S: Scope>(tx: &mut Tx<S>) {
    let hosts = tx.local::<HostCache>();
    tx.after_commit(move || hosts.forget());
}

const SLUG_TAKEN: Code = Code::new("apps.slug_taken");
const PACKAGE_ID_TAKEN: Code = Code::new("apps.package_id_taken");

impl From<AppError> for Problem {
    fn from(error: AppError) -> Self {
        let code = match error {
            AppError::SlugTaken => SLUG_TAKEN,
            AppError::PackageIdTaken => PACKAGE_ID_TAKEN,
            AppError::Quota(reached) => return reached.into(),
            AppError::Db(error) => return error.into(),
        };
        Self::new(StatusCode::CONFLICT, code, sentence(&error.to_string()))
    }
}
