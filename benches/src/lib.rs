//! What is measured: one model, checked by one checker, in one process.

use std::io::Write;

pub mod locks;
pub mod sample;
pub mod subjects;

/// Prints a line of JSON.
///
/// # Errors
/// When standard output takes no more.
pub fn print(line: &impl serde::Serialize) -> Result<(), String> {
    let line = serde_json::to_string(line).map_err(|error| error.to_string())?;
    writeln!(std::io::stdout(), "{line}").map_err(|error| format!("cannot print: {error}"))
}
