//! Lines of output.

use proofmark_benches::print;
use serde::Serialize;
use serde_json::Value as Json;

/// One figure of one subject.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Measurement {
    /// The suite.
    pub(crate) bench: String,
    /// Whose figure it is.
    pub(crate) subject: String,
    /// What it was measured with, an object.
    pub(crate) params: Json,
    /// What was measured.
    pub(crate) metric: String,
    /// Of all runs.
    pub(crate) median: f64,
    /// The lowest of all runs.
    pub(crate) low: f64,
    /// The highest of all runs.
    pub(crate) high: f64,
}

impl Measurement {
    /// The figure of one or more runs.
    pub(crate) fn of(bench: &str, subject: &str, params: Json, metric: &str, mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        let (bench, subject, metric) = (bench.to_owned(), subject.to_owned(), metric.to_owned());
        let (median, low, high) = (values[values.len() / 2], values[0], values[values.len() - 1]);
        Self { bench, subject, params, metric, median, low, high }
    }

    /// Prints it.
    pub(crate) fn tell(&self) -> Result<(), String> {
        print(self)
    }
}
