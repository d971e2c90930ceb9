//! How far a search is: a line that renews itself on a terminal, and a plain line every 10 s elsewhere.

use super::interrupt;
use super::output::note;
use crate::check::{Progress, Watch};
use crate::report::words::{bytes, count, duration, rate};
use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Watches one search.
pub(super) struct Watcher {
    /// What is searched.
    label: String,
    shown: Shown,
    trend: Mutex<Trend>,
}

enum Shown {
    Nothing,
    Bar(ProgressBar),
    Lines,
}

/// What was told last, from which rates and trends are taken.
#[derive(Default)]
struct Trend {
    at: Duration,
    distinct: u64,
    queue: u64,
}

impl Watcher {
    pub(super) fn new(label: String, quiet: bool) -> Self {
        let shown = if quiet {
            Shown::Nothing
        } else if std::io::stderr().is_terminal() {
            let style = ProgressStyle::with_template("{spinner} {wide_msg}");
            Shown::Bar(
                ProgressBar::new_spinner().with_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner())),
            )
        } else {
            Shown::Lines
        };
        Self { label, shown, trend: Mutex::new(Trend::default()) }
    }

    /// What there is to tell, if enough time has passed since the last time.
    pub(super) fn renewed(&self, progress: &Progress, every: Duration) -> Option<String> {
        let mut last = self.trend.lock().unwrap_or_else(PoisonError::into_inner);
        let since = progress.elapsed.saturating_sub(last.at);
        if since < every {
            return None;
        }
        let rate = rate(progress.distinct.saturating_sub(last.distinct), since.as_secs_f64());
        let queue = progress.queue.map_or_else(String::new, |queue| {
            let trend = match queue.cmp(&last.queue) {
                std::cmp::Ordering::Greater => "growing",
                std::cmp::Ordering::Equal => "steady",
                std::cmp::Ordering::Less => "shrinking",
            };
            format!(", queue {} and {trend}", count(queue))
        });
        let what = if matches!(progress.phase, "runs" | "cases") { progress.phase } else { "states" };
        let doing = match progress.phase {
            "states" => format!("{rate} states/s{queue}, depth {}", count(progress.depth)),
            // How many there are to be is known.
            "runs" => format!("{rate} runs/s, {} to go", count(progress.queue.unwrap_or_default())),
            "cases" => format!("{} to go", count(progress.queue.unwrap_or_default())),
            other => format!("judging {other}"),
        };
        let line = format!(
            "{}: {} {what}, {doing}, {}, {}",
            self.label,
            count(progress.distinct),
            bytes(progress.memory),
            duration(progress.elapsed.as_secs_f64())
        );
        let Progress { elapsed: at, distinct, queue, .. } = *progress;
        *last = Trend { at, distinct, queue: queue.unwrap_or(0) };
        Some(line)
    }
}

impl Watch for Watcher {
    fn progress(&self, progress: &Progress) {
        match &self.shown {
            Shown::Nothing => {}
            Shown::Bar(bar) => {
                if let Some(line) = self.renewed(progress, ON_A_TERMINAL) {
                    bar.set_message(line);
                    bar.tick();
                }
            }
            Shown::Lines => {
                if let Some(line) = self.renewed(progress, ELSEWHERE) {
                    note(line);
                }
            }
        }
    }

    fn interrupted(&self) -> bool {
        interrupt::requested()
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        if let Shown::Bar(bar) = &self.shown {
            bar.finish_and_clear();
        }
    }
}

const ON_A_TERMINAL: Duration = Duration::from_millis(250);
const ELSEWHERE: Duration = Duration::from_secs(10);
