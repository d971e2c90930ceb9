//! Sessions and their leases, lock-delay and time, and what a new master knows of them.

use super::{Bug, Call, Cell, Command, Guard, LockService, MASTER_LEASE, Master, Phase, Session, State, Watch};
use crate::problems::replicated_log::Prefix;
use crate::{Few, Map};

impl LockService {
    pub(super) fn keep_alive(&self, s: &State, c: usize) -> Result<State, Guard> {
        self.require(s.phase.get(c).is_alive(), Guard::Alive)?;
        Ok(State { call: s.call.with(c, Call::Sent(0)), ..*s })
    }

    /// The request for a session is the first `KeepAlive`, and its commit answers it.
    pub(super) fn open_session(&self, s: &State, c: usize) -> Result<State, Guard> {
        self.require(s.cell.session.get(c) == Session::New, Guard::SessionNew)?;
        let opened = self.committed(s, Command::Open(c));
        let granted = opened.granted.with(c, Some(self.master_lease()));
        Ok(State { granted, call: Self::answered(s.call, c), ..opened })
    }

    /// Section 2.8: the master extends the session's lease when it answers. A stalled master's sessions are those that
    /// it knows of.
    pub(super) fn answer(&self, s: &State, c: usize, master: Master) -> Result<State, Guard> {
        let (lives, left) = match master {
            Master::Newest => (s.cell.session.get(c) == Session::Live, s.master_left),
            Master::Stalled => (s.stalled.get(c).is_some(), s.stalled_left),
        };
        self.require(lives, Guard::SessionLive)?;
        self.require(left > 0 || !self.stalled, Guard::MasterLease)?;
        let full = |leases: Map<Option<u8>, u32>| leases.with(c, leases.get(c).map(|_| self.master_lease()));
        let after = State { call: Self::answered(s.call, c), ..*s };
        Ok(match master {
            Master::Newest => State { granted: full(s.granted), ..after },
            Master::Stalled => State { stalled: full(s.stalled), ..after },
        })
    }

    pub(super) fn answered(call: Map<Call, u32>, c: usize) -> Map<Call, u32> {
        match call.get(c) {
            Call::Sent(age) => call.with(c, Call::Answered(age)),
            _ => call,
        }
    }

    /// The client counts from when it sent the `KeepAlive`. There is an answer to learn of: this has no guard.
    pub(super) fn renew(&self, s: &State, c: usize) -> State {
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
            inherited: s.inherited.without(c),
            carried: if s.inherited.contains(c) { s.carried.with(c) } else { s.carried },
            ..*s
        }
    }

    /// Whether the client goes on: by its own clock, unless it waits to be told that it must not.
    pub(super) fn has_time(&self, s: &State, c: usize) -> bool {
        s.lease.get(c) > 0 || self.bug == Some(Bug::WaitsToBeTold)
    }

    /// The client is told, its grace period ends, or it crashes: what it knows is gone, what it has sent is not.
    pub(super) fn parted(s: &State, c: usize, phase: Phase) -> State {
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
    pub(super) fn waits_no_more(s: &State, c: usize) -> State {
        State {
            watch: s.watch.with(c, Watch::Looking),
            grant: s.grant.with(c, None),
            fired: s.fired.without(c),
            watched: s.watched.with(c, None),
            ..*s
        }
    }

    pub(super) fn expire(&self, s: &State, c: usize, master: Master) -> Result<State, Guard> {
        let left = if master == Master::Newest { s.granted.get(c) } else { s.stalled.get(c) };
        // What was forwarded is committed as the newest master's own, and it does not look at its clock for that.
        let forwarded = master == Master::Newest && s.revokes.contains(c);
        self.require(left == Some(0) || forwarded, Guard::LeaseOver)?;
        if master == Master::Stalled && self.bug == Some(Bug::ForwardsRevokes) {
            return Ok(State { revokes: s.revokes.with(c), ..*s });
        }
        self.require(master == Master::Newest, Guard::NewestTerm)?;
        let held = s.cell.holds(c);
        let after = self.committed(s, Command::Expire(c));
        let delay = if held && after.cell.delayed { 1 } else { s.delay };
        let settling = s.settling || held && self.lock_delay;
        Ok(State { granted: s.granted.with(c, None), revokes: s.revokes.without(c), delay, settling, ..after })
    }

    pub(super) fn end_delay(&self, s: &State) -> Result<State, Guard> {
        self.require(s.delay == 0, Guard::DelayOver)?;
        Ok(State { delay: 0, ..self.committed(s, Command::EndDelay) })
    }

    /// All clocks go on. A request that takes a tick at most sees one of them, and is lost at the second.
    pub(super) fn tick(&self, s: &State) -> State {
        let older = |leases: Map<Option<u8>, u32>| leases.map(|left| left.map(|left| left.saturating_sub(1)));
        let operation = s.aged.iter().fold(s.operation, |all, c| all.with(c, None));
        let on_its_way = (0..self.clients).filter(|&c| self.bounded && operation.get(c).is_some());
        State {
            lease: s.lease.map(|left| left.saturating_sub(1)),
            call: s.call.map(|call| call.older(self.duration())),
            granted: older(s.granted),
            master_left: s.master_left.saturating_sub(1),
            stalled: older(s.stalled),
            stalled_left: s.stalled_left.saturating_sub(1),
            delay: s.delay.saturating_sub(1),
            settling: false,
            operation,
            aged: on_its_way.collect(),
            ..*s
        }
    }

    /// Section 2.9: the new master reads the sessions from the log, and gives each the longest lease that the last one
    /// may have given. The lock-delay begins anew. The replicas elect nobody while they have promised to keep the last
    /// one.
    pub(super) fn fail_over(&self, s: &State) -> Result<State, Guard> {
        self.require(s.master_left == 0, Guard::OldMasterLeaseOver)?;
        let lease = match self.bug {
            Some(Bug::FailoverForgetsSessions) => None,
            Some(Bug::FailoverGivesNoLease) => Some(0),
            _ => Some(self.master_lease()),
        };
        let live = (0..self.clients).filter(|&c| s.cell.session.get(c) == Session::Live);
        let restarts = s.cell.delayed && self.bug != Some(Bug::FailoverForgetsDelay);
        let began = if self.bug == Some(Bug::GenerationsInMemory) { 0 } else { s.cell.began };
        let knew = if self.commands > 0 { s.knew.with(s.term.into(), s.log.len() as u8) } else { s.knew };
        let (cell, log) = match self.bug {
            Some(Bug::FailoverLosesCommand) => {
                let log = s.log.iter().take(s.log.len().saturating_sub(1)).collect();
                (self.replayed(log), log)
            }
            _ => (Cell { began, ..s.cell }, s.log),
        };
        // An answer of the last master that is still on its way is none of the new one.
        let answered = |c: usize| matches!(s.call.get(c), Call::Answered(_));
        let holders: Few = (0..self.clients).filter(|&c| s.believes(c) && s.cell.holds(c) && !answered(c)).collect();
        // Where no time passes, no lease is renewed.
        let (inherited, carried) = if self.lease == 0 { (Few::default(), holders) } else { (holders, Few::default()) };
        Ok(State {
            cell,
            log,
            term: s.term + 1,
            // Where no time passes, a lease that is over stays so.
            granted: if self.lease == 0 { s.granted } else { live.fold(Map::default(), |all, c| all.with(c, lease)) },
            delay: u8::from(restarts),
            master_left: if self.stalled { MASTER_LEASE } else { 0 },
            stalled: if self.stalled { s.granted } else { s.stalled },
            stalled_left: s.master_left,
            revokes: Few::default(),
            inherited,
            carried,
            knew,
            ..*s
        })
    }

    /// Where no time passes, the lease of a client that has crashed is over at once.
    pub(super) fn crash(&self, s: &State, c: usize) -> State {
        let parted = Self::parted(s, c, Phase::Crashed);
        let left = if self.lease == 0 { Some(0) } else { s.granted.get(c) };
        State { granted: s.granted.with(c, left), ..parted }
    }

    /// What the cell is if these commands were committed.
    pub(super) fn replayed(&self, log: Prefix) -> Cell {
        log.iter().fold(Cell::start(self), |cell, value| cell.apply(self, Command::of_value(value)))
    }

    /// How long a client believes in a lease, in ticks.
    pub(super) fn duration(&self) -> u8 {
        self.lease.max(1) + self.drift
    }

    /// How long the master counts, in ticks.
    pub(super) fn master_lease(&self) -> u8 {
        if self.bug == Some(Bug::NoMargin) { self.duration() - self.drift } else { self.duration() }
    }
}
