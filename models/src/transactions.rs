//! Distributed transactions: two-phase commit as it is shipped, with several transactions over shared locks, and a
//! coordinator that may be replicated.
//!
//! Presumed abort, read-only participants and the one-phase optimisation: Mohan, Lindsay and Obermarck, *Transaction
//! Management in the R\* Distributed Database Management System* (TODS 1986), section 3; Gray and Reuter, *Transaction
//! Processing*, section 12.5. The replicated coordinator: Gray and Lamport, *Consensus on Transaction Commit* (TODS
//! 2006), section 4, and Corbett et al., *Spanner* (OSDI 2012), section 4.2. Its log is the specification
//! [`replicated_log`](crate::problems::replicated_log), step by step, and not an algorithm. A replica that takes over
//! commits an entry that says so, behind all that was committed before. Whoever led before finds that place taken and
//! commits nothing more, so what has no commit on the log by then is aborted, and nobody writes that down. A single
//! coordinator is one replica: it takes over from itself when it restarts.
//!
//! Every participant has one key, and a transaction locks it when it is prepared. Left out: what is read and written;
//! work before the prepare request, since a participant may refuse at any moment; the loss, repetition, delay and
//! reordering of messages, since a message is never taken out of the set of those sent, and to lose one is never to
//! receive it; the votes that a coordinator has counted so far, since a vote that was sent can be counted again; how a
//! log is replicated, so at most a minority of several replicas is down at once.
//!
//! It refines [`transaction_commit`](crate::problems::transaction_commit), transaction by transaction, and
//! [`replicated_log`](crate::problems::replicated_log).

mod bounds;
mod catalogue;
mod coordinator;
mod mutants;
mod participants;
mod properties;
mod refinement;
mod scene;

pub use mutants::Bug;

use crate::guard::guards;
use crate::map::small;
use crate::problems::replicated_log::Prefix;
use crate::{Few, Map};
use proofmark_vocabulary::{BitSet, Model, Property};

/// The constants, and the bug planted in the model, if any.
#[derive(Clone, Debug)]
pub struct Transactions {
    /// How many transactions clients begin.
    pub transactions: usize,
    /// How many participants there are, each with one key.
    pub participants: usize,
    /// How many replicas the coordinator has.
    pub coordinators: usize,
    /// How often a node may crash.
    pub crashes: u8,
    /// How often a leader may be suspected wrongly.
    pub suspicions: u8,
    /// Whether a participant may vote that it has only read.
    pub read_only: bool,
    /// Whether a transaction of one participant leaves the decision to it.
    pub one_phase: bool,
    /// The bug.
    pub bug: Option<Bug>,
}

/// The most transactions, participants and replicas that there can be.
pub const MOST: usize = 3;

/// The variables.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct State {
    /// What each replica of the coordinator has committed: see [`Entry`]. It is on disk.
    pub log: [Prefix; MOST],
    /// The reign in which a replica leads, or believes so, as the log counts them from 1; 0 if it does not.
    pub reign: Map<u8, u32>,
    /// The reign in which a transaction began; 0 before.
    pub begun: Map<u8, u32>,
    /// The one participant of a transaction that is left to it; no number if all have a part.
    pub alone: Map<Option<u8>, u32>,
    /// The transactions that their leader has not decided: in its memory.
    pub open: Few,
    /// The transactions whose votes their leader has waited for too long: a history variable.
    pub timed_out: Few,
    /// How far each participant is with each transaction: on its disk.
    pub phases: Map<Phase, u64>,
    /// The messages that have been sent: see [`Kind`].
    pub msgs: BitSet,
    /// Who holds the key of each participant: in its memory.
    pub locks: Map<Option<u8>, u32>,
    /// How often a participant has carried out what a transaction writes: a history variable.
    pub carried_out: Map<u8, u64>,
    /// The nodes that are down: participants, and replicas behind [`MOST`].
    pub down: Few,
    /// The participants that have restarted while in doubt: a history variable.
    pub recovered: Few,
    /// How many crashes there were.
    pub crashes: u8,
    /// How many wrong suspicions there were.
    pub suspicions: u8,
}

/// How far a participant is with a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Phase {
    /// It has not voted.
    Working,
    /// It has voted yes and is in doubt.
    Prepared,
    /// It has voted that it has only read, and is through.
    ReadOnly,
    /// It has committed.
    Committed,
    /// It has aborted.
    Aborted,
}

/// A message about a transaction. What participants say has a place for each of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The coordinator asks all for their votes.
    Prepare,
    /// The coordinator leaves the decision to the only participant.
    OnePhase,
    /// The coordinator tells of the commit.
    Commit,
    /// The coordinator tells of the abort.
    Abort,
    /// A participant votes yes. One that was left the decision has committed.
    Yes(usize),
    /// A participant votes no.
    No(usize),
    /// A participant has only read, and wants to hear no more.
    Read(usize),
    /// A participant has committed.
    Acknowledged(usize),
    /// A participant in doubt asks for the outcome.
    Inquiry(usize),
}

/// An entry of the coordinator's log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// A transaction commits.
    Commit(usize),
    /// Every participant has acknowledged the commit, and it is forgotten.
    End(usize),
    /// A replica leads from here on.
    Lead(usize),
}

/// The actions: of a replica of the coordinator, of a participant, and of the environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// A leader begins a transaction and asks all participants for their votes.
    Begin(usize, usize),
    /// A leader begins a transaction of one participant and leaves the decision to it.
    BeginOnePhase(usize, usize, usize),
    /// A leader has every vote and commits the transaction on the log.
    Commit(usize, usize),
    /// A leader has received a no, and aborts.
    AbortOnNo(usize, usize),
    /// A leader has waited for too long, and aborts.
    TimeOut(usize, usize),
    /// A leader tells of a commit that it has on record.
    Tell(usize, usize),
    /// A leader tells who asks about a transaction that it has no record of that it is aborted.
    Answer(usize, usize),
    /// A leader forgets a commit.
    End(usize, usize),
    /// A replica takes over from a leader that is no more.
    TakeOver(usize),
    /// A replica takes over from a leader that it suspects wrongly.
    Suspect(usize),
    /// A participant locks its key for a transaction and votes yes.
    Prepare(usize, usize),
    /// A participant has only read for a transaction, and says so.
    VoteReadOnly(usize, usize),
    /// A participant that was left the decision commits.
    CommitAlone(usize, usize),
    /// A participant aborts a transaction on its own, and votes no.
    Refuse(usize, usize),
    /// A participant in doubt asks for the outcome.
    Inquire(usize, usize),
    /// A participant is told to commit.
    ReceiveCommit(usize, usize),
    /// A participant is told to abort.
    ReceiveAbort(usize, usize),
    /// A node stops, and loses what is not on disk.
    Crash(usize),
    /// A node starts again from its disk.
    Restart(usize),
}

guards! {
    Transactions:
    /// The transaction has not begun.
    NotBegun = "not-begun",
    /// The replica leads, or believes so.
    Leads = "leads",
    /// The leader has begun the transaction itself in this reign, and not decided it.
    Open = "open",
    /// Every participant has voted yes, or that it has only read.
    EveryVoteYes = "every-vote-yes",
    /// Nobody else has committed another entry at the place behind the leader's log.
    PlaceFree = "place-free",
    /// A participant has voted no.
    NoSent = "no-sent",
    /// The leader has the commit on record, and has not forgotten it.
    CommitOnRecord = "commit-on-record",
    /// Every participant that voted yes has acknowledged the commit.
    EveryCommitAcknowledged = "every-commit-acknowledged",
    /// Somebody has asked.
    InquirySent = "inquiry-sent",
    /// The leader has no commit on record that it has not forgotten.
    NothingOnRecord = "nothing-on-record",
    /// The leader is not collecting votes for the transaction.
    NotOpen = "not-open",
    /// The transaction began in this reign or in one before: of later ones the leader knows nothing.
    OfThePast = "of-the-past",
    /// The request for votes has been sent.
    PrepareSent = "prepare-sent",
    /// The request to decide alone has been sent.
    OnePhaseSent = "one-phase-sent",
    /// The participant has not voted: a request that comes late, or again, changes nothing.
    Working = "working",
    /// No transaction holds the participant's key.
    KeyFree = "key-free",
    /// The participant is in doubt.
    InDoubt = "in-doubt",
    /// The commit has been told.
    CommitSent = "commit-sent",
    /// The abort has been told.
    AbortSent = "abort-sent",
    /// The participant has not only read: who has is through, whatever the outcome.
    NotReadOnly = "not-read-only",
    /// The participant has not committed: it takes no notice of an answer that comes late.
    NotCommitted = "not-committed",
    /// The participant, or who takes over or crashes, is up.
    Up = "up",
    /// Who restarts is down.
    Down = "down",
}

impl Transactions {
    /// A participant loses its table of locks, and a replica what it knows as a leader.
    fn crash(&self, s: &State, node: usize) -> Result<State, Guard> {
        self.require(!s.down.contains(node), Guard::Up)?;
        let after = State { down: s.down.with(node), crashes: s.crashes.saturating_add(1), ..*s };
        Ok(match node.checked_sub(MOST) {
            None => State { locks: s.locks.with(node, None), ..after },
            Some(r) => State { reign: s.reign.with(r, 0), open: s.open_without(s.reign.get(r)), ..after },
        })
    }

    /// A participant locks again what is prepared.
    fn restart(&self, s: &State, node: usize) -> Result<State, Guard> {
        self.require(s.down.contains(node), Guard::Down)?;
        let after = State { down: s.down.without(node), ..*s };
        let in_doubt = (0..self.transactions).find(|&t| node < MOST && s.phase(t, node) == Phase::Prepared);
        Ok(match (in_doubt, self.bug) {
            (None, _) => after,
            (Some(_), Some(Bug::RecoveryForgetsLocks)) => State { recovered: s.recovered.with(node), ..after },
            (Some(t), _) => {
                State { locks: s.locks.with(node, Some(t as u8)), recovered: s.recovered.with(node), ..after }
            }
        })
    }

    #[inline]
    fn take(&self, s: &State, action: Action) -> Result<State, Guard> {
        match action {
            Action::Begin(r, t) => self.begin(s, r, t),
            Action::BeginOnePhase(r, t, p) => self.begin_one_phase(s, r, t, p),
            Action::Commit(r, t) => self.commit(s, r, t),
            Action::AbortOnNo(r, t) => self.abort_on_no(s, r, t),
            Action::TimeOut(r, t) => self.time_out(s, r, t),
            Action::Tell(r, t) => self.tell(s, r, t),
            Action::Answer(r, t) => self.answer(s, r, t),
            Action::End(r, t) => self.end(s, r, t),
            Action::TakeOver(r) => self.take_over(s, r),
            Action::Suspect(r) => self.suspect(s, r),
            Action::Prepare(t, p) => self.prepare(s, t, p),
            Action::VoteReadOnly(t, p) => self.vote_read_only(s, t, p),
            Action::CommitAlone(t, p) => self.commit_alone(s, t, p),
            Action::Refuse(t, p) => self.refuse(s, t, p),
            Action::Inquire(t, p) => self.inquire(s, t, p),
            Action::ReceiveCommit(t, p) => self.receive_commit(s, t, p),
            Action::ReceiveAbort(t, p) => self.receive_abort(s, t, p),
            Action::Crash(node) => self.crash(s, node),
            Action::Restart(node) => self.restart(s, node),
        }
    }
}

/// The number of a replica among the nodes.
pub const fn node_of(replica: usize) -> usize {
    MOST + replica
}

/// Where a map has what a participant does for a transaction.
const fn place(t: usize, p: usize) -> usize {
    t * MOST + p
}

impl State {
    fn phase(&self, t: usize, p: usize) -> Phase {
        self.phases.get(place(t, p))
    }

    #[must_use]
    fn with_phase(&self, t: usize, p: usize, phase: Phase) -> Self {
        State { phases: self.phases.with(place(t, p), phase), ..*self }
    }

    fn was_sent(&self, t: usize, kind: Kind) -> bool {
        self.msgs.contains(kind.of(t))
    }

    fn has_begun(&self, t: usize) -> bool {
        self.begun.get(t) > 0
    }

    fn leads(&self, r: usize) -> bool {
        self.reign.get(r) > 0
    }

    /// Whether a leader collects votes for a transaction that it has begun.
    fn is_open_at(&self, t: usize, r: usize) -> bool {
        self.open.contains(t) && self.begun.get(t) == self.reign.get(r)
    }

    /// The open transactions without those of a reign that is over.
    fn open_without(&self, reign: u8) -> Few {
        self.open.iter().filter(|&t| self.begun.get(t) != reign).collect()
    }

    fn holds(&self, t: usize, p: usize) -> bool {
        self.locks.get(p) == Some(t as u8)
    }

    /// Whether a replica's log has a commit that is not forgotten.
    fn has_on_record(&self, r: usize, t: usize) -> bool {
        has(self.log[r], Entry::Commit(t)) && !has(self.log[r], Entry::End(t))
    }

    /// The log, as far as anybody has committed it.
    fn longest(&self) -> Prefix {
        self.log.into_iter().max_by_key(Prefix::len).unwrap_or_default()
    }
}

fn has(log: Prefix, entry: Entry) -> bool {
    log.iter().any(|value| value == entry.value())
}

/// How many reigns a log tells of.
fn reigns(log: Prefix) -> u8 {
    log.iter().filter(|&value| matches!(Entry::of(value), Entry::Lead(_))).count() as u8
}

/// How many values an entry can have.
const ENTRIES: u8 = 3 * MOST as u8;

impl Entry {
    /// The value that the log has for it.
    pub const fn value(self) -> u8 {
        (match self {
            Entry::Commit(t) => t,
            Entry::End(t) => MOST + t,
            Entry::Lead(r) => 2 * MOST + r,
        }) as u8
    }

    /// The entry of that value.
    pub const fn of(value: u8) -> Self {
        let (kind, number) = (value as usize / MOST, value as usize % MOST);
        match kind {
            0 => Entry::Commit(number),
            1 => Entry::End(number),
            _ => Entry::Lead(number),
        }
    }
}

impl Kind {
    /// The number of the message of this kind about a transaction.
    pub const fn of(self, t: usize) -> usize {
        KINDS * t
            + match self {
                Kind::Prepare => 0,
                Kind::OnePhase => 1,
                Kind::Commit => 2,
                Kind::Abort => 3,
                Kind::Yes(p) => 4 + p,
                Kind::No(p) => 4 + MOST + p,
                Kind::Read(p) => 4 + 2 * MOST + p,
                Kind::Acknowledged(p) => 4 + 3 * MOST + p,
                Kind::Inquiry(p) => 4 + 4 * MOST + p,
            }
    }

    /// The transaction and the kind of a message.
    pub const fn told(message: usize) -> (usize, Self) {
        let (t, number) = (message / KINDS, message % KINDS);
        let Some(said) = number.checked_sub(4) else {
            return (t, [Kind::Prepare, Kind::OnePhase, Kind::Commit, Kind::Abort][number]);
        };
        let p = said % MOST;
        (t, [Kind::Yes(p), Kind::No(p), Kind::Read(p), Kind::Acknowledged(p), Kind::Inquiry(p)][said / MOST])
    }
}

/// How many messages there are about one transaction.
const KINDS: usize = 4 + 5 * MOST;

impl Phase {
    /// Whether the participant is through with the transaction.
    pub const fn is_final(self) -> bool {
        matches!(self, Phase::ReadOnly | Phase::Committed | Phase::Aborted)
    }

    /// The phase in a word.
    pub const fn name(self) -> &'static str {
        match self {
            Phase::Working => "working",
            Phase::Prepared => "prepared",
            Phase::ReadOnly => "read-only",
            Phase::Committed => "committed",
            Phase::Aborted => "aborted",
        }
    }
}

small!(Phase, 4 bits: 0 => Working, 1 => Prepared, 2 => ReadOnly, 3 => Committed, _ => Aborted);

impl Model for Transactions {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![State::default()]
    }

    fn actions(&self, s: &State, actions: &mut Vec<Action>) {
        for t in 0..self.transactions {
            for r in 0..self.coordinators {
                actions.push(Action::Begin(r, t));
                if self.one_phase {
                    actions.extend((0..self.participants).map(|p| Action::BeginOnePhase(r, t, p)));
                }
            }
            // Nobody knows of a transaction before it begins.
            if s.has_begun(t) {
                self.actions_of(s, t, actions);
            }
        }
        let last = self.last_reign(s);
        let others = (0..self.coordinators).filter(|&r| last == 0 || s.reign.get(r) != last);
        if !self.is_led(s) {
            actions.extend(others.map(Action::TakeOver));
        } else if s.suspicions < self.suspicions {
            actions.extend(others.map(Action::Suspect));
        }
        if s.crashes < self.crashes {
            let minority = if self.has_enough_replicas(s) { self.coordinators } else { 0 };
            actions.extend((0..self.participants).chain((0..minority).map(node_of)).map(Action::Crash));
        }
        if self.crashes > 0 {
            actions.extend((0..self.participants).chain((0..self.coordinators).map(node_of)).map(Action::Restart));
        }
    }

    #[inline]
    fn next_state(&self, s: &State, action: Action) -> Option<State> {
        self.take(s, action).ok()
    }

    fn properties(&self) -> Vec<Property<Self>> {
        properties::of_states(self)
    }
}

impl Transactions {
    /// The last reign: the log counts them. Where nothing tells of them there, it is the last that a leader knows of.
    fn last_reign(&self, s: &State) -> u8 {
        let known = || s.reign.values(MOST).max().unwrap_or(0);
        let logged = reigns(s.longest());
        if self.bug == Some(Bug::TakesOverOffTheLog) { logged.max(known()) } else { logged }
    }

    /// Whether the leader of the last reign is up and knows that it leads.
    fn is_led(&self, s: &State) -> bool {
        let last = self.last_reign(s);
        last > 0 && s.reign.values(MOST).any(|reign| reign == last)
    }

    /// What can be done about a transaction that has begun.
    fn actions_of(&self, s: &State, t: usize, actions: &mut Vec<Action>) {
        for r in 0..self.coordinators {
            actions.extend([
                Action::Commit(r, t),
                Action::AbortOnNo(r, t),
                Action::TimeOut(r, t),
                Action::Tell(r, t),
                Action::Answer(r, t),
                Action::End(r, t),
            ]);
        }
        for p in self.parts(s, t) {
            actions.extend([
                Action::Prepare(t, p),
                Action::Refuse(t, p),
                Action::Inquire(t, p),
                Action::ReceiveCommit(t, p),
                Action::ReceiveAbort(t, p),
            ]);
            if self.read_only {
                actions.push(Action::VoteReadOnly(t, p));
            }
            if self.one_phase {
                actions.push(Action::CommitAlone(t, p));
            }
        }
    }

    /// Whether one more replica may crash: a log of several goes on as long as most of them are up.
    fn has_enough_replicas(&self, s: &State) -> bool {
        let down = (0..self.coordinators).filter(|&r| s.down.contains(node_of(r))).count();
        self.coordinators == 1 || 2 * (down + 1) < self.coordinators
    }
}
