//! Sharding: arcs of keys are handed from owner to owner, view by view, while they are used. The views are numbered
//! by one authority, as in Adya et al., *Slicer: Auto-Sharding for Datacenter Applications* (OSDI 2016). The
//! handoff is that of the manual of `MongoDB`, *Sharded Cluster Balancer*, "Chunk Migration Procedure": keys are
//! copied while writes go on, those that are written again are copied again, then writes are refused, what is left
//! is copied, and the switch is durable.
//!
//! The configuration service is its specification: a sequence of views that only grows. Each arc goes through the
//! views one by one, so a handoff has a number, that of its view, and one donor and one receiver; a request names
//! the view that its router knows, and is refused unless that is the arc's.
//!
//! A handoff whose receiver does not answer is aborted once there is a later view: as long as the donor has not given
//! the arc away it keeps it, durably, and who has received a part of it is told. From there the arc goes on as the
//! later view says: it stays, goes to a third node, or to the same one anew.
//!
//! Left out: an arc that skips views that are out of date already, since it only comes there sooner; replicas of an
//! arc, since a node is what a replicated log makes of several servers; torn writes, since what is written and what
//! is said in one action are never torn apart by a crash: words that are lost are words never heard. Where a key
//! lies on the ring is a function, and no part of the protocol.
//!
//! Messages are never taken out of the set of those sent: to lose one is never to receive it, and any may come
//! late, again and in any order. It refines [`ownership`](crate::problems::ownership).

mod bounds;
mod catalogue;
mod handoff;
mod mutants;
mod properties;
mod reads;
mod refinement;
mod role;
mod scene;

pub use mutants::Bug;
pub use reads::Read;
pub use role::{Phase, Role};

use crate::Few;
use crate::guard::guards;
use proofmark_vocabulary::{Model, Property};

/// The constants, and the bug planted in the model, if any.
#[derive(Clone, Debug)]
pub struct Sharding {
    /// How many nodes there are, at most [`NODES`].
    pub nodes: usize,
    /// How many arcs, at most [`ARCS`]. In the first view arc `a` is node `a`'s.
    pub arcs: usize,
    /// How many keys all arcs have together, at most [`KEYS`]. Key `k` is of arc `k` modulo the number of arcs.
    pub keys: usize,
    /// How many views there may be, at most [`VIEWS`].
    pub views: usize,
    /// How many routers, at most [`ROUTERS`].
    pub routers: usize,
    /// How many writes clients have, at most [`WRITES`]. Write `w` is of key `w` modulo the number of keys.
    pub writes: usize,
    /// How many crashes there may be.
    pub crashes: u8,
    /// Whether what a node takes and receives is durable at once, or when it is synced.
    pub synchronous: bool,
    /// How many reads of all keys may begin.
    pub reads: u8,
    /// Whether nodes delete what they have handed off.
    pub clean_up: bool,
    /// The bug.
    pub bug: Option<Bug>,
}

/// The most nodes.
pub const NODES: usize = 4;
/// The most arcs.
pub const ARCS: usize = 2;
/// The most keys.
pub const KEYS: usize = 4;
/// The most views.
pub const VIEWS: usize = 4;
/// The most routers.
pub const ROUTERS: usize = 2;
/// The most writes.
pub const WRITES: usize = 3;

/// The variables.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct State {
    /// The configuration: the maps that were published under each number, a bit each. A map has two bits an arc:
    /// its owner.
    pub published: [u16; VIEWS],
    /// The newest view that each router knows.
    pub routers: [u8; ROUTERS],
    /// What each node has on record of each arc.
    pub roles: [[Role; ARCS]; NODES],
    /// The writes that each node has of each key.
    pub data: [[Few; KEYS]; NODES],
    /// What of that is durable.
    pub disk: [[Few; KEYS]; NODES],
    /// The keys that each donor knows the receiver to have as they are. In memory alone.
    pub counted: [Few; NODES],
    /// Requests, by the view that they name: bit `w * NODES + n` for write `w` to node `n`.
    pub requests: [u16; VIEWS],
    /// Copies, by the view of the handoff: bit [`Sharding::content`]` * NODES + n` to node `n`.
    pub copies: [u32; VIEWS],
    /// Receipts of copies, in the same way, from node `n`.
    pub receipts: [u32; VIEWS],
    /// Switches, by view: bit `a * NODES + n` for arc `a` to node `n`.
    pub switches: [u8; VIEWS],
    /// That the arc has been installed, in the same way, from node `n`.
    pub installed: [u8; VIEWS],
    /// Aborts of handoffs, by view, in the same way, to node `n`.
    pub aborts: [u8; VIEWS],
    /// The writes that were acknowledged.
    pub acknowledged: Few,
    /// The nodes that have crashed and not restarted.
    pub down: Few,
    /// How many crashes there were.
    pub crashed: u8,
    /// Which nodes have ever crashed while which arc was on its way to them, `n * ARCS + a`: a history variable.
    pub interrupted: Few,
    /// How many reads have begun.
    pub begun: u8,
    /// The read under way.
    pub read: Read,
    /// Whether a read has missed what it should have seen: a history variable.
    pub missed: bool,
}

/// The actions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// The configuration service publishes a map under a number.
    Publish(usize, usize),
    /// A router is told of a view.
    Learn(usize, usize),
    /// A router sends a write to whom it believes to be the owner.
    Send(usize, usize),
    /// A node takes a write that names a view, and acknowledges it.
    Serve(usize, usize, usize),
    /// The server of an arc goes on to the next view: it keeps the arc, or begins to hand it off.
    Advance(usize, usize),
    /// A donor copies a key to the receiver.
    Copy(usize, usize),
    /// A receiver gets a copy in a view, of that content.
    Receive(usize, usize, usize),
    /// What a node has in memory becomes durable.
    Sync(usize),
    /// A donor counts the receipt of a copy.
    Count(usize, usize, usize),
    /// A donor refuses writes from now on.
    Freeze(usize, usize),
    /// A donor gives the arc away.
    Switch(usize, usize),
    /// A receiver begins to serve an arc, in a view.
    Install(usize, usize, usize),
    /// A donor learns that the receiver serves the arc.
    Finish(usize, usize),
    /// A donor that has not given the arc away keeps it, in the view of the handoff.
    Abort(usize, usize),
    /// A receiver learns that the handoff in a view was aborted.
    GiveUp(usize, usize, usize),
    /// A node deletes what it has of an arc.
    CleanUp(usize, usize),
    /// A node stops, and loses what is in memory.
    Crash(usize),
    /// A node starts again from its disk.
    Restart(usize),
    /// A router begins to read all keys.
    BeginRead(usize),
    /// The node that the router takes for the owner answers for an arc.
    ReadArc(usize),
    /// A router gives a read up.
    AbandonRead,
}

guards! {
    Sharding:
    /// The number is the next one.
    NextNumber = "next-number",
    /// The view is newer than the one that the router knows.
    NewerView = "newer-view",
    /// The node serves the arc, or is about to give it away.
    HasArc = "has-arc",
    /// The donor still takes writes.
    WritesOpen = "writes-open",
    /// The request names the view that the arc is in.
    SameView = "same-view",
    /// The receiver has not had the arc in this view or a later one.
    Expected = "expected",
    /// The copy is not older than what the receiver has.
    NewerCopy = "newer-copy",
    /// The receipt is of this handoff.
    SameHandoff = "same-handoff",
    /// The key is still as it was copied.
    CurrentCopy = "current-copy",
    /// The receiver has every key as it is.
    AllCounted = "all-counted",
    /// The donor has given the arc away.
    SwitchSent = "switch-sent",
    /// The arc is on its way to the node, in this view.
    Receiving = "receiving",
    /// The receiver has said that it serves the arc.
    InstalledSaid = "installed-said",
    /// There is a view after that of the handoff.
    Superseded = "superseded",
    /// The donor has said that the handoff is aborted.
    AbortSent = "abort-sent",
    /// The node does not serve the arc.
    NotOwned = "not-owned",
    /// The arc is neither on its way to the node nor, as far as it knows, from it.
    NotOnItsWay = "not-on-its-way",
    /// Who does something, or crashes, is up.
    Up = "up",
    /// Who restarts is down.
    Down = "down",
    /// The read names the view that the arc is in.
    ReadsSameView = "reads-same-view",
    /// The node has had the arc since the read's snapshot.
    HeldAtSnapshot = "held-at-snapshot",
}

impl Sharding {
    /// The service compares and sets: a number is given once, and none is left out.
    fn publish(&self, s: &State, number: usize, map: usize) -> Result<State, Guard> {
        let is_free = number == s.latest() + 1 || self.bug == Some(Bug::NumberTaken);
        self.require(is_free, Guard::NextNumber)?;
        let mut after = *s;
        after.published[number] |= 1 << map;
        Ok(after)
    }

    /// What a router is told may be late: it asks any replica of the configuration.
    fn learn(&self, s: &State, router: usize, view: usize) -> Result<State, Guard> {
        self.require(view > s.routers[router].into(), Guard::NewerView)?;
        let mut after = *s;
        after.routers[router] = view as u8;
        Ok(after)
    }

    /// A router asks again as long as it likes: there is no guard.
    fn send(&self, s: &State, router: usize, write: usize) -> State {
        let view = usize::from(s.routers[router]);
        let mut after = *s;
        after.requests[view] |= 1 << (write * NODES + s.owner(view, self.arc_of(write % self.keys)));
        after
    }

    /// A write is acknowledged once it is durable: what is synced in between is acknowledged when the request is
    /// looked at again, and so is a request that comes again. One that comes to a key that is being copied makes
    /// the copy out of date, as long as writes are open.
    fn serve(&self, s: &State, node: usize, view: usize, write: usize) -> Result<State, Guard> {
        let key = write % self.keys;
        let role = s.roles[node][self.arc_of(key)];
        self.require_up(s, node)?;
        self.require(role.serves() || role.phase == Phase::Frozen, Guard::HasArc)?;
        self.require(role.phase != Phase::Frozen, Guard::WritesOpen)?;
        self.require(role.version() == view, Guard::SameView)?;
        let mut after = *s;
        after.data[node][key] = s.data[node][key].with(write);
        self.write_down(&mut after, node, key);
        if after.disk[node][key].contains(write) || self.bug == Some(Bug::AcknowledgesBeforeSync) {
            after.acknowledged = s.acknowledged.with(write);
        }
        let is_logged = role.phase == Phase::Handing && self.bug != Some(Bug::WritesUnlogged);
        if is_logged && after.data[node][key] != s.data[node][key] {
            after.counted[node] = s.counted[node].without(key);
        }
        Ok(after)
    }

    fn sync(&self, s: &State, node: usize) -> Result<State, Guard> {
        self.require_up(s, node)?;
        let mut after = *s;
        after.disk[node] = s.data[node];
        Ok(after)
    }

    /// What was counted is in memory, and that a handoff has begun or writes are refused; so is what was not
    /// synced. What the node has on record of an arc beside that is on disk.
    fn crash(&self, s: &State, node: usize) -> Result<State, Guard> {
        self.require_up(s, node)?;
        let mut after = State { down: s.down.with(node), crashed: s.crashed + 1, ..*s };
        after.counted[node] = Few::NONE;
        after.data[node] = s.disk[node];
        for arc in 0..self.arcs {
            let role = s.roles[node][arc];
            let kept = match role.phase {
                Phase::Serving => role.view,
                Phase::Handing | Phase::Frozen => role.view - 1,
                Phase::Switched if self.bug == Some(Bug::SwitchInMemory) => role.view - 1,
                Phase::Receiving => {
                    after.interrupted = after.interrupted.with(node * ARCS + arc);
                    continue;
                }
                _ => continue,
            };
            let forgets = self.bug == Some(Bug::AbortInMemory) && s.has_aborted(kept.into(), arc);
            after.roles[node][arc] = Role::new(Phase::Serving, kept - u8::from(forgets));
        }
        Ok(after)
    }

    fn restart(&self, s: &State, node: usize) -> Result<State, Guard> {
        self.require(s.down.contains(node), Guard::Down)?;
        let mut after = State { down: s.down.without(node), ..*s };
        if self.bug == Some(Bug::OldOwnerReturns) {
            // Its record and the new owner's have one number, and the lesser node is believed.
            let returns = |&arc: &usize| {
                let role = s.roles[node][arc];
                role.phase == Phase::Gone && node < s.owner(role.view.into(), arc)
            };
            for arc in (0..self.arcs).filter(returns) {
                after.roles[node][arc].phase = Phase::Serving;
            }
        }
        Ok(after)
    }

    #[inline]
    fn require_up(&self, s: &State, node: usize) -> Result<(), Guard> {
        self.require(!s.down.contains(node), Guard::Up)
    }

    #[inline]
    fn take(&self, s: &State, action: Action) -> Result<State, Guard> {
        match action {
            Action::Publish(number, map) => self.publish(s, number, map),
            Action::Learn(router, view) => self.learn(s, router, view),
            Action::Send(router, write) => Ok(self.send(s, router, write)),
            Action::Serve(node, view, write) => self.serve(s, node, view, write),
            Action::Advance(node, arc) => self.advance(s, node, arc),
            Action::Copy(node, key) => self.copy(s, node, key),
            Action::Receive(node, view, content) => self.receive(s, node, view, content),
            Action::Sync(node) => self.sync(s, node),
            Action::Count(node, view, content) => self.count(s, node, view, content),
            Action::Freeze(node, arc) => self.freeze(s, node, arc),
            Action::Switch(node, arc) => self.switch(s, node, arc),
            Action::Install(node, view, arc) => self.install(s, node, view, arc),
            Action::Finish(node, arc) => self.finish(s, node, arc),
            Action::Abort(node, arc) => self.abort(s, node, arc),
            Action::GiveUp(node, view, arc) => self.give_up(s, node, view, arc),
            Action::CleanUp(node, arc) => self.clean_up(s, node, arc),
            Action::Crash(node) => self.crash(s, node),
            Action::Restart(node) => self.restart(s, node),
            Action::BeginRead(router) => Ok(self.begin_read(s, router)),
            Action::ReadArc(arc) => self.read_arc(s, arc),
            Action::AbandonRead => Ok(State { read: Read::default(), ..*s }),
        }
    }

    #[inline]
    fn write_down(&self, s: &mut State, node: usize, key: usize) {
        if self.synchronous {
            s.disk[node][key] = s.data[node][key];
        }
    }

    /// The arc of a key.
    #[inline]
    pub const fn arc_of(&self, key: usize) -> usize {
        key % self.arcs
    }

    /// The keys of an arc.
    pub(crate) fn keys_of(&self, arc: usize) -> impl Iterator<Item = usize> + use<> {
        (arc..self.keys).step_by(self.arcs)
    }

    /// The writes of a key.
    fn writes_of(&self, key: usize) -> impl Iterator<Item = usize> + use<> {
        (key..self.writes).step_by(self.keys)
    }

    /// The number of what can be copied of a key, below eight: each key has as many as its writes have subsets.
    pub fn content(&self, key: usize, writes: Few) -> usize {
        let before: usize = (0..key).map(|other| 1 << self.writes_of(other).count()).sum();
        let bits = self.writes_of(key).enumerate().filter(|(_, write)| writes.contains(*write));
        before + bits.map(|(bit, _)| 1 << bit).sum::<usize>()
    }

    /// The key and the writes of that number.
    pub fn of_content(&self, content: usize) -> (usize, Few) {
        let (mut key, mut rest) = (0, content);
        while key + 1 < self.keys && rest >= 1 << self.writes_of(key).count() {
            rest -= 1 << self.writes_of(key).count();
            key += 1;
        }
        let has = |(bit, _): &(usize, usize)| rest >> bit & 1 == 1;
        (key, self.writes_of(key).enumerate().filter(has).map(|(_, write)| write).collect())
    }

    /// The bits of messages that are addressed to a node, or come from it: what each is about.
    fn about(mask: u32, node: usize) -> impl Iterator<Item = usize> {
        (0..u32::BITS as usize / NODES).filter(move |number| mask >> (number * NODES + node) & 1 == 1)
    }

    fn environment(&self, s: &State, actions: &mut Vec<Action>) {
        let latest = s.latest();
        let maps = || (0..self.nodes.pow(self.arcs as u32)).map(|number| self.map_of(number));
        let is_new = |map: &usize| s.published[latest] & 1 << map == 0;
        // After the last view its number is tried again: where no later one depends on it.
        let number = (latest + 1).min(self.views - 1);
        actions.extend(maps().filter(is_new).map(|map| Action::Publish(number, map)));
        for router in 0..self.routers {
            actions.extend((0..=latest).map(|view| Action::Learn(router, view)));
            actions.extend((0..self.writes).map(|write| Action::Send(router, write)));
            if s.begun < self.reads && !s.read.is_under_way() {
                actions.push(Action::BeginRead(router));
            }
        }
        if s.read.is_under_way() {
            actions.extend((0..self.arcs).filter(|&arc| s.read.lacks(arc)).map(Action::ReadArc));
            actions.push(Action::AbandonRead);
        }
        for node in 0..self.nodes {
            if !self.synchronous {
                actions.push(Action::Sync(node));
            }
            if s.crashed < self.crashes {
                actions.push(Action::Crash(node));
            }
            if self.crashes > 0 {
                actions.push(Action::Restart(node));
            }
        }
    }

    /// The map of that number: digits to the base of the nodes are owners.
    fn map_of(&self, mut number: usize) -> usize {
        let mut map = 0;
        for arc in 0..self.arcs {
            map |= (number % self.nodes) << (2 * arc);
            number /= self.nodes;
        }
        map
    }

    /// What a node does of itself for an arc.
    fn of_arc(&self, s: &State, node: usize, arc: usize, actions: &mut Vec<Action>) {
        let role = s.roles[node][arc];
        match role.phase {
            Phase::Serving if usize::from(role.view) < s.latest() => actions.push(Action::Advance(node, arc)),
            Phase::Handing => {
                actions.extend([Action::Freeze(node, arc), Action::Abort(node, arc)]);
                actions.extend(self.keys_of(arc).map(|key| Action::Copy(node, key)));
            }
            Phase::Frozen => {
                actions.push(Action::Switch(node, arc));
                actions.extend(self.keys_of(arc).map(|key| Action::Copy(node, key)));
                if self.bug != Some(Bug::FrozenForGood) {
                    actions.push(Action::Abort(node, arc));
                }
            }
            Phase::Switched => actions.push(Action::Finish(node, arc)),
            _ => {}
        }
        if self.clean_up && role.phase != Phase::Away {
            actions.push(Action::CleanUp(node, arc));
        }
    }

    /// What a node does when a message comes.
    fn of_messages(&self, s: &State, node: usize, actions: &mut Vec<Action>) {
        for view in 0..=s.latest() {
            let requests = Self::about(s.requests[view].into(), node);
            actions.extend(requests.map(|write| Action::Serve(node, view, write)));
            let copies = Self::about(s.copies[view], node);
            actions.extend(copies.map(|content| Action::Receive(node, view, content)));
            for arc in (0..self.arcs).filter(|&arc| view > 0 && s.owner(view, arc) == node) {
                actions.push(Action::Install(node, view, arc));
                // What aborts a handoff is a later view.
                if view < s.latest() {
                    actions.push(Action::GiveUp(node, view, arc));
                }
            }
            for content in (0..8).filter(|content| s.receipts[view] >> (content * NODES) & 0xF != 0) {
                let role = s.roles[node][self.arc_of(self.of_content(content).0)];
                if matches!(role.phase, Phase::Handing | Phase::Frozen) && usize::from(role.view) >= view {
                    actions.push(Action::Count(node, view, content));
                }
            }
        }
    }
}

impl State {
    /// The number of the newest view.
    #[inline]
    pub fn latest(&self) -> usize {
        self.published.iter().rposition(|maps| *maps != 0).unwrap_or(0)
    }

    /// The owner of an arc in a view. Of two maps under one number the greater node's is believed.
    #[inline]
    pub fn owner(&self, view: usize, arc: usize) -> usize {
        let maps = self.published.get(view).copied().unwrap_or_default();
        let map = 15 - maps.leading_zeros().min(15) as usize;
        map >> (2 * arc) & 3
    }

    /// Whether the handoff in that view was aborted.
    fn has_aborted(&self, view: usize, arc: usize) -> bool {
        self.aborts[view] >> (arc * NODES) & 0xF != 0
    }

    #[inline]
    fn with_role(&self, node: usize, arc: usize, phase: Phase, view: u8) -> Self {
        let mut after = *self;
        after.roles[node][arc] = Role::new(phase, view);
        after
    }
}

impl Model for Sharding {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        let mut initial = State::default();
        let mut map = 0;
        for arc in 0..self.arcs {
            map |= arc << (2 * arc);
            initial.roles[arc][arc].phase = Phase::Serving;
        }
        initial.published[0] = 1 << map;
        vec![initial]
    }

    fn actions(&self, s: &State, actions: &mut Vec<Action>) {
        self.environment(s, actions);
        for node in 0..self.nodes {
            (0..self.arcs).for_each(|arc| self.of_arc(s, node, arc, actions));
            self.of_messages(s, node, actions);
        }
    }

    #[inline]
    fn next_state(&self, s: &State, action: Action) -> Option<State> {
        self.take(s, action).ok()
    }

    fn properties(&self) -> Vec<Property<Self>> {
        properties::of_states(self)
    }
}
