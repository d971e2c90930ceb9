//! Criterion's suites of small sizes, run by cargo and read back from what criterion writes.

use crate::{Measurement, OfCheck, cannot, cargo};
use proofmark_benches::subjects::Subject;
use serde::Deserialize;
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

/// Runs the suites of these subjects and reads their measurements.
pub(crate) fn measure(subjects: &[Subject]) -> Result<Vec<Measurement<OfCheck>>, String> {
    let home = Path::new(env!("CARGO_MANIFEST_DIR")).join("target").join("criterion");
    // Whatever an earlier run left is no measurement of this one.
    match fs::remove_dir_all(&home) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(cannot("empty", home.display(), error));
        }
        _ => {}
    }
    for subject in subjects {
        let name = subject.name();
        let status = cargo("bench")
            .args(["--bench", "check", "--", "--quiet", &name])
            .env("CRITERION_HOME", &home)
            .status()
            .map_err(|error| cannot("start", "cargo", error))?;
        if !status.success() {
            return Err(format!("criterion's suite {name} failed: {status}"));
        }
    }
    let mut found = Vec::new();
    collect(&home, &mut found)?;
    found.sort_by(|a, b| {
        (&a.bench, a.params.participants, &a.subject).cmp(&(&b.bench, b.params.participants, &b.subject))
    });
    Ok(found)
}

/// Reads every measurement below a directory.
fn collect(directory: &Path, found: &mut Vec<Measurement<OfCheck>>) -> Result<(), String> {
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

fn line(directory: &Path) -> Result<Measurement<OfCheck>, String> {
    let benchmark: Benchmark = read(&directory.join("benchmark.json"))?;
    let Estimates { median } = read(&directory.join("estimates.json"))?;
    let rate = |nanoseconds: f64| benchmark.throughput.elements as f64 / (nanoseconds / 1e9);
    let participants = benchmark.value_str.parse().map_err(|_| format!("{} is no number", benchmark.value_str))?;
    Ok(Measurement {
        bench: benchmark.group_id,
        subject: benchmark.function_id,
        params: OfCheck { participants, threads: 2 },
        metric: "generated states/s".to_owned(),
        median: rate(median.point_estimate),
        low: rate(median.confidence_interval.upper_bound),
        high: rate(median.confidence_interval.lower_bound),
    })
}

fn read<T: for<'de> Deserialize<'de>>(path: &PathBuf) -> Result<T, String> {
    let text = fs::read(path).map_err(|error| cannot("read", path.display(), error))?;
    serde_json::from_slice(&text).map_err(|error| format!("{} is not what criterion writes: {error}", path.display()))
}
