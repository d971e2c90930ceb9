//! The parts of predicates that say something of each, or of each two.

use proofmark_vocabulary::Clause;

/// A clause for each number below `count`: what it says, and whether it is true.
pub(crate) fn each(count: usize, part: impl Fn(usize) -> (String, bool)) -> Vec<Clause> {
    (0..count).map(part).map(|(name, holds)| Clause::new(name, holds)).collect()
}

/// A clause for each two numbers below `count`, the lesser first.
pub(crate) fn each_two(count: usize, part: impl Fn(usize, usize) -> (String, bool)) -> Vec<Clause> {
    (0..count).flat_map(|one| each(count - one - 1, |rest| part(one, one + 1 + rest))).collect()
}
