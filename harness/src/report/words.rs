//! Figures and verdicts in words.

use crate::judgement::{PropertyVerdict, Verdict};
use crate::mutants::MutantVerdict;

/// A whole number in groups of three: `10,340,352`.
pub(crate) fn count(number: u64) -> String {
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
    }
}
