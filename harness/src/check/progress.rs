//! How far a search is, for whoever waits for it.

use std::time::Duration;

/// How far a search is.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// What is being done: `"states"` while exploring, then `"liveness"`; `"runs"` of the simulator and
    /// `"cases"` of concurrent code, which are counted as if they were states.
    pub phase: &'static str,
    /// Steps generated so far.
    pub generated: u64,
    /// Distinct states found so far.
    pub distinct: u64,
    /// States found and not yet explored, where the engine tells.
    pub queue: Option<u64>,
    /// The level that is being explored, the initial states being 1.
    pub depth: u64,
    /// Bytes that the process occupies now.
    pub memory: u64,
    /// Since the search began.
    pub elapsed: Duration,
}

/// What a search has found so far, beyond figures.
#[derive(Clone, Debug, Default)]
pub struct Details {
    /// For each kind of action of the model, the steps of the kind and those that led to a new state.
    pub actions: Vec<(u64, u64)>,
    /// The claims that are decided, by name, each with whether it holds.
    pub decided: Vec<(&'static str, bool)>,
}

/// Is told how far a search is, many times a second, and may stop it.
pub trait Watch: Sync {
    /// Called on the thread that drives the search.
    fn progress(&self, progress: &Progress);

    /// Called after [`Self::progress`], and asks where it wants to know more.
    fn details(&self, details: &dyn Fn() -> Details) {
        let _ = details;
    }

    /// Whether the search is to stop at once. Asked by every thread, often: it must be cheap, and once it is
    /// true it must stay so.
    fn interrupted(&self) -> bool;
}

/// Nobody watches.
impl Watch for () {
    fn progress(&self, _: &Progress) {}

    fn interrupted(&self) -> bool {
        false
    }
}
