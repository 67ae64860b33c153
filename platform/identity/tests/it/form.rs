//! Whatever is typed into a form is taken or told about, field by field.

use crate::house::{PASSWORD, pass_a_minute, sign_up, start, with_app};
use axum::http::Method;
use serde_json::{Value, json};
use slipway_testkit::{EngineKind, TestReply, on_both_engines};

on_both_engines!(
    every_wrong_field_of_a_sign_up_is_told_at_once,
    hostile_fields_are_named_and_never_break_anything,
    names_of_any_script_are_kept,
    bodies_that_are_no_form_are_refused,
);

fn sign_up_with(field: &str, value: Value) -> Value {
    let mut wish = json!({
        "partner_name": "Verde", "name": "Ana", "email": "ana@example.com", "password": PASSWORD,
        "accept_terms": true,
    });
    wish[field] = value;
    wish
}

fn names(reply: &TestReply) -> Vec<String> {
    assert_eq!(reply.problem(), (422, "request.invalid".to_owned()));
    reply.fields().into_iter().map(|(field, _)| field).collect()
}

async fn every_wrong_field_of_a_sign_up_is_told_at_once(engine: EngineKind) {
    let house = start(engine);
    let wish = json!({ "partner_name": " ", "name": "", "email": "ana", "password": "short", "accept_terms": false });
    let refused = house.console().post("/api/v1/partners", wish).await;
    assert_eq!(names(&refused), ["partner_name", "name", "email", "password", "accept_terms"]);
    for (_, message) in refused.fields() {
        assert!(message.starts_with(char::is_uppercase) && message.ends_with('.'), "{message}");
    }
    assert!(!refused.headers.contains_key("set-cookie"));
}

async fn hostile_fields_are_named_and_never_break_anything(engine: EngineKind) {
    let (house, mut owner, _) = with_app(engine).await;
    let long = |length: usize| json!("a".repeat(length));
    for (field, value) in [
        ("email", json!("a")),
        ("email", json!("ana\0@example.com")),
        ("email", json!("ana\u{202e}@exa mple.com")),
        ("email", json!(format!("{}@example.com", "a".repeat(243)))),
        ("email", json!("\"><script>@example")),
        ("email", json!(null)),
        ("email", json!(["ana@example.com"])),
        ("name", json!("nul\0")),
        ("name", json!("two\nlines")),
        ("name", long(81)),
        ("partner_name", long(200_000)),
        ("password", long(129)),
        ("password", json!("aaaaaaaaaaaa")),
        ("password", json!("Password123!")),
        ("password", json!("ana@example.com")),
        ("password", json!("correct horse\0 battery")),
        ("password", json!(1_234_567_890)),
        ("accept_terms", json!("yes")),
        ("accept_terms", json!(false)),
    ] {
        pass_a_minute(&house);
        let shown = value.to_string();
        let refused = house.console().post("/api/v1/partners", sign_up_with(field, value)).await;
        assert_eq!(names(&refused), [field], "{}", &shown[..shown.len().min(60)]);
    }
    for (path, wish, field) in [
        ("/api/v1/accounts", json!({ "email": "x", "password": PASSWORD }), "email"),
        ("/api/v1/accounts", json!({ "email": "rosa@example.com", "password": "qwertyuiop" }), "password"),
        ("/api/v1/sessions", json!({ "email": "x", "password": "x" }), "email"),
        ("/api/v1/sessions", json!({ "email": "rosa@example.com", "password": "\0" }), "password"),
    ] {
        assert_eq!(names(&house.app("verde").post(path, wish).await), [field], "{path}");
    }
    for (wish, fields) in [
        (json!({ "name": "", "email": "x", "role": "king" }), &["name", "email", "role"][..]),
        (json!({ "name": "Ben", "email": "ben@example.com", "role": "OWNER" }), &["role"]),
    ] {
        assert_eq!(names(&owner.post("/api/v1/members", wish).await), fields);
    }
    let missing =
        house.console().post("/api/v1/member-sessions", json!({ "email": "ana@example.com" })).await;
    assert_eq!(names(&missing), ["password"]);
}

async fn names_of_any_script_are_kept(engine: EngineKind) {
    let house = start(engine);
    for (number, name) in [
        "🌱 Ñandú 👩‍🌾",
        "مطعم الزيتون",
        "\u{202e}evil\u{202c}",
        "花園",
        "Robert'); DROP TABLE members;--",
        "<b>Ana</b>",
    ]
    .into_iter()
    .enumerate()
    {
        let mut owner = house.console();
        let mut wish = sign_up_with("name", json!(name));
        wish["email"] = json!(format!("ana{number}@example.com"));
        let signed_up = owner.post("/api/v1/partners", wish).await.expect(201);
        assert_eq!(signed_up["member"]["name"], name);
        assert_eq!(owner.get("/api/v1/member-sessions/current").await.expect(200), signed_up);
    }
    let longest = format!("{}@{}.example.com", "a".repeat(64), "b".repeat(177));
    assert_eq!(longest.len(), 254);
    assert_eq!(sign_up(&mut house.console(), &longest).await.expect(201)["member"]["email"], longest);
}

async fn bodies_that_are_no_form_are_refused(engine: EngineKind) {
    let (house, _, _) = with_app(engine).await;
    let mut user = house.app("verde");
    let huge = json!({ "email": "a".repeat(300_000), "password": PASSWORD }).to_string();
    for (kind, body, code) in [
        (Some("application/json"), huge.as_str(), (413, "request.too_large")),
        (Some("application/json"), "{\"email\":", (400, "request.malformed")),
        (Some("application/json"), "[]", (400, "request.malformed")),
        (
            Some("application/json"),
            "{\"email\":\"a@b.co\",\"password\":\"x\",\"admin\":true}",
            (422, "request.invalid"),
        ),
        (Some("text/plain"), "{}", (415, "request.media_type")),
        (None, "", (415, "request.media_type")),
    ] {
        let refused = user.send_bytes(Method::POST, "/api/v1/sessions", kind, body.as_bytes().to_vec()).await;
        assert_eq!(refused.problem(), (code.0, code.1.to_owned()));
    }
}
