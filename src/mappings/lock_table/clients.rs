//! What owners take the lock table for.

use super::entries::{Operation, Outcome, Reply, Request};
use super::of_model;
use proofmark_harness::history::Sequential;
use proofmark_models::locks::table::Mode;
use std::collections::BTreeMap;

/// Keys that are held in modes, each holding with a sequencer. Nobody sees who waits: a request takes effect when it is
/// granted.
pub(crate) struct Locks;

/// A key as owners see it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Held {
    by: BTreeMap<usize, Mode>,
    /// The present generation, and the modes that were granted in it.
    generation: u64,
    granted: Vec<Mode>,
}

impl Sequential for Locks {
    type State = BTreeMap<usize, Held>;
    type Operation = Request;
    type Response = Reply;

    fn initial(&self) -> Self::State {
        BTreeMap::new()
    }

    /// Who waits for ever is granted nothing.
    fn after(&self, state: &Self::State, request: &Request, reply: Option<&Reply>) -> Option<Self::State> {
        let (owner, mut after) = (request.owner, state.clone());
        match (request.operation, reply?.outcome) {
            (Operation::Request(key, mode) | Operation::Try(key, mode), Outcome::Granted(sequencer)) => {
                let held = after.entry(key).or_default();
                let is_first = !held.by.contains_key(&owner);
                (is_first && held.begin(owner, of_model(mode), sequencer)).then_some(after)
            }
            (Operation::Upgrade(key, mode) | Operation::Downgrade(key, mode), Outcome::Granted(sequencer)) => {
                let held = after.get_mut(&key)?;
                let converts = held.by.contains_key(&owner);
                (converts && held.begin(owner, of_model(mode), sequencer)).then_some(after)
            }
            (Operation::Release(key), Outcome::Done) => after.get_mut(&key)?.by.remove(&owner).map(|_| after),
            (Operation::Cancel | Operation::TimeOut | Operation::Search, Outcome::Done)
            | (Operation::Request(..) | Operation::Upgrade(..), Outcome::Left) => Some(after),
            _ => None,
        }
    }
}

impl Held {
    /// A holding begins, in place of the one that its owner has, if any; whether this can be. A new generation begins
    /// with it unless it joins others and conflicts with nothing in theirs.
    fn begin(&mut self, owner: usize, mode: Mode, sequencer: u64) -> bool {
        let mut others = self.by.iter().filter(|(other, _)| **other != owner).map(|(_, held)| *held).peekable();
        let joins = others.peek().is_some() && self.granted.iter().all(|granted| mode.is_compatible(*granted));
        let can_be = others.all(|held| mode.is_compatible(held))
            && if joins { sequencer == self.generation } else { sequencer > self.generation };
        if !joins {
            self.granted.clear();
        }
        self.granted.push(mode);
        self.granted.sort_unstable();
        self.granted.dedup();
        self.generation = sequencer;
        self.by.insert(owner, mode);
        can_be
    }
}
