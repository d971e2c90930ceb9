//! A check, and the counterexamples that were found.

use super::{CaseView, PathView};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Asks for a check: limits on it, none where they are absent.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskedCheck {
    /// Distinct states after which to stop.
    #[serde(default)]
    pub max_states: Option<u64>,
    /// States on the longest path to explore.
    #[serde(default)]
    pub max_depth: Option<u64>,
    /// Seconds after which to stop.
    #[serde(default)]
    pub seconds: Option<u64>,
}

/// How far a check is, and what it found.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CheckView {
    /// `none`, `running`, `paused`, `done` or `failed`.
    pub state: &'static str,
    /// Why there is no verdict, where it failed.
    pub error: Option<String>,
    /// How far it is.
    pub progress: Option<ProgressView>,
    /// How often actions of each kind were taken.
    pub actions: Vec<CoverageView>,
    /// What is known of each property.
    pub properties: Vec<PropertyView>,
    /// The verdict; null until the check has ended.
    pub verdict: Option<String>,
    /// The verdict in words, with the bound that it is of.
    pub words: Option<String>,
}

/// How far a check is.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ProgressView {
    /// `states`, then `liveness`.
    pub phase: &'static str,
    /// Steps generated.
    pub generated: u64,
    /// Distinct states found.
    pub distinct: u64,
    /// States found and not yet explored, where the engine tells.
    pub queue: Option<u64>,
    /// The level that is being explored, the initial states being 1.
    pub depth: u64,
    /// Bytes that the process occupies.
    pub memory: u64,
    /// Since the check began, pauses included.
    pub seconds: f64,
    /// Distinct states a second, lately.
    pub rate: f64,
}

/// How often actions of one kind were taken.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CoverageView {
    /// The kind.
    pub name: String,
    /// Steps of the kind.
    pub generated: u64,
    /// Those that led to a state not seen before, where the engine tells.
    pub distinct: Option<u64>,
}

/// What is known of a property.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PropertyView {
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: &'static str,
    /// `not-yet` until it is decided; then `holds`, `violated`, `expected`, `unmet` or `unknown`.
    pub verdict: &'static str,
    /// Whether the bound expects it to fail.
    pub expected: bool,
    /// The counterexample that is kept, if there is one.
    pub counterexample: Option<String>,
}

/// The counterexamples that are kept.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct KeptView {
    /// They, by their IDs.
    pub counterexamples: Vec<KeptRow>,
}

/// A counterexample that is kept.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct KeptRow {
    /// Its ID.
    pub id: String,
    /// The model.
    pub model: String,
    /// The bound.
    pub bound: String,
    /// The planted bug.
    pub mutant: Option<String>,
    /// The property that fails.
    pub property: String,
    /// The property's kind.
    pub kind: String,
    /// How many steps it has.
    pub steps: usize,
    /// Whether it is a behaviour of code, which stands beside its model too.
    pub code: bool,
}

/// A counterexample, as a path through the model as it is now.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CounterexampleView {
    /// The model that it is of.
    pub case: CaseView,
    /// The property that fails.
    pub property: String,
    /// The property's kind.
    pub kind: String,
    /// The path, as far as the model goes along.
    pub path: PathView,
    /// The index of the state to which a lasso returns.
    #[serde(rename = "loop")]
    pub back_to: Option<usize>,
    /// What exactly went wrong, where more can be said than that the property is false.
    pub explanation: Option<String>,
    /// `reproduced`, `harmless`, `undecided` or `changed`.
    pub verdict: &'static str,
    /// The verdict in words.
    pub words: String,
}
