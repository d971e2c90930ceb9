//! Requests for the lock, what they commit, and how those who wait are told.

use super::{Bug, Command, Guard, LockService, Phase, Resource, Session, State, Watch, Wire, attempt_of};
use crate::problems::mutual_exclusion::Mode;

impl LockService {
    pub(super) fn request(&self, s: &State, c: usize, mode: Mode) -> State {
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
    pub(super) fn cancel(s: &State, c: usize) -> State {
        let after = State { phase: s.phase.with(c, Phase::Releasing), wire: s.wire.with(c, Wire::Release), ..*s };
        Self::waits_no_more(&after, c)
    }

    /// A resource that checks no sequencers may be late with what it was asked.
    pub(super) fn release(&self, s: &State, c: usize) -> Result<State, Guard> {
        let answered = self.resource == Resource::Sequencers || s.operation.get(c).is_none();
        self.require(answered, Guard::OperationsAnswered)?;
        Ok(State { known: s.known.with(c, None), ..Self::cancel(s, c) })
    }

    /// The client has no answer, so it asks again.
    pub(super) fn resend(s: &State, c: usize) -> State {
        let wire = if s.phase.get(c) == Phase::Waiting { Wire::Acquire } else { Wire::Release };
        State { wire: s.wire.with(c, wire), ..*s }
    }

    pub(super) fn receive(&self, s: &State, c: usize) -> Result<State, Guard> {
        let (attempt, arrived) = (s.attempt.get(c), State { wire: s.wire.with(c, Wire::None), ..*s });
        match s.wire.get(c) {
            Wire::Acquire => self.acquire_received(&arrived, c, attempt),
            _ => self.release_received(&arrived, c, attempt),
        }
    }

    /// A request that is there already is answered again.
    pub(super) fn acquire_received(&self, s: &State, c: usize, attempt: u8) -> Result<State, Guard> {
        let handled = s.cell.handled.get(c);
        self.require(s.cell.session.get(c) == Session::Live, Guard::SessionLiveToAcquire)?;
        if attempt == handled && s.cell.has_node(c) {
            return Ok(self.granting(s, c));
        }
        self.require(attempt > handled || self.attempts == 0, Guard::NewAttempt)?;
        Ok(self.committed(s, Command::Acquire(c, attempt, s.mode(c, attempt))))
    }

    /// The release of an attempt that is over changes nothing; of one that never came, it keeps it from coming.
    pub(super) fn release_received(&self, s: &State, c: usize, attempt: u8) -> Result<State, Guard> {
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
    pub(super) fn lose_request(&self, s: &State, c: usize) -> State {
        let clears = self.bug == Some(Bug::ForgetsOnLoss) && s.phase.get(c) == Phase::Releasing;
        let phase = if clears { s.phase.with(c, Phase::Idle) } else { s.phase };
        State { phase, wire: s.wire.with(c, Wire::None), lost: s.lost + 1, ..*s }
    }

    pub(super) fn learn_grant(&self, s: &State, c: usize) -> Result<State, Guard> {
        let grant = s.grant.get(c);
        self.require(grant.is_some(), Guard::GrantOnItsWay)?;
        // A mutant alone learns of what was not granted.
        Ok(Self::holding(s, c, grant.or(Some(s.cell.began))))
    }

    pub(super) fn holding(s: &State, c: usize, sequencer: Option<u8>) -> State {
        let after = State { phase: s.phase.with(c, Phase::Holding), known: s.known.with(c, sequencer), ..*s };
        Self::waits_no_more(&after, c)
    }

    /// Who is the first holds the lock. Another one sets a watch on the node before its own: if that is gone when the
    /// watch is set, the client looks again, so both are one step.
    pub(super) fn look(&self, s: &State, c: usize) -> State {
        if s.cell.holds(c) {
            return Self::holding(s, c, s.cell.sequencer.get(c));
        }
        let before = s.cell.predecessor(self, c).map(|other| other as u8);
        State { watch: s.watch.with(c, Watch::Set), watched: s.watched.with(c, before), ..*s }
    }

    /// Who is told before it sleeps does not.
    pub(super) fn notify(&self, s: &State, c: usize) -> State {
        let missed = self.bug == Some(Bug::MissesWatch) && s.watch.get(c) == Watch::Set;
        let watch = if missed { s.watch } else { s.watch.with(c, Watch::Looking) };
        State { watch, fired: s.fired.without(c), ..*s }
    }

    pub(super) fn learn_release(&self, s: &State, c: usize) -> Result<State, Guard> {
        let over = s.cell.handled.get(c) >= s.attempt.get(c) && !s.cell.has_node(c);
        self.require(over, Guard::Released)?;
        Ok(State { phase: s.phase.with(c, Phase::Idle), ..*s })
    }

    /// What the commit of a command changes: the cell, and what the master says then.
    pub(super) fn committed(&self, s: &State, command: Command) -> State {
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
                if s.cell.line.contains(c) {
                    after.served = after.served.with(c);
                }
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
    pub(super) fn granting(&self, s: &State, c: usize) -> State {
        let waits = s.phase.get(c) == Phase::Waiting && s.attempt.get(c) == s.cell.handled.get(c);
        if self.watch || !waits {
            return *s;
        }
        State { grant: s.grant.with(c, s.cell.sequencer.get(c)), ..*s }
    }
}
