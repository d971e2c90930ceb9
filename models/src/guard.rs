//! The guards of a model, each by its name.

/// Declares a model's `Guard`: the conditions that keep its actions from being enabled. The variants are the
/// paper's conditions; the names are what people, and mutants that drop a guard, call them.
macro_rules! guards {
    ($($(#[$doc:meta])* $guard:ident = $name:literal,)+) => {
        /// The conditions that keep an action from being enabled.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Guard { $($(#[$doc])* $guard,)+ }

        impl Guard {
            /// The names of all guards.
            pub const NAMES: &'static [&'static str] = &[$($name),+];

            /// The name of this one.
            pub const fn name(self) -> &'static str {
                Self::NAMES[self as usize]
            }
        }
    };
}
pub(crate) use guards;
