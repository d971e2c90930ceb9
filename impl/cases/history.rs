//! What the threads of a case did, as a history: who asked for what, what it was told, and in which order.

use super::table::{Mode, Refused};
use std::sync::{Mutex, PoisonError};

/// A history of calls, in the order in which their invocations and responses happened.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct History {
    /// The invocations and responses.
    pub moments: Vec<Moment>,
}

/// An invocation or a response. Calls are numbered by their invocations, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Moment {
    /// An owner calls.
    Invoked {
        /// Which call this is.
        call: usize,
        /// Who calls: owners are numbered by age, the oldest being 0.
        owner: usize,
        /// What is called.
        operation: Operation,
    },
    /// A call ends.
    Responded {
        /// Which call this is.
        call: usize,
        /// What it says.
        answer: Answer,
    },
}

/// What an owner calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operation {
    /// Locks a key.
    Acquire(u8, Mode),
    /// Locks a key if that is possible at once.
    TryAcquire(u8, Mode),
    /// Makes a lock stronger.
    Upgrade(u8, Mode),
    /// Makes a lock weaker.
    Downgrade(u8, Mode),
    /// Releases a key.
    Release(u8),
}

/// How a call ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Answer {
    /// With what was asked for.
    Done,
    /// With a lock of this sequencer.
    Granted(u64),
    /// Without.
    Refused(Refused),
    /// It was cancelled.
    Cancelled,
}

/// Records a history. Explorers run one thread at a time, so this needs none of their locks, and adds no interleaving.
#[derive(Debug, Default)]
pub struct Recorder(Mutex<(History, usize)>);

impl Recorder {
    pub(super) fn invoked(&self, owner: usize, operation: Operation) -> usize {
        let mut recorded = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (history, calls) = &mut *recorded;
        let call = *calls;
        *calls += 1;
        history.moments.push(Moment::Invoked { call, owner, operation });
        call
    }

    pub(super) fn responded(&self, call: usize, answer: Answer) {
        let mut recorded = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        recorded.0.moments.push(Moment::Responded { call, answer });
    }

    /// What has happened so far.
    pub fn history(&self) -> History {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).0.clone()
    }
}
