//! Who says what to whom, and the parts of what must be true.

use super::{Action, Bug, Message, SingleDecreePaxos, State};
use proofmark_vocabulary::{BitSet, Clause, Describe, Fault, Message as Arrow, Scene};

/// The proposers by their ballots, then the acceptors.
pub(super) fn processes(m: &SingleDecreePaxos) -> Vec<String> {
    let proposers = m.all_ballots().map(|b| format!("proposer of ballot {b}"));
    proposers.chain((0..m.acceptors).map(|a| format!("acceptor {a}"))).collect()
}

/// What an action adds to the messages is sent, and what it finds among them is received: again, if it was before.
pub(super) fn of(m: &SingleDecreePaxos, before: &State, action: Action, after: &State) -> Scene {
    let (process, read) = match action {
        Action::Phase1a(b) => (proposer(b), Vec::new()),
        Action::Phase1b(a, b) => (acceptor(m, a), vec![Message::Prepare(b)]),
        Action::Phase2a(b, v) => (proposer(b), promises_counted(m, before, b, v)),
        Action::Phase2b(a, b, v) => (acceptor(m, a), vec![Message::Accept(b, v)]),
        Action::Restart(a) => (acceptor(m, a), Vec::new()),
    };
    let added = after.msgs.iter().filter(|&number| !before.msgs.contains(number)).map(|number| m.message(number));
    Scene {
        sent: added.map(|message| arrow(m, message)).collect(),
        received: read.into_iter().filter(|&read| m.is_sent(before, read)).map(|read| arrow(m, read)).collect(),
        fault: matches!(action, Action::Restart(_)).then_some(Fault::Restart),
        ..Scene::at(process)
    }
}

fn proposer(b: u8) -> usize {
    b.into()
}

fn acceptor(m: &SingleDecreePaxos, a: usize) -> usize {
    m.ballots + a
}

/// Both 2a and 2b are for everybody; who learns of a choice by the latter is left out.
fn arrow(m: &SingleDecreePaxos, message: Message) -> Arrow {
    let (from, to, text) = match message {
        Message::Prepare(b) => (proposer(b), None, format!("1a ballot {b}")),
        Message::Promise(a, b, None) => (acceptor(m, a), Some(proposer(b)), format!("1b ballot {b}, nothing accepted")),
        Message::Promise(a, b, Some((before, v))) => {
            (acceptor(m, a), Some(proposer(b)), format!("1b ballot {b}, accepted {v} in ballot {before}"))
        }
        Message::Accept(b, v) => (proposer(b), None, format!("2a ballot {b}, value {v}")),
        Message::Accepted(a, b, v) => (acceptor(m, a), None, format!("2b ballot {b}, value {v}")),
    };
    Arrow { from, to, text }
}

/// `Q1b`: the promises of a quorum that shows the value safe, the first such quorum where there are more. Where a
/// mutant asks for less, all that it counts.
fn promises_counted(m: &SingleDecreePaxos, s: &State, ballot: u8, value: u8) -> Vec<Message> {
    let first = if m.bug == Some(Bug::StalePromiseCounted) { 0 } else { ballot };
    let promise = |number| match m.message(number) {
        Message::Promise(a, c, report) if (first..=ballot).contains(&c) => Some((a, c, report)),
        _ => None,
    };
    let counted: Vec<_> = s.msgs.iter().filter_map(promise).collect();
    let shows_safe = |members: &BitSet| {
        let by = |&&(a, ..): &&(usize, u8, Option<(u8, u8)>)| members.contains(a);
        let reports = || counted.iter().filter(by).filter_map(|&(_, _, report)| report);
        let highest = reports().map(|(c, _)| c).max();
        let promised: BitSet = counted.iter().filter(by).map(|&(a, ..)| a).collect();
        promised == *members && highest.is_none_or(|highest| reports().any(|report| report == (highest, value)))
    };
    let sets = (0_u32..1 << m.acceptors).filter(|set| set.count_ones() as usize == m.quorum);
    let members = |set: u32| (0..m.acceptors).filter(|a| set >> a & 1 == 1).collect();
    let quorum = sets.map(members).find(shows_safe).unwrap_or(BitSet::below(m.acceptors));
    let of_quorum = counted.into_iter().filter(|&(a, ..)| quorum.contains(a));
    of_quorum.map(|(a, c, report)| Message::Promise(a, c, report)).collect()
}

/// The parts of the claims, those of Voting as Voting has them.
pub(super) fn clauses(m: &SingleDecreePaxos, claim: &str, s: &State) -> Vec<Clause> {
    match claim {
        "agreement" | "one value per ballot" | "votes are safe" => m.voting().clauses(claim, &m.votes_in(s)),
        "validity" => {
            let chosen = m.chosen(s);
            let proposed = |v| m.all_ballots().any(|b| m.is_sent(s, Message::Accept(b, v)));
            let part = |v: u8| {
                Clause::new(
                    format!("value {v} was proposed if it is chosen"),
                    !chosen.contains(v.into()) || proposed(v),
                )
            };
            m.all_values().map(part).collect()
        }
        "a ballot begins before it is voted in" => {
            let accepted =
                |b| m.all_values().any(|v| (0..m.acceptors).any(|a| m.is_sent(s, Message::Accepted(a, b, v))));
            let part = |b| {
                Clause::new(
                    format!("ballot {b} has begun if anything is accepted in it"),
                    m.is_sent(s, Message::Prepare(b)) || !accepted(b),
                )
            };
            m.all_ballots().map(part).collect()
        }
        _ => Vec::new(),
    }
}
