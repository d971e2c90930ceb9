//! Two-phase commit: Gray and Lamport, *Consensus on Transaction Commit* (TODS 2006), section 3, the
//! specification `TwoPhase`.
//!
//! With the constant `crashes`, nodes crash and restart without what is not on disk, and the coordinator
//! presumes abort: Mohan, Lindsay and Obermarck, *Transaction Management in the R\* Distributed Database
//! Management System* (TODS 1986), section 3. It keeps no record of an abort, so what it has no record of is
//! aborted, and it forgets a commit once every participant has acknowledged it.
//!
//! Left out: the request that starts the transaction and the coordinator's prepare message, since a
//! participant may prepare at any moment; the loss of a message, since to lose one is never to receive it;
//! its repetition and reordering, since a message is never taken out of the set of those sent. A coordinator
//! that gives up waiting is one that aborts, which it may do at any moment. A participant's question is no
//! message: the coordinator may answer at any moment. What is written and what is said in one action are
//! never torn apart by a crash, since words that are lost are words never heard.
//!
//! It refines [`transaction_commit`]. Its production bound is a model of its own, [`crate::transactions`].

mod catalogue;
mod scene;

pub use catalogue::Bug;

use crate::Map;
use crate::drawn::{drawn, worded};
use crate::guard::{guarded, guards};
use crate::problems::transaction_commit::{self, Phase, TransactionCommit};
use proofmark_vocabulary::{BitSet, Describe, Fairness, Model, Property, Refinement, Temporal};

/// The constants, and the bug planted in the model, if any.
#[derive(Clone, Debug)]
pub struct TwoPhase {
    /// How many participants (the paper's resource managers) there are, at most [`MOST`].
    pub participants: usize,
    /// Whether nodes crash and restart, and the coordinator forgets what has ended.
    pub crashes: bool,
    /// The bug.
    pub bug: Option<Bug>,
}

/// The most participants that the model can have.
pub const MOST: usize = 16;

/// The variables, which the paper names for the resource managers (`rm`), our participants, and the
/// transaction manager (`tm`), our coordinator.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct State {
    /// `rmState`: how far each participant is.
    pub rm_state: Map<Phase>,
    /// `tmState`: what the coordinator has decided.
    pub tm_state: Decision,
    /// `tmPrepared`: the participants whose yes votes the coordinator has counted.
    pub tm_prepared: BitSet,
    /// `msgs`: the messages that have been sent. A participant's number stands for its yes vote, and
    /// [`acknowledgement`] of it for the other thing that it says.
    pub msgs: BitSet,
    /// The nodes that have crashed and not restarted: participants, and [`COORDINATOR`].
    pub down: BitSet,
}

/// What the coordinator has decided.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Decision {
    /// Nothing yet: the paper's `init`.
    #[default]
    Open,
    /// To commit.
    Committed,
    /// To abort. With crashes there is no record of it, nor of the votes.
    Aborted,
    /// To commit; every participant has, and the coordinator has forgotten.
    Ended,
}

/// The coordinator among the nodes.
pub const COORDINATOR: usize = MOST;

/// The message by which a participant says that it has committed.
pub const fn acknowledgement(participant: usize) -> usize {
    MOST + participant
}

/// The message `Commit`, beside the votes in [`State::msgs`].
pub const COMMIT: usize = 62;
/// The message `Abort`.
pub const ABORT: usize = 63;

/// The actions, named as in the paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// The coordinator counts a participant's yes vote.
    TmRcvPrepared(usize),
    /// The coordinator decides to commit.
    TmCommit,
    /// The coordinator decides to abort.
    TmAbort,
    /// A participant votes yes.
    RmPrepare(usize),
    /// A participant votes no: it aborts on its own.
    RmChooseToAbort(usize),
    /// A participant learns that it must commit.
    RmRcvCommitMsg(usize),
    /// A participant learns that it must abort.
    RmRcvAbortMsg(usize),
    /// The coordinator forgets a commit that every participant has acknowledged.
    TmEnd,
    /// The coordinator tells who asks about a transaction that it has no record of.
    TmAnswer,
    /// A node stops, and loses what is not on disk.
    Crash(usize),
    /// A node starts again from its disk.
    Restart(usize),
}

guards! {
    TwoPhase, Never:
    /// `tmState = "init"`, to count a vote.
    OpenToCount = "open-to-count",
    /// `[type |-> "Prepared", rm |-> r] \in msgs`.
    VoteSent = "vote-sent",
    /// `tmState = "init"`, to commit.
    OpenToCommit = "open-to-commit",
    /// `tmPrepared = RM`.
    EveryVoteCounted = "every-vote-counted",
    /// `tmState = "init"`, to abort.
    OpenToAbort = "open-to-abort",
    /// `rmState[r] = "working"`, to prepare.
    WorkingToPrepare = "working-to-prepare",
    /// `rmState[r] = "working"`, to abort.
    WorkingToAbort = "working-to-abort",
    /// `[type |-> "Commit"] \in msgs`.
    CommitSent = "commit-sent",
    /// `[type |-> "Abort"] \in msgs`.
    AbortSent = "abort-sent",
    /// Who has committed takes no notice of an answer that comes late.
    NotCommitted = "not-committed",
    /// Every participant has acknowledged the commit.
    EveryCommitAcknowledged = "every-commit-acknowledged",
    /// The coordinator has no record of the transaction, and is not collecting votes.
    NothingOnRecord = "nothing-on-record",
    /// Who does something, or crashes, is up.
    Up = "up",
    /// Who restarts is down.
    Down = "down",
}

impl TwoPhase {
    fn tm_rcv_prepared(&self, s: &State, p: usize) -> Result<State, Guard> {
        self.require(s.tm_state == Decision::Open, Guard::OpenToCount)?;
        self.require(s.msgs.contains(p), Guard::VoteSent)?;
        self.require_up(s, COORDINATOR)?;
        Ok(State { tm_prepared: s.tm_prepared.with(p), ..*s })
    }

    fn tm_commit(&self, s: &State) -> Result<State, Guard> {
        let quota = match self.bug {
            Some(Bug::CommitOnMajority) => self.participants / 2 + 1,
            _ => self.participants,
        };
        self.require(s.tm_state == Decision::Open, Guard::OpenToCommit)?;
        self.require(s.tm_prepared.len() >= quota, Guard::EveryVoteCounted)?;
        self.require_up(s, COORDINATOR)?;
        Ok(State { tm_state: Decision::Committed, msgs: s.msgs.with(COMMIT), ..*s })
    }

    /// The coordinator need not say why: a no vote or a vote that it has waited for too long.
    fn tm_abort(&self, s: &State) -> Result<State, Guard> {
        let open = match self.bug {
            // Who recovers the transaction looks for the decision under another name than it was written.
            Some(Bug::TwoRecords) => s.tm_state != Decision::Aborted,
            _ => s.tm_state == Decision::Open,
        };
        self.require(open, Guard::OpenToAbort)?;
        self.require_up(s, COORDINATOR)?;
        // Who presumes abort keeps nothing of it.
        let tm_prepared = if self.crashes { BitSet::new() } else { s.tm_prepared };
        Ok(State { tm_state: Decision::Aborted, tm_prepared, msgs: s.msgs.with(ABORT), ..*s })
    }

    fn rm_prepare(&self, s: &State, p: usize) -> Result<State, Guard> {
        let working = match self.bug {
            Some(Bug::ForgottenRollback) => matches!(s.rm_state.get(p), Phase::Working | Phase::Aborted),
            _ => s.rm_state.get(p) == Phase::Working,
        };
        self.require(working, Guard::WorkingToPrepare)?;
        self.require_up(s, p)?;
        let phase = match self.bug {
            Some(Bug::VoteBeforeDurable) => Phase::Working,
            _ => Phase::Prepared,
        };
        Ok(State { rm_state: s.rm_state.with(p, phase), msgs: s.msgs.with(p), ..*s })
    }

    fn rm_choose_to_abort(&self, s: &State, p: usize) -> Result<State, Guard> {
        let free = match self.bug {
            Some(Bug::HeuristicDecision) => !s.rm_state.get(p).is_final(),
            _ => s.rm_state.get(p) == Phase::Working,
        };
        self.require(free, Guard::WorkingToAbort)?;
        self.require_up(s, p)?;
        Ok(State { rm_state: s.rm_state.with(p, Phase::Aborted), ..*s })
    }

    /// That the participant is prepared, or has committed already, follows from the message.
    fn rm_rcv_commit_msg(&self, s: &State, p: usize) -> Result<State, Guard> {
        self.require(s.msgs.contains(COMMIT), Guard::CommitSent)?;
        self.require_up(s, p)?;
        let msgs = if self.crashes { s.msgs.with(acknowledgement(p)) } else { s.msgs };
        Ok(State { rm_state: s.rm_state.with(p, Phase::Committed), msgs, ..*s })
    }

    /// A participant that is still working aborts too: a vote that it has yet to be asked for comes too late.
    fn rm_rcv_abort_msg(&self, s: &State, p: usize) -> Result<State, Guard> {
        self.require(s.msgs.contains(ABORT), Guard::AbortSent)?;
        self.require(s.rm_state.get(p) != Phase::Committed, Guard::NotCommitted)?;
        self.require_up(s, p)?;
        match self.bug {
            Some(Bug::EmptyCancel) if s.rm_state.get(p) == Phase::Working => Ok(*s),
            _ => Ok(State { rm_state: s.rm_state.with(p, Phase::Aborted), ..*s }),
        }
    }

    /// That there was a commit follows from the acknowledgements.
    fn tm_end(&self, s: &State) -> Result<State, Guard> {
        let acknowledged = (0..self.participants).all(|p| s.msgs.contains(acknowledgement(p)));
        let committed = matches!(s.tm_state, Decision::Committed | Decision::Ended);
        self.require(committed && acknowledged, Guard::EveryCommitAcknowledged)?;
        self.require_up(s, COORDINATOR)?;
        Ok(State { tm_state: Decision::Ended, ..*s })
    }

    /// What is committed and not forgotten it need not say again: to be heard late is to be heard.
    fn tm_answer(&self, s: &State) -> Result<State, Guard> {
        let unknown = matches!(s.tm_state, Decision::Aborted | Decision::Ended);
        self.require(unknown, Guard::NothingOnRecord)?;
        self.require_up(s, COORDINATOR)?;
        Ok(State { msgs: s.msgs.with(ABORT), ..*s })
    }

    /// The votes that the coordinator has counted are in memory; all else is on disk.
    fn crash(&self, s: &State, node: usize) -> Result<State, Guard> {
        self.require_up(s, node)?;
        let lost = node == COORDINATOR && s.tm_state == Decision::Open;
        let tm_prepared = if lost { BitSet::new() } else { s.tm_prepared };
        Ok(State { down: s.down.with(node), tm_prepared, ..*s })
    }

    /// A coordinator that had decided nothing has aborted.
    fn restart(&self, s: &State, node: usize) -> Result<State, Guard> {
        self.require(s.down.contains(node), Guard::Down)?;
        let forgets = self.bug == Some(Bug::StateInMemory) || s.tm_state == Decision::Open;
        let tm_state = if node == COORDINATOR && forgets { Decision::Aborted } else { s.tm_state };
        let rm_state = match self.bug {
            Some(Bug::OrphanPrepared) if node != COORDINATOR && s.rm_state.get(node) == Phase::Committed => {
                s.rm_state.with(node, Phase::Prepared)
            }
            _ => s.rm_state,
        };
        Ok(State { down: s.down.without(node), tm_state, rm_state, ..*s })
    }

    #[inline]
    fn require_up(&self, s: &State, node: usize) -> Result<(), Guard> {
        self.require(!s.down.contains(node), Guard::Up)
    }

    #[inline]
    fn take(&self, s: &State, action: Action) -> Result<State, Guard> {
        match action {
            Action::TmRcvPrepared(p) => self.tm_rcv_prepared(s, p),
            Action::TmCommit => self.tm_commit(s),
            Action::TmAbort => self.tm_abort(s),
            Action::RmPrepare(p) => self.rm_prepare(s, p),
            Action::RmChooseToAbort(p) => self.rm_choose_to_abort(s, p),
            Action::RmRcvCommitMsg(p) => self.rm_rcv_commit_msg(s, p),
            Action::RmRcvAbortMsg(p) => self.rm_rcv_abort_msg(s, p),
            Action::TmEnd => self.tm_end(s),
            Action::TmAnswer => self.tm_answer(s),
            Action::Crash(node) => self.crash(s, node),
            Action::Restart(node) => self.restart(s, node),
        }
    }
}

impl Model for TwoPhase {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![State::default()]
    }

    fn actions(&self, _: &State, actions: &mut Vec<Action>) {
        actions.extend([Action::TmCommit, Action::TmAbort]);
        if self.crashes {
            actions.extend([Action::TmEnd, Action::TmAnswer]);
            let nodes = (0..self.participants).chain([COORDINATOR]);
            actions.extend(nodes.flat_map(|node| [Action::Crash(node), Action::Restart(node)]));
        }
        for p in 0..self.participants {
            actions.extend([
                Action::TmRcvPrepared(p),
                Action::RmPrepare(p),
                Action::RmChooseToAbort(p),
                Action::RmRcvCommitMsg(p),
                Action::RmRcvAbortMsg(p),
            ]);
        }
    }

    #[inline]
    fn next_state(&self, s: &State, action: Action) -> Option<State> {
        self.take(s, action).ok()
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("AC1 agreement", agreement),
            Property::always("AC3 commit validity", commit_validity),
            Property::always("AC3 abort validity", abort_validity),
            Property::always("log forgets safely", log_forgets_safely),
            Property::sometimes("can commit", |m, s| m.all(s, |phase| phase == Phase::Committed)),
            Property::sometimes("can abort by vote", can_abort_by_vote),
            Property::sometimes("can abort by timeout", can_abort_by_timeout),
            Property::sometimes("can be in doubt", can_be_in_doubt),
        ]
    }
}

fn agreement(m: &TwoPhase, s: &State) -> bool {
    !(m.some(s, |phase| phase == Phase::Committed) && m.some(s, |phase| phase == Phase::Aborted))
}

/// A commit, decided or carried out, has every participant's yes.
fn commit_validity(m: &TwoPhase, s: &State) -> bool {
    let decided = matches!(s.tm_state, Decision::Committed | Decision::Ended);
    let committed = decided || m.some(s, |phase| phase == Phase::Committed);
    !committed || m.all_voted_yes(s)
}

/// Who voted yes aborts only because the coordinator gave up: there was a no, or it suspected a fault.
fn abort_validity(m: &TwoPhase, s: &State) -> bool {
    let aborted = |p| s.msgs.contains(p) && s.rm_state.get(p) == Phase::Aborted;
    s.tm_state == Decision::Aborted || !(0..m.participants).any(aborted)
}

/// A commit is forgotten when nobody will ask for it any more.
fn log_forgets_safely(m: &TwoPhase, s: &State) -> bool {
    s.tm_state != Decision::Ended || m.all(s, |phase| phase == Phase::Committed)
}

/// All have aborted and the coordinator has decided nothing, so all have refused.
fn can_abort_by_vote(m: &TwoPhase, s: &State) -> bool {
    s.tm_state == Decision::Open && m.all(s, |phase| phase == Phase::Aborted)
}

/// Nobody refused, and all have aborted.
fn can_abort_by_timeout(m: &TwoPhase, s: &State) -> bool {
    m.all_voted_yes(s) && m.all(s, |phase| phase == Phase::Aborted)
}

/// It is decided, and nobody who voted knows.
fn can_be_in_doubt(m: &TwoPhase, s: &State) -> bool {
    s.tm_state != Decision::Open && m.all(s, |phase| phase == Phase::Prepared)
}

/// A decision never changes: neither a participant's nor the coordinator's.
fn stability(m: &TwoPhase, before: &State, _: &Action, after: &State) -> bool {
    let kept = |p| !before.rm_state.get(p).is_final() || before.rm_state.get(p) == after.rm_state.get(p);
    let decision_kept = match before.tm_state {
        Decision::Open => true,
        Decision::Committed | Decision::Ended => matches!(after.tm_state, Decision::Committed | Decision::Ended),
        Decision::Aborted => after.tm_state == Decision::Aborted,
    };
    decision_kept && (before.rm_state == after.rm_state || (0..m.participants).all(kept))
}

/// A yes is not taken back, and who has aborted without a vote never comes to vote yes.
fn vote_is_stable(m: &TwoPhase, before: &State, _: &Action, after: &State) -> bool {
    let refused = |p| before.rm_state.get(p) == Phase::Aborted && !before.msgs.contains(p);
    before.msgs == after.msgs
        || before.msgs.is_subset(&after.msgs) && !(0..m.participants).any(|p| refused(p) && after.msgs.contains(p))
}

/// What a coordinator that has decided, or a participant that has finished, receives changes nothing.
fn late_messages(_: &TwoPhase, before: &State, action: &Action, after: &State) -> bool {
    let late = match *action {
        Action::TmRcvPrepared(_) => before.tm_state != Decision::Open,
        Action::RmRcvCommitMsg(p) | Action::RmRcvAbortMsg(p) => before.rm_state.get(p).is_final(),
        _ => false,
    };
    !late || before == after
}

/// Who is up acts or crashes; who is down restarts, and does nothing else.
fn down_does_nothing(_: &TwoPhase, before: &State, action: &Action, _: &State) -> bool {
    before.down.contains(action.node()) == matches!(action, Action::Restart(_))
}

/// Somebody aborts, is about to, or is down: no reason to expect a commit.
fn given_up(m: &TwoPhase, s: &State) -> bool {
    let aborts = s.msgs.contains(ABORT) || m.some(s, |phase| phase == Phase::Aborted);
    aborts || s.tm_state == Decision::Aborted || !s.down.is_empty()
}

impl Action {
    /// The node that takes it.
    fn node(self) -> usize {
        match self {
            Action::TmRcvPrepared(_) | Action::TmCommit | Action::TmAbort | Action::TmEnd | Action::TmAnswer => {
                COORDINATOR
            }
            Action::RmPrepare(node)
            | Action::RmChooseToAbort(node)
            | Action::RmRcvCommitMsg(node)
            | Action::RmRcvAbortMsg(node)
            | Action::Crash(node)
            | Action::Restart(node) => node,
        }
    }
}

/// An action of each participant.
type OfOne = fn(usize) -> Action;

impl TwoPhase {
    fn some(&self, s: &State, is: impl Fn(Phase) -> bool) -> bool {
        s.rm_state.values(self.participants).any(is)
    }

    fn all(&self, s: &State, is: impl Fn(Phase) -> bool) -> bool {
        s.rm_state.values(self.participants).all(is)
    }

    fn all_voted_yes(&self, s: &State) -> bool {
        BitSet::below(self.participants).is_subset(&s.msgs)
    }

    /// Fairness of these actions, one class for each participant.
    fn fair(&self, kinds: &[(&str, OfOne)]) -> Vec<Fairness<Self>> {
        let mut classes = Vec::new();
        for &(name, action) in kinds {
            let of_one = |p| self.fairly(format!("{name}({p})"), action(p));
            classes.extend((0..self.participants).map(of_one));
        }
        classes
    }

    /// Fairness of one action: strong where crashes disable it again and again.
    fn fairly(&self, name: impl Into<String>, action: Action) -> Fairness<Self> {
        let includes = move |taken: &Action| *taken == action;
        if self.crashes { Fairness::strong(name, includes) } else { Fairness::weak(name, includes) }
    }

    /// If nothing fails, nobody refuses and the coordinator does not give up, all commit.
    fn ac4(&self) -> Temporal<Self> {
        let mut fairness = self.fair(&[
            ("RMPrepare", Action::RmPrepare),
            ("TMRcvPrepared", Action::TmRcvPrepared),
            ("RMRcvCommitMsg", Action::RmRcvCommitMsg),
        ]);
        fairness.push(self.fairly("TMCommit", Action::TmCommit));
        let all_committed = |m: &Self, s: &State| m.all(s, |phase| phase == Phase::Committed);
        Temporal::leads_to("AC4", |_, _| true, move |m, s| all_committed(m, s) || given_up(m, s), fairness)
    }

    /// What lets every participant decide but for the coordinator's restart: it gives up in the end, or tells who
    /// asks, messages arrive, and participants restart.
    fn decisive(&self) -> Vec<Fairness<Self>> {
        let mut fairness =
            self.fair(&[("RMRcvCommitMsg", Action::RmRcvCommitMsg), ("RMRcvAbortMsg", Action::RmRcvAbortMsg)]);
        fairness.push(self.fairly("TMAbort", Action::TmAbort));
        if self.crashes {
            fairness.push(self.fairly("TMAnswer", Action::TmAnswer));
            fairness.extend(self.fair(&[("RMRestart", Action::Restart)]));
        }
        fairness
    }

    /// Once all failures are repaired, every participant decides, whether or not all vote.
    fn ac5(&self) -> Temporal<Self> {
        let mut fairness = self.decisive();
        if self.crashes {
            fairness.push(self.fairly("TMRestart", Action::Restart(COORDINATOR)));
        }
        Temporal::leads_to("AC5 termination", |_, _| true, |m, s| m.all(s, Phase::is_final), fairness)
    }

    /// Babaoğlu and Toueg, *Non-Blocking Atomic Commitment* (1993): a coordinator that stays down keeps nobody
    /// from deciding. It does here, which is the protocol's weakness.
    fn non_blocking(&self) -> Temporal<Self> {
        Temporal::leads_to("non-blocking", |_, _| true, |m, s| m.all(s, Phase::is_final), self.decisive())
    }
}

impl Describe for TwoPhase {
    worded!();
    guarded!();
    drawn!();

    fn temporal(&self) -> Vec<Temporal<Self>> {
        let problem = TransactionCommit { participants: self.participants, bug: None };
        vec![
            Temporal::step("AC2 stability", stability),
            Temporal::step("a vote is stable", vote_is_stable),
            Temporal::step("late messages are harmless", late_messages),
            Temporal::step("who is down does nothing", down_does_nothing),
            Temporal::refinement("refines transaction-commit", CommitsTransactions(problem)),
            self.ac4(),
            self.ac5(),
            self.non_blocking(),
        ]
    }

    /// No participant differs from another but by its own part of the state (its phase, its vote, whether
    /// that was counted), so to sort these parts gives every member of an orbit the same representative.
    fn canonical(&self, s: &State) -> Option<State> {
        let mut parts = [(Phase::Working, [false; 4]); MOST];
        let parts = &mut parts[..self.participants];
        for (p, part) in parts.iter_mut().enumerate() {
            let said = [s.msgs.contains(p), s.msgs.contains(acknowledgement(p))];
            *part = (s.rm_state.get(p), [said[0], said[1], s.tm_prepared.contains(p), s.down.contains(p)]);
        }
        parts.sort_unstable();
        let msgs = [COMMIT, ABORT].into_iter().filter(|&m| s.msgs.contains(m)).collect();
        let down = [COORDINATOR].into_iter().filter(|&node| s.down.contains(node)).collect();
        let mut sorted = State { tm_state: s.tm_state, msgs, down, ..State::default() };
        for (p, &(phase, [voted, acknowledged, counted, is_down])) in parts.iter().enumerate() {
            sorted.rm_state = sorted.rm_state.with(p, phase);
            let marks =
                [(voted, &mut sorted.msgs, p), (counted, &mut sorted.tm_prepared, p), (is_down, &mut sorted.down, p)];
            for (is_marked, set, member) in marks {
                if is_marked {
                    set.insert(member);
                }
            }
            if acknowledged {
                sorted.msgs.insert(acknowledgement(p));
            }
        }
        Some(sorted)
    }
}

/// The participants' phases are the problem's; messages and the coordinator are how it is solved.
struct CommitsTransactions(TransactionCommit);

impl Refinement for CommitsTransactions {
    type Concrete = State;
    type Event = Action;
    type Spec = TransactionCommit;

    fn spec(&self) -> &TransactionCommit {
        &self.0
    }

    fn abstraction(&self, s: &State) -> transaction_commit::State {
        transaction_commit::State { phases: s.rm_state }
    }

    fn witness(&self, _: &State, &event: &Action, _: &State) -> Vec<transaction_commit::Action> {
        match event {
            Action::RmPrepare(p) => vec![transaction_commit::Action::Prepare(p)],
            Action::RmRcvCommitMsg(p) => vec![transaction_commit::Action::Commit(p)],
            Action::RmChooseToAbort(p) | Action::RmRcvAbortMsg(p) => vec![transaction_commit::Action::Abort(p)],
            // The problem knows of no coordinator, no message and no crash.
            _ => vec![],
        }
    }
}
