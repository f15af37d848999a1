//! Which file, package or library an import means.

mod package;
mod python;
mod script;

use super::model::{Language, Source};
use crate::facts::tree::joined;
use crate::snapshot::Snapshot;
use std::collections::HashMap;
use std::sync::Arc;

/// Where a module leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Reached {
    /// Files of the repository, by their number: one, or all of a package.
    Files(Vec<u32>),
    /// A library, under the name that it is known by.
    Library(String),
}

/// All files by the names under which others may import them.
#[derive(Debug, Default)]
pub(super) struct Modules {
    by_path: HashMap<Arc<str>, u32>,
    script: script::Paths,
    python: python::Files,
    packages: package::Packages,
}

impl Modules {
    pub(super) fn of(snapshot: &Snapshot, sources: &[Source]) -> Self {
        let by_path = sources.iter().map(|source| (source.blob().shared_path().clone(), source.index)).collect();
        Self {
            by_path,
            script: script::Paths::of(snapshot),
            python: python::Files::of(sources),
            packages: package::Packages::of(snapshot, sources),
        }
    }

    /// What a module's name means in a file.
    pub(super) fn resolve(&self, from: &Source, module: &str) -> Reached {
        let file = match from.language() {
            Language::JavaScript | Language::TypeScript => self.script.resolve(from.path(), module, &self.by_path),
            Language::Python => self.python.resolve(from.path(), module),
            Language::Go => return self.packages.go(module),
            Language::Ruby => self.required(from.path(), module),
            Language::Java | Language::Kotlin | Language::CSharp | Language::Php => {
                return self.packages.named(&module.replace('\\', "."));
            }
        };
        match file {
            Some(file) => Reached::Files(vec![file]),
            None => Reached::Library(library_name(module)),
        }
    }

    /// The other files of a file's own package, where the language sees them without an import.
    pub(super) fn siblings(&self, source: &Source) -> &[u32] {
        match source.language() {
            Language::Go => self.packages.in_directory(directory(source.path())),
            Language::Java | Language::Kotlin | Language::CSharp | Language::Php => {
                self.packages.members(source.package())
            }
            _ => &[],
        }
    }

    /// `require_relative 'x'` and `require 'x'` of a file below `lib`.
    fn required(&self, from: &str, module: &str) -> Option<u32> {
        let name = if module.ends_with(".rb") { module.to_owned() } else { format!("{module}.rb") };
        let beside = joined(directory(from), &name);
        let places = [beside, name.clone(), format!("lib/{name}"), format!("app/{name}")];
        places.iter().find_map(|path| self.by_path.get(path.as_str()).copied())
    }
}

/// A library's name without what says where it comes from: `node:`, `npm:…@1`, `https://esm.sh/…`.
fn library_name(module: &str) -> String {
    let bare = ["node:", "npm:", "jsr:", "bun:"].iter().find_map(|scheme| module.strip_prefix(scheme));
    let served = ["https://esm.sh/", "https://cdn.skypack.dev/", "https://deno.land/x/", "https://unpkg.com/"];
    let bare = bare.or_else(|| served.iter().find_map(|host| module.strip_prefix(host))).unwrap_or(module);
    let bare = bare.trim_start_matches('/').split(['?', '#']).next().unwrap_or(bare);
    if bare.len() == module.len() {
        return module.replace('\\', ".");
    }
    // The version follows the last `@` that does not begin the name.
    match bare.rfind('@').filter(|at| *at > 0) {
        Some(at) => bare.get(..at).unwrap_or(bare).to_owned(),
        None => bare.to_owned(),
    }
}

/// The directory of a path, without its final `/`; empty at the root.
pub(super) fn directory(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(directory, _)| directory)
}

#[cfg(test)]
mod tests;
