//! From what the search recorded back to a behaviour in words.

use super::liveness::Behaviour;
use super::outcome::{Counterexample, Step};
use super::trace_log::TraceLog;
use crate::replay::{self, Replay};
use proofmark_vocabulary::Describe;

/// A behaviour of a model: states, each with the action that led there.
pub(super) struct Path<D: Describe>(Vec<(Option<D::Action>, D::State)>);

impl<D: Describe> Path<D> {
    /// The states with the action that leads there.
    pub(super) fn of(steps: Vec<(Option<D::Action>, D::State)>) -> Self {
        Self(steps)
    }

    /// The shortest path to the state of that number.
    pub(super) fn to(model: &D, log: &TraceLog, number: u64) -> Self {
        let (initial, actions) = log.path(number);
        let state = model.init_states().into_iter().nth(initial);
        let state = state.unwrap_or_else(|| inconstant("an initial state is missing"));
        let mut path = Self(vec![(None, state)]);
        for action in actions {
            path.take(model, action);
        }
        path
    }

    /// Takes the action of that index, which was enabled when the search was here.
    pub(super) fn take(&mut self, model: &D, index: usize) {
        let state = self.last();
        let mut actions = Vec::new();
        model.actions(state, &mut actions);
        let action = actions.into_iter().nth(index).unwrap_or_else(|| inconstant("an action is missing"));
        let next = model.next_state(state, action.clone());
        let next = next.unwrap_or_else(|| inconstant("an action is no longer enabled"));
        self.0.push((Some(action), next));
    }

    /// Adds a step.
    pub(super) fn push(&mut self, action: D::Action, state: D::State) {
        self.0.push((Some(action), state));
    }

    pub(super) fn last(&self) -> &D::State {
        &self.0.last().expect("a path has an initial state").1
    }

    /// The path that a behaviour in the graph stands for.
    pub(super) fn along(model: &D, log: &TraceLog, behaviour: &Behaviour) -> (Self, Option<usize>) {
        let mut path = Self::to(model, log, behaviour.start.into());
        let back_to = behaviour.back_to.map(|place| path.0.len() - 1 + place);
        behaviour.steps.iter().for_each(|&place| path.follow(model, place));
        (path, back_to)
    }

    /// Takes the step of that place among those that stay within the boundary, which the graph has in order.
    fn follow(&mut self, model: &D, place: usize) {
        let state = self.last();
        let mut actions = Vec::new();
        model.actions(state, &mut actions);
        let steps = actions.into_iter().filter_map(|action| {
            let next = model.next_state(state, action.clone()).filter(|next| model.within_boundary(next))?;
            Some((Some(action), next))
        });
        let step = { steps }.nth(place).unwrap_or_else(|| inconstant("a step is missing"));
        self.0.push(step);
    }

    /// The path as people and files see it, once it was judged again by itself: the search tells states apart by
    /// their fingerprints, takes the model for a function, and would believe a model that is none.
    pub(super) fn shows(
        &self,
        model: &D,
        claim: (&str, &str),
        back_to: Option<usize>,
        explanation: Option<String>,
    ) -> Counterexample {
        let states = self.0.iter().map(|(_, state)| state.clone()).collect();
        let actions = self.0.iter().filter_map(|(action, _)| action.clone()).collect();
        let path = replay::Path::<D> { states, actions, back_to };
        if !path.is_closed() {
            inconstant(&format!("the behaviour that should violate `{}` does not return to where it was", claim.0));
        }
        if let Replay::Harmless(why) = replay::judge(model, claim, &path, WORTH_SEARCHING) {
            inconstant(&format!("the behaviour that should violate `{}` does not: {why}", claim.0));
        }
        self.describe(model, back_to, explanation)
    }

    fn describe(&self, model: &D, back_to: Option<usize>, explanation: Option<String>) -> Counterexample {
        let step = |(action, state): &(Option<D::Action>, D::State)| Step::of(model, action.as_ref(), state);
        Counterexample { steps: self.0.iter().map(step).collect(), back_to, explanation }
    }
}

/// Ends the search as an internal error: what was found of a model that is no function of its state is no verdict.
pub(super) fn inconstant(found: &str) -> ! {
    panic!("the model answers differently when asked again, or its Hash and Eq disagree: {found}")
}

/// States worth searching to judge a path again: enough for a small model to be judged wholly.
const WORTH_SEARCHING: usize = 10_000;
