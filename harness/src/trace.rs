//! Recorded runs, and whether a model explains them (L2).
//!
//! A trace is a file of JSON lines, which any process can write without knowing the model's code:
//!
//! ```text
//! {"trace":1,"system":"two-phase-commit","constants":{"participants":2,…}}
//! {"node":1,"seq":0,"event":{"Receive":{"from":0,"to":1,"message":…}},"sent":[…],"instances":[…]}
//! …
//! {"end":{"events":812,"nodes":{"0":301,"1":511},"checksum":"3f…"}}
//! ```
//!
//! `seq` counts the events of one node from 0, and `nodes` says how many each has recorded, so that lost lines show as a
//! gap. `sent` are the messages of the event,
//! once its records are durable. `instances` are those that the event is about, each with the fields of the model's state
//! that this node decides, by their names in the model. The checksum adds up the SHA-256 of all lines before the last:
//! it tells when a line is damaged or missing, and not in which order they stand, so that the traces of several
//! processes may be put together in any order that keeps causes before effects.

mod read;
mod validate;

pub(crate) use read::{header, in_header, read};
pub use validate::{Allowed, Difference, Explained, Strayed, Validated, explain, validate};

use crate::cluster::{Envelope, Event, Member};
use crate::mapping::{Mapping, MessageOf, SpecState, initial};
use crate::store::hex;
use proofmark_core::{Core, NodeId};
use proofmark_vocabulary::{Describe, Value};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// The version of the format that this program writes and reads.
pub const SCHEMA: u32 = 1;

/// The first line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// The version of the format.
    pub trace: u32,
    /// The system that was running.
    pub system: String,
    /// Its constants.
    pub constants: BTreeMap<String, Value>,
}

/// One event at one node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, bound(serialize = "I: Serialize", deserialize = "I: Deserialize<'de>"))]
pub struct Line<C: Core, I> {
    /// Where.
    pub node: NodeId,
    /// How many events the node had recorded before.
    pub seq: u64,
    /// What happened.
    pub event: Event<C>,
    /// What the node sent in answer.
    pub sent: Vec<Envelope<C::Message>>,
    /// The instances that it is about, as they are afterwards.
    pub instances: Vec<OfInstance<I>>,
}

/// What a node decides of one instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfInstance<I> {
    /// Which.
    pub instance: I,
    /// The fields of the model's state.
    pub fields: BTreeMap<String, Value>,
}

/// The last line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Footer {
    end: End,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct End {
    events: u64,
    nodes: BTreeMap<NodeId, u64>,
    checksum: String,
}

/// A line of a mapping's code.
pub type LineOf<M> = Line<<M as Mapping>::Core, <M as Mapping>::Instance>;

/// Makes lines of the events of a run, of one node or of several.
pub struct Recorder<'a, M: Mapping> {
    mapping: &'a M,
    /// What has been said of each instance.
    said: BTreeMap<M::Instance, SpecState<M>>,
    seqs: BTreeMap<NodeId, u64>,
}

impl<'a, M: Mapping> Recorder<'a, M> {
    /// Of a run that begins.
    pub const fn new(mapping: &'a M) -> Self {
        Self { mapping, said: BTreeMap::new(), seqs: BTreeMap::new() }
    }

    /// The line of an event that left `node` as `after` and made it send `sent`.
    pub fn line(
        &mut self,
        event: &Event<M::Core>,
        node: NodeId,
        after: &Member<M::Core>,
        sent: &[Envelope<MessageOf<M>>],
    ) -> LineOf<M> {
        for envelope in sent {
            if let Some(instance) = self.mapping.of_message(&envelope.message) {
                let state = self.said.entry(instance).or_insert_with(|| initial(self.mapping));
                self.mapping.said(state, envelope);
            }
        }
        let concerned = self.concerned(event, sent).into_iter();
        let instances = concerned.map(|instance| self.of_instance(instance, node, after)).collect();
        let due = self.seqs.entry(node).or_default();
        let seq = *due;
        *due += 1;
        Line { node, seq, event: event.clone(), sent: sent.to_vec(), instances }
    }

    /// A crash or a restart concerns every instance; another event those that it names.
    fn concerned(&self, event: &Event<M::Core>, sent: &[Envelope<MessageOf<M>>]) -> BTreeSet<M::Instance> {
        match event {
            Event::Crash(_) | Event::Restart(_) | Event::Torn { .. } => {
                self.said.keys().cloned().chain(self.mapping.only()).collect()
            }
            _ => named(self.mapping, event, sent).collect(),
        }
    }

    fn of_instance(&self, instance: M::Instance, node: NodeId, member: &Member<M::Core>) -> OfInstance<M::Instance> {
        let mut state = self.said.get(&instance).cloned().unwrap_or_else(|| initial(self.mapping));
        self.mapping.holds(&mut state, &instance, node, member);
        let value = self.mapping.spec().value(&state);
        let fields = self.mapping.fields(node);
        let fields = fields.iter().filter_map(|field| Some((field.name(), field.of(&value)?))).collect();
        OfInstance { instance, fields }
    }
}

/// The instances that an event and what was sent in answer name.
fn named<M: Mapping>(
    mapping: &M,
    event: &Event<M::Core>,
    sent: &[Envelope<MessageOf<M>>],
) -> impl Iterator<Item = M::Instance> {
    let of_event = match event {
        Event::Receive(envelope) => mapping.of_message(&envelope.message),
        Event::Fire(_, timer) => mapping.of_timer(timer),
        Event::Request(..) | Event::Crash(_) | Event::Restart(_) | Event::Torn { .. } => mapping.only(),
    };
    of_event.into_iter().chain(sent.iter().filter_map(|envelope| mapping.of_message(&envelope.message)))
}

/// The whole text of a trace.
pub fn write<C: Core, I: Serialize>(header: &Header, lines: &[Line<C, I>]) -> String {
    let json = |line: serde_json::Result<String>| line.unwrap_or_default() + "\n";
    let mut text = json(serde_json::to_string(header));
    for line in lines {
        text += &json(serde_json::to_string(line));
    }
    let mut nodes = BTreeMap::new();
    for line in lines {
        nodes.insert(line.node, line.seq + 1);
    }
    let footer = footer(&text, nodes);
    text + &footer + "\n"
}

/// The last line of a trace, for the text of all lines before it and how many events each node has recorded.
pub fn footer(text: &str, nodes: BTreeMap<NodeId, u64>) -> String {
    let events = text.lines().count().saturating_sub(1) as u64;
    serde_json::to_string(&Footer { end: End { events, nodes, checksum: checksum(text) } }).unwrap_or_default()
}

/// The events of a trace, and how many each node has recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace<C: Core, I> {
    /// The events, in the order of the file.
    pub lines: Vec<Line<C, I>>,
    /// How many events each node has recorded, lost ones included.
    pub nodes: BTreeMap<NodeId, u64>,
}

/// A trace of a mapping's code.
pub type TraceOf<M> = Trace<<M as Mapping>::Core, <M as Mapping>::Instance>;

/// The sum of the hashes of the lines, byte by byte with carry: their order is no part of it.
fn checksum(text: &str) -> String {
    let mut sum = [0_u8; 32];
    for line in text.lines() {
        let mut carry = 0;
        for (byte, hashed) in sum.iter_mut().zip(Sha256::digest(line)) {
            let total = u16::from(*byte) + u16::from(hashed) + carry;
            (*byte, carry) = (total as u8, total >> 8);
        }
    }
    hex(&sum)
}
