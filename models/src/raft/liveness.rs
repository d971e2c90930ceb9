//! What comes to pass in Raft, in the greatest term: there nobody can stand any more, as in a term after which faults
//! have stopped. Whoever is in the way of what is claimed makes its premise false, and then nothing is claimed.

use super::{Action, Change, Kind, Raft, Role, Servers, State};
use proofmark_vocabulary::{Fairness, Temporal};

/// The claims of behaviours, whose check keeps the graph of all steps.
pub(super) const LIVENESS: &[&str] = &[
    ELECTED,
    COMMITS,
    CATCHES_UP,
    LEFT,
    COMPLETES,
    REMOVED_STEPS_DOWN,
    ENDS,
    STEPS_DOWN,
    CAN_ELECT,
    CAN_COMMIT,
    UP_CAN_ELECT,
];
/// Those that need fairness.
pub(super) const LEADS_TO: &[&str] =
    &[ELECTED, COMMITS, CATCHES_UP, LEFT, COMPLETES, REMOVED_STEPS_DOWN, ENDS, STEPS_DOWN];
const ELECTED: &str = "a leader is elected";
const COMMITS: &str = "an entry of a stable leader commits";
const CATCHES_UP: &str = "a lagging follower catches up";
const LEFT: &str = "a joint configuration is left";
const COMPLETES: &str = "a membership change completes";
const ENDS: &str = "a transfer ends";
const REMOVED_STEPS_DOWN: &str = "a removed leader steps down";
const STEPS_DOWN: &str = "a leader without a quorum steps down";
const CAN_ELECT: &str = "a leader can be elected";
const CAN_COMMIT: &str = "an entry can commit";
const UP_CAN_ELECT: &str = "those that are up can elect a leader";

pub(super) fn claims(m: &Raft) -> Vec<Temporal<Raft>> {
    let elects = |m: &Raft, s: &State| m.has_leader(s) || m.is_last_term(s);
    let mut claims = vec![
        m.leads_to(ELECTED, stands_alone, |m, s| !s.leaders.get(m.terms.into()).is_empty()),
        Temporal::always_can(CAN_ELECT, elects, Some(Box::new(is_fault))),
    ];
    if m.requests > 0 || m.blank {
        claims.push(m.leads_to(COMMITS, has_uncommitted, |_, _| false));
        // A leader that compacts again while its snapshot is under way is owed no end of that.
        if m.window == 0 || m.compactions <= 1 {
            claims.push(m.leads_to(CATCHES_UP, has_lagging, |_, _| false));
        }
        let commits = |m: &Raft, s: &State| s.committed.last_index() > 0 || m.is_last_term(s) || !m.has_leader(s);
        claims.push(Temporal::always_can(CAN_COMMIT, commits, Some(Box::new(is_fault))));
    }
    if m.change == Change::Joint {
        claims.push(m.leads_to(LEFT, is_joint, |_, _| false));
    }
    if m.change != Change::None {
        claims.push(m.leads_to(COMPLETES, changes, |_, _| false));
        let over = |m: &Raft, s: &State| !removed_leads(m, s);
        claims.push(Temporal::leads_to(REMOVED_STEPS_DOWN, removed_leads, over, m.all().map(steps_down).collect()));
        let excluded = |action: &Action| is_fault(action) || matches!(action, Action::Restart(_));
        claims.push(Temporal::always_can(UP_CAN_ELECT, up_elect, Some(Box::new(excluded))));
    }
    if m.transfers > 0 {
        claims.push(m.leads_to(ENDS, |m, s| m.all().any(|i| s.transferee.get(i).is_some()), |_, _| false));
    }
    if m.check_quorum {
        // Nothing is owed to the network here: it may be cut wherever it is.
        let over = |m: &Raft, s: &State| !is_unheard(m, s);
        claims.push(Temporal::leads_to(STEPS_DOWN, is_unheard, over, m.all().map(looks).collect()));
    }
    claims
}

/// A leader looks again and again whether it has heard from a quorum.
fn looks(i: usize) -> Fairness<Raft> {
    Fairness::weak(format!("CheckQuorum({i})"), move |action: &Action| *action == Action::CheckQuorum(i))
}

/// A leader that finds itself removed does not stay.
fn steps_down(i: usize) -> Fairness<Raft> {
    Fairness::weak(format!("StepDown({i})"), move |action: &Action| *action == Action::StepDown(i))
}

fn is_fault(action: &Action) -> bool {
    matches!(action, Action::Crash(_) | Action::Lose(_) | Action::Receive(_, true) | Action::Partition)
}

/// As long as a majority of each configuration is up, one of those that are up leads, and a quorum of them is in no
/// later term; or a quorum of them finds its log up to date. Whether it can still stand is left to the budget of terms.
fn up_elect(m: &Raft, s: &State) -> bool {
    let up = m.up(s);
    let is_majority_up = m.configurations.iter().all(|configuration| configuration.voters.has_majority_in(up));
    let follows = |i: usize| up.iter().filter(move |&j| s.current_term.get(j) <= s.current_term.get(i));
    let leads = |i: usize| s.role.get(i) == Role::Leader && m.in_force(s, i).is_quorum(follows(i).collect());
    !is_majority_up || up.iter().any(|i| leads(i) || m.is_electable(s, i, up))
}

/// A candidate of the greatest term is the only one that stands in it, and a quorum that it reaches would vote for it.
/// Under a bridge, to keep to a leader that reaches no quorum is no excuse: that leader is to step down.
fn stands_alone(m: &Raft, s: &State) -> bool {
    let stood = |i: &usize| s.current_term.get(*i) == m.terms && s.voted_for.get(*i) == Some(*i as u8);
    let mut candidates = m.all().filter(stood);
    let (Some(i), None) = (candidates.next(), candidates.next()) else { return false };
    let last = |i: usize| (s.log[i].last_term(), s.log[i].last_index());
    let nobody_reaches_quorum = || m.all().all(|j| s.role.get(j) != Role::Leader || !m.is_quorum(s, j, m.linked(s, j)));
    let would = |&j: &usize| {
        let free = s.current_term.get(j) < m.terms || s.voted_for.get(j).is_none_or(|vote| usize::from(vote) == i);
        let keeps = m.keeps_to_leader(s, j) && !(m.bridge && nobody_reaches_quorum());
        j == i || s.role.get(j) != Role::Down && m.linked(s, i).contains(j) && free && last(j) <= last(i) && !keeps
    };
    s.role.get(i) == Role::Candidate && m.in_force(s, i).is_quorum(m.all().filter(would).collect())
}

/// The leader of the greatest term has an entry of its own that is not committed, and a quorum is up.
fn has_uncommitted(m: &Raft, s: &State) -> bool {
    m.stable_leader(s).is_some_and(|i| s.commit_index.get(i) < s.log[i].last_index() && s.log[i].last_term() == m.terms)
}

/// The leader of the greatest term reaches a member that is up, and whose log is not known to be as the leader's.
fn has_lagging(m: &Raft, s: &State) -> bool {
    m.stable_leader(s).is_some_and(|i| {
        let lags = |j| s.progress[i].matched(j) < s.log[i].last_index();
        m.in_force(s, i).members().intersection(m.reached(s, i)).without(i).iter().any(lags)
    })
}

/// Some leader has heard from no quorum since it looked last.
fn is_unheard(m: &Raft, s: &State) -> bool {
    let unheard = |&i: &usize| s.role.get(i) == Role::Leader && !m.is_quorum(s, i, s.active.get(i).with(i));
    m.all().any(|i| unheard(&i))
}

/// The leader of the greatest term is in a joint configuration, and has an entry of its own.
fn is_joint(m: &Raft, s: &State) -> bool {
    m.stable_leader(s).is_some_and(|i| m.in_force(s, i).is_joint() && s.log[i].last_term() == m.terms)
}

/// The leader of the greatest term has a configuration that is not committed, and an entry of its own.
fn changes(m: &Raft, s: &State) -> bool {
    m.stable_leader(s).is_some_and(|i| {
        let pending = s.log[i].configuration(s.commit_index.get(i), s.log[i].last_index()).is_some();
        pending && s.log[i].last_term() == m.terms
    })
}

/// A leader that is no voter of its latest configuration knows that to be committed.
fn removed_leads(m: &Raft, s: &State) -> bool {
    m.all().any(|i| {
        let voters = m.configuration(m.configuration_by_log(s, i)).all_voters();
        let pending = s.log[i].configuration(s.commit_index.get(i), s.log[i].last_index()).is_some();
        s.role.get(i) == Role::Leader && !voters.contains(i) && !pending
    })
}

impl Raft {
    fn has_leader(&self, s: &State) -> bool {
        self.all().any(|i| s.role.get(i) == Role::Leader)
    }

    fn up(&self, s: &State) -> Servers {
        self.all().filter(|&i| s.role.get(i) != Role::Down).collect()
    }

    /// Whether the budget of terms is used up.
    fn is_last_term(&self, s: &State) -> bool {
        self.all().any(|i| s.current_term.get(i) == self.terms)
    }

    /// Those that are up and that a server reaches.
    fn reached(&self, s: &State, i: usize) -> Servers {
        self.up(s).intersection(self.linked(s, i))
    }

    /// The leader of the greatest term, if it reaches a quorum of its configuration.
    fn stable_leader(&self, s: &State) -> Option<usize> {
        let leads = |&i: &usize| s.role.get(i) == Role::Leader && s.current_term.get(i) == self.terms;
        self.all().find(leads).filter(|&i| self.in_force(s, i).is_quorum(self.reached(s, i)))
    }

    /// Where the premise stays true, the conclusion comes true. What is sent again and again arrives again and again,
    /// and what a server can do for itself it does; nobody owes a timeout, a request or a fault. Heartbeats go on, and
    /// each that is answered lets something be sent again, so both are one. The transport owes a report of a snapshot
    /// that failed, and not that one was sent nor that a server cannot be reached. Under a bridge leaders look whether
    /// they hear from a quorum, and the least election timeout passes.
    fn leads_to(
        &self,
        name: &'static str,
        premise: fn(&Self, &State) -> bool,
        conclusion: fn(&Self, &State) -> bool,
    ) -> Temporal<Self> {
        let mut fairness = vec![Fairness::weak("the network moves", |action: &Action| {
            matches!(action, Action::Receive(_, false) | Action::Lose(_))
        })];
        for i in self.all() {
            fairness.push(Fairness::weak(format!("server {i} goes on"), move |action: &Action| {
                matches!(*action, Action::BecomeLeader(j) | Action::AdvanceCommit(j) | Action::LeaveJoint(j)
                    | Action::AbortTransfer(j) | Action::Apply(j) if j == i)
            }));
            if self.bridge {
                fairness.push(looks(i));
                fairness
                    .push(Fairness::weak(format!("Expire({i})"), move |action: &Action| *action == Action::Expire(i)));
            }
            if self.async_disk {
                fairness.push(Fairness::weak(format!("Sync({i})"), move |action: &Action| *action == Action::Sync(i)));
            }
            for j in self.all().filter(|&j| j != i) {
                fairness.push(Fairness::strong(format!("server {i} asks server {j}"), move |action: &Action| {
                    matches!(*action, Action::RequestVote(k, l) | Action::Replicate(k, l) | Action::InstallSnapshot(k, l)
                        | Action::HeartbeatResponse(k, l) if (k, l) == (i, j))
                }));
                if self.window > 0 && self.compactions > 0 {
                    fairness.push(Fairness::strong(
                        format!("server {i} is told that its snapshot to server {j} failed"),
                        move |action: &Action| *action == Action::ReportSnapshot(i, j, false),
                    ));
                }
                fairness.push(Fairness::strong(format!("server {j} hears server {i}"), move |action: &Action| {
                    matches!(*action, Action::Receive(message, false) if (message.from(), message.to()) == (i, j)
                        && !matches!(message.kind(), Kind::RequestVoteResponse | Kind::AppendResponse))
                }));
                fairness.push(Fairness::strong(
                    format!("server {i} is answered by server {j}"),
                    move |action: &Action| {
                        matches!(*action, Action::Receive(message, false) if (message.from(), message.to()) == (j, i)
                        && matches!(message.kind(), Kind::RequestVoteResponse | Kind::AppendResponse))
                    },
                ));
            }
        }
        let over = move |m: &Self, s: &State| conclusion(m, s) || !premise(m, s);
        Temporal::leads_to(name, premise, over, fairness)
    }
}
