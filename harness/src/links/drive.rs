//! The paths of the model, driven on the code (L3): whatever the model can do, the code can be brought to do.
//!
//! Paths cover every step of the model at a bound. Along each, events of the real cluster are looked for that the
//! mapping explains by the path's next action, with events in between that leave the model where it is. What no state of
//! the code that was reached can do is refused: it is one of the steps that the mapping leaves out or open, with its
//! reason, or a divergence. A step that is left out, and that the code takes all the same, is one too.

use super::runs::{Linkage, Plan, build};
use super::{Link, Linked, SpecOf};
use crate::check::Watch;
use crate::cluster::{Cluster, Event, State, System};
use crate::conform::{ConformVerdict, Conformance, FoundDivergence};
use crate::cover::cover;
use crate::distinct::Distinct;
use crate::mapping::{Mapping, Refines, SpecAction, SpecState};
use crate::registry::InputError;
use proofmark_vocabulary::{Describe, Model, follow};
use std::collections::{BTreeMap, HashSet, VecDeque};
use std::time::Instant;

/// Drives the paths of a system's model.
pub(super) fn drive<S: Linked>(plan: &Plan<'_>, watch: &dyn Watch) -> Result<Linkage, InputError> {
    let started = Instant::now();
    let built = build::<S>(&S::driven(), plan)?;
    let graph = Graph::<S>::of(&built.mapping);
    let mut driver = Driver {
        cluster: &built.cluster,
        refines: Refines::instance(built.cluster.system().mapping(), 0),
        reached: vec![Vec::new(); graph.states.len()],
        driven: graph.steps.iter().map(|steps| vec![0; steps.len()]).collect(),
        graph,
        events: 0,
    };
    let start = built.cluster.init_states().swap_remove(0);
    driver.reached[0].push(start.clone());
    let successors: Vec<Vec<u32>> =
        driver.graph.steps.iter().map(|steps| steps.iter().map(|s| s.to).collect()).collect();
    let paths = cover(&successors, &[0], LONGEST);
    let runs = paths.len();
    for path in paths {
        if watch.interrupted() {
            break;
        }
        driver.along(&start, &path.edges);
    }
    while !watch.interrupted() && driver.once_more() {}
    driver.try_from_elsewhere(&start, watch);

    let mut found = Conformance::begun(S::NAME, Link::L3, runs, driver.events);
    found.mutant = plan.mutant.map(ToOwned::to_owned);
    found.witnessed = driver.witnessed();
    found.left_out = driver.left_out();
    if watch.interrupted() {
        found.verdict = ConformVerdict::Incomplete;
    } else if let Some(divergence) = driver.refused().or_else(|| driver.wrongly_left_out()) {
        found.verdict = ConformVerdict::Diverged;
        found.divergence = Some(divergence);
    } else if driver.graph.cut {
        found.verdict = ConformVerdict::Incomplete;
    }
    found.seconds = started.elapsed().as_secs_f64();
    Ok((found, None))
}

/// The states of the model and the steps between them, without stutters and without what is left out.
struct Graph<S: Linked> {
    states: Vec<SpecState<S::Mapping>>,
    steps: Vec<Vec<Step<S>>>,
    /// The steps that the mapping leaves out: where, and which.
    not_driven: Vec<(usize, SpecAction<S::Mapping>)>,
    /// How many steps are left out, by the reason.
    left_out: BTreeMap<&'static str, u64>,
    /// Whether there are more states than are looked at.
    cut: bool,
}

/// A step of the model.
struct Step<S: Linked> {
    action: SpecAction<S::Mapping>,
    to: u32,
    /// Why the code need not take it.
    open: Option<&'static str>,
}

impl<S: Linked> Graph<S> {
    fn of(mapping: &S::Mapping) -> Self {
        let spec = mapping.spec();
        let mut graph = Self {
            states: Vec::new(),
            steps: Vec::new(),
            not_driven: Vec::new(),
            left_out: BTreeMap::new(),
            cut: false,
        };
        let mut states: Distinct<_> = spec.init_states().into_iter().collect();
        let mut actions = Vec::new();
        while graph.steps.len() < states.all().len() && !graph.cut {
            let at = graph.steps.len();
            let state = states.all()[at].clone();
            let mut steps = Vec::new();
            spec.actions(&state, &mut actions);
            for action in actions.drain(..) {
                let Some(next) = spec.next_state(&state, action.clone()).filter(|next| *next != state) else {
                    continue;
                };
                if let Some(reason) = mapping.leaves_out(&state, &action) {
                    *graph.left_out.entry(reason).or_default() += 1;
                    graph.not_driven.push((at, action));
                    continue;
                }
                let open = mapping.leaves_open(&state, &action);
                steps.push(Step { action, to: states.insert(next), open });
            }
            graph.steps.push(steps);
            graph.cut = states.all().len() > MOST_STATES;
        }
        graph.states = states.into_vec();
        graph.steps.resize_with(graph.states.len(), Vec::new);
        graph
    }
}

/// The actions that explain an event, and the state of the code after it.
type Advance<S> = (Vec<SpecAction<<S as Linked>::Mapping>>, State<<S as System>::Core>);

struct Driver<'a, S: Linked> {
    cluster: &'a Cluster<S>,
    refines: Refines<S::Mapping>,
    graph: Graph<S>,
    /// States of the code that stand for each state of the model, a few of each.
    reached: Vec<Vec<State<S::Core>>>,
    /// How often each step was driven.
    driven: Vec<Vec<u64>>,
    events: u64,
}

impl<S: Linked> Driver<'_, S> {
    /// Drives the code along a path as far as it goes.
    fn along(&mut self, start: &State<S::Core>, path: &[u32]) {
        let (mut at, mut state, mut path) = (0, start.clone(), path);
        while let [edge, rest @ ..] = path {
            let Some((actions, after)) = self.advance(&state, at, *edge as usize) else { return };
            let Some(end) = self.take(at, &actions) else { return };
            self.keep(end, &after);
            // One event may do several steps of the model: the path goes on if they are its next ones.
            let ahead = 1 + self.agreeing(at, *edge, &actions, rest);
            if ahead < actions.len() {
                return;
            }
            (at, state, path) = (end, after, &path[ahead..]);
        }
    }

    /// How many of a path's further edges are the further actions of an event.
    fn agreeing(&self, at: usize, edge: u32, actions: &[SpecAction<S::Mapping>], rest: &[u32]) -> usize {
        let mut at = self.graph.steps[at][edge as usize].to as usize;
        let mut agreed = 0;
        for (edge, action) in rest.iter().zip(&actions[1..]) {
            let step = &self.graph.steps[at][*edge as usize];
            if step.action != *action {
                break;
            }
            (at, agreed) = (step.to as usize, agreed + 1);
        }
        agreed
    }

    /// Tries every step that was not driven yet from every state of the code that is known; tells whether one more
    /// was.
    fn once_more(&mut self) -> bool {
        let mut more = false;
        for at in 0..self.graph.states.len() {
            for edge in 0..self.graph.steps[at].len() {
                if self.driven[at][edge] > 0 {
                    continue;
                }
                for state in self.reached[at].clone() {
                    if let Some((actions, after)) = self.advance(&state, at, edge)
                        && let Some(end) = self.take(at, &actions)
                    {
                        self.keep(end, &after);
                        more = true;
                        break;
                    }
                }
            }
        }
        more
    }

    /// Tries what is left from other states of the code that stand for the model's first one: there something else may
    /// be going on.
    fn try_from_elsewhere(&mut self, start: &State<S::Core>, watch: &dyn Watch) {
        let mut starts = Vec::new();
        self.search(start, |state| starts.push(state.clone()), |_| false);
        while let Some((at, edge)) = self.first_refused() {
            let way = self.way(at, edge as u32);
            for start in &starts {
                if watch.interrupted() || self.driven[at][edge] > 0 {
                    break;
                }
                self.along(start, &way);
            }
            if self.driven[at][edge] == 0 {
                // One step that the code refuses is enough.
                return;
            }
        }
    }

    /// The first step of the model that was not driven, and rather one from where the code was brought.
    fn first_refused(&self) -> Option<(usize, usize)> {
        let is_owed =
            |at: usize, edge: &usize| self.driven[at][*edge] == 0 && self.graph.steps[at][*edge].open.is_none();
        let not_driven = |at: usize| (0..self.driven[at].len()).find(|edge| is_owed(at, edge)).map(|edge| (at, edge));
        let refused = (0..self.graph.states.len()).filter_map(not_driven);
        refused.min_by_key(|&(at, _)| (self.reached[at].is_empty(), at))
    }

    /// A shortest way through the model that ends with this step.
    fn way(&self, at: usize, edge: u32) -> Vec<u32> {
        let mut back: Vec<Option<(usize, u32)>> = vec![None; self.graph.states.len()];
        let mut queue = VecDeque::from([0]);
        while let Some(from) = queue.pop_front().filter(|&from| from != at) {
            for (edge, step) in (0..).zip(&self.graph.steps[from]) {
                let to = step.to as usize;
                if to != 0 && back[to].is_none() {
                    back[to] = Some((from, edge));
                    queue.push_back(to);
                }
            }
        }
        let mut way = vec![edge];
        let mut here = at;
        while let Some((from, edge)) = back[here] {
            way.push(edge);
            here = from;
        }
        way.reverse();
        way
    }

    /// The actions of an event that begins with this step of the model, and the state of the code after it.
    fn advance(&mut self, state: &State<S::Core>, at: usize, edge: usize) -> Option<Advance<S>> {
        let wanted = self.graph.steps[at][edge].action.clone();
        self.search(state, |_| (), |actions| actions.first() == Some(&wanted))
    }

    /// Looks for an event whose explanation is wanted, behind events that leave the model where it is: breadth first,
    /// and not far. Each state that is passed on the way is shown.
    fn search(
        &mut self,
        state: &State<S::Core>,
        mut passed: impl FnMut(&State<S::Core>),
        is_wanted: impl Fn(&[SpecAction<S::Mapping>]) -> bool,
    ) -> Option<Advance<S>> {
        let mut seen = HashSet::from([state.clone()]);
        let mut queue = VecDeque::from([(state.clone(), 0)]);
        let mut events = Vec::new();
        while let Some((before, depth)) = queue.pop_front() {
            self.cluster.actions(&before, &mut events);
            for event in std::mem::take(&mut events) {
                let Some(after) = self.cluster.next_state(&before, event.clone()) else { continue };
                self.events += 1;
                match self.explained(&before, &event, &after) {
                    Some(actions) if actions.is_empty() => {
                        let is_near = depth < DEEPEST && seen.len() < MOST_SEEN;
                        if is_near && seen.insert(after.clone()) {
                            passed(&after);
                            queue.push_back((after, depth + 1));
                        }
                    }
                    Some(actions) if is_wanted(&actions) => return Some((actions, after)),
                    // Another step of the model, or none at all, which other links find.
                    _ => {}
                }
            }
        }
        None
    }

    fn explained(
        &self,
        before: &State<S::Core>,
        event: &Event<S::Core>,
        after: &State<S::Core>,
    ) -> Option<Vec<SpecAction<S::Mapping>>> {
        follow(&self.refines, before, event, after).ok()
    }

    /// Marks the steps that actions take; `None` when the graph leaves one out.
    fn take(&mut self, mut at: usize, actions: &[SpecAction<S::Mapping>]) -> Option<usize> {
        for action in actions {
            let edge = self.graph.steps[at].iter().position(|step| step.action == *action)?;
            self.driven[at][edge] += 1;
            at = self.graph.steps[at][edge].to as usize;
        }
        Some(at)
    }

    /// Remembers a state of the code, if few are known that stand for the same.
    fn keep(&mut self, at: usize, state: &State<S::Core>) {
        let known = &mut self.reached[at];
        if known.len() < KEPT && !known.contains(state) {
            known.push(state.clone());
        }
    }

    /// How many steps of each kind of action were driven.
    fn witnessed(&self) -> BTreeMap<&'static str, u64> {
        let spec = self.refines.mapping().spec();
        let off = spec.switched_off();
        let kinds = spec.action_kinds().iter().filter(|kind| !off.contains(kind));
        let mut witnessed: BTreeMap<_, _> = kinds.map(|&kind| (kind, 0)).collect();
        for (steps, driven) in self.graph.steps.iter().zip(&self.driven) {
            for (step, _) in steps.iter().zip(driven).filter(|(_, times)| **times > 0) {
                *witnessed.entry(self.kind(&step.action)).or_default() += 1;
            }
        }
        witnessed
    }

    /// How many steps are left out, and how many were left open and not driven, by the reason.
    fn left_out(&self) -> BTreeMap<&'static str, u64> {
        let mut left_out = self.graph.left_out.clone();
        for (steps, driven) in self.graph.steps.iter().zip(&self.driven) {
            let not_driven = steps.iter().zip(driven).filter(|(_, times)| **times == 0);
            for reason in not_driven.filter_map(|(step, _)| step.open) {
                *left_out.entry(reason).or_default() += 1;
            }
        }
        left_out
    }

    fn kind(&self, action: &SpecAction<S::Mapping>) -> &'static str {
        let spec = self.refines.mapping().spec();
        spec.action_kinds().get(spec.action_kind(action)).copied().unwrap_or("action")
    }

    /// The first step of the model that the code does not take.
    fn refused(&self) -> Option<FoundDivergence> {
        let (at, edge) = self.first_refused()?;
        let action = &self.graph.steps[at][edge].action;
        let why = match self.reached[at].len() {
            0 => "the code never comes there".to_owned(),
            n => format!("no event of the code does this, from {n} states that stand for it"),
        };
        Some(self.divergence(at, action, self.kind(action), &why))
    }

    /// A step that is left out by intention, and that the code takes.
    fn wrongly_left_out(&mut self) -> Option<FoundDivergence> {
        let left_out = std::mem::take(&mut self.graph.not_driven);
        left_out.iter().find_map(|(at, action)| {
            let states = self.reached[*at].clone();
            let taken = states
                .iter()
                .any(|state| self.search(state, |_| (), |actions| actions == std::slice::from_ref(action)).is_some());
            taken.then(|| self.divergence(*at, action, "left out", "the mapping leaves this out, and the code does it"))
        })
    }

    fn divergence(&self, at: usize, action: &SpecAction<S::Mapping>, evidence: &str, why: &str) -> FoundDivergence {
        let spec: &SpecOf<S> = self.refines.mapping().spec();
        FoundDivergence {
            at: "a step of the model".to_owned(),
            property: "the code can do what the model can".to_owned(),
            evidence: evidence.to_owned(),
            event: Some(format!("{why}: {}", spec.action_in_words(action))),
            explanation: Some(format!("it is enabled in {}", spec.value(&self.graph.states[at]))),
            ..FoundDivergence::default()
        }
    }
}

/// How many states of the model are looked at.
const MOST_STATES: usize = 50_000;
/// How long a path is.
const LONGEST: usize = 60;
/// How many events that leave the model where it is are tried one behind the other.
const DEEPEST: usize = 4;
/// How many states of the code one search sees.
const MOST_SEEN: usize = 400;
/// How many states of the code are remembered that stand for the same state of the model.
const KEPT: usize = 4;
