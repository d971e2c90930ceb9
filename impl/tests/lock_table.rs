//! The lock table under real threads and hand-polled futures. Every interleaving is explored by `impl/loom`.

use proofmark_impl::locks::table::{Config, LockTable, Mode, Owner, Policy, Refused};
use std::collections::BTreeMap;
use std::future::Future;
use std::hash::RandomState;
use std::pin::pin;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;
use std::time::{Duration, Instant};

/// A waker that counts how often it was woken.
#[derive(Default)]
struct Counter(AtomicUsize);

impl Wake for Counter {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

impl Counter {
    fn new() -> (Arc<Self>, Waker) {
        let counter = Arc::new(Self::default());
        (Arc::clone(&counter), Waker::from(counter))
    }

    fn woken(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

fn modes_of(table: &LockTable<&str>, key: &str) -> (Vec<Mode>, Vec<Mode>) {
    let entry = table.iter().find(|entry| entry.key == key);
    entry.map_or_else(Default::default, |entry| {
        let held = entry.holders.iter().map(|holder| holder.mode).collect();
        (held, entry.waiters.iter().map(|waiter| waiter.mode).collect())
    })
}

/// Writers count up what the lock protects by reading and writing it apart; readers see it hold still.
#[test]
fn threads_never_meet_in_modes_that_conflict() {
    let table = LockTable::new();
    let counts: Vec<AtomicU64> = (0..4).map(|_| AtomicU64::new(0)).collect();
    thread::scope(|scope| {
        for thread in 0..4_u64 {
            let (table, counts) = (&table, &counts);
            scope.spawn(move || {
                for round in 0..5_000_u64 {
                    let key = (round * 7 + thread) % 4;
                    let count = &counts[key as usize];
                    if (round + thread) % 3 == 0 {
                        let _guard = table.acquire(key, Mode::X);
                        let read = count.load(Ordering::Relaxed);
                        std::hint::spin_loop();
                        count.store(read + 1, Ordering::Relaxed);
                    } else {
                        let _guard = table.acquire(key, Mode::S);
                        let read = count.load(Ordering::Relaxed);
                        std::hint::spin_loop();
                        assert_eq!(count.load(Ordering::Relaxed), read);
                    }
                }
            });
        }
    });
    let written: u64 = counts.iter().map(|count| count.load(Ordering::Relaxed)).sum();
    let wrote = (0..4_u64).map(|thread| (0..5_000).filter(|round| (round + thread) % 3 == 0).count() as u64);
    assert_eq!(written, wrote.sum::<u64>());
    assert!(table.is_empty());
}

/// Owners that lock two keys in any order are refused now and then, retry, and all come to an end.
fn transfers_end(policy: Policy) {
    let table = LockTable::with(Config { policy, ..Config::default() }, RandomState::new());
    let refused = AtomicUsize::new(0);
    thread::scope(|scope| {
        for thread in 0..4_u64 {
            let (table, refused) = (&table, &refused);
            scope.spawn(move || {
                let mut owner = table.owner();
                let mut draw = thread + 1;
                for _ in 0..2_000 {
                    draw = draw.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                    let (one, other) = ((draw >> 33) % 3, (draw >> 40) % 3);
                    loop {
                        let both = || -> Result<_, Refused> {
                            let mut first = owner.acquire(one, Mode::S)?;
                            if one == other {
                                owner.upgrade(&mut first, Mode::X)?;
                                return Ok((first, None));
                            }
                            Ok((first, Some(owner.acquire(other, Mode::X)?)))
                        };
                        let mut both = both;
                        match both() {
                            Ok(guards) => break drop(guards),
                            Err(Refused::Deadlock | Refused::Died | Refused::Wounded) => {
                                refused.fetch_add(1, Ordering::Relaxed);
                                thread::yield_now();
                            }
                            Err(other) => panic!("{other}"),
                        }
                    }
                }
            });
        }
    });
    assert!(table.is_empty());
}

#[test]
fn deadlocks_are_broken_under_every_policy() {
    for policy in [Policy::Detect, Policy::WaitDie, Policy::WoundWait] {
        transfers_end(policy);
    }
}

#[test]
fn the_youngest_of_a_circle_is_refused() {
    let table = Arc::new(LockTable::<&str>::new());
    let (mut old, mut young) = (Owner::of(Arc::clone(&table)), Owner::of(Arc::clone(&table)));
    assert!(old.id() < young.id());
    let mine = old.acquire("a", Mode::X).unwrap();
    let theirs = young.acquire("b", Mode::X).unwrap();
    let waits = thread::spawn(move || (young.acquire("a", Mode::X).err(), young, theirs));
    while modes_of(&table, "a").1.is_empty() {
        thread::yield_now();
    }
    let mut wait = pin!(old.acquire_async("b", Mode::X));
    let (counter, waker) = Counter::new();
    assert!(wait.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    let (refused, _young, theirs) = waits.join().unwrap();
    assert_eq!(refused, Some(Refused::Deadlock));
    drop(theirs);
    assert_eq!(counter.woken(), 1);
    assert!(matches!(wait.as_mut().poll(&mut Context::from_waker(&waker)), Poll::Ready(Ok(_))));
    drop(mine);
}

/// A request is granted in the order of its coming, whether its owner blocks or awaits.
#[test]
fn first_come_first_served() {
    let table = Arc::new(LockTable::<&str>::new());
    let first = table.acquire("k", Mode::X);
    let served = Arc::new(Mutex::new(Vec::new()));
    let threads: Vec<_> = (0..4)
        .map(|place| {
            let (table, order) = (Arc::clone(&table), Arc::clone(&served));
            let mode = if place % 2 == 0 { Mode::X } else { Mode::U };
            let waits = thread::spawn({
                let table = Arc::clone(&table);
                move || {
                    let guard = table.acquire("k", mode);
                    order.lock().unwrap().push(place);
                    drop(guard);
                }
            });
            while modes_of(&table, "k").1.len() <= place {
                thread::yield_now();
            }
            waits
        })
        .collect();
    drop(first);
    for thread in threads {
        thread.join().unwrap();
    }
    assert_eq!(*served.lock().unwrap(), [0, 1, 2, 3]);
}

#[test]
fn a_dropped_future_leaves_no_trace() {
    let table = LockTable::new();
    let writer = table.acquire("k", Mode::X);
    let (counter, waker) = Counter::new();
    let mut context = Context::from_waker(&waker);
    let mut reader = Box::pin(table.acquire_async("k", Mode::S));
    let mut second = Box::pin(table.acquire_async("k", Mode::X));
    let mut third = Box::pin(table.acquire_async("k", Mode::S));
    for waits in [reader.as_mut().poll(&mut context), third.as_mut().poll(&mut context)] {
        assert!(waits.is_pending());
    }
    // Before its first poll a future has asked for nothing, and while it waits it can be dropped.
    assert!(second.as_mut().poll(&mut context).is_pending());
    drop(second);
    assert_eq!(modes_of(&table, "k").1, [Mode::S, Mode::S]);
    // Granted, but not polled since: the grant is given back.
    drop(writer);
    assert_eq!(counter.woken(), 2);
    drop(reader);
    assert_eq!(modes_of(&table, "k"), (vec![Mode::S], vec![]));
    drop(third);
    assert!(table.is_empty());
}

#[test]
fn an_upgrade_goes_before_the_queue_and_can_be_cancelled() {
    let table = LockTable::new();
    let mut owner = table.owner();
    let mut guard = owner.acquire("k", Mode::S).unwrap();
    let other = table.acquire("k", Mode::S);
    let (_, waker) = Counter::new();
    let mut context = Context::from_waker(&waker);
    let mut queued = Box::pin(table.acquire_async("k", Mode::U));
    assert!(matches!(queued.as_mut().poll(&mut context), Poll::Ready(_)));
    let mut queued = Box::pin(table.acquire_async("k", Mode::X));
    assert!(queued.as_mut().poll(&mut context).is_pending());
    {
        let mut upgrade = Box::pin(owner.upgrade_async(&mut guard, Mode::X));
        assert!(upgrade.as_mut().poll(&mut context).is_pending());
        assert_eq!(modes_of(&table, "k").1, [Mode::X, Mode::X]);
    }
    assert_eq!((guard.mode(), modes_of(&table, "k").1), (Mode::S, vec![Mode::X]));
    let before = guard.sequencer();
    {
        let mut upgrade = Box::pin(owner.upgrade_async(&mut guard, Mode::X));
        assert!(upgrade.as_mut().poll(&mut context).is_pending());
        drop(other);
        // It is granted already, and goes back to what it was.
        assert_eq!(modes_of(&table, "k").0, [Mode::X]);
    }
    assert_eq!((guard.mode(), modes_of(&table, "k").0), (Mode::S, vec![Mode::S]));
    assert!(guard.sequencer() > before);
    drop(guard);
    assert!(matches!(queued.as_mut().poll(&mut context), Poll::Ready(_)));
}

#[test]
fn of_two_that_upgrade_the_younger_is_refused() {
    let table = LockTable::new();
    let (mut old, mut young) = (table.owner(), table.owner());
    let mut mine = old.acquire("k", Mode::S).unwrap();
    let mut theirs = young.acquire("k", Mode::S).unwrap();
    let (counter, waker) = Counter::new();
    let mut context = Context::from_waker(&waker);
    let mut upgrade = Box::pin(old.upgrade_async(&mut mine, Mode::X));
    assert!(upgrade.as_mut().poll(&mut context).is_pending());
    assert_eq!(young.upgrade(&mut theirs, Mode::X), Err(Refused::Deadlock));
    drop(theirs);
    assert_eq!(counter.woken(), 1);
    assert!(matches!(upgrade.as_mut().poll(&mut context), Poll::Ready(Ok(()))));
}

#[test]
fn a_wait_that_times_out_leaves_the_queue() {
    let table = LockTable::new();
    let held = table.acquire("k", Mode::S);
    let begun = Instant::now();
    assert!(table.acquire_timeout("k", Mode::X, Duration::from_millis(20)).is_none());
    assert!(begun.elapsed() >= Duration::from_millis(20));
    assert!(table.try_acquire("k", Mode::S).is_some(), "nobody waits any more");
    drop(held);
    assert!(table.is_empty());
}

#[test]
fn what_is_improper_is_refused_and_changes_nothing() {
    let table = LockTable::new();
    let (mut one, mut other) = (table.owner(), table.owner());
    let mut guard = one.acquire("k", Mode::U).unwrap();
    assert_eq!(one.acquire("k", Mode::U).unwrap_err(), Refused::AlreadyHeld);
    assert_eq!(other.upgrade(&mut guard, Mode::X), Err(Refused::NotHeld));
    assert_eq!(one.upgrade(&mut guard, Mode::IX), Err(Refused::NotStronger));
    assert_eq!(guard.downgrade(Mode::X), Err(Refused::NotWeaker));
    assert_eq!((guard.mode(), modes_of(&table, "k")), (Mode::U, (vec![Mode::U], vec![])));
}

#[test]
fn a_wounded_owner_asks_again_when_it_has_dropped_its_locks() {
    let table = LockTable::with(Config { policy: Policy::WoundWait, ..Config::default() }, RandomState::new());
    let (mut old, mut young) = (table.owner(), table.owner());
    let theirs = young.acquire("k", Mode::X).unwrap();
    let (_, waker) = Counter::new();
    let mut wait = Box::pin(old.acquire_async("k", Mode::X));
    assert!(wait.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    assert!(young.is_wounded());
    assert_eq!(young.acquire("other", Mode::S).unwrap_err(), Refused::Wounded);
    drop(theirs);
    assert!(young.acquire("other", Mode::S).is_ok());
}

#[test]
fn under_wait_die_nobody_waits_for_an_older_owner() {
    let table = LockTable::with(Config { policy: Policy::WaitDie, ..Config::default() }, RandomState::new());
    let (mut old, mut young) = (table.owner(), table.owner());
    let _mine = old.acquire("k", Mode::S).unwrap();
    assert_eq!(young.acquire("k", Mode::X).unwrap_err(), Refused::Died);
    assert!(young.acquire("k", Mode::S).is_ok());
}

/// The table is as large as what is held.
#[test]
fn memory_follows_what_is_held() {
    let table = LockTable::<u32>::new();
    let guards: Vec<_> = (0..100_000).map(|key| table.acquire(key, Mode::X)).collect();
    assert_eq!(table.len(), 100_000);
    drop(guards);
    assert_eq!((table.len(), table.iter().count()), (0, 0));
}

/// Sequencers of holdings that conflict grow, whatever the order of modes.
#[test]
fn sequencers_grow_between_holdings_that_conflict() {
    let table = LockTable::new();
    let mut greatest: BTreeMap<Mode, u64> = BTreeMap::new();
    let mut held = Vec::new();
    let mut draw = 1_u64;
    for _ in 0..2_000 {
        draw = draw.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        if draw >> 63 == 0 && !held.is_empty() {
            drop(held.swap_remove((draw >> 33) as usize % held.len()));
        }
        let mode = Mode::ALL[(draw >> 40) as usize % 5];
        if let Some(guard) = table.try_acquire("k", mode) {
            for (other, sequencer) in &greatest {
                assert!(mode.is_compatible_with(*other) || guard.sequencer() > *sequencer, "{mode} after {other}");
            }
            let greatest = greatest.entry(mode).or_default();
            *greatest = guard.sequencer().max(*greatest);
            held.push(guard);
        }
    }
    assert_eq!(greatest.len(), 5, "every mode was held");
}

#[test]
fn guards_and_futures_can_be_sent() {
    fn can_be_sent<T: Send>(_: &T) {}
    let table = Arc::new(LockTable::<String>::new());
    let mut owner = Owner::of(Arc::clone(&table));
    can_be_sent(&owner.acquire_async("k".to_owned(), Mode::X));
    can_be_sent(&owner.acquire("k".to_owned(), Mode::X));
    can_be_sent(&table.acquire_async("k".to_owned(), Mode::X));
    can_be_sent(&owner);
}

/// Somebody without a name holds nothing here, but stands between two owners in a queue.
#[test]
fn a_circle_through_somebody_without_a_name_is_broken() {
    let table = LockTable::new();
    let (mut older, mut younger) = (table.owner(), table.owner());
    let _read = older.acquire("a", Mode::S).unwrap();
    let write = younger.acquire("b", Mode::X).unwrap();
    let mut context = Context::from_waker(Waker::noop());
    let mut nameless = [(); 2].map(|()| Box::pin(table.acquire_async("a", Mode::X)));
    for future in &mut nameless {
        assert!(future.as_mut().poll(&mut context).is_pending());
    }
    let mut behind = pin!(younger.acquire_async("a", Mode::S));
    assert!(behind.as_mut().poll(&mut context).is_pending());
    let mut closing = pin!(older.acquire_async("b", Mode::X));
    assert!(closing.as_mut().poll(&mut context).is_pending());
    assert!(matches!(behind.poll(&mut context), Poll::Ready(Err(Refused::Deadlock))));
    drop(write);
    assert!(matches!(closing.poll(&mut context), Poll::Ready(Ok(_))));
}

#[test]
fn a_waker_that_panics_harms_nobody_else() {
    struct Panics;
    impl Wake for Panics {
        fn wake(self: Arc<Self>) {
            panic!("a planted panic: this executor takes no more tasks");
        }
    }
    let table = LockTable::new();
    let (counter, waker) = Counter::new();
    let mut held = table.acquire("key", Mode::X);
    let (mut one, mut other) = (pin!(table.acquire_async("key", Mode::S)), pin!(table.acquire_async("key", Mode::S)));
    assert!(one.as_mut().poll(&mut Context::from_waker(&Waker::from(Arc::new(Panics)))).is_pending());
    assert!(other.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    held.downgrade(Mode::S).unwrap();
    assert_eq!(counter.woken(), 1);
    drop(held);
    assert!(matches!(one.poll(&mut Context::from_waker(&waker)), Poll::Ready(_)));
    assert!(matches!(other.poll(&mut Context::from_waker(&waker)), Poll::Ready(_)));
}

/// The waker is all that is left of the task that holds the key, and goes when the future moves to another task.
#[test]
fn a_waker_that_is_replaced_may_release_what_is_waited_for() {
    struct Task<T>(T);
    impl<T: Send + Sync + 'static> Wake for Task<T> {
        fn wake(self: Arc<Self>) {}
    }
    let table = Arc::new(LockTable::new());
    let (mut holder, mut waiter) = (Owner::of(Arc::clone(&table)), Owner::of(Arc::clone(&table)));
    let held = holder.acquire("key", Mode::X).unwrap();
    let mut future = pin!(waiter.acquire_async("key", Mode::X));
    let task = Waker::from(Arc::new(Task(held)));
    assert!(future.as_mut().poll(&mut Context::from_waker(&task)).is_pending());
    drop(task);
    assert!(future.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready());
}

#[test]
fn a_key_may_use_the_table_when_it_is_dropped() {
    static TABLE: std::sync::LazyLock<LockTable<Key>> = std::sync::LazyLock::new(LockTable::new);
    #[derive(PartialEq, Eq, Hash)]
    struct Key(u8);
    impl Drop for Key {
        fn drop(&mut self) {
            let _ = TABLE.len();
        }
    }
    drop(TABLE.acquire(Key(1), Mode::X));
    let held = TABLE.acquire(Key(1), Mode::X);
    drop(Box::pin(TABLE.acquire_async(Key(2), Mode::X)));
    assert_eq!(TABLE.len(), 1);
    drop(held);
    assert!(TABLE.is_empty());
}

#[test]
fn a_wound_is_healed_when_nothing_is_held() {
    let table = LockTable::with(Config { policy: Policy::WoundWait, ..Config::default() }, RandomState::new());
    let (mut older, mut younger) = (table.owner(), table.owner());
    let held = younger.acquire("key", Mode::X).unwrap();
    let mut wounding = pin!(older.acquire_async("key", Mode::X));
    assert!(wounding.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    assert!(younger.is_wounded());
    drop(held);
    assert!(!younger.is_wounded());
    assert!(wounding.poll(&mut Context::from_waker(Waker::noop())).is_ready());
}
