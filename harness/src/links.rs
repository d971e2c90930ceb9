//! The links that tie code to its model, beside the exhaustive one: runs of the simulator as traces (L2) and as
//! histories of clients (L5), and the model's own paths driven on the code (L3).
//!
//! They share the system's [`Mapping`]. Whatever strays is made as small as it gets and kept as a counterexample of the
//! system's cluster (L4), whose claims then are those of [`claims`]: so `replay` steps it like any other.

mod beside;
mod drive;
mod runs;
mod shrink;

pub(crate) use runs::LinksOf;
pub use runs::{Linkage, Links, Plan};

use crate::cluster::{Cluster, Envelope, Event, Member, State, System};
use crate::history::{
    Drawing, History, Linearizability, Obstacle, OperationId, Sequential, Stuck, linearize, minimise,
};
use crate::interleave::Interleavings;
use crate::mapping::{Mapping, MessageOf};
use crate::trace::{self, LineOf, Recorder, Validated};
use proofmark_core::{Core, NodeId, Output};
use proofmark_vocabulary::{Catalogued, Temporal, Value};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;

/// A way to hold code against its model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum Link {
    /// The check of a model alone; of use to mutants of models.
    #[serde(rename = "model")]
    Model,
    /// Exhaustive refinement: every behaviour of the real code at small bounds.
    L1,
    /// Trace validation: recorded runs are behaviours of the model.
    L2,
    /// Model-driven tests: paths of the model that cover it are driven on the code.
    L3,
    /// Histories: what clients see.
    L5,
    /// Interleavings: every order in which the threads of concurrent code may run.
    L6,
}

impl Link {
    /// The links of code, in order. A system without concurrent code has no L6.
    pub const OF_CODE: [Self; 5] = [Self::L1, Self::L2, Self::L3, Self::L5, Self::L6];

    /// The name.
    pub const fn name(self) -> &'static str {
        match self {
            Link::Model => "model",
            Link::L1 => "L1",
            Link::L2 => "L2",
            Link::L3 => "L3",
            Link::L5 => "L5",
            Link::L6 => "L6",
        }
    }
}

impl fmt::Display for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A bug in a system's code, planted on purpose, and what each link must say of it.
#[derive(Clone, Copy, Debug)]
pub struct CodeMutant<B: 'static> {
    /// The name; a real bug bears the slug of its entry in the list of bugs.
    pub name: &'static str,
    /// The bug.
    pub bug: B,
    /// The bound at which L1 explores it: the smallest that shows it.
    pub bound: &'static str,
    /// The evidence by which a link must report it; any of them, where a link is named several times. A link that is
    /// not named must miss it.
    pub expected: &'static [(Link, &'static str)],
    /// What the bug teaches, in one sentence, with the source of a real one.
    pub lesson: &'static str,
}

/// In what way a guard of the model is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Wrong {
    /// It is dropped: the model allows more than the code does.
    Loosened,
    /// It never holds: the model allows less.
    Tightened,
}

/// A system that is tied to a model by links.
pub trait Linked: System {
    /// How it is seen as its model.
    type Mapping: Mapping<Core = Self::Core>;
    /// What its clients take it for.
    type Service: Sequential<Operation = RequestOf<Self>, Response = ReplyOf<Self>> + Send + Sync;

    /// The mapping, with the model's constants.
    fn mapping(&self) -> Self::Mapping;

    /// The same, with a bug planted in the model.
    #[must_use]
    fn with_model_bug(self, bug: ModelBug<Self>) -> Self;

    /// The model's guards by name, each with the bug that drops it and the one by which it never holds.
    fn guards() -> Vec<(&'static str, [ModelBug<Self>; 2])>;

    /// What its clients take it for, as one object.
    fn service(&self) -> Self::Service;

    /// Whether a reply answers a request. Of several that are open, it answers the one that was made last.
    fn answers(request: &RequestOf<Self>, reply: &ReplyOf<Self>) -> bool;

    /// Whether a run comes to rest once faults have ceased and everything was asked: code with heartbeats does not.
    fn comes_to_rest() -> bool {
        true
    }

    /// The constants with which the model's paths are driven on the code, as changes to those of the first bound.
    fn driven() -> Vec<(&'static str, Value)>;

    /// The constants that a counterexample is the simpler for the smaller they are.
    fn sizes() -> &'static [&'static str];

    /// The cases of its concurrent code (L6); `None` where it has none.
    fn interleavings() -> Option<&'static dyn Interleavings> {
        None
    }
}

/// What clients ask of a system.
pub type RequestOf<S> = <<S as System>::Core as Core>::Request;
/// What clients are told by a system.
pub type ReplyOf<S> = <<S as System>::Core as Core>::Reply;
/// The model of a system.
pub(crate) type SpecOf<S> = <<S as Linked>::Mapping as Mapping>::Spec;
/// A bug of a system's model.
pub type ModelBug<S> = <<<S as Linked>::Mapping as Mapping>::Spec as Catalogued>::Bug;

/// The claim that L2 makes of a run.
pub const EXPLAINED: &str = "the model explains every event";
/// The claim that L5 makes of a run.
pub const LINEARIZABLE: &str = "clients see one object";

/// The claim that L5 makes of a run's end: once faults have ceased and everything was asked, nothing goes on for ever.
pub const AT_REST: &str = "the system comes to rest";

/// What is claimed of single runs of a system: a system that is simulated adds them to its claims.
pub fn claims<S: Linked>(system: &S) -> Vec<Temporal<Cluster<S>>> {
    let (mapping, service) = (system.mapping(), system.service());
    vec![
        Temporal::run(EXPLAINED, "trace", move |model, states, events| {
            let seen = observe::<S>(model, &mapping, states, events);
            judge_trace::<S>(&mapping, &seen).map(drop).map_err(|fault| fault.why)
        }),
        Temporal::run(LINEARIZABLE, "history", move |model: &Cluster<S>, states, events| {
            let seen = observe::<S>(model, &model.system().mapping(), states, events);
            judge_history::<S>(&service, &seen).map_err(|fault| fault.why)
        }),
    ]
}

/// What is seen of a run: a trace, and what clients see.
pub(crate) struct Seen<S: Linked> {
    pub(crate) lines: Vec<LineOf<S::Mapping>>,
    pub(crate) history: History<RequestOf<S>, ReplyOf<S>>,
}

/// Watches a run, event by event.
pub(crate) struct Observer<'a, S: Linked> {
    recorder: Recorder<'a, S::Mapping>,
    /// The operations without a response, in the order of their invocation.
    open: Vec<(RequestOf<S>, OperationId)>,
    pub(crate) seen: Seen<S>,
}

impl<'a, S: Linked> Observer<'a, S> {
    /// Watches from the start: the nodes have recovered from nothing, which is an event of each.
    pub(crate) fn new(mapping: &'a S::Mapping, start: &State<S::Core>) -> Self {
        let seen = Seen { lines: Vec::new(), history: History::new() };
        let mut observer = Self { recorder: Recorder::new(mapping), open: Vec::new(), seen };
        for (node, member) in (0..).map(NodeId).zip(&start.nodes) {
            let sent: Vec<_> = start.network.iter().filter(|sent| sent.from == node).cloned().collect();
            observer.see(&Event::Restart(node), node, member, &sent, &[]);
        }
        observer
    }

    /// An event, and what came of it.
    pub(crate) fn see(
        &mut self,
        event: &Event<S::Core>,
        node: NodeId,
        after: &Member<S::Core>,
        sent: &[Envelope<MessageOf<S::Mapping>>],
        replies: &[ReplyOf<S>],
    ) {
        self.seen.lines.push(self.recorder.line(event, node, after, sent));
        if let Some(request) = request_in(event) {
            let id = self.seen.history.invoke(request.clone());
            self.open.push((request.clone(), id));
        }
        for reply in replies {
            if let Some(place) = self.open.iter().rposition(|(request, _)| S::answers(request, reply)) {
                let (_, id) = self.open.remove(place);
                self.seen.history.respond(id, reply.clone());
            }
        }
    }
}

/// The request that a node was given, also if it stopped over it.
fn request_in<C: Core>(event: &Event<C>) -> Option<&C::Request> {
    match event {
        Event::Request(_, request) => Some(request),
        Event::Torn { cause, .. } => request_in(cause),
        _ => None,
    }
}

/// What is seen of a behaviour of the cluster.
fn observe<S: Linked>(
    cluster: &Cluster<S>,
    mapping: &S::Mapping,
    states: &[State<S::Core>],
    events: &[Event<S::Core>],
) -> Seen<S> {
    let mut observer = Observer::<S>::new(mapping, &states[0]);
    for (event, around) in events.iter().zip(states.windows(2)) {
        let [before, after] = around else { continue };
        let node = event.node();
        let (mut sent, mut replies) = (Vec::new(), Vec::new());
        cluster.lead(before, event.clone(), |output| match output {
            Output::Send { to, message } => sent.push(Envelope { from: node, to: *to, message: message.clone() }),
            Output::Reply(reply) => replies.push(reply.clone()),
            Output::Arm { .. } | Output::Disarm(_) => {}
        });
        observer.see(event, node, after.node(node), &sent, &replies);
    }
    observer.seen
}

/// What is wrong with a run, by one link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) link: Link,
    /// The evidence by name.
    pub(crate) evidence: String,
    /// The line of the trace that strays, from 0; none of what is wrong with a run as a whole.
    pub(crate) at: Option<usize>,
    /// The event, in words.
    pub(crate) event: Option<String>,
    /// What the model, or the object that clients should see, says to it.
    pub(crate) why: String,
    /// Whether it is certain.
    pub(crate) certain: bool,
}

/// Whether clients see one object.
fn judge_history<S: Linked>(service: &S::Service, seen: &Seen<S>) -> Result<(), Fault> {
    let fault = |why: String, certain| Fault {
        link: Link::L5,
        evidence: LINEARIZABLE.to_owned(),
        at: None,
        event: None,
        why,
        certain,
    };
    match linearize(service, &seen.history, BUDGET) {
        Linearizability::Linearizable(_) => Ok(()),
        Linearizability::NotLinearizable { stuck } => Err(fault(in_words::<S>(&stuck, &seen.history), true)),
        Linearizability::Unknown => Err(fault("the history is too long to be judged".to_owned(), false)),
    }
}

/// A picture of why clients cannot have seen one object, with as few operations as show it; `None` where they can have.
fn draw_history<S: Linked>(service: &S::Service, seen: &Seen<S>) -> Option<Drawing> {
    let violation = minimise(service, &seen.history, BUDGET)?;
    Some(Drawing::of(&violation.history, &Linearizability::NotLinearizable { stuck: violation.stuck }))
}

/// Why clients cannot have seen one object.
fn in_words<S: Linked>(stuck: &Stuck, history: &History<RequestOf<S>, ReplyOf<S>>) -> String {
    let told = |id: OperationId| match (history.operation(id), history.response(id)) {
        (Some(operation), Some(response)) => format!("{operation:?}, answered {response:?}"),
        (Some(operation), None) => format!("{operation:?}, not answered"),
        _ => String::new(),
    };
    let prefix: Vec<_> = stuck.prefix.iter().map(|&id| told(id)).collect();
    let after = if prefix.is_empty() { "at the start".to_owned() } else { format!("after {}", prefix.join(", then ")) };
    let next = stuck.next.iter().map(|&(id, obstacle)| match obstacle {
        Obstacle::Refused => format!("{} is impossible", told(id)),
        Obstacle::Fruitless => format!("{} leads no further", told(id)),
    });
    format!("no order of the operations explains the answers: {after}, {}", next.collect::<Vec<_>>().join(", and "))
}

/// Whether the model explains a trace.
fn judge_trace<S: Linked>(mapping: &S::Mapping, seen: &Seen<S>) -> Result<Validated, Fault> {
    trace::validate(mapping, &seen.lines, &BTreeMap::new()).map_err(|strayed| Fault {
        link: Link::L2,
        evidence: strayed.evidence.clone(),
        at: Some(strayed.at),
        event: Some(strayed.event.clone()),
        why: strayed.why(),
        certain: strayed.certain,
    })
}

/// Configurations that the search for an order of a history looks at.
const BUDGET: u64 = 1_000_000;
