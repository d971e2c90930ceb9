//! The symmetry of the lock table: keys are all alike. Owners are not, for they have an age.

use super::{Grant, LockTable, MOST_GENERATIONS, MOST_KEYS, MOST_OWNERS, Mode, State, Waiters};
use super::{of_generation, of_mode, place};

/// A key's part of the state.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Part {
    owners: [Holding; MOST_OWNERS],
    waiters: Waiters,
    last: [Option<u8>; Mode::ALL.len()],
    fresh: [bool; MOST_GENERATIONS as usize + 1],
}

/// What an owner has to do with a key.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Holding {
    mode: Option<Mode>,
    sequencer: Option<u8>,
    known: bool,
    /// The grant of the key that is on its way, as if the key were the first.
    grant: Option<Grant>,
}

impl LockTable {
    /// The state whose keys are sorted by their parts: the same one for every order of the keys.
    pub(super) fn with_keys_sorted(&self, s: &State) -> State {
        let mut parts = [Part::default(); MOST_KEYS];
        let parts = &mut parts[..self.keys];
        for (k, part) in parts.iter_mut().enumerate() {
            *part = s.part(k);
        }
        parts.sort_unstable();
        let mut sorted = State { asking: s.asking, wounded: s.wounded, ..State::default() };
        for (k, part) in parts.iter().enumerate() {
            sorted.put(k, part);
        }
        sorted
    }
}

impl State {
    fn part(&self, k: usize) -> Part {
        let of_owner = |o| {
            let at = place(o, k);
            let grant = self.grant.get(o).filter(|grant| grant.key == k).map(|grant| Grant { key: 0, ..grant });
            Holding {
                mode: self.held.get(at),
                sequencer: self.sequencer.get(at),
                known: self.known.contains(at),
                grant,
            }
        };
        Part {
            owners: std::array::from_fn(of_owner),
            waiters: self.waiters[k],
            last: std::array::from_fn(|at| self.last.get(of_mode(k, Mode::ALL[at]))),
            fresh: std::array::from_fn(|generation| self.fresh.contains(of_generation(k, generation as u8))),
        }
    }

    fn put(&mut self, k: usize, part: &Part) {
        for (o, &Holding { mode, sequencer, known, grant }) in part.owners.iter().enumerate() {
            let at = place(o, k);
            self.held = self.held.with(at, mode);
            self.sequencer = self.sequencer.with(at, sequencer);
            if known {
                self.known.insert(at);
            }
            if let Some(grant) = grant {
                self.grant = self.grant.with(o, Some(Grant { key: k, ..grant }));
            }
        }
        self.waiters[k] = part.waiters;
        for (&mode, &last) in Mode::ALL.iter().zip(&part.last) {
            self.last = self.last.with(of_mode(k, mode), last);
        }
        for generation in (0..=MOST_GENERATIONS).filter(|&generation| part.fresh[usize::from(generation)]) {
            self.fresh.insert(of_generation(k, generation));
        }
    }
}
