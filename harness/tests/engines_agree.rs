//! The native engine, Stateright's own, and a naive judge say the same of random models; and whatever is
//! shown as a counterexample is one.

mod common;

use common::random::{graphs, large, of_behaviours, of_states_and_steps};
use common::{Claim, Fair, Graph, LABELS, NAMES, check_all, naive, one_thread, property, verdict, verdict_of};
use proofmark_harness::check::{Engine, Fingerprint, Options, Outcome};
use proofmark_vocabulary::Strength;
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 500, ..ProptestConfig::default() })]

    #[test]
    fn on_states_and_steps(graph in graphs(12, of_states_and_steps()), threads in 1..3_usize) {
        let explored = naive::explore(&graph);
        let ours = check_all(&graph, &Options { threads, ..Options::default() });
        let theirs = check_all(&graph, &Options { engine: Engine::Stateright, threads, ..Options::default() });

        for outcome in [&ours, &theirs] {
            prop_assert_eq!(&outcome.cut, &None);
            prop_assert_eq!(outcome.generated, explored.generated);
            prop_assert_eq!(outcome.distinct, explored.order.len() as u64);
            prop_assert_eq!(outcome.left_boundary, explored.left_boundary);
        }
        prop_assert_eq!(ours.depth, explored.depth());
        let kinds = |outcome: &Outcome| outcome.actions.iter().map(|a| (a.name, a.generated)).collect::<Vec<_>>();
        prop_assert_eq!(kinds(&ours), kinds(&theirs));
        let new: u64 = ours.actions.iter().map(|action| action.distinct.unwrap()).sum();
        prop_assert_eq!(new, if graph.names_kinds { explored.parent.len() as u64 } else { 0 });

        let mut expected: Vec<_> = NAMES.into_iter().zip(&graph.claims).map(|(name, claim)| {
            let evidence = naive::first_evidence(&graph, &explored, claim);
            (name, evidence, matches!(claim, Claim::Can(_)))
        }).collect();
        if graph.forbids_deadlock {
            expected.push(("deadlock", naive::first_deadlock(&graph, &explored), false));
        }
        for (name, evidence, is_can) in expected {
            let wanted = match (evidence, is_can) {
                (Some(_), true) | (None, false) => "holds",
                (Some(_), false) => "violated",
                (None, true) => "unmet",
            };
            prop_assert_eq!(verdict_of(&ours, name), wanted, "{}", name);
            prop_assert_eq!(verdict_of(&theirs, name), wanted, "Stateright's {}", name);
            if let Some(found) = property(&ours, name).counterexample() {
                let path = graph.replay(found);
                prop_assert_eq!(Some(path.len() - 1), evidence, "{} is not shown by a shortest path", name);
                prop_assert_eq!(found.back_to, None);
            }
            if let Some(found) = property(&theirs, name).counterexample() {
                let path = graph.replay(found);
                prop_assert!(Some(path.len() - 1) >= evidence, "{} cannot be shown by so short a path", name);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 4000, ..ProptestConfig::default() })]

    #[test]
    fn on_behaviours(graph in graphs(7, of_behaviours())) {
        let explored = naive::explore(&graph);
        let ours = check_all(&graph, &one_thread());
        for (name, claim) in NAMES.into_iter().zip(&graph.claims) {
            let nearest = naive::nearest_violation(&graph, &explored, claim);
            let wanted = if nearest.is_some() { "violated" } else { "holds" };
            prop_assert_eq!(verdict_of(&ours, name), wanted, "{:?}", claim);
            if let Some(found) = property(&ours, name).counterexample() {
                let path = graph.replay(found);
                naive::assert_violates(&graph, claim, &path, found.back_to);
                let way = found.back_to.unwrap_or(path.len() - 1);
                prop_assert_eq!(Some(way), nearest, "{:?} has a nearer loop", claim);
            }
        }
    }
}

/// State 1 may stutter by the action that fairness is about; the behaviour must go to 0 and back instead.
#[test]
fn a_stutter_meets_no_obligation() {
    let claim = Claim::Eventually(0, vec![Fair { strength: Strength::Weak, labels: 1 }]);
    let edges = [(1, 1), (1, 0), (0, 1)];
    let graph = Graph { initial: vec![1], claims: vec![claim.clone()], ..Graph::of(&edges, Vec::new) };
    let outcome = check_all(&graph, &one_thread());
    let found = property(&outcome, NAMES[0]).counterexample().expect("a lasso");
    let states: Vec<_> = graph.replay(found).iter().map(|step| step.1).collect();
    assert_eq!((states, found.back_to), (vec![1, 0, 1], Some(0)));
}

/// A state space of many rounds, in which every partition has a share.
fn many_states() -> Graph {
    let fair = |strength, labels| Fair { strength, labels };
    Graph {
        claims: vec![
            Claim::Always(0),
            Claim::Step { mark: 1, label: 2 },
            Claim::Can(3),
            Claim::Inevitable(5),
            Claim::EventuallyAlways(4, vec![fair(Strength::Strong, 1), fair(Strength::Weak, 6)]),
            Claim::LeadsTo(2, 6, vec![fair(Strength::Weak, 15)]),
            Claim::AlwaysCan(6, Some(3)),
            Claim::Eventually(6, vec![fair(Strength::Weak, 15), fair(Strength::Strong, 4)]),
        ],
        forbids_deadlock: true,
        ..large(60_000, 42)
    }
}

/// All of an outcome but how long it took.
fn told(outcome: &Outcome) -> String {
    let Outcome { cut, generated, distinct, depth, left_boundary, properties, actions, .. } = outcome;
    format!("{cut:?} {generated} {distinct} {depth} {left_boundary} {properties:?} {actions:?}")
}

#[test]
fn nothing_depends_on_the_threads_or_the_fingerprint() {
    let graph = many_states();
    let one = check_all(&graph, &one_thread());
    assert!(one.distinct > 40_000 && one.depth > 12, "{} states, depth {}", one.distinct, one.depth);
    for (threads, fingerprint) in [(2, Fingerprint::Bits64), (5, Fingerprint::Bits64), (3, Fingerprint::Bits128)] {
        let other = check_all(&graph, &Options { threads, fingerprint, ..Options::default() });
        assert_eq!(told(&other), told(&one), "{threads} threads, {fingerprint:?}");
    }
}

/// Where a limit of states or of depth, or the first violation, ends a search does not depend on how much of it is
/// done at once: neither on the threads nor on the rounds, which start small where the memory is limited.
#[test]
fn nor_does_where_a_search_is_cut() {
    let graph = many_states();
    let limits = [1, 2, 300, 4_000, 4_097, 9_999, 30_000, 45_000];
    let cuts = limits.map(|states| Options { max_states: Some(states), ..one_thread() });
    let depths = [2, 7, 12].map(|depth| Options { max_depth: Some(depth), ..one_thread() });
    let patient = Options { fail_fast: true, tolerated: vec![NAMES[0].into(), NAMES[1].into()], ..one_thread() };
    let first = [Options { fail_fast: true, ..one_thread() }, patient];
    for options in cuts.into_iter().chain(depths).chain(first) {
        let one = told(&check_all(&graph, &options));
        for (threads, memory) in [(2, None), (5, None), (16, None), (1, Some(1 << 40)), (7, Some(1 << 40))] {
            let other = check_all(&graph, &Options { threads, memory, ..options.clone() });
            assert_eq!(told(&other), one, "{threads} threads, {memory:?}, {options:?}");
        }
    }
}

/// The parent of a state is the one that a sequential search finds first, wherever the state is.
#[test]
fn paths_are_those_of_a_sequential_search() {
    let mut graph = many_states();
    let explored = naive::explore(&graph);
    let states = explored.order.len();
    for claim in (0..8).rev() {
        // The state at that place is the first with the mark off.
        let place = (states - 1) * claim / 7;
        graph.marks.iter_mut().for_each(|marks| *marks |= 1 << claim);
        graph.marks[explored.order[place] as usize] &= !(1 << claim);
    }
    graph.claims = (0..8).map(Claim::Always).collect();
    for threads in [1, 4] {
        let outcome = check_all(&graph, &Options { threads, ..Options::default() });
        assert_eq!((outcome.distinct, outcome.generated), (states as u64, explored.generated));
        assert_eq!((outcome.depth, outcome.left_boundary), (explored.depth(), explored.left_boundary));
        for (claim, name) in NAMES.into_iter().enumerate() {
            let found = property(&outcome, name).counterexample().expect("one state lacks the mark");
            let path: Vec<_> = graph.replay(found).into_iter().map(|(a, state)| (a.map(|a| a.index), state)).collect();
            assert_eq!(path, explored.path(explored.order[(states - 1) * claim / 7]));
        }
    }
}

/// Behaviours of a large graph are shown truly too.
#[test]
fn lassos_of_a_large_graph_are_true() {
    let graph = many_states();
    let outcome = check_all(&graph, &one_thread());
    let mut shown = 0;
    for (name, claim) in NAMES.into_iter().zip(&graph.claims).skip(3) {
        if let Some(found) = property(&outcome, name).counterexample() {
            naive::assert_violates(&graph, claim, &graph.replay(found), found.back_to);
            shown += 1;
        }
    }
    assert!(shown >= 3, "{:?}", outcome.properties.iter().map(|p| verdict(&p.finding)).collect::<Vec<_>>());
    assert_eq!(outcome.actions.len(), LABELS.len());
}
