//! Histories of what clients asked and were answered, and whether an object that does one thing at a time could
//! have answered so (L5).
//!
//! The check is Wing and Gong's search (*Testing and Verifying Concurrent Objects*, JPDC 1993) as Lowe improved it
//! (*Testing for linearizability*, Concurrency and Computation: Practice and Experience 29(4), 2017: the graph
//! search, which remembers the configurations that it has visited). From Lowe's other algorithm, just-in-time
//! linearization, comes that a pending operation is tried only when no answered one leads on. Where an object has
//! independent [parts](Part), each is judged alone (Horn and Kroening, *Faster linearizability checking via
//! P-compositionality*, FORTE 2015). Two rules of our own prune the search and are argued where they stand: a read is
//! taken as soon as it is allowed (`search`), and pending operations that were of no use make no difference
//! (`visited`).
//!
//! Histories come from the simulator's clients or from real threads ([`Recording`]). One that is not linearizable can
//! be made small ([`minimise`]) and drawn ([`Drawing`]).

mod drawing;
mod minimal;
mod recording;
mod search;
#[cfg(test)]
mod tests;
mod visited;

pub use drawing::Drawing;
pub use minimal::{Violation, minimise};
pub use recording::{Client, Recording};

use foldhash::fast::FixedState;
use search::{Piece, Search};
use std::collections::HashMap;
use std::hash::{BuildHasher, Hash};

/// An object that does one thing at a time: what clients should believe they talk to.
///
/// *Strict serializability* of transactions is linearizability of an object whose operations are whole
/// transactions. So an operation here may be a transaction with all its reads and writes, and its response all that
/// it has read; the response of an aborted one leaves the state as it was.
///
/// The response must determine the state: an object that has a choice says in its response what it chose, and the same
/// question to this trait has the same answer.
pub trait Sequential {
    /// What the object remembers.
    type State: Clone + Eq + Hash;
    /// What is asked of it.
    type Operation;
    /// What it answers.
    type Response;

    /// Its state before the first operation.
    fn initial(&self) -> Self::State;

    /// The state after an operation that was answered by `response`; `None` when it cannot be answered so. A pending
    /// operation has no response: then it is the state after it took effect.
    fn after(
        &self,
        state: &Self::State,
        operation: &Self::Operation,
        response: Option<&Self::Response>,
    ) -> Option<Self::State>;

    /// Whether an operation that was answered so, or is pending, leaves every state as it is, like a read. To say so
    /// makes the search shorter, the more the more reads overlap; to say nothing is always right.
    fn only_reads(&self, _operation: &Self::Operation, _response: Option<&Self::Response>) -> bool {
        false
    }

    /// The part of the object that an operation concerns, such as a key of a map or one of many locks; `None` when it
    /// concerns all of it, and a history with such an operation is judged as one.
    ///
    /// What happens to one part may make no difference to another: neither to what it answers nor to whether it can.
    /// The state is still that of the whole object; where each part is judged alone, it is as if nothing ever happened
    /// to the others.
    fn part(&self, _operation: &Self::Operation) -> Option<Part> {
        None
    }
}

/// A part of an object that knows nothing of the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Part(u64);

impl Part {
    /// The part with this key. By a rare accident two keys are one part: they are then judged together, which is as
    /// right and takes longer.
    pub fn of(key: impl Hash) -> Self {
        Self(FixedState::default().hash_one(key))
    }
}

/// The name of an operation in the history that it was invoked in: how many were invoked before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OperationId(usize);

impl OperationId {
    /// The name as an index.
    pub fn index(self) -> usize {
        self.0
    }
}

/// What happens to an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A client asked.
    Invoked(OperationId),
    /// It was answered.
    Answered(OperationId),
}

/// Invocations and responses in the order of real time.
///
/// An operation without a response is *pending*: it may take effect at any time after its invocation, or never. Who
/// records a history tells of an invocation no later than it happens and of a response no earlier; what lies between
/// may be told wider than it was, which never makes a linearizable history look like one that is not.
#[derive(Clone, Debug)]
pub struct History<O, R> {
    operations: Vec<Operation<O, R>>,
    /// How many invocations and responses there were: the time.
    events: usize,
}

#[derive(Clone, Debug)]
struct Operation<O, R> {
    /// Who asked, where that is known.
    client: Option<usize>,
    asked: O,
    invoked: usize,
    answer: Option<Answer<R>>,
}

#[derive(Clone, Debug)]
struct Answer<R> {
    response: R,
    at: usize,
}

impl<O, R> History<O, R> {
    /// A history in which nothing has happened.
    pub fn new() -> Self {
        Self { operations: Vec::new(), events: 0 }
    }

    /// Somebody asks, after everything that was told before.
    pub fn invoke(&mut self, operation: O) -> OperationId {
        self.ask(None, operation)
    }

    /// A client asks, after everything that was told before. Clients are told apart where a history is drawn; that one
    /// asks again before it was answered is as if another did.
    pub fn invoke_by(&mut self, client: usize, operation: O) -> OperationId {
        self.ask(Some(client), operation)
    }

    fn ask(&mut self, client: Option<usize>, operation: O) -> OperationId {
        self.operations.push(Operation { client, asked: operation, invoked: self.events, answer: None });
        self.events += 1;
        OperationId(self.operations.len() - 1)
    }

    /// A client is answered. Only the first response of an operation counts, since that is what its client went on
    /// with: of a second one, or of one to an operation that was never invoked, nothing is kept, and false returned.
    pub fn respond(&mut self, id: OperationId, response: R) -> bool {
        let Some(operation) = self.operations.get_mut(id.0) else { return false };
        if operation.answer.is_some() {
            return false;
        }
        operation.answer = Some(Answer { response, at: self.events });
        self.events += 1;
        true
    }

    /// How many operations were invoked.
    pub fn len(&self) -> usize {
        self.operations.len()
    }

    /// Whether no operation was invoked.
    pub fn is_empty(&self) -> bool {
        self.operations.is_empty()
    }

    /// The invocations and the responses, in the order of real time.
    pub fn events(&self) -> Vec<Event> {
        let mut events: Vec<_> = (0..self.events).map(|_| None).collect();
        for (index, told) in self.operations.iter().enumerate() {
            events[told.invoked] = Some(Event::Invoked(OperationId(index)));
            if let Some(answer) = &told.answer {
                events[answer.at] = Some(Event::Answered(OperationId(index)));
            }
        }
        events.into_iter().flatten().collect()
    }

    /// What was asked; `None` of an operation of another history.
    pub fn operation(&self, id: OperationId) -> Option<&O> {
        Some(&self.operations.get(id.0)?.asked)
    }

    /// What was answered; `None` of a pending operation.
    pub fn response(&self, id: OperationId) -> Option<&R> {
        self.operations.get(id.0)?.response()
    }

    /// The client that asked; `None` where it was not told.
    pub fn client(&self, id: OperationId) -> Option<usize> {
        self.operations.get(id.0)?.client
    }
}

impl<O, R> Default for History<O, R> {
    fn default() -> Self {
        Self::new()
    }
}

impl<O, R> Operation<O, R> {
    fn response(&self) -> Option<&R> {
        Some(&self.answer.as_ref()?.response)
    }
}

/// Whether a history is linearizable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Linearizability {
    /// It is: the operations took effect in this order. The pending ones that are not among them never did.
    Linearizable(Vec<OperationId>),
    /// No order explains what was answered.
    NotLinearizable {
        /// How far an order can come, and what stands in its way.
        stuck: Stuck,
    },
    /// The budget was used up before the search ended, so nothing is known. This is never a success.
    Unknown,
}

/// Why a history is not linearizable, as far as one order can tell. Where an object has parts, all of this is of the
/// one part that is to blame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stuck {
    /// An order that the object allows and that no other exceeds in answered operations.
    pub prefix: Vec<OperationId>,
    /// Of the answered operations that are not in the prefix, the one that was answered first. All that come next
    /// in any order were invoked before that response.
    pub overdue: OperationId,
    /// All operations that could come next by their time, in the order of their invocation: the overdue one and those
    /// that overlap with it, as far as they are not in the prefix.
    pub next: Vec<(OperationId, Obstacle)>,
}

/// Why an operation does not lead on from a prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// After the prefix the object would not answer it so; a pending one cannot take effect there.
    Refused,
    /// It is pending and could take effect there, but no answered operation more can be ordered if it does.
    Fruitless,
}

/// Looks for an order of the operations that the object allows: each between its invocation and its response.
///
/// A *configuration* is the set of the operations that took effect, with the state that they led to. The search
/// visits each once, and not more than `budget` of them: then it gives up, with [`Linearizability::Unknown`]. It keeps
/// each in memory, which takes the size of a state and a few words more. The same question has the same answer.
///
/// To find an order takes little more than a configuration for each operation that may change the state, where few
/// overlap. To find that there is none takes all that can be visited: which of the operations under way took effect,
/// and to what state that led. A pending operation is under way for ever. Parts share the budget: each gets as much as
/// the others, and what it leaves is theirs.
pub fn linearize<S: Sequential>(
    spec: &S,
    history: &History<S::Operation, S::Response>,
    mut budget: u64,
) -> Linearizability {
    let parts = parts(spec, history).into_iter();
    let search = |part: Vec<usize>| {
        Search::new(spec, history, part.into_iter().map(|operation| Piece::of(history, operation)).collect())
    };
    let mut open: Vec<_> = parts.map(search).collect();
    let mut orders = Vec::new();
    while !open.is_empty() {
        let mut undecided = Vec::new();
        let parts = open.len();
        for (before, mut search) in open.into_iter().enumerate() {
            let mut share = budget.div_ceil((parts - before) as u64);
            budget -= share;
            match search.run(&mut share) {
                Some(true) => orders.push(search.order()),
                Some(false) => return Linearizability::NotLinearizable { stuck: search.stuck() },
                None => undecided.push(search),
            }
            budget += share;
        }
        if budget == 0 && !undecided.is_empty() {
            return Linearizability::Unknown;
        }
        open = undecided;
    }
    Linearizability::Linearizable(merged(history, orders))
}

/// The operations by the part that they concern, in the order of the first operation of each.
fn parts<S: Sequential>(spec: &S, history: &History<S::Operation, S::Response>) -> Vec<Vec<usize>> {
    let part_of: Option<Vec<Part>> = history.operations.iter().map(|told| spec.part(&told.asked)).collect();
    let Some(part_of) = part_of else { return vec![(0..history.len()).collect()] };
    let mut known: HashMap<Part, usize, FixedState> = HashMap::default();
    let mut parts: Vec<Vec<usize>> = Vec::new();
    for (operation, part) in part_of.into_iter().enumerate() {
        let index = *known.entry(part).or_insert(parts.len());
        if index == parts.len() {
            parts.push(Vec::new());
        }
        parts[index].push(operation);
    }
    parts
}

/// One order of all parts (Herlihy and Wing: linearizability is local).
///
/// An operation takes effect at the latest invocation of those before it in its part and its own. That is before it is
/// answered, since nothing before it was invoked later; and no two operations of different parts share one.
fn merged<O, R>(history: &History<O, R>, mut orders: Vec<Vec<OperationId>>) -> Vec<OperationId> {
    if orders.len() == 1 {
        return orders.swap_remove(0);
    }
    let mut placed: Vec<(usize, OperationId)> = Vec::new();
    for order in orders {
        let mut latest = 0;
        placed.extend(order.into_iter().map(|id| {
            latest = latest.max(history.operations[id.0].invoked);
            (latest, id)
        }));
    }
    placed.sort_by_key(|&(at, _)| at);
    placed.into_iter().map(|(_, id)| id).collect()
}
