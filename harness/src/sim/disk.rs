//! A node's disk: it may be full for a while, or fail, or stop while records are written to it.

use super::{Dice, Fault, Fired};
use proofmark_core::Log;
use std::io;

/// What is wrong with a disk, and until when.
#[derive(Clone, Debug, Default)]
pub(super) struct Disk {
    /// Until then there is no space on it.
    pub(super) full_until: u64,
    /// Until then it syncs nothing.
    pub(super) failing_until: u64,
}

/// One write to a disk, and what comes of it: what is in `durable` has reached it, whether the write fails or not.
pub(super) struct Write<'a, R> {
    pub(super) durable: Vec<R>,
    full: bool,
    failing: bool,
    /// How often of a thousand times the node stops before its records are synced.
    torn: u16,
    dice: &'a mut Dice,
    fired: &'a mut Fired,
}

impl Disk {
    /// Nothing is wrong with it any more.
    pub(super) fn mend(&mut self) {
        *self = Self::default();
    }

    /// A write now.
    pub(super) fn write<'a, R>(&self, now: u64, torn: u16, dice: &'a mut Dice, fired: &'a mut Fired) -> Write<'a, R> {
        let (full, failing) = (now < self.full_until, now < self.failing_until);
        Write { durable: Vec::new(), full, failing, torn, dice, fired }
    }
}

impl<R> Write<'_, R> {
    /// Of what was not synced, some is on the disk: nobody knows how much. It is a beginning, since whoever reads a
    /// log stops at the first record that is damaged.
    fn stop(&mut self, fault: Fault) -> io::Error {
        let kept = self.dice.below(self.durable.len() as u64 + 1);
        self.durable.truncate(kept as usize);
        self.fired.count(fault);
        io::Error::other("the disk has stopped")
    }
}

impl<R: Clone> Log<R> for Write<'_, R> {
    fn append(&mut self, records: &[R]) -> io::Result<()> {
        if self.full {
            self.fired.count(Fault::FullDisk);
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.durable.extend_from_slice(records);
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        if self.failing {
            return Err(self.stop(Fault::FailingDisk));
        }
        if self.dice.per_mille(self.torn) {
            return Err(self.stop(Fault::TornWrite));
        }
        Ok(())
    }
}
