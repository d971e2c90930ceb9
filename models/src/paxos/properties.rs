//! What must be true of multi-decree Paxos, and how its steps and states are told.

use super::refinement::ReplicasCommit;
use super::{Action, Disk, Few, Guard, NO_OP, Paxos, Phase, State, Vote, scene};
use crate::drawn::drawn;
use crate::guard::guarded;
use proofmark_vocabulary::{Describe, Fairness, Property, Temporal, Value};

pub(super) fn of_states(m: &Paxos) -> Vec<Property<Paxos>> {
    let mut properties: Vec<Property<Paxos>> = vec![
        Property::always("agreement", |m, s| (0..m.slots).all(|slot| agrees(m, s, slot))),
        Property::always("validity", |m, s| (0..m.slots).all(|slot| is_valid(m, s, slot))),
        Property::always("a ballot begins before it is promised", |m, s| {
            m.all_ballots().all(|b| begins_first(m, s, b))
        }),
        Property::always("one value per ballot", |m, s| m.all_ballots().all(|b| proposes_one(m, s, b))),
        Property::always("votes are safe", |m, s| (0..m.servers).all(|a| votes_safely(m, s, a))),
        Property::always("what is learned is chosen", |m, s| (0..m.replicas).all(|r| learns_chosen(m, s, r))),
    ];
    if m.trimming {
        let everywhere = |m: &Paxos, s: &State| (0..m.servers).all(|a| trims_applied(m, s, a));
        let gone = |m: &Paxos, s: &State| (0..m.servers).all(|a| keeps_no_trimmed(m, s, a));
        properties.push(Property::always("what is trimmed is in every checkpoint", everywhere));
        properties.push(Property::always("nothing that is trimmed is kept", gone));
    }
    if m.reads {
        properties.push(Property::always("reads are linearizable", |_, s: &State| !s.stale));
    }
    properties
        .push(Property::sometimes("a value is chosen", |m, s| (0..m.slots).any(|slot| !m.chosen(s, slot).is_empty())));
    properties.extend(m.what_can_be());
    properties
}

impl Paxos {
    /// What can happen where the constants allow it.
    fn what_can_be(&self) -> Vec<Property<Self>> {
        let (rivals, again) = (self.proposers > 1 && self.ballots > 1, self.ballots > 1);
        let candidates: [(bool, Property<Self>); 6] = [
            (rivals, Property::sometimes("two proposers duel", proposers_duel)),
            (again, Property::sometimes("a second proposer adopts the first one's value", adopts_a_value)),
            (
                again && self.slots > 1 && self.commands > 1,
                Property::sometimes("a gap is filled with a no-op", fills_a_gap),
            ),
            (
                self.servers > self.prepare_quorum,
                Property::sometimes("an acceptor accepts a ballot that it has not promised", accepts_without_promise),
            ),
            (self.trimming, Property::sometimes("every log is trimmed", Self::all_trimmed)),
            (
                self.trimming && again,
                Property::sometimes("a promise comes from one that has trimmed", promised_by_trimmed),
            ),
        ];
        candidates.into_iter().filter(|(possible, _)| *possible).map(|(_, property)| property).collect()
    }

    /// Whether the command is chosen for some slot.
    pub(super) fn is_chosen(&self, s: &State, command: usize) -> bool {
        (0..self.slots).any(|slot| self.chosen(s, slot).contains(command))
    }

    /// Whether a quorum has promised ballot `b`, and no other.
    fn has_quorum(&self, s: &State, b: u8) -> bool {
        self.promised(s, b).len() >= self.prepare_quorum
    }

    /// Those that have promised ballot `b`.
    pub(super) fn promised(&self, s: &State, b: u8) -> Few {
        (0..self.servers).filter(|&a| s.promises[usize::from(b)][a].promised() == Some(b)).collect()
    }

    fn all_trimmed(&self, s: &State) -> bool {
        s.disk[..self.servers].iter().all(|record| record.floor > 0)
    }
}

pub(super) fn agrees(m: &Paxos, s: &State, slot: usize) -> bool {
    m.chosen(s, slot).len() <= 1
}

/// What is chosen was proposed for the slot, and a client submitted it unless it is a no-op.
pub(super) fn is_valid(m: &Paxos, s: &State, slot: usize) -> bool {
    let proposed = |v| m.all_ballots().any(|b| m.is_proposed(s, b, slot, v));
    let valid = |v: usize| proposed(v as u8) && (v == usize::from(NO_OP) || s.submitted.contains(v));
    m.chosen(s, slot).iter().all(valid)
}

pub(super) fn begins_first(m: &Paxos, s: &State, b: u8) -> bool {
    s.prepares.contains(b.into()) || m.promised(s, b).is_empty()
}

pub(super) fn proposes_one(m: &Paxos, s: &State, b: u8) -> bool {
    (0..m.slots).all(|slot| m.all_values().filter(|&v| m.is_proposed(s, b, slot, v)).count() <= 1)
}

/// Everything that the acceptor accepted was safe in its ballot: in no earlier one is, or can be, another value chosen.
pub(super) fn votes_safely(m: &Paxos, s: &State, a: usize) -> bool {
    let safe = |b, slot, v| (0..b).all(|c| m.all_values().all(|w| w == v || !choosable(m, s, c, slot, w)));
    let voted = |b, slot, v| m.is_accepted(s, a, b, slot, v);
    m.all_places()
        .filter(|(b, _)| *b > 0)
        .all(|(b, slot)| m.all_values().all(|v| !voted(b, slot, v) || safe(b, slot, v)))
}

/// Whether enough acceptors have accepted the value, or may still. A promise that is not synced binds nobody yet, and
/// who has lost its disk accepts no more.
fn choosable(m: &Paxos, s: &State, b: u8, slot: usize, v: u8) -> bool {
    let open = |a: usize| {
        !s.lost.contains(a)
            && s.disk[a].promised() <= Some(b)
            && !m.all_values().any(|w| m.is_accepted(s, a, b, slot, w))
    };
    (0..m.servers).filter(|&a| m.is_accepted(s, a, b, slot, v) || open(a)).count() >= m.accept_quorum
}

pub(super) fn learns_chosen(m: &Paxos, s: &State, r: usize) -> bool {
    let learned = s.replicas[r].learned;
    (0..m.slots).all(|slot| learned.get(slot).is_none_or(|v| m.chosen(s, slot).contains(v.into())))
}

pub(super) fn trims_applied(m: &Paxos, s: &State, a: usize) -> bool {
    s.replicas[..m.replicas].iter().all(|replica| replica.checkpoint >= s.memory[a].floor)
}

pub(super) fn keeps_no_trimmed(_: &Paxos, s: &State, a: usize) -> bool {
    let (record, learned) = (&s.memory[a], &s.replicas[a].learned);
    (0..record.floor.into()).all(|slot| record.votes[slot] == Vote::default() && learned.get(slot).is_none())
}

/// Each of two ballots has a quorum's promises, and nothing is chosen.
fn proposers_duel(m: &Paxos, s: &State) -> bool {
    let nothing = (0..m.slots).all(|slot| m.chosen(s, slot).is_empty());
    nothing && m.all_ballots().filter(|&b| m.has_quorum(s, b)).count() >= 2
}

/// A ballot proposes a command for a slot for which a promise reports it.
fn adopts_a_value(m: &Paxos, s: &State) -> bool {
    let reported = |b, slot: usize, v| {
        m.promised(s, b).iter().any(|a| {
            let vote = s.promises[usize::from(b)][a].votes[slot];
            vote.get().is_some_and(|(_, value)| value == v)
        })
    };
    let adopted = |b, slot, v| m.is_proposed(s, b, slot, v) && reported(b, slot, v);
    m.all_places().any(|(b, slot)| m.all_commands().any(|v| adopted(b, slot, v)))
}

fn fills_a_gap(m: &Paxos, s: &State) -> bool {
    (0..m.slots).any(|slot| m.chosen(s, slot).contains(NO_OP.into()))
}

fn accepts_without_promise(m: &Paxos, s: &State) -> bool {
    let accepted = |a, b| (0..m.slots).any(|slot| m.all_values().any(|v| m.is_accepted(s, a, b, slot, v)));
    m.all_ballots().any(|b| (0..m.servers).any(|a| accepted(a, b) && !m.promised(s, b).contains(a)))
}

fn promised_by_trimmed(_: &Paxos, s: &State) -> bool {
    s.promises.iter().flatten().any(|promise| promise.promised().is_some() && promise.floor > 0)
}

fn promises_never_fall(m: &Paxos, before: &State, _: &Action, after: &State) -> bool {
    (0..m.servers).all(|a| after.lost.contains(a) || before.disk[a].promised() <= after.disk[a].promised())
}

fn promises_counted(m: &Paxos, before: &State, action: &Action, _: &State) -> bool {
    match *action {
        Action::BecomeLeader(b, quorum) => {
            let promised = m.promised(before, b);
            quorum.len() >= m.prepare_quorum && quorum.iter().all(|a| promised.contains(a))
        }
        _ => true,
    }
}

fn chosen_is_stable(m: &Paxos, before: &State, _: &Action, after: &State) -> bool {
    before.accepted == after.accepted || m.accepted_by_quorum(before).is_subset(&m.accepted_by_quorum(after))
}

/// A replica applies slot after slot, and goes back to its checkpoint in a crash alone. It trims what it has applied.
fn applied_in_order(m: &Paxos, before: &State, action: &Action, after: &State) -> bool {
    (0..m.replicas).all(|r| {
        let (old, new) = (&before.replicas[r], &after.replicas[r]);
        let in_order = match *action {
            Action::Apply(replica, slot) if replica == r => {
                usize::from(old.applied) == slot && new.applied == old.applied + 1
            }
            Action::Crash(server) if server == r => new.applied == old.checkpoint,
            Action::LoseDisk(server) if server == r => new.applied == 0,
            _ => new.applied == old.applied,
        };
        in_order && (after.memory[r].floor == before.memory[r].floor || after.memory[r].floor <= old.applied)
    })
}

/// Who is down keeps what it has on disk, and starts from it.
fn down_does_nothing(m: &Paxos, before: &State, action: &Action, after: &State) -> bool {
    let restarts = |server| *action == Action::Restart(server);
    let same = |server: usize| {
        before.memory[server] == after.memory[server]
            && before.disk[server] == after.disk[server]
            && before.proposers[server] == after.proposers[server]
            && before.replicas[server] == after.replicas[server]
            && before.arrived[server] == after.arrived[server]
    };
    (0..m.servers).all(|server| match (before.down.contains(server), restarts(server)) {
        (true, false) => same(server) && m.actor(action) != Some(server),
        (false, true) => false,
        _ => true,
    })
}

/// The claims of whole behaviours.
impl Paxos {
    /// Whether one proposer is left to itself: no server crashes any more, none has lost its disk, and that of the last
    /// ballot that has begun is in it. Ballots are finitely many, so in the end this is so.
    fn is_lone(&self, s: &State) -> bool {
        let last = self.all_ballots().filter(|&b| s.prepares.contains(b.into())).max();
        s.crashed == self.crashes
            && s.lost.is_empty()
            && last.is_some_and(|b| {
                let proposer = s.proposers[self.owner(b)];
                proposer.phase != Phase::Idle && proposer.ballot == b
            })
    }

    /// Some replica has not applied what another one knows, or has trimmed.
    pub(super) fn lags(&self, s: &State, r: usize) -> bool {
        let slot = usize::from(s.replicas[r].applied);
        let knows = |other: usize| {
            let server = &s.replicas[other];
            usize::from(server.applied) > slot
                && (server.learned.get(slot).is_some() || usize::from(s.memory[other].floor) > slot)
        };
        (0..self.replicas).any(knows)
    }

    /// Who was down comes back, and what is written is synced.
    fn recovers(&self) -> Vec<Fairness<Self>> {
        let mut fairness = Vec::new();
        for server in 0..self.servers {
            if self.crashes > 0 {
                let restarts = move |action: &Action| *action == Action::Restart(server);
                fairness.push(Fairness::weak(format!("Restart({server})"), restarts));
            }
            if self.disk == Disk::Asynchronous {
                let syncs = move |action: &Action| *action == Action::Sync(server);
                fairness.push(Fairness::weak(format!("Sync({server})"), syncs));
            }
        }
        fairness
    }

    /// What each proposer asks reaches a quorum, and the answers reach it; commands reach it too. What it asks in the
    /// two phases need not reach the same acceptors: the first are owed the one, the last the other.
    fn delivers(&self) -> Vec<Fairness<Self>> {
        let mut fairness = self.recovers();
        for b in self.all_ballots() {
            let leads = move |action: &Action| matches!(*action, Action::BecomeLeader(c, _) if c == b);
            let proposes = move |action: &Action| match *action {
                Action::Adopt(c, ..) | Action::FillGap(c, _) | Action::Propose(c, ..) => c == b,
                _ => false,
            };
            fairness.push(Fairness::weak(format!("BecomeLeader({b})"), leads));
            fairness.push(Fairness::weak(format!("Propose({b})"), proposes));
            for a in 0..self.prepare_quorum {
                let promises = move |action: &Action| *action == Action::Promise(a, b);
                fairness.push(Fairness::weak(format!("Promise({a}, {b})"), promises));
            }
            for a in self.servers - self.accept_quorum..self.servers {
                let accepts = move |action: &Action| matches!(*action, Action::Accept(d, c, ..) if (d, c) == (a, b));
                fairness.push(Fairness::weak(format!("Accept({a}, {b})"), accepts));
            }
        }
        for (p, c) in (0..self.proposers).flat_map(|p| self.all_commands().map(move |c| (p, c))) {
            let forwards = move |action: &Action| *action == Action::Forward(c, p);
            fairness.push(Fairness::weak(format!("Forward({c}, {p})"), forwards));
        }
        fairness
    }

    /// Replicas ask one another, and apply what they know. All that acceptors say may be lost.
    fn catches_up(&self) -> Vec<Fairness<Self>> {
        let mut fairness = self.recovers();
        for r in 0..self.replicas {
            let applies = move |action: &Action| matches!(*action, Action::Apply(replica, _) if replica == r);
            let asks = move |action: &Action| matches!(*action, Action::CatchUp(replica, ..) if replica == r);
            fairness.push(Fairness::weak(format!("Apply({r})"), applies));
            fairness.push(Fairness::weak(format!("CatchUp({r})"), asks));
        }
        fairness
    }

    fn of_behaviours(&self) -> Vec<Temporal<Self>> {
        let begun = |m: &Self, s: &State| m.is_lone(s) && !s.submitted.is_empty();
        let any_chosen = |m: &Self, s: &State| (0..m.slots).any(|slot| !m.chosen(s, slot).is_empty());
        let all_chosen = |m: &Self, s: &State| s.submitted.iter().all(|c| m.is_chosen(s, c));
        let lags = |m: &Self, s: &State| s.crashed == m.crashes && (0..m.replicas).any(|r| m.lags(s, r));
        let level = |m: &Self, s: &State| !(0..m.replicas).any(|r| m.lags(s, r));
        let mut claims = vec![Temporal::leads_to(LONE, begun, any_chosen, self.delivers())];
        // Two ballots may put a no-op between any two commands, and a log without room chooses no more.
        if self.slots >= self.commands + (self.ballots - 1) * (self.commands - 1) {
            claims.push(Temporal::leads_to(SUBMITTED, begun, all_chosen, self.delivers()));
        }
        if self.replicas > 1 {
            claims.push(Temporal::leads_to(LAGGING, lags, level, self.catches_up()));
        }
        // A leader that crashes in the last ballot leaves what it began to nobody.
        if self.crashes == 0 {
            let applied = |m: &Self, s: &State| (0..m.slots).all(|slot| applied_if_chosen(m, s, slot));
            claims.push(Temporal::always_can(APPLICABLE, applied, None));
        }
        claims
    }

    /// The server that does it.
    pub(super) fn actor(&self, action: &Action) -> Option<usize> {
        match *action {
            Action::Prepare(b)
            | Action::BecomeLeader(b, _)
            | Action::Adopt(b, ..)
            | Action::FillGap(b, _)
            | Action::Propose(b, ..) => Some(self.owner(b)),
            Action::Promise(server, _)
            | Action::Accept(server, ..)
            | Action::Sync(server)
            | Action::Learn(server, ..)
            | Action::CatchUp(server, ..)
            | Action::Apply(server, _)
            | Action::Checkpoint(server)
            | Action::Trim(server)
            | Action::BeginRead(server)
            | Action::Confirm(server)
            | Action::ServeRead(server)
            | Action::Crash(server)
            | Action::Restart(server)
            | Action::LoseDisk(server) => Some(server),
            Action::Forward(_, p) => Some(p),
            Action::Submit(_) => None,
        }
    }
}

pub(super) fn applied_if_chosen(m: &Paxos, s: &State, slot: usize) -> bool {
    m.chosen(s, slot).is_empty() || s.replicas[..m.replicas].iter().all(|replica| usize::from(replica.applied) > slot)
}

const LONE: &str = "a lone proposer gets a value chosen";
const SUBMITTED: &str = "a submitted value is chosen";
const LAGGING: &str = "a lagging replica catches up";
/// Whatever happens, no gap keeps it from being applied.
const APPLICABLE: &str = "what is chosen can be applied";

/// The claims of behaviours, whose check keeps the graph of all steps.
pub(super) const LIVENESS: &[&str] = &[LONE, SUBMITTED, LAGGING, APPLICABLE];

impl Describe for Paxos {
    fn action_kinds(&self) -> &'static [&'static str] {
        &[
            "Prepare",
            "Promise",
            "BecomeLeader",
            "Adopt",
            "FillGap",
            "Propose",
            "Accept",
            "Sync",
            "Learn",
            "CatchUp",
            "Apply",
            "Checkpoint",
            "Trim",
            "Submit",
            "Forward",
            "BeginRead",
            "Confirm",
            "ServeRead",
            "Crash",
            "Restart",
            "LoseDisk",
        ]
    }

    fn action_kind(&self, action: &Action) -> usize {
        match action {
            Action::Prepare(_) => 0,
            Action::Promise(..) => 1,
            Action::BecomeLeader(..) => 2,
            Action::Adopt(..) => 3,
            Action::FillGap(..) => 4,
            Action::Propose(..) => 5,
            Action::Accept(..) => 6,
            Action::Sync(_) => 7,
            Action::Learn(..) => 8,
            Action::CatchUp(..) => 9,
            Action::Apply(..) => 10,
            Action::Checkpoint(_) => 11,
            Action::Trim(_) => 12,
            Action::Submit(_) => 13,
            Action::Forward(..) => 14,
            Action::BeginRead(_) => 15,
            Action::Confirm(_) => 16,
            Action::ServeRead(_) => 17,
            Action::Crash(_) => 18,
            Action::Restart(_) => 19,
            Action::LoseDisk(_) => 20,
        }
    }

    fn switched_off(&self) -> Vec<&'static str> {
        let (alone, few) = (self.ballots == 1, self.slots == 1 || self.commands == 1);
        let off = [
            ("Adopt", alone),
            ("FillGap", alone || few),
            ("Sync", self.disk == Disk::Synchronous),
            ("CatchUp", self.replicas == 1),
            ("Checkpoint", !self.trimming),
            ("Trim", !self.trimming),
            ("Submit", !self.forwarding),
            ("Forward", !self.forwarding),
            ("BeginRead", !self.reads),
            ("Confirm", !self.reads),
            ("ServeRead", !self.reads),
            ("Crash", self.crashes == 0),
            ("Restart", self.crashes == 0),
            ("LoseDisk", !self.disk_loss),
        ];
        off.into_iter().filter(|(_, off)| *off).map(|(kind, _)| kind).collect()
    }

    fn action_in_words(&self, action: &Action) -> String {
        let value = scene::value;
        match *action {
            Action::Prepare(b) => format!("server {} begins ballot {b} and asks for promises", self.owner(b)),
            Action::Promise(a, b) => format!("server {a} promises ballot {b} for all slots"),
            Action::BecomeLeader(b, quorum) => {
                format!("server {} leads ballot {b} by the promises of {quorum:?}", self.owner(b))
            }
            Action::Adopt(b, slot, v) => {
                format!("the leader of ballot {b} proposes again {} for slot {slot}", value(v))
            }
            Action::FillGap(b, slot) => format!("the leader of ballot {b} fills slot {slot} with a no-op"),
            Action::Propose(b, slot, c) => format!("the leader of ballot {b} proposes {} for slot {slot}", value(c)),
            Action::Accept(a, b, slot, v) => {
                format!("server {a} accepts {} for slot {slot} in ballot {b}", value(v))
            }
            Action::Sync(a) => format!("server {a} syncs its disk and says what is durable"),
            Action::Learn(r, slot, v) => format!("server {r} learns that {} is chosen for slot {slot}", value(v)),
            Action::CatchUp(r, other, slot) => format!("server {r} asks server {other} for slot {slot}"),
            Action::Apply(r, slot) => format!("server {r} applies slot {slot}"),
            Action::Checkpoint(r) => format!("server {r} writes a checkpoint of all that it has applied"),
            Action::Trim(a) => format!("server {a} trims its log by a slot"),
            Action::Submit(c) => format!("a client submits {}", value(c)),
            Action::Forward(c, p) => format!("{} is sent on to server {p}", value(c)),
            Action::BeginRead(p) => format!("a client asks server {p} to read"),
            Action::Confirm(a) => format!("server {a} confirms the leader that was asked to read"),
            Action::ServeRead(p) => format!("server {p} answers the read"),
            Action::Crash(server) => format!("server {server} crashes"),
            Action::Restart(server) => format!("server {server} restarts from its disk"),
            Action::LoseDisk(server) => format!("server {server} crashes and its disk is lost"),
        }
    }

    fn value(&self, s: &State) -> Value {
        scene::state(self, s)
    }

    guarded!();
    drawn!();

    fn temporal(&self) -> Vec<Temporal<Self>> {
        let mut claims = vec![
            Temporal::step("durable promises never fall", promises_never_fall),
            Temporal::step("promises counted are for this ballot, from distinct acceptors", promises_counted),
            Temporal::step("chosen is stable", chosen_is_stable),
            Temporal::step("applied in order", applied_in_order),
        ];
        if self.crashes > 0 {
            claims.push(Temporal::step("who is down does nothing", down_does_nothing));
        }
        claims.push(Temporal::refinement("refines replicated-log", ReplicasCommit::of(self)));
        claims.extend(self.of_behaviours());
        claims
    }
}
