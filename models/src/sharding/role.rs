//! What a node has on record of an arc.

/// How far a node is with an arc, and in which view.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Role {
    /// How far.
    pub phase: Phase,
    /// The view: of a handoff, the one in which the arc is the receiver's.
    pub view: u8,
}

/// How far a node is with an arc.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Phase {
    /// It has nothing of it.
    #[default]
    Away,
    /// The arc is on its way here.
    Receiving,
    /// It serves the arc.
    Serving,
    /// It serves the arc and copies it to the next owner. On disk it serves it.
    Handing,
    /// It copies the rest, and serves nothing. On disk it serves it.
    Frozen,
    /// It has given the arc away, and does not know whether that was heard.
    Switched,
    /// Another node has it; what is still here is of no use.
    Gone,
}

impl Role {
    /// The role.
    #[inline]
    pub const fn new(phase: Phase, view: u8) -> Self {
        Self { phase, view }
    }

    /// Whether it is this one.
    #[inline]
    pub fn is(self, phase: Phase, view: usize) -> bool {
        self.phase == phase && usize::from(self.view) == view
    }

    /// Whether the node serves the arc.
    #[inline]
    pub const fn serves(self) -> bool {
        matches!(self.phase, Phase::Serving | Phase::Handing)
    }

    /// The view that the arc is in, for this node: until the switch it is that of the donor.
    #[inline]
    pub const fn version(self) -> usize {
        match self.phase {
            Phase::Handing | Phase::Frozen => self.view as usize - 1,
            _ => self.view as usize,
        }
    }
}

impl Phase {
    /// The phase in a word.
    pub const fn name(self) -> &'static str {
        match self {
            Phase::Away => "away",
            Phase::Receiving => "receiving",
            Phase::Serving => "serving",
            Phase::Handing => "handing",
            Phase::Frozen => "frozen",
            Phase::Switched => "switched",
            Phase::Gone => "gone",
        }
    }
}
