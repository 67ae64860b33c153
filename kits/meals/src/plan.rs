//! Weekly meal plans of an app's users: made on request, kept until their user deletes them or leaves.
//!
//! Whoever asks gets a plan of their own, also when the same week was made for somebody else before. It refuses to show a
//! plan to anybody but its user, and to store a plan that breaks a rule of its request: there are none, the engine says why.

mod document;
mod form;
mod http;
pub(crate) mod store;
#[cfg(test)]
mod tests;
mod wire;

pub(crate) use http::routes;

use crate::events::PlanCreated;
use crate::planner::{Answer, Planner, PlannerError};
use axum::http::StatusCode;
use document::Document;
use serde_json::{Value as Json, json};
use slipway_framework::audit::Audit;
use slipway_framework::db::{DbError, Rule, Tx};
use slipway_framework::http::{Account, Problem, Session, sentence};
use slipway_framework::platform::Platform;
use slipway_framework::scope::AppScope;
use slipway_kernel::{AccountId, Code, Id, Identified, Ts};
use slipway_nutrition::{Infeasible, Outcome, Request, Word};
use std::sync::Arc;
use std::time::Duration;
use thiserror::Error;

/// The last of the weeks that can be asked for with the same wishes; the first is 0.
pub(crate) const MAX_VARIATION: u32 = 99;

/// Marks the id of a plan.
#[derive(Debug)]
pub enum PlanMarker {}
impl Identified for PlanMarker {
    const PREFIX: &'static str = "pln";
}

/// The id of a plan.
pub type PlanId = Id<PlanMarker>;

/// A plan about to be kept.
#[derive(Debug)]
struct NewPlan {
    account: AccountId,
    request: Request,
    document: Document,
    generation_duration_s: f64,
}

/// A plan as it is stored.
#[derive(Debug)]
struct PlanRecord {
    plan: PlanId,
    request: Request,
    document: Document,
    generation_duration_s: f64,
    created_at: Ts,
}

/// A plan in its user's list.
#[derive(Debug)]
struct ListedPlan {
    plan: PlanId,
    request: Request,
    created_at: Ts,
}

/// Why there is no plan.
#[derive(Debug, Error)]
enum PlanError {
    #[error("there is no such plan")]
    Missing,
    #[error("the account was deleted while its plan was made")]
    AccountGone,
    #[error("no plan can meet all of these wishes: {}", .0.proof)]
    Infeasible(Box<Infeasible>),
    #[error(
        "no plan was found for these wishes, which is not to say that there is none; change one of them a little"
    )]
    NotFound,
    #[error(transparent)]
    Planner(#[from] Arc<PlannerError>),
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Makes a plan, or remembers the same week; keeping it is the caller's, in one write with the answer.
async fn prepare(
    platform: &Platform,
    user: &Account,
    request: Request,
) -> Result<(Arc<NewPlan>, bool), PlanError> {
    let account = user.account;
    platform.db().write(&user.scope, move |tx| start(tx, account, &request)).await?;
    let planned = plan(platform, account, request).await;
    let status = if planned.is_ok() { "success" } else { "error" };
    let labels = [("diet_type", request.diet.key()), ("status", status)];
    metrics::counter!("meal_plan_requests_total", &labels).increment(1);
    planned
}

async fn plan(
    platform: &Platform,
    account: AccountId,
    request: Request,
) -> Result<(Arc<NewPlan>, bool), PlanError> {
    let planner = platform.db().local::<Planner>();
    let answer: Answer = planner.answer(request, platform.clock()).await?;
    match answer.outcome() {
        Outcome::Planned(week) => {
            let (document, generation_duration_s) = (Document::of(week), answer.duration_s());
            Ok((Arc::new(NewPlan { account, request, document, generation_duration_s }), answer.cached))
        }
        Outcome::Infeasible(why) => Err(PlanError::Infeasible(Box::new(why.clone()))),
        Outcome::NotFound(_) => Err(PlanError::NotFound),
    }
}

/// Keeps that somebody asked, whatever comes of it.
fn start(tx: &mut Tx<AppScope>, account: AccountId, request: &Request) -> Result<(), DbError> {
    audit(tx, "meal_plan_generation_started", "account", account.to_string(), details(request));
    Ok(())
}

fn create(tx: &mut Tx<AppScope>, new: &NewPlan) -> Result<PlanId, PlanError> {
    let plan = tx.mint();
    store::insert(tx, plan, new).map_err(|error| match error {
        DbError::Constraint { rule: Rule::ForeignKey, .. } => PlanError::AccountGone,
        other => PlanError::Db(other),
    })?;
    audit(tx, "meal_plan_generated", "meal_plan", plan.to_string(), details(&new.request));
    tx.emit(&PlanCreated { app: tx.app(), account: new.account, plan });
    Ok(plan)
}

fn delete(tx: &mut Tx<AppScope>, account: AccountId, plan: PlanId) -> Result<(), PlanError> {
    if !store::delete(tx, account, plan)? {
        return Err(PlanError::Missing);
    }
    audit(tx, "meal_plan_deleted", "meal_plan", plan.to_string(), json!({}));
    Ok(())
}

/// Restrictions stay out of the trail: it outlives the plan, and they can tell of health or belief.
fn details(request: &Request) -> Json {
    json!({ "diet_type": request.diet.key(), "calories": request.calories })
}

fn audit(
    tx: &mut Tx<AppScope>,
    action: &'static str,
    resource_type: &'static str,
    resource_id: String,
    details: Json,
) {
    tx.audit(Audit { action, resource_type, resource_id, details });
}

const INFEASIBLE: Code = Code::new("meals.infeasible");
const NOT_FOUND: Code = Code::new("meals.no_plan_found");
const BUSY: Code = Code::new("meals.busy");

impl From<PlanError> for Problem {
    fn from(error: PlanError) -> Self {
        let text = sentence(&error.to_string());
        match error {
            PlanError::Missing => Self::not_found("plan"),
            PlanError::AccountGone => Session::required(),
            PlanError::Infeasible(why) => Self::new(StatusCode::UNPROCESSABLE_ENTITY, INFEASIBLE, text)
                .with("wishes", wire::wishes(&why.conflict)),
            PlanError::NotFound => Self::new(StatusCode::UNPROCESSABLE_ENTITY, NOT_FOUND, text),
            PlanError::Planner(planner) => match &*planner {
                PlannerError::Busy => {
                    let detail = "Too many plans are being made at this moment. Try again in a few seconds.";
                    let problem = Self::new(StatusCode::SERVICE_UNAVAILABLE, BUSY, detail);
                    problem.retry_after(Duration::from_secs(2))
                }
                other => Self::internal(other),
            },
            PlanError::Db(error) => error.into(),
        }
    }
}
