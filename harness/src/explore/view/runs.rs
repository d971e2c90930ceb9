//! Runs of the code beside its model.

use super::SceneView;
use crate::beside::{Beside, BesideEvent, BesideInstance, BesideVerdict};
use crate::trace::{Allowed, Difference};
use proofmark_vocabulary::Value;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

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
    /// `explained`: every event is; `diverges`: the model does not allow an event; `undecided`: not all that is possible
    /// was looked at; `ordered`: no model steps through it, but its calls have an order; `wrong`: something is that no
    /// one event tells.
    pub verdict: &'static str,
    /// The index of the event that is not explained, if it is one.
    pub diverges_at: Option<usize>,
    /// Why it is not, or what is wrong.
    pub why: Option<String>,
    /// Of a case that is the same each time, which history this is.
    pub history: Option<HistoryView>,
}

/// Which of a case's histories is shown.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct HistoryView {
    /// Its number among the distinct histories, from 1, in the order in which they are met; null of one in which
    /// something goes wrong before it is judged.
    pub number: Option<u64>,
    /// How many distinct ones were judged until it was told.
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

impl RunView {
    /// A run of a system.
    pub fn new(system: &str, model: &str, title: String, command: Option<String>, beside: Beside) -> Self {
        let Beside { nodes, instances, events, verdict } = beside;
        let (verdict, diverges_at, why) = match verdict {
            BesideVerdict::Explained => ("explained", None, None),
            BesideVerdict::Diverges(at, why) => ("diverges", Some(at), Some(why)),
            BesideVerdict::Undecided(at, why) => ("undecided", at, Some(why)),
            BesideVerdict::Ordered => ("ordered", None, None),
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
