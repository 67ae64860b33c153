//! Slugs: which app answers at `<slug>.<base domain>`, and whether a slug can still be had.
//!
//! It refuses to store hosts: the base domain is a setting, so moving an installation to another one changes no row.

mod cache;
mod http;
mod store;
mod suggestion;

pub(crate) use cache::HostCache;
pub(crate) use http::routes;
pub(crate) use store::find_app as find_app_in;

use crate::app::{self, AppState};
use futures_util::future::BoxFuture;
use slipway_framework::db::{Db, DbError};
use slipway_framework::http::{Hosts, Tenant};
use slipway_framework::platform::Platform;
use slipway_framework::scope::{Actor, AppScope, Cause, Purpose, SystemScope};
use slipway_kernel::{AppId, Id, Slug, SlugError};
use std::sync::Arc;
use thiserror::Error;

/// Knows whose host a name is.
#[derive(Debug)]
pub(crate) struct SlugHosts;

impl Hosts for SlugHosts {
    fn find<'a>(
        &'a self,
        platform: &'a Platform,
        host: &'a str,
    ) -> BoxFuture<'a, Result<Option<Arc<Tenant>>, Arc<DbError>>> {
        Box::pin(async move {
            let below = host.strip_suffix(&platform.addresses().base_domain);
            let slug = below.and_then(|below| below.strip_suffix('.'));
            // What is no slug is nobody's host, and need not take up room in the cache.
            let Some(slug) = slug.and_then(|text| Slug::parse(text).ok()) else { return Ok(None) };
            platform.db().local::<HostCache>().get_or_load(&slug, load(platform, &slug)).await
        })
    }
}

async fn load(platform: &Platform, slug: &Slug) -> Result<Option<Arc<Tenant>>, DbError> {
    let cause = Cause { actor: Actor::Platform, request: Id::mint(platform.clock(), platform.entropy()) };
    let Some(app) = owner(platform, cause, slug).await? else { return Ok(None) };
    let found = platform.db().read_point(&AppScope::new(app, cause), app::find).await?;
    Ok(found.map(|app| {
        let suspended = app.state == AppState::Suspended;
        Arc::new(Tenant { app: app.app, partner: app.partner, kit: app.kit, suspended })
    }))
}

async fn owner(platform: &Platform, cause: Cause, slug: &Slug) -> Result<Option<AppId>, DbError> {
    find_app(platform.db(), cause, slug).await
}

/// The app that has this slug.
///
/// # Errors
/// [`DbError`].
pub async fn find_app(db: &Db, cause: Cause, slug: &Slug) -> Result<Option<AppId>, DbError> {
    let slug = slug.clone();
    let scope = SystemScope::new(Purpose::Hosts, cause);
    db.read_point(&scope, move |read| store::find_app(read, &slug)).await
}

/// Whether a slug can be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Availability {
    /// Why it cannot.
    pub refusal: Option<SlugRefusal>,
    /// A slug like it that can be had; absent when the wanted one can, or none was found.
    pub suggestion: Option<Slug>,
}

/// Why a text cannot become an app's slug.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SlugRefusal {
    #[error(transparent)]
    Unfit(#[from] SlugError),
    #[error("another app answers there already; choose another address")]
    Taken,
}

/// Says whether `text` can become an app's slug, and proposes another one if not. Nothing is held: a launch may still find
/// it taken.
///
/// # Errors
/// [`DbError`].
pub async fn availability(platform: &Platform, cause: Cause, text: &str) -> Result<Availability, DbError> {
    let wanted = Slug::parse(text);
    let candidates = suggestion::candidates(text);
    let scope = SystemScope::new(Purpose::Hosts, cause);
    let availability = platform.db().read(&scope, move |read| {
        let refusal = match &wanted {
            Err(error) => Some(SlugRefusal::Unfit(error.clone())),
            Ok(slug) => store::find_app(read, slug)?.map(|_| SlugRefusal::Taken),
        };
        let mut suggestion = None;
        if refusal.is_some() {
            for candidate in &candidates {
                if store::find_app(read, candidate)?.is_none() {
                    suggestion = Some(candidate.clone());
                    break;
                }
            }
        }
        Ok(Availability { refusal, suggestion })
    });
    availability.await
}
