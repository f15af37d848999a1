//! `go.mod`.

use super::model::{Ecosystem, Package};
use crate::evidence::{Blob, Evidence};
use std::sync::Arc;

pub fn read(blob: &Arc<Blob>) -> Result<Package, Evidence> {
    let mut package = Package::new(Ecosystem::Go, blob);
    let mut block = "";
    for (number, line) in blob.lines() {
        // What is only required by others is marked; it is no dependency of this module's own code.
        let is_indirect = line.contains("// indirect");
        let code = line.split("//").next().unwrap_or_default().trim();
        let words: Vec<&str> = code.split_whitespace().collect();
        match words[..] {
            [name, "("] => block = name,
            [")"] => block = "",
            ["module", name] => package.name = Some(name.to_owned()),
            ["go", version] => package.run_with("go", version, blob.line(number)),
            ["require", name, version] => package.require(name, Some(version), is_indirect, blob.line(number)),
            [name, version] if block == "require" => {
                package.require(name, Some(version), is_indirect, blob.line(number));
            }
            _ => {}
        }
    }
    Ok(package)
}
