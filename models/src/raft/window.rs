//! How much a leader sends before it is answered: etcd raft's progress (`tracker/progress.go`, `raft.go`).
//!
//! A follower is *probed* until the leader knows where its log matches; then *replicated* to: `nextIndex` advances with
//! what is sent, as long as the window has room; or it is sent a *snapshot*, and nothing until that is answered or
//! reported. An append has one entry here, so what is in flight is what lies between `matchIndex` and `nextIndex`.
//!
//! Left out: the size of messages in bytes, and that a snapshot goes only to who was heard from (`RecentActive`). A
//! heartbeat and its answer are one step, and carry nothing. The transport (`ReportUnreachable`, `ReportSnapshot`) says
//! that something failed where a message was lost or a server crashed, and that a snapshot was sent where it arrived.

use super::{Action, Bug, Kind, Log, Message, Progress, ProgressState, Raft, Role, Servers, State};

impl Raft {
    /// `Inflights.Full`.
    #[inline]
    pub(super) fn is_full(&self, progress: Progress, j: usize) -> bool {
        let full = progress.state(j) == ProgressState::Replicate && progress.in_flight(j) >= self.window;
        full && self.bug != Some(Bug::SendsBeyondWindow)
    }

    /// `SentEntries`: what is sent is thought to arrive, and is in flight; a probe with an entry is the only one.
    #[inline]
    pub(super) fn sent_entries(&self, progress: Progress, j: usize, count: u8) -> Progress {
        match progress.state(j) {
            _ if self.window == 0 => progress,
            ProgressState::Replicate => {
                let sent = progress.with_next(j, progress.next(j) + count);
                sent.pausing(j, self.is_full(sent, j))
            }
            _ if count > 0 => progress.pausing(j, true),
            _ => progress,
        }
    }

    /// A follower's log matches up to the answer's index. Whichever index it is, a follower that the leader's log
    /// reaches needs its snapshot no more.
    #[inline]
    pub(super) fn acknowledged(&self, log: Log, before: Progress, updated: Progress, answer: Message) -> Progress {
        let j = answer.from();
        let is_news = answer.index() > before.matched(j);
        let is_reached = match self.bug {
            Some(Bug::AwaitsPendingSnapshot) => updated.matched(j) + 1 == before.next(j),
            _ => updated.matched(j) >= log.snapshot_index(),
        };
        match before.state(j) {
            _ if self.window == 0 => updated,
            ProgressState::Probe if answer.index() >= before.matched(j) => {
                updated.becoming(j, ProgressState::Replicate)
            }
            ProgressState::Snapshot if is_news && is_reached => updated.becoming(j, ProgressState::Replicate),
            ProgressState::Replicate if is_news => updated.pausing(j, false),
            _ => updated,
        }
    }

    /// What was sent did not arrive: all that is in flight is sent again, from where the logs are known to match.
    #[inline]
    pub(super) fn rejected(&self, progress: Progress, j: usize) -> Progress {
        if self.bug == Some(Bug::RejectionIgnored) { progress } else { progress.becoming(j, ProgressState::Probe) }
    }

    /// It is likely that an append was lost.
    pub(super) fn report_unreachable(s: &mut State, i: usize, j: usize) {
        s.progress[i] = s.progress[i].becoming(j, ProgressState::Probe);
    }

    /// If the snapshot arrived, what comes next is behind it, and else what came next before. Either waits for a sign
    /// of life.
    pub(super) fn report_snapshot(s: &mut State, i: usize, j: usize, finished: bool) {
        let progress = s.progress[i];
        let probing =
            if finished { progress.becoming_probe_of_snapshot(j) } else { progress.becoming(j, ProgressState::Probe) };
        s.progress[i] = probing.pausing(j, true);
    }

    /// What a leader may be told of the servers that it sends to.
    pub(super) fn reports_to(s: &State, i: usize, others: Servers, actions: &mut Vec<Action>) {
        let progress = s.progress[i];
        let is_under_way = |j: usize| {
            let to = |message: Message| message.kind() == Kind::InstallSnapshot && message.to() == j;
            s.network.iter().any(|message| to(message) && message.from() == i)
        };
        for j in others.iter() {
            if progress.waits_for_heartbeat(j) && s.role.get(j) != Role::Down {
                actions.push(Action::HeartbeatResponse(i, j));
            }
            actions.extend(match (progress.state(j), progress.has_lost(j)) {
                (ProgressState::Replicate, true) => Some(Action::ReportUnreachable(i, j)),
                (ProgressState::Snapshot, true) => Some(Action::ReportSnapshot(i, j, false)),
                (ProgressState::Snapshot, false) if !is_under_way(j) => Some(Action::ReportSnapshot(i, j, true)),
                _ => None,
            });
        }
    }
}
