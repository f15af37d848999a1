//! The tree of a commit, read from git's objects: what the base branch holds, to be judged beside the work tree.

use super::git::Repository;
use super::git::objects::{Found, Id, Objects, id};
use super::git::tree::Mode;
use super::read;
use crate::snapshot::{Content, Entry, Sieve, Snapshot};
use std::path::Path;
use std::sync::Arc;

/// No repository nests deeper.
const MAX_DEPTH: usize = 200;
/// More files than the largest repositories have.
const MOST_FILES: usize = 1_000_000;

/// The files of a commit below a folder of the repository around `root`. None where its objects are not there.
pub fn gather(root: &Path, commit: &str, sieve: &dyn Sieve) -> Result<Option<Snapshot>, String> {
    let root = root.canonicalize().map_err(|error| error.to_string())?;
    let Some(repository) = Repository::discover(&root) else { return Ok(None) };
    let objects = repository.objects();
    let commit_id = id(commit).ok_or_else(|| format!("{commit} is no commit"))?;
    let Some(found) = objects.commit(&commit_id)? else { return Ok(None) };
    let below =
        root.strip_prefix(&repository.top).map(|below| below.to_string_lossy().into_owned()).unwrap_or_default();
    let mut snapshot = Snapshot::default();
    snapshot.is_sifted = true;
    snapshot.is_repository = true;
    snapshot.head = Some(commit.to_owned());
    let mut tree = found.tree;
    for part in below.split('/').filter(|part| !part.is_empty()) {
        let Some(leaves) = objects.tree(&tree)? else { return Ok(None) };
        match leaves.iter().find(|leaf| leaf.name == part.as_bytes() && leaf.mode == Mode::Folder) {
            Some(leaf) => tree = leaf.id,
            // The folder is new: there was nothing in it.
            None => return Ok(Some(snapshot)),
        }
    }
    let mut walk = Walk { objects, sieve, snapshot, count: 0 };
    let is_whole = walk.folder(&tree, "", 0)?;
    Ok(is_whole.then_some(walk.snapshot))
}

struct Walk<'a> {
    objects: Objects,
    sieve: &'a dyn Sieve,
    snapshot: Snapshot,
    count: usize,
}

impl Walk<'_> {
    /// Whether every tree and blob was there.
    fn folder(&mut self, tree: &Id, prefix: &str, depth: usize) -> Result<bool, String> {
        if depth > MAX_DEPTH {
            return Err("folders nest too deeply".to_owned());
        }
        let Some(leaves) = self.objects.tree(tree)? else { return Ok(false) };
        for leaf in leaves {
            let path = format!("{prefix}{}", super::tree::printable(&leaf.name));
            self.count += 1;
            if self.count > MOST_FILES {
                return Err("there are too many files".to_owned());
            }
            let is_there = match leaf.mode {
                Mode::Folder => self.folder(&leaf.id, &format!("{path}/"), depth + 1)?,
                Mode::Submodule => self.insert(&path, Content::Submodule, false),
                Mode::Link => self.insert(&path, Content::Link(String::new()), false),
                Mode::File | Mode::Executable => self.file(&path, &leaf.id, leaf.mode == Mode::Executable)?,
            };
            if !is_there {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn file(&mut self, path: &str, id: &Id, executable: bool) -> Result<bool, String> {
        if !self.sieve.wants(path) {
            return Ok(self.insert(path, Content::Unwanted, executable));
        }
        let bytes = match self.objects.read(id)? {
            Found::Object(object) => object.bytes,
            Found::TooLarge(size) => return Ok(self.insert(path, Content::TooLarge(size), executable)),
            Found::Missing => return Ok(false),
        };
        if bytes.len() as u64 > read::KEPT_BYTES {
            return Ok(self.insert(path, Content::TooLarge(bytes.len() as u64), executable));
        }
        let shared: Arc<str> = path.into();
        let reading = read::sifted(&shared, self.sieve, &bytes);
        if !reading.hits.is_empty() {
            self.snapshot.hits.insert(shared, reading.hits);
        }
        Ok(self.insert(path, reading.content, executable))
    }

    fn insert(&mut self, path: &str, content: Content, executable: bool) -> bool {
        self.snapshot.insert(path, Entry { content, tracked: true, executable });
        true
    }
}
