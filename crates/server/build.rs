//! Builds this crate again when the web client was built: its files are embedded at compile time, and a folder that was
//! missing then is not watched otherwise.

fn main() {
    println!("cargo:rerun-if-changed=../../web/dist");
    println!("cargo:rerun-if-changed=build.rs");
}
