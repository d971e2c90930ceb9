//! Sharding refines ownership: messages, roles and views are how a key comes to have one server at a time.

use super::{Action, Phase, Sharding, State};
use crate::Few;
use crate::problems::ownership::{self, Ownership};
use proofmark_vocabulary::Refinement;

/// A node that serves an arc serves its keys. What is written of a key is what all have that serve it; between two
/// servers, what the donor has.
pub(super) struct ServesKeys(Sharding, Ownership);

impl ServesKeys {
    pub(super) fn new(m: &Sharding) -> Self {
        Self(m.clone(), Ownership::of(m.nodes, m.keys, m.writes))
    }
}

impl Sharding {
    /// The nodes whose data of an arc count: those that serve it, or else who was the last to.
    pub(super) fn holders(&self, s: &State, arc: usize) -> Few {
        let serving: Few = (0..self.nodes).filter(|&node| s.roles[node][arc].serves()).collect();
        if !serving.is_empty() {
            return serving;
        }
        let gives = |&node: &usize| matches!(s.roles[node][arc].phase, Phase::Frozen | Phase::Switched);
        (0..self.nodes).filter(gives).max_by_key(|&node| s.roles[node][arc].view).into_iter().collect()
    }

    /// Whether whoever counts has the write.
    pub(super) fn keeps(&self, s: &State, write: usize) -> bool {
        let key = write % self.keys;
        let holders = self.holders(s, self.arc_of(key));
        !holders.is_empty() && holders.iter().all(|node| s.data[node][key].contains(write))
    }
}

impl Refinement for ServesKeys {
    type Concrete = State;
    type Event = Action;
    type Spec = Ownership;

    fn spec(&self) -> &Ownership {
        &self.1
    }

    fn abstraction(&self, s: &State) -> ownership::State {
        let m = &self.0;
        let mut abstracted =
            ownership::State { acknowledged: s.acknowledged.iter().collect(), ..ownership::State::default() };
        for key in 0..m.keys {
            let serves = |&node: &usize| s.roles[node][m.arc_of(key)].serves();
            abstracted.serving[key] = (0..m.nodes).filter(serves).collect();
        }
        abstracted.written = (0..m.writes).filter(|&write| m.keeps(s, write)).collect();
        abstracted
    }

    fn reads_same(&self, before: &State, after: &State) -> bool {
        before.roles == after.roles && before.data == after.data && before.acknowledged == after.acknowledged
    }

    fn witness(&self, before: &State, event: &Action, after: &State) -> Vec<ownership::Action> {
        let m = &self.0;
        match *event {
            // What is acknowledged already is written, or was, and is not acknowledged anew.
            Action::Serve(node, _, write) if before.acknowledged == after.acknowledged => {
                vec![ownership::Action::Write(node, write)]
            }
            Action::Serve(node, _, write) => {
                vec![ownership::Action::Write(node, write), ownership::Action::Acknowledge(write)]
            }
            Action::Freeze(node, arc) => m.keys_of(arc).map(|key| ownership::Action::Yield(node, key)).collect(),
            // Who aborts a handoff before it refuses writes has the keys still, and takes what it has.
            Action::Install(node, _, arc) | Action::Abort(node, arc) => {
                m.keys_of(arc).map(|key| ownership::Action::Take(node, key)).collect()
            }
            // What was not synced is lost. Who has crashed when it served nothing, and had not given the arc away, will
            // serve it again.
            Action::Crash(node) => {
                let lost = |&write: &usize| m.keeps(before, write) && !m.keeps(after, write);
                let lost = (0..m.writes).filter(lost).map(ownership::Action::Lose);
                let serves = |&key: &usize| after.roles[node][m.arc_of(key)].serves();
                let takes = (0..m.keys).filter(serves).map(|key| ownership::Action::Take(node, key));
                lost.chain(takes).collect()
            }
            _ => vec![],
        }
    }
}
