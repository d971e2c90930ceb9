//! What a process measures of itself when it checks one model once.

use crate::subjects::{Checked, Explored, Subject};
use serde::{Deserialize, Serialize};
use std::process::ExitCode;
use std::time::Instant;

/// Check one model once and print what it cost, as JSON.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct Measure {
    /// The model.
    #[arg(long)]
    pub subject: Subject,
    /// The checker.
    #[arg(long)]
    pub by: Checked,
    /// How many threads check.
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=64))]
    pub threads: u16,
    /// How many participants the model has.
    #[arg(long, value_parser = clap::value_parser!(u16).range(2..=12))]
    pub participants: u16,
}

/// What one process measured of itself.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Sample {
    /// Initial states and successors.
    pub generated: u64,
    /// Distinct states.
    pub distinct: u64,
    /// From the start of the check to its end.
    pub seconds: f64,
    /// The most that the process has occupied.
    pub peak_memory_bytes: u64,
}

impl Measure {
    /// The command line that asks for it.
    pub fn arguments(self) -> [String; 5] {
        [
            "check".to_owned(),
            format!("--subject={}", self.subject.name()),
            format!("--by={}", self.by.name()),
            format!("--threads={}", self.threads),
            format!("--participants={}", self.participants),
        ]
    }

    /// Checks, and prints the sample.
    pub fn run(self) -> ExitCode {
        let started = Instant::now();
        let Explored { generated, distinct } =
            self.subject.explore(self.by, self.participants.into(), self.threads.into());
        let seconds = started.elapsed().as_secs_f64();
        let peak_memory_bytes = proofmark_harness::memory::high_water();
        match crate::print(&Sample { generated, distinct, seconds, peak_memory_bytes }) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("{error}");
                ExitCode::from(2)
            }
        }
    }
}
