//! What must be true of sharding.

use super::refinement::ServesKeys;
use super::{ARCS, Action, Guard, NODES, Phase, Role, Sharding, State, scene};
use crate::Few;
use crate::drawn::drawn;
use crate::guard::guarded;
use proofmark_vocabulary::{Describe, Fairness, Property, Temporal, Value};

pub(super) const ONE_SERVES: &str = "at most one node serves a key";
pub(super) const ONE_VIEW: &str = "one view per number";
pub(super) const NEVER_LOST: &str = "an acknowledged write is never lost";
pub(super) const READS: &str = "a read misses no acknowledged write";
pub(super) const STALE_REFUSED: &str = "a stale view is refused";
pub(super) const NO_WRITE: &str = "no write lands between the last copy and the switch";
pub(super) const VIEWS_GROW: &str = "views only grow";
pub(super) const NOT_TAKEN_BACK: &str = "a handed-off arc is not taken back in the same view";
pub(super) const SPARES: &str = "clean-up spares what is owned or on its way";
pub(super) const DOWN: &str = "who is down does nothing";
pub(super) const ENDS: &str = "every handoff ends";
pub(super) const LEARNS: &str = "every router learns the newest view";
pub(super) const ACKNOWLEDGED: &str = "every write is acknowledged";
pub(super) const ABORTS: &str = "a handoff to a dead receiver can be aborted";
pub(super) const GIVES_UP: &str = "an aborted handoff is given up";
pub(super) const CAN_END: &str = "a handoff can end";

/// The properties of whole behaviours, whose check keeps the graph of all steps.
pub(super) const LIVENESS: &[&str] = &[ENDS, LEARNS, ACKNOWLEDGED, ABORTS, GIVES_UP, CAN_END];

pub(super) fn of_states(m: &Sharding) -> Vec<Property<Sharding>> {
    let mut properties: Vec<Property<Sharding>> = vec![
        Property::always(ONE_SERVES, |m, s| (0..m.arcs).all(|arc| one_serves(m, s, arc))),
        Property::always(ONE_VIEW, |_, s: &State| s.published.iter().all(|maps| maps.count_ones() <= 1)),
        Property::sometimes("can hand an arc off", |m, s| {
            m.roles(s).any(|(node, arc, role)| node != arc && role.serves())
        }),
    ];
    if m.writes > 0 {
        properties.push(Property::always(NEVER_LOST, |m, s| (0..m.writes).all(|write| is_kept(m, s, write))));
        properties.push(Property::sometimes("can acknowledge a write while its arc is copied", written_while_copied));
        properties.push(Property::sometimes("can have a request on its way to an old owner", request_to_old_owner));
    }
    if m.reads > 0 {
        properties.push(Property::always(READS, |_, s: &State| !s.missed));
        properties.push(Property::sometimes("can be handed off while it is read", |m: &Sharding, s: &State| {
            (0..m.arcs).any(|arc| s.read.lacks(arc) && m.roles(s).any(|role| is_later(s, arc, role)))
        }));
    }
    if m.arcs > 1 {
        properties.push(Property::sometimes("can overlap two handoffs", |m: &Sharding, s: &State| {
            (0..m.arcs).all(|arc| (0..m.nodes).any(|node| is_giving(s.roles[node][arc])))
        }));
    }
    if m.views > 2 {
        properties.push(Property::sometimes("can be handed on before the handoff is finished", handed_on));
        properties.push(Property::sometimes("can hand an arc back", |m: &Sharding, s: &State| {
            m.roles(s)
                .any(|(node, arc, role)| node == arc && role.phase == Phase::Serving && was_handed(m, s, arc, role))
        }));
        properties.push(Property::sometimes("can abort a handoff half way", |m: &Sharding, s: &State| {
            (0..m.nodes).any(|node| (0..m.arcs).any(|arc| is_left_over(m, s, node, arc)))
        }));
        properties.push(Property::sometimes("can learn that a handoff was aborted", |m: &Sharding, s: &State| {
            let learned = |view: usize, node: usize, arc: usize| {
                s.aborts[view] >> (arc * NODES + node) & 1 == 1 && s.roles[node][arc].is(Phase::Gone, view)
            };
            m.roles(s).any(|(node, arc, role)| learned(role.view.into(), node, arc))
        }));
    }
    if m.views > 2 && m.nodes > 2 {
        let name = "can hand an arc to a third node once a handoff was aborted";
        properties
            .push(Property::sometimes(name, |m: &Sharding, s: &State| m.roles(s).any(|of| goes_elsewhere(s, of))));
    }
    if m.crashes > 0 {
        properties.push(Property::sometimes(
            "can resume a handoff whose receiver has crashed half way",
            |m: &Sharding, s: &State| {
                m.roles(s).any(|(node, arc, role)| s.interrupted.contains(node * ARCS + arc) && role.serves())
            },
        ));
    }
    if m.clean_up {
        properties.push(Property::sometimes("can clean up what was handed off", |m: &Sharding, s: &State| {
            m.roles(s).any(|(_, _, role)| role.phase == Phase::Away && role.view > 0)
        }));
    }
    properties
}

pub(super) fn of_behaviours(m: &Sharding) -> Vec<Temporal<Sharding>> {
    let mut claims = vec![
        Temporal::step(VIEWS_GROW, views_only_grow),
        Temporal::step(NOT_TAKEN_BACK, not_taken_back),
        Temporal::refinement("refines ownership", ServesKeys::new(m)),
        Temporal::leads_to(ENDS, |m, s| !m.is_settled(s), Sharding::is_settled, m.handoff()),
        Temporal::leads_to(LEARNS, |m, s| !m.all_know(s), Sharding::all_know, m.learning()),
        Temporal::always_can(CAN_END, Sharding::is_settled, Some(Box::new(is_of_the_environment))),
    ];
    if m.writes > 0 {
        claims.push(Temporal::step(STALE_REFUSED, stale_is_refused));
        claims.push(Temporal::step(NO_WRITE, no_write_lands));
        let every = |m: &Sharding, s: &State| s.acknowledged.len() == m.writes;
        let fairness = [m.handoff(), m.learning(), m.writing()].into_iter().flatten().collect();
        claims.push(Temporal::leads_to(ACKNOWLEDGED, move |m, s| !every(m, s), every, fairness));
    }
    if m.views > 2 {
        let giving_up = m.giving_up();
        claims.push(Temporal::leads_to(GIVES_UP, Sharding::leaves_behind, |m, s| !m.leaves_behind(s), giving_up));
    }
    if m.crashes > 0 && m.views > 2 {
        claims.push(Temporal::leads_to(ABORTS, Sharding::waits_for_dead, |m, s| !m.waits_for_dead(s), m.aborting()));
    }
    if m.clean_up {
        claims.push(Temporal::step(SPARES, spares));
    }
    if m.crashes > 0 {
        claims.push(Temporal::step(DOWN, down_does_nothing));
    }
    claims
}

/// Over all views at once, and whether or not the node is up: it will be again.
pub(super) fn one_serves(m: &Sharding, s: &State, arc: usize) -> bool {
    (0..m.nodes).filter(|&node| s.roles[node][arc].serves()).count() <= 1
}

/// Whoever serves the key has the write; between two servers, the donor.
pub(super) fn is_kept(m: &Sharding, s: &State, write: usize) -> bool {
    !s.acknowledged.contains(write) || m.keeps(s, write)
}

const fn is_giving(role: Role) -> bool {
    matches!(role.phase, Phase::Handing | Phase::Frozen | Phase::Switched)
}

/// A key has been copied when it was empty, and what was written to it since is acknowledged.
fn written_while_copied(m: &Sharding, s: &State) -> bool {
    m.roles(s).any(|(node, arc, role)| {
        let written = |key: usize| {
            let was_copied = s.receipts[usize::from(role.view)] >> (m.content(key, Few::NONE) * NODES) & 0xF != 0;
            was_copied && !s.data[node][key].intersection(s.acknowledged).is_empty()
        };
        role.phase == Phase::Handing && m.keys_of(arc).any(written)
    })
}

/// A write that is not done is asked of a node that has given its arc away.
fn request_to_old_owner(m: &Sharding, s: &State) -> bool {
    (0..m.writes).filter(|&write| !s.acknowledged.contains(write)).any(|write| {
        let arc = m.arc_of(write % m.keys);
        let asked = |view: usize, node: usize| s.requests[view] >> (write * NODES + node) & 1 == 1;
        let old = |node: usize| matches!(s.roles[node][arc].phase, Phase::Gone | Phase::Away);
        (0..m.views)
            .any(|view| (0..m.nodes).any(|node| asked(view, node) && s.roles[node][arc].version() > view && old(node)))
    })
}

/// It is the arc, and is served in a later view than when the read began.
fn is_later(s: &State, arc: usize, (_, of, role): (usize, usize, Role)) -> bool {
    let began = s.read.versions[arc];
    of == arc && role.serves() && role.view > began
}

/// The receiver of a handoff that is not finished hands the arc on, in a later view.
fn handed_on(m: &Sharding, s: &State) -> bool {
    m.roles(s).any(|(_, arc, donor)| {
        let hands_on =
            |(_, other, role): (usize, usize, Role)| other == arc && is_giving(role) && role.view > donor.view;
        donor.phase == Phase::Switched && m.roles(s).any(hands_on)
    })
}

/// Some node gave the arc away in the view of that role.
fn was_handed(m: &Sharding, s: &State, arc: usize, to: Role) -> bool {
    let gave = |role: Role| matches!(role.phase, Phase::Switched | Phase::Gone) && role.view == to.view;
    !s.has_aborted(to.view.into(), arc) && (0..m.nodes).any(|node| gave(s.roles[node][arc]))
}

/// The arc was installed here, and the handoff in the view before, to another node, was aborted.
fn goes_elsewhere(s: &State, (node, arc, role): (usize, usize, Role)) -> bool {
    let view = usize::from(role.view);
    let bit = 1 << (arc * NODES + node);
    role.phase == Phase::Serving
        && s.installed[view] & bit != 0
        && s.has_aborted(view - 1, arc)
        && s.aborts[view - 1] & bit == 0
}

/// A node has a part of the arc, of a handoff that was aborted, and what is served is more.
fn is_left_over(m: &Sharding, s: &State, node: usize, arc: usize) -> bool {
    let role = s.roles[node][arc];
    let is_over = |other: Role| other.serves() && other.version() >= role.view.into();
    let is_more = |other: usize, key: usize| s.data[other][key].len() > s.data[node][key].len();
    role.phase == Phase::Receiving
        && (0..m.nodes).any(|other| {
            is_over(s.roles[other][arc]) && (m.writes == 0 || m.keys_of(arc).any(|key| is_more(other, key)))
        })
}

/// A request, or a read, that names a view is answered as long as the arc has been nowhere in a later one.
fn stale_is_refused(m: &Sharding, before: &State, action: &Action, _: &State) -> bool {
    let (arc, view) = match *action {
        Action::Serve(_, view, write) => (m.arc_of(write % m.keys), view),
        Action::ReadArc(arc) => (arc, usize::from(before.read.view)),
        _ => return true,
    };
    let is_later = |role: Role| role.phase != Phase::Receiving && role.version() > view;
    !(0..m.nodes).any(|node| is_later(before.roles[node][arc]))
}

/// What a donor has of an arc stays as it is from the moment that it refuses writes.
fn no_write_lands(m: &Sharding, before: &State, _: &Action, after: &State) -> bool {
    let closed = |role: Role| matches!(role.phase, Phase::Frozen | Phase::Switched);
    let same = |node: usize, arc: usize| m.keys_of(arc).all(|key| before.data[node][key] == after.data[node][key]);
    before.data == after.data
        || m.roles(before).all(|(node, arc, role)| !(closed(role) && closed(after.roles[node][arc])) || same(node, arc))
}

/// The configuration's, each router's and each record's.
fn views_only_grow(m: &Sharding, before: &State, _: &Action, after: &State) -> bool {
    let kept = before.published.iter().zip(&after.published).all(|(maps, later)| maps & later == *maps);
    let routers = before.routers.iter().zip(&after.routers).all(|(view, later)| view <= later);
    let records = || m.roles(before).all(|(node, arc, role)| role.version() <= after.roles[node][arc].version());
    kept && routers && (before.roles == after.roles || records())
}

/// Who has given an arc away has to do with it again in a later view alone.
fn not_taken_back(m: &Sharding, before: &State, _: &Action, after: &State) -> bool {
    let gave = |role: Role| matches!(role.phase, Phase::Switched | Phase::Gone | Phase::Away);
    before.roles == after.roles
        || m.roles(before).filter(|(.., role)| gave(*role)).all(|(node, arc, role)| {
            let later = after.roles[node][arc];
            gave(later) || later.view > role.view
        })
}

/// What is deleted is not served here, not on its way here, and has come to where it went.
fn spares(m: &Sharding, before: &State, action: &Action, after: &State) -> bool {
    let Action::CleanUp(node, arc) = *action else { return true };
    let role = before.roles[node][arc];
    let arrived = |other: Role| other.phase != Phase::Receiving && other.version() >= role.view.into();
    let has_arrived = || (0..m.nodes).any(|other| other != node && arrived(before.roles[other][arc]));
    before.data == after.data || matches!(role.phase, Phase::Switched | Phase::Gone) && has_arrived()
}

/// Who is up acts or crashes; who is down restarts, and does nothing else.
fn down_does_nothing(_: &Sharding, before: &State, action: &Action, _: &State) -> bool {
    action.node().is_none_or(|node| before.down.contains(node) == matches!(action, Action::Restart(_)))
}

/// Whether it is a fault, or something that is asked for.
fn is_of_the_environment(action: &Action) -> bool {
    matches!(action, Action::Publish(..) | Action::Crash(_) | Action::BeginRead(_) | Action::Send(..))
}

impl Action {
    /// The node that takes it, if a node does.
    pub(super) const fn node(self) -> Option<usize> {
        match self {
            Action::Serve(node, ..)
            | Action::Advance(node, _)
            | Action::Copy(node, _)
            | Action::Receive(node, ..)
            | Action::Count(node, ..)
            | Action::Freeze(node, _)
            | Action::Switch(node, _)
            | Action::Install(node, ..)
            | Action::Finish(node, _)
            | Action::Abort(node, _)
            | Action::GiveUp(node, ..)
            | Action::CleanUp(node, _)
            | Action::Sync(node)
            | Action::Crash(node)
            | Action::Restart(node) => Some(node),
            _ => None,
        }
    }
}

impl Sharding {
    /// What each node has on record of each arc.
    fn roles(&self, s: &State) -> impl Iterator<Item = (usize, usize, Role)> {
        let (nodes, arcs, roles) = (self.nodes, self.arcs, s.roles);
        (0..nodes).flat_map(move |node| (0..arcs).map(move |arc| (node, arc, roles[node][arc])))
    }

    /// The arc is served by its owner in the newest view, and no donor waits.
    pub(super) fn is_settled_arc(&self, s: &State, arc: usize) -> bool {
        let latest = s.latest();
        s.roles[s.owner(latest, arc)][arc].is(Phase::Serving, latest)
            && (0..self.nodes).all(|node| !is_giving(s.roles[node][arc]))
    }

    /// The arc's donor, which is up, has not given it away, or has aborted the handoff, and has not gone on to the
    /// later view that there is; and its receiver is down.
    pub(super) fn waits_for_dead_arc(&self, s: &State, arc: usize) -> bool {
        (0..self.nodes).any(|node| {
            let role = s.roles[node][arc];
            let view = usize::from(role.view);
            let has_aborted = role.phase == Phase::Serving && s.has_aborted(view, arc);
            (has_aborted || matches!(role.phase, Phase::Handing | Phase::Frozen))
                && !s.down.contains(node)
                && s.down.contains(s.owner(view, arc))
                && view < s.latest()
        })
    }

    fn waits_for_dead(&self, s: &State) -> bool {
        (0..self.arcs).any(|arc| self.waits_for_dead_arc(s, arc))
    }

    /// A node waits for the rest of the arc, which has gone on from its view without it.
    pub(super) fn leaves_behind_arc(&self, s: &State, arc: usize) -> bool {
        let has_gone_on = |other: Role, view: usize| {
            let has = other.serves() || other.phase == Phase::Frozen;
            has && other.version() == view || other.phase != Phase::Receiving && other.version() > view
        };
        (0..self.nodes).map(|node| s.roles[node][arc]).any(|role| {
            role.phase == Phase::Receiving
                && (0..self.nodes).any(|other| has_gone_on(s.roles[other][arc], role.view.into()))
        })
    }

    fn leaves_behind(&self, s: &State) -> bool {
        (0..self.arcs).any(|arc| self.leaves_behind_arc(s, arc))
    }

    fn is_settled(&self, s: &State) -> bool {
        (0..self.arcs).all(|arc| self.is_settled_arc(s, arc))
    }

    fn all_know(&self, s: &State) -> bool {
        s.routers[..self.routers].iter().all(|view| usize::from(*view) == s.latest())
    }

    /// What ends a handoff: each node does what it has to for each arc, what was sent arrives, and who is down
    /// restarts. Crashes are finitely many, so weak fairness will do.
    fn handoff(&self) -> Vec<Fairness<Self>> {
        let mut classes = Vec::new();
        for node in 0..self.nodes {
            if !self.synchronous {
                classes.push(Fairness::weak(format!("Sync({node})"), move |a| *a == Action::Sync(node)));
            }
            if self.crashes > 0 {
                classes.push(Fairness::weak(format!("Restart({node})"), move |a| *a == Action::Restart(node)));
            }
            for arc in 0..self.arcs {
                for (name, action) in [
                    ("Advance", Action::Advance(node, arc)),
                    ("Freeze", Action::Freeze(node, arc)),
                    ("Switch", Action::Switch(node, arc)),
                    ("Finish", Action::Finish(node, arc)),
                ] {
                    classes.push(Fairness::weak(format!("{name}({node}, {arc})"), move |a| *a == action));
                }
                let installs = move |a: &Action| matches!(*a, Action::Install(n, _, of) if n == node && of == arc);
                classes.push(Fairness::weak(format!("Install({node}, {arc})"), installs));
            }
            for key in 0..self.keys {
                let copies = move |a: &Action| *a == Action::Copy(node, key);
                classes.push(Fairness::weak(format!("Copy({node}, {key})"), copies));
                let about = self.contents(key);
                let receives = move |a: &Action| matches!(*a, Action::Receive(n, _, c) if n == node && about(c));
                classes.push(Fairness::weak(format!("Receive({node}, {key})"), receives));
                let about = self.contents(key);
                let counts = move |a: &Action| matches!(*a, Action::Count(n, _, c) if n == node && about(c));
                classes.push(Fairness::weak(format!("Count({node}, {key})"), counts));
            }
        }
        classes
    }

    /// Each donor aborts what it can, and goes on from there: nothing is owed by who is down.
    fn aborting(&self) -> Vec<Fairness<Self>> {
        let each = (0..self.nodes).flat_map(|node| (0..self.arcs).map(move |arc| (node, arc)));
        each.flat_map(|(node, arc)| {
            let owed = [("Abort", Action::Abort(node, arc)), ("Advance", Action::Advance(node, arc))];
            owed.map(|(name, action)| Fairness::weak(format!("{name}({node}, {arc})"), move |a| *a == action))
        })
        .collect()
    }

    /// Each node hears of an abort, and who is down restarts.
    fn giving_up(&self) -> Vec<Fairness<Self>> {
        let mut classes = Vec::new();
        for node in 0..self.nodes {
            if self.crashes > 0 {
                classes.push(Fairness::weak(format!("Restart({node})"), move |a| *a == Action::Restart(node)));
            }
            for arc in 0..self.arcs {
                let gives_up = move |a: &Action| matches!(*a, Action::GiveUp(n, _, of) if n == node && of == arc);
                classes.push(Fairness::weak(format!("GiveUp({node}, {arc})"), gives_up));
            }
        }
        classes
    }

    /// Which contents are of a key.
    fn contents(&self, key: usize) -> impl Fn(usize) -> bool + Send + Sync + use<> {
        let m = self.clone();
        move |content| m.of_content(content).0 == key
    }

    /// Each router is told of a newer view as long as there is one.
    fn learning(&self) -> Vec<Fairness<Self>> {
        let learns = |router| move |a: &Action| matches!(*a, Action::Learn(r, _) if r == router);
        (0..self.routers).map(|router| Fairness::weak(format!("Learn({router})"), learns(router))).collect()
    }

    /// A router sends each write, and what was sent comes to be answered.
    fn writing(&self) -> Vec<Fairness<Self>> {
        let mut classes = Vec::new();
        for write in 0..self.writes {
            classes.push(Fairness::weak(format!("Send({write})"), move |a| *a == Action::Send(0, write)));
            for node in 0..self.nodes {
                let serves = move |a: &Action| matches!(*a, Action::Serve(n, _, w) if n == node && w == write);
                classes.push(Fairness::weak(format!("Serve({node}, {write})"), serves));
            }
        }
        classes
    }
}

impl Describe for Sharding {
    fn action_kinds(&self) -> &'static [&'static str] {
        scene::KINDS
    }

    fn action_kind(&self, action: &Action) -> usize {
        scene::kind(action)
    }

    fn action_in_words(&self, action: &Action) -> String {
        scene::words(self, *action)
    }

    fn value(&self, s: &State) -> Value {
        scene::value(self, s)
    }

    fn switched_off(&self) -> Vec<&'static str> {
        scene::switched_off(self)
    }

    guarded!();
    drawn!();

    fn temporal(&self) -> Vec<Temporal<Self>> {
        of_behaviours(self)
    }
}
