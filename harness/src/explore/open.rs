//! A case that is open: its states, and the paths through them.

use super::find::find;
use super::graph::{self, Abstraction};
use super::live::Live;
use super::space::{Edge, StateId, Walk};
use super::view::{
    AskedExport, AskedFind, AskedPath, AskedWalk, CaseView, ChangedView, ClustersView, DisabledView, FoundView,
    NeighbourhoodView, PathView, PointsView, StateView, StepView, TruthView, name_of,
};
use super::{Budget, Leased, Refused, known};
use crate::check;
use crate::itf;
use crate::registry::{Case, InputError};
use crate::sim::Dice;
use crate::store::{self, Saved};
use proofmark_vocabulary::Value;
use std::time::Instant;

/// A case that is open.
pub struct Open {
    /// It as people see it.
    pub view: CaseView,
    /// The case.
    pub case: Case,
    /// Its check.
    pub live: Live,
    walk: parking_lot::Mutex<Box<dyn Walk>>,
}

impl Open {
    /// A case whose check has not begun.
    pub(super) fn new(view: CaseView, case: Case, walk: Box<dyn Walk>) -> Self {
        Self { view, live: Live::of(&case), walk: parking_lot::Mutex::new(walk), case }
    }

    pub(super) fn walk(&self) -> Leased<'_> {
        // A model that panicked has left its walk as it was.
        self.walk.lock()
    }

    /// A state.
    ///
    /// # Errors
    /// When it was not met.
    pub fn state(&self, name: &str) -> Result<StateView, Refused> {
        let mut walk = self.walk();
        let id = known(&**walk, name)?;
        let steps: Vec<_> = walk.steps(id).into_iter().map(|step| step_view(&**walk, step)).collect();
        Ok(StateView {
            id: name_of(walk.fingerprint(id)),
            value: walk.value(id),
            truths: walk.truths(id).into_iter().map(TruthView::from).collect(),
            initial: walk.initial().contains(&id),
            deadlock: steps.is_empty() && !walk.may_end(id),
            steps,
        })
    }

    /// What cannot happen in a state.
    ///
    /// # Errors
    /// When the state was not met.
    pub fn disabled(&self, name: &str) -> Result<DisabledView, Refused> {
        let mut walk = self.walk();
        let id = known(&**walk, name)?;
        let (looked_at, exhaustive) = walk.look_around(LOOKED_AROUND);
        let disabled = walk.disabled(id).into_iter().map(Into::into).collect();
        Ok(DisabledView { disabled, looked_at, exhaustive })
    }

    /// Follows a path by its actions, as far as the model goes along.
    ///
    /// # Errors
    /// When it is too long, or a name in it is none.
    pub fn path(&self, asked: &AskedPath) -> Result<PathView, Refused> {
        if asked.steps.len() > MOST_STEPS {
            return Err(Refused::Wrong(format!("a path has at most {MOST_STEPS} steps")));
        }
        let mut walk = self.walk();
        let is = |walk: &dyn Walk, id: StateId, name: &Option<String>| {
            name.as_ref().is_none_or(|name| name_of(walk.fingerprint(id)).starts_with(name.as_str()))
        };
        let initial = walk.initial().to_vec();
        let Some(&first) = initial.first() else {
            return Err(Refused::wrong("the model has no initial state"));
        };
        let Some(start) = initial.into_iter().find(|&id| is(&**walk, id, &asked.start)) else {
            let why = "no initial state is the one of the link".to_owned();
            return Ok(PathView { changed: Some(ChangedView { at: 0, why }), ..path_view(&mut **walk, first, &[]) });
        };
        let (mut trail, mut changed) = (Trail::from(start), None);
        for (step, asked) in (1..).zip(&asked.steps) {
            let at = trail.at;
            let edges = walk.edges(at);
            let alike: Vec<_> = edges.iter().copied().filter(|&edge| walk.action(at, edge).0 == asked.action).collect();
            let fits = |edge: &Edge| edge.to().is_some_and(|to| is(&**walk, to, &asked.to));
            if let Some(edge) = alike.iter().copied().find(fits) {
                trail.go(edge);
                continue;
            }
            let why = if alike.is_empty() {
                let refusal = walk.disabled(at).into_iter().find(|disabled| disabled.action == asked.action);
                let guard = refusal.and_then(|disabled| disabled.guard);
                let guard = guard.map_or_else(String::new, |guard| format!(": {guard} is false"));
                format!("\"{}\" is not enabled{guard}", asked.action)
            } else if alike.iter().all(|edge| edge.to().is_none()) {
                format!("\"{}\" leads beyond the model's boundary", asked.action)
            } else {
                format!("\"{}\" leads to another state", asked.action)
            };
            changed = Some(ChangedView { at: step, why });
            break;
        }
        Ok(PathView { changed, ..trail.view(&mut **walk) })
    }

    /// The steps of a kept counterexample, as far as the model goes along.
    pub(super) fn retrace(&self, saved: &Saved) -> PathView {
        let mut walk = self.walk();
        let initial = walk.initial().to_vec();
        let Some(&first) = initial.first() else {
            return PathView { states: Vec::new(), steps: Vec::new(), changed: None };
        };
        let is = |walk: &dyn Walk, id: StateId, step: &check::Step| walk.value(id) == step.state;
        let begin = saved.steps.first().and_then(|step| initial.into_iter().find(|&id| is(&**walk, id, step)));
        let changed = |at| Some(ChangedView { at, why: "the model has changed since it was kept".to_owned() });
        let Some(start) = begin else {
            return PathView { changed: changed(0), ..path_view(&mut **walk, first, &[]) };
        };
        let mut trail = Trail::from(start);
        for (place, step) in saved.steps.iter().enumerate().skip(1) {
            let edges = walk.edges(trail.at);
            let fits = |edge: &Edge| {
                Some(&walk.action(trail.at, *edge).0) == step.action.as_ref()
                    && edge.to().is_some_and(|to| is(&**walk, to, step))
            };
            let Some(edge) = edges.iter().copied().find(fits) else {
                return PathView { changed: changed(place), ..trail.view(&mut **walk) };
            };
            trail.go(edge);
        }
        trail.view(&mut **walk)
    }

    /// A walk that goes one of the possible ways each time, all equally likely.
    ///
    /// # Errors
    /// When the state was not met, or too many steps are asked for.
    pub fn wander(&self, asked: &AskedWalk) -> Result<PathView, Refused> {
        if asked.steps > MOST_STEPS {
            return Err(Refused::Wrong(format!("a walk has at most {MOST_STEPS} steps")));
        }
        let mut walk = self.walk();
        let start = known(&**walk, &asked.from)?;
        let mut dice = Dice::of(asked.seed, "walk");
        let mut trail = Trail::from(start);
        while trail.way.len() < asked.steps {
            let possible: Vec<_> = walk.edges(trail.at).iter().copied().filter(|edge| edge.to().is_some()).collect();
            let Some(place) = dice.place(possible.len()) else { break };
            trail.go(possible[place]);
        }
        Ok(trail.view(&mut **walk))
    }

    /// The shortest path to a goal.
    ///
    /// # Errors
    /// When the state was not met, or the goal is none of the model's.
    pub fn find(&self, asked: &AskedFind, budget: &Budget) -> Result<FoundView, Refused> {
        let begun = Instant::now();
        let mut walk = self.walk();
        let from = known(&**walk, &asked.from)?;
        let found = find(&mut walk, from, &asked.goal, budget)?;
        Ok(FoundView {
            path: found.path.map(|(start, way)| path_view(&mut **walk, start, &way)),
            looked_at: found.looked_at,
            exhaustive: found.exhaustive,
            failed: found.failed,
            why: found.why,
            seconds: begun.elapsed().as_secs_f64(),
        })
    }

    /// The states near one.
    ///
    /// # Errors
    /// When it was not met.
    pub fn neighbourhood(&self, around: &str, layers: u8, nodes: usize) -> Result<NeighbourhoodView, Refused> {
        let mut walk = self.walk();
        let around = known(&**walk, around)?;
        Ok(graph::neighbourhood(&mut **walk, around, layers.into(), nodes.clamp(1, MOST_NODES)))
    }

    /// The whole graph, states that are alike taken together.
    ///
    /// # Errors
    /// When `by` says nothing by which states are alike.
    pub fn clusters(&self, by: &str, budget: &Budget) -> Result<ClustersView, Refused> {
        let by = Abstraction::read(by)?;
        Ok(graph::clusters(&mut self.walk(), &by, budget))
    }

    /// States as points.
    pub fn points(&self, budget: &Budget) -> PointsView {
        graph::points(&mut self.walk(), budget)
    }

    /// The path that is to be exported, all of which the model goes along.
    pub(super) fn whole_path(&self, asked: &AskedExport) -> Result<PathView, Refused> {
        let path = self.path(&asked.path)?;
        if let Some(changed) = path.changed {
            return Err(Refused::Wrong(format!("model changed at step {}: {}", changed.at, changed.why)));
        }
        let last = path.states.len() - 1;
        match asked.back_to {
            // It stays in its last state, or is back in an earlier one.
            Some(at) if at != last && path.states.get(at) != path.states.last() => Err(Refused::Wrong(format!(
                "the behaviour does not return to state {at}: its last state, {last}, is another"
            ))),
            _ => Ok(path),
        }
    }

    /// A path as the text of a file: see [`Desk::export`](super::Desk::export).
    pub(super) fn export(&self, asked: &AskedExport, path: PathView, format: &str) -> Result<String, Refused> {
        let claims = self.case.subject.claims();
        let claim = asked.property.as_ref().map(|name| {
            claims.iter().find(|claim| claim.name == name).ok_or_else(|| {
                Refused::from(InputError::unknown("property", name, claims.iter().map(|claim| claim.name)))
            })
        });
        let claim = claim.transpose()?;
        let walk = self.walk();
        let values: Vec<Value> =
            path.states.iter().map(|name| Ok(walk.value(known(&**walk, name)?))).collect::<Result<_, Refused>>()?;
        let actions = std::iter::once(None).chain(path.steps.into_iter().map(Some));
        let steps = actions.zip(values).map(|(step, state)| check::Step {
            kind: step.as_ref().and_then(|step| step.kind.map(ToOwned::to_owned)),
            action: step.map(|step| step.action),
            state,
        });
        let saved = Saved {
            schema: store::SCHEMA,
            model: self.case.model.to_owned(),
            bound: self.case.bound.name.to_owned(),
            constants: self.view.constants.clone(),
            mutant: self.case.mutant.clone(),
            property: claim.map_or_else(String::new, |claim| claim.name.to_owned()),
            kind: claim.map_or_else(String::new, |claim| claim.kind.to_owned()),
            symmetry: false,
            steps: steps.collect(),
            back_to: asked.back_to,
            explanation: None,
        };
        let text = match format {
            "itf" => serde_json::to_string_pretty(&itf::trace(&saved)),
            "json" => serde_json::to_string_pretty(&saved),
            other => return Err(Refused::Wrong(format!("there is no format `{other}`: there are html, itf and json"))),
        };
        Ok(text.unwrap_or_default() + "\n")
    }
}

/// A path while it is followed.
struct Trail {
    start: StateId,
    way: Vec<(StateId, Edge)>,
    /// Where it has come to.
    at: StateId,
}

impl Trail {
    fn from(start: StateId) -> Self {
        Self { start, way: Vec::new(), at: start }
    }

    /// Takes a step that leads somewhere.
    fn go(&mut self, edge: Edge) {
        self.way.push((self.at, edge));
        self.at = edge.to().unwrap_or(self.at);
    }

    fn view(&self, walk: &mut dyn Walk) -> PathView {
        path_view(walk, self.start, &self.way)
    }
}

/// A step as people see it, with the name of where it leads.
pub(super) fn step_view(walk: &dyn Walk, step: super::Step) -> StepView {
    let to = step.to.map(|to| name_of(walk.fingerprint(to)));
    StepView::new(step, to)
}

/// A path as people see it.
pub(super) fn path_view(walk: &mut dyn Walk, start: StateId, way: &[(StateId, Edge)]) -> PathView {
    let mut states = vec![name_of(walk.fingerprint(start))];
    let mut steps = Vec::with_capacity(way.len());
    for &(id, edge) in way {
        let step = walk.step(id, edge);
        states.push(name_of(walk.fingerprint(edge.to().unwrap_or(id))));
        steps.push(step_view(walk, step));
    }
    PathView { states, steps, changed: None }
}

/// Steps of a path.
const MOST_STEPS: usize = 10_000;
/// Nodes of a neighbourhood.
const MOST_NODES: usize = 1_000;
/// States whose actions are learnt before it is told which of them cannot happen.
const LOOKED_AROUND: usize = 5_000;
