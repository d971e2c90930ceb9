//! The search for deadlocks in the graph of who waits for whom.

use super::LockTable;
use super::bug::Bug;
use super::entry::Waiting;
use super::owner::{OwnerId, Wait};
use super::waiter::{Fate, Waiter};
use crate::planted::Planted;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{BuildHasher, Hash};
use std::sync::Arc;

/// A cycle of waits through `start`, in which each owner waits for the next and the last for the first; `None` if there
/// is none. An owner waits for those that `waits_for` names, and is asked for once.
///
/// Whoever is the last to wait closes the cycle, so a search from there finds it.
pub fn cycle_through(start: OwnerId, mut waits_for: impl FnMut(OwnerId) -> Vec<OwnerId>) -> Option<Vec<OwnerId>> {
    let mut met = BTreeSet::from([start]);
    let mut path = vec![(start, waits_for(start).into_iter())];
    while let Some((_, to_visit)) = path.last_mut() {
        match to_visit.next() {
            Some(next) if next == start => return Some(path.into_iter().map(|(owner, _)| owner).collect()),
            Some(next) if met.insert(next) => path.push((next, waits_for(next).into_iter())),
            Some(_) => {}
            None => drop(path.pop()),
        }
    }
    None
}

/// Who of a cycle has to leave: the youngest, whoever finds it.
pub fn victim_of(cycle: &[OwnerId], planted: Planted<Bug>) -> Option<OwnerId> {
    if planted.is(Bug::OldestIsVictim) {
        return cycle.iter().min().copied();
    }
    cycle.iter().max().copied()
}

impl<K: Hash + Eq, S: BuildHasher> LockTable<K, S> {
    /// Breaks every circle of waits through an owner that has begun to wait. Whoever is the last to wait closes the
    /// circle, so nobody else has to look.
    pub(super) fn break_deadlocks(&self, start: OwnerId) {
        loop {
            let mut waits = BTreeMap::new();
            let cycle = cycle_through(start, |owner| match self.wait_of(owner) {
                Some((wait, blockers)) => {
                    waits.insert(owner, wait);
                    blockers
                }
                None => Vec::new(),
            });
            let Some(cycle) = cycle else { return };
            // The waits were seen one after another, so there may never have been such a circle. What is seen twice was
            // there all the time between: an owner that waits acquires nothing, and a wait that is over does not come
            // back.
            let edges =
                cycle.iter().zip(cycle.iter().cycle().skip(1)).chain(cycle.iter().zip(cycle.iter().skip(1)).take(1));
            let stands = |(owner, next): (&OwnerId, &OwnerId)| {
                let again = self.wait_of(*owner);
                again.is_some_and(|(wait, blockers)| {
                    Arc::ptr_eq(&wait.waiter, &waits[owner].waiter) && blockers.contains(next)
                })
            };
            if !self.planted.is(Bug::BelievesFirstLook) && !edges.into_iter().all(stands) {
                continue;
            }
            if let Some(victim) = victim_of(&cycle, self.planted) {
                self.kill(&waits[&victim], Fate::Victim);
            }
        }
    }

    /// What an owner waits for, and for whom.
    fn wait_of(&self, owner: OwnerId) -> Option<(Wait, Vec<OwnerId>)> {
        let wait = self.owners.find(owner)?.wait()?;
        if wait.waiter.look() != Fate::Waiting {
            return None;
        }
        let shard = self.shard(wait.hash).lock();
        let is_it = |waiting: &Waiting<Arc<Waiter>>| Arc::ptr_eq(&waiting.waiter, &wait.waiter);
        let slot = shard.entries.find(wait.hash, |slot| slot.entry.waiters().any(is_it))?;
        let blockers = slot.entry.blockers(is_it, &shard.ledger)?;
        drop(shard);
        Some((wait, blockers))
    }
}

#[cfg(all(test, not(threads)))]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Whether `from` comes to `to` by one wait or more, told by closing the relation.
    fn reaches(waits: &[Vec<u64>], from: u64, to: u64) -> bool {
        let mut reached: BTreeSet<u64> = waits[from as usize].iter().copied().collect();
        for _ in waits {
            reached = reached.iter().flat_map(|&one| waits[one as usize].iter().copied().chain([one])).collect();
        }
        reached.contains(&to)
    }

    proptest! {
        #[test]
        fn a_cycle_is_found_exactly_where_there_is_one(waits in prop::collection::vec(prop::collection::vec(0_u64..6, 0..4), 6)) {
            let named = |owner: OwnerId| waits[owner.number() as usize].iter().map(|&other| OwnerId::new(other)).collect();
            for start in 0..6 {
                let found = cycle_through(OwnerId::new(start), named);
                prop_assert_eq!(found.is_some(), reaches(&waits, start, start));
                if let Some(cycle) = found {
                    prop_assert_eq!(cycle[0], OwnerId::new(start));
                    for (one, next) in cycle.iter().zip(cycle.iter().cycle().skip(1)) {
                        prop_assert!(named(*one).contains(next), "{:?} does not wait for {:?}", one, next);
                    }
                }
            }
        }
    }
}
