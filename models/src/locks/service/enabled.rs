//! Which actions are candidates: what is on its way may arrive, and clients may wish.

use super::{Action, Call, LockService, Master, Phase, Resource, Session, State, Watch, Wire};
use crate::problems::mutual_exclusion::Mode;

impl LockService {
    /// Between a client and the cell's sessions.
    pub(super) fn session_actions(&self, s: &State, c: usize, actions: &mut Vec<Action>) {
        let (phase, session, call) = (s.phase.get(c), s.cell.session.get(c), s.call.get(c));
        if call == Call::None && s.lease.get(c) < self.duration() {
            actions.push(Action::KeepAlive(c));
        }
        let sent = matches!(call, Call::Sent(_));
        if sent && session == Session::New || self.opening && self.duplicates && phase != Phase::Fresh {
            actions.push(Action::OpenSession(c));
        }
        if sent && session != Session::New {
            actions.push(Action::Answer(c, Master::Newest));
            if s.stalled.get(c).is_some() {
                actions.push(Action::Answer(c, Master::Stalled));
            }
        }
        if phase.is_alive() && matches!(call, Call::Answered(_)) {
            actions.push(Action::Renew(c));
        }
        if phase.is_alive() && session == Session::Ended {
            actions.push(Action::LearnEnd(c));
        }
        if phase.is_alive() && phase != Phase::Fresh && !self.has_time(s, c) {
            actions.push(Action::GiveUp(c));
        }
        if session == Session::Live {
            actions.push(Action::Expire(c, Master::Newest));
            if s.stalled.get(c).is_some() && !s.revokes.contains(c) {
                actions.push(Action::Expire(c, Master::Stalled));
            }
        }
    }

    /// Between a client and the lock.
    pub(super) fn lock_actions(&self, s: &State, c: usize, actions: &mut Vec<Action>) {
        let (phase, attempt, wire) = (s.phase.get(c), s.attempt.get(c), s.wire.get(c));
        match phase {
            Phase::Idle if self.has_time(s, c) && (self.attempts == 0 || attempt < self.attempts) => {
                actions.push(Action::Request(c, Mode::Exclusive));
                if self.shared {
                    actions.push(Action::Request(c, Mode::Shared));
                }
            }
            Phase::Waiting => {
                actions.push(Action::Cancel(c));
                if self.watch {
                    Self::watch_actions(s, c, actions);
                } else {
                    actions.push(Action::LearnGrant(c));
                }
            }
            Phase::Holding => actions.push(Action::Release(c)),
            Phase::Releasing => actions.push(Action::LearnRelease(c)),
            _ => {}
        }
        if wire == Wire::None && matches!(phase, Phase::Waiting | Phase::Releasing) {
            actions.push(Action::Resend(c));
        }
        if wire != Wire::None {
            actions.push(Action::Receive(c));
        }
        if self.duplicates {
            let ended = match phase {
                Phase::Idle | Phase::Releasing => attempt,
                _ => attempt.saturating_sub(1),
            };
            actions.extend((1..=attempt).map(|attempt| Action::AcquireAgain(c, attempt)));
            actions.extend((1..=ended).map(|attempt| Action::ReleaseAgain(c, attempt)));
        }
        if s.lost < self.losses {
            if wire != Wire::None {
                actions.push(Action::LoseRequest(c));
            }
            if s.grant.get(c).is_some() {
                actions.push(Action::LoseGrant(c));
            }
        }
    }

    pub(super) fn watch_actions(s: &State, c: usize, actions: &mut Vec<Action>) {
        let known = s.cell.has_node(c) && s.cell.handled.get(c) == s.attempt.get(c);
        match s.watch.get(c) {
            Watch::Looking if known => actions.push(Action::Look(c)),
            Watch::Set => actions.push(Action::Sleep(c)),
            _ => {}
        }
        if s.fired.contains(c) {
            actions.push(Action::Notify(c));
        }
    }

    /// Between a client and the resource.
    pub(super) fn resource_actions(&self, s: &State, c: usize, actions: &mut Vec<Action>) {
        match s.operation.get(c) {
            None if s.phase.get(c) == Phase::Holding => actions.push(Action::Operate(c)),
            None => {}
            Some(sequencer) => {
                actions.push(Action::Accept(c));
                if self.resource == Resource::Sequencers && Some(sequencer) < s.seen {
                    actions.push(Action::Reject(c));
                }
            }
        }
    }

    /// A log that is full takes no more commands.
    pub(super) fn has_room(&self, s: &State, action: Action) -> bool {
        let commits = matches!(
            action,
            Action::OpenSession(_)
                | Action::Receive(_)
                | Action::AcquireAgain(..)
                | Action::ReleaseAgain(..)
                | Action::Expire(..)
                | Action::EndDelay
        );
        !commits || self.commands == 0 || s.log.len() < self.commands
    }
}
