//! Liveness is owed to the fairness that it states: without it, or without one kind of it, the claim is false.

use proofmark_harness::check::{Finding, Options, check};
use proofmark_models::failover::Failover;
use proofmark_models::failure_detector::FailureDetector;
use proofmark_models::locks::lease::LeaseLock;
use proofmark_models::locks::service::LockService;
use proofmark_models::paxos::Paxos;
use proofmark_models::paxos_commit::PaxosCommit;
use proofmark_models::raft::Raft;
use proofmark_models::sharding::Sharding;
use proofmark_models::transactions::Transactions;
use proofmark_vocabulary::{Catalogued, Constants, Describe, Fairness, Formula, Model, Temporal, Value};
use std::collections::BTreeSet;
use std::sync::Arc;

/// A model that claims of behaviours what another one does, but owes less to its actions.
struct Unfair<M> {
    model: M,
    /// The kind of fairness that is not owed, such as `Sync`; `None` for all of them.
    dropped: Option<&'static str>,
}

impl<M: Catalogued> Model for Unfair<M> {
    type State = M::State;
    type Action = M::Action;

    fn init_states(&self) -> Vec<M::State> {
        self.model.init_states()
    }

    fn actions(&self, state: &M::State, actions: &mut Vec<M::Action>) {
        self.model.actions(state, actions);
    }

    fn next_state(&self, state: &M::State, action: M::Action) -> Option<M::State> {
        self.model.next_state(state, action)
    }
}

impl<M: Catalogued> Describe for Unfair<M> {
    fn action_kinds(&self) -> &'static [&'static str] {
        self.model.action_kinds()
    }

    fn action_kind(&self, action: &M::Action) -> usize {
        self.model.action_kind(action)
    }

    fn action_in_words(&self, action: &M::Action) -> String {
        self.model.action_in_words(action)
    }

    fn value(&self, state: &M::State) -> Value {
        self.model.value(state)
    }

    fn temporal(&self) -> Vec<Temporal<Self>> {
        let owed = |fairness: Vec<Fairness<M>>| {
            let owed = fairness.into_iter();
            let owed = owed.filter(|fair| self.dropped.is_some_and(|kind| kind_of(&fair.name) != kind));
            owed.map(|Fairness { name, strength, includes }| Fairness { name, strength, includes }).collect()
        };
        let weaker = |claim: Temporal<M>| match claim.formula {
            Formula::LeadsTo(from, to, fairness) => {
                let from = move |unfair: &Self, state: &M::State| from(&unfair.model, state);
                let to = move |unfair: &Self, state: &M::State| to(&unfair.model, state);
                Some(Temporal::leads_to(claim.name, from, to, owed(fairness)))
            }
            Formula::EventuallyAlways(goal, fairness) => {
                let goal = move |unfair: &Self, state: &M::State| goal(&unfair.model, state);
                Some(Temporal::eventually_always(claim.name, goal, owed(fairness)))
            }
            _ => None,
        };
        self.model.temporal().into_iter().filter_map(weaker).collect()
    }
}

/// `Sync(2)` is of the kind `Sync`, and `server 0 asks server 1` of the kind `server asks server`.
fn kind_of(class: &str) -> String {
    let class = class.split('(').next().unwrap_or(class);
    let words = class.split(' ').filter(|word| word.parse::<usize>().is_err());
    words.collect::<Vec<_>>().join(" ")
}

/// A bound, and constants that are changed there.
type Place = (&'static str, &'static [(&'static str, &'static str)]);

fn at<M: Catalogued>((bound, set): Place) -> M {
    let bound = M::bounds().into_iter().find(|other| other.name == bound).expect("the bound exists");
    let constants = Constants::choose(&M::constants(), &bound.constants, set.iter().copied());
    M::new(&constants.expect("the constants exist"), None).expect("the constants fit together")
}

/// The names of the claims, and of those that fail.
fn failing<M: Catalogued>(place: Place, dropped: Option<&'static str>) -> (BTreeSet<String>, BTreeSet<String>) {
    let model = Arc::new(Unfair { model: at::<M>(place), dropped });
    let found = check(&model, |_| true, &Options::default(), &()).expect("the options fit");
    assert!(found.cut.is_none());
    let fails = |finding: &Finding| matches!(finding, Finding::Violated(_));
    let failed = found.properties.iter().filter(|property| fails(&property.finding));
    (found.properties.iter().map(|property| property.name.clone()).collect(), failed.map(|p| p.name.clone()).collect())
}

/// Every claim of behaviours of multi-decree Paxos fails if nothing is owed, and needs each kind of what it states.
#[test]
fn paxos_needs_the_fairness_that_it_states() {
    for bound in ["live", "recovery"] {
        let (claimed, failed) = failing::<Paxos>((bound, &[]), None);
        assert!(!claimed.is_empty());
        assert_eq!(claimed, failed, "{bound}, nothing owed");
    }
    let proposer: &[&str] = &["a lone proposer gets a value chosen", "a submitted value is chosen"];
    let replica: &[&str] = &["a lagging replica catches up"];
    for (bound, dropped, expected) in [
        ("live", "BecomeLeader", proposer),
        ("live", "Propose", proposer),
        ("live", "Promise", proposer),
        ("live", "Accept", proposer),
        ("live", "Forward", proposer),
        ("live", "Apply", replica),
        ("live", "CatchUp", replica),
        ("recovery", "Sync", proposer),
        ("recovery", "Restart", proposer),
        // No claim is owed anything of this kind.
        ("live", "Learn", &[]),
    ] {
        let (_, failed) = failing::<Paxos>((bound, &[]), Some(dropped));
        assert_eq!(failed, expected.iter().map(ToString::to_string).collect(), "{bound} without {dropped}");
    }
}

/// Every claim that something comes to pass in Raft fails if nothing is owed, and needs each kind of what it states.
#[test]
fn raft_needs_the_fairness_that_it_states() {
    const ELECTED: &str = "a leader is elected";
    const COMMITS: &str = "an entry of a stable leader commits";
    const CATCHES_UP: &str = "a lagging follower catches up";
    const LEFT: &str = "a joint configuration is left";
    const COMPLETES: &str = "a membership change completes";
    const DISK: Place = ("ci", &[("async-disk", "true")]);
    const CRASH: Place = ("ci", &[("terms", "1"), ("crashes", "1")]);
    const STEPS_DOWN: &str = "a leader without a quorum steps down";
    let [ci, joint, transfer, quorum, bridge]: [Place; 5] =
        ["ci", "joint", "transfer", "check-quorum-single", "bridge"].map(|bound| (bound, [].as_slice()));
    for place in [ci, joint, transfer, quorum, bridge, DISK, CRASH] {
        let (claimed, failed) = failing::<Raft>(place, None);
        assert!(!claimed.is_empty());
        assert_eq!(claimed, failed, "{place:?}, nothing owed");
    }
    let basic: &[&str] = &[ELECTED, COMMITS, CATCHES_UP];
    let of_joint: &[&str] = &[ELECTED, COMMITS, CATCHES_UP, LEFT, COMPLETES];
    for (place, dropped, expected) in [
        (ci, "server goes on", &[ELECTED, COMMITS][..]),
        (ci, "server asks server", basic),
        (ci, "server hears server", basic),
        (ci, "server is answered by server", basic),
        (joint, "server goes on", &[ELECTED, COMMITS, LEFT, COMPLETES]),
        (joint, "server asks server", of_joint),
        (joint, "server hears server", of_joint),
        (joint, "server is answered by server", of_joint),
        (joint, "StepDown", &["a removed leader steps down"]),
        (transfer, "server goes on", &[ELECTED, COMMITS, "a transfer ends"]),
        (quorum, "CheckQuorum", &[STEPS_DOWN]),
        (bridge, "CheckQuorum", &[ELECTED, STEPS_DOWN]),
        (bridge, "Expire", &[ELECTED]),
        (DISK, "Sync", basic),
        // What is in flight to who is down is in the way of all else, until it is lost.
        (CRASH, "the network moves", basic),
        (ci, "the network moves", &[]),
    ] {
        let (_, failed) = failing::<Raft>(place, Some(dropped));
        assert_eq!(failed, expected.iter().map(ToString::to_string).collect(), "{place:?} without {dropped}");
    }
}

/// Every claim of behaviours of the failure detector fails if nothing is owed, and needs each kind of what it states.
#[test]
fn the_failure_detector_needs_the_fairness_that_it_states() {
    const COMPLETENESS: &str = "strong completeness";
    const ACCURACY: &str = "eventual accuracy";
    const ALIVE_AGAIN: &str = "a restarted node is alive again everywhere";
    const ENDS: &str = "a suspicion ends";
    const LEAVES: &str = "a crashed node leaves every list";
    for bound in ["ci", "restart", "rejoin", "false-death", "pair"] {
        let (claimed, failed) = failing::<FailureDetector>((bound, &[]), None);
        assert!(!claimed.is_empty());
        assert_eq!(claimed, failed, "{bound}, nothing owed");
    }
    for (dropped, expected) in [
        ("Timeout", &[COMPLETENESS, LEAVES][..]),
        ("Probe", &[COMPLETENESS, LEAVES]),
        ("Confirm", &[ENDS, LEAVES]),
        ("Remove", &[LEAVES]),
        ("Gossip", &[ALIVE_AGAIN, ENDS, ACCURACY]),
        ("Join", &[ALIVE_AGAIN, ACCURACY]),
        ("Stabilise", &[ACCURACY]),
    ] {
        let (_, failed) = failing::<FailureDetector>(("rejoin", &[]), Some(dropped));
        assert_eq!(failed, expected.iter().map(ToString::to_string).collect(), "without {dropped}");
    }
}

/// Every claim of behaviours of distributed transactions fails if nothing is owed, and needs each kind of what it
/// states.
#[test]
fn transactions_need_the_fairness_that_they_state() {
    const FREED: &str = "an ended transaction holds no lock";
    let [single, replicated, contention]: [Place; 3] =
        ["ci", "replicated", "contention"].map(|bound| (bound, [].as_slice()));
    for place in [single, replicated, contention] {
        let (claimed, failed) = failing::<Transactions>(place, None);
        assert_eq!(claimed, ["AC4", "AC5 termination", FREED, "non-blocking"].map(String::from).into());
        assert_eq!(claimed, failed, "{place:?}, nothing owed");
    }
    let decided: &[&str] = &["AC5 termination", FREED, "non-blocking"];
    let all: &[&str] = &["AC4", "AC5 termination", FREED, "non-blocking"];
    for (place, dropped, expected) in [
        (replicated, "Vote", &["AC4"][..]),
        (replicated, "Commit", &["AC4"]),
        (replicated, "Tell", all),
        (replicated, "ReceiveCommit", all),
        (replicated, "ReceiveAbort", decided),
        (replicated, "TimeOut", decided),
        (replicated, "Answer", decided),
        (replicated, "Inquire", decided),
        (replicated, "TakeOver", decided),
        (replicated, "Refuse", &["AC5 termination", "non-blocking"]),
        (replicated, "Restart", &["AC5 termination"]),
        (single, "Restart", decided),
    ] {
        let (_, failed) = failing::<Transactions>(place, Some(dropped));
        assert_eq!(failed, expected.iter().map(ToString::to_string).collect(), "{place:?} without {dropped}");
    }
}

/// Every claim that something comes to pass at the lock service fails if nothing is owed, and needs each kind of what it
/// states.
#[test]
fn the_lock_service_needs_the_fairness_that_it_states() {
    const CRASHED: &str = "a crashed holder's lock is freed";
    const RELEASED: &str = "a released lock is freed";
    const WAITER: &str = "every waiter is granted, times out or is cancelled";
    for bound in ["queue", "watch", "faults"] {
        let (claimed, failed) = failing::<LockService>((bound, &[]), None);
        assert!(!claimed.is_empty());
        assert_eq!(claimed, failed, "{bound}, nothing owed");
    }
    for (bound, dropped, expected) in [
        ("faults", "Tick", &[CRASHED, RELEASED, WAITER][..]),
        ("faults", "Expire", &[CRASHED, RELEASED, WAITER]),
        ("faults", "Receive", &[RELEASED, WAITER]),
        ("faults", "Resend", &[RELEASED, WAITER]),
        ("faults", "Release", &[WAITER]),
        ("faults", "LearnEnd", &[WAITER]),
        ("faults", "EndDelay", &[WAITER]),
        ("queue", "LearnGrant", &[WAITER]),
        ("watch", "Look", &[WAITER]),
        ("watch", "Notify", &[WAITER]),
        // No claim is owed anything of these kinds.
        ("faults", "GiveUp", &[]),
        ("watch", "Sleep", &[]),
    ] {
        let (_, failed) = failing::<LockService>((bound, &[]), Some(dropped));
        assert_eq!(failed, expected.iter().map(ToString::to_string).collect(), "{bound} without {dropped}");
    }
}

/// Every claim that something comes to pass in sharding fails if nothing is owed, and needs each kind of what it states.
#[test]
fn sharding_needs_the_fairness_that_it_states() {
    const ENDS: &str = "every handoff ends";
    const LEARNS: &str = "every router learns the newest view";
    const ACKNOWLEDGED: &str = "every write is acknowledged";
    const ABORTS: &str = "a handoff to a dead receiver can be aborted";
    const GIVES_UP: &str = "an aborted handoff is given up";
    let [crash, disk, chain]: [Place; 3] = ["crash", "disk", "chain-crash"].map(|bound| (bound, [].as_slice()));
    for place in [crash, disk, chain] {
        let (claimed, failed) = failing::<Sharding>(place, None);
        assert!(!claimed.is_empty());
        assert_eq!(claimed, failed, "{place:?}, nothing owed");
    }
    let both: &[&str] = &[ENDS, ACKNOWLEDGED];
    for (place, dropped, expected) in [
        (crash, "Advance", both),
        (crash, "Copy", both),
        (crash, "Receive", both),
        (crash, "Count", both),
        (crash, "Freeze", both),
        (crash, "Switch", both),
        (crash, "Install", both),
        (crash, "Restart", both),
        (disk, "Sync", both),
        (crash, "Finish", &[ENDS]),
        // Neither is owed for the other's sake: an abort needs no restart, and a handoff that ends no abort.
        (chain, "Abort", &[ABORTS]),
        (chain, "Advance", &[ABORTS, ENDS, ACKNOWLEDGED]),
        (chain, "Restart", &[GIVES_UP, ENDS, ACKNOWLEDGED]),
        (chain, "GiveUp", &[GIVES_UP]),
        (crash, "Learn", &[LEARNS, ACKNOWLEDGED]),
        (crash, "Send", &[ACKNOWLEDGED]),
        (crash, "Serve", &[ACKNOWLEDGED]),
        // No claim is owed that data are deleted.
        (crash, "CleanUp", &[]),
    ] {
        let (_, failed) = failing::<Sharding>(place, Some(dropped));
        assert_eq!(failed, expected.iter().map(ToString::to_string).collect(), "{place:?} without {dropped}");
    }
}

/// Every claim that something comes to pass at the lease lock fails if nothing is owed, and needs each kind of what it
/// states.
#[test]
fn the_lease_lock_needs_the_fairness_that_it_states() {
    const CRASHED: &str = "a crashed holder's lock is freed";
    const RELEASED: &str = "a released lock is freed";
    const OVER: &str = "a lease that is over is freed";
    const DELETED: &str = "a delete that arrives frees the lock";
    const WAITER: &str = "every waiter is granted, times out or is cancelled";
    for bound in ["crash", "paused", "watchdog", "fenced-restart", "redlock-paused"] {
        let (claimed, failed) = failing::<LeaseLock>((bound, &[]), None);
        assert!(!claimed.is_empty());
        assert_eq!(claimed, failed, "{bound}, nothing owed");
    }
    for (bound, dropped, expected) in [
        ("crash", "Tick", &[CRASHED, RELEASED, OVER, WAITER][..]),
        // The key of who has released by a message that is lost comes free in time.
        ("crash", "Arrive", &[CRASHED, OVER, WAITER]),
        ("crash", "Delete", &[DELETED]),
        ("crash", "Grant", &[WAITER]),
        ("crash", "Acquire", &[WAITER]),
        ("watchdog", "Arrive", &[CRASHED, RELEASED, OVER, WAITER]),
        ("watchdog", "Release", &[WAITER]),
        ("fenced-restart", "Restart", &[WAITER]),
        // To give up is owed by nobody.
        ("crash", "GiveUp", &[]),
    ] {
        let (_, failed) = failing::<LeaseLock>((bound, &[]), Some(dropped));
        assert_eq!(failed, expected.iter().map(ToString::to_string).collect(), "{bound} without {dropped}");
    }
}

/// Every claim that something comes to pass in Paxos Commit fails if nothing is owed, and needs each kind of what it
/// states.
#[test]
fn paxos_commit_needs_the_fairness_that_it_states() {
    let all = ["AC4", "AC5 termination", "non-blocking"];
    let (claimed, failed) = failing::<PaxosCommit>(("ci", &[]), None);
    assert_eq!(claimed, all.map(String::from).into());
    assert_eq!(claimed, failed, "nothing owed");
    let decided = &all[1..];
    for (dropped, expected) in [
        ("RMPrepare", &all[..1]),
        ("Phase1a", decided),
        ("Phase1b", decided),
        ("Phase2a", decided),
        ("Phase2b", &all),
        ("Commit", &all),
        ("Abort", decided),
        ("RMRcvCommitMsg", &all),
        ("RMRcvAbortMsg", decided),
        ("Restart", &all[1..2]),
    ] {
        let (_, failed) = failing::<PaxosCommit>(("ci", &[]), Some(dropped));
        assert_eq!(failed, expected.iter().map(ToString::to_string).collect(), "without {dropped}");
    }
}

/// Every claim that something comes to pass in a failover fails if nothing is owed, and needs each kind of what it
/// states.
#[test]
fn failover_needs_the_fairness_that_it_states() {
    const REPLACED: &str = "a crashed master is replaced";
    const CRASHED: &str = "a crashed holder's lock is freed";
    const GRANT: &str = "a grant is never lost";
    const RELEASED: &str = "a released lock is freed";
    const DECIDED: [&str; 2] = ["AC5 termination", "non-blocking"];
    let [crash, restart]: [Place; 2] = ["crash", "restart"].map(|bound| (bound, [].as_slice()));
    for place in [crash, restart] {
        let (claimed, failed) = failing::<Failover>(place, None);
        assert!(!claimed.is_empty());
        assert_eq!(claimed, failed, "{place:?}, nothing owed");
    }
    for (place, dropped, decides, expected) in [
        (crash, "TakeOver", true, &[REPLACED, GRANT, RELEASED][..]),
        (crash, "ReadLog", true, &[CRASHED, REPLACED, GRANT, RELEASED]),
        (crash, "Append", true, &[CRASHED, RELEASED]),
        (crash, "Refuse", true, &[RELEASED]),
        (crash, "TellGrant", false, &[GRANT]),
        (crash, "Hold", false, &[GRANT]),
        (crash, "Propose release", false, &[RELEASED]),
        (crash, "Propose revoke", false, &[CRASHED]),
        (crash, "Propose decision", true, &[]),
        (crash, "TellOutcome", true, &[]),
        (crash, "Vote", true, &[]),
        (crash, "Learn", true, &[]),
        // Without it nobody learns that a holder or a master has crashed.
        (crash, "Suspect", false, &["non-blocking", CRASHED, REPLACED, GRANT, RELEASED]),
        (restart, "Restart", true, &[REPLACED]),
        // The participant that has crashed need not come back.
        (crash, "Restart", false, &["AC5 termination"]),
    ] {
        let (_, failed) = failing::<Failover>(place, Some(dropped));
        let decides = DECIDED.iter().filter(|_| decides);
        let expected = decides.chain(expected).map(ToString::to_string).collect();
        assert_eq!(failed, expected, "{place:?} without {dropped}");
    }
}
