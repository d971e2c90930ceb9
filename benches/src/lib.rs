//! What is measured: one model or one history, checked by one checker, in one process; and lock tables under crowds.

use clap::{Parser, ValueEnum};
use std::io::Write;
use std::process::ExitCode;

pub mod histories;
pub mod locks;
pub mod sample;
pub mod subjects;

/// What a process measures of itself.
#[derive(Clone, Copy, Debug, Parser)]
pub enum Task {
    /// What it costs to check a model.
    Check(sample::Measure),
    /// What it costs to judge a history.
    History(histories::Judge),
}

impl Task {
    /// Does it, and prints the sample.
    pub fn run(self) -> ExitCode {
        match self {
            Task::Check(measure) => measure.run(),
            Task::History(judge) => judge.run(),
        }
    }
}

/// The name of a choice on the command line and in every output.
pub(crate) fn name(value: &impl ValueEnum) -> String {
    value.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
}

/// Prints a line of JSON.
///
/// # Errors
/// When standard output takes no more.
pub fn print(line: &impl serde::Serialize) -> Result<(), String> {
    let line = serde_json::to_string(line).map_err(|error| error.to_string())?;
    writeln!(std::io::stdout(), "{line}").map_err(|error| format!("cannot print: {error}"))
}
