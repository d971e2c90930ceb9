//! Scripted behaviours: what is too deep for a search, or is told in a paper, a model is held to step by step.

use proofmark_harness::replay::{Ending, Scripted, run};
use std::path::{Path, PathBuf};

fn scripts() -> Vec<PathBuf> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/behaviours");
    let files = std::fs::read_dir(directory).expect("there are scripts").flatten().map(|entry| entry.path());
    let mut scripts: Vec<_> = files.filter(|file| file.extension().is_some_and(|ext| ext == "behaviour")).collect();
    scripts.sort();
    scripts
}

fn stepped(script: &Path) -> Scripted {
    run(&proofmark::registry(), script).unwrap_or_else(|error| panic!("{error}"))
}

fn violated(ending: &Ending) -> Vec<&str> {
    match ending {
        Ending::Violated(found) => found.iter().map(|found| found.property.as_str()).collect(),
        _ => Vec::new(),
    }
}

/// A mutant's script ends in the violation that the mutant names, and without the bug in none.
#[test]
fn every_script_is_as_it_says() {
    let scripts = scripts();
    assert!(scripts.len() >= 14, "scripts were lost: {scripts:?}");
    for file in scripts {
        let scripted = stepped(&file);
        let (case, told) = scripted.told();
        assert!(scripted.is_as_said(), "{}: {:?}, {:?}", file.display(), scripted.played.ending, told.ending);
        if let Some(mutant) = &case.mutant {
            let registry = proofmark::registry();
            let named = &registry.find(case.model).unwrap().mutant(mutant).unwrap().expected;
            let violated = violated(&told.ending);
            assert!(named.iter().all(|(_, property)| violated.contains(property)), "{}: {violated:?}", file.display());
            assert!(scripted.played.refused > 0, "{}: the sound model refuses nothing", file.display());
        }
    }
}

/// A step that is left out, an action that is not enabled, a refusal that is none and a violation that does not come
/// are noticed, each at its line.
#[test]
fn a_script_that_is_not_so_is_noticed() {
    let text = std::fs::read_to_string(
        scripts().iter().find(|file| file.ends_with("single-decree-paxos-duel.behaviour")).unwrap(),
    );
    let text = text.unwrap();
    let here = tempfile::tempdir().unwrap();
    let file = here.path().join("changed.behaviour");
    for (old, new, says) in [
        ("acceptor 1 promises ballot 0 and reports what it accepted last\n", "", "quorum-promised is false"),
        ("accepts value 0 in ballot 0\n\n", "accepts value 1 in ballot 0\n\n", "accept-sent is false"),
        ("refused by not-below-promise: ", "", "not-below-promise is false"),
        ("refused by not-below-promise: ", "refused by accept-sent: ", "not-below-promise is false"),
        ("refused by not-below-promise: acceptor 1", "refused by not-below-promise: acceptor 9", "none here in these"),
        ("acceptor 0 promises ballot 0 and reports what it accepted last", "acceptor ...", "say more"),
        ("violated: agreement\n", "violated: agreement\n\nvalue 7 is chosen\n", "no such action is enabled here"),
        ("violated: agreement", "violated: agrement", "did you mean `agreement`"),
        ("mutant: drop-highest-accepted\n\nballot 0", "\nnot enabled: ballot 0", "without a mutant"),
        ("mutant: drop-highest-accepted", "mutant: drop-highest", "did you mean `drop-highest-accepted`"),
        ("model: single-decree-paxos\n", "", "neither a kept counterexample nor a script"),
        ("bound: ci", "bound: cy", "there is: ci, textbook"),
        ("bound: ci", "bound: ci\nset: values=9", "a whole number from 1 to 3"),
    ] {
        assert!(text.contains(old), "{old}");
        std::fs::write(&file, text.replacen(old, new, 1)).unwrap();
        let told = run(&proofmark::registry(), &file).map(|scripted| format!("{:?}", scripted.played.ending));
        let error = told.expect_err(says).to_string();
        assert!(error.contains(says) && error.contains("changed.behaviour:"), "{says}: {error}");
    }
}
