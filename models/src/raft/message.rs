//! Raft's messages, each a word, and those in flight.

use super::{Entry, Log};
use std::fmt;

/// A message. What its numbers mean depends on its kind.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Message(u64);

/// The kinds of message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A pre-candidate asks whether it would be voted for in the next term.
    PreVote,
    /// The answer.
    PreVoteResponse,
    /// A candidate asks for a vote.
    RequestVote,
    /// The vote, or its refusal.
    RequestVoteResponse,
    /// A leader replicates entries, or none.
    AppendEntries,
    /// They match, or do not.
    AppendResponse,
    /// A leader sends its snapshot, in place of entries that are gone.
    InstallSnapshot,
    /// A leader asks the server that it hands over to to time out at once.
    TimeoutNow,
    /// A follower asks its leader up to where it must apply its log for a read.
    ReadIndex,
    /// The answer, when the leader knows that it leads still.
    ReadIndexResponse,
}

const KINDS: [Kind; 10] = [
    Kind::PreVote,
    Kind::PreVoteResponse,
    Kind::RequestVote,
    Kind::RequestVoteResponse,
    Kind::AppendEntries,
    Kind::AppendResponse,
    Kind::InstallSnapshot,
    Kind::TimeoutNow,
    Kind::ReadIndex,
    Kind::ReadIndexResponse,
];

/// Where a field stands in the word: its first bit, and how many it has. The kind comes last, and is one more than
/// its number, so that no message is all zeros.
type Field = (u32, u32);
const ENTRIES: Field = (0, 32);
const INDEX: Field = (32, 4);
const HINT: Field = (36, 4);
const LOG_TERM: Field = (40, 3);
const TERM: Field = (43, 3);
const FROM: Field = (46, 3);
const TO: Field = (49, 3);
const YES: Field = (52, 1);
const HELD: Field = (53, 1);
const CONTEXT: Field = (54, 4);
const LIVE: Field = (58, 1);
const KIND: Field = (59, 5);

impl Message {
    /// A message without anything but who sends it to whom in which term.
    #[inline]
    pub fn new(kind: Kind, from: usize, to: usize, term: u8) -> Self {
        let empty = Self::default().set(KIND, kind as u64 + 1).set(FROM, from as u64).set(TO, to as u64);
        empty.set(TERM, term.into())
    }

    /// The same from another sender to another addressee.
    #[must_use]
    pub(super) const fn between(self, from: usize, to: usize) -> Self {
        self.set(FROM, from as u64).set(TO, to as u64)
    }

    /// The same with the index and the term of an entry: a candidate's last one; what comes before those that are
    /// appended; the one up to which logs match, or where they do not.
    #[inline]
    #[must_use]
    pub fn entry(self, index: u8, log_term: u8) -> Self {
        self.set(INDEX, index.into()).set(LOG_TERM, log_term.into())
    }

    /// The same with an index: the leader's commit index, or where a follower's log may match.
    #[inline]
    #[must_use]
    pub fn hinting(self, hint: u8) -> Self {
        self.set(HINT, hint.into())
    }

    /// The same with these entries of a log: from an index, so many.
    #[inline]
    #[must_use]
    pub fn entries(self, log: Log, from: u8, count: u8) -> Self {
        let bits = (0..count).map(|at| (at, log.get(from + at).map_or(0, Entry::bits)));
        self.set(ENTRIES, bits.fold(0, |all, (at, bits)| all | u64::from(bits) << (u32::from(at) * u8::BITS)))
    }

    /// The same, which says yes.
    #[inline]
    #[must_use]
    pub fn saying(self, yes: bool) -> Self {
        self.set(YES, yes.into())
    }

    /// The same, held back until its sender's disk has what it says, or let go.
    #[inline]
    #[must_use]
    pub fn held(self, held: bool) -> Self {
        self.set(HELD, held.into())
    }

    /// The same with the number of a read, or of a configuration.
    #[inline]
    #[must_use]
    pub fn context(self, number: u8) -> Self {
        self.set(CONTEXT, number.into())
    }

    /// The same, which says of a moment that it is not long ago, or no longer does.
    #[inline]
    #[must_use]
    pub fn live(self, live: bool) -> Self {
        self.set(LIVE, live.into())
    }

    /// Its kind.
    #[inline]
    pub const fn kind(self) -> Kind {
        KINDS[self.get(KIND) as usize - 1]
    }

    /// Its sender.
    #[inline]
    pub const fn from(self) -> usize {
        self.get(FROM) as usize
    }

    /// Its addressee.
    #[inline]
    pub const fn to(self) -> usize {
        self.get(TO) as usize
    }

    /// Its term.
    #[inline]
    pub const fn term(self) -> u8 {
        self.get(TERM) as u8
    }

    /// Its index.
    #[inline]
    pub const fn index(self) -> u8 {
        self.get(INDEX) as u8
    }

    /// The term of the entry at its index.
    #[inline]
    pub const fn log_term(self) -> u8 {
        self.get(LOG_TERM) as u8
    }

    /// Its other index.
    #[inline]
    pub const fn hint(self) -> u8 {
        self.get(HINT) as u8
    }

    /// Whether it says yes.
    #[inline]
    pub const fn says_yes(self) -> bool {
        self.get(YES) == 1
    }

    /// Whether it is held back.
    #[inline]
    pub const fn is_held(self) -> bool {
        self.get(HELD) == 1
    }

    /// The number of its read, or of its configuration.
    #[inline]
    pub const fn number(self) -> u8 {
        self.get(CONTEXT) as u8
    }

    /// Whether it says of a moment that it is not long ago.
    #[inline]
    pub const fn is_live(self) -> bool {
        self.get(LIVE) == 1
    }

    /// The entry that it carries first.
    #[inline]
    pub const fn first(self) -> Entry {
        Entry::of(self.get(ENTRIES) as u8)
    }

    /// Its entries, each with its index in the sender's log.
    pub fn appended(self) -> impl Iterator<Item = (u8, Entry)> {
        let entries = (0..MOST_BATCH).map(move |at| (self.get(ENTRIES) >> (u32::from(at) * u8::BITS)) as u8);
        let first = self.index() + 1;
        entries.take_while(|&bits| bits != 0).enumerate().map(move |(at, bits)| (first + at as u8, Entry::of(bits)))
    }

    /// How many entries it has.
    #[inline]
    pub const fn count(self) -> u8 {
        (u64::BITS - self.get(ENTRIES).leading_zeros()).div_ceil(u8::BITS) as u8
    }

    #[inline]
    const fn get(self, (shift, bits): Field) -> u64 {
        self.0 >> shift & (u64::MAX >> (u64::BITS - bits))
    }

    #[inline]
    const fn set(self, (shift, bits): Field, value: u64) -> Self {
        let mask = u64::MAX >> (u64::BITS - bits);
        debug_assert!(value <= mask, "a field of a message is too small");
        Self(self.0 & !(mask << shift) | (value & mask) << shift)
    }
}

/// The most entries that a message can have.
pub(super) const MOST_BATCH: u8 = 4;

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (term, index, log_term) = (self.term(), self.index(), self.log_term());
        let last = |f: &mut fmt::Formatter<'_>| write!(f, ", last entry {index} of term {log_term}");
        match (self.kind(), self.says_yes()) {
            (Kind::PreVote, _) => write!(f, "PreVote for term {term}").and_then(|()| last(f)),
            (Kind::PreVoteResponse, true) => write!(f, "PreVoteResponse: yes, for term {term}"),
            (Kind::PreVoteResponse, false) => write!(f, "PreVoteResponse: no, of term {term}"),
            (Kind::RequestVote, by_leader) => {
                let order = if by_leader { ", told to stand" } else { "" };
                write!(f, "RequestVote of term {term}{order}").and_then(|()| last(f))
            }
            (Kind::RequestVoteResponse, true) => write!(f, "RequestVoteResponse: yes, of term {term}"),
            (Kind::RequestVoteResponse, false) => write!(f, "RequestVoteResponse: no, of term {term}"),
            (Kind::AppendEntries, _) => {
                write!(f, "AppendEntries of term {term}, after entry {index} of term {log_term}: ")?;
                let entries: Vec<_> = self.appended().map(|(_, entry)| entry.to_string()).collect();
                write!(f, "[{}], commit index {}", entries.join(", "), self.hint())
            }
            (Kind::AppendResponse, true) => write!(f, "AppendResponse of term {term}: match up to {index}"),
            (Kind::AppendResponse, false) => {
                write!(f, "AppendResponse of term {term}: no match at {index}, hint {} of term {log_term}", self.hint())
            }
            (Kind::InstallSnapshot, _) => write!(f, "InstallSnapshot of term {term}").and_then(|()| last(f)),
            (Kind::TimeoutNow, _) => write!(f, "TimeoutNow of term {term}"),
            (Kind::ReadIndex, _) => write!(f, "ReadIndex of term {term}"),
            (Kind::ReadIndexResponse, _) => write!(f, "ReadIndexResponse of term {term}: up to {index}"),
        }?;
        match (self.kind(), self.number()) {
            (_, 0) => {}
            (Kind::InstallSnapshot, number) => write!(f, ", configuration {number}")?,
            (_, number) => write!(f, ", for read {number}")?,
        }
        if self.is_live() {
            write!(f, ", in time")?;
        }
        if self.is_held() { write!(f, ", held back until synced") } else { Ok(()) }
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} to {}: {self}", self.from(), self.to())
    }
}

/// The messages in flight: a set, so that one that is sent again while it is in flight is one.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Network {
    /// In their order, and then nothing.
    messages: [Message; MOST_MESSAGES],
}

impl Network {
    /// How many there are.
    #[inline]
    pub fn len(&self) -> usize {
        self.messages.iter().position(|message| *message == Message::default()).unwrap_or(MOST_MESSAGES)
    }

    /// Whether there is none.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.messages[0] == Message::default()
    }

    /// Whether the message is in flight.
    #[inline]
    pub fn contains(&self, message: Message) -> bool {
        self.messages.contains(&message)
    }

    /// Those in flight.
    #[inline]
    pub fn iter(&self) -> impl Iterator<Item = Message> + use<> {
        let messages = self.messages;
        messages.into_iter().take_while(|message| *message != Message::default())
    }

    /// Adds a message; one that is in flight already changes nothing, and one for which there is no room is lost.
    #[inline]
    pub fn insert(&mut self, message: Message) {
        if self.contains(message) || self.len() == MOST_MESSAGES {
            return;
        }
        let mut at = self.len();
        while at > 0 && self.messages[at - 1] > message {
            self.messages[at] = self.messages[at - 1];
            at -= 1;
        }
        self.messages[at] = message;
    }

    /// Removes a message; one that is not in flight changes nothing.
    #[inline]
    pub fn remove(&mut self, message: Message) {
        if let Some(at) = self.messages.iter().position(|other| *other == message) {
            self.messages.copy_within(at + 1.., at);
            self.messages[MOST_MESSAGES - 1] = Message::default();
        }
    }
}

impl FromIterator<Message> for Network {
    fn from_iter<I: IntoIterator<Item = Message>>(messages: I) -> Self {
        let mut network = Self::default();
        messages.into_iter().for_each(|message| network.insert(message));
        network
    }
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

/// The most messages that can be in flight.
pub(super) const MOST_MESSAGES: usize = 5;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raft::Command;

    #[test]
    fn a_message_holds_what_it_was_given() {
        let log =
            [1, 2, 3].iter().fold(Log::default(), |log, &term| log.with(Entry::new(term, Command::Request(term))));
        let message = Message::new(Kind::AppendEntries, 4, 3, 7).entry(8, 7).entries(log, 2, 2).hinting(5).held(true);
        let read = (message.kind(), message.from(), message.to(), message.term(), message.index(), message.log_term());
        assert_eq!(read, (Kind::AppendEntries, 4, 3, 7, 8, 7));
        assert_eq!((message.hint(), message.is_held(), message.says_yes(), message.count()), (5, true, false, 2));
        assert!(message.appended().eq([(9, log.get(2).unwrap()), (10, log.get(3).unwrap())]));
        assert!(message.held(false).saying(true).says_yes() && !message.is_live() && message.live(true).is_live());
        assert_eq!((message.context(15).number(), message.context(15).first()), (15, log.get(2).unwrap()));
        for kind in KINDS {
            assert_eq!(Message::new(kind, 0, 0, 0).kind(), kind);
        }
    }

    #[test]
    fn a_network_is_a_set() {
        let [a, b, c] = [1, 2, 3].map(|term| Message::new(Kind::RequestVote, 0, 1, term));
        let mut network: Network = [c, a, b, a].into_iter().collect();
        assert_eq!(network, [a, b, c].into_iter().collect());
        assert!(network.iter().eq([a, b, c]) && network.len() == 3);
        network.remove(b);
        network.remove(b);
        assert!(network.iter().eq([a, c]) && !network.contains(b));
        network.remove(a);
        network.remove(c);
        assert!(network.is_empty());
    }
}
