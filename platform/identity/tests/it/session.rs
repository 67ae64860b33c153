//! Sessions: their cookie, their life, and whose requests they vouch for.

use crate::house::{
    PASSWORD, current, launch, pass_a_minute, register, sign_in, sign_in_member, sign_up, with_app,
};
use serde_json::json;
use slipway_framework::db::{DbError, Read};
use slipway_framework::housekeeping::Cleaned;
use slipway_framework::scope::AppScope;
use slipway_framework::{params, statements};
use slipway_kernel::PartnerId;
use slipway_testkit::{EngineKind, TestHouse, on_both_engines};
use std::time::Duration;

on_both_engines!(
    the_cookie_is_for_this_origin_and_no_script,
    a_session_ends_an_hour_after_its_last_use,
    a_session_ends_after_thirty_days_however_much_it_is_used,
    a_members_session_lives_the_same_life,
    a_changing_request_needs_the_token_of_its_own_session,
    a_changing_request_must_come_from_the_own_origin,
    a_session_counts_at_its_own_app_only,
    a_cookie_that_is_not_valid_is_nobodys,
    a_late_answer_leaves_the_cookie_of_a_fresh_tab_alone,
    signing_in_once_more_ends_the_session_before,
    expired_sessions_are_removed_when_the_user_comes_back,
    expired_sessions_go_also_when_nobody_comes_back,
);

async fn the_cookie_is_for_this_origin_and_no_script(engine: EngineKind) {
    let (house, _, _) = with_app(engine).await;
    let user = register(&mut house.app("verde"), "rosa@example.com").await;
    let member = sign_up(&mut house.console(), "ana@example.com").await;
    for (reply, name) in [(user, "__Host-slipway-account="), (member, "__Host-slipway-member=")] {
        let cookies: Vec<_> = reply.headers.get_all("set-cookie").iter().collect();
        assert_eq!(cookies.len(), 1);
        let mut parts = cookies[0].to_str().unwrap().split("; ");
        let token = parts.next().unwrap().strip_prefix(name).unwrap();
        assert_eq!(token.len(), 43);
        let mut attributes: Vec<_> = parts.collect();
        attributes.sort_unstable();
        // No Domain: the cookie is the host's own.
        assert_eq!(attributes, ["HttpOnly", "Max-Age=2592000", "Path=/", "SameSite=Strict", "Secure"]);
        assert_eq!(reply.headers["cache-control"], "no-store");
    }
}

fn advance(house: &TestHouse, seconds: u64) {
    house.clock().advance(Duration::from_secs(seconds));
}

async fn a_session_ends_an_hour_after_its_last_use(engine: EngineKind) {
    let (house, _, _) = with_app(engine).await;
    let (mut used, mut unused) = (house.app("verde"), house.app("verde"));
    register(&mut used, "rosa@example.com").await.expect(201);
    sign_in(&mut unused, "rosa@example.com", PASSWORD).await.expect(201);
    advance(&house, 59);
    let kept = current(&mut used).await.expect(200);
    assert_eq!(kept["expires_at"], "2026-01-01T01:00:00.000000Z", "prolonged at most once a minute");
    advance(&house, 3_540);
    // 3,599 s after its last renewal.
    let renewed = current(&mut used).await;
    assert_eq!(renewed.expect(200)["expires_at"], "2026-01-01T01:59:59.000000Z");
    advance(&house, 2);
    // 3,601 s after its only use.
    let expired = current(&mut unused).await;
    assert_eq!(expired.problem(), (401, "session.required".to_owned()));
    advance(&house, 3_597);
    assert_eq!(current(&mut used).await.status, 200);
    advance(&house, 3_601);
    assert_eq!(current(&mut used).await.status, 401);
}

async fn a_session_ends_after_thirty_days_however_much_it_is_used(engine: EngineKind) {
    let (house, _, _) = with_app(engine).await;
    let mut user = house.app("verde");
    register(&mut user, "rosa@example.com").await.expect(201);
    let whole_s = 30 * 24 * 3_600;
    let mut passed_s = 0;
    while passed_s + 3_500 < whole_s {
        advance(&house, 3_500);
        passed_s += 3_500;
        current(&mut user).await.expect(200);
    }
    advance(&house, whole_s - passed_s - 1);
    assert_eq!(current(&mut user).await.expect(200)["expires_at"], "2026-01-31T00:00:00.000000Z");
    advance(&house, 2);
    assert_eq!(current(&mut user).await.status, 401);
}

async fn a_members_session_lives_the_same_life(engine: EngineKind) {
    let (house, mut owner, _) = with_app(engine).await;
    let path = "/api/v1/member-sessions/current";
    advance(&house, 3_599);
    let renewed = owner.get(path).await;
    assert_eq!(renewed.expect(200)["expires_at"], "2026-01-01T01:59:59.000000Z");
    advance(&house, 3_601);
    assert_eq!(owner.get(path).await.problem(), (401, "session.required".to_owned()));
}

async fn a_changing_request_needs_the_token_of_its_own_session(engine: EngineKind) {
    let (house, owner, _) = with_app(engine).await;
    let (mut user, mut other) = (house.app("verde"), house.app("verde"));
    register(&mut user, "rosa@example.com").await.expect(201);
    let foreign = register(&mut other, "luis@example.com").await.expect(201);
    let foreign = foreign["csrf_token"].as_str().unwrap();
    let own = current(&mut user).await.expect(200)["csrf_token"].as_str().unwrap().to_owned();
    let missing = "session.csrf_token_missing";
    let wrong = "session.csrf_token_wrong";
    let cut = &own[1..];
    for (token, code) in
        [(None, missing), (Some(foreign), wrong), (Some(""), wrong), (Some("ñ"), wrong), (Some(cut), wrong)]
    {
        let mut forger = user.clone().with_csrf_token(token);
        let refused = forger.delete("/api/v1/sessions/current").await;
        assert_eq!(refused.problem(), (403, code.to_owned()), "{token:?}");
        // Looking is not changing.
        assert_eq!(user.clone().with_csrf_token(token).get("/api/v1/sessions/current").await.status, 200);
    }
    let forged =
        owner.clone().with_csrf_token(None).patch("/api/v1/partner", json!({ "name": "Rojo" })).await;
    assert_eq!(forged.problem(), (403, missing.to_owned()));
    assert_eq!(user.delete("/api/v1/sessions/current").await.status, 204);
}

async fn a_changing_request_must_come_from_the_own_origin(engine: EngineKind) {
    let (house, _, _) = with_app(engine).await;
    let mut user = house.app("verde");
    register(&mut user, "rosa@example.com").await.expect(201);
    for origin in [Some("https://evil.example"), Some("http://rojo.localhost:8080"), Some("null"), None] {
        let mut forger = user.clone().from_origin(origin);
        let refused = forger.delete("/api/v1/sessions/current").await;
        assert_eq!(refused.problem(), (403, "request.foreign_origin".to_owned()), "{origin:?}");
    }
    assert_eq!(current(&mut user).await.status, 200);
}

async fn a_session_counts_at_its_own_app_only(engine: EngineKind) {
    let (house, mut owner, _) = with_app(engine).await;
    let partner = owner.get("/api/v1/partner").await.expect(200);
    let partner = PartnerId::parse(partner["id"].as_str().unwrap()).unwrap();
    launch(&house, partner, "rojo").await;
    let mut user = house.app("verde");
    register(&mut user, "rosa@example.com").await.expect(201);
    let mut thief = house.app("rojo").with_session_of(&user);
    assert_eq!(current(&mut thief).await.problem(), (401, "session.required".to_owned()));
    let mut thief = house.console().with_session_of(&user);
    assert_eq!(thief.get("/api/v1/partner").await.problem(), (401, "session.required".to_owned()));
    let mut member = house.app("verde").with_session_of(&owner);
    assert_eq!(current(&mut member).await.problem(), (401, "session.required".to_owned()));
    assert_eq!(current(&mut user).await.status, 200);
}

async fn a_cookie_that_is_not_valid_is_nobodys(engine: EngineKind) {
    let (house, _, _) = with_app(engine).await;
    for value in ["", "x", &"A".repeat(43), &"A".repeat(44), "../../etc/passwd"] {
        let cookie = format!("__Host-slipway-account={value}");
        let mut user = house.app("verde").with_header("cookie", &cookie);
        let refused = current(&mut user).await;
        assert_eq!(refused.status, 401);
        assert!(!refused.headers.contains_key("set-cookie"));
        // It does not keep anybody from signing in.
        let email = format!("rosa{}@example.com", value.len());
        assert_eq!(register(&mut user, &email).await.status, 201, "{value}");
    }
}

/// A browser has one cookie for all its tabs, and the last answer that sets it wins, whichever request came first.
async fn a_late_answer_leaves_the_cookie_of_a_fresh_tab_alone(engine: EngineKind) {
    let (house, mut owner, _) = with_app(engine).await;
    let mut user = house.app("verde");
    register(&mut user, "rosa@example.com").await.expect(201);
    // An answer that prolongs the old session is under way while a new one begins in another tab …
    advance(&house, 1_800);
    let mut old = user.clone();
    let late = current(&mut old).await;
    assert_eq!((late.status.as_u16(), late.headers.get("set-cookie")), (200, None));
    sign_in(&mut user, "rosa@example.com", PASSWORD).await.expect(201);
    // … and so is one that finds the old session ended, by signing in anew, by time, or by signing out elsewhere.
    for mut old in [old.clone(), old] {
        let late = current(&mut old).await;
        assert_eq!((late.status.as_u16(), late.headers.get("set-cookie")), (401, None));
        let late = old.delete("/api/v1/sessions/current").await;
        assert_eq!((late.status.as_u16(), late.headers.get("set-cookie")), (401, None));
        advance(&house, 1_800);
        current(&mut user).await.expect(200);
    }
    let mut old = owner.clone();
    sign_in_member(&mut owner, "owner@example.com", PASSWORD).await.expect(201);
    let late = old.get("/api/v1/member-sessions/current").await;
    assert_eq!((late.status.as_u16(), late.headers.get("set-cookie")), (401, None));
    // Only signing out takes the cookie back.
    let farewell = user.delete("/api/v1/sessions/current").await;
    let taken = "__Host-slipway-account=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Strict";
    assert_eq!((farewell.status.as_u16(), &farewell.headers["set-cookie"]), (204, &taken.parse().unwrap()));
}

async fn signing_in_once_more_ends_the_session_before(engine: EngineKind) {
    let (house, mut owner, _) = with_app(engine).await;
    let mut user = house.app("verde");
    register(&mut user, "rosa@example.com").await.expect(201);
    let mut before = user.clone();
    sign_in(&mut user, "rosa@example.com", PASSWORD).await.expect(201);
    assert_eq!(current(&mut before).await.status, 401);
    assert_eq!(current(&mut user).await.status, 200);

    let mut before = owner.clone();
    sign_up(&mut house.console(), "ana@example.com").await.expect(201);
    sign_in_member(&mut owner, "ana@example.com", PASSWORD).await.expect(201);
    assert_eq!(before.get("/api/v1/partner").await.status, 401);
    assert_eq!(owner.get("/api/v1/partner").await.status, 200);

    let mut before = owner.clone();
    sign_up(&mut owner, "ben@example.com").await.expect(201);
    assert_eq!(before.get("/api/v1/partner").await.status, 401);
    assert_eq!(owner.get("/api/v1/partner").await.status, 200);
}

statements! {
    SESSIONS = "SELECT session FROM account_sessions WHERE app = $1";
}

async fn sessions(house: &TestHouse, scope: &AppScope) -> usize {
    let count =
        |read: &Read<AppScope>| Ok::<_, DbError>(read.all(&SESSIONS, params![read.app()], |_| Ok(()))?.len());
    house.db().read(scope, count).await.unwrap()
}

async fn expired_sessions_are_removed_when_the_user_comes_back(engine: EngineKind) {
    let (house, _, scope) = with_app(engine).await;
    register(&mut house.app("verde"), "rosa@example.com").await.expect(201);
    for _ in 0..3 {
        pass_a_minute(&house);
        sign_in(&mut house.app("verde"), "rosa@example.com", PASSWORD).await.expect(201);
    }
    assert_eq!(sessions(&house, &scope).await, 4);
    advance(&house, 3_601);
    sign_in(&mut house.app("verde"), "rosa@example.com", PASSWORD).await.expect(201);
    assert_eq!(sessions(&house, &scope).await, 1);
}

async fn expired_sessions_go_also_when_nobody_comes_back(engine: EngineKind) {
    let (house, mut owner, scope) = with_app(engine).await;
    register(&mut house.app("verde"), "rosa@example.com").await.expect(201);
    advance(&house, 1_800);
    owner.get("/api/v1/partner").await.expect(200);
    register(&mut house.app("verde"), "ben@example.com").await.expect(201);
    assert_eq!(house.clean().await, Cleaned::default());
    advance(&house, 1_801);
    assert_eq!(house.clean().await.count("account_sessions"), 1);
    assert_eq!(sessions(&house, &scope).await, 1);
    assert_eq!(owner.get("/api/v1/partner").await.status, 200, "it was used meanwhile");
    advance(&house, 3_600);
    let cleaned = house.clean().await;
    assert_eq!((cleaned.count("account_sessions"), cleaned.count("member_sessions")), (1, 1));
}
