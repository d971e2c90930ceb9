//! The page as words: everything that the template shows, so that the template only lays it out.

mod behaviour;
mod code;
mod divergence;
mod matrix;

pub(super) use behaviour::BehaviourView;
pub(super) use code::{LinkView, SystemView};
pub(super) use divergence::drawings;
pub(super) use matrix::{must, outcome, reported};

use super::{Checked, Conclusion, Report, words};
use crate::judgement::{JudgedAction, JudgedProperty, Judgement, PropertyVerdict, Verdict};
use crate::mutants::{MutantResult, MutantVerdict};
use matrix::MatrixView;
use proofmark_vocabulary::Counts;

/// The whole page.
pub(super) struct PageView {
    pub(super) conclusion: Mark,
    pub(super) headline: String,
    pub(super) lead: String,
    pub(super) remarks: Vec<Mark>,
    pub(super) models: Vec<ModelView>,
    pub(super) systems: Vec<SystemView>,
    pub(super) mutants: Vec<MutantView>,
    pub(super) mutants_lead: String,
    pub(super) matrices: Vec<MatrixView>,
    /// The commands that have systems judged by links again.
    pub(super) link_commands: Vec<Entry>,
    pub(super) kinds: Vec<Entry>,
    pub(super) run: Vec<Entry>,
}

/// A verdict: the tone that chooses its colour and its symbol, and the words that need neither.
pub(super) struct Mark {
    pub(super) tone: &'static str,
    pub(super) words: String,
}

/// A name and what it stands for.
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) text: String,
}

/// One model with the bounds at which it was checked.
pub(super) struct ModelView {
    pub(super) name: String,
    pub(super) about: String,
    pub(super) checks: Vec<CheckView>,
}

/// One model at one bound.
pub(super) struct CheckView {
    pub(super) anchor: String,
    pub(super) title: String,
    pub(super) bound: String,
    pub(super) mark: Mark,
    pub(super) purpose: String,
    pub(super) constants: Vec<Entry>,
    pub(super) notes: Vec<Mark>,
    pub(super) figures: Vec<Figure>,
    pub(super) distinct: String,
    pub(super) seconds: String,
    pub(super) properties: Vec<PropertyView>,
    pub(super) properties_in_words: String,
    pub(super) behaviours: Vec<BehaviourView>,
    pub(super) actions_in_words: String,
    pub(super) actions: Vec<ActionView>,
    pub(super) command: String,
}

/// One figure of a search, and how it compares with the record.
pub(super) struct Figure {
    pub(super) name: &'static str,
    pub(super) value: String,
    pub(super) note: String,
    pub(super) differs: bool,
}

/// One property.
pub(super) struct PropertyView {
    pub(super) name: String,
    pub(super) kind: &'static str,
    pub(super) mark: Mark,
    /// The anchor of its counterexample; empty where there is none.
    pub(super) anchor: String,
}

/// The coverage of one kind of action.
pub(super) struct ActionView {
    pub(super) name: &'static str,
    pub(super) generated: String,
    pub(super) distinct: String,
    pub(super) share: String,
}

/// One mutant.
pub(super) struct MutantView {
    pub(super) target: String,
    pub(super) name: String,
    pub(super) property: String,
    pub(super) link: String,
    pub(super) bound: String,
    pub(super) mark: Mark,
    pub(super) seconds: String,
    pub(super) lesson: String,
    pub(super) command: String,
}

impl PageView {
    pub(super) fn new(report: &Report) -> Self {
        let (systems, matrices) = (SystemView::all(report), MatrixView::all(report));
        let mut models: Vec<ModelView> = Vec::new();
        for (at, check) in report.checks.iter().enumerate() {
            let view = CheckView::new(report, check, at + 1);
            match models.last_mut() {
                Some(model) if model.name == check.judgement.model => model.checks.push(view),
                _ => models.push(ModelView {
                    name: check.judgement.model.clone(),
                    about: check.about.clone(),
                    checks: vec![view],
                }),
            }
        }
        Self {
            conclusion: conclusion_mark(report.conclusion()),
            headline: headline(report),
            lead: lead(report),
            remarks: remarks(report, &systems, &matrices),
            models,
            link_commands: link_commands(&systems),
            systems,
            mutants: report.mutants_of_models().map(|mutant| MutantView::new(report, mutant)).collect(),
            mutants_lead: mutants_lead(report),
            matrices,
            kinds: kinds(report),
            run: run_facts(report),
        }
    }
}

impl CheckView {
    fn new(report: &Report, check: &Checked, number: usize) -> Self {
        let judgement = &check.judgement;
        let anchor = format!("check-{number}");
        let properties: Vec<_> = judgement
            .properties
            .iter()
            .enumerate()
            .map(|(at, property)| PropertyView::new(property, &format!("{anchor}-{}", at + 1)))
            .collect();
        let behaviours = judgement
            .properties
            .iter()
            .zip(&properties)
            .filter_map(|(property, view)| {
                let behaviour = BehaviourView::new(&report.run.program, property, &view.anchor)?;
                let page = property.counterexample.as_ref().map_or_else(String::new, |kept| report.page_of(&kept.id));
                Some(BehaviourView { page, ..behaviour })
            })
            .collect();
        Self {
            title: check.title(),
            bound: judgement.bound.clone(),
            mark: check_mark(judgement),
            purpose: check.purpose.clone(),
            constants: judgement
                .constants
                .iter()
                .map(|(name, value)| Entry { name: name.clone(), text: value.to_string() })
                .collect(),
            notes: notes(check),
            figures: figures(check),
            distinct: words::count(judgement.distinct),
            seconds: words::duration(judgement.seconds),
            properties_in_words: properties_in_words(judgement),
            properties,
            behaviours,
            actions_in_words: actions_in_words(judgement),
            actions: judgement.actions.iter().map(|action| ActionView::new(action, judgement)).collect(),
            command: report.command(check),
            anchor,
        }
    }
}

impl Mark {
    fn new(tone: &'static str, words: impl Into<String>) -> Self {
        Self { tone, words: words.into() }
    }
}

impl PropertyView {
    fn new(property: &JudgedProperty, anchor: &str) -> Self {
        let tone = match property.verdict {
            PropertyVerdict::Holds => "good",
            PropertyVerdict::Violated => "bad",
            PropertyVerdict::Expected => "expected",
            PropertyVerdict::Unmet => "void",
            PropertyVerdict::Unknown => "open",
        };
        Self {
            name: property.name.clone(),
            kind: property.kind,
            mark: Mark::new(tone, words::property(property.verdict)),
            anchor: if property.counterexample.is_some() { anchor.to_owned() } else { String::new() },
        }
    }
}

impl ActionView {
    fn new(action: &JudgedAction, judgement: &Judgement) -> Self {
        let steps = judgement.actions.iter().map(|action| action.generated).sum::<u64>();
        Self {
            name: action.name,
            generated: words::count(action.generated),
            distinct: action.distinct.map_or_else(|| "not told".to_owned(), words::count),
            share: format!("{:.1}", if steps == 0 { 0.0 } else { action.generated as f64 / steps as f64 * 100.0 }),
        }
    }
}

impl MutantView {
    fn new(report: &Report, mutant: &MutantResult) -> Self {
        let mut mark = outcome(mutant);
        if let (MutantVerdict::WrongEvidence, Some(reported)) = (mutant.verdict, reported(mutant)) {
            mark.words = format!("{}: {reported}", mark.words);
        }
        Self {
            target: mutant.target.clone(),
            name: mutant.mutant.clone(),
            property: mutant.property.clone(),
            link: mutant.link.to_string(),
            bound: mutant.bound.clone(),
            mark,
            seconds: words::duration(mutant.seconds),
            lesson: mutant.lesson.clone(),
            command: report.mutant_command(mutant),
        }
    }
}

fn conclusion_mark(conclusion: Conclusion) -> Mark {
    match conclusion {
        Conclusion::Ok => Mark::new("good", "ok"),
        Conclusion::Violated => Mark::new("bad", "violated"),
        Conclusion::Diverged => Mark::new("bad", "diverges"),
        Conclusion::Survived => Mark::new("bad", "a mutant survived"),
        Conclusion::Incomplete => Mark::new("open", "incomplete"),
        Conclusion::Vacuous => Mark::new("void", "vacuous"),
        Conclusion::Nothing => Mark::new("void", "nothing checked"),
    }
}

fn headline(report: &Report) -> String {
    match report.conclusion() {
        Conclusion::Ok => sound_headline(report).into(),
        Conclusion::Diverged => "The code takes a step that its model does not allow".into(),
        Conclusion::Violated => match report.count(PropertyVerdict::Violated) {
            0 => "What is claimed of the code fails".into(),
            1 => "A property that should hold is violated".into(),
            many => format!("{} that should hold are violated", words::plural(many, "property", "properties")),
        },
        Conclusion::Survived => "A planted bug went unnoticed".into(),
        Conclusion::Incomplete => "Incomplete: not everything asked for was decided".into(),
        Conclusion::Vacuous => "Vacuous: something that was checked proves nothing".into(),
        Conclusion::Nothing => "Nothing was checked".into(),
    }
}

/// Only what was checked exhaustively is said to be.
fn sound_headline(report: &Report) -> &'static str {
    let as_foreseen = report.mutants.iter().any(|mutant| mutant.verdict != MutantVerdict::Killed);
    match (report.checks.is_empty(), report.conformances.is_empty()) {
        (false, true) => "Everything asked for holds, exhaustively within the bounds",
        (false, false) => "Everything asked for holds, and the code conforms to its model",
        (true, false) => "The code conforms to its model",
        (true, true) if as_foreseen => "Every mutant came to what was foreseen",
        (true, true) => "Every mutant was killed",
    }
}

/// How much was checked, in a sentence or two.
fn lead(report: &Report) -> String {
    let mut sentences = Vec::new();
    if !report.checks.is_empty() {
        sentences.push(lead_of_models(report));
    }
    sentences.extend(code::lead(report));
    sentences.join(" ")
}

fn lead_of_models(report: &Report) -> String {
    let mut models: Vec<_> = report.checks.iter().map(|check| &check.judgement.model).collect();
    models.dedup();
    let states = report.checks.iter().map(|check| check.judgement.distinct).sum();
    format!(
        "{} at {}: {} judged over {} distinct states, in {}.",
        words::plural(models.len(), "model", "models"),
        words::plural(report.checks.len(), "bound", "bounds"),
        words::plural(report.properties().count(), "property", "properties"),
        words::count(states),
        words::duration(report.checks.iter().map(|check| check.judgement.seconds).sum()),
    )
}

/// Whatever keeps the run from being plainly ok, then the failures that were expected and the mutants.
fn remarks(report: &Report, systems: &[SystemView], matrices: &[MatrixView]) -> Vec<Mark> {
    let violated = report.properties().filter(|(_, property)| property.verdict == PropertyVerdict::Violated);
    let mut remarks: Vec<_> = violated
        .map(|(check, property)| Mark::new("bad", format!("Violated: “{}” in {}.", property.name, check.title())))
        .collect();
    let undone = report.run.undone.as_ref();
    remarks.extend(undone.map(|undone| Mark::new("open", format!("The run was interrupted: {undone}."))));
    for check in &report.checks {
        let title = check.title();
        if let Some(doubt) = check.doubt() {
            remarks.push(Mark::new("open", format!("Incomplete: {title}, because {doubt}.")));
        }
        let vacuities = check.judgement.vacuities.iter().map(|vacuity| words::prose(vacuity));
        remarks.extend(vacuities.map(|vacuity| Mark::new("void", format!("Vacuous: {title}: {vacuity}."))));
        if check.differs_from_record() {
            remarks.push(Mark::new("bad", format!("The counts of {title} differ from the recorded ones.")));
        }
    }
    remarks.extend(code::remarks(systems));
    match report.count(PropertyVerdict::Expected) {
        0 => {}
        1 => remarks.push(Mark::new("expected", "One property failed, where its bound says that it must.")),
        many => remarks
            .push(Mark::new("expected", format!("{many} properties failed, where their bounds say that they must."))),
    }
    if report.mutants_of_models().next().is_some() {
        remarks.push(Mark::new(matrix::worst_tone(report.mutants_of_models()), mutants_lead(report)));
    }
    remarks.extend(matrices.iter().map(|matrix| Mark::new(matrix.lead.tone, matrix.lead.words.as_str())));
    remarks
}

fn mutants_lead(report: &Report) -> String {
    let count = |verdict| report.mutants_of_models().filter(|mutant| mutant.verdict == verdict).count();
    let killed = count(MutantVerdict::Killed);
    let noticed = |number| plural_was(number, "noticed by the property that must notice it");
    let mut parts = match report.mutants_of_models().count() {
        1 if killed == 1 => {
            vec!["The bug planted in a model was noticed by the property that must notice it".to_owned()]
        }
        all if killed == all => {
            vec![format!("All {all} bugs planted in models were noticed by the properties that must notice them")]
        }
        1 => vec![format!("Of 1 bug planted in a model, {}", noticed(killed))],
        all => vec![format!("Of {all} bugs planted in models, {}", noticed(killed))],
    };
    for (verdict, what) in [
        (MutantVerdict::WrongEvidence, "noticed by another property only"),
        (MutantVerdict::Survived, "not noticed"),
        (MutantVerdict::Incomplete, "undecided, since the search was cut"),
    ] {
        let number = count(verdict);
        parts.extend((number > 0).then(|| plural_was(number, what)));
    }
    parts.join(", ") + "."
}

fn plural_was(number: usize, what: &str) -> String {
    format!("{number} {} {what}", if number == 1 { "was" } else { "were" })
}

fn check_mark(judgement: &Judgement) -> Mark {
    let words = words::verdict(judgement.verdict);
    match judgement.verdict {
        Verdict::Ok => Mark::new("good", words),
        Verdict::Vacuous => Mark::new("void", words),
        Verdict::Incomplete => Mark::new("open", words),
        Verdict::Violated => Mark::new("bad", words),
    }
}

/// What has to be said of a check beside its verdict, each in a sentence.
fn notes(check: &Checked) -> Vec<Mark> {
    let judgement = &check.judgement;
    let mut notes = Vec::new();
    if let Some(mutant) = &judgement.mutant {
        notes.push(Mark::new("plain", format!("The bug {mutant} is planted in this model, so something must fail.")));
    }
    if let Some(doubt) = check.doubt() {
        notes.push(Mark::new("open", format!("Incomplete: {doubt}. What was not judged may fail.")));
    }
    let vacuities = judgement.vacuities.iter().map(|vacuity| words::prose(vacuity));
    notes.extend(vacuities.map(|vacuity| Mark::new("void", format!("Vacuous: {vacuity}."))));
    for property in &judgement.properties {
        if property.verdict == PropertyVerdict::Expected {
            let sentence = format!("“{}” fails, and this bound says that it must.", property.name);
            notes.push(Mark::new("expected", sentence));
        }
    }
    if judgement.left_boundary > 0 {
        notes.push(Mark::new(
            "plain",
            format!(
                "{} lay outside the model's boundary: behaviours that leave it were not judged.",
                words::plural(usize::try_from(judgement.left_boundary).unwrap_or(usize::MAX), "step", "steps")
            ),
        ));
    }
    if judgement.symmetry {
        notes.push(Mark::new("plain", "States of one orbit under the model's symmetry are counted once."));
    }
    notes
}

fn figures(check: &Checked) -> Vec<Figure> {
    let judgement = &check.judgement;
    let recorded = check.comparable();
    let counted = |name, found: u64, of: fn(Counts) -> u64| {
        let recorded = recorded.map(of);
        let note = match recorded {
            None => String::new(),
            Some(recorded) if recorded == found => "as recorded".to_owned(),
            Some(recorded) => format!("recorded: {}", words::count(recorded)),
        };
        let differs = recorded.is_some_and(|recorded| recorded != found);
        Figure { name, value: words::count(found), note, differs }
    };
    let measured = |name, value, note: &str| Figure { name, value, note: note.to_owned(), differs: false };
    let threads = words::plural(judgement.threads, "thread", "threads");
    vec![
        counted("Distinct states", judgement.distinct, |counts| counts.distinct),
        counted("Generated states", judgement.generated, |counts| counts.generated),
        counted("Depth", judgement.depth, |counts| counts.depth),
        measured("Time", words::duration(judgement.seconds), &format!("{threads}, {} engine", judgement.engine)),
        measured("Generated a second", words::rate(judgement.generated, judgement.seconds), ""),
        measured("Peak memory", words::bytes(judgement.peak_memory_bytes), ""),
        measured("Collision probability", words::probability(judgement.collision_probability), ""),
    ]
}

fn properties_in_words(judgement: &Judgement) -> String {
    let all = judgement.properties.len();
    let count = |verdict| judgement.properties.iter().filter(|property| property.verdict == verdict).count();
    let holds = count(PropertyVerdict::Holds);
    if all == 0 {
        return "none".into();
    }
    let mut parts = vec![if holds == all { format!("all {all} hold") } else { format!("{holds} of {all} hold") }];
    for (verdict, word) in [
        (PropertyVerdict::Violated, "violated"),
        (PropertyVerdict::Expected, "fail as expected"),
        (PropertyVerdict::Unmet, "unmet"),
        (PropertyVerdict::Unknown, "unknown"),
    ] {
        let number = count(verdict);
        parts.extend((number > 0).then(|| format!("{number} {word}")));
    }
    parts.join(", ")
}

fn actions_in_words(judgement: &Judgement) -> String {
    let silent = judgement.actions.iter().filter(|action| action.generated == 0).count();
    match (judgement.actions.len(), silent) {
        (0, _) => "The model names no kinds of action, so none can be reported as never fired.".into(),
        (1, 0) => "The one kind of action was taken".into(),
        (all, 0) => format!("All {all} kinds of action were taken"),
        (all, silent) => format!("{silent} of {all} kinds of action were never taken"),
    }
}

/// The kinds of property that the page names.
fn kinds(report: &Report) -> Vec<Entry> {
    let used = |kind: &str| report.properties().any(|(_, property)| property.kind == kind);
    [
        ("always", "Every reachable state satisfies it."),
        ("step", "Every step between reachable states satisfies it."),
        ("eventually", "Every fair behaviour reaches a state that satisfies it."),
        ("eventually-always", "Every fair behaviour comes to satisfy it for ever."),
        ("leads-to", "In every fair behaviour, the first condition is followed by the second."),
        ("can", "Some reachable state satisfies it: what the other properties say is not said of nothing."),
        ("always-can", "From every reachable state, a state that satisfies it can be reached."),
        ("refinement", "Every behaviour of the model is a behaviour of a simpler specification."),
        ("deadlock", "Every reachable state has a step, but for those in which a behaviour may end."),
    ]
    .into_iter()
    .filter(|(kind, _)| used(kind))
    .map(|(kind, text)| Entry { name: kind.to_owned(), text: text.to_owned() })
    .collect()
}

fn link_commands(systems: &[SystemView]) -> Vec<Entry> {
    let links = systems.iter().flat_map(|system| &system.links).filter(|link| !link.command.is_empty());
    links.map(|link| Entry { name: link.in_full.clone(), text: link.command.clone() }).collect()
}

fn run_facts(report: &Report) -> Vec<Entry> {
    let run = &report.run;
    let entry = |name: &str, text: String| Entry { name: name.to_owned(), text };
    vec![
        entry("Program", format!("{} {}", run.program, run.version)),
        entry("Started", run.started.clone()),
        entry("Took", words::duration(run.seconds)),
        entry("Machine", format!("{}, {}", words::plural(run.machine.cores, "core", "cores"), run.machine.system)),
    ]
}
