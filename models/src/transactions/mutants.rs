//! What can be planted in the model of distributed transactions, and the property that shows it.

use super::Guard;
use proofmark_vocabulary::Mutant;

/// What can be planted in the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bug {
    /// A guard is dropped.
    Drop(Guard),
    /// A leader looks after the transactions alone that it has begun itself.
    LooksAfterItsOwn,
    /// A participant forgets what it has committed, and obeys a request that comes again.
    ForgottenCommit,
    /// A rollback leaves the lock behind.
    RollbackLeavesLocks,
    /// The record of a rollback takes the place of that of another transaction.
    CollapsedRecord,
    /// A replica takes over without an entry on the log.
    TakesOverOffTheLog,
    /// A participant that restarts does not lock what it is in doubt about.
    RecoveryForgetsLocks,
    /// A leader presumes abort of what one before it has committed and not told.
    UntoldIsAborted,
}

const AGREEMENT: &str = "AC1 agreement";
const STABILITY: &str = "AC2 stability";
const COMMIT_VALIDITY: &str = "AC3 commit validity";
const ABORT_VALIDITY: &str = "AC3 abort validity";
const LATE: &str = "late messages are harmless";
const DOWN: &str = "who is down does nothing";

/// A mutant that drops a guard.
const fn drops(
    name: &'static str,
    guard: Guard,
    bound: &'static str,
    property: &'static str,
    lesson: &'static str,
) -> Mutant<Bug> {
    Mutant { name, bug: Bug::Drop(guard), bound, property, lesson }
}

pub(super) const MUTANTS: &[Mutant<Bug>] = &[
    Mutant {
        name: "2pc-coordinator-crash-blocks",
        bug: Bug::LooksAfterItsOwn,
        bound: "replicated",
        property: super::properties::NON_BLOCKING,
        lesson: "who takes over looks after what the one before has begun (atomix/atomix#360)",
    },
    Mutant {
        name: "2pc-commit-twice-two-ts",
        bug: Bug::ForgottenCommit,
        bound: "shared-locks",
        property: "a commit is carried out once",
        lesson: "a request that is sent again meets the record of the commit (tikv/tikv#10600)",
    },
    Mutant {
        name: "2pc-rollback-leaves-locks",
        bug: Bug::RollbackLeavesLocks,
        bound: "ci",
        property: "an ended transaction holds no lock",
        lesson: "a rollback lets go of every lock, also of what was prepared (tikv/client-rust#547)",
    },
    Mutant {
        name: "2pc-rollback-record-collapsed",
        bug: Bug::CollapsedRecord,
        bound: "shared-locks",
        property: AGREEMENT,
        lesson: "a key keeps the record of every rollback, not of the last one (tikv/tikv#7364)",
    },
    Mutant {
        name: "takes-over-off-the-log",
        bug: Bug::TakesOverOffTheLog,
        bound: "suspicion",
        property: AGREEMENT,
        lesson: "who presumes abort has first made sure that nobody else can still commit",
    },
    Mutant {
        name: "untold-is-aborted",
        bug: Bug::UntoldIsAborted,
        bound: "ci",
        property: AGREEMENT,
        lesson: "a commit is what the log says, whoever was told",
    },
    Mutant {
        name: "recovery-forgets-locks",
        bug: Bug::RecoveryForgetsLocks,
        bound: "ci",
        property: "locks held while in doubt",
        lesson: "what is prepared is locked again before anybody else is served",
    },
    drops("drop-not-begun", Guard::NotBegun, "ci", AGREEMENT, "a transaction's votes are not those of its next try"),
    drops("drop-leads", Guard::Leads, "ci", ABORT_VALIDITY, "who does not lead decides nothing"),
    drops("drop-open", Guard::Open, "ci", AGREEMENT, "what is decided is not decided again"),
    drops("drop-every-vote-yes", Guard::EveryVoteYes, "ci", COMMIT_VALIDITY, "a commit needs every vote"),
    drops(
        "drop-place-free",
        Guard::PlaceFree,
        "suspicion",
        AGREEMENT,
        "a leader whose place on the log is taken leads no more, and decides nothing",
    ),
    drops("drop-no-sent", Guard::NoSent, "ci", ABORT_VALIDITY, "silence is no refusal, but for a timeout"),
    drops(
        "drop-commit-on-record",
        Guard::CommitOnRecord,
        "ci",
        COMMIT_VALIDITY,
        "a commit is durable before it is told",
    ),
    drops(
        "drop-every-commit-acknowledged",
        Guard::EveryCommitAcknowledged,
        "ci",
        "log forgets safely",
        "who forgets too early answers that nothing was committed",
    ),
    drops(
        "drop-inquiry-sent",
        Guard::InquirySent,
        "ci",
        ABORT_VALIDITY,
        "abort is presumed for whoever is in doubt, not announced",
    ),
    drops(
        "drop-nothing-on-record",
        Guard::NothingOnRecord,
        "ci",
        AGREEMENT,
        "what is committed and not forgotten is not presumed to be aborted",
    ),
    drops("drop-not-open", Guard::NotOpen, "ci", AGREEMENT, "what is not decided is not aborted yet"),
    drops(
        "drop-of-the-past",
        Guard::OfThePast,
        "suspicion",
        AGREEMENT,
        "who was deposed presumes nothing of what began after it",
    ),
    drops(
        "drop-prepare-sent",
        Guard::PrepareSent,
        "ci",
        ABORT_VALIDITY,
        "who prepares without being asked is in doubt about what nobody decides",
    ),
    drops("drop-one-phase-sent", Guard::OnePhaseSent, "ci", COMMIT_VALIDITY, "who is not alone does not decide alone"),
    drops("drop-working", Guard::Working, "ci", STABILITY, "who has finished has no vote"),
    drops(
        "drop-key-free",
        Guard::KeyFree,
        "contention",
        "locks held while in doubt",
        "a key is one transaction's until its outcome is known",
    ),
    drops("drop-in-doubt", Guard::InDoubt, "ci", ABORT_VALIDITY, "who has not voted has nothing to ask about"),
    drops("drop-commit-sent", Guard::CommitSent, "ci", COMMIT_VALIDITY, "to be prepared is not to be told"),
    drops("drop-abort-sent", Guard::AbortSent, "ci", ABORT_VALIDITY, "who is in doubt waits, and blocks"),
    drops("drop-not-read-only", Guard::NotReadOnly, "ci", LATE, "who has only read is through"),
    drops(
        "drop-not-committed",
        Guard::NotCommitted,
        "ci",
        STABILITY,
        "what the coordinator says once it has forgotten is for those that were never told to commit",
    ),
    drops("drop-up", Guard::Up, "ci", DOWN, "a crash stops everything"),
    drops("drop-down", Guard::Down, "ci", DOWN, "who is up has nothing to recover from"),
];
