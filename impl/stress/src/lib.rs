//! The lock table on real threads, which run the [cases] as it happens: what tests without an explorer would see.

#![forbid(unsafe_code)]

pub(crate) use std as explorer;

#[path = "../../cases/mod.rs"]
pub mod cases;
#[path = "../../src/planted.rs"]
pub mod planted;
#[path = "../../src/sync.rs"]
mod sync;
#[path = "../../src/locks/table/mod.rs"]
pub mod table;

use cases::{Bug, Case, History};

/// Runs a case so many times. Each begins with a call of `begins`, and its history is passed to `judge`.
///
/// # Panics
/// When anything is wrong, and when the judge does.
pub fn explore(case: &'static Case, times: u64, bug: Option<Bug>, begins: impl Fn(), judge: impl Fn(&History)) {
    for _ in 0..times {
        begins();
        judge(&case.run(bug));
    }
}
