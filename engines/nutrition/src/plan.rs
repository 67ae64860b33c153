//! A finished plan: what is eaten, what it holds, what to buy, and why it is what it is.
//!
//! Nothing here is rounded; rounding is the business of whoever shows a number.

use crate::food::{Category, FoodId, FoodTable};
use crate::kitchen::Kitchen;
use crate::nutrient::{Nutrient, Nutrition};
use crate::planner::model::{Problem, QUARTERS, SODIUM_GOAL_MG};
use crate::planner::search::Week;
use crate::planner::{DAYS, Request};
use crate::recipe::{Ingredient, RecipeId};
use crate::vocabulary::Word;

/// A week that keeps every hard rule of its request.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// What was asked.
    pub request: Request,
    /// Seven days.
    pub days: Vec<Day>,
    /// The week's sum.
    pub totals: Nutrition,
    /// What to buy for the week, by aisle.
    pub shopping_list: Vec<Aisle>,
    /// Targets and what was reached.
    pub explanation: Explanation,
}

/// One day.
#[derive(Debug, Clone, PartialEq)]
pub struct Day {
    /// 1 to 7.
    pub number: usize,
    /// In the order of eating.
    pub meals: Vec<Meal>,
    /// The day's sum.
    pub totals: Nutrition,
}

/// One dish in its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Meal {
    /// The name of the place: `Breakfast`.
    pub title: &'static str,
    /// The dish.
    pub recipe: RecipeId,
    /// Quarters of a serving, 2 to 12.
    pub quarters: u8,
    /// What goes in, in grams for this portion.
    pub ingredients: Vec<Ingredient>,
    /// What the portion holds.
    pub nutrition: Nutrition,
}

impl Meal {
    /// The portion in servings.
    pub fn servings(&self) -> f64 {
        f64::from(self.quarters) / QUARTERS
    }
}

/// The foods to buy in one aisle, in the order of the table.
#[derive(Debug, Clone, PartialEq)]
pub struct Aisle {
    /// The aisle.
    pub category: Category,
    /// Each food once, with the week's amount.
    pub items: Vec<Amount>,
}

/// A food and how much of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Amount {
    /// The food.
    pub food: FoodId,
    /// Grams of the edible part over the week.
    pub grams: f64,
}

/// The inputs, the rules, and what came of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// The hard daily ranges.
    pub targets: Vec<Target>,
    /// The goals that were aimed at and missed, by day.
    pub missed: Vec<Missed>,
    /// How many dishes could stand in each place, in the order of the places.
    pub choices: Vec<(&'static str, usize)>,
    /// Dish changes tried until the plan was found.
    pub moves: u64,
}

/// A hard daily range and how the days lie in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Target {
    /// The nutrient, in its unit.
    pub nutrient: Nutrient,
    /// Least a day.
    pub low: f64,
    /// Most a day.
    pub high: f64,
    /// Each day's value.
    pub reached: Vec<f64>,
    /// Days (1 to 7) that lie within a twentieth of the range's width of one of its ends: there the rule decided.
    pub binding_days: Vec<usize>,
}

/// A goal that is aimed at, never enforced.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Missed {
    /// Sodium (at most) or fibre (at least).
    pub nutrient: Nutrient,
    /// Day, 1 to 7.
    pub day: usize,
    /// The goal, in the nutrient's unit.
    pub goal: f64,
    /// The known sum.
    pub reached: f64,
}

/// How near an end of a range counts as lying on it, in widths.
const BINDING: f64 = 0.05;

impl Plan {
    pub(crate) fn new(kitchen: &Kitchen, request: &Request, problem: &Problem, week: &Week) -> Plan {
        let days: Vec<Day> = (0..DAYS).map(|day| day_of(kitchen, request, problem, week, day)).collect();
        let mut totals = Nutrition::default();
        for day in &days {
            totals.add_all(&day.totals);
        }
        Plan {
            request: *request,
            shopping_list: shopping_list(&kitchen.foods, &days),
            explanation: explain(problem, &days, week.moves),
            totals,
            days,
        }
    }
}

fn day_of(kitchen: &Kitchen, request: &Request, problem: &Problem, week: &Week, day: usize) -> Day {
    let places = request.pattern.places().iter();
    let meals: Vec<Meal> = places
        .zip(week.day(problem, day))
        .map(|(place, (recipe, quarters))| {
            let servings = f64::from(quarters) / QUARTERS;
            let ingredients: Vec<Ingredient> = kitchen.recipes.get(recipe).portion(servings).collect();
            let mut nutrition = Nutrition::default();
            for one in &ingredients {
                nutrition.add(one.food, &kitchen.foods.get(one.food).facts, one.grams);
            }
            Meal { title: place.title, recipe, quarters, ingredients, nutrition }
        })
        .collect();
    let mut totals = Nutrition::default();
    for meal in &meals {
        totals.add_all(&meal.nutrition);
    }
    Day { number: day + 1, meals, totals }
}

fn shopping_list(foods: &FoodTable, days: &[Day]) -> Vec<Aisle> {
    let mut amounts: Vec<Amount> = Vec::new();
    for one in days.iter().flat_map(|day| &day.meals).flat_map(|meal| &meal.ingredients) {
        match amounts.binary_search_by_key(&one.food, |amount| amount.food) {
            Ok(index) => amounts[index].grams += one.grams,
            Err(index) => amounts.insert(index, Amount { food: one.food, grams: one.grams }),
        }
    }
    Category::ALL
        .iter()
        .map(|category| Aisle {
            category: *category,
            items: amounts
                .iter()
                .copied()
                .filter(|amount| foods.get(amount.food).category == *category)
                .collect(),
        })
        .filter(|aisle| !aisle.items.is_empty())
        .collect()
}

fn explain(problem: &Problem, days: &[Day], moves: u64) -> Explanation {
    let targets = problem
        .rows
        .iter()
        .map(|row| {
            let reached: Vec<f64> = days.iter().map(|day| day.totals.known(row.nutrient)).collect();
            let room = BINDING * (row.high - row.low);
            let binding_days = reached
                .iter()
                .enumerate()
                .filter(|(_, value)| (row.low > 0.0 && **value - row.low < room) || row.high - **value < room)
                .map(|(day, _)| day + 1)
                .collect();
            Target { nutrient: row.nutrient, low: row.low, high: row.high, reached, binding_days }
        })
        .collect();
    let mut missed = Vec::new();
    for day in days {
        let (sodium_mg, fiber_g) = (day.totals.known(Nutrient::Sodium), day.totals.known(Nutrient::Fiber));
        if sodium_mg > SODIUM_GOAL_MG {
            let (nutrient, goal) = (Nutrient::Sodium, SODIUM_GOAL_MG);
            missed.push(Missed { nutrient, day: day.number, goal, reached: sodium_mg });
        }
        if fiber_g < problem.fiber_goal_g {
            let (nutrient, goal) = (Nutrient::Fiber, problem.fiber_goal_g);
            missed.push(Missed { nutrient, day: day.number, goal, reached: fiber_g });
        }
    }
    Explanation { targets, missed, choices: problem.choices(), moves }
}
