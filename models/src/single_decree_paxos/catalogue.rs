//! Paxos's bugs and mutants, and its bounds.

use super::{Guard, Messages, SingleDecreePaxos};
use crate::quorum::{QUORUM, quorum_of};
use proofmark_vocabulary::{
    Bound, Catalogued, Constant, ConstantError, Constants, Counts, Domain, Mutant, Profile, PropertySet,
};

/// What can be planted in the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bug {
    /// A guard is dropped.
    Drop(Guard),
    /// A promise does not say which ballot it is for, so one for an earlier ballot is counted.
    StalePromiseCounted,
    /// An acceptor restarts with an empty log.
    LogLost,
    /// An acceptor's record has one place for `maxBal` and `maxVBal`, and the second overwrites the first.
    BalOverwritten,
    /// The promises of so few are enough that they may miss a quorum.
    SmallPrepareQuorum,
    /// An acceptor accepts only what it has promised.
    AcceptNeedsEqualBallot,
    /// A promise reports nothing.
    ReportsNothing,
    /// A proposer takes over any value that is reported to it.
    AdoptsAnyReport,
}

/// The property of whole behaviours, whose check keeps the graph of all steps.
const LIVENESS: &[&str] = &["a lone proposer gets a value chosen"];

impl Catalogued for SingleDecreePaxos {
    type Bug = Bug;

    const NAME: &'static str = "single-decree-paxos";
    const ABOUT: &'static str = "Paxos (Lamport, Paxos.tla; Paxos Made Simple, section 2.2): one value is chosen by \
                                 acceptors that exchange messages.";
    const MUTANTS: &'static [Mutant<Bug>] = &[
        Mutant {
            name: "paxos-stale-promise-counted",
            bug: Bug::StalePromiseCounted,
            bound: "ci",
            property: "agreement",
            lesson: "a promise is for one ballot, and says for which (luohaha/MyPaxos#18)",
        },
        Mutant {
            name: "paxos-acceptor-log-loss",
            bug: Bug::LogLost,
            bound: "ci",
            property: "agreement",
            lesson: "an acceptor that has lost its log is another acceptor (palantir/atlasdb#1504)",
        },
        Mutant {
            name: "paxos-bal-overwritten-by-vbal",
            bug: Bug::BalOverwritten,
            bound: "ci",
            property: "durable promises never fall",
            lesson: "promised and accepted ballots are two things to write (specula-org, epaxos bug family 5)",
        },
        Mutant {
            name: "paxos-ballot-not-persisted",
            bug: Bug::Drop(Guard::NothingProposed),
            bound: "ci",
            property: "one value per ballot",
            lesson: "a proposer that comes back takes a ballot that it has not used (haraldng/omnipaxos#117)",
        },
        Mutant {
            name: "dpaxos-quorum-safety",
            bug: Bug::SmallPrepareQuorum,
            bound: "ci",
            property: "agreement",
            lesson: "every quorum that promises meets every quorum that accepts (Whittaker et al., JSys 2021)",
        },
        Mutant {
            name: "paxos-accept-needs-equal-ballot",
            bug: Bug::AcceptNeedsEqualBallot,
            bound: "ci",
            property: "a lone proposer gets a value chosen",
            lesson: "to accept in a ballot is to promise it (luohaha/MyPaxos#19)",
        },
        Mutant {
            name: "reports-nothing",
            bug: Bug::ReportsNothing,
            bound: "ci",
            property: "agreement",
            lesson: "a promise that hides what was accepted lets another value be chosen",
        },
        Mutant {
            name: "adopts-any-report",
            bug: Bug::AdoptsAnyReport,
            bound: "three-ballots",
            property: "agreement",
            lesson: "of the values reported only the one of the greatest ballot may have been chosen",
        },
        Mutant {
            name: "drop-prepare-sent",
            bug: Bug::Drop(Guard::PrepareSent),
            bound: "ci",
            property: "a ballot begins before it is voted in",
            lesson: "an acceptor answers; it does not begin",
        },
        Mutant {
            name: "drop-above-promise",
            bug: Bug::Drop(Guard::AbovePromise),
            bound: "ci",
            property: "durable promises never fall",
            lesson: "a late prepare takes no promise back",
        },
        Mutant {
            name: "drop-nothing-proposed",
            bug: Bug::Drop(Guard::NothingProposed),
            bound: "ci",
            property: "agreement",
            lesson: "a ballot proposes one value",
        },
        Mutant {
            name: "drop-quorum-promised",
            bug: Bug::Drop(Guard::QuorumPromised),
            bound: "ci",
            property: "agreement",
            lesson: "who has not asked a quorum does not know what may be chosen",
        },
        Mutant {
            name: "drop-highest-accepted",
            bug: Bug::Drop(Guard::HighestAccepted),
            bound: "ci",
            property: "agreement",
            lesson: "a proposer is not free to propose its own value",
        },
        Mutant {
            name: "drop-accept-sent",
            bug: Bug::Drop(Guard::AcceptSent),
            bound: "ci",
            property: "validity",
            lesson: "an acceptor makes up no value",
        },
        Mutant {
            name: "drop-not-below-promise",
            bug: Bug::Drop(Guard::NotBelowPromise),
            bound: "ci",
            property: "agreement",
            lesson: "what was promised away is not accepted any more",
        },
    ];

    fn constants() -> Vec<Constant> {
        vec![
            Constant { name: "acceptors", domain: Domain::Integer(1, 5), about: "how many acceptors there are" },
            Constant { name: "values", domain: Domain::Integer(1, 3), about: "how many values there are to propose" },
            Constant { name: "ballots", domain: Domain::Integer(1, 4), about: "how many ballots there are, from 0" },
            QUORUM,
        ]
    }

    fn bounds() -> Vec<Bound> {
        let bound = |name, about, profile, ballots: i64, properties, counts| Bound {
            name,
            about,
            profile,
            constants: vec![
                ("acceptors", 3_i64.into()),
                ("values", 2_i64.into()),
                ("ballots", ballots.into()),
                ("quorum", "majority".into()),
            ],
            properties,
            expected: &[],
            counts: Some(counts),
        };
        let safety = PropertySet::AllBut(LIVENESS);
        let two = Counts { generated: 22_995, distinct: 3_921, depth: 17 };
        let four = Counts { generated: 67_903_141, distinct: 8_220_065, depth: 33 };
        let three = Counts { generated: 1_316_584, distinct: 185_369, depth: 25 };
        vec![
            bound("ci", "the published bound, liveness included", Profile::Ci, 2, PropertySet::All, two),
            bound("textbook", "the published bound, safety alone", Profile::Ci, 2, safety, two),
            bound("three-ballots", "a choice passes through a ballot in between", Profile::Ci, 3, safety, three),
            bound("deep", "four ballots", Profile::Deep, 4, safety, four),
        ]
    }

    fn new(constants: &Constants, bug: Option<Bug>) -> Result<Self, ConstantError> {
        let [acceptors, values, ballots] = ["acceptors", "values", "ballots"].map(|name| constants.number(name));
        let model = Self { acceptors, values, ballots, quorum: quorum_of(acceptors, constants)?, bug };
        let messages = model.first_of(acceptors);
        if messages <= Messages::CAPACITY {
            return Ok(model);
        }
        Err(ConstantError::new(format!(
            "{acceptors} acceptors can send {messages} messages about {values} values in {ballots} ballots, and the \
             model has room for {}: take fewer of one of them",
            Messages::CAPACITY
        )))
    }
}
