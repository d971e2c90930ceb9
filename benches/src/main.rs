//! Measures checks and prints a line of JSON a measurement.
//!
//! Small ones are measured by criterion. Large ones take a process each, so that its memory is its own, and
//! take turns, so that a noisy machine is noisy to all of them alike.

mod small;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

use clap::Parser;
use proofmark_benches::subjects::{Checked, Explored, Subject};
use serde::{Deserialize, Serialize};
use std::io::Write;
use std::process::{Command, ExitCode};
use std::time::Instant;

/// Measure checks of state spaces, ours and the peers' in the same run.
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
    /// Measures one check in this process: the suite's, the checker's and the threads' index.
    #[arg(long, hide = true, num_args = 3)]
    one: Option<Vec<usize>>,
}

/// What one process measured of itself.
#[derive(Clone, Copy, Serialize, Deserialize)]
struct Sample {
    generated: u64,
    distinct: u64,
    seconds: f64,
    peak_memory_bytes: u64,
}

/// A figure of a sample.
type Metric = fn(&Sample) -> f64;

/// A line of output.
#[derive(Serialize)]
struct Measurement<Text> {
    bench: Text,
    subject: Text,
    params: Params,
    metric: Text,
    median: f64,
    low: f64,
    high: f64,
}

#[derive(Clone, Copy, Serialize)]
struct Params {
    participants: usize,
    threads: usize,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = match &arguments.one {
        Some(which) => one(which, arguments.participants.into()),
        None => all(&arguments),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("proofmark-benches: {error}");
            ExitCode::from(2)
        }
    }
}

/// Measures one check and prints the sample.
fn one(which: &[usize], participants: usize) -> Result<(), String> {
    let &[subject, by, threads] = which else { return Err("--one takes three numbers".into()) };
    let subject = Subject::ALL.get(subject).ok_or("no such suite")?;
    let by = Checked::ALL.get(by).ok_or("no such checker")?;
    let started = Instant::now();
    let Explored { generated, distinct } = subject.explore(*by, participants, threads);
    let seconds = started.elapsed().as_secs_f64();
    let peak_memory_bytes = proofmark_harness::memory::high_water();
    print(&Sample { generated, distinct, seconds, peak_memory_bytes })
}

fn all(arguments: &Arguments) -> Result<(), String> {
    let is_chosen =
        |name: &str| arguments.names.is_empty() || arguments.names.iter().any(|n| name.starts_with(n.as_str()));
    let chosen: Vec<_> =
        Subject::ALL.into_iter().enumerate().filter(|(_, subject)| is_chosen(subject.name())).collect();
    if chosen.is_empty() {
        let known: Vec<_> = Subject::ALL.into_iter().map(Subject::name).collect();
        return Err(format!("no suite is named {}; there are {}", arguments.names.join(", "), known.join(", ")));
    }
    for &(subject, suite) in &chosen {
        for threads in [1, 2] {
            let params = Params { participants: arguments.participants.into(), threads };
            let mut samples: [Vec<Sample>; Checked::ALL.len()] = Default::default();
            // In turn, so that what disturbs the machine disturbs all.
            for _ in 0..arguments.runs {
                for (by, samples) in samples.iter_mut().enumerate() {
                    samples.push(in_fresh_process(subject, by, params)?);
                }
            }
            agree(&samples)?;
            for (by, samples) in Checked::ALL.into_iter().zip(&samples) {
                report(suite.name(), by, params, samples)?;
            }
        }
    }
    // At last: cargo builds this very program anew for them, and the one that runs is no longer to be found.
    if !arguments.large {
        let names: Vec<_> = chosen.iter().map(|(_, suite)| suite.name()).collect();
        small::measure(&names)?.iter().try_for_each(print)?;
    }
    Ok(())
}

fn in_fresh_process(subject: usize, by: usize, params: Params) -> Result<Sample, String> {
    let program = std::env::current_exe().map_err(|error| format!("cannot find this program: {error}"))?;
    let numbers = [subject, by, params.threads, params.participants].map(|number| number.to_string());
    let [subject, by, threads, participants] = &numbers;
    let output = Command::new(program)
        .args(["--one", subject, by, threads, "--participants", participants])
        .output()
        .map_err(|error| format!("cannot start a process: {error}"))?;
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

fn report(bench: &str, by: Checked, params: Params, samples: &[Sample]) -> Result<(), String> {
    let metrics: [(&str, Metric); 3] = [
        ("distinct states/s", |sample| sample.distinct as f64 / sample.seconds),
        ("generated states/s", |sample| sample.generated as f64 / sample.seconds),
        ("peak bytes/distinct state", |sample| sample.peak_memory_bytes as f64 / sample.distinct as f64),
    ];
    for (metric, of) in metrics {
        let mut values: Vec<f64> = samples.iter().map(of).collect();
        values.sort_by(f64::total_cmp);
        let (low, median, high) = (values[0], values[values.len() / 2], values[values.len() - 1]);
        print(&Measurement { bench, subject: by.name(), params, metric, median, low, high })?;
    }
    Ok(())
}

fn print(line: &impl Serialize) -> Result<(), String> {
    let line = serde_json::to_string(line).map_err(|error| error.to_string())?;
    writeln!(std::io::stdout(), "{line}").map_err(|error| format!("cannot print: {error}"))
}
