//! Stored files live as long as a row names them.

use crate::desk::{Desk, text};
use slipway_framework::object::ObjectError;
use slipway_testkit::{EngineKind, on_both_engines};
use std::time::Duration;

on_both_engines!(what_a_logo_a_brand_or_a_release_names_stays_and_the_rest_goes);

const DAYS: Duration = Duration::from_hours(48);

async fn what_a_logo_a_brand_or_a_release_names_stays_and_the_rest_goes(engine: EngineKind) {
    let desk = Desk::open(engine);
    let (mut client, launched, logo) = desk.launched("verde").await;
    let app = text(&launched["app"]["id"]);
    let release = client.get(&format!("/api/v1/apps/{app}")).await.expect(200)["last_release"].clone();
    let orphan = desk.objects().put(b"nobody's".to_vec()).await.unwrap();
    desk.age_objects(DAYS);
    assert_eq!(desk.clean().await.count("objects"), 1);
    assert!(matches!(desk.objects().get(orphan).await, Err(ObjectError::Missing(_))));
    desk.verify(&mut client, app, &release).await;
    assert_eq!(client.get(&format!("/api/v1/logos/{logo}/previews/logo.png")).await.status, 200);
}
