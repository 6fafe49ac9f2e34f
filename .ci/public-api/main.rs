//! Prints the public API that a rustdoc JSON file describes, one item a line.

use std::{env, error::Error};

/// Traits of the compiler's own, which differ from toolchain to toolchain.
const INTERNAL: [&str; 3] = ["Freeze", "StructuralPartialEq", "UnsafeUnpin"];

fn main() -> Result<(), Box<dyn Error>> {
    let path = env::args().nth(1).ok_or("usage: public-api-text FILE")?;
    let api = public_api::Builder::from_rustdoc_json(path)
        .omit_blanket_impls(true)
        .build()?;
    for item in api.items() {
        let item = item.to_string();
        if !INTERNAL
            .iter()
            .any(|name| item.contains(&format!("core::marker::{name} ")))
        {
            println!("{item}");
        }
    }
    Ok(())
}
