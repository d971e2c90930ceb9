//! Sets of small numbers, flat and cheap to copy, compare and hash.

use crate::Value;

/// A set of numbers below `64 * WORDS`, held in that many words.
///
/// States are visited by the hundred million, so a set of participants or of possible messages is bits, not
/// a tree; it reads like a set all the same.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct BitSet<const WORDS: usize = 1>([u64; WORDS]);

impl<const WORDS: usize> BitSet<WORDS> {
    /// The first number that the set cannot hold.
    pub const CAPACITY: usize = 64 * WORDS;

    /// The empty set.
    pub const fn new() -> Self {
        Self([0; WORDS])
    }

    /// The numbers `0..count`.
    ///
    /// # Panics
    /// When `count` exceeds [`Self::CAPACITY`].
    pub fn below(count: usize) -> Self {
        (0..count).collect()
    }

    /// Whether `member` is in the set. A number beyond the capacity is in no set.
    #[inline]
    pub const fn contains(&self, member: usize) -> bool {
        member < Self::CAPACITY && self.0[member / 64] >> (member % 64) & 1 == 1
    }

    /// Adds `member`.
    ///
    /// # Panics
    /// When `member` is beyond [`Self::CAPACITY`].
    #[inline]
    pub const fn insert(&mut self, member: usize) {
        self.0[member / 64] |= 1 << (member % 64);
    }

    /// Removes `member`; one that is absent changes nothing.
    #[inline]
    pub const fn remove(&mut self, member: usize) {
        if member < Self::CAPACITY {
            self.0[member / 64] &= !(1 << (member % 64));
        }
    }

    /// The set with `member` added, as an effect is written: `prepared: s.prepared.with(p)`.
    ///
    /// # Panics
    /// When `member` is beyond [`Self::CAPACITY`].
    #[inline]
    #[must_use]
    pub const fn with(mut self, member: usize) -> Self {
        self.insert(member);
        self
    }

    /// The set with `member` taken away.
    #[inline]
    #[must_use]
    pub const fn without(mut self, member: usize) -> Self {
        self.remove(member);
        self
    }

    /// How many members the set has.
    #[inline]
    pub fn len(&self) -> usize {
        self.0.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Whether the set has no member.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|&word| word == 0)
    }

    /// Whether every member is also one of `other`.
    #[inline]
    pub fn is_subset(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).all(|(mine, theirs)| mine & !theirs == 0)
    }

    /// The members of both.
    #[inline]
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        Self(std::array::from_fn(|i| self.0[i] & other.0[i]))
    }

    /// The members of either.
    #[inline]
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        Self(std::array::from_fn(|i| self.0[i] | other.0[i]))
    }

    /// The members, from the least.
    pub fn iter(&self) -> impl Iterator<Item = usize> + use<WORDS> {
        let words = self.0;
        (0..WORDS).flat_map(move |at| {
            let mut word = words[at];
            std::iter::from_fn(move || {
                let bit = word.trailing_zeros() as usize;
                (word != 0).then(|| {
                    word &= word - 1;
                    at * 64 + bit
                })
            })
        })
    }
}

/// Word by word. Derived, an array would be hashed as a slice of bytes behind its length, at twice the cost; the
/// length is in the type.
impl<const WORDS: usize> std::hash::Hash for BitSet<WORDS> {
    #[inline]
    fn hash<H: std::hash::Hasher>(&self, hasher: &mut H) {
        self.0.iter().for_each(|&word| hasher.write_u64(word));
    }
}

impl<const WORDS: usize> Default for BitSet<WORDS> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const WORDS: usize> FromIterator<usize> for BitSet<WORDS> {
    fn from_iter<I: IntoIterator<Item = usize>>(members: I) -> Self {
        members.into_iter().fold(Self::new(), Self::with)
    }
}

impl<const WORDS: usize> std::fmt::Debug for BitSet<WORDS> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

impl<const WORDS: usize> From<BitSet<WORDS>> for Value {
    fn from(set: BitSet<WORDS>) -> Self {
        Value::set(set.iter())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        /// A `BitSet` and a `BTreeSet` that are told the same say the same.
        #[test]
        fn is_a_set(told in prop::collection::vec((any::<bool>(), 0..128_usize), 0..60), other in prop::collection::btree_set(0..128_usize, 0..40)) {
            let (mut bits, mut tree) = (BitSet::<2>::new(), BTreeSet::new());
            for (add, member) in told {
                if add { bits.insert(member); tree.insert(member); } else { bits.remove(member); tree.remove(&member); }
            }
            let others: BitSet<2> = other.iter().copied().collect();

            prop_assert!(bits.iter().eq(tree.iter().copied()));
            prop_assert_eq!(bits.len(), tree.len());
            prop_assert_eq!(bits.is_empty(), tree.is_empty());
            prop_assert_eq!(bits.is_subset(&others), tree.is_subset(&other));
            prop_assert!(bits.intersection(&others).iter().eq(tree.intersection(&other).copied()));
            prop_assert!(bits.union(&others).iter().eq(tree.union(&other).copied()));
            prop_assert!((0..200).all(|n| bits.contains(n) == tree.contains(&n)));
        }
    }
}
