//! Some thousand questions; `cargo xtask prove isolation` asks a million, and `tests/walls.rs` takes a wall away.

use slipway_proof::{House, isolation};
use slipway_testkit::{EngineKind, TestDatabase, on_both_engines};

const QUESTIONS: u64 = 3_000;

on_both_engines!(nothing_crosses);

async fn nothing_crosses(engine: EngineKind) {
    let database = TestDatabase::fresh(engine);
    let url = super::url(&database);
    let house = House::new(super::house(), database.folder(), url.as_deref()).unwrap();
    let outcome = isolation::prove(&house, super::house(), QUESTIONS, 1, |_| {}).await.unwrap();
    assert_eq!((outcome.crossings, outcome.strange), (Vec::new(), Vec::new()));
    assert!(
        outcome.asked == QUESTIONS && outcome.foreign > QUESTIONS / 4 && outcome.refused < QUESTIONS / 10
    );
}
