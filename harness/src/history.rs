//! Histories of what clients asked and were answered, and whether an object that does one thing at a time could
//! have answered so (L5).
//!
//! The check is Wing and Gong's search (*Testing and Verifying Concurrent Objects*, JPDC 1993) as Lowe improved it
//! (*Testing for linearizability*, Concurrency and Computation: Practice and Experience 29(4), 2017: the graph
//! search, which remembers the configurations that it has visited). From Lowe's other algorithm, just-in-time
//! linearization, comes that a pending operation is tried only when no answered one leads on. Left out: to split a
//! history by the parts of an object that are independent (Horn and Kroening, 2015), since transactions join them.

use foldhash::fast::FixedState;
use std::collections::HashSet;
use std::hash::Hash;

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

    /// A client asks, after everything that was told before.
    pub fn invoke(&mut self, operation: O) -> OperationId {
        self.operations.push(Operation { asked: operation, invoked: self.events, answer: None });
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

    /// What was asked; `None` of an operation of another history.
    pub fn operation(&self, id: OperationId) -> Option<&O> {
        Some(&self.operations.get(id.0)?.asked)
    }

    /// What was answered; `None` of a pending operation.
    pub fn response(&self, id: OperationId) -> Option<&R> {
        self.operations.get(id.0)?.response()
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

/// Why a history is not linearizable, as far as one order can tell.
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
/// each in memory, which takes the size of a state and a few words more where few operations overlap. The same
/// question has the same answer.
///
/// To find an order takes little more than a configuration an operation where few overlap. To find that there is none
/// takes all that can be visited, and each pending operation may double that.
pub fn linearize<S: Sequential>(
    spec: &S,
    history: &History<S::Operation, S::Response>,
    budget: u64,
) -> Linearizability {
    Search::new(spec, history).run(budget)
}

/// A depth-first search with its own stack, so that a long history overflows none.
struct Search<'a, S: Sequential> {
    spec: &'a S,
    history: &'a History<S::Operation, S::Response>,
    left: Left,
    taken: Taken,
    visited: HashSet<Configuration<S::State>, FixedState>,
    order: Vec<Step<S::State>>,
    /// The order with the most answered operations that was met, and how many these are.
    longest: (usize, Vec<OperationId>),
}

/// An operation of the order, and the state before it took effect.
struct Step<T> {
    operation: usize,
    before: T,
}

#[derive(PartialEq, Eq, Hash)]
struct Configuration<T> {
    answered: Window,
    pending: Window,
    state: T,
}

impl<'a, S: Sequential> Search<'a, S> {
    fn new(spec: &'a S, history: &'a History<S::Operation, S::Response>) -> Self {
        Self {
            spec,
            history,
            left: Left::of(history),
            taken: Taken::of(history),
            visited: HashSet::default(),
            order: Vec::new(),
            longest: (0, Vec::new()),
        }
    }

    fn run(mut self, budget: u64) -> Linearizability {
        let mut state = self.spec.initial();
        let mut candidate = self.left.first();
        while self.left.responds_first().is_some() {
            if let Some(event) = candidate {
                let operation = self.left.operation_of[event];
                let Some(next) = self.after(&state, operation) else {
                    candidate = self.left.following(event);
                    continue;
                };
                self.taken.insert(operation);
                if !self.visited.insert(self.taken.with(next.clone())) {
                    self.taken.remove(operation);
                    candidate = self.left.following(event);
                    continue;
                }
                if self.visited.len() as u64 > budget {
                    return Linearizability::Unknown;
                }
                self.left.lift(&self.history.operations[operation]);
                self.order.push(Step { operation, before: state });
                (state, candidate) = (next, self.left.first());
            } else {
                self.remember_the_longest();
                let Some(step) = self.order.pop() else { return self.not_linearizable() };
                let operation = &self.history.operations[step.operation];
                self.taken.remove(step.operation);
                self.left.put_back(operation);
                (state, candidate) = (step.before, self.left.following(operation.invoked));
            }
        }
        Linearizability::Linearizable(order(&self.order))
    }

    fn after(&self, state: &S::State, operation: usize) -> Option<S::State> {
        let operation = &self.history.operations[operation];
        self.spec.after(state, &operation.asked, operation.response())
    }

    /// Orders are compared where they end, not at every step, so that a long one is not copied again and again.
    /// Pending operations at the end explain no response, so they are no part of it.
    fn remember_the_longest(&mut self) {
        let answered = self.taken.answered.len;
        if answered > self.longest.0 {
            let last = self.order.iter().rposition(|step| !self.taken.places[step.operation].0);
            self.longest = (answered, order(&self.order[..=last.unwrap_or_default()]));
        }
    }

    /// Nothing is left to try, and every operation was put back.
    ///
    /// After a prefix with the most answered operations no answered one is allowed: it would have been visited, now or
    /// before, with one more answered operation. So whatever is allowed there is pending.
    fn not_linearizable(mut self) -> Linearizability {
        let prefix = std::mem::take(&mut self.longest.1);
        let mut state = self.spec.initial();
        for id in &prefix {
            state = self.after(&state, id.0).expect("the search has taken this step, and the object has no whims");
            self.left.lift(&self.history.operations[id.0]);
        }
        let overdue = self.left.responds_first().expect("the search ends when every response is explained");
        let candidates = std::iter::successors(self.left.first(), |&event| self.left.following(event));
        let obstacle =
            |id: usize| if self.after(&state, id).is_some() { Obstacle::Fruitless } else { Obstacle::Refused };
        let mut next: Vec<_> = candidates.map(|event| self.left.operation_of[event]).collect();
        next.sort_unstable();
        let next = next.into_iter().map(|id| (OperationId(id), obstacle(id))).collect();
        let overdue = OperationId(self.left.operation_of[overdue]);
        Linearizability::NotLinearizable { stuck: Stuck { prefix, overdue, next } }
    }
}

fn order<T>(steps: &[Step<T>]) -> Vec<OperationId> {
    steps.iter().map(|step| OperationId(step.operation)).collect()
}

/// The events of the operations that are not in the order yet, each in one of three lists by time: invocations of
/// answered operations, their responses, and invocations of pending operations.
///
/// The lists are doubly linked over arrays. An event that is unlinked keeps its own links, so to put operations back
/// in the reverse order restores everything (Knuth's dancing links).
struct Left {
    /// By event, and after the events one head for each list. A list is a ring through its head.
    next: Vec<usize>,
    previous: Vec<usize>,
    /// By event.
    operation_of: Vec<usize>,
    pending: Vec<bool>,
}

impl Left {
    fn of<O, R>(history: &History<O, R>) -> Self {
        let events = history.events;
        let (mut operation_of, mut list_of) = (vec![0; events], vec![RESPONSES; events]);
        for (index, operation) in history.operations.iter().enumerate() {
            operation_of[operation.invoked] = index;
            list_of[operation.invoked] = if operation.answer.is_some() { ANSWERED } else { PENDING };
            if let Some(answer) = &operation.answer {
                operation_of[answer.at] = index;
            }
        }
        let mut previous: Vec<usize> = (0..events + LISTS).collect();
        let mut next = previous.clone();
        for (event, list) in list_of.iter().enumerate() {
            let head = events + list;
            let last = previous[head];
            (next[last], previous[event]) = (event, last);
            (next[event], previous[head]) = (head, event);
        }
        let pending = list_of.iter().map(|&list| list == PENDING).collect();
        Self { next, previous, operation_of, pending }
    }

    fn head(&self, list: usize) -> usize {
        self.operation_of.len() + list
    }

    /// The first response of those left. What was invoked after it cannot take effect before it.
    fn responds_first(&self) -> Option<usize> {
        let event = self.next[self.head(RESPONSES)];
        (event < self.operation_of.len()).then_some(event)
    }

    /// The first invocation to try.
    fn first(&self) -> Option<usize> {
        self.candidate(self.next[self.head(ANSWERED)]).or_else(|| self.first_pending())
    }

    /// The invocation to try after this one, which is left. Pending operations come last: most never took effect, and
    /// one that is needed is found when nothing else leads on.
    fn following(&self, event: usize) -> Option<usize> {
        let next = self.candidate(self.next[event]);
        if self.pending[event] { next } else { next.or_else(|| self.first_pending()) }
    }

    fn first_pending(&self) -> Option<usize> {
        self.candidate(self.next[self.head(PENDING)])
    }

    /// A head is later than every event, so the end of a list is no candidate.
    fn candidate(&self, event: usize) -> Option<usize> {
        self.responds_first().filter(|&response| event < response).map(|_| event)
    }

    fn lift<O, R>(&mut self, operation: &Operation<O, R>) {
        self.unlink(operation.invoked);
        if let Some(answer) = &operation.answer {
            self.unlink(answer.at);
        }
    }

    fn put_back<O, R>(&mut self, operation: &Operation<O, R>) {
        if let Some(answer) = &operation.answer {
            self.link(answer.at);
        }
        self.link(operation.invoked);
    }

    fn unlink(&mut self, event: usize) {
        let (previous, next) = (self.previous[event], self.next[event]);
        (self.next[previous], self.previous[next]) = (next, previous);
    }

    fn link(&mut self, event: usize) {
        let (previous, next) = (self.previous[event], self.next[event]);
        (self.next[previous], self.previous[next]) = (event, event);
    }
}

/// The lists of [`Left`].
const ANSWERED: usize = 0;
const RESPONSES: usize = 1;
const PENDING: usize = 2;
const LISTS: usize = 3;

/// The operations that are in the order. Pending ones are counted apart: many never take effect, and would leave gaps
/// in what is otherwise a prefix of the history and a little more.
struct Taken {
    answered: Bits,
    pending: Bits,
    /// By operation: whether it is pending, and its place among its like.
    places: Vec<(bool, usize)>,
}

impl Taken {
    fn of<O, R>(history: &History<O, R>) -> Self {
        let mut like = [0, 0];
        let place = |operation: &Operation<O, R>| {
            let pending = operation.answer.is_none();
            let count = &mut like[usize::from(pending)];
            *count += 1;
            (pending, *count - 1)
        };
        let places = history.operations.iter().map(place).collect();
        Self { answered: Bits::of(like[0]), pending: Bits::of(like[1]), places }
    }

    fn insert(&mut self, operation: usize) {
        let (pending, place) = self.places[operation];
        if pending { self.pending.insert(place) } else { self.answered.insert(place) }
    }

    fn remove(&mut self, operation: usize) {
        let (pending, place) = self.places[operation];
        if pending { self.pending.remove(place) } else { self.answered.remove(place) }
    }

    fn with<T>(&self, state: T) -> Configuration<T> {
        Configuration { answered: self.answered.window(), pending: self.pending.window(), state }
    }
}

/// A set of places as a vector of bits, that knows how many of its first words are full and where its last one ends.
struct Bits {
    words: Vec<u64>,
    full: usize,
    end: usize,
    len: usize,
}

/// The words of a set between those that are full and those that are empty: equal for equal sets, and short however
/// long the history is.
#[derive(PartialEq, Eq, Hash)]
struct Window {
    full: usize,
    words: Box<[u64]>,
}

impl Bits {
    fn of(places: usize) -> Self {
        Self { words: vec![0; places.div_ceil(64)], full: 0, end: 0, len: 0 }
    }

    /// The place is not in the set.
    fn insert(&mut self, place: usize) {
        let word = place / 64;
        self.words[word] |= 1 << (place % 64);
        self.len += 1;
        self.end = self.end.max(word + 1);
        while self.words.get(self.full) == Some(&u64::MAX) {
            self.full += 1;
        }
    }

    /// The place is in the set.
    fn remove(&mut self, place: usize) {
        let word = place / 64;
        self.words[word] &= !(1 << (place % 64));
        self.len -= 1;
        self.full = self.full.min(word);
        while self.end > 0 && self.words[self.end - 1] == 0 {
            self.end -= 1;
        }
    }

    fn window(&self) -> Window {
        Window { full: self.full, words: self.words[self.full..self.end].into() }
    }
}

#[cfg(test)]
mod tests;
