//! The people of the tests: a partner's members, one of each role, and the users of apps.

use serde_json::json;
use slipway_testkit::{EngineKind, TestClient, TestHouse};

pub(crate) const PASSWORD: &str = "a rowing boat in april";

pub(crate) fn house(engine: EngineKind) -> TestHouse {
    TestHouse::of(engine, slipway_server::modules())
}

/// A new partner with its owner signed in.
pub(crate) async fn owner(house: &TestHouse, name: &str) -> TestClient {
    let mut owner = house.console();
    let sign_up = json!({
        "partner_name": name, "name": "Olga", "email": format!("olga@{name}.example"), "password": PASSWORD, "accept_terms": true,
    });
    let _ = owner.post("/api/v1/partners", sign_up).await.expect(201);
    owner
}

/// Another member of the owner's partner, signed in.
pub(crate) async fn member(house: &TestHouse, owner: &mut TestClient, role: &str) -> TestClient {
    let partner = owner.get("/api/v1/partner").await.expect(200);
    let email = format!("{role}@{}.example", partner["name"].as_str().unwrap());
    let made = owner
        .post("/api/v1/members", json!({ "name": role, "email": email, "role": role }))
        .await
        .expect(201);
    let mut member = house.console();
    let sign_in = json!({ "email": email, "password": made["initial_password"] });
    let _ = member.post("/api/v1/member-sessions", sign_in).await.expect(201);
    member
}
