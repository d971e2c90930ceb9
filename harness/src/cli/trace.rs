//! A behaviour, step by step: each action in words and what it changed.

use super::output::{BAD, FAINT, GOOD, STRONG, plain, plain_lines};
use crate::check::Step;
use proofmark_vocabulary::{Change, Value};
use similar::{ChangeTag, TextDiff};
use std::collections::BTreeSet;

/// The lines of a behaviour, without indentation.
pub(super) fn lines(steps: &[Step], back_to: Option<usize>) -> Vec<String> {
    let mut lines = Vec::new();
    let width = steps.len().saturating_sub(1).to_string().len();
    for (at, step) in steps.iter().enumerate() {
        let action = step.action.as_deref().unwrap_or("initially");
        lines.push(format!("{at:>width$}  {STRONG}{}{STRONG:#}", plain(action)));
        let told = match at.checked_sub(1).map(|before| &steps[before].state) {
            None => state(&step.state),
            Some(before) if *before == step.state => vec![format!("{FAINT}nothing changes{FAINT:#}")],
            Some(before) => changes(before, &step.state),
        };
        lines.extend(told.into_iter().map(|line| format!("{:width$}    {line}", "")));
    }
    match back_to {
        Some(start) if start + 1 == steps.len() => lines.push("and stays there for ever".to_owned()),
        Some(start) => lines.push(format!("then back to step {start}, for ever")),
        None => {}
    }
    lines
}

/// A whole state, a line a field.
pub(super) fn state(state: &Value) -> Vec<String> {
    match state {
        Value::Record(fields) => {
            let width = fields.keys().map(String::len).max().unwrap_or(0);
            fields.iter().map(|(name, value)| plain_lines(&format!("{name:width$}  {value}"))).collect()
        }
        Value::Text(text) => text.lines().map(plain).collect(),
        other => vec![plain_lines(&other.to_string())],
    }
}

/// What differs between two states.
pub(super) fn changes(before: &Value, after: &Value) -> Vec<String> {
    if let (Value::Text(before), Value::Text(after)) = (before, after) {
        return line_changes(before, after);
    }
    let changes = before.changes(after);
    let width = changes.iter().map(|change| change.path.len()).max().unwrap_or(0);
    changes.iter().map(|change| plain_lines(&format!("{:width$}  {}", change.path, becomes(change)))).collect()
}

/// A change in words. Of a large set only what came and went is told.
fn becomes(change: &Change) -> String {
    let shown = |value: &Option<Value>| value.as_ref().map_or_else(|| "nothing".to_owned(), ToString::to_string);
    let whole = format!("{} -> {}", shown(&change.before), shown(&change.after));
    match (&change.before, &change.after) {
        (Some(Value::Set(before)), Some(Value::Set(after))) if whole.chars().count() > WIDE => {
            let parts = [("gains", after, before), ("loses", before, after)];
            let told = parts.into_iter().filter_map(|(word, of, without)| {
                let members: BTreeSet<_> = of.difference(without).cloned().collect();
                (!members.is_empty()).then(|| format!("{word} {}", Value::Set(members)))
            });
            told.collect::<Vec<_>>().join(", ")
        }
        _ => whole,
    }
}

fn line_changes(before: &str, after: &str) -> Vec<String> {
    let difference = TextDiff::from_lines(before, after);
    let told = difference.iter_all_changes().filter_map(|change| {
        let line = plain(change.value().trim_end());
        match change.tag() {
            ChangeTag::Delete => Some(format!("{BAD}-{BAD:#} {line}")),
            ChangeTag::Insert => Some(format!("{GOOD}+{GOOD:#} {line}")),
            ChangeTag::Equal => None,
        }
    });
    told.collect()
}

/// Characters beyond which a changed set is told by its difference.
const WIDE: usize = 72;

#[cfg(test)]
mod tests {
    use super::*;

    fn step(action: Option<&str>, state: Value) -> Step {
        Step { action: action.map(ToOwned::to_owned), kind: None, state }
    }

    fn plain(lines: &[String]) -> Vec<String> {
        lines.iter().map(|line| anstream::adapter::strip_str(line).to_string()).collect()
    }

    #[test]
    fn a_step_tells_what_it_changed_and_a_lasso_where_it_returns() {
        let state = |held: bool, sent: i64| Value::record([("held", held.into()), ("sent", Value::set(0..sent))]);
        let steps = [
            step(None, state(false, 0)),
            step(Some("client 1 asks"), state(true, 1)),
            step(Some("nobody moves"), state(true, 1)),
            step(Some("everything is sent"), state(true, 40)),
        ];
        let told = plain(&lines(&steps, Some(1)));
        assert_eq!(
            told[..8],
            [
                "0  initially",
                "     held  false",
                "     sent  {}",
                "1  client 1 asks",
                "     held  false -> true",
                "     sent  {} -> {0}",
                "2  nobody moves",
                "     nothing changes",
            ]
        );
        assert!(told[9].starts_with("     sent  gains {1, 2, "), "{}", told[9]);
        assert_eq!(told[10], "then back to step 1, for ever");
        assert_eq!(lines(&steps[..1], Some(0)).last().unwrap(), "and stays there for ever");
    }

    #[test]
    fn a_state_that_is_text_is_told_by_its_lines() {
        let steps = [
            step(None, Value::from("State {\n    tm: Init,\n    n: 1,\n}")),
            step(Some("Commit"), Value::from("State {\n    tm: Done,\n    n: 1,\n}")),
        ];
        assert_eq!(plain(&lines(&steps, None))[6..], ["     -     tm: Init,", "     +     tm: Done,"]);
    }
}
