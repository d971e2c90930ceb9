//! What every model promises, whatever its constants and whichever bug is planted in it.

use proofmark_models::failover::Failover;
use proofmark_models::failure_detector::FailureDetector;
use proofmark_models::locks::lease::LeaseLock;
use proofmark_models::locks::naive::NaiveLock;
use proofmark_models::locks::service::LockService;
use proofmark_models::locks::table::LockTable;
use proofmark_models::paxos::Paxos;
use proofmark_models::paxos_commit::PaxosCommit;
use proofmark_models::problems::{
    consensus::Consensus, mutual_exclusion::MutualExclusion, ownership::Ownership, register::Register,
    replicated_log::ReplicatedLog, transaction_commit::TransactionCommit, voting::Voting,
};
use proofmark_models::raft::Raft;
use proofmark_models::sharding::Sharding;
use proofmark_models::single_decree_paxos::SingleDecreePaxos;
use proofmark_models::transactions::Transactions;
use proofmark_models::two_phase::TwoPhase;
use proofmark_vocabulary::{Catalogued, Constants, Domain, Formula};
use std::collections::{HashSet, VecDeque};

/// How many states of each choice of constants are looked at.
const STATES: usize = 60;

/// The values of every constant, as `--set` takes them.
fn domains<M: Catalogued>() -> Vec<(&'static str, Vec<String>)> {
    let values = |domain| match domain {
        Domain::Integer(least, most) => (least..=most).map(|value: i64| value.to_string()).collect(),
        Domain::Choice(words) => words.iter().map(ToString::to_string).collect(),
        Domain::Boolean => vec!["false".into(), "true".into()],
    };
    M::constants().into_iter().map(|constant| (constant.name, values(constant.domain))).collect()
}

/// The choice of constants of that number: there may be too many to keep.
fn choice<'a>(domains: &'a [(&'static str, Vec<String>)], mut number: usize) -> Vec<(&'static str, &'a str)> {
    let mut chosen = Vec::new();
    for (name, values) in domains {
        chosen.push((*name, values[number % values.len()].as_str()));
        number /= values.len();
    }
    chosen
}

/// Whatever a checker asks is answered, without a panic, and the answers agree with one another. The first
/// states found are looked at and, so that full sets are seen too, the last ones.
fn answers<M: Catalogued<State: Eq>>(m: &M) {
    let claims = m.claims();
    let mut seen: HashSet<M::State> = m.init_states().into_iter().collect();
    let mut queue: VecDeque<M::State> = seen.iter().cloned().collect();
    let mut actions = Vec::new();
    for turn in 0..STATES {
        let Some(s) = (if turn % 2 == 0 { queue.pop_front() } else { queue.pop_back() }) else { return };
        let orbit = m.canonical(&s);
        assert_eq!(orbit.as_ref().and_then(|s| m.canonical(s)), orbit, "the representative's representative");
        m.value(&s);
        actions.clear();
        m.actions(&s, &mut actions);
        for action in &actions {
            assert!(!m.action_in_words(action).is_empty());
            assert!(m.action_kind(action) < m.action_kinds().len());
            let next = m.next_state(&s, action.clone());
            assert_eq!(next.is_none(), m.refusal(&s, action).is_some(), "{action:?} in {s:?}");
            let Some(next) = next else { continue };
            for claim in &claims {
                match &claim.formula {
                    Formula::Always(holds) | Formula::Can(holds) => drop(holds(m, &next)),
                    Formula::Step(holds) => drop(holds(m, &s, action, &next)),
                    Formula::Refinement(refinement) => drop(refinement.step(&s, action, &next)),
                    _ => {}
                }
            }
            if seen.insert(next.clone()) {
                queue.push_back(next);
            }
        }
    }
}

fn keeps_its_promises<M: Catalogued<State: Eq>>() {
    every_so_many_keep::<M>(1);
}

/// One of so many models is looked at: a choice of constants, with a bug or with none.
fn every_so_many_keep<M: Catalogued<State: Eq>>(step: usize) {
    let mut accepted = 0;
    let (domains, constants) = (domains::<M>(), M::constants());
    let bugs: Vec<_> = M::MUTANTS.iter().map(|mutant| Some(mutant.bug)).chain([None]).collect();
    let choices: usize = domains.iter().map(|(_, values)| values.len()).product();
    for number in (0..choices * bugs.len()).step_by(step) {
        let set = choice(&domains, number / bugs.len());
        let constants = Constants::choose(&constants, &[], set).unwrap();
        let Ok(m) = M::new(&constants, bugs[number % bugs.len()]) else { continue };
        answers(&m);
        accepted += 1;
    }
    assert!(accepted > 0);
    bounds_and_guards_are_told::<M>();
}

/// The constants are too many for all choices of them: each bound has every constant changed to every value, one at a
/// time, and of the models that this makes one of so many is looked at.
fn keeps_around_its_bounds<M: Catalogued<State: Eq>>(step: usize) {
    let bugs = || M::MUTANTS.iter().map(|mutant| Some(mutant.bug)).chain([None]);
    let (bounds, domains) = (M::bounds(), domains::<M>());
    let single = || domains.iter().flat_map(|(name, values)| values.iter().map(move |value| (*name, value.as_str())));
    let choices = bounds.iter().flat_map(|bound| single().map(move |(name, value)| (bound, name, value)));
    let mut accepted = 0;
    for ((bound, name, value), bug) in choices.flat_map(|choice| bugs().map(move |bug| (choice, bug))).step_by(step) {
        let constants = Constants::choose(&M::constants(), &bound.constants, [(name, value)]).unwrap();
        let Ok(m) = M::new(&constants, bug) else { continue };
        answers(&m);
        accepted += 1;
    }
    assert!(accepted > 100);
    bounds_and_guards_are_told::<M>();
}

fn bounds_and_guards_are_told<M: Catalogued>() {
    assert_eq!(M::bounds()[0].name, "ci");
    for bound in M::bounds() {
        let constants = Constants::choose(&M::constants(), &bound.constants, []).unwrap();
        let m = M::new(&constants, None).unwrap();
        let dropped: Vec<_> = M::MUTANTS.iter().filter_map(|mutant| mutant.name.strip_prefix("drop-")).collect();
        assert_eq!(dropped, m.guards(), "each guard has the mutant that drops it, in the same order");
    }
}

#[test]
fn problems() {
    keeps_its_promises::<Consensus>();
    keeps_its_promises::<Voting>();
    keeps_its_promises::<TransactionCommit>();
    keeps_its_promises::<MutualExclusion>();
    keeps_its_promises::<ReplicatedLog>();
    keeps_its_promises::<Register>();
    keeps_its_promises::<Ownership>();
}

#[test]
fn two_phase_commit() {
    keeps_its_promises::<TwoPhase>();
}

#[test]
fn distributed_transactions() {
    // A prime, so that every bug meets constants of all kinds.
    every_so_many_keep::<Transactions>(61);
}

#[test]
fn paxos_commit() {
    // A prime, so that every bug meets constants of all kinds.
    every_so_many_keep::<PaxosCommit>(31);
}

#[test]
fn failover() {
    // A prime, so that every bug meets constants of all kinds.
    every_so_many_keep::<Failover>(199);
}

#[test]
fn single_decree_paxos() {
    keeps_its_promises::<SingleDecreePaxos>();
}

#[test]
fn paxos() {
    // A prime, so that every bug meets constants of all kinds.
    keeps_around_its_bounds::<Paxos>(199);
}

#[test]
fn raft() {
    // A prime, so that every bug meets constants of all kinds.
    keeps_around_its_bounds::<Raft>(997);
}

#[test]
fn locks() {
    keeps_its_promises::<NaiveLock>();
    // Primes, so that every bug meets constants of all kinds.
    keeps_around_its_bounds::<LeaseLock>(61);
    every_so_many_keep::<LockTable>(199);
    keeps_around_its_bounds::<LockService>(199);
}

#[test]
fn failure_detector() {
    // A prime, so that every bug meets constants of all kinds.
    keeps_around_its_bounds::<FailureDetector>(61);
}

#[test]
fn sharding() {
    // A prime, so that every bug meets constants of all kinds.
    every_so_many_keep::<Sharding>(997);
}

/// Howard et al., *Flexible Paxos*: only the quorums of the two phases must meet.
#[test]
fn quorums_that_do_not_meet_are_refused() {
    let start = &Paxos::bounds()[0].constants;
    let mut accepted = Vec::new();
    for (prepare, accept) in ["1", "2", "3", "4"].iter().flat_map(|p| ["1", "2", "3", "4"].map(|a| (*p, a))) {
        let set = [("prepare-quorum", prepare), ("accept-quorum", accept)];
        match Paxos::new(&Constants::choose(&Paxos::constants(), start, set).unwrap(), None) {
            Ok(_) => accepted.push((prepare, accept)),
            Err(refusal) => {
                let text = refusal.to_string();
                assert!(text.starts_with(&format!("of 3 acceptors {prepare} cannot make a leader")), "{text}");
            }
        }
    }
    assert_eq!(accepted, [("1", "3"), ("2", "2"), ("2", "3"), ("3", "1"), ("3", "2"), ("3", "3")]);
}
