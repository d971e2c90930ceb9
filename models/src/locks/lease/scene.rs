//! The lease lock in words: its actions, its states, who sends what to whom, and the parts of what must be true.

use super::properties::{
    COMES_FREE, CRASHED_FREED, DELETE_FREES, EXCLUSION, HOLDERS_OPERATE, OVER_FREED, RELEASED_FREED, RESOURCE, crashed,
    over, released, to_delete,
};
use super::{Action, By, Client, FOREVER, Key, LeaseLock, Operation, Phase, Request, State};
use crate::parts::{each, each_two};
use proofmark_vocabulary::{Clause, Fault, Message, Scene, Value};
use std::collections::BTreeMap;
use std::fmt;

pub(super) const KINDS: &[&str] = &[
    "Ask",
    "Grant",
    "GrantCopy",
    "Acquire",
    "GiveUp",
    "Operate",
    "Pause",
    "Resume",
    "Release",
    "Delete",
    "Renew",
    "Extend",
    "Extended",
    "Accept",
    "AcceptCopy",
    "Refuse",
    "HoldUp",
    "Crash",
    "CrashServer",
    "Restart",
    "Jump",
    "Tick",
];

pub(super) const fn kind(action: &Action) -> usize {
    match action {
        Action::Ask(..) => 0,
        Action::Grant(..) => 1,
        Action::GrantCopy(..) => 2,
        Action::Acquire(_) => 3,
        Action::GiveUp(_) => 4,
        Action::Operate(..) => 5,
        Action::Pause(..) => 6,
        Action::Resume(_) => 7,
        Action::Release(_) => 8,
        Action::Delete(..) => 9,
        Action::Renew(..) => 10,
        Action::Extend(..) => 11,
        Action::Extended(_) => 12,
        Action::Accept(_) => 13,
        Action::AcceptCopy(_) => 14,
        Action::Refuse(_) => 15,
        Action::HoldUp(_) => 16,
        Action::Crash(_) => 17,
        Action::CrashServer(_) => 18,
        Action::Restart(_) => 19,
        Action::Jump(_) => 20,
        Action::Tick => 21,
    }
}

impl Operation {
    const fn name(self) -> &'static str {
        match self {
            Operation::Nothing => "nothing",
            Operation::Write => "write",
            Operation::Read => "read",
        }
    }
}

/// `client 1 (request 2)`.
impl fmt::Display for By {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "client {} (request {})", self.client, self.request)
    }
}

/// That a client's clock is slow, where it is.
fn slowly(slow: u8) -> &'static str {
    if slow > 0 { ", by a slow clock" } else { "" }
}

pub(super) fn words(action: &Action) -> String {
    match *action {
        Action::Ask(c, slow) => format!("client {c} asks for the lock{}", slowly(slow)),
        Action::Grant(i, by) => format!("server {i} grants the lock to {by}"),
        Action::GrantCopy(i, by) => format!("server {i} is asked once more for {by} and grants the lock again"),
        Action::Acquire(c) => format!("client {c} has heard of enough grants: it holds the lock"),
        Action::GiveUp(c) => format!("client {c} waits no longer and gives back what it may have been granted"),
        Action::Operate(c, operation) => {
            format!("client {c} finds that its lease is valid and sends a {}", operation.name())
        }
        Action::Pause(c, operation) => {
            format!("client {c} finds that its lease is valid and is paused before it sends a {}", operation.name())
        }
        Action::Resume(c) => format!("client {c} wakes up and sends what it was about to send"),
        Action::Release(c) => format!("client {c} is through and gives the lock back"),
        Action::Delete(i, by) => format!("server {i} deletes the key of {by}"),
        Action::Renew(c, slow) => format!("client {c} asks for more time{}", slowly(slow)),
        Action::Extend(i, c) => format!("server {i} gives client {c} more time"),
        Action::Extended(c) => format!("client {c} has heard that it has more time"),
        Action::Accept(by) => format!("the resource accepts what {by} has sent"),
        Action::AcceptCopy(by) => format!("the resource accepts what {by} has sent, and a copy of it is late"),
        Action::Refuse(by) => format!("the resource refuses what {by} has sent: its sequencer is too small"),
        Action::HoldUp(by) => format!("the network holds up what {by} has sent"),
        Action::Crash(c) => format!("client {c} crashes"),
        Action::CrashServer(i) => format!("server {i} crashes"),
        Action::Restart(i) => format!("server {i} restarts"),
        Action::Jump(i) => format!("the clock of server {i} jumps ahead, and its key expires"),
        Action::Tick => "time passes".into(),
    }
}

pub(super) fn switched_off(m: &LeaseLock) -> Vec<&'static str> {
    let b = &m.budget;
    let off = [
        ("GrantCopy", b.duplicates == 0),
        ("Pause", b.pauses == 0),
        ("Resume", b.pauses == 0),
        ("Renew", !m.watchdog),
        ("Extend", !m.renews()),
        ("Extended", !m.renews()),
        ("AcceptCopy", b.duplicates == 0 || !m.sequencer),
        ("Refuse", !m.sequencer || b.pauses == 0 && b.delays == 0 && b.duplicates == 0 && b.jumps == 0),
        ("HoldUp", b.delays == 0),
        ("Crash", b.crashes == 0),
        ("CrashServer", b.server_crashes == 0),
        ("Restart", b.server_crashes == 0),
        ("Jump", b.jumps == 0 || !m.jumps()),
    ];
    off.into_iter().filter(|(_, off)| *off).map(|(kind, _)| kind).collect()
}

/// The clients, the servers, the resource.
pub(super) fn processes(m: &LeaseLock) -> Vec<String> {
    let clients = (0..m.clients).map(|c| format!("client {c}"));
    let servers = (0..m.servers).map(|i| format!("server {i}"));
    clients.chain(servers).chain(["resource".into(), "clock".into()]).collect()
}

/// A client's request to a server, by its number.
fn asks(m: &LeaseLock, by: By, i: usize) -> Message {
    Message { from: by.client, to: Some(m.clients + i), text: format!("set if absent, request {}", by.request) }
}

/// The grant, with its sequencer if it has one.
fn granted(m: &LeaseLock, by: By, i: usize, sequencer: u8) -> Message {
    let sequencer = if sequencer > 0 { format!(", sequencer {sequencer}") } else { String::new() };
    let text = format!("request {} is granted{sequencer}", by.request);
    Message { from: m.clients + i, to: Some(by.client), text }
}

fn deletes(m: &LeaseLock, by: By, i: usize) -> Message {
    Message { from: by.client, to: Some(m.clients + i), text: format!("delete if of request {}", by.request) }
}

fn renews(m: &LeaseLock, c: usize, request: u8, i: usize) -> Message {
    Message { from: c, to: Some(m.clients + i), text: format!("extend if of request {request}") }
}

fn extends(m: &LeaseLock, c: usize, request: u8, i: usize) -> Message {
    Message { from: m.clients + i, to: Some(c), text: format!("request {request} is extended") }
}

/// What is on its way to the resource because of a request.
fn operation(m: &LeaseLock, s: &State, by: By) -> Message {
    let text = format!("{} of request {}", s.requests[by.request].operation.name(), by.request);
    Message { from: by.client, to: Some(m.clients + m.servers), text }
}

/// A client's steps send to every server, and read the answers of those that have answered.
pub(super) fn of(m: &LeaseLock, before: &State, action: Action, after: &State) -> Scene {
    let resource = m.clients + m.servers;
    let servers = || 0..m.servers;
    let to_all =
        |scene: Scene, message: &dyn Fn(usize) -> Message| Scene { sent: servers().map(message).collect(), ..scene };
    let by_of = |s: &State, c: usize| s.request(c).map(|request| By { client: c, request });
    match action {
        Action::Ask(c, _) => match by_of(after, c) {
            Some(by) if before.asked < after.asked => to_all(Scene::at(c), &|i| asks(m, by, i)),
            _ => Scene::at(c),
        },
        Action::Grant(i, by) | Action::GrantCopy(i, by) => {
            let copy = matches!(action, Action::GrantCopy(..)).then_some(Fault::Duplicate);
            let sent = if before == after { vec![] } else { vec![granted(m, by, i, after.counter)] };
            Scene { sent, received: vec![asks(m, by, i)], fault: copy, ..Scene::at(m.clients + i) }
        }
        Action::Acquire(c) => {
            let by = by_of(before, c);
            let read = by.map(|by| {
                let Request { granted: servers, sequencer, .. } = before.requests[by.request];
                servers.iter().map(move |i| granted(m, by, i, sequencer))
            });
            let scene = Scene { received: read.into_iter().flatten().collect(), ..Scene::at(c) };
            match by {
                Some(By { request, .. }) if !after.clients[c].renewing.is_empty() => {
                    to_all(scene, &|i| renews(m, c, request as u8, i))
                }
                _ => scene,
            }
        }
        Action::GiveUp(c) | Action::Release(c) => match by_of(before, c) {
            Some(by) if after.requests[by.request].released && !before.requests[by.request].released => {
                to_all(Scene::at(c), &|i| deletes(m, by, i))
            }
            _ => Scene::at(c),
        },
        Action::Operate(c, _) | Action::Resume(c) => match by_of(after, c) {
            Some(by) if before != after => Scene { sent: vec![operation(m, after, by)], ..Scene::at(c) },
            _ => Scene::at(c),
        },
        Action::Pause(c, _) | Action::Crash(c) => Scene { fault: fault(action), ..Scene::at(c) },
        Action::Delete(i, by) => Scene { received: vec![deletes(m, by, i)], ..Scene::at(m.clients + i) },
        Action::Renew(c, _) => {
            let request = after.clients[c].request;
            if before == after { Scene::at(c) } else { to_all(Scene::at(c), &|i| renews(m, c, request, i)) }
        }
        Action::Extend(i, c) => {
            let request = before.clients[c].request;
            let sent = if before == after { vec![] } else { vec![extends(m, c, request, i)] };
            Scene { sent, received: vec![renews(m, c, request, i)], ..Scene::at(m.clients + i) }
        }
        Action::Extended(c) => {
            let Client { request, renewers, .. } = before.clients[c];
            Scene { received: renewers.iter().map(|i| extends(m, c, request, i)).collect(), ..Scene::at(c) }
        }
        Action::Accept(by) | Action::AcceptCopy(by) | Action::Refuse(by) => {
            let received = vec![operation(m, before, by)];
            Scene { received, fault: fault(action), ..Scene::at(resource) }
        }
        Action::HoldUp(by) => Scene::at(by.client),
        Action::Tick => Scene::at(m.clients + m.servers + 1),
        Action::CrashServer(i) | Action::Restart(i) | Action::Jump(i) => {
            Scene { fault: fault(action), ..Scene::at(m.clients + i) }
        }
    }
}

const fn fault(action: Action) -> Option<Fault> {
    match action {
        Action::Crash(_) | Action::CrashServer(_) => Some(Fault::Crash),
        Action::Restart(_) => Some(Fault::Restart),
        Action::AcceptCopy(_) => Some(Fault::Duplicate),
        _ => None,
    }
}

/// The parts of the claims.
pub(super) fn clauses(m: &LeaseLock, claim: &str, s: &State) -> Vec<Clause> {
    let holds = |c| m.holders(s).any(|holder| holder == c);
    let requests = |part: &dyn Fn(By) -> (String, bool)| {
        let of = |request| match s.by().nth(request) {
            Some(by) => part(by),
            None => part(By { client: 0, request: request + 1 }),
        };
        each(m.requests.into(), of)
    };
    match claim {
        EXCLUSION => each_two(m.clients, |c, d| {
            (format!("clients {c} and {d} do not both have a valid lease"), !(holds(c) && holds(d)))
        }),
        RESOURCE => requests(&|by| {
            let generation = s.requests[by.request].generation;
            let overtaken = s.resource.served.iter().any(|served| served > usize::from(generation));
            let name = format!("what was accepted last is not of request {} if a later one was served", by.request);
            (name, generation == 0 || generation != s.resource.last || !overtaken)
        }),
        HOLDERS_OPERATE => requests(&|by| {
            (format!("what was sent by request {} was sent by a holder", by.request), s.operates_by_grant(by))
        }),
        CRASHED_FREED => {
            each(m.servers, |i| (format!("server {i} has no crashed client's key"), !crashed(m, s).any(|at| at == i)))
        }
        RELEASED_FREED => {
            each(m.servers, |i| (format!("server {i} has no key that was released"), !released(m, s).any(|at| at == i)))
        }
        OVER_FREED => each(m.servers, |i| {
            (format!("server {i} has no key of a lease that is over"), !over(m, s).any(|at| at == i))
        }),
        DELETE_FREES => each(m.servers, |i| {
            (format!("server {i} is down or has no key that was released"), !to_delete(m, s).any(|at| at == i))
        }),
        COMES_FREE => each(m.servers, |i| (format!("server {i} has no key"), s.keys[i] == Key::default())),
        _ => Vec::new(),
    }
}

/// What the constants switch off is left out.
pub(super) fn value(m: &LeaseLock, s: &State) -> Value {
    let mut fields = BTreeMap::from([
        ("clients", Value::list(s.clients[..m.clients].iter().map(|&client| Value::Text(client_in_words(client))))),
        ("servers", Value::list((0..m.servers).map(|i| Value::Text(server_in_words(s, i))))),
        ("requests", Value::Record(s.by().map(|by| (format!("request_{}", by.request), request(m, s, by))).collect())),
        ("resource", resource(m, s)),
    ]);
    if s.spent != super::Spent::default() {
        fields.insert("spent", spent(s));
    }
    Value::Record(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

fn client_in_words(client: Client) -> String {
    let phase = match client.phase {
        Phase::Idle => "idle",
        Phase::Waiting => "waiting",
        Phase::Holding => "holding",
        Phase::PausedToWrite => "paused before a write",
        Phase::PausedToRead => "paused before a read",
        Phase::Crashed => "crashed",
    };
    let left = match (client.request, client.left) {
        (0, _) => String::new(),
        (request, 0) => format!(", request {request}, lease over"),
        (request, left) => format!(", request {request}, {left} left"),
    };
    let renewal = match client.renewed {
        0 => String::new(),
        renewed => format!(", renewal of {renewed} asked of {:?}, granted by {:?}", client.renewing, client.renewers),
    };
    format!("{phase}{left}{renewal}")
}

fn server_in_words(s: &State, i: usize) -> String {
    let Key { request, left } = s.keys[i];
    let key = match (request, left) {
        (0, _) => "no key".to_owned(),
        (request, FOREVER) => format!("key of request {request}, for ever"),
        (request, left) => format!("key of request {request}, {left} left"),
    };
    match (s.down.contains(i), s.waits[i]) {
        (false, _) => key,
        (true, 0) => format!("down; {key}"),
        (true, wait) => format!("down for {wait} at least; {key}"),
    }
}

fn request(m: &LeaseLock, s: &State, by: By) -> Value {
    let Request { client, granted, sequencer, generation, released, operation, held_up } = s.requests[by.request];
    let on_its_way = match (operation, held_up) {
        (Operation::Nothing, _) => "nothing".to_owned(),
        (operation, false) => operation.name().to_owned(),
        (operation, true) => format!("{}, held up", operation.name()),
    };
    let mut fields = BTreeMap::from([
        ("client".to_owned(), client.into()),
        ("granted_by".to_owned(), granted.into()),
        ("holding".to_owned(), Some(generation).filter(|&generation| generation > 0).into()),
        ("released".to_owned(), released.into()),
        ("on_its_way".to_owned(), on_its_way.into()),
    ]);
    if m.sequencer {
        fields.insert("sequencer".to_owned(), Some(sequencer).filter(|&sequencer| sequencer > 0).into());
    }
    Value::Record(fields)
}

fn resource(m: &LeaseLock, s: &State) -> Value {
    let some = |number: u8| Value::from(Some(number).filter(|&number| number > 0));
    let mut fields = BTreeMap::from([
        ("served".to_owned(), s.resource.served.into()),
        ("served_last".to_owned(), some(s.resource.last)),
    ]);
    if m.sequencer {
        fields.insert("greatest_sequencer".to_owned(), some(s.resource.greatest));
    }
    Value::Record(fields)
}

fn spent(s: &State) -> Value {
    let spent = s.spent;
    let fields = [
        ("pauses", spent.pauses),
        ("crashes", spent.crashes),
        ("server_crashes", spent.server_crashes),
        ("jumps", spent.jumps),
        ("duplicates", spent.duplicates),
        ("delays", spent.delays),
    ];
    let some = fields.into_iter().filter(|(_, often)| *often > 0);
    Value::Record(some.map(|(name, often)| (name.to_owned(), often.into())).collect())
}
