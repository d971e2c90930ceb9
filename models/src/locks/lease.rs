//! A lock with a lease: the Redis documentation of `SET` (NX, PX, and a delete that compares) and of Redlock
//! ("Distributed Locks with Redis"), with the renewal that libraries call a watchdog. Leases are those of Gray and
//! Cheriton, *Leases: An Efficient Fault-Tolerant Mechanism for Distributed File Cache Consistency* (SOSP 1989),
//! section 2: a client counts from when it asked, a server from when it granted, and a bound on drift is taken off.
//! Why that does not protect the resource, and what does, is Kleppmann, *How to do distributed locking* (2016):
//! sequencers, which he calls fencing tokens.
//!
//! Time is a number of ticks, and what is kept is how many are left. A clock that drifts is told when the lease
//! begins: it says that so many ticks more are left than the client counted on. A request has a number that no other
//! has, as Redis demands of the key's value. A message to a server may be lost (it never arrives), late or, within a
//! budget, repeated. One to the resource arrives before time passes unless the network holds it up, which has a budget.
//! So has a pause, which comes at the worst moment: when the lease was found valid and the operation is not yet sent.
//! A copy of what is sent to the resource comes late, and only where there are sequencers: without them it does what a
//! delay does.
//!
//! Left out: pauses at other moments, since whoever goes on looks at its lease before it sends; a clock that is too
//! fast at the client, or too slow at the server, since then the lease is given up sooner or kept longer than it need
//! be; a jump by less than the lease, which does the same harm later; a renewal that arrives after its client has asked
//! for another one or has stopped, since it makes a key last longer, as one that is in time does; the restart of a
//! client, which comes back as another one.
//!
//! With sequencers it refines [`mutual_exclusion`](crate::problems::mutual_exclusion).

mod bounds;
mod catalogue;
mod clients;
mod mutants;
mod properties;
mod refinement;
mod scene;
mod servers;
mod world;

pub use mutants::Bug;

use crate::Few;
use crate::guard::guards;
use proofmark_vocabulary::{Model, Property};
use zerocopy::{ByteHash, Immutable, IntoBytes};

/// The constants, and the bug planted in the model, if any.
#[derive(Clone, Debug)]
pub struct LeaseLock {
    /// How many clients there are, at most [`MOST_CLIENTS`].
    pub clients: usize,
    /// How many servers there are, at most [`MOST_SERVERS`] and an odd number: a lock is granted by a majority.
    pub servers: usize,
    /// For how many ticks a server grants the lock.
    pub ttl: u8,
    /// By how many ticks a client's clock may be slow over a lease.
    pub drift: u8,
    /// How often clients may ask for the lock, at most [`MOST_REQUESTS`].
    pub requests: u8,
    /// Whether a grant has a sequencer, and the resource refuses those that are too small.
    pub sequencer: bool,
    /// Whether a holder's watchdog renews its lease.
    pub watchdog: bool,
    /// Whether the resource is read too, or written alone.
    pub reads: bool,
    /// Where a server has its keys.
    pub store: Store,
    /// When a server that has crashed restarts.
    pub comeback: Comeback,
    /// Which clock a server counts by.
    pub clock: Clock,
    /// How often what may happen: see [`Spent`].
    pub budget: Spent,
    /// The bug.
    pub bug: Option<Bug>,
}

/// Where a server has its keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Store {
    /// On disk, durable at once.
    Disk,
    /// In memory: a crash forgets them.
    Memory,
}

/// When a server that has crashed restarts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comeback {
    /// At any moment.
    AnyTime,
    /// When it has been down for as long as a lease lasts.
    Late,
}

/// Which clock a server counts by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// One that goes on and never jumps.
    Monotonic,
    /// The one that people, and programs, set.
    Wall,
}

/// The most clients that the model can have.
pub const MOST_CLIENTS: usize = 3;
/// The most servers.
pub const MOST_SERVERS: usize = 5;
/// The most requests; [`Few`] has room for their generations and those of two copies.
pub const MOST_REQUESTS: usize = 5;
/// What is left of a key that never expires: none, unless a bug is planted.
pub const FOREVER: u8 = u8::MAX;

/// The variables.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ByteHash, IntoBytes, Immutable)]
#[repr(C)]
pub struct State {
    /// The clients.
    pub clients: [Client; MOST_CLIENTS],
    /// The key at each server.
    pub keys: [Key; MOST_SERVERS],
    /// The requests by their numbers, which begin with 1, and what was sent because of them.
    pub requests: [Request; MOST_REQUESTS + 1],
    /// How many requests there are.
    pub asked: u8,
    /// The server's counter, which gives the sequencers.
    pub counter: u8,
    /// What the resource remembers.
    pub resource: Resource,
    /// History: how often a majority of the servers has granted a request.
    pub generations: u8,
    /// The servers that have crashed and not restarted.
    pub down: Few,
    /// How many ticks each of them has to wait before it may.
    pub waits: [u8; MOST_SERVERS],
    /// What has happened that has a budget.
    pub spent: Spent,
}

/// A client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ByteHash, IntoBytes, Immutable)]
#[repr(C)]
pub struct Client {
    /// What it is doing.
    pub phase: Phase,
    /// Its request; 0 is none.
    pub request: u8,
    /// How many ticks its lease has left by its own clock, counted from when it asked.
    pub left: u8,
    /// The same of the lease that its watchdog has asked for.
    pub renewed: u8,
    /// Messages: the servers that are still to be reached by the renewal.
    pub renewing: Few,
    /// Messages: the servers that have renewed the lease.
    pub renewers: Few,
}

/// What a client is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ByteHash, IntoBytes, Immutable)]
#[repr(u8)]
pub enum Phase {
    /// It has no use for the lock.
    #[default]
    Idle,
    /// It has asked for the lock.
    Waiting,
    /// It has the lock, as far as its lease lasts.
    Holding,
    /// It was paused when it was about to write.
    PausedToWrite,
    /// It was paused when it was about to read.
    PausedToRead,
    /// It has crashed, for ever.
    Crashed,
}

/// A server's key: absent, or created for a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ByteHash, IntoBytes, Immutable)]
#[repr(C)]
pub struct Key {
    /// The request; 0 is none: the key is absent.
    pub request: u8,
    /// After how many ticks it expires.
    pub left: u8,
}

/// A request and what was sent because of it. All but what is on its way to the resource stays, and may arrive late.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ByteHash, IntoBytes, Immutable)]
#[repr(C)]
pub struct Request {
    /// Who asked.
    pub client: u8,
    /// Messages: the servers that have granted it.
    pub granted: Few,
    /// The sequencer of the grant; 0 is none.
    pub sequencer: u8,
    /// History: of how many that a majority has granted it is the last; 0 if none has.
    pub generation: u8,
    /// Message: the servers are to delete their keys.
    pub released: bool,
    /// Message: what is on its way to the resource.
    pub operation: Operation,
    /// Whether the network holds that up.
    pub held_up: bool,
}

/// An operation on the resource, or none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ByteHash, IntoBytes, Immutable)]
#[repr(u8)]
pub enum Operation {
    /// None.
    #[default]
    Nothing,
    /// A write.
    Write,
    /// A read.
    Read,
}

/// The resource that the lock is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ByteHash, IntoBytes, Immutable)]
#[repr(C)]
pub struct Resource {
    /// The greatest sequencer that it has accepted; 0 is none.
    pub greatest: u8,
    /// History: the generation of the operation that it accepted last; 0 is none.
    pub last: u8,
    /// History: the generations of which it has accepted an operation.
    pub served: Few,
}

/// How often has happened what has a budget.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ByteHash, IntoBytes, Immutable)]
#[repr(C)]
pub struct Spent {
    /// A client was paused.
    pub pauses: u8,
    /// A client crashed.
    pub crashes: u8,
    /// A server crashed.
    pub server_crashes: u8,
    /// The clock of a server jumped.
    pub jumps: u8,
    /// A message arrived once more.
    pub duplicates: u8,
    /// The network held up what was on its way to the resource.
    pub delays: u8,
}

/// A request: who asked, and its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct By {
    /// Who asked.
    pub client: usize,
    /// The request's number.
    pub request: usize,
}

/// The actions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// A client asks every server for the lock; its clock loses so many ticks before its lease is over.
    Ask(usize, u8),
    /// A server grants a request.
    Grant(usize, By),
    /// The same request arrives once more.
    GrantCopy(usize, By),
    /// A client has heard of enough grants.
    Acquire(usize),
    /// A client waits no longer, and has the servers delete what they may have granted.
    GiveUp(usize),
    /// A client finds its lease valid and sends an operation to the resource.
    Operate(usize, Operation),
    /// A client finds its lease valid and is paused before it sends the operation.
    Pause(usize, Operation),
    /// A paused client goes on where it was.
    Resume(usize),
    /// A client has the servers delete its key.
    Release(usize),
    /// A server deletes the key of a request.
    Delete(usize, By),
    /// A holder's watchdog asks for a longer lease, which its clock loses so many ticks of.
    Renew(usize, u8),
    /// A server lets the holder's key last longer.
    Extend(usize, usize),
    /// A client has heard of enough servers that did.
    Extended(usize),
    /// The resource carries out the operation that comes from a request.
    Accept(By),
    /// The same operation arrives, and another time later.
    AcceptCopy(By),
    /// The resource refuses it.
    Refuse(By),
    /// The network holds it up.
    HoldUp(By),
    /// A client crashes.
    Crash(usize),
    /// A server crashes.
    CrashServer(usize),
    /// A server restarts.
    Restart(usize),
    /// The clock of a server jumps ahead.
    Jump(usize),
    /// A tick of time.
    Tick,
}

guards! {
    LeaseLock:
    /// Who asks has no use for the lock so far.
    Idle = "idle",
    /// Who acquires the lock has asked and waits.
    Waiting = "waiting",
    /// A majority of the servers has granted the request.
    MajorityGranted = "majority-granted",
    /// Who gives up waits.
    StillWaiting = "still-waiting",
    /// The server has no key.
    KeyAbsent = "key-absent",
    /// Who sends an operation holds the lock.
    HoldingToOperate = "holding-to-operate",
    /// The lease is not over by its holder's clock.
    LeaseValid = "lease-valid",
    /// Who resumes was paused.
    Paused = "paused",
    /// Who releases holds the lock.
    HoldingToRelease = "holding-to-release",
    /// What the holder sent was answered, or its lease is over.
    Answered = "answered",
    /// The key to delete is the request's.
    OwnToDelete = "own-to-delete",
    /// Whose watchdog renews holds the lock.
    HoldingToRenew = "holding-to-renew",
    /// The lease is not over when the watchdog asks for more time.
    LeaseValidToRenew = "lease-valid-to-renew",
    /// The key to extend is the request's.
    OwnToExtend = "own-to-extend",
    /// A majority of the servers has extended the key.
    MajorityExtended = "majority-extended",
    /// The lease is not over when its holder hears that it has more time.
    RenewedInTime = "renewed-in-time",
    /// The sequencer is no smaller than the greatest that was accepted.
    NotTooSmall = "not-too-small",
    /// The sequencer is smaller than the greatest that was accepted.
    TooSmall = "too-small",
    /// The server is up.
    Up = "up",
    /// Who restarts is down.
    Down = "down",
    /// Who restarts late has waited for as long as a lease lasts.
    WaitedOut = "waited-out",
}

impl LeaseLock {
    fn take(&self, s: &State, action: Action) -> Result<State, Guard> {
        match action {
            Action::Ask(c, slow) => self.ask(s, c, slow),
            Action::Grant(i, by) => self.grant(s, i, by),
            Action::GrantCopy(i, by) => self.grant_copy(s, i, by),
            Action::Acquire(c) => self.acquire(s, c),
            Action::GiveUp(c) => self.give_up(s, c),
            Action::Operate(c, operation) => self.operate(s, c, operation),
            Action::Pause(c, operation) => self.pause(s, c, operation),
            Action::Resume(c) => self.resume(s, c),
            Action::Release(c) => self.release(s, c),
            Action::Delete(i, by) => self.delete(s, i, by),
            Action::Renew(c, slow) => self.renew(s, c, slow),
            Action::Extend(i, c) => self.extend(s, i, c),
            Action::Extended(c) => self.extended(s, c),
            Action::Accept(by) => self.accept(s, by),
            Action::AcceptCopy(by) => self.accept_copy(s, by),
            Action::Refuse(by) => self.refuse(s, by),
            Action::HoldUp(by) => Ok(Self::hold_up(s, by)),
            Action::Crash(c) => Ok(Self::crash(s, c)),
            Action::CrashServer(i) => self.crash_server(s, i),
            Action::Restart(i) => self.restart(s, i),
            Action::Jump(i) => Ok(Self::jump(s, i)),
            Action::Tick => Ok(Self::tick(s)),
        }
    }
}

impl Phase {
    /// Whether the client is paused.
    pub const fn is_paused(self) -> bool {
        matches!(self, Phase::PausedToWrite | Phase::PausedToRead)
    }
}

impl State {
    /// The request of a client that has one.
    fn request(&self, c: usize) -> Option<usize> {
        Some(usize::from(self.clients[c].request)).filter(|&request| request > 0)
    }

    /// The requests so far.
    fn by(&self) -> impl Iterator<Item = By> {
        let requests = self.requests;
        (1..=usize::from(self.asked)).map(move |request| By { client: usize::from(requests[request].client), request })
    }
}

/// What may happen within the budgets.
impl LeaseLock {
    /// One operation of a client is on its way at a time; a renewal is asked for when it makes the lease longer.
    fn of_client(&self, s: &State, c: usize, actions: &mut Vec<Action>) {
        let (client, spent) = (s.clients[c], &s.spent);
        let slow = 0..=self.drift;
        if s.asked < self.requests {
            actions.extend(slow.clone().map(|slow| Action::Ask(c, slow)));
        }
        actions.extend([Action::Acquire(c), Action::GiveUp(c), Action::Release(c)]);
        if s.request(c).is_none_or(|request| s.requests[request].operation == Operation::Nothing) {
            let operations = if self.reads { &[Operation::Write, Operation::Read][..] } else { &[Operation::Write] };
            actions.extend(operations.iter().map(|&operation| Action::Operate(c, operation)));
            if spent.pauses < self.budget.pauses {
                actions.extend(operations.iter().map(|&operation| Action::Pause(c, operation)));
            }
        }
        if self.watchdog {
            let longer = slow.filter(|&slow| client.left.max(client.renewed) < self.lease(slow));
            actions.extend(longer.map(|slow| Action::Renew(c, slow)));
        }
        if self.renews() {
            actions.extend(client.renewing.iter().map(|i| Action::Extend(i, c)));
            actions.push(Action::Extended(c));
        }
        if spent.crashes < self.budget.crashes && client.phase != Phase::Crashed {
            actions.push(Action::Crash(c));
        }
    }

    fn of_server(&self, s: &State, i: usize, actions: &mut Vec<Action>) {
        for by in s.by() {
            let request = s.requests[by.request];
            if !request.granted.contains(i) {
                actions.push(Action::Grant(i, by));
            } else if s.spent.duplicates < self.budget.duplicates {
                actions.push(Action::GrantCopy(i, by));
            }
            if request.released {
                actions.push(Action::Delete(i, by));
            }
        }
    }

    /// What happens to a server.
    fn to_server(&self, s: &State, i: usize, actions: &mut Vec<Action>) {
        if self.budget.server_crashes > 0 {
            if s.spent.server_crashes < self.budget.server_crashes {
                actions.push(Action::CrashServer(i));
            }
            actions.push(Action::Restart(i));
        }
        if self.jumps() && s.spent.jumps < self.budget.jumps && s.keys[i].request > 0 {
            actions.push(Action::Jump(i));
        }
    }

    fn of_resource(&self, s: &State, by: By, actions: &mut Vec<Action>) {
        let request = s.requests[by.request];
        if request.operation == Operation::Nothing {
            return;
        }
        actions.push(Action::Accept(by));
        if self.sequencer {
            if s.spent.duplicates < self.budget.duplicates {
                actions.push(Action::AcceptCopy(by));
            }
            actions.push(Action::Refuse(by));
        }
        if s.spent.delays < self.budget.delays && !request.held_up {
            actions.push(Action::HoldUp(by));
        }
    }

    /// Whether a client asks for a key to last longer: a watchdog, or what sets the time to live apart from the key.
    fn renews(&self) -> bool {
        self.watchdog || self.bug == Some(Bug::ExpireApart)
    }

    /// Whether the clocks by which servers count can jump.
    fn jumps(&self) -> bool {
        self.clock == Clock::Wall || self.bug == Some(Bug::WallClock)
    }
}

impl Model for LeaseLock {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![State::default()]
    }

    fn actions(&self, s: &State, actions: &mut Vec<Action>) {
        (0..self.clients).for_each(|c| self.of_client(s, c, actions));
        (0..self.servers).for_each(|i| self.of_server(s, i, actions));
        s.by().for_each(|by| self.of_resource(s, by, actions));
        // What is on its way to the resource arrives before time passes, unless it is held up.
        let prompt = |by: By| s.requests[by.request].operation == Operation::Nothing || s.requests[by.request].held_up;
        if s.by().all(prompt) {
            actions.push(Action::Tick);
        }
        // These come last, so that of two counterexamples of one length the one is shown in which they come late.
        if self.budget.pauses > 0 {
            actions.extend((0..self.clients).map(Action::Resume));
        }
        (0..self.servers).for_each(|i| self.to_server(s, i, actions));
    }

    #[inline]
    fn next_state(&self, s: &State, action: Action) -> Option<State> {
        self.take(s, action).ok()
    }

    fn properties(&self) -> Vec<Property<Self>> {
        properties::of_states(self)
    }
}
