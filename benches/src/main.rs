//! Runs benchmarks and prints a line of JSON a measurement. Whoever takes turns with its peers meets the same noise of
//! the machine as they do.

mod runner {
    pub(crate) mod bars;
    pub(crate) mod chart;
    pub(crate) mod checks;
    pub(crate) mod histories;
    pub(crate) mod locks;
    pub(crate) mod measurement;
    pub(crate) mod programs;
    pub(crate) mod small;
}

use clap::{Parser, ValueEnum};
use proofmark_benches::histories::Subject as History;
use proofmark_benches::subjects::{Allocator, Subject};
use runner::bars::Figures;
use runner::measurement::Measurement;
use runner::{bars, chart, checks, histories, locks, programs, small};
use std::path::PathBuf;
use std::process::ExitCode;
use std::{fmt, fs};

/// The allocator of the shipped binary, for our lock table and for all its peers.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Measure checks of state spaces and of histories, and the lock table, ours and the peers' in the same run.
#[derive(Parser)]
#[command(name = "proofmark-benches")]
struct Arguments {
    /// Suites to run, or the beginnings of their names; all by default.
    names: Vec<String>,
    /// How many participants the models have.
    #[arg(long, default_value_t = 9, value_parser = clap::value_parser!(u16).range(2..=12))]
    participants: u16,
    /// How often each is measured; the lines give the median, the lowest and the highest. By default, lock
    /// tables are measured 7 times and all else 3 times.
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=99))]
    runs: Option<u16>,
    /// How long a crowd locks keys in each run.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u16).range(1..=10_000))]
    milliseconds: u16,
    /// Leave out criterion's suites of small sizes and single threads.
    #[arg(long)]
    large: bool,
    /// Draw the throughput of the lock tables into this file.
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    /// Write the ratios of the lock tables into this file, as tables of Markdown.
    #[arg(long, value_name = "FILE")]
    markdown: Option<PathBuf>,
}

/// What can be run.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Suite {
    /// Checks of a model.
    Check(Subject),
    /// Checks of a history.
    History(History),
    /// Something about lock tables.
    Locks(locks::Suite),
}

impl Suite {
    fn all() -> Vec<Self> {
        let checks = Subject::value_variants().iter().copied().map(Self::Check);
        let histories = History::value_variants().iter().copied().map(Self::History);
        checks.chain(histories).chain(locks::Suite::ALL.into_iter().map(Self::Locks)).collect()
    }

    const fn check(self) -> Option<Subject> {
        if let Suite::Check(subject) = self { Some(subject) } else { None }
    }

    const fn history(self) -> Option<History> {
        if let Suite::History(subject) = self { Some(subject) } else { None }
    }

    const fn locks(self) -> Option<locks::Suite> {
        if let Suite::Locks(suite) = self { Some(suite) } else { None }
    }

    pub(crate) fn name(self) -> String {
        match self {
            Suite::Check(subject) => subject.name(),
            Suite::History(subject) => subject.name(),
            Suite::Locks(suite) => suite.name().to_owned(),
        }
    }
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
    let chosen: Vec<Suite> = Suite::all().into_iter().filter(|suite| is_chosen(&suite.name())).collect();
    if chosen.is_empty() {
        let known: Vec<_> = Suite::all().into_iter().map(Suite::name).collect();
        return Err(format!("no suite is named {}; there are {}", arguments.names.join(", "), known.join(", ")));
    }
    let subjects: Vec<_> = chosen.iter().filter_map(|suite| suite.check()).collect();
    let histories: Vec<_> = chosen.iter().filter_map(|suite| suite.history()).collect();
    let suites: Vec<_> = chosen.iter().filter_map(|suite| suite.locks()).collect();
    let mut programs = Vec::new();
    if !subjects.is_empty() || !histories.is_empty() {
        programs.extend([Allocator::Mimalloc, Allocator::System].map(Allocator::program));
    }
    if suites.contains(&locks::Suite::Memory) {
        programs.push(locks::HOLDS);
    }
    programs::build(&programs)?;
    let runs = arguments.runs.unwrap_or(3);
    histories.into_iter().try_for_each(|subject| histories::measure(subject, runs))?;
    subjects.into_iter().try_for_each(|subject| checks::measure(subject, arguments.participants, runs))?;
    let effort = locks::Effort { runs: arguments.runs.unwrap_or(7), milliseconds: arguments.milliseconds };
    let measured = locks::measure(&suites, effort)?;
    let figures = Figures(&measured);
    if let Some(path) = &arguments.svg {
        chart::draw(&figures, path)?;
    }
    if let Some(path) = &arguments.markdown {
        fs::write(path, bars::markdown(&figures)).map_err(|error| cannot("write", path.display(), error))?;
    }
    bars::tell(&figures);
    // At last: cargo builds this very program anew for them, and the one that runs is no longer to be found.
    if !arguments.large {
        small::measure(&chosen)?.iter().try_for_each(Measurement::tell)?;
    }
    Ok(())
}

fn cannot(what: &str, path: impl fmt::Display, error: impl fmt::Display) -> String {
    format!("cannot {what} {path}: {error}")
}
