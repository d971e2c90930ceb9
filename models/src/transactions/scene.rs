//! Who says what to whom, the state as it is shown, and the parts of what must be true.

use super::properties::{
    has_aborted, has_committed, is_aborted, is_committed, is_hindered, is_suspected, locks_its_key, may_be_forgotten,
    some_no, voted_yes,
};
use super::{Action, Entry, Kind, MOST, Phase, State, Transactions, node_of, place};
use crate::parts::each;
use proofmark_vocabulary::{Clause, Fault, Message, Scene, Value};

/// The participants, then the replicas of the coordinator. Participants and several replicas speak to one another by an
/// address in between, since no message says which of them it was.
pub(super) fn processes(m: &Transactions) -> Vec<String> {
    let participants = (0..m.participants).map(|p| format!("participant {p}"));
    let address = (m.coordinators > 1).then(|| "whoever leads".to_owned());
    participants.chain(address).chain((0..m.coordinators).map(replica)).collect()
}

fn replica(r: usize) -> String {
    format!("coordinator {r}")
}

fn line(m: &Transactions, node: usize) -> usize {
    node.checked_sub(MOST).map_or(node, |r| m.participants + usize::from(m.coordinators > 1) + r)
}

/// What an action adds to the messages is sent, and what it finds among them is received: again, if it was before.
pub(super) fn of(m: &Transactions, before: &State, action: Action, after: &State) -> Scene {
    let all = |t: usize, kind: fn(usize) -> Kind| (0..m.participants).map(move |p| kind(p).of(t)).collect();
    let read: Vec<usize> = match action {
        Action::Commit(_, t) => [all(t, Kind::Yes), all(t, Kind::Read)].concat(),
        Action::AbortOnNo(_, t) => all(t, Kind::No),
        Action::Answer(_, t) => all(t, Kind::Inquiry),
        Action::End(_, t) => all(t, Kind::Acknowledged),
        Action::Prepare(t, _) | Action::VoteReadOnly(t, _) => vec![Kind::Prepare.of(t)],
        Action::CommitAlone(t, _) => vec![Kind::OnePhase.of(t)],
        Action::ReceiveCommit(t, _) => vec![Kind::Commit.of(t)],
        Action::ReceiveAbort(t, _) => vec![Kind::Abort.of(t)],
        _ => Vec::new(),
    };
    let fault = match action {
        Action::Crash(_) => Some(Fault::Crash),
        Action::Restart(_) => Some(Fault::Restart),
        _ => None,
    };
    let sent = after.msgs.iter().filter(|&message| !before.msgs.contains(message));
    let received = read.into_iter().filter(|&message| before.msgs.contains(message));
    Scene {
        sent: sent.map(|message| arrow(m, message)).collect(),
        received: received.map(|message| arrow(m, message)).collect(),
        fault,
        ..Scene::at(line(m, action.node()))
    }
}

/// A message by its number. What the coordinator says is for everybody.
fn arrow(m: &Transactions, message: usize) -> Message {
    let leader = m.participants;
    let (t, kind) = Kind::told(message);
    let (from, to) = match kind {
        Kind::Prepare | Kind::OnePhase | Kind::Commit | Kind::Abort => (leader, None),
        Kind::Yes(p) | Kind::No(p) | Kind::Read(p) | Kind::Acknowledged(p) | Kind::Inquiry(p) => (p, Some(leader)),
    };
    Message { from, to, text: format!("{} {t}", said(kind)) }
}

const fn said(kind: Kind) -> &'static str {
    match kind {
        Kind::Prepare => "Prepare",
        Kind::OnePhase => "OnePhase",
        Kind::Commit => "Commit",
        Kind::Abort => "Abort",
        Kind::Yes(_) => "Yes",
        Kind::No(_) => "No",
        Kind::Read(_) => "ReadOnly",
        Kind::Acknowledged(_) => "Acknowledged",
        Kind::Inquiry(_) => "Inquiry",
    }
}

/// The parts of the claims.
pub(super) fn clauses(m: &Transactions, claim: &str, s: &State) -> Vec<Clause> {
    let of_each = |what: &str, holds: &dyn Fn(usize, usize) -> bool| {
        each(m.transactions * m.participants, |both| {
            let (t, p) = (both / m.participants, both % m.participants);
            (format!("participant {p} {what} of transaction {t}"), holds(t, p))
        })
    };
    let has_part = |t, p| m.parts(s, t).any(|part| part == p);
    match claim {
        "AC1 agreement" => of_each("contradicts no other's decision", &|t, p| {
            !(has_part(t, p) && has_aborted(s, t, p) && is_committed(m, s, t))
        }),
        "AC3 commit validity" => of_each("has voted yes if there is a commit", &|t, p| {
            !has_part(t, p) || voted_yes(s, t, p) || !is_committed(m, s, t)
        }),
        "AC3 abort validity" => each(m.transactions, |t| {
            let reason = some_no(m, s, t) || is_suspected(s, t);
            (format!("an abort of transaction {t} has a reason"), reason || !is_aborted(m, s, t))
        }),
        "locks held while in doubt" => of_each("holds its key if it is in doubt", &|t, p| locks_its_key(s, t, p)),
        "log forgets safely" => of_each("has committed if the commit is forgotten", &|t, p| may_be_forgotten(s, t, p)),
        "a commit is carried out once" => {
            of_each("has carried out at most once what comes", &|t, p| s.carried_out.get(place(t, p)) <= 1)
        }
        "can commit all" => of_each("has carried out the commit", &|t, p| has_committed(s, t, p)),
        "AC4" => each(m.participants, |p| {
            let committed = !has_part(0, p) || matches!(s.phase(0, p), Phase::Committed | Phase::ReadOnly);
            (
                format!("participant {p} has committed or only read, or something is in the way"),
                committed || is_hindered(m, s),
            )
        }),
        "AC5 termination" => each(m.participants, |p| {
            (format!("participant {p} has decided"), !has_part(0, p) || s.phase(0, p).is_final())
        }),
        _ => Vec::new(),
    }
}

pub(super) const KINDS: &[&str] = &[
    "Begin",
    "Commit",
    "AbortOnNo",
    "TimeOut",
    "Tell",
    "Answer",
    "End",
    "TakeOver",
    "Prepare",
    "Refuse",
    "Inquire",
    "ReceiveCommit",
    "ReceiveAbort",
    "BeginOnePhase",
    "CommitAlone",
    "VoteReadOnly",
    "Suspect",
    "Crash",
    "Restart",
];

pub(super) const fn kind(action: &Action) -> usize {
    match action {
        Action::Begin(..) => 0,
        Action::Commit(..) => 1,
        Action::AbortOnNo(..) => 2,
        Action::TimeOut(..) => 3,
        Action::Tell(..) => 4,
        Action::Answer(..) => 5,
        Action::End(..) => 6,
        Action::TakeOver(_) => 7,
        Action::Prepare(..) => 8,
        Action::Refuse(..) => 9,
        Action::Inquire(..) => 10,
        Action::ReceiveCommit(..) => 11,
        Action::ReceiveAbort(..) => 12,
        Action::BeginOnePhase(..) => 13,
        Action::CommitAlone(..) => 14,
        Action::VoteReadOnly(..) => 15,
        Action::Suspect(_) => 16,
        Action::Crash(_) => 17,
        Action::Restart(_) => 18,
    }
}

pub(super) fn switched_off(m: &Transactions) -> Vec<&'static str> {
    let off = [(13..15, !m.one_phase), (15..16, !m.read_only), (16..17, m.suspicions == 0), (17..19, m.crashes == 0)];
    off.into_iter().filter(|(_, off)| *off).flat_map(|(kinds, _)| KINDS[kinds].to_vec()).collect()
}

fn node(node: usize) -> String {
    node.checked_sub(MOST).map_or_else(|| format!("participant {node}"), replica)
}

pub(super) fn words(action: &Action) -> String {
    match *action {
        Action::Begin(r, t) => format!("coordinator {r} begins transaction {t} and asks all for their votes"),
        Action::BeginOnePhase(r, t, p) => {
            format!("coordinator {r} begins transaction {t} and leaves the decision to participant {p}")
        }
        Action::Commit(r, t) => format!("coordinator {r} has every vote and commits transaction {t}"),
        Action::AbortOnNo(r, t) => format!("coordinator {r} hears a no and aborts transaction {t}"),
        Action::TimeOut(r, t) => format!("coordinator {r} waits no longer and aborts transaction {t}"),
        Action::Tell(r, t) => format!("coordinator {r} tells all that transaction {t} has committed"),
        Action::Answer(r, t) => format!("coordinator {r} answers that it knows of no commit of transaction {t}"),
        Action::End(r, t) => format!("coordinator {r} forgets the commit of transaction {t}"),
        Action::TakeOver(r) => format!("coordinator {r} takes over"),
        Action::Suspect(r) => format!("coordinator {r} suspects the leader wrongly and takes over"),
        Action::Prepare(t, p) => format!("participant {p} locks its key for transaction {t} and votes yes"),
        Action::VoteReadOnly(t, p) => format!("participant {p} has only read for transaction {t} and says so"),
        Action::CommitAlone(t, p) => format!("participant {p} commits transaction {t}, which was left to it"),
        Action::Refuse(t, p) => format!("participant {p} aborts transaction {t} and votes no"),
        Action::Inquire(t, p) => format!("participant {p} asks what became of transaction {t}"),
        Action::ReceiveCommit(t, p) => format!("participant {p} is told to commit transaction {t}"),
        Action::ReceiveAbort(t, p) => format!("participant {p} is told to abort transaction {t}"),
        Action::Crash(n) => format!("{} crashes", node(n)),
        Action::Restart(n) => format!("{} restarts", node(n)),
    }
}

pub(super) fn value(m: &Transactions, s: &State) -> Value {
    let entry = |value: u8| {
        let (kind, number) = match Entry::of(value) {
            Entry::Commit(t) => ("Commit", t),
            Entry::End(t) => ("End", t),
            Entry::Lead(r) => ("Lead", r),
        };
        Value::Variant(kind.into(), Box::new(number.into()))
    };
    let message = |message: usize| {
        let (t, kind) = Kind::told(message);
        let of = match kind {
            Kind::Prepare | Kind::OnePhase | Kind::Commit | Kind::Abort => t.into(),
            Kind::Yes(p) | Kind::No(p) | Kind::Read(p) | Kind::Acknowledged(p) | Kind::Inquiry(p) => {
                Value::list([t, p])
            }
        };
        Value::Variant(said(kind).into(), Box::new(of))
    };
    let of_each =
        |t: usize, number: &dyn Fn(usize) -> Value| Value::list((0..m.participants).map(|p| number(place(t, p))));
    let every = |number: &dyn Fn(usize) -> Value| Value::list((0..m.transactions).map(|t| of_each(t, number)));
    let replicas = (0..m.coordinators).map(node_of);
    let down = (0..m.participants).chain(replicas).filter(|&n| s.down.contains(n)).map(node);
    Value::record([
        ("log", Value::list(s.log[..m.coordinators].iter().map(|log| Value::list(log.iter().map(entry))))),
        ("reign", Value::list(s.reign.values(m.coordinators))),
        ("begun", Value::list(s.begun.values(m.transactions))),
        ("alone", Value::list(s.alone.values(m.transactions))),
        ("open", s.open.into()),
        ("timed_out", s.timed_out.into()),
        ("phases", every(&|at| s.phases.get(at).name().into())),
        ("msgs", Value::set(s.msgs.iter().map(message))),
        ("locks", Value::list(s.locks.values(m.participants))),
        ("carried_out", every(&|at| s.carried_out.get(at).into())),
        ("down", Value::set(down)),
        ("recovered", s.recovered.into()),
        ("crashes", s.crashes.into()),
        ("suspicions", s.suspicions.into()),
    ])
}
