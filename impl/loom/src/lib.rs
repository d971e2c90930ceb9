//! The lock table under loom: every interleaving of the [cases], and every value that a weakly ordered read may see.

#![forbid(unsafe_code)]

pub(crate) use loom as explorer;

#[path = "../../cases/mod.rs"]
pub mod cases;
#[path = "../../src/planted.rs"]
pub mod planted;
#[path = "../../src/sync.rs"]
mod sync;
#[path = "../../src/locks/table/mod.rs"]
pub mod table;

use cases::{Bug, Case, History, Recorder};
use loom::model::Builder;
use std::sync::Arc;

/// Runs a case in every interleaving, with at most so many preemptions in each; in all, where that is `None`. Each
/// begins with a call of `begins`, which is told where its history is recorded, and that history is passed to `judge`.
///
/// # Panics
/// When anything is wrong, and when the judge does.
pub fn explore(
    case: &'static Case,
    preemptions: Option<usize>,
    bug: Option<Bug>,
    begins: impl Fn(&Arc<Recorder>) + Send + Sync + 'static,
    judge: impl Fn(&History) + Send + Sync + 'static,
) {
    let mut builder = Builder::new();
    builder.preemption_bound = preemptions;
    builder.max_branches = 20_000;
    builder.check(move || {
        judge(&case.run(bug, &begins));
    });
}
