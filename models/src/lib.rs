//! What must be true: problems, and the algorithms that solve them, as models that a checker explores.
//!
//! A problem says *what*: [`problems::consensus`] fits on a page. An algorithm says *how*, and at its foot
//! stands the refinement: the problem's state that each of its own stands for. So trust goes downwards, from
//! a page that one can read to an algorithm that one cannot keep in mind whole:
//!
//! ```text
//! consensus  <-  voting  <-  single-decree-paxos
//! replicated-log         <-  paxos
//! replicated-log         <-  raft
//! register               <-  raft, its reads
//! transaction-commit     <-  two-phase-commit
//! transaction-commit     <-  distributed-transactions, transaction by transaction
//! replicated-log         <-  distributed-transactions, its coordinator
//! transaction-commit     <-  paxos-commit
//! transaction-commit     <-  failover, its participants
//! mutual-exclusion       <-  lock-table, key by key
//! mutual-exclusion       <-  failover, its lock
//! mutual-exclusion       <-  lease-lock, with sequencers
//! mutual-exclusion       <-  lock-service
//! mutual-exclusion       <-  naive-lock, where nothing breaks it
//! replicated-log         <-  lock-service, what its masters know
//! ownership              <-  sharding
//!                            failure-detector, which refines nothing: it may be wrong for as long as it likes
//! ```
//!
//! Every model has the same sections in the same order, a large one in files of their own: source and omissions,
//! constants, variables, actions, a function for each action with its guard and its effect, properties, bugs and
//! mutants, bounds with what an exhaustive search of them finds, and the refinement. A guard has a name, so that the
//! explorer can say why an action is not enabled and a mutant can drop it. [`Map`] and the vocabulary's `BitSet` keep a
//! state in a few words of memory: states are visited by the hundred million.
//!
//! No model knows the code that it is compared with: see the mappings of the root package.

mod drawn;
pub mod failover;
pub mod failure_detector;
mod few;
mod guard;
pub mod locks {
    //! Locks: first the ones that fail, then leases, then a service of several masters and the table of one process.
    pub mod lease;
    pub mod naive;
    pub mod service;
    pub mod table;
}
mod map;
mod parts;
pub mod paxos;
pub mod paxos_commit;
pub mod problems {
    //! Problems: the top of every refinement chain.
    pub mod consensus;
    pub mod mutual_exclusion;
    pub mod ownership;
    pub mod register;
    pub mod replicated_log;
    pub mod transaction_commit;
    pub mod voting;
}
mod quorum;
pub mod raft;
pub mod sharding;
pub mod single_decree_paxos;
pub mod transactions;
pub mod two_phase;

pub use few::Few;
pub use map::{Map, Small, Word};
