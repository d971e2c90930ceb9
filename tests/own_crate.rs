//! A crate of a user's own: Stateright's `2pc` example in a crate outside the workspace gets the whole command line
//! by the one call of `harness::cli::main`.
//!
//! The example is taken out of Stateright's published sources, so that it is checked unchanged and none of its code
//! is copied into this repository.

use cargo_metadata::MetadataCommand;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What the user adds to the example: a claim that fails, so that there is a counterexample, and the command line.
const ADDED: &str = r#"
/// The same model with a claim that fails.
struct Hopeful(TwoPhaseSys);

impl Model for Hopeful {
    type State = TwoPhaseState;
    type Action = Action;

    fn init_states(&self) -> Vec<TwoPhaseState> {
        self.0.init_states()
    }

    fn actions(&self, state: &TwoPhaseState, actions: &mut Vec<Action>) {
        self.0.actions(state, actions);
    }

    fn next_state(&self, state: &TwoPhaseState, action: Action) -> Option<TwoPhaseState> {
        self.0.next_state(state, action)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![Property::<Self>::always("nobody aborts", |_, state| !state.rm_state.contains(&RmState::Aborted))]
    }
}

fn main() -> std::process::ExitCode {
    let registry = proofmark_harness::registry::Registry::new()
        .plain("2pc", "Stateright's example of two-phase commit", || TwoPhaseSys { rms: 0..3 })
        .plain("hopeful", "The same, with a claim that fails", || Hopeful(TwoPhaseSys { rms: 0..3 }));
    proofmark_harness::cli::main(registry)
}
"#;

#[test]
fn a_crate_of_ones_own_gets_the_command_line() {
    let own = Own::build();

    let (code, found) = own.json(&["check", "2pc", "--format", "json"]);
    assert_eq!((code, &found["verdict"]), (0, &"ok".into()), "{found}");
    assert_eq!((&found["distinct"], &found["generated"]), (&288.into(), &1146.into()), "{found}");

    let (code, found) = own.json(&["check", "hopeful", "--format", "json"]);
    assert_eq!((code, &found["verdict"]), (12, &"violated".into()), "{found}");
    let property = &found["properties"][0];
    // One action is the shortest way to abort.
    assert_eq!(property["counterexample"]["steps"].as_array().map(Vec::len), Some(2), "{property}");
    // The registry stands in the same file as the model, so the line is found.
    assert_eq!(property["stated"]["file"], Path::new("src").join("main.rs").to_str().unwrap());
    let line = property["stated"]["line"].as_u64().and_then(|line| usize::try_from(line).ok()).unwrap();
    let text = fs::read_to_string(own.directory.join("src").join("main.rs")).unwrap();
    assert!(text.lines().nth(line - 1).unwrap().contains("\"nobody aborts\""), "{line}");

    let id = property["counterexample"]["id"].as_str().unwrap();
    let (code, told) = own.run(&["replay", id]);
    assert!(code == 12 && told.contains("reproduced: nobody aborts is violated"), "{code}: {told}");

    // Without arguments everything is verified, and the report is where everything is kept.
    let (code, told) = own.run(&[]);
    assert_eq!(code, 12, "{told}");
    let page = fs::read_to_string(own.directory.join(".proofmark").join("report").join("index.html")).unwrap();
    for told in ["2pc", "hopeful", "nobody aborts", "Stateright&#39;s example of two-phase commit"] {
        assert!(page.contains(told), "the report does not tell of {told}");
    }
    without_a_place_for_the_report(&own);
}

/// A file stands where the directory should be made: that costs a warning and no verdict.
fn without_a_place_for_the_report(own: &Own) {
    fs::remove_dir_all(own.directory.join(".proofmark")).unwrap();
    write(&own.directory.join(".proofmark"), "");
    let ended = Command::new(&own.program).args(["verify", "--quiet"]).current_dir(&own.directory).output().unwrap();
    let told = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert!(ended.status.code() == Some(12) && told.contains("warning: no report was written"), "{told}");
    fs::remove_file(own.directory.join(".proofmark")).unwrap();
}

/// The user's crate, built.
struct Own {
    directory: PathBuf,
    program: PathBuf,
}

impl Own {
    /// Builds the crate where the next run finds it again, beside the artifacts of the workspace: what is compiled
    /// alike is compiled once.
    fn build() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("own-crate");
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
        let _ = fs::remove_dir_all(directory.join(".proofmark"));
        fs::create_dir_all(directory.join("src")).unwrap();

        let metadata = MetadataCommand::new().manifest_path(root.join("Cargo.toml")).exec().unwrap();
        let stateright = metadata.packages.iter().find(|package| package.name == "stateright").unwrap();
        let example = stateright.manifest_path.with_file_name("examples").join("2pc.rs");
        let example = fs::read_to_string(&example).unwrap_or_else(|error| panic!("cannot read {example}: {error}"));
        let (model, _) = example.split_once("fn main()").expect("the example has a main function");
        write(&directory.join("src").join("main.rs"), &format!("#![allow(unused)]\n{model}{ADDED}"));

        let manifest = fs::read_to_string(root.join("Cargo.toml")).unwrap();
        let (_, profile) = manifest.split_once("[profile.dev]").expect("the workspace says how it is built");
        let profile = profile.split("\n[").next().unwrap();
        let harness = root.join("harness");
        let harness = harness.to_str().expect("cargo takes no other path in a manifest");
        let own = format!(
            "[package]\nname = \"own-crate\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\n\
             proofmark-harness = {{ path = {harness:?} }}\nstateright = \"={}\"\n\n[profile.dev]{profile}",
            stateright.version,
        );
        write(&directory.join("Cargo.toml"), &own);
        // The same versions of everything; what is not needed here falls out.
        fs::copy(root.join("Cargo.lock"), directory.join("Cargo.lock")).unwrap();

        let built = Command::new(env!("CARGO"))
            .args(["build", "--offline", "--quiet", "--target-dir"])
            .arg(target)
            .current_dir(&directory)
            .output()
            .unwrap();
        assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
        let program = target.join("debug").join("own-crate").with_extension(std::env::consts::EXE_EXTENSION);
        Self { directory, program }
    }

    /// Runs the program in the crate's directory: its exit code and what it prints.
    fn run(&self, arguments: &[&str]) -> (i32, String) {
        let output = Command::new(&self.program).args(arguments).current_dir(&self.directory).output().unwrap();
        let told = String::from_utf8(output.stdout).unwrap();
        let code = output.status.code();
        (code.unwrap_or_else(|| panic!("{arguments:?}: {}", output.status)), told)
    }

    fn json(&self, arguments: &[&str]) -> (i32, Value) {
        let (code, told) = self.run(arguments);
        (code, serde_json::from_str(&told).unwrap_or_else(|error| panic!("{arguments:?}: {error}: {told}")))
    }
}

/// Writes a file unless it says so already, since a new one would be compiled anew.
fn write(path: &Path, text: &str) {
    if fs::read_to_string(path).is_ok_and(|known| known == text) {
        return;
    }
    fs::write(path, text).unwrap();
}
