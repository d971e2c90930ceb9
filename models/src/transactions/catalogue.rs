//! The constants of distributed transactions, and which fit together.

use super::Transactions;
use super::bounds;
use super::mutants::{Bug, MUTANTS};
use crate::problems::replicated_log::MOST_VALUES;
use proofmark_vocabulary::{Bound, Catalogued, Constant, ConstantError, Constants, Domain, Mutant};

impl Catalogued for Transactions {
    type Bug = Bug;

    const NAME: &'static str = "distributed-transactions";
    const ABOUT: &'static str = "Two-phase commit as it is shipped (Mohan, Lindsay and Obermarck, section 3; Gray and \
                                 Lamport, Consensus on Transaction Commit, section 3): transactions over shared locks, \
                                 presumed abort, and a coordinator that may be replicated on a log.";
    const MUTANTS: &'static [Mutant<Bug>] = MUTANTS;

    fn constants() -> Vec<Constant> {
        let number = |name, least, most, about| Constant { name, domain: Domain::Integer(least, most), about };
        let switch = |name, about| Constant { name, domain: Domain::Boolean, about };
        vec![
            number("transactions", 1, 3, "how many transactions clients begin"),
            number("participants", 1, 3, "how many participants there are, each with one key"),
            number("coordinators", 1, 3, "how many replicas the coordinator has"),
            number("crashes", 0, 3, "how often a node may crash"),
            number("suspicions", 0, 2, "how often a leader may be suspected wrongly"),
            switch("read-only", "whether a participant may vote that it has only read"),
            switch("one-phase", "whether a transaction of one participant leaves the decision to it"),
        ]
    }

    fn bounds() -> Vec<Bound> {
        bounds::all()
    }

    fn new(constants: &Constants, bug: Option<Bug>) -> Result<Self, ConstantError> {
        let [transactions, participants, coordinators] =
            ["transactions", "participants", "coordinators"].map(|name| constants.number(name));
        let [crashes, suspicions] = ["crashes", "suspicions"].map(|name| constants.number(name) as u8);
        let (read_only, one_phase) = (constants.is("read-only"), constants.is("one-phase"));
        let m = Self { transactions, participants, coordinators, crashes, suspicions, read_only, one_phase, bug };
        if coordinators == 1 && suspicions > 0 {
            return Err(ConstantError::new("a single coordinator has nobody to suspect it: it has no `suspicions`"));
        }
        if m.length() > MOST_VALUES {
            return Err(ConstantError::new(format!(
                "the log of {transactions} transactions, {crashes} crashes and {suspicions} suspicions may come to \
                 have {} entries: it has room for {MOST_VALUES}, two a transaction and one for each reign",
                m.length()
            )));
        }
        Ok(m)
    }
}
