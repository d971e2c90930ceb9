//! What we set out for, and what came of it; and the ratios that the documentation quotes.

use super::locks::{Suite, THREADS};
use super::measurement::Measurement;
use proofmark_benches::locks::contender::{Calls, Contender, KEPT, LOCKABLE, OURS, REMOVED, SHARDED};
use proofmark_benches::locks::hand_over::BARE;
use proofmark_benches::locks::keys::Keys;
use std::fmt::{self, Write as _};

/// Figures by what they are of.
pub(crate) struct Figures<'a>(pub(crate) &'a [Measurement]);

impl Figures<'_> {
    /// The median of a figure, where it was measured.
    fn median(&self, bench: &str, subject: &str, metric: &str) -> Option<f64> {
        let is_it = |it: &&Measurement| it.bench == bench && it.subject == subject && it.metric == metric;
        self.0.iter().find(is_it).map(|it| it.median)
    }

    /// A figure of a crowd.
    fn crowd(&self, bench: &str, calls: Calls, threads: usize, subject: &str, metric: &str) -> Option<&Measurement> {
        self.0.iter().find(|it| {
            let of = |name: &str| &it.params[name];
            (it.bench.as_str(), it.subject.as_str(), it.metric.as_str()) == (bench, subject, metric)
                && of("calls") == calls.name()
                && of("threads") == threads
        })
    }

    /// The throughput of a subject.
    pub(crate) fn rate(&self, keys: Keys, calls: Calls, threads: usize, subject: &str) -> Option<f64> {
        self.crowd(keys.suite(), calls, threads, subject, "cycles/s").map(|it| it.median)
    }

    /// How many times as fast as a peer we are, and where; the least of all that were measured.
    fn least(&self, keys: &[Keys], calls: Calls, peers: &[&'static str]) -> Option<(f64, String)> {
        let places = keys.iter().flat_map(|&keys| THREADS.map(|threads| (keys, threads)));
        let ratios = places.flat_map(|(keys, threads)| {
            peers.iter().filter_map(move |peer| {
                let ours = self.rate(keys, calls, threads, OURS)?;
                let ratio = ours / self.rate(keys, calls, threads, peer)?;
                Some((ratio, format!("{}, {}, {peer}", keys.words(), self::threads(threads))))
            })
        });
        ratios.min_by(|(one, _), (other, _)| one.total_cmp(other))
    }
}

/// Something that we set out for.
struct Bar {
    what: &'static str,
    bound: Bound,
    found: f64,
    at: String,
}

enum Bound {
    AtLeast(f64),
    AtMost(f64),
}

impl Bar {
    fn is_met(&self) -> bool {
        match self.bound {
            Bound::AtLeast(bound) => self.found >= bound,
            Bound::AtMost(bound) => self.found <= bound,
        }
    }
}

impl Bar {
    fn verdict(&self) -> &'static str {
        if self.is_met() { "met" } else { "missed" }
    }
}

impl fmt::Display for Bar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, bound, found, at } = self;
        write!(f, "{}: {what}: {found:.2} ({at}), {bound} wanted", self.verdict())
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Bound::AtLeast(bound) => write!(f, "at least {bound}"),
            Bound::AtMost(bound) => write!(f, "at most {bound}"),
        }
    }
}

/// What we set out for, as far as it was measured.
fn bars(figures: &Figures<'_>) -> Vec<Bar> {
    use Bound::{AtLeast, AtMost};
    let of_ratio = |what, bound, ratio: Option<(f64, String)>| {
        ratio.map(|(found, at)| Bar { what, bound: AtLeast(bound), found, at })
    };
    let hand_over = |subject| figures.median(Suite::HandOver.name(), subject, "median nanoseconds");
    // How often a task has its turn is decided by its executor before it is by the lock.
    let spread = figures.crowd(Suite::Fairness.name(), Calls::Blocking, 8, OURS, "max/min acquisitions");
    let bytes = figures.median(Suite::Memory.name(), OURS, "bytes/held lock");
    let bars = [
        of_ratio(
            "beside the sharded mutex where keys are seldom taken",
            0.8,
            figures.least(&[Keys::Uniform], Calls::Blocking, &[SHARDED]),
        ),
        of_ratio(
            "beside the peer with a queue that blocks",
            2.0,
            figures.least(&Keys::ALL, Calls::Blocking, &[LOCKABLE]),
        ),
        of_ratio(
            "beside the peers with a queue that await",
            1.0,
            figures.least(&Keys::ALL, Calls::Async, &[LOCKABLE, KEPT, REMOVED]),
        ),
        hand_over(OURS).zip(hand_over(BARE)).map(|(ours, bare)| Bar {
            what: "hand-over to a parked thread",
            bound: AtMost(1.3),
            found: ours / bare,
            at: format!("{ours:.0} ns by {bare:.0} ns of a bare {BARE}"),
        }),
        spread.map(|it| Bar {
            what: "most by least acquisitions of 8 threads",
            bound: AtMost(1.05),
            found: it.median,
            at: "one key".into(),
        }),
        bytes.map(|found| Bar {
            what: "bytes a held lock",
            bound: AtMost(100.0),
            found,
            at: "a million of them".into(),
        }),
    ];
    bars.into_iter().flatten().collect()
}

/// Tells on standard error what we set out for and what came of it.
pub(crate) fn tell(figures: &Figures<'_>) {
    for bar in bars(figures) {
        eprintln!("{bar}");
    }
}

/// All figures as tables of Markdown.
pub(crate) fn markdown(figures: &Figures<'_>) -> String {
    let mut text = String::new();
    for keys in Keys::ALL {
        crowds(&mut text, figures, keys);
    }
    for keys in Keys::ALL {
        latencies(&mut text, figures, keys);
    }
    for suite in [Suite::HandOver, Suite::Fairness, Suite::Memory] {
        others(&mut text, figures, suite);
    }
    let rows = bars(figures).iter().fold(String::new(), |mut rows, bar| {
        let Bar { what, bound, found, at } = bar;
        let _ = writeln!(rows, "| {what} | {bound} | {found:.2} | {} | {} |", literal(at), bar.verdict());
        rows
    });
    if !rows.is_empty() {
        let _ = writeln!(text, "| what | wanted | found | where | |\n| --- | --- | --- | --- | --- |\n{rows}");
    }
    text
}

/// Throughput in millions of cycles a second, and by how much ours is faster than each.
fn crowds(text: &mut String, figures: &Figures<'_>, keys: Keys) {
    let mut rows = String::new();
    for Contender { name, calls, .. } in Contender::all() {
        let cells = THREADS.map(|threads| {
            let (rate, ours) = (figures.rate(keys, calls, threads, name)?, figures.rate(keys, calls, threads, OURS)?);
            let rate_of = |rate: f64| format!("{:.*}", if rate >= 1e7 { 1 } else { 2 }, rate / 1e6);
            Some(if name == OURS { rate_of(rate) } else { format!("{} ({:.2})", rate_of(rate), ours / rate) })
        });
        row(&mut rows, name, calls, cells);
    }
    if !rows.is_empty() {
        table(text, &format!("{}, M cycles/s", keys.words()), &THREADS.map(threads), &rows);
    }
}

/// The three percentiles of latencies, in nanoseconds or microseconds.
fn latencies(text: &mut String, figures: &Figures<'_>, keys: Keys) {
    let mut rows = String::new();
    for Contender { name, calls, .. } in Contender::all() {
        let cells = THREADS.map(|threads| {
            let of = |metric| figures.crowd(keys.suite(), calls, threads, name, metric).map(|it| time(it.median));
            Some(format!("{}, {}, {}", of("p50 nanoseconds")?, of("p99 nanoseconds")?, of("p99.9 nanoseconds")?))
        });
        row(&mut rows, name, calls, cells);
    }
    if !rows.is_empty() {
        table(text, &format!("{}, p50, p99, p99.9", keys.words()), &THREADS.map(threads), &rows);
    }
}

fn others(text: &mut String, figures: &Figures<'_>, suite: Suite) {
    let rows = figures.0.iter().filter(|it| it.bench == suite.name()).fold(String::new(), |mut rows, it| {
        let calls = it.params["calls"].as_str().unwrap_or_default();
        let Measurement { subject, metric, median, low, high, .. } = it;
        let subject = literal(subject);
        let figure = |value: f64| match value {
            value if metric.contains("nanoseconds") => time(value),
            value if value >= 100.0 => format!("{value:.0}"),
            value => format!("{value:.2}"),
        };
        let metric = metric.replace("nanoseconds", "time");
        let [median, low, high] = [median, low, high].map(|value| figure(*value));
        let _ = writeln!(rows, "| {subject} | {calls} | {metric} | {median} | {low} to {high} |");
        rows
    });
    if !rows.is_empty() {
        table(text, suite.name(), &["metric", "median", "lowest to highest"].map(str::to_owned), &rows);
    }
}

fn row(rows: &mut String, name: &str, calls: Calls, figures: [Option<String>; 4]) {
    if figures.iter().any(Option::is_some) {
        let figures = figures.map(Option::unwrap_or_default).join(" | ");
        let _ = writeln!(rows, "| {} | {} | {figures} |", literal(name), calls.name());
    }
}

fn table(text: &mut String, title: &str, head: &[String], rows: &str) {
    let rule = " --- |".repeat(head.len() + 2);
    let _ = writeln!(text, "| {title} | calls | {} |\n|{rule}\n{rows}", head.join(" | "));
}

/// A name as Markdown shows it: what is in angle brackets would be taken for HTML.
fn literal(name: &str) -> String {
    name.replace('<', r"\<")
}

fn threads(number: usize) -> String {
    if number == 1 { "1 thread".to_owned() } else { format!("{number} threads") }
}

/// Nanoseconds in a unit of their size.
fn time(nanoseconds: f64) -> String {
    match nanoseconds {
        n if n >= 1e6 => format!("{:.1} ms", n / 1e6),
        n if n >= 1e3 => format!("{:.1} µs", n / 1e3),
        n => format!("{n:.0} ns"),
    }
}
