//! Reads that need no entry, and leaders that hand over: `ReadIndex` and leases (thesis, section 6.4), leadership
//! transfer (section 3.10).
//!
//! A lease has no clock here. Whoever hears from a leader keeps to it for the least election timeout, and a leader
//! counts on that from when it sent: so when that time is over at a server, it was over before at the leader. This is
//! where the clocks' drift is bounded: `Expire` at a server takes it from every lease.

use super::{Bug, Guard, Kind, Message, READS, Raft, Role, Servers, State, TRANSFERS};

impl Raft {
    /// A leader remembers its commit index, which is no less than any before if it has committed in its own term, and
    /// asks whether it leads still.
    pub(super) fn read_index(&self, s: &mut State, i: usize) -> Result<(), Guard> {
        let commit = s.commit_index.get(i);
        self.require(s.log[i].term(commit) == s.current_term.get(i), Guard::ReadInOwnTerm)?;
        Self::spend(s, READS);
        s.reading.set(i, if self.bug == Some(Bug::ReadContextReused) { 1 } else { s.spent.get(READS) });
        s.read_index.set(i, commit);
        s.read_floor.set(i, s.committed.last_index());
        s.read_acks.set(i, Servers::one(i));
        Ok(())
    }

    /// A quorum has answered what was sent after the read began.
    pub(super) fn serve_read(&self, s: &mut State, i: usize) -> Result<(), Guard> {
        self.require(self.is_quorum(s, i, s.read_acks.get(i)), Guard::ReadConfirmed)?;
        Self::forget_read(s, i);
        Ok(())
    }

    pub(super) fn forget_read(s: &mut State, i: usize) {
        s.reading.set(i, 0);
        s.read_index.set(i, 0);
        s.read_floor.set(i, 0);
        s.read_acks.set(i, Servers::NONE);
    }

    /// A leader with a lease answers at once.
    pub(super) fn lease_read(&self, s: &mut State, i: usize) -> Result<(), Guard> {
        self.require(s.log[i].term(s.commit_index.get(i)) == s.current_term.get(i), Guard::ReadInOwnTerm)?;
        self.require(self.has_lease(s, i), Guard::LeaseValid)?;
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
        let may_stand = self.may_stand(s, i) && !self.has_unapplied_change(s, i);
        if message.term() == term && s.role.get(i) == Role::Follower && may_stand && term < self.terms {
            self.campaign(s, i);
            s.ordered = s.ordered.with(i);
            s.fresh = s.fresh.without(i);
        }
    }
}
