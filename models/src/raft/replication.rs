//! How a leader replicates its log and commits it (thesis, section 3.5 and 3.6).

use super::{Bug, Command, Guard, Kind, Log, Message, ProgressState, REQUESTS, Raft, Role, Servers, State};

impl Raft {
    pub(super) fn client_request(&self, s: &mut State, i: usize) -> Result<(), Guard> {
        self.require(s.role.get(i) == Role::Leader, Guard::IsLeader)?;
        Self::spend(s, REQUESTS);
        self.append(s, i, Command::Request(s.spent.get(REQUESTS)));
        Ok(())
    }

    /// What the server is thought to lack. It may be nothing: then the message tells who leads, and what is committed.
    /// If the window is full, it is nothing: that finds out what became of what is in flight.
    pub(super) fn replicate(&self, s: &mut State, i: usize, j: usize) -> Result<(), Guard> {
        let (log, progress) = (s.log[i], s.progress[i]);
        self.require(!progress.is_paused(j), Guard::NotPaused)?;
        let before = progress.next(j).saturating_sub(1);
        let count = if self.is_full(progress, j) { 0 } else { log.last_index().saturating_sub(before).min(self.batch) };
        let message = Message::new(Kind::AppendEntries, i, j, s.current_term.get(i))
            .entry(before, log.term(before))
            .entries(log, before + 1, count)
            .hinting(s.commit_index.get(i))
            .context(s.reading.get(i));
        s.network.insert(message);
        s.progress[i] = self.sent_entries(progress, j, count);
        Ok(())
    }

    /// Figure 2, *`AppendEntries` RPC*, receiver implementation.
    pub(super) fn handle_append(&self, s: &mut State, message: Message) {
        let (i, term) = (message.to(), s.current_term.get(message.to()));
        if message.term() < term && self.bug != Some(Bug::LateAppendLowersTerm) {
            let refusal = Message::new(Kind::AppendResponse, i, message.from(), term).entry(message.index(), 0);
            return self.answer(s, refusal);
        }
        self.hear(s, i, message.term());
        let log = s.log[i];
        let response = Message::new(Kind::AppendResponse, i, message.from(), message.term())
            .context(message.number())
            .live(self.leases);
        if message.index() < log.snapshot_index() && self.bug != Some(Bug::GoneIsConflict) {
            // What a snapshot has replaced is committed, so the leader has it too.
            return self.answer(s, response.entry(s.commit_index.get(i), 0).saying(true));
        }
        let matches = message.index() <= log.last_index() && log.term(message.index()) == message.log_term();
        if !matches && self.bug != Some(Bug::AppendsWithoutMatch) {
            if self.bug == Some(Bug::GoneIsConflict) && message.index() < log.snapshot_index() {
                s.log[i] = log.up_to(log.snapshot_index());
            }
            let hint = self.hint(log, message);
            return self.answer(s, response.entry(message.index(), log.term(hint)).hinting(hint));
        }
        s.log[i] = self.appended(log, message);
        let last = message.index() + message.count();
        self.commit_up_to(s, i, s.commit_index.get(i).max(message.hint().min(last)));
        self.reconfigure(s, i);
        self.answer(s, response.entry(last, 0).saying(true));
    }

    /// Who hears from a leader follows it, and keeps to it for a while.
    pub(super) fn hear(&self, s: &mut State, i: usize, term: u8) {
        let (same_term, role) = (term == s.current_term.get(i), s.role.get(i));
        if !same_term {
            Self::see_term(s, i, term);
        } else if role != Role::Follower {
            Self::become_idle(s, i, Role::Follower);
        }
        if self.bug == Some(Bug::FollowerRollsBack) && !same_term {
            s.log[i] = s.log[i].up_to(s.commit_index.get(i));
        }
        if self.check_quorum {
            s.fresh = s.fresh.with(i);
        }
        if self.bug == Some(Bug::VoteResetSameTerm) && same_term && role != Role::Follower {
            s.voted_for.set(i, None);
        }
    }

    /// An entry that conflicts with a new one goes, and all that follow it; one that does not stays, and so does what
    /// follows it: the message may be an old one.
    fn appended(&self, log: Log, message: Message) -> Log {
        let mut after = match self.bug {
            Some(Bug::ReplacesAll) => log.up_to(message.index()),
            Some(Bug::TruncatesEarly) if message.count() == 0 => log.up_to(message.index()),
            _ => log,
        };
        for (index, entry) in message.appended() {
            if after.get(index) != Some(entry) {
                after = after.up_to(index - 1).put(index, entry);
            }
        }
        after
    }

    /// The latest entry of the follower's that may match: its term is not beyond that of the entry that did not.
    fn hint(&self, log: Log, message: Message) -> u8 {
        if !self.hints {
            return 0;
        }
        let candidates = (1..=message.index().min(log.last_index())).rev();
        candidates.filter(|&index| log.term(index) <= message.log_term()).max().unwrap_or(0)
    }

    pub(super) fn handle_append_response(&self, s: &mut State, answer: Message) {
        let (i, j, term) = (answer.to(), answer.from(), s.current_term.get(answer.to()));
        if answer.term() > term {
            if self.bug == Some(Bug::RefusalIsContact) && s.role.get(i) == Role::Leader {
                return s.lease.set(i, s.lease.get(i).with(j));
            }
            return Self::see_term(s, i, answer.term());
        }
        if s.role.get(i) != Role::Leader || answer.term() < term {
            return;
        }
        if self.check_quorum {
            s.active.set(i, s.active.get(i).with(j));
        }
        if answer.is_live() || self.leases && self.bug == Some(Bug::LateAnswerExtendsLease) {
            s.lease.set(i, s.lease.get(i).with(j));
        }
        if s.reading.get(i) > 0 && answer.number() == s.reading.get(i) {
            s.read_acks.set(i, s.read_acks.get(i).with(j));
        }
        let progress = s.progress[i];
        s.progress[i] = match progress.state(j) {
            _ if answer.says_yes() => {
                let matched = progress.matched(j).max(answer.index());
                let updated = progress.with_match(j, matched).with_next(j, progress.next(j).max(matched + 1));
                self.acknowledged(s.log[i], progress, updated, answer)
            }
            ProgressState::Probe if answer.index() + 1 == progress.next(j) => {
                let next = self.next_probe(s.log[i], answer).max(progress.matched(j) + 1);
                let probing = progress.with_next(j, next).pausing(j, false);
                if self.bug == Some(Bug::HintIsMatch) { probing.with_match(j, answer.hint()) } else { probing }
            }
            ProgressState::Replicate if answer.index() > progress.matched(j) => self.rejected(progress, j),
            // It answers an earlier message than the last, or the snapshot is still to be answered.
            _ => progress,
        };
    }

    /// Where to look next: behind the leader's latest entry whose term is not beyond that of the hint; or one before.
    fn next_probe(&self, log: Log, refusal: Message) -> u8 {
        if !self.hints {
            return refusal.index().max(1);
        }
        let candidates = 1..=refusal.hint().min(log.last_index());
        candidates.filter(|&index| log.term(index) <= refusal.log_term()).max().unwrap_or(0) + 1
    }

    /// The latest entry that a quorum has, and that is of the leader's own term (section 3.6.2): those before it are
    /// committed with it.
    pub(super) fn advance_commit(&self, s: &mut State, i: usize) -> Result<(), Guard> {
        let (log, commit) = (s.log[i], s.commit_index.get(i));
        let has = |index, j| match self.bug {
            Some(Bug::UnsyncedCounted) if j == i => true,
            _ if j == i => self.synced_to(s, i) >= index,
            _ => s.progress[i].matched(j) >= index,
        };
        let stored = |index: &u8| {
            let servers: Servers = self.all().filter(|&j| has(*index, j)).collect();
            self.is_quorum(s, i, servers)
        };
        let last = (commit + 1..=log.last_index()).rev().find(stored);
        self.require(last.is_some(), Guard::StoredByQuorum)?;
        let last = last.unwrap_or(log.last_index());
        self.require(log.term(last) == s.current_term.get(i) && last > commit, Guard::OfOwnTerm)?;
        self.commit_as_leader(s, i, last);
        Ok(())
    }

    fn commit_as_leader(&self, s: &mut State, i: usize, commit: u8) {
        self.commit_up_to(s, i, commit);
        for (index, entry) in s.log[i].up_to(commit).iter() {
            if s.committed.get(index).is_none() {
                s.committed = s.committed.put(index, entry);
                s.committed_in.set(index.into(), s.current_term.get(i));
            }
        }
    }

    /// What is committed is applied with that, unless it is applied some time later.
    pub(super) fn commit_up_to(&self, s: &mut State, i: usize, commit: u8) {
        s.commit_index.set(i, commit);
        s.learned.set(i, s.learned.get(i).max(commit));
        if self.at_apply {
            self.reconfigure(s, i);
        }
    }
}
