//! The command line of proofmark for its own models.

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    proofmark_harness::cli::main(proofmark::registry())
}
