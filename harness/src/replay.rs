//! Steps a kept counterexample through its model, and judges anew whether it violates its property.
//!
//! The model may have changed since: then the replay says at which step the behaviour stopped being one of the
//! model's, rather than reproduce something else.

mod load;
mod verdict;

pub use load::{LoadError, load};
pub(crate) use verdict::judge;

use crate::check::Step;
use crate::store::Saved;
use proofmark_vocabulary::{Change, Describe};

/// What became of a kept counterexample.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Replay {
    /// It is a behaviour of the model and violates the property; with what exactly went wrong, where more can be
    /// said than that the property is false.
    Reproduced(Option<String>),
    /// It is a behaviour of the model and does not violate the property, for this reason.
    Harmless(String),
    /// It is a behaviour of the model, and to judge it would take too long, for this reason.
    Undecided(String),
    /// It is not a behaviour of the model: the steps before this one are.
    Changed {
        /// The step that is not.
        step: usize,
        /// In what way it is not.
        departure: Departure,
    },
}

/// In what way a step is not one of the model's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Departure {
    /// No initial state is like it; with what differs from the first one that the model has, if it has any.
    NotInitial(Vec<Change>),
    /// The action is not enabled.
    NotEnabled {
        /// The guard that refuses it, where the model names its guards.
        guard: Option<&'static str>,
        /// The actions that are enabled there, in words.
        enabled: Vec<String>,
    },
    /// The action leads elsewhere; with what differs from where it leads.
    WrongState(Vec<Change>),
    /// The behaviour does not return to the step that it says.
    NotClosed,
}

/// A behaviour that was found to be one of the model's.
pub(crate) struct Path<D: Describe> {
    /// The states.
    pub(crate) states: Vec<D::State>,
    /// The actions between them: one fewer.
    pub(crate) actions: Vec<D::Action>,
    /// Where a lasso returns to; the last index itself is a stutter there for ever.
    pub(crate) back_to: Option<usize>,
}

/// How many states a replay sees at the most.
const SEARCHED: usize = 1_000_000;

/// Steps `saved` through `model`, which has the constants and the mutant that it names.
pub(crate) fn replay<D: Describe>(model: &D, saved: &Saved) -> Replay {
    match retrace(model, saved) {
        Ok(path) => judge(model, (&saved.property, &saved.kind), &path, SEARCHED),
        Err((step, departure)) => Replay::Changed { step, departure },
    }
}

fn retrace<D: Describe>(model: &D, saved: &Saved) -> Result<Path<D>, (usize, Departure)> {
    let Some((first, rest)) = saved.steps.split_first() else {
        return Err((0, Departure::NotInitial(Vec::new())));
    };
    let start = initial(model, saved, first).map_err(|departure| (0, departure))?;
    let mut path = Path::<D> { states: vec![start], actions: Vec::new(), back_to: saved.back_to };
    for (at, step) in rest.iter().enumerate() {
        let (action, state) = follow(model, saved, &path.states[at], step).map_err(|found| (at + 1, found))?;
        path.actions.push(action);
        path.states.push(state);
    }
    if path.is_closed() { Ok(path) } else { Err((path.states.len() - 1, Departure::NotClosed)) }
}

fn initial<D: Describe>(model: &D, saved: &Saved, step: &Step) -> Result<D::State, Departure> {
    let states: Vec<_> = model.init_states().into_iter().filter(|state| model.within_boundary(state)).collect();
    if let Some(found) = states.iter().find_map(|state| matching(model, saved, state, step)) {
        return Ok(found);
    }
    Err(Departure::NotInitial(states.first().map_or_else(Vec::new, |state| step.state.changes(&model.value(state)))))
}

fn follow<D: Describe>(
    model: &D,
    saved: &Saved,
    at: &D::State,
    step: &Step,
) -> Result<(D::Action, D::State), Departure> {
    let (mut elsewhere, mut guard, mut enabled) = (None, None, Vec::new());
    let mut actions = Vec::new();
    model.actions(at, &mut actions);
    for action in actions {
        let words = model.action_in_words(&action);
        let same = Some(&words) == step.action.as_ref();
        let next = model.next_state(at, action.clone()).filter(|next| model.within_boundary(next));
        match next {
            Some(next) if same => match matching(model, saved, &next, step) {
                Some(found) => return Ok((action, found)),
                None => elsewhere = elsewhere.or(Some(step.state.changes(&model.value(&next)))),
            },
            Some(_) => enabled.push(words),
            None if same => guard = guard.or(model.refusal(at, &action)),
            None => {}
        }
    }
    Err(match elsewhere {
        Some(changes) => Departure::WrongState(changes),
        None => Departure::NotEnabled { guard, enabled },
    })
}

/// The state, or its orbit's representative where orbits were searched, if it looks as the step says.
fn matching<D: Describe>(model: &D, saved: &Saved, state: &D::State, step: &Step) -> Option<D::State> {
    if model.value(state) == step.state {
        return Some(state.clone());
    }
    let representative = model.canonical(state).filter(|_| saved.symmetry)?;
    (model.value(&representative) == step.state).then_some(representative)
}

#[cfg(test)]
mod tests;
