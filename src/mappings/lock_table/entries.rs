//! The entries of a lock table as a core: the machine that ships, and the search for deadlocks, without threads.
//!
//! What is a latch and a waiter's fate in the table is one step here: whoever is granted or has to leave is told in it.
//! Each key has its own ledger, so that its generations can be counted. What an owner may not ask, or what would be
//! refused, is no event.

use proofmark_core::{Core, Effects, Input, Never, Time};
use proofmark_impl::Planted;
use proofmark_impl::locks::table::entry::{Answer, Entry, Holding, Ledger};
use proofmark_impl::locks::table::{Bug, Mode, OwnerId, cycle_through, victim_of};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;

/// A table of some keys.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Entries {
    keys: Vec<Key>,
    /// How many generations each key may have; 0 if there is no limit.
    generations: u64,
    planted: Planted<Bug>,
}

/// A key, and what there was of it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    /// Its entry, if somebody holds it or waits for it. Behind a waiter stands what it has asked for.
    pub(crate) entry: Option<Entry<Operation>>,
    ledger: Ledger,
    /// The greatest sequencer that was given in each mode, by its place among all modes: a history variable.
    pub(crate) given: [u64; Mode::ALL.len()],
    /// The sequencers that were given while nobody else held the key: another one.
    pub(crate) fresh: BTreeSet<u64>,
}

/// How a table is built.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Config {
    pub(crate) keys: usize,
    pub(crate) generations: u64,
    pub(crate) planted: Planted<Bug>,
}

/// What an owner asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct Request {
    pub(crate) owner: usize,
    pub(crate) operation: Operation,
}

/// What can be asked: of a key, or of what the owner waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) enum Operation {
    Request(usize, Mode),
    Try(usize, Mode),
    Upgrade(usize, Mode),
    Downgrade(usize, Mode),
    Release(usize),
    Cancel,
    TimeOut,
    /// To look for a circle of waits through the owner, and to break it.
    Search,
}

/// What an owner is told of what it has asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct Reply {
    pub(crate) owner: usize,
    pub(crate) operation: Operation,
    pub(crate) outcome: Outcome,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) enum Outcome {
    /// It holds the key, with this sequencer.
    Granted(u64),
    /// It does not wait any more.
    Left,
    /// It is done.
    Done,
}

/// Who was granted, in that order, and what they had asked for.
type Served = Vec<(Operation, Holding)>;

impl Entries {
    pub(crate) fn keys(&self) -> &[Key] {
        &self.keys
    }

    /// Whether an owner can ask for this now: it waits for nothing else, and would not be refused.
    pub(crate) fn possible(&self, &Request { owner, operation }: &Request) -> bool {
        let waits = self.waits(owner);
        let holding = |key: usize| self.keys[key].holding(owner);
        let settled = |key: usize| waits.is_none_or(|waited_for| waited_for != key);
        match operation {
            Operation::Request(key, _) => waits.is_none() && holding(key).is_none() && self.has_room(key, 1),
            Operation::Try(key, mode) => {
                let granted = || matches!(self.keys[key].clone().ask(owner, mode, false), Answer::Granted(_));
                waits.is_none() && holding(key).is_none() && self.has_room(key, 1) && granted()
            }
            Operation::Upgrade(key, mode) => {
                let weaker = holding(key).is_some_and(|held| mode.is_stronger_than(held.mode));
                waits.is_none() && weaker && self.has_room(key, 2)
            }
            Operation::Downgrade(key, mode) => {
                let stronger = holding(key).is_some_and(|held| held.mode.is_stronger_than(mode));
                settled(key) && stronger && self.has_room(key, 1)
            }
            Operation::Release(key) => settled(key) && holding(key).is_some(),
            Operation::Cancel | Operation::TimeOut => waits.is_some(),
            Operation::Search => self.cycle(owner).is_some(),
        }
    }

    /// Whether there are generations left for what an ask may come to, and all that others have asked for, as the model
    /// counts them.
    fn has_room(&self, key: usize, generations: u64) -> bool {
        let Key { entry, ledger, .. } = &self.keys[key];
        let waiters = entry.iter().flat_map(Entry::waiters);
        let reserved: u64 = waiters.map(|waiting| if waiting.upgrades { 2 } else { 1 }).sum();
        self.generations == 0 || ledger.generation + reserved + generations <= self.generations
    }

    /// The key that an owner waits for.
    pub(crate) fn waits(&self, owner: usize) -> Option<usize> {
        let waits = |key: &Key| key.entry.iter().flat_map(Entry::waiters).any(|waiting| waiting.owner == id(owner));
        self.keys.iter().position(waits)
    }

    /// A circle of waits through an owner, as the table looks for it.
    fn cycle(&self, owner: usize) -> Option<Vec<OwnerId>> {
        let blockers = |owner: OwnerId| {
            let of = |key: &Key| key.entry.as_ref()?.blockers(|waiting| waiting.owner == owner, &key.ledger);
            self.keys.iter().find_map(of).unwrap_or_default()
        };
        cycle_through(id(owner), blockers)
    }

    /// An owner waits no longer.
    fn leave(&mut self, owner: OwnerId) -> Effects<Self> {
        let Some(key) = self.waits(number(owner)) else { return Effects::none() };
        let (left, served) = self.keys[key].leave(owner);
        let left = left.map(|operation| told(number(owner), operation, Outcome::Left)).unwrap_or_default();
        left.then(tell(served))
    }
}

impl Key {
    pub(crate) fn holding(&self, owner: usize) -> Option<&Holding> {
        self.entry.as_ref()?.holding_of(id(owner))
    }

    /// A request, or an upgrade.
    fn ask(&mut self, owner: usize, mode: Mode, upgrades: bool) -> Answer {
        let (others, ledger) = (self.holders(), &mut self.ledger);
        let answer = match &mut self.entry {
            Some(entry) if upgrades => entry.upgrade(id(owner), mode, ledger),
            Some(entry) => entry.request(id(owner), mode, ledger),
            None => {
                let (entry, sequencer) = Entry::of(id(owner), mode, ledger);
                self.entry = Some(entry);
                Answer::Granted(sequencer)
            }
        };
        if let Answer::Granted(_) = answer {
            self.note(others, self.holding(owner).copied());
        }
        answer
    }

    fn wait(&mut self, owner: usize, mode: Mode, operation: Operation) {
        if let Some(entry) = &mut self.entry {
            entry.wait(id(owner), mode, operation, &self.ledger);
        }
    }

    fn downgrade(&mut self, owner: usize, mode: Mode) -> (Option<u64>, Served) {
        let (others, mut served) = (self.holders(), Vec::new());
        let Some(entry) = &mut self.entry else { return (None, served) };
        let sequencer = entry.downgrade(id(owner), mode, &mut self.ledger, accept(&mut served));
        let weaker = sequencer.map(|sequencer| Holding { owner: id(owner), sequencer, mode, since: 0 });
        self.note(others, weaker.into_iter().chain(served.iter().map(|(_, holding)| *holding)));
        (sequencer, served)
    }

    fn release(&mut self, owner: usize) -> Served {
        let (mut others, mut served) = (self.holders(), Vec::new());
        others.retain(|other| *other != id(owner));
        if let Some(entry) = &mut self.entry {
            entry.release(id(owner), &mut self.ledger, accept(&mut served));
        }
        self.settle(others, served)
    }

    /// What the owner had asked for, and who was served then.
    fn leave(&mut self, owner: OwnerId) -> (Option<Operation>, Served) {
        let (others, mut served) = (self.holders(), Vec::new());
        let Some(entry) = &mut self.entry else { return (None, served) };
        let asked = entry.waiters().find(|waiting| waiting.owner == owner).map(|waiting| waiting.waiter);
        entry.leave(|waiting| waiting.owner == owner, &mut self.ledger, accept(&mut served));
        (asked, self.settle(others, served))
    }

    /// What comes after somebody has left.
    fn settle(&mut self, others: Vec<OwnerId>, served: Served) -> Served {
        self.note(others, served.iter().map(|(_, holding)| *holding));
        self.entry = self.entry.take().filter(|entry| !entry.is_unused(self.ledger.planted));
        served
    }

    fn holders(&self) -> Vec<OwnerId> {
        self.entry.iter().flat_map(Entry::holdings).map(|holding| holding.owner).collect()
    }

    /// Notes that holdings have begun, in that order, when these owners held the key.
    fn note(&mut self, mut holders: Vec<OwnerId>, begun: impl IntoIterator<Item = Holding>) {
        for holding in begun {
            let given = &mut self.given[holding.mode as usize];
            *given = holding.sequencer.max(*given);
            if holders.iter().all(|other| *other == holding.owner) {
                self.fresh.insert(holding.sequencer);
            }
            holders.push(holding.owner);
        }
    }
}

/// As short as it can be, since it is in every state that is shown.
impl fmt::Debug for Entries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.keys).finish()
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(entry) = &self.entry else { return write!(f, "no entry, generation {}", self.ledger.generation) };
        let held = entry.holdings().iter().map(|of| (number(of.owner), (of.mode, of.sequencer)));
        let waits = entry.waiters().map(|of| (number(of.owner), of.mode));
        f.debug_map().entries(held).finish()?;
        f.write_str(", then ")?;
        f.debug_list().entries(waits).finish()?;
        write!(f, ", generation {}", self.ledger.generation)
    }
}

fn accept(served: &mut Served) -> impl FnMut(&Operation, &Holding) -> bool {
    |operation, holding| {
        served.push((*operation, *holding));
        true
    }
}

fn told(owner: usize, operation: Operation, outcome: Outcome) -> Effects<Entries> {
    Effects::none().reply(Reply { owner, operation, outcome })
}

fn tell(served: Served) -> Effects<Entries> {
    let granted = |(operation, holding): (_, Holding)| {
        told(number(holding.owner), operation, Outcome::Granted(holding.sequencer))
    };
    served.into_iter().map(granted).fold(Effects::none(), Effects::then)
}

fn id(owner: usize) -> OwnerId {
    OwnerId::new(owner as u64)
}

pub(crate) fn number(owner: OwnerId) -> usize {
    owner.number() as usize
}

impl Core for Entries {
    type Config = Config;
    type Message = Never;
    type Record = Never;
    type Request = Request;
    type Reply = Reply;
    type Timer = Never;

    fn recover(&Config { keys, generations, planted }: &Config, _: &[Never]) -> (Self, Effects<Self>) {
        let ledger = Ledger { planted, ..Ledger::default() };
        let key = Key { entry: None, ledger, given: [0; Mode::ALL.len()], fresh: BTreeSet::new() };
        (Self { keys: vec![key; keys], generations, planted }, Effects::none())
    }

    fn step(&mut self, _: Time, input: Input<Self>) -> Effects<Self> {
        let Request { owner, operation } = match input {
            Input::Request(request) => request,
            Input::Receive { message, .. } => match message {},
            Input::Fired(timer) => match timer {},
        };
        let granted = |sequencer| told(owner, operation, Outcome::Granted(sequencer));
        let done = told(owner, operation, Outcome::Done);
        match operation {
            Operation::Request(key, mode) | Operation::Try(key, mode) | Operation::Upgrade(key, mode) => {
                let (upgrades, tries) =
                    (matches!(operation, Operation::Upgrade(..)), matches!(operation, Operation::Try(..)));
                match self.keys[key].ask(owner, mode, upgrades) {
                    Answer::Granted(sequencer) => return granted(sequencer),
                    Answer::MustWait if !tries => self.keys[key].wait(owner, mode, operation),
                    Answer::MustWait | Answer::Improper => {}
                }
                Effects::none()
            }
            Operation::Downgrade(key, mode) => {
                let (sequencer, served) = self.keys[key].downgrade(owner, mode);
                sequencer.map(granted).unwrap_or_default().then(tell(served))
            }
            Operation::Release(key) => done.then(tell(self.keys[key].release(owner))),
            Operation::Cancel | Operation::TimeOut => done.then(self.leave(id(owner))),
            Operation::Search => {
                let victim = self.cycle(owner).and_then(|cycle| victim_of(&cycle, self.planted));
                done.then(victim.map(|victim| self.leave(victim)).unwrap_or_default())
            }
        }
    }
}
