//! The proposers: a ballot, its promises, and what its leader proposes where.

use super::{Bug, Guard, NO_OP, Paxos, Phase, Proposer, Record, State, Vote};
use crate::Few;

impl Paxos {
    /// A ballot is used once, across restarts too: it is on disk before anybody is asked.
    pub(super) fn prepare(&self, s: &State, b: u8) -> Result<State, Guard> {
        let p = self.owner(b);
        self.require_up(s, p)?;
        self.require_disk(s, p)?;
        let unused = match self.bug {
            Some(Bug::BallotNotPersisted) => s.proposers[p].phase == Phase::Idle || s.proposers[p].ballot < b,
            _ => !self.all_ballots().any(|c| c >= b && self.owner(c) == p && s.prepares.contains(c.into())),
        };
        self.require(unused, Guard::BallotUnused)?;
        let mut next = State { prepares: s.prepares.with(b.into()), read: s.read_elsewhere(p), ..*s };
        next.proposers[p] = Proposer { phase: Phase::Preparing, ballot: b, ..Proposer::default() };
        Ok(next)
    }

    pub(super) fn become_leader(&self, s: &State, b: u8, quorum: Few) -> Result<State, Guard> {
        let p = self.owner(b);
        self.require_up(s, p)?;
        let waits = s.proposers[p].phase == Phase::Preparing && s.proposers[p].ballot == b;
        self.require(waits, Guard::Preparing)?;
        self.require(quorum.iter().all(|a| self.counted(s, b, a).is_some()), Guard::QuorumPromised)?;
        let mut next = *s;
        next.proposers[p] = Proposer { phase: Phase::Leading, ballot: b, quorum, proposed: Few::default() };
        Ok(next)
    }

    /// What is reported in the greatest ballot may have been chosen; anything else reported cannot be.
    pub(super) fn adopt(&self, s: &State, b: u8, slot: usize, v: u8) -> Result<State, Guard> {
        self.require_open(s, b, slot)?;
        let reported = match self.bug {
            Some(Bug::AdoptsAnyReport) => {
                self.reports(s, b, slot).any(|vote| vote.get().is_some_and(|(_, value)| value == v))
            }
            _ => self.highest(s, b, slot).get().is_some_and(|(_, value)| value == v),
        };
        self.require(reported, Guard::HighestAccepted)?;
        Ok(self.proposed(s, b, slot, v))
    }

    /// Without the no-op, what is reported for later slots could never be applied.
    pub(super) fn fill_gap(&self, s: &State, b: u8, slot: usize) -> Result<State, Guard> {
        self.require_open(s, b, slot)?;
        let reported = |slot| self.highest(s, b, slot) != Vote::default();
        self.require(!reported(slot) && (slot + 1..self.slots).any(reported), Guard::Gap)?;
        Ok(self.proposed(s, b, slot, NO_OP))
    }

    /// That earlier slots are chosen is not waited for.
    pub(super) fn propose(&self, s: &State, b: u8, slot: usize, c: u8) -> Result<State, Guard> {
        let p = self.owner(b);
        self.require_open(s, b, slot)?;
        self.require(slot >= self.reported(s, b), Guard::BeyondReports)?;
        let proposed = s.proposers[p].proposed;
        self.require((self.start(s, b)..slot).all(|earlier| proposed.contains(earlier)), Guard::InOrder)?;
        self.require(!proposed.iter().any(|other| self.is_proposed(s, b, other, c)), Guard::NotInLog)?;
        self.require(s.arrived[p].contains(c.into()), Guard::CommandArrived)?;
        Ok(self.proposed(s, b, slot, c))
    }

    /// That the leader may propose something for the slot.
    pub(super) fn require_open(&self, s: &State, b: u8, slot: usize) -> Result<(), Guard> {
        let p = self.owner(b);
        self.require_up(s, p)?;
        self.require(self.leads(s, b), Guard::Leading)?;
        self.require(!s.proposers[p].proposed.contains(slot), Guard::NothingProposed)?;
        self.require(slot >= self.start(s, b), Guard::NotKnownTrimmed)
    }

    pub(super) fn proposed(&self, s: &State, b: u8, slot: usize, v: u8) -> State {
        let mut next = *s;
        let p = self.owner(b);
        next.proposers[p].proposed = s.proposers[p].proposed.with(slot);
        self.propose_to_all(&mut next, b, slot, v);
        next
    }

    pub(super) fn leads(&self, s: &State, b: u8) -> bool {
        let proposer = s.proposers[self.owner(b)];
        proposer.phase == Phase::Leading && proposer.ballot == b
    }

    /// The promise of acceptor `a` that the proposer of ballot `b` counts.
    pub(crate) fn counted(&self, s: &State, b: u8, a: usize) -> Option<Record> {
        let promise = |c: u8| Some(s.promises[usize::from(c)][a]).filter(|promise| promise.promised().is_some());
        match self.bug {
            // The promise does not say which ballot it is for.
            Some(Bug::StalePromiseCounted) => (0..=b).rev().find_map(promise),
            _ => promise(b),
        }
    }

    /// The promises that made the leader of ballot `b` one.
    pub(crate) fn counted_by_leader(&self, s: &State, b: u8) -> impl Iterator<Item = Record> {
        let quorum = s.proposers[self.owner(b)].quorum;
        quorum.iter().filter_map(move |a| self.counted(s, b, a))
    }

    /// What they report for the slot.
    pub(super) fn reports(&self, s: &State, b: u8, slot: usize) -> impl Iterator<Item = Vote> {
        let own = usize::from(s.memory[self.owner(b)].floor);
        let place = move |promise: &Record| match self.bug {
            // The entries that a promise carries begin at its sender's floor, and are taken to begin at one's own.
            Some(Bug::MergeOffset) => (usize::from(promise.floor) + slot).checked_sub(own),
            _ => Some(slot),
        };
        self.counted_by_leader(s, b)
            .filter_map(move |promise| place(&promise).and_then(|place| promise.votes.get(place).copied()))
    }

    /// The greatest of these.
    pub(super) fn highest(&self, s: &State, b: u8, slot: usize) -> Vote {
        self.reports(s, b, slot).max().unwrap_or_default()
    }

    /// The slot behind the last one that they report anything for.
    pub(super) fn reported(&self, s: &State, b: u8) -> usize {
        (0..self.slots).rev().find(|&slot| self.highest(s, b, slot) != Vote::default()).map_or(0, |slot| slot + 1)
    }

    /// The first slot that none of them has trimmed: all before it is chosen, and applied everywhere.
    pub(super) fn start(&self, s: &State, b: u8) -> usize {
        match self.bug {
            Some(Bug::MergeOffset) => s.memory[self.owner(b)].floor.into(),
            _ => self.counted_by_leader(s, b).map(|promise| promise.floor.into()).max().unwrap_or_default(),
        }
    }
}
