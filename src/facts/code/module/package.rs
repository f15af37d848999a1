//! Packages and namespaces: Go's by directory, those of Java, Kotlin, C# and PHP by what their files say.

use super::super::model::{ClassKind, Kind, Language, Source};
use super::{Reached, directory};
use crate::snapshot::Snapshot;
use std::collections::HashMap;

#[derive(Debug, Default)]
pub(super) struct Packages {
    /// Go modules: the path of the module, and the directory of its `go.mod`.
    go_modules: Vec<(String, String)>,
    by_directory: HashMap<String, Vec<u32>>,
    by_name: HashMap<String, Vec<u32>>,
}

impl Packages {
    pub(super) fn of(snapshot: &Snapshot, sources: &[Source]) -> Self {
        let mut packages = Self::default();
        for blob in snapshot.blobs().filter(|blob| blob.path() == "go.mod" || blob.path().ends_with("/go.mod")) {
            let module = blob.text().lines().find_map(|line| line.trim().strip_prefix("module "));
            if let Some(module) = module {
                let name = module.trim().trim_matches('"').to_owned();
                packages.go_modules.push((name, directory(blob.path()).to_owned()));
            }
        }
        packages.go_modules.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
        for source in sources {
            match source.language() {
                Language::Go => {
                    packages.by_directory.entry(directory(source.path()).to_owned()).or_default().push(source.index);
                }
                Language::Java | Language::Kotlin | Language::CSharp | Language::Php => {
                    for name in namespaces(source) {
                        packages.by_name.entry(name).or_default().push(source.index);
                    }
                }
                _ => {}
            }
        }
        packages
    }

    pub(super) fn go(&self, module: &str) -> Reached {
        for (name, root) in &self.go_modules {
            let Some(rest) = module.strip_prefix(name.as_str()) else { continue };
            if !rest.is_empty() && !rest.starts_with('/') {
                continue;
            }
            let place = crate::facts::tree::joined(root, rest);
            if let Some(files) = self.by_directory.get(&place) {
                return Reached::Files(files.clone());
            }
        }
        Reached::Library(module.to_owned())
    }

    /// A package, or where there is none of that name the package that a class of that name would be in.
    pub(super) fn named(&self, name: &str) -> Reached {
        match self.by_name.get(name) {
            Some(files) => Reached::Files(files.clone()),
            None => Reached::Library(name.to_owned()),
        }
    }

    pub(super) fn in_directory(&self, directory: &str) -> &[u32] {
        self.by_directory.get(directory).map_or(&[], Vec::as_slice)
    }

    pub(super) fn members(&self, package: &str) -> &[u32] {
        self.by_name.get(&package.replace('\\', ".")).map_or(&[], Vec::as_slice)
    }
}

/// The package of a file and the namespaces that it opens.
fn namespaces(source: &Source) -> Vec<String> {
    let package = source.package().replace('\\', ".");
    let mut names: Vec<String> = source
        .root()
        .parts()
        .into_iter()
        .filter_map(|node| match node.kind() {
            Kind::Class(class) if class.kind == ClassKind::Namespace => Some(class.name.replace('\\', ".")),
            _ => None,
        })
        .collect();
    names.push(package);
    names
}
