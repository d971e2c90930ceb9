//! What the explorer's server says and is asked, as JSON: version 1 of its API.
//!
//! A state is named by its fingerprint, 16 hexadecimal digits that are the same on every run of the same model.

use super::space;
use crate::beside::{Beside, BesideEvent, BesideInstance, BesideVerdict};
use crate::interleave;
use crate::store::Saved;
use crate::trace::{Allowed, Difference};
use proofmark_vocabulary::{Change, Fault, Message, Scene, Value};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// A state's name.
pub type StateName = String;

/// The name of a state with this fingerprint.
pub fn name_of(fingerprint: u64) -> StateName {
    format!("{fingerprint:016x}")
}

/// The fingerprint in a state's name; `None` when it is no such name.
pub fn fingerprint_in(name: &str) -> Option<u64> {
    (name.len() == 16).then(|| u64::from_str_radix(name, 16).ok()).flatten()
}

/// What can be opened.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ModelsView {
    /// The name of the program.
    pub program: String,
    /// Its version.
    pub version: String,
    /// The models, then the clusters of the systems.
    pub models: Vec<ModelView>,
    /// The systems.
    pub systems: Vec<SystemView>,
    /// What the program was started with: where a page without a link begins.
    pub start: StartView,
}

/// Where a page without a link begins.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StartView {
    /// The model.
    pub model: String,
    /// The bound.
    pub bound: Option<String>,
    /// The changed constants.
    pub set: BTreeMap<String, String>,
    /// The planted bug.
    pub mutant: Option<String>,
    /// The counterexample to open.
    pub counterexample: Option<String>,
}

/// A model of the registry.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ModelView {
    /// Its name.
    pub name: &'static str,
    /// What it is about.
    pub about: &'static str,
    /// Whether it is the cluster of a system: real code, explored as a model.
    pub cluster: bool,
    /// Its constants.
    pub constants: Vec<ConstantView>,
    /// Its bounds; the first is the default.
    pub bounds: Vec<BoundView>,
    /// The bugs that can be planted.
    pub mutants: Vec<MutantView>,
}

/// A constant.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ConstantView {
    /// Its name.
    pub name: &'static str,
    /// What it is.
    pub about: &'static str,
    /// The values that it may have, in words.
    pub domain: String,
}

/// A bound.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BoundView {
    /// Its name.
    pub name: &'static str,
    /// What it is for.
    pub about: &'static str,
    /// `ci` or `deep`.
    pub profile: &'static str,
    /// The constants.
    #[schema(value_type = Object)]
    pub constants: BTreeMap<&'static str, Value>,
    /// Distinct states, where they are recorded.
    pub distinct: Option<u64>,
}

/// A bug that can be planted.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MutantView {
    /// Its name.
    pub name: &'static str,
    /// The smallest bound that shows it.
    pub bound: &'static str,
    /// What it teaches.
    pub lesson: &'static str,
}

/// A system: code that is tied to its model by links.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SystemView {
    /// Its name.
    pub name: &'static str,
    /// What it implements.
    pub about: &'static str,
    /// Its links.
    pub links: Vec<String>,
    /// The bugs that can be planted in its code.
    pub mutants: Vec<MutantView>,
    /// The cases of its concurrent code, if it has some.
    pub cases: Vec<RunCaseView>,
}

/// A case of concurrent code: some threads, in every order.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RunCaseView {
    /// Its name.
    pub name: &'static str,
    /// What it is about.
    pub about: &'static str,
    /// Who chooses the interleavings: `loom`, `shuttle` or `stress`.
    pub explorer: &'static str,
    /// How many threads it has.
    pub threads: usize,
}

impl RunCaseView {
    /// A case as people see it.
    pub fn of(case: &interleave::Case) -> Self {
        Self { name: case.name, about: case.about, explorer: case.explorer.name(), threads: case.threads }
    }
}

/// Asks for a model at a bound, perhaps with changed constants or a bug planted.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskedCase {
    /// The model.
    pub model: String,
    /// The bound; the mutant's or the first where none is named.
    #[serde(default)]
    pub bound: Option<String>,
    /// Changes of constants, as `--set KEY=VALUE` takes them.
    #[serde(default)]
    pub set: BTreeMap<String, String>,
    /// The planted bug.
    #[serde(default)]
    pub mutant: Option<String>,
}

/// A model that is open.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CaseView {
    /// Its name in paths; the same for whoever asks for the same.
    pub case: String,
    /// The model.
    pub model: String,
    /// What the model is about.
    pub about: String,
    /// The bound.
    pub bound: String,
    /// What the bound is for.
    pub bound_about: String,
    /// The constants.
    #[schema(value_type = Object)]
    pub constants: BTreeMap<String, Value>,
    /// The planted bug.
    pub mutant: Option<String>,
    /// What the planted bug teaches.
    pub lesson: Option<String>,
    /// The lines of a diagram; none where the model tells none.
    pub processes: Vec<String>,
    /// The kinds of action, where the model names them.
    pub kinds: Vec<&'static str>,
    /// The guards, where the model names them.
    pub guards: Vec<&'static str>,
    /// What the model claims.
    pub claims: Vec<ClaimView>,
    /// The initial states.
    pub initial: Vec<StateName>,
    /// The commands that check it, and open it here.
    pub commands: CommandsView,
}

/// The commands that lead to what is shown.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CommandsView {
    /// Checks it.
    pub check: String,
    /// Opens it in the explorer.
    pub explore: String,
}

/// A claim of a model.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ClaimView {
    /// Its name.
    pub name: &'static str,
    /// Its kind.
    pub kind: &'static str,
    /// Whether this bound checks it.
    pub checked: bool,
    /// Whether this bound expects it to fail.
    pub expected_to_fail: bool,
    /// Where it is stated.
    pub stated: Option<String>,
}

/// A state as people see it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StateView {
    /// Its name.
    pub id: StateName,
    /// Its fields.
    #[schema(value_type = Object)]
    pub value: Value,
    /// What the claims say of it alone.
    pub truths: Vec<TruthView>,
    /// Whether it is one of the initial ones.
    pub initial: bool,
    /// Whether no step leaves it, and the model forbids that.
    pub deadlock: bool,
    /// What can happen, in the model's order.
    pub steps: Vec<StepView>,
}

/// What a claim says of one state.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TruthView {
    /// The claim's name.
    pub claim: &'static str,
    /// Its kind.
    pub kind: &'static str,
    /// `state`; `from` or `to` of a `leads-to`.
    pub predicate: &'static str,
    /// Whether it is true.
    pub holds: bool,
    /// Its parts, where the model names them.
    pub clauses: Vec<ClauseView>,
}

/// A part of a predicate.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ClauseView {
    /// What it says.
    pub name: String,
    /// Whether it is true.
    pub holds: bool,
}

/// Something that can happen in a state.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StepView {
    /// The action in words.
    pub action: String,
    /// Its kind, where the model names kinds.
    pub kind: Option<&'static str>,
    /// The state that it leads to; null where that is beyond the model's boundary.
    pub to: Option<StateName>,
    /// What it changes.
    pub changes: Vec<ChangeView>,
    /// The claims of steps that it violates.
    pub violates: Vec<ViolationView>,
    /// Who does what.
    pub scene: SceneView,
}

/// One place in which two values differ.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ChangeView {
    /// Where, such as `outcome[2]`; empty when the whole value differs.
    pub path: String,
    /// What stood there before; absent where nothing did.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub before: Option<Value>,
    /// What stands there now; absent where nothing does.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub after: Option<Value>,
}

/// A claim of steps that a step violates.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ViolationView {
    /// The claim.
    pub claim: &'static str,
    /// Why, where more can be said than that it is false.
    pub why: Option<String>,
}

/// Who does what in a step. Processes are indices among those of the case.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct SceneView {
    /// Where it happens; null where that is nowhere in particular.
    pub process: Option<usize>,
    /// What is sent.
    pub sent: Vec<MessageView>,
    /// What is received.
    pub received: Vec<MessageView>,
    /// What the network loses.
    pub lost: Vec<MessageView>,
    /// The fault that it is, if it is one.
    pub fault: Option<&'static str>,
}

/// A message. It is received where an equal one was sent.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MessageView {
    /// Who sends it.
    pub from: usize,
    /// To whom; null where it is for everybody.
    pub to: Option<usize>,
    /// What it says.
    pub text: String,
}

/// What happens elsewhere and cannot happen in a state.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DisabledView {
    /// The actions, by their words.
    pub disabled: Vec<DisabledStepView>,
    /// How many states were looked at to know which actions there are.
    pub looked_at: usize,
    /// Whether those are all.
    pub exhaustive: bool,
}

/// An action that cannot happen in a state.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DisabledStepView {
    /// The action in words.
    pub action: String,
    /// Its kind, where the model names kinds.
    pub kind: Option<&'static str>,
    /// Where it would happen.
    pub process: Option<usize>,
    /// The fault that it would be, if it is one.
    pub fault: Option<&'static str>,
    /// The guard that is false, where the model names its guards.
    pub guard: Option<&'static str>,
    /// What the guard says, where the model tells; backticks quote a formula.
    pub guard_says: Option<&'static str>,
}

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

/// The states near one.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct NeighbourhoodView {
    /// The states.
    pub nodes: Vec<NodeView>,
    /// The steps between them.
    pub edges: Vec<EdgeView>,
    /// How many states of the layers asked for are left out, since there are too many, and of the next layer.
    pub left_out: usize,
}

/// A state of a graph.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct NodeView {
    /// Its name.
    pub id: StateName,
    /// How many steps it is away; -1 of those that are one step before.
    pub layer: i64,
    /// Whether it is an initial one.
    pub initial: bool,
    /// Whether it is a deadlock.
    pub deadlock: bool,
    /// The claims of states that it violates.
    pub violates: Vec<&'static str>,
    /// What the step that led to it first has changed.
    pub label: String,
}

/// A step of a graph.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EdgeView {
    /// Where from.
    pub from: StateName,
    /// Where to.
    pub to: StateName,
    /// The action in words.
    pub action: String,
    /// Its kind.
    pub kind: Option<&'static str>,
    /// The claims of steps that it violates.
    pub violates: Vec<&'static str>,
}

/// The whole graph, summarised.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ClustersView {
    /// The clusters, the largest that are shown, in the order of their keys.
    pub clusters: Vec<ClusterView>,
    /// Which steps lead from one to another, or stay: indices among the clusters.
    pub edges: Vec<ClusterEdgeView>,
    /// How many clusters are shown as one, the last, since there are too many.
    pub merged: usize,
    /// How many states there are in all.
    pub states: usize,
    /// Whether those are all states of the model.
    pub exhaustive: bool,
}

/// States that are alike.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ClusterView {
    /// What they have in common.
    pub key: String,
    /// How many there are.
    pub states: usize,
    /// The first of them.
    pub sample: StateName,
    /// Whether an initial one is among them.
    pub initial: bool,
    /// How many of them violate a claim of states.
    pub violating: usize,
    /// How many of them are deadlocks.
    pub deadlocks: usize,
}

/// The steps between two clusters.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ClusterEdgeView {
    /// The index of the cluster that they leave.
    pub from: usize,
    /// The index of the cluster that they reach.
    pub to: usize,
    /// How many there are.
    pub steps: usize,
}

/// States as points, laid out by depth. All arrays of points are parallel.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct PointsView {
    /// The names of the states.
    pub ids: Vec<StateName>,
    /// How many steps they are away from an initial one.
    pub depth: Vec<u32>,
    /// Where they are drawn, from -1 to 1.
    pub x: Vec<f32>,
    /// Where they are drawn: the depth, downwards.
    pub y: Vec<f32>,
    /// The indices of those that violate a claim of states.
    pub violating: Vec<u32>,
    /// The indices of the deadlocks.
    pub deadlocks: Vec<u32>,
    /// Steps, each as the two indices between which it leads.
    pub edges: Vec<u32>,
    /// How many steps are left out, since there are too many.
    pub left_out_edges: usize,
    /// Whether those are all states of the model.
    pub exhaustive: bool,
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

/// Asks for code beside its model.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum AskedRun {
    /// A run of the simulator.
    Seed {
        /// The system.
        system: String,
        /// The seed.
        seed: u64,
        /// Changes of constants, as `--set KEY=VALUE` takes them.
        #[serde(default)]
        set: BTreeMap<String, String>,
        /// The bug in the code, by its mutant's name.
        #[serde(default)]
        mutant: Option<String>,
    },
    /// A recorded trace.
    Trace {
        /// The text of its file.
        text: String,
    },
    /// A history of the threads of a case.
    Case {
        /// The system.
        system: String,
        /// The case of its concurrent code.
        case: String,
        /// The bug in the code, by its mutant's name.
        #[serde(default)]
        mutant: Option<String>,
        /// Which of its distinct histories, from 1, in the order in which they are met. Without it: the one that is
        /// wrong, or the first where none is.
        #[serde(default)]
        history: Option<u64>,
    },
    /// A kept divergence: a counterexample of a system's cluster.
    Counterexample {
        /// Its ID.
        id: String,
    },
}

/// A run of the code, each event with what the model makes of it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RunView {
    /// The system.
    pub system: String,
    /// What was run.
    pub title: String,
    /// The command that judges it.
    pub command: Option<String>,
    /// The names of the nodes.
    pub nodes: Vec<String>,
    /// The model.
    pub model: String,
    /// The instances of the model that the run is about.
    pub instances: Vec<RunInstanceView>,
    /// The events, in the order of the run.
    pub events: Vec<RunEventView>,
    /// `explained`; `diverges` or `undecided`, at an event; or `wrong`: every event is explained, and something is wrong
    /// all the same.
    pub verdict: &'static str,
    /// The index of the event that is not explained, if it is one.
    pub diverges_at: Option<usize>,
    /// Why it is not, or what is wrong.
    pub why: Option<String>,
    /// Of a case, which history this is.
    pub history: Option<HistoryView>,
}

/// Which of a case's histories is shown.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct HistoryView {
    /// Its number among the distinct histories, from 1, in the order in which they are met.
    pub number: u64,
    /// How many distinct ones were met until it was shown.
    pub met: u64,
}

/// An instance of the model.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RunInstanceView {
    /// Its name.
    pub name: String,
    /// The state in which it begins.
    #[schema(value_type = Object)]
    pub begins: Value,
}

/// An event of the code.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RunEventView {
    /// It in words.
    pub event: String,
    /// Who does what; processes are the nodes.
    pub scene: SceneView,
    /// What the model makes of it, for each instance that it is about.
    pub instances: Vec<RunExplainedView>,
}

/// An event of the code, as one instance of the model.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RunExplainedView {
    /// The index of the instance.
    pub instance: usize,
    /// What the node then decides, by the names of the fields.
    #[schema(value_type = Object)]
    pub code: BTreeMap<String, Value>,
    /// The actions that explain it; none where it is a stutter, or not explained.
    pub explained_by: Vec<String>,
    /// The model's state afterwards; null where it is not explained.
    #[schema(value_type = Option<Object>)]
    pub model: Option<Value>,
    /// The states that the model would have allowed, the nearest first, where it is not explained.
    pub allowed: Vec<AllowedView>,
}

/// A state that the model would have allowed.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AllowedView {
    /// The actions that lead there; none where nothing happened.
    pub actions: Vec<String>,
    /// The state.
    #[schema(value_type = Object)]
    pub value: Value,
    /// Where the code differs from it, the first field first.
    pub differs: Vec<DifferenceView>,
}

/// Where code and model differ.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DifferenceView {
    /// The field; of a message, what it says.
    pub field: String,
    /// What the code has; null of a message.
    #[schema(value_type = Option<Object>)]
    pub code: Option<Value>,
    /// What the model has; null of a message.
    #[schema(value_type = Option<Object>)]
    pub model: Option<Value>,
    /// It as a sentence.
    pub words: String,
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

/// Why something is refused.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct RefusalView {
    /// What, where and what to do.
    pub error: String,
}

impl From<space::Truth> for TruthView {
    fn from(truth: space::Truth) -> Self {
        let space::Truth { claim, kind, predicate, holds, clauses } = truth;
        let clauses = clauses.into_iter().map(|clause| ClauseView { name: clause.name, holds: clause.holds }).collect();
        Self { claim, kind, predicate, holds, clauses }
    }
}

impl StepView {
    /// A step that leads to a state of this name.
    pub fn new(step: space::Step, to: Option<StateName>) -> Self {
        let space::Step { action, kind, to: _, changes, violates, scene } = step;
        Self {
            action,
            kind,
            to,
            changes: changes.into_iter().map(ChangeView::from).collect(),
            violates: violates.into_iter().map(|(claim, why)| ViolationView { claim, why }).collect(),
            scene: scene.into(),
        }
    }
}

impl From<space::Disabled> for DisabledStepView {
    fn from(disabled: space::Disabled) -> Self {
        let space::Disabled { action, kind, guard, guard_says, scene } = disabled;
        Self { action, kind, process: scene.process, fault: scene.fault.map(word), guard, guard_says }
    }
}

impl From<Change> for ChangeView {
    fn from(change: Change) -> Self {
        let Change { path, before, after } = change;
        Self { path, before, after }
    }
}

impl From<Scene> for SceneView {
    fn from(scene: Scene) -> Self {
        let Scene { process, sent, received, lost, fault } = scene;
        let all = |messages: Vec<Message>| messages.into_iter().map(MessageView::from).collect();
        Self { process, sent: all(sent), received: all(received), lost: all(lost), fault: fault.map(word) }
    }
}

impl From<Message> for MessageView {
    fn from(message: Message) -> Self {
        let Message { from, to, text } = message;
        Self { from, to, text }
    }
}

/// A fault's name.
fn word(fault: Fault) -> &'static str {
    match fault {
        Fault::Crash => "crash",
        Fault::Restart => "restart",
        Fault::Drop => "drop",
        Fault::Duplicate => "duplicate",
        Fault::Partition => "partition",
        Fault::Heal => "heal",
    }
}

impl RunView {
    /// A run of a system.
    pub fn new(system: &str, model: &str, title: String, command: Option<String>, beside: Beside) -> Self {
        let Beside { nodes, instances, events, verdict } = beside;
        let (verdict, diverges_at, why) = match verdict {
            BesideVerdict::Explained => ("explained", None, None),
            BesideVerdict::Diverges(at, why) => ("diverges", Some(at), Some(why)),
            BesideVerdict::Undecided(at, why) => ("undecided", Some(at), Some(why)),
            BesideVerdict::Wrong(why) => ("wrong", None, Some(why)),
        };
        let instances = instances.into_iter().map(|(name, begins)| RunInstanceView { name, begins });
        let explained = |of: BesideInstance| RunExplainedView {
            instance: of.instance,
            code: of.code,
            explained_by: of.actions,
            model: of.model,
            allowed: of.allowed.into_iter().map(AllowedView::from).collect(),
        };
        let event = |event: BesideEvent| RunEventView {
            event: event.event,
            scene: event.scene.into(),
            instances: event.instances.into_iter().map(explained).collect(),
        };
        Self {
            system: system.to_owned(),
            title,
            command,
            nodes,
            model: model.to_owned(),
            instances: instances.collect(),
            events: events.into_iter().map(event).collect(),
            verdict,
            diverges_at,
            why,
            history: None,
        }
    }
}

impl From<Allowed> for AllowedView {
    fn from(allowed: Allowed) -> Self {
        let Allowed { actions, value, differences } = allowed;
        let differs = differences.into_iter().map(|difference| {
            let words = difference.to_string();
            let Difference { field, code, model, .. } = difference;
            DifferenceView { field, code, model, words }
        });
        Self { actions, value, differs: differs.collect() }
    }
}

impl StartView {
    /// The model of a counterexample.
    pub fn of(saved: &Saved) -> Self {
        Self {
            model: saved.model.clone(),
            bound: Some(saved.bound.clone()),
            set: saved.constants.iter().map(|(name, value)| (name.clone(), value.to_string())).collect(),
            mutant: saved.mutant.clone(),
            counterexample: None,
        }
    }

    /// The case that it asks for.
    pub fn asked(&self) -> AskedCase {
        let Self { model, bound, set, mutant, counterexample: _ } = self.clone();
        AskedCase { model, bound, set, mutant }
    }
}
