//! Small programs of some threads that meet at a lock table: loom runs them in every interleaving, shuttle in random
//! ones, and real threads as it happens.
//!
//! Each case is one function. What its threads call and are told is a history, and the judge that comes from outside
//! says whether a lock table may behave so. What a case asserts itself is what a history cannot tell: that what a lock
//! protects is ordered by it, that sequencers grow, and that nothing is left behind.

mod bodies;
mod crowds;
mod history;
mod stage;

pub use crate::table::{self, Bug, Mode, Refused};
pub use history::{Answer, History, Moment, Operation, Recorder};

use stage::Stage;
use std::sync::Arc;
use table::Policy;

/// A program of some threads.
#[derive(Clone, Copy)]
pub struct Case {
    /// Its name.
    pub name: &'static str,
    /// What happens in it, in a sentence.
    pub about: &'static str,
    /// How many threads there are, the first one included.
    pub threads: usize,
    /// How many keys they lock.
    pub keys: usize,
    /// What the table does about deadlocks.
    pub policy: Policy,
    /// How often it looks again at a key that is taken before somebody waits.
    pub looks: u32,
    body: fn(&Stage),
}

impl Case {
    /// Those of a few threads, whose interleavings can all be explored, and whose histories a model can judge.
    pub fn all() -> impl Iterator<Item = &'static Self> {
        bodies::CASES.iter()
    }

    /// Those of many threads, which draw what they do.
    pub fn crowds() -> impl Iterator<Item = &'static Self> {
        crowds::CROWDS.iter()
    }

    /// Runs the case once, on a table of its own; what its threads did. `begins` is told before where that is recorded.
    ///
    /// # Panics
    /// When something is wrong that a history does not tell.
    pub fn run(&self, bug: Option<Bug>, begins: impl FnOnce(&Arc<Recorder>)) -> History {
        let stage = Stage::new(self.policy, self.keys, self.looks, bug);
        begins(stage.recorder());
        (self.body)(&stage);
        stage.is_over();
        stage.recorder().history()
    }
}
