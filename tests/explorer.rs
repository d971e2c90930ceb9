//! The explorer's server shows what the checker explores and what Stateright's own explorer shows, and answers nobody
//! else.

use proofmark::registry;
use proofmark_harness::explore::Desk;
use proofmark_harness::explore::server::{Access, Server};
use proofmark_harness::explore::view::StartView;
use proofmark_harness::interleave::Runner;
use proofmark_harness::registry::Registry;
use proofmark_harness::store::Store;
use proofmark_models::two_phase::TwoPhase;
use proofmark_vocabulary::{Catalogued, Checkable, Constants};
use serde_json::{Value, json};
use std::collections::{BTreeMap, VecDeque};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;
use tempfile::TempDir;
use tokio::sync::oneshot;

/// A server of our own, until it is dropped.
struct Site {
    address: SocketAddr,
    agent: ureq::Agent,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
    directory: TempDir,
}

impl Site {
    fn of(registry: Registry) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let start = StartView {
            model: registry.rows()[0].name.to_owned(),
            bound: None,
            set: BTreeMap::new(),
            mutant: None,
            counterexample: None,
        };
        let store = Store::within(directory.path());
        let desk = Desk::new(Arc::new(registry), store, "proofmark".to_owned(), start);
        let desk = desk.with_runner(Runner::new(env!("CARGO_BIN_EXE_proofmark").into()));
        let server = Server::bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let address = server.address();
        let access = Access::to(address).unwrap();
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::spawn(move || {
            let stop = async {
                let _ = stopped.await;
            };
            server.run(desk, access, stop).unwrap();
        });
        Self { address, agent: agent(), stop: Some(stop), thread: Some(thread), directory }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}/api/v1{path}", self.address)
    }

    fn get(&self, path: &str) -> (u16, Value) {
        read(self.agent.get(self.url(path)).call().unwrap())
    }

    fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        read(self.agent.post(self.url(path)).send_json(body).unwrap())
    }

    /// What is answered with a status of 200.
    fn ask(&self, path: &str, body: &Value) -> Value {
        let (status, answer) = self.post(path, body);
        assert_eq!(status, 200, "{path} {body}: {answer}");
        answer
    }

    fn state(&self, case: &str, id: &str) -> Value {
        let (status, state) = self.get(&format!("/cases/{case}/states/{id}"));
        assert_eq!(status, 200, "{state}");
        state
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            assert!(std::thread::panicking(), "the server panicked");
        }
    }
}

fn agent() -> ureq::Agent {
    let config = ureq::Agent::config_builder().http_status_as_error(false);
    config.timeout_global(Some(Duration::from_mins(1))).build().into()
}

fn read(mut answer: ureq::http::Response<ureq::Body>) -> (u16, Value) {
    let text = answer.body_mut().read_to_string().unwrap();
    (answer.status().as_u16(), serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// What is shown of a model by walking through it over the network is what its check explores.
#[test]
fn states_and_steps_are_those_of_the_check() {
    let site = Site::of(registry());
    for (model, bound) in [("two-phase-commit", "ci"), ("naive-lock", "ci")] {
        let row_bound = registry().find(model).unwrap().bound(Some(bound)).unwrap().clone();
        let counts = row_bound.counts.expect("it is recorded");
        let opened = site.ask("/cases", &json!({ "model": model, "bound": bound }));
        let case = text(&opened["case"]);
        let mut seen: Vec<String> = list(&opened["initial"]).iter().map(|id| text(id).to_owned()).collect();
        let (mut next, mut generated) = (0, seen.len() as u64);
        while next < seen.len() {
            let state = site.state(case, &seen[next].clone());
            next += 1;
            for step in list(&state["steps"]) {
                generated += 1;
                let to = text(&step["to"]).to_owned();
                if !seen.contains(&to) {
                    seen.push(to);
                }
            }
        }
        assert_eq!((seen.len() as u64, generated), (counts.distinct, counts.generated), "{model} at {bound}");
        // The same once more, in the words of a whole check.
        let (_, begun) = site.post(&format!("/cases/{case}/check"), &json!({}));
        // One as short as this may be over before it is told of.
        assert!(["running", "done"].contains(&text(&begun["state"])), "{begun}");
        let ended = (0..600).find_map(|_| {
            std::thread::sleep(Duration::from_millis(100));
            let (_, status) = site.get(&format!("/cases/{case}/check"));
            (status["state"] == "done").then_some(status)
        });
        let ended = ended.expect("it ends");
        assert_eq!(ended["verdict"], "ok", "{ended}");
        assert_eq!(ended["progress"]["distinct"], counts.distinct);
    }
}

/// Stateright's explorer of the same model shows the same texts of actions and states, in the same order.
#[test]
fn states_and_steps_are_those_of_the_explorer_of_stateright() {
    let constants = Constants::choose(&TwoPhase::constants(), &TwoPhase::bounds()[0].constants, []).unwrap();
    let model = TwoPhase::new(&constants, None).unwrap();
    let address = serve_by_stateright(model.clone());
    let site = Site::of(Registry::new().plain("plain", "", move || model.clone()));
    let opened = site.ask("/cases", &json!({ "model": "plain" }));
    let case = text(&opened["case"]);

    let theirs = |path: &str| read(site.agent.get(format!("http://{address}/.states{path}")).call().unwrap()).1;
    let mut twins: BTreeMap<String, String> = BTreeMap::new();
    let mut ahead = VecDeque::new();
    for (at, (id, twin)) in list(&opened["initial"]).iter().zip(list(&theirs("/"))).enumerate() {
        twins.insert(text(id).to_owned(), text(&twin["fingerprint"]).to_owned());
        ahead.push_back((text(id).to_owned(), format!("/{at}")));
    }
    assert!(!ahead.is_empty());
    let mut steps = 0;
    while let Some((id, path)) = ahead.pop_front() {
        let ours = site.state(case, &id);
        let others = theirs(&path);
        let possible: Vec<_> = list(&others).iter().filter(|step| step.get("state").is_some()).collect();
        assert_eq!(list(&ours["steps"]).len(), possible.len(), "at {path}");
        for (step, other) in list(&ours["steps"]).iter().zip(possible) {
            steps += 1;
            assert_eq!(step["action"], other["action"], "at {path}");
            let to = text(&step["to"]).to_owned();
            let twin = text(&other["fingerprint"]).to_owned();
            if let Some(known) = twins.get(&to) {
                assert_eq!(*known, twin, "at {path}");
                continue;
            }
            assert!(!twins.values().any(|known| *known == twin), "at {path}: one state of theirs is two of ours");
            assert_eq!(site.state(case, &to)["value"], other["state"], "at {path}");
            twins.insert(to.clone(), twin);
            ahead.push_back((to, format!("{path}/{}", other["actionIndex"])));
        }
    }
    let counts = TwoPhase::bounds()[0].counts.unwrap();
    assert_eq!((twins.len() as u64, steps + 1), (counts.distinct, counts.generated));
}

/// Stateright's explorer, on a port of its own as long as the process lives: it has no end.
fn serve_by_stateright<M>(model: M) -> SocketAddr
where
    M: Checkable + Clone,
{
    // It takes no listener, so the port is one that was free a moment ago.
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    std::thread::spawn(move || {
        let _ = model.checker().serve(address);
    });
    for _ in 0..200 {
        if agent().get(format!("http://{address}/.status")).call().is_ok() {
            return address;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("Stateright's explorer does not answer on {address}");
}

/// Why can this not happen here? The guard says it; and a path shows when it can.
#[test]
fn what_is_sought_is_found_by_the_shortest_path() {
    let site = Site::of(registry());
    let opened = site.ask("/cases", &json!({ "model": "single-decree-paxos" }));
    let (case, start) = (text(&opened["case"]), text(&opened["initial"][0]));
    let (_, disabled) = site.get(&format!("/cases/{case}/states/{start}/disabled"));
    let refused = list(&disabled["disabled"]).iter().find(|step| text(&step["action"]).contains("acceptor 2 accepts"));
    let refused = refused.expect("it is named");
    assert_eq!(refused["guard"], "accept-sent");
    assert!(text(&refused["guard_says"]).starts_with("`m.type = \"2a\"`"), "{refused}");

    let find = |goal: Value| site.ask(&format!("/cases/{case}/find"), &json!({ "from": start, "goal": goal }));
    let predicate = |text: &str| json!({ "kind": "predicate", "text": text });
    for (goal, steps) in [
        (predicate("size(chosen) == 1"), Some(6)),
        (predicate("!properties['a value is chosen'] && kind == 'Phase2a'"), Some(4)),
        (predicate("msgs.exists(m, m.tag == '2b' && m.value.acceptor == 2)"), Some(5)),
        (json!({ "kind": "claim", "claim": "a value is chosen", "holds": true }), Some(6)),
        (json!({ "kind": "change", "claim": "a value is chosen" }), Some(6)),
        (predicate("size(chosen) == 2"), None),
        (json!({ "kind": "claim", "claim": "agreement", "holds": false }), None),
    ] {
        let found = find(goal.clone());
        let length = found["path"]["steps"].as_array().map(Vec::len);
        assert_eq!(length, steps, "{goal}");
        assert!(steps.is_some() || found["exhaustive"] == true, "{goal}");
        // The path can be walked again, from its words and the first digits of its states.
        if let Some(steps) = found["path"]["steps"].as_array() {
            let words = steps.iter().map(|step| json!({ "action": step["action"], "to": text(&step["to"])[..8] }));
            let asked = json!({ "start": &start[..8], "steps": words.collect::<Vec<_>>() });
            let path = site.ask(&format!("/cases/{case}/path"), &asked);
            assert_eq!((&path["states"], &path["changed"]), (&found["path"]["states"], &Value::Null));
        }
    }
    // What is wrong is refused, with what is wrong.
    for (goal, why) in [
        (predicate("size(chosen"), "ERROR"),
        (predicate("chosne == 1"), "chosne"),
        (predicate("chosen"), "neither true nor false"),
        (predicate(&"!".repeat(2_000)), "at most 1000 characters"),
        (predicate(&"(".repeat(999)), ""),
        (predicate(&format!("{}true", "!".repeat(990))), ""),
        (json!({ "kind": "claim", "claim": "no such", "holds": true }), "no such"),
        (json!({ "kind": "violation", "claim": "no such" }), "no such"),
        (json!({ "kind": "violation", "claim": "agreement" }), "nothing of single steps"),
        (predicate("size(action) < 0 || chosne == 1"), "chosne"),
        // What would take all time or all memory, by its shape.
        (predicate(&format!("{}true{}", "[1,2,3].all(a,".repeat(3), ")".repeat(3))), "within each other"),
        (predicate(&format!("[1]{} == []", ".map(a, a)".repeat(7))), "at most 6 lists"),
        (predicate(&format!("['x']{} == []", ".map (a, a+a+a+a+a+a)".repeat(3))), "leave out `+`"),
        (predicate("[1].map(a, [a,a,a,a,a,a,a,a,a]) == []"), "leave out `+`"),
    ] {
        let (status, answer) = site.post(&format!("/cases/{case}/find"), &json!({ "from": start, "goal": goal }));
        assert!(why.is_empty() || status == 400 && text(&answer["error"]).contains(why), "{goal}: {status} {answer}");
    }
}

/// A link to what the model no longer does says where, and goes as far as it can.
#[test]
fn a_link_says_where_the_model_changed() {
    let site = Site::of(registry());
    let opened = site.ask("/cases", &json!({ "model": "two-phase-commit" }));
    let (case, start) = (text(&opened["case"]), text(&opened["initial"][0]));
    let walked = site.ask(&format!("/cases/{case}/walk"), &json!({ "from": start, "steps": 6, "seed": 7 }));
    let again = site.ask(&format!("/cases/{case}/walk"), &json!({ "from": start, "steps": 6, "seed": 7 }));
    assert_eq!(walked, again);
    let words: Vec<_> = list(&walked["steps"]).iter().map(|step| json!({ "action": step["action"] })).collect();
    let follow = |steps: Vec<Value>| site.ask(&format!("/cases/{case}/path"), &json!({ "steps": steps }));
    assert_eq!(follow(words.clone())["states"], walked["states"]);

    let mut changed = words.clone();
    changed[3] = json!({ "action": "something else" });
    let path = follow(changed);
    assert_eq!((&path["changed"]["at"], list(&path["states"]).len()), (&json!(4), 4));
    let mut elsewhere = words.clone();
    elsewhere[2] = json!({ "action": words[2]["action"], "to": "00000000" });
    let path = follow(elsewhere);
    assert_eq!(path["changed"]["at"], 3);
    assert!(text(&path["changed"]["why"]).contains("leads to another state"), "{path}");
    let path = site.ask(&format!("/cases/{case}/path"), &json!({ "start": "00000000", "steps": [] }));
    assert_eq!(path["changed"]["at"], 0);
}

/// A counterexample that a check from the page finds is kept, and opens as a path whose last state violates.
#[test]
fn a_violation_is_found_opened_exported_and_compared() {
    let site = Site::of(registry());
    let asked = json!({ "model": "single-decree-paxos", "mutant": "adopts-any-report" });
    let (status, opened) = site.post("/cases", &asked);
    assert_eq!(status, 200, "{opened}");
    let case = text(&opened["case"]);
    site.ask(&format!("/cases/{case}/check"), &json!({}));
    let ended = (0..600).find_map(|_| {
        std::thread::sleep(Duration::from_millis(100));
        let (_, status) = site.get(&format!("/cases/{case}/check"));
        (status["state"] == "done").then_some(status)
    });
    let ended = ended.expect("it ends");
    assert_eq!(ended["verdict"], "violated", "{ended}");
    let (_, kept) = site.get("/counterexamples");
    let found = list(&kept["counterexamples"]).iter().find(|row| row["kind"] == "always").expect("it is kept");
    let id = text(&found["id"]);
    assert!(site.directory.path().join(format!(".proofmark/counterexamples/{id}.json")).exists());
    let (_, shown) = site.get(&format!("/counterexamples/{id}"));
    assert_eq!((&shown["verdict"], &shown["path"]["changed"]), (&json!("reproduced"), &Value::Null), "{shown}");
    let last = text(list(&shown["path"]["states"]).last().unwrap());
    let truths = site.state(case, last);
    let truth = list(&truths["truths"]).iter().find(|truth| truth["claim"] == shown["property"]);
    assert_eq!(truth.expect("it is told")["holds"], false);

    // As a file, and back.
    let steps: Vec<_> = list(&shown["path"]["steps"])
        .iter()
        .map(|step| json!({ "action": step["action"], "to": step["to"] }))
        .collect();
    let export = json!({ "path": { "steps": steps }, "property": shown["property"] });
    let (status, saved) = site.post(&format!("/cases/{case}/export?format=json"), &export);
    assert_eq!(status, 200, "{saved}");
    let (status, back) = site.post("/counterexamples", &saved);
    assert_eq!((status, &back["verdict"], &back["path"]), (200, &json!("reproduced"), &shown["path"]), "{back}");
    let (_, itf) = site.post(&format!("/cases/{case}/export?format=itf"), &export);
    assert_eq!(list(&itf["states"]).len(), steps.len() + 1);
    // A lasso is one only if it comes back.
    for (back, status) in [(steps.len(), 200), (0, 400), (steps.len() + 1, 400)] {
        let lasso = json!({ "path": { "steps": steps }, "loop": back });
        for format in ["itf", "json", "html"] {
            assert_eq!(
                site.post(&format!("/cases/{case}/export?format={format}"), &lasso).0,
                status,
                "{format} {back}"
            );
        }
    }
    let (_, page) = site
        .post(&format!("/cases/{case}/export?format=html"), &json!({ "path": {"steps": steps}, "loop": steps.len() }));
    assert!(text(&page).contains(&format!("\"loop\":{}", steps.len())));

    // The mutant beside the model: both go one way, and then only one of them can do something.
    let compared = site.ask(&format!("/cases/{case}/compare"), &json!({ "mutant": null }));
    assert!(compared["path"].is_object(), "{compared}");
    let differences = ["only_here", "only_there", "differ"].map(|part| list(&compared[part]).len());
    assert!(differences.iter().sum::<usize>() > 0, "{compared}");
}

/// Runs of the code in lock-step with the model: all of a sound one is explained; of a broken one, it is said which field
/// differs and what would have been allowed.
#[test]
fn code_stands_beside_its_model() {
    let site = Site::of(registry());
    let system = "two-phase-commit";
    let run = site.ask("/runs", &json!({ "kind": "seed", "system": system, "seed": 3 }));
    assert_eq!((&run["verdict"], &run["diverges_at"]), (&json!("explained"), &Value::Null));
    let explained = list(&run["events"]).iter().flat_map(|event| list(&event["instances"]));
    let by_actions = explained.filter(|of| !list(&of["explained_by"]).is_empty() && of["model"].is_object()).count();
    assert!(by_actions > 5, "{by_actions}");

    let broken = (0..20).find_map(|seed| {
        let asked = json!({ "kind": "seed", "system": system, "seed": seed, "mutant": "commit-on-majority" });
        Some(site.ask("/runs", &asked)).filter(|run| run["verdict"] == "diverges")
    });
    let broken = broken.expect("one of twenty runs shows it");
    let at = broken["diverges_at"].as_u64().unwrap() as usize;
    let event = &broken["events"][at];
    let strayed = list(&event["instances"]).iter().find(|of| of["model"].is_null()).expect("it is the one");
    let nearest = &strayed["allowed"][0];
    let field = text(&nearest["differs"][0]["field"]);
    assert!(!field.is_empty() && nearest["value"].is_object(), "{strayed}");
}

/// A history of threads is a behaviour of the model, or it is said where it is none and what might have been instead.
#[test]
fn histories_of_threads_stand_beside_their_model() {
    let site = Site::of(registry());
    let (_, models) = site.get("/models");
    let system = list(&models["systems"]).iter().find(|system| system["name"] == "lock-table").unwrap();
    let ask = |case: &str, mutant: Option<&str>, history: Option<u64>| {
        let asked =
            json!({ "kind": "case", "system": "lock-table", "case": case, "mutant": mutant, "history": history });
        site.ask("/runs", &asked)
    };
    // The model explains the first history of every case that loom explores: each call has what it did, and the last
    // state of the model is that of a table that nobody uses.
    let silent = "keys-in-order";
    let explored = list(&system["cases"]).iter().filter(|case| case["explorer"] == "loom");
    let names = explored.map(|case| text(&case["name"])).filter(|name| !name.ends_with("-deep") && *name != silent);
    for case in names {
        let run = ask(case, None, Some(1));
        assert_eq!((&run["verdict"], &run["history"]["number"]), (&json!("explained"), &json!(1)), "{case}: {run}");
        let events = list(&run["events"]);
        let last = &events.last().unwrap()["instances"][0]["model"];
        assert_eq!(last["holders"], json!([{}, {}]), "{case}: {run}");
        let actions = events.iter().flat_map(|event| list(&event["instances"][0]["explained_by"]));
        assert!(actions.count() > 1, "{case}: {run}");
    }
    let asked = json!({ "kind": "case", "system": "lock-table", "case": silent, "history": 1 });
    let (status, refused) = site.post("/runs", &asked);
    assert!(status == 400 && text(&refused["error"]).contains("records no calls"), "{refused}");
    // Another history of the same case is another.
    assert_ne!(ask("cancelled-head", None, Some(1))["events"], ask("cancelled-head", None, Some(2))["events"]);
    // An answer that the model does not give is marked, beside those that it would have given: each goes on from the
    // behaviour that is shown, or says where it leaves that. Every action is one of the model.
    let model =
        json!({ "model": "lock-table", "set": { "owners": "4", "keys": "2", "modes": "all", "generations": "0" } });
    let model = format!("/cases/{}/path", text(&site.ask("/cases", &model)["case"]));
    let follows = |actions: &[&Value]| {
        let steps: Vec<_> = actions.iter().map(|action| json!({ "action": action })).collect();
        site.ask(&model, &json!({ "steps": steps }))["changed"].is_null()
    };
    let (mut goes_on, mut leaves) = (0, 0);
    for (case, mutant) in [
        ("upgrade-against-writer", "rwlock-upgrade-not-atomic"),
        ("upgrade-against-writer", "upgrade-queues-last"),
        ("two-upgrades", "upgrade-ignores-holders"),
    ] {
        let strayed = ask(case, Some(mutant), None);
        assert_eq!(strayed["verdict"], "diverges", "{strayed}");
        let at = usize::try_from(strayed["diverges_at"].as_u64().unwrap()).unwrap();
        let events = list(&strayed["events"]);
        let shown: Vec<_> =
            events[..at].iter().flat_map(|event| list(&event["instances"][0]["explained_by"])).collect();
        assert!(follows(&shown), "{strayed}");
        let one = &events[at]["instances"][0];
        assert!(one["model"].is_null() && !list(&one["allowed"]).is_empty(), "{one}");
        for allowed in list(&one["allowed"]) {
            let differs = &allowed["differs"][0];
            assert_eq!((&differs["field"], &differs["code"]), (&json!("answer"), &one["code"]["answer"]), "{one}");
            assert_ne!(differs["model"], differs["code"], "{one}");
            let actions: Vec<_> = list(&allowed["actions"]).iter().collect();
            if actions.first().is_some_and(|first| text(first).starts_with("otherwise from event")) {
                leaves += 1;
            } else {
                assert!(follows(&[&shown[..], &actions].concat()), "{allowed} after {shown:?}");
                goes_on += 1;
            }
        }
    }
    assert!(goes_on > 3 && leaves > 0, "{goes_on} go on, {leaves} leave");
    // What no history tells is told in words, behind what was seen by then; it has no number, and none comes after it.
    let asleep = ask("cancelled-head", Some("leave-serves-nobody"), None);
    assert_eq!((&asleep["verdict"], &asleep["diverges_at"]), (&json!("wrong"), &Value::Null), "{asleep}");
    assert_eq!(asleep["history"], json!({ "number": null, "met": 1 }), "{asleep}");
    assert!(text(&asleep["why"]).contains("no thread sleeps for ever"), "{asleep}");
    let refused = |case: &str, mutant: Option<&str>, history: u64| {
        let asked =
            json!({ "kind": "case", "system": "lock-table", "case": case, "mutant": mutant, "history": history });
        let (status, answer) = site.post("/runs", &asked);
        assert_eq!(status, 400, "{answer}");
        text(&answer["error"]).to_owned()
    };
    assert!(refused("cancelled-head", Some("leave-serves-nobody"), 2).contains("goes wrong"));
    assert_eq!(refused("downgrade", None, 99), "downgrade has 3 distinct histories");
    // A crowd is too many for the model; real threads are never the same twice.
    assert_eq!(ask("crowd", None, Some(2))["verdict"], "ordered");
    assert_eq!(ask("downgrade-stress", None, None)["history"], Value::Null);
    assert!(refused("downgrade-stress", None, 1).contains("never the same"));
}

/// Nobody but the page of this server is answered, nothing that is wrong breaks it, and no file can be read.
#[test]
fn nobody_else_is_answered() {
    let site = Site::of(registry());
    let url = site.url("/models");
    let with = |name: &str, value: &str| read(site.agent.get(&url).header(name, value).call().unwrap()).0;
    let own = format!("http://{}", site.address);
    assert_eq!(with("accept", "*/*"), 200);
    assert_eq!(with("origin", &own), 200);
    assert_eq!(with("sec-fetch-site", "same-origin"), 200);
    assert_eq!(with("host", "evil.example"), 421);
    assert_eq!(with("host", &format!("evil.example:{}", site.address.port())), 421);
    assert_eq!(with("origin", "http://evil.example"), 403);
    assert_eq!(with("origin", "null"), 403);
    assert_eq!(with("sec-fetch-site", "cross-site"), 403);

    // A form of another site can send no JSON.
    let plain = site.agent.post(site.url("/cases")).content_type("text/plain").send("{\"model\":\"paxos\"}").unwrap();
    assert_eq!(plain.status(), 415);
    for (body, status) in [
        (json!({ "model": "no such" }), 400),
        (json!({ "model": "single-decree-paxos", "bound": "no such" }), 400),
        (json!({ "model": "single-decree-paxos", "set": { "acceptors": "many" } }), 400),
        (json!({ "model": "single-decree-paxos", "mutant": "../../etc/passwd" }), 400),
        (json!({ "model": "single-decree-paxos", "more": 1 }), 422),
        (json!([]), 422),
    ] {
        let (found, answer) = site.post("/cases", &body);
        assert_eq!(found, status, "{body}");
        assert!(!text(&answer["error"]).is_empty(), "{answer}");
    }
    let opened = site.ask("/cases", &json!({ "model": "two-phase-commit" }));
    let case = text(&opened["case"]);
    for path in [
        "/cases/none/states/0000000000000000".to_owned(),
        format!("/cases/{case}/states/0000000000000000"),
        format!("/cases/{case}/neighbourhood?around=0000000000000000"),
        "/counterexamples/..%2F..%2F..%2Fetc%2Fpasswd".to_owned(),
        "/counterexamples/%2Fetc%2Fpasswd".to_owned(),
        "/nothing".to_owned(),
    ] {
        let (status, answer) = site.get(&path);
        assert_eq!((status, text(&answer["error"]).is_empty()), (404, false), "{path}: {answer}");
    }
    for path in [
        format!("/cases/{case}/states/x"),
        format!("/cases/{case}/clusters?by=x"),
        format!("/cases/{case}/clusters?many=1"),
    ] {
        assert_eq!(site.get(&path).0, 400, "{path}");
    }
    for (path, body) in [
        (format!("/cases/{case}/walk"), json!({ "from": opened["initial"][0], "steps": 1_000_000, "seed": 0 })),
        ("/counterexamples".to_owned(), json!({ "schema": 1 })),
        ("/counterexamples".to_owned(), json!("<script>alert(1)</script>")),
        ("/runs".to_owned(), json!({ "kind": "trace", "text": "{\"trace\":1}" })),
        ("/runs".to_owned(), json!({ "kind": "trace", "text": "" })),
        ("/runs".to_owned(), json!({ "kind": "seed", "system": "no such", "seed": 0 })),
        ("/runs".to_owned(), json!({ "kind": "case", "system": "two-phase-commit", "case": "hand-over" })),
        ("/runs".to_owned(), json!({ "kind": "case", "system": "lock-table", "case": "--help" })),
        ("/runs".to_owned(), json!({ "kind": "case", "system": "lock-table", "case": "downgrade", "history": 0 })),
        ("/runs".to_owned(), json!({ "kind": "case", "system": "lock-table", "case": "downgrade", "history": 99 })),
        ("/runs".to_owned(), json!({ "kind": "case", "system": "lock-table", "case": "downgrade", "mutant": "no" })),
    ] {
        let (status, answer) = site.post(&path, &body);
        assert_eq!((status, text(&answer["error"]).is_empty()), (400, false), "{path}: {answer}");
    }
    let mut files = site.agent.get(format!("http://{}/../../Cargo.toml", site.address)).call().unwrap();
    assert!(files.status() == 404 || !files.body_mut().read_to_string().unwrap().contains("[package]"));
    let page = site.agent.get(format!("http://{}/", site.address)).call().unwrap();
    let policy = page.headers().get("content-security-policy").unwrap().to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    // It is still there.
    assert_eq!(site.get("/models").0, 200);
}

/// A search lets others in between, and ends when nobody waits for it any more.
#[test]
fn a_long_search_keeps_nobody_waiting() {
    let site = Site::of(registry());
    let opened = site.ask("/cases", &json!({ "model": "single-decree-paxos", "bound": "deep" }));
    let (case, start) = (text(&opened["case"]).to_owned(), text(&opened["initial"][0]).to_owned());
    let goal = json!({ "from": start, "goal": { "kind": "predicate", "text": "size(msgs) < 0" } });
    // Five leave at once; with four turns for searches, the sixth would wait for theirs.
    for _ in 0..5 {
        let config = ureq::Agent::config_builder().timeout_global(Some(Duration::from_millis(300)));
        let agent: ureq::Agent = config.build().into();
        assert!(agent.post(site.url(&format!("/cases/{case}/find"))).send_json(&goal).is_err(), "it takes longer");
    }
    let begun = std::time::Instant::now();
    site.state(&case, &start);
    let found = site.ask(
        &format!("/cases/{case}/find"),
        &json!({ "from": start, "goal": { "kind": "predicate", "text": "size(msgs) == 1" } }),
    );
    assert_eq!(list(&found["path"]["steps"]).len(), 1);
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    // One that is under way, beside what others do.
    let bounded = json!({ "from": start, "goal": goal["goal"], "states": 60_000 });
    std::thread::scope(|scope| {
        let long = scope.spawn(|| site.ask(&format!("/cases/{case}/find"), &bounded));
        let mut looked = 0;
        while !long.is_finished() {
            site.state(&case, &start);
            looked += 1;
        }
        let found = long.join().unwrap();
        assert_eq!((&found["path"], &found["exhaustive"]), (&Value::Null, &json!(false)));
        assert!(looked > 3, "others were answered {looked} times");
    });
}

/// The description of the API names every path that answers, and each of them answers.
#[test]
fn the_description_is_of_what_answers() {
    let site = Site::of(registry());
    let (_, document) = site.get("/openapi.json");
    let opened = site.ask("/cases", &json!({ "model": "two-phase-commit" }));
    let (case, state) = (text(&opened["case"]), text(&opened["initial"][0]));
    let paths = document["paths"].as_object().unwrap();
    for (path, methods) in paths {
        let path = path.trim_start_matches("/api/v1").replace("{case}", case).replace("{state}", state);
        if methods.get("get").is_some() && !path.ends_with("/events") {
            let (status, answer) = site.get(&path);
            assert!(status == 200 || !text(&answer["error"]).contains("no such path"), "{path}: {answer}");
        }
        if methods.get("post").is_some() {
            let (status, answer) = site.post(&path, &json!({ "strange": 1 }));
            assert!(status != 404 && status != 405, "{path}: {answer}");
        }
    }
    assert_eq!(paths.len(), 20);
}

/// The whole graph is summarised without losing a state, and says what it leaves out.
#[test]
fn clusters_and_points_are_the_whole_graph() {
    let site = Site::of(registry());
    let opened = site.ask("/cases", &json!({ "model": "two-phase-commit" }));
    let case = text(&opened["case"]);
    let counts = TwoPhase::bounds()[0].counts.unwrap();
    for by in ["depth", "field:tm_state", "predicate:size(tm_prepared)%20%3E%200", "field:nothing"] {
        let (status, whole) = site.get(&format!("/cases/{case}/clusters?by={by}"));
        assert_eq!((status, &whole["exhaustive"]), (200, &json!(true)), "{whole}");
        let sum = |part: &str, of: &str| list(&whole[part]).iter().filter_map(|one| one[of].as_u64()).sum::<u64>();
        assert_eq!(sum("clusters", "states"), counts.distinct, "{by}");
        assert_eq!(sum("edges", "steps") + list(&opened["initial"]).len() as u64, counts.generated, "{by}");
    }
    let (_, points) = site.get(&format!("/cases/{case}/points"));
    assert_eq!(list(&points["ids"]).len() as u64, counts.distinct);
    let depth = list(&points["depth"]).iter().filter_map(Value::as_u64).max().unwrap();
    assert_eq!(depth + 1, counts.depth);
    let (_, part) = site.get(&format!("/cases/{case}/points?states=10"));
    assert_eq!(part["exhaustive"], false);
    let around = text(&opened["initial"][0]);
    let (_, near) = site.get(&format!("/cases/{case}/neighbourhood?around={around}&layers=3&nodes=5"));
    assert_eq!(list(&near["nodes"]).len(), 5);
    assert!(near["left_out"].as_u64().unwrap() > 0);
}
