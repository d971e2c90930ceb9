//! Ownership: what is asked of a service whose keys are spread over nodes: Karger et al., *Consistent Hashing and
//! Random Trees* (STOC 1997), has one place for each key; Adya et al., *Slicer* (OSDI 2016), moves keys while they
//! are used. At most one node serves a key, and what was acknowledged survives every handoff.
//!
//! Left out: where keys belong and why they move, which is the affair of views; how data gets from node to node;
//! reads, of which [`register`](super::register) speaks. A write that nobody was told of may be lost. Write `w` is
//! of key `w` modulo the number of keys, and each is asked for once: two writes of one key are two things to keep.

use crate::Few;
use crate::guard::{guarded, guards};
use crate::parts::each;
use proofmark_vocabulary::{
    BitSet, Bound, Catalogued, Clause, Constant, ConstantError, Constants, Counts, Describe, Domain, Model, Mutant,
    Profile, Property, PropertySet, Scene, Temporal, Value,
};

/// The constants, and the bug planted in the model, if any.
#[derive(Clone, Debug)]
pub struct Ownership {
    /// How many nodes there are, at most eight.
    pub nodes: usize,
    /// How many keys, at most [`MOST_KEYS`].
    pub keys: usize,
    /// How many writes, at most eight.
    pub writes: usize,
    /// The bug.
    pub bug: Option<Bug>,
}

/// The most keys that the model can have.
pub const MOST_KEYS: usize = 4;

/// The variables.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct State {
    /// The nodes that serve each key.
    pub serving: [Few; MOST_KEYS],
    /// The writes that whoever serves their key has, or that are on their way to who will.
    pub written: BitSet,
    /// The writes that somebody was told are done.
    pub acknowledged: BitSet,
}

/// The actions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// A node begins to serve a key.
    Take(usize, usize),
    /// A node serves a key no longer.
    Yield(usize, usize),
    /// A node takes a write of its key.
    Write(usize, usize),
    /// Who asked for the write is told that it is done.
    Acknowledge(usize),
    /// A write is lost.
    Lose(usize),
}

guards! {
    Ownership:
    /// No other node serves the key.
    NobodyServes = "nobody-serves",
    /// The node serves the key of the write.
    Serves = "serves",
    /// The write has been taken.
    Written = "written",
    /// Nobody was told that the write is done.
    NotAcknowledged = "not-acknowledged",
}

impl Ownership {
    /// The problem with these constants.
    pub const fn of(nodes: usize, keys: usize, writes: usize) -> Self {
        Self { nodes, keys, writes, bug: None }
    }

    fn begin(&self, s: &State, node: usize, key: usize) -> Result<State, Guard> {
        self.require(s.serving[key].without(node).is_empty(), Guard::NobodyServes)?;
        let mut after = *s;
        after.serving[key] = s.serving[key].with(node);
        if self.bug == Some(Bug::BeginsEmpty) {
            after.written = (key..self.writes).step_by(self.keys).fold(s.written, BitSet::without);
        }
        Ok(after)
    }

    /// To end what has not begun changes nothing, so this has no guard.
    fn end(s: &State, node: usize, key: usize) -> State {
        let mut after = *s;
        after.serving[key] = s.serving[key].without(node);
        after
    }

    fn write(&self, s: &State, node: usize, write: usize) -> Result<State, Guard> {
        self.require(s.serving[write % self.keys].contains(node), Guard::Serves)?;
        Ok(State { written: s.written.with(write), ..*s })
    }

    fn acknowledge(&self, s: &State, write: usize) -> Result<State, Guard> {
        self.require(s.written.contains(write), Guard::Written)?;
        Ok(State { acknowledged: s.acknowledged.with(write), ..*s })
    }

    fn lose(&self, s: &State, write: usize) -> Result<State, Guard> {
        self.require(!s.acknowledged.contains(write), Guard::NotAcknowledged)?;
        Ok(State { written: s.written.without(write), ..*s })
    }

    fn take(&self, s: &State, action: Action) -> Result<State, Guard> {
        match action {
            Action::Take(node, key) => self.begin(s, node, key),
            Action::Yield(node, key) => Ok(Self::end(s, node, key)),
            Action::Write(node, write) => self.write(s, node, write),
            Action::Acknowledge(write) => self.acknowledge(s, write),
            Action::Lose(write) => self.lose(s, write),
        }
    }
}

impl Model for Ownership {
    type State = State;
    type Action = Action;

    /// Each key has been given to a node, or to none so far.
    fn init_states(&self) -> Vec<State> {
        let choices = self.nodes + 1;
        let given = |mut number: usize| {
            let mut initial = State::default();
            for key in 0..self.keys {
                initial.serving[key] = (0..self.nodes).filter(|&node| node + 1 == number % choices).collect();
                number /= choices;
            }
            initial
        };
        (0..choices.pow(self.keys as u32)).map(given).collect()
    }

    fn actions(&self, _: &State, actions: &mut Vec<Action>) {
        for node in 0..self.nodes {
            actions.extend((0..self.keys).flat_map(|key| [Action::Take(node, key), Action::Yield(node, key)]));
            actions.extend((0..self.writes).map(|write| Action::Write(node, write)));
        }
        actions.extend((0..self.writes).flat_map(|write| [Action::Acknowledge(write), Action::Lose(write)]));
    }

    fn next_state(&self, s: &State, action: Action) -> Option<State> {
        self.take(s, action).ok()
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(ONE_SERVES, |m: &Self, s: &State| {
                s.serving[..m.keys].iter().all(|nodes| nodes.len() <= 1)
            }),
            Property::always(NEVER_LOST, |_, s: &State| s.acknowledged.is_subset(&s.written)),
            Property::sometimes("can serve anywhere what is acknowledged", |m: &Self, s: &State| {
                s.acknowledged.iter().any(|write| s.serving[write % m.keys].contains(m.nodes - 1))
            }),
            Property::sometimes("can be between two nodes", |m: &Self, s: &State| {
                s.acknowledged.iter().any(|write| s.serving[write % m.keys].is_empty())
            }),
        ]
    }
}

const ONE_SERVES: &str = "at most one node serves a key";
const NEVER_LOST: &str = "an acknowledged write is never lost";

/// A write appears at the node that serves its key.
fn only_the_server(m: &Ownership, before: &State, action: &Action, after: &State) -> bool {
    let new = after.written.iter().filter(|&write| !before.written.contains(write));
    let mut new = new.map(|write| (write, before.serving[write % m.keys]));
    new.all(|(write, serving)| serving.iter().any(|node| *action == Action::Write(node, write)))
}

/// What was said stays said.
fn not_taken_back(_: &Ownership, before: &State, _: &Action, after: &State) -> bool {
    before.acknowledged.is_subset(&after.acknowledged)
}

impl Describe for Ownership {
    fn action_kinds(&self) -> &'static [&'static str] {
        &["Take", "Yield", "Write", "Acknowledge", "Lose"]
    }

    fn action_kind(&self, action: &Action) -> usize {
        match action {
            Action::Take(..) => 0,
            Action::Yield(..) => 1,
            Action::Write(..) => 2,
            Action::Acknowledge(_) => 3,
            Action::Lose(_) => 4,
        }
    }

    fn action_in_words(&self, action: &Action) -> String {
        match action {
            Action::Take(node, key) => format!("node {node} begins to serve key {key}"),
            Action::Yield(node, key) => format!("node {node} serves key {key} no longer"),
            Action::Write(node, write) => format!("node {node} takes write {write}"),
            Action::Acknowledge(write) => format!("write {write} is acknowledged"),
            Action::Lose(write) => format!("write {write} is lost"),
        }
    }

    /// The nodes, and the clients as one.
    fn processes(&self) -> Vec<String> {
        (0..self.nodes).map(|node| format!("node {node}")).chain(["clients".into()]).collect()
    }

    fn scene(&self, _: &State, action: &Action, _: &State) -> Scene {
        match *action {
            Action::Take(node, _) | Action::Yield(node, _) | Action::Write(node, _) => Scene::at(node),
            Action::Acknowledge(_) | Action::Lose(_) => Scene::at(self.nodes),
        }
    }

    fn clauses(&self, claim: &str, s: &State) -> Vec<Clause> {
        match claim {
            ONE_SERVES => {
                each(self.keys, |key| (format!("at most one node serves key {key}"), s.serving[key].len() <= 1))
            }
            NEVER_LOST => each(self.writes, |write| {
                let kept = !s.acknowledged.contains(write) || s.written.contains(write);
                (format!("write {write} is there if it is acknowledged"), kept)
            }),
            _ => Vec::new(),
        }
    }

    fn value(&self, s: &State) -> Value {
        Value::record([
            ("serving", Value::list(s.serving[..self.keys].iter().copied())),
            ("written", s.written.into()),
            ("acknowledged", s.acknowledged.into()),
        ])
    }

    guarded!();

    fn temporal(&self) -> Vec<Temporal<Self>> {
        vec![
            Temporal::step("only the server of a key writes it", only_the_server),
            Temporal::step("an acknowledgement is not taken back", not_taken_back),
        ]
    }
}

/// What can be planted in the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bug {
    /// A guard is dropped.
    Drop(Guard),
    /// Who takes a key over begins with nothing.
    BeginsEmpty,
}

impl Catalogued for Ownership {
    type Bug = Bug;

    const NAME: &'static str = "ownership";
    const ABOUT: &'static str = "Ownership of keys (Karger et al., Consistent Hashing; Adya et al., Slicer): \
                                 at most one node serves a key, and an acknowledged write survives every \
                                 handoff.";
    const MUTANTS: &'static [Mutant<Bug>] = &[
        Mutant {
            name: "begins-empty",
            bug: Bug::BeginsEmpty,
            bound: "ci",
            property: NEVER_LOST,
            lesson: "a key is its data: to take over the name alone is to lose them",
        },
        Mutant {
            name: "drop-nobody-serves",
            bug: Bug::Drop(Guard::NobodyServes),
            bound: "ci",
            property: ONE_SERVES,
            lesson: "who takes over waits until the other has stopped",
        },
        Mutant {
            name: "drop-serves",
            bug: Bug::Drop(Guard::Serves),
            bound: "ci",
            property: "only the server of a key writes it",
            lesson: "a write that reaches another node is refused",
        },
        Mutant {
            name: "drop-written",
            bug: Bug::Drop(Guard::Written),
            bound: "ci",
            property: NEVER_LOST,
            lesson: "what is not taken is not done",
        },
        Mutant {
            name: "drop-not-acknowledged",
            bug: Bug::Drop(Guard::NotAcknowledged),
            bound: "ci",
            property: NEVER_LOST,
            lesson: "what somebody was told of must be kept",
        },
    ];

    fn constants() -> Vec<Constant> {
        vec![
            Constant { name: "nodes", domain: Domain::Integer(1, 4), about: "how many nodes there are" },
            Constant { name: "keys", domain: Domain::Integer(1, 4), about: "how many keys" },
            Constant { name: "writes", domain: Domain::Integer(1, 4), about: "how many writes" },
        ]
    }

    fn bounds() -> Vec<Bound> {
        let bound = |name, about, size: [i64; 3], found: [u64; 3]| Bound {
            name,
            about,
            profile: Profile::Ci,
            constants: ["nodes", "keys", "writes"].into_iter().zip(size.map(Into::into)).collect(),
            properties: PropertySet::All,
            expected: &[],
            counts: Some(Counts { generated: found[0], distinct: found[1], depth: found[2] }),
        };
        vec![
            bound("ci", "one key that two nodes hand on", [2, 1, 2], [201, 27, 6]),
            bound("two-keys", "two keys among three nodes", [3, 2, 2], [1_912, 144, 7]),
        ]
    }

    fn new(constants: &Constants, bug: Option<Bug>) -> Result<Self, ConstantError> {
        let [nodes, keys, writes] = ["nodes", "keys", "writes"].map(|name| constants.number(name));
        Ok(Self { nodes, keys, writes, bug })
    }
}
