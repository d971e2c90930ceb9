//! One model checked once, by our engine or by its peer, on some threads.

use clap::ValueEnum;
use proofmark_harness::check::{Options, check};
use proofmark_models::two_phase::TwoPhase;
use proofmark_vocabulary::{Catalogued, Constants, Describe, Plain};
use stateright::{Checker, Model};
use std::hash::Hash;
use std::sync::Arc;

/// A model that is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Subject {
    /// Our `two-phase-commit` at its textbook bound.
    #[value(name = "check/two-phase-commit")]
    Shipped,
    /// The model of Stateright's own example, its state unchanged.
    #[value(name = "check/stateright-2pc-example")]
    Example,
}

/// A checker that is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Checked {
    /// Our engine.
    #[value(name = "proofmark")]
    Proofmark,
    /// Stateright's breadth-first search.
    #[value(name = "stateright 0.31 bfs")]
    Bfs,
    /// Stateright's depth-first search, which finds no shortest counterexamples.
    #[value(name = "stateright 0.31 dfs")]
    Dfs,
}

/// Whose memory a process works with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Allocator {
    /// That of our shipped binary.
    Mimalloc,
    /// What a program has that chooses none, as Stateright and its examples.
    System,
}

impl Allocator {
    /// The program of this package that works with it.
    pub const fn program(self) -> &'static str {
        match self {
            Allocator::Mimalloc => "with-mimalloc",
            Allocator::System => "with-system-allocator",
        }
    }
}

/// A checker in a process with that allocator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contender {
    /// The checker.
    pub by: Checked,
    /// Its memory.
    pub allocator: Allocator,
}

impl Contender {
    /// All of them: as their users find them, and each with the other's allocator.
    pub const ALL: [Self; 6] = {
        use Allocator::{Mimalloc, System};
        use Checked::{Bfs, Dfs, Proofmark};
        [
            Self { by: Proofmark, allocator: Mimalloc },
            Self { by: Bfs, allocator: System },
            Self { by: Dfs, allocator: System },
            Self { by: Proofmark, allocator: System },
            Self { by: Bfs, allocator: Mimalloc },
            Self { by: Dfs, allocator: Mimalloc },
        ]
    };

    /// The name in every output; it tells the allocator where that is not the one that users find.
    pub fn name(self) -> String {
        let note = match (self.by, self.allocator) {
            (Checked::Proofmark, Allocator::Mimalloc) | (Checked::Bfs | Checked::Dfs, Allocator::System) => "",
            (Checked::Proofmark, Allocator::System) => ", system allocator",
            (Checked::Bfs | Checked::Dfs, Allocator::Mimalloc) => ", mimalloc",
        };
        format!("{}{note}", self.by.name())
    }
}

/// The size of the state space that was explored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Explored {
    /// Initial states and successors.
    pub generated: u64,
    /// Distinct states.
    pub distinct: u64,
}

impl Checked {
    /// The name in every output.
    pub fn name(self) -> String {
        crate::name(&self)
    }
}

impl Subject {
    /// The name of the suite that measures it.
    pub fn name(self) -> String {
        crate::name(&self)
    }

    /// Explores the whole state space for so many participants, judging the properties of states that the
    /// model has: the same for every checker.
    ///
    /// # Panics
    /// When the model refuses the number of participants.
    pub fn explore(self, by: Checked, participants: usize, threads: usize) -> Explored {
        match self {
            Subject::Shipped => explore(shipped(participants), by, threads),
            Subject::Example => example::explore(by, participants, threads),
        }
    }
}

fn shipped(participants: usize) -> TwoPhase {
    let bound = TwoPhase::bounds().into_iter().find(|bound| bound.name == "textbook").expect("it has a textbook bound");
    let set = participants.to_string();
    let constants = Constants::choose(&TwoPhase::constants(), &bound.constants, [("participants", set.as_str())]);
    TwoPhase::new(&constants.expect("within the domain"), None).expect("any number fits")
}

fn explore<D: Describe>(model: D, by: Checked, threads: usize) -> Explored {
    match by {
        Checked::Proofmark => ours(model, threads),
        Checked::Bfs => theirs(&model.checker().threads(threads).spawn_bfs().join()),
        Checked::Dfs => theirs(&model.checker().threads(threads).spawn_dfs().join()),
    }
}

/// Stateright judges properties of states alone, so ours does too.
fn ours<D: Describe>(model: D, threads: usize) -> Explored {
    let of_steps: Vec<_> = model.temporal().iter().map(|claim| claim.name).collect();
    let options = Options { threads, ..Options::default() };
    let outcome = check(&Arc::new(model), |name| !of_steps.contains(&name), &options, &()).expect("the options fit");
    Explored { generated: outcome.generated, distinct: outcome.distinct }
}

fn theirs<M: Model<State: Hash>>(checker: &impl Checker<M>) -> Explored {
    Explored { generated: checker.state_count() as u64, distinct: checker.unique_state_count() as u64 }
}

/// Stateright's example, taken from its sources by the build script.
#[allow(dead_code, unused_imports, clippy::pedantic, reason = "it is not ours to change")]
mod example {
    include!(concat!(env!("OUT_DIR"), "/example_2pc.rs"));

    pub(super) fn explore(by: super::Checked, participants: usize, threads: usize) -> super::Explored {
        let model = TwoPhaseSys { rms: 0..participants };
        match by {
            super::Checked::Proofmark => super::ours(super::Plain(model), threads),
            super::Checked::Bfs => super::theirs(&model.checker().threads(threads).spawn_bfs().join()),
            super::Checked::Dfs => super::theirs(&model.checker().threads(threads).spawn_dfs().join()),
        }
    }
}
