//! What git tracks: the index, read by `gix-index`.

use super::small_text;
use gix_index::entry::{Flags, Mode};
use gix_index::{File, decode::Options, hash::Kind};
use std::path::Path;

/// An entry of the index; the path is relative to the top of the work tree, in bytes as git keeps it.
#[derive(Debug)]
pub struct Tracked {
    pub path: Vec<u8>,
    pub kind: TrackedKind,
    /// A sparse checkout left it out of the work tree.
    pub left_out: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrackedKind {
    File,
    Submodule,
    /// A whole folder that a sparse index holds as one entry.
    Folder,
}

/// No index of a real repository is larger; a broken one could ask for any amount.
const ALLOCATION_LIMIT: usize = 1 << 30;

pub fn read(own: &Path, shared: &Path) -> Result<Vec<Tracked>, String> {
    if names_sha256(shared) {
        return Err("the repository names its objects by SHA-256, which is not read yet".to_owned());
    }
    let path = own.join("index");
    if !path.exists() {
        // A repository in which nothing was ever added has none.
        return Ok(Vec::new());
    }
    let options = Options { thread_limit: Some(1), alloc_limit_bytes: Some(ALLOCATION_LIMIT), ..Options::default() };
    let index = File::at(path, Kind::Sha1, true, options).map_err(|error| format!("the index is broken: {error}"))?;
    let mut tracked: Vec<Tracked> = Vec::with_capacity(index.entries().len());
    for entry in index.entries() {
        let path: &[u8] = entry.path(&index).as_ref();
        // A file in conflict has up to three entries.
        if tracked.last().is_some_and(|last| last.path == path) {
            continue;
        }
        let left_out = entry.flags.contains(Flags::SKIP_WORKTREE);
        tracked.push(Tracked { path: path.to_vec(), kind: kind_of(entry.mode), left_out });
    }
    Ok(tracked)
}

fn kind_of(mode: Mode) -> TrackedKind {
    match mode {
        Mode::COMMIT => TrackedKind::Submodule,
        Mode::DIR => TrackedKind::Folder,
        _ => TrackedKind::File,
    }
}

fn names_sha256(shared: &Path) -> bool {
    let config = small_text(&shared.join("config")).unwrap_or_default().to_ascii_lowercase();
    config.lines().any(|line| {
        let setting = line.split_once('=').map(|(name, value)| (name.trim(), value.trim()));
        setting == Some(("objectformat", "sha256"))
    })
}
