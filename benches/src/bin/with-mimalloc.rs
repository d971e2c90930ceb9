//! Measures one check of a model or a history with the allocator of our shipped binary.

use clap::Parser;
use proofmark_benches::Task;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    Task::parse().run()
}
