//! A node's clock: it runs faster or slower than the others, jumps forward now and then, and never goes back.

use super::Dice;
use proofmark_core::Time;

/// A clock, as it has been since its node started.
#[derive(Clone, Debug)]
pub(super) struct Clock {
    /// How many millionths of a second it is ahead after a second, or behind.
    drift: i64,
    /// A moment of the simulation, in nanoseconds, and what the clock showed then.
    since: u64,
    shown: u64,
}

impl Clock {
    /// A clock that drifts by so many millionths at most, one way or the other, and never by half or more.
    pub(super) fn drawn(most: u32, dice: &mut Dice) -> Self {
        let most = most.min(499_999);
        let drift = dice.below(u64::from(most) * 2 + 1).cast_signed() - i64::from(most);
        Self { drift, since: 0, shown: 0 }
    }

    /// Whether it drifts at all.
    pub(super) fn drifts(&self) -> bool {
        self.drift != 0
    }

    /// Its node starts: what it shows has nothing in common with what it, or any other, has shown.
    pub(super) fn start(&mut self, now: u64, dice: &mut Dice) {
        (self.since, self.shown) = (now, dice.below(1 << 50));
    }

    /// What it shows.
    pub(super) fn show(&self, now: u64) -> Time {
        let passed = u128::from(now.saturating_sub(self.since)) * self.rate() / MILLION;
        Time::from_nanos(clamp(u128::from(self.shown) + passed))
    }

    /// Jumps forward.
    pub(super) fn jump(&mut self, now: u64, by: u64) {
        (self.shown, self.since) = (self.show(now).as_nanos().saturating_add(by), now);
    }

    /// The first moment at which it shows so much.
    pub(super) fn when(&self, shown: Time) -> u64 {
        let to_pass = u128::from(shown.as_nanos().saturating_sub(self.shown)) * MILLION;
        clamp(u128::from(self.since) + to_pass.div_ceil(self.rate()))
    }

    /// Millionths of a second that it counts in a second.
    fn rate(&self) -> u128 {
        MILLION.saturating_add_signed(self.drift.into())
    }
}

const MILLION: u128 = 1_000_000;

fn clamp(nanos: u128) -> u64 {
    u64::try_from(nanos).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_never_goes_back_and_a_moment_is_met_when_it_is_shown() {
        let mut dice = Dice::of(3, "test");
        for _ in 0..200 {
            let mut clock = Clock::drawn(400_000, &mut dice);
            clock.start(1_000, &mut dice);
            let (mut now, mut last) = (1_000, clock.show(1_000));
            for _ in 0..50 {
                now += dice.below(5_000_000);
                if dice.per_mille(200) {
                    clock.jump(now, dice.below(1_000_000));
                }
                assert!(clock.show(now) >= last);
                last = clock.show(now);
                let deadline = last + std::time::Duration::from_nanos(1 + dice.below(9_000));
                let met = clock.when(deadline);
                assert!(clock.show(met) >= deadline && clock.show(met - 1) < deadline);
            }
        }
    }

    #[test]
    fn a_clock_without_drift_counts_what_passes() {
        let mut dice = Dice::of(4, "test");
        let mut clock = Clock::drawn(0, &mut dice);
        clock.start(10, &mut dice);
        assert!(!clock.drifts());
        assert_eq!((clock.show(25) - clock.show(10)).as_nanos(), 15);
        assert!(clock.show(u64::MAX) > clock.show(25), "the end of time is no panic");
    }
}
