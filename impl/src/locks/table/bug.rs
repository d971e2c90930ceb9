//! The bugs that can be planted in the lock table.

/// A bug, planted on purpose where the feature `mutants` is on. Those with a slug are real ones, found in the field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Bug {
    // Of the entry machine.
    /// A request is granted although others wait: it barges past the queue.
    Barges,
    /// A request is granted beside a holder that it conflicts with, if that is not the first one.
    ComparesWithFirstHolder,
    /// Serving ends when it meets a waiter that has given up (`rwlock-writer-handoff-starves-readers`).
    ServeEndsAtDeadWaiter,
    /// A release asks for the number of holders before it, and serves only if that was none
    /// (`rwmutex-fetchsub-prev-value`).
    ServesByPreviousCount,
    /// A downgrade serves nobody.
    DowngradeServesNobody,
    /// A waiter that leaves serves nobody.
    LeaveServesNobody,
    /// Serving grants one waiter alone.
    ServesOne,
    /// An upgrade is granted beside other holders that it conflicts with.
    UpgradeIgnoresHolders,
    /// An upgrade has to queue behind first requests: who holds waits for who waits for it.
    UpgradeQueuesLast,
    /// An upgrade releases and then requests anew (`rwlock-upgrade-not-atomic`).
    UpgradeReleasesFirst,
    /// A waiter that leaves takes its holding with it.
    LeaveForgetsHolding,
    /// The search for deadlocks knows no waits behind other waiters (`rwlock-upgradable-deadlock`).
    QueueBlocksNobody,
    /// The search for deadlocks chooses the oldest.
    OldestIsVictim,
    /// A joiner has the present generation, also where it conflicts with one that has gone.
    JoinerKeepsGeneration,
    /// A conversion keeps its sequencer.
    ConversionKeepsSequencer,
    /// Under wait-die the younger waits, and the older is refused.
    YoungWaits,
    /// A wounded owner goes on to ask.
    WoundIsIgnored,
    /// An entry that nobody uses stays.
    KeepsUnused,

    // Of threads.
    /// A waiter is woken before its fate is decided.
    WakesBeforeGrant,
    /// A grant is stored, whatever became of the waiter.
    GrantIgnoresFate,
    /// A request that is cancelled when it was granted already leaves the grant behind (`notify-permit-lost-on-drop`).
    CancelLosesGrant,
    /// A waiter whose time is over stays in the queue, and the next grant goes to it (`waitqueue-stale-waker`).
    TimedOutStaysQueued,
    /// A future that is polled again keeps the waker of its first poll.
    KeepsFirstWaker,
    /// A future looks at its fate, and then leaves its waker without looking again (`condvar-notify-without-mutex`).
    LooksBeforeRegistering,
    /// A thread that waits parks once, and takes any waking for a grant.
    ParksOnce,
    /// A first request does not look whether the entry has come in the meantime.
    InsertsBlindly,
    /// A wait is shown to the search for deadlocks only after it has searched.
    SearchesBeforeWaiting,
    /// A deadlock that was seen piece by piece is not looked at again.
    BelievesFirstLook,
    /// Several keys are acquired in the order in which they are named.
    UnorderedKeys,
    /// The grant publishes nothing (`rwlock-wrong-memory-order`).
    RelaxedGrant,
    /// Who waits reads its fate without what was published with it.
    RelaxedLook,
    /// Who gives up and was granted reads that without what was published with it.
    RelaxedWithdrawal,
}

impl Bug {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Bug::Barges,
        Bug::ComparesWithFirstHolder,
        Bug::ServeEndsAtDeadWaiter,
        Bug::ServesByPreviousCount,
        Bug::DowngradeServesNobody,
        Bug::LeaveServesNobody,
        Bug::ServesOne,
        Bug::UpgradeIgnoresHolders,
        Bug::UpgradeQueuesLast,
        Bug::UpgradeReleasesFirst,
        Bug::LeaveForgetsHolding,
        Bug::QueueBlocksNobody,
        Bug::OldestIsVictim,
        Bug::JoinerKeepsGeneration,
        Bug::ConversionKeepsSequencer,
        Bug::YoungWaits,
        Bug::WoundIsIgnored,
        Bug::KeepsUnused,
        Bug::WakesBeforeGrant,
        Bug::GrantIgnoresFate,
        Bug::CancelLosesGrant,
        Bug::TimedOutStaysQueued,
        Bug::KeepsFirstWaker,
        Bug::LooksBeforeRegistering,
        Bug::ParksOnce,
        Bug::InsertsBlindly,
        Bug::SearchesBeforeWaiting,
        Bug::BelievesFirstLook,
        Bug::UnorderedKeys,
        Bug::RelaxedGrant,
        Bug::RelaxedLook,
        Bug::RelaxedWithdrawal,
    ];
}
