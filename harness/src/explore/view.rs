//! What the explorer's server says and is asked, as JSON: version 1 of its API.
//!
//! A state is named by its fingerprint, 16 hexadecimal digits that are the same on every run of the same model.

mod check;
mod graph;
mod models;
mod paths;
mod runs;
mod states;

pub use check::*;
pub use graph::*;
pub use models::*;
pub use paths::*;
pub use runs::*;
pub use states::*;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A state's name.
pub type StateName = String;

/// The name of a state with this fingerprint.
pub fn name_of(fingerprint: u64) -> StateName {
    format!("{fingerprint:016x}")
}

/// The fingerprint in a state's name; `None` when it is no such name.
pub fn fingerprint_in(name: &str) -> Option<u64> {
    (name.len() == 16).then(|| u64::from_str_radix(name, 16).ok()).flatten()
}

/// Why something is refused.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct RefusalView {
    /// What, where and what to do.
    pub error: String,
}
