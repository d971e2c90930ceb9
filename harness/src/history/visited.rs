//! Which configurations a search has visited.

use foldhash::fast::FixedState;
use std::collections::{HashMap, HashSet};
use std::hash::Hash;

/// The configurations that were visited: each a set of operations that took effect, with the state that they led to.
///
/// One that differs from another only in that more pending operations have taken effect leads nowhere else: whatever
/// can be ordered after it can be ordered after the other. So it counts as visited with it.
pub(super) struct Visited<T>(HashMap<Configuration<T>, Reached, FixedState>);

/// A configuration but for its pending operations.
#[derive(PartialEq, Eq, Hash)]
struct Configuration<T> {
    explained: usize,
    flags: Flags,
    state: T,
}

/// With which sets of pending operations a configuration was reached; `None` is without any, which is less than all.
struct Reached(Option<Box<Sets>>);

#[derive(Default)]
struct Sets {
    /// Of these none contains another, and no set that contains one is visited.
    least: Vec<Box<[usize]>>,
    /// Those that came when there were many: of these only the very same are told.
    others: HashSet<Box<[usize]>, FixedState>,
}

/// What a visit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Visit {
    /// The first of this configuration, which is remembered.
    First,
    /// One more.
    Another,
    /// It would be the first, but none was allowed.
    Refused,
}

impl<T: Clone + Eq + Hash> Visited<T> {
    /// Visits a configuration, for the first time only if that is allowed.
    pub(super) fn visit(
        &mut self,
        explained: usize,
        flags: &Flags,
        state: &T,
        pending: &[usize],
        allowed: bool,
    ) -> Visit {
        let configuration = Configuration { explained, flags: flags.clone(), state: state.clone() };
        if !allowed {
            let known = self.0.get(&configuration).is_some_and(|reached| reached.covers(pending));
            return if known { Visit::Another } else { Visit::Refused };
        }
        match self.0.entry(configuration) {
            std::collections::hash_map::Entry::Occupied(mut known) => known.get_mut().add(pending),
            std::collections::hash_map::Entry::Vacant(new) => {
                new.insert(Reached::with(pending));
                Visit::First
            }
        }
    }
}

impl<T> Default for Visited<T> {
    fn default() -> Self {
        Self(HashMap::default())
    }
}

impl Reached {
    fn with(pending: &[usize]) -> Self {
        Self((!pending.is_empty()).then(|| Box::new(Sets { least: vec![pending.into()], ..Sets::default() })))
    }

    /// Whether a set, or a part of it, was there before.
    fn covers(&self, pending: &[usize]) -> bool {
        let Some(sets) = &self.0 else { return true };
        sets.least.iter().any(|least| contains(pending, least)) || sets.others.contains(pending)
    }

    fn add(&mut self, pending: &[usize]) -> Visit {
        if self.covers(pending) {
            return Visit::Another;
        }
        match &mut self.0 {
            Some(sets) if !pending.is_empty() => sets.add(pending),
            _ => *self = Self::with(pending),
        }
        Visit::First
    }
}

impl Sets {
    fn add(&mut self, pending: &[usize]) {
        self.least.retain(|other| !contains(other, pending));
        if self.least.len() < MANY {
            self.least.push(pending.into());
        } else {
            self.others.insert(pending.into());
        }
    }
}

/// Whether a set has all members of another one, both in ascending order.
fn contains(set: &[usize], other: &[usize]) -> bool {
    let mut members = set.iter();
    other.iter().all(|member| members.any(|candidate| candidate == member))
}

/// A flag for each of some slots. Few operations overlap, so mostly they are one word.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Flags {
    first: u64,
    more: Box<[u64]>,
}

impl Flags {
    pub(super) fn none(slots: usize) -> Self {
        Self { first: 0, more: vec![0; slots.div_ceil(64).saturating_sub(1)].into() }
    }

    pub(super) fn raise(&mut self, slot: usize) {
        *self.word(slot) |= 1 << (slot % 64);
    }

    /// Whether it was raised.
    pub(super) fn lower(&mut self, slot: usize) -> bool {
        let word = self.word(slot);
        let was_raised = *word >> (slot % 64) & 1 == 1;
        *word &= !(1 << (slot % 64));
        was_raised
    }

    fn word(&mut self, slot: usize) -> &mut u64 {
        match slot / 64 {
            0 => &mut self.first,
            word => &mut self.more[word - 1],
        }
    }
}

/// How many sets a configuration compares a new one with, lest the comparisons take longer than the search that they
/// save.
const MANY: usize = 64;
