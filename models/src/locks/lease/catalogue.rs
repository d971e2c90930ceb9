//! The lease lock's constants, and which of them fit together.

use super::mutants::{Bug, MUTANTS};
use super::{Clock, Comeback, LeaseLock, MOST_CLIENTS, MOST_REQUESTS, Spent, Store, bounds};
use proofmark_vocabulary::{Bound, Catalogued, Constant, ConstantError, Constants, Domain, Mutant};

impl Catalogued for LeaseLock {
    type Bug = Bug;

    const NAME: &'static str = "lease-lock";
    const ABOUT: &'static str = "A lock with a lease, on one server or on a majority of several (Redlock), after the \
                                 Redis documentation and Kleppmann, How to do distributed locking (2016): a paused \
                                 holder outlives its lease, and the resource must tell.";
    const MUTANTS: &'static [Mutant<Bug>] = MUTANTS;

    fn constants() -> Vec<Constant> {
        let number = |name, most, about| Constant { name, domain: Domain::Integer(0, most), about };
        let count = |name, most: u8, about| Constant { name, domain: Domain::Integer(1, most.into()), about };
        let feature = |name, about| Constant { name, domain: Domain::Boolean, about };
        vec![
            count("clients", MOST_CLIENTS as u8, "how many clients there are"),
            Constant {
                name: "servers",
                domain: Domain::Choice(&["1", "3", "5"]),
                about: "how many servers there are; a majority of them grants the lock",
            },
            count("ttl", 4, "for how many ticks a server grants the lock"),
            number("drift", 1, "by how many ticks a client's clock may be slow over a lease"),
            count("requests", MOST_REQUESTS as u8, "how often clients may ask for the lock"),
            feature("sequencer", "whether grants have sequencers and the resource refuses those that are too small"),
            feature("watchdog", "whether a holder's watchdog renews its lease"),
            feature("reads", "whether the resource is read too, or written alone"),
            feature("durable", "whether a server has its keys on disk"),
            feature("late-restart", "whether a server that restarts waits for as long as a lease lasts"),
            Constant {
                name: "clock",
                domain: Domain::Choice(&["monotonic", "wall"]),
                about: "which clock a server counts by: the wall clock may jump",
            },
            number("pauses", 2, "how often clients may be paused"),
            number("crashes", 2, "how often clients may crash"),
            number("server-crashes", 2, "how often servers may crash"),
            number("jumps", 2, "how often the clock of a server may jump"),
            number(
                "duplicates",
                2,
                "how often a message may arrive once more; one to the resource does only with `sequencer`",
            ),
            number("delays", 2, "how often the network may hold up what is on its way to the resource"),
        ]
    }

    fn bounds() -> Vec<Bound> {
        bounds::all()
    }

    fn new(constants: &Constants, bug: Option<Bug>) -> Result<Self, ConstantError> {
        let byte = |name| constants.number(name) as u8;
        let servers = constants.choice("servers").parse().unwrap_or(1);
        let (sequencer, durable) = (constants.is("sequencer"), constants.is("durable"));
        let (ttl, drift) = (byte("ttl"), byte("drift"));
        if sequencer && servers > 1 {
            return Err(ConstantError::new(format!(
                "{servers} servers have no counter in common that could give sequencers: `sequencer` takes one server"
            )));
        }
        if sequencer && !durable && byte("server-crashes") > 0 {
            return Err(ConstantError::new(
                "a server that forgets its counter gives the same sequencers again: `sequencer` takes a `durable` one",
            ));
        }
        if drift >= ttl {
            return Err(ConstantError::new(format!(
                "of a lease of {ttl} ticks nothing is left by a clock that may be slow by {drift}: `ttl` is more than \
                 `drift`"
            )));
        }
        let watchdog = constants.is("watchdog");
        if watchdog && ttl == 1 {
            return Err(ConstantError::new(
                "a lease of one tick is over before it can last longer: `watchdog` takes a `ttl` of 2 at least",
            ));
        }
        Ok(Self {
            clients: constants.number("clients"),
            servers,
            ttl,
            drift,
            requests: byte("requests"),
            sequencer,
            watchdog,
            reads: constants.is("reads"),
            store: if durable { Store::Disk } else { Store::Memory },
            comeback: if constants.is("late-restart") { Comeback::Late } else { Comeback::AnyTime },
            clock: if constants.choice("clock") == "wall" { Clock::Wall } else { Clock::Monotonic },
            budget: Spent {
                pauses: byte("pauses"),
                crashes: byte("crashes"),
                server_crashes: byte("server-crashes"),
                jumps: byte("jumps"),
                duplicates: byte("duplicates"),
                delays: byte("delays"),
            },
            bug,
        })
    }
}
