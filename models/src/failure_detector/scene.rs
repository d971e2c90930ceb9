//! A run in words: who tells whom, and the parts of what must be true.

use super::properties::{ACCURACY, ALIVE_AGAIN, CAN_AGREE, COMPLETENESS, EARNED, LEAVES, NOT_AHEAD, PROBES_ALIVE};
use super::{Action, FailureDetector, Probe, Rumour, State};
use super::{CRASHES, DEATHS, DUPLICATES, LATE, RESTARTS, TIMEOUTS};
use crate::parts::each;
use proofmark_vocabulary::{Clause, Fault, Message, Scene, Value};

pub(super) const KINDS: &[&str] = &[
    "Timeout",
    "Ack",
    "Reach",
    "Relay",
    "Fail",
    "Suspect",
    "Confirm",
    "Remove",
    "Gossip",
    "Delay",
    "Deliver",
    "Duplicate",
    "Join",
    "Crash",
    "Restart",
    "Stabilise",
];

/// The budgets, and where they are counted.
const BUDGETS: [(&str, usize); 6] = [
    ("timeouts", TIMEOUTS),
    ("deaths", DEATHS),
    ("crashes", CRASHES),
    ("restarts", RESTARTS),
    ("late", LATE),
    ("duplicates", DUPLICATES),
];

pub(super) fn kind(action: &Action) -> usize {
    match action {
        Action::Timeout(..) => 0,
        Action::Ack(_) => 1,
        Action::Reach(..) => 2,
        Action::Relay(..) => 3,
        Action::Fail(..) => 4,
        Action::Suspect(_) => 5,
        Action::Confirm(..) => 6,
        Action::Remove(..) => 7,
        Action::Gossip(..) => 8,
        Action::Delay(..) => 9,
        Action::Deliver(_) => 10,
        Action::Duplicate(_) => 11,
        Action::Join(..) => 12,
        Action::Crash(_) => 13,
        Action::Restart(_) => 14,
        Action::Stabilise => 15,
    }
}

/// Which kinds of action cannot happen with these constants.
pub(super) fn switched_off(m: &FailureDetector) -> Vec<&'static str> {
    let no_probe = m.wrong_timeouts == 0 && m.crashes == 0;
    // Somebody that is up is probed in vain if its ping was, or if it restarts meanwhile.
    let never_up = m.wrong_timeouts == 0 && m.restarts == 0;
    let never_reached = m.helpers == 0 || never_up;
    let reborn = m.restarts > 0 || m.wrong_timeouts > 0 && m.resurrection && m.false_deaths > 0;
    let all_removed = usize::from(m.crashes + m.false_deaths) + 1 >= m.nodes;
    let off = [
        ("Timeout", no_probe),
        ("Ack", never_up),
        ("Reach", never_reached),
        ("Relay", never_reached),
        ("Fail", no_probe || m.helpers == 0),
        ("Suspect", no_probe),
        ("Confirm", m.crashes == 0 && m.false_deaths == 0),
        ("Remove", !m.removal || m.crashes == 0 && m.false_deaths == 0),
        ("Delay", m.late == 0),
        ("Deliver", m.late == 0),
        ("Duplicate", m.duplicates == 0),
        ("Join", m.restarts == 0 && !(m.removal && reborn && (m.reconnects || all_removed))),
        ("Gossip", no_probe),
        ("Crash", m.crashes == 0),
        ("Restart", m.restarts == 0),
    ];
    off.into_iter().filter(|(_, off)| *off).map(|(kind, _)| kind).collect()
}

pub(super) fn words(action: &Action) -> String {
    match action {
        Action::Timeout(i, k, helpers) => {
            let helpers: Vec<_> = helpers.iter().map(|helper| helper.to_string()).collect();
            match helpers.join(" and ") {
                helpers if helpers.is_empty() => format!("node {i} has no answer of node {k} in time"),
                helpers => format!("node {i} has no answer of node {k} in time, and asks {helpers} to ping it"),
            }
        }
        Action::Ack(i) => format!("node {i} is answered late by the one that it probes"),
        Action::Reach(i, helper) => format!("node {helper} reaches the one that node {i} probes"),
        Action::Relay(i, helper) => format!("node {helper} tells node {i} that it has reached the one that is probed"),
        Action::Fail(i, helper) => format!("node {i} hears nothing of its helper {helper} in time"),
        Action::Suspect(i) => format!("node {i} suspects the one that it probes"),
        Action::Confirm(i, k) => format!("node {i} finds node {k} dead: nothing was refuted in time"),
        Action::Remove(i, k) => format!("node {i} removes node {k}"),
        Action::Gossip(i, j, k) => format!("node {i} tells node {j} what it holds of node {k}"),
        Action::Delay(i, j, k) => format!("node {i} tells node {j} what it holds of node {k}, and that is late"),
        Action::Deliver(rumour) => {
            format!("it comes late from node {} to node {} that {rumour}", rumour.from(), rumour.to())
        }
        Action::Duplicate(rumour) => {
            format!("it comes late from node {} to node {}, and will again, that {rumour}", rumour.from(), rumour.to())
        }
        Action::Join(k, seed) => format!("node {k} joins by node {seed}"),
        Action::Crash(k) => format!("node {k} crashes"),
        Action::Restart(k) => format!("node {k} restarts"),
        Action::Stabilise => "the network becomes timely".into(),
    }
}

/// The nodes, then the network.
pub(super) fn processes(m: &FailureDetector) -> Vec<String> {
    m.all().map(|i| format!("node {i}")).chain(["network".into()]).collect()
}

pub(super) fn of(m: &FailureDetector, before: &State, action: Action, _: &State) -> Scene {
    let target = |i: usize| before.probe[i].target().map_or_else(|| "nobody".to_owned(), |k| format!("node {k}"));
    let passes = |from: usize, to: usize, text: String| {
        let message = Message { from, to: Some(to), text };
        Scene { sent: vec![message.clone()], received: vec![message], ..Scene::at(to) }
    };
    let tells = |i: usize, j: usize, k: usize| m.told(before, i, k).map(|says| Rumour::new(i, j, k, says).to_string());
    match action {
        Action::Timeout(i, k, helpers) => {
            helpers.iter().fold(Scene::at(i), |scene, helper| scene.sends(helper, format!("ping node {k}")))
        }
        Action::Ack(i) | Action::Fail(i, _) | Action::Suspect(i) | Action::Confirm(i, _) | Action::Remove(i, _) => {
            Scene::at(i)
        }
        Action::Reach(i, helper) => Scene::at(helper).receives(i, format!("ping {}", target(i))),
        Action::Relay(i, helper) => passes(helper, i, format!("{} has answered", target(i))),
        Action::Gossip(i, j, k) => tells(i, j, k).map_or_else(|| Scene::at(j), |says| passes(i, j, says)),
        Action::Delay(i, j, k) => {
            tells(i, j, k).map_or_else(|| Scene::at(i), |says| Scene::at(i).sends(j, late(&says)))
        }
        Action::Deliver(rumour) => Scene::at(rumour.to()).receives(rumour.from(), late(&rumour.to_string())),
        Action::Duplicate(rumour) => {
            let scene = Scene::at(rumour.to()).receives(rumour.from(), late(&rumour.to_string()));
            scene.fault(Fault::Duplicate)
        }
        Action::Join(k, seed) => passes(k, seed, format!("node {k} joins")),
        Action::Crash(k) => Scene::at(k).fault(Fault::Crash),
        Action::Restart(k) => Scene::at(k).fault(Fault::Restart),
        Action::Stabilise => Scene::at(m.nodes).fault(Fault::Heal),
    }
}

fn late(says: &str) -> String {
    format!("late: {says}")
}

pub(super) fn clauses(m: &FailureDetector, claim: &str, s: &State) -> Vec<Clause> {
    let all = |what: &str, holds: &dyn Fn(usize) -> bool| each(m.nodes, |k| (format!("node {k} {what}"), holds(k)));
    let alike = || all("is down, or alive everywhere", &|k| !s.up.contains(k) || s.is_alive_everywhere(k));
    match claim {
        EARNED => all("has had no incarnation without a reason", &|k| s.issued.get(k) <= FailureDetector::earned(s)),
        NOT_AHEAD => all("is said nothing of beyond its incarnation", &|k| FailureDetector::is_not_ahead(s, k)),
        PROBES_ALIVE => all("probes nobody but whom it holds alive", &|i| FailureDetector::probes_alive(s, i)),
        ACCURACY => [vec![Clause::new("the network is timely", s.timely)], alike()].concat(),
        CAN_AGREE => alike(),
        COMPLETENESS => all("is up, or alive nowhere", &|k| s.up.contains(k) || s.is_alive_nowhere(k)),
        ALIVE_AGAIN => each(m.nodes, |i| {
            let down = !s.up.contains(0) || !s.up.contains(i);
            (format!("node {i} holds node 0 alive, or one of them is down"), down || s.holds(i, 0).is_alive())
        }),
        LEAVES => all("is up, or listed nowhere", &|k| s.up.contains(k) || s.is_listed_nowhere(k)),
        _ => Vec::new(),
    }
}

pub(super) fn value(m: &FailureDetector, s: &State) -> Value {
    let row = |i: usize| Value::list(m.all().map(|k| s.holds(i, k).to_string()));
    let probe = |probe: Probe| match probe.target() {
        None => Value::from("none"),
        Some(target) => Value::record([
            ("of", target.into()),
            ("waits for", probe.waiting().into()),
            ("reached by", probe.reached().into()),
        ]),
    };
    let late = s.late.iter().filter(|rumour| !rumour.is_none());
    Value::record([
        ("up", s.up.into()),
        ("timely", s.timely.into()),
        ("table", Value::list(m.all().map(row))),
        ("probe", Value::list(m.all().map(|i| probe(s.probe[i])))),
        ("late", Value::list(late.map(|rumour| format!("{rumour:?}")))),
        ("timed", Value::list(m.all().map(|i| Value::from(s.timed[i])))),
        ("issued", Value::list(s.issued.values(m.nodes))),
        ("restarted", s.restarted.into()),
        ("spent", Value::record(BUDGETS.map(|(budget, at)| (budget, s.spent.get(at).into())))),
    ])
}
