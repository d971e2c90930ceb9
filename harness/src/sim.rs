//! The simulator: real cores in virtual time, with a network, clocks and disks that go wrong as a seed decides.
//!
//! A run is a behaviour of the [`Cluster`] of the same system as a model: the simulator chooses when a message
//! arrives, how often or not at all, when a timer fires, a node crashes, and how much of a write is on the disk; it
//! can do nothing that the model cannot. What the model leaves open and a schedule must settle is here alone: time,
//! and how likely things are. The same seed gives the same run, byte for byte, on every machine: there is no
//! floating point in it, nothing is iterated over in an order that depends on addresses, and nothing is drawn that
//! is as wide as a pointer.
//!
//! Of the kinds of fault that the core [can have](Fault::of), each run draws those that are on ([`Faults`] says at most
//! which): some runs are calm, and some see nothing but full disks. When clients have asked for everything, faults go on
//! for a while and then cease: partitions heal, disks have space, nodes recover. What is still due then happens, so that
//! code that makes progress when the world is well can be seen to.

mod clock;
mod dice;
mod disk;
mod faults;
mod network;
mod schedule;

pub use dice::Dice;
pub use faults::{Fault, Faults, Fired, Spell};

use crate::cluster::{Cluster, Envelope, Event, Member, System};
use crate::store::hex;
use proofmark_core::{Core, NodeId, Time, Wait};
use schedule::Schedule;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::ops::ControlFlow;
use std::time::Duration;

/// A run: what decides it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Decides everything that is drawn.
    pub seed: u64,
    /// What may go wrong at most: a run draws which kinds of it are on.
    pub faults: Faults,
    /// How long a message is on its way when nothing holds it up.
    pub latency: Wait,
    /// How many requests clients make, where they ask at any time: each is drawn among what can be asked for then.
    pub requests: usize,
    /// How long clients wait from one request to the next.
    pub pause: Wait,
    /// How long faults go on after the last request.
    pub aftermath: Wait,
    /// After how many events a run is cut.
    pub most_events: u64,
    /// After how much simulated time a run is cut.
    pub most_time: Duration,
}

/// An event of a run, and what came of it.
///
/// The nodes have started before the first one: what they wrote, sent and replied then is in the initial state of
/// the [`Cluster`] as a model. From there on each event leads from a state of that model to the next.
#[derive(Clone, Copy, Debug)]
pub struct Happening<'a, C: Core> {
    /// When, since the start of the run.
    pub at: Duration,
    /// What the node's clock showed, which is what the node was told.
    pub clock: Time,
    /// The event.
    pub event: &'a Event<C>,
    /// The node that it happened to.
    pub node: NodeId,
    /// That node, with its disk, after it.
    pub after: &'a Member<C>,
    /// What the node sent, whether it will arrive or not.
    pub sent: &'a [Envelope<C::Message>],
    /// What clients were told.
    pub replies: &'a [C::Reply],
}

/// What a run came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// How many events there were, by the kinds that the model names them by.
    pub events: BTreeMap<&'static str, u64>,
    /// How often each fault has fired.
    pub fired: Fired,
    /// How it ended.
    pub end: End,
    /// When the last event was.
    pub duration: Duration,
    /// SHA-256 of a text that says what happened, in hexadecimal: two runs that are the same have the same.
    pub fingerprint: String,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum End {
    /// Quiet: every node is up, no message is on its way, and no timer is armed.
    Quiet,
    /// A limit of the options was reached.
    Limit,
    /// Whoever watched it has seen enough.
    Stopped,
}

impl Summary {
    /// How many events there were.
    pub fn total(&self) -> u64 {
        self.events.values().sum()
    }
}

/// Runs a cluster. Every event is shown to `see` once it has happened; the run stops where that says so.
///
/// The cluster's limit of crashes is kept: beyond it no node crashes, and no disk goes wrong.
pub fn run<S: System>(
    cluster: &Cluster<S>,
    options: &Options,
    see: &mut dyn FnMut(&Happening<'_, S::Core>) -> ControlFlow<()>,
) -> Summary {
    let mut schedule = Schedule::new(cluster, options);
    let mut transcript = Sha256::new();
    let mut events = BTreeMap::new();
    let (mut duration, mut count) = (Duration::ZERO, 0);
    let end = loop {
        if count >= options.most_events || schedule.next_at().is_some_and(|at| at > options.most_time) {
            break End::Limit;
        }
        let Some(due) = schedule.next() else { break End::Quiet };
        let Some(done) = schedule.happen(due) else { continue };
        let happening = schedule.happening(&done);
        count += 1;
        duration = happening.at;
        *events.entry(done.event.name()).or_default() += 1;
        transcript.update(line(&happening));
        if see(&happening).is_break() {
            break End::Stopped;
        }
    };
    let fingerprint = hex(&transcript.finalize());
    Summary { events, fired: schedule.fired().clone(), end, duration, fingerprint }
}

/// A happening as a line. What the node holds is not in it: that follows from what the node was given.
fn line<C: Core>(happening: &Happening<'_, C>) -> String {
    let Happening { at, clock, event, node, after, sent, replies } = happening;
    let (at, clock, up, disk) = (at.as_nanos(), clock.as_nanos(), after.core.is_some(), after.disk.len());
    let sent: Vec<_> = sent.iter().map(|sent| format!("{} {}", sent.to, json(&sent.message))).collect();
    format!("{at} {node} {clock} {} {up} {disk} {sent:?} {}\n", words(event), json(replies))
}

/// An event, without the words of `Debug`, which a compiler may change.
fn words<C: Core>(event: &Event<C>) -> String {
    let name = event.name();
    match event {
        Event::Receive(Envelope { from, message, .. }) => format!("{name} {from} {}", json(message)),
        Event::Request(_, request) => format!("{name} {}", json(request)),
        Event::Fire(_, timer) => format!("{name} {}", json(timer)),
        Event::Crash(_) | Event::Restart(_) => name.to_owned(),
        Event::Torn { cause, kept } => format!("{name} {kept} {}", words(cause)),
    }
}

/// Canonical text. What JSON has no words for, such as a map whose keys are no text, is said as `Debug` does.
fn json(part: &(impl Serialize + Debug + ?Sized)) -> String {
    serde_json::to_string(part).unwrap_or_else(|_| format!("{part:?}"))
}
