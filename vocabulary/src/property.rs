//! Kinds of property: of states, of steps and of whole behaviours.

use crate::AnyRefinement;
use crate::refinement::{Refinement, RefinementOf};
use stateright::Model;

/// A predicate over states.
pub type StatePredicate<M> = Box<dyn Fn(&M, &<M as Model>::State) -> bool + Send + Sync>;

/// A predicate over steps: the old state, the action, the new state.
pub type StepPredicate<M> =
    Box<dyn Fn(&M, &<M as Model>::State, &<M as Model>::Action, &<M as Model>::State) -> bool + Send + Sync>;

/// A predicate over actions.
pub type ActionPredicate<M> = Box<dyn Fn(&<M as Model>::Action) -> bool + Send + Sync>;

/// A predicate over finite behaviours: the states and the actions between them; says why it does not hold.
pub type RunPredicate<M> =
    Box<dyn Fn(&M, &[<M as Model>::State], &[<M as Model>::Action]) -> Result<(), String> + Send + Sync>;

/// A named claim of a model's behaviours.
pub struct Temporal<M: Model> {
    /// The name, as in the source.
    pub name: &'static str,
    /// What is claimed.
    pub formula: Formula<M>,
}

/// What a property claims.
///
/// Behaviours are TLA's: each step is an action or a stutter, and a behaviour may stutter for ever unless
/// fairness forbids it (Lamport, *The Temporal Logic of Actions*, 1994). [`Formula::Inevitable`] alone is
/// Stateright's: it speaks of maximal paths, which end only where no action is enabled.
pub enum Formula<M: Model> {
    /// Holds in every reachable state.
    Always(StatePredicate<M>),
    /// Holds in some reachable state: a witness that the model is not vacuous.
    Can(StatePredicate<M>),
    /// Stateright's `eventually`: holds somewhere on every maximal path from an initial state.
    Inevitable(StatePredicate<M>),
    /// Holds of every step.
    Step(StepPredicate<M>),
    /// Holds at some moment of every fair behaviour.
    Eventually(StatePredicate<M>, Vec<Fairness<M>>),
    /// From some moment of every fair behaviour on, holds for ever.
    EventuallyAlways(StatePredicate<M>, Vec<Fairness<M>>),
    /// In every fair behaviour, whenever the first holds the second holds then or later.
    LeadsTo(StatePredicate<M>, StatePredicate<M>, Vec<Fairness<M>>),
    /// From every reachable state a state that satisfies the predicate can be reached (CTL's AG EF) by
    /// actions other than the excluded ones, such as faults.
    AlwaysCan(StatePredicate<M>, Option<ActionPredicate<M>>),
    /// Every initial state is one of another model, and every step a step of it or a stutter.
    Refinement(Box<dyn AnyRefinement<M>>),
    /// Holds of a finite behaviour as a whole. It is judged of single behaviours alone: no search of states tells
    /// whether all have it. With its kind's name.
    Run(&'static str, RunPredicate<M>),
}

/// What a behaviour owes to one class of actions. Where several participants each deserve their turn, each
/// has a class of its own.
pub struct Fairness<M: Model> {
    /// The name of the class, such as `Deliver(2)`.
    pub name: String,
    /// Weak or strong.
    pub strength: Strength,
    /// Which actions belong to the class.
    pub includes: ActionPredicate<M>,
}

/// How often an action must be enabled before a fair behaviour takes it. A stuttering step does not count
/// as taking it, nor does an action that could only stutter count as enabled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Strength {
    /// Taken infinitely often if enabled without end from some moment on.
    Weak,
    /// Taken infinitely often if enabled infinitely often.
    Strong,
}

impl<M: Model> Fairness<M> {
    /// Weak fairness of a class of actions.
    pub fn weak(name: impl Into<String>, includes: impl Fn(&M::Action) -> bool + Send + Sync + 'static) -> Self {
        Self { name: name.into(), strength: Strength::Weak, includes: Box::new(includes) }
    }

    /// Strong fairness of a class of actions.
    pub fn strong(name: impl Into<String>, includes: impl Fn(&M::Action) -> bool + Send + Sync + 'static) -> Self {
        Self { name: name.into(), strength: Strength::Strong, includes: Box::new(includes) }
    }
}

impl<M: Model> Temporal<M> {
    /// Every state satisfies `holds`.
    pub fn always(name: &'static str, holds: impl Fn(&M, &M::State) -> bool + Send + Sync + 'static) -> Self {
        Self { name, formula: Formula::Always(Box::new(holds)) }
    }

    /// Some state satisfies `holds`.
    pub fn can(name: &'static str, holds: impl Fn(&M, &M::State) -> bool + Send + Sync + 'static) -> Self {
        Self { name, formula: Formula::Can(Box::new(holds)) }
    }

    /// Every step satisfies `holds`, stuttering ones included.
    pub fn step(
        name: &'static str,
        holds: impl Fn(&M, &M::State, &M::Action, &M::State) -> bool + Send + Sync + 'static,
    ) -> Self {
        Self { name, formula: Formula::Step(Box::new(holds)) }
    }

    /// Every fair behaviour reaches a state that satisfies `goal`.
    pub fn eventually(
        name: &'static str,
        goal: impl Fn(&M, &M::State) -> bool + Send + Sync + 'static,
        fairness: Vec<Fairness<M>>,
    ) -> Self {
        Self { name, formula: Formula::Eventually(Box::new(goal), fairness) }
    }

    /// Every fair behaviour comes to satisfy `goal` for ever.
    pub fn eventually_always(
        name: &'static str,
        goal: impl Fn(&M, &M::State) -> bool + Send + Sync + 'static,
        fairness: Vec<Fairness<M>>,
    ) -> Self {
        Self { name, formula: Formula::EventuallyAlways(Box::new(goal), fairness) }
    }

    /// In every fair behaviour `from` is followed by `to`.
    pub fn leads_to(
        name: &'static str,
        from: impl Fn(&M, &M::State) -> bool + Send + Sync + 'static,
        to: impl Fn(&M, &M::State) -> bool + Send + Sync + 'static,
        fairness: Vec<Fairness<M>>,
    ) -> Self {
        Self { name, formula: Formula::LeadsTo(Box::new(from), Box::new(to), fairness) }
    }

    /// From every state, `goal` can be reached without the actions that `excluded` includes.
    pub fn always_can(
        name: &'static str,
        goal: impl Fn(&M, &M::State) -> bool + Send + Sync + 'static,
        excluded: Option<ActionPredicate<M>>,
    ) -> Self {
        Self { name, formula: Formula::AlwaysCan(Box::new(goal), excluded) }
    }

    /// The model refines the specification of `refinement`.
    pub fn refinement<R>(name: &'static str, refinement: R) -> Self
    where
        R: Refinement<Concrete = M::State, Event = M::Action> + Send + Sync + 'static,
    {
        Self { name, formula: Formula::Refinement(Box::new(RefinementOf::new(refinement))) }
    }
}

impl<M: Model> Temporal<M> {
    /// Every finite behaviour satisfies `holds`, which else says why not.
    pub fn run(
        name: &'static str,
        kind: &'static str,
        holds: impl Fn(&M, &[M::State], &[M::Action]) -> Result<(), String> + Send + Sync + 'static,
    ) -> Self {
        Self { name, formula: Formula::Run(kind, Box::new(holds)) }
    }
}

impl<M: Model> Formula<M> {
    /// The kind's name in every output.
    pub const fn kind(&self) -> &'static str {
        match self {
            Formula::Always(_) => "always",
            Formula::Can(_) => "can",
            Formula::Inevitable(_) | Formula::Eventually(..) => "eventually",
            Formula::Step(_) => "step",
            Formula::EventuallyAlways(..) => "eventually-always",
            Formula::LeadsTo(..) => "leads-to",
            Formula::AlwaysCan(..) => "always-can",
            Formula::Refinement(_) => "refinement",
            Formula::Run(kind, _) => kind,
        }
    }

    /// Whether a counterexample is an infinite behaviour, so that the graph of steps must be kept to judge
    /// it.
    pub const fn needs_graph(&self) -> bool {
        matches!(
            self,
            Formula::Inevitable(_)
                | Formula::Eventually(..)
                | Formula::EventuallyAlways(..)
                | Formula::LeadsTo(..)
                | Formula::AlwaysCan(..)
        )
    }
}
