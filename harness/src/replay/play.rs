//! Steps a scripted behaviour through a model.

use super::script::{Line, Says, Script, Words};
use super::{Branch, Departure, Lost, Path, Replay, SEARCHED, enabled_there, judge, onwards, path, too_many};
use crate::check::Step;
use proofmark_vocabulary::{Change, Describe};

/// A script that is a behaviour of the model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Played {
    /// The states, each with the action that led there.
    pub steps: Vec<Step>,
    /// The index of the step to which the last state returns, for a behaviour that goes on for ever.
    pub back_to: Option<usize>,
    /// How many actions were refused, as the script says.
    pub refused: usize,
    /// What is to be said of the behaviour.
    pub ending: Ending,
}

/// What is to be said of a behaviour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It violates nothing.
    Allowed,
    /// It violates what the script says, where it says so; there is one at least.
    Violated(Vec<Found>),
    /// It violates what the script does not say, or elsewhere.
    Unexpected(Found),
    /// It does not violate the property that the script says, for this reason.
    Harmless(String, String),
    /// To judge it would take too long, for this reason.
    Undecided(String),
}

/// A violation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The property.
    pub property: String,
    /// The property's kind.
    pub kind: &'static str,
    /// The step at which it is violated.
    pub step: usize,
    /// What exactly went wrong, where more can be said than that the property is false.
    pub why: Option<String>,
}

/// A line that is not as it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missed {
    pub(crate) line: usize,
    pub(crate) what: String,
    pub(crate) label: String,
    pub(crate) more: Vec<String>,
}

/// A behaviour as far as it has been stepped. Where several states may be meant, all are followed.
struct Play<'a, D: Describe> {
    model: &'a D,
    script: &'a Script,
    levels: Vec<Vec<Branch<D>>>,
    back_to: Option<usize>,
    refused: usize,
    /// Whether what is said of a violation is said of this model.
    is_told: bool,
    /// The properties that no step may violate, each with its kind.
    held: Vec<(&'static str, &'static str)>,
    /// What is violated, as the script says.
    found: Vec<Found>,
}

/// Steps `script` through `model`, which has the bug that it names if it is `planted`. Where it is not, no step may
/// violate a property that is `selected`.
pub(crate) fn play<D: Describe>(
    model: &D,
    script: &Script,
    planted: bool,
    selected: &dyn Fn(&str) -> bool,
) -> Result<Played, Missed> {
    let initial = model.init_states().into_iter().filter(|state| model.within_boundary(state));
    let initial: Vec<_> = initial.map(|state| Branch { before: 0, action: None, state }).collect();
    let (levels, back_to, refused) = (vec![initial], None, 0);
    let is_told = planted == script.mutant.is_some();
    let mut play = Play { model, script, levels, back_to, refused, is_told, held: Vec::new(), found: Vec::new() };
    play.held = play.held_by(planted, selected);
    play.run(planted)
}

impl<D: Describe> Play<'_, D> {
    fn run(mut self, planted: bool) -> Result<Played, Missed> {
        if let Some(found) = self.broken(&self.script.lines) {
            return Ok(self.ended(Ending::Unexpected(found)));
        }
        for (at, line) in self.script.lines.iter().enumerate() {
            match &line.says {
                Says::Step(words) => self.step(at, words)?,
                Says::Refused(guard, words) => {
                    let refused = if planted && guard.is_none() { None } else { Some(guard.as_deref()) };
                    let refused = refused.map(|guard| self.refuses(at, guard, words));
                    match refused {
                        Some(Ok(())) => self.refused += 1,
                        Some(Err(missed)) if !planted => return Err(missed),
                        _ => self.step(at, words)?,
                    }
                }
                Says::ForEver if self.is_told => self.back_to = Some(self.levels.len() - 1),
                Says::Violated(property) if self.is_told => {
                    if !self.is_of_steps(property) {
                        self.is_closed(at)?;
                    }
                    self.held.retain(|(name, _)| name != property);
                    match self.violates(property) {
                        Ok(found) => self.found.push(found),
                        Err(ending) => return Ok(self.ended(ending)),
                    }
                    if planted && !self.script.lines[at + 1..].iter().any(Line::says_what_is_violated) {
                        return Ok(self.ended(Ending::Allowed));
                    }
                    continue;
                }
                Says::ForEver | Says::Violated(_) => continue,
            }
            if let Some(found) = self.broken(&self.script.lines[at + 1..]) {
                return Ok(self.ended(Ending::Unexpected(found)));
            }
        }
        self.is_closed(self.script.lines.len())?;
        let ending = self.back_to.map_or(Ending::Allowed, |_| self.judged_of_all());
        Ok(self.ended(ending))
    }

    /// What the behaviour must not violate before it says so: with a bug the properties that it is about, without one
    /// all that can be judged of each step.
    fn held_by(&self, planted: bool, selected: &dyn Fn(&str) -> bool) -> Vec<(&'static str, &'static str)> {
        let told = |name: &str| self.script.lines.iter().any(|line| line.says == Says::Violated(name.to_owned()));
        let claims = self.claims().into_iter().filter(|(_, kind)| OF_STEPS.contains(kind));
        claims.filter(|(name, _)| if planted { told(name) } else { selected(name) }).collect()
    }

    fn is_of_steps(&self, property: &str) -> bool {
        self.claims().iter().any(|(name, kind)| *name == property && OF_STEPS.contains(kind))
    }

    fn claims(&self) -> Vec<(&'static str, &'static str)> {
        let stated = self.model.claims();
        let stated = stated.iter().map(|claim| (claim.name, claim.formula.kind()));
        stated.chain(self.model.forbids_deadlock().then_some(("deadlock", "deadlock"))).collect()
    }

    fn step(&mut self, line: usize, words: &Words) -> Result<(), Missed> {
        let missed = |what: String, label: &str, more| Missed { line, what, label: label.into(), more };
        let is_named = |action: &str| words.mean(action);
        let look = |next: D::State| Ok::<_, Vec<Change>>(next);
        let level = &self.levels[self.levels.len() - 1];
        let reached = onwards(self.model, level, false, is_named, look).map_err(|lost| match lost {
            Lost::TooMany => missed(too_many(), "from here on", Vec::new()),
            Lost::Departed(Departure::NotEnabled { guard, enabled }) => {
                let label = guard.map_or("no such action is enabled here".into(), |guard| format!("{guard} is false"));
                missed(format!("\"{}\" is not enabled", words.text), &label, enabled_there(&enabled))
            }
            Lost::Departed(_) => missed(format!("\"{}\" leads nowhere", words.text), "here", Vec::new()),
        })?;
        let mut meant: Vec<_> = reached.iter().filter_map(|branch| self.words(branch)).collect();
        meant.sort();
        meant.dedup();
        if meant.len() > 1 {
            let more = meant.iter().map(|action| format!("  {action}"));
            let more = std::iter::once("which of".to_owned()).chain(more).collect();
            return Err(missed(format!("\"{}\" is the beginning of several actions", words.text), "say more", more));
        }
        self.levels.push(reached);
        Ok(())
    }

    /// That no state that may be meant has the action enabled, and that the guard is what refuses it.
    fn refuses(&self, line: usize, guard: Option<&str>, words: &Words) -> Result<(), Missed> {
        let last = self.levels.len() - 1;
        let (mut refused_by, mut enabled, mut actions) = (Vec::new(), Vec::new(), Vec::new());
        for branch in &self.levels[last] {
            self.model.actions(&branch.state, &mut actions);
            for action in actions.drain(..) {
                let told = self.model.action_in_words(&action);
                let next = self.model.next_state(&branch.state, action.clone());
                match next.filter(|next| self.model.within_boundary(next)) {
                    Some(_) => enabled.push(told),
                    None if words.mean(&told) => refused_by.push(self.model.refusal(&branch.state, &action)),
                    None => {}
                }
            }
        }
        let missed = |what: &str, label: String, more| Err(Missed { line, what: what.into(), label, more });
        if let Some(action) = enabled.iter().find(|action| words.mean(action)) {
            return missed(&format!("\"{action}\" is enabled"), "it is not refused here".into(), Vec::new());
        }
        let Some(guard) = guard else { return Ok(()) };
        match refused_by.iter().find(|by| **by != Some(guard)) {
            None if refused_by.is_empty() => {
                let what = format!("\"{}\" is no action that could be refused", words.text);
                missed(&what, "there is none here in these words".into(), enabled_there(&enabled))
            }
            None => Ok(()),
            Some(Some(other)) => missed("another guard refuses it", format!("{other} is false"), Vec::new()),
            Some(None) => missed("no guard refuses it", "it cannot be done in this state".into(), Vec::new()),
        }
    }

    /// That the behaviour returns to where it is said to.
    fn is_closed(&self, line: usize) -> Result<(), Missed> {
        let Some(start) = self.back_to else { return Ok(()) };
        if self.paths(self.back_to).any(|path| path.is_closed()) {
            return Ok(());
        }
        let [first, last] = [start, self.levels.len() - 1].map(|at| self.model.value(&self.levels[at][0].state));
        let told = first.changes(&last).into_iter().map(|change| super::differs(&change, "at the end"));
        let what = format!("the behaviour does not return to step {start}, from which on it goes round for ever");
        Err(Missed { line, what, label: "the last step".into(), more: told.collect() })
    }

    /// What the last step violates that it must not. What the lines say before the next action is judged there.
    fn broken(&self, rest: &[Line]) -> Option<Found> {
        let next = || rest.iter().take_while(|line| line.says_what_is_violated() || line.says == Says::ForEver);
        let is_next = |name: &str| self.is_told && next().any(|line| line.says == Says::Violated(name.to_owned()));
        self.held.iter().filter(|(name, _)| !is_next(name)).find_map(|claim| self.judged(*claim).ok())
    }

    /// Judges the claims of behaviours that go on for ever, but those that were told. One that is violated counts for
    /// more than one that would take too long.
    fn judged_of_all(&self) -> Ending {
        let is_told = |name: &str| self.found.iter().any(|found| found.property == name);
        let for_ever = self.claims().into_iter().filter(|(_, kind)| !OF_STEPS.contains(kind) && *kind != "can");
        let mut ending = Ending::Allowed;
        for claim in for_ever.filter(|(name, _)| !is_told(name)) {
            match self.judged(claim) {
                Ok(found) => return Ending::Unexpected(found),
                Err(Replay::Undecided(why)) if self.found.is_empty() => ending = Ending::Undecided(why),
                Err(_) => {}
            }
        }
        ending
    }

    fn violates(&self, property: &str) -> Result<Found, Ending> {
        let claim = self.claims().into_iter().find(|(name, _)| *name == property);
        let none = || Replay::Harmless("it is none of the model's".into());
        claim.ok_or_else(none).and_then(|claim| self.judged(claim)).map_err(|judged| match judged {
            Replay::Undecided(why) => Ending::Undecided(why),
            Replay::Harmless(why) => Ending::Harmless(property.to_owned(), why),
            _ => Ending::Harmless(property.to_owned(), "the behaviour is none of the model's".into()),
        })
    }

    /// Whether some behaviour that may be meant violates the property up to here.
    fn judged(&self, (name, kind): (&'static str, &'static str)) -> Result<Found, Replay> {
        let mut other = Replay::Harmless("there is no such behaviour".into());
        // Half way round the end alone is judged.
        let back_to = self.back_to.filter(|_| !OF_STEPS.contains(&kind));
        for path in self.paths(back_to).filter(Path::is_closed) {
            match judge(self.model, (name, kind), &path, SEARCHED) {
                Replay::Reproduced(why) => {
                    return Ok(Found { property: name.to_owned(), kind, step: self.levels.len() - 1, why });
                }
                judged if !matches!(other, Replay::Undecided(_)) => other = judged,
                _ => {}
            }
        }
        Err(other)
    }

    fn paths(&self, back_to: Option<usize>) -> impl Iterator<Item = Path<D>> {
        let last = &self.levels[self.levels.len() - 1];
        (0..last.len()).map(move |branch| path(&self.levels, branch, back_to))
    }

    fn words(&self, branch: &Branch<D>) -> Option<String> {
        branch.action.as_ref().map(|action| self.model.action_in_words(action))
    }

    fn ended(self, ending: Ending) -> Played {
        let ending = match ending {
            Ending::Allowed if !self.found.is_empty() => Ending::Violated(self.found.clone()),
            ending => ending,
        };
        // What ends half way round, at a violation, returns nowhere.
        let closed = self.paths(self.back_to).find(Path::is_closed);
        let back_to = self.back_to.filter(|_| closed.is_some());
        let told = closed.or_else(|| self.paths(None).next());
        let steps = told.map_or_else(Vec::new, |Path { states, actions, .. }| {
            let actions = std::iter::once(None).chain(actions.iter().map(Some));
            actions.zip(&states).map(|(action, state)| Step::of(self.model, action, state)).collect()
        });
        Played { steps, back_to, refused: self.refused, ending }
    }
}

/// The kinds of property that the end of a behaviour is enough to judge.
const OF_STEPS: [&str; 4] = ["always", "step", "refinement", "deadlock"];
