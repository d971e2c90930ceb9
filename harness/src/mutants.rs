//! Mutants: bugs planted on purpose, and what became of each.

use serde::Serialize;

/// What became of one mutant under one link. Serialised, it is a line of `mutants --format json`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MutantResult {
    /// The model or system in which the bug was planted.
    pub target: String,
    /// The mutant's name.
    pub mutant: String,
    /// The link that had to notice it; `model` is the check of the mutated model.
    pub link: String,
    /// The property that must fail.
    pub property: String,
    /// What the bug teaches.
    pub lesson: String,
    /// The bound at which it was checked.
    pub bound: String,
    /// What became of it.
    pub verdict: MutantVerdict,
    /// What noticed it: the property that failed. With `wrong-evidence`, not the one that must.
    pub by: Option<String>,
    /// How long that took.
    pub seconds: f64,
}

/// What became of a mutant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum MutantVerdict {
    /// The property that must fail failed.
    Killed,
    /// Something else failed.
    WrongEvidence,
    /// Nothing failed.
    Survived,
    /// The search was cut before anything failed.
    Incomplete,
}
