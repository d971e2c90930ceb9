//! Suites of histories: each checker judges the same one, in a process of its own.

use super::measurement::Measurement;
use super::programs;
use proofmark_benches::histories::{Checked, Judge, Judged, Subject};
use proofmark_benches::subjects::Allocator;
use serde_json::json;

/// The size of a history.
#[derive(Clone, Copy)]
struct OfHistory {
    clients: usize,
    operations: usize,
}

/// A checker, and whose memory it works with.
type Contender = (Checked, Allocator);

/// Judges a history by all who can, so many times, and prints what it took.
pub(crate) fn measure(subject: Subject, runs: u16) -> Result<(), String> {
    let lines = subject.record(CLIENTS, EACH);
    let text =
        lines.iter().map(|line| serde_json::to_string(line).map(|line| line + "\n")).collect::<Result<String, _>>();
    let text = text.map_err(|error| format!("a history does not become JSON: {error}"))?;
    // As their users find them, and with the other's allocator: theirs once, since it takes long.
    let mut contenders = vec![(Checked::Proofmark, Allocator::Mimalloc), (Checked::Proofmark, Allocator::System)];
    for &peer in subject.peers() {
        contenders.push((peer, Allocator::System));
        let is_compared = peer == Checked::Todc && subject == Subject::InTurn;
        contenders.extend(is_compared.then_some((peer, Allocator::Mimalloc)));
    }
    let mut samples: Vec<Vec<Judged>> = contenders.iter().map(|_| Vec::new()).collect();
    for _ in 0..runs {
        for (&(by, allocator), samples) in contenders.iter().zip(&mut samples) {
            if samples.iter().all(|sample| sample.seconds < LONG) {
                let judge = Judge { by, limit: LIMIT };
                samples.push(programs::run(allocator.program(), &judge.arguments(), text.as_bytes())?);
            }
        }
    }
    let mut verdicts = samples.iter().flatten().filter_map(|sample| sample.linearizable);
    let first = verdicts.next();
    if verdicts.any(|verdict| Some(verdict) != first) {
        return Err(format!("the checkers do not agree on {}: nothing is compared", subject.name()));
    }
    for (contender, samples) in contenders.into_iter().zip(&samples) {
        report(subject, contender, OfHistory { clients: CLIENTS, operations: lines.len() / 2 }, samples)?;
    }
    Ok(())
}

fn report(subject: Subject, (by, allocator): Contender, params: OfHistory, samples: &[Judged]) -> Result<(), String> {
    let note = match (by, allocator) {
        (Checked::Proofmark, Allocator::System) => ", system allocator",
        (Checked::Todc | Checked::Stateright, Allocator::Mimalloc) => ", mimalloc",
        _ => "",
    };
    let stopped =
        if samples.iter().any(|sample| sample.linearizable.is_none()) { ", stopped without a verdict" } else { "" };
    let name = format!("{}{note}{stopped}", by.name());
    let OfHistory { clients, operations } = params;
    let params = json!({ "clients": clients, "operations": operations });
    let tell = |metric, values| Measurement::of(&subject.name(), &name, params.clone(), metric, values).tell();
    tell("seconds", samples.iter().map(|sample| sample.seconds).collect())?;
    let bytes = samples.iter().map(|sample| sample.peak_memory_bytes as f64 / operations as f64);
    tell("peak bytes/operation", bytes.collect())
}

/// The size that is published for others.
const CLIENTS: usize = 8;
/// How many operations each client asks for.
const EACH: usize = 5_000;
/// After how many seconds a checker is stopped.
const LIMIT: u64 = 120;
/// Who takes more seconds than this is measured once.
const LONG: f64 = 10.0;
