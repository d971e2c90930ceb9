//! A state, and what can happen in it.

use super::StateName;
use crate::explore::space;
use proofmark_vocabulary::{Change, Fault, Message, Scene, Value};
use serde::Serialize;
use utoipa::ToSchema;

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
