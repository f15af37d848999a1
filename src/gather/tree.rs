//! The tree as git sees it: what is tracked, and what is neither tracked nor ignored.

use super::git::{Repository, Tracked, TrackedKind};
use super::read::{self, Reading};
use crate::secret::Hit;
use crate::snapshot::{Above, Content, Entry, Sieve, Snapshot};
use anyhow::{Context, Result, bail};
use ignore::{DirEntry, ParallelVisitor, ParallelVisitorBuilder, WalkBuilder, WalkState};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

/// Reads the tree below a folder. A folder of a repository is judged as the whole of it, with what git tracks below it.
pub fn gather(root: &Path, sieve: &dyn Sieve) -> Result<Snapshot> {
    let root = root.canonicalize().with_context(|| format!("{} cannot be opened", root.display()))?;
    if !root.is_dir() {
        bail!("{} is not a folder: name the folder of the repository", root.display());
    }
    let repository = Repository::discover(&root);
    let snapshot = read_tree(&root, repository.as_ref(), sieve);
    let is_empty = snapshot.entries().next().is_none();
    // A folder that the repository around it ignores as a whole is no part of it.
    let is_part = repository.as_ref().is_some_and(|repository| repository.top != root);
    Ok(if is_part && is_empty { read_tree(&root, None, sieve) } else { snapshot })
}

fn read_tree(root: &Path, repository: Option<&Repository>, sieve: &dyn Sieve) -> Snapshot {
    let index = repository.map(Repository::tracked);
    let mut snapshot = Snapshot::default();
    snapshot.is_sifted = true;
    snapshot.is_repository = repository.is_some();
    snapshot.head = repository.and_then(Repository::head);
    snapshot.above = repository.map(|repository| above(root, &repository.top, sieve)).unwrap_or_default();
    let index = match index {
        None => None,
        Some(Ok(entries)) => Some(Index::below(root, repository, entries)),
        Some(Err(reason)) => {
            snapshot
                .notes
                .push(format!("what git tracks is not known: {reason}; every file that it does not ignore counts"));
            snapshot.untold = Some(reason);
            None
        }
    };
    let walk = Walk { root, index: index.as_ref(), all_tracked: repository.is_some(), sieve, found: Mutex::default() };
    walk.run(repository.is_some());
    walk.add_unseen();
    let mut found = walk.found.into_inner().unwrap_or_default();
    found.sort_unstable_by(|a, b| a.path.cmp(&b.path));
    for Found { path, entry, hits, note } in found {
        snapshot.notes.extend(note);
        if !hits.is_empty() {
            snapshot.hits.insert(path.clone(), hits);
        }
        snapshot.insert(path, entry);
    }
    snapshot
}

/// The `.gitignore` files of the folders above the root, from the top of the repository down.
fn above(root: &Path, top: &Path, sieve: &dyn Sieve) -> Vec<Above> {
    let Ok(inner) = root.strip_prefix(top) else { return Vec::new() };
    let names: Vec<String> = inner.iter().map(|name| printable(name.as_bytes())).collect();
    let mut buffer = Vec::new();
    let folders = root.ancestors().skip(1).take(names.len()).enumerate();
    let found = folders.filter_map(|(index, folder)| {
        let file = folder.join(".gitignore");
        // Git does not follow a link here.
        file.symlink_metadata().ok().filter(|kind| kind.is_file())?;
        let path: Arc<str> = format!("{}.gitignore", "../".repeat(index + 1)).into();
        let Content::Text(blob) = read::read(&file, &path, sieve, &mut buffer).content else { return None };
        Some(Above { blob, below: names.get(names.len() - index - 1..)?.join("/") })
    });
    let mut found: Vec<Above> = found.collect();
    found.reverse();
    found
}

/// What git tracks below the root, by path in byte order.
struct Index {
    entries: Vec<Tracked>,
    seen: Vec<AtomicBool>,
}

impl Index {
    fn below(root: &Path, repository: Option<&Repository>, entries: Vec<Tracked>) -> Self {
        let above = repository.and_then(|repository| root.strip_prefix(&repository.top).ok()).unwrap_or(Path::new(""));
        let mut prefix = above.as_os_str().as_bytes().to_vec();
        if !prefix.is_empty() {
            prefix.push(b'/');
        }
        let below = entries.into_iter().filter_map(|entry| {
            let path = entry.path.strip_prefix(&prefix[..])?.to_vec();
            Some(Tracked { path, ..entry })
        });
        let entries: Vec<Tracked> = below.collect();
        let seen = entries.iter().map(|_| AtomicBool::new(false)).collect();
        Self { entries, seen }
    }

    /// The entry of a path that the walk has met.
    fn meet(&self, path: &[u8]) -> Option<&Tracked> {
        let at = self.entries.binary_search_by(|entry| entry.path.as_slice().cmp(path)).ok()?;
        self.seen.get(at)?.store(true, Ordering::Relaxed);
        self.entries.get(at)
    }

    fn unseen(&self) -> impl Iterator<Item = &Tracked> {
        let pairs = self.entries.iter().zip(&self.seen);
        pairs.filter(|(_, seen)| !seen.load(Ordering::Relaxed)).map(|(entry, _)| entry)
    }
}

struct Found {
    path: Arc<str>,
    entry: Entry,
    hits: Vec<Hit>,
    note: Option<String>,
}

struct Walk<'a> {
    root: &'a Path,
    index: Option<&'a Index>,
    /// Where there is no index to ask: whether everything that is met counts as tracked.
    all_tracked: bool,
    sieve: &'a dyn Sieve,
    found: Mutex<Vec<Found>>,
}

impl Walk<'_> {
    /// Walks the work tree by the repository's own rules: nobody's personal excludes, hidden files as any other.
    fn run(&self, is_repository: bool) {
        let mut builder = WalkBuilder::new(self.root);
        builder.hidden(false).ignore(false).git_global(false).git_ignore(true).git_exclude(true);
        builder.require_git(false).parents(is_repository).follow_links(false).threads(threads());
        // Git's own folder is never entered.
        builder.filter_entry(|entry| entry.depth() == 0 || entry.file_name() != OsStr::new(".git"));
        builder.build_parallel().visit(&mut Visitors(self));
    }

    /// What git tracks although it is ignored or not there.
    fn add_unseen(&self) {
        let mut buffer = Vec::new();
        for tracked in self.index.into_iter().flat_map(Index::unseen) {
            let file = self.root.join(OsStr::from_bytes(&tracked.path));
            let path: Arc<str> = printable(&tracked.path).into();
            let reading = match (tracked.kind, file.symlink_metadata()) {
                (TrackedKind::Submodule, _) => Some(Reading::of(Content::Submodule)),
                (_, Ok(kind)) => Some(self.read(&file, &path, kind.file_type(), &mut buffer)),
                // Left out by a sparse checkout, it is there for everyone else.
                (_, Err(_)) if tracked.left_out || tracked.kind == TrackedKind::Folder => {
                    Some(Reading::of(Content::Unreadable("a sparse checkout left it out".to_owned())))
                }
                // Deleted in the work tree: the next commit will say so.
                (_, Err(_)) => None,
            };
            let found = reading.map(|reading| found(path, reading, true));
            self.found.lock().unwrap_or_else(|poison| poison.into_inner()).extend(found);
        }
    }

    fn read(&self, file: &Path, path: &Arc<str>, kind: std::fs::FileType, buffer: &mut Vec<u8>) -> Reading {
        if kind.is_symlink() {
            let content = match file.read_link() {
                Ok(target) => Content::Link(printable(target.as_os_str().as_bytes())),
                Err(error) => Content::Unreadable(read::reason(&error)),
            };
            return Reading::of(content);
        }
        if kind.is_dir() {
            return Reading::of(Content::Submodule);
        }
        if !kind.is_file() {
            return Reading::of(Content::Unreadable("it is no regular file".to_owned()));
        }
        if !self.sieve.wants(path) {
            return Reading::of(Content::Unwanted);
        }
        read::read(file, path, self.sieve, buffer)
    }

    fn meet(&self, entry: &DirEntry, buffer: &mut Vec<u8>) -> Option<Found> {
        let kind = entry.file_type()?;
        if kind.is_dir() && !(self.all_tracked && is_repository_of_its_own(entry.path())) {
            return None;
        }
        let below = entry.path().strip_prefix(self.root).ok()?.as_os_str().as_bytes();
        if below.is_empty() {
            return None;
        }
        let path: Arc<str> = printable(below).into();
        let tracked = self.index.map_or(self.all_tracked, |index| index.meet(below).is_some());
        Some(found(path.clone(), self.read(entry.path(), &path, kind, buffer), tracked))
    }

    /// A folder that could not be listed stands in the tree as what could not be read.
    fn missed(&self, error: &ignore::Error) -> Option<Found> {
        let (path, io) = (path_of(error)?, error.io_error()?);
        let below = path.strip_prefix(self.root).ok()?.as_os_str().as_bytes();
        let shown = if below.is_empty() { ".".to_owned() } else { printable(below) };
        let note = format!("{shown} could not be read: {}", read::reason(io));
        let reading = Reading { note: Some(note), ..Reading::of(Content::Unreadable(read::reason(io))) };
        Some(found(shown.into(), reading, false))
    }
}

fn found(path: Arc<str>, reading: Reading, tracked: bool) -> Found {
    let entry = Entry { content: reading.content, tracked, executable: reading.executable };
    Found { path, entry, hits: reading.hits, note: reading.note }
}

fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, |count| count.get().min(8))
}

fn is_repository_of_its_own(folder: &Path) -> bool {
    folder.join(".git").symlink_metadata().is_ok()
}

fn path_of(error: &ignore::Error) -> Option<&PathBuf> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => path_of(err),
        _ => None,
    }
}

/// A path as text. Bytes that are no UTF-8 are written as `\xff`, so that two paths never become one.
pub(super) fn printable(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        chunk.invalid().iter().for_each(|byte| text.push_str(&format!("\\x{byte:02x}")));
    }
    text
}

struct Visitors<'a, 'w>(&'a Walk<'w>);

impl<'a, 'w: 'a> ParallelVisitorBuilder<'a> for Visitors<'a, 'w> {
    fn build(&mut self) -> Box<dyn ParallelVisitor + 'a> {
        Box::new(Visitor { walk: self.0, found: Vec::new(), buffer: Vec::new() })
    }
}

/// One thread's share of the walk; handed over when the thread is done.
struct Visitor<'a, 'w> {
    walk: &'a Walk<'w>,
    found: Vec<Found>,
    buffer: Vec<u8>,
}

impl ParallelVisitor for Visitor<'_, '_> {
    fn visit(&mut self, entry: Result<DirEntry, ignore::Error>) -> WalkState {
        let mut state = WalkState::Continue;
        match entry {
            Ok(entry) => {
                let found = self.walk.meet(&entry, &mut self.buffer);
                if entry.file_type().is_some_and(|kind| kind.is_dir()) && found.is_some() {
                    state = WalkState::Skip;
                }
                self.found.extend(found);
            }
            Err(error) => self.found.extend(self.walk.missed(&error)),
        }
        state
    }
}

impl Drop for Visitor<'_, '_> {
    fn drop(&mut self) {
        let mut all = self.walk.found.lock().unwrap_or_else(|poison| poison.into_inner());
        all.append(&mut self.found);
    }
}
