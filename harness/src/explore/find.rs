//! Shortest paths through the states of a model.

use super::predicate::Predicate;
use super::space::{Breadth, Edge, StateId, Walk};
use super::view::Goal;
use super::{Budget, Leased, Refused};

/// What a search found.
pub struct Found {
    /// The state in which the path begins, and its edges, each with the state that it leaves.
    pub path: Option<(StateId, Vec<(StateId, Edge)>)>,
    /// How many states were looked at.
    pub looked_at: usize,
    /// Whether nothing was left to look at.
    pub exhaustive: bool,
    /// How often the predicate could not be evaluated.
    pub failed: usize,
    /// Why not the first time.
    pub why: Option<String>,
}

/// What is sought, ready to be asked.
enum Sought {
    Predicate(Predicate),
    /// The claim, the predicate of it and its truth.
    Claim(String, String, bool),
    Violation(String),
    Deadlock,
    State(StateId),
}

/// The shortest path from a state to a goal.
///
/// # Errors
/// When the goal is none of the model's.
pub fn find(walk: &mut Leased<'_>, from: StateId, goal: &Goal, budget: &Budget) -> Result<Found, Refused> {
    let sought = sought(&***walk, from, goal)?;
    let mut search =
        Search { sought, asked: 0, found: Found { path: None, looked_at: 0, exhaustive: false, failed: 0, why: None } };
    let mut breadth = Breadth::from(&***walk, &[from]);
    if search.is_state(&***walk, from, None) {
        search.found.path = Some((from, Vec::new()));
    }
    while search.found.path.is_none() {
        let Some((place, id)) = breadth.take() else {
            search.found.exhaustive = true;
            break;
        };
        if budget.is_spent(breadth.len(), &***walk) {
            break;
        }
        Leased::bump(walk);
        let edges = walk.edges(id);
        if matches!(search.sought, Sought::Deadlock) && edges.is_empty() && !walk.may_end(id) {
            search.found.path = Some(way(&breadth, place, None));
            break;
        }
        for &edge in edges.iter() {
            let Some(to) = edge.to() else { continue };
            let is_new = breadth.offer(to, Some((place, edge)));
            if search.is_step(&***walk, id, edge)
                || (search.asks_step() || is_new) && search.is_state(&***walk, to, Some((id, edge)))
            {
                search.found.path = Some(way(&breadth, place, Some((id, edge))));
                break;
            }
        }
    }
    search.found.looked_at = breadth.len();
    let Found { path, failed, .. } = &search.found;
    match &search.found.why {
        Some(why) if path.is_none() && *failed == search.asked => Err(Refused::wrong(why.clone())),
        _ => Ok(search.found),
    }
}

fn way(breadth: &Breadth, place: usize, last: Option<(StateId, Edge)>) -> (StateId, Vec<(StateId, Edge)>) {
    let (start, way) = breadth.way(place);
    (start, way.into_iter().chain(last).collect())
}

fn sought(walk: &dyn Walk, from: StateId, goal: &Goal) -> Result<Sought, Refused> {
    let truth = |claim: &str, predicate: &str| {
        walk.holds(from, claim, predicate).ok_or_else(|| {
            Refused::wrong(format!("the model claims nothing of single states that is named `{claim}` ({predicate})"))
        })
    };
    Ok(match goal {
        Goal::Predicate { text } => Sought::Predicate(Predicate::compile(text).map_err(Refused::wrong)?),
        Goal::Claim { claim, predicate, holds } => {
            truth(claim, predicate)?;
            Sought::Claim(claim.clone(), predicate.clone(), *holds)
        }
        Goal::Change { claim, predicate } => Sought::Claim(claim.clone(), predicate.clone(), !truth(claim, predicate)?),
        Goal::Violation { claim } if walk.judges_steps(claim) => Sought::Violation(claim.clone()),
        Goal::Violation { claim } => {
            return Err(Refused::wrong(format!("the model claims nothing of single steps that is named `{claim}`")));
        }
        Goal::Deadlock => Sought::Deadlock,
        Goal::State { id } => Sought::State(super::known(walk, id)?),
    })
}

struct Search {
    sought: Sought,
    /// How often a predicate was asked.
    asked: usize,
    found: Found,
}

impl Search {
    /// Whether what is sought depends on the step by which a state is reached.
    fn asks_step(&self) -> bool {
        matches!(&self.sought, Sought::Predicate(predicate) if predicate.asks_action())
    }

    fn is_step(&self, walk: &dyn Walk, id: StateId, edge: Edge) -> bool {
        match &self.sought {
            Sought::Violation(claim) => walk.violated(id, edge).iter().any(|(violated, _)| violated == claim),
            _ => false,
        }
    }

    fn is_state(&mut self, walk: &dyn Walk, id: StateId, by: Option<(StateId, Edge)>) -> bool {
        match &self.sought {
            Sought::Predicate(predicate) => {
                self.asked += 1;
                predicate.holds(walk, id, by).unwrap_or_else(|why| {
                    self.found.failed += 1;
                    self.found.why.get_or_insert(why);
                    false
                })
            }
            Sought::Claim(claim, predicate, truth) => walk.holds(id, claim, predicate) == Some(*truth),
            Sought::State(sought) => *sought == id,
            Sought::Violation(_) | Sought::Deadlock => false,
        }
    }
}
