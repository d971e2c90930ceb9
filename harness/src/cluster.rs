//! A cluster of real cores as a model: the code itself, explored exhaustively at a small bound.
//!
//! The state is everything that the nodes, their disks and the network hold; the actions are what can happen to
//! them. A message that was sent can arrive at any moment, any number of times, or never: so there is no action
//! that loses, repeats or delays one. A timer that is armed can fire at any moment: so no clock is in the state.
//! What a node writes and sends in one step is never torn apart by a crash: its records come first, by type, and
//! to lose its messages is never to receive them.
//!
//! A run of the simulator is a behaviour of the same model, of a system that [is simulated](System::is_simulated):
//! there a disk may stop while records are written to it, and a client may leave requests out.
//!
//! What cannot happen to a core is known from its types: one whose messages are [`Never`] sends none, and so on.

use crate::links::CodeMutant;
use proofmark_core::{Core, Effects, Input, Log, MemoryLog, Never, NodeId, Output, Time};
use proofmark_vocabulary::{
    Bound, Clause, Constant, ConstantError, Constants, Describe, Fault, Message, Model, Scene, Temporal, Value,
};
use serde::{Deserialize, Serialize};
use std::any::TypeId;
use std::collections::BTreeSet;
use std::fmt::Debug;
use std::io;
use std::sync::Arc;

/// Code under test: which nodes there are, what is asked of them, and what must be true of that.
pub trait System: Clone + Send + Sync + 'static {
    /// The code of a node.
    type Core: Core;
    /// A bug that can be planted in it.
    type Bug: Copy + Send + Sync + 'static;

    /// The name on the command line.
    const NAME: &'static str;
    /// What it implements, in one or two sentences.
    const ABOUT: &'static str;
    /// The bugs, each with what must notice it.
    const MUTANTS: &'static [CodeMutant<Self::Bug>];

    /// The constants that it has.
    fn constants() -> Vec<Constant>;

    /// The bounds that it is explored at. The first is `ci`.
    fn bounds() -> Vec<Bound>;

    /// The system with these constants, and with a bug planted if one is named.
    ///
    /// # Errors
    /// When the constants, each within its domain, do not fit together.
    fn new(constants: &Constants, bug: Option<Self::Bug>) -> Result<Self, ConstantError>;

    /// What each node is told when it is built, by its index.
    fn configs(&self) -> Vec<<Self::Core as Core>::Config>;

    /// What clients ask, and of whom: in this order, each once or never; or else [at any time](Self::at_any_time).
    fn requests(&self) -> Vec<(NodeId, <Self::Core as Core>::Request)>;

    /// When a node can be asked for something, of a system whose clients may ask for each of [`Self::requests`] at any
    /// moment and any number of times. What a node that holds this cannot be asked for is no event.
    ///
    /// The states of such a system hold no replies, to which there is no end: links see those of each event.
    fn at_any_time(&self) -> Option<Possible<Self::Core>> {
        None
    }

    /// How many crashes there may be, all in all.
    fn crashes(&self) -> u32;

    /// Whether this is a run of the simulator: disks may stop while records are written to them, and clients may
    /// leave requests out. To explore that too would multiply the state space, and show little more: a crash before
    /// and a crash after the step are explored anyway.
    fn is_simulated(&self) -> bool {
        false
    }

    /// The constants of the simulated run of a seed, as changes to those of the first bound. With them, the system
    /// [is simulated](Self::is_simulated).
    fn simulated(seed: u64) -> Vec<(&'static str, Value)> {
        let _ = seed;
        Vec::new()
    }

    /// What must be true: that it refines its specification, and more.
    fn claims(&self) -> Vec<Temporal<Cluster<Self>>>;

    /// The parts of what a claim says of a state, by the claim's name: see [`Describe::clauses`].
    fn clauses(&self, claim: &str, state: &State<Self::Core>) -> Vec<Clause> {
        let _ = (claim, state);
        Vec::new()
    }

    /// The source file that states the claims: `Some(file!())`.
    fn file(&self) -> Option<&'static str> {
        None
    }
}

/// Whether a node, as it is, can be asked for something.
pub type Possible<C> = fn(&C, &<C as Core>::Request) -> bool;

/// A system as a model.
pub struct Cluster<S: System> {
    system: S,
    pub(crate) configs: Vec<<S::Core as Core>::Config>,
    pub(crate) requests: Vec<(NodeId, <S::Core as Core>::Request)>,
    pub(crate) at_any_time: Option<Possible<S::Core>>,
    pub(crate) crashes: u32,
}

/// Everything there is between two events.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct State<C: Core> {
    /// The nodes, by their index.
    pub nodes: Vec<Arc<Member<C>>>,
    /// Every message that was ever sent.
    pub network: Arc<BTreeSet<Envelope<C::Message>>>,
    /// How many of the requests have been made or left out; 0 where they may be made at any time.
    pub requested: usize,
    /// Every answer that a client was ever given, and by whom; none where clients ask at any time.
    pub replies: Arc<BTreeSet<(NodeId, C::Reply)>>,
    /// How many crashes there have been.
    pub crashes: u32,
}

/// A node with its disk.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Member<C: Core> {
    /// The node; nothing while it is down.
    pub core: Option<C>,
    /// What is on its disk.
    pub disk: Vec<C::Record>,
    /// The timers that are armed.
    pub timers: BTreeSet<C::Timer>,
}

/// A message and its way.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Envelope<M> {
    /// Who sent it.
    pub from: NodeId,
    /// To whom.
    pub to: NodeId,
    /// What it says.
    pub message: M,
}

/// What can happen to a cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound = "")]
pub enum Event<C: Core> {
    /// A message arrives.
    Receive(Envelope<C::Message>),
    /// A client asks.
    Request(NodeId, C::Request),
    /// A timer fires.
    Fire(NodeId, C::Timer),
    /// A node stops, and loses what is not on its disk.
    Crash(NodeId),
    /// A node recovers from its disk.
    Restart(NodeId),
    /// The disk stops while a node writes what an event made it write, and the node with it: nothing is sent.
    Torn {
        /// That event: one that gives the node something to do.
        cause: Box<Event<C>>,
        /// How many of the records are on the disk, from the first.
        kept: usize,
    },
}

impl<C: Core> Event<C> {
    /// Its place among [`EVENTS`].
    pub(crate) fn kind(&self) -> usize {
        match self {
            Event::Receive(_) => 0,
            Event::Request(..) => 1,
            Event::Fire(..) => 2,
            Event::Crash(_) => 3,
            Event::Restart(_) => 4,
            Event::Torn { .. } => 5,
        }
    }

    /// The name of its kind.
    pub(crate) fn name(&self) -> &'static str {
        EVENTS[self.kind()]
    }

    /// The node that it happens to.
    pub fn node(&self) -> NodeId {
        match self {
            Event::Receive(envelope) => envelope.to,
            Event::Request(node, _) | Event::Fire(node, _) | Event::Crash(node) | Event::Restart(node) => *node,
            Event::Torn { cause, .. } => cause.node(),
        }
    }

    /// What it brings to its node: itself, unless the node's disk stops meanwhile.
    fn brought(&self) -> &Self {
        match self {
            Event::Torn { cause, .. } => cause.brought(),
            event => event,
        }
    }

    fn fault(&self) -> Option<Fault> {
        match self {
            Event::Crash(_) | Event::Torn { .. } => Some(Fault::Crash),
            Event::Restart(_) => Some(Fault::Restart),
            Event::Receive(_) | Event::Request(..) | Event::Fire(..) => None,
        }
    }

    /// It as a sentence.
    pub fn in_words(&self) -> String {
        match self {
            Event::Receive(Envelope { from, to, message }) => format!("node {to} receives from {from}: {message:?}"),
            Event::Request(to, request) => format!("a client asks node {to}: {request:?}"),
            Event::Fire(node, timer) => format!("at node {node} the timer fires: {timer:?}"),
            Event::Crash(node) => format!("node {node} crashes"),
            Event::Restart(node) => format!("node {node} restarts"),
            Event::Torn { cause, kept } => {
                let kept = match kept {
                    0 => "no record of it is kept".to_owned(),
                    1 => "1 record of it is kept".to_owned(),
                    more => format!("{more} records of it are kept"),
                };
                format!("node {}'s disk stops while {}; {kept}", cause.node(), cause.in_words())
            }
        }
    }
}

impl<S: System> Cluster<S> {
    /// The cluster of a system.
    pub fn of(system: S) -> Self {
        let (configs, requests, crashes) = (system.configs(), system.requests(), system.crashes());
        let at_any_time = system.at_any_time();
        Self { system, configs, requests, at_any_time, crashes }
    }

    /// The system.
    pub fn system(&self) -> &S {
        &self.system
    }

    /// What clients can ask for now, and of whom, where they ask at any time.
    pub(crate) fn offered<'a>(
        &'a self,
        possible: Possible<S::Core>,
        core: impl Fn(NodeId) -> Option<&'a S::Core>,
    ) -> impl Iterator<Item = &'a (NodeId, <S::Core as Core>::Request)> {
        self.requests.iter().filter(move |(to, request)| core(*to).is_some_and(|core| possible(core, request)))
    }

    /// Where an event leads, if it can happen; what it makes its node put out is shown to `see`.
    pub(crate) fn lead(
        &self,
        state: &State<S::Core>,
        event: Event<S::Core>,
        see: impl FnMut(&Output<S::Core>),
    ) -> Option<State<S::Core>> {
        let node = event.node();
        let mut after = state.clone();
        match event {
            Event::Crash(_) => {
                let up = state.nodes.get(node.index())?.core.is_some();
                (up && state.crashes < self.crashes).then_some(())?;
                Arc::make_mut(&mut after.nodes[node.index()]).stop();
                after.crashes += 1;
            }
            Event::Torn { cause, kept } => {
                (state.crashes < self.crashes).then_some(())?;
                let effects = self.take(&mut after, *cause)?;
                let member = Arc::make_mut(&mut after.nodes[node.index()]);
                member.disk.extend_from_slice(unsynced(effects)?.get(..kept)?);
                member.stop();
                after.crashes += 1;
            }
            event => {
                let effects = self.take(&mut after, event)?;
                self.carry_out(&mut after, node, effects, see);
            }
        }
        Some(after)
    }

    /// Writes the records, then does what the outputs say, each of which is shown to `see`.
    fn carry_out(
        &self,
        state: &mut State<S::Core>,
        node: NodeId,
        effects: Effects<S::Core>,
        mut see: impl FnMut(&Output<S::Core>),
    ) {
        let mut written = MemoryLog::new();
        let outputs = effects.release(&mut written).unwrap_or_default();
        let member = Arc::make_mut(&mut state.nodes[node.index()]);
        member.disk.extend_from_slice(written.durable());
        for output in outputs {
            see(&output);
            match output {
                Output::Send { to, message } => {
                    let envelope = Envelope { from: node, to, message };
                    if !state.network.contains(&envelope) {
                        Arc::make_mut(&mut state.network).insert(envelope);
                    }
                }
                Output::Reply(_) if self.at_any_time.is_some() => {}
                Output::Reply(reply) => {
                    Arc::make_mut(&mut state.replies).insert((node, reply));
                }
                Output::Arm { timer, .. } => {
                    member.timers.insert(timer);
                }
                Output::Disarm(timer) => {
                    member.timers.remove(&timer);
                }
            }
        }
    }

    /// Hands an event to its node, and answers with what the node then asks for; `None` when it cannot happen.
    fn take(&self, state: &mut State<S::Core>, event: Event<S::Core>) -> Option<Effects<S::Core>> {
        let node = event.node();
        let config = self.configs.get(node.index())?;
        if let (Some(possible), Event::Request(to, request)) = (self.at_any_time, &event) {
            self.requests.iter().any(|(node, other)| node == to && other == request).then_some(())?;
            state.node(*to).core.as_ref().filter(|core| possible(core, request))?;
        } else if let Event::Request(to, request) = &event {
            let to_come = self.requests.get(state.requested..)?;
            let left_out = to_come.iter().position(|(node, other)| node == to && other == request)?;
            state.requested += left_out + 1;
        }
        // No core that is checked compares moments.
        Arc::make_mut(&mut state.nodes[node.index()]).take(config, Time::default(), event)
    }

    /// The same event, for every number of records that may be on the disk when it stops.
    fn tear(&self, state: &State<S::Core>, cause: &Event<S::Core>) -> impl Iterator<Item = Event<S::Core>> + use<S> {
        let written = self.take(&mut state.clone(), cause.clone()).and_then(unsynced);
        let kept = written.map_or(0..0, |records| 0..records.len() + 1);
        let cause = Box::new(cause.clone());
        kept.map(move |kept| Event::Torn { cause: cause.clone(), kept })
    }
}

impl<C: Core> Member<C> {
    pub(crate) fn empty() -> Self {
        Self { core: None, disk: Vec::new(), timers: BTreeSet::new() }
    }

    /// Gives a node what an event brings, and answers with what the node asks for; `None` when the node is down, or
    /// up and to be started, or has no such timer, and when the event brings it nothing.
    pub(crate) fn take(&mut self, config: &C::Config, now: Time, event: Event<C>) -> Option<Effects<C>> {
        let input = match event {
            Event::Receive(Envelope { from, message, .. }) => Input::Receive { from, message },
            Event::Request(_, request) => Input::Request(request),
            Event::Fire(_, timer) => self.timers.remove(&timer).then_some(Input::Fired(timer))?,
            Event::Restart(_) if self.core.is_none() => {
                let (core, effects) = C::recover(config, &self.disk);
                self.core = Some(core);
                return Some(effects);
            }
            Event::Restart(_) | Event::Crash(_) | Event::Torn { .. } => return None,
        };
        Some(self.core.as_mut()?.step(now, input))
    }

    /// Stops a node: what is not on its disk is lost.
    pub(crate) fn stop(&mut self) {
        self.core = None;
        self.timers.clear();
    }
}

impl<C: Core> State<C> {
    /// A node, with its disk.
    pub fn node(&self, node: NodeId) -> &Member<C> {
        &self.nodes[node.index()]
    }
}

/// The records that effects would write, when there are any; their outputs are lost.
fn unsynced<C: Core>(effects: Effects<C>) -> Option<Vec<C::Record>> {
    let mut disk = Stopping(Vec::new());
    effects.release(&mut disk).err().map(|_| disk.0)
}

/// A disk that stops before anything on it is synced.
struct Stopping<R>(Vec<R>);

impl<R: Clone> Log<R> for Stopping<R> {
    fn append(&mut self, records: &[R]) -> io::Result<()> {
        self.0.extend_from_slice(records);
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        Err(io::Error::other("the disk has stopped"))
    }
}

/// Whether there is no value of a core's part.
pub(crate) fn is_never<T: 'static>() -> bool {
    TypeId::of::<T>() == TypeId::of::<Never>()
}

impl<S: System> Model for Cluster<S> {
    type State = State<S::Core>;
    type Action = Event<S::Core>;

    fn init_states(&self) -> Vec<State<S::Core>> {
        let mut state = State {
            nodes: self.configs.iter().map(|_| Arc::new(Member::empty())).collect(),
            network: Arc::default(),
            requested: 0,
            replies: Arc::default(),
            crashes: 0,
        };
        for node in (0..).map(NodeId).take(self.configs.len()) {
            if let Some(started) = self.next_state(&state, Event::Restart(node)) {
                state = started;
            }
        }
        vec![state]
    }

    fn actions(&self, state: &State<S::Core>, events: &mut Vec<Event<S::Core>>) {
        let first = events.len();
        let to_the_living = |envelope: &&Envelope<_>| state.nodes.get(envelope.to.index()).is_some();
        events.extend(state.network.iter().filter(to_the_living).cloned().map(Event::Receive));
        let ask = |(to, request): &(NodeId, <S::Core as Core>::Request)| Event::Request(*to, request.clone());
        if let Some(possible) = self.at_any_time {
            let core = |node: NodeId| state.nodes.get(node.index())?.core.as_ref();
            events.extend(self.offered(possible, core).map(ask));
        } else {
            let next = if self.system.is_simulated() { usize::MAX } else { 1 };
            events.extend(self.requests.iter().skip(state.requested).take(next).map(ask));
        }
        for (node, member) in (0..).map(NodeId).zip(&state.nodes) {
            events.extend(member.timers.iter().map(|timer| Event::Fire(node, timer.clone())));
            if member.core.is_none() {
                events.push(Event::Restart(node));
            } else if state.crashes < self.crashes {
                events.push(Event::Crash(node));
            }
        }
        if self.system.is_simulated() && state.crashes < self.crashes {
            let torn: Vec<_> = events[first..].iter().flat_map(|event| self.tear(state, event)).collect();
            events.extend(torn);
        }
    }

    fn next_state(&self, state: &State<S::Core>, event: Event<S::Core>) -> Option<State<S::Core>> {
        self.lead(state, event, |_| ())
    }
}

impl<S: System> Describe for Cluster<S> {
    fn action_kinds(&self) -> &'static [&'static str] {
        EVENTS
    }

    fn action_kind(&self, event: &Event<S::Core>) -> usize {
        event.kind()
    }

    fn action_in_words(&self, event: &Event<S::Core>) -> String {
        event.in_words()
    }

    fn value(&self, state: &State<S::Core>) -> Value {
        let text = |what: &dyn Debug| Value::Text(format!("{what:?}"));
        let node = |member: &Arc<Member<S::Core>>| {
            Value::record([
                ("core", member.core.as_ref().map_or_else(|| "down".into(), |core| text(core))),
                ("disk", Value::list(member.disk.iter().map(|record| text(record)))),
                ("timers", Value::set(member.timers.iter().map(|timer| text(timer)))),
            ])
        };
        let envelope = |sent: &Envelope<_>| Value::Text(format!("{} to {}: {:?}", sent.from, sent.to, sent.message));
        Value::record([
            ("nodes", Value::list(state.nodes.iter().map(node))),
            ("network", Value::set(state.network.iter().map(envelope))),
            ("requested", state.requested.into()),
            ("replies", Value::set(state.replies.iter().map(|(_, reply)| text(reply)))),
            ("crashes", i64::from(state.crashes).into()),
        ])
    }

    /// The nodes, and all clients as one where there is something to ask for.
    fn processes(&self) -> Vec<String> {
        let nodes = (0..self.configs.len()).map(|node| format!("node {node}"));
        nodes.chain((!self.requests.is_empty()).then(|| "clients".into())).collect()
    }

    /// A client asks, and is answered, in the step of its node.
    fn scene(&self, before: &State<S::Core>, event: &Event<S::Core>, _: &State<S::Core>) -> Scene {
        let (node, clients) = (event.node().index(), self.configs.len());
        let message = |from, to, text: &dyn Debug| Message { from, to: Some(to), text: format!("{text:?}") };
        let mut scene = Scene { fault: event.fault(), ..Scene::at(node) };
        let mut sent = Vec::new();
        let see = |output: &Output<S::Core>| match output {
            Output::Send { to, message: text } => sent.push(message(node, to.index(), text)),
            Output::Reply(reply) => sent.push(message(node, clients, reply)),
            Output::Arm { .. } | Output::Disarm(_) => {}
        };
        if self.lead(before, event.clone(), see).is_none() {
            return scene;
        }
        scene.received = sent.iter().filter(|message| message.to == Some(clients)).cloned().collect();
        match event.brought() {
            Event::Receive(Envelope { from, message: text, .. }) => {
                scene.received.push(message(from.index(), node, text));
            }
            Event::Request(_, request) => {
                let asked = message(clients, node, request);
                scene.received.push(asked.clone());
                scene.sent.push(asked);
            }
            _ => {}
        }
        scene.sent.extend(sent);
        scene
    }

    fn clauses(&self, claim: &str, state: &State<S::Core>) -> Vec<Clause> {
        self.system.clauses(claim, state)
    }

    fn switched_off(&self) -> Vec<&'static str> {
        let never = [
            ("Receive", is_never::<<S::Core as Core>::Message>()),
            ("Fire", is_never::<<S::Core as Core>::Timer>()),
            ("Crash", self.crashes == 0),
            ("Restart", self.crashes == 0),
            ("Torn", self.crashes == 0 || !self.system.is_simulated() || is_never::<<S::Core as Core>::Record>()),
        ];
        never.into_iter().filter(|(_, never)| *never).map(|(kind, _)| kind).collect()
    }

    fn file(&self) -> Option<&'static str> {
        self.system.file()
    }

    fn temporal(&self) -> Vec<Temporal<Self>> {
        self.system.claims()
    }
}

/// The kinds of event.
pub(crate) const EVENTS: &[&str] = &["Receive", "Request", "Fire", "Crash", "Restart", "Torn"];
