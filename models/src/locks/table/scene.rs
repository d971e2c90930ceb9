//! Who is granted what by whose step, and the parts of what must be true.

use super::properties::RESTS;
use super::{Action, LockTable, Mode, State, place};
use crate::parts::{each, each_two};
use proofmark_vocabulary::{Clause, Message, Scene};

/// The owners, then the table.
pub(super) fn processes(m: &LockTable) -> Vec<String> {
    (0..m.owners).map(|o| format!("owner {o}")).chain(["table".into()]).collect()
}

/// A step is its owner's, and what it makes the table grant to those who wait is sent by the table. Who cancels finds
/// its grant and gives it back.
pub(super) fn of(m: &LockTable, before: &State, action: Action, after: &State) -> Scene {
    let (owner, told) = match action {
        Action::Learn(o) | Action::Cancel(o) => (o, grant(m, before, o)),
        Action::Request(o, ..)
        | Action::Try(o, ..)
        | Action::Upgrade(o, ..)
        | Action::Downgrade(o, ..)
        | Action::Release(o, _)
        | Action::TimeOut(o)
        | Action::Victim(o)
        | Action::Die(o) => (o, None),
    };
    let was_on_its_way = |o, message: &Message| grant(m, before, o).as_ref() == Some(message);
    let sent = (0..m.owners).filter_map(|o| grant(m, after, o).filter(|message| !was_on_its_way(o, message))).collect();
    Scene { sent, received: told.into_iter().collect(), ..Scene::at(owner) }
}

/// The grant that is on its way to an owner. The holding is the owner's already; only a mutant changes it meanwhile,
/// and then the table says so again.
fn grant(m: &LockTable, s: &State, o: usize) -> Option<Message> {
    let key = s.grant.get(o)?.key;
    let mode = s.mode(o, key).map(|mode| format!(" in {}", mode.name())).unwrap_or_default();
    let sequencer = s.sequencer.get(place(o, key)).map(|sequencer| format!(", sequencer {sequencer}"));
    let text = format!("key {key} is granted{mode}{}", sequencer.unwrap_or_default());
    Some(Message { from: m.owners, to: Some(o), text })
}

/// The parts of the claims: of a key, an owner, or both.
pub(super) fn clauses(m: &LockTable, claim: &str, s: &State) -> Vec<Clause> {
    let of_each = |part: &dyn Fn(usize, usize) -> (String, bool)| {
        (0..m.keys).flat_map(|k| each(m.owners, |o| part(o, k))).collect()
    };
    let holds = |o, k| s.mode(o, k).is_some();
    match claim {
        "compatible modes only" => {
            let compatible =
                |o, p, k| s.mode(o, k).zip(s.mode(p, k)).is_none_or(|(mode, other)| mode.is_compatible(other));
            let part =
                |o, p, k| (format!("owners {o} and {p} do not hold key {k} in conflicting modes"), compatible(o, p, k));
            (0..m.keys).flat_map(|k| each_two(m.owners, |o, p| part(o, p, k))).collect()
        }
        "the head of the queue is incompatible" => each(m.keys, |k| {
            let conflicts = |(o, mode): (usize, Mode)| m.others(s, o, k).any(|(_, held)| !mode.is_compatible(held));
            (format!("who waits first for key {k} cannot have it yet"), s.waiters[k].first().is_none_or(conflicts))
        }),
        "upgraders come first" => each(m.keys, |k| {
            let behind = s.waiters[k].iter().skip_while(|&(o, _)| holds(o, k)).all(|(o, _)| !holds(o, k));
            (format!("upgraders of key {k} wait ahead of its queue"), behind)
        }),
        "a grant is never lost" => of_each(&|o, k| {
            let comes = s.asking.contains(o) && s.grant.get(o).is_some_and(|grant| grant.key == k);
            let name = format!("owner {o} knows of its holding of key {k}, or will");
            (name, !holds(o, k) || s.known.contains(place(o, k)) || comes)
        }),
        "who knows of a holding has it" => of_each(&|o, k| {
            let name = format!("owner {o} holds key {k} if it knows that it does");
            (name, holds(o, k) || !s.known.contains(place(o, k)))
        }),
        "no lost wakeup" => each(m.owners, |o| {
            let waiters = s.waiters.iter().take(m.keys).flat_map(|waiters| waiters.iter());
            let places = waiters.filter(|(other, _)| *other == o).count() + usize::from(s.grant.get(o).is_some());
            let name = format!("owner {o} waits in one place or has a grant on its way exactly if it has asked");
            (name, places == usize::from(s.asking.contains(o)))
        }),
        "no cycle of waits" => each(m.owners, |o| {
            (format!("owner {o} is not the youngest on a cycle of waits"), !m.is_youngest_on_cycle(s, o))
        }),
        "who is through is healed" => each(m.owners, |o| {
            let is_party = (0..m.keys).any(|k| m.parties(s, k).contains(o));
            (format!("owner {o} holds or waits if it is wounded"), is_party || !s.wounded.contains(o))
        }),
        RESTS => {
            let at_rest = |o| !s.asking.contains(o) && (0..m.keys).all(|k| !holds(o, k));
            each(m.owners, |o| (format!("owner {o} holds nothing and has asked for nothing"), at_rest(o)))
        }
        _ => Vec::new(),
    }
}
