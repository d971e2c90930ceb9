//! A mutex with a queue, inside one process: code that neither sends nor writes nor waits, and of which clients ask
//! anything at any time. It is the example of such a system: the code, its bugs, its mapping, all in one file.

mod model;

use model::Action;
pub(crate) use model::MutexModel;
use proofmark_core::{Core, Effects, Input, Never, NodeId, Time};
use proofmark_harness::cluster::{Cluster, Envelope, Event, Member, Possible, State, System};
use proofmark_harness::history::Sequential;
use proofmark_harness::links::{self, CodeMutant, Link, Linked};
use proofmark_harness::mapping::{Field, Mapping, Refines, Whole};
use proofmark_harness::sim::Dice;
use proofmark_vocabulary::{
    Bound, Constant, ConstantError, Constants, Counts, Domain, Profile, PropertySet, Temporal, Value,
};
use serde::{Deserialize, Serialize};
use std::convert::Infallible;

/// The code: who holds the mutex, and who waits for it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Mutex {
    holder: Option<usize>,
    queue: Vec<usize>,
    bug: Option<Bug>,
}

/// What can be planted in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Bug {
    /// Who came last is served first.
    LastFirst,
    /// Who waits is told at once that the mutex is its own.
    ToldTooEarly,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct Request {
    pub(crate) client: usize,
    pub(crate) operation: Operation,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) enum Operation {
    /// Asks for the mutex. The reply may come with the event of another client's request.
    Lock,
    /// Gives it back.
    Unlock,
    /// Waits no longer.
    GiveUp,
}

/// Whether what a client has asked for was done. Who gives up is told that of its lock, too: it was not.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct Reply {
    client: usize,
    operation: Operation,
    done: bool,
}

impl Mutex {
    fn lock(&mut self, client: usize) -> Effects<Self> {
        if self.holder.is_none() {
            self.holder = Some(client);
            return told(client, Operation::Lock, true);
        }
        self.queue.push(client);
        if self.bug == Some(Bug::ToldTooEarly) { told(client, Operation::Lock, true) } else { Effects::none() }
    }

    fn unlock(&mut self, client: usize) -> Effects<Self> {
        let unlocked = told(client, Operation::Unlock, true);
        let next = match self.bug {
            Some(Bug::LastFirst) => self.queue.len().checked_sub(1),
            _ => (!self.queue.is_empty()).then_some(0),
        };
        self.holder = next.map(|place| self.queue.remove(place));
        self.holder.map_or(unlocked.clone(), |next| unlocked.then(told(next, Operation::Lock, true)))
    }

    fn give_up(&mut self, client: usize) -> Effects<Self> {
        self.queue.retain(|waiter| *waiter != client);
        told(client, Operation::Lock, false).then(told(client, Operation::GiveUp, true))
    }

    /// Whether a client may ask for this now: one thing at a time, and only what is there to be done.
    fn possible(&self, request: &Request) -> bool {
        let Request { client, operation } = request;
        let (holds, waits) = (self.holder == Some(*client), self.queue.contains(client));
        match operation {
            Operation::Lock => !holds && !waits,
            Operation::Unlock => holds,
            Operation::GiveUp => waits,
        }
    }
}

fn told(client: usize, operation: Operation, done: bool) -> Effects<Mutex> {
    Effects::none().reply(Reply { client, operation, done })
}

impl Core for Mutex {
    type Config = Option<Bug>;
    type Message = Never;
    type Record = Never;
    type Request = Request;
    type Reply = Reply;
    type Timer = Never;

    fn recover(bug: &Option<Bug>, _: &[Never]) -> (Self, Effects<Self>) {
        (Self { holder: None, queue: Vec::new(), bug: *bug }, Effects::none())
    }

    fn step(&mut self, _: Time, input: Input<Self>) -> Effects<Self> {
        match input {
            Input::Request(Request { client, operation }) => match operation {
                Operation::Lock => self.lock(client),
                Operation::Unlock => self.unlock(client),
                Operation::GiveUp => self.give_up(client),
            },
            Input::Receive { message, .. } => match message {},
            Input::Fired(timer) => match timer {},
        }
    }
}

/// A mutex and its clients.
#[derive(Clone, Debug)]
pub(crate) struct Mutexes {
    pub(crate) clients: usize,
    pub(crate) simulated: bool,
    pub(crate) bug: Option<Bug>,
}

pub(crate) const MUTEX: NodeId = NodeId(0);
const REFINES: &str = "refines mutex-model";

impl System for Mutexes {
    type Core = Mutex;
    type Bug = Bug;

    const NAME: &'static str = "mutex";
    const ABOUT: &'static str = "A mutex with a queue, inside one process.";
    const MUTANTS: &'static [CodeMutant<Bug>] = &[
        CodeMutant {
            name: "last-first",
            bug: Bug::LastFirst,
            bound: "ci",
            expected: &[(Link::L1, REFINES), (Link::L2, "holder"), (Link::L3, "Unlock")],
            lesson: "clients cannot tell the order of a queue, the model can",
        },
        CodeMutant {
            name: "told-too-early",
            bug: Bug::ToldTooEarly,
            bound: "ci",
            expected: &[(Link::L5, links::LINEARIZABLE)],
            lesson: "what clients are told is no part of the model's state",
        },
    ];

    fn constants() -> Vec<Constant> {
        let simulated = "whether this is a run of the simulator";
        vec![
            Constant { name: "clients", domain: Domain::Integer(1, 9), about: "how many clients there are" },
            Constant { name: "simulated", domain: Domain::Boolean, about: simulated },
        ]
    }

    fn bounds() -> Vec<Bound> {
        vec![Bound {
            name: "ci",
            about: "one that holds and two that wait",
            profile: Profile::Ci,
            constants: vec![("clients", 3_i64.into()), ("simulated", false.into())],
            properties: PropertySet::All,
            expected: &[],
            // Nobody holds, or one of three does and of the other two none waits, one, or both in either order.
            counts: Some(Counts { generated: 1 + 3 + 15 * 3, distinct: 1 + 3 * 5, depth: 4 }),
        }]
    }

    fn new(constants: &Constants, bug: Option<Bug>) -> Result<Self, ConstantError> {
        Ok(Self { clients: constants.number("clients"), simulated: constants.is("simulated"), bug })
    }

    fn configs(&self) -> Vec<Option<Bug>> {
        vec![self.bug]
    }

    fn requests(&self) -> Vec<(NodeId, Request)> {
        let operations = [Operation::Lock, Operation::Unlock, Operation::GiveUp];
        let all = (0..self.clients).flat_map(|client| operations.map(|operation| Request { client, operation }));
        all.map(|request| (MUTEX, request)).collect()
    }

    fn at_any_time(&self) -> Option<Possible<Mutex>> {
        Some(Mutex::possible)
    }

    fn crashes(&self) -> u32 {
        0
    }

    fn is_simulated(&self) -> bool {
        self.simulated
    }

    fn simulated(seed: u64) -> Vec<(&'static str, Value)> {
        let clients = 2 + Dice::of(seed, "mutex").below(3).cast_signed();
        vec![("clients", clients.into()), ("simulated", true.into())]
    }

    fn claims(&self) -> Vec<Temporal<Cluster<Self>>> {
        let waits = |_: &Cluster<Self>, s: &State<Mutex>| {
            s.node(MUTEX).core.as_ref().is_some_and(|mutex| !mutex.queue.is_empty())
        };
        let mut claims =
            vec![Temporal::refinement(REFINES, Refines::instance(self.mapping(), 0)), Temporal::can("can wait", waits)];
        if self.simulated {
            claims.extend(links::claims(self));
        }
        claims
    }
}

impl Linked for Mutexes {
    type Mapping = AsModel;
    type Service = OneHolder;

    fn mapping(&self) -> AsModel {
        AsModel(MutexModel { clients: self.clients })
    }

    fn with_model_bug(self, bug: Infallible) -> Self {
        match bug {}
    }

    fn guards() -> Vec<(&'static str, [Infallible; 2])> {
        Vec::new()
    }

    fn service(&self) -> OneHolder {
        OneHolder
    }

    fn answers(request: &Request, reply: &Reply) -> bool {
        (request.client, request.operation) == (reply.client, reply.operation)
    }

    fn driven() -> Vec<(&'static str, Value)> {
        Vec::new()
    }

    fn sizes() -> &'static [&'static str] {
        &["clients"]
    }
}

/// What clients take it for: one of them holds it at a time. Who waits has an operation that is pending.
pub(crate) struct OneHolder;

impl Sequential for OneHolder {
    type State = Option<usize>;
    type Operation = Request;
    type Response = Reply;

    fn initial(&self) -> Option<usize> {
        None
    }

    fn after(&self, holder: &Option<usize>, request: &Request, reply: Option<&Reply>) -> Option<Option<usize>> {
        let done = reply.is_none_or(|reply| reply.done);
        match request.operation {
            Operation::Lock if done => holder.is_none().then_some(Some(request.client)),
            Operation::Unlock if done => (*holder == Some(request.client)).then_some(None),
            _ => Some(*holder),
        }
    }
}

/// The whole mutex is one instance of the model, and its only node decides all of it.
pub(crate) struct AsModel(MutexModel);

impl Mapping for AsModel {
    type Core = Mutex;
    type Spec = MutexModel;
    type Instance = Whole;

    fn spec(&self) -> &MutexModel {
        &self.0
    }

    fn only(&self) -> Option<Whole> {
        Some(Whole)
    }

    fn said(&self, _: &mut model::State, envelope: &Envelope<Never>) {
        match envelope.message {}
    }

    fn holds(&self, state: &mut model::State, _: &Whole, _: NodeId, member: &Member<Mutex>) {
        if let Some(mutex) = &member.core {
            *state = model::State { holder: mutex.holder, queue: mutex.queue.clone() };
        }
    }

    fn fields(&self, _: NodeId) -> Vec<Field> {
        vec![Field::Whole("holder"), Field::Whole("queue")]
    }

    fn explanations(&self, event: &Event<Mutex>) -> Vec<Vec<Action>> {
        let Event::Request(_, Request { client, operation }) = event else { return Vec::new() };
        match operation {
            Operation::Lock => vec![vec![Action::Lock(*client)], vec![Action::Lock(*client), Action::Serve]],
            Operation::Unlock => vec![vec![Action::Unlock(*client)], vec![Action::Unlock(*client), Action::Serve]],
            Operation::GiveUp => vec![vec![Action::GiveUp(*client)]],
        }
    }

    fn actor(&self, _: &Action) -> NodeId {
        MUTEX
    }

    fn leaves_out(&self, state: &model::State, action: &Action) -> Option<&'static str> {
        let must_serve = state.holder.is_none() && !state.queue.is_empty();
        (must_serve && *action != Action::Serve).then_some("who can be served is served in the same step")
    }
}
