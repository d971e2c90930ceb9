//! A request under way: attempted, blocked upon, or awaited.

use super::ask::Asked;
use super::bug::Bug;
use super::guard::Guard;
use super::mode::Mode;
use super::owner::Standing;
use super::refused::Refused;
use super::waiter::{Fate, Sleeper, Waiter};
use super::{Held, Table};
use crate::sync::{Deadline, Parker};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

/// Who wants something of a table: an owner, or somebody without a name.
#[derive(Clone)]
pub(super) struct Want<'a, T: Table> {
    table: T,
    standing: Option<&'a Arc<Standing>>,
}

impl<'a, T: Table> Want<'a, T> {
    #[inline]
    pub(super) fn of(table: T, standing: Option<&'a Arc<Standing>>) -> Self {
        Self { table, standing }
    }

    #[inline]
    pub(super) fn attempt(self, key: T::Key, mode: Mode) -> Result<Guard<T>, Refused> {
        // Without a sleeper nothing waits.
        let (held, _) = self.table.ask(key, mode, self.standing, None::<fn() -> Option<Sleeper>>)?;
        Ok(self.guard(held, mode))
    }

    #[expect(clippy::inline_always, reason = "a guard that is returned in memory costs as much as the lock")]
    #[inline(always)]
    pub(super) fn block(self, key: T::Key, mode: Mode, deadline: Option<&Deadline>) -> Result<Guard<T>, Refused> {
        let mut parker = None;
        let (mut held, waiter) = self.table.ask(key, mode, self.standing, Some(|| Some(this_thread(&mut parker))))?;
        if let Some(waiter) = waiter {
            held.sequencer = Pending::new(self.clone(), held, waiter, None).block(parker, deadline)?;
        }
        Ok(self.guard(held, mode))
    }

    pub(super) fn attempt_upgrade(self, guard: &mut Guard<T>, mode: Mode) -> Result<(), Refused> {
        if let Asked::Granted(sequencer) =
            self.table.ask_upgrade(guard.held(), mode, self.standing, None::<fn() -> Option<Sleeper>>)?
        {
            guard.becomes(sequencer, mode);
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
        let sleeper = Some(|| Some(this_thread(&mut parker)));
        let sequencer = match self.table.ask_upgrade(guard.held(), mode, self.standing, sleeper)? {
            Asked::Granted(sequencer) => sequencer,
            Asked::Waits(waiter) => {
                Pending::new(self, guard.held(), waiter, Some(guard.mode())).block(parker, deadline)?
            }
        };
        guard.becomes(sequencer, mode);
        Ok(())
    }

    #[inline]
    fn guard(self, held: Held, mode: Mode) -> Guard<T> {
        Guard::of(self.table, held, mode, self.standing.cloned())
    }
}

/// The thread that runs, which is remembered to be parked. A task leaves its waker when its wait is looked at, which is
/// right after it has begun, and without any latch.
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

    #[cold]
    fn block(mut self, parker: Option<Parker>, deadline: Option<&Deadline>) -> Result<u64, Refused> {
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

    /// Ends the wait, as its fate says; the sequencer of what was granted.
    fn settle(&mut self, fate: Fate) -> Result<u64, Refused> {
        self.settled = true;
        if let Some(standing) = self.want.standing {
            standing.end_wait();
        }
        let refused = match fate {
            Fate::Granted(sequencer) => return Ok(sequencer),
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
        let granted = Held { sequencer: self.settle(fate).ok()?, ..self.held };
        let table = &self.want.table;
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
    mode: Mode,
    /// Who wants which key, until it was asked for.
    asks: Option<(Want<'a, T>, T::Key)>,
    pending: Option<Pending<'a, T>>,
}

impl<'a, T: Table> Acquire<'a, T> {
    #[inline]
    pub(super) fn first(want: Want<'a, T>, key: T::Key, mode: Mode) -> Self {
        Self { mode, asks: Some((want, key)), pending: None }
    }

    /// Polls what waits.
    #[cold]
    fn poll_again(&mut self, context: &Context<'_>) -> Poll<Result<u64, Refused>> {
        let pending = self.pending.as_mut().expect("a future is not polled after it was ready");
        match pending.waiter.look_or_register(context.waker()) {
            Fate::Waiting => Poll::Pending,
            fate => Poll::Ready(pending.settle(fate)),
        }
    }
}

/// No part of it is ever pinned.
impl<T: Table> Unpin for Acquire<'_, T> {}

impl<T: Table> Future for Acquire<'_, T> {
    type Output = Result<Guard<T>, Refused>;

    #[expect(clippy::inline_always, reason = "as of what blocks")]
    #[inline(always)]
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mode = self.mode;
        if let Some((want, key)) = self.asks.take() {
            match want.table.ask(key, mode, want.standing, Some(|| None)) {
                Ok((held, None)) => return Poll::Ready(Ok(want.guard(held, mode))),
                Ok((held, Some(waiter))) => self.pending = Some(Pending::new(want, held, waiter, None)),
                Err(refused) => return Poll::Ready(Err(refused)),
            }
        }
        let sequencer = ready!(self.poll_again(context))?;
        let pending = self.pending.take().expect("it was polled");
        Poll::Ready(Ok(pending.want.clone().guard(Held { sequencer, ..pending.held }, mode)))
    }
}

/// The future of somebody without a name, who is never refused.
pub(super) struct AcquireAlone<'a, T: Table>(pub(super) Acquire<'a, T>);

impl<T: Table> Future for AcquireAlone<'_, T> {
    type Output = Guard<T>;

    #[expect(clippy::inline_always, reason = "as of what blocks")]
    #[inline(always)]
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(context).map(named_alone)
    }
}

/// Who has no name has no other lock and no age, so nothing but time can end its wait.
#[expect(clippy::inline_always, reason = "as of what blocks")]
#[inline(always)]
pub(super) fn named_alone<T: Table>(acquired: Result<Guard<T>, Refused>) -> Guard<T> {
    acquired.unwrap_or_else(|refused| unreachable!("nobody without a name is refused: {refused}"))
}

/// A future that makes a lock stronger: see [`Owner::upgrade_async`](super::Owner::upgrade_async).
#[must_use = "a future does nothing until it is awaited"]
pub struct Upgrade<'a, T: Table> {
    guard: &'a mut Guard<T>,
    mode: Mode,
    /// Who wants it, until it was asked for; or why it may not be.
    asks: Option<Result<Want<'a, T>, Refused>>,
    pending: Option<Pending<'a, T>>,
}

impl<'a, T: Table> Upgrade<'a, T> {
    pub(super) fn of(asks: Result<Want<'a, T>, Refused>, guard: &'a mut Guard<T>, mode: Mode) -> Self {
        Self { guard, mode, asks: Some(asks), pending: None }
    }
}

/// No part of it is ever pinned.
impl<T: Table> Unpin for Upgrade<'_, T> {}

impl<T: Table> Future for Upgrade<'_, T> {
    type Output = Result<(), Refused>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mode = self.mode;
        if let Some(want) = self.asks.take() {
            let held = self.guard.held();
            match want.and_then(|want| Ok((want.table.ask_upgrade(held, mode, want.standing, Some(|| None))?, want))) {
                Ok((Asked::Granted(sequencer), _)) => {
                    self.guard.becomes(sequencer, mode);
                    return Poll::Ready(Ok(()));
                }
                Ok((Asked::Waits(waiter), want)) => {
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
        Poll::Ready(settled.map(|sequencer| self.guard.becomes(sequencer, mode)))
    }
}

impl<T: Table> Drop for Upgrade<'_, T> {
    fn drop(&mut self) {
        if let Some(sequencer) = self.pending.as_mut().and_then(Pending::cancel) {
            self.guard.becomes(sequencer, self.guard.mode());
        }
    }
}
