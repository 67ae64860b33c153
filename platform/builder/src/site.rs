//! What an app's origin serves from its brand: style sheet, web manifest, icons, links to the Android app, legal texts.
//!
//! Everything is made from the brand that the app wears now and remembered in this process. It refuses to be remembered by browsers without
//! asking: a new brand is there with the next load.

mod http;

pub(crate) use http::routes;

use crate::brand::{self, BrandRecord};
use crate::scope::OfApp;
use crate::signing_key;
use serde_json::{Value as Json, json};
use slipway_apk::Certificate;
use slipway_brand::{IconSet, Logo, Theme, icon_background, web_icons};
use slipway_framework::cache::Cache;
use slipway_framework::db::{DbError, Read, Tx};
use slipway_framework::http::Problem;
use slipway_framework::platform::Platform;
use slipway_framework::scope::AppScope;
use slipway_kernel::AppId;
use slipway_tenancy::app;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Other processes on the same database learn of a change after this.
const TIME_TO_LIVE: Duration = Duration::from_secs(10);
/// A set of icons has about 100 kB.
const ICON_SETS: u64 = 64;

/// Everything but the pictures.
#[derive(Debug, Clone)]
pub(crate) struct Site {
    pub(crate) brand: BrandRecord,
    pub(crate) kit: String,
    pub(crate) package_id: String,
    /// Of the own key, and of Google Play's when it is known.
    pub(crate) fingerprints: Vec<String>,
    pub(crate) theme_css: String,
}

/// Keys carry the generation in which a load began, and every change begins a new one: a load that was overtaken by a change is never
/// found again.
#[derive(Debug)]
struct SiteCache {
    generation: AtomicU64,
    sites: Cache<(u64, AppId), Arc<Site>>,
    icons: Cache<(AppId, crate::ids::BrandId), Arc<IconSet>>,
}

impl Default for SiteCache {
    fn default() -> Self {
        Self {
            generation: AtomicU64::new(0),
            sites: Cache::new("sites", 1_000, TIME_TO_LIVE),
            icons: Cache::new("icons", ICON_SETS, Duration::from_hours(1)),
        }
    }
}

/// After the commit every site is made anew.
pub(crate) fn forget<S: OfApp>(tx: &mut Tx<S>) {
    let cache = tx.local::<SiteCache>();
    tx.after_commit(move || {
        cache.generation.fetch_add(1, Ordering::Release);
    });
}

/// The site of an app.
pub(crate) async fn find(platform: &Platform, scope: &AppScope) -> Result<Arc<Site>, Problem> {
    let cache = platform.db().local::<SiteCache>();
    let generation = cache.generation.load(Ordering::Acquire);
    let load = platform.db().read(scope, |read| Ok::<_, DbError>(load(read)?.map(Arc::new)));
    let found =
        cache.sites.get_or_load((generation, scope.app()), [], load).await.map_err(Problem::internal)?;
    found.ok_or_else(|| Problem::not_found("app"))
}

fn load(read: &Read<AppScope>) -> Result<Option<Site>, DbError> {
    let (Some(app), Some(brand), Some(key)) =
        (app::find(read)?, brand::store::find_worn(read)?, signing_key::find(read)?)
    else {
        return Ok(None);
    };
    let certificate =
        Certificate::parse(&key.certificate).map_err(|error| DbError::Broken(error.to_string()))?;
    let mut fingerprints = vec![certificate.fingerprint_sha256()];
    fingerprints.extend(key.play_fingerprint);
    let theme_css = Theme::new(brand.colours).to_css();
    Ok(Some(Site { brand, kit: app.kit, package_id: app.package_id, fingerprints, theme_css }))
}

/// The icons of an app's brand, drawn once an hour at most.
pub(crate) async fn icons(platform: &Platform, app: AppId, site: &Site) -> Result<Arc<IconSet>, Problem> {
    let cache = platform.db().local::<SiteCache>();
    let (brand, hash, colours) = (site.brand.brand, site.brand.logo, site.brand.colours);
    let load = async {
        let png = crate::logo::bytes(platform, hash).await.map_err(Problem::internal)?;
        let drawn = crate::workbench::draw(platform, move || {
            let logo = Logo::decode(&png).map_err(Problem::internal)?;
            Ok::<_, Problem>(web_icons(&logo, icon_background(&logo, &colours)))
        });
        Ok::<_, Problem>(Some(Arc::new(drawn.await??)))
    };
    let found =
        cache.icons.get_or_load((app, brand), [], load).await.map_err(|problem| (*problem).clone())?;
    found.ok_or_else(|| Problem::not_found("picture"))
}

impl Site {
    /// A web application manifest (W3C).
    pub(crate) fn manifest(&self) -> Json {
        let icon = |side_px: u32, name: &str, purpose: &str| json!({ "src": format!("/icons/{name}.png"), "sizes": format!("{side_px}x{side_px}"), "type": "image/png", "purpose": purpose });
        json!({
            "id": "/", "start_url": "/", "scope": "/", "display": "standalone",
            "name": self.brand.name, "short_name": self.brand.name, "description": self.brand.tagline,
            "background_color": self.brand.colours.background.to_string(),
            "theme_color": self.brand.colours.primary.to_string(),
            "icons": [
                icon(192, "icon-192", "any"), icon(512, "icon-512", "any"),
                icon(192, "icon-maskable-192", "maskable"), icon(512, "icon-maskable-512", "maskable"),
            ],
        })
    }

    /// The statement by which Android opens the app's links in the app (Digital Asset Links).
    pub(crate) fn asset_links(&self) -> Json {
        json!([{
            "relation": ["delegate_permission/common.handle_all_urls"],
            "target": {
                "namespace": "android_app", "package_name": self.package_id,
                "sha256_cert_fingerprints": self.fingerprints,
            },
        }])
    }
}
