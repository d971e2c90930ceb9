//! Two-phase commit's bugs and mutants, and its bounds.

use super::{Guard, TwoPhase};
use proofmark_vocabulary::{
    Bound, Catalogued, Constant, ConstantError, Constants, Counts, Domain, Mutant, Profile, PropertySet,
};

/// What can be planted in the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bug {
    /// A guard is dropped.
    Drop(Guard),
    /// A guard never holds.
    Never(Guard),
    /// The coordinator commits on the votes of a majority.
    CommitOnMajority,
    /// A vote is sent before it is written down.
    VoteBeforeDurable,
    /// A prepared participant aborts on its own.
    HeuristicDecision,
    /// A rollback leaves no record, so a prepare that comes after it is obeyed.
    ForgottenRollback,
    /// Commit and abort are decided in two records, and neither looks at the other.
    TwoRecords,
    /// The coordinator keeps its decision in memory alone.
    StateInMemory,
    /// A participant recovers what it had prepared, and not what became of it.
    OrphanPrepared,
    /// To cancel what was not yet tried leaves no trace.
    EmptyCancel,
}

/// The properties of whole behaviours, whose check keeps the graph of all steps.
const LIVENESS: &[&str] = &["AC4", "AC5 termination", NON_BLOCKING];

/// What a single coordinator cannot give.
const NON_BLOCKING: &str = "non-blocking";

impl Catalogued for TwoPhase {
    type Bug = Bug;

    const NAME: &'static str = "two-phase-commit";
    const ABOUT: &'static str = "Two-phase commit (Gray and Lamport, Consensus on Transaction Commit, section 3): one \
                                 coordinator commits when every participant has voted yes.";
    const MUTANTS: &'static [Mutant<Bug>] = &[
        Mutant {
            name: "2pc-heuristic-decision",
            bug: Bug::HeuristicDecision,
            bound: "ci",
            property: "AC1 agreement",
            lesson: "who is in doubt may not decide alone (scalar-labs/btm#59)",
        },
        Mutant {
            name: "2pc-late-prepare-after-rollback",
            bug: Bug::ForgottenRollback,
            bound: "ci",
            property: "a vote is stable",
            lesson: "a rollback leaves a record, or a late prepare undoes it (tikv/tikv#921)",
        },
        Mutant {
            name: "2pc-lazy-recovery-vs-groupcommit",
            bug: Bug::TwoRecords,
            bound: "ci",
            property: "AC1 agreement",
            lesson: "a decision has one record, whatever wrote it (scalar-labs/scalardb#2135)",
        },
        Mutant {
            name: "2pc-prepared-state-in-memory",
            bug: Bug::StateInMemory,
            bound: "ci",
            property: "AC1 agreement",
            lesson: "a decision is durable before it is told (MartinKalema/horizontal-scaling-convex#101)",
        },
        Mutant {
            name: "2pc-orphan-prepared-after-checkpoint",
            bug: Bug::OrphanPrepared,
            bound: "ci",
            property: "AC2 stability",
            lesson: "recovery restores the outcome together with the vote (greenplum-db/gpdb#10987)",
        },
        Mutant {
            name: "2pc-suspended-try",
            bug: Bug::EmptyCancel,
            bound: "ci",
            property: "AC5 termination",
            lesson: "a cancel that comes first closes the transaction (apache/incubator-seata#2711)",
        },
        Mutant {
            name: "commit-on-majority",
            bug: Bug::CommitOnMajority,
            bound: "crash-free",
            property: "AC3 commit validity",
            lesson: "atomic commitment is unanimous; consensus is not",
        },
        Mutant {
            name: "vote-before-durable",
            bug: Bug::VoteBeforeDurable,
            bound: "ci",
            property: "AC3 abort validity",
            lesson: "a vote binds from the moment that it is sent, so it is written down before",
        },
        Mutant {
            name: "drop-open-to-count",
            bug: Bug::Drop(Guard::OpenToCount),
            bound: "ci",
            property: "late messages are harmless",
            lesson: "after the decision nothing is counted",
        },
        Mutant {
            name: "drop-vote-sent",
            bug: Bug::Drop(Guard::VoteSent),
            bound: "ci",
            property: "AC3 commit validity",
            lesson: "silence is no yes",
        },
        Mutant {
            name: "drop-open-to-commit",
            bug: Bug::Drop(Guard::OpenToCommit),
            bound: "crash-free",
            property: "AC1 agreement",
            lesson: "who has aborted cannot commit, though every vote is yes",
        },
        Mutant {
            name: "drop-every-vote-counted",
            bug: Bug::Drop(Guard::EveryVoteCounted),
            bound: "ci",
            property: "AC3 commit validity",
            lesson: "a commit needs every vote",
        },
        Mutant {
            name: "drop-open-to-abort",
            bug: Bug::Drop(Guard::OpenToAbort),
            bound: "ci",
            property: "AC2 stability",
            lesson: "a timeout after the commit comes too late",
        },
        Mutant {
            name: "drop-working-to-prepare",
            bug: Bug::Drop(Guard::WorkingToPrepare),
            bound: "ci",
            property: "AC2 stability",
            lesson: "who has finished has no vote",
        },
        Mutant {
            name: "drop-working-to-abort",
            bug: Bug::Drop(Guard::WorkingToAbort),
            bound: "ci",
            property: "AC2 stability",
            lesson: "who has committed cannot refuse any more",
        },
        Mutant {
            name: "drop-commit-sent",
            bug: Bug::Drop(Guard::CommitSent),
            bound: "ci",
            property: "AC3 commit validity",
            lesson: "to be prepared is not to be told",
        },
        Mutant {
            name: "drop-abort-sent",
            bug: Bug::Drop(Guard::AbortSent),
            bound: "ci",
            property: "AC3 abort validity",
            lesson: "who is in doubt waits, and blocks",
        },
        Mutant {
            name: "drop-not-committed",
            bug: Bug::Drop(Guard::NotCommitted),
            bound: "ci",
            property: "AC2 stability",
            lesson: "what the coordinator says once it has forgotten is for those that were never told to commit",
        },
        Mutant {
            name: "drop-every-commit-acknowledged",
            bug: Bug::Drop(Guard::EveryCommitAcknowledged),
            bound: "ci",
            property: "log forgets safely",
            lesson: "who forgets too early answers that nothing was committed",
        },
        Mutant {
            name: "drop-nothing-on-record",
            bug: Bug::Drop(Guard::NothingOnRecord),
            bound: "ci",
            property: "AC1 agreement",
            lesson: "what is not decided is not aborted yet",
        },
        Mutant {
            name: "drop-up",
            bug: Bug::Drop(Guard::Up),
            bound: "ci",
            property: "who is down does nothing",
            lesson: "a crash stops everything",
        },
        Mutant {
            name: "drop-down",
            bug: Bug::Drop(Guard::Down),
            bound: "ci",
            property: "who is down does nothing",
            lesson: "who is up has nothing to recover from",
        },
    ];

    fn constants() -> Vec<Constant> {
        let crashes = "whether nodes crash and restart, and the coordinator forgets what has ended";
        let participants = "how many participants there are";
        vec![
            Constant { name: "participants", domain: Domain::Integer(1, 16), about: participants },
            Constant { name: "crashes", domain: Domain::Boolean, about: crashes },
        ]
    }

    fn bounds() -> Vec<Bound> {
        let bound = |name, about, (participants, crashes): (i64, bool), properties, found: [u64; 3]| Bound {
            name,
            about,
            profile: if name == "deep" { Profile::Deep } else { Profile::Ci },
            constants: vec![("participants", participants.into()), ("crashes", crashes.into())],
            properties,
            expected: if crashes { &[NON_BLOCKING] } else { &[] },
            counts: Some(Counts { generated: found[0], distinct: found[1], depth: found[2] }),
        };
        let (all, safety) = (PropertySet::All, PropertySet::AllBut(LIVENESS));
        vec![
            bound("ci", "crashes, restarts and presumed abort", (2, true), all, [1_641, 348, 13]),
            bound("textbook", "the published bound, safety alone", (3, false), safety, [1_146, 288, 11]),
            bound("crash-free", "the published bound, liveness included", (3, false), all, [1_146, 288, 11]),
            bound("five", "the published bound of five participants", (5, false), safety, [58_146, 8_832, 17]),
            bound("three", "crashes among three participants", (3, true), all, [15_009, 2_344, 17]),
            bound(
                "deep",
                "as many participants as engines are compared with",
                (9, false),
                safety,
                [123_558_402, 10_340_352, 29],
            ),
        ]
    }

    fn new(constants: &Constants, bug: Option<Bug>) -> Result<Self, ConstantError> {
        let crashes = constants.is("crashes");
        Ok(Self { participants: constants.number("participants"), crashes, bug })
    }
}
