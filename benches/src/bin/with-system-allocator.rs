//! Measures one check with the allocator that a program has when it chooses none.

use clap::Parser;
use proofmark_benches::sample::Measure;
use std::process::ExitCode;

fn main() -> ExitCode {
    Measure::parse().run()
}
