//! The short forms of the proofs, and the module they write with, on both engines.
#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod crash;
mod isolation;
mod power_cut;
mod records;
mod soak;
mod twins;
mod upgrade;

use slipway_framework::db::Location;
use slipway_testkit::TestDatabase;
use std::path::Path;

/// The server with the module `records` in it.
const HOUSE: &str = env!("CARGO_BIN_EXE_slipway-proof-house");

fn house() -> &'static Path {
    Path::new(HOUSE)
}

/// The database's address, if it is PostgreSQL's.
fn url(database: &TestDatabase) -> Option<String> {
    match database.location() {
        Location::Url(url) => Some(url),
        Location::File(_) => None,
    }
}
