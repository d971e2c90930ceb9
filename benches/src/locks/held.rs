//! How much memory locks take that are held: of the tables, without the guards, which are where the user puts them.

use super::contender::{DASHMAP, KEPT, LOCKABLE, OURS, SHARDED};
use super::tables::{KeyMutex, Sharded, dash, ours};
use clap::Parser;
use lockable::LockPool;
use peak_alloc::PeakAlloc;
use proofmark_impl::locks::table::Mode;
use serde::{Deserialize, Serialize};

/// Hold many locks once and print what they take, as JSON.
#[derive(Clone, Copy, Debug, Parser)]
pub struct Hold {
    /// The table, by its place among all.
    #[arg(long, value_parser = clap::value_parser!(u8).range(0..5))]
    pub table: u8,
    /// How many locks.
    #[arg(long)]
    pub locks: u64,
}

/// What locks take in memory, and who is meant.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Held {
    /// The name of the table.
    pub subject: String,
    /// What the table has allocated and not freed, beyond what it had when it was empty.
    pub allocated: usize,
    /// The most that it had meanwhile, such as when a map grew.
    pub peak: usize,
    /// A guard of it.
    pub guard: usize,
}

impl Hold {
    /// How many tables are measured.
    pub const TABLES: u8 = 5;

    /// The command line that asks for it.
    pub fn arguments(self) -> [String; 2] {
        [format!("--table={}", self.table), format!("--locks={}", self.locks)]
    }

    /// Locks as many keys, in a process whose allocator is this one.
    pub fn run(self, allocator: PeakAlloc) -> Held {
        let locks = self.locks;
        match self.table {
            0 => hold(OURS, allocator, locks, &ours(), |table, key| table.acquire(key, Mode::X)),
            1 => hold(SHARDED, allocator, locks, &Sharded::default(), |table, key| {
                table.shard(key).lock().insert(key, ());
            }),
            2 => hold(DASHMAP, allocator, locks, &dash(), |table, key| {
                table.insert(key, ());
            }),
            3 => hold(LOCKABLE, allocator, locks, &LockPool::new(), LockPool::blocking_lock),
            _ => hold(KEPT, allocator, locks, &Sharded::<KeyMutex>::default(), |table, key| {
                table.mutex(key).try_lock_owned()
            }),
        }
    }
}

fn hold<'a, T, G>(subject: &str, allocator: PeakAlloc, locks: u64, table: &'a T, lock: fn(&'a T, u64) -> G) -> Held {
    let mut guards = Vec::with_capacity(usize::try_from(locks).expect("as many as fit into memory"));
    let before = allocator.current_usage();
    allocator.reset_peak_usage();
    guards.extend((0..locks).map(|key| lock(table, key)));
    Held {
        subject: subject.to_owned(),
        allocated: allocator.current_usage() - before,
        peak: allocator.peak_usage() - before,
        guard: size_of::<G>(),
    }
}
