//! What the log says of the lock refines mutual exclusion, and what the participants do refines transaction commit.

use super::{Action, Decision, Entry, Failover, State};
use crate::problems::mutual_exclusion::{self, Mode, MutualExclusion};
use crate::problems::transaction_commit::{self, TransactionCommit};
use proofmark_vocabulary::{Refinement, Temporal};

impl Failover {
    pub(super) fn refinements(&self) -> Vec<Temporal<Self>> {
        let mut claims = Vec::new();
        if self.clients > 0 {
            let problem = MutualExclusion { clients: self.clients, generations: u8::MAX, bug: None };
            claims.push(Temporal::refinement("refines mutual-exclusion", ExcludesMutually(problem)));
        }
        if self.participants > 0 {
            let problem = TransactionCommit { participants: self.participants, bug: None };
            claims.push(Temporal::refinement("refines transaction-commit", CommitsTransactions(problem)));
        }
        claims
    }
}

/// The lock is what the log says. That a client comes to know of it later, and may go on believing it when it is taken
/// away, is what sequencers are for.
struct ExcludesMutually(MutualExclusion);

impl Refinement for ExcludesMutually {
    type Concrete = State;
    type Event = Action;
    type Spec = MutualExclusion;

    fn spec(&self) -> &MutualExclusion {
        &self.0
    }

    fn abstraction(&self, s: &State) -> mutual_exclusion::State {
        mutual_exclusion::State {
            sequencer: s.log.sequencer.values(self.0.clients).collect(),
            exclusive: (0..self.0.clients).filter(|&c| s.log.sequencer.get(c).is_some()).collect(),
            last_exclusive: s.log.last,
            last_shared: None,
        }
    }

    #[inline]
    fn reads_same(&self, before: &State, after: &State) -> bool {
        before.log == after.log
    }

    fn witness(&self, before: &State, event: &Action, _: &State) -> Vec<mutual_exclusion::Action> {
        let Action::Append(n) = *event else { return vec![] };
        match before.nodes[n].append {
            Some((_, Entry::Grant(c, _))) => vec![mutual_exclusion::Action::Acquire(c.into(), Mode::Exclusive)],
            Some((_, Entry::Release(c) | Entry::Revoke(c))) => vec![mutual_exclusion::Action::Release(c.into())],
            _ => vec![],
        }
    }
}

/// The participants' phases are the problem's; who coordinates them, and how often that changes, is not.
struct CommitsTransactions(TransactionCommit);

impl Refinement for CommitsTransactions {
    type Concrete = State;
    type Event = Action;
    type Spec = TransactionCommit;

    fn spec(&self) -> &TransactionCommit {
        &self.0
    }

    fn abstraction(&self, s: &State) -> transaction_commit::State {
        transaction_commit::State { phases: s.phases.values(self.0.participants).collect() }
    }

    #[inline]
    fn reads_same(&self, before: &State, after: &State) -> bool {
        before.phases == after.phases
    }

    fn witness(&self, _: &State, event: &Action, _: &State) -> Vec<transaction_commit::Action> {
        match *event {
            Action::Prepare(p) => vec![transaction_commit::Action::Prepare(p)],
            Action::Learn(p, Decision::Commit) => vec![transaction_commit::Action::Commit(p)],
            Action::ChooseToAbort(p) | Action::Learn(p, Decision::Abort) => vec![transaction_commit::Action::Abort(p)],
            _ => vec![],
        }
    }
}
