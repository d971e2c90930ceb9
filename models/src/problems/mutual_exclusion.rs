//! Mutual exclusion: Burrows, *The Chubby Lock Service for Loosely-Coupled Distributed Systems* (OSDI 2006),
//! section 2.4: one lock, held by one client in exclusive mode or by any number in shared mode. A holding has
//! a sequencer, the lock's generation when it was taken.
//!
//! Left out: how a client asks and waits, and why a holding ends (a release, a lost session), which is the
//! algorithm's affair. The generations are a budget: when they are used up, no free lock is taken any more. Without
//! sequencers they are not counted, and the lock is taken without end.

use crate::Map;
use crate::guard::{guarded, guards};
use crate::parts::each_two;
use proofmark_vocabulary::{
    BitSet, Bound, Catalogued, Clause, Constant, ConstantError, Constants, Counts, Describe, Domain, Model, Mutant,
    Profile, Property, PropertySet, Scene, Temporal, Value,
};

/// The constants, and the bug planted in the model, if any.
#[derive(Clone, Debug)]
pub struct MutualExclusion {
    /// How many clients there are.
    pub clients: usize,
    /// How often the lock goes from free to held; 0 for without end, and without sequencers: all are 0.
    pub generations: u8,
    /// The bug.
    pub bug: Option<Bug>,
}

/// The variables.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct State {
    /// The sequencer of each client that holds the lock.
    pub sequencer: Map<Option<u8>>,
    /// The holders in exclusive mode.
    pub exclusive: BitSet,
    /// The greatest sequencer of any holding in exclusive mode so far: a history variable.
    pub last_exclusive: Option<u8>,
    /// The greatest of any holding in shared mode.
    pub last_shared: Option<u8>,
}

/// In which mode the lock is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// By one client alone.
    Exclusive,
    /// By any number of clients.
    Shared,
}

/// The actions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// A client takes the lock.
    Acquire(usize, Mode),
    /// A client gives the lock back.
    Release(usize),
}

guards! {
    MutualExclusion:
    /// The client does not hold the lock.
    NotHolding = "not-holding",
    /// No other client holds the lock in a mode that conflicts.
    Compatible = "compatible",
}

impl MutualExclusion {
    /// A lock that was free has a new generation; who joins a shared group has the group's.
    fn acquire(&self, s: &State, client: usize, mode: Mode) -> Result<State, Guard> {
        let conflicts = |other: &usize| mode == Mode::Exclusive || s.exclusive.contains(*other);
        self.require(s.sequencer.get(client).is_none(), Guard::NotHolding)?;
        self.require(!self.others(s, client).any(|other| conflicts(&other)), Guard::Compatible)?;
        let joins = mode == Mode::Shared && self.others(s, client).next().is_some();
        let sequencer = match self.bug {
            _ if !self.has_sequencers() => 0,
            Some(Bug::JoinerCounts) => s.generation(),
            Some(Bug::ExclusiveForgets) if mode == Mode::Exclusive => s.last_exclusive.map_or(0, |last| last + 1),
            _ if joins => s.generation() - 1,
            _ => s.generation(),
        };
        let held = State { sequencer: s.sequencer.with(client, Some(sequencer)), ..*s };
        let last = self.has_sequencers().then_some(sequencer);
        Ok(match mode {
            Mode::Exclusive => {
                State { exclusive: s.exclusive.with(client), last_exclusive: s.last_exclusive.max(last), ..held }
            }
            Mode::Shared => {
                State { exclusive: s.exclusive.without(client), last_shared: s.last_shared.max(last), ..held }
            }
        })
    }

    /// To give back what one does not hold changes nothing, so this has no guard.
    fn release(&self, s: &State, client: usize) -> State {
        let mut after = *s;
        let ended = |other: &usize| *other == client || self.bug == Some(Bug::StrangerReleases);
        for holder in self.holders(s).filter(ended) {
            after.sequencer = after.sequencer.with(holder, None);
            after.exclusive.remove(holder);
        }
        after
    }

    const fn has_sequencers(&self) -> bool {
        self.generations > 0
    }

    fn holders(&self, s: &State) -> impl Iterator<Item = usize> {
        (0..self.clients).filter(|&client| s.sequencer.get(client).is_some())
    }

    fn others(&self, s: &State, client: usize) -> impl Iterator<Item = usize> {
        self.holders(s).filter(move |&other| other != client)
    }

    fn take(&self, s: &State, action: Action) -> Result<State, Guard> {
        match action {
            Action::Acquire(client, mode) => self.acquire(s, client, mode),
            Action::Release(client) => Ok(self.release(s, client)),
        }
    }
}

impl State {
    /// The lock's generation: how often it was taken when it was free. No holding has this sequencer yet.
    fn generation(&self) -> u8 {
        self.last_exclusive.max(self.last_shared).map_or(0, |last| last + 1)
    }
}

impl Model for MutualExclusion {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![State::default()]
    }

    fn actions(&self, s: &State, actions: &mut Vec<Action>) {
        actions.extend((0..self.clients).map(Action::Release));
        if !self.has_sequencers() || s.generation() < self.generations {
            let both = |client| [Action::Acquire(client, Mode::Exclusive), Action::Acquire(client, Mode::Shared)];
            actions.extend((0..self.clients).flat_map(both));
        }
    }

    fn next_state(&self, s: &State, action: Action) -> Option<State> {
        self.take(s, action).ok()
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let mut properties: Vec<Property<Self>> = vec![
            Property::always("compatible modes only", compatible_modes),
            Property::always("shared holders share a generation", shared_generation),
            Property::sometimes("can hold in exclusive mode", held_exclusively),
        ];
        if self.clients > 1 {
            properties.push(Property::sometimes("can share", |m, s| m.holders(s).count() > 1));
        }
        if self.generations > 1 {
            let both = |_: &Self, s: &State| s.last_exclusive.is_some() && s.last_shared.is_some();
            properties.push(Property::sometimes("can pass from one mode to the other", both));
        }
        properties
    }
}

fn compatible_modes(m: &MutualExclusion, s: &State) -> bool {
    s.exclusive.is_empty() || m.holders(s).count() == 1
}

fn held_exclusively(_: &MutualExclusion, s: &State) -> bool {
    !s.exclusive.is_empty()
}

fn shared_generation(m: &MutualExclusion, s: &State) -> bool {
    let mut shared = m.holders(s).filter(|&client| !s.exclusive.contains(client)).map(|c| s.sequencer.get(c));
    let first = shared.next();
    shared.all(|sequencer| Some(sequencer) == first)
}

/// A new holding has a greater sequencer than every earlier one that it conflicts with.
fn sequencers_grow(m: &MutualExclusion, before: &State, _: &Action, after: &State) -> bool {
    let grows = |client| {
        let conflicting = if after.exclusive.contains(client) { before.last_shared } else { None };
        before.sequencer.get(client).is_some() || after.sequencer.get(client) > before.last_exclusive.max(conflicting)
    };
    m.holders(after).all(grows)
}

/// A holding ends by its own holder's release.
fn only_the_owner(m: &MutualExclusion, before: &State, action: &Action, after: &State) -> bool {
    let ended = |&client: &usize| after.sequencer.get(client).is_none();
    m.holders(before).filter(ended).all(|client| *action == Action::Release(client))
}

/// A holding keeps its mode and its sequencer while it lasts.
fn holdings_last(m: &MutualExclusion, before: &State, _: &Action, after: &State) -> bool {
    let both = |&client: &usize| after.sequencer.get(client).is_some();
    m.holders(before).filter(both).all(|client| {
        before.sequencer.get(client) == after.sequencer.get(client)
            && before.exclusive.contains(client) == after.exclusive.contains(client)
    })
}

impl Describe for MutualExclusion {
    fn action_kinds(&self) -> &'static [&'static str] {
        &["Acquire", "Release"]
    }

    fn action_kind(&self, action: &Action) -> usize {
        match action {
            Action::Acquire(..) => 0,
            Action::Release(_) => 1,
        }
    }

    fn action_in_words(&self, action: &Action) -> String {
        match action {
            Action::Acquire(client, Mode::Exclusive) => format!("client {client} takes the lock in exclusive mode"),
            Action::Acquire(client, Mode::Shared) => format!("client {client} takes the lock in shared mode"),
            Action::Release(client) => format!("client {client} gives the lock back"),
        }
    }

    fn processes(&self) -> Vec<String> {
        (0..self.clients).map(|client| format!("client {client}")).collect()
    }

    fn scene(&self, _: &State, action: &Action, _: &State) -> Scene {
        let (Action::Acquire(client, _) | Action::Release(client)) = *action;
        Scene::at(client)
    }

    fn clauses(&self, claim: &str, s: &State) -> Vec<Clause> {
        let holds = |client| s.sequencer.get(client).is_some();
        let shares = |client| holds(client) && !s.exclusive.contains(client);
        match claim {
            "compatible modes only" => each_two(self.clients, |c, d| {
                let alone = s.exclusive.contains(c) || s.exclusive.contains(d);
                (
                    format!("clients {c} and {d} do not hold the lock in conflicting modes"),
                    !(holds(c) && holds(d) && alone),
                )
            }),
            "shared holders share a generation" => each_two(self.clients, |c, d| {
                let same = s.sequencer.get(c) == s.sequencer.get(d);
                (
                    format!("clients {c} and {d} have one generation if both share the lock"),
                    !(shares(c) && shares(d)) || same,
                )
            }),
            "can pass from one mode to the other" => vec![
                Clause::new("the lock was held in exclusive mode", s.last_exclusive.is_some()),
                Clause::new("the lock was held in shared mode", s.last_shared.is_some()),
            ],
            _ => Vec::new(),
        }
    }

    fn value(&self, s: &State) -> Value {
        let holder = |client: usize| {
            let mode = if s.exclusive.contains(client) { "exclusive" } else { "shared" };
            Value::record([
                ("client", client.into()),
                ("mode", mode.into()),
                ("sequencer", s.sequencer.get(client).into()),
            ])
        };
        Value::record([
            ("holders", Value::set(self.holders(s).map(holder))),
            ("last_exclusive", s.last_exclusive.into()),
            ("last_shared", s.last_shared.into()),
        ])
    }

    guarded!();

    fn temporal(&self) -> Vec<Temporal<Self>> {
        let mut claims = vec![
            Temporal::step("only the owner releases", only_the_owner),
            Temporal::step("a holding keeps its mode and its sequencer", holdings_last),
        ];
        if self.has_sequencers() {
            claims.push(Temporal::step("sequencers grow between conflicting holdings", sequencers_grow));
        }
        claims
    }
}

/// What can be planted in the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bug {
    /// A guard is dropped.
    Drop(Guard),
    /// Who joins a shared group is given a generation of its own.
    JoinerCounts,
    /// The generation counts the exclusive holdings alone.
    ExclusiveForgets,
    /// A release frees the lock, whoever holds it.
    StrangerReleases,
}

impl Catalogued for MutualExclusion {
    type Bug = Bug;

    const NAME: &'static str = "mutual-exclusion";
    const ABOUT: &'static str = "Mutual exclusion (Burrows, Chubby, section 2.4): one exclusive holder or only shared \
                                 ones, and sequencers that grow between conflicting holdings.";
    const MUTANTS: &'static [Mutant<Bug>] = &[
        Mutant {
            name: "joiner-counts",
            bug: Bug::JoinerCounts,
            bound: "ci",
            property: "shared holders share a generation",
            lesson: "a generation is the lock's, not a holder's",
        },
        Mutant {
            name: "exclusive-forgets-shared",
            bug: Bug::ExclusiveForgets,
            bound: "ci",
            property: "sequencers grow between conflicting holdings",
            lesson: "a reader that was late must be told from the writer after it",
        },
        Mutant {
            name: "stranger-releases",
            bug: Bug::StrangerReleases,
            bound: "ci",
            property: "only the owner releases",
            lesson: "a release names its holding",
        },
        Mutant {
            name: "drop-not-holding",
            bug: Bug::Drop(Guard::NotHolding),
            bound: "ci",
            property: "a holding keeps its mode and its sequencer",
            lesson: "to change the mode is not to acquire",
        },
        Mutant {
            name: "drop-compatible",
            bug: Bug::Drop(Guard::Compatible),
            bound: "ci",
            property: "compatible modes only",
            lesson: "this is what a lock is for",
        },
    ];

    fn constants() -> Vec<Constant> {
        let about = "how often the lock goes from free to held; 0 for without end, and without sequencers";
        vec![
            Constant { name: "clients", domain: Domain::Integer(1, 8), about: "how many clients there are" },
            Constant { name: "generations", domain: Domain::Integer(0, 9), about },
        ]
    }

    fn bounds() -> Vec<Bound> {
        let bound = |name, about, clients: i64, generations: i64, counts| Bound {
            name,
            about,
            profile: Profile::Ci,
            constants: vec![("clients", clients.into()), ("generations", generations.into())],
            properties: PropertySet::All,
            expected: &[],
            counts: Some(counts),
        };
        vec![
            bound(
                "ci",
                "two clients that share, then one after the other",
                2,
                3,
                Counts { generated: 115, distinct: 40, depth: 7 },
            ),
            bound(
                "three",
                "a shared group of which one leaves before another joins",
                3,
                4,
                Counts { generated: 448, distinct: 105, depth: 9 },
            ),
            bound(
                "endless",
                "without sequencers, for locks that are taken without end",
                3,
                0,
                Counts { generated: 49, distinct: 11, depth: 4 },
            ),
        ]
    }

    fn new(constants: &Constants, bug: Option<Bug>) -> Result<Self, ConstantError> {
        let generations = u8::try_from(constants.number("generations")).unwrap_or(u8::MAX);
        Ok(Self { clients: constants.number("clients"), generations, bug })
    }
}
