mod advice;

use super::*;
use crate::check::{self, Engine, Options, Progress, Watch};
use crate::judgement::{Judgement, Verdict};
use proofmark_vocabulary::{Model, Plain, Property};
use std::sync::Arc;
use std::time::Duration;

/// Counts to three and, if told to, breaks there.
struct Counter {
    breaks: bool,
}

impl Model for Counter {
    type State = u8;
    type Action = ();

    fn init_states(&self) -> Vec<u8> {
        vec![0]
    }

    fn actions(&self, _: &u8, actions: &mut Vec<()>) {
        actions.push(());
    }

    fn next_state(&self, count: &u8, (): ()) -> Option<u8> {
        assert!(!self.breaks || *count < 3, "the counter broke");
        (*count < 3).then_some(count + 1)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![Property::always("small", |_, count| *count < 4)]
    }
}

fn registry() -> Registry {
    let registry = Registry::new().plain("counts", "to three", || Counter { breaks: false });
    registry.plain("breaks", "at three", || Counter { breaks: true })
}

/// A chain from each initial state to `end`, claiming what it is told to.
struct Chain {
    initial: Vec<u8>,
    end: u8,
    claims: fn() -> Vec<Property<Chain>>,
}

impl Model for Chain {
    type State = u8;
    type Action = ();

    fn init_states(&self) -> Vec<u8> {
        self.initial.clone()
    }

    fn actions(&self, _: &u8, actions: &mut Vec<()>) {
        actions.push(());
    }

    fn next_state(&self, count: &u8, (): ()) -> Option<u8> {
        (*count < self.end).then(|| count + 1)
    }

    fn within_boundary(&self, count: &u8) -> bool {
        *count < 100
    }

    fn properties(&self) -> Vec<Property<Self>> {
        (self.claims)()
    }
}

fn chain(initial: Vec<u8>, claims: fn() -> Vec<Property<Chain>>) -> Registry {
    Registry::new().plain("chain", "", move || Chain { initial: initial.clone(), end: 9, claims })
}

/// The one judgement of a model, by each engine.
fn judged(registry: &Registry) -> Vec<Judgement> {
    let case = registry.rows()[0].case(None, &[], None).unwrap();
    let engines = [Engine::Native, Engine::Stateright];
    engines.map(|engine| case.check(&Options { engine, ..Options::default() }, &()).unwrap()).into()
}

#[test]
fn what_checks_nothing_is_vacuous() {
    let never: fn() -> Vec<Property<Chain>> = || vec![Property::always("never", |_, _| false)];
    let nowhere: fn() -> Vec<Property<Chain>> = || vec![Property::eventually("somewhere", |_, _| false)];
    for (initial, claims, why) in [
        (vec![], never, "the model has no initial state within its boundary"),
        (vec![100, 200], never, "the model has no initial state within its boundary"),
        (vec![], nowhere, "the model has no initial state within its boundary"),
        (vec![0], Vec::new, "there is no property to judge"),
    ] {
        let registry = chain(initial, claims);
        for judgement in judged(&registry) {
            let unknown =
                judgement.engine == "stateright" && judgement.properties.iter().any(|p| p.kind == "eventually");
            assert_eq!(
                judgement.verdict,
                if unknown { Verdict::Incomplete } else { Verdict::Vacuous },
                "{judgement:?}"
            );
            assert!(judgement.vacuities.iter().any(|said| said == why), "{judgement:?}");
        }
        assert_eq!(ends(registry, &["check", "chain", "--quiet"]), exit::VACUOUS);
    }
    assert_eq!(ends(chain(vec![0], never), &["mutants"]), exit::VACUOUS);
}

/// By its name alone a property is selected, judged by Stateright's checker, kept and replayed.
#[test]
fn two_properties_of_one_name_are_refused() {
    let twice = || vec![Property::always("x", |_, _| true), Property::always("x", |_, count| *count < 5)];
    let twins = Arc::new(chain(vec![0], twice));
    for arguments in [&["check", "chain"][..], &["check", "chain", "--engine", "stateright"], &["mutants"], &["verify"]]
    {
        let ended = ends(Arc::clone(&twins), arguments);
        assert_eq!(ended, if arguments[0] == "mutants" { exit::VACUOUS } else { exit::USAGE }, "{arguments:?}");
    }
    let refused = twins.rows()[0].case(None, &[], None).err().unwrap().to_string();
    assert_eq!(refused, "chain: two properties are named `x`; give one of them another name");
    let twins = || vec![Property::always("x", |_, _| true), Property::sometimes("x", |_, _| true)];
    let model = Plain(Chain { initial: vec![0], end: 9, claims: twins });
    let refused = check::check(&Arc::new(model), |_| true, &Options::default(), &()).unwrap_err();
    assert_eq!(refused, "two properties are named `x`; give one of them another name");
}

/// Stateright stops once every property that it was given is discovered; ours adds one that never is.
#[test]
fn no_name_ends_the_search_of_stateright() {
    let named = chain(vec![0], || vec![Property::always("every state is explored", |_, _| false)]);
    assert!(judged(&named).iter().all(|judgement| judgement.distinct == 10 && judgement.verdict == Verdict::Violated));
}

fn ends(registry: impl Into<Arc<Registry>>, arguments: &[&str]) -> u8 {
    let arguments: Vec<_> = std::iter::once("toy").chain(arguments.iter().copied()).map(OsString::from).collect();
    run(&registry.into(), &arguments)
}

#[test]
fn a_plain_model_gets_the_command_line() {
    for arguments in [&["list"][..], &["check", "counts", "--quiet"], &["check", "counts", "--format", "json"]] {
        assert_eq!(ends(registry(), arguments), exit::OK, "{arguments:?}");
    }
    assert_eq!(ends(registry(), &["check", "counts", "--quiet", "--max-states", "2"]), exit::INCOMPLETE);
    assert_eq!(ends(registry(), &["check", "counts", "--set", "n=1"]), exit::USAGE);
}

#[test]
fn a_model_that_panics_is_an_internal_error_and_no_verdict() {
    for engine in ["native", "stateright"] {
        assert_eq!(ends(registry(), &["check", "breaks", "--engine", engine]), exit::INTERNAL, "{engine}");
    }
    assert_eq!(ends(registry(), &["check", "--all", "--quiet"]), exit::INTERNAL);
}

/// What was found before the panic is reported, and that it ended the run; also where the model could not even be
/// asked what it claims.
#[test]
fn a_model_that_panics_costs_no_report() {
    let here = tempfile::tempdir().unwrap();
    let (file, page) = (here.path().join("results.xml"), here.path().join("report"));
    let asked = ["check", "--all", "--quiet", "--junit", file.to_str().unwrap(), "--report", page.to_str().unwrap()];
    std::fs::write(&file, "stale").unwrap();
    assert_eq!(ends(registry(), &asked), exit::INTERNAL);
    let results = std::fs::read_to_string(&file).unwrap();
    for told in ["counts at ci", "an internal error ended it while checking breaks at ci: the counter broke"] {
        assert!(results.contains(told), "{results}");
        assert!(std::fs::read_to_string(page.join("index.html")).unwrap().contains(told));
    }

    let silent = registry().plain("silent", "", || Chain { initial: vec![0], end: 9, claims: || panic!("no claims") });
    assert_eq!(ends(silent, &asked), exit::INTERNAL);
    let results = std::fs::read_to_string(&file).unwrap();
    assert!(results.contains("an internal error ended it while making silent: no claims"), "{results}");
}

/// Nobody who asked for output and lost it should believe that all is well; what can be known is refused beforehand.
#[test]
fn outputs_that_cannot_be_written_fail_the_run() {
    let here = tempfile::tempdir().unwrap();
    let at = |name: &str| here.path().join(name).to_str().unwrap().to_owned();
    std::fs::create_dir_all(at("report/index.html")).unwrap();
    let check = |options: &[&str]| ends(registry(), &[&["check", "counts", "--quiet"], options].concat());
    assert_eq!(check(&["--report", &at("report")]), exit::USAGE);
    assert_eq!(check(&["--junit", &at("new/")]), exit::USAGE);
    assert!(!here.path().join("new").exists());
    assert_eq!(check(&["--report", &at("other"), "--junit", &at("./other/index.html")]), exit::USAGE);
    assert_eq!(check(&["--report", &at("other"), "--junit", &at("results.xml")]), exit::OK);
    #[cfg(target_os = "linux")]
    assert_eq!(check(&["--junit", "/dev/full"]), exit::INTERNAL);
    #[cfg(unix)]
    assert_eq!(check(&["--junit", "/dev/null"]), exit::OK);
}

#[test]
fn a_registry_that_makes_no_sense_is_refused() {
    assert_eq!(ends(Registry::new(), &["list"]), exit::USAGE);
    assert_eq!(ends(registry().plain("counts", "", || Counter { breaks: false }), &["list"]), exit::USAGE);
}

#[test]
fn a_plain_line_of_progress_comes_every_ten_seconds() {
    let watcher = watch::Watcher::new("toy at ci".to_owned(), true);
    let at = |seconds: u64, distinct: u64, queue: u64| Progress {
        phase: "states",
        generated: 3 * distinct,
        distinct,
        queue: Some(queue),
        depth: 4,
        memory: 300 << 20,
        elapsed: Duration::from_secs(seconds),
    };
    let every = Duration::from_secs(10);
    assert_eq!(watcher.renewed(&at(9, 5, 5), every), None);
    assert_eq!(
        watcher.renewed(&at(10, 20_000, 500), every).unwrap(),
        "toy at ci: 20,000 states, 2 thousand states/s, queue 500 and growing, depth 4, 300 MiB, 10.0 s"
    );
    assert_eq!(watcher.renewed(&at(19, 30_000, 400), every), None);
    assert!(
        watcher.renewed(&at(20, 30_000, 400), every).unwrap().contains("1 thousand states/s, queue 400 and shrinking")
    );
    watcher.progress(&at(40, 1, 1));
    // Stateright's checker does not tell how long its queue is.
    let told = watcher.renewed(&Progress { queue: None, ..at(50, 40_000, 0) }, every).unwrap();
    assert_eq!(told, "toy at ci: 40,000 states, 333 states/s, depth 4, 300 MiB, 50.0 s");
}

#[test]
fn the_command_line_is_well_formed() {
    Cli::command().debug_assert();
}
