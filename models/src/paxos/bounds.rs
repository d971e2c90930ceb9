//! The bounds of multi-decree Paxos: what each has, and what an exhaustive search of it finds.

use super::properties::LIVENESS;
use proofmark_vocabulary::{Bound, Counts, Profile, PropertySet};

pub(super) fn all() -> Vec<Bound> {
    BOUNDS.iter().map(Row::bound).collect()
}

/// A bound, in one line.
struct Row {
    name: &'static str,
    about: &'static str,
    /// Servers, proposers, replicas, ballots, slots, commands.
    size: [i64; 6],
    claims: PropertySet,
    features: Features,
    /// Generated, distinct, depth.
    found: [u64; 3],
}

/// The other constants.
#[expect(clippy::struct_excessive_bools, reason = "each is a feature that is there or not")]
struct Features {
    prepare: &'static str,
    accept: &'static str,
    crashes: i64,
    disk: &'static str,
    disk_loss: bool,
    forwarding: bool,
    trimming: bool,
    reads: bool,
}

impl Row {
    fn bound(&self) -> Bound {
        let sizes = ["servers", "proposers", "replicas", "ballots", "slots", "commands"];
        let Features { prepare, accept, crashes, disk, disk_loss, forwarding, trimming, reads } = self.features;
        let features = [
            ("prepare-quorum", prepare.into()),
            ("accept-quorum", accept.into()),
            ("crashes", crashes.into()),
            ("disk", disk.into()),
            ("disk-loss", disk_loss.into()),
            ("forwarding", forwarding.into()),
            ("trimming", trimming.into()),
            ("reads", reads.into()),
        ];
        let [generated, distinct, depth] = self.found;
        Bound {
            name: self.name,
            about: self.about,
            profile: if self.name.starts_with("deep") { Profile::Deep } else { Profile::Ci },
            constants: sizes.into_iter().zip(self.size.map(Into::into)).chain(features).collect(),
            properties: self.claims,
            expected: &[],
            counts: Some(Counts { generated, distinct, depth }),
        }
    }
}

const SAFETY: PropertySet = PropertySet::AllBut(LIVENESS);
/// Majorities and no feature.
const PLAIN: Features = Features {
    prepare: "majority",
    accept: "majority",
    crashes: 0,
    disk: "synchronous",
    disk_loss: false,
    forwarding: false,
    trimming: false,
    reads: false,
};
const BOUNDS: &[Row] = &[
    Row {
        name: "ci",
        about: "one slot, two rivals",
        size: [3, 2, 2, 2, 1, 2],
        claims: SAFETY,
        features: PLAIN,
        found: [328_078, 52_641, 23],
    },
    Row {
        name: "live",
        about: "one slot, liveness included",
        size: [3, 2, 2, 2, 1, 1],
        claims: PropertySet::All,
        features: Features { forwarding: true, ..PLAIN },
        found: [296_131, 44_901, 26],
    },
    Row {
        name: "alone",
        about: "one server, liveness included",
        size: [1, 1, 1, 1, 2, 2],
        claims: PropertySet::All,
        features: Features { trimming: true, ..PLAIN },
        found: [192, 64, 15],
    },
    Row {
        name: "room",
        about: "one leader that has room for every command",
        size: [3, 1, 2, 1, 2, 2],
        claims: PropertySet::All,
        features: PLAIN,
        found: [135_569, 12_591, 22],
    },
    Row {
        name: "pair",
        about: "two servers, and a log with gaps, liveness included",
        size: [2, 2, 2, 2, 3, 2],
        claims: PropertySet::All,
        features: PLAIN,
        found: [188_951, 19_570, 34],
    },
    Row {
        name: "log",
        about: "two slots: gaps among three servers",
        size: [3, 2, 1, 2, 2, 2],
        claims: SAFETY,
        features: PLAIN,
        found: [16_008_988, 2_062_305, 31],
    },
    Row {
        name: "three-ballots",
        about: "a choice passes through a ballot in between",
        size: [3, 2, 1, 3, 1, 2],
        claims: SAFETY,
        features: PLAIN,
        found: [4_598_807, 1_018_755, 30],
    },
    Row {
        name: "crash",
        about: "a crash",
        size: [3, 2, 1, 2, 1, 2],
        claims: SAFETY,
        features: Features { crashes: 1, ..PLAIN },
        found: [559_311, 115_521, 24],
    },
    Row {
        name: "disk",
        about: "a crash that loses what is not synced",
        size: [3, 2, 1, 2, 1, 2],
        claims: SAFETY,
        features: Features { crashes: 1, disk: "asynchronous", ..PLAIN },
        found: [2_171_446, 389_652, 33],
    },
    Row {
        name: "disk-loss",
        about: "a crash takes a disk with it, where one acceptor alone chooses",
        size: [2, 2, 2, 2, 2, 2],
        claims: SAFETY,
        features: Features { accept: "1", crashes: 1, disk_loss: true, ..PLAIN },
        found: [5_933_031, 692_388, 34],
    },
    Row {
        name: "recovery",
        about: "the same, liveness included",
        size: [3, 1, 1, 2, 1, 1],
        claims: PropertySet::All,
        features: Features { crashes: 1, disk: "asynchronous", forwarding: true, ..PLAIN },
        found: [979_604, 170_632, 38],
    },
    Row {
        name: "quorums",
        about: "four servers, of which three make a leader and two choose",
        size: [4, 2, 1, 2, 1, 2],
        claims: SAFETY,
        features: Features { prepare: "3", accept: "2", ..PLAIN },
        found: [720_559, 132_657, 25],
    },
    Row {
        name: "write-one",
        about: "a log where one acceptor chooses",
        size: [3, 2, 1, 2, 2, 2],
        claims: SAFETY,
        features: Features { prepare: "3", accept: "1", ..PLAIN },
        found: [700_739, 93_198, 31],
    },
    Row {
        name: "trim",
        about: "trimming, liveness included",
        size: [3, 1, 3, 2, 1, 1],
        claims: PropertySet::All,
        features: Features { trimming: true, ..PLAIN },
        found: [941_933, 119_731, 31],
    },
    Row {
        name: "trim-pair",
        about: "logs that begin in different slots",
        size: [2, 2, 2, 2, 2, 2],
        claims: SAFETY,
        features: Features { trimming: true, accept: "1", ..PLAIN },
        found: [1_505_831, 190_636, 35],
    },
    Row {
        name: "trim-crash",
        about: "a crash back to the checkpoint, liveness included",
        size: [2, 1, 2, 1, 2, 2],
        claims: PropertySet::All,
        features: Features { trimming: true, crashes: 1, ..PLAIN },
        found: [27_094, 3_707, 27],
    },
    Row {
        name: "trim-rivals",
        about: "a crash while a trimmed log changes its leader",
        size: [2, 2, 2, 2, 2, 2],
        claims: SAFETY,
        features: Features { trimming: true, crashes: 1, ..PLAIN },
        found: [2_508_243, 335_400, 37],
    },
    Row {
        name: "reads",
        about: "reads among three servers",
        size: [3, 2, 2, 2, 1, 1],
        claims: SAFETY,
        features: Features { reads: true, ..PLAIN },
        found: [5_190_406, 730_305, 27],
    },
    Row {
        name: "reads-pair",
        about: "reads where one promise makes a leader",
        size: [2, 2, 2, 2, 1, 1],
        claims: SAFETY,
        features: Features { reads: true, prepare: "1", ..PLAIN },
        found: [176_825, 31_873, 22],
    },
    Row {
        name: "reads-crash",
        about: "a promise that a crash takes back confirms nothing",
        size: [2, 2, 2, 2, 1, 1],
        claims: SAFETY,
        features: Features { reads: true, prepare: "1", crashes: 1, disk: "asynchronous", ..PLAIN },
        found: [1_551_856, 252_109, 33],
    },
    Row {
        name: "reads-trim",
        about: "reads of a log that is trimmed",
        size: [2, 2, 2, 2, 1, 1],
        claims: SAFETY,
        features: Features { reads: true, prepare: "1", trimming: true, ..PLAIN },
        found: [358_713, 68_989, 26],
    },
    Row {
        name: "deep-trim",
        about: "three logs that are trimmed under rivals",
        size: [3, 2, 3, 2, 2, 1],
        claims: SAFETY,
        features: Features { trimming: true, ..PLAIN },
        found: [6_116_884, 713_811, 43],
    },
    Row {
        name: "deep-trim-crash",
        about: "three logs that are trimmed under rivals, and a crash",
        size: [3, 2, 3, 2, 2, 1],
        claims: SAFETY,
        features: Features { trimming: true, crashes: 1, ..PLAIN },
        found: [44_846_273, 5_300_689, 45],
    },
    Row {
        name: "deep-log-crash",
        about: "gaps among three servers, and a crash",
        size: [3, 2, 1, 2, 2, 2],
        claims: SAFETY,
        features: Features { crashes: 1, ..PLAIN },
        found: [100_496_551, 12_743_457, 36],
    },
    Row {
        name: "deep-reads-crash",
        about: "reads among three servers, and a crash",
        size: [3, 2, 2, 2, 1, 1],
        claims: SAFETY,
        features: Features { reads: true, crashes: 1, ..PLAIN },
        found: [27_936_143, 3_684_393, 30],
    },
];
