//! What can go wrong, how often, and how often it did.

use super::Dice;
use crate::cluster::is_never;
use proofmark_core::Core;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

/// A kind of fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fault {
    /// A message is lost.
    Loss,
    /// A message arrives twice.
    Duplication,
    /// A message takes far longer than others, which overtake it.
    Delay,
    /// A message between two sets of nodes is lost, as all are for a while.
    Partition,
    /// A message from one set of nodes to another is lost, as all are for a while, and not those the other way.
    OneWayPartition,
    /// A node starts whose clock runs faster or slower than others.
    Drift,
    /// A clock jumps forward.
    Jump,
    /// A node stops between two events.
    Crash,
    /// A node stops while it writes: some of the records are lost, or all of them, or none.
    TornWrite,
    /// A node finds no space on its disk, and stops.
    FullDisk,
    /// A node's disk reports an error, and nobody knows what is on it; the node stops.
    FailingDisk,
}

/// How often things go wrong, and how much. What comes over all nodes at drawn moments is a [`Spell`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Faults {
    /// How many messages of a thousand are lost.
    pub loss: u16,
    /// How many messages of a thousand arrive twice.
    pub duplication: u16,
    /// How many messages of a thousand take longer than others.
    pub delay: u16,
    /// How much longer at most.
    pub longest_delay: Duration,
    /// Partitions both ways.
    pub partition: Spell,
    /// Partitions one way.
    pub one_way_partition: Spell,
    /// By how many millionths a clock runs faster or slower than time passes, at most; never by half.
    pub drift: u32,
    /// Jumps of a clock, and how far.
    pub jump: Spell,
    /// Crashes between two events.
    pub crash: Spell,
    /// How many writes of a thousand are torn.
    pub torn_write: u16,
    /// Disks without space.
    pub full_disk: Spell,
    /// Disks that report errors.
    pub failing_disk: Spell,
    /// How long a node is down that has stopped for whatever reason, on average.
    pub down: Duration,
}

/// Something that comes over a node, or the network, at drawn moments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spell {
    /// How much time is between two, on average; none for never.
    pub every: Duration,
    /// How long one is, on average. It is of no account to a crash.
    pub length: Duration,
}

/// How often faults have fired. A fault fires when it makes a difference: a partition that no message meets has not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Fired(BTreeMap<Fault, u64>);

impl Fault {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Loss,
        Self::Duplication,
        Self::Delay,
        Self::Partition,
        Self::OneWayPartition,
        Self::Drift,
        Self::Jump,
        Self::Crash,
        Self::TornWrite,
        Self::FullDisk,
        Self::FailingDisk,
    ];

    /// Those that make a difference to a core, as its types tell: it sends, it writes, it waits. One that neither sends
    /// nor writes has nothing to recover or to miss: it crashes together with whoever asks it.
    pub fn of<C: Core>() -> impl Iterator<Item = Self> {
        let (sends, writes) = (!is_never::<C::Message>(), !is_never::<C::Record>());
        let waits = !is_never::<C::Timer>();
        Self::ALL.into_iter().filter(move |fault| match fault {
            Self::Loss | Self::Duplication | Self::Delay | Self::Partition | Self::OneWayPartition => sends,
            Self::Drift | Self::Jump => waits,
            Self::Crash => sends || writes,
            Self::TornWrite | Self::FullDisk | Self::FailingDisk => writes,
        })
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Loss => "a message is lost",
            Self::Duplication => "a message arrives twice",
            Self::Delay => "a message is delayed",
            Self::Partition => "a partition stops a message",
            Self::OneWayPartition => "a one-way partition stops a message",
            Self::Drift => "a clock drifts",
            Self::Jump => "a clock jumps forward",
            Self::Crash => "a node crashes",
            Self::TornWrite => "a node stops while it writes",
            Self::FullDisk => "a disk is full",
            Self::FailingDisk => "a disk reports an error",
        })
    }
}

impl Spell {
    /// Never.
    pub const NEVER: Self = Self { every: Duration::ZERO, length: Duration::ZERO };

    /// One so long every so often, in milliseconds.
    pub const fn millis(every: u64, length: u64) -> Self {
        Self { every: Duration::from_millis(every), length: Duration::from_millis(length) }
    }
}

impl Faults {
    /// Nothing goes wrong.
    pub const fn none() -> Self {
        Self {
            loss: 0,
            duplication: 0,
            delay: 0,
            longest_delay: Duration::ZERO,
            partition: Spell::NEVER,
            one_way_partition: Spell::NEVER,
            drift: 0,
            jump: Spell::NEVER,
            crash: Spell::NEVER,
            torn_write: 0,
            full_disk: Spell::NEVER,
            failing_disk: Spell::NEVER,
            down: Duration::ZERO,
        }
    }

    /// Everything goes wrong, often enough that a run of some seconds sees most of it, and seldom enough that nodes
    /// get something done in between.
    pub const fn all() -> Self {
        Self {
            loss: 50,
            duplication: 50,
            delay: 50,
            longest_delay: Duration::from_secs(3),
            partition: Spell::millis(3_000, 1_000),
            one_way_partition: Spell::millis(3_000, 1_000),
            drift: 10_000,
            jump: Spell::millis(4_000, 1_500),
            crash: Spell::millis(3_000, 0),
            torn_write: 30,
            full_disk: Spell::millis(4_000, 1_500),
            failing_disk: Spell::millis(4_000, 1_000),
            down: Duration::from_millis(500),
        }
    }

    /// The same without one.
    #[must_use]
    pub const fn without(mut self, fault: Fault) -> Self {
        match fault {
            Fault::Loss => self.loss = 0,
            Fault::Duplication => self.duplication = 0,
            Fault::Delay => self.delay = 0,
            Fault::Partition => self.partition = Spell::NEVER,
            Fault::OneWayPartition => self.one_way_partition = Spell::NEVER,
            Fault::Drift => self.drift = 0,
            Fault::Jump => self.jump = Spell::NEVER,
            Fault::Crash => self.crash = Spell::NEVER,
            Fault::TornWrite => self.torn_write = 0,
            Fault::FullDisk => self.full_disk = Spell::NEVER,
            Fault::FailingDisk => self.failing_disk = Spell::NEVER,
        }
        self
    }

    /// Those of one run: each kind that the core can have is in it or not, and one run of eight is calm. A fault that is
    /// always there hides what only happens without it: where every other message is lost, nothing long ever comes to
    /// its end.
    pub(super) fn drawn<C: Core>(self, dice: &mut Dice) -> Self {
        let calm = dice.below(8) == 0;
        let left_out = |fault: &Fault| dice.per_mille(500) || calm || Fault::of::<C>().all(|other| other != *fault);
        Fault::ALL.into_iter().filter(left_out).fold(self, Self::without)
    }

    /// What comes at drawn moments.
    pub(super) fn spells(&self) -> [(Fault, Spell); 6] {
        [
            (Fault::Partition, self.partition),
            (Fault::OneWayPartition, self.one_way_partition),
            (Fault::Jump, self.jump),
            (Fault::Crash, self.crash),
            (Fault::FullDisk, self.full_disk),
            (Fault::FailingDisk, self.failing_disk),
        ]
    }
}

impl Fired {
    /// Adds what has fired in another run.
    pub fn add(&mut self, other: &Self) {
        for (&fault, times) in &other.0 {
            *self.0.entry(fault).or_default() += times;
        }
    }

    /// How often one has.
    pub fn of(&self, fault: Fault) -> u64 {
        self.0.get(&fault).copied().unwrap_or_default()
    }

    /// Those that have not: nothing is known of what the code does when they do.
    pub fn never_fired(&self) -> Vec<Fault> {
        Fault::ALL.into_iter().filter(|&fault| self.of(fault) == 0).collect()
    }

    pub(super) fn count(&mut self, fault: Fault) {
        *self.0.entry(fault).or_default() += 1;
    }
}
