//! Fingerprints, by which states are told apart.

use super::Fingerprint;
use foldhash::quality::FixedState;
use std::hash::{BuildHasher, Hash};

/// A state's fingerprint: 64 bits, and 64 more where they are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Print {
    pub(crate) low: u64,
    /// Zero in a search by 64 bits.
    pub(crate) high: u64,
}

/// Computes fingerprints. The seeds are pinned, and so is the hash in Cargo.toml: the same state has the same
/// fingerprint on every run.
#[derive(Clone)]
pub(crate) struct Fingerprinter {
    low: FixedState,
    high: Option<FixedState>,
}

impl Fingerprinter {
    pub(crate) fn new(width: Fingerprint) -> Self {
        let high = (width == Fingerprint::Bits128).then(|| FixedState::with_seed(SEEDS[1]));
        Self { low: FixedState::with_seed(SEEDS[0]), high }
    }

    #[inline]
    pub(crate) fn print(&self, state: &impl Hash) -> Print {
        // Zero marks an empty slot of the visited set.
        let low = self.low.hash_one(state).max(1);
        let high = self.high.as_ref().map_or(0, |hash| hash.hash_one(state));
        Print { low, high }
    }

    pub(crate) fn is_wide(&self) -> bool {
        self.high.is_some()
    }
}

/// The probability that among `distinct` states two share a fingerprint (the birthday bound).
pub(crate) fn collision_probability(distinct: u64, width: Fingerprint) -> f64 {
    let bits = match width {
        Fingerprint::Bits64 => 64,
        Fingerprint::Bits128 => 128,
    };
    let pairs = distinct as f64 * (distinct.saturating_sub(1)) as f64 / 2.0;
    -(-pairs / 2_f64.powi(bits)).exp_m1()
}

/// The first digits of pi and of e, in hexadecimal.
const SEEDS: [u64; 2] = [0x243f_6a88_85a3_08d3, 0xb7e1_5162_8aed_2a6a];
