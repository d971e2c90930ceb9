//! A request under way: attempted, blocked upon, or awaited.

use super::bug::Bug;
use super::guard::Guard;
use super::mode::Mode;
use super::owner::Standing;
use super::refused::Refused;
use super::waiter::{Fate, Sleeper, Waiter};
use super::{Asked, Held, Table};
use crate::sync::{Deadline, Parker};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

/// Who wants something of a table: an owner, or somebody without a name.
pub(super) struct Want<'a, T: Table> {
    table: &'a T,
    standing: Option<&'a Arc<Standing>>,
}

#[expect(clippy::expl_impl_clone_on_copy, reason = "a derived one would ask the table to be copied")]
impl<T: Table> Clone for Want<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Table> Copy for Want<'_, T> {}

impl<'a, T: Table> Want<'a, T> {
    #[inline]
    pub(super) fn of(table: &'a T, standing: Option<&'a Arc<Standing>>) -> Self {
        Self { table, standing }
    }

    #[inline]
    pub(super) fn attempt(self, key: T::Key, mode: Mode) -> Result<Guard<T>, Refused> {
        match self.table.ask(key, mode, self.standing, None::<fn() -> Sleeper>)? {
            Asked::Granted(held) => Ok(self.guard(held, mode)),
            Asked::Waits { .. } => unreachable!("without a sleeper nothing waits"),
        }
    }

    #[inline]
    pub(super) fn block(self, key: T::Key, mode: Mode, deadline: Option<&Deadline>) -> Result<Guard<T>, Refused> {
        let mut parker = None;
        let held = match self.table.ask(key, mode, self.standing, Some(|| this_thread(&mut parker)))? {
            Asked::Granted(held) => held,
            Asked::Waits { held, waiter } => Pending::new(self, held, waiter, None).block(parker, deadline)?,
        };
        Ok(self.guard(held, mode))
    }

    pub(super) fn attempt_upgrade(self, guard: &mut Guard<T>, mode: Mode) -> Result<(), Refused> {
        match self.table.ask_upgrade(guard.held(), mode, self.standing, None::<fn() -> Sleeper>)? {
            Asked::Granted(held) => guard.becomes(held.sequencer, mode),
            Asked::Waits { .. } => unreachable!("without a sleeper nothing waits"),
        }
        Ok(())
    }

    pub(super) fn block_upgrade(
        self,
        guard: &mut Guard<T>,
        mode: Mode,
        deadline: Option<&Deadline>,
    ) -> Result<(), Refused> {
        let mut parker = None;
        let sleeper = Some(|| this_thread(&mut parker));
        let held = match self.table.ask_upgrade(guard.held(), mode, self.standing, sleeper)? {
            Asked::Granted(held) => held,
            Asked::Waits { held, waiter } => {
                Pending::new(self, held, waiter, Some(guard.mode())).block(parker, deadline)?
            }
        };
        guard.becomes(held.sequencer, mode);
        Ok(())
    }

    #[inline]
    fn guard(self, held: Held, mode: Mode) -> Guard<T> {
        Guard::of(self.table.clone(), held, mode, self.standing.cloned())
    }
}

/// The thread that runs, which is remembered to be parked.
fn this_thread(parker: &mut Option<Parker>) -> Sleeper {
    Sleeper::Thread(parker.insert(Parker::of_this_thread()).clone())
}

/// A request that waits. To drop it is to cancel it.
struct Pending<'a, T: Table> {
    want: Want<'a, T>,
    /// The key and the owner; the sequencer is that of the holding to be upgraded, if any.
    held: Held,
    waiter: Arc<Waiter>,
    /// The mode of the holding to be upgraded.
    before: Option<Mode>,
    settled: bool,
}

impl<'a, T: Table> Pending<'a, T> {
    fn new(want: Want<'a, T>, held: Held, waiter: Arc<Waiter>, before: Option<Mode>) -> Self {
        Self { want, held, waiter, before, settled: false }
    }

    fn block(mut self, parker: Option<Parker>, deadline: Option<&Deadline>) -> Result<Held, Refused> {
        let parker = parker.expect("who blocks has said how it sleeps");
        let fate = self.waiter.park(&parker, deadline);
        if fate != Fate::Waiting {
            return self.settle(fate);
        }
        if self.want.table.planted.is(Bug::TimedOutStaysQueued) {
            self.settled = true;
            return Err(Refused::TimedOut);
        }
        let fate = self.waiter.withdraw();
        self.settle(fate)
    }

    /// Ends the wait, as its fate says.
    fn settle(&mut self, fate: Fate) -> Result<Held, Refused> {
        self.settled = true;
        if let Some(standing) = self.want.standing {
            standing.end_wait();
        }
        let refused = match fate {
            Fate::Granted(sequencer) => return Ok(Held { sequencer, ..self.held }),
            Fate::Waiting | Fate::Cancelled => Refused::TimedOut,
            Fate::Victim => Refused::Deadlock,
            Fate::Wounded => Refused::Wounded,
        };
        // Who made it a victim may have done so already, or may have come before it was in the queue.
        self.want.table.leave(self.held.hash, &self.waiter);
        Err(refused)
    }

    /// Gives up; the new sequencer of the holding that was to be upgraded, when it was upgraded already and has its old
    /// mode again.
    fn cancel(&mut self) -> Option<u64> {
        if self.settled {
            return None;
        }
        let fate = self.waiter.withdraw();
        let granted = self.settle(fate).ok()?;
        let table = self.want.table;
        if table.planted.is(Bug::CancelLosesGrant) {
            return None;
        }
        if let Some(mode) = self.before {
            table.downgrade(granted, mode)
        } else {
            table.release(granted);
            None
        }
    }
}

impl<T: Table> Drop for Pending<'_, T> {
    fn drop(&mut self) {
        self.cancel();
    }
}

/// A future that locks a key: see [`Owner::acquire_async`](super::Owner::acquire_async).
#[must_use = "a future does nothing until it is awaited"]
pub struct Acquire<'a, T: Table> {
    want: Want<'a, T>,
    asked: Option<(T::Key, Mode)>,
    pending: Option<Pending<'a, T>>,
}

impl<'a, T: Table> Acquire<'a, T> {
    pub(super) fn first(want: Want<'a, T>, key: T::Key, mode: Mode) -> Self {
        Self { want, asked: Some((key, mode)), pending: None }
    }
}

/// No part of it is ever pinned.
impl<T: Table> Unpin for Acquire<'_, T> {}

impl<T: Table> Future for Acquire<'_, T> {
    type Output = Result<Guard<T>, Refused>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let want = self.want;
        if let Some((key, mode)) = self.asked.take() {
            let sleeper = || Sleeper::Task(context.waker().clone());
            match want.table.ask(key, mode, want.standing, Some(sleeper)) {
                Ok(Asked::Granted(held)) => return Poll::Ready(Ok(want.guard(held, mode))),
                Ok(Asked::Waits { held, waiter }) => {
                    self.pending = Some(Pending::new(want, Held { mode, ..held }, waiter, None));
                }
                Err(refused) => return Poll::Ready(Err(refused)),
            }
        }
        let pending = self.pending.as_mut().expect("a future is not polled after it was ready");
        let fate = pending.waiter.look_or_register(context.waker());
        if fate == Fate::Waiting {
            return Poll::Pending;
        }
        let settled = pending.settle(fate);
        self.pending = None;
        Poll::Ready(settled.map(|held| want.guard(held, held.mode)))
    }
}

/// A future that makes a lock stronger: see [`Owner::upgrade_async`](super::Owner::upgrade_async).
#[must_use = "a future does nothing until it is awaited"]
pub struct Upgrade<'a, T: Table> {
    want: Want<'a, T>,
    guard: &'a mut Guard<T>,
    mode: Mode,
    /// Whether it was asked for; and if it may not be, why.
    asked: Option<Result<(), Refused>>,
    pending: Option<Pending<'a, T>>,
}

impl<'a, T: Table> Upgrade<'a, T> {
    pub(super) fn of(want: Want<'a, T>, guard: &'a mut Guard<T>, mode: Mode, refused: Option<Refused>) -> Self {
        Self { want, guard, mode, asked: Some(refused.map_or(Ok(()), Err)), pending: None }
    }
}

/// No part of it is ever pinned.
impl<T: Table> Unpin for Upgrade<'_, T> {}

impl<T: Table> Future for Upgrade<'_, T> {
    type Output = Result<(), Refused>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let (want, mode) = (self.want, self.mode);
        if let Some(asked) = self.asked.take() {
            let sleeper = || Sleeper::Task(context.waker().clone());
            let held = self.guard.held();
            match asked.and_then(|()| want.table.ask_upgrade(held, mode, want.standing, Some(sleeper))) {
                Ok(Asked::Granted(held)) => {
                    self.guard.becomes(held.sequencer, mode);
                    return Poll::Ready(Ok(()));
                }
                Ok(Asked::Waits { held, waiter }) => {
                    self.pending = Some(Pending::new(want, held, waiter, Some(self.guard.mode())));
                }
                Err(refused) => return Poll::Ready(Err(refused)),
            }
        }
        let pending = self.pending.as_mut().expect("a future is not polled after it was ready");
        let fate = pending.waiter.look_or_register(context.waker());
        if fate == Fate::Waiting {
            return Poll::Pending;
        }
        let settled = pending.settle(fate);
        self.pending = None;
        Poll::Ready(settled.map(|held| self.guard.becomes(held.sequencer, mode)))
    }
}

impl<T: Table> Drop for Upgrade<'_, T> {
    fn drop(&mut self) {
        if let Some(sequencer) = self.pending.as_mut().and_then(Pending::cancel) {
            self.guard.becomes(sequencer, self.guard.mode());
        }
    }
}
