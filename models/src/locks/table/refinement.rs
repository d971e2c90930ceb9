//! The lock table, seen key by key, refines mutual exclusion.

use super::{Action, LockTable, Mode, State, of_generation, of_mode, place};
use crate::problems::mutual_exclusion::{self, MutualExclusion};
use proofmark_vocabulary::Refinement;

/// What the table says of one key. X is exclusive, and every other mode is shared: that some shared ones conflict is
/// more than the problem asks for. So is a generation that begins while the key is held, and the problem's sequencer is
/// how many began before that did not.
pub(super) struct ExcludesMutually {
    problem: MutualExclusion,
    key: usize,
}

impl ExcludesMutually {
    pub(super) fn new(m: &LockTable, key: usize) -> Self {
        let problem = MutualExclusion { clients: m.owners, generations: m.generations, bug: None };
        Self { problem, key }
    }

    fn acquire(client: usize, mode: Mode) -> mutual_exclusion::Action {
        let mode = match mode {
            Mode::Exclusive => mutual_exclusion::Mode::Exclusive,
            _ => mutual_exclusion::Mode::Shared,
        };
        mutual_exclusion::Action::Acquire(client, mode)
    }
}

impl State {
    /// The generations of the key that began when it had no other holder.
    pub(super) fn fresh_generations(&self, k: usize) -> impl Iterator<Item = u8> {
        let fresh = self.fresh;
        (0..=u8::MAX).take(16).filter(move |&generation| fresh.contains(of_generation(k, generation)))
    }

    /// The generation's rank among them, from 0.
    fn rank(&self, k: usize, generation: u8) -> u8 {
        let before = self.fresh_generations(k).filter(|&fresh| fresh < generation).count() as u8;
        let fresh = self.fresh.contains(of_generation(k, generation));
        if fresh { before } else { before.saturating_sub(1) }
    }
}

impl Refinement for ExcludesMutually {
    type Concrete = State;
    type Event = Action;
    type Spec = MutualExclusion;

    fn spec(&self) -> &MutualExclusion {
        &self.problem
    }

    fn abstraction(&self, s: &State) -> mutual_exclusion::State {
        let rank = |generation| s.rank(self.key, generation);
        let sequencer = |o| s.sequencer.get(place(o, self.key)).map(rank);
        let exclusive = |&o: &usize| s.mode(o, self.key) == Some(Mode::Exclusive);
        let last =
            |modes: &[Mode]| modes.iter().filter_map(|&mode| s.last.get(of_mode(self.key, mode))).max().map(rank);
        let owners = 0..self.problem.clients;
        let (shared, exclusively) = Mode::ALL.split_at(Mode::ALL.len() - 1);
        mutual_exclusion::State {
            sequencer: owners.clone().map(sequencer).collect(),
            exclusive: owners.filter(exclusive).collect(),
            last_exclusive: last(exclusively),
            last_shared: last(shared),
        }
    }

    /// What ended comes first, then the conversions, each a release and a new holding, and then what began: the actor's
    /// before those that it was served for, and these as they waited.
    fn witness(&self, before: &State, _: &Action, after: &State) -> Vec<mutual_exclusion::Action> {
        let k = self.key;
        let waiters = before.waiters[k];
        let queued = |o: &usize| waiters.place_of(*o).is_some();
        let owners = 0..self.problem.clients;
        let in_order: Vec<_> = owners.clone().filter(|o| !queued(o)).chain(waiters.iter().map(|(o, _)| o)).collect();
        let held = |s: &State, o| (s.mode(o, k), s.sequencer.get(place(o, k)));
        let ended = owners.filter(|&o| before.mode(o, k).is_some() && after.mode(o, k).is_none());
        let mut actions: Vec<_> = ended.map(mutual_exclusion::Action::Release).collect();
        for o in in_order {
            let Some(mode) = after.mode(o, k).filter(|_| held(before, o) != held(after, o)) else { continue };
            if before.mode(o, k).is_some() {
                actions.push(mutual_exclusion::Action::Release(o));
            }
            actions.push(Self::acquire(o, mode));
        }
        actions
    }
}
