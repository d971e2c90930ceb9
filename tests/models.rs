//! Every model of the registry and every cluster of code, at every bound that is checked on every run: the verdict, the
//! recorded counts, and both engines agreed.

use proofmark::registry;
use proofmark_harness::check::{Engine, Options};
use proofmark_harness::judgement::{Judgement, Verdict};
use proofmark_harness::registry::Row;
use proofmark_vocabulary::{Bound, Profile};
use std::collections::BTreeSet;

/// What is checked once and in one way can be large; what is checked in several ways has at most so many states.
const SMALL: u64 = 60_000;

/// The rows with their bounds of the `ci` profile that have at most so many states.
fn every_case(most: u64, mut visit: impl FnMut(&Row, &Bound)) {
    for row in registry().rows_and_clusters() {
        let fits = |bound: &&Bound| bound.counts.is_none_or(|counts| counts.distinct <= most);
        for bound in row.bounds.iter().filter(|bound| bound.profile == Profile::Ci).filter(fits) {
            visit(row, bound);
        }
    }
}

fn check(row: &Row, bound: &str, set: &[(&str, &str)], options: &Options) -> Judgement {
    let set: Vec<_> = set.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
    let case = row.case(Some(bound), &set, None).expect("the bound and its constants exist");
    case.check(options, &()).expect("the options fit")
}

#[test]
fn every_bound_is_ok_with_exactly_its_recorded_counts() {
    every_case(u64::MAX, |row, bound| {
        let found = check(row, bound.name, &[], &Options::default());
        let place = format!("{} at {}: {:?}", row.name, bound.name, found.vacuities);
        assert_eq!(found.verdict, Verdict::Ok, "{place}");
        let counts = bound.counts.unwrap_or_else(|| panic!("{place}: no counts are recorded"));
        let recorded = (counts.generated, counts.distinct, counts.depth);
        assert_eq!((found.generated, found.distinct, found.depth), recorded, "{place}");
    });
}

/// The counts that the manifests of tlaplus/Examples publish: of `transaction_commit` (Lamport's `TCommit`, Gray and
/// Lamport's `TwoPhase`), of `PaxosHowToWinATuringAward` (Lamport's `Consensus`, `Voting` and `Paxos`) and, for one
/// acceptor and one value, of `Paxos`. Distinct states and their depth are the same; what is generated is so where the
/// specification takes its steps as ours does.
#[test]
fn published_counts_are_reproduced() {
    for (model, set, distinct, depth, generated) in [
        ("transaction-commit", [].as_slice(), 34, Some(7), Some(94)),
        ("two-phase-commit", &[], 288, Some(11), Some(1_146)),
        ("two-phase-commit", &[("participants", "5")], 8_832, None, None),
        ("consensus", &[], 4, Some(2), Some(4)),
        ("voting", &[], 6_752, Some(16), None),
        ("single-decree-paxos", &[], 3_921, Some(17), None),
        ("single-decree-paxos", &[("acceptors", "1"), ("values", "1")], 25, Some(9), Some(82)),
    ] {
        let registry = registry();
        let row = registry.find(model).expect("it is registered");
        for engine in [Engine::Native, Engine::Stateright] {
            let found = check(row, "textbook", set, &Options { engine, ..Options::default() });
            let counts = (found.distinct, found.depth, found.generated);
            let published = (distinct, depth.unwrap_or(found.depth), generated.unwrap_or(found.generated));
            assert_eq!(counts, published, "{model} {set:?} by {engine:?}");
        }
    }
}

/// Both engines explore the same states and judge safety alike; of whole behaviours Stateright says nothing.
#[test]
fn both_engines_agree() {
    every_case(SMALL, |row, bound| {
        let ours = check(row, bound.name, &[], &Options::default());
        let theirs = check(row, bound.name, &[], &Options { engine: Engine::Stateright, ..Options::default() });
        let place = format!("{} at {}", row.name, bound.name);
        assert_eq!((ours.distinct, ours.generated), (theirs.distinct, theirs.generated), "{place}");
        for (ours, theirs) in ours.properties.iter().zip(&theirs.properties) {
            if matches!(ours.kind, "always" | "can" | "step" | "refinement" | "deadlock") {
                assert_eq!(ours.verdict, theirs.verdict, "{place}: {}", ours.name);
            }
        }
        let generated = |found: &Judgement| found.actions.iter().map(|action| action.generated).collect::<Vec<_>>();
        assert_eq!(generated(&ours), generated(&theirs), "{place}: coverage");
    });
}

/// Canonical representatives are true orbits, also breadth first: sets of nine participants in so many states.
#[test]
fn symmetry_visits_exactly_the_orbits() {
    let registry = registry();
    let row = registry.find("two-phase-commit").expect("it is registered");
    let options = Options { symmetry: true, ..Options::default() };
    let found = check(row, "textbook", &[("participants", "9")], &options);
    assert_eq!((found.verdict, found.distinct), (Verdict::Ok, 2_232));
}

/// Where a model has a symmetry and claims nothing of whole behaviours, orbits say what states say, and are no more.
#[test]
fn verdicts_are_the_same_with_symmetry() {
    let mut models = BTreeSet::new();
    every_case(SMALL, |row, bound| {
        let case = row.case(Some(bound.name), &[], None).expect("the bound exists");
        let symmetric = Options { symmetry: true, ..Options::default() };
        if !case.subject.has_symmetry() {
            return;
        }
        let Ok(orbits) = case.check(&symmetric, &()) else { return };
        let states = check(row, bound.name, &[], &Options::default());
        let place = format!("{} at {}", row.name, bound.name);
        let verdicts = |found: &Judgement| found.properties.iter().map(|property| property.verdict).collect::<Vec<_>>();
        assert_eq!(verdicts(&orbits), verdicts(&states), "{place}");
        assert!(orbits.distinct <= states.distinct, "{place}: {} orbits", orbits.distinct);
        models.insert(row.name);
    });
    assert!(models.contains("raft") && models.contains("single-decree-paxos"), "{models:?}");
}

/// The same counterexamples and counts on every thread count.
#[test]
fn threads_change_nothing() {
    every_case(SMALL, |row, bound| {
        let shown = |threads: usize| {
            let mut found = check(row, bound.name, &[], &Options { threads, ..Options::default() });
            (found.seconds, found.peak_memory_bytes, found.threads) = (0.0, 0, 0);
            serde_json::to_string(&found).expect("a judgement is JSON")
        };
        assert_eq!(shown(1), shown(3), "{} at {}", row.name, bound.name);
    });
}
