//! Expanding a piece of the frontier: its successors, and the next piece that they make.

use super::claims::{Claims, Evidence, Findings, StepClaim};
use super::fingerprint::{Fingerprinter, Print};
use super::frontier::Piece;
use super::graph::{ClassSet, Classes};
use super::progress::Watch;
use super::trace_log::Records;
use super::visited::{Answer, Batch, Origin, PARTITIONS, owner};
use crate::memory;
use proofmark_vocabulary::{Describe, StatePredicate};
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

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

/// What may stop a round half way.
pub(super) struct Stop<'a> {
    pub(super) watch: &'a dyn Watch,
    pub(super) deadline: Option<Instant>,
    /// Bytes that the process may occupy.
    pub(super) memory: Option<u64>,
}

impl Stop<'_> {
    /// Whether the watch or the time stops it.
    pub(super) fn now(&self) -> bool {
        self.watch.interrupted() || self.deadline.is_some_and(|deadline| Instant::now() >= deadline)
    }

    /// Whether the process occupies too much. The kernel is asked only if that was long ago: `asked` tells when.
    fn exceeds_memory(&self, asked: &mut Instant) -> bool {
        let Some(limit) = self.memory.filter(|_| asked.elapsed() >= ASKED_EVERY) else { return false };
        *asked = Instant::now();
        memory::resident() > limit
    }
}

/// What was counted.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    pub(super) generated: u64,
    pub(super) left_boundary: u64,
    /// For each kind of action, its steps.
    pub(super) taken: Vec<u64>,
    /// For each kind of action, its steps that led to a new state: counted when that state's turn comes.
    pub(super) led: Vec<u64>,
}

/// Expands one piece a round. A plain value: it shares nothing with the others.
pub(super) struct Expander<D: Describe> {
    piece: Piece<D::State>,
    /// A piece that was expanded, and whose room the next one found takes.
    spare: Piece<D::State>,
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
    /// What the states of the piece show, and what their steps do.
    pub(super) of_states: Findings,
    pub(super) of_steps: Findings,
    /// What was counted in this piece.
    pub(super) tally: Tally,
    /// How many states the piece has.
    pub(super) taken: u64,
    /// Whether the piece was left before its end.
    pub(super) stopped: bool,
    /// When the kernel was asked last how much the process occupies.
    asked: Instant,
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
            spare: Piece::default(),
            keeps_actions: !model.action_kinds().is_empty() || claims.judges_actions(),
            states: Vec::new(),
            actions: Vec::new(),
            batches: (0..PARTITIONS).map(|_| Batch::default()).collect(),
            recent: Recent::default(),
            fresh: Vec::new(),
            children: Vec::new(),
            of_states: Findings::new(claims.len()),
            of_steps: Findings::new(claims.len()),
            tally: Tally::new(model.action_kinds().len()),
            taken: 0,
            stopped: false,
            asked: Instant::now(),
            found: Vec::new(),
            records: Records::default(),
            recording: Recording::default(),
        }
    }

    /// Takes the piece to expand.
    pub(super) fn load(&mut self, piece: Piece<D::State>) {
        self.taken = piece.len() as u64;
        self.piece = piece;
        self.stopped = false;
        self.tally.clear();
    }

    /// The batch for a partition.
    pub(super) fn batch(&self, partition: usize) -> &Batch {
        &self.batches[partition]
    }

    /// Generates the successors of the piece, judges the steps, and sorts their fingerprints into batches.
    /// Returns early, with part of the work done, when `stop` says so; `stopped` tells.
    pub(super) fn expand(&mut self, round: &Round<'_, D>, stop: &Stop<'_>) {
        self.batches.iter_mut().for_each(Batch::clear);
        self.recording.clear();
        let first = self.judge_states(round, stop);
        let states = std::mem::take(&mut self.states);
        for (at, state) in states.iter().enumerate() {
            self.stopped |= stop.now();
            if self.stopped || at % MANY_STATES == MANY_STATES - 1 && self.must_stop(stop) {
                break;
            }
            self.expand_state(round, stop, first + at as u64, at as u32, state);
        }
        self.states = states;
    }

    /// Whether to leave the piece.
    fn must_stop(&mut self, stop: &Stop<'_>) -> bool {
        self.stopped |= stop.now() || stop.exceeds_memory(&mut self.asked);
        self.stopped
    }

    /// Makes the states of the piece, judges them, and tells the number of the first.
    pub(super) fn judge_states(&mut self, round: &Round<'_, D>, stop: &Stop<'_>) -> u64 {
        let mut piece = std::mem::take(&mut self.piece);
        let first = piece.first;
        self.asked = Instant::now();
        self.states.clear();
        let mut actions = std::mem::take(&mut self.actions);
        piece.unfold(round.model, &mut actions, |action, state| {
            let kind = action.filter(|_| !self.tally.led.is_empty()).map(|action| round.model.action_kind(action));
            if let Some(led) = kind.and_then(|kind| self.tally.led.get_mut(kind)) {
                *led += 1;
            }
            self.states.push(state);
            if self.states.len().is_multiple_of(MANY_STATES) && self.must_stop(stop) {
                return ControlFlow::Break(());
            }
            ControlFlow::Continue(())
        });
        actions.clear();
        self.actions = actions;
        self.spare = piece;
        for (state, number) in self.states.iter().zip(first..) {
            for &(claim, predicate, deciding) in &round.of_states {
                if predicate(round.model, state) == deciding {
                    self.of_states.offer(claim, || Evidence::State(number, None));
                }
            }
            if let Some(classes) = round.classes {
                self.recording.marks.push(classes.marks(round.model, state));
            }
        }
        first
    }

    fn expand_state(&mut self, round: &Round<'_, D>, stop: &Stop<'_>, number: u64, parent: u32, state: &D::State) {
        let model = round.model;
        let candidates_before = self.recording.labels.len();
        let (mut is_final, mut enabled, mut escapes) = (true, 0, 0);
        let mut actions = std::mem::take(&mut self.actions);
        model.actions(state, &mut actions);
        for (index, action) in actions.drain(..).enumerate() {
            // A state may have more successors than there is time or memory for.
            if index % MANY_ACTIONS == MANY_ACTIONS - 1 && self.must_stop(stop) {
                break;
            }
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
                self.tally.left_boundary += 1;
                escapes |= round.classes.map_or(0, |classes| classes.escape(label));
                continue;
            }
            self.tally.generated += 1;
            if let Some(action) = kept {
                if let Some(taken) = self.tally.taken.get_mut(model.action_kind(&action)) {
                    *taken += 1;
                }
                self.judge_step(round, number, index, state, &action, next);
            }
            self.push(round, Origin { parent, action: index as u32 }, next, label);
        }
        self.actions = actions;
        if let Some(claim) = round.of_deadlock.filter(|_| is_final && !model.may_end(state)) {
            self.of_steps.offer(claim, || Evidence::State(number, None));
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
                self.of_steps.offer(*claim, || Evidence::Step(number, index, explanation));
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
        let mut fresh = self.fresh.as_slice();
        for (parent, state) in self.states.drain(..).enumerate() {
            let count = fresh.iter().take_while(|(origin, ..)| origin.parent as usize == parent).count();
            let (family, others) = fresh.split_at(count);
            self.children.clear();
            self.children.extend(family.iter().map(|(origin, ..)| origin.action));
            self.records.push(&self.children);
            if self.children.is_empty() {
                continue;
            }
            if self.found.last().is_none_or(Piece::is_full) {
                let families = fresh.chunk_by(|(one, ..), (other, ..)| one.parent == other.parent);
                let mut piece = std::mem::take(&mut self.spare);
                piece.reserve(families.map(<[_]>::len));
                self.found.push(piece);
            }
            fresh = others;
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

impl Tally {
    pub(super) fn new(kinds: usize) -> Self {
        Self { generated: 0, left_boundary: 0, taken: vec![0; kinds], led: vec![0; kinds] }
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.generated += other.generated;
        self.left_boundary += other.left_boundary;
        self.taken.iter_mut().zip(&other.taken).for_each(|(mine, theirs)| *mine += theirs);
        self.add_led(other);
    }

    /// Adds what is known of states whose steps do not count.
    pub(super) fn add_led(&mut self, other: &Self) {
        self.led.iter_mut().zip(&other.led).for_each(|(mine, theirs)| *mine += theirs);
    }

    fn clear(&mut self) {
        self.generated = 0;
        self.left_boundary = 0;
        self.taken.fill(0);
        self.led.fill(0);
    }
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

/// After so many states the clock is read, and so perhaps the memory asked.
const MANY_STATES: usize = 16;

/// How long a piece may take before the kernel is asked how much the process occupies: long enough that most pieces
/// never ask, short enough that little can be written meanwhile.
const ASKED_EVERY: Duration = Duration::from_millis(1);

/// Likewise after so many actions of one state.
const MANY_ACTIONS: usize = 1024;
