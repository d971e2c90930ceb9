//! Where nothing breaks it, a naive lock refines mutual exclusion without sequencers.

use super::{Action, Client, NaiveLock, State};
use crate::problems::mutual_exclusion::{self, Mode, MutualExclusion};
use proofmark_vocabulary::Refinement;

/// Who believes that it holds the lock holds it. A crash ends a holding, although the key stays.
pub(super) struct ExcludesMutually(MutualExclusion);

impl ExcludesMutually {
    pub(super) fn of(m: &NaiveLock) -> Self {
        Self(MutualExclusion { clients: m.clients, generations: 0, bug: None })
    }
}

impl Refinement for ExcludesMutually {
    type Concrete = State;
    type Event = Action;
    type Spec = MutualExclusion;

    fn spec(&self) -> &MutualExclusion {
        &self.0
    }

    fn abstraction(&self, s: &State) -> mutual_exclusion::State {
        let holds = |c: usize| s.client.get(c) == Client::Holding;
        let clients = 0..self.0.clients;
        mutual_exclusion::State {
            sequencer: clients.clone().map(|c| holds(c).then_some(0)).collect(),
            exclusive: clients.filter(|&c| holds(c)).collect(),
            ..mutual_exclusion::State::default()
        }
    }

    fn witness(&self, _: &State, &event: &Action, _: &State) -> Vec<mutual_exclusion::Action> {
        match event {
            Action::Acquire(c) => vec![mutual_exclusion::Action::Acquire(c, Mode::Exclusive)],
            Action::Release(c) | Action::Crash(c) => vec![mutual_exclusion::Action::Release(c)],
            _ => vec![],
        }
    }
}
