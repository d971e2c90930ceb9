//! Multi-decree Paxos: Lamport, *Paxos Made Simple* (2001), section 3: one instance of consensus a slot of a log, and
//! a distinguished proposer that asks for promises once for all slots and fills gaps with no-ops. Its parts are those
//! of van Renesse and Altinbuken, *Paxos Made Moderately Complex* (2015), on servers that are each acceptor, replica
//! and, the first of them, proposer; quorums are those of Howard, Malkhi and Spiegelman, *Flexible Paxos* (OPODIS
//! 2016); disk and checkpoints are those of Chandra, Griesemer and Redstone, *Paxos Made Live* (PODC 2007).
//!
//! Left out: the loss of a message, since to lose one is never to receive it; its repetition and reordering, since a
//! message is never taken out of the set of those sent; that a proposer is told of a greater ballot, since one may
//! begin at any moment; the clock by which a leader is suspected, likewise; leases and changes of membership. What is
//! asked and answered between two replicas, and between a leader and who confirms it, is one step: what is answered
//! late says less, or is answered by a server that has promised another ballot meanwhile.
//!
//! It refines [`replicated_log`](crate::problems::replicated_log).

mod acceptors;
mod bounds;
mod catalogue;
mod clients;
mod faults;
mod mutants;
mod properties;
mod proposers;
mod record;
mod refinement;
mod replicas;
mod scene;

pub use mutants::Bug;
pub use record::{Log, Phase, Promises, Proposer, Read, Record, Replica, Vote};

use crate::Few;
use crate::guard::guards;
use proofmark_vocabulary::{BitSet, Model, Property};

/// The constants, and the bug planted in the model, if any.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a feature that is there or not")]
pub struct Paxos {
    /// How many servers there are, at most [`MOST_SERVERS`]; each is an acceptor.
    pub servers: usize,
    /// How many of them, the first ones, are proposers. Ballot `b` is that of proposer `b % proposers`.
    pub proposers: usize,
    /// How many of them, the first ones, are replicas.
    pub replicas: usize,
    /// How many ballots there are, at most [`MOST_BALLOTS`], from 0.
    pub ballots: usize,
    /// How many slots the log has, at most [`MOST_SLOTS`].
    pub slots: usize,
    /// How many commands clients have, at most [`MOST_COMMANDS`], from 1; 0 is [`NO_OP`].
    pub commands: usize,
    /// How many promises make a leader.
    pub prepare_quorum: usize,
    /// How many acceptors choose a value.
    pub accept_quorum: usize,
    /// How many crashes there may be.
    pub crashes: u8,
    /// When what an acceptor writes is durable.
    pub disk: Disk,
    /// Whether a crash may take a disk with it: of one server, once.
    pub disk_loss: bool,
    /// Whether commands are submitted and sent on to the proposers, or every proposer has them all.
    pub forwarding: bool,
    /// Whether checkpoints are written and the log is trimmed.
    pub trimming: bool,
    /// Whether clients read.
    pub reads: bool,
    /// The bug.
    pub bug: Option<Bug>,
}

/// When what an acceptor writes is durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disk {
    /// At once.
    Synchronous,
    /// When it is synced, and then it is acknowledged.
    Asynchronous,
}

/// The most servers that the model can have.
pub const MOST_SERVERS: usize = 4;
/// The most ballots.
pub const MOST_BALLOTS: usize = 4;
/// The most slots.
pub const MOST_SLOTS: usize = 3;
/// The most commands.
pub const MOST_COMMANDS: usize = 3;
/// The value that a leader puts where it finds a gap.
pub const NO_OP: u8 = 0;

/// The variables.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct State {
    /// What each acceptor has on disk.
    pub disk: [Record; MOST_SERVERS],
    /// What each acceptor has written, synced or not.
    pub memory: [Record; MOST_SERVERS],
    /// Messages: the ballots that have begun.
    pub prepares: Few,
    /// Messages: the promises.
    pub promises: Promises,
    /// Messages: what was asked to be accepted.
    pub accepts: BitSet,
    /// Messages: what each acceptor said that it accepted.
    pub accepted: [BitSet; MOST_SERVERS],
    /// The proposers.
    pub proposers: [Proposer; MOST_SERVERS],
    /// The replicas.
    pub replicas: [Replica; MOST_SERVERS],
    /// The commands that clients have submitted.
    pub submitted: Few,
    /// The commands that each proposer has been sent.
    pub arrived: [Few; MOST_SERVERS],
    /// The read that is under way: clients read one after the other.
    pub read: Option<Read>,
    /// History: whether a read was answered with less than it was due.
    pub stale: bool,
    /// The servers that have crashed and not restarted.
    pub down: Few,
    /// How often servers have crashed.
    pub crashed: u8,
    /// The server whose disk was lost, which is neither acceptor nor proposer any more.
    pub lost: Few,
    /// The slots that had begun when it was lost, for those that think that this matters.
    pub begun: Few,
}

impl State {
    /// The read that is under way, unless this server is asked.
    fn read_elsewhere(&self, server: usize) -> Option<Read> {
        self.read.filter(|read| usize::from(read.server) != server)
    }
}

/// The actions. A server comes before a ballot, a slot or a value, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// The ballot's proposer asks for promises: phase 1a.
    Prepare(u8),
    /// The acceptor promises the ballot, for all slots: phase 1b.
    Promise(usize, u8),
    /// The promises of these acceptors make the ballot's proposer the leader.
    BecomeLeader(u8, Few),
    /// The leader proposes again what a promise reports for the slot: phase 2a.
    Adopt(u8, usize, u8),
    /// The leader proposes a no-op for a slot before one that is reported: phase 2a.
    FillGap(u8, usize),
    /// The leader proposes a command for the next slot: phase 2a.
    Propose(u8, usize, u8),
    /// The acceptor accepts, in the ballot and for the slot, the value: phase 2b.
    Accept(usize, u8, usize, u8),
    /// What the acceptor has written becomes durable, and is acknowledged.
    Sync(usize),
    /// The replica learns of the slot that the value is chosen.
    Learn(usize, usize, u8),
    /// The replica is told by another one what the slot's value is.
    CatchUp(usize, usize, usize),
    /// The replica applies the slot.
    Apply(usize, usize),
    /// The replica writes down all that it has applied.
    Checkpoint(usize),
    /// The server trims its log by a slot.
    Trim(usize),
    /// A client submits the command.
    Submit(u8),
    /// The command is sent on to the proposer.
    Forward(u8, usize),
    /// A client asks the leader what has been applied.
    BeginRead(usize),
    /// The acceptor confirms to the leader that it has promised no later ballot.
    Confirm(usize),
    /// The leader answers the read.
    ServeRead(usize),
    /// A server stops, and loses what is not on disk.
    Crash(usize),
    /// A server starts again from its disk.
    Restart(usize),
    /// A server stops, and its disk is lost.
    LoseDisk(usize),
}

guards! {
    Paxos:
    /// The proposer has begun neither the ballot nor a later one.
    BallotUnused = "ballot-unused",
    /// The ballot has begun.
    PrepareSent = "prepare-sent",
    /// `b > maxBal[a]`.
    AbovePromise = "above-promise",
    /// The proposer waits for promises of the ballot.
    Preparing = "preparing",
    /// Every member of the quorum has promised the ballot.
    QuorumPromised = "quorum-promised",
    /// The proposer leads the ballot.
    Leading = "leading",
    /// The leader has proposed nothing for the slot.
    NothingProposed = "nothing-proposed",
    /// No member of the leader's quorum has trimmed the slot.
    NotKnownTrimmed = "not-known-trimmed",
    /// Of what the quorum reports for the slot, the value is that of the greatest ballot.
    HighestAccepted = "highest-accepted",
    /// The quorum reports nothing for the slot, and something for a later one.
    Gap = "gap",
    /// The quorum reports nothing for the slot nor for a later one.
    BeyondReports = "beyond-reports",
    /// The leader has proposed something for every earlier slot.
    InOrder = "in-order",
    /// The leader has proposed the command for no slot.
    NotInLog = "not-in-log",
    /// The command has come to the leader.
    CommandArrived = "command-arrived",
    /// The value was proposed for the slot in the ballot.
    AcceptSent = "accept-sent",
    /// `b >= maxBal[a]`.
    NotBelowPromise = "not-below-promise",
    /// Who accepts has not trimmed the slot.
    NotTrimmed = "not-trimmed",
    /// A quorum has accepted the value for the slot, in one ballot.
    QuorumAccepted = "quorum-accepted",
    /// The replica has not applied the slot.
    NotApplied = "not-applied",
    /// The replica that is asked knows what is chosen for the slot.
    OtherKnows = "other-knows",
    /// The replica knows what is chosen for the slot.
    Learned = "learned",
    /// The slot is the one behind all that the replica has applied.
    NextToApply = "next-to-apply",
    /// The slot is in every replica's checkpoint.
    AppliedEverywhere = "applied-everywhere",
    /// A client has submitted the command.
    Submitted = "submitted",
    /// Who confirms has promised no later ballot.
    StillFollows = "still-follows",
    /// So many have confirmed the leader that none can have promised a later ballot to enough before the read began.
    QuorumConfirmed = "quorum-confirmed",
    /// The leader has applied all that it had proposed, or was bound to, when the read began.
    InProgressApplied = "in-progress-applied",
    /// Who does something, or crashes, is up.
    Up = "up",
    /// Who restarts is down.
    Down = "down",
    /// Who votes, or asks for votes, has the disk on which it wrote what it said.
    HasItsDisk = "has-its-disk",
}

impl Paxos {
    /// The proposer that a ballot is of.
    pub fn owner(&self, ballot: u8) -> usize {
        usize::from(ballot) % self.proposers
    }

    /// The ballots, from the least.
    fn all_ballots(&self) -> impl Iterator<Item = u8> + use<> {
        (0_u8..).take(self.ballots)
    }

    /// The commands, from the least.
    fn all_commands(&self) -> impl Iterator<Item = u8> + use<> {
        (1_u8..).take(self.commands)
    }

    /// The no-op and the commands.
    fn all_values(&self) -> impl Iterator<Item = u8> + use<> {
        (0_u8..).take(self.values())
    }

    /// What a quorum has accepted, by slot: the value, in any one ballot.
    pub fn chosen(&self, s: &State, slot: usize) -> Few {
        let by_quorum = self.accepted_by_quorum(s);
        if by_quorum.is_empty() {
            return Few::default();
        }
        let is_chosen = |v: &u8| self.all_ballots().any(|b| by_quorum.contains(self.triple(b, slot, *v)));
        self.all_values().filter(is_chosen).map(usize::from).collect()
    }

    /// Every ballot with every slot.
    fn all_places(&self) -> impl Iterator<Item = (u8, usize)> + use<> {
        let slots = self.slots;
        self.all_ballots().flat_map(move |b| (0..slots).map(move |slot| (b, slot)))
    }

    fn take(&self, s: &State, action: Action) -> Result<State, Guard> {
        match action {
            Action::Prepare(b) => self.prepare(s, b),
            Action::Promise(a, b) => self.promise(s, a, b),
            Action::BecomeLeader(b, quorum) => self.become_leader(s, b, quorum),
            Action::Adopt(b, slot, v) => self.adopt(s, b, slot, v),
            Action::FillGap(b, slot) => self.fill_gap(s, b, slot),
            Action::Propose(b, slot, c) => self.propose(s, b, slot, c),
            Action::Accept(a, b, slot, v) => self.accept(s, a, b, slot, v),
            Action::Sync(a) => self.sync(s, a),
            Action::Learn(r, slot, v) => self.learn(s, r, slot, v),
            Action::CatchUp(r, other, slot) => self.catch_up(s, r, other, slot),
            Action::Apply(r, slot) => self.apply(s, r, slot),
            Action::Checkpoint(r) => self.checkpoint(s, r),
            Action::Trim(a) => self.trim(s, a),
            Action::Submit(c) => Ok(State { submitted: s.submitted.with(c.into()), ..*s }),
            Action::Forward(c, p) => self.forward(s, c, p),
            Action::BeginRead(p) => self.begin_read(s, p),
            // Without a read there is no leader that waits.
            Action::Confirm(a) => s.read.map_or(Err(Guard::Leading), |read| self.confirm(s, read, a)),
            Action::ServeRead(_) => s.read.map_or(Err(Guard::Leading), |read| self.serve_read(s, read)),
            Action::Crash(server) => self.crash(s, server),
            Action::Restart(server) => self.restart(s, server),
            Action::LoseDisk(server) => self.lose_disk(s, server),
        }
    }

    /// The candidates of the protocol's core.
    fn ballots_and_slots(&self, actions: &mut Vec<Action>) {
        let asked = match self.bug {
            Some(Bug::SmallPrepareQuorum) => self.servers - self.accept_quorum,
            _ => self.prepare_quorum,
        };
        for b in self.all_ballots() {
            actions.push(Action::Prepare(b));
            actions.extend((0..self.servers).map(|a| Action::Promise(a, b)));
            actions.extend(Few::of_size(asked, self.servers).map(|quorum| Action::BecomeLeader(b, quorum)));
            for slot in 0..self.slots {
                actions.push(Action::FillGap(b, slot));
                actions.extend(self.all_commands().map(|c| Action::Propose(b, slot, c)));
                for v in self.all_values() {
                    actions.push(Action::Adopt(b, slot, v));
                    actions.extend((0..self.servers).map(|a| Action::Accept(a, b, slot, v)));
                }
            }
        }
        for r in 0..self.replicas {
            for slot in 0..self.slots {
                actions.extend(self.all_values().map(|v| Action::Learn(r, slot, v)));
                let others = (0..self.replicas).filter(|other| *other != r);
                actions.extend(others.map(|other| Action::CatchUp(r, other, slot)));
                actions.push(Action::Apply(r, slot));
            }
        }
    }

    /// The candidates of what a server does beside. To write down again what is on disk is nothing.
    fn upkeep(&self, s: &State, actions: &mut Vec<Action>) {
        if self.disk == Disk::Asynchronous {
            let behind = |a: &usize| s.disk[*a] != s.memory[*a];
            actions.extend((0..self.servers).filter(behind).map(Action::Sync));
        }
        if self.trimming {
            let news = |r: &usize| s.replicas[*r].applied != s.replicas[*r].checkpoint;
            actions.extend((0..self.replicas).filter(news).map(Action::Checkpoint));
            let holds = |a: &usize| usize::from(s.memory[*a].floor) < self.slots;
            actions.extend((0..self.servers).filter(holds).map(Action::Trim));
        }
        if self.crashes > 0 {
            let may_crash = if s.crashed < self.crashes { self.servers } else { 0 };
            actions.extend((0..may_crash).map(Action::Crash));
            if self.disk_loss && s.lost.is_empty() {
                actions.extend((0..may_crash).map(Action::LoseDisk));
            }
            actions.extend((0..self.servers).map(Action::Restart));
        }
    }

    /// The candidates of the clients: they submit a command once, send it on until it is there, and read one by one.
    fn asked_by_clients(&self, s: &State, actions: &mut Vec<Action>) {
        if self.forwarding {
            for c in self.all_commands() {
                if !s.submitted.contains(c.into()) {
                    actions.push(Action::Submit(c));
                }
                let has = |p: &usize| s.arrived[*p].contains(c.into());
                let forgotten = self.bug == Some(Bug::ForwardsOnce) && (0..self.proposers).any(|p| has(&p));
                let lacks = |p: &usize| !has(p) && !forgotten;
                actions.extend((0..self.proposers).filter(lacks).map(|p| Action::Forward(c, p)));
            }
        }
        if self.reads && s.read.is_none() {
            actions.extend((0..self.proposers).map(Action::BeginRead));
        }
        if let Some(read) = s.read {
            actions.extend((0..self.servers).filter(|&a| !read.confirmed.contains(a)).map(Action::Confirm));
            actions.push(Action::ServeRead(read.server.into()));
        }
    }
}

impl Model for Paxos {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        let mut first = State::default();
        if !self.forwarding {
            first.submitted = self.all_commands().map(usize::from).collect();
            first.arrived[..self.proposers].fill(first.submitted);
        }
        vec![first]
    }

    fn actions(&self, s: &State, actions: &mut Vec<Action>) {
        self.ballots_and_slots(actions);
        self.upkeep(s, actions);
        self.asked_by_clients(s, actions);
    }

    fn next_state(&self, s: &State, action: Action) -> Option<State> {
        self.take(s, action).ok()
    }

    fn properties(&self) -> Vec<Property<Self>> {
        properties::of_states(self)
    }
}
