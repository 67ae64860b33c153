//! An app's users: registering, signing in and out, changing the password, leaving.

use crate::house::{
    OTHER_PASSWORD, PASSWORD, current, launch, pass_a_minute, register, sign_in, trail, with_app,
};
use serde_json::json;
use slipway_framework::event::{self, Consumer, Event};
use slipway_framework::scope::AppScope;
use slipway_identity::{AccountDeleted, AccountRegistered, account};
use slipway_kernel::{AccountId, PartnerId};
use slipway_testkit::{EngineKind, TestHouse, on_both_engines};
use std::sync::{Arc, Mutex};

on_both_engines!(
    a_user_registers_signs_out_and_signs_in_again,
    an_address_has_one_account_in_an_app_and_another_in_the_next,
    signing_out_everywhere_ends_every_session_of_this_user_only,
    a_new_password_ends_the_other_sessions,
    a_user_leaves_with_the_password_and_may_come_back,
    a_closed_account_is_out_until_it_is_opened,
);

async fn count(house: &TestHouse, scope: &AppScope) -> u32 {
    house.db().read(scope, account::count).await.unwrap()
}

async fn a_user_registers_signs_out_and_signs_in_again(engine: EngineKind) {
    let (house, _, scope) = with_app(engine).await;
    let mut user = house.app("verde");
    assert_eq!(current(&mut user).await.problem(), (401, "session.required".to_owned()));
    let registered = register(&mut user, " Rosa@Example.com ").await.expect(201);
    assert_eq!(registered["account"]["email"], "Rosa@Example.com");
    assert!(registered["account"]["legal_version_accepted"].is_null());
    assert_eq!(registered["expires_at"], "2026-01-01T01:00:00.000000Z");
    assert_eq!(current(&mut user).await.expect(200), registered);
    assert_eq!(user.delete("/api/v1/sessions/current").await.status, 204);
    assert_eq!(current(&mut user).await.problem(), (401, "session.required".to_owned()));

    let signed_in = sign_in(&mut user, "rosa@example.COM", PASSWORD).await.expect(201);
    assert_eq!(signed_in["account"], registered["account"]);
    assert_ne!(signed_in["csrf_token"], registered["csrf_token"]);
    assert_eq!(current(&mut user).await.expect(200), signed_in);
    assert_eq!(count(&house, &scope).await, 1);
    let actions: Vec<_> = trail(&house, &scope).await.into_iter().map(|(action, _)| action).collect();
    for action in ["account_registered", "session_begun", "session_ended"] {
        assert!(actions.iter().any(|found| found == action), "{actions:?}");
    }
}

async fn an_address_has_one_account_in_an_app_and_another_in_the_next(engine: EngineKind) {
    let (house, mut owner, scope) = with_app(engine).await;
    let partner = owner.get("/api/v1/partner").await.expect(200);
    let partner = PartnerId::parse(partner["id"].as_str().unwrap()).unwrap();
    let other = launch(&house, partner, "rojo").await;
    let first = register(&mut house.app("verde"), "rosa@example.com").await.expect(201);
    let again = register(&mut house.app("verde"), "ROSA@example.com").await;
    assert_eq!(again.problem(), (409, "accounts.email_taken".to_owned()));
    let second = register(&mut house.app("rojo"), "rosa@example.com").await.expect(201);
    assert_ne!(first["account"]["id"], second["account"]["id"]);
    assert_eq!((count(&house, &scope).await, count(&house, &other).await), (1, 1));

    // Neither knows the other's password.
    let mut user = house.app("rojo");
    sign_in(&mut user, "rosa@example.com", PASSWORD).await.expect(201);
    let change = json!({ "current_password": PASSWORD, "new_password": OTHER_PASSWORD });
    assert_eq!(user.post("/api/v1/accounts/me/password", change).await.status, 204);
    assert_eq!(sign_in(&mut house.app("verde"), "rosa@example.com", OTHER_PASSWORD).await.status, 401);
    assert_eq!(sign_in(&mut house.app("verde"), "rosa@example.com", PASSWORD).await.status, 201);
}

async fn signing_out_everywhere_ends_every_session_of_this_user_only(engine: EngineKind) {
    let (house, _, _) = with_app(engine).await;
    let (mut phone, mut laptop, mut other) = (house.app("verde"), house.app("verde"), house.app("verde"));
    register(&mut phone, "rosa@example.com").await.expect(201);
    sign_in(&mut laptop, "rosa@example.com", PASSWORD).await.expect(201);
    register(&mut other, "luis@example.com").await.expect(201);
    assert_eq!(laptop.delete("/api/v1/sessions").await.status, 204);
    for (client, status) in [(&mut phone, 401), (&mut laptop, 401), (&mut other, 200)] {
        assert_eq!(current(client).await.status, status);
    }
}

async fn a_new_password_ends_the_other_sessions(engine: EngineKind) {
    let (house, _, _) = with_app(engine).await;
    let (mut phone, mut laptop) = (house.app("verde"), house.app("verde"));
    register(&mut phone, "rosa@example.com").await.expect(201);
    sign_in(&mut laptop, "rosa@example.com", PASSWORD).await.expect(201);
    let wrong = json!({ "current_password": "not the present one", "new_password": OTHER_PASSWORD });
    let refused = laptop.post("/api/v1/accounts/me/password", wrong).await;
    assert_eq!(refused.status, 422);
    let message = "This is not the present password.".to_owned();
    assert_eq!(refused.fields(), [("current_password".to_owned(), message)]);
    assert_eq!(current(&mut phone).await.status, 200);

    let right = json!({ "current_password": PASSWORD, "new_password": OTHER_PASSWORD });
    assert_eq!(laptop.post("/api/v1/accounts/me/password", right).await.status, 204);
    assert_eq!(current(&mut laptop).await.status, 200);
    assert_eq!(current(&mut phone).await.status, 401);
    assert_eq!(sign_in(&mut phone, "rosa@example.com", PASSWORD).await.status, 401);
    assert_eq!(sign_in(&mut phone, "rosa@example.com", OTHER_PASSWORD).await.status, 201);
}

async fn a_user_leaves_with_the_password_and_may_come_back(engine: EngineKind) {
    let (house, _, scope) = with_app(engine).await;
    let (mut user, mut laptop) = (house.app("verde"), house.app("verde"));
    let registered = register(&mut user, "rosa@example.com").await.expect(201);
    sign_in(&mut laptop, "rosa@example.com", PASSWORD).await.expect(201);
    let wrong = user.delete_with("/api/v1/accounts/me", json!({ "password": "a wrong password" })).await;
    assert_eq!(wrong.fields()[0].0, "password");
    assert_eq!(count(&house, &scope).await, 1);
    let gone = user.delete_with("/api/v1/accounts/me", json!({ "password": PASSWORD })).await;
    assert_eq!(gone.status, 204);
    assert_eq!(count(&house, &scope).await, 0);
    assert_eq!(current(&mut user).await.status, 401);
    assert_eq!(current(&mut laptop).await.status, 401);
    assert_eq!(sign_in(&mut user, "rosa@example.com", PASSWORD).await.status, 401);
    let back = register(&mut user, "rosa@example.com").await.expect(201);
    assert_ne!(back["account"]["id"], registered["account"]["id"]);
    let ids = [&registered, &back].map(|session| session["account"]["id"].as_str().unwrap().to_owned());
    assert_eq!(heard(&house, |event: AccountRegistered| event.account).await, ids);
    assert_eq!(heard(&house, |event: AccountDeleted| event.account).await, ids[..1]);
}

/// Hands the house's events out and returns whom they tell of.
async fn heard<E: Event>(house: &TestHouse, account: fn(E) -> AccountId) -> Vec<String> {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let ears = heard.clone();
    let listener = Consumer::new(E::KIND, move |tx, event: E| {
        let (ears, account) = (ears.clone(), account(event));
        tx.after_commit(move || ears.lock().unwrap().push(account.to_string()));
        Ok(())
    });
    event::drain(house.db(), &[listener]).await.unwrap();
    heard.lock().unwrap().split_off(0)
}

async fn a_closed_account_is_out_until_it_is_opened(engine: EngineKind) {
    let (house, _, scope) = with_app(engine).await;
    let mut user = house.app("verde");
    let registered = register(&mut user, "rosa@example.com").await.expect(201);
    let account = AccountId::parse(registered["account"]["id"].as_str().unwrap()).unwrap();
    house.db().write(&scope, move |tx| account::set_active(tx, account, false)).await.unwrap();
    assert_eq!(current(&mut user).await.status, 401);
    let refused = sign_in(&mut user, "rosa@example.com", PASSWORD).await;
    assert_eq!(refused.problem(), (401, "session.refused".to_owned()));
    pass_a_minute(&house);
    house.db().write(&scope, move |tx| account::set_active(tx, account, true)).await.unwrap();
    assert_eq!(sign_in(&mut user, "rosa@example.com", PASSWORD).await.status, 201);

    let nobody: AccountId = house.mint();
    let missing = house.db().write(&scope, move |tx| account::set_active(tx, nobody, false)).await;
    assert!(matches!(missing, Err(account::AccountError::NotFound)));
}
