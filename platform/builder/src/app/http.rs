//! `/apps`: launching, showing, pausing, deleting and installing.

use super::{AppView, suggest};
use crate::brand::{BrandIn, BrandOut, NewBrand};
use crate::build::BuildOut;
use crate::release::{ReleaseOut, ReleaseState, start_url};
use crate::signing_key;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use qrcode::QrCode;
use qrcode::render::svg;
use serde::{Deserialize, Serialize};
use slipway_framework::db::DbError;
use slipway_framework::http::{
    Body, Fields, IdempotencyHeader, Invalid, PageOut, Paging, Problem, ProblemBody, RequestContext, once,
};
use slipway_framework::kit::Kit;
use slipway_framework::module::Routes;
use slipway_framework::platform::{Addresses, Platform};
use slipway_framework::scope::{AppScope, LaunchScope, Scope};
use slipway_kernel::{AppId, AppMarker, Id, Page, Slug, Ts};
use slipway_tenancy::app::{self, NewApp, PackageId};
use slipway_tenancy::{CanBuild, CanManage, CanOwn, CanView, Member, OwnApp};
use utoipa::ToSchema;
use utoipa_axum::routes;

pub(crate) fn routes() -> Routes {
    Routes::new()
        .routes(routes!(list, launch))
        .routes(routes!(show, delete))
        .routes(routes!(suspend))
        .routes(routes!(resume))
        .routes(routes!(install))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AppInput {
    /// What kind of app: the name of a kit.
    kit: String,
    /// Where it answers: 3 to 40 characters of a-z, 0-9 and hyphens.
    slug: String,
    brand: BrandIn,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AppDeletion {
    /// The app's slug, typed by whoever means it.
    confirm: String,
}

/// A branded instance of a kit.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = App)]
struct AppOut {
    #[schema(value_type = String)]
    id: AppId,
    slug: String,
    name: String,
    kit: String,
    url: String,
    /// `live` or `suspended`.
    state: &'static str,
    package_id: String,
    users: u32,
    /// What its origin wears now.
    brand: BrandOut,
    last_release: Option<ReleaseOut>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Ts,
}

/// An app that has been launched, and the build of its first release.
#[derive(Debug, Serialize, ToSchema)]
struct Launch {
    app: AppOut,
    build: BuildOut,
}

/// How to get the app onto a phone.
#[derive(Debug, Serialize, ToSchema)]
struct Install {
    url: String,
    /// Whether the packages are for the developer's own phone only.
    preview: bool,
    /// The address as a picture; absent while no phone could reach it.
    qr_svg: Option<String>,
    /// Why there is no picture.
    reason: Option<String>,
    /// To be typed where the phone is connected.
    commands: Vec<String>,
}

/// The partner's apps in the order they were launched.
#[utoipa::path(get, path = "/apps", tag = "apps", operation_id = "list_apps",
    params(("after" = Option<String>, Query), ("limit" = Option<u16>, Query)),
    responses((status = 200, body = PageOut<AppOut>), (status = "default", body = ProblemBody)))]
async fn list(
    State(platform): State<Platform>,
    member: Member<CanView>,
    Paging { after, limit }: Paging<AppMarker>,
) -> Result<Json<PageOut<AppOut>>, Problem> {
    let page = platform.db().read(&member.scope, move |read| app::list(read, after, limit)).await?;
    let mut items = Vec::with_capacity(page.items.len());
    // A partner's scope does not open its apps' rows: each app is read in its own.
    for listed in page.items {
        let scope = AppScope::new(listed.app, member.scope.cause());
        let found = platform.db().read_point(&scope, super::view).await?;
        items.extend(found.map(|view| AppOut::new(view, platform.addresses())));
    }
    Ok(Json(Page { items, next: page.next }.into()))
}

/// Launches an app: from the answer on it is live at its address, and its first release is being built.
#[utoipa::path(post, path = "/apps", tag = "apps", request_body = AppInput,
    params(("Idempotency-Key" = Option<String>, Header)),
    responses((status = 201, body = Launch), (status = "default", body = ProblemBody)))]
async fn launch(
    State(platform): State<Platform>,
    member: Member<CanBuild>,
    key: IdempotencyHeader,
    body: Body<AppInput>,
) -> Result<Response, Problem> {
    let (new, brand) = body.value.check(&platform)?;
    let id: AppId = Id::mint(platform.clock(), platform.entropy());
    let scope = LaunchScope::new(member.scope.partner(), id, member.scope.cause());
    let (name, company) = (new.name.to_string(), brand.company.to_string());
    let sealed = signing_key::prepare(&platform, id, name, company).await.map_err(Problem::internal)?;
    let hash = RequestContext::request_hash("/apps", body.hash);
    let start = start_url(platform.addresses(), new.slug.as_str());
    let (addresses, by) = (platform.addresses().clone(), member.member.member);
    once(platform.db(), &scope, key, hash, move |tx| {
        let launched = super::launch(tx, &new, &brand, &sealed, &start, by)?;
        Ok(Launch { app: AppOut::new(launched.view, &addresses), build: launched.build.into() })
    })
    .await
}

/// An app.
#[utoipa::path(get, path = "/apps/{app}", tag = "apps", operation_id = "show_app", params(("app" = String, Path)),
    responses((status = 200, body = AppOut), (status = "default", body = ProblemBody)))]
async fn show(State(platform): State<Platform>, own: OwnApp<CanView>) -> Result<Json<AppOut>, Problem> {
    load(&platform, &own.scope).await
}

/// Pauses an app: it answers nobody until it is resumed.
#[utoipa::path(post, path = "/apps/{app}/suspend", tag = "apps", params(("app" = String, Path)),
    responses((status = 200, body = AppOut), (status = "default", body = ProblemBody)))]
async fn suspend(State(platform): State<Platform>, own: OwnApp<CanManage>) -> Result<Json<AppOut>, Problem> {
    platform.db().write(&own.scope, app::suspend).await.map_err(|error: DbError| Problem::from(error))?;
    load(&platform, &own.scope).await
}

/// Lets a paused app answer again.
#[utoipa::path(post, path = "/apps/{app}/resume", tag = "apps", params(("app" = String, Path)),
    responses((status = 200, body = AppOut), (status = "default", body = ProblemBody)))]
async fn resume(State(platform): State<Platform>, own: OwnApp<CanManage>) -> Result<Json<AppOut>, Problem> {
    platform.db().write(&own.scope, app::resume).await.map_err(|error: DbError| Problem::from(error))?;
    load(&platform, &own.scope).await
}

/// Deletes an app with everything in it, its users and its signing key included.
#[utoipa::path(delete, path = "/apps/{app}", tag = "apps", params(("app" = String, Path)), request_body = AppDeletion,
    responses((status = 204), (status = "default", body = ProblemBody)))]
async fn delete(
    State(platform): State<Platform>,
    own: OwnApp<CanOwn>,
    body: Body<AppDeletion>,
) -> Result<StatusCode, Problem> {
    let mut fields = Fields::new();
    if body.value.confirm != own.app.slug {
        fields.refuse("confirm", format!("write {} to delete the app for good", own.app.slug));
    }
    fields.finish(Ok(()))?;
    let deleted = platform.db().write(&own.launch_scope(), |tx| {
        app::delete(tx)?;
        crate::site::forget(tx);
        Ok::<_, DbError>(())
    });
    deleted.await?;
    Ok(StatusCode::NO_CONTENT)
}

/// How to get an app onto a phone.
#[utoipa::path(get, path = "/apps/{app}/install", tag = "apps", params(("app" = String, Path)),
    responses((status = 200, body = Install), (status = "default", body = ProblemBody)))]
async fn install(State(platform): State<Platform>, own: OwnApp<CanView>) -> Result<Json<Install>, Problem> {
    let last = platform.db().read(&own.scope, crate::release::store::last).await?;
    let last = last.filter(|release| release.state == ReleaseState::Ready);
    let file = last.and_then(|release| {
        let apk = release.artefacts.iter().find(|artefact| artefact.kind == "apk")?;
        Some(apk.file_name(&own.app.slug, &release))
    });
    let addresses = platform.addresses();
    let (url, preview) = (start_url(addresses, &own.app.slug), addresses.is_local());
    let mut commands = Vec::new();
    if preview {
        let port = addresses.port.unwrap_or(80);
        commands.push(format!("adb reverse tcp:{port} tcp:{port}"));
    }
    commands.extend(file.map(|file| format!("adb install {file}")));
    let qr_svg = if preview { None } else { Some(picture(&url)?) };
    let reason = preview.then(|| {
        "This installation answers at localhost, which a phone cannot reach by itself. Connect the phone by cable and use the \
         commands; set SLIPWAY_PUBLIC_URL to a public address for builds that stores and phones take."
            .to_owned()
    });
    Ok(Json(Install { url, preview, qr_svg, reason, commands }))
}

fn picture(url: &str) -> Result<String, Problem> {
    let code = QrCode::new(url).map_err(Problem::internal)?;
    Ok(code.render::<svg::Color<'_>>().min_dimensions(200, 200).build())
}

async fn load(platform: &Platform, scope: &AppScope) -> Result<Json<AppOut>, Problem> {
    let found = platform.db().read(scope, super::view).await?;
    let view = found.ok_or_else(|| Problem::not_found("app"))?;
    Ok(Json(AppOut::new(view, platform.addresses())))
}

impl AppInput {
    fn check(&self, platform: &Platform) -> Result<(NewApp, NewBrand), Problem> {
        let mut fields = Fields::new();
        let checked = self.gather(platform, &mut fields);
        fields.finish(checked)
    }

    fn gather(&self, platform: &Platform, fields: &mut Fields) -> Result<(NewApp, NewBrand), Invalid> {
        let names: Vec<_> = platform.kits().iter().map(|kit| kit.name).collect();
        let unknown = || format!("choose one of the kits: {}", names.join(", "));
        let kit: Result<Kit, _> = fields.take("kit", platform.kit(&self.kit).copied().ok_or_else(unknown));
        let slug = fields.take("slug", Slug::parse(&self.slug));
        let brand = self.brand.check(fields, "brand.");
        let host = |slug: &Slug| platform.addresses().app_host(slug.as_str());
        let made = slug.as_ref().ok().and_then(|slug| suggest(&host(slug)));
        let wanted = self.brand.package_id.clone().or(made);
        let none =
            || "no package id can be made from this address; write one such as app.verde.meals".to_owned();
        let wanted = wanted.ok_or_else(none).and_then(|id| checked_package_id(&id));
        // A slug that is wrong already is not blamed a second time.
        let package_id = if slug.is_err() && self.brand.package_id.is_none() {
            Err(Invalid)
        } else {
            fields.take("brand.package_id", wanted)
        };
        let (kit, slug, brand, package_id) = (kit?, slug?, brand?, package_id?);
        Ok((NewApp { slug, name: brand.name.clone(), kit, package_id }, brand))
    }
}

/// A package id by the rules of the stores, which are narrower than those of tenancy.
fn checked_package_id(text: &str) -> Result<PackageId, String> {
    slipway_apk::PackageId::parse(text).map_err(|error| error.to_string())?;
    PackageId::parse(text).map_err(|error| error.to_string())
}

impl AppOut {
    fn new(view: AppView, addresses: &Addresses) -> Self {
        let AppView { app, users, brand, last_release } = view;
        Self {
            id: app.app,
            url: start_url(addresses, &app.slug),
            last_release: last_release.map(|release| ReleaseOut::new(release, app.app, &app.slug)),
            slug: app.slug,
            name: app.name,
            kit: app.kit,
            state: app.state.as_str(),
            package_id: app.package_id,
            users,
            brand: brand.into(),
            created_at: app.created_at,
        }
    }
}
