//! A participant: a small store whose keys are locked from its vote to the outcome.

use super::{Bug, Decision, Key, Message, Node, Operation, Reads, Record, Timer, TransactionId, Value, Work};
use crate::Planted;
use proofmark_core::{NodeId, Wait};
use std::collections::BTreeMap;
use std::fmt;

/// What a participant is told when it is built.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ParticipantConfig {
    /// How long it is in doubt before it asks, again and again.
    pub inquire: Wait,
    /// The bug planted in it.
    pub planted: Planted<Bug>,
}

/// A participant in any number of transactions at once, of any number of coordinators.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Participant {
    config: ParticipantConfig,
    store: BTreeMap<Key, Value>,
    /// Whose every key is, if it is locked: by a transaction that is prepared.
    locks: BTreeMap<Key, TransactionId>,
    /// What it has promised to do, and may not undo on its own. Each has a record.
    prepared: BTreeMap<TransactionId, Prepared>,
    /// What became of the others, so that a late message finds it. Each has a record.
    finished: BTreeMap<TransactionId, Decision>,
    /// For each coordinator the first of its transactions that may not have ended.
    ended_before: BTreeMap<NodeId, TransactionId>,
}

/// A transaction that waits for its outcome.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Prepared {
    work: Work,
    reads: Reads,
}

type Effects = proofmark_core::Effects<Node>;

impl Participant {
    /// Rebuilds a participant. What is prepared has its locks again, and is in doubt.
    pub(super) fn recover(config: &ParticipantConfig, records: &[Record]) -> (Self, Effects) {
        let mut participant = Self {
            config: config.clone(),
            store: BTreeMap::new(),
            locks: BTreeMap::new(),
            prepared: BTreeMap::new(),
            finished: BTreeMap::new(),
            ended_before: BTreeMap::new(),
        };
        for record in records {
            match record {
                Record::Prepared { transaction, work } => participant.lock(*transaction, work),
                Record::Finished { transaction, decision } if !participant.planted(Bug::OrphanPrepared) => {
                    participant.finish(*transaction, *decision);
                }
                // Records of a coordinator: a log that is not this node's.
                _ => {}
            }
        }
        let in_doubt: Vec<_> = participant.prepared.keys().copied().collect();
        let effects = in_doubt
            .into_iter()
            .fold(Effects::none(), |effects, transaction| effects.then(participant.ask_for_outcome(transaction)));
        (participant, effects)
    }

    pub(super) fn receive(&mut self, message: Message) -> Effects {
        match message {
            Message::Prepare { transaction, work, ended_before } => {
                self.forget(ended_before);
                self.prepare(transaction, work)
            }
            Message::Outcome { transaction, decision } => self.outcome(transaction, decision),
            // Messages to a coordinator: this node is none.
            Message::Yes { .. } | Message::No { .. } | Message::Acknowledged { .. } | Message::Inquiry { .. } => {
                Effects::none()
            }
        }
    }

    /// Still in doubt: asks again.
    pub(super) fn inquire(&mut self, transaction: TransactionId) -> Effects {
        let Some(Prepared { work, .. }) = self.prepared.get(&transaction) else { return Effects::none() };
        if self.planted(Bug::VoteBeforeSync) {
            let record = Record::Prepared { transaction, work: work.clone() };
            return self.ask_for_outcome(transaction).write(record);
        }
        if self.planted(Bug::HeuristicDecision) {
            return self.finish_durably(transaction, Decision::Abort);
        }
        if self.planted(Bug::UnlocksInDoubt) {
            self.unlock(transaction);
        }
        self.ask_for_outcome(transaction)
    }

    /// What the store maps a key to, as of the last commit.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.store.get(key)
    }

    /// Whether every key of every prepared transaction is locked by it, and no other key is.
    pub fn locks_are_those_of_the_prepared(&self) -> bool {
        let keys =
            |prepared: &Prepared| prepared.work.iter().map(|operation| operation.key().clone()).collect::<Vec<_>>();
        let due = self.prepared.iter().flat_map(|(&id, prepared)| keys(prepared).into_iter().map(move |key| (key, id)));
        due.collect::<BTreeMap<_, _>>() == self.locks
    }

    /// The transactions that it has voted yes for and that wait for their outcome.
    pub fn in_doubt(&self) -> impl Iterator<Item = TransactionId> {
        self.prepared.keys().copied()
    }

    /// What became of a transaction here, if it has finished and is not forgotten.
    pub fn outcome_of(&self, transaction: TransactionId) -> Option<Decision> {
        self.finished.get(&transaction).copied()
    }

    /// Votes. The first vote is the only one: whoever asks again hears it again.
    fn prepare(&mut self, transaction: TransactionId, work: Work) -> Effects {
        let to = transaction.coordinator;
        if let Some(Prepared { reads, .. }) = self.prepared.get(&transaction) {
            return Effects::none().send(to, Message::Yes { transaction, reads: reads.clone() });
        }
        match self.finished.get(&transaction) {
            // Who knows of a commit has every vote.
            Some(Decision::Commit) if self.planted(Bug::AbortOnLateNo) => {
                return Effects::none().send(to, Message::No { transaction });
            }
            Some(Decision::Commit) if !self.planted(Bug::CommitTwice) => return Effects::none(),
            Some(Decision::Abort) => return Effects::none().send(to, Message::No { transaction }),
            _ => {}
        }
        if self.ended_before.get(&to).is_some_and(|&first| transaction < first) {
            // It has ended, and nobody waits for the vote.
            return Effects::none();
        }
        if work.iter().any(|operation| self.locks.contains_key(operation.key())) {
            return self.finish_durably(transaction, Decision::Abort).send(to, Message::No { transaction });
        }
        self.lock(transaction, &work);
        let reads = self.prepared[&transaction].reads.clone();
        let written = if self.planted(Bug::PreparedInMemory) || self.planted(Bug::VoteBeforeSync) {
            Effects::none()
        } else {
            Effects::none().write(Record::Prepared { transaction, work })
        };
        written.send(to, Message::Yes { transaction, reads }).arm(Timer::Inquire(transaction), self.config.inquire)
    }

    fn outcome(&mut self, transaction: TransactionId, decision: Decision) -> Effects {
        let known = self.finished.contains_key(&transaction);
        let ended = self.ended_before.get(&transaction.coordinator).is_some_and(|&first| transaction < first);
        let effects = if known || ended && !self.prepared.contains_key(&transaction) {
            Effects::none()
        } else {
            self.finish_durably(transaction, decision)
        };
        match decision {
            // Until it hears of this, the coordinator repeats itself.
            Decision::Commit => effects.send(transaction.coordinator, Message::Acknowledged { transaction }),
            Decision::Abort => effects,
        }
    }

    /// Finishes, and writes it down: an abort too that comes before the work, so that the work comes too late.
    fn finish_durably(&mut self, transaction: TransactionId, decision: Decision) -> Effects {
        let was_prepared = self.prepared.contains_key(&transaction);
        self.finish(transaction, decision);
        if decision == Decision::Abort && self.planted(Bug::ForgottenRollback) {
            self.finished.remove(&transaction);
        }
        let effects = Effects::none().write(Record::Finished { transaction, decision });
        if was_prepared { effects.disarm(Timer::Inquire(transaction)) } else { effects }
    }

    fn lock(&mut self, transaction: TransactionId, work: &Work) {
        let mut reads = Reads::new();
        let mut seen = BTreeMap::new();
        for operation in work {
            self.locks.insert(operation.key().clone(), transaction);
            match operation {
                // A transaction reads what it has written itself.
                Operation::Get(key) => reads.push(seen.get(key).copied().or_else(|| self.store.get(key)).cloned()),
                Operation::Put(key, value) => {
                    seen.insert(key, value);
                }
            }
        }
        self.prepared.insert(transaction, Prepared { work: work.clone(), reads });
    }

    fn finish(&mut self, transaction: TransactionId, decision: Decision) {
        if !(decision == Decision::Abort && self.planted(Bug::RollbackLeavesLocks)) {
            self.unlock(transaction);
        }
        if let Some(Prepared { work, .. }) = self.prepared.remove(&transaction)
            && decision == Decision::Commit
        {
            for operation in work {
                if let Operation::Put(key, value) = operation {
                    self.store.insert(key, value);
                }
            }
        }
        self.finished.insert(transaction, decision);
    }

    fn unlock(&mut self, transaction: TransactionId) {
        self.locks.retain(|_, owner| *owner != transaction);
    }

    fn ask_for_outcome(&self, transaction: TransactionId) -> Effects {
        Effects::none()
            .send(transaction.coordinator, Message::Inquiry { transaction })
            .arm(Timer::Inquire(transaction), self.config.inquire)
    }

    /// Forgets what has ended. A message about it that still comes is late, and told by its number.
    fn forget(&mut self, ended_before: TransactionId) {
        let first = self.ended_before.entry(ended_before.coordinator).or_insert(ended_before);
        *first = ended_before.max(*first);
        let first = *first;
        let has_ended = |id: &TransactionId| id.coordinator == first.coordinator && *id < first;
        self.finished.retain(|id, _| !has_ended(id));
    }

    fn planted(&self, bug: Bug) -> bool {
        self.config.planted.is(bug)
    }
}

/// What it was told when it was built is left out: it never changes.
impl fmt::Debug for Participant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { config: _, store, locks, prepared, finished, ended_before } = self;
        let mut shown = f.debug_struct("Participant");
        shown.field("store", store).field("locks", locks).field("prepared", prepared);
        shown.field("finished", finished).field("ended_before", ended_before).finish()
    }
}
