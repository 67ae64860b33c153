//! The legal texts stand before what a kit does: both boxes, the present version, and once more when it changes.

use crate::house::{current, modules, register, with_app};
use serde_json::json;
use slipway_testkit::{EngineKind, TestClient, TestReply, on_both_engines};

on_both_engines!(both_boxes_are_needed, a_new_version_asks_again);

async fn accept(user: &mut TestClient, version: &str, terms: bool, privacy: bool) -> TestReply {
    let wish = json!({ "version": version, "accept_terms": terms, "accept_privacy": privacy });
    user.post("/api/v1/legal-acceptances", wish).await
}

async fn beds(user: &mut TestClient) -> TestReply {
    user.get("/api/v1/garden/beds").await
}

async fn both_boxes_are_needed(engine: EngineKind) {
    let (house, _, _) = with_app(engine).await;
    let mut user = house.app("verde");
    assert_eq!(beds(&mut user).await.problem(), (401, "session.required".to_owned()));
    assert_eq!(accept(&mut user, "2026-01", true, true).await.status, 401);
    let registered = register(&mut user, "rosa@example.com").await.expect(201);
    let refused = beds(&mut user).await;
    assert_eq!(refused.problem(), (403, "legal.acceptance_required".to_owned()));
    assert_eq!(refused.json()["legal_version"], "2026-01");
    for (terms, privacy, fields) in [
        (true, false, &["accept_privacy"][..]),
        (false, true, &["accept_terms"]),
        (false, false, &["accept_terms", "accept_privacy"]),
    ] {
        let refused = accept(&mut user, "2026-01", terms, privacy).await;
        assert_eq!(refused.status, 422);
        assert_eq!(refused.fields().iter().map(|(field, _)| &**field).collect::<Vec<_>>(), fields);
        assert_eq!(beds(&mut user).await.status, 403);
    }
    let outdated = accept(&mut user, "2025-12", true, true).await;
    assert_eq!(outdated.problem(), (409, "legal.version_outdated".to_owned()));
    assert_eq!(outdated.json()["legal_version"], "2026-01");
    assert_eq!(beds(&mut user).await.status, 403);

    assert_eq!(accept(&mut user, "2026-01", true, true).await.status, 204);
    assert_eq!(beds(&mut user).await.expect(200)["account"], registered["account"]["id"]);
    assert_eq!(current(&mut user).await.expect(200)["account"]["legal_version_accepted"], "2026-01");
}

async fn a_new_version_asks_again(engine: EngineKind) {
    let (house, _, _) = with_app(engine).await;
    let mut user = house.app("verde");
    register(&mut user, "rosa@example.com").await.expect(201);
    accept(&mut user, "2026-01", true, true).await.expect(204);
    let house = house.restarted(modules("2026-02"), |_| {});
    let mut user = house.app("verde").with_session_of(&user);
    let refused = beds(&mut user).await;
    assert_eq!(refused.problem(), (403, "legal.acceptance_required".to_owned()));
    assert_eq!(refused.json()["legal_version"], "2026-02");
    assert_eq!(accept(&mut user, "2026-01", true, true).await.status, 409);
    assert_eq!(accept(&mut user, "2026-02", true, true).await.status, 204);
    assert_eq!(beds(&mut user).await.status, 200);
}
