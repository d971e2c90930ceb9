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
    let mut bounds = of_the_resource();
    bounds.extend(of_sessions());
    bounds.extend(of_the_queue());
    bounds.extend(deep());
    bounds
}

fn of_the_resource() -> Vec<Bound> {
    let new = Search::new;
    vec![
        new("ci", "a resource that checks sequencers, a crash and a failover", &[("crashes", 1), ("failovers", 1)])
            .word("resource", "sequencers")
            .finds(544_547, 4_148_736, 28),
        new("unprotected", "neither sequencers nor lock-delay: a late request of a dead holder is accepted", &[])
            .word("resource", "trusting")
            .fails(&[AT_RESOURCE])
            .finds(67_784, 427_225, 27),
        new("late", "a lock-delay, and requests that are later than that", &[])
            .word("resource", "trusting")
            .on(&["lock-delay"])
            .fails(&[AT_RESOURCE])
            .finds(108_248, 698_641, 30),
        new("lock-delay", "a lock-delay, and requests that are not later than that", &[("failovers", 1)])
            .word("resource", "trusting")
            .word("requests", "bounded")
            .on(&["lock-delay"])
            .finds(240_241, 1_646_696, 29),
        new("shared", "three readers and writers", &[("clients", 3), ("lease", 0)])
            .word("resource", "sequencers")
            .on(&["shared"])
            .finds(559_757, 3_106_939, 29),
        new("duplicates", "two attempts each, and every request may come again", &[("attempts", 2), ("lease", 0)])
            .word("resource", "sequencers")
            .on(&["duplicates"])
            .finds(20_869, 141_469, 28),
    ]
}

fn of_sessions() -> Vec<Bound> {
    let new = Search::new;
    vec![
        new("sessions", "sessions are opened, and clocks are slow", &[("drift", 1), ("crashes", 1)])
            .on(&["opening", "duplicates"])
            .finds(303_841, 2_417_848, 24),
        new("lease", "a lease of two ticks", &[("lease", 2), ("crashes", 1)]).finds(288_441, 1_900_322, 25),
        new("failover", "a stalled master, master leases, and a lease of two ticks", &[("lease", 2), ("failovers", 1)])
            .on(&["stalled"])
            .finds(1_338_943, 9_156_702, 30),
        new(
            "log",
            "what each of three masters knows of the log",
            &[("lease", 0), ("crashes", 1), ("failovers", 2), ("commands", 8)],
        )
        .finds(38_629, 116_379, 16),
    ]
}

fn of_the_queue() -> Vec<Bound> {
    let new = Search::new;
    let endless = [("clients", 3), ("attempts", 0), ("lease", 0), ("crashes", 1)];
    let faults = [("attempts", 0), ("losses", 1), ("crashes", 1), ("failovers", 1)];
    vec![
        new("queue", "three that ask without end", &endless)
            .set("losses", 1_i64.into())
            .live()
            .finds(18_136, 125_305, 17),
        new("group", "three readers and writers that ask without end", &endless)
            .on(&["shared"])
            .live()
            .finds(147_352, 967_234, 29),
        new("watch", "three that ask without end and wait by watches", &endless)
            .word("queue", "watch")
            .live()
            .finds(23_603, 191_881, 26),
        new("watch-faults", "watches and leases, with a loss, a crash and a failover", &faults)
            .word("queue", "watch")
            .live()
            .finds(136_998, 1_281_695, 31),
        new("faults", "leases and a lock-delay, with a loss, a crash and a failover", &faults)
            .on(&["lock-delay"])
            .live()
            .finds(161_702, 1_364_195, 27),
    ]
}

fn deep() -> Vec<Bound> {
    let new = Search::new;
    let faults = [("crashes", 1), ("failovers", 1)];
    vec![
        new("deep-shared", "the first bound, with readers and writers", &faults)
            .word("resource", "sequencers")
            .on(&["shared"])
            .finds(2_602_727, 19_966_514, 30),
        new("deep-lock-delay", "a lock-delay, with readers and writers", &faults)
            .word("resource", "trusting")
            .word("requests", "bounded")
            .on(&["lock-delay", "shared"])
            .finds(1_971_937, 13_923_976, 31),
        new("deep-sessions", "sessions are opened, clocks are slow, and a master is stalled", &faults)
            .set("drift", 1_i64.into())
            .on(&["opening", "duplicates", "stalled"])
            .finds(5_909_379, 50_252_481, 31),
        new("deep-queue", "three that ask without end, with leases", &[("clients", 3), ("attempts", 0)])
            .live()
            .finds(1_071_104, 10_654_605, 25),
    ]
}
