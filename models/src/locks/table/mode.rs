//! The modes of a lock, and which of them two owners may hold at once.

use crate::Small;

/// A mode, after Gray and Reuter, section 7.8.2 and, for the update mode, 7.8.3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mode {
    /// IS: something below the key is to be read.
    IntentionShared = 1,
    /// IX: something below the key is to be written.
    IntentionExclusive = 2,
    /// S: the key is read.
    Shared = 3,
    /// U: the key is read, and perhaps written later.
    Update = 4,
    /// X: the key is written.
    Exclusive = 5,
}

/// A set of modes, one bit a mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Modes(u8);

impl Mode {
    /// All of them.
    pub const ALL: &'static [Self] =
        &[Mode::IntentionShared, Mode::IntentionExclusive, Mode::Shared, Mode::Update, Mode::Exclusive];

    /// The name by which it goes.
    pub const fn name(self) -> &'static str {
        match self {
            Mode::IntentionShared => "IS",
            Mode::IntentionExclusive => "IX",
            Mode::Shared => "S",
            Mode::Update => "U",
            Mode::Exclusive => "X",
        }
    }

    /// The modes that another owner may not hold meanwhile.
    #[inline]
    pub(super) const fn conflicts(self) -> Modes {
        let every = [Mode::IntentionShared, Mode::IntentionExclusive, Mode::Shared, Mode::Update, Mode::Exclusive];
        match self {
            Mode::IntentionShared => Modes::of(&[Mode::Exclusive]),
            Mode::IntentionExclusive => Modes::of(&[Mode::Shared, Mode::Update, Mode::Exclusive]),
            Mode::Shared => Modes::of(&[Mode::IntentionExclusive, Mode::Exclusive]),
            Mode::Update => Modes::of(&[Mode::IntentionExclusive, Mode::Update, Mode::Exclusive]),
            Mode::Exclusive => Modes::of(&every),
        }
    }

    /// Whether two owners may hold these modes at once.
    #[inline]
    pub const fn is_compatible(self, other: Self) -> bool {
        !self.conflicts().contains(other)
    }

    /// Whether it conflicts with all that the other does, and with more.
    #[inline]
    pub const fn is_stronger(self, other: Self) -> bool {
        let (mine, theirs) = (self.conflicts().0, other.conflicts().0);
        mine != theirs && mine & theirs == theirs
    }
}

impl Modes {
    const fn of(modes: &[Mode]) -> Self {
        let (mut bits, mut at) = (0, 0);
        while at < modes.len() {
            bits |= 1 << modes[at] as u8;
            at += 1;
        }
        Self(bits)
    }

    /// Whether the mode is in the set.
    #[inline]
    pub(super) const fn contains(self, mode: Mode) -> bool {
        self.0 >> mode as u8 & 1 == 1
    }
}

/// Nothing, or a mode.
impl Small for Option<Mode> {
    const BITS: u32 = 3;

    #[inline]
    fn bits(self) -> u64 {
        self.map_or(0, |mode| mode as u64)
    }

    #[inline]
    fn of(bits: u64) -> Self {
        bits.checked_sub(1).and_then(|at| Mode::ALL.get(at as usize)).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table of `docs/models/lock-table.md`, row by row.
    #[test]
    fn compatibility_is_the_table_and_symmetric() {
        let rows =
            ["yes yes yes yes no", "yes yes no no no", "yes no yes yes no", "yes no yes no no", "no no no no no"];
        for (mode, row) in Mode::ALL.iter().zip(rows) {
            for (other, cell) in Mode::ALL.iter().zip(row.split(' ')) {
                assert_eq!(mode.is_compatible(*other), cell == "yes", "{mode:?} {other:?}");
                assert_eq!(mode.is_compatible(*other), other.is_compatible(*mode));
            }
        }
    }

    /// IS < IX < X and IS < S < U < X, and nothing else.
    #[test]
    fn stronger_is_to_conflict_with_more() {
        let stronger = |mode: &Mode| {
            let names: Vec<_> = Mode::ALL.iter().filter(|other| other.is_stronger(*mode)).map(|m| m.name()).collect();
            names.join(" ")
        };
        let found: Vec<_> = Mode::ALL.iter().map(stronger).collect();
        assert_eq!(found, ["IX S U X", "X", "U X", "X", ""]);
    }
}
