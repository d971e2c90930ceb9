//! The network: it loses, repeats and delays messages, and is cut in two for a while.

use super::dice::nanos;
use super::{Dice, Fault, Faults, Fired};
use proofmark_core::{NodeId, Wait};
use std::collections::BTreeMap;

/// The cuts that there are, by the order in which they were made.
#[derive(Clone, Debug, Default)]
pub(super) struct Network {
    cuts: BTreeMap<u64, Cut>,
    made: u64,
}

/// A cut between two sides.
#[derive(Clone, Debug)]
struct Cut {
    /// On which side each node is.
    sides: Vec<bool>,
    /// Whether messages get through from the second side to the first.
    one_way: bool,
}

impl Network {
    /// How long each copy of a message is on its way: no copy of one that is lost, two of one that is repeated.
    pub(super) fn copies(latency: Wait, faults: &Faults, dice: &mut Dice, fired: &mut Fired) -> Vec<u64> {
        if dice.per_mille(faults.loss) {
            fired.count(Fault::Loss);
            return Vec::new();
        }
        let mut copies = vec![dice.wait(latency)];
        if dice.per_mille(faults.duplication) {
            fired.count(Fault::Duplication);
            copies.push(dice.wait(latency));
        }
        for copy in &mut copies {
            if dice.per_mille(faults.delay) {
                fired.count(Fault::Delay);
                *copy = copy.saturating_add(dice.below(nanos(faults.longest_delay).saturating_add(1)));
            }
        }
        copies
    }

    /// Cuts the network between two sets of nodes, none of them empty, and names the cut; with fewer than two nodes
    /// there is none.
    pub(super) fn cut(&mut self, nodes: usize, one_way: bool, dice: &mut Dice) -> Option<u64> {
        let alone = dice.place(nodes).filter(|_| nodes > 1)?;
        let mut sides: Vec<_> = (0..nodes).map(|_| dice.per_mille(500)).collect();
        if sides.iter().all(|side| *side == sides[0]) {
            sides[alone] = !sides[alone];
        }
        self.made += 1;
        self.cuts.insert(self.made, Cut { sides, one_way });
        Some(self.made)
    }

    /// Heals a cut.
    pub(super) fn heal(&mut self, cut: u64) {
        self.cuts.remove(&cut);
    }

    /// Heals every cut.
    pub(super) fn heal_all(&mut self) {
        self.cuts.clear();
    }

    /// Whether a message that would arrive now does: what meets a cut is lost.
    pub(super) fn lets_through(&self, from: NodeId, to: NodeId, fired: &mut Fired) -> bool {
        let side = |cut: &Cut, node: NodeId| cut.sides.get(node.index()).copied().unwrap_or_default();
        let parts = |cut: &&Cut| side(cut, from) != side(cut, to) && !(cut.one_way && side(cut, to));
        let Some(cut) = self.cuts.values().find(parts) else { return true };
        fired.count(if cut.one_way { Fault::OneWayPartition } else { Fault::Partition });
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_parts_its_sides_until_it_is_healed() {
        let (mut dice, mut fired) = (Dice::of(5, "test"), Fired::default());
        for one_way in [false, true] {
            let mut network = Network::default();
            let cut = network.cut(3, one_way, &mut dice).unwrap();
            let ways = (0..3).flat_map(|from| (0..3).map(move |to| (NodeId(from), NodeId(to))));
            let lost = ways.clone().filter(|&(from, to)| !network.lets_through(from, to, &mut fired)).count();
            assert_eq!(lost, if one_way { 2 } else { 4 }, "one node against two");
            network.heal(cut);
            assert!(ways.clone().all(|(from, to)| network.lets_through(from, to, &mut fired)));
        }
        assert_eq!((fired.of(Fault::Partition), fired.of(Fault::OneWayPartition)), (4, 2));
        assert_eq!(Network::default().cut(1, false, &mut dice), None, "a node is not parted from itself");
    }
}
