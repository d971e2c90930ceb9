//! Why a lock is refused.

use std::error::Error;
use std::fmt;

/// Why a lock was not granted. Nothing has changed then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Refused {
    /// The owner holds the key already; [`upgrade`](super::Owner::upgrade) makes a lock stronger.
    AlreadyHeld,
    /// The guard is not one of this owner's.
    NotHeld,
    /// The mode is not stronger than the one that is held.
    NotStronger,
    /// The mode is not weaker than the one that is held.
    NotWeaker,
    /// It would have to wait.
    WouldWait,
    /// The time is over.
    TimedOut,
    /// Owners waited for each other in a circle, and this is the youngest of them.
    Deadlock,
    /// It would have to wait for an older owner, which the policy wait-die forbids.
    Died,
    /// An older owner waits for this one, which must drop all its locks first (wound-wait).
    Wounded,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Refused::AlreadyHeld => "the owner holds the key already: upgrade the lock instead",
            Refused::NotHeld => "the guard is not one of this owner's",
            Refused::NotStronger => "the mode is not stronger than the one that is held",
            Refused::NotWeaker => "the mode is not weaker than the one that is held",
            Refused::WouldWait => "the key is locked in a mode that conflicts, or others wait for it",
            Refused::TimedOut => "the key was not granted in time",
            Refused::Deadlock => {
                "owners wait for each other in a circle, and this is the youngest: drop its locks and retry"
            }
            Refused::Died => "an older owner has the key or waits for it: drop this owner's locks and retry",
            Refused::Wounded => "an older owner waits for this one: drop its locks and retry",
        })
    }
}

impl Error for Refused {}
