//! The cases that are open, and what is answered of them.

mod kept;
mod runs;

use super::compare::compare;
use super::export::{self, Shown};
use super::open::{Open, path_view, step_view};
use super::space::Walk;
use super::view::{
    AskedCase, AskedCompare, AskedExport, CaseView, ClaimView, CommandsView, ComparedView, DifferView, ModelView,
    ModelsView, StartView, SystemView, name_of,
};
use super::{Budget, Refused};
use crate::check::Options;
use crate::interleave::Runner;
use crate::judgement::Judgement;
use crate::memory;
use crate::registry::{Case, InputError, Registry, Row};
use crate::report::words::changes;
use crate::store::{self, Saved, Store};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

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
        ModelsView {
            program: self.program.clone(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            models: self.registry.rows_and_clusters().map(ModelView::of).collect(),
            systems: self.registry.systems().iter().map(SystemView::of).collect(),
            start: self.start.clone(),
        }
    }

    /// Opens a case, or finds it open.
    ///
    /// # Errors
    /// When the registry does not have what is asked for.
    pub fn open(&self, asked: &AskedCase) -> Result<Arc<Open>, Refused> {
        let row = self.registry.find(&asked.model)?;
        let set: Vec<_> = asked.set.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
        let case = row.case(asked.bound.as_deref(), &set, asked.mutant.as_deref())?;
        let name = case_name(&case);
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = in_use(&mut open, &name) {
            return Ok(known);
        }
        let walk = case.subject.walk();
        let view = self.case_view(name, row, &case, &*walk);
        let opened = Arc::new(Open::new(view, case, walk));
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
        in_use(&mut open, name)
            .ok_or_else(|| Refused::Missing(format!("the case `{name}` is not open; open it once more")))
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

impl From<InputError> for Refused {
    fn from(error: InputError) -> Self {
        Refused::Wrong(error.to_string())
    }
}

/// How a check from a page is done.
pub fn options() -> Options {
    Options { memory: memory::safe_share(), ..Options::default() }
}

/// The open case of that name. What is in use is the last to be put away.
fn in_use(open: &mut Vec<Arc<Open>>, name: &str) -> Option<Arc<Open>> {
    let at = open.iter().position(|known| known.view.case == name)?;
    let known = open.remove(at);
    open.push(Arc::clone(&known));
    Some(known)
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
    words.extend(changes(changed, case.mutant.as_deref()));
    words.join(" ")
}

/// Cases that are open at a time. Each keeps the states that were met.
const MOST_OPEN: usize = 8;
