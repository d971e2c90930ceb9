//! SWIM: Das, Gupta and Motivala, *SWIM: Scalable Weakly-consistent Infection-style Process Group Membership Protocol*
//! (DSN 2002), as hashicorp/memberlist ships it. What it must promise is Chandra and Toueg's eventually perfect
//! detector, *Unreliable Failure Detectors for Reliable Distributed Systems* (JACM 1996), section 3. The network is
//! that of Dwork, Lynch and Stockmeyer, *Consensus in the Presence of Partial Synchrony* (JACM 1988): from some moment
//! on that nobody knows, it is timely.
//!
//! Time is left out but for what a timeout says, and so is the detector that tells it. That a fixed time has elapsed,
//! or that the accrual detector's level has crossed its threshold (Hayashibara et al., *The phi accrual failure
//! detector*, SRDS 2004), is the same choice here: it may happen at any time as long as the network is not timely, and
//! of a node that is up not after that. A ping that is answered in time changes nothing and is no step. Whom to ping
//! and whom to tell is any choice, where SWIM takes turns and draws lots: fairness stands for both. Left out:
//! suspicions that last less long the more nodes have them, metadata, and leaving on purpose.
//!
//! What befalls the nodes has budgets: wrong timeouts, false deaths, crashes, restarts, late rumours. Incarnations have
//! none: a node can always refute. It refines nothing.

mod bounds;
mod catalogue;
mod mutants;
mod properties;
mod scene;
mod symmetry;
mod view;

pub use mutants::Bug;
pub use view::{Entry, Probe, Rumour, Status};

use crate::guard::guards;
use crate::{Few, Map};
use proofmark_vocabulary::{Model, Property};
use view::MOST_INCARNATION;
use zerocopy::{ByteHash, Immutable, IntoBytes};

/// As many nodes as a state has room for.
const MOST_NODES: usize = 4;
/// As many late rumours.
const MOST_LATE: usize = 2;

/// The constants, and the bug planted in the model, if any.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a feature that is there or not")]
pub struct FailureDetector {
    /// How many nodes there are.
    pub nodes: usize,
    /// How many helpers are asked for an indirect probe, if there are so many.
    pub helpers: usize,
    /// How often a ping of a node that is up is not answered in time.
    pub wrong_timeouts: u8,
    /// How often a suspicion ends before the node that is up has refuted it.
    pub false_deaths: u8,
    /// How often a node crashes.
    pub crashes: u8,
    /// How often one restarts.
    pub restarts: u8,
    /// How many rumours are delayed.
    pub late: u8,
    /// How often one of them arrives and is still to arrive again.
    pub duplicates: u8,
    /// Whether a node's incarnation is on its disk.
    pub durable: bool,
    /// Whether the dead leave the list of members.
    pub removal: bool,
    /// Whether a node remembers of whom it has removed the incarnation.
    pub tombstones: bool,
    /// Whether a node that is up refutes its death.
    pub resurrection: bool,
    /// Whether a node also joins by nodes that it has removed, and not only when it holds nobody alive or suspect.
    pub reconnects: bool,
    /// The bug.
    pub bug: Option<Bug>,
}

/// The variables. A state is hashed as the bytes that it is, so between the variables there is no gap.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, ByteHash, IntoBytes, Immutable)]
#[repr(C)]
pub struct State {
    /// How each node holds every other one. How it holds itself is its own incarnation.
    pub table: [[Entry; MOST_NODES]; MOST_NODES],
    /// The probe of each.
    pub probe: [Probe; MOST_NODES],
    /// The rumours that the network has delayed, in descending order.
    pub late: [Rumour; MOST_LATE],
    /// The greatest incarnation that each node ever had: a history variable.
    pub issued: Map<u8, u32>,
    /// What is used up of each budget.
    pub spent: Map<u8, u32>,
    /// Of whom each has begun to time a suspicion. It says no more than the table does, but for a bug.
    pub timed: [Few; MOST_NODES],
    /// The nodes that are up.
    pub up: Few,
    /// The nodes that have restarted: a history variable.
    pub restarted: Few,
    /// Whether the network is timely.
    pub timely: bool,
    /// Nothing: it fills the word.
    pub filler: u8,
}

/// Places of [`State::spent`].
const TIMEOUTS: usize = 0;
const DEATHS: usize = 1;
const CRASHES: usize = 2;
const RESTARTS: usize = 3;
const LATE: usize = 4;
const DUPLICATES: usize = 5;

/// The actions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// A node's ping of another is not answered in time, or the level of its suspicion crosses the threshold; it asks
    /// helpers.
    Timeout(usize, usize, Few),
    /// The answer comes late.
    Ack(usize),
    /// A helper reaches the node that the first one probes.
    Reach(usize, usize),
    /// The helper says so.
    Relay(usize, usize),
    /// Nothing comes from the helper.
    Fail(usize, usize),
    /// A node suspects the one that it probes.
    Suspect(usize),
    /// A suspicion has lasted for its time.
    Confirm(usize, usize),
    /// A node removes another one that is dead.
    Remove(usize, usize),
    /// A node tells another what it holds of a third, or of the other itself.
    Gossip(usize, usize, usize),
    /// It does, and the network delays it.
    Delay(usize, usize, usize),
    /// A late rumour arrives.
    Deliver(Rumour),
    /// A late rumour arrives, and another time later.
    Duplicate(Rumour),
    /// A node joins by another: both tell each other all that they hold, and then of themselves.
    Join(usize, usize),
    /// A node crashes.
    Crash(usize),
    /// A node restarts.
    Restart(usize),
    /// The network becomes timely.
    Stabilise,
}

guards! {
    FailureDetector:
    /// Who acts is up.
    Up = "up",
    /// Who is told something is up.
    ReceiverUp = "receiver-up",
    /// The node is down, to restart.
    Down = "down",
    /// The node probes nobody: one probe at a time.
    Idle = "idle",
    /// Who is probed is held alive.
    HeldAlive = "held-alive",
    /// Who answers is up.
    TargetUp = "target-up",
    /// No helper is waited for, and none has reached the node.
    HelpersFailed = "helpers-failed",
    /// Who is confirmed dead is suspected, in this incarnation.
    Suspected = "suspected",
    /// Who is removed is dead.
    Dead = "dead",
    /// Who is told is a member, or is told of itself and asks; and of others only members are spoken of.
    Told = "told",
    /// Who is said to be alive is unknown, or was held in an earlier incarnation.
    Later = "later",
    /// Who is accused is a member.
    Member = "member",
    /// Who is accused is not held in a later incarnation.
    NotOlder = "not-older",
    /// The accusation is of a later incarnation, or worse than what is held.
    Worse = "worse",
    /// What a node hears of itself is not of an earlier incarnation than its own.
    Accused = "accused",
}

impl State {
    /// How `i` holds `k`.
    #[inline]
    pub fn holds(&self, i: usize, k: usize) -> Entry {
        self.table[i][k]
    }

    /// The incarnation of a node; of one that is down, what its disk has of it.
    #[inline]
    pub fn incarnation(&self, k: usize) -> u8 {
        self.table[k][k].incarnation()
    }

    /// A probe says nothing of whoever is held otherwise than when it began, and ends.
    fn held(mut self, i: usize, k: usize, entry: Entry) -> Self {
        self.table[i][k] = entry;
        if self.probe[i].target() == Some(k) {
            self.probe[i] = Probe::default();
        }
        self
    }

    fn probing(mut self, i: usize, probe: Probe) -> Self {
        self.probe[i] = probe;
        self
    }

    fn spending(self, budget: usize) -> Self {
        Self { spent: self.spent.with(budget, self.spent.get(budget).saturating_add(1).min(15)), ..self }
    }

    /// Whether it would be false that `k` is dead as `i` holds it: it is up, and in no later incarnation.
    fn is_false_death(&self, i: usize, k: usize) -> bool {
        self.up.contains(k) && self.holds(i, k).incarnation() >= self.incarnation(k)
    }

    fn without_rumour(&self, rumour: Rumour) -> Self {
        let mut left = *self;
        if let Some(at) = left.late.iter().position(|&other| other == rumour) {
            left.late[at] = Rumour::default();
            left.late.sort_unstable_by(|one, other| other.cmp(one));
        }
        left
    }
}

impl FailureDetector {
    fn timeout(&self, s: &State, i: usize, k: usize, helpers: Few) -> Result<State, Guard> {
        self.require(s.up.contains(i), Guard::Up)?;
        self.require(s.probe[i].target().is_none(), Guard::Idle)?;
        self.require(s.holds(i, k).is_alive(), Guard::HeldAlive)?;
        let known = if self.bug == Some(Bug::SuspectsBeforeIndirect) { Self::suspecting(s, i, k, 0) } else { *s };
        let next = known.probing(i, Probe::new(k, helpers));
        Ok(if s.up.contains(k) { next.spending(TIMEOUTS) } else { next })
    }

    /// memberlist goes on to wait for the direct answer, and asks once more by TCP, while helpers are at it.
    fn ack(&self, s: &State, i: usize) -> Result<State, Guard> {
        self.require(s.probe[i].target().is_some_and(|k| s.up.contains(k)), Guard::TargetUp)?;
        Ok(s.probing(i, Probe::default()))
    }

    fn reach(&self, s: &State, i: usize, helper: usize) -> Result<State, Guard> {
        self.require(s.up.contains(helper), Guard::Up)?;
        self.require(s.probe[i].target().is_some_and(|k| s.up.contains(k)), Guard::TargetUp)?;
        Ok(s.probing(i, s.probe[i].reaches(helper)))
    }

    fn relay(&self, s: &State, i: usize, helper: usize) -> Result<State, Guard> {
        self.require(s.up.contains(helper), Guard::Up)?;
        Ok(s.probing(i, Probe::default()))
    }

    fn fail(s: &State, i: usize, helper: usize) -> State {
        s.probing(i, s.probe[i].fails(helper))
    }

    fn suspect(&self, s: &State, i: usize) -> Result<State, Guard> {
        let probe = s.probe[i];
        let failed = probe.waiting().is_empty() && probe.reached().is_empty();
        self.require(failed, Guard::HelpersFailed)?;
        let Some(k) = probe.target() else { return Ok(*s) };
        Ok(Self::suspecting(s, i, k, u8::from(self.bug == Some(Bug::AccuserRaises))))
    }

    fn suspecting(s: &State, i: usize, k: usize, raised: u8) -> State {
        let incarnation = (s.holds(i, k).incarnation() + raised).min(MOST_INCARNATION);
        let mut next = s.held(i, k, Entry::new(Status::Suspect, incarnation));
        next.timed[i] = next.timed[i].with(k);
        next
    }

    /// The timer of a suspicion is of an incarnation, and ends with it.
    fn confirm(&self, s: &State, i: usize, k: usize) -> Result<State, Guard> {
        self.require(s.up.contains(i), Guard::Up)?;
        self.require(s.holds(i, k).status() == Status::Suspect || self.is_stale_timer(s, i, k), Guard::Suspected)?;
        let next = s.held(i, k, s.holds(i, k).to(Status::Dead));
        let next = self.timing(next, i, k);
        Ok(if s.is_false_death(i, k) && !self.is_stale_timer(s, i, k) { next.spending(DEATHS) } else { next })
    }

    /// Whether a timer runs of somebody who is not suspected any more.
    fn is_stale_timer(&self, s: &State, i: usize, k: usize) -> bool {
        self.bug == Some(Bug::TimerOfMember) && s.timed[i].contains(k) && s.holds(i, k).is_alive()
    }

    /// A timer runs as long as there is a suspicion; the bug stops it only when the member is dead.
    fn timing(&self, mut s: State, i: usize, k: usize) -> State {
        let entry = s.holds(i, k);
        if entry.status() == Status::Suspect {
            s.timed[i] = s.timed[i].with(k);
        } else if !(self.bug == Some(Bug::TimerOfMember) && entry.is_alive()) {
            s.timed[i] = s.timed[i].without(k);
        }
        s
    }

    fn remove(&self, s: &State, i: usize, k: usize) -> Result<State, Guard> {
        self.require(s.up.contains(i), Guard::Up)?;
        self.require(s.holds(i, k).status() == Status::Dead, Guard::Dead)?;
        Ok(self.timing(s.held(i, k, s.holds(i, k).to(Status::Removed)), i, k))
    }

    /// What `i` would tell of `k`: of somebody it has removed and remembers, that it is dead.
    fn told(&self, s: &State, i: usize, k: usize) -> Option<Entry> {
        let entry = s.holds(i, k);
        match entry.status() {
            Status::Unknown => None,
            Status::Removed => self.tombstones.then(|| entry.to(Status::Dead)),
            _ => Some(entry),
        }
    }

    /// Members are told, also those that are held dead: they may be up. Of itself a node is told also by those that
    /// have removed it, when it asks: else it could not refute (hashicorp/memberlist#311).
    fn tells(&self, s: &State, i: usize, j: usize, k: usize) -> bool {
        if k != j {
            return s.holds(i, j).is_member() && s.holds(i, k).is_member();
        }
        if self.bug == Some(Bug::DeadNotTold) {
            return matches!(s.holds(i, j).status(), Status::Alive | Status::Suspect);
        }
        s.holds(i, j).is_member() || s.holds(j, i).is_member()
    }

    fn gossip(&self, s: &State, i: usize, j: usize, k: usize) -> Result<State, Guard> {
        self.require(s.up.contains(i), Guard::Up)?;
        self.require(self.tells(s, i, j, k), Guard::Told)?;
        let says = self.told(s, i, k).ok_or(Guard::Told)?;
        self.hear(s, Rumour::new(i, j, k, says))
    }

    fn delay(&self, s: &State, i: usize, j: usize, k: usize) -> Result<State, Guard> {
        self.require(s.up.contains(i), Guard::Up)?;
        self.require(self.tells(s, i, j, k), Guard::Told)?;
        let says = self.told(s, i, k).ok_or(Guard::Told)?;
        let mut next = s.spending(LATE);
        next.late[MOST_LATE - 1] = Rumour::new(i, j, k, says);
        next.late.sort_unstable_by(|one, other| other.cmp(one));
        Ok(next)
    }

    /// A late rumour that is no news is gone all the same.
    fn deliver(&self, s: &State, rumour: Rumour) -> Result<State, Guard> {
        self.require(s.up.contains(rumour.to()), Guard::ReceiverUp)?;
        Ok(self.hear(s, rumour).unwrap_or(*s).without_rumour(rumour))
    }

    fn duplicate(&self, s: &State, rumour: Rumour) -> Result<State, Guard> {
        Ok(self.hear(s, rumour)?.spending(DUPLICATES))
    }

    /// The rules of section 4.2, by which a rumour is news or is not. A confirmation is about an incarnation too, which
    /// it is not there: otherwise no node could come back.
    fn hear(&self, s: &State, rumour: Rumour) -> Result<State, Guard> {
        let (j, k, says) = (rumour.to(), rumour.about(), rumour.says());
        self.require(s.up.contains(j), Guard::ReceiverUp)?;
        if j == k {
            return self.hear_of_oneself(s, j, says);
        }
        let held = s.holds(j, k);
        if says.is_alive() {
            let known = held.is_member() || self.tombstones && held.status() == Status::Removed;
            let equal = self.bug == Some(Bug::EqualAlive) && held.status() == Status::Suspect;
            let later = says.incarnation() > held.incarnation();
            let later = later || equal && says.incarnation() == held.incarnation();
            self.require(!known || later, Guard::Later)?;
        } else {
            let adds = self.bug == Some(Bug::SuspectAdds) && says.status() == Status::Suspect && !held.is_member();
            let any = self.bug == Some(Bug::DeathOfAny) && says.status() == Status::Dead;
            self.require(held.is_member() || adds, Guard::Member)?;
            self.require(says.incarnation() >= held.incarnation() || any, Guard::NotOlder)?;
            self.require(
                says.incarnation() > held.incarnation() || says.status() > held.status() || adds,
                Guard::Worse,
            )?;
        }
        Ok(self.timing(s.held(j, k, says), j, k))
    }

    /// Section 4.2: the node refutes in an incarnation that is later than the one it is accused of. So it does when it
    /// hears of an earlier life of its own.
    fn hear_of_oneself(&self, s: &State, j: usize, says: Entry) -> Result<State, Guard> {
        let own = s.incarnation(j);
        let accused = match says.status() {
            Status::Alive => says.incarnation() > own,
            Status::Suspect => says.incarnation() >= own,
            _ => says.incarnation() >= own && self.resurrection,
        };
        let forgotten = self.bug == Some(Bug::EarlierLifeIgnored) && says.incarnation() > own;
        self.require(accused && !forgotten, Guard::Accused)?;
        let raised = u8::from(self.bug != Some(Bug::RefutesInPlace));
        Ok(Self::reborn(s, j, says.incarnation().max(own) + raised))
    }

    fn reborn(s: &State, j: usize, incarnation: u8) -> State {
        let incarnation = incarnation.min(MOST_INCARNATION);
        let mut next = *s;
        next.table[j][j] = Entry::new(Status::Alive, incarnation);
        next.issued.set(j, next.issued.get(j).max(incarnation));
        next
    }

    /// memberlist's push and pull: who joins and its seed tell each other all that they hold, of the members that are
    /// neither of them too. They begin with what they hold of each other, so that each can refute it at once.
    fn join(&self, s: &State, k: usize, seed: usize) -> Result<State, Guard> {
        self.require(s.up.contains(k), Guard::Up)?;
        self.require(s.up.contains(seed), Guard::ReceiverUp)?;
        let accuse = |s: State, i: usize, j: usize| {
            let says = self.told(&s, i, j).map(|says| Rumour::new(i, j, j, says));
            says.and_then(|rumour| self.hear(&s, rumour).ok()).unwrap_or(s)
        };
        let meet = |s: &State, i: usize, j: usize| self.hear(s, Rumour::new(i, j, i, s.holds(i, i)));
        let known = accuse(accuse(*s, seed, k), k, seed);
        let joined = meet(&known, k, seed).unwrap_or(known);
        let both = meet(&joined, seed, k).unwrap_or(joined);
        let tell = |s: State, i: usize, j: usize, other: usize| {
            let says = s.holds(i, other);
            let news = says.is_member().then(|| self.hear(&s, Rumour::new(i, j, other, says)).ok());
            news.flatten().unwrap_or(s)
        };
        let others = self.all().filter(|&other| other != k && other != seed);
        let next = others.fold(both, |s, other| tell(tell(s, seed, k, other), k, seed, other));
        if next == *s { Err(Guard::Later) } else { Ok(next) }
    }

    /// A crash takes all but what is on disk.
    fn crash(&self, s: &State, k: usize) -> State {
        let mut next = State { up: s.up.without(k), ..*s }.spending(CRASHES);
        let incarnation = if self.durable { s.incarnation(k) } else { 0 };
        next.table[k] = [Entry::default(); MOST_NODES];
        next.table[k][k] = Entry::new(Status::Alive, incarnation);
        next.probe[k] = Probe::default();
        next.timed[k] = Few::NONE;
        next
    }

    fn restart(&self, s: &State, k: usize) -> Result<State, Guard> {
        self.require(!s.up.contains(k), Guard::Down)?;
        let raised = self.durable && self.bug != Some(Bug::RestartsInPlace);
        let next = State { up: s.up.with(k), restarted: s.restarted.with(k), ..s.spending(RESTARTS) };
        Ok(Self::reborn(&next, k, s.incarnation(k) + u8::from(raised)))
    }

    fn take(&self, s: &State, action: Action) -> Result<State, Guard> {
        match action {
            Action::Timeout(i, k, helpers) => self.timeout(s, i, k, helpers),
            Action::Ack(i) => self.ack(s, i),
            Action::Reach(i, helper) => self.reach(s, i, helper),
            Action::Relay(i, helper) => self.relay(s, i, helper),
            Action::Fail(i, helper) => Ok(Self::fail(s, i, helper)),
            Action::Suspect(i) => self.suspect(s, i),
            Action::Confirm(i, k) => self.confirm(s, i, k),
            Action::Remove(i, k) => self.remove(s, i, k),
            Action::Gossip(i, j, k) => self.gossip(s, i, j, k),
            Action::Delay(i, j, k) => self.delay(s, i, j, k),
            Action::Deliver(rumour) => self.deliver(s, rumour),
            Action::Duplicate(rumour) => self.duplicate(s, rumour),
            Action::Join(k, seed) => self.join(s, k, seed),
            Action::Crash(k) => Ok(self.crash(s, k)),
            Action::Restart(k) => self.restart(s, k),
            Action::Stabilise => Ok(State { timely: true, ..*s }),
        }
    }
}

/// What may happen, by budgets and by what a timely network keeps from happening.
impl FailureDetector {
    fn all(&self) -> impl Iterator<Item = usize> + Clone + use<> {
        0..self.nodes
    }

    fn pairs(&self) -> impl Iterator<Item = (usize, usize)> + use<> {
        let nodes = self.nodes;
        (0..nodes).flat_map(move |i| (0..nodes).filter(move |&k| k != i).map(move |k| (i, k)))
    }

    /// Whom `i` can ask to ping `k`: the others that it holds alive.
    fn can_help(&self, s: &State, i: usize, k: usize) -> Few {
        self.all().filter(|&helper| helper != i && helper != k && s.holds(i, helper).is_alive()).collect()
    }

    fn of_probe(s: &State, i: usize, actions: &mut Vec<Action>) {
        let probe = s.probe[i];
        let Some(k) = probe.target() else { return };
        actions.extend([Action::Ack(i), Action::Suspect(i)]);
        actions.extend(probe.waiting().iter().map(|helper| Action::Reach(i, helper)));
        actions.extend(probe.reached().iter().map(|helper| Action::Relay(i, helper)));
        let in_time = |helper: usize| s.timely && s.up.contains(helper);
        let waiting = probe.waiting().iter().filter(|&helper| !(in_time(helper) && s.up.contains(k)));
        let reached = probe.reached().iter().filter(|&helper| !in_time(helper));
        actions.extend(waiting.chain(reached).map(|helper| Action::Fail(i, helper)));
    }

    fn of_pair(&self, s: &State, i: usize, k: usize, actions: &mut Vec<Action>) {
        if !s.up.contains(k) || !s.timely && s.spent.get(TIMEOUTS) < self.wrong_timeouts {
            let can_help = self.can_help(s, i, k);
            let asked = if self.bug == Some(Bug::AsksNobody) { 0 } else { self.helpers.min(can_help.len()) };
            let sets = Few::of_size(asked, self.nodes).filter(|set| set.intersection(can_help) == *set);
            actions.extend(sets.map(|helpers| Action::Timeout(i, k, helpers)));
        }
        let in_time = s.timely || s.spent.get(DEATHS) >= self.false_deaths;
        if !s.is_false_death(i, k) || !in_time || self.is_stale_timer(s, i, k) {
            actions.push(Action::Confirm(i, k));
        }
        if self.removal {
            actions.push(Action::Remove(i, k));
        }
        actions.extend(self.all().map(|about| Action::Gossip(i, k, about)));
        if s.spent.get(LATE) < self.late {
            actions.extend(self.all().map(|about| Action::Delay(i, k, about)));
        }
        let knows = |other| matches!(s.holds(i, other).status(), Status::Alive | Status::Suspect);
        let knows_nobody = !self.all().any(|other| other != i && knows(other));
        if !s.holds(i, k).is_member() && (self.reconnects || knows_nobody) {
            actions.push(Action::Join(i, k));
        }
    }
}

impl Model for FailureDetector {
    type State = State;
    type Action = Action;

    /// All are up and know of each other.
    fn init_states(&self) -> Vec<State> {
        let mut start = State { up: Few::below(self.nodes), ..State::default() };
        for (i, k) in self.pairs().chain(self.all().map(|i| (i, i))) {
            start.table[i][k] = Entry::new(Status::Alive, 0);
        }
        vec![start]
    }

    fn actions(&self, s: &State, actions: &mut Vec<Action>) {
        self.all().for_each(|i| Self::of_probe(s, i, actions));
        self.pairs().for_each(|(i, k)| self.of_pair(s, i, k, actions));
        let late = s.late.iter().filter(|rumour| !rumour.is_none());
        actions.extend(late.clone().map(|&rumour| Action::Deliver(rumour)));
        if s.spent.get(DUPLICATES) < self.duplicates {
            actions.extend(late.map(|&rumour| Action::Duplicate(rumour)));
        }
        if s.spent.get(CRASHES) < self.crashes {
            actions.extend(s.up.iter().map(Action::Crash));
        }
        if s.spent.get(RESTARTS) < self.restarts {
            actions.extend(self.all().map(Action::Restart));
        }
        if !s.timely {
            actions.push(Action::Stabilise);
        }
    }

    fn next_state(&self, s: &State, action: Action) -> Option<State> {
        self.take(s, action).ok()
    }

    fn properties(&self) -> Vec<Property<Self>> {
        properties::of_states(self)
    }
}
