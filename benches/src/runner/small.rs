//! Criterion's suites of small sizes and single threads, run by cargo and read back from what criterion writes.

use super::locks::{self, CYCLE};
use super::measurement::Measurement;
use super::programs::cargo;
use crate::{Suite, cannot};
use proofmark_benches::locks::contender::Calls;
use serde::Deserialize;
use serde_json::{Value as Json, json};
use std::fs;
use std::path::{Path, PathBuf};

/// What criterion says of a benchmark, as far as it is needed (`benchmark.json`).
#[derive(Deserialize)]
struct Benchmark {
    group_id: String,
    function_id: String,
    value_str: String,
    throughput: Throughput,
}

#[derive(Deserialize)]
struct Throughput {
    #[serde(rename = "Elements")]
    elements: u64,
}

/// What criterion estimates of it, in nanoseconds (`estimates.json`).
#[derive(Deserialize)]
struct Estimates {
    median: Estimate,
}

#[derive(Deserialize)]
struct Estimate {
    point_estimate: f64,
    confidence_interval: Interval,
}

#[derive(Deserialize)]
struct Interval {
    lower_bound: f64,
    upper_bound: f64,
}

/// Runs criterion's part of these suites and reads its measurements.
pub(crate) fn measure(suites: &[Suite]) -> Result<Vec<Measurement>, String> {
    let home = Path::new(env!("CARGO_MANIFEST_DIR")).join("target").join("criterion");
    // Whatever an earlier run left is no measurement of this one.
    match fs::remove_dir_all(&home) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(cannot("empty", home.display(), error));
        }
        _ => {}
    }
    for &suite in suites {
        let bench = match suite {
            Suite::Check(_) => "check",
            Suite::Locks(locks::Suite::Cycle) => "lock_table",
            Suite::History(_) | Suite::Locks(_) => continue,
        };
        let name = suite.name();
        eprintln!("{name}: criterion's measurements");
        let status = cargo("bench")
            .args(["--bench", bench, "--", "--quiet", &name])
            .env("CRITERION_HOME", &home)
            .status()
            .map_err(|error| cannot("start", "cargo", error))?;
        if !status.success() {
            return Err(format!("criterion's suite {name} failed: {status}"));
        }
    }
    let mut found = Vec::new();
    if home.exists() {
        collect(&home, &mut found)?;
    }
    found.sort_by_cached_key(|line| (line.bench.clone(), line.params.to_string(), line.subject.clone()));
    Ok(found)
}

/// Reads every measurement below a directory.
fn collect(directory: &Path, found: &mut Vec<Measurement>) -> Result<(), String> {
    let entries = fs::read_dir(directory).map_err(|error| cannot("read", directory.display(), error))?;
    for entry in entries {
        let path = entry.map_err(|error| cannot("read", directory.display(), error))?.path();
        if path.ends_with("new") && path.join("benchmark.json").exists() {
            found.push(line(&path)?);
        } else if path.is_dir() {
            collect(&path, found)?;
        }
    }
    Ok(())
}

fn line(directory: &Path) -> Result<Measurement, String> {
    let benchmark: Benchmark = read(&directory.join("benchmark.json"))?;
    let Estimates { median } = read(&directory.join("estimates.json"))?;
    let rate = |nanoseconds: f64| benchmark.throughput.elements as f64 / (nanoseconds / 1e9);
    let (subject, params, metric) = meaning(benchmark.group_id == CYCLE, benchmark.function_id, benchmark.value_str);
    Ok(Measurement {
        bench: benchmark.group_id,
        subject,
        params,
        metric: metric.to_owned(),
        median: rate(median.point_estimate),
        low: rate(median.confidence_interval.upper_bound),
        high: rate(median.confidence_interval.lower_bound),
    })
}

/// What the parts of a benchmark's name say: its subject, its parameters, and what is counted.
fn meaning(is_cycle: bool, function: String, value: String) -> (String, Json, &'static str) {
    if !is_cycle {
        let participants = value.parse().map_or(Json::String(value), |number: u64| json!(number));
        return (function, json!({ "participants": participants, "threads": 2 }), "generated states/s");
    }
    let asynchronous = function.strip_suffix(&format!(", {}", Calls::Async.name())).map(str::to_owned);
    let calls = if asynchronous.is_some() { Calls::Async } else { Calls::Blocking };
    let subject = asynchronous.unwrap_or(function);
    (subject, json!({ "calls": calls.name(), "keys": value, "threads": 1 }), "cycles/s")
}

fn read<T: for<'de> Deserialize<'de>>(path: &PathBuf) -> Result<T, String> {
    let text = fs::read(path).map_err(|error| cannot("read", path.display(), error))?;
    serde_json::from_slice(&text).map_err(|error| format!("{} is not what criterion writes: {error}", path.display()))
}
