//! What must be true of the lock service.

use super::refinement::{ExcludesMutually, MastersCommit};
use super::{Action, Call, Guard, LockService, Phase, Resource, Session, State, Watch, Wire, liveness, scene};
use crate::drawn::{drawn, worded};
use crate::guard::guarded;
use crate::problems::mutual_exclusion::Mode;
use proofmark_vocabulary::{Describe, Property, Temporal};

pub(super) const AT_SERVER: &str = "mutual exclusion at the server";
pub(super) const AT_RESOURCE: &str = "mutual exclusion at the resource";
pub(super) const COMPATIBLE: &str = "compatible modes only";
pub(super) const HEAD: &str = "the head of the queue is incompatible, or lock-delay runs";
pub(super) const GRANT_KEPT: &str = "a grant is never lost";
pub(super) const LEASES: &str = "a client's lease is within the master's";
pub(super) const GENERATION: &str = "shared holders share a generation";
pub(super) const APPLIED: &str = "the cell is what the log says";
pub(super) const COMMITTED: &str = "refines replicated-log";
pub(super) const GROW: &str = "sequencers grow between conflicting holdings";
pub(super) const OWNER: &str = "only the owner releases";
pub(super) const NO_EARLY_EXPIRY: &str = "no early expiry";
pub(super) const DELAY_KEPT: &str = "lock-delay is kept";
pub(super) const IDEMPOTENT: &str = "release is idempotent";
pub(super) const NO_RETURN: &str = "sessions never come back to life";
pub(super) const NO_BARGING: &str = "no one barges past the queue";

pub(super) fn of_states(m: &LockService) -> Vec<Property<LockService>> {
    let mut properties: Vec<Property<LockService>> = vec![
        Property::always(AT_SERVER, |m, s| m.pairs().all(|(c, d)| excludes(s, c, d))),
        Property::always(COMPATIBLE, |m, s| m.pairs().all(|(c, d)| compatible(s, c, d))),
        Property::always(HEAD, head_waits_for_a_reason),
        Property::always(GRANT_KEPT, |m, s| (0..m.clients).all(|c| is_owned(m, s, c))),
        Property::always(LEASES, |m, s| (0..m.clients).all(|c| is_within(s, c))),
        Property::sometimes("can hold", |m: &LockService, s: &State| (0..m.clients).any(|c| s.believes(c))),
    ];
    if m.resource != Resource::None {
        properties.push(Property::always(AT_RESOURCE, |_, s: &State| !s.crossed));
    }
    if m.shared && m.attempts > 0 {
        properties.push(Property::always(GENERATION, |m, s| m.pairs().all(|(c, d)| same_generation(s, c, d))));
    }
    if m.commands > 0 {
        properties.push(Property::always(APPLIED, |m: &LockService, s: &State| m.replayed(s.log) == s.cell));
    }
    properties.extend(m.what_can_be());
    properties
}

impl LockService {
    /// What can happen where the constants allow it.
    fn what_can_be(&self) -> Vec<Property<Self>> {
        let several = self.clients > 1;
        let fences = self.resource == Resource::Sequencers && several;
        // An election waits for the end of the master lease, and with it ends every client's lease of a tick.
        let outlasts = self.failovers > 0 && (!self.stalled || self.duration() > 1);
        let writer_may_wait = self.shared && self.clients > 2;
        let candidates: [(bool, Property<Self>); 9] = [
            (self.lease > 0, Property::sometimes("can be saved in the grace period", saved_in_grace)),
            (several, Property::sometimes("can be granted after a wait", granted_after_wait)),
            (outlasts, Property::sometimes("can fail over while held", fails_over_while_held)),
            (fences, Property::sometimes("can fence off a paused holder", fences_off)),
            (self.lock_delay && several, Property::sometimes("can wait for the lock-delay", waits_for_delay)),
            (
                self.shared && several,
                Property::sometimes("can share", |m, s| m.pairs().any(|(c, d)| both_hold(s, c, d))),
            ),
            (writer_may_wait, Property::sometimes("can block a writer by a group", group_blocks)),
            (writer_may_wait, Property::sometimes("can serve the writer next", writer_served_next)),
            (
                self.watch && several,
                Property::sometimes("can be told before it sleeps", |m: &Self, s: &State| {
                    (0..m.clients).any(|c| s.fired.contains(c) && s.watch.get(c) == Watch::Set)
                }),
            ),
        ];
        candidates.into_iter().filter(|(possible, _)| *possible).map(|(_, property)| property).collect()
    }

    /// Every two clients, the lesser first.
    fn pairs(&self) -> impl Iterator<Item = (usize, usize)> {
        let clients = self.clients;
        (0..clients).flat_map(move |c| (c + 1..clients).map(move |d| (c, d)))
    }
}

/// Whether not both believe that they hold the lock in modes that conflict.
pub(super) fn excludes(s: &State, c: usize, d: usize) -> bool {
    let shares = |c| s.mode(c, s.attempt.get(c)) == Mode::Shared;
    !s.believes(c) || !s.believes(d) || shares(c) && shares(d)
}

fn both_hold(s: &State, c: usize, d: usize) -> bool {
    s.cell.holds(c) && s.cell.holds(d)
}

pub(super) fn compatible(s: &State, c: usize, d: usize) -> bool {
    !both_hold(s, c, d) || s.cell.shared.contains(c) && s.cell.shared.contains(d)
}

pub(super) fn same_generation(s: &State, c: usize, d: usize) -> bool {
    let shared = both_hold(s, c, d) && s.cell.shared.contains(c) && s.cell.shared.contains(d);
    !shared || s.cell.sequencer.get(c) == s.cell.sequencer.get(d)
}

/// The first waiter is never one that could be granted.
fn head_waits_for_a_reason(m: &LockService, s: &State) -> bool {
    (0..m.clients).all(|c| waits_for_a_reason(m, s, c))
}

pub(super) fn waits_for_a_reason(m: &LockService, s: &State, c: usize) -> bool {
    s.cell.line.first() != Some(c) || s.cell.delayed || !s.cell.is_compatible(m, c)
}

/// A holding is of a session that lives. Its client knows of it, or is told or asks until it is told, or gives it back
/// until that is confirmed; or it is gone, and then the lease ends the holding.
pub(super) fn is_owned(m: &LockService, s: &State, c: usize) -> bool {
    let of_present_attempt = s.attempt.get(c) == s.cell.handled.get(c);
    let owned = match s.phase.get(c) {
        Phase::Waiting if m.watch => of_present_attempt && (s.watch.get(c) == Watch::Looking || s.fired.contains(c)),
        Phase::Waiting | Phase::Holding | Phase::Releasing => of_present_attempt,
        Phase::Fresh | Phase::Idle => false,
        Phase::Over | Phase::Crashed => true,
    };
    !s.cell.holds(c) || s.cell.session.get(c) == Session::Live && owned
}

pub(super) fn is_within(s: &State, c: usize) -> bool {
    let lives = s.cell.session.get(c) == Session::Live;
    s.lease.get(c) == 0 || lives && s.granted.get(c) >= Some(s.lease.get(c))
}

/// A holder in jeopardy whose `KeepAlive` is answered.
fn saved_in_grace(m: &LockService, s: &State) -> bool {
    let saved = |c| s.lease.get(c) == 0 && matches!(s.call.get(c), Call::Answered(_));
    (0..m.clients).any(|c| s.phase.get(c) == Phase::Holding && saved(c))
}

/// One who has stood in the queue is granted the lock, and will learn of it.
fn granted_after_wait(m: &LockService, s: &State) -> bool {
    (0..m.clients).any(|c| s.served.contains(c) && s.cell.holds(c))
}

/// One who held and believed so under the last master has its lease from the new one, and the same holding.
fn fails_over_while_held(m: &LockService, s: &State) -> bool {
    (0..m.clients).any(|c| s.carried.contains(c) && s.believes(c) && s.cell.holds(c))
}

/// The resource is asked by a holder of before, and has noted a later one.
fn fences_off(m: &LockService, s: &State) -> bool {
    (0..m.clients).any(|c| s.operation.get(c).is_some() && s.operation.get(c) < s.seen)
}

fn waits_for_delay(m: &LockService, s: &State) -> bool {
    s.cell.delayed && (0..m.clients).any(|c| s.cell.line.first() == Some(c) && s.cell.is_compatible(m, c))
}

/// Two readers hold what a writer waits for.
fn group_blocks(m: &LockService, s: &State) -> bool {
    let writes = |c: usize| !s.cell.shared.contains(c);
    s.cell.line.first().is_some_and(writes) && m.pairs().any(|(c, d)| both_hold(s, c, d))
}

/// A writer is granted, and a reader who has waited longer than the writer's grant is on its way still waits.
fn writer_served_next(m: &LockService, s: &State) -> bool {
    let is_told = |c| s.cell.holds(c) && !s.cell.shared.contains(c) && s.phase.get(c) == Phase::Waiting;
    s.cell.line.first().is_some_and(|next| s.cell.shared.contains(next)) && (0..m.clients).any(is_told)
}

/// A new holding has a greater sequencer than every earlier one that it conflicts with.
fn sequencers_grow(m: &LockService, before: &State, _: &Action, after: &State) -> bool {
    began(m, before, after).all(|c| {
        let new = after.cell.sequencer.get(c);
        let shared = if after.cell.shared.contains(c) { None } else { before.last_shared };
        new > before.last_exclusive.max(shared)
    })
}

/// Whose holdings a step begins.
fn began(m: &LockService, before: &State, after: &State) -> impl Iterator<Item = usize> {
    let (old, new) = (before.cell, after.cell);
    (0..m.clients).filter(move |&c| new.holds(c) && !old.holds(c))
}

/// A holding ends by the release of the attempt that holds, or with its session.
fn only_the_owner(m: &LockService, before: &State, action: &Action, after: &State) -> bool {
    let ended = |&c: &usize| before.cell.holds(c) && !after.cell.holds(c);
    (0..m.clients).filter(ended).all(|c| match *action {
        Action::Receive(owner) => owner == c && before.wire.get(c) == Wire::Release,
        Action::ReleaseAgain(owner, attempt) => owner == c && before.cell.handled.get(c) == attempt,
        Action::Expire(owner, _) => owner == c,
        _ => false,
    })
}

/// A session ends when its client's clock, as slow as it may be, says that the lease is over.
fn no_early_expiry(m: &LockService, before: &State, _: &Action, after: &State) -> bool {
    let ends = |&c: &usize| before.cell.session.get(c) == Session::Live && after.cell.session.get(c) == Session::Ended;
    (0..m.clients).filter(ends).all(|c| before.lease.get(c) == 0)
}

/// Nothing is granted before a tick has passed since a holder's session ended.
fn delay_kept(m: &LockService, before: &State, _: &Action, after: &State) -> bool {
    !after.settling || began(m, before, after).next().is_none()
}

/// The release of what is over changes neither holdings nor queue.
fn release_idempotent(_: &LockService, before: &State, action: &Action, after: &State) -> bool {
    let (c, attempt) = match *action {
        Action::Receive(c) if before.wire.get(c) == Wire::Release => (c, before.attempt.get(c)),
        Action::ReleaseAgain(c, attempt) => (c, attempt),
        _ => return true,
    };
    let is_due = before.cell.has_node(c) && before.cell.handled.get(c) <= attempt;
    is_due || before.cell.sequencer == after.cell.sequencer && before.cell.line == after.cell.line
}

fn no_return(m: &LockService, before: &State, _: &Action, after: &State) -> bool {
    let ended = |s: &State, c| s.cell.session.get(c) == Session::Ended;
    (0..m.clients).all(|c| !ended(before, c) || ended(after, c))
}

/// Who is granted the lock passes nobody who waits.
fn no_barging(m: &LockService, before: &State, _: &Action, after: &State) -> bool {
    began(m, before, after).all(|c| {
        let mut ahead = before.cell.line.iter().take_while(|&other| other != c);
        ahead.all(|other| !after.cell.line.contains(other))
    })
}

impl Describe for LockService {
    worded!();
    guarded!();
    drawn!();

    fn temporal(&self) -> Vec<Temporal<Self>> {
        let mut claims = vec![
            Temporal::step(OWNER, only_the_owner),
            Temporal::step(NO_EARLY_EXPIRY, no_early_expiry),
            Temporal::step(IDEMPOTENT, release_idempotent),
            Temporal::step(NO_RETURN, no_return),
            Temporal::step(NO_BARGING, no_barging),
            Temporal::refinement("refines mutual-exclusion", ExcludesMutually::of(self)),
        ];
        if self.lock_delay {
            claims.push(Temporal::step(DELAY_KEPT, delay_kept));
        }
        if self.attempts > 0 {
            claims.push(Temporal::step(GROW, sequencers_grow));
        }
        if self.commands > 0 {
            claims.push(Temporal::refinement(COMMITTED, MastersCommit::of(self)));
        }
        claims.extend(liveness::claims(self));
        claims
    }
}
