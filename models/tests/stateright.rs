//! The recorded counts, by a checker that is not ours: Stateright's own finds as many states.

use proofmark_models::locks::naive::NaiveLock;
use proofmark_models::locks::table::LockTable;
use proofmark_models::paxos::Paxos;
use proofmark_models::problems::{
    consensus::Consensus, mutual_exclusion::MutualExclusion, transaction_commit::TransactionCommit, voting::Voting,
};
use proofmark_models::two_phase::TwoPhase;
use proofmark_vocabulary::{Catalogued, Constants, Counts, Profile};
use stateright::Checker;

/// Stateright stops once every property has an example or a counterexample, so it is asked only where none
/// is expected to fail: there the `always` properties keep it going.
fn holds<M: Catalogued>() {
    let complete = |bound: &proofmark_vocabulary::Bound| bound.profile == Profile::Ci && bound.expected.is_empty();
    for bound in M::bounds().into_iter().filter(complete) {
        let constants = Constants::choose(&M::constants(), &bound.constants, []).unwrap();
        let found = M::new(&constants, None).unwrap().checker().spawn_bfs().join();
        let [generated, distinct, depth] =
            [found.state_count(), found.unique_state_count(), found.max_depth()].map(|n| u64::try_from(n).unwrap());
        assert_eq!(bound.counts, Some(Counts { generated, distinct, depth }), "{} at {}", M::NAME, bound.name);
        found.assert_properties();
    }
}

#[test]
fn problems_have_the_recorded_counts() {
    holds::<Consensus>();
    holds::<Voting>();
    holds::<TransactionCommit>();
    holds::<MutualExclusion>();
}

#[test]
fn algorithms_have_the_recorded_counts() {
    holds::<TwoPhase>();
    holds::<Paxos>();
    holds::<NaiveLock>();
    holds::<LockTable>();
}
