//! What real threads take the lock table for, however many they are (L5): an object that is asked for keys.

use super::history::{Answer, Moment, Operation};
use proofmark_harness::history::{History, Linearizability, Part, Sequential, linearize};
use proofmark_models::locks::table::Mode;
use std::collections::BTreeMap;

/// Whether the calls that were granted something, and the releases, have an order in which no two holdings conflict and
/// sequencers grow between those that do. A call that is refused or cancelled has no effect that lasts, so it is left
/// out.
///
/// # Errors
/// That there is none, or that the search for one was given up.
pub(super) fn in_some_order(moments: &[Moment]) -> Result<(), NoOrder> {
    let lasts = |answer: &Answer| matches!(answer, Answer::Granted(_) | Answer::Done);
    let answered = moments.iter().filter_map(|moment| match moment {
        Moment::Responded { call, answer } if lasts(answer) => Some((*call, *answer)),
        _ => None,
    });
    let answers: BTreeMap<_, _> = answered.collect();
    let mut history = History::new();
    let mut begun = BTreeMap::new();
    for moment in moments {
        match moment {
            Moment::Invoked { call, owner, operation } if answers.contains_key(call) => {
                begun.insert(*call, history.invoke_by(*owner, (*owner, *operation)));
            }
            Moment::Responded { call, .. } if answers.contains_key(call) => {
                history.respond(begun[call], answers[call]);
            }
            _ => {}
        }
    }
    match linearize(&Keys, &history, BUDGET) {
        Linearizability::Linearizable(_) => Ok(()),
        Linearizability::NotLinearizable { stuck } => {
            let told = history.operation(stuck.overdue).zip(history.response(stuck.overdue));
            let told = told.map_or_else(String::new, |((owner, operation), answer)| {
                format!(" of owner {owner} to {}: {}", operation.in_words(), answer.in_words())
            });
            Err(NoOrder::Found(format!("no order of the {} calls leads to the answer{told}", history.len())))
        }
        Linearizability::Unknown => {
            Err(NoOrder::Unknown(format!("the search for an order of {} calls was given up", history.len())))
        }
    }
}

/// Why calls have no order.
pub(super) enum NoOrder {
    /// There is none.
    Found(String),
    /// It is not known whether there is one.
    Unknown(String),
}

/// The keys, each alone.
struct Keys;

/// A key: who holds it, and the greatest sequencer of each mode so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Key {
    holders: BTreeMap<usize, Mode>,
    greatest: BTreeMap<Mode, u64>,
}

impl Sequential for Keys {
    type State = BTreeMap<usize, Key>;
    type Operation = (usize, Operation);
    type Response = Answer;

    fn initial(&self) -> Self::State {
        BTreeMap::new()
    }

    fn after(&self, state: &Self::State, call: &Self::Operation, answer: Option<&Answer>) -> Option<Self::State> {
        let mut after = state.clone();
        let (owner, operation) = *call;
        let key = after.entry(operation.key()).or_default();
        match (operation, answer?) {
            (Operation::Release(_), Answer::Done) => key.holders.remove(&owner).map(drop)?,
            (Operation::Acquire(_, mode) | Operation::TryAcquire(_, mode), Answer::Granted(sequencer)) => {
                (!key.holders.contains_key(&owner) && key.begin(owner, mode, *sequencer)).then_some(())?;
            }
            (Operation::Upgrade(_, mode) | Operation::Downgrade(_, mode), Answer::Granted(sequencer)) => {
                (key.holders.contains_key(&owner) && key.begin(owner, mode, *sequencer)).then_some(())?;
            }
            _ => return None,
        }
        Some(after)
    }

    fn part(&self, (_, operation): &Self::Operation) -> Option<Part> {
        Some(Part::of(operation.key()))
    }
}

impl Key {
    fn begin(&mut self, owner: usize, mode: Mode, sequencer: u64) -> bool {
        let alone = self.holders.iter().all(|(&other, held)| other == owner || mode.is_compatible(*held));
        let grows = self.greatest.iter().all(|(&other, &least)| mode.is_compatible(other) || sequencer > least);
        self.holders.insert(owner, mode);
        let greatest = self.greatest.entry(mode).or_default();
        *greatest = sequencer.max(*greatest);
        alone && grows
    }
}

/// Configurations that the search for an order looks at. A key's holders leave it little choice.
const BUDGET: u64 = 1_000_000;
