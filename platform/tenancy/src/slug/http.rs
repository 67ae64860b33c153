//! `GET /slugs/{slug}`.

use crate::authority::{CanView, Member};
use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use serde::Serialize;
use slipway_framework::http::{Problem, ProblemBody, sentence};
use slipway_framework::module::Routes;
use slipway_framework::platform::Platform;
use slipway_framework::scope::Scope;
use utoipa::ToSchema;
use utoipa_axum::routes;

pub(crate) fn routes() -> Routes {
    Routes::new().routes(routes!(show_slug))
}

/// Whether an app could answer at a slug.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SlugAvailability)]
struct AvailabilityOut {
    slug: String,
    available: bool,
    /// A sentence for people; absent when the slug is available.
    reason: Option<String>,
    /// A slug like it that is available.
    suggestion: Option<String>,
}

/// Tells whether a slug can be had. It is held for nobody until an app is launched with it.
#[utoipa::path(get, path = "/slugs/{slug}", tag = "apps", params(("slug" = String, Path)),
    responses((status = 200, body = AvailabilityOut), (status = "default", body = ProblemBody)))]
async fn show_slug(
    State(platform): State<Platform>,
    member: Member<CanView>,
    slug: Result<Path<String>, PathRejection>,
) -> Result<Json<AvailabilityOut>, Problem> {
    let Path(slug) = slug.map_err(|_| Problem::not_found("page"))?;
    let answer = super::availability(&platform, member.scope.cause(), &slug).await?;
    Ok(Json(AvailabilityOut {
        slug,
        available: answer.refusal.is_none(),
        reason: answer.refusal.map(|refusal| sentence(&refusal.to_string())),
        suggestion: answer.suggestion.map(|suggestion| suggestion.to_string()),
    }))
}
