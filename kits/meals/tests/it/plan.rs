//! Plans as users get them: the whole way, refusals with reasons, remembered weeks, determinism.

use crate::house::{PLANS, launch, open, user, wishes};
use crate::judge::{judge, request};
use serde_json::{Value, json};
use slipway_framework::audit;
use slipway_framework::db::DbError;
use slipway_framework::scope::AppScope;
use slipway_kernel::Limit;
use slipway_meals::kitchen;
use slipway_nutrition::{Allergen, Diet, Outcome, plan};
use slipway_testkit::{EngineKind, TestHouse, on_both_engines};
use std::time::Duration;

on_both_engines!(
    the_whole_way,
    every_diet_and_pattern_is_judged,
    an_infeasible_request_names_the_wishes_at_odds,
    a_search_without_end_says_so,
    a_remembered_week_is_still_a_plan_of_ones_own,
    one_request_is_one_week_and_another_variation_another,
);

async fn the_whole_way(engine: EngineKind) {
    let (house, _) = open(engine).await;
    let mut ana = user(&house, "verde", "ana").await;
    let plan = ana.post(PLANS, wishes()).await.expect(201);
    assert!(plan["id"].as_str().unwrap().starts_with("pln_"));
    assert_eq!(plan["cached"], false);
    let days = plan["days"].as_array().unwrap();
    assert_eq!(
        days.iter().map(|day| day["day"].as_u64().unwrap()).collect::<Vec<_>>(),
        [1, 2, 3, 4, 5, 6, 7]
    );
    let slots = ["Breakfast", "Morning snack", "Lunch", "Afternoon snack", "Dinner"];
    for day in days {
        let meals = day["meals"].as_array().unwrap();
        assert_eq!(meals.iter().map(|meal| meal["slot"].as_str().unwrap()).collect::<Vec<_>>(), slots);
        let kcal = day["totals"]["kcal"].as_f64().unwrap();
        assert!((1_900.0..=2_100.0).contains(&kcal), "{kcal}");
        for item in meals.iter().flat_map(|meal| meal["ingredients"].as_array().unwrap()) {
            let name = item["food"].as_str().unwrap();
            let (_, food) = kitchen().foods.iter().find(|(_, food)| food.key == name).unwrap();
            assert!(!food.allergens.contains(Allergen::Gluten), "{name}");
            assert!(Diet::Vegetarian.admits(food), "{name}");
        }
    }
    let explain = &plan["explain"];
    assert_eq!(explain["rules"][0], "Every day is within 5 % of 2000 kcal.");
    assert_eq!(explain["targets"][0]["nutrient"], "kcal");
    assert_eq!(explain["targets"][0]["reached"].as_array().unwrap().len(), 7);
    assert_eq!(explain["choices"].as_array().unwrap().len(), 5);
    judge(&plan);
}

async fn every_diet_and_pattern_is_judged(engine: EngineKind) {
    let (house, _) = open(engine).await;
    let mut ana = user(&house, "verde", "ana").await;
    let options = ana.get("/api/v1/meals/options").await.expect(200);
    let names = |list: &Value| -> Vec<Value> {
        list.as_array().unwrap().iter().map(|option| option["name"].clone()).collect()
    };
    for diet in names(&options["diets"]) {
        for pattern in names(&options["patterns"]) {
            house.clock().advance(Duration::from_mins(1));
            let wishes = json!({ "calories": 2000, "diet_type": diet, "meal_pattern": pattern });
            let plan = ana.post(PLANS, wishes).await.expect(201);
            assert_eq!((&plan["diet_type"], &plan["meal_pattern"]), (&diet, &pattern));
            judge(&plan);
        }
    }
}

async fn an_infeasible_request_names_the_wishes_at_odds(engine: EngineKind) {
    let (house, scope) = open(engine).await;
    let mut ana = user(&house, "verde", "ana").await;
    let impossible = json!({
        "calories": 2000, "diet_type": "paleo", "meal_pattern": "3_meals",
        "restrictions": ["fish_free", "nut_free", "egg_free"],
    });
    for _ in 0..2 {
        let refused = ana.post(PLANS, impossible.clone()).await;
        assert_eq!(refused.problem(), (422, "meals.infeasible".to_owned()));
        let body = refused.json();
        let detail = body["detail"].as_str().unwrap();
        assert!(detail.starts_with("No plan can meet all of these wishes: "), "{detail}");
        let wishes = body["wishes"].as_array().unwrap();
        assert!(!wishes.is_empty());
        for wish in wishes {
            assert!(
                !wish["name"].as_str().unwrap().is_empty()
                    && !wish["explanation"].as_str().unwrap().is_empty()
            );
            assert!(wish["is_enough"].is_boolean());
        }
        assert!(wishes.iter().any(|wish| wish["name"] == "diet_type" && wish["is_enough"] == true), "{body}");
    }
    assert_eq!(ana.get(PLANS).await.expect(200)["items"], json!([]));
    let started =
        ("meal_plan_generation_started".to_owned(), json!({ "diet_type": "paleo", "calories": 2000 }));
    assert_eq!(trail(&house, &scope).await, [started.clone(), started]);
}

async fn a_search_without_end_says_so(engine: EngineKind) {
    let (house, _) = open(engine).await;
    let mut ana = user(&house, "verde", "ana").await;
    let odd = json!({ "calories": 5000, "diet_type": "vegan", "meal_pattern": "omad" });
    let refused = ana.post(PLANS, odd).await;
    assert_eq!(refused.problem(), (422, "meals.no_plan_found".to_owned()));
    assert!(refused.json()["detail"].as_str().unwrap().contains("not to say that there is none"));
}

async fn a_remembered_week_is_still_a_plan_of_ones_own(engine: EngineKind) {
    let (house, scope) = open(engine).await;
    let azul = launch(&house, "azul").await;
    let wishes = |restrictions: [&str; 3]| json!({ "calories": 2200, "diet_type": "mediterranean", "meal_pattern": "2_meals", "restrictions": restrictions });
    let mut ana = user(&house, "verde", "ana").await;
    let mut ben = user(&house, "verde", "ben").await;
    let mut eva = user(&house, "azul", "eva").await;
    let hers = ana.post(PLANS, wishes(["soy_free", "egg_free", "egg_free"])).await.expect(201);
    let his = ben.post(PLANS, wishes(["egg_free", "soy_free", "soy_free"])).await.expect(201);
    let third = eva.post(PLANS, wishes(["egg_free", "egg_free", "soy_free"])).await.expect(201);
    for (plan, cached) in [(&hers, false), (&his, true), (&third, true)] {
        assert_eq!(plan["cached"], cached);
        assert_eq!((&plan["days"], &plan["explain"]), (&hers["days"], &hers["explain"]));
        judge(plan);
    }
    assert_ne!(hers["id"], his["id"]);
    for user in [&mut ana, &mut ben, &mut eva] {
        assert_eq!(user.get(PLANS).await.expect(200)["items"].as_array().unwrap().len(), 1);
    }
    let details = json!({ "diet_type": "mediterranean", "calories": 2200 });
    let actions = ["meal_plan_generated", "meal_plan_generation_started"];
    let expected = |times: usize| -> Vec<_> {
        let each = actions.iter().flat_map(|action| std::iter::repeat_n(*action, times));
        each.map(|action| (action.to_owned(), details.clone())).collect()
    };
    assert_eq!(trail(&house, &scope).await, expected(2));
    assert_eq!(trail(&house, &azul).await, expected(1));
}

async fn one_request_is_one_week_and_another_variation_another(engine: EngineKind) {
    let (house, _) = open(engine).await;
    let mut ana = user(&house, "verde", "ana").await;
    let first = ana.post(PLANS, wishes()).await.expect(201);
    let (second_house, _) = open(engine).await;
    let mut other = user(&second_house, "verde", "other").await;
    let again = other.post(PLANS, wishes()).await.expect(201);
    assert_eq!(again["cached"], false, "another house remembers nothing");
    for part in ["days", "totals", "shopping_list", "explain"] {
        assert_eq!(first[part], again[part]);
    }
    let Outcome::Planned(week) = plan(kitchen(), &request(&first)).unwrap() else { panic!("it was planned") };
    let dishes = week
        .days
        .iter()
        .flat_map(|day| &day.meals)
        .map(|meal| kitchen().recipes.get(meal.recipe).key.clone());
    assert_eq!(names(&first), dishes.collect::<Vec<_>>(), "the week is the engine's own");
    let mut varied = wishes();
    varied["variation"] = json!(1);
    let varied = ana.post(PLANS, varied).await.expect(201);
    judge(&varied);
    assert_ne!(names(&varied), names(&first));
}

fn names(plan: &Value) -> Vec<String> {
    let days = plan["days"].as_array().unwrap().iter();
    let meals = days.flat_map(|day| day["meals"].as_array().unwrap());
    meals.map(|meal| meal["recipe"]["name"].as_str().unwrap().to_owned()).collect()
}

/// What the kit wrote into an app's trail, by action: the clock stands still, so there is no first and last.
async fn trail(house: &TestHouse, scope: &AppScope) -> Vec<(String, Value)> {
    let limit = Limit::new(Limit::MAX).unwrap();
    let page = house.db().read(scope, move |read| audit::list(read, None, None, limit)).await;
    let entries = page.map_err(|error: DbError| error).unwrap().items.into_iter();
    let of_kit = entries.filter(|entry| entry.action.starts_with("meal_plan"));
    let mut trail: Vec<_> = of_kit.map(|entry| (entry.action, entry.details)).collect();
    trail.sort_by(|left, right| left.0.cmp(&right.0));
    trail
}
