//! Threads, locks and atomics: the only file that knows the standard library's from loom's and shuttle's.
//!
//! The packages `impl/loom`, `impl/shuttle` and `impl/stress` include the sources that use this, and this, with the private cfg
//! `threads` set. There, time is an event: what would time out does so when a case says so.

pub(crate) use std::sync::atomic::Ordering;
pub(crate) use threads::{
    AtomicBool, AtomicU8, AtomicU32, AtomicU64, Deadline, Mutex, MutexGuard, Parker, Patience, millis, spin,
};

#[cfg(not(threads))]
mod threads {
    pub(crate) use parking_lot::{Mutex, MutexGuard};
    pub(crate) use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, AtomicU64};
    use std::thread::{self, Thread};
    use std::time::{Duration, Instant};

    /// Milliseconds since some moment: the clock that costs least, right to some of them.
    #[inline]
    pub(crate) fn millis() -> u32 {
        ((u128::from(coarsetime::Instant::now().as_ticks()) * 1_000) >> 32) as u32
    }

    /// How a thread is parked: a token that `unpark` leaves and `park` takes, or waits for. It may come by itself.
    #[derive(Clone, Debug)]
    pub(crate) struct Parker(Thread);

    impl Parker {
        pub(crate) fn of_this_thread() -> Self {
            Self(thread::current())
        }

        /// Parks the thread that this is of, which is the one that runs.
        #[expect(clippy::unused_self, reason = "elsewhere the parker is what is waited on")]
        pub(crate) fn park(&self) {
            thread::park();
        }

        pub(crate) fn unpark(&self) {
            self.0.unpark();
        }
    }

    /// A moment up to which somebody waits.
    #[derive(Clone, Debug)]
    pub(crate) struct Deadline(Option<Instant>);

    impl Deadline {
        /// So long from now; never, where that is beyond what the clock can tell.
        pub(crate) fn after(duration: Duration) -> Self {
            Self(Instant::now().checked_add(duration))
        }

        fn has_come(&self, now: Instant) -> bool {
            self.0.is_some_and(|moment| moment <= now)
        }

        /// Parks the thread until it is unparked or the moment has come; whether it has.
        pub(crate) fn park(&self, parker: &Parker) -> bool {
            let Some(moment) = self.0 else {
                parker.park();
                return false;
            };
            let left = moment.saturating_duration_since(Instant::now());
            thread::park_timeout(left);
            left.is_zero()
        }
    }

    /// How long a thread that waits goes on to look before it parks: about as long as to park it and to unpark it takes,
    /// so at most twice as long is lost as by whoever knows beforehand which is better (Karlin, Li, Manasse and Owicki,
    /// SOSP 1991).
    #[derive(Debug)]
    pub(crate) struct Patience<'a> {
        looks: u32,
        ends: Option<Instant>,
        deadline: Option<&'a Deadline>,
    }

    impl<'a> Patience<'a> {
        pub(crate) fn new(deadline: Option<&'a Deadline>) -> Self {
            Self { looks: 0, ends: None, deadline }
        }

        /// Lets some time go by until the next look: first a moment, then longer, then as long as other threads want to
        /// run. Whether it is worth while to look again.
        pub(crate) fn pause(&mut self) -> bool {
            if self.looks < SPINS {
                spin(self.looks);
                self.looks += 1;
                return true;
            }
            let now = Instant::now();
            let ends = *self.ends.get_or_insert(now + PATIENCE);
            let goes_on = now < ends && !self.deadline.is_some_and(|deadline| deadline.has_come(now));
            if goes_on {
                thread::yield_now();
            }
            goes_on
        }
    }

    /// Lets a moment go by, each time twice as long.
    #[inline]
    pub(crate) fn spin(times: u32) {
        for _ in 0..1 << times.min(SPINS) {
            std::hint::spin_loop();
        }
    }

    /// How often a thread spins before it gives way to others.
    const SPINS: u32 = 6;
    const PATIENCE: Duration = Duration::from_micros(50);
}

#[cfg(threads)]
mod threads {
    #[cfg(threads = "loom")]
    use loom as explorer;
    #[cfg(threads = "shuttle")]
    use shuttle as explorer;
    #[cfg(threads = "stress")]
    use std as explorer;

    pub(crate) use explorer::sync::MutexGuard;
    pub(crate) use explorer::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, AtomicU64};
    use std::sync::Arc;
    use std::time::Duration;

    /// A mutex that is never poisoned, as outside.
    #[derive(Debug, Default)]
    pub(crate) struct Mutex<T>(explorer::sync::Mutex<T>);

    impl<T> Mutex<T> {
        pub(crate) fn new(value: T) -> Self {
            Self(explorer::sync::Mutex::new(value))
        }

        pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
            self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
        }
    }

    /// How a thread is parked. Loom's `unpark` wakes a thread also from a mutex or a join, where it must not be woken,
    /// so a notification stands for it; that wakes by itself now and then, as the standard library's `park` may.
    #[cfg(threads = "loom")]
    #[derive(Clone, Debug)]
    pub(crate) struct Parker(Arc<loom::sync::Notify>);

    #[cfg(threads = "loom")]
    impl Parker {
        pub(crate) fn of_this_thread() -> Self {
            Self(Arc::new(loom::sync::Notify::new()))
        }

        pub(crate) fn park(&self) {
            self.0.wait();
        }

        pub(crate) fn unpark(&self) {
            self.0.notify();
        }
    }

    /// How a thread is parked.
    #[cfg(not(threads = "loom"))]
    #[derive(Clone, Debug)]
    pub(crate) struct Parker(explorer::thread::Thread);

    #[cfg(not(threads = "loom"))]
    impl Parker {
        pub(crate) fn of_this_thread() -> Self {
            Self(explorer::thread::current())
        }

        #[expect(clippy::unused_self, reason = "in loom the parker is what is waited on")]
        pub(crate) fn park(&self) {
            explorer::thread::park();
        }

        pub(crate) fn unpark(&self) {
            self.0.unpark();
        }
    }

    /// A moment up to which somebody waits: it comes when a case says so.
    #[derive(Clone, Debug)]
    pub(crate) struct Deadline(Arc<Alarm>);

    /// What makes a moment come.
    #[derive(Debug)]
    pub(crate) struct Alarm {
        rung: AtomicBool,
        waiting: Mutex<Option<Parker>>,
    }

    impl Deadline {
        /// A moment that never comes by itself.
        pub(crate) fn after(_: Duration) -> Self {
            Self(Arc::new(Alarm { rung: AtomicBool::new(false), waiting: Mutex::new(None) }))
        }

        /// What makes it come.
        pub(crate) fn alarm(&self) -> Arc<Alarm> {
            Arc::clone(&self.0)
        }

        /// Parks the thread until it is unparked or the moment has come; whether it has.
        pub(crate) fn park(&self, parker: &Parker) -> bool {
            *self.0.waiting.lock() = Some(parker.clone());
            if !self.has_come() {
                parker.park();
            }
            self.has_come()
        }

        fn has_come(&self) -> bool {
            self.0.rung.load(std::sync::atomic::Ordering::Acquire)
        }
    }

    impl Alarm {
        /// The moment comes.
        pub(crate) fn ring(&self) {
            self.rung.store(true, std::sync::atomic::Ordering::Release);
            let waiting = self.waiting.lock().take();
            if let Some(parker) = waiting {
                parker.unpark();
            }
        }
    }

    /// No time goes by.
    pub(crate) fn millis() -> u32 {
        0
    }

    /// To look twice would be to explore the same twice.
    #[derive(Debug)]
    pub(crate) struct Patience;

    impl Patience {
        pub(crate) fn new(_: Option<&Deadline>) -> Self {
            Self
        }

        #[expect(clippy::unused_self, reason = "outside, it ends")]
        pub(crate) fn pause(&mut self) -> bool {
            false
        }
    }

    pub(crate) fn spin(_: u32) {}
}
