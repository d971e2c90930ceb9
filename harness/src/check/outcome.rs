//! What a search found.

use super::Cut;
use proofmark_vocabulary::{Describe, Value};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// What a search found, whether or not it was exhaustive.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Why the search was not exhaustive; `None` when it was.
    pub cut: Option<Cut>,
    /// Initial states plus every successor of every distinct state that was explored, stutters included.
    pub generated: u64,
    /// Distinct states found; with symmetry, orbits.
    pub distinct: u64,
    /// States on the longest shortest path, the initial one being 1.
    pub depth: u64,
    /// Successors that the model's boundary kept out.
    pub left_boundary: u64,
    /// Bytes of a state, without what it keeps on the heap.
    pub state_bytes: u64,
    /// How long the search took.
    pub elapsed: Duration,
    /// The probability that two distinct states shared a fingerprint, so that one was not explored.
    pub collision_probability: f64,
    /// The properties, in the model's order.
    pub properties: Vec<PropertyOutcome>,
    /// The kinds of action, in the model's order; empty for a model that names none.
    pub actions: Vec<ActionCoverage>,
}

/// What a search found of one property.
#[derive(Clone, Debug)]
pub struct PropertyOutcome {
    /// Its name.
    pub name: String,
    /// Its kind: `always`, `step`, `eventually`, `eventually-always`, `leads-to`, `can`, `always-can`,
    /// `refinement` or `deadlock`.
    pub kind: &'static str,
    /// What was found.
    pub finding: Finding,
    /// Of a refinement: how often an action of each of the specification's kinds has explained a step.
    pub witnessed: Vec<(&'static str, u64)>,
}

/// What a search can say of a property.
#[derive(Clone, Debug)]
pub enum Finding {
    /// It holds, and the search was exhaustive (or it is a `can` that was met).
    Holds,
    /// It fails, and this shows it.
    Violated(Box<Counterexample>),
    /// No state satisfies a `can`, and the search was exhaustive.
    Unmet,
    /// The search was cut before it could tell.
    Unknown,
}

/// A behaviour that violates a property: a path, or a lasso when the last step returns to an earlier one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counterexample {
    /// The states of the behaviour, each with the action that led there.
    pub steps: Vec<Step>,
    /// The index of the step to which a lasso returns: the last step's state is that step's, and the behaviour
    /// goes round for ever. The last index itself means that it stutters there for ever; `None` is a path.
    #[serde(rename = "loop")]
    pub back_to: Option<usize>,
    /// What exactly went wrong, where more can be said than that the property is false.
    pub explanation: Option<String>,
}

/// One state of a behaviour and how it was reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// The action in words; `None` for the initial state.
    pub action: Option<String>,
    /// The action's kind, where the model names kinds.
    pub kind: Option<String>,
    /// The state.
    pub state: Value,
}

impl Step {
    /// The state, and the action that led there, as they are told.
    pub(crate) fn of<D: Describe>(model: &D, action: Option<&D::Action>, state: &D::State) -> Self {
        let kind = action.and_then(|action| model.action_kinds().get(model.action_kind(action)));
        Self {
            action: action.map(|action| model.action_in_words(action)),
            kind: kind.map(ToString::to_string),
            state: model.value(state),
        }
    }
}

/// How often actions of one kind were taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionCoverage {
    /// The kind.
    pub name: &'static str,
    /// Steps of this kind.
    pub generated: u64,
    /// Steps of this kind that led to a state not seen before; `None` where the engine does not tell.
    pub distinct: Option<u64>,
    /// Whether the model says that its constants switch this kind off.
    pub switched_off: bool,
}

impl PropertyOutcome {
    /// The counterexample, where the property was violated.
    pub fn counterexample(&self) -> Option<&Counterexample> {
        match &self.finding {
            Finding::Violated(counterexample) => Some(counterexample),
            _ => None,
        }
    }
}
