//! What Paxos Commit must keep, and what must come to pass.

use super::refinement::CommitsTransactions;
use super::{Action, Guard, Message, Node, PaxosCommit, State, Vote, scene};
use crate::Few;
use crate::drawn::{drawn, worded};
use crate::guard::guarded;
use crate::problems::transaction_commit::{Phase, TransactionCommit};
use crate::problems::voting::{self, Voting};
use proofmark_vocabulary::{Describe, Fairness, Property, Temporal};

/// The properties of whole behaviours, whose check keeps the graph of all steps.
pub(super) const LIVENESS: &[&str] = &["AC4", TERMINATION, NON_BLOCKING, STILL];
pub(super) const TERMINATION: &str = "AC5 termination";
/// What takes a majority of acceptors.
pub(super) const NON_BLOCKING: &str = "non-blocking";
pub(super) const STILL: &str = "all can still decide";

impl PaxosCommit {
    pub(super) fn state_properties(&self) -> Vec<Property<Self>> {
        let mut properties: Vec<Property<Self>> = vec![
            Property::always("AC1 agreement", |m: &Self, s: &State| {
                !(m.some(s, Phase::Committed) && m.some(s, Phase::Aborted))
            }),
            Property::always("AC3 commit validity", |m, s| !m.is_committed(s) || m.all_voted_yes(s)),
            Property::always("AC3 abort validity", |m, s| !m.is_aborted(s) || m.has_reason(s)),
            Property::always("what is told is chosen", |m, s| m.commit_is_chosen(s) && m.abort_is_chosen(s)),
            Property::always("agreement", |m, s| m.instances(s, Self::agrees)),
            Property::always("validity", |m, s| m.instances(s, Self::is_valid)),
            Property::always("one value per ballot", |m, s| m.instances(s, Self::proposes_one)),
            Property::always("votes are safe", |m, s| m.instances(s, Self::votes_safely)),
            Property::always("a ballot begins before it is promised", |m, s| m.instances(s, Self::begins_first)),
            Property::sometimes("can commit", |m, s| m.all(s, Phase::Committed)),
            Property::sometimes("can abort by vote", can_abort_by_vote),
            Property::sometimes("can abort by timeout", can_abort_by_timeout),
            Property::sometimes("can be in doubt", can_be_in_doubt),
            Property::sometimes("a later leader adopts the vote of a resource manager", adopts_prepared),
        ];
        // What a lone acceptor accepts is chosen.
        if self.acceptors > 1 {
            properties.push(Property::sometimes("a commit is found by a later leader", |m: &Self, s: &State| {
                m.all(s, Phase::Committed) && (0..m.managers).all(|rm| !m.is_chosen_in(s, rm, 0, Vote::Prepared))
            }));
        }
        if self.crashes > 0 {
            properties.extend([
                Property::sometimes("can commit while an acceptor is down", |m: &Self, s: &State| {
                    m.all(s, Phase::Committed) && (0..m.acceptors).any(|a| Self::is_down(s, Node::Acceptor(a)))
                }),
                Property::sometimes("can commit although the first leader is down", |m, s| {
                    m.all(s, Phase::Committed) && Self::is_down(s, Node::Leader(0))
                }),
            ]);
        }
        properties
    }

    pub(super) fn step_properties(&self) -> Vec<Temporal<Self>> {
        let mut claims = vec![
            Temporal::step("AC2 stability", stability),
            Temporal::step("a vote is stable", vote_is_stable),
            Temporal::step("late messages are harmless", late_messages),
            Temporal::step("durable promises never fall", promises_never_fall),
            Temporal::step("promises counted are for this ballot, from distinct acceptors", promises_counted),
            Temporal::step("chosen is stable", chosen_is_stable),
        ];
        if self.crashes > 0 {
            claims.push(Temporal::step("who is down does nothing", down_does_nothing));
        }
        claims
    }

    pub(super) fn is_down(s: &State, node: Node) -> bool {
        s.down.contains(node.number())
    }

    /// What the resource managers have come to.
    pub(super) fn some(&self, s: &State, phase: Phase) -> bool {
        s.rm_state.values(self.managers).any(|found| found == phase)
    }

    pub(super) fn all(&self, s: &State, phase: Phase) -> bool {
        s.rm_state.values(self.managers).all(|found| found == phase)
    }

    pub(super) fn is_committed(&self, s: &State) -> bool {
        self.is_sent(s, Message::Commit) || self.some(s, Phase::Committed)
    }

    pub(super) fn is_aborted(&self, s: &State) -> bool {
        self.is_sent(s, Message::Abort) || self.some(s, Phase::Aborted)
    }

    /// Whether the resource manager has proposed this itself.
    pub(super) fn voted(&self, s: &State, rm: usize, vote: Vote) -> bool {
        self.is_sent(s, Message::Accept(rm, 0, vote))
    }

    pub(super) fn all_voted_yes(&self, s: &State) -> bool {
        (0..self.managers).all(|rm| self.voted(s, rm, Vote::Prepared))
    }

    /// Whether a leader of a later ballot has begun: it suspects a fault.
    pub(super) fn is_suspected(&self, s: &State, rm: usize) -> bool {
        (1..self.ballots).any(|b| self.is_sent(s, Message::Prepare(rm, b)))
    }

    /// Whether there was a no, or a fault was suspected.
    pub(super) fn has_reason(&self, s: &State) -> bool {
        (0..self.managers).any(|rm| self.voted(s, rm, Vote::Aborted) || self.is_suspected(s, rm))
    }

    pub(super) fn commit_is_chosen(&self, s: &State) -> bool {
        !self.is_sent(s, Message::Commit) || (0..self.managers).all(|rm| self.is_chosen(s, rm, Vote::Prepared))
    }

    pub(super) fn abort_is_chosen(&self, s: &State) -> bool {
        !self.is_sent(s, Message::Abort) || (0..self.managers).any(|rm| self.is_chosen(s, rm, Vote::Aborted))
    }

    fn instances(&self, s: &State, holds: impl Fn(&Self, &State, usize) -> bool) -> bool {
        (0..self.managers).all(|rm| holds(self, s, rm))
    }

    pub(super) fn agrees(&self, s: &State, rm: usize) -> bool {
        !(self.is_chosen(s, rm, Vote::Prepared) && self.is_chosen(s, rm, Vote::Aborted))
    }

    /// What is accepted was proposed, and a yes is the resource manager's own.
    pub(super) fn is_valid(&self, s: &State, rm: usize) -> bool {
        let own = |vote| vote == Vote::Aborted || self.voted(s, rm, Vote::Prepared);
        let proposed = |b, vote| self.is_sent(s, Message::Accept(rm, b, vote)) && own(vote);
        self.all_proposals().all(|(b, vote)| self.accepted(s, rm, b, vote).is_empty() || proposed(b, vote))
    }

    pub(super) fn proposes_one(&self, s: &State, rm: usize) -> bool {
        let proposed = |b, vote| self.is_sent(s, Message::Accept(rm, b, vote));
        (0..self.ballots).all(|b| !Vote::ALL.iter().all(|&vote| proposed(b, vote)))
    }

    pub(super) fn votes_safely(&self, s: &State, rm: usize) -> bool {
        let (voting, votes) = self.votes_in(s, rm);
        voting.votes_are_safe(&votes)
    }

    pub(super) fn begins_first(&self, s: &State, rm: usize) -> bool {
        let promised = |b| (0..self.acceptors).any(|a| self.promise(s, rm, a, b).is_some());
        (1..self.ballots).all(|b| self.is_sent(s, Message::Prepare(rm, b)) || !promised(b))
    }

    fn is_chosen_in(&self, s: &State, rm: usize, b: u8, vote: Vote) -> bool {
        self.accepted(s, rm, b, vote).len() >= self.majority()
    }

    fn all_proposals(&self) -> impl Iterator<Item = (u8, Vote)> + use<> {
        (0..self.ballots).flat_map(|b| Vote::ALL.map(|vote| (b, vote)))
    }

    /// An instance as the acceptors vote in it.
    fn votes_in(&self, s: &State, rm: usize) -> (Voting, voting::State) {
        let (acceptors, ballots) = (self.acceptors, usize::from(self.ballots));
        let voting = Voting { acceptors, values: 2, ballots, quorum: self.majority(), bug: None };
        let promised = |a| Some(s.mbal.get(self.place(rm, a)));
        let max_bal = (0..acceptors).map(promised).collect();
        let mut votes = voting::State { max_bal, ..voting::State::default() };
        for (b, vote) in self.all_proposals() {
            let accepted = self.accepted(s, rm, b, vote);
            accepted.iter().for_each(|a| votes.votes.insert(voting.vote(a, b, vote as usize)));
        }
        (voting, votes)
    }
}

/// All have aborted, nobody was suspected, so somebody refused; and who learned it voted yes.
fn can_abort_by_vote(m: &PaxosCommit, s: &State) -> bool {
    let yes = (0..m.managers).any(|rm| m.voted(s, rm, Vote::Prepared));
    let alone = m.managers == 1;
    m.all(s, Phase::Aborted) && (yes || alone) && !(0..m.managers).any(|rm| m.is_suspected(s, rm))
}

/// Nobody refused, and all have aborted: a later leader has finished an instance.
fn can_abort_by_timeout(m: &PaxosCommit, s: &State) -> bool {
    m.all(s, Phase::Aborted) && m.all_voted_yes(s)
}

/// It is decided, and nobody knows.
fn can_be_in_doubt(m: &PaxosCommit, s: &State) -> bool {
    m.all(s, Phase::Prepared) && (m.is_sent(s, Message::Commit) || m.is_sent(s, Message::Abort))
}

/// A leader proposes what a resource manager had, because a promise reports it.
fn adopts_prepared(m: &PaxosCommit, s: &State) -> bool {
    let adopted = |rm| (1..m.ballots).any(|b| m.is_sent(s, Message::Accept(rm, b, Vote::Prepared)));
    (0..m.managers).any(adopted)
}

/// A resource manager's decision never changes. What leaders tell is what was chosen, which is stable.
fn stability(m: &PaxosCommit, before: &State, _: &Action, after: &State) -> bool {
    let kept = |rm| !before.rm_state.get(rm).is_final() || before.rm_state.get(rm) == after.rm_state.get(rm);
    before.rm_state == after.rm_state || (0..m.managers).all(kept)
}

/// A resource manager votes once: it never comes to say the other thing too, nor to be free again.
fn vote_is_stable(m: &PaxosCommit, before: &State, _: &Action, after: &State) -> bool {
    let said = |s: &State, rm| Vote::ALL.map(|vote| m.voted(s, rm, vote));
    let stable = |rm| said(before, rm) == [false; 2] || said(before, rm) == said(after, rm);
    let bound = |rm| before.rm_state.get(rm) == Phase::Working || after.rm_state.get(rm) != Phase::Working;
    (before.msgs == after.msgs || (0..m.managers).all(stable))
        && (before.rm_state == after.rm_state || (0..m.managers).all(bound))
}

/// What a resource manager that has finished is told changes nothing.
fn late_messages(_: &PaxosCommit, before: &State, action: &Action, after: &State) -> bool {
    match *action {
        Action::RmRcvCommitMsg(rm) | Action::RmRcvAbortMsg(rm) => {
            !before.rm_state.get(rm).is_final() || before == after
        }
        _ => true,
    }
}

/// Who is up acts or crashes; who is down restarts, and does nothing else.
fn down_does_nothing(_: &PaxosCommit, before: &State, action: &Action, _: &State) -> bool {
    PaxosCommit::is_down(before, action.node()) == matches!(action, Action::Restart(_))
}

fn promises_never_fall(m: &PaxosCommit, before: &State, _: &Action, after: &State) -> bool {
    let places = 0..m.managers * m.acceptors;
    before.mbal == after.mbal || places.into_iter().all(|place| before.mbal.get(place) <= after.mbal.get(place))
}

fn promises_counted(m: &PaxosCommit, before: &State, action: &Action, after: &State) -> bool {
    let promised = |rm, b| (0..m.acceptors).filter(|&a| m.promise(before, rm, a, b).is_some()).count();
    match *action {
        Action::Phase2a(b, instances, _) if before.msgs != after.msgs => {
            instances.iter().all(|rm| promised(rm, b) >= m.majority())
        }
        _ => true,
    }
}

fn chosen_is_stable(m: &PaxosCommit, before: &State, _: &Action, after: &State) -> bool {
    let kept = |rm| Vote::ALL.iter().all(|&vote| !m.is_chosen(before, rm, vote) || m.is_chosen(after, rm, vote));
    before.msgs == after.msgs || (0..m.managers).all(kept)
}

/// What must come to pass.
impl PaxosCommit {
    pub(super) fn liveness(&self) -> Vec<Temporal<Self>> {
        let faults: fn(&Action) -> bool = |action| matches!(action, Action::Crash(_));
        vec![
            self.ac4(),
            self.termination(),
            self.non_blocking(),
            Temporal::always_can(STILL, Self::all_decided, Some(Box::new(faults))),
        ]
    }

    pub(super) fn all_decided(&self, s: &State) -> bool {
        s.rm_state.values(self.managers).all(Phase::is_final)
    }

    /// Somebody refuses, crashes or is suspected: no reason to expect a commit.
    pub(super) fn given_up(&self, s: &State) -> bool {
        self.is_aborted(s) || !s.down.is_empty() || (0..self.managers).any(|rm| self.is_suspected(s, rm))
    }

    /// Who has decided, or is down and need not.
    pub(super) fn has_decided(s: &State, rm: usize) -> bool {
        s.rm_state.get(rm).is_final() || Self::is_down(s, Node::Manager(rm))
    }

    fn fair(name: impl Into<String>, includes: impl Fn(&Action) -> bool + Send + Sync + 'static) -> Fairness<Self> {
        Fairness::weak(name, includes)
    }

    /// Each resource manager hears what was told.
    fn hears(&self) -> impl Iterator<Item = Fairness<Self>> {
        (0..self.managers).flat_map(|rm| {
            [
                Self::fair(format!("RMRcvCommitMsg({rm})"), move |a| *a == Action::RmRcvCommitMsg(rm)),
                Self::fair(format!("RMRcvAbortMsg({rm})"), move |a| *a == Action::RmRcvAbortMsg(rm)),
            ]
        })
    }

    /// Acceptors accept in that ballot what they are asked to.
    fn accepts(&self, b: u8) -> impl Iterator<Item = Fairness<Self>> {
        let each = (0..self.managers).flat_map(|rm| (0..self.acceptors).map(move |a| (rm, a)));
        each.map(move |(rm, a)| {
            let name = format!("Phase2b({a}, {b}, {rm})");
            Self::fair(name, move |action| matches!(*action, Action::Phase2b(x, c, y, _) if (x, c, y) == (a, b, rm)))
        })
    }

    /// If nothing fails, nobody refuses and nobody is suspected, all commit.
    fn ac4(&self) -> Temporal<Self> {
        let mut fairness: Vec<_> = self.hears().chain(self.accepts(0)).collect();
        let prepares = |rm| Self::fair(format!("RMPrepare({rm})"), move |a| *a == Action::RmPrepare(rm));
        fairness.extend((0..self.managers).map(prepares));
        fairness.push(Self::fair("Commit(0)", |action| *action == Action::Commit(0)));
        let to = |m: &Self, s: &State| m.all(s, Phase::Committed) || m.given_up(s);
        Temporal::leads_to("AC4", |_, _| true, to, fairness)
    }

    /// The leader of the last ballot acts, and the acceptors that are up answer it.
    fn recovers(&self) -> Vec<Fairness<Self>> {
        let last = self.last();
        let mut fairness: Vec<_> = self.hears().chain(self.accepts(last)).collect();
        for bundle in self.bundles() {
            let of = bundle.iter().next().unwrap_or_default();
            let within = move |b: u8, instances: Few| b == last && instances.contains(of);
            fairness.push(Self::fair(
                format!("Phase1a({last}, {of})"),
                move |action| matches!(*action, Action::Phase1a(b, instances) if within(b, instances)),
            ));
            fairness.push(Self::fair(
                format!("Phase2a({last}, {of})"),
                move |action| matches!(*action, Action::Phase2a(b, instances, _) if within(b, instances)),
            ));
            fairness.extend((0..self.acceptors).map(|a| {
                Self::fair(
                    format!("Phase1b({a}, {last}, {of})"),
                    move |action| matches!(*action, Action::Phase1b(x, b, instances) if x == a && within(b, instances)),
                )
            }));
        }
        let teller = self.tellers().end - 1;
        fairness.push(Self::fair(format!("Commit({teller})"), move |action| *action == Action::Commit(teller)));
        fairness.push(Self::fair(format!("Abort({teller})"), move |action| *action == Action::Abort(teller)));
        fairness
    }

    /// Once all failures are repaired, every resource manager decides, whether or not all vote.
    fn termination(&self) -> Temporal<Self> {
        let mut fairness = self.recovers();
        if self.crashes > 0 {
            let restarts = |node: Node| {
                Self::fair(format!("Restart({})", node.number()), move |action| *action == Action::Restart(node))
            };
            fairness.extend(self.durable().map(restarts));
        }
        Temporal::leads_to(TERMINATION, |_, _| true, Self::all_decided, fairness)
    }

    /// No leader but the last one, and no acceptor of a minority, keeps a resource manager that is up from deciding.
    fn non_blocking(&self) -> Temporal<Self> {
        let to = |m: &Self, s: &State| (0..m.managers).all(|rm| Self::has_decided(s, rm));
        Temporal::leads_to(NON_BLOCKING, |_, _| true, to, self.recovers())
    }
}

impl Describe for PaxosCommit {
    guarded!();
    drawn!();
    worded!();

    fn temporal(&self) -> Vec<Temporal<Self>> {
        let problem = TransactionCommit { participants: self.managers, bug: None };
        let mut claims = self.step_properties();
        claims.push(Temporal::refinement("refines transaction-commit", CommitsTransactions(problem)));
        claims.extend(self.liveness());
        claims
    }
}
