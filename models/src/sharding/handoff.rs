//! The handoff of an arc, from the next view to the clean-up, and its abort.

use super::{Bug, Guard, NODES, Phase, Sharding, State};
use crate::Few;

impl Sharding {
    /// That there is a next view is how the node comes to do this.
    pub(super) fn advance(&self, s: &State, node: usize, arc: usize) -> Result<State, Guard> {
        self.require_up(s, node)?;
        let kept = usize::from(s.roles[node][arc].view);
        let waits = || s.has_aborted(kept, arc) && s.down.contains(s.owner(kept, arc));
        self.require(self.bug != Some(Bug::AbortWaits) || !waits(), Guard::Up)?;
        let view = s.roles[node][arc].view + 1;
        let phase = if s.owner(view.into(), arc) == node { Phase::Serving } else { Phase::Handing };
        Ok(s.with_role(node, arc, phase, view))
    }

    /// What is copied is what is durable: else a crash of the donor leaves the receiver with more than the donor
    /// has, and of two copies the newer one could not be told.
    pub(super) fn copy(&self, s: &State, node: usize, key: usize) -> Result<State, Guard> {
        self.require_up(s, node)?;
        let arc = self.arc_of(key);
        let view = usize::from(s.roles[node][arc].view);
        let mut after = *s;
        after.copies[view] |= 1 << (self.content(key, self.to_copy(s, node, key)) * NODES + s.owner(view, arc));
        Ok(after)
    }

    /// The first copy is how the receiver hears of the handoff. It says that it has the copy once that is durable:
    /// what is synced in between it finds when it looks at the copy again.
    pub(super) fn receive(&self, s: &State, node: usize, view: usize, content: usize) -> Result<State, Guard> {
        let (key, writes) = self.of_content(content);
        let arc = self.arc_of(key);
        let role = s.roles[node][arc];
        self.require_up(s, node)?;
        let is_expected = usize::from(role.view) < view || role.is(Phase::Receiving, view);
        self.require(is_expected, Guard::Expected)?;
        self.require(writes.len() >= s.data[node][key].len(), Guard::NewerCopy)?;
        let mut after = s.with_role(node, arc, Phase::Receiving, view as u8);
        after.data[node][key] = writes;
        self.write_down(&mut after, node, key);
        if after.disk[node][key] == writes || self.bug == Some(Bug::CopiesInMemory) {
            after.receipts[view] |= 1 << (content * NODES + node);
        }
        Ok(after)
    }

    /// A receiver may have deleted since what it had of an earlier handoff.
    pub(super) fn count(&self, s: &State, node: usize, view: usize, content: usize) -> Result<State, Guard> {
        let (key, writes) = self.of_content(content);
        self.require_up(s, node)?;
        self.require(usize::from(s.roles[node][self.arc_of(key)].view) == view, Guard::SameHandoff)?;
        self.require(writes == s.data[node][key], Guard::CurrentCopy)?;
        let mut after = *s;
        after.counted[node] = s.counted[node].with(key);
        Ok(after)
    }

    /// When too little is left to be worth waiting, which is the donor's choice: there is no guard.
    pub(super) fn freeze(&self, s: &State, node: usize, arc: usize) -> Result<State, Guard> {
        self.require_up(s, node)?;
        Ok(s.with_role(node, arc, Phase::Frozen, s.roles[node][arc].view))
    }

    /// From here on the arc is the receiver's, whoever crashes: the donor writes that down before it says so.
    pub(super) fn switch(&self, s: &State, node: usize, arc: usize) -> Result<State, Guard> {
        self.require_up(s, node)?;
        self.require(self.keys_of(arc).all(|key| s.counted[node].contains(key)), Guard::AllCounted)?;
        let view = s.roles[node][arc].view;
        let mut after = s.with_role(node, arc, Phase::Switched, view);
        after.switches[usize::from(view)] |= 1 << (arc * NODES + s.owner(view.into(), arc));
        after.counted[node] = self.keys_of(arc).fold(s.counted[node], Few::without);
        Ok(after)
    }

    pub(super) fn install(&self, s: &State, node: usize, view: usize, arc: usize) -> Result<State, Guard> {
        let message = 1 << (arc * NODES + node);
        self.require_up(s, node)?;
        self.require(s.switches[view] & message != 0, Guard::SwitchSent)?;
        self.require(s.roles[node][arc].is(Phase::Receiving, view), Guard::Receiving)?;
        let mut after = s.with_role(node, arc, Phase::Serving, view as u8);
        after.installed[view] |= message;
        Ok(after)
    }

    pub(super) fn finish(&self, s: &State, node: usize, arc: usize) -> Result<State, Guard> {
        let view = s.roles[node][arc].view;
        let said = s.installed[usize::from(view)] >> (arc * NODES) & 0xF;
        self.require_up(s, node)?;
        self.require(said != 0, Guard::InstalledSaid)?;
        Ok(s.with_role(node, arc, Phase::Gone, view))
    }

    /// The donor writes down that it keeps the arc in this view before it says so: of this handoff there is no switch
    /// any more. What it counted is of this attempt.
    pub(super) fn abort(&self, s: &State, node: usize, arc: usize) -> Result<State, Guard> {
        let view = s.roles[node][arc].view;
        self.require_up(s, node)?;
        self.require(usize::from(view) < s.latest(), Guard::Superseded)?;
        let mut after = s.with_role(node, arc, Phase::Serving, view);
        if self.bug != Some(Bug::AbortUnsaid) {
            after.aborts[usize::from(view)] |= 1 << (arc * NODES + s.owner(view.into(), arc));
        }
        if self.bug != Some(Bug::CountedOverAbort) {
            after.counted[node] = self.keys_of(arc).fold(s.counted[node], Few::without);
        }
        Ok(after)
    }

    /// The view stays on record: copies of this handoff that come late begin nothing. Who is not told goes on when
    /// the first copy of a later handoff comes.
    pub(super) fn give_up(&self, s: &State, node: usize, view: usize, arc: usize) -> Result<State, Guard> {
        self.require_up(s, node)?;
        self.require(s.roles[node][arc].is(Phase::Receiving, view), Guard::Receiving)?;
        self.require(s.aborts[view] >> (arc * NODES + node) & 1 == 1, Guard::AbortSent)?;
        Ok(s.with_role(node, arc, Phase::Gone, view as u8))
    }

    /// What is deleted is the data: what the node has on record says that it knows.
    pub(super) fn clean_up(&self, s: &State, node: usize, arc: usize) -> Result<State, Guard> {
        let role = s.roles[node][arc];
        // To look only at what one serves now is to forget what is pending.
        let is_pending = role.phase == Phase::Receiving && self.bug != Some(Bug::PendingCleaned);
        self.require_up(s, node)?;
        self.require(!role.serves() && role.phase != Phase::Frozen, Guard::NotOwned)?;
        self.require(!is_pending && role.phase != Phase::Switched, Guard::NotOnItsWay)?;
        let mut after = *s;
        for key in self.keys_of(arc) {
            after.data[node][key] = Few::NONE;
            after.disk[node][key] = Few::NONE;
        }
        if role.phase == Phase::Gone {
            after.roles[node][arc].phase = Phase::Away;
        }
        Ok(after)
    }

    /// What a donor copies of a key.
    #[inline]
    pub(super) fn to_copy(&self, s: &State, node: usize, key: usize) -> Few {
        if self.bug == Some(Bug::CopiesUnsynced) { s.data[node][key] } else { s.disk[node][key] }
    }
}
