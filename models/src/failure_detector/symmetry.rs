//! The symmetry of the nodes: they are all alike, and no rule asks for their order.

use super::{Entry, FailureDetector, MOST_NODES, Probe, Rumour, State};
use crate::{Few, Map};

/// Where each node goes.
type Permutation = [usize; MOST_NODES];

/// All of them. Of fewer nodes, those count that leave the others where they are.
const PERMUTATIONS: [Permutation; 24] = [
    [0, 1, 2, 3],
    [1, 0, 2, 3],
    [0, 2, 1, 3],
    [1, 2, 0, 3],
    [2, 0, 1, 3],
    [2, 1, 0, 3],
    [0, 1, 3, 2],
    [1, 0, 3, 2],
    [0, 2, 3, 1],
    [1, 2, 3, 0],
    [2, 0, 3, 1],
    [2, 1, 3, 0],
    [0, 3, 1, 2],
    [1, 3, 0, 2],
    [0, 3, 2, 1],
    [1, 3, 2, 0],
    [2, 3, 0, 1],
    [2, 3, 1, 0],
    [3, 0, 1, 2],
    [3, 1, 0, 2],
    [3, 0, 2, 1],
    [3, 1, 2, 0],
    [3, 2, 0, 1],
    [3, 2, 1, 0],
];

impl FailureDetector {
    /// The least state among those in which the nodes bear other numbers.
    pub(super) fn least_alike(&self, s: &State) -> State {
        let fits = |p: &&Permutation| (self.nodes..MOST_NODES).all(|fixed| p[fixed] == fixed);
        PERMUTATIONS.iter().filter(fits).map(|p| s.renumbered(p)).min().unwrap_or(*s)
    }
}

impl State {
    fn renumbered(&self, p: &Permutation) -> Self {
        let set = |nodes: Few| -> Few { nodes.iter().map(|k| p[k]).collect() };
        let mut other = Self {
            table: [[Entry::default(); MOST_NODES]; MOST_NODES],
            probe: self.probe,
            late: self.late.map(|rumour| rumour.renumbered(p)),
            issued: Map::default(),
            timed: self.timed,
            up: set(self.up),
            restarted: set(self.restarted),
            ..*self
        };
        other.late.sort_unstable_by(|one, other| other.cmp(one));
        for i in 0..MOST_NODES {
            for k in 0..MOST_NODES {
                other.table[p[i]][p[k]] = self.table[i][k];
            }
            other.probe[p[i]] = self.probe[i].renumbered(p);
            other.timed[p[i]] = set(self.timed[i]);
            other.issued.set(p[i], self.issued.get(i));
        }
        other
    }
}

impl Rumour {
    fn renumbered(self, p: &Permutation) -> Self {
        if self.is_none() { self } else { Self::new(p[self.from()], p[self.to()], p[self.about()], self.says()) }
    }
}

impl Probe {
    fn renumbered(self, p: &Permutation) -> Self {
        let set = |nodes: Few| -> Few { nodes.iter().map(|k| p[k]).collect() };
        self.target().map_or(self, |target| Self::with(p[target], set(self.waiting()), set(self.reached())))
    }
}
