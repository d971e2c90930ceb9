//! Fewer operations that cannot be ordered either.

use super::search::{Piece, Search};
use super::{History, Linearizability, OperationId, Sequential, Stuck, linearize, parts};
use std::collections::BTreeSet;

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

/// Leaves out operations of a history that is not linearizable, as long as what is left shows why it is not. `None` when
/// it is linearizable, or when the budget does not suffice to know that it is not; from there on less budget only leaves
/// more operations. The same question has the same answer.
///
/// That the rest is not linearizable would not be enough: of a read without the write that it saw, that is true and says
/// nothing. So there is a *culprit*, the operation whose answer first made the history one that cannot be ordered, and
/// three things are kept:
///
/// - *It is no accident of the choice.* The rest cannot be ordered, even if each operation that is left out may take
///   effect as it was answered, or never have happened.
/// - *All else is explained.* Without the culprit's answer, the rest is linearizable.
/// - *What it is late for is there.* If an earlier invocation would have excused the culprit, it would still do so: a
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
    let kept = match until_it_fails(&mut judge, pieces) {
        Some((pieces, culprit)) => Case::new(judge, pieces, culprit).fewest(),
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
fn until_it_fails<S: Sequential>(judge: &mut Judge<'_, S>, pieces: Vec<Piece>) -> Option<(Vec<Piece>, usize)> {
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
    /// Whether an earlier invocation would excuse the culprit.
    is_late: bool,
}

impl<'a, S: Sequential> Case<'a, S> {
    fn new(judge: Judge<'a, S>, pieces: Vec<Piece>, culprit: usize) -> Self {
        let mut case = Self { judge, pieces, culprit, is_late: false };
        let all: BTreeSet<_> = case.pieces.iter().map(|piece| piece.operation).collect();
        case.is_late = case.is_excused(&all).unwrap_or_default();
        case
    }

    /// Operations that still show it, the culprit among them, of which none can be spared (Zeller and Hildebrandt,
    /// *Simplifying and Isolating Failure-Inducing Input*, 2002, with complements alone).
    fn fewest(&mut self) -> BTreeSet<usize> {
        let mut kept: Vec<_> =
            self.pieces.iter().map(|piece| piece.operation).filter(|&operation| operation != self.culprit).collect();
        let mut chunk = kept.len();
        while chunk > 0 {
            let (mut at, mut left_out) = (0, false);
            while at < kept.len() {
                let without = [&kept[..at], &kept[(at + chunk).min(kept.len())..]].concat();
                if self.shows(&without).unwrap_or_default() {
                    (kept, left_out) = (without, true);
                } else {
                    at += chunk;
                }
            }
            chunk = if left_out && chunk == 1 { 1 } else { chunk / 2 };
        }
        kept.into_iter().chain([self.culprit]).collect()
    }

    /// Whether these and the culprit show why there is no order; `None` when it is not known.
    fn shows(&mut self, kept: &[usize]) -> Option<bool> {
        let kept: BTreeSet<usize> = kept.iter().copied().chain([self.culprit]).collect();
        let shows = self.is_explained(&kept)?
            && (!self.is_late || self.is_excused(&kept)?)
            && !self.is_orderable_with_the_rest(&kept)?;
        Some(shows)
    }

    /// Whether they are linearizable without the culprit's answer.
    fn is_explained(&mut self, kept: &BTreeSet<usize>) -> Option<bool> {
        self.judge_kept(kept, |culprit| culprit.answered = None)
    }

    /// Whether they are linearizable if the culprit was invoked before all others.
    fn is_excused(&mut self, kept: &BTreeSet<usize>) -> Option<bool> {
        self.judge_kept(kept, |culprit| culprit.invoked = 0)
    }

    fn judge_kept(&mut self, kept: &BTreeSet<usize>, change: impl Fn(&mut Piece)) -> Option<bool> {
        let mut pieces: Vec<_> = self.pieces.iter().copied().filter(|piece| kept.contains(&piece.operation)).collect();
        pieces.iter_mut().filter(|piece| piece.operation == self.culprit).for_each(change);
        self.judge.orders(pieces)
    }

    /// Whether they are linearizable if each other operation may or may not have happened.
    fn is_orderable_with_the_rest(&mut self, kept: &BTreeSet<usize>) -> Option<bool> {
        let is_spare = |piece: &Piece| piece.answered.is_some() && !kept.contains(&piece.operation);
        let with_the_rest = |piece: &Piece| Piece { optional: is_spare(piece), ..*piece };
        self.judge.orders(self.pieces.iter().map(with_the_rest).collect())
    }
}

impl<O: Clone, R: Clone> History<O, R> {
    /// What these operations make alone, given in the order of their invocation.
    pub(super) fn only(&self, operations: &[OperationId]) -> Self {
        let mut events: Vec<(usize, OperationId)> = Vec::new();
        for &id in operations {
            let told = &self.operations[id.0];
            events.push((told.invoked, id));
            events.extend(told.answer.as_ref().map(|answer| (answer.at, id)));
        }
        events.sort_unstable_by_key(|&(at, _)| at);
        let mut only = Self::new();
        let mut names = std::collections::HashMap::new();
        for (at, id) in events {
            let told = &self.operations[id.0];
            if at == told.invoked {
                names.insert(id, only.ask(told.client, told.asked.clone()));
            } else if let (Some(&name), Some(response)) = (names.get(&id), told.response()) {
                only.respond(name, response.clone());
            }
        }
        only
    }
}
