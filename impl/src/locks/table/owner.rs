//! Owners: who asks for locks, holds several, and may have to leave for another.

use super::Table;
use super::acquire::{Acquire, Upgrade, Want};
use super::bug::Bug;
use super::guard::Guard;
use super::mode::Mode;
use super::refused::Refused;
use super::waiter::Waiter;
use crate::sync::{AtomicBool, AtomicU32, Deadline, Mutex, Ordering};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// The name of an owner in its table. Of two, the older has the smaller.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OwnerId(u64);

impl OwnerId {
    /// The owner of that number, in the order of age.
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// Somebody without a name, who holds one key and waits for nothing else.
    pub(super) const fn anonymous(ticket: u64) -> Self {
        Self(ANONYMOUS | ticket)
    }

    /// The number.
    pub const fn number(self) -> u64 {
        self.0 & !ANONYMOUS
    }

    /// Whether it is the owner of one lock that was acquired without an [`Owner`].
    pub const fn is_anonymous(self) -> bool {
        self.0 & ANONYMOUS != 0
    }
}

impl fmt::Debug for OwnerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.is_anonymous() { "anonymous " } else { "owner " };
        write!(f, "{kind}{}", self.number())
    }
}

const ANONYMOUS: u64 = 1 << 63;

/// Somebody who asks for locks, one at a time, and may hold any number: a transaction, a request, a session.
///
/// It is made by [`LockTable::owner`](super::LockTable::owner), or by [`Owner::of`] over an `Arc` where its locks are to
/// live as long as they like. Its locks outlive it. Where owners wait for each other in a circle, the youngest of them is
/// refused; so whoever is refused should drop its locks and begin again, as the same owner: it is older than whoever
/// comes later, and gets its turn.
///
/// ```
/// use proofmark_impl::locks::table::{LockTable, Mode};
///
/// let accounts = LockTable::new();
/// let mut transfer = accounts.owner();
/// let from = transfer.acquire("alice", Mode::X)?;
/// let to = transfer.acquire("bob", Mode::X)?;
/// assert!(accounts.try_acquire("bob", Mode::S).is_none());
/// drop((from, to));
/// assert!(accounts.is_empty());
/// # Ok::<(), proofmark_impl::locks::table::Refused>(())
/// ```
pub struct Owner<T: Table> {
    table: T,
    standing: Arc<Standing>,
}

/// What others may ask of an owner, and do to it.
pub(super) struct Standing {
    pub(super) id: OwnerId,
    held: AtomicU32,
    /// Written with `wait` locked.
    wounded: AtomicBool,
    wait: Mutex<Option<Wait>>,
}

/// What an owner waits for.
#[derive(Clone)]
pub(super) struct Wait {
    pub(super) hash: u64,
    pub(super) waiter: Arc<Waiter>,
}

impl Standing {
    /// Whether it may ask for anything: not while it is wounded, until it has released everything.
    pub(super) fn may_ask(&self) -> bool {
        if !self.is_wounded() {
            return true;
        }
        let healed = self.held.load(Ordering::Relaxed) == 0;
        if healed {
            let _wait = self.wait.lock();
            self.wounded.store(false, Ordering::Relaxed);
        }
        healed
    }

    pub(super) fn is_wounded(&self) -> bool {
        self.wounded.load(Ordering::Relaxed)
    }

    /// Whether somebody may wait for it.
    pub(super) fn holds_anything(&self) -> bool {
        self.held.load(Ordering::Relaxed) > 0
    }

    pub(super) fn has_gained(&self) {
        self.held.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn has_lost(&self) {
        self.held.fetch_sub(1, Ordering::Relaxed);
    }

    /// Tells others what it waits for; whether it may wait.
    pub(super) fn begin_wait(&self, wait: Wait) -> bool {
        let mut present = self.wait.lock();
        let may_wait = !self.is_wounded();
        if may_wait {
            *present = Some(wait);
        }
        may_wait
    }

    pub(super) fn end_wait(&self) {
        *self.wait.lock() = None;
    }

    pub(super) fn wait(&self) -> Option<Wait> {
        self.wait.lock().clone()
    }

    /// Wounds it; what it waits for, which it then has to leave.
    pub(super) fn wound(&self) -> Option<Wait> {
        let wait = self.wait.lock();
        self.wounded.store(true, Ordering::Relaxed);
        wait.clone()
    }
}

/// The owners of a table.
#[derive(Default)]
pub(super) struct Owners {
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    next: u64,
    living: BTreeMap<OwnerId, Arc<Standing>>,
}

impl Owners {
    fn enter(&self) -> Arc<Standing> {
        let mut known = self.known.lock();
        let id = OwnerId(known.next);
        known.next += 1;
        let (held, wounded, wait) = (AtomicU32::new(0), AtomicBool::new(false), Mutex::new(None));
        let standing = Arc::new(Standing { id, held, wounded, wait });
        known.living.insert(id, Arc::clone(&standing));
        standing
    }

    fn leave(&self, id: OwnerId) {
        self.known.lock().living.remove(&id);
    }

    pub(super) fn find(&self, id: OwnerId) -> Option<Arc<Standing>> {
        self.known.lock().living.get(&id).cloned()
    }
}

impl<T: Table> Owner<T> {
    /// A new owner, younger than all before it. Over an `Arc` of the table, its locks live as long as they like.
    ///
    /// ```
    /// use proofmark_impl::locks::table::{LockTable, Mode, Owner};
    /// use std::sync::Arc;
    ///
    /// let table = Arc::new(LockTable::<String>::new());
    /// let mut owner = Owner::of(Arc::clone(&table));
    /// let guard = owner.acquire("key".to_owned(), Mode::X)?;
    /// std::thread::spawn(move || drop(guard)).join().unwrap();
    /// assert!(table.is_empty());
    /// # Ok::<(), proofmark_impl::locks::table::Refused>(())
    /// ```
    pub fn of(table: T) -> Self {
        let standing = table.owners.enter();
        Self { table, standing }
    }

    /// Its name.
    pub fn id(&self) -> OwnerId {
        self.standing.id
    }

    /// Whether an older owner waits for this one, so that whatever it asks for is refused until it has dropped all its
    /// locks. It happens under [`Policy::WoundWait`](super::Policy::WoundWait) alone.
    pub fn is_wounded(&self) -> bool {
        !self.standing.may_ask()
    }

    /// Locks a key, and blocks the thread until it is granted.
    ///
    /// # Errors
    /// When this owner holds the key already, or has to leave for another.
    ///
    /// ```
    /// use proofmark_impl::locks::table::{LockTable, Mode, Refused};
    ///
    /// let table = LockTable::new();
    /// let mut owner = table.owner();
    /// let read = owner.acquire(7, Mode::S)?;
    /// assert_eq!(owner.acquire(7, Mode::X).unwrap_err(), Refused::AlreadyHeld);
    /// # Ok::<(), Refused>(())
    /// ```
    pub fn acquire(&mut self, key: T::Key, mode: Mode) -> Result<Guard<T>, Refused> {
        self.acquire_until(key, mode, None)
    }

    /// Locks a key, and blocks the thread until it is granted, but not longer than that.
    ///
    /// # Errors
    /// As [`Self::acquire`], and when the time is over.
    ///
    /// ```
    /// use proofmark_impl::locks::table::{LockTable, Mode, Refused};
    /// use std::time::Duration;
    ///
    /// let table = LockTable::new();
    /// let held = table.acquire("key", Mode::X);
    /// let refused = table.owner().acquire_timeout("key", Mode::S, Duration::from_millis(1));
    /// assert_eq!(refused.unwrap_err(), Refused::TimedOut);
    /// ```
    pub fn acquire_timeout(&mut self, key: T::Key, mode: Mode, timeout: Duration) -> Result<Guard<T>, Refused> {
        self.acquire_until(key, mode, Some(&Deadline::after(timeout)))
    }

    pub(crate) fn acquire_until(
        &mut self,
        key: T::Key,
        mode: Mode,
        deadline: Option<&Deadline>,
    ) -> Result<Guard<T>, Refused> {
        self.want().block(key, mode, deadline)
    }

    /// Locks a key if that is possible at once.
    ///
    /// # Errors
    /// As [`Self::acquire`], and when it would have to wait.
    ///
    /// ```
    /// use proofmark_impl::locks::table::{LockTable, Mode, Refused};
    ///
    /// let table = LockTable::new();
    /// let (mut one, mut other) = (table.owner(), table.owner());
    /// let held = one.try_acquire("key", Mode::U)?;
    /// assert!(other.try_acquire("key", Mode::S).is_ok());
    /// assert_eq!(other.try_acquire("key", Mode::U).unwrap_err(), Refused::WouldWait);
    /// # Ok::<(), Refused>(())
    /// ```
    pub fn try_acquire(&mut self, key: T::Key, mode: Mode) -> Result<Guard<T>, Refused> {
        self.want().attempt(key, mode)
    }

    /// Locks a key, as a future. To drop it at any moment leaves no trace: if it waits, it waits no more; if it was
    /// granted, the key is released.
    ///
    /// The future resolves to the guard, or to why it was refused, as [`Self::acquire`].
    ///
    /// ```
    /// use proofmark_impl::locks::table::{LockTable, Mode, Refused};
    ///
    /// # pollster::block_on(async {
    /// let table = LockTable::new();
    /// let mut owner = table.owner();
    /// let guard = owner.acquire_async("key", Mode::X).await?;
    /// assert_eq!(guard.mode(), Mode::X);
    /// # Ok::<(), Refused>(())
    /// # }).unwrap();
    /// ```
    pub fn acquire_async(&mut self, key: T::Key, mode: Mode) -> Acquire<'_, T> {
        Acquire::first(self.want(), key, mode)
    }

    /// Locks several keys, in the order of the keys whatever their order here: so owners that lock all that they need by
    /// this never wait for each other in a circle. A key that is named twice is locked in the
    /// [weakest mode that is as strong as both](Mode::join). The guards are in the order of the keys.
    ///
    /// # Errors
    /// As [`Self::acquire`]; then none of the keys is locked by this.
    ///
    /// ```
    /// use proofmark_impl::locks::table::{LockTable, Mode, Refused};
    ///
    /// let table = LockTable::new();
    /// let guards = table.owner().acquire_all([("b", Mode::X), ("a", Mode::S), ("b", Mode::S)])?;
    /// assert_eq!(guards.iter().map(|guard| guard.mode()).collect::<Vec<_>>(), [Mode::S, Mode::X]);
    /// # Ok::<(), Refused>(())
    /// ```
    pub fn acquire_all(&mut self, wanted: impl IntoIterator<Item = (T::Key, Mode)>) -> Result<Vec<Guard<T>>, Refused>
    where
        T::Key: Ord,
    {
        let wanted = self.in_order(wanted);
        wanted.into_iter().map(|(key, mode)| self.acquire(key, mode)).collect()
    }

    /// As [`Self::acquire_all`], as a future. To drop it at any moment leaves no trace.
    ///
    /// # Errors
    /// As [`Self::acquire_all`].
    pub async fn acquire_all_async(
        &mut self,
        wanted: impl IntoIterator<Item = (T::Key, Mode)>,
    ) -> Result<Vec<Guard<T>>, Refused>
    where
        T::Key: Ord,
    {
        let wanted = self.in_order(wanted);
        let mut guards = Vec::with_capacity(wanted.len());
        for (key, mode) in wanted {
            guards.push(self.acquire_async(key, mode).await?);
        }
        Ok(guards)
    }

    fn in_order(&self, wanted: impl IntoIterator<Item = (T::Key, Mode)>) -> Vec<(T::Key, Mode)>
    where
        T::Key: Ord,
    {
        let mut wanted: Vec<_> = wanted.into_iter().collect();
        if self.table.planted.is(Bug::UnorderedKeys) {
            return wanted;
        }
        wanted.sort_by(|(one, _), (other, _)| one.cmp(other));
        wanted.dedup_by(|(later, mode), (kept, joined)| {
            let same = later == kept;
            if same {
                *joined = joined.join(*mode);
            }
            same
        });
        wanted
    }

    /// Makes a lock of this owner stronger, and blocks the thread until that is granted. Nobody else has the key in a
    /// mode that conflicts in between. The guard has its new mode and a new sequencer, or is as before.
    ///
    /// # Errors
    /// When the mode is not stronger than the guard's, when the guard is another owner's, and when this owner has to
    /// leave for another: of two that upgrade at a time and wait for each other, one is refused.
    ///
    /// ```
    /// use proofmark_impl::locks::table::{LockTable, Mode, Refused};
    ///
    /// let table = LockTable::new();
    /// let mut owner = table.owner();
    /// let mut guard = owner.acquire("key", Mode::U)?;
    /// owner.upgrade(&mut guard, Mode::X)?;
    /// assert_eq!(guard.mode(), Mode::X);
    /// # Ok::<(), Refused>(())
    /// ```
    pub fn upgrade(&mut self, guard: &mut Guard<T>, mode: Mode) -> Result<(), Refused> {
        self.upgrade_until(guard, mode, None)
    }

    /// As [`Self::upgrade`], but not longer than that.
    ///
    /// # Errors
    /// As [`Self::upgrade`], and when the time is over: the guard is as before.
    pub fn upgrade_timeout(&mut self, guard: &mut Guard<T>, mode: Mode, timeout: Duration) -> Result<(), Refused> {
        self.upgrade_until(guard, mode, Some(&Deadline::after(timeout)))
    }

    pub(crate) fn upgrade_until(
        &mut self,
        guard: &mut Guard<T>,
        mode: Mode,
        deadline: Option<&Deadline>,
    ) -> Result<(), Refused> {
        self.must_own(guard)?;
        self.want().block_upgrade(guard, mode, deadline)
    }

    /// Makes a lock of this owner stronger if that is possible at once.
    ///
    /// # Errors
    /// As [`Self::upgrade`], and when it would have to wait.
    pub fn try_upgrade(&mut self, guard: &mut Guard<T>, mode: Mode) -> Result<(), Refused> {
        self.must_own(guard)?;
        self.want().attempt_upgrade(guard, mode)
    }

    /// As [`Self::upgrade`], as a future. To drop it leaves the guard as it was, in its old mode. To forget it, while it
    /// waits, forgets the lock: the guard then releases nothing.
    pub fn upgrade_async<'a>(&'a mut self, guard: &'a mut Guard<T>, mode: Mode) -> Upgrade<'a, T> {
        let asks = self.must_own(guard).map(|()| self.want());
        Upgrade::of(asks, guard, mode)
    }

    fn want(&self) -> Want<'_, T> {
        Want::of(self.table.clone(), Some(&self.standing))
    }

    fn must_own(&self, guard: &Guard<T>) -> Result<(), Refused> {
        guard.is_of(&self.standing).then_some(()).ok_or(Refused::NotHeld)
    }
}

impl<T: Table> Drop for Owner<T> {
    fn drop(&mut self) {
        self.table.owners.leave(self.standing.id);
    }
}

impl<T: Table> fmt::Debug for Owner<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Owner").field(&self.standing.id).finish()
    }
}
