//! What the resource managers do refines transaction commit.

use super::{Action, State};
use crate::problems::transaction_commit::{self, TransactionCommit};
use proofmark_vocabulary::Refinement;

/// The resource managers' phases are the problem's; acceptors, leaders and messages are how it is solved.
pub(super) struct CommitsTransactions(pub(super) TransactionCommit);

impl Refinement for CommitsTransactions {
    type Concrete = State;
    type Event = Action;
    type Spec = TransactionCommit;

    fn spec(&self) -> &TransactionCommit {
        &self.0
    }

    fn abstraction(&self, s: &State) -> transaction_commit::State {
        transaction_commit::State { phases: s.rm_state.values(self.0.participants).collect() }
    }

    #[inline]
    fn reads_same(&self, before: &State, after: &State) -> bool {
        before.rm_state == after.rm_state
    }

    fn witness(&self, _: &State, &event: &Action, _: &State) -> Vec<transaction_commit::Action> {
        match event {
            Action::RmPrepare(rm) => vec![transaction_commit::Action::Prepare(rm)],
            Action::RmRcvCommitMsg(rm) => vec![transaction_commit::Action::Commit(rm)],
            Action::RmChooseToAbort(rm) | Action::RmRcvAbortMsg(rm) => vec![transaction_commit::Action::Abort(rm)],
            _ => vec![],
        }
    }
}
