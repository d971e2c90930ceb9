//! The lock service's mutants: real bugs, mistakes that are easily made, and each guard dropped.

use super::liveness::{CRASHED_FREED, RELEASED_FREED, WAITER_ENDS};
use super::properties::{
    AT_RESOURCE, AT_SERVER, COMMITTED, COMPATIBLE, DELAY_KEPT, GENERATION, GRANT_KEPT, GROW, HEAD, IDEMPOTENT, LEASES,
    NO_EARLY_EXPIRY, NO_RETURN, OWNER,
};
use super::{Bug, Guard};
use proofmark_vocabulary::Mutant;

pub(super) const MUTANTS: &[Mutant<Bug>] = &[
    mutant(
        "chubby-lock-delay",
        Bug::FreesAtOnce,
        "lock-delay",
        AT_RESOURCE,
        "a request of a dead holder may be late, so the lock is not free at once (Burrows, OSDI 2006, section 2.4)",
    ),
    mutant(
        "consul-lock-partitioned-holder",
        Bug::WaitsToBeTold,
        "lock-delay",
        AT_RESOURCE,
        "who is cut off is told nothing, and stops by its own clock (hashicorp/consul#1843)",
    ),
    mutant(
        "etcd-old-leader-revokes-leases",
        Bug::ForwardsRevokes,
        "failover",
        NO_EARLY_EXPIRY,
        "who was superseded knows nothing of renewals since, and its revokes are not the new one's (etcd-io/etcd#15247)",
    ),
    mutant(
        "zk-lock-missed-watch",
        Bug::MissesWatch,
        "watch",
        WAITER_ENDS,
        "who is told before it sleeps must not sleep (apache/curator#1046)",
    ),
    mutant(
        "zk-lock-release-connloss",
        Bug::ForgetsOnLoss,
        "watch-faults",
        RELEASED_FREED,
        "a release that may be lost is asked for until it is confirmed (apache/curator#1193)",
    ),
    mutant(
        "failover-forgets-sessions",
        Bug::FailoverForgetsSessions,
        "faults",
        CRASHED_FREED,
        "a new master reads the sessions from the log, or nobody ends them",
    ),
    mutant(
        "failover-gives-no-lease",
        Bug::FailoverGivesNoLease,
        "failover",
        NO_EARLY_EXPIRY,
        "the last master may have given a full lease in its last moment",
    ),
    mutant(
        "failover-forgets-lock-delay",
        Bug::FailoverForgetsDelay,
        "lock-delay",
        DELAY_KEPT,
        "a new master does not know how long the lock-delay has lasted",
    ),
    mutant(
        "failover-loses-a-command",
        Bug::FailoverLosesCommand,
        "log",
        COMMITTED,
        "who is elected knows all that was committed",
    ),
    mutant("grants-what-is-held", Bug::GrantsWhatIsHeld, "ci", COMPATIBLE, "this is what a lock is for"),
    mutant(
        "generations-in-memory",
        Bug::GenerationsInMemory,
        "ci",
        GROW,
        "the number of generations is in the log, with the lock",
    ),
    mutant(
        "lease-from-the-answer",
        Bug::CountsFromAnswer,
        "lease",
        NO_EARLY_EXPIRY,
        "a lease is counted from when it was asked for: the answer may be late",
    ),
    mutant("no-drift-margin", Bug::NoMargin, "sessions", NO_EARLY_EXPIRY, "clocks that drift apart need a margin"),
    mutant(
        "grants-in-lock-delay",
        Bug::GrantsInLockDelay,
        "lock-delay",
        DELAY_KEPT,
        "a lock that nobody holds may still not be free",
    ),
    mutant("readers-barge", Bug::ReadersBarge, "group", WAITER_ENDS, "readers that join past a writer starve it"),
    mutant("serves-one", Bug::ServesOne, "group", HEAD, "who is served lets the compatible ones behind it in"),
    mutant("release-serves-nobody", Bug::ReleaseServesNobody, "ci", HEAD, "who gives back lets the next one in"),
    mutant(
        "release-frees-anyone",
        Bug::ReleaseFreesAnyone,
        "duplicates",
        OWNER,
        "a release that comes again finds another holder",
    ),
    mutant("expiry-keeps-lock", Bug::ExpiryKeepsLock, "ci", GRANT_KEPT, "what a session has ends with it"),
    mutant("expiry-keeps-waiter", Bug::ExpiryKeepsWaiter, "ci", GRANT_KEPT, "who waits, waits no longer than it lives"),
    mutant("joiner-counts", Bug::JoinerCounts, "shared", GENERATION, "a generation is the lock's, not a holder's"),
    mutant(
        "reads-unnoted",
        Bug::ReadsUnnoted,
        "shared",
        AT_RESOURCE,
        "a writer that is late must not write behind a reader either",
    ),
    drop(Guard::Alive, "drop-alive", "faults", CRASHED_FREED, "a session lives as long as its client"),
    drop(Guard::SessionNew, "drop-session-new", "sessions", NO_RETURN, "a request for a session may come twice"),
    drop(Guard::SessionLive, "drop-session-live", "ci", LEASES, "what has ended cannot be renewed"),
    drop(
        Guard::MasterLease,
        "drop-master-lease",
        "failover",
        NO_EARLY_EXPIRY,
        "who may have been superseded gives no leases, for the new master would not know of them",
    ),
    drop(
        Guard::OperationsAnswered,
        "drop-operations-answered",
        "lock-delay",
        AT_RESOURCE,
        "who gives the lock back has nothing on its way, or it is late for the next holder",
    ),
    drop(
        Guard::SessionLiveToAcquire,
        "drop-session-live-to-acquire",
        "ci",
        GRANT_KEPT,
        "the dead are granted nothing: nobody would free it",
    ),
    drop(Guard::NewAttempt, "drop-new-attempt", "duplicates", GRANT_KEPT, "a request that comes again is no new one"),
    drop(
        Guard::NotOlder,
        "drop-not-older",
        "duplicates",
        IDEMPOTENT,
        "a release of before does not end what has begun since",
    ),
    drop(
        Guard::GrantOnItsWay,
        "drop-grant-on-its-way",
        "ci",
        AT_SERVER,
        "who was not told that it holds the lock does not",
    ),
    drop(Guard::Released, "drop-released", "faults", RELEASED_FREED, "who has sent a release has not given back yet"),
    drop(Guard::LeaseOver, "drop-lease-over", "ci", NO_EARLY_EXPIRY, "a session that is not over does not end"),
    drop(
        Guard::NewestTerm,
        "drop-newest-term",
        "failover",
        NO_EARLY_EXPIRY,
        "what was superseded commits nothing: its entry is of an older term",
    ),
    drop(Guard::DelayOver, "drop-delay-over", "lock-delay", DELAY_KEPT, "a lock-delay lasts as long as requests may"),
    drop(
        Guard::OldMasterLeaseOver,
        "drop-old-master-lease-over",
        "failover",
        NO_EARLY_EXPIRY,
        "two masters answer, and what one promises the other does not keep",
    ),
    drop(Guard::LeaseValid, "drop-lease-valid", "lock-delay", AT_RESOURCE, "who is in jeopardy does not use the lock"),
    drop(
        Guard::SequencerCurrent,
        "drop-sequencer-current",
        "ci",
        AT_RESOURCE,
        "a sequencer that is not checked fences nobody off",
    ),
];

const fn mutant(
    name: &'static str,
    bug: Bug,
    bound: &'static str,
    property: &'static str,
    lesson: &'static str,
) -> Mutant<Bug> {
    Mutant { name, bug, bound, property, lesson }
}

const fn drop(
    guard: Guard,
    name: &'static str,
    bound: &'static str,
    property: &'static str,
    lesson: &'static str,
) -> Mutant<Bug> {
    mutant(name, Bug::Drop(guard), bound, property, lesson)
}
