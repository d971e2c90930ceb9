//! One row a protocol.

use crate::mappings;
use proofmark_harness::registry::Registry;
use proofmark_models::failover::Failover;
use proofmark_models::failure_detector::FailureDetector;
use proofmark_models::locks::lease::LeaseLock;
use proofmark_models::locks::naive::NaiveLock;
use proofmark_models::locks::service::LockService;
use proofmark_models::locks::table::LockTable;
use proofmark_models::paxos::Paxos;
use proofmark_models::paxos_commit::PaxosCommit;
use proofmark_models::problems::consensus::Consensus;
use proofmark_models::problems::mutual_exclusion::MutualExclusion;
use proofmark_models::problems::ownership::Ownership;
use proofmark_models::problems::register::Register;
use proofmark_models::problems::replicated_log::ReplicatedLog;
use proofmark_models::problems::transaction_commit::TransactionCommit;
use proofmark_models::problems::voting::Voting;
use proofmark_models::raft::Raft;
use proofmark_models::sharding::Sharding;
use proofmark_models::single_decree_paxos::SingleDecreePaxos;
use proofmark_models::transactions::Transactions;
use proofmark_models::two_phase::TwoPhase;

/// Every model and every system that we ship.
pub fn registry() -> Registry {
    Registry::new()
        .model::<Consensus>()
        .model::<Voting>()
        .model::<SingleDecreePaxos>()
        .model::<ReplicatedLog>()
        .model::<Register>()
        .model::<Paxos>()
        .model::<Raft>()
        .model::<TransactionCommit>()
        .model::<TwoPhase>()
        .model::<Transactions>()
        .model::<PaxosCommit>()
        .model::<MutualExclusion>()
        .model::<NaiveLock>()
        .model::<LeaseLock>()
        .model::<LockService>()
        .model::<LockTable>()
        .model::<Ownership>()
        .model::<Sharding>()
        .model::<FailureDetector>()
        .model::<Failover>()
        .system::<mappings::two_phase::TwoPhase>()
        .system::<mappings::lock_table::LockTable>()
}
