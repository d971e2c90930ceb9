//! The faults: a server crashes, restarts, and may lose its disk.

use super::{Bug, Guard, Log, Paxos, Proposer, Record, Replica, State};
use crate::Few;

impl Paxos {
    /// What is in memory is lost: what is not synced, the ballot that is led, what is learned and not in a checkpoint.
    pub(super) fn crash(&self, s: &State, server: usize) -> Result<State, Guard> {
        self.require_up(s, server)?;
        let mut next = State { down: s.down.with(server), crashed: s.crashed + 1, ..*s };
        next.read = s.read_elsewhere(server);
        next.memory[server] = s.disk[server];
        next.proposers[server] = Proposer::default();
        let Replica { checkpoint, history, .. } = s.replicas[server];
        next.replicas[server] = Replica { applied: checkpoint, checkpoint, history, learned: Log::default() };
        if self.forwarding {
            next.arrived[server] = Few::default();
        }
        Ok(next)
    }

    pub(super) fn restart(&self, s: &State, server: usize) -> Result<State, Guard> {
        self.require(s.down.contains(server), Guard::Down)?;
        let mut next = State { down: s.down.without(server), ..*s };
        let disk = s.disk[server];
        let found = match self.bug {
            Some(Bug::LogLost) => Record::default(),
            Some(Bug::BalOverwritten) => disk.promising(disk.accepted()),
            _ => disk,
        };
        (next.disk[server], next.memory[server]) = (found, found);
        Ok(next)
    }

    /// A server whose disk is gone does not know what it has promised: it starts again as a replica that learns, and no
    /// more. What it had applied stands as history.
    pub(super) fn lose_disk(&self, s: &State, server: usize) -> Result<State, Guard> {
        let mut next = self.crash(s, server)?;
        let history = s.replicas[server].history;
        next.replicas[server] = Replica { history, ..Replica::default() };
        (next.disk[server], next.memory[server]) = (Record::default(), Record::default());
        next.lost = s.lost.with(server);
        if self.bug == Some(Bug::RebuildsByWatching) {
            let proposed = |&(b, slot): &(u8, usize)| self.all_values().any(|v| self.is_proposed(s, b, slot, v));
            next.begun = self.all_places().filter(proposed).map(|(_, slot)| slot).collect();
        }
        Ok(next)
    }

    #[inline]
    pub(super) fn require_disk(&self, s: &State, server: usize) -> Result<(), Guard> {
        self.require(!s.lost.contains(server), Guard::HasItsDisk)
    }

    #[inline]
    pub(super) fn require_up(&self, s: &State, server: usize) -> Result<(), Guard> {
        self.require(!s.down.contains(server), Guard::Up)
    }
}
