//! `bench`: runs the benchmarks of a checkout and draws the comparison with the peers.

use super::output::{FAINT, STRONG, note};
use super::session::Session;
use super::{Ended, Failure, exit, interrupt};
use serde::Deserialize;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

/// A line of what the benchmarks print.
#[derive(Debug, Deserialize)]
struct Measurement {
    bench: String,
    subject: String,
    #[serde(default)]
    params: BTreeMap<String, Json>,
    metric: String,
    median: f64,
    low: f64,
    high: f64,
}

pub(super) fn run(session: &mut Session<'_>, names: &[String]) -> Ended {
    session.refuse_outputs("bench")?;
    let manifest = manifest()?;
    let mut child = start(&manifest, names, session.everywhere.quiet)?;
    let measured = listen(session, &mut child);
    let ended = child.wait().map_err(|cause| Failure::Internal(format!("the benchmarks were lost: {cause}")))?;
    if !session.json() {
        session.out.text(table(&measured));
    }
    if interrupt::requested() {
        return Ok(exit::INTERRUPTED);
    }
    match ended.code() {
        Some(0) => Ok(exit::OK),
        // A name that does not exist is the user's mistake, and the benchmarks have said so.
        Some(2) => Ok(exit::USAGE),
        _ => Err(Failure::Internal(format!("the benchmarks failed ({ended}); what they said stands above"))),
    }
}

/// The manifest of the benchmarks, from the current directory upwards.
fn manifest() -> Result<PathBuf, Failure> {
    let here = std::env::current_dir().map_err(|cause| Failure::Usage(format!("no current directory: {cause}")))?;
    let found =
        here.ancestors().map(|directory| directory.join("benches").join("Cargo.toml")).find(|path| path.is_file());
    found.ok_or_else(|| {
        Failure::Usage(format!(
            "`bench` runs the benchmarks of a checkout, and {} is in none: there is no benches/Cargo.toml there or above",
            here.display()
        ))
    })
}

fn start(manifest: &Path, names: &[String], quiet: bool) -> Result<Child, Failure> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["run", "--release", "--manifest-path"]).arg(manifest);
    command.args(quiet.then_some("--quiet")).arg("--").args(names);
    // A group of their own, so that they can be stopped with all that they have started.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|cause| Failure::Usage(format!("`bench` needs cargo, and it does not start: {cause}")))
}

/// Reads what the benchmarks print until they end. Ctrl-C ends them.
fn listen(session: &mut Session<'_>, child: &mut Child) -> Vec<Measurement> {
    let (send, lines) = mpsc::channel();
    if let Some(stdout) = child.stdout.take() {
        std::thread::spawn(move || {
            let lines = BufReader::new(stdout).lines().map_while(Result::ok);
            lines.map(|line| send.send(line)).take_while(Result::is_ok).for_each(drop);
        });
    } else {
        drop(send);
    }
    let mut measured = Vec::new();
    let mut stopped = false;
    loop {
        if interrupt::requested() && !stopped {
            stop(child);
            stopped = true;
        }
        let line = match lines.recv_timeout(ATTENTION) {
            Ok(line) => line,
            Err(RecvTimeoutError::Timeout) => continue,
            Err(RecvTimeoutError::Disconnected) => return measured,
        };
        let Ok(measurement) = serde_json::from_str::<Measurement>(&line) else {
            note(format_args!("bench: {line}"));
            continue;
        };
        if session.json() {
            session.out.line(&line);
        }
        measured.push(measurement);
    }
}

/// Ends the benchmarks and the processes that they have started. That they have ended already is no failure.
#[cfg(unix)]
fn stop(child: &mut Child) {
    use rustix::process::{Pid, Signal, kill_process_group};
    let _ = kill_process_group(Pid::from_child(child), Signal::INT);
}

/// Ends the benchmarks; the console has told the processes that they have started.
#[cfg(not(unix))]
fn stop(child: &mut Child) {
    let _ = child.kill();
}

/// The measurements of each benchmark, metric and choice of parameters side by side, with bars and ratios.
fn table(measured: &[Measurement]) -> String {
    let mut groups: Vec<(String, Vec<&Measurement>)> = Vec::new();
    for measurement in measured {
        let params: Vec<_> = measurement.params.iter().map(|(name, value)| format!("{name} = {value}")).collect();
        let params = if params.is_empty() { String::new() } else { format!(" ({})", params.join(", ")) };
        let better = better(&measurement.metric);
        let title = format!("{}{params}, {}{better}", measurement.bench, measurement.metric);
        // Who is measured twice is compared with whoever was measured along with it.
        let is_new = |group: &[&Measurement]| group.iter().all(|other| other.subject != measurement.subject);
        match groups.iter_mut().find(|(known, group)| *known == title && is_new(group)) {
            Some((_, group)) => group.push(measurement),
            None => groups.push((title, vec![measurement])),
        }
    }
    let mut text = String::new();
    for (title, group) in &groups {
        let _ = writeln!(text, "{STRONG}{title}{STRONG:#}");
        let ours = group.iter().find(|measurement| measurement.subject == OURS).map(|ours| ours.median);
        let most = group.iter().map(|measurement| measurement.median).fold(f64::MIN_POSITIVE, f64::max);
        let width = group.iter().map(|measurement| measurement.subject.chars().count()).max().unwrap_or(0);
        for Measurement { subject, metric, median, low, high, .. } in group.iter().copied() {
            let bar: String = (1..=BAR)
                .map(|at| if median / most * f64::from(BAR) + 0.5 >= f64::from(at) { '#' } else { ' ' })
                .collect();
            let ratio = match ours {
                Some(ours) if subject != OURS && *median > 0.0 && ours > 0.0 => ratio(metric, ours, *median),
                _ => String::new(),
            };
            let _ = writeln!(
                text,
                "  {subject:width$}  {bar}  {:>10}  {FAINT}{} to {}{FAINT:#}{ratio}",
                figure(*median),
                figure(*low),
                figure(*high)
            );
        }
    }
    text
}

/// In which direction a metric is better, where its name says so.
fn better(metric: &str) -> &'static str {
    if metric.ends_with("/s") {
        ": more is better"
    } else if ["bytes", "seconds", "max/min"].iter().any(|cost| metric.contains(cost)) {
        ": less is better"
    } else {
        ""
    }
}

/// Ours beside another's, so that more is better for us.
fn ratio(metric: &str, ours: f64, other: f64) -> String {
    if better(metric).contains("less") {
        format!("  it / proofmark = {}", figure(other / ours))
    } else {
        format!("  proofmark / it = {}", figure(ours / other))
    }
}

/// Three digits that matter, and the power of ten in words that people use.
fn figure(value: f64) -> String {
    let (scaled, unit) = match value.abs() {
        v if v >= 1e9 => (value / 1e9, " G"),
        v if v >= 1e6 => (value / 1e6, " M"),
        v if v >= 1e3 => (value / 1e3, " k"),
        _ => (value, ""),
    };
    let digits = match scaled.abs() {
        v if v >= 100.0 => 0,
        v if v >= 10.0 => 1,
        v if (1e-5..0.01).contains(&v) => 5,
        v if (0.01..0.1).contains(&v) => 4,
        v if (0.1..1.0).contains(&v) => 3,
        _ => 2,
    };
    format!("{scaled:.digits$}{unit}")
}

const OURS: &str = "proofmark";
const BAR: u8 = 30;

/// How long Ctrl-C may go unnoticed.
const ATTENTION: Duration = Duration::from_millis(50);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn peers_stand_beside_us_with_their_ratio() {
        let lines = [
            r#"{"bench":"check/2pc","subject":"proofmark","params":{"threads":2},"metric":"states/s","median":4.0e7,"low":3.9e7,"high":4.1e7}"#,
            r#"{"bench":"check/2pc","subject":"stateright 0.31.0","params":{"threads":2},"metric":"states/s","median":1.0e7,"low":9.0e6,"high":1.1e7}"#,
        ];
        let measured: Vec<Measurement> = lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
        let text = anstream::adapter::strip_str(&table(&measured)).to_string();
        assert_eq!(
            text,
            "check/2pc (threads = 2), states/s: more is better\n  \
             proofmark          ##############################      40.0 M  39.0 M to 41.0 M\n  \
             stateright 0.31.0  ########                            10.0 M  9.00 M to 11.0 M  proofmark / it = 4.00\n"
        );
    }

    #[test]
    fn a_second_measurement_of_the_same_is_a_comparison_of_its_own() {
        let line = |subject: &str, median: f64| Measurement {
            bench: "b".to_owned(),
            subject: subject.to_owned(),
            params: BTreeMap::new(),
            metric: "states/s".to_owned(),
            median,
            low: median,
            high: median,
        };
        let text = table(&[line(OURS, 4.0), line("peer", 1.0), line(OURS, 9.0), line("peer", 3.0)]);
        let ratios: Vec<_> = text.lines().filter_map(|line| line.split_once("it = ")).map(|(_, ratio)| ratio).collect();
        assert_eq!(ratios, ["4.00", "3.00"]);
    }

    #[test]
    fn figures_have_three_digits_that_matter() {
        let figures = [0.0, 0.003_14, 0.0271, 0.5, 3.4, 17.25, 683.9, 123_456.0];
        assert_eq!(figures.map(figure), ["0.00", "0.00314", "0.0271", "0.500", "3.40", "17.2", "684", "123 k"]);
        assert_eq!(ratio("seconds", 0.5, 2.0), "  it / proofmark = 4.00");
        assert_eq!(ratio("states/s", 0.5, 2.0), "  proofmark / it = 0.250");
    }

    #[test]
    fn a_metric_says_which_direction_is_better() {
        assert_eq!(better("generated states/s"), ": more is better");
        for cost in ["peak bytes/distinct state", "p99 nanoseconds", "max/min acquisitions"] {
            assert_eq!(better(cost), ": less is better");
        }
        assert_eq!(better("spread"), "");
    }
}
