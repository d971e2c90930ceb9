//! Paxos Commit: Gray and Lamport, *Consensus on Transaction Commit* (TODS 2006), section 4, the specification
//! `PaxosCommit` of its appendix (in tlaplus/Examples `transaction_commit`).
//!
//! Each resource manager's vote is the value of a Paxos instance of its own, with the same acceptors. In ballot 0 the
//! resource manager itself proposes, so it needs no promises. Whoever comes after proposes in a later ballot what the
//! promises report, and `Aborted` where they report nothing.
//!
//! With `bundled` a leader and an acceptor treat all instances at once in phase 1 and in phase 2a, as section 4.2 has
//! it: one promise is for the whole transaction. With `crashes` resource managers, acceptors and leaders stop. What
//! an acceptor or a resource manager says is on its disk before, so a crash takes nothing from either but time; a
//! leader that comes back takes a ballot of its own, so it is another one. Acceptors on the nodes of the resource
//! managers are the same model: only which of them crash together differs.
//!
//! Left out: the request that begins the transaction and the `Prepare` message, since a resource manager may prepare
//! at any moment; the election of a leader, since any number of them may act at once; the loss of a message, since to
//! lose one is never to receive it; its repetition and reordering, since none is taken out of the set of those sent.
//! The optimisations that save messages alone (a leader told by fewer acceptors, 2b sent to all) change who hears.
//!
//! It refines [`transaction_commit`](crate::problems::transaction_commit).

mod catalogue;
mod message;
mod properties;
mod refinement;
mod scene;

pub use catalogue::Bug;
pub use message::{Message, Messages};

use crate::guard::guards;
use crate::problems::transaction_commit::Phase;
use crate::{Few, Map, Small};
use proofmark_vocabulary::{BitSet, Model, Property};

/// The constants, and the bug planted in the model, if any.
#[derive(Clone, Debug)]
pub struct PaxosCommit {
    /// How many resource managers there are: the participants, and an instance of Paxos for each.
    pub managers: usize,
    /// How many acceptors there are, the same in every instance.
    pub acceptors: usize,
    /// How many ballots there are, from 0.
    pub ballots: u8,
    /// Whether phase 1 and phase 2a are for all instances at once.
    pub bundled: bool,
    /// How often a node may crash.
    pub crashes: u8,
    /// The bug.
    pub bug: Option<Bug>,
}

/// The variables. All but `msgs` and the last two are on disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct State {
    /// `rmState`: how far each resource manager is.
    pub rm_state: Map<Phase, u32>,
    /// `aState[rm][a].val`: what each acceptor has accepted last in each instance, at [`PaxosCommit::place`].
    pub val: Map<Option<Vote>, u32>,
    /// `aState[rm][a].mbal`: the greatest ballot that it has promised or accepted in.
    pub mbal: Map<u8>,
    /// `aState[rm][a].bal`: the greatest that it has accepted in.
    pub bal: Map<Option<u8>>,
    /// `msgs`: the messages that have been sent, numbered by [`PaxosCommit::number`].
    pub msgs: Messages,
    /// The nodes that have crashed and not restarted.
    pub down: BitSet,
    /// How many crashes there were.
    pub crashed: u8,
}

/// The value of an instance: what its resource manager is held to have said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Vote {
    /// It is prepared.
    Prepared,
    /// It has aborted, or nobody knows that it is prepared.
    Aborted,
}

/// What a promise reports: the ballot and the value that the acceptor accepted last, if it has accepted any.
pub type Report = Option<(u8, Vote)>;

/// A process, where it matters which crashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Node {
    /// A resource manager.
    Manager(usize),
    /// An acceptor.
    Acceptor(usize),
    /// The leader of a ballot.
    Leader(u8),
}

/// The actions, named as in the module. The instances are one, or all of them where they are bundled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// A resource manager prepares: it proposes so in ballot 0 of its instance.
    RmPrepare(usize),
    /// A resource manager aborts of its own, and proposes so.
    RmChooseToAbort(usize),
    /// A resource manager is told to commit.
    RmRcvCommitMsg(usize),
    /// A resource manager is told to abort.
    RmRcvAbortMsg(usize),
    /// The leader of the ballot asks for promises in the instances.
    Phase1a(u8, Few),
    /// The acceptor promises.
    Phase1b(usize, u8, Few),
    /// The leader proposes what the promises of this majority leave it.
    Phase2a(u8, Few, Few),
    /// The acceptor accepts, in the ballot of the instance, the value.
    Phase2b(usize, u8, usize, Vote),
    /// The leader of the ballot finds every instance prepared. With [`Action::Abort`] the paper's `Decide`.
    Commit(u8),
    /// The leader of the ballot finds an instance aborted.
    Abort(u8),
    /// A node stops.
    Crash(Node),
    /// A node goes on from its disk.
    Restart(Node),
}

guards! {
    PaxosCommit:
    /// `rmState[rm] = "working"`, to prepare.
    WorkingToPrepare = "working-to-prepare",
    /// `rmState[rm] = "working"`, to abort.
    WorkingToAbort = "working-to-abort",
    /// `[type |-> "Commit"] \in msgs`.
    CommitSent = "commit-sent",
    /// `[type |-> "Abort"] \in msgs`.
    AbortSent = "abort-sent",
    /// `m.type = "phase1a"`, for some message of the ballot and the instance.
    PrepareSent = "prepare-sent",
    /// `aState[m.ins][acc].mbal < m.bal`.
    AbovePromise = "above-promise",
    /// `~\E m \in msgs : m.type = "phase2a"`, of the ballot and the instance.
    NothingProposed = "nothing-proposed",
    /// `\A ac \in MS : \E m \in mset : m.acc = ac`.
    MajorityPromised = "majority-promised",
    /// `m.type = "phase2a"`, for some message of the ballot, the instance and the value.
    AcceptSent = "accept-sent",
    /// `aState[m.ins][acc].mbal \leq m.bal`.
    NotBelowPromise = "not-below-promise",
    /// `\A rm \in RM : Decided(rm, "prepared")`.
    EveryInstancePrepared = "every-instance-prepared",
    /// `\E rm \in RM : Decided(rm, "aborted")`.
    SomeInstanceAborted = "some-instance-aborted",
    /// Who does something, or crashes, is up.
    Up = "up",
    /// Who restarts is down.
    Down = "down",
}

impl PaxosCommit {
    fn rm_prepare(&self, s: &State, rm: usize) -> Result<State, Guard> {
        self.require(s.rm_state.get(rm) == Phase::Working, Guard::WorkingToPrepare)?;
        self.require_up(s, Node::Manager(rm))?;
        Ok(State {
            rm_state: s.rm_state.with(rm, Phase::Prepared),
            msgs: self.sent(s, Message::Accept(rm, 0, Vote::Prepared)),
            ..*s
        })
    }

    fn rm_choose_to_abort(&self, s: &State, rm: usize) -> Result<State, Guard> {
        let free = match self.bug {
            Some(Bug::HeuristicDecision) => !s.rm_state.get(rm).is_final(),
            _ => s.rm_state.get(rm) == Phase::Working,
        };
        self.require(free, Guard::WorkingToAbort)?;
        self.require_up(s, Node::Manager(rm))?;
        let msgs = match self.bug {
            // It has voted, and does not say that it goes back on its word.
            Some(Bug::HeuristicDecision) if s.rm_state.get(rm) == Phase::Prepared => s.msgs,
            _ => self.sent(s, Message::Accept(rm, 0, Vote::Aborted)),
        };
        Ok(State { rm_state: s.rm_state.with(rm, Phase::Aborted), msgs, ..*s })
    }

    fn rm_rcv_commit_msg(&self, s: &State, rm: usize) -> Result<State, Guard> {
        self.require(self.is_sent(s, Message::Commit), Guard::CommitSent)?;
        self.require_up(s, Node::Manager(rm))?;
        Ok(State { rm_state: s.rm_state.with(rm, Phase::Committed), ..*s })
    }

    fn rm_rcv_abort_msg(&self, s: &State, rm: usize) -> Result<State, Guard> {
        self.require(self.is_sent(s, Message::Abort), Guard::AbortSent)?;
        self.require_up(s, Node::Manager(rm))?;
        Ok(State { rm_state: s.rm_state.with(rm, Phase::Aborted), ..*s })
    }

    /// A leader may begin its ballot at any moment, and again: the message is the same.
    fn phase_1a(&self, s: &State, b: u8, instances: Few) -> Result<State, Guard> {
        self.require_up(s, Node::Leader(b))?;
        let msgs = instances.iter().fold(s.msgs, |msgs, rm| msgs.with(self.number(Message::Prepare(rm, b))));
        Ok(State { msgs, ..*s })
    }

    fn phase_1b(&self, s: &State, a: usize, b: u8, instances: Few) -> Result<State, Guard> {
        let asked = instances.iter().all(|rm| self.is_sent(s, Message::Prepare(rm, b)));
        let above = instances.iter().all(|rm| s.mbal.get(self.place(rm, a)) < b);
        self.require(asked, Guard::PrepareSent)?;
        self.require(above, Guard::AbovePromise)?;
        self.require_up(s, Node::Acceptor(a))?;
        let mut after = *s;
        for rm in instances.iter() {
            let place = self.place(rm, a);
            let report = match self.bug {
                Some(Bug::ReportsNothing) => None,
                _ => s.bal.get(place).zip(s.val.get(place)),
            };
            after.mbal.set(place, b);
            after.msgs.insert(self.number(Message::Promise(rm, a, b, report)));
        }
        Ok(after)
    }

    /// What the majority reports in the greatest ballot may have been chosen. Where it reports nothing, nothing but
    /// what this ballot proposes ever will be, and to propose that the resource manager is prepared would be a lie.
    fn phase_2a(&self, s: &State, b: u8, instances: Few, majority: Few) -> Result<State, Guard> {
        let proposed = |rm| Vote::ALL.iter().any(|&vote| self.is_sent(s, Message::Accept(rm, b, vote)));
        let promised = |rm| majority.iter().all(|a| self.promise(s, rm, a, b).is_some());
        self.require(!instances.iter().any(proposed), Guard::NothingProposed)?;
        self.require(instances.iter().all(promised), Guard::MajorityPromised)?;
        self.require_up(s, Node::Leader(b))?;
        let mut msgs = s.msgs;
        for rm in instances.iter() {
            let reports = || majority.iter().filter_map(|a| self.promise(s, rm, a, b).flatten());
            let vote = match self.bug {
                Some(Bug::PresumesAbort) => Some(Vote::Aborted),
                Some(Bug::AdoptsLowestReport) => Some(reports().min().map_or(Vote::Aborted, |(_, vote)| vote)),
                Some(Bug::WaitsForTheManager) => reports().max().map(|(_, vote)| vote),
                _ => Some(reports().max().map_or(Vote::Aborted, |(_, vote)| vote)),
            };
            if let Some(vote) = vote {
                msgs.insert(self.number(Message::Accept(rm, b, vote)));
            }
        }
        Ok(State { msgs, ..*s })
    }

    /// An acceptor may accept in a ballot that it has not promised.
    fn phase_2b(&self, s: &State, a: usize, b: u8, rm: usize, vote: Vote) -> Result<State, Guard> {
        let place = self.place(rm, a);
        self.require(self.is_sent(s, Message::Accept(rm, b, vote)), Guard::AcceptSent)?;
        self.require(s.mbal.get(place) <= b, Guard::NotBelowPromise)?;
        self.require_up(s, Node::Acceptor(a))?;
        let mut after = State {
            bal: s.bal.with(place, Some(b)),
            val: s.val.with(place, Some(vote)),
            msgs: self.sent(s, Message::Accepted(rm, a, b, vote)),
            ..*s
        };
        let promised = if self.bundled { Few::below(self.managers) } else { Few::one(rm) };
        promised.iter().for_each(|rm| after.mbal.set(self.place(rm, a), b));
        Ok(after)
    }

    fn commit(&self, s: &State, b: u8) -> Result<State, Guard> {
        let mut all = (0..self.managers).map(|rm| self.decided(s, rm, Vote::Prepared));
        self.require(all.all(|decided| decided), Guard::EveryInstancePrepared)?;
        self.require_up(s, Node::Leader(b))?;
        Ok(State { msgs: self.sent(s, Message::Commit), ..*s })
    }

    fn abort(&self, s: &State, b: u8) -> Result<State, Guard> {
        let some = match self.bug {
            // Silence is taken for a no, as a coordinator of two-phase commit may take it.
            Some(Bug::AbortsOnSilence) => (0..self.managers).any(|rm| !self.decided(s, rm, Vote::Prepared)),
            _ => (0..self.managers).any(|rm| self.decided(s, rm, Vote::Aborted)),
        };
        self.require(some, Guard::SomeInstanceAborted)?;
        self.require_up(s, Node::Leader(b))?;
        Ok(State { msgs: self.sent(s, Message::Abort), ..*s })
    }

    fn crash(&self, s: &State, node: Node) -> Result<State, Guard> {
        self.require_up(s, node)?;
        Ok(State { down: s.down.with(node.number()), crashed: s.crashed + 1, ..*s })
    }

    /// All is on disk, so nothing is lost but by a bug.
    fn restart(&self, s: &State, node: Node) -> Result<State, Guard> {
        self.require(s.down.contains(node.number()), Guard::Down)?;
        let mut after = State { down: s.down.without(node.number()), ..*s };
        match (self.bug, node) {
            (Some(Bug::AcceptorForgets), Node::Acceptor(a)) => {
                for place in (0..self.managers).map(|rm| self.place(rm, a)) {
                    after.mbal.set(place, 0);
                    after.bal.set(place, None);
                    after.val.set(place, None);
                }
            }
            (Some(Bug::PromiseInMemory), Node::Acceptor(a)) => {
                for place in (0..self.managers).map(|rm| self.place(rm, a)) {
                    after.mbal.set(place, s.bal.get(place).unwrap_or(0));
                }
            }
            (Some(Bug::VoteInMemory), Node::Manager(rm)) if s.rm_state.get(rm) == Phase::Prepared => {
                after.rm_state.set(rm, Phase::Working);
            }
            _ => {}
        }
        Ok(after)
    }

    #[inline]
    fn require_up(&self, s: &State, node: Node) -> Result<(), Guard> {
        self.require(!s.down.contains(node.number()), Guard::Up)
    }

    fn take(&self, s: &State, action: Action) -> Result<State, Guard> {
        match action {
            Action::RmPrepare(rm) => self.rm_prepare(s, rm),
            Action::RmChooseToAbort(rm) => self.rm_choose_to_abort(s, rm),
            Action::RmRcvCommitMsg(rm) => self.rm_rcv_commit_msg(s, rm),
            Action::RmRcvAbortMsg(rm) => self.rm_rcv_abort_msg(s, rm),
            Action::Phase1a(b, instances) => self.phase_1a(s, b, instances),
            Action::Phase1b(a, b, instances) => self.phase_1b(s, a, b, instances),
            Action::Phase2a(b, instances, majority) => self.phase_2a(s, b, instances, majority),
            Action::Phase2b(a, b, rm, vote) => self.phase_2b(s, a, b, rm, vote),
            Action::Commit(b) => self.commit(s, b),
            Action::Abort(b) => self.abort(s, b),
            Action::Crash(node) => self.crash(s, node),
            Action::Restart(node) => self.restart(s, node),
        }
    }
}

/// What there is, and what the messages say.
impl PaxosCommit {
    /// Where an acceptor's variables of an instance are.
    #[inline]
    pub fn place(&self, rm: usize, a: usize) -> usize {
        rm * self.acceptors + a
    }

    /// How many acceptors are a majority, the paper's `F + 1`.
    fn majority(&self) -> usize {
        self.acceptors / 2 + 1
    }

    fn majorities(&self) -> impl Iterator<Item = Few> {
        Few::of_size(self.majority(), self.acceptors)
    }

    /// The sets of instances that are treated together.
    fn bundles(&self) -> impl Iterator<Item = Few> + use<> {
        let count = if self.bundled { 1 } else { self.managers };
        let all = self.bundled.then_some(Few::below(self.managers));
        (0..count).map(move |rm| all.unwrap_or(Few::one(rm)))
    }

    /// The ballot of the last leader. It lives: without a leader that lives nothing is recovered.
    fn last(&self) -> u8 {
        self.ballots - 1
    }

    /// The leaders that may tell the outcome. All see the same, so where none crashes one stands for all.
    fn tellers(&self) -> std::ops::Range<u8> {
        0..if self.crashes > 0 { self.ballots } else { 1 }
    }

    /// Whoever may crash, whose restart changes something: all but leaders.
    fn durable(&self) -> impl Iterator<Item = Node> + use<> {
        (0..self.managers).map(Node::Manager).chain((0..self.acceptors).map(Node::Acceptor))
    }

    /// What the acceptor reports in its promise of the ballot, if it has made that promise.
    fn promise(&self, s: &State, rm: usize, a: usize, b: u8) -> Option<Report> {
        let accepted = (0..=b).flat_map(|c| Vote::ALL.map(|vote| Some((c, vote))));
        let reports = [None].into_iter().chain(accepted);
        reports.filter(|&report| self.is_sent(s, Message::Promise(rm, a, b, report))).max()
    }

    /// Those that have accepted the value in the ballot of the instance.
    fn accepted(&self, s: &State, rm: usize, b: u8, vote: Vote) -> Few {
        (0..self.acceptors).filter(|&a| self.is_sent(s, Message::Accepted(rm, a, b, vote))).collect()
    }

    /// Whether a majority has accepted the value in one ballot.
    pub fn is_chosen(&self, s: &State, rm: usize, vote: Vote) -> bool {
        (0..self.ballots).any(|b| self.accepted(s, rm, b, vote).len() >= self.majority())
    }

    /// `Decided(rm, v)`, as a leader finds it.
    fn decided(&self, s: &State, rm: usize, vote: Vote) -> bool {
        match self.bug {
            Some(Bug::MinorityDecides) => {
                let few = (self.acceptors - self.majority()).max(1);
                (0..self.ballots).any(|b| self.accepted(s, rm, b, vote).len() >= few)
            }
            _ => self.is_chosen(s, rm, vote),
        }
    }
}

impl Vote {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Prepared, Self::Aborted];

    /// The paper's word.
    pub const fn name(self) -> &'static str {
        match self {
            Vote::Prepared => "prepared",
            Vote::Aborted => "aborted",
        }
    }
}

impl Small for Option<Vote> {
    const BITS: u32 = 2;

    #[inline]
    fn bits(self) -> u64 {
        self.map_or(0, |vote| 1 + vote as u64)
    }

    #[inline]
    fn of(bits: u64) -> Self {
        match bits {
            0 => None,
            1 => Some(Vote::Prepared),
            _ => Some(Vote::Aborted),
        }
    }
}

impl Node {
    /// Its number among those that may be down.
    pub(self) fn number(self) -> usize {
        match self {
            Node::Manager(rm) => rm,
            Node::Acceptor(a) => 8 + a,
            Node::Leader(b) => 16 + usize::from(b),
        }
    }
}

impl Action {
    /// The node that takes it.
    fn node(self) -> Node {
        match self {
            Action::RmPrepare(rm)
            | Action::RmChooseToAbort(rm)
            | Action::RmRcvCommitMsg(rm)
            | Action::RmRcvAbortMsg(rm) => Node::Manager(rm),
            Action::Phase1a(b, _) | Action::Phase2a(b, ..) | Action::Commit(b) | Action::Abort(b) => Node::Leader(b),
            Action::Phase1b(a, ..) | Action::Phase2b(a, ..) => Node::Acceptor(a),
            Action::Crash(node) | Action::Restart(node) => node,
        }
    }
}

impl Model for PaxosCommit {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![State::default()]
    }

    fn actions(&self, s: &State, actions: &mut Vec<Action>) {
        for rm in 0..self.managers {
            actions.extend([
                Action::RmPrepare(rm),
                Action::RmChooseToAbort(rm),
                Action::RmRcvCommitMsg(rm),
                Action::RmRcvAbortMsg(rm),
            ]);
            for a in 0..self.acceptors {
                let of_ballot = |b| Vote::ALL.map(|vote| Action::Phase2b(a, b, rm, vote));
                actions.extend((0..self.ballots).flat_map(of_ballot));
            }
        }
        for b in 1..self.ballots {
            for instances in self.bundles() {
                actions.push(Action::Phase1a(b, instances));
                actions.extend((0..self.acceptors).map(|a| Action::Phase1b(a, b, instances)));
                actions.extend(self.majorities().map(|majority| Action::Phase2a(b, instances, majority)));
            }
        }
        actions.extend(self.tellers().flat_map(|b| [Action::Commit(b), Action::Abort(b)]));
        if s.crashed < self.crashes {
            let leaders = (0..self.last()).map(Node::Leader);
            actions.extend(self.durable().chain(leaders).map(Action::Crash));
        }
        if self.crashes > 0 {
            actions.extend(self.durable().map(Action::Restart));
        }
    }

    #[inline]
    fn next_state(&self, s: &State, action: Action) -> Option<State> {
        self.take(s, action).ok()
    }

    fn properties(&self) -> Vec<Property<Self>> {
        self.state_properties()
    }
}
