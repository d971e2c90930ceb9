//! Paths: followed, sought, compared, exported.

use super::{CaseView, StateName, StepView};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A behaviour by its actions, as a link tells it.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskedPath {
    /// The initial state; the first where it is absent.
    #[serde(default)]
    pub start: Option<StateName>,
    /// The steps.
    pub steps: Vec<AskedStep>,
}

/// A step of a link.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskedStep {
    /// The action in words.
    pub action: String,
    /// The state that it led to, or the first digits of its name: tells when the model has changed.
    #[serde(default)]
    pub to: Option<StateName>,
}

/// A behaviour.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PathView {
    /// Its states: one more than there are steps.
    pub states: Vec<StateName>,
    /// Its steps.
    pub steps: Vec<StepView>,
    /// Where the model no longer goes along; the path ends before it.
    pub changed: Option<ChangedView>,
}

/// Where the model no longer goes along with a link.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ChangedView {
    /// The step, the first being 1; 0 is the initial state.
    pub at: usize,
    /// What is different.
    pub why: String,
}

/// Asks for a random walk.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskedWalk {
    /// Where it begins.
    pub from: StateName,
    /// How many steps it has, unless nothing can happen before.
    pub steps: usize,
    /// The walk of a seed is always the same.
    pub seed: u64,
}

/// Asks for the shortest path to something.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskedFind {
    /// Where it begins.
    pub from: StateName,
    /// What is sought.
    pub goal: Goal,
    /// How many states to look at, at the most.
    #[serde(default)]
    pub states: Option<usize>,
}

/// What is sought.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Goal {
    /// A state where a predicate in CEL is true.
    Predicate {
        /// The predicate.
        text: String,
    },
    /// A state where a claim's predicate has a truth.
    Claim {
        /// The claim.
        claim: String,
        /// `state`, `from` or `to`.
        #[serde(default = "of_state")]
        predicate: String,
        /// The truth.
        holds: bool,
    },
    /// The next state where a claim's predicate has another truth than at the beginning.
    Change {
        /// The claim.
        claim: String,
        /// `state`, `from` or `to`.
        #[serde(default = "of_state")]
        predicate: String,
    },
    /// A step that violates a claim of steps.
    Violation {
        /// The claim.
        claim: String,
    },
    /// A deadlock.
    Deadlock,
    /// That state.
    State {
        /// Its name.
        id: StateName,
    },
}

fn of_state() -> String {
    "state".to_owned()
}

/// What a search found.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FoundView {
    /// The shortest path; null where there is none among the states that were looked at.
    pub path: Option<PathView>,
    /// How many states were looked at.
    pub looked_at: usize,
    /// Whether nothing was left to look at: only then is there none.
    pub exhaustive: bool,
    /// How often a predicate could not be evaluated, and so counted as false.
    pub failed: usize,
    /// Why not the first time.
    pub why: Option<String>,
    /// How long it took, in seconds.
    pub seconds: f64,
}

/// Asks for a mutant beside the model, or the model beside a mutant.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskedCompare {
    /// The mutant; null for the model itself.
    pub mutant: Option<String>,
    /// How many states to look at, at the most.
    #[serde(default)]
    pub states: Option<usize>,
}

/// The first state in which a model and a mutant of it differ.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ComparedView {
    /// The other one.
    pub other: CaseView,
    /// The shortest way there, which both go; null where they do not differ in what was looked at.
    pub path: Option<PathView>,
    /// What only this one can do there.
    pub only_here: Vec<StepView>,
    /// What only the other can do there.
    pub only_there: Vec<StepView>,
    /// What both can do and leads elsewhere.
    pub differ: Vec<DifferView>,
    /// How many states were looked at.
    pub looked_at: usize,
    /// Whether nothing was left to look at: only then do they not differ at all.
    pub exhaustive: bool,
}

/// An action that leads elsewhere in a mutant.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DifferView {
    /// Where it leads here.
    pub here: StepView,
    /// Where it leads in the other.
    pub there: StepView,
}

/// Asks for a file.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskedExport {
    /// The behaviour.
    pub path: AskedPath,
    /// The index of the state to which a lasso returns.
    #[serde(default, rename = "loop")]
    pub back_to: Option<usize>,
    /// The property that it is about.
    #[serde(default)]
    pub property: Option<String>,
}
