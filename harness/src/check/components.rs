//! Strongly connected components of a part of the graph of steps.

use super::graph::Graph;
use super::liveness::Stopped;
use std::collections::HashMap;

/// The components of a part of the graph, each with its states in ascending order.
pub(super) struct Components {
    members: Vec<u32>,
    /// Where each component ends among the members.
    ends: Vec<usize>,
}

impl Components {
    pub(super) fn iter(&self) -> impl Iterator<Item = &[u32]> {
        self.ends.iter().scan(0, |start, &end| Some(&self.members[std::mem::replace(start, end)..end]))
    }
}

/// The strongly connected components of the graph restricted to `states` (Tarjan, *Depth-first search and
/// linear graph algorithms*, 1972), without recursion, since a path may be millions of states long.
pub(super) fn components(graph: &Graph, states: &[u32], stop: &dyn Fn() -> bool) -> Result<Components, Stopped> {
    let places = Places::new(graph.expanded(), states);
    let mut tarjan = Tarjan {
        index: vec![UNSEEN; states.len()],
        low: vec![0; states.len()],
        on_stack: vec![false; states.len()],
        stack: Vec::new(),
        next: 0,
        found: Components { members: Vec::with_capacity(states.len()), ends: Vec::new() },
    };
    // Each frame is a state and how many of its steps have been followed.
    let mut frames: Vec<(u32, u32)> = Vec::new();
    for root in 0..states.len() as u32 {
        if tarjan.index[root as usize] != UNSEEN {
            continue;
        }
        tarjan.enter(root);
        frames.push((root, 0));
        while let Some((at, followed)) = frames.last_mut() {
            let at = *at;
            if stop() {
                return Err(Stopped);
            }
            let Some(&target) = graph.targets(states[at as usize]).get(*followed as usize) else {
                frames.pop();
                if let Some(&(parent, _)) = frames.last() {
                    tarjan.lower(parent, tarjan.low[at as usize]);
                }
                tarjan.leave(at, states);
                continue;
            };
            *followed += 1;
            match places.of(target) {
                Some(to) if tarjan.index[to as usize] == UNSEEN => {
                    tarjan.enter(to);
                    frames.push((to, 0));
                }
                Some(to) if tarjan.on_stack[to as usize] => tarjan.lower(at, tarjan.index[to as usize]),
                _ => {}
            }
        }
    }
    Ok(tarjan.found)
}

/// States go by their places among the restricted ones.
struct Tarjan {
    index: Vec<u32>,
    low: Vec<u32>,
    on_stack: Vec<bool>,
    stack: Vec<u32>,
    next: u32,
    found: Components,
}

impl Tarjan {
    fn enter(&mut self, at: u32) {
        self.index[at as usize] = self.next;
        self.low[at as usize] = self.next;
        self.next += 1;
        self.stack.push(at);
        self.on_stack[at as usize] = true;
    }

    fn lower(&mut self, at: u32, to: u32) {
        let low = &mut self.low[at as usize];
        *low = to.min(*low);
    }

    /// All that was reached from `at` is done: if nothing reaches back beyond it, its component is complete.
    fn leave(&mut self, at: u32, states: &[u32]) {
        if self.low[at as usize] != self.index[at as usize] {
            return;
        }
        let start = self.found.members.len();
        while let Some(member) = self.stack.pop() {
            self.on_stack[member as usize] = false;
            self.found.members.push(states[member as usize]);
            if member == at {
                break;
            }
        }
        self.found.members[start..].sort_unstable();
        self.found.ends.push(self.found.members.len());
    }
}

/// Where each state stands among the restricted ones.
enum Places {
    /// Few of the graph's states.
    Sparse(HashMap<u32, u32>),
    /// Most of them.
    Dense(Vec<u32>),
}

impl Places {
    fn new(all: usize, states: &[u32]) -> Self {
        if states.len() < all / 16 {
            return Self::Sparse(states.iter().copied().zip(0..).collect());
        }
        let mut places = vec![UNSEEN; all];
        for (&state, place) in states.iter().zip(0..) {
            places[state as usize] = place;
        }
        Self::Dense(places)
    }

    fn of(&self, state: u32) -> Option<u32> {
        match self {
            Places::Sparse(places) => places.get(&state).copied(),
            Places::Dense(places) => places.get(state as usize).copied().filter(|&place| place != UNSEEN),
        }
    }
}

const UNSEEN: u32 = u32::MAX;
