//! Sets of numbers below eight, a byte each: quorums, and who has answered.

use proofmark_vocabulary::Value;
use std::{fmt, iter};
use zerocopy::{ByteHash, Immutable, IntoBytes};

/// A set of numbers below eight: [`BitSet`](proofmark_vocabulary::BitSet) in an eighth of its memory, for the many of
/// them that a state of a consensus model has.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, ByteHash, IntoBytes, Immutable)]
#[repr(transparent)]
pub struct Few(u8);

impl Few {
    /// The empty set.
    pub const NONE: Self = Self(0);

    /// The numbers `0..count`.
    #[inline]
    pub const fn below(count: usize) -> Self {
        Self(((1_u32 << count) - 1) as u8)
    }

    /// The set of one number.
    #[inline]
    pub const fn one(member: usize) -> Self {
        Self(1 << member)
    }

    /// The set as a mask: the bit of a number is set when it is a member.
    #[inline]
    pub(crate) const fn mask(self) -> u8 {
        self.0
    }

    /// The set of that mask.
    #[inline]
    pub(crate) const fn of_mask(mask: u8) -> Self {
        Self(mask)
    }

    /// Whether the number is in the set.
    #[inline]
    pub const fn contains(self, member: usize) -> bool {
        member < 8 && self.0 >> member & 1 == 1
    }

    /// The set with the number added.
    #[inline]
    #[must_use]
    pub const fn with(self, member: usize) -> Self {
        Self(self.0 | 1 << member)
    }

    /// The set with the number taken away.
    #[inline]
    #[must_use]
    pub const fn without(self, member: usize) -> Self {
        Self(self.0 & !(1 << member))
    }

    /// The members of either.
    #[inline]
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The members of both.
    #[inline]
    #[must_use]
    pub const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// How many members it has.
    #[inline]
    pub const fn len(self) -> usize {
        self.0.count_ones() as usize
    }

    /// Whether it has none.
    #[inline]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether those of a set are more than half of these, or there are none of these.
    #[inline]
    pub const fn has_majority_in(self, set: Self) -> bool {
        self.is_empty() || 2 * self.intersection(set).len() > self.len()
    }

    /// The members, from the least.
    #[inline]
    pub fn iter(self) -> impl Iterator<Item = usize> {
        let mut left = self.0;
        iter::from_fn(move || {
            let least = left.trailing_zeros() as usize;
            left &= left.checked_sub(1)?;
            Some(least)
        })
    }

    /// All sets of so many of the numbers below `count`.
    pub fn of_size(size: usize, count: usize) -> impl Iterator<Item = Self> {
        (0..=u8::MAX).take(1 << count).map(Self).filter(move |set| set.len() == size)
    }
}

impl FromIterator<usize> for Few {
    fn from_iter<I: IntoIterator<Item = usize>>(members: I) -> Self {
        members.into_iter().fold(Self::NONE, Self::with)
    }
}

impl fmt::Debug for Few {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

impl From<Few> for Value {
    fn from(set: Few) -> Self {
        Value::set(set.iter())
    }
}
