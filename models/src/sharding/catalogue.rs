//! The constants of sharding, and which fit together.

use super::bounds;
use super::mutants::{Bug, MUTANTS};
use super::{ARCS, KEYS, NODES, ROUTERS, Sharding, VIEWS, WRITES};
use proofmark_vocabulary::{Bound, Catalogued, Constant, ConstantError, Constants, Domain, Mutant};

impl Catalogued for Sharding {
    type Bug = Bug;

    const NAME: &'static str = "sharding";
    const ABOUT: &'static str = "Sharding (MongoDB's chunk migration; Adya et al., Slicer): arcs of keys are \
                                 handed from owner to owner, view by view, with requests in flight, crashes and stale \
                                 routers.";
    const MUTANTS: &'static [Mutant<Bug>] = MUTANTS;

    fn constants() -> Vec<Constant> {
        let number = |name, least, most: usize, about| Constant {
            name,
            domain: Domain::Integer(least, i64::try_from(most).unwrap_or(i64::MAX)),
            about,
        };
        vec![
            number("nodes", 2, NODES, "how many nodes there are"),
            number("arcs", 1, ARCS, "how many arcs there are"),
            number("keys", 1, KEYS, "how many keys all arcs have together"),
            number("views", 2, VIEWS, "how many views there may be"),
            number("routers", 1, ROUTERS, "how many routers there are"),
            number("writes", 0, WRITES, "how many writes clients have"),
            number("crashes", 0, 3, "how many crashes there may be"),
            Constant {
                name: "disk",
                domain: Domain::Choice(&["synchronous", "asynchronous"]),
                about: "whether what a node takes and receives is durable at once, or when it is synced",
            },
            number("reads", 0, 2, "how many reads of all keys may begin"),
            Constant {
                name: "clean-up",
                domain: Domain::Boolean,
                about: "whether nodes delete what they have handed off",
            },
        ]
    }

    fn bounds() -> Vec<Bound> {
        bounds::all()
    }

    fn new(constants: &Constants, bug: Option<Bug>) -> Result<Self, ConstantError> {
        let [arcs, keys] = ["arcs", "keys"].map(|name| constants.number(name));
        let [views, writes, crashes, reads] =
            ["views", "writes", "crashes", "reads"].map(|name| constants.number(name));
        if keys < arcs {
            return Err(ConstantError::new(format!(
                "{keys} keys cannot be in {arcs} arcs: each arc has a key, so `keys` is at least `arcs`"
            )));
        }
        if reads > 0 && writes == 0 {
            return Err(ConstantError::new(
                "a read shows nothing where nothing is written: with `reads` there is at least one of `writes`",
            ));
        }
        if crashes == 0 && constants.choice("disk") == "asynchronous" {
            return Err(ConstantError::new(
                "what is not durable is lost in a crash alone: with `disk` asynchronous there is at least one of \
                 `crashes`",
            ));
        }
        Ok(Self {
            nodes: constants.number("nodes"),
            arcs,
            keys,
            views,
            routers: constants.number("routers"),
            writes,
            crashes: crashes as u8,
            synchronous: constants.choice("disk") == "synchronous",
            reads: reads as u8,
            clean_up: constants.is("clean-up"),
            bug,
        })
    }
}
