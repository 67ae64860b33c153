//! Every route refuses everybody it is not for. A route that is not listed here fails the sweep (P-AUTH-14, P-API-01).

use crate::people::{house, member, owner};
use axum::http::Method;
use serde_json::json;
use slipway_testkit::{EngineKind, TestClient, TestReply, on_both_engines};
use std::collections::BTreeMap;

on_both_engines!(
    every_route_is_listed_and_refuses_everybody_else,
    a_session_is_worth_nothing_at_another_origin,
);

/// Whom a route is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum For {
    Anybody,
    /// An app's signed-in user.
    Account,
    Viewer,
    Builder,
    Admin,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    Console,
    App,
}

use At::{App, Console};
use For::{Account, Admin, Anybody, Viewer};

const ROUTES: &[(&str, &str, At, For)] = &[
    ("GET", "/api/v1/kits", Console, Viewer),
    ("GET", "/api/v1/slugs/{slug}", Console, Viewer),
    ("GET", "/api/v1/partner", Console, Viewer),
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
    ("GET", "/api/v1/apps/{app}/audit", Console, Viewer),
    ("POST", "/api/v1/accounts", App, Anybody),
    ("DELETE", "/api/v1/accounts/me", App, Account),
    ("POST", "/api/v1/accounts/me/password", App, Account),
    ("POST", "/api/v1/sessions", App, Anybody),
    ("DELETE", "/api/v1/sessions", App, Account),
    ("GET", "/api/v1/sessions/current", App, Account),
    ("DELETE", "/api/v1/sessions/current", App, Account),
    ("POST", "/api/v1/legal-acceptances", App, Account),
    ("GET", "/api/v1/meals/options", App, Anybody),
    ("GET", "/api/v1/meals/plans", App, Account),
    ("POST", "/api/v1/meals/plans", App, Account),
    ("GET", "/api/v1/meals/plans/{plan}", App, Account),
    ("DELETE", "/api/v1/meals/plans/{plan}", App, Account),
];

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
        "{plan}" => "pln_01h455vb4pex5vsknk084sn02q",
        "{slug}" => "verde",
        other => other,
    });
    parts.collect::<Vec<_>>().join("/")
}

async fn call(client: &mut TestClient, method: &str, path: &str) -> TestReply {
    let method: Method = method.parse().unwrap();
    let body = (!method.is_safe()).then(|| json!({}));
    client.send(method, &filled(path), body).await
}

async fn every_route_is_listed_and_refuses_everybody_else(engine: EngineKind) {
    let listed: Vec<_> =
        ROUTES.iter().map(|(method, path, ..)| ((*method).to_owned(), (*path).to_owned())).collect();
    let unlisted: Vec<_> = described().into_iter().filter(|route| !listed.contains(route)).collect();
    assert!(unlisted.is_empty(), "say in ROUTES whom these are for: {unlisted:?}");
    let gone: Vec<_> = listed.into_iter().filter(|route| !described().contains(route)).collect();
    assert!(gone.is_empty(), "these are listed and do not exist: {gone:?}");

    let house = house(engine);
    let mut owner = owner(&house, "harbour").await;
    let mut roles = BTreeMap::new();
    for (role, name) in [(For::Viewer, "viewer"), (For::Builder, "builder"), (For::Admin, "admin")] {
        roles.insert(role, member(&house, &mut owner, name).await);
    }
    for (method, path, at, whom) in ROUTES.iter().filter(|(_, _, at, _)| *at == Console) {
        assert_eq!(*at, Console);
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
    let owner = owner(&house, "harbour").await;
    for (method, path, at, _) in ROUTES {
        if *at == App {
            // The console's origin does not have an app's routes, with or without a session.
            let mut at_console = house.console().with_session_of(&owner);
            let reply = call(&mut at_console, method, path).await;
            assert!(
                matches!(reply.status.as_u16(), 404 | 405),
                "{method} {path} at the console: {}",
                reply.status
            );
        }
        let mut nowhere = house.app("nowhere").with_session_of(&owner);
        assert_eq!(
            call(&mut nowhere, method, path).await.problem(),
            (404, "request.unknown_host".to_owned())
        );
    }
}
