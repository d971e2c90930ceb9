//! What clients do: ask, hold, operate, renew, and fail.

use super::{Bug, Client, Guard, LeaseLock, Operation, Phase, Request, State};
use crate::Few;

impl LeaseLock {
    pub(super) fn ask(&self, s: &State, c: usize, slow: u8) -> Result<State, Guard> {
        self.require(s.clients[c].phase == Phase::Idle, Guard::Idle)?;
        let mut after = *s;
        after.asked += 1;
        after.requests[usize::from(after.asked)] = Request { client: c as u8, ..Request::default() };
        let lease = Client { phase: Phase::Waiting, request: after.asked, left: self.lease(slow), ..Client::default() };
        after.clients[c] = lease;
        Ok(after)
    }

    /// For how many ticks a client counts on its lease: it begins when the client asks, and so before the key does.
    pub(super) fn lease(&self, slow: u8) -> u8 {
        let taken_off = if self.bug == Some(Bug::IgnoresDrift) { 0 } else { self.drift };
        self.ttl - taken_off + slow
    }

    /// Whether the lease is valid is seen when it is used.
    pub(super) fn acquire(&self, s: &State, c: usize) -> Result<State, Guard> {
        let client = s.clients[c];
        self.require(client.phase == Phase::Waiting, Guard::Waiting)?;
        let quota = if self.bug == Some(Bug::HalfGrants) { self.servers / 2 } else { self.majority() };
        let granted = s.requests[usize::from(client.request)].granted;
        self.require(granted.len() >= quota, Guard::MajorityGranted)?;
        let mut after = *s;
        after.clients[c].phase = Phase::Holding;
        match self.bug {
            Some(Bug::CountsFromAnswer) => after.clients[c].left = self.lease(0),
            Some(Bug::ExpireApart) => after.clients[c] = self.renewing(after.clients[c], 0),
            _ => {}
        }
        Ok(after)
    }

    /// It has waited too long, or need not wait any more.
    pub(super) fn give_up(&self, s: &State, c: usize) -> Result<State, Guard> {
        self.require(s.clients[c].phase == Phase::Waiting, Guard::StillWaiting)?;
        Ok(self.left(s, c))
    }

    pub(super) fn operate(&self, s: &State, c: usize, operation: Operation) -> Result<State, Guard> {
        self.require_lease(s, c)?;
        Ok(Self::sent(s, c, operation))
    }

    pub(super) fn pause(&self, s: &State, c: usize, operation: Operation) -> Result<State, Guard> {
        self.require_lease(s, c)?;
        let mut after = *s;
        after.clients[c].phase = if operation == Operation::Read { Phase::PausedToRead } else { Phase::PausedToWrite };
        after.spent.pauses += 1;
        Ok(after)
    }

    /// It believes what it found before the pause.
    pub(super) fn resume(&self, s: &State, c: usize) -> Result<State, Guard> {
        let phase = s.clients[c].phase;
        self.require(phase.is_paused(), Guard::Paused)?;
        let mut after = *s;
        after.clients[c].phase = Phase::Holding;
        let operation = if phase == Phase::PausedToRead { Operation::Read } else { Operation::Write };
        Ok(Self::sent(&after, c, operation))
    }

    /// A mutant alone has no request to send it by.
    pub(super) fn sent(s: &State, c: usize, operation: Operation) -> State {
        let mut after = *s;
        if let Some(request) = s.request(c) {
            after.requests[request].operation = operation;
        }
        after
    }

    pub(super) fn release(&self, s: &State, c: usize) -> Result<State, Guard> {
        let client = s.clients[c];
        self.require(client.phase == Phase::Holding, Guard::HoldingToRelease)?;
        let answered = s.requests[usize::from(client.request)].operation == Operation::Nothing;
        self.require(answered || client.left == 0, Guard::Answered)?;
        Ok(self.left(s, c))
    }

    /// The client has no use for the lock any more, and its watchdog stops. That the servers need to hear of it is a
    /// courtesy: the keys expire.
    pub(super) fn left(&self, s: &State, c: usize) -> State {
        let mut after = *s;
        let Some(request) = s.request(c) else { return after };
        after.requests[request].released = true;
        after.clients[c] = match self.bug {
            // What starts the watchdog comes after what has stopped it.
            Some(Bug::WatchdogOutlives) => Client { request: request as u8, ..Client::default() },
            _ => Client::default(),
        };
        after
    }

    /// A watchdog stops when the lease is over. To go on would keep everyone else out, for the sake of one who may not
    /// use the lock either.
    pub(super) fn renew(&self, s: &State, c: usize, slow: u8) -> Result<State, Guard> {
        let client = s.clients[c];
        let outlives = self.bug == Some(Bug::WatchdogOutlives) && client.phase == Phase::Idle && client.request > 0;
        self.require(client.phase == Phase::Holding || outlives, Guard::HoldingToRenew)?;
        self.require(client.left > 0 || outlives, Guard::LeaseValidToRenew)?;
        let mut after = *s;
        after.clients[c] = self.renewing(client, slow);
        Ok(after)
    }

    pub(super) fn renewing(&self, client: Client, slow: u8) -> Client {
        Client { renewed: self.lease(slow), renewing: Few::below(self.servers), renewers: Few::NONE, ..client }
    }

    /// Of several servers some may have granted the lock to another when the lease was over, and again to this client,
    /// whose holding would then be an earlier one that goes on.
    pub(super) fn extended(&self, s: &State, c: usize) -> Result<State, Guard> {
        let client = s.clients[c];
        self.require(client.phase == Phase::Holding, Guard::HoldingToRenew)?;
        self.require(client.renewers.len() >= self.majority(), Guard::MajorityExtended)?;
        self.require(client.left > 0, Guard::RenewedInTime)?;
        let renewed = if self.bug == Some(Bug::RenewsFromAnswer) { self.lease(0) } else { client.renewed };
        let mut after = *s;
        after.clients[c] =
            Client { left: client.left.max(renewed), renewed: 0, renewing: Few::NONE, renewers: Few::NONE, ..client };
        Ok(after)
    }

    /// A crash takes the watchdog with it.
    pub(super) fn crash(s: &State, c: usize) -> State {
        let mut after = *s;
        after.clients[c] = Client { phase: Phase::Crashed, ..Client::default() };
        after.spent.crashes += 1;
        after
    }

    pub(super) fn require_lease(&self, s: &State, c: usize) -> Result<(), Guard> {
        self.require(s.clients[c].phase == Phase::Holding, Guard::HoldingToOperate)?;
        self.require(s.clients[c].left > 0, Guard::LeaseValid)
    }
}
