//! Raft's bugs: what is planted in the model, and what must notice it.

use super::Guard;
use proofmark_vocabulary::Mutant;

/// What can be planted in the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bug {
    /// A guard is dropped.
    Drop(Guard),
    /// A server that restarts knows neither its term nor its vote.
    VoteNotPersisted,
    /// What is answered does not wait for the disk.
    AnswersBeforeSync,
    /// A pre-vote is kept as a vote is.
    PreVoteIsVote,
    /// A pre-candidate learns nothing from the term of a refusal.
    RefusedTermIgnored,
    /// A server votes whomever it has voted for.
    VotesAgain,
    /// A server votes whatever the candidate's log lacks.
    LogsNotCompared,
    /// A server that refuses a candidate remembers it as its vote, and gives that when it is asked again.
    SeenVoteGranted,
    /// A candidate's log is compared with what is known to be committed.
    ComparesCommitIndex,
    /// A vote of an earlier term counts.
    StaleVoteCounted,
    /// Votes are counted and not voters.
    RepeatedVoteCounted,
    /// Who comes to follow the leader of its own term forgets its vote.
    VoteResetSameTerm,
    /// A message of an earlier leader lowers the term.
    LateAppendLowersTerm,
    /// Entries are appended whether or not the one before them matches.
    AppendsWithoutMatch,
    /// A message without entries truncates what follows the entry that it names.
    TruncatesEarly,
    /// New entries replace all that follow the one before them.
    ReplacesAll,
    /// Where a follower's log may match is taken for where it does.
    HintIsMatch,
    /// A leader counts itself before its disk has the entry.
    UnsyncedCounted,
    /// A leader sends entries also where what comes before them is gone.
    SendsWhatIsGone,
    /// A follower takes what its snapshot has replaced for a conflict.
    GoneIsConflict,
    /// An entry that conflicts with a snapshot stays.
    SnapshotKeepsConflict,
    /// A server that installs a snapshot of a joint configuration knows of the new voters alone.
    RestoreDropsJoint,
    /// A new leader acts by the latest configuration that is committed.
    LeaderIgnoresUncommitted,
    /// A joint configuration is left by the leader that began it alone.
    OnlyProposerLeaves,
    /// A leader that is not in its latest configuration replicates no more.
    RetiresEarly,
    /// A leader looks for its removal among the entries that it has, and not in its snapshot.
    RemovedForgetsSnapshot,
    /// A server that the latest configuration has removed does not stand.
    RemovedStandsNoMore,
    /// A configuration is in force when it is applied.
    ConfigurationAtApply,
    /// A server that knows itself to be no voter refuses its vote.
    LearnerRefuses,
    /// A server that follows a new leader gives up what it does not know to be committed.
    FollowerRollsBack,
    /// A leader takes the refusal of a later term for contact.
    RefusalIsContact,
    /// A leader that has heard from no quorum leads on.
    LeadsUnheard,
    /// All reads have one number.
    ReadContextReused,
    /// A leader answers a follower's read with the index of what it has applied.
    AnswersApplied,
    /// The least election timeout is over at a server before it is at its leader.
    ClocksDrift,
    /// A leader that told another to stand keeps its lease.
    TransferKeepsLease,
    /// A leader that gives up handing over has its lease again.
    AbortRestoresLease,
    /// A server that restarts keeps to no leader.
    RestartForgetsLease,
    /// An answer extends the lease however late it comes.
    LateAnswerExtendsLease,
    /// A leader that waits for its snapshot to be answered takes no other index than the snapshot's.
    AwaitsPendingSnapshot,
    /// A leader that replicates ahead takes no rejection for a loss.
    RejectionIgnored,
    /// A leader sends entries though the window is full.
    SendsBeyondWindow,
}

/// The mutants, with the bound and the property by which each is killed.
pub(super) const MUTANTS: &[Mutant<Bug>] = &[
    Mutant {
        name: "raft-fig8-commit-old-term",
        bug: Bug::Drop(Guard::OfOwnTerm),
        bound: "deep-figure-8",
        property: "leader completeness",
        lesson: "an entry of an earlier term is committed with one of the leader's own, not by counting (logcabin/logcabin#44; Figure 8)",
    },
    Mutant {
        name: "ccf-commit-on-nack-matchidx",
        bug: Bug::HintIsMatch,
        bound: "three-terms",
        property: "match index is truthful",
        lesson: "where logs may match is not where they do (microsoft/CCF#5325)",
    },
    Mutant {
        name: "ccf-early-ae-truncation",
        bug: Bug::TruncatesEarly,
        bound: "late",
        property: "no server truncates at or below its commit index",
        lesson: "what conflicts is truncated, and nothing before a conflict is seen (microsoft/CCF#5927)",
    },
    Mutant {
        name: "raft-stale-ae-erases-log",
        bug: Bug::ReplacesAll,
        bound: "late",
        property: "no server truncates at or below its commit index",
        lesson: "a late message erases nothing that it agrees with (zhebrak/raftos#26)",
    },
    Mutant {
        name: "openraft-purged-prev-as-conflict",
        bug: Bug::GoneIsConflict,
        bound: "snapshots-late",
        property: "no server truncates at or below its commit index",
        lesson: "what a snapshot has replaced is committed, and no conflict (databendlabs/openraft#511)",
    },
    Mutant {
        name: "raft-term-vote-not-persisted",
        bug: Bug::VoteNotPersisted,
        bound: "forgotten-vote",
        property: "election safety",
        lesson: "a vote is on disk before it is given (bakwc/PySyncObj#202; Stateright's own example)",
    },
    Mutant {
        name: "raft-vote-reset-same-term",
        bug: Bug::VoteResetSameTerm,
        bound: "pre-vote",
        property: "election safety",
        lesson: "a vote is for the term, whatever becomes of the voter (microsoft/CCF#8094)",
    },
    Mutant {
        name: "raft-dup-vote-response-counted",
        bug: Bug::RepeatedVoteCounted,
        bound: "four-voters",
        property: "election safety",
        lesson: "voters are counted, and not answers (xnnyygn/xraft#27)",
    },
    Mutant {
        name: "openraft-seen-vote-as-granted",
        bug: Bug::SeenVoteGranted,
        bound: "overlap",
        property: "leader completeness",
        lesson: "who was refused once is not granted when it asks again (databendlabs/openraft#1220)",
    },
    Mutant {
        name: "openraft-blank-log-not-flushed",
        bug: Bug::UnsyncedCounted,
        bound: "disk",
        property: "a commit is durable",
        lesson: "a leader's own entry counts when it is on its disk (databendlabs/openraft#1125)",
    },
    Mutant {
        name: "etcd-single-node-ack-before-wal",
        bug: Bug::UnsyncedCounted,
        bound: "disk-single",
        property: "a commit is durable",
        lesson: "a server that is alone waits for its disk too (etcd-io/etcd#14370)",
    },
    Mutant {
        name: "ccf-election-uses-lastcommit",
        bug: Bug::ComparesCommitIndex,
        bound: "overlap",
        property: "leader completeness",
        lesson: "what may be committed is in the log, whatever is known of it (microsoft/CCF#589)",
    },
    Mutant {
        name: "ccf-stepdown-rollback-quorumlog",
        bug: Bug::FollowerRollsBack,
        bound: "three-terms",
        property: "no electable server lacks a committed entry",
        lesson: "what is not known to be committed may be (microsoft/CCF#5674)",
    },
    Mutant {
        name: "raft-rpc-before-persist",
        bug: Bug::Drop(Guard::OwnVoteSynced),
        bound: "disk",
        property: "election safety",
        lesson: "who says that it stands has its own vote on disk (specula-org, sofa-jraft PB-1)",
    },
    Mutant {
        name: "zeebe-two-leaders-one-term",
        bug: Bug::VotesAgain,
        bound: "ci",
        property: "election safety",
        lesson: "a term has one vote of each (camunda/camunda#5356)",
    },
    Mutant {
        name: "nebula-term-regress-double-vote",
        bug: Bug::LateAppendLowersTerm,
        bound: "ci",
        property: "durable term never falls",
        lesson: "a late message takes no term back (vesoft-inc/nebula#2405)",
    },
    Mutant {
        name: "openraft-prevote-joint-deadlock",
        bug: Bug::RefusedTermIgnored,
        bound: "pre-vote-two",
        property: "a leader can be elected",
        lesson: "who refuses a pre-vote tells its term, or two block each other (databendlabs/openraft#1796)",
    },
    Mutant {
        name: "raft-prevote-migration-deadlock",
        bug: Bug::RefusedTermIgnored,
        bound: "pre-vote-two",
        property: "a leader can be elected",
        lesson: "a greater term and a longer log must come together in the end (etcd-io/etcd#8501)",
    },
    Mutant {
        name: "etcd-ae-after-compaction-panic",
        bug: Bug::SendsWhatIsGone,
        bound: "snapshots",
        property: "AppendEntries describes its sender's log",
        lesson: "what comes next may be gone: then a snapshot goes (etcd-io/raft 76f1249)",
    },
    Mutant {
        name: "snapshot-keeps-conflicting-entry",
        bug: Bug::SnapshotKeepsConflict,
        bound: "snapshots-conflict",
        property: "state machine safety",
        lesson: "a log that conflicts with a snapshot goes as a whole (hashicorp/raft#697)",
    },
    Mutant {
        name: "etcd-restore-drops-joint",
        bug: Bug::RestoreDropsJoint,
        bound: "snapshots-joint",
        property: "configuration agrees with the log",
        lesson: "a snapshot's configuration may be joint (etcd-io/raft e515a67)",
    },
    Mutant {
        name: "nuraft-ignore-uncommitted-conf",
        bug: Bug::LeaderIgnoresUncommitted,
        bound: "joint",
        property: "joint quorums",
        lesson: "a configuration is in force when it is appended, whoever appended it (eBay/NuRaft#67)",
    },
    Mutant {
        name: "raft-single-server-change-2015",
        bug: Bug::Drop(Guard::CommittedInOwnTerm),
        bound: "deep-shrink",
        property: "no electable server lacks a committed entry",
        lesson: "a leader changes members after it has committed in its term (Ongaro, raft-dev, July 2015)",
    },
    Mutant {
        name: "etcd-confchange-unapplied-campaign",
        bug: Bug::Drop(Guard::NoUnappliedChange),
        bound: "at-apply",
        property: "election safety",
        lesson: "who has changes to apply does not know whose votes it needs (etcd-io/etcd#7280)",
    },
    Mutant {
        name: "etcd-confchangev2-not-counted",
        bug: Bug::Drop(Guard::NoUnappliedChange),
        bound: "at-apply",
        property: "election safety",
        lesson: "every change that is to be applied counts (etcd-io/etcd#12133)",
    },
    Mutant {
        name: "etcd-autoleave-multiple",
        bug: Bug::Drop(Guard::NotLeaving),
        bound: "at-apply-joint",
        property: "one pending change",
        lesson: "to leave is a change, and one at a time is enough (etcd-io/raft bd3c759)",
    },
    Mutant {
        name: "etcd-joint-autoleave-stuck",
        bug: Bug::OnlyProposerLeaves,
        bound: "joint",
        property: "a joint configuration is left",
        lesson: "whoever leads leaves, whoever began (etcd-io/etcd#12136)",
    },
    Mutant {
        name: "etcd-learner-must-vote",
        bug: Bug::LearnerRefuses,
        bound: "learners",
        property: "a leader is elected",
        lesson: "a promoted learner may be the last to know (etcd-io/raft abb533c)",
    },
    Mutant {
        name: "raft-joint-paper-liveness",
        bug: Bug::RemovedStandsNoMore,
        bound: "joint-removed",
        property: "those that are up can elect a leader",
        lesson: "who is removed may be needed until that is committed (thesis, section 4.2.2; Hoch, raft-dev, 2014)",
    },
    Mutant {
        name: "etcd-apply-time-conf-liveness",
        bug: Bug::ConfigurationAtApply,
        bound: "deep-joint-crash",
        property: "those that are up can elect a leader",
        lesson: "who has the longest log must know whose votes it needs (etcd-io/etcd#12359)",
    },
    Mutant {
        name: "ccf-premature-retirement",
        bug: Bug::RetiresEarly,
        bound: "joint",
        property: "a membership change completes",
        lesson: "who leaves brings its leaving to an end (microsoft/CCF#5973)",
    },
    Mutant {
        name: "removed-forgets-snapshot",
        bug: Bug::RemovedForgetsSnapshot,
        bound: "joint-compacted",
        property: "a removed leader steps down",
        lesson: "a configuration is looked for in the snapshot too",
    },
    Mutant {
        name: "etcd-readindex-retry-stale",
        bug: Bug::ReadContextReused,
        bound: "deep-reads",
        property: "reads are linearizable",
        lesson: "what was sent for an earlier read confirms no later one (etcd-io/etcd#20418)",
    },
    Mutant {
        name: "tikv-readindex-fastpath-stale",
        bug: Bug::AnswersApplied,
        bound: "follower-reads",
        property: "reads are linearizable",
        lesson: "the index that is told is the one that was looked at (tikv/tikv#9208)",
    },
    Mutant {
        name: "lease-read-late-timeoutnow",
        bug: Bug::AbortRestoresLease,
        bound: "deep-transfer-lease",
        property: "reads are linearizable",
        lesson: "an order to stand may be late, and no lease outlives it (tikv/raft-rs#234)",
    },
    Mutant {
        name: "lease-read-transfer-ignored",
        bug: Bug::TransferKeepsLease,
        bound: "deep-transfer-lease",
        property: "reads are linearizable",
        lesson: "who hands over has no lease (databendlabs/openraft#1747)",
    },
    Mutant {
        name: "heartbeat-phantom-contact",
        bug: Bug::RefusalIsContact,
        bound: "leases",
        property: "one valid lease at a time",
        lesson: "a refusal is no contact (hashicorp/raft#666)",
    },
    Mutant {
        name: "raft-partial-partition-livelock",
        bug: Bug::LeadsUnheard,
        bound: "bridge",
        property: "a leader is elected",
        lesson: "who can commit nothing must not keep others from electing who can (databendlabs/openraft#2080)",
    },
    Mutant {
        name: "leads-unheard",
        bug: Bug::LeadsUnheard,
        bound: "check-quorum-single",
        property: "a leader without a quorum steps down",
        lesson: "who hears from no quorum may have been deposed (thesis, section 6.2)",
    },
    Mutant {
        name: "etcd-snapshot-progress-stuck",
        bug: Bug::AwaitsPendingSnapshot,
        bound: "window-snapshots",
        property: "a lagging follower catches up",
        lesson: "whatever reaches the leader's log ends the wait for a snapshot (etcd-io/raft#124)",
    },
    Mutant {
        name: "answers-before-sync",
        bug: Bug::AnswersBeforeSync,
        bound: "disk",
        property: "match index is truthful",
        lesson: "what is acknowledged is on disk",
    },
    Mutant {
        name: "pre-vote-is-vote",
        bug: Bug::PreVoteIsVote,
        bound: "pre-vote",
        property: "pre-vote changes neither term nor vote",
        lesson: "to be asked is not to be elected (thesis, section 9.6)",
    },
    Mutant {
        name: "logs-not-compared",
        bug: Bug::LogsNotCompared,
        bound: "ci",
        property: "leader completeness",
        lesson: "who lacks what is committed is not elected (thesis, section 3.6.1)",
    },
    Mutant {
        name: "stale-vote-counted",
        bug: Bug::StaleVoteCounted,
        bound: "overlap",
        property: "votes counted are distinct voters",
        lesson: "a vote is of its term",
    },
    Mutant {
        name: "appends-without-match",
        bug: Bug::AppendsWithoutMatch,
        bound: "conflicts",
        property: "state machine safety",
        lesson: "entries follow the one that they were sent to follow",
    },
    Mutant {
        name: "clocks-drift",
        bug: Bug::ClocksDrift,
        bound: "leases",
        property: "one valid lease at a time",
        lesson: "a lease is as good as the clocks",
    },
    Mutant {
        name: "restart-forgets-lease",
        bug: Bug::RestartForgetsLease,
        bound: "deep-leases-crash",
        property: "reads are linearizable",
        lesson: "a restart does not free from a promise",
    },
    Mutant {
        name: "late-answer-extends-lease",
        bug: Bug::LateAnswerExtendsLease,
        bound: "leases",
        property: "one valid lease at a time",
        lesson: "a lease counts from when it was asked for",
    },
    Mutant {
        name: "rejection-ignored",
        bug: Bug::RejectionIgnored,
        bound: "window-snapshots",
        property: "a lagging follower catches up",
        lesson: "what was sent ahead and lost is sent again",
    },
    Mutant {
        name: "sends-beyond-window",
        bug: Bug::SendsBeyondWindow,
        bound: "window",
        property: "what is in flight fits the window",
        lesson: "who does not answer is not flooded",
    },
    Mutant {
        name: "drop-is-voter",
        bug: Bug::Drop(Guard::IsVoter),
        bound: "learners",
        property: "who stands is a voter, or was one",
        lesson: "a learner does not stand",
    },
    Mutant {
        name: "drop-no-unapplied-change",
        bug: Bug::Drop(Guard::NoUnappliedChange),
        bound: "at-apply",
        property: "election safety",
        lesson: "who has changes to apply does not know whose votes it needs",
    },
    Mutant {
        name: "drop-quorum-pre-voted",
        bug: Bug::Drop(Guard::QuorumPreVoted),
        bound: "pre-vote",
        property: "who stands was found electable",
        lesson: "who would lose does not disturb",
    },
    Mutant {
        name: "drop-own-vote-synced",
        bug: Bug::Drop(Guard::OwnVoteSynced),
        bound: "disk",
        property: "election safety",
        lesson: "a candidate must remember that it stood",
    },
    Mutant {
        name: "drop-quorum-voted",
        bug: Bug::Drop(Guard::QuorumVoted),
        bound: "ci",
        property: "election safety",
        lesson: "a leader is elected",
    },
    Mutant {
        name: "drop-is-leader",
        bug: Bug::Drop(Guard::IsLeader),
        bound: "conflicts",
        property: "log matching",
        lesson: "entries come from leaders",
    },
    Mutant {
        name: "drop-stored-by-quorum",
        bug: Bug::Drop(Guard::StoredByQuorum),
        bound: "ci",
        property: "a commit is durable",
        lesson: "what one server has can be lost",
    },
    Mutant {
        name: "drop-of-own-term",
        bug: Bug::Drop(Guard::OfOwnTerm),
        bound: "three-terms",
        property: "old-term entries are never committed by counting",
        lesson: "a later leader may overwrite what a quorum has",
    },
    Mutant {
        name: "drop-committed",
        bug: Bug::Drop(Guard::Committed),
        bound: "at-apply",
        property: "applied in order, once per incarnation",
        lesson: "what is applied is final",
    },
    Mutant {
        name: "drop-applied",
        bug: Bug::Drop(Guard::Applied),
        bound: "snapshots",
        property: "state machine safety",
        lesson: "a snapshot is of the state machine",
    },
    Mutant {
        name: "drop-nothing-pending",
        bug: Bug::Drop(Guard::NothingPending),
        bound: "joint",
        property: "one pending change",
        lesson: "one change at a time",
    },
    Mutant {
        name: "drop-committed-in-own-term",
        bug: Bug::Drop(Guard::CommittedInOwnTerm),
        bound: "joint",
        property: "one pending change",
        lesson: "a new leader does not know what changes are committed",
    },
    Mutant {
        name: "drop-joint-committed",
        bug: Bug::Drop(Guard::JointCommitted),
        bound: "joint",
        property: "one pending change",
        lesson: "both majorities must know that both are asked",
    },
    Mutant {
        name: "drop-not-leaving",
        bug: Bug::Drop(Guard::NotLeaving),
        bound: "at-apply-joint",
        property: "one pending change",
        lesson: "to leave once is enough",
    },
    Mutant {
        name: "drop-caught-up",
        bug: Bug::Drop(Guard::CaughtUp),
        bound: "transfer",
        property: "who is told to stand has the leader's log",
        lesson: "who lacks entries is not elected",
    },
    Mutant {
        name: "drop-read-in-own-term",
        bug: Bug::Drop(Guard::ReadInOwnTerm),
        bound: "reads",
        property: "reads are linearizable",
        lesson: "a new leader does not know what is committed",
    },
    Mutant {
        name: "drop-read-confirmed",
        bug: Bug::Drop(Guard::ReadConfirmed),
        bound: "reads",
        property: "reads are linearizable",
        lesson: "another may lead",
    },
    Mutant {
        name: "drop-read-applied",
        bug: Bug::Drop(Guard::ReadApplied),
        bound: "follower-reads",
        property: "reads are linearizable",
        lesson: "what is committed is read when it is applied",
    },
    Mutant {
        name: "drop-lease-valid",
        bug: Bug::Drop(Guard::LeaseValid),
        bound: "leases",
        property: "reads are linearizable",
        lesson: "another may lead",
    },
    Mutant {
        name: "drop-not-yielded",
        bug: Bug::Drop(Guard::NotYielded),
        bound: "deep-transfer-lease",
        property: "reads are linearizable",
        lesson: "who was told to stand may have been elected",
    },
    Mutant {
        name: "drop-not-paused",
        bug: Bug::Drop(Guard::NotPaused),
        bound: "window",
        property: "a paused follower is sent nothing",
        lesson: "one probe at a time, and nothing behind a snapshot",
    },
];
