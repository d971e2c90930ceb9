//! Figures and verdicts in words.

use crate::conform::ConformVerdict;
use crate::interleave::CaseResult;
use crate::judgement::{PropertyVerdict, Verdict};
use crate::links::Link;
use crate::mutants::MutantVerdict;
use std::fmt::Display;

/// A whole number in groups of three: `10,340,352`.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() * 4 / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A number and what it counts: `1 model`, `2 models`.
pub(crate) fn plural(number: usize, one: &str, many: &str) -> String {
    format!("{} {}", count(number as u64), if number == 1 { one } else { many })
}

/// Changed constants and a planted bug, as the command line takes them.
pub(crate) fn changes<K: Display, V: Display>(
    set: impl IntoIterator<Item = (K, V)>,
    mutant: Option<&str>,
) -> impl Iterator<Item = String> {
    let set = set.into_iter().map(|(name, value)| format!("--set {name}={value}"));
    set.chain(mutant.map(|mutant| format!("--mutant {mutant}")))
}

/// A duration with as many digits as are worth reading.
pub(crate) fn duration(seconds: f64) -> String {
    match seconds {
        s if s < 0.001 => "under 1 ms".to_owned(),
        s if s < 0.9995 => format!("{:.0} ms", s * 1000.0),
        s if s < 9.995 => format!("{s:.2} s"),
        s if s < 59.95 => format!("{s:.1} s"),
        s => {
            let whole = whole(s);
            format!("{} min {} s", whole / 60, whole % 60)
        }
    }
}

/// Steps generated in a second, where the search took long enough to tell.
pub(crate) fn rate(generated: u64, seconds: f64) -> String {
    if seconds < 0.01 {
        return "too quick to tell".to_owned();
    }
    match generated as f64 / seconds {
        r if r < 999.5 => format!("{r:.0}"),
        r if r < 999_500.0 => format!("{:.0} thousand", r / 1e3),
        r => format!("{:.1} million", r / 1e6),
    }
}

/// Bytes in binary units.
pub(crate) fn bytes(bytes: u64) -> String {
    const MIB: f64 = 1_048_576.0;
    match bytes as f64 / MIB {
        _ if bytes == 0 => "not measured".to_owned(),
        m if m < 9.95 => format!("{m:.1} MiB"),
        m if m < 1023.5 => format!("{m:.0} MiB"),
        m => format!("{:.1} GiB", m / 1024.0),
    }
}

/// A probability: `2.9 × 10⁻⁶`.
pub(crate) fn probability(p: f64) -> String {
    if p <= 0.0 {
        return "0".to_owned();
    }
    if p >= 0.01 {
        return format!("{:.1} %", p * 100.0);
    }
    let scientific = format!("{p:.1e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let raised: String = exponent.chars().map(superscript).collect();
    format!("{mantissa} × 10{raised}")
}

/// A sentence of a judgement, which quotes names by backticks, as prose quotes them.
pub(super) fn prose(sentence: &str) -> String {
    let mut open = false;
    let quote = |c| match c {
        '`' => {
            open = !open;
            if open { '“' } else { '”' }
        }
        c => c,
    };
    sentence.chars().map(quote).collect()
}

/// The verdict on a model at a bound.
pub(crate) const fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Ok => "ok",
        Verdict::Vacuous => "vacuous",
        Verdict::Incomplete => "incomplete",
        Verdict::Violated => "violated",
    }
}

/// The verdict on a property.
pub(crate) const fn property(verdict: PropertyVerdict) -> &'static str {
    match verdict {
        PropertyVerdict::Holds => "holds",
        PropertyVerdict::Violated => "violated",
        PropertyVerdict::Expected => "fails, as expected",
        PropertyVerdict::Unmet => "unmet",
        PropertyVerdict::Unknown => "unknown",
    }
}

/// The verdict of a link.
pub(crate) const fn conformance(verdict: ConformVerdict) -> &'static str {
    match verdict {
        ConformVerdict::Ok => "conforms",
        ConformVerdict::Vacuous => "vacuous",
        ConformVerdict::Incomplete => "incomplete",
        ConformVerdict::Violated => "violated",
        ConformVerdict::Diverged => "diverges",
    }
}

/// The verdict of a case of concurrent code.
pub(crate) const fn case(verdict: ConformVerdict) -> &'static str {
    match verdict {
        ConformVerdict::Ok => "ok",
        other => conformance(other),
    }
}

/// What a link is called.
pub(super) const fn link_title(link: Link) -> &'static str {
    match link {
        Link::Model => "check of the model",
        Link::L1 => "refinement",
        Link::L2 => "trace validation",
        Link::L3 => "model-driven tests",
        Link::L5 => "histories",
        Link::L6 => "interleavings",
    }
}

/// What a link does, in a sentence.
pub(super) const fn link_does(link: Link) -> &'static str {
    match link {
        Link::Model => "Explores the model alone.",
        Link::L1 => {
            "Explores every behaviour of the real code at small bounds: each step is a step of the model, or leaves it \
             where it is."
        }
        Link::L2 => "Follows runs of the simulator, with all its faults: steps of the model explain every event.",
        Link::L3 => {
            "Drives paths through the model on the code: whatever the model can do, the code can be brought to do."
        }
        Link::L5 => "Judges what the clients of such runs see: one object, each operation at one moment.",
        Link::L6 => "Runs the threads of concurrent code in every order, and judges what each of them sees.",
    }
}

/// How many runs a link has judged, in its own words.
pub(crate) fn runs(link: Link, runs: usize) -> String {
    match link {
        Link::Model | Link::L1 => plural(runs, "bound", "bounds"),
        Link::L2 | Link::L5 => plural(runs, "run", "runs"),
        Link::L3 => plural(runs, "path", "paths"),
        Link::L6 => plural(runs, "case", "cases"),
    }
}

/// What a link has judged of the code: steps or, of concurrent code, interleavings.
pub(crate) fn judged(link: Link, number: u64) -> String {
    let number = usize::try_from(number).unwrap_or(usize::MAX);
    match link {
        Link::L6 => plural(number, "interleaving", "interleavings"),
        _ => plural(number, "step", "steps"),
    }
}

/// How many interleavings of a case there were, and how they were chosen.
pub(crate) fn interleavings(case: &CaseResult) -> String {
    let number = plural(case.interleavings as usize, "interleaving", "interleavings");
    let threads = plural(case.threads, "thread", "threads");
    let how = match (case.explorer, case.preemptions) {
        ("loom", _) if case.verdict != ConformVerdict::Ok => "so far".to_owned(),
        ("loom", None) => "all there are".to_owned(),
        ("loom", Some(bound)) => format!("all with at most {}", plural(bound, "preemption", "preemptions")),
        ("shuttle", _) => "at random".to_owned(),
        (_, _) => "as the machine ran them".to_owned(),
    };
    format!("{number} of {threads}, {how}")
}

/// Several names in a sentence: `L1, L2 and L3`.
pub(super) fn all_of(names: &[impl AsRef<str>]) -> String {
    match names {
        [] => String::new(),
        [only] => only.as_ref().to_owned(),
        [rest @ .., last] => {
            let rest: Vec<_> = rest.iter().map(AsRef::as_ref).collect();
            format!("{} and {}", rest.join(", "), last.as_ref())
        }
    }
}

/// A clause as the beginning of a sentence.
pub(super) fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// The median of some whole numbers, to the half; `None` of none.
pub(super) fn median(numbers: &[u64]) -> Option<String> {
    let mut sorted = numbers.to_vec();
    sorted.sort_unstable();
    let upper = *sorted.get(sorted.len() / 2)?;
    let lower = sorted[(sorted.len() - 1) / 2];
    let half = if (upper - lower) % 2 == 1 { ".5" } else { "" };
    Some(format!("{}{half}", count(lower + (upper - lower) / 2)))
}

/// What became of a mutant.
pub(crate) const fn mutant(verdict: MutantVerdict) -> &'static str {
    match verdict {
        MutantVerdict::Killed => "killed",
        MutantVerdict::WrongEvidence => "wrong evidence",
        MutantVerdict::Survived => "survived",
        MutantVerdict::Incomplete => "incomplete",
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a duration, rounded for reading")]
fn whole(seconds: f64) -> u64 {
    seconds.round() as u64
}

fn superscript(digit: char) -> char {
    match digit {
        '-' => '⁻',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        '4' => '⁴',
        '5' => '⁵',
        '6' => '⁶',
        '7' => '⁷',
        '8' => '⁸',
        '9' => '⁹',
        _ => '⁰',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_read_well() {
        assert_eq!([0, 999, 1_146, 10_340_352].map(count), ["0", "999", "1,146", "10,340,352"]);
        assert_eq!(
            [0.0, 0.0004, 0.34, 0.9996, 3.15, 59.94, 59.96, 134.2].map(duration),
            ["under 1 ms", "under 1 ms", "340 ms", "1.00 s", "3.15 s", "59.9 s", "1 min 0 s", "2 min 14 s"]
        );
        assert_eq!(rate(123_558_402, 3.1), "39.9 million");
        assert_eq!(rate(1_146, 0.0001), "too quick to tell");
        assert_eq!([0, 5 << 20, 300 << 20, 3 << 30].map(bytes), ["not measured", "5.0 MiB", "300 MiB", "3.0 GiB"]);
        assert_eq!([0.0, 2.9e-6, 0.03].map(probability), ["0", "2.9 × 10⁻⁶", "3.0 %"]);
        assert_eq!([plural(1, "model", "models"), plural(0, "model", "models")], ["1 model", "0 models"]);
        assert_eq!(all_of(&["L1", "L2", "L3"]), "L1, L2 and L3");
        assert_eq!(median(&[]), None);
        assert_eq!([median(&[9, 1, 4]), median(&[4, 1])].map(Option::unwrap), ["4", "2.5"]);
    }
}
