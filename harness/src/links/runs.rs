//! Runs of the simulator, judged as traces (L2) and as histories (L5).

use super::beside::beside;
use super::{
    AT_REST, EXPLAINED, Fault, Link, Linked, Observer, Seen, Wrong, drive, judge_history, judge_trace, observe, shrink,
};
use crate::beside::Beside;
use crate::check::{self, Options, Progress, PropertyOutcome, Watch};
use crate::cluster::{Cluster, Event};
use crate::conform::{ConformVerdict, Conformance, FoundDivergence};
use crate::excerpt::FileError;
use crate::mapping::Mapping;
use crate::memory;
use crate::registry::{self, InputError};
use crate::sim::{self, Faults, Fired};
use crate::store::Saved;
use crate::trace::{self, Header, LineOf, TraceOf, Validated};
use proofmark_core::Wait;
use proofmark_vocabulary::{Catalogued, Constants, Describe, Model, Profile, Value};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::marker::PhantomData;
use std::ops::{ControlFlow, Range};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What is planted, and how much is run.
#[derive(Clone, Debug, Default)]
pub struct Plan<'a> {
    /// The bug in the code, by its mutant's name.
    pub mutant: Option<&'a str>,
    /// The guard of the model that is wrong, by its place, and how.
    pub guard: Option<(usize, Wrong)>,
    /// Changes to the constants, as `--set` takes them.
    pub set: &'a [(String, String)],
    /// The seeds of the runs.
    pub seeds: Range<u64>,
    /// Whether what strays is made as small as it gets.
    pub shrink: bool,
}

/// What a link found, and the counterexample that shows it, with its ID.
pub type Linkage = (Conformance, Option<(String, Saved)>);

/// The links of a system, its type forgotten.
pub trait Links: Send + Sync {
    /// Judges the runs of some seeds by these links, L2 and L5 among them; `watch` is told how far it is, and may stop it.
    ///
    /// # Errors
    /// When a mutant is not one.
    fn simulate(&self, plan: &Plan<'_>, links: &[Link], watch: &dyn Watch) -> Result<Vec<Linkage>, InputError>;

    /// The name of the model.
    fn model(&self) -> &'static str;

    /// The names of the model's guards.
    fn guards(&self) -> Vec<&'static str>;

    /// Explores the clusters of the `ci` profile up to the first step that strays (L1), with the bugs of a plan.
    ///
    /// # Errors
    /// When a mutant is not one.
    fn explore(&self, plan: &Plan<'_>, watch: &dyn Watch) -> Result<Conformance, InputError>;

    /// Drives the paths of the model on the code (L3).
    ///
    /// # Errors
    /// When a mutant is not one.
    fn drive(&self, plan: &Plan<'_>, watch: &dyn Watch) -> Result<Linkage, InputError>;

    /// The trace of the run of a seed.
    ///
    /// # Errors
    /// When a mutant is not one.
    fn record(&self, plan: &Plan<'_>, seed: u64) -> Result<String, InputError>;

    /// The events of a recorded trace in words, each with the fields of the model's state that its node then decides.
    ///
    /// # Errors
    /// When it is damaged, or not of this system.
    fn tell(&self, shown: &str, text: &str) -> Result<Vec<(String, Vec<String>)>, FileError>;

    /// Judges a recorded trace, `shown` being the name of its file.
    ///
    /// # Errors
    /// When it is damaged, or not of this system.
    fn validate(&self, shown: &str, text: &str) -> Result<Conformance, FileError>;

    /// A run of the code beside the model: the run of a seed.
    ///
    /// # Errors
    /// When a mutant is not one.
    fn beside_run(&self, plan: &Plan<'_>, seed: u64) -> Result<Beside, InputError>;

    /// A run of the code beside the model: a recorded trace, `shown` being the name of its file.
    ///
    /// # Errors
    /// When it is damaged, or not of this system.
    fn beside_trace(&self, shown: &str, text: &str) -> Result<Beside, FileError>;

    /// A run of the code beside the model: the events of a kept divergence, as far as they still can happen.
    ///
    /// # Errors
    /// When it does not fit the system.
    fn beside_kept(&self, saved: &Saved) -> Result<Beside, InputError>;
}

/// The links of `S`.
pub(crate) struct LinksOf<S>(pub(crate) PhantomData<fn() -> S>);

/// A system with constants and bugs.
pub(super) struct Built<S: Linked> {
    pub(super) cluster: Cluster<S>,
    pub(super) mapping: S::Mapping,
    pub(super) constants: Constants,
}

/// A run and what was seen of it.
pub(super) struct Run<S: Linked> {
    pub(super) built: Built<S>,
    pub(super) events: Vec<Event<S::Core>>,
    seen: Seen<S>,
    fired: Fired,
    /// Whether a limit cut it.
    cut: bool,
}

/// What a link said of some runs.
#[derive(Default)]
struct Tally {
    runs: usize,
    steps: u64,
    found: Validated,
    fired: Fired,
    fault: Option<(u64, Fault)>,
    uncertain: bool,
}

/// The system with the changed constants, and with the bugs of a plan.
pub(super) fn build<S: Linked>(changes: &[(&'static str, Value)], plan: &Plan<'_>) -> Result<Built<S>, InputError> {
    let refused = |refused: &dyn std::fmt::Display| InputError::new(format!("{}: {refused}", S::NAME));
    let start: Vec<_> = S::bounds()[0].constants.iter().chain(changes).cloned().collect();
    let constants = registry::choose(S::NAME, &S::constants(), &start, plan.set)?;
    let bug = plan.mutant.map(|name| {
        let names = S::MUTANTS.iter().map(|mutant| mutant.name);
        let found = S::MUTANTS.iter().find(|mutant| mutant.name == name).map(|mutant| mutant.bug);
        found.ok_or_else(|| InputError::unknown(&format!("mutant of {}", S::NAME), name, names))
    });
    let mut system = S::new(&constants, bug.transpose()?).map_err(|error| refused(&error))?;
    if let Some((guard, wrong)) = plan.guard
        && let Some((_, [dropped, never])) = S::guards().into_iter().nth(guard)
    {
        system = system.with_model_bug(if wrong == Wrong::Loosened { dropped } else { never });
    }
    Ok(Built { mapping: system.mapping(), cluster: Cluster::of(system), constants })
}

/// The run of a seed.
pub(super) fn run<S: Linked>(built: Built<S>, seed: u64) -> Run<S> {
    let start = built.cluster.init_states().swap_remove(0);
    let mut observer = Observer::<S>::new(&built.mapping, &start);
    let mut events = Vec::new();
    let requests = if built.cluster.at_any_time.is_some() { ASKED } else { built.cluster.requests.len() };
    let summary = sim::run(&built.cluster, &options(seed, requests), &mut |happening| {
        observer.see(happening.event, happening.node, happening.after, happening.sent, happening.replies);
        events.push(happening.event.clone());
        ControlFlow::Continue(())
    });
    let watched = observer.seen;
    Run { built, events, seen: watched, fired: summary.fired, cut: summary.end == sim::End::Limit }
}

/// Every fault there is, seconds of work, and time to recover.
fn options(seed: u64, requests: usize) -> sim::Options {
    let millis = |least, most| Wait { least: Duration::from_millis(least), most: Duration::from_millis(most) };
    sim::Options {
        seed,
        faults: Faults::all(),
        latency: millis(1, 40),
        requests,
        pause: millis(10, 600),
        aftermath: millis(0, 3_000),
        most_events: 2_000 + 50 * requests as u64,
        most_time: Duration::from_hours(1),
    }
}

impl<S: Linked> Run<S> {
    /// What each of the links says of it, and what was witnessed.
    pub(super) fn judge(&self, links: &[Link]) -> (Vec<Fault>, Validated) {
        let mut faults = Vec::new();
        let mut found = Validated::default();
        if links.contains(&Link::L2) {
            match judge_trace::<S>(&self.built.mapping, &self.seen) {
                Ok(validated) => found = validated,
                Err(fault) => faults.push(fault),
            }
        }
        if links.contains(&Link::L5) && self.cut && S::comes_to_rest() {
            faults.push(Fault {
                link: Link::L5,
                evidence: AT_REST.to_owned(),
                at: None,
                event: None,
                why: format!("faults have ceased, and after {} events there are still more", self.events.len()),
                certain: true,
            });
        } else if links.contains(&Link::L5) {
            faults.extend(judge_history::<S>(&self.built.cluster.system().service(), &self.seen).err());
        }
        (faults, found)
    }
}

impl<S: Linked> Links for LinksOf<S> {
    fn simulate(&self, plan: &Plan<'_>, links: &[Link], watch: &dyn Watch) -> Result<Vec<Linkage>, InputError> {
        let started = Instant::now();
        build::<S>(&S::simulated(plan.seeds.start), plan)?;
        let mut tallies: BTreeMap<Link, Tally> = links.iter().map(|&link| (link, Tally::default())).collect();
        let mut stopped = false;
        let mut seeds = plan.seeds.clone();
        while !seeds.is_empty() && tallies.values().any(|tally| tally.fault.is_none()) {
            stopped |= watch.interrupted();
            if stopped {
                break;
            }
            let batch = seeds.start..seeds.end.min(seeds.start.saturating_add(BATCH));
            seeds.start = batch.end;
            watch.progress(&Progress {
                phase: "runs",
                generated: tallies.values().map(|tally| tally.steps).max().unwrap_or_default(),
                distinct: seeds.start - plan.seeds.start,
                queue: Some(plan.seeds.end - seeds.start),
                depth: 0,
                memory: memory::resident(),
                elapsed: started.elapsed(),
            });
            // Those of a batch are judged in the order of their seeds, so that the first one to stray is the least.
            let judged: Vec<_> = batch.into_par_iter().map(|seed| judged::<S>(plan, seed, links)).collect();
            for (seed, run) in judged {
                let (run, faults, found) = run?;
                for (link, tally) in &mut tallies {
                    tally.add(seed, *link, &run, &faults, &found);
                }
            }
        }
        let seconds = started.elapsed().as_secs_f64();
        let spec_kinds = kinds::<S>(plan)?;
        Ok(tallies
            .into_iter()
            .map(|(link, tally)| tally.conclude::<S>(plan, link, &spec_kinds, stopped, seconds))
            .collect())
    }

    fn model(&self) -> &'static str {
        <S::Mapping as Mapping>::Spec::NAME
    }

    fn guards(&self) -> Vec<&'static str> {
        S::guards().into_iter().map(|(name, _)| name).collect()
    }

    fn explore(&self, plan: &Plan<'_>, watch: &dyn Watch) -> Result<Conformance, InputError> {
        let started = Instant::now();
        let mut found = Conformance::begun(S::NAME, Link::L1, 0, 0);
        for bound in S::bounds().iter().filter(|bound| bound.profile == Profile::Ci) {
            let built = build::<S>(&bound.constants, plan)?;
            let options = Options { fail_fast: true, ..Options::default() };
            let refusal = |refused: String| InputError::new(format!("{}: {refused}", S::NAME));
            let explored = check::check(&Arc::new(built.cluster), &|_: &str| true, &options, watch).map_err(refusal)?;
            found.runs += 1;
            found.steps += explored.generated;
            let strays = |p: &&PropertyOutcome| p.kind == "refinement" && p.counterexample().is_some();
            if let Some(property) = explored.properties.iter().find(strays) {
                let shown = property.counterexample();
                found.verdict = ConformVerdict::Diverged;
                found.divergence = Some(FoundDivergence {
                    at: bound.name.to_owned(),
                    property: property.name.clone(),
                    evidence: property.name.clone(),
                    event: shown.and_then(|shown| shown.steps.last()?.action.clone()),
                    explanation: shown.and_then(|shown| shown.explanation.clone()),
                    events: shown.map_or(0, |shown| shown.steps.len() - 1),
                    ..FoundDivergence::default()
                });
                break;
            }
            if explored.cut.is_some() {
                found.verdict = ConformVerdict::Incomplete;
            }
        }
        found.seconds = started.elapsed().as_secs_f64();
        Ok(found)
    }

    fn drive(&self, plan: &Plan<'_>, watch: &dyn Watch) -> Result<Linkage, InputError> {
        drive::drive::<S>(plan, watch)
    }

    fn record(&self, plan: &Plan<'_>, seed: u64) -> Result<String, InputError> {
        let run = run(build::<S>(&S::simulated(seed), plan)?, seed);
        let constants = run.built.constants.iter().map(|(name, value)| (name.to_owned(), value.clone())).collect();
        let header = Header { trace: trace::SCHEMA, system: S::NAME.to_owned(), constants };
        Ok(trace::write(&header, &run.seen.lines))
    }

    fn tell(&self, shown: &str, text: &str) -> Result<Vec<(String, Vec<String>)>, FileError> {
        let (_, trace) = read::<S>(shown, text)?;
        let fields = |line: &LineOf<S::Mapping>| {
            let of_each = line.instances.iter().map(|of| {
                let fields: Vec<_> = of.fields.iter().map(|(name, value)| format!("{name} {value}")).collect();
                format!("{}: {}", of.instance, fields.join(", "))
            });
            of_each.collect()
        };
        Ok(trace.lines.iter().map(|line| (line.event.in_words(), fields(line))).collect())
    }

    fn beside_run(&self, plan: &Plan<'_>, seed: u64) -> Result<Beside, InputError> {
        let run = run(build::<S>(&S::simulated(seed), plan)?, seed);
        Ok(beside::<S>(&run.built.cluster, &run.built.mapping, &run.seen.lines, &BTreeMap::new()))
    }

    fn beside_trace(&self, shown: &str, text: &str) -> Result<Beside, FileError> {
        let (system, trace) = read::<S>(shown, text)?;
        let mapping = system.mapping();
        Ok(beside::<S>(&Cluster::of(system), &mapping, &trace.lines, &trace.nodes))
    }

    fn beside_kept(&self, saved: &Saved) -> Result<Beside, InputError> {
        let set = saved.settings();
        let plan = Plan { mutant: saved.mutant.as_deref(), set: &set, ..Plan::default() };
        let built = build::<S>(&[], &plan)?;
        let mut states = vec![built.cluster.init_states().swap_remove(0)];
        let (mut events, mut enabled) = (Vec::new(), Vec::new());
        for words in saved.steps.iter().filter_map(|step| step.action.as_ref()) {
            let at = &states[states.len() - 1];
            built.cluster.actions(at, &mut enabled);
            let taken = enabled.drain(..).filter(|event| event.in_words() == *words);
            let Some((event, next)) =
                { taken }.find_map(|event| Some((event.clone(), built.cluster.next_state(at, event)?)))
            else {
                break;
            };
            states.push(next);
            events.push(event);
        }
        let seen = observe::<S>(&built.cluster, &built.mapping, &states, &events);
        Ok(beside::<S>(&built.cluster, &built.mapping, &seen.lines, &BTreeMap::new()))
    }

    fn validate(&self, shown: &str, text: &str) -> Result<Conformance, FileError> {
        let started = Instant::now();
        let (system, trace) = read::<S>(shown, text)?;
        let mapping = system.mapping();
        let steps = trace.lines.len() as u64;
        let mut found = Conformance::begun(S::NAME, Link::L2, 1, steps);
        match trace::validate(&mapping, &trace.lines, &trace.nodes) {
            Ok(validated) => {
                found.witnessed = validated.witnessed;
                found.compared = validated.compared;
            }
            Err(strayed) => {
                found.verdict = if strayed.certain { ConformVerdict::Diverged } else { ConformVerdict::Incomplete };
                found.divergence = Some(FoundDivergence {
                    property: EXPLAINED.to_owned(),
                    evidence: strayed.evidence.clone(),
                    event: Some(strayed.event.clone()),
                    // The header is line 1.
                    at: format!("line {}", strayed.at + 2),
                    explanation: Some(strayed.why()),
                    events: strayed.at + 1,
                    ..FoundDivergence::default()
                });
            }
        }
        found.seconds = started.elapsed().as_secs_f64();
        Ok(found)
    }
}

/// The events of a recorded trace, with the system of the constants that it names.
fn read<S: Linked>(shown: &str, text: &str) -> Result<(S, TraceOf<S::Mapping>), FileError> {
    let refuse = |wrong: crate::excerpt::Wrong| wrong.show(shown, text);
    let header = trace::header(text).map_err(refuse)?;
    let constants: Vec<_> = header.constants.iter().map(|(name, value)| (name.clone(), value.to_string())).collect();
    let unfit = |error: String| refuse(trace::in_header(text, "constants", &error));
    let constants = registry::choose(S::NAME, &S::constants(), &S::bounds()[0].constants, &constants)
        .map_err(|error| unfit(error.to_string()))?;
    let system = S::new(&constants, None).map_err(|error| unfit(error.to_string()))?;
    let mapping = system.mapping();
    let trace = trace::read(&mapping, text).map_err(refuse)?;
    Ok((system, trace))
}

type Judged<S> = Result<(Run<S>, Vec<Fault>, Validated), InputError>;

fn judged<S: Linked>(plan: &Plan<'_>, seed: u64, links: &[Link]) -> (u64, Judged<S>) {
    let judged = build::<S>(&S::simulated(seed), plan).map(|built| {
        let run = run(built, seed);
        let (faults, found) = run.judge(links);
        (run, faults, found)
    });
    (seed, judged)
}

/// The kinds of action that the model has, but for those that its constants switch off.
pub(super) fn kinds<S: Linked>(plan: &Plan<'_>) -> Result<Vec<&'static str>, InputError> {
    let built = build::<S>(&S::simulated(plan.seeds.start), plan)?;
    let spec = built.mapping.spec();
    let off = spec.switched_off();
    Ok(spec.action_kinds().iter().copied().filter(|kind| !off.contains(kind)).collect())
}

impl Tally {
    /// Adds a run, unless an earlier one has strayed.
    fn add<S: Linked>(&mut self, seed: u64, link: Link, run: &Run<S>, faults: &[Fault], found: &Validated) {
        if self.fault.is_some() {
            return;
        }
        self.runs += 1;
        self.steps += run.events.len() as u64;
        self.fired.add(&run.fired);
        self.found.add(found);
        self.uncertain |= run.cut && !S::comes_to_rest();
        match faults.iter().find(|fault| fault.link == link) {
            Some(fault) if fault.certain => self.fault = Some((seed, fault.clone())),
            Some(_) => self.uncertain = true,
            None => {}
        }
    }

    fn conclude<S: Linked>(
        self,
        plan: &Plan<'_>,
        link: Link,
        kinds: &[&'static str],
        stopped: bool,
        seconds: f64,
    ) -> Linkage {
        let mut found = Conformance::begun(S::NAME, link, self.runs, self.steps);
        found.mutant = plan.mutant.map(ToOwned::to_owned);
        found.seconds = seconds;
        found.fired = sim::Fault::of::<S::Core>().map(|fault| (fault, self.fired.of(fault))).collect();
        // Of one run, or of a broken thing, nothing is owed.
        let owes = plan.seeds.end - plan.seeds.start > 1 && plan.mutant.is_none() && plan.guard.is_none();
        if link == Link::L2 {
            found.witnessed = kinds.iter().map(|&kind| (kind, 0)).collect();
            found.witnessed.extend(self.found.witnessed);
            found.compared = self.found.compared;
            let silent = found.witnessed.iter().filter(|(_, times)| **times == 0).map(|(&kind, _)| kind);
            found.unwitnessed = silent.filter(|_| owes).collect();
        }
        if let Some((seed, fault)) = self.fault {
            (found.witnessed, found.unwitnessed) = (BTreeMap::new(), Vec::new());
            let (kept, drawing) = shrink::shrink::<S>(plan, seed, &fault).unzip();
            found.verdict = if link == Link::L2 { ConformVerdict::Diverged } else { ConformVerdict::Violated };
            found.divergence = Some(FoundDivergence {
                property: if link == Link::L2 { EXPLAINED.to_owned() } else { fault.evidence.clone() },
                evidence: fault.evidence,
                at: format!("seed {seed}"),
                seed: Some(seed),
                id: kept.as_ref().map(|(id, _)| id.clone()).unwrap_or_default(),
                event: kept
                    .as_ref()
                    .map_or(fault.event, |(_, saved)| saved.steps.last().and_then(|s| s.action.clone())),
                explanation: kept.as_ref().map_or(Some(fault.why), |(_, saved)| saved.explanation.clone()),
                events: kept.as_ref().map_or(0, |(_, saved)| saved.steps.len() - 1),
                drawing: drawing.flatten(),
            });
            return (found, kept);
        }
        let silent = found.fired.values().any(|&times| times == 0) || !found.unwitnessed.is_empty();
        if stopped || self.uncertain {
            found.verdict = ConformVerdict::Incomplete;
        } else if owes && silent {
            found.verdict = ConformVerdict::Vacuous;
        }
        (found, None)
    }
}

/// How many requests clients make in a run, where they ask at any time.
const ASKED: usize = 100;
/// How many runs are judged before it is seen whether one has strayed.
const BATCH: u64 = 32;
