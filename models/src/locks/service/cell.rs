//! What the committed commands say: the sessions, who holds the lock and who waits for it. Every master that has
//! learned the same commands says the same.

use super::{Bug, LockService};
use crate::map::small;
use crate::problems::mutual_exclusion::Mode;
use crate::{Few, Map};

/// The state of the cell, as its log says it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Cell {
    /// What has become of each client's session.
    pub session: Map<Session, u32>,
    /// The last attempt of each client that was heard of.
    pub handled: Map<u8, u32>,
    /// The clients whose last attempt asks for shared mode.
    pub shared: Few,
    /// The sequencer of each holding.
    pub sequencer: Map<Option<u8>, u32>,
    /// Who waits.
    pub line: Line,
    /// How many generations have begun.
    pub began: u8,
    /// Those of them in which the lock was shared.
    pub shared_generations: Few,
    /// Whether the lock-delay runs.
    pub delayed: bool,
}

/// What has become of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Session {
    /// It has not begun.
    New,
    /// It lives.
    Live,
    /// It has ended.
    Ended,
}

/// A command, which one entry of the log holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// The client's session begins.
    Open(usize),
    /// The client's attempt of that number wants the lock.
    Acquire(usize, u8, Mode),
    /// The client's attempt of that number is over.
    Release(usize, u8),
    /// The client's session ends, and what it has ends with it.
    Expire(usize),
    /// The lock-delay is over.
    EndDelay,
}

impl Command {
    /// The command as a value of the log.
    pub const fn value(self) -> u8 {
        match self {
            Command::Open(c) => c as u8,
            Command::Expire(c) => 3 + c as u8,
            Command::EndDelay => 6,
            Command::Acquire(c, attempt, mode) => 7 + (c as u8 * 4 + attempt) * 2 + mode as u8,
            Command::Release(c, attempt) => 31 + c as u8 * 4 + attempt,
        }
    }

    /// The command whose value it is.
    pub const fn of_value(value: u8) -> Self {
        match value {
            0..3 => Command::Open(value as usize),
            3..6 => Command::Expire(value as usize - 3),
            6 => Command::EndDelay,
            7..31 => {
                let (who, mode) = ((value - 7) / 2, (value - 7) % 2);
                let mode = if mode == Mode::Shared as u8 { Mode::Shared } else { Mode::Exclusive };
                Command::Acquire(who as usize / 4, who % 4, mode)
            }
            _ => Command::Release((value - 31) as usize / 4, (value - 31) % 4),
        }
    }
}

impl Cell {
    /// The cell at first.
    pub fn start(m: &LockService) -> Self {
        let session = if m.opening { Session::New } else { Session::Live };
        Self { session: (0..m.clients).map(|_| session).collect(), ..Self::default() }
    }

    /// What the command makes of the cell.
    #[must_use]
    pub fn apply(mut self, m: &LockService, command: Command) -> Self {
        match command {
            Command::Open(c) => self.session.set(c, Session::Live),
            Command::Acquire(c, attempt, mode) => return self.acquire(m, c, attempt, mode),
            Command::Release(c, attempt) => {
                if m.bug == Some(Bug::ReleaseFreesAnyone) && !self.has_node(c) {
                    self.sequencer = Map::default();
                }
                self.handled.set(c, attempt);
                self.remove(c);
                if m.bug == Some(Bug::ReleaseServesNobody) {
                    return self;
                }
            }
            Command::Expire(c) => return self.expire(m, c),
            Command::EndDelay => self.delayed = false,
        }
        self.serve(m)
    }

    /// Who comes waits behind those who wait already, and is served if nobody does.
    fn acquire(mut self, m: &LockService, c: usize, attempt: u8, mode: Mode) -> Self {
        self.handled.set(c, attempt);
        let shares = mode == Mode::Shared;
        self.shared = if shares { self.shared.with(c) } else { self.shared.without(c) };
        let grants = match m.bug {
            Some(Bug::ReadersBarge) => shares && self.is_shared(),
            Some(Bug::GrantsWhatIsHeld) => true,
            Some(Bug::GrantsInLockDelay) => self.delayed && self.holders(m).next().is_none(),
            _ => false,
        };
        if grants {
            return self.granted(m, c);
        }
        // A bug may have left it there.
        self.line = self.line.without(c).with(c);
        self.serve(m)
    }

    fn expire(mut self, m: &LockService, c: usize) -> Self {
        self.session.set(c, Session::Ended);
        match m.bug {
            Some(Bug::ExpiryKeepsLock) if self.holds(c) => return self,
            Some(Bug::ExpiryKeepsWaiter) if !self.holds(c) => return self,
            _ => {}
        }
        if self.holds(c) && m.lock_delay && m.bug != Some(Bug::FreesAtOnce) {
            self.delayed = true;
        }
        self.remove(c);
        self.serve(m)
    }

    fn remove(&mut self, c: usize) {
        self.sequencer.set(c, None);
        self.line = self.line.without(c);
    }

    /// Grants the lock to those first in line, as long as their modes allow it.
    fn serve(mut self, m: &LockService) -> Self {
        while let Some(c) = self.line.first().filter(|&c| !self.delayed && self.is_compatible(m, c)) {
            self.line = self.line.without(c);
            self = self.granted(m, c);
            if m.bug == Some(Bug::ServesOne) {
                break;
            }
        }
        self
    }

    /// A lock that was free has a new generation, and who joins others has theirs. Without numbers of attempts there
    /// are none of generations.
    fn granted(mut self, m: &LockService, c: usize) -> Self {
        let joins = self.holders(m).next().is_some() && m.bug != Some(Bug::JoinerCounts);
        if m.attempts == 0 {
            self.sequencer.set(c, Some(0));
        } else if joins {
            self.sequencer.set(c, Some(self.began.saturating_sub(1)));
        } else {
            self.sequencer.set(c, Some(self.began));
            let shared = self.shared_generations.without(self.began.into());
            self.shared_generations = if self.shared.contains(c) { shared.with(self.began.into()) } else { shared };
            // Only a mutant has more generations than there are attempts.
            self.began = (self.began + 1).min(super::MOST_GENERATIONS);
        }
        self
    }

    /// Whether nobody else holds the lock in a mode that conflicts with the client's.
    pub fn is_compatible(&self, m: &LockService, c: usize) -> bool {
        self.holders(m).all(|other| other == c || self.shared.contains(c) && self.shared.contains(other))
    }

    /// Whether the client holds the lock.
    #[inline]
    pub fn holds(&self, c: usize) -> bool {
        self.sequencer.get(c).is_some()
    }

    /// Whether the client holds the lock or waits for it: whether it has a node, as `ZooKeeper` says.
    #[inline]
    pub fn has_node(&self, c: usize) -> bool {
        self.holds(c) || self.line.contains(c)
    }

    /// Who holds the lock.
    pub fn holders(&self, m: &LockService) -> impl Iterator<Item = usize> {
        let sequencer = self.sequencer;
        (0..m.clients).filter(move |&c| sequencer.get(c).is_some())
    }

    fn is_shared(&self) -> bool {
        (0..super::MOST_CLIENTS).any(|c| self.holds(c) && self.shared.contains(c))
    }

    /// Whose node is next before that of the client, who waits.
    pub fn predecessor(&self, m: &LockService, c: usize) -> Option<usize> {
        let ahead = self.line.iter().take_while(|&other| other != c).last();
        ahead.or_else(|| self.holders(m).next())
    }

    /// Whether holdings of that generation write.
    pub fn is_exclusive(&self, generation: u8) -> bool {
        !self.shared_generations.contains(generation.into())
    }
}

impl Session {
    /// What has become of it, in a word.
    pub const fn name(self) -> &'static str {
        match self {
            Session::New => "new",
            Session::Live => "live",
            Session::Ended => "ended",
        }
    }
}

small!(Session, 2 bits: 0 => New, 1 => Live, _ => Ended);

/// Who waits, in the order of their coming: two bits each, the first one's the lowest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Line(u8);

impl Line {
    /// The clients from the first.
    pub fn iter(self) -> impl Iterator<Item = usize> {
        let mut rest = self.0;
        std::iter::from_fn(move || {
            let first = usize::from(rest & 0b11).checked_sub(1)?;
            rest >>= 2;
            Some(first)
        })
    }

    /// Who is served next.
    pub fn first(self) -> Option<usize> {
        self.iter().next()
    }

    /// Whether the client waits.
    pub fn contains(self, c: usize) -> bool {
        self.iter().any(|other| other == c)
    }

    /// With one more, who does not wait yet, behind all others.
    #[must_use]
    pub fn with(self, c: usize) -> Self {
        Self(self.0 | (c as u8 + 1) << (2 * self.iter().count()))
    }

    /// Without the client.
    #[must_use]
    pub fn without(self, c: usize) -> Self {
        self.iter().filter(|&other| other != c).fold(Self::default(), Self::with)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_short_list() {
        let line = Line::default().with(2).with(0).with(1);
        assert!(line.iter().eq([2, 0, 1]) && line.without(0).iter().eq([2, 1]) && line.without(0).with(0).contains(0));
        assert_eq!((line.first(), line.without(2).without(1).without(0)), (Some(2), Line::default()));
    }

    #[test]
    fn a_command_has_one_value() {
        let of_one = |c| {
            let of_attempt = move |k| {
                [Command::Acquire(c, k, Mode::Exclusive), Command::Acquire(c, k, Mode::Shared), Command::Release(c, k)]
            };
            (0..3).flat_map(of_attempt).chain([Command::Open(c), Command::Expire(c)])
        };
        let all: Vec<_> = (0..3).flat_map(of_one).chain([Command::EndDelay]).collect();
        assert!(all.iter().all(|command| Command::of_value(command.value()) == *command && command.value() < 255));
    }
}
