//! With sequencers, what the resource accepts refines mutual exclusion.

use super::{LeaseLock, State};
use crate::Map;
use crate::problems::mutual_exclusion::{self, Mode, MutualExclusion};
use proofmark_vocabulary::{BitSet, Refinement};

/// A holding is what the resource sees of it: it begins with the first operation that is accepted, and ends when one of
/// another holding is. Its sequencer is how many holdings with smaller ones the resource has served: those that never
/// sent it anything are none. That a late operation would be accepted is a generation that goes back, which the problem
/// does not allow.
pub(super) struct HoldsAtTheResource(MutualExclusion);

impl HoldsAtTheResource {
    pub(super) fn new(m: &LeaseLock) -> Self {
        Self(MutualExclusion { clients: m.clients, generations: m.requests + m.budget.duplicates, bug: None })
    }

    /// Who is served, and its place among all that were.
    fn holder(s: &State) -> Option<(usize, u8)> {
        let last = s.resource.last;
        let by = s.by().find(|by| last > 0 && s.requests[by.request].generation == last)?;
        let before = s.resource.served.iter().filter(|&served| served < last.into()).count();
        Some((by.client, before as u8))
    }
}

impl Refinement for HoldsAtTheResource {
    type Concrete = State;
    type Event = super::Action;
    type Spec = MutualExclusion;

    fn spec(&self) -> &MutualExclusion {
        &self.0
    }

    fn abstraction(&self, s: &State) -> mutual_exclusion::State {
        let Some((client, sequencer)) = Self::holder(s) else { return mutual_exclusion::State::default() };
        mutual_exclusion::State {
            sequencer: Map::default().with(client, Some(sequencer)),
            exclusive: BitSet::new().with(client),
            last_exclusive: (s.resource.served.len() as u8).checked_sub(1),
            last_shared: None,
        }
    }

    fn reads_same(&self, before: &State, after: &State) -> bool {
        before.resource == after.resource && before.requests == after.requests
    }

    /// The holding before ends in the same step, also if it was the same client's.
    fn witness(&self, before: &State, _: &super::Action, after: &State) -> Vec<mutual_exclusion::Action> {
        let ended = Self::holder(before).map(|(client, _)| mutual_exclusion::Action::Release(client));
        let begun = Self::holder(after).map(|(client, _)| mutual_exclusion::Action::Acquire(client, Mode::Exclusive));
        ended.into_iter().chain(begun).collect()
    }
}
