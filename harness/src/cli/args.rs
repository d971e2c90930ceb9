//! The command line as `clap` sees it: help, completions and the man page come from here too.

use crate::check::{Engine, Fingerprint, Options};
use crate::links::Link;
use crate::memory;
use bytesize::ByteSize;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// Checks models of distributed systems exhaustively within their bounds, and never says ok when it does not know
///
/// Without a command it verifies everything.
#[derive(Debug, Parser)]
#[command(
    version,
    name = "proofmark",
    disable_help_subcommand = true,
    after_long_help = EXIT_CODES,
    args_conflicts_with_subcommands = false
)]
pub(super) struct Cli {
    #[command(subcommand)]
    pub(super) command: Option<Command>,
    #[command(flatten)]
    pub(super) everywhere: Everywhere,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Check every model at every bound of a profile, kill every mutant, write the report
    Verify(Verify),
    /// Show the models with their constants, bounds and mutants
    List,
    /// Check models at a bound
    Check(Check),
    /// Hold code to its model, by the links between them
    Conform(Conform),
    /// Plant every mutant and show which property kills it
    Mutants {
        /// The models and systems whose mutants are planted; all when none is named
        #[arg(value_name = "MODEL|SYSTEM")]
        targets: Vec<String>,
    },
    /// Step a kept counterexample or a script through its model, or a recorded trace through its system
    Replay {
        /// A kept counterexample: its file, or its ID; or the file of a trace or of a script
        #[arg(value_name = "FILE|ID")]
        counterexample: OsString,
    },
    /// Make a kept counterexample a regression test, in corpus/, which verify runs
    Pin {
        /// Its ID, or its file
        #[arg(value_name = "ID")]
        counterexample: OsString,
    },
    /// Walk through a model's states in a browser
    Explore(Explore),
    /// Run the benchmarks of a checkout and compare with the peers
    Bench {
        /// The benchmarks to run; all when none is named, and after `--` the options of their own runner
        #[arg(value_name = "NAME")]
        names: Vec<String>,
    },
    /// Print the completions of a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the man page
    Man,
}

/// What `verify` takes.
#[derive(Clone, Copy, Debug, Default, Args)]
pub(super) struct Verify {
    /// Which bounds are checked: seconds each, or up to an hour
    #[arg(long, value_enum, default_value_t)]
    pub(super) profile: ProfileArg,
}

/// Which bounds `verify` checks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum ProfileArg {
    /// The bounds that take seconds
    #[default]
    Ci,
    /// Those and the ones that take minutes to an hour
    Deep,
}

/// What `conform` takes.
#[derive(Debug, Args)]
pub(super) struct Conform {
    /// The systems to hold to their models
    #[arg(value_name = "SYSTEM")]
    pub(super) systems: Vec<String>,
    /// Every system
    #[arg(long, conflicts_with = "systems")]
    pub(super) all: bool,
    /// The links to run; all of them when none is named
    #[arg(long, value_name = "LINK", value_enum, value_delimiter = ',')]
    pub(super) link: Vec<LinkArg>,
    /// How many runs of the simulator L2 and L5 judge
    #[arg(long, value_name = "N", default_value_t = 200, conflicts_with = "seed", value_parser = clap::value_parser!(u64).range(1..=1_000_000_000))]
    pub(super) seeds: u64,
    /// Judge the run of this seed alone; what it does not witness is no fault of it
    #[arg(long, value_name = "S", value_parser = clap::value_parser!(u64).range(..u64::MAX))]
    pub(super) seed: Option<u64>,
    /// Change a constant of what is run and explored; may be given several times
    #[arg(long, value_name = "KEY=VALUE", value_parser = setting)]
    pub(super) set: Vec<(String, String)>,
    /// Write the trace of the run of --seed, a file of JSON lines
    #[arg(long, value_name = "FILE", requires = "seed")]
    pub(super) record: Option<PathBuf>,
    /// Plant a bug in the code; L1 explores it at the mutant's bound
    #[arg(long, value_name = "NAME")]
    pub(super) mutant: Option<String>,
    /// Judge recorded traces instead, whose first lines name their systems
    #[arg(long, value_name = "FILE", num_args = 1.., conflicts_with_all = ["link", "seeds", "seed", "set", "mutant", "all"])]
    pub(super) trace: Vec<PathBuf>,
}

/// A link of code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum LinkArg {
    /// Every behaviour of the real code at small bounds refines the model
    #[value(name = "L1")]
    L1,
    /// Runs of the simulator are behaviours of the model
    #[value(name = "L2")]
    L2,
    /// Paths that cover the model are driven on the code
    #[value(name = "L3")]
    L3,
    /// Clients of runs of the simulator see one object
    #[value(name = "L5")]
    L5,
    /// Every order in which the threads of concurrent code may run is judged
    #[value(name = "L6")]
    L6,
}

impl From<LinkArg> for Link {
    fn from(link: LinkArg) -> Self {
        match link {
            LinkArg::L1 => Link::L1,
            LinkArg::L2 => Link::L2,
            LinkArg::L3 => Link::L3,
            LinkArg::L5 => Link::L5,
            LinkArg::L6 => Link::L6,
        }
    }
}

/// What `explore` takes.
#[derive(Debug, Args)]
pub(super) struct Explore {
    /// The model, or the cluster of a system; the first when none is named
    #[arg(value_name = "MODEL")]
    pub(super) model: Option<String>,
    #[command(flatten)]
    pub(super) variant: Variant,
    /// Where to listen, such as 127.0.0.1:8080; beyond this machine, it asks for the token that is printed
    #[arg(long, value_name = "ADDR", value_parser = address)]
    pub(super) listen: Option<SocketAddr>,
    /// Open the browser
    #[arg(long)]
    pub(super) open: bool,
    /// Begin with a kept counterexample: its file, or its ID
    #[arg(long, value_name = "ID|FILE", conflicts_with_all = ["bound", "set", "mutant"])]
    pub(super) at: Option<OsString>,
    /// Write a page that needs no server into this directory instead, with the counterexample of --at or else the states
    /// near the initial ones
    #[arg(long, value_name = "DIR", conflicts_with_all = ["listen", "open"])]
    pub(super) export: Option<PathBuf>,
}

/// A bound of a model, perhaps with changed constants or a bug planted.
#[derive(Clone, Debug, Args)]
pub(super) struct Variant {
    /// The bound whose constants to start from; the first of the model when none is named
    #[arg(long, value_name = "NAME")]
    pub(super) bound: Option<String>,
    /// Change a constant; may be given several times
    #[arg(long, value_name = "KEY=VALUE", value_parser = setting)]
    pub(super) set: Vec<(String, String)>,
    /// Plant a bug; the bound is the mutant's when none is named
    #[arg(long, value_name = "NAME")]
    pub(super) mutant: Option<String>,
}

/// What `check` takes.
#[derive(Debug, Args)]
pub(super) struct Check {
    /// The models to check
    #[arg(value_name = "MODEL")]
    pub(super) models: Vec<String>,
    /// Check every model
    #[arg(long, conflicts_with = "models")]
    pub(super) all: bool,
    #[command(flatten)]
    pub(super) variant: Variant,
    /// Stop at the first violation
    #[arg(long)]
    pub(super) fail_fast: bool,
    /// Who searches: this program, or Stateright's own checker as an oracle
    #[arg(long, value_enum, default_value_t)]
    engine: EngineArg,
    /// How many threads search; one a processor when not given
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
    /// Tell states apart by their orbits only
    #[arg(long)]
    pub(super) symmetry: bool,
    /// Bits of the fingerprints by which states are told apart
    #[arg(long, value_enum, default_value_t)]
    fingerprint: FingerprintArg,
    /// Memory that the process may occupy, such as 512M or 4GiB, or in bytes; 80 % of what is available when not given
    #[arg(long, value_name = "SIZE", value_parser = size)]
    memory: Option<u64>,
    /// States on the longest path to explore
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    max_depth: Option<u64>,
    /// Distinct states after which to stop
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    max_states: Option<u64>,
    /// Time after which to stop, such as 90s or 1h30m
    #[arg(long, value_name = "DUR", value_parser = duration)]
    timeout: Option<Duration>,
}

/// Who searches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum EngineArg {
    /// This program
    #[default]
    Native,
    /// Stateright's own checker; with more than one thread its depth may come out too great
    Stateright,
}

/// The width of a fingerprint.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum FingerprintArg {
    #[default]
    #[value(name = "64")]
    Bits64,
    #[value(name = "128")]
    Bits128,
}

/// What every command takes.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Everywhere")]
pub(super) struct Everywhere {
    /// The form of what is printed
    #[arg(long, global = true, value_enum, default_value_t)]
    pub(super) format: Format,
    /// Write the report, one HTML page, into a directory
    #[arg(long, global = true, value_name = "DIR")]
    pub(super) report: Option<PathBuf>,
    /// Write the result as XML for whatever shows results of tests
    #[arg(long, global = true, value_name = "FILE")]
    pub(super) junit: Option<PathBuf>,
    /// Write counterexamples as ITF traces into a directory
    #[arg(long, global = true, value_name = "DIR")]
    pub(super) itf: Option<PathBuf>,
    /// Annotate a GitHub workflow and write its job summary
    #[arg(long, global = true)]
    pub(super) github: bool,
    /// Show verdicts alone, and no progress
    #[arg(long, short, global = true)]
    pub(super) quiet: bool,
    /// When to colour
    #[arg(long, global = true, value_enum, default_value_t = clap::ColorChoice::Auto)]
    pub(super) color: clap::ColorChoice,
}

/// The form of what is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people
    #[default]
    Human,
    /// One JSON object a line
    Json,
}

impl Check {
    /// How the search is to be done.
    pub(super) fn options(&self) -> Options {
        Options {
            engine: match self.engine {
                EngineArg::Native => Engine::Native,
                EngineArg::Stateright => Engine::Stateright,
            },
            symmetry: self.symmetry,
            fingerprint: match self.fingerprint {
                FingerprintArg::Bits64 => Fingerprint::Bits64,
                FingerprintArg::Bits128 => Fingerprint::Bits128,
            },
            threads: self.threads.map_or(Options::default().threads, usize::from),
            memory: self.memory.or_else(memory::safe_share),
            max_depth: self.max_depth,
            max_states: self.max_states,
            timeout: self.timeout,
            fail_fast: self.fail_fast,
            ..Options::default()
        }
    }

    /// The limits that were given, as they were: a report's commands repeat them.
    pub(super) fn limits(&self) -> Vec<String> {
        let mut limits = Vec::new();
        if self.fingerprint == FingerprintArg::Bits128 {
            limits.push("--fingerprint 128".to_owned());
        }
        limits.extend(self.fail_fast.then(|| "--fail-fast".to_owned()));
        limits.extend(self.memory.map(|bytes| format!("--memory {bytes}B")));
        limits.extend(self.max_depth.map(|depth| format!("--max-depth {depth}")));
        limits.extend(self.max_states.map(|states| format!("--max-states {states}")));
        limits.extend(self.timeout.map(|time| format!("--timeout {}", humantime::format_duration(time))));
        limits
    }
}

/// How a search is done where no option says otherwise.
pub(super) fn defaults() -> Options {
    Options { memory: memory::safe_share(), ..Options::default() }
}

fn setting(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("write KEY=VALUE, such as participants=5".to_owned()),
    }
}

fn address(text: &str) -> Result<SocketAddr, String> {
    let here = |port| SocketAddr::from(([127, 0, 0, 1], port));
    let told = text.parse().ok().or_else(|| text.strip_prefix("localhost:")?.parse().ok().map(here));
    told.or_else(|| text.parse().ok().map(here))
        .ok_or_else(|| "write an address with its port, such as 127.0.0.1:8080, or a port of this machine".to_owned())
}

fn size(text: &str) -> Result<u64, String> {
    match text.parse::<ByteSize>() {
        Ok(size) if size.as_u64() > 0 => Ok(size.as_u64()),
        _ => Err("write a number with a unit, such as 512M or 4GiB, or a number of bytes".to_owned()),
    }
}

fn duration(text: &str) -> Result<Duration, String> {
    match humantime::parse_duration(text) {
        Ok(time) if time > Duration::ZERO => Ok(time),
        Ok(_) => Err("nothing can be checked in no time".to_owned()),
        Err(wrong) => Err(format!("{wrong}; write a time with its unit, such as 90s or 1h30m")),
    }
}

const EXIT_CODES: &str = "\
Exit codes:
   0  everything asked for holds, exhaustively within the bound; exactly the expected failures failed
   2  usage or input error; nothing is written
  11  a deadlock, where the model forbids it
  12  safety is violated
  13  liveness is violated
  20  incomplete: a limit was reached before exhaustion, and nothing was found
  21  vacuous: a `can` property unmet, an action that never fired, an expected failure that did not fail;
      no initial state, no property, no mutant to plant
  30  the code takes a step that its model does not allow, or never one that it does; or its threads go wrong
  31  a mutant survived
  70  internal error, or an output that was asked for could not be written
 130  interrupted";
