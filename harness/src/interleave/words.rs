//! What a panic means, by its words: loom 0.7 and shuttle 0.8 have no other way to tell.

/// The evidence of a history that the judge refuses.
pub const HISTORIES: &str = "the model explains every history";
/// The evidence of a deadlock or of a wake-up that is lost.
pub const AWAKE: &str = "no thread sleeps for ever";
/// The evidence of two accesses of which neither happens before the other.
pub const RACES: &str = "there is no data race";
/// The evidence of memory that nobody frees, or of a message that nobody takes.
pub const LEAKS: &str = "nothing is left behind";
/// The evidence of a process that dies without a word.
pub const LIVES: &str = "the process lives";
/// The evidence of any other panic.
pub const ASSERTIONS: &str = "the case's own assertions hold";

/// All evidence that L6 knows.
pub const EVIDENCE: [&str; 6] = [HISTORIES, AWAKE, RACES, LEAKS, LIVES, ASSERTIONS];

/// What a panic tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// Something is wrong, by this evidence.
    Wrong(&'static str),
    /// A limit of the explorer was reached, or the case is not one that it can run: nothing is known of the rest.
    Limit,
}

/// Tells that the judge refuses a history, and why.
///
/// # Panics
/// Always: that is how a case says what it finds.
pub fn unexplained(why: &str) -> ! {
    panic!("{UNEXPLAINED}{why}")
}

/// Tells that the judge does not know whether a history is wrong, and why not.
///
/// # Panics
/// Always: that is how a case says what it finds.
pub fn undecided(why: &str) -> ! {
    panic!("{UNDECIDED}{why}")
}

/// What the words of a panic tell.
pub fn evidence_of(panic: &str) -> Found {
    let panic = panic.trim_start();
    let begins = |words: &[&str]| words.iter().any(|words| panic.starts_with(words));
    if begins(&[UNEXPLAINED]) {
        Found::Wrong(HISTORIES)
    } else if begins(&["deadlock; threads = ", "deadlock! "]) {
        Found::Wrong(AWAKE)
    } else if begins(&["Causality violation: "]) {
        Found::Wrong(RACES)
    } else if begins(&["Arc leaked.", "Allocation leaked.", "Messages leaked."]) {
        Found::Wrong(LEAKS)
    } else if begins(&[UNDECIDED]) || begins(LIMITS) {
        Found::Limit
    } else {
        Found::Wrong(ASSERTIONS)
    }
}

const UNEXPLAINED: &str = "the model does not explain this history: ";
const UNDECIDED: &str = "it is not known whether this history is explained: ";

/// What explorers say when they come to the end of what they can do, not of what there is.
const LIMITS: &[&str] = &[
    "Model exceeded maximum number of branches.",
    // More threads than loom was told to expect.
    "assertion failed: self.threads.len() < self.max()",
    "assertion failed: threads.len() < self.max_threads",
    "exceeded max_steps bound ",
    // The case is not the same each time that it is run.
    "Reached unexpected exploration state.",
    "possible nondeterminism: ",
    "[loom internal bug]",
    "cannot access Loom execution state from outside a Loom model.",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_wording_is_known() {
        let said = |says: fn()| *std::panic::catch_unwind(says).unwrap_err().downcast::<String>().unwrap();
        for (panic, found) in [
            (&*said(|| unexplained("a lock has two holders")), Found::Wrong(HISTORIES)),
            (&*said(|| undecided("the search was given up")), Found::Limit),
            ("deadlock; threads = [(Id(0), Blocked(Location(None)))]", Found::Wrong(AWAKE)),
            ("deadlock! blocked tasks: [main-thread(task 0)]\nfailing schedule:\n\"\n91010\n\"", Found::Wrong(AWAKE)),
            ("deadlock! task TaskId(1) tried to acquire a Mutex it already holds", Found::Wrong(AWAKE)),
            ("Causality violation: Concurrent write accesses to `UnsafeCell`.\n", Found::Wrong(RACES)),
            ("\nCausality violation: Concurrent load and mut accesses.\n    created: a.rs:1:2", Found::Wrong(RACES)),
            ("Arc leaked.\n  Index: 3", Found::Wrong(LEAKS)),
            ("Allocation leaked.\n  Index: 3", Found::Wrong(LEAKS)),
            ("Messages leaked.\n     Index: 1\n  Messages: 2", Found::Wrong(LEAKS)),
            ("Model exceeded maximum number of branches. This is often caused by an algorithm", Found::Limit),
            ("assertion failed: self.threads.len() < self.max()", Found::Limit),
            ("exceeded max_steps bound 1000000. this might be caused by an unfair schedule", Found::Limit),
            ("Reached unexpected exploration state. Is the model fully deterministic?", Found::Limit),
            ("possible nondeterminism: current execution ended earlier than expected", Found::Limit),
            ("assertion `left == right` failed: one lock, two holders", Found::Wrong(ASSERTIONS)),
            ("there was a deadlock! so I give up", Found::Wrong(ASSERTIONS)),
            ("", Found::Wrong(ASSERTIONS)),
        ] {
            assert_eq!(evidence_of(panic), found, "{panic}");
        }
    }
}
