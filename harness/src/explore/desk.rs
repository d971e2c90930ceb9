//! The cases that are open, and what is answered of them.

use super::compare::compare;
use super::export::{self, Shown};
use super::find::find;
use super::graph::{self, Abstraction};
use super::live::Live;
use super::space::{Edge, StateId, Walk};
use super::view::{
    AskedCase, AskedCompare, AskedExport, AskedFind, AskedPath, AskedRun, AskedWalk, BoundView, CaseView, ChangedView,
    ClaimView, ClustersView, CommandsView, ComparedView, ConstantView, CounterexampleView, DifferView, DisabledView,
    FoundView, HistoryView, KeptRow, KeptView, ModelView, ModelsView, MutantView, NeighbourhoodView, PathView,
    PointsView, RunCaseView, RunView, StartView, StateView, StepView, SystemView, TruthView, name_of,
};
use super::{Budget, Leased, Refused, known};
use crate::beside::BesideVerdict;
use crate::check::{self, Options};
use crate::excerpt;
use crate::interleave::{Runner, Wanted};
use crate::itf;
use crate::judgement::Judgement;
use crate::links::Plan;
use crate::memory;
use crate::registry::{Case, InputError, Registry, Row};
use crate::replay::{self, Replay};
use crate::sim::Dice;
use crate::store::{self, Saved, Store};
use crate::trace;
use proofmark_vocabulary::{Profile, Value};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

/// The cases that are open, and what can be opened.
pub struct Desk {
    registry: Arc<Registry>,
    store: Store,
    program: String,
    start: StartView,
    /// The one that was asked for last is the last.
    open: Mutex<Vec<Arc<Open>>>,
    /// What runs the cases of concurrent code, if this program can.
    runner: Option<Runner>,
    /// Counterexamples that were found from here, whether or not they could be kept.
    found: Mutex<BTreeMap<String, Saved>>,
}

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

impl Desk {
    /// A desk without an open case; `start` is where a page without a link begins.
    pub fn new(registry: Arc<Registry>, store: Store, program: String, start: StartView) -> Self {
        Self { registry, store, program, start, runner: None, open: Mutex::default(), found: Mutex::default() }
    }

    /// The same, which can run the cases of concurrent code too.
    #[must_use]
    pub fn with_runner(self, runner: Runner) -> Self {
        Self { runner: Some(runner), ..self }
    }

    /// Makes a counterexample one that can be opened by this name, like those that are kept.
    pub fn offer(&self, id: String, saved: Saved) {
        self.found.lock().unwrap_or_else(PoisonError::into_inner).insert(id, saved);
    }

    /// What can be opened.
    pub fn models(&self) -> ModelsView {
        let systems = self.registry.systems().iter();
        ModelsView {
            program: self.program.clone(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            models: self.registry.rows_and_clusters().map(model_view).collect(),
            systems: systems
                .map(|row| SystemView {
                    name: row.name,
                    about: row.about,
                    links: row.own_links().iter().map(|link| format!("{link:?}")).collect(),
                    mutants: mutants_view(&row.cluster),
                    cases: row.cases().iter().map(RunCaseView::of).collect(),
                })
                .collect(),
            start: self.start.clone(),
        }
    }

    /// Opens a case, or finds it open.
    ///
    /// # Errors
    /// When the registry does not have what is asked for.
    pub fn open(&self, asked: &AskedCase) -> Result<Arc<Open>, Refused> {
        let wrong = |error: InputError| Refused::Wrong(error.to_string());
        let row = self.registry.find(&asked.model).map_err(wrong)?;
        let set: Vec<_> = asked.set.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
        let case = row.case(asked.bound.as_deref(), &set, asked.mutant.as_deref()).map_err(wrong)?;
        let name = case_name(&case);
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(at) = open.iter().position(|known| known.view.case == name) {
            let known = open.remove(at);
            open.push(Arc::clone(&known));
            return Ok(known);
        }
        let walk = case.subject.walk();
        let view = self.case_view(name, row, &case, &*walk);
        let opened = Arc::new(Open { view, live: Live::of(&case), walk: parking_lot::Mutex::new(walk), case });
        // A case whose check is running is not put away.
        let idle = |open: &Arc<Open>| !matches!(open.live.told().borrow().state, "running" | "paused");
        while open.len() >= MOST_OPEN
            && let Some(at) = open.iter().position(idle)
        {
            open.remove(at);
        }
        if open.len() >= MOST_OPEN {
            return Err(Refused::Busy(format!("{MOST_OPEN} checks are running; stop one first")));
        }
        open.push(Arc::clone(&opened));
        Ok(opened)
    }

    /// Stops all checks: what they know by then is their verdict.
    pub fn stop_checks(&self) {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).iter().for_each(|open| open.live.stop());
    }

    /// The open case of that name.
    ///
    /// # Errors
    /// When it is not open, or not any more.
    pub fn case(&self, name: &str) -> Result<Arc<Open>, Refused> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(at) = open.iter().position(|open| open.view.case == name) else {
            return Err(Refused::Missing(format!("the case `{name}` is not open; open it once more")));
        };
        // What is in use is the last to be put away.
        let known = open.remove(at);
        open.push(Arc::clone(&known));
        Ok(known)
    }

    fn case_view(&self, name: String, row: &Row, case: &Case, walk: &dyn Walk) -> CaseView {
        let checked = case.claims();
        let claims = case.subject.claims().into_iter().map(|claim| ClaimView {
            name: claim.name,
            kind: claim.kind,
            checked: checked.contains(&claim),
            expected_to_fail: case.bound.expected.contains(&claim.name),
            stated: case.stated(claim.name, claim.kind).map(|place| place.to_string()),
        });
        let lesson = case.mutant.as_ref().and_then(|mutant| row.mutant(mutant).ok()).map(|row| row.lesson.to_owned());
        let (kinds, guards) = walk.names();
        let words = words(case);
        CaseView {
            case: name,
            model: case.model.to_owned(),
            about: row.about.to_owned(),
            bound: case.bound.name.to_owned(),
            bound_about: case.bound.about.to_owned(),
            constants: case.constants.iter().map(|(name, value)| (name.to_owned(), value.clone())).collect(),
            mutant: case.mutant.clone(),
            lesson,
            processes: walk.processes(),
            kinds,
            guards,
            claims: claims.collect(),
            initial: walk.initial().iter().map(|&id| name_of(walk.fingerprint(id))).collect(),
            commands: CommandsView {
                check: format!("{} check {words}", self.program),
                explore: format!("{} explore {words}", self.program),
            },
        }
    }

    /// The counterexamples that are kept; those that cannot be read are left out.
    pub fn kept(&self) -> KeptView {
        let mut rows: BTreeMap<String, KeptRow> = BTreeMap::new();
        for id in self.store.ids() {
            let saved = excerpt::read(&self.store.path(&id)).ok();
            if let Some(saved) = saved.and_then(|text| serde_json::from_str::<Saved>(&text).ok()) {
                rows.insert(id.clone(), self.kept_row(id, &saved));
            }
        }
        for (id, saved) in self.found.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            rows.insert(id.clone(), self.kept_row(id.clone(), saved));
        }
        KeptView { counterexamples: rows.into_values().collect() }
    }

    fn kept_row(&self, id: String, saved: &Saved) -> KeptRow {
        KeptRow {
            id,
            model: saved.model.clone(),
            bound: saved.bound.clone(),
            mutant: saved.mutant.clone(),
            property: saved.property.clone(),
            kind: saved.kind.clone(),
            steps: saved.steps.len().saturating_sub(1),
            code: self.registry.systems().iter().any(|row| row.cluster.name == saved.model),
        }
    }

    /// A counterexample that is kept under an ID.
    ///
    /// # Errors
    /// When there is none, or it does not fit the registry.
    pub fn counterexample(&self, id: &str) -> Result<CounterexampleView, Refused> {
        let (saved, case) = self.saved(id)?;
        self.show(saved, &case)
    }

    /// What is kept under an ID, with its model.
    fn saved(&self, id: &str) -> Result<(Saved, Case), Refused> {
        let found = self.found.lock().unwrap_or_else(PoisonError::into_inner).get(id).cloned();
        let text = match found {
            Some(saved) => serde_json::to_string(&saved).unwrap_or_default(),
            // Only what the store lists is read: an ID is no path.
            None if self.store.ids().iter().any(|known| known == id) => {
                excerpt::read(&self.store.path(id)).map_err(|error| Refused::Missing(error.to_string()))?
            }
            None => return Err(Refused::Missing(format!("no counterexample is kept under `{id}`"))),
        };
        self.parse(id, &text)
    }

    fn parse(&self, shown: &str, text: &str) -> Result<(Saved, Case), Refused> {
        replay::parse_named(&self.registry, shown, text).map_err(|error| Refused::Wrong(error.to_string()))
    }

    /// The counterexample in the text of a file, which errors call `shown`.
    ///
    /// # Errors
    /// When it is none, or does not fit the registry.
    pub fn read_counterexample(&self, shown: &str, text: &str) -> Result<CounterexampleView, Refused> {
        let (saved, case) = self.parse(shown, text)?;
        self.show(saved, &case)
    }

    fn show(&self, saved: Saved, case: &Case) -> Result<CounterexampleView, Refused> {
        let replayed = case.subject.replay(&saved);
        let open = self.open(&StartView::of(&saved).asked())?;
        let (verdict, words) = match &replayed {
            Replay::Reproduced(_) => ("reproduced", format!("`{}` is violated", saved.property)),
            Replay::Harmless(why) => ("harmless", format!("no longer fails: {why}")),
            Replay::Undecided(why) => ("undecided", format!("incomplete: {why}")),
            Replay::Changed { step, departure } => (
                "changed",
                format!("model changed at step {step}: {}", replay::departed(&saved, *step, departure).join(" ")),
            ),
        };
        let explanation = match replayed {
            Replay::Reproduced(Some(why)) => Some(why),
            _ => saved.explanation.clone(),
        };
        Ok(CounterexampleView {
            case: open.view.clone(),
            path: open.retrace(&saved),
            back_to: saved.back_to,
            explanation,
            verdict,
            words,
            property: saved.property,
            kind: saved.kind,
        })
    }

    /// A page that needs no server: of a counterexample, or of the states near the initial ones.
    ///
    /// # Errors
    /// When there is no such case or counterexample, or this build has no page.
    pub fn page(&self, asked: &AskedCase, counterexample: Option<&str>) -> Result<String, Refused> {
        let shown = counterexample.map(|id| self.counterexample(id)).transpose()?;
        let open = match &shown {
            Some(shown) => self.case(&shown.case.case)?,
            None => self.open(asked)?,
        };
        let shown = shown.map_or(Shown::Start, |shown| Shown::Counterexample(Box::new(shown)));
        export::page(self.models(), &open, shown).map_err(Refused::Broken)
    }

    /// A path of an open case as the text of a file: `html`, `itf`, or `json`, which `replay` reads where a property is
    /// named.
    ///
    /// # Errors
    /// When the path is none of the model's, or there is no such format or property.
    pub fn export(&self, open: &Open, asked: &AskedExport, format: &str) -> Result<String, Refused> {
        let path = open.whole_path(asked)?;
        if format != "html" {
            return open.export(asked, path, format);
        }
        let shown = Shown::Path { path, back_to: asked.back_to, property: asked.property.clone() };
        export::page(self.models(), open, shown).map_err(Refused::Broken)
    }

    /// A run of the code beside its model.
    ///
    /// # Errors
    /// When there is no such system, mutant or divergence, or the trace is damaged.
    pub fn run(&self, asked: &AskedRun, gone: &AtomicBool) -> Result<RunView, Refused> {
        let program = &self.program;
        match asked {
            AskedRun::Seed { seed: u64::MAX, .. } => {
                Err(Refused::Wrong(format!("a seed is below {}, as the command line takes it", u64::MAX)))
            }
            AskedRun::Seed { system, seed, set, mutant } => {
                let row = self.registry.find_system(system)?;
                let set: Vec<_> = set.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
                let plan = Plan { mutant: mutant.as_deref(), set: &set, ..Plan::default() };
                let beside = row.links.beside_run(&plan, *seed)?;
                let mut command = vec![format!("{program} conform {system} --link L2 --seed {seed}")];
                command.extend(set.iter().map(|(name, value)| format!("--set {name}={value}")));
                command.extend(mutant.iter().map(|mutant| format!("--mutant {mutant}")));
                let planted = mutant.as_ref().map_or_else(String::new, |mutant| format!(" with {mutant} planted"));
                let title = format!("run of seed {seed}{planted}");
                Ok(RunView::new(row.name, row.links.model(), title, Some(command.join(" ")), beside))
            }
            AskedRun::Trace { text } => {
                let named =
                    trace::header(text).map_err(|wrong| Refused::Wrong(wrong.show("the file", text).to_string()))?;
                let row = self.registry.find_system(&named.system)?;
                let beside =
                    row.links.beside_trace("the file", text).map_err(|error| Refused::Wrong(error.to_string()))?;
                Ok(RunView::new(row.name, row.links.model(), "recorded trace".to_owned(), None, beside))
            }
            AskedRun::Case { system, case, mutant, history } => {
                self.run_case(system, case, mutant.as_deref(), *history, gone)
            }
            AskedRun::Counterexample { id } => {
                let (saved, _) = self.saved(id)?;
                let mut systems = self.registry.systems().iter();
                let Some(row) = systems.find(|row| row.cluster.name == saved.model) else {
                    return Err(Refused::Wrong(format!(
                        "{id} is a counterexample of {}, which is no code; open it as a path",
                        saved.model
                    )));
                };
                let beside = row.links.beside_kept(&saved)?;
                let title = format!("{id}: {}", saved.property);
                let command = Some(format!("{program} replay {id}"));
                Ok(RunView::new(row.name, row.links.model(), title, command, beside))
            }
        }
    }

    /// A history of the threads of a case beside the model.
    fn run_case(
        &self,
        system: &str,
        case: &str,
        mutant: Option<&str>,
        history: Option<u64>,
        gone: &AtomicBool,
    ) -> Result<RunView, Refused> {
        let row = self.registry.find_system(system)?;
        let cases = row.cases();
        let Some(interleavings) = row.interleavings else {
            return Err(Refused::Wrong(format!("{system} has no concurrent code, so it has no cases")));
        };
        let Some(known) = cases.iter().find(|known| known.name == case) else {
            let what = format!("case of {system}");
            return Err(InputError::unknown(&what, case, cases.iter().map(|known| known.name)).into());
        };
        mutant.map(|mutant| row.cluster.mutant(mutant)).transpose()?;
        let Some(runner) = &self.runner else {
            return Err(Refused::wrong("this explorer cannot run cases: they need the program's command line"));
        };
        if history == Some(0) {
            return Err(Refused::wrong("histories are numbered from 1"));
        }
        let wanted = history.map_or(Wanted::Wrong, Wanted::Number);
        let is_gone = || gone.load(Ordering::Relaxed);
        let told = runner.history(row.name, known, mutant, wanted, &is_gone).map_err(Refused::Wrong)?;
        let mut beside = interleavings.beside(case, &told.history).map_err(Refused::Wrong)?;
        if beside.verdict == BesideVerdict::Explained
            && let Some(wrong) = told.wrong
        {
            beside.verdict = BesideVerdict::Wrong(wrong);
        } else if beside.events.is_empty() {
            return Err(Refused::Wrong(format!("{case} records no calls: all that it claims, it asserts itself")));
        }
        let planted = mutant.map_or_else(String::new, |mutant| format!(" with {mutant} planted"));
        let title = format!("{case}{planted}, history {}", told.number);
        let mut command = vec![format!("{} conform {system} --link L6", self.program)];
        command.extend(mutant.map(|mutant| format!("--mutant {mutant}")));
        let shown = RunView::new(row.name, row.links.model(), title, Some(command.join(" ")), beside);
        Ok(RunView { history: Some(HistoryView { number: told.number, met: told.met }), ..shown })
    }

    /// Checks an open case whose check has begun, to its end, on the thread that calls.
    pub fn check(&self, open: &Open, options: &Options) {
        let checked = crate::panics::catch(|| open.case.check(options, &open.live));
        let judged = match checked {
            Ok(judged) => judged,
            Err(said) => Err(format!("internal error while checking: {said}")),
        };
        if let Ok(judgement) = &judged {
            self.keep(judgement);
        }
        open.live.end(&open.case, judged.as_ref().map_err(Clone::clone));
    }

    fn keep(&self, judgement: &Judgement) {
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        found.extend(store::counterexamples(judgement));
        // Where nothing can be written, those found are still to be opened from here.
        let _ = self.store.keep(judgement);
    }

    /// An open case beside another variant of its model.
    ///
    /// # Errors
    /// When there is no such mutant, or they share no initial state.
    pub fn compare(&self, open: &Open, asked: &AskedCompare, budget: &Budget) -> Result<ComparedView, Refused> {
        let set = open.case.constants.iter().map(|(name, value)| (name.to_owned(), value.to_string())).collect();
        let bound = Some(open.case.bound.name.to_owned());
        let other =
            self.open(&AskedCase { model: open.view.model.clone(), bound, set, mutant: asked.mutant.clone() })?;
        if other.view.case == open.view.case {
            return Err(Refused::wrong("this is the same as what is open; choose another mutant"));
        }
        // A walk of its own, so that no two are ever waited for.
        let mut there = other.case.subject.walk();
        let mut here = open.walk();
        let compared = compare(&mut here, &mut *there, budget).ok_or_else(|| {
            Refused::wrong("the two begin in different states: no initial state of one is one of the other")
        })?;
        let of_this = |step| step_view(&**here, step);
        let of_other = |step| step_view(&*there, step);
        let differ = compared.differ.into_iter();
        let differ = differ.map(|(here, there)| DifferView { here: of_this(here), there: of_other(there) }).collect();
        Ok(ComparedView {
            other: other.view.clone(),
            only_here: compared.only_here.into_iter().map(of_this).collect(),
            only_there: compared.only_there.into_iter().map(of_other).collect(),
            differ,
            path: compared.path.map(|(start, way)| path_view(&mut **here, start, &way)),
            looked_at: compared.looked_at,
            exhaustive: compared.exhaustive,
        })
    }
}

impl Open {
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
        let (mut at, mut way, mut changed) = (start, Vec::new(), None);
        for (step, asked) in (1..).zip(&asked.steps) {
            let edges = walk.edges(at);
            let alike: Vec<_> = edges.iter().copied().filter(|&edge| walk.action(at, edge).0 == asked.action).collect();
            let fits = |edge: &&Edge| edge.to().is_some_and(|to| is(&**walk, to, &asked.to));
            if let Some(&edge) = alike.iter().find(fits) {
                way.push((at, edge));
                at = edge.to().unwrap_or(at);
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
        Ok(PathView { changed, ..path_view(&mut **walk, start, &way) })
    }

    /// The steps of a kept counterexample, as far as the model goes along.
    fn retrace(&self, saved: &Saved) -> PathView {
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
        let (mut at, mut way) = (start, Vec::new());
        for (place, step) in saved.steps.iter().enumerate().skip(1) {
            let edges = walk.edges(at);
            let fits = |edge: &&Edge| {
                Some(&walk.action(at, **edge).0) == step.action.as_ref()
                    && edge.to().is_some_and(|to| is(&**walk, to, step))
            };
            let Some(&edge) = edges.iter().find(fits) else {
                return PathView { changed: changed(place), ..path_view(&mut **walk, start, &way) };
            };
            way.push((at, edge));
            at = edge.to().unwrap_or(at);
        }
        path_view(&mut **walk, start, &way)
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
        let (mut at, mut way) = (start, Vec::new());
        while way.len() < asked.steps {
            let possible: Vec<_> = walk.edges(at).iter().copied().filter(|edge| edge.to().is_some()).collect();
            let Some(place) = dice.place(possible.len()) else { break };
            way.push((at, possible[place]));
            at = possible[place].to().unwrap_or(at);
        }
        Ok(path_view(&mut **walk, start, &way))
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
    fn whole_path(&self, asked: &AskedExport) -> Result<PathView, Refused> {
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

    /// A path as the text of a file: see [`Desk::export`].
    fn export(&self, asked: &AskedExport, path: PathView, format: &str) -> Result<String, Refused> {
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

impl From<InputError> for Refused {
    fn from(error: InputError) -> Self {
        Refused::Wrong(error.to_string())
    }
}

/// How a check from a page is done.
pub fn options() -> Options {
    Options { memory: memory::safe_share(), ..Options::default() }
}

/// A step as people see it, with the name of where it leads.
fn step_view(walk: &dyn Walk, step: super::Step) -> StepView {
    let to = step.to.map(|to| name_of(walk.fingerprint(to)));
    StepView::new(step, to)
}

/// A path as people see it.
fn path_view(walk: &mut dyn Walk, start: StateId, way: &[(StateId, Edge)]) -> PathView {
    let mut states = vec![name_of(walk.fingerprint(start))];
    let mut steps = Vec::with_capacity(way.len());
    for &(id, edge) in way {
        let step = walk.step(id, edge);
        states.push(name_of(walk.fingerprint(edge.to().unwrap_or(id))));
        steps.push(step_view(walk, step));
    }
    PathView { states, steps, changed: None }
}

/// The name of a case: the model's, and a hash of all that tells it from another.
fn case_name(case: &Case) -> String {
    let constants: BTreeMap<_, _> = case.constants.iter().collect();
    let told = serde_json::json!([case.bound.name, constants, case.mutant]).to_string();
    format!("{}-{}", case.model, store::hex(&Sha256::digest(told)[..5]))
}

/// The model and its constants as the command line takes them.
fn words(case: &Case) -> String {
    let mut words = vec![case.model.to_owned(), format!("--bound {}", case.bound.name)];
    let of_bound: BTreeMap<_, _> = case.bound.constants.iter().map(|(name, value)| (*name, value)).collect();
    let changed = case.constants.iter().filter(|(name, value)| of_bound.get(name) != Some(value));
    words.extend(changed.map(|(name, value)| format!("--set {name}={value}")));
    words.extend(case.mutant.iter().map(|mutant| format!("--mutant {mutant}")));
    words.join(" ")
}

fn model_view(row: &Row) -> ModelView {
    let bounds = row.bounds.iter().map(|bound| BoundView {
        name: bound.name,
        about: bound.about,
        profile: if bound.profile == Profile::Ci { "ci" } else { "deep" },
        constants: bound.constants.iter().cloned().collect(),
        distinct: bound.counts.map(|counts| counts.distinct),
    });
    let constants = row.constants.iter();
    ModelView {
        name: row.name,
        about: row.about,
        cluster: row.target.0 != row.name,
        constants: constants
            .map(|constant| ConstantView {
                name: constant.name,
                about: constant.about,
                domain: constant.domain.to_string(),
            })
            .collect(),
        bounds: bounds.collect(),
        mutants: mutants_view(row),
    }
}

fn mutants_view(row: &Row) -> Vec<MutantView> {
    let mutants = row.mutants.iter();
    mutants.map(|mutant| MutantView { name: mutant.name, bound: mutant.bound, lesson: mutant.lesson }).collect()
}

/// Cases that are open at a time. Each keeps the states that were met.
const MOST_OPEN: usize = 8;
/// Steps of a path.
const MOST_STEPS: usize = 10_000;
/// Nodes of a neighbourhood.
const MOST_NODES: usize = 1_000;
/// States whose actions are learnt before it is told which of them cannot happen.
const LOOKED_AROUND: usize = 5_000;
