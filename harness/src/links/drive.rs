//! The paths of the model, driven on the code (L3).

use super::runs::{Linkage, Plan};
use super::Linked;
use crate::registry::InputError;

pub(super) fn drive<S: Linked>(plan: &Plan<'_>, stop: &(dyn Fn() -> bool + Sync)) -> Result<Linkage, InputError> {
    let _ = (plan, stop);
    Err(InputError::new("not yet"))
}
