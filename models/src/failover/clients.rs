//! The clients, the resource and the participants.

use super::{Decision, Doing, Failover, Guard, State, Who, of_holding};
use crate::problems::transaction_commit::Phase;

impl Failover {
    pub(super) fn ask(&self, s: &State, c: usize) -> Result<State, Guard> {
        self.require_up(s, Who::Client(c))?;
        Ok(State { doing: s.doing.with(c, Doing::Asking), asked: s.asked + 1, ..*s })
    }

    /// Also a client that has not asked again takes what it is given: else nobody would give it back.
    pub(super) fn hold(&self, s: &State, c: usize, sequencer: u8) -> Result<State, Guard> {
        self.require(self.teller(s, c, sequencer).is_some(), Guard::GrantTold)?;
        self.require(Some(sequencer) > s.sequencer.get(c), Guard::NewToClient)?;
        self.require_up(s, Who::Client(c))?;
        let sequencers = s.sequencer.with(c, Some(sequencer));
        Ok(State { doing: s.doing.with(c, Doing::Holding), sequencer: sequencers, ..*s })
    }

    /// The client believes what it was told for as long as it likes, so this may come as late as a message may.
    pub(super) fn operate(&self, s: &State, c: usize) -> Result<State, Guard> {
        let operation = s.sequencer.get(c).map(|sequencer| (sequencer, c as u8));
        let past = s.resource.is_some_and(|(last, _)| s.sequencer.get(c) < Some(last));
        self.require(!past, Guard::SequencerNotPast)?;
        self.require_up(s, Who::Client(c))?;
        // Two clients with one sequencer have two holdings, whatever the resource makes of that.
        let shared = s.resource.is_some_and(|(last, of)| s.sequencer.get(c) == Some(last) && usize::from(of) != c);
        Ok(State { resource: operation, overtaken: s.overtaken || past || shared, ..*s })
    }

    pub(super) fn release(&self, s: &State, c: usize) -> Result<State, Guard> {
        self.require_up(s, Who::Client(c))?;
        let given_back = s.sequencer.get(c).map(|sequencer| of_holding(c, sequencer));
        let released = given_back.map_or(s.released, |message| s.released.with(message));
        Ok(State { doing: s.doing.with(c, Doing::Idle), released, ..*s })
    }

    pub(super) fn prepare(&self, s: &State, p: usize) -> Result<State, Guard> {
        self.require(s.phases.get(p) == Phase::Working, Guard::WorkingToPrepare)?;
        self.require_up(s, Who::Participant(p))?;
        Ok(State { phases: s.phases.with(p, Phase::Prepared), yes: s.yes.with(p), ..*s })
    }

    pub(super) fn choose_to_abort(&self, s: &State, p: usize) -> Result<State, Guard> {
        self.require(s.phases.get(p) == Phase::Working, Guard::WorkingToAbort)?;
        self.require_up(s, Who::Participant(p))?;
        Ok(State { phases: s.phases.with(p, Phase::Aborted), no: s.no.with(p), ..*s })
    }

    pub(super) fn learn(&self, s: &State, p: usize, decision: Decision) -> Result<State, Guard> {
        self.require(self.announcer(s, decision).is_some(), Guard::OutcomeTold)?;
        self.require_up(s, Who::Participant(p))?;
        Ok(State { phases: s.phases.with(p, decision.phase()), ..*s })
    }
}
