//! The parent's side: cases as child processes, and what came of each.

use super::child::{End, Told};
use super::{ASSERTIONS, AWAKE, Case, Explorer, HISTORIES, LIVES, Wanted};
use crate::check::{Progress, Watch};
use crate::conform::ConformVerdict;
use crate::memory;
use crate::report::words::plural;
use rayon::prelude::*;
use serde::Serialize;
use std::io::{self, Read};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

/// Runs cases, each in a child process.
#[derive(Clone, Debug)]
pub struct Runner {
    program: PathBuf,
}

/// What came of a case.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CaseResult {
    /// Its name.
    pub case: &'static str,
    /// Who chose the interleavings: `loom`, `shuttle` or `stress`.
    pub explorer: &'static str,
    /// How many threads it has.
    pub threads: usize,
    /// How often a thread was preempted at most; absent where that is not bounded.
    pub preemptions: Option<usize>,
    /// How many interleavings there were, the one that shows what is wrong included; 0 where the process died, and
    /// nobody knows.
    pub interleavings: u64,
    /// How many there were when it was recorded; absent with a bug planted.
    pub recorded: Option<u64>,
    /// How many of the histories were unlike every other: so many were judged.
    pub histories: u64,
    /// The verdict; what is wrong is *diverged*.
    pub verdict: ConformVerdict,
    /// The evidence of what is wrong, by name.
    pub evidence: Option<String>,
    /// What exactly is wrong, or why it is not known whether anything is.
    pub why: Option<String>,
    /// How long it took.
    pub seconds: f64,
}

impl CaseResult {
    /// Whether it ran to the end, and had other than as many interleavings as were recorded.
    pub fn differs_from_record(&self) -> bool {
        self.verdict == ConformVerdict::Ok && self.recorded.is_some_and(|recorded| recorded != self.interleavings)
    }
}

/// A history of a case, as it told it.
#[derive(Clone, Debug, PartialEq)]
pub struct ShownHistory {
    /// What [`Counter::watch`](super::Counter::watch) was told to read.
    pub history: serde_json::Value,
    /// Its number among the distinct histories, from 1; `None` where something goes wrong before it is judged.
    pub number: Option<u64>,
    /// How many distinct ones were judged until it was told.
    pub met: u64,
    /// What is wrong besides, that the history does not tell.
    pub wrong: Option<String>,
    /// Why it is not known whether another one is wrong, where that was asked.
    pub cut: Option<String>,
}

/// Why there is no history to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoHistory {
    /// The case has none such.
    None(String),
    /// The case came to no history, or its process was lost.
    Lost(String),
}

/// How a child ended, and what it said.
struct Run {
    told: Option<Told>,
    ended: Ended,
    /// The last of what it wrote to standard error.
    err: String,
}

/// How a child ended.
enum Ended {
    /// By itself.
    Itself(ExitStatus),
    /// It was stopped at its limit.
    Limit,
    /// It was stopped because the user wants that.
    Interrupted,
}

impl Runner {
    /// Cases are run by this program, which must be one call of [`crate::cli::main`] with the same registry.
    pub const fn new(program: PathBuf) -> Self {
        Self { program }
    }

    /// Runs cases of a system, several at a time but for stress cases, which are run alone and behind the others. With
    /// a bug planted, the first that finds something is the last; cases that the user stopped are left out.
    ///
    /// # Errors
    /// When no child can be started.
    pub fn run(
        &self,
        system: &str,
        cases: &[Case],
        mutant: Option<&str>,
        watch: &dyn Watch,
    ) -> Result<Vec<CaseResult>, String> {
        let started = Instant::now();
        let done = AtomicU64::new(0);
        let progress = || {
            let done = done.load(Ordering::Relaxed);
            watch.progress(&Progress {
                phase: "cases",
                generated: 0,
                distinct: done,
                queue: Some(cases.len() as u64 - done),
                depth: 0,
                memory: memory::resident(),
                elapsed: started.elapsed(),
            });
        };
        // A case before the first that finds something is always run, so that it is the first on every machine.
        let first = AtomicUsize::new(usize::MAX);
        let run = |(at, case): (usize, &Case)| {
            if at > first.load(Ordering::Relaxed) || watch.interrupted() {
                return None;
            }
            let result = self.run_one(system, case, mutant, &|| watch.interrupted(), &progress);
            done.fetch_add(1, Ordering::Relaxed);
            if let Ok(Some(result)) = &result
                && result.evidence.is_some()
                && mutant.is_some()
            {
                first.fetch_min(at, Ordering::Relaxed);
            }
            result.transpose().map(|result| (at, result))
        };
        let is_stress = |(_, case): &(usize, &Case)| matches!(case.explorer, Explorer::Stress { .. });
        // Taken in order, by whoever is free.
        let mut results: Vec<_> =
            cases.iter().enumerate().filter(|case| !is_stress(case)).par_bridge().filter_map(run).collect();
        results.extend(cases.iter().enumerate().filter(is_stress).filter_map(run));
        results.sort_by_key(|(at, _)| *at);
        let last = first.into_inner();
        results.into_iter().filter(|(at, _)| *at <= last).map(|(_, result)| result).collect()
    }

    /// Runs one case; `None` where the user stopped it.
    fn run_one(
        &self,
        system: &str,
        case: &Case,
        mutant: Option<&str>,
        interrupted: &dyn Fn() -> bool,
        progress: &dyn Fn(),
    ) -> Result<Option<CaseResult>, String> {
        let started = Instant::now();
        let Run { told, ended, err } = self.child(system, case, mutant, None, interrupted, progress)?;
        let (verdict, evidence, why) = match (&told, ended) {
            (_, Ended::Interrupted) => return Ok(None),
            (None | Some(Told { end: End::Limit(_), .. }), Ended::Limit) => of_limit(case),
            (Some(told), _) => of_told(case, told),
            (None, Ended::Itself(status)) => of_death(status, &err),
        };
        let preemptions = if let Explorer::Loom { preemptions } = case.explorer { preemptions } else { None };
        Ok(Some(CaseResult {
            case: case.name,
            explorer: case.explorer.name(),
            threads: case.threads,
            preemptions,
            interleavings: told.as_ref().map_or(0, |told| told.interleavings),
            recorded: case.recorded.filter(|_| mutant.is_none()),
            histories: told.as_ref().map_or(0, |told| told.histories),
            verdict,
            evidence,
            why,
            seconds: started.elapsed().as_secs_f64(),
        }))
    }

    /// Runs a case up to a history, and tells that.
    ///
    /// # Errors
    /// When it has no such history, does not come to it, or the user stopped it.
    pub fn history(
        &self,
        system: &str,
        case: &Case,
        mutant: Option<&str>,
        wanted: Wanted,
        interrupted: &dyn Fn() -> bool,
    ) -> Result<ShownHistory, NoHistory> {
        let name = case.name;
        let run = self.child(system, case, mutant, Some(wanted), interrupted, &|| ()).map_err(NoHistory::Lost)?;
        let Some(told) = run.told else {
            return Err(NoHistory::Lost(match run.ended {
                Ended::Interrupted => format!("{name} was stopped"),
                Ended::Limit => format!("{name} had told nothing after {}", humantime::format_duration(case.limit)),
                Ended::Itself(status) => format!("{name}: {}", of_death(status, &run.err).2.unwrap_or_default()),
            }));
        };
        shown(name, told, wanted)
    }

    /// Runs a case in a child process to its end.
    fn child(
        &self,
        system: &str,
        case: &Case,
        mutant: Option<&str>,
        wanted: Option<Wanted>,
        interrupted: &dyn Fn() -> bool,
        progress: &dyn Fn(),
    ) -> Result<Run, String> {
        let mut child = self.command(system, case, mutant, wanted).spawn().map_err(|cause| {
            format!(
                "{}: cannot be started, as each case must be, in a process of its own: {cause}",
                self.program.display()
            )
        })?;
        let (out, err) = (last_of(child.stdout.take()), last_of(child.stderr.take()));
        let ended = wait(&mut child, case.limit, interrupted, progress)
            .map_err(|cause| format!("the process of the case {} of {system} is lost: {cause}", case.name))?;
        let last = |stream: Receiver<String>| stream.recv_timeout(LAST_WORDS).unwrap_or_default();
        let (out, err) = (last(out), last(err));
        Ok(Run { told: told(&out, case.name), ended, err })
    }

    fn command(&self, system: &str, case: &Case, mutant: Option<&str>, wanted: Option<Wanted>) -> Command {
        let mut command = Command::new(&self.program);
        command.args([RUN_CASE, system, case.name]).args(mutant);
        command.args(wanted.map(Wanted::argument));
        // What is set for somebody's own tests would silently cut what is explored here.
        let theirs = std::env::vars_os().map(|(name, _)| name);
        for name in
            theirs.filter(|name| name.to_str().is_some_and(|n| n.starts_with("LOOM_") || n.starts_with("SHUTTLE_")))
        {
            command.env_remove(name);
        }
        // Standard input stays open as long as this process lives, and its end is the end of the child.
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }
}

/// The history that a case has told, and what is known of it.
fn shown(name: &str, told: Told, wanted: Wanted) -> Result<ShownHistory, NoHistory> {
    let Told { history, histories: met, end, .. } = told;
    let shown = |history, number| ShownHistory { history, number, met, wrong: None, cut: None };
    let histories = plural(met as usize, "distinct history", "distinct histories");
    match (end, wanted, history) {
        (End::Wrong { .. }, Wanted::Number(number), _) if number > met => Err(NoHistory::None(format!(
            "something goes wrong in {name} after {histories}; leave the number out to see it"
        ))),
        // The last that was judged is the one.
        (End::Wrong { evidence, .. }, _, Some(history)) if evidence == HISTORIES => Ok(shown(history, Some(met))),
        (End::Wrong { evidence, why }, _, Some(history)) => {
            let wrong = if evidence == ASSERTIONS { why } else { format!("it is not so that {evidence}: {why}") };
            Ok(ShownHistory { wrong: Some(wrong), ..shown(history, None) })
        }
        (End::Limit(why), Wanted::Wrong, Some(history)) => {
            let cut = format!("after {histories}, of which none is wrong: {why}");
            Ok(ShownHistory { cut: Some(cut), ..shown(history, Some(1)) })
        }
        (_, wanted, Some(history)) => Ok(shown(history, Some(wanted.number()))),
        (End::Limit(why), _, None) => Err(NoHistory::Lost(format!("{name}, after {histories}: {why}"))),
        (_, wanted, None) if wanted.number() > met => Err(NoHistory::None(format!("{name} has {histories}"))),
        (_, _, None) => Err(NoHistory::None(format!("{name} does not tell its histories"))),
    }
}

/// The verdict, the evidence of what is wrong, and why.
type Verdict = (ConformVerdict, Option<String>, Option<String>);

fn of_told(case: &Case, told: &Told) -> Verdict {
    match &told.end {
        End::Limit(why) => (ConformVerdict::Incomplete, None, Some(why.clone())),
        End::Wrong { evidence, why } => {
            let verdict =
                if is_slow_or_asleep(case, evidence) { ConformVerdict::Incomplete } else { ConformVerdict::Diverged };
            (verdict, Some(evidence.clone()), Some(why.clone()))
        }
        End::Explored if told.interleavings == 0 => vacuous("not one interleaving was run"),
        End::Explored
            if told.interleavings == 1 && case.threads > 1 && matches!(case.explorer, Explorer::Loom { .. }) =>
        {
            vacuous("its threads never meet: there is one interleaving")
        }
        End::Explored => (ConformVerdict::Ok, None, None),
    }
}

fn vacuous(why: &str) -> Verdict {
    (ConformVerdict::Vacuous, None, Some(why.to_owned()))
}

/// A stress case that does not end is all that such a test can show of a thread that sleeps for ever; a machine that
/// is too slow shows the same. So it is evidence, and no verdict.
fn is_slow_or_asleep(case: &Case, evidence: &str) -> bool {
    evidence == AWAKE && matches!(case.explorer, Explorer::Stress { .. })
}

fn of_limit(case: &Case) -> Verdict {
    let evidence = is_slow_or_asleep(case, AWAKE).then(|| AWAKE.to_owned());
    let why = format!("it had not ended after {}", humantime::format_duration(case.limit));
    (ConformVerdict::Incomplete, evidence, Some(why))
}

/// A child that dies without a word, by its own doing or by another's.
fn of_death(status: ExitStatus, err: &str) -> Verdict {
    let last = err.lines().rev().map(str::trim).find(|line| !line.is_empty());
    let last = last.map_or_else(String::new, |line| format!("; its last words: {line}"));
    // `ExitStatus` names a signal, or else the code.
    let why = format!("its process ended without a verdict, by {status}{last}");
    if is_killed(status) {
        return (ConformVerdict::Incomplete, None, Some(why));
    }
    (ConformVerdict::Diverged, Some(LIVES.to_owned()), Some(why))
}

/// Whether somebody else ended a process: the user, or a system that is short of memory.
#[cfg(unix)]
fn is_killed(status: ExitStatus) -> bool {
    use rustix::process::Signal;
    use std::os::unix::process::ExitStatusExt;
    let from_without = [Signal::KILL, Signal::TERM, Signal::INT, Signal::HUP].map(Signal::as_raw);
    status.signal().is_some_and(|signal| from_without.contains(&signal))
}

#[cfg(not(unix))]
fn is_killed(_: ExitStatus) -> bool {
    false
}

/// Waits for a child, and stops it at its limit or when the user wants that.
fn wait(child: &mut Child, limit: Duration, interrupted: &dyn Fn() -> bool, progress: &dyn Fn()) -> io::Result<Ended> {
    let started = Instant::now();
    let mut told = started;
    let stopped = loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Ended::Itself(status));
        }
        if interrupted() {
            break Ended::Interrupted;
        }
        if started.elapsed() >= limit {
            break Ended::Limit;
        }
        if told.elapsed() >= BETWEEN_NEWS {
            told = Instant::now();
            progress();
        }
        thread::sleep(TICK);
    };
    // A child whose standard input ends tells how far it is, and ends too.
    drop(child.stdin.take());
    let asked = Instant::now();
    while child.try_wait()?.is_none() && asked.elapsed() < PATIENCE {
        thread::sleep(TICK);
    }
    // One that has ended cannot be killed, and need not be.
    let _ = child.kill();
    child.wait()?;
    Ok(stopped)
}

/// Reads a stream to its end, on a thread of its own, and keeps the last of it.
fn last_of(stream: Option<impl Read + Send + 'static>) -> Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let (mut kept, mut piece) = (Vec::new(), [0; 4_096]);
        if let Some(mut stream) = stream {
            while let Ok(read @ 1..) = stream.read(&mut piece) {
                kept.extend_from_slice(&piece[..read]);
                kept.drain(..kept.len().saturating_sub(KEPT));
            }
        }
        let _ = sender.send(String::from_utf8_lossy(&kept).into_owned());
    });
    receiver
}

/// The line that a child tells, among whatever its case has printed.
fn told(out: &str, case: &str) -> Option<Told> {
    let told = out.lines().rev().find_map(|line| serde_json::from_str::<Told>(&line[line.rfind(BEGINS)?..]).ok());
    told.filter(|told| told.case == case)
}

/// The command by which a child is told its case. It is in no help text, being no command for people.
pub(crate) const RUN_CASE: &str = "run-case";
/// How the line begins that a child tells.
const BEGINS: &str = "{\"case\":";
/// Bytes of a child's output that are kept, from the end: much more than the line that it tells.
const KEPT: usize = 1 << 20;
/// How often it is seen whether a child has ended.
const TICK: Duration = Duration::from_millis(2);
const BETWEEN_NEWS: Duration = Duration::from_millis(200);
/// How long a child that is stopped may take to speak: its case may keep it from that.
const PATIENCE: Duration = Duration::from_secs(1);
/// How long its words may take to be read when it has ended: a process that it has left behind may hold its streams. A
/// busy machine needs more than a moment, and a verdict that is not read is taken for a death without a word.
const LAST_WORDS: Duration = Duration::from_secs(20);

#[cfg(test)]
mod tests {
    use super::*;

    /// What is said of a case that has met two histories, and ends so.
    fn said(end: End, history: Option<u8>, wanted: Wanted) -> Result<ShownHistory, NoHistory> {
        let history = history.map(serde_json::Value::from);
        shown("pair", Told { case: "pair".to_owned(), interleavings: 9, histories: 2, end, history }, wanted)
    }

    #[test]
    fn a_case_that_is_cut_is_not_known_to_have_no_other_history_that_is_wrong() {
        let limit = || End::Limit("it was stopped".to_owned());
        let cut = said(limit(), Some(1), Wanted::Wrong).unwrap();
        assert_eq!(cut.cut.as_deref(), Some("after 2 distinct histories, of which none is wrong: it was stopped"));
        let (whole, told) = (said(End::Explored, Some(1), Wanted::Wrong), said(limit(), Some(2), Wanted::Number(2)));
        assert_eq!(whole.unwrap().cut.or(told.unwrap().cut), None);
        let lost = said(limit(), None, Wanted::Number(3));
        assert_eq!(lost, Err(NoHistory::Lost("pair, after 2 distinct histories: it was stopped".to_owned())));
    }

    #[test]
    fn only_a_history_that_was_judged_has_a_number() {
        let wrong = |evidence: &str| End::Wrong { evidence: evidence.to_owned(), why: "why".to_owned() };
        let judged = said(wrong(HISTORIES), Some(7), Wanted::Wrong).unwrap();
        assert_eq!((judged.number, judged.wrong), (Some(2), None));
        let asleep = said(wrong(AWAKE), Some(7), Wanted::Wrong).unwrap();
        assert_eq!((asleep.number, asleep.wrong), (None, Some(format!("it is not so that {AWAKE}: why"))));
        assert!(matches!(said(wrong(AWAKE), Some(7), Wanted::Number(3)), Err(NoHistory::None(_))));
    }
}
