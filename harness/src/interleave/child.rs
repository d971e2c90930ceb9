//! The child's side: one case, and one line on standard output that tells what came of it.

use super::{ASSERTIONS, Counter, Found, Interleavings, Met, Wanted, evidence_of};
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;
use std::io::{self, Read, Write as _};
use std::panic::{self, PanicHookInfo};
use std::path::Path;
use std::process;
use std::sync::mpsc::{self, Receiver};
use std::thread;

/// What a child tells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Told {
    /// The case. It is the first field, by which the line is found among whatever else is printed.
    pub(super) case: String,
    pub(super) interleavings: u64,
    pub(super) histories: u64,
    pub(super) end: End,
    /// The history that was asked for, if one was and it was met.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) history: Option<serde_json::Value>,
}

/// How a case ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum End {
    /// It was explored as it asks for, and nothing is wrong.
    Explored,
    /// A limit was reached.
    Limit(String),
    /// Something is wrong.
    Wrong { evidence: String, why: String },
}

/// What the thread that tells hears of.
enum News {
    End(End),
    /// A history that may be the one that was asked for.
    Met(Met),
}

/// Runs a case in this process, tells what came of it, and ends the process with the code that `code` gives: `Some`
/// of whether something is wrong, or `None` where a limit was reached. Where a history is wanted, it is told, and the
/// case is run no further than to it.
///
/// It also ends when standard input does: then whoever started it wants no more, or is gone.
pub(crate) fn run(
    interleavings: &dyn Interleavings,
    case: &str,
    mutant: Option<&str>,
    wanted: Option<Wanted>,
    code: fn(Option<bool>) -> u8,
) -> ! {
    let (ends, ended) = mpsc::channel::<News>();
    let of_histories = ends.clone();
    let met = move |history| drop(of_histories.send(News::Met(history)));
    let count = wanted.map_or_else(Counter::new, |wanted| Counter::for_a_history(wanted, met));
    let (counted, name) = (count.clone(), case.to_owned());
    // An explorer gives its threads small stacks, and may abort as soon as a panic unwinds. So the panic's thread goes
    // no further than its hook, and another thread, with a stack of its own, tells and ends the process.
    thread::spawn(move || {
        let (end, histories, history) = how_it_ends(&ended, &counted, wanted);
        let is_wrong = match end {
            End::Explored => Some(false),
            End::Limit(_) => None,
            End::Wrong { .. } => Some(true),
        };
        let told = Told { case: name, interleavings: counted.interleavings(), histories, end, history };
        let line = serde_json::to_string(&told).unwrap_or_default() + "\n";
        let mut out = io::stdout().lock();
        let _ = out.write_all(line.as_bytes()).and_then(|()| out.flush());
        process::exit(code(is_wrong).into());
    });
    let of_parent = ends.clone();
    thread::spawn(move || {
        let mut read = [0; 64];
        while io::stdin().read(&mut read).is_ok_and(|bytes| bytes > 0) {}
        let _ = of_parent.send(News::End(End::Limit("it was stopped".to_owned())));
    });
    let of_panics = ends.clone();
    panic::set_hook(Box::new(move |panic| {
        let _ = of_panics.send(News::End(end_of(panic)));
        rest();
    }));
    let end = interleavings.explore(case, mutant, &count).map_or_else(End::Limit, |()| End::Explored);
    let _ = ends.send(News::End(end));
    rest()
}

/// How the case ends, how many histories were met by then, and the one that was asked for.
fn how_it_ends(
    news: &Receiver<News>,
    count: &Counter,
    wanted: Option<Wanted>,
) -> (End, u64, Option<serde_json::Value>) {
    let mut first = None;
    for news in news {
        match news {
            News::Met(Met { history, .. }) if wanted == Some(Wanted::Wrong) => first = Some(history),
            // The case runs on until the process ends, and may meet more.
            News::Met(Met { history, number }) => {
                return (End::Limit("it has told its history".to_owned()), number, Some(history));
            }
            // What has happened by then, also where it is no whole history.
            News::End(end @ End::Wrong { .. }) => return (end, count.histories(), count.now()),
            News::End(end) => return (end, count.histories(), first),
        }
    }
    (End::Limit("the case was lost".to_owned()), count.histories(), first)
}

/// Waits for the end of the process.
fn rest() -> ! {
    loop {
        thread::park();
    }
}

fn end_of(panic: &PanicHookInfo<'_>) -> End {
    let said = panic.payload_as_str().unwrap_or("a panic without a text").trim();
    // Shuttle says behind it how to replay the schedule with shuttle itself.
    let said = said.split("\nfailing schedule:").next().unwrap_or(said);
    let mut why: String = said.chars().take(LONGEST).collect();
    match evidence_of(said) {
        Found::Limit => End::Limit(why),
        Found::Wrong(evidence) => {
            // A place within the sources that are built here; others are no business of a reader's.
            let place =
                panic.location().filter(|place| evidence == ASSERTIONS && Path::new(place.file()).is_relative());
            if let Some(place) = place {
                let _ = write!(why, " ({place})");
            }
            End::Wrong { evidence: evidence.to_owned(), why }
        }
    }
}

/// Characters of a panic that are told: less than whoever reads the line keeps of it.
const LONGEST: usize = 4_000;
