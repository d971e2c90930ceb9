//! What limits a search and how it is done.

use std::time::Duration;

/// How a search is done. No limit but `memory` and the threads applies by default.
#[derive(Clone, Debug)]
pub struct Options {
    /// Who searches.
    pub engine: Engine,
    /// How many threads, at least 1.
    pub threads: usize,
    /// Whether states are told apart by their orbits only, where the model has a symmetry.
    pub symmetry: bool,
    /// The width of a fingerprint.
    pub fingerprint: Fingerprint,
    /// Bytes that the process may occupy; the search ends as incomplete before it takes more.
    pub memory: Option<u64>,
    /// States on the longest path that is explored, the initial one being 1.
    pub max_depth: Option<u64>,
    /// Distinct states after which the search ends.
    pub max_states: Option<u64>,
    /// Time after which the search ends.
    pub timeout: Option<Duration>,
    /// Whether the search ends at the first violation; properties not yet decided stay unknown.
    pub fail_fast: bool,
    /// Properties whose failure does not end a `fail_fast` search: those that the bound expects to fail.
    pub tolerated: Vec<String>,
}

/// Who searches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// This crate.
    Native,
    /// Stateright's own breadth-first checker, as an oracle. It judges no property of whole behaviours.
    Stateright,
}

/// The width of a fingerprint, by which states are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fingerprint {
    /// 64 bits: a billion states collide with a probability of 3 %.
    Bits64,
    /// 128 bits, for half as many states in the same memory.
    Bits128,
}

/// Why a search ended before it was exhaustive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cut {
    /// `Options::max_depth` was reached.
    Depth(u64),
    /// `Options::max_states` was reached.
    States(u64),
    /// `Options::timeout` was reached.
    Timeout(Duration),
    /// `Options::memory`, in bytes, would have been exceeded.
    Memory(u64),
    /// A violation was found and `Options::fail_fast` set.
    FirstViolation,
    /// The user stopped it.
    Interrupted,
}

impl Default for Options {
    /// One thread a processor, 64-bit fingerprints, no limit.
    fn default() -> Self {
        Self {
            engine: Engine::Native,
            threads: std::thread::available_parallelism().map_or(1, usize::from),
            symmetry: false,
            fingerprint: Fingerprint::Bits64,
            memory: None,
            max_depth: None,
            max_states: None,
            timeout: None,
            fail_fast: false,
            tolerated: Vec::new(),
        }
    }
}

impl std::fmt::Display for Cut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Cut::Depth(depth) => write!(f, "the depth limit of {depth} was reached"),
            Cut::States(states) => write!(f, "the limit of {states} states was reached"),
            Cut::Timeout(time) => write!(f, "the time limit of {time:?} was reached"),
            Cut::Memory(bytes) => {
                let (shift, unit) = match bytes {
                    0..1024 => (0, "B"),
                    1024..0x10_0000 => (10, "KiB"),
                    _ => (20, "MiB"),
                };
                write!(f, "the memory limit of {} {unit} was reached", bytes >> shift)
            }
            Cut::FirstViolation => write!(f, "stopped at the first violation"),
            Cut::Interrupted => write!(f, "interrupted"),
        }
    }
}
