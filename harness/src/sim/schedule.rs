//! What is due, and what comes of it.

use super::clock::Clock;
use super::disk::Disk;
use super::network::Network;
use super::{Dice, Fault, Faults, Fired, Happening, Options};
use crate::cluster::{Cluster, Envelope, Event, Member, System};
use proofmark_core::{Core, NodeId, Output, Time};
use std::collections::BTreeMap;
use std::time::Duration;

/// A run between two events.
pub(super) struct Schedule<'a, S: System> {
    cluster: &'a Cluster<S>,
    options: &'a Options,
    /// Those that are on in this run, until they cease.
    faults: Faults,
    dice: Dice,
    fired: Fired,
    now: u64,
    machines: Vec<Machine<S::Core>>,
    network: Network,
    agenda: Agenda<S::Core>,
    crashes: u32,
}

/// A node and what is around it.
struct Machine<C: Core> {
    member: Member<C>,
    clock: Clock,
    disk: Disk,
    /// For each armed timer what its clock must show, and its place in the agenda.
    alarms: BTreeMap<C::Timer, (Time, Place)>,
}

/// What is due, in order: by time, and what is due at the same time as it was entered. A map and no heap, so that
/// what is called off can be removed: the run is quiet when nothing is left.
struct Agenda<C: Core> {
    due: BTreeMap<Place, Due<C>>,
    entered: u64,
}

/// When, in nanoseconds, and as the how-manieth entry.
type Place = (u64, u64);

pub(super) enum Due<C: Core> {
    /// A message arrives.
    Arrival(Envelope<C::Message>),
    /// A timer fires.
    Alarm(NodeId, C::Timer),
    /// A client makes its request, the how-manieth of the run.
    Request(usize),
    /// A node that is down recovers.
    Recovery(NodeId),
    /// A fault that comes at drawn moments, once in so much time.
    Spell(Fault, Duration, Duration),
    /// A cut of the network heals.
    Healing(u64),
    /// Nothing goes wrong any more.
    Calm,
}

/// An event that has happened.
pub(super) struct Done<C: Core> {
    pub(super) event: Event<C>,
    clock: Time,
    sent: Vec<Envelope<C::Message>>,
    replies: Vec<C::Reply>,
}

impl<'a, S: System> Schedule<'a, S> {
    /// The nodes have started, faults and clients are about to.
    pub(super) fn new(cluster: &'a Cluster<S>, options: &'a Options) -> Self {
        let mut dice = Dice::of(options.seed, "schedule");
        let faults = options.faults.drawn::<S::Core>(&mut dice);
        let machine = |_: &_| Machine {
            member: Member::empty(),
            clock: Clock::drawn(faults.drift, &mut dice),
            disk: Disk::default(),
            alarms: BTreeMap::new(),
        };
        let machines: Vec<_> = cluster.configs.iter().map(machine).collect();
        let mut schedule = Self {
            cluster,
            options,
            // No fault comes before the run, whose first state is the model's.
            faults: Faults::none(),
            dice,
            fired: Fired::default(),
            now: 0,
            machines,
            network: Network::default(),
            agenda: Agenda { due: BTreeMap::new(), entered: 0 },
            crashes: 0,
        };
        for node in (0..).map(NodeId).take(cluster.configs.len()) {
            // What is sent is on its way, and no happening.
            schedule.input(Event::Restart(node));
        }
        schedule.faults = faults;
        for (fault, spell) in faults.spells() {
            if !spell.every.is_zero() {
                let first = schedule.dice.about(spell.every);
                schedule.after(first, Due::Spell(fault, spell.every, spell.length));
            }
        }
        schedule.client(0);
        schedule
    }

    /// When something is due next.
    pub(super) fn next_at(&self) -> Option<Duration> {
        self.agenda.due.keys().next().map(|(at, _)| Duration::from_nanos(*at))
    }

    /// What is due next; then it is that moment.
    pub(super) fn next(&mut self) -> Option<Due<S::Core>> {
        let ((at, _), due) = self.agenda.due.pop_first()?;
        self.now = at;
        Some(due)
    }

    /// Does what is due: an event of the cluster, or something around it.
    pub(super) fn happen(&mut self, due: Due<S::Core>) -> Option<Done<S::Core>> {
        match due {
            Due::Arrival(envelope) => {
                let arrives = self.network.lets_through(envelope.from, envelope.to, &mut self.fired);
                if arrives { self.input(Event::Receive(envelope)) } else { None }
            }
            Due::Alarm(node, timer) => {
                self.machines[node.index()].alarms.remove(&timer);
                self.input(Event::Fire(node, timer))
            }
            Due::Request(index) => {
                self.client(index + 1);
                let (to, request) = self.request(index)?;
                // A client that finds its node down gives up.
                self.input(Event::Request(to, request))
            }
            Due::Recovery(node) => self.input(Event::Restart(node)),
            Due::Spell(fault, every, length) => {
                let next = self.dice.about(every);
                self.after(next, Due::Spell(fault, every, length));
                self.strike(fault, length)
            }
            Due::Healing(cut) => {
                self.network.heal(cut);
                None
            }
            Due::Calm => {
                self.calm();
                None
            }
        }
    }

    /// An event as others see it.
    pub(super) fn happening<'b>(&'b self, done: &'b Done<S::Core>) -> Happening<'b, S::Core> {
        let Done { event, clock, sent, replies } = done;
        let (at, node) = (Duration::from_nanos(self.now), event.node());
        let after = &self.machines[node.index()].member;
        Happening { at, clock: *clock, event, node, after, sent, replies }
    }

    /// How often each fault has fired.
    pub(super) fn fired(&self) -> &Fired {
        &self.fired
    }

    /// Enters what is due after so much time.
    fn after(&mut self, wait: u64, due: Due<S::Core>) -> Place {
        self.agenda.enter(self.now.saturating_add(wait), due)
    }

    /// What a client asks for next: what the system lists there or, if clients ask at any time, one of those that can be
    /// asked for now.
    fn request(&mut self, index: usize) -> Option<(NodeId, <S::Core as Core>::Request)> {
        let Some(possible) = self.cluster.at_any_time else { return self.cluster.requests.get(index).cloned() };
        let core = |node: NodeId| self.machines.get(node.index())?.member.core.as_ref();
        let offered: Vec<_> = self.cluster.offered(possible, core).collect();
        let place = self.dice.place(offered.len())?;
        Some(offered[place].clone())
    }

    /// The request of that index is made after a while; when there is none, faults cease after another.
    fn client(&mut self, index: usize) {
        let all = if self.cluster.at_any_time.is_some() { self.options.requests } else { self.cluster.requests.len() };
        let (wait, due) =
            if index < all { (self.options.pause, Due::Request(index)) } else { (self.options.aftermath, Due::Calm) };
        let wait = self.dice.wait(wait);
        self.after(wait, due);
    }

    /// Hands an event to its node and carries out what that asks for, if the disk lets it. Nothing when the node is
    /// down, or there is none.
    fn input(&mut self, event: Event<S::Core>) -> Option<Done<S::Core>> {
        let node = event.node();
        let spare = self.crashes < self.cluster.crashes;
        let machine = self.machines.get_mut(node.index())?;
        if matches!(event, Event::Restart(_)) && machine.member.core.is_none() {
            machine.clock.start(self.now, &mut self.dice);
            if machine.clock.drifts() {
                self.fired.count(Fault::Drift);
            }
        }
        let clock = machine.clock.show(self.now);
        let effects = machine.member.take(&self.cluster.configs[node.index()], clock, event.clone())?;
        // Every crash that there may be has been: disks are sound from now on.
        let (disk, torn) = if spare { (machine.disk.clone(), self.faults.torn_write) } else { (Disk::default(), 0) };
        let mut write = disk.write(self.now, torn, &mut self.dice, &mut self.fired);
        let outputs = effects.release(&mut write);
        let written = write.durable;
        let kept = written.len();
        machine.member.disk.extend(written);
        let mut done = Done { event, clock, sent: Vec::new(), replies: Vec::new() };
        if let Ok(outputs) = outputs {
            for output in outputs {
                self.carry_out(&mut done, output);
            }
        } else {
            self.stop(node);
            done.event = Event::Torn { cause: Box::new(done.event), kept };
        }
        Some(done)
    }

    fn carry_out(&mut self, done: &mut Done<S::Core>, output: Output<S::Core>) {
        let node = done.event.node();
        match output {
            Output::Send { to, message } => {
                let envelope = Envelope { from: node, to, message };
                for wait in Network::copies(self.options.latency, &self.faults, &mut self.dice, &mut self.fired) {
                    self.after(wait, Due::Arrival(envelope.clone()));
                }
                done.sent.push(envelope);
            }
            Output::Reply(reply) => done.replies.push(reply),
            Output::Arm { timer, wait } => {
                let wait = Duration::from_nanos(self.dice.wait(wait));
                let machine = &mut self.machines[node.index()];
                machine.member.timers.insert(timer.clone());
                self.agenda.arm(machine, node, timer, done.clock + wait, self.now);
            }
            Output::Disarm(timer) => {
                let machine = &mut self.machines[node.index()];
                machine.member.timers.remove(&timer);
                self.agenda.disarm(machine, &timer);
            }
        }
    }

    /// A fault comes over the network, or over a node.
    fn strike(&mut self, fault: Fault, length: Duration) -> Option<Done<S::Core>> {
        let length = self.dice.about(length);
        let until = self.now.saturating_add(length);
        if matches!(fault, Fault::Partition | Fault::OneWayPartition) {
            let one_way = fault == Fault::OneWayPartition;
            let cut = self.network.cut(self.machines.len(), one_way, &mut self.dice)?;
            self.after(length, Due::Healing(cut));
            return None;
        }
        let node = self.dice.place(self.machines.len())?;
        let machine = &mut self.machines[node];
        match fault {
            Fault::FullDisk => machine.disk.full_until = until,
            Fault::FailingDisk => machine.disk.failing_until = until,
            Fault::Jump if machine.member.core.is_some() => {
                machine.clock.jump(self.now, length);
                self.fired.count(Fault::Jump);
                let deadlines: Vec<_> = machine.alarms.iter().map(|(timer, (at, _))| (timer.clone(), *at)).collect();
                for (timer, at) in deadlines {
                    self.agenda.arm(machine, NodeId(node as u16), timer, at, self.now);
                }
            }
            Fault::Crash if machine.member.core.is_some() && self.crashes < self.cluster.crashes => {
                let (node, clock) = (NodeId(node as u16), machine.clock.show(self.now));
                self.fired.count(Fault::Crash);
                self.stop(node);
                return Some(Done { event: Event::Crash(node), clock, sent: Vec::new(), replies: Vec::new() });
            }
            _ => {}
        }
        None
    }

    /// A node stops, and will recover.
    fn stop(&mut self, node: NodeId) {
        let machine = &mut self.machines[node.index()];
        machine.member.stop();
        for (_, place) in std::mem::take(&mut machine.alarms).into_values() {
            self.agenda.due.remove(&place);
        }
        self.crashes += 1;
        let down = self.dice.about(self.faults.down);
        self.after(down, Due::Recovery(node));
    }

    /// Nothing goes wrong any more. Clocks go on to drift, and nodes that are down recover when they are due.
    fn calm(&mut self) {
        self.faults = Faults { down: self.faults.down, ..Faults::none() };
        self.network.heal_all();
        self.machines.iter_mut().for_each(|machine| machine.disk.mend());
        self.agenda.due.retain(|_, due| !matches!(due, Due::Spell(..) | Due::Healing(_)));
    }
}

impl<C: Core> Agenda<C> {
    fn enter(&mut self, at: u64, due: Due<C>) -> Place {
        let place = (at, self.entered);
        self.entered += 1;
        self.due.insert(place, due);
        place
    }

    /// A timer of a node fires as soon as the node's clock shows so much, and not at another time any more.
    fn arm(&mut self, machine: &mut Machine<C>, node: NodeId, timer: C::Timer, shown: Time, now: u64) {
        self.disarm(machine, &timer);
        let place = self.enter(machine.clock.when(shown).max(now), Due::Alarm(node, timer.clone()));
        machine.alarms.insert(timer, (shown, place));
    }

    fn disarm(&mut self, machine: &mut Machine<C>, timer: &C::Timer) {
        if let Some((_, place)) = machine.alarms.remove(timer) {
            self.due.remove(&place);
        }
    }
}
