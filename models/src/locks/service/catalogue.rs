//! What can be planted in the lock service, and its constants.

use super::{Guard, LockService, Resource, bounds, mutants};
use proofmark_vocabulary::{Bound, Catalogued, Constant, ConstantError, Constants, Domain, Mutant};

/// What can be planted in the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bug {
    /// A guard is dropped.
    Drop(Guard),
    /// The lock of a session that has ended is free at once.
    FreesAtOnce,
    /// A client does not look at its own clock: it asks, goes on and keeps its session until it is told that it has
    /// ended.
    WaitsToBeTold,
    /// A stalled master asks the newest for the ends of sessions whose leases it takes for over, and the newest commits
    /// them as its own whenever they arrive.
    ForwardsRevokes,
    /// A client that is told before it sleeps does not notice.
    MissesWatch,
    /// A client whose release is lost takes it for done.
    ForgetsOnLoss,
    /// A new master knows of no session.
    FailoverForgetsSessions,
    /// A new master takes all leases for over.
    FailoverGivesNoLease,
    /// A new master takes a lock-delay for over.
    FailoverForgetsDelay,
    /// The number of generations is not in the log.
    GenerationsInMemory,
    /// A new master does not know the last command that was committed.
    FailoverLosesCommand,
    /// Who asks is granted the lock, whoever holds it.
    GrantsWhatIsHeld,
    /// A client counts its lease from the answer.
    CountsFromAnswer,
    /// A master counts as long as a client, though its clock may be faster.
    NoMargin,
    /// Who asks for a lock that nobody holds is granted it in the lock-delay.
    GrantsInLockDelay,
    /// A reader joins others though a writer waits.
    ReadersBarge,
    /// One waiter is served, and not those behind it that are compatible.
    ServesOne,
    /// A release serves nobody.
    ReleaseServesNobody,
    /// A release of what is over frees the lock, whoever holds it.
    ReleaseFreesAnyone,
    /// The end of a session leaves what it holds.
    ExpiryKeepsLock,
    /// The end of a session leaves it waiting.
    ExpiryKeepsWaiter,
    /// Who joins a shared group begins a generation.
    JoinerCounts,
    /// The resource does not note the sequencers of shared holdings.
    ReadsUnnoted,
}

impl Catalogued for LockService {
    type Bug = Bug;

    const NAME: &'static str = "lock-service";
    const ABOUT: &'static str = "A lock service over a replicated log (Burrows, Chubby, sections 2.4, 2.8 and 2.9): \
                                 sessions with leases, jeopardy and grace period, sequencers, lock-delay, fair \
                                 queueing and failover of the master.";
    const MUTANTS: &'static [Mutant<Bug>] = mutants::MUTANTS;

    fn constants() -> Vec<Constant> {
        let number = |name, least, most, about| Constant { name, domain: Domain::Integer(least, most), about };
        let truth = |name, about| Constant { name, domain: Domain::Boolean, about };
        let choice = |name, words, about| Constant { name, domain: Domain::Choice(words), about };
        vec![
            number("clients", 1, 3, "how many clients there are"),
            number("attempts", 0, 2, "how often each asks for the lock; 0 for without end, and without sequencers"),
            number("lease", 0, 2, "the session lease, in ticks; 0 where a session lasts as long as its client"),
            number("drift", 0, 1, "by how many ticks a client's clock may be slow in a lease"),
            truth("opening", "whether sessions are opened; else they are there from the start"),
            truth("shared", "whether the lock is asked for in shared mode too"),
            choice("queue", &["server", "watch"], "whether the master tells a waiter, or a watch on who is before it"),
            choice("resource", &["none", "trusting", "sequencers"], "what the lock protects"),
            choice(
                "requests",
                &["bounded", "unbounded"],
                "whether requests to the resource arrive before the second tick or never, or after any time",
            ),
            truth("lock-delay", "whether a lock whose holder's session has ended is granted to nobody before a tick"),
            truth("duplicates", "whether every request that was ever sent to the master may arrive again"),
            number("losses", 0, 2, "how many requests to the master and grants may be lost"),
            number("crashes", 0, 2, "how many clients may crash"),
            number("failovers", 0, 2, "how often there is a new master"),
            truth("stalled", "whether the master before the newest is alive and stalled, and masters have leases"),
            number("commands", 0, 8, "how many commands fill the log; 0 where it is not kept"),
        ]
    }

    fn bounds() -> Vec<Bound> {
        bounds::all()
    }

    fn new(constants: &Constants, bug: Option<Bug>) -> Result<Self, ConstantError> {
        let small = |name| constants.number(name).to_le_bytes()[0];
        let m = Self {
            clients: constants.number("clients"),
            attempts: small("attempts"),
            lease: small("lease"),
            drift: small("drift"),
            opening: constants.is("opening"),
            shared: constants.is("shared"),
            watch: constants.choice("queue") == "watch",
            resource: match constants.choice("resource") {
                "trusting" => Resource::Trusting,
                "sequencers" => Resource::Sequencers,
                _ => Resource::None,
            },
            bounded: constants.choice("requests") == "bounded",
            lock_delay: constants.is("lock-delay"),
            duplicates: constants.is("duplicates"),
            losses: small("losses"),
            crashes: constants.number("crashes"),
            failovers: small("failovers"),
            stalled: constants.is("stalled"),
            commands: constants.number("commands"),
            bug,
        };
        m.fits_together()?;
        Ok(m)
    }
}

impl LockService {
    fn fits_together(&self) -> Result<(), ConstantError> {
        let timed = self.lock_delay || self.bounded || self.opening || self.drift > 0 || self.stalled;
        let refusals = [
            (
                self.lease == 0 && timed,
                "`lease` 0 has no time: `lock-delay`, `opening` and `stalled` are false, `drift` is 0, `requests` unbounded",
            ),
            (
                self.attempts == 0 && self.resource != Resource::None,
                "`attempts` 0 has no sequencers: `resource` is none",
            ),
            (
                self.attempts == 0 && self.duplicates,
                "`attempts` 0 has no numbers to tell duplicates: `duplicates` is false",
            ),
            (self.watch && self.shared, "the queue by watches is for exclusive mode alone: `shared` is false"),
            (self.watch && self.lock_delay, "the queue by watches has no lock-delay: `lock-delay` is false"),
            (
                self.commands > 0 && self.attempts == 0,
                "requests without end fill any log: with `commands`, `attempts` is 1 or more",
            ),
            (self.stalled && self.failovers == 0, "nobody is stalled before a failover: `failovers` is 1 or more"),
            (self.bounded && self.resource == Resource::None, "`requests` bounded is of a resource, and there is none"),
            (self.crashes >= self.clients, "a client that lives is needed: `crashes` is less than `clients`"),
        ];
        let refused = refusals.iter().find(|(refused, _)| *refused);
        refused.map_or(Ok(()), |(_, why)| Err(ConstantError::new(*why)))
    }
}
