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

/// A step of a call that a behaviour of the model has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken<T> {
    /// Before which moment it is taken: by its place among the moments of the history, in their order.
    pub before: usize,
    /// The call, by its place.
    pub call: usize,
    /// Which of the call's ways it goes.
    pub way: usize,
    /// Which step of that way it is.
    pub step: usize,
    /// The model's state afterwards.
    pub state: T,
}

/// Why a history is no behaviour of a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unexplained<T> {
    /// The call whose response has no explanation, by its place: however the model goes up to there, it cannot have been
    /// answered so.
    pub call: usize,
    /// The steps of a behaviour that comes as far as to this response.
    pub steps: Vec<Taken<T>>,
}

/// The steps of a behaviour of the model that explains every response: a call begins at once if it can, and else no step
/// is taken before it is needed.
///
/// The search visits each way of the model to do some of the calls' steps once. It is for histories of some tens of
/// calls: what it visits grows with the number of calls that overlap, not with their number.
///
/// # Errors
/// The response that no behaviour comes to, of those that were met the latest.
pub fn explain<M>(model: &M, calls: &[Call<M>]) -> Result<Vec<Taken<M::State>>, Unexplained<M::State>>
where
    M: Model,
    M::State: Clone + Eq + Hash,
    M::Action: Clone,
{
    let moments = moments(calls);
    let nothing = vec![Progress::default(); calls.len()];
    let begin = |state| (Place { moment: 0, progress: nothing.clone(), state }, None, None);
    let mut to_visit: Vec<_> = model.init_states().into_iter().map(begin).collect();
    let mut visited: HashSet<Place<M::State>, FixedState> = HashSet::default();
    // The steps that were tried, each with the one before it.
    let mut tried: Vec<(Taken<M::State>, Option<usize>)> = Vec::new();
    let mut latest: Option<(usize, usize, Option<usize>)> = None;
    while let Some((place, taken, before)) = to_visit.pop() {
        if visited.contains(&place) {
            continue;
        }
        let last = taken.map_or(before, |taken| {
            tried.push((taken, before));
            Some(tried.len() - 1)
        });
        let Some(&(call, responds)) = moments.get(place.moment) else { return Ok(way(tried, last)) };
        visited.insert(place.clone());
        // The first that comes there is the one that goes the way that is tried first.
        if latest.is_none_or(|(moment, ..)| place.moment > moment) {
            latest = Some((place.moment, call, last));
        }
        // What is pushed last is tried first: a call begins at once, and else no step is taken before it is needed.
        let newest = place.moment.checked_sub(1).map(|before| moments[before].0).filter(|&call| place.is_open(call));
        let steps_of = |index: usize| {
            let steps = calls[index].steps(model, &place, index);
            steps.map(|(place, taken)| (place, Some(taken), last))
        };
        let others = (0..calls.len()).filter(|&index| index != call && Some(index) != newest);
        to_visit.extend(others.chain([call]).flat_map(steps_of));
        // The moment passes, which a response does when its call has taken all its steps.
        let progress = place.progress[call];
        if !responds || calls[call].is_done(progress) {
            let mut after = place.clone();
            after.moment += 1;
            after.progress[call] = if responds { Progress::Over } else { Progress::Open };
            to_visit.push((after, None, last));
        }
        to_visit.extend(newest.into_iter().flat_map(steps_of));
    }
    let (call, last) = latest.map_or((0, None), |(_, call, last)| (call, last));
    Err(Unexplained { call, steps: way(tried, last) })
}

/// The steps up to and with one of those that were tried.
fn way<T>(tried: Vec<(Taken<T>, Option<usize>)>, last: Option<usize>) -> Vec<Taken<T>> {
    let (mut way, mut next) = (Vec::new(), last);
    // Each stands behind the one before it.
    for (place, (taken, before)) in tried.into_iter().enumerate().rev() {
        if next == Some(place) {
            way.push(taken);
            next = before;
        }
    }
    way.reverse();
    way
}

/// How far a search has come.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Place<T> {
    /// Of the moments of invocations and responses, which comes next.
    moment: usize,
    progress: Vec<Progress>,
    state: T,
}

impl<T> Place<T> {
    /// Whether a call was invoked, and has taken no step.
    fn is_open(&self, call: usize) -> bool {
        self.progress[call] == Progress::Open
    }
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

/// The moments of a history in their order, each with its call, by its place, and whether it is the response.
pub(crate) fn moments<M: Model>(calls: &[Call<M>]) -> Vec<(usize, bool)> {
    let of_call = |(index, call): (usize, &Call<M>)| {
        let response = call.responded.map(|moment| (moment, index, true));
        std::iter::once((call.invoked, index, false)).chain(response)
    };
    let mut moments: Vec<_> = calls.iter().enumerate().flat_map(of_call).collect();
    moments.sort_unstable();
    moments.into_iter().map(|(_, call, responds)| (call, responds)).collect()
}

impl<M> Call<M>
where
    M: Model,
    M::State: Clone,
    M::Action: Clone,
{
    /// Where a step of this call leads.
    fn steps(
        &self,
        model: &M,
        place: &Place<M::State>,
        index: usize,
    ) -> impl Iterator<Item = (Place<M::State>, Taken<M::State>)> {
        let ways = match place.progress[index] {
            Progress::NotYet | Progress::Over => 0..0,
            Progress::Open => 0..self.ways.len(),
            Progress::On { way, .. } => usize::from(way)..usize::from(way) + 1,
        };
        let taken = match place.progress[index] {
            Progress::On { taken, .. } => taken,
            _ => 0,
        };
        let step = move |way: usize| {
            let state = match self.ways[way].get(usize::from(taken))? {
                Step::Takes(action) => model.next_state(&place.state, action.clone())?,
                Step::Refuses(action) => {
                    model.next_state(&place.state, action.clone()).is_none().then(|| place.state.clone())?
                }
                Step::Finds(holds) => holds(&place.state).then(|| place.state.clone())?,
            };
            let mut progress = place.progress.clone();
            progress[index] = Progress::On { way: u8::try_from(way).ok()?, taken: taken + 1 };
            let step = usize::from(taken);
            let taken = Taken { before: place.moment, call: index, way, step, state: state.clone() };
            Some((Place { moment: place.moment, progress, state }, taken))
        };
        ways.filter_map(step)
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

    /// The steps of the behaviour that explains these calls, or the call that none explains.
    fn explained(calls: &[Call<Queue>]) -> Result<Vec<(usize, usize, Vec<u8>)>, usize> {
        let told = |steps: Vec<Taken<Vec<u8>>>| steps.into_iter().map(|t| (t.before, t.call, t.state)).collect();
        explain(&Queue, calls).map(told).map_err(|unexplained| unexplained.call)
    }

    #[test]
    fn a_call_that_waits_has_begun_before_it_is_answered() {
        // The second asks while the first has it, and is answered when that has released.
        let calls = [acquires(1, 0, Some(1)), acquires(2, 2, Some(5)), releases(1, 3, 4)];
        let steps = [(1, 0, vec![1]), (1, 0, vec![1]), (3, 1, vec![1, 2]), (4, 2, vec![2]), (5, 1, vec![2])];
        assert_eq!(explained(&calls), Ok(steps.to_vec()));
        // It is answered before.
        let calls = [acquires(1, 0, Some(1)), acquires(2, 2, Some(3)), releases(1, 4, 5)];
        assert_eq!(explained(&calls), Err(1));
        // What it shows is how far it comes: the first has asked and is first.
        let steps = explain(&Queue, &calls).unwrap_err().steps;
        let calls: Vec<_> = steps.iter().map(|taken| (taken.before, taken.call, taken.step)).collect();
        assert_eq!(calls, [(1, 0, 0), (1, 0, 1)]);
    }

    #[test]
    fn who_comes_first_is_told_by_the_order_of_calls_that_do_not_overlap() {
        let fair = [acquires(1, 0, Some(1)), acquires(2, 2, Some(7)), acquires(3, 3, None), releases(1, 4, 5)];
        assert!(explained(&fair).is_ok());
        // The third was refused what the second could have had: so somebody else was first, who then is not there.
        let odd = [acquires(1, 0, Some(1)), releases(1, 2, 3), acquires(2, 4, Some(5)), is_refused(2, 6, 7)];
        assert_eq!(explained(&odd), Err(3));
    }

    #[test]
    fn a_call_without_a_response_may_have_happened_or_not() {
        for others in [acquires(2, 1, None), acquires(2, 1, None)] {
            assert!(explained(&[acquires(1, 0, Some(2)), others, releases(1, 3, 4)]).is_ok());
        }
        let calls = [acquires(2, 0, None), acquires(1, 1, Some(2)), is_refused(2, 3, 4)];
        assert!(explained(&calls).is_ok());
    }
}
