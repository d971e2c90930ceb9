//! Every counterexample that the engine finds is one that `replay` reproduces, and a mutant's is none of the
//! sound model's: two judges, one of the whole state space and one of a single behaviour.

use proofmark_harness::check::{Engine, Options};
use proofmark_harness::registry::Case;
use proofmark_harness::replay::Replay;
use proofmark_harness::store::{Saved, counterexamples};
use std::collections::BTreeSet;

fn found(case: &Case) -> Vec<Saved> {
    // Some mutants have far more states than their model, and fail long before the last.
    let options = Options { max_states: Some(20_000), ..Options::default() };
    let ours = case.check(&options, &()).unwrap();
    // What Stateright's checker finds is told from its beginning too.
    let theirs = case.check(&Options { engine: Engine::Stateright, ..options }, &()).unwrap();
    [ours, theirs].iter().flat_map(counterexamples).map(|(_, saved)| saved).collect()
}

#[test]
fn what_the_engine_finds_is_reproduced() {
    let registry = proofmark::registry();
    let mut replayed = 0;
    for row in registry.rows() {
        for bound in row.bounds.iter().filter(|bound| !bound.expected.is_empty()) {
            let case = row.case(Some(bound.name), &[], None).unwrap();
            for saved in found(&case) {
                let replay = case.subject.replay(&saved);
                assert!(matches!(replay, Replay::Reproduced(_)), "{} {}: {replay:?}", row.name, saved.property);
                replayed += 1;
            }
        }
        for mutant in &row.mutants {
            let case = row.case(None, &[], Some(mutant.name)).unwrap();
            let sound = row.case(Some(mutant.bound), &[], None).unwrap();
            for saved in found(&case) {
                let replay = case.subject.replay(&saved);
                assert!(matches!(replay, Replay::Reproduced(_)), "{} {}: {replay:?}", mutant.name, saved.property);
                replayed += 1;
                if !sound.bound.expected.contains(&saved.property.as_str()) {
                    let replay = sound.subject.replay(&saved);
                    assert!(!matches!(replay, Replay::Reproduced(_)), "{} {}", mutant.name, saved.property);
                }
            }
        }
    }
    assert!(replayed > 50, "only {replayed} counterexamples were found");
}

/// Whatever a model of ours claims, its line is found, and no other line that has its name.
#[test]
fn every_property_has_the_line_that_states_it() {
    let registry = proofmark::registry();
    let mut strange = BTreeSet::new();
    for row in registry.rows() {
        let case = row.case(None, &[], None).unwrap();
        let claims = row.bounds.iter().flat_map(|bound| row.case(Some(bound.name), &[], None).unwrap().claims());
        for claim in claims {
            let place = case.stated(claim.name, claim.kind).unwrap();
            let text = std::fs::read_to_string(&place.file).unwrap();
            let lines: Vec<_> = text.lines().collect();
            let line = place.line.map_or("", |line| lines[line - 1]);
            // A call whose arguments are long has each on a line of its own.
            let called = place.line.filter(|&at| at > 1).map_or("", |at| lines[at - 2]);
            // A claim of each of several owners or keys has its names in a list.
            let in_list = line.trim().starts_with(['"', '[']) && line.contains(&format!("{:?}", claim.name));
            let states = ["Property::", "Temporal::", "leads_to("];
            let states =
                states.iter().any(|word| line.contains(word) || called.contains(word) && called.ends_with('('));
            let states = in_list || states || line.contains("let name = ");
            if !states {
                strange.insert(format!("{place} does not state {}: {line}", claim.name));
            }
        }
    }
    assert!(strange.is_empty(), "{strange:#?}");
}
