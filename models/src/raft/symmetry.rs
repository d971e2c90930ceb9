//! Raft's symmetry: where no constant tells servers apart, states that differ in the names of servers are one orbit.

use super::servers::MOST_SERVERS;
use super::{Change, Disk, Message, Progress, Raft, Servers, State};
use crate::map::{Map, Small, Word};

impl Raft {
    /// Whether all servers are alike. Configurations name servers, and so do a pre-vote that only some ask for and a
    /// bridge.
    pub(super) fn is_symmetric(&self) -> bool {
        let all = Servers::below(self.servers);
        let all_vote = self.change == Change::None && self.configurations[0].voters == all;
        all_vote && !self.bridge && (self.pre_vote.is_empty() || self.pre_vote == all)
    }

    /// The least of the states that the servers' names can make of this one, with the servers in the order of what they
    /// are. That order names no server, so two states of one orbit have the same representative.
    pub(super) fn representative(&self, s: &State) -> State {
        let rank = |i: usize| (s.log[i], s.current_term.get(i), s.role.get(i), s.commit_index.get(i));
        let mut order: Vec<usize> = self.all().collect();
        order.sort_by_key(|&i| rank(i));
        let mut least: Option<State> = None;
        each_order_of_equals(&mut order, 0, &|i, j| rank(i) == rank(j), &mut |order| {
            let renamed = Renaming::to(order).state(s);
            least = Some(least.map_or(renamed, |least| least.min(renamed)));
        });
        least.unwrap_or(*s)
    }
}

/// Visits every order in which only neighbours that are equal have changed places, from a place on.
fn each_order_of_equals(
    order: &mut [usize],
    from: usize,
    equal: &impl Fn(usize, usize) -> bool,
    visit: &mut impl FnMut(&[usize]),
) {
    if from == order.len() {
        return visit(order);
    }
    let end = (from..order.len()).find(|&other| !equal(order[from], order[other])).unwrap_or(order.len());
    for other in from..end {
        order.swap(from, other);
        each_order_of_equals(order, from + 1, equal, visit);
        order.swap(from, other);
    }
}

/// The new name of each server; those that there are not keep theirs.
struct Renaming([usize; MOST_SERVERS]);

impl Renaming {
    /// The names by which the servers are in this order.
    fn to(order: &[usize]) -> Self {
        let mut names = std::array::from_fn(|i| i);
        order.iter().enumerate().for_each(|(new, &old)| names[old] = new);
        Self(names)
    }

    /// The state with the new names. No variable is left to `..`, so that none is forgotten.
    fn state(&self, s: &State) -> State {
        State {
            role: self.values(s.role),
            current_term: self.values(s.current_term),
            voted_for: self.values(s.voted_for.map(|vote| self.server(vote))),
            log: self.array(s.log),
            votes: self.values(s.votes.map(|votes| self.set(votes))),
            commit_index: self.values(s.commit_index),
            progress: self.array(s.progress.map(|progress| self.progress(progress))),
            active: self.values(s.active.map(|active| self.set(active))),
            fresh: self.set(s.fresh),
            applied: self.values(s.applied),
            configuration: self.values(s.configuration),
            snapshot_configuration: self.values(s.snapshot_configuration),
            transferee: self.values(s.transferee.map(|transferee| self.server(transferee))),
            ordered: self.set(s.ordered),
            reading: self.values(s.reading),
            read_index: self.values(s.read_index),
            read_for: self.values(s.read_for.map(|follower| self.server(follower))),
            read_floor: self.values(s.read_floor),
            read_acks: self.values(s.read_acks.map(|acks| self.set(acks))),
            lease: self.values(s.lease.map(|lease| self.set(lease))),
            yielded: self.set(s.yielded),
            filler: s.filler,
            disk: Disk {
                current_term: self.values(s.disk.current_term),
                voted_for: self.values(s.disk.voted_for.map(|vote| self.server(vote))),
                log: self.array(s.disk.log),
                snapshot_configuration: self.values(s.disk.snapshot_configuration),
            },
            network: s.network.iter().map(|message| self.message(message)).collect(),
            committed: s.committed,
            committed_in: s.committed_in,
            leaders: s.leaders.map(|leaders| self.set(leaders)),
            learned: self.values(s.learned),
            spent: s.spent,
        }
    }

    fn server(&self, server: Option<u8>) -> Option<u8> {
        server.map(|server| self.0[usize::from(server)] as u8)
    }

    fn set(&self, servers: Servers) -> Servers {
        servers.iter().map(|server| self.0[server]).collect()
    }

    fn message(&self, message: Message) -> Message {
        message.between(self.0[message.from()], self.0[message.to()])
    }

    fn progress(&self, progress: Progress) -> Progress {
        let each = self.0.iter().enumerate();
        each.fold(Progress::default(), |all, (old, &new)| all.with_server(new, progress, old))
    }

    fn values<V: Small, W: Word + Default>(&self, values: Map<V, W>) -> Map<V, W> {
        let each = self.0.iter().enumerate();
        each.fold(Map::default(), |all, (old, &new)| all.with(new, values.get(old)))
    }

    fn array<T: Copy>(&self, values: [T; MOST_SERVERS]) -> [T; MOST_SERVERS] {
        let mut renamed = values;
        self.0.iter().enumerate().for_each(|(old, &new)| renamed[new] = values[old]);
        renamed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equals_alone_change_places() {
        let mut seen = Vec::new();
        let tens = |i: usize, j: usize| i / 10 == j / 10;
        each_order_of_equals(&mut [10, 11, 20, 30, 31], 0, &tens, &mut |order| seen.push(order.to_vec()));
        seen.sort_unstable();
        let expected = [[10, 11, 20, 30, 31], [10, 11, 20, 31, 30], [11, 10, 20, 30, 31], [11, 10, 20, 31, 30]];
        assert_eq!(seen, expected);
    }
}
