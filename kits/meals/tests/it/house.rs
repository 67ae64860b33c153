//! A house with the meals kit, and the people the tests let in. The unit tests use it too, which is why it speaks of `crate`.

use serde_json::{Value, json};
use slipway_framework::scope::{AppScope, LaunchScope};
use slipway_kernel::{AppId, PartnerId, Slug};
use slipway_tenancy::app::{self, AppError, AppName, NewApp, PackageId};
use slipway_testkit::{EngineKind, TestClient, TestHouse};
use std::time::Duration;

pub(crate) const PASSWORD: &str = "correct horse battery staple";
pub(crate) const PLANS: &str = "/api/v1/meals/plans";

/// A house with one app of the kit, `verde`.
pub(crate) async fn open(engine: EngineKind) -> (TestHouse, AppScope) {
    let house =
        TestHouse::of(engine, [slipway_tenancy::module(), slipway_identity::module(), crate::module()]);
    let scope = launch(&house, "verde").await;
    (house, scope)
}

/// A partner with an app of the kit, as the builder would launch it.
pub(crate) async fn launch(house: &TestHouse, slug: &str) -> AppScope {
    let wish = json!({
        "partner_name": slug, "name": "Ana", "email": format!("owner@{slug}.example"), "password": PASSWORD,
        "accept_terms": true,
    });
    let partner = house.console().post("/api/v1/partners", wish).await.expect(201);
    let partner = PartnerId::parse(partner["partner"]["id"].as_str().unwrap()).unwrap();
    let (app, cause): (AppId, _) = (house.mint(), house.cause());
    let new = NewApp {
        slug: Slug::parse(slug).unwrap(),
        name: AppName::parse(slug).unwrap(),
        kit: *house.platform().kit("meals").unwrap(),
        package_id: PackageId::parse(&format!("com.example.{slug}")).unwrap(),
    };
    let scope = LaunchScope::new(partner, app, cause);
    house.db().write(&scope, move |tx| app::create(tx, &new)).await.map_err(|error: AppError| error).unwrap();
    AppScope::new(app, cause)
}

/// A user who has just registered.
pub(crate) async fn register(house: &TestHouse, slug: &str, name: &str) -> TestClient {
    let mut user = house.app(slug);
    let wish = json!({ "email": format!("{name}@example.com"), "password": PASSWORD });
    let _session = user.post("/api/v1/accounts", wish).await.expect(201);
    house.clock().advance(Duration::from_mins(1));
    user
}

/// A user who has also accepted the legal texts.
pub(crate) async fn user(house: &TestHouse, slug: &str, name: &str) -> TestClient {
    let mut user = register(house, slug, name).await;
    let version = house.platform().kit("meals").unwrap().card.legal_version;
    let acceptance = json!({ "version": version, "accept_terms": true, "accept_privacy": true });
    let _accepted = user.post("/api/v1/legal-acceptances", acceptance).await.expect(204);
    user
}

/// The wishes of the workflow (ME-53).
pub(crate) fn wishes() -> Value {
    json!({
        "calories": 2000, "diet_type": "vegetarian", "meal_pattern": "3_meals_2_snacks",
        "restrictions": ["gluten_free"],
    })
}
