//! The lock table of one process: `docs/models/lock-table.md`, whose rules are quoted here by their numbers. Modes,
//! queue and conversion are those of Gray and Reuter, *Transaction Processing*, sections 7.8.1 to 7.8.4; wait-die and
//! wound-wait those of Rosenkrantz, Stearns and Lewis, *System Level Concurrency Control for Distributed Database
//! Systems* (TODS 1978), section 4.
//!
//! Left out: threads and the latches between them, since a rule is one step here and code that tears one apart has a
//! bug that its own tests must find; what an owner does with what it holds; crashes, since table and owners die
//! together; a try or a request that is refused, since it changes nothing. Time is not modelled: who waits may time out
//! at any moment. What an owner knows is kept apart from what the table holds, or no grant could ever be lost.
//!
//! It refines [`mutual_exclusion`](crate::problems::mutual_exclusion), key by key.

mod catalogue;
mod mode;
mod properties;
mod refinement;
mod scene;
mod symmetry;
mod waiters;
mod waits;

pub use catalogue::Bug;
pub use mode::Mode;
pub use waiters::{Grant, Waiters};

use crate::Map;
use crate::guard::guards;
use proofmark_vocabulary::{BitSet, Model, Property};
use waits::is_on_cycle;

/// The constants, and the bug planted in the model, if any.
#[derive(Clone, Debug)]
pub struct LockTable {
    /// How many owners there are, at most [`MOST_OWNERS`], from the oldest.
    pub owners: usize,
    /// How many keys there are, at most [`MOST_KEYS`].
    pub keys: usize,
    /// What is done about cycles of waits.
    pub policy: Policy,
    /// The modes that are asked for.
    pub modes: &'static [Mode],
    /// How many generations each key may have, at most [`MOST_GENERATIONS`]; none if sequencers are left out.
    pub generations: u8,
    /// The bug.
    pub bug: Option<Bug>,
}

/// What is done about cycles of waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// One who waits in a cycle is chosen as victim.
    Detect,
    /// Only the oldest may wait.
    WaitDie,
    /// Who waits wounds the younger.
    WoundWait,
}

/// The most owners that the model can have.
pub const MOST_OWNERS: usize = 4;
/// The most keys.
pub const MOST_KEYS: usize = 3;
/// The most generations.
pub const MOST_GENERATIONS: u8 = 14;

/// The variables: the table's, the grants on their way, what owners know, and history.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct State {
    /// The table: the mode in which each owner holds each key, by [`place`].
    pub held: Map<Option<Mode>>,
    /// The table: who waits for each key.
    pub waiters: [Waiters; MOST_KEYS],
    /// The grant that is on its way to each owner.
    pub grant: Map<Option<Grant>>,
    /// The holdings that their owners know of, by [`place`].
    pub known: BitSet,
    /// The owners that have asked and wait for the answer.
    pub asking: BitSet,
    /// The owners that an older one has wounded.
    pub wounded: BitSet,
    /// The sequencer of each holding, by [`place`].
    pub sequencer: Map<Option<u8>>,
    /// The greatest sequencer that each key gave in each mode, by [`of_mode`]. The greatest of a key is its generation,
    /// and the modes that have it are those that were granted in the generation; the rest is history.
    pub last: Map<Option<u8>>,
    /// The generations that began when their key had no other holder, by [`of_generation`]: a history variable.
    pub fresh: BitSet,
}

/// Where the holding of an owner and a key is kept.
pub const fn place(owner: usize, key: usize) -> usize {
    owner * MOST_KEYS + key
}

/// Where the greatest sequencer of a key in a mode is kept.
pub const fn of_mode(key: usize, mode: Mode) -> usize {
    key * Mode::ALL.len() + mode as usize - 1
}

/// Where it is kept that a generation of a key was fresh.
pub const fn of_generation(key: usize, generation: u8) -> usize {
    key * 16 + generation as usize
}

/// The actions. An owner comes before a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Rule 1: an owner asks for a key.
    Request(usize, usize, Mode),
    /// Rule 2: an owner asks for a key that it need not wait for.
    Try(usize, usize, Mode),
    /// Rule 3: a holder asks for a stronger mode.
    Upgrade(usize, usize, Mode),
    /// Rule 4: a holder is content with a weaker mode.
    Downgrade(usize, usize, Mode),
    /// Rule 5: a holding ends.
    Release(usize, usize),
    /// Rule 6: a grant arrives.
    Learn(usize),
    /// Rule 7: who has asked changes its mind.
    Cancel(usize),
    /// Rule 7: who waits has waited too long.
    TimeOut(usize),
    /// Rule 8: the youngest on a cycle leaves.
    Victim(usize),
    /// Wound-wait: a wounded waiter leaves.
    Die(usize),
}

guards! {
    LockTable, Never:
    /// Who asks waits for nothing, as far as it knows.
    NothingAsked = "nothing-asked",
    /// Who asks is not wounded.
    NotWounded = "not-wounded",
    /// Who asks for a first holding has none.
    NotHeld = "not-held",
    /// Under wait-die, who has to wait is older than every other party of the key.
    OldEnough = "old-enough",
    /// What is tried need not wait.
    Grantable = "grantable",
    /// What is upgraded is held.
    HeldToUpgrade = "held-to-upgrade",
    /// An upgrade is to a stronger mode.
    Stronger = "stronger",
    /// What is downgraded is held.
    HeldToDowngrade = "held-to-downgrade",
    /// A downgrade is to a weaker mode.
    Weaker = "weaker",
    /// What is downgraded is not being upgraded, and no grant of it is on its way.
    SettledToDowngrade = "settled-to-downgrade",
    /// What is released is not being upgraded, and no grant of it is on its way.
    SettledToRelease = "settled-to-release",
    /// There is a grant to learn of.
    OnItsWay = "on-its-way",
    /// Who times out was not granted what it waits for.
    StillWaiting = "still-waiting",
    /// The victim is the youngest on a cycle of waits.
    YoungestOnACycle = "youngest-on-a-cycle",
    /// Who dies waits, and is wounded.
    WoundedWaiter = "wounded-waiter",
}

/// The actions.
impl LockTable {
    fn request(&self, s: &State, o: usize, k: usize, mode: Mode) -> Result<State, Guard> {
        self.require_may_ask(s, o)?;
        self.require(s.mode(o, k).is_none(), Guard::NotHeld)?;
        // What was seen before the last release is that the key is held.
        let stale = self.bug == Some(Bug::DecidesOnStale) && self.others(s, o, k).next().is_none();
        if self.is_grantable(s, k, mode) && !stale {
            return Ok(self.granted_at_once(s, o, k, mode));
        }
        self.wait(s, o, k, mode, s.waiters[k].len())
    }

    /// That the owner would have to wait is a refusal, which leaves no trace.
    fn try_lock(&self, s: &State, o: usize, k: usize, mode: Mode) -> Result<State, Guard> {
        self.require_may_ask(s, o)?;
        self.require(s.mode(o, k).is_none(), Guard::NotHeld)?;
        if self.bug == Some(Bug::TryStays) && !self.is_grantable(s, k, mode) {
            return Ok(Self::joined(s, k, s.waiters[k].len(), o, mode));
        }
        self.require(self.is_grantable(s, k, mode), Guard::Grantable)?;
        Ok(self.granted_at_once(s, o, k, mode))
    }

    fn upgrade(&self, s: &State, o: usize, k: usize, mode: Mode) -> Result<State, Guard> {
        self.require_may_ask(s, o)?;
        self.require(s.mode(o, k).is_some(), Guard::HeldToUpgrade)?;
        self.require(s.mode(o, k).is_none_or(|held| mode.is_stronger(held)), Guard::Stronger)?;
        if self.bug == Some(Bug::UpgradeReleases) {
            let released = self.serve(&Self::ended(s, o, k), k);
            return self.wait(&released, o, k, mode, released.waiters[k].len()).map(|after| self.serve(&after, k));
        }
        let upgraders = Self::upgraders(s, k).count();
        let shares = self.bug == Some(Bug::UpgradeShares) && mode == Mode::Exclusive;
        if upgraders == 0 && (self.is_compatible(s, o, k, mode) || shares) {
            return Ok(self.begun(s, o, k, mode));
        }
        let behind_all = self.bug == Some(Bug::UpgradeQueues);
        self.wait(s, o, k, mode, if behind_all { s.waiters[k].len() } else { upgraders })
    }

    fn downgrade(&self, s: &State, o: usize, k: usize, mode: Mode) -> Result<State, Guard> {
        self.require(s.mode(o, k).is_some(), Guard::HeldToDowngrade)?;
        self.require(s.mode(o, k).is_none_or(|held| held.is_stronger(mode)), Guard::Weaker)?;
        self.require(s.is_settled(o, k), Guard::SettledToDowngrade)?;
        let weaker = self.begun(s, o, k, mode);
        Ok(if self.bug == Some(Bug::DowngradeKeepsQuiet) { weaker } else { self.serve(&weaker, k) })
    }

    /// To give back what one does not hold changes nothing, so that to hold it is no guard.
    fn release(&self, s: &State, o: usize, k: usize) -> Result<State, Guard> {
        self.require(s.is_settled(o, k), Guard::SettledToRelease)?;
        let Some(mode) = s.mode(o, k) else {
            let next = self.holders(s, k).next().filter(|_| self.bug == Some(Bug::ReleaseCounts));
            return Ok(next.map_or(*s, |(holder, _)| self.serve(&Self::ended(s, holder, k), k)));
        };
        let ended = match self.bug {
            Some(Bug::ReleasesAll) => self.holders(s, k).fold(*s, |after, (holder, _)| Self::ended(&after, holder, k)),
            _ => Self::ended(s, o, k),
        };
        let reader_is_next = s.waiters[k].first().is_some_and(|(_, next)| next != Mode::Exclusive);
        let quiet = match self.bug {
            Some(Bug::UpdateReleaseKeepsQuiet) => mode == Mode::Update,
            Some(Bug::WritersWakeWriters) => mode == Mode::Exclusive && reader_is_next,
            _ => false,
        };
        Ok(if quiet { ended } else { self.serve(&ended, k) })
    }

    fn learn(&self, s: &State, o: usize) -> Result<State, Guard> {
        // All owners are futures of one task, which polls the next when the one before is ready.
        let polled = self.bug != Some(Bug::PollsInOrder) || (0..o).all(|other| !s.asking.contains(other));
        self.require(s.grant.get(o).is_some() && polled, Guard::OnItsWay)?;
        // A mutant alone learns of what it still waits for, or of nothing.
        let key = s.grant.get(o).map(|grant| grant.key).or(s.waits(o)).unwrap_or(0);
        let known = s.known.with(place(o, key));
        Ok(State { known, grant: s.grant.with(o, None), asking: s.asking.without(o), ..*s })
    }

    /// Who has asked for nothing has nothing to cancel, so this has no guard.
    fn cancel(&self, s: &State, o: usize) -> State {
        let Some(Grant { key, before }) = s.grant.get(o) else { return self.left(s, o) };
        let told = State { grant: s.grant.with(o, None), asking: s.asking.without(o), ..*s };
        match (self.bug, before) {
            (Some(Bug::CancelDropsGrant), _) => told,
            (_, None) => self.serve(&Self::ended(&told, o, key), key),
            (_, Some(mode)) => self.serve(&self.begun(&told, o, key, mode), key),
        }
    }

    fn time_out(&self, s: &State, o: usize) -> Result<State, Guard> {
        self.require(s.waits(o).is_some(), Guard::StillWaiting)?;
        Ok(self.left(s, o))
    }

    fn victim(&self, s: &State, o: usize) -> Result<State, Guard> {
        let waits_for = |other| match self.bug {
            Some(Bug::QueueNotInGraph) => self.waits_for_holders(s, other),
            Some(Bug::UpgradersNotInGraph) if s.waits(other).is_some_and(|k| s.mode(other, k).is_some()) => {
                BitSet::new()
            }
            _ => self.waits_for(s, other),
        };
        let is_victim = match self.bug {
            Some(Bug::AllAreVictims) => is_on_cycle(o, BitSet::below(self.owners), waits_for),
            Some(Bug::TwoWaysAreACycle) => {
                let both = |other| !waits_for(o).intersection(&waits_for(other)).is_empty();
                waits_for(o).iter().any(both)
            }
            _ => is_on_cycle(o, BitSet::below(o + 1), waits_for),
        };
        self.require(is_victim, Guard::YoungestOnACycle)?;
        Ok(self.left(s, o))
    }

    fn die(&self, s: &State, o: usize) -> Result<State, Guard> {
        self.require(s.wounded.contains(o) && s.waits(o).is_some(), Guard::WoundedWaiter)?;
        Ok(self.left(s, o))
    }

    fn require_may_ask(&self, s: &State, o: usize) -> Result<(), Guard> {
        self.require(!s.asking.contains(o), Guard::NothingAsked)?;
        self.require(!s.wounded.contains(o), Guard::NotWounded)
    }

    #[inline]
    fn take(&self, s: &State, action: Action) -> Result<State, Guard> {
        let after = match action {
            Action::Request(o, k, mode) => self.request(s, o, k, mode),
            Action::Try(o, k, mode) => self.try_lock(s, o, k, mode),
            Action::Upgrade(o, k, mode) => self.upgrade(s, o, k, mode),
            Action::Downgrade(o, k, mode) => self.downgrade(s, o, k, mode),
            Action::Release(o, k) => self.release(s, o, k),
            Action::Learn(o) => self.learn(s, o),
            Action::Cancel(o) => Ok(self.cancel(s, o)),
            Action::TimeOut(o) => self.time_out(s, o),
            Action::Victim(o) => self.victim(s, o),
            Action::Die(o) => self.die(s, o),
        }?;
        Ok(self.healed(&after))
    }
}

/// What the table does.
impl LockTable {
    /// Rule 1: there is no waiter, and the mode is compatible with every holder's.
    fn is_grantable(&self, s: &State, k: usize, mode: Mode) -> bool {
        let barges = self.bug == Some(Bug::Barges);
        (s.waiters[k].is_empty() || barges) && self.holders(s, k).all(|(_, held)| mode.is_compatible(held))
    }

    /// The mode is compatible with every other holder's.
    fn is_compatible(&self, s: &State, o: usize, k: usize, mode: Mode) -> bool {
        let itself = if self.bug == Some(Bug::UpgradeWaitsForItself) { MOST_OWNERS } else { o };
        self.others(s, itself, k).all(|(_, held)| mode.is_compatible(held))
    }

    fn granted_at_once(&self, s: &State, o: usize, k: usize, mode: Mode) -> State {
        let held = self.begun(s, o, k, mode);
        let known = State { known: held.known.with(place(o, k)), ..held };
        let stale = self.bug == Some(Bug::StaleWaiter);
        if stale { Self::joined(&known, k, known.waiters[k].len(), o, mode) } else { known }
    }

    /// Who has to wait is refused under wait-die unless it is the oldest, and wounds the younger under wound-wait.
    fn wait(&self, s: &State, o: usize, k: usize, mode: Mode, at: usize) -> Result<State, Guard> {
        let parties = match self.bug {
            Some(Bug::LooksAtHolders) => self.holders(s, k).map(|(holder, _)| holder).collect(),
            _ => self.parties(s, k),
        };
        let oldest = parties.iter().all(|other| o <= other);
        self.require(self.policy != Policy::WaitDie || oldest, Guard::OldEnough)?;
        let mut after = Self::joined(s, k, at, o, mode);
        after.asking.insert(o);
        if self.policy == Policy::WoundWait {
            after.wounded = parties.iter().filter(|&other| other > o).fold(s.wounded, BitSet::with);
        }
        Ok(after)
    }

    fn joined(s: &State, k: usize, at: usize, o: usize, mode: Mode) -> State {
        let mut after = *s;
        after.waiters[k] = s.waiters[k].with(at, o, mode);
        after
    }

    /// Rule 6.
    fn serve(&self, s: &State, k: usize) -> State {
        let mut after = *s;
        while let Some((o, mode)) = self.next_to_serve(&after, k) {
            let before = after.mode(o, k);
            after = self.begun(&after, o, k, mode);
            after.waiters[k] = after.waiters[k].without(o);
            after.grant = after.grant.with(o, Some(Grant { key: k, before }));
            if self.bug == Some(Bug::ServesOne) {
                break;
            }
        }
        after
    }

    /// The first waiter, if its mode is compatible with every holder's but its own.
    fn next_to_serve(&self, s: &State, k: usize) -> Option<(usize, Mode)> {
        let compatible = |&(o, mode): &(usize, Mode)| self.is_compatible(s, o, k, mode);
        match self.bug {
            Some(Bug::ServesAny) => s.waiters[k].iter().find(compatible),
            _ => s.waiters[k].first().filter(compatible),
        }
    }

    /// Rule 7: who waits leaves, an upgrader with the holding that it has, and the key is served.
    fn left(&self, s: &State, o: usize) -> State {
        let mut after = State { asking: s.asking.without(o), ..*s };
        let Some(k) = s.waits(o) else { return after };
        if self.bug == Some(Bug::LeavesHoldingBehind) {
            after = Self::ended(&after, o, k);
        }
        if self.bug == Some(Bug::StaysQueued) {
            return after;
        }
        after.waiters[k] = after.waiters[k].without(o);
        if self.bug == Some(Bug::LeavesQuietly) { after } else { self.serve(&after, k) }
    }

    /// A holding begins, and a conversion ends the one before in the same moment. Rule 9 gives its sequencer.
    fn begun(&self, s: &State, o: usize, k: usize, mode: Mode) -> State {
        let mut after = State { held: s.held.with(place(o, k), Some(mode)), ..*s };
        if self.generations == 0 {
            return after;
        }
        let present = s.generation(k);
        let in_present = |other: &&Mode| s.last.get(of_mode(k, **other)) == present;
        let conflict = Mode::ALL.iter().filter(in_present).any(|other| !mode.is_compatible(*other));
        let alone = self.others(s, o, k).next().is_none();
        let next = present.map_or(0, |present| (present + 1).min(MOST_GENERATIONS));
        let sequencer = match (self.bug, present) {
            (Some(Bug::ConversionKeepsSequencer), Some(_)) if s.mode(o, k).is_some() => {
                s.sequencer.get(place(o, k)).unwrap_or(next)
            }
            (Some(Bug::EntryForgets), _) if alone && s.waiters[k].is_empty() => 0,
            (Some(Bug::JoinerKeepsGeneration), Some(present)) if !alone => present,
            (_, Some(present)) if !alone && !conflict => present,
            _ => next,
        };
        after.sequencer = s.sequencer.with(place(o, k), Some(sequencer));
        after.last = s.last.with(of_mode(k, mode), s.last.get(of_mode(k, mode)).max(Some(sequencer)));
        if alone {
            after.fresh.insert(of_generation(k, sequencer));
        }
        after
    }

    fn ended(s: &State, o: usize, k: usize) -> State {
        let at = place(o, k);
        State { held: s.held.with(at, None), sequencer: s.sequencer.with(at, None), known: s.known.without(at), ..*s }
    }

    /// Wound-wait: who neither holds nor waits is healed.
    fn healed(&self, s: &State) -> State {
        let through = |&o: &usize| match self.bug {
            Some(Bug::NeverHeals) => false,
            Some(Bug::HealsTooSoon) => s.waits(o).is_none(),
            _ => !(0..self.keys).any(|k| self.parties(s, k).contains(o)),
        };
        State { wounded: s.wounded.iter().filter(through).fold(s.wounded, BitSet::without), ..*s }
    }
}

impl State {
    /// The mode in which the owner holds the key.
    #[inline]
    pub fn mode(&self, o: usize, k: usize) -> Option<Mode> {
        self.held.get(place(o, k))
    }

    /// The key that the owner waits for.
    #[inline]
    pub fn waits(&self, o: usize) -> Option<usize> {
        (0..MOST_KEYS).find(|&k| self.waiters[k].place_of(o).is_some())
    }

    /// Whether the owner neither waits for the key nor has a grant of it on its way.
    #[inline]
    pub fn is_settled(&self, o: usize, k: usize) -> bool {
        self.waiters[k].place_of(o).is_none() && self.grant.get(o).is_none_or(|grant| grant.key != k)
    }

    /// The present generation of the key.
    #[inline]
    pub fn generation(&self, k: usize) -> Option<u8> {
        Mode::ALL.iter().filter_map(|&mode| self.last.get(of_mode(k, mode))).max()
    }
}

impl LockTable {
    /// Whether there is room in the budget for what an ask may come to, and all that others have asked for: a grant is
    /// one more generation at most, and that of an upgrade another one, for it may be taken back. So the budget
    /// cuts what is asked for and never what the table does.
    fn has_room(&self, s: &State, k: usize, generations: usize) -> bool {
        let upgraded = |o: &usize| s.grant.get(*o).is_some_and(|grant| grant.key == k && grant.before.is_some());
        let reserved = s.waiters[k].len() + Self::upgraders(s, k).count() + (0..self.owners).filter(upgraded).count();
        let used = s.generation(k).map_or(0, |present| usize::from(present) + 1);
        self.generations == 0 || used + reserved + generations <= self.generations.into()
    }
}

impl Model for LockTable {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![State::default()]
    }

    fn actions(&self, s: &State, actions: &mut Vec<Action>) {
        for k in 0..self.keys {
            let (once, twice) = (self.has_room(s, k, 1), self.has_room(s, k, 2));
            for o in 0..self.owners {
                actions.push(Action::Release(o, k));
                if once {
                    let asks = [Action::Request, Action::Try, Action::Downgrade];
                    actions.extend(asks.iter().flat_map(|ask| self.modes.iter().map(move |&mode| ask(o, k, mode))));
                }
                if twice {
                    actions.extend(self.modes.iter().map(|&mode| Action::Upgrade(o, k, mode)));
                }
            }
        }
        for o in 0..self.owners {
            actions.extend([Action::Learn(o), Action::Cancel(o), Action::TimeOut(o)]);
            match self.policy {
                Policy::Detect => actions.push(Action::Victim(o)),
                Policy::WaitDie => {}
                Policy::WoundWait => actions.push(Action::Die(o)),
            }
        }
    }

    #[inline]
    fn next_state(&self, s: &State, action: Action) -> Option<State> {
        self.take(s, action).ok()
    }

    fn properties(&self) -> Vec<Property<Self>> {
        properties::of_states(self)
    }
}
