//! Objects of independent parts: judged part by part they are judged as they are as a whole.

use super::*;

/// Registers by name, all 0 at first.
struct Registers;

impl Sequential for Registers {
    type State = BTreeMap<char, u8>;
    type Operation = (char, Access);
    type Response = Reply;

    fn initial(&self) -> Self::State {
        BTreeMap::new()
    }

    fn after(
        &self,
        state: &Self::State,
        (key, access): &Self::Operation,
        reply: Option<&Reply>,
    ) -> Option<Self::State> {
        let value = Register.after(&state.get(key).copied().unwrap_or(0), access, reply)?;
        let mut state = state.clone();
        state.insert(*key, value);
        // What nobody has written is no difference.
        state.retain(|_, value| *value != 0);
        Some(state)
    }

    fn part(&self, (key, _): &Self::Operation) -> Option<Part> {
        Some(Part::of(key))
    }
}

/// A table of locks by name. To acquire one waits until its mode is compatible with those of all other holders.
struct Locks;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Mode {
    Shared,
    Exclusive,
}
use Mode::{Exclusive, Shared};

#[derive(Clone, Copy, Debug)]
enum Ask {
    Acquire(u8, char, Mode),
    Release(u8, char),
}
use Ask::{Acquire, Release};

/// That it was done.
#[derive(Clone, Copy, Debug)]
struct Done;

impl Sequential for Locks {
    type State = BTreeMap<(char, u8), Mode>;
    type Operation = Ask;
    type Response = Done;

    fn initial(&self) -> Self::State {
        BTreeMap::new()
    }

    fn after(&self, state: &Self::State, asked: &Ask, _: Option<&Done>) -> Option<Self::State> {
        let mut after = state.clone();
        match *asked {
            Acquire(session, key, mode) => {
                let others = state.iter().filter(|&(&(locked, holder), _)| locked == key && holder != session);
                if others.into_iter().any(|(_, &held)| (held, mode) != (Shared, Shared)) {
                    return None;
                }
                after.insert((key, session), mode);
            }
            Release(session, key) => {
                after.remove(&(key, session))?;
            }
        }
        Some(after)
    }

    fn part(&self, asked: &Ask) -> Option<Part> {
        let (Acquire(_, key, _) | Release(_, key)) = asked;
        Some(Part::of(key))
    }
}

/// The same object, as if it had no parts.
struct Whole<S>(S);

impl<S: Sequential> Sequential for Whole<S> {
    type State = S::State;
    type Operation = S::Operation;
    type Response = S::Response;

    fn initial(&self) -> S::State {
        self.0.initial()
    }

    fn after(&self, state: &S::State, asked: &S::Operation, response: Option<&S::Response>) -> Option<S::State> {
        self.0.after(state, asked, response)
    }
}

#[test]
fn the_part_to_blame_is_named_in_operations_of_the_whole() {
    let mut history = History::new();
    let there = history.invoke(('b', Write(1)));
    let here = history.at_once(('a', Write(1)), Written);
    history.respond(there, Written);
    let stale = history.at_once(('a', Read), Value(0));
    let stuck = Stuck { prefix: vec![here], overdue: stale, next: vec![(stale, Obstacle::Refused)] };
    assert_eq!(refused(&Registers, &history), stuck);
}

/// A part that takes long is no excuse for another, and nothing is known while one is unknown.
#[test]
fn no_part_uses_up_what_the_others_need() {
    let mut history = History::new();
    let writes: Vec<_> = (1..=12).map(|value| history.invoke(('a', Write(value)))).collect();
    for write in writes {
        history.respond(write, Written);
    }
    // No write explains it, which takes all subsets of the writes to know.
    history.at_once(('a', Read), Value(99));
    history.at_once(('b', Write(1)), Written);
    history.at_once(('b', Read), Value(1));
    assert_eq!(linearize(&Registers, &history, 1_000), Linearizability::Unknown);

    let stale = history.at_once(('b', Read), Value(0));
    assert_eq!(linearize(&Whole(Registers), &history, 1_000), Linearizability::Unknown);
    match linearize(&Registers, &history, 1_000) {
        Linearizability::NotLinearizable { stuck } => assert_eq!(stuck.overdue, stale),
        other => panic!("{other:?}"),
    }
}

#[test]
fn who_waits_for_a_lock_is_granted_it_when_it_is_free_or_never() {
    let mut history = History::new();
    history.at_once(Acquire(1, 'a', Exclusive), Done);
    let waits = history.invoke(Acquire(2, 'a', Shared));
    assert!(matches!(linearize(&Locks, &history, BUDGET), Linearizability::Linearizable(order) if order.len() == 1));

    let release = history.invoke(Release(1, 'a'));
    history.respond(waits, Done);
    let Linearizability::Linearizable(order) = linearize(&Locks, &history, BUDGET) else { panic!() };
    assert_eq!(order[1..], [release, waits]);

    history.at_once(Acquire(3, 'a', Shared), Done);
    assert!(matches!(linearize(&Locks, &history, BUDGET), Linearizability::Linearizable(_)));
    history.at_once(Acquire(4, 'a', Exclusive), Done);
    assert!(matches!(linearize(&Locks, &history, BUDGET), Linearizability::NotLinearizable { .. }));
}

#[test]
fn two_exclusive_holders_are_not_linearizable_whoever_else_waits() {
    let mut history = History::new();
    history.at_once(Acquire(1, 'a', Exclusive), Done);
    let waits = history.invoke(Acquire(2, 'a', Shared));
    let second = history.at_once(Acquire(3, 'a', Exclusive), Done);
    let next = vec![(waits, Obstacle::Refused), (second, Obstacle::Refused)];
    assert_eq!(refused(&Locks, &history).next, next);
}

/// Whoever holds a lock alone may take it in another mode; whoever shares it waits.
#[test]
fn an_upgrade_waits_for_those_who_share() {
    let mut history = History::new();
    history.at_once(Acquire(1, 'a', Shared), Done);
    history.at_once(Acquire(2, 'a', Shared), Done);
    let upgrade = history.invoke(Acquire(1, 'a', Exclusive));
    history.at_once(Release(2, 'a'), Done);
    history.respond(upgrade, Done);
    assert!(matches!(linearize(&Locks, &history, BUDGET), Linearizability::Linearizable(_)));
    assert_eq!(
        refused(&Locks, &{
            history.at_once(Acquire(2, 'a', Shared), Done);
            history
        })
        .prefix
        .len(),
        4
    );
}

fn accesses_by_key() -> impl Strategy<Value = ((char, Access), Reply)> {
    (prop::sample::select(vec!['a', 'b', 'c']), accesses()).prop_map(|(key, (access, reply))| ((key, access), reply))
}

fn asks() -> impl Strategy<Value = (Ask, Done)> {
    let mode = prop::sample::select(vec![Shared, Exclusive]);
    let key = prop::sample::select(vec!['a', 'b']);
    (0..3_u8, key, mode, any::<bool>()).prop_map(|(session, key, mode, acquires)| {
        (if acquires { Acquire(session, key, mode) } else { Release(session, key) }, Done)
    })
}

/// By parts it is what it is as a whole; and what more is said of the parts is true of the whole.
fn agrees_in_parts<S: Sequential>(spec: S, history: &History<S::Operation, S::Response>) -> Result<(), TestCaseError> {
    let by_parts = linearize(&spec, history, BUDGET);
    match (&by_parts, linearize(&Whole(&spec), history, BUDGET)) {
        (Linearizability::Linearizable(order), Linearizability::Linearizable(_)) => {
            prop_assert!(allows(&spec, history, order));
        }
        (Linearizability::NotLinearizable { stuck }, Linearizability::NotLinearizable { .. }) => {
            let part = |id: &OperationId| spec.part(&history.operations[id.0].asked);
            let named = stuck.prefix.iter().chain(stuck.next.iter().map(|(id, _)| id));
            prop_assert!(named.map(part).all(|named| named == part(&stuck.overdue)));
            prop_assert!(history.response(stuck.overdue).is_some() && !stuck.prefix.contains(&stuck.overdue));
        }
        (by_parts, whole) => prop_assert!(false, "{:?} by parts, {:?} as a whole", by_parts, whole),
    }
    Ok(())
}

impl<S: Sequential> Sequential for &S {
    type State = S::State;
    type Operation = S::Operation;
    type Response = S::Response;

    fn initial(&self) -> S::State {
        (*self).initial()
    }

    fn after(&self, state: &S::State, asked: &S::Operation, response: Option<&S::Response>) -> Option<S::State> {
        (*self).after(state, asked, response)
    }
}

proptest! {
    #[test]
    fn registers_are_judged_by_parts_as_a_whole(history in histories(accesses_by_key(), 24)) {
        agrees_in_parts(Registers, &history)?;
    }

    #[test]
    fn locks_are_judged_by_parts_as_a_whole(history in histories(asks(), 12)) {
        agrees_in_parts(Locks, &history)?;
    }

    #[test]
    fn agrees_on_locks_with_a_judge_that_tries_every_order(history in histories(asks(), 6)) {
        agrees(&Whole(Locks), &history)?;
    }
}
