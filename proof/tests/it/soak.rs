//! A few seconds of even work; `cargo xtask prove soak` does thirty minutes, and only then memory means anything.

use slipway_proof::{House, soak};
use slipway_testkit::{EngineKind, TestDatabase, on_both_engines};
use std::time::Duration;

const LASTS: Duration = Duration::from_secs(3);

on_both_engines!(work_at_an_even_pace_leaves_nothing_wrong);

async fn work_at_an_even_pace_leaves_nothing_wrong(engine: EngineKind) {
    let database = TestDatabase::fresh(engine);
    let url = super::url(&database);
    let house = House::new(super::house(), database.folder(), url.as_deref()).unwrap();
    let outcome = soak::prove(&house, LASTS, 1, |_| {}).await.unwrap();
    // A process that has just begun is still growing.
    let faults: Vec<_> = outcome.faults.iter().filter(|fault| !fault.contains("grown")).collect();
    assert!(faults.is_empty(), "{faults:?}");
    assert!(outcome.answered > 0 && outcome.read > 0, "{outcome:?}");
}
