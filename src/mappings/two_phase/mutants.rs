//! The bugs of the code, and what each link must say of them. A link that is not named must miss the bug.

use super::{LOCKS, REFINES};
use proofmark_harness::links::{self, CodeMutant, Link};
use proofmark_impl::two_phase::Bug;

pub(super) const MUTANTS: &[CodeMutant<Bug>] = &[
    CodeMutant {
        name: "forgets-before-acknowledged",
        bug: Bug::ForgetsBeforeAcknowledged,
        bound: "ci",
        expected: &[(Link::L1, REFINES[0]), (Link::L2, "tm_state"), (Link::L5, links::LINEARIZABLE)],
        lesson: "a commit is forgotten when the last participant has acknowledged it, not the first",
    },
    CodeMutant {
        name: "commit-on-majority",
        bug: Bug::CommitOnMajority,
        bound: "three-participants",
        expected: &[(Link::L1, REFINES[0]), (Link::L2, "tm_state"), (Link::L5, links::LINEARIZABLE)],
        lesson: "atomic commitment is unanimous; consensus is not",
    },
    CodeMutant {
        name: "repeated-vote-counts",
        bug: Bug::RepeatedVoteCounts,
        bound: "ci",
        expected: &[(Link::L1, REFINES[0]), (Link::L2, "tm_state"), (Link::L5, links::LINEARIZABLE)],
        lesson: "a vote that arrives twice is one vote",
    },
    CodeMutant {
        name: "decision-lost-at-recovery",
        bug: Bug::DecisionLostAtRecovery,
        bound: "ci",
        expected: &[
            (Link::L1, REFINES[0]),
            (Link::L2, "tm_state"),
            (Link::L3, "TMRestart"),
            (Link::L5, links::LINEARIZABLE),
        ],
        lesson: "who recovers without its decisions presumes them aborted",
    },
    CodeMutant {
        name: "abort-on-late-no",
        bug: Bug::AbortOnLateNo,
        bound: "ci",
        expected: &[(Link::L1, REFINES[0]), (Link::L2, "tm_state")],
        lesson: "what is decided is decided",
    },
    CodeMutant {
        name: "inquiry-from-memory",
        bug: Bug::InquiryFromMemory,
        bound: "ci",
        expected: &[(Link::L1, REFINES[0]), (Link::L2, "sent"), (Link::L5, links::LINEARIZABLE)],
        lesson: "what is not decided is not aborted yet",
    },
    CodeMutant {
        name: "reused-identifier",
        bug: Bug::ReusedIdentifier,
        bound: "two-transactions",
        expected: &[
            (Link::L1, REFINES[0]),
            (Link::L2, "tm_state"),
            (Link::L3, "TMCrash"),
            (Link::L5, links::LINEARIZABLE),
        ],
        lesson: "an identifier that comes twice makes the second transaction the first",
    },
    CodeMutant {
        name: "vote-before-sync",
        bug: Bug::VoteBeforeSync,
        bound: "ci",
        expected: &[(Link::L1, REFINES[0]), (Link::L2, "rm_state"), (Link::L5, links::LINEARIZABLE)],
        lesson: "a vote binds from the moment that it is sent, so it is durable before",
    },
    CodeMutant {
        name: "2pc-prepared-state-in-memory",
        bug: Bug::PreparedInMemory,
        bound: "ci",
        expected: &[
            (Link::L1, REFINES[0]),
            (Link::L2, "rm_state"),
            (Link::L3, "RMCrash"),
            (Link::L5, links::LINEARIZABLE),
        ],
        lesson: "what was voted for survives a crash (MartinKalema/horizontal-scaling-convex#101)",
    },
    CodeMutant {
        name: "unlocks-in-doubt",
        bug: Bug::UnlocksInDoubt,
        bound: "ci",
        expected: &[(Link::L1, LOCKS), (Link::L5, links::LINEARIZABLE)],
        lesson: "who is in doubt keeps its locks, however long",
    },
    CodeMutant {
        name: "2pc-heuristic-decision",
        bug: Bug::HeuristicDecision,
        bound: "ci",
        expected: &[(Link::L1, REFINES[0]), (Link::L2, "rm_state"), (Link::L5, links::LINEARIZABLE)],
        lesson: "who is in doubt may not decide alone (scalar-labs/btm#59)",
    },
    CodeMutant {
        name: "2pc-late-prepare-after-rollback",
        bug: Bug::ForgottenRollback,
        bound: "ci",
        expected: &[(Link::L1, REFINES[0]), (Link::L2, "rm_state"), (Link::L5, links::AT_REST)],
        lesson: "a rollback leaves a record, or a late prepare undoes it (tikv/tikv#921)",
    },
    CodeMutant {
        name: "2pc-rollback-leaves-locks",
        bug: Bug::RollbackLeavesLocks,
        bound: "ci",
        expected: &[(Link::L1, LOCKS)],
        lesson: "a rollback releases what the work had locked (tikv/client-rust#547)",
    },
    CodeMutant {
        name: "2pc-orphan-prepared-after-checkpoint",
        bug: Bug::OrphanPrepared,
        bound: "ci",
        expected: &[
            (Link::L1, REFINES[0]),
            (Link::L2, "rm_state"),
            (Link::L3, "RMRestart"),
            (Link::L5, links::LINEARIZABLE),
        ],
        lesson: "recovery restores the outcome together with the vote (greenplum-db/gpdb#10987)",
    },
    CodeMutant {
        name: "2pc-commit-twice-two-ts",
        bug: Bug::CommitTwice,
        bound: "ci",
        expected: &[(Link::L1, REFINES[0]), (Link::L2, "rm_state"), (Link::L5, links::AT_REST)],
        lesson: "a prepare that comes after the commit is not obeyed once more (tikv/tikv#10600)",
    },
    CodeMutant {
        name: "number-wraps",
        bug: Bug::NumberWraps,
        bound: "two-transactions",
        expected: &[(Link::L2, "tm_state"), (Link::L5, links::LINEARIZABLE)],
        lesson: "what small bounds never reach is reached by long runs",
    },
];
