//! `mutants`: the kill matrix.

use super::args::defaults;
use super::output::{BAD, DOUBT, FAINT, GOOD, STRONG, note};
use super::session::Session;
use super::{Ended, Failure, exit, interrupt, panics};
use crate::check::Options;
use crate::mutants::{self, MutantResult, MutantVerdict};
use crate::registry::{Case, InputError, MutantRow, Registry, Row};
use crate::report::words::{duration, mutant as word, plural};

pub(super) fn run(session: &mut Session<'_>, targets: &[String]) -> Ended {
    let registry = session.registry;
    let rows = rows(registry, targets)?;
    let planted = plan(rows)?;
    if session.everywhere.itf.is_some() {
        return Err(Failure::Usage("--itf: `mutants` keeps no counterexamples; `check --mutant` does".to_owned()));
    }
    session.refuse_unwritable()?;
    let code = plant(session, &planted, &defaults(), Shown::Each)?;
    let done = session.mutants().len();
    if done < planted.len() {
        session.interrupted(format!("{} of {} mutants were not planted", planted.len() - done, planted.len()));
    }
    // No mutant tells as much as no model: nothing was tried, and the properties are worth what they were before.
    let code = if planted.is_empty() { exit::VACUOUS } else { code };
    if planted.is_empty() {
        note("vacuous: there is no mutant to plant, so nothing is known of what the properties notice");
    } else if !session.json() {
        let killed = session.mutants().iter().filter(|mutant| mutant.verdict == MutantVerdict::Killed).count();
        let style = if killed == planted.len() { GOOD } else { BAD };
        session.out.line("");
        session
            .out
            .line(format_args!("{style}{killed} killed{style:#} of {}", plural(planted.len(), "mutant", "mutants")));
    }
    session.write_reports(None);
    Ok(exit::ended(code, done == planted.len()))
}

/// Which mutants are shown, a line each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    /// All.
    Each,
    /// Those that were not killed.
    Odd,
}

/// The models of those names and the clusters of the systems of those names; all where none is named.
fn rows<'a>(registry: &'a Registry, targets: &[String]) -> Result<Vec<&'a Row>, InputError> {
    let all = || registry.rows_and_clusters();
    for name in targets {
        let names = all().map(|row| row.target.0);
        if names.clone().all(|known| known != name) {
            return Err(InputError::unknown("model or system", name, names));
        }
    }
    Ok(all().filter(|row| targets.is_empty() || targets.iter().any(|name| name == row.target.0)).collect())
}

/// Every mutant of the rows with its model, ready to be planted.
pub(super) fn plan<'a>(
    rows: impl IntoIterator<Item = &'a Row>,
) -> Result<Vec<(&'a Row, &'a MutantRow, Case)>, InputError> {
    let mut planted = Vec::new();
    for row in rows {
        for mutant in &row.mutants {
            planted.push((row, mutant, mutants::case(row, mutant)?));
        }
    }
    Ok(planted)
}

/// Plants each mutant, shows what became of it, and gives the exit code of them all.
pub(super) fn plant(
    session: &mut Session<'_>,
    planted: &[(&Row, &MutantRow, Case)],
    options: &Options,
    shown: Shown,
) -> Result<u8, Failure> {
    let longest = |name: fn(&MutantRow) -> &str| {
        planted.iter().map(|(_, mutant, _)| name(mutant).chars().count()).max().unwrap_or(0)
    };
    let widths = (longest(|mutant| mutant.name), "by ".len() + longest(|mutant| mutant.property));
    let (mut code, mut target) = (exit::OK, "");
    for (row, mutant, case) in planted {
        if interrupt::requested() {
            break;
        }
        let label = format!("{} with {} planted", row.name, mutant.name);
        let watcher = session.watcher(label.clone());
        let judged = panics::catch(|| mutants::judge(row, mutant, case, options, &watcher));
        drop(watcher);
        let result = match judged {
            Ok(Ok(Some(result))) => result,
            // Interrupted: it counts as not planted.
            Ok(Ok(None)) => break,
            Ok(Err(refused)) => return Err(Failure::Usage(format!("{label}: {refused}"))),
            Err(panicked) => return Err(Failure::Internal(format!("while checking {label}: {panicked}"))),
        };
        code = exit::worse(code, code_of(result.verdict));
        if session.json() {
            session.json_line(&result)?;
        } else if (shown == Shown::Each && !session.everywhere.quiet) || result.verdict != MutantVerdict::Killed {
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

fn code_of(verdict: MutantVerdict) -> u8 {
    match verdict {
        MutantVerdict::Killed => exit::OK,
        MutantVerdict::WrongEvidence | MutantVerdict::Survived => exit::SURVIVED,
        MutantVerdict::Incomplete => exit::INCOMPLETE,
    }
}
