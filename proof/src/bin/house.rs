//! The server with the module `records` in it, and otherwise what is shipped.

use mimalloc::MiMalloc;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    slipway_server::run_with([slipway_proof::records::module()])
}
