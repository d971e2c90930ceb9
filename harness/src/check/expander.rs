//! Expanding a piece of the frontier: its successors, and the next piece that they make.

use super::claims::{Claims, Evidence, Findings, StepClaim};
use super::fingerprint::{Fingerprinter, Print};
use super::frontier::Piece;
use super::graph::{ClassSet, Classes};
use super::trace_log::Records;
use super::visited::{Answer, Batch, Origin, PARTITIONS, owner};
use proofmark_vocabulary::{Describe, StatePredicate};

/// What all expanders read in one round.
pub(super) struct Round<'a, D: Describe> {
    pub(super) model: &'a D,
    pub(super) fingerprinter: Fingerprinter,
    pub(super) symmetry: bool,
    pub(super) of_states: Vec<(usize, &'a StatePredicate<D>, bool)>,
    pub(super) of_steps: Vec<(usize, StepClaim<'a, D>)>,
    pub(super) of_deadlock: Option<usize>,
    /// What is recorded of the graph of steps, where it is kept.
    pub(super) classes: Option<&'a Classes<'a, D>>,
    /// The number that no state may reach.
    pub(super) limit: u64,
}

/// Expands one piece a round. A plain value: it shares nothing with the others.
pub(super) struct Expander<D: Describe> {
    piece: Piece<D::State>,
    /// Whether anything is asked of the action once it is taken.
    keeps_actions: bool,
    /// The states of the piece.
    states: Vec<D::State>,
    actions: Vec<D::Action>,
    batches: Vec<Batch>,
    recent: Recent,
    /// The new candidates in order, each with its partition and its place in the batch.
    fresh: Vec<(Origin, u32, u32)>,
    /// The actions that lead from one state to new ones.
    children: Vec<u32>,
    pub(super) findings: Findings,
    /// For each kind of action, the steps of the kind and those that led to a new state.
    pub(super) coverage: Vec<(u64, u64)>,
    pub(super) generated: u64,
    pub(super) left_boundary: u64,
    /// The states found, in pieces.
    pub(super) found: Vec<Piece<D::State>>,
    pub(super) records: Records,
    pub(super) recording: Recording,
}

/// What an expander records for the graph of steps.
#[derive(Default)]
pub(super) struct Recording {
    /// The label of each candidate's step.
    pub(super) labels: Vec<ClassSet>,
    /// How many candidates each parent has.
    pub(super) degrees: Vec<u32>,
    /// For each parent the classes of actions that are enabled there and do not stutter.
    pub(super) enabled: Vec<ClassSet>,
    /// For each parent what `Classes::escape` says of the actions that leave the boundary there.
    pub(super) escapes: Vec<u64>,
    /// For each state of the piece, the predicates that hold there.
    pub(super) marks: Vec<u64>,
    /// For each candidate, its partition and its place in the batch.
    sent: Vec<(u32, u32)>,
    /// For each candidate, the partition of its state and its place there.
    pub(super) targets: Vec<(u32, u32)>,
    /// For each new state the same, in the order of their numbers.
    pub(super) found: Vec<(u32, u32)>,
}

impl<D: Describe> Expander<D> {
    pub(super) fn new(model: &D, claims: &Claims<D>) -> Self {
        Self {
            piece: Piece::default(),
            keeps_actions: !model.action_kinds().is_empty() || claims.judges_actions(),
            states: Vec::new(),
            actions: Vec::new(),
            batches: (0..PARTITIONS).map(|_| Batch::default()).collect(),
            recent: Recent::default(),
            fresh: Vec::new(),
            children: Vec::new(),
            findings: Findings::new(claims.len()),
            coverage: vec![(0, 0); model.action_kinds().len()],
            generated: 0,
            left_boundary: 0,
            found: Vec::new(),
            records: Records::default(),
            recording: Recording::default(),
        }
    }

    /// Takes the piece to expand.
    pub(super) fn load(&mut self, piece: Piece<D::State>) {
        self.piece = piece;
    }

    /// The batch for a partition.
    pub(super) fn batch(&self, partition: usize) -> &Batch {
        &self.batches[partition]
    }

    /// Generates the successors of the piece, judges the steps, and sorts their fingerprints into batches.
    /// Returns early, with part of the work done, when `stop` says so.
    pub(super) fn expand(&mut self, round: &Round<'_, D>, stop: &(impl Fn() -> bool + Sync)) {
        self.batches.iter_mut().for_each(Batch::clear);
        self.recording.clear();
        let first = self.judge_states(round);
        let states = std::mem::take(&mut self.states);
        for (at, state) in states.iter().enumerate() {
            if stop() {
                break;
            }
            self.expand_state(round, first + at as u64, at as u32, state);
        }
        self.states = states;
    }

    /// Makes the states of the piece, judges them, and tells the number of the first.
    pub(super) fn judge_states(&mut self, round: &Round<'_, D>) -> u64 {
        let piece = std::mem::take(&mut self.piece);
        let first = piece.first;
        self.states.clear();
        piece.unfold(round.model, &mut self.actions, |action, state| {
            let kind = action.filter(|_| !self.coverage.is_empty()).map(|action| round.model.action_kind(action));
            if let Some(covered) = kind.and_then(|kind| self.coverage.get_mut(kind)) {
                covered.1 += 1;
            }
            self.states.push(state);
        });
        for (state, number) in self.states.iter().zip(first..) {
            for &(claim, predicate, deciding) in &round.of_states {
                if predicate(round.model, state) == deciding {
                    self.findings.offer(claim, || Evidence::State(number, None));
                }
            }
            if let Some(classes) = round.classes {
                self.recording.marks.push(classes.marks(round.model, state));
            }
        }
        first
    }

    fn expand_state(&mut self, round: &Round<'_, D>, number: u64, parent: u32, state: &D::State) {
        let model = round.model;
        let candidates_before = self.recording.labels.len();
        let (mut is_final, mut enabled, mut escapes) = (true, 0, 0);
        let mut actions = std::mem::take(&mut self.actions);
        model.actions(state, &mut actions);
        for (index, action) in actions.drain(..).enumerate() {
            let kept = self.keeps_actions.then(|| action.clone());
            // By reference: moving the state out of the option costs more than making it.
            let reached = model.next_state(state, action);
            let Some(next) = &reached else { continue };
            is_final = false;
            let label = kept.as_ref().zip(round.classes).map_or(0, |(action, classes)| classes.label(action));
            if label != 0 && next != state {
                enabled |= label;
            }
            if !model.within_boundary(next) {
                self.left_boundary += 1;
                escapes |= round.classes.map_or(0, |classes| classes.escape(label));
                continue;
            }
            self.generated += 1;
            if let Some(action) = kept {
                if let Some(covered) = self.coverage.get_mut(model.action_kind(&action)) {
                    covered.0 += 1;
                }
                self.judge_step(round, number, index, state, &action, next);
            }
            self.push(round, Origin { parent, action: index as u32 }, next, label);
        }
        self.actions = actions;
        if let Some(claim) = round.of_deadlock.filter(|_| is_final && !model.may_end(state)) {
            self.findings.offer(claim, || Evidence::State(number, None));
        }
        if round.classes.is_some() {
            self.recording.degrees.push((self.recording.labels.len() - candidates_before) as u32);
            self.recording.enabled.push(enabled);
            self.recording.escapes.push(escapes);
        }
    }

    fn judge_step(
        &mut self,
        round: &Round<'_, D>,
        number: u64,
        index: usize,
        before: &D::State,
        action: &D::Action,
        after: &D::State,
    ) {
        for (claim, of_step) in &round.of_steps {
            if let Err(explanation) = of_step.judge(round.model, before, action, after) {
                self.findings.offer(*claim, || Evidence::Step(number, index, explanation));
            }
        }
    }

    #[inline]
    fn push(&mut self, round: &Round<'_, D>, origin: Origin, next: &D::State, label: ClassSet) {
        let print = print(round, next);
        let owner = owner(print);
        let batch = &mut self.batches[owner];
        if round.classes.is_some() {
            // A step to a state already sent is of no use to the search, but the graph wants it.
            self.recording.labels.push(label);
            self.recording.sent.push((owner as u32, batch.len() as u32));
        } else if self.recent.is_known(print) {
            return;
        }
        batch.push(print, round.fingerprinter.is_wide(), origin);
    }

    /// Learns from the partitions' answers which candidates are new, and makes the next pieces of them. The
    /// first gets the number `first`.
    pub(super) fn collect<'a>(&mut self, round: &Round<'_, D>, answers: impl Iterator<Item = &'a Answer>, first: u64) {
        let answers: Vec<_> = answers.collect();
        self.fresh.clear();
        for (partition, answer) in answers.iter().enumerate() {
            self.fresh.extend(answer.fresh.iter().map(|&(origin, at)| (origin, partition as u32, at)));
        }
        self.fresh.sort_unstable();
        self.fresh.truncate(usize::try_from(round.limit.saturating_sub(first)).unwrap_or(usize::MAX));
        if round.classes.is_some() {
            let place = |(partition, at): (u32, u32)| (partition, answers[partition as usize].places[at as usize]);
            self.recording.targets.extend(self.recording.sent.iter().map(|&sent| place(sent)));
            self.recording.found.extend(self.fresh.iter().map(|&(_, partition, at)| place((partition, at))));
        }
        self.make_pieces();
    }

    fn make_pieces(&mut self) {
        self.records.clear();
        let mut fresh = self.fresh.iter().peekable();
        for (parent, state) in self.states.drain(..).enumerate() {
            self.children.clear();
            while let Some((origin, ..)) = fresh.next_if(|(origin, ..)| origin.parent as usize == parent) {
                self.children.push(origin.action);
            }
            self.records.push(&self.children);
            if self.children.is_empty() {
                continue;
            }
            if self.found.last().is_none_or(Piece::is_full) {
                self.found.push(Piece::default());
            }
            if let Some(piece) = self.found.last_mut() {
                piece.push_family(state, &self.children);
            }
        }
    }
}

/// The fingerprint by which a state is told apart: its own, or that of its orbit's representative.
#[inline]
pub(super) fn print<D: Describe>(round: &Round<'_, D>, state: &D::State) -> Print {
    if round.symmetry
        && let Some(representative) = round.model.canonical(state)
    {
        return round.fingerprinter.print(&representative);
    }
    round.fingerprinter.print(state)
}

impl Recording {
    fn clear(&mut self) {
        self.labels.clear();
        self.degrees.clear();
        self.enabled.clear();
        self.escapes.clear();
        self.marks.clear();
        self.sent.clear();
        self.targets.clear();
        self.found.clear();
    }
}

/// Fingerprints that this expander has sent before. It forgets most of them and is never wrong: most steps
/// lead to a state that a near relative led to, and need not be sent again.
///
/// Whatever it knows was sent in an earlier round or earlier in this piece, hence earlier in the order of the
/// search; so leaving a candidate out never changes which one is first.
struct Recent(Vec<Print>);

impl Default for Recent {
    fn default() -> Self {
        Self(vec![Print { low: 0, high: 0 }; RECENT])
    }
}

impl Recent {
    #[inline]
    fn is_known(&mut self, print: Print) -> bool {
        // The bottom bits; the topmost choose the partition.
        let slot = &mut self.0[print.low as usize % RECENT];
        let known = *slot == print;
        *slot = print;
        known
    }
}

const RECENT: usize = 1 << 9;
