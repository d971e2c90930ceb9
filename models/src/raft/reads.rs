//! Reads that need no entry, and leaders that hand over: `ReadIndex`, at followers too, and leases (thesis, section
//! 6.4), leadership transfer (section 3.10).
//!
//! A lease has no clock here. Whoever hears from a leader keeps to it for the least election timeout, and a leader
//! counts on that from when it sent: so when that time is over at a server, it was over before at the leader. This is
//! where the clocks' drift is bounded: `Expire` at a server takes it from every lease.

use super::{Action, Bug, Guard, Kind, Message, READS, Raft, Role, Servers, State, TRANSFERS};

impl Raft {
    /// A leader remembers its commit index, which is no less than any before if it has committed in its own term, and
    /// asks whether it leads still.
    pub(super) fn read_index(&self, s: &mut State, i: usize) -> Result<(), Guard> {
        let commit = s.commit_index.get(i);
        self.require(s.log[i].term(commit) == s.current_term.get(i), Guard::ReadInOwnTerm)?;
        self.begin_read(s, i);
        s.read_index.set(i, commit);
        s.read_acks.set(i, Servers::one(i));
        s.read_for.set(i, None);
        Ok(())
    }

    fn begin_read(&self, s: &mut State, i: usize) {
        Self::spend(s, READS);
        s.reading.set(i, if self.bug == Some(Bug::ReadContextReused) { 1 } else { s.spent.get(READS) });
        s.read_floor.set(i, s.committed.last_index());
    }

    /// A quorum has answered what was sent after the read began, or the leader has told so; and what the read is to
    /// show is applied.
    pub(super) fn serve_read(&self, s: &mut State, i: usize) -> Result<(), Guard> {
        let is_confirmed = s.role.get(i) == Role::Follower || self.is_quorum(s, i, s.read_acks.get(i));
        self.require(is_confirmed, Guard::ReadConfirmed)?;
        self.require(self.applied(s, i) >= s.read_index.get(i), Guard::ReadApplied)?;
        Self::forget_read(s, i);
        Ok(())
    }

    /// What a follower may do for reads. It asks who leads its term; what is lost is not asked again.
    pub(super) fn reads_of_follower(&self, s: &State, j: usize, has_room: bool, actions: &mut Vec<Action>) {
        if s.read_index.get(j) > 0 {
            actions.push(Action::ServeRead(j));
        } else if s.reading.get(j) == 0 && s.spent.get(READS) < self.reads && has_room {
            let leaders = s.leaders.get(s.current_term.get(j).into()).intersection(self.linked(s, j)).without(j);
            actions.extend(leaders.iter().map(|i| Action::ForwardReadIndex(j, i)));
        }
    }

    pub(super) fn forward_read_index(&self, s: &mut State, j: usize, i: usize) {
        self.begin_read(s, j);
        s.network.insert(Message::new(Kind::ReadIndex, j, i, s.current_term.get(j)).context(s.reading.get(j)));
    }

    /// As the leader's own read: one at a time, the latest.
    pub(super) fn handle_read_index(&self, s: &mut State, request: Message) {
        let (i, commit) = (request.to(), s.commit_index.get(request.to()));
        let leads = s.role.get(i) == Role::Leader && s.current_term.get(i) == request.term();
        let in_own_term = self.require(s.log[i].term(commit) == request.term(), Guard::ReadInOwnTerm);
        if !leads || in_own_term.is_err() {
            return;
        }
        s.reading.set(i, request.number());
        s.read_index.set(i, if self.bug == Some(Bug::AnswersApplied) { self.applied(s, i) } else { commit });
        s.read_floor.set(i, 0);
        s.read_acks.set(i, Servers::one(i));
        s.read_for.set(i, Some(request.from() as u8));
    }

    pub(super) fn answer_read_index(&self, s: &mut State, i: usize) -> Result<(), Guard> {
        self.require(self.is_quorum(s, i, s.read_acks.get(i)), Guard::ReadConfirmed)?;
        if let Some(j) = s.read_for.get(i) {
            let answer = Message::new(Kind::ReadIndexResponse, i, j.into(), s.current_term.get(i));
            s.network.insert(answer.entry(s.read_index.get(i), 0).context(s.reading.get(i)));
        }
        Self::forget_read(s, i);
        Ok(())
    }

    pub(super) fn handle_read_index_response(s: &mut State, answer: Message) {
        let j = answer.to();
        let asked = s.role.get(j) == Role::Follower && s.reading.get(j) > 0 && s.reading.get(j) == answer.number();
        if asked && s.current_term.get(j) == answer.term() {
            s.read_index.set(j, answer.index());
        }
    }

    pub(super) fn forget_read(s: &mut State, i: usize) {
        s.reading.set(i, 0);
        s.read_for.set(i, None);
        s.read_index.set(i, 0);
        s.read_floor.set(i, 0);
        s.read_acks.set(i, Servers::NONE);
    }

    /// A leader with a lease answers at once.
    pub(super) fn lease_read(&self, s: &mut State, i: usize) -> Result<(), Guard> {
        self.require(s.log[i].term(s.commit_index.get(i)) == s.current_term.get(i), Guard::ReadInOwnTerm)?;
        self.require(self.has_lease(s, i), Guard::LeaseValid)?;
        self.require(self.applied(s, i) == s.commit_index.get(i), Guard::ReadApplied)?;
        self.require(!s.yielded.contains(i), Guard::NotYielded)?;
        Self::spend(s, READS);
        Ok(())
    }

    /// Whether a quorum keeps to the leader still.
    pub(super) fn has_lease(&self, s: &State, i: usize) -> bool {
        s.role.get(i) == Role::Leader && self.is_quorum(s, i, s.lease.get(i).with(i))
    }

    /// The least election timeout is over at a server. So it is at every leader that counts on the server, unless a
    /// clock drifts more than is allowed for.
    pub(super) fn expire(&self, s: &mut State, i: usize) {
        s.fresh = s.fresh.without(i);
        if self.leases && self.bug != Some(Bug::ClocksDrift) {
            self.all().for_each(|j| s.lease.set(j, s.lease.get(j).without(i)));
            let from = |message: Message| if message.from() == i { message.live(false) } else { message };
            s.network = s.network.iter().map(from).collect();
        }
    }

    pub(super) fn transfer(s: &mut State, i: usize, j: usize) {
        Self::spend(s, TRANSFERS);
        s.transferee.set(i, Some(j as u8));
    }

    /// Whoever stands when it is told to may be elected though all have just heard from the leader. So a leader that
    /// has told so yields its lease for good: the message may be late.
    pub(super) fn timeout_now(&self, s: &mut State, i: usize, j: usize) -> Result<(), Guard> {
        self.require(s.progress[i].matched(j) == s.log[i].last_index(), Guard::CaughtUp)?;
        s.network.insert(Message::new(Kind::TimeoutNow, i, j, s.current_term.get(i)));
        if self.leases && self.bug != Some(Bug::TransferKeepsLease) {
            s.yielded = s.yielded.with(i);
        }
        Ok(())
    }

    pub(super) fn abort_transfer(&self, s: &mut State, i: usize) {
        s.transferee.set(i, None);
        if self.bug == Some(Bug::AbortRestoresLease) {
            s.yielded = s.yielded.without(i);
        }
    }

    /// A server that is told to stand does so at once, without asking for pre-votes.
    pub(super) fn handle_timeout_now(&self, s: &mut State, message: Message) {
        let (i, term) = (message.to(), s.current_term.get(message.to()));
        let is_told = message.term() == term && s.role.get(i) == Role::Follower && term < self.terms;
        if is_told && self.stands(s, i).is_ok() {
            self.campaign(s, i);
            s.ordered = s.ordered.with(i);
            s.fresh = s.fresh.without(i);
        }
    }
}
