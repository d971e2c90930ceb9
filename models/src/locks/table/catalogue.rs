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
    /// A release in X serves the first waiter if it is a writer.
    WritersWakeWriters,
    /// A grant is learned of when nobody older waits.
    PollsInOrder,
    /// The graph of waits knows of no upgrader that waits.
    UpgradersNotInGraph,
    /// An upgrade waits for the upgrader's own holding too.
    UpgradeWaitsForItself,
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
    /// Who leaves lets nobody in.
    LeavesQuietly,
    /// Who leaves stays in the queue.
    StaysQueued,
    /// Who leaves loses the holding that it was about to upgrade.
    LeavesHoldingBehind,
    /// A downgrade serves nobody.
    DowngradeKeepsQuiet,
    /// Everyone on the cycle is a victim.
    AllAreVictims,
    /// Who waits for another in two ways is taken to be on a cycle.
    TwoWaysAreACycle,
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
    /// Wounds heal when their owner waits for nothing.
    HealsTooSoon,
}

impl Catalogued for LockTable {
    type Bug = Bug;

    const NAME: &'static str = "lock-table";
    const ABOUT: &'static str = "The lock table of one process (Gray and Reuter, Transaction Processing, section 7.8; \
                                 Rosenkrantz, Stearns and Lewis, TODS 1978): five modes, queues, conversion, \
                                 cancellation and what is done about deadlock.";
    const MUTANTS: &'static [Mutant<Bug>] = &[
        Mutant {
            name: "notify-permit-lost-on-drop",
            bug: Bug::CancelDropsGrant,
            bound: "ci",
            property: "a grant is never lost",
            lesson: "who cancels gives back what was granted meanwhile (tokio-rs/tokio#3652)",
        },
        Mutant {
            name: "waitqueue-stale-waker",
            bug: Bug::StaleWaiter,
            bound: "ci",
            property: "no lost wakeup",
            lesson: "who has the lock leaves the queue, or the next wakeup is wasted on it (asterinas/asterinas#1261)",
        },
        Mutant {
            name: "rwlock-upgrade-not-atomic",
            bug: Bug::UpgradeReleases,
            bound: "ci",
            property: "upgrade is atomic",
            lesson: "an upgrade that first releases lets a writer in between (awslabs/shuttle#351)",
        },
        Mutant {
            name: "rwlock-upgradable-deadlock",
            bug: Bug::QueueNotInGraph,
            bound: "ci",
            property: "every cycle of waits is gone: youngest 2",
            lesson: "who is ahead in the queue is waited for as a holder is (Amanieu/parking_lot#101)",
        },
        Mutant {
            name: "rwmutex-fetchsub-prev-value",
            bug: Bug::UpdateReleaseKeepsQuiet,
            bound: "modes",
            property: "the head of the queue is incompatible",
            lesson: "every release looks at the queue, that of an upgradable reader too (asterinas/asterinas#1303)",
        },
        Mutant {
            name: "rwlock-writer-handoff-starves-readers",
            bug: Bug::WritersWakeWriters,
            bound: "ci",
            property: "can always come to rest",
            lesson: "a writer that hands over to no writer wakes the readers (microsoft/litebox#809)",
        },
        Mutant {
            name: "condvar-notify-without-mutex",
            bug: Bug::DecidesOnStale,
            bound: "ci",
            property: "the head of the queue is incompatible",
            lesson: "to look and to go to sleep are one step, or the release in between wakes nobody (tokio-rs/tokio#2134)",
        },
        Mutant {
            name: "asynclock-fixed-poll-order-hang",
            bug: Bug::PollsInOrder,
            bound: "ci",
            property: "every waiter is granted, times out or is cancelled",
            lesson: "who is granted must not have to wait for another before it learns of it (smol-rs/async-lock#91)",
        },
        Mutant {
            name: "barging",
            bug: Bug::Barges,
            bound: "ci",
            property: "every waiter is granted, times out or is cancelled",
            lesson: "readers that overtake a waiting writer starve it (asomers/futures-locks#34)",
        },
        Mutant {
            name: "upgrade-shares",
            bug: Bug::UpgradeShares,
            bound: "ci",
            property: "compatible modes only",
            lesson: "to have announced an upgrade is not to be alone (vesoft-inc/nebula#622)",
        },
        Mutant {
            name: "upgrade-waits-for-itself",
            bug: Bug::UpgradeWaitsForItself,
            bound: "ci",
            property: "a released lock is freed",
            lesson: "an upgrade waits for the other readers, not for its own holding",
        },
        Mutant {
            name: "upgrade-queues",
            bug: Bug::UpgradeQueues,
            bound: "ci",
            property: "upgraders come first",
            lesson: "an upgrader behind the queue waits for those that wait for it (cockroachdb/cockroach#110435)",
        },
        Mutant {
            name: "missed-removal",
            bug: Bug::StaysQueued,
            bound: "ci",
            property: "cancel leaves no trace",
            lesson: "who has left the queue would be granted what nobody releases (vert-x3/issues#537)",
        },
        Mutant {
            name: "leaves-quietly",
            bug: Bug::LeavesQuietly,
            bound: "ci",
            property: "the head of the queue is incompatible",
            lesson: "who leaves the head of the queue lets those behind it in (embassy-rs/embassy#6964)",
        },
        Mutant {
            name: "cancelled-upgrade-loses-holding",
            bug: Bug::LeavesHoldingBehind,
            bound: "ci",
            property: "only the owner releases",
            lesson: "an upgrade that is given up leaves what was held before",
        },
        Mutant {
            name: "downgrade-keeps-quiet",
            bug: Bug::DowngradeKeepsQuiet,
            bound: "ci",
            property: "the head of the queue is incompatible",
            lesson: "to be content with less lets others in (stratis-storage/stratisd#3898)",
        },
        Mutant {
            name: "all-are-victims",
            bug: Bug::AllAreVictims,
            bound: "ci",
            property: "a victim was on a cycle",
            lesson: "whoever looks at a cycle chooses the same victim, or all are (matrixorigin/matrixone#27300)",
        },
        Mutant {
            name: "two-ways-are-a-cycle",
            bug: Bug::TwoWaysAreACycle,
            bound: "ci",
            property: "a victim was on a cycle",
            lesson: "to come to an owner twice is not to come back (matrixorigin/matrixone#26302)",
        },
        Mutant {
            name: "upgraders-not-in-graph",
            bug: Bug::UpgradersNotInGraph,
            bound: "ci",
            property: "a cycle of waits has a victim",
            lesson: "two readers that upgrade wait for one another (cockroachdb/cockroach#119671)",
        },
        Mutant {
            name: "serves-one",
            bug: Bug::ServesOne,
            bound: "ci",
            property: "the head of the queue is incompatible",
            lesson: "to have woken one is not to have served the queue (smol-rs/async-lock#18)",
        },
        Mutant {
            name: "serves-any",
            bug: Bug::ServesAny,
            bound: "ci",
            property: "no one barges past the queue",
            lesson: "who is woken and fails keeps its place, or others pass it for ever (buildbot/buildbot#479)",
        },
        Mutant {
            name: "try-stays",
            bug: Bug::TryStays,
            bound: "ci",
            property: "try leaves no trace",
            lesson: "a try that fails has not asked (lunarmodules/copas#202)",
        },
        Mutant {
            name: "stranger-releases",
            bug: Bug::ReleasesAll,
            bound: "ci",
            property: "only the owner releases",
            lesson: "a release is of one holding, not of the key",
        },
        Mutant {
            name: "double-release",
            bug: Bug::ReleaseCounts,
            bound: "ci",
            property: "release is idempotent",
            lesson: "holders are names and not a number, or a second release is another's (errorception/redis-lock#38)",
        },
        Mutant {
            name: "joiner-keeps-generation",
            bug: Bug::JoinerKeepsGeneration,
            bound: "generations",
            property: "sequencers grow between conflicting holdings",
            lesson: "a group that outlives a member has members that conflicted with it",
        },
        Mutant {
            name: "conversion-keeps-sequencer",
            bug: Bug::ConversionKeepsSequencer,
            bound: "generations",
            property: "sequencers grow between conflicting holdings",
            lesson: "a writer that goes on as a reader is a later holding",
        },
        Mutant {
            name: "entry-forgets",
            bug: Bug::EntryForgets,
            bound: "generations",
            property: "sequencers grow between conflicting holdings",
            lesson: "an entry that vanishes leaves its generation",
        },
        Mutant {
            name: "wait-die-looks-at-holders",
            bug: Bug::LooksAtHolders,
            bound: "wait-die",
            property: "no cycle of waits",
            lesson: "who waits behind another waits for it as for a holder",
        },
        Mutant {
            name: "wound-wait-looks-at-holders",
            bug: Bug::LooksAtHolders,
            bound: "wound-wait",
            property: "a cycle of waits has a wounded waiter",
            lesson: "who is ahead in the queue is in the way as a holder is",
        },
        Mutant {
            name: "never-heals",
            bug: Bug::NeverHeals,
            bound: "wound-wait",
            property: "who is through is healed",
            lesson: "a wound is of one attempt",
        },
        Mutant {
            name: "heals-too-soon",
            bug: Bug::HealsTooSoon,
            bound: "wound-wait",
            property: "a wound lasts",
            lesson: "a wounded owner gives all back before it begins again",
        },
        Mutant {
            name: "drop-nothing-asked",
            bug: Bug::Drop(Guard::NothingAsked),
            bound: "ci",
            property: "no lost wakeup",
            lesson: "who waits for two things can be told of one",
        },
        Mutant {
            name: "drop-not-wounded",
            bug: Bug::Drop(Guard::NotWounded),
            bound: "wound-wait",
            property: "a wound lasts",
            lesson: "who is wounded ends, and begins nothing",
        },
        Mutant {
            name: "drop-not-held",
            bug: Bug::Drop(Guard::NotHeld),
            bound: "modes",
            property: "a holding changes by conversion alone",
            lesson: "to ask again for what one holds is a conversion, and has its rules",
        },
        Mutant {
            name: "drop-old-enough",
            bug: Bug::Drop(Guard::OldEnough),
            bound: "wait-die",
            property: "no cycle of waits",
            lesson: "who is young dies, or waits go round",
        },
        Mutant {
            name: "drop-grantable",
            bug: Bug::Drop(Guard::Grantable),
            bound: "ci",
            property: "compatible modes only",
            lesson: "who will not wait may have to go without",
        },
        Mutant {
            name: "drop-held-to-upgrade",
            bug: Bug::Drop(Guard::HeldToUpgrade),
            bound: "ci",
            property: "no one barges past the queue",
            lesson: "who holds nothing has its place at the end of the queue",
        },
        Mutant {
            name: "drop-stronger",
            bug: Bug::Drop(Guard::Stronger),
            bound: "ci",
            property: "the head of the queue is incompatible",
            lesson: "who goes on with less is no upgrader: others may go on too",
        },
        Mutant {
            name: "drop-held-to-downgrade",
            bug: Bug::Drop(Guard::HeldToDowngrade),
            bound: "ci",
            property: "compatible modes only",
            lesson: "who holds nothing has nothing to weaken",
        },
        Mutant {
            name: "drop-weaker",
            bug: Bug::Drop(Guard::Weaker),
            bound: "ci",
            property: "compatible modes only",
            lesson: "only what is weaker needs no leave",
        },
        Mutant {
            name: "drop-settled-to-downgrade",
            bug: Bug::Drop(Guard::SettledToDowngrade),
            bound: "modes",
            property: "upgrade is atomic",
            lesson: "who waits for more cannot go on with less",
        },
        Mutant {
            name: "drop-settled-to-release",
            bug: Bug::Drop(Guard::SettledToRelease),
            bound: "ci",
            property: "upgrade is atomic",
            lesson: "who upgrades needs what it holds",
        },
        Mutant {
            name: "drop-on-its-way",
            bug: Bug::Drop(Guard::OnItsWay),
            bound: "ci",
            property: "who knows of a holding has it",
            lesson: "to be awake is not to be granted (dimagi/formplayer#187)",
        },
        Mutant {
            name: "drop-still-waiting",
            bug: Bug::Drop(Guard::StillWaiting),
            bound: "ci",
            property: "a grant is never lost",
            lesson: "a timeout that comes after the grant comes too late (StarRocks/starrocks#54125)",
        },
        Mutant {
            name: "drop-youngest-on-a-cycle",
            bug: Bug::Drop(Guard::YoungestOnACycle),
            bound: "ci",
            property: "a victim was on a cycle",
            lesson: "who waits long is not yet in a deadlock",
        },
        Mutant {
            name: "drop-wounded-waiter",
            bug: Bug::Drop(Guard::WoundedWaiter),
            bound: "wound-wait",
            property: "a victim was wounded",
            lesson: "only who stands in an older one's way must leave",
        },
    ];

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
            bound("ci", "cycles over two keys", "detect", "S-X", [3, 2, 0], all, [128_850, 11_113, 10]),
            bound("modes", "all modes", "detect", "all", [3, 1, 0], all, [91_588, 11_182, 9]),
            bound("wait-die", "only the oldest waits", "wait-die", "S-X", [3, 2, 0], all, [17_396, 1_409, 9]),
            bound("wound-wait", "who waits wounds", "wound-wait", "S-X", [3, 2, 0], all, [232_542, 19_735, 12]),
            bound("generations", "sequencers", "detect", "S-U-X", [3, 1, 5], safety, [236_146, 31_676, 20]),
            bound("two-keys", "a sequencer is its key's", "detect", "S-X", [2, 2, 3], safety, [50_441, 6_162, 13]),
            bound("deep", "all modes over two keys", "detect", "all", [3, 2, 0], safety, [50_619_661, 3_685_474, 15]),
            bound("deep-four", "four owners", "detect", "S-U-X", [4, 2, 0], safety, [105_463_121, 6_627_742, 15]),
            bound("deep-keys", "cycles over three keys", "detect", "S-X", [3, 3, 0], safety, [4_483_423, 292_805, 13]),
            bound(
                "deep-wounds",
                "four owners, and wounds",
                "wound-wait",
                "S-X",
                [4, 2, 0],
                safety,
                [8_314_645, 539_253, 16],
            ),
            bound(
                "deep-update",
                "all claims, with the update mode",
                "detect",
                "S-U-X",
                [3, 2, 0],
                all,
                [1_622_454, 130_633, 12],
            ),
            bound(
                "deep-generations",
                "sequencers in all modes",
                "detect",
                "all",
                [3, 1, 5],
                safety,
                [8_616_814, 1_090_833, 21],
            ),
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
