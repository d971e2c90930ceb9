//! The bounds of the lease lock: what each has, and what an exhaustive search of it finds.

use super::properties::{EXCLUSION, EXPIRY, LIVENESS, RESOURCE};
use proofmark_vocabulary::{Bound, Counts, Profile, PropertySet};

pub(super) fn all() -> Vec<Bound> {
    BOUNDS.iter().map(Row::bound).collect()
}

/// A bound: what differs from [`PLAIN`].
struct Row {
    name: &'static str,
    about: &'static str,
    /// Clients, servers, ttl, drift, requests.
    size: [i64; 5],
    features: &'static [&'static str],
    budget: Budget,
    claims: PropertySet,
    expected: &'static [&'static str],
    /// Generated, distinct, depth.
    found: [u64; 3],
}

/// How often what may happen.
struct Budget {
    pauses: i64,
    crashes: i64,
    server_crashes: i64,
    jumps: i64,
    duplicates: i64,
    delays: i64,
}

/// Nothing goes wrong.
const NONE: Budget = Budget { pauses: 0, crashes: 0, server_crashes: 0, jumps: 0, duplicates: 0, delays: 0 };
const SAFETY: PropertySet = PropertySet::AllBut(LIVENESS);
const ALL: PropertySet = PropertySet::All;

impl Row {
    fn bound(&self) -> Bound {
        let has = |feature: &str| self.features.contains(&feature);
        let [clients, servers, ttl, drift, requests] = self.size;
        let Budget { pauses, crashes, server_crashes, jumps, duplicates, delays } = self.budget;
        let servers = match servers {
            1 => "1",
            3 => "3",
            _ => "5",
        };
        let constants = vec![
            ("clients", clients.into()),
            ("servers", servers.into()),
            ("ttl", ttl.into()),
            ("drift", drift.into()),
            ("requests", requests.into()),
            ("sequencer", has("sequencer").into()),
            ("watchdog", has("watchdog").into()),
            ("reads", has("reads").into()),
            ("durable", (!has("memory")).into()),
            ("late-restart", has("late-restart").into()),
            ("clock", if has("wall-clock") { "wall" } else { "monotonic" }.into()),
            ("pauses", pauses.into()),
            ("crashes", crashes.into()),
            ("server-crashes", server_crashes.into()),
            ("jumps", jumps.into()),
            ("duplicates", duplicates.into()),
            ("delays", delays.into()),
        ];
        let [generated, distinct, depth] = self.found;
        Bound {
            name: self.name,
            about: self.about,
            profile: if self.name.starts_with("deep") { Profile::Deep } else { Profile::Ci },
            constants,
            properties: self.claims,
            expected: self.expected,
            counts: Some(Counts { generated, distinct, depth }),
        }
    }
}

const BOUNDS: &[Row] = &[
    Row {
        name: "ci",
        about: "all that can go wrong on one server but its clock, with a sequencer",
        size: [2, 1, 2, 0, 2],
        features: &["sequencer", "reads"],
        budget: Budget { pauses: 1, crashes: 1, server_crashes: 1, duplicates: 1, delays: 1, ..NONE },
        claims: ALL,
        expected: &[],
        found: [1_829_630, 407_781, 27],
    },
    Row {
        name: "calm",
        about: "nothing is late: the lease is enough",
        size: [2, 1, 2, 0, 3],
        features: &["reads"],
        budget: NONE,
        claims: ALL,
        expected: &[],
        found: [46_138, 15_567, 22],
    },
    Row {
        name: "crash",
        about: "a crashed holder's lock comes free",
        size: [2, 1, 2, 0, 2],
        features: &[],
        budget: Budget { crashes: 1, ..NONE },
        claims: ALL,
        expected: &[],
        found: [9_230, 2_811, 16],
    },
    Row {
        name: "paused",
        about: "a paused holder outlives its lease and writes",
        size: [2, 1, 1, 0, 2],
        features: &[],
        budget: Budget { pauses: 1, ..NONE },
        claims: ALL,
        expected: &[RESOURCE],
        found: [3_892, 1_443, 17],
    },
    Row {
        name: "delayed",
        about: "what a holder wrote arrives after its lease",
        size: [2, 1, 1, 0, 2],
        features: &[],
        budget: Budget { delays: 1, ..NONE },
        claims: ALL,
        expected: &[RESOURCE],
        found: [3_810, 1_291, 17],
    },
    Row {
        name: "fenced",
        about: "the resource refuses who is late by its sequencer",
        size: [2, 1, 1, 0, 2],
        features: &["sequencer", "reads"],
        budget: Budget { pauses: 1, delays: 1, ..NONE },
        claims: ALL,
        expected: &[],
        found: [18_824, 6_073, 19],
    },
    Row {
        name: "copied",
        about: "a request or a write arrives once more, and late",
        size: [2, 1, 1, 0, 2],
        features: &["sequencer"],
        budget: Budget { duplicates: 1, ..NONE },
        claims: ALL,
        expected: &[],
        found: [6_390, 2_181, 17],
    },
    Row {
        name: "fenced-restart",
        about: "the counter that gives the sequencers outlives the server",
        size: [2, 1, 1, 0, 2],
        features: &["sequencer"],
        budget: Budget { pauses: 1, server_crashes: 1, duplicates: 1, ..NONE },
        claims: ALL,
        expected: &[],
        found: [62_506, 18_189, 21],
    },
    Row {
        name: "fenced-jump",
        about: "the server's clock jumps: two hold the lock, and the resource serves one",
        size: [2, 1, 2, 0, 2],
        features: &["sequencer", "wall-clock"],
        budget: Budget { pauses: 1, jumps: 1, ..NONE },
        claims: ALL,
        expected: &[EXCLUSION, EXPIRY],
        found: [25_596, 7_933, 19],
    },
    Row {
        name: "drift",
        about: "a client's clock is slow",
        size: [2, 1, 3, 1, 2],
        features: &["watchdog"],
        budget: NONE,
        claims: ALL,
        expected: &[],
        found: [20_354, 5_533, 19],
    },
    Row {
        name: "watchdog",
        about: "a holder renews its lease, and is paused",
        size: [2, 1, 3, 0, 2],
        features: &["sequencer", "watchdog"],
        budget: Budget { pauses: 1, crashes: 1, ..NONE },
        claims: ALL,
        expected: &[],
        found: [114_222, 27_623, 22],
    },
    Row {
        name: "redlock",
        about: "three servers, and clocks that jump beside the one that is counted by",
        size: [2, 3, 2, 0, 2],
        features: &[],
        budget: Budget { jumps: 1, ..NONE },
        claims: SAFETY,
        expected: &[],
        found: [445_158, 113_547, 22],
    },
    Row {
        name: "redlock-jump",
        about: "three servers that count by the wall clock, which jumps on one of them",
        size: [2, 3, 2, 0, 2],
        features: &["wall-clock"],
        budget: Budget { jumps: 1, ..NONE },
        claims: SAFETY,
        expected: &[EXCLUSION, RESOURCE, EXPIRY],
        found: [1_574_646, 342_165, 22],
    },
    Row {
        name: "redlock-paused",
        about: "more servers are no fence: a paused holder writes",
        size: [2, 3, 1, 0, 2],
        features: &[],
        budget: Budget { pauses: 1, ..NONE },
        claims: ALL,
        expected: &[RESOURCE],
        found: [263_622, 67_155, 23],
    },
    Row {
        name: "redlock-copied",
        about: "three servers, one of which gets a request once more, and late",
        size: [2, 3, 1, 0, 2],
        features: &[],
        budget: Budget { duplicates: 1, ..NONE },
        claims: ALL,
        expected: &[],
        found: [314_728, 65_255, 22],
    },
    Row {
        name: "redlock-drift",
        about: "three servers, and a client's clock is slow",
        size: [2, 3, 2, 1, 2],
        features: &[],
        budget: NONE,
        claims: SAFETY,
        expected: &[],
        found: [452_206, 114_999, 22],
    },
    Row {
        name: "redlock-watchdog",
        about: "three servers, and a holder renews its lease",
        size: [2, 3, 2, 0, 2],
        features: &["watchdog"],
        budget: NONE,
        claims: SAFETY,
        expected: &[],
        found: [1_141_934, 273_787, 41],
    },
    Row {
        name: "redlock-forgets",
        about: "one of three servers crashes and forgets what it has granted",
        size: [2, 3, 2, 0, 2],
        features: &["memory"],
        budget: Budget { server_crashes: 1, ..NONE },
        claims: SAFETY,
        expected: &[EXCLUSION, RESOURCE, EXPIRY],
        found: [2_331_626, 492_313, 23],
    },
    Row {
        name: "redlock-durable",
        about: "one of three servers crashes and has its keys on disk",
        size: [2, 3, 2, 0, 2],
        features: &[],
        budget: Budget { server_crashes: 1, ..NONE },
        claims: SAFETY,
        expected: &[],
        found: [2_729_078, 567_735, 24],
    },
    Row {
        name: "redlock-late-restart",
        about: "one of three servers forgets, and restarts when what it has granted is over",
        size: [2, 3, 2, 0, 2],
        features: &["memory", "late-restart"],
        budget: Budget { server_crashes: 1, ..NONE },
        claims: SAFETY,
        expected: &[],
        found: [2_518_040, 580_473, 25],
    },
    Row {
        name: "deep",
        about: "three clients and one server: all that can go wrong but its clock",
        size: [3, 1, 2, 0, 3],
        features: &["sequencer"],
        budget: Budget { pauses: 1, crashes: 1, duplicates: 1, delays: 1, ..NONE },
        claims: SAFETY,
        expected: &[],
        found: [55_696_508, 12_562_180, 32],
    },
    Row {
        name: "deep-redlock",
        about: "three servers, and a holder that renews its lease and may hear late",
        size: [2, 3, 3, 0, 2],
        features: &["watchdog"],
        budget: Budget { crashes: 1, ..NONE },
        claims: SAFETY,
        expected: &[],
        found: [13_955_378, 2_702_951, 43],
    },
];
