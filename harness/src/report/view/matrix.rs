//! The kill matrix: what each link says of each bug planted in a system's code.

use super::{Mark, plural_was};
use crate::links::Link;
use crate::mutants::{MutantResult, MutantVerdict, Stress};
use crate::report::{Report, is_in_guard, words};

/// The bugs planted in one system's code, or in its model's guards, and what became of each.
pub(in crate::report) struct MatrixView {
    pub(in crate::report) title: String,
    /// What the rows are.
    pub(in crate::report) what: &'static str,
    pub(in crate::report) anchor: String,
    /// Whether all came to what was foreseen, in a sentence.
    pub(in crate::report) lead: Mark,
    pub(in crate::report) links: Vec<ColumnView>,
    pub(in crate::report) rows: Vec<RowView>,
}

/// A link, and what it killed.
pub(in crate::report) struct ColumnView {
    pub(in crate::report) name: &'static str,
    pub(in crate::report) title: &'static str,
    /// How many it killed, and of how many.
    pub(in crate::report) killed: String,
    /// How many of them no other link killed.
    pub(in crate::report) alone: String,
    /// How many of them stress tests alone would have noticed; empty where there are none.
    pub(in crate::report) stress: String,
}

/// One bug.
pub(in crate::report) struct RowView {
    pub(in crate::report) name: String,
    pub(in crate::report) lesson: String,
    /// The command that plants it again, and has every link judge it.
    pub(in crate::report) command: String,
    /// What each link says, in the order of the columns.
    pub(in crate::report) cells: Vec<CellView>,
}

/// What one link says of one bug.
pub(in crate::report) struct CellView {
    pub(in crate::report) link: &'static str,
    pub(in crate::report) mark: Mark,
    /// The evidence, and what it took to find it.
    pub(in crate::report) details: Vec<String>,
}

impl MatrixView {
    /// For each system a matrix of the bugs planted in its code, and one of the wrong guards of its model.
    pub(in crate::report) fn all(report: &Report) -> Vec<Self> {
        let mut matrices: Vec<(&str, bool, Vec<&MutantResult>)> = Vec::new();
        for in_guards in [false, true] {
            for result in report.mutants_of_links(in_guards) {
                let is_of = |matrix: &&mut (&str, bool, _)| (matrix.0, matrix.1) == (&result.target, in_guards);
                match matrices.iter_mut().find(is_of) {
                    Some((_, _, results)) => results.push(result),
                    None => matrices.push((&result.target, in_guards, vec![result])),
                }
            }
        }
        let matrices = (1..).zip(matrices);
        matrices.map(|(at, (system, in_guards, results))| Self::new(report, at, system, in_guards, &results)).collect()
    }

    fn new(report: &Report, number: usize, system: &str, in_guards: bool, results: &[&MutantResult]) -> Self {
        let judged = |link: &Link| results.iter().any(|result| result.link == *link);
        let links: Vec<_> = Link::OF_CODE.into_iter().filter(judged).collect();
        let mut names: Vec<&str> = Vec::new();
        for result in results {
            if !names.contains(&result.mutant.as_str()) {
                names.push(&result.mutant);
            }
        }
        let of = |name: &str| results.iter().copied().filter(|result| result.mutant == name).collect::<Vec<_>>();
        let (what, title) = if in_guards {
            ("Guard, and what its loss teaches", format!("Guards made wrong in the model of {system}"))
        } else {
            ("Bug, and what it teaches", format!("Bugs planted in the code of {system}"))
        };
        Self {
            title,
            what,
            anchor: format!("matrix-{number}"),
            lead: lead(system, in_guards, names.len(), results),
            links: links.iter().map(|&link| ColumnView::new(link, results)).collect(),
            rows: names.iter().map(|&name| RowView::new(report, &of(name), &links)).collect(),
        }
    }
}

impl ColumnView {
    fn new(link: Link, results: &[&MutantResult]) -> Self {
        let of_link = || results.iter().filter(move |result| result.link == link);
        let killed = |result: &&&MutantResult| result.verdict == MutantVerdict::Killed;
        let by_another =
            |name: &str| results.iter().filter(killed).any(|other| other.link != link && other.mutant == name);
        let all = of_link().filter(killed).count();
        let alone = of_link().filter(killed).filter(|result| !by_another(&result.mutant)).count();
        let owed = || of_link().filter(|result| !result.property.is_empty());
        let (killed_of_owed, owed) = (owed().filter(killed).count(), owed().count());
        Self {
            name: link.name(),
            title: words::link_title(link),
            killed: match all - killed_of_owed {
                more if owed == 0 => format!("{more}, and none that it must kill"),
                0 => format!("{killed_of_owed} of {owed}"),
                more => format!("{killed_of_owed} of {owed}, and {more} more"),
            },
            alone: match alone {
                0 => "none that no other link killed".to_owned(),
                alone => format!("{alone} that no other link killed"),
            },
            stress: by_stress(of_link().filter(killed).filter_map(|result| result.stress.as_ref())),
        }
    }
}

impl RowView {
    fn new(report: &Report, results: &[&MutantResult], links: &[Link]) -> Self {
        let MutantResult { target, mutant: name, lesson, .. } = results[0];
        let cell = |&link: &Link| CellView::new(link, results.iter().copied().find(|result| result.link == link));
        Self {
            name: name.clone(),
            lesson: lesson.clone(),
            command: if is_in_guard(results[0]) {
                report.mutant_command(results[0])
            } else {
                format!("{} conform {target} --mutant {name}", report.run.program)
            },
            cells: links.iter().map(cell).collect(),
        }
    }
}

impl CellView {
    fn new(link: Link, result: Option<&MutantResult>) -> Self {
        let Some(result) = result else {
            return Self { link: link.name(), mark: Mark::new("plain", "not judged"), details: Vec::new() };
        };
        let mut details = vec![evidence(result)];
        details
            .extend(result.events.filter(|&events| events > 0).map(|events| words::plural(events, "event", "events")));
        details.extend(result.interleavings.map(|number| {
            let number = words::count(number);
            format!("in {}, interleaving {number}", result.bound)
        }));
        details.push(seeds(&result.seeds));
        details.push(words::duration(result.seconds));
        details.extend(result.stress.as_ref().map(|stress| match stress.case {
            Some(case) => format!("stress tests alone: noticed by the case {case}"),
            None => "stress tests alone: not noticed".to_owned(),
        }));
        details.retain(|detail| !detail.is_empty());
        Self { link: link.name(), mark: outcome(result), details }
    }
}

/// What became of a mutant, and whether that was foreseen.
pub(in crate::report) fn outcome(mutant: &MutantResult) -> Mark {
    match (mutant.verdict, mutant.foreseen) {
        (MutantVerdict::Killed, true) => Mark::new("good", "killed"),
        (MutantVerdict::Killed, false) => Mark::new("bad", "killed, unforeseen"),
        (MutantVerdict::Survived, true) => Mark::new("expected", "missed, as foreseen"),
        (MutantVerdict::Survived, false) => Mark::new("bad", "survived, unforeseen"),
        (MutantVerdict::WrongEvidence, _) => Mark::new("bad", "wrong evidence"),
        (MutantVerdict::Incomplete, _) => Mark::new("open", "incomplete"),
    }
}

/// What must become of a mutant, as a clause.
pub(in crate::report) fn must(mutant: &MutantResult) -> String {
    match (mutant.link, mutant.property.as_str()) {
        (Link::Model, "") => "the check must miss it".to_owned(),
        (Link::Model, property) => format!("“{property}” must fail"),
        (link, "") if is_in_guard(mutant) => format!("{link} need not report it"),
        (link, "") => format!("{link} must miss it"),
        (link, evidence) => format!("{link} must report it by “{evidence}”"),
    }
}

/// What reported a mutant, where something did, as a clause.
pub(in crate::report) fn reported(mutant: &MutantResult) -> Option<String> {
    let by = mutant.by.as_ref()?;
    Some(if mutant.link == Link::Model { format!("“{by}” failed") } else { format!("“{by}” reported it") })
}

/// The tone of the worst that became of some mutants.
pub(super) fn worst_tone<'a>(mutants: impl Iterator<Item = &'a MutantResult>) -> &'static str {
    let tones: Vec<_> = mutants.filter(|mutant| !mutant.foreseen).map(|mutant| outcome(mutant).tone).collect();
    ["bad", "open"].into_iter().find(|tone| tones.contains(tone)).unwrap_or("good")
}

fn lead(system: &str, in_guards: bool, number: usize, results: &[&MutantResult]) -> Mark {
    let planted = if in_guards {
        format!("{} made wrong in the model of {system}", words::plural(number, "guard", "guards"))
    } else {
        format!("{} planted in the code of {system}", words::plural(number, "bug", "bugs"))
    };
    let killed = |mutant: &MutantResult| mutant.verdict == MutantVerdict::Killed;
    let mut noticed: Vec<_> = results.iter().filter(|result| killed(result)).map(|result| &result.mutant).collect();
    noticed.sort_unstable();
    noticed.dedup();
    let unforeseen = results.iter().filter(|result| !result.foreseen).count();
    let foreseen = match unforeseen {
        0 => "each link said of each what was foreseen".to_owned(),
        1 => "once a link did not say what was foreseen".to_owned(),
        times => format!("{times} times a link did not say what was foreseen"),
    };
    let tone = worst_tone(results.iter().copied());
    let noticed = plural_was(noticed.len(), "killed by at least one link");
    Mark::new(tone, format!("Of {planted}, {noticed}; {foreseen}."))
}

fn evidence(result: &MutantResult) -> String {
    match (result.verdict, &result.by, result.property.as_str()) {
        (MutantVerdict::Killed, Some(by), _) => format!("by “{by}”"),
        (MutantVerdict::Killed, None, _) | (_, None, "") => String::new(),
        (_, Some(by), "") => format!("“{by}”, and this link must miss it"),
        (_, Some(by), must) => format!("“{by}” instead of “{must}”"),
        (_, None, must) => format!("must be reported by “{must}”"),
    }
}

fn by_stress<'a>(stressed: impl Iterator<Item = &'a Stress>) -> String {
    let noticed: Vec<_> = stressed.map(|stress| stress.by.is_some()).collect();
    let by_stress = noticed.iter().filter(|noticed| **noticed).count();
    if noticed.is_empty() { String::new() } else { format!("stress tests alone: {by_stress} of {}", noticed.len()) }
}

/// How many seeds it took to the first kill.
fn seeds(seeds: &[u64]) -> String {
    match (seeds, words::median(seeds), seeds.iter().max()) {
        ([only], ..) => format!("seeds to the first kill: {}", words::count(*only)),
        (seeds, Some(median), Some(&most)) => {
            format!("seeds to the first kill: {median} (median of {}), {} at most", seeds.len(), words::count(most))
        }
        _ => String::new(),
    }
}
