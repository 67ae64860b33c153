//! The same server with a violation in it: no statement asks whose a row is, so that only the database's own wall is left.

use mimalloc::MiMalloc;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    slipway_framework::db::planted::remove_predicates();
    slipway_server::run_with([slipway_proof::records::module()])
}
