//! `GET /options`.

use crate::disclaimer::{self, DisclaimerOut};
use crate::plan::MAX_VARIATION;
use axum::Json;
use serde::Serialize;
use slipway_framework::http::ProblemBody;
use slipway_framework::module::Routes;
use slipway_nutrition::{Diet, LOW_ENERGY_KCAL, MAX_CALORIES, MIN_CALORIES, Pattern, Restriction, Word};
use utoipa::ToSchema;
use utoipa_axum::routes;

/// The step of a form's slider, kcal; any whole number is accepted.
const STEP_KCAL: u32 = 50;

pub(crate) fn routes() -> Routes {
    Routes::new().routes(routes!(show_options))
}

/// Everything a plan can be asked for with.
#[derive(Debug, Serialize, ToSchema)]
struct MealOptions {
    diets: Vec<DietOption>,
    patterns: Vec<PatternOption>,
    restrictions: Vec<RestrictionOption>,
    calories: CaloriesOption,
    /// Variations go from 0 to this.
    max_variation: u32,
    disclaimer: DisclaimerOut,
}

/// A way of eating.
#[derive(Debug, Serialize, ToSchema)]
struct DietOption {
    /// The value of `diet_type`.
    name: &'static str,
    title: &'static str,
    summary: &'static str,
    disclaimer: String,
}

/// A division of the day.
#[derive(Debug, Serialize, ToSchema)]
struct PatternOption {
    /// The value of `meal_pattern`.
    name: &'static str,
    title: &'static str,
    /// The meals of a day, in the order of eating.
    slots: Vec<&'static str>,
}

/// Something to leave out.
#[derive(Debug, Serialize, ToSchema)]
struct RestrictionOption {
    /// A value for `restrictions`.
    name: &'static str,
    title: &'static str,
}

/// The energy a plan can have, kcal a day.
#[derive(Debug, Serialize, ToSchema)]
struct CaloriesOption {
    min: u32,
    max: u32,
    /// For sliders.
    step: u32,
    /// Plans below this carry a warning.
    warn_below: u32,
}

/// What a plan can be asked for with.
#[utoipa::path(get, path = "/options", tag = "meals",
    responses((status = 200, body = MealOptions), (status = "default", body = ProblemBody)))]
async fn show_options() -> Json<MealOptions> {
    let diet = |diet: &Diet| {
        let (name, title, summary) = (diet.key(), diet.title(), diet.summary());
        DietOption { name, title, summary, disclaimer: disclaimer::text() }
    };
    let pattern = |pattern: &Pattern| {
        let slots = pattern.places().iter().map(|place| place.title).collect();
        PatternOption { name: pattern.key(), title: pattern.title(), slots }
    };
    let restriction =
        |restriction: &Restriction| RestrictionOption { name: restriction.key(), title: restriction.title() };
    Json(MealOptions {
        diets: Diet::ALL.iter().map(diet).collect(),
        patterns: Pattern::ALL.iter().map(pattern).collect(),
        restrictions: Restriction::ALL.iter().map(restriction).collect(),
        calories: CaloriesOption {
            min: MIN_CALORIES,
            max: MAX_CALORIES,
            step: STEP_KCAL,
            warn_below: LOW_ENERGY_KCAL,
        },
        max_variation: MAX_VARIATION,
        disclaimer: DisclaimerOut::new(),
    })
}
