//! Models given as graphs, a naive judge of them, and random ones.

// Each test file is a crate of its own and uses a part of this.
#![allow(dead_code, reason = "what one test file leaves unused another uses")]

pub(crate) mod naive;
pub(crate) mod random;

use proofmark_harness::check::{Counterexample, Finding, Options, Outcome, PropertyOutcome, Watch, check};
use proofmark_vocabulary::{
    ActionPredicate, Describe, Fairness, Formula, Model, Property, Refinement, Strength, Temporal, Value,
};
use std::sync::Arc;

/// A model that is nothing but its graph: states are numbers, and so are the actions of a state.
#[derive(Clone, Debug)]
pub(crate) struct Graph {
    pub(crate) initial: Vec<u32>,
    /// For each state its actions: the label, and where it leads; nowhere is an action that is not enabled.
    pub(crate) actions: Vec<Vec<(u8, Option<u32>)>>,
    /// For each state the predicates that hold there, by their bits.
    pub(crate) marks: Vec<u8>,
    /// For each state whether it is within the boundary.
    pub(crate) inside: Vec<bool>,
    pub(crate) properties: fn() -> Vec<Property<Graph>>,
    pub(crate) claims: Vec<Claim>,
    pub(crate) forbids_deadlock: bool,
    /// Whether the labels are kinds of action; if not, there are none.
    pub(crate) names_kinds: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Action {
    pub(crate) index: usize,
    pub(crate) label: u8,
    pub(crate) to: Option<u32>,
}

/// A claim beyond Stateright's properties. State predicates are bits of the marks.
#[derive(Clone, Debug)]
pub(crate) enum Claim {
    Always(u8),
    Can(u8),
    /// No action of that label is taken in a state marked so.
    Step {
        mark: u8,
        label: u8,
    },
    /// States modulo three go by steps of the specification alone.
    Refines(Quotient),
    Inevitable(u8),
    Eventually(u8, Vec<Fair>),
    EventuallyAlways(u8, Vec<Fair>),
    LeadsTo(u8, u8, Vec<Fair>),
    /// Without the actions whose labels are in the set.
    AlwaysCan(u8, Option<u8>),
}

/// Fairness of the actions whose labels are in the set.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fair {
    pub(crate) strength: Strength,
    pub(crate) labels: u8,
}

pub(crate) const NAMES: [&str; 8] =
    ["claim 0", "claim 1", "claim 2", "claim 3", "claim 4", "claim 5", "claim 6", "claim 7"];
pub(crate) const LABELS: [&str; 4] = ["a", "b", "c", "d"];

impl Graph {
    /// A graph with these edges from state 0, every action of it with the first label.
    pub(crate) fn of(edges: &[(u32, u32)], properties: fn() -> Vec<Property<Graph>>) -> Self {
        let states = edges.iter().map(|&(from, to)| from.max(to) as usize + 1).max().unwrap_or(1);
        let mut actions = vec![Vec::new(); states];
        for &(from, to) in edges {
            actions[from as usize].push((0, Some(to)));
        }
        let (marks, inside) = (vec![0; states], vec![true; states]);
        Self {
            initial: vec![0],
            actions,
            marks,
            inside,
            properties,
            claims: Vec::new(),
            forbids_deadlock: false,
            names_kinds: true,
        }
    }

    pub(crate) fn is_marked(&self, state: u32, bit: u8) -> bool {
        self.marks[state as usize] >> bit & 1 == 1
    }

    pub(crate) fn action(&self, state: u32, index: usize) -> Action {
        let (label, to) = self.actions[state as usize][index];
        Action { index, label, to }
    }

    /// The steps from a state, those that leave the boundary included.
    pub(crate) fn steps(&self, state: u32) -> impl Iterator<Item = (Action, u32)> {
        let actions = (0..self.actions[state as usize].len()).map(move |index| self.action(state, index));
        actions.filter_map(|action| Some((action, action.to?)))
    }

    /// The steps from a state that stay within the boundary.
    pub(crate) fn inner_steps(&self, state: u32) -> impl Iterator<Item = (Action, u32)> {
        self.steps(state).filter(|&(_, to)| self.inside[to as usize])
    }

    /// A counterexample as actions and states, each a step of this graph.
    pub(crate) fn replay(&self, found: &Counterexample) -> Vec<(Option<Action>, u32)> {
        let mut path: Vec<(Option<Action>, u32)> = Vec::new();
        for step in &found.steps {
            let Value::Integer(state) = step.state else { panic!("a state is a number: {step:?}") };
            let state = u32::try_from(state).unwrap();
            assert!(self.inside[state as usize], "{found:?} leaves the boundary");
            let action = step.action.as_ref().map(|words| {
                let index = words.rsplit(' ').next().unwrap().parse().unwrap();
                self.action(path.last().unwrap().1, index)
            });
            match action {
                None => assert!(path.is_empty() && self.initial.contains(&state), "{found:?} has no such start"),
                Some(action) => assert_eq!(action.to, Some(state), "{found:?} has a step that the graph has not"),
            }
            path.push((action, state));
        }
        path
    }
}

impl Model for Graph {
    type State = u32;
    type Action = Action;

    fn init_states(&self) -> Vec<u32> {
        self.initial.clone()
    }

    fn actions(&self, &state: &u32, actions: &mut Vec<Action>) {
        actions.extend((0..self.actions[state as usize].len()).map(|index| self.action(state, index)));
    }

    fn next_state(&self, _: &u32, action: Action) -> Option<u32> {
        action.to
    }

    fn properties(&self) -> Vec<Property<Self>> {
        (self.properties)()
    }

    fn within_boundary(&self, &state: &u32) -> bool {
        self.inside[state as usize]
    }
}

impl Describe for Graph {
    fn action_kinds(&self) -> &'static [&'static str] {
        if self.names_kinds { &LABELS } else { &[] }
    }

    fn action_kind(&self, action: &Action) -> usize {
        action.label.into()
    }

    fn action_in_words(&self, action: &Action) -> String {
        format!("{} by {}", LABELS[usize::from(action.label)], action.index)
    }

    fn value(&self, &state: &u32) -> Value {
        state.into()
    }

    fn temporal(&self) -> Vec<Temporal<Self>> {
        NAMES.iter().zip(&self.claims).map(|(name, claim)| Temporal { name, formula: claim.formula() }).collect()
    }

    fn forbids_deadlock(&self) -> bool {
        self.forbids_deadlock
    }

    fn may_end(&self, &state: &u32) -> bool {
        self.is_marked(state, MAY_END)
    }
}

/// The mark of states in which a behaviour may end.
pub(crate) const MAY_END: u8 = 7;

impl Claim {
    fn formula(&self) -> Formula<Graph> {
        let marked = |bit: u8| Box::new(move |graph: &Graph, &state: &u32| graph.is_marked(state, bit));
        let fair = |classes: &[Fair]| classes.iter().map(|&fair| fair.class()).collect();
        match *self {
            Claim::Always(mark) => Formula::Always(marked(mark)),
            Claim::Can(mark) => Formula::Can(marked(mark)),
            Claim::Step { mark, label } => {
                Formula::Step(Box::new(move |graph: &Graph, &before: &u32, action: &Action, _: &u32| {
                    !(graph.is_marked(before, mark) && action.label == label)
                }))
            }
            Claim::Refines(ref spec) => Temporal::refinement("", ModuloThree(spec.clone())).formula,
            Claim::Inevitable(goal) => Formula::Inevitable(marked(goal)),
            Claim::Eventually(goal, ref classes) => Formula::Eventually(marked(goal), fair(classes)),
            Claim::EventuallyAlways(goal, ref classes) => Formula::EventuallyAlways(marked(goal), fair(classes)),
            Claim::LeadsTo(from, to, ref classes) => Formula::LeadsTo(marked(from), marked(to), fair(classes)),
            Claim::AlwaysCan(goal, excluded) => Formula::AlwaysCan(
                marked(goal),
                excluded.map(|labels| {
                    Box::new(move |action: &Action| labels >> action.label & 1 == 1) as ActionPredicate<Graph>
                }),
            ),
        }
    }
}

impl Fair {
    pub(crate) fn includes(self, label: u8) -> bool {
        self.labels >> label & 1 == 1
    }

    fn class(self) -> Fairness<Graph> {
        let Fair { strength, labels } = self;
        let includes = Box::new(move |action: &Action| labels >> action.label & 1 == 1);
        Fairness { name: format!("labels {labels:b}"), strength, includes }
    }
}

/// A specification of three states: which are initial, and which steps it has.
#[derive(Clone, Debug)]
pub(crate) struct Quotient {
    pub(crate) initial: Vec<u8>,
    pub(crate) allowed: [[bool; 3]; 3],
}

impl Model for Quotient {
    type State = u8;
    type Action = (u8, u8);

    fn init_states(&self) -> Vec<u8> {
        self.initial.clone()
    }

    fn actions(&self, &state: &u8, actions: &mut Vec<(u8, u8)>) {
        actions.extend((0..3).map(|to| (state, to)));
    }

    fn next_state(&self, &state: &u8, (from, to): (u8, u8)) -> Option<u8> {
        (state == from && self.allowed[usize::from(from)][usize::from(to)]).then_some(to)
    }
}

impl Describe for Quotient {
    fn action_kinds(&self) -> &'static [&'static str] {
        &[]
    }

    fn action_kind(&self, _: &(u8, u8)) -> usize {
        0
    }

    fn action_in_words(&self, (from, to): &(u8, u8)) -> String {
        format!("{from} to {to}")
    }

    fn value(&self, &state: &u8) -> Value {
        state.into()
    }
}

struct ModuloThree(Quotient);

pub(crate) fn modulo_three(state: u32) -> u8 {
    u8::try_from(state % 3).expect("a remainder of three")
}

impl Refinement for ModuloThree {
    type Concrete = u32;
    type Event = Action;
    type Spec = Quotient;

    fn spec(&self) -> &Quotient {
        &self.0
    }

    fn abstraction(&self, &state: &u32) -> u8 {
        modulo_three(state)
    }

    fn witness(&self, &before: &u32, _: &Action, &after: &u32) -> Vec<(u8, u8)> {
        vec![(modulo_three(before), modulo_three(after))]
    }
}

/// Options with one thread and no limit.
pub(crate) fn one_thread() -> Options {
    Options { threads: 1, ..Options::default() }
}

/// Checks everything that the model claims.
pub(crate) fn check_all<D: Describe + Clone>(model: &D, options: &Options) -> Outcome {
    check_watched(model, options, &())
}

pub(crate) fn check_watched<D: Describe + Clone>(model: &D, options: &Options, watch: &dyn Watch) -> Outcome {
    check(&Arc::new(model.clone()), |_| true, options, watch).expect("the options fit the model")
}

/// The outcome of the property of that name.
pub(crate) fn property<'a>(outcome: &'a Outcome, name: &str) -> &'a PropertyOutcome {
    outcome.properties.iter().find(|property| property.name == name).expect("a property of that name")
}

/// The finding without its counterexample.
pub(crate) fn verdict(finding: &Finding) -> &'static str {
    match finding {
        Finding::Holds => "holds",
        Finding::Violated(_) => "violated",
        Finding::Unmet => "unmet",
        Finding::Unknown => "unknown",
    }
}

/// The verdict of the property of that name.
pub(crate) fn verdict_of(outcome: &Outcome, name: &str) -> &'static str {
    verdict(&property(outcome, name).finding)
}
