//! The failure detector's bounds: what each has, and what an exhaustive search of it finds.

use super::FailureDetector;
use super::properties::{ACCURACY, ALIVE_AGAIN, CAN_AGREE, COMPLETENESS, FINAL, LEAVES, LIVENESS, NEVER_LATER};
use proofmark_vocabulary::{Bound, Catalogued, Counts, Domain, Profile, PropertySet, Value};

/// A bound's name, what it is for, its constants as `--set` takes them, which claims are checked, which of them fail, and
/// how many states are generated, distinct, and on the longest shortest path. There are three nodes that remember whom
/// they have removed, and refute; all else is off.
type Row = (&'static str, &'static str, &'static str, PropertySet, &'static [&'static str], [u64; 3]);

/// All claims.
const ALL: PropertySet = PropertySet::All;
/// No claims of behaviours.
const SAFETY: PropertySet = PropertySet::AllBut(LIVENESS);

const ROWS: &[Row] = &[
    ("ci", "one wrong suspicion, one crash, one helper", "helpers=1 wrong-timeouts=1 crashes=1", ALL, &[], [0, 0, 0]),
    (
        "pair",
        "two nodes, and all that befalls them",
        "nodes=2 wrong-timeouts=2 false-deaths=1 crashes=1 restarts=1 removal=true reconnects=true",
        ALL,
        &[],
        [0, 0, 0],
    ),
    ("restart", "a node restarts and has forgotten its incarnation", "crashes=1 restarts=1", ALL, &[], [0, 0, 0]),
    (
        "restart-durable",
        "a node restarts with its incarnation",
        "crashes=1 restarts=1 durable=true",
        ALL,
        &[],
        [0, 0, 0],
    ),
    ("rejoin", "a removed node comes back", "crashes=1 restarts=1 removal=true", ALL, &[], [0, 0, 0]),
    ("false-death", "a node is buried and rises", "wrong-timeouts=1 false-deaths=1 removal=true", ALL, &[], [0, 0, 0]),
    ("late", "rumours come late, and again", "wrong-timeouts=1 crashes=1 late=1 duplicates=1", ALL, &[], [0, 0, 0]),
    (
        "final",
        "the dead stay dead",
        "nodes=2 wrong-timeouts=1 crashes=1 restarts=1 durable=true resurrection=false",
        ALL,
        &[],
        [0, 0, 0],
    ),
    ("four", "two helpers", "nodes=4 helpers=2 wrong-timeouts=1", ALL, &[], [0, 0, 0]),
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
