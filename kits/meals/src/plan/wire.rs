//! Plans on the wire. Every one of them carries its disclaimer and its warnings; there is no other way to write one.

use super::document::{Document, MealPlanDay, MealPlanExplanation, Nutrition, ShoppingAisle};
use super::{ListedPlan, PlanId, PlanRecord};
use crate::disclaimer::{self, DisclaimerOut};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use slipway_kernel::Ts;
use slipway_nutrition::{Conflict, Request, Word};
use utoipa::ToSchema;

/// What is kept under an idempotency key.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Stored {
    pub(super) plan: PlanId,
    pub(super) cached: bool,
}

/// A weekly plan.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MealPlan {
    #[schema(value_type = String, example = "pln_01h455vb4pex5vsknk084sn02q")]
    id: PlanId,
    #[serde(flatten)]
    wishes: MealPlanWishes,
    /// To be shown above the plan.
    warnings: Vec<String>,
    /// To be shown with the plan.
    disclaimer: DisclaimerOut,
    /// Seven days.
    #[schema(value_type = Vec<MealPlanDay>)]
    days: Json,
    /// The week's sum.
    #[schema(value_type = Nutrition)]
    totals: Json,
    #[schema(value_type = Vec<ShoppingAisle>)]
    shopping_list: Json,
    #[schema(value_type = MealPlanExplanation)]
    explain: Json,
    /// How long the computation took, seconds.
    generation_duration_s: f64,
    /// Whether the week was known already. Only in the answer to the request that made the plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    cached: Option<bool>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Ts,
}

/// A plan in a list.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MealPlanSummary {
    #[schema(value_type = String)]
    id: PlanId,
    #[serde(flatten)]
    wishes: MealPlanWishes,
    #[schema(value_type = String, format = DateTime)]
    created_at: Ts,
}

/// What a plan was asked for with.
#[derive(Debug, Serialize, ToSchema)]
struct MealPlanWishes {
    /// kcal a day.
    calories: u32,
    diet_type: &'static str,
    meal_pattern: &'static str,
    restrictions: Vec<&'static str>,
    variation: u64,
}

impl From<&Request> for MealPlanWishes {
    fn from(request: &Request) -> Self {
        Self {
            calories: request.calories,
            diet_type: request.diet.key(),
            meal_pattern: request.pattern.key(),
            restrictions: request.restrictions.iter().map(Word::key).collect(),
            variation: request.seed,
        }
    }
}

impl MealPlan {
    /// As the answer to the request that made it.
    pub(super) fn fresh(self, cached: bool) -> Self {
        Self { cached: Some(cached), ..self }
    }
}

impl From<PlanRecord> for MealPlan {
    fn from(record: PlanRecord) -> Self {
        let Document { mut meal_data, totals, shopping_list } = record.document;
        Self {
            id: record.plan,
            wishes: MealPlanWishes::from(&record.request),
            warnings: disclaimer::warnings(&record.request),
            disclaimer: DisclaimerOut::new(),
            days: meal_data["days"].take(),
            totals,
            shopping_list,
            explain: meal_data["explain"].take(),
            generation_duration_s: record.generation_duration_s,
            cached: None,
            created_at: record.created_at,
        }
    }
}

impl From<ListedPlan> for MealPlanSummary {
    fn from(listed: ListedPlan) -> Self {
        let ListedPlan { plan, request, created_at } = listed;
        Self { id: plan, wishes: MealPlanWishes::from(&request), created_at }
    }
}

/// The wishes at odds; `is_enough` says that giving up this one alone was found to be enough.
pub(super) fn wishes(conflict: &Conflict) -> Json {
    let wish = |wish: &slipway_nutrition::Wish| {
        let is_enough = conflict.any_one_of.contains(wish);
        json!({ "name": wish.name(), "explanation": wish.explanation(), "is_enough": is_enough })
    };
    conflict.core.iter().map(wish).collect()
}
