//! What is owed to whom: clients are alike, so the first stands for any.

use super::{Action, LockService, Master, Phase, State};
use proofmark_vocabulary::{Fairness, Temporal};

pub(super) const CRASHED_FREED: &str = "a crashed holder's lock is freed";
pub(super) const RELEASED_FREED: &str = "a released lock is freed";
pub(super) const WAITER_ENDS: &str = "every waiter is granted, times out or is cancelled";
pub(super) const RESTS: &str = "the lock can always become free";

/// The claims of behaviours, whose check keeps the graph of all steps.
pub(super) const LIVENESS: &[&str] = &[CRASHED_FREED, RELEASED_FREED, WAITER_ENDS, RESTS];

pub(super) fn claims(m: &LockService) -> Vec<Temporal<LockService>> {
    let gives_back = delivers(0).into_iter().chain([ticks(), expires(0)]).collect();
    let mut claims = vec![
        Temporal::leads_to(RELEASED_FREED, |_, s| is_given_back(s), |_, s| !s.cell.holds(0), gives_back),
        Temporal::leads_to(WAITER_ENDS, |_, s| waits(s), |_, s| !waits(s), m.all_move_on()),
        Temporal::always_can(RESTS, |_, s| is_free(s), Some(Box::new(is_wish))),
    ];
    if m.crashes > 0 {
        claims.push(Temporal::leads_to(
            CRASHED_FREED,
            |_, s| is_gone(s),
            |_, s| !s.cell.holds(0),
            vec![ticks(), expires(0)],
        ));
    }
    claims
}

/// A holder has crashed, or its session is lost.
fn is_gone(s: &State) -> bool {
    s.cell.holds(0) && !s.phase.get(0).is_alive()
}

/// A holder has begun to give back, or believes that it has.
fn is_given_back(s: &State) -> bool {
    s.cell.holds(0) && matches!(s.phase.get(0), Phase::Idle | Phase::Releasing)
}

fn waits(s: &State) -> bool {
    s.phase.get(0) == Phase::Waiting
}

fn is_free(s: &State) -> bool {
    s.cell.sequencer == crate::Map::default() && s.cell.line.first().is_none() && !s.cell.delayed
}

/// What clients wish for, and faults.
fn is_wish(action: &Action) -> bool {
    matches!(
        action,
        Action::Request(..)
            | Action::AcquireAgain(..)
            | Action::LoseRequest(_)
            | Action::LoseGrant(_)
            | Action::Failover
            | Action::Crash(_)
    )
}

/// The master ends a session whose lease is over.
fn expires(c: usize) -> Fairness<LockService> {
    Fairness::weak(format!("Expire({c})"), move |a| *a == Action::Expire(c, Master::Newest))
}

/// What is asked arrives, for it is asked again.
fn delivers(c: usize) -> [Fairness<LockService>; 2] {
    [
        Fairness::weak(format!("Receive({c})"), move |a| *a == Action::Receive(c)),
        Fairness::weak(format!("Resend({c})"), move |a| *a == Action::Resend(c)),
    ]
}

/// Time goes on.
fn ticks() -> Fairness<LockService> {
    Fairness::weak("Tick", |a| *a == Action::Tick)
}

impl LockService {
    /// All of it, and clients learn what they are told, and holders come to be through. A waiter that has lost its
    /// session is told so. Nobody is owed the end of its grace period, its sleep or a cancellation.
    fn all_move_on(&self) -> Vec<Fairness<Self>> {
        let mut fairness = vec![ticks(), Fairness::weak("LearnEnd(0)", |a| *a == Action::LearnEnd(0))];
        for c in 0..self.clients {
            fairness.push(expires(c));
            fairness.extend(delivers(c));
            fairness.push(Fairness::weak(format!("Release({c})"), move |a| *a == Action::Release(c)));
            if self.watch {
                fairness.push(Fairness::weak(format!("Look({c})"), move |a| *a == Action::Look(c)));
                fairness.push(Fairness::weak(format!("Notify({c})"), move |a| *a == Action::Notify(c)));
            } else {
                fairness.push(Fairness::weak(format!("LearnGrant({c})"), move |a| *a == Action::LearnGrant(c)));
            }
        }
        if self.lock_delay {
            fairness.push(Fairness::weak("EndDelay", |a| *a == Action::EndDelay));
        }
        fairness
    }
}
