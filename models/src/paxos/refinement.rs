//! The replicas of multi-decree Paxos refine the replicated log: to apply a slot is to commit its value.

use super::{Action, NO_OP, Paxos, State};
use crate::problems::replicated_log::{self, ReplicatedLog};
use proofmark_vocabulary::Refinement;

/// What each replica has ever applied is what it has committed. A no-op is a value as any other; one that a replica
/// applies again after a crash is no news. Proposers and acceptors are how replicas come to agree.
pub(super) struct ReplicasCommit(ReplicatedLog);

impl ReplicasCommit {
    pub(super) fn of(m: &Paxos) -> Self {
        Self(ReplicatedLog::of(m.replicas, m.values() as u8, m.slots))
    }
}

impl Refinement for ReplicasCommit {
    type Concrete = State;
    type Event = Action;
    type Spec = ReplicatedLog;

    fn spec(&self) -> &ReplicatedLog {
        &self.0
    }

    fn abstraction(&self, s: &State) -> replicated_log::State {
        let mut log = replicated_log::State::default();
        for (committed, replica) in log.committed.iter_mut().zip(&s.replicas[..self.0.servers]) {
            *committed = replica.history.values().collect();
        }
        log
    }

    fn witness(&self, _: &State, event: &Action, after: &State) -> Vec<replicated_log::Action> {
        match *event {
            Action::Apply(r, slot) => {
                let value = after.replicas[r].history.get(slot).unwrap_or(NO_OP);
                vec![replicated_log::Action::Commit(r, value)]
            }
            _ => vec![],
        }
    }
}
