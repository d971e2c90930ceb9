//! Whether a trace is a behaviour of the model.
//!
//! Every instance is followed apart, by the set of the model's states that it may be in: one, unless something was not
//! recorded. An event is a stutter or has one of the mapping's explanations; afterwards the fields that its node decides
//! must be what the line says, and whatever was sent must be sent in the model too. Where a node's lines have a gap,
//! any of its own actions may have happened, in any number.

use super::{LineOf, named};
use crate::cluster::{Envelope, Event};
use crate::distinct::Distinct;
use crate::mapping::{Field, Mapping, MessageOf, SpecAction, SpecState, crash_of, explanations, initial, take};
use proofmark_core::NodeId;
use proofmark_vocabulary::{Describe, Model, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::RangeInclusive;

/// What a trace shows, when the model explains it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Validated {
    /// How often an action of each of the model's kinds has explained an event.
    pub witnessed: BTreeMap<&'static str, u64>,
    /// The fields of the model's state that were compared, and how often each.
    pub compared: BTreeMap<&'static str, u64>,
    /// How many instances there were.
    pub instances: usize,
}

impl Validated {
    /// Adds what another trace shows.
    pub(crate) fn add(&mut self, other: &Self) {
        for (counts, others) in [(&mut self.witnessed, &other.witnessed), (&mut self.compared, &other.compared)] {
            for (&name, times) in others {
                *counts.entry(name).or_default() += times;
            }
        }
        self.instances += other.instances;
    }
}

/// The first event that no behaviour of the model explains.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Strayed {
    /// Whether that is certain: where lost lines leave too many states possible, not all were looked at.
    pub certain: bool,
    /// The event's place in the trace, from 0.
    pub at: usize,
    /// The event in words.
    pub event: String,
    /// The instance that it strays in, where it is one.
    pub instance: Option<String>,
    /// The evidence by name: the field that differs, or `sent`, `received` or `order`.
    pub evidence: String,
    /// What the nearest states that the model allows are, and how the code's differ.
    pub nearest: Vec<String>,
    /// The same, field by field.
    pub allowed: Vec<Allowed>,
}

/// A state that the model allows after an event, and where the code differs from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allowed {
    /// The actions that lead there; none where nothing happened.
    pub actions: Vec<String>,
    /// The state.
    pub value: Value,
    /// The fields that differ.
    pub differences: Vec<Difference>,
}

/// A field in which the code differs from its model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The variable of the model's state that it is, or is a part of; `sent` of a message.
    pub variable: String,
    /// The field, or the message.
    pub field: String,
    /// What the code has; none of a message, which it has sent.
    pub code: Option<Value>,
    /// What the model has; none of a message, which is not sent there.
    pub model: Option<Value>,
    /// Who is to receive the message.
    to: Option<NodeId>,
}

impl Difference {
    /// A field that the code and the model both have.
    pub(crate) fn of_field(field: &str, code: Value, model: Value) -> Self {
        let (variable, field) = (field.to_owned(), field.to_owned());
        Self { variable, field, code: Some(code), model: Some(model), to: None }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.code, &self.model, self.to) {
            (Some(code), Some(model), _) => write!(f, "{} is {code} and should be {model}", self.field),
            (.., Some(to)) => write!(f, "{} to {to} is not sent there", self.field),
            _ => write!(f, "{} differs", self.field),
        }
    }
}

/// An event of one instance that the model explains.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explained {
    /// The event's place in the trace, from 0.
    pub at: usize,
    /// The instance.
    pub instance: String,
    /// The actions that explain it; none where it is a stutter.
    pub actions: Vec<String>,
    /// A state that the model may be in afterwards: the only one, unless something was not recorded.
    pub value: Value,
}

impl Strayed {
    /// What the model says to the event.
    pub fn why(&self) -> String {
        let of = self.instance.as_ref().map_or_else(String::new, |instance| format!("in {instance}, "));
        format!("{of}{}", self.nearest.join(", or "))
    }
}

/// Follows the events of a trace; `nodes` says how many each node has recorded, where that is known.
///
/// # Errors
/// The first event that no behaviour explains.
pub fn validate<M: Mapping>(
    mapping: &M,
    lines: &[LineOf<M>],
    nodes: &BTreeMap<NodeId, u64>,
) -> Result<Validated, Box<Strayed>> {
    follow(mapping, lines, nodes, None)
}

/// The same, and what explains each event, as far as the model goes along.
///
/// # Errors
/// The first event that no behaviour explains.
pub fn explain<M: Mapping>(
    mapping: &M,
    lines: &[LineOf<M>],
    nodes: &BTreeMap<NodeId, u64>,
    explained: &mut Vec<Explained>,
) -> Result<Validated, Box<Strayed>> {
    follow(mapping, lines, nodes, Some(explained))
}

fn follow<M: Mapping>(
    mapping: &M,
    lines: &[LineOf<M>],
    nodes: &BTreeMap<NodeId, u64>,
    explained: Option<&mut Vec<Explained>>,
) -> Result<Validated, Box<Strayed>> {
    let mut validator = Validator {
        mapping,
        followed: BTreeMap::new(),
        down: BTreeSet::new(),
        sent: BTreeSet::new(),
        gaps: gaps::<M>(lines, nodes),
        seqs: BTreeMap::new(),
        found: Validated::default(),
        cut: false,
        explained,
    };
    for (at, line) in lines.iter().enumerate() {
        validator.follow(at, line)?;
    }
    validator.found.instances = validator.followed.len();
    Ok(validator.found)
}

struct Validator<'a, M: Mapping> {
    mapping: &'a M,
    followed: BTreeMap<M::Instance, Followed<M>>,
    down: BTreeSet<NodeId>,
    sent: BTreeSet<Envelope<MessageOf<M>>>,
    gaps: Vec<Gap>,
    seqs: BTreeMap<NodeId, u64>,
    found: Validated,
    /// Whether some states that lost lines may have led to were not looked at.
    cut: bool,
    explained: Option<&'a mut Vec<Explained>>,
}

/// One instance.
struct Followed<M: Mapping> {
    /// The states that it may be in.
    states: Vec<SpecState<M>>,
    /// The first event that these states do not know of.
    since: usize,
}

/// Lines of a node that are lost: they stood among these events of others.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Gap {
    node: NodeId,
    among: RangeInclusive<usize>,
}

fn gaps<M: Mapping>(lines: &[LineOf<M>], nodes: &BTreeMap<NodeId, u64>) -> Vec<Gap> {
    let mut due: BTreeMap<NodeId, (usize, u64)> = BTreeMap::new();
    let mut gaps = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let (from, seq) = due.get(&line.node).copied().unwrap_or_default();
        if line.seq > seq {
            gaps.push(Gap { node: line.node, among: from..=at });
        }
        due.insert(line.node, (at + 1, line.seq.saturating_add(1)));
    }
    for (&node, &recorded) in nodes {
        let (from, seq) = due.get(&node).copied().unwrap_or_default();
        if recorded > seq {
            gaps.push(Gap { node, among: from..=lines.len() });
        }
    }
    gaps
}

impl<M: Mapping> Validator<'_, M> {
    fn follow(&mut self, at: usize, line: &LineOf<M>) -> Result<(), Box<Strayed>> {
        self.in_order(at, line)?;
        if !matches!(line.event, Event::Restart(_)) {
            // Who does something is up, whether or not its restart was recorded.
            self.down.remove(&line.node);
        }
        let of_all = matches!(line.event, Event::Crash(_) | Event::Restart(_) | Event::Torn { .. });
        let mut concerned: BTreeSet<M::Instance> = line.instances.iter().map(|of| of.instance.clone()).collect();
        concerned.extend(named(self.mapping, &line.event, &line.sent));
        if of_all {
            concerned.extend(self.followed.keys().cloned());
        }
        for instance in concerned {
            self.follow_instance(at, line, &instance)?;
        }
        match line.event {
            Event::Crash(node) => drop(self.down.insert(node)),
            Event::Torn { .. } => drop(self.down.insert(line.node)),
            Event::Restart(node) => drop(self.down.remove(&node)),
            Event::Receive(_) | Event::Request(..) | Event::Fire(..) => {}
        }
        Ok(())
    }

    /// A node's lines are in order, and nothing is received before it was sent.
    fn in_order(&mut self, at: usize, line: &LineOf<M>) -> Result<(), Box<Strayed>> {
        let strayed = |evidence: &str, why: String| {
            Box::new(Strayed {
                certain: true,
                at,
                event: line.event.in_words(),
                instance: None,
                evidence: evidence.to_owned(),
                nearest: vec![why],
                allowed: Vec::new(),
            })
        };
        if self.seqs.insert(line.node, line.seq).is_some_and(|before| before >= line.seq) {
            let why = format!("a later line of node {} stands before this one", line.node);
            return Err(strayed("order", why));
        }
        self.sent.extend(line.sent.iter().cloned());
        match &line.event {
            Event::Receive(envelope) if !self.sent.contains(envelope) && !self.may_have_sent(at, envelope.from) => {
                Err(strayed("received", format!("node {} has not sent this yet", envelope.from)))
            }
            _ => Ok(()),
        }
    }

    fn may_have_sent(&self, at: usize, node: NodeId) -> bool {
        self.gaps.iter().any(|gap| gap.node == node && *gap.among.start() <= at)
    }

    fn follow_instance(&mut self, at: usize, line: &LineOf<M>, instance: &M::Instance) -> Result<(), Box<Strayed>> {
        let Followed { states, since } = self.followed.remove(instance).unwrap_or_else(|| self.begun(at));
        let lost = self.gaps.iter().filter(|gap| *gap.among.start() <= at && *gap.among.end() >= since);
        let lossy: BTreeSet<_> = lost.map(|gap| gap.node).collect();
        let states = if lossy.is_empty() { states } else { self.closure(states, &lossy) };

        let ways = explanations(self.mapping, &line.event);
        let mut ways: Vec<_> = std::iter::once(Vec::new()).chain(ways).collect();
        if matches!(line.event, Event::Restart(_)) {
            // Who restarts may have crashed without a line.
            let crash = crash_of(self.mapping, line.node);
            let unseen: Vec<_> = ways[1..].iter().map(|restart| [crash.clone(), restart.clone()].concat()).collect();
            ways.extend(unseen);
        }
        let decided = line.instances.iter().find(|of| of.instance == *instance).map(|of| &of.fields);
        let fields: Vec<_> = self.mapping.fields(line.node).into_iter().map(|field| (field.name(), field)).collect();
        let (mut next, mut near): (Vec<SpecState<M>>, Vec<Allowed>) = (Vec::new(), Vec::new());
        let mut explained: Option<&[SpecAction<M>]> = None;
        for state in &states {
            for way in &ways {
                let Ok(after) = take(self.mapping.spec(), state, way) else { continue };
                let differences = self.differences(&after, line, instance, decided, &fields);
                if differences.is_empty() {
                    explained = explained.or(Some(way));
                    if !next.contains(&after) {
                        next.push(after);
                    }
                } else {
                    near.push(Allowed {
                        actions: self.words(way),
                        value: self.mapping.spec().value(&after),
                        differences,
                    });
                }
            }
        }
        let Some(way) = explained else { return Err(strayed::<M>(at, line, instance, near, !self.cut)) };
        let actions = self.explained.is_some().then(|| self.words(way));
        if let (Some(explained), Some(actions), Some(state)) = (&mut self.explained, actions, next.first()) {
            let value = self.mapping.spec().value(state);
            explained.push(Explained { at, instance: instance.to_string(), actions, value });
        }
        for action in way {
            let spec = self.mapping.spec();
            if let Some(kind) = spec.action_kinds().get(spec.action_kind(action)) {
                *self.found.witnessed.entry(kind).or_default() += 1;
            }
        }
        if decided.is_some() {
            for (_, field) in &fields {
                *self.found.compared.entry(field.variable()).or_default() += 1;
            }
        }
        self.followed.insert(instance.clone(), Followed { states: next, since: at + 1 });
        Ok(())
    }

    /// An instance of which nothing was heard; who is down at that moment has crashed. Who was, and has lost lines
    /// since, may be up again.
    fn begun(&self, at: usize) -> Followed<M> {
        let mut states = vec![initial(self.mapping)];
        for &node in &self.down {
            let crash = crash_of(self.mapping, node);
            let down = states.iter().filter_map(|state| take(self.mapping.spec(), state, &crash).ok()).collect();
            let up = std::mem::replace(&mut states, down);
            if self.gaps.iter().any(|gap| gap.node == node && gap.among.contains(&at)) {
                states.extend(up);
            }
        }
        // Whatever is lost may have been about it.
        Followed { states, since: 0 }
    }

    /// The states that actions of these nodes lead to.
    fn closure(&mut self, states: Vec<SpecState<M>>, nodes: &BTreeSet<NodeId>) -> Vec<SpecState<M>> {
        let mut states: Distinct<_> = states.into_iter().collect();
        let (spec, mut at, mut actions) = (self.mapping.spec(), 0, Vec::new());
        while let Some(state) = states.all().get(at).cloned().filter(|_| states.all().len() < CLOSURE) {
            spec.actions(&state, &mut actions);
            for action in actions.drain(..).filter(|action| nodes.contains(&self.mapping.actor(action))) {
                if let Some(next) = spec.next_state(&state, action) {
                    states.insert(next);
                }
            }
            at += 1;
        }
        self.cut |= at < states.all().len();
        states.into_vec()
    }

    /// Where a line differs from a state of the model.
    fn differences(
        &self,
        state: &SpecState<M>,
        line: &LineOf<M>,
        instance: &M::Instance,
        decided: Option<&BTreeMap<String, Value>>,
        fields: &[(String, Field)],
    ) -> Vec<Difference> {
        let mut differences = Vec::new();
        if let Some(decided) = decided {
            let value = self.mapping.spec().value(state);
            for (name, field) in fields {
                if let (Some(found), Some(allowed)) = (decided.get(name), field.of(&value))
                    && *found != allowed
                {
                    differences.push(Difference {
                        variable: field.variable().to_owned(),
                        field: name.clone(),
                        code: Some(found.clone()),
                        model: Some(allowed),
                        to: None,
                    });
                }
            }
        }
        for envelope in &line.sent {
            let mut said = state.clone();
            if self.mapping.of_message(&envelope.message).as_ref() == Some(instance) {
                self.mapping.said(&mut said, envelope);
            }
            if said != *state {
                differences.push(Difference {
                    variable: "sent".to_owned(),
                    field: format!("{:?}", envelope.message),
                    code: None,
                    model: None,
                    to: Some(envelope.to),
                });
            }
        }
        differences
    }

    fn words(&self, way: &[SpecAction<M>]) -> Vec<String> {
        way.iter().map(|action| self.mapping.spec().action_in_words(action)).collect()
    }
}

fn strayed<M: Mapping>(
    at: usize,
    line: &LineOf<M>,
    instance: &M::Instance,
    mut near: Vec<Allowed>,
    certain: bool,
) -> Box<Strayed> {
    near.sort_by_key(|near| near.differences.len());
    let evidence = near.first().and_then(|near| near.differences.first()).map(|difference| difference.variable.clone());
    let text = |near: &Allowed| {
        let by = match near.actions.as_slice() {
            [] => "if nothing happened".to_owned(),
            actions => format!("if {}", actions.join(", and ")),
        };
        let differences: Vec<_> = near.differences.iter().map(ToString::to_string).collect();
        format!("{by}: {}", differences.join("; "))
    };
    let mut nearest: Vec<_> = near.iter().map(text).collect();
    nearest.dedup();
    nearest.truncate(SHOWN);
    near.dedup();
    near.truncate(ALLOWED);
    Box::new(Strayed {
        certain,
        at,
        event: line.event.in_words(),
        instance: Some(instance.to_string()),
        evidence: evidence.unwrap_or_else(|| "state".to_owned()),
        nearest,
        allowed: near,
    })
}

/// How many of the nearest states are told.
const SHOWN: usize = 3;

/// How many of them are kept.
const ALLOWED: usize = 24;

/// How many states that lost lines may have led to are looked at.
const CLOSURE: usize = 20_000;
