//! The programs of this package that measure themselves, each time in a process of its own.

use crate::cannot;
use serde::de::DeserializeOwned;
use std::env;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// Builds programs, beside this one.
pub(crate) fn build(programs: &[&str]) -> Result<(), String> {
    if programs.is_empty() {
        return Ok(());
    }
    eprintln!("building {}", programs.join(" and "));
    let binaries = programs.iter().flat_map(|program| ["--bin", program]);
    let status =
        cargo("build").arg("--release").args(binaries).status().map_err(|error| cannot("start", "cargo", error))?;
    if status.success() { Ok(()) } else { Err(format!("the programs that measure themselves do not build: {status}")) }
}

/// Runs one of them on an input; what it says, a line of JSON.
pub(crate) fn run<T: DeserializeOwned>(program: &str, arguments: &[String], input: &[u8]) -> Result<T, String> {
    let here = env::current_exe().map_err(|error| cannot("find", "this program", error))?;
    let program = here.with_file_name(program).with_extension(env::consts::EXE_EXTENSION);
    let mut child = Command::new(&program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| cannot("start", program.display(), error))?;
    // It reads all of its input before it writes. One that ends before tells why.
    let _ = child.stdin.take().map(|mut stdin| stdin.write_all(input));
    let output = child.wait_with_output().map_err(|error| cannot("wait for", program.display(), error))?;
    if !output.status.success() {
        return Err(format!("a measurement failed: {}", String::from_utf8_lossy(&output.stderr)));
    }
    serde_json::from_slice(&output.stdout).map_err(|error| format!("a measurement is not JSON: {error}"))
}

/// A command of cargo's for this package that keeps standard output for measurements.
pub(crate) fn cargo(command: &str) -> Command {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
    cargo.args([command, "--quiet", "--manifest-path"]).arg(manifest).stdout(Stdio::null());
    cargo
}
