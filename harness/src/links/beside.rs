//! A run of the code beside its model, event by event: what the explorer shows.

use super::Linked;
use crate::cluster::{Cluster, Envelope, Event};
use crate::mapping::{Mapping, MessageOf, initial};
use crate::trace::{self, Allowed, LineOf};
use proofmark_core::NodeId;
use proofmark_vocabulary::{Describe, Fault, Message, Scene, Value};
use std::collections::BTreeMap;

/// A run of the code, each event with what the model makes of it.
#[derive(Clone, Debug)]
pub struct Beside {
    /// The names of the nodes.
    pub nodes: Vec<String>,
    /// The instances of the model that the run is about, each with the state in which it begins.
    pub instances: Vec<(String, Value)>,
    /// The events, in the order of the run.
    pub events: Vec<BesideEvent>,
    /// Whether the model explains them.
    pub verdict: BesideVerdict,
}

/// Whether the model explains a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BesideVerdict {
    /// Every event.
    Explained,
    /// Not this one, for this reason.
    Diverges(usize, String),
    /// Perhaps not this one, for this reason: lost lines leave too much possible.
    Undecided(usize, String),
}

/// An event of the code.
#[derive(Clone, Debug)]
pub struct BesideEvent {
    /// It in words.
    pub event: String,
    /// Who does what.
    pub scene: Scene,
    /// What the model makes of it, for each instance that it is about.
    pub instances: Vec<BesideInstance>,
}

/// An event of the code, as one instance of the model.
#[derive(Clone, Debug)]
pub struct BesideInstance {
    /// Its place among the instances.
    pub instance: usize,
    /// What the node then decides, by the names of the fields.
    pub code: BTreeMap<String, Value>,
    /// The actions that explain it; none where it is a stutter, or not explained.
    pub actions: Vec<String>,
    /// The model's state afterwards; none where it is not explained.
    pub model: Option<Value>,
    /// The states that the model would have allowed, the nearest first, where it is not explained.
    pub allowed: Vec<Allowed>,
}

/// The lines of a run beside the model.
pub(super) fn beside<S: Linked>(
    cluster: &Cluster<S>,
    mapping: &S::Mapping,
    lines: &[LineOf<S::Mapping>],
    nodes: &BTreeMap<NodeId, u64>,
) -> Beside {
    let mut explained = Vec::new();
    let judged = trace::explain(mapping, lines, nodes, &mut explained);
    let begin = mapping.spec().value(&initial(mapping));
    let mut shown = Beside {
        nodes: (0..cluster.configs.len()).map(|node| format!("node {node}")).collect(),
        instances: Vec::new(),
        events: lines.iter().map(|line| event::<S>(line)).collect(),
        verdict: BesideVerdict::Explained,
    };
    for told in explained {
        let instance = shown.instance(&told.instance, &begin);
        let code = fields::<S>(&lines[told.at], &told.instance);
        let (actions, model) = (told.actions, Some(told.value));
        shown.events[told.at].instances.push(BesideInstance { instance, code, actions, model, allowed: Vec::new() });
    }
    if let Err(strayed) = judged {
        let (at, why) = (strayed.at, strayed.why());
        if let Some(name) = &strayed.instance {
            let instance = shown.instance(name, &begin);
            let code = fields::<S>(&lines[at], name);
            let (actions, model, allowed) = (Vec::new(), None, strayed.allowed);
            shown.events[at].instances.push(BesideInstance { instance, code, actions, model, allowed });
        }
        let certain = strayed.certain;
        shown.verdict = if certain { BesideVerdict::Diverges(at, why) } else { BesideVerdict::Undecided(at, why) };
    }
    shown
}

impl Beside {
    /// The place of an instance, a new one if it was not named before.
    fn instance(&mut self, name: &str, begin: &Value) -> usize {
        let known = self.instances.iter().position(|(known, _)| known == name);
        known.unwrap_or_else(|| {
            self.instances.push((name.to_owned(), begin.clone()));
            self.instances.len() - 1
        })
    }
}

fn event<S: Linked>(line: &LineOf<S::Mapping>) -> BesideEvent {
    let message = |envelope: &Envelope<MessageOf<S::Mapping>>| Message {
        from: envelope.from.index(),
        to: Some(envelope.to.index()),
        text: format!("{:?}", envelope.message),
    };
    let received = match &line.event {
        Event::Receive(envelope) => vec![message(envelope)],
        Event::Torn { cause, .. } => match &**cause {
            Event::Receive(envelope) => vec![message(envelope)],
            _ => Vec::new(),
        },
        _ => Vec::new(),
    };
    let fault = match &line.event {
        Event::Crash(_) | Event::Torn { .. } => Some(Fault::Crash),
        Event::Restart(_) => Some(Fault::Restart),
        Event::Receive(_) | Event::Request(..) | Event::Fire(..) => None,
    };
    let sent = line.sent.iter().map(message).collect();
    let scene = Scene { process: Some(line.node.index()), sent, received, lost: Vec::new(), fault };
    BesideEvent { event: line.event.in_words(), scene, instances: Vec::new() }
}

fn fields<S: Linked>(line: &LineOf<S::Mapping>, instance: &str) -> BTreeMap<String, Value> {
    let of = line.instances.iter().find(|of| of.instance.to_string() == instance);
    of.map(|of| of.fields.clone()).unwrap_or_default()
}
