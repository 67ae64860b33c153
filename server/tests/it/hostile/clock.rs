//! The machine's clock is set back, and put right again: nothing is lost, nobody is signed out, and what was due is done.

use crate::people::{PASSWORD, app, house, owner, user};
use serde_json::{Value, json};
use slipway_framework::audit::{Sealer, verify};
use slipway_testkit::{EngineKind, TestClient, TestHouse, on_both_engines};
use std::time::Duration;

on_both_engines!(a_clock_that_is_set_back_loses_nothing);

/// How far the clock is set back.
const BACK: Duration = Duration::from_hours(26);

/// Version codes of the app's releases that have their packages, newest first.
async fn built(owner: &mut TestClient, app: &str) -> Vec<i64> {
    let releases = owner.get(&format!("/api/v1/apps/{app}/releases")).await.expect(200);
    let ready = |release: &&Value| release["artefacts"].as_array().is_some_and(|files| !files.is_empty());
    let items = releases["items"].as_array().unwrap();
    items.iter().filter(ready).map(|release| release["version_code"].as_i64().unwrap()).collect()
}

async fn release(owner: &mut TestClient, app: &Value) {
    let brands = owner.get(&format!("/api/v1/apps/{}/brands", app["id"].as_str().unwrap())).await.expect(200);
    let wish = json!({ "brand": brands["items"][0]["id"] });
    let path = format!("/api/v1/apps/{}/releases", app["id"].as_str().unwrap());
    let _ = owner.post(&path, wish).await.expect(201);
}

async fn a_clock_that_is_set_back_loses_nothing(engine: EngineKind) {
    let house: TestHouse = house(engine);
    let mut owner = owner(&house, "harbour").await;
    let app = app(&house, &mut owner, "verde").await;
    let id = app["id"].as_str().unwrap();
    let mut early = user(&house, "verde", "early@example.com").await;
    // Asked for before the jump, done after it.
    release(&mut owner, &app).await;
    let before = slipway_kernel::Clock::now(house.clock());
    house.clock().set(before - BACK);

    let _ = early.get("/api/v1/sessions/current").await.expect(200);
    let mut late = user(&house, "verde", "late@example.com").await;
    let _ = late.get("/api/v1/sessions/current").await.expect(200);
    release(&mut owner, &app).await;
    house.settle().await;
    house.clean().await;
    let meanwhile = built(&mut owner, id).await;
    assert!(
        meanwhile.contains(&1) && meanwhile.len() >= 2,
        "what is asked for now is done now: {meanwhile:?}"
    );

    house.clock().set(before + Duration::from_secs(60));
    house.settle().await;
    house.clean().await;
    assert_eq!(built(&mut owner, id).await, [3, 2, 1]);
    let _ = early.get("/api/v1/sessions/current").await.expect(200);
    // By the clock that is right this session has rested for a day; the account is there.
    let _ = late.get("/api/v1/sessions/current").await.expect(401);
    let again = json!({ "email": "late@example.com", "password": PASSWORD });
    let _ = house.app("verde").post("/api/v1/sessions", again).await.expect(201);
    let sealer = Sealer::new(house.platform());
    sealer.finish().await;
    let verification = verify(house.db(), sealer.public_key(), None).await.unwrap();
    assert!(verification.findings.is_empty() && verification.unsealed == 0, "{verification:?}");
}
