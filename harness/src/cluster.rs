//! A cluster of real cores as a model: the code itself, explored exhaustively at a small bound.
//!
//! The state is everything that the nodes, their disks and the network hold; the actions are what can happen to
//! them. A message that was sent can arrive at any moment, any number of times, or never: so there is no action
//! that loses, repeats or delays one. A timer that is armed can fire at any moment: so no clock is in the state.
//! What a node writes and sends in one step is never torn apart by a crash: its records come first, by type, and
//! to lose its messages is never to receive them.

use proofmark_core::{Core, Effects, Input, MemoryLog, NodeId, Output, Time};
use proofmark_vocabulary::{
    Bound, Catalogued, Constant, ConstantError, Constants, Describe, Model, Mutant, Temporal, Value,
};
use std::collections::BTreeSet;
use std::fmt::Debug;
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
    /// The bugs, each with the claim that must notice it.
    const MUTANTS: &'static [Mutant<Self::Bug>];

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

    /// What clients ask, in this order, each once or never, and of whom.
    fn requests(&self) -> Vec<(NodeId, <Self::Core as Core>::Request)>;

    /// How many crashes there may be, all in all.
    fn crashes(&self) -> u32;

    /// What must be true: that it refines its specification, and more.
    fn claims(&self) -> Vec<Temporal<Cluster<Self>>>;

    /// The source file that states the claims: `Some(file!())`.
    fn file(&self) -> Option<&'static str> {
        None
    }
}

/// A system as a model.
pub struct Cluster<S: System> {
    system: S,
    configs: Vec<<S::Core as Core>::Config>,
    requests: Vec<(NodeId, <S::Core as Core>::Request)>,
    crashes: u32,
}

/// Everything there is between two events.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct State<C: Core> {
    /// The nodes, by their index.
    pub nodes: Vec<Arc<Member<C>>>,
    /// Every message that was ever sent.
    pub network: Arc<BTreeSet<Envelope<C::Message>>>,
    /// How many of the requests have been made.
    pub requested: usize,
    /// Every answer that a client was ever given, and by whom.
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
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Envelope<M> {
    /// Who sent it.
    pub from: NodeId,
    /// To whom.
    pub to: NodeId,
    /// What it says.
    pub message: M,
}

/// What can happen to a cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
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
}

impl<S: System> Cluster<S> {
    /// The cluster of a system.
    pub fn of(system: S) -> Self {
        let (configs, requests, crashes) = (system.configs(), system.requests(), system.crashes());
        Self { system, configs, requests, crashes }
    }

    /// The system.
    pub fn system(&self) -> &S {
        &self.system
    }

    /// Builds a node from its disk.
    fn start(&self, state: &mut State<S::Core>, node: NodeId) {
        let disk = state.nodes[node.index()].disk.clone();
        let (core, effects) = S::Core::recover(&self.configs[node.index()], &disk);
        state.nodes[node.index()] = Arc::new(Member { core: Some(core), disk, timers: BTreeSet::new() });
        carry_out(state, node, effects);
    }
}

impl<C: Core> Member<C> {
    fn empty() -> Self {
        Self { core: None, disk: Vec::new(), timers: BTreeSet::new() }
    }
}

impl<C: Core> State<C> {
    /// A node, with its disk.
    pub fn node(&self, node: NodeId) -> &Member<C> {
        &self.nodes[node.index()]
    }

    /// One input to a node that is up; `None` when it is down.
    fn step(&self, node: NodeId, input: Input<C>) -> Option<Self> {
        let mut after = self.clone();
        let member = Arc::make_mut(&mut after.nodes[node.index()]);
        // No core that is checked compares moments.
        let effects = member.core.as_mut()?.step(Time::default(), input);
        carry_out(&mut after, node, effects);
        Some(after)
    }
}

/// Writes the records, then does what the outputs say.
fn carry_out<C: Core>(state: &mut State<C>, node: NodeId, effects: Effects<C>) {
    let mut written = MemoryLog::new();
    let outputs = effects.release(&mut written).unwrap_or_default();
    let member = Arc::make_mut(&mut state.nodes[node.index()]);
    member.disk.extend_from_slice(written.durable());
    for output in outputs {
        match output {
            Output::Send { to, message } => {
                let envelope = Envelope { from: node, to, message };
                if !state.network.contains(&envelope) {
                    Arc::make_mut(&mut state.network).insert(envelope);
                }
            }
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
        for node in 0..self.configs.len() {
            self.start(&mut state, NodeId(node as u16));
        }
        vec![state]
    }

    fn actions(&self, state: &State<S::Core>, events: &mut Vec<Event<S::Core>>) {
        let to_the_living = |envelope: &&Envelope<_>| state.nodes.get(envelope.to.index()).is_some();
        events.extend(state.network.iter().filter(to_the_living).cloned().map(Event::Receive));
        events.extend(self.requests.get(state.requested).map(|(to, request)| Event::Request(*to, request.clone())));
        for (node, member) in (0..).map(NodeId).zip(&state.nodes) {
            events.extend(member.timers.iter().map(|timer| Event::Fire(node, timer.clone())));
            if member.core.is_none() {
                events.push(Event::Restart(node));
            } else if state.crashes < self.crashes {
                events.push(Event::Crash(node));
            }
        }
    }

    fn next_state(&self, state: &State<S::Core>, event: Event<S::Core>) -> Option<State<S::Core>> {
        match event {
            Event::Receive(Envelope { from, to, message }) => state.step(to, Input::Receive { from, message }),
            Event::Request(to, request) => {
                let mut after = state.step(to, Input::Request(request))?;
                after.requested += 1;
                Some(after)
            }
            Event::Fire(node, timer) => {
                let mut before = state.clone();
                Arc::make_mut(&mut before.nodes[node.index()]).timers.remove(&timer);
                before.step(node, Input::Fired(timer))
            }
            Event::Crash(node) => {
                let mut after = state.clone();
                let disk = state.node(node).disk.clone();
                after.nodes[node.index()] = Arc::new(Member { core: None, disk, timers: BTreeSet::new() });
                after.crashes += 1;
                Some(after)
            }
            Event::Restart(node) => {
                let mut after = state.clone();
                self.start(&mut after, node);
                Some(after)
            }
        }
    }
}

impl<S: System> Describe for Cluster<S> {
    fn action_kinds(&self) -> &'static [&'static str] {
        &["Receive", "Request", "Fire", "Crash", "Restart"]
    }

    fn action_kind(&self, event: &Event<S::Core>) -> usize {
        match event {
            Event::Receive(_) => 0,
            Event::Request(..) => 1,
            Event::Fire(..) => 2,
            Event::Crash(_) => 3,
            Event::Restart(_) => 4,
        }
    }

    fn action_in_words(&self, event: &Event<S::Core>) -> String {
        match event {
            Event::Receive(Envelope { from, to, message }) => format!("node {to} receives from {from}: {message:?}"),
            Event::Request(to, request) => format!("a client asks node {to}: {request:?}"),
            Event::Fire(node, timer) => format!("at node {node} the timer fires: {timer:?}"),
            Event::Crash(node) => format!("node {node} crashes"),
            Event::Restart(node) => format!("node {node} restarts"),
        }
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

    fn switched_off(&self) -> Vec<&'static str> {
        if self.crashes == 0 { vec!["Crash", "Restart"] } else { Vec::new() }
    }

    fn file(&self) -> Option<&'static str> {
        self.system.file()
    }

    fn temporal(&self) -> Vec<Temporal<Self>> {
        self.system.claims()
    }
}

impl<S: System> Catalogued for Cluster<S> {
    type Bug = S::Bug;

    const NAME: &'static str = S::NAME;
    const ABOUT: &'static str = S::ABOUT;
    const MUTANTS: &'static [Mutant<S::Bug>] = S::MUTANTS;

    fn constants() -> Vec<Constant> {
        S::constants()
    }

    fn bounds() -> Vec<Bound> {
        S::bounds()
    }

    fn new(constants: &Constants, bug: Option<S::Bug>) -> Result<Self, ConstantError> {
        S::new(constants, bug).map(Self::of)
    }
}
