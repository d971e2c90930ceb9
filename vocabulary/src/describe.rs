//! What a model says of itself to people and to the checker, beyond Stateright's `Model`.

use crate::{Clause, Formula, Scene, Temporal, Value};
use stateright::{Expectation, Model, Property};
use std::fmt::Debug;
use std::hash::Hash;

/// A Stateright model whose states can be told apart, kept and shown: what an exhaustive search by several
/// threads takes. Every model with such types is one.
pub trait Checkable:
    Model<
        State: Clone + Debug + PartialEq + Hash + Send + Sync + 'static,
        Action: Clone + Debug + PartialEq + Send + Sync + 'static,
    > + Send
    + Sync
    + 'static
{
}

impl<M> Checkable for M where
    M: Model<
            State: Clone + Debug + PartialEq + Hash + Send + Sync + 'static,
            Action: Clone + Debug + PartialEq + Send + Sync + 'static,
        > + Send
        + Sync
        + 'static
{
}

/// A model that names its actions, fields and guards, and states more than Stateright's properties.
///
/// Every method has a default except those that no default could answer truthfully.
pub trait Describe: Checkable {
    /// The kinds of action that the model has, each a word of the source. Coverage is counted by kind.
    fn action_kinds(&self) -> &'static [&'static str];

    /// Which of [`Self::action_kinds`] an action is, by its index.
    fn action_kind(&self, action: &Self::Action) -> usize;

    /// The action as a sentence: "participant 2 votes yes".
    fn action_in_words(&self, action: &Self::Action) -> String;

    /// The state as named fields.
    fn value(&self, state: &Self::State) -> Value;

    /// Kinds of action that these constants switch off: that they never fire is no sign of vacuity.
    fn switched_off(&self) -> Vec<&'static str> {
        Vec::new()
    }

    /// The names of the guards, for people and for mutants that drop one.
    fn guards(&self) -> &'static [&'static str] {
        &[]
    }

    /// What the guard of that name says: the condition, in the source's words; backticks quote a formula.
    fn guard_says(&self, guard: &str) -> Option<&'static str> {
        let _ = guard;
        None
    }

    /// The guard that keeps `action` from being enabled in `state`; `None` when it is enabled.
    fn refusal(&self, state: &Self::State, action: &Self::Action) -> Option<&'static str> {
        let _ = (state, action);
        None
    }

    /// The names of the processes, in the order in which a diagram draws their lines.
    fn processes(&self) -> Vec<String> {
        Vec::new()
    }

    /// Who does what in a step: where it happens, what is sent, received and lost. It is asked for steps of the model
    /// alone, and of an action that is not enabled with `after` as `before`: then only the process and the fault count.
    fn scene(&self, before: &Self::State, action: &Self::Action, after: &Self::State) -> Scene {
        let _ = (before, action, after);
        Scene::default()
    }

    /// The parts of the predicate of a claim in `state`, by the claim's name: it holds where they all do. None where it
    /// has no parts that are worth a name. (Of a `leads-to`, those of where it leads to.)
    fn clauses(&self, claim: &str, state: &Self::State) -> Vec<Clause> {
        let _ = (claim, state);
        Vec::new()
    }

    /// What the model claims of steps and behaviours; its claims of states are in [`Model::properties`].
    fn temporal(&self) -> Vec<Temporal<Self>> {
        Vec::new()
    }

    /// The source file that states the claims, so that a violation can show the line: `Some(file!())`.
    fn file(&self) -> Option<&'static str> {
        None
    }

    /// Everything that the model claims: [`Model::properties`], then [`Self::temporal`].
    fn claims(&self) -> Vec<Temporal<Self>> {
        let of_states = self.properties().into_iter().map(|p| state_claim(&p, |model: &Self| model));
        of_states.chain(self.temporal()).collect()
    }

    /// Whether a state without a successor is a violation. [`Self::may_end`] names those that are not.
    fn forbids_deadlock(&self) -> bool {
        false
    }

    /// Whether a behaviour may end in `state`, where deadlock is forbidden.
    fn may_end(&self, state: &Self::State) -> bool {
        let _ = state;
        false
    }

    /// The representative of `state`'s orbit under the model's symmetry: the same state for every member of
    /// the orbit. `None` where the model has no symmetry. The answer must be the same kind for every state.
    fn canonical(&self, state: &Self::State) -> Option<Self::State> {
        let _ = state;
        None
    }
}

/// A plain Stateright model, checked as it is: its states and actions are shown by their `Debug` text, its
/// actions are one kind, and none is reported as never fired.
#[derive(Clone, Debug)]
pub struct Plain<M>(pub M);

impl<M: Model> Model for Plain<M> {
    type State = M::State;
    type Action = M::Action;

    fn init_states(&self) -> Vec<Self::State> {
        self.0.init_states()
    }

    fn actions(&self, state: &Self::State, actions: &mut Vec<Self::Action>) {
        self.0.actions(state, actions);
    }

    fn next_state(&self, last_state: &Self::State, action: Self::Action) -> Option<Self::State> {
        self.0.next_state(last_state, action)
    }

    fn within_boundary(&self, state: &Self::State) -> bool {
        self.0.within_boundary(state)
    }
}

impl<M: Checkable> Describe for Plain<M> {
    fn action_kinds(&self) -> &'static [&'static str] {
        &[]
    }

    fn action_kind(&self, _: &Self::Action) -> usize {
        0
    }

    fn action_in_words(&self, action: &Self::Action) -> String {
        self.0.format_action(action)
    }

    fn value(&self, state: &Self::State) -> Value {
        Value::Text(format!("{state:#?}"))
    }

    fn claims(&self) -> Vec<Temporal<Self>> {
        self.0.properties().into_iter().map(|p| state_claim(&p, |plain: &Self| &plain.0)).collect()
    }
}

/// A Stateright property as a claim of `D`, which stands for the model `M` or wraps it.
fn state_claim<D: Describe, M: Model<State = D::State> + 'static>(
    property: &Property<M>,
    inner: fn(&D) -> &M,
) -> Temporal<D> {
    let condition = property.condition;
    let holds = Box::new(move |model: &D, state: &D::State| condition(inner(model), state));
    let formula = match property.expectation {
        Expectation::Always => Formula::Always(holds),
        Expectation::Sometimes => Formula::Can(holds),
        Expectation::Eventually => Formula::Inevitable(holds),
    };
    Temporal { name: property.name, formula }
}
