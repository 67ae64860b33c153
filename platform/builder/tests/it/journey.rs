//! From a logo to a third release, and everything the app's origin shows on the way.

use crate::desk::{Desk, brand, events, launch, opens_with, text};
use pkcs8::{DecodePrivateKey, EncodePrivateKey};
use rsa::RsaPrivateKey;
use serde_json::{Value, json};
use slipway_framework::keys::Keys;
use slipway_tenancy::member::Role;
use slipway_testkit::{EngineKind, on_both_engines};
use std::time::Duration;

on_both_engines!(
    a_launch_gives_verified_packages_and_a_dressed_origin,
    a_second_brand_is_approved_released_and_rolled_back,
    a_repeated_launch_is_one_app_with_one_build,
    the_key_stays_sealed_and_leaves_only_with_its_owner,
    a_deleted_app_takes_everything_along_and_frees_its_names,
);

async fn a_launch_gives_verified_packages_and_a_dressed_origin(engine: EngineKind) {
    let desk = Desk::open(engine);
    let (mut client, launched, logo) = desk.launched("verde").await;
    let (app, build) = (text(&launched["app"]["id"]), text(&launched["build"]["id"]));
    assert_eq!(launched["app"]["url"], "http://verde.localhost:8080/");
    assert_eq!(launched["app"]["package_id"], "localhost.verde");
    assert_eq!(launched["build"]["state"], "queued");

    let shown = client.get(&format!("/api/v1/apps/{app}")).await.expect(200);
    let release = &shown["last_release"];
    assert_eq!((&release["state"], &release["version_code"]), (&json!("ready"), &json!(1)));
    assert_eq!((&shown["users"], &shown["brand"]["state"]), (&json!(0), &json!("released")));
    let built = client.get(&format!("/api/v1/apps/{app}/builds/{build}")).await.expect(200);
    assert_eq!((&built["state"], &built["release"]), (&json!("done"), &release["id"]));
    desk.verify(&mut client, app, release).await;
    let page = client.get("/api/v1/apps?limit=1").await.expect(200);
    assert_eq!(page["items"][0]["id"], app);

    let key = client.get(&format!("/api/v1/apps/{app}/signing-key")).await.expect(200);
    let mut phone = desk.app("verde");
    let links = phone.get("/.well-known/assetlinks.json").await.expect(200);
    assert_eq!(links[0]["target"]["package_name"], "localhost.verde");
    assert_eq!(links[0]["target"]["sha256_cert_fingerprints"], json!([key["sha256_fingerprint"]]));
    let theme = phone.get("/theme.css").await;
    assert!(String::from_utf8_lossy(&theme.bytes).contains("--color-primary: #1b7f4d"));
    assert_eq!(theme.headers["cache-control"], "no-cache");
    let tag = theme.headers["etag"].to_str().unwrap().to_owned();
    let again = desk.app("verde").with_header("if-none-match", &tag).get("/theme.css").await;
    assert_eq!((again.status.as_u16(), again.bytes.len()), (304, 0));
    let manifest = phone.get("/manifest.webmanifest").await.expect(200);
    assert_eq!(manifest["name"], "Verde");
    for icon in manifest["icons"].as_array().unwrap() {
        let reply = phone.get(text(&icon["src"])).await;
        assert!(reply.status == 200 && reply.bytes.starts_with(b"\x89PNG"), "{icon}");
    }
    assert_eq!(phone.get("/favicon.ico").await.status, 200);
    assert_eq!(phone.get("/icons/none.png").await.status, 404);
    let info = phone.get("/api/v1/app").await.expect(200);
    assert_eq!((&info["kit"], &info["legal_version"]), (&json!("meals"), &json!("2026-01")));
    let terms = phone.get("/api/v1/legal-documents/terms").await.expect(200);
    assert_eq!(terms["title"], "Terms of Verde by Verde SL");
    assert_eq!(phone.get("/api/v1/legal-documents/none").await.status, 404);

    let install = client.get(&format!("/api/v1/apps/{app}/install")).await.expect(200);
    assert_eq!((&install["preview"], &install["qr_svg"]), (&json!(true), &Value::Null));
    assert_eq!(
        install["commands"],
        json!(["adb reverse tcp:8080 tcp:8080", "adb install verde-1.0.0-1-preview.apk"])
    );
    for name in ["logo", "circle", "squircle", "rounded", "monochrome", "splash"] {
        let reply = client.get(&format!("/api/v1/logos/{logo}/previews/{name}.png")).await;
        assert!(reply.status == 200 && reply.bytes.starts_with(b"\x89PNG"), "{name}");
    }

    let paused = client.post(&format!("/api/v1/apps/{app}/suspend"), json!({})).await.expect(200);
    assert_eq!(paused["state"], "suspended");
    assert_eq!(phone.get("/api/v1/app").await.expect(200)["state"], "suspended");
    assert_eq!(phone.get("/theme.css").await.status, 200);
    assert_eq!(phone.get("/api/v1/legal-documents/terms").await.status, 503);
    let resumed = client.post(&format!("/api/v1/apps/{app}/resume"), json!({})).await.expect(200);
    assert_eq!(resumed["state"], "live");
    assert_eq!(phone.get("/api/v1/app").await.expect(200)["state"], "live");
}

async fn a_second_brand_is_approved_released_and_rolled_back(engine: EngineKind) {
    let desk = Desk::open(engine);
    let (mut client, launched, logo) = desk.launched("verde").await;
    let app = text(&launched["app"]["id"]).to_owned();
    let at = |path: &str| format!("/api/v1/apps/{app}/{path}");
    let first = client.get(&at("releases")).await.expect(200)["items"][0].clone();

    desk.clock().advance(Duration::from_secs(1));
    let mut wish = brand("Verde Nuevo", &logo);
    wish["colours"]["primary"] = json!("#8a1538");
    let draft = client.post(&at("brands"), wish).await.expect(201);
    assert_eq!((&draft["version"], &draft["state"]), (&json!(2), &json!("draft")));
    let refused = client.post(&at("releases"), json!({ "brand": draft["id"] })).await;
    assert_eq!(refused.problem(), (409, "brands.not_approved".to_owned()));
    for _ in 0..2 {
        let approved =
            client.post(&at(&format!("brands/{}/approve", text(&draft["id"]))), json!({})).await.expect(200);
        assert_eq!(approved["state"], "approved");
    }
    let started = client
        .post(&at("releases"), json!({ "brand": draft["id"], "minimum_version_code": 40 }))
        .await
        .expect(201);
    assert_eq!((&started["release"]["number"], &started["release"]["version_code"]), (&json!(2), &json!(40)));
    let mut phone = desk.app("verde");
    assert_eq!(phone.get("/manifest.webmanifest").await.expect(200)["name"], "Verde");
    desk.settle().await;
    assert_eq!(phone.get("/manifest.webmanifest").await.expect(200)["name"], "Verde Nuevo");
    assert_eq!(client.get(at("").trim_end_matches('/')).await.expect(200)["name"], "Verde Nuevo");

    desk.clock().advance(Duration::from_secs(1));
    let path = at(&format!("releases/{}/rollback", text(&first["id"])));
    let back = client.post(&path, json!({})).await.expect(201);
    assert_eq!(
        (&back["release"]["version_code"], &back["release"]["rollback_of"]),
        (&json!(41), &first["id"])
    );
    let early = at(&format!("releases/{}/rebuild", text(&back["release"]["id"])));
    assert_eq!(client.post(&early, json!({})).await.problem(), (409, "releases.not_ready".to_owned()));
    desk.settle().await;
    assert_eq!(phone.get("/manifest.webmanifest").await.expect(200)["name"], "Verde");
    let releases = client.get(&at("releases")).await.expect(200)["items"].clone();
    assert_eq!(releases.as_array().unwrap().len(), 3);
    desk.verify(&mut client, &app, &releases[0]).await;

    for release in [&first, &releases[0], &releases[1]] {
        let rebuilt = client
            .post(&at(&format!("releases/{}/rebuild", text(&release["id"]))), json!({}))
            .await
            .expect(200);
        assert_eq!(rebuilt["identical"], true, "{rebuilt}");
    }
    assert_eq!(
        client.get(&at("releases")).await.expect(200)["items"][2],
        first,
        "a ready release never changes"
    );
}

async fn a_repeated_launch_is_one_app_with_one_build(engine: EngineKind) {
    let desk = Desk::open(engine);
    let (mut client, person, logo) = desk.ready().await;
    let mut keyed = desk.at(person).with_header("idempotency-key", "launch-1");
    let first = keyed.post("/api/v1/apps", launch("verde", &logo)).await;
    let second = keyed.post("/api/v1/apps", launch("verde", &logo)).await;
    assert_eq!(second.headers["idempotent-replayed"], "true");
    assert_eq!(first.expect(201), second.expect(201));
    let other = keyed.post("/api/v1/apps", launch("otro", &logo)).await;
    assert_eq!(other.problem(), (422, "request.idempotency_key_reused".to_owned()));
    let apps = client.get("/api/v1/apps").await.expect(200);
    assert_eq!(apps["items"].as_array().unwrap().len(), 1);
    let taken = client.post("/api/v1/apps", launch("verde", &logo)).await;
    assert_eq!(taken.problem(), (409, "apps.slug_taken".to_owned()));

    let (mut left, mut right) = (desk.at(person), desk.at(person));
    let race = |slug: &str| {
        let mut body = launch(slug, &logo);
        body["brand"]["package_id"] = json!("app.verde.race");
        body
    };
    let (left, right) =
        tokio::join!(left.post("/api/v1/apps", race("uno")), right.post("/api/v1/apps", race("dos")));
    let mut statuses = [left.status.as_u16(), right.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409]);
}

async fn the_key_stays_sealed_and_leaves_only_with_its_owner(engine: EngineKind) {
    let desk = Desk::open(engine);
    let (mut client, person, logo) = desk.ready().await;
    let launched = client.post("/api/v1/apps", launch("verde", &logo)).await.expect(201);
    desk.settle().await;
    let app = text(&launched["app"]["id"]);
    let at = |path: &str| format!("/api/v1/apps/{app}/{path}");

    let (sealed, certificate) = desk.key_row(app).await;
    assert!(opens_with(desk.keys(), app, &sealed));
    let other =
        Keys::from_secret("ff112233445566778899aabbccddeeff0123456789abcdef0f1e2d3c4b5a6978").unwrap();
    assert!(!opens_with(&other, app, &sealed));

    let password = "a long enough password";
    let mut admin = desk.at(desk.colleague(person, Role::Admin).await);
    let refused = admin.post(&at("signing-key/export"), json!({ "password": password })).await;
    assert_eq!(refused.problem(), (403, "members.forbidden".to_owned()));
    for unfit in ["short", "seven boats 🚤 in june", "bell\u{7} rings in the dark"] {
        let refused = client.post(&at("signing-key/export"), json!({ "password": unfit })).await;
        assert_eq!(refused.fields()[0].0, "password", "{unfit}");
    }
    let file = client.post(&at("signing-key/export"), json!({ "password": password })).await;
    assert_eq!(file.headers["content-type"], "application/x-pkcs12");
    let read = |password: &str| p12_keystore::KeyStore::from_pkcs12(&file.bytes, password);
    assert!(read("another password").is_err());
    let keystore = read(password).unwrap();
    let (_, chain) = keystore.private_key_chain().unwrap();
    assert_eq!(chain.chain()[0].as_der(), certificate);
    let key = chain.key().to_vec();

    let wrong =
        client.post(&at("signing-key/export"), json!({ "password": password, "format": "jks" })).await;
    assert_eq!(wrong.fields()[0].0, "format");
    let pem = json!({ "password": password, "format": "pem" });
    let pem = client.post(&at("signing-key/export"), pem).await;
    assert_eq!(pem.headers["content-type"], "application/x-pem-file");
    let pem = String::from_utf8(pem.bytes).unwrap();
    let (locked, public) = pem.split_at(pem.find("-----BEGIN CERTIFICATE-----").unwrap());
    let read = |password: &str| RsaPrivateKey::from_pkcs8_encrypted_pem(locked, password);
    assert!(read("another password").is_err());
    assert_eq!(read(password).unwrap().to_pkcs8_der().unwrap().as_bytes(), key);
    let shown = client.get(&at("signing-key")).await.expect(200);
    assert_eq!(shown["certificate_pem"], public);

    // Neither the trail nor a file the house gives out holds the key, sealed or open.
    let audit = client.get(&at("audit?limit=100")).await;
    let release = client.get(&at("releases")).await.expect(200)["items"][0].clone();
    let mut places = desk.verify(&mut client, app, &release).await;
    let actions = String::from_utf8_lossy(&audit.bytes).into_owned();
    assert!(actions.contains("signing_key_exported") && actions.contains("signing_key_created"));
    places.push(audit.bytes);
    for secret in [&key[700..740], &sealed[40..80]] {
        assert!(places.iter().all(|bytes| !bytes.windows(secret.len()).any(|window| window == secret)));
    }

    let print = "ab:".repeat(31) + "cd";
    assert_eq!(
        admin.put(&at("signing-key/play-fingerprint"), json!({ "fingerprint": print })).await.status,
        403
    );
    let wrong = client.put(&at("signing-key/play-fingerprint"), json!({ "fingerprint": "ab:cd" })).await;
    assert_eq!(wrong.fields()[0].0, "fingerprint");
    let mut phone = desk.app("verde");
    assert_eq!(phone.get("/.well-known/assetlinks.json").await.status, 200);
    let set =
        client.put(&at("signing-key/play-fingerprint"), json!({ "fingerprint": print })).await.expect(200);
    assert_eq!(set["play_fingerprint"], print.to_uppercase());
    let links = phone.get("/.well-known/assetlinks.json").await.expect(200);
    let prints = json!([set["sha256_fingerprint"], print.to_uppercase()]);
    assert_eq!(links[0]["target"]["sha256_cert_fingerprints"], prints);
}

async fn a_deleted_app_takes_everything_along_and_frees_its_names(engine: EngineKind) {
    let desk = Desk::open(engine);
    let (mut client, person, logo) = desk.ready().await;
    let launched = client.post("/api/v1/apps", launch("verde", &logo)).await.expect(201);
    let (app, build) = (text(&launched["app"]["id"]), text(&launched["build"]["id"]));
    let path = format!("/api/v1/apps/{app}");
    let mut admin = desk.at(desk.colleague(person, Role::Admin).await);
    assert_eq!(admin.delete_with(&path, json!({ "confirm": "verde" })).await.status, 403);
    assert_eq!(client.delete_with(&path, json!({ "confirm": "rojo" })).await.fields()[0].0, "confirm");
    assert_eq!(client.delete_with(&path, json!({ "confirm": "verde" })).await.status, 204);
    // Its job finds nothing to build and ends in peace.
    desk.settle().await;
    assert_eq!(client.get(&path).await.status, 404);
    assert_eq!(client.get(&format!("{path}/builds/{build}")).await.status, 404);
    assert_eq!(desk.app("verde").get("/theme.css").await.status, 404);
    let again = client.post("/api/v1/apps", launch("verde", &logo)).await.expect(201);
    desk.settle().await;
    assert_eq!(desk.app("verde").get("/manifest.webmanifest").await.status, 200);
    let events_path =
        format!("/api/v1/apps/{}/builds/{}/events", text(&again["app"]["id"]), text(&again["build"]["id"]));
    assert_eq!(events(&client.get(&events_path).await.bytes).last().unwrap().1, "done");
}
