//! Guards: locks that are held.

use super::mode::Mode;
use super::owner::{OwnerId, Standing};
use super::refused::Refused;
use super::{Held, Table};
use std::fmt;
use std::sync::Arc;

/// A lock that is held. To drop it releases the key, on whatever thread that is.
///
/// ```
/// use proofmark_impl::locks::table::{LockTable, Mode};
///
/// let table = LockTable::new();
/// let guard = table.acquire("key", Mode::X);
/// let first = guard.sequencer();
/// drop(guard);
/// assert!(table.acquire("key", Mode::X).sequencer() > first);
/// ```
#[must_use = "a guard that is dropped at once locks nothing"]
pub struct Guard<T: Table> {
    table: T,
    held: Held,
    standing: Option<Arc<Standing>>,
    mode: Mode,
}

impl<T: Table> Guard<T> {
    #[inline]
    pub(super) fn of(table: T, held: Held, mode: Mode, standing: Option<Arc<Standing>>) -> Self {
        if let Some(standing) = &standing {
            standing.has_gained();
        }
        Self { table, held, standing, mode }
    }

    /// The mode.
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// Whose it is.
    pub fn owner(&self) -> OwnerId {
        self.held.owner
    }

    /// The sequencer of this holding (Burrows, *Chubby*, section 2.4): of two holdings of a key that conflict, the later
    /// one has the greater. Whoever the lock protects something at can refuse who comes with an older one.
    pub fn sequencer(&self) -> u64 {
        self.held.sequencer
    }

    /// Makes the lock weaker, at once. It is a new holding, with a new sequencer.
    ///
    /// # Errors
    /// When the mode is not weaker than the guard's.
    ///
    /// ```
    /// use proofmark_impl::locks::table::{LockTable, Mode};
    ///
    /// let table = LockTable::new();
    /// let mut guard = table.acquire("key", Mode::X);
    /// assert!(table.try_acquire("key", Mode::S).is_none());
    /// guard.downgrade(Mode::S)?;
    /// assert!(table.try_acquire("key", Mode::S).is_some());
    /// # Ok::<(), proofmark_impl::locks::table::Refused>(())
    /// ```
    pub fn downgrade(&mut self, mode: Mode) -> Result<(), Refused> {
        let sequencer = self.table.downgrade(self.held, mode).ok_or(Refused::NotWeaker)?;
        self.becomes(sequencer, mode);
        Ok(())
    }

    pub(super) fn held(&self) -> Held {
        self.held
    }

    pub(super) fn is_of(&self, standing: &Arc<Standing>) -> bool {
        self.standing.as_ref().is_some_and(|mine| Arc::ptr_eq(mine, standing))
    }

    pub(super) fn becomes(&mut self, sequencer: u64, mode: Mode) {
        self.held.sequencer = sequencer;
        self.mode = mode;
    }
}

impl<T: Table> Drop for Guard<T> {
    #[inline]
    fn drop(&mut self) {
        self.table.release(self.held);
        if let Some(standing) = &self.standing {
            standing.has_lost();
        }
    }
}

impl<T: Table> fmt::Debug for Guard<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { held: Held { owner, sequencer, .. }, mode, .. } = self;
        let mut shown = f.debug_struct("Guard");
        shown.field("owner", owner).field("mode", mode).field("sequencer", sequencer).finish_non_exhaustive()
    }
}
