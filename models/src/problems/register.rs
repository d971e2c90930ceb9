//! The register: Herlihy and Wing, *Linearizability: A Correctness Condition for Concurrent Objects* (1990): whatever
//! clients put, compare and set, or get, each operation takes effect at one instant between its call and its answer.
//!
//! A put or a compare-and-set is that instant. A get has a beginning and an end, and what it shows was the value at an
//! instant between the two: no older than what was written when it began, and nothing that is still to be written. What
//! was written is kept as history. Left out: calls of writes and their answers, and a compare-and-set that finds
//! another value and so changes nothing. Writes and gets are budgets.

use super::replicated_log::{MOST_SERVERS as MOST_CLIENTS, MOST_VALUES as MOST_WRITES, Prefix};
use crate::guard::{guarded, guards};
use crate::parts::each;
use proofmark_vocabulary::{
    Bound, Catalogued, Clause, Constant, ConstantError, Constants, Counts, Describe, Domain, Model, Mutant, Profile,
    Property, PropertySet, Scene, Temporal, Value,
};

/// The constants, and the bug planted in the model, if any.
#[derive(Clone, Debug)]
pub struct Register {
    /// How many clients there are.
    pub clients: usize,
    /// How many values can be written.
    pub values: u8,
    /// How many writes there are at most.
    pub writes: usize,
    /// How many gets begin at most.
    pub gets: u8,
    /// The bug.
    pub bug: Option<Bug>,
}

/// The variables.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct State {
    /// What was written, in order: the last of it is the register's value.
    pub written: Prefix,
    /// How much of it was written when each client's get began, if one is going on.
    pub getting: [Option<u8>; MOST_CLIENTS],
    /// How many gets have begun.
    pub begun: u8,
}

/// The actions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// A client writes a value.
    Put(usize, u8),
    /// A client writes the second value, if the register has the first.
    CompareAndSet(usize, u8, u8),
    /// A client's get begins.
    BeginGet(usize),
    /// It shows the register after so many writes.
    EndGet(usize, u8),
    /// It is never answered.
    AbandonGet(usize),
}

guards! {
    Register:
    /// The register has the value that is expected.
    Expected = "expected",
    /// All that was written when the get began is shown.
    NoOlder = "no-older",
    /// All that is shown is written.
    Written = "written",
}

impl Register {
    /// The problem as it is, with no budget that is reached before another's.
    pub const fn of(clients: usize, values: u8) -> Self {
        Self { clients, values, writes: MOST_WRITES, gets: u8::MAX, bug: None }
    }

    fn write(&self, s: &mut State, value: u8) {
        s.written = match self.bug {
            Some(Bug::LosesAWrite) if !s.written.is_empty() => s.written.iter().take(s.written.len() - 1).collect(),
            _ => s.written.with(value),
        };
    }

    fn compare_and_set(&self, s: &mut State, expected: u8, value: u8) -> Result<(), Guard> {
        self.require(s.value() == Some(expected), Guard::Expected)?;
        self.write(s, value);
        Ok(())
    }

    fn begin_get(s: &mut State, client: usize) {
        s.getting[client] = Some(s.written.len() as u8);
        s.begun += 1;
    }

    fn end_get(&self, s: &mut State, client: usize, shown: u8) -> Result<(), Guard> {
        self.require(s.getting[client].is_some_and(|began| shown >= began), Guard::NoOlder)?;
        self.require(usize::from(shown) <= s.written.len(), Guard::Written)?;
        s.getting[client] = None;
        Ok(())
    }

    fn take(&self, s: &State, action: Action) -> Result<State, Guard> {
        let mut after = *s;
        match action {
            Action::Put(_, value) => self.write(&mut after, value),
            Action::CompareAndSet(_, expected, value) => self.compare_and_set(&mut after, expected, value)?,
            Action::BeginGet(client) => Self::begin_get(&mut after, client),
            Action::EndGet(client, shown) => self.end_get(&mut after, client, shown)?,
            Action::AbandonGet(client) => after.getting[client] = None,
        }
        Ok(after)
    }
}

impl State {
    /// The register's value: none before the first write.
    fn value(&self) -> Option<u8> {
        self.written.get(self.written.len().checked_sub(1)?)
    }
}

impl Model for Register {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![State::default()]
    }

    fn actions(&self, s: &State, actions: &mut Vec<Action>) {
        for client in 0..self.clients {
            if s.getting[client].is_some() {
                actions.extend((0..=self.writes as u8).map(|shown| Action::EndGet(client, shown)));
                actions.push(Action::AbandonGet(client));
            } else if s.begun < self.gets {
                actions.push(Action::BeginGet(client));
            }
            if s.written.len() < self.writes {
                let values = || 0..self.values;
                actions.extend(values().map(|value| Action::Put(client, value)));
                let pairs = values().flat_map(|expected| values().map(move |value| (expected, value)));
                actions.extend(pairs.map(|(expected, value)| Action::CompareAndSet(client, expected, value)));
            }
        }
    }

    fn next_state(&self, s: &State, action: Action) -> Option<State> {
        self.take(s, action).ok()
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("what a get began with stays written", stays_written),
            Property::sometimes("all is written that there is room for", |m: &Self, s: &State| {
                s.written.len() == m.writes
            }),
            Property::sometimes("something is written while a get goes on", |m: &Self, s: &State| {
                s.getting[..m.clients].iter().flatten().any(|&began| usize::from(began) < s.written.len())
            }),
        ]
    }
}

fn stays_written(m: &Register, s: &State) -> bool {
    (0..m.clients).all(|client| client_keeps(s, client))
}

fn client_keeps(s: &State, client: usize) -> bool {
    s.getting[client].is_none_or(|began| usize::from(began) <= s.written.len())
}

/// What a get shows was the register's value at an instant between its beginning and its end.
fn gets_are_linearizable(_: &Register, before: &State, action: &Action, _: &State) -> bool {
    match *action {
        Action::EndGet(client, shown) => {
            let began = before.getting[client].unwrap_or(u8::MAX);
            (usize::from(began)..=before.written.len()).contains(&usize::from(shown))
        }
        _ => true,
    }
}

fn sets_what_was_compared(_: &Register, before: &State, action: &Action, _: &State) -> bool {
    match *action {
        Action::CompareAndSet(_, expected, _) => before.written.iter().last() == Some(expected),
        _ => true,
    }
}

fn only_grows(_: &Register, before: &State, _: &Action, after: &State) -> bool {
    before.written.is_prefix_of(&after.written)
}

impl Describe for Register {
    fn action_kinds(&self) -> &'static [&'static str] {
        &["Put", "CompareAndSet", "BeginGet", "EndGet", "AbandonGet"]
    }

    fn action_kind(&self, action: &Action) -> usize {
        match action {
            Action::Put(..) => 0,
            Action::CompareAndSet(..) => 1,
            Action::BeginGet(_) => 2,
            Action::EndGet(..) => 3,
            Action::AbandonGet(_) => 4,
        }
    }

    fn action_in_words(&self, action: &Action) -> String {
        match action {
            Action::Put(client, value) => format!("client {client} puts value {value}"),
            Action::CompareAndSet(client, expected, value) => {
                format!("client {client} sets value {value} in place of value {expected}")
            }
            Action::BeginGet(client) => format!("client {client} begins to get"),
            Action::EndGet(client, shown) => format!("client {client} gets what is there after {shown} writes"),
            Action::AbandonGet(client) => format!("client {client} is never told what it wanted to get"),
        }
    }

    fn processes(&self) -> Vec<String> {
        (0..self.clients).map(|client| format!("client {client}")).collect()
    }

    fn scene(&self, _: &State, action: &Action, _: &State) -> Scene {
        let (Action::Put(client, _)
        | Action::CompareAndSet(client, ..)
        | Action::BeginGet(client)
        | Action::EndGet(client, _)
        | Action::AbandonGet(client)) = *action;
        Scene::at(client)
    }

    fn clauses(&self, claim: &str, s: &State) -> Vec<Clause> {
        match claim {
            "what a get began with stays written" => each(self.clients, |client| {
                (
                    format!("what was written when client {client} began to get is written still"),
                    client_keeps(s, client),
                )
            }),
            _ => Vec::new(),
        }
    }

    fn value(&self, s: &State) -> Value {
        Value::record([
            ("written", Value::list(s.written.iter())),
            ("getting", Value::list(s.getting[..self.clients].iter().copied())),
            ("begun", s.begun.into()),
        ])
    }

    guarded!();

    fn temporal(&self) -> Vec<Temporal<Self>> {
        vec![
            Temporal::step("gets are linearizable", gets_are_linearizable),
            Temporal::step("a compare-and-set finds what it expects", sets_what_was_compared),
            Temporal::step("what is written only grows", only_grows),
        ]
    }
}

/// What can be planted in the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bug {
    /// A guard is dropped.
    Drop(Guard),
    /// A write takes the last one back.
    LosesAWrite,
}

impl Catalogued for Register {
    type Bug = Bug;

    const NAME: &'static str = "register";
    const ABOUT: &'static str = "The register (Herlihy and Wing): put, get and compare-and-set behave as one atomic \
                                 object.";
    const MUTANTS: &'static [Mutant<Bug>] = &[
        Mutant {
            name: "loses-a-write",
            bug: Bug::LosesAWrite,
            bound: "ci",
            property: "what a get began with stays written",
            lesson: "what was written is not unwritten",
        },
        Mutant {
            name: "drop-expected",
            bug: Bug::Drop(Guard::Expected),
            bound: "ci",
            property: "a compare-and-set finds what it expects",
            lesson: "to compare and to set is one step",
        },
        Mutant {
            name: "drop-no-older",
            bug: Bug::Drop(Guard::NoOlder),
            bound: "ci",
            property: "gets are linearizable",
            lesson: "who begins later sees no less",
        },
        Mutant {
            name: "drop-written",
            bug: Bug::Drop(Guard::Written),
            bound: "ci",
            property: "gets are linearizable",
            lesson: "nothing is shown that nobody wrote",
        },
    ];

    fn constants() -> Vec<Constant> {
        let number = |name, least, most, about| Constant { name, domain: Domain::Integer(least, most), about };
        vec![
            number("clients", 1, 3, "how many clients there are"),
            number("values", 1, 3, "how many values can be written"),
            number("writes", 1, 4, "how many writes there are at most"),
            number("gets", 1, 4, "how many gets begin at most"),
        ]
    }

    fn bounds() -> Vec<Bound> {
        let bound = |name, about, size: [i64; 4], counts| Bound {
            name,
            about,
            profile: Profile::Ci,
            constants: ["clients", "values", "writes", "gets"].into_iter().zip(size.map(Value::from)).collect(),
            properties: PropertySet::All,
            expected: &[],
            counts: Some(counts),
        };
        vec![
            bound(
                "ci",
                "two clients, two values, two writes",
                [2, 2, 2, 2],
                Counts { generated: 787, distinct: 134, depth: 7 },
            ),
            bound("three", "three clients", [3, 2, 3, 3], Counts { generated: 22_885, distinct: 2_176, depth: 10 }),
        ]
    }

    fn new(constants: &Constants, bug: Option<Bug>) -> Result<Self, ConstantError> {
        let small = |name| u8::try_from(constants.number(name)).unwrap_or(u8::MAX);
        let clients = constants.number("clients");
        Ok(Self { clients, values: small("values"), writes: constants.number("writes"), gets: small("gets"), bug })
    }
}
