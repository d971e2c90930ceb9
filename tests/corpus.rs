//! What is pinned holds: each counterexample is reproduced with its bug, and its events do no harm without.

use proofmark_harness::corpus::{self, CORPUS, Pinned};
use std::path::Path;

#[test]
fn every_pinned_counterexample_holds() {
    let files = corpus::files(&Path::new(env!("CARGO_MANIFEST_DIR")).join(CORPUS));
    assert!(files.len() >= 4, "the corpus was lost: {files:?}");
    for file in files {
        let judged = corpus::judge(&proofmark::registry(), &file).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(judged, Pinned::Holds, "{}", file.display());
    }
}

/// A pinned counterexample of sound code would fail if the code had the bug: here the bug is there all along.
#[test]
fn a_bug_that_comes_back_is_noticed() {
    let directory = tempfile::tempdir().unwrap();
    let (source, _) = replayed("2pc-heuristic-decision");
    let blind = directory.path().join("blind.json");
    // The same events, said to be found with a bug that they do not show.
    std::fs::write(&blind, source.replace("2pc-heuristic-decision", "number-wraps")).unwrap();
    let judged = corpus::judge(&proofmark::registry(), &blind).unwrap();
    assert!(matches!(judged, Pinned::Blind(_)), "{judged:?}");
}

/// The pinned counterexample of a mutant.
fn replayed(mutant: &str) -> (String, std::path::PathBuf) {
    let files = corpus::files(&Path::new(env!("CARGO_MANIFEST_DIR")).join(CORPUS));
    let texts = files.into_iter().map(|file| (std::fs::read_to_string(&file).unwrap(), file));
    texts.into_iter().find(|(text, _)| text.contains(mutant)).unwrap_or_else(|| panic!("nothing is pinned of {mutant}"))
}
