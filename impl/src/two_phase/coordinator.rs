//! The coordinator: it alone decides.

use super::{Bug, Decision, Message, Node, Reads, Record, Reply, Request, Timer, TransactionId, Work};
use crate::Planted;
use proofmark_core::{NodeId, Wait};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// What a coordinator is told when it is built.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CoordinatorConfig {
    /// Its name.
    pub id: NodeId,
    /// How long it waits for votes before it aborts.
    pub votes: Wait,
    /// How long it waits for an answer before it repeats itself.
    pub resend: Wait,
    /// The bug planted in it.
    pub planted: Planted<Bug>,
}

/// A coordinator of any number of transactions at once.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Coordinator {
    config: CoordinatorConfig,
    incarnation: u64,
    /// How many transactions it has begun in this incarnation.
    begun: u64,
    /// Those that wait for votes. They are in memory alone: a crash aborts them.
    undecided: BTreeMap<TransactionId, Undecided>,
    /// Those that have committed, each with the participants that have not acknowledged it. Each has a record.
    committed: BTreeMap<TransactionId, BTreeSet<NodeId>>,
}

/// A transaction whose votes are collected.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Undecided {
    ticket: u64,
    work: BTreeMap<NodeId, Work>,
    /// The participants that have voted yes, and what they have read.
    votes: BTreeMap<NodeId, Reads>,
}

type Effects = proofmark_core::Effects<Node>;

impl Coordinator {
    /// Rebuilds a coordinator. Whatever was undecided is aborted: there is no record of it.
    pub(super) fn recover(config: &CoordinatorConfig, records: &[Record]) -> (Self, Effects) {
        let mut committed = BTreeMap::new();
        let mut incarnation = 0;
        for record in records {
            match record {
                Record::Started { incarnation: started } => incarnation = *started,
                Record::Committed { transaction, participants } => {
                    committed.insert(*transaction, participants.iter().copied().collect());
                }
                Record::Ended { transaction } => {
                    committed.remove(transaction);
                }
                // Records of participants: a log that is not this node's.
                Record::Prepared { .. } | Record::Finished { .. } => {}
            }
        }
        let mut effects = Effects::none();
        if config.planted.is(Bug::ReusedIdentifier) {
            incarnation = incarnation.max(1);
        } else {
            incarnation += 1;
            effects = effects.write(Record::Started { incarnation });
        }
        if config.planted.is(Bug::DecisionLostAtRecovery) {
            committed.clear();
        }
        let coordinator = Self { config: config.clone(), incarnation, begun: 0, undecided: BTreeMap::new(), committed };
        for &transaction in coordinator.committed.keys() {
            effects = effects.then(coordinator.tell_commit(transaction));
        }
        (coordinator, effects)
    }

    /// Begins a transaction: asks every participant for its vote.
    pub(super) fn begin(&mut self, request: Request) -> Effects {
        let Request { ticket, work } = request;
        let transaction = self.name(self.begun);
        self.begun += 1;
        self.undecided.insert(transaction, Undecided { ticket, work, votes: BTreeMap::new() });
        let asked = self.ask_for_votes(transaction).arm(Timer::Votes(transaction), self.config.votes);
        // A transaction without participants waits for nobody.
        asked.then(self.commit_if_unanimous(transaction))
    }

    /// The participants whose yes it has counted, while a transaction is undecided.
    pub fn votes(&self, transaction: TransactionId) -> Option<impl Iterator<Item = NodeId>> {
        self.undecided.get(&transaction).map(|undecided| undecided.votes.keys().copied())
    }

    /// Those that wait for votes.
    pub fn undecided(&self) -> impl Iterator<Item = TransactionId> {
        self.undecided.keys().copied()
    }

    /// Those that have committed, and wait for acknowledgements.
    pub fn unacknowledged(&self) -> impl Iterator<Item = TransactionId> {
        self.committed.keys().copied()
    }

    /// Whether a transaction has committed and somebody may still ask about it.
    pub fn remembers_commit(&self, transaction: TransactionId) -> bool {
        self.committed.contains_key(&transaction)
    }

    pub(super) fn receive(&mut self, from: NodeId, message: Message) -> Effects {
        match message {
            Message::Yes { transaction, reads } => self.count(from, transaction, reads),
            Message::No { transaction } => self.refused(from, transaction),
            Message::Inquiry { transaction } => self.answer(from, transaction),
            Message::Acknowledged { transaction } => self.acknowledged(from, transaction),
            // Messages to participants: this node is none.
            Message::Prepare { .. } | Message::Outcome { .. } => Effects::none(),
        }
    }

    /// Who has waited for votes long enough aborts.
    pub(super) fn votes_are_late(&mut self, transaction: TransactionId) -> Effects {
        self.abort(transaction)
    }

    /// Says again what is unanswered.
    pub(super) fn resend(&mut self, transaction: TransactionId) -> Effects {
        if self.undecided.contains_key(&transaction) {
            self.ask_for_votes(transaction)
        } else if self.committed.contains_key(&transaction) {
            self.tell_commit(transaction)
        } else {
            Effects::none()
        }
    }

    fn count(&mut self, from: NodeId, transaction: TransactionId, reads: Reads) -> Effects {
        match self.undecided.get_mut(&transaction) {
            Some(undecided) if undecided.work.contains_key(&from) => {
                let silent = undecided.work.keys().copied().find(|other| !undecided.votes.contains_key(other));
                let repeats = undecided.votes.contains_key(&from) && self.config.planted.is(Bug::RepeatedVoteCounts);
                undecided.votes.insert(silent.filter(|_| repeats).unwrap_or(from), reads);
                self.commit_if_unanimous(transaction)
            }
            // Not one of those that were asked: its vote counts for nothing.
            Some(_) => Effects::none(),
            // Who votes does not know the outcome yet.
            None => self.answer(from, transaction),
        }
    }

    fn commit_if_unanimous(&mut self, transaction: TransactionId) -> Effects {
        let Some(undecided) = self.undecided.get(&transaction) else { return Effects::none() };
        let quota = if self.config.planted.is(Bug::CommitOnMajority) {
            undecided.work.len() / 2 + 1
        } else {
            undecided.work.len()
        };
        if undecided.votes.len() < quota {
            return Effects::none();
        }
        let Some(Undecided { ticket, work, votes }) = self.undecided.remove(&transaction) else {
            return Effects::none();
        };
        let participants: Vec<_> = work.into_keys().collect();
        self.committed.insert(transaction, participants.iter().copied().collect());
        let told = Effects::none()
            .write(Record::Committed { transaction, participants })
            .disarm(Timer::Votes(transaction))
            .reply(Reply { ticket, committed: Some(votes) })
            .then(self.tell_commit(transaction));
        told.then(self.end_if_acknowledged(transaction))
    }

    /// One no is enough, and comes too late once it is decided.
    fn refused(&mut self, from: NodeId, transaction: TransactionId) -> Effects {
        if self.config.planted.is(Bug::AbortOnLateNo)
            && let Some(participants) = self.committed.remove(&transaction)
        {
            return tell(participants, transaction, Decision::Abort);
        }
        match self.undecided.get(&transaction) {
            Some(undecided) if undecided.work.contains_key(&from) => self.abort(transaction),
            _ => Effects::none(),
        }
    }

    /// Aborts what is undecided, and forgets it: what nobody has a record of is aborted.
    fn abort(&mut self, transaction: TransactionId) -> Effects {
        let Some(Undecided { ticket, work, .. }) = self.undecided.remove(&transaction) else {
            return Effects::none();
        };
        Effects::none()
            .disarm(Timer::Votes(transaction))
            .disarm(Timer::Resend(transaction))
            .reply(Reply { ticket, committed: None })
            .then(tell(work.into_keys(), transaction, Decision::Abort))
    }

    /// Tells who asks. Of what is undecided there is nothing to tell yet.
    fn answer(&self, to: NodeId, transaction: TransactionId) -> Effects {
        let is_open = self.undecided.contains_key(&transaction) && !self.config.planted.is(Bug::InquiryFromMemory);
        if transaction.coordinator != self.config.id || is_open {
            return Effects::none();
        }
        let decision = if self.committed.contains_key(&transaction) { Decision::Commit } else { Decision::Abort };
        Effects::none().send(to, Message::Outcome { transaction, decision })
    }

    fn acknowledged(&mut self, from: NodeId, transaction: TransactionId) -> Effects {
        let Some(waited_for) = self.committed.get_mut(&transaction) else { return Effects::none() };
        waited_for.remove(&from);
        if self.config.planted.is(Bug::ForgetsBeforeAcknowledged) {
            waited_for.clear();
        }
        self.end_if_acknowledged(transaction)
    }

    /// Who has acknowledged never asks again; when all have, the decision may be forgotten.
    fn end_if_acknowledged(&mut self, transaction: TransactionId) -> Effects {
        if self.committed.get(&transaction).is_none_or(|waited_for| !waited_for.is_empty()) {
            return Effects::none();
        }
        self.committed.remove(&transaction);
        Effects::none().write(Record::Ended { transaction }).disarm(Timer::Resend(transaction))
    }

    fn ask_for_votes(&self, transaction: TransactionId) -> Effects {
        let Some(Undecided { work, votes, .. }) = self.undecided.get(&transaction) else { return Effects::none() };
        let ended_before = self.ended_before();
        let mut effects = Effects::none();
        for (&to, work) in work.iter().filter(|(to, _)| !votes.contains_key(to)) {
            effects = effects.send(to, Message::Prepare { transaction, work: work.clone(), ended_before });
        }
        effects.arm(Timer::Resend(transaction), self.config.resend)
    }

    fn tell_commit(&self, transaction: TransactionId) -> Effects {
        let waited_for = self.committed.get(&transaction).into_iter().flatten().copied();
        tell(waited_for, transaction, Decision::Commit).arm(Timer::Resend(transaction), self.config.resend)
    }

    /// The first transaction that has not ended, or the one that will begin next.
    fn ended_before(&self) -> TransactionId {
        let undecided = self.undecided.keys().next();
        let committed = self.committed.keys().next();
        undecided.into_iter().chain(committed).min().copied().unwrap_or_else(|| self.name(self.begun))
    }

    fn name(&self, number: u64) -> TransactionId {
        let number = if self.config.planted.is(Bug::NumberWraps) { number % 4 } else { number };
        TransactionId { coordinator: self.config.id, incarnation: self.incarnation, number }
    }
}

fn tell(participants: impl IntoIterator<Item = NodeId>, transaction: TransactionId, decision: Decision) -> Effects {
    let outcome = Message::Outcome { transaction, decision };
    participants.into_iter().fold(Effects::none(), |effects, to| effects.send(to, outcome.clone()))
}

/// What it was told when it was built is left out: it never changes.
impl fmt::Debug for Coordinator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { config: _, incarnation, begun, undecided, committed } = self;
        let mut shown = f.debug_struct("Coordinator");
        shown.field("incarnation", incarnation).field("begun", begun);
        shown.field("undecided", undecided).field("committed", committed).finish()
    }
}
