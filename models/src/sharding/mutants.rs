//! The bugs of sharding: what is planted in the model, and what must notice it.

use super::Guard;
use super::properties::{
    ABORTS, DOWN, ENDS, GIVES_UP, NEVER_LOST, NO_WRITE, NOT_TAKEN_BACK, ONE_SERVES, ONE_VIEW, READS, SPARES,
    STALE_REFUSED, VIEWS_GROW,
};
use proofmark_vocabulary::Mutant;

/// What can be planted in the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bug {
    /// A guard is dropped.
    Drop(Guard),
    /// A second map is published under the newest number, and of the two that of the greater nodes is believed.
    NumberTaken,
    /// Clean-up spares what the node serves, and not what is pending.
    PendingCleaned,
    /// An old owner that restarts finds its own number at the new owner's, and the lesser node is believed.
    OldOwnerReturns,
    /// A read pairs its snapshot with the view that the router has learned since.
    SnapshotPairedWithNewView,
    /// What is written to a key that has been copied is not copied again.
    WritesUnlogged,
    /// That the arc was given away is not written down.
    SwitchInMemory,
    /// A receiver says that it has a copy before that is durable.
    CopiesInMemory,
    /// A node acknowledges a write before that is durable.
    AcknowledgesBeforeSync,
    /// A donor copies what is not durable.
    CopiesUnsynced,
    /// What was counted in a handoff that was aborted counts in the next one.
    CountedOverAbort,
    /// That a handoff was aborted is not written down.
    AbortInMemory,
    /// A donor that refuses writes aborts no more.
    FrozenForGood,
    /// Who has aborted a handoff goes on once its receiver is up again.
    AbortWaits,
    /// Nobody is told that a handoff was aborted.
    AbortUnsaid,
}

/// The mutants, with the bound and the property by which each is killed.
pub(super) const MUTANTS: &[Mutant<Bug>] = &[
    Mutant {
        name: "redis-slot-owner-divergence",
        bug: Bug::NumberTaken,
        bound: "chain",
        property: ENDS,
        lesson: "of two maps under one number some follow one and some the other, for ever (redis/redis#3776)",
    },
    Mutant {
        name: "valkey-old-primary-retakes-slots",
        bug: Bug::OldOwnerReturns,
        bound: "crash",
        property: NEVER_LOST,
        lesson: "who comes back with an equal number is not the owner, whatever its name (valkey-io/valkey#974)",
    },
    Mutant {
        name: "scylla-cleanup-deletes-new-range",
        bug: Bug::PendingCleaned,
        bound: "clean-up",
        property: NEVER_LOST,
        lesson: "what is about to be owned is not garbage (scylladb/scylladb#5212)",
    },
    Mutant {
        name: "mongo-txn-stale-shard-version",
        bug: Bug::SnapshotPairedWithNewView,
        bound: "read",
        property: READS,
        lesson: "a snapshot goes with the view of its own moment, not with a newer one (SERVER-77506)",
    },
    Mutant {
        name: "writes-unlogged",
        bug: Bug::WritesUnlogged,
        bound: "ci",
        property: NEVER_LOST,
        lesson: "what is written behind the copy must be copied again",
    },
    Mutant {
        name: "switch-in-memory",
        bug: Bug::SwitchInMemory,
        bound: "crash",
        property: ONE_SERVES,
        lesson: "who gives an arc away writes that down before it says so",
    },
    Mutant {
        name: "copies-in-memory",
        bug: Bug::CopiesInMemory,
        bound: "disk",
        property: NEVER_LOST,
        lesson: "a copy is on disk before its receipt is sent",
    },
    Mutant {
        name: "acknowledges-before-sync",
        bug: Bug::AcknowledgesBeforeSync,
        bound: "disk",
        property: NEVER_LOST,
        lesson: "a write is on disk before it is acknowledged",
    },
    Mutant {
        name: "copies-unsynced",
        bug: Bug::CopiesUnsynced,
        bound: "disk",
        property: ENDS,
        lesson: "a receiver that has what its donor has lost takes no copy any more",
    },
    Mutant {
        name: "counted-over-abort",
        bug: Bug::CountedOverAbort,
        bound: "abort",
        property: NEVER_LOST,
        lesson: "what was counted before an abort says nothing of what was written after it",
    },
    Mutant {
        name: "abort-in-memory",
        bug: Bug::AbortInMemory,
        bound: "chain-crash",
        property: ENDS,
        lesson: "who aborts a handoff writes that down before it says so",
    },
    Mutant {
        name: "frozen-for-good",
        bug: Bug::FrozenForGood,
        bound: "chain-crash",
        property: ABORTS,
        lesson: "who refuses writes for a receiver that is dead must be able to take them again",
    },
    Mutant {
        name: "abort-waits",
        bug: Bug::AbortWaits,
        bound: "chain-crash",
        property: ABORTS,
        lesson: "who has aborted a handoff goes on without its receiver",
    },
    Mutant {
        name: "abort-unsaid",
        bug: Bug::AbortUnsaid,
        bound: "back",
        property: GIVES_UP,
        lesson: "who is not told that a handoff was aborted waits for the rest, and deletes nothing",
    },
    Mutant {
        name: "drop-next-number",
        bug: Bug::Drop(Guard::NextNumber),
        bound: "ci",
        property: ONE_VIEW,
        lesson: "the configuration compares and sets",
    },
    Mutant {
        name: "drop-newer-view",
        bug: Bug::Drop(Guard::NewerView),
        bound: "ci",
        property: VIEWS_GROW,
        lesson: "what comes late is not news",
    },
    Mutant {
        name: "drop-has-arc",
        bug: Bug::Drop(Guard::HasArc),
        bound: "ci",
        property: NEVER_LOST,
        lesson: "to be the owner in the newest view is not to have the arc yet",
    },
    Mutant {
        name: "drop-writes-open",
        bug: Bug::Drop(Guard::WritesOpen),
        bound: "ci",
        property: NO_WRITE,
        lesson: "what is written after the last copy stays behind",
    },
    Mutant {
        name: "drop-same-view",
        bug: Bug::Drop(Guard::SameView),
        bound: "back",
        property: STALE_REFUSED,
        lesson: "to be the owner again is not to have been it all the time",
    },
    Mutant {
        name: "drop-expected",
        bug: Bug::Drop(Guard::Expected),
        bound: "back",
        property: NOT_TAKEN_BACK,
        lesson: "a late copy of an old handoff begins nothing",
    },
    Mutant {
        name: "drop-newer-copy",
        bug: Bug::Drop(Guard::NewerCopy),
        bound: "ci",
        property: NEVER_LOST,
        lesson: "copies overtake one another",
    },
    Mutant {
        name: "drop-same-handoff",
        bug: Bug::Drop(Guard::SameHandoff),
        bound: "abort",
        property: NEVER_LOST,
        lesson: "a receipt of an earlier handoff is of what may have been deleted since",
    },
    Mutant {
        name: "drop-current-copy",
        bug: Bug::Drop(Guard::CurrentCopy),
        bound: "ci",
        property: NEVER_LOST,
        lesson: "a receipt is of what was copied then",
    },
    Mutant {
        name: "drop-all-counted",
        bug: Bug::Drop(Guard::AllCounted),
        bound: "ci",
        property: NEVER_LOST,
        lesson: "the switch comes after the last copy",
    },
    Mutant {
        name: "drop-switch-sent",
        bug: Bug::Drop(Guard::SwitchSent),
        bound: "ci",
        property: ONE_SERVES,
        lesson: "to have the data is not to have the arc",
    },
    Mutant {
        name: "drop-receiving",
        bug: Bug::Drop(Guard::Receiving),
        bound: "back",
        property: NOT_TAKEN_BACK,
        lesson: "a switch that comes again gives nothing again",
    },
    Mutant {
        name: "drop-installed-said",
        bug: Bug::Drop(Guard::InstalledSaid),
        bound: "clean-up",
        property: SPARES,
        lesson: "what was given may not have arrived",
    },
    Mutant {
        name: "drop-superseded",
        bug: Bug::Drop(Guard::Superseded),
        bound: "ci",
        property: ENDS,
        lesson: "what the newest view gives away is not kept",
    },
    Mutant {
        name: "drop-abort-sent",
        bug: Bug::Drop(Guard::AbortSent),
        bound: "back",
        property: ENDS,
        lesson: "to hear of a later view is not to hear of an abort",
    },
    Mutant {
        name: "drop-not-owned",
        bug: Bug::Drop(Guard::NotOwned),
        bound: "clean-up",
        property: SPARES,
        lesson: "clean-up looks at what the node has now, not at what it will have",
    },
    Mutant {
        name: "drop-not-on-its-way",
        bug: Bug::Drop(Guard::NotOnItsWay),
        bound: "clean-up",
        property: SPARES,
        lesson: "between two owners the data are of both",
    },
    Mutant {
        name: "drop-up",
        bug: Bug::Drop(Guard::Up),
        bound: "crash",
        property: DOWN,
        lesson: "a crash stops everything",
    },
    Mutant {
        name: "drop-down",
        bug: Bug::Drop(Guard::Down),
        bound: "crash",
        property: DOWN,
        lesson: "who is up has nothing to recover from",
    },
    Mutant {
        name: "drop-reads-same-view",
        bug: Bug::Drop(Guard::ReadsSameView),
        bound: "read",
        property: STALE_REFUSED,
        lesson: "a read of an old view is refused as a write is",
    },
    Mutant {
        name: "drop-held-at-snapshot",
        bug: Bug::Drop(Guard::HeldAtSnapshot),
        bound: "read",
        property: READS,
        lesson: "who did not have the arc then cannot tell what was in it",
    },
];
