//! Values in the order of their coming, each once.

use foldhash::fast::FixedState;
use std::collections::HashMap;
use std::hash::{BuildHasher, Hash};

/// Values without repetition, by their places. They are found by a hash and told apart by comparison, since a model's
/// states need not be `Eq`.
pub(crate) struct Distinct<T> {
    values: Vec<T>,
    places: HashMap<u64, Vec<u32>, FixedState>,
}

impl<T: Hash + PartialEq> Distinct<T> {
    /// The place of a value, which is put behind all others if it is not there.
    pub(crate) fn insert(&mut self, value: T) -> u32 {
        let alike = self.places.entry(self.places.hasher().hash_one(&value)).or_default();
        let known = alike.iter().copied().find(|&place| self.values[place as usize] == value);
        known.unwrap_or_else(|| {
            let place = self.values.len() as u32;
            alike.push(place);
            self.values.push(value);
            place
        })
    }

    /// All of them.
    pub(crate) fn all(&self) -> &[T] {
        &self.values
    }

    /// All of them, alone.
    pub(crate) fn into_vec(self) -> Vec<T> {
        self.values
    }
}

impl<T: Hash + PartialEq> FromIterator<T> for Distinct<T> {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        let mut distinct = Self { values: Vec::new(), places: HashMap::default() };
        for value in values {
            distinct.insert(value);
        }
        distinct
    }
}
