//! Raft's constants, and which fit together.

use super::log::{MOST_ENTRIES, MOST_REQUESTS};
use super::message::MOST_MESSAGES;
use super::mutants::{Bug, MUTANTS};
use super::{Change, Configuration, Raft, Servers, bounds};
use proofmark_vocabulary::{Bound, Catalogued, Constant, ConstantError, Constants, Domain, Mutant};

impl Catalogued for Raft {
    type Bug = Bug;

    const NAME: &'static str = "raft";
    const ABOUT: &'static str = "Raft (Ongaro and Ousterhout, Figure 2; Ongaro's thesis): leaders replicate a log to \
                                 servers that crash, over a network that loses, repeats and reorders.";
    const MUTANTS: &'static [Mutant<Bug>] = MUTANTS;

    fn constants() -> Vec<Constant> {
        let number = |name, least, most, about| Constant { name, domain: Domain::Integer(least, most), about };
        let is = |name, about| Constant { name, domain: Domain::Boolean, about };
        vec![
            number("servers", 1, 5, "how many servers there are"),
            number("terms", 1, 4, "the greatest term"),
            number("requests", 0, i64::from(MOST_REQUESTS), "how many requests clients make"),
            number(
                "messages",
                1,
                i64::try_from(MOST_MESSAGES).unwrap_or(i64::MAX),
                "how many messages can be in flight",
            ),
            number("duplicates", 0, 2, "how often a message is received and stays in flight"),
            number("crashes", 0, 3, "how often a server crashes"),
            number("batch", 1, 4, "how many entries a message can have"),
            is("blank", "whether a leader begins its term with a blank entry"),
            is("hints", "whether a follower whose log does not match says where it may"),
            Constant {
                name: "pre-vote",
                domain: Domain::Choice(&["none", "all", "all-but-first"]),
                about: "which servers ask for pre-votes",
            },
            is("check-quorum", "whether a leader that hears from no quorum steps down, and others keep to theirs"),
            is("async-disk", "whether what is written is on disk only when it is synced"),
            number("compactions", 0, 3, "how often a server compacts its log"),
            is("apply-lag", "whether what is committed is applied some time later"),
            Constant {
                name: "change",
                domain: Domain::Choice(&["none", "joint", "single"]),
                about: "how members change: not at all, through a joint configuration, or one server at a time",
            },
            Constant {
                name: "members",
                domain: Domain::Choice(&["all", "replace", "grow", "shrink", "promote", "swap"]),
                about: "who votes at first and later: all; the last for the first; the last two come, one at a time; all \
                        but one of two; the last learns first; the last for the first, and who does not vote learns",
            },
            number("changes", 0, 3, "how often a change of members is begun"),
            is("at-apply", "whether a configuration is in force when it is applied, and not when it is appended"),
            number("transfers", 0, 2, "how often a leader begins to hand over"),
            number("reads", 0, 3, "how often a client reads"),
            is("leases", "whether a leader that a quorum keeps to answers reads at once"),
            is("follower-reads", "whether it is followers that take reads"),
            Constant {
                name: "links",
                domain: Domain::Choice(&["all", "bridge"]),
                about: "which links last: all; or, once the network is cut, those that one server has, the bridge, and \
                        those of the servers on either side of it",
            },
            number("window", 0, 3, "how many appends to a follower are in flight at most; 0 is no window"),
        ]
    }

    fn bounds() -> Vec<Bound> {
        bounds::all()
    }

    fn new(constants: &Constants, bug: Option<Bug>) -> Result<Self, ConstantError> {
        let small = |name| u8::try_from(constants.number(name)).unwrap_or(u8::MAX);
        let servers = constants.number("servers");
        if constants.choice("members") != "all" && servers < 3 {
            return Err(ConstantError::new("members that change are three at least"));
        }
        let m = Self {
            servers,
            terms: small("terms"),
            requests: small("requests"),
            messages: constants.number("messages"),
            duplicates: small("duplicates"),
            crashes: small("crashes"),
            batch: small("batch"),
            blank: constants.is("blank"),
            hints: constants.is("hints"),
            pre_vote: match constants.choice("pre-vote") {
                "all" => Servers::below(servers),
                "all-but-first" => Servers::below(servers).without(0),
                _ => Servers::NONE,
            },
            check_quorum: constants.is("check-quorum"),
            async_disk: constants.is("async-disk"),
            compactions: small("compactions"),
            apply_lag: constants.is("apply-lag"),
            change: match constants.choice("change") {
                "joint" => Change::Joint,
                "single" => Change::Single,
                _ => Change::None,
            },
            at_apply: constants.is("at-apply"),
            changes: small("changes"),
            configurations: configurations(servers, constants.choice("members")),
            transfers: small("transfers"),
            reads: small("reads"),
            leases: constants.is("leases"),
            follower_reads: constants.is("follower-reads"),
            window: small("window"),
            bridge: constants.choice("links") == "bridge",
            bug,
        };
        m.fits_together().map_err(ConstantError::new)?;
        let m = Self { at_apply: m.at_apply || bug == Some(Bug::ConfigurationAtApply), ..m };
        let changes = if m.change == Change::Joint { 2 * m.changes } else { m.changes };
        let entries = m.requests + changes + if m.blank { m.terms } else { 0 };
        if entries <= MOST_ENTRIES {
            return Ok(m);
        }
        Err(ConstantError::new(format!(
            "{entries} entries may be appended, and a log has room for {MOST_ENTRIES}: take fewer requests or terms"
        )))
    }
}

/// The configurations that are not joint, the initial one first.
fn configurations(servers: usize, members: &str) -> Vec<Configuration> {
    let all = Servers::below(servers);
    let voters = |voters| Configuration::new(voters, Servers::NONE);
    match members {
        "replace" => vec![voters(all.without(servers - 1)), voters(all.without(0))],
        "grow" => vec![voters(Servers::below(servers - 2)), voters(all.without(servers - 1)), voters(all)],
        "shrink" => vec![voters(all), voters(all.without(servers - 1)), voters(all.without(servers - 2))],
        "swap" => vec![
            Configuration::new(all.without(servers - 1), Servers::one(servers - 1)),
            Configuration::new(all.without(0), Servers::one(0)),
        ],
        "promote" => vec![Configuration::new(all.without(servers - 1), Servers::one(servers - 1)), voters(all)],
        _ => vec![voters(all)],
    }
}

impl Raft {
    /// That no constant needs another that is not there.
    fn fits_together(&self) -> Result<(), String> {
        let changes = self.change != Change::None;
        let needs = [
            (changes != (self.configurations.len() > 1), "`change` and `members` come together"),
            (changes != (self.changes > 0), "`change` and `changes` come together"),
            (self.at_apply && !(self.apply_lag && changes), "`at-apply` needs `apply-lag` and `change`"),
            (self.at_apply && self.async_disk, "`at-apply` is not modelled with `async-disk`"),
            (self.bridge && self.servers < 3, "`links=bridge` needs three servers"),
            (self.bridge && changes, "`links=bridge` is not modelled with `change`"),
            (self.window > 0 && self.batch > 1, "`window` counts appends of one entry: `batch` is 1"),
            (
                self.follower_reads && (self.leases || self.reads == 0),
                "`follower-reads` needs `reads` without `leases`",
            ),
            (self.leases && !(self.check_quorum && self.reads > 0), "`leases` needs `check-quorum` and `reads`"),
        ];
        needs.into_iter().find(|(wrong, _)| *wrong).map_or(Ok(()), |(_, says)| Err(says.to_owned()))
    }
}
