//! What the threads of a case did, and how the model may explain it.

use proofmark_harness::explain::{Call, Step};
use proofmark_models::locks::table::{Action, LockTable, Mode, State};
use std::fmt::Write as _;

/// An invocation or a response of a call.
#[derive(Clone, Copy)]
pub(super) enum Moment {
    Invoked { call: usize, owner: usize, operation: Operation },
    Responded { call: usize, answer: Answer },
}

/// What an owner calls.
#[derive(Clone, Copy, Debug)]
pub(super) enum Operation {
    Acquire(usize, Mode),
    TryAcquire(usize, Mode),
    Upgrade(usize, Mode),
    Downgrade(usize, Mode),
    Release(usize),
}

impl Operation {
    /// The key.
    pub(super) fn key(self) -> usize {
        match self {
            Operation::Acquire(key, _)
            | Operation::TryAcquire(key, _)
            | Operation::Upgrade(key, _)
            | Operation::Downgrade(key, _)
            | Operation::Release(key) => key,
        }
    }
}

/// How a call ends.
#[derive(Clone, Copy, Debug)]
pub(super) enum Answer {
    Done,
    /// It is granted, with this sequencer.
    Granted(u64),
    TimedOut,
    Cancelled,
    Deadlock,
    Wounded,
    /// It was refused at once.
    Refused,
}

/// The calls of a history, with the ways in which the model may come to their answers, and each in words.
pub(super) fn calls(history: &[Moment]) -> (Vec<Call<LockTable>>, Vec<String>) {
    let (mut calls, mut told, mut asked) = (Vec::new(), Vec::new(), Vec::new());
    for (moment, happened) in history.iter().copied().enumerate() {
        match happened {
            Moment::Invoked { call, owner, operation } => {
                debug_assert_eq!(call, asked.len(), "calls are numbered by their invocations");
                asked.push((owner, operation));
                told.push(format!("owner {owner} calls {operation:?}"));
                calls.push(Call { invoked: moment, responded: None, ways: ways(owner, operation, None) });
            }
            Moment::Responded { call, answer } => {
                let (owner, operation) = asked[call];
                calls[call].responded = Some(moment);
                calls[call].ways = ways(owner, operation, Some(answer));
                let _ = write!(told[call], " from moment {} to {moment}: {answer:?}", calls[call].invoked);
            }
        }
    }
    (calls, told)
}

/// The ways of the model to come to an answer. A request that is granted later is learned of, and one that is granted at
/// once is known.
fn ways(owner: usize, operation: Operation, answer: Option<Answer>) -> Vec<Vec<Step<LockTable>>> {
    let takes = Step::Takes;
    let waits = |ask: Action| match answer {
        Some(Answer::Done | Answer::Granted(_)) | None => {
            let knows = Step::Finds(Box::new(move |s: &State| !s.asking.contains(owner)));
            vec![vec![takes(ask), takes(Action::Learn(owner))], vec![takes(ask), knows]]
        }
        Some(Answer::TimedOut) => vec![vec![takes(ask), takes(Action::TimeOut(owner))]],
        Some(Answer::Cancelled) => vec![vec![takes(ask), takes(Action::Cancel(owner))]],
        Some(Answer::Deadlock) => vec![vec![takes(ask), takes(Action::Victim(owner))]],
        Some(Answer::Wounded) => vec![vec![takes(ask), takes(Action::Die(owner))], vec![Step::Refuses(ask)]],
        Some(Answer::Refused) => vec![vec![Step::Refuses(ask)]],
    };
    let at_once = |action: Action| match answer {
        Some(Answer::Done | Answer::Granted(_)) | None => vec![vec![takes(action)]],
        Some(_) => vec![vec![Step::Refuses(action)]],
    };
    match operation {
        Operation::Acquire(key, mode) => waits(Action::Request(owner, key, mode)),
        Operation::TryAcquire(key, mode) => at_once(Action::Try(owner, key, mode)),
        Operation::Upgrade(key, mode) => waits(Action::Upgrade(owner, key, mode)),
        Operation::Downgrade(key, mode) => at_once(Action::Downgrade(owner, key, mode)),
        Operation::Release(key) => at_once(Action::Release(owner, key)),
    }
}
