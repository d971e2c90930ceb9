//! The suites of the lock table.

use super::measurement::Measurement;
use super::programs;
use proofmark_benches::locks::contender::{Calls, Contender};
use proofmark_benches::locks::crowd::{Crowd, Done, Locks, Pass};
use proofmark_benches::locks::hand_over;
use proofmark_benches::locks::held::{Held, Hold};
use proofmark_benches::locks::keys::Keys;
use serde_json::json;
use std::collections::BTreeMap;
use std::process;
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

/// Something about lock tables that is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Suite {
    /// Cycles of one thread alone, by criterion.
    Cycle,
    /// Throughput and latencies of crowds that lock keys chosen so.
    Crowds(Keys),
    /// How soon a parked thread has a key.
    HandOver,
    /// How evenly one key goes round.
    Fairness,
    /// What held locks take.
    Memory,
}

impl Suite {
    /// All of them.
    pub(crate) const ALL: [Self; 7] = [
        Self::Cycle,
        Self::Crowds(Keys::Uniform),
        Self::Crowds(Keys::Zipf16),
        Self::Crowds(Keys::One),
        Self::HandOver,
        Self::Fairness,
        Self::Memory,
    ];

    /// Its name on the command line and in every output.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Suite::Cycle => CYCLE,
            Suite::Crowds(keys) => keys.suite(),
            Suite::HandOver => "lock-table/hand-over",
            Suite::Fairness => "lock-table/fairness",
            Suite::Memory => "lock-table/memory",
        }
    }
}

/// How much is done to know better.
#[derive(Clone, Copy)]
pub(crate) struct Effort {
    /// How often each is measured.
    pub(crate) runs: u16,
    /// How long a crowd works in a run.
    pub(crate) milliseconds: u16,
}

/// Measures suites, and prints each line when it is known.
pub(crate) fn measure(suites: &[Suite], effort: Effort) -> Result<Vec<Measurement>, String> {
    let mut measured = Vec::new();
    if suites.is_empty() {
        return Ok(measured);
    }
    eprintln!("lock-table: whether the locks of every subject exclude each other");
    Contender::all().into_iter().try_for_each(|contender| watched(contender, || contender.excludes()))?;
    for &suite in suites {
        let lines = match suite {
            // Criterion's come later, with its others.
            Suite::Cycle => Vec::new(),
            Suite::Crowds(keys) => crowds(keys, effort),
            Suite::HandOver => hand_overs(effort),
            Suite::Fairness => fairness(effort),
            Suite::Memory => memory()?,
        };
        lines.iter().try_for_each(Measurement::tell)?;
        measured.extend(lines);
    }
    Ok(measured)
}

/// A contender and its table, which it keeps for all its runs.
struct Entrant {
    contender: Contender,
    table: Box<dyn Locks>,
}

impl Entrant {
    fn all() -> Vec<Self> {
        Contender::all().into_iter().map(|contender| Self { contender, table: contender.table() }).collect()
    }

    fn run(&self, crowd: &Arc<Crowd>, pass: Pass, duration: Duration) -> Done {
        watched(self.contender, || self.table.run(crowd, pass, duration))
    }
}

fn crowds(keys: Keys, effort: Effort) -> Vec<Measurement> {
    let duration = Duration::from_millis(effort.milliseconds.into());
    let mut measured = Vec::new();
    for threads in THREADS {
        eprintln!("{}: {threads} at a time, {} runs of {duration:?} each", keys.suite(), effort.runs);
        let crowd = Crowd::of(threads, keys);
        let entrants = Entrant::all();
        let mut rates = vec![Vec::new(); entrants.len()];
        // In turn, so that what disturbs the machine disturbs all. The first time warms up tables and processor.
        for run in 0..=effort.runs {
            for (entrant, rates) in entrants.iter().zip(&mut rates) {
                let done = entrant.run(&crowd, Pass::Count, duration);
                if run > 0 {
                    rates.push(done.rate());
                }
            }
        }
        let mut latencies = vec![[const { Vec::new() }; QUANTILES.len()]; entrants.len()];
        for _ in 0..TIMED_RUNS {
            for (entrant, latencies) in entrants.iter().zip(&mut latencies) {
                let done = entrant.run(&crowd, Pass::Time, duration);
                for ((_, quantile), values) in QUANTILES.iter().zip(latencies) {
                    values.push(done.latencies.value_at_quantile(*quantile) as f64);
                }
            }
        }
        for (entrant, (rates, latencies)) in entrants.iter().zip(rates.into_iter().zip(latencies)) {
            let line = |metric, values| line(keys.suite(), entrant.contender, threads, metric, values);
            measured.push(line("cycles/s", rates));
            measured.extend(QUANTILES.iter().zip(latencies).map(|((metric, _), values)| line(metric, values)));
        }
    }
    measured
}

fn fairness(effort: Effort) -> Vec<Measurement> {
    let suite = Suite::Fairness.name();
    let duration = 3 * Duration::from_millis(effort.milliseconds.into());
    eprintln!("{suite}: 8 at a time, {} runs of {duration:?} each", effort.runs);
    let crowd = Crowd::of(8, Keys::One);
    let entrants = Entrant::all();
    let mut spreads = vec![Vec::new(); entrants.len()];
    for _ in 0..effort.runs {
        for (entrant, spreads) in entrants.iter().zip(&mut spreads) {
            spreads.push(entrant.run(&crowd, Pass::Count, duration).spread());
        }
    }
    let of = |(entrant, spreads): (&Entrant, _)| line(suite, entrant.contender, 8, "max/min acquisitions", spreads);
    entrants.iter().zip(spreads).map(of).collect()
}

fn hand_overs(effort: Effort) -> Vec<Measurement> {
    let suite = Suite::HandOver.name();
    eprintln!("{suite}: {} runs of {HAND_OVERS} times each", effort.runs);
    let mut times: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for _ in 0..effort.runs {
        for (subject, median) in hand_over::medians(HAND_OVERS) {
            times.entry(subject).or_default().push(median);
        }
    }
    let of = |(subject, times)| {
        Measurement::of(suite, subject, json!({ "calls": Calls::Blocking.name() }), "median nanoseconds", times)
    };
    times.into_iter().map(of).collect()
}

fn memory() -> Result<Vec<Measurement>, String> {
    let suite = Suite::Memory.name();
    eprintln!("{suite}: {HELD} locks of each subject");
    let mut measured = Vec::new();
    for table in 0..Hold::TABLES {
        let held: Held = programs::run(HOLDS, &Hold { table, locks: HELD }.arguments(), &[])?;
        let each = |bytes: usize| vec![bytes as f64 / HELD as f64];
        for (metric, values) in [
            ("bytes/held lock", each(held.allocated)),
            ("bytes/held lock at the most, while it grew", each(held.peak)),
            ("bytes of a guard", vec![held.guard as f64]),
        ] {
            measured.push(Measurement::of(suite, &held.subject, json!({ "locks": HELD }), metric, values));
        }
    }
    Ok(measured)
}

/// Lets a contender work, and ends this process if it never ends: a worker that waits for ever cannot be stopped.
fn watched<T>(contender: Contender, work: impl FnOnce() -> T) -> T {
    let (ended, end) = mpsc::channel::<()>();
    thread::scope(|scope| {
        scope.spawn(move || {
            if end.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
                let Contender { name, calls, .. } = contender;
                eprintln!(
                    "proofmark-benches: {name} ({}) has not ended after {PATIENCE:?}: nothing is measured",
                    calls.name()
                );
                process::exit(2);
            }
        });
        let done = work();
        drop(ended);
        done
    })
}

fn line(suite: &str, contender: Contender, threads: usize, metric: &str, values: Vec<f64>) -> Measurement {
    let params = json!({ "calls": contender.calls.name(), "threads": threads });
    Measurement::of(suite, contender.name, params, metric, values)
}

/// Cycles of one thread alone.
pub(crate) const CYCLE: &str = "lock-table/cycle";

/// The program that holds many locks.
pub(crate) const HOLDS: &str = "held-locks";

/// The sizes of crowds.
pub(crate) const THREADS: [usize; 4] = [1, 2, 4, 8];

/// How long one run of a contender may take, which is to last for ten seconds at the most.
const PATIENCE: Duration = Duration::from_secs(90);

/// What is told of latencies.
const QUANTILES: [(&str, f64); 3] = [("p50 nanoseconds", 0.5), ("p99 nanoseconds", 0.99), ("p99.9 nanoseconds", 0.999)];

/// How often latencies are measured.
const TIMED_RUNS: usize = 3;

/// How often a key is handed over in a run.
const HAND_OVERS: u64 = 200;

/// How many locks are held.
const HELD: u64 = 1_000_000;
