//! A partner's people: signing up, adding each other, and what goes with them when they leave.

use crate::house::{OTHER_PASSWORD, PASSWORD, pass_a_minute, sign_in_member, sign_up, start};
use serde_json::{Value, json};
use slipway_identity::{ResetError, reset_password};
use slipway_kernel::Email;
use slipway_testkit::{EngineKind, TestClient, TestHouse, on_both_engines};

on_both_engines!(
    a_partner_signs_up_with_its_first_owner,
    an_address_is_one_member_of_one_partner,
    members_are_added_with_a_password_that_is_shown_once,
    nobody_adds_a_member_above_their_own_role,
    a_removed_members_session_is_over,
    a_new_password_ends_a_members_other_sessions,
    a_member_signs_out_here_and_everywhere,
    the_operator_sets_a_forgotten_password_anew,
);

const CURRENT: &str = "/api/v1/member-sessions/current";

async fn a_partner_signs_up_with_its_first_owner(engine: EngineKind) {
    let house = start(engine);
    let mut owner = house.console();
    let signed_up = sign_up(&mut owner, "Ana@Example.com").await.expect(201);
    assert_eq!(signed_up["partner"]["name"], "Verde");
    let member = &signed_up["member"];
    assert_eq!((&member["email"], &member["role"]), (&json!("Ana@Example.com"), &json!("owner")));
    assert_eq!(owner.get(CURRENT).await.expect(200), signed_up);
    let mut again = house.console();
    let signed_in = sign_in_member(&mut again, "ana@example.COM", PASSWORD).await.expect(201);
    assert_eq!((&signed_in["member"], &signed_in["partner"]), (member, &signed_up["partner"]));
}

async fn an_address_is_one_member_of_one_partner(engine: EngineKind) {
    let house = start(engine);
    sign_up(&mut house.console(), "ana@example.com").await.expect(201);
    let again = sign_up(&mut house.console(), "ANA@example.com").await;
    assert_eq!(again.problem(), (409, "members.email_taken".to_owned()));
    assert!(!again.headers.contains_key("set-cookie"));
}

async fn add(by: &mut TestClient, email: &str, role: &str) -> slipway_testkit::TestReply {
    by.post("/api/v1/members", json!({ "name": "Ben", "email": email, "role": role })).await
}

/// Adds a member and signs them in.
async fn join(house: &TestHouse, by: &mut TestClient, email: &str, role: &str) -> (TestClient, Value) {
    let added = add(by, email, role).await.expect(201);
    let mut member = house.console();
    let password = added["initial_password"].as_str().unwrap();
    let signed_in = sign_in_member(&mut member, email, password).await.expect(201);
    assert_eq!(signed_in["member"], added["member"]);
    (member, added)
}

async fn members_are_added_with_a_password_that_is_shown_once(engine: EngineKind) {
    let house = start(engine);
    let mut owner = house.console();
    let signed_up = sign_up(&mut owner, "ana@example.com").await.expect(201);
    pass_a_minute(&house);
    let (mut ben, added) = join(&house, &mut owner, "ben@example.com", "builder").await;
    assert_eq!(added["member"]["role"], "builder");
    assert_eq!(ben.get(CURRENT).await.expect(200)["partner"], signed_up["partner"]);
    let listed = owner.get("/api/v1/members").await.expect(200);
    assert_eq!(listed["items"].as_array().unwrap().len(), 2);
    assert_eq!(listed["items"][1], added["member"]);
    assert_eq!(add(&mut owner, "BEN@example.com", "viewer").await.problem().1, "members.email_taken");
}

async fn nobody_adds_a_member_above_their_own_role(engine: EngineKind) {
    let house = start(engine);
    let mut owner = house.console();
    sign_up(&mut owner, "owner@example.com").await.expect(201);
    let (mut second, _) = join(&house, &mut owner, "second@example.com", "owner").await;
    let (mut admin, _) = join(&house, &mut owner, "admin@example.com", "admin").await;
    let (mut builder, _) = join(&house, &mut owner, "builder@example.com", "builder").await;
    let (mut viewer, _) = join(&house, &mut owner, "viewer@example.com", "viewer").await;
    let roles = ["owner", "admin", "builder", "viewer"];
    let cases = [
        (&mut second, [201, 201, 201, 201]),
        (&mut admin, [403, 201, 201, 201]),
        (&mut builder, [403; 4]),
        (&mut viewer, [403; 4]),
    ];
    for (number, (client, statuses)) in cases.into_iter().enumerate() {
        for (role, status) in roles.iter().zip(statuses) {
            let reply = add(client, &format!("{role}{number}@example.com"), role).await;
            assert_eq!(reply.status, status, "{number} adds {role}");
            if status == 403 {
                assert_eq!(reply.problem().1, "members.forbidden");
            }
        }
    }
    assert_eq!(add(&mut house.console(), "x@example.com", "viewer").await.problem().1, "session.required");
}

async fn a_removed_members_session_is_over(engine: EngineKind) {
    let house = start(engine);
    let mut owner = house.console();
    sign_up(&mut owner, "ana@example.com").await.expect(201);
    let (mut ben, added) = join(&house, &mut owner, "ben@example.com", "admin").await;
    let password = added["initial_password"].as_str().unwrap();
    let path = format!("/api/v1/members/{}", added["member"]["id"].as_str().unwrap());
    assert_eq!(owner.delete(&path).await.status, 204);
    let refused = ben.get(CURRENT).await;
    assert_eq!(refused.problem(), (401, "session.required".to_owned()));
    assert_eq!(sign_in_member(&mut ben, "ben@example.com", password).await.status, 401);
}

async fn a_new_password_ends_a_members_other_sessions(engine: EngineKind) {
    let house = start(engine);
    let (mut phone, mut laptop) = (house.console(), house.console());
    sign_up(&mut phone, "ana@example.com").await.expect(201);
    sign_in_member(&mut laptop, "ana@example.com", PASSWORD).await.expect(201);
    let path = "/api/v1/members/me/password";
    for (current, new, field) in [
        ("wrong", OTHER_PASSWORD, "current_password"),
        (PASSWORD, "password123", "new_password"),
        (PASSWORD, "ana@example.com", "new_password"),
    ] {
        let refused = laptop.post(path, json!({ "current_password": current, "new_password": new })).await;
        assert_eq!((refused.status.as_u16(), &*refused.fields()[0].0), (422, field));
    }
    let right = json!({ "current_password": PASSWORD, "new_password": OTHER_PASSWORD });
    assert_eq!(laptop.post(path, right).await.status, 204);
    assert_eq!(laptop.get(CURRENT).await.status, 200);
    assert_eq!(phone.get(CURRENT).await.status, 401);
    pass_a_minute(&house);
    assert_eq!(sign_in_member(&mut phone, "ana@example.com", PASSWORD).await.status, 401);
    assert_eq!(sign_in_member(&mut phone, "ana@example.com", OTHER_PASSWORD).await.status, 201);
}

async fn a_member_signs_out_here_and_everywhere(engine: EngineKind) {
    let house = start(engine);
    let (mut phone, mut laptop) = (house.console(), house.console());
    sign_up(&mut phone, "ana@example.com").await.expect(201);
    sign_in_member(&mut laptop, "ana@example.com", PASSWORD).await.expect(201);
    assert_eq!(phone.delete(CURRENT).await.status, 204);
    assert_eq!(phone.get(CURRENT).await.status, 401);
    assert_eq!(laptop.get(CURRENT).await.status, 200);
    sign_in_member(&mut phone, "ana@example.com", PASSWORD).await.expect(201);
    assert_eq!(phone.delete("/api/v1/member-sessions").await.status, 204);
    assert_eq!(laptop.get(CURRENT).await.status, 401);
}

async fn the_operator_sets_a_forgotten_password_anew(engine: EngineKind) {
    let house = start(engine);
    let mut owner = house.console();
    sign_up(&mut owner, "ana@example.com").await.expect(201);
    let reset = |address: &str| {
        let (cause, email) = (house.cause(), Email::parse(address).unwrap());
        let platform = house.platform().clone();
        async move { reset_password(&platform, cause, &email).await }
    };
    assert!(matches!(reset("nobody@example.com").await, Err(ResetError::Unknown(_))));
    let fresh = reset("ANA@example.com").await.unwrap();
    assert_eq!(owner.get(CURRENT).await.status, 401, "the sessions from before are over");
    let old = sign_in_member(&mut house.console(), "ana@example.com", PASSWORD).await;
    assert_eq!(old.problem(), (401, "session.refused".to_owned()));
    sign_in_member(&mut house.console(), "ana@example.com", &fresh).await.expect(201);
}
