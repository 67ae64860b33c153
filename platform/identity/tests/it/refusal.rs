//! Whoever is turned away learns nothing from it, and whoever guesses is slowed down.

use crate::house::{
    PASSWORD, pass_a_minute, register, sign_in, sign_in_member, sign_up, start, trail, with_app,
};
use serde_json::{Value, json};
use slipway_identity::account;
use slipway_kernel::AccountId;
use slipway_testkit::{EngineKind, TestReply, on_both_engines};
use std::time::Duration;

on_both_engines!(
    every_refusal_looks_the_same_to_a_user,
    every_refusal_looks_the_same_to_a_member,
    wrong_passwords_lock_for_longer_each_time,
    a_locked_member_waits_too,
    guessing_the_present_password_from_inside_locks_as_well,
    simultaneous_guesses_are_all_counted,
    an_address_tries_ten_times_a_minute,
    a_kept_password_follows_the_cost,
);

/// Status, headers and body, without what belongs to the one request.
fn shape(reply: &TestReply) -> (u16, Vec<String>, Value) {
    let mut body = reply.json();
    assert!(body["request_id"].as_str().is_some_and(|id| id.starts_with("req_")));
    body["request_id"] = Value::Null;
    body["trace_id"] = Value::Null;
    let mut headers: Vec<_> = reply.headers.keys().map(ToString::to_string).collect();
    headers.sort();
    (reply.status.as_u16(), headers, body)
}

async fn every_refusal_looks_the_same_to_a_user(engine: EngineKind) {
    let (house, _, scope) = with_app(engine).await;
    for email in ["rosa@example.com", "closed@example.com", "locked@example.com"] {
        let registered = register(&mut house.app("verde"), email).await.expect(201);
        if email.starts_with("closed") {
            let account = AccountId::parse(registered["account"]["id"].as_str().unwrap()).unwrap();
            house.db().write(&scope, move |tx| account::set_active(tx, account, false)).await.unwrap();
        }
    }
    let mut user = house.app("verde");
    for _ in 0..5 {
        assert_eq!(sign_in(&mut user, "locked@example.com", "wrong").await.status, 401);
    }
    // The lock of a minute has a few milliseconds left for each try.
    house.clock().advance(Duration::from_millis(59_900));
    let wrong = shape(&sign_in(&mut user, "rosa@example.com", "a wrong password").await);
    assert_eq!(wrong.2["code"], "session.refused");
    for (email, password) in [
        ("nobody@example.com", PASSWORD),
        ("nobody@example.com", ""),
        ("closed@example.com", PASSWORD),
        ("locked@example.com", PASSWORD),
    ] {
        // Entries of one millisecond have no order.
        house.clock().advance(Duration::from_millis(1));
        assert_eq!(shape(&sign_in(&mut user, email, password).await), wrong, "{email}");
    }
    let reasons: Vec<_> = trail(&house, &scope).await.into_iter().take(5).collect();
    let reasons: Vec<_> =
        reasons.iter().map(|(action, details)| (&**action, details["reason"].as_str())).collect();
    assert_eq!(
        reasons,
        ["locked", "inactive", "unknown", "unknown", "wrong_password"]
            .map(|reason| ("sign_in_refused", Some(reason)))
    );
}

async fn every_refusal_looks_the_same_to_a_member(engine: EngineKind) {
    let house = start(engine);
    sign_up(&mut house.console(), "ana@example.com").await.expect(201);
    let mut member = house.console();
    let wrong = shape(&sign_in_member(&mut member, "ana@example.com", "a wrong password").await);
    assert_eq!((wrong.0, &wrong.2["code"]), (401, &json!("session.refused")));
    assert_eq!(shape(&sign_in_member(&mut member, "nobody@example.com", PASSWORD).await), wrong);
    assert_eq!(sign_in_member(&mut member, "ana@example.com", PASSWORD).await.status, 201);
}

async fn wrong_passwords_lock_for_longer_each_time(engine: EngineKind) {
    let (house, _, scope) = with_app(engine).await;
    let mut user = house.app("verde");
    register(&mut user, "rosa@example.com").await.expect(201);
    let mut guesser = house.app("verde");
    // Four mistakes cost nothing.
    for _ in 0..4 {
        sign_in(&mut guesser, "rosa@example.com", "wrong").await.expect(401);
    }
    assert_eq!(sign_in(&mut house.app("verde"), "rosa@example.com", PASSWORD).await.status, 201);
    // The right password has wiped them out, so it takes five again.
    for _ in 0..4 {
        sign_in(&mut guesser, "rosa@example.com", "wrong").await.expect(401);
        pass_a_minute(&house);
    }
    for lock_minutes in [1, 2, 4, 8, 16, 32, 60, 60] {
        sign_in(&mut guesser, "rosa@example.com", "wrong").await.expect(401);
        house.clock().advance(Duration::from_mins(lock_minutes) - Duration::from_secs(1));
        // Neither the right password nor another wrong one counts while it is locked.
        sign_in(&mut guesser, "rosa@example.com", PASSWORD).await.expect(401);
        sign_in(&mut guesser, "rosa@example.com", "wrong").await.expect(401);
        house.clock().advance(Duration::from_secs(1));
    }
    assert_eq!(sign_in(&mut guesser, "rosa@example.com", PASSWORD).await.status, 201);
    let (_, refusal) = trail(&house, &scope)
        .await
        .into_iter()
        .find(|(_, details)| details["reason"] == "wrong_password")
        .unwrap();
    assert_eq!(refusal["failures"], 12);
}

async fn a_locked_member_waits_too(engine: EngineKind) {
    let house = start(engine);
    sign_up(&mut house.console(), "ana@example.com").await.expect(201);
    let mut member = house.console();
    for _ in 0..5 {
        sign_in_member(&mut member, "ana@example.com", "wrong").await.expect(401);
    }
    sign_in_member(&mut member, "ana@example.com", PASSWORD).await.expect(401);
    pass_a_minute(&house);
    assert_eq!(sign_in_member(&mut member, "ana@example.com", PASSWORD).await.status, 201);
}

async fn guessing_the_present_password_from_inside_locks_as_well(engine: EngineKind) {
    let (house, _, _) = with_app(engine).await;
    let mut thief = house.app("verde");
    register(&mut thief, "rosa@example.com").await.expect(201);
    for _ in 0..5 {
        let guess = json!({ "password": "wrong" });
        assert_eq!(thief.delete_with("/api/v1/accounts/me", guess).await.status, 422);
    }
    let locked = thief.delete_with("/api/v1/accounts/me", json!({ "password": PASSWORD })).await;
    assert_eq!(locked.problem(), (429, "session.locked".to_owned()));
    assert_eq!(locked.headers["retry-after"], "60");
    sign_in(&mut house.app("verde"), "rosa@example.com", PASSWORD).await.expect(401);
    pass_a_minute(&house);
    let gone = thief.delete_with("/api/v1/accounts/me", json!({ "password": PASSWORD })).await;
    assert_eq!(gone.status, 204);
}

async fn simultaneous_guesses_are_all_counted(engine: EngineKind) {
    let (house, _, scope) = with_app(engine).await;
    register(&mut house.app("verde"), "rosa@example.com").await.expect(201);
    let guesses: Vec<_> = (0..5)
        .map(|_| {
            let mut guesser = house.app("verde");
            slipway_testkit::tokio::spawn(async move {
                sign_in(&mut guesser, "rosa@example.com", "wrong").await.status
            })
        })
        .collect();
    for guess in guesses {
        assert_eq!(guess.await.unwrap(), 401);
    }
    sign_in(&mut house.app("verde"), "rosa@example.com", PASSWORD).await.expect(401);
    let mut counts: Vec<_> =
        trail(&house, &scope).await.iter().filter_map(|(_, details)| details["failures"].as_u64()).collect();
    counts.sort_unstable();
    assert_eq!(counts, [1, 2, 3, 4, 5]);
}

async fn an_address_tries_ten_times_a_minute(engine: EngineKind) {
    let (house, _, _) = with_app(engine).await;
    let mut user = house.app("verde");
    for number in 0..10 {
        let email = format!("nobody{number}@example.com");
        assert_eq!(sign_in(&mut user, &email, PASSWORD).await.status, 401);
    }
    let limited = sign_in(&mut user, "nobody@example.com", PASSWORD).await;
    assert_eq!(limited.problem(), (429, "request.rate_limited".to_owned()));
    let seconds: u64 = limited.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=60).contains(&seconds), "{seconds}");
    // Registering is counted by itself.
    assert_eq!(register(&mut user, "rosa@example.com").await.status, 201);
    house.clock().advance(Duration::from_secs(seconds));
    assert_eq!(sign_in(&mut house.app("verde"), "rosa@example.com", PASSWORD).await.status, 201);
}

async fn a_kept_password_follows_the_cost(engine: EngineKind) {
    use crate::house::modules;
    use crate::secret::holds;
    use slipway_framework::password::PasswordCost;
    let (house, _, _) = with_app(engine).await;
    register(&mut house.app("verde"), "rosa@example.com").await.expect(201);
    let dear = "$argon2id$v=19$m=19456,t=2,p=1$";
    assert!(!holds(&house, dear));
    let house = house.restarted(modules("2026-01"), |parts| parts.password_cost = PasswordCost::FLOOR);
    sign_in(&mut house.app("verde"), "rosa@example.com", PASSWORD).await.expect(201);
    assert!(holds(&house, dear));
    assert_eq!(sign_in(&mut house.app("verde"), "rosa@example.com", PASSWORD).await.status, 201);
}
