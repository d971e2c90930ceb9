//! The lock service in words: its actions, its states, and who sends what to whom.

use super::liveness::RESTS;
use super::properties::{
    AT_SERVER, COMPATIBLE, GENERATION, GRANT_KEPT, HEAD, LEASES, compatible, excludes, is_owned, is_within,
    same_generation, waits_for_a_reason,
};
use super::{Action, Call, LockService, Master, Resource, State, Watch, Wire, attempt_of};
use crate::parts::{each, each_two};
use crate::problems::mutual_exclusion::Mode;
use proofmark_vocabulary::{Clause, Fault, Message, Scene, Value};

/// The kinds of action.
pub(super) const KINDS: &[&str] = &[
    "KeepAlive",
    "OpenSession",
    "Answer",
    "Renew",
    "LearnEnd",
    "GiveUp",
    "Request",
    "Cancel",
    "Release",
    "Resend",
    "Receive",
    "AcquireAgain",
    "ReleaseAgain",
    "LoseRequest",
    "LoseGrant",
    "LearnGrant",
    "Look",
    "Sleep",
    "Notify",
    "LearnRelease",
    "Expire",
    "EndDelay",
    "Operate",
    "Accept",
    "Reject",
    "Tick",
    "Failover",
    "Crash",
    "RenewMaster",
];

/// Which of them an action is.
pub(super) fn kind(action: &Action) -> usize {
    match action {
        Action::KeepAlive(_) => 0,
        Action::OpenSession(_) => 1,
        Action::Answer(..) => 2,
        Action::Renew(_) => 3,
        Action::LearnEnd(_) => 4,
        Action::GiveUp(_) => 5,
        Action::Request(..) => 6,
        Action::Cancel(_) => 7,
        Action::Release(_) => 8,
        Action::Resend(_) => 9,
        Action::Receive(_) => 10,
        Action::AcquireAgain(..) => 11,
        Action::ReleaseAgain(..) => 12,
        Action::LoseRequest(_) => 13,
        Action::LoseGrant(_) => 14,
        Action::LearnGrant(_) => 15,
        Action::Look(_) => 16,
        Action::Sleep(_) => 17,
        Action::Notify(_) => 18,
        Action::LearnRelease(_) => 19,
        Action::Expire(..) => 20,
        Action::EndDelay => 21,
        Action::Operate(_) => 22,
        Action::Accept(_) => 23,
        Action::Reject(_) => 24,
        Action::Tick => 25,
        Action::Failover => 26,
        Action::Crash(_) => 27,
        Action::RenewMaster => 28,
    }
}

/// Those that the constants switch off.
pub(super) fn switched_off(m: &LockService) -> Vec<&'static str> {
    let off = [
        ("KeepAlive", m.lease == 0),
        ("OpenSession", !m.opening),
        ("Answer", m.lease == 0),
        ("Renew", m.lease == 0),
        ("LearnEnd", m.lease == 0),
        ("GiveUp", m.lease == 0),
        ("Expire", m.lease == 0 && m.crashes == 0),
        ("Tick", m.lease == 0),
        ("AcquireAgain", !m.duplicates),
        ("ReleaseAgain", !m.duplicates),
        ("LoseRequest", m.losses == 0),
        ("LoseGrant", m.losses == 0 || m.watch),
        ("LearnGrant", m.watch),
        ("Look", !m.watch),
        ("Sleep", !m.watch || m.clients < 2),
        ("Notify", !m.watch || m.clients < 2),
        ("EndDelay", !m.lock_delay),
        ("Operate", m.resource == Resource::None),
        ("Accept", m.resource == Resource::None),
        ("Reject", m.resource != Resource::Sequencers || m.clients < 2),
        ("RenewMaster", !m.stalled),
        ("Failover", m.failovers == 0),
        ("Crash", m.crashes == 0),
    ];
    off.into_iter().filter(|(_, off)| *off).map(|(kind, _)| kind).collect()
}

/// An action as a sentence.
pub(super) fn words(action: &Action) -> String {
    let who = |master: Master| if master == Master::Newest { "the master" } else { "the stalled master" };
    match *action {
        Action::KeepAlive(c) => format!("client {c} sends a KeepAlive"),
        Action::OpenSession(c) => format!("the session of client {c} is opened"),
        Action::Answer(c, master) => format!("{} answers the KeepAlive of client {c}", who(master)),
        Action::Renew(c) => format!("client {c} learns that its lease is renewed"),
        Action::LearnEnd(c) => format!("client {c} learns that its session has ended"),
        Action::GiveUp(c) => format!("the grace period of client {c} ends"),
        Action::Request(c, Mode::Exclusive) => format!("client {c} asks for the lock in exclusive mode"),
        Action::Request(c, Mode::Shared) => format!("client {c} asks for the lock in shared mode"),
        Action::Cancel(c) => format!("client {c} waits no longer"),
        Action::Release(c) => format!("client {c} is through with the lock"),
        Action::Resend(c) => format!("client {c} sends its request again"),
        Action::Receive(c) => format!("the request of client {c} arrives and is committed"),
        Action::AcquireAgain(c, attempt) => format!("attempt {attempt} of client {c} arrives again"),
        Action::ReleaseAgain(c, attempt) => format!("the release of attempt {attempt} of client {c} arrives again"),
        Action::LoseRequest(c) => format!("the request of client {c} is lost"),
        Action::LoseGrant(c) => format!("the grant for client {c} is lost"),
        Action::LearnGrant(c) => format!("client {c} learns that it holds the lock"),
        Action::Look(c) => format!("client {c} looks who is before it"),
        Action::Sleep(c) => format!("client {c} sleeps until its watch tells it"),
        Action::Notify(c) => format!("client {c} is told that what it watched is gone"),
        Action::LearnRelease(c) => format!("client {c} learns that it has given back"),
        Action::Expire(c, master) => format!("{} ends the session of client {c}", who(master)),
        Action::EndDelay => "the lock-delay is over".into(),
        Action::Operate(c) => format!("client {c} sends a request to the resource"),
        Action::Accept(c) => format!("the resource accepts the request of client {c}"),
        Action::Reject(c) => format!("the resource refuses the request of client {c}"),
        Action::Tick => "a tick passes".into(),
        Action::RenewMaster => "the master's own lease is renewed".into(),
        Action::Failover => "there is a new master".into(),
        Action::Crash(c) => format!("client {c} crashes"),
    }
}

/// The clients, the cell's master, the stalled one, the resource and the clock.
pub(super) fn processes(m: &LockService) -> Vec<String> {
    let others = ["master", "stalled master", "resource", "clock"];
    (0..m.clients).map(|c| format!("client {c}")).chain(others.map(Into::into)).collect()
}

/// Where a step happens, and what is said. Clients do not tell a stalled master from the newest one: both are the cell.
pub(super) fn of(m: &LockService, before: &State, action: Action, after: &State) -> Scene {
    let (cell, stalled, resource, clock) = (m.clients, m.clients + 1, m.clients + 2, m.clients + 3);
    let at = |master: Master| if master == Master::Newest { cell } else { stalled };
    let to_cell = |c: usize, text: String| Message { from: c, to: Some(cell), text };
    let of_cell = |c: usize, text: &str| Message { from: cell, to: Some(c), text: text.into() };
    let operation = |c: usize, s: &State| Message { from: c, to: Some(resource), text: operation(s, c) };
    let mut scene = match action {
        Action::KeepAlive(c) => Scene { sent: vec![to_cell(c, KEEP_ALIVE.into())], ..Scene::at(c) },
        Action::OpenSession(c) => {
            let sent = vec![of_cell(c, LEASE)];
            Scene { received: vec![to_cell(c, KEEP_ALIVE.into())], sent, ..Scene::at(cell) }
        }
        Action::Answer(c, master) => {
            let sent = vec![of_cell(c, LEASE)];
            Scene { received: vec![to_cell(c, KEEP_ALIVE.into())], sent, ..Scene::at(at(master)) }
        }
        Action::Renew(c) => Scene { received: vec![of_cell(c, LEASE)], ..Scene::at(c) },
        Action::LearnEnd(c) => Scene { received: vec![of_cell(c, ENDED)], ..Scene::at(c) },
        Action::Request(c, _) | Action::Cancel(c) | Action::Release(c) | Action::Resend(c) => {
            let sent = request(after, c).map(|text| to_cell(c, text)).into_iter().collect();
            Scene { sent, ..Scene::at(c) }
        }
        Action::Receive(c) => {
            let received = request(before, c).map(|text| to_cell(c, text)).into_iter().collect();
            Scene { received, ..Scene::at(cell) }
        }
        Action::AcquireAgain(c, attempt) => {
            let received = vec![to_cell(c, acquire(before, c, attempt))];
            Scene { received, ..Scene::at(cell).fault(Fault::Duplicate) }
        }
        Action::ReleaseAgain(c, attempt) => {
            Scene { received: vec![to_cell(c, release(attempt))], ..Scene::at(cell).fault(Fault::Duplicate) }
        }
        Action::LoseRequest(c) => {
            let lost = request(before, c).map(|text| to_cell(c, text)).into_iter().collect();
            Scene { lost, ..Scene::at(cell).fault(Fault::Drop) }
        }
        Action::LoseGrant(c) => Scene { lost: grant(m, before, c), ..Scene::at(cell).fault(Fault::Drop) },
        Action::LearnGrant(c) => Scene { received: grant(m, before, c), ..Scene::at(c) },
        Action::Notify(c) => Scene { received: vec![of_cell(c, GONE)], ..Scene::at(c) },
        Action::Expire(c, master) => {
            let ended = before.cell.session.get(c) != after.cell.session.get(c);
            let revoke = || Message { from: stalled, to: Some(cell), text: format!("end the session of client {c}") };
            let sent = vec![if ended { of_cell(c, ENDED) } else { revoke() }];
            let received = before.revokes.contains(c).then(revoke).into_iter().collect();
            Scene { received, sent, ..Scene::at(at(master)) }
        }
        Action::Operate(c) => Scene { sent: vec![operation(c, after)], ..Scene::at(c) },
        Action::Accept(c) | Action::Reject(c) => Scene { received: vec![operation(c, before)], ..Scene::at(resource) },
        Action::EndDelay | Action::RenewMaster => Scene::at(cell),
        Action::Tick => {
            let is_lost = |&c: &usize| before.operation.get(c).is_some() && after.operation.get(c).is_none();
            Scene { lost: (0..m.clients).filter(is_lost).map(|c| operation(c, before)).collect(), ..Scene::at(clock) }
        }
        Action::Failover => Scene::at(cell).fault(Fault::Restart),
        Action::Crash(c) => Scene::at(c).fault(Fault::Crash),
        Action::GiveUp(c) | Action::Look(c) | Action::Sleep(c) | Action::LearnRelease(c) => Scene::at(c),
    };
    for c in 0..m.clients {
        if after.grant.get(c).is_some() && before.grant.get(c) != after.grant.get(c) {
            scene.sent.extend(grant(m, after, c));
        }
        if after.fired.contains(c) && !before.fired.contains(c) {
            scene.sent.push(of_cell(c, GONE));
        }
    }
    scene
}

const KEEP_ALIVE: &str = "KeepAlive";
const LEASE: &str = "a lease";
const ENDED: &str = "the session has ended";
const GONE: &str = "the node that is watched is gone";

fn request(s: &State, c: usize) -> Option<String> {
    match s.wire.get(c) {
        Wire::None => None,
        Wire::Acquire => Some(acquire(s, c, s.attempt.get(c))),
        Wire::Release => Some(release(s.attempt.get(c))),
    }
}

fn acquire(s: &State, c: usize, attempt: u8) -> String {
    format!("acquire, attempt {attempt}, {}", mode_name(s.mode(c, attempt)))
}

fn release(attempt: u8) -> String {
    format!("release, attempt {attempt}")
}

fn grant(m: &LockService, s: &State, c: usize) -> Vec<Message> {
    let text = s.grant.get(c).map(|sequencer| format!("granted, sequencer {sequencer}"));
    text.map(|text| Message { from: m.clients, to: Some(c), text }).into_iter().collect()
}

fn operation(s: &State, c: usize) -> String {
    s.operation.get(c).map_or_else(|| "no request".into(), |sequencer| format!("request, sequencer {sequencer}"))
}

const fn mode_name(mode: Mode) -> &'static str {
    match mode {
        Mode::Exclusive => "exclusive",
        Mode::Shared => "shared",
    }
}

/// The parts of the claims.
pub(super) fn clauses(m: &LockService, claim: &str, s: &State) -> Vec<Clause> {
    match claim {
        AT_SERVER => each_two(m.clients, |c, d| {
            (format!("clients {c} and {d} do not both believe that they hold the lock"), excludes(s, c, d))
        }),
        COMPATIBLE => each_two(m.clients, |c, d| {
            (format!("clients {c} and {d} do not hold the lock in conflicting modes"), compatible(s, c, d))
        }),
        GENERATION => each_two(m.clients, |c, d| {
            (format!("clients {c} and {d} have one generation if both share the lock"), same_generation(s, c, d))
        }),
        HEAD => each(m.clients, |c| {
            (format!("client {c} cannot have the lock yet if it waits first"), waits_for_a_reason(m, s, c))
        }),
        GRANT_KEPT => each(m.clients, |c| {
            (format!("client {c} knows of its holding, or will, and its session lives"), is_owned(m, s, c))
        }),
        LEASES => {
            each(m.clients, |c| (format!("the lease of client {c} ends before the master says so"), is_within(s, c)))
        }
        RESTS => vec![
            Clause::new("nobody holds the lock", (0..m.clients).all(|c| !s.cell.holds(c))),
            Clause::new("nobody waits", s.cell.line.first().is_none()),
            Clause::new("no lock-delay runs", !s.cell.delayed),
        ],
        _ => Vec::new(),
    }
}

/// A state as named fields.
pub(super) fn value(m: &LockService, s: &State) -> Value {
    let client = |c: usize| {
        let request = match s.wire.get(c) {
            Wire::None => "none",
            Wire::Acquire => "acquire",
            Wire::Release => "release",
        };
        let call = match s.call.get(c) {
            Call::None => Value::from("none"),
            Call::Sent(age) => Value::Variant("sent".into(), Box::new(age.into())),
            Call::Answered(age) => Value::Variant("answered".into(), Box::new(age.into())),
        };
        let mut fields = vec![
            ("phase", s.phase.get(c).name().into()),
            ("lease", s.lease.get(c).into()),
            ("keep_alive", call),
            ("request", request.into()),
            ("mode", mode_name(s.mode(c, s.attempt.get(c))).into()),
            ("grant", s.grant.get(c).into()),
            ("sequencer", s.known.get(c).into()),
        ];
        if m.attempts > 0 {
            fields.push(("attempt", s.attempt.get(c).into()));
            let asks = |attempt: &u8| s.shared.contains(attempt_of(c, *attempt));
            fields.push(("shared_attempts", Value::set((1..=m.attempts).filter(asks))));
        }
        if m.watch {
            let does = match s.watch.get(c) {
                Watch::Looking => "looking",
                Watch::Set => "set",
                Watch::Asleep => "asleep",
            };
            fields.push(("watch", does.into()));
            fields.push(("watches", s.watched.get(c).into()));
            fields.push(("notified", s.fired.contains(c).into()));
        }
        if m.resource != Resource::None {
            fields.push(("operation", s.operation.get(c).into()));
            fields.push(("operation_has_seen_a_tick", s.aged.contains(c).into()));
        }
        Value::Record(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    };
    let session = |c: usize| {
        let mode = if s.cell.shared.contains(c) { Mode::Shared } else { Mode::Exclusive };
        Value::record([
            ("session", s.cell.session.get(c).name().into()),
            ("attempt", s.cell.handled.get(c).into()),
            ("mode", mode_name(mode).into()),
            ("sequencer", s.cell.sequencer.get(c).into()),
        ])
    };
    let master = |leases: crate::Map<Option<u8>, u32>| Value::list(leases.values(m.clients));
    let cell = Value::record([
        ("sessions", Value::list((0..m.clients).map(session))),
        ("waiters", Value::list(s.cell.line.iter())),
        ("generations", s.cell.began.into()),
        ("shared_generations", s.cell.shared_generations.into()),
        ("lock_delay", s.cell.delayed.into()),
    ]);
    let newest = Value::record([
        ("leases", master(s.granted)),
        ("own_lease", s.master_left.into()),
        ("delay", s.delay.into()),
        ("term", s.term.into()),
    ]);
    let history = Value::record([
        ("last_exclusive", s.last_exclusive.into()),
        ("last_shared", s.last_shared.into()),
        ("settling", s.settling.into()),
        ("served_from_queue", s.served.into()),
        ("held_at_failover", s.inherited.into()),
        ("held_since_failover", s.carried.into()),
        ("lost", s.lost.into()),
    ]);
    let mut fields = vec![
        ("clients", Value::list((0..m.clients).map(client))),
        ("cell", cell),
        ("master", newest),
        ("history", history),
    ];
    if m.stalled {
        let stalled =
            [("leases", master(s.stalled)), ("own_lease", s.stalled_left.into()), ("revokes", s.revokes.into())];
        fields.push(("stalled", Value::record(stalled)));
    }
    if m.resource != Resource::None {
        fields.push((
            "resource",
            Value::record([
                ("seen", s.seen.into()),
                ("accepted_exclusive", s.seen_exclusive.into()),
                ("accepted_shared", s.seen_shared.into()),
                ("crossed", s.crossed.into()),
            ]),
        ));
    }
    if m.commands > 0 {
        fields.push(("log", Value::list(s.log.iter().map(|value| format!("{:?}", super::Command::of_value(value))))));
        fields.push(("knew", Value::list(s.knew.values(usize::from(s.term)))));
    }
    Value::Record(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}
