//! The constants of multi-decree Paxos, and which fit together.

use super::bounds;
use super::mutants::{Bug, MUTANTS};
use super::{Disk, Paxos};
use proofmark_vocabulary::{Bound, Catalogued, Constant, ConstantError, Constants, Domain, Mutant};

impl Catalogued for Paxos {
    type Bug = Bug;

    const NAME: &'static str = "paxos";
    const ABOUT: &'static str = "Multi-decree Paxos (Lamport, Paxos Made Simple, section 3; van Renesse and \
                                 Altinbuken, Paxos Made Moderately Complex): a distinguished proposer has a log of \
                                 commands chosen, on servers that crash and restart.";
    const MUTANTS: &'static [Mutant<Bug>] = MUTANTS;

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
            switch("disk-loss", "whether one of the crashes may take the server's disk with it"),
            switch("forwarding", "whether commands are submitted and sent on to the proposers, which else have them"),
            switch("trimming", "whether checkpoints are written and logs are trimmed"),
            switch("reads", "whether clients read"),
        ]
    }

    fn bounds() -> Vec<Bound> {
        bounds::all()
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
        let (crashes, disk_loss) = (constants.number("crashes") as u8, constants.is("disk-loss"));
        if disk_loss && crashes == 0 {
            return Err(ConstantError::new(
                "it is in a crash that a disk is lost: with `disk-loss` there are `crashes`",
            ));
        }
        if disk_loss && trimming {
            return Err(ConstantError::new(
                "who has lost its disk needs the slots that others have trimmed: not `disk-loss` with `trimming`",
            ));
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
            crashes,
            disk_loss,
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
