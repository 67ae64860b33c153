//! Who may do what: every route with every role, and everybody who has no business there.

use crate::desk::{Desk, Person, SESSION};
use axum::http::Method;
use serde_json::{Value, json};
use slipway_kernel::{AccountId, AppId};
use slipway_tenancy::member::{self, Role};
use slipway_testkit::{EngineKind, on_both_engines};
use std::collections::BTreeSet;

on_both_engines!(
    every_route_knows_its_role,
    every_route_needs_a_member,
    every_route_keeps_to_its_own_partner,
    a_role_counts_at_once,
);

/// Method, path, body, the least role and what it answers. A test sees to it that none is missing. The last five are
/// the tests' own and stand for the modules above.
const ROUTES: [(&str, &str, &str, Role, u16); 14] = [
    ("GET", "/api/v1/partner", "", Role::Viewer, 200),
    ("GET", "/api/v1/partner/quotas", "", Role::Viewer, 200),
    ("PATCH", "/api/v1/partner", r#"{"name":"Green"}"#, Role::Admin, 200),
    ("GET", "/api/v1/members", "", Role::Viewer, 200),
    ("PATCH", "/api/v1/members/{member}", r#"{"role":"builder"}"#, Role::Admin, 200),
    ("DELETE", "/api/v1/members/{member}", "", Role::Admin, 204),
    ("GET", "/api/v1/kits", "", Role::Viewer, 200),
    ("GET", "/api/v1/slugs/{slug}", "", Role::Viewer, 200),
    ("GET", "/api/v1/apps/{app}/audit", "", Role::Viewer, 200),
    ("GET", "/api/v1/apps", "", Role::Viewer, 200),
    ("PATCH", "/api/v1/apps/{app}", "", Role::Builder, 200),
    ("POST", "/api/v1/apps/{app}/suspend", "", Role::Admin, 200),
    ("POST", "/api/v1/apps/{app}/resume", "", Role::Admin, 200),
    ("DELETE", "/api/v1/apps/{app}", "", Role::Owner, 200),
];

fn request(
    route: (&str, &str, &str, Role, u16),
    fills: &[(&str, String)],
) -> (Method, String, Option<Value>) {
    let (method, path, body, _, _) = route;
    let path = fills.iter().fold(path.to_owned(), |path, (name, fill)| path.replace(name, fill));
    (method.parse().unwrap(), path, serde_json::from_str(body).ok())
}

async fn every_route_knows_its_role(engine: EngineKind) {
    let desk = Desk::open(engine);
    let owner = desk.partner("Verde").await;
    let listed: BTreeSet<_> = ROUTES.iter().map(|route| format!("{} {}", route.0, route.1)).collect();
    let description = desk.assembly().describe().unwrap();
    let console = description.lines().filter_map(|line| line.trim().strip_prefix("route console "));
    let served: BTreeSet<_> = console.map(|route| route.replace(' ', " /api/v1")).collect();
    assert_eq!(listed, served);
    for role in Role::ALL {
        let mut client = desk.signed_in(desk.colleague(owner, role).await);
        for route in ROUTES {
            let target = desk.colleague(owner, Role::Viewer).await;
            let app = desk.launch(owner, &format!("app-{}", desk.next())).await;
            let fills = [
                ("{member}", target.member.to_string()),
                ("{app}", app.to_string()),
                ("{slug}", "free".to_owned()),
            ];
            let (method, path, body) = request(route, &fills);
            let reply = client.send(method, &path, body).await;
            let told = (route.0, route.1, role);
            if role >= route.3 {
                assert_eq!(reply.status.as_u16(), route.4, "{told:?}");
            } else {
                assert_eq!(reply.problem(), (403, "members.forbidden".to_owned()), "{told:?}");
                let detail = reply.json()["detail"].to_string();
                assert!(detail.contains(route.3.as_str()) && detail.contains(role.as_str()), "{detail}");
            }
        }
    }
}

async fn every_route_needs_a_member(engine: EngineKind) {
    let desk = Desk::open(engine);
    let owner = desk.partner("Verde").await;
    let app = desk.launch(owner, "verde").await;
    let gone = desk.colleague(owner, Role::Admin).await;
    let scope = desk.partner_scope(owner.partner);
    let removed = desk.db().write(&scope, move |tx| member::remove(tx, owner.member, gone.member));
    removed.await.unwrap();
    let nobody = desk.console();
    let account: AccountId = desk.mint();
    let account = desk.console().with_header(SESSION, &format!("{app} {account}"));
    let stranger = Person { partner: desk.mint(), ..owner };
    for mut client in [nobody, account, desk.signed_in(gone), desk.signed_in(stranger)] {
        for route in ROUTES {
            let fills = [
                ("{member}", owner.member.to_string()),
                ("{app}", app.to_string()),
                ("{slug}", "free".to_owned()),
            ];
            let (method, path, body) = request(route, &fills);
            let reply = client.send(method, &path, body).await;
            assert_eq!(reply.problem(), (401, "session.required".to_owned()), "{} {}", route.0, route.1);
        }
    }
    let header = format!("{} {}", owner.partner, owner.member);
    let mut at_the_app = desk.app("verde").with_header(SESSION, &header);
    for route in ROUTES {
        let (method, path, body) = request(route, &[("{app}", app.to_string())]);
        let reply = at_the_app.send(method, &path, body).await;
        assert_eq!(reply.problem().0, 404, "the console's routes are the console's: {} {}", route.0, route.1);
    }
}

async fn every_route_keeps_to_its_own_partner(engine: EngineKind) {
    let desk = Desk::open(engine);
    let (owner, neighbour) = (desk.partner("Verde").await, desk.partner("Azul").await);
    let app = desk.launch(neighbour, "azul").await;
    let mut client = desk.signed_in(owner);
    let never: AppId = desk.mint();
    for app in [app.to_string(), never.to_string(), "app_1".to_owned(), "%00".to_owned(), "a".repeat(5_000)] {
        let member = neighbour.member.to_string();
        for route in ROUTES.iter().filter(|route| route.1.contains("{app}") || route.1.contains("{member}")) {
            let (method, path, body) =
                request(*route, &[("{app}", app.clone()), ("{member}", member.clone())]);
            let reply = client.send(method, &path, body).await;
            assert_eq!(reply.problem(), (404, "request.not_found".to_owned()), "{} {path}", route.0);
        }
    }
    let mut theirs = desk.signed_in(neighbour);
    assert_eq!(theirs.get("/api/v1/members").await.expect(200)["items"].as_array().unwrap().len(), 1);
    assert_eq!(desk.app("azul").get("/api/v1/tenant").await.expect(200)["app"], app.to_string());
    assert_eq!(client.get("/api/v1/apps").await.expect(200), json!({ "items": [], "next": null }));
}

async fn a_role_counts_at_once(engine: EngineKind) {
    let desk = Desk::open(engine);
    let owner = desk.partner("Verde").await;
    let viewer = desk.colleague(owner, Role::Viewer).await;
    let (mut above, mut below) = (desk.signed_in(owner), desk.signed_in(viewer));
    let body = || json!({ "name": "Green" });
    assert_eq!(below.patch("/api/v1/partner", body()).await.problem().0, 403);
    let path = format!("/api/v1/members/{}", viewer.member);
    for (role, status) in [("admin", 200), ("builder", 403)] {
        assert_eq!(above.patch(&path, json!({ "role": role })).await.expect(200)["role"], role);
        assert_eq!(below.patch("/api/v1/partner", body()).await.status.as_u16(), status);
    }
}
