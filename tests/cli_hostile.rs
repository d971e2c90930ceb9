//! The command line where the world is unkind: nobody reads, nobody writes, nobody waits.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Command, Output, Stdio};

fn proofmark(directory: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_proofmark"));
    command.current_dir(directory).stdin(Stdio::null()).env_remove("RUST_BACKTRACE");
    command
}

fn run(directory: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let Output { status, stdout, stderr } = proofmark(directory).args(arguments).output().unwrap();
    (status.code(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

/// Runs with a standard output whose reader has gone away.
fn run_unread(directory: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = proofmark(directory).args(arguments).stdout(writer).output().unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn a_reader_that_goes_away_changes_no_verdict() {
    let here = tempfile::tempdir().unwrap();
    for (arguments, code) in [
        (&["list"][..], 0),
        (&["man"], 0),
        (&["completions", "bash"], 0),
        (&["check", "voting"], 0),
        (&["check", "consensus", "--mutant", "drop-nothing-chosen"], 12),
        (&["check", "voting", "--max-states", "10", "--format", "json"], 20),
    ] {
        let (ended, told) = run_unread(here.path(), arguments);
        assert_eq!(ended, Some(code), "{arguments:?}: {told}");
        assert_eq!(told.lines().count(), 1, "{arguments:?}: {told}");
        assert!(told.contains("the output was cut short"), "{arguments:?}: {told}");
    }
    let (ended, told) = run_unread(here.path(), &["--help"]);
    assert!(ended == Some(0) && !told.contains("panicked"), "{told}");
}

/// A disk without room, where the system has one to try.
#[test]
fn output_that_is_lost_is_not_success() {
    let Ok(full) = File::options().write(true).open("/dev/full") else { return };
    let here = tempfile::tempdir().unwrap();
    for arguments in [&["list"][..], &["--help"], &["check", "voting"], &["check", "voting", "--format", "json"]] {
        let output = proofmark(here.path()).args(arguments).stdout(full.try_clone().unwrap()).output().unwrap();
        assert_eq!(output.status.code(), Some(70), "{arguments:?}");
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(told.contains("the exit code will be 70, whatever is found"), "{arguments:?}: {told}");
    }
}

#[test]
fn closed_standard_error_is_no_panic() {
    let here = tempfile::tempdir().unwrap();
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let ended = proofmark(here.path()).args(["check", "nothing"]).stderr(writer).status().unwrap();
    assert_eq!(ended.code(), Some(2));
}

/// A file stands where the directory should be made: this refuses root too, which a read-only mode would not.
#[test]
fn a_directory_that_cannot_be_written_costs_a_warning_and_no_verdict() {
    let here = tempfile::tempdir().unwrap();
    std::fs::write(here.path().join(".proofmark"), "").unwrap();
    let (code, out, told) = run(here.path(), &["check", "consensus", "--mutant", "drop-nothing-chosen"]);
    assert_eq!(code, Some(12));
    assert!(out.contains("agreement is violated"), "{out}");
    assert!(told.starts_with("warning: counterexamples are not kept"), "{told}");
    assert_eq!(told.lines().count(), 1, "{told}");
}

#[cfg(unix)]
#[test]
fn arguments_that_are_not_utf_8_are_refused() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let here = tempfile::tempdir().unwrap();
    let odd = OsStr::from_bytes(b"con\xffsensus");
    for before in [&["check"][..], &["check", "consensus", "--set"], &["mutants"], &["replay"], &[]] {
        let output = proofmark(here.path()).args(before).arg(odd).output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{before:?}: {told}");
        assert!(told.starts_with("error: "), "{before:?}: {told}");
    }
    // A directory may be called anything.
    let report = here.path().join(odd);
    let output = proofmark(here.path()).args(["check", "consensus", "--report"]).arg(&report).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(report.join("index.html").is_file());
}

#[test]
fn colours_are_for_terminals_or_for_whoever_asks() {
    let here = tempfile::tempdir().unwrap();
    let escape = "\u{1b}[";
    assert!(!run(here.path(), &["check", "consensus"]).1.contains(escape));
    assert!(run(here.path(), &["check", "consensus", "--color", "always"]).1.contains(escape));
    let unwanted = proofmark(here.path()).args(["check", "consensus"]).env("NO_COLOR", "1").output().unwrap();
    assert!(!String::from_utf8_lossy(&unwanted.stdout).contains(escape));
}

#[test]
fn the_requested_files_are_written() {
    let here = tempfile::tempdir().unwrap();
    let arguments =
        ["check", "naive-lock", "--report", "r", "--junit", "j.xml", "--itf", "traces", "--github", "--format", "json"];
    let output = proofmark(here.path()).args(arguments).env("GITHUB_STEP_SUMMARY", "summary.md").output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let judgement: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(judgement["verdict"], "ok");

    let shown = judgement["properties"].as_array().unwrap().iter().find(|p| p["verdict"] == "expected").unwrap();
    let id = shown["counterexample"]["id"].as_str().unwrap();
    for file in ["r/index.html", "j.xml", "summary.md", &format!("traces/{id}.itf.json")] {
        assert!(here.path().join(file).is_file(), "{file}");
    }
    let (code, out, _) = run(here.path(), &["replay", id]);
    assert!(code.is_some_and(|code| (11..=13).contains(&code)), "{out}");
}

/// Whatever it was doing when Ctrl-C came, it ends with 130, or with its verdict if it was done.
#[cfg(unix)]
#[test]
fn ctrl_c_at_any_moment_ends_cleanly() {
    use rustix::process::{Pid, Signal, kill_process};
    use std::os::unix::process::ExitStatusExt;
    use std::sync::mpsc;
    use std::time::Duration;

    let here = tempfile::tempdir().unwrap();
    let long = ["check", "two-phase-commit", "--bound", "deep", "--set", "participants=12", "--quiet"];
    for (arguments, milliseconds) in
        [(&["verify"][..], &[0, 7, 40, 120, 300, 700][..]), (&["mutants"], &[3, 25, 90]), (&long, &[1, 60, 900])]
    {
        for &wait in milliseconds {
            let mut child = proofmark(here.path());
            let child = child.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
            std::thread::sleep(Duration::from_millis(wait));
            // It may have ended by itself: then nobody is there to be told.
            let pid = Pid::from_child(&child);
            let _ = kill_process(pid, Signal::INT);
            let (ended, hears) = mpsc::channel::<()>();
            let again = std::thread::spawn(move || {
                // Where a shell has it ignored from the start, one that comes before the handler is lost.
                if hears.recv_timeout(Duration::from_secs(20)) == Err(mpsc::RecvTimeoutError::Timeout) {
                    let _ = kill_process(pid, Signal::INT);
                }
            });
            let output = child.wait_with_output().unwrap();
            drop(ended);
            again.join().unwrap();
            let told = String::from_utf8_lossy(&output.stderr);
            let ended = output.status.code();
            // Before `main` has begun there is no handler, and the shell shows the same 130.
            let early = output.status.signal() == Some(Signal::INT.as_raw());
            assert!(
                early || ended == Some(130) || (arguments != long && ended == Some(0)),
                "{arguments:?} {wait}: {told}"
            );
            assert!(!told.contains("panicked") && !told.contains("internal error"), "{arguments:?} {wait}: {told}");
            if arguments == long && ended == Some(130) {
                let shown = String::from_utf8_lossy(&output.stdout);
                assert!(shown.contains("incomplete: interrupted") || told.contains("interrupted: "), "{shown}{told}");
            }
        }
    }
}

/// Ctrl-C reaches what the benchmarks have started too, even if only this program hears of it.
#[cfg(unix)]
#[test]
fn ctrl_c_stops_the_benchmarks() {
    use rustix::process::{Pid, Signal, kill_process};
    use std::os::unix::fs::PermissionsExt;
    use std::time::{Duration, Instant};

    let here = tempfile::tempdir().unwrap();
    std::fs::create_dir(here.path().join("benches")).unwrap();
    std::fs::write(here.path().join("benches").join("Cargo.toml"), "").unwrap();
    // In the place of cargo: measures something, and then starts what takes long.
    let line = r#"{"bench":"b","subject":"proofmark","metric":"states/s","median":1.0,"low":1.0,"high":1.0}"#;
    let cargo = here.path().join("cargo");
    std::fs::write(&cargo, format!("#!/bin/sh\necho '{line}'\nsleep 100\necho done\n")).unwrap();
    std::fs::set_permissions(&cargo, std::fs::Permissions::from_mode(0o755)).unwrap();

    let mut child = proofmark(here.path());
    let child = child.args(["bench", "--format", "json"]).env("CARGO", &cargo);
    let mut child = child.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut first = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut first).unwrap();
    assert_eq!(first.trim_end(), line);
    let interrupted = Instant::now();
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    // Standard error stays open for as long as anyone of them lives.
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(interrupted.elapsed() < Duration::from_secs(50));
}

/// `| head` while a long output is still being written.
#[test]
fn a_pipe_that_closes_half_way_is_no_panic() {
    let here = tempfile::tempdir().unwrap();
    let all = ["check", "--all"];
    let mut child = proofmark(here.path()).args(all).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut first = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
    let mut told = String::new();
    child.stderr.take().unwrap().read_to_string(&mut told).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0), "{told}");
    assert!(first.starts_with("consensus at ci"), "{first}");
    assert!(!told.contains("panicked"), "{told}");
}
