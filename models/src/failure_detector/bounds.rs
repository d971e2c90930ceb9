//! The failure detector's bounds: what each has, and what an exhaustive search of it finds.

use super::FailureDetector;
use super::properties::{ACCURACY, CAN_AGREE, COMPLETENESS, FINAL, LEAVES, LIVENESS, NEVER_LATER};
use proofmark_vocabulary::{Bound, Catalogued, Counts, Domain, Profile, PropertySet, Value};

/// A bound's name, what it is for, its constants as `--set` takes them, which claims are checked, which of them fail,
/// and how many states are generated, distinct, and on the longest shortest path. There are three nodes that remember
/// whom they have removed, and refute; all else is off.
type Row = (&'static str, &'static str, &'static str, PropertySet, &'static [&'static str], [u64; 3]);

/// All claims.
const ALL: PropertySet = PropertySet::All;
/// No claims of behaviours.
const SAFETY: PropertySet = PropertySet::AllBut(LIVENESS);

const ROWS: &[Row] = &[
    (
        "ci",
        "a wrong suspicion, a crash and a helper",
        "helpers=1 wrong-timeouts=1 crashes=1",
        ALL,
        &[],
        [9_936, 2_770, 15],
    ),
    (
        "pair",
        "two nodes, and all that befalls them",
        "nodes=2 wrong-timeouts=2 false-deaths=1 crashes=1 restarts=1 removal=true reconnects=true",
        ALL,
        &[],
        [15_303, 4_576, 18],
    ),
    (
        "restart",
        "a node restarts and has forgotten its incarnation",
        "crashes=1 restarts=1",
        ALL,
        &[],
        [4_685, 884, 10],
    ),
    (
        "restart-durable",
        "a node restarts and has its incarnation on disk",
        "crashes=1 restarts=1 durable=true",
        ALL,
        &[],
        [3_101, 596, 10],
    ),
    ("two-restarts", "two nodes restart, or one does twice", "crashes=2 restarts=2", ALL, &[], [313_502, 46_394, 19]),
    (
        "suspected-restart",
        "a restart, a wrong suspicion and a helper",
        "helpers=1 wrong-timeouts=1 crashes=1 restarts=1",
        ALL,
        &[],
        [388_392, 53_278, 19],
    ),
    ("rejoin", "a removed node comes back", "crashes=1 restarts=1 removal=true", ALL, &[], [6_914, 1_394, 12]),
    (
        "rejoin-crash",
        "a removed node comes back, and the node that it joined by crashes",
        "crashes=2 restarts=1 removal=true",
        ALL,
        &[],
        [40_361, 9_260, 17],
    ),
    (
        "false-death",
        "a node that is up is found dead, and refutes that",
        "wrong-timeouts=1 false-deaths=1 removal=true",
        ALL,
        &[],
        [1_251, 376, 9],
    ),
    (
        "late",
        "rumours of a wrong suspicion come late, and again",
        "wrong-timeouts=1 crashes=1 late=1 duplicates=1",
        ALL,
        &[],
        [291_437, 63_800, 15],
    ),
    (
        "late-restart",
        "rumours of an earlier life come late, and again",
        "crashes=1 restarts=1 late=1 duplicates=1",
        ALL,
        &[],
        [171_012, 25_894, 13],
    ),
    (
        "late-rejoin",
        "rumours of a removed node come late, and again",
        "crashes=1 restarts=1 late=1 duplicates=1 durable=true removal=true",
        ALL,
        &[],
        [161_475, 26_344, 14],
    ),
    (
        "late-removal",
        "rumours of a crashed node come late, and again",
        "crashes=1 late=1 duplicates=1 removal=true",
        ALL,
        &[],
        [13_434, 3_850, 11],
    ),
    (
        "strangers",
        "two nodes that have removed each other while both know a third never meet again",
        "wrong-timeouts=2 false-deaths=2 removal=true",
        ALL,
        &[ACCURACY, CAN_AGREE],
        [140_776, 24_342, 16],
    ),
    (
        "reconnects",
        "they do if they ask those that they have removed",
        "wrong-timeouts=2 false-deaths=2 removal=true reconnects=true",
        ALL,
        &[],
        [157_216, 24_342, 16],
    ),
    (
        "forgetful",
        "who forgets whom it has removed believes an old rumour",
        "crashes=1 removal=true tombstones=false",
        ALL,
        &[NEVER_LATER, FINAL, COMPLETENESS, LEAVES],
        [407, 152, 9],
    ),
    (
        "final",
        "the dead stay dead, and rejoin in another incarnation",
        "nodes=2 wrong-timeouts=1 crashes=1 restarts=1 durable=true resurrection=false",
        ALL,
        &[],
        [951, 344, 12],
    ),
    (
        "final-wrong",
        "the dead stay dead, also who is up",
        "wrong-timeouts=1 false-deaths=1 resurrection=false",
        ALL,
        &[ACCURACY, CAN_AGREE],
        [588, 202, 9],
    ),
    ("four", "two helpers", "nodes=4 helpers=2 wrong-timeouts=1", ALL, &[], [3_931, 780, 10]),
    (
        "four-crash",
        "two helpers and a crash",
        "nodes=4 helpers=2 wrong-timeouts=1 crashes=1",
        ALL,
        &[],
        [1_568_535, 221_140, 22],
    ),
    ("four-restart", "a restart among four", "nodes=4 crashes=1 restarts=1", ALL, &[], [102_542, 10_362, 12]),
    (
        "deep",
        "all of it among three nodes",
        "helpers=1 wrong-timeouts=1 false-deaths=1 crashes=1 restarts=1 late=1 removal=true reconnects=true",
        SAFETY,
        &[],
        [65_559_743, 6_990_260, 23],
    ),
    (
        "deep-four",
        "a wrong suspicion, a false death, a crash and two helpers",
        "nodes=4 helpers=2 wrong-timeouts=1 false-deaths=1 crashes=1 removal=true",
        SAFETY,
        &[],
        [6_525_439, 927_060, 24],
    ),
];

pub(super) fn all() -> Vec<Bound> {
    ROWS.iter().map(bound).collect()
}

fn bound(&(name, about, set, properties, expected, [generated, distinct, depth]): &Row) -> Bound {
    let said = |constant: &str| set.split(' ').find_map(|part| part.strip_prefix(constant)?.strip_prefix('='));
    let constants = FailureDetector::constants().into_iter().map(|constant| {
        let said = said(constant.name);
        let usual = matches!(constant.name, "tombstones" | "resurrection");
        let value = match constant.domain {
            Domain::Integer(..) if constant.name == "nodes" => {
                Value::Integer(said.map_or(3, |said| said.parse().expect("a number")))
            }
            Domain::Integer(least, _) => Value::Integer(said.map_or(least, |said| said.parse().expect("a number"))),
            _ => Value::from(said.map_or(usual, |said| said == "true")),
        };
        (constant.name, value)
    });
    Bound {
        name,
        about,
        profile: if name.starts_with("deep") { Profile::Deep } else { Profile::Ci },
        constants: constants.collect(),
        properties,
        expected,
        counts: (distinct > 0).then_some(Counts { generated, distinct, depth }),
    }
}
