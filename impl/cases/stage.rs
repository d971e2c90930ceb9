//! What cases are written with: a table, and actors whose calls are recorded.

use super::history::{Answer, Operation, Recorder};
use super::table::{Bug, Config, Guard, LockTable, Mode, Owner, Policy, Refused};
use crate::explorer::sync::atomic::AtomicUsize;
use crate::explorer::thread::{self, JoinHandle};
use crate::planted::Planted;
use crate::sync::{Deadline, Parker};
use std::collections::hash_map::DefaultHasher;
use std::future::Future;
use std::hash::BuildHasherDefault;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::task::{Context, Poll, Wake, Waker};

/// The table of a case: its hasher is the same in every run.
pub(super) type Locks = Arc<LockTable<u8, BuildHasherDefault<DefaultHasher>>>;
/// A lock of a case.
pub(super) type Lock = Guard<Locks>;

/// A table with what it protects, and what was done with it.
#[derive(Clone)]
pub(super) struct Stage {
    table: Locks,
    recorder: Arc<Recorder>,
    /// Of each key, how often it was held in exclusive mode; written by holders alone, and without any ordering: only
    /// the lock orders it.
    protected: Arc<[AtomicUsize]>,
    /// The same, counted by atomic additions, which need no lock.
    counted: Arc<[std::sync::atomic::AtomicUsize]>,
}

impl Stage {
    pub(super) fn new(policy: Policy, keys: usize, looks: u32, bug: Option<Bug>) -> Self {
        let planted = bug.map_or_else(Planted::none, Planted::some);
        let config = Config { shards: 2, policy, looks, planted };
        Self {
            table: Arc::new(LockTable::with(config, BuildHasherDefault::default())),
            recorder: Arc::default(),
            protected: (0..keys).map(|_| AtomicUsize::new(0)).collect(),
            counted: (0..keys).map(|_| std::sync::atomic::AtomicUsize::new(0)).collect(),
        }
    }

    /// A new owner, younger than those before it.
    pub(super) fn actor(&self) -> Actor {
        let owner = Owner::of(Arc::clone(&self.table));
        Actor { id: owner.id().number() as usize, stage: self.clone(), owner }
    }

    /// Whether the table is as if it had never been used, and nothing that it protects was lost.
    pub(super) fn is_over(&self) {
        assert!(self.table.is_empty(), "an entry is left that nobody uses");
        for (key, (written, counted)) in self.protected.iter().zip(self.counted.iter()).enumerate() {
            let (written, counted) = (written.load(Relaxed), counted.load(Relaxed));
            assert_eq!(written, counted, "what was written under the lock of key {key} is lost");
        }
    }

    /// How many keys there are.
    pub(super) fn keys(&self) -> usize {
        self.protected.len()
    }

    pub(super) fn recorder(&self) -> &Arc<Recorder> {
        &self.recorder
    }
}

/// An owner whose calls are recorded.
pub(super) struct Actor {
    id: usize,
    stage: Stage,
    owner: Owner<Locks>,
}

impl Actor {
    pub(super) fn acquire(&mut self, key: u8, mode: Mode) -> Result<Lock, Refused> {
        let call = self.invoked(Operation::Acquire(key, mode));
        let acquired = self.owner.acquire(key, mode);
        self.acquired(call, key, acquired)
    }

    pub(super) fn acquire_until(&mut self, key: u8, mode: Mode, deadline: &Deadline) -> Result<Lock, Refused> {
        let call = self.invoked(Operation::Acquire(key, mode));
        let acquired = self.owner.acquire_until(key, mode, Some(deadline));
        self.acquired(call, key, acquired)
    }

    pub(super) fn try_acquire(&mut self, key: u8, mode: Mode) -> Result<Lock, Refused> {
        let call = self.invoked(Operation::TryAcquire(key, mode));
        let acquired = self.owner.try_acquire(key, mode);
        self.acquired(call, key, acquired)
    }

    /// Awaits a key, polling first with a waker that nobody listens to.
    pub(super) fn acquire_with_two_wakers(&mut self, key: u8, mode: Mode) -> Result<Lock, Refused> {
        let call = self.invoked(Operation::Acquire(key, mode));
        let acquired = {
            let mut future = pin!(self.owner.acquire_async(key, mode));
            match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
                Poll::Ready(acquired) => acquired,
                Poll::Pending => block_on(future),
            }
        };
        self.acquired(call, key, acquired)
    }

    pub(super) fn acquire_awaiting(&mut self, key: u8, mode: Mode) -> Result<Lock, Refused> {
        let call = self.invoked(Operation::Acquire(key, mode));
        let acquired = block_on(pin!(self.owner.acquire_async(key, mode)));
        self.acquired(call, key, acquired)
    }

    /// Polls a request once, and drops it if it has to wait.
    pub(super) fn acquire_or_cancel(&mut self, key: u8, mode: Mode) -> Option<Lock> {
        let call = self.invoked(Operation::Acquire(key, mode));
        let acquired = {
            let future = pin!(self.owner.acquire_async(key, mode));
            future.poll(&mut Context::from_waker(Waker::noop()))
        };
        match acquired {
            Poll::Ready(acquired) => self.acquired(call, key, acquired).ok(),
            Poll::Pending => {
                self.stage.recorder.responded(call, Answer::Cancelled);
                None
            }
        }
    }

    /// Locks keys all at once, and releases them. Since the order in which they are locked is the table's affair, the
    /// history has nothing of this.
    pub(super) fn acquire_all(&mut self, keys: [u8; 2], mode: Mode) {
        let locks = self.owner.acquire_all(keys.map(|key| (key, mode)));
        drop(locks.expect("who locks all keys at once is in no circle"));
    }

    pub(super) fn upgrade(&mut self, key: u8, lock: &mut Lock, mode: Mode) -> Result<(), Refused> {
        let call = self.invoked(Operation::Upgrade(key, mode));
        let before = lock.sequencer();
        let upgraded = self.owner.upgrade(lock, mode);
        self.upgraded(call, key, lock, before, upgraded)
    }

    pub(super) fn upgrade_or_cancel(&mut self, key: u8, lock: &mut Lock, mode: Mode) -> bool {
        let call = self.invoked(Operation::Upgrade(key, mode));
        let before = lock.sequencer();
        let upgraded = {
            let future = pin!(self.owner.upgrade_async(lock, mode));
            future.poll(&mut Context::from_waker(Waker::noop()))
        };
        match upgraded {
            Poll::Ready(upgraded) => self.upgraded(call, key, lock, before, upgraded).is_ok(),
            Poll::Pending => {
                self.stage.recorder.responded(call, Answer::Cancelled);
                false
            }
        }
    }

    pub(super) fn downgrade(&mut self, key: u8, lock: &mut Lock, mode: Mode) {
        let call = self.invoked(Operation::Downgrade(key, mode));
        let downgraded = lock.downgrade(mode);
        self.responded(call, downgraded.map(|()| Answer::Granted(lock.sequencer())));
    }

    pub(super) fn release(&self, key: u8, lock: Lock) {
        let call = self.invoked(Operation::Release(key));
        drop(lock);
        self.responded(call, Ok(Answer::Done));
    }

    /// Whatever is acquired is used, and released.
    pub(super) fn use_up(&self, key: u8, lock: Result<Lock, Refused>) {
        if let Ok(lock) = lock {
            self.release(key, lock);
        }
    }

    pub(super) fn spawn<T: Send + 'static>(self, body: impl FnOnce(Self) -> T + Send + 'static) -> JoinHandle<T> {
        thread::spawn(move || body(self))
    }

    fn invoked(&self, operation: Operation) -> usize {
        self.stage.recorder.invoked(self.id, operation)
    }

    fn responded(&self, call: usize, answer: Result<Answer, Refused>) {
        self.stage.recorder.responded(call, answer.unwrap_or_else(Answer::Refused));
    }

    fn acquired(&self, call: usize, key: u8, acquired: Result<Lock, Refused>) -> Result<Lock, Refused> {
        self.responded(
            call,
            acquired.as_ref().map(|lock| Answer::Granted(lock.sequencer())).map_err(|refused| *refused),
        );
        let lock = acquired?;
        self.work(key, lock.mode());
        Ok(lock)
    }

    fn upgraded(
        &self,
        call: usize,
        key: u8,
        lock: &Lock,
        before: u64,
        upgraded: Result<(), Refused>,
    ) -> Result<(), Refused> {
        self.responded(call, upgraded.map(|()| Answer::Granted(lock.sequencer())));
        upgraded?;
        assert!(lock.mode() != Mode::X || lock.sequencer() > before, "an upgrade to X has an old sequencer");
        self.work(key, lock.mode());
        Ok(())
    }

    /// What a holder does with what the lock protects: readers see it hold still, writers write what they have read.
    fn work(&self, key: u8, mode: Mode) {
        let protected = &self.stage.protected[usize::from(key)];
        if mode == Mode::X {
            let read = protected.load(Relaxed);
            self.stage.counted[usize::from(key)].fetch_add(1, Relaxed);
            protected.store(read + 1, Relaxed);
        }
    }
}

/// Blocks the thread on a future.
fn block_on<F: Future>(mut future: std::pin::Pin<&mut F>) -> F::Output {
    let parker = Parker::of_this_thread();
    let waker = Waker::from(Arc::new(Unparker(parker.clone())));
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return output;
        }
        parker.park();
    }
}

struct Unparker(Parker);

impl Wake for Unparker {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}
