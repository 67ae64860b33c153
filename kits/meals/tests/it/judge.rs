//! Judges plans as they are served: builds the week again from its dishes and portions, compares every amount, and hands it to
//! the engine's independent checker.

use serde_json::Value;
use slipway_meals::kitchen;
use slipway_nutrition::{
    Aisle, Amount, Category, Day, Diet, Explanation, FoodId, Ingredient, Meal, Nutrient, Nutrition, Pattern,
    Plan, Request, Restriction, Set, Word, check_plan,
};
use std::collections::BTreeMap;

/// Half of a served hundredth, and room for the sum's own rounding.
const ROUNDING: f64 = 0.005 + 1e-9;

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text"))
}

fn near(served: &Value, expected: f64) {
    assert!((number(served) - expected).abs() <= ROUNDING, "{served} is not {expected}");
}

/// The request a served plan says it answers.
pub(crate) fn request(plan: &Value) -> Request {
    let restrictions = plan["restrictions"].as_array().unwrap().iter();
    Request {
        calories: u32::try_from(plan["calories"].as_u64().unwrap()).unwrap(),
        diet: Diet::parse(text(&plan["diet_type"])).unwrap(),
        pattern: Pattern::parse(text(&plan["meal_pattern"])).unwrap(),
        restrictions: restrictions.map(|word| Restriction::parse(text(word)).unwrap()).collect::<Set<_>>(),
        seed: plan["variation"].as_u64().unwrap(),
    }
}

/// Panics unless the served plan keeps every hard rule and states what it holds.
pub(crate) fn judge(served: &Value) {
    let days: Vec<Day> = served["days"].as_array().unwrap().iter().map(day).collect();
    let mut totals = Nutrition::default();
    days.iter().for_each(|day| totals.add_all(&day.totals));
    judge_nutrition(&served["totals"], &totals);
    let shopping_list = shopping_list(&days);
    judge_shopping(&served["shopping_list"], &shopping_list);
    let explanation = Explanation { targets: vec![], missed: vec![], choices: vec![], moves: 0 };
    let plan = Plan { request: request(served), days, totals, shopping_list, explanation };
    assert_eq!(check_plan(kitchen(), &plan), []);
}

fn day(served: &Value) -> Day {
    let meals: Vec<Meal> = served["meals"].as_array().unwrap().iter().map(meal).collect();
    let mut totals = Nutrition::default();
    meals.iter().for_each(|meal| totals.add_all(&meal.nutrition));
    judge_nutrition(&served["totals"], &totals);
    Day { number: usize::try_from(served["day"].as_u64().unwrap()).unwrap(), meals, totals }
}

fn meal(served: &Value) -> Meal {
    let recipe = kitchen().recipes.find(text(&served["recipe"]["name"])).expect("the recipe is in the book");
    let book = kitchen().recipes.get(recipe);
    assert_eq!(text(&served["recipe"]["title"]), book.title);
    assert_eq!(served["recipe"]["steps"].as_array().unwrap().len(), book.steps.len());
    let portion = number(&served["portion"]);
    let ingredients: Vec<Ingredient> = book.portion(portion).collect();
    let items = served["ingredients"].as_array().unwrap();
    assert_eq!(items.len(), ingredients.len());
    let mut nutrition = Nutrition::default();
    for (item, ingredient) in items.iter().zip(&ingredients) {
        let food = kitchen().foods.get(ingredient.food);
        assert_eq!((text(&item["food"]), text(&item["title"])), (food.key.as_str(), food.title.as_str()));
        near(&item["amount_g"], ingredient.grams);
        nutrition.add(ingredient.food, &food.facts, ingredient.grams);
    }
    judge_nutrition(&served["nutrition"], &nutrition);
    let places = Pattern::ALL.iter().flat_map(|pattern| pattern.places());
    let mut titles = places.map(|place| place.title);
    let title = titles.find(|title| *title == text(&served["slot"])).expect("the slot is a pattern's");
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "portions are 2 to 12 quarters"
    )]
    let quarters = (portion * 4.0) as u8;
    Meal { title, recipe, quarters, ingredients, nutrition }
}

/// An unknown value is null with a lower bound beside it, and never a number.
fn judge_nutrition(served: &Value, sum: &Nutrition) {
    for nutrient in Nutrient::ALL {
        let (value, bound) = (&served[nutrient.key()], &served["at_least"][nutrient.key()]);
        match sum.value(*nutrient) {
            Some(expected) => near(value, expected),
            None => {
                assert!(value.is_null(), "{}: {value}", nutrient.key());
                near(bound, sum.known(*nutrient));
            }
        }
        assert_eq!(value.is_null(), !bound.is_null(), "{}", nutrient.key());
    }
}

fn shopping_list(days: &[Day]) -> Vec<Aisle> {
    let mut grams: BTreeMap<FoodId, f64> = BTreeMap::new();
    for one in days.iter().flat_map(|day| &day.meals).flat_map(|meal| &meal.ingredients) {
        *grams.entry(one.food).or_default() += one.grams;
    }
    let aisle = |category: &Category| {
        let of_aisle = grams.iter().filter(|(food, _)| kitchen().foods.get(**food).category == *category);
        let items = of_aisle.map(|(food, grams)| Amount { food: *food, grams: *grams }).collect();
        Aisle { category: *category, items }
    };
    Category::ALL.iter().map(aisle).filter(|aisle| !aisle.items.is_empty()).collect()
}

fn judge_shopping(served: &Value, aisles: &[Aisle]) {
    let served = served.as_array().unwrap();
    assert_eq!(served.len(), aisles.len());
    for (served, aisle) in served.iter().zip(aisles) {
        assert_eq!(text(&served["category"]), aisle.category.key());
        let items = served["items"].as_array().unwrap();
        assert_eq!(items.len(), aisle.items.len());
        for (item, expected) in items.iter().zip(&aisle.items) {
            assert_eq!(text(&item["food"]), kitchen().foods.get(expected.food).key);
            near(&item["amount_g"], expected.grams);
        }
    }
}
