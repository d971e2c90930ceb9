//! What can be opened.

use super::StateName;
use crate::interleave;
use crate::registry::{Row, SystemRow};
use crate::store::Saved;
use proofmark_vocabulary::{Profile, Value};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// What can be opened.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ModelsView {
    /// The name of the program.
    pub program: String,
    /// Its version.
    pub version: String,
    /// The models, then the clusters of the systems.
    pub models: Vec<ModelView>,
    /// The systems.
    pub systems: Vec<SystemView>,
    /// What the program was started with: where a page without a link begins.
    pub start: StartView,
}

/// Where a page without a link begins.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StartView {
    /// The model.
    pub model: String,
    /// The bound.
    pub bound: Option<String>,
    /// The changed constants.
    pub set: BTreeMap<String, String>,
    /// The planted bug.
    pub mutant: Option<String>,
    /// The counterexample to open.
    pub counterexample: Option<String>,
}

/// A model of the registry.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ModelView {
    /// Its name.
    pub name: &'static str,
    /// What it is about.
    pub about: &'static str,
    /// Whether it is the cluster of a system: real code, explored as a model.
    pub cluster: bool,
    /// Its constants.
    pub constants: Vec<ConstantView>,
    /// Its bounds; the first is the default.
    pub bounds: Vec<BoundView>,
    /// The bugs that can be planted.
    pub mutants: Vec<MutantView>,
}

/// A constant.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ConstantView {
    /// Its name.
    pub name: &'static str,
    /// What it is.
    pub about: &'static str,
    /// The values that it may have, in words.
    pub domain: String,
}

/// A bound.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BoundView {
    /// Its name.
    pub name: &'static str,
    /// What it is for.
    pub about: &'static str,
    /// `ci` or `deep`.
    pub profile: &'static str,
    /// The constants.
    #[schema(value_type = Object)]
    pub constants: BTreeMap<&'static str, Value>,
    /// Distinct states, where they are recorded.
    pub distinct: Option<u64>,
}

/// A bug that can be planted.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MutantView {
    /// Its name.
    pub name: &'static str,
    /// The smallest bound that shows it.
    pub bound: &'static str,
    /// What it teaches.
    pub lesson: &'static str,
}

/// A system: code that is tied to its model by links.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SystemView {
    /// Its name.
    pub name: &'static str,
    /// What it implements.
    pub about: &'static str,
    /// Its links.
    pub links: Vec<String>,
    /// The bugs that can be planted in its code.
    pub mutants: Vec<MutantView>,
    /// The cases of its concurrent code, if it has some.
    pub cases: Vec<RunCaseView>,
}

/// A case of concurrent code: some threads, in every order.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RunCaseView {
    /// Its name.
    pub name: &'static str,
    /// What it is about.
    pub about: &'static str,
    /// Who chooses the interleavings: `loom`, `shuttle` or `stress`.
    pub explorer: &'static str,
    /// How many threads it has.
    pub threads: usize,
}

impl ModelView {
    /// A model of the registry, or the cluster of a system.
    pub fn of(row: &Row) -> Self {
        let bounds = row.bounds.iter().map(|bound| BoundView {
            name: bound.name,
            about: bound.about,
            profile: if bound.profile == Profile::Ci { "ci" } else { "deep" },
            constants: bound.constants.iter().cloned().collect(),
            distinct: bound.counts.map(|counts| counts.distinct),
        });
        let constants = row.constants.iter().map(|constant| ConstantView {
            name: constant.name,
            about: constant.about,
            domain: constant.domain.to_string(),
        });
        Self {
            name: row.name,
            about: row.about,
            cluster: row.target.0 != row.name,
            constants: constants.collect(),
            bounds: bounds.collect(),
            mutants: mutants(row),
        }
    }
}

impl SystemView {
    /// A system of the registry.
    pub fn of(row: &SystemRow) -> Self {
        Self {
            name: row.name,
            about: row.about,
            links: row.own_links().iter().map(|link| format!("{link:?}")).collect(),
            mutants: mutants(&row.cluster),
            cases: row.cases().iter().map(RunCaseView::of).collect(),
        }
    }
}

fn mutants(row: &Row) -> Vec<MutantView> {
    let mutants = row.mutants.iter();
    mutants.map(|mutant| MutantView { name: mutant.name, bound: mutant.bound, lesson: mutant.lesson }).collect()
}

impl RunCaseView {
    /// A case as people see it.
    pub fn of(case: &interleave::Case) -> Self {
        Self { name: case.name, about: case.about, explorer: case.explorer.name(), threads: case.threads }
    }
}

/// Asks for a model at a bound, perhaps with changed constants or a bug planted.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskedCase {
    /// The model.
    pub model: String,
    /// The bound; the mutant's or the first where none is named.
    #[serde(default)]
    pub bound: Option<String>,
    /// Changes of constants, as `--set KEY=VALUE` takes them.
    #[serde(default)]
    pub set: BTreeMap<String, String>,
    /// The planted bug.
    #[serde(default)]
    pub mutant: Option<String>,
}

/// A model that is open.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CaseView {
    /// Its name in paths; the same for whoever asks for the same.
    pub case: String,
    /// The model.
    pub model: String,
    /// What the model is about.
    pub about: String,
    /// The bound.
    pub bound: String,
    /// What the bound is for.
    pub bound_about: String,
    /// The constants.
    #[schema(value_type = Object)]
    pub constants: BTreeMap<String, Value>,
    /// The planted bug.
    pub mutant: Option<String>,
    /// What the planted bug teaches.
    pub lesson: Option<String>,
    /// The lines of a diagram; none where the model tells none.
    pub processes: Vec<String>,
    /// The kinds of action, where the model names them.
    pub kinds: Vec<&'static str>,
    /// The guards, where the model names them.
    pub guards: Vec<&'static str>,
    /// What the model claims.
    pub claims: Vec<ClaimView>,
    /// The initial states.
    pub initial: Vec<StateName>,
    /// The commands that check it, and open it here.
    pub commands: CommandsView,
}

/// The commands that lead to what is shown.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CommandsView {
    /// Checks it.
    pub check: String,
    /// Opens it in the explorer.
    pub explore: String,
}

/// A claim of a model.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ClaimView {
    /// Its name.
    pub name: &'static str,
    /// Its kind.
    pub kind: &'static str,
    /// Whether this bound checks it.
    pub checked: bool,
    /// Whether this bound expects it to fail.
    pub expected_to_fail: bool,
    /// Where it is stated.
    pub stated: Option<String>,
}

impl StartView {
    /// The model of a counterexample.
    pub fn of(saved: &Saved) -> Self {
        Self {
            model: saved.model.clone(),
            bound: Some(saved.bound.clone()),
            set: saved.settings().into_iter().collect(),
            mutant: saved.mutant.clone(),
            counterexample: None,
        }
    }

    /// The case that it asks for.
    pub fn asked(&self) -> AskedCase {
        let Self { model, bound, set, mutant, counterexample: _ } = self.clone();
        AskedCase { model, bound, set, mutant }
    }
}
