//! What is obviously right, however slow: a sequential breadth-first search, and behaviours judged over all
//! sets of states.

use super::{Action, Claim, Fair, Graph, modulo_three};
use proofmark_vocabulary::Strength;
use std::collections::{BTreeSet, HashMap, VecDeque};

/// A sequential breadth-first search.
pub(crate) struct Explored {
    /// The states in the order in which they were found.
    pub(crate) order: Vec<u32>,
    /// For each state but the initial ones, whence it was first found and by which action.
    pub(crate) parent: HashMap<u32, (u32, usize)>,
    /// For each state the number of steps of a shortest path.
    pub(crate) level: HashMap<u32, usize>,
    pub(crate) generated: u64,
    pub(crate) left_boundary: u64,
}

pub(crate) fn explore(graph: &Graph) -> Explored {
    let mut found =
        Explored { order: Vec::new(), parent: HashMap::new(), level: HashMap::new(), generated: 0, left_boundary: 0 };
    let mut queue = VecDeque::new();
    for &state in graph.initial.iter().filter(|&&state| graph.inside[state as usize]) {
        found.generated += 1;
        if found.level.insert(state, 0).is_none() {
            found.order.push(state);
            queue.push_back(state);
        }
    }
    while let Some(state) = queue.pop_front() {
        for (action, to) in graph.steps(state) {
            if !graph.inside[to as usize] {
                found.left_boundary += 1;
                continue;
            }
            found.generated += 1;
            if !found.level.contains_key(&to) {
                found.level.insert(to, found.level[&state] + 1);
                found.parent.insert(to, (state, action.index));
                found.order.push(to);
                queue.push_back(to);
            }
        }
    }
    found
}

impl Explored {
    /// States on the longest shortest path.
    pub(crate) fn depth(&self) -> u64 {
        self.level.values().max().map_or(0, |&level| level as u64 + 1)
    }

    /// The path on which a state was first found, as the index of each action and the state that it led to.
    pub(crate) fn path(&self, state: u32) -> Vec<(Option<usize>, u32)> {
        let (mut path, mut at) = (Vec::new(), state);
        while let Some(&(before, index)) = self.parent.get(&at) {
            path.push((Some(index), at));
            at = before;
        }
        path.push((None, at));
        path.reverse();
        path
    }
}

/// A claim of states or steps: the length of a shortest path that decides it, in steps; `None` when no path
/// does.
pub(crate) fn first_evidence(graph: &Graph, explored: &Explored, claim: &Claim) -> Option<usize> {
    let of_states = |decides: &dyn Fn(u32) -> bool| {
        explored.order.iter().copied().filter(|&state| decides(state)).map(|state| explored.level[&state]).min()
    };
    let of_steps = |decides: &dyn Fn(u32, Action, u32) -> bool| {
        let steps = |&before: &u32| graph.inner_steps(before).map(move |(action, after)| (before, action, after));
        let deciding = explored.order.iter().flat_map(steps).filter(|&(b, action, a)| decides(b, action, a));
        deciding.map(|(before, ..)| explored.level[&before] + 1).min()
    };
    match claim {
        Claim::Always(mark) => of_states(&|state| !graph.is_marked(state, *mark)),
        Claim::Can(mark) => of_states(&|state| graph.is_marked(state, *mark)),
        Claim::Step { mark, label } => {
            of_steps(&|before, action, _| graph.is_marked(before, *mark) && action.label == *label)
        }
        Claim::Refines(spec) => {
            let strays =
                of_states(&|state| explored.level[&state] == 0 && !spec.initial.contains(&modulo_three(state)));
            strays.or(of_steps(&|before, _, after| {
                let (before, after) = (usize::from(modulo_three(before)), usize::from(modulo_three(after)));
                before != after && !spec.allowed[before][after]
            }))
        }
        _ => panic!("{claim:?} is a claim of behaviours"),
    }
}

/// A shortest path to a state that is a deadlock.
pub(crate) fn first_deadlock(graph: &Graph, explored: &Explored) -> Option<usize> {
    let ends = |state: u32| graph.steps(state).next().is_none() && !graph.is_marked(state, super::MAY_END);
    explored.order.iter().copied().filter(|&state| ends(state)).map(|state| explored.level[&state]).min()
}

/// A claim of behaviours: the length of the shortest way to a loop that violates it, in steps; `None` when it
/// holds. Tries every set of states as the set that a behaviour visits infinitely often.
pub(crate) fn nearest_violation(graph: &Graph, explored: &Explored, claim: &Claim) -> Option<usize> {
    let marked = |state: u32, mark: u8| graph.is_marked(state, mark);
    let initial = || explored.order.iter().copied().filter(|state| explored.level[state] == 0).collect();
    let everywhere = |_: u32| true;
    match claim {
        Claim::Inevitable(goal) => hunt(graph, explored, initial(), &|state| !marked(state, *goal), &everywhere, None),
        Claim::Eventually(goal, fair) => {
            hunt(graph, explored, initial(), &|state| !marked(state, *goal), &everywhere, Some(fair))
        }
        Claim::EventuallyAlways(goal, fair) => {
            hunt(graph, explored, initial(), &everywhere, &|state| !marked(state, *goal), Some(fair))
        }
        Claim::LeadsTo(from, to, fair) => {
            let starts = explored.order.iter().copied().filter(|&state| marked(state, *from)).collect();
            hunt(graph, explored, starts, &|state| !marked(state, *to), &everywhere, Some(fair))
        }
        Claim::AlwaysCan(goal, excluded) => explored
            .order
            .iter()
            .filter(|&&state| !can_reach(graph, state, *goal, *excluded))
            .map(|state| explored.level[state])
            .min(),
        _ => panic!("{claim:?} is no claim of behaviours"),
    }
}

/// Whether `state` reaches a state marked so, or leaves the boundary, without the excluded labels.
pub(crate) fn can_reach(graph: &Graph, state: u32, goal: u8, excluded: Option<u8>) -> bool {
    let (mut seen, mut stack) = (BTreeSet::from([state]), vec![state]);
    while let Some(at) = stack.pop() {
        if graph.is_marked(at, goal) {
            return true;
        }
        let allowed = graph.steps(at).filter(|(action, _)| excluded.unwrap_or(0) >> action.label & 1 == 0);
        for (_, to) in allowed {
            if !graph.inside[to as usize] {
                return true;
            }
            if seen.insert(to) {
                stack.push(to);
            }
        }
    }
    false
}

fn hunt(
    graph: &Graph,
    explored: &Explored,
    starts: Vec<u32>,
    within: &dyn Fn(u32) -> bool,
    visits: &dyn Fn(u32) -> bool,
    fairness: Option<&Vec<Fair>>,
) -> Option<usize> {
    // How near each state is, on a way that stays within from some start on.
    let starts = starts.into_iter().filter(|&state| within(state));
    let mut distance: HashMap<u32, usize> = starts.map(|state| (state, explored.level[&state])).collect();
    for _ in &explored.order {
        for (state, steps) in distance.clone() {
            for (_, to) in graph.inner_steps(state).filter(|&(_, to)| within(to)) {
                let known = distance.entry(to).or_insert(usize::MAX);
                *known = (*known).min(steps + 1);
            }
        }
    }
    let states = &explored.order;
    let subsets = (1_u32..1 << states.len()).map(|bits| {
        let members = states.iter().enumerate().filter(|(at, _)| bits >> at & 1 == 1);
        members.map(|(_, &state)| state).collect::<BTreeSet<_>>()
    });
    let traps = subsets.filter(|set| {
        set.iter().all(|state| within(*state) && distance.contains_key(state))
            && set.iter().any(|&state| visits(state))
            && can_stay(graph, set, fairness)
    });
    traps.filter_map(|set| set.iter().map(|state| distance[state]).min()).min()
}

/// Whether a behaviour can visit exactly these states infinitely often, fairly.
fn can_stay(graph: &Graph, set: &BTreeSet<u32>, fairness: Option<&Vec<Fair>>) -> bool {
    let inside: Vec<_> = set
        .iter()
        .flat_map(|&from| graph.inner_steps(from).map(move |(action, to)| (from, action.label, to)))
        .filter(|(from, _, to)| from != to && set.contains(to))
        .collect();
    let connected = set.iter().all(|&from| {
        let (mut seen, mut stack) = (BTreeSet::from([from]), vec![from]);
        while let Some(at) = stack.pop() {
            let next = inside.iter().filter(|step| step.0 == at).map(|step| step.2);
            stack.extend(next.filter(|&to| seen.insert(to)));
        }
        seen.len() == set.len()
    });
    let Some(fairness) = fairness else {
        let Some(&alone) = set.first().filter(|_| set.len() == 1) else { return connected };
        return graph.steps(alone).next().is_none() || graph.inner_steps(alone).any(|(_, to)| to == alone);
    };
    let labels: Vec<_> = inside.iter().map(|step| step.1).collect();
    connected && is_fair(graph, &labels, set, fairness)
}

/// Whether a behaviour that takes these labels and visits these states infinitely often is fair.
fn is_fair(graph: &Graph, taken: &[u8], visited: &BTreeSet<u32>, fairness: &[Fair]) -> bool {
    fairness.iter().all(|fair| {
        let is_enabled =
            |&state: &u32| graph.steps(state).any(|(action, to)| to != state && fair.includes(action.label));
        taken.iter().any(|&label| fair.includes(label))
            || match fair.strength {
                Strength::Weak => !visited.iter().all(is_enabled),
                Strength::Strong => !visited.iter().any(is_enabled),
            }
    })
}

/// Asserts that a behaviour is a counterexample to a claim of behaviours.
pub(crate) fn assert_violates(graph: &Graph, claim: &Claim, path: &[(Option<Action>, u32)], back_to: Option<usize>) {
    let states: Vec<_> = path.iter().map(|step| step.1).collect();
    let marked = |state: u32, mark: u8| graph.is_marked(state, mark);
    let &last = states.last().expect("a behaviour has a state");
    if let Claim::AlwaysCan(goal, excluded) = claim {
        assert!(back_to.is_none() && !can_reach(graph, last, *goal, *excluded));
        return;
    }
    let back_to = back_to.expect("a behaviour goes on for ever");
    assert_eq!(states[back_to], last, "the lasso does not close");
    let visited: BTreeSet<_> = states[back_to..].iter().copied().collect();
    let moving = (back_to + 1..path.len()).filter(|&at| states[at] != states[at - 1]);
    let taken: Vec<_> = moving.map(|at| path[at].0.expect("a step").label).collect();
    let fairness = match claim {
        Claim::Inevitable(goal) => {
            assert!(!states.iter().any(|&state| marked(state, *goal)));
            let ends = graph.steps(last).next().is_none();
            assert!(back_to + 1 < path.len() || ends, "a maximal path goes on where it can");
            return;
        }
        Claim::Eventually(goal, fairness) => {
            assert!(!states.iter().any(|&state| marked(state, *goal)));
            fairness
        }
        Claim::EventuallyAlways(goal, fairness) => {
            assert!(!visited.iter().all(|&state| marked(state, *goal)));
            fairness
        }
        Claim::LeadsTo(from, to, fairness) => {
            let after = states.iter().rposition(|&state| marked(state, *to)).map_or(0, |at| at + 1);
            assert!(states[after..].iter().any(|&state| marked(state, *from)));
            fairness
        }
        _ => panic!("{claim:?} is no claim of behaviours"),
    };
    assert!(is_fair(graph, &taken, &visited, fairness), "{claim:?} is violated by an unfair behaviour only");
}
