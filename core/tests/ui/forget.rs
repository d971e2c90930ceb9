//! To drop the effects of a step without a word.
#![deny(unused_must_use)]

use proofmark_core::{Core, Input, Time};

fn forget<C: Core>(core: &mut C, input: Input<C>) {
    core.step(Time::default(), input);
}

fn main() {}
