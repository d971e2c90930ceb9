//! A lock service over a replicated log: Burrows, *The Chubby Lock Service for Loosely-Coupled Distributed Systems*
//! (OSDI 2006), sections 2.4 (locks, sequencers, lock-delay), 2.8 (sessions) and 2.9 (fail-overs); the queue by watches
//! is the lock recipe of Hunt et al., `ZooKeeper` (USENIX ATC 2010), section 2.4. There is one lock.
//!
//! The **log** is not modelled but assumed: what sessions there are, who holds the lock and who waits is what the
//! committed commands say ([`Cell`]), and to commit is one step. [`replicated_log`](crate::problems::replicated_log)
//! says what is assumed, Paxos and Raft how it comes to be. A master is told by its term. Leases are not in the log but
//! in the master's memory, so a new master gives every session a full one.
//!
//! What needs no commit, the answer to a `KeepAlive`, needs a **master lease**. The replicas renew that of the newest
//! master, or do not, if it is cut off; as long as it lasts it answers, and no other master is elected. A master that
//! was superseded may be alive and stalled. It tries to answer and to end sessions from the memory that it had, and its
//! lease and its term keep it from that. Where no master is ever stalled, who was superseded is dead and answers
//! nobody, and no master lease is counted.
//!
//! **Time** is in ticks, which pass everywhere at once. A session lease is `lease` ticks. A client's clock may be slow
//! by `drift` ticks a lease, so here it believes for `lease + drift` of them, counted from when it sent its
//! `KeepAlive`; an exact clock stops earlier, which is to do nothing with the rest. The master counts `lease + drift`
//! from its answer. Whatever takes an unknown time (a message, a pause, an election) is a step that comes late, and the
//! grace period ends at any moment in jeopardy. The lock-delay lasts until the next tick. That is long enough for
//! requests to the resource that are bounded: they take a tick at most, and the holder has sent the last one before the
//! tick that ended its lease.
//!
//! A **pause** of a holder between its look at the clock and its sending is the delay of what it sends. A **partition**
//! is that nothing arrives. Requests carry the number of the client's attempt; where `duplicates` are on, every request
//! that was ever sent may arrive again, at any time. Where they are off, requests of one client arrive in order, as on
//! one connection.
//!
//! Left out: files, caches and other events, which do not touch the lock; try, since it changes nothing or is granted
//! at once; the close of a session, which is an expiry without lock-delay; the return of a client that has crashed or
//! lost its session, which comes back as another one; what a stale master answers to who looks at the queue, since it
//! shows at most nodes that are gone; a `KeepAlive` that arrives after its client has sent another, since it only makes
//! the master's lease longer.
//!
//! It refines [`mutual_exclusion`](crate::problems::mutual_exclusion), and what its masters know the replicated log.
//! Since there is one log of which every master knows a prefix, that fails only if the log loses what was committed.

mod bounds;
mod catalogue;
mod cell;
mod client;
mod enabled;
mod liveness;
mod lock;
mod mutants;
mod properties;
mod refinement;
mod scene;
mod sessions;

pub use catalogue::Bug;
pub use cell::{Cell, Command, Line, Session};
pub use client::{Call, Phase, Watch, Wire};

use crate::guard::guards;
use crate::problems::mutual_exclusion::Mode;
use crate::problems::replicated_log::Prefix;
use crate::{Few, Map};
use proofmark_vocabulary::{Model, Property};

/// The constants, and the bug planted in the model, if any.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a feature that is there or not")]
pub struct LockService {
    /// How many clients there are, at most [`MOST_CLIENTS`].
    pub clients: usize,
    /// How often each asks for the lock, at most [`MOST_ATTEMPTS`]; 0 for without end, and then there are no
    /// sequencers.
    pub attempts: u8,
    /// The session lease, in ticks; 0 where a session lasts as long as its client, and no time passes.
    pub lease: u8,
    /// By how many ticks a client's clock may be slow in a lease.
    pub drift: u8,
    /// Whether sessions are opened; else they are there from the start.
    pub opening: bool,
    /// Whether the lock is asked for in shared mode too.
    pub shared: bool,
    /// Whether a waiter waits by a watch on who is before it; else the master tells it.
    pub watch: bool,
    /// What the lock protects.
    pub resource: Resource,
    /// Whether requests to the resource arrive before the second tick or never; else after any time.
    pub bounded: bool,
    /// Whether there is a lock-delay.
    pub lock_delay: bool,
    /// Whether every request that was ever sent to the master may arrive again.
    pub duplicates: bool,
    /// How many requests to the master and grants may be lost.
    pub losses: u8,
    /// How many clients may crash.
    pub crashes: usize,
    /// How often there is a new master, at most [`MOST_FAILOVERS`].
    pub failovers: u8,
    /// Whether the last master is alive and stalled, and masters have leases.
    pub stalled: bool,
    /// How many commands the log may have; 0 where what was committed is not kept.
    pub commands: usize,
    /// The bug.
    pub bug: Option<Bug>,
}

/// What the lock protects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resource {
    /// Nothing that is modelled.
    None,
    /// A file server that does whatever it is asked.
    Trusting,
    /// A file server that checks sequencers.
    Sequencers,
}

/// The most clients that the model can have.
pub const MOST_CLIENTS: usize = 3;
/// The most attempts of a client, if they are numbered.
pub const MOST_ATTEMPTS: u8 = 2;
/// The most failovers.
pub const MOST_FAILOVERS: u8 = 2;
/// How long a master lease is, in ticks. A tick would be too short to do harm: a master that is superseded gives no
/// longer leases before the next tick than its successor has given already.
const MASTER_LEASE: u8 = 2;
/// The most generations, one for each attempt.
const MOST_GENERATIONS: u8 = 7;

/// The variables: the clients', what is on its way, the cell's, its masters', the resource's, and history.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct State {
    /// What each client is doing.
    pub phase: Map<Phase, u32>,
    /// The number of its present attempt.
    pub attempt: Map<u8, u32>,
    /// The attempts that ask for shared mode, by [`attempt_of`].
    pub shared: Few,
    /// How long it believes its lease to last, in ticks; at 0 it is in jeopardy.
    pub lease: Map<u8, u32>,
    /// The sequencer that it has been told.
    pub known: Map<Option<u8>, u32>,
    /// What a client that waits by a watch is about to do.
    pub watch: Map<Watch, u32>,
    /// Its `KeepAlive`.
    pub call: Map<Call, u32>,
    /// Its request to the master.
    pub wire: Map<Wire, u32>,
    /// The grant that is on its way to it, with its sequencer.
    pub grant: Map<Option<u8>, u32>,
    /// The clients to whom it is on its way that what they watched is gone.
    pub fired: Few,
    /// Whose node each client watches.
    pub watched: Map<Option<u8>, u32>,
    /// What the committed commands say.
    pub cell: Cell,
    /// The newest master's term.
    pub term: u8,
    /// The newest master's memory: how long each session's lease lasts at least; nothing where it knows of no session.
    pub granted: Map<Option<u8>, u32>,
    /// The newest master's memory: how long the lock-delay lasts.
    pub delay: u8,
    /// How long the newest master's own lease lasts, in ticks; 0 where masters have none.
    pub master_left: u8,
    /// The memory of the master before it, which is stalled.
    pub stalled: Map<Option<u8>, u32>,
    /// How long that one's own lease lasts.
    pub stalled_left: u8,
    /// The clients for whose sessions that one has asked the newest for the end: only with a bug.
    pub revokes: Few,
    /// The sequencer of the request to the resource that each client has on its way.
    pub operation: Map<Option<u8>, u32>,
    /// The clients whose request to the resource has seen a tick, if requests are bounded.
    pub aged: Few,
    /// The greatest sequencer that the resource has noted.
    pub seen: Option<u8>,
    /// The greatest sequencer of an exclusive holding that the resource has accepted: a history variable.
    pub seen_exclusive: Option<u8>,
    /// The greatest one of a shared holding: a history variable.
    pub seen_shared: Option<u8>,
    /// Whether the resource has accepted a request of a holding after one of a later holding that conflicts: history.
    pub crossed: bool,
    /// The greatest sequencer of any exclusive holding so far: a history variable.
    pub last_exclusive: Option<u8>,
    /// The greatest of any shared holding.
    pub last_shared: Option<u8>,
    /// Whether no tick has passed since a holder's session ended: a history variable.
    pub settling: bool,
    /// The clients that were granted the lock out of the queue and have not learned of it yet: a history variable.
    pub served: Few,
    /// The clients that held the lock and believed so when there was a new master, which has not renewed their lease
    /// yet: a history variable.
    pub inherited: Few,
    /// Those of them that go on holding with a lease of the new master: a history variable.
    pub carried: Few,
    /// How many messages were lost.
    pub lost: u8,
    /// The commands that were committed.
    pub log: Prefix,
    /// How many of them each master before the newest knew.
    pub knew: Map<u8, u32>,
}

/// Where it is kept what an attempt of a client asks for.
pub const fn attempt_of(c: usize, attempt: u8) -> usize {
    c * MOST_ATTEMPTS as usize + (attempt.saturating_sub(1)) as usize
}

/// A master.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Master {
    /// The one of the newest term.
    Newest,
    /// The one before it.
    Stalled,
}

/// The actions. A client comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// A client sends a `KeepAlive`; the first one asks for a session.
    KeepAlive(usize),
    /// The request for a session arrives and is committed.
    OpenSession(usize),
    /// A master answers a `KeepAlive`.
    Answer(usize, Master),
    /// The answer arrives.
    Renew(usize),
    /// A client is told that its session has ended.
    LearnEnd(usize),
    /// A client's grace period ends.
    GiveUp(usize),
    /// A client asks for the lock.
    Request(usize, Mode),
    /// A client waits no longer.
    Cancel(usize),
    /// A client is through with the lock.
    Release(usize),
    /// A client sends its request again.
    Resend(usize),
    /// A request arrives at the master and is committed.
    Receive(usize),
    /// The request for the lock of an attempt arrives once more.
    AcquireAgain(usize, u8),
    /// The release of an attempt arrives once more.
    ReleaseAgain(usize, u8),
    /// A request is lost.
    LoseRequest(usize),
    /// A grant is lost.
    LoseGrant(usize),
    /// A grant arrives.
    LearnGrant(usize),
    /// A client looks who is before it, and sets a watch.
    Look(usize),
    /// A client begins to sleep until its watch tells it.
    Sleep(usize),
    /// A client is told that what it watched is gone.
    Notify(usize),
    /// A client is told that it has given back.
    LearnRelease(usize),
    /// A master's clock says that a session's lease is over, and the session's end is committed.
    Expire(usize, Master),
    /// The master's clock says that the lock-delay is over, and that is committed.
    EndDelay,
    /// A request to the resource is sent.
    Operate(usize),
    /// The resource accepts it.
    Accept(usize),
    /// The resource refuses it.
    Reject(usize),
    /// A tick of all clocks.
    Tick,
    /// The replicas renew the master's own lease.
    RenewMaster,
    /// There is a new master.
    Failover,
    /// A client crashes.
    Crash(usize),
}

guards! {
    LockService:
    /// The client has neither crashed nor lost its session.
    Alive = "alive",
    /// There was no session of this client yet.
    SessionNew = "session-new",
    /// The session of the `KeepAlive` lives.
    SessionLive = "session-live",
    /// The own lease of the master that answers lasts.
    MasterLease = "master-lease",
    /// Where no sequencers are checked, the holder has no request to the resource on its way.
    OperationsAnswered = "operations-answered",
    /// The session that asks for the lock lives.
    SessionLiveToAcquire = "session-live-to-acquire",
    /// The attempt was not heard of before.
    NewAttempt = "new-attempt",
    /// The release is not that of an attempt before the last.
    NotOlder = "not-older",
    /// There is a grant to learn of.
    GrantOnItsWay = "grant-on-its-way",
    /// The release has arrived, and what was held or waited for is gone.
    Released = "released",
    /// The master's clock says that the lease is over.
    LeaseOver = "lease-over",
    /// The command is of the newest term.
    NewestTerm = "newest-term",
    /// The master's clock says that the lock-delay is over.
    DelayOver = "delay-over",
    /// The own lease of the master before the new one is over.
    OldMasterLeaseOver = "old-master-lease-over",
    /// The client's clock says that its lease lasts.
    LeaseValid = "lease-valid",
    /// If sequencers are checked, the resource has seen none that is greater.
    SequencerCurrent = "sequencer-current",
}

/// The resource.
impl LockService {
    fn operate(&self, s: &State, c: usize) -> Result<State, Guard> {
        self.require(self.has_time(s, c), Guard::LeaseValid)?;
        Ok(State { operation: s.operation.with(c, s.known.get(c)), ..*s })
    }

    fn arrived(s: &State, c: usize) -> State {
        State { operation: s.operation.with(c, None), aged: s.aged.without(c), ..*s }
    }

    fn accept(&self, s: &State, c: usize) -> Result<State, Guard> {
        let Some(sequencer) = s.operation.get(c) else { return Ok(*s) };
        let checks = self.resource == Resource::Sequencers;
        self.require(!checks || Some(sequencer) >= s.seen, Guard::SequencerCurrent)?;
        let exclusive = s.cell.is_exclusive(sequencer);
        let crossed = Some(sequencer) < if exclusive { s.greatest_seen() } else { s.seen_exclusive };
        let notes = exclusive || self.bug != Some(Bug::ReadsUnnoted);
        Ok(State {
            seen: if notes { s.seen.max(Some(sequencer)) } else { s.seen },
            seen_shared: if exclusive { s.seen_shared } else { s.seen_shared.max(Some(sequencer)) },
            seen_exclusive: if exclusive { s.seen_exclusive.max(Some(sequencer)) } else { s.seen_exclusive },
            crossed: s.crossed || crossed,
            ..Self::arrived(s, c)
        })
    }

    #[inline]
    fn take(&self, s: &State, action: Action) -> Result<State, Guard> {
        match action {
            Action::KeepAlive(c) => self.keep_alive(s, c),
            Action::OpenSession(c) => self.open_session(s, c),
            Action::Answer(c, master) => self.answer(s, c, master),
            Action::Renew(c) => Ok(self.renew(s, c)),
            Action::LearnEnd(c) | Action::GiveUp(c) => Ok(Self::parted(s, c, Phase::Over)),
            Action::Request(c, mode) => Ok(self.request(s, c, mode)),
            Action::Cancel(c) => Ok(Self::cancel(s, c)),
            Action::Release(c) => self.release(s, c),
            Action::Resend(c) => Ok(Self::resend(s, c)),
            Action::Receive(c) => self.receive(s, c),
            Action::AcquireAgain(c, attempt) => self.acquire_received(s, c, attempt),
            Action::ReleaseAgain(c, attempt) => self.release_received(s, c, attempt),
            Action::LoseRequest(c) => Ok(self.lose_request(s, c)),
            Action::LoseGrant(c) => Ok(State { grant: s.grant.with(c, None), lost: s.lost + 1, ..*s }),
            Action::LearnGrant(c) => self.learn_grant(s, c),
            Action::Look(c) => Ok(self.look(s, c)),
            Action::Sleep(c) => Ok(State { watch: s.watch.with(c, Watch::Asleep), ..*s }),
            Action::Notify(c) => Ok(self.notify(s, c)),
            Action::LearnRelease(c) => self.learn_release(s, c),
            Action::Expire(c, master) => self.expire(s, c, master),
            Action::EndDelay => self.end_delay(s),
            Action::Operate(c) => self.operate(s, c),
            Action::Accept(c) => self.accept(s, c),
            Action::Reject(c) => Ok(Self::arrived(s, c)),
            Action::Tick => Ok(self.tick(s)),
            Action::RenewMaster => Ok(State { master_left: MASTER_LEASE, ..*s }),
            Action::Failover => self.fail_over(s),
            Action::Crash(c) => Ok(self.crash(s, c)),
        }
    }
}

impl State {
    /// What an attempt of a client asks for.
    fn mode(&self, c: usize, attempt: u8) -> Mode {
        if self.shared.contains(attempt_of(c, attempt)) { Mode::Shared } else { Mode::Exclusive }
    }

    /// Whether the client believes that it holds the lock.
    fn believes(&self, c: usize) -> bool {
        self.phase.get(c) == Phase::Holding && self.lease.get(c) > 0
    }

    /// What history says of holdings is forgotten with them.
    fn with_history_of_holdings(self) -> Self {
        let does = |phase: Phase| move |&c: &usize| self.cell.holds(c) && self.phase.get(c) == phase;
        Self {
            served: self.served.iter().filter(does(Phase::Waiting)).collect(),
            inherited: self.inherited.iter().filter(does(Phase::Holding)).collect(),
            carried: self.carried.iter().filter(does(Phase::Holding)).collect(),
            ..self
        }
    }

    fn greatest_seen(&self) -> Option<u8> {
        self.seen_shared.max(self.seen_exclusive)
    }
}

impl Model for LockService {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        let master_left = if self.stalled { MASTER_LEASE } else { 0 };
        let start = State { cell: Cell::start(self), master_left, ..State::default() };
        if self.opening {
            return vec![start];
        }
        let clients = 0..self.clients;
        vec![State {
            phase: clients.clone().map(|_| Phase::Idle).collect(),
            lease: clients.clone().map(|_| self.duration()).collect(),
            granted: clients.map(|_| Some(self.master_lease())).collect(),
            ..start
        }]
    }

    fn actions(&self, s: &State, actions: &mut Vec<Action>) {
        for c in 0..self.clients {
            self.session_actions(s, c, actions);
            self.lock_actions(s, c, actions);
            if self.resource != Resource::None {
                self.resource_actions(s, c, actions);
            }
        }
        let crashed = s.phase.values(self.clients).filter(|phase| *phase == Phase::Crashed).count();
        if crashed < self.crashes {
            let may = |&c: &usize| s.phase.get(c).is_alive() && s.phase.get(c) != Phase::Fresh;
            actions.extend((0..self.clients).filter(may).map(Action::Crash));
        }
        if s.cell.delayed {
            actions.push(Action::EndDelay);
        }
        if self.stalled && s.master_left < MASTER_LEASE {
            actions.push(Action::RenewMaster);
        }
        if s.term < self.failovers {
            actions.push(Action::Failover);
        }
        if self.lease > 0 {
            actions.push(Action::Tick);
        }
        actions.retain(|action| self.has_room(s, *action));
    }

    fn next_state(&self, s: &State, action: Action) -> Option<State> {
        self.take(s, action).ok().map(State::with_history_of_holdings)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        properties::of_states(self)
    }
}
