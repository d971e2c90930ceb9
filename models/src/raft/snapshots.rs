//! How entries are applied and a log is compacted (thesis, chapter 5).

use super::{Bug, COMPACTIONS, Guard, Kind, Log, Message, Raft, State};

impl Raft {
    /// Up to where a server has applied its log: where that is no step of its own, as far as it is committed.
    #[inline]
    pub(super) fn applied(&self, s: &State, i: usize) -> u8 {
        if self.apply_lag { s.applied.get(i) } else { s.commit_index.get(i) }
    }

    /// The next entry that is committed. A configuration may come in force by it.
    pub(super) fn apply(&self, s: &mut State, i: usize) -> Result<(), Guard> {
        let next = s.applied.get(i) + 1;
        self.require(next <= s.commit_index.get(i), Guard::Committed)?;
        s.applied.set(i, next);
        if self.at_apply {
            self.reconfigure(s, i);
        }
        Ok(())
    }

    /// What is applied is in the state machine, whose snapshot takes the place of the entries.
    pub(super) fn compact(&self, s: &mut State, i: usize, index: u8) -> Result<(), Guard> {
        self.require(index <= self.applied(s, i), Guard::Applied)?;
        let log = s.log[i];
        if let Some((_, number)) = log.configuration(log.snapshot_index(), index) {
            s.snapshot_configuration.set(i, number);
        }
        s.log[i] = log.from(index);
        Self::spend(s, COMPACTIONS);
        Ok(())
    }

    /// The snapshot stands for the entries up to its index: their contents are compared when they are committed.
    pub(super) fn install_snapshot(&self, s: &mut State, i: usize, j: usize) -> Result<(), Guard> {
        self.require(!s.progress[i].is_paused(j), Guard::NotPaused)?;
        let log = s.log[i];
        let index = log.snapshot_index();
        let message = Message::new(Kind::InstallSnapshot, i, j, s.current_term.get(i))
            .entry(index, log.term(index))
            .entries(log, index, 1)
            .context(s.snapshot_configuration.get(i));
        s.network.insert(message);
        if self.window > 0 {
            s.progress[i] = s.progress[i].becoming_snapshot(j, index);
        }
        Ok(())
    }

    /// Figure 5.3, receiver implementation. A log that has the snapshot's last entry is kept; another is gone as a
    /// whole.
    pub(super) fn handle_snapshot(&self, s: &mut State, message: Message) {
        let (i, term) = (message.to(), s.current_term.get(message.to()));
        let response = Message::new(Kind::AppendResponse, i, message.from(), term.max(message.term()));
        if message.term() < term {
            return self.answer(s, response.entry(message.index(), 0));
        }
        let (index, commit) = (message.index(), s.commit_index.get(i));
        let is_kept = s.log[i].term(index) == message.log_term();
        self.hear(s, i, message.term());
        if index <= commit {
            return self.answer(s, response.entry(commit, 0).saying(true));
        }
        if !is_kept && self.bug != Some(Bug::SnapshotKeepsConflict) {
            s.log[i] = Log::of_snapshot(index, message.first());
            s.snapshot_configuration.set(i, message.number());
            if self.apply_lag {
                s.applied.set(i, index);
            }
        }
        self.commit_up_to(s, i, index.min(s.log[i].last_index()));
        self.reconfigure(s, i);
        if self.bug == Some(Bug::RestoreDropsJoint) {
            let (number, simple) = (s.configuration.get(i), self.configurations.len() as u8);
            s.configuration.set(i, number.checked_sub(simple).map_or(number, |joint| joint % simple));
        }
        self.answer(s, response.entry(index, 0).saying(true));
    }
}
