//! Whether a behaviour violates a property, judged from the behaviour alone.

use super::{Path, Replay};
use proofmark_vocabulary::{Describe, Fairness, Formula, Strength};
use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

/// Whether `path` violates the property of that name and kind, which must be one of the model's. At most so many
/// states are searched for what cannot be told from the path alone.
pub(crate) fn judge<D: Describe>(
    model: &D,
    (property, kind): (&str, &str),
    path: &Path<D>,
    most_searched: usize,
) -> Replay {
    if kind == "deadlock" {
        return harmless_unless(path.ends_in_deadlock(model), "the last state is no deadlock");
    }
    let claims = model.claims();
    let Some(claim) = claims.iter().find(|claim| claim.name == property) else {
        return Replay::Harmless(format!("the model claims no `{property}`"));
    };
    match &claim.formula {
        Formula::Always(holds) => harmless_unless(!holds(model, path.last()), "the property holds in the last state"),
        Formula::Can(_) => Replay::Harmless("no behaviour violates a `can`".into()),
        Formula::Step(holds) => match path.last_step() {
            Some((before, action, after)) => {
                harmless_unless(!holds(model, before, action, after), "the property holds of the last step")
            }
            None => Replay::Harmless("there is no step".into()),
        },
        Formula::Refinement(refinement) => {
            let followed = match path.last_step() {
                Some((before, action, after)) => refinement.step(before, action, after),
                None => refinement.initial(path.last()),
            };
            match followed {
                Ok(()) => Replay::Harmless("the last step is one of the specification".into()),
                Err(divergence) => Replay::Reproduced(Some(divergence.to_string())),
            }
        }
        Formula::Run(_, holds) => match holds(model, &path.states, &path.actions) {
            Ok(()) => Replay::Harmless("the property holds of the behaviour".into()),
            Err(why) => Replay::Reproduced(Some(why)),
        },
        Formula::Inevitable(goal) => {
            if path.states.iter().any(|state| goal(model, state)) {
                return Replay::Harmless("the behaviour reaches its goal".into());
            }
            harmless_unless(path.is_maximal(model), "the behaviour can go on")
        }
        Formula::Eventually(goal, fairness) => {
            if path.states.iter().any(|state| goal(model, state)) {
                return Replay::Harmless("the behaviour reaches its goal".into());
            }
            path.unless_unfair(model, fairness)
        }
        Formula::EventuallyAlways(goal, fairness) => {
            if path.states[path.loop_start()..].iter().all(|state| goal(model, state)) {
                return Replay::Harmless("the goal holds for ever".into());
            }
            path.unless_unfair(model, fairness)
        }
        Formula::LeadsTo(from, to, fairness) => {
            let last_to = path.states.iter().rposition(|state| to(model, state));
            // A goal within the loop is reached again and again, from wherever.
            let owed = match last_to {
                Some(at) if at >= path.loop_start() => None,
                at => path.states[at.map_or(0, |at| at + 1)..].iter().find(|state| from(model, state)),
            };
            match owed {
                Some(_) => path.unless_unfair(model, fairness),
                None => Replay::Harmless("whatever is owed is done".into()),
            }
        }
        Formula::AlwaysCan(goal, excluded) => {
            let allowed = |action: &D::Action| excluded.as_ref().is_none_or(|excluded| !excluded(action));
            match reaches(model, path.last(), allowed, |state| goal(model, state), most_searched) {
                Some(true) => Replay::Harmless(
                    "the goal can be reached from the last state, or the model's boundary be left".into(),
                ),
                Some(false) => Replay::Reproduced(None),
                None => {
                    Replay::Undecided(format!("more than {most_searched} states can be reached from the last state"))
                }
            }
        }
    }
}

impl<D: Describe> Path<D> {
    /// Whether it returns to where it says, if it says so.
    pub(crate) fn is_closed(&self) -> bool {
        let start = self.loop_start();
        start < self.states.len() && self.states[start] == *self.last()
    }

    fn last(&self) -> &D::State {
        &self.states[self.states.len() - 1]
    }

    fn last_step(&self) -> Option<(&D::State, &D::Action, &D::State)> {
        let action = self.actions.last()?;
        Some((&self.states[self.states.len() - 2], action, self.last()))
    }

    fn ends_in_deadlock(&self, model: &D) -> bool {
        model.forbids_deadlock() && !model.may_end(self.last()) && successors(model, self.last()).next().is_none()
    }

    /// Where the part begins that goes on for ever; a path without a loop stutters at its end.
    fn loop_start(&self) -> usize {
        self.back_to.unwrap_or(self.states.len() - 1)
    }

    /// Whether the path goes on for ever without a stutter, or ends where no action is enabled.
    fn is_maximal(&self, model: &D) -> bool {
        let last = self.states.len() - 1;
        if self.loop_start() < last {
            return true;
        }
        let mut onwards = successors(model, self.last()).peekable();
        onwards.peek().is_none() || onwards.any(|(_, next)| next == *self.last())
    }

    fn unless_unfair(&self, model: &D, fairness: &[Fairness<D>]) -> Replay {
        match fairness.iter().find(|class| !self.is_fair(model, class)) {
            Some(class) => Replay::Harmless(format!("the behaviour is unfair to {}", class.name)),
            None => Replay::Reproduced(None),
        }
    }

    /// Whether the part that goes on for ever takes an action of the class, or need not.
    fn is_fair(&self, model: &D, class: &Fairness<D>) -> bool {
        let start = self.loop_start();
        let taken = (start..self.states.len() - 1)
            .any(|at| (class.includes)(&self.actions[at]) && self.states[at] != self.states[at + 1]);
        let enabled = |state: &D::State| {
            successors(model, state).any(|(action, next)| (class.includes)(&action) && next != *state)
        };
        let mut recurring = self.states[start..].iter();
        taken
            || match class.strength {
                Strength::Weak => !recurring.all(enabled),
                Strength::Strong => !recurring.any(enabled),
            }
    }
}

fn harmless_unless(violated: bool, why: &str) -> Replay {
    if violated { Replay::Reproduced(None) } else { Replay::Harmless(why.to_owned()) }
}

fn successors<D: Describe>(model: &D, state: &D::State) -> impl Iterator<Item = (D::Action, D::State)> {
    let mut actions = Vec::new();
    model.actions(state, &mut actions);
    actions.into_iter().filter_map(move |action| Some((action.clone(), model.next_state(state, action)?)))
}

/// Whether allowed actions reach a state that satisfies `goal`, or leave the boundary, beyond which nothing is
/// judged; `None` when too many states would have to be seen.
fn reaches<D: Describe>(
    model: &D,
    from: &D::State,
    allowed: impl Fn(&D::Action) -> bool,
    goal: impl Fn(&D::State) -> bool,
    most: usize,
) -> Option<bool> {
    let hasher = RandomState::new();
    // Stateright's states need not be `Eq`, so a map of states is one of hashes.
    let mut seen: HashMap<u64, Vec<D::State>> = HashMap::from([(hasher.hash_one(from), vec![from.clone()])]);
    let (mut queue, mut count) = (vec![from.clone()], 1);
    while let Some(state) = queue.pop() {
        if goal(&state) {
            return Some(true);
        }
        for (_, next) in successors(model, &state).filter(|(action, _)| allowed(action)) {
            if !model.within_boundary(&next) {
                return Some(true);
            }
            let alike = seen.entry(hasher.hash_one(&next)).or_default();
            if alike.contains(&next) {
                continue;
            }
            count += 1;
            if count > most {
                return None;
            }
            alike.push(next.clone());
            queue.push(next);
        }
    }
    Some(false)
}
