//! The form of a request: every boundary, every word, everything wrong told at once (ME-41 to ME-43).

use crate::house::{PLANS, open, user, wishes};
use serde_json::{Value, json};
use slipway_framework::module::Assembly;
use slipway_testkit::{EngineKind, TestClient, TestHouse, on_both_engines};
use std::collections::BTreeSet;
use std::time::Duration;

on_both_engines!(calories_have_bounds, words_are_closed, all_that_is_wrong_is_told_at_once);

/// A generated client knows a plan down to its last ingredient, and that a wish has three fields it cannot do without.
#[test]
fn the_description_is_complete() {
    let modules = [slipway_tenancy::module(), slipway_identity::module(), slipway_meals::module()];
    let described = serde_json::to_value(Assembly::of(modules).openapi()).unwrap();
    let schemas = &described["components"]["schemas"];
    let mut waiting = vec!["MealPlan".to_owned(), "MealPlanRequest".to_owned(), "MealOptions".to_owned()];
    let mut seen = BTreeSet::new();
    while let Some(name) = waiting.pop() {
        let schema = &schemas[&name];
        assert!(schema.is_object(), "{name} is not described");
        if seen.insert(name) {
            let text = schema.to_string();
            let referred =
                text.split("#/components/schemas/").skip(1).filter_map(|rest| rest.split('"').next());
            waiting.extend(referred.map(str::to_owned));
        }
    }
    for part in ["MealPlanDay", "MealPlanMeal", "MealPlanRecipe", "FoodAmount", "Nutrition", "ShoppingAisle"]
    {
        assert!(seen.contains(part), "{part} is not reached: {seen:?}");
    }
    assert_eq!(schemas["MealPlanRequest"]["required"], json!(["calories", "diet_type", "meal_pattern"]));
    for (path, method) in
        [("/plans", "post"), ("/plans", "get"), ("/plans/{plan}", "delete"), ("/options", "get")]
    {
        assert!(described["paths"][format!("/api/v1/meals{path}")][method].is_object(), "{method} {path}");
    }
}

/// The answer to the workflow's wishes with one field changed, or left out with `None`.
async fn with(house: &TestHouse, user: &mut TestClient, field: &str, value: Option<Value>) -> (u16, String) {
    house.clock().advance(Duration::from_mins(1));
    let mut wishes = wishes();
    match value {
        Some(value) => wishes[field] = value,
        None => drop(wishes.as_object_mut().unwrap().remove(field)),
    }
    let reply = user.post(PLANS, wishes).await;
    let told: Vec<_> =
        reply.fields().into_iter().map(|(field, message)| format!("{field}: {message}")).collect();
    (reply.status.as_u16(), told.join(" "))
}

async fn calories_have_bounds(engine: EngineKind) {
    let (house, _) = open(engine).await;
    let mut user = user(&house, "verde", "ana").await;
    let range = "calories: Calories must be between 800-5000.";
    let whole = "calories: Calories must be between 800-5000, as a whole number.";
    let required = "calories: Calories are required.";
    for (calories, told) in [
        (None, required),
        (Some(Value::Null), required),
        (Some(json!(799)), range),
        (Some(json!(5001)), range),
        (Some(json!(-2000)), range),
        (Some(json!(0)), range),
        (Some(json!(u64::MAX)), range),
        (Some(json!(2000.5)), whole),
        (Some(json!(2000.0)), whole),
        (Some(json!("2000")), whole),
        (Some(json!([2000])), whole),
        (Some(json!(true)), whole),
    ] {
        let answer = with(&house, &mut user, "calories", calories.clone()).await;
        assert_eq!(answer, (422, told.to_owned()), "{calories:?}");
    }
    for calories in [800, 5000] {
        house.clock().advance(Duration::from_mins(1));
        let wishes = json!({ "calories": calories, "diet_type": "standard", "meal_pattern": "3_meals" });
        let plan = user.post(PLANS, wishes).await.expect(201);
        assert_eq!((plan["calories"].as_u64(), &plan["restrictions"]), (Some(calories), &json!([])));
    }
}

async fn words_are_closed(engine: EngineKind) {
    let (house, _) = open(engine).await;
    let mut user = user(&house, "verde", "ana").await;
    let diets = "standard, vegetarian, vegan, keto, paleo, mediterranean.";
    let patterns = "3_meals, 3_meals_2_snacks, 5_small_meals, 2_meals, omad.";
    for (field, value, told) in [
        ("diet_type", None, "diet_type: Diet type is required.".to_owned()),
        (
            "diet_type",
            Some(json!("carnivore")),
            format!("diet_type: Unknown diet `carnivore`; use one of: {diets}"),
        ),
        ("diet_type", Some(json!("Vegan")), format!("diet_type: Unknown diet `Vegan`; use one of: {diets}")),
        ("diet_type", Some(json!(7)), format!("diet_type: Give one of: {diets}")),
        ("meal_pattern", Some(Value::Null), "meal_pattern: Meal pattern is required.".to_owned()),
        (
            "meal_pattern",
            Some(json!("4_meals")),
            format!("meal_pattern: Unknown meal pattern `4_meals`; use one of: {patterns}"),
        ),
        ("variation", Some(json!(100)), "variation: Give a whole number from 0 to 99.".to_owned()),
        ("variation", Some(json!(-1)), "variation: Give a whole number from 0 to 99.".to_owned()),
    ] {
        let answer = with(&house, &mut user, field, value.clone()).await;
        assert_eq!(answer, (422, told), "{field} {value:?}");
    }
    for condition in ["diabetes", "hypertension", "heart_disease", "kidney_disease"] {
        for (field, value) in
            [("diet_type", json!(condition)), ("restrictions", json!(["nut_free", condition]))]
        {
            let (status, told) = with(&house, &mut user, field, Some(value)).await;
            assert_eq!(status, 422);
            assert!(told.contains("nknown"), "{told}");
        }
    }
    for (field, value) in [("generate_video", json!(true)), ("platforms", json!(["youtube_shorts"]))] {
        let (status, told) = with(&house, &mut user, field, Some(value)).await;
        assert_eq!(status, 422);
        assert!(told.contains("The fields are calories, diet_type, "), "{told}");
    }
    let (status, told) = with(&house, &mut user, "restrictions", Some(json!("gluten_free"))).await;
    assert_eq!(status, 422);
    assert!(told.starts_with("restrictions: Give a list of any of: gluten_free, dairy_free"), "{told}");
    let doubled = json!(["nut_free", "gluten_free", "nut_free"]);
    house.clock().advance(Duration::from_mins(1));
    let plan = user.post(
        PLANS,
        json!({ "restrictions": doubled, "calories": 1800, "diet_type": "standard",
        "meal_pattern": "3_meals" }),
    );
    assert_eq!(plan.await.expect(201)["restrictions"], json!(["gluten_free", "nut_free"]));
}

async fn all_that_is_wrong_is_told_at_once(engine: EngineKind) {
    let (house, _) = open(engine).await;
    let mut user = user(&house, "verde", "ana").await;
    let wishes = json!({ "calories": 1, "restrictions": ["nut_free", "<script>", null] });
    let reply = user.post(PLANS, wishes).await;
    assert_eq!(reply.problem(), (422, "request.invalid".to_owned()));
    let fields: Vec<_> = reply.fields().into_iter().map(|(field, _)| field).collect();
    assert_eq!(fields, ["calories", "diet_type", "meal_pattern", "restrictions.1", "restrictions.2"]);
}
