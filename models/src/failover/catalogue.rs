//! The bugs and mutants of failover, and its bounds.

use super::properties::{AT_RESOURCE, AT_SERVER, HARMLESS, LIVENESS, NON_BLOCKING};
use super::{Failover, Guard};
use proofmark_vocabulary::{
    Bound, Catalogued, Constant, ConstantError, Constants, Counts, Domain, Mutant, Profile, PropertySet,
};

/// What can be planted in the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bug {
    /// A guard is dropped.
    Drop(Guard),
    /// A master tells a client of its grant before the log has it.
    AsyncFailover,
    /// A master that is refused takes its grant for given.
    IgnoresTheRefusal,
    /// A master that restarts goes on in its term, with nothing in memory.
    ResumesItsTerm,
    /// A client that has ever given the lock back is taken to give it back now.
    ReleaseNamesNoHolding,
    /// A coordinator tells a decision before the log has it.
    TellsBeforeTheLog,
    /// A coordinator that knows of no decision tells all to abort.
    PresumesAbort,
    /// A master numbers its grants from its own memory, and not from the log.
    SequencerFromMemory,
    /// A new coordinator decides no transaction that began under another.
    CoordinatorCrashBlocks,
}

const fn mutant(
    (name, bug): (&'static str, Bug),
    bound: &'static str,
    property: &'static str,
    lesson: &'static str,
) -> Mutant<Bug> {
    Mutant { name, bug, bound, property, lesson }
}

impl Catalogued for Failover {
    type Bug = Bug;

    const NAME: &'static str = "failover";
    const ABOUT: &'static str = "Failover of a lock's master and of a transaction's coordinator on suspicion, right or \
                                 wrong, over a replicated log (Burrows, Chubby, sections 2.4 and 2.9; Gray and Lamport, \
                                 section 4): no wrong suspicion breaks either.";
    const MUTANTS: &'static [Mutant<Bug>] = &[
        mutant(
            ("lock-async-failover-loses-lock", Bug::AsyncFailover),
            "lock",
            AT_RESOURCE,
            "a grant that the next master does not find is given twice (mike-marcacci/node-redlock#16)",
        ),
        mutant(
            ("ignores-the-refusal", Bug::IgnoresTheRefusal),
            "lock",
            AT_RESOURCE,
            "a deposed master that grants from memory grants what another has granted",
        ),
        mutant(
            ("resumes-its-term", Bug::ResumesItsTerm),
            "lock",
            AT_SERVER,
            "a master that restarts knows nothing, so it begins a term and reads the log",
        ),
        mutant(
            ("release-names-no-holding", Bug::ReleaseNamesNoHolding),
            "lock",
            "only the owner releases",
            "a late release must not end a later holding, though it is the same client's",
        ),
        mutant(
            ("sequencer-from-memory", Bug::SequencerFromMemory),
            "lock",
            "sequencers grow between conflicting holdings",
            "a new master that counts from nothing gives out a sequencer again",
        ),
        mutant(
            ("tells-before-the-log", Bug::TellsBeforeTheLog),
            "transaction",
            "AC1 agreement",
            "a decision that the next coordinator does not find it may decide otherwise",
        ),
        mutant(
            ("presumes-abort", Bug::PresumesAbort),
            "transaction",
            "AC1 agreement",
            "to know of no decision is not to know that there is none: read the log",
        ),
        mutant(
            ("2pc-coordinator-crash-blocks", Bug::CoordinatorCrashBlocks),
            "transaction",
            NON_BLOCKING,
            "whoever takes over also finishes what it did not begin (atomix/atomix#360)",
        ),
        mutant(
            ("drop-master-suspected", Bug::Drop(Guard::MasterSuspected)),
            "lock",
            "only a suspected master is replaced",
            "who takes over at will deposes for nothing",
        ),
        mutant(
            ("drop-log-read", Bug::Drop(Guard::LogRead)),
            "lock",
            AT_SERVER,
            "a new master that has not read the log grants what is held",
        ),
        mutant(("drop-lock-free", Bug::Drop(Guard::LockFree)), "lock", AT_SERVER, "this is what a lock is for"),
        mutant(
            ("drop-asked", Bug::Drop(Guard::Asked)),
            "lock",
            "only who waits is granted the lock",
            "who does not wait does not know that it should give the lock back",
        ),
        mutant(
            ("drop-given-back", Bug::Drop(Guard::GivenBack)),
            "lock",
            "only the owner releases",
            "a holding ends when its client says so",
        ),
        mutant(
            ("drop-holder-suspected", Bug::Drop(Guard::HolderSuspected)),
            "lock",
            "only a suspected holder loses the lock",
            "nobody is robbed of the lock without a suspicion",
        ),
        mutant(
            ("drop-every-vote-yes", Bug::Drop(Guard::EveryVoteYes)),
            "transaction",
            "AC3 commit validity",
            "a commit needs every vote, whoever coordinates",
        ),
        mutant(
            ("drop-refused-or-suspected", Bug::Drop(Guard::RefusedOrSuspected)),
            "transaction",
            "AC3 abort validity",
            "an abort needs a reason",
        ),
        mutant(
            ("drop-term-current", Bug::Drop(Guard::TermCurrent)),
            "wrong",
            HARMLESS,
            "the log fences off a deposed master, which does not know that it is one",
        ),
        mutant(
            ("drop-term-past", Bug::Drop(Guard::TermPast)),
            "lock",
            "only a deposed master is refused",
            "a master that is refused steps down",
        ),
        mutant(
            ("drop-grant-on-record", Bug::Drop(Guard::GrantOnRecord)),
            "lock",
            AT_SERVER,
            "a master tells a grant when the log has it",
        ),
        mutant(
            ("drop-decision-on-record", Bug::Drop(Guard::DecisionOnRecord)),
            "transaction",
            "AC3 commit validity",
            "a coordinator tells a decision when the log has it",
        ),
        mutant(
            ("drop-grant-told", Bug::Drop(Guard::GrantTold)),
            "lock",
            AT_SERVER,
            "a client holds the lock when it was told so",
        ),
        mutant(
            ("drop-new-to-client", Bug::Drop(Guard::NewToClient)),
            "lock",
            AT_SERVER,
            "a late grant is of a holding that is over",
        ),
        mutant(
            ("drop-sequencer-not-past", Bug::Drop(Guard::SequencerNotPast)),
            "lock",
            AT_RESOURCE,
            "a client that was suspected wrongly does not know: the resource looks at the sequencer",
        ),
        mutant(
            ("drop-working-to-prepare", Bug::Drop(Guard::WorkingToPrepare)),
            "transaction",
            "AC2 stability",
            "who has finished has no vote",
        ),
        mutant(
            ("drop-working-to-abort", Bug::Drop(Guard::WorkingToAbort)),
            "transaction",
            "AC2 stability",
            "who has committed cannot refuse any more",
        ),
        mutant(
            ("drop-outcome-told", Bug::Drop(Guard::OutcomeTold)),
            "transaction",
            "AC3 commit validity",
            "who is in doubt waits for a coordinator",
        ),
        mutant(("drop-up", Bug::Drop(Guard::Up)), "lock", "who is down does nothing", "a crash stops everything"),
        mutant(
            ("drop-down", Bug::Drop(Guard::Down)),
            "lock",
            "who is down does nothing",
            "who is up has nothing to recover from",
        ),
    ];

    fn constants() -> Vec<Constant> {
        let constant = |name, least, most, about| Constant { name, domain: Domain::Integer(least, most), about };
        vec![
            constant("nodes", 1, 3, "how many nodes may be the master"),
            constant("clients", 0, 3, "how many clients use the lock; 0 for no lock"),
            constant("participants", 0, 3, "how many participants the transaction has; 0 for no transaction"),
            constant("requests", 0, 3, "how often a client may ask for the lock"),
            constant("wrong", 0, 3, "how often somebody may be suspected who is up"),
            constant("crashes", 0, 2, "how often somebody may crash"),
        ]
    }

    fn bounds() -> Vec<Bound> {
        let bound = |name, about, budget: [i64; 6], properties, found: [u64; 3]| Bound {
            name,
            about,
            profile: if name.starts_with("deep") { Profile::Deep } else { Profile::Ci },
            constants: ["nodes", "clients", "participants", "requests", "wrong", "crashes"]
                .into_iter()
                .zip(budget)
                .map(|(name, value)| (name, value.into()))
                .collect(),
            properties,
            expected: if ["single", "restart"].contains(&name) { &[NON_BLOCKING] } else { &[] },
            counts: Some(Counts { generated: found[0], distinct: found[1], depth: found[2] }),
        };
        let (all, safety) = (PropertySet::All, PropertySet::AllBut(LIVENESS));
        vec![
            bound(
                "ci",
                "a lock and a transaction, and a wrong suspicion",
                [2, 1, 1, 1, 1, 0],
                all,
                [15_380, 3_607, 23],
            ),
            bound("crash", "the same, and any may crash", [2, 1, 1, 1, 1, 1], all, [483_401, 104_725, 31]),
            bound("lock", "the lock of two clients", [2, 2, 0, 2, 1, 1], all, [355_833, 114_267, 33]),
            bound("transaction", "a transaction of two", [2, 0, 2, 0, 2, 1], all, [146_852, 32_887, 21]),
            bound("wrong", "every suspicion is wrong", [2, 2, 0, 2, 2, 0], all, [180_040, 58_056, 34]),
            bound("three-nodes", "who takes over is not given", [3, 2, 0, 2, 1, 1], all, [1_126_449, 323_023, 33]),
            bound("single", "nobody is there to take over", [1, 0, 2, 0, 0, 1], all, [1_366, 456, 12]),
            bound("restart", "both nodes may crash", [2, 0, 2, 0, 1, 2], all, [260_359, 57_072, 23]),
            bound("both", "lock and transaction side by side", [2, 2, 2, 1, 1, 1], safety, [5_328_148, 912_927, 33]),
            bound(
                "deep",
                "three requests, two wrong suspicions",
                [2, 2, 0, 3, 2, 1],
                safety,
                [50_463_927, 14_470_594, 49],
            ),
            bound("deep-both", "both, and two requests", [2, 2, 2, 2, 1, 1], safety, [60_445_110, 9_903_628, 41]),
        ]
    }

    fn new(constants: &Constants, bug: Option<Bug>) -> Result<Self, ConstantError> {
        let [nodes, clients, participants] = ["nodes", "clients", "participants"].map(|name| constants.number(name));
        let [requests, wrong, crashes] =
            ["requests", "wrong", "crashes"].map(|name| u8::try_from(constants.number(name)).unwrap_or(u8::MAX));
        if clients == 0 && participants == 0 {
            return Err(ConstantError::new(
                "there is neither a lock nor a transaction: take `clients` or `participants`",
            ));
        }
        if (clients == 0) != (requests == 0) {
            return Err(ConstantError::new(format!(
                "{clients} clients cannot ask for the lock {requests} times: take 0 of both, or of neither"
            )));
        }
        Ok(Self { nodes, clients, participants, requests, wrong, crashes, bug })
    }
}
