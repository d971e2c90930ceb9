//! Consensus: Lamport, *Consensus* (the module `Consensus.tla` of tlaplus/Examples, `Paxos`), all of it.
//!
//! The values are those that were proposed: who proposes, and how a value is learned, is left to the
//! algorithms, since no algorithm that chooses one of them could be told apart by it.

use crate::guard::{guarded, guards};
use crate::parts::each_two;
use proofmark_vocabulary::{
    BitSet, Bound, Catalogued, Clause, Constant, ConstantError, Constants, Counts, Describe, Domain, Fairness, Model,
    Mutant, Profile, Property, PropertySet, Temporal, Value,
};

/// The constants, and the bug planted in the model, if any.
#[derive(Clone, Debug)]
pub struct Consensus {
    /// How many values were proposed.
    pub values: usize,
    /// The bug.
    pub bug: Option<Bug>,
}

/// The variables.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct State {
    /// The values that have been chosen.
    pub chosen: BitSet,
}

/// The actions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// A value is chosen.
    Choose(usize),
}

guards! {
    Consensus:
    /// `chosen = {}`.
    NothingChosen = "nothing-chosen",
}

impl Consensus {
    /// The problem as it is, of that many values.
    pub const fn of(values: usize) -> Self {
        Self { values, bug: None }
    }

    fn choose(&self, s: &State, value: usize) -> Result<State, Guard> {
        self.require(s.chosen.is_empty(), Guard::NothingChosen)?;
        Ok(State { chosen: s.chosen.with(value) })
    }

    fn take(&self, s: &State, action: Action) -> Result<State, Guard> {
        match action {
            Action::Choose(value) => self.choose(s, value),
        }
    }
}

impl Model for Consensus {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![State::default()]
    }

    fn actions(&self, _: &State, actions: &mut Vec<Action>) {
        actions.extend((0..self.values).map(Action::Choose));
    }

    fn next_state(&self, s: &State, action: Action) -> Option<State> {
        self.take(s, action).ok()
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![Property::always("agreement", agreement), Property::sometimes("can choose", has_chosen)]
    }
}

fn agreement(_: &Consensus, s: &State) -> bool {
    s.chosen.len() <= 1
}

fn has_chosen(_: &Consensus, s: &State) -> bool {
    !s.chosen.is_empty()
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "it is a predicate over steps, like any other")]
fn chosen_is_stable(_: &Consensus, before: &State, _: &Action, after: &State) -> bool {
    before.chosen.is_subset(&after.chosen)
}

impl Describe for Consensus {
    fn action_kinds(&self) -> &'static [&'static str] {
        &["Choose"]
    }

    fn action_kind(&self, _: &Action) -> usize {
        0
    }

    fn action_in_words(&self, Action::Choose(value): &Action) -> String {
        format!("value {value} is chosen")
    }

    // It has no processes: that values are chosen is all there is.
    fn clauses(&self, claim: &str, s: &State) -> Vec<Clause> {
        let both = |v, w| s.chosen.contains(v) && s.chosen.contains(w);
        match claim {
            "agreement" => {
                each_two(self.values, |v, w| (format!("values {v} and {w} are not both chosen"), !both(v, w)))
            }
            _ => Vec::new(),
        }
    }

    fn value(&self, s: &State) -> Value {
        Value::record([("chosen", s.chosen.into())])
    }

    guarded!();

    fn temporal(&self) -> Vec<Temporal<Self>> {
        vec![
            Temporal::step("chosen is stable", chosen_is_stable),
            // Lamport's `Success`, under weak fairness of the whole next-state action.
            Temporal::eventually("a value is chosen", has_chosen, vec![Fairness::weak("Choose", |_| true)]),
        ]
    }
}

/// What can be planted in the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bug {
    /// A guard is dropped.
    Drop(Guard),
}

impl Catalogued for Consensus {
    type Bug = Bug;

    const NAME: &'static str = "consensus";
    const ABOUT: &'static str =
        "Consensus (Lamport, Consensus.tla): at most one value is ever chosen, and it was proposed.";
    const MUTANTS: &'static [Mutant<Bug>] = &[Mutant {
        name: "drop-nothing-chosen",
        bug: Bug::Drop(Guard::NothingChosen),
        bound: "ci",
        property: "agreement",
        lesson: "a value is chosen only where none is",
    }];

    fn constants() -> Vec<Constant> {
        vec![Constant { name: "values", domain: Domain::Integer(1, 9), about: "how many values were proposed" }]
    }

    fn bounds() -> Vec<Bound> {
        let bound = |name, about, values: i64, counts| Bound {
            name,
            about,
            profile: Profile::Ci,
            constants: vec![("values", values.into())],
            properties: PropertySet::All,
            expected: &[],
            counts,
        };
        let textbook = Counts { generated: 4, distinct: 4, depth: 2 };
        vec![
            bound("ci", "the least choice there is", 2, Some(Counts { generated: 3, distinct: 3, depth: 2 })),
            bound("textbook", "the published bound", 3, Some(textbook)),
        ]
    }

    fn new(constants: &Constants, bug: Option<Bug>) -> Result<Self, ConstantError> {
        Ok(Self { values: constants.number("values"), bug })
    }
}
