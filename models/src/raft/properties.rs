//! What must be true of Raft.

use super::refinement::{CommitsOneLog, ReadsOneRegister};
use super::{Action, Change, Command, Entry, Guard, Kind, Message, Raft, Role, Servers, State, liveness, scene};
use crate::drawn::{drawn, worded};
use crate::guard::guarded;
use proofmark_vocabulary::{Describe, Property, Temporal};

pub(super) fn of_states(m: &Raft) -> Vec<Property<Raft>> {
    let mut properties: Vec<Property<Raft>> = vec![
        Property::always("election safety", election_safety),
        Property::always("log matching", log_matching),
        Property::always("leader completeness", |m, s| m.all().all(|i| leads_completely(s, i))),
        Property::always("state machine safety", |m, s| m.all().all(|i| commits_what_is_committed(s, i))),
        Property::always("no electable server lacks a committed entry", |m, s| {
            m.all().all(|i| lacks_or_loses(m, s, i))
        }),
        Property::always("match index is truthful", |m, s| m.all().all(|i| knows_what_matches(m, s, i))),
        Property::always("AppendEntries describes its sender's log", |m, s| m.all().all(|i| appends_own_log(s, i))),
        Property::sometimes("can elect a leader", someone_led),
    ];
    if m.requests > 0 || m.blank {
        let commits = |_: &Raft, s: &State| s.committed.last_index() > 0;
        properties.push(Property::sometimes("can commit an entry", commits));
        let all_know = |m: &Raft, s: &State| m.can_be_members().iter().all(|i| s.learned.get(i) > 0);
        properties.push(Property::sometimes("all servers know of a committed entry", all_know));
    }
    if m.terms > 1 {
        properties.push(Property::sometimes("a leader steps down", steps_down));
    }
    if m.terms > 1 && m.requests > 1 && !m.async_disk {
        properties.push(Property::sometimes("a conflicting suffix is overwritten", suffix_is_overwritten));
    }
    if m.change != Change::None {
        properties
            .push(Property::always("configuration agrees with the log", |m, s| m.all().all(|i| acts_by_log(m, s, i))));
        properties.push(Property::sometimes("a change of members completes", change_completes));
    }
    if m.configurations[0].learners != Servers::NONE && m.terms > 1 {
        properties.push(Property::sometimes("a learner is promoted", learner_is_promoted));
    }
    if m.change == Change::Joint && m.terms > 2 {
        properties.push(Property::sometimes("a removed server is elected", removed_is_elected));
    }
    if m.leases {
        properties.push(Property::always("one valid lease at a time", one_valid_lease));
    }
    if m.reads > 0 {
        properties.push(Property::sometimes("a read is served", |m: &Raft, s: &State| {
            s.spent.get(super::READS) > 0 && m.all().all(|i| s.reading.get(i) == 0)
        }));
    }
    if m.follower_reads {
        properties.push(Property::sometimes("a follower can serve a read", |m: &Raft, s: &State| {
            let answered = |i| s.role.get(i) == Role::Follower && s.read_index.get(i) > 0;
            m.all().any(|i| answered(i) && m.applied(s, i) >= s.read_index.get(i))
        }));
    }
    if m.compactions > 0 {
        properties.push(Property::sometimes("a snapshot is installed", snapshot_is_installed));
    }
    if m.window > 0 {
        properties.push(Property::always("what is in flight fits the window", in_flight_fits));
    }
    if m.window > 1 && m.requests > 1 {
        let two = |m: &Raft, s: &State| m.all().any(|i| m.all().any(|j| s.progress[i].in_flight(j) > 1));
        properties.push(Property::sometimes("two appends to a follower are in flight", two));
    }
    if m.async_disk && m.crashes > 0 && m.requests > 0 {
        let waits = |m: &Raft, s: &State| m.all().any(|i| s.log[i].last_index() > s.disk.log[i].last_index());
        properties.push(Property::sometimes("an entry waits for the disk", waits));
    }
    properties
}

fn someone_led(m: &Raft, s: &State) -> bool {
    (1..=m.terms).any(|term| !s.leaders.get(term.into()).is_empty())
}

/// Of each term there is at most one leader, ever: two that never lead at once count too.
fn election_safety(m: &Raft, s: &State) -> bool {
    (0..=m.terms).all(|term| s.leaders.get(term.into()).len() <= 1)
}

/// Entries of one index and one term are the same, and so are all before them.
fn log_matching(m: &Raft, s: &State) -> bool {
    m.all().all(|i| (0..i).all(|j| logs_match(s, i, j)))
}

pub(super) fn logs_match(s: &State, i: usize, j: usize) -> bool {
    let (mine, theirs) = (s.log[i], s.log[j]);
    let same_term = |&index: &u8| mine.get(index).is_some() && mine.term(index) == theirs.term(index);
    let shorter = mine.last_index().min(theirs.last_index());
    let last = || (1..=shorter).rev().find(same_term);
    mine.agrees_up_to(theirs, shorter) || last().is_none_or(|last| mine.agrees_up_to(theirs, last))
}

/// What a leader of one term committed is in the log of every leader of a later one. What counts is the term of who
/// committed it, not the entry's own: of that it is false.
pub(super) fn leads_completely(s: &State, i: usize) -> bool {
    let later = |index: u8| s.current_term.get(i) > s.committed_in.get(index.into());
    s.role.get(i) != Role::Leader
        || s.committed.iter().all(|(index, entry)| !later(index) || Raft::has(s, i, index, entry.bits()))
}

/// No two servers have committed different entries at one index: each has those that were committed first.
pub(super) fn commits_what_is_committed(s: &State, i: usize) -> bool {
    let commit = s.commit_index.get(i);
    let snapshot = s.log[i].snapshot_index();
    snapshot <= commit
        && commit <= s.committed.last_index()
        && s.log[i].last_index() >= commit
        && s.log[i].agrees_up_to(s.committed, commit)
}

/// Who would be elected, were it to stand now, has all that is committed.
pub(super) fn lacks_or_loses(m: &Raft, s: &State, i: usize) -> bool {
    s.log[i].has_all(s.committed) || !m.is_electable(s, i, Servers::below(m.servers))
}

/// Of a server that is still in the leader's term, the log on disk is the leader's up to `matchIndex`.
pub(super) fn knows_what_matches(m: &Raft, s: &State, i: usize) -> bool {
    s.role.get(i) != Role::Leader
        || m.all().all(|j| {
            let matched = s.progress[i].matched(j);
            let durable = m.durable_log(s, j);
            matched == 0
                || m.durable_term(s, j) != s.current_term.get(i)
                || durable.last_index() >= matched
                    && s.log[i].last_index() >= matched
                    && durable.agrees_up_to(s.log[i], matched)
        })
}

/// What a leader of this term has in flight are entries of its log, behind one that it has, as far as it has committed.
pub(super) fn appends_own_log(s: &State, i: usize) -> bool {
    let log = s.log[i];
    let is_own = |message: &Message| {
        message.kind() == Kind::AppendEntries && message.from() == i && message.term() == s.current_term.get(i)
    };
    let is_there = |index| index >= log.first_index();
    s.role.get(i) != Role::Leader
        || s.network.iter().filter(is_own).all(|message| {
            let is_named = message.index() == 0 || message.log_term() > 0;
            let before = is_named && (!is_there(message.index()) || log.term(message.index()) == message.log_term());
            let same = message.appended().all(|(index, entry)| !is_there(index) || log.get(index) == Some(entry));
            before && same && message.hint() <= s.commit_index.get(i)
        })
}

/// One that has led follows in a later term.
fn steps_down(m: &Raft, s: &State) -> bool {
    m.all().any(|i| {
        let led = |term: u8| s.leaders.get(term.into()).contains(i);
        s.role.get(i) == Role::Follower && (1..s.current_term.get(i)).any(led)
    })
}

/// The first request is nowhere any more, and another entry is at its place.
fn suffix_is_overwritten(m: &Raft, s: &State) -> bool {
    let first = |entry: Entry| entry.command() == Command::Request(1);
    let in_logs = m.all().any(|i| s.log[i].iter().any(|(_, entry)| first(entry)));
    let in_flight = s.network.iter().any(|message| message.appended().any(|(_, entry)| first(entry)));
    s.spent.get(super::REQUESTS) > 0 && !in_logs && !in_flight && m.all().any(|i| s.log[i].last_index() > 0)
}

/// A configuration that is neither the initial one nor joint is committed.
fn change_completes(m: &Raft, s: &State) -> bool {
    let latest = s.committed.configuration(0, s.committed.last_index());
    latest.is_some_and(|(_, number)| number > 0 && !m.configuration(number).is_joint())
}

/// One that only learned at first leads.
fn learner_is_promoted(m: &Raft, s: &State) -> bool {
    let learned = m.configurations[0].learners;
    m.all().any(|i| learned.contains(i) && s.role.get(i) == Role::Leader)
}

/// A server leads that an earlier leader's change has removed.
fn removed_is_elected(m: &Raft, s: &State) -> bool {
    m.all().any(|i| {
        let (log, term) = (s.log[i], s.current_term.get(i));
        let latest = log.configuration(log.snapshot_index(), log.last_index());
        let is_earlier = latest.is_some_and(|(index, _)| log.term(index) < term);
        s.role.get(i) == Role::Leader && is_earlier && !m.voters(s, i).contains(i)
    })
}

/// More logs are without their beginning than were compacted.
fn snapshot_is_installed(m: &Raft, s: &State) -> bool {
    let without = m.all().filter(|&i| s.log[i].snapshot_index() > 0).count();
    without > usize::from(s.spent.get(super::COMPACTIONS))
}

/// When a commit index advances by counting, the entries are on the disks of a quorum.
fn commit_is_durable(m: &Raft, before: &State, action: &Action, after: &State) -> bool {
    let Action::AdvanceCommit(i) = *action else { return true };
    let commit = after.commit_index.get(i);
    let has = |j: &usize| {
        let durable = m.durable_log(before, *j);
        durable.last_index() >= commit && durable.agrees_up_to(after.log[i], commit)
    };
    m.configuration(m.configuration_by_log(before, i)).is_quorum(m.all().filter(has).collect())
}

/// A leader elected, or a commit counted, has a majority, of a joint configuration two, judged by the log.
fn joint_quorums(m: &Raft, before: &State, action: &Action, after: &State) -> bool {
    let by_log = |i| m.configuration(m.configuration_by_log(before, i));
    match *action {
        Action::BecomeLeader(i) => by_log(i).is_quorum(before.votes.get(i)),
        Action::AdvanceCommit(i) => {
            let commit = after.commit_index.get(i);
            let has =
                |j: &usize| if *j == i { m.synced_to(before, i) } else { before.progress[i].matched(*j) } >= commit;
            by_log(i).is_quorum(m.all().filter(has).collect())
        }
        _ => true,
    }
}

/// A leader appends a configuration only where none lies above its commit index (above what is applied, where that is
/// when it comes in force) and it has committed in its own term; to leave a joint one it need not have.
fn one_pending_change(m: &Raft, before: &State, action: &Action, _: &State) -> bool {
    let (i, leaves) = match *action {
        Action::ChangeConfiguration(i, _) => (i, false),
        Action::LeaveJoint(i) => (i, true),
        _ => return true,
    };
    let commit = before.commit_index.get(i);
    let settled = if m.at_apply { m.applied(before, i) } else { commit };
    let nothing_pending = before.log[i].configuration(settled, before.log[i].last_index()).is_none();
    nothing_pending && (leaves || before.log[i].term(commit) == before.current_term.get(i))
}

/// A server acts by the configuration that its log says.
pub(super) fn acts_by_log(m: &Raft, s: &State, i: usize) -> bool {
    s.configuration.get(i) == m.configuration_by_log(s, i)
}

/// Entries are applied one by one, each once in a server's life, or by a snapshot; and none before it is committed.
fn applied_in_order(m: &Raft, before: &State, action: &Action, after: &State) -> bool {
    m.all().all(|i| {
        let (old, new) = (before.applied.get(i), after.applied.get(i));
        let as_it_may = match *action {
            Action::Apply(j) if j == i => new == old + 1,
            Action::Crash(j) if j == i => new == after.log[i].snapshot_index(),
            Action::Receive(message, _) if message.kind() == Kind::InstallSnapshot && message.to() == i => new >= old,
            _ => new == old,
        };
        as_it_may && new <= after.commit_index.get(i)
    })
}

/// No two servers have a lease at once.
fn one_valid_lease(m: &Raft, s: &State) -> bool {
    m.all().filter(|&i| holds_lease(m, s, i)).count() <= 1
}

/// Whether a leader may answer reads at once.
pub(super) fn holds_lease(m: &Raft, s: &State, i: usize) -> bool {
    m.has_lease(s, i) && !s.yielded.contains(i)
}

/// etcd raft's `Inflights.Add` panics where this is not so. Everything in flight is in the leader's log.
fn in_flight_fits(m: &Raft, s: &State) -> bool {
    let mut leaders = m.all().filter(|&i| s.role.get(i) == Role::Leader);
    leaders.all(|i| {
        let (last, progress) = (s.log[i].last_index(), s.progress[i]);
        m.all().all(|j| {
            progress.in_flight(j) <= m.window && progress.matched(j) < progress.next(j) && progress.next(j) <= last + 1
        })
    })
}

/// Of a follower that is probed or sent a snapshot, or whose window is full, the leader waits for an answer.
fn paused_are_sent_nothing(_: &Raft, before: &State, action: &Action, _: &State) -> bool {
    match *action {
        Action::Replicate(i, j) | Action::InstallSnapshot(i, j) => !before.progress[i].is_paused(j),
        _ => true,
    }
}

/// A read shows all that was committed when it began; one by a lease begins when it is answered.
fn reads_are_linearizable(m: &Raft, before: &State, action: &Action, _: &State) -> bool {
    match *action {
        Action::ServeRead(i) => m.shown(before, i) >= before.read_floor.get(i),
        Action::LeaseRead(i) => m.applied(before, i) >= before.committed.last_index(),
        _ => true,
    }
}

/// Who is told to stand has all that the leader has.
fn transferee_is_caught_up(_: &Raft, before: &State, action: &Action, _: &State) -> bool {
    match *action {
        Action::TimeoutNow(i, j) => before.log[j].common(before.log[i]) == before.log[i].last_index(),
        _ => true,
    }
}

/// Whoever is counted as a voter voted so, or has gone on to a later term.
fn votes_are_of_voters(m: &Raft, before: &State, action: &Action, _: &State) -> bool {
    let Action::BecomeLeader(i) = *action else { return true };
    let term = before.current_term.get(i);
    let voted = |j: usize| {
        let later = before.current_term.get(j) > term || m.durable_term(before, j) > term;
        later || before.current_term.get(j) == term && before.voted_for.get(j) == Some(i as u8)
    };
    let voters = m.configuration(m.configuration_by_log(before, i)).all_voters();
    before.votes.get(i).iter().all(|j| voters.contains(j) && voted(j))
}

/// A server that is no voter, such as a learner, does not stand, unless it has just been removed.
fn stands_as_voter(m: &Raft, before: &State, _: &Action, after: &State) -> bool {
    let stands = |s: &State, i| matches!(s.role.get(i), Role::PreCandidate | Role::Candidate);
    let begins = |i: &usize| stands(after, *i) && !stands(before, *i);
    before.role == after.role || m.all().filter(begins).all(|i| m.has_voted(before, i))
}

/// Who stands after asking has been told by a quorum that it would be elected.
fn stands_when_electable(m: &Raft, before: &State, action: &Action, _: &State) -> bool {
    match *action {
        Action::BecomeCandidate(i) => m.is_quorum(before, i, before.votes.get(i)),
        _ => true,
    }
}

/// A vote that is given is not known, to its candidate or on the way, to have been another's in that term.
fn votes_once(m: &Raft, before: &State, action: &Action, after: &State) -> bool {
    let Action::Receive(request, _) = *action else { return true };
    let (i, term) = (request.to(), request.term());
    let is_vote = |message: &Message| {
        message.kind() == Kind::RequestVoteResponse
            && message.says_yes()
            && message.from() == i
            && message.term() == term
    };
    let given = || after.network.iter().any(|message| is_vote(&message) && message.to() == request.from());
    if request.kind() != Kind::RequestVote || !given() {
        return true;
    }
    let stands = |j| before.role.get(j) == Role::Candidate && before.current_term.get(j) == term;
    let counted =
        |j| stands(j) && before.votes.get(j).contains(i) || j == i && before.leaders.get(term.into()).contains(j);
    let others = m.all().filter(|&j| j != request.from());
    let on_its_way = before.network.iter().any(|message| is_vote(&message) && message.to() != request.from());
    !on_its_way && !others.into_iter().any(counted)
}

fn leader_appends_only(m: &Raft, before: &State, _: &Action, after: &State) -> bool {
    if before.log == after.log {
        return true;
    }
    let leads = |s: &State, i| s.role.get(i) == Role::Leader;
    let both = m.all().filter(|&i| before.log[i] != after.log[i] && leads(before, i) && leads(after, i));
    both.into_iter().all(|i| {
        let last = before.log[i].last_index();
        after.log[i].last_index() >= last && after.log[i].agrees_up_to(before.log[i], last)
    })
}

fn durable_term_never_falls(m: &Raft, before: &State, _: &Action, after: &State) -> bool {
    let unchanged = before.current_term == after.current_term && before.disk.current_term == after.disk.current_term;
    unchanged || m.all().all(|i| m.durable_term(before, i) <= m.durable_term(after, i))
}

/// But by a crash: Figure 2 keeps it in memory.
fn commit_never_falls(m: &Raft, before: &State, action: &Action, after: &State) -> bool {
    let crashes = |i| *action == Action::Crash(i);
    let unchanged = before.commit_index == after.commit_index;
    unchanged || m.all().all(|i| before.commit_index.get(i) <= after.commit_index.get(i) || crashes(i))
}

fn match_never_falls(m: &Raft, before: &State, _: &Action, after: &State) -> bool {
    if before.progress == after.progress {
        return true;
    }
    let led = |s: &State, i| (s.role.get(i) == Role::Leader).then(|| s.current_term.get(i));
    let changed = m.all().filter(|&i| before.progress[i] != after.progress[i]);
    let mut leaders = changed.filter(|&i| led(before, i).is_some() && led(before, i) == led(after, i));
    leaders.all(|i| m.all().all(|j| before.progress[i].matched(j) <= after.progress[i].matched(j)))
}

/// A crash takes what is not on disk, also where a quorum of others has it; nothing else takes what is committed.
fn committed_stays(m: &Raft, before: &State, action: &Action, after: &State) -> bool {
    if before.log == after.log {
        return true;
    }
    let crashes = |i| *action == Action::Crash(i);
    m.all().filter(|&i| before.log[i] != after.log[i] && !crashes(i)).all(|i| {
        let commit = before.commit_index.get(i);
        after.log[i].last_index() >= commit && after.log[i].agrees_up_to(before.log[i], commit)
    })
}

/// What a leader counts is of its own term: entries of earlier ones are committed with one of those.
fn commits_own_term(_: &Raft, before: &State, action: &Action, after: &State) -> bool {
    match *action {
        Action::AdvanceCommit(i) => after.log[i].term(after.commit_index.get(i)) == before.current_term.get(i),
        _ => true,
    }
}

fn pre_vote_changes_nothing(_: &Raft, before: &State, action: &Action, after: &State) -> bool {
    match *action {
        Action::Receive(message, _) if message.kind() == Kind::PreVote => {
            before.current_term == after.current_term && before.voted_for == after.voted_for
        }
        _ => true,
    }
}

impl Raft {
    /// Up to where a read shows what is committed, at least: what it is to show, if that is applied.
    pub(super) fn shown(&self, s: &State, i: usize) -> u8 {
        self.applied(s, i).min(s.read_index.get(i))
    }

    /// Whether a server has an entry, or a snapshot in its place.
    fn has(s: &State, i: usize, index: u8, entry: u8) -> bool {
        s.log[i].get(index).map_or(index < s.log[i].snapshot_index(), |own| own.bits() == entry)
    }

    /// Whether a quorum among some servers would find a server's log up to date.
    pub(super) fn is_electable(&self, s: &State, i: usize, among: Servers) -> bool {
        let last = |i: usize| (s.log[i].last_term(), s.log[i].last_index());
        let may_stand = self.may_stand(s, i) && !self.has_unapplied_change(s, i);
        may_stand && self.is_quorum(s, i, self.all().filter(|&j| among.contains(j) && last(j) <= last(i)).collect())
    }
}

impl Describe for Raft {
    worded!();
    drawn!();
    guarded!();

    fn canonical(&self, s: &State) -> Option<State> {
        self.is_symmetric().then(|| self.representative(s))
    }

    fn temporal(&self) -> Vec<Temporal<Self>> {
        let mut claims = vec![
            Temporal::step("a commit is durable", commit_is_durable),
            Temporal::step("joint quorums", joint_quorums),
            Temporal::step("leader append-only", leader_appends_only),
            Temporal::step("durable term never falls", durable_term_never_falls),
            Temporal::step("released votes are cast once a term", votes_once),
            Temporal::step("votes counted are distinct voters", votes_are_of_voters),
            Temporal::step("commit index never falls", commit_never_falls),
            Temporal::step("match index never falls", match_never_falls),
            Temporal::step("no server truncates at or below its commit index", committed_stays),
            Temporal::step("old-term entries are never committed by counting", commits_own_term),
            Temporal::refinement("refines replicated-log", CommitsOneLog::new(self)),
        ];
        if !self.pre_vote.is_empty() {
            claims.push(Temporal::step("pre-vote changes neither term nor vote", pre_vote_changes_nothing));
            claims.push(Temporal::step("who stands was found electable", stands_when_electable));
        }
        if self.apply_lag {
            claims.push(Temporal::step("applied in order, once per incarnation", applied_in_order));
        }
        if self.change != Change::None {
            claims.push(Temporal::step("one pending change", one_pending_change));
            claims.push(Temporal::step("who stands is a voter, or was one", stands_as_voter));
        }
        if self.window > 0 {
            claims.push(Temporal::step("a paused follower is sent nothing", paused_are_sent_nothing));
        }
        if self.reads > 0 {
            claims.push(Temporal::step("reads are linearizable", reads_are_linearizable));
            claims.push(Temporal::refinement("refines register", ReadsOneRegister::new(self)));
        }
        if self.transfers > 0 && self.crashes == 0 && self.compactions == 0 {
            claims.push(Temporal::step("who is told to stand has the leader's log", transferee_is_caught_up));
        }
        claims.extend(liveness::claims(self));
        claims
    }
}
