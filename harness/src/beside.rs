//! What the code did beside its model, event by event: what the explorer shows.

use crate::explain::{Call, Step, explain, moments};
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
    /// Perhaps not this one, for this reason: too much is possible.
    Undecided(usize, String),
    /// Every event, but something is wrong that no event tells.
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
    /// The states that the model would have allowed, the nearest first, where it is not explained.
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
/// in this place: each with the calls of the history that ends with it. Those that the model can give are shown.
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
    let moments = moments(calls);
    let begin = model.init_states().first().map_or_else(|| Value::Record(BTreeMap::new()), |state| model.value(state));
    let (steps, stuck) = match explain(model, calls) {
        Ok(steps) => (steps, None),
        Err(unexplained) => (unexplained.steps, Some(unexplained.call)),
    };
    let stuck_at = stuck.and_then(|call| moments.iter().position(|moment| *moment == (call, true)));
    let (mut at, mut steps) = (begin.clone(), steps.into_iter().peekable());
    let mut events: Vec<_> = told.into_iter().map(|told| (told, None)).collect();
    for (moment, (told, instance)) in events.iter_mut().enumerate().take(stuck_at.unwrap_or(usize::MAX)) {
        let mut actions = Vec::new();
        while let Some(taken) = steps.next_if(|taken| taken.before == moment) {
            actions.extend(in_words(model, &calls[taken.call].ways[taken.way][taken.step]));
            at = model.value(&taken.state);
        }
        *instance = Some(beside_one(told, actions, Some(at.clone()), Vec::new()));
    }
    let mut verdict = BesideVerdict::Explained;
    if let (Some(call), Some(place)) = (stuck, stuck_at)
        && let Some((told, instance)) = events.get_mut(place)
    {
        verdict = BesideVerdict::Diverges(place, "no step of the model leads to this answer".to_owned());
        let allowed = others(call).into_iter().filter_map(|(answer, calls)| {
            let steps = explain(model, &calls).ok()?;
            let value = steps.last().map_or_else(|| begin.clone(), |taken| model.value(&taken.state));
            let last = steps.iter().filter(|taken| taken.before == place);
            let actions = last.filter_map(|taken| in_words(model, &calls[taken.call].ways[taken.way][taken.step]));
            let differences = vec![Difference::of_field(ANSWER, told.says.clone(), answer)];
            Some(Allowed { actions: actions.collect(), value, differences })
        });
        let allowed = allowed.collect();
        *instance = Some(beside_one(told, Vec::new(), None, allowed));
    }
    let events = events.into_iter().map(|(told, instance)| event(told, instance)).collect();
    Beside { nodes: callers, instances: vec![("model".to_owned(), begin)], events, verdict }
}

/// A history that no model steps through: what was told at each of its moments, and what is wrong with it.
pub fn of_moments(callers: Vec<String>, told: Vec<Told>, wrong: Option<String>) -> Beside {
    let events = told.into_iter().map(|told| event(told, None)).collect();
    let verdict = wrong.map_or(BesideVerdict::Explained, BesideVerdict::Wrong);
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
