//! Builds as they are watched, stopped, broken and tried again.

use crate::desk::{Desk, LOGO, events, launch, text, upload};
use serde_json::{Value, json};
use slipway_framework::object::Hash;
use slipway_testkit::{EngineKind, on_both_engines, tokio};
use std::time::Duration;

on_both_engines!(
    every_stage_is_announced_before_it_ends_and_a_listener_can_come_back,
    a_cancelled_build_stays_cancelled_until_it_is_tried_again,
    a_failing_stage_says_why_and_a_retry_succeeds,
);

const STAGES: [&str; 8] =
    ["check_assets", "icons", "resources", "code", "sign_apk", "bundle_aab", "verify", "store"];

async fn every_stage_is_announced_before_it_ends_and_a_listener_can_come_back(engine: EngineKind) {
    let desk = Desk::open(engine);
    let (mut client, person, logo) = desk.ready().await;
    let launched = client.post("/api/v1/apps", launch("verde", &logo)).await.expect(201);
    let (app, build) = (text(&launched["app"]["id"]), text(&launched["build"]["id"]));
    let path = format!("/api/v1/apps/{app}/builds/{build}/events");
    // Somebody listens from before the first stage until the end.
    let mut listener = desk.at(person);
    let (live, ()) = tokio::join!(listener.get(&path), desk.settle());
    assert_eq!(live.headers["content-type"], "text/event-stream");
    let heard = events(&live.bytes);
    let told: Vec<_> = heard
        .iter()
        .filter(|(_, kind, _)| kind == "stage")
        .map(|(_, _, data)| (text(&data["name"]), text(&data["state"])))
        .collect();
    let mut expected: Vec<_> =
        STAGES.iter().flat_map(|stage| [(*stage, "running"), (*stage, "done")]).collect();
    // The bundle is made while the APK is signed.
    expected.swap(9, 10);
    assert_eq!(told, expected);
    let (last, kind, data) = heard.last().unwrap();
    assert_eq!((kind.as_str(), &data["state"]), ("done", &json!("done")));
    assert!(heard.windows(2).all(|pair| pair[0].0 < pair[1].0));

    // Whoever lost the connection hears the rest and nothing twice.
    let seen = heard[4].0;
    let rest = desk.at(person).with_header("last-event-id", &seen.to_string()).get(&path).await;
    assert_eq!(events(&rest.bytes), heard[5..]);
    let nothing = desk.at(person).with_header("last-event-id", &last.to_string()).get(&path).await;
    assert!(events(&nothing.bytes).is_empty());
    let late = client.post(&format!("/api/v1/apps/{app}/builds/{build}/cancel"), json!({})).await;
    assert_eq!(late.problem(), (409, "builds.over".to_owned()));
    let none = client.post(&format!("/api/v1/apps/{app}/builds/{build}/retry"), json!({})).await;
    assert_eq!(none.problem(), (409, "builds.not_failed".to_owned()));
}

async fn a_cancelled_build_stays_cancelled_until_it_is_tried_again(engine: EngineKind) {
    let desk = Desk::open(engine);
    let (mut client, person, logo) = desk.ready().await;
    let launched = client.post("/api/v1/apps", launch("verde", &logo)).await.expect(201);
    let (app, build) = (text(&launched["app"]["id"]), text(&launched["build"]["id"]));
    let at = |path: &str| format!("/api/v1/apps/{app}/{path}");
    // One listens, and cancels as soon as the first stage has been announced: the build stops before a later one.
    let watch = async {
        let mut canceller = desk.at(person);
        while !desk.has_begun(app, build).await {}
        canceller.post(&at(&format!("builds/{build}/cancel")), json!({})).await
    };
    let (cancelled, ()) = tokio::join!(watch, desk.settle());
    let shown = client.get(&at(&format!("builds/{build}"))).await.expect(200);
    // A build may outrun whoever wants to stop it; then it is done and the canceller is told.
    if cancelled.status == 200 {
        assert_eq!(shown["state"], "cancelled");
        let heard = events(&client.get(&at(&format!("builds/{build}/events"))).await.bytes);
        assert_eq!(heard.last().unwrap().1, "cancelled");
    } else {
        assert_eq!(cancelled.problem(), (409, "builds.over".to_owned()));
        assert_eq!(shown["state"], "done");
    }

    // Before it began, nobody can be outrun.
    desk.clock().advance(Duration::from_secs(1));
    let second =
        client.post(&at("releases"), json!({ "brand": launched["app"]["brand"]["id"] })).await.expect(201);
    let build = text(&second["build"]["id"]);
    let stopped = client.post(&at(&format!("builds/{build}/cancel")), json!({})).await.expect(200);
    assert_eq!(stopped["state"], "cancelled");
    desk.settle().await;
    let release = client.get(&at("releases")).await.expect(200)["items"][0].clone();
    assert_eq!((&release["state"], &release["artefacts"]), (&json!("cancelled"), &json!([])));
    let again = client.post(&at(&format!("builds/{build}/retry")), json!({})).await.expect(200);
    assert_eq!(again["state"], "queued");
    desk.settle().await;
    let release = client.get(&at("releases")).await.expect(200)["items"][0].clone();
    assert_eq!((&release["state"], &release["version_code"]), (&json!("ready"), &json!(2)));
    let heard = events(&client.get(&at(&format!("builds/{build}/events"))).await.bytes);
    assert_eq!(heard.last().unwrap().1, "done", "a new listener hears the present run only");
    assert_eq!(heard.len(), 17);
}

async fn a_failing_stage_says_why_and_a_retry_succeeds(engine: EngineKind) {
    let desk = Desk::open(engine);
    let (mut client, _, logo) = desk.ready().await;
    let launched = client.post("/api/v1/apps", launch("verde", &logo)).await.expect(201);
    let (app, build) = (text(&launched["app"]["id"]), text(&launched["build"]["id"]));
    let at = |path: &str| format!("/api/v1/apps/{app}/{path}");
    let hash: Hash = logo.parse().unwrap();
    desk.objects().delete(hash).await.unwrap();
    desk.settle().await;
    let failed = client.get(&at(&format!("builds/{build}"))).await.expect(200);
    assert_eq!(failed["state"], "failed");
    assert_eq!(
        (&failed["stages"][0]["name"], &failed["stages"][0]["state"]),
        (&json!("check_assets"), &json!("failed"))
    );
    assert!(text(&failed["stages"][0]["message"]).contains("upload the logo again"), "{failed}");
    let heard = events(&client.get(&at(&format!("builds/{build}/events"))).await.bytes);
    let kinds: Vec<_> = heard.iter().map(|(_, kind, _)| kind.as_str()).collect();
    assert_eq!(kinds, ["stage", "stage", "failed"]);
    let release: Value = client.get(&at("releases")).await.expect(200)["items"][0].clone();
    assert_eq!(release["state"], "failed");

    assert_eq!(upload(&mut client, LOGO).await, logo);
    let queued = client.post(&at(&format!("builds/{build}/retry")), json!({})).await.expect(200);
    assert_eq!(queued["state"], "queued");
    desk.settle().await;
    let done = client.get(&at(&format!("builds/{build}"))).await.expect(200);
    assert_eq!(done["state"], "done");
    assert_eq!(client.get(&at("releases")).await.expect(200)["items"][0]["version_code"], 1);
}
