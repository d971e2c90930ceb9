//! What is left of a violation is one, and shows why.

use super::*;

/// For many judgements.
const MUCH: u64 = 10_000_000;

fn asked(violation: &Violation<Access, Reply>) -> Vec<String> {
    let ids = (0..violation.history.len()).map(OperationId);
    ids.map(|id| format!("{:?}", violation.history.operation(id).unwrap())).collect()
}

/// Of a thousand operations those are left that show it: who wrote the value, who wrote over it, and who read it then.
#[test]
fn a_stale_read_is_shown_with_the_writes_that_it_is_late_for() {
    let mut history = History::new();
    for value in 0..200 {
        history.at_once(Write(value), Written);
        let overlaps = history.invoke(Read);
        history.at_once(Read, Value(value));
        history.respond(overlaps, Value(value));
        history.invoke(Read);
    }
    let stale = history.at_once(Read, Value(77));
    history.at_once(Read, Value(199));
    let violation = minimise(&Register, &history, MUCH).unwrap();

    assert_eq!(asked(&violation)[..1], ["Write(77)"]);
    assert_eq!(violation.history.len(), 3);
    assert_eq!(violation.operations[2], stale);
    assert_eq!(violation.stuck, refused(&Register, &violation.history));
    let again = minimise(&Register, &history, MUCH).unwrap();
    assert_eq!((again.operations, again.stuck), (violation.operations, violation.stuck));
}

/// That the new value was there is told by its writer, although the old one is no less impossible without it.
#[test]
fn all_but_the_culprit_is_explained() {
    let mut history = History::new();
    let write = history.invoke(Write(1));
    history.at_once(Read, Value(1));
    let new = history.at_once(Read, Value(1));
    let old = history.at_once(Read, Value(0));
    history.respond(write, Written);
    let violation = minimise(&Register, &history, BUDGET).unwrap();

    assert_eq!(violation.operations, [write, new, old], "one of the reads is enough");
    assert!(violation.history.response(OperationId(0)).is_some(), "its later answer is told");
}

/// The second write of the value is followed by a write too: without it, that one would explain the read.
#[test]
fn what_is_left_out_would_be_no_help() {
    let mut history = History::new();
    let mut write = |value| history.at_once(Write(value), Written);
    let [_, _, again, over] = [write(5), write(6), write(5), write(7)];
    let stale = history.at_once(Read, Value(5));
    assert_eq!(minimise(&Register, &history, BUDGET).unwrap().operations, [again, over, stale]);
}

/// It reads what the second wrote before what the first did, although the first came first.
#[test]
fn a_transaction_that_sees_half_is_shown_with_both_halves() {
    let mut history = History::new();
    let first = history.invoke(transaction("c", &[('b', 1)]));
    let second = history.invoke(transaction("", &[('c', 1), ('a', 1)]));
    let half = history.invoke(transaction("ab", &[]));
    history.respond(first, Committed(vec![0]));
    history.respond(second, Committed(vec![]));
    history.respond(half, Committed(vec![1, 0]));
    assert_eq!(minimise(&Store, &history, BUDGET).unwrap().operations, [first, second, half]);
}

#[test]
fn a_value_that_nobody_wrote_needs_no_company() {
    let mut history = recorded(150, 3, 50);
    let read = history.at_once(transaction("a", &[]), Committed(vec![9]));
    assert_eq!(minimise(&Store, &history, MUCH).unwrap().operations, [read]);
}

#[test]
fn there_is_nothing_to_show_of_what_is_linearizable_or_unknown() {
    let mut history = History::new();
    history.at_once(Write(1), Written);
    assert!(minimise(&Register, &history, BUDGET).is_none());
    history.at_once(Write(2), Written);
    history.at_once(Write(3), Written);
    history.at_once(Read, Value(1));
    assert!(minimise(&Register, &history, 0).is_none());
    // Enough to know that there is a violation, and not to make it smaller.
    assert_eq!(minimise(&Register, &history, 3).map(|violation| violation.operations.len()), Some(4));
}

proptest! {
    #[test]
    fn what_is_left_cannot_be_ordered_whichever_of_the_others_happened(history in histories(accesses(), 9)) {
        let Some(violation) = minimise(&Register, &history, BUDGET) else { return Ok(()) };
        let others: Vec<_> =
            (0..history.len()).map(OperationId).filter(|id| !violation.operations.contains(id)).collect();
        for happened in 0..1_u32 << others.len() {
            let happened = others.iter().enumerate().filter(|(at, _)| happened >> at & 1 == 1).map(|(_, id)| *id);
            let mut all: Vec<_> = violation.operations.iter().copied().chain(happened).collect();
            all.sort_unstable();
            let judged = linearize(&Register, &history.only(&all), BUDGET);
            prop_assert!(matches!(judged, Linearizability::NotLinearizable { .. }), "with {:?}", all);
        }
    }
}
