//! Who waits for a key, and what is on its way to an owner.

use super::Mode;
use crate::Small;

/// The waiters of a key, each with the mode that it waits for: its upgraders and then its queue, each in the order of
/// their coming.
///
/// A waiter is six bits, the first one's the lowest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Waiters(u32);

impl Waiters {
    /// The most that there is room for: every owner once, and one that a bug left behind.
    pub const MOST: usize = 5;

    /// The waiters from the first.
    #[inline]
    pub fn iter(self) -> impl Iterator<Item = (usize, Mode)> {
        let mut rest = self.0;
        std::iter::from_fn(move || {
            let mode = Option::<Mode>::of((rest & 0b111).into())?;
            let owner = rest >> 3 & 0b111;
            rest >>= BITS;
            Some((owner as usize, mode))
        })
    }

    /// Who is granted next.
    #[inline]
    pub fn first(self) -> Option<(usize, Mode)> {
        self.iter().next()
    }

    /// Whether nobody waits.
    #[inline]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// How many wait.
    #[inline]
    pub const fn len(self) -> usize {
        ((u32::BITS - self.0.leading_zeros()).div_ceil(BITS)) as usize
    }

    /// Where the owner is, from the front; `None` if it does not wait here.
    #[inline]
    pub fn place_of(self, owner: usize) -> Option<usize> {
        self.iter().position(|(other, _)| other == owner)
    }

    /// The mode that the owner waits for.
    #[inline]
    pub fn mode_of(self, owner: usize) -> Option<Mode> {
        self.iter().find(|(other, _)| *other == owner).map(|(_, mode)| mode)
    }

    /// With one more, behind the first `place`. Where a bug left no room, nobody is added.
    #[inline]
    pub(super) fn with(self, place: usize, owner: usize, mode: Mode) -> Self {
        if self.len() == Self::MOST || place > self.len() {
            return self;
        }
        let shift = place as u32 * BITS;
        let ahead = self.0 & ((1 << shift) - 1);
        let entry = (owner as u32) << 3 | mode as u32;
        Self(ahead | entry << shift | (self.0 >> shift) << (shift + BITS))
    }

    /// Without the owner, wherever it waits here.
    #[inline]
    pub(super) fn without(self, owner: usize) -> Self {
        self.iter()
            .filter(|(other, _)| *other != owner)
            .fold(Self::default(), |rest, (o, mode)| rest.with(rest.len(), o, mode))
    }
}

/// Where there is no room left, nobody is added.
impl FromIterator<(usize, Mode)> for Waiters {
    fn from_iter<I: IntoIterator<Item = (usize, Mode)>>(waiters: I) -> Self {
        waiters.into_iter().fold(Self::default(), |all, (owner, mode)| all.with(all.len(), owner, mode))
    }
}

/// A grant that its owner has not learned of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Grant {
    /// The key that was granted.
    pub key: usize,
    /// The mode in which the owner held it before: none unless it upgraded.
    pub before: Option<Mode>,
}

/// Nothing, or a grant.
impl Small for Option<Grant> {
    const BITS: u32 = 5;

    #[inline]
    fn bits(self) -> u64 {
        self.map_or(0, |grant| grant.before.bits() << 2 | (grant.key as u64 + 1))
    }

    #[inline]
    fn of(bits: u64) -> Self {
        let key = (bits & 0b11).checked_sub(1)? as usize;
        Some(Grant { key, before: Option::<Mode>::of(bits >> 2) })
    }
}

/// A waiter's owner above its mode, in octal.
const BITS: u32 = 6;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_mode() -> impl Strategy<Value = Mode> {
        prop::sample::select(Mode::ALL)
    }

    proptest! {
        /// Waiters and a vector that are told the same say the same.
        #[test]
        fn is_a_queue(told in prop::collection::vec((0..8_usize, 0..4_usize, any_mode()), 0..30)) {
            let (mut waiters, mut queue) = (Waiters::default(), Vec::new());
            for (place, owner, mode) in told {
                if place <= queue.len() && queue.len() < Waiters::MOST {
                    queue.insert(place, (owner, mode));
                    waiters = waiters.with(place, owner, mode);
                } else {
                    queue.retain(|(other, _)| *other != owner);
                    waiters = waiters.without(owner);
                }
                prop_assert!(waiters.iter().eq(queue.iter().copied()));
                prop_assert_eq!(waiters.len(), queue.len());
                prop_assert_eq!(waiters.is_empty(), queue.is_empty());
                prop_assert_eq!(waiters.place_of(owner), queue.iter().position(|(other, _)| *other == owner));
            }
        }

        #[test]
        fn a_grant_survives_packing(key in 0..3_usize, before in prop::option::of(any_mode())) {
            let grant = Some(Grant { key, before });
            prop_assert_eq!(Option::<Grant>::of(grant.bits()), grant);
        }
    }
}
