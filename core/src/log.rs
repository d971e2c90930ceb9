//! The write-ahead log, as a core's driver sees it.

use std::io;

/// An append-only log of records that survives a crash.
pub trait Log<R> {
    /// Adds records behind all others. They may be lost, or torn, until [`Self::sync`] has returned.
    ///
    /// # Errors
    /// When the medium fails or is full.
    fn append(&mut self, records: &[R]) -> io::Result<()>;

    /// Makes everything that was appended durable.
    ///
    /// # Errors
    /// When the medium fails. What of the appended records is on it is unknown.
    fn sync(&mut self) -> io::Result<()>;
}

/// A log in memory, for tests and models: it never fails, and remembers what was synced.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MemoryLog<R> {
    records: Vec<R>,
    synced: usize,
}

impl<R> MemoryLog<R> {
    /// An empty one.
    pub const fn new() -> Self {
        Self { records: Vec::new(), synced: 0 }
    }

    /// What survives a crash now.
    pub fn durable(&self) -> &[R] {
        &self.records[..self.synced]
    }

    /// Loses what was not synced.
    pub fn crash(&mut self) {
        self.records.truncate(self.synced);
    }
}

impl<R> Default for MemoryLog<R> {
    fn default() -> Self {
        Self::new()
    }
}

impl<R: Clone> Log<R> for MemoryLog<R> {
    fn append(&mut self, records: &[R]) -> io::Result<()> {
        self.records.extend_from_slice(records);
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        self.synced = self.records.len();
        Ok(())
    }
}
