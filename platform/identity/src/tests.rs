//! What can only be seen from inside: the pool when it is full.

use crate::password::Passwords;
use crate::{layer, module};
use axum::Router;
use serde_json::json;
use slipway_framework::platform::Platform;
use slipway_testkit::{EngineKind, TestHouse, on_both_engines};

on_both_engines!(a_full_pool_says_when_to_come_back);

/// No thread ever takes anything out of this pool's queue.
fn wrap(platform: &Platform, inner: Router) -> Router {
    layer::around(platform, Passwords::start_with(platform, 0, 0), inner)
}

async fn a_full_pool_says_when_to_come_back(engine: EngineKind) {
    let house = TestHouse::of(engine, [slipway_tenancy::module(), module().wrap(wrap)]);
    let wish = json!({ "email": "ana@example.com", "password": "correct horse battery staple" });
    let refused = house.console().post("/api/v1/member-sessions", wish).await;
    assert_eq!(refused.problem(), (503, "session.busy".to_owned()));
    assert_eq!(refused.headers["retry-after"], "1");
}
