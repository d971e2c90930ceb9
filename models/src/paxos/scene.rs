//! Who says what to whom, the state as it is shown, and the parts of what must be true.

use super::properties::{
    agrees, applied_if_chosen, begins_first, is_valid, keeps_no_trimmed, learns_chosen, proposes_one, trims_applied,
    votes_safely,
};
use super::{Action, Log, NO_OP, Paxos, Phase, Record, State, Vote};
use crate::parts::each;
use proofmark_vocabulary::{Clause, Fault, Message, Scene, Value};

/// The servers, then the clients where they submit or read.
pub(super) fn processes(m: &Paxos) -> Vec<String> {
    let clients = (m.forwarding || m.reads).then(|| "clients".to_owned());
    (0..m.servers).map(|server| format!("server {server}")).chain(clients).collect()
}

/// A value in words.
pub(super) fn value(v: u8) -> String {
    if v == NO_OP { "a no-op".to_owned() } else { format!("command {v}") }
}

/// What an action adds to the messages is sent, and what it finds among them is received: again, if it was before.
pub(super) fn of(m: &Paxos, before: &State, action: Action, after: &State) -> Scene {
    let clients = m.servers;
    let mut scene = Scene::at(m.actor(&action).unwrap_or(clients));
    match action {
        Action::Crash(_) | Action::LoseDisk(_) => scene.fault(Fault::Crash),
        Action::Restart(_) => scene.fault(Fault::Restart),
        Action::Submit(_) | Action::Apply(..) => scene,
        Action::Prepare(b) => scene.sends(None, prepare(b)),
        Action::BecomeLeader(b, quorum) => {
            scene.received =
                quorum.iter().filter_map(|a| m.counted(before, b, a).map(|of| promise(m, a, of))).collect();
            scene
        }
        Action::Adopt(b, slot, v) | Action::Propose(b, slot, v) => scene.sends(None, accept(b, slot, v)),
        Action::FillGap(b, slot) => scene.sends(None, accept(b, slot, NO_OP)),
        Action::Promise(_, b) if before.prepares.contains(b.into()) => {
            acknowledged(m, before, after, scene.hears(m.owner(b), prepare(b)))
        }
        Action::Accept(_, b, slot, v) if m.is_proposed(before, b, slot, v) => {
            acknowledged(m, before, after, scene.hears(m.owner(b), accept(b, slot, v)))
        }
        Action::Promise(..) | Action::Accept(..) | Action::Sync(_) => acknowledged(m, before, after, scene),
        Action::Learn(_, slot, v) => {
            let said = m.all_ballots().flat_map(|b| (0..m.servers).map(move |a| (a, b)));
            let said = said.filter(|&(a, b)| m.is_accepted(before, a, b, slot, v));
            said.fold(scene, |scene, (a, b)| scene.hears(a, accepted(b, slot, v)))
        }
        Action::CatchUp(_, other, slot) => told(scene, before, other, slot),
        Action::Checkpoint(r) => scene.sends(None, checkpoint(after.replicas[r].checkpoint)),
        Action::Trim(_) => {
            let others = (0..m.replicas).map(|r| (r, before.replicas[r].checkpoint)).filter(|(_, slots)| *slots > 0);
            others.fold(scene, |scene, (r, slots)| scene.hears(r, checkpoint(slots)))
        }
        Action::Forward(c, _) => said_by(scene, clients, &value(c)),
        Action::BeginRead(p) => said_by(scene, clients, "read").sends(None, asks(before.proposers[p].ballot)),
        Action::Confirm(_) => confirms(scene, before),
        Action::ServeRead(_) => serves(scene, before, clients),
    }
}

/// The scene, and what an acceptor says in it now that its record is durable.
fn acknowledged(m: &Paxos, before: &State, after: &State, mut scene: Scene) -> Scene {
    let Some(a) = scene.process else { return scene };
    for b in m.all_ballots().map(usize::from) {
        if before.promises[b][a] != after.promises[b][a] {
            scene.sent.push(promise(m, a, after.promises[b][a]));
        }
    }
    for ((b, slot), v) in m.all_places().flat_map(|place| m.all_values().map(move |v| (place, v))) {
        if m.is_accepted(after, a, b, slot, v) && !m.is_accepted(before, a, b, slot, v) {
            scene.sent.push(Message { from: a, to: None, text: accepted(b, slot, v) });
        }
    }
    scene
}

/// Something that is said and heard in the same step.
fn said_by(mut scene: Scene, from: usize, text: &str) -> Scene {
    let message = Message { from, to: scene.process, text: text.to_owned() };
    scene.sent.push(message.clone());
    scene.received.push(message);
    scene
}

fn told(scene: Scene, s: &State, other: usize, slot: usize) -> Scene {
    match s.replicas[other].learned.get(slot) {
        Some(v) => said_by(scene, other, &format!("slot {slot} is {}", value(v))),
        None => scene,
    }
}

fn confirms(scene: Scene, s: &State) -> Scene {
    let Some(read) = s.read else { return scene };
    let leader = usize::from(read.server);
    scene.hears(leader, asks(read.ballot)).sends(leader, follows(read.ballot))
}

fn serves(scene: Scene, s: &State, clients: usize) -> Scene {
    let Some(read) = s.read else { return scene };
    let confirmed = read.confirmed.iter().fold(scene, |scene, a| scene.receives(a, follows(read.ballot)));
    confirmed.sends(clients, format!("{} slots are applied", s.replicas[usize::from(read.server)].applied))
}

fn asks(b: u8) -> String {
    format!("who follows ballot {b}?")
}

fn follows(b: u8) -> String {
    format!("I follow ballot {b}")
}

fn prepare(b: u8) -> String {
    format!("prepare {b}")
}

/// A promise is for the proposer of its ballot, also where a mutant counts it for another.
fn promise(m: &Paxos, a: usize, record: Record) -> Message {
    let ballot = record.promised().unwrap_or_default();
    let entry =
        |(slot, vote): (usize, &Vote)| vote.get().map(|(b, v)| format!("; slot {slot}: {} in ballot {b}", value(v)));
    let votes: String = record.votes.iter().enumerate().filter_map(entry).collect();
    let trimmed = if record.floor > 0 { format!("; trimmed below {}", record.floor) } else { String::new() };
    Message { from: a, to: Some(m.owner(ballot)), text: format!("promise {ballot}{trimmed}{votes}") }
}

fn accept(b: u8, slot: usize, v: u8) -> String {
    format!("accept in ballot {b}, slot {slot}: {}", value(v))
}

fn accepted(b: u8, slot: usize, v: u8) -> String {
    format!("accepted in ballot {b}, slot {slot}: {}", value(v))
}

fn checkpoint(slots: u8) -> String {
    format!("checkpoint of {slots} slots")
}

/// The state as named fields; what the constants switch off is left out.
pub(super) fn state(m: &Paxos, s: &State) -> Value {
    let of_each = |of: &dyn Fn(usize) -> Value| Value::list((0..m.servers).map(of));
    let promises = m.all_ballots().flat_map(|b| (0..m.servers).map(move |a| (b, a))).filter_map(|(b, a)| {
        let promise = &s.promises[usize::from(b)][a];
        promise.promised().map(|_| Value::record([("acceptor", a.into()), ("record", of_record(m, *promise))]))
    });
    let places = || m.all_places().flat_map(|(b, slot)| m.all_values().map(move |v| (b, slot, v)));
    let triple = |(b, slot, v): (u8, usize, u8)| vec![("ballot", b.into()), ("slot", slot.into()), ("value", v.into())];
    let accepts = places().filter(|&(b, slot, v)| m.is_proposed(s, b, slot, v)).map(|at| record(triple(at)));
    let accepted = (0..m.servers).flat_map(|a| {
        let by = places().filter(move |&(b, slot, v)| m.is_accepted(s, a, b, slot, v));
        by.map(move |at| record([vec![("acceptor", a.into())], triple(at)].concat()))
    });
    let mut fields = vec![
        ("disk", of_each(&|a| of_record(m, s.disk[a]))),
        ("memory", of_each(&|a| of_record(m, s.memory[a]))),
        ("proposers", Value::list((0..m.proposers).map(|p| of_proposer(s, p)))),
        ("replicas", Value::list((0..m.replicas).map(|r| of_replica(m, s, r)))),
        ("prepares", s.prepares.into()),
        ("promises", Value::set(promises)),
        ("accepts", Value::set(accepts)),
        ("accepted", Value::set(accepted)),
        ("chosen", Value::list((0..m.slots).map(|slot| Value::from(m.chosen(s, slot))))),
        ("down", s.down.into()),
        ("crashed", s.crashed.into()),
    ];
    if m.disk_loss {
        fields.push(("lost", s.lost.into()));
    }
    if m.forwarding {
        fields.push(("submitted", s.submitted.into()));
        fields.push(("arrived", Value::list(s.arrived[..m.proposers].iter().map(|&commands| Value::from(commands)))));
    }
    if m.reads {
        fields.push(("read", of_read(s)));
        fields.push(("stale", s.stale.into()));
    }
    record(fields)
}

fn record(fields: Vec<(&str, Value)>) -> Value {
    Value::Record(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

fn of_record(m: &Paxos, record: Record) -> Value {
    let vote = |vote: &Vote| -> Value {
        vote.get().map(|(b, v)| Value::record([("ballot", b.into()), ("value", v.into())])).into()
    };
    Value::record([
        ("promised", record.promised().into()),
        ("votes", Value::list(record.votes[..m.slots].iter().map(vote))),
        ("floor", record.floor.into()),
    ])
}

fn of_proposer(s: &State, p: usize) -> Value {
    let proposer = &s.proposers[p];
    let phase = match proposer.phase {
        Phase::Idle => return Value::Variant("Idle".into(), Box::new(Value::record([]))),
        Phase::Preparing => "Preparing",
        Phase::Leading => "Leading",
    };
    let of = [
        ("ballot", proposer.ballot.into()),
        ("quorum", proposer.quorum.into()),
        ("proposed", proposer.proposed.into()),
    ];
    Value::Variant(phase.into(), Box::new(Value::record(of)))
}

fn of_replica(m: &Paxos, s: &State, r: usize) -> Value {
    let replica = &s.replicas[r];
    let log = |log: &Log| Value::list((0..m.slots).map(|slot| Value::from(log.get(slot))));
    Value::record([
        ("learned", log(&replica.learned)),
        ("applied", replica.applied.into()),
        ("checkpoint", replica.checkpoint.into()),
        ("history", log(&replica.history)),
    ])
}

fn of_read(s: &State) -> Value {
    let read = s.read.map(|read| {
        Value::record([
            ("server", read.server.into()),
            ("ballot", read.ballot.into()),
            ("needs", read.needs.into()),
            ("due", read.due.into()),
            ("confirmed", read.confirmed.into()),
        ])
    });
    read.into()
}

/// The parts of the claims, each of a slot, a ballot or a server.
pub(super) fn clauses(m: &Paxos, claim: &str, s: &State) -> Vec<Clause> {
    let slots =
        |what: &str, holds: &dyn Fn(usize) -> bool| each(m.slots, |slot| (format!("{what} slot {slot}"), holds(slot)));
    let servers = |count: usize, what: &str, holds: &dyn Fn(usize) -> bool| {
        each(count, |server| (format!("server {server} {what}"), holds(server)))
    };
    match claim {
        "agreement" => slots("at most one value is chosen for", &|slot| agrees(m, s, slot)),
        "validity" => {
            slots("what is chosen was submitted, or is a no-op, and proposed for", &|slot| is_valid(m, s, slot))
        }
        "a ballot begins before it is promised" => each(m.ballots, |b| {
            (format!("ballot {b} has begun if anybody has promised it"), begins_first(m, s, b as u8))
        }),
        "one value per ballot" => {
            each(m.ballots, |b| (format!("ballot {b} proposes one value a slot"), proposes_one(m, s, b as u8)))
        }
        "votes are safe" => servers(m.servers, "has accepted what is safe", &|a| votes_safely(m, s, a)),
        "what is learned is chosen" => servers(m.replicas, "has learned what is chosen", &|r| learns_chosen(m, s, r)),
        "what is trimmed is in every checkpoint" => {
            servers(m.servers, "has trimmed what every checkpoint has", &|a| trims_applied(m, s, a))
        }
        "nothing that is trimmed is kept" => {
            servers(m.servers, "keeps nothing that it has trimmed", &|a| keeps_no_trimmed(m, s, a))
        }
        "a submitted value is chosen" => each(m.commands, |at| {
            let command = at + 1;
            let name = format!("command {command} is chosen if it is submitted");
            (name, !s.submitted.contains(command) || m.is_chosen(s, command))
        }),
        "a lagging replica catches up" => servers(m.replicas, "has applied what others know", &|r| !m.lags(s, r)),
        "what is chosen can be applied" => {
            slots("every replica has applied what is chosen for", &|slot| applied_if_chosen(m, s, slot))
        }
        _ => Vec::new(),
    }
}
