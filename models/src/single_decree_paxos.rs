//! Paxos: Lamport, `Paxos.tla` of tlaplus/Examples (`PaxosHowToWinATuringAward`), from his lecture *The Paxos
//! Algorithm, or How to Win a Turing Award* (2019). It states the algorithm of *Paxos Made Simple* (2001),
//! section 2.2.
//!
//! Left out: the loss of a message, since to lose one is never to receive it; its repetition and reordering,
//! since a message is never taken out of the set of those sent; proposers, since what one does follows from
//! the messages alone; learners, who change nothing. A crash that forgets nothing is a pause: here every
//! variable is on disk. A log of many slots and a distinguished proposer are no part of this specification.
//!
//! It refines [`voting`].

mod catalogue;
mod message;
mod scene;

pub use catalogue::Bug;
pub use message::{Message, Messages};

use crate::Map;
use crate::drawn::drawn;
use crate::guard::{guarded, guards};
use crate::problems::voting::{self, Voting};
use proofmark_vocabulary::{BitSet, Describe, Fairness, Model, Property, Refinement, Temporal, Value};

/// The constants, and the bug planted in the model, if any.
#[derive(Clone, Debug)]
pub struct SingleDecreePaxos {
    /// How many acceptors there are.
    pub acceptors: usize,
    /// How many values there are to propose.
    pub values: usize,
    /// How many ballots there are, from 0.
    pub ballots: usize,
    /// How many acceptors are a quorum.
    pub quorum: usize,
    /// The bug.
    pub bug: Option<Bug>,
}

/// The variables. The first three are the acceptors', on disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct State {
    /// `maxBal`: the greatest ballot that each acceptor has promised or accepted in.
    pub max_bal: Map<Option<u8>>,
    /// `maxVBal`: the greatest ballot that each has accepted in.
    pub max_vbal: Map<Option<u8>>,
    /// `maxVal`: the value that each accepted there.
    pub max_val: Map<Option<u8>>,
    /// `msgs`: the messages that have been sent, numbered by [`SingleDecreePaxos::number`].
    pub msgs: Messages,
}

/// The actions, named as in the module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// The ballot begins.
    Phase1a(u8),
    /// The acceptor promises the ballot.
    Phase1b(usize, u8),
    /// In the ballot the value is proposed.
    Phase2a(u8, u8),
    /// The acceptor accepts, in the ballot, the value.
    Phase2b(usize, u8, u8),
    /// The acceptor restarts, in a mutant alone: here it would lose nothing.
    Restart(usize),
}

guards! {
    SingleDecreePaxos:
    /// `m.type = "1a"`, for some message of the ballot.
    PrepareSent = "prepare-sent",
    /// `m.bal > maxBal[a]`.
    AbovePromise = "above-promise",
    /// `~ \E m \in msgs : m.type = "2a" /\ m.bal = b`.
    NothingProposed = "nothing-proposed",
    /// `\A a \in Q : \E m \in Q1b : m.acc = a`, for some quorum.
    QuorumPromised = "quorum-promised",
    /// No member of that quorum has accepted anything, or the value is the one accepted in the greatest ballot.
    HighestAccepted = "highest-accepted",
    /// `m.type = "2a"`, for some message of the ballot and the value.
    AcceptSent = "accept-sent",
    /// `m.bal >= maxBal[a]`.
    NotBelowPromise = "not-below-promise",
}

impl SingleDecreePaxos {
    /// A ballot may begin at any moment, and again: the message is the same.
    fn phase_1a(&self, s: &State, b: u8) -> State {
        State { msgs: self.sent(s, Message::Prepare(b)), ..*s }
    }

    fn phase_1b(&self, s: &State, a: usize, b: u8) -> Result<State, Guard> {
        self.require(self.is_sent(s, Message::Prepare(b)), Guard::PrepareSent)?;
        self.require(Some(b) > s.max_bal.get(a), Guard::AbovePromise)?;
        let report = match self.bug {
            Some(Bug::ReportsNothing) => None,
            _ => s.max_vbal.get(a).zip(s.max_val.get(a)),
        };
        Ok(State { max_bal: s.max_bal.with(a, Some(b)), msgs: self.sent(s, Message::Promise(a, b, report)), ..*s })
    }

    /// What the quorum has accepted in the greatest ballot may have been chosen; anything else cannot be.
    fn phase_2a(&self, s: &State, b: u8, v: u8) -> Result<State, Guard> {
        let quorum = match self.bug {
            Some(Bug::SmallPrepareQuorum) => self.acceptors - self.quorum,
            _ => self.quorum,
        };
        self.require(self.all_values().all(|w| !self.is_sent(s, Message::Accept(b, w))), Guard::NothingProposed)?;
        let promised = self.counted(s, b);
        self.require(promised.len() >= quorum, Guard::QuorumPromised)?;
        self.require(self.shown_safe(s, b, v, quorum.min(promised.len())), Guard::HighestAccepted)?;
        Ok(State { msgs: self.sent(s, Message::Accept(b, v)), ..*s })
    }

    /// An acceptor may accept a ballot that it has not promised.
    fn phase_2b(&self, s: &State, a: usize, b: u8, v: u8) -> Result<State, Guard> {
        let open = match self.bug {
            Some(Bug::AcceptNeedsEqualBallot) => s.max_bal.get(a) == Some(b),
            _ => s.max_bal.get(a) <= Some(b),
        };
        self.require(self.is_sent(s, Message::Accept(b, v)), Guard::AcceptSent)?;
        self.require(open, Guard::NotBelowPromise)?;
        Ok(State {
            max_bal: s.max_bal.with(a, Some(b)),
            max_vbal: s.max_vbal.with(a, Some(b)),
            max_val: s.max_val.with(a, Some(v)),
            msgs: self.sent(s, Message::Accepted(a, b, v)),
        })
    }

    /// The acceptor comes back with what its record holds.
    fn restart(&self, s: &State, a: usize) -> State {
        match self.bug {
            Some(Bug::LogLost) => State {
                max_bal: s.max_bal.with(a, None),
                max_vbal: s.max_vbal.with(a, None),
                max_val: s.max_val.with(a, None),
                ..*s
            },
            Some(Bug::BalOverwritten) => State { max_bal: s.max_bal.with(a, s.max_vbal.get(a)), ..*s },
            _ => *s,
        }
    }

    fn take(&self, s: &State, action: Action) -> Result<State, Guard> {
        match action {
            Action::Phase1a(b) => Ok(self.phase_1a(s, b)),
            Action::Phase1b(a, b) => self.phase_1b(s, a, b),
            Action::Phase2a(b, v) => self.phase_2a(s, b, v),
            Action::Phase2b(a, b, v) => self.phase_2b(s, a, b, v),
            Action::Restart(a) => Ok(self.restart(s, a)),
        }
    }
}

/// What the messages say.
impl SingleDecreePaxos {
    /// The ballots, from the least.
    fn all_ballots(&self) -> impl Iterator<Item = u8> + use<> {
        (0_u8..).take(self.ballots)
    }

    /// The values, from the least.
    fn all_values(&self) -> impl Iterator<Item = u8> + use<> {
        (0_u8..).take(self.values)
    }

    /// Every pair of a ballot and a value.
    fn all_votes(&self) -> impl Iterator<Item = (u8, u8)> {
        self.all_ballots().flat_map(|b| self.all_values().map(move |v| (b, v)))
    }

    /// Everything that a promise may report.
    fn all_reports(&self) -> impl Iterator<Item = Option<(u8, u8)>> {
        self.all_votes().map(Some).chain([None])
    }

    /// Whether a proposer of ballot `b` counts acceptor `a` as having promised it with this report.
    fn counts(&self, s: &State, a: usize, b: u8, report: Option<(u8, u8)>) -> bool {
        let promised = |b| self.is_sent(s, Message::Promise(a, b, report));
        match self.bug {
            // The promise does not say which ballot it is for.
            Some(Bug::StalePromiseCounted) => (0..=b).any(promised),
            _ => promised(b),
        }
    }

    /// Those whom a proposer of ballot `b` counts as having promised it.
    fn counted(&self, s: &State, b: u8) -> BitSet {
        (0..self.acceptors).filter(|&a| self.all_reports().any(|report| self.counts(s, a, b, report))).collect()
    }

    /// Whether a quorum of those who promised ballot `b` shows that `v` is safe there: none of them reports
    /// anything, or one reports `v` in a ballot above which none reports anything. Any set of that size is a
    /// quorum, so those who may be its members are counted.
    fn shown_safe(&self, s: &State, b: u8, v: u8, quorum: usize) -> bool {
        let counted = self.counted(s, b);
        let reports = |a, c, w| self.counts(s, a, b, Some((c, w)));
        let silent_from = |from| -> BitSet {
            let silent = |&a: &usize| self.all_votes().all(|(c, w)| c < from || !reports(a, c, w));
            counted.iter().filter(silent).collect()
        };
        let highest_in = |c| {
            let members = if self.bug == Some(Bug::AdoptsAnyReport) { counted } else { silent_from(c + 1) };
            members.len() >= quorum && members.iter().any(|a| reports(a, c, v))
        };
        silent_from(0).len() >= quorum || self.all_ballots().any(highest_in)
    }
}

impl Model for SingleDecreePaxos {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![State::default()]
    }

    fn actions(&self, _: &State, actions: &mut Vec<Action>) {
        for b in self.all_ballots() {
            actions.push(Action::Phase1a(b));
            actions.extend((0..self.acceptors).map(|a| Action::Phase1b(a, b)));
            for v in self.all_values() {
                actions.push(Action::Phase2a(b, v));
                actions.extend((0..self.acceptors).map(|a| Action::Phase2b(a, b, v)));
            }
        }
        if self.restarts() {
            actions.extend((0..self.acceptors).map(Action::Restart));
        }
    }

    fn next_state(&self, s: &State, action: Action) -> Option<State> {
        self.take(s, action).ok()
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let mut properties: Vec<Property<Self>> = vec![
            Property::always("agreement", |m, s| m.chosen(s).len() <= 1),
            Property::always("validity", validity),
            Property::always("one value per ballot", |m, s| m.voting().one_value_per_ballot(&m.votes_in(s))),
            Property::always("votes are safe", |m, s| m.voting().votes_are_safe(&m.votes_in(s))),
            Property::always("a ballot begins before it is voted in", begins_before_votes),
            Property::sometimes("a value is chosen", |m, s| !m.chosen(s).is_empty()),
        ];
        if self.acceptors > self.quorum {
            let name = "an acceptor accepts a ballot that it has not promised";
            properties.push(Property::sometimes(name, accepts_without_promise));
        }
        if self.ballots > 1 {
            properties.extend([
                Property::sometimes("two proposers duel", proposers_duel),
                Property::sometimes("a second proposer adopts the first one's value", adopts_a_value),
            ]);
        }
        properties
    }
}

/// A chosen value was proposed.
fn validity(m: &SingleDecreePaxos, s: &State) -> bool {
    let proposed = |v| m.all_votes().any(|(b, w)| usize::from(w) == v && m.is_sent(s, Message::Accept(b, w)));
    m.chosen(s).iter().all(proposed)
}

/// No acceptor accepts anything in a ballot that nobody began.
fn begins_before_votes(m: &SingleDecreePaxos, s: &State) -> bool {
    let accepted = |b, v| (0..m.acceptors).any(|a| m.is_sent(s, Message::Accepted(a, b, v)));
    m.all_votes().all(|(b, v)| m.is_sent(s, Message::Prepare(b)) || !accepted(b, v))
}

fn accepts_without_promise(m: &SingleDecreePaxos, s: &State) -> bool {
    let promised = |a, b| m.all_reports().any(|report| m.is_sent(s, Message::Promise(a, b, report)));
    let accepted = |a, (b, v)| m.is_sent(s, Message::Accepted(a, b, v)) && !promised(a, b);
    (0..m.acceptors).any(|a| m.all_votes().any(|vote| accepted(a, vote)))
}

/// Each of two proposers has a quorum's promises, and neither gets its value chosen.
fn proposers_duel(m: &SingleDecreePaxos, s: &State) -> bool {
    m.chosen(s).is_empty() && m.all_ballots().filter(|&b| m.has_quorum(s, b)).count() >= 2
}

/// A ballot proposes what an earlier one did, because a promise reports it.
fn adopts_a_value(m: &SingleDecreePaxos, s: &State) -> bool {
    let reported = |b, c, v| (0..m.acceptors).any(|a| m.is_sent(s, Message::Promise(a, b, Some((c, v)))));
    let adopted = |b, v| m.is_sent(s, Message::Accept(b, v)) && (0..b).any(|c| reported(b, c, v));
    m.all_votes().any(|(b, v)| adopted(b, v))
}

fn promises_counted(m: &SingleDecreePaxos, before: &State, action: &Action, _: &State) -> bool {
    match *action {
        Action::Phase2a(b, _) => m.has_quorum(before, b),
        _ => true,
    }
}

fn chosen_is_stable(m: &SingleDecreePaxos, before: &State, _: &Action, after: &State) -> bool {
    before.msgs == after.msgs || m.chosen(before).is_subset(&m.chosen(after))
}

fn promises_never_fall(m: &SingleDecreePaxos, before: &State, _: &Action, after: &State) -> bool {
    (0..m.acceptors).all(|a| before.max_bal.get(a) <= after.max_bal.get(a))
}

impl SingleDecreePaxos {
    /// Whether a quorum has promised ballot `b`, and no other.
    fn has_quorum(&self, s: &State, b: u8) -> bool {
        let promised = |&a: &usize| self.all_reports().any(|report| self.is_sent(s, Message::Promise(a, b, report)));
        (0..self.acceptors).filter(promised).count() >= self.quorum
    }

    /// The values that have been chosen.
    pub fn chosen(&self, s: &State) -> BitSet {
        self.voting().chosen(&self.votes_in(s))
    }

    /// Once a ballot has begun, a value is chosen. The ballots are finitely many, so in the end one proposer
    /// is alone; its messages reach a quorum, and the answers reach it. What it asks in the two phases need
    /// not reach the same quorum, so two that have as little in common as any are owed an answer.
    fn lone_proposer(&self) -> Temporal<Self> {
        let mut fairness = Vec::new();
        for b in self.all_ballots() {
            let proposes = move |action: &Action| matches!(*action, Action::Phase2a(c, _) if c == b);
            fairness.push(Fairness::weak(format!("Phase2a({b})"), proposes));
            for i in 0..self.quorum {
                let j = self.acceptors - 1 - i;
                let promises = move |action: &Action| *action == Action::Phase1b(i, b);
                let accepts = move |action: &Action| matches!(*action, Action::Phase2b(a, c, _) if (a, c) == (j, b));
                fairness.push(Fairness::weak(format!("Phase1b({i}, {b})"), promises));
                fairness.push(Fairness::weak(format!("Phase2b({j}, {b})"), accepts));
            }
        }
        let begun = |m: &Self, s: &State| m.all_ballots().any(|b| m.is_sent(s, Message::Prepare(b)));
        Temporal::leads_to("a lone proposer gets a value chosen", begun, |m, s| !m.chosen(s).is_empty(), fairness)
    }

    /// Whether the planted bug shows when an acceptor restarts.
    fn restarts(&self) -> bool {
        matches!(self.bug, Some(Bug::LogLost | Bug::BalOverwritten))
    }

    /// The state with its values renamed, and the acceptors in the order of all that is theirs.
    fn renamed(&self, s: &State, names: [u8; 3]) -> State {
        let name = |v: u8| names[usize::from(v)];
        let message = |number| match self.message(number) {
            Message::Accept(b, v) => Message::Accept(b, name(v)),
            Message::Promise(a, b, report) => Message::Promise(a, b, report.map(|(c, v)| (c, name(v)))),
            Message::Accepted(a, b, v) => Message::Accepted(a, b, name(v)),
            prepare @ Message::Prepare(_) => prepare,
        };
        let msgs: Messages = s.msgs.iter().map(|number| self.number(message(number))).collect();
        let mut parts = [(None, None, None, BitSet::<1>::new()); MOST_ACCEPTORS];
        let parts = &mut parts[..self.acceptors];
        for (a, part) in parts.iter_mut().enumerate() {
            let own = (0..self.of_one()).filter(|i| msgs.contains(self.first_of(a) + i)).collect();
            *part = (s.max_bal.get(a), s.max_vbal.get(a), s.max_val.get(a).map(name), own);
        }
        parts.sort_unstable();
        let broadcast = msgs.iter().take_while(|&number| number < self.first_of(0)).collect();
        let mut renamed = State { msgs: broadcast, ..State::default() };
        for (a, &(max_bal, max_vbal, max_val, own)) in parts.iter().enumerate() {
            renamed.max_bal = renamed.max_bal.with(a, max_bal);
            renamed.max_vbal = renamed.max_vbal.with(a, max_vbal);
            renamed.max_val = renamed.max_val.with(a, max_val);
            own.iter().for_each(|i| renamed.msgs.insert(self.first_of(a) + i));
        }
        renamed
    }
}

impl Describe for SingleDecreePaxos {
    fn action_kinds(&self) -> &'static [&'static str] {
        if self.restarts() {
            &["Phase1a", "Phase1b", "Phase2a", "Phase2b", "Restart"]
        } else {
            &["Phase1a", "Phase1b", "Phase2a", "Phase2b"]
        }
    }

    fn action_kind(&self, action: &Action) -> usize {
        match action {
            Action::Phase1a(_) => 0,
            Action::Phase1b(..) => 1,
            Action::Phase2a(..) => 2,
            Action::Phase2b(..) => 3,
            Action::Restart(_) => 4,
        }
    }

    fn action_in_words(&self, action: &Action) -> String {
        match action {
            Action::Phase1a(b) => format!("ballot {b} begins: its proposer asks for promises"),
            Action::Phase1b(a, b) => format!("acceptor {a} promises ballot {b} and reports what it accepted last"),
            Action::Phase2a(b, v) => format!("the proposer of ballot {b} asks to accept value {v}"),
            Action::Phase2b(a, b, v) => format!("acceptor {a} accepts value {v} in ballot {b}"),
            Action::Restart(a) => format!("acceptor {a} restarts with what its record holds"),
        }
    }

    fn value(&self, s: &State) -> Value {
        let vote = |(b, v): (u8, u8)| Value::record([("ballot", b.into()), ("value", v.into())]);
        let record = |number| match self.message(number) {
            Message::Prepare(b) => ("1a", Value::record([("ballot", b.into())])),
            Message::Accept(b, v) => ("2a", vote((b, v))),
            Message::Promise(a, b, report) => {
                let accepted = report.map(vote).into();
                ("1b", Value::record([("acceptor", a.into()), ("ballot", b.into()), ("accepted", accepted)]))
            }
            Message::Accepted(a, b, v) => {
                ("2b", Value::record([("acceptor", a.into()), ("ballot", b.into()), ("value", v.into())]))
            }
        };
        let messages = s.msgs.iter().map(record).map(|(phase, of)| Value::Variant(phase.into(), Box::new(of)));
        Value::record([
            ("max_bal", Value::list(s.max_bal.values(self.acceptors))),
            ("max_vbal", Value::list(s.max_vbal.values(self.acceptors))),
            ("max_val", Value::list(s.max_val.values(self.acceptors))),
            ("msgs", Value::set(messages)),
            ("chosen", self.chosen(s).into()),
        ])
    }

    guarded!();
    drawn!();

    fn temporal(&self) -> Vec<Temporal<Self>> {
        vec![
            Temporal::step("durable promises never fall", promises_never_fall),
            Temporal::step("promises counted are for this ballot, from distinct acceptors", promises_counted),
            Temporal::step("chosen is stable", chosen_is_stable),
            Temporal::refinement("refines voting", AcceptorsVote(self.clone(), self.voting())),
            self.lone_proposer(),
        ]
    }

    /// Acceptors differ by their own part of the state alone, so to sort these parts is exact; the values are
    /// few, so all their orders are tried.
    fn canonical(&self, s: &State) -> Option<State> {
        let keeps_the_rest = |names: &&[u8; 3]| (self.values..3).all(|v| usize::from(names[v]) == v);
        ORDERS.iter().filter(keeps_the_rest).map(|&names| self.renamed(s, names)).min()
    }
}

/// The orders of up to three values.
const ORDERS: [[u8; 3]; 6] = [[0, 1, 2], [1, 0, 2], [0, 2, 1], [2, 1, 0], [1, 2, 0], [2, 0, 1]];
/// The most acceptors that the model can have.
const MOST_ACCEPTORS: usize = 5;

/// Voting is what the acceptors do; to accept is to vote. The proposers' part, and every message but `2b`, is
/// how they come to know what in Voting all can see.
struct AcceptorsVote(SingleDecreePaxos, Voting);

impl SingleDecreePaxos {
    fn voting(&self) -> Voting {
        let &Self { acceptors, values, ballots, quorum, bug: _ } = self;
        Voting { acceptors, values, ballots, quorum, bug: None }
    }

    fn votes_in(&self, s: &State) -> voting::State {
        let voting = self.voting();
        let of = |a| self.all_votes().map(move |(b, v)| (a, b, v));
        let accepted =
            (0..self.acceptors).flat_map(of).filter(|&(a, b, v)| self.is_sent(s, Message::Accepted(a, b, v)));
        voting::State { max_bal: s.max_bal, votes: accepted.map(|(a, b, v)| voting.vote(a, b, v.into())).collect() }
    }
}

impl Refinement for AcceptorsVote {
    type Concrete = State;
    type Event = Action;
    type Spec = Voting;

    fn spec(&self) -> &Voting {
        &self.1
    }

    fn abstraction(&self, s: &State) -> voting::State {
        self.0.votes_in(s)
    }

    fn witness(&self, _: &State, &event: &Action, _: &State) -> Vec<voting::Action> {
        match event {
            Action::Phase1b(a, b) => vec![voting::Action::IncreaseMaxBal(a, b)],
            Action::Phase2b(a, b, v) => vec![voting::Action::VoteFor(a, b, v.into())],
            Action::Phase1a(_) | Action::Phase2a(..) | Action::Restart(_) => vec![],
        }
    }
}
