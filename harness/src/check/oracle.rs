//! Stateright's own checker as an oracle.
//!
//! It explores the same model by its own breadth-first search and judges `always`, `can`, `step` and
//! `refinement`, and freedom from deadlock; of whole behaviours it says nothing, since its `eventually`
//! misses cycles and joins.

use super::claims::Claims;
use super::fingerprint::collision_probability;
use super::{Fingerprint, Options, Outcome, Watch};
use proofmark_vocabulary::Describe;
use std::sync::Arc;

pub(super) fn check<D: Describe>(
    model: &Arc<D>,
    claims: Claims<D>,
    options: &Options,
    watch: &dyn Watch,
) -> Result<Outcome, String> {
    let _ = (model, claims, options, watch, collision_probability(0, Fingerprint::Bits64));
    Err("under construction".into())
}
