//! Bugs planted on purpose.

use std::fmt;
use std::marker::PhantomData;

/// The bug that is planted in a core, if any. Without the feature `mutants` there is none, and it takes no
/// space.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Planted<B> {
    #[cfg(feature = "mutants")]
    bug: Option<B>,
    of: PhantomData<B>,
}

impl<B> Planted<B> {
    /// None.
    pub const fn none() -> Self {
        Self {
            #[cfg(feature = "mutants")]
            bug: None,
            of: PhantomData,
        }
    }

    /// This one.
    #[cfg(feature = "mutants")]
    pub const fn some(bug: B) -> Self {
        Self { bug: Some(bug), of: PhantomData }
    }
}

impl<B: Copy + PartialEq> Planted<B> {
    /// Whether it is this one.
    #[inline]
    pub fn is(&self, bug: B) -> bool {
        #[cfg(feature = "mutants")]
        return self.bug == Some(bug);
        #[cfg(not(feature = "mutants"))]
        {
            let _ = bug;
            false
        }
    }
}

impl<B> Default for Planted<B> {
    fn default() -> Self {
        Self::none()
    }
}

impl<B: fmt::Debug> fmt::Debug for Planted<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        #[cfg(feature = "mutants")]
        return self.bug.fmt(f);
        #[cfg(not(feature = "mutants"))]
        f.write_str("None")
    }
}
