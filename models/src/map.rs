//! Functions from small numbers to small values, flat and cheap to copy, compare and hash.

use std::fmt;
use std::marker::PhantomData;
use zerocopy::{Immutable, IntoBytes};

/// A value that fits in a few bits. The all-zero bits stand for the value that every variable starts with.
pub trait Small: Copy {
    /// How many bits.
    const BITS: u32;
    /// The bits, all beyond [`Self::BITS`] zero.
    fn bits(self) -> u64;
    /// The value whose bits these are.
    fn of(bits: u64) -> Self;
}

/// Declares that an enumeration is [`Small`]: how many bits it takes, and its variants in their order, the last one for
/// all bits that are left.
macro_rules! small {
    ($of:ident, $bits:literal bits: $($number:literal => $variant:ident,)+ _ => $last:ident) => {
        impl $crate::Small for $of {
            const BITS: u32 = $bits;

            #[inline]
            fn bits(self) -> u64 {
                self as u64
            }

            #[inline]
            fn of(bits: u64) -> Self {
                match bits {
                    $($number => $of::$variant,)+
                    _ => $of::$last,
                }
            }
        }
    };
}
pub(crate) use small;

/// A total function from the numbers below [`Map::CAPACITY`] to small values, held in one word: TLA's
/// `[Participants -> Phases]`. A model with many such variables takes a shorter word.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, IntoBytes, Immutable)]
#[repr(transparent)]
pub struct Map<V, W = u64> {
    word: W,
    of: PhantomData<V>,
}

impl<V: Small, W: Word> Map<V, W> {
    /// The first number that is beyond the domain.
    pub const CAPACITY: usize = size_of::<W>() * 8 / V::BITS as usize;

    /// What `key` is mapped to.
    ///
    /// # Panics
    /// When `key` is beyond [`Self::CAPACITY`].
    #[inline]
    pub fn get(&self, key: usize) -> V {
        V::of(self.word.into() >> Self::shift(key) & Self::MASK)
    }

    /// Maps `key` to `value`: TLA's `f[key]' = value`.
    ///
    /// # Panics
    /// When `key` is beyond [`Self::CAPACITY`].
    #[inline]
    pub fn set(&mut self, key: usize, value: V) {
        let shift = Self::shift(key);
        self.word = W::of(self.word.into() & !(Self::MASK << shift) | value.bits() << shift);
    }

    /// The function that differs in mapping `key` to `value`: TLA's `[f EXCEPT ![key] = value]`.
    ///
    /// # Panics
    /// When `key` is beyond [`Self::CAPACITY`].
    #[inline]
    #[must_use]
    pub fn with(mut self, key: usize, value: V) -> Self {
        self.set(key, value);
        self
    }

    /// The function whose every value is changed.
    #[must_use]
    pub fn map(self, change: impl Fn(V) -> V) -> Self {
        (0..Self::CAPACITY).fold(self, |all, key| all.with(key, change(all.get(key))))
    }

    /// The values of the keys below `count`, in the order of the keys.
    pub fn values(self, count: usize) -> impl Iterator<Item = V> {
        (0..count).map(move |key| self.get(key))
    }

    const MASK: u64 = u64::MAX >> (u64::BITS - V::BITS);

    #[inline]
    fn shift(key: usize) -> usize {
        assert!(key < Self::CAPACITY, "a map of {} has no place for {key}", Self::CAPACITY);
        key * V::BITS as usize
    }
}

/// The values of the first keys, in their order.
impl<V: Small, W: Word + Default> FromIterator<V> for Map<V, W> {
    #[inline]
    fn from_iter<I: IntoIterator<Item = V>>(values: I) -> Self {
        values.into_iter().enumerate().fold(Self::default(), |all, (key, value)| all.with(key, value))
    }
}

impl<V, W: Default> Default for Map<V, W> {
    fn default() -> Self {
        Self { word: W::default(), of: PhantomData }
    }
}

/// Shows what differs from the start: a map does not know how much of its domain is in use.
impl<V: Small + fmt::Debug, W: Word> fmt::Debug for Map<V, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let changed = (0..Self::CAPACITY).filter(|&key| self.get(key).bits() != 0);
        f.debug_map().entries(changed.map(|key| (key, self.get(key)))).finish()
    }
}

/// A word that holds a map.
pub trait Word: Copy + Into<u64> {
    /// The word of these bits, all beyond its own zero.
    fn of(bits: u64) -> Self;
}

impl Word for u64 {
    #[inline]
    fn of(bits: u64) -> Self {
        bits
    }
}

impl Word for u32 {
    #[inline]
    fn of(bits: u64) -> Self {
        bits as u32
    }
}

/// A number below 16.
impl Small for u8 {
    const BITS: u32 = 4;

    #[inline]
    fn bits(self) -> u64 {
        assert!(self < 16, "{self} needs more than four bits");
        self.into()
    }

    #[inline]
    fn of(bits: u64) -> Self {
        bits.to_le_bytes()[0]
    }
}

/// Nothing, or a number below 15. Nothing is less than every number, as Lamport's -1 is.
impl Small for Option<u8> {
    const BITS: u32 = 4;

    #[inline]
    fn bits(self) -> u64 {
        self.map_or(0, |number| (number + 1).bits())
    }

    #[inline]
    fn of(bits: u64) -> Self {
        u8::of(bits).checked_sub(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_changes_in_one_place() {
        let map = Map::<Option<u8>>::default().with(0, Some(14)).with(15, Some(0)).with(3, Some(7)).with(3, Some(2));

        let expected: Vec<_> =
            (0..16).map(|key| [(0, 14), (3, 2), (15, 0)].into_iter().find(|(k, _)| *k == key)).collect();
        assert!(map.values(16).eq(expected.iter().map(|found| found.map(|(_, value)| value))));
        assert_eq!(map.with(0, None).with(3, None).with(15, None), Map::default());
        assert_eq!(format!("{map:?}"), "{0: Some(14), 3: Some(2), 15: Some(0)}");
    }

    #[test]
    fn a_shorter_word_has_fewer_places() {
        let map = Map::<Option<u8>, u32>::default().with(7, Some(14)).with(0, Some(3));
        assert_eq!((Map::<u8, u32>::CAPACITY, map.get(7), map.get(0), map.get(6)), (8, Some(14), Some(3), None));
        assert_eq!(map.with(7, None).with(0, None), Map::default());
    }

    #[test]
    #[should_panic(expected = "a map of 16 has no place for 16")]
    fn a_key_beyond_the_domain_is_a_mistake() {
        Map::<u8>::default().get(16);
    }
}
