//! Cases of everything that can come of one: loom and shuttle themselves say what they find, so that what they say is
//! understood is held by them.

use proofmark_harness::interleave::{Case, Counter, Explorer, Interleavings, unexplained};
use proofmark_vocabulary::Profile;
use std::fs::File;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;
use std::{mem, process, thread};

/// What can be wrong with a lamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bug {
    LosesAPress,
    LocksCrosswise,
    ForgetsToWake,
    LocksCrosswiseInACrowd,
    Races,
    Leaks,
    Asserts,
    Aborts,
    Harmless,
    Spins,
    NeverEnds,
}

pub(crate) struct Cases;

pub(crate) static CASES: Cases = Cases;

impl Interleavings for Cases {
    fn cases(&self) -> Vec<Case> {
        let case = |name, about, threads, explorer| Case {
            name,
            about,
            threads,
            explorer,
            profile: Profile::Ci,
            recorded: None,
            limit: Duration::from_secs(if std::env::var_os("LAMP_PATIENT").is_some() { 600 } else { 5 }),
        };
        let pair = case("pair", "Two press at once.", 2, Explorer::Loom { preemptions: Some(2) });
        vec![
            Case { recorded: Some(PAIRS), ..pair.clone() },
            case("waiter", "One waits until the other has pressed.", 2, Explorer::Loom { preemptions: None }),
            case("crowd", "Many press at once.", 5, Explorer::Shuttle { schedules: 100 }),
            case("pressed", "Real threads press.", 2, Explorer::Stress { repetitions: 20 }),
            Case { name: "deep", profile: Profile::Deep, ..pair },
        ]
    }

    fn first(&self, mutant: &str) -> &'static [&'static str] {
        if mutant == "forgets-to-wake" { &["waiter"] } else { &[] }
    }

    fn explore(&self, case: &str, mutant: Option<&str>, count: &Counter) -> Result<(), String> {
        let mutants = <crate::lamp::Lamps as proofmark_harness::cluster::System>::MUTANTS;
        let bug = mutant.and_then(|name| mutants.iter().find(|mutant| mutant.name == name)).map(|mutant| mutant.bug);
        let count = count.clone();
        // A case may print what it likes.
        print!("this is no verdict: {{\"case\":\"{case}\"}} ");
        match case {
            "waiter" => loom_of(None).check(move || waiter(bug, &count)),
            "crowd" => shuttle::check_random_with_seed(move || crowd(bug, &count), 7, 100),
            "pressed" => (0..20).for_each(|_| pressed(bug, &count)),
            _ => loom_of(Some(2)).check(move || pair(bug, &count)),
        }
        Ok(())
    }
}

/// Interleavings of two that press at once, with two preemptions at most.
const PAIRS: u64 = 6;

fn loom_of(preemptions: Option<usize>) -> loom::model::Builder {
    let mut builder = loom::model::Builder::new();
    (builder.max_threads, builder.max_branches, builder.preemption_bound) = (3, 1_000, preemptions);
    builder
}

/// Two threads press; each then knows a number, and no two know the same.
fn pair(bug: Option<Bug>, count: &Counter) {
    use loom::sync::atomic::AtomicUsize;
    use loom::sync::{Arc, Mutex};
    count.interleaving();
    // A history that is told while it happens: who was told which number.
    let seen = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    count.watch({
        let seen = std::sync::Arc::clone(&seen);
        move || serde_json::json!(*seen.lock().unwrap())
    });
    let presses = Arc::new(AtomicUsize::new(0));
    let locks = Arc::new([Mutex::new(()), Mutex::new(())]);
    let cell = Arc::new(loom::cell::UnsafeCell::new(()));
    let press = {
        let (presses, locks, cell) = (Arc::clone(&presses), Arc::clone(&locks), Arc::clone(&cell));
        let press = move |who: usize| {
            let crosswise = who == 1 && bug == Some(Bug::LocksCrosswise);
            let held = [usize::from(crosswise), usize::from(!crosswise)].map(|at| locks[at].lock());
            if bug != Some(Bug::LosesAPress) {
                let number = presses.fetch_add(1, Relaxed);
                drop(held);
                misbehave(bug);
                if bug == Some(Bug::Races) {
                    cell.with_mut(|_| ());
                }
                return number;
            }
            drop(held);
            let number = presses.load(Relaxed);
            presses.store(number + 1, Relaxed);
            number
        };
        move |who: usize| {
            let number = press(who);
            seen.lock().unwrap().push((who, number));
            number
        }
    };
    let other = loom::thread::spawn({
        let press = press.clone();
        move || press(1)
    });
    let mine = press(0);
    let history = [mine, other.join().unwrap()];
    if count.history(&history) && history[0] == history[1] {
        unexplained(&format!("both were told {mine}"));
    }
    if bug == Some(Bug::Leaks) {
        mem::forget(presses);
    }
}

/// What does not depend on the explorer.
fn misbehave(bug: Option<Bug>) {
    match bug {
        Some(Bug::Asserts) => panic!("the lamp is dark"),
        Some(Bug::Aborts) => process::abort(),
        Some(Bug::Spins) => loop {
            loom::thread::yield_now();
        },
        Some(Bug::NeverEnds) => {
            // The lock is free as soon as the process has ended.
            let alive = std::env::var_os("LAMP_ALIVE").map(|file| File::open(file).unwrap());
            if let Some(file) = &alive {
                file.lock().unwrap();
            }
            loop {
                thread::park();
            }
        }
        _ => {}
    }
}

/// One waits to be woken. A wake-up that is lost aborts the process, if nobody speaks before.
fn waiter(bug: Option<Bug>, count: &Counter) {
    use loom::sync::{Arc, Condvar, Mutex};
    count.interleaving();
    let lamp = Arc::new((Mutex::new(false), Condvar::new()));
    let other = loom::thread::spawn({
        let lamp = Arc::clone(&lamp);
        move || {
            *lamp.0.lock().unwrap() = true;
            if bug != Some(Bug::ForgetsToWake) {
                lamp.1.notify_one();
            }
        }
    });
    let mut lit = lamp.0.lock().unwrap();
    while !*lit {
        lit = lamp.1.wait(lit).unwrap();
    }
    drop(lit);
    other.join().unwrap();
}

fn crowd(bug: Option<Bug>, count: &Counter) {
    use shuttle::sync::{Arc, Mutex};
    count.interleaving();
    let locks = Arc::new([Mutex::new(0), Mutex::new(0)]);
    let press = |who: usize| {
        let locks = Arc::clone(&locks);
        move || {
            let crosswise = usize::from(who == 3 && bug == Some(Bug::LocksCrosswiseInACrowd));
            let [mut first, _second] = [crosswise, 1 - crosswise].map(|at| locks[at].lock().unwrap());
            *first += 1;
        }
    };
    let others: Vec<_> = (0..4).map(|who| shuttle::thread::spawn(press(who))).collect();
    for other in others {
        other.join().unwrap();
    }
    count.history(&*locks[0].lock().unwrap());
}

fn pressed(bug: Option<Bug>, count: &Counter) {
    count.interleaving();
    let other = thread::spawn(move || misbehave(if bug == Some(Bug::Asserts) { bug } else { None }));
    other.join().unwrap();
    count.history(&());
}
