//! The bounds of distributed transactions: what each has, and what an exhaustive search of it finds.

use super::properties::{LIVENESS, NON_BLOCKING};
use proofmark_vocabulary::{Bound, Counts, Profile, PropertySet};

pub(super) fn all() -> Vec<Bound> {
    BOUNDS.iter().map(Row::bound).collect()
}

/// A bound, in one line.
struct Row {
    name: &'static str,
    about: &'static str,
    /// Transactions, participants, replicas of the coordinator, crashes, wrong suspicions.
    size: [i64; 5],
    /// Whether participants may be readers, and one alone may be left the decision.
    optimised: bool,
    claims: PropertySet,
    /// Generated, distinct, depth.
    found: [u64; 3],
}

impl Row {
    fn bound(&self) -> Bound {
        let sizes = ["transactions", "participants", "coordinators", "crashes", "suspicions"];
        let [generated, distinct, depth] = self.found;
        // Nobody takes over from a single coordinator that stays down.
        let blocks = self.size[2] == 1 && self.size[3] > 0 && self.claims.includes(NON_BLOCKING);
        Bound {
            name: self.name,
            about: self.about,
            profile: if self.name.starts_with("deep") { Profile::Deep } else { Profile::Ci },
            constants: sizes
                .into_iter()
                .zip(self.size.map(Into::into))
                .chain(["read-only", "one-phase"].map(|name| (name, self.optimised.into())))
                .collect(),
            properties: self.claims,
            expected: if blocks { &[NON_BLOCKING] } else { &[] },
            counts: Some(Counts { generated, distinct, depth }),
        }
    }
}

const ALL: PropertySet = PropertySet::All;
const SAFETY: PropertySet = PropertySet::AllBut(LIVENESS);
const BOUNDS: &[Row] = &[
    Row {
        name: "ci",
        about: "one transaction, a single coordinator and a crash: it blocks",
        size: [1, 2, 1, 1, 0],
        optimised: true,
        claims: ALL,
        found: [5_220, 1_487, 16],
    },
    Row {
        name: "replicated",
        about: "the same with a replicated coordinator: it does not block",
        size: [1, 2, 3, 1, 0],
        optimised: true,
        claims: ALL,
        found: [37_976, 9_709, 16],
    },
    Row {
        name: "suspicion",
        about: "a leader is suspected wrongly, and goes on",
        size: [1, 2, 3, 1, 1],
        optimised: true,
        claims: ALL,
        found: [267_746, 62_539, 17],
    },
    Row {
        name: "crashes",
        about: "crashes upon crashes",
        size: [1, 2, 1, 3, 0],
        optimised: true,
        claims: ALL,
        found: [81_313, 20_400, 22],
    },
    Row {
        name: "three",
        about: "three participants",
        size: [1, 3, 3, 1, 0],
        optimised: true,
        claims: ALL,
        found: [362_221, 66_467, 19],
    },
    Row {
        name: "contention",
        about: "two transactions over the same keys, no crash",
        size: [2, 2, 1, 0, 0],
        optimised: true,
        claims: ALL,
        found: [144_230, 24_882, 24],
    },
    Row {
        name: "one-key",
        about: "two transactions over one key, a crash and a replicated coordinator",
        size: [2, 1, 3, 1, 0],
        optimised: true,
        claims: ALL,
        found: [398_208, 105_858, 21],
    },
    Row {
        name: "shared-locks",
        about: "two transactions over the same keys, and a crash",
        size: [2, 2, 1, 1, 0],
        optimised: false,
        claims: ALL,
        found: [779_142, 118_795, 27],
    },
    Row {
        name: "optimised",
        about: "the same with readers and one phase",
        size: [2, 2, 1, 1, 0],
        optimised: true,
        claims: SAFETY,
        found: [1_742_114, 303_849, 27],
    },
    Row {
        name: "production",
        about: "two transactions over the same keys, a crash and a replicated coordinator",
        size: [2, 2, 3, 1, 0],
        optimised: false,
        claims: SAFETY,
        found: [6_853_718, 963_055, 27],
    },
    Row {
        name: "deep",
        about: "the same, and a leader is suspected wrongly",
        size: [2, 2, 3, 1, 1],
        optimised: false,
        claims: SAFETY,
        found: [80_545_862, 10_306_753, 28],
    },
    Row {
        name: "deep-transactions",
        about: "three transactions over the same keys, liveness included",
        size: [3, 2, 1, 0, 0],
        optimised: false,
        claims: ALL,
        found: [8_509_634, 878_581, 35],
    },
    Row {
        name: "deep-participants",
        about: "two transactions over three keys, and a crash",
        size: [2, 3, 1, 1, 0],
        optimised: false,
        claims: SAFETY,
        found: [39_940_647, 4_170_517, 33],
    },
];
