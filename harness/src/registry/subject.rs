//! A built model behind an object-safe trait.

use crate::check::{self, Options, Outcome, Watch};
use crate::explore::{Space, Walk};
use crate::replay::{self, Missed, Played, Replay, Script};
use crate::store::Saved;
use proofmark_vocabulary::Describe;
use std::sync::Arc;

/// A claim of a model, by name and kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The name.
    pub name: &'static str,
    /// The kind.
    pub kind: &'static str,
    /// Whether its counterexamples are infinite behaviours.
    pub needs_graph: bool,
}

/// A model, its type forgotten.
pub trait Subject: Send + Sync {
    /// What it claims, deadlock freedom included where it claims that.
    fn claims(&self) -> Vec<Claim>;

    /// The source file that states them, where the model tells.
    fn file(&self) -> Option<&'static str>;

    /// Whether it has a symmetry.
    fn has_symmetry(&self) -> bool;

    /// Explores it: see [`check::check`].
    ///
    /// # Errors
    /// When the options do not fit the model: nothing was explored.
    fn check(&self, selected: &dyn Fn(&str) -> bool, options: &Options, watch: &dyn Watch) -> Result<Outcome, String>;

    /// Steps a kept counterexample through it: see [`replay`].
    fn replay(&self, saved: &Saved) -> Replay;

    /// Takes the actions of a kept counterexample again, wherever they lead now, and judges that.
    fn rerun(&self, saved: &Saved) -> Replay;

    /// Steps a script through it, which has the bug that the script names if it is `planted`: see [`replay::run`].
    ///
    /// # Errors
    /// The first line that is not as it says.
    fn play(&self, script: &Script, planted: bool, selected: &dyn Fn(&str) -> bool) -> Result<Played, Missed>;

    /// Its states, to be walked through.
    fn walk(&self) -> Box<dyn Walk>;
}

impl<D: Describe> Subject for Arc<D> {
    fn claims(&self) -> Vec<Claim> {
        let stated = D::claims(self);
        let stated = stated.iter().map(|claim| Claim {
            name: claim.name,
            kind: claim.formula.kind(),
            needs_graph: claim.formula.needs_graph(),
        });
        let deadlock = Claim { name: "deadlock", kind: "deadlock", needs_graph: false };
        stated.chain(self.forbids_deadlock().then_some(deadlock)).collect()
    }

    fn file(&self) -> Option<&'static str> {
        D::file(self)
    }

    fn has_symmetry(&self) -> bool {
        self.init_states().first().is_some_and(|state| self.canonical(state).is_some())
    }

    fn check(&self, selected: &dyn Fn(&str) -> bool, options: &Options, watch: &dyn Watch) -> Result<Outcome, String> {
        check::check(self, selected, options, watch)
    }

    fn replay(&self, saved: &Saved) -> Replay {
        replay::replay(&**self, saved)
    }

    fn rerun(&self, saved: &Saved) -> Replay {
        replay::rerun(&**self, saved)
    }

    fn play(&self, script: &Script, planted: bool, selected: &dyn Fn(&str) -> bool) -> Result<Played, Missed> {
        replay::play(&**self, script, planted, selected)
    }

    fn walk(&self) -> Box<dyn Walk> {
        Box::new(Space::of(Arc::clone(self)))
    }
}
