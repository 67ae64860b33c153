//! A build whose job has died is built when an operator has the job done once more.

use crate::people::{app, house, owner};
use serde_json::json;
use slipway_framework::job;
use slipway_testkit::{EngineKind, on_both_engines};
use std::time::Duration;

on_both_engines!(a_dead_build_is_built_when_its_job_is_done_once_more);

async fn a_dead_build_is_built_when_its_job_is_done_once_more(engine: EngineKind) {
    let house = house(engine);
    let mut owner = owner(&house, "harbour").await;
    let app = app(&house, &mut owner, "verde").await;
    let app = format!("/api/v1/apps/{}", app["id"].as_str().unwrap());
    let brands = owner.get(&format!("{app}/brands")).await.expect(200);
    let brand = &brands["items"][0];
    let logo = brand["logo"].as_str().unwrap().parse().unwrap();
    let objects = house.platform().objects();
    let bytes = objects.get(logo).await.unwrap();
    objects.delete(logo).await.unwrap();
    let _ = owner.post(&format!("{app}/releases"), json!({ "brand": brand["id"] })).await.expect(201);
    for _ in 0..6 {
        house.settle().await;
        house.clock().advance(Duration::from_mins(9));
        // The owner looks in now and then, or the session would end.
        let _ = owner.get(&app).await.expect(200);
    }
    let state = |releases: &serde_json::Value| releases["items"][0]["state"].as_str().unwrap().to_owned();
    let releases = owner.get(&format!("{app}/releases")).await.expect(200);
    assert_eq!(state(&releases), "failed", "{releases}");
    let dead = job::list(house.db(), job::JobState::Dead, 10).await.unwrap();
    assert_eq!(dead.len(), 1, "{dead:?}");

    objects.put(bytes.to_vec()).await.unwrap();
    assert_eq!(job::retry_all_dead(house.db(), None).await.unwrap(), 1);
    house.settle().await;
    let releases = owner.get(&format!("{app}/releases")).await.expect(200);
    assert_eq!(state(&releases), "ready", "{releases}");
}
