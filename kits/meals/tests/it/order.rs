//! The order of checks: session, legal acceptance, rate, form, and what a full planner answers.

use crate::house::{PLANS, open, register, user, wishes};
use serde_json::json;
use slipway_testkit::{EngineKind, on_both_engines};
use std::time::Duration;

on_both_engines!(each_check_comes_before_the_next, everybody_has_a_rate_of_their_own);

async fn each_check_comes_before_the_next(engine: EngineKind) {
    let (house, _) = open(engine).await;
    let nonsense = json!({ "calories": "many" });
    let mut stranger = house.app("verde");
    for _ in 0..6 {
        assert_eq!(stranger.post(PLANS, nonsense.clone()).await.problem().0, 401);
    }
    let mut ana = register(&house, "verde", "ana").await;
    for _ in 0..6 {
        let refused = ana.post(PLANS, nonsense.clone()).await;
        assert_eq!(refused.problem(), (403, "legal.acceptance_required".to_owned()));
        assert_eq!(refused.json()["legal_version"], "2026-11");
    }
    for boxes in [(true, false), (false, true), (false, false)] {
        let half = json!({ "version": "2026-11", "accept_terms": boxes.0, "accept_privacy": boxes.1 });
        assert_eq!(ana.post("/api/v1/legal-acceptances", half).await.problem().0, 422);
    }
    assert_eq!(ana.post(PLANS, wishes()).await.problem().0, 403, "half an acceptance is none");
    let whole = json!({ "version": "2026-11", "accept_terms": true, "accept_privacy": true });
    let _accepted = ana.post("/api/v1/legal-acceptances", whole).await.expect(204);
    for _ in 0..5 {
        assert_eq!(ana.post(PLANS, nonsense.clone()).await.problem().0, 422);
    }
    let refused = ana.post(PLANS, wishes()).await;
    assert_eq!(refused.problem(), (429, "request.rate_limited".to_owned()));
    let pause: u64 = refused.headers["retry-after"].to_str().unwrap().parse().unwrap();
    house.clock().advance(Duration::from_secs(pause));
    let _plan = ana.post(PLANS, wishes()).await.expect(201);
}

async fn everybody_has_a_rate_of_their_own(engine: EngineKind) {
    let (house, _) = open(engine).await;
    let mut users = Vec::new();
    for number in 0..10 {
        users.push(user(&house, "verde", &format!("user{number}")).await);
    }
    let asked = users.into_iter().map(|mut user| {
        let ask = async move { user.post(PLANS, wishes()).await.status.as_u16() };
        slipway_testkit::tokio::spawn(ask)
    });
    for answer in asked.collect::<Vec<_>>() {
        assert_eq!(answer.await.unwrap(), 201, "ten users at once get ten plans");
    }
}
