//! Who says what to whom, the state as it is shown, and the parts of what must be true.

use super::properties::{
    AT_RESOURCE, AT_SERVER, BELIEVES, FREED, HARMLESS, HEARD, NON_BLOCKING, RELEASED, REPLACED, STILL_DECIDE,
    STILL_FREE, TERMINATION,
};
use super::{
    Action, Decision, Doing, Entry, Failover, MOST_CLIENTS, MOST_SEQUENCER, Node, State, Who, of_holding, of_outcome,
};
use crate::Few;
use crate::parts::each;
use crate::problems::transaction_commit::Phase;
use proofmark_vocabulary::{Clause, Fault, Message, Scene, Value};

/// The nodes, the log, the clients, the resource and the participants.
pub(super) fn processes(m: &Failover) -> Vec<String> {
    let clients = (0..m.clients).map(|c| format!("client {c}")).chain((m.clients > 0).then(|| "resource".to_owned()));
    let participants = (0..m.participants).map(|p| format!("participant {p}"));
    (0..m.nodes).map(|n| format!("node {n}")).chain(["log".to_owned()]).chain(clients).chain(participants).collect()
}

fn log(m: &Failover) -> usize {
    m.nodes
}

fn resource(m: &Failover) -> usize {
    m.nodes + 1 + m.clients
}

fn line(m: &Failover, who: Who) -> usize {
    match who {
        Who::Node(n) => n,
        Who::Client(c) => m.nodes + 1 + c,
        Who::Participant(p) => m.nodes + 1 + m.clients + usize::from(m.clients > 0) + p,
    }
}

/// The messages of a step: what goes to the log, what masters tell, what clients and participants say.
pub(super) fn of(m: &Failover, before: &State, action: Action, _: &State) -> Scene {
    let at = |who: Who| Scene::at(line(m, who));
    let append = |n: usize| before.nodes[n].append.map_or_else(String::new, |(term, entry)| said(term, entry));
    match action {
        Action::Suspect(who) => at(who),
        Action::TakeOver(n) => at(Who::Node(n)).sends(log(m), "a term begins"),
        Action::ReadLog(n) => at_once(at(Who::Node(n)), log(m), "all entries"),
        Action::Propose(n, entry) => {
            heard(m, before, at(Who::Node(n)), entry).sends(log(m), said(before.nodes[n].term, entry))
        }
        Action::Append(n) => Scene::at(log(m)).receives(n, append(n)),
        Action::Refuse(n) => Scene::at(log(m)).receives(n, append(n)).sends(n, "refused"),
        Action::TellGrant(n, c) => at(Who::Node(n)).sends(line(m, Who::Client(c)), grant(m.tells(&before.nodes[n], c))),
        Action::TellOutcome(n, decision) => at(Who::Node(n)).sends(None, decision.name()),
        Action::Ask(c) => at(Who::Client(c)).sends(None, "asks"),
        Action::Hold(c, sequencer) => match m.teller(before, c, sequencer) {
            Some(n) => at(Who::Client(c)).receives(n, grant(sequencer)),
            None => at(Who::Client(c)),
        },
        Action::Operate(c) => {
            let text = before.sequencer.get(c).map_or_else(String::new, |of| format!("operation, sequencer {of}"));
            at_once(Scene::at(resource(m)), line(m, Who::Client(c)), &text)
        }
        Action::Release(c) => match before.sequencer.get(c) {
            Some(sequencer) => at(Who::Client(c)).sends(None, gives_back(sequencer)),
            None => at(Who::Client(c)),
        },
        Action::Prepare(p) => at(Who::Participant(p)).sends(None, "yes"),
        Action::ChooseToAbort(p) => at(Who::Participant(p)).sends(None, "no"),
        Action::Learn(p, decision) => match m.announcer(before, decision) {
            Some(n) => at(Who::Participant(p)).hears(n, decision.name()),
            None => at(Who::Participant(p)),
        },
        Action::Crash(who) => at(who).fault(Fault::Crash),
        Action::Restart(who) => at(who).fault(Fault::Restart),
    }
}

/// Something that is said and heard in the same step.
fn at_once(mut scene: Scene, from: usize, text: &str) -> Scene {
    let message = Message { from, to: scene.process, text: text.to_owned() };
    scene.sent.push(message.clone());
    scene.received.push(message);
    scene
}

/// What a master goes by when it sends the entry to the log.
fn heard(m: &Failover, s: &State, scene: Scene, entry: Entry) -> Scene {
    let participants = |set: Few, scene: Scene, text: &str| {
        set.iter().fold(scene, |scene, p| scene.hears(line(m, Who::Participant(p)), text))
    };
    match entry {
        Entry::Grant(c, _) if s.doing.get(c.into()) == Doing::Asking => {
            scene.hears(line(m, Who::Client(c.into())), "asks")
        }
        Entry::Release(c) => {
            let given_back = |of: &u8| s.released.contains(of_holding(c.into(), *of));
            let last = (0..=MOST_SEQUENCER).filter(given_back).max();
            last.map_or(scene.clone(), |of| scene.hears(line(m, Who::Client(c.into())), gives_back(of)))
        }
        Entry::Decide(Decision::Commit) => participants(s.yes, scene, "yes"),
        Entry::Decide(Decision::Abort) => participants(s.no, scene, "no"),
        _ => scene,
    }
}

fn said(term: u8, entry: Entry) -> String {
    format!("term {term}: {}", words_of(entry))
}

fn grant(sequencer: u8) -> String {
    format!("the lock is yours, sequencer {sequencer}")
}

fn gives_back(sequencer: u8) -> String {
    format!("gives back sequencer {sequencer}")
}

fn words_of(entry: Entry) -> String {
    match entry {
        Entry::Grant(c, sequencer) => format!("client {c} is granted the lock, sequencer {sequencer}"),
        Entry::Release(c) => format!("client {c} has given the lock back"),
        Entry::Revoke(c) => format!("the lock is taken away from client {c}"),
        Entry::Decide(decision) => format!("the decision is to {}", decision.name()),
    }
}

/// The kinds of action.
pub(super) const KINDS: &[&str] = &[
    "Suspect",
    "TakeOver",
    "ReadLog",
    "Append",
    "Refuse",
    "ProposeGrant",
    "ProposeRelease",
    "ProposeRevoke",
    "TellGrant",
    "Ask",
    "Hold",
    "Operate",
    "Release",
    "ProposeDecision",
    "TellOutcome",
    "Prepare",
    "ChooseToAbort",
    "Learn",
    "Crash",
    "Restart",
];

pub(super) fn kind(action: &Action) -> usize {
    match action {
        Action::Suspect(_) => 0,
        Action::TakeOver(_) => 1,
        Action::ReadLog(_) => 2,
        Action::Append(_) => 3,
        Action::Refuse(_) => 4,
        Action::Propose(_, Entry::Grant(..)) => 5,
        Action::Propose(_, Entry::Release(_)) => 6,
        Action::Propose(_, Entry::Revoke(_)) => 7,
        Action::TellGrant(..) => 8,
        Action::Ask(_) => 9,
        Action::Hold(..) => 10,
        Action::Operate(_) => 11,
        Action::Release(_) => 12,
        Action::Propose(_, Entry::Decide(_)) => 13,
        Action::TellOutcome(..) => 14,
        Action::Prepare(_) => 15,
        Action::ChooseToAbort(_) => 16,
        Action::Learn(..) => 17,
        Action::Crash(_) => 18,
        Action::Restart(_) => 19,
    }
}

/// What the constants leave nothing to do for.
pub(super) fn switched_off(m: &Failover) -> Vec<&'static str> {
    let suspects = m.wrong > 0 || m.crashes > 0;
    let mut off = Vec::new();
    if m.clients == 0 {
        off.extend(&KINDS[5..13]);
    } else if !suspects {
        off.push("ProposeRevoke");
    }
    if m.participants == 0 {
        off.extend(&KINDS[13..18]);
    }
    if m.crashes == 0 {
        off.extend(&KINDS[18..]);
    }
    if !suspects {
        off.push("Suspect");
    }
    // A node alone begins a second term when it has crashed.
    if !suspects || m.nodes == 1 && m.crashes == 0 {
        off.extend(["TakeOver", "ReadLog", "Refuse"]);
    }
    off
}

pub(super) fn words(action: &Action) -> String {
    match *action {
        Action::Suspect(who) => format!("{} is suspected", name(who)),
        Action::TakeOver(n) => format!("node {n} begins a term as its master"),
        Action::ReadLog(n) => format!("node {n} reads the log"),
        Action::Propose(n, entry) => format!("node {n} sends to the log: {}", words_of(entry)),
        Action::Append(n) => format!("the log takes what node {n} has sent"),
        Action::Refuse(n) => format!("the log refuses what node {n} has sent: its term is over"),
        Action::TellGrant(n, c) => format!("node {n} tells client {c} that it holds the lock"),
        Action::TellOutcome(n, decision) => format!("node {n} tells all to {}", decision.name()),
        Action::Ask(c) => format!("client {c} asks for the lock"),
        Action::Hold(c, sequencer) => format!("client {c} hears that it holds the lock, with sequencer {sequencer}"),
        Action::Operate(c) => format!("the resource accepts an operation of client {c}"),
        Action::Release(c) => format!("client {c} gives the lock back"),
        Action::Prepare(p) => format!("participant {p} votes yes and is prepared"),
        Action::ChooseToAbort(p) => format!("participant {p} refuses and aborts"),
        Action::Learn(p, decision) => format!("participant {p} is told to {}", decision.name()),
        Action::Crash(who) => format!("{} crashes", name(who)),
        Action::Restart(who) => format!("{} restarts", name(who)),
    }
}

fn name(who: Who) -> String {
    match who {
        Who::Node(n) => format!("node {n}"),
        Who::Client(c) => format!("client {c}"),
        Who::Participant(p) => format!("participant {p}"),
    }
}

/// The state as named fields; what the constants switch off is left out.
pub(super) fn value(m: &Failover, s: &State) -> Value {
    let everybody = || {
        let nodes = (0..m.nodes).map(Who::Node);
        nodes.chain((0..m.clients).map(Who::Client)).chain((0..m.participants).map(Who::Participant))
    };
    let among = |set: &dyn Fn(Who) -> bool| Value::set(everybody().filter(|&who| set(who)).map(name));
    let mut fields = vec![
        ("log", log_value(m, s)),
        ("nodes", Value::list(s.nodes[..m.nodes].iter().map(node_value))),
        ("down", among(&|who| s.down.contains(who.number()))),
        ("suspected", among(&|who| s.suspected.contains(who.number()))),
        ("wrong", s.wrong.into()),
        ("crashed", s.crashed.into()),
    ];
    if m.clients > 0 {
        let by = |at: usize| (at / 16 / MOST_CLIENTS, at / 16 % MOST_CLIENTS, at % 16);
        let grant = |at: usize| {
            let (n, c, sequencer) = by(at);
            format!("node {n} to client {c}: {sequencer}")
        };
        let release = |at: usize| format!("client {}: {}", at / 16, at % 16);
        fields.extend([
            ("clients", Value::list(s.doing.values(m.clients).map(Doing::name))),
            ("sequencers", Value::list(s.sequencer.values(m.clients))),
            ("granted", Value::set(s.granted.iter().map(grant))),
            ("released", Value::set(s.released.iter().map(release))),
            ("resource", s.resource.map(|(last, c)| format!("client {c}: {last}")).into()),
            ("overtaken", s.overtaken.into()),
            ("asked", s.asked.into()),
        ]);
    }
    if m.participants > 0 {
        let outcomes = Decision::ALL.into_iter().flat_map(|of| {
            (0..m.nodes)
                .filter(move |&n| s.outcomes.contains(of_outcome(n, of)))
                .map(move |n| format!("node {n}: {}", of.name()))
        });
        fields.extend([
            ("participants", Value::list(s.phases.values(m.participants).map(Phase::name))),
            ("yes", s.yes.into()),
            ("no", s.no.into()),
            ("outcomes", Value::set(outcomes)),
        ]);
    }
    Value::Record(fields.into_iter().map(|(name, value)| (name.into(), value)).collect())
}

fn log_value(m: &Failover, s: &State) -> Value {
    Value::record([
        ("term", s.log.term.into()),
        ("master", s.log.master.into()),
        ("sequencers", Value::list(s.log.sequencer.values(m.clients))),
        ("last", s.log.last.into()),
        ("revoked", s.log.revoked.into()),
        ("decision", s.log.decision.map(Decision::name).into()),
    ])
}

fn node_value(node: &Node) -> Value {
    Value::record([
        ("term", node.term.into()),
        ("read", node.read.into()),
        ("holder", node.holder.into()),
        ("last", node.last.into()),
        ("decision", node.decision.map(Decision::name).into()),
        ("append", node.append.map(|(term, entry)| said(term, entry)).into()),
    ])
}

/// The parts of the claims.
pub(super) fn clauses(m: &Failover, claim: &str, s: &State) -> Vec<Clause> {
    let phase = |p| s.phases.get(p);
    let all = |what: &str, holds: &dyn Fn(usize) -> bool| {
        each(m.participants, |p| (format!("participant {p} {what}"), holds(p)))
    };
    let clients =
        |what: &str, holds: &dyn Fn(usize) -> bool| each(m.clients, |c| (format!("client {c} {what}"), holds(c)));
    let has = |found: Phase| all(&format!("has {}", found.name()), &|p| phase(p) == found);
    match claim {
        AT_SERVER => {
            vec![Clause::new("at most one client has the lock by the log or believes so unrevoked", m.excludes(s))]
        }
        BELIEVES => clients("holds the lock if it believes so, or it was taken away", &|c| Failover::is_true(s, c)),
        AT_RESOURCE => {
            vec![Clause::new(
                "the resource has accepted nothing of an earlier holding after a later one, nor of two with one sequencer",
                !s.overtaken,
            )]
        }
        "AC1 agreement" => {
            all("contradicts no other's decision", &|p| phase(p).opposite().is_none_or(|opposite| !m.some(s, opposite)))
        }
        "AC3 commit validity" => {
            let commits = m.commits(s);
            all("has voted yes if there is a commit", &|p| s.yes.contains(p) || !commits)
        }
        "AC3 abort validity" => {
            vec![Clause::new("there is no abort, or somebody refused or was suspected", m.aborts_for_a_reason(s))]
        }
        "what is told is on the log" => {
            vec![Clause::new("every outcome that is told is the log's decision", m.on_log(s))]
        }
        "can commit" => has(Phase::Committed),
        "can abort by timeout" => {
            let mut parts = vec![Clause::new("nobody has refused", s.no == Few::NONE)];
            parts.extend(has(Phase::Aborted));
            parts
        }
        HARMLESS => {
            let harmless = |what: &str, holds| {
                Clause::new(format!("nobody is suspected wrongly, or {what}"), s.wrong == 0 || holds)
            };
            vec![
                harmless(
                    "the lock has one holder, who is right to believe so",
                    m.excludes(s) && (0..m.clients).all(|c| Failover::is_true(s, c)),
                ),
                harmless("the resource has accepted nothing too late", !s.overtaken),
                harmless("all agree, as the log says", m.agrees(s) && m.on_log(s)),
                harmless("the votes say so", m.commits_by_vote(s) && m.aborts_for_a_reason(s)),
            ]
        }
        FREED => clients("has not crashed, or does not hold the lock", &|c| !Failover::crashed_holder(s, c)),
        RELEASED => clients("has not given back what it holds", &|c| !Failover::ended_holder(s, c)),
        HEARD => vec![Clause::new("client 0 knows it if it holds the lock, or is down", !Failover::is_deaf(s))],
        STILL_FREE => clients("does not hold the lock", &|c| s.log.sequencer.get(c).is_none()),
        REPLACED => vec![Clause::new("the log's master is up and has read the log", Failover::has_master(s))],
        NON_BLOCKING => all("has decided, or is down", &|p| Failover::has_decided(s, p)),
        TERMINATION | STILL_DECIDE => all("has decided", &|p| phase(p).is_final()),
        _ => Vec::new(),
    }
}
