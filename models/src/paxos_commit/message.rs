//! The messages of Paxos Commit, each by its number, so that a set of them is a set of bits.

use super::{PaxosCommit, Report, State, Vote};
use proofmark_vocabulary::BitSet;

/// A set of messages.
pub type Messages = BitSet<3>;

/// A message, by its phase; the first number is the instance's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Message {
    /// 1a: the leader of the ballot asks for promises.
    Prepare(usize, u8),
    /// 1b: the acceptor promises the ballot, and reports what it has accepted.
    Promise(usize, usize, u8, Report),
    /// 2a: the ballot's leader, or in ballot 0 the resource manager, asks to accept the value.
    Accept(usize, u8, Vote),
    /// 2b: the acceptor has accepted, in the ballot, the value.
    Accepted(usize, usize, u8, Vote),
    /// The outcome: every instance is prepared.
    Commit,
    /// The outcome: some instance is aborted.
    Abort,
}

impl PaxosCommit {
    /// The number of a message: the outcomes, then instance by instance 1a, 2a, and acceptor by acceptor 1b and 2b.
    #[inline]
    pub fn number(&self, message: Message) -> usize {
        let ballots = usize::from(self.ballots);
        let proposal = |b: u8, vote: Vote| 2 * usize::from(b) + vote as usize;
        match message {
            Message::Commit => 0,
            Message::Abort => 1,
            Message::Prepare(rm, b) => self.first_of(rm) + usize::from(b),
            Message::Accept(rm, b, vote) => self.first_of(rm) + ballots + proposal(b, vote),
            Message::Promise(rm, a, b, report) => {
                let report = report.map_or(0, |(c, vote)| 1 + proposal(c, vote));
                self.first_said_by(rm, a) + usize::from(b) * (1 + 2 * ballots) + report
            }
            Message::Accepted(rm, a, b, vote) => {
                self.first_said_by(rm, a) + ballots * (1 + 2 * ballots) + proposal(b, vote)
            }
        }
    }

    /// Every message of an instance, and the outcomes.
    pub(super) fn all_messages(&self) -> Vec<Message> {
        let mut all = vec![Message::Commit, Message::Abort];
        let proposals = || (0..self.ballots).flat_map(|b| Vote::ALL.map(|vote| (b, vote)));
        for rm in 0..self.managers {
            all.extend((0..self.ballots).map(|b| Message::Prepare(rm, b)));
            all.extend(proposals().map(|(b, vote)| Message::Accept(rm, b, vote)));
            for a in 0..self.acceptors {
                for b in 0..self.ballots {
                    let reports = [None].into_iter().chain(proposals().map(Some));
                    all.extend(reports.map(|report| Message::Promise(rm, a, b, report)));
                }
                all.extend(proposals().map(|(b, vote)| Message::Accepted(rm, a, b, vote)));
            }
        }
        all
    }

    /// How many numbers of messages there are.
    pub(super) fn messages(&self) -> usize {
        self.first_of(self.managers)
    }

    fn first_of(&self, rm: usize) -> usize {
        2 + rm * (3 * usize::from(self.ballots) + self.acceptors * self.of_acceptor())
    }

    fn first_said_by(&self, rm: usize, a: usize) -> usize {
        self.first_of(rm) + 3 * usize::from(self.ballots) + a * self.of_acceptor()
    }

    fn of_acceptor(&self) -> usize {
        let ballots = usize::from(self.ballots);
        ballots * (1 + 2 * ballots) + 2 * ballots
    }

    /// Whether a message has been sent.
    #[inline]
    pub fn is_sent(&self, s: &State, message: Message) -> bool {
        s.msgs.contains(self.number(message))
    }

    #[inline]
    pub(super) fn sent(&self, s: &State, message: Message) -> Messages {
        s.msgs.with(self.number(message))
    }
}
