//! A judgement for people.

use super::output::{BAD, DOUBT, FAINT, GOOD, Output, STRONG, plain, plain_lines};
use super::trace;
use crate::judgement::{JudgedProperty, Judgement, KeptCounterexample, PropertyVerdict, Verdict};
use crate::report::words::{bytes, count, duration, plural, probability, rate};
use anstyle::Style;
use proofmark_vocabulary::Value;
use std::fmt::Write as _;

/// The whole of a judgement: figures, properties, every failure's trace, the verdict.
pub(super) fn block(out: &mut Output, program: &str, judgement: &Judgement) {
    out.line(format_args!("{STRONG}{}{STRONG:#}{}", title(judgement), constants(judgement)));
    out.line(format_args!("  {}", figures(judgement)));
    for line in remarks(judgement) {
        out.line(format_args!("  {line}"));
    }
    if !judgement.properties.is_empty() {
        out.line("");
    }
    let width = judgement.properties.iter().map(|property| plain(&property.name).chars().count()).max().unwrap_or(0);
    for property in &judgement.properties {
        let (style, word) = verdict_of(property);
        let (name, kind) = (plain(&property.name), property.kind);
        out.line(format_args!("  {style}{word:8}{style:#}  {name:width$}  {FAINT}{kind}{FAINT:#}"));
    }
    if !judgement.vacuities.is_empty() && judgement.actions.iter().any(|action| action.generated == 0) {
        coverage(out, judgement);
    }
    failures(out, program, &judgement.properties.iter().collect::<Vec<_>>());
    out.line("");
    out.line(format_args!("  {}", verdict(judgement)));
}

/// A judgement in one line, and the traces of what should not have failed.
pub(super) fn brief(out: &mut Output, program: &str, judgement: &Judgement, width: usize) {
    let title = title(judgement);
    let (style, word) = style_of(judgement.verdict);
    out.line(format_args!(
        "{style}{word:10}{style:#}  {title:width$}  {} states, depth {}, {}",
        count(judgement.distinct),
        count(judgement.depth),
        duration(judgement.seconds)
    ));
    for property in judgement.properties.iter().filter(|property| property.verdict == PropertyVerdict::Expected) {
        let kept = property.counterexample.as_ref();
        let shown = kept.map_or_else(String::new, |kept| format!("  {FAINT}{}{FAINT:#}", kept.id));
        out.line(format_args!("{:12}{DOUBT}fails, as expected{DOUBT:#}: {}{shown}", "", plain(&property.name)));
    }
    if judgement.verdict == Verdict::Ok {
        return;
    }
    let violated = judgement.properties.iter().filter(|property| property.verdict == PropertyVerdict::Violated);
    failures(out, program, &violated.collect::<Vec<_>>());
    out.line(format_args!("  {}", verdict(judgement)));
}

/// The verdict alone, in one line.
pub(super) fn quiet(out: &mut Output, judgement: &Judgement) {
    out.line(format_args!("{}: {}", title(judgement), verdict(judgement)));
}

/// The model, its bound and what was planted in it.
pub(super) fn title(judgement: &Judgement) -> String {
    let Judgement { model, bound, mutant, .. } = judgement;
    let planted = mutant.as_ref().map_or_else(String::new, |mutant| format!(" with {mutant} planted"));
    format!("{model} at {bound}{planted}")
}

fn constants(judgement: &Judgement) -> String {
    let told: Vec<_> =
        judgement.constants.iter().map(|(name, value): (_, &Value)| format!("{name} = {value}")).collect();
    if told.is_empty() { String::new() } else { format!(": {}", told.join(", ")) }
}

fn figures(judgement: &Judgement) -> String {
    let Judgement { distinct, generated, depth, seconds, peak_memory_bytes, symmetry, .. } = judgement;
    let what = if *symmetry { "orbits of states" } else { "distinct states" };
    let mut told = format!(
        "{} {what}, {} generated, depth {}, {}, {}",
        count(*distinct),
        count(*generated),
        count(*depth),
        duration(*seconds),
        bytes(*peak_memory_bytes)
    );
    // A rate over a few milliseconds is noise.
    if *seconds >= 0.1 {
        let _ = write!(told, ", {} generated/s", rate(*generated, *seconds));
    }
    told
}

/// What a reader must know to read the figures rightly.
fn remarks(judgement: &Judgement) -> Vec<String> {
    let mut remarks = Vec::new();
    if judgement.engine != "native" {
        remarks.push(format!("searched by {}'s own checker", judgement.engine));
    }
    if judgement.left_boundary > 0 {
        let steps = plural(judgement.left_boundary as usize, "step leaves", "steps leave");
        remarks.push(format!("{steps} the model's boundary: behaviours that leave it were not judged"));
    }
    if judgement.collision_probability >= WORTH_TELLING {
        let p = probability(judgement.collision_probability);
        remarks.push(format!("some two states share a fingerprint, so that one is missed, with a probability of {p}"));
    }
    remarks
}

fn coverage(out: &mut Output, judgement: &Judgement) {
    out.line("");
    out.line("  actions: steps, and those to new states");
    let width = judgement.actions.iter().map(|action| action.name.len()).max().unwrap_or(0);
    for action in &judgement.actions {
        let new = action.distinct.map_or_else(|| "?".to_owned(), count);
        out.line(format_args!("    {:width$}  {:>12}  {new:>12}", action.name, count(action.generated)));
    }
}

fn failures(out: &mut Output, program: &str, properties: &[&JudgedProperty]) {
    for (at, property) in properties.iter().enumerate() {
        if let Some(kept) = &property.counterexample {
            // One behaviour often violates several properties; a reader wants to see it once.
            let same = properties[..at].iter().find(|earlier| {
                let earlier = earlier.counterexample.as_ref().map(|kept| &kept.behaviour);
                earlier.is_some_and(|seen| seen.steps == kept.behaviour.steps && seen.back_to == kept.behaviour.back_to)
            });
            failure(out, program, property, kept, same.map(|earlier| earlier.name.as_str()));
        }
    }
}

fn failure(
    out: &mut Output,
    program: &str,
    property: &JudgedProperty,
    kept: &KeptCounterexample,
    same_as: Option<&str>,
) {
    let JudgedProperty { name, kind, verdict, stated, .. } = property;
    let (style, how) = match verdict {
        PropertyVerdict::Expected => (DOUBT, "fails, as this bound expects"),
        _ => (BAD, "is violated"),
    };
    out.line("");
    out.line(format_args!("  {style}{}{style:#} {how} ({kind}):", plain(name)));
    if let Some(explanation) = &kept.behaviour.explanation {
        out.line(format_args!("  {}", plain_lines(explanation)));
    }
    if let Some(earlier) = same_as {
        out.line(format_args!("    by the same behaviour as {}", plain(earlier)));
    } else {
        for line in trace::lines(&kept.behaviour.steps, kept.behaviour.back_to) {
            out.line(format_args!("    {line}"));
        }
    }
    if let Some(place) = stated {
        out.line(format_args!("  {FAINT}stated in:{FAINT:#} {place}"));
    }
    out.line(format_args!("  {FAINT}replay it:{FAINT:#} {program} replay {}", kept.id));
    out.line(format_args!("  {FAINT}explore it:{FAINT:#} {program} explore --at {} --open", kept.id));
}

/// The verdict in a sentence; never *ok* for what is not known.
fn verdict(judgement: &Judgement) -> String {
    let (style, word) = style_of(judgement.verdict);
    let said = match judgement.verdict {
        Verdict::Ok => holds(judgement),
        Verdict::Vacuous => plain(&judgement.vacuities.join("; ")),
        Verdict::Incomplete => incomplete(judgement),
        Verdict::Violated => {
            let violated: Vec<_> = named(judgement, PropertyVerdict::Violated).collect();
            let rest = if judgement.complete { "" } else { "; the rest was not searched to the end" };
            format!("{}{rest}", plain(&violated.join(", ")))
        }
    };
    format!("{style}{word}{style:#}: {said}")
}

fn holds(judgement: &Judgement) -> String {
    let held = named(judgement, PropertyVerdict::Holds).count();
    let failed = named(judgement, PropertyVerdict::Expected).count();
    match failed {
        0 => format!("{} in every behaviour within the bound", plural(held, "property holds", "properties hold")),
        _ => format!(
            "{}, and exactly the {} that the bound expects",
            plural(held, "property holds", "properties hold"),
            plural(failed, "failure", "failures")
        ),
    }
}

fn incomplete(judgement: &Judgement) -> String {
    if let Some(cut) = &judgement.cut {
        let expected = named(judgement, PropertyVerdict::Expected).next().is_some();
        let found = if expected { "no violation but what the bound expects" } else { "no violation" };
        return format!("{cut}; {found} was found in the part that was searched");
    }
    let unknown: Vec<_> = named(judgement, PropertyVerdict::Unknown).collect();
    format!("this engine does not judge {}", plain(&unknown.join(", ")))
}

fn named(judgement: &Judgement, verdict: PropertyVerdict) -> impl Iterator<Item = &str> {
    judgement
        .properties
        .iter()
        .filter(move |property| property.verdict == verdict)
        .map(|property| property.name.as_str())
}

fn verdict_of(property: &JudgedProperty) -> (Style, &'static str) {
    match property.verdict {
        PropertyVerdict::Holds => (GOOD, "holds"),
        PropertyVerdict::Violated => (BAD, "violated"),
        PropertyVerdict::Expected => (DOUBT, "expected"),
        PropertyVerdict::Unmet => (BAD, "unmet"),
        PropertyVerdict::Unknown => (DOUBT, "unknown"),
    }
}

fn style_of(verdict: Verdict) -> (Style, &'static str) {
    match verdict {
        Verdict::Ok => (GOOD, "ok"),
        Verdict::Vacuous => (DOUBT, "vacuous"),
        Verdict::Incomplete => (DOUBT, "incomplete"),
        Verdict::Violated => (BAD, "violated"),
    }
}

/// The least probability of a collision that a reader hears of.
const WORTH_TELLING: f64 = 1e-9;
