//! Mutants: bugs planted on purpose, and what became of each.

use crate::check::{Cut, Finding, Options, Watch};
use crate::judgement::{PropertyVerdict, Verdict};
use crate::registry::{Case, InputError, MutantRow, Row};
use serde::Serialize;
use std::time::Instant;

/// What became of one mutant under one link. Serialised, it is a line of `mutants --format json`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MutantResult {
    /// The model or system in which the bug was planted.
    pub target: String,
    /// The mutant's name.
    pub mutant: String,
    /// The link that had to notice it; `model` is a mutated model's own check.
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

/// The model with the mutant planted, at the mutant's bound.
///
/// # Errors
/// When the bound or the property does not exist, or the property fails there even without the mutant.
pub fn case(row: &Row, mutant: &MutantRow) -> Result<Case, InputError> {
    let case = row.case(Some(mutant.bound), &[], Some(mutant.name))?;
    let MutantRow { name, bound, property, .. } = mutant;
    if case.bound.expected.contains(property) {
        return Err(InputError::new(format!(
            "{}: the mutant `{name}` must be killed by `{property}`, which fails at `{bound}` even without it",
            row.name
        )));
    }
    let claims = case.claims();
    if claims.iter().all(|claim| claim.name != *property) {
        let what = format!("property that {} checks at `{bound}`, and that must kill `{name}`,", row.name);
        return Err(InputError::unknown(&what, property, claims.iter().map(|claim| claim.name)));
    }
    Ok(case)
}

/// Searches a case of [`case`] as long as it takes to know what became of the mutant; `None` when the user
/// stopped the search before.
///
/// # Errors
/// When the options do not fit the model.
pub fn judge(
    row: &Row,
    mutant: &MutantRow,
    case: &Case,
    options: &Options,
    watch: &dyn Watch,
) -> Result<Option<MutantResult>, String> {
    let started = Instant::now();
    // Only the property that must fail is judged at first: its failure ends the search.
    let alone = Options { fail_fast: true, ..options.clone() };
    let outcome = case.subject.check(&|name| name == mutant.property, &alone, watch)?;
    let failed = outcome.properties.iter().any(|property| {
        property.name == mutant.property && matches!(property.finding, Finding::Violated(_) | Finding::Unmet)
    });
    let (verdict, by) = if failed {
        (MutantVerdict::Killed, Some(mutant.property.to_owned()))
    } else if outcome.cut == Some(Cut::Interrupted) {
        return Ok(None);
    } else if outcome.cut.is_some() {
        (MutantVerdict::Incomplete, None)
    } else {
        match evidence(case, options, watch)? {
            Some(found) => found,
            None => return Ok(None),
        }
    };
    Ok(Some(MutantResult {
        target: row.target.0.to_owned(),
        mutant: mutant.name.to_owned(),
        link: row.target.1.to_owned(),
        property: mutant.property.to_owned(),
        lesson: mutant.lesson.to_owned(),
        bound: case.bound.name.to_owned(),
        verdict,
        by,
        seconds: started.elapsed().as_secs_f64(),
    }))
}

/// Whether anything else notices a mutant whose own property does not.
fn evidence(
    case: &Case,
    options: &Options,
    watch: &dyn Watch,
) -> Result<Option<(MutantVerdict, Option<String>)>, String> {
    let judgement = case.check(options, watch)?;
    let failed = judgement.properties.iter().find(|property| property.verdict == PropertyVerdict::Violated);
    Ok(match judgement.verdict {
        Verdict::Violated => Some((MutantVerdict::WrongEvidence, failed.map(|property| property.name.clone()))),
        Verdict::Vacuous => Some((MutantVerdict::WrongEvidence, judgement.vacuities.first().cloned())),
        Verdict::Incomplete if judgement.interrupted => None,
        Verdict::Incomplete => Some((MutantVerdict::Incomplete, None)),
        Verdict::Ok => Some((MutantVerdict::Survived, None)),
    })
}
