//! What every model promises, whatever its constants and whichever bug is planted in it.

use proofmark_models::locks::naive::NaiveLock;
use proofmark_models::locks::table::LockTable;
use proofmark_models::paxos::Paxos;
use proofmark_models::problems::{
    consensus::Consensus, mutual_exclusion::MutualExclusion, transaction_commit::TransactionCommit, voting::Voting,
};
use proofmark_models::two_phase::TwoPhase;
use proofmark_vocabulary::{Catalogued, Constants, Domain, Formula};
use std::collections::{HashSet, VecDeque};

/// How many states of each choice of constants are looked at.
const STATES: usize = 60;

/// Every choice of constants within their domains, as `--set` takes it.
fn choices<M: Catalogued>() -> Vec<Vec<(&'static str, String)>> {
    M::constants().iter().fold(vec![vec![]], |chosen, constant| {
        let values: Vec<String> = match constant.domain {
            Domain::Integer(least, most) => (least..=most).map(|value| value.to_string()).collect(),
            Domain::Choice(words) => words.iter().map(ToString::to_string).collect(),
            Domain::Boolean => vec!["false".into(), "true".into()],
        };
        let with = |rest: &Vec<_>, value: &String| [rest.clone(), vec![(constant.name, value.clone())]].concat();
        chosen.iter().flat_map(|rest| values.iter().map(move |value| with(rest, value))).collect()
    })
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
    assert_eq!(M::bounds()[0].name, "ci");
    let mut accepted = 0;
    let choices = choices::<M>();
    let bugs = || M::MUTANTS.iter().map(|mutant| Some(mutant.bug)).chain([None]);
    let models = choices.iter().flat_map(|choice| bugs().map(move |bug| (choice, bug)));
    for (choice, bug) in models.step_by(step) {
        let set = choice.iter().map(|(name, value)| (*name, value.as_str()));
        let constants = Constants::choose(&M::constants(), &[], set).unwrap();
        let Ok(m) = M::new(&constants, bug) else { continue };
        answers(&m);
        accepted += 1;
    }
    assert!(accepted > 0);
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
}

#[test]
fn two_phase_commit() {
    keeps_its_promises::<TwoPhase>();
}

#[test]
fn paxos() {
    keeps_its_promises::<Paxos>();
}

#[test]
fn locks() {
    keeps_its_promises::<NaiveLock>();
    // A prime, so that every bug meets constants of all kinds.
    every_so_many_keep::<LockTable>(199);
}
