//! Which files are reports: those at the places where tools put them, or those that globs name.

use super::conventions::{MANIFEST_ENDINGS, MANIFESTS, places};
use crate::snapshot::Snapshot;
use crate::tools::{Gate, Origin};
use globset::{GlobBuilder, GlobMatcher};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// A file that may be a report.
pub struct Candidate {
    pub file: PathBuf,
    /// Relative to the root where it is below it.
    pub path: String,
    pub origin: Origin,
}

/// A monorepo of more packages has its reports named.
const MOST_PACKAGES: usize = 500;
/// More reports than this are not read.
const MOST_REPORTS: usize = 1_000;
/// Folders that hold no report of the project's own run.
const PASSED_OVER: [&str; 8] =
    ["node_modules", ".git", ".venv", "venv", "site-packages", ".tox", ".yarn", "__pycache__"];
/// Data for tests, which looks like reports where the project reads reports.
const MADE_UP: [&str; 7] = ["fixtures", "__fixtures__", "testdata", "fixture", "examples", "__mocks__", "samples"];

/// The reports beside the packages of the tree.
pub fn by_convention(root: &Path, gate: Gate, snapshot: &Snapshot) -> Vec<Candidate> {
    let mut found = Vec::new();
    for folder in packages(snapshot) {
        for place in places(gate) {
            expand(&root.join(&folder), place, &mut |file| {
                if let Some(path) = below(&file, root) {
                    found.push(Candidate { file, path, origin: Origin::Found });
                }
            });
        }
    }
    found.truncate(MOST_REPORTS);
    found
}

fn packages(snapshot: &Snapshot) -> BTreeSet<String> {
    let mut folders = BTreeSet::from([String::new()]);
    for path in snapshot.paths() {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let is_manifest = MANIFESTS.contains(&name) || MANIFEST_ENDINGS.iter().any(|ending| name.ends_with(ending));
        let is_own = !folder.split('/').any(|part| MADE_UP.contains(&part) || PASSED_OVER.contains(&part));
        if is_manifest && is_own && folders.len() < MOST_PACKAGES {
            folders.insert(folder.to_owned());
        }
    }
    folders
}

/// Follows a place with at most a star in a part of it, one part after the other.
fn expand(folder: &Path, place: &str, found: &mut dyn FnMut(PathBuf)) {
    let (part, rest) = place.split_once('/').map_or((place, None), |(part, rest)| (part, Some(rest)));
    let Some((head, tail)) = part.split_once('*') else {
        let path = folder.join(part);
        match rest {
            Some(rest) if rest.contains('*') => expand(&path, rest, found),
            Some(rest) => expand(&path, rest, found),
            None if path.symlink_metadata().is_ok_and(|kind| !kind.is_dir()) => found(path),
            None => {}
        }
        return;
    };
    let Ok(entries) = folder.read_dir() else { return };
    let mut names: Vec<_> = entries.flatten().map(|entry| entry.file_name()).collect();
    names.sort();
    for name in names.iter().take(200).filter_map(|name| name.to_str()) {
        if name.starts_with(head) && name.ends_with(tail) {
            let path = folder.join(name);
            match rest {
                Some(rest) => expand(&path, rest, found),
                None if path.symlink_metadata().is_ok_and(|kind| !kind.is_dir()) => found(path),
                None => {}
            }
        }
    }
}

fn below(file: &Path, root: &Path) -> Option<String> {
    file.strip_prefix(root).ok()?.to_str().map(str::to_owned)
}

/// Whether a file really lies below a folder, all links of its folders followed.
pub fn is_below(file: &Path, root: &Path) -> bool {
    let folder = file.parent().and_then(|folder| folder.canonicalize().ok());
    folder.is_some_and(|folder| folder.starts_with(root))
}

/// The files that globs name. A path without a star may be anywhere; a glob looks below the root.
pub fn by_globs(root: &Path, gate: Gate, globs: &[String], missing: &mut Vec<(Gate, String)>) -> Vec<Candidate> {
    let mut found = Vec::new();
    for text in globs {
        let before = found.len();
        let plain = root.join(text);
        if plain.symlink_metadata().is_ok_and(|kind| !kind.is_dir()) {
            let path = below(&plain, root).unwrap_or_else(|| plain.to_string_lossy().into_owned());
            found.push(Candidate { file: plain, path, origin: Origin::Named });
        } else if let Ok(glob) = GlobBuilder::new(text.trim_start_matches("./")).literal_separator(true).build() {
            walk(root, root, &glob.compile_matcher(), 0, &mut found);
        }
        if found.len() == before {
            missing.push((gate, text.clone()));
        }
    }
    let mut seen = BTreeSet::new();
    found.retain(|candidate| seen.insert(candidate.path.clone()));
    found.truncate(MOST_REPORTS);
    found
}

/// Every file below a folder whose path fits, in byte order, whether git ignores it or not. No link is followed.
fn walk(root: &Path, folder: &Path, glob: &GlobMatcher, depth: usize, found: &mut Vec<Candidate>) {
    let Ok(entries) = folder.read_dir() else { return };
    let mut entries: Vec<_> = entries.flatten().collect();
    entries.sort_by_key(|entry| entry.file_name());
    for entry in entries {
        let (file, Ok(kind)) = (entry.path(), entry.file_type()) else { continue };
        let name = entry.file_name();
        if kind.is_dir() {
            if depth < 24 && !PASSED_OVER.iter().any(|passed| name == *passed) {
                walk(root, &file, glob, depth + 1, found);
            }
        } else if let Some(path) = below(&file, root).filter(|path| glob.is_match(path))
            && found.len() < MOST_REPORTS
        {
            found.push(Candidate { file, path, origin: Origin::Named });
        }
    }
}
