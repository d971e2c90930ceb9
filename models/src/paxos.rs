//! Multi-decree Paxos: Lamport, *Paxos Made Simple* (2001), section 3: one instance of consensus a slot of a log, and
//! a distinguished proposer that asks for promises once for all slots and fills gaps with no-ops. Its parts are those
//! of van Renesse and Altinbuken, *Paxos Made Moderately Complex* (2015), on servers that are each acceptor, replica
//! and, the first of them, proposer; quorums are those of Howard, Malkhi and Spiegelman, *Flexible Paxos* (OPODIS
//! 2016); disk and checkpoints are those of Chandra, Griesemer and Redstone, *Paxos Made Live* (PODC 2007).
//!
//! Left out: the loss of a message, since to lose one is never to receive it; its repetition and reordering, since a
//! message is never taken out of the set of those sent; that a proposer is told of a greater ballot, since one may
//! begin at any moment; the clock by which a leader is suspected, likewise; leases, changes of membership and the loss
//! of a disk. What is asked and answered between two replicas, and between a leader and who confirms it, is one
//! step: what is answered late says less, or is answered by a server that has promised another ballot meanwhile.
//!
//! It refines [`replicated_log`](crate::problems::replicated_log).

mod bounds;
mod catalogue;
mod mutants;
mod properties;
mod record;
mod refinement;
mod scene;

pub use mutants::Bug;
pub use record::{Log, Phase, Promises, Proposer, Read, Record, Replica, Vote};

use crate::Few;
use crate::guard::guards;
use proofmark_vocabulary::{BitSet, Model, Property};

/// The constants, and the bug planted in the model, if any.
#[derive(Clone, Debug)]
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

/// The proposers.
impl Paxos {
    /// A ballot is used once, across restarts too: it is on disk before anybody is asked.
    fn prepare(&self, s: &State, b: u8) -> Result<State, Guard> {
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

    fn become_leader(&self, s: &State, b: u8, quorum: Few) -> Result<State, Guard> {
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
    fn adopt(&self, s: &State, b: u8, slot: usize, v: u8) -> Result<State, Guard> {
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
    fn fill_gap(&self, s: &State, b: u8, slot: usize) -> Result<State, Guard> {
        self.require_open(s, b, slot)?;
        let reported = |slot| self.highest(s, b, slot) != Vote::default();
        self.require(!reported(slot) && (slot + 1..self.slots).any(reported), Guard::Gap)?;
        Ok(self.proposed(s, b, slot, NO_OP))
    }

    /// That earlier slots are chosen is not waited for.
    fn propose(&self, s: &State, b: u8, slot: usize, c: u8) -> Result<State, Guard> {
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
    fn require_open(&self, s: &State, b: u8, slot: usize) -> Result<(), Guard> {
        let p = self.owner(b);
        self.require_up(s, p)?;
        self.require(self.leads(s, b), Guard::Leading)?;
        self.require(!s.proposers[p].proposed.contains(slot), Guard::NothingProposed)?;
        self.require(slot >= self.start(s, b), Guard::NotKnownTrimmed)
    }

    fn proposed(&self, s: &State, b: u8, slot: usize, v: u8) -> State {
        let mut next = *s;
        let p = self.owner(b);
        next.proposers[p].proposed = s.proposers[p].proposed.with(slot);
        self.propose_to_all(&mut next, b, slot, v);
        next
    }

    fn leads(&self, s: &State, b: u8) -> bool {
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
    fn reports(&self, s: &State, b: u8, slot: usize) -> impl Iterator<Item = Vote> {
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
    fn highest(&self, s: &State, b: u8, slot: usize) -> Vote {
        self.reports(s, b, slot).max().unwrap_or_default()
    }

    /// The slot behind the last one that they report anything for.
    fn reported(&self, s: &State, b: u8) -> usize {
        (0..self.slots).rev().find(|&slot| self.highest(s, b, slot) != Vote::default()).map_or(0, |slot| slot + 1)
    }

    /// The first slot that none of them has trimmed: all before it is chosen, and applied everywhere.
    fn start(&self, s: &State, b: u8) -> usize {
        match self.bug {
            Some(Bug::MergeOffset) => s.memory[self.owner(b)].floor.into(),
            _ => self.counted_by_leader(s, b).map(|promise| promise.floor.into()).max().unwrap_or_default(),
        }
    }
}

/// The acceptors.
impl Paxos {
    fn promise(&self, s: &State, a: usize, b: u8) -> Result<State, Guard> {
        self.require_up(s, a)?;
        self.require_disk(s, a)?;
        self.require(s.prepares.contains(b.into()), Guard::PrepareSent)?;
        self.require(Some(b) > s.memory[a].promised(), Guard::AbovePromise)?;
        Ok(self.written(s, a, s.memory[a].promising(Some(b))))
    }

    /// An acceptor may accept a ballot that it has not promised.
    fn accept(&self, s: &State, a: usize, b: u8, slot: usize, v: u8) -> Result<State, Guard> {
        self.require_up(s, a)?;
        self.require_disk(s, a)?;
        self.require(self.is_proposed(s, b, slot, v), Guard::AcceptSent)?;
        let record = s.memory[a];
        let open = match self.bug {
            Some(Bug::AcceptNeedsEqualBallot) => record.promised() == Some(b),
            _ => record.promised() <= Some(b),
        };
        self.require(open, Guard::NotBelowPromise)?;
        self.require(slot >= record.floor.into(), Guard::NotTrimmed)?;
        Ok(self.written(s, a, record.promising(Some(b)).voting(slot, Vote::new(b, v))))
    }

    fn sync(&self, s: &State, a: usize) -> Result<State, Guard> {
        self.require_up(s, a)?;
        let mut next = *s;
        self.acknowledge(&mut next, a, s.disk[a]);
        next.disk[a] = s.memory[a];
        Ok(next)
    }

    /// The acceptor writes its record; it says so when that is durable, and not before.
    fn written(&self, s: &State, a: usize, record: Record) -> State {
        let mut next = *s;
        next.memory[a] = record;
        if self.disk == Disk::Synchronous {
            next.disk[a] = record;
        }
        if self.disk == Disk::Synchronous || self.bug == Some(Bug::AcknowledgesBeforeSync) {
            self.acknowledge(&mut next, a, s.memory[a]);
        }
        next
    }
}

/// The replicas.
impl Paxos {
    fn learn(&self, s: &State, r: usize, slot: usize, v: u8) -> Result<State, Guard> {
        self.require_up(s, r)?;
        self.require(self.chosen(s, slot).contains(v.into()), Guard::QuorumAccepted)?;
        self.require(slot >= s.replicas[r].applied.into(), Guard::NotApplied)?;
        Ok(self.learned(s, r, slot, v))
    }

    fn catch_up(&self, s: &State, r: usize, other: usize, slot: usize) -> Result<State, Guard> {
        self.require_up(s, r)?;
        self.require_up(s, other)?;
        let told = s.replicas[other].learned.get(slot);
        self.require(told.is_some(), Guard::OtherKnows)?;
        self.require(slot >= s.replicas[r].applied.into(), Guard::NotApplied)?;
        Ok(self.learned(s, r, slot, told.unwrap_or(NO_OP)))
    }

    fn learned(&self, s: &State, r: usize, slot: usize, v: u8) -> State {
        let mut next = *s;
        next.replicas[r].learned = s.replicas[r].learned.with(slot, Some(v));
        if self.bug == Some(Bug::RebuildsByWatching) && !s.begun.contains(slot) {
            next.lost = s.lost.without(r);
        }
        next
    }

    fn apply(&self, s: &State, r: usize, slot: usize) -> Result<State, Guard> {
        self.require_up(s, r)?;
        let learned = s.replicas[r].learned.get(slot);
        self.require(learned.is_some(), Guard::Learned)?;
        self.require(slot == usize::from(s.replicas[r].applied), Guard::NextToApply)?;
        let mut next = *s;
        next.replicas[r].applied = slot as u8 + 1;
        next.replicas[r].history = s.replicas[r].history.with(slot, Some(learned.unwrap_or(NO_OP)));
        Ok(next)
    }

    fn checkpoint(&self, s: &State, r: usize) -> Result<State, Guard> {
        self.require_up(s, r)?;
        let mut next = *s;
        if self.bug != Some(Bug::CheckpointInMemory) {
            next.replicas[r].checkpoint = s.replicas[r].applied;
        }
        Ok(next)
    }

    /// What a server trims is gone from its record as acceptor and from what it knows as replica.
    fn trim(&self, s: &State, a: usize) -> Result<State, Guard> {
        self.require_up(s, a)?;
        let floor = s.memory[a].floor;
        let written = |replica: &Replica| match self.bug {
            Some(Bug::CheckpointInMemory) => replica.applied > floor,
            _ => replica.checkpoint > floor,
        };
        self.require(s.replicas[..self.replicas].iter().all(written), Guard::AppliedEverywhere)?;
        let slot = floor.into();
        let mut next = self.written(s, a, s.memory[a].trimmed());
        next.replicas[a].learned = s.replicas[a].learned.with(slot, None);
        Ok(next)
    }
}

/// The clients.
impl Paxos {
    fn forward(&self, s: &State, c: u8, p: usize) -> Result<State, Guard> {
        self.require(s.submitted.contains(c.into()), Guard::Submitted)?;
        self.require_up(s, p)?;
        let mut next = *s;
        next.arrived[p] = s.arrived[p].with(c.into());
        Ok(next)
    }

    /// What the leader has proposed, and what it has yet to adopt, may have been chosen and answered for.
    fn begin_read(&self, s: &State, p: usize) -> Result<State, Guard> {
        self.require_up(s, p)?;
        let proposer = s.proposers[p];
        self.require(proposer.phase == Phase::Leading, Guard::Leading)?;
        let b = proposer.ballot;
        let behind_own = proposer.proposed.iter().max().map_or(0, |slot| slot + 1);
        let needs = match self.bug {
            Some(Bug::ReadsPastInProgress) => s.replicas[p].learned.len() as u8,
            _ => behind_own.max(self.reported(s, b)).max(self.start(s, b)) as u8,
        };
        let due = s.replicas.iter().map(|replica| replica.history.len()).max().unwrap_or_default() as u8;
        Ok(State { read: Some(Read { server: p as u8, ballot: b, needs, due, confirmed: Few::default() }), ..*s })
    }

    fn confirm(&self, s: &State, read: Read, a: usize) -> Result<State, Guard> {
        self.require_up(s, a)?;
        self.require_disk(s, a)?;
        self.require(s.memory[a].promised() <= Some(read.ballot), Guard::StillFollows)?;
        Ok(State { read: Some(Read { confirmed: read.confirmed.with(a), ..read }), ..*s })
    }

    /// An accept quorum meets every prepare quorum, so a leader of a later ballot would be known to one of its members.
    fn serve_read(&self, s: &State, read: Read) -> Result<State, Guard> {
        let applied = s.replicas[usize::from(read.server)].applied;
        self.require(read.confirmed.len() >= self.accept_quorum, Guard::QuorumConfirmed)?;
        self.require(applied >= read.needs, Guard::InProgressApplied)?;
        Ok(State { read: None, stale: s.stale || applied < read.due, ..*s })
    }
}

/// The faults.
impl Paxos {
    /// What is in memory is lost: what is not synced, the ballot that is led, what is learned and not in a checkpoint.
    fn crash(&self, s: &State, server: usize) -> Result<State, Guard> {
        self.require_up(s, server)?;
        let mut next = State { down: s.down.with(server), crashed: s.crashed + 1, ..*s };
        next.read = s.read_elsewhere(server);
        next.memory[server] = s.disk[server];
        next.proposers[server] = Proposer::default();
        let Replica { checkpoint, history, .. } = s.replicas[server];
        next.replicas[server] = Replica { applied: checkpoint, checkpoint, history, learned: Log::default() };
        if self.forwarding {
            next.arrived[server] = Few::default();
        }
        Ok(next)
    }

    fn restart(&self, s: &State, server: usize) -> Result<State, Guard> {
        self.require(s.down.contains(server), Guard::Down)?;
        let mut next = State { down: s.down.without(server), ..*s };
        let disk = s.disk[server];
        let found = match self.bug {
            Some(Bug::LogLost) => Record::default(),
            Some(Bug::BalOverwritten) => disk.promising(disk.accepted()),
            _ => disk,
        };
        (next.disk[server], next.memory[server]) = (found, found);
        Ok(next)
    }

    /// A server whose disk is gone does not know what it has promised: it starts again as a replica that learns, and no
    /// more. What it had applied stands as history.
    fn lose_disk(&self, s: &State, server: usize) -> Result<State, Guard> {
        let mut next = self.crash(s, server)?;
        let history = s.replicas[server].history;
        next.replicas[server] = Replica { history, ..Replica::default() };
        (next.disk[server], next.memory[server]) = (Record::default(), Record::default());
        next.lost = s.lost.with(server);
        if self.bug == Some(Bug::RebuildsByWatching) {
            let proposed = |&(b, slot): &(u8, usize)| self.all_values().any(|v| self.is_proposed(s, b, slot, v));
            next.begun = self.all_places().filter(proposed).map(|(_, slot)| slot).collect();
        }
        Ok(next)
    }

    #[inline]
    fn require_disk(&self, s: &State, server: usize) -> Result<(), Guard> {
        self.require(!s.lost.contains(server), Guard::HasItsDisk)
    }

    #[inline]
    fn require_up(&self, s: &State, server: usize) -> Result<(), Guard> {
        self.require(!s.down.contains(server), Guard::Up)
    }
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
