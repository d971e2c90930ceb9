//! `conform`: whether code does what its model says.

use super::args::{Conform, defaults};
use super::output::{BAD, DOUBT, FAINT, GOOD, Output, STRONG};
use super::session::Session;
use super::{Ended, Failure, cases, exit, human, interrupt, panics};
use crate::check::Options;
use crate::conform::{ConformVerdict, Conformance};
use crate::excerpt;
use crate::judgement::{Judgement, Verdict};
use crate::links::{Link, Plan};
use crate::registry::{Case, InputError, Registry, SystemRow};
use crate::report::words::{self, count, duration, plural};
use crate::report::write_atomically;
use crate::trace;
use anstyle::Style;
use proofmark_vocabulary::Profile;
use std::path::Path;

pub(super) fn run(session: &mut Session<'_>, asked: &Conform) -> Ended {
    if !asked.trace.is_empty() {
        return traces(session, asked);
    }
    let registry = session.registry;
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
    if systems.is_empty() {
        let names: Vec<_> = registry.systems().iter().map(|system| system.name).collect();
        let there =
            if names.is_empty() { "there is none".to_owned() } else { format!("there is: {}", names.join(", ")) };
        return Err(Failure::Usage(format!("name a system, or --all of them\n  {there}")));
    }
    let mut links: Vec<Link> = asked.link.iter().copied().map(Link::from).collect();
    if links.contains(&Link::L6) {
        refuse_without_cases(&systems, asked.all)?;
    }
    if links.is_empty() {
        links = if asked.seed.is_some() { vec![Link::L2, Link::L5] } else { Link::OF_CODE.to_vec() };
    }
    let seeds = asked.seed.map_or(0..asked.seeds, |seed| seed..seed + 1);
    let (mutant, set) = (asked.mutant.as_deref(), asked.set.as_slice());
    let plan = Plan { mutant, set, seeds, shrink: true, ..Plan::default() };
    let planned = systems.iter().map(|system| Planned::new(system, Profile::Ci, &links, plan.clone()));
    let planned = planned.collect::<Result<Vec<_>, InputError>>()?;
    session.refuse_unwritable()?;
    if let (Some(file), Some(seed)) = (&asked.record, asked.seed) {
        record(session, &planned, seed, file)?;
    }
    let (code, all) = conform(session, &planned, Shown::Each)?;
    if !all {
        session.interrupted("not every link was judged".to_owned());
    }
    session.write_reports(None);
    Ok(exit::ended(code, all))
}

/// A system that is named for L6 must have cases; of all systems some.
fn refuse_without_cases(systems: &[&SystemRow], all: bool) -> Result<(), InputError> {
    let mut without = systems.iter().filter(|system| system.interleavings.is_none());
    match without.next() {
        Some(system) if !all => Err(cases::none(system)),
        Some(_) if systems.iter().all(|system| system.interleavings.is_none()) => {
            Err(InputError::new("no system has concurrent code, so L6 has nothing to run"))
        }
        _ => Ok(()),
    }
}

/// How much is shown of a link that finds nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    /// Each bound, and what was witnessed.
    Each,
    /// A line a link.
    Brief,
}

/// A system, and what it is to be held to.
pub(super) struct Planned<'a> {
    pub(super) system: &'a SystemRow,
    links: Vec<Link>,
    pub(super) plan: Plan<'a>,
    pub(super) profile: Profile,
    /// What L1 explores.
    cases: Vec<Case>,
}

impl<'a> Planned<'a> {
    /// By those of these links that the system has; L1 explores the bounds of a profile or, with a bug planted, the mutant's alone.
    pub(super) fn new(
        system: &'a SystemRow,
        profile: Profile,
        links: &[Link],
        plan: Plan<'a>,
    ) -> Result<Self, InputError> {
        let cluster = &system.cluster;
        let cases = if plan.mutant.is_some() {
            vec![cluster.case(None, plan.set, plan.mutant)?]
        } else {
            let bounds = cluster.bounds.iter().filter(|bound| bound.profile <= profile);
            bounds.map(|bound| cluster.case(Some(bound.name), plan.set, None)).collect::<Result<_, _>>()?
        };
        let links = system.own_links().into_iter().filter(|link| links.contains(link)).collect();
        Ok(Self { system, links, plan, profile, cases })
    }
}

/// Judges each system by its links and shows what they say; gives the exit code of them all, and whether all was
/// done.
pub(super) fn conform(session: &mut Session<'_>, planned: &[Planned<'_>], shown: Shown) -> Result<(u8, bool), Failure> {
    let mut code = exit::OK;
    for planned in planned {
        if planned.links.contains(&Link::L1) {
            code = exit::worse(code, explore(session, planned, shown)?);
        }
        let of_runs: Vec<_> =
            planned.links.iter().copied().filter(|link| matches!(link, Link::L2 | Link::L5)).collect();
        if !of_runs.is_empty() && !interrupt::requested() {
            let watcher = session.watcher(planned.system.name.to_owned());
            let found = caught(planned.system, || planned.system.links.simulate(&planned.plan, &of_runs, &watcher))?;
            drop(watcher);
            for linkage in found {
                code = exit::worse(code, tell(session, linkage, shown)?);
            }
        }
        if planned.links.contains(&Link::L3) && !interrupt::requested() {
            let watcher = session.watcher(planned.system.name.to_owned());
            let linkage = caught(planned.system, || planned.system.links.drive(&planned.plan, &watcher))?;
            drop(watcher);
            code = exit::worse(code, tell(session, linkage, shown)?);
        }
        if planned.links.contains(&Link::L6)
            && !interrupt::requested()
            && let Some(found) = cases::run(session, planned)?
        {
            code = exit::worse(code, tell(session, (found, None), shown)?);
        }
    }
    Ok((code, !interrupt::requested()))
}

/// A panic in a user's code is told, with whose it was.
fn caught<T>(system: &SystemRow, judge: impl FnOnce() -> Result<T, InputError>) -> Result<T, Failure> {
    match panics::catch(judge) {
        Ok(judged) => Ok(judged?),
        Err(panicked) => Err(Failure::Internal(format!("while running {}: {panicked}", system.name))),
    }
}

/// L1: explores the system's clusters.
fn explore(session: &mut Session<'_>, planned: &Planned<'_>, shown: Shown) -> Result<u8, Failure> {
    // Of broken code the first divergence is what is asked for, and it may have no end of states.
    let options = Options { fail_fast: true, ..defaults() };
    let mut judgements: Vec<Judgement> = Vec::new();
    for case in &planned.cases {
        if interrupt::requested() {
            break;
        }
        let judgement = session.explore(&planned.system.cluster, case, &options)?;
        if !session.json() && !session.everywhere.quiet && (shown == Shown::Each || judgement.verdict != Verdict::Ok) {
            human::brief(&mut session.out, &session.program, &judgement, 0);
        }
        judgements.push(judgement);
    }
    if judgements.len() < planned.cases.len() {
        return Ok(exit::OK);
    }
    let found = Conformance::of_clusters(planned.system.name, &judgements);
    let of_claims = judgements.iter().map(Judgement::exit_code).reduce(exit::worse).unwrap_or(exit::OK);
    let code = match found.verdict {
        ConformVerdict::Incomplete | ConformVerdict::Violated => of_claims,
        verdict => code_of(verdict),
    };
    told(session, found, shown)?;
    Ok(code)
}

/// Keeps the counterexample of a link, if it has one, and shows what the link says.
fn tell(session: &mut Session<'_>, (found, kept): crate::links::Linkage, shown: Shown) -> Result<u8, Failure> {
    let code = code_of(found.verdict);
    if let Some((id, saved)) = kept {
        session.keep_one(&id, &saved);
    }
    told(session, found, shown)?;
    Ok(code)
}

fn told(session: &mut Session<'_>, found: Conformance, shown: Shown) -> Result<(), Failure> {
    if session.json() {
        session.json_line(&found)?;
    } else {
        let shown = if session.everywhere.quiet { Shown::Brief } else { shown };
        show(&mut session.out, &session.program, &found, shown);
    }
    session.remember_conformance(found);
    Ok(())
}

/// Judges recorded traces.
fn traces(session: &mut Session<'_>, asked: &Conform) -> Ended {
    session.refuse_unwritable()?;
    let mut code = exit::OK;
    for path in &asked.trace {
        let text = excerpt::read(path).map_err(|error| Failure::Usage(error.to_string()))?;
        let system = system_of(session.registry, path, &text)?;
        if !asked.systems.is_empty() && asked.systems.iter().all(|name| name != system.name) {
            return Err(Failure::Usage(format!(
                "{} is a trace of {}, not of {}",
                path.display(),
                system.name,
                asked.systems.join(", ")
            )));
        }
        code = exit::worse(code, judge_trace(session, system, path, &text)?);
    }
    session.write_reports(None);
    Ok(code)
}

/// The system that a trace says it is of.
pub(super) fn system_of<'a>(registry: &'a Registry, path: &Path, text: &str) -> Result<&'a SystemRow, Failure> {
    let refuse = |wrong: excerpt::Wrong| Failure::Usage(wrong.show(&path.display().to_string(), text).to_string());
    let header = trace::header(text).map_err(refuse)?;
    registry.find_system(&header.system).map_err(|error| refuse(trace::in_header(text, "system", &error.to_string())))
}

/// Judges a trace and shows what L2 says of it.
pub(super) fn judge_trace(
    session: &mut Session<'_>,
    system: &SystemRow,
    path: &Path,
    text: &str,
) -> Result<u8, Failure> {
    let shown = path.display().to_string();
    let found = match panics::catch(|| system.links.validate(&shown, text)) {
        Ok(judged) => judged.map_err(|error| Failure::Usage(error.to_string()))?,
        Err(panicked) => return Err(Failure::Internal(format!("while judging {shown}: {panicked}"))),
    };
    let code = code_of(found.verdict);
    told(session, found, Shown::Each)?;
    Ok(code)
}

/// Writes the trace of a seed's run.
fn record(session: &mut Session<'_>, planned: &[Planned<'_>], seed: u64, file: &Path) -> Result<(), Failure> {
    let [Planned { system, plan, .. }] = planned else {
        return Err(Failure::Usage("--record: name one system, whose run is recorded".to_owned()));
    };
    let text = caught(system, || system.links.record(plan, seed))?;
    write_atomically(file, text.as_bytes()).map_err(|error| Failure::Usage(format!("--record: {error}")))?;
    if !session.json() && !session.everywhere.quiet {
        session.out.line(format_args!(
            "recorded    {} events of seed {seed}: {}",
            text.lines().count() - 2,
            file.display()
        ));
    }
    Ok(())
}

fn show(out: &mut Output, program: &str, found: &Conformance, shown: Shown) {
    let style = style_of(found.verdict);
    let Conformance { system, link, runs, steps, seconds, .. } = found;
    let (word, runs) = (words::conformance(found.verdict), words::runs(*link, *runs));
    let steps = words::judged(*link, *steps);
    out.line(format_args!(
        "{style}{word:10}{style:#}  {system} by {link}: {steps} of the code, {runs}, {}",
        duration(*seconds)
    ));
    if *link == Link::L6 {
        return cases::show(out, found, shown == Shown::Each);
    }
    if shown == Shown::Each {
        details(out, found);
    }
    if !found.unwitnessed.is_empty() {
        let kinds = found.unwitnessed.join(", ");
        out.line(format_args!("{:12}no step of the code was explained by {kinds}: nothing is known of it", ""));
    }
    let silent: Vec<_> = found.fired.iter().filter(|(_, times)| **times == 0).map(|(f, _)| f.to_string()).collect();
    if !silent.is_empty() && found.verdict == ConformVerdict::Vacuous {
        out.line(format_args!("{:12}it never happened that {}: nothing is known of it", "", silent.join(", or ")));
    }
    if let Some(divergence) = &found.divergence {
        let event = divergence.event.as_deref().unwrap_or("the start");
        out.line(format_args!(
            "{:12}{STRONG}where:{STRONG:#} {}, after {}",
            "",
            divergence.at,
            plural(divergence.events, "event", "events")
        ));
        out.line(format_args!("{:12}{STRONG}the code:{STRONG:#} {event}", ""));
        let fails = format!("{} is false", divergence.property);
        let explanation = divergence.explanation.as_deref().unwrap_or(&fails);
        out.line(format_args!("{:12}{STRONG}the model:{STRONG:#} {explanation}", ""));
        if !divergence.id.is_empty() {
            out.line(format_args!(
                "{:12}{FAINT}replay it: {program} replay {}; keep it: {program} pin {}{FAINT:#}",
                "", divergence.id, divergence.id
            ));
            out.line(format_args!(
                "{:12}{FAINT}explore it: {program} explore --at {} --open{FAINT:#}",
                "", divergence.id
            ));
        }
    }
}

/// The colour of a verdict.
pub(super) fn style_of(verdict: ConformVerdict) -> Style {
    match verdict {
        ConformVerdict::Ok => GOOD,
        ConformVerdict::Vacuous | ConformVerdict::Incomplete => DOUBT,
        ConformVerdict::Violated | ConformVerdict::Diverged => BAD,
    }
}

/// What was witnessed, compared, and went wrong.
fn details(out: &mut Output, found: &Conformance) {
    let list = |what: &str, counts: &mut dyn Iterator<Item = (String, u64)>| {
        let told: Vec<_> = counts.map(|(name, times)| format!("{name} {}", count(times))).collect();
        (!told.is_empty()).then(|| format!("{what}: {}", told.join(", ")))
    };
    let lines = [
        list("witnessed", &mut found.witnessed.iter().map(|(kind, times)| ((*kind).to_owned(), *times))),
        list("compared", &mut found.compared.iter().map(|(field, times)| ((*field).to_owned(), *times))),
        list("faults", &mut found.fired.iter().map(|(fault, times)| (fault.to_string(), *times))),
        list("left out by intention", &mut found.left_out.iter().map(|(why, times)| ((*why).to_owned(), *times))),
    ];
    for line in lines.into_iter().flatten() {
        out.line(format_args!("{:12}{FAINT}{line}{FAINT:#}", ""));
    }
}

fn code_of(verdict: ConformVerdict) -> u8 {
    match verdict {
        ConformVerdict::Ok => exit::OK,
        ConformVerdict::Vacuous => exit::VACUOUS,
        ConformVerdict::Incomplete if interrupt::requested() => exit::INTERRUPTED,
        ConformVerdict::Incomplete => exit::INCOMPLETE,
        ConformVerdict::Violated => exit::SAFETY,
        ConformVerdict::Diverged => exit::DIVERGED,
    }
}
