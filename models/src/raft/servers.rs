//! What a server is, and what a leader knows of each.

use crate::{Few, Map, Small};
use std::fmt;
use zerocopy::{Immutable, IntoBytes};

/// What a server is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// It answers, and times out.
    #[default]
    Follower,
    /// It asks whether it would be elected (thesis, section 9.6).
    PreCandidate,
    /// It asks for votes.
    Candidate,
    /// It replicates its log.
    Leader,
    /// It has crashed.
    Down,
}

impl Role {
    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Role::Follower => "follower",
            Role::PreCandidate => "pre-candidate",
            Role::Candidate => "candidate",
            Role::Leader => "leader",
            Role::Down => "down",
        }
    }
}

impl Small for Role {
    const BITS: u32 = 4;

    #[inline]
    fn bits(self) -> u64 {
        self as u64
    }

    #[inline]
    fn of(bits: u64) -> Self {
        [Role::Follower, Role::PreCandidate, Role::Candidate, Role::Leader, Role::Down][bits as usize]
    }
}

/// A set of servers.
pub type Servers = Few;

/// In as many bits as there may be servers.
impl Small for Servers {
    const BITS: u32 = MOST_SERVERS as u32;

    #[inline]
    fn bits(self) -> u64 {
        self.mask().into()
    }

    #[inline]
    fn of(bits: u64) -> Self {
        Self::of_mask(bits as u8)
    }
}

/// A variable that every server has.
pub type PerServer<V> = Map<V, u32>;

/// How a leader sends to a follower (etcd raft, `tracker/state.go`). Where there is no window, it probes for ever.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ProgressState {
    /// One message at a time, since nobody knows what the follower has.
    #[default]
    Probe,
    /// As many messages as the window allows: the follower is thought to have all that was sent.
    Replicate,
    /// Nothing, until the snapshot that was sent is answered or reported.
    Snapshot,
}

impl ProgressState {
    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            ProgressState::Probe => "probe",
            ProgressState::Replicate => "replicate",
            ProgressState::Snapshot => "snapshot",
        }
    }
}

/// What a leader knows of every server: all zeros where there is no leader.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, IntoBytes, Immutable)]
#[repr(transparent)]
pub struct Progress(u64);

impl Progress {
    /// Of a new leader (Figure 2): `nextIndex` is one beyond its last entry, and nothing is known to match.
    #[inline]
    pub fn new(servers: usize, next: u8) -> Self {
        (0..servers).fold(Self::default(), |all, server| all.with_next(server, next))
    }

    /// `nextIndex`: the entry that the server is sent next.
    #[inline]
    pub const fn next(self, server: usize) -> u8 {
        self.get(server, NEXT)
    }

    /// `matchIndex`: up to where its log is known to match.
    #[inline]
    pub const fn matched(self, server: usize) -> u8 {
        self.get(server, MATCH)
    }

    /// The same with another `nextIndex`.
    #[inline]
    #[must_use]
    pub const fn with_next(self, server: usize, next: u8) -> Self {
        self.set(server, NEXT, next)
    }

    /// The same with another `matchIndex`.
    #[inline]
    #[must_use]
    pub const fn with_match(self, server: usize, matched: u8) -> Self {
        self.set(server, MATCH, matched)
    }

    /// The same with, for a server, what another one is known for.
    #[must_use]
    pub(super) const fn with_server(self, server: usize, other: Self, known: usize) -> Self {
        let all = (1 << WIDTH) - 1;
        let (to, from) = (server as u32 * WIDTH, known as u32 * WIDTH);
        Self(self.0 & !(all << to) | (other.0 >> from & all) << to)
    }

    /// How the leader sends to the server.
    #[inline]
    pub const fn state(self, server: usize) -> ProgressState {
        match self.get(server, STATE) {
            0 => ProgressState::Probe,
            1 => ProgressState::Replicate,
            _ => ProgressState::Snapshot,
        }
    }

    /// `IsPaused`: whether the server is sent nothing for now.
    #[inline]
    pub const fn is_paused(self, server: usize) -> bool {
        self.waits_for_heartbeat(server) || matches!(self.state(server), ProgressState::Snapshot)
    }

    /// `MsgAppFlowPaused`: whether the answer to a heartbeat lets it be sent something again.
    #[inline]
    pub const fn waits_for_heartbeat(self, server: usize) -> bool {
        self.get(server, PAUSED) == 1
    }

    /// `Inflights.Count`: how many appends it was sent that it has not acknowledged. Each has one entry.
    #[inline]
    pub const fn in_flight(self, server: usize) -> u8 {
        match self.state(server) {
            ProgressState::Replicate => self.next(server).saturating_sub(self.matched(server) + 1),
            _ => 0,
        }
    }

    /// Whether the transport has lost something between the two, and has not reported it: no knowledge of the leader's,
    /// but it ends with the state that it is to be reported in.
    #[inline]
    pub const fn has_lost(self, server: usize) -> bool {
        self.get(server, LOST) == 1
    }

    /// The same after a loss. A probe that is lost is not reported: the next heartbeat's answer is as good.
    #[inline]
    #[must_use]
    pub const fn losing(self, server: usize) -> Self {
        match self.state(server) {
            ProgressState::Probe => self,
            _ => self.set(server, LOST, 1),
        }
    }

    /// The same, in which the server is sent nothing until a heartbeat is answered, or is sent something again.
    #[inline]
    #[must_use]
    pub const fn pausing(self, server: usize, paused: bool) -> Self {
        self.set(server, PAUSED, paused as u8)
    }

    /// `BecomeProbe` and `BecomeReplicate`: the same in another state, from behind what is known to match.
    #[inline]
    #[must_use]
    pub const fn becoming(self, server: usize, state: ProgressState) -> Self {
        self.with_next(server, self.matched(server) + 1).reset(server, state)
    }

    /// `BecomeSnapshot`: the same, in which a snapshot up to an index is pending.
    #[inline]
    #[must_use]
    pub const fn becoming_snapshot(self, server: usize, index: u8) -> Self {
        self.with_next(server, index + 1).reset(server, ProgressState::Snapshot)
    }

    /// `BecomeProbe` from behind the pending snapshot: `nextIndex` is that already.
    #[inline]
    #[must_use]
    pub const fn becoming_probe_of_snapshot(self, server: usize) -> Self {
        self.reset(server, ProgressState::Probe)
    }

    #[inline]
    const fn reset(self, server: usize, state: ProgressState) -> Self {
        self.set(server, STATE, state as u8).set(server, PAUSED, 0).set(server, LOST, 0)
    }

    #[inline]
    const fn get(self, server: usize, (shift, bits): (u32, u32)) -> u8 {
        (self.0 >> (server as u32 * WIDTH + shift) & ((1 << bits) - 1)) as u8
    }

    #[inline]
    const fn set(self, server: usize, (shift, bits): (u32, u32), value: u8) -> Self {
        let at = server as u32 * WIDTH + shift;
        let mask = (1_u64 << bits) - 1;
        debug_assert!(value as u64 <= mask, "a field of a leader's progress is too small");
        Self(self.0 & !(mask << at) | (value as u64 & mask) << at)
    }
}

/// Where a field of one server stands, and how many bits it has.
const NEXT: (u32, u32) = (0, 4);
const MATCH: (u32, u32) = (4, 4);
const STATE: (u32, u32) = (8, 2);
const PAUSED: (u32, u32) = (10, 1);
const LOST: (u32, u32) = (11, 1);
const WIDTH: u32 = 12;

impl fmt::Debug for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of_each = (0..MOST_SERVERS).map(|server| (server, (self.next(server), self.matched(server))));
        f.debug_map().entries(of_each.filter(|(_, known)| *known != (0, 0))).finish()
    }
}

/// The most servers that there can be.
pub(super) const MOST_SERVERS: usize = 5;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_of_servers_knows_its_majorities() {
        let three = Servers::below(3);
        assert_eq!(
            (three.len(), three.has_majority_in(Servers::one(1)), three.has_majority_in(Servers::one(1).with(2))),
            (3, false, true)
        );
        assert!(!Servers::below(4).has_majority_in(Servers::below(2)) && Servers::NONE.has_majority_in(Servers::NONE));
        assert!(three.without(1).iter().eq([0, 2]) && three.intersection(Servers::one(4)).is_empty());
        assert_eq!(three.without(0).union(Servers::one(0)), [0, 1, 2].into_iter().collect());
    }

    #[test]
    fn progress_is_kept_server_by_server() {
        let progress = Progress::new(5, 9).with_match(4, 8).with_next(4, 3);
        assert!((0..4).all(|server| (progress.next(server), progress.matched(server)) == (9, 0)));
        assert_eq!((progress.next(4), progress.matched(4)), (3, 8));
    }

    #[test]
    fn a_state_of_progress_begins_with_nothing_in_flight() {
        let probing = Progress::new(5, 9).with_match(4, 3).pausing(4, true);
        assert!(probing.is_paused(4) && !probing.is_paused(3) && !probing.losing(4).has_lost(4));
        let replicating = probing.becoming(4, ProgressState::Replicate);
        assert!(!replicating.is_paused(4) && replicating.losing(4).has_lost(4));
        assert_eq!(
            (replicating.next(4), replicating.in_flight(4), replicating.with_next(4, 6).in_flight(4)),
            (4, 0, 2)
        );
        let pending = replicating.losing(4).becoming_snapshot(4, 7);
        assert!(pending.is_paused(4) && !pending.waits_for_heartbeat(4) && !pending.has_lost(4));
        let finished = pending.becoming_probe_of_snapshot(4);
        assert_eq!((finished.next(4), finished.matched(4), finished.state(4)), (8, 3, ProgressState::Probe));
        assert_eq!(pending.becoming(4, ProgressState::Probe), finished.with_next(4, 4));
    }
}
