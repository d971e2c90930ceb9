//! The search for an order of some operations of a history.

use super::visited::{Flags, Visit, Visited};
use super::{History, Obstacle, OperationId, Sequential, Stuck};
use std::collections::BTreeSet;

/// An operation as the search takes it: that of the history, or one of which less is asked.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece {
    /// Its index in the history.
    pub(super) operation: usize,
    pub(super) invoked: usize,
    /// When it was answered; `None` makes it pending.
    pub(super) answered: Option<usize>,
    /// Whether it may as well never have happened.
    pub(super) optional: bool,
}

impl Piece {
    /// An operation of a history as it was.
    pub(super) fn of<O, R>(history: &History<O, R>, operation: usize) -> Self {
        let told = &history.operations[operation];
        let answered = told.answer.as_ref().map(|answer| answer.at);
        Self { operation, invoked: told.invoked, answered, optional: false }
    }

    /// Whether it must be in an order that explains everything.
    fn is_owed(&self) -> bool {
        self.answered.is_some() && !self.optional
    }
}

/// A depth-first search with its own stack, so that a long history overflows none. It can be stopped and taken up
/// again.
///
/// A read that the object allows is taken at once and for good: whatever else can be ordered can be ordered behind it
/// just as well.
///
/// Pending operations are tried only where no answered one leads on, since most never took effect. There they are
/// tried one alone before two together, so that of two ways to the same state the one with fewer of them comes first:
/// the other then counts as visited.
pub(super) struct Search<'a, S: Sequential> {
    spec: &'a S,
    history: &'a History<S::Operation, S::Response>,
    pieces: Vec<Piece>,
    /// By piece: whether it reads, and nothing else.
    reads: Vec<bool>,
    plan: Plan,
    left: Left,
    taken: Taken,
    state: S::State,
    visited: Visited<S::State>,
    order: Vec<Step<S::State>>,
    /// The answered piece to try next; none where pending ones are to be tried.
    candidate: Option<Choice>,
    /// Where pending pieces are tried, the last one being where the search is.
    places: Vec<Place>,
    /// The order with the most answered operations that was met, and how many these are.
    longest: (usize, Vec<usize>),
}

/// What is tried next: a piece, or that it never happened.
#[derive(Clone, Copy)]
struct Choice {
    piece: usize,
    skips: bool,
}

impl Choice {
    fn takes(piece: usize) -> Self {
        Self { piece, skips: false }
    }
}

/// A choice that was made, and what it changed.
struct Step<T> {
    choice: Choice,
    why: Why,
    /// The state before, if it is another one.
    before: Option<T>,
    explained: usize,
    flags: Flags,
}

/// Why a choice was made.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Why {
    /// To see where it leads. Others are tried after it.
    Tried,
    /// It is a read, and nothing else needs to be tried in its place.
    Read,
    /// It is pending, and no answered one leads on.
    Pending,
}

/// Where no answered piece leads on, with the orders of pending ones that lead to different states from there.
struct Place {
    /// The length of the order there.
    base: usize,
    /// Shorter ones before longer ones.
    orders: Vec<Vec<usize>>,
    /// The one behind which others are tried, and the last that was.
    at: usize,
    tried: Option<usize>,
}

/// Where the search is after a further step.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Arrival {
    /// Where every answer is explained.
    Explained,
    /// In a new configuration.
    New,
    /// Where it was, or where it was before that.
    Known,
    /// Where it was: a new configuration is next, but the budget is used up.
    TooFar,
    /// Nowhere: all was tried.
    Nowhere,
}

impl<'a, S: Sequential> Search<'a, S> {
    pub(super) fn new(spec: &'a S, history: &'a History<S::Operation, S::Response>, mut pieces: Vec<Piece>) -> Self {
        let only_reads = |piece: &Piece| {
            let told = &history.operations[piece.operation];
            spec.only_reads(&told.asked, told.response().filter(|_| piece.answered.is_some()))
        };
        // What reads and need not happen makes no difference.
        pieces.retain(|piece| piece.is_owed() || !only_reads(piece));
        pieces.sort_by_key(|piece| piece.invoked);
        let reads = pieces.iter().map(only_reads).collect();
        let plan = Plan::of(&pieces);
        let mut search = Self {
            spec,
            history,
            reads,
            left: Left::of(&pieces),
            taken: Taken { explained: 0, flags: Flags::none(plan.slots), pending: Vec::new(), answered: 0 },
            pieces,
            plan,
            state: spec.initial(),
            visited: Visited::default(),
            order: Vec::new(),
            candidate: None,
            places: Vec::new(),
            longest: (0, Vec::new()),
        };
        search.read();
        search.candidate = search.first_of(ANSWERED).map(Choice::takes);
        search
    }

    /// Goes on until it is known whether there is an order, or as many further configurations were visited as the
    /// budget allows; what it uses up is taken from the budget.
    pub(super) fn run(&mut self, budget: &mut u64) -> Option<bool> {
        if self.deadline().is_none() {
            return Some(true);
        }
        loop {
            let arrival = match self.candidate {
                Some(choice) => self.try_answered(choice, budget),
                None => self.try_pending(budget),
            };
            match arrival {
                Arrival::Explained => return Some(true),
                Arrival::New => self.candidate = self.first_of(ANSWERED).map(Choice::takes),
                Arrival::Known => {}
                Arrival::TooFar => return None,
                Arrival::Nowhere => return Some(false),
            }
        }
    }

    fn try_answered(&mut self, choice: Choice, budget: &mut u64) -> Arrival {
        let arrival = self.step(choice, Why::Tried, budget);
        if arrival == Arrival::Known {
            self.candidate = self.following(choice);
        }
        arrival
    }

    /// No answered piece leads on. Tries the next pending one, or goes back when there is none.
    fn try_pending(&mut self, budget: &mut u64) -> Arrival {
        self.remember_the_longest();
        if !self.is_at_a_place() {
            if self.order.last().is_some_and(|step| step.why == Why::Pending) {
                // It is the end of an order of the last place, whose turn comes when all shorter ones were tried.
                self.undo();
            } else if self.first_of(PENDING).is_none() {
                return self.step_back();
            } else {
                self.places.push(Place { base: self.order.len(), orders: vec![Vec::new()], at: 0, tried: None });
            }
        }
        let Some(mut place) = self.places.pop() else { return Arrival::Nowhere };
        let next = place.tried.map_or_else(|| self.first_of(PENDING), |tried| self.candidate(self.left.next[tried]));
        let arrival = if let Some(piece) = next {
            let arrival = self.step(Choice::takes(piece), Why::Pending, budget);
            if arrival != Arrival::TooFar {
                place.tried = next;
            }
            // Where a read came next there is a place of its own.
            if arrival == Arrival::New && self.order.last().is_some_and(|step| step.why == Why::Pending) {
                place.orders.push([&place.orders[place.at][..], &[piece]].concat());
            }
            arrival
        } else {
            self.undo_to(place.base);
            (place.at, place.tried) = (place.at + 1, None);
            let Some(order) = place.orders.get(place.at) else { return self.step_back() };
            for &piece in order {
                self.take_again(piece, Why::Pending);
            }
            Arrival::Known
        };
        self.places.push(place);
        arrival
    }

    /// Whether the configuration is the one from which pending pieces are being tried.
    fn is_at_a_place(&self) -> bool {
        self.places.last().is_some_and(|place| self.order.len() == place.base + place.orders[place.at].len())
    }

    /// Goes back to where something else can be tried.
    fn step_back(&mut self) -> Arrival {
        while let Some((choice, why)) = self.undo() {
            match why {
                Why::Read => {}
                Why::Pending => return Arrival::Known,
                Why::Tried => {
                    self.candidate = self.following(choice);
                    return Arrival::Known;
                }
            }
        }
        Arrival::Nowhere
    }

    /// Takes a piece and whatever can be read then, if that is allowed and leads to a new configuration.
    fn step(&mut self, choice: Choice, why: Why, budget: &mut u64) -> Arrival {
        let Some(next) = self.outcome(choice) else { return Arrival::Known };
        let length = self.order.len();
        self.take(choice, Some(next), why);
        self.read();
        if self.deadline().is_none() {
            return Arrival::Explained;
        }
        let Taken { explained, flags, pending, .. } = &self.taken;
        match self.visited.visit(*explained, flags, &self.state, pending, *budget > 0) {
            Visit::First => {
                *budget -= 1;
                return Arrival::New;
            }
            Visit::Another => self.undo_to(length),
            Visit::Refused => {
                self.undo_to(length);
                return Arrival::TooFar;
            }
        }
        Arrival::Known
    }

    /// The order that was found.
    pub(super) fn order(&self) -> Vec<OperationId> {
        self.order.iter().filter(|step| !step.choice.skips).map(|step| self.id(step.choice.piece)).collect()
    }

    /// Why there is no order, once that is known. Pieces may not be optional.
    ///
    /// After a prefix with the most answered operations no answered one is allowed: it would have been visited, now or
    /// before, with one more answered operation. So whatever is allowed there is pending.
    pub(super) fn stuck(mut self) -> Stuck {
        let prefix = std::mem::take(&mut self.longest.1);
        self.undo_to(0);
        for &piece in &prefix {
            self.take_again(piece, Why::Tried);
        }
        let overdue = self.plan.responders[self.taken.explained];
        let answered = std::iter::successors(self.first_of(ANSWERED), |&piece| self.candidate(self.left.next[piece]));
        let pending = std::iter::successors(self.first_of(PENDING), |&piece| self.candidate(self.left.next[piece]));
        let next: BTreeSet<usize> = answered.chain(pending).collect();
        let obstacle = |piece: usize| if self.after(piece).is_some() { Obstacle::Fruitless } else { Obstacle::Refused };
        Stuck {
            prefix: prefix.iter().map(|&piece| self.id(piece)).collect(),
            overdue: self.id(overdue),
            next: next.into_iter().map(|piece| (self.id(piece), obstacle(piece))).collect(),
        }
    }

    fn id(&self, piece: usize) -> OperationId {
        OperationId(self.pieces[piece].operation)
    }

    /// The state after a piece, if the object allows it now.
    fn after(&self, piece: usize) -> Option<S::State> {
        let Piece { operation, answered, .. } = self.pieces[piece];
        let operation = &self.history.operations[operation];
        self.spec.after(&self.state, &operation.asked, answered.and_then(|_| operation.response()))
    }

    /// Where a choice leads; `None` where it is not allowed, or is of no use.
    fn outcome(&self, Choice { piece, skips }: Choice) -> Option<S::State> {
        // A read that is allowed was taken before.
        if skips || self.reads[piece] {
            return skips.then(|| self.state.clone());
        }
        let next = self.after(piece)?;
        // What changes nothing and need not happen is left for later.
        (self.pieces[piece].is_owed() || next != self.state).then_some(next)
    }

    /// Takes all reads that are allowed. What was not allowed before is not allowed now, so one look at each is enough,
    /// although further ones come within reach.
    fn read(&mut self) {
        let mut next = self.first_of(ANSWERED);
        while let Some(piece) = next {
            let following = self.left.next[piece];
            if self.reads[piece] && self.after(piece).is_some_and(|after| after == self.state) {
                self.take(Choice::takes(piece), None, Why::Read);
            }
            next = self.candidate(following);
        }
    }

    fn take(&mut self, choice: Choice, next: Option<S::State>, why: Why) {
        let before = next.map(|next| std::mem::replace(&mut self.state, next));
        let (explained, flags) = (self.taken.explained, self.taken.flags.clone());
        self.left.unlink(choice.piece);
        self.taken.insert(choice.piece, &self.plan);
        self.order.push(Step { choice, why, before, explained, flags });
    }

    /// Takes a piece as it was taken before.
    fn take_again(&mut self, piece: usize, why: Why) {
        let next = self.after(piece).expect("the search has taken this step, and the object has no whims");
        self.take(Choice::takes(piece), Some(next), why);
    }

    /// Takes back the last step.
    fn undo(&mut self) -> Option<(Choice, Why)> {
        let Step { choice, why, before, explained, flags } = self.order.pop()?;
        if let Some(before) = before {
            self.state = before;
        }
        self.taken.remove(choice.piece, &self.plan);
        (self.taken.explained, self.taken.flags) = (explained, flags);
        self.left.link(choice.piece);
        Some((choice, why))
    }

    fn undo_to(&mut self, length: usize) {
        while self.order.len() > length {
            self.undo();
        }
    }

    /// Orders are compared where they end, not at every step, so that a long one is not copied again and again.
    /// Pending operations at the end explain no response, so they are no part of it.
    fn remember_the_longest(&mut self) {
        if self.taken.answered > self.longest.0 {
            let answered = |step: &Step<S::State>| self.pieces[step.choice.piece].answered.is_some();
            let last = self.order.iter().rposition(answered).unwrap_or_default();
            let pieces = self.order[..=last].iter().map(|step| step.choice.piece);
            self.longest = (self.taken.answered, pieces.collect());
        }
    }

    /// When the first response that is not explained happened. What was invoked after it cannot take effect before it.
    fn deadline(&self) -> Option<usize> {
        self.pieces[*self.plan.responders.get(self.taken.explained)?].answered
    }

    /// The answered piece to try after this one, which is left.
    fn following(&self, Choice { piece, skips }: Choice) -> Option<Choice> {
        if self.pieces[piece].optional && !skips {
            return Some(Choice { piece, skips: true });
        }
        self.candidate(self.left.next[piece]).map(Choice::takes)
    }

    fn first_of(&self, list: usize) -> Option<usize> {
        self.candidate(self.left.next[self.pieces.len() + list])
    }

    /// The piece, if it can come next by its time. The head of a list is none.
    fn candidate(&self, piece: usize) -> Option<usize> {
        let deadline = self.deadline()?;
        (self.pieces.get(piece)?.invoked < deadline).then_some(piece)
    }
}

/// What is known of the pieces before the search.
struct Plan {
    /// The answered pieces in the order of their responses.
    responders: Vec<usize>,
    /// By piece: a number that it shares with none that overlaps with it; `None` of a pending one.
    slot: Vec<Option<usize>>,
    slots: usize,
}

impl Plan {
    /// The pieces are in the order of their invocations.
    fn of(pieces: &[Piece]) -> Self {
        let mut responders: Vec<usize> = (0..pieces.len()).filter(|&piece| pieces[piece].answered.is_some()).collect();
        responders.sort_by_key(|&piece| pieces[piece].answered);
        let (mut slot, mut slots, mut free) = (vec![None; pieces.len()], 0, Vec::new());
        let mut ended = responders.iter().peekable();
        for (index, piece) in pieces.iter().enumerate().filter(|(_, piece)| piece.answered.is_some()) {
            while let Some(&before) = ended.next_if(|&&other| pieces[other].answered < Some(piece.invoked)) {
                free.extend(slot[before]);
            }
            slot[index] = free.pop().or_else(|| {
                slots += 1;
                Some(slots - 1)
            });
        }
        Self { responders, slot, slots }
    }
}

/// The pieces that are in the order.
///
/// Up to the first response that is not explained, all that were answered are in it. So which answered ones are is
/// told by the number of the responses before that one, and by a flag for each that is under way at it.
struct Taken {
    explained: usize,
    flags: Flags,
    /// Those without an answer, in ascending order.
    pending: Vec<usize>,
    /// How many have an answer.
    answered: usize,
}

impl Taken {
    fn insert(&mut self, piece: usize, plan: &Plan) {
        let Some(slot) = plan.slot[piece] else {
            let place = self.pending.partition_point(|&other| other < piece);
            return self.pending.insert(place, piece);
        };
        self.answered += 1;
        self.flags.raise(slot);
        // A flag is of whoever has its slot while this response is awaited.
        let awaited = |explained: usize| plan.responders.get(explained).and_then(|&next| plan.slot[next]);
        while let Some(slot) = awaited(self.explained)
            && self.flags.lower(slot)
        {
            self.explained += 1;
        }
    }

    /// All but what a step keeps of its own.
    fn remove(&mut self, piece: usize, plan: &Plan) {
        if plan.slot[piece].is_some() {
            self.answered -= 1;
        } else {
            self.pending.retain(|&other| other != piece);
        }
    }
}

/// The pieces that are not in the order yet, each in one of two lists by the time of its invocation.
///
/// The lists are doubly linked over arrays. A piece that is unlinked keeps its own links, so to put pieces back in the
/// reverse order restores everything (Knuth's dancing links).
struct Left {
    /// By piece, and after the pieces one head for each list. A list is a ring through its head.
    next: Vec<usize>,
    previous: Vec<usize>,
}

impl Left {
    fn of(pieces: &[Piece]) -> Self {
        let mut previous: Vec<usize> = (0..pieces.len() + LISTS).collect();
        let mut next = previous.clone();
        for (index, piece) in pieces.iter().enumerate() {
            let head = pieces.len() + if piece.answered.is_some() { ANSWERED } else { PENDING };
            let last = previous[head];
            (next[last], previous[index]) = (index, last);
            (next[index], previous[head]) = (head, index);
        }
        Self { next, previous }
    }

    fn unlink(&mut self, piece: usize) {
        let (previous, next) = (self.previous[piece], self.next[piece]);
        (self.next[previous], self.previous[next]) = (next, previous);
    }

    fn link(&mut self, piece: usize) {
        let (previous, next) = (self.previous[piece], self.next[piece]);
        (self.next[previous], self.previous[next]) = (piece, piece);
    }
}

/// The lists of [`Left`].
const ANSWERED: usize = 0;
const PENDING: usize = 1;
const LISTS: usize = 2;
