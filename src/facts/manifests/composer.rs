//! `composer.json`.

use super::model::{Ecosystem, Package, Script};
use crate::evidence::{Blob, Evidence};
use crate::facts::json;
use std::sync::Arc;

pub fn read(blob: &Arc<Blob>) -> Result<Package, Evidence> {
    let json = json::value(blob)?;
    let mut package = Package::new(Ecosystem::Composer, blob);
    package.name = json.get("name").and_then(|name| name.text().map(str::to_owned));
    package.is_library = json.get("type").is_some_and(|kind| kind.text() == Some("library"));
    for (table, development) in [("require", false), ("require-dev", true)] {
        for (name, span, requirement) in json.get(table).map(|table| table.entries()).unwrap_or_default() {
            let requirement = requirement.text();
            match name.as_str() {
                "php" => package.run_with("php", requirement.unwrap_or_default(), span),
                _ => package.require(&name, requirement, development, span),
            }
        }
    }
    for (name, span, command) in json.get("scripts").map(|scripts| scripts.entries()).unwrap_or_default() {
        let lines: Vec<String> =
            command.items_or_self().iter().filter_map(|line| line.text().map(str::to_owned)).collect();
        package.scripts.push(Script { name, command: lines.join(" && "), span });
    }
    Ok(package)
}
