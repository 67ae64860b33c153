//! `/plans`: the order of checks is session, legal acceptance, rate, form.

use super::form::MealPlanRequest;
use super::wire::{MealPlan, MealPlanSummary, Stored};
use super::{PlanError, PlanId, PlanMarker, create, delete, prepare, store};
use axum::Json;
use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use slipway_framework::db::DbError;
use slipway_framework::http::{
    Account, Body, IdempotencyHeader, PageOut, Paging, PathId, Policy, Problem, ProblemBody, RequestContext,
};
use slipway_framework::module::Routes;
use slipway_framework::platform::Platform;
use slipway_identity::Accepted;
use utoipa_axum::routes;

pub(crate) fn routes() -> Routes {
    Routes::new().routes(routes!(create_plan, list_plans)).routes(routes!(show_plan, delete_plan))
}

/// Proof that a user is signed in, has accepted the legal texts, and has not asked too often (P-API-07). It is taken before the
/// body is read, so that a flood of nonsense is a flood all the same.
#[derive(Debug)]
struct Metered(Account);

impl FromRequestParts<Platform> for Metered {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, platform: &Platform) -> Result<Self, Problem> {
        let Accepted(user) = Accepted::from_request_parts(parts, platform).await?;
        platform.limits().check(Policy::Generate, &user.account.to_string())?;
        Ok(Self(user))
    }
}

/// Makes a weekly plan. The answer to an infeasible request is 422 `meals.infeasible` with `wishes`, those at odds.
#[utoipa::path(post, path = "/plans", tag = "meals", request_body = MealPlanRequest,
    params(("Idempotency-Key" = Option<String>, Header)),
    responses((status = 201, body = MealPlan), (status = "default", body = ProblemBody)))]
async fn create_plan(
    State(platform): State<Platform>,
    Metered(user): Metered,
    IdempotencyHeader(key): IdempotencyHeader,
    Body { value, hash }: Body<MealPlanRequest>,
) -> Result<Response, Problem> {
    let (new, cached) = prepare(&platform, &user, value.check()?).await?;
    let write = move |tx: &mut _| Ok::<_, Problem>(Stored { plan: create(tx, &new)?, cached });
    let (stored, replayed) = match key {
        None => (platform.db().write(&user.scope, write).await?, false),
        // What is kept under the key names the plan and holds no copy of it, so that deleting the plan deletes all of it.
        Some(key) => {
            let hash = RequestContext::request_hash("/plans", hash);
            let write = move |tx: &mut _| Ok::<_, Problem>((StatusCode::CREATED.as_u16(), write(tx)?));
            let kept = platform.db().write_once(&user.scope, key, hash, write).await?;
            (serde_json::from_str(&kept.body).map_err(Problem::internal)?, kept.replayed)
        }
    };
    let Stored { plan, cached } = stored;
    let made = find(&platform, &user, plan).await?.fresh(cached);
    let mut response = (StatusCode::CREATED, Json(made)).into_response();
    if replayed {
        let name = HeaderName::from_static("idempotent-replayed");
        response.headers_mut().insert(name, HeaderValue::from_static("true"));
    }
    Ok(response)
}

/// The user's own plans, newest first.
#[utoipa::path(get, path = "/plans", tag = "meals",
    params(("after" = Option<String>, Query), ("limit" = Option<u16>, Query)),
    responses((status = 200, body = PageOut<MealPlanSummary>), (status = "default", body = ProblemBody)))]
async fn list_plans(
    State(platform): State<Platform>,
    user: Account,
    Paging { after, limit }: Paging<PlanMarker>,
) -> Result<Json<PageOut<MealPlanSummary>>, Problem> {
    let account = user.account;
    let page = platform.db().read(&user.scope, move |read| store::list(read, account, after, limit)).await?;
    Ok(Json(page.map(MealPlanSummary::from).into()))
}

/// One of the user's own plans.
#[utoipa::path(get, path = "/plans/{plan}", tag = "meals", params(("plan" = String, Path)),
    responses((status = 200, body = MealPlan), (status = "default", body = ProblemBody)))]
async fn show_plan(
    State(platform): State<Platform>,
    user: Account,
    PathId(plan): PathId<PlanMarker>,
) -> Result<Json<MealPlan>, Problem> {
    Ok(Json(find(&platform, &user, plan).await?))
}

/// Deletes one of the user's own plans.
#[utoipa::path(delete, path = "/plans/{plan}", tag = "meals", params(("plan" = String, Path)),
    responses((status = 204), (status = "default", body = ProblemBody)))]
async fn delete_plan(
    State(platform): State<Platform>,
    user: Account,
    PathId(plan): PathId<PlanMarker>,
) -> Result<StatusCode, Problem> {
    let account = user.account;
    platform.db().write(&user.scope, move |tx| delete(tx, account, plan)).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn find(platform: &Platform, user: &Account, plan: PlanId) -> Result<MealPlan, PlanError> {
    let account = user.account;
    let found = platform.db().read_point(&user.scope, move |read| store::find(read, account, plan));
    found.await.map_err(|error: DbError| error)?.map(MealPlan::from).ok_or(PlanError::Missing)
}
