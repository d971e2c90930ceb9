//! Cases of many threads, which draw what they do: too large for loom.

use super::Case;
use super::stage::{Actor, Stage};
use super::table::{Mode, Policy, Refused};
use Mode::{IS, IX, S, U, X};

const fn crowd(name: &'static str, about: &'static str, keys: usize, policy: Policy) -> Case {
    Case { name, about, threads: THREADS + 1, keys, policy, looks: 1, body: meet }
}

pub(super) const CROWDS: &[Case] = &[
    crowd("crowd", "eight threads lock and wait on a hundred keys", 100, Policy::Detect),
    crowd("crowd-of-three-keys", "eight threads lock and wait on three keys", 3, Policy::Detect),
    crowd("crowd-wait-die", "eight threads on three keys, where only the oldest wait", 3, Policy::WaitDie),
    crowd("crowd-wound-wait", "eight threads on three keys, where the older wound the younger", 3, Policy::WoundWait),
];

fn meet(stage: &Stage) {
    let keys = stage.keys() as u64;
    let crowd: Vec<_> = (0..THREADS as u64)
        .map(|seed| {
            stage.actor().spawn(move |mut actor| (0..ROUNDS).for_each(|round| act(&mut actor, seed, round, keys)))
        })
        .collect();
    for thread in crowd {
        thread.join().unwrap();
    }
}

/// Locks two keys in some of the ways in which that can be done.
fn act(actor: &mut Actor, seed: u64, round: u64, keys: u64) {
    let mut draw = Draw(seed * 1_000 + round);
    let (one, other) = (draw.below(keys) as u8, draw.below(keys) as u8);
    let [mode, second] = [IS, IX, S, U, X, X, S, X].map(|mode| mode)[draw.below(7) as usize..][..2] else { return };
    let first = match draw.below(5) {
        0 => actor.acquire_or_cancel(one, mode).ok_or(Refused::WouldWait),
        1 => actor.acquire_awaiting(one, mode),
        2 => actor.try_acquire(one, mode),
        _ => actor.acquire(one, mode),
    };
    let Ok(mut first) = first else { return };
    if one != other {
        let second = actor.acquire(other, second);
        actor.use_up(other, second);
    } else if X.is_stronger_than(mode) && actor.upgrade(one, &mut first, X).is_ok() {
        actor.downgrade(one, &mut first, S);
    }
    actor.release(one, first);
}

/// Numbers that look random and are the same in every run (Steele, Lea and Flood, *Fast Splittable Pseudorandom Number
/// Generators*, OOPSLA 2014, figure 14).
struct Draw(u64);

impl Draw {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }
}

const THREADS: usize = 8;
/// What each thread does in a row.
const ROUNDS: u64 = 10;
