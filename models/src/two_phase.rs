//! Two-phase commit: Gray and Lamport, *Consensus on Transaction Commit* (TODS 2006), section 3, the
//! specification `TwoPhase`.
//!
//! Left out: the request that starts the transaction and the coordinator's prepare message, since a
//! participant may prepare at any moment; the loss of a message, since to lose one is never to receive it;
//! its repetition and reordering, since a message is never taken out of the set of those sent. A coordinator
//! that gives up waiting is one that aborts, which it may do at any moment. A crash that forgets nothing is
//! a pause: here every variable is on disk, so crashes add no behaviour. One that loses what is not on disk,
//! presumed abort and acknowledgements are no part of this specification.
//!
//! It refines [`transaction_commit`].

use crate::Map;
use crate::guard::guards;
use crate::problems::transaction_commit::{self, Phase, TransactionCommit};
use proofmark_vocabulary::{
    BitSet, Bound, Catalogued, Constant, ConstantError, Constants, Counts, Describe, Domain, Fairness, Model, Mutant,
    Profile, Property, PropertySet, Refinement, Temporal, Value,
};

/// The constants, and the bug planted in the model, if any.
#[derive(Clone, Debug)]
pub struct TwoPhase {
    /// How many participants (the paper's resource managers) there are, at most [`MOST`].
    pub participants: usize,
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
    /// `msgs`: the messages that have been sent. A participant's number stands for its yes vote.
    pub msgs: BitSet,
}

/// What the coordinator has decided.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Decision {
    /// Nothing yet: the paper's `init`.
    #[default]
    Open,
    /// To commit.
    Committed,
    /// To abort.
    Aborted,
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
    /// The coordinator restarts, in a mutant alone: here it would lose nothing.
    TmRestart,
}

guards! {
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
}

impl TwoPhase {
    fn tm_rcv_prepared(&self, s: &State, p: usize) -> Result<State, Guard> {
        self.require(s.tm_state == Decision::Open, Guard::OpenToCount)?;
        self.require(s.msgs.contains(p), Guard::VoteSent)?;
        Ok(State { tm_prepared: s.tm_prepared.with(p), ..*s })
    }

    fn tm_commit(&self, s: &State) -> Result<State, Guard> {
        let quota = match self.bug {
            Some(Bug::CommitOnMajority) => self.participants / 2 + 1,
            _ => self.participants,
        };
        self.require(s.tm_state == Decision::Open, Guard::OpenToCommit)?;
        self.require(s.tm_prepared.len() >= quota, Guard::EveryVoteCounted)?;
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
        Ok(State { tm_state: Decision::Aborted, msgs: s.msgs.with(ABORT), ..*s })
    }

    fn rm_prepare(&self, s: &State, p: usize) -> Result<State, Guard> {
        let working = match self.bug {
            Some(Bug::ForgottenRollback) => matches!(s.rm_state.get(p), Phase::Working | Phase::Aborted),
            _ => s.rm_state.get(p) == Phase::Working,
        };
        self.require(working, Guard::WorkingToPrepare)?;
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
        Ok(State { rm_state: s.rm_state.with(p, Phase::Aborted), ..*s })
    }

    /// That the participant is prepared, or has committed already, follows from the message.
    fn rm_rcv_commit_msg(&self, s: &State, p: usize) -> Result<State, Guard> {
        self.require(s.msgs.contains(COMMIT), Guard::CommitSent)?;
        Ok(State { rm_state: s.rm_state.with(p, Phase::Committed), ..*s })
    }

    /// A participant that is still working aborts too: a vote that it has yet to be asked for comes too late.
    fn rm_rcv_abort_msg(&self, s: &State, p: usize) -> Result<State, Guard> {
        self.require(s.msgs.contains(ABORT), Guard::AbortSent)?;
        match self.bug {
            Some(Bug::EmptyCancel) if s.rm_state.get(p) == Phase::Working => Ok(*s),
            _ => Ok(State { rm_state: s.rm_state.with(p, Phase::Aborted), ..*s }),
        }
    }

    /// What the coordinator kept in memory is gone.
    fn tm_restart(s: &State) -> State {
        State { tm_state: Decision::Open, tm_prepared: BitSet::new(), ..*s }
    }

    #[inline]
    fn require(&self, holds: bool, guard: Guard) -> Result<(), Guard> {
        if holds || self.bug == Some(Bug::Drop(guard)) { Ok(()) } else { Err(guard) }
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
            Action::TmRestart => Ok(Self::tm_restart(s)),
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
        if self.bug == Some(Bug::StateInMemory) {
            actions.push(Action::TmRestart);
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
    let committed = s.tm_state == Decision::Committed || m.some(s, |phase| phase == Phase::Committed);
    !committed || m.all_voted_yes(s)
}

/// Who voted yes aborts only because the coordinator gave up: there was a no, or it suspected a fault.
fn abort_validity(m: &TwoPhase, s: &State) -> bool {
    let aborted = |p| s.msgs.contains(p) && s.rm_state.get(p) == Phase::Aborted;
    s.tm_state == Decision::Aborted || !(0..m.participants).any(aborted)
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
    let decision_kept = before.tm_state == Decision::Open || before.tm_state == after.tm_state;
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

    /// Weak fairness of these actions, one class for each participant.
    fn fair(&self, kinds: &[(&str, OfOne)]) -> Vec<Fairness<Self>> {
        let mut classes = Vec::new();
        for &(name, action) in kinds {
            let of_one = |p| Fairness::weak(format!("{name}({p})"), move |taken| *taken == action(p));
            classes.extend((0..self.participants).map(of_one));
        }
        classes
    }

    /// If nobody refuses and the coordinator does not give up, all commit.
    fn ac4(&self) -> Temporal<Self> {
        let mut fairness = self.fair(&[
            ("RMPrepare", Action::RmPrepare),
            ("TMRcvPrepared", Action::TmRcvPrepared),
            ("RMRcvCommitMsg", Action::RmRcvCommitMsg),
        ]);
        fairness.push(Fairness::weak("TMCommit", |a| *a == Action::TmCommit));
        let all_committed = |m: &Self, s: &State| m.all(s, |phase| phase == Phase::Committed);
        let gave_up = |m: &Self, s: &State| s.msgs.contains(ABORT) || m.some(s, |phase| phase == Phase::Aborted);
        Temporal::leads_to("AC4", |_, _| true, move |m, s| all_committed(m, s) || gave_up(m, s), fairness)
    }

    /// A coordinator that in the end gives up, and messages that arrive, let every participant decide,
    /// whether or not all vote.
    fn ac5(&self) -> Temporal<Self> {
        let mut fairness =
            self.fair(&[("RMRcvCommitMsg", Action::RmRcvCommitMsg), ("RMRcvAbortMsg", Action::RmRcvAbortMsg)]);
        fairness.push(Fairness::weak("TMAbort", |a| *a == Action::TmAbort));
        Temporal::leads_to("AC5 termination", |_, _| true, |m, s| m.all(s, Phase::is_final), fairness)
    }
}

impl Describe for TwoPhase {
    fn action_kinds(&self) -> &'static [&'static str] {
        const KINDS: &[&str] = &[
            "TMRcvPrepared",
            "TMCommit",
            "TMAbort",
            "RMPrepare",
            "RMChooseToAbort",
            "RMRcvCommitMsg",
            "RMRcvAbortMsg",
            "TMRestart",
        ];
        match self.bug {
            Some(Bug::StateInMemory) => KINDS,
            _ => &KINDS[..7],
        }
    }

    fn action_kind(&self, action: &Action) -> usize {
        match action {
            Action::TmRcvPrepared(_) => 0,
            Action::TmCommit => 1,
            Action::TmAbort => 2,
            Action::RmPrepare(_) => 3,
            Action::RmChooseToAbort(_) => 4,
            Action::RmRcvCommitMsg(_) => 5,
            Action::RmRcvAbortMsg(_) => 6,
            Action::TmRestart => 7,
        }
    }

    fn action_in_words(&self, action: &Action) -> String {
        match action {
            Action::TmRcvPrepared(p) => format!("the coordinator counts the yes of participant {p}"),
            Action::TmCommit => "the coordinator decides to commit and tells all".into(),
            Action::TmAbort => "the coordinator decides to abort and tells all".into(),
            Action::RmPrepare(p) => format!("participant {p} votes yes and is prepared"),
            Action::RmChooseToAbort(p) => format!("participant {p} refuses and aborts"),
            Action::RmRcvCommitMsg(p) => format!("participant {p} is told to commit"),
            Action::RmRcvAbortMsg(p) => format!("participant {p} is told to abort"),
            Action::TmRestart => "the coordinator restarts and has forgotten what was in memory".into(),
        }
    }

    fn value(&self, s: &State) -> Value {
        let decision = match s.tm_state {
            Decision::Open => "init",
            Decision::Committed => "committed",
            Decision::Aborted => "aborted",
        };
        let message = |m| match m {
            COMMIT => Value::from("Commit"),
            ABORT => Value::from("Abort"),
            p => Value::Variant("Prepared".into(), Box::new(p.into())),
        };
        Value::record([
            ("rm_state", Value::list(s.rm_state.values(self.participants).map(Phase::name))),
            ("tm_state", decision.into()),
            ("tm_prepared", s.tm_prepared.into()),
            ("msgs", Value::set(s.msgs.iter().map(message))),
        ])
    }

    fn guards(&self) -> &'static [&'static str] {
        Guard::NAMES
    }

    fn refusal(&self, s: &State, action: &Action) -> Option<&'static str> {
        self.take(s, *action).err().map(Guard::name)
    }

    fn file(&self) -> Option<&'static str> {
        Some(file!())
    }

    fn temporal(&self) -> Vec<Temporal<Self>> {
        let problem = TransactionCommit { participants: self.participants, bug: None };
        vec![
            Temporal::step("AC2 stability", stability),
            Temporal::step("a vote is stable", vote_is_stable),
            Temporal::step("late messages are harmless", late_messages),
            Temporal::refinement("refines transaction-commit", CommitsTransactions(problem)),
            self.ac4(),
            self.ac5(),
        ]
    }

    /// No participant differs from another but by its own part of the state (its phase, its vote, whether
    /// that was counted), so to sort these parts gives every member of an orbit the same representative.
    fn canonical(&self, s: &State) -> Option<State> {
        let mut parts = [(Phase::Working, false, false); MOST];
        let parts = &mut parts[..self.participants];
        for (p, part) in parts.iter_mut().enumerate() {
            *part = (s.rm_state.get(p), s.msgs.contains(p), s.tm_prepared.contains(p));
        }
        parts.sort_unstable();
        let outcomes = [COMMIT, ABORT].into_iter().filter(|&m| s.msgs.contains(m)).collect();
        let mut sorted = State { tm_state: s.tm_state, msgs: outcomes, ..State::default() };
        for (p, &(phase, voted, counted)) in parts.iter().enumerate() {
            sorted.rm_state = sorted.rm_state.with(p, phase);
            if voted {
                sorted.msgs.insert(p);
            }
            if counted {
                sorted.tm_prepared.insert(p);
            }
        }
        Some(sorted)
    }
}

/// What can be planted in the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bug {
    /// A guard is dropped.
    Drop(Guard),
    /// The coordinator commits on the votes of a majority.
    CommitOnMajority,
    /// A vote is sent before it is written down.
    VoteBeforeDurable,
    /// A prepared participant aborts on its own.
    HeuristicDecision,
    /// A rollback leaves no record, so a prepare that comes after it is obeyed.
    ForgottenRollback,
    /// Commit and abort are decided in two records, and neither looks at the other.
    TwoRecords,
    /// The coordinator keeps its state in memory alone.
    StateInMemory,
    /// To cancel what was not yet tried leaves no trace.
    EmptyCancel,
}

/// The properties of whole behaviours, whose check keeps the graph of all steps.
const LIVENESS: &[&str] = &["AC4", "AC5 termination"];

impl Catalogued for TwoPhase {
    type Bug = Bug;

    const NAME: &'static str = "two-phase-commit";
    const ABOUT: &'static str = "Two-phase commit (Gray and Lamport, Consensus on Transaction Commit, section 3): one \
                                 coordinator commits when every participant has voted yes.";
    const MUTANTS: &'static [Mutant<Bug>] = &[
        Mutant {
            name: "2pc-heuristic-decision",
            bug: Bug::HeuristicDecision,
            bound: "ci",
            property: "AC1 agreement",
            lesson: "who is in doubt may not decide alone (scalar-labs/btm#59)",
        },
        Mutant {
            name: "2pc-late-prepare-after-rollback",
            bug: Bug::ForgottenRollback,
            bound: "ci",
            property: "a vote is stable",
            lesson: "a rollback leaves a record, or a late prepare undoes it (tikv/tikv#921)",
        },
        Mutant {
            name: "2pc-lazy-recovery-vs-groupcommit",
            bug: Bug::TwoRecords,
            bound: "ci",
            property: "AC1 agreement",
            lesson: "a decision has one record, whatever wrote it (scalar-labs/scalardb#2135)",
        },
        Mutant {
            name: "2pc-prepared-state-in-memory",
            bug: Bug::StateInMemory,
            bound: "ci",
            property: "AC1 agreement",
            lesson: "a decision is durable before it is told (MartinKalema/horizontal-scaling-convex#101)",
        },
        Mutant {
            name: "2pc-suspended-try",
            bug: Bug::EmptyCancel,
            bound: "ci",
            property: "AC5 termination",
            lesson: "a cancel that comes first closes the transaction (apache/incubator-seata#2711)",
        },
        Mutant {
            name: "commit-on-majority",
            bug: Bug::CommitOnMajority,
            bound: "ci",
            property: "AC3 commit validity",
            lesson: "atomic commitment is unanimous; consensus is not",
        },
        Mutant {
            name: "vote-before-durable",
            bug: Bug::VoteBeforeDurable,
            bound: "ci",
            property: "AC3 abort validity",
            lesson: "a vote binds from the moment that it is sent, so it is written down before",
        },
        Mutant {
            name: "drop-open-to-count",
            bug: Bug::Drop(Guard::OpenToCount),
            bound: "ci",
            property: "late messages are harmless",
            lesson: "after the decision nothing is counted",
        },
        Mutant {
            name: "drop-vote-sent",
            bug: Bug::Drop(Guard::VoteSent),
            bound: "ci",
            property: "AC3 commit validity",
            lesson: "silence is no yes",
        },
        Mutant {
            name: "drop-open-to-commit",
            bug: Bug::Drop(Guard::OpenToCommit),
            bound: "ci",
            property: "AC1 agreement",
            lesson: "who has aborted cannot commit, though every vote is yes",
        },
        Mutant {
            name: "drop-every-vote-counted",
            bug: Bug::Drop(Guard::EveryVoteCounted),
            bound: "ci",
            property: "AC3 commit validity",
            lesson: "a commit needs every vote",
        },
        Mutant {
            name: "drop-open-to-abort",
            bug: Bug::Drop(Guard::OpenToAbort),
            bound: "ci",
            property: "AC2 stability",
            lesson: "a timeout after the commit comes too late",
        },
        Mutant {
            name: "drop-working-to-prepare",
            bug: Bug::Drop(Guard::WorkingToPrepare),
            bound: "ci",
            property: "AC2 stability",
            lesson: "who has finished has no vote",
        },
        Mutant {
            name: "drop-working-to-abort",
            bug: Bug::Drop(Guard::WorkingToAbort),
            bound: "ci",
            property: "AC2 stability",
            lesson: "who has committed cannot refuse any more",
        },
        Mutant {
            name: "drop-commit-sent",
            bug: Bug::Drop(Guard::CommitSent),
            bound: "ci",
            property: "AC3 commit validity",
            lesson: "to be prepared is not to be told",
        },
        Mutant {
            name: "drop-abort-sent",
            bug: Bug::Drop(Guard::AbortSent),
            bound: "ci",
            property: "AC3 abort validity",
            lesson: "who is in doubt waits, and blocks",
        },
    ];

    fn constants() -> Vec<Constant> {
        let about = "how many participants there are";
        vec![Constant { name: "participants", domain: Domain::Integer(1, 16), about }]
    }

    fn bounds() -> Vec<Bound> {
        let bound = |name, about, profile, participants: i64, properties, counts| Bound {
            name,
            about,
            profile,
            constants: vec![("participants", participants.into())],
            properties,
            expected: &[],
            counts: Some(counts),
        };
        let safety = PropertySet::AllBut(LIVENESS);
        let three = Counts { generated: 1_146, distinct: 288, depth: 11 };
        let five = Counts { generated: 58_146, distinct: 8_832, depth: 17 };
        let nine = Counts { generated: 123_558_402, distinct: 10_340_352, depth: 29 };
        vec![
            bound("ci", "the published bound, liveness included", Profile::Ci, 3, PropertySet::All, three),
            bound("textbook", "the published bound, safety alone", Profile::Ci, 3, safety, three),
            bound("five", "the published bound of five participants", Profile::Ci, 5, safety, five),
            bound("deep", "as many participants as engines are compared with", Profile::Deep, 9, safety, nine),
        ]
    }

    fn new(constants: &Constants, bug: Option<Bug>) -> Result<Self, ConstantError> {
        Ok(Self { participants: constants.number("participants"), bug })
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
            Action::TmRcvPrepared(_) | Action::TmCommit | Action::TmAbort | Action::TmRestart => vec![],
        }
    }
}
