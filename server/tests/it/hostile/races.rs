//! Everybody at once: one wins, the others are told so, and nothing is half made.

use super::leftovers::{Kept, Leftovers, difference};
use crate::people::{PASSWORD, app, house, owner};
use axum::http::Method;
use serde_json::{Value, json};
use slipway_testkit::{EngineKind, TestClient, TestHouse, TestReply, on_both_engines};
use std::collections::BTreeMap;

on_both_engines!(
    one_of_twenty_launches_gets_the_address,
    one_of_many_gets_the_e_mail_address,
    version_codes_only_rise_however_many_release_at_once,
    an_app_that_is_deleted_under_everybodys_hands_leaves_nothing,
);

/// Where something of an app stays on purpose when the app goes (tenancy, `delete`), and what moves by itself.
const OF_BOTH_ROOTS: [&str; 8] = [
    "audit_entries",
    "outbox_events",
    "outbox_cursors",
    "consumed_events",
    "jobs",
    "leases",
    "idempotency_keys",
    "files",
];

/// Sends all requests at the same time.
async fn at_once(requests: Vec<(TestClient, Method, String, Option<Value>)>) -> Vec<TestReply> {
    let tasks: Vec<_> = requests
        .into_iter()
        .map(|(mut client, method, path, body)| {
            tokio::spawn(async move {
                let what = format!("{method} {path}");
                (what, client.send(method, &path, body).await)
            })
        })
        .collect();
    let mut replies = Vec::new();
    for task in tasks {
        let (what, reply) = task.await.unwrap();
        // Who comes while the app is paused is told so, by 503.
        let failed = reply.status.as_u16() >= 500 && reply.problem().1 != "app.suspended";
        assert!(!failed, "{what}: {}", String::from_utf8_lossy(&reply.bytes));
        replies.push(reply);
    }
    replies
}

/// How often each status and code was answered.
fn counted(replies: &[TestReply]) -> BTreeMap<(u16, String), usize> {
    let mut counts = BTreeMap::new();
    replies.iter().for_each(|reply| *counts.entry(reply.problem()).or_default() += 1);
    counts
}

fn wish(logo: &str, slug: &str, package_id: &str) -> Value {
    let colours =
        json!({ "primary": "#1d6b48", "on_primary": "#ffffff", "background": "#fbfaf4", "text": "#17241d" });
    let legal = json!({ "company": "Verde Ltd", "email": "hello@verde.example", "jurisdiction": "Ireland" });
    let brand = json!({
        "name": slug, "tagline": "", "logo": logo, "colours": colours, "legal": legal, "package_id": package_id,
    });
    json!({ "kit": "meals", "slug": slug, "brand": brand })
}

async fn with_logo(house: &TestHouse, name: &str) -> (TestClient, String) {
    let mut owner = owner(house, name).await;
    let logo = include_bytes!("../../../../examples/verde/logo.svg").to_vec();
    let logo = owner.send_bytes(Method::POST, "/api/v1/logos", None, logo).await.expect(201);
    (owner, logo["hash"].as_str().unwrap().to_owned())
}

fn rows(kept: &Kept) -> BTreeMap<&str, usize> {
    kept.iter().map(|(table, rows)| (table.as_str(), rows.len())).collect()
}

async fn one_of_twenty_launches_gets_the_address(engine: EngineKind) {
    let house = house(engine);
    let (north, logo) = with_logo(&house, "north").await;
    let (south, _) = with_logo(&house, "south").await;
    let mut leftovers = Leftovers::of(&house).await;
    let before = leftovers.now().await;
    let launches = (0..20).map(|number| {
        let client = if usize::is_multiple_of(number, 2) { &north } else { &south };
        let body = wish(&logo, "verde", &format!("app.verde.n{number}"));
        (client.clone(), Method::POST, "/api/v1/apps".to_owned(), Some(body))
    });
    let replies = at_once(launches.collect()).await;
    let taken = (409, "apps.slug_taken".to_owned());
    assert_eq!(counted(&replies), [((201, String::new()), 1), (taken.clone(), 19)].into());
    let loser = replies.iter().find(|reply| reply.problem() == taken).unwrap();
    assert!(loser.json()["detail"].as_str().unwrap().contains("choose another"));
    let after = leftovers.now().await;
    for table in [
        "apps",
        "slugs",
        "partner_apps",
        "numbers",
        "brand_versions",
        "sites",
        "signing_keys",
        "releases",
        "builds",
        "jobs",
    ] {
        let (old, new) = (rows(&before)[table], rows(&after)[table]);
        assert_eq!(new, old + 1, "{table}:\n{}", difference(&before, &after));
    }
    let mut apps = 0;
    for mut client in [north.clone(), south] {
        apps += client.get("/api/v1/apps").await.expect(200)["items"].as_array().unwrap().len();
    }
    assert_eq!(apps, 1);
    // A taken package id stops a launch after its address was taken, and the address is free again.
    let kept = leftovers.now().await;
    let package = replies.iter().position(|reply| reply.status == 201).unwrap();
    let late = (0..3).map(|number| {
        let body = wish(&logo, &format!("azul-{number}"), &format!("app.verde.n{package}"));
        (north.clone(), Method::POST, "/api/v1/apps".to_owned(), Some(body))
    });
    let replies = at_once(late.collect()).await;
    assert_eq!(counted(&replies), [((409, "apps.package_id_taken".to_owned()), 3)].into());
    let after = leftovers.now().await;
    assert!(after == kept, "{}", difference(&kept, &after));
}

async fn one_of_many_gets_the_e_mail_address(engine: EngineKind) {
    let house = house(engine);
    let mut owner = owner(&house, "harbour").await;
    app(&house, &mut owner, "verde").await;
    let mut leftovers = Leftovers::of(&house).await;
    let before = leftovers.now().await;
    // Ten is what one address may try in a minute. The spellings differ in case only.
    let spelled =
        |number: usize| if number.is_multiple_of(2) { "ana@example.com" } else { "Ana@Example.COM" };
    let registrations = (0..10).map(|number| {
        let body = json!({ "email": spelled(number), "password": PASSWORD });
        (house.app("verde"), Method::POST, "/api/v1/accounts".to_owned(), Some(body))
    });
    let replies = at_once(registrations.collect()).await;
    let counts = counted(&replies);
    assert_eq!(counts[&(201, String::new())], 1, "{counts:?}");
    assert_eq!(counts[&(409, "accounts.email_taken".to_owned())], 9, "{counts:?}");
    let after = leftovers.now().await;
    for table in ["accounts", "account_sessions"] {
        assert_eq!(rows(&after)[table], rows(&before)[table] + 1, "{table}");
    }
    let before = after;
    let members = (0..10).map(|number| {
        let body = json!({ "name": "Ben", "email": spelled(number), "role": "viewer" });
        (owner.clone(), Method::POST, "/api/v1/members".to_owned(), Some(body))
    });
    let partners = (0..5).map(|number| {
        let body = json!({
            "partner_name": "South", "name": "Ben", "email": spelled(number), "password": PASSWORD, "accept_terms": true,
        });
        (house.console(), Method::POST, "/api/v1/partners".to_owned(), Some(body))
    });
    let replies = at_once(members.chain(partners).collect()).await;
    let counts = counted(&replies);
    assert_eq!(counts[&(201, String::new())], 1, "{counts:?}");
    assert_eq!(counts[&(409, "members.email_taken".to_owned())], 14, "{counts:?}");
    let after = leftovers.now().await;
    for table in ["members", "member_credentials"] {
        assert_eq!(rows(&after)[table], rows(&before)[table] + 1, "{table}");
    }
    let new_partners = rows(&after)["partners"] - rows(&before)["partners"];
    assert_eq!(new_partners, rows(&after)["member_sessions"] - rows(&before)["member_sessions"]);
}

async fn version_codes_only_rise_however_many_release_at_once(engine: EngineKind) {
    let house = house(engine);
    let mut owner = owner(&house, "harbour").await;
    let launched = app(&house, &mut owner, "verde").await;
    let base = format!("/api/v1/apps/{}", launched["id"].as_str().unwrap());
    let mut brand =
        wish(launched["brand"]["logo"].as_str().unwrap(), "Verde", "app.verde.kitchen")["brand"].clone();
    brand["name"] = json!("Verde");
    let post =
        |path: String, body: Option<Value>| (owner.clone(), Method::POST, format!("{base}{path}"), body);
    let drafts = at_once((0..6).map(|_| post("/brands".to_owned(), Some(brand.clone()))).collect()).await;
    let drafts: Vec<Value> = drafts.into_iter().map(|reply| reply.expect(201)).collect();
    let mut versions: Vec<_> = drafts.iter().map(|draft| draft["version"].as_u64().unwrap()).collect();
    versions.sort_unstable();
    assert_eq!(versions, [2, 3, 4, 5, 6, 7]);
    let approvals = drafts
        .iter()
        .chain(&drafts)
        .map(|draft| post(format!("/brands/{}/approve", draft["id"].as_str().unwrap()), None));
    let approvals = at_once(approvals.collect()).await;
    assert_eq!(counted(&approvals), [((200, String::new()), 12)].into());
    let releases = drafts
        .iter()
        .chain(&drafts)
        .map(|draft| post("/releases".to_owned(), Some(json!({ "brand": draft["id"] }))));
    let first = owner.clone().get(&format!("{base}/releases")).await.expect(200)["items"][0]["id"].clone();
    let rollbacks = (0..3).map(|_| post(format!("/releases/{}/rollback", first.as_str().unwrap()), None));
    let replies = at_once(releases.chain(rollbacks).collect()).await;
    assert_eq!(counted(&replies), [((201, String::new()), 15)].into());
    let listed = owner.get(&format!("{base}/releases?limit=100")).await.expect(200);
    let mut numbers: Vec<_> = listed["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|release| (release["number"].as_u64().unwrap(), release["version_code"].as_u64().unwrap()))
        .collect();
    numbers.sort_unstable();
    assert_eq!(numbers.iter().map(|(number, _)| *number).collect::<Vec<_>>(), (1..=16).collect::<Vec<_>>());
    assert!(numbers.windows(2).all(|pair| pair[0].1 < pair[1].1), "{numbers:?}");
}

async fn an_app_that_is_deleted_under_everybodys_hands_leaves_nothing(engine: EngineKind) {
    let house = house(engine);
    let (mut owner, logo) = with_logo(&house, "harbour").await;
    let mut leftovers = Leftovers::of(&house).await;
    let before = leftovers.now().await;
    let launched = app(&house, &mut owner, "verde").await;
    let base = format!("/api/v1/apps/{}", launched["id"].as_str().unwrap());
    let brand = launched["brand"]["id"].as_str().unwrap();
    let mut draft = wish(&logo, "Verde", "app.verde.kitchen")["brand"].clone();
    draft["name"] = json!("Verde");
    let send = |method: Method, path: &str, body: Option<Value>| {
        (owner.clone(), method, format!("{base}{path}"), body)
    };
    let mut requests = Vec::new();
    for number in 0..6 {
        requests.push(send(Method::POST, "/releases", Some(json!({ "brand": brand }))));
        requests.push(send(Method::POST, "/brands", Some(draft.clone())));
        requests.push(send(Method::POST, &format!("/brands/{brand}/approve"), None));
        let body = json!({ "email": format!("ana{number}@example.com"), "password": PASSWORD });
        requests.push((house.app("verde"), Method::POST, "/api/v1/accounts".to_owned(), Some(body)));
        requests.push(send(Method::GET, "", None));
        if number % 3 == 1 {
            requests.push(send(Method::DELETE, "", Some(json!({ "confirm": "verde" }))));
        }
        requests.push(send(Method::POST, "/signing-key/export", Some(json!({ "password": PASSWORD }))));
        requests.push(send(Method::POST, "/suspend", None));
        requests.push(send(Method::POST, "/resume", None));
    }
    let replies = at_once(requests).await;
    assert!(counted(&replies).contains_key(&(204, String::new())), "{:?}", counted(&replies));
    house.settle().await;
    assert_eq!(owner.get(&base).await.status, 404);
    assert_eq!(
        house.app("verde").get("/api/v1/app").await.problem(),
        (404, "request.unknown_host".to_owned())
    );
    let mut after = leftovers.now().await;
    let mut expected = before;
    OF_BOTH_ROOTS.iter().for_each(|table| {
        expected.remove(*table);
        after.remove(*table);
    });
    assert!(after == expected, "something is left of the app:\n{}", difference(&expected, &after));
    // Its address and its package id can be had again.
    app(&house, &mut owner, "verde").await;
}
