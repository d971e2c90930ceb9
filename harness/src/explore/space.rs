//! The states that were looked at, numbered as they were met.

use crate::check::Fingerprint;
use crate::check::fingerprint::Fingerprinter;
use proofmark_vocabulary::{Change, Clause, Describe, Formula, Scene, Temporal, Value};
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

/// A state that was met, by its number. The first initial state is 0. Numbers come from the walk alone, and each is
/// below [`Walk::met`].
pub type StateId = usize;

/// A model to be walked through, its type forgotten.
pub trait Walk: Send {
    /// The initial states, in the model's order.
    fn initial(&self) -> &[StateId];

    /// How many states were met.
    fn met(&self) -> usize;

    /// The state with that fingerprint, if it was met.
    fn find(&self, fingerprint: u64) -> Option<StateId>;

    /// The fingerprint of a state, the same on every run of the same model.
    fn fingerprint(&self, id: StateId) -> u64;

    /// The fields of a state.
    fn value(&self, id: StateId) -> Value;

    /// What the model's claims say of a state alone.
    fn truths(&self, id: StateId) -> Vec<Truth>;

    /// What a claim's predicate of that name says of a state; `None` when there is no such.
    fn holds(&self, id: StateId, claim: &str, predicate: &str) -> Option<bool>;

    /// The names of the processes, which scenes tell by their index.
    fn processes(&self) -> Vec<String>;

    /// The kinds of action and the guards, where the model names them.
    fn names(&self) -> (Vec<&'static str>, Vec<&'static str>);

    /// Whether a claim of that name is one of steps.
    fn judges_steps(&self, claim: &str) -> bool;

    /// Whether a state without a successor would be no deadlock: the model forbids none, or not here.
    fn may_end(&self, id: StateId) -> bool;

    /// What can happen in a state, in the model's order.
    fn edges(&mut self, id: StateId) -> Arc<[Edge]>;

    /// The same, where it was asked for before: [`Self::look_around`] and every search ask.
    fn known_edges(&self, id: StateId) -> Option<Arc<[Edge]>>;

    /// The states of which it is known that a step leads from them to this one.
    fn predecessors(&self, id: StateId) -> Vec<StateId>;

    /// The `always` claims that a state violates.
    fn broken(&self, id: StateId) -> Vec<&'static str>;

    /// What can happen in a state, in the model's order, as people see it.
    fn steps(&mut self, id: StateId) -> Vec<Step>;

    /// One of the edges of a state, as people see it.
    fn step(&mut self, id: StateId, edge: Edge) -> Step;

    /// The action of an edge of a state, in words, and its kind, where the model names kinds.
    fn action(&self, id: StateId, edge: Edge) -> (String, Option<&'static str>);

    /// The claims of steps that an edge of a state violates, each with why, where more can be said.
    fn violated(&self, id: StateId, edge: Edge) -> Vec<(&'static str, Option<String>)>;

    /// What happens elsewhere and cannot happen in a state, by its words. Which actions there are is learnt from the
    /// states that were looked at: see [`Self::look_around`].
    fn disabled(&mut self, id: StateId) -> Vec<Disabled>;

    /// Looks at the actions of states, breadth first from the initial ones, until so many were looked at or there are
    /// no more; how many were looked at, and whether those are all.
    fn look_around(&mut self, states: usize) -> (usize, bool);
}

/// Something that can happen in a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edge {
    /// Its place among the model's actions of the state, those that lead nowhere included.
    action: u32,
    /// Where it leads; `NOWHERE` where that is beyond the model's boundary.
    to: u32,
}

/// No state has this number: there are fewer by the memory that they take.
const NOWHERE: u32 = u32::MAX;

impl Edge {
    /// The state that it leads to; `None` where that is beyond the model's boundary.
    pub fn to(self) -> Option<StateId> {
        (self.to != NOWHERE).then_some(self.to as StateId)
    }
}

/// What a claim says of one state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Truth {
    /// The claim's name.
    pub claim: &'static str,
    /// Its kind.
    pub kind: &'static str,
    /// Which predicate of the claim this is: `state` of those that have one; `from` or `to` of a `leads-to`.
    pub predicate: &'static str,
    /// Whether it is true here.
    pub holds: bool,
    /// Its parts, where the model names them.
    pub clauses: Vec<Clause>,
}

/// Something that can happen in a state, as people see it.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The action in words.
    pub action: String,
    /// Its kind, where the model names kinds.
    pub kind: Option<&'static str>,
    /// The state that it leads to; `None` where that is beyond the model's boundary.
    pub to: Option<StateId>,
    /// What it changes.
    pub changes: Vec<Change>,
    /// The claims of steps that it violates, each with why, where more can be said.
    pub violates: Vec<(&'static str, Option<String>)>,
    /// Who does what.
    pub scene: Scene,
}

/// Something that cannot happen in a state.
#[derive(Clone, Debug, PartialEq)]
pub struct Disabled {
    /// The action in words.
    pub action: String,
    /// Its kind, where the model names kinds.
    pub kind: Option<&'static str>,
    /// The guard that is false, where the model names its guards.
    pub guard: Option<&'static str>,
    /// What the guard says, where the model tells.
    pub guard_says: Option<&'static str>,
    /// Where it would happen, and the fault that it would be.
    pub scene: Scene,
}

/// The states of a model that were met.
pub struct Space<D: Describe> {
    model: Arc<D>,
    fingerprinter: Fingerprinter,
    initial: Vec<StateId>,
    states: Vec<D::State>,
    fingerprints: Vec<u64>,
    /// The edges of the states that were expanded.
    edges: Vec<Option<Arc<[Edge]>>>,
    /// The states of each fingerprint: more than one where two states share it.
    by_fingerprint: HashMap<u64, Vec<StateId>>,
    /// The actions that the model names in some state that was looked at, by their words.
    actions: BTreeMap<String, D::Action>,
    /// Which states were looked at for that: those before this one.
    looked_at: StateId,
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
            fingerprints: Vec::new(),
            edges: Vec::new(),
            by_fingerprint: HashMap::new(),
            actions: BTreeMap::new(),
            looked_at: 0,
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
        let fingerprint = self.fingerprinter.print(&state).low;
        let alike = self.by_fingerprint.entry(fingerprint).or_default();
        if let Some(&known) = alike.iter().find(|&&id| self.states[id] == state) {
            return known;
        }
        let id = self.states.len();
        alike.push(id);
        self.states.push(state);
        self.fingerprints.push(fingerprint);
        self.edges.push(None);
        id
    }

    /// The model's actions of a state, those that lead nowhere included.
    fn candidates(&self, id: StateId) -> Vec<D::Action> {
        let mut actions = Vec::new();
        self.model.actions(&self.states[id], &mut actions);
        actions
    }

    /// The action of an edge, and the state after it.
    fn taken(&self, id: StateId, edge: Edge) -> Option<(D::Action, D::State)> {
        let action = self.candidates(id).into_iter().nth(edge.action as usize)?;
        let next = self.model.next_state(&self.states[id], action.clone())?;
        Some((action, next))
    }

    fn kind_of(&self, action: &D::Action) -> Option<&'static str> {
        self.model.action_kinds().get(self.model.action_kind(action)).copied()
    }

    fn show(&self, id: StateId, value: &Value, to: Option<StateId>, action: &D::Action, next: &D::State) -> Step {
        let before = &self.states[id];
        Step {
            action: self.model.action_in_words(action),
            kind: self.kind_of(action),
            to,
            changes: value.changes(&self.model.value(next)),
            violates: violated(&*self.model, &self.claims, before, action, next),
            scene: self.model.scene(before, action, next),
        }
    }
}

impl<D: Describe> Walk for Space<D> {
    fn initial(&self) -> &[StateId] {
        &self.initial
    }

    fn met(&self) -> usize {
        self.states.len()
    }

    fn find(&self, fingerprint: u64) -> Option<StateId> {
        self.by_fingerprint.get(&fingerprint)?.first().copied()
    }

    fn fingerprint(&self, id: StateId) -> u64 {
        self.fingerprints[id]
    }

    fn value(&self, id: StateId) -> Value {
        self.model.value(&self.states[id])
    }

    fn truths(&self, id: StateId) -> Vec<Truth> {
        let (model, state) = (&*self.model, &self.states[id]);
        let of_claim = |claim: &Temporal<D>| {
            let truth = |(predicate, holds): Predicate<'_, D>| Truth {
                claim: claim.name,
                kind: claim.formula.kind(),
                predicate,
                holds: holds(model, state),
                clauses: if predicate == "from" { Vec::new() } else { model.clauses(claim.name, state) },
            };
            predicates(claim).into_iter().map(truth).collect::<Vec<_>>()
        };
        self.claims.iter().flat_map(of_claim).collect()
    }

    fn holds(&self, id: StateId, claim: &str, predicate: &str) -> Option<bool> {
        let claim = self.claims.iter().find(|known| known.name == claim)?;
        let (_, holds) = predicates(claim).into_iter().find(|(name, _)| *name == predicate)?;
        Some(holds(&self.model, &self.states[id]))
    }

    fn judges_steps(&self, claim: &str) -> bool {
        let of_steps = |formula: &_| matches!(formula, Formula::Step(_) | Formula::Refinement(_));
        self.claims.iter().any(|known| known.name == claim && of_steps(&known.formula))
    }

    fn processes(&self) -> Vec<String> {
        self.model.processes()
    }

    fn names(&self) -> (Vec<&'static str>, Vec<&'static str>) {
        (self.model.action_kinds().to_vec(), self.model.guards().to_vec())
    }

    fn may_end(&self, id: StateId) -> bool {
        !self.model.forbids_deadlock() || self.model.may_end(&self.states[id])
    }

    fn edges(&mut self, id: StateId) -> Arc<[Edge]> {
        if let Some(known) = &self.edges[id] {
            return Arc::clone(known);
        }
        let mut edges = Vec::new();
        for (at, action) in (0..).zip(self.candidates(id)) {
            let Some(next) = self.model.next_state(&self.states[id], action) else { continue };
            let to = if self.model.within_boundary(&next) { self.meet(next) as u32 } else { NOWHERE };
            edges.push(Edge { action: at, to });
        }
        let edges: Arc<[Edge]> = edges.into();
        self.edges[id] = Some(Arc::clone(&edges));
        edges
    }

    fn known_edges(&self, id: StateId) -> Option<Arc<[Edge]>> {
        self.edges[id].clone()
    }

    fn predecessors(&self, id: StateId) -> Vec<StateId> {
        let leads_here = |edges: &[Edge]| edges.iter().any(|edge| edge.to() == Some(id));
        let known = self.edges.iter().enumerate();
        known.filter(|(_, edges)| edges.as_deref().is_some_and(leads_here)).map(|(before, _)| before).collect()
    }

    fn broken(&self, id: StateId) -> Vec<&'static str> {
        let broken = self.claims.iter().filter(|claim| match &claim.formula {
            Formula::Always(holds) => !holds(&self.model, &self.states[id]),
            _ => false,
        });
        broken.map(|claim| claim.name).collect()
    }

    fn steps(&mut self, id: StateId) -> Vec<Step> {
        let edges = self.edges(id);
        let (value, actions) = (self.value(id), self.candidates(id));
        let shown = edges.iter().filter_map(|edge| {
            let action = actions.get(edge.action as usize)?;
            let next = self.model.next_state(&self.states[id], action.clone())?;
            Some(self.show(id, &value, edge.to(), action, &next))
        });
        shown.collect()
    }

    fn step(&mut self, id: StateId, edge: Edge) -> Step {
        let value = self.value(id);
        let shown = self.taken(id, edge).map(|(action, next)| self.show(id, &value, edge.to(), &action, &next));
        // A model whose actions are no function of the state has lost this one since.
        shown.unwrap_or_else(|| Step {
            action: "an action that the model no longer has".to_owned(),
            kind: None,
            to: edge.to(),
            changes: Vec::new(),
            violates: Vec::new(),
            scene: Scene::default(),
        })
    }

    fn action(&self, id: StateId, edge: Edge) -> (String, Option<&'static str>) {
        let action = self.candidates(id).into_iter().nth(edge.action as usize);
        action.map_or_else(Default::default, |action| (self.model.action_in_words(&action), self.kind_of(&action)))
    }

    fn violated(&self, id: StateId, edge: Edge) -> Vec<(&'static str, Option<String>)> {
        if !self.claims.iter().any(|claim| matches!(claim.formula, Formula::Step(_) | Formula::Refinement(_))) {
            return Vec::new();
        }
        let taken = self.taken(id, edge);
        taken.map_or_else(Vec::new, |(action, next)| {
            violated(&*self.model, &self.claims, &self.states[id], &action, &next)
        })
    }

    fn disabled(&mut self, id: StateId) -> Vec<Disabled> {
        let candidates = self.candidates(id);
        let enabled: Vec<_> =
            self.edges(id).iter().filter_map(|edge| candidates.get(edge.action as usize)).cloned().collect();
        for action in candidates {
            self.actions.entry(self.model.action_in_words(&action)).or_insert(action);
        }
        let state = &self.states[id];
        let elsewhere = self.actions.iter().filter(|(_, action)| !enabled.contains(action));
        let shown = elsewhere.map(|(words, action)| {
            let guard = self.model.refusal(state, action);
            Disabled {
                action: words.clone(),
                kind: self.kind_of(action),
                guard,
                guard_says: guard.and_then(|guard| self.model.guard_says(guard)),
                scene: self.model.scene(state, action, state),
            }
        });
        shown.collect()
    }

    fn look_around(&mut self, states: usize) -> (usize, bool) {
        while self.looked_at < states.min(self.states.len()) {
            let id = self.looked_at;
            for action in self.candidates(id) {
                self.actions.entry(self.model.action_in_words(&action)).or_insert(action);
            }
            self.edges(id);
            self.looked_at += 1;
        }
        (self.looked_at, self.looked_at == self.states.len())
    }
}

/// A predicate of a state, by the name that it has within its claim.
type Predicate<'a, D> = (&'static str, &'a dyn Fn(&D, &<D as proofmark_vocabulary::Model>::State) -> bool);

/// What a claim says of single states.
fn predicates<D: Describe>(claim: &Temporal<D>) -> Vec<Predicate<'_, D>> {
    match &claim.formula {
        Formula::Always(holds)
        | Formula::Can(holds)
        | Formula::Inevitable(holds)
        | Formula::Eventually(holds, _)
        | Formula::EventuallyAlways(holds, _)
        | Formula::AlwaysCan(holds, _) => vec![("state", holds)],
        Formula::LeadsTo(from, to, _) => vec![("from", from), ("to", to)],
        Formula::Step(_) | Formula::Refinement(_) | Formula::Run(..) => Vec::new(),
    }
}

/// The claims of steps that a step violates.
fn violated<D: Describe>(
    model: &D,
    claims: &[Temporal<D>],
    before: &D::State,
    action: &D::Action,
    after: &D::State,
) -> Vec<(&'static str, Option<String>)> {
    let judged = claims.iter().filter_map(|claim| match &claim.formula {
        Formula::Step(holds) => (!holds(model, before, action, after)).then_some((claim.name, None)),
        Formula::Refinement(refinement) => {
            let divergence = refinement.step(before, action, after).err()?;
            Some((claim.name, Some(divergence.to_string())))
        }
        _ => None,
    });
    judged.collect()
}

/// The order in which a search visits states: breadth first, each with the way there.
pub struct Breadth {
    /// The states in the order in which they were met, each with the place of the one before it and the edge between.
    met: Vec<(StateId, Option<(usize, Edge)>)>,
    /// How many steps each is away from a start.
    depths: Vec<u32>,
    seen: Vec<bool>,
    next: usize,
}

impl Breadth {
    /// A search from some states.
    pub fn from(walk: &dyn Walk, start: &[StateId]) -> Self {
        let mut breadth = Self { met: Vec::new(), depths: Vec::new(), seen: vec![false; walk.met()], next: 0 };
        for &id in start {
            breadth.offer(id, None);
        }
        breadth
    }

    /// Meets a state, if it was not met before; whether it was not.
    pub fn offer(&mut self, id: StateId, from: Option<(usize, Edge)>) -> bool {
        if self.seen.len() <= id {
            self.seen.resize((id + 1).next_power_of_two(), false);
        }
        let is_new = !std::mem::replace(&mut self.seen[id], true);
        if is_new {
            self.met.push((id, from));
            self.depths.push(from.map_or(0, |(before, _)| self.depths[before] + 1));
        }
        is_new
    }

    /// The next state to be expanded, by its place in the order.
    pub fn take(&mut self) -> Option<(usize, StateId)> {
        let (id, _) = *self.met.get(self.next)?;
        self.next += 1;
        Some((self.next - 1, id))
    }

    /// Meets the states that one leads to, which stands at a place of the order.
    pub fn expand(&mut self, walk: &mut dyn Walk, place: usize) {
        for &edge in walk.edges(self.met[place].0).iter() {
            if let Some(to) = edge.to() {
                self.offer(to, Some((place, edge)));
            }
        }
    }

    /// How many steps the state at a place is away from a start.
    pub fn depth(&self, place: usize) -> u32 {
        self.depths[place]
    }

    /// How many states were met.
    pub fn len(&self) -> usize {
        self.met.len()
    }

    /// Whether no state was met.
    pub fn is_empty(&self) -> bool {
        self.met.is_empty()
    }

    /// The state at a place, and how it was reached.
    pub fn at(&self, place: usize) -> (StateId, Option<(usize, Edge)>) {
        self.met[place]
    }

    /// The edges that lead from a start to the state at a place, each with the state that it leaves.
    pub fn way(&self, place: usize) -> (StateId, VecDeque<(StateId, Edge)>) {
        let (mut at, mut way) = (place, VecDeque::new());
        while let (_, Some((before, edge))) = self.met[at] {
            way.push_front((self.met[before].0, edge));
            at = before;
        }
        (self.met[at].0, way)
    }
}
