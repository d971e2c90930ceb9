//! The replicas: what they learn, apply and trim.

use super::{Bug, Guard, NO_OP, Paxos, Replica, State};

impl Paxos {
    pub(super) fn learn(&self, s: &State, r: usize, slot: usize, v: u8) -> Result<State, Guard> {
        self.require_up(s, r)?;
        self.require(self.chosen(s, slot).contains(v.into()), Guard::QuorumAccepted)?;
        self.require(slot >= s.replicas[r].applied.into(), Guard::NotApplied)?;
        Ok(self.learned(s, r, slot, v))
    }

    pub(super) fn catch_up(&self, s: &State, r: usize, other: usize, slot: usize) -> Result<State, Guard> {
        self.require_up(s, r)?;
        self.require_up(s, other)?;
        let told = s.replicas[other].learned.get(slot);
        self.require(told.is_some(), Guard::OtherKnows)?;
        self.require(slot >= s.replicas[r].applied.into(), Guard::NotApplied)?;
        Ok(self.learned(s, r, slot, told.unwrap_or(NO_OP)))
    }

    pub(super) fn learned(&self, s: &State, r: usize, slot: usize, v: u8) -> State {
        let mut next = *s;
        next.replicas[r].learned = s.replicas[r].learned.with(slot, Some(v));
        if self.bug == Some(Bug::RebuildsByWatching) && !s.begun.contains(slot) {
            next.lost = s.lost.without(r);
        }
        next
    }

    pub(super) fn apply(&self, s: &State, r: usize, slot: usize) -> Result<State, Guard> {
        self.require_up(s, r)?;
        let learned = s.replicas[r].learned.get(slot);
        self.require(learned.is_some(), Guard::Learned)?;
        self.require(slot == usize::from(s.replicas[r].applied), Guard::NextToApply)?;
        let mut next = *s;
        next.replicas[r].applied = slot as u8 + 1;
        next.replicas[r].history = s.replicas[r].history.with(slot, Some(learned.unwrap_or(NO_OP)));
        Ok(next)
    }

    pub(super) fn checkpoint(&self, s: &State, r: usize) -> Result<State, Guard> {
        self.require_up(s, r)?;
        let mut next = *s;
        if self.bug != Some(Bug::CheckpointInMemory) {
            next.replicas[r].checkpoint = s.replicas[r].applied;
        }
        Ok(next)
    }

    /// What a server trims is gone from its record as acceptor and from what it knows as replica.
    pub(super) fn trim(&self, s: &State, a: usize) -> Result<State, Guard> {
        self.require_up(s, a)?;
        let floor = s.memory[a].floor;
        let written = |replica: &Replica| match self.bug {
            Some(Bug::CheckpointInMemory) => replica.applied > floor,
            _ => replica.checkpoint > floor,
        };
        self.require(s.replicas[..self.replicas].iter().all(written), Guard::AppliedEverywhere)?;
        let slot = floor.into();
        let mut next = self.written(s, a, s.memory[a].trimmed());
        next.replicas[a].learned = s.replicas[a].learned.with(slot, None);
        Ok(next)
    }
}
