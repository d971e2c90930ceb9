//! The graph of states: near a state, and as a whole.

use super::predicate::Predicate;
use super::space::{Breadth, StateId, Walk};
use super::view::{
    ClusterEdgeView, ClusterView, ClustersView, EdgeView, NeighbourhoodView, NodeView, PointsView, name_of,
};
use super::{Budget, Leased, Refused};
use std::collections::{BTreeMap, HashMap};

/// The states that are at most `layers` steps away from one, and those one step before it that were met already; at
/// most `nodes` of them.
pub fn neighbourhood(walk: &mut dyn Walk, around: StateId, layers: i64, nodes: usize) -> NeighbourhoodView {
    let mut shown: Vec<(StateId, i64, String)> = vec![(around, 0, String::new())];
    let mut place: HashMap<StateId, usize> = HashMap::from([(around, 0)]);
    let mut left_out = std::collections::HashSet::new();
    let mut next = 0;
    while next < shown.len() {
        let (id, layer, _) = shown[next];
        next += 1;
        for &edge in walk.edges(id).iter() {
            let Some(to) = edge.to().filter(|to| !place.contains_key(to)) else { continue };
            if layer >= layers || shown.len() >= nodes {
                left_out.insert(to);
                continue;
            }
            place.insert(to, shown.len());
            let (action, _) = walk.action(id, edge);
            shown.push((to, layer + 1, action));
        }
    }
    for before in walk.predecessors(around) {
        if place.contains_key(&before) {
            continue;
        }
        if shown.len() >= nodes {
            left_out.insert(before);
            continue;
        }
        place.insert(before, shown.len());
        shown.push((before, -1, String::new()));
    }
    let mut edges = Vec::new();
    for &(id, ..) in &shown {
        for &edge in walk.edges(id).iter() {
            let Some(to) = edge.to().filter(|to| place.contains_key(to)) else { continue };
            let (action, kind) = walk.action(id, edge);
            let violates = walk.violated(id, edge).into_iter().map(|(claim, _)| claim).collect();
            let (from, to) = (name_of(walk.fingerprint(id)), name_of(walk.fingerprint(to)));
            edges.push(EdgeView { from, to, action, kind, violates });
        }
    }
    let initial = walk.initial().to_vec();
    let node = |(id, layer, label): (StateId, i64, String)| NodeView {
        id: name_of(walk.fingerprint(id)),
        layer,
        initial: initial.contains(&id),
        deadlock: stops(walk, id),
        violates: walk.broken(id),
        label,
    };
    NeighbourhoodView { nodes: shown.into_iter().map(node).collect(), edges, left_out: left_out.len() }
}

/// By what states are alike.
pub enum Abstraction {
    /// How many steps they are away from an initial one.
    Depth,
    /// What an expression in CEL is there.
    Expression(Predicate),
}

impl Abstraction {
    /// Reads `depth`, `field:…` or `predicate:…`.
    ///
    /// # Errors
    /// When it is none of them, or the expression is none.
    pub fn read(text: &str) -> Result<Self, Refused> {
        if text == "depth" {
            return Ok(Self::Depth);
        }
        match text.strip_prefix("field:").or_else(|| text.strip_prefix("predicate:")) {
            Some(expression) => Ok(Self::Expression(Predicate::compile(expression).map_err(Refused::wrong)?)),
            None => Err(Refused::wrong(format!(
                "states are alike by `depth`, `field:…` or `predicate:…`; this is `{text}`"
            ))),
        }
    }
}

/// All states that are within the budget, in the order of a breadth-first search, each with its depth.
fn all(walk: &mut Leased<'_>, budget: &Budget) -> (Vec<(StateId, u32)>, bool) {
    let initial = walk.initial().to_vec();
    let mut breadth = Breadth::from(&***walk, &initial);
    let mut exhaustive = true;
    while let Some((place, _)) = breadth.take() {
        if budget.is_spent(breadth.len(), &***walk) {
            exhaustive = false;
            break;
        }
        Leased::bump(walk);
        breadth.expand(&mut ***walk, place);
    }
    let state = |place| (breadth.at(place).0, breadth.depth(place));
    ((0..breadth.len().min(budget.states)).map(state).collect(), exhaustive)
}

/// The whole graph, states that are alike taken together.
pub fn clusters(walk: &mut Leased<'_>, by: &Abstraction, budget: &Budget) -> ClustersView {
    let (mut states, mut exhaustive) = all(walk, budget);
    let mut members: BTreeMap<(Option<i64>, String), Vec<usize>> = BTreeMap::new();
    for (at, &(id, depth)) in states.iter().enumerate() {
        if budget.is_late() {
            states.truncate(at);
            exhaustive = false;
            break;
        }
        Leased::bump(walk);
        let key = match by {
            Abstraction::Depth => depth.to_string(),
            Abstraction::Expression(expression) => expression.key(&***walk, id),
        };
        members.entry(in_order(key)).or_default().push(at);
    }
    let mut shown: Vec<_> = members.into_iter().collect();
    let merged = shown.len().saturating_sub(MOST_CLUSTERS);
    if merged > 0 {
        // The largest are shown, the others as one.
        shown.sort_by_key(|(_, members)| std::cmp::Reverse(members.len()));
        let rest = shown.split_off(MOST_CLUSTERS - 1);
        shown.sort();
        shown.push(((None, "…".to_owned()), rest.into_iter().flat_map(|(_, members)| members).collect()));
    }
    let mut cluster_of: HashMap<StateId, usize> = HashMap::with_capacity(states.len());
    for (at, (_, members)) in shown.iter().enumerate() {
        cluster_of.extend(members.iter().map(|&member| (states[member].0, at)));
    }
    let mut steps: BTreeMap<(usize, usize), usize> = BTreeMap::new();
    for &(id, _) in &states {
        // A state that was met last, when the budget was spent, has not been expanded.
        let Some(edges) = walk.known_edges(id) else { continue };
        for to in edges.iter().filter_map(|edge| cluster_of.get(&edge.to()?)) {
            *steps.entry((cluster_of[&id], *to)).or_default() += 1;
        }
    }
    let initial: std::collections::HashSet<_> = walk.initial().iter().copied().collect();
    let clusters = shown.into_iter().map(|((_, key), members)| {
        let ids = || members.iter().map(|&member| states[member].0);
        ClusterView {
            key,
            states: members.len(),
            sample: ids().next().map(|id| name_of(walk.fingerprint(id))).unwrap_or_default(),
            initial: ids().any(|id| initial.contains(&id)),
            violating: ids().filter(|&id| !walk.broken(id).is_empty()).count(),
            deadlocks: ids().filter(|&id| stops(&***walk, id)).count(),
        }
    });
    ClustersView {
        clusters: clusters.collect(),
        edges: steps.into_iter().map(|((from, to), steps)| ClusterEdgeView { from, to, steps }).collect(),
        merged: if merged > 0 { merged + 1 } else { 0 },
        states: states.len(),
        exhaustive,
    }
}

/// A key with what it is ordered by: numbers by their size, and texts before them.
fn in_order(key: String) -> (Option<i64>, String) {
    (key.parse().ok(), key)
}

/// Whether a state that was expanded is a deadlock.
fn stops(walk: &dyn Walk, id: StateId) -> bool {
    walk.known_edges(id).is_some_and(|edges| edges.is_empty()) && !walk.may_end(id)
}

/// States as points: those of one depth side by side in the order in which they are found, so that steps seldom cross.
pub fn points(walk: &mut Leased<'_>, budget: &Budget) -> PointsView {
    let (states, exhaustive) = all(walk, budget);
    let mut points = PointsView { exhaustive, ..PointsView::default() };
    let mut widths: Vec<u32> = Vec::new();
    for &(_, depth) in &states {
        let depth = depth as usize;
        widths.resize(widths.len().max(depth + 1), 0);
        widths[depth] += 1;
    }
    let index: HashMap<StateId, u32> = (0..).zip(&states).map(|(at, &(id, _))| (id, at)).collect();
    let mut placed = vec![0_u32; widths.len()];
    for (at, &(id, depth)) in (0..).zip(&states) {
        let level = depth as usize;
        placed[level] += 1;
        points.ids.push(name_of(walk.fingerprint(id)));
        points.depth.push(depth);
        points.x.push((2 * placed[level]) as f32 / (widths[level] + 1) as f32 - 1.0);
        points.y.push(depth as f32);
        if !walk.broken(id).is_empty() {
            points.violating.push(at);
        }
        if stops(&***walk, id) {
            points.deadlocks.push(at);
        }
        for to in walk.known_edges(id).iter().flat_map(|edges| edges.iter()).filter_map(|edge| edge.to()) {
            match index.get(&to) {
                Some(&to) if points.edges.len() < 2 * MOST_EDGES => points.edges.extend([at, to]),
                Some(_) => points.left_out_edges += 1,
                None => {}
            }
        }
    }
    points
}

/// More clusters than this are not told apart by eye.
const MOST_CLUSTERS: usize = 200;
/// Steps that are drawn between points.
const MOST_EDGES: usize = 200_000;
