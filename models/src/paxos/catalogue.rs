//! Multi-decree Paxos's bugs and mutants, and its bounds.

use super::properties::LIVENESS;
use super::{Disk, Guard, Paxos};
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
    /// What promises carry is put where it would be if all logs began at one's own first slot.
    MergeOffset,
    /// The promises of so few are enough that they may miss a quorum that accepts.
    SmallPrepareQuorum,
    /// An acceptor accepts only what it has promised.
    AcceptNeedsEqualBallot,
    /// A proposer that restarts does not know which ballots it has begun.
    BallotNotPersisted,
    /// A command is sent on once, to one proposer.
    ForwardsOnce,
    /// An acceptor's record has one place for the ballots that it promised and accepted, and the second overwrites it.
    BalOverwritten,
    /// A read does not wait for what is proposed and not yet known to be chosen.
    ReadsPastInProgress,
    /// A promise reports nothing.
    ReportsNothing,
    /// A leader takes over any value that is reported to it.
    AdoptsAnyReport,
    /// An acceptor says what it has written before that is durable.
    AcknowledgesBeforeSync,
    /// What a replica has applied in memory counts as its checkpoint.
    CheckpointInMemory,
}

impl Catalogued for Paxos {
    type Bug = Bug;

    const NAME: &'static str = "paxos";
    const ABOUT: &'static str = "Multi-decree Paxos (Lamport, Paxos Made Simple, section 3; van Renesse and \
                                 Altinbuken, Paxos Made Moderately Complex): a distinguished proposer has a log of \
                                 commands chosen, on servers that crash and restart.";
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
            bound: "crash",
            property: "agreement",
            lesson: "an acceptor that has lost its log is another acceptor (palantir/atlasdb#1504)",
        },
        Mutant {
            name: "multipaxos-election-merge-offset",
            bug: Bug::MergeOffset,
            bound: "trim-pair",
            property: "agreement",
            lesson: "logs that are merged begin where each of them was trimmed (Cjen1/OCons#21)",
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
            bound: "live",
            property: "a lone proposer gets a value chosen",
            lesson: "to accept in a ballot is to promise it (luohaha/MyPaxos#19)",
        },
        Mutant {
            name: "paxos-ballot-not-persisted",
            bug: Bug::BallotNotPersisted,
            bound: "crash",
            property: "one value per ballot",
            lesson: "a proposer that comes back takes a ballot that it has not used (haraldng/omnipaxos#117)",
        },
        Mutant {
            name: "multipaxos-forward-lost",
            bug: Bug::ForwardsOnce,
            bound: "live",
            property: "a submitted value is chosen",
            lesson: "a command is sent on until it is chosen, for who got it may not lead (haraldng/omnipaxos#136)",
        },
        Mutant {
            name: "paxos-bal-overwritten-by-vbal",
            bug: Bug::BalOverwritten,
            bound: "crash",
            property: "durable promises never fall",
            lesson: "promised and accepted ballots are two things to write (specula-org, epaxos bug family 5)",
        },
        Mutant {
            name: "cassandra-lwt-nonlinear-read",
            bug: Bug::ReadsPastInProgress,
            bound: "reads-pair",
            property: "reads are linearizable",
            lesson: "a read waits for what is in progress, which others may know to be chosen (CASSANDRA-12126)",
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
            name: "acknowledges-before-sync",
            bug: Bug::AcknowledgesBeforeSync,
            bound: "disk",
            property: "agreement",
            lesson: "what is not synced was not said (Chandra et al., Paxos Made Live)",
        },
        Mutant {
            name: "checkpoint-in-memory",
            bug: Bug::CheckpointInMemory,
            bound: "trim-crash",
            property: "a lagging replica catches up",
            lesson: "what a crash takes away is still needed",
        },
        Mutant {
            name: "drop-ballot-unused",
            bug: Bug::Drop(Guard::BallotUnused),
            bound: "ci",
            property: "one value per ballot",
            lesson: "a ballot is begun once",
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
            bound: "ci",
            property: "durable promises never fall",
            lesson: "a late prepare takes no promise back",
        },
        Mutant {
            name: "drop-preparing",
            bug: Bug::Drop(Guard::Preparing),
            bound: "ci",
            property: "one value per ballot",
            lesson: "who leads already, or has forgotten what it proposed, does not begin to lead again",
        },
        Mutant {
            name: "drop-quorum-promised",
            bug: Bug::Drop(Guard::QuorumPromised),
            bound: "ci",
            property: "agreement",
            lesson: "who has not asked a quorum does not know what may be chosen",
        },
        Mutant {
            name: "drop-leading",
            bug: Bug::Drop(Guard::Leading),
            bound: "ci",
            property: "agreement",
            lesson: "only the distinguished proposer proposes",
        },
        Mutant {
            name: "drop-nothing-proposed",
            bug: Bug::Drop(Guard::NothingProposed),
            bound: "ci",
            property: "one value per ballot",
            lesson: "a leader remembers what it has proposed",
        },
        Mutant {
            name: "drop-not-known-trimmed",
            bug: Bug::Drop(Guard::NotKnownTrimmed),
            bound: "trim-pair",
            property: "agreement",
            lesson: "what is trimmed is chosen, though nobody reports it",
        },
        Mutant {
            name: "drop-highest-accepted",
            bug: Bug::Drop(Guard::HighestAccepted),
            bound: "ci",
            property: "agreement",
            lesson: "a leader is not free in what it proposes again",
        },
        Mutant {
            name: "drop-gap",
            bug: Bug::Drop(Guard::Gap),
            bound: "ci",
            property: "agreement",
            lesson: "a no-op is for a slot that nobody reports",
        },
        Mutant {
            name: "drop-beyond-reports",
            bug: Bug::Drop(Guard::BeyondReports),
            bound: "ci",
            property: "agreement",
            lesson: "a new command comes behind all that is reported",
        },
        Mutant {
            name: "drop-in-order",
            bug: Bug::Drop(Guard::InOrder),
            bound: "pair",
            property: "what is chosen can be applied",
            lesson: "a leader that leaves a gap has nobody who fills it",
        },
        Mutant {
            name: "drop-not-in-log",
            bug: Bug::Drop(Guard::NotInLog),
            bound: "room",
            property: "a submitted value is chosen",
            lesson: "a log with room for every command has none for one twice",
        },
        Mutant {
            name: "drop-command-arrived",
            bug: Bug::Drop(Guard::CommandArrived),
            bound: "live",
            property: "validity",
            lesson: "a leader makes up no command",
        },
        Mutant {
            name: "drop-accept-sent",
            bug: Bug::Drop(Guard::AcceptSent),
            bound: "write-one",
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
        Mutant {
            name: "drop-not-trimmed",
            bug: Bug::Drop(Guard::NotTrimmed),
            bound: "alone",
            property: "nothing that is trimmed is kept",
            lesson: "an accept that comes late fills no slot that was trimmed",
        },
        Mutant {
            name: "drop-quorum-accepted",
            bug: Bug::Drop(Guard::QuorumAccepted),
            bound: "ci",
            property: "what is learned is chosen",
            lesson: "one acceptor chooses nothing",
        },
        Mutant {
            name: "drop-not-applied",
            bug: Bug::Drop(Guard::NotApplied),
            bound: "alone",
            property: "nothing that is trimmed is kept",
            lesson: "news of what was applied long ago is no news",
        },
        Mutant {
            name: "drop-other-knows",
            bug: Bug::Drop(Guard::OtherKnows),
            bound: "ci",
            property: "what is learned is chosen",
            lesson: "who does not know has nothing to tell",
        },
        Mutant {
            name: "drop-learned",
            bug: Bug::Drop(Guard::Learned),
            bound: "ci",
            property: "refines replicated-log",
            lesson: "what is not known is not applied",
        },
        Mutant {
            name: "drop-next-to-apply",
            bug: Bug::Drop(Guard::NextToApply),
            bound: "room",
            property: "applied in order",
            lesson: "a slot waits for those before it",
        },
        Mutant {
            name: "drop-applied-everywhere",
            bug: Bug::Drop(Guard::AppliedEverywhere),
            bound: "trim",
            property: "a lagging replica catches up",
            lesson: "what one replica lacks, another one keeps",
        },
        Mutant {
            name: "drop-submitted",
            bug: Bug::Drop(Guard::Submitted),
            bound: "live",
            property: "validity",
            lesson: "a command comes from a client",
        },
        Mutant {
            name: "drop-still-follows",
            bug: Bug::Drop(Guard::StillFollows),
            bound: "reads-pair",
            property: "reads are linearizable",
            lesson: "who has promised another ballot confirms nothing",
        },
        Mutant {
            name: "drop-quorum-confirmed",
            bug: Bug::Drop(Guard::QuorumConfirmed),
            bound: "reads-pair",
            property: "reads are linearizable",
            lesson: "a leader that has been replaced is the last to know",
        },
        Mutant {
            name: "drop-in-progress-applied",
            bug: Bug::Drop(Guard::InProgressApplied),
            bound: "reads-pair",
            property: "reads are linearizable",
            lesson: "what others have answered for may be unknown to the leader",
        },
        Mutant {
            name: "drop-up",
            bug: Bug::Drop(Guard::Up),
            bound: "crash",
            property: "who is down does nothing",
            lesson: "a crash stops everything",
        },
        Mutant {
            name: "drop-down",
            bug: Bug::Drop(Guard::Down),
            bound: "crash",
            property: "who is down does nothing",
            lesson: "who is up has nothing to recover from",
        },
    ];

    fn constants() -> Vec<Constant> {
        let number = |name, most, about| Constant { name, domain: Domain::Integer(1, most), about };
        let quorum = |name, about| Constant { name, domain: Domain::Choice(&["majority", "1", "2", "3", "4"]), about };
        let switch = |name, about| Constant { name, domain: Domain::Boolean, about };
        vec![
            number("servers", 4, "how many servers there are, each an acceptor"),
            number("proposers", 4, "how many of them are proposers"),
            number("replicas", 4, "how many of them are replicas"),
            number("ballots", 4, "how many ballots there are"),
            number("slots", 3, "how many slots the log has"),
            number("commands", 3, "how many commands clients have"),
            quorum("prepare-quorum", "how many promises make a leader"),
            quorum("accept-quorum", "how many acceptors choose a value"),
            Constant { name: "crashes", domain: Domain::Integer(0, 2), about: "how many crashes there may be" },
            Constant {
                name: "disk",
                domain: Domain::Choice(&["synchronous", "asynchronous"]),
                about: "whether what an acceptor writes is durable at once, or when it is synced",
            },
            switch("forwarding", "whether commands are submitted and sent on to the proposers, which else have them"),
            switch("trimming", "whether checkpoints are written and logs are trimmed"),
            switch("reads", "whether clients read"),
        ]
    }

    fn bounds() -> Vec<Bound> {
        BOUNDS.iter().map(Row::bound).collect()
    }

    fn new(constants: &Constants, bug: Option<Bug>) -> Result<Self, ConstantError> {
        let [servers, proposers, replicas] = ["servers", "proposers", "replicas"].map(|name| constants.number(name));
        let majority = servers / 2 + 1;
        let quorum = |name| constants.choice(name).parse().unwrap_or(majority);
        let (prepare_quorum, accept_quorum) = (quorum("prepare-quorum"), quorum("accept-quorum"));
        let (trimming, reads) = (constants.is("trimming"), constants.is("reads"));
        if proposers.max(replicas) > servers {
            return Err(ConstantError::new(format!(
                "of {servers} servers {proposers} cannot be proposers and {replicas} replicas"
            )));
        }
        if prepare_quorum.max(accept_quorum) > servers || prepare_quorum + accept_quorum <= servers {
            return Err(ConstantError::new(format!(
                "of {servers} acceptors {prepare_quorum} cannot make a leader where {accept_quorum} choose: every \
                 `prepare-quorum` must have an acceptor in common with every `accept-quorum`, so together they are \
                 more than {servers}, and each at most that"
            )));
        }
        if trimming && replicas < servers {
            return Err(ConstantError::new(
                "only what every server has applied is trimmed: with `trimming` all are replicas",
            ));
        }
        if reads && replicas < proposers {
            return Err(ConstantError::new("a leader answers reads as a replica: with `reads` every proposer is one"));
        }
        Ok(Self {
            servers,
            proposers,
            replicas,
            ballots: constants.number("ballots"),
            slots: constants.number("slots"),
            commands: constants.number("commands"),
            prepare_quorum,
            accept_quorum,
            crashes: constants.number("crashes") as u8,
            disk: match constants.choice("disk") {
                "asynchronous" => Disk::Asynchronous,
                _ => Disk::Synchronous,
            },
            forwarding: constants.is("forwarding"),
            trimming,
            reads,
            bug,
        })
    }
}

/// A bound, in one line.
struct Row {
    name: &'static str,
    about: &'static str,
    /// Servers, proposers, replicas, ballots, slots, commands.
    size: [i64; 6],
    claims: PropertySet,
    features: Features,
    /// Generated, distinct, depth.
    found: [u64; 3],
}

/// The other constants.
struct Features {
    prepare: &'static str,
    accept: &'static str,
    crashes: i64,
    disk: &'static str,
    forwarding: bool,
    trimming: bool,
    reads: bool,
}

impl Row {
    fn bound(&self) -> Bound {
        let sizes = ["servers", "proposers", "replicas", "ballots", "slots", "commands"];
        let Features { prepare, accept, crashes, disk, forwarding, trimming, reads } = self.features;
        let features = [
            ("prepare-quorum", prepare.into()),
            ("accept-quorum", accept.into()),
            ("crashes", crashes.into()),
            ("disk", disk.into()),
            ("forwarding", forwarding.into()),
            ("trimming", trimming.into()),
            ("reads", reads.into()),
        ];
        let [generated, distinct, depth] = self.found;
        Bound {
            name: self.name,
            about: self.about,
            profile: if self.name.starts_with("deep") { Profile::Deep } else { Profile::Ci },
            constants: sizes.into_iter().zip(self.size.map(Into::into)).chain(features).collect(),
            properties: self.claims,
            expected: &[],
            counts: Some(Counts { generated, distinct, depth }),
        }
    }
}

const SAFETY: PropertySet = PropertySet::AllBut(LIVENESS);
/// Majorities and no feature.
const PLAIN: Features = Features {
    prepare: "majority",
    accept: "majority",
    crashes: 0,
    disk: "synchronous",
    forwarding: false,
    trimming: false,
    reads: false,
};
const BOUNDS: &[Row] = &[
    Row {
        name: "ci",
        about: "one slot, two rivals",
        size: [3, 2, 2, 2, 1, 2],
        claims: SAFETY,
        features: PLAIN,
        found: [328_078, 52_641, 23],
    },
    Row {
        name: "live",
        about: "one slot, liveness included",
        size: [3, 2, 2, 2, 1, 1],
        claims: PropertySet::All,
        features: Features { forwarding: true, ..PLAIN },
        found: [296_131, 44_901, 26],
    },
    Row {
        name: "alone",
        about: "one server, liveness included",
        size: [1, 1, 1, 1, 2, 2],
        claims: PropertySet::All,
        features: Features { trimming: true, ..PLAIN },
        found: [192, 64, 15],
    },
    Row {
        name: "room",
        about: "one leader that has room for every command",
        size: [3, 1, 2, 1, 2, 2],
        claims: PropertySet::All,
        features: PLAIN,
        found: [135_569, 12_591, 22],
    },
    Row {
        name: "pair",
        about: "two servers, and a log with gaps, liveness included",
        size: [2, 2, 2, 2, 3, 2],
        claims: PropertySet::All,
        features: PLAIN,
        found: [188_951, 19_570, 34],
    },
    Row {
        name: "log",
        about: "two slots: gaps among three servers",
        size: [3, 2, 1, 2, 2, 2],
        claims: SAFETY,
        features: PLAIN,
        found: [16_008_988, 2_062_305, 31],
    },
    Row {
        name: "three-ballots",
        about: "a choice passes through a ballot in between",
        size: [3, 2, 1, 3, 1, 2],
        claims: SAFETY,
        features: PLAIN,
        found: [4_598_807, 1_018_755, 30],
    },
    Row {
        name: "crash",
        about: "a crash",
        size: [3, 2, 1, 2, 1, 2],
        claims: SAFETY,
        features: Features { crashes: 1, ..PLAIN },
        found: [559_311, 115_521, 24],
    },
    Row {
        name: "disk",
        about: "a crash that loses what is not synced",
        size: [3, 2, 1, 2, 1, 2],
        claims: SAFETY,
        features: Features { crashes: 1, disk: "asynchronous", ..PLAIN },
        found: [2_171_446, 389_652, 33],
    },
    Row {
        name: "recovery",
        about: "the same, liveness included",
        size: [3, 1, 1, 2, 1, 1],
        claims: PropertySet::All,
        features: Features { crashes: 1, disk: "asynchronous", forwarding: true, ..PLAIN },
        found: [979_604, 170_632, 38],
    },
    Row {
        name: "quorums",
        about: "four servers, of which three make a leader and two choose",
        size: [4, 2, 1, 2, 1, 2],
        claims: SAFETY,
        features: Features { prepare: "3", accept: "2", ..PLAIN },
        found: [720_559, 132_657, 25],
    },
    Row {
        name: "write-one",
        about: "a log where one acceptor chooses",
        size: [3, 2, 1, 2, 2, 2],
        claims: SAFETY,
        features: Features { prepare: "3", accept: "1", ..PLAIN },
        found: [700_739, 93_198, 31],
    },
    Row {
        name: "trim",
        about: "trimming, liveness included",
        size: [3, 1, 3, 2, 1, 1],
        claims: PropertySet::All,
        features: Features { trimming: true, ..PLAIN },
        found: [941_933, 119_731, 31],
    },
    Row {
        name: "trim-pair",
        about: "logs that begin in different slots",
        size: [2, 2, 2, 2, 2, 2],
        claims: SAFETY,
        features: Features { trimming: true, accept: "1", ..PLAIN },
        found: [1_505_831, 190_636, 35],
    },
    Row {
        name: "trim-crash",
        about: "a crash back to the checkpoint, liveness included",
        size: [2, 1, 2, 1, 2, 2],
        claims: PropertySet::All,
        features: Features { trimming: true, crashes: 1, ..PLAIN },
        found: [27_094, 3_707, 27],
    },
    Row {
        name: "trim-rivals",
        about: "a crash while a trimmed log changes its leader",
        size: [2, 2, 2, 2, 2, 2],
        claims: SAFETY,
        features: Features { trimming: true, crashes: 1, ..PLAIN },
        found: [2_508_243, 335_400, 37],
    },
    Row {
        name: "reads",
        about: "reads among three servers",
        size: [3, 2, 2, 2, 1, 1],
        claims: SAFETY,
        features: Features { reads: true, ..PLAIN },
        found: [5_190_406, 730_305, 27],
    },
    Row {
        name: "reads-pair",
        about: "reads where one promise makes a leader",
        size: [2, 2, 2, 2, 1, 1],
        claims: SAFETY,
        features: Features { reads: true, prepare: "1", ..PLAIN },
        found: [176_825, 31_873, 22],
    },
    Row {
        name: "reads-crash",
        about: "a promise that a crash takes back confirms nothing",
        size: [2, 2, 2, 2, 1, 1],
        claims: SAFETY,
        features: Features { reads: true, prepare: "1", crashes: 1, disk: "asynchronous", ..PLAIN },
        found: [1_551_856, 252_109, 33],
    },
    Row {
        name: "reads-trim",
        about: "reads of a log that is trimmed",
        size: [2, 2, 2, 2, 1, 1],
        claims: SAFETY,
        features: Features { reads: true, prepare: "1", trimming: true, ..PLAIN },
        found: [358_713, 68_989, 26],
    },
    Row {
        name: "deep-trim",
        about: "three logs that are trimmed under rivals",
        size: [3, 2, 3, 2, 2, 1],
        claims: SAFETY,
        features: Features { trimming: true, ..PLAIN },
        found: [6_116_884, 713_811, 43],
    },
    Row {
        name: "deep-trim-crash",
        about: "three logs that are trimmed under rivals, and a crash",
        size: [3, 2, 3, 2, 2, 1],
        claims: SAFETY,
        features: Features { trimming: true, crashes: 1, ..PLAIN },
        found: [44_846_273, 5_300_689, 45],
    },
    Row {
        name: "deep-log-crash",
        about: "gaps among three servers, and a crash",
        size: [3, 2, 1, 2, 2, 2],
        claims: SAFETY,
        features: Features { crashes: 1, ..PLAIN },
        found: [100_496_551, 12_743_457, 36],
    },
    Row {
        name: "deep-reads-crash",
        about: "reads among three servers, and a crash",
        size: [3, 2, 2, 2, 1, 1],
        claims: SAFETY,
        features: Features { reads: true, crashes: 1, ..PLAIN },
        found: [27_936_143, 3_684_393, 30],
    },
];
