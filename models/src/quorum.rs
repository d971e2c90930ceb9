//! The quorums of the models that vote: all sets of one size.

use proofmark_vocabulary::{Constant, ConstantError, Constants, Domain};

/// The constant that says how many acceptors are a quorum.
pub(crate) const QUORUM: Constant = Constant {
    name: "quorum",
    domain: Domain::Choice(&["majority", "1", "2", "3", "4", "5"]),
    about: "how many acceptors are a quorum",
};

/// The size of a quorum of `acceptors`.
///
/// # Errors
/// When two quorums may not meet, or there is none. This is the one assumption that Voting and Paxos make of
/// their constants (Lamport: `QuorumAssumption`), and it is checked here, once.
pub(crate) fn quorum_of(acceptors: usize, constants: &Constants) -> Result<usize, ConstantError> {
    let majority = acceptors / 2 + 1;
    let quorum = constants.choice(QUORUM.name).parse().unwrap_or(majority);
    if (majority..=acceptors).contains(&quorum) {
        return Ok(quorum);
    }
    Err(ConstantError::new(format!(
        "`quorum` cannot be {quorum} of {acceptors} acceptors: any two quorums must have an acceptor in common, so it \
         is a number from {majority} to {acceptors}"
    )))
}
