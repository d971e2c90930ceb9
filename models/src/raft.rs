//! Raft: Ongaro and Ousterhout, *In Search of an Understandable Consensus Algorithm* (extended version, 2014), Figure
//! 2, and Ongaro, *Consensus: Bridging Theory and Practice* (2014, the thesis); what practice adds is told after etcd's
//! raft.
//!
//! Left out: how clients find the leader, and their sessions (thesis, chapter 6): a request is an entry. A request that
//! the network repeats is another request. Time is left out but for what a timeout says; a server takes an input and
//! answers in one step. The environment has budgets (terms, requests, crashes, repetitions, messages in flight): they
//! bound what befalls the servers and never what they do.
//!
//! It refines [`replicated_log`](crate::problems::replicated_log), and its reads refine
//! [`register`](crate::problems::register).

mod bounds;
mod catalogue;
mod elections;
mod liveness;
mod log;
mod membership;
mod message;
mod mutants;
mod properties;
mod reads;
mod refinement;
mod replication;
mod scene;
mod servers;
mod snapshots;
mod symmetry;
mod window;

pub use log::{Command, Entry, Log};
pub use membership::{Change, Configuration};
pub use message::{Kind, Message, Network};
pub use mutants::Bug;
pub use servers::{PerServer, Progress, ProgressState, Role, Servers};

use crate::Map;
use crate::guard::guards;
use proofmark_vocabulary::{Model, Property};
use servers::MOST_SERVERS;
use std::cmp::Ordering;
use zerocopy::{ByteHash, Immutable, IntoBytes};

/// The constants, and the bug planted in the model, if any.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a feature that is there or not")]
pub struct Raft {
    /// How many servers there are.
    pub servers: usize,
    /// The greatest term.
    pub terms: u8,
    /// How many requests clients make.
    pub requests: u8,
    /// How many messages can be in flight.
    pub messages: usize,
    /// How often a message is received and stays in flight.
    pub duplicates: u8,
    /// How often a server crashes.
    pub crashes: u8,
    /// How many entries a message can have.
    pub batch: u8,
    /// Whether a leader begins its term with a blank entry.
    pub blank: bool,
    /// Whether a follower whose log does not match says where it may.
    pub hints: bool,
    /// Who asks for pre-votes.
    pub pre_vote: Servers,
    /// Whether a leader that hears from no quorum steps down, and whoever hears from a leader keeps to it.
    pub check_quorum: bool,
    /// Whether what is written is on disk only when it is synced.
    pub async_disk: bool,
    /// How often a server compacts its log.
    pub compactions: u8,
    /// Whether what is committed is applied some time later.
    pub apply_lag: bool,
    /// How members change.
    pub change: Change,
    /// Whether a configuration is in force when it is applied, and not when it is appended. Then the commit index is
    /// durable, as etcd's is: whoever does not know what is committed does not know what is in force.
    pub at_apply: bool,
    /// How often a change of members is begun.
    pub changes: u8,
    /// The configurations that are not joint, the initial one first.
    pub configurations: Vec<Configuration>,
    /// How often a leader begins to hand over.
    pub transfers: u8,
    /// How often a client reads.
    pub reads: u8,
    /// Whether a leader that a quorum keeps to answers reads at once.
    pub leases: bool,
    /// Whether it is followers that take reads.
    pub follower_reads: bool,
    /// How many appends to a follower are in flight at most; 0 is no window, and whatever a follower lacks is sent.
    pub window: u8,
    /// Whether the network is cut at some time, and the links that are left are a bridge's.
    pub bridge: bool,
    /// The bug.
    pub bug: Option<Bug>,
}

/// The variables. A server's are those of Figure 2, under their names. A state is hashed as the bytes that it is, so
/// between the variables there is no gap.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, ByteHash, IntoBytes, Immutable)]
#[repr(C)]
pub struct State {
    /// What each server is.
    pub role: PerServer<Role>,
    /// The latest term that each has seen.
    pub current_term: PerServer<u8>,
    /// For whom each voted in that term.
    pub voted_for: PerServer<Option<u8>>,
    /// The votes, or pre-votes, that a candidate has counted.
    pub votes: PerServer<Servers>,
    /// The log of each.
    pub log: [Log; MOST_SERVERS],
    /// Up to where each knows its log to be committed.
    pub commit_index: PerServer<u8>,
    /// Check-quorum: from whom a leader has heard since it looked last.
    pub active: PerServer<Servers>,
    /// What a leader knows of the others.
    pub progress: [Progress; MOST_SERVERS],
    /// Snapshots: up to where each has applied its log.
    pub applied: PerServer<u8>,
    /// The greatest commit index that each server ever had: a history variable.
    pub learned: PerServer<u8>,
    /// Membership: the number of the configuration that each acts by.
    pub configuration: PerServer<u8>,
    /// The number of the one that is in each server's snapshot.
    pub snapshot_configuration: PerServer<u8>,
    /// Transfer: to whom a leader hands over.
    pub transferee: PerServer<Option<u8>>,
    /// `ReadIndex`: the number of the read that a leader confirms.
    pub reading: PerServer<u8>,
    /// What it will show: all up to this index. A follower has none until it is answered.
    pub read_index: PerServer<u8>,
    /// The follower for which a leader confirms it.
    pub read_for: PerServer<Option<u8>>,
    /// What was committed when it began: a history variable.
    pub read_floor: PerServer<u8>,
    /// Who has answered since it began.
    pub read_acks: PerServer<Servers>,
    /// Leases: who keeps to the leader, as far as it knows.
    pub lease: PerServer<Servers>,
    /// Check-quorum: who has heard from a leader within the least election timeout.
    pub fresh: Servers,
    /// The candidates that were told to stand.
    pub ordered: Servers,
    /// The leaders that told another to stand.
    pub yielded: Servers,
    /// Nothing: it fills the word.
    pub filler: u8,
    /// What is on the disks, where writing is not to sync.
    pub disk: Disk,
    /// The messages in flight.
    pub network: Network,
    /// The entries that a leader has committed, each the first at its index: a history variable.
    pub committed: Log,
    /// In which term each of them was committed.
    pub committed_in: Map<u8>,
    /// Who has led in each term: a history variable, but that followers find in it whom they ask for a read.
    pub leaders: Map<Servers, u32>,
    /// What is used up of each budget.
    pub spent: Map<u8, u32>,
}

/// What a server finds when it restarts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, IntoBytes, Immutable)]
#[repr(C)]
pub struct Disk {
    /// Each server's term.
    pub current_term: PerServer<u8>,
    /// Each server's vote.
    pub voted_for: PerServer<Option<u8>>,
    /// Each server's log.
    pub log: [Log; MOST_SERVERS],
    /// The configuration in each server's snapshot.
    pub snapshot_configuration: Map<u8>,
}

/// Places of [`State::spent`].
const REQUESTS: usize = 0;
const DUPLICATES: usize = 1;
const CRASHES: usize = 2;
const COMPACTIONS: usize = 3;
const CHANGES: usize = 4;
const TRANSFERS: usize = 5;
const READS: usize = 6;
const PARTITIONS: usize = 7;

/// The actions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// A server's election timeout elapses.
    Timeout(usize),
    /// A pre-candidate has a quorum of pre-votes, and stands in the next term.
    BecomeCandidate(usize),
    /// A candidate asks a server for its vote, or a pre-candidate for its pre-vote.
    RequestVote(usize, usize),
    /// A candidate has a quorum of votes.
    BecomeLeader(usize),
    /// A leader takes a client's request.
    ClientRequest(usize),
    /// A leader sends a server the entries that it lacks, or none.
    Replicate(usize, usize),
    /// A leader commits what a quorum has.
    AdvanceCommit(usize),
    /// The least election timeout passes at a server that hears from no leader.
    Expire(usize),
    /// A leader looks whether it has heard from a quorum.
    CheckQuorum(usize),
    /// A server applies the next entry.
    Apply(usize),
    /// A server compacts its log up to an index.
    Compact(usize, u8),
    /// A leader sends a server its snapshot.
    InstallSnapshot(usize, usize),
    /// A leader begins a change to the configuration of that number.
    ChangeConfiguration(usize, u8),
    /// A leader leaves the joint configuration.
    LeaveJoint(usize),
    /// A leader that is removed steps down.
    StepDown(usize),
    /// A leader begins to hand over to a server.
    Transfer(usize, usize),
    /// It tells the server to stand.
    TimeoutNow(usize, usize),
    /// It gives up handing over.
    AbortTransfer(usize),
    /// A leader takes a read, and asks whether it leads still.
    ReadIndex(usize),
    /// It does, and answers the read; or a follower that has applied what its leader told it to answers.
    ServeRead(usize),
    /// A follower takes a read, and asks its leader up to where to apply.
    ForwardReadIndex(usize, usize),
    /// The leader leads still, and tells the follower.
    AnswerReadIndex(usize),
    /// A leader with a lease answers a read.
    LeaseRead(usize),
    /// A server answers a leader's heartbeat: both messages are this one step.
    HeartbeatResponse(usize, usize),
    /// The transport tells a leader that it has lost something between it and a server.
    ReportUnreachable(usize, usize),
    /// The transport tells a leader whether the snapshot to a server was sent.
    ReportSnapshot(usize, usize, bool),
    /// A server's disk has what was written.
    Sync(usize),
    /// A server crashes.
    Crash(usize),
    /// It restarts.
    Restart(usize),
    /// The network is cut.
    Partition,
    /// A message is received: and stays in flight, to be received again, if told so.
    Receive(Message, bool),
    /// A message is lost.
    Lose(Message),
}

guards! {
    Raft:
    /// The server is a voter of the configuration that it acts by; or of the one before, while that may be in force.
    IsVoter = "is-voter",
    /// No change that it knows to be committed is still to be applied.
    NoUnappliedChange = "no-unapplied-change",
    /// A quorum would vote for the server.
    QuorumPreVoted = "quorum-pre-voted",
    /// The candidate's vote for itself is on its disk.
    OwnVoteSynced = "own-vote-synced",
    /// A quorum voted for the candidate.
    QuorumVoted = "quorum-voted",
    /// The server is the leader.
    IsLeader = "is-leader",
    /// `matchIndex[i] >= N`, for a majority.
    StoredByQuorum = "stored-by-quorum",
    /// `log[N].term == currentTerm`.
    OfOwnTerm = "of-own-term",
    /// The entry is committed.
    Committed = "committed",
    /// The entries are applied.
    Applied = "applied",
    /// No configuration is in the log that is not committed, or not in force, and none is joint.
    NothingPending = "nothing-pending",
    /// The leader has committed an entry of its own term.
    CommittedInOwnTerm = "committed-in-own-term",
    /// The joint configuration is committed.
    JointCommitted = "joint-committed",
    /// It is not being left already.
    NotLeaving = "not-leaving",
    /// `matchIndex[j]` is the leader's last index.
    CaughtUp = "caught-up",
    /// The leader has committed an entry of its own term, so that its commit index is no less than any before.
    ReadInOwnTerm = "read-in-own-term",
    /// A quorum has answered what was sent after the read began.
    ReadConfirmed = "read-confirmed",
    /// All that the read is to show is applied.
    ReadApplied = "read-applied",
    /// A quorum keeps to the leader still.
    LeaseValid = "lease-valid",
    /// The leader has told nobody to stand.
    NotYielded = "not-yielded",
    /// The server has answered the probe or the snapshot, or the window has room, or a heartbeat was answered.
    NotPaused = "not-paused",
}

/// What the environment does to a server and its messages. What an action does to a state it does in place, behind its
/// guards: a state is some 30 words, and copied once a step.
impl Raft {
    /// What is not on disk is forgotten, and what was held back is never sent.
    fn crash(&self, s: &mut State, i: usize) {
        if self.async_disk {
            s.current_term.set(i, s.disk.current_term.get(i));
            s.voted_for.set(i, s.disk.voted_for.get(i));
            s.log[i] = s.disk.log[i];
            s.snapshot_configuration.set(i, s.disk.snapshot_configuration.get(i));
            s.network = s.network.iter().filter(|message| !(message.is_held() && message.from() == i)).collect();
        }
        if self.bug == Some(Bug::VoteNotPersisted) {
            s.current_term.set(i, 0);
            s.voted_for.set(i, None);
        }
        Self::become_idle(s, i, Role::Down);
        self.all().for_each(|leader| s.progress[leader] = s.progress[leader].losing(i));
        let snapshot = s.log[i].snapshot_index();
        if !self.at_apply {
            s.commit_index.set(i, snapshot);
        }
        if self.apply_lag {
            s.applied.set(i, snapshot);
        }
        self.reconfigure(s, i);
        // Whoever may have promised a leader to keep to it does so after a crash too, as long as it can matter.
        if !self.leases || self.bug == Some(Bug::RestartForgetsLease) {
            s.fresh = s.fresh.without(i);
        }
        Self::spend(s, CRASHES);
    }

    /// From now on one server, the bridge, reaches all, and the others only those on their side of it.
    fn partition(&self, s: &mut State) {
        Self::spend(s, PARTITIONS);
        for message in s.network.iter() {
            if !self.linked(s, message.from()).contains(message.to()) {
                Self::lose(s, message);
            }
        }
    }

    fn lose(s: &mut State, message: Message) {
        s.network.remove(message);
        for (leader, other) in [(message.from(), message.to()), (message.to(), message.from())] {
            s.progress[leader] = s.progress[leader].losing(other);
        }
    }

    fn restart(s: &mut State, i: usize) {
        s.role.set(i, Role::Follower);
    }

    /// All that was written is on disk, and what waited for that is sent.
    fn sync(s: &mut State, i: usize) {
        s.disk.current_term.set(i, s.current_term.get(i));
        s.disk.voted_for.set(i, s.voted_for.get(i));
        s.disk.log[i] = s.log[i];
        s.disk.snapshot_configuration.set(i, s.snapshot_configuration.get(i));
        let release = |message: Message| if message.from() == i { message.held(false) } else { message };
        s.network = s.network.iter().map(release).collect();
    }

    /// The server forgets what a candidate or a leader knows.
    fn become_idle(s: &mut State, i: usize, role: Role) {
        s.role.set(i, role);
        s.votes.set(i, Servers::NONE);
        s.active.set(i, Servers::NONE);
        s.progress[i] = Progress::default();
        s.transferee.set(i, None);
        s.lease.set(i, Servers::NONE);
        s.ordered = s.ordered.without(i);
        s.yielded = s.yielded.without(i);
        Self::forget_read(s, i);
    }

    /// Something that there is a budget of happens once more.
    fn spend(s: &mut State, budget: usize) {
        s.spent.set(budget, s.spent.get(budget) + 1);
    }

    fn receive(&self, s: &mut State, message: Message, again: bool) {
        if again {
            Self::spend(s, DUPLICATES);
        } else {
            s.network.remove(message);
        }
        match message.kind() {
            Kind::PreVote => self.handle_pre_vote(s, message),
            Kind::PreVoteResponse => self.handle_pre_vote_response(s, message),
            Kind::RequestVote => self.handle_request_vote(s, message),
            Kind::RequestVoteResponse => self.handle_vote_response(s, message),
            Kind::AppendEntries => self.handle_append(s, message),
            Kind::AppendResponse => self.handle_append_response(s, message),
            Kind::InstallSnapshot => self.handle_snapshot(s, message),
            Kind::TimeoutNow => self.handle_timeout_now(s, message),
            Kind::ReadIndex => self.handle_read_index(s, message),
            Kind::ReadIndexResponse => Self::handle_read_index_response(s, message),
        }
    }

    /// An answer, held back until the disk has what it promises. It takes the place of the message that it answers.
    fn answer(&self, s: &mut State, message: Message) {
        let held = self.async_disk && self.bug != Some(Bug::AnswersBeforeSync) && !self.is_synced(s, message.from());
        s.network.insert(message.held(held));
    }

    #[inline]
    fn take(&self, s: &State, action: Action) -> Result<State, Guard> {
        let mut after = *s;
        self.act(&mut after, action)?;
        Ok(after)
    }

    #[inline]
    fn act(&self, s: &mut State, action: Action) -> Result<(), Guard> {
        match action {
            Action::Timeout(i) => return self.timeout(s, i),
            Action::BecomeCandidate(i) => return self.become_candidate(s, i),
            Action::RequestVote(i, j) => return self.request_vote(s, i, j),
            Action::BecomeLeader(i) => return self.become_leader(s, i),
            Action::ClientRequest(i) => return self.client_request(s, i),
            Action::Replicate(i, j) => return self.replicate(s, i, j),
            Action::AdvanceCommit(i) => return self.advance_commit(s, i),
            Action::Expire(i) => self.expire(s, i),
            Action::CheckQuorum(i) => self.check_quorum(s, i),
            Action::Apply(i) => return self.apply(s, i),
            Action::Compact(i, index) => return self.compact(s, i, index),
            Action::InstallSnapshot(i, j) => return self.install_snapshot(s, i, j),
            Action::ChangeConfiguration(i, target) => return self.change_configuration(s, i, target),
            Action::LeaveJoint(i) => return self.leave_joint(s, i),
            Action::StepDown(i) => Self::become_idle(s, i, Role::Follower),
            Action::Transfer(i, j) => Self::transfer(s, i, j),
            Action::TimeoutNow(i, j) => return self.timeout_now(s, i, j),
            Action::AbortTransfer(i) => self.abort_transfer(s, i),
            Action::ReadIndex(i) => return self.read_index(s, i),
            Action::ServeRead(i) => return self.serve_read(s, i),
            Action::ForwardReadIndex(j, i) => self.forward_read_index(s, j, i),
            Action::AnswerReadIndex(i) => return self.answer_read_index(s, i),
            Action::LeaseRead(i) => return self.lease_read(s, i),
            Action::HeartbeatResponse(i, j) => s.progress[i] = s.progress[i].pausing(j, false),
            Action::ReportUnreachable(i, j) => Self::report_unreachable(s, i, j),
            Action::ReportSnapshot(i, j, finished) => Self::report_snapshot(s, i, j, finished),
            Action::Sync(i) => Self::sync(s, i),
            Action::Crash(i) => self.crash(s, i),
            Action::Restart(i) => Self::restart(s, i),
            Action::Partition => self.partition(s),
            Action::Receive(message, again) => self.receive(s, message, again),
            Action::Lose(message) => Self::lose(s, message),
        }
        Ok(())
    }
}

/// What can be said of a server.
impl Raft {
    /// All servers.
    pub fn all(&self) -> impl Iterator<Item = usize> + use<> {
        0..self.servers
    }

    /// The servers that a server's messages can reach, itself too.
    #[inline]
    fn linked(&self, s: &State, i: usize) -> Servers {
        let bridge = (self.servers - 1) / 2;
        match i.cmp(&bridge) {
            Ordering::Less if self.is_cut(s) => Servers::below(bridge + 1),
            Ordering::Greater if self.is_cut(s) => (bridge..self.servers).collect(),
            _ => Servers::below(self.servers),
        }
    }

    #[inline]
    fn is_cut(&self, s: &State) -> bool {
        self.bridge && s.spent.get(PARTITIONS) > 0
    }

    /// The voters of a server's configuration.
    #[inline]
    fn voters(&self, s: &State, i: usize) -> Servers {
        self.in_force(s, i).all_voters()
    }

    /// Whether they are a quorum of a server's configuration.
    #[inline]
    fn is_quorum(&self, s: &State, i: usize, servers: Servers) -> bool {
        self.in_force(s, i).is_quorum(servers)
    }

    /// How far a server's log is on its disk.
    #[inline]
    fn synced_to(&self, s: &State, i: usize) -> u8 {
        if self.async_disk { s.log[i].common(s.disk.log[i]) } else { s.log[i].last_index() }
    }

    /// The log that a server would find after a crash.
    #[inline]
    fn durable_log(&self, s: &State, i: usize) -> Log {
        if self.async_disk { s.disk.log[i] } else { s.log[i] }
    }

    /// The term that a server would find after a crash.
    #[inline]
    fn durable_term(&self, s: &State, i: usize) -> u8 {
        if self.async_disk { s.disk.current_term.get(i) } else { s.current_term.get(i) }
    }

    /// Whether a server's disk has its vote.
    #[inline]
    fn is_vote_synced(&self, s: &State, i: usize) -> bool {
        let same = |disk: &Disk| {
            disk.current_term.get(i) == s.current_term.get(i) && disk.voted_for.get(i) == s.voted_for.get(i)
        };
        !self.async_disk || same(&s.disk)
    }

    /// Whether a server's disk has all that was written.
    #[inline]
    fn is_synced(&self, s: &State, i: usize) -> bool {
        !self.async_disk || self.is_vote_synced(s, i) && s.disk.log[i] == s.log[i]
    }

    /// A server sees a later term, and follows.
    #[inline]
    fn see_term(s: &mut State, i: usize, term: u8) {
        Self::become_idle(s, i, Role::Follower);
        s.current_term.set(i, term);
        s.voted_for.set(i, None);
    }
}

impl Model for Raft {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![State::default()]
    }

    fn actions(&self, s: &State, actions: &mut Vec<Action>) {
        let has_room = s.network.len() < self.messages;
        for i in self.all() {
            if s.role.get(i) == Role::Down {
                actions.push(Action::Restart(i));
                continue;
            }
            self.actions_of(s, i, has_room, actions);
            if s.spent.get(CRASHES) < self.crashes {
                actions.push(Action::Crash(i));
            }
            if self.async_disk && !self.is_synced(s, i) {
                actions.push(Action::Sync(i));
            }
        }
        if self.bridge && !self.is_cut(s) {
            actions.push(Action::Partition);
        }
        let repeats = has_room && s.spent.get(DUPLICATES) < self.duplicates;
        for message in s.network.iter().filter(|message| !message.is_held()) {
            if s.role.get(message.to()) != Role::Down {
                actions.push(Action::Receive(message, false));
                if repeats {
                    actions.push(Action::Receive(message, true));
                }
            }
            actions.push(Action::Lose(message));
        }
    }

    #[inline]
    fn next_state(&self, s: &State, action: Action) -> Option<State> {
        let mut after = *s;
        self.act(&mut after, action).ok()?;
        Some(after)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        properties::of_states(self)
    }
}

impl Raft {
    /// What a server may do that is not down.
    fn actions_of(&self, s: &State, i: usize, has_room: bool, actions: &mut Vec<Action>) {
        let role = s.role.get(i);
        let more_terms = s.current_term.get(i) < self.terms;
        if role != Role::Leader && more_terms {
            actions.push(Action::Timeout(i));
        }
        match role {
            Role::PreCandidate if more_terms => actions.push(Action::BecomeCandidate(i)),
            Role::Candidate => actions.push(Action::BecomeLeader(i)),
            Role::Leader => {
                actions.push(Action::AdvanceCommit(i));
                if self.check_quorum {
                    actions.push(Action::CheckQuorum(i));
                }
                self.actions_of_leader(s, i, has_room, actions);
            }
            Role::Follower if self.follower_reads => self.reads_of_follower(s, i, has_room, actions),
            _ => {}
        }
        let asks = matches!(role, Role::PreCandidate | Role::Candidate);
        if has_room && asks {
            let others = self.voters(s, i).intersection(self.linked(s, i)).without(i);
            let asked = others.iter().filter(|&j| !s.votes.get(i).contains(j));
            actions.extend(asked.map(|j| Action::RequestVote(i, j)));
        }
        if s.spent.get(REQUESTS) < self.requests && s.log[i].has_room() {
            actions.push(Action::ClientRequest(i));
        }
        if self.apply_lag && s.applied.get(i) < s.log[i].last_index() {
            actions.push(Action::Apply(i));
        }
        if s.spent.get(COMPACTIONS) < self.compactions {
            let gone = s.log[i].snapshot_index().max(1);
            actions.extend((gone + 1..=s.log[i].last_index()).map(|index| Action::Compact(i, index)));
        }
        if s.fresh.contains(i) {
            actions.push(Action::Expire(i));
        }
    }

    /// What a leader may do beside. It sends a snapshot where what comes next is gone; a bug sends entries all the
    /// same.
    fn actions_of_leader(&self, s: &State, i: usize, has_room: bool, actions: &mut Vec<Action>) {
        let configuration = self.in_force(s, i);
        let others = configuration.members().intersection(self.linked(s, i)).without(i);
        let retires = self.bug == Some(Bug::RetiresEarly) && !configuration.all_voters().contains(i);
        if has_room && !retires {
            let gone = |j| s.progress[i].next(j) <= s.log[i].snapshot_index();
            actions.extend(others.iter().map(|j| match self.bug {
                Some(Bug::SendsWhatIsGone) => Action::Replicate(i, j),
                _ if gone(j) => Action::InstallSnapshot(i, j),
                _ => Action::Replicate(i, j),
            }));
        }
        if self.window > 0 {
            Self::reports_to(s, i, others, actions);
        }
        if self.change != Change::None && s.log[i].has_room() {
            if s.spent.get(CHANGES) < self.changes {
                actions.extend(self.targets(s, i).map(|target| Action::ChangeConfiguration(i, target)));
            }
            if configuration.is_joint() {
                actions.push(Action::LeaveJoint(i));
            }
        }
        if self.is_removed(s, i) {
            actions.push(Action::StepDown(i));
        }
        if let Some(j) = s.transferee.get(i) {
            actions.push(Action::AbortTransfer(i));
            if has_room && self.linked(s, i).contains(j.into()) {
                actions.push(Action::TimeoutNow(i, j.into()));
            }
        } else if s.spent.get(TRANSFERS) < self.transfers {
            actions.extend(configuration.all_voters().without(i).iter().map(|j| Action::Transfer(i, j)));
        }
        match s.read_for.get(i) {
            Some(j) if has_room && self.linked(s, i).contains(j.into()) => actions.push(Action::AnswerReadIndex(i)),
            None if s.reading.get(i) > 0 => actions.push(Action::ServeRead(i)),
            _ => {}
        }
        if s.spent.get(READS) < self.reads && !self.follower_reads {
            actions.push(if self.leases { Action::LeaseRead(i) } else { Action::ReadIndex(i) });
        }
    }
}
