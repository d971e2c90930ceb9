//! Transaction commit: Gray and Lamport, *Consensus on Transaction Commit* (TODS 2006), section 2 (`TCommit`).
//!
//! Left out: how participants come to know of one another, which is the algorithm's affair. A participant may
//! be undecided for ever, and may abort for no reason: the problem forbids neither.

use crate::Map;
use crate::guard::{guarded, guards};
use crate::map::small;
use crate::parts::each;
use proofmark_vocabulary::{
    Bound, Catalogued, Clause, Constant, ConstantError, Constants, Counts, Describe, Domain, Model, Mutant, Profile,
    Property, PropertySet, Scene, Temporal, Value,
};

/// The constants, and the bug planted in the model, if any.
#[derive(Clone, Debug)]
pub struct TransactionCommit {
    /// How many participants (the paper's resource managers) there are.
    pub participants: usize,
    /// The bug.
    pub bug: Option<Bug>,
}

/// The variables.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct State {
    /// `rmState`: how far each participant is.
    pub phases: Map<Phase>,
}

/// How far a participant is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// It has not voted.
    Working,
    /// It has voted yes and is bound by it.
    Prepared,
    /// It has committed, for ever.
    Committed,
    /// It has aborted, for ever.
    Aborted,
}

/// The actions, each of one participant. `Commit` and `Abort` are the two halves of the paper's `Decide`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// It prepares.
    Prepare(usize),
    /// It commits.
    Commit(usize),
    /// It aborts.
    Abort(usize),
}

guards! {
    TransactionCommit:
    /// `rmState[r] = "working"`.
    Working = "working",
    /// `rmState[r] = "prepared"`, to commit.
    Prepared = "prepared",
    /// `canCommit`, of the others.
    CanCommit = "can-commit",
    /// `rmState[r] \in {"working", "prepared"}`, to abort.
    Undecided = "undecided",
    /// `notCommitted`, of the others.
    NotCommitted = "not-committed",
}

// `canCommit` and `notCommitted` speak of all participants in the paper. What they say of the one that acts
// follows from its own guard, so each guard here says what no other does.
impl TransactionCommit {
    fn prepare(&self, s: &State, p: usize) -> Result<State, Guard> {
        self.require(s.phases.get(p) == Phase::Working, Guard::Working)?;
        Ok(State { phases: s.phases.with(p, Phase::Prepared) })
    }

    fn commit(&self, s: &State, p: usize) -> Result<State, Guard> {
        let ready = |phase| matches!(phase, Phase::Prepared | Phase::Committed);
        self.require(s.phases.get(p) == Phase::Prepared, Guard::Prepared)?;
        self.require(self.others(p).all(|q| ready(s.phases.get(q))), Guard::CanCommit)?;
        Ok(State { phases: s.phases.with(p, Phase::Committed) })
    }

    fn abort(&self, s: &State, p: usize) -> Result<State, Guard> {
        self.require(!s.phases.get(p).is_final(), Guard::Undecided)?;
        self.require(self.others(p).all(|q| s.phases.get(q) != Phase::Committed), Guard::NotCommitted)?;
        Ok(State { phases: s.phases.with(p, Phase::Aborted) })
    }

    fn others(&self, p: usize) -> impl Iterator<Item = usize> {
        (0..self.participants).filter(move |&q| q != p)
    }

    fn take(&self, s: &State, action: Action) -> Result<State, Guard> {
        match action {
            Action::Prepare(p) => self.prepare(s, p),
            Action::Commit(p) => self.commit(s, p),
            Action::Abort(p) => self.abort(s, p),
        }
    }

    fn some(&self, s: &State, phase: Phase) -> bool {
        s.phases.values(self.participants).any(|found| found == phase)
    }

    fn all(&self, s: &State, phase: Phase) -> bool {
        s.phases.values(self.participants).all(|found| found == phase)
    }

    /// The same, a part for each participant.
    fn all_are(&self, s: &State, phase: Phase) -> Vec<Clause> {
        each(self.participants, |p| (format!("participant {p} has {}", phase.name()), s.phases.get(p) == phase))
    }
}

impl Phase {
    /// Whether the participant has decided.
    #[inline]
    pub fn is_final(self) -> bool {
        matches!(self, Phase::Committed | Phase::Aborted)
    }

    /// What nobody may have decided if this is decided.
    pub(crate) const fn opposite(self) -> Option<Self> {
        match self {
            Phase::Committed => Some(Phase::Aborted),
            Phase::Aborted => Some(Phase::Committed),
            Phase::Working | Phase::Prepared => None,
        }
    }

    /// The paper's word.
    pub const fn name(self) -> &'static str {
        match self {
            Phase::Working => "working",
            Phase::Prepared => "prepared",
            Phase::Committed => "committed",
            Phase::Aborted => "aborted",
        }
    }
}

small!(Phase, 2 bits: 0 => Working, 1 => Prepared, 2 => Committed, _ => Aborted);

impl Model for TransactionCommit {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![State::default()]
    }

    fn actions(&self, _: &State, actions: &mut Vec<Action>) {
        let of_one = |p| [Action::Prepare(p), Action::Commit(p), Action::Abort(p)];
        actions.extend((0..self.participants).flat_map(of_one));
    }

    fn next_state(&self, s: &State, action: Action) -> Option<State> {
        self.take(s, action).ok()
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("AC1 agreement", agreement),
            Property::always("AC3 commit validity", commit_validity),
            Property::sometimes("can commit", |m, s| m.all(s, Phase::Committed)),
            Property::sometimes("can abort", |m, s| m.all(s, Phase::Aborted)),
        ]
    }
}

/// `TCConsistent`.
fn agreement(m: &TransactionCommit, s: &State) -> bool {
    !(m.some(s, Phase::Committed) && m.some(s, Phase::Aborted))
}

/// A participant that is working has not voted.
fn commit_validity(m: &TransactionCommit, s: &State) -> bool {
    !(m.some(s, Phase::Committed) && m.some(s, Phase::Working))
}

fn stability(m: &TransactionCommit, before: &State, _: &Action, after: &State) -> bool {
    let kept = |p| !before.phases.get(p).is_final() || before.phases.get(p) == after.phases.get(p);
    (0..m.participants).all(kept)
}

impl Describe for TransactionCommit {
    fn action_kinds(&self) -> &'static [&'static str] {
        &["Prepare", "Commit", "Abort"]
    }

    fn action_kind(&self, action: &Action) -> usize {
        match action {
            Action::Prepare(_) => 0,
            Action::Commit(_) => 1,
            Action::Abort(_) => 2,
        }
    }

    fn action_in_words(&self, action: &Action) -> String {
        match action {
            Action::Prepare(p) => format!("participant {p} prepares"),
            Action::Commit(p) => format!("participant {p} commits"),
            Action::Abort(p) => format!("participant {p} aborts"),
        }
    }

    fn processes(&self) -> Vec<String> {
        (0..self.participants).map(|p| format!("participant {p}")).collect()
    }

    fn scene(&self, _: &State, action: &Action, _: &State) -> Scene {
        let (Action::Prepare(p) | Action::Commit(p) | Action::Abort(p)) = *action;
        Scene::at(p)
    }

    fn clauses(&self, claim: &str, s: &State) -> Vec<Clause> {
        let phase = |p| s.phases.get(p);
        let some = |found| self.some(s, found);
        match claim {
            "AC1 agreement" => each(self.participants, |p| {
                let name = format!("participant {p} contradicts no other's decision");
                (name, phase(p).opposite().is_none_or(|opposite| !some(opposite)))
            }),
            "AC3 commit validity" => each(self.participants, |p| {
                let name = format!("participant {p} has voted if any has committed");
                (name, phase(p) != Phase::Working || !some(Phase::Committed))
            }),
            "can commit" => self.all_are(s, Phase::Committed),
            "can abort" => self.all_are(s, Phase::Aborted),
            _ => Vec::new(),
        }
    }

    fn value(&self, s: &State) -> Value {
        Value::record([("participants", Value::list(s.phases.values(self.participants).map(Phase::name)))])
    }

    guarded!();

    fn temporal(&self) -> Vec<Temporal<Self>> {
        vec![Temporal::step("AC2 stability", stability)]
    }

    fn canonical(&self, s: &State) -> Option<State> {
        let mut phases: Vec<_> = s.phases.values(self.participants).collect();
        phases.sort_unstable();
        let sorted = phases.into_iter().collect();
        Some(State { phases: sorted })
    }
}

/// What can be planted in the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bug {
    /// A guard is dropped.
    Drop(Guard),
}

impl Catalogued for TransactionCommit {
    type Bug = Bug;

    const NAME: &'static str = "transaction-commit";
    const ABOUT: &'static str = "Transaction commit (Gray and Lamport, Consensus on Transaction Commit, section 2): no \
                                 participant commits while another aborts, and decisions are final.";
    const MUTANTS: &'static [Mutant<Bug>] = &[
        Mutant {
            name: "drop-working",
            bug: Bug::Drop(Guard::Working),
            bound: "ci",
            property: "AC2 stability",
            lesson: "who has aborted cannot vote yes any more",
        },
        Mutant {
            name: "drop-prepared",
            bug: Bug::Drop(Guard::Prepared),
            bound: "ci",
            property: "AC2 stability",
            lesson: "a commit needs the vote of the participant itself: it may have aborted",
        },
        Mutant {
            name: "drop-can-commit",
            bug: Bug::Drop(Guard::CanCommit),
            bound: "ci",
            property: "AC3 commit validity",
            lesson: "a commit needs every vote",
        },
        Mutant {
            name: "drop-undecided",
            bug: Bug::Drop(Guard::Undecided),
            bound: "ci",
            property: "AC2 stability",
            lesson: "a commit is final",
        },
        Mutant {
            name: "drop-not-committed",
            bug: Bug::Drop(Guard::NotCommitted),
            bound: "ci",
            property: "AC1 agreement",
            lesson: "who is prepared cannot abort on its own",
        },
    ];

    fn constants() -> Vec<Constant> {
        let about = "how many participants there are";
        vec![Constant { name: "participants", domain: Domain::Integer(1, 16), about }]
    }

    fn bounds() -> Vec<Bound> {
        let bound = |name, about, participants: i64, counts| Bound {
            name,
            about,
            profile: Profile::Ci,
            constants: vec![("participants", participants.into())],
            properties: PropertySet::All,
            expected: &[],
            counts,
        };
        let two = Counts { generated: 23, distinct: 12, depth: 5 };
        let textbook = Counts { generated: 94, distinct: 34, depth: 7 };
        vec![
            bound("ci", "the least number that can disagree", 2, Some(two)),
            bound("textbook", "the published bound", 3, Some(textbook)),
        ]
    }

    fn new(constants: &Constants, bug: Option<Bug>) -> Result<Self, ConstantError> {
        Ok(Self { participants: constants.number("participants"), bug })
    }
}
