//! Takes Stateright's own example of two-phase commit out of its published sources, so that its state is
//! measured unchanged and none of its code is copied into this repository.

use std::path::PathBuf;
use std::{env, fs};

fn main() {
    println!("cargo::rerun-if-changed=Cargo.lock");
    let metadata = cargo_metadata::MetadataCommand::new().exec().expect("cargo describes this package");
    let stateright = metadata.packages.iter().find(|package| package.name == "stateright").expect("it is a dependency");
    let example = stateright.manifest_path.with_file_name("examples").join("2pc.rs");
    let text = fs::read_to_string(&example).unwrap_or_else(|error| panic!("cannot read {example}: {error}"));
    let (model, _) = text.split_once("fn main()").expect("the example has a main function");
    // An included file may not begin with inner comments.
    let model = model.replace("//!", "//");
    let to = PathBuf::from(env::var("OUT_DIR").expect("cargo sets it")).join("example_2pc.rs");
    fs::write(&to, model).unwrap_or_else(|error| panic!("cannot write {}: {error}", to.display()));
}
