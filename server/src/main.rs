//! `slipway`: see `slipway --help`.

use mimalloc::MiMalloc;
use std::process::ExitCode;

/// The C library's allocator keeps what one burst of password hashing and icon drawing used, for ever; this one gives it back.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    slipway_server::run()
}
