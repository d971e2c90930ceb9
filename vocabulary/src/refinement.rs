//! One system implements another: the abstraction function, the witness and the check of one step.

use crate::{Change, Describe};
use stateright::Model;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

/// The specification's state.
pub type StateOf<R> = <<R as Refinement>::Spec as Model>::State;
/// The specification's action.
pub type ActionOf<R> = <<R as Refinement>::Spec as Model>::Action;

/// A refinement mapping (Abadi and Lamport, *The Existence of Refinement Mappings*, 1991), from a lower model
/// or from code, with a witness that names the specification's actions so that no search is needed.
pub trait Refinement {
    /// The whole concrete system between two events.
    type Concrete;
    /// What happens to it: an action of the lower model, an event of the implementation.
    type Event;
    /// The specification that it refines.
    type Spec: Describe;

    /// The specification, with its constants.
    fn spec(&self) -> &Self::Spec;

    /// The abstraction function: the specification's state that this concrete state stands for.
    fn abstraction(&self, concrete: &Self::Concrete) -> StateOf<Self>;

    /// Whether two concrete states are the same in all that the abstraction function reads, where that is quickly seen:
    /// then the abstraction is unchanged, and is not made.
    fn reads_same(&self, before: &Self::Concrete, after: &Self::Concrete) -> bool {
        let _ = (before, after);
        false
    }

    /// The actions of the specification, in order, by which this event explains what changed between two
    /// concrete states. Asked only where the abstraction changed.
    fn witness(&self, before: &Self::Concrete, event: &Self::Event, after: &Self::Concrete) -> Vec<ActionOf<Self>>;
}

/// How a concrete system strayed from its specification. States and actions are shown as the specification
/// shows them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Divergence {
    /// An initial state stands for no initial state of the specification.
    NotInitial {
        /// The state that it stands for.
        found: String,
    },
    /// The witnessed action is not enabled.
    NotEnabled {
        /// The kind of the action, or its text where the specification has no kinds.
        kind: String,
        /// The action in words.
        action: String,
        /// The guard that refuses it, where the specification names its guards.
        guard: Option<&'static str>,
        /// The specification's state.
        at: String,
    },
    /// The witnessed actions lead elsewhere.
    WrongState {
        /// What differs from the state that they lead to.
        changes: Vec<Change>,
    },
}

/// Whether one step of the concrete system is a step of the specification, or several, or a stutter; tells the
/// actions that explain it, none for a stutter.
///
/// An unchanged abstraction is a stuttering step and always allowed; otherwise the witnessed actions must be
/// enabled one after the other and must lead where the concrete system went.
///
/// # Errors
/// How the step strays.
pub fn follow<R: Refinement + ?Sized>(
    refinement: &R,
    before: &R::Concrete,
    event: &R::Event,
    after: &R::Concrete,
) -> Result<Vec<ActionOf<R>>, Divergence> {
    if refinement.reads_same(before, after) {
        debug_assert!(
            refinement.abstraction(before) == refinement.abstraction(after),
            "the abstraction reads what differs"
        );
        return Ok(Vec::new());
    }
    let (mut allowed, found) = (refinement.abstraction(before), refinement.abstraction(after));
    if found == allowed {
        return Ok(Vec::new());
    }
    let spec = refinement.spec();
    let actions = refinement.witness(before, event, after);
    for action in &actions {
        match spec.next_state(&allowed, action.clone()) {
            Some(next) => allowed = next,
            None => return Err(not_enabled(spec, &allowed, action)),
        }
    }
    if allowed == found {
        return Ok(actions);
    }
    Err(Divergence::WrongState { changes: spec.value(&allowed).changes(&spec.value(&found)) })
}

fn not_enabled<S: Describe>(spec: &S, at: &S::State, action: &S::Action) -> Divergence {
    let kind = spec.action_kinds().get(spec.action_kind(action));
    Divergence::NotEnabled {
        kind: kind.map_or_else(|| format!("{action:?}"), ToString::to_string),
        action: spec.action_in_words(action),
        guard: spec.refusal(at, action),
        at: spec.value(at).to_string(),
    }
}

/// A refinement whose specification's type is forgotten, as a model's list of claims holds it.
pub trait AnyRefinement<M: Model>: Send + Sync {
    /// Whether an initial state of the model is one of the specification.
    ///
    /// # Errors
    /// When it is not.
    fn initial(&self, state: &M::State) -> Result<(), Divergence>;

    /// Whether a step of the model is a step of the specification, or several, or a stutter.
    ///
    /// # Errors
    /// How it strays.
    fn step(&self, before: &M::State, action: &M::Action, after: &M::State) -> Result<(), Divergence>;

    /// How often an action of each of the specification's kinds has explained a step since this was made, but for
    /// the kinds that its constants switch off.
    fn witnessed(&self) -> Vec<(&'static str, u64)>;
}

/// A refinement that counts which of the specification's actions it has seen.
pub(crate) struct RefinementOf<R> {
    refinement: R,
    witnessed: Vec<AtomicU64>,
}

impl<R: Refinement> RefinementOf<R> {
    pub(crate) fn new(refinement: R) -> Self {
        let witnessed = refinement.spec().action_kinds().iter().map(|_| AtomicU64::new(0)).collect();
        Self { refinement, witnessed }
    }
}

impl<M: Model, R> AnyRefinement<M> for RefinementOf<R>
where
    R: Refinement<Concrete = M::State, Event = M::Action> + Send + Sync,
{
    fn initial(&self, state: &M::State) -> Result<(), Divergence> {
        let (spec, found) = (self.refinement.spec(), self.refinement.abstraction(state));
        if spec.init_states().contains(&found) {
            return Ok(());
        }
        Err(Divergence::NotInitial { found: spec.value(&found).to_string() })
    }

    fn step(&self, before: &M::State, action: &M::Action, after: &M::State) -> Result<(), Divergence> {
        for action in follow(&self.refinement, before, action, after)? {
            if let Some(witnessed) = self.witnessed.get(self.refinement.spec().action_kind(&action)) {
                // A count that is read when all threads are done.
                witnessed.fetch_add(1, Ordering::Relaxed);
            }
        }
        Ok(())
    }

    fn witnessed(&self) -> Vec<(&'static str, u64)> {
        let spec = self.refinement.spec();
        let off = spec.switched_off();
        let kinds = spec.action_kinds().iter().zip(&self.witnessed);
        kinds.filter(|(kind, _)| !off.contains(kind)).map(|(&kind, n)| (kind, n.load(Ordering::Relaxed))).collect()
    }
}

impl fmt::Display for Divergence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Divergence::NotInitial { found } => {
                write!(f, "the initial state stands for {found}, which is no initial state of the specification")
            }
            Divergence::NotEnabled { action, guard, at, .. } => {
                write!(f, "the specification does not allow \"{action}\" in {at}")?;
                guard.map_or(Ok(()), |guard| write!(f, ": {guard} is false"))
            }
            Divergence::WrongState { changes } => {
                write!(f, "the specification's actions lead elsewhere:")?;
                for Change { path, before, after } in changes {
                    let show = |value: &Option<crate::Value>| {
                        value.as_ref().map_or_else(|| "nothing".to_owned(), ToString::to_string)
                    };
                    write!(f, " {path} is {} and should be {};", show(after), show(before))?;
                }
                Ok(())
            }
        }
    }
}
