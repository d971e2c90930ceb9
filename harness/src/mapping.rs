//! The mapping from code to its model, which all links share.
//!
//! A mapping says what each node and each message contributes to the model's state, and which of the model's actions
//! may explain an event of the code. Whole clusters are mapped by [`Refines`] (L1 and L3); of a recorded run only the
//! node that an event happened at is seen, so [`Field`]s name what of the model's state that node alone decides (L2).

use crate::cluster::{Envelope, Event, Member, State};
use proofmark_core::{Core, NodeId, Part};
use proofmark_vocabulary::{Catalogued, Describe, Model, Refinement, Value};
use serde::{Deserialize, Serialize};
use std::fmt::{self, Display};

/// How code is seen as its model.
pub trait Mapping: Send + Sync + 'static {
    /// The code of a node.
    type Core: Core;
    /// The model.
    type Spec: Catalogued;
    /// The name of what the model describes one of and the code runs many of: a transaction, a slot; [`Whole`] where
    /// the model describes all that the code runs.
    type Instance: Part + Display;

    /// The model, with its constants. It has one initial state: that of an instance of which nothing was said.
    fn spec(&self) -> &Self::Spec;

    /// The only instance, where there is one alone: it is there from the start, and every event is about it.
    fn only(&self) -> Option<Self::Instance> {
        None
    }

    /// The instance that a message is about.
    fn of_message(&self, message: &MessageOf<Self>) -> Option<Self::Instance> {
        let _ = message;
        self.only()
    }

    /// The instance that a timer is about.
    fn of_timer(&self, timer: &TimerOf<Self>) -> Option<Self::Instance> {
        let _ = timer;
        self.only()
    }

    /// Adds a message that was sent about the instance.
    fn said(&self, state: &mut SpecState<Self>, envelope: &Envelope<MessageOf<Self>>);

    /// Sets what a node decides of an instance, from what it holds. Everything that was sent is in the state.
    fn holds(&self, state: &mut SpecState<Self>, instance: &Self::Instance, node: NodeId, member: &Member<Self::Core>);

    /// The fields of the model's state that [`Self::holds`] sets of a node.
    fn fields(&self, node: NodeId) -> Vec<Field>;

    /// The ways in which an event may be explained, each some actions in order. That it is a stutter is always one
    /// more, and need not be listed.
    fn explanations(&self, event: &Event<Self::Core>) -> Vec<Vec<SpecAction<Self>>>;

    /// The node that takes an action.
    fn actor(&self, action: &SpecAction<Self>) -> NodeId;

    /// Why the code never does what the model allows here, where the model allows more by intention.
    fn leaves_out(&self, state: &SpecState<Self>, action: &SpecAction<Self>) -> Option<&'static str>;

    /// Why the code need not do what the model allows here, where that hangs on more than the model's state tells.
    fn leaves_open(&self, state: &SpecState<Self>, action: &SpecAction<Self>) -> Option<&'static str> {
        let _ = (state, action);
        None
    }
}

/// The name of the one instance of a model that describes all that the code runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Whole;

impl Display for Whole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the system")
    }
}

/// The state of a mapping's model.
pub type SpecState<M> = <<M as Mapping>::Spec as Model>::State;
/// An action of a mapping's model.
pub type SpecAction<M> = <<M as Mapping>::Spec as Model>::Action;
/// A message of a mapping's code.
pub type MessageOf<M> = <<M as Mapping>::Core as Core>::Message;
/// A timer of a mapping's code.
pub type TimerOf<M> = <<M as Mapping>::Core as Core>::Timer;

/// A part of a model's state, as its [`Describe::value`] shows it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    /// A whole field.
    Whole(&'static str),
    /// A place in a field that is a list.
    Place(&'static str, usize),
    /// Whether this is a member of a field that is a set.
    Member(&'static str, Value),
}

impl Field {
    /// The name of the field that it is, or is a part of.
    pub fn variable(&self) -> &'static str {
        match self {
            Field::Whole(name) | Field::Place(name, _) | Field::Member(name, _) => name,
        }
    }

    /// Its own name: `tm_state`, `rm_state[1]`, `down[0]`.
    pub fn name(&self) -> String {
        match self {
            Field::Whole(name) => (*name).to_owned(),
            Field::Place(name, place) => format!("{name}[{place}]"),
            Field::Member(name, Value::Text(member)) => format!("{name}[{member}]"),
            Field::Member(name, member) => format!("{name}[{member}]"),
        }
    }

    /// What it is in a state; `None` where the state has no such field.
    pub fn of(&self, state: &Value) -> Option<Value> {
        let Value::Record(fields) = state else { return None };
        let variable = fields.get(self.variable())?;
        match (self, variable) {
            (Field::Whole(_), value) => Some(value.clone()),
            (Field::Place(_, place), Value::List(items)) => items.get(*place).cloned(),
            (Field::Member(_, member), Value::Set(members)) => Some(members.contains(member).into()),
            _ => None,
        }
    }
}

/// The cluster refines the model: one instance of it, the only one or the one of its place among those that messages
/// are about.
pub struct Refines<M> {
    mapping: M,
    place: usize,
}

impl<M: Mapping> Refines<M> {
    /// The instance of that place, from 0.
    pub const fn instance(mapping: M, place: usize) -> Self {
        Self { mapping, place }
    }

    /// The mapping.
    pub const fn mapping(&self) -> &M {
        &self.mapping
    }

    /// The instance's name, once a message is about it or if it is the only one.
    fn name(&self, state: &State<M::Core>) -> Option<M::Instance> {
        if let Some(only) = self.mapping.only() {
            return Some(only);
        }
        let mut begun: Vec<_> =
            state.network.iter().filter_map(|sent| self.mapping.of_message(&sent.message)).collect();
        begun.sort_unstable();
        begun.dedup();
        begun.into_iter().nth(self.place)
    }
}

/// The state of a model's instance that the nodes and what was sent amount to.
pub(crate) fn assemble<'a, M: Mapping>(
    mapping: &M,
    instance: &M::Instance,
    sent: impl Iterator<Item = &'a Envelope<MessageOf<M>>>,
    nodes: impl Iterator<Item = (NodeId, &'a Member<M::Core>)>,
) -> SpecState<M> {
    let mut state = initial(mapping);
    for envelope in sent.filter(|envelope| mapping.of_message(&envelope.message).as_ref() == Some(instance)) {
        mapping.said(&mut state, envelope);
    }
    for (node, member) in nodes {
        mapping.holds(&mut state, instance, node, member);
    }
    state
}

/// The state of an instance of which nothing has been said.
pub(crate) fn initial<M: Mapping>(mapping: &M) -> SpecState<M> {
    mapping.spec().init_states().swap_remove(0)
}

/// The explanations of an event with those of what the harness knows by itself: a node whose disk tears crashes.
pub(crate) fn explanations<M: Mapping>(mapping: &M, event: &Event<M::Core>) -> Vec<Vec<SpecAction<M>>> {
    let Event::Torn { cause, kept } = event else { return mapping.explanations(event) };
    let crash = crash_of(mapping, event.node());
    if matches!(**cause, Event::Restart(_)) {
        // It was down before, and is again.
        return mapping.explanations(cause).into_iter().map(|restart| [restart, crash.clone()].concat()).collect();
    }
    let nothing_done = std::iter::once(crash.clone());
    if *kept == 0 {
        return nothing_done.collect();
    }
    let done = mapping.explanations(cause).into_iter().map(|cause| [cause, crash.clone()].concat());
    done.chain(nothing_done).collect()
}

/// The actions by which a node crashes.
pub(crate) fn crash_of<M: Mapping>(mapping: &M, node: NodeId) -> Vec<SpecAction<M>> {
    mapping.explanations(&Event::Crash(node)).into_iter().next().unwrap_or_default()
}

/// Where some actions in a row lead, or how many of them can be taken.
pub(crate) fn take<S: Describe>(spec: &S, from: &S::State, actions: &[S::Action]) -> Result<S::State, usize> {
    let mut state = from.clone();
    for (taken, action) in actions.iter().enumerate() {
        state = spec.next_state(&state, action.clone()).ok_or(taken)?;
    }
    Ok(state)
}

impl<M: Mapping> Refinement for Refines<M> {
    type Concrete = State<M::Core>;
    type Event = Event<M::Core>;
    type Spec = M::Spec;

    fn spec(&self) -> &M::Spec {
        self.mapping.spec()
    }

    fn abstraction(&self, state: &State<M::Core>) -> SpecState<M> {
        let Some(instance) = self.name(state) else { return initial(&self.mapping) };
        let nodes = (0..).map(NodeId).zip(state.nodes.iter().map(|member| &**member));
        assemble(&self.mapping, &instance, state.network.iter(), nodes)
    }

    /// The first explanation that leads to where the code went; if none does, the one that goes furthest.
    fn witness(&self, before: &State<M::Core>, event: &Event<M::Core>, after: &State<M::Core>) -> Vec<SpecAction<M>> {
        let (spec, from, to) = (self.spec(), self.abstraction(before), self.abstraction(after));
        let mut candidates = explanations(&self.mapping, event);
        if self.name(before).is_none() {
            // The instance begins, and who is down at that moment has crashed.
            let nodes = (0..).map(NodeId).zip(&after.nodes);
            let down = nodes.filter(|(_, member)| member.core.is_none()).map(|(node, _)| node);
            let crashes: Vec<_> = down.flat_map(|node| crash_of(&self.mapping, node)).collect();
            candidates.push(Vec::new());
            for candidate in &mut candidates {
                candidate.splice(0..0, crashes.iter().cloned());
            }
        }
        let led = |actions: &Vec<_>| take(spec, &from, actions);
        if let Some(fits) = candidates.iter().position(|actions| led(actions).is_ok_and(|state| state == to)) {
            return candidates.swap_remove(fits);
        }
        // An action that is refused tells more than a state that is wrong.
        let got = |actions: &Vec<_>| led(actions).map_or_else(|taken| 2 * taken + 1, |_| 2 * actions.len());
        candidates.into_iter().rev().max_by_key(got).unwrap_or_default()
    }
}
