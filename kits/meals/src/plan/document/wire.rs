//! The parts of the document. Within version 1 of the API these types only ever grow: kept plans have them too.

use super::rules;
use crate::kitchen::kitchen;
use serde::Serialize;
use slipway_nutrition::{Aisle, Day, Explanation, Ingredient, Meal, Nutrient, Nutrition as Sum, Plan, Word};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// One day.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MealPlanDay {
    /// 1 to 7.
    day: usize,
    meals: Vec<MealPlanMeal>,
    totals: Nutrition,
}

/// One dish in its place.
#[derive(Debug, Serialize, ToSchema)]
struct MealPlanMeal {
    /// One of the pattern's slots.
    slot: &'static str,
    recipe: MealPlanRecipe,
    /// Servings, in quarters.
    portion: f64,
    /// For this portion.
    ingredients: Vec<FoodAmount>,
    nutrition: Nutrition,
}

/// How to make a dish.
#[derive(Debug, Serialize, ToSchema)]
struct MealPlanRecipe {
    name: String,
    title: String,
    cuisine: String,
    /// From start to table.
    minutes: u16,
    steps: Vec<String>,
}

/// A food and how much of it.
#[derive(Debug, Serialize, ToSchema)]
struct FoodAmount {
    food: String,
    title: String,
    /// How it is weighed: raw, cooked or as_sold.
    state: &'static str,
    /// Grams of the edible part.
    amount_g: f64,
}

/// One aisle's share of the week's shopping.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ShoppingAisle {
    category: &'static str,
    title: &'static str,
    items: Vec<FoodAmount>,
}

/// Nutrition facts; null is unknown, because at least one food does not know it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Nutrition {
    kcal: Option<f64>,
    protein_g: Option<f64>,
    fat_g: Option<f64>,
    carbs_g: Option<f64>,
    fiber_g: Option<f64>,
    net_carbs_g: Option<f64>,
    sugars_g: Option<f64>,
    sodium_mg: Option<f64>,
    potassium_mg: Option<f64>,
    calcium_mg: Option<f64>,
    iron_mg: Option<f64>,
    vitamin_b12_ug: Option<f64>,
    vitamin_d_ug: Option<f64>,
    /// ALA + EPA + DHA.
    omega_3_g: Option<f64>,
    /// For each unknown value, by name, the sum of what is known: there is at least so much.
    at_least: BTreeMap<&'static str, f64>,
}

/// Why the plan is what it is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MealPlanExplanation {
    /// The rules that are never bent, in sentences.
    rules: Vec<String>,
    /// The daily ranges, and how the days lie in them.
    targets: Vec<MealPlanTarget>,
    /// Goals that were aimed at and missed.
    missed: Vec<MissedGoal>,
    /// How many dishes could stand in each place.
    choices: Vec<SlotChoice>,
    /// Dishes that were exchanged in the search.
    moves: u64,
    /// What would make another plan.
    changes: Vec<&'static str>,
}

/// A daily range that every day keeps.
#[derive(Debug, Serialize, ToSchema)]
struct MealPlanTarget {
    nutrient: &'static str,
    title: &'static str,
    low: f64,
    high: f64,
    /// Each day's value.
    reached: Vec<f64>,
    /// Days, 1 to 7, that lie close to an end of the range: there this rule decided.
    binding_days: Vec<usize>,
}

/// A goal that one day misses.
#[derive(Debug, Serialize, ToSchema)]
struct MissedGoal {
    nutrient: &'static str,
    title: &'static str,
    day: usize,
    goal: f64,
    reached: f64,
}

/// The choice there was for a place.
#[derive(Debug, Serialize, ToSchema)]
struct SlotChoice {
    slot: &'static str,
    dishes: usize,
}

/// Hundredths are more than any food table knows.
fn rounded(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

impl FoodAmount {
    fn of(Ingredient { food, grams }: Ingredient) -> Self {
        let food = kitchen().foods.get(food);
        let (key, title) = (food.key.clone(), food.title.clone());
        Self { food: key, title, state: food.state.key(), amount_g: rounded(grams) }
    }
}

impl From<&Day> for MealPlanDay {
    fn from(day: &Day) -> Self {
        let meals = day.meals.iter().map(MealPlanMeal::from).collect();
        Self { day: day.number, meals, totals: Nutrition::from(&day.totals) }
    }
}

impl From<&Meal> for MealPlanMeal {
    fn from(meal: &Meal) -> Self {
        let recipe = kitchen().recipes.get(meal.recipe);
        Self {
            slot: meal.title,
            recipe: MealPlanRecipe {
                name: recipe.key.clone(),
                title: recipe.title.clone(),
                cuisine: recipe.cuisine.clone(),
                minutes: recipe.minutes,
                steps: recipe.steps.clone(),
            },
            portion: meal.servings(),
            ingredients: meal.ingredients.iter().copied().map(FoodAmount::of).collect(),
            nutrition: Nutrition::from(&meal.nutrition),
        }
    }
}

impl From<&Aisle> for ShoppingAisle {
    fn from(aisle: &Aisle) -> Self {
        let amount = |item: &slipway_nutrition::Amount| {
            FoodAmount::of(Ingredient { food: item.food, grams: item.grams })
        };
        let items = aisle.items.iter().map(amount).collect();
        Self { category: aisle.category.key(), title: aisle.category.title(), items }
    }
}

impl From<&Sum> for Nutrition {
    fn from(sum: &Sum) -> Self {
        let value = |nutrient| sum.value(nutrient).map(rounded);
        let unknown = Nutrient::ALL.iter().filter(|nutrient| sum.value(**nutrient).is_none());
        Self {
            kcal: value(Nutrient::Energy),
            protein_g: value(Nutrient::Protein),
            fat_g: value(Nutrient::Fat),
            carbs_g: value(Nutrient::Carbs),
            fiber_g: value(Nutrient::Fiber),
            net_carbs_g: value(Nutrient::NetCarbs),
            sugars_g: value(Nutrient::Sugars),
            sodium_mg: value(Nutrient::Sodium),
            potassium_mg: value(Nutrient::Potassium),
            calcium_mg: value(Nutrient::Calcium),
            iron_mg: value(Nutrient::Iron),
            vitamin_b12_ug: value(Nutrient::VitaminB12),
            vitamin_d_ug: value(Nutrient::VitaminD),
            omega_3_g: value(Nutrient::Omega3),
            at_least: unknown.map(|nutrient| (nutrient.key(), rounded(sum.known(*nutrient)))).collect(),
        }
    }
}

impl MealPlanExplanation {
    pub(super) fn of(plan: &Plan) -> Self {
        let Explanation { targets, missed, choices, moves } = &plan.explanation;
        let target = |target: &slipway_nutrition::Target| MealPlanTarget {
            nutrient: target.nutrient.key(),
            title: target.nutrient.title(),
            low: rounded(target.low),
            high: rounded(target.high),
            reached: target.reached.iter().copied().map(rounded).collect(),
            binding_days: target.binding_days.clone(),
        };
        let missed_goal = |missed: &slipway_nutrition::Missed| MissedGoal {
            nutrient: missed.nutrient.key(),
            title: missed.nutrient.title(),
            day: missed.day,
            goal: rounded(missed.goal),
            reached: rounded(missed.reached),
        };
        Self {
            rules: rules(plan),
            targets: targets.iter().map(target).collect(),
            missed: missed.iter().map(missed_goal).collect(),
            choices: choices.iter().map(|(slot, dishes)| SlotChoice { slot, dishes: *dishes }).collect(),
            moves: *moves,
            changes: vec![
                "Another variation is another week for the same wishes.",
                "A restriction or diet less gives more dishes to choose from.",
                "Other calories move every range of this table.",
            ],
        }
    }
}
