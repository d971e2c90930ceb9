//! A concurrent lock table: keys locked in five modes, first come, first served.
//!
//! A [`LockTable`] locks keys of any type that can be hashed. A lock is a [`Guard`], which releases its key when it is
//! dropped. Whoever needs one key asks the table; whoever needs several is an [`Owner`], which makes deadlocks
//! impossible: where owners wait for each other in a circle, one of them is refused. Threads that block and tasks that
//! await meet in the same queues.
//!
//! ```
//! use proofmark_impl::locks::table::{LockTable, Mode};
//!
//! let table = LockTable::new();
//! let reader = table.acquire("key", Mode::S);
//! assert!(table.try_acquire("key", Mode::S).is_some(), "readers share");
//! assert!(table.try_acquire("key", Mode::X).is_none(), "a writer would have to wait");
//! drop(reader);
//! assert!(table.is_empty(), "an entry that nobody uses is gone");
//! ```
//!
//! What is decided is decided in [`entry`], a plain value that knows no threads. Around it are latches, a mutex for each
//! shard of the keys, held for some instructions and never two at a time; waiters, whose fate is one compare-and-swap;
//! and wakings, which come after the latch is dropped. A grant is handed over: whoever releases gives the key to the
//! first waiter, and nobody barges in between.

mod acquire;
mod ask;
mod bug;
mod deadlock;
pub mod entry;
mod guard;
mod mode;
mod owner;
mod refused;
mod view;
mod waiter;

pub use acquire::{Acquire, Upgrade};
pub use bug::Bug;
pub use deadlock::{cycle_through, victim_of};
pub use guard::Guard;
pub use mode::Mode;
pub use owner::{Owner, OwnerId};
pub use refused::Refused;
pub use view::{EntryView, HolderView, WaiterView};

use crate::planted::Planted;
use crate::sync::{Deadline, Mutex, MutexGuard, millis};
use acquire::{AcquireAlone, Want, named_alone};
use crossbeam_utils::CachePadded;
use entry::{Entry, Holding, Ledger};
use hashbrown::HashTable;
use hashbrown::hash_table::OccupiedEntry;
use owner::{Owners, Wait};
use std::fmt;
use std::hash::{BuildHasher, Hash, RandomState};
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;
use waiter::{Fate, Waiter};

/// A table of locks; see the [module](self).
pub struct LockTable<K, S = RandomState> {
    shards: Box<[CachePadded<Mutex<Shard<K>>>]>,
    /// How far a hash is shifted for its shard.
    shift: u32,
    hasher: S,
    policy: Policy,
    looks: u32,
    owners: Owners,
    planted: Planted<Bug>,
}

/// How a table is built.
#[derive(Clone, Copy, Debug)]
pub struct Config {
    /// How many shards the keys are in; rounded up to a power of two. Each is a mutex of its own.
    pub shards: usize,
    /// What is done about deadlocks of owners.
    pub policy: Policy,
    /// How often a key that somebody has alone is looked at again before a wait for it begins: so soon it is often free.
    /// At most six times.
    pub looks: u32,
    /// The bug that is planted, if any.
    pub planted: Planted<Bug>,
}

/// What is done about deadlocks of owners (Rosenkrantz, Stearns and Lewis, TODS 1978, section 4).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Policy {
    /// They are looked for when an owner that holds something has to wait, and the youngest of a circle is refused.
    #[default]
    Detect,
    /// Nobody waits but who is older than all that have the key or wait for it; who is not is refused.
    WaitDie,
    /// Whoever has to wait wounds all younger owners that have the key or wait for it: they are refused from then on,
    /// until they have dropped their locks.
    WoundWait,
}

/// A way to have a table: `&LockTable`, or `Arc<LockTable>` where guards are to live as long as they like.
pub trait Table: Deref<Target = LockTable<Self::Key, Self::Hasher>> + Clone + sealed::Sealed {
    /// The keys.
    type Key: Hash + Eq;
    /// What hashes them.
    type Hasher: BuildHasher;
}

impl<K: Hash + Eq, S: BuildHasher> Table for &LockTable<K, S> {
    type Key = K;
    type Hasher = S;
}

impl<K: Hash + Eq, S: BuildHasher> Table for Arc<LockTable<K, S>> {
    type Key = K;
    type Hasher = S;
}

/// A table that was another one each time that it is looked at would have guards that release nothing.
mod sealed {
    pub trait Sealed {}

    impl<K, S> Sealed for &super::LockTable<K, S> {}
    impl<K, S> Sealed for std::sync::Arc<super::LockTable<K, S>> {}
}

/// The entries of some keys, and what they share.
struct Shard<K> {
    entries: HashTable<Slot<K>>,
    ledger: Ledger,
    /// How many have asked without a name.
    anonymous: u64,
}

struct Slot<K> {
    key: K,
    entry: Entry<Arc<Waiter>>,
}

/// What a holding is found by again, without its key: no other has this owner and sequencer in one shard.
#[derive(Clone, Copy, Debug)]
struct Held {
    hash: u64,
    owner: OwnerId,
    sequencer: u64,
}

impl Default for Config {
    /// Four shards for each thread that can run at a time, 64 at least; deadlocks are looked for; a taken key is looked at
    /// again three times.
    fn default() -> Self {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        Self { shards: (4 * threads).max(64), policy: Policy::Detect, looks: 3, planted: Planted::none() }
    }
}

impl<K: Hash + Eq> LockTable<K> {
    /// An empty table.
    pub fn new() -> Self {
        Self::with(Config::default(), RandomState::new())
    }
}

impl<K: Hash + Eq> Default for LockTable<K> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K: Hash + Eq, S: BuildHasher> LockTable<K, S> {
    /// An empty table, built so.
    ///
    /// ```
    /// use proofmark_impl::locks::table::{Config, LockTable, Mode, Policy};
    /// use std::hash::RandomState;
    ///
    /// let config = Config { policy: Policy::WaitDie, ..Config::default() };
    /// let table = LockTable::with(config, RandomState::new());
    /// let _guard = table.acquire(42, Mode::S);
    /// ```
    pub fn with(config: Config, hasher: S) -> Self {
        let Config { shards, policy, looks, planted } = config;
        let shards = shards.clamp(1, 1 << 16).next_power_of_two();
        let shard =
            || Shard { entries: HashTable::new(), ledger: Ledger { planted, ..Ledger::default() }, anonymous: 0 };
        Self {
            shards: (0..shards).map(|_| CachePadded::new(Mutex::new(shard()))).collect(),
            // The top seven bits tell the entries of a shard apart.
            shift: 57 - shards.ilog2(),
            hasher,
            policy,
            looks: looks.min(MOST_LOOKS),
            owners: Owners::default(),
            planted,
        }
    }

    /// A new owner, younger than all before it.
    pub fn owner(&self) -> Owner<&Self> {
        Owner::of(self)
    }

    /// Locks a key, and blocks the thread until it is granted. A thread that holds a lock and waits for another by this
    /// may wait for ever; an [`Owner`] does not.
    #[inline]
    pub fn acquire(&self, key: K, mode: Mode) -> Guard<&Self> {
        named_alone(Want::of(self, None).block(key, mode, None))
    }

    /// Locks a key, and blocks the thread until it is granted, but not longer than that: `None` when the time is over.
    ///
    /// ```
    /// use proofmark_impl::locks::table::{LockTable, Mode};
    /// use std::time::Duration;
    ///
    /// let table = LockTable::new();
    /// let held = table.acquire("key", Mode::X);
    /// assert!(table.acquire_timeout("key", Mode::X, Duration::from_millis(1)).is_none());
    /// ```
    pub fn acquire_timeout(&self, key: K, mode: Mode, timeout: Duration) -> Option<Guard<&Self>> {
        Want::of(self, None).block(key, mode, Some(&Deadline::after(timeout))).ok()
    }

    /// Locks a key if that is possible at once.
    pub fn try_acquire(&self, key: K, mode: Mode) -> Option<Guard<&Self>> {
        Want::of(self, None).attempt(key, mode).ok()
    }

    /// Locks a key, as a future. To drop it at any moment leaves no trace.
    ///
    /// ```
    /// use proofmark_impl::locks::table::{LockTable, Mode};
    ///
    /// # pollster::block_on(async {
    /// let table = LockTable::new();
    /// let guard = table.acquire_async("key", Mode::X).await;
    /// assert!(table.try_acquire("key", Mode::X).is_none());
    /// # });
    /// ```
    #[inline]
    pub fn acquire_async(&self, key: K, mode: Mode) -> impl Future<Output = Guard<&Self>> {
        AcquireAlone(Acquire::first(Want::of(self, None), key, mode))
    }

    /// Whether nobody holds or waits for anything. While others use the table, this was so of each shard at a moment of
    /// its own.
    pub fn is_empty(&self) -> bool {
        self.shards.iter().all(|shard| shard.lock().entries.is_empty())
    }

    /// How many keys are held or waited for; shard by shard, as [`Self::is_empty`].
    pub fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.lock().entries.len()).sum()
    }

    #[inline]
    fn shard(&self, hash: u64) -> &Mutex<Shard<K>> {
        &self.shards[(hash >> self.shift) as usize & (self.shards.len() - 1)]
    }

    /// Ends a holding, and hands the key over.
    #[inline]
    fn release(&self, held: Held) {
        let mut latch = self.shard(held.hash).lock();
        let entries = &mut latch.entries;
        let Ok(place) = entries.find_entry(held.hash, |slot| held.is_in(&slot.entry)) else { return };
        if matches!(place.get().entry, Entry::Sole(_)) && !self.planted.is(Bug::KeepsUnused) {
            let (unused, _) = place.remove();
            self.shrink(entries);
            // To drop a key may run code that comes back here.
            drop(latch);
            drop(unused);
        } else {
            self.release_in_crowd(latch, held);
        }
    }

    #[cold]
    fn release_in_crowd(&self, mut latch: MutexGuard<'_, Shard<K>>, held: Held) {
        let Shard { entries, ledger, .. } = &mut *latch;
        let Ok(mut place) = entries.find_entry(held.hash, |slot| held.is_in(&slot.entry)) else { return };
        ledger.now = millis();
        let mut granted = Granted::none(self.planted);
        place.get_mut().entry.release(held.owner, ledger, |waiter, holding| granted.grant(waiter, holding));
        let unused = self.remove_unused(place);
        self.shrink(entries);
        drop(latch);
        drop(unused);
        granted.wake();
    }

    /// Makes a holding weaker; its new sequencer.
    fn downgrade(&self, held: Held, mode: Mode) -> Option<u64> {
        let mut latch = self.shard(held.hash).lock();
        let Shard { entries, ledger, .. } = &mut *latch;
        ledger.now = millis();
        let slot = entries.find_mut(held.hash, |slot| held.is_in(&slot.entry))?;
        let mut granted = Granted::none(self.planted);
        let sequencer =
            slot.entry.downgrade(held.owner, mode, ledger, |waiter, holding| granted.grant(waiter, holding));
        drop(latch);
        granted.wake();
        sequencer
    }

    /// Takes a waiter out of its queue, if it is there still.
    fn leave(&self, hash: u64, waiter: &Arc<Waiter>) {
        let mut latch = self.shard(hash).lock();
        let Shard { entries, ledger, .. } = &mut *latch;
        ledger.now = millis();
        let has_waiter = |slot: &Slot<K>| slot.entry.waiters().any(|waiting| Arc::ptr_eq(&waiting.waiter, waiter));
        let Ok(mut place) = entries.find_entry(hash, has_waiter) else { return };
        let mut granted = Granted::none(self.planted);
        let is_it = |waiting: &entry::Waiting<Arc<Waiter>>| Arc::ptr_eq(&waiting.waiter, waiter);
        place.get_mut().entry.leave(is_it, ledger, |waiter, holding| granted.grant(waiter, holding));
        let unused = self.remove_unused(place);
        self.shrink(entries);
        drop(latch);
        drop(unused);
        granted.wake();
    }

    /// Ends the wait of a victim, if it is waiting still.
    fn kill(&self, wait: &Wait, fate: Fate) {
        if wait.waiter.kill(fate) {
            self.leave(wait.hash, &wait.waiter);
            wait.waiter.wake();
        }
    }

    /// An entry that is not used any more, to be dropped when the latch is not held.
    fn remove_unused(&self, place: OccupiedEntry<'_, Slot<K>>) -> Option<Slot<K>> {
        place.get().entry.is_unused(self.planted).then(|| place.remove().0)
    }

    /// Gives memory back when little of it is used, seldom enough that it costs nothing in the long run.
    #[inline]
    fn shrink(&self, entries: &mut HashTable<Slot<K>>) {
        if entries.capacity() > LEAST_CAPACITY && entries.len() < entries.capacity() / 8 {
            self.shrink_now(entries);
        }
    }

    #[cold]
    fn shrink_now(&self, entries: &mut HashTable<Slot<K>>) {
        entries.shrink_to(2 * entries.len(), |slot| self.hasher.hash_one(&slot.key));
    }
}

impl<K: Hash + Eq + Clone, S: BuildHasher> LockTable<K, S> {
    /// Who holds what, who waits, and since when. Each shard is as it was at one moment, and the moments of shards
    /// differ; no more than one shard is held up at a time.
    ///
    /// ```
    /// use proofmark_impl::locks::table::{LockTable, Mode};
    ///
    /// let table = LockTable::new();
    /// let _guard = table.acquire("key", Mode::U);
    /// let entries: Vec<_> = table.iter().collect();
    /// assert_eq!((entries[0].key, entries[0].holders[0].mode), ("key", Mode::U));
    /// assert!(entries[0].waiters.is_empty());
    /// ```
    pub fn iter(&self) -> impl Iterator<Item = EntryView<K>> {
        self.shards.iter().flat_map(|shard| {
            let shard = shard.lock();
            let now = millis();
            shard.entries.iter().map(|slot| EntryView::of(slot.key.clone(), &slot.entry, now)).collect::<Vec<_>>()
        })
    }
}

impl<K, S> fmt::Debug for LockTable<K, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { shards, policy, .. } = self;
        f.debug_struct("LockTable").field("shards", &shards.len()).field("policy", policy).finish_non_exhaustive()
    }
}

impl Held {
    #[inline]
    fn is_in(&self, entry: &Entry<Arc<Waiter>>) -> bool {
        let is_it = |holding: &Holding| holding.owner == self.owner && holding.sequencer == self.sequencer;
        match entry {
            Entry::Sole(holding) => is_it(holding),
            Entry::Crowd(_) => entry.holdings().iter().any(is_it),
        }
    }
}

/// Who was granted while the latch was held, and is woken after.
struct Granted {
    waiters: Vec<Arc<Waiter>>,
    planted: Planted<Bug>,
}

impl Granted {
    const fn none(planted: Planted<Bug>) -> Self {
        Self { waiters: Vec::new(), planted }
    }

    fn grant(&mut self, waiter: &Arc<Waiter>, holding: &Holding) -> bool {
        if self.planted.is(Bug::WakesBeforeGrant) {
            waiter.wake();
        }
        let granted = waiter.grant(holding.sequencer);
        if granted {
            self.waiters.push(Arc::clone(waiter));
        }
        granted
    }

    fn wake(self) {
        for waiter in self.waiters {
            waiter.wake();
        }
    }
}

/// Each look takes twice as long as the one before.
const MOST_LOOKS: u32 = 6;

/// A shard that is smaller gives nothing back.
const LEAST_CAPACITY: usize = 64;

/// The guide's examples are tests.
#[cfg(all(doctest, not(threads)))]
#[doc = include_str!("../../../../docs/LOCK_TABLE.md")]
struct Guide;
