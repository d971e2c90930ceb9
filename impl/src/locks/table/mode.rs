//! The modes of a lock.

use serde::{Deserialize, Serialize};
use std::fmt;

/// In which mode a key is locked: Gray and Reuter, *Transaction Processing*, section 7.8.2, without SIX, and with an
/// update mode that is symmetric.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Mode {
    /// Intention shared: something below the key is read.
    IS,
    /// Intention exclusive: something below the key is written.
    IX,
    /// Shared: the key is read.
    S,
    /// Update: the key is read, and may be written later. At most one owner has it, beside readers.
    U,
    /// Exclusive: the key is written.
    X,
}

impl Mode {
    /// All modes.
    pub const ALL: [Self; 5] = [Mode::IS, Mode::IX, Mode::S, Mode::U, Mode::X];

    /// Whether two owners may hold a key in these modes at a time. This is symmetric.
    #[inline]
    pub const fn is_compatible_with(self, other: Self) -> bool {
        Modes::CONFLICTS[self as usize].0 & (1 << other as u8) == 0
    }

    /// Whether this mode conflicts with all that the other conflicts with, and with more: IS < IX < X and
    /// IS < S < U < X.
    pub const fn is_stronger_than(self, other: Self) -> bool {
        let (mine, others) = (Modes::CONFLICTS[self as usize].0, Modes::CONFLICTS[other as usize].0);
        mine != others && mine & others == others
    }

    /// The weakest mode that is as strong as both: the one to ask for where both are needed.
    #[must_use]
    pub const fn join(self, other: Self) -> Self {
        if self as u8 == other as u8 || self.is_stronger_than(other) {
            self
        } else if other.is_stronger_than(self) {
            other
        } else {
            Mode::X
        }
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// A set of modes, a bit each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Modes(u8);

impl Modes {
    /// The modes that conflict with each mode.
    const CONFLICTS: [Self; 5] = {
        let [is, ix, s, u, x] = [1, 2, 4, 8, 16];
        [Self(x), Self(s | u | x), Self(ix | x), Self(ix | u | x), Self(is | ix | s | u | x)]
    };

    pub(super) const fn of(mode: Mode) -> Self {
        Self(1 << mode as u8)
    }

    #[must_use]
    pub(super) const fn with(self, mode: Mode) -> Self {
        Self(self.0 | 1 << mode as u8)
    }

    /// Whether any of them conflicts with the mode.
    pub(super) const fn conflict_with(self, mode: Mode) -> bool {
        Self::CONFLICTS[mode as usize].0 & self.0 != 0
    }
}

#[cfg(all(test, not(threads)))]
mod tests {
    use super::*;

    /// Gray and Reuter, table 7.11, and the update mode's row.
    #[test]
    fn the_modes_are_compatible_as_the_table_says() {
        let table = ["yyyyn", "yynnn", "ynyyn", "ynynn", "nnnnn"];
        for (one, row) in Mode::ALL.into_iter().zip(table) {
            for (other, answer) in Mode::ALL.into_iter().zip(row.chars()) {
                assert_eq!(one.is_compatible_with(other), answer == 'y', "{one} and {other}");
            }
        }
    }

    #[test]
    fn two_chains_lead_from_the_weakest_mode_to_the_strongest() {
        use Mode::{IS, IX, S, U, X};
        for chain in [&[IS, IX, X][..], &[IS, S, U, X]] {
            for (place, weak) in chain.iter().enumerate() {
                for strong in &chain[place + 1..] {
                    assert!(strong.is_stronger_than(*weak) && !weak.is_stronger_than(*strong), "{weak} < {strong}");
                    assert_eq!(weak.join(*strong), *strong);
                }
            }
        }
        for other in [S, U] {
            assert!(!IX.is_stronger_than(other) && !other.is_stronger_than(IX));
            assert_eq!((IX.join(other), other.join(IX)), (X, X));
        }
    }
}
