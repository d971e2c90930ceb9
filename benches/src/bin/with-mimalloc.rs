//! Measures one check with the allocator of our shipped binary.

use clap::Parser;
use proofmark_benches::sample::Measure;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    Measure::parse().run()
}
