//! The search for deadlocks in the graph of who waits for whom.

use super::bug::Bug;
use super::owner::OwnerId;
use crate::planted::Planted;
use std::collections::BTreeSet;

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
