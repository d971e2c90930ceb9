//! The graph of states.

use super::StateName;
use serde::Serialize;
use utoipa::ToSchema;

/// The states near one.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct NeighbourhoodView {
    /// The states.
    pub nodes: Vec<NodeView>,
    /// The steps between them.
    pub edges: Vec<EdgeView>,
    /// How many states of the layers asked for are left out, since there are too many, and of the next layer.
    pub left_out: usize,
}

/// A state of a graph.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct NodeView {
    /// Its name.
    pub id: StateName,
    /// How many steps it is away; -1 of those that are one step before.
    pub layer: i64,
    /// Whether it is an initial one.
    pub initial: bool,
    /// Whether it is a deadlock.
    pub deadlock: bool,
    /// The claims of states that it violates.
    pub violates: Vec<&'static str>,
    /// What the step that led to it first has changed.
    pub label: String,
}

/// A step of a graph.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EdgeView {
    /// Where from.
    pub from: StateName,
    /// Where to.
    pub to: StateName,
    /// The action in words.
    pub action: String,
    /// Its kind.
    pub kind: Option<&'static str>,
    /// The claims of steps that it violates.
    pub violates: Vec<&'static str>,
}

/// The whole graph, summarised.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ClustersView {
    /// The clusters, the largest that are shown, in the order of their keys.
    pub clusters: Vec<ClusterView>,
    /// Which steps lead from one to another, or stay: indices among the clusters.
    pub edges: Vec<ClusterEdgeView>,
    /// How many clusters are shown as one, the last, since there are too many.
    pub merged: usize,
    /// How many states there are in all.
    pub states: usize,
    /// Whether those are all states of the model.
    pub exhaustive: bool,
}

/// States that are alike.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ClusterView {
    /// What they have in common.
    pub key: String,
    /// How many there are.
    pub states: usize,
    /// The first of them.
    pub sample: StateName,
    /// Whether an initial one is among them.
    pub initial: bool,
    /// How many of them violate a claim of states.
    pub violating: usize,
    /// How many of them are deadlocks.
    pub deadlocks: usize,
}

/// The steps between two clusters.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ClusterEdgeView {
    /// The index of the cluster that they leave.
    pub from: usize,
    /// The index of the cluster that they reach.
    pub to: usize,
    /// How many there are.
    pub steps: usize,
}

/// States as points, laid out by depth. All arrays of points are parallel.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct PointsView {
    /// The names of the states.
    pub ids: Vec<StateName>,
    /// How many steps they are away from an initial one.
    pub depth: Vec<u32>,
    /// Where they are drawn, from -1 to 1.
    pub x: Vec<f32>,
    /// Where they are drawn: the depth, downwards.
    pub y: Vec<f32>,
    /// The indices of those that violate a claim of states.
    pub violating: Vec<u32>,
    /// The indices of the deadlocks.
    pub deadlocks: Vec<u32>,
    /// Steps, each as the two indices between which it leads.
    pub edges: Vec<u32>,
    /// How many steps are left out, since there are too many.
    pub left_out_edges: usize,
    /// Whether those are all states of the model.
    pub exhaustive: bool,
}
