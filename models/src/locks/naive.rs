//! The two locks that articles teach, each a key on a server. Both fail, and their bounds say how: a crashed
//! holder blocks for ever, a stranger releases, and a failover of an asynchronously replicated server grants
//! twice.
//!
//! *Set if absent* (the Redis documentation of `SETNX`, "Design pattern: Locking with SETNX", before it adds
//! timestamps): who creates the key holds the lock, and who is through deletes it, also one that has given up waiting,
//! since its clean-up does not ask. *Holder table*: the same key, and each client keeps a table of the locks
//! that it holds and deletes a key only if its own table says so, which says nothing of the server.
//!
//! Left out: messages, since a request is answered at once or not at all and slow ones would add failures to
//! locks that have them already; expiry, which the locks that come after these add; the restart of a client,
//! which comes back as another one. Where nothing breaks it, it refines
//! [`mutual_exclusion`](crate::problems::mutual_exclusion) without sequencers.

mod refinement;

use self::refinement::ExcludesMutually;
use crate::Map;
use crate::guard::{guarded, guards};
use crate::map::small;
use crate::parts::{each, each_two};
use proofmark_vocabulary::{
    Bound, Catalogued, Clause, Constant, ConstantError, Constants, Counts, Describe, Domain, Fairness, Fault, Model,
    Mutant, Profile, Property, PropertySet, Scene, Temporal, Value,
};

/// The constants, and the bug planted in the model, if any.
#[derive(Clone, Debug)]
pub struct NaiveLock {
    /// Whether a client looks into its own table before it deletes the key.
    pub holder_table: bool,
    /// Whether the server answers before its replica knows.
    pub asynchronous: bool,
    /// How many clients there are.
    pub clients: usize,
    /// How many of them may crash.
    pub crashes: usize,
    /// How often the replica may take over.
    pub failovers: u8,
    /// The bug.
    pub bug: Option<Bug>,
}

/// The variables. That a key has an owner is a history variable: no server knows it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct State {
    /// What each client is doing.
    pub client: Map<Client>,
    /// The key at the server: absent, or created by this client.
    pub key: Option<u8>,
    /// The key at the replica.
    pub replica: Option<u8>,
    /// How often the replica has taken over.
    pub failovers: u8,
}

/// What a client is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Client {
    /// It has no use for the lock.
    Idle,
    /// It asks for the lock again and again.
    Waiting,
    /// It believes that it holds the lock: its table says so.
    Holding,
    /// It has crashed, for ever.
    Crashed,
}

/// The actions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// A client begins to wait for the lock.
    Try(usize),
    /// A client finds no key and creates it.
    Acquire(usize),
    /// A holder is through and deletes the key.
    Release(usize),
    /// A client waits no longer, and cleans up.
    GiveUp(usize),
    /// A client crashes.
    Crash(usize),
    /// The replica learns what the server knows.
    Replicate,
    /// The server is lost and the replica takes over.
    Failover,
}

guards! {
    NaiveLock:
    /// The client has no use for the lock so far.
    Idle = "idle",
    /// The client waits, to acquire.
    Waiting = "waiting",
    /// The server has no key.
    KeyAbsent = "key-absent",
    /// The client believes that it holds the lock.
    Holding = "holding",
    /// The client waits, to give up.
    StillWaiting = "still-waiting",
}

impl NaiveLock {
    fn try_lock(&self, s: &State, c: usize) -> Result<State, Guard> {
        self.require(s.client.get(c) == Client::Idle, Guard::Idle)?;
        Ok(State { client: s.client.with(c, Client::Waiting), ..*s })
    }

    fn acquire(&self, s: &State, c: usize) -> Result<State, Guard> {
        self.require(s.client.get(c) == Client::Waiting, Guard::Waiting)?;
        self.require(s.key.is_none(), Guard::KeyAbsent)?;
        let owner = u8::try_from(c).ok();
        Ok(State { client: s.client.with(c, Client::Holding), ..self.written(s, owner) })
    }

    /// The key may have become another client's.
    fn release(&self, s: &State, c: usize) -> Result<State, Guard> {
        self.require(s.client.get(c) == Client::Holding, Guard::Holding)?;
        Ok(State { client: s.client.with(c, Client::Idle), ..self.written(s, None) })
    }

    /// `try { … } finally { delete(key) }` deletes the key of whoever has it.
    fn give_up(&self, s: &State, c: usize) -> Result<State, Guard> {
        self.require(s.client.get(c) == Client::Waiting, Guard::StillWaiting)?;
        let looks = self.holder_table && self.bug != Some(Bug::ReleaseUnchecked);
        let cleaned = if looks { *s } else { self.written(s, None) };
        Ok(State { client: s.client.with(c, Client::Idle), ..cleaned })
    }

    /// A crash takes the table with it and leaves the key. To crash twice is to crash once: no guard.
    fn crash(s: &State, c: usize) -> State {
        State { client: s.client.with(c, Client::Crashed), ..*s }
    }

    fn replicate(s: &State) -> State {
        State { replica: s.key, ..*s }
    }

    /// The new server has a replica of its own.
    fn failover(s: &State) -> State {
        State { key: s.replica, failovers: s.failovers.saturating_add(1), ..*s }
    }

    /// The key at the server, and at the replica too unless the server answers before that.
    fn written(&self, s: &State, key: Option<u8>) -> State {
        State { key, replica: if self.answers_early() { s.replica } else { key }, ..*s }
    }

    fn answers_early(&self) -> bool {
        self.asynchronous || self.bug == Some(Bug::AnswersBeforeReplication)
    }

    fn take(&self, s: &State, action: Action) -> Result<State, Guard> {
        match action {
            Action::Try(c) => self.try_lock(s, c),
            Action::Acquire(c) => self.acquire(s, c),
            Action::Release(c) => self.release(s, c),
            Action::GiveUp(c) => self.give_up(s, c),
            Action::Crash(c) => Ok(Self::crash(s, c)),
            Action::Replicate => Ok(Self::replicate(s)),
            Action::Failover => Ok(Self::failover(s)),
        }
    }

    fn how_many(&self, s: &State, doing: Client) -> usize {
        s.client.values(self.clients).filter(|&client| client == doing).count()
    }
}

impl Client {
    /// What the client is doing, in a word.
    pub const fn name(self) -> &'static str {
        match self {
            Client::Idle => "idle",
            Client::Waiting => "waiting",
            Client::Holding => "holding",
            Client::Crashed => "crashed",
        }
    }
}

small!(Client, 2 bits: 0 => Idle, 1 => Waiting, 2 => Holding, _ => Crashed);

impl Model for NaiveLock {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![State::default()]
    }

    fn actions(&self, s: &State, actions: &mut Vec<Action>) {
        let of_one = |c| [Action::Try(c), Action::Acquire(c), Action::Release(c), Action::GiveUp(c)];
        actions.extend((0..self.clients).flat_map(of_one));
        if self.how_many(s, Client::Crashed) < self.crashes {
            actions.extend((0..self.clients).map(Action::Crash));
        }
        if self.answers_early() && self.failovers > 0 {
            actions.push(Action::Replicate);
        }
        if s.failovers < self.failovers {
            actions.push(Action::Failover);
        }
    }

    fn next_state(&self, s: &State, action: Action) -> Option<State> {
        self.take(s, action).ok()
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let mut properties = vec![
            Property::always(EXCLUSION, |m: &Self, s: &State| m.how_many(s, Client::Holding) <= 1),
            Property::always(GRANT_KEPT, grant_kept),
            Property::sometimes("can hold", |m, s| m.how_many(s, Client::Holding) > 0),
        ];
        if self.crashes > 0 {
            properties.push(Property::sometimes("can crash while holding", |_, s| holder_crashed(s)));
        }
        if self.failovers > 0 {
            let held = |m: &Self, s: &State| s.failovers > 0 && m.how_many(s, Client::Holding) > 0;
            properties.push(Property::sometimes("can fail over while held", held));
        }
        properties
    }
}

/// At most one client believes that it holds the lock, since the server has told no other so.
const EXCLUSION: &str = "mutual exclusion at the server";
const GRANT_KEPT: &str = "a grant is never lost";
const OWNER_RELEASES: &str = "only the owner releases";
const REFINES: &str = "refines mutual-exclusion";
const CRASHED_FREED: &str = "a crashed holder's lock is freed";
const WAITER_ENDS: &str = "every waiter is granted, times out or is cancelled";

/// Who has created the key knows it.
fn grant_kept(_: &NaiveLock, s: &State) -> bool {
    s.key.is_none_or(|owner| s.client.get(owner.into()) == Client::Holding)
}

fn holder_crashed(s: &State) -> bool {
    s.key.is_some_and(|owner| s.client.get(owner.into()) == Client::Crashed)
}

/// When a client makes the key disappear, it is the client that created it.
fn only_the_owner(_: &NaiveLock, before: &State, action: &Action, after: &State) -> bool {
    match *action {
        Action::Release(c) | Action::GiveUp(c) if after.key.is_none() => {
            before.key.is_none_or(|owner| usize::from(owner) == c)
        }
        _ => true,
    }
}

fn never_comes_back(m: &NaiveLock, before: &State, _: &Action, after: &State) -> bool {
    (0..m.clients).all(|c| before.client.get(c) != Client::Crashed || after.client.get(c) == Client::Crashed)
}

impl NaiveLock {
    /// A holder that lives comes to be through.
    fn releases(&self) -> impl Iterator<Item = Fairness<Self>> {
        (0..self.clients).map(|c| Fairness::weak(format!("Release({c})"), move |a| *a == Action::Release(c)))
    }

    /// Whether or not others use the lock, a crashed holder's key goes away.
    fn crashed_freed(&self) -> Temporal<Self> {
        let acquires =
            (0..self.clients).map(|c| Fairness::weak(format!("Acquire({c})"), move |a| *a == Action::Acquire(c)));
        let fairness = self.releases().chain(acquires).collect();
        Temporal::leads_to(CRASHED_FREED, |_, s| holder_crashed(s), |_, s| !holder_crashed(s), fairness)
    }

    /// Nobody queues, so only strong fairness saves a client from one that is always faster. All clients are
    /// alike: the first stands for any.
    fn waiter_ends(&self) -> Temporal<Self> {
        let first = |_: &Self, s: &State| s.client.get(0) == Client::Waiting;
        let mut fairness: Vec<_> = self.releases().collect();
        fairness.push(Fairness::strong("Acquire(0)", |a| *a == Action::Acquire(0)));
        Temporal::leads_to(WAITER_ENDS, first, move |m, s| !first(m, s), fairness)
    }
}

impl Describe for NaiveLock {
    fn action_kinds(&self) -> &'static [&'static str] {
        &["Try", "Acquire", "Release", "GiveUp", "Crash", "Replicate", "Failover"]
    }

    fn action_kind(&self, action: &Action) -> usize {
        match action {
            Action::Try(_) => 0,
            Action::Acquire(_) => 1,
            Action::Release(_) => 2,
            Action::GiveUp(_) => 3,
            Action::Crash(_) => 4,
            Action::Replicate => 5,
            Action::Failover => 6,
        }
    }

    fn action_in_words(&self, action: &Action) -> String {
        match action {
            Action::Try(c) => format!("client {c} begins to wait for the lock"),
            Action::Acquire(c) => format!("client {c} finds no key, creates it and holds the lock"),
            Action::Release(c) => format!("client {c} is through and deletes the key"),
            Action::GiveUp(c) => format!("client {c} waits no longer and cleans up"),
            Action::Crash(c) => format!("client {c} crashes"),
            Action::Replicate => "the replica learns what the server knows".into(),
            Action::Failover => "the server is lost and the replica takes over".into(),
        }
    }

    /// The clients, the server and its replica.
    fn processes(&self) -> Vec<String> {
        (0..self.clients).map(|c| format!("client {c}")).chain(["server".into(), "replica".into()]).collect()
    }

    fn scene(&self, _: &State, action: &Action, _: &State) -> Scene {
        match *action {
            Action::Try(c) | Action::Acquire(c) | Action::Release(c) | Action::GiveUp(c) => Scene::at(c),
            Action::Crash(c) => Scene::at(c).fault(Fault::Crash),
            Action::Replicate => Scene::at(self.clients + 1),
            // There is a server again in the same step.
            Action::Failover => Scene::at(self.clients).fault(Fault::Restart),
        }
    }

    fn clauses(&self, claim: &str, s: &State) -> Vec<Clause> {
        let doing = |c, what| s.client.get(c) == what;
        let owns = |c| s.key.is_some_and(|owner| usize::from(owner) == c);
        match claim {
            EXCLUSION => each_two(self.clients, |c, d| {
                let both = doing(c, Client::Holding) && doing(d, Client::Holding);
                (format!("clients {c} and {d} do not both hold the lock"), !both)
            }),
            GRANT_KEPT => each(self.clients, |c| {
                (format!("client {c} holds the lock if the key is its own"), !owns(c) || doing(c, Client::Holding))
            }),
            CRASHED_FREED => each(self.clients, |c| {
                (format!("client {c} has not crashed if the key is its own"), !owns(c) || !doing(c, Client::Crashed))
            }),
            _ => Vec::new(),
        }
    }

    fn value(&self, s: &State) -> Value {
        Value::record([
            ("clients", Value::list(s.client.values(self.clients).map(Client::name))),
            ("key", s.key.into()),
            ("replica", s.replica.into()),
            ("failovers", s.failovers.into()),
        ])
    }

    fn switched_off(&self) -> Vec<&'static str> {
        let off = [
            ("Crash", self.crashes == 0),
            ("Replicate", !self.answers_early() || self.failovers == 0),
            ("Failover", self.failovers == 0),
        ];
        off.into_iter().filter(|(_, off)| *off).map(|(kind, _)| kind).collect()
    }

    guarded!();

    fn temporal(&self) -> Vec<Temporal<Self>> {
        vec![
            Temporal::step(OWNER_RELEASES, only_the_owner),
            Temporal::step("a crashed client never comes back", never_comes_back),
            Temporal::refinement(REFINES, ExcludesMutually::of(self)),
            self.crashed_freed(),
            self.waiter_ends(),
        ]
    }
}

/// What can be planted in the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bug {
    /// A guard is dropped.
    Drop(Guard),
    /// A client that gives up deletes the key without a look into its table.
    ReleaseUnchecked,
    /// A server that waits for its replica answers before it does.
    AnswersBeforeReplication,
}

impl Catalogued for NaiveLock {
    type Bug = Bug;

    const NAME: &'static str = "naive-lock";
    const ABOUT: &'static str = "The two locks that articles teach, set-if-absent with no owner and no expiry and a \
                                 holder table on the client's side: both fail, and the bounds say how.";
    const MUTANTS: &'static [Mutant<Bug>] = &[
        Mutant {
            name: "lock-release-not-owner",
            bug: Bug::ReleaseUnchecked,
            bound: "calm",
            property: OWNER_RELEASES,
            lesson: "who gives up has nothing to delete (lukas-krecan/ShedLock#2583)",
        },
        Mutant {
            name: "lock-async-failover-loses-lock",
            bug: Bug::AnswersBeforeReplication,
            bound: "synchronous",
            property: EXCLUSION,
            lesson: "a grant that the replica does not know is given twice (mike-marcacci/node-redlock#16)",
        },
        Mutant {
            name: "drop-idle",
            bug: Bug::Drop(Guard::Idle),
            bound: "calm",
            property: GRANT_KEPT,
            lesson: "a holder that asks again waits for itself",
        },
        Mutant {
            name: "drop-waiting",
            bug: Bug::Drop(Guard::Waiting),
            bound: "crash",
            property: "a crashed client never comes back",
            lesson: "the dead are granted nothing",
        },
        Mutant {
            name: "drop-key-absent",
            bug: Bug::Drop(Guard::KeyAbsent),
            bound: "calm",
            property: EXCLUSION,
            lesson: "the key is the lock",
        },
        Mutant {
            name: "drop-holding",
            bug: Bug::Drop(Guard::Holding),
            bound: "calm",
            property: OWNER_RELEASES,
            lesson: "who does not hold the lock has nothing to release",
        },
        Mutant {
            name: "drop-still-waiting",
            bug: Bug::Drop(Guard::StillWaiting),
            bound: "calm",
            property: GRANT_KEPT,
            lesson: "a holder that gives up leaves its key behind",
        },
    ];

    fn constants() -> Vec<Constant> {
        vec![
            Constant {
                name: "lock",
                domain: Domain::Choice(&["set-if-absent", "holder-table"]),
                about: "whether a client looks into its own table before it deletes the key",
            },
            Constant {
                name: "replication",
                domain: Domain::Choice(&["asynchronous", "synchronous"]),
                about: "whether the server answers before its replica knows",
            },
            Constant { name: "clients", domain: Domain::Integer(1, 9), about: "how many clients there are" },
            Constant { name: "crashes", domain: Domain::Integer(0, 9), about: "how many of them may crash" },
            Constant { name: "failovers", domain: Domain::Integer(0, 9), about: "how often the replica may take over" },
        ]
    }

    fn bounds() -> Vec<Bound> {
        let all: &[&str] = &[EXCLUSION, GRANT_KEPT, OWNER_RELEASES, REFINES, CRASHED_FREED, WAITER_ENDS];
        let bound = |name, about, lock: &str, replication: &str, budget: [i64; 3], expected, found: [u64; 3]| Bound {
            name,
            about,
            profile: if name == "deep" { Profile::Deep } else { Profile::Ci },
            constants: vec![
                ("lock", lock.into()),
                ("replication", replication.into()),
                ("clients", budget[0].into()),
                ("crashes", budget[1].into()),
                ("failovers", budget[2].into()),
            ],
            properties: PropertySet::All,
            expected,
            counts: Some(Counts { generated: found[0], distinct: found[1], depth: found[2] }),
        };
        let (absent, table) = ("set-if-absent", "holder-table");
        let (early, late) = ("asynchronous", "synchronous");
        let crash: &[&str] = &[GRANT_KEPT, CRASHED_FREED, WAITER_ENDS];
        let stranger: &[&str] = &[EXCLUSION, OWNER_RELEASES, REFINES];
        let failover: &[&str] = &[EXCLUSION, GRANT_KEPT, OWNER_RELEASES, REFINES, WAITER_ENDS];
        vec![
            bound("ci", "set-if-absent and what breaks it", absent, early, [2, 1, 1], all, [794, 185, 10]),
            bound("holder-table", "the other lock and what breaks it", table, early, [2, 1, 1], all, [639, 154, 11]),
            bound("stranger", "who gives up frees another's lock", absent, late, [2, 0, 0], stranger, [35, 14, 7]),
            bound("crash", "a crashed holder blocks for ever", table, late, [2, 1, 0], crash, [49, 18, 5]),
            bound("failover", "the replica lags behind", table, early, [2, 0, 1], failover, [289, 78, 10]),
            bound("synchronous", "the server waits for its replica", table, late, [2, 0, 1], &[], [49, 16, 5]),
            bound("calm", "no crash, no failover: it holds", table, late, [3, 0, 0], &[], [73, 20, 5]),
            bound("deep", "more of everything", table, early, [5, 2, 3], all, [532_825, 59_028, 18]),
        ]
    }

    fn new(constants: &Constants, bug: Option<Bug>) -> Result<Self, ConstantError> {
        Ok(Self {
            holder_table: constants.choice("lock") == "holder-table",
            asynchronous: constants.choice("replication") == "asynchronous",
            clients: constants.number("clients"),
            crashes: constants.number("crashes"),
            failovers: u8::try_from(constants.number("failovers")).unwrap_or(u8::MAX),
            bug,
        })
    }
}
