//! What a client is doing, and what is on its way between it and the master.

use crate::Small;
use crate::map::small;

/// What a client is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Phase {
    /// It has no session yet.
    Fresh,
    /// It has a session and no use for the lock.
    Idle,
    /// It has asked for the lock.
    Waiting,
    /// It was granted the lock.
    Holding,
    /// It gives back what it has asked for, granted or not.
    Releasing,
    /// Its session is lost.
    Over,
    /// It has crashed, for ever.
    Crashed,
}

impl Phase {
    /// Whether the client has a session, or will have one.
    pub const fn is_alive(self) -> bool {
        !matches!(self, Phase::Over | Phase::Crashed)
    }

    /// What the client is doing, in a word.
    pub const fn name(self) -> &'static str {
        match self {
            Phase::Fresh => "fresh",
            Phase::Idle => "idle",
            Phase::Waiting => "waiting",
            Phase::Holding => "holding",
            Phase::Releasing => "releasing",
            Phase::Over => "over",
            Phase::Crashed => "crashed",
        }
    }
}

small!(Phase, 3 bits: 0 => Fresh, 1 => Idle, 2 => Waiting, 3 => Holding, 4 => Releasing, 5 => Over, _ => Crashed);

/// A `KeepAlive` that is under way, and how many ticks ago it was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Call {
    /// There is none.
    None,
    /// It is on its way to the master.
    Sent(u8),
    /// Its answer is on its way to the client.
    Answered(u8),
}

impl Call {
    /// A tick later. What is as old as a lease is worth nothing any more.
    #[must_use]
    pub const fn older(self, lease: u8) -> Self {
        match self {
            Call::Sent(age) if age + 1 < lease => Call::Sent(age + 1),
            Call::Answered(age) if age + 1 < lease => Call::Answered(age + 1),
            _ => Call::None,
        }
    }
}

impl Small for Call {
    const BITS: u32 = 4;

    #[inline]
    fn bits(self) -> u64 {
        match self {
            Call::None => 0,
            Call::Sent(age) => u64::from(age) + 1,
            Call::Answered(age) => u64::from(age) + 8,
        }
    }

    #[inline]
    fn of(bits: u64) -> Self {
        let number = bits as u8;
        match number {
            0 => Call::None,
            1..8 => Call::Sent(number - 1),
            _ => Call::Answered(number - 8),
        }
    }
}

/// The request of a client's present attempt that is on its way to the master.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Wire {
    /// There is none.
    None,
    /// For the lock.
    Acquire,
    /// To give it back.
    Release,
}

small!(Wire, 2 bits: 0 => None, 1 => Acquire, _ => Release);

/// What a client that waits by a watch is about to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Watch {
    /// To look who is before it.
    Looking,
    /// To sleep: the watch is set.
    Set,
    /// Nothing, until the watch tells it.
    Asleep,
}

small!(Watch, 2 bits: 0 => Looking, 1 => Set, _ => Asleep);
