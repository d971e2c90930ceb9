//! What a seed decides.

use proofmark_core::Wait;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use std::time::Duration;

/// A source of draws, all of them decided by a seed: the same on every machine, and with every version of this crate
/// that names the same golden fingerprints.
///
/// Every draw is a whole number of 64 bits, and takes exactly one word from the generator.
#[derive(Clone, Debug)]
pub struct Dice(ChaCha8Rng);

impl Dice {
    /// The draws of a seed for a purpose, of which the first 24 bytes count. Those for another purpose have nothing to
    /// do with them: otherwise runs of many nodes, say, would be the runs of many faults.
    pub fn of(seed: u64, purpose: &str) -> Self {
        // The key is seed and purpose, nothing else: how a generator stretches a short seed is its own affair, and
        // may change.
        let mut key = [0; 32];
        let bytes = seed.to_le_bytes().into_iter().chain(purpose.bytes());
        key.iter_mut().zip(bytes).for_each(|(place, byte)| *place = byte);
        Self(ChaCha8Rng::from_seed(key))
    }

    /// A number below `end`; 0 when there is none.
    pub fn below(&mut self, end: u64) -> u64 {
        // The high word of the product. What this favours of 2^64 draws is less than anybody could notice.
        ((u128::from(self.0.next_u64()) * u128::from(end)) >> 64) as u64
    }

    /// Whether something happens that happens so many times of a thousand.
    pub fn per_mille(&mut self, times: u16) -> bool {
        self.below(1_000) < times.into()
    }

    /// One of the places of a list of that length; nothing when it is empty.
    pub fn place(&mut self, length: usize) -> Option<usize> {
        let drawn = self.below(length as u64) as usize;
        (length > 0).then_some(drawn)
    }

    /// A number of nanoseconds within the bounds, both included; the least when they are the wrong way round.
    pub(super) fn wait(&mut self, wait: Wait) -> u64 {
        let (least, most) = (nanos(wait.least), nanos(wait.most));
        least.saturating_add(self.below(most.saturating_sub(least).saturating_add(1)))
    }

    /// A number of nanoseconds that is `mean` on average: from 1 to twice that.
    pub(super) fn about(&mut self, mean: Duration) -> u64 {
        self.below(nanos(mean).saturating_mul(2)).saturating_add(1)
    }
}

/// As nanoseconds; 584 years are forever.
pub(super) fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_stay_within_their_bounds() {
        let mut dice = Dice::of(1, "");
        let wait = Wait { least: Duration::from_nanos(3), most: Duration::from_nanos(5) };
        let mut seen: Vec<_> = (0..100).map(|_| dice.wait(wait)).collect();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen, [3, 4, 5]);
        assert_eq!((dice.below(0), dice.below(1), dice.place(0), dice.place(1)), (0, 0, None, Some(0)));
        assert!(!dice.per_mille(0) && dice.per_mille(1_000));
        let forever = Wait { least: Duration::ZERO, most: Duration::MAX };
        assert!(dice.wait(forever) > 0 && dice.about(Duration::MAX) > 0);
    }

    #[test]
    fn a_seed_decides_every_draw() {
        let draws = |seed, purpose: &str| {
            let mut dice = Dice::of(seed, purpose);
            [0; 4].map(|_| dice.below(1_000_000))
        };
        assert_eq!(draws(7, "a"), draws(7, "a"));
        assert_ne!(draws(7, "a"), draws(8, "a"));
        assert_ne!(draws(7, "a"), draws(7, "b"));
        assert_eq!(draws(7, &"a".repeat(24)), draws(7, &"a".repeat(25)));
        // Held, so that another version of the generator is noticed. The first eight bytes of `ChaCha8` under the key
        // of zeros are published: 3e 00 ef 2f 89 5f 40 d6, and 0xd640… is that part of a million.
        assert_eq!(draws(0, ""), [836_919, 631_424, 232_415, 117_591]);
    }
}
