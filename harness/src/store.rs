//! Counterexamples on disk, each under an ID that its content decides.
//!
//! A counterexample is kept twice: as `<ID>.json`, which `replay` reads, and as `<ID>.itf.json` for other tools.

use crate::check::Counterexample;
use crate::itf;
use crate::judgement::{Asked, Judgement};
use crate::report::{WriteError, write_atomically};
use proofmark_vocabulary::Value;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// A counterexample with all that is needed to replay it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Saved {
    /// The version of this format.
    pub schema: u32,
    /// The model's name.
    pub model: String,
    /// The bound at which it was found.
    pub bound: String,
    /// The constants by name.
    pub constants: BTreeMap<String, Value>,
    /// The planted bug, by its mutant's name.
    pub mutant: Option<String>,
    /// The property that fails.
    pub property: String,
    /// The property's kind.
    pub kind: String,
    /// Whether states were told apart by their orbits only.
    pub symmetry: bool,
    /// The states of the behaviour, each with the action that led there.
    pub steps: Vec<crate::check::Step>,
    /// The index of the step to which a lasso returns.
    #[serde(rename = "loop")]
    pub back_to: Option<usize>,
    /// What exactly went wrong, where more can be said than that the property is false.
    pub explanation: Option<String>,
}

/// Where counterexamples are kept.
#[derive(Clone, Debug)]
pub struct Store {
    directory: PathBuf,
}

/// The version of the format that this program writes and reads.
pub const SCHEMA: u32 = 1;

/// The ID of a counterexample: the model's name and a hash of everything that tells it from another. It is the
/// same on every run and machine.
pub fn id(asked: &Asked, property: &str, found: &Counterexample) -> String {
    let constants: BTreeMap<_, _> = asked.constants.iter().collect();
    let told = serde_json::json!([
        SCHEMA,
        asked.model,
        asked.bound,
        constants,
        asked.mutant,
        property,
        asked.symmetry,
        found.steps,
        found.back_to
    ]);
    let digest = Sha256::digest(told.to_string());
    format!("{}-{}", asked.model, hex(&digest[..ID_BYTES]))
}

/// Bytes in hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // To write to a string never fails.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

impl Store {
    /// Counterexamples are kept in `.proofmark/counterexamples` of `directory`.
    pub fn within(directory: &Path) -> Self {
        Self { directory: directory.join(".proofmark").join("counterexamples") }
    }

    /// Keeps every counterexample of a judgement, and its ITF form also in `itf` where that is given.
    ///
    /// # Errors
    /// The first file that could not be written.
    pub fn keep(&self, judgement: &Judgement) -> Result<(), WriteError> {
        counterexamples(judgement).try_for_each(|(id, saved)| self.keep_one(&id, &saved))
    }

    /// Keeps one counterexample.
    ///
    /// # Errors
    /// The first file that could not be written.
    pub fn keep_one(&self, id: &str, saved: &Saved) -> Result<(), WriteError> {
        let text = serde_json::to_string_pretty(saved).unwrap_or_default() + "\n";
        write_atomically(&self.path(id), text.as_bytes())?;
        write_itf(&self.directory, id, saved)
    }

    /// Where the counterexample of that ID is or would be kept.
    pub fn path(&self, id: &str) -> PathBuf {
        self.directory.join(format!("{id}.json"))
    }

    /// The IDs that are kept, in order.
    pub fn ids(&self) -> Vec<String> {
        let Ok(files) = std::fs::read_dir(&self.directory) else { return Vec::new() };
        let names = files.flatten().filter_map(|file| file.file_name().into_string().ok());
        let mut ids: Vec<_> = names
            .filter_map(|name| name.strip_suffix(".json").map(ToOwned::to_owned))
            .filter(|id| Path::new(id).extension().is_none_or(|extension| extension != "itf"))
            .collect();
        ids.sort();
        ids
    }
}

/// Writes the counterexamples of a judgement as ITF into `directory`.
///
/// # Errors
/// The first file that could not be written.
pub fn write_itfs(directory: &Path, judgement: &Judgement) -> Result<(), WriteError> {
    counterexamples(judgement).try_for_each(|(id, saved)| write_itf(directory, &id, &saved))
}

fn write_itf(directory: &Path, id: &str, saved: &Saved) -> Result<(), WriteError> {
    let text = serde_json::to_string_pretty(&itf::trace(saved)).unwrap_or_default() + "\n";
    write_atomically(&directory.join(format!("{id}.itf.json")), text.as_bytes())
}

/// The counterexamples of a judgement as they are kept, each with its ID.
pub fn counterexamples(judgement: &Judgement) -> impl Iterator<Item = (String, Saved)> {
    judgement.properties.iter().filter_map(|property| {
        let kept = property.counterexample.as_ref()?;
        let saved = Saved {
            schema: SCHEMA,
            model: judgement.model.clone(),
            bound: judgement.bound.clone(),
            constants: judgement.constants.clone(),
            mutant: judgement.mutant.clone(),
            property: property.name.clone(),
            kind: property.kind.to_owned(),
            symmetry: judgement.symmetry,
            steps: kept.behaviour.steps.clone(),
            back_to: kept.behaviour.back_to,
            explanation: kept.behaviour.explanation.clone(),
        };
        Some((kept.id.clone(), saved))
    })
}

impl Saved {
    /// Its constants as `--set` takes them, so that a constant that was added since keeps the bound's value.
    pub fn settings(&self) -> Vec<(String, String)> {
        self.constants.iter().map(|(name, value)| (name.clone(), value.to_string())).collect()
    }
}

/// Bytes of the hash in an ID: 40 bits tell a million counterexamples apart.
const ID_BYTES: usize = 5;
