//! The program as its own predecessor: whatever people can read survives a restart by another process. `cargo xtask prove upgrade`
//! builds a real one.

use slipway_proof::{House, upgrade};
use slipway_testkit::{EngineKind, TestDatabase, on_both_engines};

on_both_engines!(what_was_read_before_is_read_after);

async fn what_was_read_before_is_read_after(engine: EngineKind) {
    let database = TestDatabase::fresh(engine);
    let url = super::url(&database);
    let house = House::new(super::house(), database.folder(), url.as_deref()).unwrap();
    let outcome = upgrade::prove(&house, super::house(), 1).await.unwrap();
    assert_eq!(outcome.faults, [""; 0]);
    assert!(outcome.answered > 0 && outcome.compared > 50, "{outcome:?}");
}
