//! The pages of the models say what the registry says: names of claims, and what an exhaustive search finds.

use proofmark::registry;
use proofmark_harness::check::Options;
use proofmark_harness::registry::Row;
use proofmark_harness::report::count;
use proofmark_vocabulary::Profile;
use std::fs;
use std::path::Path;

/// Every bound has its line in a table, which begins with its name and has its counts, if it has been exhausted.
fn page_counts(row: &Row, page: &str) {
    for bound in &row.bounds {
        let name = format!("| `{}` |", bound.name);
        let counts = bound.counts.map(|counts| [counts.distinct, counts.generated, counts.depth].map(count));
        let counts = counts.map_or_else(|| "| | | |".to_owned(), |counts| format!("| {} |", counts.join(" | ")));
        let is_told = page.lines().any(|line| line.starts_with(&name) && line.contains(&counts));
        assert!(is_told, "the page of {} has no line {name} … {counts}", row.name);
    }
}

/// Every claim and every mutant is named.
fn page_names(row: &Row, page: &str) {
    for bound in &row.bounds {
        let case = row.case(Some(bound.name), &[], None).expect("the bound exists");
        for claim in case.subject.claims() {
            assert!(page.contains(&format!("`{}`", claim.name)), "the page of {} lacks {}", row.name, claim.name);
        }
    }
    for mutant in &row.mutants {
        assert!(page.contains(&format!("`{}`", mutant.name)), "the page of {} lacks {}", row.name, mutant.name);
    }
}

/// The pages that have a table of bounds: the older ones tell of a few of them in words, and not of every claim.
#[test]
fn pages_with_a_table_of_bounds_say_what_the_registry_says() {
    let mut tables = Vec::new();
    for row in registry().rows() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/models").join(row.name).with_extension("md");
        let page = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        if page.contains("| bound | ") && page.contains(" | distinct | generated | depth |") {
            page_counts(row, &page);
            tables.push(row.name);
        }
        if WHOLE.contains(&row.name) {
            page_names(row, &page);
        }
    }
    assert!(WHOLE.iter().all(|name| tables.contains(name)), "{tables:?}");
}

/// The map of the models has a line for each, with its bounds of `ci` and the bytes of a state.
#[test]
fn the_map_has_every_model() {
    let map = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/models/README.md")).unwrap();
    for row in registry().rows() {
        let name = row.name;
        let case = row.case(None, &[], None).expect("its first bound is a choice of its own");
        let bytes = case.check(&Options::default(), &()).expect("the options fit").state_bytes;
        let bounds = row.bounds.iter().filter(|bound| bound.profile == Profile::Ci).count();
        let (begins, goes_on) = (format!("| [{name}]({name}.md) |"), format!("| {bounds} | {bytes} |"));
        let is_told = map.lines().any(|line| line.starts_with(&begins) && line.contains(&goes_on));
        assert!(is_told, "docs/models/README.md has no line {begins} … {goes_on}");
    }
}

/// The pages that tell everything.
const WHOLE: [&str; 11] = [
    "register",
    "paxos",
    "raft",
    "failure-detector",
    "distributed-transactions",
    "paxos-commit",
    "failover",
    "lease-lock",
    "lock-service",
    "ownership",
    "sharding",
];
