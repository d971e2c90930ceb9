//! Claims of whole behaviours, judged over the graph of steps.
//!
//! A counterexample to a liveness property is a behaviour that goes round for ever within a strongly
//! connected component that fairness does not force it to leave (Lichtenstein and Pnueli, *Checking that
//! finite state concurrent programs satisfy their linear specification*, POPL 1985).

use super::components::components;
use super::graph::{ClassSet, FairClass, Form, Graph, LEAVES};
use proofmark_vocabulary::Strength;
use std::collections::{HashMap, VecDeque};

/// A behaviour in the graph: the shortest path to `start`, then steps, each by its place among the steps of
/// the state it leaves, and the place among the states from `start` on to which the last returns.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Behaviour {
    pub(super) start: u32,
    pub(super) steps: Vec<usize>,
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
    let all = || 0..graph.expanded() as u32;
    let initial = || (0..initial.min(graph.expanded()) as u32).collect();
    let hunt = match form {
        Form::AlwaysCan { goal, excluded, escape } => return doomed(graph, *goal, *excluded, *escape, stop),
        Form::Inevitable { goal } => Hunt {
            starts: initial(),
            within: &|state| !graph.is_marked(state, *goal),
            visits: &|_| true,
            fairness: None,
        },
        Form::Eventually { goal, fairness } => Hunt {
            starts: initial(),
            within: &|state| !graph.is_marked(state, *goal),
            visits: &|_| true,
            fairness: Some(fairness),
        },
        Form::LeadsTo { from, to, fairness } => Hunt {
            starts: all().filter(|&state| graph.is_marked(state, *from)).collect(),
            within: &|state| !graph.is_marked(state, *to),
            visits: &|_| true,
            fairness: Some(fairness),
        },
        Form::EventuallyAlways { goal, fairness } => Hunt {
            starts: initial(),
            within: &|_| true,
            visits: &|state| !graph.is_marked(state, *goal),
            fairness: Some(fairness),
        },
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
    let states = graph.expanded() as u32;
    let allowed = |state: u32| graph.steps(state).filter(|&(_, label)| label & excluded == 0).map(|(to, _)| to);
    // What was not expanded may lead anywhere.
    let is_saved = |state: u32| {
        graph.is_marked(state, goal)
            || graph.escapes[state as usize] & escape != 0
            || allowed(state).any(|to| to >= states)
    };
    let reversed = Reversed::new(states, |state| allowed(state).filter(|&to| to < states), stop)?;
    let mut saved: Vec<_> = (0..states).map(is_saved).collect();
    let mut queue: VecDeque<_> = (0..states).filter(|&state| saved[state as usize]).collect();
    while let Some(state) = queue.pop_front() {
        if stop() {
            return Err(Stopped);
        }
        for &from in reversed.sources_of(state) {
            if !std::mem::replace(&mut saved[from as usize], true) {
                queue.push_back(from);
            }
        }
    }
    let first = (0..states).find(|&state| !saved[state as usize]);
    Ok(first.map(|start| Behaviour { start, steps: Vec::new(), back_to: None }))
}

/// The steps of a graph backwards.
struct Reversed {
    offsets: Vec<usize>,
    sources: Vec<u32>,
}

impl Reversed {
    fn new<I: Iterator<Item = u32>>(
        states: u32,
        steps: impl Fn(u32) -> I,
        stop: &dyn Fn() -> bool,
    ) -> Result<Self, Stopped> {
        let mut offsets = vec![0; states as usize + 1];
        for state in 0..states {
            if stop() {
                return Err(Stopped);
            }
            steps(state).for_each(|to| offsets[to as usize + 1] += 1);
        }
        for state in 0..states as usize {
            offsets[state + 1] += offsets[state];
        }
        let (mut next, mut sources) = (offsets.clone(), vec![0; offsets[states as usize]]);
        for state in 0..states {
            if stop() {
                return Err(Stopped);
            }
            for to in steps(state) {
                sources[next[to as usize]] = state;
                next[to as usize] += 1;
            }
        }
        Ok(Self { offsets, sources })
    }

    fn sources_of(&self, state: u32) -> &[u32] {
        &self.sources[self.offsets[state as usize]..self.offsets[state as usize + 1]]
    }
}

/// The hunt for a fair behaviour that comes from one of the starts and stays within some states.
struct Hunt<'a> {
    /// In ascending order; those outside `within` do not count.
    starts: Vec<u32>,
    within: &'a dyn Fn(u32) -> bool,
    /// The loop must visit a state of these.
    visits: &'a dyn Fn(u32) -> bool,
    /// The obligations of a fair behaviour, which may stutter; `None` for maximal paths, which may not.
    fairness: Option<&'a [FairClass]>,
}

/// A component in which a fair behaviour can stay for ever.
struct Trap {
    states: Vec<u32>,
    /// The distance and number of its nearest state.
    nearest: (u32, u32),
}

/// A step of the graph, by its place among the steps of the state it leaves.
#[derive(Clone, Copy)]
struct Taken {
    place: usize,
    label: ClassSet,
    to: u32,
}

impl Hunt<'_> {
    fn run(&self, graph: &Graph, stop: &dyn Fn() -> bool) -> Result<Option<Behaviour>, Stopped> {
        let reach = Reach::new(graph, &self.starts, self.within, stop)?;
        let inside = vec![false; graph.expanded()];
        let mut traps = Traps { hunt: self, graph, reach: &reach, stop, inside, nearest: None };
        traps.find(&reach.order)?;
        Ok(traps.nearest.map(|trap| self.lasso(graph, &reach, &trap)))
    }

    /// The shortest way into a trap, and a round within it that meets every obligation.
    fn lasso(&self, graph: &Graph, reach: &Reach, trap: &Trap) -> Behaviour {
        let (_, entry) = trap.nearest;
        let (start, mut steps) = reach.way(graph, entry);
        let back_to = steps.len();
        steps.extend(self.round(graph, &trap.states, entry).iter().map(|taken| taken.place));
        Behaviour { start, steps, back_to: Some(back_to) }
    }

    fn round(&self, graph: &Graph, component: &[u32], entry: u32) -> Vec<Taken> {
        let inner = Inner { graph, component };
        let Some(fairness) = self.fairness else {
            // A maximal path takes a step while there is one.
            return inner.walk(entry, |_, taken| taken.to == entry).unwrap_or_default();
        };
        let mut round: Vec<Taken> = Vec::new();
        if !(self.visits)(entry) {
            round.extend(inner.walk(entry, |_, taken| (self.visits)(taken.to)).unwrap_or_default());
        }
        for fair in fairness {
            let is_disabled = |state: u32| !graph.is_enabled(state, fair.class);
            let mut visited = std::iter::once(entry).chain(round.iter().map(|taken| taken.to));
            let is_idle = match fair.strength {
                Strength::Weak => visited.any(is_disabled),
                Strength::Strong => component.iter().all(|&state| is_disabled(state)),
            };
            if is_idle || moves(entry, &round).any(|label| label & fair.class != 0) {
                continue;
            }
            // A stutter meets no obligation.
            let meets = |from: u32, taken: Taken| {
                taken.to != from && taken.label & fair.class != 0
                    || fair.strength == Strength::Weak && is_disabled(taken.to)
            };
            let here = round.last().map_or(entry, |taken| taken.to);
            round.extend(inner.walk(here, meets).unwrap_or_default());
        }
        let here = round.last().map_or(entry, |taken| taken.to);
        if here != entry {
            round.extend(inner.walk(here, |_, taken| taken.to == entry).unwrap_or_default());
        }
        round
    }
}

/// The classes of the steps that are no stutters, on a walk from `entry`.
fn moves(entry: u32, walk: &[Taken]) -> impl Iterator<Item = ClassSet> {
    let from = std::iter::once(entry).chain(walk.iter().map(|taken| taken.to));
    from.zip(walk).filter(|(from, taken)| *from != taken.to).map(|(_, taken)| taken.label)
}

/// The search for the nearest trap.
struct Traps<'a> {
    hunt: &'a Hunt<'a>,
    graph: &'a Graph,
    reach: &'a Reach,
    stop: &'a dyn Fn() -> bool,
    /// Whether a state is in the component that is looked at.
    inside: Vec<bool>,
    nearest: Option<Trap>,
}

impl Traps<'_> {
    /// Finds every trap among `states`. A component that strong fairness forces to be left may still hold a
    /// trap without the states in which the forcing actions are enabled; none of them is enabled in what is
    /// left, so this calls itself no deeper than there are classes.
    fn find(&mut self, states: &[u32]) -> Result<(), Stopped> {
        for component in components(self.graph, states, self.stop)?.iter() {
            if !component.iter().any(|&state| (self.hunt.visits)(state)) {
                continue;
            }
            match self.forced_out(component)? {
                None => {}
                Some(0) => self.keep(component),
                Some(forcing) => {
                    let rest = component.iter().copied().filter(|&state| !self.graph.is_enabled(state, forcing));
                    let rest: Vec<_> = rest.collect();
                    self.find(&rest)?;
                }
            }
        }
        Ok(())
    }

    fn keep(&mut self, component: &[u32]) {
        let Some(nearest) = component.iter().map(|&state| (self.reach.distance[state as usize], state)).min() else {
            return;
        };
        if self.nearest.as_ref().is_none_or(|kept| nearest < kept.nearest) {
            self.nearest = Some(Trap { states: component.to_vec(), nearest });
        }
    }

    /// The classes that strong fairness takes out of a component; `None` when no part of it can be stayed in.
    fn forced_out(&mut self, component: &[u32]) -> Result<Option<ClassSet>, Stopped> {
        let Some(fairness) = self.hunt.fairness else {
            let [state] = *component else { return Ok(Some(0)) };
            let targets = self.graph.targets(state);
            let ends = targets.is_empty() && self.graph.escapes[state as usize] & LEAVES == 0;
            return Ok((ends || targets.contains(&state)).then_some(0));
        };
        let taken = self.taken_inside(component)?;
        let enabled = || component.iter().map(|&state| self.graph.enabled[state as usize]);
        let always = enabled().fold(ClassSet::MAX, |always, here| always & here);
        let ever = enabled().fold(0, |ever, here| ever | here);
        let mut forcing = 0;
        for fair in fairness.iter().filter(|fair| fair.class & taken == 0) {
            match fair.strength {
                Strength::Weak if fair.class & always != 0 => return Ok(None),
                Strength::Weak => {}
                Strength::Strong => forcing |= fair.class & ever,
            }
        }
        Ok(Some(forcing))
    }

    /// The classes of the steps within a component that are no stutters.
    fn taken_inside(&mut self, component: &[u32]) -> Result<ClassSet, Stopped> {
        self.mark(component, true);
        let mut taken = 0;
        for &from in component {
            if (self.stop)() {
                return Err(Stopped);
            }
            let inner = |to: u32| to != from && self.inside.get(to as usize).copied().unwrap_or(false);
            let labels = self.graph.steps(from).filter(|&(to, _)| inner(to)).map(|(_, label)| label);
            taken = labels.fold(taken, |taken, label| taken | label);
        }
        self.mark(component, false);
        Ok(taken)
    }

    fn mark(&mut self, component: &[u32], inside: bool) {
        for &state in component {
            self.inside[state as usize] = inside;
        }
    }
}

/// A component on its own, to walk in.
struct Inner<'a> {
    graph: &'a Graph,
    /// In ascending order.
    component: &'a [u32],
}

impl Inner<'_> {
    /// The shortest walk of at least one step from a state until a step satisfies `arrives`, which is told
    /// the state that the step leaves.
    fn walk(&self, from: u32, arrives: impl Fn(u32, Taken) -> bool) -> Option<Vec<Taken>> {
        let mut came: HashMap<u32, (u32, Taken)> = HashMap::new();
        let mut queue = VecDeque::from([from]);
        while let Some(state) = queue.pop_front() {
            for (place, (to, label)) in self.graph.steps(state).enumerate() {
                let taken = Taken { place, label, to };
                if self.component.binary_search(&to).is_err() {
                    continue;
                }
                if arrives(state, taken) {
                    let (mut walk, mut at) = (vec![taken], state);
                    while at != from {
                        let (before, taken) = came[&at];
                        walk.push(taken);
                        at = before;
                    }
                    walk.reverse();
                    return Some(walk);
                }
                if to != from && !came.contains_key(&to) {
                    came.insert(to, (state, taken));
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
    /// The state before on the shortest way; itself at a start.
    before: Vec<u32>,
    /// The states, nearest first.
    order: Vec<u32>,
}

impl Reach {
    fn new(
        graph: &Graph,
        starts: &[u32],
        within: &dyn Fn(u32) -> bool,
        stop: &dyn Fn() -> bool,
    ) -> Result<Self, Stopped> {
        let states = graph.expanded();
        let mut reach = Self { distance: vec![u32::MAX; states], before: vec![0; states], order: Vec::new() };
        let mut starts = starts.iter().copied().filter(|&state| within(state)).peekable();
        let (mut here, mut level) = (Vec::new(), 0);
        while !here.is_empty() || starts.peek().is_some() {
            // Starts are sorted by number, hence by level.
            while let Some(state) = starts.next_if(|&state| graph.level(state) <= level) {
                if reach.distance[state as usize] == u32::MAX {
                    reach.distance[state as usize] = level;
                    reach.before[state as usize] = state;
                    here.push(state);
                }
            }
            let mut next = Vec::new();
            for &state in &here {
                if stop() {
                    return Err(Stopped);
                }
                for &to in graph.targets(state) {
                    // What was not expanded has no distance.
                    if reach.distance.get(to as usize) == Some(&u32::MAX) && within(to) {
                        reach.distance[to as usize] = level + 1;
                        reach.before[to as usize] = state;
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

    /// The start from which a state is nearest, and the steps from there by their places.
    fn way(&self, graph: &Graph, mut state: u32) -> (u32, Vec<usize>) {
        let mut steps = Vec::new();
        loop {
            let before = self.before[state as usize];
            if before == state {
                steps.reverse();
                return (state, steps);
            }
            steps.extend(graph.targets(before).iter().position(|&to| to == state));
            state = before;
        }
    }
}
