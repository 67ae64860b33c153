//! The module that the proofs write with: if it did not do what it says, they would prove nothing.

use serde_json::{Value, json};
use slipway_framework::db::{DbError, Statement};
use slipway_framework::params;
use slipway_framework::scope::{AppScope, LaunchScope};
use slipway_kernel::{AppId, PartnerId, Slug};
use slipway_tenancy::app::{self, AppError, AppName, NewApp, PackageId};
use slipway_testkit::{EngineKind, TestClient, TestHouse, on_both_engines};
use std::time::Duration;

on_both_engines!(
    a_record_is_there_with_its_consequences,
    a_transfer_is_whole_or_refused,
    a_form_that_is_not_right_is_told,
    an_erased_app_leaves_no_record,
);

const RECORDS: &str = "/api/v1/records";

async fn open(engine: EngineKind) -> (TestHouse, LaunchScope, TestClient) {
    let modules = [
        slipway_tenancy::module(),
        slipway_identity::module(),
        slipway_meals::module(),
        slipway_proof::records::module(),
    ];
    let house = TestHouse::of(engine, modules);
    let wish = json!({
        "partner_name": "Verde", "name": "Ana", "email": "owner@verde.example", "password": "a rowing boat in april",
        "accept_terms": true,
    });
    let partner = house.console().post("/api/v1/partners", wish).await.expect(201);
    let partner = PartnerId::parse(partner["partner"]["id"].as_str().unwrap()).unwrap();
    let (app, cause): (AppId, _) = (house.mint(), house.cause());
    let new = NewApp {
        slug: Slug::parse("verde").unwrap(),
        name: AppName::parse("Verde").unwrap(),
        kit: *house.platform().kit("meals").unwrap(),
        package_id: PackageId::parse("com.example.verde").unwrap(),
    };
    let launch = LaunchScope::new(partner, app, cause);
    house
        .db()
        .write(&launch, move |tx| app::create(tx, &new))
        .await
        .map_err(|error: AppError| error)
        .unwrap();
    let mut user = house.app("verde");
    let wish = json!({ "email": "ana@example.com", "password": "a rowing boat in april" });
    let _session = user.post("/api/v1/accounts", wish).await.expect(201);
    (house, launch, user)
}

async fn make(house: &TestHouse, user: &mut TestClient, title: &str, amount: u32) -> String {
    let wish = json!({ "title": title, "amount": amount, "content": title, "with_job": true });
    // Ids of one millisecond have no order.
    house.clock().advance(Duration::from_secs(1));
    user.post(RECORDS, wish).await.expect(201)["id"].as_str().unwrap().to_owned()
}

async fn a_record_is_there_with_its_consequences(engine: EngineKind) {
    let (house, _, mut user) = open(engine).await;
    let first = make(&house, &mut user, "first", 1).await;
    let second = make(&house, &mut user, "second", 2).await;
    let shown = user.get(&format!("{RECORDS}/{first}")).await.expect(200);
    assert_eq!((&shown["title"], &shown["amount"]), (&json!("first"), &json!(1)));
    assert_eq!(shown["content"].as_str().unwrap().len(), 64);
    let page = user.get(&format!("{RECORDS}?limit=1")).await.expect(200);
    assert_eq!(page["items"][0]["id"], json!(second));
    let rest = user.get(&format!("{RECORDS}?after={}", page["next"].as_str().unwrap())).await.expect(200);
    assert_eq!((&rest["items"][0]["id"], &rest["next"]), (&json!(first), &Value::Null));
    house.settle().await;
    // Only what is older than a day is looked for.
    house.age_objects(Duration::from_hours(48));
    let kept = house.clean().await;
    assert_eq!(kept.count("objects"), 0, "a file that a record names is kept");
}

async fn a_transfer_is_whole_or_refused(engine: EngineKind) {
    let (house, _, mut user) = open(engine).await;
    let (from, to) = (make(&house, &mut user, "from", 10).await, make(&house, &mut user, "to", 0).await);
    let wish = |amount: u32| json!({ "from": from, "to": to, "amount": amount });
    let _moved = user.post("/api/v1/record-transfers", wish(4)).await.expect(204);
    assert_eq!(user.post("/api/v1/record-transfers", wish(7)).await.problem().0, 409);
    let nobody = json!({ "from": from, "to": "rec_01h455vb4pex5vsknk084sn02q", "amount": 1 });
    assert_eq!(user.post("/api/v1/record-transfers", nobody).await.problem().0, 404);
    for (id, amount) in [(&from, 6), (&to, 4)] {
        assert_eq!(user.get(&format!("{RECORDS}/{id}")).await.expect(200)["amount"], json!(amount));
    }
}

async fn a_form_that_is_not_right_is_told(engine: EngineKind) {
    let (_house, _, mut user) = open(engine).await;
    for wish in [
        json!({ "title": "", "amount": 1 }),
        json!({ "title": "a", "amount": -1 }),
        json!({ "title": "a".repeat(201), "amount": 1 }),
        json!({ "title": "a", "amount": 1, "more": true }),
    ] {
        assert_eq!(user.post(RECORDS, wish).await.problem().0, 422);
    }
    assert_eq!(user.get(&format!("{RECORDS}/rec_01h455vb4pex5vsknk084sn02q")).await.problem().0, 404);
}

async fn an_erased_app_leaves_no_record(engine: EngineKind) {
    let (house, scope, mut user) = open(engine).await;
    let _record = make(&house, &mut user, "first", 1).await;
    house.settle().await;
    assert_eq!(count(&house, &scope).await, 3, "the record and its two effects");
    house.db().write(&scope, app::delete).await.map_err(|error: DbError| error).unwrap();
    house.settle().await;
    assert_eq!(count(&house, &scope).await, 0);
}

static COUNT: Statement = Statement::new(
    "tests::COUNT",
    "SELECT (SELECT count(*) FROM records WHERE app = $1) + (SELECT count(*) FROM record_effects WHERE app = $1)",
);

async fn count(house: &TestHouse, scope: &LaunchScope) -> u32 {
    let scope = AppScope::new(scope.app(), house.cause());
    let counted = house.db().read(&scope, |read| read.one(&COUNT, params![read.app()], |row| row.get(0)));
    counted.await.map_err(|error: DbError| error).unwrap().unwrap()
}
