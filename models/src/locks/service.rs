//! A lock service over a replicated log: Burrows, *The Chubby Lock Service for Loosely-Coupled Distributed Systems*
//! (OSDI 2006), sections 2.4 (locks, sequencers, lock-delay), 2.8 (sessions) and 2.9 (fail-overs); the queue by watches
//! is the lock recipe of Hunt et al., *ZooKeeper* (USENIX ATC 2010), section 2.4. There is one lock.
//!
//! The **log** is not modelled but assumed: what sessions there are, who holds the lock and who waits is what the
//! committed commands say ([`Cell`]), and to commit is one step. [`replicated_log`](crate::problems::replicated_log) says
//! what is assumed, Paxos and Raft how it comes to be. A master is told by its term. One that was superseded may be
//! alive and stalled: it commits nothing, but can still do what needs no commit. Leases are not in the log but in the
//! master's memory, so a new master gives every session a full one.
//!
//! **Time** is in ticks, which pass everywhere at once. A session lease is `lease` ticks. A client's clock may be slow by
//! `drift` ticks a lease, so here it believes for `lease + drift` of them, counted from when it sent its KeepAlive; an
//! exact clock stops earlier, which is to do nothing with the rest. The master counts `lease + drift` from its answer.
//! Whatever takes an unknown time (a message, a pause, an election) is a step that comes late, and the grace period ends
//! at any moment in jeopardy. The lock-delay lasts until the next tick. That is long enough for requests to the resource
//! that are bounded: they take a tick at most, and the holder has sent the last one before the tick that ended its lease.
//!
//! A **pause** of a holder between its look at the clock and its sending is the delay of what it sends. A **partition** is
//! that nothing arrives. Requests carry the number of the client's attempt; where `duplicates` are on, every request that
//! was ever sent may arrive again, at any time. Where they are off, requests of one client arrive in order, as on one
//! connection.
//!
//! Left out: files, caches and other events, which do not touch the lock; try, since it changes nothing or is granted at
//! once; the close of a session, which is an expiry without lock-delay; the return of a client that has crashed or lost
//! its session, which comes back as another one; what a stale master answers to who looks at the queue, since it shows at
//! most nodes that are gone; KeepAlives that arrive after their client has sent another, since they
//! only make the master's lease longer.
//!
//! It refines [`mutual_exclusion`](crate::problems::mutual_exclusion), and what its masters know the replicated log.

mod bounds;
mod catalogue;
mod cell;
mod client;
mod liveness;
mod mutants;
mod properties;
mod refinement;
mod scene;

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
    /// How often each asks for the lock, at most [`MOST_ATTEMPTS`]; 0 for without end, and then there are no sequencers.
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
    /// Whether the last master is alive and stalled.
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
    /// Its KeepAlive.
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
    /// The memory of the master before it, which is stalled.
    pub stalled: Map<Option<u8>, u32>,
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
    /// A client sends a KeepAlive; the first one asks for a session.
    KeepAlive(usize),
    /// The request for a session arrives and is committed.
    OpenSession(usize),
    /// A master answers a KeepAlive.
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
    /// The session of the KeepAlive lives.
    SessionLive = "session-live",
    /// Who answers has the master lease: no other master is elected while it lasts.
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
    /// The client's clock says that its lease lasts.
    LeaseValid = "lease-valid",
    /// If sequencers are checked, the resource has seen none that is greater.
    SequencerCurrent = "sequencer-current",
}

/// Sessions and their leases.
impl LockService {
    fn keep_alive(&self, s: &State, c: usize) -> Result<State, Guard> {
        self.require(s.phase.get(c).is_alive(), Guard::Alive)?;
        Ok(State { call: s.call.with(c, Call::Sent(0)), ..*s })
    }

    /// The request for a session is the first KeepAlive, and its commit answers it.
    fn open_session(&self, s: &State, c: usize) -> Result<State, Guard> {
        self.require(s.cell.session.get(c) == Session::New, Guard::SessionNew)?;
        let opened = self.committed(s, Command::Open(c));
        let granted = opened.granted.with(c, Some(self.master_lease()));
        Ok(State { granted, call: Self::answered(s.call, c), ..opened })
    }

    /// Section 2.8: the master extends the session's lease when it answers.
    fn answer(&self, s: &State, c: usize, master: Master) -> Result<State, Guard> {
        self.require(s.cell.session.get(c) == Session::Live, Guard::SessionLive)?;
        self.require(master == Master::Newest, Guard::MasterLease)?;
        let full = |leases: Map<Option<u8>, u32>| leases.with(c, leases.get(c).map(|_| self.master_lease()));
        let after = State { call: Self::answered(s.call, c), ..*s };
        Ok(match master {
            Master::Newest => State { granted: full(s.granted), ..after },
            Master::Stalled => State { stalled: full(s.stalled), ..after },
        })
    }

    fn answered(call: Map<Call, u32>, c: usize) -> Map<Call, u32> {
        match call.get(c) {
            Call::Sent(age) => call.with(c, Call::Answered(age)),
            _ => call,
        }
    }

    /// The client counts from when it sent the KeepAlive. There is an answer to learn of: this has no guard.
    fn renew(&self, s: &State, c: usize) -> State {
        let age = if let Call::Answered(age) = s.call.get(c) { age } else { self.duration() };
        let left = if self.bug == Some(Bug::CountsFromAnswer) { self.duration() } else { self.duration() - age };
        let phase = match s.phase.get(c) {
            Phase::Fresh => Phase::Idle,
            phase => phase,
        };
        State {
            phase: s.phase.with(c, phase),
            lease: s.lease.with(c, left.max(s.lease.get(c))),
            call: s.call.with(c, Call::None),
            ..*s
        }
    }

    /// The client is told, its grace period ends, or it crashes: what it knows is gone, what it has sent is not.
    fn parted(s: &State, c: usize, phase: Phase) -> State {
        let call = match s.call.get(c) {
            Call::Answered(_) => Call::None,
            call => call,
        };
        let after = State {
            phase: s.phase.with(c, phase),
            lease: s.lease.with(c, 0),
            known: s.known.with(c, None),
            call: s.call.with(c, call),
            ..*s
        };
        Self::waits_no_more(&after, c)
    }

    /// Nothing that the client is told of an attempt that it has ended changes anything.
    fn waits_no_more(s: &State, c: usize) -> State {
        State {
            watch: s.watch.with(c, Watch::Looking),
            grant: s.grant.with(c, None),
            fired: s.fired.without(c),
            watched: s.watched.with(c, None),
            ..*s
        }
    }

    fn expire(&self, s: &State, c: usize, master: Master) -> Result<State, Guard> {
        let left = if master == Master::Newest { s.granted.get(c) } else { s.stalled.get(c) };
        self.require(left == Some(0), Guard::LeaseOver)?;
        // Who is no leader forwards what it proposes to the leader, whose term the entry has then.
        let proposer = if self.bug == Some(Bug::ForwardsRevokes) { Master::Newest } else { master };
        self.require(proposer == Master::Newest, Guard::NewestTerm)?;
        let held = s.cell.holds(c);
        let after = self.committed(s, Command::Expire(c));
        let delay = if held && after.cell.delayed { 1 } else { s.delay };
        let settling = s.settling || held && self.lock_delay;
        Ok(State { granted: s.granted.with(c, None), delay, settling, ..after })
    }

    fn end_delay(&self, s: &State) -> Result<State, Guard> {
        self.require(s.delay == 0, Guard::DelayOver)?;
        Ok(State { delay: 0, ..self.committed(s, Command::EndDelay) })
    }

    /// All clocks go on. A request that takes a tick at most sees one of them, and is lost at the second.
    fn tick(&self, s: &State) -> State {
        let older = |leases: Map<Option<u8>, u32>| leases.map(|left| left.map(|left| left.saturating_sub(1)));
        let operation = s.aged.iter().fold(s.operation, |all, c| all.with(c, None));
        let on_its_way = (0..self.clients).filter(|&c| self.bounded && operation.get(c).is_some());
        State {
            lease: s.lease.map(|left| left.saturating_sub(1)),
            call: s.call.map(|call| call.older(self.duration())),
            granted: older(s.granted),
            stalled: older(s.stalled),
            delay: s.delay.saturating_sub(1),
            settling: false,
            operation,
            aged: on_its_way.collect(),
            ..*s
        }
    }

    /// Section 2.9: the new master reads the sessions from the log, and gives each the longest lease that the last one
    /// may have given. The lock-delay begins anew.
    fn fail_over(&self, s: &State) -> State {
        let lease = match self.bug {
            Some(Bug::FailoverForgetsSessions) => None,
            Some(Bug::FailoverGivesNoLease) => Some(0),
            _ => Some(self.master_lease()),
        };
        let live = (0..self.clients).filter(|&c| s.cell.session.get(c) == Session::Live);
        let restarts = s.cell.delayed && self.bug != Some(Bug::FailoverForgetsDelay);
        let began = if self.bug == Some(Bug::GenerationsInMemory) { 0 } else { s.cell.began };
        let knew = if self.commands > 0 { s.knew.with(s.term.into(), s.log.len() as u8) } else { s.knew };
        State {
            cell: Cell { began, ..s.cell },
            term: s.term + 1,
            // Where no time passes, a lease that is over stays so.
            granted: if self.lease == 0 { s.granted } else { live.fold(Map::default(), |all, c| all.with(c, lease)) },
            delay: u8::from(restarts),
            stalled: if self.stalled { s.granted } else { s.stalled },
            knew,
            ..*s
        }
    }

    /// Where no time passes, the lease of a client that has crashed is over at once.
    fn crash(&self, s: &State, c: usize) -> State {
        let parted = Self::parted(s, c, Phase::Crashed);
        let left = if self.lease == 0 { Some(0) } else { s.granted.get(c) };
        State { granted: s.granted.with(c, left), ..parted }
    }

    /// How long a client believes in a lease, in ticks.
    fn duration(&self) -> u8 {
        self.lease.max(1) + self.drift
    }

    /// How long the master counts, in ticks.
    fn master_lease(&self) -> u8 {
        if self.bug == Some(Bug::NoMargin) { self.duration() - self.drift } else { self.duration() }
    }
}

/// The lock.
impl LockService {
    fn request(&self, s: &State, c: usize, mode: Mode) -> State {
        let attempt = if self.attempts > 0 { s.attempt.get(c) + 1 } else { 0 };
        let place = attempt_of(c, attempt);
        State {
            phase: s.phase.with(c, Phase::Waiting),
            attempt: s.attempt.with(c, attempt),
            shared: if mode == Mode::Shared { s.shared.with(place) } else { s.shared.without(place) },
            wire: s.wire.with(c, Wire::Acquire),
            ..*s
        }
    }

    /// Who waits no longer gives back what it may have been granted meanwhile.
    fn cancel(s: &State, c: usize) -> State {
        let after = State { phase: s.phase.with(c, Phase::Releasing), wire: s.wire.with(c, Wire::Release), ..*s };
        Self::waits_no_more(&after, c)
    }

    /// A resource that checks no sequencers may be late with what it was asked.
    fn release(&self, s: &State, c: usize) -> Result<State, Guard> {
        let answered = self.resource == Resource::Sequencers || s.operation.get(c).is_none();
        self.require(answered, Guard::OperationsAnswered)?;
        Ok(State { known: s.known.with(c, None), ..Self::cancel(s, c) })
    }

    /// The client has no answer, so it asks again.
    fn resend(s: &State, c: usize) -> State {
        let wire = if s.phase.get(c) == Phase::Waiting { Wire::Acquire } else { Wire::Release };
        State { wire: s.wire.with(c, wire), ..*s }
    }

    fn receive(&self, s: &State, c: usize) -> Result<State, Guard> {
        let (attempt, arrived) = (s.attempt.get(c), State { wire: s.wire.with(c, Wire::None), ..*s });
        match s.wire.get(c) {
            Wire::Acquire => self.acquire_received(&arrived, c, attempt),
            _ => self.release_received(&arrived, c, attempt),
        }
    }

    /// A request that is there already is answered again.
    fn acquire_received(&self, s: &State, c: usize, attempt: u8) -> Result<State, Guard> {
        let handled = s.cell.handled.get(c);
        self.require(s.cell.session.get(c) == Session::Live, Guard::SessionLiveToAcquire)?;
        if attempt == handled && s.cell.has_node(c) {
            return Ok(self.granting(s, c));
        }
        self.require(attempt > handled || self.attempts == 0, Guard::NewAttempt)?;
        Ok(self.committed(s, Command::Acquire(c, attempt, s.mode(c, attempt))))
    }

    /// The release of an attempt that is over changes nothing; of one that never came, it keeps it from coming.
    fn release_received(&self, s: &State, c: usize, attempt: u8) -> Result<State, Guard> {
        let handled = s.cell.handled.get(c);
        self.require(attempt >= handled, Guard::NotOlder)?;
        let is_over = attempt == handled && !s.cell.has_node(c);
        Ok(if is_over && self.bug != Some(Bug::ReleaseFreesAnyone) {
            *s
        } else {
            self.committed(s, Command::Release(c, attempt))
        })
    }

    /// Connection loss is told to who has asked.
    fn lose_request(&self, s: &State, c: usize) -> State {
        let clears = self.bug == Some(Bug::ForgetsOnLoss) && s.phase.get(c) == Phase::Releasing;
        let phase = if clears { s.phase.with(c, Phase::Idle) } else { s.phase };
        State { phase, wire: s.wire.with(c, Wire::None), lost: s.lost + 1, ..*s }
    }

    fn learn_grant(&self, s: &State, c: usize) -> Result<State, Guard> {
        let grant = s.grant.get(c);
        self.require(grant.is_some(), Guard::GrantOnItsWay)?;
        // A mutant alone learns of what was not granted.
        Ok(Self::holding(s, c, grant.or(Some(s.cell.began))))
    }

    fn holding(s: &State, c: usize, sequencer: Option<u8>) -> State {
        let after = State { phase: s.phase.with(c, Phase::Holding), known: s.known.with(c, sequencer), ..*s };
        Self::waits_no_more(&after, c)
    }

    /// Who is the first holds the lock. Another one sets a watch on the node before its own: if that is gone when the
    /// watch is set, the client looks again, so both are one step.
    fn look(&self, s: &State, c: usize) -> State {
        if s.cell.holds(c) {
            return Self::holding(s, c, s.cell.sequencer.get(c));
        }
        let before = s.cell.predecessor(self, c).map(|other| other as u8);
        State { watch: s.watch.with(c, Watch::Set), watched: s.watched.with(c, before), ..*s }
    }

    /// Who is told before it sleeps does not.
    fn notify(&self, s: &State, c: usize) -> State {
        let missed = self.bug == Some(Bug::MissesWatch) && s.watch.get(c) == Watch::Set;
        let watch = if missed { s.watch } else { s.watch.with(c, Watch::Looking) };
        State { watch, fired: s.fired.without(c), ..*s }
    }

    fn learn_release(&self, s: &State, c: usize) -> Result<State, Guard> {
        let over = s.cell.handled.get(c) >= s.attempt.get(c) && !s.cell.has_node(c);
        self.require(over, Guard::Released)?;
        Ok(State { phase: s.phase.with(c, Phase::Idle), ..*s })
    }

    /// What the commit of a command changes: the cell, and what the master says then.
    fn committed(&self, s: &State, command: Command) -> State {
        let mut after = State { cell: s.cell.apply(self, command), ..*s };
        if self.commands > 0 {
            after.log = s.log.with(command.value());
        }
        for c in 0..self.clients {
            if after.cell.holds(c) && !s.cell.holds(c) {
                let sequencer = after.cell.sequencer.get(c).filter(|_| self.attempts > 0);
                let shared = after.cell.shared.contains(c);
                let last = if shared { &mut after.last_shared } else { &mut after.last_exclusive };
                *last = sequencer.max(*last);
                after = self.granting(&after, c);
            }
            if self.watch && s.cell.has_node(c) && !after.cell.has_node(c) {
                for other in (0..self.clients).filter(|&other| s.watched.get(other) == Some(c as u8)) {
                    after.watched.set(other, None);
                    after.fired = after.fired.with(other);
                }
            }
        }
        after
    }

    /// The master tells who holds the lock and waits for it. Another one ignores that.
    fn granting(&self, s: &State, c: usize) -> State {
        let waits = s.phase.get(c) == Phase::Waiting && s.attempt.get(c) == s.cell.handled.get(c);
        if self.watch || !waits {
            return *s;
        }
        State { grant: s.grant.with(c, s.cell.sequencer.get(c)), ..*s }
    }
}

/// The resource.
impl LockService {
    fn operate(&self, s: &State, c: usize) -> Result<State, Guard> {
        let believes = s.lease.get(c) > 0 || self.bug == Some(Bug::WaitsToBeTold);
        self.require(believes, Guard::LeaseValid)?;
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
            Action::Failover => Ok(self.fail_over(s)),
            Action::Crash(c) => Ok(self.crash(s, c)),
        }
    }
}

/// What may happen.
impl LockService {
    /// Between a client and the cell's sessions.
    fn session_actions(&self, s: &State, c: usize, actions: &mut Vec<Action>) {
        let (phase, session, call) = (s.phase.get(c), s.cell.session.get(c), s.call.get(c));
        if call == Call::None && s.lease.get(c) < self.duration() {
            actions.push(Action::KeepAlive(c));
        }
        let sent = matches!(call, Call::Sent(_));
        if sent && session == Session::New || self.opening && self.duplicates && phase != Phase::Fresh {
            actions.push(Action::OpenSession(c));
        }
        if sent && session != Session::New {
            actions.push(Action::Answer(c, Master::Newest));
            if s.stalled.get(c).is_some() {
                actions.push(Action::Answer(c, Master::Stalled));
            }
        }
        if phase.is_alive() && matches!(call, Call::Answered(_)) {
            actions.push(Action::Renew(c));
        }
        if phase.is_alive() && session == Session::Ended {
            actions.push(Action::LearnEnd(c));
        }
        if phase.is_alive() && phase != Phase::Fresh && s.lease.get(c) == 0 {
            actions.push(Action::GiveUp(c));
        }
        if session == Session::Live {
            actions.push(Action::Expire(c, Master::Newest));
            if s.stalled.get(c).is_some() {
                actions.push(Action::Expire(c, Master::Stalled));
            }
        }
    }

    /// Between a client and the lock.
    fn lock_actions(&self, s: &State, c: usize, actions: &mut Vec<Action>) {
        let (phase, attempt, wire) = (s.phase.get(c), s.attempt.get(c), s.wire.get(c));
        match phase {
            Phase::Idle if s.lease.get(c) > 0 && (self.attempts == 0 || attempt < self.attempts) => {
                actions.push(Action::Request(c, Mode::Exclusive));
                if self.shared {
                    actions.push(Action::Request(c, Mode::Shared));
                }
            }
            Phase::Waiting => {
                actions.push(Action::Cancel(c));
                if self.watch {
                    self.watch_actions(s, c, actions);
                } else {
                    actions.push(Action::LearnGrant(c));
                }
            }
            Phase::Holding => actions.push(Action::Release(c)),
            Phase::Releasing => actions.push(Action::LearnRelease(c)),
            _ => {}
        }
        if wire == Wire::None && matches!(phase, Phase::Waiting | Phase::Releasing) {
            actions.push(Action::Resend(c));
        }
        if wire != Wire::None {
            actions.push(Action::Receive(c));
        }
        if self.duplicates {
            let ended = match phase {
                Phase::Idle | Phase::Releasing => attempt,
                _ => attempt.saturating_sub(1),
            };
            actions.extend((1..=attempt).map(|attempt| Action::AcquireAgain(c, attempt)));
            actions.extend((1..=ended).map(|attempt| Action::ReleaseAgain(c, attempt)));
        }
        if s.lost < self.losses {
            if wire != Wire::None {
                actions.push(Action::LoseRequest(c));
            }
            if s.grant.get(c).is_some() {
                actions.push(Action::LoseGrant(c));
            }
        }
    }

    fn watch_actions(&self, s: &State, c: usize, actions: &mut Vec<Action>) {
        let known = s.cell.has_node(c) && s.cell.handled.get(c) == s.attempt.get(c);
        match s.watch.get(c) {
            Watch::Looking if known => actions.push(Action::Look(c)),
            Watch::Set => actions.push(Action::Sleep(c)),
            _ => {}
        }
        if s.fired.contains(c) {
            actions.push(Action::Notify(c));
        }
    }

    /// Between a client and the resource.
    fn resource_actions(&self, s: &State, c: usize, actions: &mut Vec<Action>) {
        match s.operation.get(c) {
            None if s.phase.get(c) == Phase::Holding => actions.push(Action::Operate(c)),
            None => {}
            Some(sequencer) => {
                actions.push(Action::Accept(c));
                if self.resource == Resource::Sequencers && Some(sequencer) < s.seen {
                    actions.push(Action::Reject(c));
                }
            }
        }
    }

    /// A log that is full takes no more commands.
    fn has_room(&self, s: &State, action: Action) -> bool {
        let commits = matches!(
            action,
            Action::OpenSession(_)
                | Action::Receive(_)
                | Action::AcquireAgain(..)
                | Action::ReleaseAgain(..)
                | Action::Expire(..)
                | Action::EndDelay
        );
        !commits || self.commands == 0 || s.log.len() < self.commands
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

    fn greatest_seen(&self) -> Option<u8> {
        self.seen_shared.max(self.seen_exclusive)
    }
}

impl Model for LockService {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        let all = |open: u8| (0..self.clients).fold(Map::default(), |all, c| all.with(c, open));
        let granted = (0..self.clients).fold(Map::default(), |all, c| all.with(c, Some(self.master_lease())));
        let start = State { cell: Cell::start(self), ..State::default() };
        if self.opening {
            return vec![start];
        }
        let phase = (0..self.clients).fold(Map::default(), |all, c| all.with(c, Phase::Idle));
        vec![State { phase, lease: all(self.duration()), granted, ..start }]
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
        if s.term < self.failovers {
            actions.push(Action::Failover);
        }
        if self.lease > 0 {
            actions.push(Action::Tick);
        }
        actions.retain(|action| self.has_room(s, *action));
    }

    fn next_state(&self, s: &State, action: Action) -> Option<State> {
        self.take(s, action).ok()
    }

    fn properties(&self) -> Vec<Property<Self>> {
        properties::of_states(self)
    }
}
