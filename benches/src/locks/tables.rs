//! The tables that are compared. One that lets its user choose a hasher has foldhash with a fixed seed; one that lets
//! its user choose the number of shards has 64.

use super::SHARDS;
use crossbeam_utils::{Backoff, CachePadded};
use dashmap::DashMap;
use foldhash::fast::FixedState;
use lockable::LockPool;
use parking_lot::Mutex;
use proofmark_impl::locks::table::{Config, LockTable, Mode};
use std::collections::HashMap;
use std::future::Future;
use std::hash::BuildHasher;
use std::sync::Arc;

/// A table whose users block, or spin, until they have the key.
pub trait Blocking: Send + Sync + 'static {
    /// Locks the key, does this, and unlocks it.
    fn cycle(&self, key: u64, within: impl FnOnce());
}

/// A table whose users await the key.
pub trait Awaiting: Send + Sync + 'static {
    /// Locks the key, does this, and unlocks it.
    fn cycle(&self, key: u64, within: impl FnOnce() + Send) -> impl Future<Output = ()> + Send;
}

/// Our table.
pub type Ours = LockTable<u64, FixedState>;

/// Our table with its shards and with the hasher of the others.
pub fn ours() -> Ours {
    LockTable::with(Config { shards: SHARDS, ..Config::default() }, FixedState::default())
}

impl Blocking for Ours {
    #[inline]
    fn cycle(&self, key: u64, within: impl FnOnce()) {
        let _guard = self.acquire(key, Mode::X);
        within();
    }
}

impl Awaiting for Ours {
    #[inline]
    async fn cycle(&self, key: u64, within: impl FnOnce() + Send) {
        let _guard = self.acquire_async(key, Mode::X).await;
        within();
    }
}

/// Maps behind mutexes, each on cache lines of its own as ours are.
pub struct Sharded<V> {
    shards: Box<[CachePadded<Shard<V>>]>,
    hasher: FixedState,
}

/// Some of the keys.
pub type Shard<V> = Mutex<HashMap<u64, V, FixedState>>;

impl<V> Default for Sharded<V> {
    fn default() -> Self {
        let shard = || CachePadded::new(Mutex::new(HashMap::with_hasher(FixedState::default())));
        Self { shards: (0..SHARDS).map(|_| shard()).collect(), hasher: FixedState::default() }
    }
}

impl<V> Sharded<V> {
    /// The map that a key is in. The bits that choose it are none of those that tell the entries of the map apart.
    #[inline]
    pub fn shard(&self, key: u64) -> &Shard<V> {
        &self.shards[(self.hasher.hash_one(key) >> 32) as usize % SHARDS]
    }
}

/// A key is locked by who has inserted it. Nobody queues: who finds it taken spins and tries again.
impl Blocking for Sharded<()> {
    #[inline]
    fn cycle(&self, key: u64, within: impl FnOnce()) {
        let backoff = Backoff::new();
        while self.shard(key).lock().insert(key, ()).is_some() {
            backoff.snooze();
        }
        within();
        self.shard(key).lock().remove(&key);
    }
}

/// A key is locked by who has inserted it, as above.
pub type Dash = DashMap<u64, (), FixedState>;

/// A `DashMap` with the shards and the hasher of the others.
pub fn dash() -> Dash {
    DashMap::with_hasher_and_shard_amount(FixedState::default(), SHARDS)
}

impl Blocking for Dash {
    #[inline]
    fn cycle(&self, key: u64, within: impl FnOnce()) {
        let backoff = Backoff::new();
        while self.insert(key, ()).is_some() {
            backoff.snooze();
        }
        within();
        self.remove(&key);
    }
}

/// It lets nobody choose a hasher: it has that of the standard library.
impl Blocking for LockPool<u64> {
    #[inline]
    fn cycle(&self, key: u64, within: impl FnOnce()) {
        let _guard = self.blocking_lock(key);
        within();
    }
}

impl Awaiting for LockPool<u64> {
    #[inline]
    async fn cycle(&self, key: u64, within: impl FnOnce() + Send) {
        let _guard = self.async_lock(key).await;
        within();
    }
}

/// A mutex of tokio's for each key, made when the key is first locked and kept for ever: nothing is done twice, but
/// every key that was ever locked takes memory.
#[derive(Default)]
pub struct Kept(Sharded<KeyMutex>);

/// A mutex of tokio's for each key, removed by who finds that nobody else has it: as the other tables, it has entries
/// for those keys alone that are locked or waited for.
#[derive(Default)]
pub struct Removed(Sharded<KeyMutex>);

/// The mutex of a key.
pub type KeyMutex = Arc<tokio::sync::Mutex<()>>;

impl Sharded<KeyMutex> {
    /// The mutex of a key.
    #[inline]
    pub fn mutex(&self, key: u64) -> KeyMutex {
        Arc::clone(self.shard(key).lock().entry(key).or_default())
    }
}

impl Awaiting for Kept {
    #[inline]
    async fn cycle(&self, key: u64, within: impl FnOnce() + Send) {
        let mutex = self.0.mutex(key);
        let _guard = mutex.lock().await;
        within();
    }
}

impl Awaiting for Removed {
    #[inline]
    async fn cycle(&self, key: u64, within: impl FnOnce() + Send) {
        let mutex = self.0.mutex(key);
        let guard = mutex.lock().await;
        within();
        drop(guard);
        let mut shard = self.0.shard(key).lock();
        // Whoever else uses it has got it from the map under this latch: so these two are all that there are.
        if Arc::strong_count(&mutex) == 2 {
            shard.remove(&key);
        }
    }
}
