//! Apps as partners see them: launched in one commit, shown with what they wear and their last release.
//!
//! Whose an app is, where it answers and whether it does are tenancy's; this module refuses to decide any of it.

mod http;
mod package_id;

pub(crate) use http::routes;
pub(crate) use package_id::suggest;

use crate::brand::{self, BrandError, BrandRecord, NewBrand};
use crate::build::BuildRecord;
use crate::release::{self, ReleaseError, ReleaseRecord};
use crate::signing_key::{self, Sealed};
use slipway_framework::db::{DbError, Read, Tx};
use slipway_framework::http::{FieldProblem, Problem};
use slipway_framework::scope::{AppScope, LaunchScope};
use slipway_identity::account;
use slipway_kernel::MemberId;
use slipway_tenancy::app::{self, AppError, AppRecord, NewApp};
use thiserror::Error;

/// An app with what its partner wants to see of it.
#[derive(Debug, Clone)]
pub(crate) struct AppView {
    pub(crate) app: AppRecord,
    /// How many accounts it has.
    pub(crate) users: u32,
    pub(crate) brand: BrandRecord,
    pub(crate) last_release: Option<ReleaseRecord>,
}

/// An app that has just been launched.
pub(crate) struct Launched {
    pub(crate) view: AppView,
    pub(crate) build: BuildRecord,
}

/// Why nothing was launched.
#[derive(Debug, Error)]
pub(crate) enum LaunchError {
    #[error(transparent)]
    App(#[from] AppError),
    #[error(transparent)]
    Brand(#[from] BrandError),
    #[error(transparent)]
    Release(#[from] ReleaseError),
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Launches an app: the app, its first brand, its key, its first release and the build of it, or nothing of it.
///
/// # Errors
/// [`LaunchError`].
pub(crate) fn launch(
    tx: &mut Tx<LaunchScope>,
    new: &NewApp,
    brand: &NewBrand,
    key: &Sealed,
    start_url: &str,
    by: MemberId,
) -> Result<Launched, LaunchError> {
    app::create(tx, new)?;
    brand::store::open_numbers(tx)?;
    let brand = brand::create_first(tx, brand, by)?;
    brand::store::open_site(tx, brand.brand)?;
    signing_key::create(tx, key)?;
    let (release, build) = release::create(tx, brand.brand, start_url, 1)?;
    crate::site::forget(tx);
    let app = AppRecord {
        app: tx.app(),
        partner: tx.partner(),
        slug: new.slug.to_string(),
        name: new.name.to_string(),
        kit: new.kit.name.to_owned(),
        state: app::AppState::Live,
        package_id: new.package_id.to_string(),
        created_at: tx.now(),
    };
    let view = AppView { app, users: 0, brand, last_release: Some(release) };
    Ok(Launched { view, build })
}

/// The app of this scope as its partner sees it.
///
/// # Errors
/// [`DbError`].
pub(crate) fn view(read: &Read<AppScope>) -> Result<Option<AppView>, DbError> {
    let Some(app) = app::find(read)? else { return Ok(None) };
    let worn = brand::store::find_worn(read)?;
    let brand = worn.ok_or_else(|| DbError::Broken("an app wears no brand".to_owned()))?;
    let last_release = release::store::last(read)?;
    Ok(Some(AppView { app, users: account::count(read)?, brand, last_release }))
}

impl From<LaunchError> for Problem {
    fn from(error: LaunchError) -> Self {
        match error {
            LaunchError::App(error) => error.into(),
            LaunchError::Brand(error @ BrandError::LogoMissing) => Self::invalid(vec![FieldProblem {
                field: "brand.logo".to_owned(),
                message: slipway_framework::http::sentence(&error.to_string()),
            }]),
            LaunchError::Brand(error) => error.into(),
            LaunchError::Release(error) => error.into(),
            LaunchError::Db(error) => error.into(),
        }
    }
}
