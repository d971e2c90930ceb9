//! What is measured of histories: one of a register, judged by one checker, in one process.
//!
//! The runner makes a history once and hands it to every checker, an event a line.

use proofmark_harness::history::{self, Event, Linearizability, OperationId, Recording, Sequential, linearize};
use proofmark_harness::memory;
use serde::{Deserialize, Serialize};
use std::io::BufRead;
use std::process::ExitCode;
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

/// A history that is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Subject {
    /// Clients that are all under way at any time, by a seed; each write is of a new value.
    #[value(name = "history/register")]
    Overlapping,
    /// The same clients one after another: no two are under way at once, and no checker has less to do.
    #[value(name = "history/register-in-turn")]
    InTurn,
    /// The first, and at last a read of what was written over.
    #[value(name = "history/register-violated")]
    Violated,
    /// The first, but some writes are never answered.
    #[value(name = "history/register-pending")]
    Pending,
    /// Real threads at work on a register behind a mutex.
    #[value(name = "history/register-threads")]
    Threads,
}

/// A checker that is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Checked {
    /// Ours.
    #[value(name = "proofmark")]
    Proofmark,
    /// Wing and Gong's search with Lowe's cache, as todc-utils has it.
    #[value(name = "todc-utils 0.1")]
    Todc,
    /// Stateright's tester, which remembers no configurations.
    #[value(name = "stateright 0.31")]
    Stateright,
}

/// What is asked of the register, and what it answers; a number stands for what was written or read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Told {
    /// A client asks to read.
    Read,
    /// A client asks to write.
    Write(u32),
    /// It was read.
    Value(u32),
    /// It was written.
    Written,
}

/// A client, and what it asks or is answered.
pub type Line = (usize, Told);

/// Judge one history, an event a line of standard input, and print what it cost, as JSON.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct Judge {
    /// The checker.
    #[arg(long)]
    pub by: Checked,
    /// How many seconds it may take before it is stopped.
    #[arg(long, default_value_t = 120)]
    pub limit: u64,
}

/// What one process measured of itself.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Judged {
    /// The verdict; none if it was stopped before.
    pub linearizable: Option<bool>,
    /// From the history in the checker's own form to the verdict.
    pub seconds: f64,
    /// The most that the process has occupied.
    pub peak_memory_bytes: u64,
}

/// A register that holds 0 at first.
struct Register;

impl Sequential for Register {
    type State = u32;
    type Operation = Told;
    type Response = Told;

    fn initial(&self) -> u32 {
        0
    }

    fn after(&self, state: &u32, asked: &Told, answered: Option<&Told>) -> Option<u32> {
        match (asked, answered) {
            (Told::Write(value), _) => Some(*value),
            (_, Some(Told::Value(seen))) => (seen == state).then_some(*state),
            _ => Some(*state),
        }
    }

    fn only_reads(&self, asked: &Told, _: Option<&Told>) -> bool {
        matches!(asked, Told::Read)
    }
}

impl Subject {
    /// The name of the suite that measures it.
    pub fn name(self) -> String {
        crate::name(&self)
    }

    /// Who judges it beside us. What Stateright comes to is shown once.
    pub fn peers(self) -> &'static [Checked] {
        match self {
            Subject::Overlapping => &[Checked::Todc, Checked::Stateright],
            Subject::InTurn | Subject::Violated | Subject::Pending | Subject::Threads => &[Checked::Todc],
        }
    }

    /// Makes the history: so many operations of each client.
    pub fn record(self, clients: usize, each: usize) -> Vec<Line> {
        match self {
            Subject::Threads => of_threads(clients, each),
            Subject::Overlapping => by_seed(clients, each, clients, 0),
            Subject::InTurn => by_seed(clients, each, 1, 0),
            Subject::Pending => by_seed(clients, each, clients, PENDING),
            Subject::Violated => {
                let mut lines = by_seed(clients, each, clients, 0);
                let values = [NEVER, NEVER + 1].map(Told::Write);
                let writes = values.into_iter().flat_map(|write| [(0, write), (0, Told::Written)]);
                lines.extend(writes.chain([(0, Told::Read), (0, Told::Value(NEVER))]));
                lines
            }
        }
    }
}

impl Checked {
    /// The name in every output.
    pub fn name(self) -> String {
        crate::name(&self)
    }
}

impl Judge {
    /// The command line that asks for it.
    pub fn arguments(self) -> [String; 3] {
        ["history".to_owned(), format!("--by={}", self.by.name()), format!("--limit={}", self.limit)]
    }

    /// Judges, and prints the sample.
    ///
    /// # Panics
    /// When standard input is no history.
    pub fn run(self) -> ExitCode {
        let lines: Vec<Line> = std::io::stdin()
            .lock()
            .lines()
            .map(|line| serde_json::from_str(&line.expect("it is readable")).expect("it is an event"))
            .collect();
        let started = Instant::now();
        thread::spawn(move || stop(started, Duration::from_secs(self.limit)));
        // Stateright's search recurs once an operation.
        let judge = thread::Builder::new().stack_size(1 << 30).spawn(move || self.judge(&lines));
        let (linearizable, seconds) = judge.expect("a thread starts").join().expect("the checker does not panic");
        print(Judged { linearizable: Some(linearizable), seconds, peak_memory_bytes: memory::high_water() })
    }

    fn judge(self, lines: &[Line]) -> (bool, f64) {
        match self.by {
            Checked::Proofmark => {
                let history = ours(lines);
                timed(|| match linearize(&Register, &history, u64::MAX) {
                    Linearizability::Linearizable(_) => true,
                    Linearizability::NotLinearizable { .. } => false,
                    Linearizability::Unknown => unreachable!("the budget has no end"),
                })
            }
            Checked::Todc => {
                let history = todc_utils::linearizability::history::History::from_actions(theirs(lines));
                timed(|| Todc::is_linearizable(history))
            }
            Checked::Stateright => {
                let tester = stateright_tester(lines);
                timed(|| stateright::semantics::ConsistencyTester::is_consistent(&tester))
            }
        }
    }
}

/// The peer's checker of registers.
type Todc = todc_utils::linearizability::WGLChecker<todc_utils::specifications::register::RegisterSpecification<u32>>;

/// Ends the process when it has taken too long or too much.
fn stop(started: Instant, limit: Duration) {
    while started.elapsed() < limit && memory::resident() < MOST_MEMORY {
        thread::sleep(Duration::from_millis(20));
    }
    let seconds = started.elapsed().as_secs_f64();
    print(Judged { linearizable: None, seconds, peak_memory_bytes: memory::high_water() });
    std::process::exit(0);
}

fn print(judged: Judged) -> ExitCode {
    match crate::print(&judged) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

fn timed(judge: impl FnOnce() -> bool) -> (bool, f64) {
    let started = Instant::now();
    (judge(), started.elapsed().as_secs_f64())
}

fn ours(lines: &[Line]) -> history::History<Told, Told> {
    let mut history = history::History::new();
    let mut asked: Vec<Option<OperationId>> = Vec::new();
    for &(client, told) in lines {
        asked.resize(asked.len().max(client + 1), None);
        match told {
            Told::Read | Told::Write(_) => asked[client] = Some(history.invoke_by(client, told)),
            Told::Value(_) | Told::Written => drop(asked[client].map(|id| history.respond(id, told))),
        }
    }
    history
}

/// todc-utils has no pending operations. What is never answered is answered at the end, as its own example has it.
fn theirs(
    lines: &[Line],
) -> Vec<(
    usize,
    todc_utils::linearizability::history::Action<todc_utils::specifications::register::RegisterOperation<u32>>,
)> {
    use todc_utils::linearizability::history::Action::{Call, Response};
    use todc_utils::specifications::register::RegisterOperation::{Read, Write};
    let mut asked: Vec<Option<u32>> = Vec::new();
    let mut actions = Vec::new();
    for &(client, told) in lines {
        asked.resize(asked.len().max(client + 1), None);
        actions.push(match told {
            Told::Read => (client, Call(Read(None))),
            Told::Value(value) => (client, Response(Read(Some(value)))),
            Told::Write(value) => {
                asked[client] = Some(value);
                (client, Call(Write(value)))
            }
            Told::Written => (client, Response(Write(asked[client].take().expect("it was asked")))),
        });
    }
    let unanswered = asked.into_iter().enumerate().filter_map(|(client, value)| Some((client, value?)));
    actions.extend(unanswered.map(|(client, value)| (client, Response(Write(value)))));
    actions
}

fn stateright_tester(
    lines: &[Line],
) -> stateright::semantics::LinearizabilityTester<usize, stateright::semantics::register::Register<u32>> {
    use stateright::semantics::register::{Register, RegisterOp, RegisterRet};
    use stateright::semantics::{ConsistencyTester, LinearizabilityTester};
    let mut tester = LinearizabilityTester::new(Register(0));
    for &(client, told) in lines {
        let known = match told {
            Told::Read => tester.on_invoke(client, RegisterOp::Read),
            Told::Write(value) => tester.on_invoke(client, RegisterOp::Write(value)),
            Told::Value(value) => tester.on_return(client, RegisterRet::ReadOk(value)),
            Told::Written => tester.on_return(client, RegisterRet::WriteOk),
        };
        known.expect("a client waits for its answer");
    }
    tester
}

/// A register that does what it should, with so many of its clients under way at once. Some writes, as many as are
/// pending, are of clients that then are heard of no more.
fn by_seed(clients: usize, each: usize, at_once: usize, pending: usize) -> Vec<Line> {
    enum Doing {
        Asked(Told),
        Done(Told),
    }
    // Marsaglia's xorshift: any choice would do, as long as it is the same every time.
    let mut random = 0x2545_F491_4F6C_DD1D_u64;
    let mut below = |bound: usize| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        usize::try_from(random % bound as u64).expect("it is below a bound")
    };
    let (mut lines, mut register, mut left) = (Vec::new(), 0, vec![each; clients]);
    let mut doing: Vec<Option<Doing>> = (0..clients).map(|_| None).collect();
    let mut lost = 0;
    loop {
        let is_full = doing.iter().flatten().count() == at_once;
        let can_go_on = |client: &usize| if is_full { doing[*client].is_some() } else { left[*client] > 0 };
        let ready: Vec<_> = (0..clients).filter(can_go_on).collect();
        if ready.is_empty() {
            return lines;
        }
        let client = ready[below(ready.len())];
        doing[client] = match doing[client].take() {
            None => {
                let write = u32::try_from(lines.len()).expect("it is small");
                let asked = if below(2) == 0 { Told::Read } else { Told::Write(write) };
                lines.push((client, asked));
                if lost < pending && below(clients * each / pending / 2) == 0 {
                    let own = clients + lost;
                    lines.push((own, Told::Write(write)));
                    lost += 1;
                    // Every second one takes effect.
                    register = if lost % 2 == 0 { write } else { register };
                }
                Some(Doing::Asked(asked))
            }
            Some(Doing::Asked(Told::Write(value))) => {
                register = value;
                Some(Doing::Done(Told::Written))
            }
            Some(Doing::Asked(_)) => Some(Doing::Done(Told::Value(register))),
            Some(Doing::Done(told)) => {
                lines.push((client, told));
                left[client] -= 1;
                None
            }
        };
    }
}

fn of_threads(clients: usize, each: usize) -> Vec<Line> {
    let (register, recording) = (Mutex::new(0), Recording::new());
    thread::scope(|scope| {
        for thread in 0..clients {
            let (mut client, register) = (recording.client(), &register);
            scope.spawn(move || {
                for turn in 0..each {
                    let write = u32::try_from(thread * each + turn).expect("it is small");
                    let asked = if turn % 2 == 0 { Told::Write(write) } else { Told::Read };
                    client.call(asked, || {
                        // So that calls overlap also where there are few processors.
                        thread::yield_now();
                        let mut held = register.lock().expect("no thread panics");
                        match asked {
                            Told::Write(value) => {
                                *held = value;
                                Told::Written
                            }
                            _ => Told::Value(*held),
                        }
                    });
                }
            });
        }
    });
    let history = recording.finish();
    let events = history.events().into_iter().map(|event| match event {
        Event::Invoked(id) => (history.client(id), history.operation(id)),
        Event::Answered(id) => (history.client(id), history.response(id)),
    });
    events.filter_map(|(client, told)| Some((client?, *told?))).collect()
}

/// This and the next are values that no client of a seed writes.
const NEVER: u32 = 1_000_000;
/// How many writes are never answered.
const PENDING: usize = 20;
/// What a checker may occupy before it is stopped.
const MOST_MEMORY: u64 = 6 << 30;
