//! How members change: by joint consensus (thesis, section 4.3) or one server at a time (section 4.1), with learners
//! (section 4.2.1, where they are non-voting members), in force when appended (section 4.1) or when applied (etcd).

use super::{Bug, CHANGES, Command, Entry, Guard, Raft, Servers, State};

/// Who votes and who only learns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Configuration {
    /// Those of whom a majority is asked.
    pub voters: Servers,
    /// In a joint configuration the voters of the old one, of whom a majority is asked too.
    pub outgoing: Servers,
    /// Those who get the log and are not asked.
    pub learners: Servers,
}

impl Configuration {
    /// Servers that vote, and others that learn.
    pub const fn new(voters: Servers, learners: Servers) -> Self {
        Self { voters, outgoing: Servers::NONE, learners }
    }

    /// Whether it is joint.
    #[inline]
    pub const fn is_joint(self) -> bool {
        !self.outgoing.is_empty()
    }

    /// Whether they are a majority of the voters, old ones too.
    #[inline]
    pub const fn is_quorum(self, servers: Servers) -> bool {
        self.voters.has_majority_in(servers) && self.outgoing.has_majority_in(servers)
    }

    /// All who are asked.
    #[inline]
    pub const fn all_voters(self) -> Servers {
        self.voters.union(self.outgoing)
    }

    /// All who get the log.
    #[inline]
    pub const fn members(self) -> Servers {
        self.all_voters().union(self.learners)
    }

    /// The joint configuration on the way to another one. Whoever comes to learn does so when it is left.
    const fn to(self, target: Self) -> Self {
        Self { voters: target.voters, outgoing: self.voters, learners: target.learners }
    }
}

/// How members change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Not at all.
    None,
    /// Through a joint configuration, which is left automatically.
    Joint,
    /// At once, and the voters by one server at a time.
    Single,
}

impl Raft {
    /// The configuration of a number: those that are not joint come first, and the first of all is the initial one.
    #[inline]
    pub fn configuration(&self, number: u8) -> Configuration {
        let (number, simple) = (usize::from(number), self.configurations.len());
        match number.checked_sub(simple) {
            None => self.configurations[number],
            Some(joint) => self.configurations[joint / simple].to(self.configurations[joint % simple]),
        }
    }

    /// The configuration that a server acts by.
    #[inline]
    pub fn in_force(&self, s: &State, i: usize) -> Configuration {
        self.configuration(s.configuration.get(i))
    }

    /// The number of the configuration that follows from a server's log: the latest in it, or of what it has applied.
    #[inline]
    pub(super) fn configuration_by_log(&self, s: &State, i: usize) -> u8 {
        let up_to = if self.at_apply { self.applied(s, i) } else { s.log[i].last_index() };
        let above = s.log[i].snapshot_index();
        s.log[i].configuration(above, up_to).map_or(s.snapshot_configuration.get(i), |(_, number)| number)
    }

    /// The configuration before the latest one that is in a server's log above an index, if there is one.
    fn configuration_before(&self, s: &State, i: usize, above: u8) -> Option<Configuration> {
        let log = s.log[i];
        let (index, _) = log.configuration(above, log.last_index())?;
        let before = log.configuration(log.snapshot_index(), index - 1);
        Some(self.configuration(before.map_or(s.snapshot_configuration.get(i), |(_, number)| number)))
    }

    /// Whether a server stands when it hears from no leader: as a voter, or as one that the latest configuration has
    /// removed. Until that is committed it may be the only one with a log that enough others find up to date (section
    /// 4.2.2).
    pub(super) fn may_stand(&self, s: &State, i: usize) -> bool {
        let is_needed = || {
            let before = self.configuration_before(s, i, s.commit_index.get(i));
            before.is_some_and(|before| before.all_voters().contains(i)) && self.bug != Some(Bug::RemovedStandsNoMore)
        };
        self.voters(s, i).contains(i) || is_needed()
    }

    /// Up to where a server's configurations are settled: committed or, where they are in force when applied, applied.
    fn settled(&self, s: &State, i: usize) -> u8 {
        if self.at_apply { self.applied(s, i) } else { s.commit_index.get(i) }
    }

    /// Whether a server is a voter by its log, or was one before the latest configuration, which is not settled.
    pub(super) fn has_voted(&self, s: &State, i: usize) -> bool {
        let before = self.configuration_before(s, i, self.settled(s, i));
        let latest = self.configuration(self.configuration_by_log(s, i));
        latest.all_voters().contains(i) || before.is_some_and(|before| before.all_voters().contains(i))
    }

    /// A server acts by the configuration that its log says. Without changes there is one only.
    #[inline]
    pub(super) fn reconfigure(&self, s: &mut State, i: usize) {
        if self.change != Change::None {
            s.configuration.set(i, self.configuration_by_log(s, i));
        }
    }

    /// A leader begins a change: one at a time, and not before it has committed in its own term, for until then it does
    /// not know whether another change is committed (Ongaro, raft-dev, July 2015).
    pub(super) fn change_configuration(&self, s: &mut State, i: usize, target: u8) -> Result<(), Guard> {
        let commit = s.commit_index.get(i);
        let settled = if self.at_apply { self.applied(s, i) } else { commit };
        let pending =
            s.log[i].configuration(settled, s.log[i].last_index()).is_some() || self.in_force(s, i).is_joint();
        self.require(!pending, Guard::NothingPending)?;
        self.require(s.log[i].term(commit) == s.current_term.get(i), Guard::CommittedInOwnTerm)?;
        let current = s.configuration.get(i);
        let simple = self.configurations.len() as u8;
        let number = match self.change {
            Change::Joint if current < simple => simple + current * simple + target,
            _ => target,
        };
        Self::spend(s, CHANGES);
        self.append(s, i, Command::Configure(number));
        Ok(())
    }

    /// Once the joint configuration is committed, the leader leaves it, whoever began it.
    pub(super) fn leave_joint(&self, s: &mut State, i: usize) -> Result<(), Guard> {
        let settled = self.settled(s, i);
        let last = s.log[i].last_index();
        let latest = s.log[i].configuration(0, last).map_or(0, |(index, _)| index);
        let joint = s.log[i].configuration(0, settled).map_or(0, |(index, _)| index);
        self.require(self.at_apply || latest <= settled, Guard::JointCommitted)?;
        self.require(!self.at_apply || latest == joint, Guard::NotLeaving)?;
        let own = s.log[i].term(latest) == s.current_term.get(i);
        if self.bug == Some(Bug::OnlyProposerLeaves) && !own {
            return Err(Guard::NotLeaving);
        }
        let simple = self.configurations.len() as u8;
        let target = s.configuration.get(i).checked_sub(simple).map_or(0, |joint| joint % simple);
        self.append(s, i, Command::Configure(target));
        Ok(())
    }

    /// A leader that a committed change has removed steps down (section 4.2.2).
    pub(super) fn is_removed(&self, s: &State, i: usize) -> bool {
        if self.change == Change::None || self.in_force(s, i).all_voters().contains(i) {
            return false;
        }
        let (log, settled) = (s.log[i], self.settled(s, i));
        let in_snapshot =
            if self.bug == Some(Bug::RemovedForgetsSnapshot) { 0 } else { s.snapshot_configuration.get(i) };
        let latest = log.configuration(0, settled).map_or(in_snapshot, |(_, number)| number);
        latest == s.configuration.get(i) && log.configuration(settled, log.last_index()).is_none()
    }

    /// Whether some change removes a voter; what grew in one change can shrink in the next.
    pub(super) fn can_remove(&self) -> bool {
        let shrinks = |from: &Configuration| {
            self.configurations.iter().any(|to| from.voters.intersection(to.voters) != from.voters)
        };
        let reached = if self.changes > 1 { self.configurations.len() } else { 1 };
        self.change != Change::None && self.configurations.iter().take(reached).any(shrinks)
    }

    /// Who can ever be a member: single changes go through the configurations in their order.
    pub(super) fn can_be_members(&self) -> Servers {
        let reached =
            if self.change == Change::Single { usize::from(self.changes) + 1 } else { self.configurations.len() };
        let members = self.configurations.iter().take(reached).map(|configuration| configuration.members());
        members.fold(Servers::NONE, Servers::union)
    }

    /// Whether a change that a server knows to be committed is not in force at it yet: then it must not stand, for its
    /// quorums may not meet those of who acts by the change (etcd-io/etcd#7280).
    pub(super) fn has_unapplied_change(&self, s: &State, i: usize) -> bool {
        self.at_apply && s.log[i].configuration(self.applied(s, i), s.commit_index.get(i)).is_some()
    }

    /// What a leader may ask for: one of the other configurations that are not joint, and of single changes one that
    /// adds or removes one voter, or makes a learner one.
    pub(super) fn targets(&self, s: &State, i: usize) -> impl Iterator<Item = u8> {
        let current = s.configuration.get(i);
        let voters = self.in_force(s, i).voters;
        let near = move |target: &u8| {
            let others = self.configuration(*target).voters;
            let differ = voters.union(others).len() - voters.intersection(others).len();
            self.change == Change::Joint || differ <= 1
        };
        (0..self.configurations.len() as u8).filter(move |&target| target != current).filter(near)
    }

    /// A leader appends an entry of its term to its log.
    pub(super) fn append(&self, s: &mut State, i: usize, command: Command) {
        // A full log ends what is offered; what would happen there is asked all the same, to tell what refuses it.
        if s.log[i].has_room() {
            s.log[i] = s.log[i].with(Entry::new(s.current_term.get(i), command));
            self.reconfigure(s, i);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_joint_configuration_asks_both() {
        let of = |servers: &[usize]| Configuration::new(servers.iter().copied().collect(), Servers::NONE);
        let joint = of(&[0, 1]).to(of(&[1, 2]));
        let quorum = |servers: &[usize]| joint.is_quorum(servers.iter().copied().collect());
        assert!(joint.is_joint() && !of(&[0, 1]).is_joint());
        assert!(quorum(&[0, 1, 2]) && !quorum(&[0, 1]) && !quorum(&[1, 2]));
        assert_eq!(joint.all_voters(), Servers::below(3));
    }
}
