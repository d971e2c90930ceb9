//! Systems and their links: what each link says, and what it has seen.

use super::Mark;
use super::divergence::DivergenceView;
use crate::conform::{ConformVerdict, Conformance};
use crate::links::Link;
use crate::report::{Report, words};
use std::collections::BTreeSet;

/// One system, as it is or with a bug planted.
pub(in crate::report) struct SystemView {
    pub(in crate::report) anchor: String,
    pub(in crate::report) title: String,
    pub(in crate::report) notes: Vec<Mark>,
    pub(in crate::report) links: Vec<LinkView>,
    pub(in crate::report) tables: Vec<CoverageView>,
}

/// What one link says of a system.
pub(in crate::report) struct LinkView {
    pub(in crate::report) system: String,
    /// Told from other runs of the same link by a number.
    pub(in crate::report) name: String,
    pub(in crate::report) title: &'static str,
    pub(in crate::report) does: &'static str,
    pub(in crate::report) mark: Mark,
    /// The verdict in a word.
    pub(in crate::report) verdict: &'static str,
    /// How long it took, in seconds.
    pub(in crate::report) took: f64,
    pub(in crate::report) runs: String,
    pub(in crate::report) steps: String,
    pub(in crate::report) seconds: String,
    /// What has to be said beside the verdict, each in a sentence.
    pub(in crate::report) findings: Vec<String>,
    pub(in crate::report) divergence: Option<DivergenceView>,
    /// The anchor of the divergence; empty where there is none.
    pub(in crate::report) anchor: String,
    /// The command that has it judged again; empty where the report does not know what was judged.
    pub(in crate::report) command: String,
}

/// How often something was seen, by link.
pub(in crate::report) struct CoverageView {
    pub(in crate::report) anchor: String,
    /// What the table comes to, in a sentence.
    pub(in crate::report) summary: String,
    pub(in crate::report) caption: String,
    pub(in crate::report) what: &'static str,
    pub(in crate::report) columns: Vec<String>,
    pub(in crate::report) rows: Vec<CountsView>,
}

/// One row of counts; what never happened is told in words.
pub(in crate::report) struct CountsView {
    pub(in crate::report) name: String,
    pub(in crate::report) counts: Vec<String>,
    seen: bool,
}

impl SystemView {
    /// The systems in the order of the run; one with a bug planted is another.
    pub(in crate::report) fn all(report: &Report) -> Vec<Self> {
        let mut systems: Vec<(&str, Option<&str>, Vec<&Conformance>)> = Vec::new();
        for found in &report.conformances {
            let (system, mutant) = (found.system.as_str(), found.mutant.as_deref());
            match systems.iter_mut().find(|(name, planted, _)| (*name, *planted) == (system, mutant)) {
                Some((_, _, of_system)) => of_system.push(found),
                None => systems.push((system, mutant, vec![found])),
            }
        }
        let systems = (1..).zip(systems);
        systems.map(|(number, (system, mutant, found))| Self::new(report, number, system, mutant, found)).collect()
    }

    fn new(report: &Report, number: usize, system: &str, mutant: Option<&str>, mut found: Vec<&Conformance>) -> Self {
        let anchor = format!("system-{number}");
        found.sort_by_key(|found| found.link);
        let mut names: Vec<String> = Vec::new();
        for of_link in &found {
            let earlier = names.iter().filter(|name| name.starts_with(of_link.link.name())).count();
            names.push(match earlier {
                0 => of_link.link.name().to_owned(),
                n => format!("{} ({})", of_link.link, n + 1),
            });
        }
        let title = match mutant {
            Some(mutant) => format!("{system}, with the bug {mutant} planted"),
            None => system.to_owned(),
        };
        let mut notes = Vec::new();
        if mutant.is_some() {
            notes.push(Mark::new("plain", "A bug is planted in this code, so some link must find it."));
        }
        let named: Vec<_> = names.iter().map(String::as_str).zip(found).collect();
        let links: Vec<_> = (1..)
            .zip(&named)
            .map(|(at, (name, found))| LinkView::new(report, &title, name, found, format!("{anchor}-{at}")))
            .collect();
        for link in &links {
            notes.extend(
                link.findings.iter().map(|finding| Mark::new(link.mark.tone, format!("{}: {finding}", link.name))),
            );
        }
        Self {
            notes,
            tables: [actions(&named), fields(&named), faults(&named), left_out(&named)]
                .into_iter()
                .zip(["actions", "fields", "faults", "left-out"])
                .filter_map(|(table, what)| {
                    let table = table?;
                    Some(CoverageView {
                        anchor: format!("{anchor}-{what}"),
                        caption: format!("{} {title}", table.caption),
                        ..table
                    })
                })
                .collect(),
            links,
            title,
            anchor,
        }
    }
}

impl LinkView {
    fn new(report: &Report, system: &str, name: &str, found: &Conformance, anchor: String) -> Self {
        let tone = match found.verdict {
            ConformVerdict::Ok => "good",
            ConformVerdict::Vacuous => "void",
            ConformVerdict::Incomplete => "open",
            ConformVerdict::Violated | ConformVerdict::Diverged => "bad",
        };
        let divergence = DivergenceView::new(report, found, &anchor);
        Self {
            system: system.to_owned(),
            name: name.to_owned(),
            title: words::link_title(found.link),
            does: words::link_does(found.link),
            mark: Mark::new(tone, words::conformance(found.verdict)),
            verdict: words::conformance(found.verdict),
            took: found.seconds,
            runs: words::runs(found.link, found.runs),
            steps: words::count(found.steps),
            seconds: words::duration(found.seconds),
            findings: findings(found),
            anchor: if divergence.is_some() { anchor } else { String::new() },
            divergence,
            command: report.link_command(found).unwrap_or_default(),
        }
    }

    /// The system and the link, as titles name them.
    pub(in crate::report) fn title_of_both(&self) -> String {
        format!("{} by {}", self.system, self.name)
    }
}

impl CoverageView {
    /// How many rows were never seen.
    fn silent(&self) -> usize {
        self.rows.iter().filter(|row| !row.seen).count()
    }
}

/// How many systems are held to their models, in a sentence; none where no link was asked.
pub(super) fn lead(report: &Report) -> Option<String> {
    let systems: BTreeSet<_> = report.conformances.iter().map(|found| &found.system).collect();
    let links: BTreeSet<_> = report.conformances.iter().map(|found| found.link.name()).collect();
    let links: Vec<_> = links.into_iter().collect();
    let steps = report.conformances.iter().map(|found| found.steps).sum();
    (!systems.is_empty()).then(|| {
        format!(
            "{} held to {} by {}: {} steps of the code judged, in {}.",
            words::plural(systems.len(), "system", "systems"),
            if systems.len() == 1 { "its model" } else { "their models" },
            words::all_of(&links),
            words::count(steps),
            words::duration(report.conformances.iter().map(|found| found.seconds).sum()),
        )
    })
}

/// Whatever keeps a link from being plainly ok.
pub(super) fn remarks(systems: &[SystemView]) -> Vec<Mark> {
    let links = systems.iter().flat_map(|system| &system.links);
    links
        .flat_map(|link| {
            let told = |finding: &String| Mark::new(link.mark.tone, format!("{}: {finding}", link.title_of_both()));
            link.findings.iter().map(told).collect::<Vec<_>>()
        })
        .collect()
}

/// What keeps a link from being plainly ok, each in a sentence.
fn findings(found: &Conformance) -> Vec<String> {
    let mut findings = Vec::new();
    match (found.verdict, &found.divergence) {
        (ConformVerdict::Diverged, Some(divergence)) => findings.push(format!(
            "the code takes a step that the model does not allow, at {}: “{}”.",
            divergence.at, divergence.evidence
        )),
        (ConformVerdict::Violated, Some(divergence)) => {
            findings.push(format!("“{}” fails, at {}.", divergence.property, divergence.at));
        }
        (ConformVerdict::Diverged | ConformVerdict::Violated, None) => {
            findings.push("something else that is claimed of the code fails.".to_owned());
        }
        (ConformVerdict::Incomplete, _) => {
            findings.push("a limit was reached. What was not judged may stray.".to_owned());
        }
        (ConformVerdict::Ok | ConformVerdict::Vacuous, _) => {}
    }
    // Of a link that has found something, nothing more is owed.
    if found.verdict == ConformVerdict::Vacuous {
        if !found.unwitnessed.is_empty() {
            let kinds = words::all_of(&found.unwitnessed);
            findings.push(format!("no step of the code was explained by {kinds}, so nothing is known of that."));
        }
        let silent = found.fired.iter().filter(|(_, times)| **times == 0);
        let silent: Vec<_> = silent.map(|(fault, _)| fault.to_string()).collect();
        if !silent.is_empty() {
            findings
                .push(format!("it never happened that {}, so nothing is known of that.", silent.join(", or that ")));
        }
        if findings.is_empty() {
            findings.push("something that should be reached was not.".to_owned());
        }
    }
    findings
}

/// A link by its name, and what it found.
type Named<'a> = (&'a str, &'a Conformance);

fn actions(named: &[Named<'_>]) -> Option<CoverageView> {
    let table = table(named, "Action of the model", |found| {
        found.witnessed.iter().map(|(&kind, &times)| (kind.to_owned(), times)).collect()
    })?;
    let summary = match (table.rows.len(), table.silent()) {
        (1, 0) => "The one action of the model was witnessed by the code".to_owned(),
        (all, 0) => format!("All {all} actions of the model were witnessed by the code"),
        (all, silent) => format!("{silent} of {all} actions of the model were never witnessed by the code"),
    };
    let caption = "How often each action of the model explained a step of the code (by L3: how many steps of the model \
                   the code was driven through), of";
    Some(CoverageView { summary, caption: caption.to_owned(), ..table })
}

fn fields(named: &[Named<'_>]) -> Option<CoverageView> {
    let table = table(named, "Field of the model’s state", |found| {
        found.compared.iter().map(|(&field, &times)| (field.to_owned(), times)).collect()
    })?;
    let names: Vec<_> = table.rows.iter().map(|row| row.name.as_str()).collect();
    let whole = if named.iter().any(|(_, found)| found.link == Link::L1) {
        "; L1 compares whole states at every step"
    } else {
        ""
    };
    let caption = "How often each field of the model’s state was compared with the code’s, of";
    let fields = words::plural(names.len(), "field of the model’s state was", "fields of the model’s state were");
    let summary = format!("{fields} compared: {}{whole}", words::all_of(&names));
    Some(CoverageView { summary, caption: caption.to_owned(), ..table })
}

fn faults(named: &[Named<'_>]) -> Option<CoverageView> {
    let table =
        table(named, "Fault", |found| found.fired.iter().map(|(fault, &times)| (fault.to_string(), times)).collect())?;
    let summary = match (table.rows.len(), table.silent()) {
        (all, 0) => format!("All {all} faults of the simulator happened"),
        (all, silent) => format!("{silent} of {all} faults of the simulator never happened"),
    };
    let caption = "How often each fault of the simulator made a difference in the runs of";
    Some(CoverageView { summary, caption: caption.to_owned(), ..table })
}

fn left_out(named: &[Named<'_>]) -> Option<CoverageView> {
    let table = table(named, "Reason", |found| {
        found.left_out.iter().map(|(&reason, &times)| (reason.to_owned(), times)).collect()
    })?;
    let steps = named.iter().flat_map(|(_, found)| found.left_out.values()).sum::<u64>();
    let steps = words::plural(usize::try_from(steps).unwrap_or(usize::MAX), "step", "steps");
    let reasons = words::plural(table.rows.len(), "reason", "reasons");
    let summary = format!("{steps} of the model left out by intention, for {reasons}");
    let caption = "What the model can do and the code never does by intention, in steps of the model, of";
    Some(CoverageView { summary, caption: caption.to_owned(), ..table })
}

/// Rows of what any link has counted, columns of the links that have; none where none has.
fn table(
    named: &[Named<'_>],
    what: &'static str,
    counts: impl Fn(&Conformance) -> Vec<(String, u64)>,
) -> Option<CoverageView> {
    let counted: Vec<_> = named.iter().map(|(name, found)| (*name, counts(found))).collect();
    let counted: Vec<_> = counted.into_iter().filter(|(_, counts)| !counts.is_empty()).collect();
    let mut names: Vec<&String> = Vec::new();
    for (name, _) in counted.iter().flat_map(|(_, counts)| counts) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let count = |name: &String, counts: &[(String, u64)]| match counts.iter().find(|(counted, _)| counted == name) {
        None => "not told".to_owned(),
        Some((_, 0)) => "never".to_owned(),
        Some((_, times)) => words::count(*times),
    };
    let row = |name: &String| CountsView {
        name: name.clone(),
        counts: counted.iter().map(|(_, counts)| count(name, counts)).collect(),
        seen: counted.iter().flat_map(|(_, counts)| counts).any(|(counted, times)| counted == name && *times > 0),
    };
    (!names.is_empty()).then(|| CoverageView {
        anchor: String::new(),
        summary: String::new(),
        caption: String::new(),
        what,
        columns: counted.iter().map(|(name, _)| (*name).to_owned()).collect(),
        rows: names.iter().map(|name| row(name)).collect(),
    })
}
