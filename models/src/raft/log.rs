//! Raft's entries and logs, flat and cheap to copy, compare and hash.

use std::fmt;
use zerocopy::{Immutable, IntoBytes};

/// An entry: the term in which a leader received it, and what it holds. The term's three bits come first, so that
/// entries are in the order of their terms.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Entry(u8);

/// What an entry holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// Nothing: a leader appends it when its term begins (thesis, section 6.4, step 1).
    Blank,
    /// A client's request, by its number.
    Request(u8),
    /// A configuration, by its number.
    Configure(u8),
}

impl Entry {
    /// An entry of a term.
    ///
    /// # Panics
    /// When the term or the number is beyond what an entry can hold.
    #[inline]
    pub fn new(term: u8, command: Command) -> Self {
        let kind = match command {
            Command::Blank => 0,
            Command::Request(number) => number,
            Command::Configure(number) => FIRST_CONFIGURATION + number,
        };
        assert!(term <= MOST_TERMS && kind < KINDS, "no entry of term {term} holds {command:?}");
        Self(term * KINDS + kind)
    }

    /// The entry of these bits.
    #[inline]
    pub(super) const fn of(bits: u8) -> Self {
        Self(bits)
    }

    /// The entry's bits: those of no entry are zero, for the first term is 1.
    #[inline]
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// The term in which a leader received it.
    #[inline]
    pub const fn term(self) -> u8 {
        self.0 / KINDS
    }

    /// What it holds.
    #[inline]
    pub const fn command(self) -> Command {
        match self.0 % KINDS {
            0 => Command::Blank,
            kind if kind < FIRST_CONFIGURATION => Command::Request(kind),
            kind => Command::Configure(kind - FIRST_CONFIGURATION),
        }
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.command() {
            Command::Blank => write!(f, "blank"),
            Command::Request(number) => write!(f, "request {number}"),
            Command::Configure(number) => write!(f, "configuration {number}"),
        }?;
        write!(f, " of term {}", self.term())
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A log: its entries by their index, from 1. Of those that a snapshot has replaced the last one stays, and the others
/// are gone.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, IntoBytes, Immutable)]
#[repr(transparent)]
pub struct Log(u64);

impl Log {
    /// The index of the last entry, 0 of an empty log.
    #[inline]
    pub const fn last_index(self) -> u8 {
        (u64::BITS - self.0.leading_zeros()).div_ceil(u8::BITS) as u8
    }

    /// The term of the last entry.
    #[inline]
    pub const fn last_term(self) -> u8 {
        self.term(self.last_index())
    }

    /// The entry at an index, if there is one and it is not gone.
    #[inline]
    pub const fn get(self, index: u8) -> Option<Entry> {
        match self.at(index) {
            0 => None,
            bits => Some(Entry(bits)),
        }
    }

    /// The term of the entry at an index, 0 if there is none.
    #[inline]
    pub const fn term(self, index: u8) -> u8 {
        Entry(self.at(index)).term()
    }

    /// Whether there is room for one more entry.
    #[inline]
    pub const fn has_room(self) -> bool {
        self.last_index() < MOST_ENTRIES
    }

    /// The log with one more entry.
    ///
    /// # Panics
    /// When it is full.
    #[inline]
    #[must_use]
    pub fn with(self, entry: Entry) -> Self {
        self.put(self.last_index() + 1, entry)
    }

    /// The log in which an entry is at an index.
    ///
    /// # Panics
    /// When the index is beyond what a log can hold.
    #[inline]
    #[must_use]
    pub fn put(self, index: u8, entry: Entry) -> Self {
        assert!((1..=MOST_ENTRIES).contains(&index), "a log of {MOST_ENTRIES} has no place for {index}");
        let shift = u32::from(index - 1) * u8::BITS;
        Self(self.0 & !(0xff << shift) | u64::from(entry.0) << shift)
    }

    /// The log up to an index.
    #[inline]
    #[must_use]
    pub const fn up_to(self, index: u8) -> Self {
        if index >= MOST_ENTRIES { self } else { Self(self.0 & !(u64::MAX << (index as u32 * u8::BITS))) }
    }

    /// The log from an index on; what is before is gone.
    #[inline]
    #[must_use]
    pub const fn from(self, index: u8) -> Self {
        match index {
            0 | 1 => self,
            2..=MOST_ENTRIES => Self(self.0 & u64::MAX << ((index - 1) as u32 * u8::BITS)),
            _ => Self(0),
        }
    }

    /// The log, with another one's entries where it has none.
    #[inline]
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0 & !self.places())
    }

    /// Whether all entries of another log are in this one, or a snapshot in their place.
    #[inline]
    pub(super) const fn has_all(self, other: Self) -> bool {
        Self((self.0 ^ other.0) & other.places()).from(self.snapshot_index()).0 == 0
    }

    /// The bytes that are entries, all their bits set.
    #[inline]
    const fn places(self) -> u64 {
        // Of each byte the topmost bit comes to tell whether another one is set; no sum reaches into the next byte.
        let (topmost, others) = (0x80 * ONES, 0x7f * ONES);
        let there = (((self.0 & others) + others) | self.0) & topmost;
        (there >> (u8::BITS - 1)) * 0xff
    }

    /// Its bytes: an entry's bits for each index, from the lowest.
    #[inline]
    pub(super) const fn bits(self) -> u64 {
        self.0
    }

    /// How far two logs have the same entries.
    #[inline]
    pub const fn common(self, other: Self) -> u8 {
        let same = ((self.0 ^ other.0).trailing_zeros() / u8::BITS) as u8;
        let shorter = if self.last_index() < other.last_index() { self.last_index() } else { other.last_index() };
        if same < shorter { same } else { shorter }
    }

    /// The index of the first entry that is there.
    #[inline]
    pub const fn first_index(self) -> u8 {
        (self.0.trailing_zeros() / u8::BITS) as u8 + 1
    }

    /// Whether two logs have the same entries up to an index, as far as they are there in both.
    #[inline]
    pub const fn agrees_up_to(self, other: Self, index: u8) -> bool {
        let (mine, theirs) = (self.first_index(), other.first_index());
        let first = if mine > theirs { mine } else { theirs };
        Self(self.0 ^ other.0).from(first).up_to(index).0 == 0
    }

    /// The log that a snapshot up to an index leaves behind: that entry is there, and none before or after it.
    #[inline]
    pub(super) fn of_snapshot(index: u8, last: Entry) -> Self {
        Self::default().put(index, last)
    }

    /// The index of the last entry that a snapshot has replaced: 0 where there is none, and where all are there.
    #[inline]
    pub const fn snapshot_index(self) -> u8 {
        if self.0 == 0 || self.first_index() == 1 { 0 } else { self.first_index() }
    }

    /// The latest configuration among the entries above an index and up to another: its index and its number.
    #[inline]
    pub fn configuration(self, above: u8, up_to: u8) -> Option<(u8, u8)> {
        (above + 1..=up_to.min(self.last_index())).rev().find_map(|index| match self.get(index).map(Entry::command) {
            Some(Command::Configure(number)) => Some((index, number)),
            _ => None,
        })
    }

    /// The entries that are there, each with its index.
    pub fn iter(self) -> impl DoubleEndedIterator<Item = (u8, Entry)> {
        (1..=self.last_index()).filter_map(move |index| self.get(index).map(|entry| (index, entry)))
    }

    #[inline]
    const fn at(self, index: u8) -> u8 {
        if index == 0 || index > MOST_ENTRIES { 0 } else { (self.0 >> ((index - 1) as u32 * u8::BITS)) as u8 }
    }
}

impl fmt::Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

/// The greatest term.
pub(super) const MOST_TERMS: u8 = 7;
/// The most entries that a log can have.
pub(super) const MOST_ENTRIES: u8 = 8;
/// The greatest number of a request.
pub(super) const MOST_REQUESTS: u8 = FIRST_CONFIGURATION - 1;
/// A word whose every byte is 1.
const ONES: u64 = u64::from_le_bytes([1; MOST_ENTRIES as usize]);
/// How many kinds of entry a term has.
const KINDS: u8 = 32;
const FIRST_CONFIGURATION: u8 = 8;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_is_a_sequence_whose_beginning_may_be_gone() {
        let entries = [(1, Command::Blank), (1, Command::Request(7)), (3, Command::Configure(2))];
        let log = entries.iter().fold(Log::default(), |log, &(term, command)| log.with(Entry::new(term, command)));
        assert_eq!((log.last_index(), log.last_term(), log.term(2), log.term(4)), (3, 3, 1, 0));
        assert_eq!(log.get(2).map(Entry::command), Some(Command::Request(7)));
        assert_eq!((log.up_to(2).last_index(), log.up_to(0), log.up_to(8)), (2, Log::default(), log));
        assert_eq!((log.from(2).get(1), log.from(2).term(2), log.from(2).last_index()), (None, 1, 3));
        let other = log.up_to(2).with(Entry::new(2, Command::Blank));
        assert_eq!(
            (log.common(other), log.common(log), log.common(log.up_to(1)), log.common(Log::default())),
            (2, 3, 1, 0)
        );
        assert!(log.agrees_up_to(other, 2) && !log.agrees_up_to(other, 3) && !log.agrees_up_to(log.up_to(2), 3));
        assert!(log.from(2).agrees_up_to(log, 3) && log.first_index() == 1 && log.from(2).first_index() == 2);
        assert_eq!((log.from(3).or(other), log.up_to(1).or(log)), (other.put(3, log.get(3).unwrap()), log));
        assert_eq!((Log::default().or(log), log.from(2).up_to(2).or(log), log.or(other)), (log, log, log));
        assert_eq!((log.snapshot_index(), log.from(2).snapshot_index(), Log::default().snapshot_index()), (0, 2, 0));
        assert_eq!(
            (log.configuration(0, 8), log.configuration(0, 2), log.configuration(3, 8)),
            (Some((3, 2)), None, None)
        );
        assert!(
            log.has_all(log) && log.has_all(log.from(2)) && log.from(2).has_all(log) && log.has_all(Log::default())
        );
        assert!(!log.has_all(other) && !log.up_to(2).has_all(log) && !Log::default().has_all(log.up_to(1)));
        assert_eq!(Log::of_snapshot(2, log.get(2).unwrap()), log.from(2).up_to(2));
        assert_eq!(format!("{:?}", log.from(3)), "{3: configuration 2 of term 3}");
    }

    #[test]
    fn a_full_log_has_all_its_places() {
        let full = (0..MOST_ENTRIES).fold(Log::default(), |log, _| log.with(Entry::new(MOST_TERMS, Command::Blank)));
        assert!(!full.has_room() && full.up_to(8) == full && full.from(8).last_index() == 8 && full.common(full) == 8);
    }
}
