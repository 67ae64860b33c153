//! A house with the kitname kit, and the people the tests let in.

use serde_json::json;
use slipway_framework::scope::{AppScope, LaunchScope};
use slipway_kernel::{AppId, PartnerId, Slug};
use slipway_tenancy::app::{self, AppError, AppName, NewApp, PackageId};
use slipway_testkit::{EngineKind, TestClient, TestHouse};

pub(crate) const PASSWORD: &str = "correct horse battery staple";
pub(crate) const NOTES: &str = "/api/v1/kitname/notes";

/// A house with two apps of the kit, `verde` and `azul`; gives the scope of the first.
pub(crate) async fn open(engine: EngineKind) -> (TestHouse, AppScope) {
    let modules = [slipway_tenancy::module(), slipway_identity::module(), slipway_kitname::module()];
    let house = TestHouse::of(engine, modules);
    let scope = launch(&house, "verde").await;
    let _neighbour = launch(&house, "azul").await;
    (house, scope)
}

/// A partner with an app of the kit, as the builder would launch it.
async fn launch(house: &TestHouse, slug: &str) -> AppScope {
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
        kit: *house.platform().kit("kitname").unwrap(),
        package_id: PackageId::parse(&format!("app.{slug}.kitname")).unwrap(),
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
    user
}

/// A user who has also accepted the legal texts.
pub(crate) async fn user(house: &TestHouse, slug: &str, name: &str) -> TestClient {
    let mut user = register(house, slug, name).await;
    let version = house.platform().kit("kitname").unwrap().card.legal_version;
    let acceptance = json!({ "version": version, "accept_terms": true, "accept_privacy": true });
    let _accepted = user.post("/api/v1/legal-acceptances", acceptance).await.expect(204);
    user
}
