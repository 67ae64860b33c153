//! The routes of every app's origin that come from its brand. They stand at the root, where browsers and Android look for them.

use super::Site;
use crate::colour::ColoursOut;
use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use slipway_framework::http::{AppHost, Problem, ProblemBody, SiteHost};
use slipway_framework::kit::{LegalIdentity, LegalText};
use slipway_framework::module::Routes;
use slipway_framework::object::Hash;
use slipway_framework::platform::Platform;
use slipway_framework::scope::{Actor, AppScope};
use std::sync::Arc;
use utoipa::ToSchema;
use utoipa_axum::routes;

pub(crate) fn routes() -> Routes {
    Routes::new()
        .routes(routes!(show))
        .routes(routes!(theme))
        .routes(routes!(manifest))
        .routes(routes!(icon))
        .routes(routes!(favicon))
        .routes(routes!(asset_links))
        .routes(routes!(legal_document))
}

/// What an app's pages know about their app.
#[derive(Debug, Serialize, ToSchema)]
struct AppInfo {
    name: String,
    tagline: String,
    kit: String,
    colours: ColoursOut,
    legal: crate::brand::LegalIdentityOut,
    /// Users are asked again when it changes.
    legal_version: &'static str,
    /// `live` or `suspended`; a suspended app answers nothing but this, its colours and its icons.
    state: &'static str,
}

/// This app.
#[utoipa::path(get, path = "/api/v1/app", tag = "app", operation_id = "show_app_info",
    responses((status = 200, body = AppInfo), (status = "default", body = ProblemBody)))]
async fn show(State(platform): State<Platform>, host: SiteHost) -> Result<Json<AppInfo>, Problem> {
    let site = load(&platform, &host).await?;
    let kit = platform.kit(&site.kit).ok_or_else(|| Problem::internal("an app is of an unknown kit"))?;
    let brand = site.brand.clone();
    Ok(Json(AppInfo {
        name: brand.name,
        tagline: brand.tagline,
        kit: site.kit.clone(),
        colours: brand.colours.into(),
        legal: crate::brand::LegalIdentityOut {
            company: brand.company,
            email: brand.email,
            jurisdiction: brand.jurisdiction,
        },
        legal_version: kit.card.legal_version,
        state: if host.tenant.suspended { "suspended" } else { "live" },
    }))
}

/// The brand's colours as CSS custom properties.
#[utoipa::path(get, path = "/theme.css", tag = "app",
    responses((status = 200, content_type = "text/css", body = String), (status = "default", body = ProblemBody)))]
async fn theme(
    State(platform): State<Platform>,
    host: SiteHost,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let site = load(&platform, &host).await?;
    Ok(fresh(&headers, "text/css; charset=utf-8", site.theme_css.clone().into_bytes()))
}

/// The web application manifest.
#[utoipa::path(get, path = "/manifest.webmanifest", tag = "app",
    responses((status = 200, content_type = "application/manifest+json", body = String), (status = "default", body = ProblemBody)))]
async fn manifest(
    State(platform): State<Platform>,
    host: SiteHost,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let site = load(&platform, &host).await?;
    Ok(fresh(&headers, "application/manifest+json", site.manifest().to_string().into_bytes()))
}

/// One of the brand's web icons: `icon-192`, `icon-512`, `icon-maskable-192`, `icon-maskable-512`, `apple-touch-icon` or `favicon-32`, each with `.png`.
#[utoipa::path(get, path = "/icons/{name}", tag = "app", params(("name" = String, Path)),
    responses((status = 200, content_type = "image/png", body = Vec<u8>), (status = "default", body = ProblemBody)))]
async fn icon(
    State(platform): State<Platform>,
    host: SiteHost,
    headers: HeaderMap,
    name: Result<Path<String>, PathRejection>,
) -> Result<Response, Problem> {
    let Path(name) = name.map_err(|_| Problem::not_found("picture"))?;
    picture(&platform, &host, &headers, &name).await
}

/// The smallest icon, where browsers look for it unasked.
#[utoipa::path(get, path = "/favicon.ico", tag = "app",
    responses((status = 200, content_type = "image/png", body = Vec<u8>), (status = "default", body = ProblemBody)))]
async fn favicon(
    State(platform): State<Platform>,
    host: SiteHost,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    picture(&platform, &host, &headers, "favicon-32.png").await
}

/// Which Android app opens this origin's links.
#[utoipa::path(get, path = "/.well-known/assetlinks.json", tag = "app",
    responses((status = 200, content_type = "application/json", body = String), (status = "default", body = ProblemBody)))]
async fn asset_links(
    State(platform): State<Platform>,
    host: SiteHost,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let site = load(&platform, &host).await?;
    Ok(fresh(&headers, "application/json", site.asset_links().to_string().into_bytes()))
}

/// One of the app's legal texts: `terms`, `privacy` or `disclaimers`.
#[utoipa::path(get, path = "/api/v1/legal-documents/{document}", tag = "app", params(("document" = String, Path)),
    responses((status = 200, body = LegalText), (status = "default", body = ProblemBody)))]
async fn legal_document(
    State(platform): State<Platform>,
    host: AppHost,
    document: Result<Path<String>, PathRejection>,
) -> Result<Json<LegalText>, Problem> {
    let site = load(&platform, &host.into()).await?;
    let kit = platform.kit(&site.kit).ok_or_else(|| Problem::internal("an app is of an unknown kit"))?;
    let texts = (kit.card.legal)(&LegalIdentity {
        app: site.brand.name.clone(),
        company: site.brand.company.clone(),
        email: site.brand.email.clone(),
        jurisdiction: site.brand.jurisdiction.clone(),
    });
    match document.as_ref().map(|Path(name)| name.as_str()) {
        Ok("terms") => Ok(Json(texts.terms)),
        Ok("privacy") => Ok(Json(texts.privacy)),
        Ok("disclaimers") => Ok(Json(texts.disclaimers)),
        _ => Err(Problem::not_found("legal document")),
    }
}

async fn load(platform: &Platform, host: &SiteHost) -> Result<Arc<Site>, Problem> {
    super::find(platform, &scope(host)).await
}

fn scope(host: &SiteHost) -> AppScope {
    AppScope::new(host.tenant.app, host.context.cause(Actor::Anonymous))
}

async fn picture(
    platform: &Platform,
    host: &SiteHost,
    headers: &HeaderMap,
    name: &str,
) -> Result<Response, Problem> {
    let site = load(platform, host).await?;
    let icons = super::icons(platform, host.tenant.app, &site).await?;
    let icon = icons.get(&format!("web/{name}")).ok_or_else(|| Problem::not_found("picture"))?;
    Ok(fresh(headers, "image/png", icon.png.clone()))
}

/// An answer that a browser may keep but must ask about: unchanged bytes are not sent again.
fn fresh(headers: &HeaderMap, content_type: &'static str, bytes: Vec<u8>) -> Response {
    let tag = format!("\"{}\"", Hash::of(&bytes));
    let known = headers.get(header::IF_NONE_MATCH).and_then(|tags| tags.to_str().ok());
    let is_known =
        known.is_some_and(|tags| tags.split(',').any(|known| known.trim().trim_start_matches("W/") == tag));
    let caching = [(header::ETAG, tag), (header::CACHE_CONTROL, "no-cache".to_owned())];
    if is_known {
        return (StatusCode::NOT_MODIFIED, caching).into_response();
    }
    (caching, [(header::CONTENT_TYPE, content_type)], bytes).into_response()
}
