//! Raft's bounds: what each has, and what an exhaustive search of it finds.

use super::Raft;
use super::liveness::{LEADS_TO, LIVENESS};
use proofmark_vocabulary::{Bound, Catalogued, Counts, Domain, Profile, PropertySet, Value};

/// A bound's name, what it is for, its constants as `--set` takes them, which claims are checked, and how many states
/// are generated, distinct, and on the longest shortest path. There are three servers and nothing that can be switched
/// off, but for what is said.
type Row = (&'static str, &'static str, &'static str, PropertySet, [u64; 3]);

/// All claims.
const ALL: PropertySet = PropertySet::All;
/// No claims of behaviours.
const SAFETY: PropertySet = PropertySet::AllBut(LIVENESS);
/// Of the claims of behaviours those that need no fairness. With four servers the others name more classes of actions
/// than a check has room for.
const CAN: PropertySet = PropertySet::AllBut(LEADS_TO);

const ROWS: &[Row] = &[
    ("ci", "two leaders, one request", "terms=2 requests=1", ALL, [104_179, 36_210, 33]),
    ("overlap", "two messages at once", "terms=2 requests=1 messages=2", SAFETY, [4_689_841, 1_012_821, 36]),
    (
        "late",
        "messages that come late, and again",
        "requests=2 messages=2 duplicates=1",
        SAFETY,
        [2_806_408, 624_861, 32],
    ),
    ("conflicts", "two requests, of which one is overwritten", "terms=2 requests=2", SAFETY, [694_390, 242_607, 40]),
    (
        "conflicts-batch",
        "two entries a message, without hints",
        "terms=2 requests=3 batch=2 hints=false",
        SAFETY,
        [3_898_156, 1_342_191, 48],
    ),
    ("three-terms", "three leaders", "terms=3 requests=2", SAFETY, [7_241_164, 2_393_032, 46]),
    (
        "four-voters",
        "a majority of four, and answers that come again",
        "servers=4 messages=2 duplicates=1",
        SAFETY,
        [209_397, 43_035, 18],
    ),
    ("forgotten-vote", "one term, one crash", "crashes=1", SAFETY, [7_396, 2_338, 14]),
    (
        "crashes",
        "a crash and a message that comes again",
        "terms=2 requests=1 duplicates=1 crashes=1",
        SAFETY,
        [867_382, 257_010, 35],
    ),
    ("pre-vote", "elections after asking", "terms=2 messages=2 pre-vote=all", SAFETY, [18_228_058, 2_372_990, 39]),
    (
        "pre-vote-two",
        "two servers that both ask",
        "servers=2 terms=3 requests=1 crashes=1 pre-vote=all",
        ALL,
        [72_153, 20_710, 43],
    ),
    (
        "pre-vote-mixed",
        "one server that does not ask",
        "terms=2 requests=1 pre-vote=all-but-first",
        SAFETY,
        [557_816, 130_416, 43],
    ),
    (
        "check-quorum",
        "leaders that hear from no quorum",
        "terms=2 requests=1 check-quorum=true",
        SAFETY,
        [1_900_822, 448_314, 38],
    ),
    (
        "check-quorum-single",
        "one leader that may hear from no quorum",
        "requests=1 check-quorum=true",
        ALL,
        [133_936, 33_872, 26],
    ),
    (
        "bridge",
        "a network that is cut, and one server that reaches all",
        "servers=4 terms=2 check-quorum=true links=bridge",
        ALL,
        [3_706_536, 702_474, 39],
    ),
    (
        "bridge-three",
        "entries under a bridge",
        "terms=2 requests=1 check-quorum=true links=bridge",
        ALL,
        [3_675_633, 772_948, 39],
    ),
    (
        "disk",
        "a disk that has to be synced",
        "terms=2 requests=1 crashes=1 async-disk=true",
        SAFETY,
        [2_599_213, 719_310, 46],
    ),
    ("disk-single", "one server and its disk", "servers=1 requests=2 crashes=1 async-disk=true", SAFETY, [93, 75, 11]),
    ("snapshots", "logs that are compacted", "terms=2 requests=2 compactions=1", SAFETY, [1_183_378, 391_905, 41]),
    (
        "snapshots-conflict",
        "a snapshot in place of entries that conflict",
        "terms=2 requests=3 compactions=1",
        SAFETY,
        [8_738_875, 2_737_944, 48],
    ),
    (
        "snapshots-late",
        "a compacted log, and messages that come late",
        "requests=2 messages=2 duplicates=1 compactions=1",
        SAFETY,
        [5_149_984, 1_106_613, 33],
    ),
    (
        "snapshots-apply",
        "a log that is applied later and compacted",
        "requests=2 compactions=1 crashes=1 apply-lag=true",
        SAFETY,
        [2_027_338, 480_586, 37],
    ),
    (
        "joint",
        "one server takes the place of another",
        "terms=2 blank=true change=joint members=replace changes=2",
        ALL,
        [65_410, 26_701, 69],
    ),
    (
        "joint-removed",
        "a server that is removed, and is needed still",
        "terms=3 blank=true change=joint members=replace changes=1",
        ALL,
        [443_431, 163_984, 67],
    ),
    (
        "joint-compacted",
        "a leader that is removed, and compacts its log",
        "blank=true requests=1 compactions=1 change=joint members=replace changes=1",
        ALL,
        [48_424, 15_966, 45],
    ),
    (
        "learners",
        "a learner is promoted",
        "terms=2 blank=true crashes=1 change=joint members=promote changes=1",
        ALL,
        [1_962_121, 678_447, 57],
    ),
    (
        "single",
        "from one server to three, one at a time",
        "terms=2 blank=true change=single members=grow changes=2",
        ALL,
        [37_905, 15_765, 51],
    ),
    (
        "at-apply",
        "a change in force when applied",
        "terms=2 blank=true crashes=1 apply-lag=true change=single members=grow changes=2 at-apply=true",
        SAFETY,
        [951_282, 235_656, 66],
    ),
    (
        "at-apply-joint",
        "a joint change in force when applied",
        "terms=1 blank=true apply-lag=true change=joint members=replace changes=1 at-apply=true",
        SAFETY,
        [13_327, 3_733, 46],
    ),
    (
        "snapshots-joint",
        "a snapshot of a joint configuration",
        "servers=4 blank=true compactions=1 change=joint members=replace changes=1",
        SAFETY,
        [1_140_807, 388_278, 50],
    ),
    (
        "snapshots-joint-crash",
        "snapshots of joint configurations, and a crash",
        "terms=2 blank=true crashes=1 compactions=2 change=joint members=replace changes=1",
        SAFETY,
        [2_796_936, 707_927, 59],
    ),
    (
        "pre-vote-joint",
        "pre-votes of joint configurations",
        "terms=2 blank=true pre-vote=all change=joint members=replace changes=1 messages=2",
        SAFETY,
        [5_582_540, 1_067_121, 67],
    ),
    ("transfer", "a leader hands over", "terms=2 requests=1 transfers=1", ALL, [615_361, 165_945, 34]),
    ("reads", "reads confirmed by a quorum", "terms=2 blank=true reads=2", SAFETY, [691_948, 227_220, 42]),
    (
        "follower-reads",
        "reads that followers take",
        "terms=2 blank=true apply-lag=true reads=1 follower-reads=true",
        SAFETY,
        [10_581_607, 2_705_259, 48],
    ),
    (
        "leases",
        "reads by lease",
        "terms=2 blank=true check-quorum=true reads=1 leases=true",
        SAFETY,
        [8_322_853, 1_844_307, 44],
    ),
    (
        "window",
        "appends in flight, that come late, and again",
        "servers=2 requests=3 messages=3 duplicates=1 window=2",
        SAFETY,
        [4_076_109, 595_321, 46],
    ),
    (
        "window-conflicts",
        "appends in flight of two leaders",
        "terms=2 requests=2 window=2",
        SAFETY,
        [17_553_670, 4_294_623, 52],
    ),
    (
        "window-snapshots",
        "a follower that waits for a snapshot",
        "requests=3 messages=2 crashes=1 compactions=1 change=single members=grow changes=1 window=2",
        ALL,
        [3_514_138, 631_771, 47],
    ),
    (
        "deep-leases-crash",
        "a lease and a crash",
        "terms=2 blank=true check-quorum=true crashes=1 reads=1 leases=true",
        SAFETY,
        [52_493_473, 10_464_894, 46],
    ),
    (
        "deep-figure-8",
        "four terms, in which an old entry may be overwritten",
        "terms=4 requests=2",
        SAFETY,
        [54_558_268, 17_196_488, 56],
    ),
    (
        "deep-reads",
        "two reads, two messages at once",
        "terms=2 blank=true messages=2 reads=2",
        SAFETY,
        [43_895_902, 8_973_042, 45],
    ),
    (
        "deep-shrink",
        "two changes by two leaders, of which one is not known",
        "servers=4 terms=2 requests=1 change=single members=shrink changes=2",
        SAFETY,
        [46_004_929, 14_611_599, 67],
    ),
    (
        "deep-joint-crash",
        "a voter and a learner change places, and one crashes",
        "servers=4 blank=true requests=1 crashes=1 change=joint members=swap changes=1",
        CAN,
        [66_353_885, 19_698_383, 62],
    ),
    (
        "deep-pre-vote-joint",
        "pre-votes of joint configurations, three terms",
        "terms=3 blank=true pre-vote=all change=joint members=replace changes=1 messages=2",
        SAFETY,
        [314_951_122, 51_306_863, 94],
    ),
    (
        "deep-snapshots-joint",
        "snapshots of joint configurations, and a crash, three terms",
        "terms=3 blank=true crashes=1 compactions=2 change=joint members=replace changes=1",
        SAFETY,
        [77_589_493, 18_736_305, 75],
    ),
    (
        "deep-transfer-lease",
        "a leader that hands over, and its lease",
        "terms=2 blank=true check-quorum=true transfers=1 reads=1 leases=true",
        SAFETY,
        [63_553_129, 11_602_731, 48],
    ),
    (
        "deep-window-restart",
        "appends in flight, a disk that has to be synced, and a crash",
        "terms=2 requests=2 crashes=1 async-disk=true window=2",
        SAFETY,
        [367_924_384, 70_646_286, 65],
    ),
    (
        "deep-disk",
        "two messages at once, and a disk",
        "terms=2 requests=1 messages=2 crashes=1 async-disk=true",
        SAFETY,
        [94_356_163, 18_374_436, 50],
    ),
];

pub(super) fn all() -> Vec<Bound> {
    ROWS.iter().map(bound).collect()
}

fn bound(&(name, about, set, properties, [generated, distinct, depth]): &Row) -> Bound {
    let said = |constant: &str| set.split(' ').find_map(|part| part.strip_prefix(constant)?.strip_prefix('='));
    let constants = Raft::constants().into_iter().map(|constant| {
        let said = said(constant.name);
        let usual = match constant.domain {
            Domain::Integer(..) if constant.name == "servers" => Value::Integer(3),
            Domain::Integer(least, _) => Value::Integer(least),
            Domain::Boolean => Value::from(constant.name == "hints"),
            Domain::Choice(words) => Value::from(words[0]),
        };
        let value = match usual {
            Value::Integer(usual) => Value::Integer(said.map_or(usual, |said| said.parse().expect("a number"))),
            Value::Text(usual) => Value::from(said.unwrap_or(&usual)),
            usual => said.map_or(usual, |said| Value::from(said == "true")),
        };
        (constant.name, value)
    });
    Bound {
        name,
        about,
        profile: if name.starts_with("deep") { Profile::Deep } else { Profile::Ci },
        constants: constants.collect(),
        properties,
        expected: &[],
        counts: Some(Counts { generated, distinct, depth }),
    }
}
