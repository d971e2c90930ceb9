//! The cases.

use super::Case;
use super::stage::{Actor, Stage};
use super::table::{Mode, Policy, Refused};
use crate::explorer::thread;
use crate::sync::Deadline;
use Mode::{IS, IX, S, U, X};

const fn case(name: &'static str, about: &'static str, threads: usize, body: fn(&Stage)) -> Case {
    Case { name, about, threads, keys: 2, policy: Policy::Detect, looks: 0, body }
}

pub(super) const CASES: &[Case] = &[
    case("acquire-release", "two threads lock the same free key", 2, acquire_release),
    Case {
        looks: 1,
        ..case("second-look", "a key that is taken is looked at again before its wait begins", 3, hand_over)
    },
    case("hand-over", "two writers wait for a third, which hands the key over", 3, hand_over),
    case("shared-group", "a writer hands the key over to two readers at a time", 3, shared_group),
    case(
        "writer-between-readers",
        "a reader that comes after a waiting writer waits behind it",
        3,
        writer_between_readers,
    ),
    case("intentions", "intention modes share, and a reader waits for the exclusive one", 3, intentions),
    case("insert-and-remove", "an entry vanishes while another thread asks for its key", 2, insert_and_remove),
    case("two-keys-of-a-shard", "entries of other keys come and go in the same table", 2, two_keys),
    case("try-against-release", "a try meets a release", 2, try_against_release),
    case("drop-on-another-thread", "a guard is dropped by another thread than its owner's", 3, drop_on_another_thread),
    case("cancel-against-grant", "a future is dropped while it is being granted", 3, cancel_against_grant),
    case("cancelled-head", "a waiting writer is cancelled, and readers behind it go on", 3, cancelled_head),
    case("timeout-against-grant", "the time of a waiter is over while it is being granted", 3, timeout_against_grant),
    case("timed-out-head", "the time of a waiting writer is over, and a reader behind it goes on", 3, timed_out_head),
    case("waker-replaced", "a future is polled with another waker while it is being woken", 2, waker_replaced),
    case("block-and-await", "a thread that blocks and one that awaits wait in one queue", 3, block_and_await),
    case("upgrade-against-writer", "an upgrade meets a writer in the queue", 3, upgrade_against_writer),
    case("upgrade-waits", "an upgrade waits for a reader to leave", 2, upgrade_waits),
    case("two-upgrades", "two readers upgrade, and the younger is refused", 2, two_upgrades),
    case("cancelled-upgrade", "an upgrade is cancelled while it is being granted", 2, cancelled_upgrade),
    case("downgrade", "a writer becomes a reader, and lets another one in", 2, downgrade),
    case("opposite-orders", "two owners lock two keys in opposite orders", 2, opposite_orders),
    case("victim-against-grant", "a victim is chosen while what it waits for is released", 3, victim_against_grant),
    case("victim-against-timeout", "a circle of waits ends by itself while it is looked at", 3, victim_against_timeout),
    case("circle-through-a-queue", "a circle is closed by a wait behind another waiter", 3, circle_through_a_queue),
    case("keys-in-order", "two owners lock two keys at a time, named in opposite orders", 2, keys_in_order),
    Case {
        policy: Policy::WaitDie,
        ..case("wait-die", "two owners lock two keys in opposite orders, and the younger does not wait", 2, wait_die)
    },
    Case {
        policy: Policy::WoundWait,
        looks: 1,
        ..case(
            "wound-wait",
            "two owners lock two keys in opposite orders, and the older wounds the younger",
            2,
            wound_wait,
        )
    },
    Case {
        policy: Policy::WoundWait,
        ..case("wound-against-grant", "an owner is wounded while it is being granted", 3, wound_against_grant)
    },
];

fn acquire_release(stage: &Stage) {
    let (mut main, other) = (stage.actor(), stage.actor());
    let other = other.spawn(|mut actor| {
        let lock = actor.acquire(0, X);
        actor.use_up(0, lock);
    });
    let lock = main.acquire(0, X);
    main.use_up(0, lock);
    other.join().unwrap();
}

/// Somebody who locks the key once.
fn once(actor: Actor, mode: Mode) -> thread::JoinHandle<()> {
    actor.spawn(move |mut actor| {
        let lock = actor.acquire(0, mode);
        actor.use_up(0, lock);
    })
}

/// The first actor holds the key; two others lock it once in these modes.
fn held_while_two_ask(stage: &Stage, held: Mode, modes: [Mode; 2]) {
    let mut main = stage.actor();
    let others = modes.map(|_| stage.actor());
    let lock = main.acquire(0, held).unwrap();
    let mut modes = modes.into_iter();
    let others = others.map(|actor| once(actor, modes.next().unwrap()));
    main.release(0, lock);
    for thread in others {
        thread.join().unwrap();
    }
}

fn hand_over(stage: &Stage) {
    held_while_two_ask(stage, X, [X, X]);
}

fn shared_group(stage: &Stage) {
    held_while_two_ask(stage, X, [S, S]);
}

fn writer_between_readers(stage: &Stage) {
    held_while_two_ask(stage, S, [X, S]);
}

fn intentions(stage: &Stage) {
    held_while_two_ask(stage, IX, [S, IS]);
}

fn insert_and_remove(stage: &Stage) {
    let (mut main, other) = (stage.actor(), stage.actor());
    let other = other.spawn(|mut actor| {
        for mode in [S, X] {
            let lock = actor.acquire(0, mode);
            actor.use_up(0, lock);
        }
    });
    for mode in [X, U] {
        let lock = main.acquire(0, mode);
        main.use_up(0, lock);
    }
    other.join().unwrap();
}

fn two_keys(stage: &Stage) {
    let (mut main, other) = (stage.actor(), stage.actor());
    let other = other.spawn(|mut actor| {
        for key in [1, 0] {
            let lock = actor.acquire(key, X);
            actor.use_up(key, lock);
        }
    });
    for key in [0, 1] {
        let lock = main.acquire(key, X);
        main.use_up(key, lock);
    }
    other.join().unwrap();
}

fn try_against_release(stage: &Stage) {
    let (mut main, other) = (stage.actor(), stage.actor());
    let lock = main.acquire(0, X).unwrap();
    let other = other.spawn(|mut actor| {
        for mode in [X, S] {
            let lock = actor.try_acquire(0, mode);
            actor.use_up(0, lock);
        }
    });
    main.release(0, lock);
    other.join().unwrap();
}

fn drop_on_another_thread(stage: &Stage) {
    let (mut main, waiter, dropper) = (stage.actor(), stage.actor(), stage.actor());
    let lock = main.acquire(0, X).unwrap();
    let waiter = once(waiter, X);
    let dropper = dropper.spawn(move |_| main.release(0, lock));
    waiter.join().unwrap();
    dropper.join().unwrap();
}

fn cancel_against_grant(stage: &Stage) {
    let (mut main, cancels, waits) = (stage.actor(), stage.actor(), stage.actor());
    let lock = main.acquire(0, X).unwrap();
    let cancels = cancels.spawn(|mut actor| {
        let lock = actor.acquire_or_cancel(0, X).ok_or(Refused::WouldWait);
        actor.use_up(0, lock);
    });
    let waits = once(waits, X);
    main.release(0, lock);
    cancels.join().unwrap();
    waits.join().unwrap();
}

fn cancelled_head(stage: &Stage) {
    let (mut main, cancels, waits) = (stage.actor(), stage.actor(), stage.actor());
    let lock = main.acquire(0, S).unwrap();
    let cancels = cancels.spawn(|mut actor| {
        let lock = actor.acquire_or_cancel(0, X).ok_or(Refused::WouldWait);
        actor.use_up(0, lock);
    });
    // The reader behind the writer is let in before the first reader leaves.
    let waits = once(waits, S);
    cancels.join().unwrap();
    waits.join().unwrap();
    main.release(0, lock);
}

fn timeout_against_grant(stage: &Stage) {
    let (mut main, times_out, rings) = (stage.actor(), stage.actor(), stage.actor());
    let deadline = Deadline::after(std::time::Duration::MAX);
    let alarm = deadline.alarm();
    let lock = main.acquire(0, X).unwrap();
    let times_out = times_out.spawn(move |mut actor| {
        let lock = actor.acquire_until(0, X, &deadline);
        actor.use_up(0, lock);
    });
    let rings = rings.spawn(move |_| alarm.ring());
    main.release(0, lock);
    let lock = main.acquire(0, X);
    main.use_up(0, lock);
    times_out.join().unwrap();
    rings.join().unwrap();
}

fn timed_out_head(stage: &Stage) {
    let (mut main, times_out, waits) = (stage.actor(), stage.actor(), stage.actor());
    let deadline = Deadline::after(std::time::Duration::MAX);
    let alarm = deadline.alarm();
    let lock = main.acquire(0, S).unwrap();
    let times_out = times_out.spawn(move |mut actor| {
        let lock = actor.acquire_until(0, X, &deadline);
        actor.use_up(0, lock);
    });
    let waits = once(waits, S);
    alarm.ring();
    waits.join().unwrap();
    main.release(0, lock);
    times_out.join().unwrap();
}

fn waker_replaced(stage: &Stage) {
    let (mut main, other) = (stage.actor(), stage.actor());
    let lock = main.acquire(0, X).unwrap();
    let other = other.spawn(|mut actor| {
        let lock = actor.acquire_with_two_wakers(0, X);
        actor.use_up(0, lock);
    });
    main.release(0, lock);
    other.join().unwrap();
}

fn block_and_await(stage: &Stage) {
    let (mut main, awaits, blocks) = (stage.actor(), stage.actor(), stage.actor());
    let lock = main.acquire(0, X).unwrap();
    let awaits = awaits.spawn(|mut actor| {
        let lock = actor.acquire_awaiting(0, X);
        actor.use_up(0, lock);
    });
    let blocks = once(blocks, U);
    main.release(0, lock);
    awaits.join().unwrap();
    blocks.join().unwrap();
}

fn upgrade_against_writer(stage: &Stage) {
    let (mut main, reader, writer) = (stage.actor(), stage.actor(), stage.actor());
    let mut lock = main.acquire(0, U).unwrap();
    let reader = once(reader, S);
    let writer = once(writer, X);
    main.upgrade(0, &mut lock, X).unwrap();
    main.release(0, lock);
    reader.join().unwrap();
    writer.join().unwrap();
}

fn upgrade_waits(stage: &Stage) {
    let (mut main, mut reader) = (stage.actor(), stage.actor());
    let mut lock = main.acquire(0, S).unwrap();
    let other = reader.acquire(0, S).unwrap();
    let reader = reader.spawn(move |reader| reader.release(0, other));
    main.upgrade(0, &mut lock, X).unwrap();
    main.release(0, lock);
    reader.join().unwrap();
}

fn two_upgrades(stage: &Stage) {
    let (mut main, mut other) = (stage.actor(), stage.actor());
    let mut lock = main.acquire(0, S).unwrap();
    let mut others = other.acquire(0, S).unwrap();
    let other = other.spawn(move |mut actor| {
        let upgraded = actor.upgrade(0, &mut others, X);
        actor.release(0, others);
        upgraded
    });
    // The other may be through before this one asks; if they meet, this one is the older.
    main.upgrade(0, &mut lock, X).unwrap();
    main.release(0, lock);
    let _ = other.join().unwrap();
}

fn cancelled_upgrade(stage: &Stage) {
    let (mut main, mut reader) = (stage.actor(), stage.actor());
    let mut lock = main.acquire(0, S).unwrap();
    let other = reader.acquire(0, S).unwrap();
    let reader = reader.spawn(move |mut reader| {
        reader.release(0, other);
        let lock = reader.acquire(0, S);
        reader.use_up(0, lock);
    });
    let upgraded = main.upgrade_or_cancel(0, &mut lock, X);
    assert_eq!(lock.mode(), if upgraded { X } else { S });
    if upgraded {
        main.release(0, lock);
        reader.join().unwrap();
    } else {
        reader.join().unwrap();
        main.release(0, lock);
    }
}

fn downgrade(stage: &Stage) {
    let (mut main, reader) = (stage.actor(), stage.actor());
    let mut lock = main.acquire(0, X).unwrap();
    let reader = once(reader, S);
    main.downgrade(0, &mut lock, S);
    // The reader is let in while this one holds the key still.
    reader.join().unwrap();
    main.release(0, lock);
}

/// Locks two keys, one after the other, and releases whatever it has.
fn both(actor: &mut Actor, [one, other]: [u8; 2]) -> Result<(), Refused> {
    let first = actor.acquire(one, X)?;
    let second = actor.acquire(other, X);
    let refused = second.as_ref().err().copied();
    actor.use_up(other, second);
    actor.release(one, first);
    refused.map_or(Ok(()), Err)
}

fn opposite_orders(stage: &Stage) {
    let (mut main, other) = (stage.actor(), stage.actor());
    let other = other.spawn(|mut actor| both(&mut actor, [1, 0]));
    assert_eq!(both(&mut main, [0, 1]), Ok(()), "only the youngest of a circle is refused");
    assert!(matches!(other.join().unwrap(), Ok(()) | Err(Refused::Deadlock)));
}

fn victim_against_grant(stage: &Stage) {
    let (mut main, mut other, mut third) = (stage.actor(), stage.actor(), stage.actor());
    // Readers: the older waits for both others, the youngest for the older, and the third may leave in between.
    let mine = main.acquire(0, X).unwrap();
    let shared = other.acquire(1, S).unwrap();
    let theirs = third.acquire(1, S).unwrap();
    let leaves = other.spawn(move |other| other.release(1, shared));
    let third = third.spawn(move |mut third| {
        let lock = third.acquire(0, S);
        third.use_up(0, lock);
        third.release(1, theirs);
    });
    let lock = main.acquire(1, X);
    assert!(lock.is_ok(), "only the youngest of a circle is refused");
    main.use_up(1, lock);
    main.release(0, mine);
    leaves.join().unwrap();
    third.join().unwrap();
}

fn victim_against_timeout(stage: &Stage) {
    let (mut main, mut other) = (stage.actor(), stage.actor());
    let deadline = Deadline::after(std::time::Duration::MAX);
    let alarm = deadline.alarm();
    let rings = thread::spawn(move || alarm.ring());
    let mine = main.acquire(0, X).unwrap();
    let theirs = other.acquire(1, X).unwrap();
    let other = other.spawn(move |mut other| {
        let lock = other.acquire(0, X);
        other.use_up(0, lock);
        other.release(1, theirs);
    });
    let lock = main.acquire_until(1, X, &deadline);
    main.use_up(1, lock);
    main.release(0, mine);
    other.join().unwrap();
    rings.join().unwrap();
}

fn circle_through_a_queue(stage: &Stage) {
    // `first` reads key 0, `second` waits to write it, and `third`, which holds key 1, waits behind `second` to read it:
    // when `first` then asks for key 1, it waits for `third`, who waits for `second`, who waits for `first`.
    let (mut first, second, mut third) = (stage.actor(), stage.actor(), stage.actor());
    let mine = first.acquire(0, S).unwrap();
    let theirs = third.acquire(1, X).unwrap();
    let second = once(second, X);
    let third = third.spawn(move |mut third| {
        let lock = third.acquire(0, S);
        third.use_up(0, lock);
        third.release(1, theirs);
    });
    let lock = first.acquire(1, X);
    assert!(lock.is_ok(), "only the youngest of a circle is refused");
    first.use_up(1, lock);
    first.release(0, mine);
    second.join().unwrap();
    third.join().unwrap();
}

fn keys_in_order(stage: &Stage) {
    let (mut main, other) = (stage.actor(), stage.actor());
    let other = other.spawn(|mut actor| actor.acquire_all([1, 0], X));
    main.acquire_all([0, 1], X);
    other.join().unwrap();
}

fn wait_die(stage: &Stage) {
    let (mut main, other) = (stage.actor(), stage.actor());
    let other = other.spawn(|mut actor| both(&mut actor, [1, 0]));
    assert_eq!(both(&mut main, [0, 1]), Ok(()), "the oldest never dies");
    assert!(matches!(other.join().unwrap(), Ok(()) | Err(Refused::Died)));
}

fn wound_wait(stage: &Stage) {
    let (mut main, other) = (stage.actor(), stage.actor());
    let other = other.spawn(|mut actor| both(&mut actor, [1, 0]));
    assert_eq!(both(&mut main, [0, 1]), Ok(()), "the oldest is never wounded");
    assert!(matches!(other.join().unwrap(), Ok(()) | Err(Refused::Wounded)));
}

fn wound_against_grant(stage: &Stage) {
    let (mut main, mut holder, mut young) = (stage.actor(), stage.actor(), stage.actor());
    let theirs = young.acquire(1, X).unwrap();
    let held = holder.acquire(0, X).unwrap();
    let holder = holder.spawn(move |holder| holder.release(0, held));
    let young = young.spawn(move |mut young| {
        let lock = young.acquire(0, X);
        young.use_up(0, lock);
        young.release(1, theirs);
    });
    let lock = main.acquire(1, X);
    main.use_up(1, lock);
    holder.join().unwrap();
    young.join().unwrap();
}
