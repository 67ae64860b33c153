//! The people of the tests: a partner's members, one of each role, and the users of apps.

use crate::kits::Kit;
use axum::http::Method;
use serde_json::{Value, json};
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

/// Launches an app of the owner's partner and waits until its first release is there.
pub(crate) async fn app(house: &TestHouse, owner: &mut TestClient, slug: &str) -> Value {
    app_of(house, owner, Kit::of(""), slug).await
}

/// The same, of this kit.
pub(crate) async fn app_of(house: &TestHouse, owner: &mut TestClient, kit: &Kit, slug: &str) -> Value {
    let logo = include_bytes!("../../../examples/verde/logo.svg").to_vec();
    let logo = owner.send_bytes(Method::POST, "/api/v1/logos", Some("image/svg+xml"), logo).await.expect(201);
    let colours =
        json!({ "primary": "#1d6b48", "on_primary": "#ffffff", "background": "#fbfaf4", "text": "#17241d" });
    let legal =
        json!({ "company": "Verde Kitchen Ltd", "email": "hello@verde.example", "jurisdiction": "Ireland" });
    let package_id = format!("app.{}.kitchen", slug.replace('-', "_"));
    let brand = json!({
        "name": slug, "tagline": "", "logo": logo["hash"], "colours": colours, "legal": legal, "package_id": package_id,
    });
    let launched = owner
        .post("/api/v1/apps", json!({ "kit": kit.name, "slug": slug, "brand": brand }))
        .await
        .expect(201);
    house.settle().await;
    launched["app"].clone()
}

/// A user of the app, signed in.
pub(crate) async fn user(house: &TestHouse, slug: &str, email: &str) -> TestClient {
    let mut user = house.app(slug);
    let _ = user.post("/api/v1/accounts", json!({ "email": email, "password": PASSWORD })).await.expect(201);
    user
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
