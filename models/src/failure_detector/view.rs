//! What a node holds of the others, what it says of them, and its probe.

use crate::Few;
use std::fmt;
use zerocopy::{Immutable, IntoBytes};

/// How a node is held by another one. Of the same incarnation, a later one is news to an earlier one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// It was never heard of, in this life of who holds it.
    Unknown,
    /// It is believed to be up.
    Alive,
    /// A probe has failed: it may refute that.
    Suspect,
    /// Nothing was refuted in time.
    Dead,
    /// It was dead and has left the list of members.
    Removed,
}

const STATUSES: [Status; 5] = [Status::Unknown, Status::Alive, Status::Suspect, Status::Dead, Status::Removed];

/// The greatest incarnation that has room. No bound reaches it, and no budget can.
pub(super) const MOST_INCARNATION: u8 = 15;

/// An entry of a node's table: a status of an incarnation, in a byte.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, IntoBytes, Immutable)]
#[repr(transparent)]
pub struct Entry(u8);

impl Entry {
    /// A status of an incarnation.
    #[inline]
    pub const fn new(status: Status, incarnation: u8) -> Self {
        Self(status as u8 | incarnation << 3)
    }

    /// The status.
    #[inline]
    pub const fn status(self) -> Status {
        STATUSES[(self.0 & 7) as usize]
    }

    /// The incarnation that it is of.
    #[inline]
    pub const fn incarnation(self) -> u8 {
        self.0 >> 3
    }

    /// The same incarnation with another status.
    #[inline]
    #[must_use]
    pub const fn to(self, status: Status) -> Self {
        Self::new(status, self.incarnation())
    }

    /// Whether it is one of a member: neither removed nor never heard of.
    #[inline]
    pub fn is_member(self) -> bool {
        matches!(self.status(), Status::Alive | Status::Suspect | Status::Dead)
    }

    /// Whether it is held alive.
    #[inline]
    pub fn is_alive(self) -> bool {
        self.status() == Status::Alive
    }

    /// Whether it accuses: of being suspect, dead or removed.
    #[inline]
    pub fn accuses(self) -> bool {
        self.status() >= Status::Suspect
    }
}

impl Status {
    /// The status in a word.
    pub const fn name(self) -> &'static str {
        match self {
            Status::Unknown => "unknown",
            Status::Alive => "alive",
            Status::Suspect => "suspect",
            Status::Dead => "dead",
            Status::Removed => "removed",
        }
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.status() {
            Status::Unknown => write!(f, "unknown"),
            status => write!(f, "{} {}", status.name(), self.incarnation()),
        }
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// A rumour on its way: who tells whom that somebody is alive, suspect or dead. All zeros is none.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, IntoBytes, Immutable)]
#[repr(transparent)]
pub struct Rumour(u16);

impl Rumour {
    /// What `from` tells `to` about a node.
    #[inline]
    pub const fn new(from: usize, to: usize, about: usize, says: Entry) -> Self {
        Self(says.0 as u16 | (from as u16) << 7 | (to as u16) << 9 | (about as u16) << 11)
    }

    /// Who tells.
    #[inline]
    pub const fn from(self) -> usize {
        (self.0 >> 7 & 3) as usize
    }

    /// Who is told.
    #[inline]
    pub const fn to(self) -> usize {
        (self.0 >> 9 & 3) as usize
    }

    /// About whom.
    #[inline]
    pub const fn about(self) -> usize {
        (self.0 >> 11 & 3) as usize
    }

    /// What it says.
    #[inline]
    pub const fn says(self) -> Entry {
        Entry((self.0 & 0x7f) as u8)
    }

    /// Whether it is none.
    #[inline]
    pub fn is_none(self) -> bool {
        self == Self::default()
    }
}

impl fmt::Display for Rumour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "node {} is {}", self.about(), self.says())
    }
}

impl fmt::Debug for Rumour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} to {}: {self}", self.from(), self.to())
    }
}

/// The probe of a node, once the direct ping was not answered in time: whom it is of, which helpers have not said
/// anything yet, and which have reached the node and are about to say so. All zeros is no probe: a ping that is
/// answered in time leaves no trace.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, IntoBytes, Immutable)]
#[repr(transparent)]
pub struct Probe(u16);

impl Probe {
    /// A probe for which these helpers have been asked.
    #[inline]
    pub fn new(target: usize, waiting: Few) -> Self {
        Self::with(target, waiting, Few::NONE)
    }

    #[inline]
    pub(super) fn with(target: usize, waiting: Few, reached: Few) -> Self {
        Self((1 + target as u16) | u16::from(waiting.mask()) << 4 | u16::from(reached.mask()) << 8)
    }

    /// Whom it is of; `None` where there is no probe.
    #[inline]
    pub fn target(self) -> Option<usize> {
        usize::from(self.0 & 0xf).checked_sub(1)
    }

    /// The helpers that have not said anything yet.
    #[inline]
    pub const fn waiting(self) -> Few {
        Few::of_mask((self.0 >> 4 & 0xf) as u8)
    }

    /// The helpers that have reached the target and not said so yet.
    #[inline]
    pub const fn reached(self) -> Few {
        Few::of_mask((self.0 >> 8 & 0xf) as u8)
    }

    /// The same, in which a helper has reached the target. Where there is no probe there is none.
    #[inline]
    #[must_use]
    pub fn reaches(self, helper: usize) -> Self {
        let Some(target) = self.target() else { return self };
        Self::with(target, self.waiting().without(helper), self.reached().with(helper))
    }

    /// The same, in which nothing is to come from a helper any more. Where there is no probe there is none.
    #[inline]
    #[must_use]
    pub fn fails(self, helper: usize) -> Self {
        let Some(target) = self.target() else { return self };
        Self::with(target, self.waiting().without(helper), self.reached().without(helper))
    }
}

impl fmt::Debug for Probe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.target() {
            Some(target) => write!(f, "of {target}, waits for {:?}, reached by {:?}", self.waiting(), self.reached()),
            None => write!(f, "none"),
        }
    }
}
