//! The cases of the lock table: explored by loom and by shuttle, run by real threads, and judged by its model (L6).

use super::history::{Answer, Moment, Operation, calls, in_words, instead, told};
use super::mutants::MUTANTS;
use super::threads::{NoOrder, in_some_order};
use proofmark_harness::beside::{Beside, BesideVerdict, of_history, of_moments};
use proofmark_harness::explain::explain;
use proofmark_harness::interleave::{Case, Counter, Explorer, Interleavings, undecided, unexplained};
use proofmark_impl::locks::table::Bug;
use proofmark_models::locks::table::{LockTable, MOST_OWNERS, Mode, Policy};
use proofmark_vocabulary::Profile;
use serde::Deserialize;
use std::sync::LazyLock;
use std::time::Duration;

/// The cases, each under every explorer.
pub(super) struct Cases;

/// How loom explores a case: with so many preemptions, or all that there are, and how many interleavings that is.
#[derive(Clone, Copy)]
struct Explored {
    case: &'static str,
    preemptions: Option<usize>,
    interleavings: u64,
}

const fn bounded(case: &'static str, preemptions: usize, interleavings: u64) -> Explored {
    Explored { case, preemptions: Some(preemptions), interleavings }
}

const fn all(case: &'static str, interleavings: u64) -> Explored {
    Explored { case, preemptions: None, interleavings }
}

/// What loom explores of every case: everything where that ends in some seconds, and else as many preemptions as that
/// allows. Two are the least: one misses wake-ups that are lost.
const LOOM: &[Explored] = &[
    all("acquire-release", 54),
    bounded("second-look", 3, 1_794),
    all("hand-over", 38_433),
    all("shared-group", 43_126),
    all("writer-between-readers", 20_097),
    all("intentions", 23_936),
    all("insert-and-remove", 15_348),
    all("two-keys-of-a-shard", 1_208),
    all("try-against-release", 5),
    all("drop-on-another-thread", 430),
    bounded("cancel-against-grant", 3, 1_216),
    all("cancelled-head", 262),
    bounded("timeout-against-grant", 3, 3_542),
    all("timed-out-head", 14_247),
    all("waker-replaced", 195),
    bounded("block-and-await", 3, 2_204),
    bounded("upgrade-against-writer", 3, 2_691),
    all("upgrade-waits", 293),
    bounded("two-upgrades", 3, 4_420),
    all("cancelled-upgrade", 5_054),
    all("downgrade", 15),
    bounded("opposite-orders", 3, 524),
    bounded("victim-against-grant", 2, 2_773),
    bounded("victim-against-timeout", 2, 3_587),
    bounded("circle-through-a-queue", 2, 3_109),
    all("keys-in-order", 3_432),
    all("wait-die", 520),
    all("wound-wait", 12_571),
    bounded("wound-against-grant", 3, 8_421),
];

/// What it explores beyond that where there is time: everything that ends within a minute, and else more preemptions.
const LOOM_DEEP: &[(&str, Explored)] = &[
    ("second-look-deep", all("second-look", 112_041)),
    ("cancel-against-grant-deep", all("cancel-against-grant", 228_193)),
    ("timeout-against-grant-deep", all("timeout-against-grant", 598_825)),
    ("block-and-await-deep", all("block-and-await", 185_182)),
    ("upgrade-against-writer-deep", all("upgrade-against-writer", 459_470)),
    ("two-upgrades-deep", bounded("two-upgrades", 4, 66_399)),
    ("opposite-orders-deep", bounded("opposite-orders", 5, 59_469)),
    ("victim-against-grant-deep", bounded("victim-against-grant", 3, 58_971)),
    ("victim-against-timeout-deep", bounded("victim-against-timeout", 3, 53_374)),
    ("circle-through-a-queue-deep", bounded("circle-through-a-queue", 3, 49_239)),
    ("wound-against-grant-deep", bounded("wound-against-grant", 4, 41_851)),
];

/// One of the packages that have the cases, each of which has types of its own for the same things.
macro_rules! package {
    ($module:ident: $package:ident) => {
        mod $module {
            use super::{Answer, Bug, Counter, Mode, Moment, Operation, Policy, as_json, judge};
            use std::sync::Arc;
            use $package::cases::{self, Case, History, Recorder};
            use $package::table;

            pub(super) fn cases() -> impl Iterator<Item = &'static Case> {
                Case::all().chain(Case::crowds())
            }

            /// What is done before and after each run of a case.
            pub(super) fn around(
                case: &'static Case,
                count: &Counter,
            ) -> (impl Fn(&Arc<Recorder>) + use<>, impl Fn(&History) + use<>) {
                let (before, after) = (count.clone(), count.clone());
                let policy = policy(case);
                (
                    move |recorder: &Arc<Recorder>| {
                        before.interleaving();
                        let recorder = Arc::clone(recorder);
                        before.watch(move || as_json(recorder.history().moments.iter().map(moment)));
                    },
                    move |history: &History| {
                        if after.history(history) {
                            judge(policy, case.threads, history.moments.iter().map(moment));
                        }
                    },
                )
            }

            pub(super) fn policy(case: &Case) -> Policy {
                match case.policy {
                    table::Policy::Detect => Policy::Detect,
                    table::Policy::WaitDie => Policy::WaitDie,
                    table::Policy::WoundWait => Policy::WoundWait,
                }
            }

            pub(super) fn planted(bug: Option<Bug>) -> Option<table::Bug> {
                bug.and_then(|bug| Bug::ALL.iter().position(|other| *other == bug)).map(|place| table::Bug::ALL[place])
            }

            fn moment(moment: &cases::Moment) -> Moment {
                match *moment {
                    cases::Moment::Invoked { call, owner, operation } => {
                        Moment::Invoked { call, owner, operation: of_operation(operation) }
                    }
                    cases::Moment::Responded { call, answer } => Moment::Responded { call, answer: of_answer(answer) },
                }
            }

            fn of_operation(operation: cases::Operation) -> Operation {
                let mode = |mode: cases::Mode| Mode::ALL[mode as usize];
                match operation {
                    cases::Operation::Acquire(key, wanted) => Operation::Acquire(key.into(), mode(wanted)),
                    cases::Operation::TryAcquire(key, wanted) => Operation::TryAcquire(key.into(), mode(wanted)),
                    cases::Operation::Upgrade(key, wanted) => Operation::Upgrade(key.into(), mode(wanted)),
                    cases::Operation::Downgrade(key, wanted) => Operation::Downgrade(key.into(), mode(wanted)),
                    cases::Operation::Release(key) => Operation::Release(key.into()),
                }
            }

            fn of_answer(answer: cases::Answer) -> Answer {
                match answer {
                    cases::Answer::Done => Answer::Done,
                    cases::Answer::Granted(sequencer) => Answer::Granted(sequencer),
                    cases::Answer::Cancelled => Answer::Cancelled,
                    cases::Answer::Refused(cases::Refused::TimedOut) => Answer::TimedOut,
                    cases::Answer::Refused(cases::Refused::Deadlock) => Answer::Deadlock,
                    cases::Answer::Refused(cases::Refused::Wounded) => Answer::Wounded,
                    cases::Answer::Refused(_) => Answer::Refused,
                }
            }
        }
    };
}

package!(loom: proofmark_loom);
package!(shuttle: proofmark_shuttle);
package!(stress: proofmark_stress);

/// Ends the case when the model does not explain what its threads saw. Of a crowd, which is too large for that, some order
/// must explain what it was granted.
fn judge(policy: Policy, threads: usize, history: impl Iterator<Item = Moment>) {
    let moments: Vec<_> = history.collect();
    if threads > MOST_OWNERS {
        return in_some_order(&moments).unwrap_or_else(|none| match none {
            NoOrder::Found(why) => unexplained(&why),
            NoOrder::Unknown(why) => undecided(&why),
        });
    }
    let calls = calls(&moments);
    if let Err(stuck) = explain(&model(policy), &calls) {
        let told = in_words(&moments);
        let stuck = &told[stuck.call];
        unexplained(&format!("{}, and no step of the model leads to this answer: {stuck}", told.join("; ")));
    }
}

/// What judges the cases of a policy.
fn model(policy: Policy) -> LockTable {
    LockTable { owners: MOST_OWNERS, keys: 2, policy, modes: Mode::ALL, generations: 0, bug: None }
}

/// A history as a child process tells it.
fn as_json(history: impl Iterator<Item = Moment>) -> serde_json::Value {
    serde_json::to_value(history.collect::<Vec<_>>()).unwrap_or_default()
}

/// What loom explores, with its name and when.
fn loom_cases() -> impl Iterator<Item = (&'static str, Explored, Profile)> {
    let often = LOOM.iter().map(|explored| (explored.case, *explored, Profile::Ci));
    often.chain(LOOM_DEEP.iter().map(|(name, explored)| (*name, *explored, Profile::Deep)))
}

impl Interleavings for Cases {
    fn cases(&self) -> Vec<Case> {
        let loom = loom_cases().filter_map(|(name, explored, profile)| {
            let case = loom::cases().find(|case| case.name == explored.case)?;
            Some(Case {
                name,
                about: case.about,
                threads: case.threads,
                explorer: Explorer::Loom { preemptions: explored.preemptions },
                profile,
                recorded: Some(explored.interleavings),
                limit: Duration::from_mins(3),
            })
        });
        let crowds = proofmark_shuttle::cases::Case::crowds().map(|case| Case {
            name: case.name,
            about: case.about,
            threads: case.threads,
            explorer: Explorer::Shuttle { schedules: SCHEDULES },
            profile: Profile::Ci,
            recorded: None,
            limit: Duration::from_mins(3),
        });
        let stress = STRESSED.iter().map(|(name, case)| Case {
            name,
            about: case.about,
            threads: case.threads,
            explorer: Explorer::Stress { repetitions: REPETITIONS },
            profile: Profile::Ci,
            recorded: None,
            limit: Duration::from_secs(20),
        });
        loom.chain(crowds).chain(stress).collect()
    }

    fn first(&self, mutant: &str) -> &'static [&'static str] {
        let likely = LIKELY.iter().find(|(name, _)| *name == mutant);
        likely.map_or(&[], |(_, cases)| cases)
    }

    fn explore(&self, name: &str, mutant: Option<&str>, count: &Counter) -> Result<(), String> {
        let known =
            |mutant| MUTANTS.iter().find(|other| other.name == mutant).ok_or(format!("there is no mutant {mutant}"));
        let bug = mutant.map(known).transpose()?.map(|mutant| mutant.bug);
        if let Some((_, explored, _)) = loom_cases().find(|(other, ..)| *other == name)
            && let Some(case) = loom::cases().find(|case| case.name == explored.case)
        {
            let (begins, judges) = loom::around(case, count);
            proofmark_loom::explore(case, explored.preemptions, loom::planted(bug), begins, judges);
        } else if let Some(&(_, case)) = STRESSED.iter().find(|(other, _)| *other == name) {
            let (begins, judges) = stress::around(case, count);
            proofmark_stress::explore(case, REPETITIONS, stress::planted(bug), begins, judges);
        } else if let Some(case) = shuttle::cases().find(|case| case.name == name) {
            let (begins, judges) = shuttle::around(case, count);
            proofmark_shuttle::explore(case, SCHEDULES, shuttle::planted(bug), begins, judges);
        } else {
            return Err(format!("there is no case {name}"));
        }
        Ok(())
    }

    fn beside(&self, name: &str, history: &serde_json::Value) -> Result<Beside, String> {
        let moments =
            Vec::<Moment>::deserialize(history).map_err(|error| format!("{name} told no history: {error}"))?;
        let (threads, policy) = rules_of(name).ok_or(format!("there is no case {name}"))?;
        let (callers, told) = told(&moments);
        if threads > MOST_OWNERS {
            let verdict = match in_some_order(&moments) {
                Ok(()) => BesideVerdict::Ordered,
                Err(NoOrder::Found(why)) => BesideVerdict::Wrong(why),
                Err(NoOrder::Unknown(why)) => BesideVerdict::Undecided(None, why),
            };
            return Ok(of_moments(callers, told, verdict));
        }
        Ok(of_history(&model(policy), callers, told, &calls(&moments), |call| instead(&moments, call)))
    }
}

/// How many threads a case has, and what its table does about deadlocks.
fn rules_of(name: &str) -> Option<(usize, Policy)> {
    let of_loom = loom_cases().find(|(other, ..)| *other == name).map(|(_, explored, _)| explored.case);
    let of_stress = || STRESSED.iter().find(|(other, _)| *other == name).map(|(_, case)| case.name);
    let case = of_loom.or_else(of_stress).unwrap_or(name);
    shuttle::cases().find(|other| other.name == case).map(|case| (case.threads, shuttle::policy(case)))
}

/// The cases that notice a mutant soonest.
const LIKELY: &[(&str, &[&str])] = &[
    ("barges", &["crowd-of-three-keys", "crowd-wait-die", "crowd-wound-wait"]),
    ("compares-with-first-holder", &["crowd-of-three-keys", "crowd"]),
    ("joiner-keeps-generation", &["crowd-of-three-keys", "crowd"]),
    ("leave-forgets-holding", &["two-upgrades", "two-upgrades-stress"]),
    ("upgrade-queues-last", &["upgrade-against-writer"]),
    ("serves-one", &["cancel-against-grant"]),
    ("rwlock-writer-handoff-starves-readers", &["cancel-against-grant"]),
    ("downgrade-serves-nobody", &["downgrade", "downgrade-stress"]),
    ("leave-serves-nobody", &["cancelled-head", "cancelled-head-stress"]),
    ("upgrade-ignores-holders", &["two-upgrades", "upgrade-waits"]),
    ("rwlock-upgrade-not-atomic", &["upgrade-against-writer", "upgrade-against-writer-stress"]),
    ("rwlock-upgradable-deadlock", &["circle-through-a-queue", "circle-through-a-queue-stress"]),
    ("oldest-is-victim", &["opposite-orders", "opposite-orders-stress"]),
    ("conversion-keeps-sequencer", &["upgrade-waits", "upgrade-waits-stress"]),
    ("young-waits", &["wait-die", "wait-die-stress"]),
    ("wound-is-ignored", &["wound-wait", "wound-against-grant", "wound-wait-stress"]),
    ("notify-permit-lost-on-drop", &["cancel-against-grant", "cancel-against-grant-stress"]),
    ("waitqueue-stale-waker", &["timeout-against-grant", "timeout-against-grant-stress"]),
    ("grant-ignores-fate", &["cancel-against-grant", "timeout-against-grant"]),
    ("keeps-first-waker", &["waker-replaced", "waker-replaced-stress"]),
    ("condvar-notify-without-mutex", &["waker-replaced", "waker-replaced-stress"]),
    ("searches-before-waiting", &["opposite-orders", "opposite-orders-stress"]),
    ("believes-first-look", &["cancelled-upgrade", "cancelled-upgrade-stress"]),
    ("unordered-keys", &["keys-in-order", "keys-in-order-stress"]),
    ("relaxed-withdrawal", &["timeout-against-grant", "timeout-against-grant-stress"]),
];

/// How many random interleavings of each crowd there are.
const SCHEDULES: u64 = 100;
/// How often real threads run each case.
const REPETITIONS: u64 = 300;
/// What real threads run, by another name: every case.
static STRESSED: LazyLock<Vec<(String, &'static proofmark_stress::cases::Case)>> =
    LazyLock::new(|| stress::cases().map(|case| (format!("{}-stress", case.name), case)).collect());
