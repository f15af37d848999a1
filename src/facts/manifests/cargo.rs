//! `Cargo.toml`.

use super::model::{Ecosystem, Package};
use super::toml;
use crate::evidence::{Blob, Evidence};
use std::sync::Arc;
use toml_edit::TableLike;

const TABLES: [(&[&str], bool); 4] = [
    (&["dependencies"], false),
    (&["workspace", "dependencies"], false),
    (&["dev-dependencies"], true),
    (&["build-dependencies"], true),
];

pub fn read(blob: &Arc<Blob>) -> Result<Package, Evidence> {
    let document = toml::document(blob)?;
    let top = document.as_table();
    let mut package = Package::new(Ecosystem::Cargo, blob);
    package.name = toml::text(top, &["package", "name"]).map(str::to_owned);
    if let Some(version) = toml::text(top, &["package", "rust-version"]) {
        package.run_with("rust", version, blob.line(1));
    }
    for (path, development) in TABLES {
        add(&mut package, blob, toml::table(top, path), development);
    }
    for (_, target) in toml::table(top, &["target"]).into_iter().flat_map(TableLike::iter) {
        add(
            &mut package,
            blob,
            target.as_table_like().and_then(|target| toml::table(target, &["dependencies"])),
            false,
        );
    }
    let members = toml::table(top, &["workspace"]).and_then(|workspace| workspace.get("members"));
    package.workspaces = toml::texts(blob, members).into_iter().map(|(glob, _)| glob.to_owned()).collect();
    package.is_library = toml::table(top, &["lib"]).is_some();
    Ok(package)
}

fn add(package: &mut Package, blob: &Blob, table: Option<&dyn TableLike>, development: bool) {
    let Some(table) = table else { return };
    for (key, item) in table.iter() {
        let own = item.as_table_like();
        let name = own.and_then(|own| own.get("package")?.as_str()).unwrap_or(key);
        let version = item.as_str().or_else(|| own?.get("version")?.as_str());
        package.require(name, version, development, toml::span(blob, table, key, item));
    }
}
