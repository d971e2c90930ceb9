//! One model checked once, by our engine or by its peer, on some threads.

use proofmark_harness::check::{Options, check};
use proofmark_models::two_phase::TwoPhase;
use proofmark_vocabulary::{Catalogued, Constants, Describe, Plain};
use stateright::{Checker, Model};
use std::hash::Hash;
use std::sync::Arc;

/// A model that is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// Our `two-phase-commit` at its textbook bound.
    Shipped,
    /// The model of Stateright's own example, its state unchanged.
    Example,
}

/// A checker that is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checked {
    /// Our engine.
    Proofmark,
    /// Stateright's breadth-first search.
    Bfs,
    /// Stateright's depth-first search, which finds no shortest counterexamples.
    Dfs,
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
    /// The checkers, ours first.
    pub const ALL: [Self; 3] = [Self::Proofmark, Self::Bfs, Self::Dfs];

    /// The name in every output.
    pub const fn name(self) -> &'static str {
        match self {
            Checked::Proofmark => "proofmark",
            Checked::Bfs => "stateright 0.31 bfs",
            Checked::Dfs => "stateright 0.31 dfs",
        }
    }
}

impl Subject {
    /// The models.
    pub const ALL: [Self; 2] = [Self::Shipped, Self::Example];

    /// The name of the suite that measures it.
    pub const fn name(self) -> &'static str {
        match self {
            Subject::Shipped => "check/two-phase-commit",
            Subject::Example => "check/stateright-2pc-example",
        }
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
