//! What the resource does, the network and time.

use super::{Bug, By, FOREVER, Guard, Key, LeaseLock, Operation, Request, State};
use crate::Few;

impl LeaseLock {
    /// A resource that looks at sequencers remembers the greatest. Who sends several operations has one sequencer.
    pub(super) fn accept(&self, s: &State, by: By) -> Result<State, Guard> {
        let Request { sequencer, generation, operation, .. } = s.requests[by.request];
        let reads = operation == Operation::Read;
        let looks = match self.bug {
            Some(Bug::ReadsUnfenced) => self.sequencer && !reads,
            _ => self.sequencer,
        };
        let too_small = self.is_too_small(s, sequencer);
        self.require(!looks || !too_small, Guard::NotTooSmall)?;
        let mut after = *s;
        if !(self.bug == Some(Bug::ReadsForgotten) && reads) {
            after.resource.greatest = s.resource.greatest.max(sequencer);
        }
        after.resource.last = generation;
        after.resource.served = s.resource.served.with(generation.into());
        Ok(Self::arrived(&after, by))
    }

    /// The copy is still on its way, and late.
    pub(super) fn accept_copy(&self, s: &State, by: By) -> Result<State, Guard> {
        let Request { operation, .. } = s.requests[by.request];
        let mut after = self.accept(s, by)?;
        after.requests[by.request] = Request { operation, held_up: true, ..after.requests[by.request] };
        after.spent.duplicates += 1;
        Ok(after)
    }

    pub(super) fn refuse(&self, s: &State, by: By) -> Result<State, Guard> {
        self.require(self.is_too_small(s, s.requests[by.request].sequencer), Guard::TooSmall)?;
        Ok(Self::arrived(s, by))
    }

    pub(super) fn is_too_small(&self, s: &State, sequencer: u8) -> bool {
        let greatest = s.resource.greatest;
        sequencer < greatest || self.bug == Some(Bug::RefusesEqual) && sequencer == greatest
    }

    pub(super) fn arrived(s: &State, by: By) -> State {
        let mut after = *s;
        let request = &mut after.requests[by.request];
        (request.operation, request.held_up) = (Operation::Nothing, false);
        after
    }

    pub(super) fn hold_up(s: &State, by: By) -> State {
        let mut after = *s;
        after.requests[by.request].held_up = true;
        after.spent.delays += 1;
        after
    }

    /// A renewal that comes to nothing is forgotten.
    pub(super) fn tick(s: &State) -> State {
        let mut after = *s;
        for key in &mut after.keys {
            key.left = if key.left == FOREVER { FOREVER } else { key.left.saturating_sub(1) };
            if key.left == 0 {
                *key = Key::default();
            }
        }
        for client in &mut after.clients {
            client.left = client.left.saturating_sub(1);
            client.renewed = client.renewed.saturating_sub(1);
            if client.renewed == 0 {
                (client.renewing, client.renewers) = (Few::NONE, Few::NONE);
            }
        }
        for wait in &mut after.waits {
            *wait = wait.saturating_sub(1);
        }
        after
    }
}
