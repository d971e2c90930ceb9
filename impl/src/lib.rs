//! What we ship: production implementations, written as sans-io cores.
//!
//! This crate knows no model. What it must do is stated in the models, and that it does so is checked from
//! outside, by links that neither side can bend.

pub mod locks;
mod planted;
mod sync;
pub mod two_phase;

pub use planted::Planted;
