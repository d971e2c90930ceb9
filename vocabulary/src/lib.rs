//! The words of a model beyond Stateright's.
//!
//! Stateright gives a model its states, its actions and three kinds of property. This crate adds what a
//! published specification also says: properties of steps and of whole behaviours ([`Temporal`]), fairness
//! ([`Fairness`]), refinement of another model ([`Refinement`]), what a model says of itself to people
//! ([`Describe`]), and its constants, bounds and mutants ([`Catalogued`]).
//!
//! A plain Stateright model needs none of it: [`Plain`] makes it checkable as it is.

#![forbid(unsafe_code)]

mod bits;
mod catalogue;
mod constants;
mod describe;
mod property;
mod refinement;
mod scene;
mod value;

pub use bits::BitSet;
pub use catalogue::{Bound, Catalogued, Counts, Mutant, Profile, PropertySet};
pub use constants::{Constant, ConstantError, Constants, Domain};
pub use describe::{Checkable, Describe, Plain};
pub use property::{
    ActionPredicate, Fairness, Formula, RunPredicate, StatePredicate, StepPredicate, Strength, Temporal,
};
pub use refinement::{ActionOf, AnyRefinement, Divergence, Refinement, StateOf, follow};
pub use scene::{Clause, Fault, Message, Scene};
pub use value::{Change, Value};

/// The traits of Stateright that a model implements, so that a model needs one import.
pub use stateright::{Expectation, Model, Property};
