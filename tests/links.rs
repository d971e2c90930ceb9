//! The links of every system: what they say of sound code, of every mutant, and of traces that others wrote.

use proofmark::registry;
use proofmark_harness::conform::{ConformVerdict, Conformance};
use proofmark_harness::interleave::Runner;
use proofmark_harness::links::{Link, Plan};
use proofmark_harness::mutants;
use proofmark_harness::registry::SystemRow;
use proofmark_vocabulary::Profile;
use proptest::prelude::*;
use serde_json::Value;

const SEEDS: u64 = 150;

fn plan() -> Plan<'static> {
    Plan { seeds: 0..SEEDS, ..Plan::default() }
}

/// No false alarm, and nothing that was to be seen is unseen: every action of the model, every fault.
#[test]
fn sound_code_conforms() {
    for system in registry().systems() {
        let runs = system.links.simulate(&plan(), &[Link::L2, Link::L5], &()).unwrap();
        let driven = system.links.drive(&plan(), &()).unwrap();
        for (found, kept) in runs.into_iter().chain([driven]) {
            let place = format!("{} by {}: {:?}", system.name, found.link, found.divergence);
            assert_eq!(found.verdict, ConformVerdict::Ok, "{place}");
            assert!(kept.is_none(), "{place}");
        }
    }
}

/// Each mutant of the code is reported by exactly the links and the evidence that it names.
#[test]
fn every_mutant_is_noticed_as_it_says() {
    for system in registry().systems() {
        for mutant in &system.cluster.mutants {
            let results = mutants::judge_by_links(system, mutant, 1, &()).unwrap().unwrap();
            for result in &results {
                let place = format!("{} by {}: {:?}, by {:?}", result.mutant, result.link, result.verdict, result.by);
                assert!(result.foreseen, "{place}");
            }
            assert!(!mutant.expected.is_empty(), "no link notices {}", mutant.name);
        }
    }
}

/// Concurrent code is sound in every interleaving, of which there are as many as were recorded.
#[test]
fn sound_interleavings_conform() {
    for system in registry().systems() {
        let cases: Vec<_> = system.cases().into_iter().filter(|case| case.profile == Profile::Ci).collect();
        let found = runner().run(system.name, &cases, None, &()).unwrap();
        assert_eq!(found.len(), cases.len());
        for case in found {
            assert_eq!(case.verdict, ConformVerdict::Ok, "{} of {}: {:?}", case.case, system.name, case.why);
            assert!(!case.differs_from_record(), "{} of {}: {}", case.case, system.name, case.interleavings);
        }
    }
}

/// L6 says of each mutant what the mutant names beforehand.
#[test]
fn every_mutant_is_noticed_by_its_cases() {
    for system in registry().systems() {
        for mutant in &system.cluster.mutants {
            if let Some(result) = mutants::judge_by_cases(system, mutant, false, &runner(), &()).unwrap() {
                assert!(result.foreseen, "{}: {:?}, by {:?}", result.mutant, result.verdict, result.by);
            }
        }
    }
}

/// Cases run in child processes of the program, whose registry is the same.
fn runner() -> Runner {
    Runner::new(env!("CARGO_BIN_EXE_proofmark").into())
}

fn recorded(system: &SystemRow, seed: u64) -> String {
    system.links.record(&plan(), seed).unwrap()
}

fn judged(system: &SystemRow, lines: &[String]) -> Result<Conformance, String> {
    system.links.validate("trace", &(lines.join("\n") + "\n")).map_err(|error| error.to_string())
}

fn lines(text: &str) -> Vec<String> {
    text.lines().map(ToOwned::to_owned).collect()
}

/// A trace with many faults of the two-phase commit.
fn two_phase() -> (proofmark_harness::registry::Registry, Vec<String>) {
    let registry = registry();
    let text = recorded(registry.find_system("two-phase-commit").unwrap(), 5);
    (registry, lines(&text))
}

/// The same seed gives the same bytes, and its trace is explained.
#[test]
fn a_recorded_run_is_explained() {
    let registry = registry();
    for system in registry.systems() {
        for seed in 0..20 {
            let text = recorded(system, seed);
            assert_eq!(text, recorded(system, seed), "seed {seed}");
            let found = judged(system, &lines(&text)).unwrap();
            assert_eq!(found.verdict, ConformVerdict::Ok, "seed {seed}: {:?}", found.divergence);
            assert_eq!(found.steps as usize, text.lines().count() - 2);
        }
    }
}

/// What was damaged is refused, and the error names the line and the field.
#[test]
fn damaged_traces_are_refused() {
    let (registry, sound) = two_phase();
    let system = registry.find_system("two-phase-commit").unwrap();
    // The first line from `at` on that has `from`, with `to` in its place.
    let damaged = |at: usize, from: &str, to: &str, field: &'static str| {
        let mut lines = sound.clone();
        let at = at + lines[at..].iter().position(|line| line.contains(from)).expect("some line has it");
        lines[at] = lines[at].replacen(from, to, 1);
        (judged(system, &lines).unwrap_err(), at + 1, field)
    };
    let last = sound.len() - 1;
    for (error, line, field) in [
        damaged(0, "\"trace\":1", "\"trace\":2", "trace"),
        damaged(0, "\"constants\"", "\"constant\"", "constant"),
        damaged(0, "\"participants\":", "\"participants\":9", "constants"),
        damaged(4, "\"sent\"", "\"snet\"", "snet"),
        damaged(4, "\"seq\":", "\"seq\":-", "seq"),
        damaged(3, "tm_state", "tm_stat", "tm_stat"),
        damaged(last, "\"events\":", "\"events\":1", "events"),
        damaged(last, "\"checksum\":\"", "\"checksum\":\"0", "checksum"),
        (judged(system, &sound[..last]).unwrap_err(), last, "end"),
    ] {
        assert!(error.contains(&format!("trace:{line}:")), "line {line}: {error}");
        assert!(
            error.contains(&format!("field `{field}`")) || error.contains(&format!("`{field}`")),
            "{field}: {error}"
        );
    }
    let mut shorter = sound.clone();
    shorter.remove(7);
    assert!(judged(system, &shorter).unwrap_err().contains("field `events`"));
}

/// The sum of the lines' hashes takes any order; an effect that stands before its cause is found all the same.
#[test]
fn an_effect_before_its_cause_is_a_divergence() {
    let (registry, sound) = two_phase();
    let system = registry.find_system("two-phase-commit").unwrap();
    let parsed: Vec<Value> = sound.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    let mut moved = 0;
    for (at, line) in parsed.iter().enumerate() {
        let Some(received) = line["event"].get("Receive") else { continue };
        let sends = |line: &Value| line["sent"].as_array().is_some_and(|sent| sent.contains(received));
        let Some(cause) = parsed.iter().position(sends) else { continue };
        let mut lines = sound.clone();
        let effect = lines.remove(at);
        lines.insert(cause, effect);
        let found = judged(system, &lines).unwrap();
        assert_eq!(found.verdict, ConformVerdict::Diverged, "line {at} before line {cause}");
        let divergence = found.divergence.unwrap();
        assert!(["received", "order"].contains(&divergence.evidence.as_str()), "{divergence:?}");
        assert!(divergence.event.unwrap().contains("receives from"));
        moved += 1;
    }
    assert!(moved > 20, "{moved}");
}

/// With a last line that counts and sums up what is left, and still says how much each node had recorded.
fn sealed(mut lines: Vec<String>) -> Vec<String> {
    let last: Value = serde_json::from_str(&lines.pop().unwrap()).unwrap();
    let nodes = serde_json::from_value(last["end"]["nodes"].clone()).unwrap();
    let text = lines.join("\n") + "\n";
    lines.push(proofmark_harness::trace::footer(&text, nodes));
    lines
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// Lines that were lost, of any nodes and in any number, are inferred: what is left is explained.
    #[test]
    fn lost_lines_are_inferred(seed in 0..40_u64, lost in prop::collection::vec(any::<prop::sample::Index>(), 1..6)) {
        let registry = registry();
        let system = registry.find_system("two-phase-commit").unwrap();
        let mut lines = lines(&recorded(system, seed));
        for index in lost {
            let events = lines.len() - 2;
            if events > 10 {
                lines.remove(1 + index.index(events));
            }
        }
        let found = judged(system, &sealed(lines)).unwrap();
        prop_assert_eq!(found.verdict, ConformVerdict::Ok, "{:?}", found.divergence);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10))]

    /// The same of a system of one node, which then can have done whatever its model allows.
    #[test]
    fn a_lost_line_of_a_single_node_is_inferred(seed in 0..40_u64, lost in any::<prop::sample::Index>()) {
        let registry = registry();
        let system = registry.find_system("lock-table").unwrap();
        let mut lines = lines(&recorded(system, seed));
        lines.remove(1 + lost.index(lines.len() - 2));
        let found = judged(system, &sealed(lines)).unwrap();
        prop_assert_eq!(found.verdict, ConformVerdict::Ok, "{:?}", found.divergence);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// Whatever is in the file, it is judged or refused: no panic.
    #[test]
    fn no_damaged_trace_is_a_panic(
        damage in prop::collection::vec((any::<prop::sample::Index>(), 0..4_u8, any::<u8>()), 1..6),
    ) {
        thread_local! {
            static SOUND: String = two_phase().1.join("\n");
        }
        let mut text = SOUND.with(Clone::clone).into_bytes();
        for (place, how, byte) in damage {
            let at = place.index(text.len());
            match how {
                0 => text[at] = byte,
                1 => drop(text.remove(at)),
                2 => text.insert(at, b"0123456789,:[]{}\"n\n"[usize::from(byte) % 19]),
                _ => text.truncate(at.max(1)),
            }
        }
        let registry = registry();
        let system = registry.find_system("two-phase-commit").unwrap();
        let _ = system.links.validate("trace", &String::from_utf8_lossy(&text));
    }
}
