//! A crowd of workers that lock and unlock keys of a table for a while: threads, or tasks on as many threads.

use super::keys::Keys;
use super::tables::{Awaiting, Blocking};
use hdrhistogram::Histogram;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// What the workers of a crowd share.
pub struct Crowd {
    /// The keys of each worker.
    keys: Vec<Vec<u64>>,
    /// How far they are: every worker looks at it before every cycle.
    phase: AtomicU8,
    /// How many workers have done a cycle.
    begun: AtomicU64,
    /// What is counted by whoever holds a key, without any other protection than the key.
    shared: AtomicU64,
}

/// What is measured of the cycles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pass {
    /// How many there are.
    Count,
    /// How long each takes; to look at the clock twice for each makes fewer of them.
    Time,
    /// Whether those of one key exclude each other.
    Check,
}

/// What a crowd has done while it was measured.
pub struct Done {
    /// The cycles of each worker.
    pub cycles: Vec<u64>,
    /// How long they were counted.
    pub seconds: f64,
    /// How long each took, in nanoseconds, when that was asked for.
    pub latencies: Histogram<u64>,
    /// What they have counted together.
    pub shared: u64,
}

impl Done {
    /// Cycles of all workers together.
    pub fn rate(&self) -> f64 {
        self.cycles.iter().sum::<u64>() as f64 / self.seconds
    }

    /// How many times as often the luckiest worker had its turn as the unluckiest. Who never had one counts as one
    /// turn.
    pub fn spread(&self) -> f64 {
        let [most, least] =
            [self.cycles.iter().max(), self.cycles.iter().min()].map(|n| n.copied().unwrap_or(0).max(1));
        most as f64 / least as f64
    }
}

/// What one worker has done.
struct Worked {
    cycles: u64,
    latencies: Histogram<u64>,
}

/// A table and how its users wait, so that a crowd can be let at it.
pub trait Locks {
    /// Lets a crowd lock keys for so long, after a while in which nothing is counted.
    fn run(&self, crowd: &Arc<Crowd>, pass: Pass, duration: Duration) -> Done;

    /// How long so many cycles take on this thread, which is alone.
    fn alone(&self, keys: &[u64], cycles: usize) -> Duration;
}

/// Its users are threads.
pub struct Threads<L>(pub L);

/// Its users are tasks of tokio's, on as many threads of its runtime.
pub struct Tasks<L>(pub Arc<L>);

impl Crowd {
    /// So many workers with keys chosen so.
    pub fn of(workers: usize, keys: Keys) -> Arc<Self> {
        let keys = (0..workers as u64).map(|worker| keys.draw(worker)).collect();
        let [begun, shared] = [0; 2].map(AtomicU64::new);
        Arc::new(Self { keys, phase: AtomicU8::new(WARMS_UP), begun, shared })
    }

    /// How many workers there are.
    pub fn workers(&self) -> usize {
        self.keys.len()
    }

    fn start(&self) {
        self.phase.store(WARMS_UP, Ordering::Relaxed);
        self.begun.store(0, Ordering::Relaxed);
        self.shared.store(0, Ordering::Relaxed);
    }

    /// Whoever has begun first has been alone. So nothing counts before all have had a turn, unless somebody starves,
    /// and some time has passed.
    fn measure(&self, duration: Duration) -> f64 {
        let started = Instant::now();
        while self.begun.load(Ordering::Relaxed) < self.workers() as u64 && started.elapsed() < STARVES {
            thread::sleep(Duration::from_micros(100));
        }
        thread::sleep(SETTLES);
        self.phase.store(COUNTS, Ordering::Relaxed);
        let began = Instant::now();
        thread::sleep(duration);
        let seconds = began.elapsed().as_secs_f64();
        self.phase.store(STOPS, Ordering::Relaxed);
        seconds
    }

    fn done(&self, worked: impl IntoIterator<Item = Worked>, seconds: f64) -> Done {
        let mut done = Done { cycles: Vec::new(), seconds, latencies: latencies(), shared: 0 };
        for Worked { cycles, latencies } in worked {
            done.cycles.push(cycles);
            done.latencies.add(&latencies).expect("all have the same bounds");
        }
        done.shared = self.shared.load(Ordering::Relaxed);
        done
    }

    /// Counts as nobody does who has to share: two who do so at a time count once. It gives the other time to come.
    fn count_without_care(&self) {
        let seen = self.shared.load(Ordering::Relaxed);
        for _ in 0..16 {
            std::hint::spin_loop();
        }
        self.shared.store(seen + 1, Ordering::Relaxed);
    }
}

/// What a worker notes down while it works. One loop serves all passes, for threads and for tasks: they differ by
/// branches that always go the same way.
struct Notes<'a> {
    crowd: &'a Crowd,
    pass: Pass,
    worked: Worked,
    asked: Option<Instant>,
    all: u64,
}

impl<'a> Notes<'a> {
    fn of(crowd: &'a Crowd, pass: Pass) -> Self {
        Self { crowd, pass, worked: Worked { cycles: 0, latencies: latencies() }, asked: None, all: 0 }
    }

    /// Whether there is to be another cycle, which begins now.
    #[inline]
    fn begin(&mut self) -> bool {
        if self.pass == Pass::Time {
            self.asked = Some(Instant::now());
        }
        self.crowd.phase.load(Ordering::Relaxed) != STOPS
    }

    #[inline]
    fn end(&mut self) {
        let counts = self.crowd.phase.load(Ordering::Relaxed) == COUNTS;
        if let Some(asked) = self.asked
            && counts
        {
            let nanoseconds = u64::try_from(asked.elapsed().as_nanos()).unwrap_or(u64::MAX);
            self.worked.latencies.saturating_record(nanoseconds);
        }
        self.worked.cycles += u64::from(counts || self.pass == Pass::Check);
        if self.all == 0 {
            self.crowd.begun.fetch_add(1, Ordering::Relaxed);
        }
        self.all += 1;
    }
}

impl<L: Blocking> Locks for Threads<L> {
    fn run(&self, crowd: &Arc<Crowd>, pass: Pass, duration: Duration) -> Done {
        crowd.start();
        let work = |keys: &[u64]| match pass {
            Pass::Check => blocking(&self.0, crowd, keys, pass, || crowd.count_without_care()),
            Pass::Count | Pass::Time => blocking(&self.0, crowd, keys, pass, || ()),
        };
        thread::scope(|scope| {
            let work = &work;
            let workers: Vec<_> = crowd.keys.iter().map(|keys| scope.spawn(move || work(keys))).collect();
            let seconds = crowd.measure(duration);
            crowd.done(workers.into_iter().map(|worker| worker.join().expect("a worker does not panic")), seconds)
        })
    }

    fn alone(&self, keys: &[u64], cycles: usize) -> Duration {
        let began = Instant::now();
        for &key in keys.iter().cycle().take(cycles) {
            self.0.cycle(key, || ());
        }
        began.elapsed()
    }
}

fn blocking<L: Blocking>(locks: &L, crowd: &Crowd, keys: &[u64], pass: Pass, within: impl Fn()) -> Worked {
    let mut notes = Notes::of(crowd, pass);
    for &key in keys.iter().cycle() {
        if !notes.begin() {
            break;
        }
        locks.cycle(key, &within);
        notes.end();
    }
    notes.worked
}

impl<L: Awaiting> Locks for Tasks<L> {
    fn run(&self, crowd: &Arc<Crowd>, pass: Pass, duration: Duration) -> Done {
        crowd.start();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(crowd.workers()).build();
        let runtime = runtime.expect("the machine has threads for as many workers");
        let spawn = |worker| {
            let (locks, crowd) = (Arc::clone(&self.0), Arc::clone(crowd));
            runtime.spawn(async move {
                match pass {
                    Pass::Check => awaiting(&*locks, &crowd, worker, pass, || crowd.count_without_care()).await,
                    Pass::Count | Pass::Time => awaiting(&*locks, &crowd, worker, pass, || ()).await,
                }
            })
        };
        let workers: Vec<_> = (0..crowd.workers()).map(spawn).collect();
        let seconds = crowd.measure(duration);
        let done = workers.into_iter().map(|worker| runtime.block_on(worker).expect("a worker does not panic"));
        crowd.done(done, seconds)
    }

    fn alone(&self, keys: &[u64], cycles: usize) -> Duration {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("it needs nothing of the machine");
        runtime.block_on(async {
            let began = Instant::now();
            for &key in keys.iter().cycle().take(cycles) {
                self.0.cycle(key, || ()).await;
            }
            began.elapsed()
        })
    }
}

async fn awaiting<L: Awaiting>(
    locks: &L,
    crowd: &Crowd,
    worker: usize,
    pass: Pass,
    within: impl Fn() + Send + Sync,
) -> Worked {
    let mut notes = Notes::of(crowd, pass);
    for &key in crowd.keys[worker].iter().cycle() {
        if !notes.begin() {
            break;
        }
        locks.cycle(key, &within).await;
        notes.end();
        // Tokio's own locks make a task give way after so many; all others have to be told.
        if notes.all.is_multiple_of(BUDGET) {
            tokio::task::yield_now().await;
        }
    }
    notes.worked
}

/// Up to a minute, to two digits.
fn latencies() -> Histogram<u64> {
    Histogram::new_with_bounds(1, 60_000_000_000, 2).expect("the bounds are in order")
}

const WARMS_UP: u8 = 0;
const COUNTS: u8 = 1;
const STOPS: u8 = 2;

/// How long a worker is waited for that does not get its first turn.
const STARVES: Duration = Duration::from_secs(1);

/// How long a crowd works before it is measured.
const SETTLES: Duration = Duration::from_millis(5);

/// After how many cycles a task gives way: tokio's own budget.
const BUDGET: u64 = 128;
