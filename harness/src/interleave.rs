//! Every interleaving of a system's concurrent code (L6).
//!
//! A system brings cases: a few threads that use its code, and a judge of what they saw. Whoever runs a case's threads
//! in every order is no business of this module: loom for all orders, shuttle for some beyond what loom can do, real
//! threads for comparison. Each case runs in a child process, since an explorer ends the process over what it finds.
//!
//! A case says what it finds by a panic. [`evidence_of`] tells by its words what it is: the explorers' own words, the
//! judge's [`unexplained`], or else an assertion of the case.

mod child;
mod runner;
mod words;

pub(crate) use child::run as run_here;
pub(crate) use runner::RUN_CASE;
pub use runner::{CaseResult, NoHistory, Runner, ShownHistory};
pub use words::{
    ASSERTIONS, AWAKE, EVIDENCE, Found, HISTORIES, LEAKS, LIVES, RACES, evidence_of, undecided, unexplained,
};

use crate::beside::Beside;
use foldhash::quality::FixedState;
use proofmark_vocabulary::Profile;
use std::collections::HashSet;
use std::hash::{BuildHasher, Hash};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The concurrent code of a system, as cases.
pub trait Interleavings: Send + Sync {
    /// The cases, in the order in which they are run. A case's name is unlike every other's.
    fn cases(&self) -> Vec<Case>;

    /// The names of the cases that are likeliest to notice a mutant: they are run before the others.
    fn first(&self, mutant: &str) -> &'static [&'static str] {
        let _ = mutant;
        &[]
    }

    /// Runs one of the cases, perhaps with a bug planted that a mutant names, in this process. What is wrong is told by
    /// a panic, on whichever thread. Each interleaving and each history is told to `count`.
    ///
    /// # Errors
    /// Why the case was not run to its end, as a clause: the limit of an explorer that returns when it is reached.
    fn explore(&self, case: &str, mutant: Option<&str>, count: &Counter) -> Result<(), String>;

    /// A history of a case beside the model, as [`Counter::watch`] was told it.
    ///
    /// # Errors
    /// Why it cannot be shown.
    fn beside(&self, case: &str, history: &serde_json::Value) -> Result<Beside, String> {
        let _ = history;
        Err(format!("{case} does not tell its histories"))
    }
}

/// Which history of a case somebody wants to see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// The one of the interleaving in which something is wrong; the first, where nothing is.
    Wrong,
    /// Of those that are unlike every earlier one, the one of this number, from 1.
    Number(u64),
}

impl Wanted {
    /// As the command of a child takes it.
    fn argument(self) -> String {
        match self {
            Wanted::Wrong => format!("{HISTORY}{WRONG}"),
            Wanted::Number(number) => format!("{HISTORY}{number}"),
        }
    }

    /// What the argument of a child says.
    pub(crate) fn of_argument(argument: &str) -> Option<Self> {
        match argument.strip_prefix(HISTORY)? {
            WRONG => Some(Wanted::Wrong),
            number => number.parse().ok().filter(|number| *number > 0).map(Wanted::Number),
        }
    }

    /// The number of the history that is kept for it.
    const fn number(self) -> u64 {
        match self {
            Wanted::Wrong => 1,
            Wanted::Number(number) => number,
        }
    }
}

/// Some threads that use the code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// The name: letters, digits, `-` and `_`.
    pub name: &'static str,
    /// What it is about, in one sentence.
    pub about: &'static str,
    /// How many threads there are, the one that starts the others included.
    pub threads: usize,
    /// How their interleavings are chosen.
    pub explorer: Explorer,
    /// In which profiles of `verify` it is run.
    pub profile: Profile,
    /// How many interleavings an exhaustive exploration of sound code has, when that was recorded.
    pub recorded: Option<u64>,
    /// After how long it is stopped, and *incomplete*.
    pub limit: Duration,
}

/// How interleavings are chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Explorer {
    /// All of them, by loom.
    Loom {
        /// How often a thread may be preempted; `None`: as often as there is.
        preemptions: Option<usize>,
    },
    /// At random, by shuttle, so many.
    Shuttle {
        /// How many.
        schedules: u64,
    },
    /// As the machine has it: real threads, so many times. No link, but what it would have noticed is compared.
    Stress {
        /// How many times.
        repetitions: u64,
    },
}

impl Explorer {
    /// The name.
    pub const fn name(self) -> &'static str {
        match self {
            Explorer::Loom { .. } => "loom",
            Explorer::Shuttle { .. } => "shuttle",
            Explorer::Stress { .. } => "stress",
        }
    }
}

/// The cases of a profile in the order in which they are run: those first that are likeliest to notice a mutant.
pub fn cases(interleavings: &dyn Interleavings, profile: Profile, mutant: Option<&str>) -> Vec<Case> {
    let mut cases: Vec<_> = interleavings.cases().into_iter().filter(|case| case.profile <= profile).collect();
    let first = mutant.map_or(&[][..], |mutant| interleavings.first(mutant));
    cases.sort_by_key(|case| first.iter().position(|name| *name == case.name).unwrap_or(first.len()));
    cases
}

/// What a case tells while it runs. Clones count together. It is of the standard library and no explorer sees it.
#[derive(Clone, Default)]
pub struct Counter(Arc<Counts>);

#[derive(Default)]
struct Counts {
    interleavings: AtomicU64,
    histories: Mutex<HashSet<[u64; 2]>>,
    /// Who is to be told of the history that somebody wants to see.
    wanted: Option<(Wanted, Tell)>,
    /// Reads the history of the interleaving that runs, as far as it has come.
    now: Mutex<Option<Reader>>,
}

/// Reads a history.
type Reader = Box<dyn Fn() -> serde_json::Value + Send>;
/// Takes a history.
type Tell = Box<dyn Fn(Met) + Send + Sync>;

/// A history that was met.
struct Met {
    history: serde_json::Value,
    /// Its number.
    number: u64,
}

impl Counter {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Nothing yet, for somebody who is told of a history when it is met: of the one of that number, or, where the one
    /// that is wrong is wanted, of the first.
    fn for_a_history(wanted: Wanted, tell: impl Fn(Met) + Send + Sync + 'static) -> Self {
        Self(Arc::new(Counts { wanted: Some((wanted, Box::new(tell))), ..Counts::default() }))
    }

    /// Tells where the history of the interleaving that begins can be read, at any time and by any thread: what has
    /// happened so far, as [`Interleavings::beside`] takes it.
    pub fn watch(&self, history: impl Fn() -> serde_json::Value + Send + 'static) {
        if self.0.wanted.is_some() {
            *self.0.now.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(history));
        }
    }

    /// The history of the interleaving that runs, if it can be read.
    fn now(&self) -> Option<serde_json::Value> {
        self.0.now.lock().unwrap_or_else(PoisonError::into_inner).as_ref().map(|read| read())
    }

    /// An interleaving begins.
    pub fn interleaving(&self) {
        self.0.interleavings.fetch_add(1, Ordering::Relaxed);
    }

    /// A history was seen; tells whether for the first time, since no other need be judged. Histories are told apart by
    /// 128 bits of their hash.
    pub fn history(&self, history: &impl Hash) -> bool {
        let print = SEEDS.map(|seed| FixedState::with_seed(seed).hash_one(history));
        let mut histories = self.0.histories.lock().unwrap_or_else(PoisonError::into_inner);
        let is_new = histories.insert(print);
        if is_new
            && let Some((wanted, tell)) = &self.0.wanted
            && wanted.number() == histories.len() as u64
            && let Some(history) = self.now()
        {
            tell(Met { history, number: wanted.number() });
        }
        is_new
    }

    /// How many interleavings have begun.
    pub fn interleavings(&self) -> u64 {
        self.0.interleavings.load(Ordering::Relaxed)
    }

    /// How many histories were unlike every earlier one.
    pub fn histories(&self) -> u64 {
        self.0.histories.lock().unwrap_or_else(PoisonError::into_inner).len() as u64
    }
}

const HISTORY: &str = "--history=";
const WRONG: &str = "wrong";
/// The first digits of pi and of e, in hexadecimal.
const SEEDS: [u64; 2] = [0x243f_6a88_85a3_08d3, 0xb7e1_5162_8aed_2a6a];
