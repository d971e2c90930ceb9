//! The graph of steps, kept where a property speaks of whole behaviours.

use super::claims::Claims;
use super::expander::Recording;
use super::visited::PARTITIONS;
use proofmark_vocabulary::{ActionPredicate, Describe, Fairness, Formula, StatePredicate, Strength};
use std::collections::HashMap;

/// A set of classes of actions: those of fairness and those that an `always-can` excludes.
pub(super) type ClassSet = u128;

/// What the graph records of states and actions, and which bit stands for what.
pub(super) struct Classes<'a, D: Describe> {
    of_actions: Vec<&'a ActionPredicate<D>>,
    of_states: Vec<&'a StatePredicate<D>>,
    /// For each `always-can`, the class that it excludes.
    excluded: Vec<ClassSet>,
    pub(super) claims: Vec<GraphClaim>,
}

/// A claim of behaviours, by the bits of its predicates and classes.
pub(super) struct GraphClaim {
    /// Its index among all claims.
    pub(super) claim: usize,
    pub(super) form: Form,
}

/// The forms of claims of behaviours. Predicates are bits of a state's marks.
pub(super) enum Form {
    Inevitable { goal: u64 },
    Eventually { goal: u64, fairness: Vec<FairClass> },
    EventuallyAlways { goal: u64, fairness: Vec<FairClass> },
    LeadsTo { from: u64, to: u64, fairness: Vec<FairClass> },
    AlwaysCan { goal: u64, excluded: ClassSet, escape: u64 },
}

/// One obligation of fairness.
#[derive(Clone, Copy, Debug)]
pub(super) struct FairClass {
    pub(super) strength: Strength,
    pub(super) class: ClassSet,
}

/// The steps between the states that were expanded, by the states' numbers.
pub(super) struct Graph {
    /// Where each expanded state's steps begin, and at last where they end.
    offsets: Vec<u64>,
    targets: Vec<u32>,
    labels: Vec<u16>,
    label_sets: Vec<ClassSet>,
    label_of: HashMap<ClassSet, u16>,
    /// For each expanded state, the classes of which an action is enabled that does not stutter.
    pub(super) enabled: Vec<ClassSet>,
    /// For each expanded state, the `always-can` claims whose allowed actions leave the boundary there, and
    /// at [`LEAVES`] whether any action does.
    pub(super) escapes: Vec<u64>,
    /// How many states have a number.
    states: u32,
    /// For each expanded state, the predicates that hold there.
    pub(super) marks: Vec<u64>,
    /// For each partition, the number of each of its states in the order of their arrival.
    numbers: Vec<Vec<u32>>,
    /// The number of the first state of each level.
    pub(super) levels: Vec<u64>,
}

/// The bit of `Graph::escapes` that tells that some action leaves the boundary.
pub(super) const LEAVES: u64 = 1 << 63;

impl<'a, D: Describe> Classes<'a, D> {
    /// Gives every predicate and class of the claims a bit.
    ///
    /// # Errors
    /// When there are more than there are bits.
    pub(super) fn new(claims: &'a Claims<D>) -> Result<Self, String> {
        let mut classes =
            Self { of_actions: Vec::new(), of_states: Vec::new(), excluded: Vec::new(), claims: Vec::new() };
        for (claim, temporal) in claims.list.iter().enumerate() {
            if let Some(form) = classes.form(&temporal.formula) {
                classes.claims.push(GraphClaim { claim, form });
            }
        }
        let exceeded: Vec<_> = [
            (classes.of_actions.len(), 128, "classes of actions"),
            (classes.of_states.len(), 64, "state predicates"),
            (classes.excluded.len(), 63, "always-can claims"),
        ]
        .into_iter()
        .filter(|(named, most, _)| named > most)
        .map(|(named, most, what)| format!("{named} {what} (at most {most})"))
        .collect();
        if exceeded.is_empty() {
            return Ok(classes);
        }
        Err(format!(
            "the properties of whole behaviours name {}; set constants that make the model smaller, such as fewer \
             processes or features, or choose a bound that checks fewer of these properties, or none: a bound chooses \
             its properties by its `PropertySet`",
            exceeded.join(" and ")
        ))
    }

    fn form(&mut self, formula: &'a Formula<D>) -> Option<Form> {
        match formula {
            Formula::Always(_) | Formula::Can(_) | Formula::Step(_) | Formula::Refinement(_) | Formula::Run(..) => None,
            Formula::Inevitable(goal) => Some(Form::Inevitable { goal: self.predicate(goal) }),
            Formula::Eventually(goal, fairness) => {
                Some(Form::Eventually { goal: self.predicate(goal), fairness: self.fairness(fairness) })
            }
            Formula::EventuallyAlways(goal, fairness) => {
                Some(Form::EventuallyAlways { goal: self.predicate(goal), fairness: self.fairness(fairness) })
            }
            Formula::LeadsTo(from, to, fairness) => Some(Form::LeadsTo {
                from: self.predicate(from),
                to: self.predicate(to),
                fairness: self.fairness(fairness),
            }),
            Formula::AlwaysCan(goal, excluded) => {
                let excluded = excluded.as_ref().map_or(0, |excluded| self.class(excluded));
                self.excluded.push(excluded);
                let escape = bit(self.excluded.len() - 1) as u64;
                Some(Form::AlwaysCan { goal: self.predicate(goal), excluded, escape })
            }
        }
    }

    fn predicate(&mut self, predicate: &'a StatePredicate<D>) -> u64 {
        self.of_states.push(predicate);
        bit(self.of_states.len() - 1) as u64
    }

    fn class(&mut self, class: &'a ActionPredicate<D>) -> ClassSet {
        self.of_actions.push(class);
        bit(self.of_actions.len() - 1)
    }

    fn fairness(&mut self, fairness: &'a [Fairness<D>]) -> Vec<FairClass> {
        let classes = fairness.iter().map(|fair| (fair.strength, self.class(&fair.includes)));
        classes.map(|(strength, class)| FairClass { strength, class }).collect()
    }

    /// The classes of an action.
    pub(super) fn label(&self, action: &D::Action) -> ClassSet {
        let classes = self.of_actions.iter().enumerate();
        classes.filter(|(_, includes)| includes(action)).fold(0, |label, (at, _)| label | bit(at))
    }

    /// The predicates that hold in a state.
    pub(super) fn marks(&self, model: &D, state: &D::State) -> u64 {
        let predicates = self.of_states.iter().enumerate();
        predicates.filter(|(_, holds)| holds(model, state)).fold(0, |marks, (at, _)| marks | bit(at) as u64)
    }

    /// The `always-can` claims that an action with this label does not spoil when it leaves the boundary:
    /// what lies beyond is not known, so the claim is not refuted there.
    pub(super) fn escape(&self, label: ClassSet) -> u64 {
        let claims = self.excluded.iter().enumerate();
        claims.filter(|(_, excluded)| *excluded & label == 0).fold(LEAVES, |escape, (at, _)| escape | bit(at) as u64)
    }
}

/// The bit of that index; none beyond the last, which `Classes::new` then refuses.
fn bit(at: usize) -> u128 {
    1_u128.checked_shl(at as u32).unwrap_or(0)
}

impl Graph {
    pub(super) fn new() -> Self {
        Self {
            offsets: vec![0],
            targets: Vec::new(),
            labels: Vec::new(),
            label_sets: Vec::new(),
            label_of: HashMap::new(),
            enabled: Vec::new(),
            escapes: Vec::new(),
            states: 0,
            marks: Vec::new(),
            numbers: vec![Vec::new(); PARTITIONS],
            levels: Vec::new(),
        }
    }

    /// Adds the next state by its partition and place.
    pub(super) fn push_state(&mut self, (partition, place): (u32, u32)) {
        let number = self.states;
        self.states = self.states.saturating_add(1);
        let numbers = &mut self.numbers[partition as usize];
        // States of one round are numbered in another order than they arrived.
        if numbers.len() <= place as usize {
            numbers.resize(place as usize + 1, u32::MAX);
        }
        numbers[place as usize] = number;
    }

    /// Adds the steps of the next states, once all their targets have numbers.
    ///
    /// # Errors
    /// When there are more states or distinct labels than fit.
    pub(super) fn push_steps(&mut self, recording: &Recording) -> Result<(), String> {
        if self.states == u32::MAX {
            return Err("more than 4,294,967,294 states: check the liveness properties at a smaller bound".into());
        }
        let mut candidate = 0;
        for (at, &degree) in recording.degrees.iter().enumerate() {
            for _ in 0..degree {
                let (partition, place) = recording.targets[candidate];
                // A target that a limit kept from being numbered is beyond all states that were expanded.
                let number = self.numbers[partition as usize].get(place as usize).copied().unwrap_or(u32::MAX);
                let label = self.intern(recording.labels[candidate])?;
                self.targets.push(number);
                self.labels.push(label);
                candidate += 1;
            }
            self.offsets.push(self.targets.len() as u64);
            self.enabled.push(recording.enabled[at]);
            self.escapes.push(recording.escapes[at]);
            self.marks.push(recording.marks[at]);
        }
        Ok(())
    }

    fn intern(&mut self, set: ClassSet) -> Result<u16, String> {
        if let Some(&label) = self.label_of.get(&set) {
            return Ok(label);
        }
        let label = u16::try_from(self.label_sets.len())
            .map_err(|_| "actions fall into more than 65,536 combinations of fairness classes".to_owned())?;
        self.label_sets.push(set);
        self.label_of.insert(set, label);
        Ok(label)
    }

    /// How many states were expanded: those with smaller numbers.
    pub(super) fn expanded(&self) -> usize {
        self.offsets.len() - 1
    }

    /// The steps of an expanded state, in the model's order: their targets and classes.
    pub(super) fn steps(&self, state: u32) -> impl Iterator<Item = (u32, ClassSet)> {
        let labels = self.labels[self.range(state)].iter().map(|&label| self.label_sets[label as usize]);
        self.targets(state).iter().copied().zip(labels)
    }

    /// The targets of an expanded state's steps, in the model's order. One that was not expanded is not less
    /// than [`Self::expanded`].
    pub(super) fn targets(&self, state: u32) -> &[u32] {
        &self.targets[self.range(state)]
    }

    fn range(&self, state: u32) -> std::ops::Range<usize> {
        self.offsets[state as usize] as usize..self.offsets[state as usize + 1] as usize
    }

    /// Whether one of these predicates holds in an expanded state.
    pub(super) fn is_marked(&self, state: u32, marks: u64) -> bool {
        self.marks[state as usize] & marks != 0
    }

    /// Whether an action of one of these classes is enabled in an expanded state and does not stutter.
    pub(super) fn is_enabled(&self, state: u32, classes: ClassSet) -> bool {
        self.enabled[state as usize] & classes != 0
    }

    /// The level of a state, the initial ones being 0.
    pub(super) fn level(&self, state: u32) -> u32 {
        self.levels.partition_point(|&first| first <= state.into()) as u32 - 1
    }

    /// Bytes that the graph occupies.
    pub(super) fn bytes(&self) -> u64 {
        let states = self.marks.capacity() * 8 + self.enabled.capacity() * 24 + self.offsets.capacity() * 8;
        let numbers: usize = self.numbers.iter().map(|numbers| numbers.capacity() * 4).sum();
        (states + numbers + self.targets.capacity() * 4 + self.labels.capacity() * 2) as u64
    }
}
