//! What the code did beside its model, event by event: what the explorer shows.

use crate::explain::{Call, Step, Taken, explain, moments};
use crate::trace::{Allowed, Difference};
use proofmark_vocabulary::{Describe, Scene, Value};
use std::collections::BTreeMap;
use std::hash::Hash;

/// A run of the code, each event with what the model makes of it.
#[derive(Clone, Debug)]
pub struct Beside {
    /// The names of the nodes, or of whoever calls.
    pub nodes: Vec<String>,
    /// The instances of the model that the run is about, each with the state in which it begins.
    pub instances: Vec<(String, Value)>,
    /// The events, in the order of the run.
    pub events: Vec<BesideEvent>,
    /// Whether the model explains them.
    pub verdict: BesideVerdict,
}

/// Whether the model explains a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BesideVerdict {
    /// Every event.
    Explained,
    /// Not this one, for this reason.
    Diverges(usize, String),
    /// Perhaps not this one, or not some other, for this reason: not all that is possible was looked at.
    Undecided(Option<usize>, String),
    /// No model steps through its events, but their calls have an order in which they can be.
    Ordered,
    /// Something is wrong that no one event tells.
    Wrong(String),
}

/// An event of the code.
#[derive(Clone, Debug)]
pub struct BesideEvent {
    /// It in words.
    pub event: String,
    /// Who does what.
    pub scene: Scene,
    /// What the model makes of it, for each instance that it is about.
    pub instances: Vec<BesideInstance>,
}

/// An event of the code, as one instance of the model.
#[derive(Clone, Debug)]
pub struct BesideInstance {
    /// Its place among the instances.
    pub instance: usize,
    /// What the node then decides, or what is called and answered, by the names of the fields.
    pub code: BTreeMap<String, Value>,
    /// The actions that explain it; none where it is a stutter, or not explained.
    pub actions: Vec<String>,
    /// The model's state afterwards; none where it is not explained.
    pub model: Option<Value>,
    /// What the model would have allowed, the nearest first, where it is not explained.
    pub allowed: Vec<Allowed>,
}

/// An invocation or a response, as people see it.
#[derive(Clone, Debug)]
pub struct Told {
    /// Who calls, by its place among the callers.
    pub caller: usize,
    /// What happens, in words.
    pub event: String,
    /// What is called, or what is answered.
    pub says: Value,
    /// Whether it is a response.
    pub responds: bool,
}

/// A history of concurrent calls beside the model: what was told at each of its moments, and its calls as [`explain`]
/// takes them.
///
/// Where a response has no explanation, `others` has the answers that there might have been instead of that of the call
/// in this place: each with the calls of the history that ends with it. Those that the model can give are shown, in the
/// same order, with the steps in which their behaviour is another than the one that is shown.
pub fn of_history<M>(
    model: &M,
    callers: Vec<String>,
    told: Vec<Told>,
    calls: &[Call<M>],
    others: impl FnOnce(usize) -> Vec<(Value, Vec<Call<M>>)>,
) -> Beside
where
    M: Describe,
    M::State: Clone + Eq + Hash,
    M::Action: Clone,
{
    let begin = model.init_states().first().map_or_else(|| Value::Record(BTreeMap::new()), |state| model.value(state));
    let (steps, stuck) = match explain(model, calls) {
        Ok(steps) => (steps, None),
        Err(unexplained) => (unexplained.steps, Some(unexplained.call)),
    };
    let place = |call| moments(calls).iter().position(|moment| *moment == (call, true));
    let stuck = stuck.and_then(|call| Some((call, place(call)?)));
    let (explained, mut others) = (stuck.map_or(told.len(), |(_, place)| place), Some(others));
    let mut at = begin.clone();
    let mut events = Vec::with_capacity(told.len());
    for (moment, told) in told.into_iter().enumerate() {
        let instance = if moment < explained {
            let (actions, state) = taken_before(model, calls, &steps, moment);
            at = state.map_or(at, |state| model.value(state));
            Some(beside_one(&told, actions, Some(at.clone()), Vec::new()))
        } else if let Some(((call, _), others)) = stuck.zip(others.take()) {
            let allowed = others(call).into_iter().filter_map(|(answer, calls)| {
                let instead = explain(model, &calls).ok()?;
                let actions = leaves(model, &steps, &instead, &calls, moment);
                let value = instead.last().map_or_else(|| begin.clone(), |taken| model.value(&taken.state));
                let differences = vec![Difference::of_field(ANSWER, told.says.clone(), answer)];
                Some(Allowed { actions, value, differences })
            });
            let allowed = allowed.collect();
            Some(beside_one(&told, Vec::new(), None, allowed))
        } else {
            None
        };
        events.push(event(told, instance));
    }
    let verdict = stuck.map_or(BesideVerdict::Explained, |(_, place)| {
        BesideVerdict::Diverges(place, "no step of the model leads to this answer".to_owned())
    });
    Beside { nodes: callers, instances: vec![("model".to_owned(), begin)], events, verdict }
}

/// The steps of a behaviour from where it leaves another one on, in words; where that is before a moment, it is told.
fn leaves<M>(
    model: &M,
    steps: &[Taken<M::State>],
    instead: &[Taken<M::State>],
    calls: &[Call<M>],
    moment: usize,
) -> Vec<String>
where
    M: Describe,
    M::State: Eq,
{
    let is_same = |(one, other): &(&Taken<_>, &Taken<_>)| {
        (one.before, one.call, one.step, &one.state) == (other.before, other.call, other.step, &other.state)
    };
    let shown: Vec<_> = steps.iter().filter(|taken| taken.before < moment).collect();
    let common = shown.iter().copied().zip(instead).take_while(is_same).count();
    let from = shown[common..].first().into_iter().copied().chain(instead.get(common)).map(|taken| taken.before).min();
    let early = from.filter(|from| *from < moment).map(|from| format!("otherwise from event {} on", from + 1));
    let words =
        instead[common..].iter().filter_map(|taken| in_words(model, &calls[taken.call].ways[taken.way][taken.step]));
    early.into_iter().chain(words).collect()
}

/// What the model does just before a moment, in words, and its state then, unless it does nothing.
fn taken_before<'a, M: Describe>(
    model: &M,
    calls: &[Call<M>],
    steps: &'a [Taken<M::State>],
    moment: usize,
) -> (Vec<String>, Option<&'a M::State>) {
    let taken = || steps.iter().filter(move |taken| taken.before == moment);
    let in_words = |taken: &Taken<_>| in_words(model, &calls[taken.call].ways[taken.way][taken.step]);
    (taken().filter_map(in_words).collect(), taken().last().map(|taken| &taken.state))
}

/// A history that no model steps through: what was told at each of its moments, and what was found of the whole.
pub fn of_moments(callers: Vec<String>, told: Vec<Told>, verdict: BesideVerdict) -> Beside {
    let events = told.into_iter().map(|told| event(told, None)).collect();
    Beside { nodes: callers, instances: Vec::new(), events, verdict }
}

fn event(told: Told, instance: Option<BesideInstance>) -> BesideEvent {
    BesideEvent {
        event: told.event,
        scene: Scene { process: Some(told.caller), ..Scene::default() },
        instances: instance.into_iter().collect(),
    }
}

fn beside_one(told: &Told, actions: Vec<String>, model: Option<Value>, allowed: Vec<Allowed>) -> BesideInstance {
    let field = if told.responds { ANSWER } else { CALL };
    BesideInstance {
        instance: 0,
        code: BTreeMap::from([(field.to_owned(), told.says.clone())]),
        actions,
        model,
        allowed,
    }
}

/// What the model does, or does not allow; nothing where a call only looks.
fn in_words<M: Describe>(model: &M, step: &Step<M>) -> Option<String> {
    match step {
        Step::Takes(action) => Some(model.action_in_words(action)),
        Step::Refuses(action) => Some(format!("not enabled: {}", model.action_in_words(action))),
        Step::Finds(_) => None,
    }
}

impl Beside {
    /// The place of an instance, a new one if it was not named before.
    pub(crate) fn instance(&mut self, name: &str, begin: &Value) -> usize {
        let known = self.instances.iter().position(|(known, _)| known == name);
        known.unwrap_or_else(|| {
            self.instances.push((name.to_owned(), begin.clone()));
            self.instances.len() - 1
        })
    }
}

/// The fields of what is called and of what is answered.
const CALL: &str = "call";
const ANSWER: &str = "answer";
