//! Pinned counterexamples: regression tests, each a file in `corpus/`.
//!
//! A counterexample that was found with a bug planted must be reproduced with that bug, or the link that found it has
//! become blind; and the same events must do no harm without it. One that was found without a bug must do no harm.

use crate::excerpt::FileError;
use crate::registry::{InputError, Registry};
use crate::replay::{Replay, load};
use std::path::{Path, PathBuf};

/// What became of a pinned counterexample.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pinned {
    /// It holds.
    Holds,
    /// It fails without a planted bug; with what exactly went wrong, where more can be said.
    Fails {
        /// The property.
        property: String,
        /// The property's kind.
        kind: String,
        /// What exactly went wrong.
        why: Option<String>,
    },
    /// It is no longer reproduced with its bug planted, for this reason.
    Blind(String),
}

/// Where counterexamples are pinned, below the directory where the program runs.
pub const CORPUS: &str = "corpus";

/// The files of a corpus, in order; none where there is no such directory.
pub fn files(directory: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(directory) else { return Vec::new() };
    let paths = entries.flatten().map(|entry| entry.path());
    let mut files: Vec<_> =
        paths.filter(|path| path.extension().is_some_and(|extension| extension == "json")).collect();
    files.sort();
    files
}

/// Judges a pinned counterexample.
///
/// # Errors
/// When the file is damaged, or names what the registry does not have.
pub fn judge(registry: &Registry, path: &Path) -> Result<Pinned, FileError> {
    let (saved, case) = load(registry, path)?;
    let refused = |error: InputError| FileError::new(format!("{}: {error}", path.display()));
    if saved.mutant.is_some() {
        match case.subject.replay(&saved) {
            Replay::Reproduced(_) => {}
            other => return Ok(Pinned::Blind(format!("{other:?}"))),
        }
    }
    let set: Vec<_> = saved.constants.iter().map(|(name, value)| (name.clone(), value.to_string())).collect();
    let clean =
        registry.find(&saved.model).and_then(|row| row.case(Some(&saved.bound), &set, None)).map_err(refused)?;
    Ok(match clean.subject.rerun(&saved) {
        Replay::Reproduced(why) => Pinned::Fails { property: saved.property, kind: saved.kind, why },
        _ => Pinned::Holds,
    })
}
