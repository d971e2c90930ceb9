//! The failure detector's bugs: what is planted in the model, and what must notice it.

use super::Guard;
use super::properties::{
    ACCURACY, AFTER_INDIRECT, ALIVE_AGAIN, COMPLETENESS, CONFIRMED, DOWN, EARNED, FINAL, GROW, LEAVES,
    LIFE_AFTER_CRASH, MEMBERS_TOLD, NEVER_LATER, NOT_AHEAD, ONE_PROBE, PROBES_ALIVE, REMOVED,
};
use proofmark_vocabulary::Mutant;

/// What can be planted in the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bug {
    /// A guard is dropped.
    Drop(Guard),
    /// Who is held dead is told nothing of itself, also when it says that it is alive.
    DeadNotTold,
    /// A node suspects another one as soon as its own ping is in vain, and only then asks the helpers.
    SuspectsBeforeIndirect,
    /// A node asks no helpers, and its own ping is all that a suspicion needs.
    AsksNobody,
    /// A suspicion puts who has left the list back on it.
    SuspectAdds,
    /// The timer of a suspicion is one of the member: it goes on when the member is alive in a later incarnation.
    TimerOfMember,
    /// A node refutes and keeps its incarnation.
    RefutesInPlace,
    /// That a node is alive overrides that it is suspect in the same incarnation.
    EqualAlive,
    /// What is said of an incarnation that a node cannot remember is not its affair.
    EarlierLifeIgnored,
    /// That a node is dead overrides whatever is held of it.
    DeathOfAny,
    /// A node restarts in the incarnation that is on its disk.
    RestartsInPlace,
    /// Who suspects a node does so in a later incarnation than it holds, to be heard.
    AccuserRaises,
}

pub(super) const MUTANTS: &[Mutant<Bug>] = &[
    mutant(
        "swim-mass-restart-false-dead",
        Bug::DeadNotTold,
        "restart",
        ACCURACY,
        "who is held dead is told so when it says that it is alive, or it cannot refute (hashicorp/memberlist#311, fix proposed in #345)",
    ),
    mutant(
        "swim-suspect-before-indirect",
        Bug::SuspectsBeforeIndirect,
        "ci",
        AFTER_INDIRECT,
        "one ping in vain says little: suspicion waits for the helpers (daos-stack/daos#10378)",
    ),
    mutant(
        "asks-nobody",
        Bug::AsksNobody,
        "ci",
        AFTER_INDIRECT,
        "that no helper has answered says nothing if none was asked",
    ),
    mutant(
        "swim-suspect-readds-removed",
        Bug::SuspectAdds,
        "rejoin",
        LEAVES,
        "a suspicion of somebody who has left is no news (atomix/atomix#962)",
    ),
    mutant(
        "swim-suspicion-not-per-incarnation",
        Bug::TimerOfMember,
        "final",
        ACCURACY,
        "a suspicion is of an incarnation, and so is its timer (daos-stack/daos#18547)",
    ),
    mutant(
        "refutes-in-place",
        Bug::RefutesInPlace,
        "ci",
        ACCURACY,
        "a refutation is of a later incarnation, or it is none",
    ),
    mutant(
        "equal-alive-refutes",
        Bug::EqualAlive,
        "ci",
        COMPLETENESS,
        "only the node itself can refute: an old alive is no news",
    ),
    mutant(
        "earlier-life-ignored",
        Bug::EarlierLifeIgnored,
        "two-restarts",
        ALIVE_AGAIN,
        "a node answers for incarnations that it has forgotten",
    ),
    mutant(
        "death-of-any-incarnation",
        Bug::DeathOfAny,
        "restart-durable",
        NEVER_LATER,
        "a late death is of an earlier life",
    ),
    mutant("restarts-in-place", Bug::RestartsInPlace, "restart-durable", GROW, "a life is an incarnation of its own"),
    mutant("accuser-raises", Bug::AccuserRaises, "ci", NOT_AHEAD, "only the node itself raises its incarnation"),
    mutant("drop-up", Bug::Drop(Guard::Up), "ci", DOWN, "a crash stops everything"),
    mutant("drop-receiver-up", Bug::Drop(Guard::ReceiverUp), "ci", DOWN, "who is down hears nothing"),
    mutant("drop-down", Bug::Drop(Guard::Down), "restart", LIFE_AFTER_CRASH, "who is up has nothing to begin again"),
    mutant("drop-idle", Bug::Drop(Guard::Idle), "ci", ONE_PROBE, "a probe that is given up for the next finds nobody"),
    mutant("drop-held-alive", Bug::Drop(Guard::HeldAlive), "ci", PROBES_ALIVE, "the dead are not probed"),
    mutant(
        "drop-target-up",
        Bug::Drop(Guard::TargetUp),
        "ci",
        COMPLETENESS,
        "who is down answers nobody, nor through helpers",
    ),
    mutant(
        "drop-helpers-failed",
        Bug::Drop(Guard::HelpersFailed),
        "ci",
        AFTER_INDIRECT,
        "helpers that are not waited for help nobody",
    ),
    mutant(
        "drop-suspected",
        Bug::Drop(Guard::Suspected),
        "ci",
        CONFIRMED,
        "nobody dies without a suspicion that it could have refuted",
    ),
    mutant("drop-dead", Bug::Drop(Guard::Dead), "rejoin", REMOVED, "only the dead leave"),
    mutant("drop-told", Bug::Drop(Guard::Told), "rejoin", MEMBERS_TOLD, "who has left is told nothing"),
    mutant("drop-later", Bug::Drop(Guard::Later), "ci", FINAL, "an alive that is old raises the dead"),
    mutant("drop-member", Bug::Drop(Guard::Member), "reconnects", NEVER_LATER, "an accusation adds nobody"),
    mutant(
        "drop-not-older",
        Bug::Drop(Guard::NotOlder),
        "restart-durable",
        NEVER_LATER,
        "an accusation of an earlier incarnation has been refuted",
    ),
    mutant("drop-worse", Bug::Drop(Guard::Worse), "ci", FINAL, "a suspicion comes before a death, never after"),
    mutant("drop-accused", Bug::Drop(Guard::Accused), "ci", EARNED, "who is not accused has nothing to refute"),
];

const fn mutant(
    name: &'static str,
    bug: Bug,
    bound: &'static str,
    property: &'static str,
    lesson: &'static str,
) -> Mutant<Bug> {
    Mutant { name, bug, bound, property, lesson }
}
