//! `package.json`, with workspaces of npm, pnpm, yarn and bun; `deno.json`.

use super::model::{Ecosystem, Package, Script};
use crate::evidence::{Blob, Evidence};
use crate::facts::json::{self, Json};
use globset::Glob;
use std::sync::Arc;

/// The tables of dependencies, and whether they are for development.
const TABLES: [(&str, bool); 4] =
    [("dependencies", false), ("optionalDependencies", false), ("peerDependencies", false), ("devDependencies", true)];

pub fn read(blob: &Arc<Blob>) -> Result<Package, Evidence> {
    let json = json::value(blob)?;
    let mut package = Package::new(Ecosystem::Npm, blob);
    package.name = json.get("name").and_then(|name| name.text().map(str::to_owned));
    for (table, development) in TABLES {
        for (name, span, requirement) in json.get(table).map(|table| table.entries()).unwrap_or_default() {
            package.require(&name, requirement.text(), development, span);
        }
    }
    package.scripts = scripts(json.get("scripts"));
    for (name, span, requirement) in json.get("engines").map(|engines| engines.entries()).unwrap_or_default() {
        if name == "node" {
            package.run_with("node", requirement.text().unwrap_or_default(), span);
        }
    }
    if let Some(node) = json.at(&["volta", "node"]) {
        package.run_with("node", node.text().unwrap_or_default(), node.span());
    }
    package.workspaces = workspaces(&json);
    package.entries = entries(&json);
    package.is_library = is_library(&json);
    Ok(package)
}

pub fn read_deno(blob: &Arc<Blob>) -> Result<Package, Evidence> {
    let json = json::value(blob)?;
    let mut package = Package::new(Ecosystem::Npm, blob);
    package.name = json.get("name").and_then(|name| name.text().map(str::to_owned));
    for (_, span, target) in json.get("imports").map(|imports| imports.entries()).unwrap_or_default() {
        let Some((name, version)) = target.text().and_then(specifier) else { continue };
        package.require(name, version, false, span);
    }
    package.scripts = scripts(json.get("tasks"));
    Ok(package)
}

/// `npm:@scope/name@^1.2/path` and `jsr:name@1`: the name and the requirement.
fn specifier(text: &str) -> Option<(&str, Option<&str>)> {
    let rest = text.strip_prefix("npm:").or_else(|| text.strip_prefix("jsr:"))?.trim_start_matches('/');
    let at = rest.char_indices().skip(1).find(|(_, letter)| *letter == '@').map(|(at, _)| at);
    let Some(at) = at else { return Some((rest, None)) };
    let (name, version) = rest.split_at(at);
    Some((name, version.trim_start_matches('@').split('/').next()))
}

fn scripts(table: Option<Json>) -> Vec<Script> {
    let entries = table.map(|table| table.entries()).unwrap_or_default();
    let commands = entries.into_iter().filter_map(|(name, span, command)| {
        let command = command.text().map(str::to_owned).or_else(|| Some(command.get("command")?.text()?.to_owned()))?;
        Some(Script { name, command, span })
    });
    commands.collect()
}

fn workspaces(json: &Json) -> Vec<String> {
    let globs = json.at(&["workspaces", "packages"]).or_else(|| json.get("workspaces"));
    globs.map(|globs| texts(&globs)).unwrap_or_default()
}

fn texts(list: &Json) -> Vec<String> {
    list.items().iter().filter_map(|item| item.text().map(str::to_owned)).collect()
}

fn entries(json: &Json) -> Vec<String> {
    let mut found: Vec<String> =
        ["main", "module", "bin"].iter().filter_map(|name| json.get(name)?.text().map(str::to_owned)).collect();
    let programs = json.get("bin").map(|bin| bin.entries()).unwrap_or_default();
    found.extend(programs.iter().filter_map(|(_, _, path)| path.text().map(str::to_owned)));
    found
}

/// Made to be published: it says what it exports or publishes, and does not forbid it.
fn is_library(json: &Json) -> bool {
    let is_private = json.get("private").and_then(|private| private.truth()) == Some(true);
    let exports = ["exports", "types", "typings", "publishConfig", "files"];
    !is_private && exports.iter().any(|name| json.get(name).is_some())
}

/// Marks the packages that a workspace's globs hold together.
pub fn mark_members(packages: &mut [Package]) {
    let globs: Vec<_> = packages
        .iter()
        .flat_map(|package| package.workspaces.iter().map(|glob| joined(&package.folder, glob)))
        .filter_map(|glob| Some(Glob::new(glob.trim_end_matches('/')).ok()?.compile_matcher()))
        .collect();
    for package in packages {
        package.is_member = globs.iter().any(|glob| glob.is_match(&package.folder));
    }
}

fn joined(folder: &str, glob: &str) -> String {
    let glob = glob.trim_start_matches("./");
    if folder.is_empty() { glob.to_owned() } else { format!("{folder}/{glob}") }
}
