//! Who is party to a key, and who waits for whom.

use super::{LockTable, Mode, State, place};
use proofmark_vocabulary::BitSet;

impl LockTable {
    pub(super) fn holders(&self, s: &State, k: usize) -> impl Iterator<Item = (usize, Mode)> + use<> {
        let held = s.held;
        (0..self.owners).filter_map(move |o| held.get(place(o, k)).map(|mode| (o, mode)))
    }

    pub(super) fn others(&self, s: &State, o: usize, k: usize) -> impl Iterator<Item = (usize, Mode)> + use<> {
        self.holders(s, k).filter(move |(other, _)| *other != o)
    }

    /// The waiters that hold the key already.
    pub(super) fn upgraders(s: &State, k: usize) -> impl Iterator<Item = usize> + use<> {
        let held = s.held;
        s.waiters[k].iter().map(|(o, _)| o).filter(move |&o| held.get(place(o, k)).is_some())
    }

    /// The holders and waiters of a key.
    pub(super) fn parties(&self, s: &State, k: usize) -> BitSet {
        self.holders(s, k).chain(s.waiters[k].iter()).map(|(o, _)| o).collect()
    }

    /// Rule 8: whom a waiter waits for.
    pub(super) fn waits_for(&self, s: &State, o: usize) -> BitSet {
        let Some(k) = s.waits(o) else { return BitSet::new() };
        let ahead = s.waiters[k].iter().map(|(other, _)| other).take_while(|other| *other != o);
        ahead.fold(self.waits_for_holders(s, o), BitSet::with)
    }

    /// Those of them that hold the key.
    pub(super) fn waits_for_holders(&self, s: &State, o: usize) -> BitSet {
        let Some(k) = s.waits(o) else { return BitSet::new() };
        let conflicts = |held| s.waiters[k].mode_of(o).is_some_and(|mode| !mode.is_compatible(held));
        self.others(s, o, k).filter(|(_, held)| conflicts(*held)).map(|(other, _)| other).collect()
    }

    /// Whether some of the waits form a cycle.
    pub(super) fn has_cycle(&self, s: &State) -> bool {
        s.waiters.iter().any(|waiters| !waiters.is_empty()) && (0..self.owners).any(|o| self.is_youngest_on_cycle(s, o))
    }

    /// Whether the waits form a cycle through this owner in which all others are older.
    pub(super) fn is_youngest_on_cycle(&self, s: &State, o: usize) -> bool {
        is_on_cycle(o, BitSet::below(o + 1), |other| self.waits_for(s, other))
    }
}

/// Whether an owner waits for itself, through some `among` the owners.
pub(super) fn is_on_cycle(o: usize, among: BitSet, waits_for: impl Fn(usize) -> BitSet) -> bool {
    let mut reached = waits_for(o).intersection(&among);
    while !reached.contains(o) {
        let further = reached.iter().fold(reached, |all, other| all.union(&waits_for(other).intersection(&among)));
        if further == reached {
            return false;
        }
        reached = further;
    }
    true
}
