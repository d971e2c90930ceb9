//! The lock table under shuttle: random interleavings of the [cases], and of crowds that are too large for loom.

#![forbid(unsafe_code)]

pub(crate) use shuttle as explorer;

#[path = "../../cases/mod.rs"]
pub mod cases;
#[path = "../../src/planted.rs"]
pub mod planted;
#[path = "../../src/sync.rs"]
mod sync;
#[path = "../../src/locks/table/mod.rs"]
pub mod table;

use cases::{Bug, Case, History, Recorder};
use std::sync::Arc;

/// Runs a case in so many random interleavings, the same ones each time. Each begins with a call of `begins`, which is
/// told where its history is recorded, and that history is passed to `judge`.
///
/// # Panics
/// When anything is wrong, and when the judge does.
pub fn explore(
    case: &'static Case,
    schedules: u64,
    bug: Option<Bug>,
    begins: impl Fn(&Arc<Recorder>) + Send + Sync + 'static,
    judge: impl Fn(&History) + Send + Sync + 'static,
) {
    let random =
        shuttle::scheduler::RandomScheduler::new_from_seed(SEED, usize::try_from(schedules).unwrap_or(usize::MAX));
    let mut config = shuttle::Config::new();
    config.silence_warnings = true;
    config.failure_persistence = shuttle::FailurePersistence::None;
    shuttle::Runner::new(random, config).run(move || {
        judge(&case.run(bug, &begins));
    });
}

/// The seed of the schedules.
const SEED: u64 = 0x70_72_6f_6f_66;
