//! A check that is watched from a page: it tells how far it is many times a second, and can be made to wait.

use super::view::{CheckView, CoverageView, ProgressView, PropertyView};
use crate::check::{Details, Progress, Watch};
use crate::judgement::{Judgement, PropertyVerdict, Verdict};
use crate::registry::Case;
use crate::report::words::{count, verdict};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::watch;

/// The check of one case: at most one at a time.
pub struct Live {
    steering: Mutex<Steering>,
    steered: Condvar,
    told: watch::Sender<CheckView>,
    /// When what is found was told last, and how many states there were.
    last: Mutex<(Duration, u64)>,
}

/// What the user wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Steering {
    Idle,
    Run,
    Pause,
    Stop,
}

impl Live {
    /// The check of a case that was not begun.
    pub fn of(case: &Case) -> Self {
        Self {
            steering: Mutex::new(Steering::Idle),
            steered: Condvar::new(),
            told: watch::Sender::new(begun(case, "none")),
            last: Mutex::default(),
        }
    }

    /// How far it is, now and whenever that changes.
    pub fn told(&self) -> watch::Receiver<CheckView> {
        self.told.subscribe()
    }

    /// Begins, unless it is running; whether it was not.
    pub fn begin(&self, case: &Case) -> bool {
        let mut steering = self.steering.lock().unwrap_or_else(PoisonError::into_inner);
        if *steering != Steering::Idle {
            return false;
        }
        *steering = Steering::Run;
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = (Duration::ZERO, 0);
        self.told.send_replace(begun(case, "running"));
        true
    }

    /// Makes it wait, or go on; nothing where it is not running.
    pub fn pause(&self, pause: bool) {
        self.steer(if pause { Steering::Pause } else { Steering::Run }, if pause { "paused" } else { "running" });
    }

    /// Stops it: what it knows by then is its verdict.
    pub fn stop(&self) {
        self.steer(Steering::Stop, "running");
    }

    fn steer(&self, to: Steering, state: &'static str) {
        let mut steering = self.steering.lock().unwrap_or_else(PoisonError::into_inner);
        // Whoever was told to stop stops.
        if matches!(*steering, Steering::Idle | Steering::Stop) {
            return;
        }
        *steering = to;
        self.told.send_modify(|told| told.state = state);
        self.steered.notify_all();
    }

    /// Ends with a judgement, or with the reason why there is none.
    pub fn end(&self, case: &Case, judged: Result<&Judgement, String>) {
        let mut steering = self.steering.lock().unwrap_or_else(PoisonError::into_inner);
        *steering = Steering::Idle;
        self.told.send_modify(|told| match judged {
            Ok(judgement) => show(told, case, judgement),
            Err(why) => (told.state, told.error) = ("failed", Some(why)),
        });
    }
}

impl Watch for Live {
    fn progress(&self, progress: &Progress) {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, distinct) = *last;
        let since = progress.elapsed.saturating_sub(at);
        if since < EVERY {
            return;
        }
        *last = (progress.elapsed, progress.distinct);
        let rate = progress.distinct.saturating_sub(distinct) as f64 / since.as_secs_f64();
        self.told.send_modify(|told| {
            told.progress = Some(ProgressView {
                phase: progress.phase,
                generated: progress.generated,
                distinct: progress.distinct,
                queue: progress.queue,
                depth: progress.depth,
                memory: progress.memory,
                seconds: progress.elapsed.as_secs_f64(),
                rate,
            });
        });
    }

    fn details(&self, details: &dyn Fn() -> Details) {
        let Details { actions, decided } = details();
        self.told.send_if_modified(|told| {
            for (shown, (generated, distinct)) in told.actions.iter_mut().zip(actions) {
                (shown.generated, shown.distinct) = (generated, Some(distinct));
            }
            for (name, holds) in decided {
                let known = told.properties.iter_mut().find(|property| property.name == name);
                if let Some(property) = known {
                    let fails = if property.expected { "expected" } else { "violated" };
                    property.verdict = if holds { "holds" } else { fails };
                }
            }
            // Told with the next progress.
            false
        });
    }

    fn interrupted(&self) -> bool {
        let mut steering = self.steering.lock().unwrap_or_else(PoisonError::into_inner);
        while *steering == Steering::Pause {
            steering = self.steered.wait(steering).unwrap_or_else(PoisonError::into_inner);
        }
        *steering == Steering::Stop
    }
}

/// What is known before anything is.
fn begun(case: &Case, state: &'static str) -> CheckView {
    let property = |claim: crate::registry::Claim| PropertyView {
        name: claim.name.to_owned(),
        kind: claim.kind,
        verdict: "not-yet",
        expected: case.bound.expected.contains(&claim.name),
        counterexample: None,
    };
    let (kinds, _) = case.subject.walk().names();
    let coverage = |name: &&str| CoverageView { name: (*name).to_owned(), generated: 0, distinct: Some(0) };
    CheckView {
        state,
        error: None,
        progress: None,
        actions: kinds.iter().map(coverage).collect(),
        properties: case.claims().into_iter().map(property).collect(),
        verdict: None,
        words: None,
    }
}

fn show(told: &mut CheckView, case: &Case, judgement: &Judgement) {
    told.state = "done";
    told.progress = Some(ProgressView {
        phase: "done",
        generated: judgement.generated,
        distinct: judgement.distinct,
        queue: Some(0),
        depth: judgement.depth,
        memory: judgement.peak_memory_bytes,
        seconds: judgement.seconds,
        rate: judgement.distinct as f64 / judgement.seconds.max(1e-9),
    });
    let coverage = |action: &crate::judgement::JudgedAction| CoverageView {
        name: action.name.to_owned(),
        generated: action.generated,
        distinct: action.distinct,
    };
    told.actions = judgement.actions.iter().map(coverage).collect();
    let property = |property: &crate::judgement::JudgedProperty| PropertyView {
        name: property.name.clone(),
        kind: property.kind,
        verdict: match property.verdict {
            PropertyVerdict::Holds => "holds",
            PropertyVerdict::Violated => "violated",
            PropertyVerdict::Expected => "expected",
            PropertyVerdict::Unmet => "unmet",
            PropertyVerdict::Unknown => "unknown",
        },
        expected: case.bound.expected.contains(&property.name.as_str()),
        counterexample: property.counterexample.as_ref().map(|kept| kept.id.clone()),
    };
    told.properties = judgement.properties.iter().map(property).collect();
    told.verdict = Some(verdict(judgement.verdict).to_owned());
    told.words = Some(words(judgement));
}

/// A verdict with the bound that it is of.
fn words(judgement: &Judgement) -> String {
    let Judgement { bound, distinct, verdict, .. } = judgement;
    let states = format!("{} states", count(*distinct));
    match verdict {
        Verdict::Ok => {
            let expected = judgement.properties.iter().filter(|property| property.verdict == PropertyVerdict::Expected);
            let expected: Vec<_> = expected.map(|property| format!("`{}`", property.name)).collect();
            let but = match expected.as_slice() {
                [] => String::new(),
                expected => format!(", but for what this bound expects to fail: {}", expected.join(", ")),
            };
            format!("every property holds in all {states} of the bound `{bound}`{but}")
        }
        Verdict::Vacuous => format!("all {states} of `{bound}` were explored, but {}", judgement.vacuities.join("; ")),
        Verdict::Incomplete => {
            let cut = judgement.cut.as_deref().unwrap_or("it was cut short");
            format!("not known: {cut}; nothing was found in {states} of `{bound}`")
        }
        Verdict::Violated => {
            let failed = judgement.properties.iter().filter(|property| property.verdict == PropertyVerdict::Violated);
            let names: Vec<_> = failed.map(|property| format!("`{}`", property.name)).collect();
            let rest = judgement.cut.as_ref().map_or_else(String::new, |cut| format!("; the rest is not known: {cut}"));
            format!("violated at `{bound}`: {}, in {states}{rest}", names.join(", "))
        }
    }
}

/// How often a page is told.
const EVERY: Duration = Duration::from_millis(100);
