//! What a week becomes when it is written down: days, totals, shopping list, explanation.
//!
//! The document is made once, kept with the plan and served as it is. Amounts are rounded to hundredths of their unit here and
//! nowhere else. It refuses to write an unknown value as a number.

mod wire;

pub(super) use wire::{MealPlanDay, MealPlanExplanation, Nutrition, ShoppingAisle};

use serde_json::{Value as Json, json};
use slipway_nutrition::{Plan, Word};

/// The three parts a plan is stored in (ME-49).
#[derive(Debug, Clone)]
pub(crate) struct Document {
    /// `days` and `explain`.
    pub(crate) meal_data: Json,
    pub(crate) totals: Json,
    pub(crate) shopping_list: Json,
}

impl Document {
    pub(crate) fn of(plan: &Plan) -> Self {
        let days: Vec<_> = plan.days.iter().map(MealPlanDay::from).collect();
        let aisles: Vec<_> = plan.shopping_list.iter().map(ShoppingAisle::from).collect();
        Self {
            meal_data: json!({ "days": days, "explain": MealPlanExplanation::of(plan) }),
            totals: json!(Nutrition::from(&plan.totals)),
            shopping_list: json!(aisles),
        }
    }
}

/// The rules that are never bent, in sentences.
fn rules(plan: &Plan) -> Vec<String> {
    let request = &plan.request;
    let mut rules = vec![
        format!("Every day is within 5 % of {} kcal.", request.calories),
        format!("Diet: {}", request.diet.summary()),
        "Protein, fat and carbohydrate keep the ranges of the diet on every day.".to_owned(),
        "Each dish keeps its place's share of the day's energy.".to_owned(),
        "No dish comes twice a day or more than three times a week.".to_owned(),
    ];
    if let Some(limit_g) = request.diet.net_carb_limit_g() {
        rules.push(format!("Net carbohydrate is at most {limit_g} g a day."));
    }
    rules.extend(
        request.restrictions.iter().map(|restriction| format!("{}: no exception.", restriction.title())),
    );
    rules
}
