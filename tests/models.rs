//! Every model of the registry and every cluster of code, at every bound that is checked on every run: the verdict, the recorded counts,
//! and both engines agreed.

use proofmark::registry;
use proofmark_harness::check::{Engine, Options};
use proofmark_harness::judgement::{Judgement, Verdict};
use proofmark_harness::registry::Row;
use proofmark_vocabulary::{Bound, Profile};

/// The rows with their bounds of the `ci` profile.
fn every_case(mut visit: impl FnMut(&Row, &Bound)) {
    for row in registry().rows_and_clusters() {
        for bound in row.bounds.iter().filter(|bound| bound.profile == Profile::Ci) {
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
    every_case(|row, bound| {
        let found = check(row, bound.name, &[], &Options::default());
        let place = format!("{} at {}: {:?}", row.name, bound.name, found.vacuities);
        assert_eq!(found.verdict, Verdict::Ok, "{place}");
        let counts = bound.counts.unwrap_or_else(|| panic!("{place}: no counts are recorded"));
        let recorded = (counts.generated, counts.distinct, counts.depth);
        assert_eq!((found.generated, found.distinct, found.depth), recorded, "{place}");
    });
}

/// The counts that are published: Lamport's `TCommit` and `Consensus`, Gray and Lamport's `TwoPhase`.
#[test]
fn published_counts_are_reproduced() {
    for (model, bound, set, distinct, generated) in [
        ("transaction-commit", "textbook", None, 34, Some(94)),
        ("two-phase-commit", "textbook", None, 288, Some(1_146)),
        ("two-phase-commit", "textbook", Some(("participants", "5")), 8_832, None),
        ("consensus", "textbook", None, 4, None),
        ("voting", "textbook", None, 6_752, Some(26_905)),
        ("paxos", "textbook", None, 3_921, Some(22_995)),
    ] {
        let registry = registry();
        let row = registry.find(model).expect("it is registered");
        for engine in [Engine::Native, Engine::Stateright] {
            let found = check(row, bound, set.as_slice(), &Options { engine, ..Options::default() });
            assert_eq!(found.distinct, distinct, "{model} {bound} by {engine:?}");
            assert_eq!(found.generated, generated.unwrap_or(found.generated), "{model} {bound} by {engine:?}");
        }
    }
}

/// Both engines explore the same states and judge safety alike; of whole behaviours Stateright says nothing.
#[test]
fn both_engines_agree() {
    every_case(|row, bound| {
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

/// The same counterexamples and counts on every thread count.
#[test]
fn threads_change_nothing() {
    every_case(|row, bound| {
        let shown = |threads: usize| {
            let mut found = check(row, bound.name, &[], &Options { threads, ..Options::default() });
            (found.seconds, found.peak_memory_bytes, found.threads) = (0.0, 0, 0);
            serde_json::to_string(&found).expect("a judgement is JSON")
        };
        assert_eq!(shown(1), shown(3), "{} at {}", row.name, bound.name);
    });
}
