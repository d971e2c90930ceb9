//! The visited set: which fingerprints were seen, one partition of it at a time.

use super::fingerprint::Print;
use super::slots::Slots;

/// How many partitions there are. A partition owns the fingerprints with its index in the topmost bits, so
/// that two partitions never speak of the same state; and it is small, so that it stays in cache while a
/// batch is absorbed.
pub(super) const PARTITIONS: usize = 16;
const PARTITION_BITS: u32 = PARTITIONS.trailing_zeros();

/// The partition that owns a fingerprint.
#[inline]
pub(super) fn owner(print: Print) -> usize {
    // The topmost bits of 64 always fit.
    (print.low >> (64 - PARTITION_BITS)) as usize
}

/// How a candidate was reached: the parent's place in the piece, and the index of its action. Ordered as
/// candidates are generated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Origin {
    pub(super) parent: u32,
    pub(super) action: u32,
}

/// A batch of candidates for one partition, in the order in which they were generated.
#[derive(Default)]
pub(super) struct Batch {
    candidates: Vec<(u64, Origin)>,
    /// The upper halves of the fingerprints; empty in a search by 64 bits.
    high: Vec<u64>,
}

impl Batch {
    #[inline]
    pub(super) fn push(&mut self, print: Print, wide: bool, origin: Origin) {
        self.candidates.push((print.low, origin));
        if wide {
            self.high.push(print.high);
        }
    }

    pub(super) fn clear(&mut self) {
        self.candidates.clear();
        self.high.clear();
    }

    pub(super) fn len(&self) -> usize {
        self.candidates.len()
    }
}

/// What a partition answers to a batch.
#[derive(Default)]
pub(super) struct Answer {
    /// The candidates that no one had seen before, each with its place in the batch, in the batch's order.
    pub(super) fresh: Vec<(Origin, u32)>,
    /// For each of the batch, the place of its state among this partition's, in the order of arrival; filled
    /// only where the graph of steps is kept.
    pub(super) places: Vec<u32>,
}

/// One partition of the visited set: open addressing with linear probing, eight bytes a slot.
///
/// A fingerprint's home grows with the fingerprint, so that a growing table is filled from the old one in
/// sequence. It doubles: a page that the kernel has to clear costs more than one that stays empty.
pub(super) struct Partition {
    /// Zero is an empty slot.
    low: Slots,
    high: Option<Vec<u64>>,
    /// For each slot the place of its state, where the graph of steps is kept.
    places: Option<Vec<u32>>,
    len: usize,
}

impl Partition {
    pub(super) fn new(wide: bool, with_places: bool) -> Self {
        Self { low: Slots::zeroed(0), high: wide.then(Vec::new), places: with_places.then(Vec::new), len: 0 }
    }

    /// Adds a batch and answers which of it were new. The same fingerprint twice in a batch is new once.
    pub(super) fn absorb(&mut self, batch: &Batch, answer: &mut Answer) {
        answer.fresh.clear();
        answer.places.clear();
        self.reserve(batch.len());
        let keep_places = self.places.is_some();
        let mut start = 0;
        for candidates in batch.candidates.chunks(OVERLAP) {
            // Loading all the homes first lets their cache misses overlap.
            let mut homes = [(0, 0); OVERLAP];
            let words = self.low.words();
            for (home, &(low, _)) in homes.iter_mut().zip(candidates) {
                let slot = home_among(words.len(), low);
                *home = (slot, words[slot]);
            }
            for (at, (&(low, origin), &(slot, seen))) in candidates.iter().zip(&homes).enumerate() {
                let at = start + at;
                if seen == low && self.high.is_none() && !keep_places {
                    continue;
                }
                let high = batch.high.get(at).copied().unwrap_or(0);
                let (slot, is_new) = self.insert(slot, Print { low, high });
                if is_new {
                    answer.fresh.push((origin, at as u32));
                }
                if let Some(places) = &self.places {
                    answer.places.push(places[slot]);
                }
            }
            start += candidates.len();
        }
    }

    /// Bytes by which the partition would grow to take `more` fingerprints.
    pub(super) fn growth(&self, more: usize) -> u64 {
        let slots = self.capacity_for(self.len + more);
        if slots > self.low.words().len() { (slots * self.bytes_per_slot()) as u64 } else { 0 }
    }

    fn bytes_per_slot(&self) -> usize {
        8 + self.high.as_ref().map_or(0, |_| 8) + self.places.as_ref().map_or(0, |_| 4)
    }

    /// Finds `print` from its home on, or puts it into the first empty slot. Tells the slot and whether it
    /// was new.
    #[inline]
    fn insert(&mut self, mut slot: usize, print: Print) -> (usize, bool) {
        let words = self.low.words_mut();
        loop {
            let seen = words[slot];
            if seen == 0 {
                words[slot] = print.low;
                if let Some(high) = &mut self.high {
                    high[slot] = print.high;
                }
                if let Some(places) = &mut self.places {
                    // The search ends before a partition has 2^32 states.
                    places[slot] = self.len as u32;
                }
                self.len += 1;
                return (slot, true);
            }
            if seen == print.low && self.high.as_ref().is_none_or(|high| high[slot] == print.high) {
                return (slot, false);
            }
            slot = (slot + 1) & (words.len() - 1);
        }
    }

    /// The number of slots for `len` fingerprints, at most four fifths full; the present one while that suffices.
    fn capacity_for(&self, len: usize) -> usize {
        let mut slots = self.low.words().len().max(LEAST_SLOTS);
        while len * 5 > slots * 4 {
            slots *= 2;
        }
        slots
    }

    fn reserve(&mut self, more: usize) {
        let slots = self.capacity_for(self.len + more);
        if slots == self.low.words().len() {
            return;
        }
        let low = std::mem::replace(&mut self.low, Slots::zeroed(slots));
        let words = self.low.words_mut();
        let high = self.high.as_mut().map(|high| std::mem::replace(high, vec![0; slots]));
        let places = self.places.as_mut().map(|places| std::mem::replace(places, vec![0; slots]));
        for (at, &print) in low.words().iter().enumerate().filter(|(_, low)| **low != 0) {
            let mut slot = home_among(slots, print);
            while words[slot] != 0 {
                slot = (slot + 1) & (slots - 1);
            }
            words[slot] = print;
            if let (Some(to), Some(from)) = (&mut self.high, &high) {
                to[slot] = from[at];
            }
            if let (Some(to), Some(from)) = (&mut self.places, &places) {
                to[slot] = from[at];
            }
        }
    }
}

/// The slot among so many, a power of two, where the search for a fingerprint begins: its topmost bits after
/// those that chose the partition.
#[inline]
fn home_among(slots: usize, low: u64) -> usize {
    // So few bits are left that they are an index.
    ((low << PARTITION_BITS) >> (64 - slots.trailing_zeros())) as usize
}

/// How many loads are in flight at once.
const OVERLAP: usize = 32;
/// A power of two.
const LEAST_SLOTS: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashMap;

    proptest! {
        /// A partition answers as a map would that remembers who came first. Few fingerprints, so that they
        /// repeat; small ones and great ones, so that homes clash and wrap around.
        #[test]
        fn answers_like_a_map(
            wide: bool,
            batches in prop::collection::vec(prop::collection::vec((0..40_u64, 0..3_u64, any::<bool>()), 0..80), 1..8),
        ) {
            let mut partition = Partition::new(wide, true);
            let mut map = HashMap::new();
            for told in batches {
                let (mut batch, mut fresh, mut places) = (Batch::default(), Vec::new(), Vec::new());
                for (at, &(low, high, great)) in (0..).zip(&told) {
                    let origin = Origin { parent: at, action: 7 };
                    let low = if great { (u64::MAX >> PARTITION_BITS) - low } else { low + 1 };
                    let print = Print { low, high: if wide { high } else { 0 } };
                    batch.push(print, wide, origin);
                    let next = map.len() as u32;
                    let place = *map.entry((print.low, print.high)).or_insert_with(|| { fresh.push((origin, at)); next });
                    places.push(place);
                }
                let mut answer = Answer::default();
                partition.absorb(&batch, &mut answer);
                prop_assert_eq!(answer.fresh, fresh);
                prop_assert_eq!(answer.places, places);
            }
        }
    }
}
