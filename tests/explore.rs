//! What the explorer walks through is what `check` explores.

use proofmark::registry;
use proofmark_harness::explore::Disabled;
use proofmark_vocabulary::{Bound, Profile};
use std::collections::BTreeSet;

/// As many states as a walk of every model may have here.
const MOST: u64 = 12_000;

#[test]
fn a_walk_meets_exactly_the_states_and_steps_of_the_check() {
    for row in registry().rows_and_clusters() {
        let small =
            |bound: &&Bound| bound.profile == Profile::Ci && bound.counts.is_some_and(|counts| counts.distinct <= MOST);
        for bound in row.bounds.iter().filter(small) {
            let place = format!("{} at {}", row.name, bound.name);
            let counts = bound.counts.expect("it has some");
            let mut walk = row.case(Some(bound.name), &[], None).expect("it exists").subject.walk();
            let (looked_at, exhaustive) = walk.look_around(usize::MAX);
            assert!(exhaustive && looked_at == walk.met(), "{place}: it ends");
            assert_eq!(walk.met() as u64, counts.distinct, "{place}");
            let stutters_and_steps: usize = (0..walk.met()).map(|id| walk.edges(id).len()).sum();
            assert_eq!((walk.initial().len() + stutters_and_steps) as u64, counts.generated, "{place}");
        }
    }
}

/// Whoever asks why something cannot happen is told the guard, and what can happen is not among it.
#[test]
fn what_is_disabled_names_its_guard() {
    let registry = registry();
    let mut walk = registry.find("single-decree-paxos").unwrap().case(None, &[], None).unwrap().subject.walk();
    walk.look_around(usize::MAX);
    let start = walk.initial()[0];
    let enabled: BTreeSet<_> = walk.steps(start).into_iter().map(|step| step.action).collect();
    let disabled = walk.disabled(start);
    let told = |disabled: &Disabled| disabled.guard.is_some() && disabled.guard_says.is_some();
    assert!(disabled.iter().all(|disabled| told(disabled) && !enabled.contains(&disabled.action)));
    assert!(disabled.iter().any(|disabled| disabled.action.contains("accepts")), "{disabled:?}");
}

/// A state is found again by its fingerprint, in another walk too.
#[test]
fn a_fingerprint_is_the_same_in_every_walk() {
    let registry = registry();
    let row = registry.find("two-phase-commit").unwrap();
    let [mut one, mut other] = [(); 2].map(|()| row.case(None, &[], None).unwrap().subject.walk());
    one.look_around(200);
    other.look_around(usize::MAX);
    for id in 0..one.met() {
        let found = other.find(one.fingerprint(id)).expect("it is there");
        assert_eq!((other.value(found), other.truths(found)), (one.value(id), one.truths(id)));
    }
    assert_eq!(one.find(0), None);
}
