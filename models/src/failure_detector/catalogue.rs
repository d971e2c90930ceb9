//! The failure detector's constants, and which fit together.

use super::mutants::{Bug, MUTANTS};
use super::{FailureDetector, MOST_LATE, MOST_NODES, bounds};
use proofmark_vocabulary::{Bound, Catalogued, Constant, ConstantError, Constants, Domain, Mutant};

impl Catalogued for FailureDetector {
    type Bug = Bug;

    const NAME: &'static str = "failure-detector";
    const ABOUT: &'static str = "SWIM (Das, Gupta and Motivala, DSN 2002) as memberlist ships it: pings, helpers, \
                                 suspicions of incarnations and their refutation, on a network that becomes timely.";
    const MUTANTS: &'static [Mutant<Bug>] = MUTANTS;

    fn constants() -> Vec<Constant> {
        let number = |name, least, most: usize, about| Constant {
            name,
            domain: Domain::Integer(least, i64::try_from(most).unwrap_or(i64::MAX)),
            about,
        };
        let is = |name, about| Constant { name, domain: Domain::Boolean, about };
        vec![
            number("nodes", 2, MOST_NODES, "how many nodes there are"),
            number("helpers", 0, 2, "how many helpers are asked for an indirect probe, if there are so many"),
            number("wrong-timeouts", 0, 3, "how often a ping of a node that is up is not answered in time"),
            number("false-deaths", 0, 2, "how often a suspicion ends before a node that is up has refuted it"),
            number("crashes", 0, 2, "how often a node crashes"),
            number("restarts", 0, 2, "how often one restarts"),
            number("late", 0, MOST_LATE, "how many rumours are delayed"),
            number("duplicates", 0, 2, "how often one of them arrives and is still to arrive again"),
            is("durable", "whether a node's incarnation is on its disk"),
            is("removal", "whether the dead leave the list of members"),
            is("tombstones", "whether a node remembers of whom it has removed the incarnation"),
            is("resurrection", "whether a node that is up refutes its death"),
            is("reconnects", "whether a node that holds somebody alive also joins by those that it has removed"),
        ]
    }

    fn bounds() -> Vec<Bound> {
        bounds::all()
    }

    fn new(constants: &Constants, bug: Option<Bug>) -> Result<Self, ConstantError> {
        let small = |name| u8::try_from(constants.number(name)).unwrap_or(u8::MAX);
        let m = Self {
            nodes: constants.number("nodes"),
            helpers: constants.number("helpers"),
            wrong_timeouts: small("wrong-timeouts"),
            false_deaths: small("false-deaths"),
            crashes: small("crashes"),
            restarts: small("restarts"),
            late: small("late"),
            duplicates: small("duplicates"),
            durable: constants.is("durable"),
            removal: constants.is("removal"),
            tombstones: constants.is("tombstones"),
            resurrection: constants.is("resurrection"),
            reconnects: constants.is("reconnects"),
            bug,
        };
        let needs = [
            (
                m.crashes == 0 && m.wrong_timeouts == 0,
                "nobody is ever suspected, and there is nothing to tell: take `crashes` or `wrong-timeouts`",
            ),
            (m.helpers + 2 > m.nodes, "a helper is neither who probes nor who is probed: `nodes` is two more at least"),
            (m.restarts > m.crashes, "who restarts has crashed: `restarts` is at most `crashes`"),
            (
                m.false_deaths > m.wrong_timeouts + m.restarts,
                "a false death comes of a `wrong-timeouts` or a `restarts`",
            ),
            (m.duplicates > 0 && m.late == 0, "what arrives again is late: `duplicates` needs `late`"),
            (!m.tombstones && !m.removal, "without `removal` there is nothing to forget: `tombstones` is true"),
            (m.reconnects && !m.removal, "`reconnects` is to whom one has removed, and needs `removal`"),
            (
                !m.resurrection && m.restarts > 0 && !m.durable,
                "without `resurrection` who has forgotten its incarnation can never come back: `restarts` needs `durable`",
            ),
        ];
        match needs.into_iter().find(|(wrong, _)| *wrong) {
            Some((_, says)) => Err(ConstantError::new(says)),
            None => Ok(m),
        }
    }
}
