//! A counterexample, step by step: the action in words and what it changed.

use crate::check::{Counterexample, Step};
use crate::judgement::{JudgedProperty, PropertyVerdict};
use crate::report::words;
use proofmark_vocabulary::{Change, Value};
use std::collections::BTreeSet;
use std::fmt;

/// A counterexample.
pub(in crate::report) struct BehaviourView {
    pub(in crate::report) anchor: String,
    pub(in crate::report) title: String,
    pub(in crate::report) explanation: String,
    pub(in crate::report) steps: Vec<StepView>,
    /// How the behaviour goes on after the last step; empty for a path.
    pub(in crate::report) ending: String,
    /// Where the model states the property; empty where that is not known.
    pub(in crate::report) stated: String,
    pub(in crate::report) replay: String,
    /// The page in which it can be stepped through; empty where there is none.
    pub(in crate::report) page: String,
}

/// One step of a behaviour.
pub(in crate::report) struct StepView {
    pub(in crate::report) words: String,
    /// Whether the behaviour comes back here for ever.
    pub(in crate::report) loops: bool,
    pub(in crate::report) fields: Vec<FieldView>,
    /// A state without fields is a text, and shown in whole.
    pub(in crate::report) lines: Vec<LineView>,
    /// Said where a step changed nothing.
    pub(in crate::report) unchanged: bool,
}

/// A field: what it became, and what it was where that is known.
pub(in crate::report) struct FieldView {
    pub(in crate::report) path: String,
    pub(in crate::report) before: Option<String>,
    pub(in crate::report) after: String,
}

/// A line of a state that is a text.
pub(in crate::report) struct LineView {
    pub(in crate::report) text: String,
    pub(in crate::report) changed: bool,
}

impl BehaviourView {
    /// `None` for a property without a counterexample.
    pub(in crate::report) fn new(program: &str, property: &JudgedProperty, anchor: &str) -> Option<Self> {
        let kept = property.counterexample.as_ref()?;
        let Counterexample { steps, back_to, explanation } = &kept.behaviour;
        let how = if property.verdict == PropertyVerdict::Expected { "fails, as expected" } else { "fails" };
        let steps_in_words = words::plural(steps.len().saturating_sub(1), "step", "steps");
        Some(Self {
            anchor: anchor.to_owned(),
            title: format!("How “{}” {how}: {steps_in_words}", property.name),
            explanation: explanation.clone().unwrap_or_default(),
            steps: (0..steps.len()).map(|at| step(steps, at, *back_to)).collect(),
            ending: back_to.map_or_else(String::new, |to| ending(to, steps.len())),
            stated: property.stated.as_ref().map_or_else(String::new, ToString::to_string),
            replay: format!("{program} replay {}", kept.id),
            page: String::new(),
        })
    }
}

impl fmt::Display for BehaviourView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.title)?;
        if !self.explanation.is_empty() {
            writeln!(f, "{}", self.explanation)?;
        }
        for (at, step) in self.steps.iter().enumerate() {
            writeln!(f, "{at:>3}. {}", step.words)?;
            if step.unchanged {
                writeln!(f, "       nothing changes")?;
            }
            for FieldView { path, before, after } in &step.fields {
                match before {
                    Some(before) => writeln!(f, "       {path}: {before} → {after}")?,
                    None => writeln!(f, "       {path} = {after}")?,
                }
            }
            for line in step.lines.iter().filter(|_| !step.unchanged) {
                writeln!(f, "     {} {}", if line.changed { '>' } else { ' ' }, line.text)?;
            }
        }
        if !self.ending.is_empty() {
            writeln!(f, "     … {}", self.ending)?;
        }
        if !self.stated.is_empty() {
            writeln!(f, "The property is stated at {}", self.stated)?;
        }
        writeln!(f, "Step through it with: {}", self.replay)
    }
}

/// Steps are counted from the initial state, which is step 0.
fn ending(back_to: usize, steps: usize) -> String {
    if back_to + 1 == steps {
        "and so it stays for ever".to_owned()
    } else {
        format!("and then back to step {back_to}, for ever")
    }
}

fn step(steps: &[Step], at: usize, back_to: Option<usize>) -> StepView {
    let Step { action, state, .. } = &steps[at];
    let before = at.checked_sub(1).map(|before| &steps[before].state);
    let (fields, lines) = match (state, before) {
        (Value::Text(text), before) => (Vec::new(), lines(text, before)),
        (_, Some(before)) => (before.changes(state).into_iter().map(changed).collect(), Vec::new()),
        (Value::Record(fields), None) => {
            (fields.iter().map(|(name, value)| initial(name, value)).collect(), Vec::new())
        }
        (other, None) => (vec![initial("", other)], Vec::new()),
    };
    StepView {
        words: action.clone().unwrap_or_else(|| "The initial state".to_owned()),
        loops: back_to == Some(at) && at + 1 < steps.len(),
        unchanged: before == Some(state),
        fields,
        lines,
    }
}

fn changed(Change { path, before, after }: Change) -> FieldView {
    let show = |value: Option<Value>| value.map_or_else(|| "nothing".to_owned(), |value| value.to_string());
    FieldView { path: named(&path), before: Some(show(before)), after: show(after) }
}

fn initial(name: &str, value: &Value) -> FieldView {
    FieldView { path: named(name), before: None, after: value.to_string() }
}

fn named(path: &str) -> String {
    if path.is_empty() { "the state".to_owned() } else { path.to_owned() }
}

/// The lines of a text, each marked where the text before had no such line.
fn lines(text: &str, before: Option<&Value>) -> Vec<LineView> {
    let old: Option<BTreeSet<&str>> = match before {
        Some(Value::Text(before)) => Some(before.lines().collect()),
        _ => None,
    };
    text.lines()
        .map(|line| LineView { text: line.to_owned(), changed: old.as_ref().is_some_and(|old| !old.contains(line)) })
        .collect()
}
