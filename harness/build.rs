//! The page is part of the program, so a page that was built anew makes the program anew.

fn main() {
    println!("cargo::rerun-if-changed=explorer/dist");
    println!("cargo::rerun-if-changed=explorer/dist-export");
}
