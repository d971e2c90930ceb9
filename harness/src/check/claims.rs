//! The claims of a model as the search judges them, and the first evidence for or against each.

use super::options::Options;
use proofmark_vocabulary::{AnyRefinement, Describe, Formula, StatePredicate, StepPredicate, Temporal};
use std::collections::BTreeSet;

/// The name and the kind under which freedom from deadlock is reported.
pub(super) const DEADLOCK: &str = "deadlock";

/// The selected claims of a model, sorted by when they are judged.
pub(super) struct Claims<D: Describe> {
    pub(super) list: Vec<Temporal<D>>,
    /// Whether deadlock is judged too: the last claim, after the list.
    pub(super) deadlock: bool,
}

/// What first decided a claim, in the order of the search.
#[derive(Clone, Debug)]
pub(super) enum Evidence {
    /// A state, by its number: it violates an `always`, meets a `can`, is a deadlock, or is an initial
    /// state that the specification has not.
    State(u64, Option<String>),
    /// A step from the state of that number by the action of that index.
    Step(u64, usize, Option<String>),
}

/// The first evidence for each claim, where there is any.
#[derive(Clone, Debug, Default)]
pub(super) struct Findings(Vec<Option<Evidence>>);

impl<D: Describe> Claims<D> {
    pub(super) fn new(model: &D, selected: impl Fn(&str) -> bool) -> Self {
        let list = model.claims().into_iter().filter(|claim| selected(claim.name)).collect();
        Self { list, deadlock: model.forbids_deadlock() && selected(DEADLOCK) }
    }

    /// Refuses two claims of one name: a bound, a counterexample and a verdict know a claim by its name alone.
    pub(super) fn refuse_twins(&self) -> Result<(), String> {
        let names = self.list.iter().map(|claim| claim.name).chain(self.deadlock.then_some(DEADLOCK));
        twin(names).map_or(Ok(()), |name| Err(two_of_one_name(name)))
    }

    /// How many claims there are, deadlock included.
    pub(super) fn len(&self) -> usize {
        self.list.len() + usize::from(self.deadlock)
    }

    /// The name and the kind of the claim of that index.
    pub(super) fn told(&self, at: usize) -> (&'static str, &'static str) {
        self.list.get(at).map_or((DEADLOCK, DEADLOCK), |claim| (claim.name, claim.formula.kind()))
    }

    pub(super) fn needs_graph(&self) -> bool {
        self.list.iter().any(|claim| claim.formula.needs_graph())
    }

    /// Whether a claim asks which action was taken.
    pub(super) fn judges_actions(&self) -> bool {
        self.needs_graph() || self.of_steps().next().is_some()
    }

    /// The refinements whose specification has no such initial state, with how it strays.
    pub(super) fn initial_divergences(&self, state: &D::State) -> Vec<(usize, String)> {
        let refinements = self.list.iter().enumerate().filter_map(|(at, claim)| match &claim.formula {
            Formula::Refinement(refinement) => Some((at, refinement)),
            _ => None,
        });
        refinements
            .filter_map(|(at, r)| r.initial(state).err().map(|divergence| (at, divergence.to_string())))
            .collect()
    }

    /// The undecided claims of states, each with its index and the truth that decides it.
    pub(super) fn of_states<'a>(&'a self, findings: &Findings) -> Vec<(usize, &'a StatePredicate<D>, bool)> {
        let judged = self.list.iter().enumerate().filter_map(|(at, claim)| match &claim.formula {
            Formula::Always(holds) => Some((at, holds, false)),
            Formula::Can(holds) => Some((at, holds, true)),
            _ => None,
        });
        judged.filter(|&(at, ..)| findings.get(at).is_none()).collect()
    }

    /// The claims of steps, each with its index.
    pub(super) fn of_steps(&self) -> impl Iterator<Item = (usize, StepClaim<'_, D>)> {
        (0..self.list.len()).filter_map(|at| Some((at, self.of_step(at)?)))
    }

    /// The claim of that index, if it is one of steps.
    pub(super) fn of_step(&self, at: usize) -> Option<StepClaim<'_, D>> {
        match &self.list.get(at)?.formula {
            Formula::Step(holds) => Some(StepClaim::Predicate(holds)),
            Formula::Refinement(refinement) => Some(StepClaim::Refinement(refinement.as_ref())),
            _ => None,
        }
    }

    /// The index of the deadlock claim, while it is undecided.
    pub(super) fn of_deadlock(&self, findings: &Findings) -> Option<usize> {
        (self.deadlock && findings.get(self.list.len()).is_none()).then_some(self.list.len())
    }

    /// Whether evidence for a claim is a violation that `options` does not tolerate.
    pub(super) fn is_intolerable(&self, at: usize, options: &Options) -> bool {
        match self.list.get(at) {
            Some(claim) => {
                !matches!(claim.formula, Formula::Can(_)) && !options.tolerated.iter().any(|name| name == claim.name)
            }
            None => !options.tolerated.iter().any(|name| name == DEADLOCK),
        }
    }
}

/// The first name that comes twice.
pub(crate) fn twin<'a>(names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let mut seen = BTreeSet::new();
    names.into_iter().find(|name| !seen.insert(*name))
}

/// What is wrong with two claims of one name, and what to do.
pub(crate) fn two_of_one_name(name: &str) -> String {
    format!("two properties are named `{name}`; give one of them another name")
}

/// A claim of steps.
pub(super) enum StepClaim<'a, D: Describe> {
    Predicate(&'a StepPredicate<D>),
    Refinement(&'a dyn AnyRefinement<D>),
}

impl<D: Describe> StepClaim<'_, D> {
    /// Whether the step satisfies the claim.
    ///
    /// # Errors
    /// When it does not, with an explanation where more can be said.
    #[inline]
    pub(super) fn judge(
        &self,
        model: &D,
        before: &D::State,
        action: &D::Action,
        after: &D::State,
    ) -> Result<(), Option<String>> {
        match self {
            StepClaim::Predicate(holds) if holds(model, before, action, after) => Ok(()),
            StepClaim::Predicate(_) => Err(None),
            StepClaim::Refinement(refinement) => {
                refinement.step(before, action, after).map_err(|divergence| Some(divergence.to_string()))
            }
        }
    }
}

impl Findings {
    pub(super) fn new(claims: usize) -> Self {
        Self(vec![None; claims])
    }

    pub(super) fn get(&self, claim: usize) -> Option<&Evidence> {
        self.0[claim].as_ref()
    }

    /// Keeps evidence for a claim unless there is earlier evidence.
    pub(super) fn offer(&mut self, claim: usize, evidence: impl FnOnce() -> Evidence) {
        self.0[claim].get_or_insert_with(evidence);
    }

    /// Takes over the evidence of a later part of the search, for the claims that have none.
    pub(super) fn absorb(&mut self, later: &mut Self) {
        for (mine, theirs) in self.0.iter_mut().zip(&mut later.0) {
            let theirs = theirs.take();
            if mine.is_none() {
                *mine = theirs;
            }
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (usize, &Evidence)> {
        self.0.iter().enumerate().filter_map(|(at, evidence)| evidence.as_ref().map(|evidence| (at, evidence)))
    }
}
