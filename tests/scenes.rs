//! What a diagram draws of the models and the code, and the parts of their claims, over all states of small bounds: of
//! the models as they are and with each of their bugs, for only there is a claim false.

/// The systems of the registry, which forgets their types.
#[path = "../src"]
#[allow(dead_code, reason = "a part of what belongs to them is looked at")]
mod roof {
    pub(crate) mod mappings;
}

use proofmark::registry;
use proofmark_harness::cluster::{Cluster, System};
use proofmark_models::locks::naive::NaiveLock;
use proofmark_models::locks::table::LockTable;
use proofmark_models::paxos::{self, Paxos};
use proofmark_models::problems::consensus::Consensus;
use proofmark_models::problems::mutual_exclusion::MutualExclusion;
use proofmark_models::problems::transaction_commit::TransactionCommit;
use proofmark_models::problems::voting::Voting;
use proofmark_models::two_phase::TwoPhase;
use proofmark_vocabulary::{Bound, Catalogued, Clause, Constants, Describe, Fault, Formula, Message, Model, Profile};
use roof::mappings;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};

/// The models that tell of no processes, and why.
const NOBODY: &[(&str, &str)] = &[("consensus", "that a value is chosen is all there is: nobody does it")];

/// The claims of states that have no parts worth a name, beside those that something can be: they are about one thing.
const WHOLE: &[(&str, &[&str])] = &[
    ("consensus", &["a value is chosen"]),
    ("paxos", &["a lone proposer gets a value chosen"]),
    ("naive-lock", &["every waiter is granted, times out or is cancelled"]),
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

/// As many states as a small bound has.
const SMALL: u64 = 12_000;
/// As many states are looked at, breadth first, where there are too many.
const SOME: usize = 3_000;
/// In about as many of them it is asked for what is not enabled.
const FEW: usize = 300;

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

impl Seen {
    /// Looks at so many states of a model, breadth first.
    fn look_at<D: Describe>(&mut self, model: &D, place: &str, most: usize) {
        let (kinds, off) = (model.action_kinds(), model.switched_off());
        self.kinds.extend(kinds.iter().filter(|kind| !off.contains(kind)));
        self.processes |= !model.processes().is_empty();
        let space = Space::of(model, most);
        self.claims_are_their_parts(model, place, &space);
        if self.processes {
            let actions = space.scenes_fit(place);
            self.taken.extend(actions.values().map(|(action, ..)| kinds[model.action_kind(action)]));
            space.scenes_fit_where_nothing_happens(place, &actions);
        }
    }

    fn claims_are_their_parts<D: Describe>(&mut self, model: &D, place: &str, space: &Space<'_, D>) {
        for claim in model.claims() {
            let holds = match &claim.formula {
                Formula::Always(holds)
                | Formula::Can(holds)
                | Formula::Inevitable(holds)
                | Formula::Eventually(holds, _)
                | Formula::EventuallyAlways(holds, _)
                | Formula::AlwaysCan(holds, _)
                | Formula::LeadsTo(_, holds, _) => holds,
                Formula::Step(_) | Formula::Refinement(_) | Formula::Run(..) => continue,
            };
            let names = |clauses: &[Clause]| clauses.iter().map(|clause| clause.name.clone()).collect::<Vec<_>>();
            let parts = names(&model.clauses(claim.name, &space.states[0]));
            assert_eq!(parts.iter().collect::<BTreeSet<_>>().len(), parts.len(), "{place}: {}", claim.name);
            *self.claims.entry((claim.name, claim.formula.kind())).or_default() |= !parts.is_empty();
            for state in space.states.iter().filter(|_| !parts.is_empty()) {
                let clauses = model.clauses(claim.name, state);
                let all = clauses.iter().all(|clause| clause.holds);
                assert_eq!(all, holds(model, state), "{place}: {} in {state:?}: {clauses:?}", claim.name);
                assert_eq!(names(&clauses), parts, "{place}: {} has other parts in {state:?}", claim.name);
                if !all {
                    self.falsified.insert(claim.name);
                }
            }
        }
    }
}

/// The states of a model, breadth first.
struct Space<'a, D: Describe> {
    model: &'a D,
    states: Vec<D::State>,
    /// From where each was met first, and by which action.
    from: Vec<Option<(usize, D::Action)>>,
}

/// The actions that were taken, by their words, with where each happens and the fault that it is.
type Actions<D> = BTreeMap<String, (<D as Model>::Action, Option<usize>, Option<Fault>)>;

impl<'a, D: Describe> Space<'a, D> {
    fn of(model: &'a D, most: usize) -> Self {
        let mut space = Self { model, states: model.init_states(), from: Vec::new() };
        space.from.resize(space.states.len(), None);
        let mut met: HashMap<u64, Vec<usize>> = HashMap::new();
        for (id, state) in space.states.iter().enumerate() {
            met.entry(print(state)).or_default().push(id);
        }
        let mut at = 0;
        while at < space.states.len() && space.states.len() < most {
            for (action, next) in steps(model, &space.states[at]) {
                let alike = met.entry(print(&next)).or_default();
                if model.within_boundary(&next) && !alike.iter().any(|&id| space.states[id] == next) {
                    alike.push(space.states.len());
                    space.states.push(next);
                    space.from.push(Some((at, action)));
                }
            }
            at += 1;
        }
        space
    }

    /// Every step happens at a process, an action always at the same one. What is received was sent on the way by which
    /// the state was met first, or in the step itself; that it was on every other way too follows from the messages'
    /// being a part of the state. No initial state has messages.
    fn scenes_fit(&self, place: &str) -> Actions<D> {
        let processes = self.model.processes().len();
        let mut actions = Actions::<D>::new();
        let mut sent: Vec<BTreeSet<Message>> = Vec::new();
        for (id, state) in self.states.iter().enumerate() {
            sent.push(match &self.from[id] {
                None => BTreeSet::new(),
                Some((before, action)) => {
                    let scene = self.model.scene(&self.states[*before], action, state);
                    sent[*before].iter().cloned().chain(scene.sent).collect()
                }
            });
            for (action, next) in steps(self.model, state) {
                let scene = self.model.scene(state, &action, &next);
                let words = self.model.action_in_words(&action);
                let step = || format!("{place}: {words} in {state:?}: {scene:?}");
                let within = |message: &Message| message.from < processes && message.to.is_none_or(|to| to < processes);
                assert!(scene.process.is_some_and(|process| process < processes), "{}", step());
                assert!([&scene.sent, &scene.received, &scene.lost].into_iter().flatten().all(within), "{}", step());
                let arrives = |message| sent[id].contains(message) || scene.sent.contains(message);
                assert!(scene.received.iter().chain(&scene.lost).all(arrives), "{}", step());
                let known = actions.entry(words.clone()).or_insert((action, scene.process, scene.fault));
                assert_eq!((known.1, known.2), (scene.process, scene.fault), "{}", step());
            }
        }
        actions
    }

    /// An action that is not enabled is at the same process, and the same fault.
    fn scenes_fit_where_nothing_happens(&self, place: &str, actions: &Actions<D>) {
        for state in self.states.iter().step_by(1 + self.states.len() / FEW) {
            for (words, (action, process, fault)) in actions {
                let scene = self.model.scene(state, action, state);
                assert_eq!((scene.process, scene.fault), (*process, *fault), "{place}: {words} in {state:?}");
            }
        }
    }
}

/// States of unlike prints are unlike.
fn print(state: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    state.hash(&mut hasher);
    hasher.finish()
}

fn steps<D: Describe>(model: &D, state: &D::State) -> Vec<(D::Action, D::State)> {
    let mut actions = Vec::new();
    model.actions(state, &mut actions);
    let step = |action: D::Action| model.next_state(state, action.clone()).map(|next| (action, next));
    actions.into_iter().filter_map(step).collect()
}

/// Looks at a model at its small bounds, and with each of its bugs at the bound that shows it.
fn look_at<D: Describe, B: Copy>(
    bounds: &[Bound],
    mutants: &[(&str, B, &str)],
    make: impl Fn(&Bound, Option<B>) -> D,
) -> Seen {
    let mut seen = Seen::default();
    let small =
        |bound: &&Bound| bound.profile == Profile::Ci && bound.counts.is_some_and(|counts| counts.distinct <= SMALL);
    for bound in bounds.iter().filter(small) {
        seen.look_at(&make(bound, None), bound.name, usize::MAX);
    }
    for (name, bug, bound) in mutants {
        let bound = bounds.iter().find(|other| other.name == *bound).expect("a mutant has a bound");
        seen.look_at(&make(bound, Some(*bug)), name, SOME);
    }
    seen
}

fn model<M: Catalogued>() -> (String, Seen) {
    let mutants: Vec<_> = M::MUTANTS.iter().map(|mutant| (mutant.name, mutant.bug, mutant.bound)).collect();
    let constants = |bound: &Bound| Constants::choose(&M::constants(), &bound.constants, []).expect("a bound fits");
    let seen = look_at(&M::bounds(), &mutants, |bound, bug| M::new(&constants(bound), bug).expect("a bound fits"));
    (M::NAME.to_owned(), seen)
}

/// A system is looked at in a run of the simulator too, where more can happen.
fn system<S: System>() -> (String, Seen) {
    let mutants: Vec<_> = S::MUTANTS.iter().map(|mutant| (mutant.name, mutant.bug, mutant.bound)).collect();
    let make = |constants: &[_], bug| {
        let constants = Constants::choose(&S::constants(), constants, []).expect("a bound fits");
        Cluster::of(S::new(&constants, bug).expect("a bound fits"))
    };
    let mut seen = look_at(&S::bounds(), &mutants, |bound, bug| make(&bound.constants, bug));
    let simulated = [S::bounds()[0].constants.clone(), S::simulated(1)].concat();
    seen.look_at(&make(&simulated, None), "simulated", SOME);
    (format!("{}.cluster", S::NAME), seen)
}

#[test]
fn models_are_drawn_and_their_claims_are_their_parts() {
    let found = [
        model::<Consensus>(),
        model::<Voting>(),
        model::<Paxos>(),
        model::<TransactionCommit>(),
        model::<TwoPhase>(),
        model::<MutualExclusion>(),
        model::<NaiveLock>(),
        model::<LockTable>(),
    ];
    judge(registry().rows().iter().map(|row| row.name), &found);
}

#[test]
fn clusters_are_drawn_and_their_claims_are_their_parts() {
    let found = [system::<mappings::two_phase::TwoPhase>(), system::<mappings::lock_table::LockTable>()];
    judge(registry().systems().iter().map(|system| system.cluster.name), &found);
}

/// In `Paxos.tla` a 2a is sent on the promises of one quorum, and these alone are drawn as read.
#[test]
fn a_proposer_reads_the_promises_of_one_quorum() {
    let constants = Constants::choose(&Paxos::constants(), &Paxos::bounds()[0].constants, []).expect("a bound fits");
    let model = Paxos::new(&constants, None).expect("a bound fits");
    let mut proposed = 0;
    for state in Space::of(&model, usize::MAX).states {
        for (action, after) in steps(&model, &state) {
            if let paxos::Action::Phase2a(ballot, _) = action {
                let received = model.scene(&state, &action, &after).received;
                let promises = received.iter().all(|read| read.text.starts_with(&format!("1b ballot {ballot},")));
                let from: BTreeSet<_> = received.iter().map(|read| read.from).collect();
                assert!(promises && from.len() == model.quorum && received.len() == model.quorum, "{received:?}");
                proposed += 1;
            }
        }
    }
    assert!(proposed > 0);
}

/// What is registered was looked at, and what a model leaves out is listed above.
fn judge<'a>(registered: impl Iterator<Item = &'a str>, found: &[(String, Seen)]) {
    assert!(found.iter().map(|(name, _)| name.as_str()).eq(registered));
    for (name, seen) in found {
        let nobody = NOBODY.iter().any(|(model, _)| model == name);
        assert_eq!(seen.processes, !nobody, "whether {name} tells of processes");
        assert!(nobody || seen.kinds.is_subset(&seen.taken), "{name}: {:?} but {:?}", seen.kinds, seen.taken);
        let whole =
            seen.claims.iter().filter(|((_, kind), parts)| *kind != "can" && !**parts).map(|((claim, _), _)| claim);
        let listed = WHOLE.iter().filter(|(model, _)| model == name).flat_map(|(_, claims)| *claims);
        assert!(whole.clone().eq(listed), "{name}: {:?}", whole.collect::<Vec<_>>());
        let with_parts = seen.claims.iter().filter(|(_, parts)| **parts).map(|((claim, _), _)| *claim);
        assert_eq!(with_parts.collect::<BTreeSet<_>>(), seen.falsified, "{name}: a part is false somewhere");
    }
}
