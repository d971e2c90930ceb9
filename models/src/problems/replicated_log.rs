//! The replicated log: Ongaro, *Consensus: Bridging Theory and Practice* (2014), section 3.2, State Machine Safety
//! (Figure 3.2): servers commit the same values in the same order. Lamport, *Paxos Made Simple* (2001), section 3, asks
//! the same of a sequence of instances of consensus.
//!
//! What a server has committed is history: it only grows, also where the server forgets it in a crash and learns it
//! again. Left out: who proposes the values and how one is learned, which is the algorithm's affair. The length is a
//! budget: a log that has reached it grows no more.

use crate::guard::{guarded, guards};
use crate::parts::each_two;
use proofmark_vocabulary::{
    Bound, Catalogued, Clause, Constant, ConstantError, Constants, Counts, Describe, Domain, Model, Mutant, Profile,
    Property, PropertySet, Scene, Temporal, Value,
};
use std::fmt;

/// The constants, and the bug planted in the model, if any.
#[derive(Clone, Debug)]
pub struct ReplicatedLog {
    /// How many servers there are.
    pub servers: usize,
    /// How many values there are to commit.
    pub values: u8,
    /// How long the log may become.
    pub length: usize,
    /// The bug.
    pub bug: Option<Bug>,
}

/// The variables.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct State {
    /// What each server has ever committed, in order.
    pub committed: [Prefix; MOST_SERVERS],
}

/// The actions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// A server commits the value, behind what it has committed before.
    Commit(usize, u8),
}

guards! {
    ReplicatedLog:
    /// No other server has committed another value at that place.
    SameValue = "same-value",
}

impl ReplicatedLog {
    /// The problem as it is.
    pub const fn of(servers: usize, values: u8, length: usize) -> Self {
        Self { servers, values, length, bug: None }
    }

    fn commit(&self, s: &State, server: usize, value: u8) -> Result<State, Guard> {
        let own = s.committed[server];
        let same = |other: &Prefix| other.get(own.len()).is_none_or(|theirs| theirs == value);
        self.require(s.committed[..self.servers].iter().all(same), Guard::SameValue)?;
        let mut after = *s;
        after.committed[server] = match self.bug {
            Some(Bug::ReplacesTheLast) if !own.is_empty() => own.replaced(own.len() - 1, value),
            _ => own.with(value),
        };
        Ok(after)
    }

    fn take(&self, s: &State, action: Action) -> Result<State, Guard> {
        match action {
            Action::Commit(server, value) => self.commit(s, server, value),
        }
    }
}

/// A short sequence of values, each a number below 255, in one word.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Prefix {
    /// A byte for each place, from the lowest: the value and one; 0 beyond the end.
    places: u64,
}

impl Prefix {
    /// The sequence of so many values: the bytes of a word, from the lowest.
    ///
    /// # Panics
    /// When a value is 255, or they are more than a word has.
    #[inline]
    pub fn of_bytes(bytes: u64, len: usize) -> Self {
        let places = if len == 0 { 0 } else { u64::MAX >> (u64::BITS - len as u32 * u8::BITS) };
        let (values, ones) = (bytes & places, u64::from_le_bytes([1; MOST_VALUES]));
        // The lowest byte that is 255 borrows at its topmost bit; without one, no byte carries into the next below.
        let full = (!values).wrapping_sub(ones) & values & ones << 7;
        assert!(full == 0, "a value is below 255");
        Self { places: values + (ones & places) }
    }

    /// How many values it has.
    #[inline]
    pub const fn len(&self) -> usize {
        (u64::BITS - self.places.leading_zeros()).div_ceil(u8::BITS) as usize
    }

    /// Whether it has none.
    #[inline]
    pub const fn is_empty(&self) -> bool {
        self.places == 0
    }

    /// The value at a place, from 0.
    #[inline]
    pub fn get(&self, at: usize) -> Option<u8> {
        self.places.to_le_bytes().get(at)?.checked_sub(1)
    }

    /// The values, in order.
    pub fn iter(&self) -> impl Iterator<Item = u8> {
        self.places.to_le_bytes().into_iter().map_while(|place| place.checked_sub(1))
    }

    /// The sequence with one more value.
    ///
    /// # Panics
    /// When it is full, or the value is 255.
    #[inline]
    #[must_use]
    pub fn with(self, value: u8) -> Self {
        self.replaced(self.len(), value)
    }

    /// Whether it is the beginning of another, or the same.
    #[inline]
    pub const fn is_prefix_of(&self, other: &Self) -> bool {
        (self.places ^ other.places).trailing_zeros() >= self.len() as u32 * u8::BITS
    }

    #[inline]
    fn replaced(self, at: usize, value: u8) -> Self {
        assert!(at < MOST_VALUES && value < u8::MAX, "a value is below 255, and its place below {MOST_VALUES}");
        let shift = at as u32 * u8::BITS;
        Self { places: self.places & !(0xff << shift) | u64::from(value + 1) << shift }
    }
}

impl FromIterator<u8> for Prefix {
    fn from_iter<I: IntoIterator<Item = u8>>(values: I) -> Self {
        values.into_iter().fold(Self::default(), Self::with)
    }
}

impl fmt::Debug for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

/// The most servers that there can be.
pub const MOST_SERVERS: usize = 5;
/// The most values that a log can have.
pub const MOST_VALUES: usize = 8;

impl Model for ReplicatedLog {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![State::default()]
    }

    fn actions(&self, s: &State, actions: &mut Vec<Action>) {
        let has_room = |server: &usize| s.committed[*server].len() < self.length;
        let any = |server| (0..self.values).map(move |value| Action::Commit(server, value));
        actions.extend((0..self.servers).filter(has_room).flat_map(any));
    }

    fn next_state(&self, s: &State, action: Action) -> Option<State> {
        self.take(s, action).ok()
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let mut properties: Vec<Property<Self>> = vec![
            Property::always("any two are prefixes of one another", prefixes),
            Property::sometimes("every server commits all that there is room for", all_committed),
        ];
        if self.servers > 1 {
            properties.push(Property::sometimes("one server is ahead", one_is_ahead));
        }
        properties
    }
}

fn prefixes(m: &ReplicatedLog, s: &State) -> bool {
    (0..m.servers).all(|i| (0..i).all(|j| agree(s, i, j)))
}

fn agree(s: &State, i: usize, j: usize) -> bool {
    s.committed[i].is_prefix_of(&s.committed[j]) || s.committed[j].is_prefix_of(&s.committed[i])
}

fn all_committed(m: &ReplicatedLog, s: &State) -> bool {
    s.committed[..m.servers].iter().all(|own| own.len() == m.length)
}

fn one_is_ahead(m: &ReplicatedLog, s: &State) -> bool {
    (1..m.servers).any(|i| s.committed[i].len() != s.committed[0].len())
}

fn only_grows(m: &ReplicatedLog, before: &State, _: &Action, after: &State) -> bool {
    (0..m.servers).all(|i| before.committed[i].is_prefix_of(&after.committed[i]))
}

impl Describe for ReplicatedLog {
    fn action_kinds(&self) -> &'static [&'static str] {
        &["Commit"]
    }

    fn action_kind(&self, _: &Action) -> usize {
        0
    }

    fn action_in_words(&self, Action::Commit(server, value): &Action) -> String {
        format!("server {server} commits value {value} next")
    }

    fn processes(&self) -> Vec<String> {
        (0..self.servers).map(|server| format!("server {server}")).collect()
    }

    fn scene(&self, _: &State, Action::Commit(server, _): &Action, _: &State) -> Scene {
        Scene::at(*server)
    }

    fn clauses(&self, claim: &str, s: &State) -> Vec<Clause> {
        match claim {
            "any two are prefixes of one another" => each_two(self.servers, |i, j| {
                (format!("one of servers {i} and {j} has committed the beginning of the other's"), agree(s, i, j))
            }),
            _ => Vec::new(),
        }
    }

    fn value(&self, s: &State) -> Value {
        let of_each = s.committed[..self.servers].iter().map(|own| Value::list(own.iter()));
        Value::record([("committed", Value::list(of_each))])
    }

    guarded!();

    fn temporal(&self) -> Vec<Temporal<Self>> {
        vec![Temporal::step("what is committed only grows", only_grows)]
    }
}

/// What can be planted in the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bug {
    /// A guard is dropped.
    Drop(Guard),
    /// A value takes the place of the last one.
    ReplacesTheLast,
}

impl Catalogued for ReplicatedLog {
    type Bug = Bug;

    const NAME: &'static str = "replicated-log";
    const ABOUT: &'static str = "The replicated log (Ongaro, thesis, section 3.2): servers commit the same values in \
                                 the same order, each as far as it has come.";
    const MUTANTS: &'static [Mutant<Bug>] = &[
        Mutant {
            name: "replaces-the-last",
            bug: Bug::ReplacesTheLast,
            bound: "ci",
            property: "what is committed only grows",
            lesson: "what is committed is final",
        },
        Mutant {
            name: "drop-same-value",
            bug: Bug::Drop(Guard::SameValue),
            bound: "ci",
            property: "any two are prefixes of one another",
            lesson: "a place has one value, whoever commits it",
        },
    ];

    fn constants() -> Vec<Constant> {
        vec![
            Constant { name: "servers", domain: Domain::Integer(1, 5), about: "how many servers there are" },
            Constant { name: "values", domain: Domain::Integer(1, 9), about: "how many values there are to commit" },
            Constant { name: "length", domain: Domain::Integer(1, 8), about: "how long the log may become" },
        ]
    }

    fn bounds() -> Vec<Bound> {
        let bound = |name, about, size: [i64; 3], counts| Bound {
            name,
            about,
            profile: Profile::Ci,
            constants: vec![("servers", size[0].into()), ("values", size[1].into()), ("length", size[2].into())],
            properties: PropertySet::All,
            expected: &[],
            counts: Some(counts),
        };
        vec![
            bound("ci", "two values at two places", [3, 2, 2], Counts { generated: 193, distinct: 91, depth: 7 }),
            bound(
                "five",
                "five servers, three places",
                [5, 2, 3],
                Counts { generated: 27_321, distinct: 7_155, depth: 16 },
            ),
        ]
    }

    fn new(constants: &Constants, bug: Option<Bug>) -> Result<Self, ConstantError> {
        let values = u8::try_from(constants.number("values")).unwrap_or(u8::MAX - 1);
        Ok(Self { servers: constants.number("servers"), values, length: constants.number("length"), bug })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_is_a_short_list() {
        let one: Prefix = [3_u8, 0, 253].into_iter().collect();
        assert_eq!((one.len(), one.get(0), one.get(2), one.get(3)), (3, Some(3), Some(253), None));
        assert!(Prefix::default().is_prefix_of(&one) && one.is_prefix_of(&one));
        assert!(!one.with(1).is_prefix_of(&one) && one.is_prefix_of(&one.with(1)));
        assert!(!one.with(1).is_prefix_of(&one.with(2)));
        assert_eq!(format!("{one:?}"), "[3, 0, 253]");
        assert_eq!((Prefix::of_bytes(0x01fd_0003, 3), Prefix::of_bytes(7, 0)), (one, Prefix::default()));
        assert_eq!(Prefix::of_bytes(0xfe, 8), (1..8).fold(Prefix::default().with(254), |all, _| all.with(0)));
    }
}
