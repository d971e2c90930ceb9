//! Whether a model can do what concurrent callers saw: each call takes its steps of the model at some moments between
//! its invocation and its response, and steps of different calls come in any order.
//!
//! That is more than linearizability, which gives a call one moment: a call that waits has begun before it is granted,
//! and others see that it waits (Castañeda, Rajsbaum and Raynal, *Unifying Concurrent Objects and Distributed Tasks:
//! Interval-Linearizability*, JACM 2018).

use foldhash::fast::FixedState;
use proofmark_vocabulary::Model;
use std::collections::HashSet;
use std::hash::Hash;

/// A call of a history, and how a model may explain it.
pub struct Call<M: Model> {
    /// The moment of its invocation, which no other moment of the history is.
    pub invoked: usize,
    /// The moment of its response; `None` if there was none.
    pub responded: Option<usize>,
    /// The ways in which it may have come to its answer, each some steps in order. Without a response, any part of one
    /// may have happened.
    pub ways: Vec<Vec<Step<M>>>,
}

/// A step of a call.
pub enum Step<M: Model> {
    /// The model takes this action.
    Takes(M::Action),
    /// The model does not allow this action.
    Refuses(M::Action),
    /// The model's state is so.
    Finds(Look<M>),
}

/// A predicate of a model's states.
pub type Look<M> = Box<dyn Fn(&<M as Model>::State) -> bool>;

/// Why a history is no behaviour of a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unexplained {
    /// The call whose response has no explanation, by its place: however the model goes up to there, it cannot have been
    /// answered so.
    pub call: usize,
}

/// Whether the model has a behaviour that explains every response.
///
/// The search visits each way of the model to do some of the calls' steps once. It is for histories of some tens of
/// calls: what it visits grows with the number of calls that overlap, not with their number.
///
/// # Errors
/// The response that no behaviour comes to, of those that were met the latest.
pub fn explain<M>(model: &M, calls: &[Call<M>]) -> Result<(), Unexplained>
where
    M: Model,
    M::State: Clone + Eq + Hash,
    M::Action: Clone,
{
    let mut moments: Vec<_> = calls.iter().enumerate().flat_map(moments_of).collect();
    moments.sort_unstable();
    let nothing = vec![Progress::default(); calls.len()];
    let begin = |state| Place { moment: 0, progress: nothing.clone(), state };
    let mut to_visit: Vec<_> = model.init_states().into_iter().map(begin).collect();
    let mut visited: HashSet<Place<M::State>, FixedState> = HashSet::default();
    let (mut latest, mut stuck) = (0, 0);
    while let Some(place) = to_visit.pop() {
        let Some(&(_, call, responds)) = moments.get(place.moment) else { return Ok(()) };
        if !visited.insert(place.clone()) {
            continue;
        }
        if place.moment >= latest {
            (latest, stuck) = (place.moment, call);
        }
        for (index, call) in calls.iter().enumerate() {
            to_visit.extend(call.steps(model, &place, index));
        }
        // The moment passes, which a response does when its call has taken all its steps.
        let progress = place.progress[call];
        if !responds || calls[call].is_done(progress) {
            let mut after = place;
            after.moment += 1;
            after.progress[call] = if responds { Progress::Over } else { Progress::Open };
            to_visit.push(after);
        }
    }
    Err(Unexplained { call: stuck })
}

/// How far a search has come.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Place<T> {
    /// Of the moments of invocations and responses, which comes next.
    moment: usize,
    progress: Vec<Progress>,
    state: T,
}

/// How far a call has come.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
enum Progress {
    /// It was not invoked.
    #[default]
    NotYet,
    /// It was invoked, and has taken no step.
    Open,
    /// It has taken some steps of one of its ways.
    On { way: u8, taken: u8 },
    /// It was answered.
    Over,
}

/// The moments of a call, each with its call and whether it is the response.
fn moments_of<M: Model>((index, call): (usize, &Call<M>)) -> impl Iterator<Item = (usize, usize, bool)> {
    let response = call.responded.map(|moment| (moment, index, true));
    std::iter::once((call.invoked, index, false)).chain(response)
}

impl<M> Call<M>
where
    M: Model,
    M::State: Clone,
    M::Action: Clone,
{
    /// Where a step of this call leads.
    fn steps(&self, model: &M, place: &Place<M::State>, index: usize) -> Vec<Place<M::State>> {
        let ways = match place.progress[index] {
            Progress::NotYet | Progress::Over => 0..0,
            Progress::Open => 0..self.ways.len(),
            Progress::On { way, .. } => usize::from(way)..usize::from(way) + 1,
        };
        let taken = match place.progress[index] {
            Progress::On { taken, .. } => taken,
            _ => 0,
        };
        let step = |way: usize| {
            let state = match self.ways[way].get(usize::from(taken))? {
                Step::Takes(action) => model.next_state(&place.state, action.clone())?,
                Step::Refuses(action) => {
                    model.next_state(&place.state, action.clone()).is_none().then(|| place.state.clone())?
                }
                Step::Finds(holds) => holds(&place.state).then(|| place.state.clone())?,
            };
            let mut progress = place.progress.clone();
            progress[index] = Progress::On { way: way as u8, taken: taken + 1 };
            Some(Place { moment: place.moment, progress, state })
        };
        ways.filter_map(step).collect()
    }

    fn is_done(&self, progress: Progress) -> bool {
        match progress {
            Progress::On { way, taken } => self.ways[usize::from(way)].len() == usize::from(taken),
            Progress::Open => self.ways.iter().any(Vec::is_empty),
            Progress::NotYet | Progress::Over => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proofmark_vocabulary::Property;

    /// A lock with a queue: who asks waits, and the first who waits has it.
    struct Queue;

    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    enum Action {
        Ask(u8),
        Give(u8),
    }

    impl Model for Queue {
        type State = Vec<u8>;
        type Action = Action;

        fn init_states(&self) -> Vec<Vec<u8>> {
            vec![Vec::new()]
        }

        fn actions(&self, _: &Vec<u8>, _: &mut Vec<Action>) {}

        fn next_state(&self, state: &Vec<u8>, action: Action) -> Option<Vec<u8>> {
            let mut after = state.clone();
            match action {
                Action::Ask(client) if !state.contains(&client) => after.push(client),
                Action::Give(client) if state.first() == Some(&client) => drop(after.remove(0)),
                _ => return None,
            }
            Some(after)
        }

        fn properties(&self) -> Vec<Property<Self>> {
            Vec::new()
        }
    }

    /// Asks, and is first.
    fn acquires(client: u8, invoked: usize, responded: Option<usize>) -> Call<Queue> {
        let is_first = Step::Finds(Box::new(move |state: &Vec<u8>| state.first() == Some(&client)));
        Call { invoked, responded, ways: vec![vec![Step::Takes(Action::Ask(client)), is_first]] }
    }

    fn releases(client: u8, invoked: usize, responded: usize) -> Call<Queue> {
        Call { invoked, responded: Some(responded), ways: vec![vec![Step::Takes(Action::Give(client))]] }
    }

    fn is_refused(client: u8, invoked: usize, responded: usize) -> Call<Queue> {
        Call { invoked, responded: Some(responded), ways: vec![vec![Step::Refuses(Action::Give(client))]] }
    }

    #[test]
    fn a_call_that_waits_has_begun_before_it_is_answered() {
        // The second asks while the first has it, and is answered when that has released.
        let calls = [acquires(1, 0, Some(1)), acquires(2, 2, Some(5)), releases(1, 3, 4)];
        assert_eq!(explain(&Queue, &calls), Ok(()));
        // It is answered before.
        let calls = [acquires(1, 0, Some(1)), acquires(2, 2, Some(3)), releases(1, 4, 5)];
        assert_eq!(explain(&Queue, &calls), Err(Unexplained { call: 1 }));
    }

    #[test]
    fn who_comes_first_is_told_by_the_order_of_calls_that_do_not_overlap() {
        let fair = [acquires(1, 0, Some(1)), acquires(2, 2, Some(7)), acquires(3, 3, None), releases(1, 4, 5)];
        assert_eq!(explain(&Queue, &fair), Ok(()));
        // The third was refused what the second could have had: so somebody else was first, who then is not there.
        let odd = [acquires(1, 0, Some(1)), releases(1, 2, 3), acquires(2, 4, Some(5)), is_refused(2, 6, 7)];
        assert_eq!(explain(&Queue, &odd), Err(Unexplained { call: 3 }));
    }

    #[test]
    fn a_call_without_a_response_may_have_happened_or_not() {
        for others in [acquires(2, 1, None), acquires(2, 1, None)] {
            assert_eq!(explain(&Queue, &[acquires(1, 0, Some(2)), others, releases(1, 3, 4)]), Ok(()));
        }
        let calls = [acquires(2, 0, None), acquires(1, 1, Some(2)), is_refused(2, 3, 4)];
        assert_eq!(explain(&Queue, &calls), Ok(()));
    }
}
