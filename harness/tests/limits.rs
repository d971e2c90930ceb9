//! A search that was cut says so, never says more than it knows, and still tells the violations that it saw.

mod common;

use common::random::{graphs, of_behaviours, of_states_and_steps};
use common::{Claim, Graph, NAMES, check_all, check_watched, naive, one_thread, property, verdict_of};
use proofmark_harness::check::{Cut, Engine, Options, Outcome, Progress, Watch, check};
use proofmark_harness::memory;
use proofmark_vocabulary::{Describe, Formula, Model, Plain, Property, Temporal, Value};
use proptest::prelude::*;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// Interrupts once it was asked so often, or once a phase begins.
#[derive(Default)]
struct Impatient {
    patience: u64,
    asked: AtomicU64,
    phase: Option<&'static str>,
}

impl Watch for Impatient {
    fn progress(&self, progress: &Progress) {
        if self.phase == Some(progress.phase) {
            self.asked.store(u64::MAX / 2, Relaxed);
        }
    }

    fn interrupted(&self) -> bool {
        self.asked.fetch_add(1, Relaxed) >= self.patience
    }
}

/// What cuts a search of a small graph.
#[derive(Clone, Copy, Debug)]
enum Limit {
    Depth(u64),
    States(u64),
    Patience(u64),
}

fn limits() -> impl Strategy<Value = Limit> {
    prop_oneof![
        (0..6_u64).prop_map(Limit::Depth),
        (0..12_u64).prop_map(Limit::States),
        (0..40_u64).prop_map(Limit::Patience)
    ]
}

fn limited(graph: &Graph, limit: Limit, options: Options) -> Outcome {
    match limit {
        Limit::Depth(depth) => check_all(graph, &Options { max_depth: Some(depth), ..options }),
        Limit::States(states) => check_all(graph, &Options { max_states: Some(states), ..options }),
        Limit::Patience(patience) => check_watched(graph, &options, &Impatient { patience, ..Impatient::default() }),
    }
}

/// What an outcome says of each claim must be true of the whole graph, or that it does not know.
fn assert_honest(graph: &Graph, outcome: &Outcome, limit: Limit) -> Result<(), TestCaseError> {
    let explored = naive::explore(graph);
    let states = explored.order.len() as u64;
    prop_assert!(outcome.cut.is_some() || outcome.distinct == states, "{:?} of {states} states", outcome.distinct);
    match (limit, &outcome.cut) {
        (_, None) => {}
        (Limit::Depth(depth), cut) => {
            prop_assert_eq!(cut, &Some(Cut::Depth(depth)));
            prop_assert!(outcome.depth <= depth.max(1));
        }
        (Limit::States(most), cut) => {
            prop_assert_eq!(cut, &Some(Cut::States(most)));
            prop_assert_eq!(outcome.distinct, most.max(1).min(states));
        }
        (Limit::Patience(_), cut) => prop_assert_eq!(cut, &Some(Cut::Interrupted)),
    }
    let seen: Vec<_> = explored.order.iter().take(outcome.distinct as usize).copied().collect();
    for (name, claim) in NAMES.into_iter().zip(&graph.claims) {
        let is_of_behaviours = claim_is_of_behaviours(claim);
        let evidence = if is_of_behaviours {
            naive::nearest_violation(graph, &explored, claim)
        } else {
            naive::first_evidence(graph, &explored, claim)
        };
        let verdict = verdict_of(outcome, name);
        match (verdict, claim) {
            ("holds", Claim::Can(_)) | ("violated", _) => prop_assert!(evidence.is_some(), "{:?}", claim),
            ("holds", _) => prop_assert!(outcome.cut.is_none() && evidence.is_none(), "{:?} {:?}", claim, outcome.cut),
            ("unmet", _) => prop_assert!(outcome.cut.is_none() && evidence.is_none()),
            (verdict, _) => prop_assert!(verdict == "unknown" && outcome.cut.is_some(), "{:?} {:?}", claim, verdict),
        }
        if let Some(found) = property(outcome, name).counterexample() {
            let path = graph.replay(found);
            if is_of_behaviours {
                naive::assert_violates(graph, claim, &path, found.back_to);
            }
        }
        // Every state that a limit let through is judged.
        let judged = seen.iter().any(|&state| matches!(*claim, Claim::Always(mark) if !graph.is_marked(state, mark)));
        if judged && !matches!(limit, Limit::Patience(_)) {
            prop_assert_eq!(verdict, "violated", "{:?} of {:?}", claim, seen);
        }
    }
    Ok(())
}

fn claim_is_of_behaviours(claim: &Claim) -> bool {
    !matches!(claim, Claim::Always(_) | Claim::Can(_) | Claim::Step { .. } | Claim::Refines(_))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn a_cut_search_never_lies(
        states in graphs(12, of_states_and_steps()),
        behaviours in graphs(7, of_behaviours()),
        limit in limits(),
        threads in 1..3_usize,
    ) {
        let options = Options { threads, ..Options::default() };
        for graph in [states, behaviours] {
            assert_honest(&graph, &limited(&graph, limit, options.clone()), limit)?;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 200, ..ProptestConfig::default() })]

    /// Stateright's engine may overshoot a number of states, and judges none at the limit of depth.
    #[test]
    fn nor_does_one_by_stateright(graph in graphs(12, of_states_and_steps()), limit in limits(), threads in 1..3_usize) {
        let options = Options { engine: Engine::Stateright, threads, ..Options::default() };
        let outcome = limited(&graph, limit, options);
        let explored = naive::explore(&graph);
        prop_assert!(outcome.cut.is_some() || outcome.distinct == explored.order.len() as u64);
        for (name, claim) in NAMES.into_iter().zip(&graph.claims) {
            let evidence = naive::first_evidence(&graph, &explored, claim);
            match (verdict_of(&outcome, name), claim) {
                ("holds", Claim::Can(_)) | ("violated", _) => prop_assert!(evidence.is_some()),
                ("holds" | "unmet", _) => prop_assert!(outcome.cut.is_none() && evidence.is_none()),
                _ => prop_assert!(outcome.cut.is_some()),
            }
        }
    }
}

/// State 2 is expanded in the round in which the limit is reached, and its one successor is not kept.
#[test]
fn a_state_whose_successors_were_cut_is_no_end() {
    let edges = [(0, 1), (0, 2), (1, 3), (2, 4)];
    let claims = vec![Claim::Inevitable(0), Claim::AlwaysCan(0, None)];
    let graph = Graph { claims, marks: vec![0, 0, 0, 1, 1], ..Graph::of(&edges, Vec::new) };
    let outcome = check_all(&graph, &Options { max_states: Some(4), ..one_thread() });
    assert_eq!((outcome.distinct, outcome.cut.clone()), (4, Some(Cut::States(4))));
    assert_eq!([NAMES[0], NAMES[1]].map(|name| verdict_of(&outcome, name)), ["unknown", "unknown"]);
}

/// A tree without end. It goes wrong at some states, and panics at one.
#[derive(Clone)]
struct Endless {
    branches: u64,
    panics_at: u64,
}

impl Model for Endless {
    type State = u64;
    type Action = u64;

    fn init_states(&self) -> Vec<u64> {
        vec![0]
    }

    fn actions(&self, _: &u64, actions: &mut Vec<u64>) {
        actions.extend(0..self.branches);
    }

    fn next_state(&self, state: &u64, branch: u64) -> Option<u64> {
        assert!(*state != self.panics_at, "a mistake in the model, made by a test");
        Some(state.wrapping_mul(self.branches) + 1 + branch)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("below 10", |_, &state| state < 10),
            Property::always("below 100", |_, &state| state < 100),
            Property::always("not that", |_, &state| state != u64::MAX - 1),
            Property::sometimes("seven", |_, &state| state == 7),
        ]
    }
}

const ENDLESS: Endless = Endless { branches: 2, panics_at: u64::MAX };

fn verdicts(outcome: &Outcome) -> Vec<&'static str> {
    ["below 10", "below 100", "not that", "seven"].map(|name| verdict_of(outcome, name)).to_vec()
}

#[test]
fn a_search_without_end_is_ended_by_time_by_memory_and_by_the_user() {
    let seconds = |time: f64| Duration::from_secs_f64(time);
    for (engine, threads) in [(Engine::Native, 1), (Engine::Native, 2), (Engine::Stateright, 2)] {
        let options = Options { engine, threads, ..Options::default() };
        let model = Plain(ENDLESS);
        let in_time = check_all(&model, &Options { timeout: Some(seconds(0.1)), ..options.clone() });
        assert_eq!(in_time.cut, Some(Cut::Timeout(seconds(0.1))), "{engine:?}");
        assert!(in_time.elapsed < seconds(5.0), "{:?}", in_time.elapsed);

        let limit = memory::resident() + (24 << 20);
        let in_memory =
            check_all(&model, &Options { memory: Some(limit), timeout: Some(seconds(60.0)), ..options.clone() });
        assert_eq!(in_memory.cut, Some(Cut::Memory(limit)), "{engine:?}");

        // Stateright's engine asks now and then, ours before every state.
        let patience = if engine == Engine::Native { 1_000 } else { 5 };
        let watch = Impatient { patience, ..Impatient::default() };
        let watched = Options { timeout: Some(seconds(60.0)), ..options.clone() };
        let interrupted = check_watched(&model, &watched, &watch);
        assert_eq!(interrupted.cut, Some(Cut::Interrupted), "{engine:?}");

        for outcome in [in_time, in_memory] {
            assert_eq!(
                verdicts(&outcome),
                ["violated", "violated", "unknown", "holds"],
                "{engine:?} {:?}",
                outcome.cut
            );
        }
        assert_eq!(verdicts(&interrupted)[2], "unknown");
    }
}

/// A ring with a claim of behaviours, large enough that judging it takes a while.
#[derive(Clone)]
struct Ring(u32);

impl Model for Ring {
    type State = u32;
    type Action = u32;

    fn init_states(&self) -> Vec<u32> {
        vec![0]
    }

    fn actions(&self, _: &u32, actions: &mut Vec<u32>) {
        actions.extend([1, 7, 0]);
    }

    fn next_state(&self, state: &u32, by: u32) -> Option<u32> {
        Some((state + by) % self.0)
    }
}

impl Describe for Ring {
    fn action_kinds(&self) -> &'static [&'static str] {
        &[]
    }

    fn action_kind(&self, _: &u32) -> usize {
        0
    }

    fn action_in_words(&self, by: &u32) -> String {
        format!("goes on by {by}")
    }

    fn value(&self, &state: &u32) -> Value {
        state.into()
    }

    fn temporal(&self) -> Vec<Temporal<Self>> {
        vec![
            Temporal::always("in range", |ring: &Self, &state| state < ring.0),
            Temporal { name: "passes 5", formula: Formula::Inevitable(Box::new(|_, &state| state == 5)) },
            Temporal::always_can("returns", |_, &state| state == 0, None),
            Temporal::eventually_always("settles", |_, &state| state == 0, Vec::new()),
        ]
    }
}

#[test]
fn judging_behaviours_is_ended_too() {
    let ring = Ring(20_000);
    let watch = Impatient { patience: u64::MAX / 2, phase: Some("liveness"), ..Impatient::default() };
    let outcome = check_watched(&ring, &one_thread(), &watch);
    assert_eq!(outcome.cut, Some(Cut::Interrupted));
    assert_eq!(outcome.distinct, 20_000);
    for (name, verdict) in [("in range", "holds"), ("passes 5", "unknown"), ("returns", "unknown")] {
        assert_eq!(verdict_of(&outcome, name), verdict, "{name}");
    }
    let whole = check_all(&ring, &one_thread());
    assert_eq!(whole.cut, None);
    for (name, verdict) in [("passes 5", "violated"), ("returns", "holds"), ("settles", "violated")] {
        assert_eq!(verdict_of(&whole, name), verdict, "{name}");
    }
}

/// A lasso as long as the state space is shown without asking the model for every state's path again.
#[test]
fn a_long_lasso_is_shown_soon() {
    let mut edges: Vec<_> = (0..100_000).map(|state| (state, state + 1)).collect();
    edges.push((100_000, 1));
    let graph = Graph { claims: vec![Claim::Inevitable(0)], ..Graph::of(&edges, Vec::new) };
    let outcome = check_all(&graph, &one_thread());
    let found = property(&outcome, NAMES[0]).counterexample().expect("a lasso");
    assert_eq!((found.steps.len(), found.back_to), (100_002, Some(1)));
}

#[test]
fn a_fail_fast_search_ends_at_the_first_failure_that_is_not_tolerated() {
    let options = Options { fail_fast: true, timeout: Some(Duration::from_mins(1)), ..one_thread() };
    for engine in [Engine::Native, Engine::Stateright] {
        let options = Options { engine, ..options.clone() };
        let first = check_all(&Plain(ENDLESS), &options);
        assert_eq!(first.cut, Some(Cut::FirstViolation), "{engine:?}");
        assert_eq!((verdicts(&first)[0], verdicts(&first)[2]), ("violated", "unknown"), "{engine:?}");

        let tolerant = Options { tolerated: vec!["below 10".into()], ..options };
        let second = check_all(&Plain(ENDLESS), &tolerant);
        assert_eq!(second.cut, Some(Cut::FirstViolation), "{engine:?}");
        assert_eq!(verdicts(&second), ["violated", "violated", "unknown", "holds"], "{engine:?}");
    }
}

#[test]
fn a_model_that_panics_is_heard() {
    let model = Arc::new(Plain(Endless { panics_at: 5_000, ..ENDLESS }));
    for (engine, threads) in
        [(Engine::Native, 1), (Engine::Native, 3), (Engine::Stateright, 1), (Engine::Stateright, 3)]
    {
        let options = Options { engine, threads, ..Options::default() };
        let panic = std::panic::catch_unwind(|| check(&model, |_| true, &options, &())).expect_err("a panic");
        let words = panic.downcast_ref::<&str>().copied().or(panic.downcast_ref::<String>().map(String::as_str));
        assert_eq!(words, Some("a mistake in the model, made by a test"), "{engine:?}, {threads} threads");
    }
}

/// One state with so many successors that expanding it takes longer than there is time.
#[derive(Clone)]
struct Broad;

impl Model for Broad {
    type State = u64;
    type Action = u64;

    fn init_states(&self) -> Vec<u64> {
        vec![0]
    }

    fn actions(&self, &state: &u64, actions: &mut Vec<u64>) {
        actions.extend((1..400_000).filter(|_| state == 0));
    }

    fn next_state(&self, _: &u64, to: u64) -> Option<u64> {
        std::thread::sleep(Duration::from_micros(100));
        Some(to)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![Property::always("small", |_, &state| state < 1_000_000)]
    }
}

#[test]
fn a_state_of_many_successors_is_left_in_time() {
    let timeout = Duration::from_millis(50);
    let outcome = check_all(&Plain(Broad), &Options { timeout: Some(timeout), ..one_thread() });
    assert_eq!(outcome.cut, Some(Cut::Timeout(timeout)));
    assert_eq!((outcome.distinct, outcome.generated), (1, 1), "a round that was stopped leaves no trace");
    assert!(outcome.elapsed < Duration::from_secs(10), "{:?}", outcome.elapsed);
}
