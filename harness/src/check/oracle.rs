//! Stateright's own checker as an oracle.
//!
//! It explores the same model by its own breadth-first search and judges `always`, `can`, `step`,
//! `refinement` and freedom from deadlock; of whole behaviours it says nothing, since its `eventually` misses
//! cycles and joins. Its counterexamples need not be shortest where it has several threads.
//!
//! Stateright knows properties of states alone. So a claim of steps is given to it as one of states, that each step
//! from the state satisfies the claim: then it has a path to where the claim fails, as for any other. This makes
//! every successor once more for each such claim.

use super::claims::{Claims, DEADLOCK, StepClaim};
use super::fingerprint::{Fingerprinter, collision_probability};
use super::outcome::{ActionCoverage, Counterexample, Finding, Outcome, PropertyOutcome};
use super::path::Path;
use super::{Cut, Fingerprint, Options, Progress, Watch};
use crate::memory;
use proofmark_vocabulary::{Describe, Formula, Model, Property};
use stateright::Checker;
use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

/// Runs Stateright's checker on the model.
pub(super) fn check<D: Describe>(
    model: &Arc<D>,
    claims: Claims<D>,
    options: &Options,
    watch: &dyn Watch,
) -> Result<Outcome, String> {
    refuse_what_it_lacks(&claims, options)?;
    let started = Instant::now();
    let oracle = Oracle::new(model, claims);
    let findings = Arc::clone(&oracle.findings);
    // A search that Stateright is told to limit by depth neither judges nor expands the states at the limit;
    // a limit of zero is none.
    let depth = options.max_depth.map_or(0, |depth| usize::try_from(depth.max(1)).unwrap_or(usize::MAX));
    let mut checker = oracle.checker().threads(options.threads.max(1)).target_max_depth(depth).spawn_bfs();
    let mut handles = checker.handles();
    let (mut cut, mut nap) = (None, Duration::from_micros(100));
    while !handles.is_empty() {
        std::thread::sleep(nap);
        nap = (nap * 2).min(Duration::from_millis(20));
        let progress = Progress {
            phase: "states",
            generated: checker.state_count() as u64,
            distinct: checker.unique_state_count() as u64,
            queue: None,
            depth: checker.max_depth() as u64,
            memory: memory::resident(),
            elapsed: started.elapsed(),
        };
        watch.progress(&progress);
        cut = cut.or_else(|| limit_reached(&progress, &findings, options, watch));
        if cut.is_some() {
            // From now on the model has no actions, so that the search soon runs dry.
            findings.stopped.store(true, Relaxed);
        }
        for handle in handles.extract_if(.., |handle| handle.is_finished()) {
            if let Err(panic) = handle.join() {
                findings.stopped.store(true, Relaxed);
                std::panic::resume_unwind(panic);
            }
        }
    }
    // Its greatest depth is a race between its threads; that it left states alone is certain.
    let all_expanded = findings.expanded.load(Relaxed) == checker.unique_state_count() as u64;
    let cut = cut.or(options.max_depth.filter(|_| !all_expanded).map(Cut::Depth));
    Ok(outcome(&checker, cut, started.elapsed()))
}

fn refuse_what_it_lacks<D: Describe>(claims: &Claims<D>, options: &Options) -> Result<(), String> {
    if options.symmetry {
        return Err("Stateright's breadth-first search ignores symmetry: leave out --symmetry or its engine".into());
    }
    if options.fingerprint == Fingerprint::Bits128 {
        return Err("Stateright's fingerprints have 64 bits: leave out --fingerprint 128 or its engine".into());
    }
    if claims.len() > CONDITIONS {
        return Err(format!("Stateright's engine is given at most {CONDITIONS} properties; the bound has more"));
    }
    Ok(())
}

fn limit_reached(progress: &Progress, findings: &Seen, options: &Options, watch: &dyn Watch) -> Option<Cut> {
    if watch.interrupted() {
        return Some(Cut::Interrupted);
    }
    if options.fail_fast && findings.intolerable(&options.tolerated) {
        return Some(Cut::FirstViolation);
    }
    let timeout = options.timeout.filter(|&timeout| progress.elapsed >= timeout).map(Cut::Timeout);
    let states = options.max_states.filter(|&limit| progress.distinct >= limit).map(Cut::States);
    let memory = options.memory.filter(|&limit| progress.memory > limit).map(Cut::Memory);
    timeout.or(states).or(memory)
}

/// The model as Stateright sees it: its conditions are function pointers, so each claim is found by its number.
struct Oracle<D: Describe> {
    model: Arc<D>,
    claims: Arc<Claims<D>>,
    findings: Arc<Seen>,
}

/// What was seen during the search, by any thread.
struct Seen {
    stopped: AtomicBool,
    /// For each claim and for deadlock: its name, the initial state by which it fails, and whether it fails.
    violations: Vec<(&'static str, OnceLock<Counterexample>, AtomicBool)>,
    generated: Vec<AtomicU64>,
    left_boundary: AtomicU64,
    expanded: AtomicU64,
}

impl Seen {
    fn intolerable(&self, tolerated: &[String]) -> bool {
        let mut seen = self.violations.iter().filter(|(.., violated)| violated.load(Relaxed));
        seen.any(|(name, ..)| !tolerated.iter().any(|tolerated| tolerated == name))
    }
}

impl<D: Describe> Oracle<D> {
    fn new(model: &Arc<D>, claims: Claims<D>) -> Self {
        let names = claims.list.iter().map(|claim| claim.name).chain([DEADLOCK]);
        let findings = Seen {
            stopped: AtomicBool::new(false),
            violations: names.map(|name| (name, OnceLock::new(), AtomicBool::new(false))).collect(),
            generated: model.action_kinds().iter().map(|_| AtomicU64::new(0)).collect(),
            left_boundary: AtomicU64::new(0),
            expanded: AtomicU64::new(0),
        };
        Self { model: Arc::clone(model), claims: Arc::new(claims), findings: Arc::new(findings) }
    }

    /// The first step from `state` that violates the claim of steps, with why.
    fn straying(&self, claim: &StepClaim<'_, D>, state: &D::State) -> Option<(D::Action, D::State, Option<String>)> {
        let mut actions = Vec::new();
        self.model.actions(state, &mut actions);
        actions.into_iter().find_map(|action| {
            let next = self.model.next_state(state, action.clone())?;
            let within = self.model.within_boundary(&next);
            let why = claim.judge(&self.model, state, &action, &next).err().filter(|_| within)?;
            Some((action, next, why))
        })
    }

    fn is_deadlock(&self, state: &D::State) -> bool {
        let mut actions = Vec::new();
        self.model.actions(state, &mut actions);
        let mut reached = actions.into_iter().filter_map(|action| self.model.next_state(state, action));
        reached.next().is_none() && !self.model.may_end(state)
    }
}

impl<D: Describe> Model for Oracle<D> {
    type State = D::State;
    type Action = D::Action;

    /// The initial states within the boundary, each once: Stateright expands one that is repeated twice, and
    /// cannot find its way back to one that comes after another beyond the boundary.
    fn init_states(&self) -> Vec<Self::State> {
        let fingerprinter = Fingerprinter::new(Fingerprint::Bits64);
        let mut seen = HashSet::new();
        let mut states = self.model.init_states();
        states.retain(|state| self.model.within_boundary(state) && seen.insert(fingerprinter.print(state).low));
        for state in &states {
            for (claim, divergence) in self.claims.initial_divergences(state) {
                let (_, first, violated) = &self.findings.violations[claim];
                let path = Path::<D>::of(vec![(None, state.clone())]);
                let told = self.claims.told(claim);
                first.get_or_init(|| path.shows(self.model.as_ref(), told, None, Some(divergence)));
                violated.store(true, Relaxed);
            }
        }
        states
    }

    fn actions(&self, state: &Self::State, actions: &mut Vec<Self::Action>) {
        if self.findings.stopped.load(Relaxed) {
            return;
        }
        self.findings.expanded.fetch_add(1, Relaxed);
        self.model.actions(state, actions);
    }

    fn next_state(&self, state: &Self::State, action: Self::Action) -> Option<Self::State> {
        let next = self.model.next_state(state, action.clone())?;
        if !self.model.within_boundary(&next) {
            self.findings.left_boundary.fetch_add(1, Relaxed);
            return Some(next);
        }
        if let Some(count) = self.findings.generated.get(self.model.action_kind(&action)) {
            count.fetch_add(1, Relaxed);
        }
        Some(next)
    }

    fn within_boundary(&self, state: &Self::State) -> bool {
        self.model.within_boundary(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let of_list = self.claims.list.iter().enumerate().filter_map(|(at, claim)| match claim.formula {
            Formula::Always(_) | Formula::Step(_) | Formula::Refinement(_) => {
                Some(Property::always(claim.name, condition(at)))
            }
            Formula::Can(_) => Some(Property::sometimes(claim.name, condition(at))),
            _ => None,
        });
        let of_deadlock = self.claims.deadlock.then(|| Property::always(DEADLOCK, condition(self.claims.list.len())));
        // Stateright stops once every property is discovered; this one never is.
        of_list.chain(of_deadlock).chain([Property::always(NEVER_DISCOVERED, |_, _| true)]).collect()
    }
}

/// Whether the claim of that number holds in a state, or of the steps from it, as a function pointer. It fails but
/// once, at the first state: Stateright would keep the last.
fn holds<D: Describe, const CLAIM: usize>(oracle: &Oracle<D>, state: &D::State) -> bool {
    let Seen { violations, stopped, .. } = oracle.findings.as_ref();
    let (.., violated) = &violations[CLAIM];
    let formula = oracle.claims.list.get(CLAIM).map(|claim| &claim.formula);
    if let Some(Formula::Can(holds)) = formula {
        return holds(&oracle.model, state);
    }
    if violated.load(Relaxed) {
        return true;
    }
    let holds = match formula {
        Some(Formula::Always(holds)) => holds(&oracle.model, state),
        // A stopped search only has to run dry.
        _ if stopped.load(Relaxed) => true,
        None => !oracle.is_deadlock(state),
        Some(_) => oracle.claims.of_step(CLAIM).is_none_or(|claim| oracle.straying(&claim, state).is_none()),
    };
    holds || violated.swap(true, Relaxed)
}

/// A function pointer for each of [`CONDITIONS`] claims.
macro_rules! conditions {
    ($($claim:literal)*) => {
        fn condition<D: Describe>(claim: usize) -> fn(&Oracle<D>, &D::State) -> bool {
            [$(holds::<D, $claim>),*][claim]
        }
    };
}
conditions!(0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36 37 38 39);
const CONDITIONS: usize = 40;

/// No claim is named so: Stateright knows a property by its name.
const NEVER_DISCOVERED: &str = "\0every state is explored";

fn outcome<D: Describe>(checker: &impl Checker<Oracle<D>>, cut: Option<Cut>, elapsed: Duration) -> Outcome {
    let oracle = checker.model();
    let seen = &oracle.findings;
    let generated: Vec<_> = seen.generated.iter().map(|count| count.load(Relaxed)).collect();
    let left_boundary = seen.left_boundary.load(Relaxed);
    // Paths are rebuilt by asking the model, which must answer again.
    seen.stopped.store(false, Relaxed);
    let mut discoveries = checker.discoveries();
    let named = (0..oracle.claims.len()).map(|at| (at, oracle.claims.told(at)));
    let properties = named.map(|(at, (name, kind))| PropertyOutcome {
        name: name.to_owned(),
        kind,
        finding: finding(oracle, at, &mut discoveries, cut.is_none()),
        // The oracle asks for a step only whether it strays, and counts no witnesses.
        witnessed: Vec::new(),
    });
    let properties = properties.collect();
    let switched_off = oracle.model.switched_off();
    let kinds = oracle.model.action_kinds().iter().zip(generated);
    let distinct = checker.unique_state_count() as u64;
    let initial = oracle.model.init_states();
    let repeated =
        initial.iter().filter(|state| oracle.model.within_boundary(state)).count() - oracle.init_states().len();
    Outcome {
        properties,
        cut,
        generated: (checker.state_count() + repeated) as u64,
        distinct,
        depth: checker.max_depth() as u64,
        left_boundary,
        state_bytes: size_of::<D::State>() as u64,
        elapsed,
        collision_probability: collision_probability(distinct, Fingerprint::Bits64),
        actions: kinds
            .map(|(&name, generated)| ActionCoverage {
                name,
                generated,
                distinct: None,
                switched_off: switched_off.contains(&name),
            })
            .collect(),
    }
}

fn finding<D: Describe>(
    oracle: &Oracle<D>,
    at: usize,
    discoveries: &mut HashMap<&'static str, stateright::Path<D::State, D::Action>>,
    exhaustive: bool,
) -> Finding {
    let (name, initial, _) = &oracle.findings.violations[at];
    let formula = oracle.claims.list.get(at).map(|claim| &claim.formula);
    if formula.is_some_and(Formula::needs_graph) {
        return Finding::Unknown;
    }
    let is_can = matches!(formula, Some(Formula::Can(_)));
    match (initial.get(), discoveries.remove(name)) {
        (Some(found), _) => Finding::Violated(Box::new(found.clone())),
        (None, Some(_)) if is_can => Finding::Holds,
        (None, Some(path)) => Finding::Violated(Box::new(shown(oracle, at, path))),
        (None, None) if !exhaustive => Finding::Unknown,
        (None, None) if is_can => Finding::Unmet,
        (None, None) => Finding::Holds,
    }
}

/// The path to where the claim fails; for a claim of steps, with the step that violates it.
fn shown<D: Describe>(oracle: &Oracle<D>, at: usize, found: stateright::Path<D::State, D::Action>) -> Counterexample {
    let mut led = None;
    let steps = found.into_vec().into_iter().map(|(state, next)| (std::mem::replace(&mut led, next), state));
    let mut path = Path::<D>::of(steps.collect());
    let mut explanation = None;
    if let Some((action, next, why)) = oracle.claims.of_step(at).and_then(|claim| oracle.straying(&claim, path.last()))
    {
        path.push(action, next);
        explanation = why;
    }
    path.shows(oracle.model.as_ref(), oracle.claims.told(at), None, explanation)
}
