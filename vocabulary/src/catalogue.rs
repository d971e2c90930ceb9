//! What a model offers to be checked at: its bounds and the bugs planted in it.

use crate::{Constant, ConstantError, Constants, Describe, Value};

/// A model with a name, constants, bounds and mutants: all that `proofmark` needs to check it.
pub trait Catalogued: Describe + Sized {
    /// A bug that can be planted in the model.
    type Bug: Copy + Send + Sync + 'static;

    /// The name on the command line, such as `two-phase-commit`.
    const NAME: &'static str;
    /// The source with its section, and what the model is about, in one or two sentences.
    const ABOUT: &'static str;
    /// The bugs, each with the property that must notice it.
    const MUTANTS: &'static [Mutant<Self::Bug>];

    /// The constants that it has.
    fn constants() -> Vec<Constant>;

    /// The bounds that it is checked at. The first is `ci`.
    fn bounds() -> Vec<Bound>;

    /// The model with these constants, and with a bug planted if one is named.
    ///
    /// # Errors
    /// When the constants, each within its domain, do not fit together.
    fn new(constants: &Constants, bug: Option<Self::Bug>) -> Result<Self, ConstantError>;
}

/// A named choice of constants, of the properties checked there and of the failures expected there.
#[derive(Clone, Debug)]
pub struct Bound {
    /// The name: `ci`, `textbook`, `deep`, or one that says what it shows.
    pub name: &'static str,
    /// What the bound is for, in one sentence.
    pub about: &'static str,
    /// When `verify` checks it.
    pub profile: Profile,
    /// The constants.
    pub constants: Vec<(&'static str, Value)>,
    /// The properties that are checked there.
    pub properties: PropertySet,
    /// The properties that must fail there: exactly these. A failure that stays away is as bad as another.
    pub expected: &'static [&'static str],
    /// What an exhaustive search finds, where it is recorded; held by a test.
    pub counts: Option<Counts>,
}

/// Which of a model's properties a bound checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PropertySet {
    /// All of them.
    All,
    /// All but these.
    AllBut(&'static [&'static str]),
}

/// When `verify` checks a bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Profile {
    /// On every run: seconds.
    Ci,
    /// With `--profile deep` alone: minutes to an hour.
    Deep,
}

/// The recorded size of a state space.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    /// Initial states plus every successor of every distinct state.
    pub generated: u64,
    /// Distinct states.
    pub distinct: u64,
    /// States on the longest shortest path, the initial one being 1.
    pub depth: u64,
}

/// A bug, planted on purpose, and the property that must notice it.
#[derive(Clone, Copy, Debug)]
pub struct Mutant<B> {
    /// The name; a real bug bears the slug of its entry in the list of bugs.
    pub name: &'static str,
    /// The bug.
    pub bug: B,
    /// The smallest bound that shows it.
    pub bound: &'static str,
    /// The property that must fail. The failure of another is not a kill.
    pub property: &'static str,
    /// What the bug teaches, in one sentence, with the source of a real one.
    pub lesson: &'static str,
}

impl PropertySet {
    /// Whether the bound checks the property of that name.
    pub fn includes(self, name: &str) -> bool {
        match self {
            PropertySet::All => true,
            PropertySet::AllBut(left_out) => !left_out.contains(&name),
        }
    }
}
