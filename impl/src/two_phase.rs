//! Two-phase commit with presumed abort: Mohan, Lindsay and Obermarck, *Transaction Management in the R\* Distributed
//! Database Management System* (TODS 1986), sections 2 and 3.
//!
//! A transaction is work for several participants, each a small store of keys, that happens at all of them or at
//! none. Participants lock the keys of the work, write down that they are *prepared* and vote; the coordinator
//! commits, by one durable record, when every vote is yes. Whatever the coordinator has no record of is aborted:
//! so aborts cost neither a record nor an acknowledgement, and a coordinator that crashes before it decides has
//! aborted.
//!
//! | | on disk before it is said |
//! |---|---|
//! | a participant's yes | its work |
//! | a participant's no | that it refuses, so that a repeated request gets the same vote |
//! | the coordinator's commit, and the answer to the client | the decision, with the participants that must hear of it |
//! | a participant's acknowledgement | the outcome |
//! | the coordinator's first transaction after a start | its incarnation, so that no identifier comes twice |
//!
//! A participant that is prepared and hears nothing is *in doubt*: it keeps its locks, however long, and asks. Only
//! the coordinator can tell, so while that is down its participants wait: this is the protocol's one weakness.
//!
//! Left out: optimisations for transactions that only read or have one participant; a tree of coordinators.

mod bug;
mod coordinator;
mod node;
mod participant;

pub use bug::Bug;
pub use coordinator::{Coordinator, CoordinatorConfig};
pub use node::{Config, Node};
pub use participant::{Participant, ParticipantConfig};

use proofmark_core::NodeId;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// A transaction's name, never given twice: its coordinator, the coordinator's incarnation, and a number in it.
/// Those of one coordinator are ordered as they began.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TransactionId {
    /// Who decides.
    pub coordinator: NodeId,
    /// How often the coordinator has started, this time included.
    pub incarnation: u64,
    /// How many transactions it had begun before since then.
    pub number: u64,
}

impl fmt::Display for TransactionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { coordinator, incarnation, number } = self;
        write!(f, "{coordinator}.{incarnation}.{number}")
    }
}

/// As short as `Display`, since it is in everything that is shown.
impl fmt::Debug for TransactionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A key of a participant's store.
pub type Key = String;

/// What a key is mapped to.
pub type Value = String;

/// What a transaction does at one participant, in order.
pub type Work = Vec<Operation>;

/// What the reads of some work found, in the order of the work.
pub type Reads = Vec<Option<Value>>;

/// A piece of work.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Operation {
    /// Reads a key.
    Get(Key),
    /// Maps a key to a value.
    Put(Key, Value),
}

impl Operation {
    /// The key that it locks.
    pub fn key(&self) -> &Key {
        match self {
            Operation::Get(key) | Operation::Put(key, _) => key,
        }
    }
}

/// What becomes of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Decision {
    /// All of its work is done.
    Commit,
    /// None of it is.
    Abort,
}

/// What coordinator and participants send each other.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Message {
    /// Asks for a participant's vote.
    Prepare {
        /// Which transaction.
        transaction: TransactionId,
        /// The participant's share of it.
        work: Work,
        /// All of the coordinator's transactions before this one have ended, so that a participant may forget
        /// those that it has finished.
        ended_before: TransactionId,
    },
    /// A yes: the participant is prepared, and bound.
    Yes {
        /// Which transaction.
        transaction: TransactionId,
        /// What its reads found.
        reads: Reads,
    },
    /// A no: the participant has aborted.
    No {
        /// Which transaction.
        transaction: TransactionId,
    },
    /// The outcome.
    Outcome {
        /// Which transaction.
        transaction: TransactionId,
        /// What was decided.
        decision: Decision,
    },
    /// The participant has committed, and will not ask.
    Acknowledged {
        /// Which transaction.
        transaction: TransactionId,
    },
    /// A participant in doubt asks for the outcome.
    Inquiry {
        /// Which transaction.
        transaction: TransactionId,
    },
}

/// What is written ahead.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Record {
    /// The coordinator has started for the so-manieth time.
    Started {
        /// From 1.
        incarnation: u64,
    },
    /// The coordinator has decided to commit.
    Committed {
        /// Which transaction.
        transaction: TransactionId,
        /// Who has to hear of it.
        participants: Vec<NodeId>,
    },
    /// Every participant has acknowledged the commit: nobody will ask any more.
    Ended {
        /// Which transaction.
        transaction: TransactionId,
    },
    /// The participant is bound by a yes.
    Prepared {
        /// Which transaction.
        transaction: TransactionId,
        /// What it has promised to do.
        work: Work,
    },
    /// The participant has finished; an abort without a `Prepared` before it is a refusal, or came before the work.
    Finished {
        /// Which transaction.
        transaction: TransactionId,
        /// What became of it.
        decision: Decision,
    },
}

/// What a client asks of a coordinator: a transaction.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Request {
    /// The client's own name for it, which the reply repeats.
    pub ticket: u64,
    /// The work of each participant.
    pub work: BTreeMap<NodeId, Work>,
}

/// What a client is told. A client that is told nothing knows nothing: the transaction may have committed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Reply {
    /// The client's name for the transaction.
    pub ticket: u64,
    /// What the participants have read, if it has committed; nothing if it has aborted.
    pub committed: Option<BTreeMap<NodeId, Reads>>,
}

/// What is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Timer {
    /// The coordinator has waited for votes long enough.
    Votes(TransactionId),
    /// The coordinator says again what is unanswered.
    Resend(TransactionId),
    /// A participant in doubt asks again.
    Inquire(TransactionId),
}
