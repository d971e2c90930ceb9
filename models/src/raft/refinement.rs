//! Raft refines the replicated log, and its reads refine the register.

use super::{Action, READS, Raft, State};
use crate::problems::register::{self, Register};
use crate::problems::replicated_log::{self, Prefix, ReplicatedLog};
use proofmark_vocabulary::Refinement;

/// What a server has committed is what its log has up to its commit index; and what it forgot in a crash is as it was
/// committed. A value is an entry: of one index and one term there is one only.
pub(super) struct CommitsOneLog(Raft, ReplicatedLog);

impl CommitsOneLog {
    pub(super) fn new(m: &Raft) -> Self {
        let length = usize::from(super::log::MOST_ENTRIES);
        Self(m.clone(), ReplicatedLog::of(m.servers, u8::MAX - 1, length))
    }

    #[inline]
    fn prefix(s: &State, i: usize) -> Prefix {
        let entries = s.log[i].up_to(s.commit_index.get(i)).or(s.committed);
        Prefix::of_bytes(entries.bits(), s.learned.get(i).into())
    }
}

impl Refinement for CommitsOneLog {
    type Concrete = State;
    type Event = Action;
    type Spec = ReplicatedLog;

    fn spec(&self) -> &ReplicatedLog {
        &self.1
    }

    #[inline]
    fn abstraction(&self, s: &State) -> replicated_log::State {
        let mut abstracted = replicated_log::State::default();
        self.0.all().for_each(|i| abstracted.committed[i] = Self::prefix(s, i));
        abstracted
    }

    #[inline]
    fn reads_same(&self, before: &State, after: &State) -> bool {
        before.learned == after.learned
            && before.commit_index == after.commit_index
            && before.committed == after.committed
            && before.log == after.log
    }

    /// Several entries may be committed at once, by one server.
    fn witness(&self, before: &State, _: &Action, after: &State) -> Vec<replicated_log::Action> {
        let new = |i: usize| {
            let known = Self::prefix(before, i).len();
            Self::prefix(after, i)
                .iter()
                .skip(known)
                .map(move |value| replicated_log::Action::Commit(i, value))
                .collect()
        };
        self.0.all().flat_map::<Vec<_>, _>(new).collect()
    }
}

/// The register is written by what is committed first, and a server gets it for a client: with `ReadIndex` as long as
/// it is reading, and not as a leader for a follower; by a lease at once. A read that is neither served nor given up is
/// the server's still.
pub(super) struct ReadsOneRegister(Raft, Register);

impl ReadsOneRegister {
    pub(super) fn new(m: &Raft) -> Self {
        Self(m.clone(), Register::of(m.servers, u8::MAX))
    }

    #[inline]
    fn is_reading(s: &State, i: usize) -> bool {
        s.reading.get(i) > 0 && s.read_for.get(i).is_none()
    }
}

impl Refinement for ReadsOneRegister {
    type Concrete = State;
    type Event = Action;
    type Spec = Register;

    fn spec(&self) -> &Register {
        &self.1
    }

    #[inline]
    fn abstraction(&self, s: &State) -> register::State {
        let mut abstracted = register::State {
            written: Prefix::of_bytes(s.committed.bits(), s.committed.last_index().into()),
            begun: s.spent.get(READS),
            ..register::State::default()
        };
        let reading = self.0.all().filter(|&i| Self::is_reading(s, i));
        reading.for_each(|i| abstracted.getting[i] = Some(s.read_floor.get(i)));
        abstracted
    }

    #[inline]
    fn reads_same(&self, before: &State, after: &State) -> bool {
        before.reading == after.reading
            && before.read_for == after.read_for
            && before.read_floor == after.read_floor
            && before.spent == after.spent
            && before.committed == after.committed
    }

    fn witness(&self, before: &State, action: &Action, after: &State) -> Vec<register::Action> {
        let abandons = |&i: &usize| Self::is_reading(before, i) && !Self::is_reading(after, i);
        match *action {
            Action::ReadIndex(i) | Action::ForwardReadIndex(i, _) => vec![register::Action::BeginGet(i)],
            Action::ServeRead(i) => vec![register::Action::EndGet(i, self.0.shown(before, i))],
            Action::LeaseRead(i) => {
                vec![register::Action::BeginGet(i), register::Action::EndGet(i, self.0.applied(before, i))]
            }
            Action::AdvanceCommit(i) => {
                let new = after.committed.iter().skip(before.committed.last_index().into());
                new.map(|(_, entry)| register::Action::Put(i, entry.bits())).collect()
            }
            _ => self.0.all().filter(abandons).map(register::Action::AbandonGet).collect(),
        }
    }
}
