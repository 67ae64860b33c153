//! How many apps a partner may have: the default, the operator's word, and many launches at once.

use crate::desk::{Desk, Person};
use axum::http::StatusCode;
use serde_json::json;
use slipway_framework::db::DbError;
use slipway_framework::http::Problem;
use slipway_framework::scope::LaunchScope;
use slipway_tenancy::app::{self, AppError};
use slipway_tenancy::member::Role;
use slipway_tenancy::quota::{self, QuotaError, QuotaReached, Standing, Usage};
use slipway_testkit::{EngineKind, on_both_engines, tokio};

on_both_engines!(
    nothing_is_limited_until_it_is_told,
    a_full_partner_launches_nothing_and_its_neighbour_does,
    a_deleted_app_makes_room,
    a_viewer_sees_how_near_the_end_is,
    many_launches_at_once_never_overshoot,
    the_operator_overrides_the_default_for_one_partner,
    a_partner_is_found_by_any_members_address,
);

async fn usage(desk: &Desk, person: Person) -> Usage {
    desk.db().read(&desk.partner_scope(person.partner), quota::apps).await.unwrap()
}

async fn allow(desk: &Desk, person: Person, maximum: Option<u32>) {
    let set = desk.db().write(&desk.partner_scope(person.partner), move |tx| quota::set_apps(tx, maximum));
    set.await.map_err(|error: DbError| error).unwrap();
}

async fn nothing_is_limited_until_it_is_told(engine: EngineKind) {
    let desk = Desk::open(engine);
    let owner = desk.partner("Verde").await;
    desk.launch(owner, "verde").await;
    assert_eq!(usage(&desk, owner).await, Usage { used: 1, maximum: None, is_override: false });
}

async fn a_full_partner_launches_nothing_and_its_neighbour_does(engine: EngineKind) {
    let desk = Desk::open(engine);
    quota::limit_apps_by_default(desk.db(), 2);
    let (owner, neighbour) = (desk.partner("Verde").await, desk.partner("Azul").await);
    desk.launch(owner, "one").await;
    desk.launch(owner, "two").await;
    let refused = desk.try_launch(owner, "three", "com.example.three").await.unwrap_err();
    assert!(matches!(refused, AppError::Quota(QuotaReached { used: 2, maximum: 2 })), "{refused:?}");
    let problem = Problem::from(refused);
    assert_eq!(
        (problem.status(), problem.code().to_string().as_str()),
        (StatusCode::CONFLICT, "quotas.apps_reached")
    );
    // Neither the slug nor the package id is lost to whoever has room.
    desk.try_launch(neighbour, "three", "com.example.three").await.unwrap();
    assert_eq!(usage(&desk, owner).await.standing(), Standing::Reached);
    assert_eq!(usage(&desk, neighbour).await, Usage { used: 1, maximum: Some(2), is_override: false });
}

async fn a_deleted_app_makes_room(engine: EngineKind) {
    let desk = Desk::open(engine);
    quota::limit_apps_by_default(desk.db(), 1);
    let owner = desk.partner("Verde").await;
    let app = desk.launch(owner, "one").await;
    assert!(desk.try_launch(owner, "two", "com.example.two").await.is_err());
    // A suspended app is still there.
    desk.db().write(&desk.app_scope_of(app), app::suspend).await.unwrap();
    assert!(desk.try_launch(owner, "two", "com.example.two").await.is_err());
    let launch = LaunchScope::new(owner.partner, app, desk.cause());
    desk.db().write(&launch, app::delete).await.unwrap();
    assert_eq!(usage(&desk, owner).await.used, 0);
    desk.launch(owner, "two").await;
    assert_eq!(usage(&desk, owner).await.used, 1);
}

async fn a_viewer_sees_how_near_the_end_is(engine: EngineKind) {
    let desk = Desk::open(engine);
    let owner = desk.partner("Verde").await;
    let mut viewer = desk.signed_in(desk.colleague(owner, Role::Viewer).await);
    let path = "/api/v1/partner/quotas";
    let without = json!({ "apps": { "used": 0, "maximum": null, "standing": "free" } });
    assert_eq!(viewer.get(path).await.expect(200), without);
    allow(&desk, owner, Some(5)).await;
    for (used, standing) in [(0, "free"), (1, "free"), (2, "free"), (3, "free"), (4, "near"), (5, "reached")]
    {
        let expected = json!({ "apps": { "used": used, "maximum": 5, "standing": standing } });
        assert_eq!(viewer.get(path).await.expect(200), expected);
        if used < 5 {
            desk.launch(owner, &format!("app-{used}")).await;
        }
    }
}

async fn many_launches_at_once_never_overshoot(engine: EngineKind) {
    const WRITERS: usize = 64;
    const ROOM: u32 = 5;
    let desk = Desk::open(engine);
    quota::limit_apps_by_default(desk.db(), ROOM);
    let owner = desk.partner("Verde").await;
    let launches: Vec<_> = (0..WRITERS)
        .map(|number| {
            let (slug, package_id) = (format!("app-{number}"), format!("com.example.race{number}"));
            tokio::spawn(desk.try_launch(owner, &slug, &package_id))
        })
        .collect();
    let (mut launched, mut refused) = (0, 0);
    for launch in launches {
        match launch.await.unwrap() {
            Ok(_) => launched += 1,
            Err(AppError::Quota(reached)) => {
                assert_eq!(reached, QuotaReached { used: ROOM, maximum: ROOM });
                refused += 1;
            }
            Err(error) => panic!("{error:?}"),
        }
    }
    assert_eq!((launched, refused), (ROOM, WRITERS - 5));
    assert_eq!(usage(&desk, owner).await.used, ROOM);
}

async fn the_operator_overrides_the_default_for_one_partner(engine: EngineKind) {
    let desk = Desk::open(engine);
    quota::limit_apps_by_default(desk.db(), 1);
    let (owner, neighbour) = (desk.partner("Verde").await, desk.partner("Azul").await);
    desk.launch(owner, "one").await;
    allow(&desk, owner, Some(2)).await;
    desk.launch(owner, "two").await;
    assert_eq!(usage(&desk, neighbour).await.maximum, Some(1));
    // Less than there is takes nothing away, and lets nothing in.
    allow(&desk, owner, Some(0)).await;
    assert_eq!(usage(&desk, owner).await, Usage { used: 2, maximum: Some(0), is_override: true });
    let refused = desk.try_launch(owner, "three", "com.example.three").await.unwrap_err();
    assert!(matches!(refused, AppError::Quota(QuotaReached { used: 2, maximum: 0 })), "{refused:?}");
    allow(&desk, owner, None).await;
    assert_eq!(usage(&desk, owner).await, Usage { used: 2, maximum: Some(1), is_override: false });
    let scope = desk.partner_scope(owner.partner);
    let limit = slipway_kernel::Limit::new(50).unwrap();
    let trail = desk.db().read(&scope, move |read| slipway_framework::audit::list(read, None, None, limit));
    let told: Vec<_> =
        trail.await.unwrap().items.into_iter().filter(|entry| entry.action == "quota_set").collect();
    assert_eq!(told.len(), 3);
    assert!(told.iter().any(|entry| entry.details == json!({ "quota": "apps", "maximum": 2 })), "{told:?}");
}

async fn a_partner_is_found_by_any_members_address(engine: EngineKind) {
    let desk = Desk::open(engine);
    let owner = desk.partner("Verde").await;
    let new = desk.new_member(desk.mint(), Role::Viewer);
    let email = new.email.clone();
    desk.add(owner.partner, new).await.unwrap();
    let scope = quota::partner_of(desk.db(), desk.cause(), &email).await.unwrap();
    assert_eq!(scope.partner(), owner.partner);
    let nobody = slipway_kernel::Email::parse("nobody@example.com").unwrap();
    let unknown = quota::partner_of(desk.db(), desk.cause(), &nobody).await;
    assert!(matches!(unknown, Err(QuotaError::UnknownMember(_))), "{unknown:?}");
}
