//! The entry of one key: who holds it, who waits, and who is granted when something changes.
//!
//! This is all of the table that decides anything, and it is a plain value: no thread, no clock and no hash is here.
//! The rules are those of Gray and Reuter, *Transaction Processing*, sections 7.8.1 to 7.8.4: first come, first served;
//! a conversion goes before first requests. What stands behind a waiter (`W`) is its driver's affair.

use super::bug::Bug;
use super::mode::{Mode, Modes};
use super::owner::OwnerId;
use crate::planted::Planted;
use std::collections::VecDeque;

/// The entry of a key that somebody holds.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Entry<W> {
    /// One owner holds the key, nobody waits, and nobody else has held it in this generation. Most entries are so, and
    /// it takes no memory of its own.
    Sole(Holding),
    /// Any other.
    Crowd(Box<Crowd<W>>),
}

/// An owner's hold of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Holding {
    /// Whose it is.
    pub owner: OwnerId,
    /// The generation of the key in which it began. Of two holdings that conflict, the later one has the greater.
    pub sequencer: u64,
    /// The mode.
    pub mode: Mode,
    /// When it began, as [`Ledger::now`] was then.
    pub since: u32,
}

/// An owner that waits for a key.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Waiting<W> {
    /// Who waits.
    pub owner: OwnerId,
    /// The mode that is waited for.
    pub mode: Mode,
    /// Whether the owner holds the key already, in a weaker mode.
    pub upgrades: bool,
    /// When the wait began, as [`Ledger::now`] was then.
    pub since: u32,
    /// What stands behind it.
    pub waiter: W,
}

/// An entry with several holders, or with waiters.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Crowd<W> {
    holdings: Vec<Holding>,
    /// In the order in which they are served: upgraders come first.
    waiters: VecDeque<Waiting<W>>,
    generation: u64,
    /// The modes in which a holding of this generation was ever granted.
    granted: Modes,
}

/// What entries share: the generations, which go on when an entry vanishes, and the time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Ledger {
    /// The last generation that began, of any key.
    pub generation: u64,
    /// The time, in a unit that is the driver's affair.
    pub now: u32,
    /// The bug that is planted, if any.
    pub planted: Planted<Bug>,
}

/// What becomes of a request or an upgrade.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is granted, with this sequencer.
    Granted(u64),
    /// It has to wait; nothing has changed yet.
    MustWait,
    /// The owner may not ask for this: it holds the key already; or, of an upgrade, it does not, or not in a weaker mode.
    Improper,
}

impl Ledger {
    fn next(&mut self) -> u64 {
        self.generation += 1;
        self.generation
    }
}

impl<W> Entry<W> {
    /// The entry of a key that nobody held or waited for.
    #[inline]
    pub fn of(owner: OwnerId, mode: Mode, ledger: &mut Ledger) -> (Self, u64) {
        let sequencer = ledger.next();
        (Entry::Sole(Holding { owner, sequencer, mode, since: ledger.now }), sequencer)
    }

    /// A first request. If it has to wait, that is up to [`Self::wait`].
    pub fn request(&mut self, owner: OwnerId, mode: Mode, ledger: &mut Ledger) -> Answer {
        if self.holding_of(owner).is_some() {
            return Answer::Improper;
        }
        let free = self.waiters().next().is_none() || ledger.planted.is(Bug::Barges);
        if free && self.admits(owner, mode, ledger) {
            Answer::Granted(self.crowd().grant(owner, mode, ledger))
        } else {
            Answer::MustWait
        }
    }

    /// An upgrade to a stronger mode. If it has to wait, that is up to [`Self::wait`].
    pub fn upgrade(&mut self, owner: OwnerId, mode: Mode, ledger: &mut Ledger) -> Answer {
        if !self.holding_of(owner).is_some_and(|holding| mode.is_stronger_than(holding.mode)) {
            return Answer::Improper;
        }
        let free = self.waiters().all(|waiting| !waiting.upgrades);
        if free && (self.admits(owner, mode, ledger) || ledger.planted.is(Bug::UpgradeIgnoresHolders)) {
            Answer::Granted(self.crowd().grant(owner, mode, ledger))
        } else {
            Answer::MustWait
        }
    }

    /// Lets an owner wait whose request or upgrade has to.
    pub fn wait(&mut self, owner: OwnerId, mode: Mode, waiter: W, ledger: &Ledger) {
        let upgrades = self.holding_of(owner).is_some();
        let waiting = Waiting { owner, mode, upgrades, since: ledger.now, waiter };
        let Crowd { holdings, waiters, .. } = self.crowd();
        let place = if upgrades && !ledger.planted.is(Bug::UpgradeQueuesLast) {
            waiters.iter().take_while(|other| other.upgrades).count()
        } else {
            waiters.len()
        };
        waiters.insert(place, waiting);
        if upgrades && ledger.planted.is(Bug::UpgradeReleasesFirst) {
            holdings.retain(|holding| holding.owner != owner);
            waiters[place].upgrades = false;
            let last = waiters.remove(place);
            waiters.extend(last);
        }
    }

    /// A change to a weaker mode, which cannot fail; the new sequencer. `None` when the owner does not hold the key in a
    /// stronger mode, or waits for one. Each waiter that could be granted then is passed to `accept`.
    pub fn downgrade(
        &mut self,
        owner: OwnerId,
        mode: Mode,
        ledger: &mut Ledger,
        accept: impl FnMut(&W, &Holding) -> bool,
    ) -> Option<u64> {
        self.holding_of(owner).filter(|holding| holding.mode.is_stronger_than(mode))?;
        if self.waiters().any(|waiting| waiting.owner == owner) {
            return None;
        }
        let crowd = self.crowd();
        let sequencer = crowd.grant(owner, mode, ledger);
        if !ledger.planted.is(Bug::DowngradeServesNobody) {
            crowd.serve(ledger, accept);
        }
        Some(sequencer)
    }

    /// Ends an owner's holding; whether it had one. Each waiter that could be granted then is passed to `accept`: it
    /// is granted if this says so, and has left if not.
    pub fn release(&mut self, owner: OwnerId, ledger: &mut Ledger, accept: impl FnMut(&W, &Holding) -> bool) -> bool {
        let crowd = self.crowd();
        let before = crowd.holdings.len();
        crowd.holdings.retain(|holding| holding.owner != owner);
        if !ledger.planted.is(Bug::ServesByPreviousCount) || before == 0 {
            crowd.serve(ledger, accept);
        }
        self.holdings().len() < before
    }

    /// Takes a waiter out; whether there was such a one. Each waiter that could be granted then is passed to `accept`.
    pub fn leave(
        &mut self,
        who: impl Fn(&Waiting<W>) -> bool,
        ledger: &mut Ledger,
        accept: impl FnMut(&W, &Holding) -> bool,
    ) -> bool {
        let crowd = self.crowd();
        let Some(place) = crowd.waiters.iter().position(who) else { return false };
        if let Some(left) = crowd.waiters.remove(place)
            && ledger.planted.is(Bug::LeaveForgetsHolding)
        {
            crowd.holdings.retain(|holding| holding.owner != left.owner);
        }
        if !ledger.planted.is(Bug::LeaveServesNobody) {
            crowd.serve(ledger, accept);
        }
        true
    }

    /// Whom a waiter waits for: holders whose mode conflicts with its own, and the waiter before it, which waits for those
    /// before in its turn. Nobody asks whom one without a name waits for, so that stands here as well. `None` when there
    /// is no such waiter.
    pub fn blockers(&self, who: impl Fn(&Waiting<W>) -> bool, ledger: &Ledger) -> Option<Vec<OwnerId>> {
        let waiters = self.waiters().count();
        let place = self.waiters().position(who)?;
        let waiting = self.waiters().nth(place)?;
        let mut blockers: Vec<_> = self.opponents(waiting).collect();
        if !ledger.planted.is(Bug::QueueBlocksNobody) {
            for before in self.waiters().rev().skip(waiters - place) {
                blockers.push(before.owner);
                if !before.owner.is_anonymous() {
                    break;
                }
                blockers.extend(self.opponents(before));
            }
        }
        Some(blockers)
    }

    /// The owners that hold the key or wait for it, but for this one.
    pub fn parties(&self, but: OwnerId) -> impl Iterator<Item = OwnerId> {
        let waiters = self.waiters().filter(|waiting| !waiting.upgrades).map(|waiting| waiting.owner);
        self.holdings().iter().map(|holding| holding.owner).chain(waiters).filter(move |&owner| owner != but)
    }

    /// Who holds the key.
    #[inline]
    pub fn holdings(&self) -> &[Holding] {
        match self {
            Entry::Sole(holding) => std::slice::from_ref(holding),
            Entry::Crowd(crowd) => &crowd.holdings,
        }
    }

    /// Who waits for it, in the order in which they are served.
    pub fn waiters(&self) -> impl DoubleEndedIterator<Item = &Waiting<W>> {
        let crowd = match self {
            Entry::Sole(_) => None,
            Entry::Crowd(crowd) => Some(crowd),
        };
        crowd.into_iter().flat_map(|crowd| &crowd.waiters)
    }

    /// Whether nobody holds the key, so that its entry can go. Then nobody waits for it either: the first waiter would
    /// have been granted.
    pub fn is_unused(&self, planted: Planted<Bug>) -> bool {
        self.holdings().is_empty() && !planted.is(Bug::KeepsUnused)
    }

    /// An owner's holding.
    pub fn holding_of(&self, owner: OwnerId) -> Option<&Holding> {
        self.holdings().iter().find(|holding| holding.owner == owner)
    }

    /// Whether the mode is compatible with what all others hold.
    fn admits(&self, owner: OwnerId, mode: Mode, ledger: &Ledger) -> bool {
        let compared = if ledger.planted.is(Bug::ComparesWithFirstHolder) { 1 } else { usize::MAX };
        let others = self.holdings().iter().filter(|holding| holding.owner != owner).take(compared);
        others.into_iter().all(|holding| holding.mode.is_compatible_with(mode))
    }

    /// The holders whose mode conflicts with a waiter's.
    fn opponents<'a>(&'a self, waiting: &'a Waiting<W>) -> impl Iterator<Item = OwnerId> + 'a {
        let conflicts =
            |holding: &&Holding| holding.owner != waiting.owner && !holding.mode.is_compatible_with(waiting.mode);
        self.holdings().iter().filter(conflicts).map(|holding| holding.owner)
    }

    fn crowd(&mut self) -> &mut Crowd<W> {
        if let Entry::Sole(holding) = *self {
            let (generation, granted) = (holding.sequencer, Modes::of(holding.mode));
            let (holdings, waiters) = (vec![holding], VecDeque::new());
            *self = Entry::Crowd(Box::new(Crowd { holdings, waiters, generation, granted }));
        }
        match self {
            Entry::Crowd(crowd) => crowd,
            Entry::Sole(_) => unreachable!("it was made a crowd above"),
        }
    }
}

impl<W> Crowd<W> {
    /// Grants waiters in their order, as long as the first is compatible with what all others hold.
    fn serve(&mut self, ledger: &mut Ledger, mut accept: impl FnMut(&W, &Holding) -> bool) {
        while let Some(first) = self.waiters.front() {
            let conflicts =
                |holding: &&Holding| holding.owner != first.owner && !holding.mode.is_compatible_with(first.mode);
            if self.holdings.iter().any(|holding| conflicts(&holding)) {
                break;
            }
            let (generation, granted) = self.present(first.owner, first.mode, ledger);
            let holding = Holding { owner: first.owner, sequencer: generation, mode: first.mode, since: ledger.now };
            let accepted = accept(&first.waiter, &holding);
            self.waiters.pop_front();
            if accepted {
                self.begin(holding, granted, ledger);
            }
            if ledger.planted.is(Bug::ServesOne) || (!accepted && ledger.planted.is(Bug::ServeEndsAtDeadWaiter)) {
                break;
            }
        }
    }

    /// Grants what was asked for.
    fn grant(&mut self, owner: OwnerId, mode: Mode, ledger: &mut Ledger) -> u64 {
        let (generation, granted) = self.present(owner, mode, ledger);
        let kept = self.holdings.iter().find(|holding| holding.owner == owner).map(|holding| holding.sequencer);
        let sequencer = kept.filter(|_| ledger.planted.is(Bug::ConversionKeepsSequencer)).unwrap_or(generation);
        self.begin(Holding { owner, sequencer, mode, since: ledger.now }, granted, ledger);
        sequencer
    }

    /// The generation that a holding would have, and the modes granted in it then. It is the present one for who joins
    /// others and conflicts with nothing in it. Whoever converts counts as gone before.
    fn present(&self, owner: OwnerId, mode: Mode, ledger: &Ledger) -> (u64, Modes) {
        let joins = self.holdings.iter().any(|holding| holding.owner != owner);
        let conflicts = self.granted.conflict_with(mode) && !ledger.planted.is(Bug::JoinerKeepsGeneration);
        if joins && !conflicts {
            (self.generation, self.granted.with(mode))
        } else {
            (ledger.generation + 1, Modes::of(mode))
        }
    }

    /// Begins a holding in place of the one that its owner has, if any.
    fn begin(&mut self, holding: Holding, granted: Modes, ledger: &mut Ledger) {
        ledger.generation = ledger.generation.max(holding.sequencer);
        (self.generation, self.granted) = (holding.sequencer, granted);
        match self.holdings.iter_mut().find(|other| other.owner == holding.owner) {
            Some(converted) => *converted = holding,
            None => self.holdings.push(holding),
        }
    }
}
