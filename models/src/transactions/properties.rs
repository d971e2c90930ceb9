//! What must be true of distributed transactions.

use super::refinement::{CommitsTransaction, LogIsReplicated, REFINES};
use super::{Action, Entry, Guard, Kind, Phase, State, Transactions, has, node_of, place, reigns, scene};
use crate::drawn::{drawn, worded};
use crate::guard::guarded;
use proofmark_vocabulary::{Describe, Fairness, Property, Temporal};

/// The properties of whole behaviours, whose check keeps the graph of all steps.
pub(super) const LIVENESS: &[&str] = &["AC4", "AC5 termination", NON_BLOCKING, FREED];

/// What a single coordinator cannot give.
pub(super) const NON_BLOCKING: &str = "non-blocking";
const FREED: &str = "an ended transaction holds no lock";

pub(super) fn of_states(m: &Transactions) -> Vec<Property<Transactions>> {
    let mut properties: Vec<Property<Transactions>> = vec![
        Property::always("AC1 agreement", |m, s| m.every(|t| agrees(m, s, t))),
        Property::always("AC3 commit validity", |m, s| m.every(|t| commits_with_every_yes(m, s, t))),
        Property::always("AC3 abort validity", |m, s| m.every(|t| aborts_for_a_reason(m, s, t))),
        Property::always("locks held while in doubt", |m, s| m.every(|t| locks_what_is_prepared(m, s, t))),
        Property::always("log forgets safely", |m, s| m.every(|t| forgets_what_is_acknowledged(m, s, t))),
        Property::always("a commit is carried out once", |m, s| m.every(|t| is_carried_out_once(m, s, t))),
        Property::sometimes("can commit", |m, s| m.some(|t| all_committed(m, s, t))),
        Property::sometimes("can abort by vote", |m, s| m.some(|t| aborted_by_vote(m, s, t))),
        Property::sometimes("can abort by timeout", |m, s| m.some(|t| aborted_by_timeout(m, s, t))),
    ];
    if m.read_only && m.participants > 1 {
        properties
            .push(Property::sometimes("can commit with a reader", |m, s| m.some(|t| committed_with_reader(m, s, t))));
    }
    if m.one_phase {
        properties.push(Property::sometimes("can commit in one phase", |m, s| m.some(|t| committed_alone(m, s, t))));
    }
    if m.transactions > 1 {
        properties.push(Property::sometimes("can commit all", |m, s| m.every(|t| all_committed(m, s, t))));
        properties.push(Property::sometimes("can be in each other's way", in_each_others_way));
    }
    if m.crashes > 0 {
        properties.push(Property::sometimes("can recover in doubt", |m, s| m.some(|t| recovered_in_doubt(m, s, t))));
    }
    if m.suspicions > 0 || m.coordinators > 2 && m.crashes > 0 {
        properties
            .push(Property::sometimes("can finish another's commit", |m, s| m.some(|t| finished_another(m, s, t))));
    }
    properties
}

pub(super) fn of_behaviours(m: &Transactions) -> Vec<Temporal<Transactions>> {
    let mut claims = vec![
        Temporal::step("AC2 stability", stability),
        Temporal::step("a vote is stable", vote_is_stable),
        Temporal::step("late messages are harmless", late_messages),
        Temporal::step("who is down does nothing", down_does_nothing),
    ];
    let refines = (0..m.transactions).zip(REFINES);
    claims.extend(refines.map(|(t, name)| Temporal::refinement(name, CommitsTransaction::new(m, t))));
    claims.push(Temporal::refinement("refines replicated-log", LogIsReplicated::new(m)));
    claims.extend([m.ac4(), m.ac5(), m.non_blocking(), m.ended_holds_no_lock()]);
    claims
}

/// A participant has aborted, or has said that it has.
pub(super) fn has_aborted(s: &State, t: usize, p: usize) -> bool {
    s.phase(t, p) == Phase::Aborted || s.was_sent(t, Kind::No(p))
}

pub(super) fn has_committed(s: &State, t: usize, p: usize) -> bool {
    s.phase(t, p) == Phase::Committed
}

/// No participant aborts what another has committed, or the log.
fn agrees(m: &Transactions, s: &State, t: usize) -> bool {
    !is_committed(m, s, t) || !m.parts(s, t).any(|p| has_aborted(s, t, p))
}

/// A commit is on the log, told, or carried out.
pub(super) fn is_committed(m: &Transactions, s: &State, t: usize) -> bool {
    s.log.iter().any(|log| has(*log, Entry::Commit(t)))
        || s.was_sent(t, Kind::Commit)
        || (0..m.participants).any(|p| has_committed(s, t, p))
}

fn commits_with_every_yes(m: &Transactions, s: &State, t: usize) -> bool {
    !is_committed(m, s, t) || m.has_every_vote(s, t)
}

/// An abort is told, or carried out.
pub(super) fn is_aborted(m: &Transactions, s: &State, t: usize) -> bool {
    s.was_sent(t, Kind::Abort) && !is_committed(m, s, t) || (0..m.participants).any(|p| has_aborted(s, t, p))
}

/// Somebody has suspected a fault: the leader, of a participant that it has waited for, or a replica, of the leader.
pub(super) fn is_suspected(s: &State, t: usize) -> bool {
    s.timed_out.contains(t) || s.begun.get(t) < reigns(s.longest())
}

pub(super) fn some_no(m: &Transactions, s: &State, t: usize) -> bool {
    (0..m.participants).any(|p| s.was_sent(t, Kind::No(p)))
}

fn aborts_for_a_reason(m: &Transactions, s: &State, t: usize) -> bool {
    !is_aborted(m, s, t) || some_no(m, s, t) || is_suspected(s, t)
}

/// Who is down has no table of locks, and nobody gets at its key.
pub(super) fn locks_its_key(s: &State, t: usize, p: usize) -> bool {
    s.phase(t, p) != Phase::Prepared || s.down.contains(p) || s.holds(t, p)
}

fn locks_what_is_prepared(m: &Transactions, s: &State, t: usize) -> bool {
    (0..m.participants).all(|p| locks_its_key(s, t, p))
}

/// Whoever voted yes has committed, once the commit is forgotten.
pub(super) fn may_be_forgotten(s: &State, t: usize, p: usize) -> bool {
    let forgotten = s.log.iter().any(|log| has(*log, Entry::End(t)));
    !forgotten || !s.was_sent(t, Kind::Yes(p)) || has_committed(s, t, p)
}

fn forgets_what_is_acknowledged(m: &Transactions, s: &State, t: usize) -> bool {
    (0..m.participants).all(|p| may_be_forgotten(s, t, p))
}

fn is_carried_out_once(m: &Transactions, s: &State, t: usize) -> bool {
    (0..m.participants).all(|p| s.carried_out.get(place(t, p)) <= 1)
}

fn all_committed(m: &Transactions, s: &State, t: usize) -> bool {
    (0..m.participants).all(|p| has_committed(s, t, p))
}

pub(super) fn voted_yes(s: &State, t: usize, p: usize) -> bool {
    s.was_sent(t, Kind::Yes(p)) || s.was_sent(t, Kind::Read(p))
}

/// Somebody said no, and all have aborted, though nobody was suspected of anything.
fn aborted_by_vote(m: &Transactions, s: &State, t: usize) -> bool {
    let aborted = (0..m.participants).all(|p| s.phase(t, p) == Phase::Aborted);
    aborted && some_no(m, s, t) && !is_suspected(s, t) && s.was_sent(t, Kind::Abort)
}

/// Nobody said no, and all have aborted.
fn aborted_by_timeout(m: &Transactions, s: &State, t: usize) -> bool {
    (0..m.participants).all(|p| s.phase(t, p) == Phase::Aborted && voted_yes(s, t, p))
}

fn committed_with_reader(m: &Transactions, s: &State, t: usize) -> bool {
    let has = |phase| (0..m.participants).any(|p| s.phase(t, p) == phase);
    has(Phase::ReadOnly) && has(Phase::Committed)
}

fn committed_alone(m: &Transactions, s: &State, t: usize) -> bool {
    s.alone.get(t).is_some() && m.parts(s, t).all(|p| has_committed(s, t, p))
}

/// Two transactions hold a key each, and each is asked for the other's.
fn in_each_others_way(m: &Transactions, s: &State) -> bool {
    let waits = |t, p| s.was_sent(t, Kind::Prepare) && s.phase(t, p) == Phase::Working;
    if m.participants == 1 {
        return (0..m.transactions).any(|t| waits(t, 0) && s.locks.get(0).is_some());
    }
    s.holds(0, 0) && s.holds(1, 1) && waits(0, 1) && waits(1, 0)
}

fn recovered_in_doubt(m: &Transactions, s: &State, t: usize) -> bool {
    (0..m.participants).any(|p| s.recovered.contains(p) && has_committed(s, t, p))
}

/// A leader has forgotten what one before it had committed.
fn finished_another(_: &Transactions, s: &State, t: usize) -> bool {
    let log = s.longest();
    let of_interest = log.iter().map(Entry::of).filter(|entry| match *entry {
        Entry::Commit(of) | Entry::End(of) => of == t,
        Entry::Lead(_) => true,
    });
    let mut since = of_interest.skip_while(|entry| *entry != Entry::Commit(t)).skip(1);
    matches!(since.next(), Some(Entry::Lead(_))) && has(log, Entry::End(t))
}

/// A decision never changes: neither a participant's nor the coordinator's.
fn stability(m: &Transactions, before: &State, _: &Action, after: &State) -> bool {
    let kept = |t: usize, p: usize| !before.phase(t, p).is_final() || before.phase(t, p) == after.phase(t, p);
    let log_kept = (0..m.coordinators).all(|r| before.log[r].is_prefix_of(&after.log[r]));
    log_kept && (before.phases == after.phases || (0..m.transactions).all(|t| (0..m.participants).all(|p| kept(t, p))))
}

/// No vote is taken back, and who has voted votes nothing else.
fn vote_is_stable(m: &Transactions, before: &State, _: &Action, after: &State) -> bool {
    let votes = |s: &State, t, p| [Kind::Yes(p), Kind::No(p), Kind::Read(p)].map(|vote| s.was_sent(t, vote));
    let kept = |t, p| !votes(before, t, p).contains(&true) || votes(before, t, p) == votes(after, t, p);
    before.msgs == after.msgs || (0..m.transactions).all(|t| (0..m.participants).all(|p| kept(t, p)))
}

/// What a participant that is through with a transaction receives about it changes nothing.
fn late_messages(_: &Transactions, before: &State, action: &Action, after: &State) -> bool {
    match *action {
        Action::Prepare(t, p)
        | Action::VoteReadOnly(t, p)
        | Action::CommitAlone(t, p)
        | Action::ReceiveCommit(t, p)
        | Action::ReceiveAbort(t, p) => !before.phase(t, p).is_final() || before == after,
        _ => true,
    }
}

/// Who is up acts or crashes; who is down restarts, and does nothing else.
fn down_does_nothing(_: &Transactions, before: &State, action: &Action, _: &State) -> bool {
    before.down.contains(action.node()) == matches!(action, Action::Restart(_))
}

impl Action {
    /// The node that takes it.
    pub(super) const fn node(self) -> usize {
        match self {
            Action::Begin(r, _)
            | Action::BeginOnePhase(r, ..)
            | Action::Commit(r, _)
            | Action::AbortOnNo(r, _)
            | Action::TimeOut(r, _)
            | Action::Tell(r, _)
            | Action::Answer(r, _)
            | Action::End(r, _)
            | Action::TakeOver(r)
            | Action::Suspect(r) => node_of(r),
            Action::Prepare(_, p)
            | Action::VoteReadOnly(_, p)
            | Action::CommitAlone(_, p)
            | Action::Refuse(_, p)
            | Action::Inquire(_, p)
            | Action::ReceiveCommit(_, p)
            | Action::ReceiveAbort(_, p) => p,
            Action::Crash(node) | Action::Restart(node) => node,
        }
    }
}

/// Weak fairness of a class of actions. It is enough: crashes and suspicions come to an end.
fn fair(name: impl Into<String>, includes: fn(&Action) -> bool) -> Fairness<Transactions> {
    Fairness::weak(name, includes)
}

impl Transactions {
    fn every(&self, holds: impl FnMut(usize) -> bool) -> bool {
        (0..self.transactions).all(holds)
    }

    fn some(&self, holds: impl FnMut(usize) -> bool) -> bool {
        (0..self.transactions).any(holds)
    }
}

// Transactions are alike, and so are participants: the first stands for any.
impl Transactions {
    /// Fairness of an action of each participant for the first transaction.
    fn fair_of_each(&self, name: &str, action: fn(usize, usize) -> Action) -> impl Iterator<Item = Fairness<Self>> {
        let of_one = move |p| (format!("{name}({p})"), action(0, p));
        let class = |(name, action)| Fairness::weak(name, move |taken: &Action| *taken == action);
        (0..self.participants).map(of_one).map(class).collect::<Vec<_>>().into_iter()
    }

    /// If nobody refuses, nothing fails, nobody is suspected and no other transaction has a key that it needs, the
    /// transaction commits.
    fn ac4(&self) -> Temporal<Self> {
        let votes = |p: usize| {
            Fairness::weak(format!("Vote({p})"), move |taken: &Action| {
                [Action::Prepare(0, p), Action::VoteReadOnly(0, p), Action::CommitAlone(0, p)].contains(taken)
            })
        };
        let mut fairness: Vec<_> = (0..self.participants).map(votes).collect();
        fairness.extend(self.fair_of_each("ReceiveCommit", Action::ReceiveCommit));
        fairness.push(fair("Commit", |a| matches!(a, Action::Commit(_, 0))));
        fairness.push(fair("Tell", |a| matches!(a, Action::Tell(_, 0))));
        let committed =
            |m: &Self, s: &State| m.parts(s, 0).all(|p| matches!(s.phase(0, p), Phase::Committed | Phase::ReadOnly));
        Temporal::leads_to("AC4", |_, s| s.has_begun(0), move |m, s| committed(m, s) || is_hindered(m, s), fairness)
    }

    /// What lets a participant decide but for restarts: it gives up waiting for a request and asks when in doubt, a
    /// leader gives up or tells, messages arrive, and a replica takes over where nobody leads.
    fn decisive(&self) -> Vec<Fairness<Self>> {
        let mut fairness = vec![
            fair("TimeOut", |a| matches!(a, Action::TimeOut(_, 0))),
            fair("Tell", |a| matches!(a, Action::Tell(_, 0))),
            fair("Answer", |a| matches!(a, Action::Answer(_, 0))),
            fair("TakeOver", |a| matches!(a, Action::TakeOver(_))),
        ];
        fairness.extend(self.fair_of_each("Refuse", Action::Refuse));
        fairness.extend(self.fair_of_each("Inquire", Action::Inquire));
        fairness.extend(self.fair_of_each("ReceiveCommit", Action::ReceiveCommit));
        fairness.extend(self.fair_of_each("ReceiveAbort", Action::ReceiveAbort));
        fairness
    }

    /// The same, and every node restarts.
    fn repaired(&self) -> Vec<Fairness<Self>> {
        let mut fairness = self.decisive();
        if self.crashes > 0 {
            let nodes = (0..self.participants).chain((0..self.coordinators).map(node_of));
            let restarts = |node| Fairness::weak(format!("Restart({node})"), move |a| *a == Action::Restart(node));
            fairness.extend(nodes.map(restarts));
        }
        fairness
    }

    /// Once all failures are repaired, every participant decides.
    fn ac5(&self) -> Temporal<Self> {
        let decided = |m: &Self, s: &State| m.parts(s, 0).all(|p| s.phase(0, p).is_final());
        Temporal::leads_to("AC5 termination", |_, s| s.has_begun(0), decided, self.repaired())
    }

    /// Babaoğlu and Toueg, *Non-Blocking Atomic Commitment* (1993): a participant that does not crash decides, whoever
    /// else stays down.
    fn non_blocking(&self) -> Temporal<Self> {
        let begun = |m: &Self, s: &State| s.has_begun(0) && m.parts(s, 0).any(|p| p == 0);
        let decided = |_: &Self, s: &State| s.phase(0, 0).is_final() || s.down.contains(0);
        Temporal::leads_to(NON_BLOCKING, begun, decided, self.decisive())
    }

    /// A transaction that has ended lets go of its keys, also where the participant does not know yet.
    fn ended_holds_no_lock(&self) -> Temporal<Self> {
        let ended = |m: &Self, s: &State| is_committed(m, s, 0) || is_aborted(m, s, 0);
        let holds = move |m: &Self, s: &State| ended(m, s) && s.holds(0, 0);
        Temporal::leads_to(FREED, holds, |_, s| !s.holds(0, 0), self.repaired())
    }
}

/// A reason not to expect a commit of the first transaction.
pub(super) fn is_hindered(m: &Transactions, s: &State) -> bool {
    let contended = m.parts(s, 0).any(|p| s.locks.get(p).is_some_and(|holder| holder != 0));
    contended || some_no(m, s, 0) || is_suspected(s, 0) || !s.down.is_empty() || !m.is_led(s)
}

impl Describe for Transactions {
    worded!();
    drawn!();
    guarded!();

    fn temporal(&self) -> Vec<Temporal<Self>> {
        of_behaviours(self)
    }
}
