//! The recorded counts, by a checker that is not ours: Stateright's own finds as many states.

use proofmark_models::failover::Failover;
use proofmark_models::failure_detector::FailureDetector;
use proofmark_models::locks::lease::LeaseLock;
use proofmark_models::locks::naive::NaiveLock;
use proofmark_models::locks::service::LockService;
use proofmark_models::locks::table::LockTable;
use proofmark_models::paxos::Paxos;
use proofmark_models::paxos_commit::PaxosCommit;
use proofmark_models::problems::{
    consensus::Consensus, mutual_exclusion::MutualExclusion, ownership::Ownership, register::Register,
    replicated_log::ReplicatedLog, transaction_commit::TransactionCommit, voting::Voting,
};
use proofmark_models::raft::Raft;
use proofmark_models::sharding::Sharding;
use proofmark_models::single_decree_paxos::SingleDecreePaxos;
use proofmark_models::transactions::Transactions;
use proofmark_models::two_phase::TwoPhase;
use proofmark_vocabulary::{Catalogued, Constants, Counts, Profile};
use stateright::Checker;

/// Stateright stops once every property has an example or a counterexample, so it is asked only where none
/// is expected to fail: there the `always` properties keep it going.
fn holds<M: Catalogued>() {
    holds_up_to::<M>(u64::MAX);
}

/// Of the bounds with so many states at most: this checker is slow.
fn holds_up_to<M: Catalogued>(most: u64) {
    let complete = |bound: &proofmark_vocabulary::Bound| bound.profile == Profile::Ci && bound.expected.is_empty();
    let small = |bound: &proofmark_vocabulary::Bound| bound.counts.is_some_and(|counts| counts.distinct <= most);
    for bound in M::bounds().into_iter().filter(complete).filter(small) {
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
    holds::<ReplicatedLog>();
    holds::<Register>();
    holds::<Ownership>();
}

#[test]
fn algorithms_have_the_recorded_counts() {
    holds::<TwoPhase>();
    holds_up_to::<Transactions>(100_000);
    holds_up_to::<PaxosCommit>(100_000);
    holds::<SingleDecreePaxos>();
    holds::<Paxos>();
    holds::<NaiveLock>();
    holds::<LockTable>();
    holds_up_to::<LeaseLock>(30_000);
    holds_up_to::<LockService>(30_000);
    holds_up_to::<Sharding>(30_000);
    holds_up_to::<FailureDetector>(30_000);
    holds_up_to::<Failover>(30_000);
}

#[test]
fn raft_has_the_recorded_counts() {
    holds_up_to::<Raft>(500_000);
}
