//! The words of a node.
//!
//! A protocol is a [`Core`]: a plain value without input or output, clock, thread or randomness. It takes one
//! [`Input`] and answers with one value of [`Effects`]; whoever drives it (a server, the simulator, the model
//! checker) carries the effects out. So the code that is checked is the code that is shipped.
//!
//! What must be on disk before anything is sent is a matter of types: the outputs of a step are private, and
//! leave by [`Effects::release`] alone, after its records have been synced.

mod effects;
mod log;

pub use effects::{Effects, Output, Wait};
pub use log::{Log, MemoryLog};

use serde::{Deserialize, Serialize};
use std::fmt::{self, Debug};
use std::hash::Hash;
use std::ops::{Add, Sub};
use std::time::Duration;

/// A node of a protocol, all of it but its surroundings: deterministic, and total.
///
/// Two cores that are equal behave alike from there on: nothing that matters is left out of `Eq` and `Hash`.
pub trait Core: Clone + Debug + Eq + Hash + Send + Sync + 'static {
    /// What a node is told when it is built: who it is, and how long it waits.
    type Config: Clone + Debug + Send + Sync + 'static;
    /// What nodes send each other.
    type Message: Part;
    /// What is written ahead.
    type Record: Part;
    /// What a client asks for.
    type Request: Part;
    /// What a client is told; it says itself which request it answers.
    type Reply: Part;
    /// The name of something that is waited for.
    type Timer: Part;

    /// Rebuilds a node from its durable records, in the order in which they were written. A first start is a
    /// recovery from none. No timer is armed but those that the effects arm.
    fn recover(config: &Self::Config, records: &[Self::Record]) -> (Self, Effects<Self>);

    /// Takes one input. Any input may come at any time, and none is an error.
    fn step(&mut self, now: Time, input: Input<Self>) -> Effects<Self>;
}

/// A piece of what a core takes or gives: it can be compared, shown, kept and written.
pub trait Part:
    Clone + Debug + Eq + Ord + Hash + Serialize + for<'de> Deserialize<'de> + Send + Sync + 'static
{
}

impl<T> Part for T where
    T: Clone + Debug + Eq + Ord + Hash + Serialize + for<'de> Deserialize<'de> + Send + Sync + 'static
{
}

/// What a core has none of: its messages if it sends none, its records if it writes none, its timers if it waits for
/// nothing. There is no value of it, so what cannot happen to such a core is known from its types.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Never {}

/// What can happen to a node.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Input<C: Core> {
    /// A message has arrived.
    Receive {
        /// Who sent it.
        from: NodeId,
        /// What it says.
        message: C::Message,
    },
    /// A client asks for something.
    Request(C::Request),
    /// What was waited for is over, and the timer is armed no more.
    Fired(C::Timer),
}

/// A node's name in its cluster, from 0.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NodeId(pub u16);

impl NodeId {
    /// The name as an index.
    pub fn index(self) -> usize {
        self.0.into()
    }
}

/// As short as `Display`, since it is in everything that is shown.
impl Debug for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// A moment on one node's clock, which never goes back: nanoseconds since an origin that nobody may rely on.
/// Clocks of two nodes, and of one node before and after a restart, have nothing in common.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Time(u64);

impl Time {
    /// The moment so many nanoseconds after the origin.
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// Nanoseconds since the origin.
    pub const fn as_nanos(self) -> u64 {
        self.0
    }
}

impl Add<Duration> for Time {
    type Output = Self;

    /// The later moment; the last one there is when that would be beyond it, after 584 years.
    fn add(self, duration: Duration) -> Self {
        let nanos = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        Self(self.0.saturating_add(nanos))
    }
}

impl Sub for Time {
    type Output = Duration;

    /// The time between, or none when `earlier` is the later.
    fn sub(self, earlier: Self) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_neither_wrap_nor_go_back() {
        let last = Time::from_nanos(u64::MAX);
        assert_eq!(last + Duration::from_secs(1), last);
        assert_eq!(Time::from_nanos(1) - last, Duration::ZERO);
        assert_eq!(Time::from_nanos(7) + Duration::from_nanos(3) - Time::from_nanos(7), Duration::from_nanos(3));
    }
}
