//! Systems and their links: what each link says, and what it has seen.

use super::Mark;
use super::divergence::DivergenceView;
use crate::conform::{ConformVerdict, Conformance, FoundDivergence};
use crate::interleave::CaseResult;
use crate::links::Link;
use crate::report::{Report, words};
use std::collections::{BTreeMap, BTreeSet};

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
    /// The system and the link, as titles name them.
    pub(in crate::report) in_full: String,
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
    /// What has to be said beside the verdict, each in a clause.
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
        found.sort_by_key(|of_link| of_link.link);
        let title = match mutant {
            Some(mutant) => format!("{system}, with the bug {mutant} planted"),
            None => system.to_owned(),
        };
        let seen = Seen { anchor: &anchor, title: &title, links: told_apart(&found) };
        let links: Vec<_> = (1..)
            .zip(&seen.links)
            .map(|(at, (name, found))| LinkView::new(report, &title, name, found, format!("{anchor}-{at}")))
            .collect();
        let mut notes = Vec::new();
        if mutant.is_some() {
            notes.push(Mark::new("plain", "A bug is planted in this code, so some link must find it."));
        }
        for link in &links {
            notes.extend(link.findings.iter().map(|finding| {
                Mark::new(link.mark.tone, format!("{} by {}: {finding}.", words::capitalised(link.verdict), link.name))
            }));
        }
        let tables = [seen.actions(), seen.fields(), seen.faults(), seen.left_out(), seen.cases()];
        Self { notes, tables: tables.into_iter().flatten().collect(), links, title, anchor }
    }
}

/// What links found, with their names: those of the same link bear numbers.
fn told_apart<'a>(found: &[&'a Conformance]) -> Vec<(String, &'a Conformance)> {
    let earlier = |at: usize| found[..at].iter().filter(|other| other.link == found[at].link).count();
    let name = |at: usize| match earlier(at) {
        0 => found[at].link.name().to_owned(),
        others => format!("{} ({})", found[at].link, others + 1),
    };
    found.iter().enumerate().map(|(at, of_link)| (name(at), *of_link)).collect()
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
            in_full: match found.mutant {
                Some(_) => format!("{system}, by {name}"),
                None => format!("{system} by {name}"),
            },
            name: name.to_owned(),
            title: words::link_title(found.link),
            does: words::link_does(found.link),
            mark: Mark::new(tone, words::conformance(found.verdict)),
            verdict: words::conformance(found.verdict),
            took: found.seconds,
            runs: words::runs(found.link, found.runs),
            steps: match found.link {
                Link::L6 => words::judged(found.link, found.steps),
                _ => words::count(found.steps),
            },
            seconds: words::duration(found.seconds),
            findings: findings(found),
            anchor: if divergence.is_some() { anchor } else { String::new() },
            divergence,
            command: report.link_command(found).unwrap_or_default(),
        }
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
    let (of_threads, of_steps): (Vec<_>, Vec<_>) = report.conformances.iter().partition(|found| found.link == Link::L6);
    let steps = of_steps.iter().map(|found| found.steps).sum();
    let interleavings = of_threads.iter().map(|found| found.steps).sum();
    let threads =
        if of_threads.is_empty() { String::new() } else { format!(" and {}", words::judged(Link::L6, interleavings)) };
    (!systems.is_empty()).then(|| {
        format!(
            "{} held to {} by {}: {} steps{threads} of the code judged, in {}.",
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
            let told = |finding: &String| {
                Mark::new(link.mark.tone, format!("{}: {}: {finding}.", words::capitalised(link.verdict), link.in_full))
            };
            link.findings.iter().map(told).collect::<Vec<_>>()
        })
        .collect()
}

/// What keeps a link from being plainly ok, each in a clause.
fn findings(found: &Conformance) -> Vec<String> {
    let mut findings = Vec::new();
    match (found.verdict, &found.divergence) {
        (ConformVerdict::Diverged, Some(FoundDivergence { evidence, .. })) if found.link == Link::L3 => {
            findings.push(format!("the code does not follow the paths of the model: “{evidence}”"));
        }
        (ConformVerdict::Diverged, Some(FoundDivergence { at, evidence, .. })) if found.link == Link::L6 => {
            findings.push(format!("“{evidence}” fails, in {at}"));
        }
        (ConformVerdict::Diverged, Some(FoundDivergence { at, evidence, .. })) => {
            findings.push(format!("the code takes a step that the model does not allow, at {at}: “{evidence}”"));
        }
        (ConformVerdict::Violated, Some(divergence)) => {
            findings.push(format!("“{}” fails, at {}", divergence.property, divergence.at));
        }
        (ConformVerdict::Diverged | ConformVerdict::Violated, None) => {
            findings.push("something else that is claimed of the code fails".to_owned());
        }
        // Its cases tell what they did not come to, below.
        (ConformVerdict::Incomplete, _) if found.link == Link::L6 => {}
        (ConformVerdict::Incomplete, _) => {
            findings.push("a limit was reached, and what was not judged may stray".to_owned());
        }
        (ConformVerdict::Ok | ConformVerdict::Vacuous, _) => {}
    }
    let open = [ConformVerdict::Incomplete, ConformVerdict::Vacuous];
    for case in found.cases.iter().filter(|case| open.contains(&case.verdict)) {
        let word = words::conformance(case.verdict);
        let why = case.why.as_deref().unwrap_or("nothing is known of it");
        findings.push(format!("the case {} is {word}: {}", case.case, why.lines().collect::<Vec<_>>().join(" ")));
    }
    // Of a link that has found something, nothing more is owed.
    if found.verdict == ConformVerdict::Vacuous {
        if !found.unwitnessed.is_empty() {
            let kinds = words::all_of(&found.unwitnessed);
            findings.push(format!("no step of the code was explained by {kinds}, so nothing is known of that"));
        }
        let silent = found.fired.iter().filter(|(_, times)| **times == 0);
        let silent: Vec<_> = silent.map(|(fault, _)| fault.to_string()).collect();
        if !silent.is_empty() {
            findings.push(format!("it never happened that {}, so nothing is known of that", silent.join(", or that ")));
        }
        if findings.is_empty() {
            findings.push("something that should be reached was not".to_owned());
        }
    }
    findings
}

/// What the links of one system have seen.
struct Seen<'a> {
    anchor: &'a str,
    title: &'a str,
    links: Vec<(String, &'a Conformance)>,
}

impl Seen<'_> {
    fn actions(&self) -> Option<CoverageView> {
        let (anchor, caption) = (format!("{}-actions", self.anchor), self.caption_of_actions());
        let witnessed = |found: &Conformance| counts(&found.witnessed, |&kind| kind.to_owned());
        let table = self.table(anchor, "Action of the model", caption, witnessed)?;
        let summary = match (table.rows.len(), table.silent()) {
            (1, 0) => "The one action of the model was witnessed by the code".to_owned(),
            (all, 0) => format!("All {all} actions of the model were witnessed by the code"),
            (all, silent) => format!("{silent} of {all} actions of the model were never witnessed by the code"),
        };
        Some(CoverageView { summary, ..table })
    }

    fn caption_of_actions(&self) -> String {
        let asked = |link| self.links.iter().any(|(_, found)| found.link == link);
        let silent = self.links.iter().filter(|(_, found)| found.witnessed.is_empty());
        let silent: Vec<_> = silent.map(|(name, _)| name).collect();
        let mut caption = format!("How often each action of the model explained a step of {}.", self.title);
        if asked(Link::L3) {
            caption += " By L3: how many of the model’s steps the code was driven through.";
        }
        match silent.as_slice() {
            [] => caption,
            [only] => format!("{caption} {only} does not tell it."),
            several => format!("{caption} {} do not tell it.", words::all_of(several)),
        }
    }

    fn fields(&self) -> Option<CoverageView> {
        let caption = format!("How often each field of the model’s state was compared with what {} holds", self.title);
        let compared = |found: &Conformance| counts(&found.compared, |&field| field.to_owned());
        let anchor = format!("{}-fields", self.anchor);
        let table = self.table(anchor, "Field of the model’s state", caption, compared)?;
        let names: Vec<_> = table.rows.iter().map(|row| row.name.as_str()).collect();
        let number = words::plural(names.len(), "field of the model’s state was", "fields of the model’s state were");
        let mut summary = format!("{number} compared: {}", words::all_of(&names));
        if self.links.iter().any(|(_, found)| found.link == Link::L1) {
            summary += "; L1 compares whole states at every step";
        }
        Some(CoverageView { summary, ..table })
    }

    fn faults(&self) -> Option<CoverageView> {
        let caption = format!("How often each fault of the simulator made a difference in the runs of {}", self.title);
        let fired = |found: &Conformance| counts(&found.fired, ToString::to_string);
        let table = self.table(format!("{}-faults", self.anchor), "Fault", caption, fired)?;
        let summary = match (table.rows.len(), table.silent()) {
            (all, 0) => format!("All {all} faults of the simulator happened"),
            (all, silent) => format!("{silent} of {all} faults of the simulator never happened"),
        };
        Some(CoverageView { summary, ..table })
    }

    fn left_out(&self) -> Option<CoverageView> {
        let caption =
            format!("What the model can do and {} never does by intention, in steps of the model", self.title);
        let reasons = |found: &Conformance| counts(&found.left_out, |&reason| reason.to_owned());
        let table = self.table(format!("{}-left-out", self.anchor), "Reason", caption, reasons)?;
        let steps = self.links.iter().flat_map(|(_, found)| found.left_out.values()).sum::<u64>();
        let summary = format!(
            "{} of the model left out by intention, for {}",
            words::plural(usize::try_from(steps).unwrap_or(usize::MAX), "step", "steps"),
            words::plural(table.rows.len(), "reason", "reasons")
        );
        Some(CoverageView { summary, ..table })
    }

    /// The cases of concurrent code.
    fn cases(&self) -> Option<CoverageView> {
        let cases: Vec<_> = self.links.iter().flat_map(|(_, found)| &found.cases).collect();
        let row = |case: &&CaseResult| {
            let recorded = case.recorded.filter(|_| case.differs_from_record());
            let recorded =
                recorded.map_or_else(String::new, |recorded| format!("; recorded: {}", words::count(recorded)));
            let counts = vec![
                words::case(case.verdict).to_owned(),
                words::interleavings(case) + &recorded,
                words::count(case.histories),
                words::duration(case.seconds),
            ];
            CountsView { name: case.case.to_owned(), counts, seen: true }
        };
        let interleavings = cases.iter().map(|case| case.interleavings).sum();
        let summary = format!(
            "{} of concurrent code, in {}",
            words::plural(cases.len(), "case", "cases"),
            words::judged(Link::L6, interleavings)
        );
        let columns = ["Verdict", "Interleavings", "Histories", "Time"].map(ToOwned::to_owned).to_vec();
        (!cases.is_empty()).then(|| CoverageView {
            anchor: format!("{}-cases", self.anchor),
            summary,
            caption: format!("The cases of concurrent code of {}, each in its interleavings", self.title),
            what: "Case",
            columns,
            rows: cases.iter().map(row).collect(),
        })
    }

    /// Rows of what any link has counted, columns of the links that have; none where none has.
    fn table(
        &self,
        anchor: String,
        what: &'static str,
        caption: String,
        counts: impl Fn(&Conformance) -> Counted,
    ) -> Option<CoverageView> {
        let columns = self.links.iter().map(|(name, found)| (name, counts(found)));
        let columns: Vec<_> = columns.filter(|(_, counted)| !counted.is_empty()).collect();
        let mut rows: Vec<&String> = Vec::new();
        for (row, _) in columns.iter().flat_map(|(_, counted)| counted) {
            if !rows.contains(&row) {
                rows.push(row);
            }
        }
        let times = |row: &String, counted: &Counted| counted.iter().find(|(of, _)| of == row).map(|(_, times)| *times);
        let row = |row: &String| CountsView {
            name: row.clone(),
            counts: columns.iter().map(|(_, counted)| in_words(times(row, counted))).collect(),
            seen: columns.iter().any(|(_, counted)| times(row, counted) > Some(0)),
        };
        let rows: Vec<_> = rows.into_iter().map(row).collect();
        let columns = columns.iter().map(|(name, _)| (*name).clone()).collect();
        (!rows.is_empty()).then_some(CoverageView { anchor, summary: String::new(), caption, what, columns, rows })
    }
}

/// What a link has counted, by name.
type Counted = Vec<(String, u64)>;

fn counts<K>(counted: &BTreeMap<K, u64>, name: impl Fn(&K) -> String) -> Counted {
    counted.iter().map(|(key, &times)| (name(key), times)).collect()
}

fn in_words(times: Option<u64>) -> String {
    match times {
        None => "not told".to_owned(),
        Some(0) => "never".to_owned(),
        Some(times) => words::count(times),
    }
}
