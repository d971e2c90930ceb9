//! Exit codes.

/// Everything asked for holds.
pub(super) const OK: u8 = 0;
/// A mistake in what was asked.
pub(super) const USAGE: u8 = 2;
/// A deadlock, where the model forbids it.
pub(super) const DEADLOCK: u8 = 11;
/// Safety is violated.
pub(super) const SAFETY: u8 = 12;
/// Liveness is violated.
pub(super) const LIVENESS: u8 = 13;
/// A limit was reached.
pub(super) const INCOMPLETE: u8 = 20;
/// Something proves nothing.
pub(super) const VACUOUS: u8 = 21;
/// The code takes a step that its model does not allow.
pub(super) const DIVERGED: u8 = 30;
/// A mutant survived.
pub(super) const SURVIVED: u8 = 31;
/// A mistake of this program or of a model: a panic.
pub(super) const INTERNAL: u8 = 70;
/// Ctrl-C.
pub(super) const INTERRUPTED: u8 = 130;

/// The code of two results together: a violation beats a divergence, which beats a surviving mutant, which beats an
/// interruption, which beats *incomplete*, which beats *vacuous*.
pub(super) fn worse(one: u8, other: u8) -> u8 {
    let rank = |code: u8| WORST_FIRST.iter().position(|&worst| worst == code).unwrap_or(0);
    if rank(one) <= rank(other) { one } else { other }
}

/// The code to end with: `code`, unless not `all` was done because the user stopped the run.
pub(super) fn ended(code: u8, all: bool) -> u8 {
    if all { code } else { worse(code, INTERRUPTED) }
}

/// What a code means, in words.
pub(super) fn meaning(code: u8) -> &'static str {
    match code {
        OK => "everything asked for holds, exhaustively within the bounds",
        DEADLOCK => "a deadlock, where the model forbids it",
        SAFETY => "safety is violated",
        LIVENESS => "liveness is violated",
        INCOMPLETE => "a limit was reached before exhaustion; nothing was found",
        VACUOUS => "something proves nothing",
        DIVERGED => "the code takes a step that its model does not allow, or its threads go wrong",
        SURVIVED => "a mutant survived",
        INTERRUPTED => "interrupted before the end",
        _ => "internal error, or an output that was asked for could not be written",
    }
}

const WORST_FIRST: [u8; 11] =
    [INTERNAL, USAGE, SAFETY, DEADLOCK, LIVENESS, DIVERGED, SURVIVED, INTERRUPTED, INCOMPLETE, VACUOUS, OK];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_violation_beats_incomplete_which_beats_vacuous() {
        assert_eq!([12, 11, 13, 20, 21, 0].into_iter().reduce(worse), Some(12));
        assert_eq!([13, 0, 11].into_iter().reduce(worse), Some(11));
        assert_eq!([21, 20, 0].into_iter().reduce(worse), Some(20));
        assert_eq!([130, 13].into_iter().reduce(worse), Some(13));
        assert_eq!([20, 130, 21].into_iter().reduce(worse), Some(130));
    }
}
