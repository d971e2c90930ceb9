//! What Stateright's checker gets wrong, beside what ours says of the same model.

mod common;

use common::{Graph, check_all, one_thread, property, verdict_of};
use proofmark_harness::check::{Cut, Engine, Finding, Options, check};
use proofmark_vocabulary::{Describe, Model, Plain, Property, Value};
use stateright::{Checker, Representative};
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

fn reaches_nine() -> Vec<Property<Graph>> {
    vec![Property::eventually("reaches 9", |_, &state| state == 9)]
}

/// What ours shows of a model that Stateright passes: the states, and where the behaviour returns to.
fn shown(model: &Graph) -> (Vec<u32>, Option<usize>) {
    let outcome = check_all(&Plain(model.clone()), &one_thread());
    assert_eq!(outcome.cut, None);
    let found = property(&outcome, "reaches 9").counterexample().expect("a counterexample");
    let state = |value: &Value| match value {
        Value::Text(text) => text.parse().expect("a state is a number"),
        _ => panic!("a plain model's state is its text"),
    };
    (found.steps.iter().map(|step| state(&step.state)).collect(), found.back_to)
}

/// Stateright takes a state that it has seen before for no end of a path, so a cycle has none.
#[test]
fn eventually_is_false_on_a_cycle() {
    let model = Graph::of(&[(0, 1), (1, 2), (2, 1), (2, 9)], reaches_nine);
    model.clone().checker().spawn_bfs().join().assert_properties();
    model.clone().checker().spawn_dfs().join().assert_properties();

    assert_eq!(shown(&model), (vec![0, 1, 2, 1], Some(1)));
}

/// Stateright visits the join by the way that has met 9 and never again by the other.
#[test]
fn eventually_is_false_at_a_join() {
    let model = Graph::of(&[(0, 9), (0, 1), (9, 5), (1, 5)], reaches_nine);
    model.clone().checker().spawn_bfs().join().assert_properties();

    assert_eq!(shown(&model), (vec![0, 1, 5], Some(2)));
}

/// Counts for ever, or up to a bound, and goes wrong late. With several branches, the numbers of a tree.
#[derive(Clone)]
struct Counter {
    branches: u64,
    wrong: u64,
    end: u64,
    /// How long a step takes.
    pause: Duration,
}

impl Model for Counter {
    type State = u64;
    type Action = u64;

    fn init_states(&self) -> Vec<u64> {
        vec![0]
    }

    fn actions(&self, &state: &u64, actions: &mut Vec<u64>) {
        actions.extend((0..self.branches).filter(|_| state < self.end));
    }

    fn next_state(&self, state: &u64, branch: u64) -> Option<u64> {
        std::thread::sleep(self.pause);
        Some(state * self.branches + 1 + branch)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![Property::always("right", |counter: &Self, &state| state != counter.wrong)]
    }
}

const COUNTER: Counter = Counter { branches: 1, wrong: 1 << 30, end: u64::MAX, pause: Duration::ZERO };

/// Both engines of ours say that they do not know.
fn assert_incomplete(model: &Counter, options: &Options, cut: &Cut) {
    for engine in [Engine::Native, Engine::Stateright] {
        let outcome = check_all(&Plain(model.clone()), &Options { engine, ..options.clone() });
        assert_eq!(outcome.cut.as_ref(), Some(cut), "{engine:?}");
        assert!(matches!(property(&outcome, "right").finding, Finding::Unknown), "{engine:?}");
    }
}

#[test]
fn a_violation_beyond_the_depth_is_unknown() {
    COUNTER.checker().target_max_depth(10).spawn_bfs().join().assert_properties();

    assert_incomplete(&COUNTER, &Options { max_depth: Some(10), ..one_thread() }, &Cut::Depth(10));
}

#[test]
fn a_violation_beyond_the_count_is_unknown() {
    COUNTER.checker().target_state_count(10).spawn_bfs().join().assert_properties();

    assert_incomplete(&COUNTER, &Options { max_states: Some(10), ..one_thread() }, &Cut::States(10));
}

#[test]
fn a_violation_beyond_the_timeout_is_unknown() {
    let model = Counter { branches: 2, wrong: 1 << 40, pause: Duration::from_micros(10), ..COUNTER };
    let timeout = Duration::from_millis(100);
    model.clone().checker().threads(2).timeout(timeout).spawn_bfs().join().assert_properties();

    assert_incomplete(
        &model,
        &Options { threads: 2, timeout: Some(timeout), ..Options::default() },
        &Cut::Timeout(timeout),
    );
}

/// Stateright's one thread never asks whether the time is up: it asks only when it shares work.
#[test]
fn a_timeout_ends_a_search_by_one_thread() {
    let model = Counter { branches: 1, wrong: 1 << 40, end: 1500, pause: Duration::from_micros(200) };
    let timeout = Duration::from_millis(20);
    let started = Instant::now();
    let theirs = model.clone().checker().threads(1).timeout(timeout).spawn_bfs().join();
    assert_eq!(theirs.unique_state_count(), 1501);
    theirs.assert_properties();
    assert!(started.elapsed() > 10 * timeout);

    let outcome = check_all(&Plain(model.clone()), &Options { timeout: Some(timeout), ..one_thread() });
    assert_eq!(outcome.cut, Some(Cut::Timeout(timeout)));
    assert!(outcome.distinct < 1000 && outcome.elapsed < 10 * timeout, "{outcome:?}");
    assert_eq!(verdict_of(&outcome, "right"), "unknown");
}

/// Processes that each go from 0 to 2, none unlike another.
#[derive(Clone)]
struct Alike;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Places([u8; 4]);

impl Representative for Places {
    fn representative(&self) -> Self {
        let Places(mut places) = *self;
        places.sort_unstable();
        Places(places)
    }
}

impl Model for Alike {
    type State = Places;
    type Action = usize;

    fn init_states(&self) -> Vec<Places> {
        vec![Places([0; 4])]
    }

    fn actions(&self, _: &Places, actions: &mut Vec<usize>) {
        actions.extend(0..4);
    }

    fn next_state(&self, &Places(mut places): &Places, process: usize) -> Option<Places> {
        places[process] += 1;
        (places[process] < 3).then_some(Places(places))
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("not all at the end", |_, &Places(places)| places != [2; 4]),
            Property::always("in range", |_, &Places(places)| places.iter().all(|&place| place < 3)),
        ]
    }
}

impl Describe for Alike {
    fn action_kinds(&self) -> &'static [&'static str] {
        &["Advance"]
    }

    fn action_kind(&self, _: &usize) -> usize {
        0
    }

    fn action_in_words(&self, process: &usize) -> String {
        format!("process {process} advances")
    }

    fn value(&self, state: &Places) -> Value {
        Value::list(state.0)
    }

    fn canonical(&self, state: &Places) -> Option<Places> {
        Some(state.representative())
    }
}

/// Three places for four processes: 81 states, and 15 orbits, one for each way to say how many are where.
#[test]
fn symmetry_holds_under_breadth_first() {
    assert_eq!(Alike.checker().symmetry().spawn_bfs().join().unique_state_count(), 81);
    assert_eq!(Alike.checker().symmetry().spawn_dfs().join().unique_state_count(), 15);

    for threads in [1, 2] {
        let options = Options { symmetry: true, threads, ..Options::default() };
        let outcome = check_all(&Alike, &options);
        assert_eq!((outcome.distinct, outcome.depth, outcome.cut.clone()), (15, 9, None));
        // A counterexample is a path of the model itself, not of representatives.
        let found = property(&outcome, "not all at the end").counterexample().expect("a counterexample").clone();
        let mut state = Places([0; 4]);
        for step in &found.steps[1..] {
            let mut next = (0..4).filter(|process| step.action == Some(Alike.action_in_words(process)));
            state = Alike.next_state(&state, next.next_back().expect("a process")).expect("a step");
            assert_eq!(step.state, Alike.value(&state));
        }
        assert_eq!((state, found.steps.len()), (Places([2; 4]), 9));
    }
    assert_eq!(check_all(&Alike, &one_thread()).distinct, 81);
    let refused = Options { symmetry: true, engine: Engine::Stateright, ..one_thread() };
    assert!(check(&Arc::new(Alike), |_| true, &refused, &()).is_err());
}

/// Orbits forget who is who, so whole behaviours cannot be judged by them; and some models have none.
#[test]
fn symmetry_is_refused_where_it_is_unsound() {
    let options = Options { symmetry: true, ..one_thread() };
    let model = Plain(Graph::of(&[(0, 1)], reaches_nine));
    let refused = check(&Arc::new(model), |_| true, &options, &()).unwrap_err();
    assert!(refused.contains("no symmetry"), "{refused}");

    let refused = check(&Arc::new(Ends(Alike)), |_| true, &options, &()).unwrap_err();
    assert!(refused.contains("ends"), "{refused}");
    let chosen = check(&Arc::new(Ends(Alike)), |name| name != "ends", &options, &()).expect("no claim of behaviours");
    assert_eq!(chosen.distinct, 15);
}

/// The same with a claim of behaviours.
struct Ends(Alike);

impl Model for Ends {
    type State = Places;
    type Action = usize;

    fn init_states(&self) -> Vec<Places> {
        self.0.init_states()
    }

    fn actions(&self, state: &Places, actions: &mut Vec<usize>) {
        self.0.actions(state, actions);
    }

    fn next_state(&self, state: &Places, action: usize) -> Option<Places> {
        self.0.next_state(state, action)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![Property::eventually("ends", |_, &Places(places)| places == [2; 4])]
    }
}

impl Describe for Ends {
    fn action_kinds(&self) -> &'static [&'static str] {
        self.0.action_kinds()
    }

    fn action_kind(&self, action: &usize) -> usize {
        self.0.action_kind(action)
    }

    fn action_in_words(&self, action: &usize) -> String {
        self.0.action_in_words(action)
    }

    fn value(&self, state: &Places) -> Value {
        self.0.value(state)
    }

    fn canonical(&self, state: &Places) -> Option<Places> {
        self.0.canonical(state)
    }
}

/// A model that is no function of its state, one way or another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fickle {
    /// Lists fewer actions when it is asked again.
    Actions,
    /// An action leads elsewhere when it is asked a third time: after it was found, and made again to be judged.
    Steps,
    /// An action is not enabled when it is asked again.
    Enabled,
    /// States that are not equal have the same hash.
    Hash,
}

struct Inconstant {
    how: Fickle,
    asked: AtomicU64,
}

#[derive(Clone, Debug, PartialEq)]
struct Count(u64, Fickle);

impl Hash for Count {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        (if self.1 == Fickle::Hash { self.0 / 2 } else { self.0 }).hash(hasher);
    }
}

impl Inconstant {
    /// How often it was asked before.
    fn asked(&self, how: Fickle) -> u64 {
        if self.how == how { self.asked.fetch_add(1, Relaxed) } else { 0 }
    }
}

impl Model for Inconstant {
    type State = Count;
    type Action = u64;

    fn init_states(&self) -> Vec<Count> {
        vec![Count(0, self.how)]
    }

    fn actions(&self, state: &Count, actions: &mut Vec<u64>) {
        match (self.how, state.0) {
            (Fickle::Hash, count) => actions.extend((count < 9).then_some(1)),
            (_, 0) => actions.extend(if self.asked(Fickle::Actions) == 0 { 1..10 } else { 1..3 }),
            _ => {}
        }
    }

    fn next_state(&self, state: &Count, by: u64) -> Option<Count> {
        let leads_astray = by == 4 && self.asked(Fickle::Steps) == 1;
        let stays = by == 4 && self.asked(Fickle::Enabled) == 1;
        (!stays).then(|| Count(if leads_astray { 100 } else { state.0 + by }, self.how))
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("never 100", |_, state: &Count| state.0 != 100),
            Property::eventually("some 1 or 9", |_, state: &Count| state.0 == 9 || state.1 != Fickle::Hash),
        ]
    }
}

/// The search makes states again from actions; what it finds of a model that answers otherwise then is no verdict.
#[test]
fn a_model_that_is_no_function_gets_no_verdict() {
    for (how, said) in [
        (Fickle::Actions, "an action is missing"),
        (Fickle::Steps, "the behaviour that should violate `never 100` does not: the property holds in the last state"),
        (Fickle::Enabled, "an action is no longer enabled"),
        (Fickle::Hash, "the behaviour that should violate `some 1 or 9` does not return to where it was"),
    ] {
        let model = Arc::new(Plain(Inconstant { how, asked: AtomicU64::new(0) }));
        let panic = std::panic::catch_unwind(|| check(&model, |_| true, &one_thread(), &())).expect_err("no verdict");
        let told = panic.downcast_ref::<String>().expect("a text");
        let expected = "the model answers differently when asked again, or its Hash and Eq disagree: ";
        assert_eq!(told.strip_prefix(expected), Some(said), "{how:?}");
    }
}
