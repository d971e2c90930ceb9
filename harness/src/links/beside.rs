//! The recorded lines of a run beside the model.

use super::Linked;
use crate::beside::{Beside, BesideEvent, BesideInstance, BesideVerdict};
use crate::cluster::{Cluster, Envelope, Event};
use crate::mapping::{Mapping, MessageOf, initial};
use crate::trace::{self, LineOf};
use proofmark_core::NodeId;
use proofmark_vocabulary::{Describe, Fault, Message, Scene, Value};
use std::collections::BTreeMap;

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
        shown.verdict =
            if certain { BesideVerdict::Diverges(at, why) } else { BesideVerdict::Undecided(Some(at), why) };
    }
    shown
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
