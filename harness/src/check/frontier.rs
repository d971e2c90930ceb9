//! The frontier: states that were found and are to be expanded.

use super::path::inconstant;
use proofmark_vocabulary::Describe;
use std::ops::ControlFlow;

/// Consecutive states of one level, in the order of the search.
///
/// A found state is kept as the action by which its parent reached it, and made again when it is expanded: in
/// a large space fewer parents have a new child than there are new children, and states are what fills the
/// memory.
pub(super) struct Piece<S> {
    /// The number of the first state.
    pub(super) first: u64,
    parents: Vec<S>,
    children: Vec<Child>,
}

/// A found state: its parent's place in the piece and the index of the action that leads there.
#[derive(Clone, Copy)]
struct Child {
    parent: u32,
    action: u32,
}

/// An initial state has no parent: it is its own, by no action.
const ITSELF: u32 = u32::MAX;

/// How many states make a full piece: enough to be worth a task, few enough that what becomes of them stays in
/// cache.
const FULL: usize = 256;

impl<S> Default for Piece<S> {
    fn default() -> Self {
        Self::starting_at(0)
    }
}

impl<S> Piece<S> {
    /// An empty piece whose first state will have that number.
    pub(super) fn starting_at(first: u64) -> Self {
        Self { first, parents: Vec::new(), children: Vec::new() }
    }

    pub(super) fn len(&self) -> usize {
        self.children.len()
    }

    pub(super) fn is_full(&self) -> bool {
        self.children.len() >= FULL
    }

    /// Makes room for as many of the families of these sizes as fill the piece: states are large, and a list that
    /// grows moves them.
    pub(super) fn reserve(&mut self, families: impl Iterator<Item = usize>) {
        let (mut parents, mut children) = (0, 0);
        for family in families {
            if children >= FULL {
                break;
            }
            (parents, children) = (parents + 1, children + family);
        }
        self.parents.reserve_exact(parents);
        self.children.reserve_exact(children);
    }

    pub(super) fn push_initial(&mut self, state: S) {
        self.children.push(Child { parent: self.parents.len() as u32, action: ITSELF });
        self.parents.push(state);
    }

    /// Adds the children that `parent` reaches by the actions of these indices, which ascend.
    pub(super) fn push_family(&mut self, parent: S, actions: &[u32]) {
        let place = self.parents.len() as u32;
        self.children.extend(actions.iter().map(|&action| Child { parent: place, action }));
        self.parents.push(parent);
    }

    /// Takes in the piece that follows, unless the two are too many for one; returns it then.
    pub(super) fn join(&mut self, mut next: Self) -> Option<Self> {
        if self.len() + next.len() > FULL {
            return Some(next);
        }
        let shift = self.parents.len() as u32;
        self.parents.append(&mut next.parents);
        let shifted = |child: Child| Child { parent: child.parent + shift, ..child };
        self.children.extend(next.children.into_iter().map(shifted));
        None
    }

    /// Makes the states again, in order, each with the action that leads there, if one does, until `take` has had
    /// enough. `actions` is room to list actions in. The piece is left empty, to be filled again.
    pub(super) fn unfold<D: Describe<State = S>>(
        &mut self,
        model: &D,
        actions: &mut Vec<D::Action>,
        mut take: impl FnMut(Option<&D::Action>, S) -> ControlFlow<()>,
    ) {
        let mut children = self.children.drain(..).peekable();
        for (place, parent) in self.parents.drain(..).enumerate() {
            if children.next_if(|child| child.action == ITSELF).is_some() {
                if take(None, parent).is_break() {
                    return;
                }
                continue;
            }
            model.actions(&parent, actions);
            for (index, action) in actions.drain(..).enumerate() {
                let is_next = |child: &Child| child.parent as usize == place && child.action as usize == index;
                if children.next_if(is_next).is_some() {
                    let state = model.next_state(&parent, action.clone());
                    let state = state.unwrap_or_else(|| inconstant("an action is no longer enabled"));
                    if take(Some(&action), state).is_break() {
                        return;
                    }
                }
            }
        }
        // An action that is missing holds up all that come after it.
        if children.next().is_some() {
            inconstant("an action is missing");
        }
    }
}
