//! What a failure detector promises: Chandra and Toueg, section 3, and what SWIM's incarnations are for.

use super::{Action, Entry, FailureDetector, Guard, RESTARTS, State, Status, TIMEOUTS, scene};
use crate::Few;
use crate::drawn::{drawn, worded};
use crate::guard::guarded;
use proofmark_vocabulary::{Describe, Fairness, Property, Temporal};

pub(super) const EARNED: &str = "incarnations are earned";
pub(super) const NOT_AHEAD: &str = "no rumour is ahead of whom it is about";
pub(super) const PROBES_ALIVE: &str = "who is probed is held alive";
pub(super) const GROW: &str = "incarnations grow within a life";
pub(super) const NEVER_LATER: &str =
    "a rumour about an incarnation never changes a later one, nor re-adds a removed member";
pub(super) const AFTER_INDIRECT: &str = "suspect only after indirect probes fail";
pub(super) const FINAL: &str = "dead is final for an incarnation";
pub(super) const ONCE_SUSPECTED: &str = "a rumour was once true or suspected";
pub(super) const CONFIRMED: &str = "only a suspected incarnation is found dead";
pub(super) const REMOVED: &str = "only the dead are removed";
pub(super) const MEMBERS_TOLD: &str = "only members are told";
pub(super) const ONE_PROBE: &str = "one probe at a time";
pub(super) const DOWN: &str = "who is down does nothing";
pub(super) const LIFE_AFTER_CRASH: &str = "a life begins after a crash";
pub(super) const COMPLETENESS: &str = "strong completeness";
pub(super) const ACCURACY: &str = "eventual accuracy";
pub(super) const ALIVE_AGAIN: &str = "a restarted node is alive again everywhere";
pub(super) const SUSPICION_ENDS: &str = "a suspicion ends";
pub(super) const LEAVES: &str = "a crashed node leaves every list";
pub(super) const CAN_AGREE: &str = "who is up can be alive everywhere";

/// The claims of behaviours, whose check keeps the graph of all steps.
pub(super) const LIVENESS: &[&str] = &[COMPLETENESS, ACCURACY, ALIVE_AGAIN, SUSPICION_ENDS, LEAVES, CAN_AGREE];

impl State {
    /// Whether everybody that is up holds `k` alive.
    pub(super) fn is_alive_everywhere(&self, k: usize) -> bool {
        self.up.iter().all(|i| self.holds(i, k).is_alive())
    }

    /// Whether nobody that is up holds `k` alive.
    pub(super) fn is_alive_nowhere(&self, k: usize) -> bool {
        self.up.iter().all(|i| i == k || !self.holds(i, k).is_alive())
    }

    /// Whether nobody that is up holds `k` for a member.
    pub(super) fn is_listed_nowhere(&self, k: usize) -> bool {
        self.up.iter().all(|i| i == k || !self.holds(i, k).is_member())
    }

    /// All that is said of `k`: by nodes, and by rumours on their way.
    fn said_of(&self, k: usize) -> impl Iterator<Item = Entry> {
        let held = self.table.iter().enumerate().filter(move |(i, _)| *i != k).map(move |(_, of)| of[k]);
        let late = self.late.iter().filter(move |rumour| !rumour.is_none() && rumour.about() == k);
        held.chain(late.map(|rumour| rumour.says())).filter(|said| said.status() != Status::Unknown)
    }

    /// Whether somebody says that `k` is suspect or worse in an incarnation.
    fn is_accused(&self, k: usize, incarnation: u8) -> bool {
        self.said_of(k).any(|said| said.accuses() && said.incarnation() == incarnation)
    }
}

/// Parts of the claims of states.
impl FailureDetector {
    /// Whether a node that is up has refuted, and nobody holds anything else of it.
    fn has_refuted(s: &State) -> bool {
        s.up.iter().any(|k| {
            let refuted = s.incarnation(k) > 0 && !s.restarted.contains(k) && s.is_alive_everywhere(k);
            refuted && s.said_of(k).all(|said| said.incarnation() == s.incarnation(k))
        })
    }

    /// Whether one has removed a node that the other has let rejoin.
    fn has_rejoined(s: &State) -> bool {
        s.up.iter().any(|k| {
            let removed = |i: usize| s.holds(i, k).status() == Status::Removed;
            let later =
                |i, j: usize| s.holds(j, k).is_alive() && s.holds(j, k).incarnation() > s.holds(i, k).incarnation();
            s.up.iter().filter(|&i| removed(i)).any(|i| s.up.iter().any(|j| later(i, j)))
        })
    }

    /// What an incarnation can be: each is one of a restart, or refutes what came of one wrong timeout.
    pub(super) fn earned(s: &State) -> u8 {
        s.spent.get(TIMEOUTS) + s.spent.get(RESTARTS)
    }

    /// Whether nothing that is said of a node is of an incarnation that it never had.
    pub(super) fn is_not_ahead(s: &State, k: usize) -> bool {
        s.said_of(k).all(|said| said.incarnation() <= s.issued.get(k))
    }

    /// Whether the node's probe, if there is one, is of somebody that it holds alive.
    pub(super) fn probes_alive(s: &State, i: usize) -> bool {
        s.probe[i].target().is_none_or(|k| s.holds(i, k).is_alive())
    }
}

pub(super) fn of_states(m: &FailureDetector) -> Vec<Property<FailureDetector>> {
    let mut properties = vec![
        Property::always(EARNED, |m: &FailureDetector, s: &State| {
            m.all().all(|k| s.issued.get(k) <= FailureDetector::earned(s))
        }),
        Property::always(NOT_AHEAD, |m, s| m.all().all(|k| FailureDetector::is_not_ahead(s, k))),
        Property::always(PROBES_ALIVE, |m, s| m.all().all(|i| FailureDetector::probes_alive(s, i))),
    ];
    if m.wrong_timeouts > 0 {
        properties.push(Property::sometimes("can refute a wrong suspicion", |_, s| FailureDetector::has_refuted(s)));
    }
    if m.wrong_timeouts > 0 && m.helpers > 0 {
        let saved = |m: &FailureDetector, s: &State| m.all().any(|i| !s.probe[i].reached().is_empty());
        properties.push(Property::sometimes("can be saved by an indirect probe", saved));
    }
    if m.false_deaths > 0 {
        let wronged = |m: &FailureDetector, s: &State| {
            m.pairs().any(|(i, k)| s.holds(i, k).status() == Status::Dead && s.is_false_death(i, k))
        };
        properties.push(Property::sometimes("can be found dead wrongly", wronged));
    }
    if m.crashes > 0 {
        let found = |m: &FailureDetector, s: &State| {
            let dead = |i: usize, k| s.up.contains(i) && s.holds(i, k).status() >= Status::Dead;
            m.pairs().any(|(i, k)| !s.up.contains(k) && dead(i, k))
        };
        properties.push(Property::sometimes("can find a crashed node", found));
    }
    if m.crashes > 0 && m.removal {
        let gone = |m: &FailureDetector, s: &State| {
            m.all().any(|k| !s.up.contains(k) && !s.up.is_empty() && s.is_listed_nowhere(k))
        };
        properties.push(Property::sometimes("can remove a crashed node", gone));
    }
    if m.restarts > 0 {
        let back = |m: &FailureDetector, s: &State| {
            m.all().any(|k| s.up.contains(k) && s.restarted.contains(k) && s.is_alive_everywhere(k))
        };
        properties.push(Property::sometimes("can restart and be alive again everywhere", back));
    }
    if m.removal && m.nodes > 2 && (m.restarts > 0 || m.false_deaths > 0 && m.resurrection) {
        properties.push(Property::sometimes("can rejoin after removal", |_, s| FailureDetector::has_rejoined(s)));
    }
    properties
}

pub(super) fn of_behaviours(m: &FailureDetector) -> Vec<Temporal<FailureDetector>> {
    let mut claims = vec![
        Temporal::step(GROW, grow),
        Temporal::step(NEVER_LATER, never_later),
        Temporal::step(AFTER_INDIRECT, after_indirect),
        Temporal::step(FINAL, dead_is_final),
        Temporal::step(ONCE_SUSPECTED, once_suspected),
        Temporal::step(CONFIRMED, only_suspected),
        Temporal::step(REMOVED, only_dead),
        Temporal::step(MEMBERS_TOLD, only_members),
        Temporal::step(ONE_PROBE, one_probe),
        Temporal::step(DOWN, down),
        Temporal::step(LIFE_AFTER_CRASH, life_after_crash),
    ];
    let all_alive = |m: &FailureDetector, s: &State| m.all().all(|k| !s.up.contains(k) || s.is_alive_everywhere(k));
    claims.push(Temporal::eventually_always(ACCURACY, move |m, s| s.timely && all_alive(m, s), m.fairness()));
    claims.push(Temporal::always_can(
        CAN_AGREE,
        all_alive,
        Some(Box::new(|action| matches!(action, Action::Crash(_) | Action::Restart(_)))),
    ));
    if m.crashes > 0 {
        let held = |m: &FailureDetector, s: &State| m.all().all(|k| s.up.contains(k) || s.is_alive_nowhere(k));
        claims.push(Temporal::eventually_always(COMPLETENESS, held, m.fairness()));
        if m.removal {
            let gone = |m: &FailureDetector, s: &State| m.all().all(|k| s.up.contains(k) || s.is_listed_nowhere(k));
            claims.push(Temporal::eventually_always(LEAVES, gone, m.fairness()));
        }
    }
    if m.crashes > 0 || m.wrong_timeouts > 0 {
        let suspected = |_: &FailureDetector, s: &State| s.holds(0, 1).status() == Status::Suspect;
        claims.push(Temporal::leads_to(SUSPICION_ENDS, suspected, move |m, s| !suspected(m, s), m.fairness()));
    }
    if m.restarts > 0 {
        let again = |_: &FailureDetector, s: &State| !s.up.contains(0) || s.is_alive_everywhere(0);
        let restarted = move |m: &FailureDetector, s: &State| s.restarted.contains(0) && !again(m, s);
        claims.push(Temporal::leads_to(ALIVE_AGAIN, restarted, again, m.fairness()));
    }
    claims
}

fn only_suspected(_: &FailureDetector, before: &State, action: &Action, after: &State) -> bool {
    match *action {
        Action::Confirm(i, k) => before.holds(i, k) == after.holds(i, k).to(Status::Suspect),
        _ => true,
    }
}

fn only_dead(_: &FailureDetector, before: &State, action: &Action, after: &State) -> bool {
    match *action {
        Action::Remove(i, k) => before.holds(i, k) == after.holds(i, k).to(Status::Dead),
        _ => true,
    }
}

/// Of itself a node is told also where it is removed and asks.
fn only_members(_: &FailureDetector, before: &State, action: &Action, _: &State) -> bool {
    match *action {
        Action::Gossip(i, j, k) | Action::Delay(i, j, k) => {
            let asks = k == j && before.holds(j, i).is_member();
            asks || before.holds(i, j).is_member() && (k == j || before.holds(i, k).is_member())
        }
        _ => true,
    }
}

fn one_probe(_: &FailureDetector, before: &State, action: &Action, _: &State) -> bool {
    match *action {
        Action::Timeout(i, ..) => before.probe[i].target().is_none(),
        _ => true,
    }
}

fn life_after_crash(_: &FailureDetector, before: &State, action: &Action, _: &State) -> bool {
    match *action {
        Action::Restart(k) => !before.up.contains(k),
        _ => true,
    }
}

/// Across a restart too where they are durable: then they grow, and else a node begins again.
fn grow(m: &FailureDetector, before: &State, action: &Action, after: &State) -> bool {
    m.all().all(|k| {
        let (was, is) = (before.incarnation(k), after.incarnation(k));
        match *action {
            Action::Restart(restarted) if restarted == k => !m.durable || is > was,
            Action::Crash(crashed) if crashed == k => !m.durable || is == was,
            _ => is >= was,
        }
    })
}

/// By whatever action: of nobody an earlier incarnation comes to be held, and who has left comes back only alive and in
/// a later one. A crash forgets.
fn never_later(m: &FailureDetector, before: &State, action: &Action, after: &State) -> bool {
    m.pairs().all(|(i, k)| {
        let (was, is) = (before.holds(i, k), after.holds(i, k));
        let forgets = was.status() == Status::Unknown || matches!(*action, Action::Crash(crashed) if crashed == i);
        let stays_away = was.status() != Status::Removed || is == was;
        let returns = is.is_alive() && is.incarnation() > was.incarnation();
        forgets || is.incarnation() >= was.incarnation() && (stays_away || returns)
    })
}

/// A probe begins by asking as many helpers as there are to be had, of a helper that is waited for either nothing comes
/// or it reaches the other, and only a probe that waits for nobody and was saved by nobody makes a suspicion that was
/// not told.
fn after_indirect(m: &FailureDetector, before: &State, action: &Action, after: &State) -> bool {
    let asks = match *action {
        Action::Timeout(i, k, _) => {
            let probe = after.probe[i];
            let asked = m.helpers.min(m.can_help(before, i, k).len());
            probe.target() == Some(k) && probe.waiting().len() == asked && probe.reached().is_empty()
        }
        _ => true,
    };
    let waits = m.all().all(|i| {
        let (was, is) = (before.probe[i], after.probe[i]);
        let answered = match *action {
            Action::Fail(of, helper) | Action::Reach(of, helper) if of == i => Few::one(helper),
            _ => Few::NONE,
        };
        let goes_on = was.target().is_some() && was.target() == is.target() && !matches!(action, Action::Timeout(..));
        !goes_on || was.waiting().iter().all(|helper| is.waiting().union(answered).contains(helper))
    });
    let told = matches!(action, Action::Gossip(..) | Action::Deliver(_) | Action::Duplicate(_) | Action::Join(..));
    let suspects = |i: usize, k: usize| {
        let probe = before.probe[i];
        let failed = probe.target() == Some(k) && probe.waiting().is_empty() && probe.reached().is_empty();
        failed && matches!(*action, Action::Suspect(of) if of == i)
    };
    let begins =
        |i: usize, k: usize| after.holds(i, k).status() == Status::Suspect && before.holds(i, k) != after.holds(i, k);
    asks && waits && (told || m.pairs().all(|(i, k)| !begins(i, k) || suspects(i, k)))
}

/// Of an incarnation that is dead nobody comes to hold anything better, until it crashes and has forgotten.
fn dead_is_final(m: &FailureDetector, before: &State, _: &Action, after: &State) -> bool {
    m.pairs().all(|(i, k)| {
        let (was, is) = (before.holds(i, k), after.holds(i, k));
        let better = matches!(is.status(), Status::Alive | Status::Suspect);
        was.status() < Status::Dead || !better || is.incarnation() > was.incarnation()
    })
}

/// Only a probe that has failed begins to accuse an incarnation.
fn once_suspected(m: &FailureDetector, before: &State, action: &Action, after: &State) -> bool {
    if matches!(action, Action::Suspect(_)) {
        return true;
    }
    m.pairs().all(|(i, k)| {
        let is = after.holds(i, k);
        before.holds(i, k) == is || !is.accuses() || before.is_accused(k, is.incarnation())
    })
}

/// Neither its table nor its probe changes, and a helper that is down says nothing.
fn down(m: &FailureDetector, before: &State, action: &Action, after: &State) -> bool {
    let says = match *action {
        Action::Reach(_, helper) | Action::Relay(_, helper) => before.up.contains(helper),
        Action::Gossip(i, ..) | Action::Delay(i, ..) => before.up.contains(i),
        _ => true,
    };
    says && m.all().all(|i| {
        let same = before.table[i] == after.table[i] && before.probe[i] == after.probe[i];
        before.up.contains(i) || matches!(*action, Action::Restart(k) if k == i) || same
    })
}

impl FailureDetector {
    /// The network becomes timely, nodes ping and gossip and join for ever, probes and suspicions end, and the dead are
    /// removed. Late rumours owe nothing, and nothing owes a crash or a restart.
    fn fairness(&self) -> Vec<Fairness<Self>> {
        let each = self.all().flat_map(|i| {
            let probes = move |action: &Action| match *action {
                Action::Ack(of)
                | Action::Suspect(of)
                | Action::Reach(of, _)
                | Action::Relay(of, _)
                | Action::Fail(of, _) => of == i,
                _ => false,
            };
            [
                Fairness::weak(
                    format!("Timeout({i})"),
                    move |action| matches!(*action, Action::Timeout(of, ..) if of == i),
                ),
                Fairness::weak(format!("Probe({i})"), probes),
            ]
        });
        each.chain([
            Fairness::weak("Confirm", |action| matches!(action, Action::Confirm(..))),
            Fairness::weak("Remove", |action| matches!(action, Action::Remove(..))),
            Fairness::weak("Gossip", |action| matches!(action, Action::Gossip(..))),
            Fairness::weak("Join", |action| matches!(action, Action::Join(..))),
            Fairness::weak("Stabilise", |action| matches!(action, Action::Stabilise)),
        ])
        .collect()
    }
}

impl Describe for FailureDetector {
    drawn!();
    worded!();
    guarded!();

    fn temporal(&self) -> Vec<Temporal<Self>> {
        of_behaviours(self)
    }

    fn canonical(&self, state: &State) -> Option<State> {
        Some(self.least_alike(state))
    }
}
