//! The bounds of sharding: what each has, and what an exhaustive search of it finds.

use super::properties::LIVENESS;
use proofmark_vocabulary::{Bound, Counts, Profile, PropertySet};

pub(super) fn all() -> Vec<Bound> {
    BOUNDS.iter().map(Row::bound).collect()
}

/// A bound, in one line.
struct Row {
    name: &'static str,
    about: &'static str,
    /// Nodes, arcs, keys, views, routers, writes.
    size: [i64; 6],
    /// Crashes, reads.
    budget: [i64; 2],
    disk: &'static str,
    clean_up: bool,
    claims: PropertySet,
    /// Generated, distinct, depth.
    found: [u64; 3],
}

impl Row {
    fn bound(&self) -> Bound {
        let sizes = ["nodes", "arcs", "keys", "views", "routers", "writes"];
        let budgets = ["crashes", "reads"].into_iter().zip(self.budget.map(Into::into));
        let sizes = sizes.into_iter().zip(self.size.map(Into::into));
        let [generated, distinct, depth] = self.found;
        Bound {
            name: self.name,
            about: self.about,
            profile: if self.name.starts_with("deep") { Profile::Deep } else { Profile::Ci },
            constants: sizes
                .chain(budgets)
                .chain([("disk", self.disk.into()), ("clean-up", self.clean_up.into())])
                .collect(),
            properties: self.claims,
            expected: &[],
            counts: Some(Counts { generated, distinct, depth }),
        }
    }
}

const ALL: PropertySet = PropertySet::All;
const SYNC: &str = "synchronous";
const SAFETY: PropertySet = PropertySet::AllBut(LIVENESS);

const BOUNDS: &[Row] = &[
    Row {
        name: "ci",
        about: "one arc of one key moves once, while it is written",
        size: [2, 1, 1, 2, 1, 2],
        budget: [0, 0],
        disk: SYNC,
        clean_up: false,
        claims: ALL,
        found: [10_189, 1_847, 21],
    },
    Row {
        name: "keys",
        about: "an arc of two keys, copied one after the other, and a crash",
        size: [2, 1, 2, 2, 1, 2],
        budget: [1, 0],
        disk: SYNC,
        clean_up: false,
        claims: ALL,
        found: [159_153, 20_051, 26],
    },
    Row {
        name: "writes",
        about: "three writes of one key",
        size: [2, 1, 1, 2, 1, 3],
        budget: [0, 0],
        disk: SYNC,
        clean_up: false,
        claims: ALL,
        found: [184_030, 26_269, 26],
    },
    Row {
        name: "crash",
        about: "either side crashes, or both",
        size: [2, 1, 1, 2, 1, 1],
        budget: [2, 0],
        disk: SYNC,
        clean_up: false,
        claims: ALL,
        found: [7_900, 1_671, 20],
    },
    Row {
        name: "crash-writes",
        about: "two writes, and two crashes",
        size: [2, 1, 1, 2, 1, 2],
        budget: [2, 0],
        disk: SYNC,
        clean_up: false,
        claims: ALL,
        found: [108_281, 17_963, 25],
    },
    Row {
        name: "disk",
        about: "what is not synced is lost in a crash",
        size: [2, 1, 1, 2, 1, 2],
        budget: [1, 0],
        disk: "asynchronous",
        clean_up: false,
        claims: ALL,
        found: [323_016, 42_008, 31],
    },
    Row {
        name: "stale-router",
        about: "two routers, each with a view of its own",
        size: [2, 1, 1, 3, 2, 1],
        budget: [0, 0],
        disk: SYNC,
        clean_up: false,
        claims: ALL,
        found: [41_382, 6_398, 27],
    },
    Row {
        name: "back",
        about: "an arc that is handed back, while messages of the first handoff are late",
        size: [2, 1, 1, 3, 1, 1],
        budget: [0, 0],
        disk: SYNC,
        clean_up: false,
        claims: ALL,
        found: [7_496, 1_694, 26],
    },
    Row {
        name: "to-and-fro",
        about: "an arc that is handed on twice more",
        size: [2, 1, 1, 4, 1, 1],
        budget: [0, 0],
        disk: SYNC,
        clean_up: false,
        claims: ALL,
        found: [59_442, 12_695, 36],
    },
    Row {
        name: "abort",
        about: "a handoff of two keys is aborted, and the arc handed off once more",
        size: [2, 1, 2, 4, 1, 1],
        budget: [0, 0],
        disk: SYNC,
        clean_up: true,
        claims: ALL,
        found: [505_529, 77_410, 46],
    },
    Row {
        name: "chain",
        about: "an arc that is handed on among three nodes",
        size: [3, 1, 1, 3, 1, 1],
        budget: [0, 0],
        disk: SYNC,
        clean_up: false,
        claims: ALL,
        found: [48_830, 10_345, 27],
    },
    Row {
        name: "chain-crash",
        about: "the same, and a crash",
        size: [3, 1, 1, 3, 1, 1],
        budget: [1, 0],
        disk: SYNC,
        clean_up: false,
        claims: ALL,
        found: [324_658, 61_383, 29],
    },
    Row {
        name: "overlap",
        about: "two arcs that move at once among three nodes",
        size: [3, 2, 2, 2, 1, 1],
        budget: [0, 0],
        disk: SYNC,
        clean_up: false,
        claims: ALL,
        found: [59_600, 9_715, 24],
    },
    Row {
        name: "overlap-crash",
        about: "the same, and a crash",
        size: [3, 2, 2, 2, 1, 1],
        budget: [1, 0],
        disk: SYNC,
        clean_up: false,
        claims: ALL,
        found: [371_926, 56_456, 26],
    },
    Row {
        name: "overlap-back",
        about: "two arcs that move at once, and again",
        size: [2, 2, 2, 3, 1, 1],
        budget: [0, 0],
        disk: SYNC,
        clean_up: false,
        claims: ALL,
        found: [2_048_928, 303_545, 41],
    },
    Row {
        name: "anew",
        about: "two arcs move, one while the other stays or goes to the same node anew, with a crash and clean-up",
        size: [2, 2, 2, 3, 1, 0],
        budget: [1, 0],
        disk: SYNC,
        clean_up: true,
        claims: ALL,
        found: [1_051_417, 178_680, 38],
    },
    Row {
        name: "clean-up",
        about: "what was handed off is deleted, and the arc comes back",
        size: [2, 1, 1, 3, 1, 1],
        budget: [0, 0],
        disk: SYNC,
        clean_up: true,
        claims: ALL,
        found: [9_132, 2_097, 27],
    },
    Row {
        name: "clean-up-crash",
        about: "the same, with two writes and a crash",
        size: [2, 1, 1, 3, 1, 2],
        budget: [1, 0],
        disk: SYNC,
        clean_up: true,
        claims: ALL,
        found: [1_404_238, 243_978, 35],
    },
    Row {
        name: "read",
        about: "two arcs are read as of one moment while they move",
        size: [2, 2, 2, 2, 1, 1],
        budget: [0, 1],
        disk: SYNC,
        clean_up: false,
        claims: ALL,
        found: [211_116, 31_826, 26],
    },
    Row {
        name: "read-back",
        about: "an arc is read while it is handed on and back",
        size: [2, 1, 1, 3, 2, 1],
        budget: [0, 2],
        disk: SYNC,
        clean_up: false,
        claims: SAFETY,
        found: [1_414_680, 196_882, 31],
    },
    Row {
        name: "read-crash",
        about: "two arcs are read, with a crash and clean-up",
        size: [2, 2, 2, 2, 1, 1],
        budget: [1, 1],
        disk: SYNC,
        clean_up: true,
        claims: SAFETY,
        found: [1_374_373, 209_307, 30],
    },
    Row {
        name: "disk-chain",
        about: "what is not synced is lost, among three nodes, with clean-up",
        size: [3, 1, 1, 3, 1, 1],
        budget: [1, 0],
        disk: "asynchronous",
        clean_up: true,
        claims: ALL,
        found: [2_055_834, 259_958, 37],
    },
    Row {
        name: "deep-chain",
        about: "three nodes, two writes, a crash, clean-up",
        size: [3, 1, 1, 3, 1, 2],
        budget: [1, 0],
        disk: SYNC,
        clean_up: true,
        claims: ALL,
        found: [13_598_167, 2_175_111, 37],
    },
    Row {
        name: "deep-overlap",
        about: "two arcs, three nodes, three views",
        size: [3, 2, 2, 3, 1, 1],
        budget: [0, 0],
        disk: SYNC,
        clean_up: false,
        claims: SAFETY,
        found: [37_268_154, 5_116_945, 43],
    },
];
