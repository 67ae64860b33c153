//! Every route refuses everybody it is not for. A route that is not listed here fails the sweep (P-AUTH-14, P-API-01).

use crate::kits::{KITS, Kit};
use crate::people::{app_of, house, member, owner, user};
use axum::http::Method;
use serde_json::json;
use slipway_testkit::{EngineKind, TestClient, TestReply, on_both_engines};
use std::collections::BTreeMap;

on_both_engines!(
    every_route_is_listed_and_refuses_everybody_else,
    a_session_is_worth_nothing_at_another_origin,
    a_paused_app_shows_its_face_and_nothing_else,
);

/// Whom a route is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum For {
    Anybody,
    /// An app's signed-in user.
    Account,
    Viewer,
    Builder,
    Admin,
    Owner,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    Console,
    App,
}

use At::{App, Console};
use For::{Account, Admin, Anybody, Builder, Owner, Viewer};

/// The routes of the services; a kit's stand in its file of `kits/`.
const ROUTES: &[(&str, &str, At, For)] = &[
    ("GET", "/api/v1/kits", Console, Viewer),
    ("GET", "/api/v1/slugs/{slug}", Console, Viewer),
    ("GET", "/api/v1/partner", Console, Viewer),
    ("GET", "/api/v1/partner/quotas", Console, Viewer),
    ("PATCH", "/api/v1/partner", Console, Admin),
    ("POST", "/api/v1/partners", Console, Anybody),
    ("GET", "/api/v1/members", Console, Viewer),
    ("POST", "/api/v1/members", Console, Admin),
    ("PATCH", "/api/v1/members/{member}", Console, Admin),
    ("DELETE", "/api/v1/members/{member}", Console, Admin),
    ("POST", "/api/v1/members/me/password", Console, Viewer),
    ("POST", "/api/v1/member-sessions", Console, Anybody),
    ("DELETE", "/api/v1/member-sessions", Console, Viewer),
    ("GET", "/api/v1/member-sessions/current", Console, Viewer),
    ("DELETE", "/api/v1/member-sessions/current", Console, Viewer),
    ("GET", "/api/v1/apps", Console, Viewer),
    ("POST", "/api/v1/apps", Console, Builder),
    ("GET", "/api/v1/apps/{app}", Console, Viewer),
    ("DELETE", "/api/v1/apps/{app}", Console, Owner),
    ("POST", "/api/v1/apps/{app}/suspend", Console, Admin),
    ("POST", "/api/v1/apps/{app}/resume", Console, Admin),
    ("GET", "/api/v1/apps/{app}/audit", Console, Viewer),
    ("GET", "/api/v1/apps/{app}/install", Console, Viewer),
    ("GET", "/api/v1/apps/{app}/brands", Console, Viewer),
    ("POST", "/api/v1/apps/{app}/brands", Console, Builder),
    ("POST", "/api/v1/apps/{app}/brands/{brand}/approve", Console, Admin),
    ("GET", "/api/v1/apps/{app}/releases", Console, Viewer),
    ("POST", "/api/v1/apps/{app}/releases", Console, Builder),
    ("POST", "/api/v1/apps/{app}/releases/{release}/rollback", Console, Builder),
    ("POST", "/api/v1/apps/{app}/releases/{release}/rebuild", Console, Builder),
    ("GET", "/api/v1/apps/{app}/releases/{release}/artefacts/{sha256}", Console, Viewer),
    ("GET", "/api/v1/apps/{app}/builds/{build}", Console, Viewer),
    ("GET", "/api/v1/apps/{app}/builds/{build}/events", Console, Viewer),
    ("POST", "/api/v1/apps/{app}/builds/{build}/cancel", Console, Builder),
    ("POST", "/api/v1/apps/{app}/builds/{build}/retry", Console, Builder),
    ("GET", "/api/v1/apps/{app}/signing-key", Console, Viewer),
    ("POST", "/api/v1/apps/{app}/signing-key/export", Console, Owner),
    ("PUT", "/api/v1/apps/{app}/signing-key/play-fingerprint", Console, Owner),
    ("POST", "/api/v1/logos", Console, Builder),
    ("GET", "/api/v1/logos/{hash}/previews/{name}", Console, Viewer),
    ("POST", "/api/v1/colour-checks", Console, Viewer),
    ("GET", "/api/v1/app", App, Anybody),
    ("GET", "/api/v1/legal-documents/{document}", App, Anybody),
    ("GET", "/theme.css", App, Anybody),
    ("GET", "/manifest.webmanifest", App, Anybody),
    ("GET", "/favicon.ico", App, Anybody),
    ("GET", "/icons/{name}", App, Anybody),
    ("GET", "/.well-known/assetlinks.json", App, Anybody),
    ("POST", "/api/v1/accounts", App, Anybody),
    ("DELETE", "/api/v1/accounts/me", App, Account),
    ("POST", "/api/v1/accounts/me/password", App, Account),
    ("POST", "/api/v1/sessions", App, Anybody),
    ("DELETE", "/api/v1/sessions", App, Account),
    ("GET", "/api/v1/sessions/current", App, Account),
    ("DELETE", "/api/v1/sessions/current", App, Account),
    ("POST", "/api/v1/legal-acceptances", App, Account),
];

/// Every route there is.
fn routes() -> Vec<(&'static str, String, At, For)> {
    let services = ROUTES.iter().map(|(method, path, at, whom)| (*method, (*path).to_owned(), *at, *whom));
    let of_kit = |kit: &'static Kit| {
        kit.routes.iter().map(|(method, below, whom)| (*method, kit.path(below), App, *whom))
    };
    services.chain(KITS.iter().flat_map(of_kit)).collect()
}

/// The routes as the API description lists them.
fn described() -> Vec<(String, String)> {
    let described = serde_json::to_value(slipway_server::assembly().openapi()).unwrap();
    let paths = described["paths"].as_object().unwrap();
    let methods = ["get", "put", "post", "delete", "patch", "head", "options", "trace"];
    let operations = paths.iter().flat_map(|(path, item)| {
        let present = item.as_object().unwrap().keys().filter(|key| methods.contains(&key.as_str()));
        present.map(|method| (method.to_uppercase(), path.clone())).collect::<Vec<_>>()
    });
    operations.collect()
}

/// A path with well-formed ids of nothing.
fn filled(path: &str) -> String {
    let parts = path.split('/').map(|part| match part {
        "{app}" => "app_01h455vb4pex5vsknk084sn02q",
        "{member}" => "mem_01h455vb4pex5vsknk084sn02q",
        "{brand}" => "brd_01h455vb4pex5vsknk084sn02q",
        "{release}" => "rel_01h455vb4pex5vsknk084sn02q",
        "{build}" => "bld_01h455vb4pex5vsknk084sn02q",
        "{hash}" | "{sha256}" => "0000000000000000000000000000000000000000000000000000000000000000",
        "{name}" => "circle.png",
        "{document}" => "terms",
        "{slug}" => "verde",
        other => {
            let thing = Kit::of(path).things.iter().find(|thing| thing.parameter == other);
            thing.map_or(other, |thing| thing.nothing)
        }
    });
    parts.collect::<Vec<_>>().join("/")
}

async fn call(client: &mut TestClient, method: &str, path: &str) -> TestReply {
    let method: Method = method.parse().unwrap();
    let body = (!method.is_safe()).then(|| json!({}));
    client.send(method, &filled(path), body).await
}

async fn every_route_is_listed_and_refuses_everybody_else(engine: EngineKind) {
    let routes = routes();
    let listed: Vec<_> =
        routes.iter().map(|(method, path, ..)| ((*method).to_owned(), path.clone())).collect();
    let unlisted: Vec<_> = described().into_iter().filter(|route| !listed.contains(route)).collect();
    assert!(unlisted.is_empty(), "say in ROUTES or in the kit's file whom these are for: {unlisted:?}");
    let gone: Vec<_> = listed.into_iter().filter(|route| !described().contains(route)).collect();
    assert!(gone.is_empty(), "these are listed and do not exist: {gone:?}");

    let house = house(engine);
    let mut owner = owner(&house, "harbour").await;
    let mut roles = BTreeMap::new();
    for (role, name) in [(For::Viewer, "viewer"), (For::Builder, "builder"), (For::Admin, "admin")] {
        roles.insert(role, member(&house, &mut owner, name).await);
    }
    for (method, path, _, whom) in routes.iter().filter(|(_, _, at, _)| *at == Console) {
        let mut anonymous = house.console();
        let reply = call(&mut anonymous, method, path).await;
        if *whom == Anybody {
            assert_ne!(reply.status, 401, "{method} {path} is for anybody");
            continue;
        }
        assert_eq!(
            reply.problem(),
            (401, "session.required".to_owned()),
            "{method} {path} without a session"
        );
        for (role, client) in roles.iter_mut().filter(|(role, _)| *role < whom) {
            let reply = call(client, method, path).await;
            assert_eq!(reply.problem(), (403, "members.forbidden".to_owned()), "{method} {path} as {role:?}");
        }
        if *method != "GET" {
            let mut forged = house.console().with_session_of(&owner).with_csrf_token(None);
            assert_eq!(
                call(&mut forged, method, path).await.status,
                403,
                "{method} {path} without the token"
            );
            let mut foreign =
                house.console().with_session_of(&owner).from_origin(Some("http://verde.localhost:8080"));
            let reply = call(&mut foreign, method, path).await;
            assert_eq!(
                reply.problem(),
                (403, "request.foreign_origin".to_owned()),
                "{method} {path} from an app"
            );
        }
    }
}

async fn a_session_is_worth_nothing_at_another_origin(engine: EngineKind) {
    let house = house(engine);
    let mut owner = owner(&house, "harbour").await;
    let mut users = BTreeMap::new();
    for kit in KITS {
        for slug in kit.slugs {
            app_of(&house, &mut owner, kit, slug).await;
            // The same address in two apps is two accounts.
            users.insert(slug, user(&house, slug, "ana@example.com").await);
        }
    }
    for (method, path, _, whom) in routes().iter().filter(|(_, _, at, _)| *at == App) {
        let [here, there] = Kit::of(path).slugs;
        let at_here = &users[here];
        let route = format!("{method} {path}");
        // The console's origin does not have an app's routes, whoever asks.
        for thief in [&owner, at_here] {
            let reply = call(&mut house.console().with_session_of(thief), method, path).await;
            assert!(
                matches!(reply.status.as_u16(), 401 | 404 | 405),
                "{route} at the console: {}",
                reply.status
            );
        }
        assert_eq!(
            call(&mut house.app("nowhere"), method, path).await.problem(),
            (404, "request.unknown_host".to_owned())
        );
        if *method != "GET" {
            let neighbour = format!("http://{there}.localhost:8080");
            let mut foreign = house.app(here).with_session_of(at_here).from_origin(Some(&neighbour));
            let reply = call(&mut foreign, method, path).await;
            assert_eq!(
                reply.problem(),
                (403, "request.foreign_origin".to_owned()),
                "{route} from another app's page"
            );
        }
        if *whom == Anybody {
            continue;
        }
        let unsigned = (401, "session.required".to_owned());
        assert_eq!(
            call(&mut house.app(here), method, path).await.problem(),
            unsigned,
            "{route} without a session"
        );
        let mut stolen = house.app(there).with_session_of(at_here);
        assert_eq!(
            call(&mut stolen, method, path).await.problem(),
            unsigned,
            "{route} with the other app's cookie"
        );
        let mut member = house.app(here).with_session_of(&owner);
        assert_eq!(
            call(&mut member, method, path).await.problem(),
            unsigned,
            "{route} with a member's cookie"
        );
        if *method != "GET" {
            let mut forged = house.app(here).with_session_of(at_here).with_csrf_token(None);
            assert_eq!(call(&mut forged, method, path).await.status, 403, "{route} without the token");
        }
    }
}

/// What anybody may see of an app that its owner has suspended.
const FACE: [&str; 6] = [
    "/api/v1/app",
    "/theme.css",
    "/manifest.webmanifest",
    "/favicon.ico",
    "/icons/{name}",
    "/.well-known/assetlinks.json",
];

async fn a_paused_app_shows_its_face_and_nothing_else(engine: EngineKind) {
    let house = house(engine);
    let mut owner = owner(&house, "harbour").await;
    for kit in KITS {
        let slug = kit.slugs[0];
        let app = app_of(&house, &mut owner, kit, slug).await;
        let mut user = user(&house, slug, "ana@example.com").await;
        let at = |act: &str| format!("/api/v1/apps/{}/{act}", app["id"].as_str().unwrap());
        let _ = owner.post(&at("suspend"), json!({})).await.expect(200);
        let is_tried = |path: &str| kit.owns(path) || !KITS.iter().any(|other| other.owns(path));
        for (method, path, ..) in routes().iter().filter(|(_, path, at, _)| *at == App && is_tried(path)) {
            let reply = call(&mut user, method, path).await;
            if FACE.contains(&path.as_str()) {
                assert_ne!(reply.status, 503, "{method} {path}");
            } else {
                assert_eq!(reply.problem(), (503, "app.suspended".to_owned()), "{method} {path}");
            }
        }
        assert_eq!(user.get("/api/v1/app").await.expect(200)["state"], "suspended");
        let _ = owner.post(&at("resume"), json!({})).await.expect(200);
        assert_eq!(user.get("/api/v1/app").await.expect(200)["state"], "live");
        let _ = user.get("/api/v1/sessions/current").await.expect(200);
    }
}
