//! An app's trail, as its partner reads it.

use crate::desk::Desk;
use serde_json::json;
use slipway_kernel::RequestId;
use slipway_testkit::{EngineKind, on_both_engines};
use std::time::Duration;

on_both_engines!(
    the_trail_is_newest_first_and_in_pages,
    a_request_id_finds_what_the_request_did,
    every_statement_fits_the_schema,
);

async fn the_trail_is_newest_first_and_in_pages(engine: EngineKind) {
    let desk = Desk::open(engine);
    let owner = desk.partner("Verde").await;
    let app = desk.launch(owner, "verde").await;
    desk.launch(owner, "azul").await;
    let mut client = desk.signed_in(owner);
    for verb in ["suspend", "resume", "suspend", "resume"] {
        desk.clock().advance(Duration::from_millis(1));
        let _ = client.post(&format!("/api/v1/apps/{app}/{verb}"), json!({})).await.expect(200);
    }
    let mut actions = Vec::new();
    let mut after = String::new();
    loop {
        let page = client.get(&format!("/api/v1/apps/{app}/audit?limit=2{after}")).await.expect(200);
        let items = page["items"].as_array().unwrap().iter();
        actions.extend(items.map(|item| item["action"].as_str().unwrap().to_owned()));
        let Some(next) = page["next"].as_str() else { break };
        after = format!("&after={next}");
    }
    assert_eq!(actions, ["app_resumed", "app_suspended", "app_resumed", "app_suspended", "app_launched"]);
}

async fn a_request_id_finds_what_the_request_did(engine: EngineKind) {
    let desk = Desk::open(engine);
    let owner = desk.partner("Verde").await;
    let app = desk.launch(owner, "verde").await;
    let mut client = desk.signed_in(owner);
    let reply = client.post(&format!("/api/v1/apps/{app}/suspend"), json!({})).await;
    let request = reply.headers["x-request-id"].to_str().unwrap().to_owned();
    let _ = client.post(&format!("/api/v1/apps/{app}/resume"), json!({})).await.expect(200);
    let mut page = client.get(&format!("/api/v1/apps/{app}/audit?request_id={request}")).await.expect(200);
    let id = page["items"][0]["id"].take();
    assert!(id.as_str().unwrap().starts_with("aud_"), "{id}");
    let entry = json!({
        "id": null, "at": "2026-01-01T00:00:00.000000Z", "actor": owner.member.to_string(), "action": "app_suspended",
        "resource_type": "app", "resource_id": app.to_string(), "details": {}, "request_id": request
    });
    assert_eq!(page, json!({ "items": [entry], "next": null }));
    let other: RequestId = desk.mint();
    let none = client.get(&format!("/api/v1/apps/{app}/audit?request_id={other}")).await.expect(200);
    assert_eq!(none, json!({ "items": [], "next": null }));
    for query in ["request_id=app_1", "request_id=", "request_id=%00", "request_id=a&request_id=b"] {
        let reply = client.get(&format!("/api/v1/apps/{app}/audit?{query}")).await;
        assert_eq!((reply.problem().0, reply.fields()[0].0.as_str()), (422, "request_id"), "{query}");
    }
}

async fn every_statement_fits_the_schema(engine: EngineKind) {
    let desk = Desk::open(engine);
    assert!(desk.db().check_statements(desk.cause()).await.unwrap() > 20);
}
