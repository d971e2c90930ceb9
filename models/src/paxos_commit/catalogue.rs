//! Paxos Commit's bugs and mutants, and its bounds.

use super::properties::{LIVENESS, NON_BLOCKING};
use super::{Guard, Messages, PaxosCommit};
use proofmark_vocabulary::{
    Bound, Catalogued, Constant, ConstantError, Constants, Counts, Domain, Mutant, Profile, PropertySet,
};

/// What can be planted in the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bug {
    /// A guard is dropped.
    Drop(Guard),
    /// A leader of a later ballot proposes `Aborted` and looks at no promise.
    PresumesAbort,
    /// A leader proposes what is reported in the least ballot.
    AdoptsLowestReport,
    /// A promise reports nothing.
    ReportsNothing,
    /// A leader that is told of nothing waits for the resource manager, and proposes nothing.
    WaitsForTheManager,
    /// A leader takes what a minority has accepted for chosen.
    MinorityDecides,
    /// A leader aborts when it has waited for too long, without an instance to say so.
    AbortsOnSilence,
    /// A resource manager that is prepared aborts on its own.
    HeuristicDecision,
    /// An acceptor restarts with an empty disk.
    AcceptorForgets,
    /// An acceptor writes down what it accepts, and not what it promises.
    PromiseInMemory,
    /// A resource manager that is prepared restarts as one that is working.
    VoteInMemory,
}

impl Catalogued for PaxosCommit {
    type Bug = Bug;

    const NAME: &'static str = "paxos-commit";
    const ABOUT: &'static str = "Paxos Commit (Gray and Lamport, Consensus on Transaction Commit, section 4): each \
                                 resource manager's vote is the value of a Paxos instance, so no crash of a leader \
                                 blocks.";
    const MUTANTS: &'static [Mutant<Bug>] = &[
        Mutant {
            name: "presumes-abort",
            bug: Bug::PresumesAbort,
            bound: "ci",
            property: "agreement",
            lesson: "a leader may propose Aborted only where no promise reports a vote",
        },
        Mutant {
            name: "adopts-lowest-report",
            bug: Bug::AdoptsLowestReport,
            bound: "three-ballots",
            property: "agreement",
            lesson: "of the votes reported only that of the greatest ballot may have been chosen",
        },
        Mutant {
            name: "reports-nothing",
            bug: Bug::ReportsNothing,
            bound: "ci",
            property: "agreement",
            lesson: "a promise that hides what was accepted lets a leader abort what has committed",
        },
        Mutant {
            name: "waits-for-the-manager",
            bug: Bug::WaitsForTheManager,
            bound: "ci",
            property: "AC5 termination",
            lesson: "an instance of which nothing is known is finished with Aborted, or its manager blocks all",
        },
        Mutant {
            name: "minority-decides",
            bug: Bug::MinorityDecides,
            bound: "bundled",
            property: "AC1 agreement",
            lesson: "what a minority has accepted the next leader need not hear of",
        },
        Mutant {
            name: "aborts-on-silence",
            bug: Bug::AbortsOnSilence,
            bound: "bundled",
            property: "AC1 agreement",
            lesson: "a leader that times out begins a ballot; a coordinator of two-phase commit may just abort",
        },
        Mutant {
            name: "2pc-heuristic-decision",
            bug: Bug::HeuristicDecision,
            bound: "bundled",
            property: "AC1 agreement",
            lesson: "who is in doubt may not decide alone (scalar-labs/btm#59)",
        },
        Mutant {
            name: "paxos-acceptor-log-loss",
            bug: Bug::AcceptorForgets,
            bound: "ci",
            property: "agreement",
            lesson: "an acceptor that has lost its log is another acceptor (palantir/atlasdb#1504)",
        },
        Mutant {
            name: "promise-in-memory",
            bug: Bug::PromiseInMemory,
            bound: "ci",
            property: "agreement",
            lesson: "a promise is written down before it is given",
        },
        Mutant {
            name: "2pc-prepared-state-in-memory",
            bug: Bug::VoteInMemory,
            bound: "ci",
            property: "agreement",
            lesson: "a vote is durable before it is told (MartinKalema/horizontal-scaling-convex#101)",
        },
        Mutant {
            name: "drop-working-to-prepare",
            bug: Bug::Drop(Guard::WorkingToPrepare),
            bound: "ci",
            property: "AC2 stability",
            lesson: "who has finished has no vote",
        },
        Mutant {
            name: "drop-working-to-abort",
            bug: Bug::Drop(Guard::WorkingToAbort),
            bound: "ci",
            property: "a vote is stable",
            lesson: "in ballot 0 a resource manager proposes once",
        },
        Mutant {
            name: "drop-commit-sent",
            bug: Bug::Drop(Guard::CommitSent),
            bound: "ci",
            property: "AC3 commit validity",
            lesson: "to be prepared is not to be told",
        },
        Mutant {
            name: "drop-abort-sent",
            bug: Bug::Drop(Guard::AbortSent),
            bound: "ci",
            property: "AC3 abort validity",
            lesson: "who is in doubt waits for a leader",
        },
        Mutant {
            name: "drop-prepare-sent",
            bug: Bug::Drop(Guard::PrepareSent),
            bound: "ci",
            property: "a ballot begins before it is promised",
            lesson: "an acceptor answers; it does not begin",
        },
        Mutant {
            name: "drop-above-promise",
            bug: Bug::Drop(Guard::AbovePromise),
            bound: "three-ballots",
            property: "agreement",
            lesson: "a late prepare takes no promise back",
        },
        Mutant {
            name: "drop-nothing-proposed",
            bug: Bug::Drop(Guard::NothingProposed),
            bound: "ci",
            property: "agreement",
            lesson: "a ballot proposes one value in an instance",
        },
        Mutant {
            name: "drop-majority-promised",
            bug: Bug::Drop(Guard::MajorityPromised),
            bound: "ci",
            property: "agreement",
            lesson: "who has not asked a majority does not know what may be chosen",
        },
        Mutant {
            name: "drop-accept-sent",
            bug: Bug::Drop(Guard::AcceptSent),
            bound: "ci",
            property: "validity",
            lesson: "an acceptor makes up no vote",
        },
        Mutant {
            name: "drop-not-below-promise",
            bug: Bug::Drop(Guard::NotBelowPromise),
            bound: "ci",
            property: "agreement",
            lesson: "a vote that comes after the promise comes too late",
        },
        Mutant {
            name: "drop-every-instance-prepared",
            bug: Bug::Drop(Guard::EveryInstancePrepared),
            bound: "ci",
            property: "AC3 commit validity",
            lesson: "a commit needs every vote",
        },
        Mutant {
            name: "drop-some-instance-aborted",
            bug: Bug::Drop(Guard::SomeInstanceAborted),
            bound: "ci",
            property: "AC3 abort validity",
            lesson: "an abort needs a reason that a majority has accepted",
        },
        Mutant {
            name: "drop-up",
            bug: Bug::Drop(Guard::Up),
            bound: "ci",
            property: "who is down does nothing",
            lesson: "a crash stops everything",
        },
        Mutant {
            name: "drop-down",
            bug: Bug::Drop(Guard::Down),
            bound: "ci",
            property: "who is down does nothing",
            lesson: "who is up has nothing to recover from",
        },
    ];

    fn constants() -> Vec<Constant> {
        let bundled = "whether a leader and an acceptor treat all instances at once in phase 1 and phase 2a";
        let managers = "how many resource managers there are";
        vec![
            Constant { name: "managers", domain: Domain::Integer(1, 3), about: managers },
            Constant { name: "acceptors", domain: Domain::Integer(1, 5), about: "how many acceptors there are" },
            Constant { name: "ballots", domain: Domain::Integer(2, 4), about: "how many ballots there are, from 0" },
            Constant { name: "bundled", domain: Domain::Boolean, about: bundled },
            Constant { name: "crashes", domain: Domain::Integer(0, 3), about: "how often a node may crash" },
        ]
    }

    fn bounds() -> Vec<Bound> {
        let bound = |name, about, budget: [i64; 4], bundled: bool, properties, found: [u64; 3]| Bound {
            name,
            about,
            profile: if ["deep", "crash", "three-managers", "five-acceptors"].contains(&name) {
                Profile::Deep
            } else {
                Profile::Ci
            },
            constants: vec![
                ("managers", budget[0].into()),
                ("acceptors", budget[1].into()),
                ("ballots", budget[2].into()),
                ("bundled", bundled.into()),
                ("crashes", budget[3].into()),
            ],
            properties,
            expected: if ["majority-down", "pair"].contains(&name) { &[NON_BLOCKING] } else { &[] },
            counts: Some(Counts { generated: found[0], distinct: found[1], depth: found[2] }),
        };
        let (all, safety) = (PropertySet::All, PropertySet::AllBut(LIVENESS));
        let [ci, textbook, bundled] = [[1, 3, 2, 1], [2, 3, 2, 0], [2, 3, 2, 0]];
        let [ballots, crash, down] = [[1, 3, 3, 0], [2, 3, 2, 1], [1, 3, 2, 2]];
        let pair = [2, 2, 2, 1];
        let [five, managers, deep] = [[1, 5, 2, 2], [3, 3, 2, 0], [2, 3, 2, 2]];
        vec![
            bound("ci", "one instance, and any node may crash", ci, true, all, [76_411, 10_227, 17]),
            bound("textbook", "the published bound", textbook, false, safety, [15_242_979, 1_321_761, 28]),
            bound("bundled", "a promise is for both instances", bundled, true, all, [2_158_572, 221_865, 23]),
            bound("three-ballots", "a ballot comes in between", ballots, true, safety, [499_251, 66_893, 23]),
            bound("pair", "two instances, two acceptors: both are a majority", pair, true, all, [172_796, 21_777, 20]),
            bound("crash", "two instances, and any node may crash", crash, true, all, [19_389_408, 1_774_920, 25]),
            bound("majority-down", "two of three acceptors may crash", down, true, all, [267_188, 33_603, 19]),
            bound("five-acceptors", "two of five may crash", five, true, safety, [31_906_215, 2_960_390, 25]),
            bound("three-managers", "three instances", managers, true, safety, [597_106_342, 43_610_697, 31]),
            bound("deep", "two instances and two crashes", deep, true, safety, [74_358_284, 6_655_950, 27]),
        ]
    }

    fn new(constants: &Constants, bug: Option<Bug>) -> Result<Self, ConstantError> {
        let [managers, acceptors] = ["managers", "acceptors"].map(|name| constants.number(name));
        let [ballots, crashes] =
            ["ballots", "crashes"].map(|name| u8::try_from(constants.number(name)).unwrap_or(u8::MAX));
        let model = Self { managers, acceptors, ballots, bundled: constants.is("bundled"), crashes, bug };
        let messages = model.messages();
        if messages <= Messages::CAPACITY {
            return Ok(model);
        }
        Err(ConstantError::new(format!(
            "{managers} resource managers, {acceptors} acceptors and {ballots} ballots make {messages} messages, and the \
             model has room for {}: take fewer of one of them",
            Messages::CAPACITY
        )))
    }
}
