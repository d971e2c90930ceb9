//! The states that were looked at, numbered as they were met.

use crate::check::Fingerprint;
use crate::check::fingerprint::Fingerprinter;
use proofmark_vocabulary::{Change, Describe, Formula, Temporal, Value};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

/// A state that was met, by its number. The first initial state is 0.
pub type StateId = usize;

/// A model to be walked through, its type forgotten.
pub trait Walk: Send {
    /// The initial states, in the model's order.
    fn initial(&self) -> &[StateId];

    /// How many states were met.
    fn met(&self) -> usize;

    /// A state; `None` when none of that number was met.
    fn state(&self, id: StateId) -> Option<State>;

    /// What can happen in a state, in the model's order; `None` when none of that number was met.
    fn steps(&mut self, id: StateId) -> Option<Vec<Step>>;

    /// What happens elsewhere and cannot happen in a state, by its words; `None` when none of that number was met.
    /// Which actions there are is learnt from the states whose steps were looked at: see [`Self::look_around`].
    fn disabled(&mut self, id: StateId) -> Option<Vec<Disabled>>;

    /// Looks at the steps of states, breadth first from the initial ones, until so many states were met or there are no
    /// more; whether there are no more.
    fn look_around(&mut self, states: usize) -> bool;

    /// The state with that fingerprint, if it was met.
    fn find(&self, fingerprint: u64) -> Option<StateId>;
}

/// A state as people see it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct State {
    /// Its number.
    pub id: StateId,
    /// Its fingerprint, the same on every run of the same model.
    pub fingerprint: u64,
    /// Its fields.
    pub value: Value,
    /// What the model's claims say of this state alone.
    pub truths: Vec<Truth>,
    /// Whether a behaviour may end here: no action is enabled, and the model says that this is no deadlock.
    pub may_end: bool,
}

/// What a claim says of one state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Truth {
    /// The claim's name.
    pub claim: &'static str,
    /// Its kind.
    pub kind: &'static str,
    /// Which predicate of the claim this is: `state` of those that have one; `from` or `to` of a `leads-to`.
    pub predicate: &'static str,
    /// Whether it is true here.
    pub holds: bool,
}

/// Something that can happen in a state.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Step {
    /// The action in words.
    pub action: String,
    /// Its kind, where the model names kinds.
    pub kind: Option<&'static str>,
    /// The state that it leads to; `None` where that is beyond the model's boundary.
    pub to: Option<StateId>,
    /// What it changes.
    pub changes: Vec<ChangeView>,
    /// The claims of steps that it violates.
    pub violates: Vec<&'static str>,
}

/// One place that a step changes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ChangeView {
    /// Where, such as `outcome[2]`.
    pub path: String,
    /// What stood there before, if anything did.
    pub before: Option<Value>,
    /// What stands there now, if anything does.
    pub after: Option<Value>,
}

/// Something that cannot happen in a state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Disabled {
    /// The action in words.
    pub action: String,
    /// Its kind, where the model names kinds.
    pub kind: Option<&'static str>,
    /// The guard that is false, where the model names its guards.
    pub guard: Option<&'static str>,
}

/// The states of a model that were met.
pub struct Space<D: Describe> {
    model: Arc<D>,
    fingerprinter: Fingerprinter,
    initial: Vec<StateId>,
    states: Vec<D::State>,
    /// The states of each fingerprint: more than one where two states share it.
    by_fingerprint: HashMap<u64, Vec<StateId>>,
    /// The actions that were seen anywhere, by their words.
    actions: BTreeMap<String, D::Action>,
    /// States whose steps are to be looked at, in the order in which they were met.
    ahead: VecDeque<StateId>,
    claims: Vec<Temporal<D>>,
}

impl<D: Describe> Space<D> {
    /// The initial states of a model.
    pub fn of(model: Arc<D>) -> Self {
        let claims = D::claims(&model);
        let mut space = Self {
            fingerprinter: Fingerprinter::new(Fingerprint::Bits64),
            initial: Vec::new(),
            states: Vec::new(),
            by_fingerprint: HashMap::new(),
            actions: BTreeMap::new(),
            ahead: VecDeque::new(),
            claims,
            model,
        };
        for state in space.model.init_states() {
            if space.model.within_boundary(&state) {
                let id = space.meet(state);
                if !space.initial.contains(&id) {
                    space.initial.push(id);
                }
            }
        }
        space
    }

    /// The number of a state, a new one if it was not met before.
    fn meet(&mut self, state: D::State) -> StateId {
        let alike = self.by_fingerprint.entry(self.fingerprinter.print(&state).low).or_default();
        if let Some(&known) = alike.iter().find(|&&id| self.states[id] == state) {
            return known;
        }
        let id = self.states.len();
        alike.push(id);
        self.states.push(state);
        self.ahead.push_back(id);
        id
    }

    /// What can happen in a state that was met: the action, and where it leads within the boundary.
    fn successors(&mut self, id: StateId) -> Vec<(D::Action, D::State, Option<StateId>)> {
        let (model, state) = (Arc::clone(&self.model), self.states[id].clone());
        let mut actions = Vec::new();
        model.actions(&state, &mut actions);
        let mut successors = Vec::with_capacity(actions.len());
        for action in actions {
            let Some(next) = model.next_state(&state, action.clone()) else { continue };
            let words = model.action_in_words(&action);
            self.actions.entry(words).or_insert_with(|| action.clone());
            let to = model.within_boundary(&next).then(|| self.meet(next.clone()));
            successors.push((action, next, to));
        }
        successors
    }

    fn kind_of(&self, action: &D::Action) -> Option<&'static str> {
        self.model.action_kinds().get(self.model.action_kind(action)).copied()
    }
}

impl<D: Describe> Walk for Space<D> {
    fn initial(&self) -> &[StateId] {
        &self.initial
    }

    fn met(&self) -> usize {
        self.states.len()
    }

    fn state(&self, id: StateId) -> Option<State> {
        let state = self.states.get(id)?;
        Some(State {
            id,
            fingerprint: self.fingerprinter.print(state).low,
            value: self.model.value(state),
            truths: self.claims.iter().flat_map(|claim| truths(&*self.model, claim, state)).collect(),
            may_end: !self.model.forbids_deadlock() || self.model.may_end(state),
        })
    }

    fn steps(&mut self, id: StateId) -> Option<Vec<Step>> {
        let before = self.states.get(id)?.clone();
        let before_value = self.model.value(&before);
        let successors = self.successors(id);
        let shown = successors.into_iter().map(|(action, next, to)| {
            let violated = |claim: &&Temporal<D>| match &claim.formula {
                Formula::Step(holds) => !holds(&self.model, &before, &action, &next),
                _ => false,
            };
            Step {
                action: self.model.action_in_words(&action),
                kind: self.kind_of(&action),
                to,
                changes: before_value.changes(&self.model.value(&next)).into_iter().map(ChangeView::from).collect(),
                violates: self.claims.iter().filter(violated).map(|claim| claim.name).collect(),
            }
        });
        Some(shown.collect())
    }

    fn disabled(&mut self, id: StateId) -> Option<Vec<Disabled>> {
        let state = self.states.get(id)?.clone();
        let enabled: Vec<_> = self.successors(id).into_iter().map(|(action, ..)| action).collect();
        let elsewhere = self.actions.iter().filter(|(_, action)| !enabled.contains(action));
        let shown = elsewhere.map(|(words, action)| Disabled {
            action: words.clone(),
            kind: self.kind_of(action),
            guard: self.model.refusal(&state, action),
        });
        Some(shown.collect())
    }

    fn look_around(&mut self, states: usize) -> bool {
        while self.states.len() < states
            && let Some(id) = self.ahead.pop_front()
        {
            self.successors(id);
        }
        self.ahead.is_empty()
    }

    fn find(&self, fingerprint: u64) -> Option<StateId> {
        self.by_fingerprint.get(&fingerprint)?.first().copied()
    }
}

/// What a claim's predicates of states say of this one.
fn truths<D: Describe>(model: &D, claim: &Temporal<D>, state: &D::State) -> Vec<Truth> {
    let truth = |predicate, holds| Truth { claim: claim.name, kind: claim.formula.kind(), predicate, holds };
    match &claim.formula {
        Formula::Always(holds)
        | Formula::Can(holds)
        | Formula::Inevitable(holds)
        | Formula::Eventually(holds, _)
        | Formula::EventuallyAlways(holds, _)
        | Formula::AlwaysCan(holds, _) => vec![truth("state", holds(model, state))],
        Formula::LeadsTo(from, to, _) => vec![truth("from", from(model, state)), truth("to", to(model, state))],
        Formula::Step(_) | Formula::Refinement(_) | Formula::Run(..) => Vec::new(),
    }
}

impl From<Change> for ChangeView {
    fn from(change: Change) -> Self {
        let Change { path, before, after } = change;
        Self { path, before, after }
    }
}
