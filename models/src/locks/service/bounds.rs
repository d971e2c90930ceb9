//! The bounds of the lock service, and what an exhaustive search of each finds.

use super::liveness::LIVENESS;
use super::properties::AT_RESOURCE;
use proofmark_vocabulary::{Bound, Counts, Profile, PropertySet, Value};

/// Two clients that ask once, with sessions of one tick that are there from the start, and nothing that is switched on.
fn plain() -> Vec<(&'static str, Value)> {
    vec![
        ("clients", 2_i64.into()),
        ("attempts", 1_i64.into()),
        ("lease", 1_i64.into()),
        ("drift", 0_i64.into()),
        ("opening", false.into()),
        ("shared", false.into()),
        ("queue", "server".into()),
        ("resource", "none".into()),
        ("requests", "unbounded".into()),
        ("lock-delay", false.into()),
        ("duplicates", false.into()),
        ("losses", 0_i64.into()),
        ("crashes", 0_i64.into()),
        ("failovers", 0_i64.into()),
        ("stalled", false.into()),
        ("commands", 0_i64.into()),
    ]
}

struct Search(Bound);

impl Search {
    fn new(name: &'static str, about: &'static str, set: &[(&'static str, i64)]) -> Self {
        let profile = if name.starts_with("deep") { Profile::Deep } else { Profile::Ci };
        let properties = PropertySet::AllBut(LIVENESS);
        let bound = Bound { name, about, profile, constants: plain(), properties, expected: &[], counts: None };
        set.iter().fold(Self(bound), |search, (name, value)| search.set(name, (*value).into()))
    }

    fn set(mut self, name: &str, value: Value) -> Self {
        let constant = self.0.constants.iter_mut().find(|(other, _)| *other == name);
        constant.expect("the model has the constant").1 = value;
        self
    }

    fn word(self, name: &str, value: &str) -> Self {
        self.set(name, value.into())
    }

    fn on(self, names: &[&str]) -> Self {
        names.iter().fold(self, |search, name| search.set(name, true.into()))
    }

    /// With the claims of behaviours.
    fn live(mut self) -> Self {
        self.0.properties = PropertySet::All;
        self
    }

    fn fails(mut self, expected: &'static [&'static str]) -> Self {
        self.0.expected = expected;
        self
    }

    fn finds(mut self, distinct: u64, generated: u64, depth: u64) -> Bound {
        self.0.counts = Some(Counts { generated, distinct, depth });
        self.0
    }
}

pub(super) fn all() -> Vec<Bound> {
    let new = Search::new;
    vec![
        new("ci", "a file server that checks sequencers, a crash and a failover", &[("crashes", 1), ("failovers", 1)])
            .word("resource", "sequencers")
            .finds(1, 1, 1),
        new("unprotected", "neither sequencers nor lock-delay: a late request of a dead holder is accepted", &[])
            .word("resource", "trusting")
            .fails(&[AT_RESOURCE])
            .finds(1, 1, 1),
        new("late", "the lock-delay is no help against requests that are later than it", &[])
            .word("resource", "trusting")
            .on(&["lock-delay"])
            .fails(&[AT_RESOURCE])
            .finds(1, 1, 1),
        new("lock-delay", "a file server that trusts, and a lock-delay", &[("crashes", 1), ("failovers", 1)])
            .word("resource", "trusting")
            .word("requests", "bounded")
            .on(&["lock-delay"])
            .finds(1, 1, 1),
        new("sessions", "sessions are opened; slow clocks", &[("drift", 1), ("crashes", 1)])
            .on(&["opening", "duplicates"])
            .finds(1, 1, 1),
        new("lease", "a lease of two ticks", &[("lease", 2), ("failovers", 1)]).finds(1, 1, 1),
        new("failover", "a stalled master", &[("drift", 1), ("failovers", 1)]).on(&["stalled"]).finds(1, 1, 1),
        new("duplicates", "every request may come again", &[("attempts", 2), ("lease", 0)])
            .on(&["duplicates"])
            .word("resource", "sequencers")
            .finds(1, 1, 1),
        new("shared", "readers and writers at a file server that checks sequencers", &[])
            .word("resource", "sequencers")
            .on(&["shared"])
            .finds(1, 1, 1),
        new("log", "the commands that were committed", &[("failovers", 2), ("commands", 6)])
            .on(&["stalled"])
            .finds(1, 1, 1),
        new(
            "queue",
            "three that ask without end, one of which may crash",
            &[("clients", 3), ("attempts", 0), ("crashes", 1)],
        )
        .live()
        .finds(1, 1, 1),
        new(
            "group",
            "three that ask without end, readers and writers",
            &[("clients", 3), ("attempts", 0), ("lease", 0)],
        )
        .on(&["shared"])
        .live()
        .finds(1, 1, 1),
        new("watch", "three that wait by watches", &[("clients", 3), ("attempts", 0), ("lease", 0)])
            .word("queue", "watch")
            .live()
            .finds(1, 1, 1),
        new(
            "loss",
            "messages are lost, and a client and a master crash",
            &[("attempts", 0), ("losses", 1), ("crashes", 1), ("failovers", 1)],
        )
        .on(&["lock-delay"])
        .live()
        .finds(1, 1, 1),
    ]
}
