//! Keys, drawn before anything is measured.

use rand::SeedableRng;
use rand::distr::{Distribution, Uniform};
use rand::rngs::SmallRng;
use rand_distr::Zipf;

/// How the keys that are locked are chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keys {
    /// Any of a million, each as likely as the others.
    Uniform,
    /// Any of 16; the n-th most frequent is drawn in proportion to 1/n, which is Zipf's law with the exponent 1.
    Zipf16,
    /// Always the same.
    One,
}

impl Keys {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Uniform, Self::Zipf16, Self::One];

    /// The name of the suite that locks them.
    pub const fn suite(self) -> &'static str {
        match self {
            Keys::Uniform => "lock-table/uniform",
            Keys::Zipf16 => "lock-table/zipf16",
            Keys::One => "lock-table/one-key",
        }
    }

    /// In words.
    pub const fn words(self) -> &'static str {
        match self {
            Keys::Uniform => "a million keys",
            Keys::Zipf16 => "16 keys by Zipf's law",
            Keys::One => "one key",
        }
    }

    /// The keys of one worker, which it locks one after another and over again. A worker draws the same ones in every
    /// run.
    ///
    /// # Panics
    /// Never: what is drawn from is not empty.
    pub fn draw(self, worker: u64) -> Vec<u64> {
        let mut random = SmallRng::seed_from_u64(worker);
        match self {
            Keys::Uniform => {
                let keys = Uniform::new(0, UNIFORM).expect("the range is not empty");
                keys.sample_iter(&mut random).take(DRAWN).collect()
            }
            Keys::Zipf16 => {
                let ranks = Zipf::new(16.0, 1.0).expect("both parameters are positive");
                ranks.sample_iter(&mut random).take(DRAWN).map(rank).collect()
            }
            Keys::One => vec![0; DRAWN],
        }
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a rank is a whole number from 1 to 16")]
fn rank(rank: f64) -> u64 {
    rank as u64
}

/// How many keys are drawn uniformly from.
const UNIFORM: u64 = 1_000_000;

/// How many keys a worker draws.
const DRAWN: usize = 1 << 18;
