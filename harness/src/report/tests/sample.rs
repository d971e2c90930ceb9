//! Runs made up by hand, with one of everything that a report can say.

use crate::check::{Counterexample, Step};
use crate::judgement::{JudgedAction, JudgedProperty, Judgement, KeptCounterexample, PropertyVerdict, Verdict};
use crate::links::Link;
use crate::mutants::{MutantResult, MutantVerdict};
use crate::place::Place;
use crate::report::{Checked, Conclusion, Machine, Report, Run};
use proofmark_vocabulary::{Counts, Value};
use std::collections::BTreeMap;

/// Two models, all well.
pub(super) fn sound() -> Report {
    Report {
        run: run("proofmark verify --report target/report", &[]),
        checks: vec![transaction(), two_phase(3), naive_lock()],
        mutants: vec![killed()],
    }
}

/// One of everything that can go wrong.
pub(super) fn mixed() -> Report {
    Report {
        run: run("proofmark check --all --timeout 60s --report target/report", &["--timeout 60s"]),
        checks: vec![miscounted(), two_phase(9), mutated(), naive_lock(), incomplete(), vacuous(), plain()],
        mutants: vec![killed(), wrong_evidence(), survived(), undecided()],
    }
}

/// All well, as far as it went.
pub(super) fn interrupted() -> Report {
    let mut report = sound();
    report.run.undone = Some("1 of 4 bounds and 2 of 3 mutants were not checked".into());
    report
}

/// An oracle that does not judge every property.
pub(super) fn partly_judged() -> Report {
    let mut report = sound();
    report.checks.truncate(1);
    report.checks[0].judgement.engine = "stateright";
    report.checks[0].judgement.verdict = Verdict::Incomplete;
    report.checks[0].judgement.properties[0].verdict = PropertyVerdict::Unknown;
    report
}

pub(super) fn nothing() -> Report {
    Report { run: run("proofmark verify", &[]), checks: Vec::new(), mutants: Vec::new() }
}

pub(super) fn conclusion_of(check: &Checked) -> Conclusion {
    match check.judgement.verdict {
        Verdict::Ok => Conclusion::Ok,
        Verdict::Vacuous => Conclusion::Vacuous,
        Verdict::Incomplete => Conclusion::Incomplete,
        Verdict::Violated => Conclusion::Violated,
    }
}

fn run(command: &str, options: &[&str]) -> Run {
    Run {
        program: "proofmark".into(),
        command: command.into(),
        version: "0.1.0".into(),
        started: "2026-01-02 03:04 UTC".into(),
        seconds: 4.2,
        machine: Machine { cores: 2, system: "linux x86_64".into() },
        options: options.iter().map(ToString::to_string).collect(),
        undone: None,
    }
}

fn judgement(model: &str, bound: &str) -> Judgement {
    Judgement {
        model: model.into(),
        bound: bound.into(),
        constants: BTreeMap::new(),
        engine: "native",
        threads: 2,
        mutant: None,
        symmetry: false,
        verdict: Verdict::Ok,
        complete: true,
        cut: None,
        interrupted: false,
        generated: 94,
        distinct: 34,
        depth: 7,
        left_boundary: 0,
        seconds: 0.000_4,
        peak_memory_bytes: 9 << 20,
        collision_probability: 3.1e-17,
        properties: Vec::new(),
        actions: Vec::new(),
        vacuities: Vec::new(),
    }
}

fn participants(number: i64) -> BTreeMap<String, Value> {
    [("participants".to_owned(), Value::Integer(number))].into()
}

fn property(name: &str, kind: &'static str, verdict: PropertyVerdict) -> JudgedProperty {
    let witnessed = BTreeMap::new();
    JudgedProperty { name: name.into(), kind, verdict, stated: None, counterexample: None, witnessed }
}

fn fails(
    name: &str,
    kind: &'static str,
    verdict: PropertyVerdict,
    id: &str,
    behaviour: Counterexample,
) -> JudgedProperty {
    let counterexample = Some(KeptCounterexample { id: id.into(), behaviour });
    JudgedProperty { counterexample, ..property(name, kind, verdict) }
}

fn action(name: &'static str, generated: u64, distinct: impl Into<Option<u64>>) -> JudgedAction {
    JudgedAction { name, generated, distinct: distinct.into() }
}

fn step(action: Option<&str>, state: Value) -> Step {
    Step { action: action.map(ToOwned::to_owned), kind: None, state }
}

fn transaction() -> Checked {
    Checked {
        judgement: Judgement {
            constants: participants(3),
            properties: vec![
                property("AC1 agreement", "always", PropertyVerdict::Holds),
                property("can commit", "can", PropertyVerdict::Holds),
            ],
            actions: vec![action("Prepare", 42, 15), action("Decide", 52, 18)],
            ..judgement("transaction-commit", "ci")
        },
        about: "Gray and Lamport, Consensus on Transaction Commit (TODS 2006), section 2: participants commit all or abort all.".into(),
        purpose: "The size that the paper's authors check.".into(),
        constants: participants(3),
        recorded: Some(Counts { generated: 94, distinct: 34, depth: 7 }),
    }
}

/// The model found one state fewer than when its counts were recorded.
fn miscounted() -> Checked {
    let mut check = transaction();
    check.judgement.distinct -= 1;
    check
}

fn two_phase(number: i64) -> Checked {
    let large = number == 9;
    Checked {
        judgement: Judgement {
            constants: participants(number),
            generated: if large { 123_558_402 } else { 1_146 },
            distinct: if large { 10_340_352 } else { 288 },
            depth: 11,
            seconds: if large { 3.1 } else { 0.000_8 },
            peak_memory_bytes: if large { 412 << 20 } else { 9 << 20 },
            collision_probability: if large { 2.9e-6 } else { 2.2e-15 },
            properties: vec![
                property("AC1 agreement", "always", PropertyVerdict::Holds),
                property("AC2 stability", "step", PropertyVerdict::Holds),
                property("every vote is decided upon", "leads-to", PropertyVerdict::Holds),
                property("implements transaction commit", "refinement", PropertyVerdict::Holds),
            ],
            actions: vec![action("Prepare", 300, 96), action("Count", 246, 93), action("Decide", 600, 99)],
            ..judgement("two-phase-commit", "textbook")
        },
        about: "Gray and Lamport, Consensus on Transaction Commit (TODS 2006), section 3.".into(),
        purpose: "The count that TLC publishes for this specification.".into(),
        constants: participants(3),
        recorded: Some(Counts { generated: 1_146, distinct: 288, depth: 11 }),
    }
}

fn mutated() -> Checked {
    let state = |prepared: &[i64], decision: &str, outcome: [&str; 3]| {
        Value::record([
            ("prepared", Value::set(prepared.iter().copied())),
            ("decision", decision.into()),
            ("outcome", Value::list(outcome)),
        ])
    };
    let behaviour = Counterexample {
        steps: vec![
            step(None, state(&[], "none", ["working", "working", "working"])),
            step(Some("participant 1 votes yes"), state(&[1], "none", ["working", "prepared", "working"])),
            step(Some("the coordinator resends its question"), state(&[1], "none", ["working", "prepared", "working"])),
            step(Some("the coordinator decides to commit"), state(&[1], "commit", ["working", "prepared", "working"])),
            step(Some("participant 0 aborts on its own"), state(&[1], "commit", ["aborted", "prepared", "working"])),
        ],
        back_to: None,
        explanation: Some("participant 0 aborted and the decision is commit".into()),
    };
    let mut check = two_phase(3);
    check.judgement = Judgement {
        mutant: Some("commit-on-majority".into()),
        engine: "stateright",
        verdict: Verdict::Violated,
        properties: vec![
            JudgedProperty {
                stated: Some(Place { file: "models/src/two_phase.rs".into(), line: Some(227) }),
                ..fails("AC1 agreement", "always", PropertyVerdict::Violated, "two-phase-commit-0f3a", behaviour)
            },
            property("AC2 stability", "step", PropertyVerdict::Unknown),
        ],
        actions: vec![action("Prepare", 300, None), action("Decide", 600, None)],
        ..check.judgement
    };
    check
}

fn naive_lock() -> Checked {
    let state = |holder: &str, waiting: &[&str]| {
        Value::record([("holder", holder.into()), ("waiting", Value::set(waiting.iter().copied()))])
    };
    let starves = Counterexample {
        steps: vec![
            step(None, state("none", &[])),
            step(Some("session b asks for the lock"), state("none", &["b"])),
            step(Some("session a takes the lock"), state("a", &["b"])),
            step(Some("session a lets go"), state("none", &["b"])),
        ],
        back_to: Some(1),
        explanation: None,
    };
    Checked {
        judgement: Judgement {
            generated: 22,
            distinct: 8,
            depth: 4,
            left_boundary: 6,
            properties: vec![
                property("mutual exclusion", "always", PropertyVerdict::Holds),
                fails("no starvation", "leads-to", PropertyVerdict::Expected, "naive-lock-77b1", starves),
            ],
            actions: vec![action("Ask", 9, 3), action("Take", 8, 4), action("Release", 5, 0)],
            ..judgement("naive-lock", "ci")
        },
        about: "The lock that articles teach. It exists to show how it fails.".into(),
        purpose: "Two sessions are enough to starve one.".into(),
        constants: BTreeMap::new(),
        recorded: None,
    }
}

fn incomplete() -> Checked {
    Checked {
        judgement: Judgement {
            verdict: Verdict::Incomplete,
            complete: false,
            cut: Some("the time limit of 60s was reached".into()),
            symmetry: true,
            generated: 1_800_000_000,
            distinct: 211_000_000,
            depth: 23,
            seconds: 60.0,
            peak_memory_bytes: 6 << 30,
            collision_probability: 0.0012,
            properties: vec![
                property("only one value is chosen", "always", PropertyVerdict::Unknown),
                property("can choose", "can", PropertyVerdict::Holds),
            ],
            actions: vec![action("Prepare", 900_000_000, 100_000_000), action("Forget", 0, 0)],
            ..judgement("paxos", "deep")
        },
        about: "Lamport, Paxos Made Simple (2001).".into(),
        purpose: "Five acceptors, three ballots.".into(),
        constants: BTreeMap::new(),
        recorded: Some(Counts { generated: 1, distinct: 1, depth: 1 }),
    }
}

fn vacuous() -> Checked {
    Checked {
        judgement: Judgement {
            verdict: Verdict::Vacuous,
            properties: vec![property("can choose", "can", PropertyVerdict::Unmet)],
            actions: vec![action("Vote", 94, 33), action("Choose", 0, 0)],
            vacuities: vec!["no state satisfies `can choose`".into(), "the action `Choose` never fired".into()],
            ..judgement("voting", "ci")
        },
        about: String::new(),
        purpose: String::new(),
        constants: BTreeMap::new(),
        recorded: None,
    }
}

fn plain() -> Checked {
    let state = |msgs: &str| Value::Text(format!("TwoPhaseState {{\n    tm_state: Init,\n    msgs: {msgs},\n}}"));
    let behaviour = Counterexample {
        steps: vec![step(None, state("{}")), step(Some("RmPrepare(0)"), state("{Prepared { rm: 0 }}"))],
        back_to: Some(1),
        explanation: None,
    };
    Checked {
        judgement: Judgement {
            verdict: Verdict::Violated,
            properties: vec![fails("decides", "eventually", PropertyVerdict::Violated, "mine-a1", behaviour)],
            ..judgement("mine", "ci")
        },
        about: String::new(),
        purpose: "The model as it is.".into(),
        constants: BTreeMap::new(),
        recorded: None,
    }
}

fn mutant(name: &str, verdict: MutantVerdict, by: Option<&str>, lesson: &str) -> MutantResult {
    MutantResult {
        target: "two-phase-commit".into(),
        mutant: name.into(),
        link: Link::Model,
        property: "AC1 agreement".into(),
        lesson: lesson.into(),
        bound: "ci".into(),
        verdict,
        foreseen: verdict == MutantVerdict::Killed,
        by: by.map(ToOwned::to_owned),
        events: None,
        seeds: Vec::new(),
        seconds: 0.002,
    }
}

fn killed() -> MutantResult {
    mutant(
        "commit-on-majority",
        MutantVerdict::Killed,
        Some("AC1 agreement"),
        "Two-phase commit is unanimous: a majority of votes decides nothing.",
    )
}

fn wrong_evidence() -> MutantResult {
    mutant("decide-twice", MutantVerdict::WrongEvidence, Some("AC2 stability"), "A decision is final.")
}

fn survived() -> MutantResult {
    mutant("forget-vote", MutantVerdict::Survived, None, "What a crash forgets was never promised.")
}

fn undecided() -> MutantResult {
    mutant("drop-guard-undecided", MutantVerdict::Incomplete, None, "A guard that is dropped must be missed.")
}
