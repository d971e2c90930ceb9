//! Mutants: bugs planted on purpose, and what became of each.

use crate::check::{Cut, Finding, Options, Watch};
use crate::conform::{ConformVerdict, Conformance};
use crate::interleave::{self, Explorer, Runner};
use crate::judgement::{PropertyVerdict, Verdict};
use crate::links::{Link, Plan, Wrong};
use crate::registry::{Case, InputError, MutantRow, Row, SystemRow};
use proofmark_vocabulary::Profile;
use serde::Serialize;
use std::time::Instant;

/// What became of one mutant under one link. Serialised, it is a line of `mutants --format json`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MutantResult {
    /// The model or system in which the bug was planted.
    pub target: String,
    /// The mutant's name.
    pub mutant: String,
    /// The link that had to notice it; `model` is a mutated model's own check.
    pub link: Link,
    /// The evidence by which it must report it: a property, a field of the model's state, an action; empty where the
    /// link must miss it.
    pub property: String,
    /// What the bug teaches.
    pub lesson: String,
    /// Where it was looked for: a bound, seeds, the model's paths.
    pub bound: String,
    /// What became of it.
    pub verdict: MutantVerdict,
    /// Whether that is what was said beforehand.
    pub foreseen: bool,
    /// What noticed it: the property that failed. With `wrong-evidence`, not the one that must.
    pub by: Option<String>,
    /// How many events the smallest counterexample has that was found.
    pub events: Option<usize>,
    /// How many seeds it took to the first kill, of each repetition that killed it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub seeds: Vec<u64>,
    /// Of L6: in which interleaving of the case it was noticed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interleavings: Option<u64>,
    /// Of L6: what real threads that ran as they pleased noticed of it, where a case does that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stress: Option<Stress>,
    /// How long that took.
    pub seconds: f64,
}

/// Whether stress tests alone would have noticed a mutant. It is measured and no more: they owe nothing.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Stress {
    /// The evidence, if they have.
    pub by: Option<String>,
    /// The case that noticed it.
    pub case: Option<&'static str>,
    /// How long they took, until then or in all.
    pub seconds: f64,
}

/// What became of a mutant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum MutantVerdict {
    /// The property that must fail failed.
    Killed,
    /// Something else failed.
    WrongEvidence,
    /// Nothing failed.
    Survived,
    /// The search was cut before anything failed.
    Incomplete,
}

/// The model with the mutant planted, at the mutant's bound.
///
/// # Errors
/// When the bound or the property does not exist, or the property fails there even without the mutant.
pub fn case(row: &Row, mutant: &MutantRow) -> Result<Case, InputError> {
    let case = row.case(Some(mutant.bound), &[], Some(mutant.name))?;
    let MutantRow { name, bound, .. } = mutant;
    for property in mutant.evidence(row.target.1) {
        if case.bound.expected.contains(&property) {
            return Err(InputError::new(format!(
                "{}: the mutant `{name}` must be killed by `{property}`, which fails at `{bound}` even without it",
                row.name
            )));
        }
        let claims = case.claims();
        if claims.iter().all(|claim| claim.name != property) {
            let what = format!("property that {} checks at `{bound}`, and that must kill `{name}`,", row.name);
            return Err(InputError::unknown(&what, property, claims.iter().map(|claim| claim.name)));
        }
    }
    Ok(case)
}

/// Searches a case of [`case`] as long as it takes to know what became of the mutant; `None` when the user
/// stopped the search before.
///
/// # Errors
/// When the options do not fit the model.
pub fn judge(
    row: &Row,
    mutant: &MutantRow,
    case: &Case,
    options: &Options,
    watch: &dyn Watch,
) -> Result<Option<MutantResult>, String> {
    let started = Instant::now();
    let evidence = mutant.evidence(row.target.1);
    // Only the property that must fail is judged at first: its failure ends the search.
    let alone = Options { fail_fast: true, ..options.clone() };
    let outcome = match evidence.as_slice() {
        [] => None,
        properties => Some(case.subject.check(&|name| properties.contains(&name), &alone, watch)?),
    };
    let failed = outcome.iter().flat_map(|outcome| &outcome.properties).find_map(|property| match &property.finding {
        Finding::Violated(found) => Some((property.name.clone(), Some(found.steps.len() - 1))),
        Finding::Unmet => Some((property.name.clone(), None)),
        Finding::Holds | Finding::Unknown => None,
    });
    let cut = outcome.and_then(|outcome| outcome.cut);
    let (verdict, by, events) = match failed {
        Some((by, events)) => (MutantVerdict::Killed, Some(by), events),
        None if cut == Some(Cut::Interrupted) => return Ok(None),
        None if cut.is_some() => (MutantVerdict::Incomplete, None, None),
        None => match anything_else(case, options, watch)? {
            Some((verdict, by)) => (verdict, by, None),
            None => return Ok(None),
        },
    };
    Ok(Some(MutantResult {
        target: row.target.0.to_owned(),
        mutant: mutant.name.to_owned(),
        link: row.target.1,
        property: evidence.join(" or "),
        lesson: mutant.lesson.to_owned(),
        bound: case.bound.name.to_owned(),
        verdict,
        foreseen: is_foreseen(verdict, &evidence),
        by,
        events,
        seeds: Vec::new(),
        interleavings: None,
        stress: None,
        seconds: started.elapsed().as_secs_f64(),
    }))
}

/// A link must kill what it names evidence for, and miss all else.
fn is_foreseen(verdict: MutantVerdict, evidence: &[&str]) -> bool {
    verdict == if evidence.is_empty() { MutantVerdict::Survived } else { MutantVerdict::Killed }
}

/// What the links of a system beside L1 say of a mutant of its code; `None` when the user stopped them before.
///
/// Links that judge runs are repeated, each time with other seeds: how many it takes to the first kill tells how
/// strong they are. What they must say is asked of the first repetition.
///
/// # Errors
/// When the mutant is not one.
pub fn judge_by_links(
    system: &SystemRow,
    mutant: &MutantRow,
    repetitions: u64,
    watch: &dyn Watch,
) -> Result<Option<Vec<MutantResult>>, InputError> {
    let plan = |repetition: u64| Plan {
        mutant: Some(mutant.name),
        seeds: repetition * FAR..repetition * FAR + SEEDS,
        shrink: repetition == 0,
        ..Plan::default()
    };
    let mut results: Vec<MutantResult> = Vec::new();
    for repetition in 0..repetitions {
        let of_runs = system.links.simulate(&plan(repetition), &[Link::L2, Link::L5], watch)?;
        for (at, (found, _)) in of_runs.into_iter().enumerate() {
            let kill = found.divergence.as_ref().and_then(|divergence| divergence.seed);
            if repetition == 0 {
                results.push(of_link(mutant, &found, format!("{SEEDS} seeds")));
            }
            results[at].seeds.extend(kill.map(|seed| seed - repetition * FAR + 1));
        }
    }
    let (driven, _) = system.links.drive(&plan(0), watch)?;
    results.insert(1, of_link(mutant, &driven, "the model's paths".to_owned()));
    Ok((!watch.interrupted()).then_some(results))
}

/// What the cases of a system's concurrent code say of a mutant (L6), up to the first that notices it; `None` where
/// there are none, or the user stopped them. If `stress` says so, stress cases are run beside them.
///
/// # Errors
/// When no child process can be started.
pub fn judge_by_cases(
    system: &SystemRow,
    mutant: &MutantRow,
    stress: bool,
    runner: &Runner,
    watch: &dyn Watch,
) -> Result<Option<MutantResult>, String> {
    let Some(interleavings) = system.interleavings else { return Ok(None) };
    let cases = interleave::cases(interleavings, Profile::Ci, Some(mutant.name));
    let is_stress = |case: &interleave::Case| matches!(case.explorer, Explorer::Stress { .. });
    let (mut stressed, explored): (Vec<_>, Vec<_>) = cases.into_iter().partition(is_stress);
    stressed.retain(|_| stress);
    let started = Instant::now();
    let cases = runner.run(system.name, &explored, Some(mutant.name), watch)?;
    let kill = cases.iter().find(|case| case.verdict == ConformVerdict::Diverged);
    let interleavings = kill.map(|case| case.interleavings).filter(|known| *known > 0);
    let place = kill.map_or_else(|| "all cases".to_owned(), |case| format!("the case {}", case.case));
    let found = Conformance::of_cases(system.name, Some(mutant.name), cases, started.elapsed().as_secs_f64());
    let result = MutantResult { interleavings, events: None, ..of_link(mutant, &found, place) };
    let started = Instant::now();
    let stressed = runner.run(system.name, &stressed, Some(mutant.name), watch)?;
    // One that never ends is noticed by whoever waits for it.
    let noticed = stressed.iter().find(|case| case.evidence.is_some());
    let stress = (!stressed.is_empty()).then(|| Stress {
        by: noticed.and_then(|case| case.evidence.clone()),
        case: noticed.map(|case| case.case),
        seconds: started.elapsed().as_secs_f64(),
    });
    Ok((!watch.interrupted()).then_some(MutantResult { stress, ..result }))
}

/// What the links of a system say when a guard of its model is wrong.
///
/// A tightened model allows less than the code does, and L2 must notice. A loosened one allows more: the model's own
/// properties must notice (`noticed` says that one does), or else L3, which finds what the code never does.
///
/// # Errors
/// When the system cannot be built.
pub fn judge_guard(
    system: &SystemRow,
    guard: (usize, &'static str),
    wrong: Wrong,
    noticed: bool,
    watch: &dyn Watch,
) -> Result<Option<Vec<MutantResult>>, InputError> {
    let plan = Plan { guard: Some((guard.0, wrong)), seeds: 0..SEEDS, ..Plan::default() };
    let mut found = vec![system.links.explore(&plan, watch)?];
    found.extend(system.links.simulate(&plan, &[Link::L2], watch)?.into_iter().map(|(found, _)| found));
    found.push(system.links.drive(&plan, watch)?.0);
    if watch.interrupted() {
        return Ok(None);
    }
    let (word, lesson, owed) = match wrong {
        Wrong::Loosened => ("loosened", "a model that allows too much is noticed", (!noticed).then_some(Link::L3)),
        Wrong::Tightened => ("tightened", "a model that allows too little is noticed", Some(Link::L2)),
    };
    let result = |found: Conformance| {
        let by = found.divergence.as_ref().map(|divergence| divergence.evidence.clone());
        let verdict = match by {
            Some(_) => MutantVerdict::Killed,
            None if found.verdict == ConformVerdict::Incomplete => MutantVerdict::Incomplete,
            None => MutantVerdict::Survived,
        };
        let is_owed = owed == Some(found.link);
        MutantResult {
            target: found.system.clone(),
            mutant: format!("{word}-{}", guard.1),
            link: found.link,
            property: if is_owed { "any divergence".to_owned() } else { String::new() },
            lesson: lesson.to_owned(),
            bound: "all of `ci`".to_owned(),
            verdict,
            foreseen: verdict == MutantVerdict::Killed || !is_owed && verdict == MutantVerdict::Survived,
            by,
            events: found.divergence.as_ref().map(|divergence| divergence.events),
            seeds: Vec::new(),
            interleavings: None,
            stress: None,
            seconds: found.seconds,
        }
    };
    Ok(Some(found.into_iter().map(result).collect()))
}

fn of_link(mutant: &MutantRow, found: &Conformance, place: String) -> MutantResult {
    let evidence = mutant.evidence(found.link);
    let by = found.divergence.as_ref().map(|divergence| divergence.evidence.clone());
    let verdict = match &by {
        Some(by) if evidence.contains(&by.as_str()) => MutantVerdict::Killed,
        Some(_) => MutantVerdict::WrongEvidence,
        None if found.verdict == ConformVerdict::Incomplete => MutantVerdict::Incomplete,
        None => MutantVerdict::Survived,
    };
    MutantResult {
        target: found.system.clone(),
        mutant: mutant.name.to_owned(),
        link: found.link,
        property: evidence.join(" or "),
        lesson: mutant.lesson.to_owned(),
        bound: place,
        verdict,
        foreseen: is_foreseen(verdict, &evidence),
        by,
        events: found.divergence.as_ref().map(|divergence| divergence.events),
        seeds: Vec::new(),
        interleavings: None,
        stress: None,
        seconds: found.seconds,
    }
}

/// How many seeds a repetition runs at most.
const SEEDS: u64 = 200;
/// How far the seeds of one repetition are from those of the next.
const FAR: u64 = 1_000_000;

/// Whether anything else notices a mutant whose own property does not.
fn anything_else(
    case: &Case,
    options: &Options,
    watch: &dyn Watch,
) -> Result<Option<(MutantVerdict, Option<String>)>, String> {
    let judgement = case.check(options, watch)?;
    let failed = judgement.properties.iter().find(|property| property.verdict == PropertyVerdict::Violated);
    Ok(match judgement.verdict {
        Verdict::Violated => Some((MutantVerdict::WrongEvidence, failed.map(|property| property.name.clone()))),
        Verdict::Vacuous => Some((MutantVerdict::WrongEvidence, judgement.vacuities.first().cloned())),
        Verdict::Incomplete if judgement.interrupted => None,
        Verdict::Incomplete => Some((MutantVerdict::Incomplete, None)),
        Verdict::Ok => Some((MutantVerdict::Survived, None)),
    })
}
