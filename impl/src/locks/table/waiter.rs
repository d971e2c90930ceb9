//! What stands behind an owner that waits: its fate, and how it is woken.

use super::bug::Bug;
use crate::planted::Planted;
use crate::sync::{AtomicU8, AtomicU64, Deadline, Mutex, Ordering, Parker, Patience};
use std::mem;
use std::panic::{self, AssertUnwindSafe};
use std::task::Waker;

/// Somebody who waits. Its fate is decided once, by one compare-and-swap, whoever comes first: who grants (under the
/// latch of the key), who kills it (from anywhere), or it itself, when it gives up.
#[derive(Debug)]
pub(super) struct Waiter {
    fate: AtomicU8,
    sequencer: AtomicU64,
    sleeper: Mutex<Option<Sleeper>>,
    planted: Planted<Bug>,
}

/// What became of somebody who waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It waits still.
    Waiting,
    /// It holds the key, with this sequencer.
    Granted(u64),
    /// It has given up.
    Cancelled,
    /// It had to leave, to break a deadlock.
    Victim,
    /// It had to leave, for an older owner.
    Wounded,
}

#[derive(Debug)]
pub(super) enum Sleeper {
    Thread(Parker),
    Task(Waker),
}

impl Waiter {
    pub(super) fn new(sleeper: Option<Sleeper>, planted: Planted<Bug>) -> Self {
        Self { fate: AtomicU8::new(WAITING), sequencer: AtomicU64::new(0), sleeper: Mutex::new(sleeper), planted }
    }

    /// Grants what is waited for; whether it was waited for still. What happened before this happens before whatever
    /// its owner does with the grant: this is where one holder's work is handed over to the next.
    pub(super) fn grant(&self, sequencer: u64) -> bool {
        self.sequencer.store(sequencer, Ordering::Relaxed);
        if self.planted.is(Bug::GrantIgnoresFate) {
            self.fate.store(GRANTED, Ordering::Release);
            return true;
        }
        let success = if self.planted.is(Bug::RelaxedGrant) { Ordering::Relaxed } else { Ordering::Release };
        self.fate.compare_exchange(WAITING, GRANTED, success, Ordering::Relaxed).is_ok()
    }

    /// Ends the wait of a victim; whether it was waiting still. Nothing is handed over with it.
    pub(super) fn kill(&self, fate: Fate) -> bool {
        let fate = if fate == Fate::Wounded { WOUNDED } else { VICTIM };
        self.fate.compare_exchange(WAITING, fate, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }

    /// Gives up; what its fate is then. If it is granted, what the last holder has done is seen.
    pub(super) fn withdraw(&self) -> Fate {
        let failure = if self.planted.is(Bug::RelaxedWithdrawal) { Ordering::Relaxed } else { Ordering::Acquire };
        match self.fate.compare_exchange(WAITING, CANCELLED, Ordering::Relaxed, failure) {
            Ok(_) => Fate::Cancelled,
            Err(fate) => self.fate_of(fate),
        }
    }

    /// Its fate. If it is granted, what the last holder has done is seen.
    pub(super) fn look(&self) -> Fate {
        let ordering = if self.planted.is(Bug::RelaxedLook) { Ordering::Relaxed } else { Ordering::Acquire };
        self.fate_of(self.fate.load(ordering))
    }

    /// Its fate, after which the waker is woken once if it is still waiting.
    pub(super) fn look_or_register(&self, waker: &Waker) -> Fate {
        let fate = self.look();
        if fate != Fate::Waiting {
            return fate;
        }
        // To clone or to drop a waker may run code that comes back here, so neither is done with the sleeper locked.
        let mut other = Some(Sleeper::Task(waker.clone()));
        {
            let mut sleeper = self.sleeper.lock();
            match &*sleeper {
                Some(Sleeper::Task(known)) if known.will_wake(waker) || self.planted.is(Bug::KeepsFirstWaker) => {}
                _ => mem::swap(&mut *sleeper, &mut other),
            }
        }
        drop(other);
        if self.planted.is(Bug::LooksBeforeRegistering) {
            return fate;
        }
        // Whoever decides the fate does so before it takes the sleeper. So either it finds this waker, or this finds
        // what it has decided.
        self.look()
    }

    /// Waits as a thread, with the parker that is its sleeper, until the fate is decided or the deadline has come.
    pub(super) fn park(&self, parker: &Parker, deadline: Option<&Deadline>) -> Fate {
        let mut patience = Patience::new(deadline);
        while patience.pause() && self.look() == Fate::Waiting {}
        loop {
            let fate = self.look();
            if fate != Fate::Waiting {
                return fate;
            }
            match deadline {
                Some(deadline) if deadline.park(parker) => return self.look(),
                Some(_) => {}
                None => parker.park(),
            }
            if self.planted.is(Bug::ParksOnce) {
                return Fate::Granted(self.sequencer.load(Ordering::Relaxed));
            }
        }
    }

    /// Wakes who waits. Its fate is decided before. A waker that panics harms nobody else: the hook has told of it.
    pub(super) fn wake(&self) {
        // The sleeper is taken out first: to wake a task may run code that comes back here.
        let sleeper = self.sleeper.lock().take();
        match sleeper {
            Some(Sleeper::Thread(parker)) => parker.unpark(),
            Some(Sleeper::Task(waker)) => drop(panic::catch_unwind(AssertUnwindSafe(|| waker.wake()))),
            None => {}
        }
    }

    fn fate_of(&self, fate: u8) -> Fate {
        match fate {
            WAITING => Fate::Waiting,
            GRANTED => Fate::Granted(self.sequencer.load(Ordering::Relaxed)),
            VICTIM => Fate::Victim,
            WOUNDED => Fate::Wounded,
            _ => Fate::Cancelled,
        }
    }
}

const WAITING: u8 = 0;
const GRANTED: u8 = 1;
const CANCELLED: u8 = 2;
const VICTIM: u8 = 3;
const WOUNDED: u8 = 4;
