//! Measures what many held locks take, with an allocator that counts.

use clap::Parser;
use peak_alloc::PeakAlloc;
use proofmark_benches::locks::held::Hold;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

fn main() -> ExitCode {
    match proofmark_benches::print(&Hold::parse().run(ALLOCATOR)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}
