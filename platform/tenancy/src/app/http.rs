//! `GET /apps/{app}/audit`. The other routes of apps are the builder's, because an app is shown with its brand and release.

use crate::authority::{CanView, OwnApp};
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use serde::{Deserialize, Serialize};
use slipway_framework::audit::{self, Entry, EntryMarker};
use slipway_framework::http::{Fields, PageOut, Paging, Problem, ProblemBody};
use slipway_framework::module::Routes;
use slipway_framework::platform::Platform;
use slipway_kernel::{Id, RequestId, Ts};
use utoipa::ToSchema;
use utoipa_axum::routes;

pub(crate) fn routes() -> Routes {
    Routes::new().routes(routes!(list_app_audit))
}

/// What somebody did.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditEntry)]
struct EntryOut {
    #[schema(value_type = String)]
    id: Id<EntryMarker>,
    #[schema(value_type = String, format = DateTime)]
    at: Ts,
    /// The id of a member or account, or `anonymous`, `platform`, `operator`.
    actor: String,
    action: String,
    resource_type: String,
    resource_id: String,
    #[schema(value_type = Object)]
    details: serde_json::Value,
    #[schema(value_type = String)]
    request_id: RequestId,
}

#[derive(Debug, Deserialize)]
struct Filter {
    request_id: Option<String>,
}

/// The app's audit trail, newest first; with a request id only what that request did.
#[utoipa::path(get, path = "/apps/{app}/audit", tag = "apps",
    params(("app" = String, Path), ("request_id" = Option<String>, Query),
        ("after" = Option<String>, Query), ("limit" = Option<u16>, Query)),
    responses((status = 200, body = PageOut<EntryOut>), (status = "default", body = ProblemBody)))]
async fn list_app_audit(
    State(platform): State<Platform>,
    own: OwnApp<CanView>,
    Paging { after, limit }: Paging<EntryMarker>,
    filter: Result<Query<Filter>, QueryRejection>,
) -> Result<Json<PageOut<EntryOut>>, Problem> {
    let mut fields = Fields::new();
    let request = filter.map_err(|_| "give request_id at most once".to_owned()).and_then(|Query(filter)| {
        filter.request_id.map(|text| RequestId::parse(&text)).transpose().map_err(|error| error.to_string())
    });
    let request = fields.take("request_id", request);
    let request = fields.finish(request)?;
    let page = platform.db().read(&own.scope, move |read| audit::list(read, request, after, limit)).await?;
    Ok(Json(page.map(EntryOut::from).into()))
}

impl From<Entry> for EntryOut {
    fn from(entry: Entry) -> Self {
        Self {
            id: entry.entry,
            at: entry.at,
            actor: entry.actor,
            action: entry.action,
            resource_type: entry.resource_type,
            resource_id: entry.resource_id,
            details: entry.details,
            request_id: entry.request,
        }
    }
}
