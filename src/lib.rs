//! The roof: what is registered, and later the mappings from code to model.

#![forbid(unsafe_code)]

mod registry;

pub use registry::registry;
