//! Two variants of a model side by side: where do they part?

use super::space::{Breadth, Edge, StateId, Step, Walk};
use super::{Budget, Leased};
use std::collections::{HashMap, HashSet};

/// Where two variants part.
pub struct Compared {
    /// The state in which both begin, and the edges of the first variant to where they part, each with the state that
    /// it leaves; `None` where they do not part in what was looked at.
    pub path: Option<(StateId, Vec<(StateId, Edge)>)>,
    /// What only the first can do there.
    pub only_here: Vec<Step>,
    /// What only the second can do there.
    pub only_there: Vec<Step>,
    /// What both can do and leads elsewhere.
    pub differ: Vec<(Step, Step)>,
    /// How many states were looked at.
    pub looked_at: usize,
    /// Whether nothing was left to look at.
    pub exhaustive: bool,
}

/// The first state, breadth first, that both variants reach and whose steps differ. An initial state that one of them
/// alone has is no such state: `None` is answered where they share none.
pub fn compare(here: &mut Leased<'_>, there: &mut dyn Walk, budget: &Budget) -> Option<Compared> {
    let shared: Vec<_> = here
        .initial()
        .iter()
        .copied()
        .filter(|&id| there.find(here.fingerprint(id)).is_some_and(|other| there.initial().contains(&other)))
        .collect();
    if shared.is_empty() {
        return None;
    }
    let mut compared = Compared {
        path: None,
        only_here: Vec::new(),
        only_there: Vec::new(),
        differ: Vec::new(),
        looked_at: 0,
        exhaustive: false,
    };
    let mut breadth = Breadth::from(&***here, &shared);
    // The state of the other variant that is the same as each.
    let mut twins: HashMap<StateId, StateId> =
        shared.iter().filter_map(|&id| Some((id, there.find(here.fingerprint(id))?))).collect();
    loop {
        compared.looked_at = breadth.len();
        let Some((place, id)) = breadth.take() else {
            compared.exhaustive = true;
            return Some(compared);
        };
        if budget.is_spent(breadth.len(), &***here) || budget.is_spent(breadth.len(), there) {
            return Some(compared);
        }
        Leased::bump(here);
        let twin = twins[&id];
        let (edges, others) = (here.edges(id), there.edges(twin));
        let ours = told(&***here, id, &edges);
        let others_told = told(there, twin, &others);
        if ours != others_told {
            let (start, way) = breadth.way(place);
            compared.path = Some((start, way.into_iter().collect()));
            part(
                &mut compared,
                here.steps(id),
                there.steps(twin),
                |step| (print_of(&***here, step), step.action.clone()),
                |step| (print_of(there, step), step.action.clone()),
            );
            return Some(compared);
        }
        for &edge in edges.iter() {
            let Some(to) = edge.to() else { continue };
            if breadth.offer(to, Some((place, edge)))
                && let Some(other) = there.find(here.fingerprint(to))
            {
                twins.insert(to, other);
            }
        }
    }
}

/// What can happen in a state, by the words of the action and the fingerprint of where it leads.
fn told(walk: &dyn Walk, id: StateId, edges: &[Edge]) -> HashSet<(String, Option<u64>)> {
    edges.iter().map(|&edge| (walk.action(id, edge).0, edge.to().map(|to| walk.fingerprint(to)))).collect()
}

fn print_of(walk: &dyn Walk, step: &Step) -> Option<u64> {
    step.to.map(|to| walk.fingerprint(to))
}

type Told = (Option<u64>, String);

/// Sorts the steps of the state where they part.
fn part(
    compared: &mut Compared,
    here: Vec<Step>,
    there: Vec<Step>,
    tell: impl Fn(&Step) -> Told,
    tell_other: impl Fn(&Step) -> Told,
) {
    let both: HashSet<Told> = {
        let theirs: HashSet<_> = there.iter().map(&tell_other).collect();
        here.iter().map(&tell).filter(|told| theirs.contains(told)).collect()
    };
    let mut there: Vec<_> = there.into_iter().filter(|step| !both.contains(&tell_other(step))).collect();
    for step in here.into_iter().filter(|step| !both.contains(&tell(step))) {
        match there.iter().position(|other| other.action == step.action) {
            Some(at) => compared.differ.push((step, there.remove(at))),
            None => compared.only_here.push(step),
        }
    }
    compared.only_there = there;
}
