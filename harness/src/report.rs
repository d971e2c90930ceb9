//! What a run found, for people and for machines that watch over a repository: one HTML page, the XML of
//! `JUnit`, annotations and a summary for GitHub.
//!
//! A report is a plain value and every form of it is a function of that value alone, so the same run gives
//! the same bytes. The clock, the environment and the machine are asked at the edge, by the command line.

mod file;
pub mod github;
pub mod html;
pub mod junit;
#[cfg(test)]
mod tests;
mod view;
pub(crate) mod words;

pub use file::{WriteError, write_atomically};

use crate::judgement::{JudgedProperty, Judgement, PropertyVerdict, Verdict};
use crate::mutants::{MutantResult, MutantVerdict};
use proofmark_vocabulary::{Counts, Value};
use std::collections::BTreeMap;

/// Everything that one run found.
#[derive(Clone, Debug)]
pub struct Report {
    /// The run itself.
    pub run: Run,
    /// The models that were checked, each at a bound, in the order of the run.
    pub checks: Vec<Checked>,
    /// The mutants that were planted; empty where the run planted none.
    pub mutants: Vec<MutantResult>,
}

/// A run: what was asked, when and where.
#[derive(Clone, Debug)]
pub struct Run {
    /// The name by which the program is called, with which every command of the report begins.
    pub program: String,
    /// The command line, as it was typed.
    pub command: String,
    /// The program's version.
    pub version: String,
    /// When the run started, as it is to be shown.
    pub started: String,
    /// How long it took.
    pub seconds: f64,
    /// Where it ran.
    pub machine: Machine,
    /// Options that applied to every check and that a judgement does not tell, such as `--max-states 1000`;
    /// they are part of every command of the report.
    pub options: Vec<String>,
    /// What was asked for and not done, as a clause such as `2 of 9 bounds were not checked`; `None` where the
    /// run came to its end.
    pub undone: Option<String>,
}

/// The machine of a run.
#[derive(Clone, Debug)]
pub struct Machine {
    /// Processors that the run could use.
    pub cores: usize,
    /// The operating system and the architecture, such as `linux x86_64`.
    pub system: String,
}

/// A model that was checked at a bound, and what its authors say of both.
#[derive(Clone, Debug)]
pub struct Checked {
    /// What was found.
    pub judgement: Judgement,
    /// The model's source and what it is about; empty for a model that says nothing of itself.
    pub about: String,
    /// What the bound is for; empty likewise.
    pub purpose: String,
    /// The bound's own constants, before `--set` changed any.
    pub constants: BTreeMap<String, Value>,
    /// What an exhaustive search at the bound's own constants found when it was recorded.
    pub recorded: Option<Counts>,
}

/// What a run as a whole came to. The worst of its parts, and *nothing* if it had none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conclusion {
    /// Everything asked for holds, exhaustively within the bounds.
    Ok,
    /// Something proves nothing.
    Vacuous,
    /// A search was cut and nothing was found.
    Incomplete,
    /// A mutant survived, or another property than the one named noticed it.
    Survived,
    /// A property that should hold fails.
    Violated,
    /// Nothing was checked.
    Nothing,
}

impl Report {
    /// What the run came to. A violation beats a surviving mutant, which beats *incomplete*, which beats
    /// *vacuous*; a run that checked nothing is never *ok*.
    pub fn conclusion(&self) -> Conclusion {
        let checked = |verdict| self.checks.iter().any(|check| check.judgement.verdict == verdict);
        let mutant = |verdict| self.mutants.iter().any(|mutant| mutant.verdict == verdict);
        if checked(Verdict::Violated) {
            Conclusion::Violated
        } else if mutant(MutantVerdict::Survived) || mutant(MutantVerdict::WrongEvidence) {
            Conclusion::Survived
        } else if checked(Verdict::Incomplete) || mutant(MutantVerdict::Incomplete) || self.run.undone.is_some() {
            Conclusion::Incomplete
        } else if checked(Verdict::Vacuous) {
            Conclusion::Vacuous
        } else if self.checks.is_empty() && self.mutants.is_empty() {
            Conclusion::Nothing
        } else {
            Conclusion::Ok
        }
    }

    /// The properties of every check, with the check.
    fn properties(&self) -> impl Iterator<Item = (&Checked, &JudgedProperty)> {
        self.checks.iter().flat_map(|check| check.judgement.properties.iter().map(move |property| (check, property)))
    }

    /// How many properties came to `verdict`.
    fn count(&self, verdict: PropertyVerdict) -> usize {
        self.properties().filter(|(_, property)| property.verdict == verdict).count()
    }

    /// How many mutants came to `verdict`.
    fn count_mutants(&self, verdict: MutantVerdict) -> usize {
        self.mutants.iter().filter(|mutant| mutant.verdict == verdict).count()
    }

    /// The command that repeats a check alone.
    fn command(&self, check: &Checked) -> String {
        let Judgement { model, bound, constants, engine, threads, mutant, symmetry, .. } = &check.judgement;
        let changed = constants.iter().filter(|(name, value)| check.constants.get(*name) != Some(value));
        let mut words = vec![format!("{} check {model} --bound {bound}", self.run.program)];
        words.extend(changed.map(|(name, value)| format!("--set {name}={value}")));
        words.extend(mutant.iter().map(|mutant| format!("--mutant {mutant}")));
        words.extend((*engine != "native").then(|| format!("--engine {engine}")));
        words.extend(symmetry.then(|| "--symmetry".to_owned()));
        words.push(format!("--threads {threads}"));
        words.extend(self.run.options.iter().cloned());
        words.join(" ")
    }

    /// The command that plants a mutant again.
    fn mutant_command(&self, mutant: &MutantResult) -> String {
        let MutantResult { target, mutant, bound, .. } = mutant;
        format!("{} check {target} --bound {bound} --mutant {mutant}", self.run.program)
    }
}

impl Checked {
    /// The recorded counts, where they are about what was searched: the bound's own constants, no bug
    /// planted, every state told apart, to the end.
    fn comparable(&self) -> Option<Counts> {
        let judgement = &self.judgement;
        let same = judgement.complete
            && judgement.mutant.is_none()
            && !judgement.symmetry
            && judgement.constants == self.constants;
        self.recorded.filter(|_| same)
    }

    /// Whether what was found differs from what was recorded.
    fn differs_from_record(&self) -> bool {
        let Judgement { generated, distinct, depth, .. } = self.judgement;
        self.comparable().is_some_and(|recorded| recorded != Counts { generated, distinct, depth })
    }

    /// Why the search could not tell everything, as a clause; `None` where it could.
    fn doubt(&self) -> Option<String> {
        let Judgement { cut, properties, engine, .. } = &self.judgement;
        match cut {
            // A limit's clause has its verb: "the depth limit of 5 was reached"; the others want one.
            Some(cut) if cut.starts_with("the ") => Some(cut.clone()),
            Some(cut) => Some(format!("the search was {cut}")),
            None => {
                let unknown = properties.iter().filter(|property| property.verdict == PropertyVerdict::Unknown);
                let names: Vec<_> = unknown.map(|property| format!("“{}”", property.name)).collect();
                (!names.is_empty()).then(|| format!("the {engine} engine does not judge {}", names.join(", ")))
            }
        }
    }

    /// The model and its bound, as titles name them.
    fn title(&self) -> String {
        let Judgement { model, bound, mutant, .. } = &self.judgement;
        match mutant {
            Some(mutant) => format!("{model} at {bound}, with the bug {mutant} planted"),
            None => format!("{model} at {bound}"),
        }
    }
}
