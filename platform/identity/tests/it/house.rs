//! A house with tenancy, identity and a small kit, and the people the tests let in.

use axum::Json;
use serde_json::{Value, json};
use slipway_framework::audit;
use slipway_framework::db::DbError;
use slipway_framework::kit::{KitCard, LegalIdentity, LegalText, LegalTexts};
use slipway_framework::module::{Module, Routes};
use slipway_framework::scope::{AppScope, LaunchScope};
use slipway_identity::Accepted;
use slipway_kernel::{AppId, Limit, PartnerId, Slug};
use slipway_tenancy::app::{self, AppError, AppName, NewApp, PackageId};
use slipway_testkit::{EngineKind, TestClient, TestHouse, TestReply};
use std::time::Duration;
use utoipa_axum::routes;

pub(crate) const PASSWORD: &str = "correct horse battery staple";
pub(crate) const OTHER_PASSWORD: &str = "four words that do not belong together";

pub(crate) fn modules(legal_version: &'static str) -> [Module; 3] {
    [slipway_tenancy::module(), slipway_identity::module(), garden(legal_version)]
}

/// A kit with one route, for users who have accepted its legal texts.
fn garden(legal_version: &'static str) -> Module {
    let (title, summary, features) = ("Garden", "Grows.", &["beds"][..]);
    let card = KitCard { title, summary, features, legal: |_: &LegalIdentity| texts(), legal_version };
    Module::named("garden").app(|| Routes::new().routes(routes!(beds))).kit(card)
}

fn texts() -> LegalTexts {
    let text = || LegalText {
        title: "Text".to_owned(),
        version: "1".to_owned(),
        updated: "2026-01-01".to_owned(),
        sections: Vec::new(),
    };
    LegalTexts { terms: text(), privacy: text(), disclaimers: text() }
}

#[utoipa::path(get, path = "/beds", responses((status = 200)))]
async fn beds(Accepted(user): Accepted) -> Json<Value> {
    Json(json!({ "account": user.account }))
}

pub(crate) fn start(engine: EngineKind) -> TestHouse {
    TestHouse::of(engine, modules("2026-01"))
}

/// A house with one partner, whose owner is signed in, and one app, `verde`.
pub(crate) async fn with_app(engine: EngineKind) -> (TestHouse, TestClient, AppScope) {
    let house = start(engine);
    let mut owner = house.console();
    let signed_up = sign_up(&mut owner, "owner@example.com").await.expect(201);
    let partner = PartnerId::parse(signed_up["partner"]["id"].as_str().unwrap()).unwrap();
    let scope = launch(&house, partner, "verde").await;
    (house, owner, scope)
}

/// Launches an app of the garden kit as the builder would.
pub(crate) async fn launch(house: &TestHouse, partner: PartnerId, slug: &str) -> AppScope {
    let (app, cause): (AppId, _) = (house.mint(), house.cause());
    let new = NewApp {
        slug: Slug::parse(slug).unwrap(),
        name: AppName::parse(slug).unwrap(),
        kit: *house.platform().kit("garden").unwrap(),
        package_id: PackageId::parse(&format!("com.example.{slug}")).unwrap(),
    };
    let scope = LaunchScope::new(partner, app, cause);
    house.db().write(&scope, move |tx| app::create(tx, &new)).await.map_err(|error: AppError| error).unwrap();
    AppScope::new(app, cause)
}

pub(crate) async fn sign_up(client: &mut TestClient, email: &str) -> TestReply {
    let wish = json!({
        "partner_name": "Verde", "name": "Ana", "email": email, "password": PASSWORD, "accept_terms": true,
    });
    client.post("/api/v1/partners", wish).await
}

pub(crate) async fn sign_in_member(client: &mut TestClient, email: &str, password: &str) -> TestReply {
    client.post("/api/v1/member-sessions", json!({ "email": email, "password": password })).await
}

pub(crate) async fn register(client: &mut TestClient, email: &str) -> TestReply {
    client.post("/api/v1/accounts", json!({ "email": email, "password": PASSWORD })).await
}

pub(crate) async fn sign_in(client: &mut TestClient, email: &str, password: &str) -> TestReply {
    client.post("/api/v1/sessions", json!({ "email": email, "password": password })).await
}

pub(crate) async fn current(client: &mut TestClient) -> TestReply {
    client.get("/api/v1/sessions/current").await
}

/// Lets a minute pass, so that the brake for guessing opens again.
pub(crate) fn pass_a_minute(house: &TestHouse) {
    house.clock().advance(Duration::from_mins(1));
}

/// The app's audit trail as action and details, newest first.
pub(crate) async fn trail(house: &TestHouse, scope: &AppScope) -> Vec<(String, Value)> {
    let limit = Limit::new(Limit::MAX).unwrap();
    let page = house.db().read(scope, move |read| audit::list(read, None, None, limit)).await;
    let page = page.map_err(|error: DbError| error).unwrap();
    page.items.into_iter().map(|entry| (entry.action, entry.details)).collect()
}
