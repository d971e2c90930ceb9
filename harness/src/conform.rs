//! Conformance: whether code does what its model says, as told by the links.

use crate::history::Drawing;
use crate::interleave::CaseResult;
use crate::judgement::{JudgedProperty, Judgement, PropertyVerdict, Verdict};
use crate::links::Link;
use crate::report::words::count;
use crate::sim::Fault;
use serde::Serialize;
use std::collections::BTreeMap;

/// What one link says of one system. Serialised, it is a line of `conform --format json`.
#[derive(Clone, Debug, Serialize)]
pub struct Conformance {
    /// The system.
    pub system: String,
    /// The link.
    pub link: Link,
    /// The bug planted in the code, by its mutant's name.
    pub mutant: Option<String>,
    /// The verdict.
    pub verdict: ConformVerdict,
    /// How many runs were judged; of L1 bounds that were explored, of L3 paths that were driven, of L6 cases.
    pub runs: usize,
    /// How many steps of the code were judged; of L6 interleavings.
    pub steps: u64,
    /// How often an action of each of the model's kinds has explained a step.
    pub witnessed: BTreeMap<&'static str, u64>,
    /// The kinds of the model's actions that no step was explained by.
    pub unwitnessed: Vec<&'static str>,
    /// Which fields of the model's state were compared, and how often; L1 compares whole states at every step.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub compared: BTreeMap<&'static str, u64>,
    /// How often each fault of the simulator has fired.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub fired: BTreeMap<Fault, u64>,
    /// What the model can do and the code never does by intention, with the reason, and how many steps of the model
    /// that are.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub left_out: BTreeMap<&'static str, u64>,
    /// Of L6 what came of each case.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cases: Vec<CaseResult>,
    /// The first step that the model does not allow, or else the first claim of the code that fails.
    pub divergence: Option<FoundDivergence>,
    /// How long it took.
    pub seconds: f64,
}

/// The verdict of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ConformVerdict {
    /// Every step is a step of the model, and together they witness all of it.
    Ok,
    /// No step strays, but some action of the model was never witnessed: nothing is known of it.
    Vacuous,
    /// A limit was reached.
    Incomplete,
    /// Something else that is claimed of the code fails.
    Violated,
    /// The code takes a step that the model does not allow.
    Diverged,
}

/// Where code and model part.
#[derive(Clone, Debug, Default, Serialize)]
pub struct FoundDivergence {
    /// Where it was found: a bound, a seed, a line of a trace.
    pub at: String,
    /// The seed of the run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// The claim that fails.
    pub property: String,
    /// The evidence by name, as mutants name it: of L1 the claim, of others a field of the model's state or an action.
    pub evidence: String,
    /// The ID under which the way there is kept; empty where it is not.
    pub id: String,
    /// The event of the code, in words.
    pub event: Option<String>,
    /// What the model says to it.
    pub explanation: Option<String>,
    /// How many events lead there, that one included.
    pub events: usize,
    /// What clients see, drawn, where that is what is wrong.
    #[serde(skip)]
    pub drawing: Option<Drawing>,
}

impl Conformance {
    /// Of a link that has found nothing yet.
    pub(crate) fn begun(system: &str, link: Link, runs: usize, steps: u64) -> Self {
        Self {
            system: system.to_owned(),
            link,
            mutant: None,
            verdict: ConformVerdict::Ok,
            runs,
            steps,
            witnessed: BTreeMap::new(),
            unwitnessed: Vec::new(),
            compared: BTreeMap::new(),
            fired: BTreeMap::new(),
            left_out: BTreeMap::new(),
            cases: Vec::new(),
            divergence: None,
            seconds: 0.0,
        }
    }

    /// What the exploration of a system's cluster at some bounds says: every step of every behaviour is a step of
    /// the model or a stutter (L1).
    pub fn of_clusters(system: &str, judgements: &[Judgement]) -> Self {
        let mut witnessed: BTreeMap<&'static str, u64> = BTreeMap::new();
        for property in judgements.iter().flat_map(|judgement| &judgement.properties) {
            for (&kind, count) in &property.witnessed {
                *witnessed.entry(kind).or_default() += count;
            }
        }
        let unwitnessed: Vec<_> = witnessed.iter().filter(|(_, count)| **count == 0).map(|(&kind, _)| kind).collect();
        let strays = judgements.iter().find_map(|judgement| found_in(judgement, |kind| kind == "refinement"));
        let has_strayed = strays.is_some();
        let divergence = strays.or_else(|| judgements.iter().find_map(|judgement| found_in(judgement, |_| true)));
        // A search that ended there says nothing of what it did not come to.
        let unwitnessed = if divergence.is_some() { Vec::new() } else { unwitnessed };
        let any = |verdict| judgements.iter().any(|judgement| judgement.verdict == verdict);
        let verdict = if has_strayed {
            ConformVerdict::Diverged
        } else if any(Verdict::Violated) {
            ConformVerdict::Violated
        } else if any(Verdict::Incomplete) {
            ConformVerdict::Incomplete
        } else if any(Verdict::Vacuous) || !unwitnessed.is_empty() || witnessed.is_empty() {
            ConformVerdict::Vacuous
        } else {
            ConformVerdict::Ok
        };
        let steps = judgements.iter().map(|judgement| judgement.generated).sum();
        Self {
            mutant: judgements.iter().find_map(|judgement| judgement.mutant.clone()),
            verdict,
            witnessed,
            unwitnessed,
            divergence,
            seconds: judgements.iter().map(|judgement| judgement.seconds).sum(),
            ..Self::begun(system, Link::L1, judgements.len(), steps)
        }
    }
}

impl Conformance {
    /// What the cases of a system's concurrent code say (L6).
    pub fn of_cases(system: &str, mutant: Option<&str>, cases: Vec<CaseResult>, seconds: f64) -> Self {
        let wrong = cases.iter().find(|case| case.verdict == ConformVerdict::Diverged);
        let any = |verdict| cases.iter().any(|case| case.verdict == verdict);
        let verdict = if wrong.is_some() {
            ConformVerdict::Diverged
        } else if any(ConformVerdict::Incomplete) {
            ConformVerdict::Incomplete
        } else if any(ConformVerdict::Vacuous) || cases.is_empty() {
            ConformVerdict::Vacuous
        } else {
            ConformVerdict::Ok
        };
        let divergence = wrong.map(|case| {
            let evidence = case.evidence.clone().unwrap_or_default();
            let interleaving = match case.interleavings {
                0 => "an interleaving that is not known".to_owned(),
                number => format!("interleaving {}", count(number)),
            };
            FoundDivergence {
                at: format!("the case {}", case.case),
                property: evidence.clone(),
                evidence,
                event: Some(format!("{interleaving}, by {}", case.explorer)),
                explanation: case.why.clone(),
                ..FoundDivergence::default()
            }
        });
        let interleavings = cases.iter().map(|case| case.interleavings).sum();
        let begun = Self::begun(system, Link::L6, cases.len(), interleavings);
        Self { mutant: mutant.map(ToOwned::to_owned), verdict, cases, divergence, seconds, ..begun }
    }
}

/// The first violated property of such a kind, as where code and model part.
fn found_in(judgement: &Judgement, is_such: impl Fn(&str) -> bool) -> Option<FoundDivergence> {
    let fails = |property: &&JudgedProperty| property.verdict == PropertyVerdict::Violated && is_such(property.kind);
    let property = judgement.properties.iter().find(fails)?;
    let kept = property.counterexample.as_ref()?;
    Some(FoundDivergence {
        at: judgement.bound.clone(),
        seed: None,
        property: property.name.clone(),
        evidence: property.name.clone(),
        id: kept.id.clone(),
        event: kept.behaviour.steps.last().and_then(|step| step.action.clone()),
        explanation: kept.behaviour.explanation.clone(),
        events: kept.behaviour.steps.len() - 1,
        drawing: None,
    })
}
