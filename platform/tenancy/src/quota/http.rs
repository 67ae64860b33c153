//! `GET /partner/quotas`.

use super::{Standing, Usage};
use crate::authority::{CanView, Member};
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use slipway_framework::http::{Problem, ProblemBody};
use slipway_framework::module::Routes;
use slipway_framework::platform::Platform;
use utoipa::ToSchema;
use utoipa_axum::routes;

pub(crate) fn routes() -> Routes {
    Routes::new().routes(routes!(show_quotas))
}

/// How much of its quotas a partner uses.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Quotas)]
struct QuotasOut {
    apps: QuotaOut,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Quota)]
struct QuotaOut {
    used: u32,
    /// Null is without limit.
    maximum: Option<u32>,
    /// `near` from four fifths on; `reached` where one more is refused.
    standing: StandingOut,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = QuotaStanding)]
#[serde(rename_all = "snake_case")]
enum StandingOut {
    Free,
    Near,
    Reached,
}

/// What the own partner may have, and has. The operator of the installation can allow more.
#[utoipa::path(get, path = "/partner/quotas", tag = "partner",
    responses((status = 200, body = QuotasOut), (status = "default", body = ProblemBody)))]
async fn show_quotas(
    State(platform): State<Platform>,
    member: Member<CanView>,
) -> Result<Json<QuotasOut>, Problem> {
    let apps = platform.db().read(&member.scope, super::apps).await?;
    Ok(Json(QuotasOut { apps: apps.into() }))
}

impl From<Usage> for QuotaOut {
    fn from(usage: Usage) -> Self {
        let standing = match usage.standing() {
            Standing::Free => StandingOut::Free,
            Standing::Near => StandingOut::Near,
            Standing::Reached => StandingOut::Reached,
        };
        Self { used: usage.used, maximum: usage.maximum, standing }
    }
}
