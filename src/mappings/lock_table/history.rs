//! What the threads of a case did, and how the model may explain it.

use proofmark_harness::beside::Told;
use proofmark_harness::explain::{Call, Step};
use proofmark_models::locks::table::{Action, LockTable, Mode, State};
use proofmark_vocabulary::Value;
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;

/// An invocation or a response of a call.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(super) enum Moment {
    Invoked { call: usize, owner: usize, operation: Operation },
    Responded { call: usize, answer: Answer },
}

/// What an owner calls.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) enum Operation {
    Acquire(usize, #[serde(with = "mode")] Mode),
    TryAcquire(usize, #[serde(with = "mode")] Mode),
    Upgrade(usize, #[serde(with = "mode")] Mode),
    Downgrade(usize, #[serde(with = "mode")] Mode),
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
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
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

impl Operation {
    /// It in words.
    pub(super) fn in_words(self) -> String {
        match self {
            Operation::Acquire(key, mode) => format!("acquire key {key} in {}", mode.name()),
            Operation::TryAcquire(key, mode) => format!("try key {key} in {}", mode.name()),
            Operation::Upgrade(key, mode) => format!("upgrade key {key} to {}", mode.name()),
            Operation::Downgrade(key, mode) => format!("downgrade key {key} to {}", mode.name()),
            Operation::Release(key) => format!("release key {key}"),
        }
    }
}

impl Answer {
    /// It in words.
    pub(super) fn in_words(self) -> String {
        match self {
            Answer::Done => "done".to_owned(),
            Answer::Granted(sequencer) => format!("granted, sequencer {sequencer}"),
            Answer::TimedOut => "timed out".to_owned(),
            Answer::Cancelled => "cancelled".to_owned(),
            Answer::Deadlock => "refused, a deadlock".to_owned(),
            Answer::Wounded => "refused, wounded".to_owned(),
            Answer::Refused => "refused at once".to_owned(),
        }
    }
}

/// The calls of a history, with the ways in which the model may come to their answers.
pub(super) fn calls(history: &[Moment]) -> Vec<Call<LockTable>> {
    let (mut calls, mut asked) = (Vec::new(), Vec::new());
    for (moment, happened) in history.iter().copied().enumerate() {
        match happened {
            Moment::Invoked { call, owner, operation } => {
                debug_assert_eq!(call, asked.len(), "calls are numbered by their invocations");
                asked.push((owner, operation));
                calls.push(Call { invoked: moment, responded: None, ways: ways(owner, operation, None) });
            }
            Moment::Responded { call, answer } => {
                let (owner, operation) = asked[call];
                calls[call].responded = Some(moment);
                calls[call].ways = ways(owner, operation, Some(answer));
            }
        }
    }
    calls
}

/// Each call in words.
pub(super) fn in_words(history: &[Moment]) -> Vec<String> {
    let mut told = Vec::new();
    for (moment, happened) in history.iter().enumerate() {
        match happened {
            Moment::Invoked { owner, operation, .. } => {
                told.push(format!("owner {owner}, from moment {moment}: {}", operation.in_words()));
            }
            Moment::Responded { call, answer } => {
                let _ = write!(told[*call], ", at {moment}: {}", answer.in_words());
            }
        }
    }
    told
}

/// Who calls, and each moment of a history as people see it.
pub(super) fn told(history: &[Moment]) -> (Vec<String>, Vec<Told>) {
    let mut asked = Vec::new();
    let told = history.iter().map(|moment| match *moment {
        Moment::Invoked { owner, operation, .. } => {
            asked.push((owner, operation));
            let says = operation.in_words();
            Told { caller: owner, event: format!("owner {owner} calls: {says}"), says: says.into(), responds: false }
        }
        Moment::Responded { call, answer } => {
            let (owner, operation) = asked[call];
            let (operation, says) = (operation.in_words(), answer.in_words());
            Told {
                caller: owner,
                event: format!("owner {owner}, {operation}: {says}"),
                says: says.into(),
                responds: true,
            }
        }
    });
    let told: Vec<_> = told.collect();
    let owners = asked.iter().map(|(owner, _)| owner + 1).max().unwrap_or(0);
    ((0..owners).map(|owner| format!("owner {owner}")).collect(), told)
}

/// The answers that there may be instead of that of a call, each with the calls of a history that ends with it.
pub(super) fn instead(history: &[Moment], call: usize) -> Vec<(Value, Vec<Call<LockTable>>)> {
    let is_it = |moment: &Moment| matches!(moment, Moment::Responded { call: other, .. } if *other == call);
    let Some(place) = history.iter().position(is_it) else { return Vec::new() };
    let releases = history.iter().any(|moment| {
        matches!(moment, Moment::Invoked { call: other, operation: Operation::Release(_), .. } if *other == call)
    });
    let answers = [
        (Answer::Granted(0), if releases { "done" } else { "granted" }),
        (Answer::Deadlock, "refused, a deadlock"),
        (Answer::Wounded, "refused, wounded"),
        (Answer::Refused, "refused at once"),
        (Answer::TimedOut, "timed out, where it has a deadline"),
        (Answer::Cancelled, "cancelled, where its caller can"),
    ];
    let ends_so = |(answer, says): (Answer, &str)| {
        let until = [&history[..place], &[Moment::Responded { call, answer }]].concat();
        (says.into(), calls(&until))
    };
    // To wait on is the nearest, since nothing else has to happen.
    let none = ("no answer yet".into(), calls(&history[..place]));
    std::iter::once(none).chain(answers.into_iter().map(ends_so)).collect()
}

/// A mode by its name.
mod mode {
    use super::Mode;
    use serde::de::{Deserialize, Deserializer, Error};
    use serde::ser::Serializer;

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes it so")]
    pub(super) fn serialize<S: Serializer>(mode: &Mode, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(mode.name())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Mode, D::Error> {
        let name = String::deserialize(deserializer)?;
        let mode = Mode::ALL.iter().find(|mode| mode.name() == name);
        mode.copied().ok_or_else(|| D::Error::custom(format!("`{name}` is no mode")))
    }
}

/// The ways of the model to come to an answer. A request that is granted later is learned of, and one that is granted at
/// once is known.
fn ways(owner: usize, operation: Operation, answer: Option<Answer>) -> Vec<Vec<Step<LockTable>>> {
    let takes = Step::Takes;
    let waits = |ask: Action| match answer {
        Some(Answer::Done | Answer::Granted(_)) => {
            let knows = Step::Finds(Box::new(move |s: &State| !s.asking.contains(owner)));
            vec![vec![takes(ask), takes(Action::Learn(owner))], vec![takes(ask), knows]]
        }
        // However it would have ended, its last step may have happened.
        None => {
            let ends = [Action::Learn, Action::TimeOut, Action::Cancel, Action::Victim, Action::Die];
            ends.into_iter().map(|end| vec![takes(ask), takes(end(owner))]).collect()
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
