//! What servers do: grant, delete, extend, and fail.

use super::{Bug, By, Comeback, FOREVER, Guard, Key, LeaseLock, Phase, State, Store};

impl LeaseLock {
    /// Set if absent, with a time to live. To refuse is to leave all as it is, as if the request came later.
    pub(super) fn grant(&self, s: &State, i: usize, by: By) -> Result<State, Guard> {
        self.require_up(s, i)?;
        let copy = self.bug == Some(Bug::TakesForCopy) && s.has_granted_before(i, by);
        self.require(s.keys[i].request == 0 && !copy, Guard::KeyAbsent)?;
        let mut after = *s;
        let left = if self.bug == Some(Bug::ExpireApart) { FOREVER } else { self.ttl };
        after.keys[i] = Key { request: by.request as u8, left };
        if self.sequencer && self.bug != Some(Bug::NoFencing) {
            after.counter += 1;
        }
        let request = &mut after.requests[by.request];
        // A copy is answered to nobody, unless the client waits: then that is the answer that it hears.
        let waits = s.clients[by.client].phase == Phase::Waiting && s.request(by.client) == Some(by.request);
        if request.granted.contains(i) && !waits {
            return Ok(after);
        }
        request.granted = request.granted.with(i);
        request.sequencer = after.counter;
        if request.granted.len() == self.majority() && (request.generation == 0 || self.servers == 1) {
            after.generations += 1;
            request.generation = after.generations;
        }
        Ok(after)
    }

    pub(super) fn grant_copy(&self, s: &State, i: usize, by: By) -> Result<State, Guard> {
        let mut after = self.grant(s, i, by)?;
        after.spent.duplicates += 1;
        Ok(after)
    }

    pub(super) fn delete(&self, s: &State, i: usize, by: By) -> Result<State, Guard> {
        self.require_up(s, i)?;
        let owner = usize::from(s.keys[i].request);
        let own = match self.bug {
            Some(Bug::DeletesNothing) => false,
            Some(Bug::ValueNamesClient) => owner > 0 && usize::from(s.requests[owner].client) == by.client,
            _ => owner == by.request,
        };
        self.require(own, Guard::OwnToDelete)?;
        let mut after = *s;
        after.keys[i] = Key::default();
        Ok(after)
    }

    pub(super) fn extend(&self, s: &State, i: usize, c: usize) -> Result<State, Guard> {
        self.require_up(s, i)?;
        let key = s.keys[i];
        self.require(key.request > 0 && key.request == s.clients[c].request, Guard::OwnToExtend)?;
        let mut after = *s;
        if key.request > 0 {
            after.keys[i].left = self.ttl;
        }
        let client = &mut after.clients[c];
        (client.renewing, client.renewers) = (client.renewing.without(i), client.renewers.with(i));
        Ok(after)
    }

    /// What is on disk goes on to expire, and what is in memory is gone.
    pub(super) fn crash_server(&self, s: &State, i: usize) -> Result<State, Guard> {
        self.require_up(s, i)?;
        let mut after = *s;
        after.down = s.down.with(i);
        after.spent.server_crashes += 1;
        if self.comeback == Comeback::Late {
            after.waits[i] = self.ttl;
        }
        if self.store == Store::Memory || self.bug == Some(Bug::KeysInMemory) {
            after.keys[i] = Key::default();
        }
        if self.bug == Some(Bug::CounterInMemory) {
            after.counter = 0;
        }
        Ok(after)
    }

    pub(super) fn restart(&self, s: &State, i: usize) -> Result<State, Guard> {
        self.require(s.down.contains(i), Guard::Down)?;
        self.require(s.waits[i] == 0, Guard::WaitedOut)?;
        let mut after = *s;
        after.down = s.down.without(i);
        after.waits[i] = 0;
        Ok(after)
    }

    pub(super) fn jump(s: &State, i: usize) -> State {
        let mut after = *s;
        after.spent.jumps += 1;
        after.keys[i] = Key::default();
        after
    }

    pub(super) fn require_up(&self, s: &State, i: usize) -> Result<(), Guard> {
        self.require(!s.down.contains(i), Guard::Up)
    }

    pub(super) fn majority(&self) -> usize {
        self.servers / 2 + 1
    }
}

impl State {
    /// Whether the server has granted the lock to an earlier request of the same client.
    fn has_granted_before(&self, i: usize, by: By) -> bool {
        let earlier = |old: &By| old.client == by.client && old.request < by.request;
        self.by().filter(earlier).any(|old| self.requests[old.request].granted.contains(i))
    }
}
