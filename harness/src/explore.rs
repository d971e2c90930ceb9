//! Models to be walked through, state by state, by people who look: the web explorer.
//!
//! A [`Walk`] is a model whose states were met one after the other, with its type forgotten. A [`Desk`] has the cases
//! that are open, and answers in the words of [`view`]. The [`server`] puts that on the network, with the page.

pub mod compare;
pub mod desk;
pub mod export;
pub mod find;
pub mod graph;
pub mod live;
pub mod open;
pub mod predicate;
pub mod server;
mod space;
pub mod view;

pub use desk::Desk;
pub use space::{Breadth, Disabled, Edge, Space, StateId, Step, Truth, Walk};

use crate::memory;
use std::cell::Cell;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Why something is not answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// What was asked is wrong, or the model has no such thing.
    Wrong(String),
    /// It is not there, or not any more.
    Missing(String),
    /// It cannot be done now.
    Busy(String),
    /// A mistake of this program or of the model.
    Broken(String),
}

impl Refused {
    /// What was asked is wrong.
    pub fn wrong(text: impl Into<String>) -> Self {
        Self::Wrong(text.into())
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refused::Wrong(text) | Refused::Missing(text) | Refused::Busy(text) | Refused::Broken(text) => {
                write!(f, "{text}")
            }
        }
    }
}

impl std::error::Error for Refused {}

/// How much may be looked at for one answer.
#[derive(Clone, Debug)]
pub struct Budget {
    pub(crate) states: usize,
    until: Instant,
    memory: Option<u64>,
    /// Whoever asked has gone.
    gone: Arc<AtomicBool>,
    /// How often it was asked.
    asked: Cell<u32>,
}

impl Budget {
    /// So many states and so much time.
    pub fn new(states: usize, time: Duration, gone: Arc<AtomicBool>) -> Self {
        let now = Instant::now();
        Self {
            states,
            until: now.checked_add(time).unwrap_or(now),
            memory: memory::safe_share(),
            gone,
            asked: Cell::new(0),
        }
    }

    /// Whether the time is over, or whoever asked has gone.
    pub(crate) fn is_late(&self) -> bool {
        Instant::now() >= self.until || self.gone.load(Ordering::Relaxed)
    }

    /// Whether no more is to be looked at, so many states having been met.
    pub(crate) fn is_spent(&self, met: usize, walk: &dyn Walk) -> bool {
        // The memory is asked now and then only.
        let asked = self.asked.replace(self.asked.get().wrapping_add(1));
        let is_full = asked.is_multiple_of(4096) && self.memory.is_some_and(|most| memory::resident() > most);
        met >= self.states || walk.met() >= MOST_STATES || is_full || self.is_late()
    }
}

/// A walk while somebody uses it. Whoever uses it long lets others in between: what they meet is met for all.
pub type Leased<'a> = parking_lot::MutexGuard<'a, Box<dyn Walk>>;

/// The state of that name.
pub(crate) fn known(walk: &dyn Walk, name: &str) -> Result<StateId, Refused> {
    let fingerprint = view::fingerprint_in(name)
        .ok_or_else(|| Refused::Wrong(format!("`{name}` names no state: a name is 16 hexadecimal digits")))?;
    walk.find(fingerprint)
        .ok_or_else(|| Refused::Missing(format!("the state {name} was not met here; follow the path to it once more")))
}

/// States that are kept of one case, at the most: some gigabytes where states are large.
const MOST_STATES: usize = 4_000_000;
