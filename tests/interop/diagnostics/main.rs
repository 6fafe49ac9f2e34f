//! What the compiler says if a body can't be made of the text of a rejection.
//!
//! The compiler's own words change with its version, so one version is tested.

use std::process::Command;

const PINNED: &str = "rustc 1.95.";

fn main() {
    let version = Command::new("rustc").arg("--version").output().unwrap();
    let version = String::from_utf8(version.stdout).unwrap();
    if version.starts_with(PINNED) {
        trybuild::TestCases::new().compile_fail("cases/*.rs");
    } else {
        println!("SKIPPED: the texts are tested with {PINNED}x, and this is {version}");
    }
}
