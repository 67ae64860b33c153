//! An app's life: launched, renamed, suspended, resumed, deleted, and its host follows at once.

use crate::desk::{Desk, Person};
use serde_json::json;
use slipway_framework::scope::LaunchScope;
use slipway_kernel::AppId;
use slipway_tenancy::app::{self, AppError, AppState};
use slipway_testkit::{EngineKind, on_both_engines, tokio};

on_both_engines!(
    a_host_follows_its_app_at_once,
    a_host_that_is_nobodys_stays_so,
    one_of_many_gets_the_slug,
    a_package_id_is_one_app,
    a_failed_launch_leaves_nothing,
    apps_are_listed_page_by_page,
    a_deleted_app_frees_its_names,
    doing_it_twice_is_doing_it_once,
    a_renamed_app_keeps_its_slug,
);

async fn a_host_follows_its_app_at_once(engine: EngineKind) {
    let desk = Desk::open(engine);
    let owner = desk.partner("Verde").await;
    let mut visitor = desk.app("verde");
    assert_eq!(visitor.get("/api/v1/tenant").await.problem(), (404, "request.unknown_host".to_owned()));
    let app = desk.launch(owner, "verde").await;
    let expected = json!({ "app": app.to_string(), "partner": owner.partner.to_string(), "kit": "meals" });
    let mut client = desk.signed_in(owner);
    for _ in 0..3 {
        assert_eq!(visitor.get("/api/v1/tenant").await.expect(200), expected);
        let _ = client.post(&format!("/api/v1/apps/{app}/suspend"), json!({})).await.expect(200);
        assert_eq!(visitor.get("/api/v1/tenant").await.problem(), (503, "app.suspended".to_owned()));
        let _ = client.post(&format!("/api/v1/apps/{app}/resume"), json!({})).await.expect(200);
    }
    assert_eq!(visitor.get("/api/v1/tenant").await.expect(200), expected);
    let _ = client.delete(&format!("/api/v1/apps/{app}")).await.expect(200);
    assert_eq!(visitor.get("/api/v1/tenant").await.problem(), (404, "request.unknown_host".to_owned()));
    desk.settle().await;
    let mut expected = vec![("tenancy.app_launched", app)];
    expected.extend([("tenancy.app_suspended", app); 3]);
    expected.extend([("tenancy.app_resumed", app); 3]);
    expected.push(("tenancy.app_deleted", app));
    let mut heard = desk.heard();
    heard.sort_by_key(|told| expected.iter().position(|other| other.0 == told.0));
    assert_eq!(heard, expected);
}

async fn a_host_that_is_nobodys_stays_so(engine: EngineKind) {
    let desk = Desk::open(engine);
    desk.launch(desk.partner("Verde").await, "verde").await;
    for slug in [
        "azul",
        "verd",
        "verde2",
        "a.verde",
        "verde-",
        "-",
        "xn--verde",
        "console",
        "verde%00",
        &"a".repeat(60),
    ] {
        let reply = desk.app(slug).get("/api/v1/tenant").await;
        assert_eq!(reply.problem(), (404, "request.unknown_host".to_owned()), "{slug}");
    }
    assert_eq!(desk.app("VERDE").get("/api/v1/tenant").await.status.as_u16(), 200);
}

async fn one_of_many_gets_the_slug(engine: EngineKind) {
    let desk = Desk::open(engine);
    let people = [desk.partner("Verde").await, desk.partner("Azul").await];
    let launches: Vec<_> = (0..8)
        .map(|number| {
            let package_id = format!("com.example.race{number}");
            tokio::spawn(desk.try_launch(people[number % 2], "verde", &package_id))
        })
        .collect();
    let mut winner = None;
    for launch in launches {
        match launch.await.unwrap() {
            Ok(app) => assert_eq!(winner.replace(app), None),
            Err(error) => assert!(matches!(error, AppError::SlugTaken), "{error:?}"),
        }
    }
    assert_eq!(desk.app("verde").get("/api/v1/tenant").await.expect(200)["app"], winner.unwrap().to_string());
}

async fn a_package_id_is_one_app(engine: EngineKind) {
    let desk = Desk::open(engine);
    let (owner, neighbour) = (desk.partner("Verde").await, desk.partner("Azul").await);
    desk.try_launch(owner, "verde", "com.example.verde").await.unwrap();
    let twin = desk.try_launch(neighbour, "azul", "com.example.verde").await;
    assert!(matches!(twin, Err(AppError::PackageIdTaken)), "{twin:?}");
    let both = desk.try_launch(neighbour, "verde", "com.example.verde").await;
    assert!(matches!(both, Err(AppError::SlugTaken)), "{both:?}");
}

async fn a_failed_launch_leaves_nothing(engine: EngineKind) {
    let desk = Desk::open(engine);
    let owner = desk.partner("Verde").await;
    desk.try_launch(owner, "verde", "com.example.verde").await.unwrap();
    assert!(desk.try_launch(owner, "azul", "com.example.verde").await.is_err());
    assert_eq!(desk.signed_in(owner).get("/api/v1/slugs/azul").await.expect(200)["available"], true);
    assert_eq!(desk.app("azul").get("/api/v1/tenant").await.problem().0, 404);
    let stranger = Person { partner: desk.mint(), ..owner };
    assert!(matches!(desk.try_launch(stranger, "azul", "com.example.azul").await, Err(AppError::Db(_))));
    assert_eq!(slugs(&desk, owner).await, ["verde"]);
}

async fn slugs(desk: &Desk, person: Person) -> Vec<String> {
    let mut client = desk.signed_in(person);
    let mut slugs = Vec::new();
    let mut after = String::new();
    loop {
        let page = client.get(&format!("/api/v1/apps?limit=2{after}")).await.expect(200);
        slugs.extend(page["items"].as_array().unwrap().iter().map(|slug| slug.as_str().unwrap().to_owned()));
        let Some(next) = page["next"].as_str() else { return slugs };
        after = format!("&after={next}");
    }
}

async fn apps_are_listed_page_by_page(engine: EngineKind) {
    let desk = Desk::open(engine);
    let (owner, neighbour) = (desk.partner("Verde").await, desk.partner("Azul").await);
    for slug in ["one", "two", "three", "four", "five"] {
        desk.clock().advance(std::time::Duration::from_millis(1));
        desk.launch(owner, slug).await;
        desk.launch(neighbour, &format!("azul-{slug}")).await;
    }
    assert_eq!(slugs(&desk, owner).await, ["one", "two", "three", "four", "five"]);
    assert_eq!(slugs(&desk, neighbour).await.len(), 5);
}

async fn a_deleted_app_frees_its_names(engine: EngineKind) {
    let desk = Desk::open(engine);
    let (owner, neighbour) = (desk.partner("Verde").await, desk.partner("Azul").await);
    let app = desk.try_launch(owner, "verde", "com.example.verde").await.unwrap();
    let path = format!("/api/v1/apps/{app}");
    let _ = desk.signed_in(owner).delete(&path).await.expect(200);
    assert_eq!(slugs(&desk, owner).await, [""; 0]);
    assert_eq!(desk.db().read(&desk.app_scope_of(app), app::find).await.unwrap(), None);
    // It is gone for everybody at once, and nobody moves in before the last row is gone too.
    assert_eq!(
        desk.app("verde").get("/api/v1/tenant").await.problem(),
        (404, "request.unknown_host".to_owned())
    );
    for gone in [path.clone() + "/audit", path.clone() + "/suspend", path.clone() + "/resume"] {
        let reply = if gone.ends_with("audit") {
            desk.signed_in(owner).get(&gone).await
        } else {
            desk.signed_in(owner).post(&gone, json!({})).await
        };
        assert_eq!(reply.problem().0, 404, "{gone}");
    }
    assert_eq!(desk.signed_in(owner).delete(&path).await.problem().0, 404);
    let early = desk.try_launch(neighbour, "verde", "com.example.other").await;
    assert!(matches!(early, Err(AppError::SlugTaken)), "{early:?}");
    let early = desk.try_launch(neighbour, "azul", "com.example.verde").await;
    assert!(matches!(early, Err(AppError::PackageIdTaken)), "{early:?}");
    desk.settle().await;
    let second = desk.try_launch(neighbour, "verde", "com.example.verde").await.unwrap();
    assert_eq!(desk.app("verde").get("/api/v1/tenant").await.expect(200)["app"], second.to_string());
    let reply = desk.signed_in(owner).get(&format!("/api/v1/apps/{second}/audit")).await;
    assert_eq!(reply.problem().0, 404);
}

async fn doing_it_twice_is_doing_it_once(engine: EngineKind) {
    let desk = Desk::open(engine);
    let owner = desk.partner("Verde").await;
    let app = desk.launch(owner, "verde").await;
    let scope = desk.app_scope_of(app);
    for _ in 0..2 {
        desk.db().write(&scope, app::suspend).await.unwrap();
    }
    let record = desk.db().read(&scope, app::find).await.unwrap().unwrap();
    assert_eq!(
        (record.state, record.partner, record.kit.as_str()),
        (AppState::Suspended, owner.partner, "meals")
    );
    for _ in 0..2 {
        desk.db().write(&scope, app::resume).await.unwrap();
    }
    let launch = LaunchScope::new(owner.partner, app, desk.cause());
    for _ in 0..2 {
        desk.db().write(&launch, app::delete).await.unwrap();
    }
    desk.settle().await;
    let mut heard: Vec<(&str, AppId)> = desk.heard();
    heard.sort_unstable();
    let kinds =
        ["tenancy.app_deleted", "tenancy.app_launched", "tenancy.app_resumed", "tenancy.app_suspended"];
    assert_eq!(heard, kinds.map(|kind| (kind, app)));
}

async fn a_renamed_app_keeps_its_slug(engine: EngineKind) {
    let desk = Desk::open(engine);
    let owner = desk.partner("Verde").await;
    let app = desk.launch(owner, "verde").await;
    assert_eq!(
        desk.signed_in(owner).patch(&format!("/api/v1/apps/{app}"), json!({})).await.expect(200)["name"],
        "Green"
    );
    let record = desk.db().read(&desk.app_scope_of(app), app::find).await.unwrap().unwrap();
    assert_eq!(
        (record.name.as_str(), record.slug.as_str(), record.state),
        ("Green", "verde", AppState::Live)
    );
}
