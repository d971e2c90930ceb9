//! Says whose threads the sources are compiled against.

fn main() {
    println!("cargo::rustc-cfg=threads");
    println!("cargo::rustc-cfg=threads=\"stress\"");
    println!("cargo::rerun-if-changed=build.rs");
}
