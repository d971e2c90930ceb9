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
use std::time::{Duration, Instant};

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
    let moves = Arc::new(AtomicU64::new(0));
    let watched = Arc::downgrade(&moves);
    std::thread::spawn(move || {
        let (mut seen, mut still) = (u64::MAX, 0);
        while let Some(now) = watched.upgrade().map(|moves| moves.load(Ordering::Relaxed)) {
            // An odd number while the case runs; its judge may take its time.
            still = if now == seen && now % 2 == 1 { still + 1 } else { 0 };
            seen = now;
            assert!(still < PATIENCE, "deadlock! no thread has moved for {PATIENCE} ticks of {} ms", TICK.as_millis());
            // A tick that comes late is one of a machine that stood still, and says nothing of its threads.
            let slept = Instant::now();
            std::thread::sleep(TICK);
            if slept.elapsed() > 2 * TICK {
                still = 0;
            }
        }
    });
    for _ in 0..times {
        moves.fetch_add(1, Ordering::Relaxed);
        let history = case.run(bug, &begins);
        moves.fetch_add(1, Ordering::Relaxed);
        judge(&history);
    }
}

/// How long a tick of whoever watches the threads is.
const TICK: Duration = Duration::from_millis(100);
/// For how many ticks in a row nothing may move: a case takes less than a millisecond on an idle machine.
const PATIENCE: u32 = 30;
