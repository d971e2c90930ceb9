//! To look at what a step sends before it is released.

use proofmark_core::{Core, Effects};

fn peek<C: Core>(effects: &Effects<C>) -> usize {
    effects.outputs.len()
}

fn main() {}
