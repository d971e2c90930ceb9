//! What strays, made as small as it gets (L4): fewer nodes and requests by looking for a smaller system that strays
//! alike, then fewer events by leaving out what is not needed.

use super::runs::{Built, Plan, build, run};
use super::{AT_REST, EXPLAINED, Fault, LINEARIZABLE, Link, Linked, draw_history, judge_history, judge_trace, observe};
use crate::check::{Counterexample, Engine, Step};
use crate::cluster::{Event, State, System};
use crate::history::Drawing;
use crate::judgement::Asked;
use crate::store::{self, SCHEMA, Saved};
use proofmark_core::Core;
use proofmark_vocabulary::{Describe, Domain, Model, Value};

type Events<S> = Vec<Event<<S as System>::Core>>;

/// A counterexample with its ID, and a picture of what clients see in it, where that is what is wrong.
pub(super) type Kept = ((String, Saved), Option<Drawing>);

/// The smallest counterexample that is found; `None` when the plan asks for none.
pub(super) fn shrink<S: Linked>(plan: &Plan<'_>, seed: u64, fault: &Fault) -> Option<Kept> {
    // What goes on for ever has no last event to end with.
    if !plan.shrink || fault.evidence == AT_REST {
        return None;
    }
    let first = build::<S>(&S::simulated(seed), plan).ok()?;
    let (built, events) = smaller::<S>(plan, fault).unwrap_or_else(|| {
        let run = run(first, seed);
        (run.built, run.events)
    });
    let events = fewer(&built, events, fault);
    Some(keep(&built, plan, &events, fault))
}

/// A smaller system that strays alike, with the events of its run: the constants that tell its size are tried from
/// their least values up.
fn smaller<S: Linked>(plan: &Plan<'_>, fault: &Fault) -> Option<(Built<S>, Events<S>)> {
    sizes::<S>().into_iter().find_map(|sizes| {
        (0..TRIED).find_map(|seed| {
            let changes: Vec<_> = S::simulated(seed).into_iter().chain(sizes.iter().cloned()).collect();
            let run = run(build::<S>(&changes, plan).ok()?, seed);
            let (faults, _) = run.judge(&[fault.link]);
            let alike = faults.iter().any(|found| found.evidence == fault.evidence && found.certain);
            alike.then_some((run.built, run.events))
        })
    })
}

/// The small sizes of a system, smallest first.
fn sizes<S: Linked>() -> Vec<Vec<(&'static str, Value)>> {
    let mut all: Vec<Vec<(&'static str, i64)>> = vec![Vec::new()];
    for constant in S::constants().iter().filter(|constant| S::sizes().contains(&constant.name)) {
        let Domain::Integer(least, most) = constant.domain else { continue };
        let values = least.max(1)..=most.min(least.max(1) + SMALL);
        let grown = all.iter().flat_map(|sizes| values.clone().map(|n| [&sizes[..], &[(constant.name, n)]].concat()));
        all = grown.collect();
    }
    all.sort_by_key(|sizes| sizes.iter().map(|(_, n)| n).sum::<i64>());
    all.into_iter().map(|sizes| sizes.into_iter().map(|(name, n)| (name, Value::from(n))).collect()).collect()
}

/// Leaves out events as long as the rest strays alike (Zeller and Hildebrandt, *Simplifying and Isolating
/// Failure-Inducing Input*, 2002, with complements alone).
fn fewer<S: Linked>(built: &Built<S>, events: Vec<Event<S::Core>>, fault: &Fault) -> Vec<Event<S::Core>> {
    let mut kept = strays(built, &events, fault).unwrap_or(events);
    let mut chunk = kept.len().div_ceil(2);
    while chunk > 0 {
        let (mut at, mut left_out) = (0, false);
        while at < kept.len() {
            let without: Vec<_> = kept[..at].iter().chain(&kept[(at + chunk).min(kept.len())..]).cloned().collect();
            match strays(built, &without, fault) {
                Some(shorter) => (kept, left_out) = (shorter, true),
                None => at += chunk,
            }
        }
        chunk = if left_out && chunk == 1 { 1 } else { chunk / 2 };
    }
    kept
}

/// Those of the events that can happen, up to the one that strays; `None` when none does, or not alike.
fn strays<S: Linked>(built: &Built<S>, events: &[Event<S::Core>], fault: &Fault) -> Option<Vec<Event<S::Core>>> {
    let (states, mut events) = follow(built, events);
    let seen = observe::<S>(&built.cluster, &built.mapping, &states, &events);
    if fault.link == Link::L5 {
        let found = judge_history::<S>(&built.cluster.system().service(), &seen).err()?;
        return found.certain.then_some(events);
    }
    let found = judge_trace::<S>(&built.mapping, &seen).err()?;
    // Its event is the last one; the nodes' starts are lines too.
    events.truncate((found.at? + 1).saturating_sub(states[0].nodes.len()));
    (found.certain && found.evidence == fault.evidence).then_some(events)
}

/// The behaviour that the events make, without those that cannot happen.
fn follow<S: Linked>(built: &Built<S>, events: &[Event<S::Core>]) -> (Vec<State<S::Core>>, Events<S>) {
    let mut states = vec![built.cluster.init_states().swap_remove(0)];
    let mut happened = Vec::new();
    for event in events {
        let last = &states[states.len() - 1];
        if let Some(next) = possible(built, last, event) {
            states.push(next);
            happened.push(event.clone());
        }
    }
    (states, happened)
}

/// Where an event leads, if the model has it: what never was on the network cannot arrive.
fn possible<S: Linked>(built: &Built<S>, state: &State<S::Core>, event: &Event<S::Core>) -> Option<State<S::Core>> {
    is_there::<S::Core>(state, event).then(|| built.cluster.next_state(state, event.clone())).flatten()
}

fn is_there<C: Core>(state: &State<C>, event: &Event<C>) -> bool {
    match event {
        Event::Receive(envelope) => state.network.contains(envelope),
        Event::Fire(node, timer) => state.node(*node).timers.contains(timer),
        Event::Torn { cause, .. } => is_there(state, cause),
        Event::Crash(node) => state.node(*node).core.is_some(),
        Event::Request(..) | Event::Restart(_) => true,
    }
}

/// The counterexample of the system's cluster.
fn keep<S: Linked>(built: &Built<S>, plan: &Plan<'_>, events: &[Event<S::Core>], fault: &Fault) -> Kept {
    let (states, events) = follow(built, events);
    let step = |event: Option<&Event<S::Core>>, state: &State<S::Core>| Step {
        action: event.map(Event::in_words),
        kind: event.map(|event| event.name().to_owned()),
        state: built.cluster.value(state),
    };
    let actions = std::iter::once(None).chain(events.iter().map(Some));
    let steps: Vec<_> = actions.zip(&states).map(|(event, state)| step(event, state)).collect();
    let seen = observe::<S>(&built.cluster, &built.mapping, &states, &events);
    let (property, kind, found) = match fault.link {
        Link::L5 => (LINEARIZABLE, "history", judge_history::<S>(&built.cluster.system().service(), &seen).err()),
        _ => (EXPLAINED, "trace", judge_trace::<S>(&built.mapping, &seen).err()),
    };
    let why = found.map_or_else(|| fault.why.clone(), |found| found.why);
    let asked = Asked {
        model: format!("{}.cluster", S::NAME),
        bound: S::bounds()[0].name.to_owned(),
        constants: built.constants.clone(),
        mutant: plan.mutant.map(ToOwned::to_owned),
        expected: Vec::new(),
        engine: Engine::Native,
        threads: 1,
        symmetry: false,
    };
    let found = Counterexample { steps, back_to: None, explanation: Some(why) };
    let id = store::id(&asked, property, &found);
    let saved = Saved {
        schema: SCHEMA,
        model: asked.model,
        bound: asked.bound,
        constants: asked.constants.iter().map(|(name, value)| (name.to_owned(), value.clone())).collect(),
        mutant: asked.mutant,
        property: property.to_owned(),
        kind: kind.to_owned(),
        symmetry: false,
        steps: found.steps,
        back_to: None,
        explanation: found.explanation,
    };
    let drawing = (fault.link == Link::L5).then(|| draw_history::<S>(&built.cluster.system().service(), &seen));
    ((id, saved), drawing.flatten())
}

/// How many seeds of each smaller system are tried.
const TRIED: u64 = 40;
/// By how much each constant grows, at most, in search of a smaller system.
const SMALL: i64 = 3;
