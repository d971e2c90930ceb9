//! Locks.

pub mod table;
