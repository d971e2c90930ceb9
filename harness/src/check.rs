//! The checking engine: exhaustive search of a model, honest about what it does not know.
//!
//! The search is breadth first, level by level, on several threads, and finds exactly what a sequential
//! breadth-first search finds, in the same order: so a counterexample is a shortest one and the same on
//! every run and thread count. See `docs/ARCHITECTURE.md` for the invariants.

mod claims;
mod components;
mod expander;
pub(crate) mod fingerprint;
mod frontier;
mod graph;
mod liveness;
mod options;
mod oracle;
mod outcome;
mod path;
mod progress;
mod search;
mod slots;
mod trace_log;
mod visited;

pub(crate) use claims::{twin, two_of_one_name};
pub use options::{Cut, Engine, Fingerprint, Options};
pub use outcome::{ActionCoverage, Counterexample, Finding, Outcome, PropertyOutcome, Step};
pub use progress::{Details, Progress, Watch};

use crate::memory;
use claims::{Claims, DEADLOCK, Evidence};
use graph::{Classes, Form, Graph};
use path::Path;
use proofmark_vocabulary::{Describe, Formula};
use search::Search;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Numbers of states are `u64` and indices are made of them.
const _: () = assert!(usize::BITS == 64, "state spaces are indexed by 64 bits");

/// Explores every reachable state of `model` within its boundary and judges those of its claims whose names
/// are selected.
///
/// `watch` is told how far the search is and may stop it. A model that panics panics here.
///
/// # Errors
/// When the options do not fit the model, and nothing was explored; or when its graph of steps is beyond what
/// can be recorded for its claims of behaviours.
pub fn check<D: Describe>(
    model: &Arc<D>,
    selected: impl Fn(&str) -> bool,
    options: &Options,
    watch: &dyn Watch,
) -> Result<Outcome, String> {
    let claims = Claims::new(model.as_ref(), selected);
    claims.refuse_twins()?;
    if options.symmetry {
        refuse_symmetry(model.as_ref(), &claims)?;
    }
    match options.engine {
        Engine::Native => native(model.as_ref(), &claims, options, watch),
        Engine::Stateright => oracle::check(model, claims, options, watch),
    }
}

fn refuse_symmetry<D: Describe>(model: &D, claims: &Claims<D>) -> Result<(), String> {
    if model.init_states().iter().any(|state| model.canonical(state).is_none()) {
        return Err("the model has no symmetry with these constants: check it without --symmetry".into());
    }
    let liveness: Vec<_> = claims.list.iter().filter(|claim| claim.formula.needs_graph()).map(|c| c.name).collect();
    if liveness.is_empty() {
        return Ok(());
    }
    Err(format!(
        "symmetry is not sound for properties of whole behaviours ({}): choose a bound without them",
        liveness.join(", ")
    ))
}

fn native<D: Describe>(model: &D, claims: &Claims<D>, options: &Options, watch: &dyn Watch) -> Result<Outcome, String> {
    let classes = claims.needs_graph().then(|| Classes::new(claims)).transpose()?;
    let mut search = Search::new(model, claims, classes.as_ref(), options, watch)?;
    let mut cut = search.run()?;
    let mut properties = safety(model, claims, &search, cut.is_none());
    let is_decided = cut == Some(Cut::FirstViolation);
    if let (Some(classes), Some(graph), false) = (&classes, search.graph.take(), is_decided) {
        let judged = Liveness { model, claims, classes, graph: &graph, search: &search, options, watch };
        let stopped = judged.judge(&mut properties, cut.is_none());
        cut = cut.or(stopped);
    }
    let coverage = search.coverage();
    let switched_off = model.switched_off();
    let actions = model.action_kinds().iter().zip(coverage).map(|(&name, (generated, distinct))| ActionCoverage {
        name,
        generated,
        distinct: Some(distinct),
        switched_off: switched_off.contains(&name),
    });
    Ok(Outcome {
        cut,
        generated: search.generated(),
        distinct: search.distinct,
        depth: search.depth,
        left_boundary: search.left_boundary(),
        state_bytes: size_of::<D::State>() as u64,
        elapsed: search.elapsed(),
        collision_probability: fingerprint::collision_probability(search.distinct, options.fingerprint),
        properties,
        actions: actions.collect(),
    })
}

/// What the search itself tells of each claim. Claims of behaviours are left unknown.
fn safety<D: Describe>(
    model: &D,
    claims: &Claims<D>,
    search: &Search<'_, D>,
    exhaustive: bool,
) -> Vec<PropertyOutcome> {
    let shown = |at: usize| {
        let (number, index, explanation) = match search.findings.get(at)? {
            Evidence::State(number, explanation) => (number, None, explanation),
            Evidence::Step(number, index, explanation) => (number, Some(index), explanation),
        };
        let mut path = Path::to(model, &search.log, *number);
        if let Some(index) = index {
            path.take(model, *index);
        }
        Some(path.shows(model, claims.told(at), None, explanation.clone()))
    };
    let of_list = claims.list.iter().enumerate().map(|(at, claim)| {
        let is_can = matches!(claim.formula, Formula::Can(_));
        let finding = match search.findings.get(at) {
            _ if claim.formula.needs_graph() || matches!(claim.formula, Formula::Run(..)) => Finding::Unknown,
            Some(_) if is_can => Finding::Holds,
            Some(_) => shown(at).map_or(Finding::Unknown, |found| Finding::Violated(Box::new(found))),
            None if !exhaustive => Finding::Unknown,
            None if is_can => Finding::Unmet,
            None => Finding::Holds,
        };
        let witnessed = match &claim.formula {
            Formula::Refinement(refinement) => refinement.witnessed(),
            _ => Vec::new(),
        };
        PropertyOutcome { name: claim.name.to_owned(), kind: claim.formula.kind(), finding, witnessed }
    });
    let deadlock = claims.deadlock.then(|| {
        let finding = match shown(claims.list.len()) {
            Some(found) => Finding::Violated(Box::new(found)),
            None if exhaustive => Finding::Holds,
            None => Finding::Unknown,
        };
        PropertyOutcome { name: DEADLOCK.to_owned(), kind: DEADLOCK, finding, witnessed: Vec::new() }
    });
    of_list.chain(deadlock).collect()
}

/// All that is needed to judge claims of behaviours once the states are explored.
struct Liveness<'a, 'b, D: Describe> {
    model: &'a D,
    claims: &'a Claims<D>,
    classes: &'a Classes<'a, D>,
    graph: &'a Graph,
    search: &'a Search<'b, D>,
    options: &'a Options,
    watch: &'a dyn Watch,
}

impl<D: Describe> Liveness<'_, '_, D> {
    /// Judges the claims of behaviours; tells what stopped it. A violation in the part that was explored is
    /// one all the same: a search that was cut is given as much time again to find one.
    fn judge(&self, properties: &mut [PropertyOutcome], exhaustive: bool) -> Option<Cut> {
        if let Some(limit) = self.options.memory.filter(|&limit| self.needs_more_than(limit)) {
            return Some(Cut::Memory(limit));
        }
        let spent = if exhaustive { self.search.elapsed() } else { Duration::ZERO };
        let deadline = self.options.timeout.map(|timeout| (timeout, timeout.saturating_sub(spent)));
        let started = Instant::now();
        let is_late = || deadline.is_some_and(|(_, left)| started.elapsed() >= left);
        let must_stop = || self.watch.interrupted() || is_late();
        let cut = || deadline.filter(|_| is_late()).map_or(Cut::Interrupted, |(timeout, _)| Cut::Timeout(timeout));
        if must_stop() {
            return Some(cut());
        }
        let asked = std::cell::Cell::new(0_u32);
        let stop = || {
            // The clock is asked now and then only.
            asked.set(asked.get().wrapping_add(1));
            asked.get().is_multiple_of(1024) && must_stop()
        };
        for claim in &self.classes.claims {
            self.watch.progress(&self.search.liveness_progress());
            let initial = self.search.log.initial_states();
            let Ok(found) = liveness::counterexample(self.graph, &claim.form, initial, &stop) else {
                return Some(cut());
            };
            properties[claim.claim].finding = match found {
                Some(behaviour) => {
                    let (path, back_to) = Path::along(self.model, &self.search.log, &behaviour);
                    let explanation = matches!(claim.form, Form::AlwaysCan { .. })
                        .then(|| "no allowed behaviour from the last state reaches the goal".to_owned());
                    let told = self.claims.told(claim.claim);
                    Finding::Violated(Box::new(path.shows(self.model, told, back_to, explanation)))
                }
                None if exhaustive => Finding::Holds,
                None => Finding::Unknown,
            };
            let is_violated = matches!(properties[claim.claim].finding, Finding::Violated(_));
            if is_violated && self.options.fail_fast && self.claims.is_intolerable(claim.claim, self.options) {
                return Some(Cut::FirstViolation);
            }
        }
        None
    }

    /// Whether judging would take the process beyond the limit.
    fn needs_more_than(&self, limit: u64) -> bool {
        let needed = self.graph.expanded() as u64 * JUDGING_BYTES_PER_STATE + self.graph.bytes() / 3 * 2;
        memory::resident() + needed > limit
    }
}

/// Distances, ways, components and places of each state while one claim of behaviours is judged; the steps
/// backwards come to two thirds of the graph.
const JUDGING_BYTES_PER_STATE: u64 = 64;
