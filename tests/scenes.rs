//! What a diagram draws of the models and the code, and the parts of their claims, over all states of small bounds: of
//! the models as they are and with each of their bugs, for only there is a claim false.

use proofmark::registry;
use proofmark_harness::explore::{Breadth, StateId, Step, Truth, Walk};
use proofmark_harness::registry::{Case, InputError, Row};
use proofmark_vocabulary::{Clause, Fault, Message, Profile};
use std::collections::{BTreeMap, BTreeSet};

/// The models that tell of no processes, and why.
const NOBODY: &[(&str, &str)] = &[("consensus", "that a value is chosen is all there is: nobody does it")];

/// The claims of states that have no parts worth a name, beside those that something can be: they are about one thing.
const WHOLE: &[(&str, &[&str])] = &[
    ("consensus", &["a value is chosen"]),
    ("single-decree-paxos", &["a lone proposer gets a value chosen"]),
    ("paxos", &["a lone proposer gets a value chosen", "reads are linearizable"]),
    (
        "raft",
        &[
            "a joint configuration is left",
            "a lagging follower catches up",
            "a leader can be elected",
            "a leader is elected",
            "a leader without a quorum steps down",
            "a membership change completes",
            "a removed leader steps down",
            "a transfer ends",
            "an entry can commit",
            "an entry of a stable leader commits",
            "those that are up can elect a leader",
            "what is in flight fits the window",
        ],
    ),
    ("failure-detector", &["a suspicion ends"]),
    ("distributed-transactions", &["an ended transaction holds no lock", "non-blocking"]),
    ("naive-lock", &["every waiter is granted, times out or is cancelled"]),
    ("lease-lock", &["every waiter is granted, times out or is cancelled"]),
    (
        "lock-service",
        &[
            "a crashed holder's lock is freed",
            "a released lock is freed",
            "every waiter is granted, times out or is cancelled",
            "mutual exclusion at the resource",
            "the cell is what the log says",
        ],
    ),
    ("sharding", &["a read misses no acknowledged write"]),
    (
        "lock-table",
        &[
            "a cycle of waits has a victim",
            "a cycle of waits has a wounded waiter",
            "a released lock is freed",
            "a released lock is freed: owner 1",
            "a released lock is freed: owner 2",
            "every cycle of waits is gone",
            "every cycle of waits is gone: youngest 2",
            "every waiter is granted, times out or is cancelled",
            "every waiter is granted, times out or is cancelled: owner 1",
            "every waiter is granted, times out or is cancelled: owner 2",
        ],
    ),
    (
        "two-phase-commit.cluster",
        &["a client is told of durable commits", "a client is told once", "who is decided about is told"],
    ),
];

/// The kinds of action that something never takes, for code in one process has no network, no timers and no disk; or
/// takes behind more states than are looked at.
const NEVER: &[(&str, &[&str])] = &[
    ("raft", &["AnswerReadIndex", "HandleReadIndexResponse", "LeaseRead", "ServeRead"]),
    ("lock-service", &["Reject"]),
    ("lock-table.cluster", &["Crash", "Fire", "Receive", "Restart", "Torn"]),
];

/// The claims whose parts are false behind more states than are looked at.
const LATE: &[(&str, &[&str])] = &[
    (
        "raft",
        &[
            "AppendEntries describes its sender's log",
            "leader completeness",
            "match index is truthful",
            "one valid lease at a time",
        ],
    ),
    ("paxos-commit", &["AC1 agreement"]),
    ("lock-service", &["the head of the queue is incompatible, or lock-delay runs"]),
];

/// As many states as a small bound has.
const SMALL: u64 = 12_000;
/// As many states are looked at, breadth first, where there are too many.
const SOME: usize = 1_500;
/// In about as many of them it is asked for what is not enabled.
const FEW: usize = 60;

/// What was seen of a model, at all of its bounds and with all of its bugs.
#[derive(Default)]
struct Seen {
    processes: bool,
    /// The kinds of action that it has, and those that were taken.
    kinds: BTreeSet<&'static str>,
    taken: BTreeSet<&'static str>,
    /// Its claims of states, with their kinds, and whether they have parts.
    claims: BTreeMap<(&'static str, &'static str), bool>,
    /// Those of them with a part that was false somewhere.
    falsified: BTreeSet<&'static str>,
}

/// The actions that were taken, by their words, with where each happens and the fault that it is.
type Actions = BTreeMap<String, (Option<usize>, Option<Fault>)>;

impl Seen {
    /// Looks at a model at its small bounds, and with each of its bugs at the bound that shows it.
    fn of(row: &Row) -> Self {
        let mut seen = Self::default();
        let small = row.bounds.iter().filter(|bound| {
            bound.profile == Profile::Ci && bound.counts.is_some_and(|counts| counts.distinct <= SMALL)
        });
        for bound in small {
            seen.look_at(bound.name, &row.case(Some(bound.name), &[], None), usize::MAX);
        }
        for mutant in &row.mutants {
            seen.look_at(mutant.name, &row.case(None, &[], Some(mutant.name)), SOME);
        }
        // In a run of the simulator more can happen.
        if row.constants.iter().any(|constant| constant.name == "simulated") {
            let set = [("simulated".to_owned(), "true".to_owned())];
            seen.look_at("simulated", &row.case(None, &set, None), SOME);
        }
        seen
    }

    /// Looks at so many states of a model, breadth first.
    fn look_at(&mut self, at: &str, case: &Result<Case, InputError>, most: usize) {
        let case = case.as_ref().expect("what is registered fits");
        let place = format!("{} {at}", case.model);
        let mut walk = case.subject.walk();
        let (kinds, _) = walk.names();
        self.kinds.extend(kinds);
        self.processes |= !walk.processes().is_empty();
        let breadth = breadth(&mut *walk, most);
        self.claims_are_their_parts(&*walk, &place, &breadth);
        if self.processes {
            let actions = self.scenes_fit(&mut *walk, &place, &breadth);
            scenes_fit_where_nothing_happens(&mut *walk, &place, &breadth, &actions);
        }
    }

    fn claims_are_their_parts(&mut self, walk: &dyn Walk, place: &str, breadth: &Breadth) {
        let names = |clauses: &[Clause]| clauses.iter().map(|clause| clause.name.clone()).collect::<Vec<_>>();
        let parts = |truth: Truth| (truth.claim, names(&truth.clauses));
        let parts: BTreeMap<_, _> = truths(walk, breadth.at(0).0).map(parts).collect();
        for at in 0..breadth.len() {
            let id = breadth.at(at).0;
            for Truth { claim, kind, holds, clauses, .. } in truths(walk, id) {
                *self.claims.entry((claim, kind)).or_default() |= !clauses.is_empty();
                assert_eq!(names(&clauses), parts[claim], "{place}: {claim} has other parts in {}", walk.value(id));
                assert_eq!(parts[claim].iter().collect::<BTreeSet<_>>().len(), clauses.len(), "{place}: {claim}");
                let all = clauses.iter().all(|clause| clause.holds);
                assert!(clauses.is_empty() || all == holds, "{place}: {claim} in {}: {clauses:?}", walk.value(id));
                if !all {
                    self.falsified.insert(claim);
                }
            }
        }
        assert!(!parts.is_empty(), "{place} claims nothing of states");
    }

    /// Every step happens at a process, an action always at the same one. What is received was sent on the way by which
    /// the state was met first, or in the step itself; that it was on every other way too follows from the messages'
    /// being a part of the state. No initial state has messages.
    fn scenes_fit(&mut self, walk: &mut dyn Walk, place: &str, breadth: &Breadth) -> Actions {
        let processes = walk.processes().len();
        let mut actions = Actions::new();
        let mut sent: Vec<BTreeSet<Message>> = Vec::new();
        for at in 0..breadth.len() {
            let (id, from) = breadth.at(at);
            sent.push(from.map_or_else(BTreeSet::new, |(before, edge)| {
                let scene = walk.step(breadth.at(before).0, edge).scene;
                sent[before].iter().cloned().chain(scene.sent).collect()
            }));
            for Step { action, kind, scene, .. } in walk.steps(id) {
                let step = || format!("{place}: {action} in {}: {scene:?}", walk.value(id));
                let within = |message: &Message| message.from < processes && message.to.is_none_or(|to| to < processes);
                assert!(scene.process.is_some_and(|process| process < processes), "{}", step());
                assert!([&scene.sent, &scene.received, &scene.lost].into_iter().flatten().all(within), "{}", step());
                let arrives = |message| sent[at].contains(message) || scene.sent.contains(message);
                assert!(scene.received.iter().chain(&scene.lost).all(arrives), "{}", step());
                let known = actions.entry(action.clone()).or_insert((scene.process, scene.fault));
                assert_eq!(*known, (scene.process, scene.fault), "{}", step());
                self.taken.extend(kind);
            }
        }
        actions
    }
}

/// An action that is not enabled is at the same process, and the same fault.
fn scenes_fit_where_nothing_happens(walk: &mut dyn Walk, place: &str, breadth: &Breadth, actions: &Actions) {
    for at in (0..breadth.len()).step_by(1 + breadth.len() / FEW) {
        let id = breadth.at(at).0;
        for disabled in walk.disabled(id) {
            let told = (disabled.scene.process, disabled.scene.fault);
            let known = actions.get(&disabled.action);
            assert!(known.is_none_or(|known| *known == told), "{place}: {} in {}", disabled.action, walk.value(id));
        }
    }
}

/// The states of a model, breadth first.
fn breadth(walk: &mut dyn Walk, most: usize) -> Breadth {
    let initial = walk.initial().to_vec();
    let mut breadth = Breadth::from(walk, &initial);
    while breadth.len() < most
        && let Some((place, _)) = breadth.take()
    {
        breadth.expand(walk, place);
    }
    breadth
}

/// What is claimed of a state; of a `leads-to`, of where it leads to.
fn truths(walk: &dyn Walk, id: StateId) -> impl Iterator<Item = Truth> {
    walk.truths(id).into_iter().filter(|truth| truth.predicate != "from")
}

/// Every model and every cluster is drawn, claims are their parts, and what a model leaves out is listed above.
#[test]
fn models_are_drawn_and_their_claims_are_their_parts() {
    const AT_ONCE: usize = 2;
    std::thread::scope(|scope| {
        for first in 0..AT_ONCE {
            scope.spawn(move || every_so_many_are_drawn(first, AT_ONCE));
        }
    });
}

fn every_so_many_are_drawn(first: usize, step: usize) {
    for row in registry().rows_and_clusters().skip(first).step_by(step) {
        let (name, seen) = (row.name, Seen::of(row));
        let nobody = NOBODY.iter().any(|(model, _)| *model == name);
        assert_eq!(seen.processes, !nobody, "whether {name} tells of processes");
        let never = NEVER.iter().filter(|(model, _)| *model == name).flat_map(|(_, kinds)| *kinds).copied();
        let not_taken = seen.kinds.difference(&seen.taken).copied();
        assert!(nobody || not_taken.clone().eq(never), "{name}: {:?}", not_taken.collect::<Vec<_>>());
        let whole =
            seen.claims.iter().filter(|((_, kind), parts)| *kind != "can" && !**parts).map(|((claim, _), _)| claim);
        let listed = WHOLE.iter().filter(|(model, _)| *model == name).flat_map(|(_, claims)| *claims);
        assert!(whole.clone().eq(listed), "{name}: {:?}", whole.collect::<Vec<_>>());
        let with_parts = seen.claims.iter().filter(|(_, parts)| **parts).map(|((claim, _), _)| *claim);
        let late: BTreeSet<_> =
            LATE.iter().filter(|(model, _)| *model == name).flat_map(|(_, claims)| *claims).collect();
        let expected: BTreeSet<_> = with_parts.filter(|claim| !late.contains(claim)).collect();
        assert_eq!(expected, seen.falsified, "{name}: a part is false somewhere");
    }
}

/// In `Paxos.tla` a 2a is sent on the promises of one quorum, and these alone are drawn as read.
#[test]
fn a_proposer_reads_the_promises_of_one_quorum() {
    let registry = registry();
    let case = registry
        .find("single-decree-paxos")
        .and_then(|row| row.case(None, &[], None))
        .expect("what is registered fits");
    let mut walk = case.subject.walk();
    let (quorum, mut proposed) = (2, 0);
    let breadth = breadth(&mut *walk, usize::MAX);
    for place in 0..breadth.len() {
        let steps = walk.steps(breadth.at(place).0);
        for Step { action, scene, .. } in steps.into_iter().filter(|step| step.kind == Some("Phase2a")) {
            let received = scene.received;
            let ballot = action.split_whitespace().nth(4).expect("a 2a names its ballot");
            let promises = received.iter().all(|read| read.text.starts_with(&format!("1b ballot {ballot},")));
            let from: BTreeSet<_> = received.iter().map(|read| read.from).collect();
            assert!(promises && from.len() == quorum && received.len() == quorum, "{action}: {received:?}");
            proposed += 1;
        }
    }
    assert!(proposed > 0);
}
