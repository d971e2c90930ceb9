//! Histories from the literature, and the search held to a judge that tries everything.

mod drawing;
mod minimal;
mod parts;
mod recording;

use super::*;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::fmt::Debug;

/// A register that holds 0 at first.
struct Register;

#[derive(Clone, Copy, Debug)]
enum Access {
    Read,
    Write(u8),
}
use Access::{Read, Write};

#[derive(Clone, Copy, Debug)]
enum Reply {
    Value(u8),
    Written,
}
use Reply::{Value, Written};

impl Sequential for Register {
    type State = u8;
    type Operation = Access;
    type Response = Reply;

    fn initial(&self) -> u8 {
        0
    }

    fn after(&self, state: &u8, operation: &Access, response: Option<&Reply>) -> Option<u8> {
        match (operation, response) {
            (Read, Some(Value(seen))) => (seen == state).then_some(*state),
            (Read, None) => Some(*state),
            (Write(value), Some(Written) | None) => Some(*value),
            (Read, Some(Written)) | (Write(_), Some(Value(_))) => None,
        }
    }

    fn only_reads(&self, operation: &Access, _: Option<&Reply>) -> bool {
        matches!(operation, Read)
    }
}

/// A map of keys to values, all 0 at first, whose operations are transactions: they read, then they write.
struct Store;

#[derive(Clone, Debug)]
struct Transaction {
    reads: Vec<char>,
    writes: Vec<(char, u8)>,
}

#[derive(Clone, Debug)]
enum Outcome {
    /// What it has read.
    Committed(Vec<u8>),
    Aborted,
}
use Outcome::{Aborted, Committed};

impl Sequential for Store {
    type State = BTreeMap<char, u8>;
    type Operation = Transaction;
    type Response = Outcome;

    fn initial(&self) -> Self::State {
        BTreeMap::new()
    }

    fn after(&self, state: &Self::State, asked: &Transaction, outcome: Option<&Outcome>) -> Option<Self::State> {
        let read = |key| state.get(key).copied().unwrap_or(0);
        match outcome {
            Some(Aborted) => return Some(state.clone()),
            Some(Committed(seen)) if !asked.reads.iter().map(read).eq(seen.iter().copied()) => return None,
            Some(Committed(_)) | None => {}
        }
        let mut state = state.clone();
        state.extend(asked.writes.iter().copied());
        Some(state)
    }

    fn only_reads(&self, asked: &Transaction, outcome: Option<&Outcome>) -> bool {
        matches!(outcome, Some(Aborted)) || asked.writes.is_empty()
    }
}

fn transaction(reads: &str, writes: &[(char, u8)]) -> Transaction {
    Transaction { reads: reads.chars().collect(), writes: writes.to_vec() }
}

impl<O, R> History<O, R> {
    /// Nothing else happens between invocation and response.
    fn at_once(&mut self, operation: O, response: R) -> OperationId {
        let id = self.invoke(operation);
        assert!(self.respond(id, response));
        id
    }
}

const BUDGET: u64 = 100_000;

#[track_caller]
fn refused<S: Sequential>(spec: &S, history: &History<S::Operation, S::Response>) -> Stuck {
    match linearize(spec, history, BUDGET) {
        Linearizability::NotLinearizable { stuck } => stuck,
        other => panic!("{other:?}"),
    }
}

/// Herlihy and Wing (*Linearizability: a correctness condition for concurrent objects*, TOPLAS 1990), section 2: an
/// operation takes effect between its invocation and its response, so what was written before is read.
#[test]
fn a_stale_read_is_not_linearizable() {
    let mut history = History::new();
    let one = history.at_once(Write(1), Written);
    let two = history.at_once(Write(2), Written);
    let stale = history.at_once(Read, Value(1));
    let stuck = Stuck { prefix: vec![one, two], overdue: stale, next: vec![(stale, Obstacle::Refused)] };
    assert_eq!(refused(&Register, &history), stuck);
}

#[test]
fn a_read_that_overlaps_with_a_write_sees_either_value() {
    for seen in [0, 1] {
        let mut history = History::new();
        let write = history.invoke(Write(1));
        let read = history.at_once(Read, Value(seen));
        history.respond(write, Written);
        let order = if seen == 0 { vec![read, write] } else { vec![write, read] };
        assert_eq!(linearize(&Register, &history, BUDGET), Linearizability::Linearizable(order));
    }
}

/// Lamport (*On interprocess communication*, 1986): such a register is regular, but not atomic.
#[test]
fn a_new_value_and_then_the_old_one_is_not_linearizable() {
    let mut history = History::new();
    let write = history.invoke(Write(1));
    let new = history.at_once(Read, Value(1));
    let old = history.at_once(Read, Value(0));
    history.respond(write, Written);
    let stuck = refused(&Register, &history);
    assert_eq!((stuck.prefix, stuck.overdue), (vec![write, new], old));
}

#[test]
fn two_reads_that_disagree_on_the_order_of_two_writes_are_not_linearizable() {
    let mut history = History::new();
    let writes = [history.invoke(Write(1)), history.invoke(Write(2))];
    let [here, there] = [history.invoke(Read), history.invoke(Read)];
    history.respond(here, Value(1));
    history.respond(there, Value(2));
    let [here, there] = [history.invoke(Read), history.invoke(Read)];
    history.respond(here, Value(2));
    history.respond(there, Value(1));
    for write in writes {
        history.respond(write, Written);
    }
    refused(&Register, &history);
}

#[test]
fn a_pending_write_may_be_seen_late_or_never() {
    let mut history = History::new();
    let write = history.invoke(Write(1));
    let before = history.at_once(Read, Value(0));
    let unseen = Linearizability::Linearizable(vec![before]);
    assert_eq!(linearize(&Register, &history, BUDGET), unseen);

    let after = history.at_once(Read, Value(1));
    let seen = Linearizability::Linearizable(vec![before, write, after]);
    assert_eq!(linearize(&Register, &history, BUDGET), seen);

    let undone = history.at_once(Read, Value(0));
    let stuck = Stuck { prefix: vec![before, write, after], overdue: undone, next: vec![(undone, Obstacle::Refused)] };
    assert_eq!(refused(&Register, &history), stuck);
}

#[test]
fn a_pending_write_is_not_seen_before_its_invocation() {
    let mut history = History::new();
    let read = history.at_once(Read, Value(1));
    history.invoke(Write(1));
    assert_eq!(refused(&Register, &history).next, [(read, Obstacle::Refused)]);
}

#[test]
fn a_pending_write_that_explains_nothing_is_called_fruitless() {
    let mut history = History::new();
    let pending = history.invoke(Write(7));
    let read = history.at_once(Read, Value(1));
    let next = vec![(pending, Obstacle::Fruitless), (read, Obstacle::Refused)];
    assert_eq!(refused(&Register, &history), Stuck { prefix: vec![], overdue: read, next });
}

/// Berenson et al. (*A critique of ANSI SQL isolation levels*, 1995), P4: both read, and the later write hides the
/// earlier one.
#[test]
fn a_lost_update_is_not_linearizable() {
    let increment = || transaction("x", &[('x', 1)]);
    let mut history = History::new();
    let (first, second) = (history.invoke(increment()), history.invoke(increment()));
    history.respond(first, Committed(vec![0]));
    history.respond(second, Committed(vec![0]));
    let stuck = Stuck { prefix: vec![first], overdue: second, next: vec![(second, Obstacle::Refused)] };
    assert_eq!(refused(&Store, &history), stuck);
}

#[test]
fn the_update_of_an_aborted_transaction_is_not_lost() {
    let increment = || transaction("x", &[('x', 1)]);
    let mut history = History::new();
    let (first, second) = (history.invoke(increment()), history.invoke(increment()));
    history.respond(first, Committed(vec![0]));
    history.respond(second, Aborted);
    let read = history.at_once(transaction("x", &[]), Committed(vec![1]));
    // An abort is taken as it comes.
    assert_eq!(linearize(&Store, &history, BUDGET), Linearizability::Linearizable(vec![second, first, read]));
}

/// Berenson et al., A5B: each transaction reads what the other writes, and snapshots allow both.
#[test]
fn write_skew_is_not_linearizable() {
    let mut history = History::new();
    let x = history.invoke(transaction("xy", &[('x', 1)]));
    let y = history.invoke(transaction("xy", &[('y', 1)]));
    history.respond(x, Committed(vec![0, 0]));
    history.respond(y, Committed(vec![0, 0]));
    refused(&Store, &history);
}

/// Sovran et al. (*Transactional storage for geo-replicated systems*, 2011): the long fork of parallel snapshots.
#[test]
fn two_snapshots_that_disagree_on_the_order_of_two_writes_are_not_linearizable() {
    let mut history = History::new();
    let x = history.invoke(transaction("", &[('x', 1)]));
    let y = history.invoke(transaction("", &[('y', 1)]));
    history.at_once(transaction("xy", &[]), Committed(vec![1, 0]));
    let other = history.at_once(transaction("xy", &[]), Committed(vec![0, 1]));
    history.respond(x, Committed(vec![]));
    history.respond(y, Committed(vec![]));
    assert_eq!(refused(&Store, &history).overdue, other);
}

/// What is serializable need not be so in real time: the second transaction reads what was before the first.
#[test]
fn serializable_is_not_strictly_serializable() {
    let mut history = History::new();
    history.at_once(transaction("", &[('x', 1)]), Committed(vec![]));
    history.at_once(transaction("x", &[]), Committed(vec![0]));
    refused(&Store, &history);
}

#[test]
fn only_the_first_response_to_an_operation_counts() {
    let mut longer = History::new();
    longer.at_once(Write(1), Written);
    let elsewhere = longer.at_once(Write(2), Written);

    let mut history = History::new();
    let read = history.at_once(Read, Value(0));
    assert!(!history.respond(read, Value(1)));
    assert!(!history.respond(elsewhere, Written));
    assert!(matches!((history.operation(read), history.response(read)), (Some(Read), Some(Value(0)))));
    assert!(history.operation(elsewhere).is_none() && history.response(elsewhere).is_none());
    assert_eq!(linearize(&Register, &history, BUDGET), Linearizability::Linearizable(vec![read]));
}

#[test]
fn nothing_needs_no_budget_and_a_budget_that_is_too_small_is_no_success() {
    let mut history = History::default();
    assert!(history.is_empty());
    assert_eq!(linearize(&Register, &history, 0), Linearizability::Linearizable(vec![]));
    for value in 1..=3 {
        history.at_once(Read, Value(value - 1));
        history.at_once(Write(value), Written);
    }
    assert_eq!(history.len(), 6);
    // Reads are taken as they come, and nothing comes after the last write.
    assert_eq!(linearize(&Register, &history, 1), Linearizability::Unknown);
    assert!(matches!(linearize(&Register, &history, 2), Linearizability::Linearizable(_)));
}

/// A history of a store that does what it should, with so many clients at a time: each transaction takes effect where
/// it is answered, and one of `never` is not answered although it took effect.
fn recorded(transactions: usize, clients: usize, never: usize) -> History<Transaction, Outcome> {
    let (mut history, mut state) = (History::new(), Store.initial());
    let mut waiting = Vec::new();
    // Marsaglia's xorshift: any choice would do, as long as it is the same every time.
    let mut random = 0x2545_F491_4F6C_DD1D_u64;
    let mut below = |bound: usize| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        (random % bound as u64) as usize
    };
    while history.len() < transactions || !waiting.is_empty() {
        if history.len() < transactions && waiting.len() < clients && below(2) == 0 {
            let key = |number: usize| char::from(b'a' + number as u8);
            let asked = Transaction { reads: vec![key(below(3))], writes: vec![(key(below(3)), below(4) as u8)] };
            waiting.push((history.invoke(asked.clone()), asked));
        } else if !waiting.is_empty() {
            let (id, asked) = waiting.swap_remove(below(waiting.len()));
            let seen = asked.reads.iter().map(|key| state.get(key).copied().unwrap_or(0)).collect();
            state.extend(asked.writes);
            if below(never) > 0 {
                assert!(history.respond(id, Committed(seen)));
            }
        }
    }
    history
}

#[test]
fn a_thousand_operations_of_few_clients_are_decided() {
    let history = recorded(1_000, 4, 100);
    let Linearizability::Linearizable(order) = linearize(&Store, &history, BUDGET) else { panic!() };
    assert!(allows(&Store, &history, &order));
}

#[test]
fn a_thousand_operations_of_few_clients_are_refused() {
    let mut history = recorded(1_000, 4, usize::MAX);
    history.at_once(transaction("a", &[]), Committed(vec![9]));
    assert!(refused(&Store, &history).prefix.len() == 1_000);
}

/// Each of twenty pending writes may have taken effect anywhere, but of those that did only the last is of any use.
#[test]
fn what_may_have_happened_long_ago_does_not_double_the_search() {
    let mut history = History::new();
    for value in 100..120 {
        history.invoke(Write(value));
    }
    for value in 0..100 {
        history.at_once(Write(value), Written);
        history.at_once(Read, Value(value));
    }
    let read = history.at_once(Read, Value(200));
    assert_eq!(refused(&Register, &history).overdue, read);
}

/// More than fit into one word overlap.
#[test]
fn a_hundred_reads_at_once_are_ordered() {
    let mut history = History::new();
    let write = history.invoke(Write(1));
    let reads: Vec<_> = (0..100).map(|_| history.invoke(Read)).collect();
    for (at, read) in reads.into_iter().enumerate() {
        history.respond(read, Value(u8::from(at % 3 == 0)));
    }
    history.respond(write, Written);
    let late = history.at_once(Read, Value(1));
    let Linearizability::Linearizable(order) = linearize(&Register, &history, BUDGET) else { panic!() };
    assert!(allows(&Register, &history, &order) && order.last() == Some(&late));
}

#[test]
fn ten_thousand_operations_overflow_no_stack() {
    let history = recorded(10_000, 4, 1_000);
    let Linearizability::Linearizable(order) = linearize(&Store, &history, BUDGET) else { panic!() };
    assert!(order.len() > 9_900);
}

/// Whether the object allows this order, and real time as well: nothing was answered before something that precedes
/// it was invoked.
fn allows<S: Sequential>(spec: &S, history: &History<S::Operation, S::Response>, order: &[OperationId]) -> bool {
    let operations: Vec<_> = order.iter().map(|id| &history.operations[id.0]).collect();
    let answered_at = |operation: &&Operation<_, _>| operation.answer.as_ref().map_or(usize::MAX, |answer| answer.at);
    let missing = (0..history.len()).filter(|&id| !order.contains(&OperationId(id)));
    let missing: Vec<_> = missing.map(|id| &history.operations[id]).collect();
    let in_time = operations.iter().enumerate().all(|(index, operation)| {
        operations[index..].iter().chain(&missing).all(|later| answered_at(later) > operation.invoked)
    });
    let step = |state: S::State, of: &&Operation<_, _>| spec.after(&state, &of.asked, of.response());
    in_time && operations.iter().try_fold(spec.initial(), step).is_some()
}

/// The most answered operations that an order can have, found by a look at every order of every set of operations.
fn most_answered<S: Sequential>(
    spec: &S,
    history: &History<S::Operation, S::Response>,
    order: &mut Vec<OperationId>,
) -> usize {
    let mut most = if allows(spec, history, order) { answered(history, order) } else { 0 };
    for id in (0..history.len()).map(OperationId) {
        if !order.contains(&id) {
            order.push(id);
            most = most.max(most_answered(spec, history, order));
            order.pop();
        }
    }
    most
}

fn answered<O, R>(history: &History<O, R>, order: &[OperationId]) -> usize {
    order.iter().filter(|&&id| history.response(id).is_some()).count()
}

/// The search says what the judge says, and what more it says is true.
fn agrees<S: Sequential>(spec: &S, history: &History<S::Operation, S::Response>) -> Result<(), TestCaseError> {
    let all = (0..history.len()).map(OperationId).collect::<Vec<_>>();
    let most = most_answered(spec, history, &mut Vec::new());
    match linearize(spec, history, BUDGET) {
        Linearizability::Linearizable(order) => {
            prop_assert_eq!(most, answered(history, &all));
            prop_assert_eq!(most, answered(history, &order));
            prop_assert!(allows(spec, history, &order));
        }
        Linearizability::NotLinearizable { stuck } => {
            prop_assert!(most < answered(history, &all));
            prop_assert_eq!(most, answered(history, &stuck.prefix));
            prop_assert!(allows(spec, history, &stuck.prefix));
            prop_assert!(stuck.next.iter().any(|&(id, _)| id == stuck.overdue));
            for (id, obstacle) in stuck.next {
                let further = [stuck.prefix.as_slice(), &[id]].concat();
                prop_assert_eq!(allows(spec, history, &further), obstacle == Obstacle::Fruitless);
                prop_assert!(obstacle == Obstacle::Refused || history.response(id).is_none());
            }
        }
        Linearizability::Unknown => prop_assert!(false, "six operations are few"),
    }
    Ok(())
}

/// Up to so many operations, each with the response that it will have, told in any order: a step invokes one, or
/// answers one of those that wait.
fn histories<O: Clone + Debug, R: Clone + Debug>(
    operation: impl Strategy<Value = (O, R)>,
    most: usize,
) -> impl Strategy<Value = History<O, R>> {
    let step = (any::<bool>(), any::<prop::sample::Index>());
    (prop::collection::vec(operation, 0..=most), prop::collection::vec(step, 0..most * 10 / 3)).prop_map(
        |(operations, steps)| {
            let (mut history, mut waiting, mut operations) = (History::new(), Vec::new(), operations.into_iter());
            for (invokes, which) in steps {
                if invokes {
                    waiting.extend(operations.next().map(|(asked, answer)| (history.invoke(asked), answer)));
                } else if !waiting.is_empty() {
                    let (id, answer) = waiting.remove(which.index(waiting.len()));
                    assert!(history.respond(id, answer));
                }
            }
            history
        },
    )
}

fn accesses() -> impl Strategy<Value = (Access, Reply)> {
    prop_oneof![(0..3_u8).prop_map(|seen| (Read, Value(seen))), (1..3_u8).prop_map(|value| (Write(value), Written))]
}

fn transactions() -> impl Strategy<Value = (Transaction, Outcome)> {
    let key = || prop::sample::select(vec!['x', 'y']);
    let reads = prop::collection::vec((key(), 0..2_u8), 0..2);
    let writes = prop::collection::vec((key(), 0..2_u8), 0..3);
    (reads, writes, prop::bool::weighted(0.1)).prop_map(|(reads, writes, aborts)| {
        let (reads, seen) = reads.into_iter().unzip();
        (Transaction { reads, writes }, if aborts { Aborted } else { Committed(seen) })
    })
}

proptest! {
    #[test]
    fn agrees_on_registers_with_a_judge_that_tries_every_order(history in histories(accesses(), 6)) {
        agrees(&Register, &history)?;
    }

    #[test]
    fn agrees_on_transactions_with_a_judge_that_tries_every_order(history in histories(transactions(), 6)) {
        agrees(&Store, &history)?;
    }
}
