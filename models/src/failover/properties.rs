//! What failover must not break, and what it is for.

use super::{Action, Decision, Doing, Entry, Failover, Guard, State, Who, of_holding, scene};
use crate::Few;
use crate::drawn::{drawn, worded};
use crate::guard::guarded;
use crate::problems::transaction_commit::Phase;
use proofmark_vocabulary::{Describe, Fairness, Property, Temporal};

pub(super) const AT_SERVER: &str = "mutual exclusion at the server";
pub(super) const BELIEVES: &str = "a client believes what the log says";
pub(super) const AT_RESOURCE: &str = "mutual exclusion at the resource";
pub(super) const HARMLESS: &str = "a wrong suspicion breaks no safety property above";
pub(super) const REPLACED: &str = "a crashed master is replaced";
pub(super) const FREED: &str = "a crashed holder's lock is freed";
pub(super) const RELEASED: &str = "a released lock is freed";
pub(super) const TERMINATION: &str = "AC5 termination";
/// What takes a second node.
pub(super) const NON_BLOCKING: &str = "non-blocking";
pub(super) const HEARD: &str = "a grant is never lost";
pub(super) const STILL_FREE: &str = "the lock can always be free again";
pub(super) const STILL_DECIDE: &str = "all can still decide";
/// The properties of whole behaviours, whose check keeps the graph of all steps.
pub(super) const LIVENESS: &[&str] =
    &[REPLACED, FREED, RELEASED, HEARD, TERMINATION, NON_BLOCKING, STILL_FREE, STILL_DECIDE];

impl Failover {
    pub(super) fn state_properties(&self) -> Vec<Property<Self>> {
        let mut properties = Vec::new();
        if self.wrong > 0 {
            properties.push(Property::always(HARMLESS, |m: &Self, s: &State| s.wrong == 0 || m.is_safe(s)));
        }
        if self.wrong > 0 && self.nodes > 1 {
            let name = "can fail over on a wrong suspicion while the old master acts";
            properties.push(Property::sometimes(name, |m: &Self, s: &State| {
                Self::takes_over(s) && m.deposed(s).next().is_some()
            }));
        }
        if self.crashes > 0 && self.nodes > 1 {
            properties.push(Property::sometimes("can fail over after a crash", |_: &Self, s: &State| {
                Self::takes_over(s) && s.wrong == 0 && s.crashed > 0
            }));
        }
        if self.clients > 0 {
            self.of_lock(&mut properties);
        }
        if self.participants > 0 {
            self.of_transaction(&mut properties);
        }
        properties
    }

    fn of_lock(&self, properties: &mut Vec<Property<Self>>) {
        properties.extend([
            Property::always(AT_SERVER, |m: &Self, s: &State| m.excludes(s)),
            Property::always(BELIEVES, |m: &Self, s: &State| (0..m.clients).all(|c| Self::is_true(s, c))),
            Property::always(AT_RESOURCE, |_, s: &State| !s.overtaken),
            Property::sometimes("can hold the lock", |m: &Self, s: &State| (0..m.clients).any(|c| Self::has(s, c))),
        ]);
        if self.terms() > 1 && self.nodes > 1 {
            properties.extend([
                Property::sometimes("can fail over while held", |m: &Self, s: &State| {
                    Self::takes_over(s)
                        && (0..m.clients).any(|c| Self::has(s, c) && s.resource.map(|(last, _)| last) == s.log.last)
                }),
                Property::sometimes("can tell a grant of an earlier master", |m, s: &State| {
                    let master = &s.nodes[usize::from(s.log.master)];
                    let told = |c: usize| s.log.last.is_some_and(|last| m.teller(s, c, last).is_some());
                    Self::takes_over(s) && m.holders(s).any(|c| !told(c)) && master.holder.is_some()
                }),
            ]);
        }
        if self.wrong > 0 && self.requests > 1 && self.nodes > 1 && self.clients > 1 {
            let name = "can have a deposed master's late grant on its way";
            properties.extend([
                Property::sometimes(name, |m: &Self, s: &State| {
                    let held = |c: usize| m.holders(s).any(|holder| holder != c);
                    Self::late(s, |entry| matches!(entry, Entry::Grant(c, _) if held(c.into())))
                }),
                Property::sometimes("a paused holder is fenced off", |m: &Self, s: &State| {
                    (0..m.clients).any(|c| {
                        s.doing.get(c) == Doing::Holding
                            && s.resource.is_some_and(|(last, _)| s.sequencer.get(c) < Some(last))
                    })
                }),
            ]);
        }
    }

    fn of_transaction(&self, properties: &mut Vec<Property<Self>>) {
        properties.extend([
            Property::always("AC1 agreement", |m: &Self, s: &State| m.agrees(s)),
            Property::always("AC3 commit validity", Self::commits_by_vote),
            Property::always("AC3 abort validity", Self::aborts_for_a_reason),
            Property::always("what is told is on the log", Self::on_log),
            Property::sometimes("can commit", |m: &Self, s: &State| m.all(s, Phase::Committed)),
            Property::sometimes("can abort by vote", |m: &Self, s: &State| {
                m.all(s, Phase::Aborted) && !m.suspects_participant(s)
            }),
        ]);
        if self.wrong > 0 || self.crashes > 0 {
            properties.push(Property::sometimes("can abort by timeout", |m: &Self, s: &State| {
                m.all(s, Phase::Aborted) && s.no.is_empty()
            }));
        }
        if self.wrong > 1 && self.nodes > 1 {
            let name = "can have a deposed coordinator's late decision on its way";
            properties.push(Property::sometimes(name, |_: &Self, s: &State| {
                let differs = |decision| s.log.decision.is_some_and(|first| first != decision);
                Self::late(s, |entry| matches!(entry, Entry::Decide(decision) if differs(decision)))
            }));
        }
        if self.terms() > 1 && self.nodes > 1 {
            properties.push(Property::sometimes("can commit by a second coordinator", |m: &Self, s: &State| {
                Self::takes_over(s) && m.all(s, Phase::Committed)
            }));
        }
    }

    pub(super) fn step_properties(&self) -> Vec<Temporal<Self>> {
        let mut claims = vec![
            Temporal::step("only a suspected master is replaced", only_the_suspected),
            Temporal::step("only a deposed master is refused", only_the_deposed),
        ];
        if self.clients > 0 {
            claims.extend([
                Temporal::step("sequencers grow between conflicting holdings", sequencers_grow),
                Temporal::step("only the owner releases", only_the_owner),
                Temporal::step("only a suspected holder loses the lock", only_suspected_holders),
                Temporal::step("only who waits is granted the lock", only_who_waits),
            ]);
        }
        if self.participants > 0 {
            claims.push(Temporal::step("AC2 stability", stability));
        }
        if self.crashes > 0 {
            claims.push(Temporal::step("who is down does nothing", down_does_nothing));
        }
        claims
    }
}

/// What is so in a state.
impl Failover {
    /// All that must be true of the lock and of the transaction, whoever is suspected.
    fn is_safe(&self, s: &State) -> bool {
        let lock = self.excludes(s) && (0..self.clients).all(|c| Self::is_true(s, c)) && !s.overtaken;
        lock && self.agrees(s) && self.on_log(s) && self.commits_by_vote(s) && self.aborts_for_a_reason(s)
    }

    /// Whether another node than the first one is the master, and has read the log.
    fn takes_over(s: &State) -> bool {
        let master = &s.nodes[usize::from(s.log.master)];
        s.log.master != 0 && master.term == s.log.term && master.read
    }

    /// The nodes that believe to be masters and are not.
    pub(super) fn deposed(&self, s: &State) -> impl Iterator<Item = usize> {
        let (nodes, term) = (s.nodes, s.log.term);
        (0..self.nodes).filter(move |&n| nodes[n].term > 0 && nodes[n].term < term && nodes[n].read)
    }

    /// Whether an entry of an earlier term is on its way to the log.
    fn late(s: &State, is: impl Fn(Entry) -> bool) -> bool {
        s.nodes.iter().any(|node| node.append.is_some_and(|(term, entry)| term < s.log.term && is(entry)))
    }

    /// At most one client holds the lock by the log, or believes so without that the lock was taken away from it.
    pub(super) fn excludes(&self, s: &State) -> bool {
        let revoked = |of: u8| s.log.revoked.contains(of.into());
        let believes = |c| s.doing.get(c) == Doing::Holding && !s.sequencer.get(c).is_some_and(revoked);
        (0..self.clients).filter(|&c| s.log.sequencer.get(c).is_some() || believes(c)).count() <= 1
    }

    /// Whether the client believes that it holds the lock, and does.
    fn has(s: &State, c: usize) -> bool {
        s.doing.get(c) == Doing::Holding && s.log.sequencer.get(c) == s.sequencer.get(c)
    }

    /// A client that believes to hold the lock does, or the lock was taken away from it because it was suspected.
    pub(super) fn is_true(s: &State, c: usize) -> bool {
        let revoked = |of: u8| s.log.revoked.contains(of.into());
        s.doing.get(c) != Doing::Holding || Self::has(s, c) || s.sequencer.get(c).is_some_and(revoked)
    }

    pub(super) fn some(&self, s: &State, phase: Phase) -> bool {
        s.phases.values(self.participants).any(|found| found == phase)
    }

    pub(super) fn all(&self, s: &State, phase: Phase) -> bool {
        s.phases.values(self.participants).all(|found| found == phase)
    }

    pub(super) fn agrees(&self, s: &State) -> bool {
        !(self.some(s, Phase::Committed) && self.some(s, Phase::Aborted))
    }

    /// Every outcome that is told is the decision in the log.
    pub(super) fn on_log(&self, s: &State) -> bool {
        Decision::ALL.iter().all(|&told| self.announcer(s, told).is_none() || s.log.decision == Some(told))
    }

    pub(super) fn commits_by_vote(&self, s: &State) -> bool {
        !self.commits(s) || s.yes == Few::below(self.participants)
    }

    pub(super) fn aborts_for_a_reason(&self, s: &State) -> bool {
        !self.aborts(s) || !s.no.is_empty() || self.suspects_participant(s)
    }

    /// Decided, told or carried out.
    pub(super) fn commits(&self, s: &State) -> bool {
        let told = self.announcer(s, Decision::Commit).is_some();
        told || s.log.decision == Some(Decision::Commit) || self.some(s, Phase::Committed)
    }

    pub(super) fn aborts(&self, s: &State) -> bool {
        let told = self.announcer(s, Decision::Abort).is_some();
        told || s.log.decision == Some(Decision::Abort) || self.some(s, Phase::Aborted)
    }
}

fn only_the_suspected(_: &Failover, before: &State, action: &Action, _: &State) -> bool {
    let Action::TakeOver(n) = *action else { return true };
    let master = usize::from(before.log.master);
    n == master || before.suspected.contains(Who::Node(master).number())
}

fn only_the_deposed(_: &Failover, before: &State, action: &Action, _: &State) -> bool {
    let Action::Refuse(n) = *action else { return true };
    before.nodes[n].append.is_none_or(|(term, _)| term < before.log.term)
}

/// A new holding has a greater sequencer than every earlier one.
fn sequencers_grow(m: &Failover, before: &State, _: &Action, after: &State) -> bool {
    let grows =
        |c| before.log.sequencer.get(c) == after.log.sequencer.get(c) || after.log.sequencer.get(c) > before.log.last;
    before.log == after.log || m.holders(after).all(grows)
}

/// The entry that the log takes in this step.
fn taken(before: &State, action: &Action) -> Option<Entry> {
    let Action::Append(n) = *action else { return None };
    before.nodes[n].append.map(|(_, entry)| entry)
}

/// A holding ends because its client has given this very holding back, or is suspected.
fn only_the_owner(_: &Failover, before: &State, action: &Action, _: &State) -> bool {
    let Some(Entry::Release(c)) = taken(before, action) else { return true };
    before.log.sequencer.get(c.into()).is_none_or(|sequencer| before.released.contains(of_holding(c.into(), sequencer)))
}

fn only_suspected_holders(_: &Failover, before: &State, action: &Action, _: &State) -> bool {
    let Some(Entry::Revoke(c)) = taken(before, action) else { return true };
    before.suspected.contains(Who::Client(c.into()).number())
}

fn only_who_waits(_: &Failover, before: &State, action: &Action, _: &State) -> bool {
    !matches!(*action, Action::Propose(_, Entry::Grant(c, _)) if before.doing.get(c.into()) != Doing::Asking)
}

/// A decision never changes: neither a participant's nor the log's.
fn stability(m: &Failover, before: &State, _: &Action, after: &State) -> bool {
    let kept = |p| !before.phases.get(p).is_final() || before.phases.get(p) == after.phases.get(p);
    let log = before.log.decision.is_none() || before.log.decision == after.log.decision;
    log && (before.phases == after.phases || (0..m.participants).all(kept))
}

/// Who is up acts or crashes; who is down restarts, and does nothing else.
fn down_does_nothing(_: &Failover, before: &State, action: &Action, _: &State) -> bool {
    let down = |who: Who| before.down.contains(who.number());
    action.actor().is_none_or(|who| down(who) == matches!(action, Action::Restart(_)))
}

/// What must come to pass.
impl Failover {
    pub(super) fn liveness(&self) -> Vec<Temporal<Self>> {
        let (mut claims, alone) = (Vec::new(), usize::from(self.crashes) >= self.nodes);
        if self.crashes > 0 {
            let from = |_: &Self, s: &State| !Self::has_master(s);
            claims.push(Temporal::leads_to(REPLACED, from, |_, s| Self::has_master(s), self.progress(alone)));
        }
        if self.clients > 0 {
            if self.crashes > 0 {
                let from = |m: &Self, s: &State| (0..m.clients).any(|c| Self::crashed_holder(s, c));
                let to = |m: &Self, s: &State| !(0..m.clients).any(|c| Self::crashed_holder(s, c));
                claims.push(Temporal::leads_to(FREED, from, to, self.frees(alone)));
            }
            let from = |m: &Self, s: &State| (0..m.clients).any(|c| Self::ended_holder(s, c));
            claims.push(Temporal::leads_to(RELEASED, from, move |m, s| !from(m, s), self.frees(alone)));
            claims.push(self.heard(alone));
            let free = |m: &Self, s: &State| m.holders(s).next().is_none();
            claims.push(Temporal::always_can(STILL_FREE, free, Some(Box::new(Self::is_fault))));
        }
        if self.participants > 0 {
            let decided = |m: &Self, s: &State| s.phases.values(m.participants).all(Phase::is_final);
            claims.push(Temporal::leads_to(TERMINATION, |_, _| true, decided, self.decides(true)));
            let up = |m: &Self, s: &State| (0..m.participants).all(|p| Self::has_decided(s, p));
            claims.push(Temporal::leads_to(NON_BLOCKING, |_, _| true, up, self.decides(false)));
            claims.push(Temporal::always_can(STILL_DECIDE, decided, Some(Box::new(Self::is_fault))));
        }
        claims
    }

    /// A client that is given the lock hears of it, from whichever master, or it is taken away. All clients are alike:
    /// the first stands for any.
    fn heard(&self, restarts: bool) -> Temporal<Self> {
        let mut fairness = self.frees(restarts);
        let tells = |n: usize| Fairness::weak(format!("TellGrant({n})"), move |a| *a == Action::TellGrant(n, 0));
        fairness.extend((0..self.nodes).map(tells));
        fairness.push(Fairness::weak("Hold", |action| matches!(*action, Action::Hold(0, _))));
        Temporal::leads_to(HEARD, |_, s| Self::is_deaf(s), |_, s| !Self::is_deaf(s), fairness)
    }

    fn is_fault(action: &Action) -> bool {
        matches!(action, Action::Crash(_))
    }

    /// Whether the log's master is up and acts.
    pub(super) fn has_master(s: &State) -> bool {
        let master = &s.nodes[usize::from(s.log.master)];
        master.term == s.log.term && master.read
    }

    /// Whether the participant has decided, or is down and need not.
    pub(super) fn has_decided(s: &State, p: usize) -> bool {
        s.phases.get(p).is_final() || s.down.contains(Who::Participant(p).number())
    }

    /// Whether a client holds the lock and has crashed.
    pub(super) fn crashed_holder(s: &State, c: usize) -> bool {
        s.log.sequencer.get(c).is_some() && s.down.contains(Who::Client(c).number())
    }

    /// Whether a client holds the lock and has given this holding back.
    pub(super) fn ended_holder(s: &State, c: usize) -> bool {
        s.log.sequencer.get(c).is_some_and(|of| s.released.contains(of_holding(c, of)))
    }

    /// Whether the first client holds the lock, is up and does not know.
    pub(super) fn is_deaf(s: &State) -> bool {
        let given = s.log.sequencer.get(0);
        given.is_some() && given != s.sequencer.get(0) && !s.down.contains(Who::Client(0).number())
    }

    /// A master that has crashed is suspected, a suspected one is replaced, and what is sent arrives; nodes restart
    /// where that is said. Nobody need be suspected wrongly, ask, or release.
    fn progress(&self, restarts: bool) -> Vec<Fairness<Self>> {
        let mut fairness = vec![Fairness::weak("TakeOver", |action| matches!(action, Action::TakeOver(_)))];
        for n in 0..self.nodes {
            let name = |kind: &str| format!("{kind}({n})");
            fairness.extend([
                Self::suspects(Who::Node(n)),
                Fairness::weak(name("ReadLog"), move |action| *action == Action::ReadLog(n)),
                Fairness::weak(name("Append"), move |action| *action == Action::Append(n)),
                Fairness::weak(name("Refuse"), move |action| *action == Action::Refuse(n)),
            ]);
            if restarts {
                fairness.push(Self::restarts(Who::Node(n)));
            }
        }
        fairness
    }

    fn suspects(who: Who) -> Fairness<Self> {
        Fairness::weak(format!("Suspect({})", who.number()), move |action| *action == Action::Suspect(who))
    }

    fn restarts(who: Who) -> Fairness<Self> {
        Fairness::weak(format!("Restart({})", who.number()), move |action| *action == Action::Restart(who))
    }

    /// Besides, a client that has crashed is suspected, and masters take the lock away and back. They send one entry at
    /// a time, so this is strong.
    fn frees(&self, restarts: bool) -> Vec<Fairness<Self>> {
        let mut fairness = self.progress(restarts);
        fairness.extend((0..self.clients).map(|c| Self::suspects(Who::Client(c))));
        for n in 0..self.nodes {
            fairness.extend([
                Fairness::strong(
                    format!("Propose release({n})"),
                    move |action| matches!(*action, Action::Propose(m, Entry::Release(_)) if m == n),
                ),
                Fairness::strong(
                    format!("Propose revoke({n})"),
                    move |action| matches!(*action, Action::Propose(m, Entry::Revoke(_)) if m == n),
                ),
            ]);
        }
        fairness
    }

    /// Besides, a participant that has crashed is suspected, coordinators decide and tell, and participants that are up
    /// vote and learn.
    fn decides(&self, restarts: bool) -> Vec<Fairness<Self>> {
        let mut fairness = self.progress(restarts);
        for n in 0..self.nodes {
            fairness.push(Fairness::strong(
                format!("Propose decision({n})"),
                move |action| matches!(*action, Action::Propose(m, Entry::Decide(_)) if m == n),
            ));
            fairness.push(Fairness::weak(
                format!("TellOutcome({n})"),
                move |action| matches!(*action, Action::TellOutcome(m, _) if m == n),
            ));
        }
        for p in 0..self.participants {
            fairness.extend([
                Self::suspects(Who::Participant(p)),
                Fairness::weak(format!("Vote({p})"), move |action| {
                    *action == Action::Prepare(p) || *action == Action::ChooseToAbort(p)
                }),
                Fairness::weak(format!("Learn({p})"), move |action| matches!(*action, Action::Learn(q, _) if q == p)),
            ]);
            if restarts {
                fairness.push(Self::restarts(Who::Participant(p)));
            }
        }
        fairness
    }
}

impl Describe for Failover {
    guarded!();
    drawn!();
    worded!();

    fn temporal(&self) -> Vec<Temporal<Self>> {
        let mut claims = self.step_properties();
        claims.extend(self.refinements());
        claims.extend(self.liveness());
        claims
    }
}
