//! How models and code are held together, for any protocol: the checking engine, its reports and the
//! command line.

#![forbid(unsafe_code)]

pub mod beside;
pub mod check;
pub mod cli;
pub mod cluster;
pub mod conform;
pub mod corpus;
pub mod cover;
mod distinct;
pub mod excerpt;
pub mod explain;
pub mod explore;
pub mod history;
pub mod interleave;
pub mod itf;
pub mod judgement;
pub mod links;
pub mod mapping;
pub mod memory;
pub mod mutants;
mod panics;
pub mod place;
pub mod registry;
pub mod replay;
pub mod report;
pub mod sim;
pub mod store;
pub mod trace;

/// The README's example compiles.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
