//! Sharding in words, who says what to whom, and the parts of what must be true.

use super::properties::{
    ABORTS, ACKNOWLEDGED, CAN_END, ENDS, GIVES_UP, LEARNS, NEVER_LOST, ONE_SERVES, ONE_VIEW, is_kept, one_serves,
};
use super::{ARCS, Action, NODES, Sharding, State, VIEWS};
use crate::parts::each;
use proofmark_vocabulary::{Clause, Fault, Message, Scene, Value};

pub(super) const KINDS: &[&str] = &[
    "Publish",
    "Learn",
    "Send",
    "Serve",
    "Advance",
    "Copy",
    "Receive",
    "Count",
    "Freeze",
    "Switch",
    "Install",
    "Finish",
    "Abort",
    "GiveUp",
    "CleanUp",
    "Sync",
    "Crash",
    "Restart",
    "BeginRead",
    "ReadArc",
    "AbandonRead",
];

pub(super) const fn kind(action: &Action) -> usize {
    match action {
        Action::Publish(..) => 0,
        Action::Learn(..) => 1,
        Action::Send(..) => 2,
        Action::Serve(..) => 3,
        Action::Advance(..) => 4,
        Action::Copy(..) => 5,
        Action::Receive(..) => 6,
        Action::Count(..) => 7,
        Action::Freeze(..) => 8,
        Action::Switch(..) => 9,
        Action::Install(..) => 10,
        Action::Finish(..) => 11,
        Action::Abort(..) => 12,
        Action::GiveUp(..) => 13,
        Action::CleanUp(..) => 14,
        Action::Sync(_) => 15,
        Action::Crash(_) => 16,
        Action::Restart(_) => 17,
        Action::BeginRead(_) => 18,
        Action::ReadArc(_) => 19,
        Action::AbandonRead => 20,
    }
}

pub(super) fn words(m: &Sharding, action: Action) -> String {
    match action {
        Action::Publish(view, map) => {
            let owners: Vec<_> =
                (0..m.arcs).map(|arc| format!("arc {arc} is node {}'s", map >> (2 * arc) & 3)).collect();
            format!("the configuration publishes view {view}: {}", owners.join(", "))
        }
        Action::Learn(router, view) => format!("router {router} is told of view {view}"),
        Action::Send(router, write) => format!("router {router} sends write {write} to whom it takes for the owner"),
        Action::Serve(node, view, write) => {
            format!("node {node} takes write {write}, sent in view {view}, and says so")
        }
        Action::Advance(node, arc) => format!("node {node} goes on to the next view of arc {arc}"),
        Action::Copy(node, key) => format!("node {node} copies key {key} to the next owner"),
        Action::Receive(node, view, content) => format!("node {node} receives the {}", copied(m, view, content)),
        Action::Count(node, view, content) => {
            format!("node {node} counts the receipt of the {}", copied(m, view, content))
        }
        Action::Freeze(node, arc) => format!("node {node} refuses writes of arc {arc} from now on"),
        Action::Switch(node, arc) => format!("node {node} gives arc {arc} away"),
        Action::Install(node, view, arc) => format!("node {node} begins to serve arc {arc} in view {view}"),
        Action::Finish(node, arc) => format!("node {node} learns that arc {arc} has arrived"),
        Action::Abort(node, arc) => format!("node {node} keeps arc {arc}, since there is a later view"),
        Action::GiveUp(node, view, arc) => {
            format!("node {node} learns that the handoff of arc {arc} in view {view} was aborted")
        }
        Action::CleanUp(node, arc) => format!("node {node} deletes what it has of arc {arc}"),
        Action::Sync(node) => format!("node {node} syncs its disk"),
        Action::Crash(node) => format!("node {node} crashes"),
        Action::Restart(node) => format!("node {node} restarts"),
        Action::BeginRead(router) => format!("router {router} begins to read all keys"),
        Action::ReadArc(arc) => format!("the read goes on to arc {arc}"),
        Action::AbandonRead => "the read is given up".into(),
    }
}

pub(super) fn switched_off(m: &Sharding) -> Vec<&'static str> {
    let off = [
        (2..4, m.writes == 0),
        (12..14, m.views < 3),
        (14..15, !m.clean_up),
        (15..16, m.synchronous),
        (16..18, m.crashes == 0),
        (18..21, m.reads == 0),
    ];
    off.into_iter().filter(|(_, off)| *off).flat_map(|(kinds, _)| KINDS[kinds].iter().copied()).collect()
}

/// The configuration, the routers and the clients behind them as one, then the nodes.
pub(super) fn processes(m: &Sharding) -> Vec<String> {
    let nodes = (0..m.nodes).map(|node| format!("node {node}"));
    ["configuration".into(), "routers".into()].into_iter().chain(nodes).collect()
}

const CONFIGURATION: usize = 0;
const ROUTERS: usize = 1;

const fn line(node: usize) -> usize {
    node + 2
}

fn requested(view: usize, write: usize) -> String {
    format!("write {write} in view {view}")
}

fn copied(m: &Sharding, view: usize, content: usize) -> String {
    let (key, writes) = m.of_content(content);
    format!("copy of key {key} for view {view}: {writes:?}")
}

fn received(m: &Sharding, view: usize, content: usize) -> String {
    let (key, writes) = m.of_content(content);
    format!("received key {key} for view {view}: {writes:?}")
}

fn switched(view: usize, arc: usize) -> String {
    format!("arc {arc} is yours in view {view}")
}

fn installed(view: usize, arc: usize) -> String {
    format!("arc {arc} is mine in view {view}")
}

fn aborted(view: usize, arc: usize) -> String {
    format!("arc {arc} is not yours in view {view}")
}

/// The donor of a handoff: the owner in the newest view before it to which the arc has come.
fn donor_of(s: &State, view: usize, arc: usize) -> usize {
    let came = (0..view).rev().find(|&kept| !s.has_aborted(kept, arc));
    s.owner(came.unwrap_or(0), arc)
}

/// What a step sends and receives.
pub(super) fn of(m: &Sharding, before: &State, action: Action, after: &State) -> Scene {
    let donor = |view: usize, arc: usize| line(donor_of(before, view, arc));
    let arc_of = |content: usize| m.arc_of(m.of_content(content).0);
    let copy = |view: usize, content: usize, to: usize| Message {
        from: donor(view, arc_of(content)),
        to: Some(line(to)),
        text: copied(m, view, content),
    };
    let receipt = |view: usize, content: usize, from: usize| Message {
        from: line(from),
        to: Some(donor(view, arc_of(content))),
        text: received(m, view, content),
    };
    let switch = |view: usize, arc: usize, to: usize| Message {
        from: donor(view, arc),
        to: Some(line(to)),
        text: switched(view, arc),
    };
    let abort = |view: usize, arc: usize, to: usize| Message {
        from: donor(view, arc),
        to: Some(line(to)),
        text: aborted(view, arc),
    };
    let installed = |view: usize, arc: usize, from: usize| Message {
        from: line(from),
        to: Some(donor(view, arc)),
        text: installed(view, arc),
    };
    let request = |view: usize, write: usize, node: usize| Message {
        from: ROUTERS,
        to: Some(line(node)),
        text: requested(view, write),
    };
    let published = |view| Message { from: CONFIGURATION, to: None, text: format!("view {view}") };
    let at = |action: Action| action.node().map_or(ROUTERS, line);
    let mut scene = Scene::at(at(action));
    match action {
        Action::Publish(view, _) => {
            scene.process = Some(CONFIGURATION);
            scene.sent.push(published(view));
        }
        Action::Learn(_, view) if view > 0 => scene.received.push(published(view)),
        Action::Send(router, write) => {
            let view = usize::from(before.routers[router]);
            scene.sent.push(request(view, write, before.owner(view, m.arc_of(write % m.keys))));
        }
        Action::Serve(node, view, write) => {
            scene.received.push(request(view, write, node));
            if after.acknowledged.contains(write) {
                let text = format!("write {write} is done");
                scene.sent.push(Message { from: line(node), to: Some(ROUTERS), text });
            }
        }
        Action::Copy(node, key) => {
            let view = usize::from(before.roles[node][m.arc_of(key)].view);
            scene.sent.push(copy(
                view,
                m.content(key, m.to_copy(before, node, key)),
                before.owner(view, m.arc_of(key)),
            ));
        }
        Action::Receive(node, view, content) => {
            scene.received.push(copy(view, content, node));
            if after.receipts[view] >> (content * NODES + node) & 1 == 1 {
                scene.sent.push(receipt(view, content, node));
            }
        }
        Action::Count(_, view, content) => {
            let from = (0..NODES).filter(|node| before.receipts[view] >> (content * NODES + node) & 1 == 1);
            scene.received.extend(from.map(|node| receipt(view, content, node)));
        }
        Action::Switch(node, arc) => {
            let view = usize::from(before.roles[node][arc].view);
            scene.sent.push(switch(view, arc, before.owner(view, arc)));
        }
        Action::Install(node, view, arc) => {
            if before.switches[view] >> (arc * NODES + node) & 1 == 1 {
                scene.received.push(switch(view, arc, node));
            }
            if after.installed[view] >> (arc * NODES + node) & 1 == 1 {
                scene.sent.push(installed(view, arc, node));
            }
        }
        Action::Finish(node, arc) => {
            let view = usize::from(before.roles[node][arc].view);
            let from = (0..NODES).filter(|from| before.installed[view] >> (arc * NODES + from) & 1 == 1);
            scene.received.extend(from.map(|from| installed(view, arc, from)));
        }
        Action::Abort(node, arc) if after.aborts != before.aborts => {
            let view = usize::from(before.roles[node][arc].view);
            scene.sent.push(abort(view, arc, before.owner(view, arc)));
        }
        Action::GiveUp(node, view, arc) if before.aborts[view] >> (arc * NODES + node) & 1 == 1 => {
            scene.received.push(abort(view, arc, node));
        }
        Action::Crash(_) => scene.fault = Some(Fault::Crash),
        Action::Restart(_) => scene.fault = Some(Fault::Restart),
        _ => {}
    }
    scene
}

/// The parts of the claims.
pub(super) fn clauses(m: &Sharding, claim: &str, s: &State) -> Vec<Clause> {
    match claim {
        ONE_SERVES => each(m.arcs, |arc| (format!("at most one node serves arc {arc}"), one_serves(m, s, arc))),
        ONE_VIEW => each(m.views, |view| {
            (format!("at most one map is published as view {view}"), s.published[view].count_ones() <= 1)
        }),
        NEVER_LOST => each(m.writes, |write| {
            (format!("whoever has the key of write {write} has it if it is acknowledged"), is_kept(m, s, write))
        }),
        ENDS | CAN_END => each(m.arcs, |arc| {
            (format!("the owner in the newest view serves arc {arc}, and no donor waits"), m.is_settled_arc(s, arc))
        }),
        ABORTS => {
            each(m.arcs, |arc| (format!("no donor of arc {arc} waits for who is down"), !m.waits_for_dead_arc(s, arc)))
        }
        GIVES_UP => each(m.arcs, |arc| {
            (format!("nobody waits for the rest of arc {arc} in vain"), !m.leaves_behind_arc(s, arc))
        }),
        LEARNS => each(m.routers, |router| {
            (format!("router {router} knows the newest view"), usize::from(s.routers[router]) == s.latest())
        }),
        ACKNOWLEDGED => {
            each(m.writes, |write| (format!("write {write} is acknowledged"), s.acknowledged.contains(write)))
        }
        _ => Vec::new(),
    }
}

/// The state as named fields.
pub(super) fn value(m: &Sharding, s: &State) -> Value {
    let map = |view: usize| Value::list((0..m.arcs).map(|arc| s.owner(view, arc)));
    let role = |node: usize, arc: usize| {
        let role = s.roles[node][arc];
        Value::record([("phase", role.phase.name().into()), ("view", role.view.into())])
    };
    let node = |node: usize| {
        let fields = [
            ("arcs", Value::list((0..m.arcs).map(|arc| role(node, arc)))),
            ("data", Value::list(s.data[node][..m.keys].iter().copied())),
            ("disk", Value::list(s.disk[node][..m.keys].iter().copied())),
            ("counted", s.counted[node].into()),
            ("is_down", s.down.contains(node).into()),
        ];
        Value::record(fields)
    };
    // Messages of a mask, each with the node that it is addressed to, or comes from.
    let messages = |masks: [u32; VIEWS], whose: &str, text: &dyn Fn(usize, usize) -> String| {
        let of_view = |view: usize| (0..u32::BITS as usize).map(move |bit| (view, bit));
        let sent = (0..m.views).flat_map(of_view).filter(|&(view, bit)| masks[view] >> bit & 1 == 1);
        Value::set(sent.map(|(view, bit)| format!("{}, {whose} node {}", text(view, bit / NODES), bit % NODES)))
    };
    let read = Value::record([
        ("left", s.read.left.into()),
        ("router", s.read.router.into()),
        ("view", s.read.view.into()),
        ("versions", Value::list(s.read.versions)),
        ("holders", Value::list(s.read.holders)),
        ("due", s.read.due.into()),
    ]);
    Value::record([
        ("views", Value::list((0..=s.latest()).map(map))),
        ("routers", Value::list(s.routers[..m.routers].iter().copied())),
        ("nodes", Value::list((0..m.nodes).map(node))),
        ("requests", messages(s.requests.map(u32::from), "to", &requested)),
        ("copies", messages(s.copies, "to", &|view, content| copied(m, view, content))),
        ("receipts", messages(s.receipts, "from", &|view, content| received(m, view, content))),
        ("switches", messages(s.switches.map(u32::from), "to", &switched)),
        ("installed", messages(s.installed.map(u32::from), "from", &installed)),
        ("aborts", messages(s.aborts.map(u32::from), "to", &aborted)),
        ("acknowledged", s.acknowledged.into()),
        ("crashed", s.crashed.into()),
        ("interrupted", Value::set(s.interrupted.iter().map(|at| format!("arc {} at node {}", at % ARCS, at / ARCS)))),
        ("begun", s.begun.into()),
        ("read", read),
        ("missed", s.missed.into()),
    ])
}
