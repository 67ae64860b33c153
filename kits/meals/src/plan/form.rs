//! The form a plan is asked for with: wishes in JSON become a request in the engine's words (ME-41 to ME-43).
//!
//! Everything that is wrong is told at once. It refuses to guess: a word it does not know is answered with those it does.

use super::MAX_VARIATION;
use serde::Deserialize;
use serde_json::Value as Json;
use slipway_framework::http::{Fields, Invalid, Problem};
use slipway_nutrition::{Diet, MAX_CALORIES, MIN_CALORIES, Request, Restriction, Set, Word};
use utoipa::ToSchema;

/// Repetition does no harm and a list without end does.
const MOST_RESTRICTIONS: usize = 50;

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
        Json::Array(words) if words.len() > MOST_RESTRICTIONS => {
            fields.take("restrictions", Err(format!("name at most {MOST_RESTRICTIONS} restrictions")))
        }
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
