//! L6 on the command line: the cases of a system's concurrent code, and the command that runs one in a child process.

use super::conform::{Planned, style_of};
use super::output::{DOUBT, FAINT, Output, STRONG, plain};
use super::session::Session;
use super::{Ended, Failure, exit, interrupt, panics};
use crate::conform::{ConformVerdict, Conformance};
use crate::interleave::{self, Case, CaseResult, Interleavings, RUN_CASE, Runner, Wanted};
use crate::registry::{InputError, Registry, SystemRow};
use crate::report::words::{self, count, duration, interleavings, plural};
use proofmark_vocabulary::Profile;
use std::ffi::OsString;
use std::time::Instant;

/// Whether this process is a child that is to run a case. It is asked before anything else reads the command line, so
/// that no help text, no suggestion and no completion has the command.
pub(super) fn is_child(arguments: &[OsString]) -> bool {
    arguments.get(1).is_some_and(|argument| argument == RUN_CASE)
}

/// Runs the case, tells what came of it and ends the process.
///
/// # Errors
/// When no such case is there.
pub(super) fn run_here(registry: &Registry, arguments: &[OsString]) -> Ended {
    let mut words: Vec<_> = arguments.iter().skip(2).map(|argument| argument.to_str().unwrap_or_default()).collect();
    let wanted = words.last().and_then(|last| Wanted::of_argument(last));
    words.truncate(words.len() - usize::from(wanted.is_some()));
    let (system, case, mutant) = match words[..] {
        [system, case] => (system, case, None),
        [system, case, mutant] => (system, case, Some(mutant)),
        _ => {
            return Err(Failure::Usage(format!("{RUN_CASE} is no command for people: `conform --link L6` runs cases")));
        }
    };
    let system = registry.find_system(system)?;
    let interleavings = system.interleavings.ok_or_else(|| none(system))?;
    let cases = system.cases();
    if cases.iter().all(|known| known.name != case) {
        let what = format!("case of {}", system.name);
        return Err(InputError::unknown(&what, case, cases.iter().map(|known| known.name)).into());
    }
    mutant.map(|mutant| system.cluster.mutant(mutant)).transpose()?;
    interleave::run_here(interleavings, case, mutant, wanted, |is_wrong| match is_wrong {
        Some(false) => exit::OK,
        Some(true) => exit::DIVERGED,
        None => exit::INCOMPLETE,
    })
}

/// A system has no concurrent code.
pub(super) fn none(system: &SystemRow) -> InputError {
    InputError::new(format!("{} has no concurrent code, so L6 has nothing to run", system.name))
}

/// This program, as whatever runs the cases.
pub(super) fn runner() -> Result<Runner, Failure> {
    let program = std::env::current_exe();
    program.map(Runner::new).map_err(|cause| Failure::Internal(format!("this program cannot find itself: {cause}")))
}

/// The cases of a profile, the likeliest to notice a mutant first.
pub(super) fn of_profile(
    system: &SystemRow,
    interleavings: &dyn Interleavings,
    profile: Profile,
    mutant: Option<&str>,
) -> Result<Vec<Case>, Failure> {
    panics::catch(|| interleave::cases(interleavings, profile, mutant))
        .map_err(|panicked| Failure::Internal(format!("while asking {} for its cases: {panicked}", system.name)))
}

/// Runs the cases of a system; nothing where the user stopped that.
pub(super) fn run(session: &Session<'_>, planned: &Planned<'_>) -> Result<Option<Conformance>, Failure> {
    let (system, mutant) = (planned.system, planned.plan.mutant);
    let Some(interleavings) = system.interleavings else { return Ok(None) };
    let cases = of_profile(system, interleavings, planned.profile, mutant)?;
    let started = Instant::now();
    let watcher = session.watcher(system.name.to_owned());
    let results = runner()?.run(system.name, &cases, mutant, &watcher).map_err(Failure::Internal)?;
    drop(watcher);
    let found = Conformance::of_cases(system.name, mutant, results, started.elapsed().as_secs_f64());
    Ok((!interrupt::requested()).then_some(found))
}

/// Shows the cases: all, or those that are not plainly ok.
pub(super) fn show(out: &mut Output, found: &Conformance, all: bool) {
    let width = found.cases.iter().map(|case| case.case.len()).max().unwrap_or(0);
    for case in
        found.cases.iter().filter(|case| all || case.verdict != ConformVerdict::Ok || case.differs_from_record())
    {
        let style = style_of(case.verdict);
        let word = words::case(case.verdict);
        let CaseResult { case: name, histories, seconds, .. } = case;
        out.line(format_args!(
            "{:12}{style}{word:10}{style:#}  {name:width$}  {}, {} judged, {}",
            "",
            interleavings(case),
            plural(*histories as usize, "history", "histories"),
            duration(*seconds)
        ));
        if let Some(recorded) = case.recorded.filter(|_| case.differs_from_record()) {
            out.line(format_args!("{:24}{DOUBT}recorded: {}{DOUBT:#}", "", count(recorded)));
        }
        if case.verdict != ConformVerdict::Diverged
            && let Some(why) = &case.why
        {
            out.line(format_args!("{:24}{FAINT}{}{FAINT:#}", "", plain(why)));
        }
    }
    if let Some(divergence) = &found.divergence {
        let event = divergence.event.as_deref().unwrap_or_default();
        out.line(format_args!("{:12}{STRONG}where:{STRONG:#} {}, in {event}", "", divergence.at));
        out.line(format_args!("{:12}{STRONG}claimed:{STRONG:#} {}", "", divergence.property));
        let why = divergence.explanation.as_deref().unwrap_or_default();
        out.line(format_args!("{:12}{STRONG}found:{STRONG:#} {}", "", plain(why)));
    }
}
