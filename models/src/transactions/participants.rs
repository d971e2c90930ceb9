//! What the participants do.

use super::{Bug, Guard, Kind, Phase, State, Transactions, place};
use crate::Map;

impl Transactions {
    pub(super) fn prepare(&self, s: &State, t: usize, p: usize) -> Result<State, Guard> {
        self.require(s.was_sent(t, Kind::Prepare), Guard::PrepareSent)?;
        self.may_vote(s, t, p)?;
        let prepared = s.with_phase(t, p, Phase::Prepared);
        Ok(State { locks: s.locks.with(p, Some(t as u8)), msgs: s.msgs.with(Kind::Yes(p).of(t)), ..prepared })
    }

    /// It needs its key only for as long as it reads.
    pub(super) fn vote_read_only(&self, s: &State, t: usize, p: usize) -> Result<State, Guard> {
        self.require(s.was_sent(t, Kind::Prepare), Guard::PrepareSent)?;
        self.may_vote(s, t, p)?;
        Ok(State { msgs: s.msgs.with(Kind::Read(p).of(t)), ..s.with_phase(t, p, Phase::ReadOnly) })
    }

    pub(super) fn commit_alone(&self, s: &State, t: usize, p: usize) -> Result<State, Guard> {
        self.require(s.was_sent(t, Kind::OnePhase), Guard::OnePhaseSent)?;
        self.may_vote(s, t, p)?;
        Ok(State { msgs: s.msgs.with(Kind::Yes(p).of(t)), ..carried_out(s, t, p) })
    }

    fn may_vote(&self, s: &State, t: usize, p: usize) -> Result<(), Guard> {
        let phase = s.phase(t, p);
        let working = match self.bug {
            // It looks for the record of an abort, and not for that of a commit.
            Some(Bug::ForgottenCommit) => matches!(phase, Phase::Working | Phase::Committed),
            _ => phase == Phase::Working,
        };
        self.require(working, Guard::Working)?;
        self.require(s.locks.get(p).is_none(), Guard::KeyFree)?;
        self.require_up(s, p)
    }

    /// It need not say why: it has waited for its request or for its key for too long, or it cannot do its part.
    pub(super) fn refuse(&self, s: &State, t: usize, p: usize) -> Result<State, Guard> {
        self.require(s.phase(t, p) == Phase::Working, Guard::Working)?;
        self.require_up(s, p)?;
        Ok(State { msgs: s.msgs.with(Kind::No(p).of(t)), ..self.rolled_back(s, t, p) })
    }

    pub(super) fn inquire(&self, s: &State, t: usize, p: usize) -> Result<State, Guard> {
        self.require(s.phase(t, p) == Phase::Prepared, Guard::InDoubt)?;
        self.require_up(s, p)?;
        Ok(State { msgs: s.msgs.with(Kind::Inquiry(p).of(t)), ..*s })
    }

    /// That the participant is prepared, or has committed already, follows from the message. It acknowledges again
    /// what it is told again.
    pub(super) fn receive_commit(&self, s: &State, t: usize, p: usize) -> Result<State, Guard> {
        self.require(s.was_sent(t, Kind::Commit), Guard::CommitSent)?;
        self.require(s.phase(t, p) != Phase::ReadOnly, Guard::NotReadOnly)?;
        self.require_up(s, p)?;
        let committed = if s.phase(t, p) == Phase::Committed { *s } else { carried_out(s, t, p) };
        Ok(State { msgs: s.msgs.with(Kind::Acknowledged(p).of(t)), ..committed })
    }

    /// A participant that is still working aborts too: a request that comes later finds that on record.
    pub(super) fn receive_abort(&self, s: &State, t: usize, p: usize) -> Result<State, Guard> {
        self.require(s.was_sent(t, Kind::Abort), Guard::AbortSent)?;
        self.require(s.phase(t, p) != Phase::ReadOnly, Guard::NotReadOnly)?;
        self.require(s.phase(t, p) != Phase::Committed, Guard::NotCommitted)?;
        self.require_up(s, p)?;
        Ok(if s.phase(t, p) == Phase::Aborted { *s } else { self.rolled_back(s, t, p) })
    }

    /// The participant has a record of the abort and has let go of the key.
    fn rolled_back(&self, s: &State, t: usize, p: usize) -> State {
        let mut after = s.with_phase(t, p, Phase::Aborted);
        if self.bug != Some(Bug::RollbackLeavesLocks) {
            after.locks = released(s, t, p);
        }
        if self.bug == Some(Bug::CollapsedRecord) {
            // The record of a later transaction takes the place of the one that is there.
            for other in (0..self.transactions).filter(|&other| other != t && s.phase(other, p) == Phase::Aborted) {
                after = after.with_phase(other, p, Phase::Working);
            }
        }
        after
    }

    fn require_up(&self, s: &State, p: usize) -> Result<(), Guard> {
        self.require(!s.down.contains(p), Guard::Up)
    }

    /// The participants that have a part in a transaction.
    pub(super) fn parts(&self, s: &State, t: usize) -> impl Iterator<Item = usize> + use<> {
        let alone = s.alone.get(t).map(usize::from);
        (0..self.participants).filter(move |&p| alone.is_none_or(|only| only == p))
    }
}

/// The participant has committed: what the transaction writes is there, and its key is free.
fn carried_out(s: &State, t: usize, p: usize) -> State {
    let times = (s.carried_out.get(place(t, p)) + 1).min(2);
    let carried_out = s.carried_out.with(place(t, p), times);
    State { carried_out, locks: released(s, t, p), ..s.with_phase(t, p, Phase::Committed) }
}

/// The keys when the transaction has let go of that of the participant.
fn released(s: &State, t: usize, p: usize) -> Map<Option<u8>, u32> {
    if s.holds(t, p) { s.locks.with(p, None) } else { s.locks }
}
