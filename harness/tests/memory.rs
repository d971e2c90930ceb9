//! The memory limit, in a process of its own: what other tests occupy and give back would blur it.

mod common;

use common::{check_all, one_thread};
use proofmark_harness::check::{Cut, Options};
use proofmark_harness::memory;
use proofmark_vocabulary::{Model, Plain, Property};
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// A tree of large states, which counts how many bytes of them there are at once.
#[derive(Clone)]
struct Heavy {
    held: Arc<Held>,
}

#[derive(Debug, Default)]
struct Held {
    now: AtomicU64,
    most: AtomicU64,
}

#[derive(Debug)]
struct Weight(u64, Vec<u8>, Arc<Held>);

impl Weight {
    fn new(number: u64, held: &Arc<Held>) -> Self {
        let now = held.now.fetch_add(HEAVY, Relaxed) + HEAVY;
        held.most.fetch_max(now, Relaxed);
        Self(number, vec![1; HEAVY as usize], Arc::clone(held))
    }
}

impl Clone for Weight {
    fn clone(&self) -> Self {
        Self::new(self.0, &self.2)
    }
}

impl Drop for Weight {
    fn drop(&mut self) {
        self.2.now.fetch_sub(HEAVY, Relaxed);
    }
}

impl PartialEq for Weight {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0 && self.1.len() == other.1.len()
    }
}

impl Hash for Weight {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.0.hash(hasher);
    }
}

const HEAVY: u64 = 1 << 18;

impl Model for Heavy {
    type State = Weight;
    type Action = u64;

    fn init_states(&self) -> Vec<Weight> {
        vec![Weight::new(0, &self.held)]
    }

    fn actions(&self, _: &Weight, actions: &mut Vec<u64>) {
        actions.extend(1..=60);
    }

    fn next_state(&self, state: &Weight, branch: u64) -> Option<Weight> {
        Some(Weight::new(state.0.wrapping_mul(60) + branch, &self.held))
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![Property::always("below the end", |_, state: &Weight| state.0 < u64::MAX)]
    }
}

/// The memory is asked while a round is under way: the states of one round alone would be many times too large.
#[test]
fn the_memory_is_not_exceeded_within_a_round() {
    const ROOM: u64 = 96 << 20;
    // What an allocator keeps counts as occupied: whoever comes later has less.
    let limit = memory::resident() + ROOM;
    for threads in [8, 2, 1] {
        let model = Plain(Heavy { held: Arc::default() });
        let options = Options { threads, memory: Some(limit), timeout: Some(Duration::from_mins(1)), ..one_thread() };
        let outcome = check_all(&model, &options);
        assert_eq!(outcome.cut, Some(Cut::Memory(limit)), "{threads}");
        let most = model.0.held.most.load(Relaxed);
        assert!(most < ROOM + ROOM / 4, "{threads} threads held {} MiB", most >> 20);
    }
}
