//! A name of any script is on the phone what it was in the form, and a package id is what stores take.

use crate::people::{house, owner};
use axum::http::Method;
use serde_json::json;
use slipway_testkit::{EngineKind, on_both_engines};

on_both_engines!(a_name_reaches_the_phone_as_it_was_written, package_ids_that_no_store_takes_are_refused);

fn wish(logo: &str, slug: &str, name: &str) -> serde_json::Value {
    let colours =
        json!({ "primary": "#1d6b48", "on_primary": "#ffffff", "background": "#fbfaf4", "text": "#17241d" });
    let legal = json!({ "company": "Verde Ltd", "email": "hello@verde.example", "jurisdiction": "Ireland" });
    let brand = json!({ "name": name, "tagline": "", "logo": logo, "colours": colours, "legal": legal });
    json!({ "kit": "meals", "slug": slug, "brand": brand })
}

/// The name as it stands in the pool of `resources.arsc`: its length in UTF-16 units, the units, and a stop (Android,
/// `ResourceTypes.h`, `ResStringPool_header`). The table is stored in the package as it is.
fn pooled(name: &str) -> Vec<u8> {
    let units: Vec<u16> = name.encode_utf16().collect();
    let length = u16::try_from(units.len()).unwrap();
    [length].iter().chain(&units).chain(&[0]).flat_map(|unit| unit.to_le_bytes()).collect()
}

async fn a_name_reaches_the_phone_as_it_was_written(engine: EngineKind) {
    let house = house(engine);
    let mut owner = owner(&house, "harbour").await;
    let logo = include_bytes!("../../../../examples/verde/logo.svg").to_vec();
    let logo = owner.send_bytes(Method::POST, "/api/v1/logos", None, logo).await.expect(201);
    let logo = logo["hash"].as_str().unwrap();
    let family = "👩\u{200d}👩\u{200d}👧\u{200d}👦";
    let marked = format!("Z{}", "\u{301}".repeat(59));
    let longest = "🥦".repeat(60);
    let names = [
        "é",
        &format!("{family} 🏳\u{fe0f}\u{200d}🌈"),
        "مطبخ \u{202b}أخضر\u{202c} 7",
        "e\u{301}\u{323}ñ 花園",
        &marked,
        &longest,
        "@string/x \\n'\"&<",
    ];
    for (number, name) in names.into_iter().enumerate() {
        let slug = format!("app-{number}");
        let launched = owner.post("/api/v1/apps", wish(logo, &slug, name)).await.expect(201);
        house.settle().await;
        let shown =
            owner.get(&format!("/api/v1/apps/{}", launched["app"]["id"].as_str().unwrap())).await.expect(200);
        assert_eq!(shown["name"], name);
        let artefacts = shown["last_release"]["artefacts"].as_array().unwrap();
        let apk = artefacts.iter().find(|artefact| artefact["kind"] == "apk").unwrap();
        let apk = owner.get(apk["url"].as_str().unwrap()).await;
        assert_eq!(apk.status, 200);
        let wanted = pooled(name);
        assert!(
            apk.bytes.windows(wanted.len()).any(|window| window == wanted),
            "the label of {name:?} is another one"
        );
        assert_eq!(house.app(&slug).get("/api/v1/app").await.expect(200)["name"], name);
    }
    for (name, rule) in [
        ("🥦".repeat(61), "1 to 60 characters"),
        (format!("Z{}", "\u{301}".repeat(60)), "1 to 60 characters"),
        (String::new(), "1 to 60 characters"),
        ("\u{200b}\u{2060}".to_owned(), "can be seen"),
        ("two\u{2029}lines".to_owned(), "one line"),
    ] {
        let refused = owner.post("/api/v1/apps", wish(logo, "none", &name)).await;
        let fields = refused.fields();
        assert_eq!(fields.len(), 1, "{name:?}");
        assert!(fields[0].0 == "brand.name" && fields[0].1.contains(rule), "{name:?}: {fields:?}");
    }
}

async fn package_ids_that_no_store_takes_are_refused(engine: EngineKind) {
    let house = house(engine);
    let mut owner = owner(&house, "harbour").await;
    let logo = "0".repeat(64);
    let long = format!("app.{}", "a".repeat(147));
    for (package_id, rule) in [
        ("app.class.verde", "word of the Java language"),
        ("app.verde.new", "word of the Java language"),
        ("app._", "word of the Java language"),
        ("com.android.verde", "reserved"),
        ("com.google.android.gms", "reserved"),
        ("com.example.verde", "reserved"),
        ("android.verde", "reserved"),
        ("app.1verde", "start with a letter"),
        ("1app.verde", "start with a letter"),
        ("app._verde", "start with a letter"),
        ("App.Verde", "only a-z"),
        ("app.ver-de", "only a-z"),
        ("app.vérde", "only a-z"),
        ("app.verde ", "only a-z"),
        ("app.ver\u{200b}de", "only a-z"),
        ("verde", "two segments"),
        ("", "two segments"),
        ("app..verde", "is empty"),
        (".app.verde", "is empty"),
        ("app.verde.", "is empty"),
        (&long, "at most 150"),
    ] {
        let mut body = wish(&logo, "verde", "Verde");
        body["brand"]["package_id"] = json!(package_id);
        let refused = owner.post("/api/v1/apps", body).await;
        let fields = refused.fields();
        assert_eq!((refused.status.as_u16(), fields.len()), (422, 1), "{package_id}: {fields:?}");
        assert!(fields[0].0 == "brand.package_id" && fields[0].1.contains(rule), "{package_id}: {fields:?}");
    }
}
