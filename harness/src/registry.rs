//! The models that a command line offers, one row each.
//!
//! A row forgets the model's type, so that commands, reports and tests go over the rows alone. Everything that
//! a user may get wrong (names, constants, what a bound does not have) is refused when a [`Case`] is made, before
//! anything runs.

mod subject;

pub use subject::{Claim, Subject};

use crate::check::{Counterexample, Options, Watch, twin, two_of_one_name};
use crate::cluster::Cluster;
use crate::interleave::{self, Interleavings};
use crate::judgement::{Asked, Judgement};
use crate::links::{Link, Linked, Links, LinksOf};
use crate::memory;
use crate::place::Place;
use proofmark_vocabulary::{
    Bound, Catalogued, Checkable, Constant, ConstantError, Constants, Plain, Profile, PropertySet, Value,
};
use std::any::Any;
use std::collections::BTreeSet;
use std::fmt;
use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, Location};
use std::sync::Arc;

/// The models and systems of a command line.
#[derive(Default)]
pub struct Registry {
    rows: Vec<Row>,
    systems: Vec<SystemRow>,
}

/// One system: code that is tied to its model by links.
pub struct SystemRow {
    /// The name on the command line.
    pub name: &'static str,
    /// What it implements.
    pub about: &'static str,
    /// The cluster of its nodes as a model, named like the system with `.cluster` behind it.
    pub cluster: Row,
    /// Its links that judge runs.
    pub links: Box<dyn Links>,
    /// The cases of its concurrent code, if it has any.
    pub interleavings: Option<&'static dyn Interleavings>,
}

/// One model, its type forgotten.
pub struct Row {
    /// The name on the command line.
    pub name: &'static str,
    /// The source, and what the model is about.
    pub about: &'static str,
    /// The constants that it has.
    pub constants: Vec<Constant>,
    /// The bounds that it is checked at; the first is the default.
    pub bounds: Vec<Bound>,
    /// The bugs that can be planted.
    pub mutants: Vec<MutantRow>,
    /// What is checked, a model or a system, and by which link; `model` is a model's own check.
    pub target: (&'static str, Link),
    /// The source file that adds the row.
    added_in: &'static str,
    build: Box<Build>,
}

type Build = dyn Fn(&Constants, Option<&str>) -> Result<Box<dyn Subject>, ConstantError> + Send + Sync;

/// A mutant, the type of its bug forgotten.
#[derive(Clone, Debug)]
pub struct MutantRow {
    /// The name.
    pub name: &'static str,
    /// The smallest bound that shows it.
    pub bound: &'static str,
    /// The evidence by which each link must report it.
    pub expected: Vec<(Link, &'static str)>,
    /// What the bug teaches.
    pub lesson: &'static str,
}

/// A model at a bound, perhaps with changed constants or a bug planted: ready to be checked.
pub struct Case {
    /// The model's name.
    pub model: &'static str,
    /// The bound.
    pub bound: Bound,
    /// The constants, after the changes.
    pub constants: Constants,
    /// The planted bug, by its mutant's name.
    pub mutant: Option<String>,
    /// The model itself.
    pub subject: Box<dyn Subject>,
    /// The source file that adds the model to the registry.
    added_in: &'static str,
}

/// What was asked for does not exist or does not fit; the text says what, and what there is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputError(String);

impl Registry {
    /// No model.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a model that names its constants, bounds and mutants.
    #[must_use]
    #[track_caller]
    pub fn model<M: Catalogued>(mut self) -> Self {
        self.rows.push(Row::of::<M>(M::NAME, (M::NAME, Link::Model), Location::caller().file()));
        self
    }

    /// Adds a system: code that is tied to its model by links.
    #[must_use]
    #[track_caller]
    pub fn system<S: Linked>(mut self) -> Self {
        // Names live as long as the program; there are as many as there are systems.
        let name = Box::leak(format!("{}.cluster", S::NAME).into_boxed_str());
        let cluster = Row::of_cluster::<S>(name, Location::caller().file());
        let links = Box::new(LinksOf::<S>(PhantomData));
        let interleavings = S::interleavings();
        self.systems.push(SystemRow { name: S::NAME, about: S::ABOUT, cluster, links, interleavings });
        self
    }

    /// Adds a plain Stateright model. It has one bound, `ci`, no constants and no mutants.
    #[must_use]
    #[track_caller]
    pub fn plain<M: Checkable>(
        self,
        name: &'static str,
        about: &'static str,
        model: impl Fn() -> M + Send + Sync + 'static,
    ) -> Self {
        self.plain_with(name, about, Vec::new(), move |_| model())
    }

    /// Adds a plain Stateright model with constants that `--set` may change; each comes with its value at the
    /// one bound, `ci`.
    #[must_use]
    #[track_caller]
    pub fn plain_with<M: Checkable>(
        mut self,
        name: &'static str,
        about: &'static str,
        constants: Vec<(Constant, Value)>,
        model: impl Fn(&Constants) -> M + Send + Sync + 'static,
    ) -> Self {
        let ci = Bound {
            name: "ci",
            about: "the model as it is",
            profile: Profile::Ci,
            constants: constants.iter().map(|(constant, value)| (constant.name, value.clone())).collect(),
            properties: PropertySet::All,
            expected: &[],
            counts: None,
        };
        self.rows.push(Row {
            name,
            about,
            constants: constants.into_iter().map(|(constant, _)| constant).collect(),
            bounds: vec![ci],
            mutants: Vec::new(),
            target: (name, Link::Model),
            added_in: Location::caller().file(),
            build: Box::new(move |constants, _| Ok(Box::new(Arc::new(Plain(model(constants)))))),
        });
        self
    }

    /// The models, in the order in which they were added.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// The systems, in the order in which they were added.
    pub fn systems(&self) -> &[SystemRow] {
        &self.systems
    }

    /// The models, then the clusters of the systems, which are models too.
    pub fn rows_and_clusters(&self) -> impl Iterator<Item = &Row> + Clone {
        self.rows.iter().chain(self.systems.iter().map(|system| &system.cluster))
    }

    /// The model or the cluster of that name.
    ///
    /// # Errors
    /// When there is none; the text lists those that there are.
    pub fn find(&self, name: &str) -> Result<&Row, InputError> {
        let names = self.rows_and_clusters().map(|row| row.name);
        self.rows_and_clusters().find(|row| row.name == name).ok_or_else(|| InputError::unknown("model", name, names))
    }

    /// The system of that name.
    ///
    /// # Errors
    /// When there is none; the text lists those that there are.
    pub fn find_system(&self, name: &str) -> Result<&SystemRow, InputError> {
        let names = self.systems.iter().map(|system| system.name);
        self.systems.iter().find(|row| row.name == name).ok_or_else(|| InputError::unknown("system", name, names))
    }

    /// Whether there are rows and they are sound: names that are file names and unlike each other, and at least
    /// one bound each.
    ///
    /// # Errors
    /// What is wrong with which row: a mistake of whoever wrote the registry.
    pub fn validate(&self) -> Result<(), InputError> {
        if self.rows.is_empty() {
            return Err(InputError("registry: there is no model, so nothing can be checked; add one".to_owned()));
        }
        let mut seen = BTreeSet::new();
        for row in self.rows_and_clusters() {
            if !is_proper(row.name) {
                return Err(InputError(format!(
                    "registry: the model name `{}` must be letters, digits, `-`, `_` and `.`, and begin with neither `-` nor `.`",
                    row.name
                )));
            }
            if !seen.insert(row.name) {
                return Err(InputError(format!(
                    "registry: two models are named `{}`; give one of them another name",
                    row.name
                )));
            }
            if row.bounds.is_empty() {
                return Err(InputError(format!("registry: the model `{}` has no bound", row.name)));
            }
        }
        self.systems.iter().try_for_each(SystemRow::has_proper_cases)
    }
}

impl SystemRow {
    /// The links that it has, in order.
    pub fn own_links(&self) -> Vec<Link> {
        let has = |link: &Link| *link != Link::L6 || self.interleavings.is_some();
        Link::OF_CODE.into_iter().filter(has).collect()
    }

    /// The cases of its concurrent code.
    pub fn cases(&self) -> Vec<interleave::Case> {
        self.interleavings.map(Interleavings::cases).unwrap_or_default()
    }

    /// A case is run and told by its name.
    fn has_proper_cases(&self) -> Result<(), InputError> {
        let cases = self.cases();
        let mut seen = BTreeSet::new();
        match cases.iter().find(|case| !is_proper(case.name) || !seen.insert(case.name)) {
            Some(case) => Err(InputError(format!(
                "registry: the case name `{}` of {} must be unlike the others, of letters, digits, `-`, `_` and `.`, and \
                 begin with neither `-` nor `.`",
                case.name, self.name
            ))),
            None => Ok(()),
        }
    }
}

/// The constants of a bound, with what is set changed.
///
/// # Errors
/// Of a name that the model has not, all those that it has; of a value outside its domain, that constant alone.
pub(crate) fn choose(
    model: &str,
    declared: &[Constant],
    start: &[(&'static str, Value)],
    set: &[(String, String)],
) -> Result<Constants, InputError> {
    if let Some((unknown, _)) = set.iter().find(|(name, _)| declared.iter().all(|constant| constant.name != name)) {
        return Err(InputError::unknown_constant(model, unknown, declared));
    }
    let set = set.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    Constants::choose(declared, start, set).map_err(|refused| InputError(format!("{model}: {refused}")))
}

/// Whether a name can be typed, and be that of a file.
fn is_proper(name: &str) -> bool {
    let proper = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    !name.is_empty() && !name.starts_with(['-', '.']) && name.chars().all(proper)
}

impl Row {
    fn of<M: Catalogued>(name: &'static str, target: (&'static str, Link), added_in: &'static str) -> Self {
        let planted = M::MUTANTS.iter().map(|mutant| MutantRow {
            name: mutant.name,
            bound: mutant.bound,
            expected: vec![(Link::Model, mutant.property)],
            lesson: mutant.lesson,
        });
        Self {
            name,
            about: M::ABOUT,
            constants: M::constants(),
            bounds: M::bounds(),
            mutants: planted.collect(),
            target,
            added_in,
            build: Box::new(|constants, mutant| {
                let bug = M::MUTANTS.iter().find(|planted| Some(planted.name) == mutant).map(|planted| planted.bug);
                Ok(Box::new(Arc::new(M::new(constants, bug)?)))
            }),
        }
    }

    /// The cluster of a system, whose own check is L1.
    fn of_cluster<S: Linked>(name: &'static str, added_in: &'static str) -> Self {
        let planted = S::MUTANTS.iter().map(|mutant| MutantRow {
            name: mutant.name,
            bound: mutant.bound,
            expected: mutant.expected.to_vec(),
            lesson: mutant.lesson,
        });
        Self {
            name,
            about: S::ABOUT,
            constants: S::constants(),
            bounds: S::bounds(),
            mutants: planted.collect(),
            target: (S::NAME, Link::L1),
            added_in,
            build: Box::new(|constants, mutant| {
                let bug = S::MUTANTS.iter().find(|planted| Some(planted.name) == mutant).map(|planted| planted.bug);
                Ok(Box::new(Arc::new(Cluster::of(S::new(constants, bug)?))))
            }),
        }
    }

    /// The bound of that name, or the first where none is named.
    ///
    /// # Errors
    /// When there is none; the text lists those that there are.
    pub fn bound(&self, name: Option<&str>) -> Result<&Bound, InputError> {
        let Some(name) = name else { return Ok(&self.bounds[0]) };
        let what = format!("bound of {}", self.name);
        let names = self.bounds.iter().map(|bound| bound.name);
        self.bounds.iter().find(|bound| bound.name == name).ok_or_else(|| InputError::unknown(&what, name, names))
    }

    /// The mutant of that name.
    ///
    /// # Errors
    /// When there is none; the text lists those that there are.
    pub fn mutant(&self, name: &str) -> Result<&MutantRow, InputError> {
        let what = format!("mutant of {}", self.name);
        let names = self.mutants.iter().map(|mutant| mutant.name);
        self.mutants.iter().find(|mutant| mutant.name == name).ok_or_else(|| InputError::unknown(&what, name, names))
    }

    /// The model at a bound, with the constants of `set` changed and perhaps a bug planted. Without a bound's
    /// name it is the mutant's, or the first.
    ///
    /// # Errors
    /// When a name does not exist, a constant is refused or the bound does not fit the model.
    pub fn case(
        &self,
        bound: Option<&str>,
        set: &[(String, String)],
        mutant: Option<&str>,
    ) -> Result<Case, InputError> {
        let planted = mutant.map(|name| self.mutant(name)).transpose()?;
        let bound = self.bound(bound.or(planted.map(|planted| planted.bound)))?.clone();
        let constants = choose(self.name, &self.constants, &bound.constants, set)?;
        let made = std::panic::catch_unwind(AssertUnwindSafe(|| {
            let subject =
                (self.build)(&constants, mutant).map_err(|refused| InputError(format!("{}: {refused}", self.name)))?;
            let mutant = mutant.map(ToOwned::to_owned);
            let case = Case { model: self.name, bound, constants, mutant, subject, added_in: self.added_in };
            case.has_no_twins()?;
            case.expects_what_it_checks()?;
            Ok(case)
        }));
        made.unwrap_or_else(|panic| self.pass_on(panic.as_ref()))
    }

    /// Passes on a panic of the model while it is made or tells its properties, with the model's name: nothing else
    /// would tell which of them it was.
    fn pass_on(&self, panic: &(dyn Any + Send)) -> ! {
        let text = panic.downcast_ref::<&str>().copied().or(panic.downcast_ref::<String>().map(String::as_str));
        let text = text.unwrap_or("a panic without a text");
        std::panic::resume_unwind(Box::new(format!("while making {}: {text}", self.name)))
    }
}

impl MutantRow {
    /// The evidence by which a link must report it; none where the link must miss it.
    pub fn evidence(&self, link: Link) -> Vec<&'static str> {
        self.expected.iter().filter(|(of, _)| *of == link).map(|(_, evidence)| *evidence).collect()
    }
}

impl Case {
    /// The claims that this bound checks.
    pub fn claims(&self) -> Vec<Claim> {
        self.subject.claims().into_iter().filter(|claim| self.bound.properties.includes(claim.name)).collect()
    }

    /// Checks the model and judges what was found at this bound.
    ///
    /// # Errors
    /// When the options do not fit the model: nothing was explored.
    pub fn check(&self, options: &Options, watch: &dyn Watch) -> Result<Judgement, String> {
        let selected = |name: &str| self.bound.properties.includes(name);
        let expected: Vec<_> = self.bound.expected.iter().map(|&name| name.to_owned()).collect();
        // What must fail is no reason to stop.
        let options = &Options { tolerated: expected.clone(), ..options.clone() };
        let outcome = self.subject.check(&selected, options, watch)?;
        let asked = Asked {
            model: self.model.to_owned(),
            bound: self.bound.name.to_owned(),
            constants: self.constants.clone(),
            mutant: self.mutant.clone(),
            expected,
            engine: options.engine,
            threads: options.threads,
            symmetry: options.symmetry,
        };
        let id = |property: &str, found: &Counterexample| crate::store::id(&asked, property, found);
        let stated = |property: &str, kind: &str| self.stated(property, kind);
        Ok(Judgement::new(&asked, outcome, memory::high_water(), id, stated))
    }

    /// Where a property of that name and kind is stated: in the file that the model names or, for a model that
    /// names none, in the one that adds it to the registry, if its text says so.
    pub fn stated(&self, property: &str, kind: &str) -> Option<Place> {
        match self.subject.file() {
            Some(file) => Some(Place::of(file, property, kind)),
            None => Some(Place::of(self.added_in, property, kind)).filter(|place| place.line.is_some()),
        }
    }

    /// Everything that is told of a property is told by its name.
    fn has_no_twins(&self) -> Result<(), InputError> {
        let claims = self.subject.claims();
        match twin(claims.iter().map(|claim| claim.name)) {
            Some(name) => Err(InputError(format!("{}: {}", self.model, two_of_one_name(name)))),
            None => Ok(()),
        }
    }

    /// An expected failure of a property that is not checked would never be missed.
    fn expects_what_it_checks(&self) -> Result<(), InputError> {
        let claims = self.claims();
        let stray = self.bound.expected.iter().find(|&&name| claims.iter().all(|claim| claim.name != name));
        match stray {
            Some(stray) => Err(InputError(format!(
                "{}: the bound `{}` expects `{stray}` to fail, and checks no property of that name",
                self.model, self.bound.name
            ))),
            None => Ok(()),
        }
    }
}

impl InputError {
    /// An error with this text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// There is no `what` named `name`; lists those that there are, and those that are near first.
    pub fn unknown<'a>(what: &str, name: &str, existing: impl Iterator<Item = &'a str>) -> Self {
        let existing: Vec<_> = existing.collect();
        let list = match existing.as_slice() {
            [] => "there is none".to_owned(),
            all if all.len() <= LISTED => format!("there is: {}", all.join(", ")),
            all => format!("there is: {}, and {} more", all[..LISTED].join(", "), all.len() - LISTED),
        };
        Self(format!("{}\n  {list}", none_named(what, name, &existing)))
    }

    /// A model has no constant of that name; tells what those are that it has.
    fn unknown_constant(model: &str, name: &str, declared: &[Constant]) -> Self {
        let names: Vec<_> = declared.iter().map(|constant| constant.name).collect();
        let mut list: Vec<_> = declared.iter().map(ToString::to_string).collect();
        if list.is_empty() {
            list.push("there is none".to_owned());
        }
        Self(format!("{}\n  {}", none_named(&format!("constant of {model}"), name, &names), list.join("\n  ")))
    }
}

/// That there is no `what` of that name, and which is near.
fn none_named(what: &str, name: &str, existing: &[&str]) -> String {
    let near = nearest(name, existing).map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
    format!("no {what} is named `{name}`{near}")
}

/// The name most like the one given, if any is alike.
fn nearest<'a>(name: &str, existing: &[&'a str]) -> Option<&'a str> {
    let alike = existing.iter().map(|&other| (strsim::jaro_winkler(name, other), other));
    alike.filter(|(alike, _)| *alike > ALIKE).max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, other)| other)
}

impl fmt::Display for InputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl std::error::Error for InputError {}

/// How many names an error lists.
const LISTED: usize = 24;

/// Jaro and Winkler's measure, from 0 to 1, above which a name is worth suggesting.
const ALIKE: f64 = 0.8;
