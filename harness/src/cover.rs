//! Paths that together take every edge of a finite graph: as many runs as it takes to show code every step that
//! its model can take.
//!
//! The way is greedy and not the shortest (that would be a Chinese postman's tour of a directed graph, cut into
//! pieces): a path goes on along edges that none has taken yet, else the shortest way to the nearest such edge, and
//! where that is too far a new path begins. The same graph has the same paths.

use std::collections::VecDeque;

/// A path of a graph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// The initial node that it starts at.
    pub start: u32,
    /// The edges that it takes, each by its place among the successors of the node that was reached.
    pub edges: Vec<u32>,
}

/// Paths from initial nodes that take every edge that can be reached from there at least once.
///
/// A node is its index in `successors`; parallel edges and loops are edges like others. No path is longer than
/// `longest` edges, unless the shortest way from the initial nodes to an edge is: then one path is that way and that
/// edge. Every path takes some edge that no path before it takes.
///
/// # Panics
/// When an initial node or a successor is no node of the graph.
pub fn cover(successors: &[Vec<u32>], initial: &[u32], longest: usize) -> Vec<Path> {
    let mut cover = Cover::of(successors);
    let mut paths = Vec::new();
    let reached = Reached::from(successors, initial);
    // An edge that is taken stays taken, so a node that has no other left need not be looked at again.
    for &node in &reached.nodes {
        while cover.open(node) {
            let mut path = reached.way_to(node);
            cover.extend(&mut path, node, longest);
            paths.push(path);
        }
    }
    paths
}

/// What has been taken so far.
struct Cover<'a> {
    successors: &'a [Vec<u32>],
    /// By node: how many of its edges were taken. They are taken in their order, so these are the first ones.
    taken: Vec<u32>,
    /// By node: that no edge is left to take from here on. What is so stays so.
    exhausted: Vec<bool>,
    /// By node: the edge by which the search with this number came here, and from where.
    came: Vec<Arrival>,
    search: u32,
}

#[derive(Clone, Copy, Default)]
struct Arrival {
    search: u32,
    from: u32,
    edge: u32,
}

impl<'a> Cover<'a> {
    fn of(successors: &'a [Vec<u32>]) -> Self {
        let nodes = successors.len();
        let (taken, exhausted, came) = (vec![0; nodes], vec![false; nodes], vec![Arrival::default(); nodes]);
        Self { successors, taken, exhausted, came, search: 0 }
    }

    /// Whether an edge of this node is left to take.
    fn open(&self, node: u32) -> bool {
        (self.taken[node as usize] as usize) < self.successors[node as usize].len()
    }

    /// Takes an edge that is left at the end of this path, however long it is, and goes on from there.
    fn extend(&mut self, path: &mut Path, mut node: u32, longest: usize) {
        loop {
            while self.open(node) {
                node = self.take(path, node);
                if path.edges.len() >= longest {
                    return;
                }
            }
            let Some(found) = self.nearest(node, longest - path.edges.len() - 1) else { return };
            let way = path.edges.len();
            let mut back = found;
            while back != node {
                let arrival = self.came[back as usize];
                path.edges.push(arrival.edge);
                back = arrival.from;
            }
            path.edges[way..].reverse();
            node = found;
        }
    }

    fn take(&mut self, path: &mut Path, node: u32) -> u32 {
        let edge = self.taken[node as usize];
        self.taken[node as usize] += 1;
        path.edges.push(edge);
        self.successors[node as usize][edge as usize]
    }

    /// The nearest node with an edge that is left, at most `farthest` edges away; `came` then tells the way.
    fn nearest(&mut self, node: u32, farthest: usize) -> Option<u32> {
        self.search += 1;
        self.came[node as usize].search = self.search;
        let (mut queue, mut seen, mut cut) = (VecDeque::from([(node, 0)]), Vec::new(), false);
        while let Some((from, distance)) = queue.pop_front() {
            if self.open(from) {
                return Some(from);
            }
            if distance == farthest {
                cut = true;
                continue;
            }
            seen.push(from);
            for (edge, &to) in (0..).zip(&self.successors[from as usize]) {
                let arrival = &mut self.came[to as usize];
                if arrival.search != self.search && !self.exhausted[to as usize] {
                    *arrival = Arrival { search: self.search, from, edge };
                    queue.push_back((to, distance + 1));
                }
            }
        }
        // Whatever can be reached from here was seen, and so whatever can be reached from there.
        if !cut {
            for node in seen {
                self.exhausted[node as usize] = true;
            }
        }
        None
    }
}

/// The nodes that can be reached, the nearest to the initial ones first, and the shortest way to each.
struct Reached {
    nodes: Vec<u32>,
    /// By node: the edge by which it was reached first, and from where. An initial node has none.
    came: Vec<Option<(u32, u32)>>,
}

impl Reached {
    fn from(successors: &[Vec<u32>], initial: &[u32]) -> Self {
        let (mut known, mut came) = (vec![false; successors.len()], vec![None; successors.len()]);
        let first_seen = |known: &mut Vec<bool>, node: u32| !std::mem::replace(&mut known[node as usize], true);
        let mut nodes: Vec<u32> = initial.iter().copied().filter(|&node| first_seen(&mut known, node)).collect();
        let mut next = 0;
        while let Some(&from) = nodes.get(next) {
            for (edge, &to) in (0..).zip(&successors[from as usize]) {
                if first_seen(&mut known, to) {
                    came[to as usize] = Some((from, edge));
                    nodes.push(to);
                }
            }
            next += 1;
        }
        Self { nodes, came }
    }

    fn way_to(&self, node: u32) -> Path {
        let (mut start, mut edges) = (node, Vec::new());
        while let Some((from, edge)) = self.came[start as usize] {
            edges.push(edge);
            start = from;
        }
        edges.reverse();
        Path { start, edges }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn path(start: u32, edges: &[u32]) -> Path {
        Path { start, edges: edges.to_vec() }
    }

    #[test]
    fn one_path_takes_the_edges_of_a_ring_with_a_chord() {
        assert_eq!(cover(&[vec![1], vec![2, 0], vec![0]], &[0], 100), [path(0, &[0, 0, 0, 0, 1])]);
    }

    #[test]
    fn a_path_that_is_too_long_is_cut() {
        let ring = [vec![1], vec![2, 0], vec![0]];
        assert_eq!(cover(&ring, &[0], 3), [path(0, &[0, 0, 0]), path(0, &[0, 1])]);
    }

    #[test]
    fn what_is_farther_away_than_the_longest_path_is_reached_all_the_same() {
        let line = [vec![1], vec![2], vec![3], vec![]];
        assert_eq!(cover(&line, &[0], 2), [path(0, &[0, 0]), path(0, &[0, 0, 0])]);
        assert_eq!(cover(&line, &[0], 0).len(), 3);
    }

    #[test]
    fn parallel_edges_and_loops_are_edges_and_what_is_not_reached_is_not() {
        let graph = [vec![0, 1, 1], vec![], vec![0]];
        assert_eq!(cover(&graph, &[0, 0], 9), [path(0, &[0, 1]), path(0, &[2])]);
        assert_eq!(cover(&graph, &[], 9), []);
        assert_eq!(cover(&[], &[], 9), []);
    }

    #[test]
    fn a_path_starts_at_the_nearest_initial_node() {
        let graph = [vec![1], vec![2], vec![3], vec![]];
        assert_eq!(cover(&graph, &[2, 0], 9), [path(2, &[0]), path(0, &[0, 0])]);
    }

    /// Steps of a model at a bound that is of use: none of this may be quadratic where it need not be.
    #[test]
    fn twenty_thousand_edges_are_covered() {
        let nodes = 5_000_u32;
        let successors: Vec<Vec<u32>> =
            (0..nodes).map(|node| (1..=4).map(|edge| (node * 7 + edge * edge * 13) % nodes).collect()).collect();
        for longest in [10, 100, 100_000] {
            covers(&successors, &[0], longest, &cover(&successors, &[0], longest)).unwrap();
        }
    }

    /// Every path is one of the graph's, and together they take what can be reached, within the lengths promised.
    fn covers(successors: &[Vec<u32>], initial: &[u32], longest: usize, paths: &[Path]) -> Result<(), TestCaseError> {
        let reached = Reached::from(successors, initial);
        let mut taken = BTreeSet::new();
        for path in paths {
            prop_assert!(initial.contains(&path.start));
            let (mut node, before) = (path.start, taken.len());
            let (mut last, mut last_is_new) = (node, false);
            for &edge in &path.edges {
                last = node;
                last_is_new = taken.insert((node, edge));
                let edges = &successors[node as usize];
                prop_assert!((edge as usize) < edges.len(), "no such edge");
                node = edges[edge as usize];
            }
            prop_assert!(taken.len() > before && last_is_new, "steps for nothing");
            let needed = reached.way_to(last).edges.len() + 1;
            prop_assert!(path.edges.len() <= longest.max(needed), "too long");
        }
        let edges = |&node: &u32| (0..successors[node as usize].len()).map(move |edge| (node, edge as u32));
        prop_assert_eq!(taken, reached.nodes.iter().flat_map(edges).collect());
        Ok(())
    }

    fn graphs() -> impl Strategy<Value = (Vec<Vec<u32>>, Vec<u32>)> {
        (1..12_u32).prop_flat_map(|nodes| {
            let successors = prop::collection::vec(prop::collection::vec(0..nodes, 0..4), nodes as usize);
            (successors, prop::collection::vec(0..nodes, 0..3))
        })
    }

    proptest! {
        #[test]
        fn every_edge_that_is_reached_is_covered((successors, initial) in graphs(), longest in 0..20_usize) {
            let paths = cover(&successors, &initial, longest);
            covers(&successors, &initial, longest, &paths)?;
        }
    }
}
