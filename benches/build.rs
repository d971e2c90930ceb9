//! Takes Stateright's own example of two-phase commit out of its published sources, so that its state is
//! measured unchanged and none of its code is copied into this repository; and the versions of the lock
//! table's peers out of the lock file, so that no output names another than was measured.

use cargo_metadata::{Metadata, MetadataCommand, Package, PackageId};
use std::path::PathBuf;
use std::{env, fs};

fn main() {
    println!("cargo::rerun-if-changed=Cargo.lock");
    let metadata = MetadataCommand::new().exec().expect("cargo describes this package");
    for peer in ["dashmap", "lockable", "parking_lot", "tokio"] {
        println!("cargo::rustc-env=VERSION_{peer}={}", dependency(&metadata, peer).version);
    }
    let example = dependency(&metadata, "stateright").manifest_path.with_file_name("examples").join("2pc.rs");
    let text = fs::read_to_string(&example).unwrap_or_else(|error| panic!("cannot read {example}: {error}"));
    let (model, _) = text.split_once("fn main()").expect("the example has a main function");
    // An included file may not begin with inner comments.
    let model = model.replace("//!", "//");
    let to = PathBuf::from(env::var("OUT_DIR").expect("cargo sets it")).join("example_2pc.rs");
    fs::write(&to, model).unwrap_or_else(|error| panic!("cannot write {}: {error}", to.display()));
}

/// The package that this one names as a dependency; others may use another version of it.
fn dependency<'a>(metadata: &'a Metadata, name: &str) -> &'a Package {
    let found = metadata.resolve.as_ref().and_then(|resolve| {
        let this = resolve.nodes.iter().find(|node| Some(&node.id) == resolve.root.as_ref())?;
        let of = |id: &PackageId| metadata.packages.iter().find(|package| package.id == *id);
        this.dependencies.iter().filter_map(of).find(|package| package.name == name)
    });
    found.unwrap_or_else(|| panic!("{name} is no dependency of the benches"))
}
