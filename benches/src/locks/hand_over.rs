//! How long it takes to hand a key over to a thread that is parked, beside a bare park and unpark.
//!
//! Two threads go through turns. One holds; the other asks, and is parked. Then the one releases, and the time from
//! there to where the other has the key is taken. Turns of all subjects alternate, with the same two threads.

use super::contender::{LOCKABLE, OURS};
use super::tables::{Blocking, ours};
use crossbeam_utils::Backoff;
use hdrhistogram::Histogram;
use lockable::LockPool;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

/// The name of a bare park and unpark in every output.
pub const BARE: &str = "park and unpark";

/// Median times from release to possession, in nanoseconds, by the names of the subjects.
///
/// # Panics
/// When a thread does.
pub fn medians(rounds: u64) -> Vec<(&'static str, f64)> {
    let subjects: [(&str, Box<dyn HandOver>); 3] = [
        (OURS, Box::new(Locked(ours()))),
        (LOCKABLE, Box::new(Locked(LockPool::<u64>::new()))),
        (BARE, Box::new(Bare::default())),
    ];
    let mut times =
        subjects.each_ref().map(|_| Histogram::<u64>::new_with_max(MINUTE, 3).expect("a minute is long enough"));
    let stage = Stage::new();
    thread::scope(|scope| {
        let taker = scope.spawn(|| {
            stage.tells.get_or_init(state_of_this_thread);
            for turn in 1..=rounds * subjects.len() as u64 {
                stage.await_call(turn);
                subjects[index(turn, subjects.len())].1.take(&|| stage.take());
                stage.done.store(turn, Ordering::Release);
            }
        });
        for turn in 1..=rounds * subjects.len() as u64 {
            let at = index(turn, subjects.len());
            let released = subjects[at].1.give(&|| stage.await_parked(turn), taker.thread());
            let arrived = stage.await_done(turn);
            times[at].saturating_record(arrived.saturating_sub(stage.nanoseconds(released)));
        }
    });
    subjects.iter().zip(&times).map(|((name, _), times)| (*name, times.value_at_quantile(0.5) as f64)).collect()
}

#[expect(clippy::cast_possible_truncation, reason = "it is less than the number of subjects")]
fn index(turn: u64, subjects: usize) -> usize {
    (turn % subjects as u64) as usize
}

/// Something that one thread gives and another takes.
trait HandOver: Sync {
    /// Has it, gives it away when this returns, and tells when that was.
    fn give(&self, await_parked: &dyn Fn(), taker: &Thread) -> Instant;

    /// Takes it, parked meanwhile, and tells so.
    fn take(&self, taken: &dyn Fn());
}

/// A key of a table.
struct Locked<L>(L);

impl<L: Blocking> HandOver for Locked<L> {
    fn give(&self, await_parked: &dyn Fn(), _: &Thread) -> Instant {
        let mut released = None;
        self.0.cycle(0, || {
            await_parked();
            released = Some(Instant::now());
        });
        released.expect("who has locked has held")
    }

    fn take(&self, taken: &dyn Fn()) {
        self.0.cycle(0, taken);
    }
}

/// A flag, and no more than is needed to wait for it.
#[derive(Default)]
struct Bare(AtomicBool);

impl HandOver for Bare {
    fn give(&self, await_parked: &dyn Fn(), taker: &Thread) -> Instant {
        await_parked();
        let released = Instant::now();
        self.0.store(true, Ordering::Release);
        taker.unpark();
        released
    }

    fn take(&self, taken: &dyn Fn()) {
        while !self.0.swap(false, Ordering::Acquire) {
            thread::park();
        }
        taken();
    }
}

/// Where the two threads meet, outside of what is measured.
struct Stage {
    origin: Instant,
    /// The turn in which the key is held, so that it may be asked for.
    called: AtomicU64,
    /// When it was taken, in nanoseconds since the origin.
    taken: AtomicU64,
    /// The turn that is over.
    done: AtomicU64,
    /// The file in which the kernel tells what the taker does, where there is one.
    tells: OnceLock<Option<PathBuf>>,
}

impl Stage {
    fn new() -> Self {
        let [called, taken, done] = [0; 3].map(AtomicU64::new);
        Self { origin: Instant::now(), called, taken, done, tells: OnceLock::new() }
    }

    fn nanoseconds(&self, moment: Instant) -> u64 {
        u64::try_from(moment.duration_since(self.origin).as_nanos()).unwrap_or(u64::MAX)
    }

    fn await_call(&self, turn: u64) {
        let backoff = Backoff::new();
        while self.called.load(Ordering::Acquire) < turn {
            backoff.snooze();
        }
    }

    fn take(&self) {
        self.taken.store(self.nanoseconds(Instant::now()), Ordering::Relaxed);
    }

    fn await_done(&self, turn: u64) -> u64 {
        let backoff = Backoff::new();
        while self.done.load(Ordering::Acquire) < turn {
            backoff.snooze();
        }
        self.taken.load(Ordering::Relaxed)
    }

    /// Calls the taker and waits until it is parked: longer than anybody spins, and until the kernel says so.
    fn await_parked(&self, turn: u64) {
        self.called.store(turn, Ordering::Release);
        let called = Instant::now();
        while called.elapsed() < SPINS || self.tells.get().is_none_or(|path| path.as_deref().is_some_and(is_awake)) {
            std::hint::spin_loop();
        }
    }
}

/// The file in which Linux tells what this thread does.
fn state_of_this_thread() -> Option<PathBuf> {
    let thread = fs::read_link("/proc/thread-self").ok()?;
    Some(Path::new("/proc").join(thread).join("stat"))
}

/// Whether a thread runs or could run: the letter after its name, which is in brackets, is not S.
fn is_awake(state: &Path) -> bool {
    fs::read_to_string(state).is_ok_and(|text| text.rsplit(')').next().is_some_and(|rest| !rest.starts_with(" S")))
}

/// In nanoseconds.
const MINUTE: u64 = 60_000_000_000;

/// Longer than who waits for a key spins before it parks.
const SPINS: Duration = Duration::from_micros(50);
