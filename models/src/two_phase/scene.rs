//! Who says what to whom, and the parts of what must be true.

use super::{ABORT, Action, COMMIT, COORDINATOR, Decision, MOST, Phase, State, TwoPhase, acknowledgement, given_up};
use crate::parts::each;
use proofmark_vocabulary::{BitSet, Clause, Fault, Message, Scene, Value};

/// The kinds of action, the names of the specification.
pub(super) const KINDS: &[&str] = &[
    "TMRcvPrepared",
    "TMCommit",
    "TMAbort",
    "RMPrepare",
    "RMChooseToAbort",
    "RMRcvCommitMsg",
    "RMRcvAbortMsg",
    "TMEnd",
    "TMAnswer",
    "TMCrash",
    "TMRestart",
    "RMCrash",
    "RMRestart",
];

/// The coordinator, then the participants.
pub(super) fn processes(m: &TwoPhase) -> Vec<String> {
    let participants = (0..m.participants).map(|p| format!("participant {p}"));
    std::iter::once("coordinator".into()).chain(participants).collect()
}

/// What an action adds to the messages is sent, and what it finds among them is received: again, if it was before.
pub(super) fn of(m: &TwoPhase, before: &State, action: Action, after: &State) -> Scene {
    let read: BitSet = match action {
        Action::TmRcvPrepared(p) => BitSet::new().with(p),
        Action::RmRcvCommitMsg(_) => BitSet::new().with(COMMIT),
        Action::RmRcvAbortMsg(_) => BitSet::new().with(ABORT),
        Action::TmEnd => (0..m.participants).map(acknowledgement).collect(),
        _ => BitSet::new(),
    };
    let fault = match action {
        Action::Crash(_) => Some(Fault::Crash),
        Action::Restart(_) => Some(Fault::Restart),
        _ => None,
    };
    let added = after.msgs.iter().filter(|&message| !before.msgs.contains(message));
    Scene {
        sent: added.map(arrow).collect(),
        received: read.intersection(&before.msgs).iter().map(arrow).collect(),
        fault,
        ..Scene::at(line(action.node()))
    }
}

const fn line(node: usize) -> usize {
    if node == COORDINATOR { 0 } else { node + 1 }
}

/// A message by its number. A decision is for everybody.
fn arrow(number: usize) -> Message {
    let coordinator = line(COORDINATOR);
    let (from, to, text) = match number {
        COMMIT => (coordinator, None, "Commit"),
        ABORT => (coordinator, None, "Abort"),
        said if said >= MOST => (line(said - MOST), Some(coordinator), "Acknowledged"),
        p => (line(p), Some(coordinator), "Prepared"),
    };
    Message { from, to, text: text.into() }
}

/// The parts of the claims, each of a participant.
pub(super) fn clauses(m: &TwoPhase, claim: &str, s: &State) -> Vec<Clause> {
    let (phase, votes) = (|p| s.rm_state.get(p), |p| s.msgs.contains(p));
    let all = |what: &str, holds: &dyn Fn(usize) -> bool| {
        each(m.participants, |p| (format!("participant {p} {what}"), holds(p)))
    };
    let some = |found: Phase| m.some(s, |phase| phase == found);
    let has = |found: Phase| all(&format!("has {}", found.name()), &|p| phase(p) == found);
    let decided = |what: &str, holds| vec![Clause::new(format!("the coordinator has decided {what}"), holds)];
    match claim {
        "AC1 agreement" => {
            all("contradicts no other's decision", &|p| phase(p).opposite().is_none_or(|opposite| !some(opposite)))
        }
        "AC3 commit validity" => {
            let committed = matches!(s.tm_state, Decision::Committed | Decision::Ended) || some(Phase::Committed);
            all("has voted yes if there is a commit", &|p| votes(p) || !committed)
        }
        "AC3 abort validity" => all("aborts after a yes only if the coordinator has", &|p| {
            !votes(p) || phase(p) != Phase::Aborted || s.tm_state == Decision::Aborted
        }),
        "log forgets safely" => all("has committed if the commit is forgotten", &|p| {
            s.tm_state != Decision::Ended || phase(p) == Phase::Committed
        }),
        "can commit" => has(Phase::Committed),
        "can abort by vote" => [decided("nothing", s.tm_state == Decision::Open), has(Phase::Aborted)].concat(),
        "can abort by timeout" => [all("has voted yes", &votes), has(Phase::Aborted)].concat(),
        "can be in doubt" => {
            let is_prepared = all("is prepared", &|p| phase(p) == Phase::Prepared);
            [decided("something", s.tm_state != Decision::Open), is_prepared].concat()
        }
        "AC4" => {
            let given_up = given_up(m, s);
            all("has committed, or somebody has given up", &|p| given_up || phase(p) == Phase::Committed)
        }
        "AC5 termination" | "non-blocking" => all("has decided", &|p| phase(p).is_final()),
        _ => Vec::new(),
    }
}

/// The kinds of action that the constants leave out.
pub(super) fn switched_off(m: &TwoPhase) -> Vec<&'static str> {
    if m.crashes { Vec::new() } else { KINDS[7..].to_vec() }
}

/// The kind of an action.
pub(super) const fn kind(action: &Action) -> usize {
    match action {
        Action::TmRcvPrepared(_) => 0,
        Action::TmCommit => 1,
        Action::TmAbort => 2,
        Action::RmPrepare(_) => 3,
        Action::RmChooseToAbort(_) => 4,
        Action::RmRcvCommitMsg(_) => 5,
        Action::RmRcvAbortMsg(_) => 6,
        Action::TmEnd => 7,
        Action::TmAnswer => 8,
        Action::Crash(COORDINATOR) => 9,
        Action::Restart(COORDINATOR) => 10,
        Action::Crash(_) => 11,
        Action::Restart(_) => 12,
    }
}

/// The action in words.
pub(super) fn words(action: &Action) -> String {
    match action {
        Action::TmRcvPrepared(p) => format!("the coordinator counts the yes of participant {p}"),
        Action::TmCommit => "the coordinator decides to commit and tells all".into(),
        Action::TmAbort => "the coordinator decides to abort and tells all".into(),
        Action::RmPrepare(p) => format!("participant {p} votes yes and is prepared"),
        Action::RmChooseToAbort(p) => format!("participant {p} refuses and aborts"),
        Action::RmRcvCommitMsg(p) => format!("participant {p} is told to commit"),
        Action::RmRcvAbortMsg(p) => format!("participant {p} is told to abort"),
        Action::TmEnd => "the coordinator forgets the commit that all have acknowledged".into(),
        Action::TmAnswer => "the coordinator tells who asks that it knows of no commit".into(),
        Action::Crash(COORDINATOR) => "the coordinator crashes".into(),
        Action::Restart(COORDINATOR) => "the coordinator restarts".into(),
        Action::Crash(p) => format!("participant {p} crashes"),
        Action::Restart(p) => format!("participant {p} restarts"),
    }
}

/// The state as named fields.
pub(super) fn value(m: &TwoPhase, s: &State) -> Value {
    let decision = match s.tm_state {
        Decision::Open => "init",
        Decision::Committed => "committed",
        Decision::Aborted => "aborted",
        Decision::Ended => "ended",
    };
    let message = |number| match number {
        COMMIT => Value::from("Commit"),
        ABORT => Value::from("Abort"),
        other if other >= MOST => Value::Variant("Acknowledged".into(), Box::new((other - MOST).into())),
        p => Value::Variant("Prepared".into(), Box::new(p.into())),
    };
    let node = |n: usize| if n == COORDINATOR { Value::from("coordinator") } else { n.into() };
    Value::record([
        ("rm_state", Value::list(s.rm_state.values(m.participants).map(Phase::name))),
        ("tm_state", decision.into()),
        ("tm_prepared", s.tm_prepared.into()),
        ("msgs", Value::set(s.msgs.iter().map(message))),
        ("down", Value::set(s.down.iter().map(node))),
    ])
}
