//! A plan is its user's and nobody else's, and goes when its user goes.

use crate::house::{PASSWORD, PLANS, launch, open, user, wishes};
use serde_json::{Value, json};
use slipway_framework::db::{DbError, Statement};
use slipway_framework::params;
use slipway_framework::scope::AppScope;
use slipway_testkit::{EngineKind, TestHouse, on_both_engines};
use std::time::Duration;

on_both_engines!(
    nobody_elses_plan_is_there,
    the_list_is_paged_newest_first,
    a_deleted_account_leaves_no_plan,
    a_key_names_one_plan,
);

static COUNT: Statement = Statement::new(
    "tests::COUNT",
    "SELECT (SELECT count(*) FROM meal_plans WHERE app = $1)
        + (SELECT count(*) FROM idempotency_keys WHERE root = $1 AND body LIKE '%ingredients%')",
);

/// Plans of an app, and copies of plans.
async fn count(house: &TestHouse, scope: &AppScope) -> u32 {
    let counted = house.db().read(scope, |read| read.one(&COUNT, params![read.app()], |row| row.get(0)));
    counted.await.map_err(|error: DbError| error).unwrap().unwrap()
}

async fn nobody_elses_plan_is_there(engine: EngineKind) {
    let (house, _) = open(engine).await;
    let _second = launch(&house, "azul").await;
    let mut ana = user(&house, "verde", "ana").await;
    let plan = ana.post(PLANS, wishes()).await.expect(201);
    let path = format!("{PLANS}/{}", plan["id"].as_str().unwrap());
    let neighbour = user(&house, "verde", "ben").await;
    let namesake = user(&house, "azul", "ana").await;
    for mut other in [neighbour, namesake] {
        assert_eq!(other.get(&path).await.problem().0, 404);
        assert_eq!(other.delete(&path).await.problem().0, 404);
        assert_eq!(other.get(PLANS).await.expect(200)["items"], json!([]));
    }
    assert_eq!(house.app("verde").get(&path).await.problem().0, 401);
    assert_eq!(house.app("azul").with_session_of(&ana).get(&path).await.problem().0, 401);
    assert_eq!(house.console().get(&path).await.problem().0, 404);
    for nothing in ["pln_01h455vb4pex5vsknk084sn02q", "acc_01h455vb4pex5vsknk084sn02q", "1"] {
        assert_eq!(ana.get(&format!("{PLANS}/{nothing}")).await.problem().0, 404);
    }
    let mut kept = ana.get(&path).await.expect(200);
    kept["cached"] = plan["cached"].clone();
    assert_eq!(kept, plan, "what was answered is what was kept");
    let _gone = ana.delete(&path).await.expect(204);
    assert_eq!(ana.get(&path).await.problem().0, 404);
    assert_eq!(ana.delete(&path).await.problem().0, 404);
}

async fn the_list_is_paged_newest_first(engine: EngineKind) {
    let (house, _) = open(engine).await;
    let mut ana = user(&house, "verde", "ana").await;
    let mut ids = Vec::new();
    for variation in 0..3 {
        house.clock().advance(Duration::from_mins(1));
        let mut wishes = wishes();
        wishes["variation"] = json!(variation);
        ids.insert(0, ana.post(PLANS, wishes).await.expect(201)["id"].clone());
    }
    let first = ana.get(&format!("{PLANS}?limit=2")).await.expect(200);
    let next = first["next"].as_str().unwrap();
    let second = ana.get(&format!("{PLANS}?limit=2&after={next}")).await.expect(200);
    assert_eq!(second["next"], Value::Null);
    let items = || [&first, &second].into_iter().flat_map(|page| page["items"].as_array().unwrap());
    assert_eq!(items().map(|item| item["id"].clone()).collect::<Vec<_>>(), ids);
    assert_eq!(items().map(|item| item["variation"].clone()).collect::<Vec<_>>(), [2, 1, 0]);
    let newest = items().next().unwrap();
    assert_eq!(
        (&newest["diet_type"], &newest["restrictions"]),
        (&json!("vegetarian"), &json!(["gluten_free"]))
    );
    assert!(newest.get("days").is_none(), "a list has no plans in it");
}

async fn a_deleted_account_leaves_no_plan(engine: EngineKind) {
    let (house, scope) = open(engine).await;
    let ana = user(&house, "verde", "ana").await;
    let mut ben = user(&house, "verde", "ben").await;
    let mut ana = ana.with_header("idempotency-key", "mine");
    let _hers = ana.post(PLANS, wishes()).await.expect(201);
    let _his = ben.post(PLANS, wishes()).await.expect(201);
    assert_eq!(count(&house, &scope).await, 2);
    let _gone = ana.delete_with("/api/v1/accounts/me", json!({ "password": PASSWORD })).await.expect(204);
    assert_eq!(count(&house, &scope).await, 1);
    assert_eq!(ben.get(PLANS).await.expect(200)["items"].as_array().unwrap().len(), 1);
}

async fn a_key_names_one_plan(engine: EngineKind) {
    let (house, scope) = open(engine).await;
    let mut ana = user(&house, "verde", "ana").await.with_header("idempotency-key", "once");
    let first = ana.post(PLANS, wishes()).await;
    assert!(!first.headers.contains_key("idempotent-replayed"));
    let again = ana.post(PLANS, wishes()).await;
    assert_eq!(again.headers["idempotent-replayed"], "true");
    let (first, again) = (first.expect(201), again.expect(201));
    assert_eq!(first, again);
    assert_eq!(count(&house, &scope).await, 1);
    let mut others = wishes();
    others["calories"] = json!(2100);
    let reused = ana.post(PLANS, others).await.problem();
    assert_eq!(reused, (422, "request.idempotency_key_reused".to_owned()));
    let mut ben = user(&house, "verde", "ben").await.with_header("idempotency-key", "once");
    assert_ne!(ben.post(PLANS, wishes()).await.expect(201)["id"], first["id"]);
    let _gone = ana.delete(&format!("{PLANS}/{}", first["id"].as_str().unwrap())).await.expect(204);
    assert_eq!(ana.post(PLANS, wishes()).await.problem().0, 404, "a deleted plan does not come back");
}
