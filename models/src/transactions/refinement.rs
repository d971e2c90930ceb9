//! Each transaction refines transaction commit, and the coordinator's log the replicated log.

use super::{Action, Phase, State, Transactions};
use crate::problems::replicated_log::{self, ReplicatedLog};
use crate::problems::transaction_commit::{self as problem, TransactionCommit};
use proofmark_vocabulary::Refinement;

/// The names of the refinements, one for each transaction.
pub(super) const REFINES: [&str; super::MOST] = [
    "refines transaction-commit",
    "refines transaction-commit, second transaction",
    "refines transaction-commit, third transaction",
];

/// The phases of one transaction are the problem's. Who has only read is prepared for whatever the outcome is, and so
/// is who has no part in the transaction, from its beginning. Messages, locks and the coordinator are how it is solved.
pub(super) struct CommitsTransaction {
    m: Transactions,
    spec: TransactionCommit,
    transaction: usize,
}

impl CommitsTransaction {
    pub(super) fn new(m: &Transactions, transaction: usize) -> Self {
        let spec = TransactionCommit { participants: m.participants, bug: None };
        Self { m: m.clone(), spec, transaction }
    }
}

impl Refinement for CommitsTransaction {
    type Concrete = State;
    type Event = Action;
    type Spec = TransactionCommit;

    fn spec(&self) -> &TransactionCommit {
        &self.spec
    }

    fn abstraction(&self, s: &State) -> problem::State {
        let phase = |p| match s.phase(self.transaction, p) {
            _ if self.m.parts(s, self.transaction).all(|part| part != p) => problem::Phase::Prepared,
            Phase::Working => problem::Phase::Working,
            Phase::Prepared | Phase::ReadOnly => problem::Phase::Prepared,
            Phase::Committed => problem::Phase::Committed,
            Phase::Aborted => problem::Phase::Aborted,
        };
        let phases = (0..self.m.participants).map(phase).collect();
        problem::State { phases }
    }

    fn reads_same(&self, before: &State, after: &State) -> bool {
        before.phases == after.phases && before.alone == after.alone
    }

    fn witness(&self, _: &State, &event: &Action, _: &State) -> Vec<problem::Action> {
        match event {
            Action::BeginOnePhase(_, _, part) => {
                (0..self.m.participants).filter(|&p| p != part).map(problem::Action::Prepare).collect()
            }
            Action::Prepare(_, p) | Action::VoteReadOnly(_, p) => vec![problem::Action::Prepare(p)],
            Action::CommitAlone(_, p) => vec![problem::Action::Prepare(p), problem::Action::Commit(p)],
            Action::ReceiveCommit(_, p) => vec![problem::Action::Commit(p)],
            Action::Refuse(_, p) | Action::ReceiveAbort(_, p) => vec![problem::Action::Abort(p)],
            _ => vec![],
        }
    }
}

/// What the replicas have on disk is the log's.
pub(super) struct LogIsReplicated(ReplicatedLog);

impl LogIsReplicated {
    pub(super) const fn new(m: &Transactions) -> Self {
        Self(m.replicated_log())
    }
}

impl Refinement for LogIsReplicated {
    type Concrete = State;
    type Event = Action;
    type Spec = ReplicatedLog;

    fn spec(&self) -> &ReplicatedLog {
        &self.0
    }

    fn abstraction(&self, s: &State) -> replicated_log::State {
        let mut log = replicated_log::State::default();
        log.committed[..s.log.len()].copy_from_slice(&s.log);
        log
    }

    fn reads_same(&self, before: &State, after: &State) -> bool {
        before.log == after.log
    }

    /// Who takes over learns what it lacks, and commits one entry more.
    fn witness(&self, before: &State, _: &Action, after: &State) -> Vec<replicated_log::Action> {
        let new = |r: usize| {
            after.log[r].iter().skip(before.log[r].len()).map(move |value| replicated_log::Action::Commit(r, value))
        };
        (0..self.0.servers).flat_map(new).collect()
    }
}
