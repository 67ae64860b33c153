//! What the factory refuses, and to whom.

use crate::desk::{Desk, LOGO, brand, launch, text};
use axum::http::Method;
use serde_json::json;
use slipway_tenancy::member::Role;
use slipway_testkit::{EngineKind, on_both_engines};

on_both_engines!(
    roles_and_foreign_partners_are_kept_apart,
    names_of_every_script_are_built_and_hostile_input_is_told_field_by_field,
    hostile_logos_are_refused_with_a_reason,
);

async fn roles_and_foreign_partners_are_kept_apart(engine: EngineKind) {
    let desk = Desk::open(engine);
    let (mut owner, person, logo) = desk.ready().await;
    let launched = owner.post("/api/v1/apps", launch("verde", &logo)).await.expect(201);
    desk.settle().await;
    let app = text(&launched["app"]["id"]);
    let release = owner.get(&format!("/api/v1/apps/{app}/releases")).await.expect(200)["items"][0].clone();
    let file = text(&release["artefacts"][0]["url"]).to_owned();
    let brand_id = text(&launched["app"]["brand"]["id"]);
    let get = |path: &str| (Method::GET, format!("/api/v1/apps/{app}{path}"), json!(null));
    let post = |path: &str, body| (Method::POST, format!("/api/v1/apps/{app}{path}"), body);
    let routes = [
        (Role::Viewer, get("")),
        (Role::Viewer, get("/brands")),
        (Role::Viewer, get("/releases")),
        (Role::Viewer, get("/install")),
        (Role::Viewer, get("/signing-key")),
        (Role::Viewer, (Method::GET, file, json!(null))),
        (Role::Builder, post("/brands", brand("Verde", &logo))),
        (Role::Builder, post("/releases", json!({ "brand": brand_id }))),
        (Role::Admin, post(&format!("/brands/{brand_id}/approve"), json!({}))),
        (Role::Admin, post("/suspend", json!({}))),
        (Role::Admin, post("/resume", json!({}))),
        (Role::Owner, post("/signing-key/export", json!({ "password": "long enough password" }))),
    ];
    let stranger = desk.owner().await;
    let mut people = vec![(Role::Owner, desk.at(person))];
    for role in [Role::Viewer, Role::Builder, Role::Admin] {
        people.push((role, desk.at(desk.colleague(person, role).await)));
    }
    for (least, (method, path, body)) in routes {
        let body = (!body.is_null()).then_some(body);
        let foreign = desk.at(stranger).send(method.clone(), &path, body.clone()).await;
        assert_eq!(foreign.status, 404, "{path}");
        assert_eq!(desk.console().send(method.clone(), &path, body.clone()).await.status, 401, "{path}");
        for (role, client) in &mut people {
            let reply = client.send(method.clone(), &path, body.clone()).await;
            assert_eq!(reply.status.is_success(), *role >= least, "{role} {method} {path}: {}", reply.status);
        }
    }
    let foreign_logo = desk.at(stranger).post("/api/v1/apps", launch("ajeno", &logo)).await;
    assert_eq!(foreign_logo.fields()[0].0, "brand.logo");
    assert_eq!(desk.at(stranger).get(&format!("/api/v1/logos/{logo}/previews/logo.png")).await.status, 404);
    let unrelated = format!("/api/v1/apps/{app}/releases/{}/artefacts/{logo}", text(&release["id"]));
    assert_eq!(owner.get(&unrelated).await.status, 404, "an object that is no file of this release");
}

async fn names_of_every_script_are_built_and_hostile_input_is_told_field_by_field(engine: EngineKind) {
    let desk = Desk::open(engine);
    let (mut client, _, logo) = desk.ready().await;
    let long = "ñ".repeat(60);
    let names = ["X", &long, "Café 🥦🥗", "مطبخ أخضر", "e\u{301}e\u{308}\u{301}", "<b>&\"';--"];
    for (number, name) in names.into_iter().enumerate() {
        let mut wish = launch(&format!("app-{number}"), &logo);
        wish["brand"]["name"] = json!(name);
        let launched = client.post("/api/v1/apps", wish).await.expect(201);
        desk.settle().await;
        let path = format!("/api/v1/apps/{}/releases", text(&launched["app"]["id"]));
        let release = client.get(&path).await.expect(200)["items"][0].clone();
        assert_eq!(release["state"], "ready", "{name}");
        let manifest = desk.app(&format!("app-{number}")).get("/manifest.webmanifest").await.expect(200);
        assert_eq!(manifest["name"], name);
    }
    let cases = [
        ("/slug", json!("a b"), "slug"),
        ("/kit", json!("none"), "kit"),
        ("/brand/name", json!("x".repeat(61)), "brand.name"),
        ("/brand/name", json!("a\nb"), "brand.name"),
        ("/brand/tagline", json!("x".repeat(121)), "brand.tagline"),
        ("/brand/logo", json!("abc"), "brand.logo"),
        ("/brand/logo", json!("0".repeat(64)), "brand.logo"),
        ("/brand/colours/text", json!("#eeeeee"), "brand.colours.text"),
        ("/brand/colours/primary", json!("green"), "brand.colours.primary"),
        ("/brand/legal/email", json!("nobody"), "brand.legal.email"),
        ("/brand/legal/company", json!(""), "brand.legal.company"),
        ("/brand/package_id", json!("com.google.verde"), "brand.package_id"),
        ("/brand/package_id", json!("com.example.verde"), "brand.package_id"),
        ("/brand/package_id", json!("verde"), "brand.package_id"),
        ("/brand/package_id", json!("app.Verde.x"), "brand.package_id"),
        ("/brand/package_id", json!("app.class.x"), "brand.package_id"),
    ];
    for (pointer, value, field) in cases {
        let mut wish = launch("malo", &logo);
        *wish.pointer_mut(pointer).unwrap() = value;
        let reply = client.post("/api/v1/apps", wish).await;
        let fields: Vec<_> = reply.fields().into_iter().map(|(field, _)| field).collect();
        assert_eq!((reply.status.as_u16(), fields), (422, vec![field.to_owned()]), "{pointer}");
    }
    let apps = client.get("/api/v1/apps?limit=100").await.expect(200);
    assert_eq!(apps["items"].as_array().unwrap().len(), names.len(), "what was refused left nothing");
    let app = text(&apps["items"][0]["id"]);
    let mut other = brand("Verde", &logo);
    other["package_id"] = json!("app.other.id");
    let kept = client.post(&format!("/api/v1/apps/{app}/brands"), other).await;
    assert_eq!(kept.fields()[0].0, "package_id");
    let full = format!("/api/v1/apps/{app}/releases");
    let last = json!({ "brand": apps["items"][0]["brand"]["id"], "minimum_version_code": 2_100_000_000_u32 });
    assert_eq!(client.post(&full, last.clone()).await.status, 201);
    assert_eq!(
        client.post(&full, last).await.problem(),
        (409, "releases.version_codes_exhausted".to_owned())
    );
    let checked = client.post(
        "/api/v1/colour-checks",
        json!({ "colours": {
        "primary": "#cccccc", "on_primary": "#ffffff", "background": "#ffffff", "text": "#000000" } }),
    );
    let checked = checked.await.expect(200);
    assert_eq!((&checked["ok"], &checked["checks"][1]["ok"]), (&json!(false), &json!(true)));
    assert_ne!(checked["fixed"]["primary"], checked["fixed"]["on_primary"]);
}

async fn hostile_logos_are_refused_with_a_reason(engine: EngineKind) {
    let desk = Desk::open(engine);
    let mut client = desk.at(desk.owner().await);
    let script = br#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><script>1</script></svg>"#;
    let truncated = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\xff\xff\0\0\xff\xff\x08\x06\0\0\0";
    for (bytes, status, code) in [
        (&b""[..], 422, "logos.refused"),
        (b"GIF89a", 422, "logos.refused"),
        (&script[..], 422, "logos.refused"),
        (&truncated[..], 422, "logos.refused"),
        (&vec![0; 5 * 1024 * 1024 + 1][..], 413, "request.too_large"),
    ] {
        let reply = client.send_bytes(Method::POST, "/api/v1/logos", None, bytes.to_vec()).await;
        assert_eq!(reply.problem(), (status, code.to_owned()));
    }
    let mislabelled =
        client.send_bytes(Method::POST, "/api/v1/logos", Some("image/png"), LOGO.to_vec()).await;
    assert_eq!(mislabelled.problem(), (422, "logos.refused".to_owned()));
    let reply = client.send_bytes(Method::POST, "/api/v1/logos", Some("image/svg+xml"), LOGO.to_vec()).await;
    let logo = reply.expect(201);
    assert_eq!((&logo["format"], &logo["width_px"]), (&json!("SVG"), &json!(1024)));
    assert!(!logo["palette"].as_array().unwrap().is_empty());
    let hash = text(&logo["hash"]);
    assert_eq!(client.get(&format!("/api/v1/logos/{hash}/previews/none.png")).await.status, 404);
}
