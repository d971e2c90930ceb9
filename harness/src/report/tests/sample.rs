//! Runs made up by hand, with one of everything that a report can say.

use crate::check::{Counterexample, Step};
use crate::conform::{ConformVerdict, Conformance, FoundDivergence};
use crate::history::{Drawing, History, Linearizability, Obstacle, Stuck};
use crate::interleave::CaseResult;
use crate::judgement::{JudgedAction, JudgedProperty, Judgement, KeptCounterexample, PropertyVerdict, Verdict};
use crate::links::Link;
use crate::mutants::{MutantResult, MutantVerdict, Stress};
use crate::place::Place;
use crate::report::{Checked, Conclusion, Machine, Report, Run};
use crate::sim::Fault;
use proofmark_vocabulary::{Counts, Value};
use std::collections::BTreeMap;

/// Two models, all well.
pub(super) fn sound() -> Report {
    Report {
        run: run("proofmark verify --report target/report", &[]),
        checks: vec![transaction(), two_phase(3), naive_lock()],
        conformances: conforming(),
        mutants: [vec![killed()], mutants_of_code()].concat(),
        pages: BTreeMap::new(),
    }
}

/// One of everything that can go wrong.
pub(super) fn mixed() -> Report {
    Report {
        run: run("proofmark check --all --timeout 60s --report target/report", &["--timeout 60s"]),
        checks: vec![miscounted(), two_phase(9), mutated(), naive_lock(), incomplete(), vacuous(), plain()],
        conformances: straying(),
        mutants: [
            vec![killed(), wrong_evidence(), survived(), undecided()],
            mutants_of_code(),
            unforeseen_mutants_of_code(),
        ]
        .concat(),
        pages: BTreeMap::new(),
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
    Report {
        run: run("proofmark verify", &[]),
        checks: Vec::new(),
        conformances: Vec::new(),
        mutants: Vec::new(),
        pages: BTreeMap::new(),
    }
}

pub(super) fn conclusion_of(check: &Checked) -> Conclusion {
    match check.judgement.verdict {
        Verdict::Ok => Conclusion::Ok,
        Verdict::Vacuous => Conclusion::Vacuous,
        Verdict::Incomplete => Conclusion::Incomplete,
        Verdict::Violated => Conclusion::Violated,
    }
}

pub(super) fn conclusion_of_link(found: &Conformance) -> Conclusion {
    match found.verdict {
        ConformVerdict::Ok => Conclusion::Ok,
        ConformVerdict::Vacuous => Conclusion::Vacuous,
        ConformVerdict::Incomplete => Conclusion::Incomplete,
        ConformVerdict::Violated => Conclusion::Violated,
        ConformVerdict::Diverged => Conclusion::Diverged,
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
        state_bytes: 24,
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
            state_bytes: 24,
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
            state_bytes: 24,
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
        interleavings: None,
        stress: None,
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

fn linked(link: Link, verdict: ConformVerdict, runs: usize, steps: u64) -> Conformance {
    let seconds = 0.12 * runs as f64;
    Conformance { verdict, seconds, ..Conformance::begun("two-phase-commit", link, runs, steps) }
}

fn faults(times: [u64; 4]) -> BTreeMap<Fault, u64> {
    [Fault::Loss, Fault::Duplication, Fault::Crash, Fault::TornWrite].into_iter().zip(times).collect()
}

/// Every link has seen all that there is.
fn conforming() -> Vec<Conformance> {
    let witnessed = |times: [u64; 3]| ["RMPrepare", "TMCommit", "TMCrash"].into_iter().zip(times).collect();
    vec![
        Conformance {
            witnessed: witnessed([90_211, 1_204, 311]),
            ..linked(Link::L1, ConformVerdict::Ok, 3, 1_290_211)
        },
        Conformance {
            witnessed: witnessed([583, 245, 89]),
            compared: [("rm_state", 2_445), ("tm_state", 2_256)].into(),
            fired: faults([64, 51, 19, 18]),
            ..linked(Link::L2, ConformVerdict::Ok, 300, 29_611)
        },
        Conformance {
            witnessed: witnessed([84, 4, 184]),
            left_out: [
                ("the last vote is counted and acted upon in one step", 16),
                ("who has not voted does not ask", 16),
            ]
            .into(),
            ..linked(Link::L3, ConformVerdict::Ok, 192, 98_044)
        },
        Conformance { fired: faults([64, 51, 19, 18]), ..linked(Link::L5, ConformVerdict::Ok, 300, 29_611) },
        of_cases(vec![two_waiters(), crowd()]),
    ]
}

fn of_cases(cases: Vec<CaseResult>) -> Conformance {
    Conformance::of_cases("lock-table", None, cases, 4.2)
}

fn two_waiters() -> CaseResult {
    CaseResult {
        case: "two-waiters",
        explorer: "loom",
        threads: 3,
        preemptions: Some(2),
        interleavings: 12_204,
        recorded: Some(12_204),
        histories: 31,
        verdict: ConformVerdict::Ok,
        evidence: None,
        why: None,
        seconds: 3.1,
    }
}

fn crowd() -> CaseResult {
    CaseResult {
        case: "crowd",
        explorer: "shuttle",
        threads: 8,
        preemptions: None,
        interleavings: 2_000,
        recorded: None,
        histories: 411,
        seconds: 1.1,
        ..two_waiters()
    }
}

/// A case that has more interleavings than it had, one that was cut, and one that finds a deadlock.
fn straying_cases() -> Vec<CaseResult> {
    let cut = CaseResult {
        case: "upgrade",
        preemptions: None,
        verdict: ConformVerdict::Incomplete,
        why: Some("it had not ended after 3m".into()),
        ..two_waiters()
    };
    let sleeps = CaseResult {
        case: "cancel",
        explorer: "stress",
        interleavings: 17,
        histories: 2,
        verdict: ConformVerdict::Diverged,
        evidence: Some("no thread sleeps for ever".into()),
        why: Some("deadlock; threads = [(Id(0), Blocked(Location(None))), (Id(1), Terminated)]".into()),
        seconds: 0.02,
        ..crowd()
    };
    vec![CaseResult { interleavings: 12_310, ..two_waiters() }, cut, sleeps]
}

/// A link of each verdict but *ok*, and a system that strays with a bug planted.
fn straying() -> Vec<Conformance> {
    let mut found = conforming();
    found[0].verdict = ConformVerdict::Incomplete;
    found[1] = Conformance {
        fired: faults([6, 0, 1, 2]),
        divergence: Some(FoundDivergence {
            at: "seed 12".into(),
            seed: Some(12),
            property: "the model explains every event".into(),
            evidence: "tm_state".into(),
            id: "two-phase-commit.cluster-b61fc7e02d".into(),
            event: Some("node 0 receives from 3: Yes { transaction: 0.1.0, reads: [] }".into()),
            explanation: Some(
                "in 0.1.0, if nothing happened: tm_state is committed and should be init; tm_prepared is {0, 1, 2} and \
                 should be {0}; Outcome { transaction: 0.1.0, decision: Commit } to 1 is not sent there, or if the \
                 coordinator counts the yes of participant 2: tm_state is committed and should be init; tm_prepared is \
                 {0, 1, 2} and should be {0, 2}"
                    .into(),
            ),
            events: 5,
            drawing: None,
        }),
        ..linked(Link::L2, ConformVerdict::Diverged, 13, 1_138)
    };
    found[2].witnessed.insert("TMCrash", 0);
    found[2].divergence = Some(FoundDivergence {
        at: "a step of the model".into(),
        property: "the code can do what the model can".into(),
        evidence: "TMCrash".into(),
        event: Some("no event of the code does this, from 4 states that stand for it: the coordinator crashes".into()),
        explanation: Some("it is enabled in [rm_state |-> <<prepared, working>>, tm_state |-> init]".into()),
        ..FoundDivergence::default()
    });
    found[2].verdict = ConformVerdict::Diverged;
    found[3].verdict = ConformVerdict::Violated;
    found[3].divergence = Some(FoundDivergence {
        at: "seed 28".into(),
        seed: Some(28),
        property: "clients see one object".into(),
        evidence: "clients see one object".into(),
        id: "two-phase-commit.cluster-3cb23cbe6d".into(),
        event: Some("node 0 receives from 2: Yes { transaction: 0.2.1, reads: [Some(\"0\")] }".into()),
        explanation: Some(
            "no order of the operations explains the answers: at the start, Request { ticket: 0, work: {1: [Get(\"a\")]} }, \
             answered Reply { ticket: 0, committed: Some({1: [Some(\"1\")]}) } is impossible"
                .into(),
        ),
        events: 50,
        drawing: Some(unwritten()),
    });
    found[4] = of_cases(straying_cases());
    let mut vacuous = Conformance {
        system: "lock-service".into(),
        witnessed: [("Acquire", 1_204), ("Expire", 0)].into(),
        unwitnessed: vec!["Expire"],
        fired: faults([64, 51, 19, 0]),
        ..linked(Link::L2, ConformVerdict::Vacuous, 20, 2_611)
    };
    vacuous.compared.insert("holder", 311);
    let planted = Conformance {
        mutant: Some("vote-before-sync".into()),
        divergence: Some(FoundDivergence {
            at: "ci".into(),
            property: "refines two-phase-commit".into(),
            evidence: "refines two-phase-commit".into(),
            id: "two-phase-commit.cluster-cb5cd7230e".into(),
            event: Some("node 1 crashes".into()),
            explanation: Some(
                "the specification's actions lead elsewhere: rm_state[0] is working and should be prepared;".into(),
            ),
            events: 3,
            ..FoundDivergence::default()
        }),
        ..linked(Link::L1, ConformVerdict::Diverged, 1, 55)
    };
    found.extend([vacuous, planted]);
    found
}

/// A read of what nobody has written.
fn unwritten() -> Drawing {
    let mut history = History::new();
    let write = history.invoke("Request { ticket: 1, work: {1: [Put(\"a\", \"<2>\")]} }");
    let read = history.invoke("Request { ticket: 0, work: {1: [Get(\"a\")]} }");
    history.respond(read, "Reply { ticket: 0, committed: Some({1: [Some(\"1\")]}) }");
    let next = vec![(write, Obstacle::Fruitless), (read, Obstacle::Refused)];
    let stuck = Stuck { prefix: Vec::new(), overdue: read, next };
    Drawing::of(&history, &Linearizability::NotLinearizable { stuck })
}

fn of_code(name: &str, link: Link, evidence: &str, verdict: MutantVerdict, by: Option<&str>) -> MutantResult {
    let must = if evidence.is_empty() { MutantVerdict::Survived } else { MutantVerdict::Killed };
    MutantResult {
        link,
        property: evidence.into(),
        bound: if link == Link::L3 { "the model's paths" } else { "200 seeds" }.into(),
        foreseen: verdict == must,
        events: by.map(|_| 5),
        seconds: 0.094,
        ..mutant(name, verdict, by, "What was voted for survives a crash.")
    }
}

/// What each link says of two bugs is what was foreseen.
fn mutants_of_code() -> Vec<MutantResult> {
    let kill = |name, link, by| of_code(name, link, by, MutantVerdict::Killed, Some(by));
    let miss = |name, link| of_code(name, link, "", MutantVerdict::Survived, None);
    let (first, second) = ("prepared-in-memory", "number-wraps");
    let after = |seeds: &[u64], killed| MutantResult { seeds: seeds.to_vec(), ..killed };
    vec![
        kill(first, Link::L1, "refines two-phase-commit"),
        miss(second, Link::L1),
        after(&[3, 1, 12, 2], kill(first, Link::L2, "rm_state")),
        kill(first, Link::L3, "RMCrash"),
        after(&[28], kill(first, Link::L5, "clients see one object")),
        after(&[1], kill(second, Link::L2, "tm_state")),
        miss(second, Link::L3),
        miss(second, Link::L5),
        of_code("tightened-open-to-count", Link::L2, "any divergence", MutantVerdict::Killed, Some("any divergence")),
        MutantResult {
            target: "lock-table".into(),
            bound: "the case two-waiters".into(),
            events: None,
            interleavings: Some(311),
            stress: Some(Stress { by: None, case: None, seconds: 2.0 }),
            ..kill("forgets-to-wake", Link::L6, "no thread sleeps for ever")
        },
        // That a link reports a wrong guard without owing it is foreseen too.
        MutantResult {
            foreseen: true,
            ..of_code("tightened-open-to-count", Link::L3, "", MutantVerdict::Killed, Some("TMCommit"))
        },
    ]
}

/// And of others it is not.
fn unforeseen_mutants_of_code() -> Vec<MutantResult> {
    let (first, second) = ("rollback-leaves-locks", "decision-lost-at-recovery");
    vec![
        of_code(first, Link::L1, "locks are held by the undecided", MutantVerdict::Survived, None),
        of_code(first, Link::L2, "rm_state", MutantVerdict::WrongEvidence, Some("sent")),
        of_code(first, Link::L3, "", MutantVerdict::WrongEvidence, Some("RMRestart")),
        of_code(second, Link::L5, "clients see one object", MutantVerdict::Incomplete, None),
    ]
}
