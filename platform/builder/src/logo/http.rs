//! `POST /logos` and pictures of a logo.

use crate::colour::ColoursOut;
use crate::workbench::draw;
use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use slipway_brand::{Logo, LogoError};
use slipway_framework::http::{Problem, ProblemBody, RawBody, sentence};
use slipway_framework::module::Routes;
use slipway_framework::object::Hash;
use slipway_framework::platform::Platform;
use slipway_tenancy::{CanBuild, CanView, Member};
use utoipa::ToSchema;
use utoipa_axum::routes;

pub(crate) fn routes() -> Routes {
    Routes::new().routes(routes!(create)).routes(routes!(preview))
}

/// A logo that can be used.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Logo)]
struct LogoOut {
    /// What a brand names it by.
    hash: String,
    /// What the upload was: PNG, JPEG, WebP or SVG.
    format: String,
    /// Of the canonical picture, which is square.
    width_px: usize,
    height_px: usize,
    opaque: bool,
    warnings: Vec<Remark>,
    /// Up to six colours of the logo, the one with the largest area first.
    palette: Vec<String>,
    suggested: ColoursOut,
}

/// Something to know, not an error.
#[derive(Debug, Serialize, ToSchema)]
struct Remark {
    code: &'static str,
    message: String,
}

/// What is known of a decoded upload.
struct Seen {
    png: Vec<u8>,
    out: LogoOut,
    format: String,
    side_px: usize,
}

/// Takes a logo: PNG, JPEG, WebP or SVG, at most 5 MB.
#[utoipa::path(post, path = "/logos", tag = "brands", operation_id = "create_logo",
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 201, body = LogoOut), (status = "default", body = ProblemBody)))]
async fn create(
    State(platform): State<Platform>,
    member: Member<CanBuild>,
    headers: HeaderMap,
    RawBody(bytes): RawBody<{ super::MAX_BYTES }>,
) -> Result<(StatusCode, Json<LogoOut>), Problem> {
    let claim = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let claim = claim.to_owned();
    let seen =
        draw(&platform, move || look(&bytes, &claim)).await?.map_err(|error| super::refusal(&error))?;
    let hash = platform.objects().put(seen.png).await?;
    let (format, side_px) = (seen.format, u32::try_from(seen.side_px).map_err(Problem::internal)?);
    platform.db().write(&member.scope, move |tx| super::keep(tx, hash, &format, side_px)).await?;
    Ok((StatusCode::CREATED, Json(seen.out)))
}

fn look(bytes: &[u8], claim: &str) -> Result<Seen, LogoError> {
    let logo = Logo::decode_claimed(bytes, claim)?;
    let png = logo.to_png();
    let (format, side_px) = (logo.format().to_string(), logo.canvas().side_px());
    let warnings = logo.warnings();
    let opaque = warnings.contains(&slipway_brand::LogoWarning::Opaque);
    let remark = |warning| Remark { code: super::code_of(warning), message: sentence(&warning.to_string()) };
    let out = LogoOut {
        hash: Hash::of(&png).to_string(),
        format: format.clone(),
        width_px: side_px,
        height_px: side_px,
        opaque,
        warnings: warnings.iter().map(remark).collect(),
        palette: slipway_brand::palette(&logo).iter().map(|swatch| swatch.colour.to_string()).collect(),
        suggested: slipway_brand::suggest_colours(&logo).into(),
    };
    Ok(Seen { png, out, format, side_px })
}

/// A picture of a logo: `logo`, `circle`, `squircle`, `rounded`, `square`, `monochrome`, `monochrome-dark` or `splash`, each with `.png`.
#[utoipa::path(get, path = "/logos/{hash}/previews/{name}", tag = "brands",
    params(("hash" = String, Path), ("name" = String, Path)),
    responses((status = 200, content_type = "image/png", body = Vec<u8>), (status = "default", body = ProblemBody)))]
async fn preview(
    State(platform): State<Platform>,
    member: Member<CanView>,
    path: Result<Path<(String, String)>, PathRejection>,
) -> Result<Response, Problem> {
    let missing = || Problem::not_found("picture");
    let Path((hash, name)) = path.map_err(|_| missing())?;
    let hash: Hash = hash.parse().map_err(|_| missing())?;
    let name = name.strip_suffix(".png").ok_or_else(missing)?.to_owned();
    let partner = member.scope.partner();
    let own = platform.db().read_point(&member.scope, move |read| super::exists(read, partner, hash));
    if !own.await? {
        return Err(missing());
    }
    let png = super::bytes(&platform, hash).await.map_err(Problem::internal)?;
    let picture = if name == "logo" {
        png.to_vec()
    } else {
        let drawn = draw(&platform, move || super::preview(&png, &name)).await?;
        drawn.map_err(|error| super::refusal(&error))?.ok_or_else(missing)?
    };
    // A hash names these very bytes for ever, but only to people of this partner.
    let headers = [(header::CONTENT_TYPE, "image/png"), (header::CACHE_CONTROL, "private, max-age=86400")];
    Ok((headers, picture).into_response())
}
