//! Measures checks of models and of histories and prints a line of JSON a measurement.
//!
//! Large ones take a process each, so that its memory is its own, and take turns, so that a noisy machine is
//! noisy to all of them alike. Small ones are measured by criterion.

mod judged;
mod small;

use clap::{Parser, ValueEnum};
use proofmark_benches::sample::{Measure, Sample};
use proofmark_benches::subjects::{Allocator, Contender, Subject};
use proofmark_benches::{histories, print};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::io::Write;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::{env, fmt};

/// Measure checks of state spaces and of histories, ours and the peers' in the same run.
#[derive(Parser)]
#[command(name = "proofmark-benches")]
struct Arguments {
    /// Suites to run, or the beginnings of their names; all by default.
    names: Vec<String>,
    /// How many participants the models have.
    #[arg(long, default_value_t = 9, value_parser = clap::value_parser!(u16).range(2..=12))]
    participants: u16,
    /// How often each is measured; the lines give the median, the lowest and the highest.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..=99))]
    runs: u16,
    /// Leave out criterion's suites of small sizes.
    #[arg(long)]
    large: bool,
}

/// A figure of a sample.
type Metric = fn(&Sample) -> f64;

/// A line of output.
#[derive(Serialize)]
struct Measurement<P> {
    bench: String,
    subject: String,
    params: P,
    metric: String,
    median: f64,
    low: f64,
    high: f64,
}

/// The size of a check of a model.
#[derive(Clone, Copy, Serialize)]
struct OfCheck {
    participants: u16,
    threads: u16,
}

fn main() -> ExitCode {
    match all(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("proofmark-benches: {error}");
            ExitCode::from(2)
        }
    }
}

fn all(arguments: &Arguments) -> Result<(), String> {
    let is_chosen =
        |name: &str| arguments.names.is_empty() || arguments.names.iter().any(|n| name.starts_with(n.as_str()));
    let suites = Subject::value_variants();
    let chosen: Vec<_> = suites.iter().copied().filter(|subject| is_chosen(&subject.name())).collect();
    let histories = histories::Subject::value_variants();
    let judged: Vec<_> = histories.iter().copied().filter(|subject| is_chosen(&subject.name())).collect();
    if chosen.is_empty() && judged.is_empty() {
        let known = suites.iter().map(|subject| subject.name()).chain(histories.iter().map(|subject| subject.name()));
        let known: Vec<_> = known.collect();
        return Err(format!("no suite is named {}; there are {}", arguments.names.join(", "), known.join(", ")));
    }
    build_contenders()?;
    for &subject in &judged {
        judged::measure(subject, arguments.runs)?;
    }
    for &subject in &chosen {
        for threads in [1, 2] {
            let params = OfCheck { participants: arguments.participants, threads };
            let mut samples: [Vec<Sample>; Contender::ALL.len()] = Default::default();
            // In turn, so that what disturbs the machine disturbs all.
            for _ in 0..arguments.runs {
                for (contender, samples) in Contender::ALL.into_iter().zip(&mut samples) {
                    samples.push(in_fresh_process(subject, contender, params)?);
                }
            }
            agree(&samples)?;
            for (contender, samples) in Contender::ALL.into_iter().zip(&samples) {
                report(subject, contender, params, samples)?;
            }
        }
    }
    // At last: cargo builds this very program anew for them, and the one that runs is no longer to be found.
    if !arguments.large && !chosen.is_empty() {
        small::measure(&chosen)?.iter().try_for_each(print)?;
    }
    Ok(())
}

/// Builds the programs that measure themselves, beside this one.
fn build_contenders() -> Result<(), String> {
    let status = cargo("build")
        .args(["--release", "--bin", "with-mimalloc", "--bin", "with-system-allocator"])
        .status()
        .map_err(|error| cannot("start", "cargo", error))?;
    if status.success() { Ok(()) } else { Err(format!("the programs that measure themselves do not build: {status}")) }
}

/// A command of cargo's for this package that keeps standard output for measurements.
fn cargo(command: &str) -> Command {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
    cargo.args([command, "--quiet", "--manifest-path"]).arg(manifest).stdout(Stdio::null());
    cargo
}

fn in_fresh_process(subject: Subject, contender: Contender, params: OfCheck) -> Result<Sample, String> {
    let OfCheck { participants, threads } = params;
    let measure = Measure { subject, by: contender.by, threads, participants };
    sample(contender.allocator, &measure.arguments(), &[])
}

/// What a process with that allocator measures of itself, given an input.
fn sample<T: DeserializeOwned>(allocator: Allocator, arguments: &[String], input: &[u8]) -> Result<T, String> {
    let here = env::current_exe().map_err(|error| cannot("find", "this program", error))?;
    let program = here.with_file_name(allocator.program()).with_extension(env::consts::EXE_EXTENSION);
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

/// Figures of checkers that did not explore the same states are no comparison.
fn agree(samples: &[Vec<Sample>]) -> Result<(), String> {
    let mut sizes = samples.iter().flatten().map(|sample| (sample.generated, sample.distinct));
    let first = sizes.next();
    match sizes.find(|&size| Some(size) != first) {
        Some(other) => Err(format!("the checkers explored {first:?} and {other:?} states: nothing is compared")),
        None => Ok(()),
    }
}

fn report(subject: Subject, contender: Contender, params: OfCheck, samples: &[Sample]) -> Result<(), String> {
    let metrics: [(&str, Metric); 3] = [
        ("distinct states/s", |sample| sample.distinct as f64 / sample.seconds),
        ("generated states/s", |sample| sample.generated as f64 / sample.seconds),
        ("peak bytes/distinct state", |sample| sample.peak_memory_bytes as f64 / sample.distinct as f64),
    ];
    for (metric, of) in metrics {
        print(&Measurement::of(subject.name(), contender.name(), params, metric, samples.iter().map(of)))?;
    }
    Ok(())
}

impl<P> Measurement<P> {
    /// The median of some values, the lowest and the highest.
    fn of(bench: String, subject: String, params: P, metric: &str, values: impl Iterator<Item = f64>) -> Self {
        let mut values: Vec<f64> = values.collect();
        values.sort_by(f64::total_cmp);
        let (median, low, high) = (values[values.len() / 2], values[0], values[values.len() - 1]);
        Self { bench, subject, params, metric: metric.to_owned(), median, low, high }
    }
}

fn cannot(what: &str, path: impl fmt::Display, error: impl fmt::Display) -> String {
    format!("cannot {what} {path}: {error}")
}
