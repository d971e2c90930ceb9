//! The lock table: its entry machine, `proofmark_impl::locks::table::entry`, refines `proofmark_models::locks::table`.
//!
//! One node, where any owner asks anything at any time. An owner learns of its grant in the step that brings it; what
//! happens while a grant is on its way is for the links of threads to show.
//!
//! | model                 | implementation                                                                    |
//! |-----------------------|-----------------------------------------------------------------------------------|
//! | `held`, `sequencer`   | the entries' holdings; the model's generations are a key's own, and begin with 0   |
//! | `waiters`             | the entries' waiters                                                              |
//! | `known`               | what is held                                                                      |
//! | `asking`              | who waits                                                                         |
//! | `grant`, `wounded`    | nothing                                                                           |
//! | `last`, `fresh`       | what was ever given: history, which the entries' driver keeps                      |

mod cases;
mod clients;
mod entries;
mod history;
mod mutants;
mod threads;

use clients::Locks;
use entries::{Config, Entries, Key, Operation, Reply, Request, number};
use proofmark_core::{Never, NodeId};
use proofmark_harness::cluster::{Cluster, Envelope, Event, Member, Possible, State, System};
use proofmark_harness::interleave::Interleavings;
use proofmark_harness::links::{self, CodeMutant, Linked};
use proofmark_harness::mapping::{Field, Mapping, Refines, Whole};
use proofmark_harness::sim::Dice;
use proofmark_impl::Planted;
use proofmark_impl::locks::table::entry::Entry;
use proofmark_impl::locks::table::{Bug, Mode};
use proofmark_models::locks::table::{
    self as model, Action, Guard, MOST_GENERATIONS, Policy, of_generation, of_mode, place,
};
use proofmark_vocabulary::{
    Bound, Clause, Constant, ConstantError, Constants, Counts, Domain, Model, Profile, PropertySet, Refinement,
    Temporal, Value,
};

/// A table, and the owners that ask it.
#[derive(Clone, Debug)]
pub(crate) struct LockTable {
    owners: usize,
    keys: usize,
    modes: &'static [Mode],
    /// The same, as the model has them.
    of_model: &'static [model::Mode],
    generations: u8,
    simulated: bool,
    bug: Option<Bug>,
    model_bug: Option<model::Bug>,
}

const TABLE: NodeId = NodeId(0);

impl LockTable {
    /// What can happen where the constants allow it: a wait is granted no more generations than there are left.
    fn what_can_be(&self) -> Vec<Temporal<Cluster<Self>>> {
        let many = |generations| self.owners > 1 && (self.generations == 0 || self.generations >= generations);
        let upgrades = self.modes.len() > 1;
        let waits = |_: &Cluster<Self>, s: &State<Entries>| entries(s).any(|entry| entry.waiters().next().is_some());
        let for_an_upgrade = |_: &Cluster<Self>, s: &State<Entries>| {
            entries(s).any(|entry| entry.waiters().any(|waiting| waiting.upgrades))
        };
        let in_a_circle = |m: &Cluster<Self>, s: &State<Entries>| m.system().searchers(s).next().is_some();
        let candidates = [
            (many(2), Temporal::can("can wait", waits)),
            (upgrades && many(3), Temporal::can("can wait for an upgrade", for_an_upgrade)),
            (self.keys > 1 && many(2) || upgrades && many(5), Temporal::can("can wait in a circle", in_a_circle)),
        ];
        candidates.into_iter().filter(|(possible, _)| *possible).map(|(_, claim)| claim).collect()
    }

    /// The owners through which a search finds a circle of waits.
    fn searchers<'a>(&self, s: &'a State<Entries>) -> impl Iterator<Item = usize> + use<'a> {
        let search = |owner: &usize| Request { owner: *owner, operation: Operation::Search };
        let finds = move |owner: &usize| s.node(TABLE).core.as_ref().is_some_and(|core| core.possible(&search(owner)));
        (0..self.owners).filter(finds)
    }

    /// Each owner, and whether it finds the circle that it is on. Whoever the model lets leave as a victim is on one.
    fn finds_its_circle<'a>(&'a self, s: &'a State<Entries>) -> impl Iterator<Item = (usize, bool)> {
        let refines = Refines::instance(LockTable { model_bug: None, ..self.clone() }.mapping(), 0);
        let waits = refines.abstraction(s);
        let on_circle = move |owner| refines.spec().next_state(&waits, Action::Victim(owner)).is_some();
        let found = move |owner| self.searchers(s).any(|searcher| searcher == owner);
        (0..self.owners).map(move |owner| (owner, !on_circle(owner) || found(owner)))
    }
}

impl System for LockTable {
    type Core = Entries;
    type Bug = Bug;

    const NAME: &'static str = "lock-table";
    const ABOUT: &'static str = "The entries of a lock table inside one process (Gray and Reuter, section 7.8): five \
                                 modes, queues, conversion, cancellation, and the search for deadlocks.";
    const MUTANTS: &'static [CodeMutant<Bug>] = mutants::MUTANTS;

    fn constants() -> Vec<Constant> {
        let number = |name, domain, about| Constant { name, domain, about };
        let modes = Domain::Choice(&["X", "S-X", "S-U-X", "all"]);
        let generations = "how many generations a key may have; with 0 there is no end to them, nor to a check, and \
                           sequencers are left to what clients see";
        vec![
            number("owners", Domain::Integer(1, 4), "how many owners there are"),
            number("keys", Domain::Integer(1, 3), "how many keys there are"),
            number("modes", modes, "the modes that are asked for"),
            number("generations", Domain::Integer(0, MOST_GENERATIONS.into()), generations),
            number("simulated", Domain::Boolean, "whether this is a run of the simulator"),
        ]
    }

    fn bounds() -> Vec<Bound> {
        let bound = |name, about, modes: &str, [owners, keys, generations]: [i64; 3], found: [u64; 3]| Bound {
            name,
            about,
            profile: if name.starts_with("deep") { Profile::Deep } else { Profile::Ci },
            constants: vec![
                ("owners", owners.into()),
                ("keys", keys.into()),
                ("modes", modes.into()),
                ("generations", generations.into()),
                ("simulated", false.into()),
            ],
            properties: PropertySet::All,
            expected: &[],
            counts: Some(Counts { generated: found[0], distinct: found[1], depth: found[2] }),
        };
        vec![
            bound("ci", "three owners, who share, wait and upgrade", "S-U-X", [3, 1, 5], [102_241, 20_323, 15]),
            bound("modes", "all modes", "all", [3, 1, 3], [96_319, 19_142, 12]),
            bound("two-keys", "owners that wait for each other", "X", [3, 2, 4], [18_601, 2_941, 17]),
            bound("deep", "all modes", "all", [3, 1, 5], [4_137_937, 748_182, 17]),
            bound(
                "deep-two-keys",
                "owners that share, upgrade and wait for each other",
                "S-X",
                [3, 2, 4],
                [2_194_069, 248_040, 17],
            ),
        ]
    }

    fn new(constants: &Constants, bug: Option<Bug>) -> Result<Self, ConstantError> {
        let (modes, of_model): (&[Mode], &[model::Mode]) = match constants.choice("modes") {
            "X" => (&[Mode::X], &[model::Mode::Exclusive]),
            "S-X" => (&[Mode::S, Mode::X], &[model::Mode::Shared, model::Mode::Exclusive]),
            "S-U-X" => (&Mode::ALL[2..], &model::Mode::ALL[2..]),
            _ => (&Mode::ALL, model::Mode::ALL),
        };
        let [owners, keys, generations] = ["owners", "keys", "generations"].map(|name| constants.number(name));
        let simulated = constants.is("simulated");
        Ok(Self { owners, keys, modes, of_model, generations: generations as u8, simulated, bug, model_bug: None })
    }

    fn configs(&self) -> Vec<Config> {
        let planted = self.bug.map_or_else(Planted::none, Planted::some);
        vec![Config { keys: self.keys, generations: self.generations.into(), planted }]
    }

    fn requests(&self) -> Vec<(NodeId, Request)> {
        let in_modes = [Operation::Request, Operation::Try, Operation::Upgrade, Operation::Downgrade];
        let mut operations = vec![Operation::Cancel, Operation::TimeOut, Operation::Search];
        for key in 0..self.keys {
            operations.push(Operation::Release(key));
            operations.extend(in_modes.iter().flat_map(|ask| self.modes.iter().map(move |&mode| ask(key, mode))));
        }
        let ask = |owner, &operation: &Operation| (TABLE, Request { owner, operation });
        (0..self.owners).flat_map(|owner| operations.iter().map(move |operation| ask(owner, operation))).collect()
    }

    fn at_any_time(&self) -> Option<Possible<Entries>> {
        Some(Entries::possible)
    }

    fn crashes(&self) -> u32 {
        0
    }

    fn is_simulated(&self) -> bool {
        self.simulated
    }

    /// Every other run is a long one without sequencers in the model; the others end when generations are used up.
    fn simulated(seed: u64) -> Vec<(&'static str, Value)> {
        let mut dice = Dice::of(seed, "lock table");
        let generations = if seed.is_multiple_of(2) { 0 } else { MOST_GENERATIONS };
        let modes = if dice.per_mille(500) { "all" } else { "S-X" };
        vec![
            ("owners", (2 + dice.below(3)).cast_signed().into()),
            ("keys", (1 + dice.below(3)).cast_signed().into()),
            ("modes", modes.into()),
            ("generations", i64::from(generations).into()),
            ("simulated", true.into()),
        ]
    }

    fn claims(&self) -> Vec<Temporal<Cluster<Self>>> {
        let mut claims = vec![
            Temporal::refinement(REFINES, Refines::instance(self.mapping(), 0)),
            Temporal::always(UNUSED, |_, s| keys(s).all(has_use_for_its_entry)),
            Temporal::always(FOUND, circles_are_found),
        ];
        claims.extend(self.what_can_be());
        if self.simulated {
            claims.extend(links::claims(self));
        }
        claims
    }

    fn clauses(&self, claim: &str, s: &State<Entries>) -> Vec<Clause> {
        match claim {
            UNUSED => {
                let of_key =
                    |(k, key)| Clause::new(format!("key {k} is used if it has an entry"), has_use_for_its_entry(key));
                keys(s).enumerate().map(of_key).collect()
            }
            FOUND => {
                let of_owner =
                    |(owner, finds)| Clause::new(format!("owner {owner} finds the circle that it waits in"), finds);
                self.finds_its_circle(s).map(of_owner).collect()
            }
            _ => Vec::new(),
        }
    }

    fn file(&self) -> Option<&'static str> {
        Some(file!())
    }
}

/// The name of the refinement.
const REFINES: &str = "refines lock-table";
/// An entry that nobody uses would stay for ever.
const UNUSED: &str = "a key that nobody holds or waits for has no entry";

/// In the model nobody has to look for a circle, so no link sees that one is not found.
const FOUND: &str = "who waits in a circle finds it";

fn circles_are_found(m: &Cluster<LockTable>, s: &State<Entries>) -> bool {
    m.system().finds_its_circle(s).all(|(_, finds)| finds)
}

fn keys(s: &State<Entries>) -> impl Iterator<Item = &Key> {
    s.node(TABLE).core.iter().flat_map(Entries::keys)
}

fn entries(s: &State<Entries>) -> impl Iterator<Item = &Entry<Operation>> {
    keys(s).filter_map(|key| key.entry.as_ref())
}

fn has_use_for_its_entry(key: &Key) -> bool {
    let is_used = |entry: &Entry<Operation>| !entry.holdings().is_empty() || entry.waiters().next().is_some();
    key.entry.as_ref().is_none_or(is_used)
}

impl Linked for LockTable {
    type Mapping = AsModel;
    type Service = Locks;

    fn mapping(&self) -> AsModel {
        let Self { owners, keys, of_model: modes, generations, model_bug: bug, .. } = *self;
        AsModel(model::LockTable { owners, keys, policy: Policy::Detect, modes, generations, bug })
    }

    fn with_model_bug(self, bug: model::Bug) -> Self {
        Self { model_bug: Some(bug), ..self }
    }

    /// Not those of other policies, nor the one of a grant that is on its way while a request times out.
    fn guards() -> Vec<(&'static str, [model::Bug; 2])> {
        let elsewhere = [Guard::NotWounded, Guard::OldEnough, Guard::WoundedWaiter, Guard::StillWaiting];
        let bugs = |&guard: &Guard| (guard.name(), [model::Bug::Drop(guard), model::Bug::Never(guard)]);
        Guard::ALL.iter().filter(|guard| !elsewhere.contains(guard)).map(bugs).collect()
    }

    fn service(&self) -> Locks {
        Locks
    }

    fn answers(request: &Request, reply: &Reply) -> bool {
        (request.owner, request.operation) == (reply.owner, reply.operation)
    }

    fn interleavings() -> Option<&'static dyn Interleavings> {
        Some(&cases::Cases)
    }

    fn driven() -> Vec<(&'static str, Value)> {
        vec![("generations", 0_i64.into())]
    }

    fn sizes() -> &'static [&'static str] {
        &["owners", "keys"]
    }
}

/// The whole table is one instance of the model, and its only node decides all of it.
pub(crate) struct AsModel(model::LockTable);

const fn of_model(mode: Mode) -> model::Mode {
    match mode {
        Mode::IS => model::Mode::IntentionShared,
        Mode::IX => model::Mode::IntentionExclusive,
        Mode::S => model::Mode::Shared,
        Mode::U => model::Mode::Update,
        Mode::X => model::Mode::Exclusive,
    }
}

impl AsModel {
    /// A key of the table, as the model has it.
    fn key_holds(&self, state: &mut model::State, k: usize, key: &Key) {
        for holding in key.entry.iter().flat_map(Entry::holdings) {
            let at = place(number(holding.owner), k);
            state.held = state.held.with(at, Some(of_model(holding.mode)));
            state.known.insert(at);
            if self.0.generations > 0 {
                state.sequencer = state.sequencer.with(at, generation(holding.sequencer));
            }
        }
        let waiters = || key.entry.iter().flat_map(Entry::waiters);
        state.waiters[k] = waiters().map(|waiting| (number(waiting.owner), of_model(waiting.mode))).collect();
        waiters().for_each(|waiting| state.asking.insert(number(waiting.owner)));
        if self.0.generations > 0 {
            for (mode, given) in Mode::ALL.into_iter().zip(key.given) {
                state.last = state.last.with(of_mode(k, of_model(mode)), generation(given));
            }
            let fresh = key.fresh.iter().filter_map(|&sequencer| generation(sequencer));
            fresh.for_each(|generation| state.fresh.insert(of_generation(k, generation)));
        }
    }

    /// An action, and then some owners that learn of their grants: the event does not tell who is granted.
    fn and_learn(&self, action: Action) -> impl Iterator<Item = Vec<Action>> {
        let owners = self.0.owners;
        let learn = move |who: usize| (0..owners).filter(move |o| who >> o & 1 == 1).map(Action::Learn);
        (0..1 << owners).map(move |who| std::iter::once(action).chain(learn(who)).collect())
    }
}

/// What the model calls a sequencer; none before the first. It knows no more than some, and code that strays may come
/// beyond.
fn generation(sequencer: u64) -> Option<u8> {
    sequencer.checked_sub(1).map(|generation| generation.min(MOST_GENERATIONS.into()) as u8)
}

impl Mapping for AsModel {
    type Core = Entries;
    type Spec = model::LockTable;
    type Instance = Whole;

    fn spec(&self) -> &model::LockTable {
        &self.0
    }

    fn only(&self) -> Option<Whole> {
        Some(Whole)
    }

    fn said(&self, _: &mut model::State, envelope: &Envelope<Never>) {
        match envelope.message {}
    }

    fn holds(&self, state: &mut model::State, _: &Whole, _: NodeId, member: &Member<Entries>) {
        for (k, key) in member.core.iter().flat_map(Entries::keys).enumerate() {
            self.key_holds(state, k, key);
        }
    }

    fn fields(&self, _: NodeId) -> Vec<Field> {
        ["holders", "waiters", "grants", "asking", "wounded", "last", "fresh"].map(Field::Whole).to_vec()
    }

    fn explanations(&self, event: &Event<Entries>) -> Vec<Vec<Action>> {
        let Event::Request(_, Request { owner, operation }) = *event else { return Vec::new() };
        match operation {
            Operation::Request(key, mode) => vec![vec![Action::Request(owner, key, of_model(mode))]],
            Operation::Try(key, mode) => vec![vec![Action::Try(owner, key, of_model(mode))]],
            Operation::Upgrade(key, mode) => vec![vec![Action::Upgrade(owner, key, of_model(mode))]],
            Operation::Downgrade(key, mode) => self.and_learn(Action::Downgrade(owner, key, of_model(mode))).collect(),
            Operation::Release(key) => self.and_learn(Action::Release(owner, key)).collect(),
            Operation::Cancel => self.and_learn(Action::Cancel(owner)).collect(),
            Operation::TimeOut => self.and_learn(Action::TimeOut(owner)).collect(),
            Operation::Search => (0..self.0.owners).flat_map(|victim| self.and_learn(Action::Victim(victim))).collect(),
        }
    }

    fn actor(&self, _: &Action) -> NodeId {
        TABLE
    }

    fn leaves_out(&self, state: &model::State, action: &Action) -> Option<&'static str> {
        let granted = (0..self.0.owners).find(|&owner| state.grant.get(owner).is_some())?;
        (*action != Action::Learn(granted)).then_some("a grant is learnt of in the step that brings it")
    }

    fn leaves_open(&self, state: &model::State, action: &Action) -> Option<&'static str> {
        let Action::Victim(victim) = *action else { return None };
        let sound = model::LockTable { bug: None, ..self.0 };
        let leaves = |owner| sound.next_state(state, Action::Victim(owner)).is_some();
        let others = (0..self.0.owners).any(|other| other != victim && leaves(other));
        others.then_some("of several circles the search finds one first, by the order in which holders came")
    }
}
