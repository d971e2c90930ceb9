//! Who is compared with whom.

use super::crowd::{Crowd, Locks, Pass, Tasks, Threads};
use super::keys::Keys;
use super::tables::{Kept, Removed, Sharded, dash, ours};
use super::version;
use lockable::LockPool;
use std::sync::Arc;
use std::time::Duration;

/// How the users of a table wait. Those that block are compared with those that block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Calls {
    /// They block their thread, or spin.
    Blocking,
    /// They are futures.
    Async,
}

/// A table, used in one way.
#[derive(Clone, Copy, Debug)]
pub struct Contender {
    /// The name in every output, the same for both ways.
    pub name: &'static str,
    /// How its users wait.
    pub calls: Calls,
    /// Whether they wait in a queue.
    pub queues: bool,
    /// Makes an empty one.
    make: fn() -> Box<dyn Locks>,
}

/// Our table in every output.
pub const OURS: &str = "proofmark";

/// Maps of taken keys behind mutexes: the least that a lock table does.
pub const SHARDED: &str = concat!("64 x ", version!("parking_lot"), " Mutex<HashMap>");

/// The peer with a queue for both ways.
pub const LOCKABLE: &str = version!("lockable");

/// `DashMap` in every output.
pub const DASHMAP: &str = version!("dashmap");

/// A mutex of tokio's for every key that was ever locked.
pub const KEPT: &str = concat!(version!("tokio"), " Mutex per key, kept");

/// A mutex of tokio's for every key that is locked.
pub const REMOVED: &str = concat!(version!("tokio"), " Mutex per key, removed");

impl Contender {
    /// All of them.
    pub fn all() -> [Self; 8] {
        use Calls::{Async, Blocking};
        let of = |name, calls, queues, make| Self { name, calls, queues, make };
        [
            of(OURS, Blocking, true, || Box::new(Threads(ours()))),
            of(SHARDED, Blocking, false, || Box::new(Threads(Sharded::<()>::default()))),
            of(DASHMAP, Blocking, false, || Box::new(Threads(dash()))),
            of(LOCKABLE, Blocking, true, || Box::new(Threads(LockPool::<u64>::new()))),
            of(OURS, Async, true, || Box::new(Tasks(Arc::new(ours())))),
            of(LOCKABLE, Async, true, || Box::new(Tasks(Arc::new(LockPool::<u64>::new())))),
            of(KEPT, Async, true, || Box::new(Tasks(Arc::new(Kept::default())))),
            of(REMOVED, Async, true, || Box::new(Tasks(Arc::new(Removed::default())))),
        ]
    }

    /// An empty table.
    pub fn table(self) -> Box<dyn Locks> {
        (self.make)()
    }

    /// Whether its locks exclude each other: a figure of one whose locks do not is no comparison.
    ///
    /// # Errors
    /// When some do not.
    pub fn excludes(self) -> Result<(), String> {
        let crowd = Crowd::of(4, Keys::One);
        let done = self.table().run(&crowd, Pass::Check, Duration::from_millis(20));
        let all: u64 = done.cycles.iter().sum();
        if done.shared == all {
            Ok(())
        } else {
            Err(format!("{} let two hold a key at a time: of {all} counts {} are left", self.name, done.shared))
        }
    }
}

impl Calls {
    /// The name in every output.
    pub const fn name(self) -> &'static str {
        match self {
            Calls::Blocking => "blocking",
            Calls::Async => "async",
        }
    }
}
