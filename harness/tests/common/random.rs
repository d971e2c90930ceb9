//! Random small graphs and claims.

use super::{Claim, Fair, Graph, Quotient};
use proofmark_vocabulary::Strength;
use proptest::prelude::*;

/// A graph of at most that many states, with initial states that may be repeated or beyond the boundary, and
/// whatever claims are asked for.
pub(crate) fn graphs(most: u32, claims: impl Strategy<Value = Vec<Claim>> + Clone) -> impl Strategy<Value = Graph> {
    (1..=most).prop_flat_map(move |states| {
        let count = states as usize;
        let action = (0..4_u8, prop::option::weighted(0.85, 0..states));
        let actions = prop::collection::vec(prop::collection::vec(action, 0..4), count);
        let inside = prop::collection::vec(prop::bool::weighted(0.9), count);
        let marks = prop::collection::vec((any::<u8>(), any::<u8>()).prop_map(|(a, b)| a & b), count);
        let initial = prop::collection::vec(0..states, 0..4);
        (initial, actions, marks, inside, claims.clone(), any::<[bool; 2]>()).prop_map(
            |(initial, actions, marks, inside, claims, [forbids_deadlock, names_kinds])| Graph {
                initial,
                actions,
                marks,
                inside,
                properties: Vec::new,
                claims,
                forbids_deadlock,
                names_kinds,
            },
        )
    })
}

/// Claims of states and steps, one of each.
pub(crate) fn of_states_and_steps() -> impl Strategy<Value = Vec<Claim>> + Clone {
    let spec = (prop::sample::subsequence(vec![0, 1, 2], 2..=3), any::<[[bool; 3]; 3]>());
    let refines = spec.prop_map(|(initial, allowed)| Claim::Refines(Quotient { initial, allowed }));
    let step = (0..7_u8, 0..4_u8).prop_map(|(mark, label)| Claim::Step { mark, label });
    ((0..7_u8).prop_map(Claim::Always), (0..7_u8).prop_map(Claim::Can), step, refines)
        .prop_map(|(always, can, step, refines)| vec![always, can, step, refines])
}

/// Claims of behaviours, one of each kind.
pub(crate) fn of_behaviours() -> impl Strategy<Value = Vec<Claim>> + Clone {
    let mark = || 0..7_u8;
    (
        mark().prop_map(Claim::Inevitable),
        (mark(), fairness()).prop_map(|(goal, fair)| Claim::Eventually(goal, fair)),
        (mark(), fairness()).prop_map(|(goal, fair)| Claim::EventuallyAlways(goal, fair)),
        (mark(), mark(), fairness()).prop_map(|(from, to, fair)| Claim::LeadsTo(from, to, fair)),
        (mark(), prop::option::of(0..16_u8)).prop_map(|(goal, excluded)| Claim::AlwaysCan(goal, excluded)),
    )
        .prop_map(|(a, b, c, d, e)| vec![a, b, c, d, e])
}

fn fairness() -> impl Strategy<Value = Vec<Fair>> + Clone {
    let strength = prop_oneof![Just(Strength::Weak), Just(Strength::Strong)];
    prop::collection::vec((strength, 1..16_u8).prop_map(|(strength, labels)| Fair { strength, labels }), 0..4)
}

/// A graph of many states, from a seed: some dense parts, some long chains.
pub(crate) fn large(states: u32, seed: u64) -> Graph {
    let mut random = seed;
    let mut draw = move |below: u32| {
        // Marsaglia's xorshift: plain numbers, the same everywhere.
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        u32::try_from(random % u64::from(below)).expect("below a u32")
    };
    let mut action = |state: u32| {
        let to = match draw(400) {
            0 => Some(draw(states)),
            1..50 => None,
            // Near by, so that the graph is deep.
            _ => Some((state + draw(4000)) % states),
        };
        (u8::try_from(draw(4)).expect("below four"), to)
    };
    let actions = (0..states).map(|state| (0..3).map(|_| action(state)).collect()).collect();
    let hash = |state: u32| state.wrapping_mul(2_654_435_761) >> 16;
    Graph {
        initial: vec![5, 0, 77],
        actions,
        marks: (0..states).map(|state| u8::try_from(hash(state) & 0xff).expect("a byte")).collect(),
        inside: (0..states).map(|state| hash(state) % 101 != 0 || state < 100).collect(),
        properties: Vec::new,
        claims: Vec::new(),
        forbids_deadlock: false,
        names_kinds: true,
    }
}
