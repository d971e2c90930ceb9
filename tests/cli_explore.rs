//! `explore` as a command: what it refuses, what it prints, how it ends, and the page that it writes.

use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

fn proofmark(directory: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_proofmark"));
    command.current_dir(directory);
    command
}

/// The exit code, and what was printed on both streams.
fn run(directory: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let ended = proofmark(directory).args(arguments).output().unwrap();
    let text = [ended.stdout, ended.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    (ended.status.code(), text.concat())
}

#[test]
fn what_cannot_be_opened_is_refused_before_anything_listens_or_is_written() {
    let directory = tempfile::tempdir().unwrap();
    let refuses = |arguments: &[&str], why: &str| {
        let (code, said) = run(directory.path(), &[&["explore"], arguments].concat());
        assert!(code == Some(2) && said.contains(why), "{arguments:?}: {code:?} {said}");
    };
    refuses(&["paxo"], "did you mean `paxos`?");
    refuses(&["single-decree-paxos", "--bound", "none"], "no bound of single-decree-paxos is named `none`");
    refuses(&["single-decree-paxos", "--set", "acceptors=99"], "a whole number from 1 to 5");
    refuses(&["single-decree-paxos", "--mutant", "none"], "no mutant of single-decree-paxos is named `none`");
    refuses(&["single-decree-paxos", "--listen", "everywhere"], "write an address with its port");
    refuses(&["single-decree-paxos", "--listen", "192.0.2.1:1"], "cannot listen on 192.0.2.1:1");
    refuses(&["single-decree-paxos", "--at", "nothing"], "no kept counterexample is named `nothing`");
    refuses(&["single-decree-paxos", "--export", "page", "--open"], "cannot be used with");
    refuses(&["single-decree-paxos", "--report", "page"], "`explore` checks nothing");
    std::fs::write(directory.path().join("broken.json"), "{\"schema\":1").unwrap();
    refuses(&["--at", "broken.json"], "broken.json");
    refuses(&["single-decree-paxos", "--export", "broken.json"], "broken.json");
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1);
}

/// A program that serves, ended in any case.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[cfg(unix)]
#[test]
fn it_serves_until_it_is_told_to_stop_also_during_a_check() {
    use rustix::process::{Pid, Signal, kill_process};
    let directory = tempfile::tempdir().unwrap();
    let arguments =
        ["explore", "single-decree-paxos", "--bound", "deep", "--listen", "127.0.0.1:0", "--format", "json"];
    let mut child = Running(proofmark(directory.path()).args(arguments).stdout(Stdio::piped()).spawn().unwrap());
    let mut line = String::new();
    BufReader::new(child.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let told: Value = serde_json::from_str(&line).unwrap();
    let url = told["url"].as_str().unwrap();
    let ask = |path: &str, body: &Value| -> Value {
        ureq::post(format!("{url}api/v1{path}")).send_json(body).unwrap().body_mut().read_json().unwrap()
    };
    let opened = ask("/cases", &serde_json::json!({ "model": "single-decree-paxos", "bound": "deep" }));
    let case = opened["case"].as_str().unwrap();
    assert_eq!(ask(&format!("/cases/{case}/check"), &serde_json::json!({}))["state"], "running");
    assert_eq!(ask(&format!("/cases/{case}/check/pause"), &serde_json::json!({}))["state"], "paused");
    kill_process(Pid::from_child(&child.0), Signal::INT).unwrap();
    let ended = (0..200).find_map(|_| {
        std::thread::sleep(std::time::Duration::from_millis(50));
        child.0.try_wait().unwrap()
    });
    assert_eq!(ended.expect("it ends within ten seconds").code(), Some(0));
}

/// The page holds all that it shows, and no text of a model or a file can become part of it.
#[test]
fn an_exported_page_needs_nothing_else() {
    let directory = tempfile::tempdir().unwrap();
    let (code, said) = run(directory.path(), &["check", "two-phase-commit", "--mutant", "commit-on-majority"]);
    assert_eq!(code, Some(12), "{said}");
    let id =
        said.split("explore --at ").nth(1).and_then(|rest| rest.split(' ').next()).expect("it names one").to_owned();
    let (code, said) = run(directory.path(), &["explore", "--at", &id, "--export", "pages"]);
    assert_eq!((code, said.contains(&format!("{id}.html"))), (Some(0), true), "{said}");
    let page = std::fs::read_to_string(directory.path().join(format!("pages/{id}.html"))).unwrap();
    assert!(page.contains("default-src 'none'") && !page.contains("unsafe-inline"));
    assert_eq!(page.matches("<script").count() - page.matches("\\u003cscript").count(), 2, "the data and the program");
    let data = page.split("id=\"recorded\">").nth(1).and_then(|rest| rest.split("</script>").next()).unwrap();
    let recorded: Value = serde_json::from_str(data).unwrap();
    let states = recorded["path"]["states"].as_array().unwrap();
    assert!(states.len() > 1 && states.iter().all(|id| recorded["states"][id.as_str().unwrap()].is_object()));
    assert_eq!(recorded["counterexample"]["verdict"], "reproduced");

    let (code, said) = run(directory.path(), &["explore", "naive-lock", "--export", "pages"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(directory.path().join("pages/naive-lock.html").exists());
    // A report links a page for every counterexample of its checks.
    let (_, said) = run(directory.path(), &["check", "naive-lock", "--report", "report"]);
    let report = std::fs::read_to_string(directory.path().join("report/index.html")).unwrap();
    let pages: Vec<_> =
        report.split("href=\"counterexample-").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert!(!pages.is_empty(), "{said}");
    assert!(pages.iter().all(|page| directory.path().join(format!("report/counterexample-{page}")).exists()));
}
