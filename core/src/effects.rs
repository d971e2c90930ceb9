//! What a step asks of the world.

use crate::{Core, Log, NodeId};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::io;
use std::time::Duration;

/// What one step asks of the world: records to write, and outputs that may be seen once these are durable.
///
/// There is no way to the outputs but [`Self::release`], so no driver can forget to sync.
#[must_use = "effects that are not released are records and messages lost"]
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Effects<C: Core> {
    writes: Vec<C::Record>,
    outputs: Vec<Output<C>>,
}

/// What others see of a step.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Output<C: Core> {
    /// A message to another node.
    Send {
        /// To whom.
        to: NodeId,
        /// What it says.
        message: C::Message,
    },
    /// An answer to a client.
    Reply(C::Reply),
    /// Waits, after which the timer fires once. A timer that is armed already is armed anew.
    Arm {
        /// What is waited for.
        timer: C::Timer,
        /// How long.
        wait: Wait,
    },
    /// The timer does not fire any more.
    Disarm(C::Timer),
}

/// How long to wait: a duration that the driver draws between two bounds, so that nodes need no randomness.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Wait {
    /// At least so long.
    pub least: Duration,
    /// At most so long.
    pub most: Duration,
}

impl Wait {
    /// Exactly so long.
    pub const fn of(duration: Duration) -> Self {
        Self { least: duration, most: duration }
    }
}

impl<C: Core> Effects<C> {
    /// None.
    pub fn none() -> Self {
        Self { writes: Vec::new(), outputs: Vec::new() }
    }

    /// Adds a record, which is durable before any output of these effects is seen.
    pub fn write(mut self, record: C::Record) -> Self {
        self.writes.push(record);
        self
    }

    /// Adds a message.
    pub fn send(self, to: NodeId, message: C::Message) -> Self {
        self.output(Output::Send { to, message })
    }

    /// Adds an answer to a client.
    pub fn reply(self, reply: C::Reply) -> Self {
        self.output(Output::Reply(reply))
    }

    /// Arms a timer.
    pub fn arm(self, timer: C::Timer, wait: Wait) -> Self {
        self.output(Output::Arm { timer, wait })
    }

    /// Disarms a timer.
    pub fn disarm(self, timer: C::Timer) -> Self {
        self.output(Output::Disarm(timer))
    }

    /// Puts a later step's effects behind these, so that both share one sync.
    pub fn then(mut self, later: Self) -> Self {
        self.writes.extend(later.writes);
        self.outputs.extend(later.outputs);
        self
    }

    /// Makes the records durable and only then hands over the outputs.
    ///
    /// # Errors
    /// When the log fails. That is a crash: the outputs are gone, what is on disk is unknown, and the node must
    /// [`Core::recover`] from its log.
    pub fn release(self, log: &mut impl Log<C::Record>) -> io::Result<Vec<Output<C>>> {
        if !self.writes.is_empty() {
            log.append(&self.writes)?;
            log.sync()?;
        }
        Ok(self.outputs)
    }

    fn output(mut self, output: Output<C>) -> Self {
        self.outputs.push(output);
        self
    }
}

impl<C: Core> Default for Effects<C> {
    fn default() -> Self {
        Self::none()
    }
}

/// The records, and how many outputs there are: to show them would be a way to see them.
impl<C: Core> fmt::Debug for Effects<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { writes, outputs } = self;
        f.debug_struct("Effects").field("writes", writes).field("outputs", &outputs.len()).finish()
    }
}
