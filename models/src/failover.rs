//! Failover of a lock's master and of a transaction's coordinator, driven by a failure detector that may be wrong.
//!
//! Sources: Burrows, *The Chubby Lock Service for Loosely-Coupled Distributed Systems* (OSDI 2006), sections 2.4 and
//! 2.9 (sequencers, fail-overs); Gray and Lamport, *Consensus on Transaction Commit* (TODS 2006), section 4 (a decision
//! that is recorded where more than one can find it); Chandra and Toueg, *Unreliable Failure Detectors for Reliable
//! Distributed Systems* (JACM 1996), section 2 (what a detector may get wrong); Ongaro's thesis (2014), section 6.3 (a
//! deposed leader finds out by its term).
//!
//! This is a composition over specifications and no product of algorithms. The failure detector is what it may do: it
//! suspects a crashed process in the end, and any other so often as a budget allows. The replicated log is one sequence
//! of entries, in which a new master's term begins and later entries of earlier terms are refused. The lock is what
//! [`mutual_exclusion`](crate::problems::mutual_exclusion) says of it and the transaction what
//! [`transaction_commit`](crate::problems::transaction_commit) says; both are read off the log and off the
//! participants, and both are refined.
//!
//! Left out: how a log is replicated and a term's one master agreed on (models `paxos` and `raft`); how a suspicion
//! comes about (`failure-detector`); suspicions that change nothing, of who is no master, holds nothing or has voted,
//! since to suspect it later is the same; that a suspicion is withdrawn, since not to act on it is the same; the loss
//! of what is sent to the log, since who sends it again does so under the same number; other messages are never taken
//! back, so any may be lost, late or repeated. A participant has all that it knows on its disk.

mod catalogue;
mod clients;
mod nodes;
mod properties;
mod refinement;
mod scene;

pub use catalogue::Bug;

use crate::guard::guards;
use crate::map::small;
use crate::problems::transaction_commit::Phase;
use crate::{Few, Map};
use proofmark_vocabulary::{BitSet, Model, Property};

/// The constants, and the bug planted in the model, if any.
#[derive(Clone, Debug)]
pub struct Failover {
    /// How many nodes may be the master, at most [`MOST_NODES`].
    pub nodes: usize,
    /// How many clients use the lock; none without the lock.
    pub clients: usize,
    /// How many participants the transaction has; none without the transaction.
    pub participants: usize,
    /// How often a client may ask for the lock.
    pub requests: u8,
    /// How often somebody may be suspected who is up.
    pub wrong: u8,
    /// How often somebody may crash.
    pub crashes: u8,
    /// The bug.
    pub bug: Option<Bug>,
}

/// The most nodes that the model can have.
pub const MOST_NODES: usize = 3;
/// The most clients.
pub const MOST_CLIENTS: usize = 3;

/// The variables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct State {
    /// What the replicated log adds up to.
    pub log: Log,
    /// The nodes, each with what it believes.
    pub nodes: [Node; MOST_NODES],
    /// What each client does.
    pub doing: Map<Doing, u32>,
    /// The last sequencer that each client took.
    pub sequencer: Map<Option<u8>, u32>,
    /// The grants that each master has told, at [`of_holding`] of `3 n + c`: messages.
    pub granted: BitSet<3>,
    /// The holdings that clients have given back, at [`of_holding`]: messages.
    pub released: BitSet,
    /// The sequencer of the last operation that the resource has accepted, and the client whose it was.
    pub resource: Option<(u8, u8)>,
    /// Whether it accepted an operation after one of a later holding, or of another client's holding with the same
    /// sequencer: a history variable.
    pub overtaken: bool,
    /// How far each participant is.
    pub phases: Map<Phase, u32>,
    /// The participants that have voted yes: messages.
    pub yes: Few,
    /// The participants that have refused: messages.
    pub no: Few,
    /// The outcomes that each coordinator has told, at [`of_outcome`]: messages.
    pub outcomes: Few,
    /// Who has crashed and not restarted.
    pub down: BitSet,
    /// Who is suspected: the master, until another takes over; a client, until its lock is taken away; a participant.
    pub suspected: BitSet,
    /// How often clients have asked, somebody was suspected who was up, and somebody has crashed.
    pub asked: u8,
    /// See there.
    pub wrong: u8,
    /// See there.
    pub crashed: u8,
}

/// What the replicated log adds up to. Nothing in it is ever lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Log {
    /// The last term that has begun.
    pub term: u8,
    /// Its master.
    pub master: u8,
    /// The lock: the sequencer of each client that holds it.
    pub sequencer: Map<Option<u8>, u32>,
    /// The last sequencer that was given out.
    pub last: Option<u8>,
    /// The sequencers whose holding was taken away on a suspicion: a history variable.
    pub revoked: BitSet,
    /// The transaction: what was decided last.
    pub decision: Option<Decision>,
}

/// A node. All but `append` is in memory: that is on its way to the log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Node {
    /// The term that it believes itself to be the master of; 0 if of none.
    pub term: u8,
    /// Whether it has read the log since that term began.
    pub read: bool,
    /// The holder of the lock, as far as it knows.
    pub holder: Option<u8>,
    /// The last sequencer that was given out, as far as it knows.
    pub last: Option<u8>,
    /// The decision, as far as it knows.
    pub decision: Option<Decision>,
    /// The entry that it has sent to the log, and the term in which it did.
    pub append: Option<(u8, Entry)>,
}

/// An entry of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Entry {
    /// The client is given the lock, with this sequencer.
    Grant(u8, u8),
    /// The client has given it back.
    Release(u8),
    /// It is taken away from the client.
    Revoke(u8),
    /// The transaction is decided.
    Decide(Decision),
}

/// What is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Decision {
    /// To commit.
    Commit,
    /// To abort.
    Abort,
}

/// What a client does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Doing {
    /// It needs no lock.
    Idle,
    /// It has asked for the lock.
    Asking,
    /// It believes that it holds the lock.
    Holding,
}

/// Who may crash or be suspected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// A node.
    Node(usize),
    /// A client.
    Client(usize),
    /// A participant.
    Participant(usize),
}

/// The actions. What each does next by its own state is a candidate; the guards are what it must know of others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Somebody suspects somebody: rightly if it is down.
    Suspect(Who),
    /// A node begins a term in the log.
    TakeOver(usize),
    /// A node that has begun a term reads the log.
    ReadLog(usize),
    /// A master sends an entry to the log.
    Propose(usize, Entry),
    /// The log takes the entry that a node has sent, and the node learns it.
    Append(usize),
    /// The log refuses it, and the node learns that it is no master any more.
    Refuse(usize),
    /// A master tells a client that it holds the lock.
    TellGrant(usize, usize),
    /// A master, as the coordinator, tells the outcome.
    TellOutcome(usize, Decision),
    /// A client asks for the lock.
    Ask(usize),
    /// A client hears that it holds the lock, with this sequencer.
    Hold(usize, u8),
    /// An operation of a client that believes so arrives at the resource, which accepts it.
    Operate(usize),
    /// A client gives the lock back.
    Release(usize),
    /// A participant votes yes.
    Prepare(usize),
    /// A participant refuses and aborts.
    ChooseToAbort(usize),
    /// A participant learns the outcome.
    Learn(usize, Decision),
    /// Somebody stops.
    Crash(Who),
    /// A node starts again, and remembers nothing; or a participant, from its disk.
    Restart(Who),
}

guards! {
    Failover:
    /// The master is suspected; or it is the node itself, which has restarted and knows nothing.
    MasterSuspected = "master-suspected",
    /// The master has read the log since its term began.
    LogRead = "log-read",
    /// As far as the master knows, nobody holds the lock.
    LockFree = "lock-free",
    /// The client has asked.
    Asked = "asked",
    /// The client that holds the lock has given this very holding back.
    GivenBack = "given-back",
    /// The client that holds the lock is suspected.
    HolderSuspected = "holder-suspected",
    /// Every participant has voted yes.
    EveryVoteYes = "every-vote-yes",
    /// A participant has refused or is suspected.
    RefusedOrSuspected = "refused-or-suspected",
    /// The entry is of the last term that has begun.
    TermCurrent = "term-current",
    /// The entry is of an earlier term.
    TermPast = "term-past",
    /// The master knows the grant from the log.
    GrantOnRecord = "grant-on-record",
    /// The master knows the decision from the log.
    DecisionOnRecord = "decision-on-record",
    /// A master has told the client of this grant.
    GrantTold = "grant-told",
    /// The sequencer is greater than any that the client has had.
    NewToClient = "new-to-client",
    /// The resource has accepted no operation of a later holding.
    SequencerNotPast = "sequencer-not-past",
    /// The participant is working, to prepare.
    WorkingToPrepare = "working-to-prepare",
    /// The participant is working, to abort.
    WorkingToAbort = "working-to-abort",
    /// A coordinator has told this outcome.
    OutcomeTold = "outcome-told",
    /// Who does something, or crashes, is up.
    Up = "up",
    /// Who restarts is down.
    Down = "down",
}

impl Failover {
    #[inline]
    fn require_up(&self, s: &State, who: Who) -> Result<(), Guard> {
        self.require(!s.down.contains(who.number()), Guard::Up)
    }

    fn take(&self, s: &State, action: Action) -> Result<State, Guard> {
        match action {
            Action::Suspect(who) => Ok(Self::suspect(s, who)),
            Action::TakeOver(n) => self.take_over(s, n),
            Action::ReadLog(n) => self.read_log(s, n),
            Action::Propose(n, entry) => self.propose(s, n, entry),
            Action::Append(n) => self.append(s, n),
            Action::Refuse(n) => self.refuse(s, n),
            Action::TellGrant(n, c) => self.tell_grant(s, n, c),
            Action::TellOutcome(n, decision) => self.tell_outcome(s, n, decision),
            Action::Ask(c) => self.ask(s, c),
            Action::Hold(c, sequencer) => self.hold(s, c, sequencer),
            Action::Operate(c) => self.operate(s, c),
            Action::Release(c) => self.release(s, c),
            Action::Prepare(p) => self.prepare(s, p),
            Action::ChooseToAbort(p) => self.choose_to_abort(s, p),
            Action::Learn(p, decision) => self.learn(s, p, decision),
            Action::Crash(who) => self.crash(s, who),
            Action::Restart(who) => self.restart(s, who),
        }
    }
}

/// What may be done next.
impl Failover {
    /// Suspicions that change something. Who is up may be suspected while the budget lasts.
    fn suspicions(&self, s: &State) -> impl Iterator<Item = Who> {
        let open = |&p: &usize| s.log.decision.is_none() && s.phases.get(p) == Phase::Working;
        let master = [Who::Node(s.log.master.into())].into_iter();
        let holders = (0..self.clients).filter(|&c| s.log.sequencer.get(c).is_some()).map(Who::Client);
        let voters = (0..self.participants).filter(open).map(Who::Participant);
        let may = |who: &Who| {
            let wrong = !s.down.contains(who.number());
            !s.suspected.contains(who.number()) && (!wrong || s.wrong < self.wrong)
        };
        master.chain(holders).chain(voters).filter(may)
    }

    /// Every term but the first one has a suspicion or a crash of its own, so this is no limit; under a mutant it is.
    fn terms(&self) -> u8 {
        1 + self.wrong + self.crashes
    }

    fn of_node(&self, s: &State, n: usize, actions: &mut Vec<Action>) {
        let node = &s.nodes[n];
        if s.log.term < self.terms() && node.term != s.log.term {
            actions.push(Action::TakeOver(n));
        }
        if node.append.is_some() {
            actions.extend([Action::Append(n), Action::Refuse(n)]);
        }
        if node.term == 0 {
            return;
        }
        if !node.read {
            actions.push(Action::ReadLog(n));
        }
        for c in 0..self.clients {
            actions.push(Action::TellGrant(n, c));
        }
        if self.participants > 0 {
            actions.extend(Decision::ALL.map(|decision| Action::TellOutcome(n, decision)));
        }
        if node.append.is_none() {
            self.entries(node).for_each(|entry| actions.push(Action::Propose(n, entry)));
        }
    }

    /// What a master may want to write: what it knows to be so it does not write again.
    fn entries(&self, node: &Node) -> impl Iterator<Item = Entry> {
        let room = node.last.is_none_or(|last| last < MOST_SEQUENCER - MOST_NODES as u8);
        let next = node.last.map_or(0, |last| last + 1);
        let grants = (0..self.clients as u8).filter(move |_| room).map(move |c| Entry::Grant(c, next));
        let ends = node.holder.into_iter().flat_map(|c| [Entry::Release(c), Entry::Revoke(c)]);
        let open = self.participants > 0 && node.decision.is_none();
        let decides = Decision::ALL.into_iter().filter(move |_| open).map(Entry::Decide);
        grants.chain(ends).chain(decides)
    }

    fn of_client(&self, s: &State, c: usize, actions: &mut Vec<Action>) {
        match s.doing.get(c) {
            Doing::Idle if s.asked < self.requests => actions.push(Action::Ask(c)),
            Doing::Holding => actions.extend([Action::Operate(c), Action::Release(c)]),
            _ => {}
        }
        let given = s.log.last.map_or(0, |last| last + 1);
        actions.extend((0..=given).map(|sequencer| Action::Hold(c, sequencer)));
    }

    /// Who comes back from a crash.
    fn restarting(&self) -> impl Iterator<Item = Who> + use<> {
        (0..self.nodes).map(Who::Node).chain((0..self.participants).map(Who::Participant))
    }

    fn suspects_participant(&self, s: &State) -> bool {
        (0..self.participants).any(|p| s.suspected.contains(Who::Participant(p).number()))
    }

    /// A node that has told the client of this grant.
    fn teller(&self, s: &State, c: usize, sequencer: u8) -> Option<usize> {
        (0..self.nodes).find(|n| s.granted.contains(of_holding(MOST_CLIENTS * n + c, sequencer)))
    }

    /// A node that has told this outcome.
    fn announcer(&self, s: &State, decision: Decision) -> Option<usize> {
        (0..self.nodes).find(|&n| s.outcomes.contains(of_outcome(n, decision)))
    }

    /// Who holds the lock by the log.
    pub(self) fn holders(&self, s: &State) -> impl Iterator<Item = usize> {
        let held = s.log.sequencer;
        (0..self.clients).filter(move |&c| held.get(c).is_some())
    }
}

/// The greatest sequencer that there is room for.
const MOST_SEQUENCER: u8 = 13;

/// The number of a message about a holding.
pub const fn of_holding(who: usize, sequencer: u8) -> usize {
    16 * who + sequencer as usize
}

/// The number of a coordinator's message about the outcome.
pub const fn of_outcome(n: usize, decision: Decision) -> usize {
    2 * n + decision as usize
}

impl Node {
    /// The node when it has read the log.
    fn knowing(self, log: &Log) -> Self {
        let clients = (0_u8..).take(MOST_CLIENTS);
        let of = |c: &u8| log.sequencer.get(usize::from(*c));
        let holder = clients.filter(|c| of(c).is_some()).max_by_key(of);
        Self { read: true, holder, last: log.last, decision: log.decision, ..self }
    }
}

impl Decision {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Commit, Self::Abort];

    const fn phase(self) -> Phase {
        match self {
            Decision::Commit => Phase::Committed,
            Decision::Abort => Phase::Aborted,
        }
    }

    /// The word.
    pub const fn name(self) -> &'static str {
        match self {
            Decision::Commit => "commit",
            Decision::Abort => "abort",
        }
    }
}

impl Doing {
    /// The word.
    pub const fn name(self) -> &'static str {
        match self {
            Doing::Idle => "idle",
            Doing::Asking => "asking",
            Doing::Holding => "holding",
        }
    }
}

small!(Doing, 2 bits: 0 => Idle, 1 => Asking, _ => Holding);

impl Who {
    /// Its number among those that may be down or suspected.
    pub(self) const fn number(self) -> usize {
        match self {
            Who::Node(n) => n,
            Who::Client(c) => 8 + c,
            Who::Participant(p) => 16 + p,
        }
    }
}

impl Action {
    /// Who takes it: nobody where the log does, or a detector.
    fn actor(self) -> Option<Who> {
        match self {
            Action::Suspect(_) | Action::Append(_) | Action::Refuse(_) => None,
            Action::TakeOver(n)
            | Action::ReadLog(n)
            | Action::Propose(n, _)
            | Action::TellGrant(n, _)
            | Action::TellOutcome(n, _) => Some(Who::Node(n)),
            Action::Ask(c) | Action::Hold(c, _) | Action::Operate(c) | Action::Release(c) => Some(Who::Client(c)),
            Action::Prepare(p) | Action::ChooseToAbort(p) | Action::Learn(p, _) => Some(Who::Participant(p)),
            Action::Crash(who) | Action::Restart(who) => Some(who),
        }
    }
}

impl Model for Failover {
    type State = State;
    type Action = Action;

    /// Node 0 is the master of the first term, in which nothing has been written.
    fn init_states(&self) -> Vec<State> {
        let mut nodes = [Node::default(); MOST_NODES];
        nodes[0] = Node { term: 1, read: true, ..Node::default() };
        let log =
            Log { term: 1, master: 0, sequencer: Map::default(), last: None, revoked: BitSet::new(), decision: None };
        vec![State {
            log,
            nodes,
            doing: Map::default(),
            sequencer: Map::default(),
            granted: BitSet::new(),
            released: BitSet::new(),
            resource: None,
            overtaken: false,
            phases: Map::default(),
            yes: Few::NONE,
            no: Few::NONE,
            outcomes: Few::NONE,
            down: BitSet::new(),
            suspected: BitSet::new(),
            asked: 0,
            wrong: 0,
            crashed: 0,
        }]
    }

    fn actions(&self, s: &State, actions: &mut Vec<Action>) {
        actions.extend(self.suspicions(s).map(Action::Suspect));
        (0..self.nodes).for_each(|n| self.of_node(s, n, actions));
        (0..self.clients).for_each(|c| self.of_client(s, c, actions));
        for p in 0..self.participants {
            actions.extend([Action::Prepare(p), Action::ChooseToAbort(p)]);
            actions.extend(Decision::ALL.map(|decision| Action::Learn(p, decision)));
        }
        if s.crashed < self.crashes {
            let clients = (0..self.clients).map(Who::Client);
            actions.extend(clients.chain(self.restarting()).map(Action::Crash));
        }
        if self.crashes > 0 {
            actions.extend(self.restarting().map(Action::Restart));
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
