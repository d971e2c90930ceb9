//! What the replicas of the coordinator do, and their log.

use super::{Bug, ENTRIES, Entry, Guard, Kind, MOST, State, Transactions, node_of};
use crate::problems::replicated_log::{self, ReplicatedLog};
use proofmark_vocabulary::Model;

impl Transactions {
    pub(super) fn begin(&self, s: &State, r: usize, t: usize) -> Result<State, Guard> {
        let begun = self.begin_either(s, r, t)?;
        Ok(State { open: s.open.with(t), msgs: s.msgs.with(Kind::Prepare.of(t)), ..begun })
    }

    /// The leader keeps nothing of it: whoever is left the decision is never in doubt, and never asks.
    pub(super) fn begin_one_phase(&self, s: &State, r: usize, t: usize, p: usize) -> Result<State, Guard> {
        let begun = self.begin_either(s, r, t)?;
        Ok(State { alone: s.alone.with(t, Some(p as u8)), msgs: s.msgs.with(Kind::OnePhase.of(t)), ..begun })
    }

    fn begin_either(&self, s: &State, r: usize, t: usize) -> Result<State, Guard> {
        self.require(!s.has_begun(t), Guard::NotBegun)?;
        self.require(s.leads(r), Guard::Leads)?;
        Ok(State { begun: s.begun.with(t, s.reign.get(r)), ..*s })
    }

    /// It is told in a step of its own: a crash may come between.
    pub(super) fn commit(&self, s: &State, r: usize, t: usize) -> Result<State, Guard> {
        self.require(s.leads(r), Guard::Leads)?;
        self.require(s.is_open_at(t, r), Guard::Open)?;
        self.require(self.has_every_vote(s, t), Guard::EveryVoteYes)?;
        Ok(State { open: s.open.without(t), ..self.append(s, r, Entry::Commit(t))? })
    }

    pub(super) fn abort_on_no(&self, s: &State, r: usize, t: usize) -> Result<State, Guard> {
        let said_no = (0..self.participants).any(|p| s.was_sent(t, Kind::No(p)));
        self.require(said_no, Guard::NoSent)?;
        self.abort(s, r, t)
    }

    pub(super) fn time_out(&self, s: &State, r: usize, t: usize) -> Result<State, Guard> {
        let aborted = self.abort(s, r, t)?;
        Ok(State { timed_out: s.timed_out.with(t), ..aborted })
    }

    /// Who presumes abort writes nothing down and forgets at once.
    fn abort(&self, s: &State, r: usize, t: usize) -> Result<State, Guard> {
        self.require(s.leads(r), Guard::Leads)?;
        self.require(s.is_open_at(t, r), Guard::Open)?;
        Ok(State { open: s.open.without(t), msgs: s.msgs.with(Kind::Abort.of(t)), ..*s })
    }

    pub(super) fn tell(&self, s: &State, r: usize, t: usize) -> Result<State, Guard> {
        self.require(s.leads(r), Guard::Leads)?;
        self.require(self.finds_commit(s, r, t) && self.cares(s, r, t), Guard::CommitOnRecord)?;
        Ok(State { msgs: s.msgs.with(Kind::Commit.of(t)), ..*s })
    }

    /// What has a commit on record is told of without being asked.
    pub(super) fn answer(&self, s: &State, r: usize, t: usize) -> Result<State, Guard> {
        let asked = (0..self.participants).any(|p| s.was_sent(t, Kind::Inquiry(p)));
        self.require(s.leads(r), Guard::Leads)?;
        self.require(asked, Guard::InquirySent)?;
        self.require(!self.finds_commit(s, r, t), Guard::NothingOnRecord)?;
        self.require(!s.is_open_at(t, r), Guard::NotOpen)?;
        self.require(s.begun.get(t) <= s.reign.get(r) && self.cares(s, r, t), Guard::OfThePast)?;
        Ok(State { msgs: s.msgs.with(Kind::Abort.of(t)), ..*s })
    }

    pub(super) fn end(&self, s: &State, r: usize, t: usize) -> Result<State, Guard> {
        let acknowledged = |p| !s.was_sent(t, Kind::Yes(p)) || s.was_sent(t, Kind::Acknowledged(p));
        self.require(s.leads(r), Guard::Leads)?;
        self.require(s.has_on_record(r, t), Guard::CommitOnRecord)?;
        self.require((0..self.participants).all(acknowledged), Guard::EveryCommitAcknowledged)?;
        self.append(s, r, Entry::End(t))
    }

    /// The replica learns what was committed and commits behind it that it leads. What it had in memory as a leader
    /// before is gone with that reign.
    pub(super) fn take_over(&self, s: &State, r: usize) -> Result<State, Guard> {
        self.require(!s.down.contains(node_of(r)), Guard::Up)?;
        let learned = self.with_all_learned(s, r);
        let led = match self.bug {
            Some(Bug::TakesOverOffTheLog) => learned,
            _ => self.append(&learned, r, Entry::Lead(r))?,
        };
        let reign = self.last_reign(s) + 1;
        Ok(State { reign: s.reign.with(r, reign), open: s.open_without(s.reign.get(r)), ..led })
    }

    pub(super) fn suspect(&self, s: &State, r: usize) -> Result<State, Guard> {
        let after = self.take_over(s, r)?;
        Ok(State { suspicions: s.suspicions.saturating_add(1), ..after })
    }

    /// Whether the leader finds a commit on record: its own, or that of one before it.
    fn finds_commit(&self, s: &State, r: usize, t: usize) -> bool {
        let is_untold = s.begun.get(t) < s.reign.get(r) && !s.was_sent(t, Kind::Commit);
        s.has_on_record(r, t) && !(self.bug == Some(Bug::UntoldIsAborted) && is_untold)
    }

    /// Whose transactions a leader looks after: everybody's.
    fn cares(&self, s: &State, r: usize, t: usize) -> bool {
        self.bug != Some(Bug::LooksAfterItsOwn) || s.begun.get(t) == s.reign.get(r)
    }

    /// Whether every participant has voted yes, one that has only read among them.
    pub(super) fn has_every_vote(&self, s: &State, t: usize) -> bool {
        self.parts(s, t).all(|p| s.was_sent(t, Kind::Yes(p)) || s.was_sent(t, Kind::Read(p)))
    }
}

// The log, which does what its specification does.
impl Transactions {
    fn append(&self, s: &State, r: usize, entry: Entry) -> Result<State, Guard> {
        self.committed(s, r, entry.value()).ok_or(Guard::PlaceFree)
    }

    fn with_all_learned(&self, s: &State, r: usize) -> State {
        let longest = s.longest();
        longest.iter().skip(s.log[r].len()).fold(*s, |s, value| self.committed(&s, r, value).unwrap_or(s))
    }

    fn committed(&self, s: &State, r: usize, value: u8) -> Option<State> {
        let bug = (self.bug == Some(Bug::Drop(Guard::PlaceFree)))
            .then_some(replicated_log::Bug::Drop(replicated_log::Guard::SameValue));
        let mut shared = replicated_log::State::default();
        shared.committed[..MOST].copy_from_slice(&s.log);
        // A log that has reached its length grows no more: only with a bug is there more to say.
        let has_room = s.log[r].len() < self.length();
        let commit = replicated_log::Action::Commit(r, value);
        let after = ReplicatedLog { bug, ..self.replicated_log() }.next_state(&shared, commit);
        after.filter(|_| has_room).map(|after| State { log: [0, 1, 2].map(|r| after.committed[r]), ..*s })
    }

    pub(super) const fn replicated_log(&self) -> ReplicatedLog {
        ReplicatedLog::of(self.coordinators, ENTRIES, self.length())
    }

    /// As long as the log may become: two entries a transaction, and one for each time that a replica takes over.
    pub(super) const fn length(&self) -> usize {
        2 * self.transactions + 1 + self.crashes as usize + self.suspicions as usize
    }
}
