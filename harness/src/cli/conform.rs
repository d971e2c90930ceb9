//! `conform`: whether code does what its model says.

use super::args::{Conform, defaults};
use super::output::{BAD, DOUBT, FAINT, GOOD, Output, STRONG};
use super::session::Session;
use super::{Ended, Failure, exit, human, interrupt};
use crate::conform::{ConformVerdict, Conformance};
use crate::judgement::{Judgement, Verdict};
use crate::registry::{Case, InputError, SystemRow};
use crate::report::words::{count, duration, plural};
use proofmark_vocabulary::Profile;

pub(super) fn run(session: &mut Session<'_>, asked: &Conform) -> Ended {
    let registry = session.registry;
    if asked.systems.is_empty() && !asked.all {
        let names: Vec<_> = registry.systems().iter().map(|system| system.name).collect();
        let there =
            if names.is_empty() { "there is none".to_owned() } else { format!("there is: {}", names.join(", ")) };
        return Err(Failure::Usage(format!("name a system, or --all of them\n  {there}")));
    }
    let mut systems: Vec<&SystemRow> = Vec::new();
    for name in &asked.systems {
        let system = registry.find_system(name)?;
        if systems.iter().all(|known| known.name != system.name) {
            systems.push(system);
        }
    }
    if asked.all {
        systems.extend(registry.systems());
    }
    let planned = systems.iter().map(|system| Ok((*system, cases(system, Profile::Ci, asked.mutant.as_deref())?)));
    let planned = planned.collect::<Result<Vec<_>, InputError>>()?;
    session.refuse_unwritable()?;
    let code = conform(session, &planned, Shown::Each)?;
    let left = planned.len() - session.conformances().len();
    if left > 0 {
        session.interrupted(format!("{left} of {} systems were not conformed", planned.len()));
    }
    session.write_reports(None);
    Ok(exit::ended(code, left == 0))
}

/// How much is shown of a link that finds nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    /// Each bound, and what was witnessed.
    Each,
    /// A line a link.
    Brief,
}

/// The bounds of a profile at which a system's cluster is explored; with a bug planted, the mutant's alone.
pub(super) fn cases(system: &SystemRow, profile: Profile, mutant: Option<&str>) -> Result<Vec<Case>, InputError> {
    if mutant.is_some() {
        return Ok(vec![system.cluster.case(None, &[], mutant)?]);
    }
    let bounds = system.cluster.bounds.iter().filter(|bound| bound.profile <= profile);
    bounds.map(|bound| system.cluster.case(Some(bound.name), &[], None)).collect()
}

/// Explores each system's clusters and shows what the link says; gives the exit code of them all. A system that
/// the user's interruption left unfinished is not remembered.
pub(super) fn conform(
    session: &mut Session<'_>,
    planned: &[(&SystemRow, Vec<Case>)],
    shown: Shown,
) -> Result<u8, Failure> {
    let options = defaults();
    let mut code = exit::OK;
    for (system, cases) in planned {
        let mut judgements: Vec<Judgement> = Vec::new();
        for case in cases {
            if interrupt::requested() {
                return Ok(code);
            }
            let judgement = session.explore(&system.cluster, case, &options)?;
            if !session.json()
                && !session.everywhere.quiet
                && (shown == Shown::Each || judgement.verdict != Verdict::Ok)
            {
                human::brief(&mut session.out, &session.program, &judgement, 0);
            }
            judgements.push(judgement);
        }
        if interrupt::requested() {
            return Ok(code);
        }
        let found = Conformance::of_clusters(system.name, &judgements);
        let of_claims = judgements.iter().map(Judgement::exit_code).reduce(exit::worse).unwrap_or(exit::OK);
        code = exit::worse(code, code_of(found.verdict, of_claims));
        if session.json() {
            session.json_line(&found)?;
        } else {
            show(&mut session.out, &found, shown);
        }
        session.remember_conformance(found);
    }
    Ok(code)
}

fn show(out: &mut Output, found: &Conformance, shown: Shown) {
    let (style, word) = match found.verdict {
        ConformVerdict::Ok => (GOOD, "conforms"),
        ConformVerdict::Vacuous => (DOUBT, "vacuous"),
        ConformVerdict::Incomplete => (DOUBT, "incomplete"),
        ConformVerdict::Violated => (BAD, "violated"),
        ConformVerdict::Diverged => (BAD, "diverges"),
    };
    let Conformance { system, link, runs, steps, seconds, .. } = found;
    out.line(format_args!(
        "{style}{word:10}{style:#}  {system} by {link}: {} of the code at {}, {}",
        plural(usize::try_from(*steps).unwrap_or(usize::MAX), "step", "steps"),
        plural(*runs, "bound", "bounds"),
        duration(*seconds)
    ));
    if shown == Shown::Each {
        let told = found.witnessed.iter().map(|(kind, times)| format!("{kind} {}", count(*times)));
        out.line(format_args!("{:12}{FAINT}witnessed: {}{FAINT:#}", "", told.collect::<Vec<_>>().join(", ")));
    }
    if !found.unwitnessed.is_empty() {
        let kinds = found.unwitnessed.join(", ");
        out.line(format_args!("{:12}no step of the code was explained by {kinds}: nothing is known of it", ""));
    }
    if let Some(divergence) = &found.divergence {
        let event = divergence.event.as_deref().unwrap_or("the start");
        out.line(format_args!("{:12}{STRONG}the code{STRONG:#}: {event}", ""));
        let explanation = divergence.explanation.as_deref().unwrap_or("this is no step of it");
        out.line(format_args!("{:12}{STRONG}the model{STRONG:#}: {explanation}", ""));
    }
}

fn code_of(verdict: ConformVerdict, of_claims: u8) -> u8 {
    match verdict {
        ConformVerdict::Ok => exit::OK,
        ConformVerdict::Vacuous => 21,
        ConformVerdict::Incomplete | ConformVerdict::Violated => of_claims,
        ConformVerdict::Diverged => exit::DIVERGED,
    }
}
