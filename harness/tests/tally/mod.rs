//! A small system for the simulator to run: a tally that a primary keeps, and backups copy.
//!
//! A client asks for some marks; the primary writes them down and tells the backups, each of which writes them down
//! too; when all have, the client is told. A step writes several records, so that a write can be torn.

use proofmark_core::{Core, Effects, Input, NodeId, Time, Wait};
use proofmark_harness::cluster::{Cluster, System};
use proofmark_harness::links::CodeMutant;
use proofmark_vocabulary::{Bound, Constant, ConstantError, Constants, Domain, Profile, PropertySet, Temporal, Value};
use serde::{Deserialize, Serialize};
use std::convert::Infallible;
use std::time::Duration;

/// A primary, node 0, or a backup.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Tally {
    Primary { marks: Vec<u64>, acknowledged: Vec<usize>, asked: Vec<(usize, u64)> },
    Backup { marks: Vec<u64> },
}

/// What is sent: marks, from the so-manieth on; or how many there are.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) enum Message {
    Copy { first: usize, marks: Vec<u64> },
    Have(usize),
}

/// What is written: that the node has started, or a mark.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) enum Record {
    Started,
    Mark(u64),
}

/// So many marks, each with that ticket.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct Request {
    pub(crate) ticket: u64,
    pub(crate) marks: usize,
}

/// The ticket's marks are everywhere, and there were so many marks up to them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct Reply {
    pub(crate) ticket: u64,
    pub(crate) total: usize,
}

/// The primary says again what is not acknowledged.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct Again;

const PRIMARY: NodeId = NodeId(0);
const PATIENCE: Wait = Wait { least: Duration::from_millis(200), most: Duration::from_millis(300) };

/// The marks on a disk.
pub(crate) fn marks(disk: &[Record]) -> Vec<u64> {
    disk.iter().filter_map(|record| if let Record::Mark(ticket) = record { Some(*ticket) } else { None }).collect()
}

impl Tally {
    /// Tells every backup what it has not acknowledged.
    fn tell(&self) -> Effects<Self> {
        let Tally::Primary { marks, acknowledged, .. } = self else { return Effects::none() };
        let mut effects = Effects::none();
        for (backup, &first) in (1..).map(NodeId).zip(acknowledged).filter(|&(_, &first)| first < marks.len()) {
            effects = effects.send(backup, Message::Copy { first, marks: marks[first..].to_vec() });
        }
        if acknowledged.iter().any(|&count| count < marks.len()) { effects.arm(Again, PATIENCE) } else { effects }
    }

    fn receive(&mut self, from: NodeId, message: Message) -> Effects<Self> {
        match (self, message) {
            (Tally::Backup { marks }, Message::Copy { first, marks: told }) if first <= marks.len() => {
                let new: Vec<_> = told.into_iter().skip(marks.len() - first).collect();
                marks.extend(&new);
                let written = new.into_iter().fold(Effects::none(), |effects, mark| effects.write(Record::Mark(mark)));
                written.send(PRIMARY, Message::Have(marks.len()))
            }
            (Tally::Primary { marks, acknowledged, asked }, Message::Have(count)) => {
                let known = &mut acknowledged[from.index() - 1];
                *known = count.max(*known);
                let everywhere = acknowledged.iter().copied().min().unwrap_or_default();
                let is_done = |asked: &(usize, u64)| asked.0 <= everywhere;
                let done: Vec<_> = asked.iter().copied().filter(is_done).collect();
                asked.retain(|asked| !is_done(asked));
                let told =
                    done.into_iter().fold(Effects::none(), |told, (total, ticket)| told.reply(Reply { ticket, total }));
                if everywhere == marks.len() { told.disarm(Again) } else { told }
            }
            _ => Effects::none(),
        }
    }
}

impl Core for Tally {
    /// Who it is, and how many backups there are.
    type Config = (NodeId, usize);
    type Message = Message;
    type Record = Record;
    type Request = Request;
    type Reply = Reply;
    type Timer = Again;

    fn recover(&(node, backups): &Self::Config, records: &[Record]) -> (Self, Effects<Self>) {
        let marks = marks(records);
        let tally = if node == PRIMARY {
            Tally::Primary { marks, acknowledged: vec![0; backups], asked: Vec::new() }
        } else {
            Tally::Backup { marks }
        };
        let effects = Effects::none().write(Record::Started).then(tally.tell());
        (tally, effects)
    }

    fn step(&mut self, _: Time, input: Input<Self>) -> Effects<Self> {
        match input {
            Input::Receive { from, message } => self.receive(from, message),
            Input::Fired(Again) => self.tell(),
            Input::Request(Request { ticket, marks: more }) => {
                let Tally::Primary { marks, asked, .. } = self else { return Effects::none() };
                marks.extend(vec![ticket; more]);
                asked.push((marks.len(), ticket));
                let written = (0..more).fold(Effects::none(), |effects, _| effects.write(Record::Mark(ticket)));
                written.then(self.tell())
            }
        }
    }
}

/// A primary and its backups.
#[derive(Clone, Debug)]
pub(crate) struct Tallies {
    pub(crate) backups: usize,
    pub(crate) requests: u64,
    pub(crate) crashes: u32,
    pub(crate) simulated: bool,
}

impl System for Tallies {
    type Core = Tally;
    type Bug = Infallible;

    const NAME: &'static str = "tallies";
    const ABOUT: &'static str = "A tally that a primary keeps and backups copy.";
    const MUTANTS: &'static [CodeMutant<Infallible>] = &[];

    fn constants() -> Vec<Constant> {
        let number = |name, about| Constant { name, domain: Domain::Integer(0, 1_000), about };
        vec![
            number("backups", "how many copy"),
            number("requests", "how many requests there are"),
            number("crashes", "how many crashes there may be"),
            Constant { name: "simulated", domain: Domain::Boolean, about: "whether this is a run of the simulator" },
        ]
    }

    fn bounds() -> Vec<Bound> {
        let constants = vec![
            ("backups", 1_i64.into()),
            ("requests", 1_i64.into()),
            ("crashes", 1_i64.into()),
            ("simulated", false.into()),
        ];
        vec![Bound {
            name: "ci",
            about: "one mark, one crash",
            profile: Profile::Ci,
            constants,
            properties: PropertySet::All,
            expected: &[],
            counts: None,
        }]
    }

    fn new(constants: &Constants, _: Option<Infallible>) -> Result<Self, ConstantError> {
        let [backups, requests, crashes] = ["backups", "requests", "crashes"].map(|name| constants.number(name));
        Ok(Self { backups, requests: requests as u64, crashes: crashes as u32, simulated: constants.is("simulated") })
    }

    fn configs(&self) -> Vec<(NodeId, usize)> {
        (0..=self.backups).map(|node| (NodeId(node as u16), self.backups)).collect()
    }

    fn requests(&self) -> Vec<(NodeId, Request)> {
        // One request in four asks for what another has asked for too.
        let request = |n: u64| Request { ticket: n - n % 4 / 3, marks: 1 + (n - n % 4 / 3) as usize % 3 };
        (0..self.requests).map(|n| (PRIMARY, request(n))).collect()
    }

    fn crashes(&self) -> u32 {
        self.crashes
    }

    fn is_simulated(&self) -> bool {
        self.simulated
    }

    fn simulated(seed: u64) -> Vec<(&'static str, Value)> {
        let backups = 1 + (seed % 3).cast_signed();
        vec![
            ("backups", backups.into()),
            ("requests", 8_i64.into()),
            ("crashes", 100_i64.into()),
            ("simulated", true.into()),
        ]
    }

    fn claims(&self) -> Vec<Temporal<Cluster<Self>>> {
        Vec::new()
    }
}
