//! Who may import whom. That model and code are independent witnesses is a fact of the manifests, and it is read
//! here: dev- and build-dependencies count as much as any other.

use cargo_metadata::{MetadataCommand, Package};
use std::collections::BTreeMap;
use std::path::Path;

/// What a crate of ours may import: crates of ours by name, and whether Stateright. A crate that is not listed is a
/// violation, so a new one is entered here before it is built.
const RULE: &[Row] = &[
    Row { name: "proofmark-core", ours: &[], stateright: false },
    Row { name: "proofmark-impl", ours: &["proofmark-core"], stateright: false },
    // The sources of the lock table, compiled against other threads.
    Row { name: "proofmark-loom", ours: &[], stateright: false },
    Row { name: "proofmark-shuttle", ours: &[], stateright: false },
    Row { name: "proofmark-stress", ours: &[], stateright: false },
    Row { name: "proofmark-vocabulary", ours: &[], stateright: true },
    Row { name: "proofmark-models", ours: &["proofmark-vocabulary"], stateright: true },
    Row { name: "proofmark-harness", ours: &["proofmark-core", "proofmark-vocabulary"], stateright: true },
    Row {
        name: "proofmark",
        ours: &[
            "proofmark-core",
            "proofmark-impl",
            "proofmark-loom",
            "proofmark-shuttle",
            "proofmark-stress",
            "proofmark-vocabulary",
            "proofmark-models",
            "proofmark-harness",
        ],
        stateright: true,
    },
    // A workspace of its own: nothing else builds it, and nothing may import it.
    Row {
        name: "proofmark-benches",
        ours: &["proofmark", "proofmark-impl", "proofmark-vocabulary", "proofmark-models", "proofmark-harness"],
        stateright: true,
    },
];

struct Row {
    name: &'static str,
    ours: &'static [&'static str],
    stateright: bool,
}

/// Packages by name, each with the names of everything that its manifest imports, whatever the section.
type Graph = BTreeMap<String, Vec<String>>;

/// Every import that the rule does not allow, as a sentence.
fn violations(graph: &Graph) -> Vec<String> {
    let mut found = Vec::new();
    for (name, imports) in graph {
        let Some(row) = RULE.iter().find(|row| row.name == name) else {
            found.push(format!("{name} has no row in the rule"));
            continue;
        };
        for import in imports {
            let ours = import.starts_with("proofmark") || graph.contains_key(import);
            let allowed = match import.as_str() {
                "stateright" => row.stateright,
                ours_by_name if ours => row.ours.contains(&ours_by_name),
                _ => true,
            };
            if !allowed {
                found.push(format!("{name} may not import {import}"));
            }
        }
    }
    found
}

/// The packages of a workspace of ours. Only manifests are read: no dependency is resolved or downloaded.
fn workspace(manifest: &Path) -> Graph {
    let metadata = MetadataCommand::new().manifest_path(manifest).no_deps().exec().unwrap();
    let imports = |package: &Package| package.dependencies.iter().map(|import| import.name.clone()).collect();
    metadata.packages.iter().map(|package| (package.name.to_string(), imports(package))).collect()
}

fn graph(edges: &[(&str, &[&str])]) -> Graph {
    let owned = |imports: &[&str]| imports.iter().map(ToString::to_string).collect();
    edges.iter().map(|(name, imports)| ((*name).to_owned(), owned(imports))).collect()
}

#[test]
fn imports_follow_the_rule() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let workspace = workspace(&root.join("Cargo.toml"));
    for member in RULE.iter().map(|row| row.name).filter(|&name| name != "proofmark-benches") {
        assert!(workspace.contains_key(member), "{member} was not read");
    }
    assert_eq!(violations(&workspace), Vec::<String>::new());
}

#[test]
fn the_benches_follow_it_too() {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/Cargo.toml");
    if manifest.exists() {
        assert_eq!(violations(&workspace(&manifest)), Vec::<String>::new());
    }
}

#[test]
fn a_planted_violation_is_noticed() {
    let planted = [
        ("proofmark-harness", "proofmark-models"),
        ("proofmark-models", "proofmark-harness"),
        ("proofmark-models", "proofmark"),
        ("proofmark-vocabulary", "proofmark-models"),
        ("proofmark", "proofmark-benches"),
        ("proofmark-models", "proofmark-impl"),
        ("proofmark-impl", "stateright"),
        ("proofmark-impl", "proofmark-vocabulary"),
        // Also one that has no row yet.
        ("proofmark-impl", "proofmark-explorer"),
    ];
    for (name, import) in planted {
        let expected = format!("{name} may not import {import}");
        assert_eq!(violations(&graph(&[(name, &["serde", import])])), [expected]);
    }
    let unlisted = graph(&[("proofmark-explorer", &["stateright"])]);
    assert_eq!(violations(&unlisted), ["proofmark-explorer has no row in the rule"]);
}

/// The section of a manifest makes no difference: a dev-dependency that breaks the rule breaks it.
#[test]
fn every_section_of_a_manifest_is_read() {
    let directory = tempfile::tempdir().unwrap();
    let manifest = directory.path().join("Cargo.toml");
    std::fs::create_dir(directory.path().join("src")).unwrap();
    std::fs::write(directory.path().join("src/lib.rs"), "").unwrap();
    std::fs::write(&manifest, MANIFEST).unwrap();

    let mut found = violations(&workspace(&manifest));
    found.sort();
    assert_eq!(
        found,
        ["harness", "impl", "models"].map(|name| format!("proofmark-vocabulary may not import proofmark-{name}"))
    );
}

const MANIFEST: &str = r#"
[package]
name = "proofmark-vocabulary"
version = "0.0.0"
[dependencies]
renamed = { package = "proofmark-models", version = "0" }
[build-dependencies]
proofmark-impl = "0"
[target.'cfg(unix)'.dev-dependencies]
proofmark-harness = "0"
[workspace]
"#;
