//! A read of all keys, as of one moment, arc by arc: the read concern "snapshot" of sharded `MongoDB`.

use super::{ARCS, Bug, Guard, NODES, Phase, Role, Sharding, State};
use crate::Few;

/// The read under way. Its moment is when it begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Read {
    /// The arcs that have not been read.
    pub left: Few,
    /// The router that reads.
    pub router: u8,
    /// The view that it named when it began.
    pub view: u8,
    /// The view that each arc was in at that moment: as history, what the clocks of its owners would tell.
    pub versions: [u8; ARCS],
    /// The node that each arc was at: history, too.
    pub holders: [u8; ARCS],
    /// What was acknowledged at that moment.
    pub due: Few,
}

impl Read {
    /// Whether there is one.
    pub const fn is_under_way(self) -> bool {
        !self.left.is_empty()
    }

    /// Whether it has yet to read the arc.
    pub const fn lacks(self, arc: usize) -> bool {
        self.left.contains(arc)
    }
}

impl Sharding {
    pub(super) fn begin_read(&self, s: &State, router: usize) -> State {
        let mut read = Read {
            left: Few::below(self.arcs),
            router: router as u8,
            view: s.routers[router],
            due: s.acknowledged,
            ..Read::default()
        };
        for arc in 0..self.arcs {
            (read.versions[arc], read.holders[arc]) = s.version(arc);
        }
        State { read, begun: s.begun + 1, ..*s }
    }

    /// A node keeps old versions of what it has: a snapshot is what it had then. What it got since was not here
    /// then, and so it refuses a read of a moment at which it did not have the arc.
    pub(super) fn read_arc(&self, s: &State, arc: usize) -> Result<State, Guard> {
        let (node, named) = self.reads_at(s, arc);
        let role = s.roles[node][arc];
        self.require_up(s, node)?;
        self.require(role.serves() && role.version() == named, Guard::ReadsSameView)?;
        let held = role.version() == usize::from(s.read.versions[arc]);
        let is_trusted = self.bug == Some(Bug::SnapshotPairedWithNewView) && named > s.read.view.into();
        self.require(held || is_trusted, Guard::HeldAtSnapshot)?;
        let had = usize::from(s.read.holders[arc]) == node;
        let found = |write: usize| had && s.data[node][write % self.keys].contains(write);
        let of_arc = |&write: &usize| self.arc_of(write % self.keys) == arc;
        let missed = s.read.due.iter().filter(of_arc).any(|write| !found(write));
        let mut after = State { missed: s.missed || missed, ..*s };
        after.read.left = s.read.left.without(arc);
        if !after.read.is_under_way() {
            after.read = Read::default();
        }
        Ok(after)
    }

    /// The node that is asked for an arc, and the view that the read names.
    pub(super) fn reads_at(&self, s: &State, arc: usize) -> (usize, usize) {
        let router = usize::from(s.read.router);
        let named = if self.bug == Some(Bug::SnapshotPairedWithNewView) { s.routers[router] } else { s.read.view };
        (s.owner(named.into(), arc), named.into())
    }
}

impl State {
    /// The view that the arc is in and the node that has it; between two nodes, none.
    fn version(&self, arc: usize) -> (u8, u8) {
        let has = |role: Role| role.serves() || role.phase == Phase::Frozen;
        let nodes = (0..NODES).map(|node| (self.roles[node][arc], node)).filter(|(role, _)| has(*role));
        nodes.map(|(role, node)| (role.version() as u8, node as u8)).max().unwrap_or((u8::MAX, u8::MAX))
    }
}
