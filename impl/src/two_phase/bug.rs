//! The bugs that can be planted in the code.

/// A bug, planted on purpose where the feature `mutants` is on. Most are real ones, found in the field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Bug {
    /// The coordinator forgets a commit when the first participant has acknowledged it.
    ForgetsBeforeAcknowledged,
    /// The coordinator commits on the votes of a majority.
    CommitOnMajority,
    /// The coordinator counts a vote that is repeated as somebody else's.
    RepeatedVoteCounts,
    /// The coordinator recovers without its decisions.
    DecisionLostAtRecovery,
    /// A participant that is asked again after it has committed says no, and a no aborts also after the commit.
    AbortOnLateNo,
    /// The coordinator answers from its list of commits alone, also while it has not decided.
    InquiryFromMemory,
    /// The coordinator numbers its transactions from the start again after a crash.
    ReusedIdentifier,
    /// A participant sends its yes first and writes its record when it has waited for the outcome.
    VoteBeforeSync,
    /// A participant keeps what it has prepared in memory alone.
    PreparedInMemory,
    /// A participant in doubt releases its locks when it has waited.
    UnlocksInDoubt,
    /// A participant in doubt aborts on its own when it has waited.
    HeuristicDecision,
    /// An abort leaves no trace, so that a prepare that comes late is obeyed.
    ForgottenRollback,
    /// An abort forgets the work and leaves its locks.
    RollbackLeavesLocks,
    /// A participant recovers what it had prepared, and not what became of it.
    OrphanPrepared,
    /// A prepare that comes after the commit is obeyed once more.
    CommitTwice,
    /// The coordinator numbers its transactions by two bits.
    NumberWraps,
}
