//! The roof: what is registered, and the mappings from code to model.

#![forbid(unsafe_code)]

mod mappings;
mod registry;

pub use registry::registry;
