//! Asking for locks: what is granted at once, and who begins to wait.

use super::bug::Bug;
use super::entry::{Answer, Entry, Ledger};
use super::mode::Mode;
use super::owner::{OwnerId, Standing, Wait};
use super::refused::Refused;
use super::waiter::{Fate, Sleeper, Waiter};
use super::{Held, LockTable, Policy, Shard, Slot};
use crate::sync::{MutexGuard, millis, spin};
use hashbrown::hash_table::Entry as Place;
use std::hash::{BuildHasher, Hash};
use std::sync::Arc;

/// What somebody asks of an entry.
struct Question<'a> {
    hash: u64,
    owner: OwnerId,
    mode: Mode,
    /// Whether the owner holds the key, and asks for a stronger mode.
    upgrades: bool,
    standing: Option<&'a Arc<Standing>>,
}

/// What became of a question that was proper: the sequencer of what was granted, or who waits.
pub(super) enum Asked {
    Granted(u64),
    Waits(Arc<Waiter>),
}

impl<K: Hash + Eq, S: BuildHasher> LockTable<K, S> {
    #[inline]
    fn must_be_allowed_to_ask(&self, standing: Option<&Arc<Standing>>) -> Result<(), Refused> {
        let is_refused = |standing: &Arc<Standing>| !standing.may_ask() && !self.planted.is(Bug::WoundIsIgnored);
        if standing.is_some_and(is_refused) { Err(Refused::Wounded) } else { Ok(()) }
    }

    /// Asks for a key; what is granted, or who waits for it. Without a sleeper, what would wait is refused.
    #[expect(clippy::inline_always, reason = "what it returns is a guard's, which is best built where it is used")]
    #[inline(always)]
    pub(super) fn ask(
        &self,
        key: K,
        mode: Mode,
        standing: Option<&Arc<Standing>>,
        sleeper: Option<impl FnOnce() -> Option<Sleeper>>,
    ) -> Result<(Held, Option<Arc<Waiter>>), Refused> {
        self.must_be_allowed_to_ask(standing)?;
        let hash = self.hasher.hash_one(&key);
        let mut latch = self.shard(hash).lock();
        let Shard { entries, ledger, anonymous } = &mut *latch;
        ledger.now = millis();
        let owner = standing.map_or_else(
            || {
                *anonymous += 1;
                OwnerId::anonymous(*anonymous)
            },
            |standing| standing.id,
        );
        let asked = match entries.entry(hash, |slot| slot.key == key, |slot| self.hasher.hash_one(&slot.key)) {
            Place::Vacant(place) if !self.planted.is(Bug::InsertsBlindly) => {
                let (entry, sequencer) = Entry::of(owner, mode, ledger);
                place.insert(Slot { key, entry });
                Asked::Granted(sequencer)
            }
            _ => {
                let question = Question { hash, owner, mode, upgrades: false, standing };
                self.ask_taken(latch, key, &question, sleeper)?
            }
        };
        match asked {
            Asked::Granted(sequencer) => Ok((Held { hash, owner, sequencer }, None)),
            Asked::Waits(waiter) => Ok((Held { hash, owner, sequencer: 0 }, Some(waiter))),
        }
    }

    /// Asks for a key that is there; apart from [`Self::ask`], so that the way to a key that nobody has stays short.
    ///
    /// Who has a key alone often releases it sooner than a wait would have begun, so it is looked at again a few times.
    /// Nobody is passed by: where somebody waits, there is no second look.
    #[inline(never)]
    fn ask_taken<'a>(
        &'a self,
        mut latch: MutexGuard<'a, Shard<K>>,
        key: K,
        question: &Question<'_>,
        sleeper: Option<impl FnOnce() -> Option<Sleeper>>,
    ) -> Result<Asked, Refused> {
        let &Question { hash, owner, mode, .. } = question;
        let is_it = |slot: &Slot<K>| slot.key == key;
        let must_wait = |latch: &Shard<K>| {
            let entry = latch.entries.find(hash, is_it).map(|slot| &slot.entry);
            matches!(entry, Some(Entry::Sole(other)) if other.owner != owner && !other.mode.is_compatible_with(mode))
        };
        for looks in 0..self.looks {
            if sleeper.is_none() || !must_wait(&latch) {
                break;
            }
            drop(latch);
            spin(looks);
            self.must_be_allowed_to_ask(question.standing)?;
            latch = self.shard(hash).lock();
        }
        if latch.entries.find(hash, is_it).is_some() {
            return self.ask_entry(latch, is_it, question, sleeper);
        }
        if self.planted.is(Bug::InsertsBlindly) {
            drop(latch);
            latch = self.shard(hash).lock();
        }
        let Shard { entries, ledger, .. } = &mut *latch;
        ledger.now = millis();
        let (entry, sequencer) = Entry::of(owner, mode, ledger);
        entries.insert_unique(hash, Slot { key, entry }, |slot| self.hasher.hash_one(&slot.key));
        Ok(Asked::Granted(sequencer))
    }

    /// Asks for a stronger mode. Without a sleeper, what would wait is refused.
    pub(super) fn ask_upgrade(
        &self,
        held: Held,
        mode: Mode,
        standing: Option<&Arc<Standing>>,
        sleeper: Option<impl FnOnce() -> Option<Sleeper>>,
    ) -> Result<Asked, Refused> {
        self.must_be_allowed_to_ask(standing)?;
        let mut latch = self.shard(held.hash).lock();
        latch.ledger.now = millis();
        let question = Question { hash: held.hash, owner: held.owner, mode, upgrades: true, standing };
        self.ask_entry(latch, |slot| held.is_in(&slot.entry), &question, sleeper)
    }

    /// Asks an entry that is there.
    fn ask_entry(
        &self,
        mut latch: MutexGuard<'_, Shard<K>>,
        is_it: impl FnMut(&Slot<K>) -> bool,
        question: &Question<'_>,
        sleeper: Option<impl FnOnce() -> Option<Sleeper>>,
    ) -> Result<Asked, Refused> {
        let &Question { hash, owner, mode, upgrades, .. } = question;
        let Shard { entries, ledger, .. } = &mut *latch;
        let entry = &mut entries.find_mut(hash, is_it).ok_or(Refused::NotHeld)?.entry;
        let answer = if upgrades { entry.upgrade(owner, mode, ledger) } else { entry.request(owner, mode, ledger) };
        match answer {
            Answer::Granted(sequencer) => Ok(Asked::Granted(sequencer)),
            Answer::Improper if upgrades => Err(Refused::NotStronger),
            Answer::Improper => Err(Refused::AlreadyHeld),
            Answer::MustWait => {
                let waiter = Arc::new(Waiter::new(sleeper.ok_or(Refused::WouldWait)?(), self.planted));
                let wounded = self.enqueue(entry, ledger, question, &waiter)?;
                drop(latch);
                self.has_begun_to_wait(question, &waiter, wounded);
                Ok(Asked::Waits(waiter))
            }
        }
    }

    /// Lets somebody wait, if the policy allows it; and what those wait for that it wounds.
    fn enqueue(
        &self,
        entry: &mut Entry<Arc<Waiter>>,
        ledger: &Ledger,
        question: &Question<'_>,
        waiter: &Arc<Waiter>,
    ) -> Result<Vec<Wait>, Refused> {
        let &Question { hash, owner, mode, standing, .. } = question;
        let mut wounded = Vec::new();
        if let Some(standing) = standing {
            // Who has no name holds one key and waits for no other: it closes no circle.
            let parties = || entry.parties(owner).filter(|party| !party.is_anonymous());
            let dies = if self.planted.is(Bug::YoungWaits) {
                parties().any(|party| party > owner)
            } else {
                parties().any(|party| party < owner)
            };
            if self.policy == Policy::WaitDie && dies {
                return Err(Refused::Died);
            }
            let wait = Wait { hash, waiter: Arc::clone(waiter) };
            let may_wait = self.planted.is(Bug::SearchesBeforeWaiting) || standing.begin_wait(wait);
            if !may_wait && !self.planted.is(Bug::WoundIsIgnored) {
                return Err(Refused::Wounded);
            }
            if self.policy == Policy::WoundWait {
                let younger = parties().filter(|&party| party > owner);
                wounded = younger.filter_map(|party| self.owners.find(party)?.wound()).collect();
            }
        }
        entry.wait(owner, mode, Arc::clone(waiter), ledger);
        Ok(wounded)
    }

    /// What is left to do, without the latch, when somebody has begun to wait.
    fn has_begun_to_wait(&self, question: &Question<'_>, waiter: &Arc<Waiter>, wounded: Vec<Wait>) {
        for wait in wounded {
            self.kill(&wait, Fate::Wounded);
        }
        if let Some(standing) = question.standing
            && self.policy == Policy::Detect
            && standing.holds_anything()
        {
            self.break_deadlocks(standing.id);
            if self.planted.is(Bug::SearchesBeforeWaiting) {
                standing.begin_wait(Wait { hash: question.hash, waiter: Arc::clone(waiter) });
            }
        }
    }
}
