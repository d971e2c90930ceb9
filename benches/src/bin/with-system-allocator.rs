//! Measures one check of a model or a history with the allocator that a program has when it chooses none.

use clap::Parser;
use proofmark_benches::Task;
use std::process::ExitCode;

fn main() -> ExitCode {
    Task::parse().run()
}
