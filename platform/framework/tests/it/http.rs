//! The stack that every request passes, with a module in miniature behind it.

use axum::extract::State;
use axum::http::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use slipway_framework::db::DbError;
use slipway_framework::http::{
    Body, Fields, Hosts, IdempotencyHeader, Problem, RequestContext, Tenant, once,
};
use slipway_framework::kit::{KitCard, LegalIdentity, LegalText, LegalTexts};
use slipway_framework::module::{Module, Routes};
use slipway_framework::platform::Platform;
use slipway_framework::scope::{Actor, AppScope};
use slipway_kernel::{AccountId, AppId, PartnerId};
use slipway_testkit::{EngineKind, TestClient, TestHouse, on_both_engines};
use std::future::ready;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use utoipa::ToSchema;
use utoipa_axum::routes;

on_both_engines!(a_repeated_request_is_answered_from_store);

#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NoteIn {
    title: String,
    size: Size,
}

#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Size {
    lines: u8,
}

#[utoipa::path(post, path = "/api/v1/notes", request_body = NoteIn, responses((status = 201)))]
async fn create(
    State(platform): State<Platform>,
    context: RequestContext,
    key: IdempotencyHeader,
    body: Body<NoteIn>,
) -> Result<axum::response::Response, Problem> {
    let mut fields = Fields::new();
    let title = fields.take("title", (body.value.title.len() < 10).then_some(()).ok_or("is too long"));
    let lines = fields.take("size.lines", (body.value.size.lines < 10).then_some(()).ok_or("are too many"));
    fields.finish(title.and(lines))?;
    let scope = AppScope::new(AppId::from_bits(1), context.cause(Actor::Account(AccountId::from_bits(1))));
    once(platform.db(), &scope, key, body.hash, move |tx| Ok(json!({ "made_at": tx.now() }))).await
}

#[utoipa::path(get, path = "/api/v1/panic", responses((status = 200)))]
async fn panics() -> &'static str {
    panic!("the password is hunter2")
}

#[utoipa::path(get, path = "/api/v1/broken", responses((status = 200)))]
async fn broken() -> Result<(), Problem> {
    Err(DbError::Broken("table secrets has no column".to_owned()).into())
}

#[utoipa::path(get, path = "/api/v1/address", responses((status = 200)))]
async fn address(context: RequestContext) -> String {
    context.address.to_string()
}

#[utoipa::path(get, path = "/hello", responses((status = 200)))]
async fn hello() -> &'static str {
    "hello"
}

fn service_routes() -> Routes {
    Routes::new()
        .routes(routes!(create))
        .routes(routes!(panics))
        .routes(routes!(broken))
        .routes(routes!(address))
}

fn console_routes() -> Routes {
    Routes::new().routes(routes!(hello))
}

fn kit_routes() -> Routes {
    Routes::new().routes(routes!(hello))
}

/// Knows three apps by name.
#[derive(Debug)]
struct ThreeApps;

impl Hosts for ThreeApps {
    fn find<'a>(
        &'a self,
        _: &'a Platform,
        host: &'a str,
    ) -> Pin<Box<dyn Future<Output = Result<Option<Arc<Tenant>>, Arc<DbError>>> + Send + 'a>> {
        let tenant = |number, kit: &str, suspended| {
            let (app, partner) = (AppId::from_bits(number), PartnerId::from_bits(1));
            Some(Arc::new(Tenant { app, partner, kit: kit.to_owned(), suspended }))
        };
        Box::pin(ready(match host {
            "verde.localhost" => Ok(tenant(1, "meals", false)),
            "monstera.localhost" => Ok(tenant(2, "plants", false)),
            "asleep.localhost" => Ok(tenant(3, "meals", true)),
            "down.localhost" => Err(Arc::new(DbError::Broken("the file is gone".to_owned()))),
            _ => Ok(None),
        }))
    }
}

fn no_texts(_: &LegalIdentity) -> LegalTexts {
    let text = LegalText {
        title: String::new(),
        version: String::new(),
        updated: String::new(),
        sections: Vec::new(),
    };
    LegalTexts { terms: text.clone(), privacy: text.clone(), disclaimers: text }
}

fn house(engine: EngineKind) -> TestHouse {
    let card = KitCard { title: "Meals", summary: "", features: &[], legal: no_texts, legal_version: "1" };
    TestHouse::of(
        engine,
        [
            Module::named("hosts").hosts(Arc::new(ThreeApps)),
            Module::named("notes").app(service_routes).console(console_routes),
            Module::named("meals").app(kit_routes).kit(card),
        ],
    )
}

fn embedded() -> TestHouse {
    house(EngineKind::Sqlite)
}

async fn a_repeated_request_is_answered_from_store(engine: EngineKind) {
    let house = house(engine);
    let mut client = house.app("verde").with_header("idempotency-key", "attempt-1");
    let note = json!({ "title": "note", "size": { "lines": 1 } });
    let first = client.post("/api/v1/notes", note.clone()).await;
    house.clock().advance(Duration::from_secs(5));
    let second = client.post("/api/v1/notes", note).await;
    assert_eq!(second.headers.get("idempotent-replayed").unwrap(), "true");
    assert_eq!(first.expect(201), second.expect(201));
    let other = json!({ "title": "other", "size": { "lines": 1 } });
    let refused = client.post("/api/v1/notes", other).await.problem();
    assert_eq!(refused, (422, "request.idempotency_key_reused".to_owned()));
    let mut spaced = house.app("verde").with_header("idempotency-key", "two words");
    let refused =
        spaced.post("/api/v1/notes", json!({ "title": "a", "size": { "lines": 1 } })).await.problem();
    assert_eq!(refused, (400, "request.idempotency_key_malformed".to_owned()));
}

#[tokio::test]
async fn a_host_finds_its_app_or_a_clear_answer() {
    let house = embedded();
    for (slug, path, status, code) in [
        ("verde", "/api/v1/meals/hello", 200, ""),
        ("VERDE", "/api/v1/meals/hello", 200, ""),
        ("monstera", "/api/v1/meals/hello", 404, "request.not_found"),
        ("asleep", "/api/v1/meals/hello", 503, "app.suspended"),
        ("nobody", "/api/v1/meals/hello", 404, "request.unknown_host"),
        ("down", "/api/v1/meals/hello", 500, "platform.internal"),
        ("verde", "/api/v1/hello", 404, "request.no_such_route"),
        ("verde", "/api/nothing", 404, "request.no_such_route"),
        ("verde", "/api", 404, "request.no_such_route"),
        ("verde", "/nothing", 404, "request.no_such_route"),
        ("verde", "/../../etc/passwd", 404, "request.no_such_route"),
    ] {
        assert_eq!(house.app(slug).get(path).await.problem(), (status, code.to_owned()), "{slug} {path}");
    }
    assert_eq!(house.console().get("/api/v1/hello").await.status, 200);
    assert_eq!(
        house.console().get("/api/v1/address").await.problem().0,
        404,
        "an app's route is not the console's"
    );
}

#[tokio::test]
async fn people_get_a_page_where_programs_get_a_problem() {
    let house = embedded();
    let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
    let visit = |slug: &str| house.app(slug).with_header("accept", browser);
    let reply = visit("nobody").get("/plans").await;
    let html = String::from_utf8(reply.bytes.clone()).unwrap();
    assert_eq!(reply.status, 404);
    assert!(
        html.starts_with("<!doctype html>") && html.contains("No app answers at this address."),
        "{html}"
    );
    assert!(html.contains(reply.headers.get("x-request-id").unwrap().to_str().unwrap()), "{html}");
    let policy = reply.headers.get("content-security-policy").unwrap().to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
    assert_eq!(reply.headers.get("cache-control").unwrap(), "no-store");
    let hostile = visit("verde").get("/%3Cscript%3Ealert(1)%3C/script%3E").await;
    let html = String::from_utf8(hostile.bytes.clone()).unwrap();
    assert!(hostile.status == 404 && !html.contains("<script"), "{html}");
    assert_eq!(visit("nobody").get("/api/v1/app").await.problem(), (404, "request.unknown_host".to_owned()));
    assert_eq!(house.app("nobody").get("/plans").await.problem(), (404, "request.unknown_host".to_owned()));
}

#[tokio::test]
async fn a_wrong_method_is_told_the_right_one() {
    let reply = embedded().app("verde").delete("/api/v1/notes").await;
    assert_eq!(reply.problem(), (405, "request.method_not_allowed".to_owned()));
    assert_eq!(reply.headers.get("allow").unwrap(), "POST");
}

#[tokio::test]
async fn our_own_faults_say_nothing_but_the_request_id() {
    let house = embedded();
    for path in ["/api/v1/panic", "/api/v1/broken"] {
        let reply = house.app("verde").get(path).await;
        let text = String::from_utf8(reply.bytes.clone()).unwrap();
        assert!(!text.contains("hunter2") && !text.contains("secrets"), "{text}");
        assert_eq!(reply.headers.get("x-request-id").unwrap().to_str().unwrap(), reply.json()["request_id"]);
        assert_eq!(reply.problem(), (500, "platform.internal".to_owned()));
    }
}

#[tokio::test]
async fn a_body_that_is_not_right_is_told_where_and_why() {
    let house = embedded();
    let mut client = house.app("verde");
    let json = Some("application/json");
    let deep = "[".repeat(10_000);
    for (kind, body, status, code) in [
        (None, "{}", 415, "request.media_type"),
        (Some("text/plain"), "{}", 415, "request.media_type"),
        (json, "", 400, "request.malformed"),
        (json, "{", 400, "request.malformed"),
        (json, deep.as_str(), 400, "request.malformed"),
        (json, "{} {}", 400, "request.malformed"),
        (json, "null", 400, "request.malformed"),
        (json, "\u{feff}{}", 400, "request.malformed"),
        (json, &" ".repeat(256 * 1024 + 1), 413, "request.too_large"),
    ] {
        let reply = client.send_bytes(Method::POST, "/api/v1/notes", kind, body.as_bytes().to_vec()).await;
        assert_eq!(reply.problem(), (status, code.to_owned()), "{kind:?} {:?}", body.get(..20));
    }
    let invalid_utf8 =
        client.send_bytes(Method::POST, "/api/v1/notes", json, b"{\"title\":\"\xff\"}".to_vec()).await;
    assert_eq!(invalid_utf8.problem().0, 400);
    let mut packed = client.with_header("content-encoding", "gzip");
    assert_eq!(
        packed.post("/api/v1/notes", json!({})).await.problem(),
        (415, "request.media_type".to_owned())
    );
}

#[tokio::test]
async fn every_wrong_field_is_named() {
    let house = embedded();
    let mut client = house.app("verde");
    let long = "this title is long";
    for (body, fields) in [
        (json!({ "title": "a", "size": { "lines": 300 } }), vec!["size.lines"]),
        (json!({ "title": "a", "size": { "lines": -1 } }), vec!["size.lines"]),
        (json!({ "title": "a", "size": { "lines": 1.5 } }), vec!["size.lines"]),
        (json!({ "title": 7, "size": { "lines": 1 } }), vec!["title"]),
        (json!({ "title": null, "size": { "lines": 1 } }), vec!["title"]),
        (json!({ "title": "a\0", "size": { "lines": 1 } }), vec!["title"]),
        (json!({ "title": "a", "size": { "lines": 1, "width": 2 } }), vec!["size.width"]),
        (json!({ "title": long, "size": { "lines": 99 } }), vec!["title", "size.lines"]),
        (json!({ "name": "a", "size": { "lines": "1" } }), vec!["size.lines", "title", "name"]),
        (json!({}), vec!["size", "title"]),
    ] {
        let reply = client.post("/api/v1/notes", body.clone()).await;
        assert_eq!(reply.problem(), (422, "request.invalid".to_owned()), "{body}");
        let named: Vec<_> = reply.fields().into_iter().map(|(field, _)| field).collect();
        assert_eq!(named, fields, "{body}");
    }
    let both = client.post("/api/v1/notes", json!({ "title": long, "size": { "lines": 99 } })).await.json();
    assert_eq!(both["detail"], "2 fields are not right.");
    assert_eq!(both["errors"][0], json!({ "field": "title", "message": "Is too long." }));
}

#[tokio::test]
async fn a_changing_request_comes_from_the_same_origin() {
    let house = embedded();
    let note = || json!({ "title": "a", "size": { "lines": 1 } });
    let with_cookie = |client: TestClient| client.with_header("cookie", "anything=1");
    let foreign = (403, "request.foreign_origin".to_owned());
    for origin in
        ["http://localhost:8080", "http://monstera.localhost:8080", "https://verde.localhost:8080", "null"]
    {
        let mut client = house.app("verde").from_origin(Some(origin));
        assert_eq!(client.post("/api/v1/notes", note()).await.problem(), foreign, "{origin}");
        assert_eq!(client.get("/api/v1/address").await.status, 200, "reading changes nothing");
    }
    assert_eq!(
        with_cookie(house.app("verde").from_origin(None)).post("/api/v1/notes", note()).await.problem(),
        foreign
    );
    assert_eq!(house.app("verde").from_origin(None).post("/api/v1/notes", note()).await.status, 201);
}

#[tokio::test]
async fn every_answer_carries_the_security_headers() {
    let house = embedded();
    let answers = [
        house.app("verde").get("/api/v1/address").await,
        house.app("verde").get("/api/v1/panic").await,
        house.app("verde").get("/nothing").await,
        house.app("nobody").get("/").await,
        house.app("verde").post("/api/v1/notes", Value::Null).await,
    ];
    for reply in answers {
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "strict-origin-when-cross-origin"),
            ("cache-control", "no-store"),
            ("cross-origin-opener-policy", "same-origin"),
        ] {
            assert_eq!(reply.headers.get(name).unwrap(), value, "{name} of {}", reply.status);
        }
        let policy = reply.headers.get("content-security-policy").unwrap().to_str().unwrap();
        assert!(
            policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
            "{policy}"
        );
    }
}

#[tokio::test]
async fn who_asks_too_often_waits() {
    let house = embedded();
    for (mut client, allowed, wait_s) in
        [(house.app("verde").as_program(), 100, 36), (house.app("verde"), 120, 1)]
    {
        for count in 0..allowed {
            assert_eq!(client.get("/api/v1/address").await.status, 200, "request {count} of {allowed}");
        }
        let refused = client.get("/api/v1/address").await;
        assert_eq!(refused.problem(), (429, "request.rate_limited".to_owned()));
        assert_eq!(refused.headers.get("retry-after").unwrap(), &wait_s.to_string());
        assert_eq!(client.get("/nothing").await.status, 404, "pages are counted apart");
        house.clock().advance(Duration::from_secs(wait_s));
        assert_eq!(client.get("/api/v1/address").await.status, 200, "after the wait");
    }
}

#[tokio::test]
async fn the_house_can_be_described() {
    let text = embedded().assembly().describe().unwrap();
    assert!(
        text.contains("service notes\n  route console GET /hello\n  route app GET /api/v1/address\n"),
        "{text}"
    );
    assert!(text.contains("kit meals\n  route app GET /hello\n"), "{text}");
    let described = embedded().assembly().openapi();
    let paths: Vec<_> = described.paths.paths.keys().cloned().collect();
    assert!(
        paths.contains(&"/api/v1/meals/hello".to_owned()) && paths.contains(&"/api/v1/hello".to_owned()),
        "{paths:?}"
    );
}
