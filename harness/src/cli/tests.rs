use super::*;
use crate::check::{Progress, Watch};
use proofmark_vocabulary::{Model, Property};
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

fn ends(registry: &Registry, arguments: &[&str]) -> u8 {
    let arguments: Vec<_> = std::iter::once("toy").chain(arguments.iter().copied()).map(OsString::from).collect();
    run(registry, &arguments)
}

#[test]
fn a_plain_model_gets_the_command_line() {
    for arguments in [&["list"][..], &["check", "counts", "--quiet"], &["check", "counts", "--format", "json"]] {
        assert_eq!(ends(&registry(), arguments), exit::OK, "{arguments:?}");
    }
    assert_eq!(ends(&registry(), &["check", "counts", "--quiet", "--max-states", "2"]), exit::INCOMPLETE);
    assert_eq!(ends(&registry(), &["check", "counts", "--set", "n=1"]), exit::USAGE);
}

#[test]
fn a_model_that_panics_is_an_internal_error_and_no_verdict() {
    for engine in ["native", "stateright"] {
        assert_eq!(ends(&registry(), &["check", "breaks", "--engine", engine]), exit::INTERNAL, "{engine}");
    }
    assert_eq!(ends(&registry(), &["check", "--all", "--quiet"]), exit::INTERNAL);
}

#[test]
fn a_registry_that_makes_no_sense_is_refused() {
    assert_eq!(ends(&Registry::new(), &["list"]), exit::USAGE);
    assert_eq!(ends(&registry().plain("counts", "", || Counter { breaks: false }), &["list"]), exit::USAGE);
}

#[test]
fn a_plain_line_of_progress_comes_every_ten_seconds() {
    let watcher = watch::Watcher::new("toy at ci".to_owned(), true);
    let at = |seconds: u64, distinct: u64, queue: u64| Progress {
        phase: "states",
        generated: 3 * distinct,
        distinct,
        queue,
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
}

#[test]
fn the_command_line_is_well_formed() {
    Cli::command().debug_assert();
}
