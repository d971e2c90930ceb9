//! The messages of Paxos, each by its number, so that a set of them is a set of bits.

use super::{SingleDecreePaxos, State};
use proofmark_vocabulary::BitSet;

/// A set of messages.
pub type Messages = BitSet<3>;

/// A message, by the name of its phase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Message {
    /// 1a: a proposer asks for promises in the ballot.
    Prepare(u8),
    /// 1b: the acceptor promises the ballot, and reports what it has accepted last, if anything: the ballot
    /// and the value.
    Promise(usize, u8, Option<(u8, u8)>),
    /// 2a: the ballot's proposer asks to accept the value.
    Accept(u8, u8),
    /// 2b: the acceptor has accepted, in the ballot, the value.
    Accepted(usize, u8, u8),
}

impl SingleDecreePaxos {
    /// The number of a message. Each acceptor's are together: its promises, then what it has accepted.
    pub fn number(&self, message: Message) -> usize {
        match message {
            Message::Prepare(b) => b.into(),
            Message::Accept(b, v) => self.ballots + self.vote(b, v),
            Message::Promise(a, b, report) => {
                let report = report.map_or(0, |(c, v)| 1 + self.vote(c, v));
                self.first_of(a) + usize::from(b) * (1 + self.votes()) + report
            }
            Message::Accepted(a, b, v) => self.first_of(a) + self.promises() + self.vote(b, v),
        }
    }

    /// The message of a number: [`Self::number`] the other way round.
    pub fn message(&self, number: usize) -> Message {
        let small = |n: usize| n.to_le_bytes()[0];
        let vote = |n: usize| (small(n / self.values), small(n % self.values));
        if number < self.ballots {
            return Message::Prepare(small(number));
        }
        if number < self.first_of(0) {
            let (b, v) = vote(number - self.ballots);
            return Message::Accept(b, v);
        }
        let (a, n) = ((number - self.first_of(0)) / self.of_one(), (number - self.first_of(0)) % self.of_one());
        if n < self.promises() {
            let (b, report) = (small(n / (1 + self.votes())), n % (1 + self.votes()));
            return Message::Promise(a, b, report.checked_sub(1).map(vote));
        }
        let (b, v) = vote(n - self.promises());
        Message::Accepted(a, b, v)
    }

    /// The number of a pair of a ballot and a value.
    fn vote(&self, b: u8, v: u8) -> usize {
        usize::from(b) * self.values + usize::from(v)
    }

    /// How many pairs of a ballot and a value there are.
    fn votes(&self) -> usize {
        self.ballots * self.values
    }

    /// How many promises one acceptor can make.
    fn promises(&self) -> usize {
        self.ballots * (1 + self.votes())
    }

    /// How many messages one acceptor can send.
    pub(super) fn of_one(&self) -> usize {
        self.promises() + self.votes()
    }

    /// The first number of the messages of acceptor `a`.
    pub(super) fn first_of(&self, a: usize) -> usize {
        self.ballots + self.votes() + a * self.of_one()
    }

    /// Whether a message has been sent.
    pub fn is_sent(&self, s: &State, message: Message) -> bool {
        s.msgs.contains(self.number(message))
    }

    pub(super) fn sent(&self, s: &State, message: Message) -> Messages {
        s.msgs.with(self.number(message))
    }
}
