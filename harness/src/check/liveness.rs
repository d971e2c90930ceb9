//! Claims of whole behaviours, judged over the graph of steps.
//!
//! A counterexample to a liveness property is a behaviour that goes round for ever within a strongly
//! connected component that fairness does not force it to leave (Lichtenstein and Pnueli, *Checking that
//! finite state concurrent programs satisfy their linear specification*, POPL 1985).

use super::components::{Components, components};
use super::graph::{ClassSet, FairClass, Form, Graph, LEAVES};
use proofmark_vocabulary::Strength;
use std::collections::{HashMap, VecDeque};

/// A behaviour in the graph: the shortest path to `start`, then steps by their classes and targets, and the
/// place among the states from `start` on to which the last returns.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Behaviour {
    pub(super) start: usize,
    pub(super) steps: Vec<(ClassSet, usize)>,
    /// `None` for a path; the last place itself for a stutter.
    pub(super) back_to: Option<usize>,
}

/// The search for a counterexample was stopped.
pub(super) struct Stopped;

/// Finds a behaviour that violates the claim, one with the shortest way to its loop.
pub(super) fn counterexample(
    graph: &Graph,
    form: &Form,
    initial: usize,
    stop: &dyn Fn() -> bool,
) -> Result<Option<Behaviour>, Stopped> {
    let marked = |state: usize, mark: u64| graph.marks[state] & mark != 0;
    let all = || (0..graph.expanded()).collect();
    let hunt = match form {
        Form::AlwaysCan { goal, excluded, escape } => return doomed(graph, *goal, *excluded, *escape, stop),
        Form::Inevitable { goal } => Hunt {
            starts: (0..initial.min(graph.expanded())).collect(),
            within: &|state| !marked(state, *goal),
            visits: &|_| true,
            fairness: None,
        },
        Form::Eventually { goal, fairness } => Hunt {
            starts: (0..initial.min(graph.expanded())).collect(),
            within: &|state| !marked(state, *goal),
            visits: &|_| true,
            fairness: Some(fairness),
        },
        Form::LeadsTo { from, to, fairness } => Hunt {
            starts: (0..graph.expanded()).filter(|&state| marked(state, *from)).collect(),
            within: &|state| !marked(state, *to),
            visits: &|_| true,
            fairness: Some(fairness),
        },
        Form::EventuallyAlways { goal, fairness } => {
            Hunt { starts: all(), within: &|_| true, visits: &|state| !marked(state, *goal), fairness: Some(fairness) }
        }
    };
    hunt.run(graph, stop)
}

/// The first state from which no allowed step leads towards the goal.
fn doomed(
    graph: &Graph,
    goal: u64,
    excluded: ClassSet,
    escape: u64,
    stop: &dyn Fn() -> bool,
) -> Result<Option<Behaviour>, Stopped> {
    let states = graph.expanded();
    let allowed = |state: usize| graph.steps(state).filter(|&(_, label)| label & excluded == 0).map(|(to, _)| to);
    // What was not expanded may lead anywhere.
    let is_goal =
        |state: usize| state >= states || graph.marks[state] & goal != 0 || graph.escapes[state] & escape != 0;
    let reversed = Reversed::new(states, allowed);
    let mut saved = vec![false; states];
    let mut queue = VecDeque::new();
    for (state, saved) in saved.iter_mut().enumerate() {
        *saved = is_goal(state) || allowed(state).any(|to| to >= states);
        queue.extend(saved.then_some(state));
    }
    while let Some(state) = queue.pop_front() {
        if stop() {
            return Err(Stopped);
        }
        for &from in reversed.sources_of(state) {
            if !std::mem::replace(&mut saved[from as usize], true) {
                queue.push_back(from as usize);
            }
        }
    }
    let first = saved.iter().position(|saved| !saved);
    Ok(first.map(|start| Behaviour { start, steps: Vec::new(), back_to: None }))
}

/// The steps of a graph backwards.
struct Reversed {
    offsets: Vec<usize>,
    sources: Vec<u32>,
}

impl Reversed {
    fn new<I: Iterator<Item = usize>>(states: usize, steps: impl Fn(usize) -> I) -> Self {
        let mut offsets = vec![0; states + 1];
        for state in 0..states {
            steps(state).filter(|&to| to < states).for_each(|to| offsets[to + 1] += 1);
        }
        for state in 0..states {
            offsets[state + 1] += offsets[state];
        }
        let (mut next, mut sources) = (offsets.clone(), vec![0; offsets[states]]);
        for state in 0..states {
            for to in steps(state).filter(|&to| to < states) {
                sources[next[to]] = state as u32;
                next[to] += 1;
            }
        }
        Self { offsets, sources }
    }

    fn sources_of(&self, state: usize) -> &[u32] {
        &self.sources[self.offsets[state]..self.offsets[state + 1]]
    }
}

/// The hunt for a fair behaviour that comes from one of the starts and stays within some states.
struct Hunt<'a> {
    /// In ascending order; those outside `within` do not count.
    starts: Vec<usize>,
    within: &'a dyn Fn(usize) -> bool,
    /// The loop must visit a state of these.
    visits: &'a dyn Fn(usize) -> bool,
    /// The obligations of a fair behaviour, which may stutter; `None` for maximal paths, which may not.
    fairness: Option<&'a [FairClass]>,
}

/// A component in which a fair behaviour can stay for ever.
struct Trap {
    states: Vec<usize>,
    /// The distance and number of its nearest state.
    nearest: (u32, usize),
}

impl Hunt<'_> {
    fn run(&self, graph: &Graph, stop: &dyn Fn() -> bool) -> Result<Option<Behaviour>, Stopped> {
        let reach = Reach::new(graph, &self.starts, self.within, stop)?;
        let mut nearest: Option<Trap> = None;
        let mut keep = |trap: Trap| {
            if nearest.as_ref().is_none_or(|kept| trap.nearest < kept.nearest) {
                nearest = Some(trap);
            }
        };
        self.traps(graph, &reach, &reach.order, &mut keep, stop)?;
        Ok(nearest.map(|trap| self.lasso(graph, &reach, &trap)))
    }

    /// Finds every trap among `states`. A component that strong fairness forces to be left may still hold a
    /// trap without the states in which the forcing actions are enabled.
    fn traps(
        &self,
        graph: &Graph,
        reach: &Reach,
        states: &[usize],
        keep: &mut dyn FnMut(Trap),
        stop: &dyn Fn() -> bool,
    ) -> Result<(), Stopped> {
        let Components(found) = components(graph, states, stop)?;
        for component in found {
            if !component.iter().any(|&state| (self.visits)(state)) {
                continue;
            }
            match self.forced_out(graph, &component) {
                None => {}
                Some(0) => {
                    if let Some(nearest) = component.iter().map(|&state| (reach.distance[state], state)).min() {
                        keep(Trap { states: component, nearest });
                    }
                }
                Some(forcing) => {
                    let rest: Vec<_> =
                        component.iter().copied().filter(|&state| graph.enabled[state] & forcing == 0).collect();
                    self.traps(graph, reach, &rest, keep, stop)?;
                }
            }
        }
        Ok(())
    }

    /// The classes that strong fairness takes out of a component; `None` when no part of it can be stayed in.
    fn forced_out(&self, graph: &Graph, component: &[usize]) -> Option<ClassSet> {
        let Some(fairness) = self.fairness else {
            let [state] = *component else { return Some(0) };
            let loops = graph.steps(state).any(|(to, _)| to == state);
            let ends = graph.steps(state).next().is_none() && graph.escapes[state] & LEAVES == 0;
            return (loops || ends).then_some(0);
        };
        let taken = inner_steps(graph, component).fold(0, |taken, (_, label, _)| taken | label);
        let always = component.iter().fold(ClassSet::MAX, |enabled, &state| enabled & graph.enabled[state]);
        let ever = component.iter().fold(0, |enabled, &state| enabled | graph.enabled[state]);
        let mut forcing = 0;
        for fair in fairness.iter().filter(|fair| fair.class & taken == 0) {
            match fair.strength {
                Strength::Weak if fair.class & always != 0 => return None,
                Strength::Weak => {}
                Strength::Strong => forcing |= fair.class & ever,
            }
        }
        Some(forcing)
    }

    /// The shortest way into a trap, and a round within it that meets every obligation.
    fn lasso(&self, graph: &Graph, reach: &Reach, trap: &Trap) -> Behaviour {
        let (_, entry) = trap.nearest;
        let (start, mut steps) = reach.way(entry);
        let back_to = steps.len();
        let round = self.round(graph, &trap.states, entry);
        steps.extend(round);
        Behaviour { start, steps, back_to: Some(back_to) }
    }

    fn round(&self, graph: &Graph, component: &[usize], entry: usize) -> Vec<(ClassSet, usize)> {
        let inner = Inner::new(graph, component);
        let Some(fairness) = self.fairness else {
            // A maximal path takes a step while there is one.
            return inner.walk(entry, |_, to| to == entry).unwrap_or_default();
        };
        let mut round: Vec<(ClassSet, usize)> = Vec::new();
        let mut visited = vec![entry];
        if !(self.visits)(entry) {
            let way = inner.walk(entry, |_, to| (self.visits)(to)).unwrap_or_default();
            visited.extend(way.iter().map(|&(_, to)| to));
            round.extend(way);
        }
        for fair in fairness {
            let taken = round.iter().any(|&(label, _)| label & fair.class != 0);
            let disabled = |state: usize| graph.enabled[state] & fair.class == 0;
            let idle = match fair.strength {
                Strength::Weak => visited.iter().any(|&state| disabled(state)),
                Strength::Strong => component.iter().all(|&state| disabled(state)),
            };
            if taken || idle {
                continue;
            }
            let here = round.last().map_or(entry, |&(_, to)| to);
            let is_met = |label: ClassSet, to: usize| {
                label & fair.class != 0 || (fair.strength == Strength::Weak && disabled(to))
            };
            let way = inner.walk(here, is_met).unwrap_or_default();
            visited.extend(way.iter().map(|&(_, to)| to));
            round.extend(way);
        }
        let here = round.last().map_or(entry, |&(_, to)| to);
        if here != entry {
            round.extend(inner.walk(here, |_, to| to == entry).unwrap_or_default());
        }
        round
    }
}

/// The steps within a component that are no stutters: source, classes, target.
fn inner_steps(graph: &Graph, component: &[usize]) -> impl Iterator<Item = (usize, ClassSet, usize)> {
    // Components come sorted.
    let inside = |state: &usize| component.binary_search(state).is_ok();
    component
        .iter()
        .flat_map(move |&from| graph.steps(from).map(move |(to, label)| (from, label, to)))
        .filter(move |(from, _, to)| from != to && inside(to))
}

/// A component on its own, to walk in.
struct Inner<'a> {
    graph: &'a Graph,
    component: &'a [usize],
}

impl<'a> Inner<'a> {
    fn new(graph: &'a Graph, component: &'a [usize]) -> Self {
        Self { graph, component }
    }

    /// The shortest walk of at least one step from a state until a step satisfies `arrives`.
    fn walk(&self, from: usize, arrives: impl Fn(ClassSet, usize) -> bool) -> Option<Vec<(ClassSet, usize)>> {
        let mut came: HashMap<usize, (usize, ClassSet)> = HashMap::new();
        let mut queue = VecDeque::from([from]);
        while let Some(state) = queue.pop_front() {
            for (to, label) in self.graph.steps(state) {
                if self.component.binary_search(&to).is_err() {
                    continue;
                }
                if arrives(label, to) {
                    let mut walk = vec![(label, to)];
                    let mut at = state;
                    while at != from {
                        let (before, label) = came[&at];
                        walk.push((label, at));
                        at = before;
                    }
                    walk.reverse();
                    return Some(walk);
                }
                if to != from && !came.contains_key(&to) {
                    came.insert(to, (state, label));
                    queue.push_back(to);
                }
            }
        }
        None
    }
}

/// The states that a behaviour which stays within some states can reach, and the shortest way to each.
struct Reach {
    /// The number of steps from an initial state, over a start; `u32::MAX` where there is no way.
    distance: Vec<u32>,
    /// The state before on the shortest way, and the classes of the step; itself at a start.
    before: Vec<(u32, ClassSet)>,
    /// The states, nearest first.
    order: Vec<usize>,
}

impl Reach {
    fn new(
        graph: &Graph,
        starts: &[usize],
        within: &dyn Fn(usize) -> bool,
        stop: &dyn Fn() -> bool,
    ) -> Result<Self, Stopped> {
        let states = graph.expanded();
        let mut reach = Self { distance: vec![u32::MAX; states], before: vec![(0, 0); states], order: Vec::new() };
        let mut starts = starts.iter().copied().filter(|&state| within(state)).peekable();
        let (mut here, mut level) = (Vec::new(), 0);
        while !here.is_empty() || starts.peek().is_some() {
            // Starts are sorted by number, hence by level.
            while let Some(state) = starts.next_if(|&state| graph.level(state) as u32 <= level) {
                if reach.distance[state] == u32::MAX {
                    reach.distance[state] = level;
                    reach.before[state] = (state as u32, 0);
                    here.push(state);
                }
            }
            let mut next = Vec::new();
            for &state in &here {
                if stop() {
                    return Err(Stopped);
                }
                for (to, label) in graph.steps(state) {
                    if to < states && reach.distance[to] == u32::MAX && within(to) {
                        reach.distance[to] = level + 1;
                        reach.before[to] = (state as u32, label);
                        next.push(to);
                    }
                }
            }
            reach.order.append(&mut here);
            here = next;
            level += 1;
        }
        Ok(reach)
    }

    /// The start from which a state is nearest, and the steps from there.
    fn way(&self, mut state: usize) -> (usize, Vec<(ClassSet, usize)>) {
        let mut steps = Vec::new();
        loop {
            let (before, label) = self.before[state];
            if before as usize == state {
                steps.reverse();
                return (state, steps);
            }
            steps.push((label, state));
            state = before as usize;
        }
    }
}
