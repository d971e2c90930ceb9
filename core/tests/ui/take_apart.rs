//! To take the outputs and leave the records.

use proofmark_core::{Core, Effects, Output};

fn take_apart<C: Core>(effects: Effects<C>) -> Vec<Output<C>> {
    let Effects { writes: _, outputs } = effects;
    outputs
}

fn main() {}
