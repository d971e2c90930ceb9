//! Steps a behaviour through its model: a kept counterexample, or a script written by hand.
//!
//! Of a counterexample it is judged anew whether it violates its property. The model may have changed since: then the
//! replay says at which step the behaviour stopped being one of the model's, rather than reproduce something else.

mod load;
mod play;
mod script;
mod verdict;

pub use load::load;
pub(crate) use load::parse_named;
pub(crate) use play::play;
pub use play::{Ending, Found, Missed, Played};
pub use script::{Script, Scripted, is_script, run};
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

/// How many behaviours that look alike a replay follows at the most.
const BRANCHES: usize = 256;

/// One of the states that a step may stand for: what is kept is what was shown, and that need not tell all.
struct Branch<D: Describe> {
    /// Its place among the branches of the step before, and the action that leads here.
    before: usize,
    action: Option<D::Action>,
    state: D::State,
}

/// Steps `saved` through `model`, which has the constants and the mutant that it names. It fails as long as some
/// behaviour that looks like it does.
pub(crate) fn replay<D: Describe>(model: &D, saved: &Saved) -> Replay {
    let levels = match retrace(model, saved) {
        Ok(levels) => levels,
        Err(ended) => return ended,
    };
    let last = levels.len() - 1;
    let paths = (0..levels[last].len()).map(|branch| path(&levels, branch, saved.back_to));
    let mut best = Replay::Changed { step: last, departure: Departure::NotClosed };
    for path in paths.filter(Path::is_closed) {
        let judged = judge(model, (&saved.property, &saved.kind), &path, SEARCHED);
        match (&best, &judged) {
            (_, Replay::Reproduced(_)) => return judged,
            (Replay::Changed { .. }, _) | (_, Replay::Undecided(_)) => best = judged,
            _ => {}
        }
    }
    best
}

/// Takes the actions of `saved` again, whatever states they lead to and without those that are not enabled, and judges
/// the behaviour that this gives: what a regression test asks of code that has changed since.
pub(crate) fn rerun<D: Describe>(model: &D, saved: &Saved) -> Replay {
    let Some(start) = model.init_states().into_iter().next() else {
        return Replay::Harmless("the model has no initial state".into());
    };
    let mut path = Path::<D> { states: vec![start], actions: Vec::new(), back_to: None };
    let mut actions = Vec::new();
    for words in saved.steps.iter().filter_map(|step| step.action.as_ref()) {
        let at = &path.states[path.states.len() - 1];
        model.actions(at, &mut actions);
        let enabled = actions.drain(..).filter(|action| model.action_in_words(action) == *words);
        let taken = { enabled }.find_map(|action| Some((model.next_state(at, action.clone())?, action)));
        if let Some((next, action)) = taken {
            path.states.push(next);
            path.actions.push(action);
            // A claim of states and steps may fail before the end.
            let found = judge(model, (&saved.property, &saved.kind), &path, SEARCHED);
            if matches!(found, Replay::Reproduced(_)) {
                return found;
            }
        }
    }
    judge(model, (&saved.property, &saved.kind), &path, SEARCHED)
}

/// For each step the states that it may stand for.
fn retrace<D: Describe>(model: &D, saved: &Saved) -> Result<Vec<Vec<Branch<D>>>, Replay> {
    let changed = |step: usize| move |departure| Replay::Changed { step, departure };
    let Some((first, rest)) = saved.steps.split_first() else {
        return Err(changed(0)(Departure::NotInitial(Vec::new())));
    };
    // Where the end alone is judged, it does not matter by which way a state was reached.
    let is_of_end = ["always", "step", "refinement", "deadlock", "always-can"].contains(&saved.kind.as_str());
    let mut levels = vec![initial(model, saved, first).map_err(changed(0))?];
    for (at, step) in rest.iter().enumerate() {
        let merges = is_of_end && at + 1 < rest.len();
        let is_named = |words: &str| step.action.as_deref() == Some(words);
        let look =
            |next: D::State| matching(model, saved, &next, step).ok_or_else(|| step.state.changes(&model.value(&next)));
        let reached = onwards(model, &levels[at], merges, is_named, look).map_err(|lost| match lost {
            Lost::Departed(departure) => changed(at + 1)(departure),
            Lost::TooMany => Replay::Undecided(too_many()),
        })?;
        levels.push(reached);
    }
    Ok(levels)
}

impl<D: Describe> Branch<D> {
    /// Whether nothing tells the two apart; by what way they were reached may not count.
    fn is_like(&self, other: &Self, merges: bool) -> bool {
        self.state == other.state && (merges || (self.before == other.before && self.action == other.action))
    }
}

/// The behaviour that ends in that branch of the last step.
fn path<D: Describe>(levels: &[Vec<Branch<D>>], mut branch: usize, back_to: Option<usize>) -> Path<D> {
    let mut path = Path::<D> { states: Vec::new(), actions: Vec::new(), back_to };
    for level in levels.iter().rev() {
        let Branch { before, action, state } = &level[branch];
        path.states.push(state.clone());
        path.actions.extend(action.clone());
        branch = *before;
    }
    path.states.reverse();
    path.actions.reverse();
    path
}

fn initial<D: Describe>(model: &D, saved: &Saved, step: &Step) -> Result<Vec<Branch<D>>, Departure> {
    let states: Vec<_> = model.init_states().into_iter().filter(|state| model.within_boundary(state)).collect();
    let mut found: Vec<Branch<D>> = Vec::new();
    for state in states.iter().filter_map(|state| matching(model, saved, state, step)).take(BRANCHES) {
        let branch = Branch { before: 0, action: None, state };
        if !found.iter().any(|known| known.is_like(&branch, true)) {
            found.push(branch);
        }
    }
    if found.is_empty() {
        let first = states.first();
        return Err(Departure::NotInitial(
            first.map_or_else(Vec::new, |state| step.state.changes(&model.value(state))),
        ));
    }
    Ok(found)
}

/// Why no state is left that a step may stand for.
enum Lost {
    /// The step is none of the model's.
    Departed(Departure),
    /// More states look alike than are followed.
    TooMany,
}

/// The branches that an action in words that are meant leads to, in a state that looks as it should, and otherwise
/// differs in something.
fn onwards<D: Describe>(
    model: &D,
    level: &[Branch<D>],
    merges: bool,
    is_named: impl Fn(&str) -> bool,
    look: impl Fn(D::State) -> Result<D::State, Vec<Change>>,
) -> Result<Vec<Branch<D>>, Lost> {
    let (mut reached, mut departed): (Vec<Branch<D>>, _) = (Vec::new(), None);
    for (before, branch) in level.iter().enumerate() {
        match follow(model, (before, &branch.state), &is_named, &look) {
            Ok(found) => {
                for branch in found {
                    if !reached.iter().any(|known| known.is_like(&branch, merges)) {
                        reached.push(branch);
                    }
                }
            }
            Err(departure) => departed = departed.or(Some(departure)),
        }
        if reached.len() > BRANCHES {
            return Err(Lost::TooMany);
        }
    }
    match departed.filter(|_| reached.is_empty()) {
        Some(departure) => Err(Lost::Departed(departure)),
        None => Ok(reached),
    }
}

fn too_many() -> String {
    format!("more than {BRANCHES} behaviours look like this one")
}

/// The steps from the branch of the place `before`, in the state `at`, that are meant and look as they should.
fn follow<D: Describe>(
    model: &D,
    (before, at): (usize, &D::State),
    is_named: impl Fn(&str) -> bool,
    look: impl Fn(D::State) -> Result<D::State, Vec<Change>>,
) -> Result<Vec<Branch<D>>, Departure> {
    let (mut found, mut elsewhere, mut guard, mut enabled) = (Vec::<Branch<D>>::new(), None, None, Vec::new());
    let mut actions = Vec::new();
    model.actions(at, &mut actions);
    for action in actions {
        let words = model.action_in_words(&action);
        let same = is_named(&words);
        let next = model.next_state(at, action.clone()).filter(|next| model.within_boundary(next));
        match next {
            Some(next) if same => match look(next) {
                Ok(state) => found.push(Branch { before, action: Some(action), state }),
                Err(changes) => elsewhere = elsewhere.or(Some(changes)),
            },
            Some(_) => enabled.push(words),
            None if same => guard = guard.or(model.refusal(at, &action)),
            None => {}
        }
    }
    if !found.is_empty() {
        return Ok(found);
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

/// What the model does instead.
pub(crate) fn departed(saved: &Saved, step: usize, departure: &Departure) -> Vec<String> {
    let action = saved.steps[step].action.as_deref().unwrap_or("initially");
    match departure {
        Departure::NotInitial(changes) if changes.is_empty() => vec!["the model has no initial state".to_owned()],
        Departure::NotInitial(changes) => {
            let differs = changes.iter().map(|change| differs(change, "the model's first initial state has"));
            std::iter::once("no initial state is like this one; it differs in".to_owned()).chain(differs).collect()
        }
        Departure::NotEnabled { guard, enabled } => {
            let guard = guard.map_or_else(String::new, |guard| format!(": {guard} is false"));
            std::iter::once(format!("\"{action}\" is not enabled{guard}")).chain(enabled_there(enabled)).collect()
        }
        Departure::WrongState(changes) => {
            let differs = changes.iter().map(|change| differs(change, "now"));
            std::iter::once(format!("\"{action}\" leads elsewhere:")).chain(differs).collect()
        }
        Departure::NotClosed => {
            let start = saved.back_to.unwrap_or(step);
            vec![format!("the behaviour does not return to step {start}")]
        }
    }
}

/// The actions that are enabled somewhere, in words.
fn enabled_there(enabled: &[String]) -> Vec<String> {
    if enabled.is_empty() {
        return vec!["no action is enabled there".to_owned()];
    }
    let first = std::iter::once("what is enabled there:".to_owned());
    first.chain(enabled.iter().map(|action| format!("  {action}"))).collect()
}

fn differs(change: &Change, now: &str) -> String {
    let shown = |value: &Option<_>| value.as_ref().map_or_else(|| "nothing".to_owned(), ToString::to_string);
    let Change { path, before, after } = change;
    let place = if path.is_empty() { "the state" } else { path };
    format!("  {place}: {} here, {now} {}", shown(before), shown(after))
}

#[cfg(test)]
mod tests;
