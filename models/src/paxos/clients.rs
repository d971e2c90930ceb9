//! The clients: their commands come to the proposers, and their reads are answered by leaders.

use super::{Bug, Guard, Paxos, Phase, Read, State};
use crate::Few;

impl Paxos {
    pub(super) fn forward(&self, s: &State, c: u8, p: usize) -> Result<State, Guard> {
        self.require(s.submitted.contains(c.into()), Guard::Submitted)?;
        self.require_up(s, p)?;
        let mut next = *s;
        next.arrived[p] = s.arrived[p].with(c.into());
        Ok(next)
    }

    /// What the leader has proposed, and what it has yet to adopt, may have been chosen and answered for.
    pub(super) fn begin_read(&self, s: &State, p: usize) -> Result<State, Guard> {
        self.require_up(s, p)?;
        let proposer = s.proposers[p];
        self.require(proposer.phase == Phase::Leading, Guard::Leading)?;
        let b = proposer.ballot;
        let behind_own = proposer.proposed.iter().max().map_or(0, |slot| slot + 1);
        let needs = match self.bug {
            Some(Bug::ReadsPastInProgress) => s.replicas[p].learned.len() as u8,
            _ => behind_own.max(self.reported(s, b)).max(self.start(s, b)) as u8,
        };
        let due = s.replicas.iter().map(|replica| replica.history.len()).max().unwrap_or_default() as u8;
        Ok(State { read: Some(Read { server: p as u8, ballot: b, needs, due, confirmed: Few::default() }), ..*s })
    }

    pub(super) fn confirm(&self, s: &State, read: Read, a: usize) -> Result<State, Guard> {
        self.require_up(s, a)?;
        self.require_disk(s, a)?;
        self.require(s.memory[a].promised() <= Some(read.ballot), Guard::StillFollows)?;
        Ok(State { read: Some(Read { confirmed: read.confirmed.with(a), ..read }), ..*s })
    }

    /// An accept quorum meets every prepare quorum, so a leader of a later ballot would be known to one of its members.
    pub(super) fn serve_read(&self, s: &State, read: Read) -> Result<State, Guard> {
        let applied = s.replicas[usize::from(read.server)].applied;
        self.require(read.confirmed.len() >= self.accept_quorum, Guard::QuorumConfirmed)?;
        self.require(applied >= read.needs, Guard::InProgressApplied)?;
        Ok(State { read: None, stale: s.stale || applied < read.due, ..*s })
    }
}
