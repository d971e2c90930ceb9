//! The guards of a model, each by its name.

/// Declares a model's `Guard`: the conditions that keep its actions from being enabled. The variants are the
/// paper's conditions; the names are what people, and mutants that drop a guard, call them. Its bugs must
/// have a `Drop(Guard)` and, where the model is tied to code, a `Never(Guard)`: so the model can be loosened and
/// tightened at each guard, and the links be seen to notice.
macro_rules! guards {
    ($model:ident $(, $never:ident)?: $($(#[doc = $says:literal])+ $guard:ident = $name:literal,)+) => {
        /// The conditions that keep an action from being enabled.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Guard { $($(#[doc = $says])+ $guard,)+ }

        impl Guard {
            /// The names of all guards.
            pub const NAMES: &'static [&'static str] = &[$($name),+];
            /// What each of them says, in the order of their names: the paper's condition.
            pub const SAYS: &'static [&'static str] = &[$(concat!($($says),+)),+];
            /// All guards, in the order of their names.
            pub const ALL: &'static [Self] = &[$(Self::$guard),+];

            /// The name of this one.
            pub const fn name(self) -> &'static str {
                Self::NAMES[self as usize]
            }
        }

        impl $model {
            /// That a guard holds, or that the mutant drops it.
            #[inline]
            fn require(&self, holds: bool, guard: Guard) -> Result<(), Guard> {
                $(
                    if self.bug == Some(Bug::$never(guard)) {
                        return Err(guard);
                    }
                )?
                if holds || self.bug == Some(Bug::Drop(guard)) { Ok(()) } else { Err(guard) }
            }
        }
    };
}

/// What `Describe` says of a model that is written with [`guards!`] and whose `take` tells the guard that
/// refuses an action.
macro_rules! guarded {
    () => {
        fn guards(&self) -> &'static [&'static str] {
            Guard::NAMES
        }

        fn guard_says(&self, guard: &str) -> Option<&'static str> {
            let at = Guard::NAMES.iter().position(|name| *name == guard)?;
            Guard::SAYS.get(at).map(|says| says.trim())
        }

        fn refusal(&self, state: &Self::State, action: &Self::Action) -> Option<&'static str> {
            self.take(state, *action).err().map(Guard::name)
        }

        fn file(&self) -> Option<&'static str> {
            Some(file!())
        }
    };
}
pub(crate) use {guarded, guards};
