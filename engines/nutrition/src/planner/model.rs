//! A request as numbers: the rows every day must satisfy, and the dishes that may stand in each place.
//!
//! Diets and restrictions are filters here, before any optimisation; they never become a cost.

use super::Request;
use crate::diet::{MAX_PLACES, Place};
use crate::food::FoodTable;
use crate::kitchen::Kitchen;
use crate::nutrient::Nutrient;
use crate::recipe::{Recipe, RecipeId};

/// Rows of a day: energy, and at most three more.
pub(super) const MAX_ROWS: usize = 4;
/// How far a day's energy may be from the target, as a share of it.
const ENERGY_TOLERANCE: f64 = 0.05;
/// Portions are quarters of a serving, from half a serving to three.
pub(crate) const QUARTERS: f64 = 4.0;
const FEWEST_QUARTERS: f64 = 2.0;
const MOST_QUARTERS: f64 = 12.0;
/// Room for rounding when a bound is divided by a portion.
const ROUNDING: f64 = 1e-9;
/// Sodium goal, mg a day: the Chronic Disease Risk Reduction Intake of the National Academies, 2019.
pub(crate) const SODIUM_GOAL_MG: f64 = 2_300.0;
/// Fibre goal, g per 1,000 kcal: the Adequate Intake of the Institute of Medicine, 2005.
pub(crate) const FIBER_GOAL_G_PER_KCAL: f64 = 0.014;

/// A hard daily range.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Row {
    pub(crate) nutrient: Nutrient,
    pub(crate) low: f64,
    pub(crate) high: f64,
}

/// A dish that may stand in a place, with its numbers per quarter of a serving.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidate {
    pub(super) recipe: RecipeId,
    /// Contribution to each row, divided by the row's width.
    pub(super) scaled: [f64; MAX_ROWS],
    pub(super) sodium_mg: f64,
    pub(super) fiber_g: f64,
    /// What a portion adds to the cost that exact portions minimise.
    pub(super) cost: f64,
    /// Fewest and most quarters, from the place's share of energy.
    pub(super) first: u8,
    pub(super) last: u8,
}

/// Everything the search needs to know.
#[derive(Debug)]
pub(crate) struct Problem {
    pub(super) places: &'static [Place],
    pub(super) candidates: Vec<Vec<Candidate>>,
    pub(crate) rows: Vec<Row>,
    /// Row bounds divided by the row's width.
    pub(super) scaled_low: [f64; MAX_ROWS],
    pub(super) scaled_high: [f64; MAX_ROWS],
    pub(crate) fiber_goal_g: f64,
    /// One more than the largest recipe index.
    pub(super) recipe_count: usize,
}

impl Problem {
    pub(super) fn new(kitchen: &Kitchen, request: &Request) -> Problem {
        let calories = f64::from(request.calories);
        let rows = rows(request, calories);
        let (mut scaled_low, mut scaled_high) = ([0.0; MAX_ROWS], [0.0; MAX_ROWS]);
        for (index, row) in rows.iter().enumerate() {
            scaled_low[index] = row.low / (row.high - row.low);
            scaled_high[index] = row.high / (row.high - row.low);
        }
        let fiber_goal_g = FIBER_GOAL_G_PER_KCAL * calories;
        let pool: Vec<(RecipeId, &Recipe, Candidate, f64)> = kitchen
            .recipes
            .iter()
            .filter(|(_, recipe)| recipe.fits(&kitchen.foods, request.diet, request.restrictions))
            .map(|(id, recipe)| {
                let (candidate, kcal) = quarter(&kitchen.foods, id, recipe, &rows, fiber_goal_g);
                (id, recipe, candidate, kcal)
            })
            .collect();
        let places = request.pattern.places();
        assert!(places.len() <= MAX_PLACES, "patterns have at most five places, and a test holds them to it");
        let candidates = places
            .iter()
            .map(|place| {
                let here = pool.iter().filter(|(_, recipe, ..)| recipe.slots.contains(place.slot));
                here.filter_map(|(_, _, candidate, kcal)| within(place, calories, *candidate, *kcal))
                    .filter(|candidate| {
                        // A dish whose smallest portion alone breaks a row can never be part of a day.
                        (0..rows.len()).all(|row| {
                            candidate.scaled[row] * f64::from(candidate.first) <= scaled_high[row] + ROUNDING
                        })
                    })
                    .collect()
            })
            .collect();
        Problem {
            places,
            candidates,
            rows,
            scaled_low,
            scaled_high,
            fiber_goal_g,
            recipe_count: kitchen.recipes.iter().count(),
        }
    }

    /// How many dishes may stand in each place.
    pub(crate) fn choices(&self) -> Vec<(&'static str, usize)> {
        self.places.iter().zip(&self.candidates).map(|(place, here)| (place.title, here.len())).collect()
    }
}

fn rows(request: &Request, calories: f64) -> Vec<Row> {
    let mut rows = vec![Row {
        nutrient: Nutrient::Energy,
        low: (1.0 - ENERGY_TOLERANCE) * calories,
        high: (1.0 + ENERGY_TOLERANCE) * calories,
    }];
    rows.extend(request.diet.shares().iter().map(|share| Row {
        nutrient: share.nutrient,
        low: share.low * calories / share.kcal_per_g,
        high: share.high * calories / share.kcal_per_g,
    }));
    if let Some(high) = request.diet.net_carb_limit_g() {
        rows.push(Row { nutrient: Nutrient::NetCarbs, low: 0.0, high });
    }
    assert!(rows.len() <= MAX_ROWS, "energy, and at most three ranges per diet");
    rows
}

/// The numbers of a quarter serving, and its energy.
fn quarter(
    foods: &FoodTable,
    recipe: RecipeId,
    content: &Recipe,
    rows: &[Row],
    fiber_goal_g: f64,
) -> (Candidate, f64) {
    let serving = content.serving(foods);
    let per_quarter = |nutrient| serving.known(nutrient) / QUARTERS;
    let mut scaled = [0.0; MAX_ROWS];
    for (index, row) in rows.iter().enumerate() {
        scaled[index] = per_quarter(row.nutrient) / (row.high - row.low);
    }
    let (sodium_mg, fiber_g) = (per_quarter(Nutrient::Sodium), per_quarter(Nutrient::Fiber));
    let cost = sodium_mg / SODIUM_GOAL_MG - fiber_g / fiber_goal_g;
    (Candidate { recipe, scaled, sodium_mg, fiber_g, cost, first: 0, last: 0 }, per_quarter(Nutrient::Energy))
}

/// The candidate with the portions that keep it inside the place's share of energy, or `None` if there are none.
fn within(place: &Place, calories: f64, candidate: Candidate, kcal: f64) -> Option<Candidate> {
    let first = (place.low * calories / kcal - ROUNDING).ceil().max(FEWEST_QUARTERS);
    let last = (place.high * calories / kcal + ROUNDING).floor().min(MOST_QUARTERS);
    (first <= last).then_some(Candidate { first: first as u8, last: last as u8, ..candidate })
}
