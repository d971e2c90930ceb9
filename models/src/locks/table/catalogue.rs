//! The lock table's bugs and mutants, and its bounds.

use super::properties::LIVENESS;
use super::{Guard, LockTable, Mode, Policy};
use proofmark_vocabulary::{
    Bound, Catalogued, Constant, ConstantError, Constants, Counts, Domain, Mutant, Profile, PropertySet,
};

/// What can be planted in the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bug {
    /// A guard is dropped.
    Drop(Guard),
    /// A guard never holds.
    Never(Guard),
    /// Who cancels forgets the grant that is on its way.
    CancelDropsGrant,
    /// Who is granted at once stays in the queue.
    StaleWaiter,
    /// An upgrade is a release and a request.
    UpgradeReleases,
    /// The graph of waits knows of no one who waits ahead.
    QueueNotInGraph,
    /// The release of a holding in U serves nobody.
    UpdateReleaseKeepsQuiet,
    /// One waiter is served, and not those behind it that are compatible.
    ServesOne,
    /// Whether to wait is decided on what was seen before the last release.
    DecidesOnStale,
    /// What is compatible with the holders is granted, whoever waits.
    Barges,
    /// An upgrade to X is granted though others hold the key.
    UpgradeShares,
    /// An upgrader joins the end of the queue.
    UpgradeQueues,
    /// Who leaves stays in the queue.
    StaysQueued,
    /// Who leaves loses the holding that it was about to upgrade.
    LeavesHoldingBehind,
    /// A downgrade serves nobody.
    DowngradeKeepsQuiet,
    /// The oldest on the cycle is the victim.
    EldestIsVictim,
    /// Whoever waits is a victim when there is a cycle.
    BystanderIsVictim,
    /// The first waiter that is compatible is served, wherever it waits.
    ServesAny,
    /// A try that has to wait does.
    TryStays,
    /// A release ends all holdings of the key.
    ReleasesAll,
    /// A release ends some holding of the key, whoever has it.
    ReleaseCounts,
    /// Who joins others has their generation.
    JoinerKeepsGeneration,
    /// A conversion keeps the holding's sequencer.
    ConversionKeepsSequencer,
    /// The generation is lost with the key's entry.
    EntryForgets,
    /// Wait-die and wound-wait look at the holders alone.
    LooksAtHolders,
    /// Wounds do not heal.
    NeverHeals,
}

impl Catalogued for LockTable {
    type Bug = Bug;

    const NAME: &'static str = "lock-table";
    const ABOUT: &'static str = "The lock table of one process (Gray and Reuter, Transaction Processing, section 7.8; \
                                 Rosenkrantz, Stearns and Lewis, TODS 1978): five modes, queues, conversion, \
                                 cancellation and what is done about deadlock.";
    const MUTANTS: &'static [Mutant<Bug>] = &[];

    fn constants() -> Vec<Constant> {
        vec![
            Constant { name: "owners", domain: Domain::Integer(1, 4), about: "how many owners there are" },
            Constant { name: "keys", domain: Domain::Integer(1, 3), about: "how many keys there are" },
            Constant {
                name: "policy",
                domain: Domain::Choice(&["detect", "wait-die", "wound-wait"]),
                about: "what is done about cycles of waits",
            },
            Constant {
                name: "modes",
                domain: Domain::Choice(&["X", "S-X", "S-U-X", "all"]),
                about: "the modes that are asked for",
            },
            Constant {
                name: "generations",
                domain: Domain::Integer(0, 14),
                about: "how many generations a key may have; 0 leaves sequencers out and lets behaviours be endless",
            },
        ]
    }

    fn bounds() -> Vec<Bound> {
        let bound = |name, about, policy: &str, modes: &str, size: [i64; 3], properties, found: [u64; 3]| Bound {
            name,
            about,
            profile: if name.starts_with("deep") { Profile::Deep } else { Profile::Ci },
            constants: vec![
                ("owners", size[0].into()),
                ("keys", size[1].into()),
                ("policy", policy.into()),
                ("modes", modes.into()),
                ("generations", size[2].into()),
            ],
            properties,
            expected: &[],
            counts: Some(Counts { generated: found[0], distinct: found[1], depth: found[2] }),
        };
        let (all, safety) = (PropertySet::All, PropertySet::AllBut(LIVENESS));
        vec![
            bound("ci", "three owners on two keys", "detect", "S-X", [3, 2, 0], safety, [0, 0, 0]),
            bound("generations", "sequencers, in all modes", "detect", "all", [3, 1, 5], safety, [0, 0, 0]),
            bound("fair", "behaviours", "detect", "S-X", [3, 1, 0], all, [0, 0, 0]),
            bound("wait-die", "only the oldest waits", "wait-die", "S-X", [3, 2, 0], safety, [0, 0, 0]),
            bound("wound-wait", "who waits wounds the younger", "wound-wait", "S-X", [3, 2, 0], safety, [0, 0, 0]),
        ]
    }

    fn new(constants: &Constants, bug: Option<Bug>) -> Result<Self, ConstantError> {
        let modes: &[Mode] = match constants.choice("modes") {
            "X" => &[Mode::Exclusive],
            "S-X" => &[Mode::Shared, Mode::Exclusive],
            "S-U-X" => &[Mode::Shared, Mode::Update, Mode::Exclusive],
            _ => Mode::ALL,
        };
        let policy = match constants.choice("policy") {
            "wait-die" => Policy::WaitDie,
            "wound-wait" => Policy::WoundWait,
            _ => Policy::Detect,
        };
        let generations = u8::try_from(constants.number("generations")).unwrap_or(u8::MAX);
        let (owners, keys) = (constants.number("owners"), constants.number("keys"));
        Ok(Self { owners, keys, policy, modes, generations, bug })
    }
}
