//! What an outcome means at a bound: which failures were expected, and what the verdict is.

use crate::check::{Counterexample, Cut, Engine, Finding, Outcome};
use crate::place::Place;
use proofmark_vocabulary::{Constants, Value};
use serde::Serialize;
use std::collections::BTreeMap;

/// The verdict on one model at one bound. A violation beats *incomplete*, which beats *vacuous*.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// All properties hold, exhaustively, and exactly the expected failures failed.
    Ok,
    /// Something that proves nothing: a `can` unmet, an action that never fired, an expected failure that
    /// did not fail, no property at all, no state at all.
    Vacuous,
    /// The search was cut and nothing was found.
    Incomplete,
    /// A property that should hold fails.
    Violated,
}

/// The verdict on one property.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PropertyVerdict {
    /// It holds.
    Holds,
    /// It fails and should hold.
    Violated,
    /// It fails, as the bound says it must.
    Expected,
    /// A `can` that no state satisfies, or an expected failure that did not fail.
    Unmet,
    /// The search was cut before it could tell.
    Unknown,
}

/// What was asked: a model at a bound, perhaps with a bug planted.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The model's name.
    pub model: String,
    /// The bound's name.
    pub bound: String,
    /// The constants, after `--set`.
    pub constants: Constants,
    /// The planted bug, by its mutant's name.
    pub mutant: Option<String>,
    /// The properties that must fail.
    pub expected: Vec<String>,
    /// Who searched.
    pub engine: Engine,
    /// On how many threads.
    pub threads: usize,
    /// Whether states were told apart by their orbits only.
    pub symmetry: bool,
}

/// One model, checked and judged: the unit of every output. Serialised, it is a line of `--format json`.
#[derive(Clone, Debug, Serialize)]
pub struct Judgement {
    /// The model's name.
    pub model: String,
    /// The bound's name.
    pub bound: String,
    /// The constants by name.
    pub constants: BTreeMap<String, Value>,
    /// `native` or `stateright`.
    pub engine: &'static str,
    /// How many threads searched.
    pub threads: usize,
    /// The planted bug, by its mutant's name.
    pub mutant: Option<String>,
    /// Whether states were told apart by their orbits only.
    pub symmetry: bool,
    /// The verdict.
    pub verdict: Verdict,
    /// Whether the search was exhaustive.
    pub complete: bool,
    /// Why it was not.
    pub cut: Option<String>,
    /// Whether it was the user who cut it.
    pub interrupted: bool,
    /// Initial states plus every successor of every distinct state, stutters included.
    pub generated: u64,
    /// Distinct states.
    pub distinct: u64,
    /// States on the longest shortest path.
    pub depth: u64,
    /// Successors that the model's boundary kept out: behaviours that leave it were not judged.
    pub left_boundary: u64,
    /// How long the search took.
    pub seconds: f64,
    /// The process's high-water mark.
    pub peak_memory_bytes: u64,
    /// Bytes of a state, without what it keeps on the heap.
    pub state_bytes: u64,
    /// The probability that two distinct states shared a fingerprint.
    pub collision_probability: f64,
    /// The properties, in the model's order.
    pub properties: Vec<JudgedProperty>,
    /// The kinds of action, in the model's order.
    pub actions: Vec<JudgedAction>,
    /// Each reason for *vacuous*, as a sentence.
    pub vacuities: Vec<String>,
}

/// One property, judged.
#[derive(Clone, Debug, Serialize)]
pub struct JudgedProperty {
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: &'static str,
    /// The verdict.
    pub verdict: PropertyVerdict,
    /// Where it is stated, as far as that can be told.
    pub stated: Option<Place>,
    /// What shows that it fails.
    pub counterexample: Option<KeptCounterexample>,
    /// Of a refinement: how often an action of each of the specification's kinds has explained a step.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub witnessed: BTreeMap<&'static str, u64>,
}

/// A counterexample and the ID under which it is kept.
#[derive(Clone, Debug, Serialize)]
pub struct KeptCounterexample {
    /// The ID that `replay` takes: the same for the same counterexample of the same model, bound, constants,
    /// mutant and property.
    pub id: String,
    /// The behaviour.
    #[serde(flatten)]
    pub behaviour: Counterexample,
}

/// The coverage of one kind of action.
#[derive(Clone, Debug, Serialize)]
pub struct JudgedAction {
    /// The kind.
    pub name: &'static str,
    /// Steps of this kind.
    pub generated: u64,
    /// Steps that led to a state not seen before; absent where the engine does not tell.
    pub distinct: Option<u64>,
}

impl Judgement {
    /// Judges an outcome. `id` names the counterexample of a property; `stated` tells where the property of a name
    /// and kind is stated.
    pub fn new(
        asked: &Asked,
        outcome: Outcome,
        peak_memory_bytes: u64,
        id: impl Fn(&str, &Counterexample) -> String,
        stated: impl Fn(&str, &str) -> Option<Place>,
    ) -> Self {
        let mut vacuities = Vec::new();
        let properties: Vec<_> = outcome
            .properties
            .into_iter()
            .map(|property| {
                let expected = asked.expected.contains(&property.name);
                let (verdict, counterexample) = match property.finding {
                    Finding::Violated(found) => {
                        let verdict = if expected { PropertyVerdict::Expected } else { PropertyVerdict::Violated };
                        (verdict, Some(KeptCounterexample { id: id(&property.name, &found), behaviour: *found }))
                    }
                    Finding::Unmet if expected => (PropertyVerdict::Expected, None),
                    Finding::Unmet => {
                        vacuities.push(format!("no state satisfies `{}`", property.name));
                        (PropertyVerdict::Unmet, None)
                    }
                    Finding::Holds if expected => {
                        vacuities.push(format!("`{}` was expected to fail and holds", property.name));
                        (PropertyVerdict::Unmet, None)
                    }
                    Finding::Holds => (PropertyVerdict::Holds, None),
                    Finding::Unknown => (PropertyVerdict::Unknown, None),
                };
                let stated = stated(&property.name, property.kind);
                let witnessed = property.witnessed.into_iter().collect();
                JudgedProperty { name: property.name, kind: property.kind, verdict, stated, counterexample, witnessed }
            })
            .collect();
        if properties.is_empty() {
            vacuities.push("there is no property to judge".to_owned());
        }
        if outcome.cut.is_none() && outcome.distinct == 0 {
            vacuities.push("the model has no initial state within its boundary".to_owned());
        } else if outcome.cut.is_none() {
            let silent = outcome.actions.iter().filter(|action| action.generated == 0 && !action.switched_off);
            vacuities.extend(silent.map(|action| format!("the action `{}` never fired", action.name)));
        }
        let unknown = properties.iter().any(|property| property.verdict == PropertyVerdict::Unknown);
        let verdict = if properties.iter().any(|property| property.verdict == PropertyVerdict::Violated) {
            Verdict::Violated
        } else if outcome.cut.is_some() || unknown {
            Verdict::Incomplete
        } else if vacuities.is_empty() {
            Verdict::Ok
        } else {
            Verdict::Vacuous
        };
        Self {
            model: asked.model.clone(),
            bound: asked.bound.clone(),
            constants: asked.constants.iter().map(|(name, value)| (name.to_owned(), value.clone())).collect(),
            engine: match asked.engine {
                Engine::Native => "native",
                Engine::Stateright => "stateright",
            },
            threads: asked.threads,
            mutant: asked.mutant.clone(),
            symmetry: asked.symmetry,
            verdict,
            complete: outcome.cut.is_none(),
            interrupted: outcome.cut == Some(Cut::Interrupted),
            cut: outcome.cut.map(|cut| cut.to_string()),
            generated: outcome.generated,
            distinct: outcome.distinct,
            depth: outcome.depth,
            left_boundary: outcome.left_boundary,
            seconds: outcome.elapsed.as_secs_f64(),
            peak_memory_bytes,
            state_bytes: outcome.state_bytes,
            collision_probability: outcome.collision_probability,
            properties,
            actions: outcome
                .actions
                .into_iter()
                .map(|action| JudgedAction {
                    name: action.name,
                    generated: action.generated,
                    distinct: action.distinct,
                })
                .collect(),
            vacuities,
        }
    }

    /// The exit code of this judgement alone: 12, 11 or 13 for a violation of safety, of deadlock freedom or
    /// of liveness, in this order where there are several; 130, 20 or 21 for interrupted, incomplete and
    /// vacuous; else 0.
    pub fn exit_code(&self) -> u8 {
        match self.verdict {
            Verdict::Ok => 0,
            Verdict::Vacuous => 21,
            Verdict::Incomplete if self.interrupted => 130,
            Verdict::Incomplete => 20,
            Verdict::Violated => {
                let violated = self.properties.iter().filter(|p| p.verdict == PropertyVerdict::Violated);
                violated
                    .map(|p| violation_code(p.kind))
                    .min_by_key(|&code| [12, 11, 13].iter().position(|&c| c == code))
                    .unwrap_or(12)
            }
        }
    }
}

pub(crate) fn violation_code(kind: &str) -> u8 {
    match kind {
        "deadlock" => 11,
        "always" | "step" | "refinement" | "history" => 12,
        "trace" => 30,
        _ => 13,
    }
}
