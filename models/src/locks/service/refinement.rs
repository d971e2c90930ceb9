//! The lock service refines mutual exclusion, and what its masters know the replicated log.

use super::{Action, Cell, LockService, State};
use crate::problems::mutual_exclusion::{self, Mode, MutualExclusion};
use crate::problems::replicated_log::{self, Prefix, ReplicatedLog};
use proofmark_vocabulary::{BitSet, Refinement};

/// What the cell says of the lock. A session that ends gives back what it held.
pub(super) struct ExcludesMutually(MutualExclusion);

impl ExcludesMutually {
    pub(super) fn of(m: &LockService) -> Self {
        let generations = if m.attempts > 0 { u8::MAX } else { 0 };
        Self(MutualExclusion { clients: m.clients, generations, bug: None })
    }

    fn is_exclusive(cell: &Cell, c: usize) -> bool {
        cell.holds(c) && !cell.shared.contains(c)
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
        let clients = self.0.clients;
        mutual_exclusion::State {
            sequencer: s.cell.sequencer.values(clients).collect(),
            exclusive: (0..clients).filter(|&c| Self::is_exclusive(&s.cell, c)).collect::<BitSet>(),
            last_exclusive: s.last_exclusive,
            last_shared: s.last_shared,
        }
    }

    #[inline]
    fn reads_same(&self, before: &State, after: &State) -> bool {
        before.cell == after.cell
            && before.last_exclusive == after.last_exclusive
            && before.last_shared == after.last_shared
    }

    /// What ended comes first.
    fn witness(&self, before: &State, _: &Action, after: &State) -> Vec<mutual_exclusion::Action> {
        let clients = 0..self.0.clients;
        let ended = clients.clone().filter(|&c| before.cell.holds(c) && !after.cell.holds(c));
        let began = clients.filter(|&c| !before.cell.holds(c) && after.cell.holds(c)).map(|c| {
            let mode = if Self::is_exclusive(&after.cell, c) { Mode::Exclusive } else { Mode::Shared };
            mutual_exclusion::Action::Acquire(c, mode)
        });
        ended.map(mutual_exclusion::Action::Release).chain(began).collect()
    }
}

/// A server of the log is the master of a term: it has committed what it knew when it was superseded, and the newest
/// all that there is. One that has not come to be has committed nothing.
pub(super) struct MastersCommit(ReplicatedLog);

impl MastersCommit {
    pub(super) fn of(m: &LockService) -> Self {
        Self(ReplicatedLog::of(usize::from(m.failovers) + 1, u8::MAX - 1, replicated_log::MOST_VALUES))
    }

    fn known(s: &State, term: usize) -> Prefix {
        let newest = usize::from(s.term);
        let count = match term {
            _ if term < newest => s.knew.get(term).into(),
            _ if term == newest => s.log.len(),
            _ => 0,
        };
        s.log.iter().take(count).collect()
    }
}

impl Refinement for MastersCommit {
    type Concrete = State;
    type Event = Action;
    type Spec = ReplicatedLog;

    fn spec(&self) -> &ReplicatedLog {
        &self.0
    }

    fn abstraction(&self, s: &State) -> replicated_log::State {
        let mut log = replicated_log::State::default();
        (0..self.0.servers).for_each(|term| log.committed[term] = Self::known(s, term));
        log
    }

    #[inline]
    fn reads_same(&self, before: &State, after: &State) -> bool {
        before.log == after.log && before.term == after.term && before.knew == after.knew
    }

    /// A new master learns all that there is at once.
    fn witness(&self, before: &State, _: &Action, after: &State) -> Vec<replicated_log::Action> {
        let term = usize::from(after.term);
        let known = Self::known(before, term).len();
        after.log.iter().skip(known).map(|value| replicated_log::Action::Commit(term, value)).collect()
    }
}
