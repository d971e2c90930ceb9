//! Fewer operations that cannot be ordered either.

use super::search::{Piece, Search};
use super::{Event, History, Linearizability, OperationId, Sequential, Stuck, linearize, parts};
use std::collections::{BTreeSet, HashMap};

/// A history that is not linearizable, made of operations of a longer one.
#[derive(Clone, Debug)]
pub struct Violation<O, R> {
    /// The operations that are left, in the order of their invocation and each with its answer.
    pub history: History<O, R>,
    /// Which operations of the longer history they are.
    pub operations: Vec<OperationId>,
    /// Why there is no order of them, in operations of the shorter history.
    pub stuck: Stuck,
}

/// Leaves out operations of a history that is not linearizable, as long as what is left shows why it is not. `None`
/// when it is linearizable, or when the budget does not suffice to know that it is not; from there on less budget only
/// leaves more operations. The same question has the same answer.
///
/// That the rest is not linearizable would not be enough: of a read without the write that it saw, that is true and
/// says nothing. So there is a *culprit*, the operation whose answer first made the history one that cannot be
/// ordered, and three things are kept:
///
/// - *It is no accident of the choice.* The rest cannot be ordered, even if each operation that is left out may take
///   effect as it was answered, or never have happened.
/// - *All else is explained.* Without the culprit's answer, the rest is linearizable.
/// - *What the culprit saw is there*, as far as one operation more explains its answer, were it not for its time: a
///   stale value is shown with whoever wrote it.
pub fn minimise<S: Sequential>(
    spec: &S,
    history: &History<S::Operation, S::Response>,
    budget: u64,
) -> Option<Violation<S::Operation, S::Response>>
where
    S::Operation: Clone,
    S::Response: Clone,
{
    let Linearizability::NotLinearizable { stuck } = linearize(spec, history, budget) else { return None };
    let part = parts(spec, history).into_iter().find(|part| part.contains(&stuck.overdue.index()))?;
    let pieces: Vec<_> = part.iter().map(|&operation| Piece::of(history, operation)).collect();
    let mut judge = Judge { spec, history, budget };
    let kept = match until_it_fails(&mut judge, &pieces) {
        Some((pieces, culprit)) => Case { judge, pieces, culprit }.fewest(),
        None => part.into_iter().collect(),
    };
    let operations: Vec<_> = kept.into_iter().map(OperationId).collect();
    let history = history.only(&operations);
    // What was shown of it was shown without the answers that came after the culprit's: with these, less is possible.
    match linearize(spec, &history, budget) {
        Linearizability::NotLinearizable { stuck } => Some(Violation { history, operations, stuck }),
        _ => None,
    }
}

/// Judges pieces of a history, within a budget for all of them.
struct Judge<'a, S: Sequential> {
    spec: &'a S,
    history: &'a History<S::Operation, S::Response>,
    budget: u64,
}

impl<S: Sequential> Judge<'_, S> {
    /// Whether they have an order, if that becomes known.
    fn orders(&mut self, pieces: Vec<Piece>) -> Option<bool> {
        Search::new(self.spec, self.history, pieces).run(&mut self.budget)
    }
}

/// The history up to the first response with which it is not linearizable, and the operation that was answered so.
fn until_it_fails<S: Sequential>(judge: &mut Judge<'_, S>, pieces: &[Piece]) -> Option<(Vec<Piece>, usize)> {
    let until = |end: usize| -> Vec<Piece> {
        let begun = pieces.iter().filter(|piece| piece.invoked <= end);
        begun.map(|piece| Piece { answered: piece.answered.filter(|&at| at <= end), ..*piece }).collect()
    };
    let mut responses: Vec<usize> = pieces.iter().filter_map(|piece| piece.answered).collect();
    responses.sort_unstable();
    // What cannot be ordered does not become so by what happens later.
    let (mut least, mut most) = (0, responses.len() - 1);
    while least < most {
        let middle = usize::midpoint(least, most);
        if judge.orders(until(responses[middle]))? { least = middle + 1 } else { most = middle }
    }
    let end = *responses.get(least)?;
    let culprit = pieces.iter().find(|piece| piece.answered == Some(end))?.operation;
    Some((until(end), culprit))
}

/// A history that just became one that cannot be ordered.
struct Case<'a, S: Sequential> {
    judge: Judge<'a, S>,
    pieces: Vec<Piece>,
    culprit: usize,
}

impl<S: Sequential> Case<'_, S> {
    /// The culprit and what shows why there is no order.
    fn fewest(&mut self) -> BTreeSet<usize> {
        let all = self.pieces.iter().map(|piece| piece.operation);
        let others: Vec<_> = all.filter(|&operation| operation != self.culprit).collect();
        let kept = self.core(others.clone()).into_iter().chain([self.culprit]).collect();
        if self.is_seen(&kept) == Some(false) {
            // Whoever did it last is nearest to what came in between.
            for other in others.into_iter().rev() {
                let with_it = kept.iter().copied().chain([other]).collect();
                if self.is_seen(&with_it) == Some(true) && self.is_explained(&with_it) == Some(true) {
                    return with_it;
                }
            }
        }
        kept
    }

    /// Of the others those without which there would be an order, or something else unexplained (Zeller and
    /// Hildebrandt, *Simplifying and Isolating Failure-Inducing Input*, 2002, with complements alone).
    fn core(&mut self, mut kept: Vec<usize>) -> Vec<usize> {
        let mut chunk = kept.len();
        while chunk > 0 {
            let (mut at, mut left_out) = (0, false);
            while at < kept.len() {
                let without = [&kept[..at], &kept[(at + chunk).min(kept.len())..]].concat();
                let with_the_culprit = without.iter().copied().chain([self.culprit]).collect();
                if self.is_explained(&with_the_culprit) == Some(true)
                    && self.is_orderable_with_the_rest(&with_the_culprit) == Some(false)
                {
                    (kept, left_out) = (without, true);
                } else {
                    at += chunk;
                }
            }
            chunk = if left_out && chunk == 1 { 1 } else { chunk / 2 };
        }
        kept
    }

    /// Whether they are linearizable without the culprit's answer; `None` when it is not known.
    fn is_explained(&mut self, kept: &BTreeSet<usize>) -> Option<bool> {
        let culprit = self.culprit;
        self.judge_kept(kept, |piece| Piece {
            answered: piece.answered.filter(|_| piece.operation != culprit),
            ..piece
        })
    }

    /// Whether some of them would explain the culprit's answer, whenever they were asked and whatever they were
    /// answered.
    fn is_seen(&mut self, kept: &BTreeSet<usize>) -> Option<bool> {
        let culprit = self.culprit;
        self.judge_kept(kept, |piece| Piece {
            invoked: 0,
            answered: piece.answered.filter(|_| piece.operation == culprit),
            ..piece
        })
    }

    fn judge_kept(&mut self, kept: &BTreeSet<usize>, changed: impl Fn(Piece) -> Piece) -> Option<bool> {
        let pieces = self.pieces.iter().copied().filter(|piece| kept.contains(&piece.operation));
        self.judge.orders(pieces.map(changed).collect())
    }

    /// Whether they are linearizable if each other operation may or may not have happened.
    fn is_orderable_with_the_rest(&mut self, kept: &BTreeSet<usize>) -> Option<bool> {
        let is_spare = |piece: &Piece| piece.answered.is_some() && !kept.contains(&piece.operation);
        let with_the_rest = |piece: &Piece| Piece { optional: is_spare(piece), ..*piece };
        self.judge.orders(self.pieces.iter().map(with_the_rest).collect())
    }
}

impl<O: Clone, R: Clone> History<O, R> {
    /// What these operations make alone.
    pub(super) fn only(&self, operations: &[OperationId]) -> Self {
        let mut names: HashMap<OperationId, Option<OperationId>> = operations.iter().map(|&id| (id, None)).collect();
        let mut only = Self::new();
        for event in self.events() {
            let (Event::Invoked(id) | Event::Answered(id)) = event;
            let told = &self.operations[id.0];
            match (names.get_mut(&id), told.response()) {
                (Some(name @ None), _) => *name = Some(only.ask(told.client, told.asked.clone())),
                (Some(Some(name)), Some(response)) => drop(only.respond(*name, response.clone())),
                _ => {}
            }
        }
        only
    }
}
