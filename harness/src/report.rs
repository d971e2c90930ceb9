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
pub use words::count;

use crate::conform::{ConformVerdict, Conformance};
use crate::judgement::{JudgedProperty, Judgement, PropertyVerdict, Verdict};
use crate::links::Link;
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
    /// What the links say of the systems, each a system and a link, in the order of the run.
    pub conformances: Vec<Conformance>,
    /// The mutants that were planted, each under a link; empty where the run planted none.
    pub mutants: Vec<MutantResult>,
    /// Pages in which counterexamples can be walked through, by their IDs; perhaps not of all.
    pub pages: BTreeMap<String, String>,
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
    /// A mutant came to what nobody foresaw: it survived, or the wrong evidence reported it.
    Survived,
    /// The code takes a step that its model does not allow.
    Diverged,
    /// A property that should hold fails, of a model or of the code.
    Violated,
    /// Nothing was checked.
    Nothing,
}

impl Report {
    /// What the run came to. A violation beats a divergence, which beats a surviving mutant, which beats
    /// *incomplete*, which beats *vacuous*; a run that checked nothing is never *ok*.
    pub fn conclusion(&self) -> Conclusion {
        let checked = |verdict| self.checks.iter().any(|check| check.judgement.verdict == verdict);
        let linked = |verdict| self.conformances.iter().any(|found| found.verdict == verdict);
        let mut unforeseen = self.mutants.iter().filter(|mutant| !mutant.foreseen).map(|mutant| mutant.verdict);
        let undecided = unforeseen.clone().any(|verdict| verdict == MutantVerdict::Incomplete);
        if checked(Verdict::Violated) || linked(ConformVerdict::Violated) {
            Conclusion::Violated
        } else if linked(ConformVerdict::Diverged) {
            Conclusion::Diverged
        } else if unforeseen.any(|verdict| verdict != MutantVerdict::Incomplete) {
            Conclusion::Survived
        } else if checked(Verdict::Incomplete)
            || linked(ConformVerdict::Incomplete)
            || undecided
            || self.run.undone.is_some()
        {
            Conclusion::Incomplete
        } else if checked(Verdict::Vacuous) || linked(ConformVerdict::Vacuous) {
            Conclusion::Vacuous
        } else if self.checks.is_empty() && self.conformances.is_empty() && self.mutants.is_empty() {
            Conclusion::Nothing
        } else {
            Conclusion::Ok
        }
    }

    /// The properties of every check, with the check.
    fn properties(&self) -> impl Iterator<Item = (&Checked, &JudgedProperty)> {
        self.checks.iter().flat_map(|check| check.judgement.properties.iter().map(move |property| (check, property)))
    }

    /// The file of the page in which a counterexample can be walked through; empty where there is none.
    fn page_of(&self, id: &str) -> String {
        if self.pages.contains_key(id) { html::file(id) } else { String::new() }
    }

    /// How many properties came to `verdict`.
    fn count(&self, verdict: PropertyVerdict) -> usize {
        self.properties().filter(|(_, property)| property.verdict == verdict).count()
    }

    /// The mutants of models, each judged by its model's own check.
    fn mutants_of_models(&self) -> impl Iterator<Item = &MutantResult> {
        self.mutants.iter().filter(|mutant| mutant.link == Link::Model)
    }

    /// The mutants that links have judged, each under one link: of code, or of the guards of a system's model.
    fn mutants_of_links(&self, in_guards: bool) -> impl Iterator<Item = &MutantResult> {
        self.mutants.iter().filter(move |mutant| mutant.link != Link::Model && is_in_guard(mutant) == in_guards)
    }

    /// The command that repeats a check alone.
    fn command(&self, check: &Checked) -> String {
        let Judgement { model, bound, constants, engine, threads, mutant, symmetry, .. } = &check.judgement;
        let changed = constants.iter().filter(|(name, value)| check.constants.get(*name) != Some(value));
        let mut words = vec![format!("{} check {model} --bound {bound}", self.run.program)];
        words.extend(words::changes(changed, mutant.as_deref()));
        words.extend((*engine != "native").then(|| format!("--engine {engine}")));
        words.extend(symmetry.then(|| "--symmetry".to_owned()));
        words.push(format!("--threads {threads}"));
        words.extend(self.run.options.iter().cloned());
        words.join(" ")
    }

    /// The command that plants a mutant again, and has it judged by the same link.
    fn mutant_command(&self, judged: &MutantResult) -> String {
        let program = &self.run.program;
        let MutantResult { target, mutant, bound, link, .. } = judged;
        match link {
            Link::Model => format!("{program} check {target} --bound {bound} --mutant {mutant}"),
            // A wrong guard is not planted alone.
            _ if is_in_guard(judged) => format!("{program} mutants {target}"),
            link => format!("{program} conform {target} --link {link} --mutant {mutant}"),
        }
    }

    /// The command that has a system judged by a link again: where it strayed, the run of that seed alone. `None`
    /// where the report does not know what was judged: a trace from a file, or the run of one chosen seed.
    fn link_command(&self, found: &Conformance) -> Option<String> {
        let Conformance { system, link, mutant, runs, divergence, .. } = found;
        let mut words = vec![format!("{} conform {system} --link {link}", self.run.program)];
        words.extend(words::changes::<&str, &str>([], mutant.as_deref()));
        if matches!(link, Link::L2 | Link::L5) {
            words.push(match divergence {
                Some(divergence) => format!("--seed {}", divergence.seed?),
                None if *runs > 1 => format!("--seeds {runs}"),
                None => return None,
            });
        }
        Some(words.join(" "))
    }
}

/// Whether it is a guard of a system's model that is wrong, and no bug of its code: those bear names of their own.
fn is_in_guard(mutant: &MutantResult) -> bool {
    mutant.link != Link::Model && ["loosened-", "tightened-"].iter().any(|word| mutant.mutant.starts_with(word))
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
