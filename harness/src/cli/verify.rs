//! `verify`: everything, and at the end what was verified and what it means.

use super::args::{ProfileArg, Verify, defaults};
use super::conform::Planned;
use super::mutants::Shown;
use super::output::{BAD, DOUBT, GOOD, STRONG};
use super::session::Session;
use super::{Ended, Failure, conform, exit, human, interrupt, mutants, panics};
use crate::conform::{ConformVerdict, Conformance};
use crate::corpus::{self, CORPUS, Pinned};
use crate::judgement::{PropertyVerdict, Verdict, violation_code};
use crate::links::{Link, Plan};
use crate::registry::{Case, InputError, Row};
use crate::report::words::{count, duration, judged, plural};
use proofmark_vocabulary::Profile;
use serde_json::json;
use std::fmt::Write as _;
use std::path::Path;
use textwrap::{WordSeparator, WordSplitter};

pub(super) fn run(session: &mut Session<'_>, asked: Verify) -> Ended {
    let profile = match asked.profile {
        ProfileArg::Ci => Profile::Ci,
        ProfileArg::Deep => Profile::Deep,
    };
    let registry = session.registry;
    let mut cases = Vec::new();
    for row in registry.rows() {
        for bound in row.bounds.iter().filter(|bound| bound.profile <= profile) {
            cases.push((row, row.case(Some(bound.name), &[], None)?));
        }
    }
    let seeds = if profile == Profile::Ci { CI_SEEDS } else { DEEP_SEEDS };
    let plan = || Plan { seeds: 0..seeds, shrink: true, ..Plan::default() };
    let systems = registry.systems().iter().map(|system| Planned::new(system, profile, &Link::OF_CODE, plan()));
    let systems = systems.collect::<Result<Vec<_>, InputError>>()?;
    let planted = mutants::Plan::new(registry, &[], mutants::Effort::Check)?;
    session.refuse_unwritable()?;

    let mut code = check(session, &cases)?;
    let checked = session.checks().len();
    let (of_code, conformed) = conform::conform(session, &systems, conform::Shown::Brief)?;
    code = exit::worse(code, of_code);
    let (of_mutants, killed) = mutants::plant(session, &planted, &defaults(), Shown::Odd)?;
    code = exit::worse(code, of_mutants);
    let (of_corpus, pinned) = corpus(session)?;
    code = exit::worse(code, of_corpus);
    let all = checked == cases.len() && conformed && killed;
    if !all {
        session.interrupted(format!(
            "{} of {} bounds, {} links and {} mutants were not checked",
            cases.len() - checked,
            cases.len(),
            if conformed { "no" } else { "some" },
            if killed { "no" } else { "some" },
        ));
    }
    let code = exit::ended(code, all);
    if !session.json() {
        summary(session, planted.planted(), pinned, code);
    }
    session.write_reports(Some(Path::new(DEFAULT_REPORT)));
    let code = session.ended(code);
    if !session.json() {
        let style = match code {
            exit::OK => GOOD,
            exit::INCOMPLETE | exit::INTERRUPTED | exit::VACUOUS => DOUBT,
            _ => BAD,
        };
        let word = if code == exit::OK { "ok".to_owned() } else { format!("exit code {code}") };
        session.out.line(format_args!("{style}{word}{style:#}: {}", exit::meaning(code)));
    }
    Ok(code)
}

fn check(session: &mut Session<'_>, cases: &[(&Row, Case)]) -> Result<u8, Failure> {
    let width =
        cases.iter().map(|(_, case)| case.model.len() + " at ".len() + case.bound.name.len()).max().unwrap_or(0);
    let options = defaults();
    let mut code = exit::OK;
    for (row, case) in cases {
        if interrupt::requested() {
            break;
        }
        let judgement = session.check(row, case, &options)?;
        code = exit::worse(code, judgement.exit_code());
        if session.json() {
            session.json_line(&judgement)?;
        } else if !session.everywhere.quiet {
            human::brief(&mut session.out, &session.program, &judgement, width);
        } else if judgement.verdict != Verdict::Ok {
            human::quiet(&mut session.out, &judgement);
        }
    }
    Ok(code)
}

/// What was verified, and at which bounds.
fn summary(session: &mut Session<'_>, planted: usize, pinned: usize, code: u8) {
    let mut models: Vec<(String, Vec<String>)> = Vec::new();
    let (mut states, mut holds, mut expected, mut other) = (0, 0, 0, 0);
    for judgement in session.checks().iter().map(|check| &check.judgement) {
        states += judgement.distinct;
        for property in &judgement.properties {
            match property.verdict {
                PropertyVerdict::Holds => holds += 1,
                PropertyVerdict::Expected => expected += 1,
                _ => other += 1,
            }
        }
        let bound = match judgement.verdict {
            Verdict::Ok => judgement.bound.clone(),
            Verdict::Vacuous => format!("{} (vacuous)", judgement.bound),
            Verdict::Incomplete => format!("{} (incomplete)", judgement.bound),
            Verdict::Violated => format!("{} (violated)", judgement.bound),
        };
        match models.last_mut() {
            Some((model, bounds)) if *model == judgement.model => bounds.push(bound),
            _ => models.push((judgement.model.clone(), vec![bound])),
        }
    }
    let killed = mutants::killed(session.mutants());
    let conformances = session.conformances().to_vec();
    let bounds = session.checks().len();
    let seconds = duration(session.seconds());
    let done = if code == exit::OK { "verified" } else { "checked" };
    let program = session.program.clone();
    let out = &mut session.out;
    out.line("");
    out.line(format_args!(
        "{STRONG}{done}{STRONG:#}: {} at {}, {} distinct states, in {seconds}",
        plural(models.len(), "model", "models"),
        plural(bounds, "bound", "bounds"),
        count(states),
    ));
    let width = models.iter().map(|(model, _)| model.len()).max().unwrap_or(0);
    let indent = " ".repeat(width + 4);
    for (model, bounds) in &models {
        let first = format!("  {model:width$}  ");
        let lines = textwrap::Options::new(WIDTH)
            .word_separator(WordSeparator::AsciiSpace)
            .word_splitter(WordSplitter::NoHyphenation)
            .initial_indent(&first)
            .subsequent_indent(&indent);
        out.line(textwrap::fill(&bounds.join(", "), lines));
    }
    let mut told = format!("properties: {} hold", count(holds));
    if expected > 0 {
        let _ = write!(told, ", {expected} fail as their bounds expect (`{program} replay ID` shows each)");
    }
    if other > 0 {
        let _ = write!(told, ", {other} neither");
    }
    out.line(told);
    for Conformance { system, link, verdict, steps, .. } in &conformances {
        if *verdict == ConformVerdict::Ok {
            out.line(format_args!("code: {system} conforms to its model by {link}, in {}", judged(*link, *steps)));
        }
    }
    out.line(format_args!("mutants: {killed} killed of {planted} planted"));
    if pinned > 0 {
        out.line(format_args!("corpus: {}", plural(pinned, "pinned counterexample", "pinned counterexamples")));
    }
}

/// Replays what is pinned; tells how much that is.
fn corpus(session: &mut Session<'_>) -> Result<(u8, usize), Failure> {
    let files = corpus::files(Path::new(CORPUS));
    let mut code = exit::OK;
    for file in &files {
        let judged = panics::catch(|| corpus::judge(session.registry, file))
            .map_err(|panicked| Failure::Internal(format!("while replaying {}: {panicked}", file.display())))?
            .map_err(|error| Failure::Usage(error.to_string()))?;
        let (found, told) = match judged {
            Pinned::Holds => continue,
            Pinned::Fails { property, kind, why } => {
                let why = why.map_or_else(String::new, |why| format!(": {why}"));
                (violation_code(&kind), format!("{property} fails again{why}"))
            }
            Pinned::Blind(why) => (exit::SURVIVED, format!("its bug goes unnoticed: {why}")),
        };
        code = exit::worse(code, found);
        if session.json() {
            session.json_line(&json!({ "pinned": file.display().to_string(), "failure": told }))?;
        } else {
            session.out.line(format_args!("{BAD}pinned{BAD:#}      {}: {told}", file.display()));
        }
    }
    Ok((code, files.len()))
}

/// How wide the list of bounds is, in columns: as wide as the rest of what is told.
const WIDTH: usize = 100;
/// How many runs of the simulator are judged on every run.
const CI_SEEDS: u64 = 300;
/// And with `--profile deep`.
const DEEP_SEEDS: u64 = 10_000;

/// Where the report goes when no directory is named.
pub(super) const DEFAULT_REPORT: &str = ".proofmark/report";
