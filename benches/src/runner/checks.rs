//! Checks of state spaces, each in a process of its own, so that its memory is its own.

use super::measurement::Measurement;
use super::programs;
use proofmark_benches::sample::{Measure, Sample};
use proofmark_benches::subjects::{Contender, Subject};
use serde_json::json;

/// A figure of a sample.
type Metric = fn(&Sample) -> f64;

#[derive(Clone, Copy)]
struct Params {
    participants: u16,
    threads: u16,
}

/// Measures one suite with one thread and with two, and prints each line when it is known.
pub(crate) fn measure(subject: Subject, participants: u16, runs: u16) -> Result<(), String> {
    for threads in [1, 2] {
        let params = Params { participants, threads };
        let mut samples: [Vec<Sample>; Contender::ALL.len()] = Default::default();
        // In turn, so that what disturbs the machine disturbs all.
        for _ in 0..runs {
            for (contender, samples) in Contender::ALL.into_iter().zip(&mut samples) {
                samples.push(in_fresh_process(subject, contender, params)?);
            }
        }
        agree(&samples)?;
        for (contender, samples) in Contender::ALL.into_iter().zip(&samples) {
            report(subject, contender, params, samples)?;
        }
    }
    Ok(())
}

fn in_fresh_process(subject: Subject, contender: Contender, params: Params) -> Result<Sample, String> {
    let Params { participants, threads } = params;
    let measure = Measure { subject, by: contender.by, threads, participants };
    programs::run(contender.allocator.program(), &measure.arguments(), &[])
}

/// Figures of checkers that did not explore the same states are no comparison.
fn agree(samples: &[Vec<Sample>]) -> Result<(), String> {
    let mut sizes = samples.iter().flatten().map(|sample| (sample.generated, sample.distinct));
    let first = sizes.next();
    match sizes.find(|&size| Some(size) != first) {
        Some(other) => Err(format!("the checkers explored {first:?} and {other:?} states: nothing is compared")),
        None => Ok(()),
    }
}

fn report(subject: Subject, contender: Contender, params: Params, samples: &[Sample]) -> Result<(), String> {
    let metrics: [(&str, Metric); 3] = [
        ("distinct states/s", |sample| sample.distinct as f64 / sample.seconds),
        ("generated states/s", |sample| sample.generated as f64 / sample.seconds),
        ("peak bytes/distinct state", |sample| sample.peak_memory_bytes as f64 / sample.distinct as f64),
    ];
    let Params { participants, threads } = params;
    for (metric, of) in metrics {
        let params = json!({ "participants": participants, "threads": threads });
        let values = samples.iter().map(of).collect();
        Measurement::of(&subject.name(), &contender.name(), params, metric, values).tell()?;
    }
    Ok(())
}
