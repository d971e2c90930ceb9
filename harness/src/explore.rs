//! Models to be walked through, state by state, by people who look.

mod space;

pub use space::{Disabled, Space, State, StateId, Step, Truth, Walk};
