//! Strongly connected components of a part of the graph of steps.

use super::graph::Graph;
use super::liveness::Stopped;
use std::collections::HashMap;

/// The components, each with its states in ascending order.
pub(super) struct Components(pub(super) Vec<Vec<usize>>);

/// The strongly connected components of the graph restricted to `states` (Tarjan, *Depth-first search and
/// linear graph algorithms*, 1972), without recursion, since a path may be millions of states long.
pub(super) fn components(graph: &Graph, states: &[usize], stop: &dyn Fn() -> bool) -> Result<Components, Stopped> {
    let place: Places = Places::new(graph.expanded(), states);
    let mut tarjan = Tarjan {
        index: vec![UNSEEN; states.len()],
        low: vec![0; states.len()],
        on_stack: vec![false; states.len()],
        stack: Vec::new(),
        next: 0,
        found: Vec::new(),
    };
    // Each frame is a state and its successors that are still to be visited.
    let mut frames: Vec<(usize, Vec<usize>)> = Vec::new();
    let successors = |at: usize| graph.steps(states[at]).filter_map(|(to, _)| place.of(to)).collect::<Vec<_>>();
    for root in 0..states.len() {
        if tarjan.index[root] != UNSEEN {
            continue;
        }
        tarjan.enter(root);
        frames.push((root, successors(root)));
        while let Some((at, rest)) = frames.last_mut() {
            let at = *at;
            if stop() {
                return Err(Stopped);
            }
            match rest.pop() {
                Some(to) if tarjan.index[to] == UNSEEN => {
                    tarjan.enter(to);
                    frames.push((to, successors(to)));
                }
                Some(to) if tarjan.on_stack[to] => tarjan.low[at] = tarjan.low[at].min(tarjan.index[to]),
                Some(_) => {}
                None => {
                    frames.pop();
                    if let Some(&(parent, _)) = frames.last() {
                        tarjan.low[parent] = tarjan.low[parent].min(tarjan.low[at]);
                    }
                    tarjan.leave(at, states);
                }
            }
        }
    }
    Ok(Components(tarjan.found))
}

struct Tarjan {
    index: Vec<u32>,
    low: Vec<u32>,
    on_stack: Vec<bool>,
    stack: Vec<usize>,
    next: u32,
    found: Vec<Vec<usize>>,
}

impl Tarjan {
    fn enter(&mut self, at: usize) {
        self.index[at] = self.next;
        self.low[at] = self.next;
        self.next += 1;
        self.stack.push(at);
        self.on_stack[at] = true;
    }

    /// All that was reached from `at` is done: if nothing reaches back beyond it, its component is complete.
    fn leave(&mut self, at: usize, states: &[usize]) {
        if self.low[at] != self.index[at] {
            return;
        }
        let mut component = Vec::new();
        while let Some(member) = self.stack.pop() {
            self.on_stack[member] = false;
            component.push(states[member]);
            if member == at {
                break;
            }
        }
        component.sort_unstable();
        self.found.push(component);
    }
}

/// Where each state stands among the restricted ones.
enum Places {
    /// Few of the graph's states.
    Sparse(HashMap<usize, usize>),
    /// Most of them.
    Dense(Vec<u32>),
}

impl Places {
    fn new(all: usize, states: &[usize]) -> Self {
        if states.len() < all / 16 {
            return Self::Sparse(states.iter().enumerate().map(|(at, &state)| (state, at)).collect());
        }
        let mut places = vec![UNSEEN; all];
        for (at, &state) in states.iter().enumerate() {
            places[state] = at as u32;
        }
        Self::Dense(places)
    }

    fn of(&self, state: usize) -> Option<usize> {
        match self {
            Places::Sparse(places) => places.get(&state).copied(),
            Places::Dense(places) => places.get(state).copied().filter(|&at| at != UNSEEN).map(|at| at as usize),
        }
    }
}

const UNSEEN: u32 = u32::MAX;
