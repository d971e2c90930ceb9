//! The subjects that are measured: one model, checked by one checker.

pub mod subjects;
