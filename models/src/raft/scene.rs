//! The words for what Raft does, who says what to whom, and the parts of what must be true.

use super::properties::{
    acts_by_log, appends_own_log, commits_what_is_committed, holds_lease, knows_what_matches, lacks_or_loses,
    leads_completely, logs_match,
};
use super::{Action, Change, Configuration, Entry, Kind, Log, Message, Progress, Raft, Role, Servers, State};
use crate::parts::{each, each_two};
use proofmark_vocabulary::{Clause, Fault, Message as Arrow, Scene, Value};

pub(super) const KINDS: &[&str] = &[
    "Timeout",
    "BecomeCandidate",
    "RequestVote",
    "BecomeLeader",
    "ClientRequest",
    "Replicate",
    "AdvanceCommit",
    "Expire",
    "CheckQuorum",
    "Apply",
    "Compact",
    "InstallSnapshot",
    "ChangeConfiguration",
    "LeaveJoint",
    "StepDown",
    "Transfer",
    "TimeoutNow",
    "AbortTransfer",
    "ReadIndex",
    "ServeRead",
    "LeaseRead",
    "Sync",
    "Crash",
    "Restart",
    "HandlePreVote",
    "HandlePreVoteResponse",
    "HandleRequestVote",
    "HandleVoteResponse",
    "HandleAppend",
    "HandleAppendResponse",
    "HandleSnapshot",
    "HandleTimeoutNow",
    "Lose",
    "HeartbeatResponse",
    "ReportUnreachable",
    "ReportSnapshot",
    "Partition",
    "ForwardReadIndex",
    "AnswerReadIndex",
    "HandleReadIndex",
    "HandleReadIndexResponse",
];

pub(super) fn kind(action: &Action) -> usize {
    match action {
        Action::Timeout(_) => 0,
        Action::BecomeCandidate(_) => 1,
        Action::RequestVote(..) => 2,
        Action::BecomeLeader(_) => 3,
        Action::ClientRequest(_) => 4,
        Action::Replicate(..) => 5,
        Action::AdvanceCommit(_) => 6,
        Action::Expire(_) => 7,
        Action::CheckQuorum(_) => 8,
        Action::Apply(_) => 9,
        Action::Compact(..) => 10,
        Action::InstallSnapshot(..) => 11,
        Action::ChangeConfiguration(..) => 12,
        Action::LeaveJoint(_) => 13,
        Action::StepDown(_) => 14,
        Action::Transfer(..) => 15,
        Action::TimeoutNow(..) => 16,
        Action::AbortTransfer(_) => 17,
        Action::ReadIndex(_) => 18,
        Action::ServeRead(_) => 19,
        Action::LeaseRead(_) => 20,
        Action::Sync(_) => 21,
        Action::Crash(_) => 22,
        Action::Restart(_) => 23,
        Action::Receive(message, _) => match message.kind() {
            Kind::PreVote => 24,
            Kind::PreVoteResponse => 25,
            Kind::RequestVote => 26,
            Kind::RequestVoteResponse => 27,
            Kind::AppendEntries => 28,
            Kind::AppendResponse => 29,
            Kind::InstallSnapshot => 30,
            Kind::TimeoutNow => 31,
            Kind::ReadIndex => 39,
            Kind::ReadIndexResponse => 40,
        },
        Action::Lose(_) => 32,
        Action::HeartbeatResponse(..) => 33,
        Action::ReportUnreachable(..) => 34,
        Action::ReportSnapshot(..) => 35,
        Action::Partition => 36,
        Action::ForwardReadIndex(..) => 37,
        Action::AnswerReadIndex(_) => 38,
    }
}

pub(super) fn switched_off(m: &Raft) -> Vec<&'static str> {
    let features = [
        (m.pre_vote.is_empty(), &["BecomeCandidate", "HandlePreVote", "HandlePreVoteResponse"][..]),
        (m.requests == 0, &["ClientRequest"]),
        (m.requests == 0 && !m.blank, &["AdvanceCommit"]),
        (!m.check_quorum, &["Expire", "CheckQuorum"]),
        (!m.apply_lag, &["Apply"]),
        (m.compactions == 0, &["Compact", "InstallSnapshot", "HandleSnapshot"]),
        (m.change == Change::None, &["ChangeConfiguration"]),
        (m.change != Change::Joint, &["LeaveJoint"]),
        (!m.can_remove(), &["StepDown"]),
        (m.transfers == 0, &["Transfer", "TimeoutNow", "AbortTransfer", "HandleTimeoutNow"]),
        (m.reads == 0 || m.leases, &["ReadIndex", "ServeRead"]),
        (m.follower_reads, &["ReadIndex"]),
        (m.reads == 0 || !m.leases, &["LeaseRead"]),
        (!m.follower_reads, &["ForwardReadIndex", "AnswerReadIndex", "HandleReadIndex", "HandleReadIndexResponse"]),
        (m.window == 0 || m.requests == 0 && !m.blank, &["HeartbeatResponse"]),
        (m.window == 0 || m.servers == 1, &["ReportUnreachable"]),
        (m.window == 0 || m.compactions == 0, &["ReportSnapshot"]),
        (!m.async_disk, &["Sync"]),
        (!m.bridge, &["Partition"]),
        (m.crashes == 0, &["Crash", "Restart"]),
        (
            m.terms == 1 && m.configurations[0].voters.len() == 1,
            &["RequestVote", "HandleRequestVote", "HandleVoteResponse"],
        ),
        (
            m.servers == 1,
            &[
                "RequestVote",
                "Replicate",
                "HandleRequestVote",
                "HandleVoteResponse",
                "HandleAppend",
                "HandleAppendResponse",
                "Lose",
            ],
        ),
    ];
    features.into_iter().filter(|(off, _)| *off).flat_map(|(_, kinds)| kinds.iter().copied()).collect()
}

pub(super) fn words(action: &Action) -> String {
    match *action {
        Action::Timeout(i) => format!("server {i} times out"),
        Action::BecomeCandidate(i) => format!("server {i} would be elected, and stands in the next term"),
        Action::RequestVote(i, j) => format!("server {i} asks server {j} for its vote"),
        Action::BecomeLeader(i) => format!("server {i} becomes leader"),
        Action::ClientRequest(i) => format!("server {i} takes a request into its log"),
        Action::Replicate(i, j) => format!("server {i} sends server {j} what it lacks"),
        Action::AdvanceCommit(i) => format!("server {i} commits what a quorum has"),
        Action::Expire(i) => format!("server {i} has not heard from a leader for the least election timeout"),
        Action::CheckQuorum(i) => format!("server {i} looks whether it has heard from a quorum"),
        Action::Apply(i) => format!("server {i} applies the next entry"),
        Action::Compact(i, index) => format!("server {i} compacts its log up to entry {index}"),
        Action::InstallSnapshot(i, j) => format!("server {i} sends server {j} its snapshot"),
        Action::ChangeConfiguration(i, number) => format!("server {i} begins a change to configuration {number}"),
        Action::LeaveJoint(i) => format!("server {i} leaves the joint configuration"),
        Action::StepDown(i) => format!("server {i} is removed and steps down"),
        Action::Transfer(i, j) => format!("server {i} begins to hand over to server {j}"),
        Action::TimeoutNow(i, j) => format!("server {i} tells server {j} to stand"),
        Action::AbortTransfer(i) => format!("server {i} gives up handing over"),
        Action::ReadIndex(i) => format!("server {i} takes a read and asks whether it leads still"),
        Action::ServeRead(i) => format!("server {i} answers the read"),
        Action::ForwardReadIndex(j, i) => {
            format!("server {j} takes a read and asks server {i} up to where to apply its log")
        }
        Action::AnswerReadIndex(i) => {
            format!("server {i} leads still and tells a follower up to where to apply its log")
        }
        Action::LeaseRead(i) => format!("server {i} answers a read by its lease"),
        Action::HeartbeatResponse(i, j) => format!("server {j} answers a heartbeat of server {i}"),
        Action::ReportUnreachable(i, j) => format!("server {i} is told that something to or from server {j} was lost"),
        Action::ReportSnapshot(i, j, true) => format!("server {i} is told that its snapshot arrived at server {j}"),
        Action::ReportSnapshot(i, j, false) => format!("server {i} is told that its snapshot to server {j} failed"),
        Action::Sync(i) => format!("the disk of server {i} has what was written"),
        Action::Crash(i) => format!("server {i} crashes"),
        Action::Restart(i) => format!("server {i} restarts"),
        Action::Partition => "the network is cut but for the links of a bridge".to_owned(),
        Action::Receive(message, false) => {
            format!("server {} receives from server {}: {message}", message.to(), message.from())
        }
        Action::Receive(message, true) => {
            format!("server {} receives from server {}, and will again: {message}", message.to(), message.from())
        }
        Action::Lose(message) => {
            format!("lost on its way from server {} to server {}: {message}", message.from(), message.to())
        }
    }
}

pub(super) fn processes(m: &Raft) -> Vec<String> {
    m.all().map(|i| format!("server {i}")).collect()
}

/// What is held back is not sent yet. A message is lost where it would arrive.
pub(super) fn of(_: &Raft, before: &State, action: Action, after: &State) -> Scene {
    let (process, received, lost, fault) = match action {
        Action::Timeout(i)
        | Action::BecomeCandidate(i)
        | Action::RequestVote(i, _)
        | Action::BecomeLeader(i)
        | Action::ClientRequest(i)
        | Action::Replicate(i, _)
        | Action::AdvanceCommit(i)
        | Action::Expire(i)
        | Action::CheckQuorum(i)
        | Action::Apply(i)
        | Action::Compact(i, _)
        | Action::InstallSnapshot(i, _)
        | Action::ChangeConfiguration(i, _)
        | Action::LeaveJoint(i)
        | Action::StepDown(i)
        | Action::Transfer(i, _)
        | Action::TimeoutNow(i, _)
        | Action::AbortTransfer(i)
        | Action::ReadIndex(i)
        | Action::ServeRead(i)
        | Action::ForwardReadIndex(i, _)
        | Action::AnswerReadIndex(i)
        | Action::LeaseRead(i)
        | Action::HeartbeatResponse(i, _)
        | Action::ReportUnreachable(i, _)
        | Action::ReportSnapshot(i, ..)
        | Action::Sync(i) => (i, None, None, None),
        Action::Crash(i) => (i, None, None, Some(Fault::Crash)),
        Action::Restart(i) => (i, None, None, Some(Fault::Restart)),
        Action::Partition => (0, None, None, Some(Fault::Partition)),
        Action::Receive(message, again) => (message.to(), Some(message), None, again.then_some(Fault::Duplicate)),
        Action::Lose(message) => (message.to(), None, Some(message), Some(Fault::Drop)),
    };
    let sent = |s: &State, message: Message| !message.is_held() && s.network.contains(message);
    let new = after.network.iter().filter(|&message| sent(after, message) && !sent(before, message));
    let known = |message: Option<Message>| message.filter(|&message| sent(before, message)).map(arrow);
    Scene {
        sent: new.map(arrow).collect(),
        received: known(received).into_iter().collect(),
        lost: known(lost).into_iter().collect(),
        fault,
        ..Scene::at(process)
    }
}

fn arrow(message: Message) -> Arrow {
    Arrow { from: message.from(), to: Some(message.to()), text: message.to_string() }
}

pub(super) fn value(m: &Raft, s: &State) -> Value {
    let entries = |log: Log| Value::list(log.iter().map(|(index, entry)| placed(index, entry)));
    let server = |i: usize| {
        let mut fields = vec![
            ("role", s.role.get(i).name().into()),
            ("current_term", s.current_term.get(i).into()),
            ("voted_for", s.voted_for.get(i).into()),
            ("log", entries(s.log[i])),
            ("commit_index", s.commit_index.get(i).into()),
            ("votes", Value::set(s.votes.get(i).iter())),
        ];
        if s.role.get(i) == Role::Leader {
            fields.push(("next_index", Value::list(m.all().map(|j| s.progress[i].next(j)))));
            fields.push(("match_index", Value::list(m.all().map(|j| s.progress[i].matched(j)))));
        }
        if m.window > 0 && s.role.get(i) == Role::Leader {
            let progress = s.progress[i];
            let those = |of: fn(Progress, usize) -> bool| Value::set(m.all().filter(|&j| of(progress, j)));
            fields.push(("progress", Value::list(m.all().map(|j| progress.state(j).name()))));
            fields.push(("in_flight", Value::list(m.all().map(|j| progress.in_flight(j)))));
            fields.push(("paused", those(Progress::is_paused)));
            fields.push(("lost", those(Progress::has_lost)));
        }
        if m.check_quorum {
            fields.push(("active", Value::set(s.active.get(i).iter())));
            fields.push(("fresh", s.fresh.contains(i).into()));
        }
        if m.apply_lag {
            fields.push(("last_applied", s.applied.get(i).into()));
        }
        if m.change != Change::None {
            fields.push(("configuration", configuration(m, s.configuration.get(i))));
        }
        if m.compactions > 0 {
            fields.push(("snapshot_index", s.log[i].snapshot_index().into()));
            fields.push(("snapshot_configuration", s.snapshot_configuration.get(i).into()));
        }
        if m.transfers > 0 {
            fields.push(("transferee", s.transferee.get(i).into()));
            fields.push(("told_to_stand", s.ordered.contains(i).into()));
        }
        if m.leases {
            fields.push(("lease", Value::set(s.lease.get(i).iter())));
            fields.push(("yielded", s.yielded.contains(i).into()));
        } else if m.reads > 0 {
            fields.push(("reading", s.reading.get(i).into()));
            fields.push(("read_index", s.read_index.get(i).into()));
            fields.push(("read_floor", s.read_floor.get(i).into()));
            fields.push(("read_acks", Value::set(s.read_acks.get(i).iter())));
        }
        if m.follower_reads {
            fields.push(("read_for", s.read_for.get(i).into()));
        }
        if m.async_disk {
            fields.push(("durable_term", s.disk.current_term.get(i).into()));
            fields.push(("durable_vote", s.disk.voted_for.get(i).into()));
            fields.push(("durable_log", entries(s.disk.log[i])));
            if m.compactions > 0 && m.change != Change::None {
                let durable = s.disk.snapshot_configuration.get(i);
                fields.push(("durable_snapshot_configuration", durable.into()));
            }
        }
        Value::Record(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    };
    let message = |message: Message| {
        let whole =
            [("from", message.from().into()), ("to", message.to().into()), ("says", message.to_string().into())];
        Value::record(whole)
    };
    Value::record([
        ("servers", Value::list(m.all().map(server))),
        ("network", Value::set(s.network.iter().map(message))),
        ("committed", entries(s.committed)),
        ("committed_in", Value::list(s.committed.iter().map(|(index, _)| s.committed_in.get(index.into())))),
        ("leaders", Value::list((1..=m.terms).map(|term| Value::set(s.leaders.get(term.into()).iter())))),
        ("learned", Value::list(m.all().map(|i| s.learned.get(i)))),
        ("spent", Value::list((0..7 + usize::from(m.bridge)).map(|budget| s.spent.get(budget)))),
    ])
}

fn configuration(m: &Raft, number: u8) -> Value {
    let Configuration { voters, outgoing, learners } = m.configuration(number);
    let of = |servers: Servers| Value::set(servers.iter());
    Value::record([
        ("number", number.into()),
        ("voters", of(voters)),
        ("outgoing", of(outgoing)),
        ("learners", of(learners)),
    ])
}

fn placed(index: u8, entry: Entry) -> Value {
    Value::record([("index", index.into()), ("entry", entry.to_string().into())])
}

pub(super) fn clauses(m: &Raft, claim: &str, s: &State) -> Vec<Clause> {
    let of_each = |holds: &dyn Fn(usize) -> bool, words: &str| {
        each(m.servers, |i| (words.replace("{i}", &i.to_string()), holds(i)))
    };
    match claim {
        "election safety" => each(usize::from(m.terms) + 1, |term| {
            (format!("term {term} has had one leader at most"), s.leaders.get(term).len() <= 1)
        }),
        "log matching" => each_two(m.servers, |i, j| {
            let words = format!("where the logs of servers {i} and {j} have an entry of one term, they are the same");
            (words, logs_match(s, i, j))
        }),
        "leader completeness" => {
            of_each(&|i| leads_completely(s, i), "if server {i} leads, it has what leaders of earlier terms committed")
        }
        "state machine safety" => {
            of_each(&|i| commits_what_is_committed(s, i), "what server {i} has committed was committed by all who did")
        }
        "no electable server lacks a committed entry" => {
            of_each(&|i| lacks_or_loses(m, s, i), "server {i} has all that is committed, or would not be elected")
        }
        "match index is truthful" => of_each(
            &|i| knows_what_matches(m, s, i),
            "if server {i} leads, who is in its term has what it knows to match",
        ),
        "AppendEntries describes its sender's log" => {
            of_each(&|i| appends_own_log(s, i), "if server {i} leads, what it has in flight is its log")
        }
        "configuration agrees with the log" => {
            of_each(&|i| acts_by_log(m, s, i), "server {i} acts by the configuration that its log says")
        }
        "one valid lease at a time" => each_two(m.servers, |i, j| {
            (format!("not both servers {i} and {j} hold a lease"), !(holds_lease(m, s, i) && holds_lease(m, s, j)))
        }),
        _ => Vec::new(),
    }
}
