//! `mutants`: the kill matrix.

use super::args::defaults;
use super::output::{BAD, DOUBT, FAINT, GOOD, STRONG, note};
use super::session::Session;
use super::{Ended, Failure, cases, exit, interrupt, panics};
use crate::check::Options;
use crate::interleave::{self, Explorer};
use crate::links::{Link, Wrong};
use crate::mutants::{self, MutantResult, MutantVerdict, Stress};
use crate::registry::{Case, InputError, MutantRow, Registry, Row, SystemRow};
use crate::report::words::{count, duration, mutant as word, plural};
use proofmark_vocabulary::Profile;
use std::collections::BTreeSet;
use std::fmt::Write as _;

pub(super) fn run(session: &mut Session<'_>, targets: &[String]) -> Ended {
    let registry = session.registry;
    let plan = Plan::new(registry, targets, Effort::Measure)?;
    if session.everywhere.itf.is_some() {
        return Err(Failure::Usage("--itf: `mutants` keeps no counterexamples; `check --mutant` does".to_owned()));
    }
    session.refuse_unwritable()?;
    let (code, all) = plant(session, &plan, &defaults(), Shown::Each)?;
    if !all {
        session.interrupted("not every mutant was planted".to_owned());
    }
    // No mutant tells as much as no model: nothing was tried, and the properties are worth what they were before.
    let code = if plan.planted() == 0 { exit::VACUOUS } else { code };
    if plan.planted() == 0 {
        note("vacuous: there is no mutant to plant, so nothing is known of what the properties notice");
    } else if !session.json() {
        let (killed, of) = (killed(session.mutants()), plural(plan.planted(), "mutant", "mutants"));
        let style = if killed == plan.planted() { GOOD } else { BAD };
        session.out.line("");
        session.out.line(format_args!("{style}{killed} killed{style:#} of {of}"));
        if let Some(told) = by_stress(session.mutants()) {
            session.out.line(told);
        }
    }
    session.write_reports(None);
    Ok(exit::ended(code, all))
}

/// How many mutants were killed by a link, and did all else that was said of them beforehand.
pub(super) fn killed(results: &[MutantResult]) -> usize {
    let name = |result: &MutantResult| (result.target.clone(), result.mutant.clone(), result.link == Link::Model);
    let unforeseen: BTreeSet<_> = results.iter().filter(|result| !result.foreseen).map(name).collect();
    let killed = results.iter().filter(|result| result.verdict == MutantVerdict::Killed).map(name);
    killed.filter(|name| !unforeseen.contains(name)).collect::<BTreeSet<_>>().len()
}

/// How many of the mutants that L6 has killed stress tests alone would have noticed; nothing where there are none.
fn by_stress(results: &[MutantResult]) -> Option<String> {
    let killed = results.iter().filter(|result| result.verdict == MutantVerdict::Killed);
    let stressed: Vec<_> = killed.filter_map(|result| result.stress.as_ref()).collect();
    let noticed = stressed.iter().filter(|stress| stress.by.is_some()).count();
    let of = plural(stressed.len(), "mutant that L6 kills", "mutants that L6 kills");
    (!stressed.is_empty()).then(|| format!("stress tests alone notice {noticed} of {of}"))
}

/// Which mutants are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    /// All.
    Each,
    /// Those that did not do what was said beforehand.
    Odd,
}

/// What is planted where.
pub(super) struct Plan<'a> {
    /// Models, and clusters for L1.
    cases: Vec<(&'a Row, &'a MutantRow, Case)>,
    systems: Vec<&'a SystemRow>,
    registry: &'a Registry,
    effort: Effort,
}

/// How much is asked of a mutant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effort {
    /// Whether it does what was said beforehand.
    Check,
    /// Also how many seeds that takes, and whether stress tests alone would have noticed it.
    Measure,
}

impl Effort {
    /// How often links that judge runs are repeated, each time with other seeds.
    const fn repetitions(self) -> u64 {
        match self {
            Effort::Check => 1,
            Effort::Measure => 10,
        }
    }
}

impl<'a> Plan<'a> {
    /// Every mutant of the models and systems of those names; of all where none is named.
    pub(super) fn new(registry: &'a Registry, targets: &[String], effort: Effort) -> Result<Self, InputError> {
        let all = || registry.rows_and_clusters();
        for name in targets {
            let names = all().map(|row| row.target.0);
            if names.clone().all(|known| known != name) {
                return Err(InputError::unknown("model or system", name, names));
            }
        }
        let is_asked = |name: &str| targets.is_empty() || targets.iter().any(|target| target == name);
        let mut cases = Vec::new();
        for row in all().filter(|row| is_asked(row.target.0)) {
            for mutant in &row.mutants {
                cases.push((row, mutant, mutants::case(row, mutant)?));
            }
        }
        let systems = registry.systems().iter().filter(|system| is_asked(system.name)).collect();
        Ok(Self { cases, systems, registry, effort })
    }

    /// How many mutants there are, the wrong guards of systems' models included.
    pub(super) fn planted(&self) -> usize {
        self.cases.len() + self.systems.iter().map(|system| 2 * system.links.guards().len()).sum::<usize>()
    }
}

/// Plants each mutant and shows what became of it; gives the exit code of them all, and whether all were planted.
pub(super) fn plant(
    session: &mut Session<'_>,
    plan: &Plan<'_>,
    options: &Options,
    shown: Shown,
) -> Result<(u8, bool), Failure> {
    let mut code = plant_in_models(session, plan, options, shown)?;
    for system in &plan.systems {
        let of_system = |(row, ..): &&(&Row, &MutantRow, Case)| row.target == (system.name, Link::L1);
        let width = plan.cases.iter().filter(of_system).map(|(_, mutant, _)| mutant.name.len()).max().unwrap_or(0);
        let columns: Vec<_> = system.own_links().into_iter().map(Link::name).collect();
        let columns = if plan.effort == Effort::Measure && has_stress(system) {
            [columns, vec!["stress tests alone"]].concat()
        } else {
            columns
        };
        heading(session, shown, &format!("mutants of {}'s code, by link", system.name), width, &columns);
        for (row, mutant, case) in plan.cases.iter().filter(of_system) {
            let Some(first) = planted(session, row, mutant, case, options)? else { return Ok((code, false)) };
            let label = format!("{} with {} planted", system.name, mutant.name);
            let watcher = session.watcher(label.clone());
            let judged = panics::catch(|| mutants::judge_by_links(system, mutant, plan.effort.repetitions(), &watcher));
            drop(watcher);
            let Some(others) = outcome(&label, judged)? else { return Ok((code, false)) };
            let by_cases = match system.interleavings {
                Some(_) => match by_cases(session, system, mutant, (&label, plan.effort))? {
                    Some(result) => Some(result),
                    None => return Ok((code, false)),
                },
                None => None,
            };
            let results: Vec<_> = std::iter::once(first).chain(others).chain(by_cases).collect();
            code = exit::worse(code, row_of(session, shown, width, &results)?);
        }
        code = exit::worse(code, plant_in_guards(session, plan, system, shown)?);
    }
    Ok((code, !interrupt::requested()))
}

/// What the cases of a system's concurrent code say of a mutant.
fn by_cases(
    session: &Session<'_>,
    system: &SystemRow,
    mutant: &MutantRow,
    (label, effort): (&str, Effort),
) -> Result<Option<MutantResult>, Failure> {
    let runner = cases::runner()?;
    let watcher = session.watcher(label.to_owned());
    let stress = effort == Effort::Measure;
    match panics::catch(|| mutants::judge_by_cases(system, mutant, stress, &runner, &watcher)) {
        Ok(Ok(result)) => Ok(result),
        Ok(Err(failed)) => Err(Failure::Internal(failed)),
        Err(panicked) => Err(Failure::Internal(format!("while checking {label}: {panicked}"))),
    }
}

/// Whether some case runs real threads as they please.
fn has_stress(system: &SystemRow) -> bool {
    let is_stress = |case: &interleave::Case| matches!(case.explorer, Explorer::Stress { .. });
    system.cases().iter().any(|case| is_stress(case) && case.profile == Profile::Ci)
}

/// Plants the mutants of models, each judged by the model's own check.
fn plant_in_models(session: &mut Session<'_>, plan: &Plan<'_>, options: &Options, shown: Shown) -> Result<u8, Failure> {
    let of_models: Vec<_> = plan.cases.iter().filter(|(row, ..)| row.target.1 == Link::Model).collect();
    let names = of_models.iter().map(|(_, mutant, _)| mutant.name.chars().count());
    let evidence = of_models.iter().map(|(_, mutant, _)| mutant.evidence(Link::Model).join(" or ").chars().count());
    let widths = (names.max().unwrap_or(0), "by ".len() + evidence.max().unwrap_or(0));
    let (mut code, mut target) = (exit::OK, "");
    for (row, mutant, case) in of_models {
        let Some(result) = planted(session, row, mutant, case, options)? else { break };
        code = exit::worse(code, code_of(&result));
        if session.json() {
            session.json_line(&result)?;
        } else if (shown == Shown::Each && !session.everywhere.quiet) || !result.foreseen {
            if target != row.name {
                if !target.is_empty() {
                    session.out.line("");
                }
                session.out.line(format_args!("{STRONG}mutants of {}{STRONG:#}", row.name));
                target = row.name;
            }
            show(session, &result, widths);
        }
        session.remember(result);
    }
    Ok(code)
}

/// Plants one mutant and checks what it is planted in; `None` when the user has stopped that.
fn planted(
    session: &Session<'_>,
    row: &Row,
    mutant: &MutantRow,
    case: &Case,
    options: &Options,
) -> Result<Option<MutantResult>, Failure> {
    if interrupt::requested() {
        return Ok(None);
    }
    let label = format!("{} with {} planted", row.name, mutant.name);
    let watcher = session.watcher(label.clone());
    let judged = panics::catch(|| mutants::judge(row, mutant, case, options, &watcher));
    outcome(&label, judged.map(|judged| judged.map_err(InputError::new)))
}

/// Makes every guard of a system's model wrong, both ways, and asks the links.
fn plant_in_guards(
    session: &mut Session<'_>,
    plan: &Plan<'_>,
    system: &SystemRow,
    shown: Shown,
) -> Result<u8, Failure> {
    let links = [Link::L1, Link::L2, Link::L3].map(Link::name);
    let guards = system.links.guards();
    let width = guards.iter().map(|guard| guard.len() + "tightened-".len()).max().unwrap_or(0);
    heading(session, shown, &format!("guards of {}'s model, by link", system.name), width, &links);
    let own = plan.registry.find(system.links.model()).map(|row| row.mutants.as_slice()).unwrap_or_default();
    let mut code = exit::OK;
    for wrong in [Wrong::Loosened, Wrong::Tightened] {
        for (place, &guard) in guards.iter().enumerate() {
            let label = format!("{} with {guard} of its model {wrong:?}", system.name);
            let noticed = own.iter().any(|mutant| mutant.name == format!("drop-{guard}"));
            let watcher = session.watcher(label.clone());
            let judged = panics::catch(|| mutants::judge_guard(system, (place, guard), wrong, noticed, &watcher));
            drop(watcher);
            let Some(results) = outcome(&label, judged)? else { return Ok(code) };
            code = exit::worse(code, row_of(session, shown, width, &results)?);
        }
    }
    Ok(code)
}

fn outcome<T>(label: &str, judged: Result<Result<Option<T>, InputError>, String>) -> Result<Option<T>, Failure> {
    match judged {
        Ok(Ok(result)) => Ok(result.filter(|_| !interrupt::requested())),
        Ok(Err(refused)) => Err(Failure::Usage(format!("{label}: {refused}"))),
        Err(panicked) => Err(Failure::Internal(format!("while checking {label}: {panicked}"))),
    }
}

fn heading(session: &mut Session<'_>, shown: Shown, title: &str, width: usize, columns: &[&str]) {
    if shown == Shown::Each && !session.json() && !session.everywhere.quiet {
        let columns = columns.iter().fold(String::new(), |mut line, name| {
            let _ = write!(line, "  {name:CELL$}");
            line
        });
        session.out.line("");
        session.out.line(format_args!("{STRONG}{title}{STRONG:#}"));
        session.out.line(format!("  {:width$}{columns}", "").trim_end().to_owned());
    }
}

/// A mutant's row of the matrix: what each link says of it.
fn row_of(session: &mut Session<'_>, shown: Shown, width: usize, results: &[MutantResult]) -> Result<u8, Failure> {
    let odd = results.iter().any(|result| !result.foreseen);
    if session.json() {
        results.iter().try_for_each(|result| session.json_line(result))?;
    } else if odd || (shown == Shown::Each && !session.everywhere.quiet) {
        let mut line = format!("  {:width$}", results[0].mutant);
        for result in results {
            let (style, text) = cell(result);
            let _ = write!(line, "  {style}{text:CELL$}{style:#}");
        }
        if let Some(stress) = results.iter().find_map(|result| result.stress.as_ref()) {
            let (style, text) = stress_cell(stress);
            let _ = write!(line, "  {style}{text:CELL$}{style:#}");
        }
        session.out.line(line.trim_end());
    }
    let unnoticed = results.iter().all(|result| result.verdict != MutantVerdict::Killed);
    let code = results.iter().map(code_of).reduce(exit::worse).unwrap_or(exit::OK);
    // A guard that is dropped may be noticed by the model's own properties alone.
    let must_be_killed = results.iter().any(|result| result.link == Link::L5);
    let code = if unnoticed && must_be_killed { exit::worse(code, exit::SURVIVED) } else { code };
    for result in results {
        session.remember(result.clone());
    }
    Ok(code)
}

/// What a link says of a mutant, in a few words.
fn cell(result: &MutantResult) -> (anstyle::Style, String) {
    let by = result.by.as_deref().unwrap_or_default();
    // Of the exhaustive link and of histories the evidence is a claim, which the list of mutants has in full.
    let field = if matches!(result.link, Link::L2 | Link::L3) { format!("{by} ") } else { String::new() };
    let events = result.events.filter(|&events| events > 0);
    let length = match (events, result.interleavings) {
        (Some(events), _) => format!("in {}, ", plural(events, "event", "events")),
        (None, Some(number)) => format!("{}, interleaving {}, ", result.bound, count(number)),
        (None, None) if result.link == Link::L6 => format!("{}, ", result.bound),
        (None, None) => String::new(),
    };
    let seeds = median(&result.seeds).map_or_else(String::new, |median| format!(", seed {median}"));
    let time = duration(result.seconds);
    match (result.verdict, result.foreseen) {
        (MutantVerdict::Killed, true) => (GOOD, format!("{field}{length}{time}{seeds}")),
        (MutantVerdict::Survived, true) => (FAINT, "-".to_owned()),
        (MutantVerdict::Incomplete, _) => (DOUBT, "incomplete".to_owned()),
        (MutantVerdict::Survived, false) => (BAD, "SURVIVED".to_owned()),
        (MutantVerdict::Killed | MutantVerdict::WrongEvidence, _) => (BAD, format!("UNFORESEEN {by}")),
    }
}

/// What stress tests noticed of a mutant; either is as good.
fn stress_cell(stress: &Stress) -> (anstyle::Style, String) {
    let time = duration(stress.seconds);
    match stress.case {
        Some(case) => (GOOD, format!("the case {case}, {time}")),
        None => (FAINT, format!("not noticed, {time}")),
    }
}

/// How many seeds it takes to the first kill, in the middle of the repetitions that killed.
fn median(seeds: &[u64]) -> Option<u64> {
    let mut seeds = seeds.to_vec();
    seeds.sort_unstable();
    seeds.get(seeds.len() / 2).copied()
}

fn show(session: &mut Session<'_>, result: &MutantResult, (name, by_whom): (usize, usize)) {
    let style = match result.verdict {
        MutantVerdict::Killed => GOOD,
        MutantVerdict::Incomplete => DOUBT,
        MutantVerdict::WrongEvidence | MutantVerdict::Survived => BAD,
    };
    let MutantResult { mutant, property, by, bound, .. } = result;
    let evidence = match (result.verdict, by) {
        (MutantVerdict::Killed, _) => format!("by {property}"),
        (_, Some(by)) => format!("by {by}, not by {property}"),
        (_, None) => format!("{property} did not fail"),
    };
    session.out.line(format_args!(
        "  {style}{:14}{style:#}  {mutant:name$}  {evidence:by_whom$}  {FAINT}at {bound}, {}{FAINT:#}",
        word(result.verdict),
        duration(result.seconds)
    ));
}

fn code_of(result: &MutantResult) -> u8 {
    match result.verdict {
        MutantVerdict::Incomplete => exit::INCOMPLETE,
        _ if result.foreseen => exit::OK,
        _ => exit::SURVIVED,
    }
}

/// How wide a cell of the matrix is.
const CELL: usize = 38;
