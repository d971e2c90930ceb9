//! The rules of presumed abort, one test each, over real cores and logs in memory.

use proofmark_core::{Core, Input, MemoryLog, NodeId, Output, Time, Wait};
use proofmark_impl::Planted;
use proofmark_impl::two_phase::{
    Config, CoordinatorConfig, Decision, Message, Node, Operation, ParticipantConfig, Record, Reply, Request, Timer,
    TransactionId,
};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::time::Duration;

const WAIT: Wait = Wait::of(Duration::from_secs(1));
const COORDINATOR: NodeId = NodeId(0);
const ONE: NodeId = NodeId(1);
const TWO: NodeId = NodeId(2);

/// A node and its disk.
struct Host {
    config: Config,
    node: Node,
    disk: MemoryLog<Record>,
}

impl Host {
    fn start(config: Config) -> (Self, Vec<Output<Node>>) {
        let mut disk = MemoryLog::new();
        let (node, effects) = Node::recover(&config, disk.durable());
        let outputs = effects.release(&mut disk).unwrap();
        (Self { config, node, disk }, outputs)
    }

    fn step(&mut self, input: Input<Node>) -> Vec<Output<Node>> {
        self.node.step(Time::default(), input).release(&mut self.disk).unwrap()
    }

    fn receive(&mut self, from: NodeId, message: Message) -> Vec<Output<Node>> {
        self.step(Input::Receive { from, message })
    }

    fn restart(&mut self) -> Vec<Output<Node>> {
        let (node, effects) = Node::recover(&self.config, self.disk.durable());
        self.node = node;
        effects.release(&mut self.disk).unwrap()
    }
}

fn coordinator() -> Host {
    let planted = Planted::none();
    Host::start(Config::Coordinator(CoordinatorConfig { id: COORDINATOR, votes: WAIT, resend: WAIT, planted })).0
}

fn participant() -> Host {
    Host::start(Config::Participant(ParticipantConfig { inquire: WAIT, planted: Planted::none() })).0
}

fn put(key: &str, value: &str) -> Operation {
    Operation::Put(key.into(), value.into())
}

/// A transaction of both participants that puts a value under `k`.
fn request(ticket: u64) -> Request {
    Request { ticket, work: [ONE, TWO].map(|node| (node, vec![put("k", "v")])).into() }
}

fn id(incarnation: u64, number: u64) -> TransactionId {
    TransactionId { coordinator: COORDINATOR, incarnation, number }
}

fn prepare(transaction: TransactionId, work: Vec<Operation>) -> Message {
    Message::Prepare { transaction, work, ended_before: id(1, 0) }
}

fn yes(transaction: TransactionId) -> Message {
    Message::Yes { transaction, reads: vec![] }
}

fn outcome(transaction: TransactionId, decision: Decision) -> Message {
    Message::Outcome { transaction, decision }
}

fn sent(outputs: &[Output<Node>]) -> Vec<(NodeId, Message)> {
    let sent = |output: &Output<Node>| match output {
        Output::Send { to, message } => Some((*to, message.clone())),
        _ => None,
    };
    outputs.iter().filter_map(sent).collect()
}

fn replies(outputs: &[Output<Node>]) -> Vec<Reply> {
    let reply = |output: &Output<Node>| match output {
        Output::Reply(reply) => Some(reply.clone()),
        _ => None,
    };
    outputs.iter().filter_map(reply).collect()
}

#[test]
fn the_coordinator_commits_when_every_vote_is_yes_and_ends_when_every_commit_is_acknowledged() {
    let mut node = coordinator();
    let transaction = id(1, 0);
    node.step(Input::Request(request(7)));
    assert!(sent(&node.receive(ONE, yes(transaction))).is_empty());
    // A vote that arrives twice is one vote.
    assert!(sent(&node.receive(ONE, yes(transaction))).is_empty());
    let decided = node.receive(TWO, yes(transaction));
    assert_eq!(sent(&decided), [ONE, TWO].map(|to| (to, outcome(transaction, Decision::Commit))));
    assert_eq!(replies(&decided).len(), 1);
    assert!(replies(&decided)[0].committed.is_some());
    node.receive(ONE, Message::Acknowledged { transaction });
    assert!(!node.disk.durable().contains(&Record::Ended { transaction }));
    node.receive(TWO, Message::Acknowledged { transaction });
    assert!(node.disk.durable().contains(&Record::Ended { transaction }));
}

/// R*, section 3: what there is no record of is presumed to have aborted.
#[test]
fn who_asks_about_what_nobody_has_a_record_of_is_told_abort() {
    let mut node = coordinator();
    node.step(Input::Request(request(7)));
    let aborted = node.step(Input::Fired(Timer::Votes(id(1, 0))));
    assert_eq!(replies(&aborted), [Reply { ticket: 7, committed: None }]);
    assert_eq!(node.disk.durable(), [Record::Started { incarnation: 1 }]);
    let told = node.receive(ONE, Message::Inquiry { transaction: id(1, 0) });
    assert_eq!(sent(&told), [(ONE, outcome(id(1, 0), Decision::Abort))]);
}

#[test]
fn a_coordinator_that_has_decided_nothing_before_its_crash_has_aborted_and_reuses_no_identifier() {
    let mut node = coordinator();
    node.step(Input::Request(request(7)));
    node.receive(ONE, yes(id(1, 0)));
    node.restart();
    assert_eq!(sent(&node.receive(TWO, yes(id(1, 0)))), [(TWO, outcome(id(1, 0), Decision::Abort))]);
    let asked = sent(&node.step(Input::Request(request(8))));
    assert!(asked.iter().all(|(_, m)| matches!(m, Message::Prepare { transaction, .. } if *transaction == id(2, 0))));
}

#[test]
fn a_commit_survives_the_coordinators_crash_and_is_told_again() {
    let mut node = coordinator();
    node.step(Input::Request(request(7)));
    node.receive(ONE, yes(id(1, 0)));
    node.receive(TWO, yes(id(1, 0)));
    let told = sent(&node.restart());
    assert_eq!(told, [ONE, TWO].map(|to| (to, outcome(id(1, 0), Decision::Commit))));
}

#[test]
fn a_participant_that_refuses_refuses_for_ever() {
    let mut node = participant();
    node.receive(COORDINATOR, prepare(id(1, 0), vec![put("k", "a")]));
    let refused = node.receive(COORDINATOR, prepare(id(1, 1), vec![put("k", "b")]));
    assert_eq!(sent(&refused), [(COORDINATOR, Message::No { transaction: id(1, 1) })]);
    // The lock is free again, and the vote is still no: also after a crash.
    node.receive(COORDINATOR, outcome(id(1, 0), Decision::Abort));
    node.restart();
    let again = node.receive(COORDINATOR, prepare(id(1, 1), vec![put("k", "b")]));
    assert_eq!(sent(&again), [(COORDINATOR, Message::No { transaction: id(1, 1) })]);
}

#[test]
fn who_is_in_doubt_keeps_its_locks_across_a_crash_and_asks() {
    let mut node = participant();
    node.receive(COORDINATOR, prepare(id(1, 0), vec![put("k", "a")]));
    let asked = sent(&node.restart());
    assert_eq!(asked, [(COORDINATOR, Message::Inquiry { transaction: id(1, 0) })]);
    let refused = node.receive(COORDINATOR, prepare(id(1, 1), vec![put("k", "b")]));
    assert_eq!(sent(&refused), [(COORDINATOR, Message::No { transaction: id(1, 1) })]);
}

#[test]
fn an_abort_that_comes_before_the_work_makes_the_work_come_too_late() {
    let mut node = participant();
    node.receive(COORDINATOR, outcome(id(1, 0), Decision::Abort));
    let voted = node.receive(COORDINATOR, prepare(id(1, 0), vec![put("k", "a")]));
    assert_eq!(sent(&voted), [(COORDINATOR, Message::No { transaction: id(1, 0) })]);
}

/// What one coordinator has ended says nothing of another's transactions.
#[test]
fn what_another_coordinator_has_ended_is_not_forgotten() {
    let mut node = participant();
    node.receive(COORDINATOR, prepare(id(1, 0), vec![put("k", "v")]));
    node.receive(COORDINATOR, outcome(id(1, 0), Decision::Commit));
    let other = |number| TransactionId { coordinator: NodeId(9), incarnation: 1, number };
    let message = Message::Prepare { transaction: other(5), work: vec![], ended_before: other(5) };
    node.receive(NodeId(9), message);

    // The late prepare of a transaction that has committed is obeyed by nobody.
    assert_eq!(sent(&node.receive(COORDINATOR, prepare(id(1, 0), vec![put("k", "v")]))), []);
}

#[test]
fn what_has_ended_is_forgotten_and_a_late_prepare_of_it_is_not_obeyed() {
    let mut node = participant();
    node.receive(COORDINATOR, prepare(id(1, 0), vec![put("k", "a")]));
    node.receive(COORDINATOR, outcome(id(1, 0), Decision::Commit));
    let next = Message::Prepare { transaction: id(1, 1), work: vec![], ended_before: id(1, 1) };
    node.receive(COORDINATOR, next);
    let Node::Participant(store) = &node.node else { panic!("a participant") };
    assert_eq!(store.outcome_of(id(1, 0)), None);
    assert_eq!(store.get("k").map(String::as_str), Some("a"));
    assert!(sent(&node.receive(COORDINATOR, prepare(id(1, 0), vec![put("k", "b")]))).is_empty());
    // A commit that is told once more is acknowledged once more.
    let acknowledged = node.receive(COORDINATOR, outcome(id(1, 0), Decision::Commit));
    assert_eq!(sent(&acknowledged), [(COORDINATOR, Message::Acknowledged { transaction: id(1, 0) })]);
}

#[test]
fn a_transaction_reads_what_was_committed_and_what_it_has_written_itself() {
    let mut node = participant();
    node.receive(COORDINATOR, prepare(id(1, 0), vec![put("k", "old")]));
    node.receive(COORDINATOR, outcome(id(1, 0), Decision::Commit));
    let get = || Operation::Get("k".into());
    let voted = node.receive(COORDINATOR, prepare(id(1, 1), vec![get(), put("k", "new"), get()]));
    let reads = vec![Some("old".to_owned()), Some("new".to_owned())];
    assert_eq!(sent(&voted), [(COORDINATOR, Message::Yes { transaction: id(1, 1), reads })]);
}

#[test]
fn a_transaction_of_nobody_commits_at_once() {
    let mut node = coordinator();
    let done = node.step(Input::Request(Request { ticket: 1, work: BTreeMap::new() }));
    assert_eq!(replies(&done), [Reply { ticket: 1, committed: Some(BTreeMap::new()) }]);
    assert!(node.disk.durable().contains(&Record::Ended { transaction: id(1, 0) }));
}

fn any_message() -> impl Strategy<Value = Message> {
    let transaction = || {
        (0..3_u16, 0..3_u64, 0..3_u64).prop_map(|(coordinator, incarnation, number)| TransactionId {
            coordinator: NodeId(coordinator),
            incarnation,
            number,
        })
    };
    let operation = prop_oneof![
        "[ab]".prop_map(Operation::Get),
        ("[ab]", "[xy]").prop_map(|(key, value)| Operation::Put(key, value)),
    ];
    let decision = || prop_oneof![Just(Decision::Commit), Just(Decision::Abort)];
    prop_oneof![
        (transaction(), prop::collection::vec(operation, 0..3), transaction())
            .prop_map(|(transaction, work, ended_before)| Message::Prepare { transaction, work, ended_before }),
        transaction().prop_map(yes),
        transaction().prop_map(|transaction| Message::No { transaction }),
        (transaction(), decision()).prop_map(|(transaction, decision)| outcome(transaction, decision)),
        transaction().prop_map(|transaction| Message::Acknowledged { transaction }),
        transaction().prop_map(|transaction| Message::Inquiry { transaction }),
    ]
}

proptest! {
    /// A core is total: no message from anybody, in any order, makes it panic; and what it recovers from its log
    /// is in doubt about the same transactions, with the same store and locks that fit.
    #[test]
    fn any_message_may_come_at_any_time(
        messages in prop::collection::vec((0..4_u16, any_message(), any::<bool>()), 0..40),
    ) {
        for mut node in [coordinator(), participant()] {
            for (from, message, crash) in &messages {
                node.receive(NodeId(*from), message.clone());
                if *crash {
                    let before = node.node.clone();
                    node.restart();
                    if let (Node::Participant(before), Node::Participant(after)) = (&before, &node.node) {
                        prop_assert!(before.in_doubt().eq(after.in_doubt()));
                        prop_assert!(["a", "b"].iter().all(|key| before.get(key) == after.get(key)));
                        prop_assert!(after.locks_are_those_of_the_prepared());
                    }
                }
            }
        }
    }
}
