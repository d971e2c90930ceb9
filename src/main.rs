//! The command line of proofmark for its own models.

use std::process::ExitCode;

fn main() -> ExitCode {
    proofmark_harness::cli::main(proofmark::registry())
}
