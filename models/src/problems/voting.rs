//! Voting: Lamport, the module `Voting.tla` of tlaplus/Examples (`Paxos`): how acceptors choose, all seeing
//! all. It is what Paxos does, without the messages by which Paxos gets there.
//!
//! Left out: how an acceptor knows what others have voted, which is the algorithm's affair, and liveness,
//! which Lamport gives to a ballot above all others. It refines [`super::consensus`].

use super::consensus::{self, Consensus};
use crate::Map;
use crate::guard::{guarded, guards};
use crate::quorum::{QUORUM, quorum_of};
use proofmark_vocabulary::{
    BitSet, Bound, Catalogued, Clause, Constant, ConstantError, Constants, Counts, Describe, Domain, Model, Mutant,
    Profile, Property, PropertySet, Refinement, Scene, Temporal, Value,
};

/// The constants, and the bug planted in the model, if any.
#[derive(Clone, Debug)]
pub struct Voting {
    /// How many acceptors there are.
    pub acceptors: usize,
    /// How many values there are to vote for.
    pub values: usize,
    /// How many ballots there are, from 0.
    pub ballots: usize,
    /// How many acceptors are a quorum.
    pub quorum: usize,
    /// The bug.
    pub bug: Option<Bug>,
}

/// The variables.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct State {
    /// `maxBal`: the ballot below which each acceptor votes no more.
    pub max_bal: Map<Option<u8>>,
    /// `votes`: who voted in which ballot for which value, numbered by [`Voting::vote`].
    pub votes: BitSet,
}

/// The actions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// The acceptor promises to vote in no ballot below this one.
    IncreaseMaxBal(usize, u8),
    /// The acceptor votes in the ballot for the value.
    VoteFor(usize, u8, usize),
}

guards! {
    Voting:
    /// `b > maxBal[a]`.
    Increases = "increases",
    /// `maxBal[a] =< b`.
    NotPromisedAbove = "not-promised-above",
    /// `\A vt \in votes[a] : vt[1] # b`.
    NotYetVoted = "not-yet-voted",
    /// No other acceptor has voted for another value in this ballot.
    SameValue = "same-value",
    /// `\E Q \in Quorum : ShowsSafeAt(Q, b, v)`.
    ShownSafe = "shown-safe",
}

impl Voting {
    fn increase_max_bal(&self, s: &State, a: usize, b: u8) -> Result<State, Guard> {
        self.require(Some(b) > s.max_bal.get(a), Guard::Increases)?;
        Ok(State { max_bal: s.max_bal.with(a, Some(b)), ..*s })
    }

    fn vote_for(&self, s: &State, a: usize, b: u8, v: usize) -> Result<State, Guard> {
        let others = |v| (0..self.acceptors).any(|c| c != a && self.voted_for(s, c, b, v));
        self.require(s.max_bal.get(a) <= Some(b), Guard::NotPromisedAbove)?;
        self.require(self.did_not_vote(s, a, b), Guard::NotYetVoted)?;
        self.require((0..self.values).all(|w| w == v || !others(w)), Guard::SameValue)?;
        self.require(self.shown_safe(s, b, v), Guard::ShownSafe)?;
        Ok(State { max_bal: s.max_bal.with(a, Some(b)), votes: s.votes.with(self.vote(a, b, v)) })
    }

    fn take(&self, s: &State, action: Action) -> Result<State, Guard> {
        match action {
            Action::IncreaseMaxBal(a, b) => self.increase_max_bal(s, a, b),
            Action::VoteFor(a, b, v) => self.vote_for(s, a, b, v),
        }
    }
}

/// The operators of the module.
impl Voting {
    /// The number of the vote of acceptor `a` in ballot `b` for value `v`.
    pub fn vote(&self, a: usize, b: u8, v: usize) -> usize {
        (a * self.ballots + usize::from(b)) * self.values + v
    }

    /// `VotedFor`.
    pub fn voted_for(&self, s: &State, a: usize, b: u8, v: usize) -> bool {
        s.votes.contains(self.vote(a, b, v))
    }

    fn did_not_vote(&self, s: &State, a: usize, b: u8) -> bool {
        (0..self.values).all(|v| !self.voted_for(s, a, b, v))
    }

    /// The ballots, from the least.
    fn all_ballots(&self) -> impl Iterator<Item = u8> + use<> {
        (0_u8..).take(self.ballots)
    }

    /// `ShowsSafeAt(Q, b, v)` for some quorum `Q`: its members have promised `b`, and either none has voted
    /// below `b`, or one voted for `v` in a ballot `c` above which, and below `b`, none has. A quorum is any
    /// set that is large enough, so those who may be its members are counted.
    fn shown_safe(&self, s: &State, b: u8, v: usize) -> bool {
        let silent_from = |c| {
            let silent = move |&a: &usize| (c..b).all(|d| self.did_not_vote(s, a, d));
            self.promised(s, b).filter(silent)
        };
        let after =
            |c: u8| silent_from(c + 1).count() >= self.quorum && silent_from(c + 1).any(|a| self.voted_for(s, a, c, v));
        silent_from(0).count() >= self.quorum || (0..b).any(after)
    }

    fn promised(&self, s: &State, b: u8) -> impl Iterator<Item = usize> {
        (0..self.acceptors).filter(move |&a| s.max_bal.get(a) >= Some(b))
    }

    /// `SafeAt`: nothing but `v` has been chosen, or can still be, in any ballot below `b`.
    fn safe_at(&self, s: &State, b: u8, v: usize) -> bool {
        let only_for = |a, c: u8| {
            let cannot_vote = s.max_bal.get(a) > Some(c) && self.did_not_vote(s, a, c);
            self.voted_for(s, a, c, v) || cannot_vote
        };
        (0..b).all(|c| (0..self.acceptors).filter(|&a| only_for(a, c)).count() >= self.quorum)
    }

    /// `ChosenAt`.
    fn chosen_at(&self, s: &State, b: u8, v: usize) -> bool {
        (0..self.acceptors).filter(|&a| self.voted_for(s, a, b, v)).count() >= self.quorum
    }

    /// `ChosenAt`, of any ballot: the values that a quorum has voted for in one ballot.
    pub fn chosen(&self, s: &State) -> BitSet {
        (0..self.values).filter(|&v| self.all_ballots().any(|b| self.chosen_at(s, b, v))).collect()
    }

    /// `VotesSafe`.
    pub fn votes_are_safe(&self, s: &State) -> bool {
        self.votes_of(s).all(|(_, b, v)| self.safe_at(s, b, v))
    }

    /// `OneValuePerBallot`.
    pub fn one_value_per_ballot(&self, s: &State) -> bool {
        let voted = |b, v| (0..self.acceptors).any(|a| self.voted_for(s, a, b, v));
        self.all_ballots().all(|b| (0..self.values).filter(|&v| voted(b, v)).count() <= 1)
    }

    /// All votes: the acceptor, the ballot and the value.
    fn votes_of(&self, s: &State) -> impl Iterator<Item = (usize, u8, usize)> {
        let pairs = move || self.all_ballots().flat_map(|b| (0..self.values).map(move |v| (b, v)));
        let all = (0..self.acceptors).flat_map(move |a| pairs().map(move |(b, v)| (a, b, v)));
        all.filter(|&(a, b, v)| self.voted_for(s, a, b, v))
    }

    /// Whether values were voted for in two ballots, the same one in both or not.
    fn voted_twice(&self, s: &State, same: bool) -> bool {
        self.votes_of(s).any(|(_, b, v)| self.votes_of(s).any(|(_, c, w)| b < c && (v == w) == same))
    }
}

impl Model for Voting {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![State::default()]
    }

    fn actions(&self, _: &State, actions: &mut Vec<Action>) {
        for a in 0..self.acceptors {
            for b in self.all_ballots() {
                actions.push(Action::IncreaseMaxBal(a, b));
                actions.extend((0..self.values).map(|v| Action::VoteFor(a, b, v)));
            }
        }
    }

    fn next_state(&self, s: &State, action: Action) -> Option<State> {
        self.take(s, action).ok()
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let mut properties = vec![
            Property::always("agreement", |m: &Self, s: &State| m.chosen(s).len() <= 1),
            Property::always("one value per ballot", Self::one_value_per_ballot),
            Property::always("votes are safe", Self::votes_are_safe),
            Property::sometimes("can choose", |m, s| !m.chosen(s).is_empty()),
        ];
        if self.ballots > 1 {
            properties.push(Property::sometimes("can keep to an earlier value", |m, s| m.voted_twice(s, true)));
        }
        if self.ballots > 1 && self.values > 1 {
            properties.push(Property::sometimes("can vote for another value", |m, s| m.voted_twice(s, false)));
        }
        properties
    }
}

/// The parts of the claims.
impl Voting {
    /// Two values are chosen where a ballot chooses one unlike what itself or an earlier one does. A vote's safety is a
    /// matter of its ballot and value, whoever casts it.
    fn parts(&self, claim: &str, s: &State) -> Vec<Clause> {
        let voted = |b, v| (0..self.acceptors).any(|a| self.voted_for(s, a, b, v));
        let of_ballot = |name: &str, holds: &dyn Fn(u8) -> bool| {
            self.all_ballots().map(|b| Clause::new(format!("ballot {b} {name}"), holds(b))).collect()
        };
        match claim {
            "agreement" => of_ballot("chooses nothing unlike what was chosen up to it", &|b| {
                let up_to = |v| (0..=b).any(|c| self.chosen_at(s, c, v));
                let unlike = |v| (0..self.values).any(|w| w != v && up_to(w));
                !(0..self.values).any(|v| self.chosen_at(s, b, v) && unlike(v))
            }),
            "one value per ballot" => of_ballot("has votes for one value at most", &|b| {
                (0..self.values).filter(|&v| voted(b, v)).count() <= 1
            }),
            "votes are safe" => {
                let part = |(b, v)| {
                    let name = format!("value {v} is safe in ballot {b} if it is voted for there");
                    Clause::new(name, !voted(b, v) || self.safe_at(s, b, v))
                };
                self.all_ballots().flat_map(|b| (0..self.values).map(move |v| (b, v))).map(part).collect()
            }
            _ => Vec::new(),
        }
    }
}

fn chosen_is_stable(m: &Voting, before: &State, _: &Action, after: &State) -> bool {
    m.chosen(before).is_subset(&m.chosen(after))
}

fn promises_never_fall(m: &Voting, before: &State, _: &Action, after: &State) -> bool {
    (0..m.acceptors).all(|a| before.max_bal.get(a) <= after.max_bal.get(a))
}

impl Describe for Voting {
    fn action_kinds(&self) -> &'static [&'static str] {
        &["IncreaseMaxBal", "VoteFor"]
    }

    fn action_kind(&self, action: &Action) -> usize {
        match action {
            Action::IncreaseMaxBal(..) => 0,
            Action::VoteFor(..) => 1,
        }
    }

    fn action_in_words(&self, action: &Action) -> String {
        match action {
            Action::IncreaseMaxBal(a, b) => format!("acceptor {a} promises to vote in no ballot below {b}"),
            Action::VoteFor(a, b, v) => format!("acceptor {a} votes in ballot {b} for value {v}"),
        }
    }

    fn processes(&self) -> Vec<String> {
        (0..self.acceptors).map(|a| format!("acceptor {a}")).collect()
    }

    fn scene(&self, _: &State, action: &Action, _: &State) -> Scene {
        let (Action::IncreaseMaxBal(a, _) | Action::VoteFor(a, ..)) = *action;
        Scene::at(a)
    }

    fn clauses(&self, claim: &str, s: &State) -> Vec<Clause> {
        self.parts(claim, s)
    }

    fn value(&self, s: &State) -> Value {
        let votes = |of| {
            let pairs = self.votes_of(s).filter(move |&(a, ..)| a == of);
            Value::set(pairs.map(|(_, b, v)| Value::record([("ballot", b.into()), ("value", v.into())])))
        };
        Value::record([
            ("max_bal", Value::list(s.max_bal.values(self.acceptors))),
            ("votes", Value::list((0..self.acceptors).map(votes))),
            ("chosen", self.chosen(s).into()),
        ])
    }

    guarded!();

    fn temporal(&self) -> Vec<Temporal<Self>> {
        vec![
            Temporal::step("promises never fall", promises_never_fall),
            Temporal::step("chosen is stable", chosen_is_stable),
            Temporal::refinement("refines consensus", VotesChoose(self.clone(), Consensus::of(self.values))),
        ]
    }
}

/// What can be planted in the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bug {
    /// A guard is dropped.
    Drop(Guard),
}

impl Catalogued for Voting {
    type Bug = Bug;

    const NAME: &'static str = "voting";
    const ABOUT: &'static str = "Voting (Lamport, Voting.tla): a value is chosen when a quorum votes for it in one \
                                 ballot, and no vote is cast that could undo an earlier choice.";
    const MUTANTS: &'static [Mutant<Bug>] = &[
        Mutant {
            name: "drop-increases",
            bug: Bug::Drop(Guard::Increases),
            bound: "ci",
            property: "promises never fall",
            lesson: "a promise holds for ever",
        },
        Mutant {
            name: "drop-not-promised-above",
            bug: Bug::Drop(Guard::NotPromisedAbove),
            bound: "ci",
            property: "votes are safe",
            lesson: "what was shown safe relied on those who promised to vote below no more",
        },
        Mutant {
            name: "drop-not-yet-voted",
            bug: Bug::Drop(Guard::NotYetVoted),
            bound: "ci",
            property: "one value per ballot",
            lesson: "an acceptor votes once in a ballot",
        },
        Mutant {
            name: "drop-same-value",
            bug: Bug::Drop(Guard::SameValue),
            bound: "ci",
            property: "one value per ballot",
            lesson: "in one ballot all vote for the same value",
        },
        Mutant {
            name: "drop-shown-safe",
            bug: Bug::Drop(Guard::ShownSafe),
            bound: "ci",
            property: "agreement",
            lesson: "a ballot keeps to what an earlier one may have chosen",
        },
    ];

    fn constants() -> Vec<Constant> {
        vec![
            Constant { name: "acceptors", domain: Domain::Integer(1, 5), about: "how many acceptors there are" },
            Constant { name: "values", domain: Domain::Integer(1, 3), about: "how many values there are to vote for" },
            Constant { name: "ballots", domain: Domain::Integer(1, 4), about: "how many ballots there are, from 0" },
            QUORUM,
        ]
    }

    fn bounds() -> Vec<Bound> {
        let bound = |name, about, ballots: i64, counts| Bound {
            name,
            about,
            profile: Profile::Ci,
            constants: vec![
                ("acceptors", 3_i64.into()),
                ("values", 2_i64.into()),
                ("ballots", ballots.into()),
                ("quorum", "majority".into()),
            ],
            properties: PropertySet::All,
            expected: &[],
            counts,
        };
        let two = Counts { generated: 2_080, distinct: 599, depth: 11 };
        let textbook = Counts { generated: 26_905, distinct: 6_752, depth: 16 };
        vec![
            bound("ci", "two ballots: the least that can disagree", 2, Some(two)),
            bound("textbook", "three ballots, so that a choice passes through one in between", 3, Some(textbook)),
        ]
    }

    fn new(constants: &Constants, bug: Option<Bug>) -> Result<Self, ConstantError> {
        let [acceptors, values, ballots] = ["acceptors", "values", "ballots"].map(|name| constants.number(name));
        Ok(Self { acceptors, values, ballots, quorum: quorum_of(acceptors, constants)?, bug })
    }
}

/// Consensus is what voting does: a value is chosen when a quorum has voted for it in one ballot.
struct VotesChoose(Voting, Consensus);

impl Refinement for VotesChoose {
    type Concrete = State;
    type Event = Action;
    type Spec = Consensus;

    fn spec(&self) -> &Consensus {
        &self.1
    }

    fn abstraction(&self, s: &State) -> consensus::State {
        consensus::State { chosen: self.0.chosen(s) }
    }

    /// The vote that completes a quorum is the choice.
    fn witness(&self, _: &State, &event: &Action, _: &State) -> Vec<consensus::Action> {
        match event {
            Action::VoteFor(_, _, v) => vec![consensus::Action::Choose(v)],
            Action::IncreaseMaxBal(..) => vec![],
        }
    }
}
