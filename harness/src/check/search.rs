//! The search: rounds of expanding, absorbing and collecting, level by level.

use super::claims::{Claims, Evidence, Findings};
use super::expander::{Expander, Round, Stop, Tally, print};
use super::fingerprint::Fingerprinter;
use super::frontier::Piece;
use super::graph::{Classes, Graph};
use super::options::{Cut, Options};
use super::progress::{Details, Progress, Watch};
use super::trace_log::TraceLog;
use super::visited::{Answer, Batch, Origin, PARTITIONS, Partition, owner};
use crate::memory;
use proofmark_vocabulary::{Describe, Formula};
use rayon::prelude::*;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// A search under way, and at its end what it found.
///
/// A round takes some pieces of the frontier, in order. Each is expanded into candidates, whose fingerprints
/// are sorted by the partition that owns them; each partition absorbs its batches in the order of the pieces;
/// and the candidates that were new are numbered in the same order and become the next level. So a state's
/// parent is the first that a sequential breadth-first search would have found, whatever the number of
/// threads, of pieces and of partitions.
pub(super) struct Search<'a, D: Describe> {
    model: &'a D,
    claims: &'a Claims<D>,
    options: &'a Options,
    watch: &'a dyn Watch,
    classes: Option<&'a Classes<'a, D>>,
    fingerprinter: Fingerprinter,
    pool: Option<rayon::ThreadPool>,
    partitions: Vec<Partition>,
    /// What each partition answered to each expander.
    answers: Vec<Vec<Answer>>,
    expanders: Vec<Expander<D>>,
    frontier: VecDeque<Piece<D::State>>,
    next: VecDeque<Piece<D::State>>,
    started: Instant,
    explored: u64,
    tally: Tally,
    /// How many pieces a round may take, the most that one was ever seen to need in bytes, and what the process
    /// occupied when it was asked last.
    pieces: usize,
    piece_bytes: u64,
    resident: u64,
    pub(super) log: TraceLog,
    pub(super) graph: Option<Graph>,
    pub(super) findings: Findings,
    pub(super) distinct: u64,
    pub(super) depth: u64,
}

impl<'a, D: Describe> Search<'a, D> {
    pub(super) fn new(
        model: &'a D,
        claims: &'a Claims<D>,
        classes: Option<&'a Classes<'a, D>>,
        options: &'a Options,
        watch: &'a dyn Watch,
    ) -> Result<Self, String> {
        let threads = options.threads.max(1);
        let pool = (threads > 1).then(|| rayon::ThreadPoolBuilder::new().num_threads(threads).build()).transpose();
        let fingerprinter = Fingerprinter::new(options.fingerprint);
        let expanders = threads * PIECES_PER_THREAD;
        let partition = || Partition::new(fingerprinter.is_wide(), classes.is_some());
        let answers = || (0..expanders).map(|_| Answer::default()).collect();
        Ok(Self {
            model,
            claims,
            options,
            watch,
            classes,
            pool: pool.map_err(|error| format!("cannot start {threads} threads: {error}"))?,
            partitions: (0..PARTITIONS).map(|_| partition()).collect(),
            answers: (0..PARTITIONS).map(|_| answers()).collect(),
            expanders: (0..expanders).map(|_| Expander::new(model, claims)).collect(),
            frontier: VecDeque::new(),
            next: VecDeque::new(),
            started: Instant::now(),
            explored: 0,
            tally: Tally::new(model.action_kinds().len()),
            pieces: if options.memory.is_some() { 1 } else { expanders },
            piece_bytes: 0,
            resident: memory::resident(),
            log: TraceLog::default(),
            graph: classes.map(|_| Graph::new()),
            findings: Findings::new(claims.len()),
            distinct: 0,
            depth: 0,
            fingerprinter,
        })
    }

    /// Searches until all is explored, or tells what cut it.
    pub(super) fn run(&mut self) -> Result<Option<Cut>, String> {
        // Within the pool once and for all: entering it anew for each step of a round would wake its threads.
        let cut = match self.pool.take() {
            Some(pool) => pool.install(|| self.explore()),
            None => self.explore(),
        }?;
        if let Some(Cut::Depth(_) | Cut::States(_)) = cut {
            self.judge_waiting();
        }
        // The rest is judged over the graph and the trace log, and needs the memory.
        self.partitions.clear();
        self.frontier.clear();
        self.next.clear();
        Ok(cut)
    }

    fn explore(&mut self) -> Result<Option<Cut>, String> {
        self.start();
        while !self.next.is_empty() {
            std::mem::swap(&mut self.frontier, &mut self.next);
            self.depth += 1;
            if let Some(graph) = &mut self.graph {
                graph.levels.push(self.frontier[0].first);
            }
            if let Some(cut) = self.options.max_depth.filter(|&limit| self.depth >= limit.max(1)) {
                return Ok(Some(Cut::Depth(cut)));
            }
            while !self.frontier.is_empty() {
                if let Some(cut) = self.limit_reached().map_or_else(|| self.round(), |cut| Ok(Some(cut)))? {
                    return Ok(Some(cut));
                }
                self.watch.progress(&self.progress());
                self.watch.details(&|| self.details());
            }
        }
        Ok(self.first_violation())
    }

    /// Numbers the initial states within the boundary.
    fn start(&mut self) {
        let round = self.prepare_round();
        let mut answer = Answer::default();
        for (index, state) in self.model.init_states().into_iter().enumerate() {
            if !self.model.within_boundary(&state) {
                continue;
            }
            self.tally.generated += 1;
            if self.distinct >= round.limit.max(1) {
                // The search ends before the first round.
                continue;
            }
            let print = print(&round, &state);
            let mut batch = Batch::default();
            batch.push(print, self.fingerprinter.is_wide(), Origin { parent: 0, action: 0 });
            self.partitions[owner(print)].absorb(&batch, &mut answer);
            if answer.fresh.is_empty() {
                continue;
            }
            for (claim, divergence) in self.claims.initial_divergences(&state) {
                self.findings.offer(claim, || Evidence::State(self.distinct, Some(divergence)));
            }
            if let Some(graph) = &mut self.graph {
                graph.push_state((owner(print) as u32, answer.places[0]));
            }
            self.log.push_initial(index);
            self.distinct += 1;
            if self.next.back().is_none_or(Piece::is_full) {
                self.next.push_back(Piece::starting_at(self.distinct - 1));
            }
            if let Some(piece) = self.next.back_mut() {
                piece.push_initial(state);
            }
        }
    }

    /// One round. One that is stopped half way leaves no trace but the evidence that it found.
    fn round(&mut self) -> Result<Option<Cut>, String> {
        let mut expanders = std::mem::take(&mut self.expanders);
        let taken = self.frontier.len().min(self.pieces);
        let used = &mut expanders[..taken];
        let mut states = 0;
        for (expander, piece) in used.iter_mut().zip(self.frontier.drain(..taken)) {
            states += piece.len();
            expander.load(piece);
        }
        let cut = if self.expand_and_absorb(used, states >= WORTH_THREADS) {
            self.merge(used)
        } else {
            for expander in used {
                self.findings.absorb(&mut expander.of_states);
                self.findings.absorb(&mut expander.of_steps);
            }
            let cut = self.limit_reached().or_else(|| self.options.memory.map(Cut::Memory));
            Ok(Some(cut.unwrap_or(Cut::Interrupted)))
        };
        self.expanders = expanders;
        cut
    }

    fn stop(&self) -> Stop<'a> {
        let deadline = self.options.timeout.and_then(|timeout| self.started.checked_add(timeout));
        Stop { watch: self.watch, deadline, memory: self.options.memory }
    }

    /// The three steps of a round; false when it was stopped by the watch, the time or the memory.
    fn expand_and_absorb(&mut self, used: &mut [Expander<D>], worth_threads: bool) -> bool {
        let (round, stop) = (self.prepare_round(), self.stop());
        let spread = worth_threads && self.options.threads > 1;
        each(spread, used, |_, expander| expander.expand(&round, &stop));
        // Whoever stopped has not seen all successors, whatever the memory is by now.
        if used.iter().any(|expander| expander.stopped) || stop.now() || self.exceeds_memory(used) {
            return false;
        }
        let mut partitions: Vec<_> = self.partitions.iter_mut().zip(&mut self.answers).collect();
        each(spread, &mut partitions, |at, (partition, answers)| {
            for (expander, answer) in used.iter().zip(answers.iter_mut()) {
                partition.absorb(expander.batch(at), answer);
            }
        });
        let fresh = |at: usize| self.answers.iter().map(|answers| answers[at].fresh.len() as u64).sum::<u64>();
        let firsts: Vec<_> =
            (0..used.len()).scan(self.distinct, |next, at| Some(std::mem::replace(next, *next + fresh(at)))).collect();
        each(spread, used, |at, expander| {
            expander.collect(&round, self.answers.iter().map(|answers| &answers[at]), firsts[at]);
        });
        true
    }

    fn prepare_round(&self) -> Round<'a, D> {
        Round {
            model: self.model,
            fingerprinter: self.fingerprinter.clone(),
            symmetry: self.options.symmetry,
            of_states: self.claims.of_states(&self.findings),
            of_steps: self.claims.of_steps().filter(|&(claim, _)| self.findings.get(claim).is_none()).collect(),
            of_deadlock: self.claims.of_deadlock(&self.findings),
            classes: self.classes,
            limit: self.options.max_states.unwrap_or(u64::MAX),
        }
    }

    /// Takes over what the expanders found, in their order, until a limit that is no matter of time or memory is
    /// reached: as if each piece had been a round of its own, so that the threads do not tell where the search ends.
    fn merge(&mut self, used: &mut [Expander<D>]) -> Result<Option<Cut>, String> {
        let mut cut = None;
        for expander in used.iter_mut() {
            if let Some(cut) = &cut {
                // Its states wait, as those of a later round would.
                if matches!(cut, Cut::States(_)) {
                    self.findings.absorb(&mut expander.of_states);
                    self.tally.add_led(&expander.tally);
                }
                continue;
            }
            self.findings.absorb(&mut expander.of_states);
            self.findings.absorb(&mut expander.of_steps);
            self.tally.add(&expander.tally);
            self.explored += expander.taken;
            self.log.append(&expander.records);
            expander.found.drain(..).for_each(|piece| self.append(piece));
            if let Some(graph) = &mut self.graph {
                expander.recording.found.iter().for_each(|&place| graph.push_state(place));
                graph.push_steps(&expander.recording)?;
            }
            cut = self.first_violation().or_else(|| self.enough_states());
        }
        Ok(cut)
    }

    /// Appends a piece to the next level.
    fn append(&mut self, mut piece: Piece<D::State>) {
        piece.first = self.distinct;
        self.distinct += piece.len() as u64;
        let left = match self.next.back_mut() {
            Some(last) => last.join(piece),
            None => Some(piece),
        };
        self.next.extend(left);
    }

    /// Judges the states that wait when a limit keeps them from being expanded.
    fn judge_waiting(&mut self) {
        let waiting: Vec<_> = self.frontier.drain(..).chain(self.next.drain(..)).collect();
        let mut expander = Expander::new(self.model, self.claims);
        for piece in waiting {
            let (round, stop) = (self.prepare_round(), self.stop());
            expander.load(piece);
            expander.judge_states(&round, &stop);
            self.findings.absorb(&mut expander.of_states);
            self.tally.add_led(&expander.tally);
            if expander.stopped {
                break;
            }
        }
    }

    /// The limit that was reached, if any, while states wait to be expanded.
    fn limit_reached(&mut self) -> Option<Cut> {
        let options = self.options;
        if self.watch.interrupted() {
            return Some(Cut::Interrupted);
        }
        if let Some(cut) = self.first_violation() {
            return Some(cut);
        }
        if let Some(timeout) = options.timeout.filter(|&timeout| self.started.elapsed() >= timeout) {
            return Some(Cut::Timeout(timeout));
        }
        if let Some(cut) = self.enough_states() {
            return Some(cut);
        }
        // A list of the graph may double before it is asked again.
        let doubled = self.graph.as_ref().map_or(0, Graph::bytes);
        self.resident = memory::resident();
        options.memory.filter(|&limit| self.resident + doubled > limit).map(Cut::Memory)
    }

    fn enough_states(&self) -> Option<Cut> {
        self.options.max_states.filter(|&limit| self.distinct >= limit).map(Cut::States)
    }

    fn first_violation(&self) -> Option<Cut> {
        let mut violations = self.findings.iter().filter(|&(claim, _)| self.claims.is_intolerable(claim, self.options));
        (self.options.fail_fast && violations.next().is_some()).then_some(Cut::FirstViolation)
    }

    /// Whether the visited set, once it has grown for the batches that wait, would exceed the memory. This is when a
    /// round occupies most, so the next one is told here how large it may be.
    fn exceeds_memory(&mut self, used: &[Expander<D>]) -> bool {
        let Some(limit) = self.options.memory else { return false };
        let before = std::mem::replace(&mut self.resident, memory::resident());
        let growth = self
            .partitions
            .iter()
            .enumerate()
            .map(|(at, partition)| partition.growth(used.iter().map(|expander| expander.batch(at).len()).sum()));
        let needed = self.resident + growth.sum::<u64>();
        // What is kept from round to round is not seen to grow, so a quarter of the room is enough for twice as much.
        self.piece_bytes = self.piece_bytes.max(self.resident.saturating_sub(before) / used.len().max(1) as u64);
        let most = limit.saturating_sub(needed) / 4 / self.piece_bytes.max(1);
        let wanted = if used.len() == self.pieces { self.pieces * 2 } else { self.pieces };
        self.pieces = wanted.min(self.answers[0].len()).min(usize::try_from(most).unwrap_or(usize::MAX)).max(1);
        needed > limit
    }

    fn progress(&self) -> Progress {
        self.progress_in("states")
    }

    /// How far the search is once the states are explored.
    pub(super) fn liveness_progress(&self) -> Progress {
        self.progress_in("liveness")
    }

    fn progress_in(&self, phase: &'static str) -> Progress {
        Progress {
            phase,
            generated: self.generated(),
            distinct: self.distinct,
            queue: Some(self.distinct - self.explored),
            depth: self.depth,
            memory: self.resident,
            elapsed: self.started.elapsed(),
        }
    }

    /// Evidence for a `can` is that it holds; for every other claim, that it fails.
    fn details(&self) -> Details {
        let decided = self.findings.iter().map(|(at, _)| {
            let is_can = self.claims.list.get(at).is_some_and(|claim| matches!(claim.formula, Formula::Can(_)));
            (self.claims.told(at).0, is_can)
        });
        Details { actions: self.coverage().collect(), decided: decided.collect() }
    }

    pub(super) fn generated(&self) -> u64 {
        self.tally.generated
    }

    pub(super) fn left_boundary(&self) -> u64 {
        self.tally.left_boundary
    }

    /// For each kind of action, the steps of the kind and those that led to a new state.
    pub(super) fn coverage(&self) -> impl Iterator<Item = (u64, u64)> {
        self.tally.taken.iter().copied().zip(self.tally.led.iter().copied())
    }

    pub(super) fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }
}

/// Calls `work` with each item and its index, spread over the threads of the pool or on this thread alone.
fn each<T: Send>(spread: bool, items: &mut [T], work: impl Fn(usize, &mut T) + Sync) {
    if spread {
        items.par_iter_mut().enumerate().for_each(|(at, item)| work(at, item));
    } else {
        items.iter_mut().enumerate().for_each(|(at, item)| work(at, item));
    }
}

/// How many pieces a thread gets in a round, on average: enough that none waits long for the other.
const PIECES_PER_THREAD: usize = 8;

/// How many states a round must have before threads are woken for it.
const WORTH_THREADS: usize = 64;
