//! `/apps/{app}/releases` and their artefacts.

use super::{ReleaseError, ReleaseRecord, ReleaseState};
use crate::build::BuildOut;
use crate::build::pipeline::{Package, build_package};
use crate::ids::{BrandId, BuildId, ReleaseId, ReleaseMarker};
use crate::signing_key::{self, SigningKey};
use crate::workbench::draw;
use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use slipway_apk::Certificate;
use slipway_framework::db::DbError;
use slipway_framework::http::{
    Body, Fields, IdempotencyHeader, PageOut, Paging, PathId, Problem, ProblemBody, RequestContext, once,
};
use slipway_framework::module::Routes;
use slipway_framework::object::Hash;
use slipway_framework::platform::Platform;
use slipway_kernel::{AppId, Ts};
use slipway_tenancy::{CanBuild, CanView, OwnApp};
use std::collections::HashMap;
use utoipa::ToSchema;
use utoipa_axum::routes;

pub(crate) fn routes() -> Routes {
    Routes::new()
        .routes(routes!(list, create))
        .routes(routes!(roll_back))
        .routes(routes!(rebuild))
        .routes(routes!(download))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ReleaseInput {
    /// An approved brand version.
    brand: String,
    /// The version code is at least this, for an app that was published elsewhere before: 1 to 2 100 000 000.
    #[serde(default)]
    minimum_version_code: Option<u32>,
}

/// An approved brand turned into artefacts.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Release)]
pub(crate) struct ReleaseOut {
    #[schema(value_type = String)]
    id: ReleaseId,
    number: u32,
    version_code: u32,
    version_name: String,
    #[schema(value_type = String)]
    brand: BrandId,
    /// `building`, `ready`, `failed` or `cancelled`.
    state: &'static str,
    #[schema(value_type = Option<String>)]
    rollback_of: Option<ReleaseId>,
    artefacts: Vec<ArtefactOut>,
    #[schema(value_type = String)]
    build: BuildId,
    #[schema(value_type = String, format = DateTime)]
    created_at: Ts,
}

/// A file of a release.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Artefact)]
struct ArtefactOut {
    /// `apk`, `aab` or `store_icon`.
    kind: &'static str,
    file_name: String,
    size_bytes: u32,
    sha256: Hash64,
    url: String,
}

/// 64 hexadecimal digits.
type Hash64 = String;

/// A release that has begun.
#[derive(Debug, Serialize, ToSchema)]
struct ReleaseStart {
    release: ReleaseOut,
    build: BuildOut,
}

/// What came out of building a release again.
#[derive(Debug, Serialize, ToSchema)]
struct Rebuild {
    identical: bool,
    artefacts: Vec<RebuiltArtefact>,
}

#[derive(Debug, Serialize, ToSchema)]
struct RebuiltArtefact {
    kind: &'static str,
    sha256: Hash64,
    rebuilt_sha256: Hash64,
    identical: bool,
}

/// The app's releases, newest first.
#[utoipa::path(get, path = "/apps/{app}/releases", tag = "releases", operation_id = "list_releases",
    params(("app" = String, Path), ("after" = Option<String>, Query), ("limit" = Option<u16>, Query)),
    responses((status = 200, body = PageOut<ReleaseOut>), (status = "default", body = ProblemBody)))]
async fn list(
    State(platform): State<Platform>,
    own: OwnApp<CanView>,
    Paging { after, limit }: Paging<ReleaseMarker>,
) -> Result<Json<PageOut<ReleaseOut>>, Problem> {
    let page = platform.db().read(&own.scope, move |read| super::store::list(read, after, limit)).await?;
    Ok(Json(page.map(|record| ReleaseOut::new(record, own.app.app, &own.app.slug)).into()))
}

/// Releases an approved brand version.
#[utoipa::path(post, path = "/apps/{app}/releases", tag = "releases", operation_id = "create_release", request_body = ReleaseInput,
    params(("app" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    responses((status = 201, body = ReleaseStart), (status = "default", body = ProblemBody)))]
async fn create(
    State(platform): State<Platform>,
    own: OwnApp<CanBuild>,
    key: IdempotencyHeader,
    body: Body<ReleaseInput>,
) -> Result<Response, Problem> {
    let mut fields = Fields::new();
    let brand = fields.take("brand", BrandId::parse(&body.value.brand));
    let least = body.value.minimum_version_code.unwrap_or(1);
    if !(1..=2_100_000_000).contains(&least) {
        fields.refuse("minimum_version_code", "write a number from 1 to 2100000000");
    }
    let brand = fields.finish(brand)?;
    let hash = RequestContext::request_hash(&format!("/apps/{}/releases", own.app.app), body.hash);
    let start_url = super::start_url(platform.addresses(), &own.app.slug);
    let (app, slug) = (own.app.app, own.app.slug);
    once(platform.db(), &own.scope, key, hash, move |tx| {
        let (release, build) = super::create(tx, brand, &start_url, least)?;
        Ok(ReleaseStart { release: ReleaseOut::new(release, app, &slug), build: build.into() })
    })
    .await
}

/// Releases the brand of an earlier release again, with a higher version code.
#[utoipa::path(post, path = "/apps/{app}/releases/{release}/rollback", tag = "releases",
    params(("app" = String, Path), ("release" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    responses((status = 201, body = ReleaseStart), (status = "default", body = ProblemBody)))]
async fn roll_back(
    State(platform): State<Platform>,
    own: OwnApp<CanBuild>,
    PathId(release): PathId<ReleaseMarker>,
    key: IdempotencyHeader,
) -> Result<Response, Problem> {
    let hash = RequestContext::request_hash(&format!("/releases/{release}/rollback"), [0; 32]);
    let start_url = super::start_url(platform.addresses(), &own.app.slug);
    let (app, slug) = (own.app.app, own.app.slug);
    once(platform.db(), &own.scope, key, hash, move |tx| {
        let (release, build) = super::roll_back(tx, release, &start_url)?;
        Ok(ReleaseStart { release: ReleaseOut::new(release, app, &slug), build: build.into() })
    })
    .await
}

/// Builds a release again from what it was made of and compares; nothing is changed.
#[utoipa::path(post, path = "/apps/{app}/releases/{release}/rebuild", tag = "releases",
    params(("app" = String, Path), ("release" = String, Path)),
    responses((status = 200, body = Rebuild), (status = "default", body = ProblemBody)))]
async fn rebuild(
    State(platform): State<Platform>,
    own: OwnApp<CanBuild>,
    PathId(release): PathId<ReleaseMarker>,
) -> Result<Json<Rebuild>, Problem> {
    let load = platform.db().read(&own.scope, move |read| {
        let material = super::material(read, release)?.ok_or(ReleaseError::NotFound)?;
        if material.release.state != ReleaseState::Ready {
            return Err(ReleaseError::NotReady);
        }
        Ok((material, signing_key::find(read)?))
    });
    let (material, key) = load.await?;
    let record = key.ok_or_else(|| Problem::not_found("app"))?;
    let logo = crate::logo::bytes(&platform, material.brand.logo).await.map_err(Problem::internal)?.to_vec();
    let inputs = material.inputs(logo);
    let (keys, app) = (platform.keys().clone(), own.app.app);
    let built = draw(&platform, move || {
        let certificate = Certificate::parse(&record.certificate).map_err(Problem::internal)?;
        let key = SigningKey::open(&keys, app, &record.sealed).map_err(Problem::internal)?;
        build_package(&inputs, &key, &certificate, &mut |_, _| Ok(())).map_err(Problem::internal)
    });
    let Package { apk, aab, store_icon } = built.await??;
    let rebuilt: HashMap<_, _> = [("apk", &apk), ("aab", &aab), ("store_icon", &store_icon)]
        .map(|(kind, bytes)| (kind, Hash::of(bytes)))
        .into();
    let artefacts: Vec<_> = material
        .release
        .artefacts
        .iter()
        .filter_map(|artefact| {
            let again = rebuilt.get(artefact.kind)?;
            let identical = *again == artefact.hash;
            let (sha256, rebuilt_sha256) = (artefact.hash.to_string(), again.to_string());
            Some(RebuiltArtefact { kind: artefact.kind, sha256, rebuilt_sha256, identical })
        })
        .collect();
    Ok(Json(Rebuild { identical: artefacts.iter().all(|artefact| artefact.identical), artefacts }))
}

/// A file of a release, by its hash.
#[utoipa::path(get, path = "/apps/{app}/releases/{release}/artefacts/{sha256}", tag = "releases",
    params(("app" = String, Path), ("release" = String, Path), ("sha256" = String, Path)),
    responses((status = 200, content_type = "application/octet-stream", body = Vec<u8>), (status = "default", body = ProblemBody)))]
async fn download(
    State(platform): State<Platform>,
    own: OwnApp<CanView>,
    path: Result<Path<(String, String, String)>, PathRejection>,
) -> Result<Response, Problem> {
    let missing = || Problem::not_found("file");
    let Path((_, release, hash)) = path.map_err(|_| missing())?;
    let release = ReleaseId::parse(&release).map_err(|_| missing())?;
    let hash: Hash = hash.parse().map_err(|_| missing())?;
    let found = platform.db().read_point(&own.scope, move |read| super::store::find(read, release));
    let found = found.await.map_err(|error: DbError| Problem::from(error))?.ok_or_else(missing)?;
    let artefact = found.artefacts.iter().find(|artefact| artefact.hash == hash).ok_or_else(missing)?;
    let bytes = platform.objects().get(hash).await?;
    let disposition = format!("attachment; filename=\"{}\"", artefact.file_name(&own.app.slug, &found));
    let headers = [
        (header::CONTENT_TYPE, artefact.media_type().to_owned()),
        (header::CONTENT_DISPOSITION, disposition),
        (header::ETAG, format!("\"{hash}\"")),
    ];
    Ok((headers, bytes).into_response())
}

impl ReleaseOut {
    pub(crate) fn new(record: ReleaseRecord, app: AppId, slug: &str) -> Self {
        let release = record.release;
        let artefact = |artefact: &super::Artefact| ArtefactOut {
            kind: artefact.kind,
            file_name: artefact.file_name(slug, &record),
            size_bytes: artefact.size_bytes,
            sha256: artefact.hash.to_string(),
            url: format!("/api/v1/apps/{app}/releases/{release}/artefacts/{}", artefact.hash),
        };
        Self {
            artefacts: record.artefacts.iter().map(artefact).collect(),
            id: release,
            number: record.number,
            version_code: record.version_code,
            version_name: record.version_name,
            brand: record.brand,
            state: record.state.as_str(),
            rollback_of: record.rollback_of,
            build: record.build,
            created_at: record.created_at,
        }
    }
}
