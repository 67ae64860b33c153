//! What no front door can show: an account that leaves while its plan is being made.

use super::*;
use crate::house::open;
use slipway_nutrition::{Diet, Pattern, Set};
use slipway_testkit::{EngineKind, on_both_engines};

on_both_engines!(an_account_that_left_gets_no_plan);

async fn an_account_that_left_gets_no_plan(engine: EngineKind) {
    let (house, scope) = open(engine).await;
    let (diet, pattern) = (Diet::Vegan, Pattern::ThreeMeals);
    let request = Request { calories: 2_000, diet, pattern, restrictions: Set::EMPTY, seed: 0 };
    let nothing = Json::Null;
    let document =
        Document { meal_data: nothing.clone(), totals: nothing.clone(), shopping_list: nothing.clone() };
    let new = NewPlan { account: house.mint(), request, document, generation_duration_s: 0.0 };
    let refused = house.db().write(&scope, move |tx| create(tx, &new)).await.unwrap_err();
    assert!(matches!(refused, PlanError::AccountGone), "{refused}");
    assert_eq!(Problem::from(refused).status(), StatusCode::UNAUTHORIZED);
}
