//! The bugs of the entry machine, and what each link must say of them. A link that is not named must miss the bug.

use super::{FOUND, REFINES, UNUSED};
use proofmark_harness::links::{self, CodeMutant, Link};
use proofmark_impl::locks::table::Bug;

pub(super) const MUTANTS: &[CodeMutant<Bug>] = &[
    CodeMutant {
        name: "barges",
        bug: Bug::Barges,
        bound: "ci",
        expected: &[(Link::L1, REFINES), (Link::L2, "holders"), (Link::L3, "Request")],
        lesson: "who comes later waits behind who waits, or writers starve",
    },
    CodeMutant {
        name: "compares-with-first-holder",
        bug: Bug::ComparesWithFirstHolder,
        bound: "modes",
        expected: &[(Link::L1, REFINES), (Link::L2, "holders"), (Link::L5, links::LINEARIZABLE)],
        lesson: "a mode is compatible with a group when it is with each of it",
    },
    CodeMutant {
        name: "rwmutex-fetchsub-prev-value",
        bug: Bug::ServesByPreviousCount,
        bound: "ci",
        expected: &[(Link::L1, REFINES), (Link::L2, "holders"), (Link::L3, "Release")],
        lesson: "the last to leave is told by the count after it, not before (asterinas/asterinas#1303)",
    },
    CodeMutant {
        name: "downgrade-serves-nobody",
        bug: Bug::DowngradeServesNobody,
        bound: "ci",
        expected: &[(Link::L1, REFINES), (Link::L2, "holders"), (Link::L3, "Downgrade")],
        lesson: "whatever makes room serves who waits for it",
    },
    CodeMutant {
        name: "leave-serves-nobody",
        bug: Bug::LeaveServesNobody,
        bound: "ci",
        expected: &[(Link::L1, REFINES), (Link::L2, "waiters"), (Link::L3, "Cancel")],
        lesson: "who gives up may be what others waited behind",
    },
    CodeMutant {
        name: "serves-one",
        bug: Bug::ServesOne,
        bound: "ci",
        expected: &[(Link::L1, REFINES), (Link::L2, "holders"), (Link::L3, "Release")],
        lesson: "readers are granted as a group",
    },
    CodeMutant {
        name: "upgrade-ignores-holders",
        bug: Bug::UpgradeIgnoresHolders,
        bound: "ci",
        expected: &[(Link::L1, REFINES), (Link::L2, "holders"), (Link::L3, "Upgrade"), (Link::L5, links::LINEARIZABLE)],
        lesson: "to hold a key already is no reason to hold it alone",
    },
    CodeMutant {
        name: "upgrade-queues-last",
        bug: Bug::UpgradeQueuesLast,
        bound: "ci",
        expected: &[(Link::L1, REFINES), (Link::L2, "waiters"), (Link::L3, "Upgrade")],
        lesson: "who waits behind who waits for it waits for ever",
    },
    CodeMutant {
        name: "rwlock-upgrade-not-atomic",
        bug: Bug::UpgradeReleasesFirst,
        bound: "ci",
        expected: &[(Link::L1, REFINES), (Link::L2, "holders"), (Link::L3, "Upgrade"), (Link::L5, links::LINEARIZABLE)],
        lesson: "an upgrade that releases first lets a writer in between (awslabs/shuttle#351)",
    },
    CodeMutant {
        name: "leave-forgets-holding",
        bug: Bug::LeaveForgetsHolding,
        bound: "ci",
        expected: &[(Link::L1, REFINES), (Link::L2, "holders"), (Link::L3, "Cancel"), (Link::L5, links::LINEARIZABLE)],
        lesson: "who no longer waits to be upgraded holds what it held",
    },
    CodeMutant {
        name: "rwlock-upgradable-deadlock",
        bug: Bug::QueueBlocksNobody,
        bound: "ci",
        expected: &[(Link::L1, FOUND), (Link::L3, "Victim")],
        lesson: "who waits waits for those before it, too (Amanieu/parking_lot#101)",
    },
    CodeMutant {
        name: "oldest-is-victim",
        bug: Bug::OldestIsVictim,
        bound: "ci",
        expected: &[(Link::L1, REFINES), (Link::L2, "waiters"), (Link::L3, "Victim")],
        lesson: "the youngest leaves, so that somebody gets older",
    },
    CodeMutant {
        name: "joiner-keeps-generation",
        bug: Bug::JoinerKeepsGeneration,
        bound: "modes",
        expected: &[(Link::L1, REFINES), (Link::L2, "holders"), (Link::L5, links::LINEARIZABLE)],
        lesson: "who has gone may still write: a joiner that conflicts with it must be told from it",
    },
    CodeMutant {
        name: "conversion-keeps-sequencer",
        bug: Bug::ConversionKeepsSequencer,
        bound: "ci",
        expected: &[(Link::L1, REFINES), (Link::L2, "holders"), (Link::L5, links::LINEARIZABLE)],
        lesson: "what was held in a weaker mode is another holding",
    },
    CodeMutant {
        name: "keeps-unused",
        bug: Bug::KeepsUnused,
        bound: "ci",
        expected: &[(Link::L1, UNUSED)],
        lesson: "an entry for every key that was ever locked is a leak",
    },
];
