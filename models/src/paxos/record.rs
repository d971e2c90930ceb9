//! What the servers of multi-decree Paxos keep, each in a few bytes, and the numbers of its messages.

use super::{MOST_BALLOTS, MOST_SLOTS, Paxos, State};
use crate::Few;
use proofmark_vocabulary::BitSet;
use std::fmt;
use zerocopy::{ByteHash, Immutable, IntoBytes};

/// Nothing, or a ballot and what was accepted in it. Nothing is the least; then the later ballot is the greater.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, ByteHash, IntoBytes, Immutable)]
#[repr(transparent)]
pub struct Vote(u8);

impl Vote {
    /// That the value was accepted in the ballot.
    #[inline]
    pub const fn new(ballot: u8, value: u8) -> Self {
        Self(1 + ballot * 8 + value)
    }

    /// The ballot and the value.
    #[inline]
    pub const fn get(self) -> Option<(u8, u8)> {
        match self.0.checked_sub(1) {
            Some(vote) => Some((vote / 8, vote % 8)),
            None => None,
        }
    }
}

impl fmt::Debug for Vote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.get().fmt(f)
    }
}

/// What an acceptor has written down; a promise says all of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ByteHash, IntoBytes, Immutable)]
#[repr(C)]
pub struct Record {
    /// One more than the greatest ballot that it has promised or accepted in.
    promised: u8,
    /// What it accepted last in each slot.
    pub votes: [Vote; MOST_SLOTS],
    /// The first slot that it has not trimmed.
    pub floor: u8,
}

impl Record {
    /// The greatest ballot that is promised. To accept in a ballot is to promise it.
    #[inline]
    pub const fn promised(&self) -> Option<u8> {
        self.promised.checked_sub(1)
    }

    /// The record with this promise.
    #[inline]
    #[must_use]
    pub fn promising(self, ballot: Option<u8>) -> Self {
        Self { promised: ballot.map_or(0, |ballot| ballot + 1), ..self }
    }

    /// The record with this vote.
    #[inline]
    #[must_use]
    pub fn voting(mut self, slot: usize, vote: Vote) -> Self {
        self.votes[slot] = vote;
        self
    }

    /// The record without its first slot.
    #[must_use]
    pub fn trimmed(mut self) -> Self {
        self.votes[usize::from(self.floor)] = Vote::default();
        Self { floor: self.floor + 1, ..self }
    }

    /// The greatest ballot that anything is accepted in.
    pub fn accepted(&self) -> Option<u8> {
        self.votes.iter().max().and_then(|vote| vote.get()).map(|(ballot, _)| ballot)
    }
}

/// What is known of each slot: nothing, or a value.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, ByteHash, IntoBytes, Immutable)]
#[repr(transparent)]
pub struct Log([u8; MOST_SLOTS]);

impl Log {
    /// The value of a slot, if it is known.
    #[inline]
    pub fn get(&self, slot: usize) -> Option<u8> {
        self.0.get(slot)?.checked_sub(1)
    }

    /// The log in which the slot has this value, or none.
    #[inline]
    #[must_use]
    pub fn with(mut self, slot: usize, value: Option<u8>) -> Self {
        self.0[slot] = value.map_or(0, |value| value + 1);
        self
    }

    /// The values up to the first slot that is not known.
    pub fn values(&self) -> impl Iterator<Item = u8> {
        self.0.iter().map_while(|value| value.checked_sub(1))
    }

    /// How many values there are up to the first slot that is not known.
    pub fn len(&self) -> usize {
        self.values().count()
    }

    /// Whether the first slot is not known.
    pub fn is_empty(&self) -> bool {
        self.0[0] == 0
    }
}

impl fmt::Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries((0..MOST_SLOTS).map(|slot| self.get(slot))).finish()
    }
}

/// What a server remembers as a replica.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ByteHash, IntoBytes, Immutable)]
#[repr(C)]
pub struct Replica {
    /// In memory: the values that it knows to be chosen.
    pub learned: Log,
    /// In memory: how many slots it has applied.
    pub applied: u8,
    /// On disk: how many slots its last checkpoint has.
    pub checkpoint: u8,
    /// History: what it has ever applied.
    pub history: Log,
}

/// What a server remembers as a proposer, in memory alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ByteHash, IntoBytes, Immutable)]
#[repr(C)]
pub struct Proposer {
    /// How far it is.
    pub phase: Phase,
    /// In which ballot.
    pub ballot: u8,
    /// Whose promises made it the leader.
    pub quorum: Few,
    /// The slots that it has proposed something for.
    pub proposed: Few,
}

/// How far a proposer is in its ballot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, IntoBytes, Immutable)]
#[repr(u8)]
pub enum Phase {
    /// It has no ballot.
    #[default]
    Idle,
    /// It waits for promises.
    Preparing,
    /// It has a quorum's promises: it is the distinguished proposer, until another one has.
    Leading,
}

/// A read that a client waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Read {
    /// The server that was asked.
    pub server: u8,
    /// The ballot that it led then.
    pub ballot: u8,
    /// How many slots it must have applied before it answers.
    pub needs: u8,
    /// History: how many slots some replica had applied, and so may have answered for, when the read began.
    pub due: u8,
    /// The acceptors that have since confirmed that they promised no later ballot.
    pub confirmed: Few,
}

/// The numbers of the messages that are kept as bits.
impl Paxos {
    /// How many values there are, the no-op included.
    pub(super) fn values(&self) -> usize {
        self.commands + 1
    }

    /// The number of a triple of a ballot, a slot and a value.
    #[inline]
    pub(super) fn triple(&self, ballot: u8, slot: usize, value: u8) -> usize {
        (usize::from(ballot) * self.slots + slot) * self.values() + usize::from(value)
    }

    /// Whether the ballot's proposer has asked to accept the value in the slot.
    #[inline]
    pub fn is_proposed(&self, s: &State, ballot: u8, slot: usize, value: u8) -> bool {
        s.accepts.contains(self.triple(ballot, slot, value))
    }

    /// Whether the acceptor has said that it accepted, in the ballot, the value in the slot.
    #[inline]
    pub fn is_accepted(&self, s: &State, a: usize, ballot: u8, slot: usize, value: u8) -> bool {
        s.accepted[a].contains(self.triple(ballot, slot, value))
    }

    /// The triples that enough acceptors have accepted.
    pub(super) fn accepted_by_quorum(&self, s: &State) -> BitSet {
        let by_all = |quorum: Few| {
            quorum.iter().map(|a| s.accepted[a]).reduce(|some, other| some.intersection(&other)).unwrap_or_default()
        };
        let quorums = Few::of_size(self.accept_quorum, self.servers);
        quorums.map(by_all).fold(BitSet::new(), |all, some| all.union(&some))
    }

    pub(super) fn propose_to_all(&self, s: &mut State, ballot: u8, slot: usize, value: u8) {
        s.accepts.insert(self.triple(ballot, slot, value));
    }

    /// The acceptor says what it has written since `old`: the ballot that it has promised, and what it has accepted.
    /// A promise that it has accepted in since needs no word, for its proposer has a quorum without it.
    pub(super) fn acknowledge(&self, s: &mut State, a: usize, old: Record) {
        let new = s.memory[a];
        if let Some(b) = new.promised()
            && new.promised() != old.promised()
            && new.accepted() < Some(b)
        {
            let hides = self.bug == Some(super::Bug::ReportsNothing);
            let votes = if hides { Record::default().votes } else { new.votes };
            s.promises[usize::from(b)][a] = Record { votes, ..new };
        }
        for (slot, vote) in new.votes.iter().enumerate().filter(|(slot, vote)| **vote != old.votes[*slot]) {
            if let Some((b, v)) = vote.get() {
                s.accepted[a].insert(self.triple(b, slot, v));
            }
        }
    }
}

/// Everything that the acceptors have promised, by ballot and acceptor: all that the record of each said then. A record
/// that promises nothing is no promise.
pub type Promises = [[Record; super::MOST_SERVERS]; MOST_BALLOTS];
