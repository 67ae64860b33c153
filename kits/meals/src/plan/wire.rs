//! Plans on the wire and at rest: the form they are asked for with, and the document a week becomes.
//!
//! Amounts are rounded to hundredths of their unit here and nowhere else. It refuses to write an unknown value as a number.

mod document;

pub(super) use document::Document;

use super::{ListedPlan, MAX_VARIATION, PlanId, PlanRecord};
use crate::disclaimer::{self, DisclaimerOut};
use document::{MealPlanDay, MealPlanExplanation, Nutrition, ShoppingAisle};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use slipway_framework::http::{Fields, Invalid, Problem};
use slipway_kernel::Ts;
use slipway_nutrition::{Conflict, Diet, MAX_CALORIES, MIN_CALORIES, Request, Restriction, Set, Word};
use utoipa::ToSchema;

/// What is wished for. Fields are read as any JSON, so that all that is wrong is told at once and in words.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct MealPlanRequest {
    /// Energy, kcal a day.
    #[serde(default)]
    #[schema(value_type = u32, minimum = 800, maximum = 5000, required = true, example = 2000)]
    calories: Json,
    /// One of the diets of `/options`.
    #[serde(default)]
    #[schema(value_type = String, required = true, example = "vegetarian")]
    diet_type: Json,
    /// One of the patterns of `/options`.
    #[serde(default)]
    #[schema(value_type = String, required = true, example = "3_meals_2_snacks")]
    meal_pattern: Json,
    /// Any of the restrictions of `/options`; order and repetition do not matter.
    #[serde(default)]
    #[schema(value_type = Option<Vec<String>>, example = json!(["gluten_free"]))]
    restrictions: Json,
    /// Another number is another week for the same wishes; 0 when left out.
    #[serde(default)]
    #[schema(value_type = Option<u32>, maximum = 99)]
    variation: Json,
}

impl MealPlanRequest {
    pub(super) fn check(&self) -> Result<Request, Problem> {
        let mut fields = Fields::new();
        let calories = fields.take("calories", calories(&self.calories));
        let diet = fields.take("diet_type", word::<Diet>(&self.diet_type, "Diet type is required"));
        let pattern = fields.take("meal_pattern", word(&self.meal_pattern, "Meal pattern is required"));
        let restrictions = restrictions(&mut fields, &self.restrictions);
        let seed = fields.take("variation", variation(&self.variation));
        let request = || -> Result<Request, Invalid> {
            let (diet, pattern, restrictions) = (diet?, pattern?, restrictions?);
            Ok(Request { calories: calories?, diet, pattern, restrictions, seed: seed? })
        };
        let request = request();
        fields.finish(request)
    }
}

/// The texts are those of ME-42; an `"2000"` or a `2000.5` is no whole number and so in no range.
fn calories(value: &Json) -> Result<u32, String> {
    let range = format!("Calories must be between {MIN_CALORIES}-{MAX_CALORIES}");
    match value {
        Json::Null => Err("Calories are required".to_owned()),
        Json::Number(number) if number.is_i64() || number.is_u64() => {
            let calories = number.as_u64().and_then(|calories| u32::try_from(calories).ok());
            calories.filter(|calories| (MIN_CALORIES..=MAX_CALORIES).contains(calories)).ok_or(range)
        }
        _ => Err(format!("{range}, as a whole number")),
    }
}

fn word<W: Word>(value: &Json, required: &str) -> Result<W, String> {
    match value {
        Json::Null => Err(required.to_owned()),
        Json::String(key) => W::parse(key).map_err(|error| error.to_string()),
        _ => Err(format!("give one of: {}", keys::<W>())),
    }
}

fn restrictions(fields: &mut Fields, value: &Json) -> Result<Set<Restriction>, Invalid> {
    match value {
        Json::Null => Ok(Set::EMPTY),
        Json::Array(words) => {
            let take =
                |(index, value)| fields.take(&format!("restrictions.{index}"), word(value, "name one"));
            let taken: Vec<_> = words.iter().enumerate().map(take).collect();
            taken.into_iter().collect()
        }
        _ => fields.take("restrictions", Err(format!("give a list of any of: {}", keys::<Restriction>()))),
    }
}

fn variation(value: &Json) -> Result<u64, String> {
    match value {
        Json::Null => Ok(0),
        value => value
            .as_u64()
            .filter(|variation| *variation <= u64::from(MAX_VARIATION))
            .ok_or_else(|| format!("give a whole number from 0 to {MAX_VARIATION}")),
    }
}

fn keys<W: Word>() -> String {
    W::ALL.iter().map(|word| word.key()).collect::<Vec<_>>().join(", ")
}

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
