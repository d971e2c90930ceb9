//! The bugs of multi-decree Paxos: what is planted in the model, and what must notice it.

use super::Guard;
use proofmark_vocabulary::Mutant;

/// What can be planted in the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bug {
    /// A guard is dropped.
    Drop(Guard),
    /// A promise does not say which ballot it is for, so one for an earlier ballot is counted.
    StalePromiseCounted,
    /// An acceptor restarts with an empty log.
    LogLost,
    /// What promises carry is put where it would be if all logs began at one's own first slot.
    MergeOffset,
    /// The promises of so few are enough that they may miss a quorum that accepts.
    SmallPrepareQuorum,
    /// An acceptor accepts only what it has promised.
    AcceptNeedsEqualBallot,
    /// A proposer that restarts does not know which ballots it has begun.
    BallotNotPersisted,
    /// A command is sent on once, to one proposer.
    ForwardsOnce,
    /// An acceptor's record has one place for the ballots that it promised and accepted, and the second overwrites it.
    BalOverwritten,
    /// A read does not wait for what is proposed and not yet known to be chosen.
    ReadsPastInProgress,
    /// A promise reports nothing.
    ReportsNothing,
    /// A leader takes over any value that is reported to it.
    AdoptsAnyReport,
    /// An acceptor says what it has written before that is durable.
    AcknowledgesBeforeSync,
    /// What a replica has applied in memory counts as its checkpoint.
    CheckpointInMemory,
    /// A server whose disk was lost votes again when it has seen one slot chosen that had not begun before.
    RebuildsByWatching,
}

/// The mutants, with the bound and the property by which each is killed.
pub(super) const MUTANTS: &[Mutant<Bug>] = &[
    Mutant {
        name: "paxos-stale-promise-counted",
        bug: Bug::StalePromiseCounted,
        bound: "ci",
        property: "agreement",
        lesson: "a promise is for one ballot, and says for which (luohaha/MyPaxos#18)",
    },
    Mutant {
        name: "paxos-acceptor-log-loss",
        bug: Bug::LogLost,
        bound: "crash",
        property: "agreement",
        lesson: "an acceptor that has lost its log is another acceptor (palantir/atlasdb#1504)",
    },
    Mutant {
        name: "paxosmadelive-disk-loss",
        bug: Bug::RebuildsByWatching,
        bound: "disk-loss",
        property: "agreement",
        lesson: "to see a later slot chosen is not to know what one accepted in earlier ones (Michael et al., DISC 2017)",
    },
    Mutant {
        name: "multipaxos-election-merge-offset",
        bug: Bug::MergeOffset,
        bound: "trim-pair",
        property: "agreement",
        lesson: "logs that are merged begin where each of them was trimmed (Cjen1/OCons#21)",
    },
    Mutant {
        name: "dpaxos-quorum-safety",
        bug: Bug::SmallPrepareQuorum,
        bound: "ci",
        property: "agreement",
        lesson: "every quorum that promises meets every quorum that accepts (Whittaker et al., JSys 2021)",
    },
    Mutant {
        name: "paxos-accept-needs-equal-ballot",
        bug: Bug::AcceptNeedsEqualBallot,
        bound: "live",
        property: "a lone proposer gets a value chosen",
        lesson: "to accept in a ballot is to promise it (luohaha/MyPaxos#19)",
    },
    Mutant {
        name: "paxos-ballot-not-persisted",
        bug: Bug::BallotNotPersisted,
        bound: "crash",
        property: "one value per ballot",
        lesson: "a proposer that comes back takes a ballot that it has not used (haraldng/omnipaxos#117)",
    },
    Mutant {
        name: "multipaxos-forward-lost",
        bug: Bug::ForwardsOnce,
        bound: "live",
        property: "a submitted value is chosen",
        lesson: "a command is sent on until it is chosen, for who got it may not lead (haraldng/omnipaxos#136)",
    },
    Mutant {
        name: "paxos-bal-overwritten-by-vbal",
        bug: Bug::BalOverwritten,
        bound: "crash",
        property: "durable promises never fall",
        lesson: "promised and accepted ballots are two things to write (specula-org, epaxos bug family 5)",
    },
    Mutant {
        name: "cassandra-lwt-nonlinear-read",
        bug: Bug::ReadsPastInProgress,
        bound: "reads-pair",
        property: "reads are linearizable",
        lesson: "a read waits for what is in progress, which others may know to be chosen (CASSANDRA-12126)",
    },
    Mutant {
        name: "reports-nothing",
        bug: Bug::ReportsNothing,
        bound: "ci",
        property: "agreement",
        lesson: "a promise that hides what was accepted lets another value be chosen",
    },
    Mutant {
        name: "adopts-any-report",
        bug: Bug::AdoptsAnyReport,
        bound: "three-ballots",
        property: "agreement",
        lesson: "of the values reported only the one of the greatest ballot may have been chosen",
    },
    Mutant {
        name: "acknowledges-before-sync",
        bug: Bug::AcknowledgesBeforeSync,
        bound: "disk",
        property: "agreement",
        lesson: "what is not synced was not said (Chandra et al., Paxos Made Live)",
    },
    Mutant {
        name: "checkpoint-in-memory",
        bug: Bug::CheckpointInMemory,
        bound: "trim-crash",
        property: "a lagging replica catches up",
        lesson: "what a crash takes away is still needed",
    },
    Mutant {
        name: "drop-ballot-unused",
        bug: Bug::Drop(Guard::BallotUnused),
        bound: "ci",
        property: "one value per ballot",
        lesson: "a ballot is begun once",
    },
    Mutant {
        name: "drop-prepare-sent",
        bug: Bug::Drop(Guard::PrepareSent),
        bound: "ci",
        property: "a ballot begins before it is promised",
        lesson: "an acceptor answers; it does not begin",
    },
    Mutant {
        name: "drop-above-promise",
        bug: Bug::Drop(Guard::AbovePromise),
        bound: "ci",
        property: "durable promises never fall",
        lesson: "a late prepare takes no promise back",
    },
    Mutant {
        name: "drop-preparing",
        bug: Bug::Drop(Guard::Preparing),
        bound: "ci",
        property: "one value per ballot",
        lesson: "who leads already, or has forgotten what it proposed, does not begin to lead again",
    },
    Mutant {
        name: "drop-quorum-promised",
        bug: Bug::Drop(Guard::QuorumPromised),
        bound: "ci",
        property: "agreement",
        lesson: "who has not asked a quorum does not know what may be chosen",
    },
    Mutant {
        name: "drop-leading",
        bug: Bug::Drop(Guard::Leading),
        bound: "ci",
        property: "agreement",
        lesson: "only the distinguished proposer proposes",
    },
    Mutant {
        name: "drop-nothing-proposed",
        bug: Bug::Drop(Guard::NothingProposed),
        bound: "ci",
        property: "one value per ballot",
        lesson: "a leader remembers what it has proposed",
    },
    Mutant {
        name: "drop-not-known-trimmed",
        bug: Bug::Drop(Guard::NotKnownTrimmed),
        bound: "trim-pair",
        property: "agreement",
        lesson: "what is trimmed is chosen, though nobody reports it",
    },
    Mutant {
        name: "drop-highest-accepted",
        bug: Bug::Drop(Guard::HighestAccepted),
        bound: "ci",
        property: "agreement",
        lesson: "a leader is not free in what it proposes again",
    },
    Mutant {
        name: "drop-gap",
        bug: Bug::Drop(Guard::Gap),
        bound: "ci",
        property: "agreement",
        lesson: "a no-op is for a slot that nobody reports",
    },
    Mutant {
        name: "drop-beyond-reports",
        bug: Bug::Drop(Guard::BeyondReports),
        bound: "ci",
        property: "agreement",
        lesson: "a new command comes behind all that is reported",
    },
    Mutant {
        name: "drop-in-order",
        bug: Bug::Drop(Guard::InOrder),
        bound: "pair",
        property: "what is chosen can be applied",
        lesson: "a leader that leaves a gap has nobody who fills it",
    },
    Mutant {
        name: "drop-not-in-log",
        bug: Bug::Drop(Guard::NotInLog),
        bound: "room",
        property: "a submitted value is chosen",
        lesson: "a log with room for every command has none for one twice",
    },
    Mutant {
        name: "drop-command-arrived",
        bug: Bug::Drop(Guard::CommandArrived),
        bound: "live",
        property: "validity",
        lesson: "a leader makes up no command",
    },
    Mutant {
        name: "drop-accept-sent",
        bug: Bug::Drop(Guard::AcceptSent),
        bound: "write-one",
        property: "validity",
        lesson: "an acceptor makes up no value",
    },
    Mutant {
        name: "drop-not-below-promise",
        bug: Bug::Drop(Guard::NotBelowPromise),
        bound: "ci",
        property: "agreement",
        lesson: "what was promised away is not accepted any more",
    },
    Mutant {
        name: "drop-not-trimmed",
        bug: Bug::Drop(Guard::NotTrimmed),
        bound: "alone",
        property: "nothing that is trimmed is kept",
        lesson: "an accept that comes late fills no slot that was trimmed",
    },
    Mutant {
        name: "drop-quorum-accepted",
        bug: Bug::Drop(Guard::QuorumAccepted),
        bound: "ci",
        property: "what is learned is chosen",
        lesson: "one acceptor chooses nothing",
    },
    Mutant {
        name: "drop-not-applied",
        bug: Bug::Drop(Guard::NotApplied),
        bound: "alone",
        property: "nothing that is trimmed is kept",
        lesson: "news of what was applied long ago is no news",
    },
    Mutant {
        name: "drop-other-knows",
        bug: Bug::Drop(Guard::OtherKnows),
        bound: "ci",
        property: "what is learned is chosen",
        lesson: "who does not know has nothing to tell",
    },
    Mutant {
        name: "drop-learned",
        bug: Bug::Drop(Guard::Learned),
        bound: "ci",
        property: "refines replicated-log",
        lesson: "what is not known is not applied",
    },
    Mutant {
        name: "drop-next-to-apply",
        bug: Bug::Drop(Guard::NextToApply),
        bound: "room",
        property: "applied in order",
        lesson: "a slot waits for those before it",
    },
    Mutant {
        name: "drop-applied-everywhere",
        bug: Bug::Drop(Guard::AppliedEverywhere),
        bound: "trim",
        property: "a lagging replica catches up",
        lesson: "what one replica lacks, another one keeps",
    },
    Mutant {
        name: "drop-submitted",
        bug: Bug::Drop(Guard::Submitted),
        bound: "live",
        property: "validity",
        lesson: "a command comes from a client",
    },
    Mutant {
        name: "drop-still-follows",
        bug: Bug::Drop(Guard::StillFollows),
        bound: "reads-pair",
        property: "reads are linearizable",
        lesson: "who has promised another ballot confirms nothing",
    },
    Mutant {
        name: "drop-quorum-confirmed",
        bug: Bug::Drop(Guard::QuorumConfirmed),
        bound: "reads-pair",
        property: "reads are linearizable",
        lesson: "a leader that has been replaced is the last to know",
    },
    Mutant {
        name: "drop-in-progress-applied",
        bug: Bug::Drop(Guard::InProgressApplied),
        bound: "reads-pair",
        property: "reads are linearizable",
        lesson: "what others have answered for may be unknown to the leader",
    },
    Mutant {
        name: "drop-up",
        bug: Bug::Drop(Guard::Up),
        bound: "crash",
        property: "who is down does nothing",
        lesson: "a crash stops everything",
    },
    Mutant {
        name: "drop-down",
        bug: Bug::Drop(Guard::Down),
        bound: "crash",
        property: "who is down does nothing",
        lesson: "who is up has nothing to recover from",
    },
    Mutant {
        name: "drop-has-its-disk",
        bug: Bug::Drop(Guard::HasItsDisk),
        bound: "disk-loss",
        property: "agreement",
        lesson: "who does not know what it has promised promises nothing",
    },
];
