//! How models and code are held together, for any protocol: the checking engine, its reports and the
//! command line.

#![forbid(unsafe_code)]

pub mod check;
pub mod judgement;
pub mod memory;
pub mod mutants;
pub mod report;
