//! The acceptors: what they promise, accept and write down.

use super::{Bug, Disk, Guard, Paxos, Record, State, Vote};

impl Paxos {
    pub(super) fn promise(&self, s: &State, a: usize, b: u8) -> Result<State, Guard> {
        self.require_up(s, a)?;
        self.require_disk(s, a)?;
        self.require(s.prepares.contains(b.into()), Guard::PrepareSent)?;
        self.require(Some(b) > s.memory[a].promised(), Guard::AbovePromise)?;
        Ok(self.written(s, a, s.memory[a].promising(Some(b))))
    }

    /// An acceptor may accept a ballot that it has not promised.
    pub(super) fn accept(&self, s: &State, a: usize, b: u8, slot: usize, v: u8) -> Result<State, Guard> {
        self.require_up(s, a)?;
        self.require_disk(s, a)?;
        self.require(self.is_proposed(s, b, slot, v), Guard::AcceptSent)?;
        let record = s.memory[a];
        let open = match self.bug {
            Some(Bug::AcceptNeedsEqualBallot) => record.promised() == Some(b),
            _ => record.promised() <= Some(b),
        };
        self.require(open, Guard::NotBelowPromise)?;
        self.require(slot >= record.floor.into(), Guard::NotTrimmed)?;
        Ok(self.written(s, a, record.promising(Some(b)).voting(slot, Vote::new(b, v))))
    }

    pub(super) fn sync(&self, s: &State, a: usize) -> Result<State, Guard> {
        self.require_up(s, a)?;
        let mut next = *s;
        self.acknowledge(&mut next, a, s.disk[a]);
        next.disk[a] = s.memory[a];
        Ok(next)
    }

    /// The acceptor writes its record; it says so when that is durable, and not before.
    pub(super) fn written(&self, s: &State, a: usize, record: Record) -> State {
        let mut next = *s;
        next.memory[a] = record;
        if self.disk == Disk::Synchronous {
            next.disk[a] = record;
        }
        if self.disk == Disk::Synchronous || self.bug == Some(Bug::AcknowledgesBeforeSync) {
            self.acknowledge(&mut next, a, s.memory[a]);
        }
        next
    }
}
