//! Stateright's own checker as an oracle.
//!
//! It explores the same model by its own breadth-first search and judges `always`, `can`, `step`,
//! `refinement` and freedom from deadlock; of whole behaviours it says nothing, since its `eventually` misses
//! cycles and joins. Its counterexamples need not be shortest where it has several threads.

use super::claims::{Claims, DEADLOCK};
use super::fingerprint::{Fingerprinter, collision_probability};
use super::outcome::{ActionCoverage, Counterexample, Finding, Outcome, PropertyOutcome, Step};
use super::{Cut, Fingerprint, Options, Progress, Watch};
use crate::memory;
use proofmark_vocabulary::{Describe, Formula, Model, Property};
use stateright::{Checker, Path};
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
            queue: 0,
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
    if claims.list.len() > CONDITIONS {
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

/// The model as Stateright sees it: its conditions are function pointers, so each claim is found by its
/// number, and claims of steps are judged where the step is taken.
struct Oracle<D: Describe> {
    model: Arc<D>,
    claims: Arc<Claims<D>>,
    findings: Arc<Seen>,
}

/// What was seen during the search, by any thread.
struct Seen {
    stopped: AtomicBool,
    /// For each claim and for deadlock: its name, and the first violation by a step or a deadlock.
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

    /// A violation by a step, or by a state without one.
    fn report(&self, claim: usize, steps: Vec<Step>, explanation: Option<String>) {
        let (_, first, violated) = &self.findings.violations[claim];
        let told = "Stateright's engine tells the place, the native one the whole path".to_owned();
        let explanation = Some(explanation.map_or(told.clone(), |text| format!("{text}; {told}")));
        first.get_or_init(|| Counterexample { steps, back_to: None, explanation });
        violated.store(true, Relaxed);
    }

    fn describe(&self, action: Option<&D::Action>, state: &D::State) -> Step {
        let kind = action.and_then(|action| self.model.action_kinds().get(self.model.action_kind(action)));
        Step {
            action: action.map(|action| self.model.action_in_words(action)),
            kind: kind.map(ToString::to_string),
            state: self.model.value(state),
        }
    }

    fn judge_deadlock(&self, state: &D::State, actions: &[D::Action]) {
        let is_enabled = |action: &D::Action| self.model.next_state(state, action.clone()).is_some();
        if self.claims.deadlock && !actions.iter().any(is_enabled) && !self.model.may_end(state) {
            self.report(self.findings.violations.len() - 1, vec![self.describe(None, state)], None);
        }
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
                self.report(claim, vec![self.describe(None, state)], Some(divergence));
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
        self.judge_deadlock(state, actions);
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
        for (claim, of_step) in self.claims.of_steps() {
            if let Err(explanation) = of_step.judge(&self.model, state, &action, &next) {
                self.report(claim, vec![self.describe(None, state), self.describe(Some(&action), &next)], explanation);
            }
        }
        Some(next)
    }

    fn within_boundary(&self, state: &Self::State) -> bool {
        self.model.within_boundary(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let of_states = self.claims.list.iter().enumerate().filter_map(|(at, claim)| match claim.formula {
            Formula::Always(_) => Some(Property::always(claim.name, condition(at))),
            Formula::Can(_) => Some(Property::sometimes(claim.name, condition(at))),
            _ => None,
        });
        // Stateright stops once every property is discovered; this one never is.
        of_states.chain([Property::always(NEVER_DISCOVERED, |_, _| true)]).collect()
    }
}

/// Whether the claim of states of that number holds, as a function pointer.
fn holds<D: Describe, const CLAIM: usize>(oracle: &Oracle<D>, state: &D::State) -> bool {
    match &oracle.claims.list[CLAIM].formula {
        Formula::Always(holds) => {
            let holds = holds(&oracle.model, state);
            if !holds {
                oracle.findings.violations[CLAIM].2.store(true, Relaxed);
            }
            holds
        }
        Formula::Can(holds) => holds(&oracle.model, state),
        _ => true,
    }
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
    let properties = oracle.claims.list.iter().enumerate().map(|(at, claim)| PropertyOutcome {
        name: claim.name.to_owned(),
        kind: claim.formula.kind(),
        finding: finding(oracle, at, &mut discoveries, cut.is_none()),
        // The oracle judges steps on the side, and counts no witnesses.
        witnessed: Vec::new(),
    });
    let deadlock = oracle.claims.deadlock.then(|| {
        let at = seen.violations.len() - 1;
        let finding = of_steps(seen, at, cut.is_none());
        PropertyOutcome { name: DEADLOCK.to_owned(), kind: DEADLOCK, finding, witnessed: Vec::new() }
    });
    let switched_off = oracle.model.switched_off();
    let kinds = oracle.model.action_kinds().iter().zip(generated);
    let distinct = checker.unique_state_count() as u64;
    let initial = oracle.model.init_states();
    let repeated =
        initial.iter().filter(|state| oracle.model.within_boundary(state)).count() - oracle.init_states().len();
    Outcome {
        properties: properties.chain(deadlock).collect(),
        cut,
        generated: (checker.state_count() + repeated) as u64,
        distinct,
        depth: checker.max_depth() as u64,
        left_boundary,
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
    discoveries: &mut HashMap<&'static str, Path<D::State, D::Action>>,
    exhaustive: bool,
) -> Finding {
    let claim = &oracle.claims.list[at];
    match (&claim.formula, discoveries.remove(claim.name)) {
        (Formula::Can(_), Some(_)) => Finding::Holds,
        (Formula::Can(_), None) if exhaustive => Finding::Unmet,
        (Formula::Always(_), Some(path)) => {
            let (mut steps, mut action) = (Vec::new(), None);
            for (state, next) in path.into_vec() {
                steps.push(oracle.describe(action.as_ref(), &state));
                action = next;
            }
            Finding::Violated(Box::new(Counterexample { steps, back_to: None, explanation: None }))
        }
        (Formula::Always(_), None) if exhaustive => Finding::Holds,
        (Formula::Step(_) | Formula::Refinement(_), _) => of_steps(&oracle.findings, at, exhaustive),
        _ => Finding::Unknown,
    }
}

fn of_steps(seen: &Seen, at: usize, exhaustive: bool) -> Finding {
    match seen.violations[at].1.get() {
        Some(found) => Finding::Violated(Box::new(found.clone())),
        None if exhaustive => Finding::Holds,
        None => Finding::Unknown,
    }
}
