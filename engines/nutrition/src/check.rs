//! An independent judge of plans.
//!
//! It shares no evaluation with the planner: it goes back to the grams of every ingredient and the facts of every food,
//! sums them in its own way, and reads the rules from the diet's words. It refuses to trust a total it did not add up.

use std::collections::HashMap;

use crate::diet::{Diet, KETO_NET_CARBS_G};
use crate::food::{Food, FoodId};
use crate::kitchen::Kitchen;
use crate::nutrient::{CarbBasis, Nutrient};
use crate::plan::{Day, Meal, Plan};
use crate::recipe::RecipeId;
use crate::vocabulary::Word;

/// A hard rule a plan breaks.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Violation {
    /// Not seven days, or not the pattern's places.
    #[error("day {day} has {found} dishes instead of {expected} (0 stands for the number of days)")]
    Shape {
        /// The day, or 0.
        day: usize,
        /// Dishes or days found.
        found: usize,
        /// What the pattern asks for.
        expected: usize,
    },
    /// A dish where it does not belong.
    #[error("day {day}: {dish} is not a dish for {place}")]
    WrongSlot {
        /// The day.
        day: usize,
        /// The dish.
        dish: String,
        /// The place.
        place: &'static str,
    },
    /// A food the diet or a restriction bars.
    #[error("day {day}: {dish} contains {food}, which {rule} bars")]
    Barred {
        /// The day.
        day: usize,
        /// The dish.
        dish: String,
        /// The food.
        food: String,
        /// The diet or restriction.
        rule: &'static str,
    },
    /// A daily value outside its range.
    #[error("day {day}: {what} is {reached:.3}, outside {low:.3} to {high:.3}")]
    Range {
        /// The day.
        day: usize,
        /// What was summed.
        what: &'static str,
        /// The sum.
        reached: f64,
        /// The range.
        low: f64,
        /// See `low`.
        high: f64,
    },
    /// A dish too often.
    #[error("{dish} is served {times} times {within}")]
    Repeated {
        /// The dish.
        dish: String,
        /// How often.
        times: usize,
        /// `in the week` or `on one day`.
        within: &'static str,
    },
    /// A portion that is not 2 to 12 quarters, or ingredients that are not the recipe's.
    #[error("day {day}: the portion of {dish} does not follow from its recipe")]
    Portion {
        /// The day.
        day: usize,
        /// The dish.
        dish: String,
    },
    /// A stated sum that is not the sum.
    #[error("the stated {what} differs from the sum of its parts")]
    Sum {
        /// Which sum.
        what: String,
    },
}

/// Relative room for the rounding of sums taken in another order.
const ROUNDING: f64 = 1e-9;

/// Every hard rule that the plan breaks; empty for a good plan.
pub fn check_plan(kitchen: &Kitchen, plan: &Plan) -> Vec<Violation> {
    let mut violations = Vec::new();
    if plan.days.len() != 7 {
        violations.push(Violation::Shape { day: 0, found: plan.days.len(), expected: 7 });
    }
    let mut week: HashMap<RecipeId, usize> = HashMap::new();
    let mut bought: HashMap<FoodId, f64> = HashMap::new();
    for day in &plan.days {
        check_dishes(kitchen, plan, day, &mut violations);
        check_ranges(kitchen, plan, day, &mut violations);
        for meal in &day.meals {
            *week.entry(meal.recipe).or_default() += 1;
            for one in &meal.ingredients {
                *bought.entry(one.food).or_default() += one.grams;
            }
        }
    }
    for (recipe, times) in week {
        if times > 3 {
            violations.push(repeated(kitchen, recipe, times, "in the week"));
        }
    }
    check_shopping(kitchen, plan, bought, &mut violations);
    violations
}

fn title(kitchen: &Kitchen, recipe: RecipeId) -> String {
    kitchen.recipes.get(recipe).title.clone()
}

fn repeated(kitchen: &Kitchen, recipe: RecipeId, times: usize, within: &'static str) -> Violation {
    Violation::Repeated { dish: title(kitchen, recipe), times, within }
}

fn check_dishes(kitchen: &Kitchen, plan: &Plan, day: &Day, violations: &mut Vec<Violation>) {
    let places = plan.request.pattern.places();
    if day.meals.len() != places.len() {
        violations.push(Violation::Shape { day: day.number, found: day.meals.len(), expected: places.len() });
    }
    for (index, meal) in day.meals.iter().enumerate() {
        let recipe = kitchen.recipes.get(meal.recipe);
        let dish = || recipe.title.clone();
        if places.get(index).is_some_and(|place| !recipe.slots.contains(place.slot)) {
            violations.push(Violation::WrongSlot { day: day.number, dish: dish(), place: meal.title });
        }
        if day.meals[..index].iter().any(|earlier| earlier.recipe == meal.recipe) {
            violations.push(repeated(kitchen, meal.recipe, 2, "on one day"));
        }
        if !portion_follows(kitchen, meal) {
            violations.push(Violation::Portion { day: day.number, dish: dish() });
        }
        for one in &meal.ingredients {
            let food = kitchen.foods.get(one.food);
            for rule in barring(plan, food) {
                let food = food.key.clone();
                violations.push(Violation::Barred { day: day.number, dish: dish(), food, rule });
            }
        }
    }
}

/// The words of the request that bar a food.
fn barring(plan: &Plan, food: &Food) -> Vec<&'static str> {
    let mut rules = Vec::new();
    let diet = plan.request.diet;
    let uncountable = food.facts.get(Nutrient::Carbs).is_none() || food.facts.get(Nutrient::Fiber).is_none();
    if food.traits.iter().any(|one| diet.barred().contains(one)) || (diet == Diet::Keto && uncountable) {
        rules.push(diet.key());
    }
    for restriction in plan.request.restrictions.iter() {
        let allergen = food.allergens.iter().any(|one| restriction.allergens().contains(one));
        let kind = food.traits.iter().any(|one| restriction.traits().contains(one));
        if allergen || kind {
            rules.push(restriction.key());
        }
    }
    rules
}

fn portion_follows(kitchen: &Kitchen, meal: &Meal) -> bool {
    let recipe = kitchen.recipes.get(meal.recipe);
    let factor = f64::from(meal.quarters) / 4.0 / f64::from(recipe.serves);
    (2..=12).contains(&meal.quarters)
        && meal.ingredients.len() == recipe.ingredients.len()
        && recipe
            .ingredients
            .iter()
            .zip(&meal.ingredients)
            .all(|(stated, served)| stated.food == served.food && near(served.grams, stated.grams * factor))
}

fn near(first: f64, second: f64) -> bool {
    (first - second).abs() <= ROUNDING * (1.0 + first.abs().max(second.abs()))
}

/// Sums a value over grams, food by food; a food that does not know it counts as nothing.
fn sum<'a>(
    kitchen: &Kitchen,
    meals: impl Iterator<Item = &'a Meal>,
    value: impl Fn(&Food) -> Option<f64>,
) -> f64 {
    let mut grams: HashMap<FoodId, f64> = HashMap::new();
    for one in meals.flat_map(|meal| &meal.ingredients) {
        *grams.entry(one.food).or_default() += one.grams;
    }
    let mut parts: Vec<f64> = grams
        .into_iter()
        .map(|(food, grams)| value(kitchen.foods.get(food)).unwrap_or(0.0) * grams / 100.0)
        .collect();
    parts.sort_by(f64::total_cmp);
    parts.iter().sum()
}

fn net_carbs(food: &Food) -> Option<f64> {
    let carbs_g = food.facts.get(Nutrient::Carbs)?;
    match food.carb_basis {
        CarbBasis::FiberIncluded => Some((carbs_g - food.facts.get(Nutrient::Fiber)?).max(0.0)),
        CarbBasis::FiberExcluded => Some(carbs_g),
    }
}

fn check_ranges(kitchen: &Kitchen, plan: &Plan, day: &Day, violations: &mut Vec<Violation>) {
    let target = f64::from(plan.request.calories);
    let mut within = |what: &'static str, reached: f64, low: f64, high: f64| {
        let room = ROUNDING * (1.0 + high);
        if reached < low - room || reached > high + room {
            violations.push(Violation::Range { day: day.number, what, reached, low, high });
        }
    };
    let energy = |food: &Food| food.facts.get(Nutrient::Energy);
    within("energy (kcal)", sum(kitchen, day.meals.iter(), energy), target * 0.95, target * 1.05);
    for share in plan.request.diet.shares() {
        let grams = sum(kitchen, day.meals.iter(), |food| food.facts.get(share.nutrient));
        within(share.nutrient.title(), grams * share.kcal_per_g, share.low * target, share.high * target);
    }
    if plan.request.diet == Diet::Keto {
        within("net carbohydrate (g)", sum(kitchen, day.meals.iter(), net_carbs), 0.0, KETO_NET_CARBS_G);
    }
    for (place, meal) in plan.request.pattern.places().iter().zip(&day.meals) {
        let kcal = sum(kitchen, std::iter::once(meal), energy);
        within(place.title, kcal, place.low * target, place.high * target);
    }
    for nutrient in Nutrient::ALL.iter().copied().filter(|nutrient| *nutrient != Nutrient::NetCarbs) {
        let reached = sum(kitchen, day.meals.iter(), |food| food.facts.get(nutrient));
        if !near(reached, day.totals.known(nutrient)) {
            violations.push(Violation::Sum { what: format!("{} of day {}", nutrient.title(), day.number) });
        }
    }
}

fn check_shopping(
    kitchen: &Kitchen,
    plan: &Plan,
    mut bought: HashMap<FoodId, f64>,
    violations: &mut Vec<Violation>,
) {
    let mut wrong = |what: String| violations.push(Violation::Sum { what });
    for aisle in &plan.shopping_list {
        for item in &aisle.items {
            let food = kitchen.foods.get(item.food);
            let needed = bought.remove(&item.food).unwrap_or(0.0);
            if !near(needed, item.grams) || food.category != aisle.category {
                wrong(format!("shopping list entry for {}", food.key));
            }
        }
    }
    for food in bought.keys() {
        wrong(format!("shopping list, which lacks {}", kitchen.foods.get(*food).key));
    }
    for nutrient in Nutrient::ALL.iter().copied() {
        let days: f64 = plan.days.iter().map(|day| day.totals.known(nutrient)).sum();
        if !near(days, plan.totals.known(nutrient)) {
            wrong(format!("{} of the week", nutrient.title()));
        }
    }
}
