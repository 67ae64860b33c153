//! Paths, queries, headers, methods and hosts that no page of ours would send.

use super::description::{Description, Operation};
use super::examples::{Scene, Who, is_of_apps};
use crate::kits::{KITS, Kit};
use axum::http::Method;
use slipway_testkit::{EngineKind, TestClient, TestReply, on_both_engines};
use std::collections::{BTreeMap, BTreeSet};

on_both_engines!(
    what_is_no_id_names_nothing,
    every_parameter_of_a_query_is_limited_and_named,
    headers_are_no_way_in,
    a_method_that_is_not_taken_is_told_what_is,
    every_host_but_ours_is_unknown,
);

/// What may stand in a path instead of an id.
fn no_ids() -> Vec<String> {
    let mut texts: Vec<_> = [
        "x",
        "0",
        "-1",
        "null",
        "undefined",
        "app_",
        "usr_01h455vb4pex5vsknk084sn02q",
        "app_01H455VB4PEX5VSKNK084SN02Q",
        "app_81h455vb4pex5vsknk084sn02q",
        "app_01h455vb4pex5vsknk084sn02",
        "%00",
        "a%00b",
        "%ff%fe",
        "%",
        "%zz",
        "%2e%2e",
        "..%2f..%2f..%2fetc%2fpasswd",
        "..%5c..%5cboot.ini",
        "%F0%9F%92%A9",
        "%E2%80%AE",
        "%0d%0aSet-Cookie:%20a=b",
        "'%20OR%20'1'='1",
        "%3Cscript%3E",
        "*",
        "a;b=c",
        "%25%30%30",
        "~",
        "CON",
        "%E2%80%A6.png",
        ".png",
        "..png",
        "0000000000000000000000000000000000000000000000000000000000000000",
        "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF",
    ]
    .map(str::to_owned)
    .to_vec();
    texts.extend(
        ["app", "mem", "pln", "brd", "rel", "bld"]
            .map(|prefix| format!("{prefix}_01h455vb4pex5vsknk084sn02q")),
    );
    texts.push("a".repeat(3_000));
    texts.push("%C3%A9".repeat(1_000));
    texts
}

async fn what_is_no_id_names_nothing(engine: EngineKind) {
    let description = Description::read();
    let mut scene = Scene::set(engine).await;
    for operation in &description.operations {
        let named: Vec<_> = operation.path.split('/').filter(|part| part.starts_with('{')).collect();
        if named.is_empty() {
            continue;
        }
        let mut client = enter(&mut scene, operation).await;
        let body = scene.example(operation).map(|(_, body)| body);
        for name in named {
            let position = operation.path.split('/').position(|part| part == name).unwrap();
            for text in no_ids() {
                let filled = scene.filled(operation);
                let mut parts: Vec<_> = filled.split('/').collect();
                parts[position] = &text;
                let path = parts.join("/");
                scene.siege.pause();
                let method: Method = operation.method.parse().unwrap();
                let reply = client.send(method, &path, body.clone()).await;
                let what = format!("{} {} with {name} = {text:.60}", operation.method, operation.path);
                // Whether a slug can be had is asked about any text at all.
                let is_asked = operation.path == "/api/v1/slugs/{slug}" && reply.status == 200;
                assert!(is_asked || reply.status == 404 || reply.status == 400, "{what}: {}", show(&reply));
                scene.siege.judge(&what, &reply).await;
            }
        }
    }
    assert!(scene.siege.requests > 1_000, "only {} requests were sent", scene.siege.requests);
}

async fn every_parameter_of_a_query_is_limited_and_named(engine: EngineKind) {
    let description = Description::read();
    let mut scene = Scene::set(engine).await;
    let long = "a".repeat(20_000);
    let values = [
        "",
        "0",
        "-1",
        "101",
        "999999999999",
        "18446744073709551616",
        "1.5",
        "1e2",
        "abc",
        "%00",
        "%ff",
        "+5",
        "null",
        "mem_01H455VB4PEX5VSKNK084SN02Q",
        "usr_01h455vb4pex5vsknk084sn02q",
        "'%20OR%201=1",
        "%F0%9F%92%A9",
        "[]",
        &long,
    ];
    let mut swept = BTreeSet::new();
    for operation in description.operations.iter().filter(|operation| operation.method == "GET") {
        let mut client = enter(&mut scene, operation).await;
        let path = scene.filled(operation);
        for name in &operation.query {
            swept.insert(name.clone());
            let mut queries: Vec<_> = values.iter().map(|value| format!("{name}={value}")).collect();
            queries.push(format!("{name}=5&{name}=6"));
            queries.push(name.clone());
            for query in queries {
                scene.siege.pause();
                let reply = client.get(&format!("{path}?{query}")).await;
                let what = format!("{path}?{query:.80}");
                assert_eq!(reply.problem(), (422, "request.invalid".to_owned()), "{what}: {}", show(&reply));
                assert_eq!(&reply.fields()[0].0, name, "{what}");
                scene.siege.judge(&what, &reply).await;
            }
        }
        for query in ["colour=red", "&&&", "=", "%00=%00", "limit[]=5&after[x]=1", "%ff", &long] {
            scene.siege.pause();
            let reply = client.get(&format!("{path}?{query}")).await;
            let what = format!("{path}?{query:.80}");
            assert!(reply.status.is_success() || reply.status.is_client_error(), "{what}: {}", show(&reply));
            scene.siege.judge(&what, &reply).await;
        }
    }
    assert_eq!(swept.into_iter().collect::<Vec<_>>(), ["after", "limit", "request_id"]);
}

async fn headers_are_no_way_in(engine: EngineKind) {
    let description = Description::read();
    let mut scene = Scene::set(engine).await;
    let (long, longer) = ("a".repeat(8_192), "b=1; ".repeat(13_000));
    let keys = ["", " ", "two words", "ñandú", &"k".repeat(81), &long, "a\tb"];
    let mut swept = BTreeSet::new();
    for operation in description.operations.iter().filter(|operation| !operation.headers.is_empty()) {
        let client = enter(&mut scene, operation).await;
        let method: Method = operation.method.parse().unwrap();
        for name in &operation.headers {
            swept.insert(name.clone());
            for value in keys {
                let body = scene.example(operation).map(|(_, body)| body);
                scene.siege.pause();
                let mut sender = client.clone().with_header(&name.to_lowercase(), value);
                let reply = sender.send(method.clone(), &scene.filled(operation), body).await;
                let what = format!("{method} {} with {name}: {value:.40}", operation.path);
                if name == "Idempotency-Key" {
                    assert_eq!(
                        reply.problem(),
                        (400, "request.idempotency_key_malformed".to_owned()),
                        "{what}"
                    );
                }
                scene.siege.judge(&what, &reply).await;
            }
        }
    }
    assert_eq!(swept.into_iter().collect::<Vec<_>>(), ["Idempotency-Key", "Last-Event-ID"]);
    for id in ["-1", "4294967296", "99999999999999999999", "0x10", "a,b"] {
        let events = format!("/api/v1/apps/{}/builds/{}/events", scene.material.app, scene.material.build);
        let mut client = scene.client(Who::Owner).await.with_header("last-event-id", id);
        let reply = client.get(&events).await;
        assert_eq!(reply.status, 200, "Last-Event-ID: {id}");
        assert!(
            String::from_utf8_lossy(&reply.bytes).contains("event: done"),
            "an id that is none begins anew: {id}"
        );
    }
    let strange = [
        ("cookie", "__Host-member=x; =; ;; a"),
        ("cookie", "__Host-member"),
        ("cookie", "\"quoted=\\\""),
        ("cookie", "ñ=ñ"),
        ("cookie", &longer),
        ("x-csrf-token", "ñ"),
        ("x-csrf-token", &long),
        ("authorization", "Bearer x"),
        ("accept", "nonsense"),
        ("accept-encoding", "zstd;q=9"),
        ("range", "bytes=9-1"),
        ("if-none-match", &long),
        ("x-forwarded-for", "not an address, 1.2.3.4"),
        ("x-forwarded-host", "evil.example"),
        ("x-http-method-override", "DELETE"),
        ("sec-fetch-site", "cross-site"),
        ("x-huge", &"h".repeat(65_536)),
        ("expect", "100-continue"),
        ("content-length", "-5"),
        ("transfer-encoding", "identity"),
        ("origin", "null"),
    ];
    for (name, value) in strange {
        for path in ["/api/v1/partner", "/api/v1/app", "/theme.css"] {
            let mut visitor = scene.visitor(path).with_header(name, value);
            scene.siege.pause();
            let reply = visitor.get(path).await;
            let what = format!("GET {path} with {name}: {value:.40}");
            assert_eq!(
                reply.status,
                if path == "/api/v1/partner" { 401 } else { 200 },
                "{what}: {}",
                show(&reply)
            );
            scene.siege.judge(&what, &reply).await;
        }
    }
    for token in ["", "x", "ñ", &long, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
        let mut owner =
            scene.client(Who::Owner).await.with_csrf_token(None).with_header("x-csrf-token", token);
        let reply = owner.patch("/api/v1/partner", serde_json::json!({ "name": "Stolen" })).await;
        assert_eq!(reply.problem(), (403, "session.csrf_token_wrong".to_owned()), "{token:.20}");
        scene.siege.judge("a wrong token", &reply).await;
    }
}

async fn a_method_that_is_not_taken_is_told_what_is(engine: EngineKind) {
    let description = Description::read();
    let mut scene = Scene::set(engine).await;
    let mut paths: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for operation in &description.operations {
        paths.entry(&operation.path).or_default().push(&operation.method);
    }
    let mut owner = scene.client(Who::Owner).await;
    let mut users = BTreeMap::new();
    for kit in KITS {
        users.insert(kit.name, scene.client_at(Who::User, &kit.path("/")).await);
    }
    for (path, taken) in paths {
        let operation = description.operations.iter().find(|operation| operation.path == path).unwrap();
        let user = users.get_mut(Kit::of(path).name).unwrap();
        let client = if is_of_apps(path) { user } else { &mut owner };
        let filled = scene.filled(operation);
        for method in
            ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "get"]
        {
            if taken.contains(&method) {
                continue;
            }
            scene.siege.house.clock().advance(std::time::Duration::from_millis(200));
            let reply = client.send(Method::from_bytes(method.as_bytes()).unwrap(), &filled, None).await;
            let what = format!("{method} {path}");
            // Two paths of one shape may share a place: `/members/me/password` is no member.
            assert_eq!(
                reply.problem(),
                (405, "request.method_not_allowed".to_owned()),
                "{what}: {}",
                show(&reply)
            );
            let allowed =
                reply.headers.get("allow").unwrap_or_else(|| panic!("{what}: no Allow")).to_str().unwrap();
            let allowed: Vec<_> = allowed.split(',').map(str::trim).collect();
            assert!(taken.iter().all(|method| allowed.contains(method)), "{what}: Allow: {allowed:?}");
            scene.siege.judge(&what, &reply).await;
        }
        if taken.contains(&"GET") && !path.ends_with("/events") {
            let (head, get) = (client.send(Method::HEAD, &filled, None).await, client.get(&filled).await);
            assert_eq!(head.status, get.status, "HEAD {path}");
            assert!(head.bytes.is_empty(), "HEAD {path} has a body");
        }
    }
}

async fn every_host_but_ours_is_unknown(engine: EngineKind) {
    let mut scene = Scene::set(engine).await;
    let long = format!("{}.localhost", "a".repeat(300));
    let labels = format!("{}localhost", "a.".repeat(120));
    let unknown = (404, "request.unknown_host".to_owned());
    for host in [
        None,
        Some(""),
        Some("evil.example"),
        Some("azul.localhost"),
        Some("a.verde.localhost"),
        Some("127.0.0.1"),
        Some("127.0.0.1:8080"),
        Some("[::1]"),
        Some("[::1]:8080"),
        Some("::1"),
        Some("xn--verd-cpa.localhost"),
        Some("vérde.localhost"),
        Some("localhost.evil.example"),
        Some("verdelocalhost"),
        Some(".localhost"),
        Some("..localhost"),
        Some("verde..localhost"),
        Some("-.localhost"),
        Some("*.localhost"),
        Some("verde.localhost, localhost"),
        Some("verde.localhost/../"),
        Some("user@verde.localhost"),
        Some("verde.localhost\\"),
        Some("verde%00.localhost"),
        Some("."),
        Some(":"),
        Some(":8080"),
        Some(&long),
        Some(&labels),
        Some("verde.localhost#"),
        Some("LOCALHOST.example"),
    ] {
        for path in ["/", "/api/v1/app", "/api/v1/kits", "/theme.css", "/.well-known/assetlinks.json"] {
            scene.siege.pause();
            let reply = scene.siege.house.console().with_host(host).get(path).await;
            let what = format!("{host:.60?}{path}");
            assert_eq!(reply.problem(), unknown, "{what}");
            scene.siege.judge(&what, &reply).await;
        }
    }
    for host in [
        "verde.localhost",
        "VERDE.LocalHost:8080",
        "verde.localhost.",
        "verde.localhost.:8080",
        "verde.localhost:1",
    ] {
        let reply = scene.siege.house.console().with_host(Some(host)).get("/api/v1/app").await;
        assert_eq!(reply.expect(200)["name"], "verde", "{host}");
    }
    // A name that looks like ours at another port is another origin to a browser.
    let mut foreign =
        scene.client(Who::Owner).await.with_host(Some("localhost:1")).from_origin(Some("http://localhost:1"));
    let reply = foreign.patch("/api/v1/partner", serde_json::json!({ "name": "Stolen" })).await;
    assert_eq!(reply.problem(), (403, "request.foreign_origin".to_owned()));
    scene.siege.judge("another port", &reply).await;
}

async fn enter(scene: &mut Scene, operation: &Operation) -> TestClient {
    let who = if is_of_apps(&operation.path) { Who::User } else { Who::Owner };
    scene.client_at(who, &operation.path).await
}

fn show(reply: &TestReply) -> String {
    format!("{} {:.400}", reply.status, String::from_utf8_lossy(&reply.bytes))
}
