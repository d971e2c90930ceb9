//! Who says what to whom, the state as it is shown, and the parts of what must be true.

use super::{Action, Message, Node, PaxosCommit, State, Vote};
use crate::Few;
use crate::parts::each;
use crate::problems::transaction_commit::Phase;
use proofmark_vocabulary::{Clause, Fault, Message as Arrow, Scene, Value};

/// The resource managers, the acceptors, then the leaders by their ballots.
pub(super) fn processes(m: &PaxosCommit) -> Vec<String> {
    let managers = (0..m.managers).map(|rm| format!("resource manager {rm}"));
    let acceptors = (0..m.acceptors).map(|a| format!("acceptor {a}"));
    managers.chain(acceptors).chain((0..m.ballots).map(|b| format!("leader of ballot {b}"))).collect()
}

fn line(m: &PaxosCommit, node: Node) -> usize {
    match node {
        Node::Manager(rm) => rm,
        Node::Acceptor(a) => m.managers + a,
        Node::Leader(b) => m.managers + m.acceptors + usize::from(b),
    }
}

/// What an action adds to the messages is sent, and what it finds among them is received: again, if it was before.
pub(super) fn of(m: &PaxosCommit, before: &State, action: Action, after: &State) -> Scene {
    let actor = line(m, action.node());
    let all = m.all_messages();
    let is_new = |message: &&Message| m.is_sent(after, **message) && !m.is_sent(before, **message);
    let reads = |message: &&Message| m.is_sent(before, **message) && is_read(m, before, action, **message);
    let by = |message: &Message| arrow(m, *message, Some(actor));
    Scene {
        sent: all.iter().filter(is_new).map(by).collect(),
        received: all.iter().filter(reads).map(|message| arrow(m, *message, None)).collect(),
        fault: match action {
            Action::Crash(_) => Some(Fault::Crash),
            Action::Restart(_) => Some(Fault::Restart),
            _ => None,
        },
        ..Scene::at(actor)
    }
}

/// Whether the action is taken because of the message. A leader that tells the outcome has heard a majority of each
/// instance that it needs.
fn is_read(model: &PaxosCommit, s: &State, action: Action, message: Message) -> bool {
    match (action, message) {
        (Action::RmRcvCommitMsg(_), Message::Commit) | (Action::RmRcvAbortMsg(_), Message::Abort) => {
            model.tellers().len() == 1
        }
        (Action::Phase1b(_, b, instances), Message::Prepare(rm, c)) => b == c && instances.contains(rm),
        (Action::Phase2a(b, instances, majority), Message::Promise(rm, a, c, _)) => {
            b == c && instances.contains(rm) && majority.contains(a)
        }
        (Action::Phase2b(_, b, rm, vote), Message::Accept(instance, c, of)) => (b, rm, vote) == (c, instance, of),
        (Action::Commit(_), Message::Accepted(rm, _, b, Vote::Prepared)) => is_enough(model, s, rm, b, Vote::Prepared),
        (Action::Abort(_), Message::Accepted(rm, _, b, Vote::Aborted)) => is_enough(model, s, rm, b, Vote::Aborted),
        _ => false,
    }
}

fn is_enough(m: &PaxosCommit, s: &State, rm: usize, b: u8, vote: Vote) -> bool {
    m.accepted(s, rm, b, vote).len() >= m.majority()
}

/// A message, with its sender where the step does not tell it. 2a, 2b and the outcome are for everybody.
fn arrow(m: &PaxosCommit, message: Message, by: Option<usize>) -> Arrow {
    let leader = |b| line(m, Node::Leader(b));
    let acceptor = |a| line(m, Node::Acceptor(a));
    let (from, to, text) = match message {
        Message::Prepare(rm, b) => (leader(b), None, format!("1a instance {rm}, ballot {b}")),
        Message::Promise(rm, a, b, None) => {
            (acceptor(a), Some(leader(b)), format!("1b instance {rm}, ballot {b}: nothing accepted"))
        }
        Message::Promise(rm, a, b, Some((c, vote))) => {
            let report = format!("1b instance {rm}, ballot {b}: {} in ballot {c}", vote.name());
            (acceptor(a), Some(leader(b)), report)
        }
        Message::Accept(rm, 0, vote) => (rm, None, format!("2a instance {rm}, ballot 0: {}", vote.name())),
        Message::Accept(rm, b, vote) => (leader(b), None, format!("2a instance {rm}, ballot {b}: {}", vote.name())),
        Message::Accepted(rm, a, b, vote) => {
            (acceptor(a), None, format!("2b instance {rm}, ballot {b}: {}", vote.name()))
        }
        Message::Commit => (by.unwrap_or(leader(0)), None, "Commit".to_owned()),
        Message::Abort => (by.unwrap_or(leader(0)), None, "Abort".to_owned()),
    };
    Arrow { from, to, text }
}

/// The kinds of action; `Decide` of the module by its two outcomes, crashes and restarts by whose they are.
pub(super) const KINDS: &[&str] = &[
    "RMPrepare",
    "RMChooseToAbort",
    "RMRcvCommitMsg",
    "RMRcvAbortMsg",
    "Phase1a",
    "Phase1b",
    "Phase2a",
    "Phase2b",
    "Commit",
    "Abort",
    "RMCrash",
    "AcceptorCrash",
    "LeaderCrash",
    "RMRestart",
    "AcceptorRestart",
];

pub(super) fn kind(action: &Action) -> usize {
    match action {
        Action::RmPrepare(_) => 0,
        Action::RmChooseToAbort(_) => 1,
        Action::RmRcvCommitMsg(_) => 2,
        Action::RmRcvAbortMsg(_) => 3,
        Action::Phase1a(..) => 4,
        Action::Phase1b(..) => 5,
        Action::Phase2a(..) => 6,
        Action::Phase2b(..) => 7,
        Action::Commit(_) => 8,
        Action::Abort(_) => 9,
        Action::Crash(Node::Manager(_)) => 10,
        Action::Crash(Node::Acceptor(_)) => 11,
        Action::Crash(Node::Leader(_)) => 12,
        Action::Restart(Node::Manager(_)) => 13,
        Action::Restart(_) => 14,
    }
}

pub(super) fn switched_off(m: &PaxosCommit) -> Vec<&'static str> {
    if m.crashes > 0 { Vec::new() } else { KINDS[10..].to_vec() }
}

pub(super) fn words(action: &Action) -> String {
    match *action {
        Action::RmPrepare(rm) => format!("resource manager {rm} is prepared and proposes so"),
        Action::RmChooseToAbort(rm) => format!("resource manager {rm} refuses, aborts and proposes so"),
        Action::RmRcvCommitMsg(rm) => format!("resource manager {rm} is told to commit"),
        Action::RmRcvAbortMsg(rm) => format!("resource manager {rm} is told to abort"),
        Action::Phase1a(b, of) => format!("the leader of ballot {b} asks for promises in {}", instances(of)),
        Action::Phase1b(a, b, of) => format!("acceptor {a} promises ballot {b} in {}", instances(of)),
        Action::Phase2a(b, of, majority) => {
            format!("the leader of ballot {b} finishes {} by the promises of acceptors {majority:?}", instances(of))
        }
        Action::Phase2b(a, b, rm, vote) => {
            format!("acceptor {a} accepts {} in ballot {b} of instance {rm}", vote.name())
        }
        Action::Commit(b) => format!("the leader of ballot {b} finds every instance prepared and tells all"),
        Action::Abort(b) => format!("the leader of ballot {b} finds an instance aborted and tells all"),
        Action::Crash(node) => format!("{} crashes", name(node)),
        Action::Restart(node) => format!("{} restarts", name(node)),
    }
}

fn instances(of: Few) -> String {
    match of.iter().next() {
        Some(rm) if of.len() == 1 => format!("instance {rm}"),
        _ => format!("instances {of:?}"),
    }
}

fn name(node: Node) -> String {
    match node {
        Node::Manager(rm) => format!("resource manager {rm}"),
        Node::Acceptor(a) => format!("acceptor {a}"),
        Node::Leader(b) => format!("the leader of ballot {b}"),
    }
}

/// The state as named fields.
pub(super) fn value(m: &PaxosCommit, s: &State) -> Value {
    let acceptor = |place: usize| {
        Value::record([
            ("mbal", s.mbal.get(place).into()),
            ("bal", s.bal.get(place).into()),
            ("val", s.val.get(place).map(Vote::name).into()),
        ])
    };
    let instance = |rm| Value::list((0..m.acceptors).map(|a| acceptor(m.place(rm, a))));
    let all = m.all_messages();
    let sent = all.into_iter().filter(|&message| m.is_sent(s, message)).map(|message| arrow(m, message, None).text);
    let nodes = m.durable().chain((0..m.ballots).map(Node::Leader));
    Value::record([
        ("rm_state", Value::list(s.rm_state.values(m.managers).map(Phase::name))),
        ("acceptors", Value::list((0..m.managers).map(instance))),
        ("msgs", Value::set(sent)),
        ("down", Value::set(nodes.filter(|node| s.down.contains(node.number())).map(name))),
        ("crashed", s.crashed.into()),
    ])
}

/// The parts of the claims, each of a resource manager or of its instance.
pub(super) fn clauses(m: &PaxosCommit, claim: &str, s: &State) -> Vec<Clause> {
    let phase = |rm| s.rm_state.get(rm);
    let all = |what: &str, holds: &dyn Fn(usize) -> bool| {
        each(m.managers, |rm| (format!("resource manager {rm} {what}"), holds(rm)))
    };
    let instance = |what: &str, holds: &dyn Fn(usize) -> bool| {
        each(m.managers, |rm| (format!("in instance {rm} {what}"), holds(rm)))
    };
    let has = |found: Phase| all(&format!("has {}", found.name()), &|rm| phase(rm) == found);
    let votes = |rm| m.voted(s, rm, Vote::Prepared);
    match claim {
        "AC1 agreement" => all("contradicts no other's decision", &|rm| {
            phase(rm).opposite().is_none_or(|opposite| !m.some(s, opposite))
        }),
        "AC3 commit validity" => {
            let committed = m.is_committed(s);
            all("has voted yes if there is a commit", &|rm| votes(rm) || !committed)
        }
        "AC3 abort validity" => vec![Clause::new(
            "there is no abort, or somebody refused or was suspected",
            !m.is_aborted(s) || m.has_reason(s),
        )],
        "what is told is chosen" => vec![
            Clause::new("every instance has chosen prepared if a commit is told", m.commit_is_chosen(s)),
            Clause::new("some instance has chosen aborted if an abort is told", m.abort_is_chosen(s)),
        ],
        "agreement" => instance("at most one value is chosen", &|rm| m.agrees(s, rm)),
        "validity" => {
            instance("what is accepted was proposed, and a yes is the manager's own", &|rm| m.is_valid(s, rm))
        }
        "one value per ballot" => instance("no ballot proposes both values", &|rm| m.proposes_one(s, rm)),
        "votes are safe" => instance("every vote is safe at its ballot", &|rm| m.votes_safely(s, rm)),
        "a ballot begins before it is promised" => {
            instance("every ballot that is promised has begun", &|rm| m.begins_first(s, rm))
        }
        "can commit" => has(Phase::Committed),
        "can abort by timeout" => [all("has voted yes", &votes), has(Phase::Aborted)].concat(),
        "AC4" => {
            let given_up = m.given_up(s);
            all("has committed, or somebody has given up", &|rm| given_up || phase(rm) == Phase::Committed)
        }
        "AC5 termination" | "all can still decide" => all("has decided", &|rm| phase(rm).is_final()),
        "non-blocking" => all("has decided or is down", &|rm| PaxosCommit::has_decided(s, rm)),
        _ => Vec::new(),
    }
}
