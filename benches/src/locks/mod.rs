//! The concurrent lock table beside its peers: what a cycle of lock and unlock costs, how soon a key is handed over,
//! how evenly it goes round, and how much memory a held lock takes.
//!
//! Every subject locks the same keys, which are drawn beforehand, and does nothing while it holds one. Subjects take
//! turns in every run, so what disturbs the machine disturbs all of them.

pub mod contender;
pub mod crowd;
pub mod hand_over;
pub mod held;
pub mod keys;
pub mod tables;

pub use contender::{Calls, Contender};
pub use keys::Keys;

/// The name and version of a peer, as the lock file has them.
macro_rules! version {
    ($name:literal) => {
        concat!($name, " ", env!(concat!("VERSION_", $name)))
    };
}
pub(crate) use version;

/// How many shards a table has whose user chooses: as many as ours has by default on few cores.
pub const SHARDS: usize = 64;
