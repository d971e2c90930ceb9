//! The model of a mutex: first come, first served.

use proofmark_vocabulary::{
    Bound, Catalogued, Constant, ConstantError, Constants, Describe, Domain, Model, Mutant, Profile, Property,
    PropertySet, Value,
};
use std::convert::Infallible;

#[derive(Clone, Debug)]
pub(crate) struct MutexModel {
    pub(crate) clients: usize,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct State {
    pub(crate) holder: Option<usize>,
    pub(crate) queue: Vec<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// A client joins the queue.
    Lock(usize),
    /// The holder gives the mutex back.
    Unlock(usize),
    /// A client leaves the queue.
    GiveUp(usize),
    /// The mutex is given to the first of the queue.
    Serve,
}

impl Model for MutexModel {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![State::default()]
    }

    fn actions(&self, _: &State, actions: &mut Vec<Action>) {
        actions.extend((0..self.clients).flat_map(|c| [Action::Lock(c), Action::Unlock(c), Action::GiveUp(c)]));
        actions.push(Action::Serve);
    }

    fn next_state(&self, s: &State, action: Action) -> Option<State> {
        let mut after = s.clone();
        let enabled = match action {
            Action::Lock(client) => {
                after.queue.push(client);
                s.holder != Some(client) && !s.queue.contains(&client)
            }
            Action::Unlock(client) => after.holder.take() == Some(client),
            Action::GiveUp(client) => {
                after.queue.retain(|waiter| *waiter != client);
                after != *s
            }
            Action::Serve => {
                after.holder = s.queue.first().copied();
                after.queue.drain(..1.min(s.queue.len()));
                s.holder.is_none() && !s.queue.is_empty()
            }
        };
        enabled.then_some(after)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let does_not_wait = |_: &Self, s: &State| s.queue.iter().all(|waiter| s.holder != Some(*waiter));
        let waits = |_: &Self, s: &State| s.holder.is_some() && !s.queue.is_empty();
        vec![Property::always("who holds does not wait", does_not_wait), Property::sometimes("can wait", waits)]
    }
}

impl Describe for MutexModel {
    fn action_kinds(&self) -> &'static [&'static str] {
        &["Lock", "Unlock", "GiveUp", "Serve"]
    }

    fn action_kind(&self, action: &Action) -> usize {
        match action {
            Action::Lock(_) => 0,
            Action::Unlock(_) => 1,
            Action::GiveUp(_) => 2,
            Action::Serve => 3,
        }
    }

    fn action_in_words(&self, action: &Action) -> String {
        match action {
            Action::Lock(client) => format!("client {client} asks for the mutex"),
            Action::Unlock(client) => format!("client {client} gives the mutex back"),
            Action::GiveUp(client) => format!("client {client} waits no longer"),
            Action::Serve => "the first that waits is served".to_owned(),
        }
    }

    fn value(&self, s: &State) -> Value {
        let queue = Value::list(s.queue.iter().copied());
        Value::record([("holder", s.holder.into()), ("queue", queue)])
    }
}

impl Catalogued for MutexModel {
    type Bug = Infallible;

    const NAME: &'static str = "mutex-model";
    const ABOUT: &'static str = "A mutex with a queue: first come, first served.";
    const MUTANTS: &'static [Mutant<Infallible>] = &[];

    fn constants() -> Vec<Constant> {
        vec![Constant { name: "clients", domain: Domain::Integer(1, 9), about: "how many clients there are" }]
    }

    fn bounds() -> Vec<Bound> {
        vec![Bound {
            name: "ci",
            about: "one that holds and two that wait",
            profile: Profile::Ci,
            constants: vec![("clients", 3_i64.into())],
            properties: PropertySet::All,
            expected: &[],
            counts: None,
        }]
    }

    fn new(constants: &Constants, _: Option<Infallible>) -> Result<Self, ConstantError> {
        Ok(Self { clients: constants.number("clients") })
    }
}
