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

use cases::{Bug, Case, History, Recorder};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Runs a case so many times. Each begins with a call of `begins`, which is told where its history is recorded, and
/// that history is passed to `judge`.
///
/// # Panics
/// When anything is wrong, and when the judge does; on a thread of its own when nothing has moved for some seconds.
pub fn explore(
    case: &'static Case,
    times: u64,
    bug: Option<Bug>,
    begins: impl Fn(&Arc<Recorder>),
    judge: impl Fn(&History),
) {
    let begun = Arc::new(AtomicU64::new(0));
    let watched = Arc::downgrade(&begun);
    std::thread::spawn(move || {
        let mut seen = u64::MAX;
        while let Some(begun) = watched.upgrade() {
            let now = begun.load(Ordering::Relaxed);
            assert!(now != seen, "deadlock! no thread has moved for {} s", PATIENCE.as_secs());
            seen = now;
            drop(begun);
            std::thread::sleep(PATIENCE);
        }
    });
    for _ in 0..times {
        begun.fetch_add(1, Ordering::Relaxed);
        judge(&case.run(bug, &begins));
    }
}

/// A case takes less than a millisecond, however busy the machine is.
const PATIENCE: Duration = Duration::from_secs(3);
