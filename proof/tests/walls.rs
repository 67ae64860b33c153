//! Isolation by the database alone, with statements that do not ask whose a row is; `cargo xtask prove isolation` asks a million times.
#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

use slipway_framework::db::Location;
use slipway_proof::{House, isolation};
use slipway_testkit::{EngineKind, TestDatabase, block_on};
use std::path::Path;

const HOUSE: &str = env!("CARGO_BIN_EXE_slipway-proof-house");
const PLANTED: &str = env!("CARGO_BIN_EXE_slipway-proof-planted");
const QUESTIONS: u64 = 2_000;

async fn ask(engine: EngineKind, settled_by: &str) -> isolation::Outcome {
    let database = TestDatabase::fresh(engine);
    let url = match database.location() {
        Location::Url(url) => Some(url),
        Location::File(_) => None,
    };
    let house = House::new(Path::new(PLANTED), database.folder(), url.as_deref()).unwrap();
    isolation::prove(&house, Path::new(settled_by), QUESTIONS, 1, |_| {}).await.unwrap()
}

mod sqlite {
    use super::*;

    #[test]
    fn without_any_wall_something_crosses() {
        let outcome = block_on(ask(EngineKind::Sqlite, HOUSE));
        assert!(!outcome.crossings.is_empty(), "the proof is blind: {outcome:?}");
    }
}

mod postgres {
    use super::*;

    #[test]
    fn the_policies_alone_let_nothing_cross() {
        let outcome = block_on(ask(EngineKind::Postgres, PLANTED));
        assert_eq!((outcome.crossings, outcome.strange), (Vec::new(), Vec::new()));
        assert!(outcome.foreign > QUESTIONS / 4);
    }
}
