//! What can be planted in the lease lock, and what must notice it.

use super::properties::{
    CRASHED_FREED, DELETE_FREES, DOES_NOTHING, DOWN, EXCLUSION, HOLDERS_OPERATE, IDEMPOTENT, LATE_REFUSED, OVER_FREED,
    OWNER_RELEASES, RELEASED_FREED, RESOURCE, SEQUENCERS_GROW, WAITER_ENDS,
};
use super::{Guard, LeaseLock};
use proofmark_vocabulary::{Catalogued, Mutant};

/// What can be planted in the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bug {
    /// A guard is dropped.
    Drop(Guard),
    /// Grants have no sequencers, and the resource has nothing to look at.
    NoFencing,
    /// The key is created first, and its time to live set by another command.
    ExpireApart,
    /// What starts the watchdog comes after the release that stops it.
    WatchdogOutlives,
    /// A server counts by the wall clock.
    WallClock,
    /// A client counts its lease from when it hears of the grant.
    CountsFromAnswer,
    /// The same of a renewal.
    RenewsFromAnswer,
    /// A client takes nothing off its lease for drift.
    IgnoresDrift,
    /// Half of the servers make a grant.
    HalfGrants,
    /// The value of the key names the client and not the request.
    ValueNamesClient,
    /// The resource refuses what has the greatest sequencer.
    RefusesEqual,
    /// The resource lets everybody read.
    ReadsUnfenced,
    /// The resource does not remember who has read.
    ReadsForgotten,
    /// A server has its keys in memory.
    KeysInMemory,
    /// The server has its counter in memory.
    CounterInMemory,
    /// A server takes a client's new request for a copy of one that it has granted before.
    TakesForCopy,
    /// A server compares the key with something that it never is, and so no delete deletes.
    DeletesNothing,
}

type Row = Mutant<<LeaseLock as Catalogued>::Bug>;

const fn mutant(
    name: &'static str,
    bug: Bug,
    bound: &'static str,
    property: &'static str,
    lesson: &'static str,
) -> Row {
    Mutant { name, bug, bound, property, lesson }
}

const fn drop(
    name: &'static str,
    guard: Guard,
    bound: &'static str,
    property: &'static str,
    lesson: &'static str,
) -> Row {
    mutant(name, Bug::Drop(guard), bound, property, lesson)
}

pub(super) const MUTANTS: &[Row] = &[
    mutant(
        "lock-lease-expiry-no-fencing",
        Bug::NoFencing,
        "fenced",
        RESOURCE,
        "a lease ends while its holder is paused: only the resource can tell (redisson/redisson#3636)",
    ),
    mutant(
        "lock-setnx-then-expire",
        Bug::ExpireApart,
        "crash",
        CRASHED_FREED,
        "the key and its time to live are one command, or a crash comes between (redis/redis-py#554)",
    ),
    mutant(
        "lock-watchdog-outlives-unlock",
        Bug::WatchdogOutlives,
        "watchdog",
        RELEASED_FREED,
        "a watchdog that starts after the release renews for ever (redisson/redisson#7272)",
    ),
    mutant(
        "lock-redlock-clock-jump",
        Bug::WallClock,
        "redlock",
        EXCLUSION,
        "a lease is counted by a clock that does not jump (Kleppmann 2016, How to do distributed locking)",
    ),
    mutant("counts-from-answer", Bug::CountsFromAnswer, "calm", EXCLUSION, "the grant may be as old as the question"),
    mutant("renews-from-answer", Bug::RenewsFromAnswer, "watchdog", EXCLUSION, "so may the renewal"),
    mutant("ignores-drift", Bug::IgnoresDrift, "drift", EXCLUSION, "who may be slow stops early"),
    mutant("half-grants", Bug::HalfGrants, "redlock", EXCLUSION, "two halves need not meet"),
    mutant(
        "value-names-client",
        Bug::ValueNamesClient,
        "calm",
        OWNER_RELEASES,
        "a late delete is of the holding before: the value is new for every request",
    ),
    mutant("refuses-equal", Bug::RefusesEqual, "fenced", LATE_REFUSED, "a holder writes more than once"),
    mutant("reads-unfenced", Bug::ReadsUnfenced, "fenced", RESOURCE, "who reads late reads what is another's"),
    mutant(
        "reads-forgotten",
        Bug::ReadsForgotten,
        "fenced",
        RESOURCE,
        "who has read must not see a change by one that held the lock before",
    ),
    mutant(
        "keys-in-memory",
        Bug::KeysInMemory,
        "redlock-durable",
        EXCLUSION,
        "a server that forgets its grant votes twice (the Redis documentation: fsync=always, or a late restart)",
    ),
    mutant(
        "counter-in-memory",
        Bug::CounterInMemory,
        "fenced-restart",
        SEQUENCERS_GROW,
        "a sequencer is for ever, and so is the counter that gives it",
    ),
    mutant(
        "takes-for-copy",
        Bug::TakesForCopy,
        "crash",
        WAITER_ENDS,
        "a new request is no copy of the one before: copies are told by the request's number",
    ),
    mutant(
        "release-deletes-nothing",
        Bug::DeletesNothing,
        "crash",
        DELETE_FREES,
        "that a lease ends hides that nothing else ends a holding",
    ),
    drop("drop-idle", Guard::Idle, "fenced", DOES_NOTHING, "who is paused asks for nothing"),
    drop("drop-waiting", Guard::Waiting, "fenced", DOES_NOTHING, "who is paused learns of nothing"),
    drop("drop-majority-granted", Guard::MajorityGranted, "calm", EXCLUSION, "a grant is the servers' to give"),
    drop(
        "drop-still-waiting",
        Guard::StillWaiting,
        "calm",
        RESOURCE,
        "who holds the lock has to wait for its answer before it gives the lock back",
    ),
    drop("drop-key-absent", Guard::KeyAbsent, "calm", EXCLUSION, "the key is the lock"),
    drop("drop-holding-to-operate", Guard::HoldingToOperate, "calm", HOLDERS_OPERATE, "to have asked is not to hold"),
    drop("drop-lease-valid", Guard::LeaseValid, "calm", RESOURCE, "who does not look at the clock writes too late"),
    drop("drop-paused", Guard::Paused, "fenced", HOLDERS_OPERATE, "what was not begun cannot go on"),
    drop("drop-holding-to-release", Guard::HoldingToRelease, "fenced", DOES_NOTHING, "who is paused releases nothing"),
    drop(
        "drop-answered",
        Guard::Answered,
        "calm",
        RESOURCE,
        "what is still on its way when the lock is given back arrives in another's holding",
    ),
    drop(
        "drop-own-to-delete",
        Guard::OwnToDelete,
        "calm",
        IDEMPOTENT,
        "a delete compares, or the second one frees another's lock (lukas-krecan/ShedLock#2583)",
    ),
    drop(
        "drop-holding-to-renew",
        Guard::HoldingToRenew,
        "watchdog",
        WAITER_ENDS,
        "a watchdog that renews for who is paused for ever keeps everyone else out",
    ),
    drop(
        "drop-lease-valid-to-renew",
        Guard::LeaseValidToRenew,
        "watchdog",
        OVER_FREED,
        "a watchdog that goes on when the lease is over keeps the lock from everyone, its own client too",
    ),
    drop("drop-own-to-extend", Guard::OwnToExtend, "redlock-watchdog", EXCLUSION, "what has expired cannot be renewed"),
    drop("drop-majority-extended", Guard::MajorityExtended, "watchdog", EXCLUSION, "a renewal is the servers' to give"),
    drop(
        "drop-renewed-in-time",
        Guard::RenewedInTime,
        "redlock-watchdog",
        RESOURCE,
        "who renews too late may have had another between: it has to ask again",
    ),
    drop("drop-not-too-small", Guard::NotTooSmall, "fenced", RESOURCE, "to be shown a sequencer is to look at it"),
    drop("drop-too-small", Guard::TooSmall, "fenced", LATE_REFUSED, "who holds the lock is served"),
    drop("drop-up", Guard::Up, "redlock-durable", DOWN, "who is down answers nobody"),
    drop("drop-down", Guard::Down, "redlock-durable", DOWN, "who is up has not restarted"),
    drop(
        "drop-waited-out",
        Guard::WaitedOut,
        "redlock-late-restart",
        EXCLUSION,
        "who has forgotten its grants waits until they are over",
    ),
];
