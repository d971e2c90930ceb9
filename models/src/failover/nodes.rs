//! The failure detector, the log and the masters.

use super::{
    Bug, Decision, Doing, Entry, Failover, Guard, Log, MOST_CLIENTS, MOST_SEQUENCER, Node, State, Who, of_holding,
    of_outcome,
};
use crate::Few;

impl Failover {
    pub(super) fn suspect(s: &State, who: Who) -> State {
        let wrong = s.wrong + u8::from(!s.down.contains(who.number()));
        State { suspected: s.suspected.with(who.number()), wrong, ..*s }
    }

    /// The log gives a term to one node. Whatever the node knew is of an earlier one.
    pub(super) fn take_over(&self, s: &State, n: usize) -> Result<State, Guard> {
        let master = Who::Node(s.log.master.into());
        let own = master == Who::Node(n);
        self.require(own || s.suspected.contains(master.number()), Guard::MasterSuspected)?;
        self.require_up(s, Who::Node(n))?;
        let log = Log { term: s.log.term + 1, master: n as u8, ..s.log };
        let mut after = State { log, suspected: s.suspected.without(master.number()), ..*s };
        after.nodes[n] = Node { term: log.term, append: s.nodes[n].append, ..Node::default() };
        Ok(after)
    }

    pub(super) fn read_log(&self, s: &State, n: usize) -> Result<State, Guard> {
        self.require_up(s, Who::Node(n))?;
        let mut after = *s;
        after.nodes[n] = s.nodes[n].knowing(&s.log);
        if self.bug == Some(Bug::SequencerFromMemory) {
            after.nodes[n].last = s.nodes[n].last;
        }
        Ok(after)
    }

    pub(super) fn propose(&self, s: &State, n: usize, entry: Entry) -> Result<State, Guard> {
        let node = &s.nodes[n];
        self.require(node.read, Guard::LogRead)?;
        match entry {
            Entry::Grant(c, _) => {
                self.require(node.holder.is_none(), Guard::LockFree)?;
                self.require(s.doing.get(c.into()) == Doing::Asking, Guard::Asked)?;
            }
            Entry::Release(c) => {
                let this = node.last.is_some_and(|last| s.released.contains(of_holding(c.into(), last)));
                let any = (0..=MOST_SEQUENCER).any(|of| s.released.contains(of_holding(c.into(), of)));
                let given_back = this || self.bug == Some(Bug::ReleaseNamesNoHolding) && any;
                self.require(given_back, Guard::GivenBack)?;
            }
            Entry::Revoke(c) => {
                self.require(s.suspected.contains(Who::Client(c.into()).number()), Guard::HolderSuspected)?;
            }
            Entry::Decide(decision) => self.may_decide(s, node, decision)?,
        }
        self.require_up(s, Who::Node(n))?;
        let mut after = *s;
        after.nodes[n].append = Some((node.term, entry));
        Ok(after)
    }

    pub(super) fn may_decide(&self, s: &State, node: &Node, decision: Decision) -> Result<(), Guard> {
        // Whoever coordinates does not look after a transaction that began under another.
        let own = self.bug != Some(Bug::CoordinatorCrashBlocks) || node.term == 1;
        match decision {
            Decision::Commit => self.require(own && s.yes == Few::below(self.participants), Guard::EveryVoteYes),
            Decision::Abort => {
                let reason = !s.no.is_empty() || self.suspects_participant(s);
                self.require(own && reason, Guard::RefusedOrSuspected)
            }
        }
    }

    pub(super) fn append(&self, s: &State, n: usize) -> Result<State, Guard> {
        let Some((term, entry)) = s.nodes[n].append else { return Err(Guard::TermCurrent) };
        self.require(term == s.log.term, Guard::TermCurrent)?;
        let mut after = *s;
        match entry {
            Entry::Grant(c, sequencer) => {
                after.log.last = Some(sequencer);
                after.log.sequencer.set(c.into(), after.log.last);
            }
            Entry::Release(c) => after.log.sequencer.set(c.into(), None),
            Entry::Revoke(c) => {
                let sequencer = s.log.sequencer.get(c.into());
                after.log.revoked = sequencer.map_or(s.log.revoked, |of| s.log.revoked.with(of.into()));
                after.log.sequencer.set(c.into(), None);
                after.suspected.remove(Who::Client(c.into()).number());
            }
            Entry::Decide(decision) => after.log.decision = Some(decision),
        }
        after.nodes[n].append = None;
        // Who has crashed since, or is in another term, does not hear of it.
        if s.nodes[n].term == term {
            after.nodes[n] = after.nodes[n].knowing(&after.log);
        }
        Ok(after)
    }

    pub(super) fn refuse(&self, s: &State, n: usize) -> Result<State, Guard> {
        let Some((term, entry)) = s.nodes[n].append else { return Err(Guard::TermPast) };
        self.require(term < s.log.term, Guard::TermPast)?;
        let mut after = *s;
        after.nodes[n].append = None;
        if s.nodes[n].term == term {
            after.nodes[n] = match (self.bug, entry) {
                (Some(Bug::IgnoresTheRefusal), Entry::Grant(c, sequencer)) => {
                    Node { holder: Some(c), last: Some(sequencer), append: None, ..s.nodes[n] }
                }
                _ => Node::default(),
            };
        }
        Ok(after)
    }

    /// A master that is deposed may still tell what it knows: that has happened, and the client sees whether it is new.
    pub(super) fn tell_grant(&self, s: &State, n: usize, c: usize) -> Result<State, Guard> {
        let node = &s.nodes[n];
        let knows = self.tells_early(node, c).is_some() || node.holder == Some(c as u8);
        self.require(knows, Guard::GrantOnRecord)?;
        self.require_up(s, Who::Node(n))?;
        let message = of_holding(MOST_CLIENTS * n + c, self.tells(node, c));
        Ok(State { granted: s.granted.with(message), ..*s })
    }

    /// The sequencer that a node tells the client which does not wait for the log to take the grant that it has sent.
    pub(super) fn tells_early(&self, node: &Node, c: usize) -> Option<u8> {
        match node.append {
            Some((term, Entry::Grant(to, sequencer))) if term == node.term && usize::from(to) == c => {
                (self.bug == Some(Bug::AsyncFailover)).then_some(sequencer)
            }
            _ => None,
        }
    }

    /// The sequencer that a node tells the client.
    pub(super) fn tells(&self, node: &Node, c: usize) -> u8 {
        self.tells_early(node, c).or(node.last).unwrap_or(0)
    }

    pub(super) fn tell_outcome(&self, s: &State, n: usize, decision: Decision) -> Result<State, Guard> {
        let node = &s.nodes[n];
        let known = match self.bug {
            Some(Bug::TellsBeforeTheLog) if node.decision.is_none() => {
                node.append == Some((node.term, Entry::Decide(decision)))
            }
            Some(Bug::PresumesAbort) if !node.read && node.decision.is_none() => decision == Decision::Abort,
            _ => node.decision == Some(decision),
        };
        self.require(known, Guard::DecisionOnRecord)?;
        self.require_up(s, Who::Node(n))?;
        Ok(State { outcomes: s.outcomes.with(of_outcome(n, decision)), ..*s })
    }

    pub(super) fn crash(&self, s: &State, who: Who) -> Result<State, Guard> {
        self.require_up(s, who)?;
        let mut after = State { down: s.down.with(who.number()), crashed: s.crashed + 1, ..*s };
        match who {
            Who::Node(n) => after.nodes[n] = Node { append: s.nodes[n].append, ..Node::default() },
            Who::Client(c) => after.doing.set(c, Doing::Idle),
            Who::Participant(_) => {}
        }
        Ok(after)
    }

    /// The suspicion of a node was of what has crashed; that of a participant stays the reason to abort.
    pub(super) fn restart(&self, s: &State, who: Who) -> Result<State, Guard> {
        let number = who.number();
        self.require(s.down.contains(number), Guard::Down)?;
        let Who::Node(n) = who else { return Ok(State { down: s.down.without(number), ..*s }) };
        let mut after = State { down: s.down.without(number), suspected: s.suspected.without(number), ..*s };
        if self.bug == Some(Bug::ResumesItsTerm) && usize::from(s.log.master) == n {
            after.nodes[n] = Node { term: s.log.term, read: true, ..after.nodes[n] };
        }
        Ok(after)
    }
}
