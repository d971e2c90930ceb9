//! Histories of real threads.

use super::*;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Barrier, Mutex, mpsc};
use std::thread;

/// A register behind a mutex. With a bug, whoever has written a value goes on to read that one.
struct Shared {
    held: Mutex<u8>,
    is_stale: bool,
}

impl Shared {
    fn new(is_stale: bool) -> Self {
        Self { held: Mutex::new(0), is_stale }
    }

    fn apply(&self, access: Access, own: &mut Option<u8>) -> Reply {
        match (access, *own) {
            (Write(value), _) => {
                *self.held.lock().unwrap() = value;
                *own = Some(value);
                Written
            }
            (Read, Some(own)) if self.is_stale => Value(own),
            (Read, _) => Value(*self.held.lock().unwrap()),
        }
    }
}

/// Four threads at work until they are told to stop, or have done so much.
fn work(register: &Shared, recording: &Recording<Access, Reply>, stop: &AtomicBool, most: usize) {
    let at_once = Barrier::new(4);
    thread::scope(|scope| {
        for thread in 0..4_u8 {
            let (mut client, at_once) = (recording.client(), &at_once);
            scope.spawn(move || {
                let mut own = None;
                at_once.wait();
                for turn in 0..most {
                    let access = if turn % 3 == 0 { Write(thread * 60 + turn as u8 % 60) } else { Read };
                    client.call(access, || register.apply(access, &mut own));
                    if stop.load(Ordering::Relaxed) {
                        break;
                    }
                }
            });
        }
    });
}

#[test]
fn a_register_behind_a_mutex_is_linearizable() {
    let (register, recording) = (Shared::new(false), Recording::new());
    work(&register, &recording, &AtomicBool::new(false), 2_000);
    let history = recording.finish();
    let clients: std::collections::BTreeSet<_> = (0..history.len()).map(|id| history.client(OperationId(id))).collect();
    assert_eq!((history.len(), clients.len()), (8_000, 4));
    let Linearizability::Linearizable(order) = linearize(&Register, &history, 1_000_000) else { panic!() };
    assert_eq!(order.len(), 8_000);
}

/// Each thread writes, and only then each reads: at most one of them has written last.
#[test]
fn a_register_with_stale_reads_is_not() {
    let (register, recording) = (Shared::new(true), Recording::new());
    let written = Barrier::new(4);
    thread::scope(|scope| {
        for thread in 1..=4 {
            let (mut client, register, written) = (recording.client(), &register, &written);
            scope.spawn(move || {
                let mut own = None;
                client.call(Write(thread), || register.apply(Write(thread), &mut own));
                written.wait();
                client.call(Read, || register.apply(Read, &mut own));
            });
        }
    });
    let history = recording.finish();
    refused(&Register, &history);
    // A write, one over it and the read of the first; or, where the writes overlapped, a read of each.
    assert!(matches!(minimise(&Register, &history, BUDGET).unwrap().history.len(), 3 | 4));
}

/// What is recorded when threads go on is a history: nothing is seen in it whose invocation is missing.
#[test]
fn a_recording_can_end_while_threads_go_on() {
    let (register, recording) = (Shared::new(false), Recording::new());
    let (stop, begun) = (AtomicBool::new(false), Barrier::new(5));
    thread::scope(|scope| {
        for thread in 0..4_u8 {
            let (mut client, register, stop, begun) = (recording.client(), &register, &stop, &begun);
            scope.spawn(move || {
                begun.wait();
                for turn in 0_usize.. {
                    let access = if turn % 2 == 0 { Write(thread * 60 + turn as u8 % 60) } else { Read };
                    client.call(access, || register.apply(access, &mut None));
                    if stop.load(Ordering::Relaxed) {
                        break;
                    }
                }
            });
        }
        begun.wait();
        thread::sleep(std::time::Duration::from_millis(1));
        let history = recording.finish();
        stop.store(true, Ordering::Relaxed);
        assert!(matches!(linearize(&Register, &history, 1_000_000), Linearizability::Linearizable(_)));
    });
}

#[test]
fn who_waits_for_ever_or_panics_or_gives_up_is_pending() {
    let recording = Recording::new();
    let (mut waits, mut panics, mut gives_up) = (recording.client(), recording.client(), recording.client());
    let (let_go, granted) = mpsc::channel::<()>();
    let (asked, has_asked) = mpsc::channel();
    let waiter = thread::spawn(move || {
        waits.invoke(Read);
        asked.send(()).unwrap();
        granted.recv().unwrap();
        // Nobody records any more.
        waits.respond(Value(7))
    });
    has_asked.recv().unwrap();
    catch_unwind(AssertUnwindSafe(|| panics.call(Write(1), || panic!("as planned")))).unwrap_err();
    gives_up.invoke(Write(2));
    gives_up.call(Read, || Value(2));
    assert!(!gives_up.respond(Value(3)));
    let history = recording.finish();
    let_go.send(()).unwrap();
    assert!(!waiter.join().unwrap());

    let responses: Vec<_> = (0..history.len()).map(|id| history.response(OperationId(id)).is_some()).collect();
    assert_eq!(responses, [false, false, false, true]);
    assert!(matches!(linearize(&Register, &history, BUDGET), Linearizability::Linearizable(order) if order.len() == 2));
}
