//! What is drawn is held by golden samples: `SNAPSHOTS=overwrite cargo test -p proofmark-harness history` rewrites them,
//! and whoever does looks at them.

use super::*;
use snapbox::{assert_data_eq, file};

/// Ten operations of three clients. The last read sees what was written over.
fn stale() -> History<Access, Reply> {
    let mut history = History::new();
    let one = history.invoke_by(0, Write(1));
    let zero = history.invoke_by(1, Read);
    history.respond(zero, Value(0));
    let two = history.invoke_by(2, Write(2));
    history.respond(one, Written);
    let seen = history.invoke_by(1, Read);
    history.respond(two, Written);
    history.respond(seen, Value(1));
    let three = history.invoke_by(0, Write(3));
    let last = history.invoke_by(1, Read);
    history.respond(three, Written);
    history.respond(last, Value(3));
    history.invoke_by(2, Write(4));
    let stale = history.invoke_by(0, Read);
    let fine = history.invoke_by(1, Read);
    history.respond(stale, Value(1));
    history.respond(fine, Value(3));
    let after = history.invoke_by(0, Read);
    history.respond(after, Value(4));
    history
}

#[test]
fn what_cannot_be_ordered_is_marked() {
    let history = stale();
    let drawing = Drawing::of(&history, &linearize(&Register, &history, BUDGET));
    assert_data_eq!(drawing.svg(), file!["../samples/violation.svg"].raw());
}

/// Transactions have long names, one of their clients asks again before it is answered, and the others are not told
/// apart.
#[test]
fn what_does_not_fit_is_told_below() {
    let mut history = History::new();
    let first = history.invoke_by(0, transaction("abcdefgh", &[('a', 1)]));
    let second = history.invoke(transaction("", &[('a', 2), ('b', 3), ('c', 4)]));
    history.at_once(transaction("a", &[]), Committed(vec![2]));
    history.invoke_by(0, transaction("z", &[('y', 1)]));
    history.respond(first, Committed(vec![0; 8]));
    history.respond(second, Aborted);
    let drawing = Drawing::of(&history, &linearize(&Store, &history, BUDGET));
    assert_data_eq!(drawing.svg(), file!["../samples/long.svg"].raw());
}

#[test]
fn what_an_operation_is_called_cannot_become_markup() {
    struct Anything;
    impl Sequential for Anything {
        type State = ();
        type Operation = &'static str;
        type Response = &'static str;

        fn initial(&self) {}

        fn after(&self, (): &(), _: &&'static str, _: Option<&&'static str>) -> Option<()> {
            Some(())
        }
    }
    let mut history = History::new();
    history.at_once("<script>", "a & b");
    for drawn in [History::new(), history] {
        let drawing = Drawing::of(&drawn, &linearize(&Anything, &drawn, BUDGET));
        for picture in [drawing.svg(), drawing.inline("one-of-many")] {
            assert!(!picture.contains("<script") && !picture.contains("a & b"));
        }
    }
}
