//! A few kills; `cargo xtask prove crash` does five hundred.

use slipway_proof::{House, crash};
use slipway_testkit::{EngineKind, TestDatabase, on_both_engines};

const KILLS: u64 = 5;

on_both_engines!(a_killed_server_keeps_what_it_answered);

async fn a_killed_server_keeps_what_it_answered(engine: EngineKind) {
    let database = TestDatabase::fresh(engine);
    let url = super::url(&database);
    let house = House::new(super::house(), database.folder(), url.as_deref()).unwrap();
    let outcome = crash::prove(&house, KILLS, 1, |_| {}).await.unwrap();
    assert_eq!(outcome.faults, [""; 0]);
    assert!(outcome.rounds == KILLS && outcome.answered > 0, "{outcome:?}");
}
