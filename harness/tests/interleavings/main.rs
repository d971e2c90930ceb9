//! Cases of concurrent code, each in a child process, through the whole command line: this executable is the program,
//! its own child, and the tests of both.

mod cases;
mod lamp;

use cases::{Bug, CASES};
use lamp::Lamps;
use libtest_mimic::{Arguments, Failed, Trial};
use proofmark_harness::cluster::System;
use proofmark_harness::interleave::{
    ASSERTIONS, AWAKE, HISTORIES, Interleavings, LEAKS, LIVES, NoHistory, RACES, Runner, ShownHistory, Wanted,
};
use proofmark_harness::links::CodeMutant;
use proofmark_harness::registry::Registry;
use serde_json::{Value, json};
use snapbox::{assert_data_eq, file};
use std::fs::File;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};
use std::{env, thread};

fn main() -> ExitCode {
    // What a child inherits too, or is told.
    if env::var_os(AS_PROGRAM).is_some() || env::args().nth(1).is_some_and(|first| first == "run-case") {
        return proofmark_harness::cli::main(Registry::new().model::<lamp::Dark>().system::<Lamps>());
    }
    let trial = |name: &str, test: fn(&Path)| {
        Trial::test(name, move || {
            let directory = tempfile::tempdir().map_err(Failed::from)?;
            test(directory.path());
            Ok(())
        })
    };
    let trials = vec![
        trial("sound_code_conforms", sound_code_conforms),
        trial("what_is_shown", what_is_shown),
        trial("each_bug_is_told_by_its_evidence", each_bug_is_told_by_its_evidence),
        trial("the_matrix_has_a_column", the_matrix_has_a_column),
        trial("a_child_is_refused_what_is_not_there", a_child_is_refused_what_is_not_there),
        trial("a_history_is_told", a_history_is_told),
        #[cfg(unix)]
        trial("no_child_outlives_its_parent", no_child_outlives_its_parent),
    ];
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

const AS_PROGRAM: &str = "LAMP_PROGRAM";

fn program(directory: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env::current_exe().unwrap());
    // What would cut loom short is kept from the children.
    command.args(arguments).current_dir(directory).env(AS_PROGRAM, "1").env("LOOM_MAX_PREEMPTIONS", "none");
    command
}

fn run(directory: &Path, arguments: &[&str]) -> (i32, String, String) {
    let output = program(directory, arguments).output().unwrap();
    let [out, err] = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
    (output.status.code().unwrap(), out, err)
}

fn json(directory: &Path, arguments: &[&str]) -> (i32, Vec<Value>) {
    let (code, out, _) = run(directory, &[arguments, &["--format", "json"]].concat());
    (code, out.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
}

/// A line of `conform` and `mutants` without what no two runs have in common.
fn timeless(mut line: Value) -> Value {
    match &mut line {
        Value::Object(fields) => {
            fields.remove("seconds");
            fields.values_mut().for_each(|field| *field = timeless(field.take()));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| *item = timeless(item.take())),
        _ => {}
    }
    line
}

/// Each case is told with its figures, whatever it prints, and a deep one is not run; the same without a bug's effect.
fn sound_code_conforms(directory: &Path) {
    let case = |case: &str, explorer: &str, threads: u8, preemptions: Option<u8>, figures: [u8; 2]| {
        let [interleavings, histories] = figures;
        let recorded = (case == "pair").then_some(interleavings);
        json!({
            "case": case, "explorer": explorer, "threads": threads, "preemptions": preemptions, "recorded": recorded,
            "interleavings": interleavings, "histories": histories, "verdict": "ok", "evidence": null, "why": null,
        })
    };
    let (code, found) = json(directory, &["conform", "lamp", "--link", "L6"]);
    let sound = json!({
        "system": "lamp", "link": "L6", "mutant": null, "verdict": "ok", "runs": 4, "steps": 134,
        "witnessed": {}, "unwitnessed": [], "divergence": null,
        "cases": [
            case("pair", "loom", 2, Some(2), [6, 2]),
            case("waiter", "loom", 2, None, [8, 0]),
            case("crowd", "shuttle", 5, None, [100, 1]),
            case("pressed", "stress", 2, None, [20, 1]),
        ],
    });
    assert_eq!((code, found.into_iter().map(timeless).collect()), (0, vec![sound]));

    let (code, found) = json(directory, &["conform", "lamp", "--link", "L6", "--mutant", "harmless"]);
    assert_eq!((code, &found[0]["verdict"], &found[0]["steps"]), (0, &json!("ok"), &json!(134)));
}

/// `SNAPSHOTS=overwrite` writes these anew, and then `[..]` must stand for each time again.
fn what_is_shown(directory: &Path) {
    for (arguments, code, shown) in [
        (&["conform", "lamp", "--link", "L6"] as &[&str], 0, file!["shown/sound.txt"]),
        (&["conform", "lamp", "--link", "L6", "--mutant", "locks-crosswise"], 30, file!["shown/mutated.txt"]),
        (&["list"], 0, file!["shown/list.txt"]),
    ] {
        let (found, out, err) = run(directory, arguments);
        assert_eq!((found, err.as_str()), (code, ""), "{arguments:?}");
        assert_data_eq!(out, shown);
    }
}

/// What loom and shuttle say themselves, a death without a word, and limits. The case that finds it is the last.
fn each_bug_is_told_by_its_evidence(directory: &Path) {
    for CodeMutant { name, bug, .. } in Lamps::MUTANTS {
        let (code, found) = json(directory, &["conform", "lamp", "--link", "L6", "--mutant", name]);
        let expected = match bug {
            Bug::LosesAPress => (30, HISTORIES, "pair", "the model does not explain this history: both were told "),
            Bug::LocksCrosswise => (30, AWAKE, "pair", "deadlock; threads = "),
            Bug::ForgetsToWake => (30, AWAKE, "waiter", "deadlock; threads = "),
            Bug::LocksCrosswiseInACrowd => (30, AWAKE, "crowd", "deadlock! blocked tasks: "),
            Bug::Races => (30, RACES, "pair", "Causality violation: "),
            Bug::Leaks => (30, LEAKS, "pair", "Arc leaked."),
            Bug::Asserts => (30, ASSERTIONS, "pair", "the lamp is dark (harness/tests/interleavings/cases.rs:"),
            Bug::Aborts => (30, LIVES, "pair", "its process ended without a verdict, by "),
            Bug::Harmless => (0, "", "", ""),
            Bug::Spins => (20, "", "pair", "Model exceeded maximum number of branches."),
            Bug::NeverEnds => (20, "", "pair", "it had not ended after 5s"),
        };
        let odd = found[0]["cases"].as_array().unwrap().iter().find(|case| case["verdict"] != "ok");
        let of_case = |field: &str| odd.and_then(|case| case[field].as_str()).unwrap_or_default();
        let told = (code, of_case("evidence"), of_case("case"));
        assert_eq!(told, (expected.0, expected.1, expected.2), "{name}: {found:?}");
        assert!(of_case("why").starts_with(expected.3), "{name}: {}", of_case("why"));
        if code == 30 {
            assert_eq!(found[0]["divergence"]["evidence"], expected.1, "{name}");
            assert_eq!(found[0]["cases"].as_array().unwrap().last(), odd, "{name}");
        }
        // A case that is stopped still tells how far it was.
        assert!(*bug == Bug::Aborts || odd.is_none_or(|case| case["interleavings"].as_u64() > Some(0)), "{name}");
    }
}

/// L6 says of each mutant what was foreseen, but of the one that foresees wrongly and of those that reach a limit.
fn the_matrix_has_a_column(directory: &Path) {
    let (code, found) = json(directory, &["mutants", "lamp"]);
    assert_eq!(code, 31);
    let by_cases: Vec<_> = found.into_iter().filter(|line| line["link"] == "L6").map(timeless).collect();
    assert_eq!(by_cases.len(), Lamps::MUTANTS.len());
    for line in &by_cases {
        let name = line["mutant"].as_str().unwrap();
        let (verdict, foreseen) = match name {
            "harmless" => ("survived", true),
            "spins" | "never-ends" => ("incomplete", false),
            "wrongly-foreseen" => ("wrong-evidence", false),
            _ => ("killed", true),
        };
        assert_eq!((line["verdict"].as_str(), line["foreseen"].as_bool()), (Some(verdict), Some(foreseen)), "{line}");
        // Only an assertion needs no other order than the machine's.
        let by_stress = matches!(name, "asserts" | "wrongly-foreseen").then_some("pressed");
        assert_eq!(line["stress"]["case"].as_str(), by_stress, "{line}");
    }
    let first = json!({
        "target": "lamp", "mutant": "forgets-to-wake", "link": "L6", "property": AWAKE, "lesson": "threads meet",
        "bound": "the case waiter", "verdict": "killed", "foreseen": true, "by": AWAKE, "events": null,
        "interleavings": 1, "stress": { "by": null, "case": null },
    });
    assert_eq!(by_cases[2], first);

    let (_, out, _) = run(directory, &["mutants", "lamp"]);
    assert!(out.contains("stress tests alone notice 1 of 8 mutants that L6 kills"), "{out}");
}

fn a_child_is_refused_what_is_not_there(directory: &Path) {
    for arguments in [
        &["run-case"] as &[&str],
        &["run-case", "lamp"],
        &["run-case", "lump", "pair"],
        &["run-case", "lamp", "pear"],
        &["run-case", "lamp", "pair", "rases"],
        &["run-case", "lamp", "pair", "races", "--quiet"],
        &["run-case", "lamp", "pair", "races", "--history=none"],
        &["run-case", "lamp", "pair", "races", "--history=0"],
        &["run-case", "lamp", "--history=1"],
        &["--quiet", "run-case", "lamp", "pair"],
    ] {
        let (code, out, err) = run(directory, arguments);
        assert_eq!((code, out.as_str()), (2, ""), "{arguments:?}: {err}");
    }
    for shown in [&["--help"] as &[&str], &["help"], &["completions", "bash"], &["man"]] {
        assert!(!run(directory, shown).1.contains("run-case"), "{shown:?}");
    }
}

/// The history that is asked for, or the one that is wrong, as far as it has come; in a build that tells none, that is
/// said.
fn a_history_is_told(_: &Path) {
    let runner = Runner::new(env::current_exe().unwrap());
    let told = |case: &str, bug: Option<&str>, wanted| {
        let case = CASES.cases().into_iter().find(|known| known.name == case).unwrap();
        runner.history("lamp", &case, bug, wanted, &|| false)
    };
    let shown =
        |told: Result<ShownHistory, NoHistory>| told.map(|told| (told.history, told.number, told.met, told.wrong));
    let whole = |first: u64, met| Ok((json!([[first, 0], [1 - first, 1]]), Some(first + 1), met, None));
    assert_eq!(shown(told("pair", None, Wanted::Wrong)), whole(0, 2));
    assert_eq!(shown(told("pair", None, Wanted::Number(2))), whole(1, 2));
    let none = |why: &str| Err(NoHistory::None(why.to_owned()));
    assert_eq!(told("pair", None, Wanted::Number(3)), none("pair has 2 distinct histories"));
    // Both are told the same: the judge refuses it.
    let lost = told("pair", Some("loses-a-press"), Wanted::Wrong).unwrap();
    assert_eq!((lost.history, lost.wrong), (json!([[0, 0], [1, 0]]), None));
    // Neither is told anything, since they wait for each other.
    let asleep = told("pair", Some("locks-crosswise"), Wanted::Wrong).unwrap();
    assert_eq!((&asleep.history, asleep.number), (&json!([]), None));
    assert!(asleep.wrong.as_ref().is_some_and(|wrong| wrong.contains(AWAKE)), "{asleep:?}");
    let beyond = told("pair", Some("locks-crosswise"), Wanted::Number(3)).unwrap_err();
    assert!(matches!(&beyond, NoHistory::None(why) if why.contains("goes wrong")), "{beyond:?}");
    // One that is not wrong before it is met is shown all the same.
    assert_eq!(shown(told("pair", Some("leaks"), Wanted::Number(1))), whole(0, 1));
    assert_eq!(told("crowd", None, Wanted::Wrong), none("crowd does not tell its histories"));
    assert_eq!(told("crowd", None, Wanted::Number(1)), none("crowd does not tell its histories"));
    let aborts = told("pair", Some("aborts"), Wanted::Wrong).unwrap_err();
    let died = "pair: its process ended without a verdict";
    assert!(matches!(&aborts, NoHistory::Lost(why) if why.starts_with(died)), "{aborts:?}");
    // One that is cut has a history, and whether another is wrong is not known.
    let cut = told("pair", Some("spins"), Wanted::Wrong);
    assert!(matches!(&cut, Err(NoHistory::Lost(why)) if why.contains("branches")), "{cut:?}");
}

/// Ctrl-C ends the child too, and so does the death of the parent, who then can do nothing.
#[cfg(unix)]
fn no_child_outlives_its_parent(directory: &Path) {
    use rustix::process::{Pid, Signal, kill_process};
    for (signal, code) in [(Signal::INT, Some(130)), (Signal::KILL, None)] {
        let path = directory.join("alive");
        let file = File::create(&path).unwrap();
        let mut parent = program(directory, &["conform", "lamp", "--link", "L6", "--mutant", "never-ends"])
            .envs([("LAMP_ALIVE", path.as_os_str()), ("LAMP_PATIENT", "yes".as_ref())])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        eventually("the case has begun", || {
            let free = file.try_lock().is_ok();
            file.unlock().unwrap();
            !free
        });
        kill_process(Pid::from_child(&parent), signal).unwrap();
        assert_eq!(parent.wait().unwrap().code(), code);
        eventually("the child has ended", || file.try_lock().is_ok());
    }
}

#[cfg(unix)]
fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let started = Instant::now();
    while !holds() {
        assert!(started.elapsed() < Duration::from_secs(30), "not within 30 s: {what}");
        thread::sleep(Duration::from_millis(5));
    }
}
