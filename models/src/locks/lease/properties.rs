//! What must be true of the lease lock.

use super::refinement::HoldsAtTheResource;
use super::{Action, By, Key, LeaseLock, Operation, Phase, State, scene};
use crate::drawn::{drawn, worded};
use crate::guard::guarded;
use crate::locks::lease::Guard;
use proofmark_vocabulary::{Describe, Fairness, Property, Temporal};

/// At most one client has a lease that is valid by its own clock, however many servers grant it.
pub(super) const EXCLUSION: &str = "mutual exclusion at the server";
/// Once an operation of a later holding is accepted, none of an earlier one is.
pub(super) const RESOURCE: &str = "mutual exclusion at the resource";
pub(super) const HOLDERS_OPERATE: &str = "only holders operate";
pub(super) const SEQUENCERS_GROW: &str = "sequencers grow between conflicting holdings";
pub(super) const OWNER_RELEASES: &str = "only the owner releases";
pub(super) const EXPIRY: &str = "no early expiry";
pub(super) const IDEMPOTENT: &str = "release is idempotent";
pub(super) const DOES_NOTHING: &str = "who is paused or has crashed does nothing";
pub(super) const DOWN: &str = "who is down restarts, and nobody else does";
pub(super) const LATE_REFUSED: &str = "only what comes too late is refused";
pub(super) const CRASHED_FREED: &str = "a crashed holder's lock is freed";
pub(super) const RELEASED_FREED: &str = "a released lock is freed";
/// However the lease ended.
pub(super) const OVER_FREED: &str = "a lease that is over is freed";
/// Before time has to do it.
pub(super) const DELETE_FREES: &str = "a delete that arrives frees the lock";
pub(super) const WAITER_ENDS: &str = "every waiter is granted, times out or is cancelled";
pub(super) const COMES_FREE: &str = "the lock can come free";
/// Those that need the graph of steps.
pub(super) const LIVENESS: &[&str] =
    &[CRASHED_FREED, RELEASED_FREED, OVER_FREED, DELETE_FREES, WAITER_ENDS, COMES_FREE];

pub(super) fn of_states(m: &LeaseLock) -> Vec<Property<LeaseLock>> {
    let mut properties: Vec<Property<LeaseLock>> = vec![
        Property::always(EXCLUSION, |m: &LeaseLock, s: &State| m.holders(s).count() <= 1),
        Property::always(RESOURCE, |_: &LeaseLock, s: &State| {
            s.resource.served.iter().all(|served| served <= s.resource.last.into())
        }),
        Property::always(HOLDERS_OPERATE, |_: &LeaseLock, s: &State| s.by().all(|by| s.operates_by_grant(by))),
    ];
    let two = m.clients > 1 && m.requests > 1;
    let (late, budget) = (m.budget.delays > 0 || m.budget.pauses > 0, m.budget);
    let candidates: [(bool, Property<LeaseLock>); 9] = [
        (true, Property::sometimes("can hold", |m: &LeaseLock, s: &State| m.holders(s).next().is_some())),
        (
            m.requests > 1,
            Property::sometimes("can pass the lock on", |_: &LeaseLock, s: &State| s.resource.served.len() > 1),
        ),
        (
            true,
            Property::sometimes("can grant what nobody waits for", |m: &LeaseLock, s: &State| {
                (0..m.servers).any(|i| !s.is_known(i))
            }),
        ),
        (m.watchdog, Property::sometimes("can renew", can_renew)),
        (budget.pauses > 0, Property::sometimes("can lose the lease while paused", lost_while_paused)),
        (late && two && m.sequencer, Property::sometimes("can fence a paused holder off", fenced_off)),
        (budget.delays > 0, Property::sometimes("can arrive after the lease", arrives_late)),
        (
            budget.crashes > 0,
            Property::sometimes("can crash while holding", |m: &LeaseLock, s: &State| crashed(m, s).next().is_some()),
        ),
        (
            budget.server_crashes > 0 && m.servers > 1,
            Property::sometimes("can hold while a server is down", |m: &LeaseLock, s: &State| {
                !s.down.is_empty() && m.holders(s).next().is_some()
            }),
        ),
    ];
    properties.extend(candidates.into_iter().filter(|(possible, _)| *possible).map(|(_, property)| property));
    properties
}

impl LeaseLock {
    /// The clients with a lease that is valid by their own clocks, whether or not they are paused.
    pub(super) fn holders(&self, s: &State) -> impl Iterator<Item = usize> {
        let clients = s.clients;
        (0..self.clients).filter(move |&c| {
            let client = clients[c];
            client.left > 0 && (client.phase == Phase::Holding || client.phase.is_paused())
        })
    }

    /// Whether a majority of the servers will not grant the lock that the client has a valid lease of to another: they
    /// have its key, or are down.
    fn has_its_keys(&self, s: &State, c: usize) -> bool {
        let keeps = |&i: &usize| s.keys[i].request == s.clients[c].request || s.down.contains(i);
        !self.holders(s).any(|holder| holder == c) || (0..self.servers).filter(keeps).count() >= self.majority()
    }
}

impl State {
    /// Whether the owner of the key waits for it or has it; so has nobody of an absent key.
    fn is_known(&self, i: usize) -> bool {
        let request = self.keys[i].request;
        let owner = self.clients[usize::from(self.requests[usize::from(request)].client)];
        request == 0 || owner.request == request && owner.phase != Phase::Idle
    }

    /// Whether what is on its way to the resource comes from a request that a majority has granted.
    pub(super) fn operates_by_grant(&self, by: By) -> bool {
        let request = self.requests[by.request];
        request.operation == Operation::Nothing || request.generation > 0
    }

    /// Whose request the server's key is.
    pub(super) fn owner(&self, i: usize) -> Option<usize> {
        let request = usize::from(self.keys[i].request);
        (request > 0).then(|| usize::from(self.requests[request].client))
    }
}

/// The servers that have the key of a client that has crashed.
pub(super) fn crashed(m: &LeaseLock, s: &State) -> impl Iterator<Item = usize> {
    let s = *s;
    (0..m.servers).filter(move |&i| s.owner(i).is_some_and(|c| s.clients[c].phase == Phase::Crashed))
}

/// The servers that have a key that was released.
pub(super) fn released(m: &LeaseLock, s: &State) -> impl Iterator<Item = usize> {
    let s = *s;
    (0..m.servers).filter(move |&i| s.requests[usize::from(s.keys[i].request)].released)
}

/// The servers that have a key whose owner has no lease by it: that is over, or was given back, or has never begun.
pub(super) fn over(m: &LeaseLock, s: &State) -> impl Iterator<Item = usize> {
    let s = *s;
    (0..m.servers).filter(move |&i| {
        s.owner(i).is_some_and(|c| s.clients[c].request != s.keys[i].request || s.clients[c].left == 0)
    })
}

/// The servers that are up and have a key that was released.
pub(super) fn to_delete(m: &LeaseLock, s: &State) -> impl Iterator<Item = usize> {
    let down = s.down;
    released(m, s).filter(move |&i| !down.contains(i))
}

fn can_renew(m: &LeaseLock, s: &State) -> bool {
    m.holders(s).any(|c| s.clients[c].renewers.len() >= m.majority() && s.clients[c].renewed > s.clients[c].left)
}

fn lost_while_paused(_: &LeaseLock, s: &State) -> bool {
    s.clients.iter().any(|client| client.phase.is_paused() && client.left == 0)
}

/// What is on its way from a holding comes after that of a later one.
fn fenced_off(_: &LeaseLock, s: &State) -> bool {
    s.by()
        .map(|by| s.requests[by.request])
        .any(|request| request.operation != Operation::Nothing && request.sequencer < s.resource.greatest)
}

fn arrives_late(m: &LeaseLock, s: &State) -> bool {
    let on_its_way = |by: &By| s.requests[by.request].operation != Operation::Nothing;
    s.by().filter(on_its_way).any(|by| !m.holders(s).any(|c| c == by.client))
}

/// A grant has a greater sequencer than every grant before.
fn sequencers_grow(_: &LeaseLock, before: &State, _: &Action, after: &State) -> bool {
    let greatest = before.requests.iter().map(|request| request.sequencer).max();
    let pairs = before.requests.iter().zip(&after.requests);
    pairs
        .filter(|(old, new)| (old.granted, old.sequencer) != (new.granted, new.sequencer))
        .all(|(_, new)| Some(new.sequencer) > greatest)
}

/// When a server deletes a key, it is that of the request whose client is through.
fn only_the_owner(_: &LeaseLock, before: &State, action: &Action, after: &State) -> bool {
    let Action::Delete(i, by) = *action else { return true };
    after.keys[i] == before.keys[i] || usize::from(before.keys[i].request) == by.request
}

/// Whatever ends a key but its owner, it leaves a majority of the servers to whoever has a valid lease.
fn no_early_expiry(m: &LeaseLock, before: &State, action: &Action, after: &State) -> bool {
    let ends = before.keys != after.keys || before.down != after.down;
    !ends || matches!(action, Action::Delete(..)) || (0..m.clients).all(|c| m.has_its_keys(after, c))
}

/// To delete what is not there, or is another's, changes nothing.
fn idempotent(_: &LeaseLock, before: &State, action: &Action, after: &State) -> bool {
    !matches!(*action, Action::Delete(i, by) if usize::from(before.keys[i].request) != by.request) || before == after
}

impl Action {
    /// The client whose step it is. What happens to a client is no step of its own.
    fn actor(self) -> Option<usize> {
        match self {
            Action::Ask(c, _)
            | Action::Acquire(c)
            | Action::GiveUp(c)
            | Action::Operate(c, _)
            | Action::Pause(c, _)
            | Action::Resume(c)
            | Action::Release(c)
            | Action::Renew(c, _)
            | Action::Extended(c) => Some(c),
            _ => None,
        }
    }

    /// The server whose step it is.
    pub(super) fn server(self) -> Option<usize> {
        match self {
            Action::Grant(i, _)
            | Action::GrantCopy(i, _)
            | Action::Delete(i, _)
            | Action::Extend(i, _)
            | Action::CrashServer(i)
            | Action::Restart(i) => Some(i),
            _ => None,
        }
    }

    /// Whether it is the network's, the clocks' or a crash's doing.
    fn is_fault(self) -> bool {
        matches!(
            self,
            Action::GrantCopy(..)
                | Action::Pause(..)
                | Action::AcceptCopy(_)
                | Action::HoldUp(_)
                | Action::Crash(_)
                | Action::CrashServer(_)
                | Action::Jump(_)
        )
    }
}

fn paused_does_nothing(_: &LeaseLock, before: &State, action: &Action, _: &State) -> bool {
    action.actor().is_none_or(|c| match before.clients[c].phase {
        Phase::PausedToWrite | Phase::PausedToRead => matches!(action, Action::Resume(_)),
        phase => phase != Phase::Crashed,
    })
}

fn down_restarts(_: &LeaseLock, before: &State, action: &Action, _: &State) -> bool {
    action.server().is_none_or(|i| before.down.contains(i) == matches!(action, Action::Restart(_)))
}

/// Of what is refused, the resource has accepted an operation of a later holding.
fn only_late_refused(_: &LeaseLock, before: &State, action: &Action, _: &State) -> bool {
    let Action::Refuse(by) = *action else { return true };
    let generation = usize::from(before.requests[by.request].generation);
    before.resource.served.iter().any(|served| served > generation)
}

impl LeaseLock {
    /// Time goes on, and what is sent to the resource is answered. Nobody keeps time from going on by sending again and
    /// again.
    fn time_goes_on(&self) -> Vec<Fairness<Self>> {
        let arrives = |request: usize| {
            let of = move |by: By| by.request == request;
            Fairness::strong(
                format!("Arrive({request})"),
                move |action| matches!(*action, Action::Accept(by) | Action::Refuse(by) if of(by)),
            )
        };
        let mut fairness: Vec<_> = (1..=usize::from(self.requests)).map(arrives).collect();
        fairness.push(Fairness::strong("Tick", |action| *action == Action::Tick));
        fairness
    }

    /// Nobody need give up. Nobody queues, so a server is to grant a request sooner or later that it could grant again
    /// and again, and who has the lock is to give it back. All clients are alike: the first stands for any.
    fn waiter_ends(&self) -> Temporal<Self> {
        let first = |_: &Self, s: &State| s.clients[0].phase == Phase::Waiting;
        let grants = |i: usize| {
            Fairness::strong(
                format!("Grant({i})"),
                move |action| matches!(*action, Action::Grant(at, by) if at == i && by.client == 0),
            )
        };
        let releases =
            |c: usize| Fairness::strong(format!("Release({c})"), move |action| *action == Action::Release(c));
        let mut fairness = self.time_goes_on();
        fairness.extend((0..self.servers).map(grants));
        fairness.push(Fairness::weak("Acquire(0)", |action| *action == Action::Acquire(0)));
        fairness.extend((1..self.clients).map(releases));
        if self.budget.server_crashes > 0 {
            let restarts =
                |i: usize| Fairness::strong(format!("Restart({i})"), move |action| *action == Action::Restart(i));
            fairness.extend((0..self.servers).map(restarts));
        }
        Temporal::leads_to(WAITER_ENDS, first, move |m, s| !first(m, s), fairness)
    }

    /// Time need not go on.
    fn deletes(&self) -> Vec<Fairness<Self>> {
        let at = |i: usize| {
            Fairness::weak(format!("Delete({i})"), move |action| matches!(*action, Action::Delete(at, _) if at == i))
        };
        (0..self.servers).map(at).collect()
    }
}

impl Describe for LeaseLock {
    fn temporal(&self) -> Vec<Temporal<Self>> {
        let is_crashed = |m: &Self, s: &State| crashed(m, s).next().is_some();
        let is_released = |m: &Self, s: &State| released(m, s).next().is_some();
        let is_over = |m: &Self, s: &State| over(m, s).next().is_some();
        let has_to_delete = |m: &Self, s: &State| to_delete(m, s).next().is_some();
        let free = |_: &Self, s: &State| s.keys.iter().all(|key| *key == Key::default());
        let mut claims = vec![
            Temporal::step(OWNER_RELEASES, only_the_owner),
            Temporal::step(EXPIRY, no_early_expiry),
            Temporal::step(IDEMPOTENT, idempotent),
            Temporal::step(DOES_NOTHING, paused_does_nothing),
            Temporal::leads_to(RELEASED_FREED, is_released, move |m, s| !is_released(m, s), self.time_goes_on()),
            Temporal::leads_to(OVER_FREED, is_over, move |m, s| !is_over(m, s), self.time_goes_on()),
            Temporal::leads_to(DELETE_FREES, has_to_delete, move |m, s| !has_to_delete(m, s), self.deletes()),
            self.waiter_ends(),
            Temporal::always_can(COMES_FREE, free, Some(Box::new(|action: &Action| action.is_fault()))),
        ];
        if self.budget.crashes > 0 {
            let freed = move |m: &Self, s: &State| !is_crashed(m, s);
            claims.push(Temporal::leads_to(CRASHED_FREED, is_crashed, freed, self.time_goes_on()));
        }
        if self.budget.server_crashes > 0 {
            claims.push(Temporal::step(DOWN, down_restarts));
        }
        if self.sequencer {
            claims.push(Temporal::step(SEQUENCERS_GROW, sequencers_grow));
            claims.push(Temporal::step(LATE_REFUSED, only_late_refused));
            claims.push(Temporal::refinement("refines mutual-exclusion", HoldsAtTheResource::new(self)));
        }
        claims
    }

    worded!();
    drawn!();
    guarded!();
}
