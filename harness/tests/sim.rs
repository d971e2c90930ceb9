//! The simulator: a run is decided by its seed, is a behaviour of the cluster as a model, and sees every fault.

mod tally;

use proofmark_core::{NodeId, Time, Wait};
use proofmark_harness::cluster::{Cluster, Event, Member, State, System};
use proofmark_harness::sim::{End, Fault, Faults, Fired, Happening, Options, Summary, run};
use proofmark_vocabulary::{Constants, Describe, Model};
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::time::Duration;
use tally::{Message, Record, Reply, Request, Tallies, Tally, marks};

fn options(seed: u64, faults: Faults) -> Options {
    let between = |least, most| Wait { least: Duration::from_millis(least), most: Duration::from_millis(most) };
    Options {
        seed,
        faults,
        latency: between(1, 20),
        requests: 0,
        pause: between(0, 1_000),
        aftermath: between(0, 2_000),
        most_events: 10_000,
        most_time: Duration::from_mins(10),
    }
}

/// The simulated run's cluster, as `conform` builds it.
fn cluster(seed: u64) -> Cluster<Tallies> {
    let mut chosen = Tallies::bounds()[0].constants.clone();
    chosen.extend(Tallies::simulated(seed));
    let constants = Constants::choose(&Tallies::constants(), &chosen, []).unwrap();
    Cluster::of(Tallies::new(&constants, None).unwrap())
}

/// What a happening leaves behind, owned.
struct Seen {
    event: Event<Tally>,
    clock: Time,
    after: Member<Tally>,
    sent: Vec<Message>,
    replies: Vec<Reply>,
}

fn seen(seed: u64, faults: Faults) -> (Vec<Seen>, Summary) {
    let mut all = Vec::new();
    let summary = run(&cluster(seed), &options(seed, faults), &mut |happening: &Happening<'_, Tally>| {
        assert_eq!(happening.node, happening.event.node());
        all.push(Seen {
            event: happening.event.clone(),
            clock: happening.clock,
            after: happening.after.clone(),
            sent: happening.sent.iter().map(|envelope| envelope.message.clone()).collect(),
            replies: happening.replies.to_vec(),
        });
        ControlFlow::Continue(())
    });
    (all, summary)
}

fn start(cluster: &Cluster<Tallies>) -> State<Tally> {
    cluster.init_states().remove(0)
}

/// A run is decided by its seed: here, and on every other machine.
#[test]
fn the_same_seed_gives_the_same_run() {
    for seed in 0..20 {
        let (first, second) = (seen(seed, Faults::all()).1, seen(seed, Faults::all()).1);
        assert_eq!(first, second);
        assert_ne!(first.fingerprint, seen(seed + 1, Faults::all()).1.fingerprint);
    }
    // Held, so that a machine where a run is another one is noticed.
    assert_eq!(
        seen(7, Faults::all()).1.fingerprint,
        "1bc4442db6348bba5f094ca99042077f4c963df30105d61c6d6051679ccecfc3"
    );
}

/// The simulator is a scheduler of the cluster as a model, and nothing more: each event is one that the model lists,
/// and leads where the model says.
#[test]
fn every_run_is_a_behaviour_of_the_model() {
    for seed in 0..300 {
        let cluster = cluster(seed);
        let mut state = start(&cluster);
        let (happenings, summary) = seen(seed, Faults::all());
        assert_eq!(summary.total(), happenings.len() as u64);
        for (step, Seen { event, after, sent, replies, .. }) in happenings.into_iter().enumerate() {
            let mut listed = Vec::new();
            cluster.actions(&state, &mut listed);
            assert!(listed.contains(&event), "seed {seed}, step {step}: {event:?} is not enabled");
            let node = event.node();
            state = cluster.next_state(&state, event).unwrap();
            assert_eq!(*state.node(node), after, "seed {seed}, step {step}");
            let is_known = |message: &Message| state.network.iter().any(|envelope| envelope.message == *message);
            assert!(sent.iter().all(is_known), "seed {seed}, step {step}");
            assert!(replies.into_iter().all(|reply| state.replies.contains(&(node, reply))));
        }
    }
}

#[test]
fn every_fault_fires_and_runs_end_quiet_when_faults_have_ceased() {
    let mut fired = Fired::default();
    let (mut calm, mut torn) = (0, [false; 3]);
    for seed in 0..100 {
        let (happenings, summary) = seen(seed, Faults::all());
        assert_eq!(summary.end, End::Quiet, "seed {seed}");
        calm += u32::from(summary.fired == Fired::default());
        fired.add(&summary.fired);
        for Seen { event, .. } in happenings {
            let Event::Torn { cause, kept } = event else { continue };
            match *cause {
                Event::Restart(_) => torn[0] = true,
                Event::Request(_, Request { marks, .. }) if kept == marks => torn[2] = true,
                Event::Request(..) if kept > 0 => torn[1] = true,
                _ => {}
            }
        }
    }
    assert_eq!(fired.never_fired(), [], "{fired:?}");
    assert!(Fault::of::<Tally>().eq(Fault::ALL), "who sends, writes and waits is spared none");
    assert!(calm > 5, "{calm} runs are calm");
    assert_eq!(torn, [true; 3], "a recovery fails, a beginning is kept, everything is kept and nobody knows");
}

#[test]
fn without_faults_every_request_is_answered() {
    for seed in 0..50 {
        let (happenings, summary) = seen(seed, Faults::none());
        assert_eq!(summary.fired.never_fired(), Fault::ALL, "seed {seed}");
        assert_eq!(summary.end, End::Quiet);
        let requests = cluster(seed).system().requests();
        let answered: usize = happenings.iter().map(|seen| seen.replies.len()).sum();
        assert_eq!(answered, requests.len(), "seed {seed}");
    }
}

/// One kind of fault at a time: it fires, and no other does.
#[test]
fn a_fault_that_is_left_out_stays_away() {
    for fault in Fault::ALL {
        let others = Fault::ALL.into_iter().filter(|&other| other != fault);
        let alone = others.fold(Faults::all(), Faults::without);
        let mut fired = Fired::default();
        (0..40).for_each(|seed| fired.add(&seen(seed, alone).1.fired));
        let stayed_away: Vec<_> = Fault::ALL.into_iter().filter(|&other| other != fault).collect();
        assert_eq!(fired.never_fired(), stayed_away, "only this may fire: {fault}");
    }
}

/// What was said was on the disk before, and what is on the disk stays there.
#[test]
fn disks_lose_only_what_was_not_synced() {
    for seed in 0..100 {
        let mut disks: BTreeMap<NodeId, Vec<Record>> = BTreeMap::new();
        let begun = start(&cluster(seed));
        for (node, member) in (0..).map(NodeId).zip(&begun.nodes) {
            disks.insert(node, member.disk.clone());
        }
        for Seen { event, after, sent, replies, .. } in seen(seed, Faults::all()).0 {
            let before = disks.insert(event.node(), after.disk.clone()).unwrap();
            assert!(after.disk.starts_with(&before), "seed {seed}: {event:?}");
            match &event {
                Event::Torn { kept, .. } => assert_eq!(after.disk.len() - before.len(), *kept),
                Event::Crash(_) => assert_eq!(after.disk, before),
                _ => {}
            }
            let on_disk = marks(&after.disk).len();
            for message in sent {
                let said = match message {
                    Message::Copy { first, marks } => first + marks.len(),
                    Message::Have(count) => count,
                };
                assert!(said <= on_disk, "seed {seed}");
            }
            for reply in replies {
                assert!(disks.values().all(|disk| marks(disk).len() >= reply.total), "seed {seed}");
            }
        }
    }
}

#[test]
fn clocks_never_go_back_on_a_node() {
    let mut restarted_earlier = false;
    for seed in 0..100 {
        let mut shown: BTreeMap<NodeId, Time> = BTreeMap::new();
        for Seen { event, clock, .. } in seen(seed, Faults::all()).0 {
            let starts = |event: &Event<Tally>| matches!(event, Event::Restart(_));
            let is_start = starts(&event) || matches!(&event, Event::Torn { cause, .. } if starts(cause));
            let last = shown.insert(event.node(), clock);
            if is_start {
                restarted_earlier |= last > Some(clock);
            } else {
                assert!(last <= Some(clock), "seed {seed}: {event:?}");
            }
        }
    }
    assert!(restarted_earlier, "a clock after a restart has nothing in common with the one before");
}

#[test]
fn a_run_stops_at_its_limits_and_where_it_is_told_to() {
    let cluster = cluster(1);
    let limited = |options: &Options| run(&cluster, options, &mut |_| ControlFlow::Continue(()));
    let few = limited(&Options { most_events: 5, ..options(1, Faults::all()) });
    assert_eq!((few.end, few.total()), (End::Limit, 5));
    let short = limited(&Options { most_time: Duration::from_millis(500), ..options(1, Faults::all()) });
    assert_eq!(short.end, End::Limit);
    assert!(short.duration <= Duration::from_millis(500));
    let stopped = run(&cluster, &options(1, Faults::all()), &mut |_| ControlFlow::Break(()));
    assert_eq!((stopped.end, stopped.total()), (End::Stopped, 1));
}

/// Crashes are counted against the cluster's limit, torn writes among them.
#[test]
fn a_cluster_without_crashes_has_none() {
    let system = Tallies { backups: 2, requests: 8, crashes: 0, simulated: true };
    let cluster = Cluster::of(system);
    for seed in 0..50 {
        let summary = run(&cluster, &options(seed, Faults::all()), &mut |happening| {
            assert!(happening.after.core.is_some());
            ControlFlow::Continue(())
        });
        assert_eq!(summary.end, End::Quiet);
    }
}

/// A disk stops in the model of a run alone, and a client leaves requests out there alone.
#[test]
fn what_only_a_run_does_is_listed_for_a_run_alone() {
    let listed = |simulated| {
        let cluster = Cluster::of(Tallies { backups: 1, requests: 3, crashes: 1, simulated });
        let (state, mut events) = (start(&cluster), Vec::new());
        cluster.actions(&state, &mut events);
        let words: Vec<_> = events.iter().map(|event| cluster.action_in_words(event)).collect();
        let off = cluster.switched_off();
        (words, off)
    };
    let ask = |ticket: usize| format!("a client asks node 0: Request {{ ticket: {ticket}, marks: {} }}", ticket + 1);
    let crashes = ["node 0 crashes".to_owned(), "node 1 crashes".to_owned()];
    assert_eq!(listed(false), ([&[ask(0)], &crashes[..]].concat(), vec!["Torn"]));
    let (words, off) = listed(true);
    assert_eq!(words[..5], [&[ask(0), ask(1), ask(2)], &crashes[..]].concat());
    let torn = |ticket, kept| format!("node 0's disk stops while {}; {kept}", ask(ticket));
    let (none, one, two) = ("no record of it is kept", "1 record of it is kept", "2 records of it are kept");
    assert_eq!(words[5..9], [torn(0, none), torn(0, one), torn(1, none), torn(1, one)]);
    assert_eq!((&words[9], words.len()), (&torn(1, two), 5 + 2 + 3 + 4));
    assert_eq!(off, Vec::<&str>::new());
}

#[test]
fn a_disk_that_stops_keeps_a_beginning_and_sends_nothing() {
    let cluster = Cluster::of(Tallies { backups: 1, requests: 3, crashes: 1, simulated: true });
    let state = start(&cluster);
    let (to, request) = cluster.system().requests().remove(2);
    let torn = |cause, kept| Event::Torn { cause: Box::new(cause), kept };
    let ask = Event::Request(to, request);
    let after = cluster.next_state(&state, torn(ask.clone(), 2)).unwrap();
    assert_eq!(after.node(to).disk, [Record::Started, Record::Mark(2), Record::Mark(2)]);
    assert_eq!((&after.node(to).core, after.network.len(), after.requested, after.crashes), (&None, 0, 3, 1));
    assert_eq!(cluster.next_state(&state, torn(ask.clone(), 4)), None, "it writes three records");
    assert_eq!(cluster.next_state(&after, torn(Event::Restart(to), 0)), None, "there was one crash to be had");
    let writes_nothing = Event::Crash(to);
    assert_eq!(cluster.next_state(&state, torn(writes_nothing, 0)), None);
}
