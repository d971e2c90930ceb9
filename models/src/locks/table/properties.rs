//! What must be true of the lock table, and how its steps and states are told.

use super::refinement::ExcludesMutually;
use super::{
    Action, Grant, Guard, LockTable, MOST_KEYS, MOST_OWNERS, Mode, Policy, State, Waiters, of_mode, place, scene,
};
use crate::drawn::drawn;
use crate::guard::guarded;
use proofmark_vocabulary::{Describe, Fairness, Property, Temporal, Value};

pub(super) fn of_states(m: &LockTable) -> Vec<Property<LockTable>> {
    let mut properties: Vec<Property<LockTable>> = vec![
        Property::always("compatible modes only", compatible_modes),
        Property::always("the head of the queue is incompatible", head_incompatible),
        Property::always("upgraders come first", upgraders_first),
        Property::always("a grant is never lost", grant_kept),
        Property::always("who knows of a holding has it", known_is_held),
        Property::always("no lost wakeup", no_lost_wakeup),
    ];
    properties.push(match m.policy {
        Policy::Detect => Property::always("a cycle of waits has a victim", cycle_has_victim),
        Policy::WaitDie => Property::always("no cycle of waits", |m, s| !m.has_cycle(s)),
        Policy::WoundWait => Property::always("a cycle of waits has a wounded waiter", cycle_has_wounded),
    });
    if m.policy == Policy::WoundWait {
        properties.push(Property::always("who is through is healed", through_is_healed));
    }
    properties.push(Property::sometimes("can hold", |m, s| m.every_holding(s).next().is_some()));
    properties.extend(m.what_can_be());
    properties
}

impl LockTable {
    /// What can happen where the constants allow it.
    fn what_can_be(&self) -> Vec<Property<Self>> {
        let has = |mode| self.modes.contains(&mode);
        let (many, shared) = (self.owners > 1, has(Mode::Shared));
        let waits_in_cycles = self.cycles() && self.policy != Policy::WaitDie;
        let candidates: [(bool, Property<Self>); 8] = [
            (many, Property::sometimes("can be granted after a wait", |m, s| m.is_granted(s, false))),
            (many && shared, Property::sometimes("can share", |m, s| m.shares(s, |_, _| true))),
            (many && shared, Property::sometimes("can be granted an upgrade", |m, s| m.is_granted(s, true))),
            (self.owners > 2 && shared, Property::sometimes("can block a writer by a group", group_blocks)),
            (self.owners > 2 && shared, Property::sometimes("can serve the writer next", writer_served_next)),
            (waits_in_cycles, Property::sometimes("can wait in a cycle", Self::has_cycle)),
            (many && has(Mode::IntentionExclusive), Property::sometimes("can intend to write together", intend)),
            (
                many && has(Mode::Update) && self.generations > 2,
                Property::sometimes("can join with a new generation", joined_by_new_generation),
            ),
        ];
        candidates.into_iter().filter(|(possible, _)| *possible).map(|(_, property)| property).collect()
    }

    /// Whether waits can form a cycle: of two keys, or of two upgrades.
    fn cycles(&self) -> bool {
        self.owners > 1 && (self.keys > 1 || self.modes.len() > 1)
    }

    fn every_holding(&self, s: &State) -> impl Iterator<Item = (usize, usize, Mode)> {
        let (held, keys) = (s.held, self.keys);
        let of_one = move |o| (0..keys).filter_map(move |k| held.get(place(o, k)).map(|mode| (o, k, mode)));
        (0..self.owners).flat_map(of_one)
    }

    /// Every pair of holders of a key, each once.
    fn shares(&self, s: &State, is: impl Fn(Mode, Mode) -> bool) -> bool {
        let with =
            |(o, k, mode): (usize, usize, Mode)| self.holders(s, k).any(|(other, held)| other > o && is(mode, held));
        self.every_holding(s).any(with)
    }

    fn grants(&self, s: &State) -> impl Iterator<Item = (usize, Grant)> {
        let grant = s.grant;
        (0..self.owners).filter_map(move |o| grant.get(o).map(|grant| (o, grant)))
    }

    /// Whether a grant is on its way to somebody: of an upgrade, or of a first holding.
    fn is_granted(&self, s: &State, upgrade: bool) -> bool {
        self.grants(s).any(|(_, grant)| grant.before.is_some() == upgrade)
    }

    fn lines(&self, s: &State) -> impl Iterator<Item = (usize, Waiters)> {
        s.waiters.into_iter().enumerate().take(self.keys)
    }
}

fn compatible_modes(m: &LockTable, s: &State) -> bool {
    !m.shares(s, |mode, other| !mode.is_compatible(other))
}

/// The first waiter is never one that could be granted.
fn head_incompatible(m: &LockTable, s: &State) -> bool {
    m.lines(s).all(|(k, waiters)| {
        let conflicts = |(o, mode): (usize, Mode)| m.others(s, o, k).any(|(_, held)| !mode.is_compatible(held));
        waiters.first().is_none_or(conflicts)
    })
}

/// Or an upgrader would wait for one that waits for it.
fn upgraders_first(m: &LockTable, s: &State) -> bool {
    m.lines(s)
        .all(|(k, waiters)| waiters.iter().skip_while(|w| s.mode(w.0, k).is_some()).all(|w| s.mode(w.0, k).is_none()))
}

/// Every holding has an owner who knows of it, or whom the grant is on its way to and who waits for it.
fn grant_kept(m: &LockTable, s: &State) -> bool {
    m.every_holding(s).all(|(o, k, _)| {
        let comes = s.grant.get(o).is_some_and(|grant| grant.key == k);
        s.known.contains(place(o, k)) || comes && s.asking.contains(o)
    })
}

fn known_is_held(_: &LockTable, s: &State) -> bool {
    s.known.iter().all(|at| s.held.get(at).is_some())
}

/// Who has asked waits in one place, or a grant is on its way to it; who has not is nowhere.
fn no_lost_wakeup(m: &LockTable, s: &State) -> bool {
    (0..m.owners).all(|o| {
        let places = m.lines(s).flat_map(|(_, waiters)| waiters.iter()).filter(|(other, _)| *other == o).count();
        places + usize::from(s.grant.get(o).is_some()) == usize::from(s.asking.contains(o))
    })
}

fn cycle_has_victim(m: &LockTable, s: &State) -> bool {
    !m.has_cycle(s) || (0..m.owners).any(|o| m.take(s, Action::Victim(o)).is_ok())
}

/// An older owner that waits for a younger one has wounded it.
fn cycle_has_wounded(m: &LockTable, s: &State) -> bool {
    !m.has_cycle(s) || (0..m.owners).any(|o| s.wounded.contains(o) && s.waits(o).is_some())
}

fn through_is_healed(m: &LockTable, s: &State) -> bool {
    s.wounded.iter().all(|o| (0..m.keys).any(|k| m.parties(s, k).contains(o)))
}

fn intend(m: &LockTable, s: &State) -> bool {
    m.shares(s, |mode, other| mode == Mode::IntentionExclusive && other == mode)
}

/// Two readers hold what a writer waits for.
fn group_blocks(m: &LockTable, s: &State) -> bool {
    m.lines(s).any(|(k, waiters)| {
        waiters.first().is_some_and(|(_, mode)| mode == Mode::Exclusive)
            && m.holders(s, k).filter(|(_, mode)| *mode == Mode::Shared).count() > 1
    })
}

/// A writer has waited and is granted, and a reader that came later waits.
fn writer_served_next(m: &LockTable, s: &State) -> bool {
    m.grants(s).any(|(o, Grant { key, before })| {
        let writes = before.is_none() && s.mode(o, key) == Some(Mode::Exclusive);
        writes && s.waiters[key].iter().any(|(_, mode)| mode == Mode::Shared)
    })
}

/// Of two holders, one is of a later generation.
fn joined_by_new_generation(m: &LockTable, s: &State) -> bool {
    (0..m.keys).any(|k| {
        let mut sequencers = m.holders(s, k).map(|(o, _)| s.sequencer.get(place(o, k)));
        let first = sequencers.next();
        sequencers.any(|other| Some(other) != first)
    })
}

/// A holding that begins has a greater sequencer than every earlier one that it conflicts with.
fn sequencers_grow(m: &LockTable, before: &State, _: &Action, after: &State) -> bool {
    m.every_holding(after).all(|(o, k, mode)| {
        let at = place(o, k);
        let lasts = before.mode(o, k) == Some(mode) && before.sequencer.get(at) == after.sequencer.get(at);
        let conflicting = Mode::ALL.iter().filter(|other| !mode.is_compatible(**other));
        let greatest = conflicting.filter_map(|&other| before.last.get(of_mode(k, other))).max();
        lasts || after.sequencer.get(at) > greatest
    })
}

/// A holding ends by its owner's release, or by its owner's not wanting it any more before it knows of it.
fn only_the_owner(m: &LockTable, before: &State, action: &Action, after: &State) -> bool {
    let ended = |&(o, k, _): &(usize, usize, Mode)| after.mode(o, k).is_none();
    m.every_holding(before).filter(ended).all(|(o, k, _)| match *action {
        Action::Release(owner, key) => (owner, key) == (o, k),
        Action::Cancel(owner) => owner == o && before.grant.get(o) == Some(Grant { key: k, before: None }),
        _ => false,
    })
}

/// A holding changes its mode when its owner converts it, is served an upgrade or takes one back.
fn conversion_alone(m: &LockTable, before: &State, action: &Action, after: &State) -> bool {
    let unlike = |o, k| {
        after.mode(o, k).is_some_and(|mode| Some(mode) != before.mode(o, k))
            || before.sequencer.get(place(o, k)) != after.sequencer.get(place(o, k))
    };
    let changed = |&(o, k, _): &(usize, usize, Mode)| after.mode(o, k).is_some() && unlike(o, k);
    m.every_holding(before).filter(changed).all(|(o, k, _)| match *action {
        Action::Upgrade(owner, key, _) | Action::Downgrade(owner, key, _) if (owner, key) == (o, k) => true,
        Action::Cancel(owner) if owner == o => true,
        _ => before.waiters[k].place_of(o).is_some() && after.waiters[k].place_of(o).is_none(),
    })
}

/// Who upgrades keeps its holding until it has the stronger one, and nobody comes to hold the key meanwhile.
fn upgrade_is_atomic(m: &LockTable, before: &State, action: &Action, after: &State) -> bool {
    let begins = match *action {
        Action::Upgrade(o, k, _) => before.mode(o, k).is_none() || after.mode(o, k).is_some(),
        _ => true,
    };
    let kept = |(o, k, mode): (usize, usize, Mode)| {
        let Some(wanted) = before.waiters[k].mode_of(o) else { return true };
        let joined = |(other, _): (usize, Mode)| before.mode(other, k).is_none();
        match after.waiters[k].place_of(o) {
            Some(_) => after.mode(o, k) == Some(mode) && !m.others(after, o, k).any(joined),
            None => after.mode(o, k) == Some(mode) || after.mode(o, k) == Some(wanted),
        }
    };
    begins && m.every_holding(before).all(kept)
}

/// To release what one does not hold changes nothing.
fn release_is_idempotent(_: &LockTable, before: &State, action: &Action, after: &State) -> bool {
    !matches!(*action, Action::Release(o, k) if before.mode(o, k).is_none()) || before == after
}

/// Whoever gains something was ahead of all who wait on.
fn no_barging(m: &LockTable, before: &State, _: &Action, after: &State) -> bool {
    let gained = |&(o, k, mode): &(usize, usize, Mode)| before.mode(o, k).is_none_or(|old| mode.is_stronger(old));
    before.held == after.held
        || m.every_holding(after).filter(gained).all(|(o, k, _)| {
            let waiters = before.waiters[k];
            let ahead = waiters.place_of(o).unwrap_or_else(|| match before.mode(o, k) {
                Some(_) => LockTable::upgraders(before, k).count(),
                None => waiters.len(),
            });
            waiters.iter().take(ahead).all(|(other, _)| after.waiters[k].place_of(other).is_none())
        })
}

/// A try is granted, and known, and changes nothing else; or it changes nothing.
fn try_leaves_no_trace(_: &LockTable, before: &State, action: &Action, after: &State) -> bool {
    let Action::Try(o, k, mode) = *action else { return true };
    let granted = after.mode(o, k) == Some(mode) && after.known.contains(place(o, k));
    let quiet = (before.waiters, before.asking, before.wounded) == (after.waiters, after.asking, after.wounded);
    before == after || granted && quiet
}

/// Who leaves waits nowhere, and holds what it held before it asked.
fn cancel_leaves_no_trace(m: &LockTable, before: &State, action: &Action, after: &State) -> bool {
    let (Action::Cancel(o) | Action::TimeOut(o) | Action::Victim(o) | Action::Die(o)) = *action else { return true };
    let had = |k| match before.grant.get(o) {
        Some(grant) if grant.key == k => grant.before,
        _ => before.mode(o, k),
    };
    let forgotten = !after.asking.contains(o) && after.grant.get(o).is_none() && after.waits(o).is_none();
    forgotten && (0..m.keys).all(|k| after.mode(o, k) == had(k))
}

fn victim_on_a_cycle(m: &LockTable, before: &State, action: &Action, _: &State) -> bool {
    !matches!(*action, Action::Victim(o) if !m.is_youngest_on_cycle(before, o))
}

fn victim_was_wounded(_: &LockTable, before: &State, action: &Action, _: &State) -> bool {
    !matches!(*action, Action::Die(o) if !before.wounded.contains(o))
}

/// A wounded owner gets nothing that it had not asked for before, and stays wounded until it is through.
fn wounds_last(m: &LockTable, before: &State, action: &Action, after: &State) -> bool {
    let refused = match *action {
        Action::Request(o, ..) | Action::Try(o, ..) | Action::Upgrade(o, ..) => !before.wounded.contains(o),
        _ => true,
    };
    let party = |&o: &usize| (0..m.keys).any(|k| m.parties(after, k).contains(o));
    (refused || before == after) && before.wounded.iter().filter(party).all(|o| after.wounded.contains(o))
}

impl LockTable {
    /// Grants arrive, and victims leave. Holders come to release what they may release again and again: strongly,
    /// for a holder that upgrades for ever may not release meanwhile.
    fn fair(&self) -> Vec<Fairness<Self>> {
        let mut fairness = self.leaves();
        for o in 0..self.owners {
            fairness.push(Fairness::weak(format!("Learn({o})"), move |a| *a == Action::Learn(o)));
            let release = |k| {
                let includes = move |action: &Action| *action == Action::Release(o, k);
                Fairness::strong(format!("Release({o}, {k})"), includes)
            };
            fairness.extend((0..self.keys).map(release));
        }
        fairness
    }

    /// Victims leave.
    fn leaves(&self) -> Vec<Fairness<Self>> {
        let of_one = |o| match self.policy {
            Policy::Detect => Some(Fairness::weak(format!("Victim({o})"), move |a| *a == Action::Victim(o))),
            Policy::WaitDie => None,
            Policy::WoundWait => Some(Fairness::weak(format!("Die({o})"), move |a| *a == Action::Die(o))),
        };
        (0..self.owners).filter_map(of_one).collect()
    }

    /// Ages differ, so each owner has a claim of its own. To be granted in the end nobody need time out or cancel.
    fn of_behaviours(&self) -> Vec<Temporal<Self>> {
        let mut claims = Vec::new();
        for o in 0..self.owners {
            let (asks, holds) =
                (move |_: &Self, s: &State| s.asking.contains(o), move |_: &Self, s: &State| s.mode(o, 0).is_some());
            let cycle = move |m: &Self, s: &State| m.is_youngest_on_cycle(s, o);
            claims.push(Temporal::leads_to(WAITER_ENDS[o], asks, move |m, s| !asks(m, s), self.fair()));
            claims.push(Temporal::leads_to(FREED[o], holds, move |m, s| !holds(m, s), self.fair()));
            if o > 0 && self.policy != Policy::WaitDie {
                let gone = Temporal::leads_to(CYCLE_GONE[o - 1], cycle, move |m, s| !cycle(m, s), self.leaves());
                claims.push(gone);
            }
        }
        let gives_up = |action: &Action| matches!(action, Action::Cancel(_) | Action::TimeOut(_));
        let rests = |_: &Self, s: &State| s.held == State::default().held && s.asking.is_empty();
        claims.push(Temporal::always_can(RESTS, rests, Some(Box::new(gives_up))));
        claims
    }
}

impl Describe for LockTable {
    fn action_kinds(&self) -> &'static [&'static str] {
        &["Request", "Try", "Upgrade", "Downgrade", "Release", "Learn", "Cancel", "TimeOut", "Victim", "Die"]
    }

    fn switched_off(&self) -> Vec<&'static str> {
        let (alone, one_mode) = (self.owners == 1, self.modes.len() == 1);
        let off = [
            ("Upgrade", one_mode),
            ("Downgrade", one_mode),
            ("Learn", alone),
            ("Cancel", alone),
            ("TimeOut", alone),
            ("Victim", self.policy != Policy::Detect || !self.cycles()),
            ("Die", self.policy != Policy::WoundWait || !self.cycles() && self.owners < 3),
        ];
        off.into_iter().filter(|(_, off)| *off).map(|(kind, _)| kind).collect()
    }

    fn action_kind(&self, action: &Action) -> usize {
        match action {
            Action::Request(..) => 0,
            Action::Try(..) => 1,
            Action::Upgrade(..) => 2,
            Action::Downgrade(..) => 3,
            Action::Release(..) => 4,
            Action::Learn(_) => 5,
            Action::Cancel(_) => 6,
            Action::TimeOut(_) => 7,
            Action::Victim(_) => 8,
            Action::Die(_) => 9,
        }
    }

    fn action_in_words(&self, action: &Action) -> String {
        match action {
            Action::Request(o, k, mode) => format!("owner {o} requests key {k} in {}", mode.name()),
            Action::Try(o, k, mode) => format!("owner {o} tries key {k} in {}", mode.name()),
            Action::Upgrade(o, k, mode) => format!("owner {o} upgrades key {k} to {}", mode.name()),
            Action::Downgrade(o, k, mode) => format!("owner {o} downgrades key {k} to {}", mode.name()),
            Action::Release(o, k) => format!("owner {o} releases key {k}"),
            Action::Learn(o) => format!("owner {o} learns of its grant"),
            Action::Cancel(o) => format!("owner {o} cancels what it has asked for"),
            Action::TimeOut(o) => format!("owner {o} has waited too long"),
            Action::Victim(o) => format!("owner {o} is the victim of a cycle"),
            Action::Die(o) => format!("owner {o} is wounded and waits no longer"),
        }
    }

    fn value(&self, s: &State) -> Value {
        let of_key =
            |k: usize| Value::Record(self.holders(s, k).map(|(o, mode)| (o.to_string(), mode.name().into())).collect());
        let sequencers = |k: usize| {
            let given = |o: usize| s.sequencer.get(place(o, k)).map(|sequencer| (o.to_string(), sequencer.into()));
            Value::Record((0..self.owners).filter_map(given).collect())
        };
        let known = |k: usize| Value::set((0..self.owners).filter(|&o| s.known.contains(place(o, k))));
        let waiter = |(o, mode): (usize, Mode)| Value::Variant(mode.name().to_owned(), Box::new(o.into()));
        let grant = |(o, Grant { key, before }): (usize, Grant)| {
            (o.to_string(), Value::record([("key", key.into()), ("before", before.map(Mode::name).into())]))
        };
        let last = |k: usize| {
            let given = |&mode: &Mode| s.last.get(of_mode(k, mode)).map(|last| (mode.name().to_owned(), last.into()));
            Value::Record(Mode::ALL.iter().filter_map(given).collect())
        };
        Value::record([
            ("holders", Value::list((0..self.keys).map(of_key))),
            ("known", Value::list((0..self.keys).map(known))),
            ("waiters", Value::list(self.lines(s).map(|(_, waiters)| Value::list(waiters.iter().map(waiter))))),
            ("grants", Value::Record(self.grants(s).map(grant).collect())),
            ("asking", s.asking.into()),
            ("wounded", s.wounded.into()),
            ("sequencers", Value::list((0..self.keys).map(sequencers))),
            ("last", Value::list((0..self.keys).map(last))),
            ("fresh", Value::list((0..self.keys).map(|k| Value::set(s.fresh_generations(k))))),
        ])
    }

    fn canonical(&self, s: &State) -> Option<State> {
        Some(self.with_keys_sorted(s))
    }

    guarded!();
    drawn!();

    fn temporal(&self) -> Vec<Temporal<Self>> {
        let mut claims = vec![
            Temporal::step("only the owner releases", only_the_owner),
            Temporal::step("a holding changes by conversion alone", conversion_alone),
            Temporal::step("upgrade is atomic", upgrade_is_atomic),
            Temporal::step("release is idempotent", release_is_idempotent),
            Temporal::step("no one barges past the queue", no_barging),
            Temporal::step("try leaves no trace", try_leaves_no_trace),
            Temporal::step("cancel leaves no trace", cancel_leaves_no_trace),
        ];
        match self.policy {
            Policy::Detect => claims.push(Temporal::step("a victim was on a cycle", victim_on_a_cycle)),
            Policy::WaitDie => {}
            Policy::WoundWait => claims.extend([
                Temporal::step("a victim was wounded", victim_was_wounded),
                Temporal::step("a wound lasts", wounds_last),
            ]),
        }
        if self.generations > 0 {
            claims.push(Temporal::step("sequencers grow between conflicting holdings", sequencers_grow));
            let of_key = |k| Temporal::refinement(REFINES[k], ExcludesMutually::new(self, k));
            claims.extend((0..self.keys).map(of_key));
        }
        claims.extend(self.of_behaviours());
        claims
    }
}

/// Whatever happens, all can be given back without anyone giving up.
pub(super) const RESTS: &str = "can always come to rest";
/// By the youngest on the cycle, which is never the oldest owner.
const CYCLE_GONE: [&str; MOST_OWNERS - 1] = [
    "every cycle of waits is gone",
    "every cycle of waits is gone: youngest 2",
    "every cycle of waits is gone: youngest 3",
];
const WAITER_ENDS: [&str; MOST_OWNERS] = [
    "every waiter is granted, times out or is cancelled",
    "every waiter is granted, times out or is cancelled: owner 1",
    "every waiter is granted, times out or is cancelled: owner 2",
    "every waiter is granted, times out or is cancelled: owner 3",
];
const FREED: [&str; MOST_OWNERS] = [
    "a released lock is freed",
    "a released lock is freed: owner 1",
    "a released lock is freed: owner 2",
    "a released lock is freed: owner 3",
];
const REFINES: [&str; MOST_KEYS] =
    ["refines mutual-exclusion", "refines mutual-exclusion: key 1", "refines mutual-exclusion: key 2"];

/// The claims of behaviours, whose check keeps the graph of all steps.
pub(super) const LIVENESS: &[&str] = &[
    CYCLE_GONE[0],
    CYCLE_GONE[1],
    CYCLE_GONE[2],
    WAITER_ENDS[0],
    WAITER_ENDS[1],
    WAITER_ENDS[2],
    WAITER_ENDS[3],
    FREED[0],
    FREED[1],
    FREED[2],
    FREED[3],
    RESTS,
];
