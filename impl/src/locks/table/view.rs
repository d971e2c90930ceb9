//! What a table looks like to who asks for its state.

use super::entry::Entry;
use super::mode::Mode;
use super::owner::OwnerId;
use std::time::Duration;

/// A key that somebody holds or waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryView<K> {
    /// The key.
    pub key: K,
    /// Who holds it.
    pub holders: Vec<HolderView>,
    /// Who waits for it, in the order in which they are served.
    pub waiters: Vec<WaiterView>,
}

/// A holding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HolderView {
    /// Whose it is.
    pub owner: OwnerId,
    /// The mode.
    pub mode: Mode,
    /// Its sequencer.
    pub sequencer: u64,
    /// For how long it is held in that mode, to some milliseconds, modulo 49 days.
    pub held_for: Duration,
}

/// A wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WaiterView {
    /// Who waits.
    pub owner: OwnerId,
    /// For which mode.
    pub mode: Mode,
    /// Whether it holds the key already, in a weaker mode.
    pub upgrades: bool,
    /// For how long it has waited, to some milliseconds, modulo 49 days.
    pub waits_for: Duration,
}

impl<K> EntryView<K> {
    pub(super) fn of<W>(key: K, entry: &Entry<W>, now: u32) -> Self {
        let ago = |since: u32| Duration::from_millis(now.wrapping_sub(since).into());
        let holders = entry.holdings().iter().map(|holding| HolderView {
            owner: holding.owner,
            mode: holding.mode,
            sequencer: holding.sequencer,
            held_for: ago(holding.since),
        });
        let waiters = entry.waiters().map(|waiting| WaiterView {
            owner: waiting.owner,
            mode: waiting.mode,
            upgrades: waiting.upgrades,
            waits_for: ago(waiting.since),
        });
        Self { key, holders: holders.collect(), waiters: waiters.collect() }
    }
}
