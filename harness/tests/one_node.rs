//! The links of code inside one process: a node without messages, records or timers, of which clients ask at any time.

mod mutex;

use mutex::{MUTEX, MutexModel, Mutexes, Operation, Request};
use proofmark_harness::check::Options;
use proofmark_harness::cluster::{Cluster, Event};
use proofmark_harness::conform::{ConformVerdict, Conformance};
use proofmark_harness::judgement::Verdict;
use proofmark_harness::links::{EXPLAINED, LINEARIZABLE, Link, Plan};
use proofmark_harness::mutants::{self, MutantVerdict};
use proofmark_harness::registry::{Registry, SystemRow};
use proofmark_harness::replay::Replay;
use proofmark_harness::trace;
use proofmark_vocabulary::{Describe, Model};
use serde_json::Value;

fn registry() -> Registry {
    Registry::new().model::<MutexModel>().system::<Mutexes>()
}

fn system(registry: &Registry) -> &SystemRow {
    registry.find_system("mutex").unwrap()
}

fn plan() -> Plan<'static> {
    Plan { seeds: 0..60, shrink: true, ..Plan::default() }
}

/// What a node cannot be asked for is no event, and what it can be asked for may be asked again and again.
#[test]
fn clients_ask_for_what_is_possible_at_any_time() {
    let cluster = Cluster::of(Mutexes { clients: 2, simulated: false, bug: None });
    let ask = |client, operation| Event::Request(MUTEX, Request { client, operation });
    let listed = |state: &_| {
        let mut events = Vec::new();
        cluster.actions(state, &mut events);
        events
    };
    let start = cluster.init_states().remove(0);
    assert_eq!(listed(&start), [ask(0, Operation::Lock), ask(1, Operation::Lock)]);
    assert_eq!(cluster.next_state(&start, ask(0, Operation::Unlock)), None);
    assert_eq!(cluster.next_state(&start, ask(2, Operation::Lock)), None, "there is no such client");
    let held = cluster.next_state(&start, ask(0, Operation::Lock)).unwrap();
    assert_eq!(listed(&held), [ask(0, Operation::Unlock), ask(1, Operation::Lock)]);
    let again = cluster.next_state(&held, ask(0, Operation::Unlock)).unwrap();
    assert_eq!(again, start, "neither requests nor replies are counted");
    assert_eq!(cluster.switched_off(), ["Receive", "Fire", "Crash", "Restart", "Torn"]);
}

#[test]
fn sound_code_is_explored_and_conforms() {
    let registry = registry();
    let system = system(&registry);
    let case = system.cluster.case(None, &[], None).unwrap();
    let explored = case.check(&Options::default(), &()).unwrap();
    assert_eq!(explored.verdict, Verdict::Ok, "{:?}", explored.vacuities);
    let counts = case.bound.counts.unwrap();
    assert_eq!(
        (explored.generated, explored.distinct, explored.depth),
        (counts.generated, counts.distinct, counts.depth)
    );
    let conforms = Conformance::of_clusters("mutex", &[explored]);
    assert_eq!((conforms.verdict, conforms.unwitnessed.as_slice()), (ConformVerdict::Ok, &[][..]));

    let of_runs = system.links.simulate(&plan(), &[Link::L2, Link::L5], &()).unwrap();
    let driven = system.links.drive(&plan(), &()).unwrap();
    for (found, _) in of_runs.into_iter().chain([driven]) {
        assert_eq!(found.verdict, ConformVerdict::Ok, "{}: {:?} {:?}", found.link, found.divergence, found.unwitnessed);
        assert!(
            found.steps >= 40 && found.fired.is_empty(),
            "{}: {} steps, {:?}",
            found.link,
            found.steps,
            found.fired
        );
    }
}

/// Each bug is noticed by the links that it names, by nothing else, and its counterexample is made small and replayed.
#[test]
fn every_bug_is_noticed_as_it_says() {
    let registry = registry();
    let system = system(&registry);
    for mutant in &system.cluster.mutants {
        let case = mutants::case(&system.cluster, mutant).unwrap();
        let explored = mutants::judge(&system.cluster, mutant, &case, &Options::default(), &()).unwrap();
        let by_links = mutants::judge_by_links(system, mutant, 1, &()).unwrap();
        for result in explored.into_iter().chain(by_links.into_iter().flatten()) {
            let place = format!("{} by {}: {:?}, by {:?}", result.mutant, result.link, result.verdict, result.by);
            assert!(result.foreseen, "{place}");
            if result.verdict == MutantVerdict::Killed && [Link::L2, Link::L5].contains(&result.link) {
                let least = if mutant.name == "last-first" { 4 } else { 2 };
                assert_eq!(result.events, Some(least), "{place}");
            }
        }
    }
    for (name, property) in [("last-first", EXPLAINED), ("told-too-early", LINEARIZABLE)] {
        let plan = Plan { mutant: Some(name), ..plan() };
        let runs = system.links.simulate(&plan, &[Link::L2, Link::L5], &()).unwrap();
        let saved = runs.into_iter().find_map(|(_, kept)| kept).unwrap().1;
        assert_eq!(saved.property, property);
        let set: Vec<_> = saved.constants.iter().map(|(name, value)| (name.clone(), value.to_string())).collect();
        let replay = |mutant| system.cluster.case(None, &set, mutant).unwrap().subject.rerun(&saved);
        assert!(matches!(replay(Some(name)), Replay::Reproduced(_)), "{:?}", replay(Some(name)));
        assert!(!matches!(replay(None), Replay::Reproduced(_)), "{:?}", replay(None));
    }
}

/// A trace of such a system is judged like any other: what is lost is inferred, what is changed is found.
#[test]
fn traces_are_judged() {
    let registry = registry();
    let system = system(&registry);
    for seed in 0..10 {
        let text = system.links.record(&plan(), seed).unwrap();
        let judged = |lines: &[&str]| system.links.validate("trace", &sealed(lines)).unwrap();
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(judged(&lines).verdict, ConformVerdict::Ok);
        let last = lines.len() - 1;
        for lost in 1..last {
            let found = judged(&[&lines[..lost], &lines[(lost + 3).min(last)..]].concat());
            assert_eq!(found.verdict, ConformVerdict::Ok, "seed {seed}, without line {lost}: {:?}", found.divergence);
        }
        let is_changed = |line: &&str| line.contains("Lock") && line.contains("\"queue\":[1]");
        let waits = lines.iter().position(is_changed).unwrap();
        let changed = lines[waits].replace("\"queue\":[1]", "\"queue\":[9]");
        let found = judged(&[&lines[..waits], &[changed.as_str()], &lines[waits + 1..]].concat());
        assert_eq!(found.verdict, ConformVerdict::Diverged);
        assert_eq!(found.divergence.unwrap().evidence, "queue");
    }
}

/// With a last line that sums up what is left, and still says how much was recorded.
fn sealed(lines: &[&str]) -> String {
    let (last, rest) = lines.split_last().unwrap();
    let last: Value = serde_json::from_str(last).unwrap();
    let nodes = serde_json::from_value(last["end"]["nodes"].clone()).unwrap();
    let text = rest.join("\n") + "\n";
    let footer = trace::footer(&text, nodes);
    text + &footer + "\n"
}
