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
    /// Whether participants may be readers, and whether one alone may be left the decision.
    read_only: bool,
    one_phase: bool,
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
                .chain([("read-only", self.read_only.into()), ("one-phase", self.one_phase.into())])
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
        read_only: true,
        one_phase: true,
        claims: ALL,
        found: [0, 0, 0],
    },
    Row {
        name: "replicated",
        about: "the same with a replicated coordinator: it does not block",
        size: [1, 2, 3, 1, 0],
        read_only: true,
        one_phase: true,
        claims: ALL,
        found: [0, 0, 0],
    },
    Row {
        name: "suspicion",
        about: "a leader is suspected wrongly, and goes on",
        size: [1, 2, 3, 1, 1],
        read_only: false,
        one_phase: false,
        claims: ALL,
        found: [0, 0, 0],
    },
    Row {
        name: "contention",
        about: "two transactions over the same keys",
        size: [2, 2, 1, 0, 0],
        read_only: false,
        one_phase: false,
        claims: ALL,
        found: [0, 0, 0],
    },
    Row {
        name: "one-key",
        about: "two transactions over one key, a crash and a replicated coordinator",
        size: [2, 1, 3, 1, 1],
        read_only: true,
        one_phase: true,
        claims: ALL,
        found: [0, 0, 0],
    },
    Row {
        name: "shared-locks",
        about: "two transactions over the same keys, and a crash",
        size: [2, 2, 1, 1, 0],
        read_only: false,
        one_phase: false,
        claims: SAFETY,
        found: [0, 0, 0],
    },
    Row {
        name: "three",
        about: "three participants and a crash",
        size: [1, 3, 1, 1, 0],
        read_only: true,
        one_phase: true,
        claims: SAFETY,
        found: [0, 0, 0],
    },
    Row {
        name: "crashes",
        about: "crashes upon crashes",
        size: [1, 2, 1, 3, 0],
        read_only: true,
        one_phase: true,
        claims: ALL,
        found: [0, 0, 0],
    },
    Row {
        name: "deep",
        about: "two transactions over the same keys, a replicated coordinator, a crash and a wrong suspicion",
        size: [2, 2, 3, 1, 1],
        read_only: false,
        one_phase: false,
        claims: SAFETY,
        found: [0, 0, 0],
    },
    Row {
        name: "deep-optimised",
        about: "two transactions over the same keys with both optimisations, and a crash",
        size: [2, 2, 1, 1, 0],
        read_only: true,
        one_phase: true,
        claims: SAFETY,
        found: [0, 0, 0],
    },
];
